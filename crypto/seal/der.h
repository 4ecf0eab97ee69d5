/* DER: a strict, bounded cursor over ASN.1 bytes; nothing is copied, no heap, no recursion. Lengths are definite and in their shortest form, tags are
 * single bytes. Tolerant always where files of production systems differ from DER: an explicit BOOLEAN FALSE, fractions of a second that end in 0, and one
 * string type in the place of another (der_text). A lenient cursor takes besides what encoding.h names, as far as it may, and notes what it met; all that
 * is entered through it is as lenient.
 * Layer: crypto/seal. */
#ifndef LICET_SEAL_DER_H
#define LICET_SEAL_DER_H
#include "crypto/seal/encoding.h"

#define DER_BOOLEAN 0x01u
#define DER_INTEGER 0x02u
#define DER_BIT_STRING 0x03u
#define DER_OCTET_STRING 0x04u
#define DER_NULL 0x05u
#define DER_OID 0x06u
#define DER_UTF8 0x0Cu
#define DER_PRINTABLE 0x13u
#define DER_IA5 0x16u
#define DER_UTC_TIME 0x17u
#define DER_GENERALIZED_TIME 0x18u
#define DER_OCTET_STRING_PARTS 0x24u /* BER: made of others */
#define DER_SEQUENCE 0x30u
#define DER_SET 0x31u
#define DER_CONTEXT(n) (0xA0u | (n)) /* constructed, EXPLICIT [n] */

/* What is left to read. After the first failure `bad` stays true and every further read fails: one look at the end is enough. */
struct lenient {
    uint32_t may, seen; /* sets of enum encoding */
};
struct der {
    const uint8_t *p, *end;
    bool bad;
    struct lenient *lenient; /* NULL: strict */
};
struct der der_over(struct bytes bytes);
struct der der_over_lenient(struct bytes bytes, struct lenient *lenient); /* lenient has to outlive it */
#define DER_DEPTH_MAX 16 /* of elements without a stated length within one another, and of what is written again */
MUST_USE bool der_done(const struct der *der);     /* nothing left and nothing bad */
uint8_t der_peek(const struct der *der);           /* the next tag; 0 at the end or when bad */
/* The element with exactly this tag: its content, and (where whole is not NULL) its bytes with tag and length. */
MUST_USE bool der_take(struct der *der, uint8_t tag, struct bytes *content, struct bytes *whole);
MUST_USE bool der_any(struct der *der, uint8_t *tag, struct bytes *content, struct bytes *whole);
MUST_USE bool der_enter(struct der *der, uint8_t tag, struct der *inside, struct bytes *whole); /* then der_done(inside) must hold */
MUST_USE bool der_uint(struct der *der, uint32_t *value);      /* INTEGER, 0 .. 2^32-1 */
MUST_USE bool der_bool(struct der *der, bool *value);          /* FALSE may be written out */
MUST_USE bool der_bits(struct der *der, struct bytes *value);  /* BIT STRING of whole bytes: the unused-bits byte is 0 and left out */
/* Lenient: 0 to 7 bits of the last byte do not count, whatever they are. der_bits takes such only where they are 0, so that the bytes are the value. */
MUST_USE bool der_bits_part(struct der *der, struct bytes *value, uint8_t *unused);
MUST_USE bool der_octets(struct der *der, struct bytes *content); /* OCTET STRING; lenient in BER: also one that is made of one other, or of none */
MUST_USE bool der_oid(struct der *der, struct bytes *oid, struct bytes *whole); /* content that is an OID; whole may be NULL */
/* UTF8String, PrintableString or IA5String: vendors write one for the other, so the tag is no judgement. The content is UTF-8 without control characters.
 * Lenient: without the padding that it ends in. */
MUST_USE bool der_text(struct der *der, struct bytes *text);
/* UTCTime (50..99: 19xx) or GeneralizedTime, with seconds, `Z` and (GeneralizedTime) an optional fraction of 1 to 9 digits; a real date. ms since 1970.
 * Lenient: encoding_time. */
MUST_USE bool der_time(struct der *der, int64_t *ms);
#define DER_TIME_FIRST_MS INT64_C(-62135596800000) /* 0001-01-01T00:00:00Z */
#define DER_TIME_LAST_MS INT64_C(253402300799999)  /* 9999-12-31T23:59:59.999Z */
/* Dotted decimal with a NUL. False where it does not fit or is not an OID. */
MUST_USE bool der_oid_text(char *out, size_t cap, struct bytes oid);
MUST_USE bool der_oid_is(struct bytes oid, const char *dotted);

/* --- writing: forwards only, the same deterministic form; `full` stays true once something did not fit or cannot be written --- */
struct der_out {
    uint8_t *data;
    size_t len, cap;
    bool full;
};
struct der_out der_write(uint8_t *data, size_t cap);
size_t der_begin(struct der_out *out, uint8_t tag);  /* returns a mark; der_end puts the length in its place */
void der_end(struct der_out *out, size_t mark);
void der_put(struct der_out *out, uint8_t tag, struct bytes content);
void der_put_raw(struct der_out *out, struct bytes whole);
/* One element of BER as DER: stated lengths in their shortest form, all else as it stands. False: not one element, too deep, or a string made of others. */
MUST_USE bool der_put_again(struct der_out *out, struct bytes ber);
void der_put_uint(struct der_out *out, uint32_t value);
void der_put_bits(struct der_out *out, struct bytes value);
void der_put_oid(struct der_out *out, const char *dotted);
void der_put_time(struct der_out *out, int64_t ms); /* GeneralizedTime, whole seconds (cut), Z; years 1..9999 */
#endif
