#include "crypto/seal/der.h"

#include <unistr.h>

#include "crypto/seal/date.h"

#define OID_TEXT_MAX 128u /* no OID we compare with is longer */

struct der der_over(struct bytes bytes) {
    static const uint8_t nothing[1] = {0}; /* a view of nothing may have no address, a cursor needs one */
    const uint8_t *p = bytes.len > 0 ? bytes.data : nothing;
    return (struct der){.p = p, .end = p + bytes.len, .bad = false, .lenient = NULL};
}

struct der der_over_lenient(struct bytes bytes, struct lenient *lenient) {
    struct der der = der_over(bytes);
    der.lenient = lenient;
    return der;
}

static bool may(const struct der *der, enum encoding encoding) { return der->lenient && der->lenient->may & encoding; }

/* Where the cursor may: noted. */
static bool tolerate(const struct der *der, enum encoding encoding) {
    if (!may(der, encoding)) return false;
    der->lenient->seen |= encoding;
    return true;
}

bool der_done(const struct der *der) { return !der->bad && der->p == der->end; }

uint8_t der_peek(const struct der *der) { return der->bad || der->p == der->end ? 0 : *der->p; }

static bool bad(struct der *der) {
    der->bad = true;
    return false;
}

/* The length after the tag: *p is moved behind it. Definite, at most 4 bytes. *shortest: no shorter form exists. */
static bool length(const uint8_t **p, const uint8_t *end, size_t *len, bool *shortest) {
    *shortest = true;
    if (*p == end) return false;
    const uint8_t first = *(*p)++;
    if (first < 0x80) {
        *len = first;
        return true;
    }
    const unsigned count = first & 0x7Fu;
    if (count == 0 || count > 4 || (size_t)(end - *p) < count) return false;
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++) value = value << 8 | *(*p)++;
    *shortest = value >= 0x80 && (count == 1 || value >> (8 * (count - 1)) != 0);
    *len = value;
    return true;
}

/* The content of an element without a stated length, from p to before the two zero bytes that end it. Its inner elements are stepped over. */
static bool open_length(const uint8_t *p, const uint8_t *end, size_t *len) {
    const uint8_t *start = p;
    size_t inner;
    bool shortest;
    for (int depth = 1; end - p >= 2;) {
        const uint8_t tag = *p++;
        if (tag == 0) {
            if (*p++ != 0) return false;
            if (--depth > 0) continue;
            *len = (size_t)(p - 2 - start);
            return true;
        }
        if ((tag & 0x1Fu) == 0x1Fu) return false;
        if (*p == 0x80) {
            if (!(tag & 0x20u) || ++depth > DER_DEPTH_MAX) return false;
            p++;
        } else {
            if (!length(&p, end, &inner, &shortest) || inner > (size_t)(end - p)) return false;
            p += inner;
        }
    }
    return false;
}

bool der_any(struct der *der, uint8_t *tag, struct bytes *content, struct bytes *whole) {
    const uint8_t *start = der->p, *p = start;
    size_t len = 0, after = 0;
    bool shortest = true;
    if (der->bad || p == der->end) return bad(der);
    *tag = *p++;
    if (*tag == 0 || (*tag & 0x1Fu) == 0x1Fu) return bad(der); /* end-of-contents, a tag of several bytes */
    if (p < der->end && *p == 0x80 && *tag & 0x20u && may(der, ENCODING_BER)) {
        if (!open_length(++p, der->end, &len)) return bad(der);
        shortest = false;
        after = 2;
    } else if (!length(&p, der->end, &len, &shortest) || len > (size_t)(der->end - p)) {
        return bad(der);
    }
    if (!shortest && !tolerate(der, ENCODING_BER)) return bad(der);
    *content = bytes_of(p, len);
    der->p = p + len + after;
    if (whole) *whole = bytes_of(start, (size_t)(der->p - start));
    return true;
}

bool der_take(struct der *der, uint8_t tag, struct bytes *content, struct bytes *whole) {
    uint8_t have = 0;
    if (der_peek(der) != tag) return bad(der);
    return der_any(der, &have, content, whole);
}

bool der_enter(struct der *der, uint8_t tag, struct der *inside, struct bytes *whole) {
    struct bytes content;
    *inside = der_over((struct bytes){NULL, 0});
    if (!der_take(der, tag, &content, whole)) return bad(inside);
    *inside = der_over_lenient(content, der->lenient);
    return true;
}

bool der_uint(struct der *der, uint32_t *value) {
    struct bytes content;
    if (!der_take(der, DER_INTEGER, &content, NULL)) return false;
    if (content.len == 0 || content.len > 5 || content.data[0] & 0x80) return bad(der);
    if (content.len > 1 && content.data[0] == 0 && !(content.data[1] & 0x80)) return bad(der); /* a shorter form exists */
    if (content.len == 5 && content.data[0] != 0) return bad(der);
    uint32_t read = 0;
    for (size_t i = 0; i < content.len; i++) read = read << 8 | content.data[i];
    *value = read;
    return true;
}

bool der_bool(struct der *der, bool *value) {
    struct bytes content;
    if (!der_take(der, DER_BOOLEAN, &content, NULL)) return false;
    if (content.len != 1 || (content.data[0] != 0 && content.data[0] != 0xFF)) return bad(der);
    *value = content.data[0] != 0;
    return true;
}

bool der_bits_part(struct der *der, struct bytes *value, uint8_t *unused) {
    struct bytes content;
    if (!der_take(der, DER_BIT_STRING, &content, NULL)) return false;
    if (content.len == 0 || content.data[0] > 7 || (content.data[0] > 0 && (content.len < 2 || !tolerate(der, ENCODING_BITS)))) return bad(der);
    *unused = content.data[0];
    *value = bytes_of(content.data + 1, content.len - 1);
    return true;
}

bool der_bits(struct der *der, struct bytes *value) {
    uint8_t unused;
    if (!der_bits_part(der, value, &unused)) return false;
    return unused == 0 || (value->data[value->len - 1] & ((1u << unused) - 1)) == 0 || bad(der);
}

bool der_octets(struct der *der, struct bytes *content) {
    struct der parts;
    if (der_peek(der) != DER_OCTET_STRING_PARTS || !tolerate(der, ENCODING_BER)) return der_take(der, DER_OCTET_STRING, content, NULL);
    if (!der_enter(der, DER_OCTET_STRING_PARTS, &parts, NULL)) return false;
    *content = bytes_of(parts.p, 0);
    if (der_peek(&parts) != 0 && !der_take(&parts, DER_OCTET_STRING, content, NULL)) return bad(der);
    return der_done(&parts) || bad(der);
}

/* --- object identifiers --- */

/* Seven bits a byte, and an arc never begins with empty ones. How large an arc may be is no matter of form: vendors make them of UUIDs. */
static bool oid_ok(struct bytes oid) {
    bool begins = true;
    for (size_t i = 0; i < oid.len; i++) {
        if (begins && oid.data[i] == 0x80) return false;
        begins = !(oid.data[i] & 0x80);
    }
    return oid.len > 0 && begins;
}

/* What names algorithms stays below 2^32 in every arc. */
static bool arc_next(struct bytes oid, size_t *at, uint32_t *arc) {
    uint64_t value = 0;
    do {
        value = value << 7 | (oid.data[*at] & 0x7Fu);
        if (value > UINT32_MAX) return false;
    } while (oid.data[(*at)++] & 0x80);
    *arc = (uint32_t)value;
    return true;
}

bool der_oid(struct der *der, struct bytes *oid, struct bytes *whole) {
    if (!der_take(der, DER_OID, oid, whole)) return false;
    return oid_ok(*oid) || bad(der);
}

bool der_oid_text(char *out, size_t cap, struct bytes oid) {
    size_t at = 0, len = 0;
    uint32_t arc = 0;
    if (!oid_ok(oid)) return false;
    for (bool first = true; at < oid.len; first = false) {
        if (!arc_next(oid, &at, &arc)) return false;
        const uint32_t root = arc < 80 ? arc / 40 : 2; /* the first two arcs share one number */
        const int wrote = first ? snprintf(out + len, cap - len, "%u.%u", root, arc - 40 * root) : snprintf(out + len, cap - len, ".%u", arc);
        if (wrote < 0 || (size_t)wrote >= cap - len) return false;
        len += (size_t)wrote;
    }
    return true;
}

bool der_oid_is(struct bytes oid, const char *dotted) {
    char text[OID_TEXT_MAX];
    return der_oid_text(text, sizeof text, oid) && strcmp(text, dotted) == 0;
}

/* --- text and time --- */

static bool text_ok(struct bytes text) {
    for (size_t at = 0; at < text.len;) {
        ucs4_t c;
        const int width = u8_mbtoucr(&c, text.data + at, text.len - at);
        if (width <= 0 || c < 0x20 || (c >= 0x7F && c < 0xA0)) return false;
        at += (size_t)width;
    }
    return true;
}

bool der_text(struct der *der, struct bytes *text) {
    const uint8_t tag = der_peek(der);
    if (tag != DER_UTF8 && tag != DER_PRINTABLE && tag != DER_IA5) return bad(der);
    if (!der_take(der, tag, text, NULL)) return false;
    if (may(der, ENCODING_PADDING)) *text = encoding_text(*text, &der->lenient->seen);
    return text_ok(*text) || bad(der);
}

static bool der_number(struct bytes text, size_t *at, unsigned count, unsigned *value) {
    if (text.len - *at < count) return false;
    *value = 0;
    for (unsigned i = 0; i < count; i++) {
        const uint8_t c = text.data[(*at)++];
        if (c < '0' || c > '9') return false;
        *value = *value * 10 + (c - '0');
    }
    return true;
}

/* Milliseconds of ".123456", no more than nine digits; what is finer is cut. */
static bool der_fraction(struct bytes text, size_t *at, unsigned *ms) {
    unsigned scale = 100, count = 0;
    *ms = 0;
    for (++*at; *at < text.len && text.data[*at] >= '0' && text.data[*at] <= '9'; ++*at, count++, scale /= 10) *ms += (text.data[*at] - '0') * scale;
    return count >= 1 && count <= 9;
}

static bool time_strict(int64_t *ms, struct bytes text, uint8_t tag) {
    unsigned field[6], parts = 0;
    size_t at = 0;
    if (!der_number(text, &at, tag == DER_UTC_TIME ? 2 : 4, &field[0])) return false;
    if (tag == DER_UTC_TIME) field[0] += field[0] < 50 ? 2000 : 1900;
    for (unsigned i = 1; i < 6; i++) {
        if (!der_number(text, &at, 2, &field[i])) return false;
    }
    if (tag == DER_GENERALIZED_TIME && at < text.len && text.data[at] == '.' && !der_fraction(text, &at, &parts)) return false;
    if (text.len - at != 1 || text.data[at] != 'Z' || !date_ms(ms, field)) return false;
    *ms += parts;
    return true;
}

bool der_time(struct der *der, int64_t *ms) {
    const uint8_t tag = der_peek(der);
    struct bytes text;
    if (tag != DER_UTC_TIME && tag != DER_GENERALIZED_TIME) return bad(der);
    if (!der_take(der, tag, &text, NULL)) return false;
    if (time_strict(ms, text, tag)) return true;
    if (!may(der, ENCODING_TIME) || !encoding_time(ms, text, tag == DER_GENERALIZED_TIME)) return bad(der);
    der->lenient->seen |= ENCODING_TIME;
    return true;
}
