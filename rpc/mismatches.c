#include "rpc/mismatches.h"

#include <pthread.h>

#include "crypto/keyfile.h"

#define SETS 2048u /* a power of two */
#define WAYS 8u

struct slot {
    uint8_t key[32];
    int64_t from_ms; /* of the first of them */
    uint32_t count;  /* 0: free */
};
struct mismatches {
    pthread_mutex_t lock;
    uint8_t salt[8]; /* so that nobody can choose licences that push each other out */
    struct slot slot[SETS][WAYS];
};

struct mismatches *mismatches_new(void) {
    struct mismatches *mismatches = calloc(1, sizeof *mismatches);
    if (mismatches == NULL) return NULL;
    pthread_mutex_init(&mismatches->lock, NULL);
    random_bytes(mismatches->salt, sizeof mismatches->salt);
    return mismatches;
}

void mismatches_free(struct mismatches *mismatches) {
    if (mismatches == NULL) return;
    pthread_mutex_destroy(&mismatches->lock);
    free(mismatches);
}

/* Licence keys are hashes already: a salted mix of eight of their bytes spreads well enough. */
static struct slot *set_of(struct mismatches *mismatches, const uint8_t key32[32]) {
    uint64_t mixed = be64_get(key32) ^ be64_get(mismatches->salt);
    mixed *= UINT64_C(0x9e3779b97f4a7c15);
    return mismatches->slot[(mixed >> 40) & (SETS - 1)];
}

/* The licence's slot while its day lasts. */
static struct slot *find(struct slot *set, const uint8_t key32[32], int64_t now_ms) {
    for (uint32_t i = 0; i < WAYS; i++) {
        if (set[i].count == 0 || memcmp(set[i].key, key32, 32) != 0) continue;
        if (now_ms - set[i].from_ms < MISMATCHES_MS) return &set[i];
        set[i].count = 0;
    }
    return NULL;
}

bool mismatches_blocked(struct mismatches *mismatches, const uint8_t key32[32], int64_t now_ms) {
    pthread_mutex_lock(&mismatches->lock);
    const struct slot *slot = find(set_of(mismatches, key32), key32, now_ms);
    const bool blocked = slot != NULL && slot->count >= MISMATCHES_MAX;
    pthread_mutex_unlock(&mismatches->lock);
    return blocked;
}

void mismatches_count(struct mismatches *mismatches, const uint8_t key32[32], int64_t now_ms) {
    pthread_mutex_lock(&mismatches->lock);
    struct slot *set = set_of(mismatches, key32);
    struct slot *slot = find(set, key32, now_ms);
    if (slot == NULL) { /* a free one, or the one with the fewest, and of those the oldest */
        slot = &set[0];
        for (uint32_t i = 1; i < WAYS; i++) {
            const bool fewer = set[i].count < slot->count, older = set[i].count == slot->count && set[i].from_ms < slot->from_ms;
            if (fewer || older) slot = &set[i];
        }
        memcpy(slot->key, key32, 32);
        slot->from_ms = now_ms;
        slot->count = 0;
    }
    if (slot->count < MISMATCHES_MAX) slot->count++;
    pthread_mutex_unlock(&mismatches->lock);
}
