/* Emit: JSON, written: appends to the caller's buffer; never grows it. Layer: ledger/wire, so that rpc and tools write the same.
 * Overflow is sticky and looked at once, at the end. Commas are put by the writer. Text is taken to be checked UTF-8 already;
 * what JSON demands is escaped, and nothing else, so that Chinese stays readable. */
#ifndef LICET_WIRE_EMIT_H
#define LICET_WIRE_EMIT_H
#include "crypto/bytes.h"

struct emit {
    char *buf;
    size_t cap, len;
    bool full;  /* sticky: something did not fit */
    bool comma; /* the next value needs one before it */
};
static inline struct emit emit_write(void *buf, size_t cap) { return (struct emit){(char *)buf, cap, 0, false, false}; }
static inline struct bytes emit_bytes(const struct emit *out) { return bytes_of(out->buf, out->len); }

void emit_object(struct emit *out);
void emit_object_end(struct emit *out);
void emit_array(struct emit *out);
void emit_array_end(struct emit *out);
/* name: plain ASCII of ours, never escaped. Here, so that a literal's length costs nothing. */
void emit_name(struct emit *out, const char *name, size_t len);
static inline void emit_key(struct emit *out, const char *name) { emit_name(out, name, strlen(name)); }
/* A piece of ours as it is, a literal mostly: brackets, names with their colons, and commas are all in it. It ends where a value or a name follows
 * without a comma; `after_value`: where the next needs one. */
static inline void emit_fixed(struct emit *out, const char *piece, size_t len, bool after_value) {
    if (out->full || len > out->cap - out->len) {
        out->full = true;
        return;
    }
    memcpy(out->buf + out->len, piece, len);
    out->len += len;
    out->comma = after_value;
}
#define EMIT_FIXED(out, literal) emit_fixed(out, "" literal, sizeof literal - 1, false)
#define EMIT_FIXED_VALUE(out, literal) emit_fixed(out, "" literal, sizeof literal - 1, true)
/* Values written before, as they are: a whole one, or more of them with their commas. */
void emit_raw(struct emit *out, struct bytes text);
void emit_text(struct emit *out, struct bytes text);
void emit_string(struct emit *out, const char *text); /* NULL: null */
void emit_uint(struct emit *out, uint64_t value);
void emit_int(struct emit *out, int64_t value);
void emit_bool(struct emit *out, bool value);
void emit_null(struct emit *out);
void emit_hex(struct emit *out, const uint8_t *data, size_t len);
void emit_base64url(struct emit *out, struct bytes data);
void emit_time(struct emit *out, int64_t time_ms); /* "2026-11-22T05:03:41.123Z" */
void emit_day(struct emit *out, int32_t day);      /* "2026-01-01"; DAY_NONE: null */

/* A member: its name and its value. */
static inline void emit_put_text(struct emit *out, const char *name, struct bytes text) { emit_key(out, name), emit_text(out, text); }
static inline void emit_put_string(struct emit *out, const char *name, const char *text) { emit_key(out, name), emit_string(out, text); }
static inline void emit_put_uint(struct emit *out, const char *name, uint64_t value) { emit_key(out, name), emit_uint(out, value); }
static inline void emit_put_int(struct emit *out, const char *name, int64_t value) { emit_key(out, name), emit_int(out, value); }
static inline void emit_put_bool(struct emit *out, const char *name, bool value) { emit_key(out, name), emit_bool(out, value); }
static inline void emit_put_hex(struct emit *out, const char *name, const uint8_t *data, size_t len) { emit_key(out, name), emit_hex(out, data, len); }
static inline void emit_put_base64url(struct emit *out, const char *name, struct bytes data) { emit_key(out, name), emit_base64url(out, data); }
static inline void emit_put_time(struct emit *out, const char *name, int64_t time_ms) { emit_key(out, name), emit_time(out, time_ms); }
static inline void emit_put_day(struct emit *out, const char *name, int32_t day) { emit_key(out, name), emit_day(out, day); }
/* null where it is empty */
static inline void emit_put_text_or_null(struct emit *out, const char *name, struct bytes text) {
    emit_key(out, name);
    if (text.len > 0) emit_text(out, text);
    else emit_null(out);
}
#endif
