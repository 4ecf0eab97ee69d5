/* PDF table: which objects a PDF has up to some byte, by its cross-reference tables, and where each of them stands. Read strictly: classic tables alone (entries of
 * 20 bytes), every /Prev once, each object under exactly the number that the table says. Cross-reference streams, object streams and encryption are not read.
 * Layer: tools/document. */
#ifndef LICET_DOCUMENT_PDF_TABLE_H
#define LICET_DOCUMENT_PDF_TABLE_H
#include "tools/document/pdf_value.h"

#define PDF_OBJECTS_MAX 200000u
#define PDF_SECTIONS_MAX 64u

struct pdf_place { uint32_t number; uint64_t at; }; /* of "7 0 obj" */
struct pdf_table {
    struct bytes file;           /* the bytes so far: from its first to the end of this revision */
    uint64_t *places;            /* by number; 0: there is no such object */
    uint16_t *sections;          /* by number: the section that said so; 0: none did */
    uint32_t size;               /* numbers are below it */
    struct pdf_place *versions;  /* of every section, superseded ones too */
    size_t version_count, version_cap;
    uint64_t start;              /* of the newest section, as startxref says */
    uint32_t root, info;         /* info: 0 where there is none */
    uint16_t section_count;
};
struct pdf_object {
    uint32_t number;
    uint64_t at, end;            /* "7 0 obj" ... "endobj" */
    struct pdf_value value;
    bool stream;
};
/* Of the first len bytes of a file, which have to end as a revision does ("startxref 7 %%EOF" and space). False with nothing to free: not to be read here. */
MUST_USE bool pdf_table_read(struct pdf_table *out, struct bytes file);
void pdf_table_free(struct pdf_table *table);
bool pdf_revision_ends(struct bytes file, uint64_t *start); /* does it end so? start: where its newest section is */
MUST_USE bool pdf_object_read(struct pdf_object *out, struct bytes file, uint64_t at);
/* The object of this number in the newest revision read. False: there is none, or it cannot be read. */
MUST_USE bool pdf_table_object(struct pdf_object *out, const struct pdf_table *table, uint32_t number);
bool pdf_table_has(const struct pdf_table *table, uint32_t number);
/* The number of the object, of any version, in which this byte stands. 0: before the first. */
uint32_t pdf_table_owner(const struct pdf_table *table, uint64_t at);
/* One section, "xref" and its trailer, read at *at, which is put behind it. Its entries are added where no newer section has them. */
struct pdf_section { uint64_t prev; bool has_prev; uint32_t root, info, size; size_t used; /* entries that are not free */ bool frees; /* one but 0 is free */ };
MUST_USE bool pdf_section_read(struct pdf_section *out, struct pdf_table *table, uint64_t *at);
MUST_USE bool pdf_table_put(struct pdf_table *table, uint32_t number, uint64_t at); /* its newest version is there; false: out of memory, or too many */
#endif
