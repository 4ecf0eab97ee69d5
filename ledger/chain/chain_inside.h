/* Inside of a chain, shared by chain.c (writer), open.c and reader.c only. Grouped by who owns it. Layer: ledger/chain. */
#ifndef LICET_CHAIN_CHAIN_INSIDE_H
#define LICET_CHAIN_CHAIN_INSIDE_H
#include "ledger/chain/chain.h"
#include "ledger/chain/roll.h"
#include <pthread.h>
#include <stdatomic.h>

enum stage { STAGE_IDLE, STAGE_EXECUTED };
struct chain_head_data {
    struct header header; /* chain_id is a view into the genesis */
    uint8_t bytes[HEADER_MAX];
    size_t len;
    uint8_t hash[32];
    const struct map_snapshot *map; /* held */
};
struct chain {
    /* fixed after open */
    struct kv *kv;
    uint8_t *genesis_bytes;
    struct genesis genesis;
    struct policy policy;
    struct finality finality;
    struct key_cache *keys;
    struct statemap *map;
    struct workers *workers; /* the map's */
    struct roll *roll;
    /* owned by the writer */
    struct state *state;
    struct seen *seen;
    struct tile_edge *edge;
    struct merkle_frontier frontier, frontier_after;
    struct block *block;
    struct kv_txn *execute_txn;
    const struct map_snapshot *pending_map;
    enum stage stage;
    uint64_t commits;
    struct chain_head_data tip; /* the newest committed block; its map only until it is published */
    /* under lock: what readers may see. tip is head, or the one block after it. */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct chain_head_data head;
    bool abandoned;
    _Atomic uint64_t published;
};
#endif
