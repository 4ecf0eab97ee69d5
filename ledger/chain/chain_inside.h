/* Inside of a chain, shared by chain.c (writer), open.c and reader.c only. Grouped by who owns it. Layer: ledger/chain. */
#ifndef LICET_CHAIN_CHAIN_INSIDE_H
#define LICET_CHAIN_CHAIN_INSIDE_H
#include "ledger/chain/chain.h"
#include "ledger/chain/places.h"
#include "ledger/chain/roll.h"
#include <pthread.h>
#include <stdatomic.h>

enum block_stage { BLOCK_IDLE, BLOCK_EXECUTED };
#define CHAIN_HEADS (CHAIN_AHEAD + 1u)
#define SPARES_MAX 16u
struct chain_head_data {
    struct header header; /* chain_id is a view into the genesis */
    uint8_t bytes[HEADER_MAX];
    size_t len;
    uint8_t hash[32];
    const struct params *params; /* that govern the block after it */
    const struct map_snapshot *map; /* held */
    struct kv_txn *spare[SPARES_MAX]; /* parked read txns that show this block, for readers that come once the next one is in storage */
    unsigned spares;
};
struct chain {
    /* fixed after open */
    struct kv *kv;
    uint8_t *genesis_bytes;
    struct genesis genesis;
    struct key_cache *keys;
    struct statemap *map;
    struct workers *workers; /* the map's */
    struct roll *roll;
    struct places *places;
    /* owned by the writer */
    struct state *state;
    struct seen *seen;
    struct tile_edge *edge;
    struct merkle_frontier frontier, frontier_after;
    struct block *block;
    struct kv_txn *execute_txn;
    const struct map_snapshot *pending_map;
    const struct params *pending_params; /* made by the open block; NULL: as before */
    uint8_t seal[SEAL_MAX], receipt_signature[64], receipt_kid[32]; /* of the open block, where chain_seal came before chain_commit */
    size_t seal_len; /* 0: not sealed */
    bool receipt;
    enum block_stage stage;
    uint64_t commits;
    struct chain_head_data *tip; /* the newest committed block, in heads */
    struct chain_head_data heads[CHAIN_HEADS]; /* block n at n % CHAIN_HEADS; made by the writer, then read only but for its spares */
    /* under lock: what readers may see */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct chain_head_data *head; /* the published block, in heads */
    uint64_t lost;                /* no block from this one on will ever be published */
    unsigned readers;             /* that there are */
    _Atomic uint64_t published;
};
/* Under the lock. Ends the read txns that nobody has taken. */
void chain_head_drop_spares(struct chain_head_data *head);
#endif
