/* Progress: one line on a terminal for work that takes longer than a second: what, how much of how much, how fast, how long still. Nothing where stderr is
 * no terminal, or before a second has passed, and nothing is left of it when it ends. One line at a time; told by the main thread alone: what others tell is passed over, but for notes and pauses. Layer: tools/cli. */
#ifndef LICET_TOOLS_CLI_PROGRESS_H
#define LICET_TOOLS_CLI_PROGRESS_H
#include "crypto/bytes.h"

#define PROGRESS_FIRST_MS 1000 /* of work, before it is shown */
#define PROGRESS_STEP_MS 200   /* between two showings */

/* A progress_fn (ledger/chain/chain.h): context unused. total 0: not known. Another `what` is another piece of work: it begins anew. */
void progress_show(void *context, const char *what, uint64_t done, uint64_t total);
/* A file that is read; in MB. */
void progress_reading(uint64_t done, uint64_t total);
/* A word behind the line, "12 refused"; NULL or "": none. Copied. */
void progress_note(const char *note);
/* The line is taken away. Before anything else is printed, and at the end; cli_fail does it. */
void progress_pause(void); /* it comes back with the next showing */
void progress_end(void);   /* and the next piece of work has its second again */
#endif
