/* Import sender: what all workers of an import share, and the one way in which they call the node: again, while it is busy or away. Layer: tools/import. */
#ifndef LICET_TOOLS_IMPORT_SENDER_H
#define LICET_TOOLS_IMPORT_SENDER_H
#include "crypto/seal/check.h"
#include "ledger/kv/private.h"
#include "ledger/wire/tags.h"
#include "tools/cli/cli.h"
#include "tools/client/http.h"
#include "tools/client/ledger.h"
#include "tools/import/layout.h"
#include "tools/import/seals.h"
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

struct import_sender {
    const struct cli *cli;
    const struct ledger_view *view;
    const struct signer *signer;
    struct private_store *store;
    struct lookup lookup;
    const char *uscc;
    const struct import_layout *layout;
    char folder[PATH_MAX];       /* of the file: documents lie beside it */
    struct check_options check;  /* how documents are judged */
    struct import_seals seals;
    char job[24];                /* "import-" and 16 hex digits: sub of every statement */
    atomic_bool stop;            /* nothing more is to be sent */
    atomic_int exit_code;        /* why; EXIT_VALID while all is well */
    atomic_bool numbers_clash;   /* a number was found taken: ask for numbers, too */
    atomic_uint_fast64_t statements;
    pthread_mutex_t trouble;     /* held by the one that waits for the node to come back */
};

/* A call that is made again while the node is busy, away or out of room, for a minute. False: given up, a message was printed, stop is set. */
MUST_USE bool import_call(struct import_sender *sender, const char *method, const char *path, const char *content_type, const char *accept, struct bytes body,
                          struct http_answer *answer);
void import_stop(struct import_sender *sender, int exit_code);
#endif
