/* Every tree of up to 64 leaves against the RFC's recursive definition: all roots, all proofs, and each proof spoilt in each simple way. */
#include "crypto/hash.h"
#include "crypto/merkle.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define N_MAX 64u

static uint8_t leaves[N_MAX][32];
static uint8_t roots[N_MAX + 1][32];
static uint8_t stored[7][N_MAX][32]; /* by level and index, as merkle_append reports them */
static uint64_t stored_count[7];

/* RFC 9162 2.1.1, word for word. */
static void reference_root(uint8_t out32[32], size_t begin, size_t end) {
    if (begin == end) {
        sha256(out32, "", 0);
        return;
    }
    if (end - begin == 1) {
        memcpy(out32, leaves[begin], 32);
        return;
    }
    size_t k = 1;
    while (k * 2 < end - begin) k *= 2;
    uint8_t message[65] = {1};
    reference_root(message + 1, begin, begin + k);
    reference_root(message + 33, begin + k, end);
    sha256(out32, message, sizeof message);
}

static void store(void *context, unsigned level, uint64_t index, const uint8_t hash32[32]) {
    (void)context;
    assert_true(level < 7);
    assert_int_equal(index, stored_count[level]); /* each once, in order */
    memcpy(stored[level][index], hash32, 32);
    stored_count[level]++;
}

static bool fetch(void *context, unsigned level, uint64_t index, uint8_t out32[32]) {
    const uint64_t size = *(const uint64_t *)context; /* a prover may only use what the tree of that size has */
    if (level >= 7 || (index + 1) << level > size) return false;
    memcpy(out32, stored[level][index], 32);
    return true;
}

static int setup(void **state) {
    (void)state;
    if (!hash_setup()) return -1;
    struct merkle_frontier frontier = {0};
    for (unsigned n = 0; n <= N_MAX; n++) {
        merkle_root(roots[n], &frontier);
        if (n == N_MAX) break;
        const uint8_t entry[2] = {(uint8_t)n, 0x55};
        merkle_leaf(leaves[n], entry, sizeof entry);
        merkle_append(&frontier, leaves[n], store, NULL);
    }
    return 0;
}

static void test_roots(void **state) {
    (void)state;
    for (unsigned n = 0; n <= N_MAX; n++) {
        uint8_t root[32];
        reference_root(root, 0, n);
        assert_memory_equal(roots[n], root, 32);
    }
}

static void test_frontier_load_goes_on_alike(void **state) {
    (void)state;
    for (uint64_t n = 0; n <= N_MAX; n++) {
        struct merkle_frontier frontier;
        uint8_t root[32];
        assert_true(merkle_frontier_load(&frontier, n, fetch, &n));
        merkle_root(root, &frontier);
        assert_memory_equal(root, roots[n], 32);
        for (uint64_t m = n; m < N_MAX; m++) merkle_append(&frontier, leaves[m], NULL, NULL);
        merkle_root(root, &frontier);
        assert_memory_equal(root, roots[N_MAX], 32);
    }
}

static bool includes(uint64_t index, uint64_t size, const uint8_t leaf32[32], const uint8_t (*path)[32], size_t count,
                     const uint8_t root32[32]) {
    uint8_t root[32];
    return merkle_inclusion_root(root, leaf32, index, size, path, count) && memcmp(root, root32, 32) == 0;
}

static void inclusion_case(uint64_t index, uint64_t size) {
    static uint8_t path[MERKLE_PATH_MAX + 2][32];
    size_t count;
    const uint8_t(*view)[32] = (const uint8_t(*)[32])path;
    assert_true(merkle_inclusion_make(path, &count, index, size, fetch, &size));
    assert_true(includes(index, size, leaves[index], view, count, roots[size]));

    /* A proof fits one place in one size. The position binds only through the tree's shape, so a size that gives the leaf the same shape
     * leads to the same root: the size must come signed. What the shape does bind is checked here. */
    for (uint64_t other = 0; other <= N_MAX; other++) {
        if (other != index) assert_false(includes(other, size, leaves[index], view, count, roots[size]));
    }
    const uint64_t sizes[2] = {size - 1, size + 1};
    for (unsigned i = 0; i < 2; i++) {
        if (sizes[i] <= N_MAX) assert_false(includes(index, sizes[i], leaves[index], view, count, roots[sizes[i]]));
    }
    memcpy(path[count], roots[size], 32);
    assert_false(includes(index, size, leaves[index], view, count + 1, roots[size]));
    if (count > 0) assert_false(includes(index, size, leaves[index], view, count - 1, roots[size]));
    if (count > 0) assert_false(includes(index, size, leaves[index], view + 1, count - 1, roots[size]));
    for (size_t i = 0; i < count; i++) {
        path[i][31] ^= 1;
        assert_false(includes(index, size, leaves[index], view, count, roots[size]));
        path[i][31] ^= 1;
    }
    /* The node above the leaf, passed off as a leaf: as a hash its path is too long, as a 64-byte entry it hashes to something else. */
    if (count > 0 && (index ^ 1) < size) {
        uint8_t pair[64];
        uint8_t node[32];
        memcpy(pair, leaves[index & ~UINT64_C(1)], 32);
        memcpy(pair + 32, leaves[index | 1], 32);
        merkle_node(node, pair, pair + 32);
        assert_false(includes(index, size, node, view + 1, count - 1, roots[size]));
        merkle_leaf(node, pair, sizeof pair);
        assert_false(includes(index / 2, (size + 1) / 2, node, view + 1, count - 1, roots[size]));
    }
}

static void test_inclusion(void **state) {
    (void)state;
    for (uint64_t size = 1; size <= N_MAX; size++) {
        for (uint64_t index = 0; index < size; index++) inclusion_case(index, size);
    }
}

static void consistency_case(uint64_t size_1, uint64_t size_2) {
    static uint8_t path[MERKLE_CONSISTENCY_MAX + 2][32];
    size_t count;
    const uint8_t(*view)[32] = (const uint8_t(*)[32])path;
    assert_true(merkle_consistency_make(path, &count, size_1, size_2, fetch, &size_2));
    if (size_1 == size_2) assert_int_equal(count, 0);
    assert_true(merkle_consistency_check(roots[size_1], size_1, roots[size_2], size_2, view, count));

    for (uint64_t other = 0; other <= N_MAX; other++) { /* each wrong root, each wrong size with its own root */
        if (other == size_1 || other == size_2) continue;
        assert_false(merkle_consistency_check(roots[other], size_1, roots[size_2], size_2, view, count));
        assert_false(merkle_consistency_check(roots[size_1], size_1, roots[other], size_2, view, count));
        assert_false(merkle_consistency_check(roots[other], other, roots[size_2], size_2, view, count));
        assert_false(merkle_consistency_check(roots[size_1], size_1, roots[other], other, view, count));
    }
    if (size_1 != size_2) assert_false(merkle_consistency_check(roots[size_2], size_2, roots[size_1], size_1, view, count));
    memcpy(path[count], roots[size_2], 32);
    assert_false(merkle_consistency_check(roots[size_1], size_1, roots[size_2], size_2, view, count + 1));
    if (count > 0) {
        assert_false(merkle_consistency_check(roots[size_1], size_1, roots[size_2], size_2, view, count - 1));
        assert_false(merkle_consistency_check(roots[size_1], size_1, roots[size_2], size_2, view + 1, count - 1));
    }
    if (size_1 < size_2) { /* too long, and the roots are made to fit: whoever walks on above the root would believe it */
        uint8_t above[2][32];
        merkle_node(above[0], path[count], roots[size_1]);
        merkle_node(above[1], path[count], roots[size_2]);
        assert_false(merkle_consistency_check(above[0], size_1, above[1], size_2, view, count + 1));
        assert_false(merkle_consistency_check(roots[size_1], size_1, above[1], size_2, view, count + 1));
        merkle_node(above[1], roots[size_2], path[count]);
        assert_false(merkle_consistency_check(roots[size_1], size_1, above[1], size_2, view, count + 1));
    }
    for (size_t i = 0; i < count; i++) {
        path[i][0] ^= 0x80;
        assert_false(merkle_consistency_check(roots[size_1], size_1, roots[size_2], size_2, view, count));
        path[i][0] ^= 0x80;
    }
}

static void test_consistency(void **state) {
    (void)state;
    for (uint64_t size_2 = 1; size_2 <= N_MAX; size_2++) {
        for (uint64_t size_1 = 1; size_1 <= size_2; size_1++) consistency_case(size_1, size_2);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roots),
        cmocka_unit_test(test_frontier_load_goes_on_alike),
        cmocka_unit_test(test_inclusion),
        cmocka_unit_test(test_consistency),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
