/* Wrong guesses are counted by asker, licence and way; nobody's count is forgotten by asking about others, and nobody's block hits another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "crypto/hash.h"
#include "crypto/selftest.h"
#include "rpc/mismatches.h"

#define NOW 1750000000000LL
#define DAY (24 * 3600 * 1000LL)

static struct mismatches *table;
static int setup(void **state) {
    (void)state;
    return crypto_start() != NULL || (table = mismatches_new(0, 0)) == NULL;
}
static int teardown(void **state) {
    (void)state;
    mismatches_free(table);
    return 0;
}

static const uint8_t ANN[ASKER_LEN] = {1}, BOB[ASKER_LEN] = {2};
static void key_of(uint8_t key[32], uint32_t number) {
    uint8_t bytes[4];
    be32_put(bytes, number);
    sha256(key, bytes, sizeof bytes);
}
static void count_by(const uint8_t *asker, enum mismatch_way way, uint32_t number, int times, int64_t now_ms) {
    uint8_t key[32];
    key_of(key, number);
    while (times-- > 0) mismatches_count(table, &(struct mismatch){asker, key, way}, now_ms);
}
static bool blocked_by(const uint8_t *asker, enum mismatch_way way, uint32_t number, int64_t now_ms) {
    uint8_t key[32];
    key_of(key, number);
    return mismatches_blocked(table, &(struct mismatch){asker, key, way}, now_ms);
}
static void count(uint32_t number, int times, int64_t now_ms) { count_by(ANN, WAY_NUMBER, number, times, now_ms); }
static bool blocked(uint32_t number, int64_t now_ms) { return blocked_by(ANN, WAY_NUMBER, number, now_ms); }

static void five_in_a_day(void **state) {
    (void)state;
    count(1, 4, NOW);
    assert_false(blocked(1, NOW));
    count(1, 1, NOW + DAY - 1000);
    assert_true(blocked(1, NOW + DAY - 1000));
    assert_false(blocked(2, NOW));
    assert_false(blocked(1, NOW + DAY));
    count(1, 4, NOW + DAY); /* a day begins again with its first */
    assert_false(blocked(1, NOW + DAY));
}

static void as_it_was_set(void **state) {
    (void)state;
    mismatches_free(table);
    table = mismatches_new(2, 1);
    count(1, 1, NOW);
    assert_false(blocked(1, NOW));
    count(1, 1, NOW);
    assert_true(blocked(1, NOW + 3599 * 1000));
    assert_false(blocked(1, NOW + 3600 * 1000));
}

static void by_asker_and_way(void **state) {
    (void)state;
    count_by(ANN, WAY_KEY, 1, 9, NOW);
    assert_true(blocked_by(ANN, WAY_KEY, 1, NOW));
    assert_false(blocked_by(ANN, WAY_NUMBER, 1, NOW));
    assert_false(blocked_by(ANN, WAY_IDENTIFIER, 1, NOW));
    assert_false(blocked_by(BOB, WAY_KEY, 1, NOW));
    count_by(BOB, WAY_NUMBER, 1, 5, NOW);
    assert_true(blocked_by(BOB, WAY_NUMBER, 1, NOW));
    assert_false(blocked_by(ANN, WAY_NUMBER, 1, NOW));
}

static void the_operators_way_out(void **state) {
    uint8_t key[32];
    (void)state;
    count_by(ANN, WAY_NUMBER, 1, 5, NOW);
    count_by(BOB, WAY_KEY, 1, 5, NOW);
    count_by(ANN, WAY_NUMBER, 2, 5, NOW);
    key_of(key, 1);
    assert_int_equal(mismatches_clear(table, key), 2);
    assert_false(blocked_by(ANN, WAY_NUMBER, 1, NOW));
    assert_false(blocked_by(BOB, WAY_KEY, 1, NOW));
    assert_true(blocked_by(ANN, WAY_NUMBER, 2, NOW));
    assert_int_equal(mismatches_clear(table, NULL), 1);
    assert_false(blocked_by(ANN, WAY_NUMBER, 2, NOW));
    assert_int_equal(mismatches_clear(table, NULL), 0);
}

/* Every key of a licence can be read off the ledger, so others to ask about are not hard to find. */
static void a_flood_sets_nobody_free(void **state) {
    (void)state;
    count(0, 5, NOW);
    count(3000000, 4, NOW); /* one more is enough, whatever was asked in between */
    for (uint32_t i = 1; i <= 2000000; i++) count(i, 5, NOW + 60000);
    assert_true(blocked(0, NOW + 70000));
    count(3000000, 1, NOW + 70000);
    assert_true(blocked(3000000, NOW + 70000));
    assert_true(blocked(4000000, NOW + 70000)); /* no place: and this asker had its guesses */
    assert_false(blocked_by(BOB, WAY_NUMBER, 4000000, NOW + 70000)); /* others are not hurt, */
    count_by(BOB, WAY_NUMBER, 4000000, 5, NOW + 70000);
    assert_true(blocked_by(BOB, WAY_NUMBER, 4000000, NOW + 70000)); /* and have no more guesses than elsewhere */
    assert_false(blocked_by(ANN, WAY_KEY, 7, NOW + 70000));
    assert_false(blocked(0, NOW + 70000 + DAY)); /* and tomorrow all is forgotten */
    count(7, 1, NOW + 70000 + DAY);
    assert_false(blocked(7, NOW + 70000 + DAY));
}

static void a_flood_of_keys_leaves_numbers_alone(void **state) {
    (void)state;
    for (uint32_t i = 1; i <= 600000; i++) count_by(ANN, WAY_KEY, i, 5, NOW);
    assert_true(blocked_by(ANN, WAY_KEY, 1, NOW));
    for (uint32_t i = 1; i <= 1000; i++) {
        assert_false(blocked(i, NOW));
        assert_false(blocked_by(ANN, WAY_IDENTIFIER, i, NOW));
        assert_false(blocked_by(BOB, WAY_KEY, 1000000 + i, NOW));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {TEST(five_in_a_day), TEST(as_it_was_set), TEST(by_asker_and_way), TEST(the_operators_way_out),
                                       TEST(a_flood_sets_nobody_free), TEST(a_flood_of_keys_leaves_numbers_alone)};
    return cmocka_run_group_tests_name("mismatches", tests, NULL, NULL);
}
