/* Engine_table: which engines this program has. A node runs the one that the finality of its ledger names.
 * Layer: node. */
#ifndef LICET_NODE_ENGINE_TABLE_H
#define LICET_NODE_ENGINE_TABLE_H
#include "ledger/wire/object.h"

struct engine;
struct engine_parts; /* node/engine/engine.h */

/* The section [engine] of licet.conf. An engine takes what it has a use for. */
struct engine_settings {
    char kind[16];                 /* kind: the name of an engine of the table; "", where it is not set: the ledger's */
    uint32_t pool_threads;         /* pool = 0: that check signatures; 0: as many as processors */
    uint32_t queue_max, queue_mib; /* queue_max = 8192, queue_mib = 64: statements, and their bytes, not yet answered */
};

struct engine_row {
    enum engine_kind kind; /* in the ledger's finality */
    enum err (*start)(struct engine **out, const struct engine_settings *settings, const struct engine_parts *parts, char *message, size_t cap);
};
const char *engine_row_name(const struct engine_row *row); /* in settings and in answers */
/* The engine of that name. NULL: there is none, and a sentence in message names those that there are. */
MUST_USE const struct engine_row *engine_named(const char *name, char *message, size_t cap);
/* The engine that a ledger of this finality needs. NULL, and a sentence: it is not in the table, or the settings name
 * another one. */
MUST_USE const struct engine_row *engine_for(const struct finality *finality, const struct engine_settings *settings, char *message, size_t cap);
#endif
