#include "rpc/mismatches.h"

#include <pthread.h>

#include "crypto/hash.h"
#include "crypto/keyfile.h"

/* An asker that asks about very many licences fills the table. No place is taken from another asker for it. A mismatch that finds no place is counted for
 * its asker alone, whatever the licence; an asker with too many of those is not answered about licences that have no place. So a flood costs only the
 * asker that floods. Anybody can read keys, so queries by key have a table of their own: it can fill without harm to the other. */
#define WAYS 8u
#define KNOWN_SETS 131072u /* powers of two */
#define KEY_SETS 32768u
#define ASKER_SETS 8192u

struct slot {
    uint64_t licence; /* eight bytes of its key, to find it again by: see mismatches_clear */
    uint64_t who;     /* asker, licence and way, hashed: two that share 64 bits count together */
    uint32_t from_s;  /* of the first of them */
    uint32_t count;   /* 0: free */
};
struct table {
    struct slot *slots;
    size_t sets;
};
enum { TABLE_KNOWN, TABLE_KEY, TABLE_ASKER, TABLES };
struct mismatches {
    pthread_mutex_t lock;
    uint8_t salt[16]; /* so that nobody can choose licences that fill one set */
    uint32_t max, seconds;
    struct table table[TABLES];
};

struct mismatches *mismatches_new(unsigned max, unsigned hours) {
    static const size_t sets[TABLES] = {KNOWN_SETS, KEY_SETS, ASKER_SETS};
    struct mismatches *mismatches = calloc(1, sizeof *mismatches);
    if (mismatches == NULL) return NULL;
    pthread_mutex_init(&mismatches->lock, NULL);
    random_bytes(mismatches->salt, sizeof mismatches->salt);
    mismatches->max = max > 0 ? max : MISMATCHES_MAX;
    mismatches->seconds = (hours > 0 ? hours : MISMATCHES_HOURS) * 3600;
    for (size_t i = 0; i < TABLES; i++) {
        mismatches->table[i] = (struct table){calloc(sets[i] * WAYS, sizeof(struct slot)), sets[i]};
        if (mismatches->table[i].slots != NULL) continue;
        mismatches_free(mismatches);
        return NULL;
    }
    return mismatches;
}

void mismatches_free(struct mismatches *mismatches) {
    if (mismatches == NULL) return;
    for (size_t i = 0; i < TABLES; i++) free(mismatches->table[i].slots);
    pthread_mutex_destroy(&mismatches->lock);
    free(mismatches);
}

/* Where one count lies: the slots of its set, and its name among them. */
struct place {
    struct slot *set;
    uint64_t who;
};

static struct place place_for(const struct mismatches *mismatches, size_t table, const struct mismatch *what) {
    const uint8_t way = table == TABLE_ASKER ? 0xff : (uint8_t)what->way;
    const struct bytes parts[] = {bytes_of(mismatches->salt, sizeof mismatches->salt), bytes_of(what->asker, ASKER_LEN), bytes_of(&way, 1),
                                  bytes_of(what->key32, table == TABLE_ASKER ? 0 : 32)};
    uint8_t digest[32];
    sha256_parts(digest, parts, 4);
    const struct table *in = &mismatches->table[table];
    return (struct place){in->slots + (be64_get(digest) & (in->sets - 1)) * WAYS, be64_get(digest + 8)};
}

static uint32_t seconds(int64_t now_ms) { return (uint32_t)(now_ms / 1000); }

/* The slot that counts this while its day lasts; else a free one, or NULL. Those whose day is over come free. */
static struct slot *find_slot(const struct mismatches *mismatches, const struct place *place, int64_t now_ms) {
    struct slot *empty = NULL;
    for (uint32_t i = 0; i < WAYS; i++) {
        struct slot *slot = &place->set[i];
        if (slot->count > 0 && (int64_t)seconds(now_ms) - slot->from_s >= mismatches->seconds) slot->count = 0;
        if (slot->count > 0 && slot->who == place->who) return slot;
        if (slot->count == 0) empty = slot;
    }
    return empty;
}

static size_t table_of(const struct mismatch *what) { return what->way == WAY_KEY ? TABLE_KEY : TABLE_KNOWN; }

bool mismatches_blocked(struct mismatches *mismatches, const struct mismatch *what, int64_t now_ms) {
    const struct place place = place_for(mismatches, table_of(what), what);
    pthread_mutex_lock(&mismatches->lock);
    const struct slot *slot = find_slot(mismatches, &place, now_ms);
    if (slot == NULL) {
        const struct place asker = place_for(mismatches, TABLE_ASKER, what);
        slot = find_slot(mismatches, &asker, now_ms);
    }
    const bool blocked = slot == NULL || slot->count >= mismatches->max;
    pthread_mutex_unlock(&mismatches->lock);
    return blocked;
}

void mismatches_count(struct mismatches *mismatches, const struct mismatch *what, int64_t now_ms) {
    struct place place = place_for(mismatches, table_of(what), what);
    pthread_mutex_lock(&mismatches->lock);
    struct slot *slot = find_slot(mismatches, &place, now_ms);
    uint64_t licence = be64_get(what->key32);
    if (slot == NULL) {
        place = place_for(mismatches, TABLE_ASKER, what);
        slot = find_slot(mismatches, &place, now_ms);
        licence = 0;
    }
    if (slot != NULL && slot->count == 0) *slot = (struct slot){.licence = licence, .who = place.who, .from_s = seconds(now_ms)};
    if (slot != NULL && slot->count < mismatches->max) slot->count++;
    pthread_mutex_unlock(&mismatches->lock);
}

uint64_t mismatches_clear(struct mismatches *mismatches, const uint8_t *key32) {
    uint64_t cleared = 0;
    pthread_mutex_lock(&mismatches->lock);
    for (size_t table = 0; table < TABLES; table++) {
        if (key32 != NULL && table == TABLE_ASKER) continue; /* names no licence */
        for (size_t i = 0; i < mismatches->table[table].sets * WAYS; i++) {
            struct slot *slot = &mismatches->table[table].slots[i];
            if (slot->count == 0 || (key32 != NULL && slot->licence != be64_get(key32))) continue;
            slot->count = 0;
            cleared++;
        }
    }
    pthread_mutex_unlock(&mismatches->lock);
    return cleared;
}
