#include "ledger/wire/text.h"

#include <uninorm.h>

#include "ledger/wire/cbor.h"

/* Longer input is refused before it is looked at. Normal form C makes UTF-8 at most three times as long (UAX 15). */
#define TEXT_INPUT_MAX 8192u
#define TEXT_NFC_MAX (3u * TEXT_INPUT_MAX)

/* What is taken off at both ends: the spaces of Unicode (Zs), and two signs of no width that copying from a web page leaves behind.
 * Tabs and line ends never get here: text_check refuses them. */
static const uint32_t SPACES[] = {
    0x0020, 0x00a0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007,
    0x2008, 0x2009, 0x200a, 0x200b, 0x202f, 0x205f, 0x2060, 0x3000,
};

/* Bytes of the space at p, 0 where there is none. text_check has passed, so a lead byte has its whole character behind it. */
static size_t space_at(const uint8_t *p, size_t len) {
    if (len >= 1 && p[0] == 0x20) return 1;
    uint32_t c;
    size_t width;
    if (len >= 2 && (p[0] & 0xe0) == 0xc0) {
        c = (uint32_t)(p[0] & 0x1f) << 6 | (p[1] & 0x3f);
        width = 2;
    } else if (len >= 3 && (p[0] & 0xf0) == 0xe0) {
        c = (uint32_t)(p[0] & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
        width = 3;
    } else {
        return 0;
    }
    for (size_t i = 0; i < sizeof SPACES / sizeof SPACES[0]; i++) {
        if (SPACES[i] == c) return width;
    }
    return 0;
}

static struct bytes trimmed(struct bytes text) {
    size_t step;
    while (text.len > 0 && (step = space_at(text.data, text.len)) > 0) text = bytes_of(text.data + step, text.len - step);
    while (text.len > 0) {
        size_t start = text.len - 1; /* back to the last character's lead byte */
        while (start > 0 && (text.data[start] & 0xc0) == 0x80) start--;
        if (space_at(text.data + start, text.len - start) != text.len - start) break;
        text.len = start;
    }
    return text;
}

/* U+FF01..U+FF5E is EF BC 81 .. EF BD 9E, in the order of '!'..'~'. In place; returns the new length. */
static size_t narrow(uint8_t *text, size_t len) {
    size_t out = 0;
    for (size_t in = 0; in < len;) {
        if (len - in >= 3 && text[in] == 0xef && (text[in + 1] == 0xbc || text[in + 1] == 0xbd)) {
            const uint32_t c = 0xf000u | (uint32_t)(text[in + 1] & 0x3f) << 6 | (text[in + 2] & 0x3f);
            if (c >= 0xff01 && c <= 0xff5e) {
                text[out++] = (uint8_t)(c - 0xff01 + '!');
                in += 3;
                continue;
            }
        }
        text[out++] = text[in++];
    }
    return out;
}

static size_t text_upper(uint8_t *text, size_t len) {
    size_t changed = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < 'a' || text[i] > 'z') continue;
        text[i] = (uint8_t)(text[i] - 'a' + 'A');
        changed++;
    }
    return changed;
}

/* False where the library fails, which is to say: no memory. */
static bool nfc(uint8_t out[TEXT_NFC_MAX], size_t *out_len, struct bytes in) {
    if (in.len == 0) { /* the library is free to return NULL for nothing */
        *out_len = 0;
        return true;
    }
    size_t len = TEXT_NFC_MAX;
    uint8_t *result = u8_normalize(UNINORM_NFC, in.data, in.len, out, &len);
    if (result == NULL) return false;
    const bool fits = result == out || len <= TEXT_NFC_MAX;
    if (fits && result != out) memcpy(out, result, len);
    if (result != out) free(result);
    *out_len = fits ? len : 0;
    return fits;
}

/* Two spellings that Unicode calls the same must end alike, and doing it twice must change nothing; hence the order: widths first
 * (no canonical decomposition touches them), normal form, then case, then normal form again (capital I with a dot above is one
 * character, small i with one is two), and the ends last. */
enum form { FORM_TYPED, FORM_NAME, FORM_CODE };

static enum code normal(char *out, size_t cap, size_t *len, struct bytes in, enum form form, unsigned *changes) {
    if (in.len > TEXT_INPUT_MAX) return CODE_CBOR_RANGE;
    const enum code valid = text_check(in);
    if (valid != CODE_OK) return valid;
    uint8_t a[TEXT_NFC_MAX], b[TEXT_NFC_MAX];
    unsigned seen = 0;
    if (in.len > 0) memcpy(a, in.data, in.len);
    size_t a_len = form == FORM_TYPED ? in.len : narrow(a, in.len), b_len;
    if (a_len != in.len) seen |= TEXT_WIDTH;
    if (!nfc(b, &b_len, bytes_of(a, a_len))) return CODE_INTERNAL;
    if (b_len != a_len || memcmp(a, b, a_len) != 0) seen |= TEXT_NFC;
    struct bytes result = bytes_of(b, b_len);
    if (form == FORM_CODE && text_upper(b, b_len) > 0) {
        seen |= TEXT_CASE;
        if (b_len > TEXT_INPUT_MAX || !nfc(a, &a_len, result)) return b_len > TEXT_INPUT_MAX ? CODE_CBOR_RANGE : CODE_INTERNAL;
        result = bytes_of(a, a_len);
    }
    const struct bytes ends = trimmed(result);
    if (ends.len != result.len) seen |= TEXT_SPACES;
    if (ends.len > cap) return CODE_CBOR_RANGE;
    if (ends.len > 0) memcpy(out, ends.data, ends.len);
    *len = ends.len;
    if (changes != NULL) *changes |= seen;
    return CODE_OK;
}

enum code text_normal_code(char *out, size_t cap, size_t *len, struct bytes in, unsigned *changes) {
    return normal(out, cap, len, in, FORM_CODE, changes);
}

enum code text_normal_name(char *out, size_t cap, size_t *len, struct bytes in, unsigned *changes) {
    return normal(out, cap, len, in, FORM_NAME, changes);
}

enum code text_as_typed(char *out, size_t cap, size_t *len, struct bytes in) { return normal(out, cap, len, in, FORM_TYPED, NULL); }

bool text_is_nfc(struct bytes text) {
    if (text.len > TEXT_INPUT_MAX || text_check(text) != CODE_OK) return false;
    uint8_t out[TEXT_NFC_MAX];
    size_t len;
    if (!nfc(out, &len, text)) return false;
    return bytes_equal(bytes_of(out, len), text);
}
