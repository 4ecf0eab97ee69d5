/* Times as text: what v1 signatures and OFD files hold in many forms. */
#include "crypto/seal/date.h"
#include "crypto/seal/ses.h"

#define BEIJING_MINUTES 480

struct scan {
    const uint8_t *p, *end;
};

static bool ses_time_literal(struct scan *scan, char c) {
    if (scan->p == scan->end || *scan->p != (uint8_t)c) return false;
    scan->p++;
    return true;
}

static bool ses_time_digits(struct scan *scan, unsigned count, unsigned *value) {
    *value = 0;
    for (unsigned i = 0; i < count; i++) {
        if (scan->p == scan->end || *scan->p < '0' || *scan->p > '9') return false;
        *value = *value * 10 + (unsigned)(*scan->p++ - '0');
    }
    return true;
}

static unsigned digits_ahead(struct scan scan) {
    unsigned count = 0, value;
    while (ses_time_digits(&scan, 1, &value)) count++;
    return count;
}

/* yyyyMMddHHmmss or yyMMddHHmmss */
static bool run_of_digits(struct scan *scan, unsigned year_digits, unsigned field[6]) {
    if (!ses_time_digits(scan, year_digits, &field[0])) return false;
    if (year_digits == 2) field[0] += field[0] < 50 ? 2000 : 1900;
    for (unsigned i = 1; i < 6; i++) {
        if (!ses_time_digits(scan, 2, &field[i])) return false;
    }
    return true;
}

static bool with_marks(struct scan *scan, unsigned field[6]) {
    return ses_time_digits(scan, 4, &field[0]) && ses_time_literal(scan, '-') && ses_time_digits(scan, 2, &field[1]) && ses_time_literal(scan, '-') && ses_time_digits(scan, 2, &field[2]) &&
           (ses_time_literal(scan, 'T') || ses_time_literal(scan, ' ')) && ses_time_digits(scan, 2, &field[3]) && ses_time_literal(scan, ':') && ses_time_digits(scan, 2, &field[4]) &&
           ses_time_literal(scan, ':') && ses_time_digits(scan, 2, &field[5]);
}

/* Milliseconds; what is finer is cut. */
static bool ses_time_fraction(struct scan *scan, unsigned *ms) {
    unsigned count = 0, digit;
    *ms = 0;
    if (!ses_time_literal(scan, '.')) return true;
    for (unsigned scale = 100; ses_time_digits(scan, 1, &digit); scale /= 10, count++) *ms += digit * scale;
    return count >= 1 && count <= 9;
}

/* Minutes east of Greenwich. */
static bool ses_time_zone(struct scan *scan, int *minutes) {
    unsigned hour, minute;
    *minutes = 0;
    if (ses_time_literal(scan, 'Z')) return true;
    const bool east = ses_time_literal(scan, '+');
    if (!east && !ses_time_literal(scan, '-')) return false;
    if (!ses_time_digits(scan, 2, &hour)) return false;
    (void)ses_time_literal(scan, ':');
    if (!ses_time_digits(scan, 2, &minute) || hour > 14 || minute > 59) return false;
    *minutes = (int)(hour * 60 + minute) * (east ? 1 : -1);
    return true;
}

bool ses_time_text(int64_t *ms, struct bytes text) {
    struct scan scan = {text.data, text.data};
    unsigned field[6], parts = 0;
    int minutes = BEIJING_MINUTES;
    if (text.len == 0) return false;
    scan.end += text.len;
    const unsigned run = digits_ahead(scan);
    if (run == 4 ? !with_marks(&scan, field) : (run != 12 && run != 14) || !run_of_digits(&scan, run - 10, field)) return false;
    if (run != 12 && !ses_time_fraction(&scan, &parts)) return false;
    /* twelve digits without a zone could be anything */
    if ((run == 12 || scan.p != scan.end) && !ses_time_zone(&scan, &minutes)) return false;
    if (scan.p != scan.end || !date_ms(ms, field)) return false;
    *ms += parts - INT64_C(60000) * minutes;
    return true;
}
