#include "node/engine/lease.h"

#include <inttypes.h>

#include "ledger/base/limits.h"
#include "node/engine/durable.h"

#define WORD "licet-notes 1 "

struct value { uint64_t write; int64_t time_ms; };
struct lease {
    struct durable *durable;
    struct value value; /* the newest line; write 0: there is none */
};

static void lease_text_of(char out[DURABLE_TEXT_MAX], const struct value *value) {
    int len = snprintf(out, DURABLE_TEXT_MAX, WORD "write %" PRIu64 " time %" PRId64, value->write, value->time_ms);
    ASSERT(len > 0 && len < DURABLE_TEXT_MAX);
}

/* Strict: what it takes must be exactly what lease_text_of makes of it. */
static bool lease_value_of(struct value *out, const char *text) {
    char again[DURABLE_TEXT_MAX];
    if (sscanf(text, WORD "write %" SCNu64 " time %" SCNd64, &out->write, &out->time_ms) != 2) return false;
    lease_text_of(again, out);
    return strcmp(again, text) == 0 && out->write > 0 && out->time_ms >= 0 && out->time_ms <= TIME_MS_MAX;
}

static enum err lease_newest_of(struct value *out, unsigned *newest, const struct durable_lines *lines) {
    struct value value[2];
    bool good[2];
    for (size_t i = 0; i < 2; i++) good[i] = lines->good[i] && lease_value_of(&value[i], lines->text[i]);
    if (!good[0] && !good[1]) return ERR_CORRUPT;
    *newest = !good[0] || (good[1] && value[1].write > value[0].write) ? 1 : 0;
    *out = value[*newest];
    return ERR_OK;
}

enum err lease_read(int64_t *time_ms, const char *path) {
    struct durable_lines lines;
    struct value value = {0, 0};
    unsigned newest;
    enum err err = durable_read(&lines, path);
    if (err == ERR_OK) err = lease_newest_of(&value, &newest, &lines);
    *time_ms = value.time_ms;
    return err;
}

enum err lease_open(struct lease **out, const char *path) {
    *out = NULL;
    struct lease *lease = calloc(1, sizeof *lease);
    if (!lease) return ERR_MEMORY;
    struct durable_lines lines;
    unsigned newest = 0;
    bool there;
    enum err err = durable_open(&lease->durable, &lines, path, &there);
    if (err == ERR_OK && there) err = lease_newest_of(&lease->value, &newest, &lines);
    if (err != ERR_OK) {
        lease_close(lease);
        return err;
    }
    durable_keep(lease->durable, newest);
    *out = lease;
    return ERR_OK;
}

int64_t lease_time_ms(const struct lease *lease) { return lease->value.time_ms; }

enum err lease_write(struct lease *lease, int64_t time_ms) {
    char text[DURABLE_TEXT_MAX];
    const struct value value = {lease->value.write + 1, time_ms};
    lease_text_of(text, &value);
    enum err err = durable_write(lease->durable, text);
    if (err == ERR_OK) lease->value = value;
    return err;
}

void lease_close(struct lease *lease) {
    if (!lease) return;
    durable_close(lease->durable);
    free(lease);
}
