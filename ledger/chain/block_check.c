#include "ledger/chain/block_check.h"

#include "ledger/wire/proof.h"

bool block_seal_good(const struct stored_block *block, const struct finality *finality) {
    uint32_t node;
    return block->seal.data && header_seal_check(&node, block->seal, block->header_bytes, finality).code == CODE_OK;
}

bool block_receipt_good(const struct stored_block *block, const struct finality *finality, struct key_cache *keys) {
    if (!block->receipt_signature || !block->receipt_kid) return true;
    char name[LEDGER_NAME_MAX];
    uint8_t protected_header[COSE_PROTECTED_MAX];
    size_t name_len = ledger_name(name, block->header.chain_id, block->header.genesis);
    size_t len = receipt_protected(protected_header, block->receipt_kid, bytes_of(name, name_len), block->header.time_ms);
    struct cose_tbs tbs;
    cose_tbs(&tbs, bytes_of(protected_header, len), bytes_of(block->header.log_root, 32));
    for (uint32_t i = 0; i < finality->node_count; i++) {
        uint8_t thumb[32];
        pubkey_thumbprint(thumb, &finality->nodes[i].note);
        if (memcmp(thumb, block->receipt_kid, 32) != 0) continue;
        const struct verifier *verifier = key_cache_get(keys, thumb);
        if (!verifier) verifier = key_cache_add(keys, &finality->nodes[i].note);
        if (verifier && verifier_check(verifier, block->receipt_signature, tbs.parts, COSE_TBS_PARTS)) return true;
    }
    return false;
}

/* Block 0 has no seal: the block after it, or the head, has its hash. */
static enum err genesis_good(const struct snapshot *snapshot, const struct stored_block *block) {
    uint8_t hash[32];
    struct stored_block after;
    header_hash(hash, block->header_bytes);
    if (snapshot->n == 0) return memcmp(hash, snapshot->hash, 32) == 0 ? ERR_OK : ERR_CORRUPT;
    enum err err = store_block(snapshot->txn, 1, &after);
    if (err == ERR_OK && memcmp(hash, after.header.previous, 32) != 0) err = ERR_CORRUPT;
    return err;
}

enum err snapshot_block(const struct snapshot *snapshot, uint64_t n, struct stored_block *out, uint64_t *first) {
    *first = 0;
    if (n > snapshot->n) return ERR_ABSENT;
    enum err err = store_block(snapshot->txn, n, out);
    if (err == ERR_OK && n == 0) err = genesis_good(snapshot, out);
    if (err == ERR_OK && n > 0) {
        uint8_t hash[32];
        struct stored_block before;
        if (!block_seal_good(out, &params_at(snapshot->params, n)->finality)) return ERR_CORRUPT;
        err = store_block(snapshot->txn, n - 1, &before);
        if (err == ERR_OK) {
            header_hash(hash, before.header_bytes);
            *first = before.header.log_size;
            if (memcmp(hash, out->header.previous, 32) != 0) err = ERR_CORRUPT;
        }
    }
    return err == ERR_ABSENT ? ERR_CORRUPT : err;
}

/* The way from the first leaf below the tile to the root has every hash of the tile but its first in a sibling; the first is where the way passes level 8 * level. */
enum err snapshot_tile(const struct snapshot *snapshot, struct tile_reader *tiles, unsigned level, uint64_t number, uint32_t width, uint8_t (*out)[32]) {
    const uint64_t size = snapshot->header.log_size, leaf_index = (number * TILE_WIDTH) << (8 * level);
    uint8_t path[MERKLE_PATH_MAX][32], leaf[32], first[32], root[32];
    size_t count;
    tile_reader_start(tiles, snapshot->txn, size);
    for (uint32_t i = 0; i < width; i++)
        if (!tile_fetch(tiles, 8 * level, number * TILE_WIDTH + i, out[i])) return ERR_CORRUPT;
    if (!merkle_inclusion_make(path, &count, leaf_index, size, tile_fetch, tiles) || !tile_fetch(tiles, 0, leaf_index, leaf)) return ERR_CORRUPT;
    memcpy(first, leaf, 32);
    for (size_t i = 0; i < 8 * level; i++) merkle_node(first, first, path[i]);
    if (memcmp(first, out[0], 32) != 0 || !merkle_inclusion_root(root, leaf, leaf_index, size, (const uint8_t(*)[32])path, count)) return ERR_CORRUPT;
    return memcmp(root, snapshot->header.log_root, 32) == 0 ? ERR_OK : ERR_CORRUPT;
}
