/* CBOR: a strict, bounded cursor that decides acceptance (libcbor is no judge of canonical form: it takes non-shortest numbers, repeated
 * keys and trailing bytes, refuses tag 18 in Debian 12 and can be made to allocate gigabytes), and a writer over libcbor's heads.
 * Deterministic encoding of RFC 8949 4.2.1 only: shortest heads, definite lengths, no floats. Layer: ledger/wire. No heap.
 *
 * Codes: null, or nothing, where something must be: FIELD_MISSING; another type: CBOR_TYPE; too long or too many: CBOR_RANGE.
 * The reader is sticky: after the first fault every get returns zero/empty, and `why` says what was wrong first. So a decoder reads all
 * its fields in a row and looks at wire_done() once. Views point into the input. */
#ifndef LICET_WIRE_CBOR_H
#define LICET_WIRE_CBOR_H
#include "ledger/base/code.h"
#include "ledger/base/limits.h"

struct wire_in {
    const uint8_t *at, *end;
    enum code why;     /* CODE_OK until something is wrong */
    const char *field; /* name last given to wire_field() when it went wrong */
    const char *now;
};
static inline struct wire_in wire_read(struct bytes in) {
    return (struct wire_in){in.data, in.len ? in.data + in.len : in.data, CODE_OK, NULL, NULL};
}
/* Names what is read next, for the refusal. */
static inline void wire_field(struct wire_in *in, const char *name) { in->now = name; }
void wire_fail(struct wire_in *in, enum code why); /* keeps the first */

enum wire_kind { WIRE_UINT, WIRE_NINT, WIRE_BYTES, WIRE_TEXT, WIRE_ARRAY, WIRE_MAP, WIRE_TAG, WIRE_FALSE, WIRE_TRUE, WIRE_NULL, WIRE_OTHER, WIRE_END };
enum wire_kind wire_peek(const struct wire_in *in); /* WIRE_END after a fault or at the end */

uint64_t wire_get_uint(struct wire_in *in, uint64_t min, uint64_t max);
int64_t wire_get_int(struct wire_in *in, int64_t min, int64_t max);
struct bytes wire_get_bytes(struct wire_in *in, size_t min, size_t max);
const uint8_t *wire_get_fixed(struct wire_in *in, size_t len);     /* byte string of exactly len; NULL after a fault */
/* Text: valid UTF-8, no C0/C1 controls, no U+007F, no bidi controls (061C 200E 200F 202A-202E 2066-2069), no line or paragraph
 * separators (2028 2029), no noncharacters, no U+FEFF. min and max are bytes. */
struct bytes wire_get_text(struct wire_in *in, size_t min, size_t max);
struct bytes wire_get_code(struct wire_in *in, size_t min, size_t max); /* text of [0-9A-Z_] only: credit, type and element codes */
size_t wire_get_array(struct wire_in *in, size_t min, size_t max); /* number of elements that follow */
size_t wire_get_map(struct wire_in *in, size_t min, size_t max);   /* number of pairs; the caller reads keys in their order */
/* An array of count elements whose first is the format version: that one is read and judged before the count is, so that a
 * newer format reads CODE_VERSION_UNKNOWN and not as a damaged one. */
void wire_get_versioned(struct wire_in *in, uint64_t version, size_t count);
void wire_get_tag(struct wire_in *in, uint64_t tag);
bool wire_get_bool(struct wire_in *in);
bool wire_try_null(struct wire_in *in);                            /* consumes a null if there is one */
void wire_skip(struct wire_in *in); /* one whole item of any allowed shape (tag 18 is the only tag), at most WIRE_DEPTH_MAX levels */
/* Everything read, nothing left: CODE_OK; else the first fault (CODE_CBOR_TRAILING where bytes are left). */
struct refusal wire_done(struct wire_in *in);
/* Whole-input check of one item of any shape under the same rules, map keys sorted and unique included. */
struct refusal wire_check(struct bytes in);
/* The text rule above, for other sources (JSON, CSV). CODE_OK or CODE_TEXT_INVALID. */
enum code text_check(struct bytes text);
/* The bytes of the first character (text is not empty), and whether text_check allows it; 1 and false where it is none. */
size_t text_character(bool *is_allowed, struct bytes text);

struct wire_out {
    uint8_t *buf;
    size_t cap, len;
    bool full; /* sticky: something did not fit */
};
static inline struct wire_out wire_write(uint8_t *buf, size_t cap) { return (struct wire_out){buf, cap, 0, false}; }
void wire_put_uint(struct wire_out *out, uint64_t value);
void wire_put_int(struct wire_out *out, int64_t value);
void wire_put_bytes(struct wire_out *out, struct bytes value);
void wire_put_text(struct wire_out *out, struct bytes value);
void wire_put_array(struct wire_out *out, size_t count);
void wire_put_map(struct wire_out *out, size_t count);
void wire_put_tag(struct wire_out *out, uint64_t tag);
void wire_put_bool(struct wire_out *out, bool value);
void wire_put_null(struct wire_out *out);
void wire_put_raw(struct wire_out *out, struct bytes encoded); /* an item encoded elsewhere */
size_t wire_bytes_head(uint8_t head[9], size_t len);           /* head of a byte string, for signing without copying */
#endif
