#include "tools/import/stock.h"

#include <errno.h>
#include <iconv.h>

#include "ledger/wire/ident.h"
#include "ledger/wire/tags.h"
#include "tools/import/stock_words.h"

#define CELL_MAX 256u
#define EXTRA_MAX ELEMENTS_MAX
#define LINE_MAX_BYTES ((9u + EXTRA_MAX) * (2 * CELL_MAX + 3)) /* every quote doubled, and quotes and a comma around each */

enum column { ZZBS, ZZBH, CZZT, CZZTDM, CZZTDMLXDM, ZZBFRQ, ZZYXQQSRQ, ZZYXQJZRQ, FIRST_EXTRA };
static const char *const COLUMNS[] = {"ZZBS", "ZZBH", "CZZT", "CZZTDM", "CZZTDMLXDM", "ZZBFRQ", "ZZYXQQSRQ", "ZZYXQJZRQ"};

enum flaw {
    FLAW_NONE = 0,
    /* wrong */
    BAD_ID_NUMBER, BAD_CREDIT_CODE, BAD_IDENTIFIER, BAD_DATE, END_FIRST, EMPTY_CELL, TWICE,
    /* unusual, but to be accepted */
    FULL_WIDTH, SPACES, COMPACT_DATES, SLASH_DATES, UNLIMITED_WORD, UNLIMITED_EMPTY,
    FLAW_COUNT
};

struct row {
    char cells[FIRST_EXTRA + EXTRA_MAX][CELL_MAX];
    enum flaw flaw;
};

struct stock {
    const struct stock_options *options;
    size_t extra_count;
    const struct element *extra[EXTRA_MAX]; /* the type's mandatory elements that have no column of their own */
    uint64_t last_good;                     /* row that a repeated one repeats; 0: none yet */
    enum flaw last_flaw;                    /* of that row, */
    uint64_t last_random;                   /* and its randomness after the flaw was chosen */
    iconv_t convert;
    struct row row;
    char line[LINE_MAX_BYTES], converted[2 * LINE_MAX_BYTES];
};

/* splitmix64: a row is a function of seed and number alone, so that any row can be made again. */
static uint64_t next(uint64_t *state) {
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}
static uint32_t below(uint64_t *state, uint32_t bound) { return (uint32_t)(next(state) % bound); }

bool stock_encoding_from_name(enum stock_encoding *out, const char *name) {
    static const char *const NAMES[] = {"utf-8", "utf-8-bom", "gb18030"};
    for (int i = STOCK_UTF8; i <= STOCK_GB18030; i++)
        if (strcmp(NAMES[i], name) == 0) return *out = (enum stock_encoding)i, true;
    return false;
}

static bool has_kind(const struct licence_type *type, uint32_t kind) {
    for (uint32_t i = 0; i < type->holder_kind_count; i++)
        if (type->holder_kinds[i] == kind) return true;
    return false;
}

static const char *expected(enum flaw flaw) {
    switch (flaw) {
    case BAD_ID_NUMBER: return code_name(CODE_ROW_ID_NUMBER);
    case BAD_CREDIT_CODE: return code_name(CODE_USCC_INVALID);
    case BAD_IDENTIFIER: return code_name(CODE_ROW_IDENTIFIER_CHECK);
    case BAD_DATE: return code_name(CODE_ROW_DATE);
    case END_FIRST: return code_name(CODE_VALIDITY_ORDER);
    case EMPTY_CELL: return code_name(CODE_ROW_FIELD_EMPTY);
    case TWICE: return code_name(CODE_ROW_DUPLICATE_FILE);
    case FLAW_NONE:
    case FULL_WIDTH:
    case SPACES:
    case COMPACT_DATES:
    case SLASH_DATES:
    case UNLIMITED_WORD:
    case UNLIMITED_EMPTY:
    case FLAW_COUNT: break;
    }
    return code_name(CODE_OK);
}
static bool is_good(enum flaw flaw) { return strcmp(expected(flaw), "OK") == 0; }

/* Whether this type and these options can show the flaw at all. */
static bool applies(const struct stock *stock, enum flaw flaw) {
    const struct licence_type *type = stock->options->type;
    switch (flaw) {
    case BAD_ID_NUMBER: return has_kind(type, 111);
    case BAD_CREDIT_CODE: return has_kind(type, 1);
    case BAD_IDENTIFIER: return stock->options->issuer != NULL;
    case TWICE: return stock->last_good != 0;
    case UNLIMITED_WORD:
    case UNLIMITED_EMPTY: return type->unlimited_allowed;
    case FLAW_NONE:
    case BAD_DATE:
    case END_FIRST:
    case EMPTY_CELL:
    case FULL_WIDTH:
    case SPACES:
    case COMPACT_DATES:
    case SLASH_DATES: return true;
    case FLAW_COUNT: break;
    }
    return false;
}

static enum flaw choose_flaw(const struct stock *stock, uint64_t *random) {
    if (below(random, 100) >= stock->options->dirty) return FLAW_NONE;
    uint32_t flaw = 1 + below(random, FLAW_COUNT - 1);
    while (!applies(stock, (enum flaw)flaw)) flaw = flaw % (FLAW_COUNT - 1) + 1;
    return (enum flaw)flaw;
}

/* ---- the values of a row ---- */

/* County codes given to no place: nobody was ever born or registered there. */
static const char *const NOWHERE[] = {"310198", "320598", "330498"};

static void make_id_number(char *out, uint64_t *random) {
    char body[64];
    uint32_t region = below(random, 3), year = 1950 + below(random, 56), month = 1 + below(random, 12), day = 1 + below(random, 28);
    snprintf(body, sizeof body, "%s%04u%02u%02u%03u", NOWHERE[region], year, month, day, 1 + below(random, 999));
    snprintf(out, CELL_MAX, "%s%c", body, citizen_id_check_char(body));
}

/* The organisation's code inside a credit code has a check character of its own (GB 11714). */
static char stock_organisation_check(const char *code8) {
    static const int WEIGHT[] = {3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 8; i++) sum += (code8[i] <= '9' ? code8[i] - '0' : code8[i] - 'A' + 10) * WEIGHT[i];
    int check = 11 - sum % 11;
    return check == 11 ? '0' : check == 10 ? 'X' : (char)('0' + check);
}

static void make_credit_code(char *out, uint64_t *random) {
    char organisation[16], body[32];
    uint32_t region = below(random, 3);
    snprintf(organisation, sizeof organisation, "MA%06u", below(random, 1000000));
    snprintf(body, sizeof body, "91%s%s%c", NOWHERE[region], organisation, stock_organisation_check(organisation));
    snprintf(out, CELL_MAX, "%s%c", body, uscc_check_char(body));
}

static void make_person(char *out, uint64_t *random) {
    const char *family = STOCK_FAMILY_NAMES[below(random, STOCK_FAMILY_NAME_COUNT)];
    const char *first = STOCK_GIVEN_NAMES[below(random, STOCK_GIVEN_NAME_COUNT)];
    const char *second = below(random, 4) ? STOCK_GIVEN_NAMES[below(random, STOCK_GIVEN_NAME_COUNT)] : "";
    snprintf(out, CELL_MAX, "%s%s%s", family, first, second);
}

static void make_company(char *out, uint64_t *random) {
    const char *place = STOCK_PLACES[below(random, STOCK_PLACE_COUNT)], *trade = STOCK_TRADES[below(random, STOCK_TRADE_COUNT)];
    snprintf(out, CELL_MAX, "%s示例%04u号%s", place, below(random, 10000), trade);
}

static void make_address(char *out, uint64_t *random) {
    const char *place = STOCK_PLACES[below(random, STOCK_PLACE_COUNT)], *road = STOCK_ROADS[below(random, STOCK_ROAD_COUNT)];
    uint32_t number = 1 + below(random, 1999);
    snprintf(out, CELL_MAX, "%s%s%u弄%u号", place, road, number, 1 + below(random, 120));
}

static void make_element(char *out, const struct element *element, uint64_t *random) {
    const char *scope, *more;
    switch (stock_word_kind(element->code)) {
    case WORD_PERSON: make_person(out, random); return;
    case WORD_COMPANY: make_company(out, random); return;
    case WORD_ADDRESS: make_address(out, random); return;
    case WORD_SCOPE:
        scope = STOCK_SCOPES[below(random, STOCK_SCOPE_COUNT)];
        more = STOCK_SCOPES[below(random, STOCK_SCOPE_COUNT)];
        snprintf(out, CELL_MAX, "%s；%s", scope, more);
        return;
    case WORD_OTHER: snprintf(out, CELL_MAX, "%.*s%u", (int)(element->label.len <= 150 ? element->label.len : 0), (const char *)element->label.data,
                              1 + below(random, 9999)); return;
    }
}

static void make_holder(const struct stock *stock, struct row *row, uint64_t *random) {
    const struct licence_type *type = stock->options->type;
    uint32_t kind = type->holder_kinds[below(random, type->holder_kind_count)];
    if (row->flaw == BAD_ID_NUMBER) kind = 111;
    if (row->flaw == BAD_CREDIT_CODE) kind = 1;
    snprintf(row->cells[CZZTDMLXDM], CELL_MAX, "%03u", kind);
    if (kind == 1) make_credit_code(row->cells[CZZTDM], random);
    else if (kind == 111) make_id_number(row->cells[CZZTDM], random);
    else snprintf(row->cells[CZZTDM], CELL_MAX, "E%08u", below(random, 100000000));
    if (kind == 1 || kind == 99) make_company(row->cells[CZZT], random);
    else make_person(row->cells[CZZT], random);
}

static void put_date(char *out, int32_t day, enum flaw flaw) {
    char text[11];
    int year, month, dayofmonth;
    day_to_text(text, day);
    snprintf(out, CELL_MAX, "%s", text);
    if (sscanf(text, "%d-%d-%d", &year, &month, &dayofmonth) != 3) return;
    if (flaw == COMPACT_DATES) snprintf(out, CELL_MAX, "%04d%02d%02d", year, month, dayofmonth);
    if (flaw == SLASH_DATES) snprintf(out, CELL_MAX, "%d/%d/%d", year, month, dayofmonth);
}

/* Valid on `today`: at most five years, and no longer than the type allows. */
static void make_dates(const struct stock *stock, struct row *row, uint64_t *random) {
    uint32_t longest = stock->options->type->days_max;
    if (longest == 0 || longest > 1826) longest = 1826;
    uint32_t length = longest - below(random, longest / 2 + 1);
    int32_t from = stock->options->today - (int32_t)below(random, length ? length : 1), to = from + (int32_t)length;
    int32_t issued = from - (int32_t)below(random, 15);
    if (row->flaw == END_FIRST) to = from - 1 - (int32_t)below(random, 400);
    put_date(row->cells[ZZBFRQ], issued, row->flaw);
    put_date(row->cells[ZZYXQQSRQ], from, row->flaw);
    put_date(row->cells[ZZYXQJZRQ], to, row->flaw);
    if (row->flaw == UNLIMITED_WORD) snprintf(row->cells[ZZYXQJZRQ], CELL_MAX, "长期");
    if (row->flaw == UNLIMITED_EMPTY) row->cells[ZZYXQJZRQ][0] = '\0';
}

/* Numbers of two files with different seeds do not meet. */
static bool make_number(const struct stock *stock, struct row *row, uint64_t number) {
    uint64_t mixed = stock->options->seed;
    snprintf(row->cells[ZZBH], CELL_MAX, "SL%06X%09llu", (unsigned)(next(&mixed) & 0xffffff), (unsigned long long)number);
    row->cells[ZZBS][0] = '\0';
    if (!stock->options->issuer) return true;
    char identifier[IDENTIFIER_MAX + 1];
    size_t len = identifier_build(identifier, stock->options->type->code, bytes_text(stock->options->issuer), bytes_text(row->cells[ZZBH]), 1);
    snprintf(row->cells[ZZBS], CELL_MAX, "%.*s", (int)len, identifier);
    return len != 0;
}

/* ---- what is wrong or unusual with it ---- */

static void spoil_identifier(char *cell) {
    static const char ALPHABET[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    struct identifier parsed;
    for (const char *c = ALPHABET; *c; c++) { /* one that neither known rule gives */
        cell[strlen(cell) - 1] = *c;
        if (identifier_parse(&parsed, bytes_text(cell)) == CODE_OK && parsed.rule == RULE_NONE) return;
    }
}

static void widen(char *cell) {
    char out[CELL_MAX];
    size_t len = 0;
    for (const char *c = cell; *c && len + 4 < sizeof out; c++) {
        unsigned wide = 0xff01u + (unsigned)((unsigned char)*c - '!');
        if (*c <= ' ' || (unsigned char)*c >= 0x7f) {
            out[len++] = *c;
            continue;
        }
        out[len++] = (char)(0xe0 | wide >> 12);
        out[len++] = (char)(0x80 | (wide >> 6 & 0x3f));
        out[len++] = (char)(0x80 | (wide & 0x3f));
    }
    out[len] = '\0';
    memcpy(cell, out, len + 1);
}

static void surround(char *cell, const char *space) {
    char out[CELL_MAX];
    int len = snprintf(out, sizeof out, "%s%s%s", space, cell, space);
    if (len > 0 && (size_t)len < sizeof out) memcpy(cell, out, (size_t)len + 1);
}

static void spoil(const struct stock *stock, struct row *row, uint64_t *random) {
    static const char *const NO_DATES[] = {"2025-02-30", "2025-13-01", "20250431", "2025/2/29", "0000-00-00", "not known"};
    char *code = row->cells[CZZTDM];
    size_t last = strlen(code) - 1;
    uint32_t pick;
    switch (row->flaw) {
    case BAD_ID_NUMBER: code[last] = code[last] == '0' ? '1' : '0'; return;
    case BAD_CREDIT_CODE: code[last] = code[last] == '7' ? '8' : '7'; return;
    case BAD_IDENTIFIER: spoil_identifier(row->cells[ZZBS]); return;
    case BAD_DATE:
        pick = below(random, 3);
        snprintf(row->cells[ZZBFRQ + pick], CELL_MAX, "%s", NO_DATES[below(random, sizeof NO_DATES / sizeof *NO_DATES)]);
        return;
    case EMPTY_CELL: /* number, holder, holder code or one of the type's own */
        pick = below(random, 3 + (uint32_t)stock->extra_count);
        row->cells[pick < 3 ? ZZBH + pick : FIRST_EXTRA + (pick - 3)][0] = '\0';
        return;
    case FULL_WIDTH:
        widen(row->cells[ZZBH]);
        widen(code);
        return;
    case SPACES:
        surround(row->cells[ZZBH], " ");
        surround(row->cells[CZZT], "\xe3\x80\x80"); /* U+3000 */
        surround(code, "  ");
        surround(row->cells[ZZYXQQSRQ], " ");
        return;
    case FLAW_NONE:
    case END_FIRST:
    case TWICE:
    case COMPACT_DATES:
    case SLASH_DATES:
    case UNLIMITED_WORD:
    case UNLIMITED_EMPTY:
    case FLAW_COUNT: return; /* done where the value was made, or by making another row again */
    }
}

/* Whole or not at all: a character cut in two would be a fault that no answer speaks of. */
static void stock_append(char *cell, const char *more) {
    size_t len = strlen(cell), more_len = strlen(more);
    if (len + more_len < CELL_MAX) memcpy(cell + len, more, more_len + 1);
}

/* What a CSV reader must not trip over; the licence is as good as any. */
static void make_awkward(const struct stock *stock, struct row *row, uint64_t *random) {
    uint32_t way = below(random, 3);
    if (way == 2 && stock->extra_count) stock_append(row->cells[FIRST_EXTRA + below(random, (uint32_t)stock->extra_count)], ",\r\n见附页");
    else stock_append(row->cells[CZZT], way == 1 ? " \"老店\"" : ",分部");
}

/* Makes row `number` (from 1). False: no identifier can be made. */
static bool make_row(struct stock *stock, uint64_t number, enum flaw flaw, uint64_t *random) {
    struct row *row = &stock->row;
    row->flaw = flaw;
    bool awkward = below(random, 8) == 0;
    if (!make_number(stock, row, number)) return false;
    make_holder(stock, row, random);
    make_dates(stock, row, random);
    for (size_t i = 0; i < stock->extra_count; i++) make_element(row->cells[FIRST_EXTRA + i], stock->extra[i], random);
    if (awkward && is_good(flaw)) make_awkward(stock, row, random);
    spoil(stock, row, random);
    return true;
}

/* ---- writing ---- */

static size_t put_cell(char *out, const char *cell) {
    size_t len = 0;
    bool quotes = strpbrk(cell, ",\"\r\n") != NULL;
    if (quotes) out[len++] = '"';
    for (; *cell; cell++) {
        if (*cell == '"') out[len++] = '"';
        out[len++] = *cell;
    }
    if (quotes) out[len++] = '"';
    return len;
}

static bool stock_put_line(struct stock *stock, FILE *csv, const char *const *cells, size_t count) {
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (i) stock->line[len++] = ',';
        len += put_cell(stock->line + len, cells[i]);
    }
    stock->line[len++] = '\r';
    stock->line[len++] = '\n';
    if (stock->options->encoding != STOCK_GB18030) return fwrite(stock->line, 1, len, csv) == len;
    char *in = stock->line, *out = stock->converted;
    size_t room = sizeof stock->converted;
    if (iconv(stock->convert, &in, &len, &out, &room) == (size_t)-1) return false;
    size_t made = (size_t)(out - stock->converted);
    return fwrite(stock->converted, 1, made, csv) == made;
}

static bool stock_put_heading(struct stock *stock, FILE *csv) {
    char names[EXTRA_MAX][ELEMENT_CODE_MAX + 1];
    const char *cells[FIRST_EXTRA + EXTRA_MAX];
    size_t count = 0;
    for (int i = stock->options->issuer ? ZZBS : ZZBH; i < FIRST_EXTRA; i++) cells[count++] = COLUMNS[i];
    for (size_t i = 0; i < stock->extra_count; i++) {
        struct bytes code = stock->extra[i]->code;
        snprintf(names[i], sizeof names[i], "%.*s", (int)code.len, (const char *)code.data);
        cells[count++] = names[i];
    }
    if (stock->options->encoding == STOCK_UTF8_BOM && fputs("\xef\xbb\xbf", csv) == EOF) return false;
    return stock_put_line(stock, csv, cells, count);
}

static bool stock_put_row(struct stock *stock, FILE *csv) {
    const char *cells[FIRST_EXTRA + EXTRA_MAX];
    size_t count = 0;
    for (size_t i = stock->options->issuer ? ZZBS : ZZBH; i < FIRST_EXTRA + stock->extra_count; i++) cells[count++] = stock->row.cells[i];
    return stock_put_line(stock, csv, cells, count);
}

static uint64_t row_random(const struct stock *stock, uint64_t number) {
    uint64_t mixed = stock->options->seed;
    return next(&mixed) ^ (number * 0xd6e8feb86659fd93u);
}

static bool one_row(struct stock *stock, uint64_t number, FILE *csv, FILE *answers) {
    uint64_t random = row_random(stock, number);
    enum flaw flaw = choose_flaw(stock, &random);
    bool made;
    if (flaw == TWICE) {
        uint64_t again = stock->last_random;
        made = make_row(stock, stock->last_good, stock->last_flaw, &again);
    } else {
        if (is_good(flaw)) stock->last_good = number, stock->last_flaw = flaw, stock->last_random = random;
        made = make_row(stock, number, flaw, &random);
    }
    if (!made) return errno = EINVAL, false;
    return stock_put_row(stock, csv) && (!answers || fprintf(answers, "%llu,%s\n", (unsigned long long)number, expected(flaw)) > 0);
}

static void choose_columns(struct stock *stock) {
    const struct licence_type *type = stock->options->type;
    for (uint32_t i = 0; i < type->element_count; i++) {
        const struct element *element = &type->elements[i];
        bool own = false;
        for (int c = ZZBS; c < FIRST_EXTRA; c++) own = own || bytes_equal(element->code, bytes_text(COLUMNS[c]));
        if (element->mandatory && !own) stock->extra[stock->extra_count++] = element;
    }
}

int stock_make(const struct stock_options *options, FILE *csv, FILE *answers) {
    int result = -1;
    const struct licence_type *type = options->type;
    if (options->dirty > 100 || !type_code_check(type->code) || type->holder_kind_count == 0 || type->element_count > ELEMENTS_MAX) return errno = EINVAL, -1;
    struct stock *stock = calloc(1, sizeof *stock);
    if (!stock) return -1;
    stock->options = options;
    stock->convert = (iconv_t)-1;
    if (options->encoding == STOCK_GB18030 && (stock->convert = iconv_open("GB18030", "UTF-8")) == (iconv_t)-1) goto done;
    choose_columns(stock);
    if (!stock_put_heading(stock, csv) || (answers && fputs("row,expected\n", answers) == EOF)) goto done;
    for (uint64_t number = 1; number <= options->rows; number++)
        if (!one_row(stock, number, csv, answers)) goto done;
    result = fflush(csv) == 0 && (!answers || fflush(answers) == 0) ? 0 : -1;
done:
    if (stock->convert != (iconv_t)-1) iconv_close(stock->convert);
    free(stock);
    return result;
}
