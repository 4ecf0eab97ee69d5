/* CBOR: a strict, bounded cursor that decides acceptance (libcbor is no judge of canonical form: it takes non-shortest numbers, repeated
 * keys and trailing bytes, refuses tag 18 in Debian 12 and can be made to allocate gigabytes), and a writer over libcbor's heads.
 * Deterministic encoding of RFC 8949 4.2.1 only: shortest heads, definite lengths, no floats. Layer: ledger/wire. No heap.
 *
 * Codes: null, or nothing, where something must be: FIELD_MISSING; another type: CBOR_TYPE; too long or too many: CBOR_RANGE.
 * The reader is sticky: after the first fault every get returns zero/empty, and `why` says what was wrong first. So a decoder reads all
 * its fields in a row and looks at cbor_done() once. Views point into the input. */
#ifndef LICET_WIRE_CBOR_H
#define LICET_WIRE_CBOR_H
#include "ledger/base/code.h"
#include "ledger/base/limits.h"

/* libcbor exports these two names for something else, and a program must not answer its inner calls. */
#define cbor_get_int licet_cbor_get_int
#define cbor_get_bool licet_cbor_get_bool

struct cbor_in {
    const uint8_t *at, *end;
    enum code why;     /* CODE_OK until something is wrong */
    const char *field; /* name last given to cbor_field() when it went wrong */
    const char *now;
};
static inline struct cbor_in cbor_read(struct bytes in) {
    return (struct cbor_in){in.data, in.len ? in.data + in.len : in.data, CODE_OK, NULL, NULL};
}
/* Names what is read next, for the refusal. */
static inline void cbor_field(struct cbor_in *in, const char *name) { in->now = name; }
void cbor_fail(struct cbor_in *in, enum code why); /* keeps the first */

enum cbor_kind { CBOR_UINT, CBOR_NINT, CBOR_BYTES, CBOR_TEXT, CBOR_ARRAY, CBOR_MAP, CBOR_TAG, CBOR_FALSE, CBOR_TRUE, CBOR_NULL, CBOR_OTHER, CBOR_END };
enum cbor_kind cbor_peek(const struct cbor_in *in); /* CBOR_END after a fault or at the end */

uint64_t cbor_get_uint(struct cbor_in *in, uint64_t min, uint64_t max);
int64_t cbor_get_int(struct cbor_in *in, int64_t min, int64_t max);
struct bytes cbor_get_bytes(struct cbor_in *in, size_t min, size_t max);
const uint8_t *cbor_get_fixed(struct cbor_in *in, size_t len);     /* byte string of exactly len; NULL after a fault */
/* Text: valid UTF-8, no C0/C1 controls, no U+007F, no bidi controls (061C 200E 200F 202A-202E 2066-2069), no line or paragraph
 * separators (2028 2029), no noncharacters, no U+FEFF. min and max are bytes. */
struct bytes cbor_get_text(struct cbor_in *in, size_t min, size_t max);
struct bytes cbor_get_code(struct cbor_in *in, size_t min, size_t max); /* text of [0-9A-Z_] only: credit, type and element codes */
size_t cbor_get_array(struct cbor_in *in, size_t min, size_t max); /* number of elements that follow */
size_t cbor_get_map(struct cbor_in *in, size_t min, size_t max);   /* number of pairs; the caller reads keys in their order */
/* An array of count elements whose first is the format version: that one is read and judged before the count is, so that a
 * newer format reads CODE_VERSION_UNKNOWN and not as a damaged one. */
void cbor_get_versioned(struct cbor_in *in, uint64_t version, size_t count);
void cbor_get_tag(struct cbor_in *in, uint64_t tag);
bool cbor_get_bool(struct cbor_in *in);
bool cbor_try_null(struct cbor_in *in);                            /* consumes a null if there is one */
void cbor_skip(struct cbor_in *in); /* one whole item of any allowed shape (tag 18 is the only tag), at most CBOR_DEPTH_MAX levels */
/* Everything read, nothing left: CODE_OK; else the first fault (CODE_CBOR_TRAILING where bytes are left). */
struct refusal cbor_done(struct cbor_in *in);
/* Whole-input check of one item of any shape under the same rules, map keys sorted and unique included. */
struct refusal cbor_check(struct bytes in);
/* The text rule above, for other sources (JSON, CSV). CODE_OK or CODE_TEXT_INVALID. */
enum code text_check(struct bytes text);
/* The bytes of the first character (text is not empty), and whether text_check allows it; 1 and false where it is none. */
size_t text_character(bool *is_allowed, struct bytes text);

struct cbor_out {
    uint8_t *buf;
    size_t cap, len;
    bool full; /* sticky: something did not fit */
};
static inline struct cbor_out cbor_write(uint8_t *buf, size_t cap) { return (struct cbor_out){buf, cap, 0, false}; }
void cbor_put_uint(struct cbor_out *out, uint64_t value);
void cbor_put_int(struct cbor_out *out, int64_t value);
void cbor_put_bytes(struct cbor_out *out, struct bytes value);
void cbor_put_text(struct cbor_out *out, struct bytes value);
void cbor_put_array(struct cbor_out *out, size_t count);
void cbor_put_map(struct cbor_out *out, size_t count);
void cbor_put_tag(struct cbor_out *out, uint64_t tag);
void cbor_put_bool(struct cbor_out *out, bool value);
void cbor_put_null(struct cbor_out *out);
void cbor_put_raw(struct cbor_out *out, struct bytes encoded); /* an item encoded elsewhere */
size_t cbor_bytes_head(uint8_t head[9], size_t len);           /* head of a byte string, for signing without copying */
#endif
