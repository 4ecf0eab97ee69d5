#include "ledger/state/state.h"

#include "ledger/kv/strips.h"
#include "ledger/state/slots.h"
#include "ledger/state/state_cache.h"

_Static_assert(LINK_LEN == STRIP_ITEM, "links are kept in strips");

/* What one change overwrote. */
struct undo {
    bool is_new, counters; /* index is of `fresh`; only the counters changed */
    uint32_t index;
    struct entry before;   /* its value, decoded and flags */
    uint64_t issued, quota_used;
    int32_t quota_day;
};
struct marked {
    uint32_t fresh;
    size_t undos, links;
    uint64_t licences;
    struct pool_mark pool;
};
enum state_stage { STAGE_CLOSED, STAGE_OPEN, STAGE_ROOTED };
struct state {
    struct statemap *map;
    uint8_t genesis[32];
    enum state_stage stage;
    struct kv_txn *txn;
    const struct map_snapshot *base, *made; /* the map before; the version that state_root made and nobody took */
    struct state_counts before;
    struct entries known; /* objects of before that were read or changed, by number; value or not, never taken back in a block */
    struct entries fresh; /* new objects, by key; number = before.objects + index */
    struct pool kept;     /* values read, structs decoded: live as long as the block */
    struct pool written;  /* values put: taken back with a rollback */
    uint8_t (*links)[LINK_LEN];
    size_t link_count, link_room;
    uint64_t licences;
    struct undo *undos;
    size_t undo_count, undo_room;
    struct marked mark;
    bool marking;
    struct id_memo memo;
    struct map_change *changes;
    size_t change_room;
    uint64_t *order; /* changed known objects: number << 32 | index */
    size_t order_count, order_room;
    struct slots_writer *slots;
};

struct state *state_new(struct statemap *map, const uint8_t genesis[32]) {
    struct state *state = (struct state *)calloc(1, sizeof *state);
    if (state == NULL) return NULL;
    state->map = map;
    memcpy(state->genesis, genesis, 32);
    state->fresh.by_key = true;
    state->slots = slots_writer_new();
    if (state->slots != NULL) return state;
    state_free(state);
    return NULL;
}

void state_free(struct state *state) {
    if (state == NULL) return;
    state_end(state);
    entries_free(&state->known);
    entries_free(&state->fresh);
    pool_free(&state->kept);
    pool_free(&state->written);
    free(state->links);
    free(state->undos);
    free(state->changes);
    free(state->order);
    slots_writer_free(state->slots);
    free(state);
}

void state_begin(struct state *state, struct kv_txn *txn, const struct state_counts *counts) {
    ASSERT(state->stage == STAGE_CLOSED);
    state->base = statemap_acquire(state->map);
    ASSERT(map_snapshot_count(state->base) == counts->objects);
    uint8_t root[32];
    map_snapshot_root(root, state->base);
    state->known.seed = state->fresh.seed = be64_get(root);
    state->txn = txn;
    state->before = *counts;
    state->licences = counts->licences;
    state->stage = STAGE_OPEN;
}

void state_end(struct state *state) {
    if (state->stage == STAGE_CLOSED) return;
    if (state->made != NULL) statemap_drop(state->map, state->made);
    state->made = NULL;
    statemap_release(state->map, state->base);
    state->base = NULL;
    state->txn = NULL;
    entries_cut(&state->known, 0);
    entries_cut(&state->fresh, 0);
    pool_return(&state->kept, (struct pool_mark){0, 0});
    pool_return(&state->written, (struct pool_mark){0, 0});
    state->link_count = state->undo_count = 0;
    state->marking = false;
    state->stage = STAGE_CLOSED;
}

/* --- reading --- */

/* From storage, once a block. The bytes are believed only because they lead to the leaf that the map has at their own key. */
static enum err state_load(struct state *state, uint32_t no, uint32_t *index) {
    struct bytes stored;
    enum err err = slots_get(state->txn, no, &stored);
    if (err != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
    struct entry entry = {.no = no, .len = (uint32_t)stored.len};
    struct map_hit hit;
    uint8_t hash[32], leaf[32];
    if (stored.len > OBJECT_VALUE_MAX) return ERR_CORRUPT;
    if (!object_key_of(entry.key, state->genesis, stored) || !object_kind_of(&entry.kind, stored)) return ERR_CORRUPT;
    if (!statemap_find(state->map, state->base, entry.key, &hit) || hit.slot != no) return ERR_CORRUPT;
    object_value_hash(hash, stored);
    map_leaf(leaf, entry.key, hash);
    if (memcmp(leaf, hit.leaf, 32) != 0) return ERR_CORRUPT;
    entry.value = (const uint8_t *)pool_copy(&state->kept, stored); /* the view may die with the next put */
    if (entry.value == NULL) return ERR_MEMORY;
    *index = entries_add(&state->known, &entry);
    return *index == ENTRY_NONE ? ERR_MEMORY : ERR_OK;
}

/* The entry of any object; *entry lives until the next one is read or added. */
static enum err entry_get(struct state *state, uint32_t no, struct entry **entry) {
    ASSERT(state->stage == STAGE_OPEN);
    if (no >= state->before.objects) {
        const uint64_t index = no - state->before.objects;
        if (index >= state->fresh.count) return ERR_CORRUPT;
        *entry = &state->fresh.list[index];
        return ERR_OK;
    }
    uint32_t index = entries_by_no(&state->known, no);
    if (index == ENTRY_NONE) {
        const enum err err = state_load(state, no, &index);
        if (err != ERR_OK) return err;
    }
    *entry = &state->known.list[index];
    return ERR_OK;
}

enum err state_get(struct state *state, uint32_t no, struct bytes *value) {
    struct entry *entry;
    const enum err err = entry_get(state, no, &entry);
    if (err == ERR_OK) *value = entry_value(entry);
    return err;
}

enum err state_find(struct state *state, enum object_kind kind, struct bytes id, uint32_t *no) {
    ASSERT(state->stage == STAGE_OPEN);
    const uint8_t *key = id_memo_key(&state->memo, state->genesis, kind, id);
    *no = NO_NONE;
    const uint32_t index = entries_by_key(&state->fresh, key);
    if (index != ENTRY_NONE) {
        *no = state->fresh.list[index].no;
        return ERR_OK;
    }
    struct map_hit hit;
    if (!statemap_find(state->map, state->base, key, &hit)) return ERR_OK;
    struct entry *entry;
    const enum err err = entry_get(state, hit.slot, &entry);
    if (err != ERR_OK) return err;
    if (memcmp(entry->key, key, 32) == 0) *no = hit.slot; /* else two keys share their first 8 bytes */
    return ERR_OK;
}

_Static_assert(STATE_EXPECT_MAX <= ID_MEMO_COUNT, "the keys of what is expected are still known when it comes");

void state_expect(struct state *state, const struct state_id *ids, size_t count) {
    ASSERT(state->stage == STAGE_OPEN);
    ASSERT(count <= STATE_EXPECT_MAX);
    uint8_t keys[STATE_EXPECT_MAX][32];
    for (size_t i = 0; i < count; i++) memcpy(keys[i], id_memo_key(&state->memo, state->genesis, ids[i].kind, ids[i].id), 32);
    statemap_warm(state->map, state->base, (const uint8_t (*)[32])keys, count);
}

/* --- typed reads --- */

static enum err typed_get(struct state *state, uint32_t no, enum object_kind kind, struct entry **out) {
    struct entry *entry;
    const enum err err = entry_get(state, no, &entry);
    if (err != ERR_OK) return err;
    if (entry->kind != kind) return ERR_CORRUPT;
    if (entry->decoded == NULL) {
        const struct object_form *form = object_form(kind);
        ASSERT(object_is_kept(kind, IS_SHARED)); /* kinds that are many are decoded by who needs them */
        void *decoded = pool_take(&state->kept, form->size);
        if (decoded == NULL) return ERR_MEMORY;
        if (form->decode(decoded, entry_value(entry)) != CODE_OK) return ERR_CORRUPT;
        entry->decoded = decoded;
    }
    *out = entry;
    return ERR_OK;
}

enum err state_member(struct state *state, uint32_t no, const struct member **out) {
    struct entry *entry;
    const enum err err = typed_get(state, no, OBJECT_MEMBER, &entry);
    if (err == ERR_OK) *out = (const struct member *)entry->decoded;
    return err;
}
enum err state_key(struct state *state, uint32_t no, const struct key_object **out) {
    struct entry *entry;
    const enum err err = typed_get(state, no, OBJECT_KEY, &entry);
    if (err == ERR_OK) *out = (const struct key_object *)entry->decoded;
    return err;
}
enum err state_type(struct state *state, uint32_t no, const struct licence_type **out) {
    struct entry *entry;
    const enum err err = typed_get(state, no, OBJECT_TYPE, &entry);
    if (err == ERR_OK) *out = (const struct licence_type *)entry->decoded;
    return err;
}
/* --- changing --- */

uint32_t state_next_no(const struct state *state) { return (uint32_t)(state->before.objects + state->fresh.count); }

enum err state_add(struct state *state, enum object_kind kind, struct bytes id, struct bytes value, uint32_t *no) {
    ASSERT(state->stage == STAGE_OPEN);
    ASSERT(value.len >= 1);
    ASSERT(value.len <= OBJECT_VALUE_MAX);
    if (state->before.objects + state->fresh.count >= NO_NONE) return ERR_NO_ROOM;
    struct entry entry = {.no = state_next_no(state), .len = (uint32_t)value.len, .kind = kind, .changed = true};
    memcpy(entry.key, id_memo_key(&state->memo, state->genesis, kind, id), 32);
    entry.value = (const uint8_t *)pool_copy(&state->written, value);
    if (entry.value == NULL || entries_add(&state->fresh, &entry) == ENTRY_NONE) return ERR_MEMORY;
    if (kind == OBJECT_LICENCE) state->licences++;
    *no = entry.no;
    return ERR_OK;
}

/* Remembers the entry as it is, where a rollback could want it. */
static bool undo_note(struct state *state, const struct entry *entry, bool counters) {
    const bool is_new = entry->no >= state->before.objects;
    const uint32_t index = (uint32_t)(entry - (is_new ? state->fresh.list : state->known.list));
    if (!state->marking || (is_new && index >= state->mark.fresh)) return true;
    void *undos = state->undos;
    if (!array_grow(&undos, &state->undo_room, state->undo_count, sizeof *state->undos)) return false;
    state->undos = (struct undo *)undos;
    struct undo undo = {.is_new = is_new, .counters = counters, .index = index, .before = *entry};
    if (counters) {
        const struct member *member = (const struct member *)entry->decoded;
        undo.issued = member->issued;
        undo.quota_used = member->quota_used;
        undo.quota_day = member->quota_day;
    }
    state->undos[state->undo_count++] = undo;
    return true;
}

static enum err entry_put(struct state *state, struct entry *entry, struct bytes value) {
    ASSERT(value.len >= 1);
    ASSERT(value.len <= OBJECT_VALUE_MAX);
    if (!undo_note(state, entry, false)) return ERR_MEMORY;
    const uint8_t *copy = (const uint8_t *)pool_copy(&state->written, value);
    if (copy == NULL) return ERR_MEMORY;
    entry->value = copy;
    entry->len = (uint32_t)value.len;
    entry->decoded = NULL;
    entry->changed = true;
    entry->counted = false;
    return ERR_OK;
}

enum err state_put(struct state *state, uint32_t no, struct bytes value) {
    struct entry *entry;
    const enum err err = entry_get(state, no, &entry);
    return err == ERR_OK ? entry_put(state, entry, value) : err;
}

enum err state_link(struct state *state, const struct history_link *link, uint32_t *number) {
    ASSERT(state->stage == STAGE_OPEN);
    const uint64_t next = state->before.links + state->link_count;
    if (next >= NO_NONE) return ERR_NO_ROOM;
    void *links = state->links;
    if (!array_grow(&links, &state->link_room, state->link_count, LINK_LEN)) return ERR_MEMORY;
    state->links = (uint8_t(*)[LINK_LEN])links;
    link_encode(state->links[state->link_count++], link);
    *number = (uint32_t)next;
    return ERR_OK;
}

enum err state_member_counters(struct state *state, uint32_t no, uint64_t issued, int32_t quota_day, uint64_t quota_used) {
    struct entry *entry;
    const enum err err = typed_get(state, no, OBJECT_MEMBER, &entry);
    if (err != ERR_OK) return err;
    if (!undo_note(state, entry, true)) return ERR_MEMORY;
    struct member *member = (struct member *)entry->decoded;
    member->issued = issued;
    member->quota_day = quota_day;
    member->quota_used = quota_used;
    entry->counted = true;
    return ERR_OK;
}

void state_savepoint(struct state *state) {
    ASSERT(state->stage == STAGE_OPEN);
    state->undo_count = 0;
    state->mark = (struct marked){state->fresh.count, 0, state->link_count, state->licences, pool_mark(&state->written)};
    state->marking = true;
}

void state_rollback(struct state *state) {
    ASSERT(state->stage == STAGE_OPEN);
    ASSERT(state->marking);
    while (state->undo_count > 0) {
        const struct undo *undo = &state->undos[--state->undo_count];
        struct entry *entry = &(undo->is_new ? &state->fresh : &state->known)->list[undo->index];
        const uint32_t place = entry->place; /* the table may have grown since */
        *entry = undo->before;
        entry->place = place;
        if (!undo->counters) continue;
        struct member *member = (struct member *)entry->decoded;
        member->issued = undo->issued;
        member->quota_day = undo->quota_day;
        member->quota_used = undo->quota_used;
    }
    entries_cut(&state->fresh, state->mark.fresh);
    pool_return(&state->written, state->mark.pool);
    state->link_count = state->mark.links;
    state->licences = state->mark.licences;
    state->marking = false;
}

/* --- the end of a block --- */

/* Counters become part of their members' values. */
static enum err counters_write(struct state *state, struct entries *entries) {
    for (uint32_t i = 0; i < entries->count; i++) {
        struct entry *entry = &entries->list[i];
        if (!entry->counted) continue;
        uint8_t buffer[OBJECT_VALUE_MAX];
        struct wire_out out = wire_write(buffer, sizeof buffer);
        ASSERT(member_encode(&out, (const struct member *)entry->decoded)); /* as large as the one it was decoded from, and a few digits */
        const enum err err = entry_put(state, entry, bytes_of(buffer, out.len));
        if (err != ERR_OK) return err;
    }
    return ERR_OK;
}

static bool state_key_of_slot(void *context, uint32_t slot, uint8_t key32[32]) {
    struct entry *entry;
    if (entry_get((struct state *)context, slot, &entry) != ERR_OK) return false;
    memcpy(key32, entry->key, 32);
    return true;
}

static int u64_compare(const void *a, const void *b) {
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

/* Which known objects changed, by number: the order in which they are written. */
static enum err order_make(struct state *state) {
    state->order_count = 0;
    for (uint32_t i = 0; i < state->known.count; i++) {
        if (!state->known.list[i].changed) continue;
        void *order = state->order;
        if (!array_grow(&order, &state->order_room, state->order_count, sizeof *state->order)) return ERR_MEMORY;
        state->order = (uint64_t *)order;
        state->order[state->order_count++] = (uint64_t)state->known.list[i].no << 32 | i;
    }
    if (state->order_count > 1) qsort(state->order, state->order_count, sizeof *state->order, u64_compare);
    return ERR_OK;
}

static void change_make(struct map_change *change, const struct entry *entry) {
    memcpy(change->key, entry->key, 32);
    object_value_hash(change->value_hash, entry_value(entry));
    change->slot = entry->no;
}

#define CHANGES_SHARE_MIN 1024u /* below, waking somebody costs more than it saves */
#define CHANGES_RANGES 16u

/* A range of all changes: known objects in their order, then the new ones. */
static void changes_make(void *context, uint32_t part, uint32_t parts) {
    const struct state *state = (const struct state *)context;
    const uint64_t count = state->order_count + state->fresh.count;
    for (size_t i = (size_t)(count * part / parts); i < (size_t)(count * (part + 1) / parts); i++) {
        const bool known = i < state->order_count;
        change_make(&state->changes[i], known ? &state->known.list[(uint32_t)state->order[i]] : &state->fresh.list[i - state->order_count]);
    }
}

static enum err map_make(struct state *state) {
    const size_t count = state->order_count + state->fresh.count;
    if (count == 0) return ERR_OK;
    if (count > state->change_room) {
        struct map_change *changes = (struct map_change *)realloc(state->changes, count * sizeof *changes);
        if (changes == NULL) return ERR_MEMORY;
        state->changes = changes;
        state->change_room = count;
    }
    const bool share = count >= CHANGES_SHARE_MIN;
    workers_run(share ? statemap_workers(state->map) : NULL, changes_make, state, share ? CHANGES_RANGES : 1);
    return statemap_update(state->map, state->changes, count, state_key_of_slot, state, &state->made);
}

enum err state_root(struct state *state, uint8_t root32[32], struct state_counts *counts) {
    ASSERT(state->stage == STAGE_OPEN);
    state->marking = false;
    enum err err = counters_write(state, &state->known);
    if (err == ERR_OK) err = counters_write(state, &state->fresh);
    if (err == ERR_OK) err = order_make(state);
    if (err == ERR_OK) err = map_make(state);
    if (err != ERR_OK) return err;
    map_snapshot_root(root32, state->made != NULL ? state->made : state->base);
    *counts = (struct state_counts){state->before.objects + state->fresh.count, state->before.links + state->link_count, state->licences};
    state->stage = STAGE_ROOTED;
    return ERR_OK;
}

enum err state_write(struct state *state, struct kv_txn *write_txn) {
    ASSERT(state->stage == STAGE_ROOTED);
    enum err err = ERR_OK;
    slots_begin(state->slots, write_txn, state->before.objects);
    for (size_t i = 0; i < state->order_count && err == ERR_OK; i++) {
        const struct entry *entry = &state->known.list[(uint32_t)state->order[i]];
        err = slots_put(state->slots, entry->no, entry_value(entry));
    }
    for (uint32_t i = 0; i < state->fresh.count && err == ERR_OK; i++) {
        const struct entry *entry = &state->fresh.list[i];
        err = slots_put(state->slots, entry->no, entry_value(entry));
    }
    if (err == ERR_OK) err = slots_end(state->slots);
    return err == ERR_OK ? strip_put(write_txn, KV_LINKS, 0, state->before.links, state->link_count, state->links) : err;
}

enum err state_added(const struct state *state, state_added_fn visit, void *context) {
    enum err err = ERR_OK;
    for (uint32_t i = 0; i < state->fresh.count && err == ERR_OK; i++) err = visit(context, state->fresh.list[i].kind, state->fresh.list[i].no);
    return err;
}

bool state_changed(const struct state *state, uint32_t no, struct bytes *value) {
    ASSERT(state->stage == STAGE_ROOTED);
    const uint32_t index = entries_by_no(&state->known, no);
    if (index == ENTRY_NONE || !state->known.list[index].changed) return false;
    *value = entry_value(&state->known.list[index]);
    return true;
}

const struct map_snapshot *state_take_map(struct state *state) {
    ASSERT(state->stage == STAGE_ROOTED);
    const struct map_snapshot *made = state->made;
    state->made = NULL;
    return made;
}
