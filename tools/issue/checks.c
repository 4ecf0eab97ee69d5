#include "tools/issue/checks.h"

#include "ledger/wire/record.h"

bool number_is_ruined(struct bytes number) {
    size_t at = 0, digits = 0, dots = 0;
    for (; at < number.len && (is_digit(number.data[at]) || number.data[at] == '.'); at++) {
        digits += is_digit(number.data[at]);
        dots += number.data[at] == '.';
    }
    if (digits == 0 || at + 2 >= number.len || (number.data[at] != 'E' && number.data[at] != 'e')) return false;
    at++;
    const bool sign = number.data[at] == '+' || number.data[at] == '-';
    if (!sign && dots != 1) return false; /* 123E45 may be a number of its own */
    for (at += sign; at < number.len; at++)
        if (!is_digit(number.data[at])) return false;
    return true;
}

enum number_tail number_tail(struct bytes number) {
    enum number_tail tail = TAIL_ZEROS;
    if (number.len < 16 || number.data[0] == '0') return TAIL_SHORT;
    for (size_t i = 0; i < number.len; i++) {
        if (!is_digit(number.data[i])) return TAIL_SHORT;
        if (i >= 15 && number.data[i] != '0') tail = TAIL_WHOLE;
    }
    return tail;
}

bool number_is_rounded(struct bytes number) { return number.len >= 18 && number_tail(number) == TAIL_ZEROS; }

bool value_is_lost(struct bytes text) {
    static const char *const errors[] = {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!"};
    bool same = text.len >= 2 && (text.data[0] == '#' || text.data[0] == '?');
    for (size_t i = 1; i < text.len && same; i++) same = text.data[i] == text.data[0];
    for (size_t i = 0; i < sizeof errors / sizeof *errors && !same; i++) same = bytes_equal(text, bytes_text(errors[i]));
    return same;
}

static bool is_one_of(struct bytes text, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (bytes_equal(text, bytes_text(words[i]))) return true;
    return false;
}

bool is_no_value(struct bytes text) {
    static const char *const words[] = {"-", "--", "---", "—", "——", "/", "//", "\\", "*", "无", "暂无", "待补", "待定", "不详", "空", "NULL", "null", "N/A", "n/a", "NONE", "none"};
    return is_one_of(text, words, sizeof words / sizeof *words);
}

struct bytes code_unwrap(struct bytes text) {
    if (text.len >= 3 && memcmp(text.data, "=\"", 2) == 0 && text.data[text.len - 1] == '"' && !memchr(text.data + 2, '"', text.len - 3))
        return bytes_of(text.data + 2, text.len - 3);
    return text.len > 1 && text.data[0] == '\'' && text.data[1] != '\'' ? bytes_of(text.data + 1, text.len - 1) : text;
}

enum code holder_code_check(uint32_t holder_kind, struct bytes code) {
    if (holder_kind == 1 && !uscc_check(code)) return CODE_USCC_INVALID;
    if (holder_kind == 111 && !citizen_id_check(code)) return CODE_ROW_ID_NUMBER;
    return CODE_OK;
}

#define DAY_1949 (-7670) /* 1949-01-01: nothing of ours is older */
#define AHEAD_MAX 731

enum code days_check(int32_t issued, int32_t from, int32_t today) {
    if (from < DAY_1949 || (issued != DAY_NONE && issued < DAY_1949)) return CODE_ROW_DATE_FAR;
    if (today == 0) return CODE_OK;
    if (issued != DAY_NONE && issued > today) return CODE_ROW_DATE_FAR;
    return from - today > AHEAD_MAX ? CODE_ROW_DATE_FAR : CODE_OK;
}

bool is_no_end(struct bytes text) {
    static const char *const words[] = {"长期", "长期有效", "永久", "永久有效", "无固定期限", "无期限", "无期", "无限期", "不限期", "不限", "终身", "终身有效", "至今", "∞", "UNLIMITED", "unlimited"};
    return is_no_value(text) || is_one_of(text, words, sizeof words / sizeof *words);
}

/* Behind a date: T or a space, and zeros between colons and dots; Z or Beijing's zone at most. */
static bool is_zero_time(struct bytes text) {
    bool zero = false;
    if (text.len > 6 && memcmp(text.data + text.len - 6, "+08:00", 6) == 0) text.len -= 6;
    if (text.len < 2 || (text.data[0] != 'T' && text.data[0] != ' ')) return false;
    for (size_t i = 1; i < text.len; i++) {
        const uint8_t c = text.data[i];
        if (c != '0' && c != ':' && c != '.' && !(c == ' ' && !zero) && !(c == 'Z' && zero && i + 1 == text.len)) return false;
        zero = zero || c == '0';
    }
    return zero;
}

static void skip_spaces(struct bytes *text) {
    while (text->len > 0 && text->data[0] == ' ') *text = bytes_of(text->data + 1, text->len - 1);
}

static bool takes(struct bytes *text, const char *word) {
    const size_t len = strlen(word);
    skip_spaces(text);
    if (text->len < len || memcmp(text->data, word, len) != 0) return false;
    *text = bytes_of(text->data + len, text->len - len);
    return true;
}

/* Up to `most` digits. */
static bool take_number(int *out, struct bytes *text, size_t most, size_t *digits) {
    *out = 0;
    skip_spaces(text);
    for (*digits = 0; *digits < most && text->len > 0 && is_digit(text->data[0]); (*digits)++) {
        *out = *out * 10 + (text->data[0] - '0');
        *text = bytes_of(text->data + 1, text->len - 1);
    }
    return *digits > 0;
}

bool stock_day_parse(int32_t *day, struct bytes text) {
    static const struct { const char *first, *second; } forms[] = {{"-", "-"}, {"/", "/"}, {".", "."}, {"年", "月"}};
    int year, month, date;
    size_t digits, form = 0;
    if (!take_number(&year, &text, 8, &digits)) return false;
    if (digits == 8) return (text.len == 0 || is_zero_time(text)) && day_from_ymd(day, year / 10000, year / 100 % 100, year % 100);
    if (digits != 4) return false;
    while (form < 4 && !takes(&text, forms[form].first)) form++;
    if (form == 4 || !take_number(&month, &text, 2, &digits) || !takes(&text, forms[form].second) || !take_number(&date, &text, 2, &digits)) return false;
    if (form == 3 && !takes(&text, "日") && !takes(&text, "号")) return false;
    return (text.len == 0 || is_zero_time(text)) && day_from_ymd(day, year, month, date);
}
