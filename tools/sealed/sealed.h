/* Sealed: a document on the command line, looked at on this machine before a node is asked: its own signatures and seals, and what of them goes to the
 * node: digests, esID, certificate digests, never the file. Layer: tools/sealed, for verify, issue and ofd. */
#ifndef LICET_TOOLS_SEALED_SEALED_H
#define LICET_TOOLS_SEALED_SEALED_H
#include "ledger/rules/verdict.h"
#include "tools/document/report.h"

/* *out is to be freed whatever comes back. A file of another format than OFD and PDF gets its digests and nothing else. EXIT_VALID, or EXIT_ERROR with a message
 * where it cannot be read: what is wrong with the document stands in the report. */
MUST_USE int sealed_look(struct report *out, const char *path, const struct check_options *check);

/* Does a ledger have to be asked by what this signature signed? Only where everything that it signed is as it was signed: else a changed page would
 * pass for a stamped copy (加注件) of the good one. */
bool sealed_holds(const struct report_signature *signature);
/* Is the document whole by itself, so that what its signatures signed may be asked about? */
bool sealed_sound(const struct report *report);
/* What to ask a node by, in this order: the file itself, then what each signature that holds has signed: {"alg","digest","kind"}. New reference. */
json_t *sealed_documents(const struct report *report);
/* The seals used, each once; views of the report. Beyond VERDICT_SEALS_MAX they are left out: a licence's own that is left out reads mismatch. */
uint32_t sealed_shown(struct shown_seal out[VERDICT_SEALS_MAX], const struct report *report);
/* The same for the query: {"id","digest","certificate"}. New reference. */
json_t *sealed_seals(const struct report *report);
/* One exit code out of the document's steps and the ledger's verdict: content first, then the verdict, then steps of time. A package that cannot be read
 * and that no ledger knows was changed: 15, as where its content can be read. */
int sealed_exit(const struct report *report, int verdict_exit);
#endif
