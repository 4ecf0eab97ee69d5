/* Words of a PDF. Layer: tools/sealed. */
#ifndef LICET_TOOLS_SEALED_WORDS_PDF_H
#define LICET_TOOLS_SEALED_WORDS_PDF_H
#include "tools/sealed/words.h"

/* A whole PDF in memory: what it says is added to *out. */
void words_of_pdf(struct words *out, struct bytes file);
#endif
