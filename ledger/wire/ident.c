#include "ledger/wire/ident.h"

#define DAY_MS 86400000LL
#define SHANGHAI_MS (8LL * 3600 * 1000) /* UTC+8, no daylight saving: a legal day begins at 16:00 UTC of the day before */

/* Position in the text, or -1. Written out, because strchr would also find the NUL. */
static int ident_value_in(const char *alphabet, int count, char c) {
    for (int i = 0; i < count; i++) {
        if (alphabet[i] == c) return i;
    }
    return -1;
}

static const char ALPHABET_36[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char ALPHABET_USCC[] = "0123456789ABCDEFGHJKLMNPQRTUWXY"; /* GB 32100: no I O S V Z */
#define USCC_BASE 31

static bool is_code_char(uint8_t c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); }
static int value_36(uint8_t c) { return is_digit(c) ? c - '0' : c - 'A' + 10; }

static bool ident_all_digits(const uint8_t *p, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(p[i])) return false;
    }
    return true;
}

static bool all_code_chars(struct bytes text) {
    for (size_t i = 0; i < text.len; i++) {
        if (!is_code_char(text.data[i])) return false;
    }
    return true;
}

/* ---- credit code, citizen identity number, type code ---- */

char uscc_check_char(const char code17[17]) {
    int sum = 0, weight = 1; /* weight of place i is 3^i mod 31 */
    for (int i = 0; i < 17; i++) {
        const int value = ident_value_in(ALPHABET_USCC, USCC_BASE, code17[i]);
        if (value < 0) return '\0';
        sum += value * weight;
        weight = weight * 3 % USCC_BASE;
    }
    return ALPHABET_USCC[(USCC_BASE - sum % USCC_BASE) % USCC_BASE];
}

bool uscc_check(struct bytes code) {
    if (code.len != USCC_LEN) return false;
    const char check = uscc_check_char((const char *)code.data);
    return check != '\0' && (char)code.data[17] == check;
}

char citizen_id_check_char(const char id17[17]) {
    static const int weight[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 17; i++) {
        if (!is_digit((uint8_t)id17[i])) return '\0';
        sum += (id17[i] - '0') * weight[i];
    }
    return "10X98765432"[sum % 11];
}

static int digits_value(const uint8_t *p, size_t len) {
    int value = 0;
    for (size_t i = 0; i < len; i++) value = value * 10 + (p[i] - '0');
    return value;
}

bool citizen_id_check(struct bytes id) {
    if (id.len != 18) return false;
    const char check = citizen_id_check_char((const char *)id.data);
    if (check == '\0' || (char)id.data[17] != check) return false;
    /* The region prefix is not looked up: codes of regions that were renamed or merged stay in people's numbers. */
    int32_t day;
    return day_from_ymd(&day, digits_value(id.data + 6, 4), digits_value(id.data + 10, 2), digits_value(id.data + 12, 2));
}

bool type_code_check(struct bytes code) {
    if (code.len != TYPE_CODE_LEN || !ident_all_digits(code.data + USCC_LEN, 3)) return false;
    for (size_t i = 0; i < USCC_LEN; i++) {
        if (ident_value_in(ALPHABET_USCC, USCC_BASE, (char)code.data[i]) < 0) return false;
    }
    return true;
}

/* ---- licence identifier ---- */

/* One step of ISO 7064 MOD 37,36 (GB/T 17710). state starts at 36. */
static int iso_step(int state, uint8_t c) {
    int sum = (state + value_36(c)) % 36;
    if (sum == 0) sum = 36; /* left out by some writers, whose check characters then differ */
    return sum * 2 % 37;
}

/* The rule that two systems in Shandong follow: letters count from 11 and the sum wraps at 37 for them, at 36 for digits.
 * Not in the standard; found by its results (docs/FORMATS.md). */
static int shandong_step(int state, uint8_t c) {
    const int value = is_digit(c) ? c - '0' : c - 'A' + 11;
    int sum = state + value;
    if (value > 10 && sum > 37) {
        sum %= 37;
    } else if (value < 10 && sum > 36) {
        sum %= 36;
    }
    sum %= 36;
    if (sum == 0) sum = 36;
    return sum * 2 % 37;
}

static char check_char(const struct bytes parts[4], enum identifier_rule rule) {
    int state = 36;
    for (int part = 0; part < 4; part++) {
        for (size_t i = 0; i < parts[part].len; i++) {
            const uint8_t c = parts[part].data[i];
            state = rule == RULE_SHANDONG ? shandong_step(state, c) : iso_step(state, c);
        }
    }
    /* state is 1..36, because 37 is prime and the doubled sum is never a multiple of it */
    return rule == RULE_SHANDONG ? ALPHABET_36[36 - state] : ALPHABET_36[(37 - state) % 36];
}

static bool issuer_ok(struct bytes issuer) { return (issuer.len == 6 || issuer.len == USCC_LEN) && all_code_chars(issuer); }
static bool serial_ok(struct bytes serial) { return serial.len >= 1 && serial.len <= 64 && all_code_chars(serial); }

/* Cuts off what stands before the next dot; false where there is none. */
static bool next_part(struct bytes *part, struct bytes *rest) {
    const uint8_t *dot = rest->len ? memchr(rest->data, '.', rest->len) : NULL;
    if (dot == NULL) return false;
    *part = bytes_of(rest->data, (size_t)(dot - rest->data));
    *rest = bytes_of(dot + 1, rest->len - part->len - 1);
    return true;
}

enum code identifier_parse(struct identifier *out, struct bytes text) {
    const size_t root_len = sizeof IDENTIFIER_ROOT - 1;
    if (text.len > IDENTIFIER_MAX || text.len <= root_len || memcmp(text.data, IDENTIFIER_ROOT, root_len) != 0) {
        return CODE_IDENTIFIER_INVALID;
    }
    struct bytes rest = bytes_of(text.data + root_len, text.len - root_len);
    struct bytes parts[4];
    for (int i = 0; i < 4; i++) {
        if (!next_part(&parts[i], &rest)) return CODE_IDENTIFIER_INVALID;
    }
    if (!type_code_check(parts[0]) || !issuer_ok(parts[1]) || !serial_ok(parts[2])) return CODE_IDENTIFIER_INVALID;
    if (parts[3].len != 3 || !ident_all_digits(parts[3].data, 3)) return CODE_IDENTIFIER_INVALID;
    if (rest.len != 1 || !is_code_char(rest.data[0])) return CODE_IDENTIFIER_INVALID;
    const int version = digits_value(parts[3].data, 3);
    if (version == 0) return CODE_IDENTIFIER_INVALID;

    const char check = (char)rest.data[0];
    enum identifier_rule rule = RULE_NONE;
    if (check == check_char(parts, RULE_ISO7064)) {
        rule = RULE_ISO7064;
    } else if (check == check_char(parts, RULE_SHANDONG)) {
        rule = RULE_SHANDONG;
    }
    *out = (struct identifier){parts[0], parts[1], parts[2], parts[3], (uint32_t)version, check, rule};
    return CODE_OK;
}

static size_t ident_put(char *out, size_t at, struct bytes part, char after) {
    memcpy(out + at, part.data, part.len);
    out[at + part.len] = after;
    return at + part.len + 1;
}

size_t identifier_build(char out[IDENTIFIER_MAX + 1], struct bytes type, struct bytes issuer, struct bytes serial, uint32_t version) {
    _Static_assert(sizeof IDENTIFIER_ROOT - 1 + TYPE_CODE_LEN + 1 + USCC_LEN + 1 + 64 + 1 + 3 + 1 + 1 <= IDENTIFIER_MAX, "the longest fits");
    if (!type_code_check(type) || !issuer_ok(issuer) || !serial_ok(serial) || version < 1 || version > 999) return 0;
    const uint8_t digits[3] = {(uint8_t)('0' + version / 100), (uint8_t)('0' + version / 10 % 10), (uint8_t)('0' + version % 10)};
    const struct bytes parts[4] = {type, issuer, serial, bytes_of(digits, 3)};
    size_t at = sizeof IDENTIFIER_ROOT - 1;
    memcpy(out, IDENTIFIER_ROOT, at);
    for (int i = 0; i < 4; i++) at = ident_put(out, at, parts[i], '.');
    out[at++] = check_char(parts, RULE_ISO7064);
    out[at] = '\0';
    return at;
}

/* ---- calendar (proleptic Gregorian) ---- */

static bool leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

/* Days from 1970-01-01 to the first of March of `year`: years are counted from March, so that the leap day comes last. */
static int32_t march_first(int year) {
    const int32_t y = year;
    return y * 365 + y / 4 - y / 100 + y / 400 - 719468;
}

bool day_from_ymd(int32_t *day, int year, int month, int dayofmonth) {
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1900 || year > 9999 || month < 1 || month > 12 || dayofmonth < 1) return false;
    if (dayofmonth > days[month - 1] + (month == 2 && leap(year) ? 1 : 0)) return false;
    const int from_march = (month + 9) % 12; /* March 0 .. February 11 */
    const int32_t start = march_first(month > 2 ? year : year - 1);
    *day = start + (153 * from_march + 2) / 5 + dayofmonth - 1; /* months from March run 31 30 31 30 31 | 31 30 ... */
    ASSERT(*day >= DAY_MIN && *day <= DAY_MAX);
    return true;
}

static void ymd_from_day(int *year, int *month, int *dayofmonth, int32_t day) {
    int y = 1970 + day / 366; /* from below for later days, from above for earlier ones; at most a few steps to go */
    while (march_first(y) > day) y--;
    while (march_first(y + 1) <= day) y++;
    const int in_year = day - march_first(y);
    const int from_march = (5 * in_year + 2) / 153;
    *dayofmonth = in_year - (153 * from_march + 2) / 5 + 1;
    *month = from_march < 10 ? from_march + 3 : from_march - 9;
    *year = from_march < 10 ? y : y + 1;
}

static void ident_put_digits(char *out, int value, int count) {
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + value % 10);
        value /= 10;
    }
}

void day_to_text(char out[11], int32_t day) {
    ASSERT(day >= DAY_MIN && day <= DAY_MAX);
    int year, month, dayofmonth;
    ymd_from_day(&year, &month, &dayofmonth, day);
    ident_put_digits(out, year, 4);
    out[4] = '-';
    ident_put_digits(out + 5, month, 2);
    out[7] = '-';
    ident_put_digits(out + 8, dayofmonth, 2);
    out[10] = '\0';
}

bool day_from_text(int32_t *day, struct bytes text) {
    const uint8_t *p = text.data;
    if (text.len != 10 || p[4] != '-' || p[7] != '-') return false;
    if (!ident_all_digits(p, 4) || !ident_all_digits(p + 5, 2) || !ident_all_digits(p + 8, 2)) return false;
    return day_from_ymd(day, digits_value(p, 4), digits_value(p + 5, 2), digits_value(p + 8, 2));
}

/* Rounds towards the past. Anything outside the calendar is held at its ends, so that no time makes a day wrap round. */
static int32_t day_of(int64_t time_ms, int64_t offset_ms) {
    const int64_t low = (int64_t)DAY_MIN * DAY_MS, high = TIME_MS_MAX;
    int64_t t = time_ms < low ? low : time_ms > high ? high : time_ms;
    t += offset_ms;
    int64_t day = t / DAY_MS;
    if (t % DAY_MS < 0) day--;
    return (int32_t)(day > DAY_MAX ? DAY_MAX : day);
}

int32_t day_in_shanghai(int64_t time_ms) { return day_of(time_ms, SHANGHAI_MS); }
int32_t day_in_utc(int64_t time_ms) { return day_of(time_ms, 0); }

void time_to_text(char out[25], int64_t time_ms) {
    const int64_t low = (int64_t)DAY_MIN * DAY_MS;
    const int64_t t = time_ms < low ? low : time_ms > TIME_MS_MAX ? TIME_MS_MAX : time_ms;
    const int32_t day = day_in_utc(t);
    const int ms = (int)(t - day * DAY_MS);
    day_to_text(out, day);
    out[10] = 'T';
    ident_put_digits(out + 11, ms / 3600000, 2);
    out[13] = ':';
    ident_put_digits(out + 14, ms / 60000 % 60, 2);
    out[16] = ':';
    ident_put_digits(out + 17, ms / 1000 % 60, 2);
    out[19] = '.';
    ident_put_digits(out + 20, ms % 1000, 3);
    out[23] = 'Z';
    out[24] = '\0';
}
