/* Readers: one pair of a KV read txn and a map version, always of the same block. */
#include "ledger/chain/chain_inside.h"

#include "crypto/hash.h"
#include "ledger/state/slots.h"

/* Members, types, keys and seals: each is behind very many licences. What the map's leaf demands of a value cannot change within a snapshot, so the
 * first call that reads one keeps the value hash that led to the leaf, and where the bytes lie; the calls after it hash those bytes again and
 * compare, without the walks that found them. A place is found by the object's number. */
#define MEMO_PLACES 64u
struct snapshot_memo {
    bool used; /* else it is all zero still */
    uint32_t expected_count, expected_next; /* what snapshot_expect found out, in the order in which it will be asked for */
    struct memo_expected { enum object_kind kind; bool found; uint8_t id[32], key[32]; struct map_hit hit; struct bytes place; } expected[STATEMAP_WARM_MAX];
    struct memo_place { bool set; enum object_kind kind; uint32_t no; struct bytes value; uint8_t value_hash[32]; } places[MEMO_PLACES];
};

struct reader {
    struct chain *chain;
    bool live;
    struct snapshot snapshot;
    struct snapshot_memo memo;
    struct verdict_kept kept;
};

static void readers_count(struct chain *chain, int by) {
    pthread_mutex_lock(&chain->lock);
    chain->readers = (unsigned)((int)chain->readers + by);
    pthread_mutex_unlock(&chain->lock);
}

struct reader *reader_new(struct chain *chain) {
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader) return NULL;
    reader->chain = chain;
    readers_count(chain, 1);
    return reader;
}

/* A txn of the newest block goes back to its spares: beginning one like it may mean waiting for the disk. */
void reader_rest(struct reader *reader) {
    struct chain *chain = reader->chain;
    struct kv_txn *txn = reader->snapshot.txn;
    if (!reader->live) return;
    reader->live = false;
    statemap_release(chain->map, reader->snapshot.map);
    pthread_mutex_lock(&chain->lock);
    bool keep = reader->snapshot.n == chain->head->header.n && chain->head->spares < SPARES_MAX;
    if (keep) {
        kv_park(txn);
        chain->head->spare[chain->head->spares++] = txn;
    }
    pthread_mutex_unlock(&chain->lock);
    if (!keep) kv_abort(txn);
}

void reader_yield(struct reader *reader) {
    if (reader->live && kv_waited_for(reader->chain->kv)) reader_rest(reader);
}

void reader_free(struct reader *reader) {
    if (!reader) return;
    reader_rest(reader);
    readers_count(reader->chain, -1);
    free(reader);
}

/* Under the lock: the published block but for its txn. */
static void show_head(struct chain *chain, struct snapshot *out) {
    const struct chain_head_data *head = chain->head;
    out->map = head->map;
    statemap_hold(chain->map, out->map);
    out->n = head->header.n;
    out->header = head->header;
    memcpy(out->header_bytes, head->bytes, head->len);
    out->header_len = head->len;
    memcpy(out->hash, head->hash, 32);
    out->params = head->params;
}

/* The published block with one of its own txns. False: there is none left. */
static bool take_spare(struct chain *chain, struct snapshot *out) {
    bool took = false;
    pthread_mutex_lock(&chain->lock);
    while (!took && chain->head->spares > 0) {
        out->txn = chain->head->spare[--chain->head->spares];
        took = kv_resume(out->txn);
    }
    if (took) show_head(chain, out);
    pthread_mutex_unlock(&chain->lock);
    return took;
}

/* Pairs an open txn that shows block n with the map of n. A block is in storage before it is published (the mark is being written): then we wait
 * for that moment, so that nothing is ever shown that could still be lost. False: the txn is older; begin again. */
static enum err pair(struct chain *chain, struct snapshot *out, uint64_t n, bool *again) {
    enum err err = ERR_OK;
    pthread_mutex_lock(&chain->lock);
    while (chain->head->header.n < n && chain->lost > n) pthread_cond_wait(&chain->changed, &chain->lock);
    *again = chain->head->header.n > n;
    if (chain->head->header.n < n) err = ERR_LATCHED;
    else if (!*again) show_head(chain, out);
    pthread_mutex_unlock(&chain->lock);
    return err;
}

/* What was kept from another snapshot lies in another txn. */
static void snapshot_begin(struct reader *reader) {
    reader->snapshot.chain = reader->chain;
    reader->snapshot.memo = &reader->memo;
    reader->snapshot.kept = &reader->kept;
    if (reader->memo.used) memset(&reader->memo, 0, sizeof reader->memo); /* many a snapshot is for one look only */
    if (reader->kept.used) memset(&reader->kept, 0, sizeof reader->kept);
    reader->live = true;
}

enum err reader_snapshot(struct reader *reader, const struct snapshot **out) {
    struct chain *chain = reader->chain;
    *out = &reader->snapshot;
    reader_yield(reader); /* else a map that has to grow would wait for as long as somebody asks */
    if (reader->live && reader->snapshot.n == atomic_load(&chain->published)) return ERR_OK;
    reader_rest(reader);
    if (take_spare(chain, &reader->snapshot)) {
        snapshot_begin(reader);
        return ERR_OK;
    }
    for (;;) { /* more readers than spares, or the map has grown */
        struct kv_txn *txn;
        enum err err = kv_begin(chain->kv, false, &txn);
        if (err != ERR_OK) return err;
        struct bytes value;
        uint64_t n;
        bool again = false;
        err = kv_floor(txn, KV_BLOCKS, UINT64_MAX, &n, &value);
        if (err == ERR_ABSENT) err = ERR_CORRUPT;
        if (err == ERR_OK) err = pair(chain, &reader->snapshot, n, &again);
        if (err == ERR_OK && !again) {
            reader->snapshot.txn = txn;
            snapshot_begin(reader);
            return ERR_OK;
        }
        kv_abort(txn);
        if (err != ERR_OK) return err;
    }
}

/* The bytes of a slot against the leaf the map has for it. */
static bool leaf_agrees(const struct map_hit *hit, const uint8_t key[32], struct bytes value, uint8_t value_hash[32]) {
    uint8_t leaf[32];
    object_value_hash(value_hash, value);
    map_leaf(leaf, key, value_hash);
    return memcmp(leaf, hit->leaf, 32) == 0;
}

/* What was worked out before about an id; NULL: nothing. */
static const struct memo_expected *expected_id(struct snapshot_memo *memo, enum object_kind kind, struct bytes id) {
    for (uint32_t i = memo->expected_next; i < memo->expected_count; i++) {
        const struct memo_expected *expected = &memo->expected[i];
        if (expected->kind != kind || id.len != 32 || memcmp(expected->id, id.data, 32) != 0) continue;
        memo->expected_next = i + 1;
        return expected;
    }
    return NULL;
}

/* Where it was found before. Nothing is looked at but the copy: see places.h. */
static bool read_place(const struct memo_expected *expected, struct bytes id, uint8_t copy[PLACE_BYTES_MAX], struct bytes *value) {
    uint8_t value_hash[32];
    if (expected->place.data == NULL) return false;
    memcpy(copy, expected->place.data, expected->place.len);
    *value = bytes_of(copy, expected->place.len);
    return object_is(*value, expected->kind, id) && leaf_agrees(&expected->hit, expected->key, *value, value_hash);
}

static void note_place(const struct snapshot *snapshot, enum object_kind kind, uint32_t no, struct bytes value) {
    if (kind == OBJECT_LICENCE && places_hold(snapshot->chain->places, snapshot->chain->kv)) places_note(snapshot->chain->places, no, value);
}

/* copy NULL: the value is to be a view into storage. */
static enum found by_id(const struct snapshot *snapshot, enum object_kind kind, struct bytes id, uint8_t *copy, struct bytes *value) {
    const uint8_t *genesis = snapshot->chain->genesis.hash;
    const struct memo_expected *expected = copy != NULL ? expected_id(snapshot->memo, kind, id) : NULL;
    struct memo_expected now;
    uint8_t stored_key[32], value_hash[32];
    if (expected == NULL) {
        object_key(now.key, genesis, kind, id);
        now.found = statemap_find(snapshot->chain->map, snapshot->map, now.key, &now.hit);
    } else if (expected->found && read_place(expected, id, copy, value)) {
        return FOUND_YES;
    }
    const struct memo_expected *at = expected != NULL ? expected : &now;
    if (!at->found) return FOUND_ABSENT;
    if (slots_get(snapshot->txn, at->hit.slot, value) != ERR_OK) return FOUND_FAULT;
    if (object_is(*value, kind, id)) {
        if (!leaf_agrees(&at->hit, at->key, *value, value_hash)) return FOUND_FAULT;
        if (expected != NULL) note_place(snapshot, kind, at->hit.slot, *value);
        return FOUND_YES;
    }
    if (!object_key_of(stored_key, genesis, *value) || !leaf_agrees(&at->hit, stored_key, *value, value_hash)) return FOUND_FAULT;
    return FOUND_ABSENT; /* sound bytes under another key: the two only begin alike */
}

enum found snapshot_by_id(const struct snapshot *snapshot, enum object_kind kind, struct bytes id, struct bytes *value) {
    return by_id(snapshot, kind, id, NULL, value);
}

enum found snapshot_expected(const struct snapshot *snapshot, enum object_kind kind, struct bytes id, uint8_t copy[SNAPSHOT_COPY_MAX], struct bytes *value) {
    return by_id(snapshot, kind, id, copy, value);
}
_Static_assert(SNAPSHOT_COPY_MAX == PLACE_BYTES_MAX, "what is remembered fits the copy");

/* NULL: not of a kind that is kept. */
static struct memo_place *memo_place(const struct snapshot *snapshot, enum object_kind kind, uint32_t no) {
    if (!object_is_kept(kind, IS_READ_AGAIN)) return NULL;
    return &snapshot->memo->places[no % MEMO_PLACES];
}

/* The object in a slot, of whatever kind, led to its leaf in the map. */
static enum found slot_read(const struct snapshot *snapshot, uint32_t no, enum object_kind *kind, struct bytes *value, uint8_t value_hash32[32]) {
    uint8_t key[32];
    struct map_hit hit;
    if (no >= snapshot->header.objects) return FOUND_ABSENT;
    if (slots_get(snapshot->txn, no, value) != ERR_OK) return FOUND_FAULT;
    if (!object_key_of(key, snapshot->chain->genesis.hash, *value) || !object_kind_of(kind, *value)) return FOUND_FAULT;
    if (!statemap_find(snapshot->chain->map, snapshot->map, key, &hit) || hit.slot != no) return FOUND_FAULT;
    return leaf_agrees(&hit, key, *value, value_hash32) ? FOUND_YES : FOUND_FAULT;
}

enum found snapshot_slot(const struct snapshot *snapshot, uint32_t no, enum object_kind *kind, struct bytes *value) {
    uint8_t value_hash[32];
    return slot_read(snapshot, no, kind, value, value_hash);
}

enum found snapshot_by_no(const struct snapshot *snapshot, enum object_kind kind, uint32_t no, struct bytes *value) {
    uint8_t value_hash[32];
    struct memo_place *place = memo_place(snapshot, kind, no);
    if (place != NULL && place->set && place->no == no && place->kind == kind) {
        *value = place->value;
        object_value_hash(value_hash, *value);
        return memcmp(value_hash, place->value_hash, 32) == 0 ? FOUND_YES : FOUND_FAULT;
    }
    enum object_kind stored;
    const enum found found = slot_read(snapshot, no, &stored, value, value_hash);
    if (found != FOUND_YES) return found;
    if (stored != kind) return FOUND_FAULT;
    if (place != NULL) {
        snapshot->memo->used = true;
        *place = (struct memo_place){.set = true, .kind = kind, .no = no, .value = *value};
        memcpy(place->value_hash, value_hash, 32);
    }
    return FOUND_YES;
}

uint32_t snapshot_next(const struct snapshot *snapshot, enum object_kind kind, uint32_t from) {
    return roll_next(snapshot->chain->roll, kind, from, snapshot->header.objects);
}

/* The processor fetches all of them while it goes on. */
#define LINE 64u
static void expect_places(const struct snapshot *snapshot, size_t count) {
    struct memo_expected *expected = snapshot->memo->expected;
    struct places *places = snapshot->chain->places;
    if (!places_hold(places, snapshot->chain->kv)) return;
    for (size_t i = 0; i < count; i++)
        if (expected[i].found) places_prefetch(places, expected[i].hit.slot);
    for (size_t i = 0; i < count; i++) {
        if (!expected[i].found) continue;
        expected[i].place = places_find(places, expected[i].hit.slot);
        for (size_t at = 0; at < expected[i].place.len; at += LINE) __builtin_prefetch(expected[i].place.data + at);
    }
}

void snapshot_expect(const struct snapshot *snapshot, enum object_kind kind, const struct bytes *ids, size_t count) {
    struct snapshot_memo *memo = snapshot->memo;
    uint8_t keys[STATEMAP_WARM_MAX][32];
    struct map_hit hits[STATEMAP_WARM_MAX];
    bool found[STATEMAP_WARM_MAX];
    ASSERT(count <= STATEMAP_WARM_MAX);
    for (size_t i = 0; i < count; i++) {
        ASSERT(ids[i].len == 32);
        object_key(keys[i], snapshot->chain->genesis.hash, kind, ids[i]);
    }
    statemap_find_many(snapshot->chain->map, snapshot->map, (const uint8_t (*)[32])keys, count, hits, found);
    for (size_t i = 0; i < count; i++) {
        struct memo_expected *expected = &memo->expected[i];
        *expected = (struct memo_expected){.kind = kind, .found = found[i]};
        memcpy(expected->id, ids[i].data, 32);
        memcpy(expected->key, keys[i], 32);
        if (found[i]) expected->hit = hits[i];
    }
    memo->used = true;
    memo->expected_count = (uint32_t)count;
    memo->expected_next = 0;
    expect_places(snapshot, count);
}

struct prefix_walk {
    const struct snapshot *snapshot;
    snapshot_visit_fn visit;
    void *context;
    enum err err;
};

static bool prefix_leaf(void *context, const struct map_hit *hit) {
    struct prefix_walk *walk = context;
    struct bytes value;
    uint8_t key[32], value_hash[32];
    walk->err = slots_get(walk->snapshot->txn, hit->slot, &value);
    if (walk->err == ERR_OK && (!object_key_of(key, walk->snapshot->chain->genesis.hash, value) || !leaf_agrees(hit, key, value, value_hash))) {
        walk->err = ERR_CORRUPT;
    }
    if (walk->err == ERR_ABSENT) walk->err = ERR_CORRUPT; /* the map names a slot that is not there */
    return walk->err == ERR_OK && walk->visit(walk->context, hit->slot, key, value);
}

enum err snapshot_prefix(const struct snapshot *snapshot, const uint8_t prefix32[32], unsigned bits, snapshot_visit_fn visit, void *context) {
    struct prefix_walk walk = {snapshot, visit, context, ERR_OK};
    statemap_prefix(snapshot->chain->map, snapshot->map, prefix32, bits, prefix_leaf, &walk);
    return walk.err;
}

static enum found source_by_id(void *context, enum object_kind kind, struct bytes id, struct bytes *value) {
    return snapshot_by_id(context, kind, id, value);
}
static enum found source_by_no(void *context, enum object_kind kind, uint32_t no, struct bytes *value) {
    return snapshot_by_no(context, kind, no, value);
}

struct object_source snapshot_source(const struct snapshot *snapshot) {
    /* the callbacks only read; the interface has one context type for all sources */
    return (struct object_source){(void *)(uintptr_t)snapshot, snapshot->chain->genesis.hash, source_by_id, source_by_no};
}
