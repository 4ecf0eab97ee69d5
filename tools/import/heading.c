#include "tools/import/heading.h"

#include <strings.h>

#include "tools/cli/language.h"

/* Every sign that files are met with between their cells. byte: 0 where it is recognised, to be named, and not read. */
static const struct separator { const char *sign; char byte; const char *name, *name_zh; } SEPARATORS[] = {
    {",", ',', "commas", "逗号"}, {"\t", '\t', "tabs", "制表符"}, {";", ';', "semicolons", "分号"}, {"|", 0, "|", " | "}, {"，", 0, "full-width commas", "全角逗号"}};
#define SEPARATOR_COUNT (sizeof SEPARATORS / sizeof *SEPARATORS)

static const char *sign_name(const struct separator *separator) { return SAY(separator->name, separator->name_zh); }
static bool holds(struct bytes text, const char *sign) { return memmem(text.data, text.len, sign, strlen(sign)) != NULL; }

/* "sep=;" above a heading: the sign that it names. NULL: the row is not that. */
static const struct separator *said_by(const struct csv_row *row, bool *is_said) {
    const struct bytes text = row->cells[0].text;
    *is_said = row->code == CODE_OK && row->filled == 1 && text.len >= 4 && text.len <= 5 && strncasecmp((const char *)text.data, "sep=", 4) == 0;
    if (!*is_said || text.len == 4) return SEPARATORS; /* "sep=,": the comma stands behind the cell */
    for (size_t i = 0; i < SEPARATOR_COUNT; i++)
        if (SEPARATORS[i].byte && (uint8_t)SEPARATORS[i].byte == text.data[4]) return &SEPARATORS[i];
    return NULL;
}

/* A heading that is one cell and holds a sign that is not read: why nothing is found in it. */
static bool names_a_sign(const struct csv_row *row, char *why, size_t cap) {
    for (size_t i = 0; i < SEPARATOR_COUNT && row->filled == 1; i++) {
        if (SEPARATORS[i].byte || !holds(row->cells[0].text, SEPARATORS[i].sign)) continue;
        cli_build(why, cap, SAY("line %llu, the heading: the columns are separated by %s, which is not read; save the file as \"CSV UTF-8 (comma delimited)\"",
                                     "第 %llu 行，列名：各列以%s分隔，无法读取；请另存为“CSV UTF-8（逗号分隔）”"), (unsigned long long)row->line, sign_name(&SEPARATORS[i]));
        return true;
    }
    return false;
}

/* The signs are mixed: nobody can say which of them separate. Commas inside of cells are as common as they are plain where commas separate, since they stand in quotes then. */
static bool is_mixed(const struct import_layout *layout, const struct separator *by, const struct separator *said, bool was_said, char *why, size_t cap) {
    if (was_said && said != by) {
        cli_build(why, cap, SAY("the file says sep= and another sign, and its heading is separated by %s: put one of them right", "文件首行 sep= 所指的分隔符与列名行实际使用的%s不一致：请更正其一"), sign_name(by));
        return true;
    }
    for (uint32_t i = 0; i < layout->column_count && by != SEPARATORS; i++) {
        for (size_t k = 0; k < SEPARATOR_COUNT; k++) {
            if (!SEPARATORS[k].byte || &SEPARATORS[k] == by || !holds(layout->headings[i], SEPARATORS[k].sign)) continue;
            cli_build(why, cap, SAY("the heading is separated by %s and has %s in column %u too: use one of them alone", "列名行以%s分隔，却又含有%s（第 %u 列）：请只用一种分隔符"),
                           sign_name(by), sign_name(&SEPARATORS[k]), i + 1);
            return true;
        }
    }
    return false;
}

/* How much a row that is no heading looks like one: whose reason is told. */
static uint32_t likeness(const struct import_layout *layout, const struct csv_row *row) {
    uint32_t known = 0;
    for (uint32_t i = 0; i < layout->field_count; i++) known += layout->fields[i].column != COLUMN_NONE;
    if (known > 0) return known + 2;
    return row->filled > 1 ? 2 : 1;
}

#define WHY_MAX 1024u
/* other: what why says in the other language; kept here, since many more sentences are built before the search ends. */
struct search { struct import_layout *layout; uint8_t *memory; const struct licence_type *type; char *why; size_t cap; char other[WHY_MAX]; uint32_t best; };

static void keep_reason(struct search *search, const char *why, uint32_t like) {
    const char *other = cli_said_otherwise(why);
    (void)snprintf(search->why, search->cap, "%s", why);
    (void)snprintf(search->other, sizeof search->other, "%s", other ? other : why);
    search->best = like;
}

/* Does the row name the columns? Else the reason is kept of what comes nearest. */
static bool is_heading(struct search *search, const struct csv_row *row) {
    char why[WHY_MAX];
    struct arena arena = arena_over(search->memory, LAYOUT_ARENA);
    if (import_layout_make(search->layout, &arena, search->type, row, why, sizeof why)) return true;
    uint32_t like = likeness(search->layout, row);
    if (like == 1 && names_a_sign(row, why, sizeof why)) like = 2;
    if (like > search->best) keep_reason(search, why, like);
    return false;
}

/* The sign by which the row, or the next that is not blank, is the heading; NULL: none, and csv is as it was. *got as csv_next. */
static const struct separator *separator_of(struct search *search, struct csv *csv, struct csv_row *row, int *got) {
    if (is_heading(search, row)) return SEPARATORS;
    bool other = false;
    for (size_t i = 1; i < SEPARATOR_COUNT; i++) {
        if (!SEPARATORS[i].byte || (*got = csv_again(csv, row, SEPARATORS[i].byte)) != 1) continue;
        if (is_heading(search, row)) return &SEPARATORS[i];
        other = true;
    }
    if (other && *got >= 0) *got = csv_again(csv, row, SEPARATORS[0].byte);
    return NULL;
}

int import_heading_read(struct import_heading *out, struct import_layout *layout, uint8_t *memory, const struct licence_type *type, struct csv *csv, struct csv_row *row,
                        char *why, size_t cap) {
    struct search search = {.layout = layout, .memory = memory, .type = type, .why = why, .cap = cap};
    const struct separator *said = NULL;
    bool was_said = false;
    keep_reason(&search, SAY("it is empty: its first row must name the columns (ZZBH, CZZT, ...)", "是空文件：首行应为列名（ZZBH、CZZT 等）"), 0);
    for (uint32_t rows = 0; rows <= HEADING_ABOVE_MAX; rows++) {
        int got = csv_next(csv, row);
        if (got < 0) return -1;
        if (got == 0) break;
        bool says = false;
        const struct separator *named = said_by(row, &says);
        if (says) said = named, was_said = true;
        const struct separator *by = separator_of(&search, csv, row, &got);
        if (got < 0) return -1;
        if (!by) continue;
        *out = (struct import_heading){rows, by->sign};
        return !is_mixed(layout, by, said, was_said, why, cap);
    }
    cli_said(why, search.other, false);
    return 0;
}
