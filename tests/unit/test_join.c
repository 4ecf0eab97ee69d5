/* Join: one and two side by side give what EVP gives, whatever the bytes, the prefixes, where the parts lie and which of them the result replaces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "crypto/hash.h"
#include "crypto/join.h"
#include "crypto/mapproof.h"

static uint64_t next = 1;
static uint8_t random_byte(void) {
    next = next * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint8_t)(next >> 56);
}
static void random_fill(uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) bytes[i] = random_byte();
}

static void want(uint8_t out32[32], const struct join *join) {
    uint8_t message[67];
    memcpy(message, join->prefix, join->prefix_len);
    memcpy(message + join->prefix_len, join->left, 32);
    memcpy(message + join->prefix_len + 32, join->right, 32);
    assert_int_equal(EVP_Digest(message, join->prefix_len + 64u, out32, NULL, EVP_sha256(), NULL), 1);
}

static struct join random_join(uint8_t space[200], uint8_t *out32) {
    random_fill(space, 200);
    struct join join = {.prefix_len = random_byte() & 1 ? 3 : 1, .left = space + random_byte() % 64, .right = space + 96 + random_byte() % 64, .out32 = out32};
    random_fill(join.prefix, sizeof join.prefix);
    return join;
}

static void random_pairs(void **state) {
    (void)state;
    print_message("side by side: %d\n", join_side_by_side());
    for (unsigned round = 0; round < 20000; round++) {
        uint8_t space[2][200], out[2][32], expected[2][32];
        const struct join a = random_join(space[0], out[0]), b = random_join(space[1], out[1]);
        want(expected[0], &a);
        want(expected[1], &b);
        join_two(&a, &b);
        assert_memory_equal(out, expected, sizeof out);
        memset(out, 0, sizeof out);
        join_one(&a);
        join_one(&b);
        assert_memory_equal(out, expected, sizeof out);
    }
}

/* Every value of each byte matters: a bit of any input turned changes the result as it does in EVP. */
static void every_bit(void **state) {
    (void)state;
    for (size_t prefix_len = 1; prefix_len <= 3; prefix_len += 2) {
        for (size_t bit = 0; bit < 8 * (prefix_len + 64); bit++) {
            uint8_t bytes[67] = {0}, out[2][32], expected[32];
            bytes[bit / 8] = (uint8_t)(1u << bit % 8);
            struct join join = {.prefix_len = (uint8_t)prefix_len, .left = bytes + prefix_len, .right = bytes + prefix_len + 32};
            memcpy(join.prefix, bytes, prefix_len);
            want(expected, &join);
            struct join a = join, b = join;
            a.out32 = out[0];
            b.out32 = out[1];
            join_two(&a, &b);
            assert_memory_equal(out[0], expected, 32);
            assert_memory_equal(out[1], expected, 32);
        }
    }
}

static void result_over_a_part(void **state) {
    (void)state;
    uint8_t left[2][32], right[2][32], expected[2][32];
    random_fill(left[0], sizeof left);
    random_fill(right[0], sizeof right);
    const struct join a = map_inner_join(left[0], 259, left[0], right[0]), b = map_leaf_join(right[1], left[1], right[1]);
    want(expected[0], &a);
    want(expected[1], &b);
    join_two(&a, &b);
    assert_memory_equal(left[0], expected[0], 32);
    assert_memory_equal(right[1], expected[1], 32);
    want(expected[0], &a);
    join_one(&a);
    assert_memory_equal(left[0], expected[0], 32);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_pairs),
        cmocka_unit_test(every_bit),
        cmocka_unit_test(result_over_a_part),
    };
    return hash_setup() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
