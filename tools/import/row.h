/* Import row: from one row of a stock file to one licence to be issued, or the reason why not. Layer: tools/import. No I/O, no clock, no heap. The columns: layout.h. */
#ifndef LICET_TOOLS_IMPORT_ROW_H
#define LICET_TOOLS_IMPORT_ROW_H
#include "ledger/base/arena.h"
#include "ledger/wire/ident.h"
#include "ledger/wire/tags.h"
#include "tools/import/layout.h"
#include "tools/issue/checks.h"

/* How a column fares, over all rows that could be taken apart. */
struct import_tally { uint64_t filled, normalised, spaces, width, letter_case, nfc, form, taken_over, whole /* TAIL_WHOLE, of a number */; };

struct import_row {
    enum code code;           /* CODE_OK, or why it is refused */
    struct bytes field;       /* code of the column that is about; may be empty */
    bool check_fits_no_rule;  /* of an identifier that was given: a warning, never a refusal */
    enum identifier_rule rule;
    uint32_t version, holder_kind;
    int32_t valid_from, valid_to;
    struct bytes identifier;  /* empty: to be made */
    struct bytes number, holder_code, holder_name, document;
    uint64_t set[2];          /* which of the layout's fields are committed to: rows with the same go into one statement */
    uint32_t field_count, identifier_at;
    struct field *fields;     /* committed elements, ascending; that of the identifier is empty where it is to be made */
};
/* Arena room that is always enough for one row. */
#define ROW_ARENA (ELEMENTS_MAX * (FIELD_VALUE_MAX + 16u) + IMPORT_FIELDS_MAX * sizeof(struct field) + 4096u)
/* Values are copied to the arena. tallies: one per field of the layout, added to. */
void import_row_check(struct import_row *out, struct import_tally *tallies, struct arena *arena, const struct import_layout *layout, const struct csv_row *row);
#endif
