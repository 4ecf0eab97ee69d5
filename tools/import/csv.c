#include "tools/import/csv.h"

#include "ledger/wire/cbor.h"

#define CHUNK 65536u

struct csv {
    text_read_fn read;
    void *context;
    bool ended, faulty, gone; /* gone: the beginning of the row that was read last is no longer there */
    uint8_t separator;
    uint64_t line, row_line, blank;
    size_t start, at, end;              /* in raw: where the row began, where reading is, how far it is filled */
    size_t text_len;
    uint8_t raw[CSV_ROW_MAX + 2 * CHUNK]; /* the row stays here until it is read whole, to go back in it */
    uint8_t text[CSV_ROW_MAX + 16];     /* the cells, without their quotes */
};

struct csv *csv_new(text_read_fn read, void *context) {
    struct csv *csv = malloc(sizeof *csv);
    if (!csv) return NULL;
    csv->read = read;
    csv->context = context;
    csv->ended = csv->faulty = csv->gone = false;
    csv->separator = ',';
    csv->line = csv->row_line = 1;
    csv->blank = 0;
    csv->start = csv->at = csv->end = csv->text_len = 0;
    return csv;
}

void csv_free(struct csv *csv) { free(csv); }
uint64_t csv_blank(const struct csv *csv) { return csv->blank; }

/* ---- bytes ---- */

/* False: there is nothing more. May move the row to the front of raw: places are kept relative to `start`. */
static bool more(struct csv *csv) {
    if (csv->ended || csv->faulty) return false;
    if (csv->start > 0) {
        memmove(csv->raw, csv->raw + csv->start, csv->end - csv->start);
        csv->at -= csv->start;
        csv->end -= csv->start;
        csv->start = 0;
    }
    size_t room = sizeof csv->raw - csv->end;
    ASSERT(room >= CHUNK); /* no row grows beyond CSV_ROW_MAX before it is given up */
    long got = csv->read(csv->context, csv->raw + csv->end, CHUNK);
    if (got < 0) csv->faulty = true;
    else if (got == 0) csv->ended = true;
    else csv->end += (size_t)got;
    return got > 0;
}

/* The next byte without taking it; -1 at the end. */
static int csv_look(struct csv *csv) {
    if (csv->at == csv->end && !more(csv)) return -1;
    return csv->raw[csv->at];
}

static bool too_long(const struct csv *csv) { return csv->at - csv->start > CSV_ROW_MAX; }

static void csv_keep(struct csv *csv, const uint8_t *from, size_t len) {
    size_t room = sizeof csv->text - csv->text_len;
    if (len > room) len = room; /* only in a row that is too long anyway */
    memcpy(csv->text + csv->text_len, from, len);
    csv->text_len += len;
}

/* Takes one line end, if there is one. */
static bool take_line_end(struct csv *csv) {
    int c = csv_look(csv);
    if (c != '\r' && c != '\n') return false;
    csv->at++;
    if (c == '\r' && csv_look(csv) == '\n') csv->at++;
    csv->line++;
    return true;
}

static bool csv_is_line_end(int c) { return c == '\r' || c == '\n'; }

/* ---- cells ---- */

enum cell_end { END_COMMA, END_ROW, END_QUOTES, END_TOO_LONG };

/* Spaces, but no line ends. Returns whether there were any. */
static bool take_spaces(struct csv *csv) {
    bool any = false;
    for (int c = csv_look(csv); (c == ' ' || c == '\t') && c != csv->separator && !too_long(csv); c = csv_look(csv)) {
        csv->at++;
        any = true;
    }
    return any;
}

static enum cell_end after_cell(struct csv *csv) {
    int c = csv_look(csv);
    if (c == csv->separator) {
        csv->at++;
        return END_COMMA;
    }
    if (c < 0 || take_line_end(csv)) return END_ROW;
    return END_QUOTES;
}

static enum cell_end plain_cell(struct csv *csv) {
    for (;;) {
        if (csv->at == csv->end && !more(csv)) return END_ROW;
        const uint8_t *from = csv->raw + csv->at, *end = csv->raw + csv->end, *p = from;
        while (p < end && *p != csv->separator && !csv_is_line_end(*p)) p++;
        csv_keep(csv, from, (size_t)(p - from));
        csv->at += (size_t)(p - from);
        if (too_long(csv)) return END_TOO_LONG;
        if (p < end) return after_cell(csv);
    }
}

/* Behind the opening quote. */
static enum cell_end quoted_cell(struct csv *csv, bool *spaced) {
    for (;;) {
        if (csv->at == csv->end && !more(csv)) return END_QUOTES;
        const uint8_t *from = csv->raw + csv->at;
        size_t left = csv->end - csv->at;
        const uint8_t *quote = memchr(from, '"', left);
        size_t run = quote ? (size_t)(quote - from) : left;
        csv_keep(csv, from, run);
        for (size_t i = 0; i < run; i++) csv->line += from[i] == '\n';
        csv->at += run + (quote ? 1 : 0);
        if (too_long(csv)) return END_QUOTES;
        if (!quote) continue;
        if (csv_look(csv) != '"') break;
        csv_keep(csv, (const uint8_t *)"\"", 1);
        csv->at++;
    }
    if (take_spaces(csv)) *spaced = true;
    return after_cell(csv);
}

/* ---- rows that cannot be read ---- */

/* Goes back to the line on which the bad field began, and on behind its end. The field is given as it stands, quote and all. */
static void resync(struct csv *csv, struct csv_row *out, size_t field, size_t text_before, uint64_t line) {
    csv->at = csv->start + field;
    csv->line = line;
    csv->text_len = text_before;
    for (int c = csv_look(csv); c >= 0 && !csv_is_line_end(c); c = csv_look(csv)) {
        const uint8_t byte = (uint8_t)c;
        if (csv->at - csv->start < CSV_ROW_MAX) csv_keep(csv, &byte, 1);
        else if (csv->at - csv->start > CSV_ROW_MAX) csv->start++, csv->gone = true; /* nobody goes back again: let it be moved out */
        csv->at++;
    }
    (void)take_line_end(csv);
    out->code = CODE_ROW_QUOTES;
    out->cut = true;
}

static void skip_line(struct csv *csv, struct csv_row *out) {
    csv->gone = true;
    for (int c = csv_look(csv); c >= 0 && !csv_is_line_end(c); c = csv_look(csv)) {
        csv->at++;
        csv->start = csv->at; /* nobody goes back: what was passed need not stay */
    }
    (void)take_line_end(csv);
    out->code = CODE_ROW_TOO_LONG;
    out->cut = true;
}

/* ---- rows ---- */

static void read_row(struct csv *csv, struct csv_row *out) {
    enum cell_end end = END_COMMA;
    while (end == END_COMMA) {
        size_t text_before = csv->text_len, field = csv->at - csv->start;
        uint64_t line = csv->line;
        bool spaced = take_spaces(csv), quoted = csv_look(csv) == '"';
        if (quoted) {
            csv->at++;
            end = quoted_cell(csv, &spaced);
        } else {
            csv->at = csv->start + field; /* the spaces belong to it */
            spaced = false;
            end = plain_cell(csv);
        }
        if (end == END_QUOTES) resync(csv, out, field, text_before, line);
        if (end == END_TOO_LONG) skip_line(csv, out);
        if (out->cell_count < CSV_CELLS_MAX)
            out->cells[out->cell_count] = (struct csv_cell){bytes_of(csv->text + text_before, csv->text_len - text_before), spaced};
        out->cell_count++;
        if (csv->text_len > text_before) out->filled = out->cell_count;
    }
}

static bool is_blank(const struct csv *csv, const struct csv_row *row) {
    static const char *const spaces[] = {" ", "\t", "\xe3\x80\x80", "\xc2\xa0", "\x1a"};
    for (size_t at = 0, i = 0; at < csv->text_len; at += strlen(spaces[i])) {
        for (i = 0; i < sizeof spaces / sizeof *spaces; i++)
            if (csv->text_len - at >= strlen(spaces[i]) && memcmp(csv->text + at, spaces[i], strlen(spaces[i])) == 0) break;
        if (i == sizeof spaces / sizeof *spaces) return false;
    }
    return row->code == CODE_OK;
}

/* Text ends with a character, also where it was cut off for want of room. */
static void end_whole(struct csv *csv, struct csv_row *out) {
    if (!out->cut || out->cell_count == 0 || out->cell_count > CSV_CELLS_MAX) return;
    struct bytes *text = &out->cells[out->cell_count - 1].text;
    size_t back = 0;
    while (back < 3 && back < text->len && (text->data[text->len - 1 - back] & 0xc0) == 0x80) back++;
    if (back >= text->len) return;
    const uint8_t first = text->data[text->len - 1 - back];
    const size_t whole = first == TEXT_BAD_BYTE ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    if (whole <= back + 1) return;
    text->len -= back + 1;
    csv->text_len -= back + 1;
}

int csv_next(struct csv *csv, struct csv_row *out) {
    for (;;) {
        csv->start = csv->at;
        csv->text_len = 0;
        out->code = CODE_OK;
        out->cell_count = out->filled = 0;
        out->cut = false;
        csv->gone = false;
        out->line = csv->row_line = csv->line;
        if (csv_look(csv) < 0) return csv->faulty ? -1 : 0;
        read_row(csv, out);
        if (csv->faulty) return -1;
        end_whole(csv, out);
        if (!is_blank(csv, out)) break;
        csv->blank++;
    }
    bool bad = memchr(csv->text, TEXT_BAD_BYTE, csv->text_len) || memchr(csv->text, 0, csv->text_len);
    if (bad && out->code == CODE_OK) out->code = CODE_ROW_ENCODING;
    return 1;
}

int csv_again(struct csv *csv, struct csv_row *out, char separator) {
    if (csv->gone) return 0;
    csv->separator = (uint8_t)separator;
    csv->at = csv->start;
    csv->line = csv->row_line;
    return csv_next(csv, out);
}

/* ---- writing ---- */

/* shown: what text_check refuses becomes U+FFFD, but what parts lines: it could give orders to a terminal, or turn the direction of writing. No row with it is
 * taken, and none with U+FFFD. */
static size_t cell_put(char *out, size_t at, struct bytes text, bool shown) {
    bool quotes = text.len > 0 && (text.data[0] == ' ' || text.data[text.len - 1] == ' ');
    for (size_t i = 0; i < text.len && !quotes; i++) quotes = text.data[i] == '"' || text.data[i] == ',' || csv_is_line_end(text.data[i]);
    if (quotes) out[at++] = '"';
    for (size_t i = 0, len; i < text.len; i += len) {
        const uint8_t c = text.data[i];
        bool good = true;
        len = shown ? text_character(&good, bytes_of(text.data + i, text.len - i)) : 1;
        if (c == TEXT_BAD_BYTE || c == 0 || (!good && c != '\t' && !csv_is_line_end(c))) {
            memcpy(out + at, "\xef\xbf\xbd", 3);
            at += 3;
            continue;
        }
        if (c == '"') out[at++] = '"';
        memcpy(out + at, text.data + i, len);
        at += len;
    }
    if (quotes) out[at++] = '"';
    return at;
}

size_t csv_cell_put(char *out, size_t at, struct bytes text) { return cell_put(out, at, text, false); }

/* ---- spreadsheets ---- */

/* What begins with one of these is calculated, and may start programs or send cells away (the full-width ones in some editions). Apostrophes
 * and spaces before it are looked through, so that an apostrophe more or less says whether one was added. */
static bool is_formula(struct bytes text) {
    static const char *const signs[] = {"=", "+", "-", "@", "\t", "\r", "\n", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    while (text.len > 0 && (text.data[0] == '\'' || text.data[0] == ' ')) text.data++, text.len--;
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (text.len >= strlen(signs[i]) && memcmp(text.data, signs[i], strlen(signs[i])) == 0) return true;
    return false;
}

size_t csv_cell_show(char *out, size_t at, struct bytes text) {
    size_t end = cell_put(out, at, text, true);
    if (!is_formula(text)) return end;
    size_t first = at + (out[at] == '"'); /* no formula begins with a quote: one that is there is the cell's own */
    memmove(out + first + 1, out + first, end - first);
    out[first] = '\'';
    return end + 1;
}

struct bytes csv_cell_shown(struct bytes text) {
    return text.len > 0 && text.data[0] == '\'' && is_formula(text) ? bytes_of(text.data + 1, text.len - 1) : text;
}
