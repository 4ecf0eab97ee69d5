#include "ledger/chain/fsck.h"

#include "ledger/chain/block_check.h"
#include "ledger/state/slots.h"
#include "ledger/state/statemap.h"
#include <stdarg.h>

#define TXN_EVERY 4096u /* rows read before the txn is renewed: a long one would keep old pages alive */

struct fsck {
    struct kv *kv;
    struct kv_txn *txn;
    uint32_t rows;
    struct slots_row slots; /* that the walk over all objects is at, of this txn */
    struct fsck_report *out;
    progress_fn progress;
    void *context;
    struct genesis *genesis;
    const struct params *params;
    struct key_cache *keys;
    struct header newest;
    struct merkle_frontier log;
    uint64_t sealed, listed; /* licences that name a seal; those that seals count */
};

__attribute__((format(printf, 2, 3))) static void fault(struct fsck *f, const char *format, ...) {
    if (f->out->faults++ > 0) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(f->out->first, sizeof f->out->first, format, arguments);
    va_end(arguments);
}

static enum err renew(struct fsck *f) {
    if (f->txn && ++f->rows < TXN_EVERY) return ERR_OK;
    if (f->txn) kv_abort(f->txn);
    f->rows = 0;
    f->slots.count = 0;
    enum err err = kv_begin(f->kv, false, &f->txn);
    if (err != ERR_OK) f->txn = NULL;
    return err;
}

/* A read whose absence or damage is a finding, not a reason to stop. *there: what was read is usable. */
static enum err finding(struct fsck *f, enum err err, bool *there, const char *what, uint64_t number) {
    *there = err == ERR_OK;
    if (err == ERR_ABSENT) fault(f, "%s %llu is missing", what, (unsigned long long)number);
    if (err == ERR_CORRUPT) fault(f, "%s %llu cannot be read: the row it is in is damaged", what, (unsigned long long)number);
    return err == ERR_ABSENT || err == ERR_CORRUPT ? ERR_OK : err;
}

static enum err row(struct fsck *f, enum kv_table table, uint64_t key, struct bytes *value, bool *there, const char *what) {
    enum err err = renew(f);
    return err == ERR_OK ? finding(f, kv_get(f->txn, table, key, value), there, what, key) : err;
}

static enum err object(struct fsck *f, uint64_t no, struct bytes *value, bool *there) {
    enum err err = renew(f);
    return err == ERR_OK ? finding(f, slots_get(f->txn, no, value), there, "object", no) : err;
}

/* The hash that the log has for an entry, or above a tile. */
static enum err hash_at(struct fsck *f, unsigned level, uint64_t number, uint8_t out32[32], bool *there) {
    enum err err = renew(f);
    if (err != ERR_OK) return err;
    uint8_t hash[1][32];
    err = tile_hashes(f->txn, level, number, 1, hash);
    if (err == ERR_OK) memcpy(out32, hash[0], 32);
    return finding(f, err, there, level == 0 ? "the log's hash of entry" : "the hash above tile", number);
}

/* Entries of one block: bytes -> leaf -> tile -> root. */
static enum err check_entries(struct fsck *f, const struct header *header) {
    for (uint64_t entry = f->log.size; entry < header->log_size; entry++) {
        struct bytes bytes;
        bool there;
        enum err err = row(f, KV_ENTRIES, entry, &bytes, &there, "entry");
        if (err != ERR_OK) return err;
        uint8_t leaf[32] = {0}, logged[32];
        if (there) merkle_leaf(leaf, bytes.data, bytes.len);
        if ((err = hash_at(f, 0, entry, logged, &there)) != ERR_OK) return err;
        if (there && memcmp(logged, leaf, 32) != 0)
            fault(f, "entry %llu (block %llu) does not have the hash the log has for it", (unsigned long long)entry, (unsigned long long)header->n);
        merkle_append(&f->log, leaf, NULL, NULL);
        f->out->entries++;
    }
    uint8_t root[32];
    merkle_root(root, &f->log);
    if (f->log.size != header->log_size || memcmp(root, header->log_root, 32) != 0)
        fault(f, "block %llu: its entries do not lead to its log root", (unsigned long long)header->n);
    return ERR_OK;
}

/* Sealed by a node that finality names. Block 0 is the genesis: nobody seals it. */
static void check_seal_of(struct fsck *f, const struct stored_block *block) {
    const unsigned long long n = block->header.n;
    if (n == 0) return;
    if (!block->seal.data) fault(f, "block %llu has no seal: no node made it", n);
    else if (!block_seal_good(block, &params_at(f->params, n)->finality)) fault(f, "the seal of block %llu does not verify", n);
    if (!block_receipt_good(block, &params_at(f->params, n)->finality, f->keys)) fault(f, "the receipt signature of block %llu does not verify", n);
}

/* What only grows, and cannot grow by more than the block brings. */
static void check_counts(struct fsck *f, const struct header *before, const struct header *header) {
    const bool grows = header->n == 0 || (header->log_size > before->log_size && header->log_size - before->log_size <= BLOCK_STATEMENTS_MAX);
    if (!grows || header->objects < before->objects || header->licences < before->licences || header->licences > header->objects ||
        header->time_ms < before->time_ms || header->term < before->term)
        fault(f, "the counts, time or term of block %llu do not follow those of the one before it", (unsigned long long)header->n);
}

static enum err check_blocks(struct fsck *f) {
    struct header before = {0};
    uint8_t previous[32] = {0};
    for (uint64_t n = 0; n <= f->newest.n; n++) {
        struct bytes value;
        bool there;
        enum err err = row(f, KV_BLOCKS, n, &value, &there, "block");
        if (err != ERR_OK) return err;
        struct stored_block block;
        uint8_t copy[STORED_BLOCK_MAX]; /* the txn may be renewed below */
        if (!there || value.len > sizeof copy || stored_block_decode(&block, value).code != CODE_OK) {
            if (there) fault(f, "block %llu does not decode", (unsigned long long)n);
            return ERR_OK; /* nothing after it can be checked against it */
        }
        memcpy(copy, value.data, value.len);
        ASSERT(stored_block_decode(&block, bytes_of(copy, value.len)).code == CODE_OK);
        if (block.header.n != n || memcmp(block.header.genesis, f->genesis->hash, 32) != 0 || memcmp(block.header.previous, previous, 32) != 0)
            fault(f, "block %llu does not follow the one before it", (unsigned long long)n);
        check_seal_of(f, &block);
        check_counts(f, &before, &block.header);
        before = block.header;
        header_hash(previous, block.header_bytes);
        f->out->blocks++;
        if ((err = check_entries(f, &block.header)) != ERR_OK) return err;
        if (f->progress) f->progress(f->context, "log", f->log.size, f->newest.log_size);
    }
    return ERR_OK;
}

/* A tile against the hash in the one above it. */
static enum err check_tile(struct fsck *f, unsigned level, uint64_t number, size_t width) {
    uint8_t tile[TILE_WIDTH][32], above[32], root[32];
    char what[24];
    bool there;
    (void)snprintf(what, sizeof what, "level %u: tile", level);
    enum err err = renew(f);
    if (err == ERR_OK) err = finding(f, tile_hashes(f->txn, level, number * TILE_WIDTH, width, tile), &there, what, number);
    if (err != ERR_OK) return err;
    f->out->tiles++;
    if (!there || width < TILE_WIDTH) return ERR_OK; /* a partial tile has no hash above it yet */
    struct merkle_frontier frontier = {0};
    for (uint32_t i = 0; i < TILE_WIDTH; i++) merkle_append(&frontier, tile[i], NULL, NULL);
    merkle_root(root, &frontier);
    if ((err = hash_at(f, level + 1, number, above, &there)) != ERR_OK) return err;
    if (there && memcmp(above, root, 32) != 0) fault(f, "tile %u/%llu does not lead to the tile above it", level, (unsigned long long)number);
    return ERR_OK;
}

static enum err check_tiles(struct fsck *f) {
    for (unsigned level = 0; level < 8 && f->newest.log_size >> (8 * level); level++) {
        uint64_t hashes = f->newest.log_size >> (8 * level);
        for (uint64_t first = 0; first < hashes; first += TILE_WIDTH) {
            enum err err = check_tile(f, level, first / TILE_WIDTH, hashes - first < TILE_WIDTH ? (size_t)(hashes - first) : TILE_WIDTH);
            if (err != ERR_OK) return err;
        }
    }
    return ERR_OK;
}

/* A licence or a seal, as far as its history goes. */
struct history {
    const char *what;
    uint32_t no, last_link;
    uint64_t count;
    const uint8_t *head32;
};

/* Its links from the newest back must lead to its history head: recomputed forwards. */
static enum err check_history(struct fsck *f, const struct history *history) {
    const uint64_t count = history->count;
    if (count == 0 || count > f->newest.links) {
        fault(f, "%s %u has an impossible history count", history->what, history->no);
        return ERR_OK;
    }
    struct history_link *links = malloc((size_t)count * sizeof *links);
    if (!links) return ERR_MEMORY;
    uint32_t number = history->last_link;
    uint8_t head[32] = {0};
    uint64_t left = count;
    enum err err = ERR_OK;
    while (left > 0) {
        if ((err = renew(f)) != ERR_OK) break;
        err = store_link(f->txn, number, &links[left - 1]);
        if (err != ERR_OK || links[left - 1].slot != history->no) break;
        number = links[--left].previous;
    }
    if (err == ERR_OK && left == 0)
        for (uint64_t i = 0; i < count; i++) link_head(head, head, &links[i]);
    if (err == ERR_ABSENT || err == ERR_CORRUPT || left > 0 || number != NO_NONE || memcmp(head, history->head32, 32) != 0)
        fault(f, "the history of %s %u does not lead to its head", history->what, history->no);
    free(links);
    f->out->links += count;
    return err == ERR_ABSENT || err == ERR_CORRUPT ? ERR_OK : err;
}

static enum err check_licence(struct fsck *f, struct bytes value, uint64_t no) {
    struct licence licence;
    if (licence_decode(&licence, value).code != CODE_OK || licence.no != no) {
        fault(f, "licence %llu does not decode", (unsigned long long)no);
        return ERR_OK;
    }
    f->sealed += licence.seal.no != NO_NONE;
    return check_history(f, &(struct history){"licence", licence.no, licence.last_link, licence.history_count, licence.history_head});
}

/* From the seal's newest licence back, as many as it says, each sealed by it under a making that it has. Numbers fall, so the walk ends. */
static enum err check_list(struct fsck *f, const struct seal *seal) {
    uint32_t no = seal->last_licence;
    uint64_t left = seal->licence_count;
    while (no != NO_NONE && left > 0) {
        struct bytes value;
        struct licence licence;
        bool there;
        const enum err err = object(f, no, &value, &there);
        if (err != ERR_OK) return err;
        if (!there || licence_decode(&licence, value).code != CODE_OK || licence.seal.no != seal->no || licence.seal.making >= seal->making_count) break;
        if (licence.seal.previous != NO_NONE && licence.seal.previous >= no) break;
        no = licence.seal.previous;
        left--;
    }
    if (left > 0 || no != NO_NONE) fault(f, "the licences of seal %u are not those that it counts", seal->no);
    f->listed += seal->licence_count;
    return ERR_OK;
}

static enum err fsck_check_seal(struct fsck *f, struct bytes value, uint64_t no) {
    struct seal seal;
    if (seal_decode(&seal, value).code != CODE_OK || seal.no != no) {
        fault(f, "seal %llu does not decode", (unsigned long long)no);
        return ERR_OK;
    }
    const enum err err = check_history(f, &(struct history){"seal", seal.no, seal.last_link, seal.history_count, seal.history_head});
    return err == ERR_OK ? check_list(f, &seal) : err;
}

static bool slot_key_of(void *context, uint32_t slot, uint8_t key32[32]) {
    struct fsck *f = context;
    struct bytes value;
    return slots_get(f->txn, slot, &value) == ERR_OK && object_key_of(key32, f->genesis->hash, value);
}

static enum err check_slots_chunk(struct fsck *f, struct statemap *map, struct map_change *changes, uint64_t first, uint32_t count) {
    uint32_t good = 0;
    for (uint64_t no = first; no < first + count; no++) {
        struct bytes value;
        bool there;
        enum err err = renew(f);
        if (err == ERR_OK) err = finding(f, slots_next(&f->slots, f->txn, no, &value), &there, "object", no);
        if (err != ERR_OK) return err;
        if (!there) continue;
        f->out->objects++;
        if (!object_key_of(changes[good].key, f->genesis->hash, value)) {
            fault(f, "object %llu does not decode", (unsigned long long)no);
            continue;
        }
        object_value_hash(changes[good].value_hash, value);
        changes[good++].slot = (uint32_t)no;
        enum object_kind kind;
        if (!object_kind_of(&kind, value)) continue;
        if (kind == OBJECT_LICENCE) err = check_licence(f, value, no);
        if (kind == OBJECT_SEAL) err = fsck_check_seal(f, value, no);
        if (err != ERR_OK) return err;
    }
    const struct map_snapshot *snapshot;
    enum err err = statemap_update(map, changes, good, slot_key_of, f, &snapshot);
    if (err == ERR_OK) statemap_publish(map, snapshot);
    if (err != ERR_CORRUPT) return err;
    fault(f, "of the objects up to %llu two have one key", (unsigned long long)(first + count - 1));
    return ERR_OK;
}

#define SLOTS_CHUNK (1u << 18)

static enum err check_state(struct fsck *f) {
    struct statemap *map = statemap_new();
    struct map_change *changes = malloc(SLOTS_CHUNK * sizeof *changes);
    enum err err = map && changes ? ERR_OK : ERR_MEMORY;
    for (uint64_t first = 0; err == ERR_OK && first < f->newest.objects; first += SLOTS_CHUNK) {
        uint64_t left = f->newest.objects - first;
        err = check_slots_chunk(f, map, changes, first, left < SLOTS_CHUNK ? (uint32_t)left : SLOTS_CHUNK);
        if (f->progress) f->progress(f->context, "state", first + (left < SLOTS_CHUNK ? left : SLOTS_CHUNK), f->newest.objects);
    }
    if (err == ERR_OK && f->sealed != f->listed) fault(f, "%llu licences name a seal, and seals count %llu", (unsigned long long)f->sealed, (unsigned long long)f->listed);
    if (err == ERR_OK) {
        uint8_t root[32];
        const struct map_snapshot *snapshot = statemap_acquire(map);
        map_snapshot_root(root, snapshot);
        statemap_release(map, snapshot);
        if (memcmp(root, f->newest.state_root, 32) != 0) fault(f, "the stored objects do not lead to the state root of block %llu", (unsigned long long)f->newest.n);
        if (params_agree(f->params, f->txn) == ERR_CORRUPT) fault(f, "the newest stored version of policy and finality is not what the state holds");
    }
    free(changes);
    if (map) statemap_free(map);
    return err;
}

static enum err check_fixed(struct fsck *f, bool *usable) {
    struct bytes value;
    struct stored_block newest;
    *usable = false;
    enum err err = renew(f);
    if (err == ERR_OK) err = kv_get(f->txn, KV_META, META_FORMAT, &value);
    if (err != ERR_OK) return err;
    if (value.len != 4 || be32_get(value.data) != STORE_FORMAT) return ERR_VERSION;
    err = kv_get(f->txn, KV_META, META_GENESIS, &value);
    if (err != ERR_OK) return err;
    static const size_t max = GENESIS_BYTES_MAX;
    if (value.len > max || genesis_decode(f->genesis, value).code != CODE_OK) {
        fault(f, "the stored genesis document is damaged: it does not decode");
        return ERR_OK;
    }
    err = store_newest(f->txn, &newest);
    if (err == ERR_CORRUPT || err == ERR_ABSENT) {
        fault(f, "the newest block does not decode");
        return ERR_OK;
    }
    err = params_load(&f->params, f->txn, f->genesis, newest.header.n);
    if (err == ERR_CORRUPT) {
        fault(f, "a stored version of policy and finality does not decode, or does not follow the one before it");
        return ERR_OK;
    }
    f->newest = newest.header;
    *usable = err == ERR_OK;
    return err;
}

enum err fsck_run(struct fsck_report *out, struct kv *kv, progress_fn progress, void *context) {
    memset(out, 0, sizeof *out);
    struct fsck f = {.kv = kv, .out = out, .progress = progress, .context = context};
    f.genesis = malloc(sizeof *f.genesis);
    f.keys = key_cache_new();
    bool usable = false;
    enum err err = f.genesis && f.keys ? check_fixed(&f, &usable) : ERR_MEMORY;
    if (err == ERR_OK && usable) {
        err = check_blocks(&f);
        if (err == ERR_OK) err = check_tiles(&f);
        if (err == ERR_OK) err = check_state(&f);
    }
    if (f.txn) kv_abort(f.txn);
    free(f.genesis);
    params_free(f.params);
    key_cache_free(f.keys);
    return err;
}
