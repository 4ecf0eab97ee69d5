#include "node/base/clock.h"

#include <time.h>

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
