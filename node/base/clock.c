#include "node/base/clock.h"

#include <limits.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "ledger/base/limits.h"

static int64_t read_ms(clockid_t id) {
    struct timespec now;
    ASSERT(clock_gettime(id, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_now_ms(void *context) {
    (void)context;
    return read_ms(CLOCK_REALTIME);
}

int64_t clock_monotonic_ms(void) { return read_ms(CLOCK_MONOTONIC); }
int64_t clock_boot_ms(void) { return read_ms(CLOCK_BOOTTIME); }

/* A timer that is never reached: its only event is that the clock is set. -1: none to be had, and the waiting ends by its time. */
static int clock_set_fd(void) {
    const struct itimerspec far = {.it_value = {.tv_sec = TIME_MS_MAX / 1000}};
    int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (fd < 0 || timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL) == 0) return fd;
    (void)close(fd);
    return -1;
}

void clock_wait(int64_t ms, int stop_fd) {
    struct pollfd waits[2] = {{.fd = stop_fd, .events = POLLIN}, {.fd = clock_set_fd(), .events = POLLIN}};
    if (ms > INT_MAX) ms = INT_MAX;
    if (ms > 0) (void)poll(waits, 2, (int)ms); /* a negative descriptor is passed over */
    if (waits[1].fd >= 0) (void)close(waits[1].fd);
}

void clock_text(char out[CLOCK_TEXT_LEN + 1], int64_t time_ms) {
    if (time_ms < 0) time_ms = 0;
    if (time_ms > TIME_MS_MAX) time_ms = TIME_MS_MAX;
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm utc;
    ASSERT(gmtime_r(&seconds, &utc) != NULL);
    /* Bounded by TIME_MS_MAX; the remainders are for the compiler, which cannot know. */
    int len = snprintf(out, CLOCK_TEXT_LEN + 1, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", (utc.tm_year + 1900) % 10000, (utc.tm_mon + 1) % 100,
                       utc.tm_mday % 100, utc.tm_hour % 100, utc.tm_min % 100, utc.tm_sec % 100, (int)(time_ms % 1000));
    ASSERT(len == CLOCK_TEXT_LEN);
}
