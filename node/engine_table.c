#include "node/engine_table.h"

#include "node/solo/solo.h"

static enum err start_solo(struct engine **out, const struct engine_settings *settings, const struct engine_parts *parts, char *message, size_t cap) {
    const struct solo_options options = {.pool_threads = settings->pool_threads, .queue_max = settings->queue_max,
                                         .queue_bytes_max = (size_t)settings->queue_mib << 20};
    return solo_start(out, &options, parts, message, cap);
}

static const struct engine_row engines[] = {
    {ENGINE_SOLO, start_solo},
};
#define ENGINES_HERE (sizeof engines / sizeof *engines)

const char *engine_row_name(const struct engine_row *row) { return engine_words_of(row->kind)->name; }

/* "solo", "solo, other" */
static void names_of_engines(char *out, size_t cap) {
    size_t len = 0;
    for (size_t i = 0; i < ENGINES_HERE && len < cap; i++) len += (size_t)snprintf(out + len, cap - len, "%s%s", i > 0 ? ", " : "", engine_row_name(&engines[i]));
}

const struct engine_row *engine_named(const char *name, char *message, size_t cap) {
    char names[64];
    for (size_t i = 0; i < ENGINES_HERE; i++)
        if (strcmp(engine_row_name(&engines[i]), name) == 0) return &engines[i];
    names_of_engines(names, sizeof names);
    (void)snprintf(message, cap, "this version has the engine %s only", names);
    return NULL;
}

const struct engine_row *engine_for(const struct finality *finality, const struct engine_settings *settings, char *message, size_t cap) {
    const struct engine_row *row = NULL;
    char names[64];
    for (size_t i = 0; i < ENGINES_HERE && !row; i++)
        if (engines[i].kind == finality->engine) row = &engines[i];
    names_of_engines(names, sizeof names);
    if (!row) (void)snprintf(message, cap, "This ledger's blocks are made final by another engine than %s, and this version has no other", names);
    if (!row || settings->kind[0] == '\0' || strcmp(settings->kind, engine_row_name(row)) == 0) return row;
    (void)snprintf(message, cap, "[engine] kind = %s: this ledger's blocks are made final by the engine %s; remove the line", settings->kind, engine_row_name(row));
    return NULL;
}
