/* Block_check: is a stored block's row what was sealed? Its seal and receipt signature under the keys that finality names, and its link to the block
 * before. And is a tile the log's? Layer: ledger/chain. */
#ifndef LICET_CHAIN_BLOCK_CHECK_H
#define LICET_CHAIN_BLOCK_CHECK_H
#include "ledger/chain/chain.h"

MUST_USE bool block_seal_good(const struct stored_block *block, const struct finality *finality);
/* No receipt signature is good too: a receipt is a service, not a part of the ledger. keys: where verifiers are kept. */
MUST_USE bool block_receipt_good(const struct stored_block *block, const struct finality *finality, struct key_cache *keys);
/* Block n and its first entry, checked in this call. ERR_ABSENT only for an n beyond the newest: what the head says exists and is not found is ERR_CORRUPT. */
MUST_USE enum err snapshot_block(const struct snapshot *snapshot, uint64_t n, struct stored_block *out, uint64_t *first);
/* The first width hashes of one tile, checked in this call: they lead to the snapshot's log root. The tile must be there in a log of that size. */
MUST_USE enum err snapshot_tile(const struct snapshot *snapshot, struct tile_reader *tiles, unsigned level, uint64_t number, uint32_t width, uint8_t (*out)[32]);
#endif
