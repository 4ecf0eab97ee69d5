/* Bytes: the view type everybody passes around, big-endian helpers, hex, base64url, constant-time compare, wipe.
 * Layer: crypto (ground). No heap, no log. */
#ifndef LICET_CRYPTO_BYTES_H
#define LICET_CRYPTO_BYTES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUST_USE __attribute__((warn_unused_result))

/* ASSERT: an error of ours, never of a peer or of the machine. Always on: stopping beats going on wrong. */
#define ASSERT(condition)                                                                                      \
    do {                                                                                                       \
        if (!(condition)) {                                                                                    \
            fprintf(stderr, "licet: assertion failed: %s:%d: %s\n", __FILE__, __LINE__, #condition);           \
            abort();                                                                                           \
        }                                                                                                      \
    } while (0)

/* A view: does not own. Lives as long as what it points into. data may be NULL only when len is 0. */
struct bytes {
    const uint8_t *data;
    size_t len;
};

static inline struct bytes bytes_of(const void *data, size_t len) { return (struct bytes){(const uint8_t *)data, len}; }
static inline struct bytes bytes_text(const char *text) { return (struct bytes){(const uint8_t *)text, strlen(text)}; }
static inline bool bytes_equal(struct bytes a, struct bytes b) {
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}
/* As strcmp: byte by byte, and the shorter of two that begin alike comes first. */
static inline int bytes_order(struct bytes a, struct bytes b) {
    const size_t len = a.len < b.len ? a.len : b.len;
    const int order = len ? memcmp(a.data, b.data, len) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}
/* What follows the first `at` bytes: none at its end where there are no more. */
static inline struct bytes bytes_from(struct bytes b, uint64_t at) {
    const size_t skip = at < b.len ? (size_t)at : b.len;
    return bytes_of(skip ? b.data + skip : b.data, b.len - skip);
}
static inline bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

static inline void be16_put(uint8_t *p, uint16_t v) { p[0] = (uint8_t)(v >> 8); p[1] = (uint8_t)v; }
static inline void be32_put(uint8_t *p, uint32_t v) { be16_put(p, (uint16_t)(v >> 16)); be16_put(p + 2, (uint16_t)v); }
static inline void be64_put(uint8_t *p, uint64_t v) { be32_put(p, (uint32_t)(v >> 32)); be32_put(p + 4, (uint32_t)v); }
static inline uint16_t be16_get(const uint8_t *p) { return (uint16_t)((p[0] << 8) | p[1]); }
static inline uint32_t be32_get(const uint8_t *p) { return ((uint32_t)be16_get(p) << 16) | be16_get(p + 2); }
static inline uint64_t be64_get(const uint8_t *p) { return ((uint64_t)be32_get(p) << 32) | be32_get(p + 4); }

int hex_digit(uint8_t c); /* its value, either case; -1: none */
/* hex_encode: lower case; writes 2*len+1 bytes (NUL-terminated). */
void hex_encode(char *out, const uint8_t *in, size_t len);
/* hex_decode: exactly out_len bytes from exactly 2*out_len digits (either case); false on anything else. */
MUST_USE bool hex_decode(uint8_t *out, size_t out_len, const char *text, size_t text_len);

#define BASE64URL_LEN(n) (((n) * 4 + 2) / 3)
/* base64url without padding (RFC 4648 section 5). encode writes BASE64URL_LEN(len)+1 bytes with a NUL.
 * decode is strict: no padding, no other characters, unused bits zero; *out_len <= cap. */
void base64url_encode(char *out, const uint8_t *in, size_t len);
MUST_USE bool base64url_decode(uint8_t *out, size_t cap, size_t *out_len, const char *text, size_t text_len);
/* standard base64 with padding (checkpoints, JSON). encode writes 4*ceil(len/3)+1 bytes. */
void base64_encode(char *out, const uint8_t *in, size_t len);

/* Equal in time that depends on len only. */
MUST_USE bool bytes_equal_ct(const uint8_t *a, const uint8_t *b, size_t len);
/* Overwrites in a way the compiler keeps. */
void bytes_wipe(void *p, size_t len);
#endif
