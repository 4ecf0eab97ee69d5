#include "ledger/chain/prepare.h"

#include "ledger/base/arena.h"
#include <pthread.h>

struct refusal prepared_new(struct prepared **out, struct bytes statement) {
    *out = NULL;
    if (statement.len > STATEMENT_BYTES_MAX) return refuse(CODE_STATEMENT_TOO_LARGE, NULL);
    size_t head = (sizeof(struct prepared) + 15) & ~(size_t)15;
    size_t body = (statement.len + 15) & ~(size_t)15;
    uint8_t *memory = malloc(head + body + RECORD_ARENA_FOR(statement.len));
    if (!memory) return refuse(CODE_QUEUE_FULL, NULL);
    struct prepared *p = (struct prepared *)(void *)memory;
    memset(p, 0, sizeof *p);
    if (statement.len) memcpy(memory + head, statement.data, statement.len);
    p->bytes = bytes_of(memory + head, statement.len);
    struct refusal refusal = statement_decode(&p->statement, p->bytes);
    if (refusal.code == CODE_OK) {
        struct arena arena = arena_over(memory + head + body, RECORD_ARENA_FOR(statement.len));
        refusal = record_decode(&p->record, &arena, p->statement.cose.payload);
    }
    if (refusal.code != CODE_OK) {
        free(memory);
        return refusal;
    }
    *out = p;
    return refusal;
}

void prepared_free(struct prepared *prepared) { free(prepared); }

struct refusal prepared_verify(struct prepared *prepared, const struct verifier *verifier, enum key_alg alg) {
    const struct cose_sign1 *cose = &prepared->statement.cose;
    if (key_alg_cose(alg) != cose->alg) return refuse(CODE_ALG_KEY_MISMATCH, "alg");
    struct cose_tbs tbs;
    cose_tbs(&tbs, cose->protected_header, cose->payload);
    if (!verifier_check(verifier, cose->signature, tbs.parts, COSE_TBS_PARTS)) return refuse(CODE_SIGNATURE_INVALID, "signature");
    prepared->signature_good = true;
    return refuse(CODE_OK, NULL);
}

/* A small open-addressing table: keys are registered by the dozen, looked up by the million. */
struct key_slot {
    uint8_t thumb[32];
    struct verifier *verifier;
};
struct key_cache {
    pthread_rwlock_t lock;
    struct key_slot *slots;
    size_t cap, used;
};

struct key_cache *key_cache_new(void) {
    struct key_cache *cache = calloc(1, sizeof *cache);
    if (!cache) return NULL;
    cache->cap = 256;
    cache->slots = calloc(cache->cap, sizeof *cache->slots);
    if (!cache->slots || pthread_rwlock_init(&cache->lock, NULL) != 0) {
        free(cache->slots);
        free(cache);
        return NULL;
    }
    return cache;
}

void key_cache_free(struct key_cache *cache) {
    if (!cache) return;
    for (size_t i = 0; i < cache->cap; i++) verifier_free(cache->slots[i].verifier);
    pthread_rwlock_destroy(&cache->lock);
    free(cache->slots);
    free(cache);
}

/* Where thumb is, or the free slot where it would go. The table is never more than half full. */
static struct key_slot *key_slot_of(struct key_slot *slots, size_t cap, const uint8_t thumb[32]) {
    size_t i = (size_t)be64_get(thumb) & (cap - 1);
    while (slots[i].verifier && memcmp(slots[i].thumb, thumb, 32) != 0) i = (i + 1) & (cap - 1);
    return &slots[i];
}

const struct verifier *key_cache_get(struct key_cache *cache, const uint8_t thumb32[32]) {
    pthread_rwlock_rdlock(&cache->lock);
    const struct verifier *found = key_slot_of(cache->slots, cache->cap, thumb32)->verifier;
    pthread_rwlock_unlock(&cache->lock);
    return found;
}

static bool key_cache_grow(struct key_cache *cache) {
    if (cache->used * 2 < cache->cap) return true;
    struct key_slot *bigger = calloc(cache->cap * 2, sizeof *bigger);
    if (!bigger) return false;
    for (size_t i = 0; i < cache->cap; i++)
        if (cache->slots[i].verifier) *key_slot_of(bigger, cache->cap * 2, cache->slots[i].thumb) = cache->slots[i];
    free(cache->slots);
    cache->slots = bigger;
    cache->cap *= 2;
    return true;
}

const struct verifier *key_cache_add(struct key_cache *cache, const struct pubkey *key) {
    uint8_t thumb[32];
    pubkey_thumbprint(thumb, key);
    struct verifier *fresh = verifier_new(key);
    if (!fresh) return NULL;
    pthread_rwlock_wrlock(&cache->lock);
    const struct verifier *kept = NULL;
    if (key_cache_grow(cache)) {
        struct key_slot *slot = key_slot_of(cache->slots, cache->cap, thumb);
        if (!slot->verifier) {
            memcpy(slot->thumb, thumb, 32);
            slot->verifier = fresh;
            cache->used++;
            fresh = NULL;
        }
        kept = slot->verifier;
    }
    pthread_rwlock_unlock(&cache->lock);
    verifier_free(fresh);
    return kept;
}
