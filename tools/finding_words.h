/* Finding words: what fsck and replay found, which the ledger's folders say in English and reports for programs keep so, in the reader's language. A finding
 * without a row stays in English: `make check-source` compares the rows with what can be found. Layer: tools. */
#ifndef LICET_TOOLS_FINDING_WORDS_H
#define LICET_TOOLS_FINDING_WORDS_H

#define FINDING_SHOWN 512u
/* english itself, or out. */
const char *finding_text(char out[FINDING_SHOWN], const char *english);
#endif
