/* Record cache: a source of records over one snapshot that checks what many verdicts of one call share, and what one verdict asks for twice,
 * only once in the call. Layer: rpc. Lives no longer than the snapshot: values are views into its storage. */
#ifndef LICET_RPC_RECORD_CACHE_H
#define LICET_RPC_RECORD_CACHE_H
#include "ledger/chain/chain.h"

#define CACHE_SHARED 64u  /* members, types, keys; more are read each time */
#define CACHE_LICENCES 4u /* the licence at hand is asked for by key and by number */
#define CACHE_TYPES 16u
struct record_cache {
    const struct snapshot *snapshot;
    uint32_t shared_count, type_count, licence_next;
    struct { enum object_kind kind; uint32_t no; struct bytes value; } shared[CACHE_SHARED];
    struct { char code[TYPE_CODE_LEN]; struct bytes value; } type[CACHE_TYPES];
    struct { bool set; uint32_t no; uint8_t key[32]; struct bytes value; } licence[CACHE_LICENCES];
};
struct record_source record_cache_over(struct record_cache *cache, const struct snapshot *snapshot, const uint8_t *genesis);
#endif
