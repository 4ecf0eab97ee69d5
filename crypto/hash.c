/* OpenSSL 3 would have all digests go through EVP; see sha256 below. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/hash.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <threads.h>

#define PARTS_MAX 8
#define HMAC_BLOCK 64
#define GATHER_MAX 512 /* messages up to this go to OpenSSL in one call: each call costs as much as a small part */

static EVP_MD *sha256_md, *sm3_md;
static pthread_key_t thread_end;

/* SM3's context, one a thread. */
static thread_local EVP_MD_CTX *mine;

static void context_free(void *p) {
    (void)p;
    EVP_MD_CTX_free(mine);
    mine = NULL; /* another thread-end hook may hash again */
}

bool hash_setup(void) {
    if (sha256_md) return true;
    EVP_MD *first = EVP_MD_fetch(NULL, "SHA256", NULL);
    EVP_MD *second = EVP_MD_fetch(NULL, "SM3", NULL);
    if (!first || !second || pthread_key_create(&thread_end, context_free) != 0) {
        EVP_MD_free(first);
        EVP_MD_free(second);
        return false;
    }
    sha256_md = first;
    sm3_md = second;
    return true;
}

/* There is no answer to give without a digest, and none of these can fail once there is memory: so stop.
 *
 * SHA-256 is by far the most called function here, on a block or two mostly: EVP's Init frees and allocates the context each time and costs as much
 * as hashing a block. The same code lies under both, processor's SHA instructions included. */
static void hash_add(SHA256_CTX *context, const void *data, size_t len) {
    if (len > 0) ASSERT(SHA256_Update(context, data, len) == 1);
}

void sha256(uint8_t out32[32], const void *data, size_t len) {
    SHA256_CTX context;
    ASSERT(sha256_md); /* hash_setup was not called */
    ASSERT(SHA256_Init(&context) == 1);
    hash_add(&context, data, len);
    ASSERT(SHA256_Final(out32, &context) == 1);
}

void sha256_parts(uint8_t out32[32], const struct bytes *parts, size_t count) {
    SHA256_CTX context;
    ASSERT(sha256_md);
    ASSERT(SHA256_Init(&context) == 1);
    for (size_t i = 0; i < count; i++) hash_add(&context, parts[i].data, parts[i].len);
    ASSERT(SHA256_Final(out32, &context) == 1);
}

void sm3(uint8_t out32[32], const void *data, size_t len) {
    unsigned out_len = 0;
    ASSERT(sm3_md);
    if (!mine) {
        mine = EVP_MD_CTX_new();
        ASSERT(mine);
        ASSERT(pthread_setspecific(thread_end, mine) == 0);
    }
    ASSERT(EVP_DigestInit_ex2(mine, sm3_md, NULL) == 1);
    if (len > 0) ASSERT(EVP_DigestUpdate(mine, data, len) == 1);
    ASSERT(EVP_DigestFinal_ex(mine, out32, &out_len) == 1);
    ASSERT(out_len == 32);
}

static void block_xor(uint8_t block[HMAC_BLOCK], uint8_t with) {
    for (size_t i = 0; i < HMAC_BLOCK; i++) block[i] ^= with;
}

/* RFC 2104, as two plain passes: EVP_MAC copies a digest context for each, which costs more than the hashing. */
bool sha2_long(uint8_t out64[64], unsigned bits, const void *data, size_t len) {
    ASSERT(bits == 384 || bits == 512);
    size_t made = 0;
    return EVP_Q_digest(NULL, bits == 384 ? "SHA384" : "SHA512", NULL, data, len, out64, &made) == 1 && made == bits / 8;
}

void hmac_sha256(uint8_t out32[32], struct bytes key, const struct bytes *parts, size_t count) {
    uint8_t block[HMAC_BLOCK] = {0}, inner[32];
    SHA256_CTX context;
    if (key.len > HMAC_BLOCK) sha256(block, key.data, key.len);
    else if (key.len > 0) memcpy(block, key.data, key.len);

    ASSERT(sha256_md);
    block_xor(block, 0x36);
    ASSERT(SHA256_Init(&context) == 1);
    hash_add(&context, block, sizeof block);
    for (size_t i = 0; i < count; i++) hash_add(&context, parts[i].data, parts[i].len);
    ASSERT(SHA256_Final(inner, &context) == 1);

    block_xor(block, 0x36 ^ 0x5c);
    ASSERT(SHA256_Init(&context) == 1);
    hash_add(&context, block, sizeof block);
    hash_add(&context, inner, sizeof inner);
    ASSERT(SHA256_Final(out32, &context) == 1);
    bytes_wipe(&context, sizeof context);
    bytes_wipe(block, sizeof block);
    bytes_wipe(inner, sizeof inner);
}

/* The tagged message: laid out in `gather` where it fits, else as views with the lengths in `gather`. */
struct tagged {
    struct bytes views[2 * PARTS_MAX + 1];
    size_t count;
    uint8_t gather[GATHER_MAX];
};

static void tagged_make(struct tagged *t, const char *tag, const struct bytes *parts, size_t count) {
    size_t tag_len = strlen(tag);
    ASSERT(tag_len >= 1);
    ASSERT(tag_len <= 255);
    ASSERT(count <= PARTS_MAX);

    size_t total = 1 + tag_len;
    for (size_t i = 0; i < count; i++) {
        ASSERT(parts[i].len <= UINT32_MAX);
        total += 4 + parts[i].len;
    }
    t->gather[0] = (uint8_t)tag_len;
    memcpy(t->gather + 1, tag, tag_len);
    uint8_t *p = t->gather + 1 + tag_len;
    if (total <= GATHER_MAX) {
        for (size_t i = 0; i < count; i++) {
            be32_put(p, (uint32_t)parts[i].len);
            if (parts[i].len > 0) memcpy(p + 4, parts[i].data, parts[i].len);
            p += 4 + parts[i].len;
        }
        t->views[0] = bytes_of(t->gather, total);
        t->count = 1;
        return;
    }
    t->views[0] = bytes_of(t->gather, 1 + tag_len);
    t->count = 1;
    for (size_t i = 0; i < count; i++, p += 4) {
        be32_put(p, (uint32_t)parts[i].len);
        t->views[t->count++] = bytes_of(p, 4);
        t->views[t->count++] = parts[i];
    }
}
_Static_assert(1 + 255 + 4 * PARTS_MAX <= GATHER_MAX, "tag and lengths always fit");

void hash_tagged(uint8_t out32[32], const char *tag, const struct bytes *parts, size_t count) {
    struct tagged t;
    tagged_make(&t, tag, parts, count);
    sha256_parts(out32, t.views, t.count);
}

void hmac_tagged(uint8_t out32[32], struct bytes key, const char *tag, const struct bytes *parts, size_t count) {
    struct tagged t;
    tagged_make(&t, tag, parts, count);
    hmac_sha256(out32, key, t.views, t.count);
    bytes_wipe(t.gather, sizeof t.gather); /* what is hidden behind a key: numbers and names of persons */
}

bool hash_stream_start(struct hash_stream *stream, enum hash_alg alg) {
    const EVP_MD *md = alg == HASH_SM3 ? sm3_md : sha256_md;
    ASSERT(md);
    ASSERT(alg == HASH_SM3 || alg == HASH_SHA256);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    stream->context = context;
    if (!context) return false;
    if (EVP_DigestInit_ex2(context, md, NULL) == 1) return true;
    hash_stream_drop(stream);
    return false;
}

void hash_stream_add(struct hash_stream *stream, const void *data, size_t len) {
    ASSERT(stream->context);
    if (len > 0) ASSERT(EVP_DigestUpdate((EVP_MD_CTX *)stream->context, data, len) == 1);
}

void hash_stream_final(struct hash_stream *stream, uint8_t out32[32]) {
    ASSERT(stream->context);
    unsigned len = 0;
    ASSERT(EVP_DigestFinal_ex((EVP_MD_CTX *)stream->context, out32, &len) == 1);
    ASSERT(len == 32);
    hash_stream_drop(stream);
}

void hash_stream_drop(struct hash_stream *stream) {
    EVP_MD_CTX_free((EVP_MD_CTX *)stream->context);
    stream->context = NULL;
}
