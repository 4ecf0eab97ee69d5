/* The private store: what goes in comes out, whole, by licence key; damage and absence are told apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/kv/private.h"

static char dir[64], store_dir[96];
static uint8_t buffer[PRIVATE_MAX];

static int setup(void **state) {
    (void)state;
    if (!hash_setup()) return 1;
    (void)snprintf(dir, sizeof dir, "%s", "/tmp/licet-private-XXXXXX");
    if (!mkdtemp(dir)) return 1;
    (void)snprintf(store_dir, sizeof store_dir, "%s/private", dir);
    return 0;
}
static int teardown(void **state) {
    (void)state;
    char path[128];
    const char *const names[] = {"data.mdb", "lock.mdb"};
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", store_dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(store_dir);
    return rmdir(dir);
}

static struct private_licence sample(const char *identifier) {
    struct private_licence licence = {.type_code = bytes_text("11100000000013338W001"), .identifier = bytes_text(identifier), .field_count = 2};
    memset(licence.seed, 7, sizeof licence.seed);
    licence.fields[0] = (struct field){bytes_text("CZZT"), bytes_text("张三")};
    licence.fields[1] = (struct field){bytes_text("ZZBS"), bytes_text(identifier)};
    return licence;
}
static enum private_claim claims[2];
static enum err put(struct private_store *store, const uint8_t (*keys)[32], const struct private_licence *in, size_t count) {
    struct private_licence copy[2];
    memcpy(copy, in, count * sizeof *in);
    return private_claim(store, keys, copy, claims, count);
}
static bool text_is(struct bytes got, const char *want) { return bytes_equal(got, bytes_text(want)); }

static void put_get_release(void **state) {
    (void)state;
    struct private_store *store;
    assert_int_equal(private_open(&store, store_dir, false), ERR_ABSENT);
    assert_int_equal(private_open(&store, store_dir, true), ERR_OK);
    struct stat st;
    assert_int_equal(stat(store_dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);

    uint8_t keys[2][32];
    memset(keys[0], 1, 32);
    memset(keys[1], 2, 32);
    const struct private_licence in[2] = {sample("1.2.156.1"), sample("1.2.156.2")};
    assert_int_equal(put(store, (const uint8_t(*)[32])keys, in, 2), ERR_OK);
    private_close(store);
    assert_int_equal(private_open(&store, store_dir, false), ERR_OK);

    struct private_licence out;
    assert_int_equal(private_get(store, keys[1], &out, buffer, sizeof buffer), ERR_OK);
    assert_true(text_is(out.identifier, "1.2.156.2"));
    assert_true(text_is(out.type_code, "11100000000013338W001"));
    assert_memory_equal(out.seed, in[1].seed, SALT_SEED_LEN);
    assert_int_equal(out.field_count, 2);
    assert_true(text_is(out.fields[0].code, "CZZT"));
    assert_true(text_is(out.fields[0].value, "张三"));
    assert_int_equal(private_get(store, keys[1], &out, buffer, 10), ERR_NO_ROOM);

    char identifier[IDENTIFIER_MAX + 1];
    size_t len;
    assert_int_equal(private_identifier(store, keys[0], identifier, &len), ERR_OK);
    assert_string_equal(identifier, "1.2.156.1");
    assert_int_equal(len, strlen(identifier));

    assert_int_equal(private_release(store, keys[0], in[0].seed), ERR_OK);
    assert_int_equal(private_release(store, keys[0], in[0].seed), ERR_ABSENT);
    assert_int_equal(private_identifier(store, keys[0], identifier, &len), ERR_ABSENT);
    assert_int_equal(private_get(store, keys[1], &out, buffer, sizeof buffer), ERR_OK);
    private_close(store);
}

/* Two writers under one key: the first seed is both's, what was first stays as it was, and each content is found by its root. */
static void one_seed_for_a_key(void **state) {
    (void)state;
    struct private_store *store;
    assert_int_equal(private_open(&store, store_dir, true), ERR_OK);
    uint8_t key[1][32] = {{5}}, roots[3][32];
    struct private_licence first = sample("1.2.156.5"), same = first, other = first, out;
    memset(same.seed, 8, sizeof same.seed);
    memset(other.seed, 9, sizeof other.seed);
    other.fields[0].value = bytes_text("李四");
    enum private_claim claim;
    assert_int_equal(private_claim(store, (const uint8_t(*)[32])key, &first, &claim, 1), ERR_OK);
    assert_int_equal(claim, PRIVATE_NEW);
    assert_int_equal(private_claim(store, (const uint8_t(*)[32])key, &same, &claim, 1), ERR_OK);
    assert_int_equal(claim, PRIVATE_SAME);
    assert_memory_equal(same.seed, first.seed, SALT_SEED_LEN);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(private_claim(store, (const uint8_t(*)[32])key, &other, &claim, 1), ERR_OK);
        assert_int_equal(claim, PRIVATE_BESIDE);
        assert_memory_equal(other.seed, first.seed, SALT_SEED_LEN);
    }
    /* a refused writer takes nothing away that another has met */
    assert_int_equal(private_release(store, key[0], first.seed), ERR_OK);
    assert_int_equal(private_get(store, key[0], &out, buffer, sizeof buffer), ERR_OK);
    assert_true(text_is(out.fields[0].value, "张三"));
    assert_true(fields_root(roots[0], first.seed, first.fields, first.field_count) && fields_root(roots[1], first.seed, other.fields, other.field_count));
    bool fits;
    assert_int_equal(private_get_for(store, key[0], roots[0], &out, buffer, sizeof buffer, &fits), ERR_OK);
    assert_true(fits && text_is(out.fields[0].value, "张三"));
    assert_int_equal(private_get_for(store, key[0], roots[1], &out, buffer, sizeof buffer, &fits), ERR_OK);
    assert_true(fits && text_is(out.fields[0].value, "李四"));
    memset(roots[2], 0, 32);
    assert_int_equal(private_get_for(store, key[0], roots[2], &out, buffer, sizeof buffer, &fits), ERR_OK);
    assert_false(fits);
    key[0][31] = 1;
    assert_int_equal(private_get_for(store, key[0], roots[0], &out, buffer, sizeof buffer, &fits), ERR_ABSENT);
    uint64_t count;
    assert_int_equal(private_count(store, &count), ERR_OK);
    assert_int_equal(count, 1);
    /* nor is a seed released that is not the caller's */
    struct private_licence alone = sample("1.2.156.6");
    assert_int_equal(private_claim(store, (const uint8_t(*)[32])key, &alone, &claim, 1), ERR_OK);
    uint8_t strange[SALT_SEED_LEN] = {1};
    assert_int_equal(private_release(store, key[0], strange), ERR_OK);
    assert_int_equal(private_get(store, key[0], &out, buffer, sizeof buffer), ERR_OK);
    private_close(store);
}

static void largest_licence_fits(void **state) {
    (void)state;
    struct private_store *store;
    assert_int_equal(private_open(&store, store_dir, true), ERR_OK);
    static char value[FIELD_VALUE_MAX], codes[ELEMENTS_MAX][ELEMENT_CODE_MAX];
    memset(value, 'v', sizeof value);
    struct private_licence in = sample("x"), out;
    in.field_count = ELEMENTS_MAX;
    for (size_t i = 0; i < ELEMENTS_MAX; i++) {
        memset(codes[i], 'A', ELEMENT_CODE_MAX);
        codes[i][0] = (char)('A' + i / 26);
        codes[i][1] = (char)('A' + i % 26);
        in.fields[i] = (struct field){bytes_of(codes[i], ELEMENT_CODE_MAX), bytes_of(value, FIELD_VALUE_MAX)};
    }
    uint8_t key[1][32] = {{9}};
    for (int i = 0; i < 5; i++) assert_int_equal(put(store, (const uint8_t(*)[32])key, &in, 1), ERR_OK);
    assert_int_equal(private_get(store, key[0], &out, buffer, sizeof buffer), ERR_OK);
    assert_int_equal(out.field_count, ELEMENTS_MAX);
    assert_true(bytes_equal(out.fields[63].value, bytes_of(value, FIELD_VALUE_MAX)));
    private_close(store);
    assert_int_equal(private_open(&store, store_dir, false), ERR_OK); /* the file is as long as its pages say */
    private_close(store);
}

/* Flips the first byte of what is found in the file. */
static void flip_in_file(const char *needle) {
    char path[128];
    (void)snprintf(path, sizeof path, "%s/data.mdb", store_dir);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    static uint8_t all[1 << 20];
    ssize_t len = read(fd, all, sizeof all);
    assert_true(len > 0);
    unsigned flipped = 0;
    for (uint8_t *at = all; (at = memmem(at, (size_t)(all + len - at), needle, strlen(needle))) != NULL; at++, flipped++) *at ^= 1;
    assert_true(flipped > 0);
    assert_int_equal(pwrite(fd, all, (size_t)len, 0), len);
    (void)close(fd);
}

static void damage_is_found(void **state) {
    (void)state;
    struct private_store *store;
    assert_int_equal(private_open(&store, store_dir, true), ERR_OK);
    uint8_t key[1][32] = {{3}};
    const struct private_licence in = sample("1.2.156.777");
    assert_int_equal(put(store, (const uint8_t(*)[32])key, &in, 1), ERR_OK);
    private_close(store);
    flip_in_file("1.2.156.777");
    assert_int_equal(private_open(&store, store_dir, false), ERR_OK);
    char identifier[IDENTIFIER_MAX + 1];
    size_t len;
    struct private_licence out;
    assert_int_equal(private_identifier(store, key[0], identifier, &len), ERR_CORRUPT);
    assert_int_equal(private_get(store, key[0], &out, buffer, sizeof buffer), ERR_CORRUPT);
    private_close(store);

    char path[128];
    (void)snprintf(path, sizeof path, "%s/data.mdb", store_dir);
    assert_int_equal(truncate(path, 4096 * 2), 0);
    assert_int_equal(private_open(&store, store_dir, true), ERR_CORRUPT); /* and no SIGBUS */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(put_get_release, setup, teardown),
        cmocka_unit_test_setup_teardown(one_seed_for_a_key, setup, teardown),
        cmocka_unit_test_setup_teardown(largest_licence_fits, setup, teardown),
        cmocka_unit_test_setup_teardown(damage_is_found, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
