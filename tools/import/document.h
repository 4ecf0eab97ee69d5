/* Import document: the document that a row names, beside the file of stock. Layer: tools/import. */
#ifndef LICET_TOOLS_IMPORT_DOCUMENT_H
#define LICET_TOOLS_IMPORT_DOCUMENT_H
#include "tools/import/sender.h"
#include "tools/import/unit.h"
#include "tools/sealed/registration.h"

struct import_document {
    struct registration registration;
    bool seal_named;
};
/* The document that the row names, beside the file: checked, and what of it is registered in *out. What is wrong with it refuses the line. False: the
 * import stops. */
MUST_USE bool import_document_look(struct import_sender *sender, struct import_line *line, struct import_document *out);
#endif
