/* Stock: the same seed gives the same file, every row is what the answers say, the three encodings say the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <iconv.h>
#include <jansson.h>

#include "crypto/hash.h"
#include "ledger/wire/ident.h"
#include "ledger/wire/text.h"
#include "tools/import/stock.h"

#define ISSUER "11310118LCT001117W"

/* A type of its own, so that the golden hash does not hang on the catalogue. */
static struct licence_type sample_type(void) {
    struct licence_type type = {.code = bytes_text("11990000LCT0000184002"), .name = bytes_text("食品经营许可证"), .days_max = 1827, .unlimited_allowed = true};
    type.holder_kind_count = 3;
    type.holder_kinds[0] = 1, type.holder_kinds[1] = 111, type.holder_kinds[2] = 414;
    type.element_count = 4;
    type.elements[0] = (struct element){bytes_text("KZ_JYCS"), bytes_text("经营场所"), true, 0};
    type.elements[1] = (struct element){bytes_text("KZ_JYXM"), bytes_text("经营项目"), true, 0};
    type.elements[2] = (struct element){bytes_text("KZ_ZS"), bytes_text("住所"), false, 0};
    type.elements[3] = (struct element){bytes_text("ZZBS"), bytes_text("证照标识"), true, 0};
    return type;
}

struct file {
    char *csv, *answers;
    size_t csv_len, answers_len;
};
static struct file make(const struct stock_options *options) {
    struct file out = {0};
    FILE *csv = open_memstream(&out.csv, &out.csv_len), *answers = open_memstream(&out.answers, &out.answers_len);
    assert_int_equal(stock_make(options, csv, answers), 0);
    fclose(csv);
    fclose(answers);
    return out;
}
static void drop(struct file *file) {
    free(file->csv);
    free(file->answers);
}

/* One record of RFC 4180, cells NUL-ended in `cells`; moves *at behind its CRLF. */
static size_t read_record(char cells[16][512], const char **at) {
    size_t count = 0, len = 0;
    bool quoted = false;
    for (const char *p = *at;; p++) {
        assert_true(*p != '\0' && count < 16 && len < 511);
        if (quoted && p[0] == '"' && p[1] == '"') cells[count][len++] = *p++;
        else if (*p == '"') {
            if (!quoted) assert_int_equal(len, 0);
            quoted = !quoted;
        } else if (!quoted && (*p == ',' || *p == '\r')) {
            cells[count++][len] = '\0';
            len = 0;
            if (*p == ',') continue;
            assert_int_equal(p[1], '\n');
            *at = p + 2;
            return count;
        } else {
            cells[count][len++] = *p;
        }
    }
}

static void normal(char *out, const char *cell) {
    size_t len = 0;
    assert_int_equal(text_normal_code(out, 511, &len, bytes_text(cell), NULL), CODE_OK);
    out[len] = '\0';
}

/* The three forms that importing accepts. */
static bool date_of(int32_t *day, const char *cell) {
    char text[512];
    int year, month, dayofmonth, used = 0;
    normal(text, cell);
    const char *form = strchr(text, '/') ? "%d/%d/%d%n" : strchr(text, '-') ? "%4d-%2d-%2d%n" : "%4d%2d%2d%n";
    return sscanf(text, form, &year, &month, &dayofmonth, &used) == 3 && text[used] == '\0' && day_from_ymd(day, year, month, dayofmonth);
}

struct seen {
    char (*numbers)[64];
    size_t count;
};
static bool taken(const struct seen *seen, const char *number) {
    for (size_t i = 0; i < seen->count; i++)
        if (strcmp(seen->numbers[i], number) == 0) return true;
    return false;
}

/* What a careful importer finds, in columns ZZBS, ZZBH, CZZT, CZZTDM, CZZTDMLXDM, ZZBFRQ, ZZYXQQSRQ, ZZYXQJZRQ, extras. */
static const char *judge(char cells[16][512], size_t count, const struct seen *seen) {
    char number[512], code[512];
    int32_t issued, from, to = INT32_MAX;
    struct identifier identifier;
    for (size_t i = 0; i < count; i++)
        if (cells[i][0] == '\0' && i != 7) return "ROW_FIELD_EMPTY";
    normal(number, cells[1]);
    normal(code, cells[3]);
    if (strcmp(cells[4], "001") == 0 && !uscc_check(bytes_text(code))) return "USCC_INVALID";
    if (strcmp(cells[4], "111") == 0 && !citizen_id_check(bytes_text(code))) return "ROW_ID_NUMBER";
    bool unlimited = cells[7][0] == '\0' || strcmp(cells[7], "长期") == 0;
    if (!date_of(&issued, cells[5]) || !date_of(&from, cells[6]) || (!unlimited && !date_of(&to, cells[7]))) return "ROW_DATE";
    if (to < from) return "VALIDITY_ORDER";
    if (!unlimited && to - from > 1827) return "VALIDITY_RULE";
    if (identifier_parse(&identifier, bytes_text(cells[0])) != CODE_OK) return "IDENTIFIER_INVALID";
    if (identifier.rule == RULE_NONE) return "ROW_IDENTIFIER_CHECK";
    if (taken(seen, number)) return "ROW_DUPLICATE_FILE";
    return "OK";
}

/* Judges a whole file with identifiers against its answers; `kinds` counts how often each answer came. */
static void check_file(const struct file *file, size_t rows, size_t columns, unsigned *wrong) {
    static char cells[16][512];
    const char *at = file->csv, *answer = strchr(file->answers, '\n') + 1;
    struct seen seen = {calloc(rows + 1, 64), 0};
    assert_int_equal(read_record(cells, &at), columns);
    assert_string_equal(cells[0], "ZZBS");
    assert_string_equal(cells[7], "ZZYXQJZRQ");
    for (size_t row = 1; row <= rows; row++) {
        char want[64], got[64], number[512];
        assert_int_equal(read_record(cells, &at), columns);
        const char *found = judge(cells, columns, &seen);
        snprintf(got, sizeof got, "%zu,%s", row, found);
        size_t len = strcspn(answer, "\n");
        snprintf(want, sizeof want, "%.*s", (int)len, answer);
        assert_string_equal(got, want);
        answer += len + 1;
        *wrong += strcmp(found, "OK") != 0;
        if (strcmp(found, "OK") != 0) continue;
        normal(number, cells[1]);
        assert_true(strlen(number) < 64);
        strcpy(seen.numbers[seen.count++], number);
    }
    assert_int_equal(*at, '\0');
    assert_int_equal(*answer, '\0');
    free(seen.numbers);
}

static void test_clean(void **state) {
    (void)state;
    struct licence_type type = sample_type();
    struct file file = make(&(struct stock_options){&type, ISSUER, 1000, 7, 0, STOCK_TODAY, STOCK_UTF8});
    unsigned wrong = 0;
    check_file(&file, 1000, 10, &wrong);
    assert_int_equal(wrong, 0);
    assert_non_null(strstr(file.csv, ",\r\n见附页\"")); /* a line end inside quotes */
    assert_non_null(strstr(file.csv, "\"\"老店\"\""));
    assert_non_null(strstr(file.csv, ",分部\""));
    drop(&file);
}

static void test_dirty(void **state) {
    (void)state;
    static const char *const ALL[] = {"ROW_ID_NUMBER", "USCC_INVALID", "ROW_IDENTIFIER_CHECK", "ROW_DATE", "VALIDITY_ORDER", "ROW_FIELD_EMPTY", "ROW_DUPLICATE_FILE"};
    struct licence_type type = sample_type();
    for (uint64_t seed = 0; seed < 8; seed++) {
        struct file file = make(&(struct stock_options){&type, ISSUER, 1000, seed, 60, STOCK_TODAY, STOCK_UTF8});
        unsigned wrong = 0;
        check_file(&file, 1000, 10, &wrong);
        assert_in_range(wrong, 200, 450);
        for (size_t i = 0; i < sizeof ALL / sizeof *ALL; i++) assert_non_null(strstr(file.answers, ALL[i]));
        assert_non_null(strstr(file.csv, "长期"));
        assert_non_null(strstr(file.csv, "ＳＬ"));
        drop(&file);
    }
    /* all rows odd from the first on, where there is nothing yet to repeat */
    struct file file = make(&(struct stock_options){&type, ISSUER, 500, 3, 100, STOCK_TODAY, STOCK_UTF8});
    unsigned wrong = 0;
    check_file(&file, 500, 10, &wrong);
    drop(&file);
}

static void test_same_bytes(void **state) {
    (void)state;
    struct licence_type type = sample_type();
    struct stock_options options = {&type, ISSUER, 200, 1, 30, STOCK_TODAY, STOCK_UTF8};
    struct file one = make(&options), two = make(&options);
    assert_string_equal(one.csv, two.csv);
    assert_string_equal(one.answers, two.answers);
    uint8_t hash[32];
    char hex[65];
    sha256(hash, one.csv, one.csv_len);
    hex_encode(hex, hash, 32);
    assert_string_equal(hex, "81a4123455dc2635a9ee64709cbfa3e6beeec55b29f99f58cbd5da3c9d14f874"); /* on any machine, compiler and locale */
    options.seed = 2;
    struct file three = make(&options);
    assert_string_not_equal(one.csv, three.csv);
    drop(&one);
    drop(&two);
    drop(&three);
}

static void test_encodings(void **state) {
    (void)state;
    struct licence_type type = sample_type();
    struct stock_options options = {&type, NULL, 400, 5, 40, STOCK_TODAY, STOCK_UTF8};
    struct file plain = make(&options);
    options.encoding = STOCK_UTF8_BOM;
    struct file bom = make(&options);
    options.encoding = STOCK_GB18030;
    struct file gb = make(&options);
    assert_memory_equal(plain.csv, "ZZBH,", 5); /* no identifiers: no column for them */
    assert_int_equal(bom.csv_len, plain.csv_len + 3);
    assert_memory_equal(bom.csv, "\xef\xbb\xbf", 3);
    assert_memory_equal(bom.csv + 3, plain.csv, plain.csv_len);
    assert_null(strstr(plain.answers, "IDENTIFIER"));
    assert_string_equal(plain.answers, gb.answers);
    iconv_t back = iconv_open("UTF-8", "GB18030");
    size_t room = plain.csv_len + 64, in_len = gb.csv_len;
    char *utf8 = calloc(1, room), *in = gb.csv, *out = utf8;
    assert_int_equal(iconv(back, &in, &in_len, &out, &room), 0);
    iconv_close(back);
    assert_string_equal(utf8, plain.csv);
    free(utf8);
    drop(&plain);
    drop(&bom);
    drop(&gb);
}

static void test_options(void **state) {
    (void)state;
    struct licence_type type = sample_type();
    enum stock_encoding encoding;
    assert_true(stock_encoding_from_name(&encoding, "gb18030"));
    assert_int_equal(encoding, STOCK_GB18030);
    assert_false(stock_encoding_from_name(&encoding, "big5"));
    FILE *null = fopen("/dev/null", "w");
    assert_int_equal(stock_make(&(struct stock_options){&type, ISSUER, 1, 1, 101, STOCK_TODAY, STOCK_UTF8}, null, NULL), -1);
    assert_int_equal(stock_make(&(struct stock_options){&type, "no issuer", 1, 1, 0, STOCK_TODAY, STOCK_UTF8}, null, NULL), -1);
    assert_int_equal(stock_make(&(struct stock_options){&type, ISSUER, 0, 1, 0, STOCK_TODAY, STOCK_UTF8}, null, NULL), 0);
    fclose(null);
    FILE *full = fopen("/dev/full", "w"); /* a write that fails is told, not lost */
    if (full) {
        assert_int_equal(stock_make(&(struct stock_options){&type, ISSUER, 1000, 1, 0, STOCK_TODAY, STOCK_UTF8}, full, NULL), -1);
        fclose(full);
    }
}

static void test_catalogue(void **state) {
    (void)state;
    json_t *types = json_load_file("genesis/types.json", 0, NULL);
    if (!types) {
        print_message("skip: not run from the source folder\n");
        skip();
    }
    assert_int_equal(json_array_size(types), 10);
    for (size_t i = 0; i < 10; i++) {
        struct licence_type type;
        assert_true(stock_type_from_json(&type, json_array_get(types, i)));
        struct file file = make(&(struct stock_options){&type, ISSUER, 300, i, 50, STOCK_TODAY, STOCK_UTF8});
        static char cells[16][512];
        const char *at = file.csv;
        size_t columns = read_record(cells, &at);
        if (i == 0) assert_int_equal(columns, 8); /* nothing mandatory beyond the identifier */
        else assert_true(columns > 8 && strncmp(cells[8], "KZ_", 3) == 0);
        for (size_t row = 0; row < 300; row++) assert_int_equal(read_record(cells, &at), columns);
        assert_int_equal(*at, '\0');
        drop(&file);
    }
    json_decref(types);
}

int main(void) {
    if (!hash_setup()) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean),     cmocka_unit_test(test_dirty),   cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_encodings), cmocka_unit_test(test_options), cmocka_unit_test(test_catalogue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
