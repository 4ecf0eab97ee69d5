/* PDF section: one cross-reference section. Layer: tools/document. */
#ifndef LICET_TOOLS_DOCUMENT_PDF_SECTION_H
#define LICET_TOOLS_DOCUMENT_PDF_SECTION_H
#include "tools/document/pdf_table.h"

/* One section, read at *at, which is put behind it: "xref" and its trailer, or a stream of /Type /XRef. Its entries are added where no newer section has them. */
struct pdf_section {
    uint64_t prev;
    bool has_prev;
    uint32_t root, info, size;   /* root: 0 where it does not say, as the older part of a file made for the web */
    size_t used;                 /* entries that are not free */
    bool frees;                  /* one but 0 is free */
    uint32_t stream;             /* the number of the object that it is; 0: a table */
    uint64_t hybrid;             /* /XRefStm of a table, which was read too; 0: none */
};
MUST_USE bool pdf_section_read(struct pdf_section *out, struct pdf_table *table, uint64_t *at);
#endif
