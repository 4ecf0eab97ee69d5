/* Import batch: rows that passed their checks become licences on the ledger. Layer: tools.
 *
 * A unit is a run of rows as they stand in the file. A worker thread takes it whole: tags are made, the node is asked which licences it has
 * already, what the ledger must not hold is kept in DIR/private (one synced write), then statements are signed and posted. So several are
 * under way at once, each thread on a connection of its own, and still every row's end is told in the order of the file.
 *
 * Loading a file again adds nothing: an identifier that is not given is made from the number alone (under the type's secret), so a licence has
 * the same key each time. A statement that may or may not have arrived is sent again as the identical bytes, which the ledger takes once. */
#ifndef LICET_TOOLS_IMPORT_BATCH_H
#define LICET_TOOLS_IMPORT_BATCH_H
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#include "tools/document_words.h"
#include "tools/import_row.h"
#include "tools/ledger.h"
#include "tools/registration.h"

#define UNIT_ROWS 1880u /* four full statements of one element set */
#define LINE_ARENA (CSV_CELL_OUT(CSV_ROW_MAX) + 4 * CSV_CELLS_MAX)
#define UNIT_ROOM (ROW_ARENA + LINE_ARENA + 64u) /* what the next row may take */
#define UNIT_ARENA (4u << 20)

enum line_seal { LINE_SEAL_NONE = 0, LINE_SEAL_NAMED, LINE_SEAL_UNKNOWN };
enum line_end { LINE_OPEN = 0 /* passed its checks */, LINE_ACCEPTED, LINE_REFUSED, LINE_DUPLICATE, LINE_UNSENT };
struct import_line {
    uint64_t number;     /* of the row, from 1 */
    enum line_end end;   /* the code of refused and duplicate ones is row.code */
    struct import_row row;
    uint64_t other_row;  /* the earlier one that it repeats or contradicts; 0: none */
    struct bytes text;   /* its cells as CSV, for the file of refused rows */
    enum registrable document; /* 0: none, or not looked at, since the ledger has the licence */
    enum line_seal seal;
    struct said said;    /* by the document's text, of the row */
};
struct import_unit {
    struct arena arena; /* UNIT_ARENA */
    uint32_t count;
    struct import_line *lines; /* UNIT_ROWS */
    bool done;          /* guarded by the queue's lock */
};
MUST_USE bool import_unit_init(struct import_unit *unit);
void import_unit_free(struct import_unit *unit);

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

/* What all workers share. */
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
/* One worker's own memory. */
struct import_worker;
MUST_USE struct import_worker *import_worker_new(struct import_sender *sender);
void import_worker_free(struct import_worker *worker);
/* Sends what is LINE_OPEN; afterwards nothing is. Never fails: what could not be sent is LINE_UNSENT and sender->stop is set. */
void import_send(struct import_worker *worker, struct import_unit *unit);

/* --- import_document.c --- */
struct import_document {
    struct registration registration;
    bool seal_named;
};
/* The document that the row names, beside the file: checked, and what of it is registered in *out. What is wrong with it refuses the line. False: the
 * import stops. */
MUST_USE bool import_document_look(struct import_sender *sender, struct import_line *line, struct import_document *out);

/* --- import_call.c: the node --- */
/* A call that is made again while the node is busy, away or out of room, for a minute. False: given up, a message was printed, stop is set. */
MUST_USE bool import_call(struct import_sender *sender, const char *method, const char *path, const char *content_type, const char *accept, struct bytes body,
                          struct http_answer *answer);
void import_stop(struct import_sender *sender, int exit_code);
/* One word for each query, by the node's verdict: is there a licence? */
enum presence { PRESENCE_NONE, PRESENCE_ENDED, PRESENCE_HELD, PRESENCE_UNKNOWN /* the node could not say */ };
struct import_ask { const uint8_t *key32; const struct import_row *fields; }; /* one of the two */
MUST_USE bool import_ask(struct import_sender *sender, enum presence *out, const struct import_ask *asks, size_t count);
#endif
