/* Mapnode: the nodes of the state map and the pool they live in. Nodes lie in fixed chunks, so that growing never moves one under a
 * reader. One ring of node numbers is free list and waiting room at once:
 *
 *      head ........ reusable ........ tail
 *      free: reused   retired: a version that is
 *      next, oldest   still held may read them
 *      first
 *
 * An update takes at head and retires at tail, and nothing is written between the head it began with and the tail, so taking it back
 * is setting the numbers back. Layer: ledger/state, inside the state map. Written by the one writer only. */
#ifndef LICET_STATE_MAPNODE_H
#define LICET_STATE_MAPNODE_H
#include "crypto/bytes.h"
#include "ledger/base/code.h"

/* A reference: the node's number, top bit set for a leaf. */
#define MAPNODE_LEAF UINT32_C(0x80000000)
#define MAPNODE_NONE UINT32_MAX
#define MAPNODE_MAX (MAPNODE_LEAF - 1) /* so that no reference equals MAPNODE_NONE */

#define MAPNODE_CHUNK_BITS 19 /* 6 and 16 MiB: whole huge pages */
#define MAPNODE_CHUNK (UINT32_C(1) << MAPNODE_CHUNK_BITS)
#define MAPNODE_CHUNKS (UINT32_C(1) << (31 - MAPNODE_CHUNK_BITS))

/* What a walk reads. A chunk holds all its nodes' first and all their hashes behind them: a walk then jumps about in a quarter of the memory, five
 * nodes to a cache line, and needs one hash at its end; who hashes needs the hashes of siblings and little else. */
struct mapnode {
    union {
        struct { uint32_t left, right, bit; };              /* inner */
        uint32_t side[2];                                   /* left and right, chosen without a branch, which would be guessed wrong half of the time */
        struct { uint32_t prefix_high, prefix_low, slot; }; /* leaf: the first 8 bytes of its key */
    };
};
#define MAPNODE_BYTES (sizeof(struct mapnode) + 32)
_Static_assert(MAPNODE_BYTES == 44, "two nodes a leaf: the memory budget counts on it");

struct mapnode_pool {
    struct mapnode **chunks; /* MAPNODE_CHUNKS places; a chunk that a reader can reach was set before its version was published */
    uint32_t chunk_count;
    uint32_t made; /* nodes ever taken from the chunks */
    uint32_t *ring;
    uint64_t ring_size;            /* a power of two, or 0 */
    uint64_t head, reusable, tail; /* counted from the start of time; a place is its remainder by ring_size */
    uint64_t begin_head, begin_tail; /* where the running update began */
    uint32_t begin_made;
    bool in_place; /* nobody reads old versions: what is retired is taken again at once, and nothing can be undone */
};

static inline bool mapnode_is_leaf(uint32_t ref) { return (ref & MAPNODE_LEAF) != 0; }
static inline struct mapnode *mapnode_at(const struct mapnode_pool *pool, uint32_t ref) {
    const uint32_t number = ref & ~MAPNODE_LEAF;
    return &pool->chunks[number >> MAPNODE_CHUNK_BITS][number & (MAPNODE_CHUNK - 1)];
}
static inline uint8_t *mapnode_hash(const struct mapnode_pool *pool, uint32_t ref) {
    const uint32_t number = ref & ~MAPNODE_LEAF;
    uint8_t *hashes = (uint8_t *)(pool->chunks[number >> MAPNODE_CHUNK_BITS] + MAPNODE_CHUNK);
    return hashes + (size_t)32 * (number & (MAPNODE_CHUNK - 1));
}
/* Asks for memory that is read or written soon: `node` or `hash` of a node. A load whose value nobody looks at, and no prefetch: a processor may drop
 * a prefetch whose address needs a page walk, and in so large a pool, under a hypervisor above all, most do. Loads that do not depend on each
 * other wait side by side, as long as little else is done between them. */
static inline void mapnode_touch(const void *memory) { (void)*(const volatile uint8_t *)memory; }
static inline uint64_t mapnode_prefix(const struct mapnode *leaf) {
    return (uint64_t)leaf->prefix_high << 32 | leaf->prefix_low;
}

MUST_USE bool mapnode_pool_open(struct mapnode_pool *pool); /* false: no memory, nothing left behind */
void mapnode_pool_close(struct mapnode_pool *pool);

/* begin, then any number of take and retire, then keep or undo. */
void mapnode_begin(struct mapnode_pool *pool);
MUST_USE bool mapnode_take(struct mapnode_pool *pool, uint32_t *number); /* false: no memory; undo */
MUST_USE bool mapnode_retire(struct mapnode_pool *pool, uint32_t ref);   /* false: no memory; undo */
void mapnode_keep(struct mapnode_pool *pool);
void mapnode_undo(struct mapnode_pool *pool);
/* No version that is held can read the nodes retired before `until` (a value that tail had). Not during an update. */
void mapnode_reclaim(struct mapnode_pool *pool, uint64_t until);
uint64_t mapnode_bytes(const struct mapnode_pool *pool);
#endif
