#include "ledger/wire/emit.h"

#include "ledger/wire/ident.h"
#include "ledger/wire/record.h"

/* Room for len bytes more, or NULL for ever after. */
static char *emit_room(struct emit *out, size_t len) {
    if (out->full || len > out->cap - out->len) {
        out->full = true;
        return NULL;
    }
    char *at = out->buf + out->len;
    out->len += len;
    return at;
}

static void emit_put(struct emit *out, const char *text, size_t len) {
    char *at = emit_room(out, len);
    if (at != NULL && len > 0) memcpy(at, text, len);
}

static void before_value(struct emit *out) {
    if (out->comma) emit_put(out, ",", 1);
    out->comma = true;
}

static void open_with(struct emit *out, const char *bracket) {
    before_value(out);
    emit_put(out, bracket, 1);
    out->comma = false;
}

static void close_with(struct emit *out, const char *bracket) {
    emit_put(out, bracket, 1);
    out->comma = true;
}

void emit_object(struct emit *out) { open_with(out, "{"); }
void emit_object_end(struct emit *out) { close_with(out, "}"); }
void emit_array(struct emit *out) { open_with(out, "["); }
void emit_array_end(struct emit *out) { close_with(out, "]"); }

void emit_name(struct emit *out, const char *name, size_t len) {
    const size_t comma = out->comma ? 1 : 0;
    out->comma = false;
    char *at = emit_room(out, comma + len + 3);
    if (at == NULL) return;
    if (comma) *at++ = ',';
    *at++ = '"';
    memcpy(at, name, len);
    at[len] = '"';
    at[len + 1] = ':';
}

void emit_raw(struct emit *out, struct bytes text) {
    before_value(out);
    emit_put(out, (const char *)text.data, text.len);
}

static bool emit_plain(uint8_t c) { return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f; }

static void put_escaped(struct emit *out, uint8_t c) {
    char text[7] = {'\\', (char)c, '\0'};
    size_t len = 2;
    if (c != '"' && c != '\\') {
        hex_encode(text + 4, &c, 1);
        memcpy(text, "\\u00", 4);
        len = 6;
    }
    emit_put(out, text, len);
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))
/* The top bit of each byte that is none: one less than nothing borrows, and a byte that had its top bit itself does not count. What a borrow does to
 * the bytes above it does not matter: then there was one already. */
static uint64_t zeros(uint64_t bytes) { return (bytes - EACH(0x01)) & ~bytes; }
static uint64_t below_space(uint64_t bytes) { return (bytes - EACH(0x20)) & ~bytes; }

/* Most texts are plain: those go out in one piece. Eight bytes at a time, the last eight of them perhaps twice. */
static bool all_plain(struct bytes text) {
    if (text.len < 8) {
        bool all = true;
        for (size_t i = 0; i < text.len; i++) all &= emit_plain(text.data[i]);
        return all;
    }
    uint64_t odd = 0;
    for (size_t at = 0; at < text.len; at += 8) {
        uint64_t eight;
        memcpy(&eight, text.data + (at + 8 <= text.len ? at : text.len - 8), 8);
        odd |= below_space(eight) | zeros(eight ^ EACH('"')) | zeros(eight ^ EACH('\\')) | zeros(eight ^ EACH(0x7f));
    }
    return (odd & EACH(0x80)) == 0;
}

void emit_text(struct emit *out, struct bytes text) {
    before_value(out);
    if (all_plain(text)) {
        char *at = emit_room(out, text.len + 2);
        if (at == NULL) return;
        at[0] = '"';
        if (text.len > 0) memcpy(at + 1, text.data, text.len);
        at[text.len + 1] = '"';
        return;
    }
    emit_put(out, "\"", 1);
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (emit_plain(text.data[i])) continue;
        emit_put(out, (const char *)text.data + from, i - from);
        put_escaped(out, text.data[i]);
        from = i + 1;
    }
    if (text.len > from) emit_put(out, (const char *)text.data + from, text.len - from);
    emit_put(out, "\"", 1);
}

void emit_string(struct emit *out, const char *text) {
    if (text == NULL) emit_null(out);
    else emit_text(out, bytes_text(text));
}

static void emit_put_digits(struct emit *out, uint64_t value, bool negative) {
    char text[21];
    size_t at = sizeof text;
    do {
        text[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    if (negative) text[--at] = '-';
    before_value(out);
    emit_put(out, text + at, sizeof text - at);
}

void emit_uint(struct emit *out, uint64_t value) { emit_put_digits(out, value, false); }
/* -(v + 1) + 1 in unsigned: the smallest int64 has no positive twin */
void emit_int(struct emit *out, int64_t value) {
    if (value < 0) emit_put_digits(out, (uint64_t)(-(value + 1)) + 1, true);
    else emit_put_digits(out, (uint64_t)value, false);
}

void emit_bool(struct emit *out, bool value) {
    before_value(out);
    emit_put(out, value ? "true" : "false", value ? 4 : 5);
}

void emit_null(struct emit *out) {
    before_value(out);
    emit_put(out, "null", 4);
}

/* The encoders write a NUL after the text: that place is taken by the closing quote. */
void emit_hex(struct emit *out, const uint8_t *data, size_t len) {
    before_value(out);
    char *at = emit_room(out, 2 * len + 2);
    if (at == NULL) return;
    at[0] = '"';
    hex_encode(at + 1, data, len);
    at[2 * len + 1] = '"';
}

void emit_base64url(struct emit *out, struct bytes data) {
    before_value(out);
    const size_t len = BASE64URL_LEN(data.len);
    char *at = emit_room(out, len + 2);
    if (at == NULL) return;
    at[0] = '"';
    base64url_encode(at + 1, data.data, data.len);
    at[len + 1] = '"';
}

void emit_time(struct emit *out, int64_t time_ms) {
    char text[25];
    time_to_text(text, time_ms);
    emit_string(out, text);
}

void emit_day(struct emit *out, int32_t day) {
    if (day == DAY_NONE) {
        emit_null(out);
        return;
    }
    before_value(out);
    char *at = emit_room(out, 12);
    if (at == NULL) return;
    at[0] = '"';
    day_to_text(at + 1, day);
    at[11] = '"';
}
