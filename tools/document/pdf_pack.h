/* PDF pack: an object stream (ISO 32000-1 7.5.7), taken apart. Strict, so that whoever reads it finds the same: as many objects as /N says, each number once, in the
 * order of their places, one value each with nothing but space between them, no reference, and read without regard to where the next one begins. /Extends is not read.
 * Layer: tools/document. */
#ifndef LICET_TOOLS_DOCUMENT_PDF_PACK_H
#define LICET_TOOLS_DOCUMENT_PDF_PACK_H
#include "tools/document/pdf_value.h"

#define PDF_PACK_OBJECTS_MAX 16384u

struct pdf_member { uint32_t number; struct pdf_value value; };
struct pdf_pack {
    uint32_t number;            /* of the stream */
    uint8_t *text; size_t len;  /* what it holds; values are views of it */
    struct pdf_member *members; size_t count;
};
/* dict, raw: of the stream object of this number. numbers: one above the highest that a member may have. False, with nothing to free: what is not read is in *why. */
MUST_USE bool pdf_pack_read(struct pdf_pack *out, uint32_t number, const struct pdf_dict *dict, struct bytes raw, size_t cap, uint32_t numbers, const char **why);
void pdf_pack_free(struct pdf_pack *pack);
#endif
