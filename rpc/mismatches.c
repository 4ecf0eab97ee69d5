#include "rpc/mismatches.h"

#include <pthread.h>

#include "crypto/keyfile.h"

/* A million licences of 16 bytes: who wants to push one out has to ask wrongly about as many others. A licence that is blocked is never pushed
 * out; where all places of a set hold such ones, the set's other licences are blocked too: no answer rather than one guess more. */
#define SETS 131072u /* a power of two */
#define WAYS 8u

struct slot {
    uint64_t key;    /* eight of its bytes: two licences that share them count together */
    uint32_t from_s; /* of the first of them */
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

static uint64_t name_of(const uint8_t key32[32]) { return be64_get(key32 + 8); }
static uint32_t seconds(int64_t now_ms) { return (uint32_t)(now_ms / 1000); }

/* The licence's slot while its day lasts; those whose day is over come free. *full: every place is one of a blocked licence. */
static struct slot *find(struct slot *set, const uint8_t key32[32], int64_t now_ms, bool *full) {
    struct slot *found = NULL;
    *full = true;
    for (uint32_t i = 0; i < WAYS; i++) {
        if (set[i].count > 0 && (int64_t)seconds(now_ms) - set[i].from_s >= MISMATCHES_MS / 1000) set[i].count = 0;
        if (set[i].count > 0 && set[i].key == name_of(key32)) found = &set[i];
        if (set[i].count < MISMATCHES_MAX) *full = false;
    }
    return found;
}

bool mismatches_blocked(struct mismatches *mismatches, const uint8_t key32[32], int64_t now_ms) {
    bool full;
    pthread_mutex_lock(&mismatches->lock);
    const struct slot *slot = find(set_of(mismatches, key32), key32, now_ms, &full);
    const bool blocked = slot != NULL ? slot->count >= MISMATCHES_MAX : full;
    pthread_mutex_unlock(&mismatches->lock);
    return blocked;
}

void mismatches_count(struct mismatches *mismatches, const uint8_t key32[32], int64_t now_ms) {
    bool full;
    pthread_mutex_lock(&mismatches->lock);
    struct slot *set = set_of(mismatches, key32);
    struct slot *slot = find(set, key32, now_ms, &full);
    if (slot == NULL && !full) { /* a free one, or the one with the fewest, and of those the oldest */
        slot = &set[0];
        for (uint32_t i = 1; i < WAYS; i++) {
            const bool fewer = set[i].count < slot->count, older = set[i].count == slot->count && set[i].from_s < slot->from_s;
            if (fewer || older) slot = &set[i];
        }
        *slot = (struct slot){.key = name_of(key32), .from_s = seconds(now_ms)};
    }
    if (slot != NULL && slot->count < MISMATCHES_MAX) slot->count++;
    pthread_mutex_unlock(&mismatches->lock);
}
