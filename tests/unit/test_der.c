/* DER: what the cursor takes and refuses, by hand-made bytes; what the writer makes reads the same again. */
#include "tests/lib/seal.h"

static struct bytes unhex(const char *hex) {
    static uint8_t bytes[512];
    const size_t len = strlen(hex) / 2;
    assert_true(hex_decode(bytes, len, hex, 2 * len));
    return bytes_of(bytes, len);
}

/* One element and nothing else. */
static bool element(const char *hex) {
    struct der der = der_over(unhex(hex));
    struct bytes content, whole;
    uint8_t tag;
    return der_any(&der, &tag, &content, &whole) && der_done(&der);
}

static void lengths_and_tags(void **state) {
    (void)state;
    assert_true(element("0400"));
    assert_true(element("040141"));
    assert_true(element("3000"));
    assert_false(element(""));
    assert_false(element("04"));
    assert_false(element("0401"));       /* less than promised */
    assert_false(element("04014141"));   /* more */
    assert_false(element("048141"));     /* a longer form of 1 to 127 */
    assert_false(element("04810141"));
    assert_false(element("0480410000")); /* indefinite */
    assert_false(element("0482000141"));
    assert_false(element("04830000014100"));
    assert_false(element("048400000001"));
    assert_false(element("0484ffffffff")); /* a promise of 4 GiB */
    assert_false(element("048500000000ff"));
    assert_false(element("04ff"));
    assert_false(element("0000"));
    assert_false(element("1f8100")); /* tags of several bytes */
    assert_false(element("bf2000"));
    /* promises of one byte more than there are: refused at once, not only when somebody asks whether all is read */
    static const char *const short_of_one[] = {"0401", "040241", "30020101ff", "0481"};
    struct bytes content;
    uint8_t tag;
    for (size_t i = 0; i < sizeof short_of_one / sizeof *short_of_one; i++) {
        struct der cut = der_over(unhex(short_of_one[i]));
        const bool taken = der_any(&cut, &tag, &content, NULL);
        assert_int_equal(taken, i == 2); /* which holds what it promises, and a byte besides */
    }
    /* 128 and 256 bytes have one form each */
    static uint8_t buffer[300];
    static const struct { uint8_t head[5]; size_t head_len, len; bool reads; } forms[] = {
        {{0x04, 0x81, 0x80}, 3, 128, true}, {{0x04, 0x82, 0x00, 0x80}, 4, 128, false}, {{0x04, 0x82, 0x01, 0x00}, 4, 256, true},
        {{0x04, 0x83, 0x00, 0x01, 0x00}, 5, 256, false}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        memcpy(buffer, forms[i].head, forms[i].head_len);
        struct der form = der_over(bytes_of(buffer, forms[i].head_len + forms[i].len));
        assert_int_equal(der_any(&form, &tag, &content, NULL), forms[i].reads);
    }
    struct der der = der_over((struct bytes){NULL, 0});
    assert_true(der_done(&der));
    assert_int_equal(der_peek(&der), 0);
}

static void a_failure_stays(void **state) {
    (void)state;
    struct der der = der_over(unhex("0401410500")), inside;
    struct bytes content;
    uint32_t number;
    uint8_t tag;
    assert_false(der_uint(&der, &number));
    assert_false(der_take(&der, DER_OCTET_STRING, &content, NULL)); /* though it is there */
    assert_false(der_any(&der, &tag, &content, NULL));
    assert_false(der_enter(&der, DER_SEQUENCE, &inside, NULL));
    assert_false(der_done(&inside));
    assert_false(der_done(&der));
    assert_int_equal(der_peek(&der), 0);
}

static bool uint_is(const char *hex, uint32_t want) {
    struct der der = der_over(unhex(hex));
    uint32_t have;
    return der_uint(&der, &have) && der_done(&der) && have == want;
}
static bool uint_reads(const char *hex) {
    struct der der = der_over(unhex(hex));
    uint32_t have;
    return der_uint(&der, &have);
}

static void integers(void **state) {
    (void)state;
    assert_true(uint_is("020100", 0));
    assert_true(uint_is("02017f", 127));
    assert_true(uint_is("02020080", 128));
    assert_true(uint_is("020500ffffffff", UINT32_MAX));
    assert_false(uint_reads("0200"));
    assert_false(uint_reads("020180"));         /* negative */
    assert_false(uint_reads("02020001"));       /* a shorter form exists */
    assert_false(uint_reads("02050100000000")); /* more than 32 bits */
    assert_false(uint_reads("0206000000000001"));
    assert_false(uint_reads("0a0101"));
}

static void booleans_and_bits(void **state) {
    (void)state;
    static const struct { const char *hex; bool reads, value; } cases[] = {
        {"0101ff", true, true}, {"010100", true, false}, {"010101", false, false}, {"0100", false, false}, {"0102ffff", false, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct der der = der_over(unhex(cases[i].hex));
        bool value = !cases[i].value;
        assert_int_equal(der_bool(&der, &value), cases[i].reads);
        if (cases[i].reads) assert_int_equal(value, cases[i].value);
    }
    struct bytes value;
    struct der der = der_over(unhex("03030041420301000301ff0300"));
    assert_true(der_bits(&der, &value));
    assert_view(value, "AB");
    assert_true(der_bits(&der, &value));
    assert_int_equal(value.len, 0);
    assert_false(der_bits(&der, &value)); /* unused bits: nothing here is a list of flags */
    der = der_over(unhex("0300"));
    assert_false(der_bits(&der, &value));
}

static void object_identifiers(void **state) {
    (void)state;
    static const struct { const char *hex, *text; } good[] = {
        {"06082a811ccf55018375", "1.2.156.10197.1.501"}, {"060100", "0.0"}, {"060127", "0.39"}, {"060128", "1.0"}, {"06014f", "1.39"}, {"060150", "2.0"},
        {"0603883703", "2.999.3"}, {"060a2a811ccf550601040202", "1.2.156.10197.6.1.4.2.2"}, {"06062a8fffffff7f", "1.2.4294967295"}};
    char text[64];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct der der = der_over(unhex(good[i].hex));
        struct bytes oid, whole;
        assert_true(der_oid(&der, &oid, &whole));
        assert_true(der_done(&der));
        assert_true(der_oid_text(text, sizeof text, oid));
        assert_string_equal(text, good[i].text);
        assert_true(der_oid_is(oid, good[i].text));
        assert_false(der_oid_is(oid, "1.2.3"));
        assert_false(der_oid_text(text, strlen(good[i].text), oid)); /* no room for the NUL */
        uint8_t buffer[32];
        struct der_out out = der_write(buffer, sizeof buffer);
        der_put_oid(&out, good[i].text);
        assert_true(bytes_equal(bytes_of(buffer, out.len), whole));
    }
    static const char *const bad[] = {"0600", "060180", "06028001", "06022a80", "06032a8001", "06022aff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct der der = der_over(unhex(bad[i]));
        struct bytes oid;
        assert_false(der_oid(&der, &oid, NULL));
    }
    /* an arc of more than 32 bits is an OID, but none with a text here */
    struct der der = der_over(unhex("06076983ffffffff7f"));
    struct bytes oid;
    assert_true(der_oid(&der, &oid, NULL));
    assert_false(der_oid_text(text, sizeof text, oid));
    static const char *const unwritable[] = {"", "1", "1.", "3.1", "1.40", "1.2.", "1.2..3", "1.2.03", "1.2.4294967296", "1.2.a", ".1.2", "1.2 "};
    for (size_t i = 0; i < sizeof unwritable / sizeof *unwritable; i++) {
        uint8_t buffer[32];
        struct der_out out = der_write(buffer, sizeof buffer);
        der_put_oid(&out, unwritable[i]);
        if (!out.full) fail_msg("written: %s", unwritable[i]);
    }
}

static void texts(void **state) {
    (void)state;
    static const char *const good[] = {"0c00", "0c03e8af81", "1603e8af81", "130141", "160145"};
    static const char *const bad[] = {"0c01ff", "0c02e8af", "0c02c0ae", "0c03eda080", "0c0100", "16010a", "0c017f", "0c02c285", "1e020041", "040141"};
    struct bytes text;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct der der = der_over(unhex(good[i]));
        assert_true(der_text(&der, &text));
        assert_true(der_done(&der));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct der der = der_over(unhex(bad[i]));
        if (der_text(&der, &text)) fail_msg("taken: %s", bad[i]);
    }
}

static bool time_reads(uint8_t tag, const char *text, int64_t *ms) {
    uint8_t buffer[64];
    struct der_out out = der_write(buffer, sizeof buffer);
    der_put(&out, tag, bytes_text(text));
    struct der der = der_over(bytes_of(buffer, out.len));
    return der_time(&der, ms) && der_done(&der);
}

static void times(void **state) {
    (void)state;
    static const struct { uint8_t tag; const char *text; int64_t ms; } good[] = {
        {DER_UTC_TIME, "700101000000Z", 0}, {DER_UTC_TIME, "500101000000Z", -631152000000}, {DER_UTC_TIME, "491231235959Z", 2524607999000},
        {DER_GENERALIZED_TIME, "19700101000000Z", 0}, {DER_GENERALIZED_TIME, "00010101000000Z", -62135596800000},
        {DER_GENERALIZED_TIME, "99991231235959.999Z", 253402300799999}, {DER_GENERALIZED_TIME, "20000229120000Z", 951825600000},
        {DER_GENERALIZED_TIME, "20200723130907.763Z", 1595509747763}, {DER_GENERALIZED_TIME, "20200723130907.7Z", 1595509747700},
        {DER_GENERALIZED_TIME, "20200723130907.760Z", 1595509747760}, {DER_GENERALIZED_TIME, "20200723130907.763999999Z", 1595509747763}};
    static const struct { uint8_t tag; const char *text; } bad[] = {
        {DER_UTC_TIME, "7001010000Z"}, {DER_UTC_TIME, "700101000000"}, {DER_UTC_TIME, "700101000000.5Z"}, {DER_UTC_TIME, "700101000000+0800"},
        {DER_UTC_TIME, "19700101000000Z"}, {DER_GENERALIZED_TIME, "700101000000Z"}, {DER_GENERALIZED_TIME, "20210229000000Z"},
        {DER_GENERALIZED_TIME, "19000229000000Z"}, {DER_GENERALIZED_TIME, "20210431000000Z"}, {DER_GENERALIZED_TIME, "20211301000000Z"},
        {DER_GENERALIZED_TIME, "20210001000000Z"}, {DER_GENERALIZED_TIME, "20210100000000Z"}, {DER_GENERALIZED_TIME, "20210101240000Z"},
        {DER_GENERALIZED_TIME, "20210101006000Z"}, {DER_GENERALIZED_TIME, "20210101000060Z"}, {DER_GENERALIZED_TIME, "00000101000000Z"},
        {DER_GENERALIZED_TIME, "20210101000000.Z"}, {DER_GENERALIZED_TIME, "20210101000000.0123456789Z"}, {DER_GENERALIZED_TIME, "20210101000000,5Z"},
        {DER_GENERALIZED_TIME, "20210101000000"}, {DER_GENERALIZED_TIME, "20210101000000.5"}, {DER_GENERALIZED_TIME, "20210101000000ZZ"},
        {DER_GENERALIZED_TIME, ""}, {DER_GENERALIZED_TIME, "2021010100000:Z"}, {DER_UTF8, "20210101000000Z"}};
    int64_t ms;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (!time_reads(good[i].tag, good[i].text, &ms)) fail_msg("refused: %s", good[i].text);
        if (ms != good[i].ms) fail_msg("%s: %lld, not %lld", good[i].text, (long long)ms, (long long)good[i].ms);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (time_reads(bad[i].tag, bad[i].text, &ms)) fail_msg("taken: %s", bad[i].text);
    }
}

/* Every day of ten thousand years, at another second each. */
static void times_written(void **state) {
    (void)state;
    const int64_t first = -62135596800, last = 253402300799;
    uint8_t buffer[32];
    int64_t read, days = 0;
    for (int64_t s = first; s <= last; s += 86400 + (s % 7 == 0), days++) {
        struct der_out out = der_write(buffer, sizeof buffer);
        der_put_time(&out, s * 1000 + (s & 511));
        struct der der = der_over(bytes_of(buffer, out.len));
        if (!der_time(&der, &read) || !der_done(&der) || read != s * 1000) fail_msg("second %lld", (long long)s);
    }
    assert_true(days > 3650000);
    static const int64_t beyond[] = {INT64_MIN, -62135596800001, 253402300800000, INT64_MAX};
    for (size_t i = 0; i < 4; i++) {
        struct der_out out = der_write(buffer, sizeof buffer);
        der_put_time(&out, beyond[i]);
        assert_true(out.full);
    }
}

static void written_reads_the_same(void **state) {
    (void)state;
    static uint8_t content[70000], buffer[70100];
    static const size_t sizes[] = {0, 1, 127, 128, 255, 256, 65535, 65536, 70000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct der_out out = der_write(buffer, sizeof buffer);
        const size_t outer = der_begin(&out, DER_SEQUENCE);
        der_put(&out, DER_OCTET_STRING, bytes_of(content, sizes[i]));
        der_put_uint(&out, (uint32_t)sizes[i]);
        der_put_bits(&out, bytes_text("bits"));
        der_end(&out, outer);
        assert_false(out.full);
        struct der der = der_over(bytes_of(buffer, out.len)), in;
        struct bytes octets, bits;
        uint32_t number;
        assert_true(der_enter(&der, DER_SEQUENCE, &in, NULL));
        assert_true(der_take(&in, DER_OCTET_STRING, &octets, NULL));
        assert_true(der_uint(&in, &number));
        assert_true(der_bits(&in, &bits));
        assert_true(der_done(&in));
        assert_true(der_done(&der));
        assert_true(bytes_equal(octets, bytes_of(content, sizes[i])));
        assert_int_equal(number, sizes[i]);
        assert_view(bits, "bits");
    }
    for (unsigned shift = 0; shift < 32; shift++) {
        for (int side = -1; side <= 1; side++) {
            const uint32_t value = (1u << shift) + (uint32_t)side;
            struct der_out out = der_write(buffer, sizeof buffer);
            der_put_uint(&out, value);
            struct der der = der_over(bytes_of(buffer, out.len));
            uint32_t read;
            assert_true(der_uint(&der, &read));
            assert_true(der_done(&der));
            assert_int_equal(read, value);
        }
    }
}

/* In every room that is too small: full, nothing beyond it written (the sanitizers watch), and full it stays. */
static void too_small(void **state) {
    (void)state;
    static uint8_t content[300];
    for (size_t cap = 0;; cap++) {
        uint8_t *buffer = malloc(cap + !cap);
        struct der_out out = der_write(buffer, cap);
        const size_t outer = der_begin(&out, DER_SEQUENCE), inner = der_begin(&out, DER_SET);
        der_put(&out, DER_OCTET_STRING, bytes_of(content, sizeof content));
        der_put_time(&out, 0);
        der_put_oid(&out, "1.2.156.10197.1.501");
        der_end(&out, inner);
        der_end(&out, outer);
        assert_true(out.len <= cap);
        const bool full = out.full;
        der_put_raw(&out, (struct bytes){NULL, 0});
        assert_int_equal(out.full, full);
        free(buffer);
        if (!full) {
            assert_int_equal(cap, 4 + 4 + 4 + 300 + 17 + 10);
            break;
        }
        assert_true(cap < 400);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_and_tags), cmocka_unit_test(a_failure_stays), cmocka_unit_test(integers), cmocka_unit_test(booleans_and_bits),
        cmocka_unit_test(object_identifiers), cmocka_unit_test(texts), cmocka_unit_test(times), cmocka_unit_test(times_written),
        cmocka_unit_test(written_reads_the_same), cmocka_unit_test(too_small)};
    return cmocka_run_group_tests_name("der", tests, NULL, NULL);
}
