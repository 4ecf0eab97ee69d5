/* Finding words: what fsck and replay found, which the ledger's folders say in English and reports for programs keep so, in the reader's language. A finding
 * without a row stays in English: `make check-source` compares the rows with what can be found. Layer: tools/cli. */
#ifndef LICET_TOOLS_CLI_FINDING_WORDS_H
#define LICET_TOOLS_CLI_FINDING_WORDS_H

#define FINDING_SHOWN 512u
/* english itself, or out. */
const char *finding_text(char out[FINDING_SHOWN], const char *english);
/* The same in memory of its own, which stays until 4 later calls of its thread. */
const char *finding_said(const char *english);
/* What is wrong with JSON text, in the reader's language: the library's words are English. */
const char *cli_json_fault(const char *english);
#endif
