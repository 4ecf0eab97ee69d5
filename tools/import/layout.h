/* Import layout: what the columns of a stock file are, by its heading. Layer: tools/import. No I/O, no clock, no heap.
 *
 * Columns are known by their GB/T 36903 name (ZZBH, CZZT, ...), by its Chinese name, or by the label that the type gives an element; width,
 * case and spaces do not matter. Every file has ZZBH, CZZT, CZZTDM, CZZTDMLXDM, ZZYXQQSRQ or ZZBFRQ, and the type's mandatory elements.
 *   ZZBS       the identifier; without it one is made from the number (batch.h)
 *   ZZYXQQSRQ  where it is empty the licence begins on its day of issue, ZZBFRQ: counted as `taken_over`
 *   ZZYXQJZRQ  empty, or a word for "no end" (checks.h): unlimited. A file without the column is taken as unlimited throughout, where the type allows that
 *   ZZLXDM     where given it must be the type imported
 *   WJ, 文件   a document beside the file: only a key made from its hash is registered
 *   行号(row), 原因(reason)   written by an import before; passed over
 * Nothing is repaired: what is changed is width, case, spaces at the ends, line ends inside a value (to a space), normal form C, the form of a
 * date and the zeros before a holder kind (Excel drops them), and each is counted. */
#ifndef LICET_TOOLS_IMPORT_LAYOUT_H
#define LICET_TOOLS_IMPORT_LAYOUT_H
#include "ledger/wire/object.h"
#include "tools/import/csv.h"

enum field_role {
    ROLE_ELEMENT = 0, ROLE_IDENTIFIER, ROLE_NUMBER, ROLE_HOLDER_NAME, ROLE_HOLDER_CODE, ROLE_HOLDER_KIND, ROLE_ISSUED, ROLE_FROM, ROLE_TO, ROLE_TYPE,
    ROLE_DOCUMENT, ROLE_ROW_NUMBER, ROLE_REASON, ROLE_COUNT
};
#define COLUMN_NONE UINT32_MAX
#define FIELD_NONE UINT32_MAX
#define IMPORT_FIELDS_MAX (ELEMENTS_MAX + ROLE_COUNT)
#define HEADING_ROW "行号(row)"
#define HEADING_REASON "原因(reason)"
#define UNLIMITED_WORD_ZH "长期"

struct import_field {
    struct bytes code, label;
    enum field_role role;
    bool element;    /* committed to where it has a value */
    bool mandatory;
    uint32_t column; /* COLUMN_NONE: not in this file */
};
struct import_layout {
    const struct licence_type *type;
    uint32_t field_count;
    struct import_field fields[IMPORT_FIELDS_MAX]; /* ascending by code */
    uint32_t of_role[ROLE_COUNT];                  /* field, FIELD_NONE */
    int32_t today;                                 /* 0: days are not compared with it */
    uint32_t column_count;
    struct bytes headings[CSV_CELLS_MAX];          /* as in the file, in the arena */
    uint32_t field_of[CSV_CELLS_MAX];              /* FIELD_NONE: unknown */
};
#define LAYOUT_ARENA (2u * CSV_ROW_MAX)
/* False, with what is wrong with the heading in why: nothing of the file can be used. type and arena must outlive the layout. */
MUST_USE bool import_layout_make(struct import_layout *out, struct arena *arena, const struct licence_type *type, const struct csv_row *heading, char *why,
                                 size_t cap);
#endif
