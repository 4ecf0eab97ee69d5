/* Creating a ledger, and opening one: what memory holds is rebuilt from the slots and compared with the newest header, which checks the
 * whole state at each start for free. */
#include "ledger/chain/chain_inside.h"

#include "crypto/hash.h"
#include "ledger/state/slots.h"

#define REBUILD_CHUNK (1u << 20) /* objects hashed before the map takes them: bounds the memory of a start */

/* --- block 0 --- */

static enum err genesis_map(struct statemap *map, const struct genesis *genesis, uint8_t root32[32]) {
    struct map_change *changes = calloc(genesis->object_count, sizeof *changes);
    if (!changes) return ERR_MEMORY;
    for (uint32_t no = 0; no < genesis->object_count; no++) {
        changes[no].slot = no;
        ASSERT(object_key_of(changes[no].key, genesis->hash, genesis->objects[no])); /* genesis_decode saw to it */
        object_value_hash(changes[no].value_hash, genesis->objects[no]);
    }
    const struct map_snapshot *snapshot;
    enum err err = statemap_update(map, changes, genesis->object_count, NULL, NULL, &snapshot);
    free(changes);
    if (err != ERR_OK) return err;
    map_snapshot_root(root32, snapshot);
    statemap_publish(map, snapshot);
    return ERR_OK;
}

static enum err genesis_header(struct header *out, const struct genesis *genesis, struct tile_edge *edge) {
    struct merkle_frontier frontier = {0};
    uint8_t leaf[32];
    const struct bytes leaves[2] = {genesis->all, genesis->objects[0]};
    for (size_t i = 0; i < 2; i++) {
        merkle_leaf(leaf, leaves[i].data, leaves[i].len);
        merkle_append(&frontier, leaf, NULL, NULL);
        if (edge) tile_edge_append(edge, leaf);
    }
    *out = (struct header){.chain_id = genesis->chain_id, .term = 1, .time_ms = genesis->time_ms, .log_size = 2, .objects = genesis->object_count};
    memcpy(out->genesis, genesis->hash, 32);
    merkle_root(out->log_root, &frontier);
    struct statemap *map = statemap_new();
    if (!map) return ERR_MEMORY;
    enum err err = genesis_map(map, genesis, out->state_root);
    statemap_free(map);
    return err;
}

static enum err genesis_slots(struct kv_txn *txn, const struct genesis *genesis) {
    struct slots_writer *slots = slots_writer_new();
    if (!slots) return ERR_MEMORY;
    enum err err = ERR_OK;
    slots_begin(slots, txn, 0);
    for (uint32_t no = 0; err == ERR_OK && no < genesis->object_count; no++) err = slots_put(slots, no, genesis->objects[no]);
    if (err == ERR_OK) err = slots_end(slots);
    slots_writer_free(slots);
    return err;
}

static enum err genesis_write(struct kv_txn *txn, const struct genesis *genesis) {
    uint8_t format[4], header_bytes[HEADER_MAX], stored[STORED_BLOCK_MAX];
    struct header header;
    struct tile_edge *edge = tile_edge_new();
    if (!edge) return ERR_MEMORY;
    enum err err = genesis_header(&header, genesis, edge);
    be32_put(format, STORE_FORMAT);
    if (err == ERR_OK) err = kv_put(txn, KV_META, META_FORMAT, bytes_of(format, 4));
    if (err == ERR_OK) err = kv_put(txn, KV_META, META_GENESIS, genesis->all);
    if (err == ERR_OK) err = kv_put(txn, KV_ENTRIES, 0, genesis->all);
    if (err == ERR_OK) err = kv_put(txn, KV_ENTRIES, 1, genesis->objects[0]);
    if (err == ERR_OK) err = tile_edge_write(edge, txn);
    if (err == ERR_OK) err = genesis_slots(txn, genesis);
    if (err == ERR_OK) {
        size_t len = header_encode(header_bytes, &header);
        size_t stored_len = store_block_encode(stored, bytes_of(header_bytes, len), (struct bytes){NULL, 0}, NULL, NULL);
        err = kv_put(txn, KV_BLOCKS, 0, bytes_of(stored, stored_len));
    }
    tile_edge_free(edge);
    return err;
}

enum err chain_create(struct kv *kv, struct bytes genesis_bytes, struct refusal *refusal) {
    struct genesis *genesis = malloc(sizeof *genesis);
    if (!genesis) return ERR_MEMORY;
    enum err err = ERR_OK;
    *refusal = genesis_decode(genesis, genesis_bytes);
    if (refusal->code == CODE_OK) {
        struct kv_txn *txn;
        err = kv_room(kv, 4 * genesis_bytes.len + (1u << 20));
        if (err == ERR_OK) err = kv_begin(kv, true, &txn);
        if (err == ERR_OK) {
            err = genesis_write(txn, genesis);
            if (err == ERR_OK) err = kv_commit(txn);
            else kv_abort(txn);
            if (err == ERR_OK) err = kv_sync(kv);
        }
    }
    free(genesis);
    return err;
}

/* --- the state map out of the slots --- */

struct rebuild { /* one thread's share of a chunk */
    struct kv *kv;
    const uint8_t *genesis;
    uint32_t first, count;
    struct map_change *changes;
    uint8_t *kinds; /* enum object_kind of each */
    struct places *places;
    enum err err;
};

static enum err rebuild_range(struct rebuild *job) {
    struct kv_txn *txn;
    struct slots_row row = {0};
    enum err err = kv_begin(job->kv, false, &txn);
    if (err != ERR_OK) return err;
    const bool places = places_hold(job->places, job->kv);
    for (uint32_t i = 0; i < job->count && err == ERR_OK; i++) {
        struct map_change *change = &job->changes[i];
        struct bytes value;
        err = slots_next(&row, txn, job->first + i, &value);
        if (err == ERR_ABSENT || (err == ERR_OK && !object_key_of(change->key, job->genesis, value))) err = ERR_CORRUPT;
        enum object_kind kind = OBJECT_POLICY;
        if (err == ERR_OK && !object_kind_of(&kind, value)) err = ERR_CORRUPT;
        if (err != ERR_OK) break;
        if (places && kind == OBJECT_LICENCE) places_note(job->places, job->first + i, value);
        job->kinds[i] = (uint8_t)kind;
        object_value_hash(change->value_hash, value);
        change->slot = job->first + i;
    }
    kv_abort(txn);
    return err;
}

static void *rebuild_thread(void *context) {
    struct rebuild *job = context;
    job->err = rebuild_range(job);
    return NULL;
}

#define REBUILD_THREADS_MAX 16u

static enum err rebuild_chunk(struct chain *chain, uint32_t first, uint32_t count, struct map_change *changes, uint8_t *kinds, unsigned threads) {
    struct rebuild jobs[REBUILD_THREADS_MAX];
    pthread_t ids[REBUILD_THREADS_MAX];
    bool started[REBUILD_THREADS_MAX] = {false};
    for (unsigned t = 0; t < threads; t++) {
        uint32_t from = (uint32_t)((uint64_t)count * t / threads), to = (uint32_t)((uint64_t)count * (t + 1) / threads);
        jobs[t] = (struct rebuild){chain->kv, chain->genesis.hash, first + from, to - from, changes + from, kinds + from, chain->places, ERR_OK};
        started[t] = t > 0 && pthread_create(&ids[t], NULL, rebuild_thread, &jobs[t]) == 0;
    }
    enum err err = ERR_OK;
    for (unsigned t = 0; t < threads; t++) {
        if (started[t]) pthread_join(ids[t], NULL);
        else rebuild_thread(&jobs[t]);
        if (err == ERR_OK) err = jobs[t].err;
    }
    for (uint32_t i = 0; i < count && err == ERR_OK; i++) err = roll_stage(chain->roll, (enum object_kind)kinds[i], first + i);
    return err;
}

struct key_lookup {
    struct kv_txn *txn;
    const uint8_t *genesis;
};
static bool open_key_of_slot(void *context, uint32_t slot, uint8_t key32[32]) {
    const struct key_lookup *lookup = context;
    struct bytes value;
    return slots_get(lookup->txn, slot, &value) == ERR_OK && object_key_of(key32, lookup->genesis, value);
}

static enum err rebuild_map(struct chain *chain, unsigned threads, progress_fn progress, void *context) {
    uint64_t objects = chain->head->header.objects;
    uint32_t chunk = objects < REBUILD_CHUNK ? (uint32_t)objects : REBUILD_CHUNK;
    struct map_change *changes = malloc((size_t)(chunk ? chunk : 1) * sizeof *changes);
    uint8_t *kinds = malloc(chunk ? chunk : 1);
    struct kv_txn *txn;
    enum err err = changes && kinds ? kv_begin(chain->kv, false, &txn) : ERR_MEMORY;
    if (err != ERR_OK) {
        free(changes);
        free(kinds);
        return err;
    }
    struct key_lookup lookup = {txn, chain->genesis.hash};
    for (uint64_t first = 0; first < objects && err == ERR_OK; first += chunk) {
        uint32_t count = objects - first < chunk ? (uint32_t)(objects - first) : chunk;
        if (progress) progress(context, "state", first, objects);
        err = rebuild_chunk(chain, (uint32_t)first, count, changes, kinds, threads);
        if (err != ERR_OK) break;
        err = statemap_fill(chain->map, changes, count, open_key_of_slot, &lookup);
    }
    if (progress) progress(context, "state", objects, objects);
    kv_abort(txn);
    free(changes);
    free(kinds);
    roll_settle(chain->roll, true);
    return err;
}

/* --- the rest of memory --- */

static enum err seen_load_block(struct chain *chain, struct kv_txn *txn, uint64_t first, const struct stored_block *block) {
    for (uint64_t entry = first; entry < block->header.log_size; entry++) {
        struct bytes bytes;
        struct statement statement;
        enum err err = store_statement(txn, entry, &bytes);
        if (err != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
        if (statement_decode(&statement, bytes).code != CODE_OK) return ERR_CORRUPT;
        if ((err = seen_add(chain->seen, statement.id, statement.leaf, entry, block->header.time_ms)) != ERR_OK) return err;
    }
    return ERR_OK;
}

/* The statements of the iat window: found backwards, loaded forwards. */
static enum err seen_load(struct chain *chain, struct kv_txn *txn) {
    int64_t from_ms = params_seen_from_ms(chain->head->params, chain->head->header.time_ms);
    struct stored_block block;
    uint64_t n = chain->head->header.n, first;
    enum err err = ERR_OK;
    while (n > 1) {
        if ((err = store_block(txn, n - 1, &block)) != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
        if (block.header.time_ms < from_ms) break;
        n--;
    }
    for (; n >= 1 && n <= chain->head->header.n; n++) {
        if ((err = store_first_entry(txn, n, &first)) != ERR_OK || (err = store_block(txn, n, &block)) != ERR_OK)
            return err == ERR_ABSENT ? ERR_CORRUPT : err;
        if ((err = seen_load_block(chain, txn, first, &block)) != ERR_OK) return err;
    }
    return ERR_OK;
}

static enum err load_fixed(struct chain *chain, struct kv_txn *txn, const char **where) {
    struct bytes value;
    *where = "format version";
    enum err err = kv_get(txn, KV_META, META_FORMAT, &value);
    if (err != ERR_OK) return err;
    if (value.len != 4 || be32_get(value.data) != STORE_FORMAT) return ERR_VERSION;
    *where = "genesis document";
    if ((err = kv_get(txn, KV_META, META_GENESIS, &value)) != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
    chain->genesis_bytes = malloc(value.len);
    if (!chain->genesis_bytes) return ERR_MEMORY;
    memcpy(chain->genesis_bytes, value.data, value.len);
    if (genesis_decode(&chain->genesis, bytes_of(chain->genesis_bytes, value.len)).code != CODE_OK) return ERR_CORRUPT;
    *where = "newest header";
    struct stored_block newest;
    if ((err = store_newest(txn, &newest)) != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
    if (memcmp(newest.header.genesis, chain->genesis.hash, 32) != 0) return ERR_CORRUPT;
    chain->head = &chain->heads[newest.header.n % CHAIN_HEADS];
    chain->head->header = newest.header;
    chain->head->header.chain_id = chain->genesis.chain_id;
    memcpy(chain->head->bytes, newest.header_bytes.data, newest.header_bytes.len);
    chain->head->len = newest.header_bytes.len;
    header_hash(chain->head->hash, newest.header_bytes);
    *where = "policy and finality";
    return params_load(&chain->head->params, txn, &chain->genesis, newest.header.n);
}

static enum err load_log(struct chain *chain, struct kv_txn *txn, const char **where) {
    struct tile_reader *tiles = calloc(1, sizeof *tiles);
    if (!tiles) return ERR_MEMORY;
    *where = "log tiles";
    uint8_t root[32];
    tile_reader_start(tiles, txn, chain->head->header.log_size);
    bool good = merkle_frontier_load(&chain->frontier, chain->head->header.log_size, tile_fetch, tiles);
    free(tiles);
    if (!good) return ERR_CORRUPT;
    merkle_root(root, &chain->frontier);
    if (memcmp(root, chain->head->header.log_root, 32) != 0) return ERR_CORRUPT;
    enum err err = tile_edge_load(chain->edge, txn, chain->head->header.log_size);
    if (err != ERR_OK) return err;
    *where = "statements of the last day";
    return seen_load(chain, txn);
}

static struct chain *chain_new(struct kv *kv, unsigned threads) {
    struct chain *chain = calloc(1, sizeof *chain);
    if (!chain) return NULL;
    chain->kv = kv;
    chain->lost = UINT64_MAX;
    chain->keys = key_cache_new();
    chain->map = statemap_new();
    chain->workers = workers_new(threads);
    chain->roll = roll_new();
    chain->places = places_new();
    chain->seen = seen_new();
    chain->edge = tile_edge_new();
    chain->block = calloc(1, sizeof *chain->block);
    pthread_mutex_init(&chain->lock, NULL);
    pthread_cond_init(&chain->changed, NULL);
    if (chain->keys && chain->map && chain->workers && chain->roll && chain->places && chain->seen && chain->edge && chain->block) {
        statemap_set_workers(chain->map, chain->workers);
        return chain;
    }
    chain_close(chain);
    return NULL;
}

enum err chain_open(struct chain **out, struct kv *kv, unsigned threads, progress_fn progress, void *context, const char **where) {
    *out = NULL;
    *where = "memory";
    threads = threads < 1 ? 1 : threads > REBUILD_THREADS_MAX ? REBUILD_THREADS_MAX : threads;
    struct chain *chain = chain_new(kv, threads);
    if (!chain) return ERR_MEMORY;
    struct kv_txn *txn;
    enum err err = kv_begin(kv, false, &txn);
    if (err == ERR_OK) {
        err = load_fixed(chain, txn, where);
        if (err == ERR_OK) err = load_log(chain, txn, where);
        kv_abort(txn);
    }
    if (err == ERR_OK) {
        *where = "state";
        err = rebuild_map(chain, threads, progress, context);
    }
    if (err == ERR_OK) {
        uint8_t root[32];
        chain->head->map = statemap_acquire(chain->map);
        map_snapshot_root(root, chain->head->map);
        if (memcmp(root, chain->head->header.state_root, 32) != 0) err = ERR_CORRUPT;
    }
    if (err == ERR_OK && (err = kv_begin(kv, false, &txn)) == ERR_OK) {
        *where = "policy and finality";
        err = params_agree(chain->head->params, txn);
        kv_abort(txn);
    }
    if (err == ERR_OK && !(chain->state = state_new(chain->map, chain->genesis.hash))) err = ERR_MEMORY;
    if (err != ERR_OK) {
        chain_close(chain);
        return err;
    }
    chain->tip = chain->head;
    atomic_store(&chain->published, chain->head->header.n);
    *where = NULL;
    *out = chain;
    return ERR_OK;
}

void chain_close(struct chain *chain) {
    if (!chain) return;
    ASSERT(!chain->tip || chain->tip == chain->head || chain->lost <= chain->tip->header.n);
    if (chain->pending_map) statemap_drop(chain->map, chain->pending_map);
    for (size_t i = 0; i < CHAIN_HEADS; i++) {
        chain_head_drop_spares(&chain->heads[i]);
        if (chain->heads[i].map) statemap_release(chain->map, chain->heads[i].map);
    }
    const struct chain_head_data *newest = chain->tip ? chain->tip : chain->head;
    if (newest) params_free(newest->params);
    params_drop(chain->pending_params);
    state_free(chain->state);
    seen_free(chain->seen);
    tile_edge_free(chain->edge);
    statemap_free(chain->map);
    workers_free(chain->workers);
    roll_free(chain->roll);
    places_free(chain->places);
    key_cache_free(chain->keys);
    free(chain->block);
    free(chain->genesis_bytes);
    pthread_mutex_destroy(&chain->lock);
    pthread_cond_destroy(&chain->changed);
    free(chain);
}
