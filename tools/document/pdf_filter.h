/* PDF filter: the bytes of a stream, out of FlateDecode and the PNG predictors (ISO 32000-1 7.4.4), for streams that hold objects or tables. Strict: the zlib stream
 * fills all of the data (line ends behind it aside) and its check is right, rows are whole, parameters stand there plainly. Everything else is not read. zlib inflates,
 * as it does for packages (layout.c). Layer: tools/document. */
#ifndef LICET_TOOLS_DOCUMENT_PDF_FILTER_H
#define LICET_TOOLS_DOCUMENT_PDF_FILTER_H
#include "tools/document/pdf_value.h"

/* dict: of the stream; raw: its bytes as they stand. *out is to be freed and has at most cap bytes. False, with nothing to free and the key that is not read, or
 * "size" where it would be longer than cap, in *why. */
MUST_USE bool pdf_filter_decode(uint8_t **out, size_t *len, const struct pdf_dict *dict, struct bytes raw, size_t cap, const char **why);
#endif
