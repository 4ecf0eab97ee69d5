/* CBOR: every way in which bytes can be wrong, and the one way in which they are right. */
#include <cbor.h> /* before ours, which renames two of its functions */

#include "tests/lib/wire.h"

static uint8_t raw[512];

static struct bytes hex(const char *text) {
    size_t len = strlen(text) / 2;
    assert_true(len <= sizeof raw);
    assert_true(hex_decode(raw, len, text, 2 * len));
    return bytes_of(raw, len);
}

/* RFC 8949 Appendix A and 4.2.1: what wire_check says of one whole item. */
static void check_table(void **state) {
    (void)state;
    static const struct {
        const char *hex;
        enum code want;
    } cases[] = {
        {"00", CODE_OK}, {"17", CODE_OK}, {"1818", CODE_OK}, {"190100", CODE_OK}, {"1a00010000", CODE_OK}, {"1b0000000100000000", CODE_OK},
        {"1bffffffffffffffff", CODE_OK}, {"20", CODE_OK}, {"3bffffffffffffffff", CODE_OK}, {"40", CODE_OK}, {"4401020304", CODE_OK},
        {"60", CODE_OK}, {"62c3bc", CODE_OK}, {"63e6b0b4", CODE_OK}, {"64f0908591", CODE_OK}, {"80", CODE_OK}, {"83010203", CODE_OK},
        {"a0", CODE_OK}, {"a201020304", CODE_OK}, {"a2616101616202", CODE_OK}, {"f4", CODE_OK}, {"f5", CODE_OK}, {"f6", CODE_OK},
        {"d280", CODE_OK},
        /* A1: promises of memory */
        {"9affffffff", CODE_CBOR_TRUNCATED}, {"9a0fffffff", CODE_CBOR_TRUNCATED}, {"9b0203366bfffbde1856bfffff", CODE_CBOR_TRUNCATED},
        {"5a7fffffff", CODE_CBOR_TRUNCATED}, {"7bffffffffffffffff", CODE_CBOR_TRUNCATED}, {"bbffffffffffffffff", CODE_CBOR_TRUNCATED},
        {"bb8000000000000000", CODE_CBOR_TRUNCATED},
        /* A3: keys repeated or out of order */
        {"a201020103", CODE_CBOR_KEY_ORDER}, {"a203040102", CODE_CBOR_KEY_ORDER}, {"a2616201616102", CODE_CBOR_KEY_ORDER},
        {"a220000100", CODE_CBOR_KEY_ORDER}, {"a21818000100", CODE_CBOR_KEY_ORDER}, {"a26161006000", CODE_CBOR_KEY_ORDER},
        {"81a201020103", CODE_CBOR_KEY_ORDER},
        /* A4: other forms of the same */
        {"1805", CODE_CBOR_NOT_SHORTEST}, {"1817", CODE_CBOR_NOT_SHORTEST}, {"190005", CODE_CBOR_NOT_SHORTEST},
        {"1900ff", CODE_CBOR_NOT_SHORTEST}, {"1a0000ffff", CODE_CBOR_NOT_SHORTEST}, {"1b00000000ffffffff", CODE_CBOR_NOT_SHORTEST},
        {"3805", CODE_CBOR_NOT_SHORTEST}, {"580141", CODE_CBOR_NOT_SHORTEST}, {"780141", CODE_CBOR_NOT_SHORTEST},
        {"980101", CODE_CBOR_NOT_SHORTEST}, {"b8010001", CODE_CBOR_NOT_SHORTEST}, {"d81280", CODE_CBOR_NOT_SHORTEST},
        {"9f01ff", CODE_CBOR_INDEFINITE}, {"bfff", CODE_CBOR_INDEFINITE}, {"5f4101ff", CODE_CBOR_INDEFINITE},
        {"7f6161ff", CODE_CBOR_INDEFINITE}, {"ff", CODE_CBOR_INDEFINITE}, {"81ff", CODE_CBOR_INDEFINITE},
        {"f93c00", CODE_CBOR_FLOAT}, {"fa3f800000", CODE_CBOR_FLOAT}, {"fb7ff8000000000000", CODE_CBOR_FLOAT}, {"f97e00", CODE_CBOR_FLOAT},
        {"f7", CODE_CBOR_FLOAT}, {"e0", CODE_CBOR_FLOAT}, {"f820", CODE_CBOR_FLOAT}, {"f814", CODE_CBOR_FLOAT}, {"fc", CODE_CBOR_FLOAT},
        {"1c", CODE_CBOR_TYPE}, {"1f", CODE_CBOR_TYPE}, {"3f", CODE_CBOR_TYPE}, {"df", CODE_CBOR_TYPE}, {"5d", CODE_CBOR_TYPE},
        {"c100", CODE_CBOR_TAG}, {"c249010000000000000000", CODE_CBOR_TAG}, {"d9d9f700", CODE_CBOR_TAG}, {"d8124100", CODE_CBOR_NOT_SHORTEST},
        /* A5, and the end */
        {"0000", CODE_CBOR_TRAILING}, {"a000", CODE_CBOR_TRAILING}, {"", CODE_CBOR_TRUNCATED}, {"18", CODE_CBOR_TRUNCATED},
        {"1900", CODE_CBOR_TRUNCATED}, {"1b00000000", CODE_CBOR_TRUNCATED}, {"4101ff", CODE_CBOR_TRAILING}, {"42ff", CODE_CBOR_TRUNCATED},
        {"8201", CODE_CBOR_TRUNCATED}, {"a101", CODE_CBOR_TRUNCATED}, {"d2", CODE_CBOR_TRUNCATED},
        /* A6 */
        {"62c0ae", CODE_TEXT_INVALID}, {"6100", CODE_TEXT_INVALID}, {"61ff", CODE_TEXT_INVALID}, {"8161ff", CODE_TEXT_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum code have = wire_check(hex(cases[i].hex)).code;
        if (have != cases[i].want) fail_msg("%s: %s, not %s", cases[i].hex, code_name(have), code_name(cases[i].want));
    }
}

static void text_table(void **state) {
    (void)state;
    static const struct {
        const char *hex;
        bool good;
    } cases[] = {
        {"", true}, {"20", true}, {"7e", true}, {"c2a0", true}, {"dfbf", true}, {"e0a080", true}, {"ed9fbf", true}, {"ee8080", true},
        {"efbfbd", true}, {"f0908080", true}, {"f48fbfbd", true}, {"e998bfe9878c", true}, {"d89b", true}, {"e2808b", true},
        {"09", false}, {"0a", false}, {"0d", false}, {"1f", false}, {"7f", false}, {"c280", false}, {"c29f", false}, {"80", false},
        {"bf", false}, {"c0ae", false}, {"c1bf", false}, {"c2", false}, {"c241", false}, {"e08080", false}, {"e09fbf", false},
        {"e282", false}, {"e28241", false}, {"eda080", false}, {"edbfbf", false}, {"f08080", false}, {"f0808080", false},
        {"f08fbfbf", false}, {"f4908080", false}, {"f5808080", false}, {"f8888080", false}, {"fe", false}, {"ff", false},
        {"d89c", false},     /* U+061C */
        {"e2808e", false}, {"e2808f", false}, {"e280a8", false}, {"e280a9", false}, {"e280aa", false}, {"e280ae", false},
        {"e281a6", false}, {"e281a9", false}, {"efbbbf", false}, {"efb790", false}, {"efb7af", false}, {"efbfbe", false},
        {"efbfbf", false}, {"f09fbfbe", false}, {"f48fbfbf", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if ((text_check(hex(cases[i].hex)) == CODE_OK) != cases[i].good) fail_msg("text %s", cases[i].hex);
    /* All code points, encoded by the plain rule: refused ones are exactly the listed ones. */
    unsigned refused = 0;
    for (uint32_t c = 0x80; c < 0x110000; c++) {
        uint8_t b[4];
        size_t len = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        for (size_t k = len; k-- > 0;) b[k] = (uint8_t)(0x80 | ((c >> (6 * (len - 1 - k))) & 0x3f));
        b[0] = (uint8_t)((0xf00u >> len & 0xff & ~(0x80u >> len)) | (c >> (6 * (len - 1))));
        refused += text_check(bytes_of(b, len)) != CODE_OK;
    }
    /* 32 C1, 2048 surrogates, 061C 200E 200F, 2028-202E, 2066-2069, FEFF, 32 + 34 noncharacters */
    assert_int_equal(refused, 32 + 2048 + 3 + 7 + 4 + 1 + 32 + 34);
}

/* A2: stacks of arrays, tags and maps are refused at our depth; 12 levels are taken, 13 are not. */
static void nesting(void **state) {
    (void)state;
    static uint8_t deep[100001];
    static const uint8_t heads[] = {0x81, 0xd2, 0xa1, 0xc1, 0x9f};
    static const enum code want[] = {CODE_CBOR_DEPTH, CODE_CBOR_DEPTH, CODE_CBOR_DEPTH, CODE_CBOR_TAG, CODE_CBOR_INDEFINITE};
    for (size_t i = 0; i < sizeof heads; i++) {
        memset(deep, heads[i], sizeof deep);
        assert_int_equal(wire_check(bytes_of(deep, sizeof deep)).code, want[i]);
    }
    memset(deep, 0x81, sizeof deep);
    deep[WIRE_DEPTH_MAX - 1] = 0;
    assert_int_equal(wire_check(bytes_of(deep, WIRE_DEPTH_MAX)).code, CODE_OK);
    deep[WIRE_DEPTH_MAX - 1] = 0x81;
    deep[WIRE_DEPTH_MAX] = 0;
    assert_int_equal(wire_check(bytes_of(deep, WIRE_DEPTH_MAX + 1)).code, CODE_CBOR_DEPTH);
}

static void numbers(void **state) {
    (void)state;
    static const struct {
        const char *hex;
        int64_t min, max, value;
        enum code want;
    } cases[] = {
        {"00", 0, 10, 0, CODE_OK}, {"0a", 0, 10, 10, CODE_OK}, {"0b", 0, 10, 0, CODE_CBOR_RANGE}, {"20", -1, 0, -1, CODE_OK},
        {"21", -1, 0, 0, CODE_CBOR_RANGE}, {"1b7fffffffffffffff", 0, INT64_MAX, INT64_MAX, CODE_OK},
        {"1b8000000000000000", INT64_MIN, INT64_MAX, 0, CODE_CBOR_RANGE}, {"3b7fffffffffffffff", INT64_MIN, 0, INT64_MIN, CODE_OK},
        {"3b8000000000000000", INT64_MIN, INT64_MAX, 0, CODE_CBOR_RANGE}, {"3bffffffffffffffff", INT64_MIN, INT64_MAX, 0, CODE_CBOR_RANGE},
        {"f6", 0, 10, 0, CODE_FIELD_MISSING}, {"60", 0, 10, 0, CODE_CBOR_TYPE}, {"40", 0, 10, 0, CODE_CBOR_TYPE},
        {"c101", 0, 10, 0, CODE_CBOR_TAG}, {"f4", 0, 10, 0, CODE_CBOR_TYPE}, {"", 0, 10, 0, CODE_CBOR_TRUNCATED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wire_in in = wire_read(hex(cases[i].hex));
        int64_t value = wire_get_int(&in, cases[i].min, cases[i].max);
        struct refusal refusal = wire_done(&in);
        if (refusal.code != cases[i].want || value != cases[i].value) fail_msg("%s: %s", cases[i].hex, code_name(refusal.code));
    }
    struct wire_in in = wire_read(hex("1bffffffffffffffff"));
    assert_true(wire_get_uint(&in, 0, UINT64_MAX) == UINT64_MAX);
    in = wire_read(hex("20"));
    assert_true(wire_get_uint(&in, 0, UINT64_MAX) == 0);
    assert_int_equal(in.why, CODE_CBOR_TYPE);
}

/* The first fault stays, with its name; everything read after it is empty. */
static void sticky(void **state) {
    (void)state;
    struct wire_in in = wire_read(hex("8501f60203820102"));
    wire_field(&in, "list");
    assert_int_equal(wire_get_array(&in, 5, 5), 5);
    wire_field(&in, "first");
    assert_int_equal(wire_get_uint(&in, 0, 9), 1);
    wire_field(&in, "second");
    assert_null(wire_get_fixed(&in, 32));
    wire_field(&in, "third");
    assert_int_equal(wire_get_uint(&in, 0, 9), 0);
    assert_int_equal(wire_get_text(&in, 0, 9).len, 0);
    assert_int_equal(wire_get_code(&in, 0, 9).len, 0);
    assert_int_equal(wire_get_array(&in, 0, 9), 0);
    assert_int_equal(wire_get_map(&in, 0, 9), 0);
    assert_false(wire_get_bool(&in));
    assert_false(wire_try_null(&in));
    wire_get_tag(&in, 18);
    wire_skip(&in);
    wire_get_versioned(&in, 1, 2);
    assert_int_equal(wire_peek(&in), WIRE_END);
    struct refusal refusal = wire_done(&in);
    assert_int_equal(refusal.code, CODE_FIELD_MISSING);
    assert_string_equal(refusal.field, "second");
    assert_int_equal(refusal.item, REFUSAL_NO_ITEM);
    in = wire_read((struct bytes){0});
    assert_int_equal(wire_peek(&in), WIRE_END);
    assert_int_equal(wire_done(&in).code, CODE_OK);
}

static void strings_and_counts(void **state) {
    (void)state;
    static const struct {
        const char *hex;
        char get;
        size_t min, max;
        enum code want;
    } cases[] = {
        {"4101", 'b', 1, 1, CODE_OK}, {"40", 'b', 1, 1, CODE_FIELD_MISSING}, {"420102", 'b', 1, 1, CODE_CBOR_RANGE}, {"40", 'b', 0, 1, CODE_OK},
        {"5bffffffffffffffff", 'b', 0, 64, CODE_CBOR_RANGE}, {"5bffffffffffffffff", 'b', 0, SIZE_MAX, CODE_CBOR_TRUNCATED},
        {"6161", 't', 1, 1, CODE_OK}, {"60", 't', 1, 1, CODE_FIELD_MISSING}, {"4161", 't', 0, 9, CODE_CBOR_TYPE}, {"6161", 'b', 0, 9, CODE_CBOR_TYPE},
        {"6100", 't', 0, 9, CODE_TEXT_INVALID}, {"6141", 'c', 1, 9, CODE_OK}, {"615f", 'c', 1, 9, CODE_OK}, {"6161", 'c', 1, 9, CODE_TEXT_INVALID},
        {"612d", 'c', 1, 9, CODE_TEXT_INVALID}, {"63e6b0b4", 'c', 1, 9, CODE_TEXT_INVALID}, {"6120", 'c', 1, 9, CODE_TEXT_INVALID},
        {"80", 'a', 0, 0, CODE_OK}, {"80", 'a', 1, 1, CODE_FIELD_MISSING}, {"8101", 'a', 0, 0, CODE_CBOR_RANGE}, {"9affffffff", 'a', 0, 9, CODE_CBOR_RANGE},
        {"9affffffff", 'a', 0, SIZE_MAX, CODE_CBOR_TRUNCATED}, {"a0", 'a', 0, 0, CODE_CBOR_TYPE}, {"80", 'm', 0, 0, CODE_CBOR_TYPE},
        {"bbffffffffffffffff", 'm', 0, SIZE_MAX, CODE_CBOR_TRUNCATED}, {"a101", 'm', 0, 1, CODE_CBOR_TRUNCATED}, {"f5", 'o', 0, 0, CODE_OK},
        {"f6", 'o', 0, 0, CODE_FIELD_MISSING}, {"01", 'o', 0, 0, CODE_CBOR_TYPE}, {"d2", 'g', 0, 0, CODE_OK}, {"d3", 'g', 0, 0, CODE_CBOR_TAG},
        {"80", 'g', 0, 0, CODE_CBOR_TAG}, {"8201f6", 'v', 2, 0, CODE_OK}, {"820201", 'v', 2, 0, CODE_VERSION_UNKNOWN}, {"8102", 'v', 2, 0, CODE_VERSION_UNKNOWN},
        {"8302f6f6", 'v', 2, 0, CODE_VERSION_UNKNOWN}, {"820001", 'v', 2, 0, CODE_CBOR_RANGE}, {"8101", 'v', 2, 0, CODE_FIELD_MISSING},
        {"8301f6f6", 'v', 2, 0, CODE_CBOR_RANGE}, {"80", 'v', 2, 0, CODE_FIELD_MISSING}, {"82f601", 'v', 2, 0, CODE_FIELD_MISSING},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wire_in in = wire_read(hex(cases[i].hex));
        switch (cases[i].get) {
        case 'b': wire_get_bytes(&in, cases[i].min, cases[i].max); break;
        case 't': wire_get_text(&in, cases[i].min, cases[i].max); break;
        case 'c': wire_get_code(&in, cases[i].min, cases[i].max); break;
        case 'a': wire_get_array(&in, cases[i].min, cases[i].max); break;
        case 'm': wire_get_map(&in, cases[i].min, cases[i].max); break;
        case 'o': wire_get_bool(&in); break;
        case 'g': wire_get_tag(&in, 18); break;
        default: wire_get_versioned(&in, 1, cases[i].min); break;
        }
        if (in.why != cases[i].want) fail_msg("%s as %c: %s, not %s", cases[i].hex, cases[i].get, code_name(in.why), code_name(cases[i].want));
    }
}

static void peeks(void **state) {
    (void)state;
    static const struct {
        const char *hex;
        enum wire_kind want;
    } cases[] = {{"01", WIRE_UINT}, {"20", WIRE_NINT}, {"40", WIRE_BYTES}, {"60", WIRE_TEXT}, {"80", WIRE_ARRAY}, {"a0", WIRE_MAP},
                 {"d2", WIRE_TAG}, {"f4", WIRE_FALSE}, {"f5", WIRE_TRUE}, {"f6", WIRE_NULL}, {"f7", WIRE_OTHER}, {"fb", WIRE_OTHER},
                 {"ff", WIRE_OTHER}, {"", WIRE_END}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wire_in in = wire_read(hex(cases[i].hex));
        assert_int_equal(wire_peek(&in), cases[i].want);
    }
}

/* What is written is what libcbor reads and writes, and what the reader takes; too small a buffer is said, never overrun. */
static void writing(void **state) {
    (void)state;
    static const uint64_t edges[] = {0, 23, 24, 255, 256, 65535, 65536, UINT32_MAX, UINT64_C(1) << 32, INT64_MAX};
    uint8_t buf[512];
    struct wire_out out = wire_write(buf, sizeof buf);
    wire_put_array(&out, 27);
    for (size_t i = 0; i < 10; i++) wire_put_uint(&out, edges[i]);
    for (size_t i = 0; i < 10; i++) wire_put_int(&out, -1 - (int64_t)edges[i]);
    wire_put_int(&out, INT64_MIN);
    wire_put_bytes(&out, bytes_of(fill(0), 24));
    wire_put_text(&out, bytes_text("证照"));
    wire_put_map(&out, 1);
    wire_put_uint(&out, UINT64_MAX);
    wire_put_bool(&out, false);
    wire_put_bool(&out, true);
    wire_put_null(&out);
    wire_put_raw(&out, bytes_of("\x80", 1));
    assert_false(out.full);
    assert_int_equal(wire_check(bytes_of(buf, out.len)).code, CODE_OK);
    struct cbor_load_result result;
    cbor_item_t *item = cbor_load(buf, out.len, &result);
    assert_non_null(item);
    assert_int_equal(result.read, out.len);
    unsigned char *again;
    size_t size, len = cbor_serialize_alloc(item, &again, &size);
    assert_int_equal(len, out.len);
    assert_memory_equal(again, buf, len);
    free(again);
    cbor_decref(&item);

    struct wire_in in = wire_read(bytes_of(buf, out.len));
    wire_get_array(&in, 27, 27);
    for (size_t i = 0; i < 10; i++) assert_true(wire_get_uint(&in, 0, UINT64_MAX) == edges[i]);
    for (size_t i = 0; i < 10; i++) assert_true(wire_get_int(&in, INT64_MIN, -1) == -1 - (int64_t)edges[i]);
    for (size_t cap = 0; cap < 8; cap++) {
        out = wire_write(buf, cap);
        wire_put_bytes(&out, bytes_of(fill(0), 7));
        assert_true(out.full);
        wire_put_null(&out);
        assert_true(out.len <= cap);
    }
    out = wire_write(NULL, 0);
    wire_put_tag(&out, 18);
    assert_true(out.full);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_table), cmocka_unit_test(text_table), cmocka_unit_test(nesting), cmocka_unit_test(numbers),
        cmocka_unit_test(sticky), cmocka_unit_test(strings_and_counts), cmocka_unit_test(peeks), cmocka_unit_test(writing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
