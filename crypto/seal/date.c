#include "crypto/seal/date.h"

/* Days from 1970-01-01 in the Gregorian calendar, with years that begin in March so that the leap day comes last. */
static int64_t days_of(unsigned year, unsigned month, unsigned day) {
    const int64_t y = (int64_t)year - (month <= 2);
    const int64_t m = month > 2 ? month - 3 : month + 9;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

bool date_ms(int64_t *ms, const unsigned field[6]) {
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const unsigned year = field[0], month = field[1], day = field[2];
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return false;
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (day > days[month - 1] + (month == 2 && leap ? 1u : 0u)) return false;
    if (field[3] > 23 || field[4] > 59 || field[5] > 59) return false;
    *ms = days_of(year, month, day) * MS_PER_DAY + ((int64_t)field[3] * 3600 + (int64_t)field[4] * 60 + field[5]) * 1000;
    return true;
}
