/* Look-up secrets: one file a type, found by its code; what others may read, or is no secret, refuses the whole folder by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "crypto/secretdir.h"

#define TYPE_1 "11100000000013338W001"
#define TYPE_2 "11100000000013127D022"
static char dir[64], bad[256];

static void path_of(char out[160], const char *name) { (void)snprintf(out, 160, "%s/%s", dir, name); }
static void write_file(const char *name, const char *text, mode_t mode) {
    char path[160];
    path_of(path, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}
static int setup(void **state) {
    (void)state;
    (void)snprintf(dir, sizeof dir, "%s", "/tmp/licet-secrets-XXXXXX");
    return mkdtemp(dir) ? 0 : 1;
}
static int teardown(void **state) {
    (void)state;
    const char *const names[] = {TYPE_1 ".key", TYPE_2 ".key", "README", ".hidden.key"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[160];
        path_of(path, names[i]);
        (void)unlink(path);
    }
    return rmdir(dir);
}

static void secrets_by_type(void **state) {
    (void)state;
    char path[160];
    path_of(path, TYPE_1 ".key");
    assert_int_equal(secret_save_random(path), KEYFILE_OK);
    write_file(TYPE_2 ".key", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n", 0600);
    write_file("README", "not a secret", 0644);
    write_file(".hidden.key", "not a secret either", 0644);
    struct secretdir *secrets;
    assert_int_equal(secretdir_load(&secrets, dir, bad, sizeof bad), KEYFILE_OK);
    uint8_t secret[32], other[32];
    assert_true(secretdir_get(secrets, bytes_text(TYPE_2), secret));
    assert_int_equal(secret[1], 0x11);
    assert_true(secretdir_get(secrets, bytes_text(TYPE_1), other));
    assert_memory_not_equal(secret, other, 32);
    assert_false(secretdir_get(secrets, bytes_text("11100000000013338W00"), secret));
    assert_false(secretdir_get(secrets, bytes_text(""), secret));
    assert_false(secretdir_get(secrets, bytes_of("\0\0", 2), secret));
    secretdir_free(secrets);
}

static void bad_files_are_named(void **state) {
    (void)state;
    struct secretdir *secrets;
    write_file(TYPE_1 ".key", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n", 0640);
    assert_int_equal(secretdir_load(&secrets, dir, bad, sizeof bad), KEYFILE_MODE);
    assert_non_null(strstr(bad, TYPE_1 ".key"));
    assert_null(secrets);
    write_file(TYPE_1 ".key", "0011", 0600);
    assert_int_equal(secretdir_load(&secrets, dir, bad, sizeof bad), KEYFILE_FORMAT);
}

static void no_folder_is_empty(void **state) {
    (void)state;
    struct secretdir *secrets;
    uint8_t secret[32];
    char path[160];
    path_of(path, "nowhere");
    assert_int_equal(secretdir_load(&secrets, path, bad, sizeof bad), KEYFILE_OK);
    assert_false(secretdir_get(secrets, bytes_text(TYPE_1), secret));
    secretdir_free(secrets);
    secretdir_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(secrets_by_type, setup, teardown),
        cmocka_unit_test_setup_teardown(bad_files_are_named, setup, teardown),
        cmocka_unit_test_setup_teardown(no_folder_is_empty, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
