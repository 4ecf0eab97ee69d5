/* Finding rows: what lower folders say in English only, and its Chinese; looked up by finding_words.h. `make check-source` compares the rows with what those
 * folders can say. Layer: tools/cli. */
#ifndef LICET_TOOLS_CLI_FINDING_ROWS_H
#define LICET_TOOLS_CLI_FINDING_ROWS_H
#include "crypto/token.h"

/* An asterisk is any text; in the Chinese one they are filled in the same order. The first row that fits counts, one without asterisks first. */
struct finding_row { const char *en, *zh; };
extern const struct finding_row finding_rows[];
extern const size_t finding_row_count;
const char *token_result_zh(enum token_result result);
#endif
