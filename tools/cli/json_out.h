/* JSON out: what stands on stdout with --json: the answer, or why there is none. A command that ends without an answer answers all the same: one object on stdout that says why, in the shape of a node's refusals:
 * {"error": {"code": 309 | null, "name": "NUMBER_TAKEN" | "usage", "en": "...", "zh": "...", "item", "entry", "field"}, "exit": 30}.
 * What people read stays on stderr. Layer: tools/cli. */
#ifndef LICET_TOOLS_CLI_JSON_OUT_H
#define LICET_TOOLS_CLI_JSON_OUT_H
#include "ledger/base/code.h"
#include <jansson.h>

/* A file's name or other text that need not be UTF-8, as a JSON string: what is not becomes "?". */
json_t *cli_json_text(const char *text);
void cli_print_json(json_t *value); /* to stdout, one line, sorted as inserted; takes over the reference, and cli_error_end says nothing more */

/* Is --json on the line? Before it is read, since a line that cannot be read is answered too. */
void cli_error_begin(int argc, char **argv);
bool cli_error_on(void);
/* A sentence was said; of several, the first that ends the command (exit_code not 0) counts, else the last. One of both may be NULL: it stands in one language only. */
void cli_error_said(int exit_code, const char *en, const char *zh);
/* A refusal by number: goes before every sentence. */
void cli_error_refused(const struct refusal *refusal, int exit_code);
/* What was said since the last call, as an object; new reference, and all is forgotten: for a command that answers for several files, each by itself. */
json_t *cli_error_take(int exit_code);
/* A command wrote its answer to stdout by itself: nothing more is said there. */
void cli_error_answered(void);
/* Before the program ends: the object, where nothing was answered and exit_code is not 0. */
void cli_error_end(int exit_code);
/* "usage", "integrity": an exit code without a refusal's number. */
const char *exit_name(int exit_code);
#endif
