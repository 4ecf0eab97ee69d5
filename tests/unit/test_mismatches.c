/* Wrong guesses are counted, and nobody's count is made to be forgotten by asking about others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "crypto/hash.h"
#include "crypto/selftest.h"
#include "rpc/mismatches.h"

#define NOW 1750000000000LL

static struct mismatches *table;
static int setup(void **state) {
    (void)state;
    return crypto_start() != NULL || (table = mismatches_new()) == NULL;
}
static int teardown(void **state) {
    (void)state;
    mismatches_free(table);
    return 0;
}

static void key_of(uint8_t key[32], uint32_t number) {
    uint8_t bytes[4];
    be32_put(bytes, number);
    sha256(key, bytes, sizeof bytes);
}
static void count(uint32_t number, int times, int64_t now_ms) {
    uint8_t key[32];
    key_of(key, number);
    while (times-- > 0) mismatches_count(table, key, now_ms);
}
static bool blocked(uint32_t number, int64_t now_ms) {
    uint8_t key[32];
    key_of(key, number);
    return mismatches_blocked(table, key, now_ms);
}

static void five_in_a_day(void **state) {
    (void)state;
    count(1, 4, NOW);
    assert_false(blocked(1, NOW));
    count(1, 1, NOW + MISMATCHES_MS - 1000);
    assert_true(blocked(1, NOW + MISMATCHES_MS - 1000));
    assert_false(blocked(2, NOW));
    assert_false(blocked(1, NOW + MISMATCHES_MS));
    count(1, 4, NOW + MISMATCHES_MS); /* a day begins again with its first */
    assert_false(blocked(1, NOW + MISMATCHES_MS));
}

/* Every key of a licence can be read off the ledger, so others to ask about are not hard to find. */
static void a_flood_sets_nobody_free(void **state) {
    (void)state;
    count(0, 5, NOW);
    for (uint32_t i = 1; i <= 40000; i++) count(i, 5, NOW + i);
    assert_true(blocked(0, NOW + 50000));
    for (uint32_t i = 40001; i <= 2000000; i++) count(i, 5, NOW + 60000);
    assert_true(blocked(0, NOW + 70000));
    assert_true(blocked(40000, NOW + 70000));
    assert_false(blocked(0, NOW + 70000 + MISMATCHES_MS)); /* and tomorrow all is forgotten */
    count(7, 1, NOW + 70000 + MISMATCHES_MS);
    assert_false(blocked(7, NOW + 70000 + MISMATCHES_MS));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(five_in_a_day, setup, teardown),
                                       cmocka_unit_test_setup_teardown(a_flood_sets_nobody_free, setup, teardown)};
    return cmocka_run_group_tests_name("mismatches", tests, NULL, NULL);
}
