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

/* What the system says of the processor, not what our own question to it says. 1: it has the instructions, 0: it has not, -1: nobody says. */
static int processor_has_them(void) {
    static char line[16384];
    FILE *file = fopen("/proc/cpuinfo", "re");
    int has = -1;
    while (file != NULL && has < 0 && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "flags", 5) != 0) continue;
        line[strcspn(line, "\n")] = ' ';
        has = strstr(line, " sha_ni ") != NULL && strstr(line, " sse4_1 ") != NULL && strstr(line, " ssse3 ") != NULL;
    }
    if (file != NULL) (void)fclose(file);
    return has;
}

static void fast_where_it_can_be(void **state) {
    (void)state;
    const int has = processor_has_them();
    if (has < 0) {
        print_message("skip: /proc/cpuinfo does not say what the processor has\n");
        skip();
    }
    assert_int_equal(join_side_by_side(), has);
}

/* A way that does wrong in one place only. */
static struct { unsigned call, wrong_call, side, byte; uint8_t prefix_len; } plant;
static void right(const struct join *a, const struct join *b) {
    join_one(a);
    join_one(b);
}
static void wrong_once(const struct join *a, const struct join *b) {
    right(a, b);
    if (plant.call++ == plant.wrong_call) (plant.side ? b : a)->out32[plant.byte] ^= 0x10;
}
static void wrong_after_a_prefix(const struct join *a, const struct join *b) {
    right(a, b);
    const struct join *one = plant.side ? b : a;
    if (one->prefix_len == plant.prefix_len) one->out32[0] ^= 1;
}
static void changed_places(const struct join *a, const struct join *b) {
    struct join x = *a, y = *b;
    x.out32 = b->out32;
    y.out32 = a->out32;
    right(&x, &y);
}
static void one_message_twice(const struct join *a, const struct join *b) {
    join_one(a);
    memcpy(b->out32, a->out32, 32);
}
static void children_changed(const struct join *a, const struct join *b) {
    struct join x = *a;
    x.left = a->right;
    x.right = a->left;
    right(&x, b);
}
static void prefix_ignored(const struct join *a, const struct join *b) {
    struct join x = *a, y = *b;
    memset(x.prefix, 0, sizeof x.prefix);
    memset(y.prefix, 0, sizeof y.prefix);
    right(&x, &y);
}

/* The check at start meets an error in any byte of either place, in each of its rounds, and behind each length of prefix. */
static void planted_errors(void **state) {
    (void)state;
    assert_true(join_agrees(right));
    for (plant.wrong_call = 0; plant.wrong_call < 4; plant.wrong_call++) {
        for (unsigned i = 0; i < 64; i++) {
            plant.call = 0;
            plant.side = i / 32;
            plant.byte = i % 32;
            assert_false(join_agrees(wrong_once));
        }
    }
    plant.call = 0;
    plant.wrong_call = 1000; /* never: the planted error is what was seen, not the planting */
    assert_true(join_agrees(wrong_once));
    assert_true(plant.call >= 4);
    for (plant.side = 0; plant.side < 2; plant.side++) {
        for (plant.prefix_len = 1; plant.prefix_len <= 3; plant.prefix_len = (uint8_t)(plant.prefix_len + 2)) assert_false(join_agrees(wrong_after_a_prefix));
    }
    assert_false(join_agrees(changed_places));
    assert_false(join_agrees(one_message_twice));
    assert_false(join_agrees(children_changed));
    assert_false(join_agrees(prefix_ignored));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_pairs),
        cmocka_unit_test(every_bit),
        cmocka_unit_test(result_over_a_part),
        cmocka_unit_test(fast_where_it_can_be),
        cmocka_unit_test(planted_errors),
    };
    return hash_setup() && join_setup() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
