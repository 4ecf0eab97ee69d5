/* Verdict print: a verdict in four plain lines. Layer: tools/verify. */
#ifndef LICET_TOOLS_VERIFY_VERDICT_PRINT_H
#define LICET_TOOLS_VERIFY_VERDICT_PRINT_H
#include "crypto/bytes.h"
#include <jansson.h>

/* Four plain lines: document, issuer, status, freshness; in Chinese or English. verdict: as JSON, of a node or made here.
 * with_file: was a document shown? */
void verdict_print(const json_t *verdict, bool with_file);
/* The exit code of the verdict's word; EXIT_ERROR where it is not one. */
int verdict_word_exit(const json_t *verdict);
#endif
