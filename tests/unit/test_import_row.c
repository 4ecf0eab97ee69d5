/* Rows of stock: each kind of flaw is refused under its own name, each kind of dirt is cleaned and counted, and nothing else is changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "tools/cli/file.h"
#include "tools/import/heading.h"
#include "tools/import/report.h"
#include "tools/import/seen.h"

#define T "11990000LCT0000184002"
#define ID "1.2.156.3005.2." T ".11310118QNMCHJFP9R."

/* A type with one mandatory element of its own, at most a year long; `unlimited` for the tests that need it. */
static struct licence_type make_type(bool unlimited) {
    static struct licence_type type;
    memset(&type, 0, sizeof type);
    type.code = bytes_text(T);
    type.holder_kind_count = 3;
    type.holder_kinds[0] = 1, type.holder_kinds[1] = 111, type.holder_kinds[2] = 414;
    type.days_max = unlimited ? 0 : 366;
    type.unlimited_allowed = unlimited;
    static const struct { const char *code, *label; bool mandatory; } elements[] = {{"CZZT", "持证主体", false}, {"KZ_FDDBR", "法定代表人（负责人）", true},
        {"KZ_JYFW", "经营范围", false}, {"ZZBH", "证照编号", false}, {"ZZBS", "证照标识", true}, {"ZZLXDM", "证照类型代码", false},
        {"ZZYXQJZRQ", "证照有效期截止日期", false}, {"ZZYXQQSRQ", "证照有效期起始日期", false}};
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        type.elements[type.element_count++] = (struct element){bytes_text(elements[i].code), bytes_text(elements[i].label), elements[i].mandatory, 0};
    return type;
}

static long text_read(void *context, void *data, size_t len) {
    struct bytes *left = context;
    size_t take = left->len < len ? left->len : len;
    memcpy(data, left->data, take);
    *left = bytes_of(left->data + take, left->len - take);
    return (long)take;
}

/* One file of a heading and one row. */
static struct licence_type type;
static struct import_layout layout;
static struct import_tally tallies[IMPORT_FIELDS_MAX];
static struct csv_row row;
static _Alignas(16) uint8_t heading_memory[LAYOUT_ARENA], memory[2 * UNIT_ROOM];
static char why[512];

/* A reader over `text`. What was read of it stays readable until the next one is opened: a row's cells lie in its reader. */
static struct csv *open_text(const char *text) {
    static struct csv *open;
    static struct bytes left;
    csv_free(open);
    left = bytes_text(text);
    open = csv_new(text_read, &left);
    assert_non_null(open);
    return open;
}

static bool heading(const char *text) {
    struct csv *csv = open_text(text);
    struct arena arena = arena_over(heading_memory, sizeof heading_memory);
    assert_int_equal(csv_next(csv, &row), 1);
    return import_layout_make(&layout, &arena, &type, &row, why, sizeof why);
}

/* A whole file's heading: 1, 0, and what follows is in `row`. */
static int find_heading(struct import_heading *out, const char *text) {
    struct csv *csv = open_text(text);
    const int got = import_heading_read(out, &layout, heading_memory, &type, csv, &row, why, sizeof why);
    if (got == 1 && csv_next(csv, &row) != 1) row.cell_count = 0;
    return got;
}

static struct import_row check(const char *text) {
    struct import_row out;
    struct csv *csv = open_text(text);
    struct arena arena = arena_over(memory, sizeof memory);
    assert_int_equal(csv_next(csv, &row), 1);
    memset(tallies, 0, sizeof tallies);
    import_row_check(&out, tallies, &arena, &layout, &row);
    return out;
}

static const struct import_tally *tally(enum field_role role) { return &tallies[layout.of_role[role]]; }
static struct bytes value_of(const struct import_row *out, const char *code) {
    for (uint32_t i = 0; i < out->field_count; i++)
        if (bytes_equal(out->fields[i].code, bytes_text(code))) return out->fields[i].value;
    return bytes_of(NULL, 0);
}
#define assert_text(bytes_, text_)                                                  \
    do {                                                                            \
        struct bytes got_ = (bytes_);                                               \
        assert_int_equal(got_.len, strlen(text_));                                  \
        assert_memory_equal(got_.data, (text_), strlen(text_));                     \
    } while (0)

/* ---- dates ---- */

static const struct { const char *text, *day; } DATES[] = {
    {"2026-01-01", "2026-01-01"}, {"20260101", "2026-01-01"}, {"2026/1/1", "2026-01-01"}, {"2026/01/31", "2026-01-31"}, {"2026-1-9", "2026-01-09"},
    {"2024-02-29", "2024-02-29"}, {"1900-01-01", "1900-01-01"}, {"9999-12-31", "9999-12-31"},
    {"2025-02-29", NULL}, {"2026-13-01", NULL}, {"2026-00-10", NULL}, {"20260132", NULL}, {"2026/1-1", NULL}, {"2026-1", NULL}, {"2026", NULL}, {"26-1-1", NULL},
    {"2026-1-1 00:00:00", "2026-01-01"}, {"2026-1-1 00:01:00", NULL}, {"2026-01-01-", NULL}, {"/1/1", NULL}, {"2026//1", NULL}, {"2026-001-1", NULL}, {"202601011", NULL}, {"2026.1.1", "2026-01-01"}, {"2026年1月1日", "2026-01-01"}, {"2026年1月1", NULL},
    {"01/02/2026", NULL}, {"not known", NULL}, {"1899-12-31", NULL}, {"45000", NULL}, {"-", NULL}, {"", NULL}};

static void dates(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof DATES / sizeof *DATES; i++) {
        int32_t day = 0;
        char text[11];
        bool ok = stock_day_parse(&day, bytes_text(DATES[i].text));
        if (ok != (DATES[i].day != NULL)) fail_msg("%s: %s", DATES[i].text, ok ? "taken" : "refused");
        if (!ok) continue;
        day_to_text(text, day);
        assert_string_equal(text, DATES[i].day);
    }
}

/* ---- numbers that a spreadsheet rounded ---- */

static void check_more(struct import_row *out, const char *text) {
    struct csv *csv = open_text(text);
    struct arena arena = arena_over(memory, sizeof memory);
    assert_int_equal(csv_next(csv, &row), 1);
    import_row_check(out, tallies, &arena, &layout, &row);
}

/* In a column that has whole numbers too, what may be so by chance is taken: not before, and never 18 digits of which nothing is checked. */
static void numbers_beside_others(void **state) {
    (void)state;
    static const struct { const char *number, *holder; enum code first, later; } cases[] = {
        {"4403012021000010", "11010519491231002X", CODE_ROW_NUMBER_ROUNDED, CODE_OK}, {"44030120210000100", "11010519491231002X", CODE_ROW_NUMBER_ROUNDED, CODE_OK},
        {"440301202100001000", "11010519491231002X", CODE_ROW_NUMBER_ROUNDED, CODE_ROW_NUMBER_ROUNDED}, {"N1", "110105194912320000", CODE_ROW_NUMBER_ROUNDED, CODE_ROW_ID_NUMBER},
        {"N1", "110119199001010000", CODE_ROW_NUMBER_ROUNDED, CODE_OK}, {"'4403012021000010", "'110119199001010000", CODE_OK, CODE_OK}};
    type = make_type(false);
    assert_true(heading("ZZBH,CZZT,CZZTDM,CZZTDMLXDM,ZZYXQQSRQ,ZZYXQJZRQ,KZ_FDDBR"));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        struct import_row out;
        (void)snprintf(text, sizeof text, "%s,张三,%s,111,2026-01-01,2026-12-31,李四", cases[i].number, cases[i].holder);
        memset(tallies, 0, sizeof tallies);
        check_more(&out, text);
        if (out.code != cases[i].first) fail_msg("%s: %s", text, code_name(out.code));
        check_more(&out, text); /* its like is no evidence */
        assert_int_equal(out.code, cases[i].first);
        check_more(&out, "4403012021000011,张三,110101199001010074,111,2026-01-01,2026-12-31,李四");
        check_more(&out, text);
        if (out.code != cases[i].later) fail_msg("%s, later: %s", text, code_name(out.code));
    }
}

static void rounded_numbers(void **state) {
    (void)state;
    static const struct { const char *text; bool rounded; } numbers[] = {
        {"440301202100001000", true}, {"100000000000000000", true}, {"4403012021000010000000000", true}, {"4403012021000010001", false}, {"440301202100001001", false},
        {"440301202100001100", false}, {"44030120210000100", false} /* 17 digits: one in a hundred ends so */, {"4403012021000010", false}, {"000440301202100001000", false},
        {"A440301202100001000", false}, {"440301202100001000A", false}, {"4403-01202100001000", false}, {"000000000000000000", false}, {"", false}};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (number_is_rounded(bytes_text(numbers[i].text)) != numbers[i].rounded) fail_msg("%s", numbers[i].text);
}

/* ---- headings ---- */

#define PLAIN "ZZBH,CZZT,CZZTDM,CZZTDMLXDM,ZZYXQQSRQ,ZZYXQJZRQ,KZ_FDDBR"

static void headings(void **state) {
    (void)state;
    type = make_type(false);
    assert_true(heading(PLAIN));
    /* any order, width, case, spaces; Chinese names; the type's label; what an import wrote before */
    assert_true(heading(" zzyxqjzrq ,证照编号,ＣＺＺＴ,法定代表人(负责人),持证主体代码,持证主体代码类型代码,证照有效期起始日期,备注,行号(row),原因(reason),文件"));
    assert_int_equal(layout.field_of[7], FIELD_NONE);
    assert_int_equal(layout.fields[layout.field_of[3]].role, ROLE_ELEMENT);
    assert_int_equal(layout.fields[layout.field_of[8]].role, ROLE_ROW_NUMBER);
    assert_int_equal(layout.fields[layout.field_of[9]].role, ROLE_REASON);
    assert_int_equal(layout.fields[layout.field_of[10]].role, ROLE_DOCUMENT);
    for (uint32_t i = 1; i < layout.field_count; i++) /* elements are committed to in this order */
        assert_true(memcmp(layout.fields[i - 1].code.data, layout.fields[i].code.data, layout.fields[i - 1].code.len < layout.fields[i].code.len ?
            layout.fields[i - 1].code.len : layout.fields[i].code.len) <= 0);

    assert_false(heading("ZZBH,CZZT,CZZTDM,ZZYXQQSRQ,ZZYXQJZRQ"));
    assert_non_null(strstr(why, "CZZTDMLXDM"));
    assert_non_null(strstr(why, "KZ_FDDBR 法定代表人"));
    assert_false(heading("ZZBH,CZZT,CZZTDM,CZZTDMLXDM,ZZYXQQSRQ,KZ_FDDBR")); /* unlimited is not allowed, so there must be an end */
    assert_non_null(strstr(why, "ZZYXQJZRQ"));
    assert_true(heading("ZZBH,CZZT,CZZTDM,CZZTDMLXDM,ZZBFRQ,ZZYXQJZRQ,KZ_FDDBR")); /* the day of issue stands in */
    assert_false(heading(PLAIN ",证照编号"));
    assert_non_null(strstr(why, "1 and 8"));
    assert_false(heading("ZZBH,\"CZZT"));
    assert_false(heading("ZZBH,\xff"));
    assert_non_null(strstr(why, "--encoding"));
}

static void exchange(char *out, const char *text, const char *with) {
    for (; *text; text++) out += *text == ',' ? sprintf(out, "%s", with) : sprintf(out, "%c", *text);
    *out = '\0';
}

static void separators(void **state) {
    (void)state;
    static const struct { const char *above, *sign; uint32_t titles; const char *why; } files[] = {
        {"", ",", 0, NULL}, {"", "\t", 0, NULL}, {"", ";", 0, NULL}, {"sep=;\n", ";", 1, NULL}, {"sep=\t\n", "\t", 1, NULL}, {"sep=,\n", ",", 1, NULL}, {"SEP=,\n台账,,,\n", ",", 2, NULL},
        {"食品经营许可证台账;2026\n", ";", 1, NULL}, {"\t\t\n\"食品经营\n许可证\"\t\n", "\t", 1, NULL}, {"a,b\n;;\n", ";", 1, NULL},
        {"", "|", 0, "separated by |"}, {"", "，", 0, "full-width commas"}, {"", ":", 0, "columns are missing"},
        {"sep=,\n", ";", 0, "sep="}, {"sep=;\n", ",", 0, "sep="}, {"sep=\t\n", ";", 0, "sep="}, {"sep=|\n", ",", 0, "sep="}};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        struct import_heading found;
        char text[1024];
        type = make_type(false);
        exchange(text + sprintf(text, "%s", files[i].above), PLAIN "\nN1,张三,1,1,2,3,李四\n", files[i].sign);
        const int got = find_heading(&found, text);
        if (got != (files[i].why == NULL)) fail_msg("%s: %d, %s", text, got, why);
        if (files[i].why && !strstr(why, files[i].why)) fail_msg("%s: %s", text, why);
        if (files[i].why) continue;
        assert_string_equal(found.separator, files[i].sign);
        if (found.title_rows != files[i].titles) fail_msg("%s: %u rows above", text, found.title_rows);
        assert_int_equal(layout.column_count, 7);
        assert_int_equal(row.cell_count, 7);
        assert_text(row.cells[1].text, "张三");
    }
    /* other signs beside the one that separates: in quotes or not, nobody can say */
    static const struct { const char *sign, *more; bool good; } mixed[] = {{";", "备注,说明", false}, {";", "\"备注,说明\"", false}, {"\t", "备注;说明", false}, {"\t", "备注,说明", false},
                                                                        {";", "备注\t说明", false}, {"\t", "备注|说明", true}, {",", "备注;说明", true}, {",", "\"备注,说明\"", true}, {";", "备注", true}};
    for (size_t i = 0; i < sizeof mixed / sizeof *mixed; i++) {
        struct import_heading found;
        char text[1024];
        exchange(text, PLAIN, mixed[i].sign);
        (void)sprintf(text + strlen(text), "%s%s\n", mixed[i].sign, mixed[i].more);
        if (find_heading(&found, text) != mixed[i].good) fail_msg("%s: %s", text, why);
        if (!mixed[i].good) assert_non_null(strstr(why, "alone"));
    }
    struct import_heading found;
    assert_int_equal(find_heading(&found, ""), 0);
    assert_non_null(strstr(why, "empty"));
    assert_int_equal(find_heading(&found, "\n\na;b\nc\td\n1\n2\n3\n4\n" PLAIN "\n"), 0); /* too far down */
}

/* ---- refusals ---- */

#define FULL PLAIN ",ZZBS,ZZLXDM,ZZBFRQ"
static const struct { const char *row; enum code code; const char *field; } ROWS[] = {
    {"N1,张三,11010519491231002X,111,2026-01-01,2026-12-31,李四,,,", CODE_OK, ""},
    {"N1,某公司,91330498MA102916X7,001,2026-01-01,2026-12-31,李四,,,", CODE_OK, ""},
    {"N1,张三,E12345678,414,2026-01-01,2026-12-31,李四,,,", CODE_OK, ""}, /* no check is known for a passport */
    {"N1,张三,11010519491231002X,111,2026-01-01,2026-12-31", CODE_ROW_COLUMNS, ""},
    {"N1,张三,11010519491231002X,111,2026-01-01,2026-12-31,李四,,,,x", CODE_ROW_COLUMNS, ""},
    {"N1,\"张三,11010519491231002X,111,2026-01-01,2026-12-31,李四,,,", CODE_ROW_QUOTES, ""},
    {"N1,张\xff,11010519491231002X,111,2026-01-01,2026-12-31,李四,,,", CODE_ROW_ENCODING, ""},
    {"N1,张\xef\xbf\xbd,11010519491231002X,111,2026-01-01,2026-12-31,李四,,,", CODE_ROW_ENCODING, "CZZT"},
    {",张三,11010519491231002X,111,2026-01-01,2026-12-31,李四,,,", CODE_ROW_FIELD_EMPTY, "ZZBH"},
    {"N1, \xe3\x80\x80 ,11010519491231002X,111,2026-01-01,2026-12-31,李四,,,", CODE_ROW_FIELD_EMPTY, "CZZT"},
    {"N1,张三,11010519491231002X,111,2026-01-01,2026-12-31,,,,", CODE_ROW_FIELD_EMPTY, "KZ_FDDBR"},
    {"N1,张三,11010519491231002X,111,,2026-12-31,李四,,,", CODE_ROW_FIELD_EMPTY, "ZZYXQQSRQ"},
    {"N1,张\x01,11010519491231002X,111,2026-01-01,2026-12-31,李四,,,", CODE_TEXT_INVALID, "CZZT"},
    {"\"N\n1\",张三,11010519491231002X,111,2026-01-01,2026-12-31,李四,,,", CODE_ROW_LINE_END, "ZZBH"}, /* not one number */
    {"N1,\"张\n三\",11010519491231002X,111,2026-01-01,2026-12-31,李四,,,", CODE_ROW_LINE_END, "CZZT"},
    {"N1,张\t三,11010519491231002X,111,2026-01-01,2026-12-31,李四,,,", CODE_ROW_LINE_END, "CZZT"},
    {"N1,张三,110105194912310021,111,2026-01-01,2026-12-31,李四,,,", CODE_ROW_ID_NUMBER, "CZZTDM"},
    {"N1,张三,1.10105E+17,111,2026-01-01,2026-12-31,李四,,,", CODE_ROW_NUMBER_RUINED, "CZZTDM"}, /* what Excel makes of it */
    {"440301202100001000,张三,11010519491231002X,111,2026-01-01,2026-12-31,李四,,,", CODE_ROW_NUMBER_ROUNDED, "ZZBH"}, /* and what it leaves where the column is wide enough */
    {"N1,张三,110105194912310000,111,2026-01-01,2026-12-31,李四,,,", CODE_ROW_NUMBER_ROUNDED, "CZZTDM"},
    {"N1,某公司,91330498MA102916X8,001,2026-01-01,2026-12-31,李四,,,", CODE_USCC_INVALID, "CZZTDM"},
    {"N1,张三,11010519491231002X,112,2026-01-01,2026-12-31,李四,,,", CODE_HOLDER_KIND, "CZZTDMLXDM"},
    {"N1,张三,11010519491231002X,身份证,2026-01-01,2026-12-31,李四,,,", CODE_HOLDER_KIND, "CZZTDMLXDM"},
    {"N1,张三,11010519491231002X,111,2026-02-30,2026-12-31,李四,,,", CODE_ROW_DATE, "ZZYXQQSRQ"},
    {"N1,张三,11010519491231002X,111,2026-01-01,永远,李四,,,", CODE_ROW_DATE, "ZZYXQJZRQ"},
    {"N1,张三,11010519491231002X,111,2026-01-01,2026-12-31,李四,,,yesterday", CODE_ROW_DATE, "ZZBFRQ"},
    {"N1,张三,11010519491231002X,111,2026-01-01,2025-12-31,李四,,,", CODE_VALIDITY_ORDER, "ZZYXQJZRQ"},
    {"N1,张三,11010519491231002X,111,2026-01-01,2027-12-31,李四,,,", CODE_VALIDITY_RULE, "ZZYXQJZRQ"},
    {"N1,张三,11010519491231002X,111,2026-01-01,长期,李四,,,", CODE_VALIDITY_RULE, "ZZYXQJZRQ"},
    {"N1,张三,11010519491231002X,111,2026-01-01,,李四,,,", CODE_VALIDITY_RULE, "ZZYXQJZRQ"},
    {"N1,张三,11010519491231002X,111,2026-01-01,2026-12-31,李四,,11990000LCT0000184001,", CODE_ROW_TYPE, "ZZLXDM"},
    {"N1,张三,11010519491231002X,111,2026-01-01,2026-12-31,李四,1.2.156.3005.2.11990000LCT0000184001.11310118QNMCHJFP9R.SN1.001.7,,", CODE_ROW_TYPE, "ZZBS"},
    {"N1,张三,11010519491231002X,111,2026-01-01,2026-12-31,李四," ID "SN1.001,,", CODE_IDENTIFIER_INVALID, "ZZBS"},
    {"N1,张三,11010519491231002X,111,2026-01-01,2026-12-31,李四," ID "S_1.001.7,,", CODE_IDENTIFIER_INVALID, "ZZBS"},
};

static void refusals(void **state) {
    (void)state;
    type = make_type(false);
    assert_true(heading(FULL));
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct import_row out = check(ROWS[i].row);
        if (out.code != ROWS[i].code) fail_msg("row %zu: %s, expected %s", i, code_name(out.code), code_name(ROWS[i].code));
        assert_text(out.field, ROWS[i].field);
    }
}

static void long_values(void **state) {
    (void)state;
    static const struct { int column; size_t max; const char *field; } bounds[] = {{0, NUMBER_MAX, "ZZBH"}, {1, HOLDER_NAME_MAX, "CZZT"}, {6, FIELD_VALUE_MAX, "KZ_FDDBR"}};
    static char text[20000];
    assert_true(heading(PLAIN));
    for (size_t i = 0; i < 3; i++)
        for (size_t extra = 0; extra < 2; extra++) {
            const char *cells[7] = {"N1", "张三", "E1", "414", "2026-01-01", "2026-12-31", "李四"};
            size_t at = 0;
            for (int c = 0; c < 7; c++) {
                if (c) text[at++] = ',';
                size_t len = c == bounds[i].column ? bounds[i].max + extra : strlen(cells[c]);
                if (c == bounds[i].column) memset(text + at, 'A', len);
                else memcpy(text + at, cells[c], len);
                at += len;
            }
            text[at] = '\0';
            struct import_row out = check(text);
            assert_int_equal(out.code, extra ? CODE_ROW_TOO_LONG : CODE_OK);
            if (extra) assert_text(out.field, bounds[i].field);
        }
}

/* The check character alone never refuses a row: it is told which rule fits. */
static void identifier_rules(void **state) {
    (void)state;
    char good[IDENTIFIER_MAX + 1], line[512];
    assert_true(heading(FULL));
    size_t len = identifier_build(good, bytes_text(T), bytes_text("11310118QNMCHJFP9R"), bytes_text("SN1"), 2);
    assert_true(len > 0);
    unsigned iso = 0, shandong = 0, none = 0;
    for (const char *c = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"; *c; c++) {
        (void)snprintf(line, sizeof line, "N1,张三,E1,414,2026-01-01,2026-12-31,李四,%.*s%c,,", (int)len - 1, good, *c);
        struct import_row out = check(line);
        assert_int_equal(out.code, CODE_OK);
        assert_int_equal(out.version, 2);
        assert_int_equal(out.check_fits_no_rule, out.rule == RULE_NONE); /* the warning ROW_IDENTIFIER_CHECK */
        iso += out.rule == RULE_ISO7064;
        shandong += out.rule == RULE_SHANDONG;
        none += out.rule == RULE_NONE;
    }
    assert_int_equal(iso, 1);
    assert_true(shandong <= 1);
    assert_int_equal(iso + shandong + none, 36);
}

/* ---- what is cleaned, and counted ---- */

static void dirt_is_cleaned_and_counted(void **state) {
    (void)state;
    type = make_type(true);
    assert_true(heading(PLAIN ",KZ_JYFW,ZZBFRQ"));
    struct import_row out = check(" Ｎｏ１２ ,\"\xe3\x80\x80张三　（店）\",\"11010519491231002x\" ,1１1,2026/1/1,长期,李四,\"甲,\r\n乙\n\",20260101");
    assert_int_equal(out.code, CODE_OK);
    assert_text(out.number, "NO12");
    assert_text(out.holder_name, "张三　(店)"); /* a space inside a name may mean something */
    assert_text(out.holder_code, "11010519491231002X");
    assert_int_equal(out.holder_kind, 111);
    assert_int_equal(out.valid_to, DAY_NONE);
    assert_int_equal(out.version, 1);
    assert_int_equal(out.identifier.len, 0);
    assert_text(value_of(&out, "ZZBH"), "NO12");
    assert_text(value_of(&out, "ZZYXQQSRQ"), "2026-01-01");
    assert_text(value_of(&out, "ZZYXQJZRQ"), "长期");
    assert_text(value_of(&out, "KZ_JYFW"), "甲, 乙");
    assert_null(value_of(&out, "CZZTDM").data); /* not an element of this type: tagged, not committed to */
    assert_null(value_of(&out, "ZZBFRQ").data);
    const struct import_tally *number = tally(ROLE_NUMBER), *code = tally(ROLE_HOLDER_CODE), *from = tally(ROLE_FROM);
    assert_true(number->filled == 1 && number->normalised == 1 && number->spaces == 1 && number->width == 1 && number->letter_case == 1 && number->form == 0);
    assert_true(code->normalised == 1 && code->spaces == 1 && code->letter_case == 1 && code->width == 0);
    assert_true(from->normalised == 1 && from->form == 1 && from->spaces == 0);
    assert_true(tally(ROLE_HOLDER_KIND)->width == 1 && tally(ROLE_HOLDER_NAME)->spaces == 1 && tally(ROLE_HOLDER_NAME)->width == 1);
    assert_true(tally(ROLE_TO)->filled == 1 && tally(ROLE_TO)->normalised == 0);

    /* the day of issue stands in for an empty first day; Excel drops zeros; an empty end is 长期 */
    out = check("N1,某公司,91330498MA102916X7,1,,,李四,,2026-03-04");
    assert_int_equal(out.code, CODE_OK);
    assert_int_equal(out.holder_kind, 1);
    assert_int_equal(tally(ROLE_HOLDER_KIND)->form, 1);
    assert_int_equal(tally(ROLE_FROM)->taken_over, 1);
    assert_int_equal(tally(ROLE_FROM)->filled, 0);
    assert_int_equal(tally(ROLE_TO)->filled, 0);
    assert_int_equal(out.valid_to, DAY_NONE);
    assert_text(value_of(&out, "ZZYXQQSRQ"), "2026-03-04");
    assert_text(value_of(&out, "ZZYXQJZRQ"), "长期");
    assert_null(value_of(&out, "KZ_JYFW").data); /* an empty element is not committed to */

    /* the same values, clean: the same row */
    struct import_row clean = check("NO12,张三,E1,414,2026-01-01,,李四,,");
    assert_int_equal(clean.code, CODE_OK);
    for (uint32_t i = 0; i < layout.field_count; i++) assert_int_equal(tallies[i].normalised, 0);
    assert_true(clean.set[0] == out.set[0] && clean.set[1] == out.set[1]);
    struct import_row more = check("NO12,张三,E1,414,2026-01-01,,李四,甲,");
    assert_false(more.set[0] == clean.set[0] && more.set[1] == clean.set[1]); /* goes into another statement */
}

/* ---- seen, and the report ---- */

static void seen_before(void **state) {
    (void)state;
    struct import_seen seen = {.slots = NULL};
    char text[32];
    for (int round = 0; round < 2; round++)
        for (unsigned i = 0; i < 20000; i++) {
            int len = snprintf(text, sizeof text, "N%u", i);
            assert_int_equal(import_seen_find(&seen, 'n', bytes_of(text, (size_t)len)) != NULL, round);
            assert_int_equal(import_seen_add(&seen, 'n', bytes_of(text, (size_t)len), 1, 2), round ? SEEN_BEFORE : SEEN_NEW);
            assert_null(import_seen_find(&seen, 'i', bytes_of(text, (size_t)len)));
        }
    assert_int_equal(seen.count, 20000);
    import_seen_free(&seen);
}

static json_int_t member(json_t *json, const char *object, const char *name) {
    return json_integer_value(json_object_get(object ? json_object_get(json, object) : json, name));
}

static void the_report_counts(void **state) {
    (void)state;
    char folder[] = "/tmp/licet-import-XXXXXX", file[64], path[64], refused[64];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(file, sizeof file, "%s/s.csv", folder);
    (void)snprintf(path, sizeof path, "%s/r.json", folder);
    (void)snprintf(refused, sizeof refused, "%s/r.refused.csv", folder);
    type = make_type(true);
    assert_true(heading("ZZBH,备注,CZZT,CZZTDM,CZZTDMLXDM,ZZYXQQSRQ,KZ_FDDBR,行号(row),原因(reason)"));
    static struct import_report report;
    assert_true(import_report_init(&report, file, path, OUTPUT_OVER));
    report.layout = &layout;
    report.type_code = T;
    report.job = "import-0";
    report.separator = ",", report.encoding_by = "content";
    report.encoding = ENCODING_GB18030;
    report.complete = true;
    struct field fields[1] = {{bytes_text("ZZBS"), bytes_text("x")}};
    struct import_row good = {.code = CODE_OK, .field_count = 1, .fields = fields, .rule = RULE_ISO7064};
    struct import_row odd = good, again = good, on_ledger = good, bad = {.code = CODE_ROW_DATE, .field = bytes_text("ZZYXQQSRQ")};
    odd.identifier = bytes_text("x"), odd.rule = RULE_NONE, odd.check_fits_no_rule = true;
    again.code = CODE_ROW_DUPLICATE_FILE;
    on_ledger.code = CODE_ROW_DUPLICATE_LEDGER;
    struct import_line lines[] = {
        {.number = 1, .end = LINE_ACCEPTED, .row = good, .text = bytes_text("1"), .document = REGISTRABLE_PASSED, .seal = LINE_SEAL_NAMED},
        {.number = 2, .end = LINE_ACCEPTED, .row = odd, .text = bytes_text("2"), .document = REGISTRABLE_OPEN, .seal = LINE_SEAL_UNKNOWN},
        {.number = 3, .end = LINE_DUPLICATE, .row = again, .text = bytes_text("3")},
        {.number = 4, .end = LINE_DUPLICATE, .row = on_ledger, .text = bytes_text("4")},
        {.number = 5, .end = LINE_REFUSED, .row = bad, .text = bytes_text("N5,\"a,b\",,,,,"), .document = REGISTRABLE_NOT},
        {.number = 6, .end = LINE_UNSENT, .row = good, .text = bytes_text("6"), .document = REGISTRABLE_PLAIN}};
    struct import_unit unit = {.count = 6, .lines = lines};
    import_report_add(&report, &unit);
    assert_true(import_report_write(&report));

    json_t *json = json_load_file(path, 0, NULL);
    assert_non_null(json);
    assert_int_equal(member(json, NULL, "rows"), 6);
    assert_int_equal(member(json, NULL, "accepted"), 2);
    assert_int_equal(member(json, NULL, "refused"), 1);
    assert_int_equal(member(json, NULL, "duplicates"), 2);
    assert_int_equal(member(json, NULL, "unsent"), 1);
    assert_int_equal(member(json, "reasons", "ROW_DATE"), 1);
    assert_int_equal(member(json, "reasons", "ROW_DUPLICATE_FILE"), 1);
    assert_int_equal(member(json, "reasons", "ROW_DUPLICATE_LEDGER"), 1);
    assert_int_equal(member(json, "warnings", "ROW_IDENTIFIER_CHECK"), 1);
    assert_int_equal(json_object_size(json_object_get(json, "reasons")), 3);
    assert_int_equal(member(json, "identifier_rules", "none"), 1);
    assert_int_equal(member(json, "identifier_rules", "generated"), 4);
    assert_int_equal(member(json, "documents", "passed"), 1); /* of accepted rows */
    assert_int_equal(member(json, "documents", "not_fully_checked"), 1);
    assert_int_equal(member(json, "documents", "plain"), 0);
    assert_int_equal(member(json, "documents", "seals_named"), 1);
    assert_int_equal(member(json, "documents", "seals_unknown"), 1);
    assert_string_equal(json_string_value(json_array_get(json_object_get(json, "unknown_columns"), 0)), "备注");
    assert_string_equal(json_string_value(json_object_get(json, "encoding")), "gb18030");
    assert_string_equal(json_string_value(json_object_get(json, "refused_file")), refused);
    json_decref(json);

    /* the heading without the two columns of the import before, and the two of this one */
    size_t len;
    uint8_t *text = file_read(refused, 4096, &len);
    assert_non_null(text);
    static const char expected[] = "\xef\xbb\xbfZZBH,备注,CZZT,CZZTDM,CZZTDMLXDM,ZZYXQQSRQ,KZ_FDDBR,行号(row),原因(reason)\r\nN5,\"a,b\",,,,,,5,";
    assert_true(len > sizeof expected);
    assert_memory_equal(text, expected, sizeof expected - 1);
    assert_memory_equal(text + len - 2, "\r\n", 2);
    free(text);

    /* where none is refused, no file of an earlier run stays to be taken for this one's */
    assert_true(import_report_init(&report, file, path, OUTPUT_OVER));
    report.layout = &layout;
    report.type_code = T, report.job = "import-1", report.separator = ",", report.encoding_by = "content";
    assert_true(import_report_write(&report));
    assert_int_equal(access(refused, F_OK), -1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void) {
    if (!hash_setup()) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates), cmocka_unit_test(headings), cmocka_unit_test(separators), cmocka_unit_test(rounded_numbers), cmocka_unit_test(numbers_beside_others), cmocka_unit_test(refusals), cmocka_unit_test(long_values), cmocka_unit_test(identifier_rules),
        cmocka_unit_test(dirt_is_cleaned_and_counted), cmocka_unit_test(seen_before), cmocka_unit_test(the_report_counts),
    };
    return cmocka_run_group_tests_name("import_row", tests, NULL, NULL);
}
