/* PDF inside: what the parts of pdf_update share. Layer: tools/document. */
#ifndef LICET_TOOLS_DOCUMENT_PDF_INSIDE_H
#define LICET_TOOLS_DOCUMENT_PDF_INSIDE_H
#include "tools/document/pdf_section.h"
#include "tools/document/pdf_update.h"

struct update {
    struct pdf_update *out;
    struct pdf_table *old;        /* up to where this update begins; object streams of the update belong to it too */
    struct bytes file;
    struct pdf_object *objects;   /* of this update, those in its object streams behind the stream */
    uint64_t *places;             /* of each, as pdf_table.h has them */
    size_t count, plain;          /* plain: those that stand in the file itself */
    struct pdf_dict catalog;      /* of the old revision */
    size_t searches;
    uint32_t form, dss;           /* what it refers to; 0: nothing, or it stands in the catalog itself */
};
/* ---- pdf_update_read.c: its bytes ---- */

/* The object of this number in the update; NULL. */
const struct pdf_object *pdf_update_find(const struct update *update, uint32_t number);

/* One update, whole: objects, section, end. *rest is put behind it. False: not to be read; old->unread says why. */
MUST_USE bool pdf_update_parse(struct update *update, struct bytes *rest, struct pdf_section *section);

/* Space behind an end: no more of it than readers look through for that end. */
MUST_USE bool pdf_update_blank(struct update *update, struct bytes *rest);

/* ---- pdf_named.c: what is named where, in the old revision ---- */

/* Where a name may stand: nowhere at all, in one object alone, or as the value of a key that lists annotations or fields. */
enum where { NOWHERE, IN_DSS, IN_LISTS };
MUST_USE bool pdf_named_only_so(struct update *update, uint32_t number, enum where where);
MUST_USE bool pdf_new_ones_unnamed(const struct update *update, bool *memory);
/* Whether digits stand there, how many, and what they say (PDF_OBJECTS_MAX or more: too much); and the space and comments behind, as a lenient reader takes them. */
size_t pdf_digits_at(struct bytes text, uint64_t *value);
size_t pdf_gap_at(struct bytes text);
#endif
