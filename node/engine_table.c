#include "node/engine_table.h"

#include "node/solo/solo.h"

static enum err start_solo(struct engine **out, const struct engine_settings *settings, const struct engine_parts *parts, char *message, size_t cap) {
    const struct solo_options options = {.pool_threads = settings->pool_threads, .queue_max = settings->queue_max,
                                         .queue_bytes_max = (size_t)settings->queue_mib << 20};
    return solo_start(out, &options, parts, message, cap);
}

static const struct engine_row engines[] = {
    {SOLO_NAME, ENGINE_SOLO, start_solo},
};
#define ENGINES (sizeof engines / sizeof *engines)

/* "solo", "solo, other" */
static void names_of_engines(char *out, size_t cap) {
    size_t len = 0;
    for (size_t i = 0; i < ENGINES && len < cap; i++) len += (size_t)snprintf(out + len, cap - len, "%s%s", i > 0 ? ", " : "", engines[i].name);
}

const struct engine_row *engine_named(const char *name, char *message, size_t cap) {
    char names[64];
    for (size_t i = 0; i < ENGINES; i++)
        if (strcmp(engines[i].name, name) == 0) return &engines[i];
    names_of_engines(names, sizeof names);
    (void)snprintf(message, cap, "this version has the engine %s only", names);
    return NULL;
}

const struct engine_row *engine_for(const struct finality *finality, const struct engine_settings *settings, char *message, size_t cap) {
    const struct engine_row *row = NULL;
    char names[64];
    for (size_t i = 0; i < ENGINES && !row; i++)
        if (engines[i].kind == finality->engine) row = &engines[i];
    names_of_engines(names, sizeof names);
    if (!row) (void)snprintf(message, cap, "This ledger's blocks are made final by another engine than %s, and this version has no other", names);
    if (!row || settings->kind[0] == '\0' || strcmp(settings->kind, row->name) == 0) return row;
    (void)snprintf(message, cap, "[engine] kind = %s: this ledger's blocks are made final by the engine %s; remove the line", settings->kind, row->name);
    return NULL;
}
