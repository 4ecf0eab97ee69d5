#include "node/clock.h"

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
    char whole[20];
    ASSERT(strftime(whole, sizeof whole, "%Y-%m-%dT%H:%M:%S", &utc) == sizeof whole - 1);
    memcpy(out, whole, sizeof whole - 1);
    int ms = (int)(time_ms % 1000);
    out[19] = '.';
    out[20] = (char)('0' + ms / 100);
    out[21] = (char)('0' + ms / 10 % 10);
    out[22] = (char)('0' + ms % 10);
    out[23] = 'Z';
    out[24] = '\0';
}
