#include "ledger/base/arena.h"

void *arena_alloc(struct arena *arena, size_t size) {
    size_t start = (arena->used + 15) & ~(size_t)15;
    if (start > arena->size || size > arena->size - start) return NULL;
    arena->used = start + size;
    return arena->base + start;
}

void *arena_copy(struct arena *arena, const void *data, size_t len) {
    void *p = arena_alloc(arena, len);
    if (p && len) memcpy(p, data, len);
    return p;
}
