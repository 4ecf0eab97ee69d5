/* Arena: bump memory over a buffer of the caller's; reset as a whole, nothing is freed singly. Layer: ledger/base. */
#ifndef LICET_BASE_ARENA_H
#define LICET_BASE_ARENA_H
#include "crypto/bytes.h"

struct arena {
    uint8_t *base;
    size_t size, used;
};
static inline struct arena arena_over(void *buffer, size_t size) { return (struct arena){(uint8_t *)buffer, size, 0}; }
static inline void arena_reset(struct arena *arena) { arena->used = 0; }
/* Aligned to 16 (the buffer too must be); not zeroed; NULL where there is no room. */
MUST_USE void *arena_alloc(struct arena *arena, size_t size);
MUST_USE void *arena_copy(struct arena *arena, const void *data, size_t len);
#endif
