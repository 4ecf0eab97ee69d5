/* Words read: the text of a document. Layer: tools/sealed. */
#ifndef LICET_TOOLS_SEALED_WORDS_READ_H
#define LICET_TOOLS_SEALED_WORDS_READ_H
#include "tools/sealed/words.h"

/* Never fails: what cannot be read is not whole. To be freed. */
void words_read(struct words *out, enum document_format format, const char *path);
#endif
