/* Hash: SHA-256 and HMAC-SHA-256 over OpenSSL's plain SHA-256, SM3 over a digest fetched once, with one reused context per thread
 * (an implicit fetch costs more than the hash itself). Layer: crypto. The only file that makes digest contexts. */
#ifndef LICET_CRYPTO_HASH_H
#define LICET_CRYPTO_HASH_H
#include "crypto/bytes.h"

/* Fetches the algorithms. Call once before any other call here, before threads start. False: OpenSSL lacks one. */
MUST_USE bool hash_setup(void);

/* SHA-256 of the parts, one after the other, nothing between them. */
void sha256(uint8_t out32[32], const void *data, size_t len);
void sha256_parts(uint8_t out32[32], const struct bytes *parts, size_t count);
void sm3(uint8_t out32[32], const void *data, size_t len);
/* SHA-384 or SHA-512 (bits), for what others made: nothing of ours is hashed so. Fetched at each call. False: OpenSSL lacks it. */
MUST_USE bool sha2_long(uint8_t out64[64], unsigned bits, const void *data, size_t len);
void hmac_sha256(uint8_t out32[32], struct bytes key, const struct bytes *parts, size_t count);

/* The tagged form used for every id and commitment of the ledger (docs/FORMATS.md, "Tagged hash"):
 * SHA-256( u8 len(tag) | tag | for each part: u32be len | bytes ). tag: 1..255 bytes. At most 8 parts. */
void hash_tagged(uint8_t out32[32], const char *tag, const struct bytes *parts, size_t count);
/* The same bytes under HMAC-SHA-256 with the key: look-up tags of keyed types. */
void hmac_tagged(uint8_t out32[32], struct bytes key, const char *tag, const struct bytes *parts, size_t count);

/* Streams, for files: a document is never read whole. */
enum hash_alg { HASH_SHA256 = 1, HASH_SM3 = 2 };
struct hash_stream { void *context; }; /* owns an OpenSSL context until final or drop */
MUST_USE bool hash_stream_start(struct hash_stream *stream, enum hash_alg alg);
void hash_stream_add(struct hash_stream *stream, const void *data, size_t len);
void hash_stream_final(struct hash_stream *stream, uint8_t out32[32]);
void hash_stream_drop(struct hash_stream *stream);
#endif
