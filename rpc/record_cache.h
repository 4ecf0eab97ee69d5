/* Record cache: a source of records over one snapshot that checks what many verdicts of one call share, and what one verdict asks for twice,
 * only once in the call. Layer: rpc. Lives no longer than the snapshot: values are views into its storage, or into the cache. */
#ifndef LICET_RPC_RECORD_CACHE_H
#define LICET_RPC_RECORD_CACHE_H
#include "ledger/chain/chain.h"

#define CACHE_SHARED 64u  /* members, types, keys; more are read each time */
#define CACHE_LICENCES 4u /* the licence at hand is asked for by key and by number */
#define CACHE_TYPES 16u
/* A value that was kept for CACHE_LICENCES reads may be given once more, and lives for 16 calls then, as a source promises. */
#define CACHE_COPIES 32u
_Static_assert(CACHE_COPIES >= CACHE_LICENCES + 16u, "no copy is written over while somebody may look at it");
struct record_cache {
    const struct snapshot *snapshot;
    uint32_t shared_count, type_count, licence_next;
    struct { enum object_kind kind; uint32_t no; struct bytes value; } shared[CACHE_SHARED];
    struct { char code[TYPE_CODE_LEN]; struct bytes value; } type[CACHE_TYPES];
    struct cached_licence { bool set; uint32_t no /* NO_NONE: not read yet */; uint8_t key[32]; struct bytes value; } licence[CACHE_LICENCES];
    uint32_t copy_next; /* each copy belongs to a licence that was kept after it was read, so none is written over that is kept */
    uint8_t copy[CACHE_COPIES][SNAPSHOT_COPY_MAX];
};
struct record_source record_cache_over(struct record_cache *cache, const struct snapshot *snapshot, const uint8_t *genesis);
#endif
