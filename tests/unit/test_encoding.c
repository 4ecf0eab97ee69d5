/* Encoding: what makers really write. Each form with the one reading that it has, and its neighbours that have none or two. */
#include "tests/lib/seal.h"

#include "crypto/seal/date.h"
#include "crypto/seal/encoding.h"
#include "crypto/seal/signed_data.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void times(void **state) {
    (void)state;
    static const struct { const char *text; bool general; int64_t ms; } good[] = {
        {"20261130051534", true, 1795986934000}, /* Beijing time, as all four of the next */
        {"20261130051534+0800", true, 1795986934000}, {"20261130051534+08:00", true, 1795986934000}, {"20261130051534+08", true, 1795986934000},
        {"261129211534Z", true, 1795986934000}, {"261130051534", true, 1795986934000}, {"261130051534", false, 1795986934000},
        {"20261129211534Z", false, 1795986934000}, {"20261129161534-0500", true, 1795986934000}, {"20261130051534.5", true, 1795986934500},
        {"20261130051534.123456789+0800", true, 1795986934123}, {"2611292115Z", false, 1795986900000}, {"202611292115Z", true, 1795986900000},
        {"700101080000", false, 0}, {"19700101080000", true, 0}, {"491231235959Z", true, 2524607999000}, {"500101000000Z", true, -631152000000},
        {"00010101080000", true, -62135596800000}, {"99991231235959.9Z", true, 253402300799900}};
    static const struct { const char *text; bool general; } bad[] = {
        {"", true}, {"Z", true}, {"201112131415", true} /* 2011-12-13 14:15 or 2020-11-12 13:14:15 */, {"201112131415Z", true}, {"2026112921Z", true},
        {"202611292115.5Z", true}, {"261129211534.5Z", true}, {"2611292115.5Z", false}, {"20261129Z", true}, {"202611292115345Z", true}, {"20261329211534", true},
        {"20261131051534", true}, {"20261130241534", true}, {"20261130056034", true}, {"20261130051560", true}, {"20261130051534+15", true},
        {"20261130051534+0860", true}, {"20261130051534+8", true}, {"20261130051534+080", true}, {"20261130051534+08:0", true}, {"20261130051534+08:000", true},
        {"20261130051534ZZ", true}, {"20261130051534Z+0800", true}, {"20261130051534z", true}, {"20261130051534 ", true}, {"20261130051534\n", true},
        {"20261130051534.", true}, {"20261130051534.Z", true}, {"20261130051534.0123456789", true}, {"20261130051534,5", true}, {"+0800", true},
        {"00000101000000", true}, {"00010101000000", true} /* the year 0 */, {"99991231235959-0100", true}, {"19491231000000Z1", true}, {"194912312359Z", true}};
    int64_t ms;
    for (size_t i = 0; i < COUNT(good); i++) {
        if (!encoding_time(&ms, bytes_text(good[i].text), good[i].general)) fail_msg("refused: %s", good[i].text);
        if (ms != good[i].ms) fail_msg("%s: %lld", good[i].text, (long long)ms);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        if (encoding_time(&ms, bytes_text(bad[i].text), bad[i].general)) fail_msg("taken: %s", bad[i].text);
}

/* Twelve digits of every day and some years: never the other of the two readings. */
static void twelve_digits(void **state) {
    (void)state;
    char text[16];
    unsigned taken = 0, left = 0;
    for (unsigned year = 1950; year < 2050; year++) {
        for (unsigned month = 1; month <= 12; month++) {
            const unsigned field[6] = {year, month, 28, 23, 59, 58};
            int64_t expected, ms;
            assert_true(date_ms(&expected, field));
            assert_true(snprintf(text, sizeof text, "%02u%02u28235958Z", year % 100, month) == 13);
            const bool read = encoding_time(&ms, bytes_text(text), true);
            if (read && ms != expected) fail_msg("%s: %lld", text, (long long)ms);
            taken += read;
            left += !read;
        }
    }
    assert_int_equal(taken, 1200); /* the 28th is no month: no other reading */
    assert_int_equal(left, 0);
}

static void bits(void **state) {
    (void)state;
    static const uint8_t three[3] = {0xAB, 0xCD, 0xFF};
    uint8_t out[4];
    uint32_t seen = 0;
    assert_true(encoding_bits(out, 3, bytes_of(three, 3), 0, &seen));
    assert_memory_equal(out, three, 3);
    assert_int_equal(seen, ENCODING_NONE);
    assert_true(encoding_bits(out, 4, bytes_of(three, 3), 5, &seen));
    assert_memory_equal(out, ((const uint8_t[]){0xAB, 0xCD, 0xE0, 0}), 4);
    assert_int_equal(seen, ENCODING_BITS);
    seen = 0;
    assert_true(encoding_bits(out, 4, bytes_of(three, 0), 0, &seen));
    assert_int_equal(seen, ENCODING_BITS);
    assert_false(encoding_bits(out, 2, bytes_of(three, 3), 0, &seen));
    assert_false(encoding_bits(out, 3, bytes_of(three, 3), 8, &seen));
    assert_false(encoding_bits(out, 3, bytes_of(three, 0), 1, &seen));
}

static bool sm2_reads(const char *hex, uint8_t unused, bool in_bits, const char *r_s, uint32_t notes) {
    uint8_t bytes[128], sig64[SIG_LEN], expected[SIG_LEN];
    uint32_t seen = 0;
    const size_t len = strlen(hex) / 2;
    assert_true(hex_decode(bytes, len, hex, 2 * len));
    const struct written_signature written = {.bytes = bytes_of(bytes, len), .unused = unused, .in_bits = in_bits};
    if (!encoding_sm2(sig64, &written, &seen)) return false;
    assert_true(hex_decode(expected, SIG_LEN, r_s, 2 * (size_t)SIG_LEN));
    assert_memory_equal(sig64, expected, SIG_LEN);
    assert_int_equal(seen, notes);
    return true;
}

#define Z31 "00000000000000000000000000000000000000000000000000000000000000"
#define ONE Z31 "01"
#define BIG "A3" Z31 /* its first bit is set, and it is below n */
#define LOW "13" Z31
#define ORDER "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123"

static void sm2_signatures(void **state) {
    (void)state;
    assert_true(sm2_reads("3006020101020101", 0, false, ONE ONE, ENCODING_NONE));
    assert_true(sm2_reads("3046022100" BIG "022100" BIG, 0, false, BIG BIG, ENCODING_NONE));
    assert_true(sm2_reads("30440220" BIG "0220" BIG, 0, false, BIG BIG, ENCODING_INTEGER));      /* not padded */
    assert_true(sm2_reads("3046022100" LOW "022100" LOW, 0, false, LOW LOW, ENCODING_INTEGER));  /* always padded */
    assert_true(sm2_reads("30440220" ONE "0220" LOW, 0, false, ONE LOW, ENCODING_INTEGER));      /* 32 bytes each */
    assert_true(sm2_reads("304502210000" Z31 "0220" LOW, 0, false, "", 0) == false);             /* r is 0 */
    assert_true(sm2_reads(BIG LOW, 0, false, BIG LOW, ENCODING_NONE));                           /* raw */
    /* trailing zero bits, and bytes, left out: as the lengths say */
    assert_true(sm2_reads("30440220" LOW "0220" LOW, 3, true, LOW LOW, ENCODING_BITS));
    assert_true(sm2_reads("30440220" LOW "022013", 0, true, LOW LOW, ENCODING_BITS));
    assert_true(sm2_reads("30440220" LOW "02201F", 2, true, LOW "1C" Z31, ENCODING_BITS));
    static const struct { const char *hex; uint8_t unused; bool in_bits; } bad[] = {
        {"", 0, true}, {"30", 0, true}, {"3000", 0, true}, {"30440220" LOW "022013", 0, false} /* an OCTET STRING loses nothing */,
        {"30440220" LOW "0220", 0, true} /* s is 0 */, {"30440220" LOW, 0, true}, {"304402", 0, true}, {"3006020101020101" "00", 0, true},
        {"300602010102010100", 0, false}, {"3005020101020101", 0, true}, {"3007020101020101", 0, true} /* a byte of nothing behind s */,
        {"308106020101020101", 0, false}, {"3047022200" "00" LOW "022100" LOW, 0, false} /* 34 bytes */,
        {"3046022101" LOW "022100" LOW, 0, false} /* more than 256 bits */, {"3046022100" ORDER "022100" LOW, 0, false}, {"3006020100020101", 0, false},
        {"3005020002020101", 0, false}, {"3006030101020101", 0, false}, {"3106020101020101", 0, false}, {ORDER LOW, 0, false}, {LOW "13", 0, true},
        {"3006020101020101", 1, true} /* the bit that is left out was all of s */};
    for (size_t i = 0; i < COUNT(bad); i++)
        if (sm2_reads(bad[i].hex, bad[i].unused, bad[i].in_bits, ONE ONE, 0)) fail_msg("taken: %s", bad[i].hex);
}

static void texts(void **state) {
    (void)state;
    static const struct { const char *text; size_t len, kept; } cases[] = {{"a\n", 2, 1}, {"a\r\n\0\0", 5, 1}, {"a", 1, 1}, {"\n", 1, 0}, {"\na", 2, 2}, {"a b\0c", 5, 5}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t seen = 0;
        const struct bytes kept = encoding_text(bytes_of(cases[i].text, cases[i].len), &seen);
        assert_int_equal(kept.len, cases[i].kept);
        assert_int_equal(seen, cases[i].kept < cases[i].len ? ENCODING_PADDING : ENCODING_NONE);
    }
}

static struct bytes unhex(const char *hex) {
    static uint8_t bytes[512];
    const size_t len = strlen(hex) / 2;
    assert_true(hex_decode(bytes, len, hex, 2 * len));
    return bytes_of(bytes, len);
}

/* What a lenient cursor takes as one element: the length of its content, or -1. */
static int element(const char *hex, uint32_t may) {
    struct lenient lenient = {.may = may};
    struct der der = der_over_lenient(unhex(hex), &lenient);
    struct bytes content;
    uint8_t tag;
    if (!der_any(&der, &tag, &content, NULL) || !der_done(&der)) return -1;
    if (lenient.seen & ~may) fail_msg("%s: noted what it may not", hex);
    return (int)content.len;
}

static void ber_lengths(void **state) {
    (void)state;
    static const struct { const char *hex; int len; } cases[] = {
        {"30800000", 0}, {"30800201010000", 3}, {"3080308000000000", 4}, {"3080020200000000", 4} /* the zeros of a number end nothing */, {"30820003020101", 3},
        {"3080", -1}, {"308000", -1}, {"30800001", -1}, {"308002010100", -1}, {"0480410000", -1}, {"30803080" "0000", -1}, {"3080000000", -1}, {"30851000000000", -1},
        {"3080" "1f810000" "0000", -1}, {"3080" "020541" "0000", -1}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        const int have = element(cases[i].hex, ENCODING_BER);
        if (have != cases[i].len) fail_msg("%s: %d", cases[i].hex, have);
        assert_int_equal(element(cases[i].hex, ENCODING_TIME | ENCODING_BITS | ENCODING_PADDING), -1); /* only who may */
    }
    /* as deep as the bound, and one more */
    char deep[8 * (DER_DEPTH_MAX + 1) + 1] = "";
    for (int depth = 1; depth <= DER_DEPTH_MAX + 1; depth++) {
        deep[0] = '\0';
        for (int i = 0; i < depth; i++) memcpy(deep + 4 * i, "3080", 5);
        for (int i = 0; i < depth; i++) memcpy(deep + 4 * depth + 4 * i, "0000", 5);
        assert_int_equal(element(deep, ENCODING_BER) >= 0, depth <= DER_DEPTH_MAX);
    }
}

static void octets_of_parts(void **state) {
    (void)state;
    static const struct { const char *hex; int len; } cases[] = {{"04024142", 2}, {"2480040241420000", 2}, {"240404024142", 2}, {"24800000", 0}, {"2400", 0},
                                                                 {"2406040141040142", -1} /* more than one */, {"2403020101", -1}, {"24052403040141", -1}, {"020101", -1}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct lenient lenient = {.may = ENCODING_BER};
        struct der der = der_over_lenient(unhex(cases[i].hex), &lenient), strict = der_over(unhex(cases[i].hex));
        struct bytes content;
        const int have = der_octets(&der, &content) && der_done(&der) ? (int)content.len : -1;
        if (have != cases[i].len) fail_msg("%s: %d", cases[i].hex, have);
        assert_int_equal(der_octets(&strict, &content) && der_done(&strict), i == 0);
    }
}

static void written_again(void **state) {
    (void)state;
    static const struct { const char *ber, *der; } cases[] = {
        {"30800000", "3000"}, {"a0803080020101000030820003020102" "0000", "a00a" "3003020101" "3003020102"}, {"020101", "020101"}, {"3003020101", "3003020101"},
        {"308000003000", NULL}, {"3080", NULL}, {"30800201", NULL}, {"a0802480040141000000" "00", NULL} /* a string made of others */, {"3003020102" "00", NULL},
        {"3004308000" "00" "0000", NULL} /* ends beyond what holds it */, {"", NULL}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t buffer[64], expected[64];
        struct der_out out = der_write(buffer, sizeof buffer);
        const bool good = der_put_again(&out, unhex(cases[i].ber));
        if (good != (cases[i].der != NULL)) fail_msg("%s: %d", cases[i].ber, good);
        if (!good) continue;
        const size_t len = strlen(cases[i].der) / 2;
        assert_true(hex_decode(expected, len, cases[i].der, 2 * len));
        assert_int_equal(out.len, len);
        assert_memory_equal(buffer, expected, len);
    }
}

static void lenient_reads(void **state) {
    (void)state;
    struct lenient all = {.may = ENCODING_BITS | ENCODING_TIME | ENCODING_PADDING};
    struct bytes value;
    uint8_t unused;
    int64_t ms;
    struct der der = der_over_lenient(unhex("0302054003020541" "0302084103010103" "0c"), &all);
    assert_true(der_bits(&der, &value)); /* the bits that do not count are 0 */
    assert_int_equal(value.data[0], 0x40);
    assert_false(der_bits(&der, &value)); /* one is not, and who reads whole bytes would take it for the value's */
    der = der_over_lenient(unhex("03020541"), &all);
    assert_true(der_bits_part(&der, &value, &unused));
    assert_int_equal(unused, 5);
    der = der_over_lenient(unhex("03020841"), &all);
    assert_false(der_bits_part(&der, &value, &unused));
    der = der_over_lenient(unhex("030101"), &all);
    assert_false(der_bits_part(&der, &value, &unused)); /* no byte for the bit to be in */
    der = der_over_lenient(unhex("1603410a00"), &all);
    assert_true(der_text(&der, &value));
    assert_view(value, "A");
    der = der_over_lenient(unhex("1603410a42"), &all);
    assert_false(der_text(&der, &value));
    der = der_over_lenient(unhex("180e3230323631313330303531353334"), &all);
    assert_true(der_time(&der, &ms));
    assert_int_equal(ms, 1795986934000);
    assert_int_equal(all.seen, ENCODING_BITS | ENCODING_PADDING | ENCODING_TIME);
}

static void names(void **state) {
    (void)state;
    static const char *const all[ENCODING_COUNT] = {"time", "bit_string", "integer", "padding", "ber"};
    for (unsigned bit = 0; bit < ENCODING_COUNT; bit++) {
        assert_string_equal(encoding_name((enum encoding_bit)bit), all[bit]);
        assert_true(encoding_en((enum encoding_bit)bit)[0] != '\0' && encoding_zh((enum encoding_bit)bit)[0] != '\0');
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(times), cmocka_unit_test(twelve_digits), cmocka_unit_test(bits), cmocka_unit_test(sm2_signatures),
                                       cmocka_unit_test(texts), cmocka_unit_test(ber_lengths), cmocka_unit_test(octets_of_parts), cmocka_unit_test(written_again),
                                       cmocka_unit_test(lenient_reads), cmocka_unit_test(names)};
    return cmocka_run_group_tests_name("encoding", tests, NULL, NULL);
}
