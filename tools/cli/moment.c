#include "tools/cli/moment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger/wire/ident.h"
#include "tools/document/beijing.h"

#define DAY_MS 86400000ll
#define BEIJING_MS (8 * 3600000ll)

int64_t time_now_ms(void) {
    struct timespec now;
    ASSERT(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool day_parse(int32_t *day, const char *text) {
    char dashed[11];
    if (strlen(text) == 8 && strspn(text, "0123456789") == 8) {
        (void)snprintf(dashed, sizeof dashed, "%.4s-%.2s-%.2s", text, text + 4, text + 6);
        text = dashed;
    }
    return day_from_text(day, bytes_text(text));
}

/* Two digits up to max. */
static bool two(int64_t *out, const char *text, int64_t max) {
    if (strspn(text, "0123456789") < 2) return false;
    *out = (text[0] - '0') * 10 + (text[1] - '0');
    return *out <= max;
}

bool moment_parse(int64_t *ms, const char *text) {
    int32_t day;
    int64_t hour, minute, second, zone_hour = 0, zone_minute = 0;
    char date[11];
    if (strlen(text) <= 10) {
        if (!day_parse(&day, text)) return false;
        *ms = ((int64_t)day + 1) * DAY_MS - BEIJING_MS - 1; /* a certificate of that day is in force, whenever it began */
        return true;
    }
    (void)snprintf(date, sizeof date, "%.10s", text);
    if (!day_parse(&day, date) || date[4] != '-' || strlen(text) < 20 || (text[10] != 'T' && text[10] != ' ')) return false;
    if (!two(&hour, text + 11, 23) || text[13] != ':' || !two(&minute, text + 14, 59) || text[16] != ':' || !two(&second, text + 17, 59)) return false;
    const char *zone = text + 19;
    int64_t fraction = 0;
    if (*zone == '.') {
        const size_t digits = strspn(++zone, "0123456789");
        if (digits == 0 || digits > 9) return false;
        for (size_t i = 0; i < 3; i++) fraction = fraction * 10 + (i < digits ? zone[i] - '0' : 0);
        zone += digits;
    }
    bool utc = strcmp(zone, "Z") == 0;
    if (!utc && (strlen(zone) != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':' || !two(&zone_hour, zone + 1, 14) || !two(&zone_minute, zone + 4, 59)))
        return false;
    int64_t offset = (zone_hour * 60 + zone_minute) * 60000 * (zone[0] == '-' ? -1 : 1);
    *ms = (int64_t)day * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + fraction - (utc ? 0 : offset);
    return true;
}

bool age_parse(int64_t *ms, const char *text) {
    char *end;
    if (text[0] < '0' || text[0] > '9' || strlen(text) > 10) return false;
    int64_t number = strtoll(text, &end, 10), unit = 1000;
    if (strcmp(end, "m") == 0) unit = 60000;
    else if (strcmp(end, "h") == 0) unit = 3600000;
    else if (strcmp(end, "d") == 0) unit = 86400000;
    else if (*end && strcmp(end, "s") != 0) return false;
    *ms = number * unit;
    return true;
}

const char *cli_moment(char out[MOMENT_SHOWN], const char *rfc3339) {
    int64_t ms;
    if (!rfc3339 || strlen(rfc3339) <= 10 || !moment_parse(&ms, rfc3339)) return rfc3339;
    beijing_text(out, ms);
    return out;
}
