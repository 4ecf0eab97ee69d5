/* Change: what the commands that change something on the ledger share: the public words of a change, and the id of a job. Layer: tools/client. */
#ifndef LICET_TOOLS_CLIENT_CHANGE_H
#define LICET_TOOLS_CLIENT_CHANGE_H
#include "tools/cli/cli.h"

/* --reason or --basis in normal form, max bytes and a NUL; "" where it is not given and not needed. EXIT_VALID, or EXIT_USAGE with a message. */
MUST_USE int change_words(char *out, size_t max, const struct options *options, const char *name, bool needed);
#define JOB_ID_LEN 20u
/* "job-" and 16 hex digits at random: what a statement is about where it is not about one licence. */
void change_job(char out[JOB_ID_LEN + 1]);
#endif
