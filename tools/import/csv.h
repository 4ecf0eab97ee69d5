/* CSV: RFC 4180 row by row, in bounded memory; between cells a comma, or another byte that was found to stand there. Layer: tools/import.
 * Line ends: CRLF, LF or CR. Fields may be quoted, and then hold commas, line ends and doubled quotes; spaces beside the quotes are let
 * pass and noted. A quote inside a field that is not quoted is a character like any other (so Excel reads it). Lines without any value
 * but spaces (ideographic ones and the end mark of DOS too) are passed over and counted.
 *
 * A row that cannot be read is given with its reason, and reading goes on behind it:
 *   ROW_QUOTES    a quoted field is not closed within the longest row, or something stands between its end and the next comma. Goes on at
 *                 the end of the LINE that the field began on, so that a forgotten quote costs one row and not all that follow.
 *   ROW_TOO_LONG  longer than CSV_ROW_MAX. Goes on at the next line end.
 *   ROW_ENCODING  holds a NUL, or bytes that are not text in the file's encoding (TEXT_BAD_BYTE). */
#ifndef LICET_TOOLS_IMPORT_CSV_H
#define LICET_TOOLS_IMPORT_CSV_H
#include "ledger/base/code.h"
#include "tools/import/encoding.h"

#define CSV_ROW_MAX 65536u /* bytes of one row as it stands in the file, in UTF-8 */
#define CSV_CELLS_MAX 256u

struct csv_cell {
    struct bytes text;
    bool spaced; /* there were spaces beside its quotes */
};
struct csv_row {
    enum code code;      /* CODE_OK, or why it cannot be used */
    uint32_t cell_count; /* as many as the row has; those beyond CSV_CELLS_MAX are counted only */
    uint32_t filled;     /* the cells up to the last one that is not empty: a spreadsheet writes empty ones behind it */
    struct csv_cell cells[CSV_CELLS_MAX];
    bool cut;            /* the last cell lacks its end (ROW_QUOTES, ROW_TOO_LONG) */
    uint64_t line;       /* of its first byte, from 1 */
};

struct csv;
MUST_USE struct csv *csv_new(text_read_fn read, void *context); /* NULL: no memory */
void csv_free(struct csv *csv);
/* 1: *out is the next row, whose views live until the next call. 0: the end. -1: a read failed. */
MUST_USE int csv_next(struct csv *csv, struct csv_row *out);
/* The row that was given last once more, and all behind it, with another byte between cells (no space, quote or line end). 1, or 0: it was too long to go back in. */
MUST_USE int csv_again(struct csv *csv, struct csv_row *out, char separator);
uint64_t csv_blank(const struct csv *csv); /* rows passed over, so far */

/* Appends one cell, in quotes where it needs them. TEXT_BAD_BYTE and NUL become U+FFFD. Returns the new length; at most
 * CSV_CELL_OUT(text.len) are written. */
#define CSV_CELL_OUT(len) (3 * (len) + 2)
size_t csv_cell_put(char *out, size_t at, struct bytes text);
/* For files that people open in a spreadsheet: a cell that it would take for a formula is written behind an apostrophe, within the same bound;
 * control and direction characters become U+FFFD. csv_cell_shown takes the apostrophe off again; what does not look so is given back as it is. */
size_t csv_cell_show(char *out, size_t at, struct bytes text);
struct bytes csv_cell_shown(struct bytes text);
#endif
