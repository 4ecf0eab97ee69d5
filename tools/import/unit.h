/* Import unit: a run of rows of a stock file, as they stand there. Layer: tools/import. */
#ifndef LICET_TOOLS_IMPORT_UNIT_H
#define LICET_TOOLS_IMPORT_UNIT_H
#include "tools/import/row.h"
#include "tools/sealed/registration.h"
#include "tools/sealed/words.h"

#define UNIT_ROWS 1880u /* four full statements of one element set */
#define LINE_ARENA (CSV_CELL_OUT(CSV_ROW_MAX) + 4 * CSV_CELLS_MAX)
#define UNIT_ROOM (ROW_ARENA + LINE_ARENA + 64u) /* what the next row may take */
#define UNIT_ARENA (4u << 20)

enum line_seal { LINE_SEAL_NONE = 0, LINE_SEAL_NAMED, LINE_SEAL_UNKNOWN };
enum line_end { LINE_OPEN = 0 /* passed its checks */, LINE_ACCEPTED, LINE_REFUSED, LINE_DUPLICATE, LINE_UNSENT };
struct import_line {
    uint64_t number;     /* of the row, from 1 */
    enum line_end end;   /* the code of refused and duplicate ones is row.code */
    struct import_row row;
    uint64_t other_row;  /* the earlier one that it repeats or contradicts; 0: none */
    struct bytes text;   /* its cells as CSV, for the file of refused rows */
    enum registrable document; /* 0: none, or not looked at, since the ledger has the licence */
    enum line_seal seal;
    struct said said;    /* by the document's text, of the row */
};
struct import_unit {
    struct arena arena; /* UNIT_ARENA */
    uint32_t count;
    struct import_line *lines; /* UNIT_ROWS */
    bool done;          /* guarded by the queue's lock */
};
MUST_USE bool import_unit_init(struct import_unit *unit);
void import_unit_free(struct import_unit *unit);
#endif
