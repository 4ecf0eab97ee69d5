/* Merkle: known roots, the published vectors, and what a verifier must not be talked into. All small trees: test_exhaustive_merkle.c. */
#include "crypto/hash.h"
#include "crypto/merkle.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <jansson.h>

static int setup(void **state) {
    (void)state;
    return hash_setup() ? 0 : -1;
}

static void from_hex(uint8_t out32[32], const char *hex) { assert_true(hex_decode(out32, 32, hex, 64)); }

/* The first inputs and roots of RFC 6962's reference implementation. */
static void test_known_roots(void **state) {
    (void)state;
    static const struct bytes inputs[8] = {
        {(const uint8_t *)"", 0},
        {(const uint8_t *)"\x00", 1},
        {(const uint8_t *)"\x10", 1},
        {(const uint8_t *)"\x20\x21", 2},
        {(const uint8_t *)"\x30\x31", 2},
        {(const uint8_t *)"\x40\x41\x42\x43", 4},
        {(const uint8_t *)"\x50\x51\x52\x53\x54\x55\x56\x57", 8},
        {(const uint8_t *)"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16},
    };
    static const char *roots[9] = {
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    };
    struct merkle_frontier frontier = {0};
    for (size_t n = 0; n <= 8; n++) {
        uint8_t root[32];
        uint8_t expected[32];
        merkle_root(root, &frontier);
        from_hex(expected, roots[n]);
        assert_memory_equal(root, expected, 32);
        if (n == 8) break;
        uint8_t leaf[32];
        merkle_leaf(leaf, inputs[n].data, inputs[n].len);
        merkle_append(&frontier, leaf, NULL, NULL);
    }
}

/* CVE-2012-2459 is a tree that repeats its last leaf; this one must not. */
static void test_repeated_last_leaf_is_another_tree(void **state) {
    (void)state;
    struct merkle_frontier frontier = {0};
    uint8_t leaf[32];
    uint8_t three[32];
    uint8_t four[32];
    for (const char *entry = "abc"; *entry != '\0'; entry++) {
        merkle_leaf(leaf, entry, 1);
        merkle_append(&frontier, leaf, NULL, NULL);
    }
    merkle_root(three, &frontier);
    merkle_append(&frontier, leaf, NULL, NULL);
    merkle_root(four, &frontier);
    assert_memory_not_equal(three, four, 32);
}

/* An entry that is the 64 bytes of two leaf hashes is not the node above them. */
static void test_leaf_is_not_a_node(void **state) {
    (void)state;
    uint8_t pair[64];
    uint8_t as_leaf[32];
    uint8_t as_node[32];
    merkle_leaf(pair, "a", 1);
    merkle_leaf(pair + 32, "b", 1);
    merkle_leaf(as_leaf, pair, 64);
    merkle_node(as_node, pair, pair + 32);
    assert_memory_not_equal(as_leaf, as_node, 32);
}

static void test_node_may_overwrite_its_input(void **state) {
    (void)state;
    uint8_t a[32];
    uint8_t b[32];
    uint8_t apart[32];
    merkle_leaf(a, "a", 1);
    merkle_leaf(b, "b", 1);
    merkle_node(apart, a, b);
    merkle_node(b, a, b);
    assert_memory_equal(b, apart, 32);
}

static bool fetch_nothing(void *context, unsigned level, uint64_t index, uint8_t out32[32]) {
    (void)context;
    (void)level;
    (void)index;
    (void)out32;
    return false;
}

static void test_missing_node_is_a_fault(void **state) {
    (void)state;
    static uint8_t path[MERKLE_CONSISTENCY_MAX][32];
    size_t count;
    struct merkle_frontier frontier;
    assert_false(merkle_inclusion_make(path, &count, 3, 7, fetch_nothing, NULL));
    assert_false(merkle_consistency_make(path, &count, 3, 7, fetch_nothing, NULL));
    assert_false(merkle_frontier_load(&frontier, 7, fetch_nothing, NULL));
    assert_true(merkle_inclusion_make(path, &count, 0, 1, fetch_nothing, NULL));
    assert_int_equal(count, 0);
}

static bool fetch_made_up(void *context, unsigned level, uint64_t index, uint8_t out32[32]) {
    uint8_t name[9];
    assert_true(level < 64);
    assert_true(level == 0 || index < UINT64_MAX >> level);
    name[0] = (uint8_t)level;
    be64_put(name + 1, index);
    sha256(out32, name, sizeof name);
    ++*(unsigned *)context;
    return true;
}

/* The largest sizes: nothing shifts too far, paths stay within their bounds. Hashes are made up, so only lengths are looked at. */
static void test_largest_sizes(void **state) {
    (void)state;
    static uint8_t path[MERKLE_CONSISTENCY_MAX][32];
    static const uint64_t sizes[] = {UINT64_C(1) << 63, (UINT64_C(1) << 63) - 1, (UINT64_C(1) << 62) + 1, (UINT64_C(1) << 63) - 2};
    unsigned fetched = 0;
    uint8_t root[32];
    const uint8_t leaf[32] = {0};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        const uint64_t indexes[] = {0, 1, sizes[s] / 2 - 1, sizes[s] / 2, sizes[s] / 3, sizes[s] - 2, sizes[s] - 1};
        for (size_t i = 0; i < sizeof indexes / sizeof indexes[0]; i++) {
            size_t count;
            const uint8_t(*view)[32] = (const uint8_t(*)[32])path;
            assert_true(merkle_inclusion_make(path, &count, indexes[i], sizes[s], fetch_made_up, &fetched));
            assert_true(count <= MERKLE_PATH_MAX);
            assert_true(merkle_inclusion_root(root, leaf, indexes[i], sizes[s], view, count));
            assert_false(merkle_inclusion_root(root, leaf, indexes[i], sizes[s], view, count + 1));
            assert_false(merkle_inclusion_root(root, leaf, indexes[i], sizes[s], view, count - 1));
            assert_true(merkle_consistency_make(path, &count, indexes[i] + 1, sizes[s], fetch_made_up, &fetched));
            assert_true(count <= MERKLE_CONSISTENCY_MAX);
        }
        assert_false(merkle_inclusion_root(root, leaf, sizes[s], sizes[s], NULL, 0));
        assert_false(merkle_inclusion_root(root, leaf, UINT64_MAX, sizes[s], NULL, 0));
    }
    assert_true(fetched > 0);
}

/* --- the vectors of transparency-dev/merkle --- */

struct vector {
    uint8_t path[MERKLE_CONSISTENCY_MAX][32];
    size_t count;
    bool formed; /* hashes are 32 bytes; else our types cannot even hold it, which counts as refused */
};

static bool hash_field(json_t *value, uint8_t out32[32]) {
    char text[64];
    size_t len = 0;
    const char *base64 = json_string_value(value);
    assert_non_null(base64);
    if (strlen(base64) != 44 || base64[43] != '=') {
        sha256(out32, base64, strlen(base64)); /* free text in place of a hash: only equality is meant */
        return false;
    }
    for (unsigned i = 0; i < 43; i++) text[i] = base64[i] == '+' ? '-' : base64[i] == '/' ? '_' : base64[i];
    return base64url_decode(out32, 32, &len, text, 43) && len == 32;
}

static void path_field(json_t *proof, struct vector *out) {
    out->count = 0;
    out->formed = true;
    for (size_t i = 0; i < json_array_size(proof); i++) {
        assert_true(out->count < MERKLE_CONSISTENCY_MAX);
        if (!hash_field(json_array_get(proof, i), out->path[out->count++])) out->formed = false;
    }
}

static uint64_t number_field(json_t *object, const char *name) {
    const double value = json_real_value(json_object_get(object, name)); /* small ones are exact; one vector says 2^64 - 1 */
    return value < 0x1p63 ? (uint64_t)value : UINT64_MAX;
}

static bool inclusion_holds(json_t *object) {
    struct vector vector;
    uint8_t leaf[32];
    uint8_t root[32];
    uint8_t led_to[32];
    path_field(json_object_get(object, "proof"), &vector);
    bool formed = hash_field(json_object_get(object, "leafHash"), leaf) && hash_field(json_object_get(object, "root"), root);
    if (!formed || !vector.formed) return false;
    return merkle_inclusion_root(led_to, leaf, number_field(object, "leafIdx"), number_field(object, "treeSize"),
                                 (const uint8_t(*)[32])vector.path, vector.count) &&
           memcmp(led_to, root, 32) == 0;
}

static bool consistency_holds(json_t *object) {
    struct vector vector;
    uint8_t root_1[32];
    uint8_t root_2[32];
    path_field(json_object_get(object, "proof"), &vector);
    (void)hash_field(json_object_get(object, "root1"), root_1);
    (void)hash_field(json_object_get(object, "root2"), root_2);
    return vector.formed && merkle_consistency_check(root_1, number_field(object, "size1"), root_2, number_field(object, "size2"),
                                                     (const uint8_t(*)[32])vector.path, vector.count);
}

static unsigned run_folder(const char *folder, bool (*holds)(json_t *)) {
    unsigned ran = 0;
    DIR *dir = opendir(folder);
    if (dir == NULL) return 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        char path[4096];
        struct stat info;
        if (entry->d_name[0] == '.') continue;
        assert_true((size_t)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < sizeof path);
        assert_int_equal(stat(path, &info), 0);
        if (S_ISDIR(info.st_mode)) {
            ran += run_folder(path, holds);
            continue;
        }
        json_error_t error;
        json_t *object = json_load_file(path, JSON_DECODE_INT_AS_REAL, &error);
        if (object == NULL) fail_msg("%s: %s", path, error.text);
        const bool wanted = !json_is_true(json_object_get(object, "wantErr"));
        if (holds(object) != wanted) fail_msg("%s: should %s", path, wanted ? "hold" : "be refused");
        json_decref(object);
        ran++;
    }
    closedir(dir);
    return ran;
}

static void run_vectors(const char *kind, bool (*holds)(json_t *)) {
    const char *shared = getenv("LICET_SHARED");
    char folder[4096];
    assert_true((size_t)snprintf(folder, sizeof folder, "%s/vectors/rfc6962-merkle/testdata/%s",
                                 shared != NULL ? shared : "../shared", kind) < sizeof folder);
    const unsigned ran = run_folder(folder, holds);
    if (ran == 0) {
        print_message("skip: no vectors in %s; set LICET_SHARED\n", folder);
        skip();
    }
    print_message("%u vectors in %s\n", ran, folder);
}

static void test_vectors_inclusion(void **state) {
    (void)state;
    run_vectors("inclusion", inclusion_holds);
}

static void test_vectors_consistency(void **state) {
    (void)state;
    run_vectors("consistency", consistency_holds);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_roots),
        cmocka_unit_test(test_repeated_last_leaf_is_another_tree),
        cmocka_unit_test(test_leaf_is_not_a_node),
        cmocka_unit_test(test_node_may_overwrite_its_input),
        cmocka_unit_test(test_missing_node_is_a_fault),
        cmocka_unit_test(test_largest_sizes),
        cmocka_unit_test(test_vectors_inclusion),
        cmocka_unit_test(test_vectors_consistency),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
