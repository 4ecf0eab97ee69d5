/* Store: where a block's parts rest in the KV tables, and how they are read back. Layer: ledger/chain. */
#ifndef LICET_CHAIN_STORE_H
#define LICET_CHAIN_STORE_H
#include "ledger/kv/kv.h"
#include "ledger/wire/header.h"
#include "ledger/wire/object.h"

#define STORE_FORMAT 2u /* of the rows; another one is refused: ERR_VERSION */
enum meta_key { META_FORMAT = 0, META_GENESIS = 1, META_PARAMS = 16 }; /* u32be version; genesis bytes; from 17 on: params.h, one row a version */

/* KV_BLOCKS value: CBOR [header bstr, seal bstr / null, receipt signature bstr 64 / null, receipt kid bstr 32 / null]. */
struct stored_block {
    struct bytes header_bytes;
    struct header header;        /* decoded; chain_id is a view */
    struct bytes seal;           /* data NULL: none (genesis, or not sealed) */
    const uint8_t *receipt_signature, *receipt_kid; /* NULL: none */
};
#define STORED_BLOCK_MAX (HEADER_MAX + SEAL_MAX + 128)
struct refusal stored_block_decode(struct stored_block *out, struct bytes value);
/* ERR_ABSENT: no such block. ERR_CORRUPT where it does not decode or has another n. */
MUST_USE enum err store_block(struct kv_txn *txn, uint64_t n, struct stored_block *out);
MUST_USE enum err store_newest(struct kv_txn *txn, struct stored_block *out);
MUST_USE size_t store_block_encode(uint8_t out[STORED_BLOCK_MAX], struct bytes header, struct bytes seal, const uint8_t *receipt_signature,
                                   const uint8_t *receipt_kid);
/* The block that holds a log entry, by binary search over headers. */
MUST_USE enum err store_block_of_entry(struct kv_txn *txn, uint64_t entry, struct stored_block *out);
/* First entry of block n (the log size of the block before it). */
MUST_USE enum err store_first_entry(struct kv_txn *txn, uint64_t n, uint64_t *entry);
/* Statement bytes, checked against the leaf in the log's tiles. */
MUST_USE enum err store_statement(struct kv_txn *txn, uint64_t entry, struct bytes *out);
MUST_USE enum err store_link(struct kv_txn *txn, uint32_t number, struct history_link *out);

/* Tiles of 256 hashes (C2SP tlog-tiles). Level L tile N holds roots of perfect subtrees of 256^L leaves. They rest as one strip a level, in KV_TILES. */
#define TILE_WIDTH 256u
/* Hashes first .. first + count of a level, counted from the log's beginning. ERR_ABSENT, ERR_CORRUPT: they are not in storage. */
MUST_USE enum err tile_hashes(struct kv_txn *txn, unsigned level, uint64_t first, size_t count, uint8_t (*out)[32]);
/* Perfect-subtree hashes out of stored tiles, for merkle.h. Keeps the inner nodes of the last tiles it saw, of one log. One thread. */
struct tile_reader {
    struct kv_txn *txn;
    uint64_t log_size;
    bool fault; /* a tile was missing or short */
    struct tile_nodes {
        uint64_t key;
        uint32_t width;
        uint8_t node[511][32]; /* heap order by level: level l of the tile begins at tile_base(l) */
    } cache[8];
    uint32_t next;
};
void tile_reader_start(struct tile_reader *reader, struct kv_txn *txn, uint64_t log_size); /* anew at each txn */
bool tile_fetch(void *tile_reader, unsigned level, uint64_t index, uint8_t out32[32]);      /* a merkle_fetch_fn */

/* The growing right edge of the log, kept by the writer: which tiles a block changes. */
struct tile_edge;
MUST_USE struct tile_edge *tile_edge_new(void);
void tile_edge_free(struct tile_edge *edge);
MUST_USE enum err tile_edge_load(struct tile_edge *edge, struct kv_txn *txn, uint64_t log_size);
void tile_edge_append(struct tile_edge *edge, const uint8_t leaf32[32]);
MUST_USE enum err tile_edge_write(struct tile_edge *edge, struct kv_txn *txn); /* puts every hash appended since the last write */
#endif
