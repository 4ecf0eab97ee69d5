/* Answer: what a node answers, as JSON, as a list of several pages, or as a refusal. Layer: tools/client. */
#ifndef LICET_TOOLS_CLIENT_ANSWER_H
#define LICET_TOOLS_CLIENT_ANSWER_H
#include "tools/cli/cli.h"
#include "tools/client/http.h"

/* Calls and parses JSON; NULL with a message (a problem body is shown with its sentences) and *exit_code set. Takes over body, which may be NULL. */
MUST_USE json_t *http_json(const struct cli *cli, const char *method, const char *path, json_t *body, int *exit_code);
/* All pages of a list of the node: {NAME: [...], "next": number or null}. NULL with a message. */
MUST_USE json_t *ledger_list(const struct cli *cli, const char *path, const char *name, int *exit_code);
/* A problem body of the node as a refusal; false where it is none. field lives until the thread's next call. */
MUST_USE bool problem_read(struct refusal *out, const struct http_answer *answer);
/* The message for an answer that is not the one hoped for; returns the exit code. */
int http_failed(const struct cli *cli, const struct http_answer *answer);
#endif
