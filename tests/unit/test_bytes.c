/* Bytes: encodings have one spelling each, and helpers keep to their bounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/bytes.h"

static void big_endian(void **state) {
    (void)state;
    uint8_t p[8];
    be64_put(p, 0x0102030405060708u);
    assert_memory_equal(p, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
    assert_true(be64_get(p) == 0x0102030405060708u);
    be32_put(p, 0xfffefdfcu);
    assert_true(be32_get(p) == 0xfffefdfcu);
    be16_put(p, 0x8001);
    assert_int_equal(be16_get(p), 0x8001);
    memset(p, 0xff, sizeof p);
    assert_true(be64_get(p) == UINT64_MAX);
}

static void hex(void **state) {
    (void)state;
    char text[9];
    uint8_t out[4] = {0};
    hex_encode(text, (const uint8_t *)"\x00\xff\x1a\x09", 4);
    assert_string_equal(text, "00ff1a09");
    assert_true(hex_decode(out, 4, "00fF1A09", 8));
    assert_memory_equal(out, "\x00\xff\x1a\x09", 4);
    assert_true(hex_decode(out, 0, "", 0));
    assert_false(hex_decode(out, 4, "00ff1a0", 7));
    assert_false(hex_decode(out, 4, "00ff1a0900", 10));
    assert_false(hex_decode(out, 3, "00ff1a0", 7)); /* odd: not three bytes and a bit */
    assert_false(hex_decode(out, 4, "00ff1a0g", 8));
    assert_false(hex_decode(out, 4, "0x001a09", 8));
    assert_false(hex_decode(out, 4, " 0ff1a09", 8));
}

static void base64_standard(void **state) {
    (void)state;
    /* RFC 4648 section 10 */
    static const char *const cases[][2] = {{"", ""},           {"f", "Zg=="},         {"fo", "Zm8="},        {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[16];
        base64_encode(text, (const uint8_t *)cases[i][0], strlen(cases[i][0]));
        assert_string_equal(text, cases[i][1]);
    }
    char text[8];
    base64_encode(text, (const uint8_t *)"\xfb\xff\xfe", 3);
    assert_string_equal(text, "+//+");
}

static void base64url_round_trip(void **state) {
    (void)state;
    uint8_t in[70], out[70];
    char text[BASE64URL_LEN(70) + 1];
    for (size_t i = 0; i < sizeof in; i++) in[i] = (uint8_t)(i * 37 + 251);
    for (size_t len = 0; len <= sizeof in; len++) {
        size_t out_len = 999;
        base64url_encode(text, in, len);
        assert_int_equal(strlen(text), BASE64URL_LEN(len));
        assert_true(base64url_decode(out, len, &out_len, text, strlen(text)));
        assert_int_equal(out_len, len);
        assert_memory_equal(out, in, len);
        if (len > 0) assert_false(base64url_decode(out, len - 1, &out_len, text, strlen(text)));
    }
    base64url_encode(text, (const uint8_t *)"\xfb\xff\xfe", 3);
    assert_string_equal(text, "-__-");
}

static void base64url_is_strict(void **state) {
    (void)state;
    static const char *const refused[] = {"Zg==", "Zm8=", "Z", "Zm9vY", "Zh", "Zm9", "Zm9v\n", "Z m8", "+//+", "Zm8.", "Zg\xff\xff"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        uint8_t out[16];
        size_t len;
        assert_false(base64url_decode(out, sizeof out, &len, refused[i], strlen(refused[i])));
    }
    /* Of the 64 second digits after Z only those whose four unused bits are zero. */
    unsigned accepted = 0;
    for (const char *c = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"; *c; c++) {
        const char text[2] = {'Z', *c};
        uint8_t out[1];
        size_t len;
        accepted += base64url_decode(out, 1, &len, text, 2);
    }
    assert_int_equal(accepted, 4); /* A, Q, g, w */
}

static void compare_and_wipe(void **state) {
    (void)state;
    uint8_t a[4] = {1, 2, 3, 4}, b[4] = {1, 2, 3, 4};
    assert_true(bytes_equal_ct(a, b, 4));
    b[3] ^= 0x80;
    assert_false(bytes_equal_ct(a, b, 4));
    assert_true(bytes_equal_ct(a, b, 3));
    assert_true(bytes_equal_ct(NULL, NULL, 0));
    assert_true(bytes_equal(bytes_of(NULL, 0), bytes_text("")));
    assert_false(bytes_equal(bytes_of(a, 4), bytes_of(a, 3)));
    bytes_wipe(a, sizeof a);
    assert_memory_equal(a, "\0\0\0\0", 4);
    bytes_wipe(NULL, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(big_endian),           cmocka_unit_test(hex),
        cmocka_unit_test(base64_standard),      cmocka_unit_test(base64url_round_trip),
        cmocka_unit_test(base64url_is_strict),  cmocka_unit_test(compare_and_wipe),
    };
    return cmocka_run_group_tests_name("bytes", tests, NULL, NULL);
}
