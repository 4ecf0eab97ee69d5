#include "node/metrics.h"

#include <inttypes.h>

#include "ledger/base/version.h"
#include "node/base/log.h"

struct text {
    char *out;
    size_t len;
};

static void metric_put(struct text *text, const char *type, const char *name, const char *labels, uint64_t value, const char *help) {
    int len = 0;
    if (help)
        len = snprintf(text->out + text->len, METRICS_TEXT_MAX - text->len, "# HELP licet_%s %s\n# TYPE licet_%s %s\n", name, help, name, type);
    ASSERT(len >= 0 && text->len + (size_t)len < METRICS_TEXT_MAX);
    text->len += (size_t)len;
    len = snprintf(text->out + text->len, METRICS_TEXT_MAX - text->len, "licet_%s%s %" PRIu64 "\n", name, labels, value);
    ASSERT(len >= 0 && text->len + (size_t)len < METRICS_TEXT_MAX);
    text->len += (size_t)len;
}
static void gauge(struct text *text, const char *name, uint64_t value, const char *help) { metric_put(text, "gauge", name, "", value, help); }
static void counter(struct text *text, const char *name, uint64_t value, const char *help) { metric_put(text, "counter", name, "", value, help); }

size_t metrics_text(char out[METRICS_TEXT_MAX], const struct metrics *metrics, const struct metrics_now *now) {
    struct text text = {out, 0};
    metric_put(&text, "gauge", "build_info", "{version=\"" LICET_VERSION "\"}", 1, "Which version runs.");
    gauge(&text, "block_height", now->height, "Newest block.");
    gauge(&text, "signed_high_water", now->signed_height, "Height in the mark of what was last signed.");
    gauge(&text, "block_age_ms", now->now_ms > now->header_ms ? (uint64_t)(now->now_ms - now->header_ms) : 0, "Time since the newest block's time.");
    counter(&text, "entries_total", now->entries, "Entries of the log.");
    counter(&text, "licences_total", now->licences, "Licences ever issued.");
    gauge(&text, "objects", now->objects, "Leaves of the state map.");
    metric_put(&text, "counter", "statements_total", "{result=\"accepted\"}", now->engine.accepted, "Statements answered since the start.");
    metric_put(&text, "counter", "statements_total", "{result=\"refused\"}", now->engine.refused, NULL);
    metric_put(&text, "counter", "statements_total", "{result=\"repeated\"}", now->engine.repeated, NULL);
    counter(&text, "submitted_total", now->engine.submitted, "Statements submitted since the start.");
    counter(&text, "signatures_total", now->engine.signatures, "Statement signatures checked since the start.");
    counter(&text, "blocks_total", now->engine.blocks, "Blocks made since the start.");
    gauge(&text, "queue", now->engine.queue_now, "Statements not yet answered.");
    counter(&text, "commits_total", now->storage.commits, "Storage commits since the start.");
    gauge(&text, "db_bytes", now->storage.disk_bytes, "Size of the data file.");
    gauge(&text, "db_used_bytes", now->storage.used_bytes, "Bytes of it in use.");
    gauge(&text, "disk_free_bytes", now->storage.disk_free, "Free on the data's disk.");
    gauge(&text, "map_bytes", now->map_bytes, "Memory of the state map.");
    gauge(&text, "writable", now->writable, "1 while statements are taken.");
    gauge(&text, "connections", now->connections, "Open connections.");
    counter(&text, "requests_total", atomic_load(&metrics->count[METRIC_REQUESTS]), "Requests answered since the start.");
    counter(&text, "requests_refused_total", atomic_load(&metrics->count[METRIC_REQUESTS_REFUSED]), "Requests refused since the start.");
    counter(&text, "verdicts_total", atomic_load(&metrics->count[METRIC_VERDICTS]), "Verdicts given since the start.");
    counter(&text, "faults_total", atomic_load(&metrics->count[METRIC_FAULTS]), "Requests that met a fault of this node.");
    counter(&text, "log_lines_dropped_total", log_dropped(), "Lines of the log that could not be written since the start.");
    return text.len;
}
