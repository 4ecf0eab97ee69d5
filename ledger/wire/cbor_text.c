#include "ledger/wire/cbor.h"

/* Decodes one character beyond ASCII; 0 where the bytes are not the one right UTF-8 form of a character (RFC 3629). */
static uint32_t utf8_get(const uint8_t *p, size_t left, size_t *len) {
    uint8_t first = p[0];
    if (first >= 0xc2 && first <= 0xdf) *len = 2;
    else if (first >= 0xe0 && first <= 0xef) *len = 3;
    else if (first >= 0xf0 && first <= 0xf4) *len = 4;
    else return 0; /* a continuation byte, an overlong C0 or C1, or beyond U+10FFFF */
    if (*len > left) return 0;
    uint32_t c = first & (0x7fu >> *len);
    for (size_t i = 1; i < *len; i++) {
        if ((p[i] & 0xc0) != 0x80) return 0;
        c = c << 6 | (p[i] & 0x3fu);
    }
    if (*len == 3 && (c < 0x800 || (c >= 0xd800 && c <= 0xdfff))) return 0; /* overlong, surrogate */
    if (*len == 4 && (c < 0x10000 || c > 0x10ffff)) return 0;
    return c;
}

/* What makes a text look like another one, or breaks a line, a page or a parser. */
static bool allowed(uint32_t c) {
    if (c <= 0x9f) return false;                                 /* C1 controls; 0 from utf8_get */
    if (c == 0x061c || c == 0x200e || c == 0x200f) return false; /* direction marks */
    if (c >= 0x2028 && c <= 0x202e) return false;                /* line and paragraph separators, embeddings and overrides */
    if (c >= 0x2066 && c <= 0x2069) return false;                /* isolates */
    if (c == 0xfeff) return false;                               /* byte order mark */
    if (c >= 0xfdd0 && c <= 0xfdef) return false;                /* noncharacters */
    return (c & 0xfffe) != 0xfffe;
}

size_t text_character(bool *is_allowed, struct bytes text) {
    const uint8_t c = text.data[0];
    size_t len = 1;
    if (c < 0x80) {
        *is_allowed = c >= 0x20 && c != 0x7f;
        return 1;
    }
    const uint32_t character = utf8_get(text.data, text.len, &len);
    *is_allowed = allowed(character);
    return character ? len : 1;
}

enum code text_check(struct bytes text) {
    bool good = true;
    for (size_t i = 0; i < text.len && good;) i += text_character(&good, bytes_of(text.data + i, text.len - i));
    return good ? CODE_OK : CODE_TEXT_INVALID;
}
