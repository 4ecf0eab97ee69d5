/* The mark: durable, whole after a cut write, and the rule at start in all its cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "node/engine/mark.h"

static char dir[64], path[96];

static int setup(void **state) {
    (void)state;
    if (!hash_setup()) return 1;
    (void)snprintf(dir, sizeof dir, "%s", "/tmp/licet-mark-XXXXXX");
    if (!mkdtemp(dir)) return 1;
    (void)snprintf(path, sizeof path, "%s/mark", dir);
    return 0;
}
static int teardown(void **state) {
    (void)state;
    (void)unlink(path);
    return rmdir(dir);
}

static struct mark_value value_at(uint64_t height) {
    struct mark_value value = {.term = 1, .height = height};
    memset(value.hash, (int)height, 32);
    return value;
}
static void assert_mark(uint64_t height) {
    struct mark_value value, want = value_at(height);
    assert_int_equal(mark_read(&value, path), ERR_OK);
    assert_int_equal(value.height, height);
    assert_int_equal(value.term, 1);
    assert_memory_equal(value.hash, want.hash, 32);
}

static void write_and_read(void **state) {
    (void)state;
    struct mark_value value;
    struct mark *mark;
    assert_int_equal(mark_read(&value, path), ERR_ABSENT);
    assert_int_equal(mark_open(&mark, path), ERR_OK);
    assert_int_equal(mark_read(&value, path), ERR_ABSENT); /* opening makes none: a missing mark must stay missing */
    for (uint64_t height = 0; height < 5; height++) {
        value = value_at(height);
        assert_int_equal(mark_write(mark, &value), ERR_OK);
        assert_mark(height);
    }
    mark_close(mark);
    assert_int_equal(mark_open(&mark, path), ERR_OK);
    value = value_at(5);
    assert_int_equal(mark_write(mark, &value), ERR_OK);
    mark_close(mark);
    assert_mark(5);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* Any part of the newest line may be old, new or rubbish after a power cut: the line before it then counts. */
static void cut_write(void **state) {
    (void)state;
    struct mark *mark;
    assert_int_equal(mark_open(&mark, path), ERR_OK);
    for (uint64_t height = 7; height <= 8; height++) {
        struct mark_value value = value_at(height);
        assert_int_equal(mark_write(mark, &value), ERR_OK);
    }
    mark_close(mark);
    char whole[8193];
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(read(fd, whole, sizeof whole), 8192);
    char *newest = strstr(whole, "height 8 ") - whole < 4096 ? whole : whole + 4096;
    for (off_t at = newest - whole, i = 0; i < 140; i++) {
        char flipped = (char)(newest[i] ^ 4);
        assert_int_equal(pwrite(fd, &flipped, 1, at + i), 1);
        assert_mark(7);
        assert_int_equal(pwrite(fd, newest + i, 1, at + i), 1);
    }
    assert_mark(8);
    char both = 'x';
    struct mark_value value;
    assert_int_equal(pwrite(fd, &both, 1, 0), 1);
    assert_int_equal(pwrite(fd, &both, 1, 4096), 1);
    assert_int_equal(mark_read(&value, path), ERR_CORRUPT);
    assert_int_equal(ftruncate(fd, 4096), 0);
    assert_int_equal(mark_read(&value, path), ERR_CORRUPT);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(mark_read(&value, path), ERR_CORRUPT);
    assert_int_equal(mark_open(&mark, path), ERR_CORRUPT);
    (void)close(fd);
}

static void removed_under_us(void **state) {
    (void)state;
    struct mark *mark;
    struct mark_value value = value_at(1);
    char other[128];
    (void)snprintf(other, sizeof other, "%s.other", path);
    assert_int_equal(mark_open(&mark, path), ERR_OK);
    assert_int_equal(mark_write(mark, &value), ERR_OK);
    /* A file that the next start will not find protects nothing: a fault, which stays one. */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mark_write(mark, &value), ERR_IO);
    assert_int_equal(mark_write(mark, &value), ERR_LATCHED);
    mark_close(mark);
    /* Another file under its name; the same under two. */
    for (int i = 0; i < 2; i++) {
        (void)unlink(path);
        assert_int_equal(mark_open(&mark, path), ERR_OK);
        assert_int_equal(mark_write(mark, &value), ERR_OK);
        assert_int_equal(link(path, other), 0);
        if (i == 0) {
            assert_int_equal(unlink(path), 0);
            const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
            assert_true(fd >= 0);
            (void)close(fd);
        }
        assert_int_equal(mark_write(mark, &value), ERR_IO);
        assert_int_equal(mark_write(mark, &value), ERR_LATCHED);
        mark_close(mark);
        assert_int_equal(unlink(other), 0);
    }
    /* A link, as a mark, is not followed. */
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(symlink(other, path), 0);
    assert_int_equal(mark_open(&mark, path), ERR_PLACE);
    assert_int_equal(mark_read(&value, path), ERR_PLACE);
    assert_int_equal(unlink(other), 0);
    assert_int_equal(unlink(path), 0);
}

static bool hash_at(void *context, uint64_t height, uint8_t out32[32]) {
    (void)context;
    struct mark_value value = value_at(height);
    memcpy(out32, value.hash, 32);
    return true;
}
static bool hash_fault(void *context, uint64_t height, uint8_t out32[32]) {
    (void)context;
    (void)height;
    (void)out32;
    return false;
}

static void rule_at_start(void **state) {
    (void)state;
    char message[512] = "";
    struct mark_value data = value_at(9), genesis = value_at(0), mark = value_at(9);
    assert_int_equal(mark_judge(&mark, true, &data, hash_at, NULL, message, sizeof message), ERR_OK);  /* equal */
    mark = value_at(6);
    assert_int_equal(mark_judge(&mark, true, &data, hash_at, NULL, message, sizeof message), ERR_OK);  /* behind */
    assert_int_equal(mark_judge(NULL, false, &genesis, hash_at, NULL, message, sizeof message), ERR_OK); /* nothing signed yet */
    assert_int_equal(mark_judge(NULL, false, NULL, hash_at, NULL, message, sizeof message), ERR_OK);
    assert_string_equal(message, "");

    assert_int_equal(mark_judge(NULL, false, &data, hash_at, NULL, message, sizeof message), ERR_ROLLBACK); /* missing */
    assert_non_null(strstr(message, "block 9"));
    assert_non_null(strstr(message, "nothing may be signed here"));
    mark = value_at(12);
    assert_int_equal(mark_judge(&mark, true, &data, hash_at, NULL, message, sizeof message), ERR_ROLLBACK); /* ahead */
    assert_non_null(strstr(message, "block 9"));
    assert_non_null(strstr(message, "block 12"));
    assert_non_null(strstr(message, "nothing may be signed here"));
    assert_int_equal(mark_judge(&mark, true, NULL, hash_at, NULL, message, sizeof message), ERR_ROLLBACK); /* no data at all */
    mark = value_at(8);
    mark.hash[31] ^= 1;
    assert_int_equal(mark_judge(&mark, true, &data, hash_at, NULL, message, sizeof message), ERR_ROLLBACK); /* different */
    assert_non_null(strstr(message, "lock 8"));
    assert_non_null(strstr(message, "block 9"));
    assert_int_equal(mark_judge(&mark, true, &data, hash_fault, NULL, message, sizeof message), ERR_CORRUPT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(write_and_read, setup, teardown),
        cmocka_unit_test_setup_teardown(cut_write, setup, teardown),
        cmocka_unit_test_setup_teardown(removed_under_us, setup, teardown),
        cmocka_unit_test(rule_at_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
