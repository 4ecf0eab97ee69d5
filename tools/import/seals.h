/* Import seals: those that the documents of an import bear, and whether the ledger has them. Layer: tools/import. */
#ifndef LICET_TOOLS_IMPORT_SEALS_H
#define LICET_TOOLS_IMPORT_SEALS_H
#include "crypto/bytes.h"
#include "ledger/base/limits.h"
#include <pthread.h>

/* The seals met so far, and whether the ledger has them. */
struct import_seal {
    char id[SEAL_ID_MAX + 1];
    enum { SEAL_NOT_ASKED, SEAL_KNOWN, SEAL_ABSENT } known;
};
struct import_seals {
    pthread_mutex_t lock;
    struct import_seal *list;
    size_t count, room;
};
MUST_USE bool import_seals_init(struct import_seals *seals);
void import_seals_free(struct import_seals *seals);


/* Does the ledger have this seal? Asked once for each seal, and the others wait meanwhile: a stock bears a handful. False: the import stops. */
struct import_sender;
MUST_USE bool import_seal_known(struct import_sender *sender, const char *id, bool *known);
#endif
