#include "ledger/chain/seen.h"

/* A queue in log order (entries leave at the front as their time runs out, and at the back when a block is dropped), with a hash table of
 * chains over it. 16 bytes of each hash are kept: finding two records that agree on those costs 2^64 work and only gets one's own refused. */
struct seen_item {
    uint8_t id[16], leaf[16];
    uint64_t entry;
    int64_t time_ms;
    uint64_t next; /* older item in the same bucket, as sequence number + 1; 0: none */
};
struct seen {
    struct seen_item *items; /* ring of cap, indexed by sequence number */
    uint64_t *buckets;       /* sequence number + 1 of the newest; cap of them */
    size_t cap;
    uint64_t first, last;    /* sequence numbers: [first, last) are kept */
};

struct seen *seen_new(void) {
    struct seen *seen = calloc(1, sizeof *seen);
    if (!seen) return NULL;
    seen->cap = 1024;
    seen->items = malloc(seen->cap * sizeof *seen->items);
    seen->buckets = calloc(seen->cap, sizeof *seen->buckets);
    if (!seen->items || !seen->buckets) {
        seen_free(seen);
        return NULL;
    }
    return seen;
}

void seen_free(struct seen *seen) {
    if (!seen) return;
    free(seen->items);
    free(seen->buckets);
    free(seen);
}

static struct seen_item *item_at(const struct seen *seen, uint64_t sequence) { return &seen->items[sequence & (seen->cap - 1)]; }
static uint64_t *bucket_of(const struct seen *seen, const uint8_t *id) { return &seen->buckets[be64_get(id) & (seen->cap - 1)]; }

enum code seen_find(const struct seen *seen, const uint8_t id32[32], const uint8_t leaf32[32], uint64_t *entry) {
    for (uint64_t at = *bucket_of(seen, id32); at && at - 1 >= seen->first;) {
        const struct seen_item *item = item_at(seen, at - 1);
        if (memcmp(item->id, id32, 16) == 0) {
            *entry = item->entry;
            return memcmp(item->leaf, leaf32, 16) == 0 ? CODE_ALREADY_ENTERED : CODE_RESIGNED;
        }
        at = item->next;
    }
    return CODE_OK;
}

static void seen_link(struct seen *seen, uint64_t sequence) {
    struct seen_item *item = item_at(seen, sequence);
    uint64_t *bucket = bucket_of(seen, item->id);
    item->next = *bucket && *bucket - 1 >= seen->first ? *bucket : 0;
    *bucket = sequence + 1;
}

static bool seen_grow(struct seen *seen) {
    size_t cap = seen->cap * 2;
    struct seen_item *items = malloc(cap * sizeof *items);
    uint64_t *buckets = calloc(cap, sizeof *buckets);
    if (!items || !buckets) {
        free(items);
        free(buckets);
        return false;
    }
    for (uint64_t s = seen->first; s < seen->last; s++) items[s & (cap - 1)] = *item_at(seen, s);
    free(seen->items);
    free(seen->buckets);
    seen->items = items;
    seen->buckets = buckets;
    seen->cap = cap;
    for (uint64_t s = seen->first; s < seen->last; s++) seen_link(seen, s);
    return true;
}

enum err seen_add(struct seen *seen, const uint8_t id32[32], const uint8_t leaf32[32], uint64_t entry, int64_t time_ms) {
    if (seen->last - seen->first == seen->cap && !seen_grow(seen)) return ERR_MEMORY;
    struct seen_item *item = item_at(seen, seen->last);
    memcpy(item->id, id32, 16);
    memcpy(item->leaf, leaf32, 16);
    item->entry = entry;
    item->time_ms = time_ms;
    seen_link(seen, seen->last);
    seen->last++;
    return ERR_OK;
}

void seen_drop_from(struct seen *seen, uint64_t entry) {
    while (seen->last > seen->first && item_at(seen, seen->last - 1)->entry >= entry) {
        const struct seen_item *item = item_at(seen, seen->last - 1);
        *bucket_of(seen, item->id) = item->next; /* the newest item heads its bucket */
        seen->last--;
    }
}

void seen_expire(struct seen *seen, int64_t before_ms) {
    while (seen->first < seen->last && item_at(seen, seen->first)->time_ms < before_ms) seen->first++;
}

size_t seen_count(const struct seen *seen) { return (size_t)(seen->last - seen->first); }
