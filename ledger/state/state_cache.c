#include "ledger/state/state_cache.h"

bool array_grow(void **array, size_t *room, size_t count, size_t item_size) {
    if (count < *room) return true;
    const size_t wanted = *room ? *room * 2 : 64;
    void *grown = realloc(*array, wanted * item_size);
    if (grown == NULL) return false;
    *array = grown;
    *room = wanted;
    return true;
}

void *pool_take(struct pool *pool, size_t size) {
    ASSERT(size <= POOL_CHUNK);
    const size_t rounded = (size + 15) & ~(size_t)15;
    if (pool->at.chunk < pool->count && POOL_CHUNK - pool->at.used < rounded) pool->at = (struct pool_mark){pool->at.chunk + 1, 0};
    if (pool->at.chunk == pool->count) {
        void *chunks = pool->chunks;
        if (!array_grow(&chunks, &pool->room, pool->count, sizeof *pool->chunks)) return NULL;
        pool->chunks = (uint8_t **)chunks;
        pool->chunks[pool->count] = (uint8_t *)malloc(POOL_CHUNK);
        if (pool->chunks[pool->count] == NULL) return NULL;
        pool->count++;
    }
    uint8_t *p = pool->chunks[pool->at.chunk] + pool->at.used;
    pool->at.used += rounded;
    return p;
}

void *pool_copy(struct pool *pool, struct bytes data) {
    void *p = pool_take(pool, data.len);
    if (p != NULL && data.len > 0) memcpy(p, data.data, data.len);
    return p;
}

void pool_free(struct pool *pool) {
    for (size_t i = 0; i < pool->count; i++) free(pool->chunks[i]);
    free(pool->chunks);
    *pool = (struct pool){0};
}

/* The word an entry is found by: part of its key, or its number, stirred with the seed (the finalizer of MurmurHash3). */
static uint64_t stir(uint64_t word) {
    word ^= word >> 33;
    word *= UINT64_C(0xff51afd7ed558ccd);
    word ^= word >> 33;
    word *= UINT64_C(0xc4ceb9fe1a85ec53);
    return word ^ word >> 33;
}

static uint32_t first_place(const struct entries *entries, uint64_t word) {
    return (uint32_t)(stir(word ^ entries->seed) >> (64 - entries->table_bits));
}

static uint32_t next_place(const struct entries *entries, uint32_t place) {
    return (place + 1) & ((UINT32_C(1) << entries->table_bits) - 1);
}

uint32_t entries_by_key(const struct entries *entries, const uint8_t key32[32]) {
    if (entries->count == 0) return ENTRY_NONE;
    uint32_t place = first_place(entries, be64_get(key32));
    for (; entries->table[place] != 0; place = next_place(entries, place)) {
        const uint32_t index = entries->table[place] - 1;
        if (memcmp(entries->list[index].key, key32, 32) == 0) return index;
    }
    return ENTRY_NONE;
}

uint32_t entries_by_no(const struct entries *entries, uint32_t no) {
    if (entries->count == 0) return ENTRY_NONE;
    uint32_t place = first_place(entries, no);
    for (; entries->table[place] != 0; place = next_place(entries, place)) {
        const uint32_t index = entries->table[place] - 1;
        if (entries->list[index].no == no) return index;
    }
    return ENTRY_NONE;
}

static void seat(struct entries *entries, uint32_t index) {
    struct entry *entry = &entries->list[index];
    uint32_t place = first_place(entries, entries->by_key ? be64_get(entry->key) : entry->no);
    while (entries->table[place] != 0) place = next_place(entries, place);
    entries->table[place] = index + 1;
    entry->place = place;
}

/* At most half full. Seated again in their order, which keeps cutting from the end right. */
static bool table_grow(struct entries *entries) {
    if (entries->table != NULL && entries->count < (UINT32_C(1) << entries->table_bits) / 2) return true;
    const uint32_t bits = entries->table != NULL ? entries->table_bits + 1 : 8;
    uint32_t *table = (uint32_t *)calloc((size_t)1 << bits, sizeof *table);
    if (table == NULL) return false;
    free(entries->table);
    entries->table = table;
    entries->table_bits = bits;
    for (uint32_t i = 0; i < entries->count; i++) seat(entries, i);
    return true;
}

uint32_t entries_add(struct entries *entries, const struct entry *entry) {
    ASSERT((entries->by_key ? entries_by_key(entries, entry->key) : entries_by_no(entries, entry->no)) == ENTRY_NONE);
    ASSERT(entries->count < UINT32_C(1) << 30);
    void *list = entries->list;
    size_t room = entries->room;
    if (!table_grow(entries) || !array_grow(&list, &room, entries->count, sizeof *entries->list)) return ENTRY_NONE;
    entries->list = (struct entry *)list;
    entries->room = (uint32_t)room;
    const uint32_t index = entries->count++;
    entries->list[index] = *entry;
    seat(entries, index);
    return index;
}

void entries_cut(struct entries *entries, uint32_t count) {
    ASSERT(count <= entries->count);
    while (entries->count > count) entries->table[entries->list[--entries->count].place] = 0;
}

void entries_free(struct entries *entries) {
    free(entries->list);
    free(entries->table);
}

const uint8_t *id_memo_key(struct id_memo *memo, const uint8_t genesis[32], enum object_kind kind, struct bytes id) {
    ASSERT(id.len <= ID_MEMO_ID_MAX);
    for (unsigned i = 0; i < ID_MEMO_COUNT; i++) {
        if (memo->places[i].kind != kind || memo->places[i].id_len != id.len) continue;
        if (id.len == 0 || memcmp(memo->places[i].id, id.data, id.len) == 0) return memo->places[i].key;
    }
    const unsigned place = memo->next++ % ID_MEMO_COUNT;
    memo->places[place].kind = kind;
    memo->places[place].id_len = (uint8_t)id.len;
    if (id.len > 0) memcpy(memo->places[place].id, id.data, id.len);
    object_key(memo->places[place].key, genesis, kind, id);
    return memo->places[place].key;
}
