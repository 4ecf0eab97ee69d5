/* PDF revision: the table of a revision, by all sections that it leads to, and where one ends. Layer: tools/document. */
#ifndef LICET_TOOLS_DOCUMENT_PDF_REVISION_H
#define LICET_TOOLS_DOCUMENT_PDF_REVISION_H
#include "tools/document/pdf_table.h"

/* Of the first len bytes of a file, which have to end as a revision does ("startxref 7 %%EOF" and space). False: not to be read here; unread says why, and there is
 * nothing to free. */
MUST_USE bool pdf_table_read(struct pdf_table *out, struct bytes file);
bool pdf_revision_ends(struct bytes file, uint64_t *start); /* does it end so? start: where its newest section is */
#endif
