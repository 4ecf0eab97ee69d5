/* JSON out: appends to the caller's buffer; never grows it. Layer: ledger/wire, so that rpc and tools write the same.
 * Overflow is sticky and looked at once, at the end. Commas are put by the writer. Text is taken to be checked UTF-8 already;
 * what JSON demands is escaped, and nothing else, so that Chinese stays readable. */
#ifndef LICET_WIRE_JSON_OUT_H
#define LICET_WIRE_JSON_OUT_H
#include "crypto/bytes.h"

/* jansson exports these names for something else (and genesis/json_read.h one more), and a program must not answer its inner calls. A file
 * that needs both includes jansson.h first. */
#define json_object licet_json_object
#define json_array licet_json_array
#define json_string licet_json_string
#define json_null licet_json_null
#define json_text licet_json_text

struct json_out {
    char *buf;
    size_t cap, len;
    bool full;  /* sticky: something did not fit */
    bool comma; /* the next value needs one before it */
};
static inline struct json_out json_write(void *buf, size_t cap) { return (struct json_out){(char *)buf, cap, 0, false, false}; }
static inline struct bytes json_bytes(const struct json_out *out) { return bytes_of(out->buf, out->len); }

void json_object(struct json_out *out);
void json_object_end(struct json_out *out);
void json_array(struct json_out *out);
void json_array_end(struct json_out *out);
/* name: plain ASCII of ours, never escaped. Here, so that a literal's length costs nothing. */
void json_name(struct json_out *out, const char *name, size_t len);
static inline void json_key(struct json_out *out, const char *name) { json_name(out, name, strlen(name)); }
/* A piece of ours as it is, a literal mostly: brackets, names with their colons, and commas are all in it. It ends where a value or a name follows
 * without a comma; `after_value`: where the next needs one. */
static inline void json_fixed(struct json_out *out, const char *piece, size_t len, bool after_value) {
    if (out->full || len > out->cap - out->len) {
        out->full = true;
        return;
    }
    memcpy(out->buf + out->len, piece, len);
    out->len += len;
    out->comma = after_value;
}
#define JSON_FIXED(out, literal) json_fixed(out, "" literal, sizeof literal - 1, false)
#define JSON_FIXED_VALUE(out, literal) json_fixed(out, "" literal, sizeof literal - 1, true)
/* Values written before, as they are: a whole one, or more of them with their commas. */
void json_raw(struct json_out *out, struct bytes text);
void json_text(struct json_out *out, struct bytes text);
void json_string(struct json_out *out, const char *text); /* NULL: null */
void json_uint(struct json_out *out, uint64_t value);
void json_int(struct json_out *out, int64_t value);
void json_bool(struct json_out *out, bool value);
void json_null(struct json_out *out);
void json_hex(struct json_out *out, const uint8_t *data, size_t len);
void json_base64url(struct json_out *out, struct bytes data);
void json_time(struct json_out *out, int64_t time_ms); /* "2026-11-22T05:03:41.123Z" */
void json_day(struct json_out *out, int32_t day);      /* "2026-01-01"; DAY_NONE: null */

/* A member: its name and its value. */
static inline void json_put_text(struct json_out *out, const char *name, struct bytes text) { json_key(out, name), json_text(out, text); }
static inline void json_put_string(struct json_out *out, const char *name, const char *text) { json_key(out, name), json_string(out, text); }
static inline void json_put_uint(struct json_out *out, const char *name, uint64_t value) { json_key(out, name), json_uint(out, value); }
static inline void json_put_int(struct json_out *out, const char *name, int64_t value) { json_key(out, name), json_int(out, value); }
static inline void json_put_bool(struct json_out *out, const char *name, bool value) { json_key(out, name), json_bool(out, value); }
static inline void json_put_hex(struct json_out *out, const char *name, const uint8_t *data, size_t len) { json_key(out, name), json_hex(out, data, len); }
static inline void json_put_base64url(struct json_out *out, const char *name, struct bytes data) { json_key(out, name), json_base64url(out, data); }
static inline void json_put_time(struct json_out *out, const char *name, int64_t time_ms) { json_key(out, name), json_time(out, time_ms); }
static inline void json_put_day(struct json_out *out, const char *name, int32_t day) { json_key(out, name), json_day(out, day); }
/* null where it is empty */
static inline void json_put_text_or_null(struct json_out *out, const char *name, struct bytes text) {
    json_key(out, name);
    if (text.len > 0) json_text(out, text);
    else json_null(out);
}
#endif
