/* Busy: since when has a thread been at one piece of work? So others can tell a thread that hangs from one that has
 * nothing to do. Layer: node. */
#ifndef LICET_NODE_BUSY_H
#define LICET_NODE_BUSY_H
#include <stdatomic.h>

#include "node/base/clock.h"

/* A block takes milliseconds, and a clock that is behind is waited for CLOCK_WAIT_MAX_MS. Work that takes longer than
 * this has met a disk or a token that does not come back. */
#define BUSY_MS_MAX 15000

struct busy { _Atomic int64_t since_ms; }; /* monotonic; 0: at rest */
static inline void busy_begin(struct busy *busy) { atomic_store_explicit(&busy->since_ms, clock_monotonic_ms(), memory_order_relaxed); }
static inline void busy_end(struct busy *busy) { atomic_store_explicit(&busy->since_ms, 0, memory_order_relaxed); }
static inline bool busy_stuck(const struct busy *busy, int64_t now_ms) {
    const int64_t since_ms = atomic_load_explicit(&busy->since_ms, memory_order_relaxed);
    return since_ms != 0 && now_ms - since_ms > BUSY_MS_MAX;
}
#endif
