#include "crypto/bytes.h"

#include <openssl/crypto.h>

/* The digit's value + 1; 0: none. A table: keys come by the hundred, and branches on their digits cannot be foretold. */
static const uint8_t DIGIT[256] = {
    ['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8, ['8'] = 9, ['9'] = 10,
    ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15, ['f'] = 16,
    ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};
int hex_digit(uint8_t c) { return DIGIT[c] - 1; }

void hex_encode(char *out, const uint8_t *in, size_t len) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[in[i] >> 4];
        out[2 * i + 1] = digits[in[i] & 15];
    }
    out[2 * len] = '\0';
}

bool hex_decode(uint8_t *out, size_t out_len, const char *text, size_t text_len) {
    if (text_len / 2 != out_len || text_len % 2 != 0) return false;
    for (size_t i = 0; i < out_len; i++) {
        const int high = hex_digit((uint8_t)text[2 * i]), low = hex_digit((uint8_t)text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static const char STANDARD[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char URL_SAFE[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* Writes the characters that carry bits; no padding, no NUL. Returns how many. */
static size_t base64_digits(char *out, const uint8_t *in, size_t len, const char *alphabet) {
    size_t n = 0, i = 0;
    for (; len - i >= 3; i += 3) {
        uint32_t v = (uint32_t)in[i] << 16 | (uint32_t)in[i + 1] << 8 | in[i + 2];
        out[n++] = alphabet[v >> 18];
        out[n++] = alphabet[v >> 12 & 63];
        out[n++] = alphabet[v >> 6 & 63];
        out[n++] = alphabet[v & 63];
    }
    if (len - i == 1) {
        out[n++] = alphabet[in[i] >> 2];
        out[n++] = alphabet[(in[i] & 3) << 4];
    } else if (len - i == 2) {
        out[n++] = alphabet[in[i] >> 2];
        out[n++] = alphabet[(in[i] & 3) << 4 | in[i + 1] >> 4];
        out[n++] = alphabet[(in[i + 1] & 15) << 2];
    }
    return n;
}

void base64url_encode(char *out, const uint8_t *in, size_t len) { out[base64_digits(out, in, len, URL_SAFE)] = '\0'; }

void base64_encode(char *out, const uint8_t *in, size_t len) {
    size_t n = base64_digits(out, in, len, STANDARD);
    while (n % 4 != 0) out[n++] = '=';
    out[n] = '\0';
}

static int base64url_digit(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '-') return 62;
    if (c == '_') return 63;
    return -1;
}

bool base64url_decode(uint8_t *out, size_t cap, size_t *out_len, const char *text, size_t text_len) {
    size_t tail = text_len % 4;
    if (tail == 1) return false; /* six bits make no byte */
    size_t len = text_len / 4 * 3 + (tail ? tail - 1 : 0);
    if (len > cap) return false;

    uint32_t bits = 0;
    unsigned held = 0;
    size_t n = 0;
    for (size_t i = 0; i < text_len; i++) {
        int digit = base64url_digit(text[i]);
        if (digit < 0) return false;
        bits = bits << 6 | (uint32_t)digit;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        out[n++] = (uint8_t)(bits >> held);
        bits &= (1u << held) - 1;
    }
    if (bits != 0) return false; /* left-over bits set: a second spelling of the same bytes */
    ASSERT(n == len);
    *out_len = n;
    return true;
}

bool bytes_equal_ct(const uint8_t *a, const uint8_t *b, size_t len) { return len == 0 || CRYPTO_memcmp(a, b, len) == 0; }

void bytes_wipe(void *p, size_t len) {
    if (len > 0) OPENSSL_cleanse(p, len);
}
