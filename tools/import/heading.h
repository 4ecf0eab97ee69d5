/* Import heading: the row of a stock file that names its columns, and what stands between the cells. Layer: tools/import.
 *
 * What stands above the heading is sep=, for a spreadsheet, a title, headings over several columns: HEADING_ABOVE_MAX rows at most. Cells are separated by commas,
 * tabs or semicolons, as the heading shows: by the one that makes it name every column that must be there, commas first. Of a file whose own words contradict each
 * other (sep= says another sign, or several of the signs stand in a heading that commas do not separate) nothing is read. */
#ifndef LICET_TOOLS_IMPORT_HEADING_H
#define LICET_TOOLS_IMPORT_HEADING_H
#include "tools/import/layout.h"

#define HEADING_ABOVE_MAX 5u

struct import_heading {
    uint32_t title_rows;      /* above it */
    const char *separator;    /* "," "\t" ";" */
};
/* 1: *layout is that of the file (in memory, LAYOUT_ARENA bytes, aligned), and csv goes on behind its heading. 0: nothing of the file can be used, why says what is
 * wrong. -1: a read failed (errno). row is scratch. */
MUST_USE int import_heading_read(struct import_heading *out, struct import_layout *layout, uint8_t *memory, const struct licence_type *type, struct csv *csv,
                                 struct csv_row *row, char *why, size_t cap);
#endif
