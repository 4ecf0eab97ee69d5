#include "tools/document/beijing.h"

#include <inttypes.h>
#include <stdio.h>

#define SECOND_MS 1000
#define DAY_S 86400
#define ZONE_S (8 * 3600)
#define YEAR_MAX 99999

/* Rounds down, also before 1970. */
static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

/* Days since 1970-01-01 to a date of the Gregorian calendar. Years are counted from March, so that a leap day ends its year, and in eras of 400 of them. */
static void beijing_date_of(int64_t day, int64_t *year, int64_t *month, int64_t *dom) {
    const int64_t shifted = day + 719468, era = floor_div(shifted, 146097), of_era = shifted - era * 146097;
    const int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100), march = (5 * of_year + 2) / 153;
    *dom = of_year - (153 * march + 2) / 5 + 1;
    *month = march < 10 ? march + 3 : march - 9;
    *year = year_of_era + era * 400 + (*month <= 2);
}

void beijing_text(char out[BEIJING_TEXT], int64_t ms) {
    const int64_t seconds = floor_div(ms, SECOND_MS) + ZONE_S, day = floor_div(seconds, DAY_S), of_day = seconds - day * DAY_S;
    int64_t year, month, dom;
    beijing_date_of(day, &year, &month, &dom);
    if (year < 1 || year > YEAR_MAX) (void)snprintf(out, BEIJING_TEXT, "-");
    else
        (void)snprintf(out, BEIJING_TEXT, "%04u-%02u-%02u %02u:%02u:%02u +08:00", (unsigned)year, (unsigned)month % 100u, (unsigned)dom % 100u, (unsigned)(of_day / 3600) % 100u,
                       (unsigned)(of_day / 60 % 60), (unsigned)(of_day % 60));
}

void beijing_day(char out[BEIJING_TEXT], int64_t ms) {
    beijing_text(out, ms);
    char *space = strchr(out, ' ');
    if (space) *space = '\0';
}
