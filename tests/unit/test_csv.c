/* CSV and encodings: whatever a file holds, each row is read or refused by itself, the next one is read right, and nothing is lost or made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tools/import/csv.h"

/* A file in memory, given out in pieces of `step` bytes. */
struct memory { struct bytes left; size_t step; };
static long memory_read(void *context, void *data, size_t len) {
    struct memory *memory = context;
    size_t take = memory->left.len < len ? memory->left.len : len;
    if (memory->step && take > memory->step) take = memory->step;
    if (take) memcpy(data, memory->left.data, take);
    memory->left = bytes_of(memory->left.data + take, memory->left.len - take);
    return (long)take;
}
static long broken_read(void *context, void *data, size_t len) {
    (void)context, (void)data, (void)len;
    return -1;
}

/* ---- encodings ---- */

static size_t decode(uint8_t *out, size_t cap, struct bytes in, size_t step, size_t read_cap, enum text_encoding wanted, enum text_encoding *found) {
    struct memory memory = {in, step};
    struct text_source *source = text_source_new(memory_read, &memory, wanted);
    assert_non_null(source);
    size_t len = 0;
    for (;;) {
        assert_true(cap - len >= read_cap);
        long got = text_source_read(source, out + len, read_cap);
        assert_true(got >= 0);
        if (got == 0) break;
        len += (size_t)got;
    }
    if (found) *found = text_source_encoding(source);
    assert_int_equal(text_source_consumed(source), in.len);
    text_source_free(source);
    return len;
}

static const struct { const char *in, *out; enum text_encoding wanted, found; } TEXTS[] = {
    {"ZZBH,1", "ZZBH,1", ENCODING_UNKNOWN, ENCODING_UTF8},
    {"", "", ENCODING_UNKNOWN, ENCODING_UTF8},
    {"\xef\xbb\xbf" "A,中", "A,中", ENCODING_UNKNOWN, ENCODING_UTF8},
    {"证照编号", "证照编号", ENCODING_UNKNOWN, ENCODING_UTF8},
    {"\xd6\xa4\xd5\xd5\xb1\xe0\xba\xc5", "证照编号", ENCODING_UNKNOWN, ENCODING_GB18030},
    {"\xd6\xa4\xd5\xd5", "\xd6\xa4\xff\xff", ENCODING_UTF8, ENCODING_UTF8},                    /* D6 A4 happens to be UTF-8 */
    {"\x84\x31\x95\x33\xd6\xa4", "证", ENCODING_GB18030, ENCODING_GB18030},                    /* its byte order mark */
    {"\x95\x32\x82\x36,\xa2\xe3", "\xf0\xa0\x80\x80,€", ENCODING_GB18030, ENCODING_GB18030},    /* four bytes: U+20000 */
    {"\xd6\xa4,\xd6,\xd5\xd5", "证,\xff,照", ENCODING_GB18030, ENCODING_GB18030},              /* a lead byte alone does not eat the comma */
    {"\xd6\xa4\xd6\n\xd5\xd5", "证\xff\n照", ENCODING_GB18030, ENCODING_GB18030},              /* nor the line end */
    {"\xd6\xa4\xd6", "证\xff", ENCODING_GB18030, ENCODING_GB18030},                            /* cut at the end of the file */
    {"一二三四五六七八九十\xe4\xb8,十", "一二三四五六七八九十\xff\xff,十", ENCODING_UNKNOWN, ENCODING_UTF8}, /* one damaged place does not make it GB18030 */
    {"中\xc0\x80\xed\xa0\x80\xf5", "中\xff\xff\xff\xff\xff\xff", ENCODING_UTF8, ENCODING_UTF8}, /* overlong, surrogate, beyond */
    {"\xe4\xb8", "\xff\xff", ENCODING_UTF8, ENCODING_UTF8},
};

static void texts_come_out_as_utf8(void **state) {
    (void)state;
    static const size_t steps[] = {0, 1, 2, 3, 7}, caps[] = {8, 9, 11, 4096};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++)
        for (size_t s = 0; s < 5; s++)
            for (size_t c = 0; c < 4; c++) {
                uint8_t out[8192];
                enum text_encoding found;
                size_t len = decode(out, sizeof out, bytes_text(TEXTS[i].in), steps[s], caps[c], TEXTS[i].wanted, &found);
                if (found != TEXTS[i].found || len != strlen(TEXTS[i].out) || memcmp(out, TEXTS[i].out, len) != 0)
                    fail_msg("text %zu, pieces of %zu, buffer of %zu: %zu bytes, %s", i, steps[s], caps[c], len, text_encoding_name(found));
            }
}

#define WIDE(text) {(const uint8_t *)(text), sizeof(text) - 1}
static const struct { struct bytes in; const char *out; enum text_encoding wanted, found; } WIDES[] = {
    {WIDE("\xff\xfe" "A\0,\0\x2d\x4e\n\0"), "A,中\n", ENCODING_UNKNOWN, ENCODING_UTF16LE},
    {WIDE("\xfe\xff" "\0A\0,\x4e\x2d\0\n"), "A,中\n", ENCODING_UNKNOWN, ENCODING_UTF16BE},
    {WIDE("\xff\xfe"), "", ENCODING_UNKNOWN, ENCODING_UTF16LE},
    {WIDE("\xff\xfe\x40\xd8\0\xdc" "A\0"), "\xf0\xa0\x80\x80" "A", ENCODING_UNKNOWN, ENCODING_UTF16LE}, /* U+20000: two units */
    {WIDE("\xff\xfe\x40\xd8" "A\0"), "\xff" "A", ENCODING_UNKNOWN, ENCODING_UTF16LE},                     /* half of one costs itself alone */
    {WIDE("\xff\xfe\0\xdc" "A\0\x40\xd8"), "\xff" "A\xff", ENCODING_UNKNOWN, ENCODING_UTF16LE},
    {WIDE("\xfe\xff\0A\0"), "A\xff", ENCODING_UNKNOWN, ENCODING_UTF16BE},                              /* cut inside of a unit */
    {WIDE("\0A\x4e\x2d"), "A中", ENCODING_UTF16BE, ENCODING_UTF16BE},
};

static void wide_texts(void **state) {
    (void)state;
    static const size_t steps[] = {0, 1, 2, 3, 5}, caps[] = {8, 9, 11, 4096};
    for (size_t i = 0; i < sizeof WIDES / sizeof *WIDES; i++)
        for (size_t s = 0; s < 5; s++)
            for (size_t c = 0; c < 4; c++) {
                uint8_t out[8192];
                enum text_encoding found;
                const size_t len = decode(out, sizeof out, WIDES[i].in, steps[s], caps[c], WIDES[i].wanted, &found);
                if (found != WIDES[i].found || len != strlen(WIDES[i].out) || memcmp(out, WIDES[i].out, len) != 0)
                    fail_msg("text %zu, pieces of %zu, buffer of %zu: %zu bytes, %s", i, steps[s], caps[c], len, text_encoding_name(found));
            }
}

/* A character that lies across the end of the sample, and of every buffer. */
static void long_texts(void **state) {
    (void)state;
    const size_t count = 200000;
    for (int gb = 0; gb < 2; gb++) {
        const char *one = gb ? "\xd6\xd0" : "中";
        size_t width = strlen(one), cap = 3 * count + 2 * 65536;
        uint8_t *in = malloc(count * width + 1), *out = malloc(cap);
        in[0] = 'x'; /* so that nothing is aligned */
        for (size_t i = 0; i < count; i++) memcpy(in + 1 + i * width, one, width);
        enum text_encoding found;
        size_t len = decode(out, cap, bytes_of(in, 1 + count * width), 0, 65536, ENCODING_UNKNOWN, &found);
        assert_int_equal(found, gb ? ENCODING_GB18030 : ENCODING_UTF8);
        assert_int_equal(len, 1 + 3 * count);
        for (size_t i = 0; i < count; i++) assert_memory_equal(out + 1 + 3 * i, "中", 3);
        free(in);
        free(out);
    }
}

static void kinds_of_files(void **state) {
    (void)state;
    assert_int_equal(text_recognise(bytes_of("PK\x03\x04rest", 8), true), TEXT_KIND_WORKBOOK);
    assert_int_equal(text_recognise(bytes_of("\xd0\xcf\x11\xe0\xa1", 5), true), TEXT_KIND_WORKBOOK);
    assert_int_equal(text_recognise(bytes_of("\xff\xfeZ\0", 4), true), TEXT_KIND_UTF16LE_BOM);
    assert_int_equal(text_recognise(bytes_of("\xfe\xff\0Z", 4), true), TEXT_KIND_UTF16BE_BOM);
    assert_int_equal(text_recognise(bytes_of("Z\0Z\0B\0H\0,\0C\0Z\0Z\0T\0", 18), true), TEXT_KIND_UTF16);
    assert_int_equal(text_recognise(bytes_of("\xff\xfe\0\0Z\0\0\0", 8), true), TEXT_KIND_UTF16);
    assert_int_equal(text_recognise(bytes_text("\xef\xbb\xbf"), true), TEXT_KIND_UTF8_BOM);
    assert_int_equal(text_recognise(bytes_text("\xe4\xb8"), false), TEXT_KIND_UTF8);   /* cut by the end of the sample */
    assert_int_equal(text_recognise(bytes_text("\xe4\xb8"), true), TEXT_KIND_GB18030); /* and here it is not */
    enum text_encoding encoding;
    assert_true(text_encoding_from_name(&encoding, "UTF-8") && encoding == ENCODING_UTF8);
    assert_true(text_encoding_from_name(&encoding, "gb18030") && encoding == ENCODING_GB18030);
    assert_true(text_encoding_from_name(&encoding, "GBK") && encoding == ENCODING_GB18030);
    assert_false(text_encoding_from_name(&encoding, "latin-1"));
}

/* ---- rows ---- */

/* One row as text: cells in [], the code where it is refused, "~" where the last cell was cut. */
static size_t put_row(char *out, size_t cap, size_t at, const struct csv_row *row) {
    if (row->code != CODE_OK) at += (size_t)snprintf(out + at, cap - at, "%s", code_name(row->code));
    for (uint32_t i = 0; i < row->cell_count && i < CSV_CELLS_MAX; i++) {
        size_t len = row->cells[i].text.len;
        at += (size_t)snprintf(out + at, cap - at, "[%.*s%s", len > 60 ? 60 : (int)len, (const char *)row->cells[i].text.data, row->cells[i].spaced ? "_" : "");
        at += (size_t)snprintf(out + at, cap - at, "]");
    }
    return at + (size_t)snprintf(out + at, cap - at, "%s\n", row->cut ? "~" : "");
}

static void rows_as_text(char *out, size_t cap, struct bytes in, size_t step) {
    struct memory memory = {in, step};
    struct csv *csv = csv_new(memory_read, &memory);
    static struct csv_row row;
    size_t at = 0;
    out[0] = '\0';
    while (csv_next(csv, &row) == 1) at = put_row(out, cap, at, &row);
    csv_free(csv);
}

static const struct { const char *in, *rows; } FILES[] = {
    {"a,b\r\n1,2\r\n", "[a][b]\n[1][2]\n"},
    {"a,b\n1,2", "[a][b]\n[1][2]\n"},
    {"a,b\r1,2\r", "[a][b]\n[1][2]\n"},
    {"a,b\r\n\r\n\n1,2\r\n,\r\n\r\n3,\r\n", "[a][b]\n[1][2]\n[3][]\n"}, /* rows without any value are passed over */
    {"\"a,b\",\"c\"\"d\",\"e\r\nf\"\r\n1", "[a,b][c\"d][e\r\nf]\n[1]\n"},
    {" \"a\" ,\t\"b\"\r\n", "[a_][b_]\n"},
    {" a , b\r\n", "[ a ][ b]\n"},
    {"a\"b,c\"\r\n", "[a\"b][c\"]\n"}, /* a quote inside a plain field is a character */
    {"\"\",\"\"\r\n\"\"\"\"\r\n", "[\"]\n"},
    {"a,b,\r\n", "[a][b][]\n"},
    /* not closed: costs the line it began on, no more */
    {"1,\"x\r\n2,y\r\n3,z\r\n", "ROW_QUOTES[1][\"x]~\n[2][y]\n[3][z]\n"},
    {"1,\"x\r\n2,\"y\"\r\n3,z\r\n", "ROW_QUOTES[1][\"x]~\n[2][y]\n[3][z]\n"},
    {"1,\"x", "ROW_QUOTES[1][\"x]~\n"},
    {"1,\"", "ROW_QUOTES[1][\"]~\n"},
    /* something after its end */
    {"1,\"x\"y,z\r\n2,y\r\n", "ROW_QUOTES[1][\"x\"y,z]~\n[2][y]\n"},
    {"\"a\r\nb\",\"c\"d,e\r\n2,y\r\n", "ROW_QUOTES[a\r\nb][\"c\"d,e]~\n[2][y]\n"}, /* goes on behind the line of the BAD field */
    {"1,\"x\" \"y\"\r\n2\r\n", "ROW_QUOTES[1][\"x\" \"y\"_]~\n[2]\n"},
};

static void files_are_read(void **state) {
    (void)state;
    static const size_t steps[] = {0, 1, 2, 5};
    for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++)
        for (size_t s = 0; s < 4; s++) {
            char rows[1024];
            rows_as_text(rows, sizeof rows, bytes_text(FILES[i].in), steps[s]);
            assert_string_equal(rows, FILES[i].rows);
        }
}

/* The same row once more by another sign, wherever the reads end; what is behind it follows. */
static void other_separators(void **state) {
    (void)state;
    static const struct { const char *in; char separator; const char *first, *cells; } cases[] = {
        {"a\tb,c\nd\te\n", '\t', "[a\tb][c]", "[a][b,c]\n[d][e]\n"},
        {"a;\"b;\n;c\"\nd;e;f", ';', "[a;\"b;]", "[a][b;\n;c]\n[d][e][f]\n"},
        {"\"a\"\t\"b\"\r\nc\t \"d\" \r\n", '\t', "ROW_QUOTES[\"a\"\t\"b\"_]", "[a][b]\n[c][d_]\n"}, /* by commas the quotes do not fit */
        {" \t \n;;\na;b\n", ';', "[;;]", "[a][b]\n"}};                                             /* without any value by either */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t step = 0; step < 4; step++) {
            struct memory memory = {bytes_text(cases[i].in), step};
            struct csv *csv = csv_new(memory_read, &memory);
            static struct csv_row row;
            char text[256] = "";
            assert_int_equal(csv_next(csv, &row), 1);
            put_row(text, sizeof text, 0, &row);
            assert_memory_equal(text, cases[i].first, strlen(cases[i].first));
            assert_int_equal(csv_again(csv, &row, cases[i].separator), 1);
            size_t at = put_row(text, sizeof text, 0, &row);
            while (csv_next(csv, &row) == 1) at = put_row(text, sizeof text, at, &row);
            assert_string_equal(text, cases[i].cells);
            csv_free(csv);
        }
    static uint8_t longest[2 * CSV_ROW_MAX];
    memset(longest, 'x', sizeof longest);
    struct memory memory = {bytes_of(longest, sizeof longest), 0};
    struct csv *csv = csv_new(memory_read, &memory);
    static struct csv_row row;
    assert_int_equal(csv_next(csv, &row), 1);
    assert_int_equal(row.code, CODE_ROW_TOO_LONG);
    assert_int_equal(csv_again(csv, &row, ';'), 0);
    csv_free(csv);
}

static void bytes_that_are_no_text_refuse_their_row(void **state) {
    (void)state;
    struct memory memory = {bytes_of("a\0b\r\nc\xff\r\nd\r\n", 12), 0};
    struct csv *csv = csv_new(memory_read, &memory);
    static struct csv_row row;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(csv_next(csv, &row), 1);
        assert_int_equal(row.code, CODE_ROW_ENCODING);
    }
    assert_int_equal(csv_next(csv, &row), 1);
    assert_int_equal(row.code, CODE_OK);
    assert_int_equal(row.line, 3);
    assert_int_equal(csv_next(csv, &row), 0);
    csv_free(csv);
    csv = csv_new(broken_read, NULL);
    assert_int_equal(csv_next(csv, &row), -1);
    csv_free(csv);
}

/* Around the longest row, plain and quoted: refused exactly beyond it, and the next row is whole. */
static void long_rows(void **state) {
    (void)state;
    static uint8_t in[3 * CSV_ROW_MAX + 64];
    static struct csv_row row;
    for (int quoted = 0; quoted < 2; quoted++)
        for (size_t len = CSV_ROW_MAX - 4; len < 2 * CSV_ROW_MAX + 70000; len += len < CSV_ROW_MAX + 4 ? 1 : 9973) {
            size_t at = 0;
            if (quoted) in[at++] = '"';
            while (at < len - (quoted ? 1u : 0u)) in[at++] = 'x';
            if (quoted) in[at++] = '"';
            memcpy(in + at, "\r\nnext,row\r\n", 12);
            struct memory memory = {bytes_of(in, at + 12), 0};
            struct csv *csv = csv_new(memory_read, &memory);
            assert_int_equal(csv_next(csv, &row), 1);
            enum code expected = len <= CSV_ROW_MAX ? CODE_OK : quoted ? CODE_ROW_QUOTES : CODE_ROW_TOO_LONG;
            if (row.code != expected) fail_msg("%s row of %zu bytes: %s", quoted ? "quoted" : "plain", len, code_name(row.code));
            assert_int_equal(row.cut, expected != CODE_OK);
            if (expected == CODE_OK) assert_int_equal(row.cells[0].text.len, len - (quoted ? 2 : 0));
            assert_int_equal(csv_next(csv, &row), 1);
            assert_int_equal(row.code, CODE_OK);
            assert_int_equal(row.cell_count, 2);
            assert_memory_equal(row.cells[1].text.data, "row", 3);
            assert_int_equal(csv_next(csv, &row), 0);
            csv_free(csv);
        }
}

/* A forgotten quote in front of far more than one row's worth: each of those rows is still there. */
static void one_quote_costs_one_row(void **state) {
    (void)state;
    const size_t lines = 20000;
    char *in = malloc(lines * 24 + 64);
    size_t at = (size_t)sprintf(in, "0,\"open\r\n");
    for (size_t i = 1; i <= lines; i++) at += (size_t)sprintf(in + at, "%zu,value\r\n", i);
    struct memory memory = {bytes_of(in, at), 0};
    struct csv *csv = csv_new(memory_read, &memory);
    static struct csv_row row;
    assert_int_equal(csv_next(csv, &row), 1);
    assert_int_equal(row.code, CODE_ROW_QUOTES);
    for (size_t i = 1; i <= lines; i++) {
        assert_int_equal(csv_next(csv, &row), 1);
        assert_int_equal(row.code, CODE_OK);
        assert_int_equal(strtoul((const char *)row.cells[0].text.data, NULL, 10), i);
        assert_int_equal(row.line, i + 1);
    }
    assert_int_equal(csv_next(csv, &row), 0);
    csv_free(csv);
    free(in);
}

static void too_many_cells_are_counted(void **state) {
    (void)state;
    char in[1000];
    memset(in, ',', sizeof in);
    in[0] = 'x';
    struct memory memory = {bytes_of(in, sizeof in), 0};
    struct csv *csv = csv_new(memory_read, &memory);
    static struct csv_row row;
    assert_int_equal(csv_next(csv, &row), 1);
    assert_int_equal(row.cell_count, 1000);
    csv_free(csv);
}

/* Written and read again, a cell is the same; the signs of damage become one that every reader knows. */
static void cells_are_written(void **state) {
    (void)state;
    static const struct { const char *text, *out; } cells[] = {
        {"plain", "plain"}, {"", ""}, {"a,b", "\"a,b\""}, {"a\"b", "\"a\"\"b\""}, {"a\r\nb", "\"a\r\nb\""}, {" a", "\" a\""}, {"中 文", "中 文"},
        {"a\xff" "b", "a\xef\xbf\xbd" "b"}};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        char out[64];
        size_t len = csv_cell_put(out, 0, bytes_text(cells[i].text));
        assert_true(len <= CSV_CELL_OUT(strlen(cells[i].text)));
        out[len] = '\0';
        assert_string_equal(out, cells[i].out);
    }
}

/* No bytes at all make the reader stop early, repeat itself or read what is not there (the sanitizers watch). */
static void any_bytes(void **state) {
    (void)state;
    static const char letters[] = "\"\",,\r\n a\xff\xe4\xb8\xad";
    uint64_t random = 1;
    static struct csv_row row;
    for (int round = 0; round < 20000; round++) {
        char in[48];
        size_t len = 0;
        while (len < sizeof in) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            in[len++] = letters[(random >> 33) % (sizeof letters)];
            if ((random >> 60) == 0) break;
        }
        struct memory memory = {bytes_of(in, len), (size_t)round % 4};
        struct csv *csv = csv_new(memory_read, &memory);
        size_t rows = 0;
        while (csv_next(csv, &row) == 1) assert_true(++rows <= len + 1);
        csv_free(csv);
    }
}

/* A file of refused rows is opened in a spreadsheet, which must calculate nothing; and loaded again, which must give what was there. */
static void cells_are_shown(void **state) {
    (void)state;
    static const struct { const char *text, *out; } cells[] = {
        {"=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"}, {"@SUM(1,2)", "\"'@SUM(1,2)\""}, {"+86 21", "'+86 21"}, {"-", "'-"}, {" =1", "\"' =1\""},
        {"'=1", "''=1"}, {"''", "''"}, {"'a", "'a"}, {"a=1", "a=1"}, {"", ""}, {"\r=1", "\"'\r=1\""}, {"\t=1", "'\t=1"}, {"＝1", "'＝1"}, {"=\"a\"", "\"'=\"\"a\"\"\""}};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        char out[64];
        size_t len = csv_cell_show(out, 0, bytes_text(cells[i].text));
        assert_true(len <= CSV_CELL_OUT(strlen(cells[i].text)));
        out[len] = '\0';
        assert_string_equal(out, cells[i].out);
        static struct csv_row row;
        struct memory memory = {bytes_of(out, len), 0};
        struct csv *csv = csv_new(memory_read, &memory);
        assert_int_equal(csv_next(csv, &row), len > 0);
        if (len > 0) assert_true(bytes_equal(csv_cell_shown(row.cells[0].text), bytes_text(cells[i].text)));
        csv_free(csv);
    }
}

/* What could give orders to a terminal or turn the direction of writing is not written into such a file; and a row with it is still not taken. */
static void what_moves_a_terminal_is_not_written(void **state) {
    (void)state;
    static const struct { const char *text, *out; } cells[] = {
        {"a\x1b[31mb", "a\xef\xbf\xbd[31mb"}, {"\x07", "\xef\xbf\xbd"}, {"甲\xe2\x80\xae公司", "甲\xef\xbf\xbd公司"}, {"\xc2\x9b" "x", "\xef\xbf\xbdx"}, {"\x7f", "\xef\xbf\xbd"},
        {"\xef\xbb\xbfx", "\xef\xbf\xbdx"}, {"a\nb", "\"a\nb\""}, {"a\tb", "a\tb"}, {"=\x1b", "'=\xef\xbf\xbd"}, {"张三𠮷", "张三𠮷"}, {"\xe2\x80", "\xef\xbf\xbd\xef\xbf\xbd"}};
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        char out[64];
        const size_t len = csv_cell_show(out, 0, bytes_text(cells[i].text));
        assert_true(len <= CSV_CELL_OUT(strlen(cells[i].text)));
        out[len] = '\0';
        assert_string_equal(out, cells[i].out);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_come_out_as_utf8), cmocka_unit_test(wide_texts), cmocka_unit_test(long_texts), cmocka_unit_test(kinds_of_files), cmocka_unit_test(other_separators), cmocka_unit_test(files_are_read),
        cmocka_unit_test(bytes_that_are_no_text_refuse_their_row), cmocka_unit_test(long_rows), cmocka_unit_test(one_quote_costs_one_row),
        cmocka_unit_test(too_many_cells_are_counted), cmocka_unit_test(cells_are_written), cmocka_unit_test(cells_are_shown), cmocka_unit_test(what_moves_a_terminal_is_not_written), cmocka_unit_test(any_bytes),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
