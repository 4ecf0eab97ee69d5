/* State cache: the memory under a block's working state: values that do not move, entries of objects, and the tables that find them.
 * Everything is kept from block to block and emptied in time that depends on what was used, so that a block of one statement costs
 * nothing and one of 49,000 objects needs no allocation after the first of its size. Layer: ledger/state, inside state. */
#ifndef LICET_STATE_STATE_CACHE_H
#define LICET_STATE_STATE_CACHE_H
#include "ledger/wire/object.h"

/* Pool: bump memory in fixed chunks. */
#define POOL_CHUNK ((size_t)1 << 20)
struct pool_mark { size_t chunk, used; };
struct pool {
    uint8_t **chunks;
    size_t count, room;
    struct pool_mark at;
};
MUST_USE void *pool_take(struct pool *pool, size_t size); /* aligned to 16, not zeroed; NULL: no memory */
MUST_USE void *pool_copy(struct pool *pool, struct bytes data);
static inline struct pool_mark pool_mark(const struct pool *pool) { return pool->at; }
static inline void pool_return(struct pool *pool, struct pool_mark mark) { pool->at = mark; }
void pool_free(struct pool *pool);

struct entry {
    const uint8_t *value;
    void *decoded; /* its struct, when a typed read asked for it; NULL: not yet, or put since */
    uint8_t key[32]; /* map key */
    uint32_t len, no;
    uint32_t place; /* in the table */
    enum object_kind kind;
    bool changed; /* differs from what is in storage */
    bool counted; /* decoded holds counters that the value has not yet */
};
static inline struct bytes entry_value(const struct entry *entry) { return bytes_of(entry->value, entry->len); }

/* Entries in the order they came, found through an open table by a 64-bit word. Entries move when the list grows: keep indexes, not pointers. */
struct entries {
    struct entry *list;
    uint32_t count, room;
    uint32_t *table; /* index + 1; 0: free */
    uint32_t table_bits;
    uint64_t seed; /* set per block from what nobody could know before, so that nobody can aim at one place of the table */
    bool by_key;   /* found by key, else by number */
};
#define ENTRY_NONE UINT32_MAX
uint32_t entries_by_key(const struct entries *entries, const uint8_t key32[32]);
uint32_t entries_by_no(const struct entries *entries, uint32_t no);
/* Appends; what it is found by must be free (ASSERT). ENTRY_NONE: no memory. */
MUST_USE uint32_t entries_add(struct entries *entries, const struct entry *entry);
/* Takes back the last ones: only ever from the end, which is what makes plain clearing of their places right. */
void entries_cut(struct entries *entries, uint32_t count);
void entries_free(struct entries *entries);

/* Keys of the ids looked up lately: who finds an id free mostly adds it next, and a key costs a hash. */
#define ID_MEMO_COUNT 16u /* a licence, its number and its documents */
#define ID_MEMO_ID_MAX 64u
struct id_memo {
    struct { enum object_kind kind; uint8_t id_len, id[ID_MEMO_ID_MAX], key[32]; } places[ID_MEMO_COUNT];
    unsigned next;
};
/* The map key of an id; lives until ID_MEMO_COUNT others were asked for. */
const uint8_t *id_memo_key(struct id_memo *memo, const uint8_t genesis[32], enum object_kind kind, struct bytes id);

/* Makes room for one more in a growing array. */
MUST_USE bool array_grow(void **array, size_t *room, size_t count, size_t item_size);
#endif
