/* The lease: durable, whole after a cut write, and its newest line counts even where its time is the earlier one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "ledger/base/limits.h"
#include "node/engine/durable.h"
#include "node/engine/lease.h"

static char dir[64], path[96];

static int setup(void **state) {
    (void)state;
    if (!hash_setup()) return 1;
    (void)snprintf(dir, sizeof dir, "%s", "/tmp/licet-lease-XXXXXX");
    if (!mkdtemp(dir)) return 1;
    (void)snprintf(path, sizeof path, "%s/mark" LEASE_SUFFIX, dir);
    return 0;
}
static int teardown(void **state) {
    (void)state;
    (void)unlink(path);
    return rmdir(dir);
}

static void assert_leased(int64_t time_ms) {
    int64_t found;
    assert_int_equal(lease_read(&found, path), ERR_OK);
    assert_int_equal(found, time_ms);
}

static void write_and_read(void **state) {
    (void)state;
    struct lease *lease;
    int64_t found;
    assert_int_equal(lease_read(&found, path), ERR_ABSENT);
    assert_int_equal(lease_open(&lease, path), ERR_OK);
    assert_int_equal(lease_time_ms(lease), 0);
    assert_int_equal(access(path, F_OK), -1);
    static const int64_t times[] = {1000, 2000, 1500, 3000, 0, 253402300799999}; /* 1500: a clean stop */
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        assert_int_equal(lease_write(lease, times[i]), ERR_OK);
        assert_leased(times[i]);
        if (i % 2 == 0) continue;
        lease_close(lease);
        assert_int_equal(lease_open(&lease, path), ERR_OK);
        assert_int_equal(lease_time_ms(lease), times[i]);
    }
    lease_close(lease);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void cut_write(void **state) {
    (void)state;
    struct lease *lease;
    assert_int_equal(lease_open(&lease, path), ERR_OK);
    assert_int_equal(lease_write(lease, 7000), ERR_OK);
    assert_int_equal(lease_write(lease, 6500), ERR_OK);
    lease_close(lease);
    char whole[8193];
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_int_equal(read(fd, whole, sizeof whole), 8192);
    const off_t newest = strncmp(whole, "licet-notes 1 write 2 ", 22) == 0 ? 0 : 4096;
    for (off_t at = newest; at < newest + 70; at++) {
        char flipped = (char)(whole[at] ^ 4);
        assert_int_equal(pwrite(fd, &flipped, 1, at), 1);
        assert_leased(7000);
        assert_int_equal(pwrite(fd, whole + at, 1, at), 1);
    }
    assert_leased(6500);
    int64_t found;
    assert_int_equal(pwrite(fd, "x", 1, 0), 1);
    assert_int_equal(pwrite(fd, "x", 1, 4096), 1);
    assert_int_equal(lease_read(&found, path), ERR_CORRUPT);
    lease = (struct lease *)&found; /* nobody's: a fault leaves none behind */
    assert_int_equal(lease_open(&lease, path), ERR_CORRUPT);
    assert_null(lease);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(lease_read(&found, path), ERR_CORRUPT);
    (void)close(fd);
}

/* A line whose hash is right and whose words no lease writes does not count: the line before it does. */
static void strange_words(void **state) {
    (void)state;
    static const struct { const char *text; int64_t read; } rows[] = {
        {"licet-notes 1 write 2 time -1", 7000},
        {"licet-notes 1 write 2 time -9223372036854775808", 7000},
        {"licet-notes 1 write 2 time 253402300800000", 7000},
        {"licet-notes 1 write 2 time 253402300799999", TIME_MS_MAX},
        {"licet-notes 1 write 0 time 8000", 7000},
        {"licet-notes 1 write 2 time 08000", 7000},
        {"licet-notes 1 write 2 time 8000 ", 7000},
        {"licet-notes 2 write 2 time 8000", 7000},
        {"licet-notes 1 write 2 time 8000", 8000},
        {"licet-notes 1 write 2 time 0", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct lease *lease;
        struct durable *durable;
        struct durable_lines lines;
        bool there;
        int64_t found;
        assert_int_equal(lease_open(&lease, path), ERR_OK);
        assert_int_equal(lease_write(lease, 7000), ERR_OK);
        lease_close(lease);
        assert_int_equal(durable_open(&durable, &lines, path, &there), ERR_OK);
        durable_keep(durable, lines.good[0] ? 0 : 1);
        assert_int_equal(durable_write(durable, rows[i].text), ERR_OK);
        durable_close(durable);
        assert_int_equal(lease_read(&found, path), ERR_OK);
        if (found != rows[i].read) fail_msg("%s: %lld", rows[i].text, (long long)found);
        assert_int_equal(unlink(path), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(write_and_read, setup, teardown),
        cmocka_unit_test_setup_teardown(cut_write, setup, teardown),
        cmocka_unit_test_setup_teardown(strange_words, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
