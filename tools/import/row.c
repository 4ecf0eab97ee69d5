#include "tools/import/row.h"

#include "ledger/wire/cbor.h"
#include "ledger/wire/text.h"
#include "tools/issue/checks.h"

/* ---- values in normal form ---- */

struct cell {
    struct bytes text;
    unsigned changes; /* enum text_change */
    enum code code;
    bool as_text; /* marked as text for a spreadsheet, so no number for it */
};
struct check {
    const struct import_layout *layout;
    struct import_tally *tallies;
    struct arena *arena;
    struct import_row *out;
    struct cell cells[IMPORT_FIELDS_MAX];
};

static bool import_row_is_space(uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
static bool is_break(uint8_t c) { return c == '\t' || c == '\r' || c == '\n'; }

/* A line end inside a value means what a space means. Copies only where there is one. What says which licence or whose it is, is cut at its ends only: a
 * number that goes on in a second line is not one number, and a name may be two names. */
static struct bytes without_breaks(struct bytes text, bool one_line, uint8_t *buffer, size_t cap, unsigned *changes) {
    bool any = false;
    for (size_t i = 0; i < text.len && !any; i++) any = is_break(text.data[i]);
    if (!any || text.len > cap) return text;
    *changes |= TEXT_SPACES;
    while (text.len > 0 && import_row_is_space(text.data[text.len - 1])) text.len--;
    while (text.len > 0 && import_row_is_space(text.data[0])) text.data++, text.len--;
    if (one_line) return text;
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool gap = is_break(text.data[i]);
        if (gap && len > 0 && buffer[len - 1] == ' ') continue;
        if (!gap && text.data[i] == ' ' && i > 0 && is_break(text.data[i - 1])) continue;
        buffer[len++] = gap ? ' ' : text.data[i];
    }
    return bytes_of(buffer, len);
}

/* Most cells are plain already; what text.h would say of them is known without its three passes. */
static bool import_row_is_plain(struct bytes text, bool code) {
    if (text.len > 0 && (text.data[0] == ' ' || text.data[text.len - 1] == ' ')) return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (c < 0x20 || c > 0x7e || (code && c >= 'a' && c <= 'z')) return false;
    }
    return true;
}

/* U+FFFD stands where some program before us could not read a character, or where an import before cut a value off. */
static bool has_replacement(struct bytes text) { return text.len >= 3 && memmem(text.data, text.len, "\xef\xbf\xbd", 3) != NULL; }

static bool has_break(struct bytes text) {
    for (size_t i = 0; i < text.len; i++)
        if (is_break(text.data[i])) return true;
    return false;
}

static struct cell normal_cell(struct arena *arena, const struct csv_cell *raw, bool code, bool one_line, size_t cap) {
    struct cell cell = {.text = code ? code_unwrap(raw->text) : raw->text, .changes = raw->spaced ? TEXT_SPACES : 0, .code = CODE_OK};
    uint8_t flat[2 * FIELD_VALUE_MAX];
    char normal[FIELD_VALUE_MAX];
    size_t len;
    if (import_row_is_plain(cell.text, code)) {
        if (cell.text.len > cap) cell.code = CODE_ROW_TOO_LONG;
    } else if (has_replacement(cell.text)) {
        cell.code = CODE_ROW_ENCODING;
    } else {
        struct bytes text = without_breaks(cell.text, one_line, flat, sizeof flat, &cell.changes);
        enum code result = one_line && has_break(text) ? CODE_ROW_LINE_END : code ? text_normal_code(normal, cap, &len, text, &cell.changes) : text_normal_name(normal, cap, &len, text, &cell.changes);
        cell.code = result == CODE_CBOR_RANGE ? CODE_ROW_TOO_LONG : result;
        if (result == CODE_OK) cell.text = bytes_of(normal, len);
    }
    if (cell.code != CODE_OK) return (struct cell){.text = bytes_of("", 0), .changes = cell.changes, .code = cell.code};
    const uint8_t *kept = arena_copy(arena, cell.text.data, cell.text.len);
    ASSERT(kept || cell.text.len == 0); /* ROW_ARENA */
    cell.text.data = kept ? kept : (const uint8_t *)"";
    return cell;
}

static bool is_code_role(enum field_role role) { return role != ROLE_ELEMENT && role != ROLE_HOLDER_NAME && role != ROLE_DOCUMENT; }

static bool is_one_line(enum field_role role) { return is_code_role(role) || role == ROLE_HOLDER_NAME; }

static size_t longest(enum field_role role) {
    switch (role) {
    case ROLE_IDENTIFIER:
    case ROLE_NUMBER:
    case ROLE_HOLDER_CODE: return NUMBER_MAX;
    case ROLE_HOLDER_NAME: return HOLDER_NAME_MAX;
    case ROLE_HOLDER_KIND:
    case ROLE_ISSUED:
    case ROLE_FROM:
    case ROLE_TO:
    case ROLE_TYPE: return 64;
    case ROLE_DOCUMENT: return 1024;
    case ROLE_ELEMENT:
    case ROLE_ROW_NUMBER:
    case ROLE_REASON:
    case ROLE_COUNT: break;
    }
    return FIELD_VALUE_MAX;
}
_Static_assert(IDENTIFIER_MAX == NUMBER_MAX, "one bound for codes");

static void import_row_count(struct import_tally *tally, const struct cell *cell) {
    tally->filled += cell->text.len > 0;
    tally->normalised += cell->changes != 0;
    tally->spaces += (cell->changes & TEXT_SPACES) != 0;
    tally->width += (cell->changes & TEXT_WIDTH) != 0;
    tally->letter_case += (cell->changes & TEXT_CASE) != 0;
    tally->nfc += (cell->changes & TEXT_NFC) != 0;
}

static void read_cells(struct check *check, const struct csv_row *row) {
    for (uint32_t i = 0; i < check->layout->field_count; i++) {
        const struct import_field *field = &check->layout->fields[i];
        check->cells[i] = (struct cell){.text = bytes_of("", 0), .code = CODE_OK};
        if (field->column == COLUMN_NONE || field->role == ROLE_ROW_NUMBER || field->role == ROLE_REASON) continue;
        check->cells[i] = normal_cell(check->arena, &row->cells[field->column], is_code_role(field->role), is_one_line(field->role), longest(field->role));
        struct cell *cell = &check->cells[i];
        if (cell->code == CODE_OK && value_is_lost(cell->text)) *cell = (struct cell){.text = bytes_of("", 0), .changes = cell->changes, .code = CODE_ROW_VALUE_LOST};
        if (field->role != ROLE_ELEMENT && is_no_value(cell->text)) cell->text = bytes_of("", 0); /* a dash names no holder */
        cell->as_text = is_code_role(field->role) && code_unwrap(row->cells[field->column].text).len != row->cells[field->column].text.len;
        check->tallies[i].form += cell->as_text;
        import_row_count(&check->tallies[i], cell);
    }
}

/* ---- what the values say ---- */

static struct cell *cell_of(struct check *check, enum field_role role) {
    uint32_t at = check->layout->of_role[role];
    return at == FIELD_NONE ? NULL : &check->cells[at];
}
static struct bytes import_row_text_of(struct check *check, enum field_role role) {
    const struct cell *cell = cell_of(check, role);
    return cell ? cell->text : bytes_of("", 0);
}

static bool import_row_wrong(struct check *check, enum code code, enum field_role role) {
    check->out->code = code;
    if (check->layout->of_role[role] != FIELD_NONE) check->out->field = check->layout->fields[check->layout->of_role[role]].code;
    return false;
}

/* Another spelling of the same value, as it is kept. */
static void respell(struct check *check, enum field_role role, const char *text) {
    struct cell *cell = cell_of(check, role);
    if (!cell || bytes_equal(cell->text, bytes_text(text))) return;
    const uint8_t *kept = arena_copy(check->arena, text, strlen(text));
    ASSERT(kept);
    struct import_tally *tally = &check->tallies[check->layout->of_role[role]];
    if (cell->text.len > 0) {
        tally->form++;
        tally->normalised += cell->changes == 0;
    }
    cell->text = bytes_of(kept, strlen(text));
}

/* Text that is no text, and mandatory cells without any. The day the licence begins is judged with the dates. */
static bool judge_cells(struct check *check) {
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < check->layout->field_count; i++) {
            const struct import_field *field = &check->layout->fields[i];
            enum code code = check->cells[i].code;
            if (pass == 1) code = field->mandatory && field->role != ROLE_FROM && check->cells[i].text.len == 0 ? CODE_ROW_FIELD_EMPTY : CODE_OK;
            if (code == CODE_OK) continue;
            check->out->code = code;
            check->out->field = field->code;
            return false;
        }
    }
    return true;
}

/* 001 and 111, with the zeros that spreadsheets drop: holder_code_check asks for their check digit. */
static bool is_checked_kind(struct bytes kind) {
    while (kind.len > 1 && kind.data[0] == '0') kind = bytes_of(kind.data + 1, kind.len - 1);
    return bytes_equal(kind, bytes_text("1")) || bytes_equal(kind, bytes_text("111"));
}

/* Of 16 or 17 digits, or with a check digit of its own: zeros at its end are common enough in a column that has other digits there. In one that a spreadsheet has
 * spoiled nothing else stands, so until a whole number is met there none of these is believed. */
static bool is_believable(struct check *check, struct bytes number, enum field_role role) {
    const bool checked = role == ROLE_HOLDER_CODE && is_checked_kind(import_row_text_of(check, ROLE_HOLDER_KIND));
    return (checked || !number_is_rounded(number)) && check->tallies[check->layout->of_role[role]].whole > 0;
}

/* Three licences whose numbers a spreadsheet made one are not one licence. */
static bool judge_numbers(struct check *check) {
    static const enum field_role roles[] = {ROLE_IDENTIFIER, ROLE_NUMBER, ROLE_HOLDER_CODE};
    for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
        const struct cell *cell = cell_of(check, roles[i]);
        if (!cell) continue;
        if (number_is_ruined(cell->text)) return import_row_wrong(check, CODE_ROW_NUMBER_RUINED, roles[i]);
        const enum number_tail tail = cell->as_text ? TAIL_SHORT : number_tail(cell->text);
        check->tallies[check->layout->of_role[roles[i]]].whole += tail == TAIL_WHOLE;
        if (tail == TAIL_ZEROS && !is_believable(check, cell->text, roles[i])) return import_row_wrong(check, CODE_ROW_NUMBER_ROUNDED, roles[i]);
    }
    return true;
}

static bool judge_identifier(struct check *check) {
    struct bytes type = import_row_text_of(check, ROLE_TYPE), text = import_row_text_of(check, ROLE_IDENTIFIER);
    if (type.len > 0 && !bytes_equal(type, check->layout->type->code)) return import_row_wrong(check, CODE_ROW_TYPE, ROLE_TYPE);
    check->out->version = 1;
    check->out->rule = RULE_ISO7064; /* of the one that is made */
    if (text.len == 0) return true;
    struct identifier parsed;
    if (identifier_parse(&parsed, text) != CODE_OK) return import_row_wrong(check, CODE_IDENTIFIER_INVALID, ROLE_IDENTIFIER);
    if (!bytes_equal(parsed.type, check->layout->type->code)) return import_row_wrong(check, CODE_ROW_TYPE, ROLE_IDENTIFIER);
    check->out->version = parsed.version;
    check->out->rule = parsed.rule;
    check->out->check_fits_no_rule = parsed.rule == RULE_NONE;
    check->out->identifier = text;
    return true;
}

static bool judge_holder(struct check *check) {
    struct bytes text = import_row_text_of(check, ROLE_HOLDER_KIND), code = import_row_text_of(check, ROLE_HOLDER_CODE);
    const struct licence_type *type = check->layout->type;
    uint32_t kind = 0;
    bool allowed = false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.len > 3 || text.data[i] < '0' || text.data[i] > '9') return import_row_wrong(check, CODE_HOLDER_KIND, ROLE_HOLDER_KIND);
        kind = kind * 10 + (uint32_t)(text.data[i] - '0');
    }
    for (uint32_t i = 0; i < type->holder_kind_count; i++) allowed = allowed || type->holder_kinds[i] == kind;
    if (!allowed) return import_row_wrong(check, CODE_HOLDER_KIND, ROLE_HOLDER_KIND);
    char usual[16];
    snprintf(usual, sizeof usual, "%03u", kind);
    respell(check, ROLE_HOLDER_KIND, usual);
    check->out->holder_kind = kind;
    const enum code why = holder_code_check(kind, code);
    return why == CODE_OK || import_row_wrong(check, why, ROLE_HOLDER_CODE);
}

/* A date that is there, in the one spelling that is kept. */
static bool import_row_read_day(struct check *check, enum field_role role, int32_t *day) {
    char text[11];
    if (!stock_day_parse(day, import_row_text_of(check, role))) return import_row_wrong(check, CODE_ROW_DATE, role);
    day_to_text(text, *day);
    respell(check, role, text);
    return true;
}

static bool judge_dates(struct check *check) {
    const struct licence_type *type = check->layout->type;
    struct import_row *out = check->out;
    int32_t issued = DAY_NONE;
    if (import_row_text_of(check, ROLE_ISSUED).len > 0 && !import_row_read_day(check, ROLE_ISSUED, &issued)) return false;
    if (import_row_text_of(check, ROLE_FROM).len > 0) {
        if (!import_row_read_day(check, ROLE_FROM, &out->valid_from)) return false;
    } else {
        uint32_t at = check->layout->of_role[ROLE_FROM];
        if (issued == DAY_NONE) return import_row_wrong(check, CODE_ROW_FIELD_EMPTY, ROLE_FROM);
        out->valid_from = issued;
        check->cells[at].text = import_row_text_of(check, ROLE_ISSUED);
        check->tallies[at].taken_over++;
    }
    if (days_check(issued, out->valid_from, check->layout->today) != CODE_OK)
        return import_row_wrong(check, CODE_ROW_DATE_FAR, import_row_text_of(check, ROLE_FROM).len > 0 && days_check(DAY_NONE, out->valid_from, check->layout->today) != CODE_OK ? ROLE_FROM : ROLE_ISSUED);
    struct bytes to = import_row_text_of(check, ROLE_TO);
    out->valid_to = DAY_NONE;
    if (to.len == 0 || is_no_end(to)) respell(check, ROLE_TO, UNLIMITED_WORD_ZH);
    else if (!import_row_read_day(check, ROLE_TO, &out->valid_to)) return false;
    if (out->valid_to == DAY_NONE) return type->unlimited_allowed || import_row_wrong(check, CODE_VALIDITY_RULE, ROLE_TO);
    if (out->valid_to < out->valid_from) return import_row_wrong(check, CODE_VALIDITY_ORDER, ROLE_TO);
    if (type->days_max != 0 && (int64_t)out->valid_to - out->valid_from > type->days_max) return import_row_wrong(check, CODE_VALIDITY_RULE, ROLE_TO);
    return true;
}

static bool committed(const struct check *check, uint32_t i) {
    const struct import_field *field = &check->layout->fields[i];
    return field->element && (check->cells[i].text.len > 0 || field->role == ROLE_IDENTIFIER);
}

static void commit_fields(struct check *check) {
    struct import_row *out = check->out;
    uint32_t total = 0;
    for (uint32_t i = 0; i < check->layout->field_count; i++) total += committed(check, i);
    out->fields = arena_alloc(check->arena, total * sizeof *out->fields);
    ASSERT(out->fields); /* ROW_ARENA */
    for (uint32_t i = 0; i < check->layout->field_count; i++) {
        if (!committed(check, i)) continue;
        if (check->layout->fields[i].role == ROLE_IDENTIFIER) out->identifier_at = out->field_count;
        out->fields[out->field_count++] = (struct field){check->layout->fields[i].code, check->cells[i].text};
        out->set[i / 64] |= UINT64_C(1) << (i % 64);
    }
}

void import_row_check(struct import_row *out, struct import_tally *tallies, struct arena *arena, const struct import_layout *layout, const struct csv_row *row) {
    struct check check = {.layout = layout, .tallies = tallies, .arena = arena, .out = out};
    *out = (struct import_row){.code = row->code};
    if (out->code == CODE_OK && (row->cell_count < layout->column_count || row->filled > layout->column_count)) out->code = CODE_ROW_COLUMNS;
    if (out->code != CODE_OK) return;
    read_cells(&check, row);
    if (!judge_cells(&check) || !judge_numbers(&check) || !judge_identifier(&check) || !judge_holder(&check) || !judge_dates(&check)) return;
    out->number = import_row_text_of(&check, ROLE_NUMBER);
    out->holder_code = import_row_text_of(&check, ROLE_HOLDER_CODE);
    out->holder_name = import_row_text_of(&check, ROLE_HOLDER_NAME);
    out->document = import_row_text_of(&check, ROLE_DOCUMENT);
    commit_fields(&check);
}
