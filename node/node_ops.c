#include "node/node_ops.h"

#include <pthread.h>

#include "node/base/clock.h"
#include "node/base/log.h"
#include "node/engine/mark.h"
#include "rpc/ops.h"

struct node_ops {
    struct node_ops_parts parts;
    struct ops_hooks hooks;
    struct server *server;
    pthread_mutex_t lock; /* one asker at a time */
    struct reader *reader;
};

static void gather_now(struct node_ops *ops, struct metrics_now *now) {
    const struct node_ops_parts *parts = &ops->parts;
    const struct snapshot *snapshot;
    struct statemap_use use;
    struct mark_value mark;
    struct server_usage usage;
    *now = (struct metrics_now){.now_ms = clock_now_ms(NULL), .writable = engine_writable(parts->engine)};
    pthread_mutex_lock(&ops->lock);
    if (reader_snapshot(ops->reader, &snapshot) == ERR_OK) {
        now->height = snapshot->n;
        now->entries = snapshot->header.log_size;
        now->licences = snapshot->header.licences;
        now->objects = snapshot->header.objects;
        now->header_ms = snapshot->header.time_ms;
    }
    reader_rest(ops->reader);
    pthread_mutex_unlock(&ops->lock);
    if (mark_read(&mark, parts->config->mark_path) == ERR_OK) now->signed_height = mark.height;
    engine_counts(parts->engine, &now->engine);
    kv_lmdb_usage(chain_kv(parts->chain), &now->storage);
    statemap_usage(chain_map(parts->chain), &use);
    now->map_bytes = use.bytes;
    rpc_usage(parts->rpc, &usage);
    now->connections = usage.connections;
}

static size_t give_metrics(void *context, char *out, size_t cap) {
    struct node_ops *ops = context;
    struct metrics_now now;
    if (cap < METRICS_TEXT_MAX) return 0;
    gather_now(ops, &now);
    return metrics_text(out, ops->parts.metrics, &now);
}

static size_t give_ready(void *context, struct ops_component *out, size_t cap) {
    struct node_ops *ops = context;
    struct kv_usage usage;
    const struct snapshot *snapshot;
    if (cap < 5) return 0;
    pthread_mutex_lock(&ops->lock);
    bool reads = reader_snapshot(ops->reader, &snapshot) == ERR_OK;
    reader_rest(ops->reader);
    pthread_mutex_unlock(&ops->lock);
    kv_lmdb_usage(chain_kv(ops->parts.chain), &usage);
    const char *trouble = engine_trouble(ops->parts.engine);
    enum clock_state clock = engine_clock(ops->parts.engine, NULL);
    bool room = usage.disk_free >= ops->parts.config->room_min_mib << 20;
    out[0] = (struct ops_component){"ledger", reads, reads ? NULL : "the newest state cannot be read; see the log"};
    out[1] = (struct ops_component){"engine", trouble == NULL, trouble};
    out[2] = (struct ops_component){"storage", room, room ? NULL : "the disk is full: reading goes on, writing resumes when there is room"};
    out[3] = (struct ops_component){"clock", clock == CLOCK_RIGHT, clock == CLOCK_RIGHT ? NULL : clock == CLOCK_BEHIND
        ? "the clock is behind what was signed here: set it right; if it is, writing goes on by itself once that time has come"
        : "the clock is more than seven days ahead of the last block: set it right, or if it is, start once with --confirm-clock"};
    /* Told, but no reason to send askers elsewhere. */
    out[4] = (struct ops_component){"readers", true, readers_stuck(ops->parts.readers) ? "a process that reads data/ beside the node stands still, and the "
                                    "file grows with every block: the log names it (reader_stuck); let it go on, or end it" : NULL};
    return 5;
}

static bool give_live(void *context) {
    struct node_ops *ops = context;
    return engine_live(ops->parts.engine);
}

static uint64_t clear_mismatches(void *context, const uint8_t *key32) {
    const struct node_ops *ops = context;
    const uint64_t cleared = rpc_mismatches_clear(ops->parts.rpc, key32);
    log_event(LOG_INFO, "mismatches_cleared", log_uint("count", cleared), log_bool("all", key32 == NULL));
    return cleared;
}

enum err node_ops_start(struct node_ops **out, const struct node_ops_parts *parts, char *message, size_t cap) {
    *out = NULL;
    if (!parts->config->ops_on) return ERR_OK;
    struct node_ops *ops = calloc(1, sizeof *ops);
    if (ops) ops->reader = reader_new(parts->chain);
    if (!ops || !ops->reader) {
        free(ops);
        (void)snprintf(message, cap, "Out of memory");
        return ERR_MEMORY;
    }
    ops->parts = *parts;
    ops->hooks = (struct ops_hooks){.context = ops, .live = give_live, .ready = give_ready, .metrics = give_metrics, .clear = clear_mismatches};
    ASSERT(pthread_mutex_init(&ops->lock, NULL) == 0);
    enum err err = ops_start(&ops->server, parts->config->ops_host, parts->config->ops_port, parts->config->names, &ops->hooks, message, cap);
    if (err == ERR_OK) *out = ops;
    else node_ops_stop(ops);
    return err;
}

uint16_t node_ops_port(const struct node_ops *ops) { return ops ? server_port(ops->server) : 0; }

void node_ops_stop(struct node_ops *ops) {
    if (!ops) return;
    if (ops->server) server_stop(ops->server, 100);
    reader_free(ops->reader);
    pthread_mutex_destroy(&ops->lock);
    free(ops);
}
