#include "ledger/state/mapnode.h"

#include <sys/mman.h>

#define RING_FIRST 4096
#define AHEAD 16u /* reused nodes are long out of the cache: so many are asked for at once, as many before they are written */
#define HUGE_PAGE ((size_t)2 << 20)

_Static_assert(MAPNODE_CHUNK * sizeof(struct mapnode) % HUGE_PAGE == 0, "the hashes begin on a page of their own");
_Static_assert(MAPNODE_CHUNK * MAPNODE_BYTES % HUGE_PAGE == 0, "aligned_alloc asks for it, and no tail is left on small pages");

bool mapnode_pool_open(struct mapnode_pool *pool) {
    *pool = (struct mapnode_pool){0};
    pool->chunks = (struct mapnode **)calloc(MAPNODE_CHUNKS, sizeof *pool->chunks);
    return pool->chunks != NULL;
}

void mapnode_pool_close(struct mapnode_pool *pool) {
    for (uint32_t i = 0; i < pool->chunk_count; i++) free(pool->chunks[i]);
    free(pool->chunks);
    free(pool->ring);
    *pool = (struct mapnode_pool){0};
}

void mapnode_begin(struct mapnode_pool *pool) {
    pool->begin_head = pool->head;
    pool->begin_tail = pool->tail;
    pool->begin_made = pool->made;
}

/* A walk jumps about in all of the memory, so that on small pages nearly each step costs a page walk besides. */
static struct mapnode *mapnode_chunk_new(void) {
    void *chunk = aligned_alloc(HUGE_PAGE, MAPNODE_CHUNK * MAPNODE_BYTES);
    if (chunk != NULL) (void)madvise(chunk, MAPNODE_CHUNK * MAPNODE_BYTES, MADV_HUGEPAGE); /* only advice: slower without */
    return (struct mapnode *)chunk;
}

static void touch_next(const struct mapnode_pool *pool) {
    uint64_t until = pool->head + 2 * AHEAD;
    if (until > pool->reusable) until = pool->reusable;
    for (uint64_t i = pool->head + AHEAD; i < until; i++) mapnode_touch(mapnode_at(pool, pool->ring[i & (pool->ring_size - 1)]));
}

bool mapnode_take(struct mapnode_pool *pool, uint32_t *number) {
    if (pool->head < pool->reusable) {
        *number = pool->ring[pool->head & (pool->ring_size - 1)];
        pool->head++;
        if (pool->head % AHEAD == 0) touch_next(pool);
        return true;
    }
    if (pool->made == MAPNODE_MAX) return false;
    if (pool->made >> MAPNODE_CHUNK_BITS == pool->chunk_count) {
        struct mapnode *chunk = mapnode_chunk_new();
        if (chunk == NULL) return false;
        pool->chunks[pool->chunk_count++] = chunk; /* stays if the update is undone: it will be wanted again */
    }
    *number = pool->made++;
    return true;
}

static bool ring_grow(struct mapnode_pool *pool) {
    const uint64_t size = pool->ring_size == 0 ? RING_FIRST : pool->ring_size * 2;
    uint32_t *ring = (uint32_t *)malloc(size * sizeof *ring);
    if (ring == NULL) return false;
    for (uint64_t i = pool->begin_head; i < pool->tail; i++) ring[i & (size - 1)] = pool->ring[i & (pool->ring_size - 1)];
    free(pool->ring);
    pool->ring = ring;
    pool->ring_size = size;
    return true;
}

bool mapnode_retire(struct mapnode_pool *pool, uint32_t ref) {
    if (pool->in_place) pool->begin_head = pool->head;
    if (pool->tail - pool->begin_head == pool->ring_size && !ring_grow(pool)) return false;
    pool->ring[pool->tail & (pool->ring_size - 1)] = ref & ~MAPNODE_LEAF;
    pool->tail++;
    if (pool->in_place) pool->reusable = pool->tail;
    return true;
}

void mapnode_keep(struct mapnode_pool *pool) { mapnode_begin(pool); }

void mapnode_undo(struct mapnode_pool *pool) {
    pool->head = pool->begin_head;
    pool->tail = pool->begin_tail;
    pool->made = pool->begin_made;
}

void mapnode_reclaim(struct mapnode_pool *pool, uint64_t until) {
    ASSERT(until >= pool->reusable);
    ASSERT(until <= pool->tail);
    pool->reusable = until;
}

uint64_t mapnode_bytes(const struct mapnode_pool *pool) {
    return (uint64_t)pool->chunk_count * MAPNODE_CHUNK * MAPNODE_BYTES + MAPNODE_CHUNKS * sizeof(struct mapnode *) +
           pool->ring_size * sizeof(uint32_t);
}
