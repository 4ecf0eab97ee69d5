/* Metrics: a few counters, and the text that Prometheus reads. Any thread counts; what changes slowly is looked up when
 * the text is made. No label ever holds a member, licence or person. Layer: node. */
#ifndef LICET_NODE_METRICS_H
#define LICET_NODE_METRICS_H
#include <stdatomic.h>

#include "ledger/kv/kv_lmdb.h"
#include "node/engine/engine.h"

enum metric { METRIC_REQUESTS, METRIC_REQUESTS_REFUSED, METRIC_VERDICTS, METRIC_FAULTS, METRICS };
struct metrics { _Atomic uint64_t count[METRICS]; };
static inline void metrics_add(struct metrics *metrics, enum metric metric, uint64_t count) { atomic_fetch_add(&metrics->count[metric], count); }

struct metrics_now { /* as things stand */
    uint64_t height, entries, licences, objects;
    int64_t header_ms, now_ms;
    uint64_t signed_height;   /* the mark */
    struct engine_counts engine;
    struct kv_usage storage;
    uint64_t map_bytes;
    uint64_t connections;
    bool writable;
};
#define METRICS_TEXT_MAX 8192
/* Returns the length. */
size_t metrics_text(char out[METRICS_TEXT_MAX], const struct metrics *metrics, const struct metrics_now *now);
#endif
