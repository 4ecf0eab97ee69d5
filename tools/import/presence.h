/* Presence: which licences of an import the ledger has already. Layer: tools/import. */
#ifndef LICET_TOOLS_IMPORT_PRESENCE_H
#define LICET_TOOLS_IMPORT_PRESENCE_H
#include "tools/import/row.h"
#include "tools/import/sender.h"

/* One word for each query, by the node's verdict: is there a licence? */
enum presence { PRESENCE_NONE, PRESENCE_ENDED, PRESENCE_HELD, PRESENCE_UNKNOWN /* the node could not say */ };
struct import_ask { const uint8_t *key32; const struct import_row *fields; }; /* one of the two */
MUST_USE bool import_ask(struct import_sender *sender, enum presence *out, const struct import_ask *asks, size_t count);
#endif
