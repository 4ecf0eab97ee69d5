/* Verify file: the files that `licet verify` is given: looked at here, then asked about by digests, and the answers put together: one verdict from all
 * layers for each. Layer: tools/verify, for cmd_verify.c and cmd_ofd.c. */
#ifndef LICET_TOOLS_VERIFY_VERIFY_FILE_H
#define LICET_TOOLS_VERIFY_VERIFY_FILE_H
#include "tools/cli/cli.h"
#include "tools/client/anchor.h"
#include "tools/sealed/sealed.h"

struct shown {
    const char *path;      /* NULL: a query without a file */
    struct report report;  /* where path */
    size_t first, count;   /* its queries in the list */
    int missed;            /* not 0: it could not be looked at; the exit code */
    json_t *error;         /* then, with --json: what is said of it instead of a verdict; own */
};
/* Looks at the file and adds its queries, made from base (what goes with every file). EXIT_VALID, or an exit code with a message. */
MUST_USE int shown_ask(struct shown *out, const char *path, const struct check_options *check, json_t *queries, const json_t *base);
/* Adds a verdict for each query to the array, in as many calls as they need, each as the anchor lets it be said. EXIT_VALID, or an exit code with a message: then what
 * the node was not asked for reads `incomplete`, so that what was found in the files here is told all the same. */
MUST_USE int queries_ask(json_t *verdicts, const struct cli *cli, struct anchor *anchor, const json_t *queries);
/* A file that is on the ledger surely existed by then: where a certificate was revoked later, and only a claim says that the signature came before, it is
 * looked at again with the ledger's time. The time is the node's word: so not where another machine's answers are proved. Not for copies: what was added to them is younger. */
MUST_USE int shown_known(struct shown *shown, const struct cli *cli, const struct anchor *anchor, const struct check_options *check, const json_t *verdicts);
void shown_free(struct shown *shown);
/* The verdict that counts among the answers: the first that knows the document, else the first that is not `unknown`, else the first; a sealed document's steps are added to it as
 * "signatures", and "seal" tells the worst of both, and the word is never `valid` where they do not hold. New reference. */
json_t *shown_verdict(const struct shown *shown, const json_t *verdicts);
/* Does the document by itself fail, whatever a ledger says? */
bool shown_fails(const struct shown *shown);
int shown_exit(const struct shown *shown, const json_t *verdict);
void shown_print(const struct shown *shown, const json_t *verdict, bool explain);
#endif
