/* Statemap: the crit-bit Merkle map (crypto/mapproof.h) in memory, one leaf a slot, kept as a persistent tree: an update makes new
 * nodes along the touched paths and leaves the old tree whole, so readers keep a consistent snapshot while the writer works, and an
 * update that is dropped leaves no trace. Layer: ledger/state. Everything here can be rebuilt from the slots.
 * Memory: 44 bytes a node, two nodes a leaf, what walks read apart from the hashes. A leaf keeps only the first 8 bytes of its key; the whole key is asked for through
 * `key_of` in the rare case that two keys agree on all 64 bits (somebody can search for such keys; it must only be slow, not wrong). */
#ifndef LICET_STATE_STATEMAP_H
#define LICET_STATE_STATEMAP_H
#include "crypto/mapproof.h"
#include "ledger/base/code.h"
#include "ledger/base/workers.h"

struct statemap;     /* the node pool: one writer, any number of readers */
struct map_snapshot; /* one version of the tree; reference-counted */

/* Gives the whole key of a slot that is already in the map or in the running update. False: a fault, which becomes ERR_CORRUPT. */
typedef bool (*statemap_key_fn)(void *context, uint32_t slot, uint8_t key32[32]);

MUST_USE struct statemap *statemap_new(void); /* empty; NULL: no memory */
void statemap_free(struct statemap *map);     /* no snapshot may be held */
/* Threads that share the hashing of large updates; borrowed. NULL, as at first: the writer alone. */
void statemap_set_workers(struct statemap *map, struct workers *workers);
struct workers *statemap_workers(const struct statemap *map);

/* The newest published version. Any thread. Release each once. */
const struct map_snapshot *statemap_acquire(struct statemap *map);
/* One more reference to a version that is held, however old. */
void statemap_hold(struct statemap *map, const struct map_snapshot *snapshot);
void statemap_release(struct statemap *map, const struct map_snapshot *snapshot);
void map_snapshot_root(uint8_t root32[32], const struct map_snapshot *snapshot); /* 32 zero bytes when empty */
uint32_t map_snapshot_count(const struct map_snapshot *snapshot);                /* leaves */

/* A leaf as the map knows it. */
struct map_hit {
    uint32_t slot;
    uint8_t leaf[32]; /* H(00|key|H(value)): what the bytes read from storage must lead to */
};
/* Where the walk by key ends. True: at a leaf with the same first 8 bytes, so almost surely this key: the caller reads the slot's
 * object, derives its key and compares (which it has to do anyway, to check the leaf hash). False: surely absent. */
MUST_USE bool statemap_find(const struct statemap *map, const struct map_snapshot *snapshot, const uint8_t key32[32],
                            struct map_hit *hit);

/* The same for many keys, walking down with all of them side by side: one at a time, each find waits for the memory of each node on its way. */
#define STATEMAP_WARM_MAX 16u
void statemap_find_many(const struct statemap *map, const struct map_snapshot *snapshot, const uint8_t (*keys)[32], size_t count, struct map_hit *hits, bool *found);
/* Only fetches into the processor's cache what finding these keys will read. */
void statemap_warm(const struct statemap *map, const struct map_snapshot *snapshot, const uint8_t (*keys)[32], size_t count);

/* Proof path by key: steps (root first) and the leaf where the walk ends. The caller compares that slot's key with key: equal, the
 * steps prove membership; else absence. *count is in steps. False: the map is empty. */
MUST_USE bool statemap_path(const struct statemap *map, const struct map_snapshot *snapshot, const uint8_t key32[32],
                            uint8_t steps[MAP_STEPS_MAX * MAP_STEP_LEN], size_t *count, struct map_hit *hit);

/* Visits the leaves whose key begins with the first `bits` bits of prefix32, in key order; stops when visit says false. */
typedef bool (*statemap_visit_fn)(void *context, const struct map_hit *hit);
void statemap_prefix(const struct statemap *map, const struct map_snapshot *snapshot, const uint8_t prefix32[32], unsigned bits,
                     statemap_visit_fn visit, void *context);

/* One batch of changes on top of the newest published version: a key already present gets the new value hash (its slot must be
 * the same), a new one is inserted. `changes` is sorted by key in place. Touches each path once. A key twice, or under another slot than before, is
 * ERR_CORRUPT: that is how two objects look of which one was changed on the disk.
 * *out: an unpublished version; publish or drop it before the next update. On a fault nothing is left behind. Writer only. */
struct map_change {
    uint8_t key[32];
    uint8_t value_hash[32];
    uint32_t slot;
};
MUST_USE enum err statemap_update(struct statemap *map, struct map_change *changes, size_t count, statemap_key_fn key_of,
                                  void *context, const struct map_snapshot **out);
/* Update and publish in one, while nobody holds a snapshot and nobody acquires one: for a map that is being filled. Old nodes are written over at
 * once, which leaves no third of the memory unused behind. After a fault the map is only good for statemap_free. */
MUST_USE enum err statemap_fill(struct statemap *map, struct map_change *changes, size_t count, statemap_key_fn key_of, void *context);
void statemap_publish(struct statemap *map, const struct map_snapshot *snapshot); /* takes over the caller's reference */
void statemap_drop(struct statemap *map, const struct map_snapshot *snapshot);

struct statemap_use { uint64_t nodes, nodes_free; uint64_t bytes; };
void statemap_usage(const struct statemap *map, struct statemap_use *out);
/* Walks everything and re-hashes every inner node, for tests and fsck: true where all hashes and bits are in order. */
MUST_USE bool statemap_verify(const struct statemap *map, const struct map_snapshot *snapshot);
#endif
