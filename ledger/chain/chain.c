/* The writer's side of a chain: execute, commit, publish. Opening is in open.c, reading in reader.c. */
#include "ledger/chain/chain_inside.h"

const struct genesis *chain_genesis(const struct chain *chain) { return &chain->genesis; }
struct key_cache *chain_keys(struct chain *chain) { return chain->keys; }
struct kv *chain_kv(struct chain *chain) { return chain->kv; }
const struct statemap *chain_map(const struct chain *chain) { return chain->map; }
const struct header *chain_head(const struct chain *chain) { return &chain->tip->header; }
void chain_head_hash(const struct chain *chain, uint8_t out32[32]) { memcpy(out32, chain->tip->hash, 32); }
const struct params *chain_params(const struct chain *chain) { return chain->tip->params; }
uint64_t chain_commits(const struct chain *chain) { return chain->commits; }

/* No block is open any more; what it made is gone, or has its place by now. */
static void block_close(struct chain *chain) {
    chain->pending_map = NULL;
    chain->pending_params = NULL;
    chain->seal_len = 0;
    chain->receipt = false;
    chain->stage = BLOCK_IDLE;
}

/* Everything of an open block away: it never was. */
static void block_forget(struct chain *chain) {
    if (chain->pending_map) statemap_drop(chain->map, chain->pending_map);
    params_drop(chain->pending_params);
    state_end(chain->state);
    if (chain->execute_txn) kv_abort(chain->execute_txn);
    chain->execute_txn = NULL;
    seen_drop_from(chain->seen, chain->tip->header.log_size);
    roll_settle(chain->roll, false);
    block_close(chain);
}

/* What the block made of policy and finality. */
static enum err take_params(struct chain *chain) {
    struct bytes policy = {NULL, 0}, finality = {NULL, 0};
    const bool first = state_changed(chain->state, POLICY_NO, &policy), second = state_changed(chain->state, FINALITY_NO, &finality);
    if (!first && !second) return ERR_OK;
    return params_next(&chain->pending_params, chain->tip->params, chain->block->header.n + 1, chain->block->header.time_ms, policy, finality);
}

enum err chain_execute(struct chain *chain, const struct block_plan *plan, struct prepared *const *list, size_t count,
                       struct statement_result *results, const struct block **out) {
    ASSERT(chain->stage == BLOCK_IDLE);
    *out = NULL;
    enum err err = kv_begin(chain->kv, false, &chain->execute_txn);
    if (err != ERR_OK) {
        chain->execute_txn = NULL;
        return err;
    }
    const struct header *head = &chain->tip->header;
    state_begin(chain->state, chain->execute_txn, &(struct state_counts){head->objects, head->links, head->licences});
    struct block_base base = {&chain->genesis, chain->tip->params, head, chain->tip->hash, &chain->frontier};
    err = block_execute(chain->block, &chain->frontier_after, chain->state, chain->seen, &base, plan, list, count, results);
    if (err == ERR_OK && chain->block->accepted > 0) err = take_params(chain);
    if (err != ERR_OK || chain->block->accepted == 0) {
        block_forget(chain);
        return err;
    }
    kv_abort(chain->execute_txn); /* nothing more is read: no txn is held while the block is sealed and committed */
    chain->execute_txn = NULL;
    chain->stage = BLOCK_EXECUTED;
    *out = chain->block;
    return ERR_OK;
}

/* The block's rows into an open write txn. */
static enum err block_write(struct chain *chain, struct kv_txn *txn, struct bytes stored) {
    const struct block *block = chain->block;
    for (uint32_t i = 0; i < block->accepted; i++) {
        const struct prepared *prepared = block->statements[i];
        enum err err = kv_put(txn, KV_ENTRIES, block->first_entry + i, prepared->bytes);
        if (err != ERR_OK) return err;
        tile_edge_append(chain->edge, prepared->statement.leaf);
    }
    enum err err = tile_edge_write(chain->edge, txn);
    if (err == ERR_OK) err = kv_put(txn, KV_BLOCKS, block->header.n, stored);
    if (err == ERR_OK && chain->pending_params) err = params_write(txn, chain->pending_params);
    if (err == ERR_OK) err = state_write(chain->state, txn);
    return err;
}

static enum err edge_restore(struct chain *chain) {
    struct kv_txn *txn;
    enum err err = kv_begin(chain->kv, false, &txn);
    if (err != ERR_OK) return err;
    err = tile_edge_load(chain->edge, txn, chain->tip->header.log_size);
    kv_abort(txn);
    return err;
}

/* Until the next block would not be too far ahead. */
static enum err wait_published(struct chain *chain) {
    const uint64_t next = chain->tip->header.n + 1;
    pthread_mutex_lock(&chain->lock);
    while (atomic_load(&chain->published) + CHAIN_AHEAD < next && chain->lost > next) pthread_cond_wait(&chain->changed, &chain->lock);
    bool lost = chain->lost <= next;
    pthread_mutex_unlock(&chain->lock);
    return lost ? ERR_LATCHED : ERR_OK;
}

void chain_head_drop_spares(struct chain_head_data *head) {
    while (head->spares > 0) kv_abort(head->spare[--head->spares]);
}

/* A read txn of the block that is the newest in storage right now, for each reader: none will have to wait for the disk. Fewer where that fails. */
static void spares_make(struct chain *chain, struct chain_head_data *head) {
    pthread_mutex_lock(&chain->lock);
    unsigned wanted = chain->readers < SPARES_MAX ? chain->readers : SPARES_MAX;
    pthread_mutex_unlock(&chain->lock);
    while (head->spares < wanted && kv_begin(chain->kv, false, &head->spare[head->spares]) == ERR_OK) kv_park(head->spare[head->spares++]);
}

/* The next block is executed on top of this one from now on, published or not. */
static void tip_set(struct chain *chain) {
    const struct block *block = chain->block;
    struct chain_head_data *tip = &chain->heads[block->header.n % CHAIN_HEADS]; /* of a block that was published and followed */
    roll_settle(chain->roll, true);
    state_end(chain->state);
    statemap_publish(chain->map, chain->pending_map);
    chain->frontier = chain->frontier_after;
    tip->params = chain->pending_params ? chain->pending_params : chain->tip->params;
    seen_expire(chain->seen, params_seen_from_ms(tip->params, block->header.time_ms));
    tip->header = block->header;
    memcpy(tip->bytes, block->bytes, block->len);
    tip->len = block->len;
    memcpy(tip->hash, block->hash, 32);
    tip->map = statemap_acquire(chain->map);
    spares_make(chain, tip);
    chain->tip = tip;
    chain->commits++;
    block_close(chain);
}

static enum err stage_added(void *roll, enum object_kind kind, uint32_t no) { return roll_stage(roll, kind, no); }

static void lose(struct chain *chain, uint64_t n) {
    pthread_mutex_lock(&chain->lock);
    if (n < chain->lost) chain->lost = n;
    pthread_cond_broadcast(&chain->changed);
    pthread_mutex_unlock(&chain->lock);
}

/* A block that rests already. */
static enum err seal_stored(struct chain *chain, uint64_t n, struct bytes seal, const struct block_receipt *receipt) {
    struct kv_txn *txn;
    struct stored_block block;
    uint8_t stored[STORED_BLOCK_MAX];
    enum err err = kv_begin(chain->kv, true, &txn);
    if (err != ERR_OK) return err;
    err = store_block(txn, n, &block);
    if (err == ERR_OK) {
        const uint8_t *signature = receipt ? receipt->signature64 : block.receipt_signature, *kid = receipt ? receipt->kid32 : block.receipt_kid;
        const size_t len = store_block_encode(stored, block.header_bytes, seal.data ? seal : block.seal, signature, kid);
        err = kv_put(txn, KV_BLOCKS, n, bytes_of(stored, len));
    }
    if (err == ERR_OK) err = kv_commit(txn);
    else kv_abort(txn);
    if (err == ERR_OK) chain->commits++;
    return err;
}

enum err chain_seal(struct chain *chain, uint64_t n, struct bytes seal, const struct block_receipt *receipt) {
    ASSERT(seal.len <= SEAL_MAX);
    if (chain->stage == BLOCK_IDLE || n != chain->block->header.n) return seal_stored(chain, n, seal, receipt);
    if (seal.data) memcpy(chain->seal, seal.data, chain->seal_len = seal.len);
    if (receipt) {
        memcpy(chain->receipt_signature, receipt->signature64, 64);
        memcpy(chain->receipt_kid, receipt->kid32, 32);
        chain->receipt = true;
    }
    return ERR_OK;
}

static size_t open_block_encode(const struct chain *chain, uint8_t out[STORED_BLOCK_MAX]) {
    const struct bytes seal = chain->seal_len > 0 ? bytes_of(chain->seal, chain->seal_len) : (struct bytes){NULL, 0};
    return store_block_encode(out, bytes_of(chain->block->bytes, chain->block->len), seal, chain->receipt ? chain->receipt_signature : NULL,
                              chain->receipt ? chain->receipt_kid : NULL);
}

enum err chain_commit(struct chain *chain) {
    ASSERT(chain->stage == BLOCK_EXECUTED);
    uint8_t stored[STORED_BLOCK_MAX];
    size_t stored_len = open_block_encode(chain, stored);
    chain->pending_map = state_take_map(chain->state);
    struct kv_txn *txn;
    enum err err = state_added(chain->state, stage_added, chain->roll);
    if (err == ERR_OK) err = wait_published(chain);
    bool before = err == ERR_OK;
    if (err == ERR_OK) err = kv_begin(chain->kv, true, &txn);
    if (err == ERR_OK) {
        err = block_write(chain, txn, bytes_of(stored, stored_len));
        if (err == ERR_OK) err = kv_commit(txn); /* readers that see it wait for its publication */
        else kv_abort(txn);
    }
    if (err == ERR_OK) {
        tip_set(chain);
        return ERR_OK;
    }
    block_forget(chain);
    if (!before) return err;
    if (err == ERR_NO_ROOM && edge_restore(chain) != ERR_OK) err = ERR_IO;
    if (err != ERR_NO_ROOM) lose(chain, chain->tip->header.n + 1); /* it may be in storage all the same, and will never be published */
    return err;
}

void chain_publish(struct chain *chain) {
    struct chain_head_data *before = chain->head; /* only changed here */
    pthread_mutex_lock(&chain->lock);
    uint64_t n = before->header.n + 1;
    ASSERT(n < chain->lost);
    chain->head = &chain->heads[n % CHAIN_HEADS];
    ASSERT(chain->head->header.n == n); /* else it was not committed */
    statemap_release(chain->map, before->map);
    before->map = NULL;
    chain_head_drop_spares(before);
    atomic_store(&chain->published, n);
    pthread_cond_broadcast(&chain->changed);
    pthread_mutex_unlock(&chain->lock);
}

void chain_drop(struct chain *chain) {
    ASSERT(chain->stage == BLOCK_EXECUTED);
    block_forget(chain);
}

void chain_abandon(struct chain *chain) { lose(chain, atomic_load(&chain->published) + 1); }
