/* PDF table: which objects a PDF has up to some byte, by its cross-reference sections, and where each of them stands: in the file, or in an object stream. Read
 * strictly: every /Prev once, each object under exactly the number that its section says and of generation 0, entries of 20 bytes in tables, of /W in streams. What two
 * readers may take differently is not read: encryption, an object stream that was defined twice or has /Extends, a hybrid section whose /XRefStm says another place
 * than a table does. What was not read is named (struct pdf_unread). Layer: tools/document. */
#ifndef LICET_TOOLS_DOCUMENT_PDF_TABLE_H
#define LICET_TOOLS_DOCUMENT_PDF_TABLE_H
#include "tools/document/pdf_pack.h"

#define PDF_OBJECTS_MAX 200000u
#define PDF_SECTIONS_MAX 64u
#define PDF_PACKS_MAX 4096u
#define PDF_INFLATED_MAX (32u << 20) /* of all object streams and sections together */

/* In PDF's own words: what (a key, "xref", "startxref", "obj", "size"), in which object (0: none) or at which byte (0: not known). what NULL: nothing. */
struct pdf_unread { const char *what; uint32_t object; uint64_t at; };

/* A place: the byte at which "7 0 obj" stands; or, with PDF_PACKED, the object stream's number << 32 and the index in it; 0: there is no such object. */
#define PDF_PACKED (UINT64_C(1) << 63)
enum { PDF_TWICE = 1 /* at two places, in whatever revisions */, PDF_PACKS = 2 /* some entry leads into it as an object stream */, PDF_HYBRID = 4 /* said by /XRefStm */,
       PDF_HIDDEN = 8 /* by it alone: readers that do not look there have no such object */ };
struct pdf_slot {
    uint64_t place;              /* the newest one */
    uint16_t section;            /* that said so; 0: none did */
    uint16_t pack;               /* the object stream of this number is packs[pack - 1] */
    uint8_t flags;
};
struct pdf_version { uint32_t number; uint64_t at; };
struct pdf_table {
    struct bytes file;           /* the bytes so far: from its first to the end of this revision */
    struct pdf_slot *slots;      /* by number */
    uint32_t size;               /* numbers are below it */
    struct pdf_version *versions;/* of every section, superseded ones too, as far as they stand in the file itself */
    size_t version_count, version_cap;
    struct pdf_pack *packs;
    size_t pack_count, inflated;
    uint64_t start;              /* of the newest section, as startxref says */
    uint32_t root, info, said;   /* info: 0 where there is none; said: /Size of the newest section */
    uint16_t section_count;
    struct pdf_unread unread;    /* the first that was met */
};
struct pdf_object {
    uint32_t number;
    uint64_t at, end;            /* "7 0 obj" ... "endobj"; 0 where it is packed */
    struct pdf_value value;
    bool stream, packed;
    struct bytes data;           /* of a stream, as it stands */
};
void pdf_table_free(struct pdf_table *table);
MUST_USE bool pdf_object_read(struct pdf_object *out, struct bytes file, uint64_t at);
static inline uint64_t pdf_place(struct bytes file, struct bytes rest) { return file.len - rest.len; } /* of what is left of the file */
/* The object of this number in the newest revision read. False: there is none, or it cannot be read. */
MUST_USE bool pdf_table_object(struct pdf_object *out, const struct pdf_table *table, uint32_t number);
bool pdf_table_has(const struct pdf_table *table, uint32_t number);
/* The number of the object that stands at this place; in an object stream 0 where it has no such index. False: no object stands there. */
MUST_USE bool pdf_table_number_at(uint32_t *number, const struct pdf_table *table, uint64_t place);
/* The number of the object, of any version, in which this byte of the file stands. 0: before the first. */
uint32_t pdf_table_owner(const struct pdf_table *table, uint64_t at);
MUST_USE bool pdf_table_put(struct pdf_table *table, uint32_t number, uint64_t place); /* its newest version is there; false: out of memory, or too many */
/* Numbers up to this one; and that some section named this place, which need not be the newest. False, and unread says so: out of memory, or too many. */
MUST_USE bool pdf_table_grow(struct pdf_table *table, uint64_t size);
MUST_USE bool pdf_table_note(struct pdf_table *table, uint32_t number, uint64_t place);
/* Takes an object stream apart, which then belongs to the table, under its number; where it stands is not put there. NULL: not to be read, or not the first of its number. The pointer lives until the next one is read, its values as long as the table. */
MUST_USE const struct pdf_pack *pdf_table_unpack(struct pdf_table *table, const struct pdf_object *stream);
bool pdf_table_unread(struct pdf_table *table, const char *what, uint32_t object, uint64_t at); /* false, always */
#endif
