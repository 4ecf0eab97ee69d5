#include "tools/document/pdf_value.h"

bool pdf_is_space(uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == 0; }
bool pdf_ends_name(uint8_t c) { return pdf_is_space(c) || strchr("()<>[]{}/%", c) != NULL; }
static void drop(struct bytes *rest, size_t len) { *rest = bytes_from(*rest, len); }

void pdf_skip_space(struct bytes *rest) {
    while (rest->len > 0 && pdf_is_space(rest->data[0])) drop(rest, 1);
}

bool pdf_word(struct bytes *rest, const char *word) {
    struct bytes at = *rest;
    const size_t len = strlen(word);
    pdf_skip_space(&at);
    if (at.len < len || memcmp(at.data, word, len) != 0 || (at.len > len && !pdf_ends_name(at.data[len]))) return false;
    *rest = bytes_from(at, len);
    return true;
}

bool pdf_number(uint64_t *out, struct bytes *rest) {
    struct bytes at = *rest;
    size_t len = 0;
    pdf_skip_space(&at);
    for (*out = 0; len < at.len && is_digit(at.data[len]) && len < 16; len++) *out = *out * 10 + (uint64_t)(at.data[len] - '0');
    if (len == 0 || len == 16 || (len < at.len && !pdf_ends_name(at.data[len]))) return false;
    *rest = bytes_from(at, len);
    return true;
}

/* ---- one value ---- */

/* The length of "(...)" or "<...>"; 0: it has no end, or other bytes in it. */
static size_t literal_len(struct bytes text) {
    int open = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\\') i++;
        else if (text.data[i] == '(') open++;
        else if (text.data[i] == ')' && --open == 0) return i + 1;
    }
    return 0;
}
static size_t hex_len(struct bytes text) {
    for (size_t i = 1; i < text.len; i++) {
        const uint8_t c = text.data[i];
        if (c == '>') return i + 1;
        if (!is_digit(c) && !((c | 0x20) >= 'a' && (c | 0x20) <= 'f') && !pdf_is_space(c)) return 0;
    }
    return 0;
}
static size_t regular_len(struct bytes text) {
    size_t len = 0;
    while (len < text.len && !pdf_ends_name(text.data[len])) len++;
    return len;
}

static bool read_any(struct pdf_value *out, struct bytes *rest, int depth);

/* What stands between "<<" and ">>", or '[' and ']'. */
static bool read_inside(struct bytes *rest, bool dict, int depth) {
    struct pdf_value value;
    for (;;) {
        pdf_skip_space(rest);
        if (rest->len == 0) return false;
        if (!dict && rest->data[0] == ']') return drop(rest, 1), true;
        if (dict && rest->len >= 2 && memcmp(rest->data, ">>", 2) == 0) return drop(rest, 2), true;
        if (!read_any(&value, rest, depth + 1)) return false;
        if (!dict) continue;
        if (value.kind != PDF_NAME || memchr(value.text.data, '#', value.text.len)) return false;
        if (!read_any(&value, rest, depth + 1)) return false;
    }
}

static bool is_number(struct bytes text) {
    size_t digits = 0, dots = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (is_digit(text.data[i])) digits++;
        else if (text.data[i] == '.') dots++;
        else if (i > 0 || (text.data[i] != '-' && text.data[i] != '+')) return false;
    }
    return digits > 0 && dots <= 1;
}

/* A number, or the first of "7 0 R". Other generations than 0 are not read here. */
static bool read_regular(struct pdf_value *out, struct bytes *rest) {
    struct bytes ahead = *rest, text = bytes_of(rest->data, regular_len(*rest));
    uint64_t number, generation;
    if (pdf_number(&number, &ahead) && pdf_number(&generation, &ahead) && pdf_word(&ahead, "R")) {
        if (generation != 0 || number == 0 || number > UINT32_MAX) return false;
        *out = (struct pdf_value){.kind = PDF_REF, .number = (uint32_t)number};
        *rest = ahead;
        return true;
    }
    if (is_number(text)) out->kind = PDF_NUMBER;
    else if (bytes_equal(text, bytes_text("true")) || bytes_equal(text, bytes_text("false"))) out->kind = PDF_BOOLEAN;
    else if (bytes_equal(text, bytes_text("null"))) out->kind = PDF_NULL;
    else return false;
    drop(rest, text.len);
    return true;
}

static bool read_any(struct pdf_value *out, struct bytes *rest, int depth) {
    pdf_skip_space(rest);
    const uint8_t *first = rest->data;
    size_t len = 0;
    bool good = depth < PDF_DEPTH_MAX && rest->len > 0;
    if (!good) return false;
    *out = (struct pdf_value){.kind = PDF_STRING};
    if (rest->len >= 2 && memcmp(first, "<<", 2) == 0) {
        drop(rest, 2);
        good = read_inside(rest, true, depth);
        out->kind = PDF_DICT;
    } else if (*first == '[') {
        drop(rest, 1);
        good = read_inside(rest, false, depth);
        out->kind = PDF_ARRAY;
    } else if (*first == '(' || *first == '<') {
        len = *first == '(' ? literal_len(*rest) : hex_len(*rest);
        good = len > 0;
    } else if (*first == '/') {
        len = 1 + regular_len(bytes_from(*rest, 1));
        out->kind = PDF_NAME;
    } else {
        good = read_regular(out, rest);
    }
    if (!good) return false;
    drop(rest, len);
    out->text = bytes_of(first, (size_t)(rest->data - first));
    return true;
}

bool pdf_value_read(struct pdf_value *out, struct bytes *rest) { return read_any(out, rest, 0); }

/* ---- in dictionaries and arrays ---- */

bool pdf_dict_read(struct pdf_dict *out, const struct pdf_value *value) {
    out->count = 0;
    if (value->kind != PDF_DICT) return false;
    struct bytes rest = bytes_of(value->text.data + 2, value->text.len - 4);
    struct pdf_value key;
    for (pdf_skip_space(&rest); rest.len > 0; pdf_skip_space(&rest)) {
        struct pdf_pair *pair = &out->pairs[out->count];
        if (out->count == PDF_KEYS_MAX || !pdf_value_read(&key, &rest) || !pdf_value_read(&pair->value, &rest)) return false;
        pair->key = bytes_from(key.text, 1);
        for (size_t i = 0; i < out->count; i++)
            if (bytes_equal(out->pairs[i].key, pair->key)) return false;
        out->count++;
    }
    return true;
}

bool pdf_key_is(const struct pdf_pair *pair, const char *key) { return bytes_equal(pair->key, bytes_text(key)); }

const struct pdf_value *pdf_dict_get(const struct pdf_dict *dict, const char *key) {
    for (size_t i = 0; i < dict->count; i++)
        if (pdf_key_is(&dict->pairs[i], key)) return &dict->pairs[i].value;
    return NULL;
}

bool pdf_name_is(const struct pdf_value *value, const char *name) {
    return value && value->kind == PDF_NAME && bytes_equal(bytes_from(value->text, 1), bytes_text(name));
}

bool pdf_array_start(struct bytes *rest, const struct pdf_value *array) {
    if (array->kind != PDF_ARRAY) return false;
    *rest = bytes_of(array->text.data + 1, array->text.len - 2);
    return true;
}

bool pdf_array_next(struct pdf_value *out, struct bytes *rest) { return pdf_value_read(out, rest); }

/* ---- the same, written otherwise ---- */

struct string { struct bytes rest; bool hex; };

static int next_of_hex(struct string *string) {
    int value = -1;
    for (int i = 0; i < 2; i++) {
        pdf_skip_space(&string->rest);
        if (string->rest.len == 0) return i == 0 ? -1 : value * 16;
        value = (i == 0 ? 0 : value * 16) + hex_digit(string->rest.data[0]);
        drop(&string->rest, 1);
    }
    return value;
}

static int next_of_literal(struct string *string) {
    static const char letters[] = "nrtbf", values[] = "\n\r\t\b\f";
    if (string->rest.len == 0) return -1;
    int c = string->rest.data[0];
    drop(&string->rest, 1);
    if (c != '\\' || string->rest.len == 0) return c;
    c = string->rest.data[0];
    if (c >= '0' && c <= '7') {
        int value = 0;
        for (int i = 0; i < 3 && string->rest.len > 0 && string->rest.data[0] >= '0' && string->rest.data[0] <= '7'; i++) {
            value = value * 8 + string->rest.data[0] - '0';
            drop(&string->rest, 1);
        }
        return value & 0xFF;
    }
    drop(&string->rest, 1);
    const char *letter = memchr(letters, c, sizeof letters - 1);
    return letter ? values[letter - letters] : c;
}

static int next_of(struct string *string) { return string->hex ? next_of_hex(string) : next_of_literal(string); }

/* Line ends in a literal string have rules of their own, which are not needed here: such strings are the same byte for byte or not at all. */
static bool same_string(struct bytes a, struct bytes b) {
    if (bytes_equal(a, b)) return true;
    if (memchr(a.data, '\r', a.len) || memchr(b.data, '\r', b.len) || memchr(a.data, '\n', a.len) || memchr(b.data, '\n', b.len)) return false;
    struct string one = {bytes_of(a.data + 1, a.len - 2), a.data[0] == '<'}, other = {bytes_of(b.data + 1, b.len - 2), b.data[0] == '<'};
    for (;;) {
        const int c = next_of(&one);
        if (c != next_of(&other)) return false;
        if (c < 0) return true;
    }
}

/* "+0012.500" is 12.5. */
static struct bytes plain_number(struct bytes text, bool *negative) {
    *negative = text.data[0] == '-';
    if (*negative || text.data[0] == '+') drop(&text, 1);
    while (text.len > 1 && text.data[0] == '0') drop(&text, 1);
    if (memchr(text.data, '.', text.len)) {
        while (text.len > 1 && text.data[text.len - 1] == '0') text.len--;
        if (text.data[text.len - 1] == '.') text.len--;
    }
    if (bytes_equal(text, bytes_text("0"))) text.len = 0;
    return text;
}

static bool same_number(struct bytes a, struct bytes b) {
    bool less, other_less;
    const struct bytes one = plain_number(a, &less), other = plain_number(b, &other_less);
    return bytes_equal(one, other) && (less == other_less || one.len == 0);
}

bool pdf_value_same(const struct pdf_value *a, const struct pdf_value *b) {
    struct pdf_value one, other;
    if (a->kind != b->kind) return false;
    switch (a->kind) {
    case PDF_REF: return a->number == b->number;
    case PDF_NUMBER: return same_number(a->text, b->text);
    case PDF_STRING: return same_string(a->text, b->text);
    case PDF_NULL: case PDF_BOOLEAN: case PDF_NAME: return bytes_equal(a->text, b->text);
    case PDF_ARRAY: case PDF_DICT: break;
    }
    const size_t edge = a->kind == PDF_DICT ? 2 : 1;
    struct bytes left = bytes_of(a->text.data + edge, a->text.len - 2 * edge), right = bytes_of(b->text.data + edge, b->text.len - 2 * edge);
    for (;;) {
        pdf_skip_space(&left);
        pdf_skip_space(&right);
        if (left.len == 0 || right.len == 0) return left.len == right.len;
        if (!pdf_value_read(&one, &left) || !pdf_value_read(&other, &right) || !pdf_value_same(&one, &other)) return false;
    }
}
