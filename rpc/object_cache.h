/* Record cache: a source of objects over one snapshot, for one call. Its values are views into the snapshot's storage, or into the cache: they live no longer
 * than either. A query by fields asks twice for its type, its number and its licence: the last one of each is remembered, so that it is found and checked
 * once. Whatever else is asked for twice, the snapshot remembers (DECISIONS has the figures). Layer: rpc. */
#ifndef LICET_RPC_OBJECT_CACHE_H
#define LICET_RPC_OBJECT_CACHE_H
#include "ledger/chain/chain.h"

#define CACHE_ID_MAX TYPE_CODE_LEN /* a number's is shorter: its type's number and its tag */
_Static_assert(4 + TAG_LEN <= CACHE_ID_MAX, "the number of a licence fits");
#define CACHE_COPIES 16u /* so many values live, as a source promises */
struct object_cache {
    const struct snapshot *snapshot;
    struct cached_id { size_t len; uint8_t id[CACHE_ID_MAX]; struct bytes value; } type, number; /* len 0: none yet */
    uint32_t licence_no;
    struct bytes licence; /* data NULL: none yet */
    uint32_t copy_next;
    uint8_t copy[CACHE_COPIES][SNAPSHOT_COPY_MAX]; /* of licences that were expected */
};
struct object_source object_cache_over(struct object_cache *cache, const struct snapshot *snapshot, const uint8_t *genesis);
#endif
