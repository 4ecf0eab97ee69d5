/* The log never makes its caller wait; what is dropped is counted and told. Busy threads; closed descriptors; core files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/process.h"
#include "node/base/busy.h"
#include "node/base/log.h"
#include "node/base/log_sink.h"

#define TEXT_CAP (4 * LOG_SINK_BYTES)

/* Reads until `wanted` is in the text, or nothing comes any more: then the test fails in its own time-out. */
static size_t read_until(int fd, char *text, size_t len, const char *wanted) {
    text[len] = '\0';
    while (!strstr(text, wanted)) {
        ssize_t got = read(fd, text + len, TEXT_CAP - 1 - len);
        assert_true(got > 0);
        len += (size_t)got;
        text[len] = '\0';
    }
    return len;
}

static void nobody_reads(void **state) {
    (void)state;
    static char text[TEXT_CAP], long_text[512];
    int ends[2];
    memset(long_text, 'x', sizeof long_text - 1);
    assert_int_equal(pipe(ends), 0);
    assert_true(fcntl(ends[1], F_SETPIPE_SZ, 4096) > 0);
    log_start();
    log_set_fd(ends[1]);
    const uint64_t before = log_dropped();
    unsigned lines = 0;
    while (log_dropped() < before + 10) { /* more than a pipe and the buffer hold: comes back each time */
        log_event(LOG_INFO, "line", log_uint("number", lines), log_text("a", long_text));
        lines++;
        assert_true(lines < 10000);
    }
    assert_true(lines > LOG_SINK_BYTES / 1024);
    log_drain(); /* ends though nobody reads */
    size_t len = read_until(ends[0], text, 0, "\"event\":\"log_lines_dropped\",\"count\":10}\n");
    assert_non_null(strstr(text, "\"event\":\"line\",\"number\":0,"));
    log_event(LOG_INFO, "last", log_bool("yes", true));
    len = read_until(ends[0], text, len, "\"event\":\"last\",\"yes\":true}\n");
    unsigned found = 0;
    for (const char *at = text; (at = strstr(at, "\"event\":\"line\"")); at++) found++;
    assert_int_equal(found, lines - 10);
    assert_int_equal(log_dropped(), before + 10);
    log_stop();
    log_set_fd(-1);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void a_stop_does_not_wait_for_ever(void **state) {
    (void)state;
    int ends[2], status;
    char filler[4096] = {0};
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[1], F_SETPIPE_SZ, 4096), 4096);
    assert_int_equal(write(ends[1], filler, sizeof filler), sizeof filler);
    pid_t child = fork(); /* its stuck thread ends with it */
    if (child == 0) {
        log_start();
        log_set_fd(ends[1]);
        log_event(LOG_INFO, "stuck", log_bool("yes", true));
        log_stop();
        log_event(LOG_INFO, "after", log_bool("yes", true));
        exit(7);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

static void busy(void **state) {
    (void)state;
    struct busy work = {0};
    int64_t now = clock_monotonic_ms();
    assert_false(busy_stuck(&work, now + 2 * BUSY_MS_MAX)); /* at rest for however long */
    busy_begin(&work);
    now = clock_monotonic_ms();
    assert_false(busy_stuck(&work, now));
    assert_true(busy_stuck(&work, now + BUSY_MS_MAX + 1));
    busy_end(&work);
    assert_false(busy_stuck(&work, now + 2 * BUSY_MS_MAX));
}

static void process(void **state) {
    (void)state;
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit;
        for (int fd = 0; fd < 3; fd++) (void)close(fd);
        process_descriptors();
        bool ok = write(STDERR_FILENO, "x", 1) < 0 && write(STDOUT_FILENO, "x", 1) < 0 && read(STDIN_FILENO, &status, 1) < 0;
        int next = open("/dev/null", O_RDONLY);
        ok = ok && next > STDERR_FILENO && process_keep_memory() && prctl(PR_GET_DUMPABLE) == 0;
        ok = ok && getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0;
        _exit(ok ? 7 : 8);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_reads), cmocka_unit_test(a_stop_does_not_wait_for_ever), cmocka_unit_test(busy), cmocka_unit_test(process)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
