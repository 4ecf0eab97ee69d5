#include "ledger/chain/store.h"

#include "crypto/merkle.h"
#include "ledger/kv/strips.h"

size_t store_block_encode(uint8_t out[STORED_BLOCK_MAX], struct bytes header, struct bytes seal, const uint8_t *receipt_signature,
                          const uint8_t *receipt_kid) {
    struct wire_out w = wire_write(out, STORED_BLOCK_MAX);
    wire_put_array(&w, 4);
    wire_put_bytes(&w, header);
    if (seal.data) wire_put_bytes(&w, seal); else wire_put_null(&w);
    if (receipt_signature) wire_put_bytes(&w, bytes_of(receipt_signature, 64)); else wire_put_null(&w);
    if (receipt_kid) wire_put_bytes(&w, bytes_of(receipt_kid, 32)); else wire_put_null(&w);
    ASSERT(!w.full);
    return w.len;
}

struct refusal stored_block_decode(struct stored_block *out, struct bytes value) {
    struct wire_in in = wire_read(value);
    memset(out, 0, sizeof *out);
    wire_get_array(&in, 4, 4);
    wire_field(&in, "header");
    out->header_bytes = wire_get_bytes(&in, 1, HEADER_MAX);
    wire_field(&in, "seal");
    if (!wire_try_null(&in)) out->seal = wire_get_bytes(&in, 1, SEAL_MAX);
    wire_field(&in, "receipt signature");
    if (!wire_try_null(&in)) out->receipt_signature = wire_get_fixed(&in, 64);
    wire_field(&in, "receipt kid");
    if (!wire_try_null(&in)) out->receipt_kid = wire_get_fixed(&in, 32);
    struct refusal refusal = wire_done(&in);
    if (refusal.code == CODE_OK) refusal = header_decode(&out->header, out->header_bytes);
    return refusal;
}

static enum err stored_block_read(struct stored_block *out, uint64_t n, struct bytes value) {
    if (stored_block_decode(out, value).code != CODE_OK || out->header.n != n) return ERR_CORRUPT;
    return ERR_OK;
}

enum err store_block(struct kv_txn *txn, uint64_t n, struct stored_block *out) {
    struct bytes value;
    enum err err = kv_get(txn, KV_BLOCKS, n, &value);
    return err == ERR_OK ? stored_block_read(out, n, value) : err;
}

enum err store_newest(struct kv_txn *txn, struct stored_block *out) {
    struct bytes value;
    uint64_t n;
    enum err err = kv_floor(txn, KV_BLOCKS, UINT64_MAX, &n, &value);
    return err == ERR_OK ? stored_block_read(out, n, value) : err;
}

enum err store_block_of_entry(struct kv_txn *txn, uint64_t entry, struct stored_block *out) {
    enum err err = store_newest(txn, out);
    if (err != ERR_OK) return err;
    if (entry >= out->header.log_size) return ERR_ABSENT;
    uint64_t low = 0, high = out->header.n; /* the first block whose log size is beyond entry is in [low, high] */
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if ((err = store_block(txn, middle, out)) != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
        if (out->header.log_size > entry) high = middle; else low = middle + 1;
    }
    return store_block(txn, low, out);
}

enum err store_first_entry(struct kv_txn *txn, uint64_t n, uint64_t *entry) {
    *entry = 0;
    if (n == 0) return ERR_OK;
    struct stored_block before;
    enum err err = store_block(txn, n - 1, &before);
    if (err == ERR_OK) *entry = before.header.log_size;
    return err;
}

enum err store_statement(struct kv_txn *txn, uint64_t entry, struct bytes *out) {
    enum err err = kv_get(txn, KV_ENTRIES, entry, out);
    if (err != ERR_OK) return err;
    uint8_t leaf[32], logged[1][32];
    err = tile_hashes(txn, 0, entry, 1, logged);
    if (err != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
    merkle_leaf(leaf, out->data, out->len);
    return memcmp(logged[0], leaf, 32) == 0 ? ERR_OK : ERR_CORRUPT;
}

enum err store_link(struct kv_txn *txn, uint32_t number, struct history_link *out) {
    uint8_t link[LINK_LEN];
    enum err err = strip_get(txn, KV_LINKS, 0, number, 1, link);
    if (err != ERR_OK) return err;
    return link_decode(out, link) ? ERR_OK : ERR_CORRUPT;
}
