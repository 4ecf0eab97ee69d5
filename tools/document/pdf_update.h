/* PDF update: what was added to a PDF behind one of its revisions, and whether all of it is harmless: validation data (/DSS), further signatures (their fields,
 * widgets and values, the arrays and the form that name them), and the date and program in /Info. Everything else changes what a reader may show. What cannot be
 * read strictly is not harmless (pdf_table.h), and neither is text that a reader which mends files could take for objects. Updates may have tables or streams for their
 * sections, and objects in streams; what stands twice in one update, wherever, is not read, and neither is one with /XRefStm. Layer: tools/document.
 *
 * The rule is by object. One that was there may change only as its role allows: catalog, page, form, signature field without a value, /Info, /DSS. A new one must not
 * have been named by anything before, so that only what was just allowed can lead to it: a name of nothing that is filled in later would show it. */
#ifndef LICET_TOOLS_DOCUMENT_PDF_UPDATE_H
#define LICET_TOOLS_DOCUMENT_PDF_UPDATE_H
#include "tools/document/pdf_table.h"

#define PDF_UPDATE_FILE_MAX (32u << 20) /* of a whole file of which updates are read */
#define PDF_UPDATES_MAX 16u
#define PDF_UPDATE_OBJECTS_MAX 4096u
#define PDF_ADDED_MAX 64u

enum pdf_verdict { PDF_HARMLESS, PDF_CHANGED /* `object` is why; 0: the trailer */, PDF_UNREAD };
struct pdf_added { uint64_t at, end; bool visible; }; /* where the signature's dictionary stands; visible: its field has a place on a page */
struct pdf_update {
    enum pdf_verdict verdict;
    uint32_t object;
    struct pdf_unread unread;  /* PDF_UNREAD: what of it, in PDF's words */
    bool validation;           /* /DSS was added or changed */
    struct pdf_added added[PDF_ADDED_MAX];
    size_t added_count;
};
/* end: where the revision ends that is not to be changed, which is before the end of the file. False: memory is out. */
MUST_USE bool pdf_update_read(struct pdf_update *out, struct bytes file, uint64_t end);
#endif
