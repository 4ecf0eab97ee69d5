/* Mapproof: hand-made maps of a few keys, and each way to bend a proof. */
#include "crypto/hash.h"
#include "crypto/mapproof.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Four keys; bits 0, 9 and 255 tell them apart:
 *              0
 *            /   \
 *           9     D
 *         /   \
 *        A    255
 *            /   \
 *           B     C           */
static uint8_t key_a[32], key_b[32], key_c[32], key_d[32], absent[32];
static uint8_t value[32];
static uint8_t leaf_a[32], leaf_b[32], leaf_c[32], leaf_d[32], node_255[32], node_9[32], root[32];
static uint8_t steps_c[3 * MAP_STEP_LEN], steps_d[MAP_STEP_LEN];

static void step(uint8_t *at, uint16_t bit, const uint8_t sibling32[32]) {
    be16_put(at, bit);
    memcpy(at + 2, sibling32, 32);
}

static int setup(void **state) {
    (void)state;
    if (!hash_setup()) return -1;
    key_b[1] = key_c[1] = 0x40;
    key_c[31] = 0x01;
    key_d[0] = 0x80;
    memcpy(absent, key_c, 32);
    absent[20] = 0x10; /* a bit that no node tests: its walk ends at C */
    memset(value, 0x77, 32);
    map_leaf(leaf_a, key_a, value);
    map_leaf(leaf_b, key_b, value);
    map_leaf(leaf_c, key_c, value);
    map_leaf(leaf_d, key_d, value);
    map_inner(node_255, 255, leaf_b, leaf_c);
    map_inner(node_9, 9, leaf_a, node_255);
    map_inner(root, 0, node_9, leaf_d);
    step(steps_c, 0, leaf_d);
    step(steps_c + MAP_STEP_LEN, 9, leaf_a);
    step(steps_c + 2 * MAP_STEP_LEN, 255, leaf_b);
    step(steps_d, 0, node_9);
    return 0;
}

static bool member(const uint8_t *key, const uint8_t *value_hash, const void *steps, size_t len) {
    uint8_t out[32];
    return map_member_root(out, key, value_hash, bytes_of(steps, len)) && memcmp(out, root, 32) == 0;
}

static bool not_there(const uint8_t *key, const uint8_t *other, const uint8_t *value_hash, const void *steps, size_t len) {
    uint8_t out[32];
    return map_absent_root(out, key, other, value_hash, bytes_of(steps, len)) && memcmp(out, root, 32) == 0;
}

static void test_hashes_as_documented(void **state) {
    (void)state;
    uint8_t message[67];
    uint8_t hash[32];
    message[0] = 0;
    memcpy(message + 1, key_c, 32);
    memcpy(message + 33, value, 32);
    sha256(hash, message, 65);
    assert_memory_equal(hash, leaf_c, 32);
    message[0] = 1;
    message[1] = 0;
    message[2] = 255;
    memcpy(message + 3, leaf_b, 32);
    memcpy(message + 35, leaf_c, 32);
    sha256(hash, message, 67);
    assert_memory_equal(hash, node_255, 32);
}

static void test_membership(void **state) {
    (void)state;
    assert_true(member(key_c, value, steps_c, sizeof steps_c));
    assert_true(member(key_d, value, steps_d, sizeof steps_d));
    uint8_t out[32];
    assert_true(map_member_root(out, key_a, value, bytes_of(NULL, 0))); /* a map of one */
    assert_memory_equal(out, leaf_a, 32);

    uint8_t other[32];
    memset(other, 0x78, 32);
    assert_false(member(key_c, other, steps_c, sizeof steps_c));
    assert_false(member(key_b, value, steps_c, sizeof steps_c));
    assert_false(member(absent, value, steps_c, sizeof steps_c));
    for (size_t i = 0; i < sizeof steps_c; i++) {
        uint8_t bent[sizeof steps_c];
        memcpy(bent, steps_c, sizeof bent);
        for (unsigned bit = 0; bit < 8; bit++) {
            bent[i] = steps_c[i] ^ (uint8_t)(1u << bit);
            assert_false(member(key_c, value, bent, sizeof bent));
        }
    }
}

static void test_absence(void **state) {
    (void)state;
    assert_true(not_there(absent, key_c, value, steps_c, sizeof steps_c));
    assert_false(not_there(absent, key_d, value, steps_d, sizeof steps_d)); /* the walk by absent does not go to D */
    assert_false(not_there(key_c, key_d, value, steps_d, sizeof steps_d));  /* a member, shown another member */
    assert_false(not_there(key_c, key_c, value, steps_c, sizeof steps_c));  /* membership passed off as absence */
    assert_false(not_there(key_b, key_c, value, steps_c, sizeof steps_c));
    assert_false(not_there(absent, key_c, NULL, steps_c, sizeof steps_c));
    /* The step that turns towards the member, left out: leads to another root. */
    assert_false(not_there(key_b, key_c, value, steps_c, 2 * MAP_STEP_LEN));
}

static void test_empty_map(void **state) {
    (void)state;
    static const uint8_t zero[32];
    uint8_t out[32];
    memset(out, 1, 32);
    assert_true(map_absent_root(out, key_a, NULL, NULL, bytes_of(NULL, 0)));
    assert_memory_equal(out, zero, 32);
    assert_false(map_absent_root(out, key_a, NULL, NULL, bytes_of(steps_d, sizeof steps_d)));
}

static void test_form_of_steps(void **state) {
    (void)state;
    uint8_t out[32];
    for (size_t len = 0; len < sizeof steps_c; len++) { /* cut anywhere */
        const bool whole = len % MAP_STEP_LEN == 0;
        assert_int_equal(map_member_root(out, key_c, value, bytes_of(steps_c, len)), whole);
        assert_false(member(key_c, value, steps_c, len));
    }
    uint8_t two[2 * MAP_STEP_LEN];
    static const struct { uint16_t first, second; bool good; } bits[] = {
        {0, 1, true}, {254, 255, true}, {5, 5, false}, {9, 8, false}, {255, 256, false}, {3, 65535, false}, {256, 257, false},
    };
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        step(two, bits[i].first, leaf_a);
        step(two + MAP_STEP_LEN, bits[i].second, leaf_b);
        assert_int_equal(map_member_root(out, key_a, value, bytes_of(two, sizeof two)), bits[i].good);
        assert_int_equal(map_absent_root(out, absent, key_a, value, bytes_of(two, sizeof two)),
                         bits[i].good && map_bit(absent, bits[i].first) == 0 && map_bit(absent, bits[i].second) == 0);
    }
    static uint8_t most[(MAP_STEPS_MAX + 1) * MAP_STEP_LEN];
    for (uint16_t i = 0; i <= MAP_STEPS_MAX; i++) step(most + i * MAP_STEP_LEN, i, leaf_a);
    assert_true(map_member_root(out, key_a, value, bytes_of(most, sizeof most - MAP_STEP_LEN)));
    assert_false(map_member_root(out, key_a, value, bytes_of(most, sizeof most)));
}

/* A builder who puts B on the wrong side of bit 0 cannot make anybody see it there, so cannot show it to one and deny it to another. */
static void test_misplaced_key_is_in_nobodys_view(void **state) {
    (void)state;
    uint8_t out[32];
    uint8_t bad_root[32];
    uint8_t steps[MAP_STEP_LEN];
    map_inner(bad_root, 0, leaf_a, leaf_b); /* B's bit 0 is 0: it belongs left */
    step(steps, 0, leaf_a);
    assert_true(map_member_root(out, key_b, value, bytes_of(steps, sizeof steps)));
    assert_memory_not_equal(out, bad_root, 32);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hashes_as_documented),
        cmocka_unit_test(test_membership),
        cmocka_unit_test(test_absence),
        cmocka_unit_test(test_empty_map),
        cmocka_unit_test(test_form_of_steps),
        cmocka_unit_test(test_misplaced_key_is_in_nobodys_view),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
