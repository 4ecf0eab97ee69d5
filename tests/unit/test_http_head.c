/* What a request's head may look like, and every spelling that two readers could take two ways. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "rpc/http_head.h"

static struct http_head head;
static char bytes[65536];

static enum code parse(const char *text, size_t len) {
    assert_true(len <= sizeof bytes);
    memcpy(bytes, text, len);
    return http_head_parse(&head, bytes, len);
}
#define PARSE(text) parse(text, sizeof(text) - 1)

static const char *field(const char *name) { return http_field_find(head.fields, head.field_count, name); }
static const char *parameter(const char *name) { return http_field_find(head.parameters, head.parameter_count, name); }

static void test_plain(void **state) {
    (void)state;
    assert_int_equal(PARSE("POST /v1/verify?after=5&x=a%20b+c&flag HTTP/1.1\r\nHost: a\r\nContent-Length:  12 \r\nX-Y:\tz\t\r\n\r\n"), CODE_OK);
    assert_int_equal(head.method, METHOD_POST);
    assert_string_equal(head.host, "a");
    assert_string_equal(head.path, "/v1/verify");
    assert_string_equal(parameter("after"), "5");
    assert_string_equal(parameter("x"), "a b c");
    assert_string_equal(parameter("flag"), "");
    assert_null(parameter("y"));
    assert_string_equal(field("content-length"), "12");
    assert_string_equal(field("x-y"), "z");
    assert_true(head.length == 12);
    assert_true(head.keep_alive);
    assert_int_equal(PARSE("GET http://host:1/p/%E8%AF%81?q HTTP/1.0\r\n\r\n"), CODE_OK);
    assert_string_equal(head.path, "/p/\xE8\xAF\x81");
    assert_string_equal(head.host, "host:1");
    assert_false(head.keep_alive);
    assert_int_equal(PARSE("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"), CODE_OK);
    assert_true(head.keep_alive);
    assert_int_equal(PARSE("GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade, close\r\n\r\n"), CODE_OK);
    assert_false(head.keep_alive);
    assert_int_equal(PARSE("GET http://b:2/p?q=1 HTTP/1.1\r\nHost: a\r\n\r\n"), CODE_OK); /* the target's is the one that counts */
    assert_string_equal(head.host, "b:2");
    assert_string_equal(parameter("q"), "1");
    assert_int_equal(PARSE("GET /a%2Fb%2f?x=%2F HTTP/1.0\r\n\r\n"), CODE_OK);
    assert_null(head.host);
    assert_string_equal(head.path, "/a\x01" "b\x01");
    assert_string_equal(parameter("x"), "/");
    assert_int_equal(PARSE("GET /a%01 HTTP/1.0\r\n\r\n"), CODE_PARAMETER);
    assert_int_equal(PARSE("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n"), CODE_OK);
    assert_int_equal(head.method, METHOD_OTHER);
    assert_int_equal(PARSE("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n"), CODE_OK);
    assert_true(head.expects_continue);
}

static void test_framing(void **state) {
    (void)state;
#define BAD(text) assert_int_equal(PARSE(text), CODE_HTTP_FRAMING)
#define HEADER_BAD(text) BAD("POST / HTTP/1.1\r\nHost: a\r\n" text "\r\n\r\n")
    BAD("GET http:// HTTP/1.1\r\nHost: a\r\n\r\n"); /* the path is not looked for in what follows the target */
    BAD("GET https:// HTTP/1.1\r\nHost: a\r\n\r\n");
    HEADER_BAD("Transfer-Encoding: chunked");
    HEADER_BAD("Transfer-Encoding: gzip, chunked");
    HEADER_BAD("transfer-encoding: identity");
    HEADER_BAD("Transfer-Encoding:");
    HEADER_BAD("Transfer-Encoding : chunked");
    HEADER_BAD("Content-Length: 5\r\nTransfer-Encoding: chunked");
    HEADER_BAD("Content-Length: 5\r\nContent-Length: 5");
    HEADER_BAD("Content-Length: 5, 5");
    HEADER_BAD("Content-Length: +5");
    HEADER_BAD("Content-Length: -0");
    HEADER_BAD("Content-Length: 0x5");
    HEADER_BAD("Content-Length:");
    HEADER_BAD("Content-Length: 5 5");
    HEADER_BAD("Content-Length: 99999999999999999999");
    HEADER_BAD("Content-Length: 5\0x");
    HEADER_BAD(": empty name");
    HEADER_BAD("no colon");
    HEADER_BAD("A: 1\r\n folded");
    HEADER_BAD("A: 1\n B: 2");
    HEADER_BAD("A: 1\rB: 2");
    HEADER_BAD("A\0: 1");
    HEADER_BAD("A B: 1");
    HEADER_BAD("A: \x01");
    HEADER_BAD("Expect: 200-ok");
    assert_int_equal(PARSE("GET / HTTP/1.1\r\n\r\n"), CODE_HOST_INVALID);
    assert_int_equal(PARSE("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\nhost: a\r\n\r\n"), CODE_HOST_INVALID);
    assert_int_equal(PARSE("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), CODE_HOST_INVALID);
    BAD("GET  / HTTP/1.1\r\nHost: a\r\n\r\n");
    BAD("GET /  HTTP/1.1\r\nHost: a\r\n\r\n");
    BAD("GET / HTTP/1.1 \r\n\r\n");
    BAD("GET / HTTP/2.0\r\n\r\n");
    BAD("GET / http/1.1\r\n\r\n");
    BAD("GET /\r\n\r\n");
    BAD("GET x HTTP/1.1\r\nHost: a\r\n\r\n");
    BAD("GET * HTTP/1.1\r\nHost: a\r\n\r\n");
    BAD("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n");
    BAD("GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n");
    BAD("G\tT / HTTP/1.1\r\nHost: a\r\n\r\n");
    BAD(" / HTTP/1.1\r\nHost: a\r\n\r\n");
    BAD("\r\n\r\n");
    BAD("GET / HTTP/1.1\r\nHost: a\r\n\r\n\r\n");
    assert_int_equal(PARSE("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n"), CODE_PARAMETER);
    assert_int_equal(PARSE("GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n"), CODE_PARAMETER);
    assert_int_equal(PARSE("GET /?a=%zz HTTP/1.1\r\nHost: a\r\n\r\n"), CODE_PARAMETER);
}

static void test_limits(void **state) {
    (void)state;
    static char text[65536];
    size_t len = (size_t)sprintf(text, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < 65; i++) len += (size_t)sprintf(text + len, "H%d: v\r\n", i);
    len += (size_t)sprintf(text + len, "\r\n");
    assert_int_equal(parse(text, len), CODE_HEADERS_TOO_LARGE);
    len = (size_t)sprintf(text, "GET /%01100d HTTP/1.1\r\nHost: a\r\n\r\n", 7);
    assert_int_equal(parse(text, len), CODE_HEADERS_TOO_LARGE);
    len = (size_t)sprintf(text, "GET /?");
    for (int i = 0; i < 40; i++) len += (size_t)sprintf(text + len, "p%d=%d&", i, i);
    len += (size_t)sprintf(text + len, " HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_int_equal(parse(text, len), CODE_OK); /* parameters beyond the bound are as unknown ones: not seen */
    assert_int_equal(head.parameter_count, HTTP_PARAMETERS_MAX);
}

/* Found at the same place however the bytes come. */
static void test_end(void **state) {
    (void)state;
    const char text[] = "GET / HTTP/1.1\r\nA: 1\r\n\r\nbody\r\n\r\n";
    enum code code;
    size_t scanned = 0;
    assert_int_equal(http_head_end(text, sizeof text - 1, &scanned, &code), 24);
    scanned = 0;
    for (size_t len = 1; len < 24; len++) assert_int_equal(http_head_end(text, len, &scanned, &code), 0);
    assert_int_equal(http_head_end(text, 24, &scanned, &code), 24);
    scanned = 0;
    assert_int_equal(http_head_end("GET / HTTP/1.1\n", 15, &scanned, &code), 0);
    assert_int_equal(code, CODE_HTTP_FRAMING);
    scanned = 0;
    assert_int_equal(http_head_end("\n", 1, &scanned, &code), 0);
    assert_int_equal(code, CODE_HTTP_FRAMING);
}

/* Every cut and every changed byte of a good head: an answer, and nothing read outside. */
static void test_damage(void **state) {
    (void)state;
    const char text[] = "POST /a%20b?c=d HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nConnection: close\r\n\r\n";
    for (size_t len = 0; len < sizeof text - 1; len++) assert_int_not_equal(parse(text, len), CODE_OK);
    for (size_t i = 0; i < sizeof text - 1; i++) {
        for (int c = 0; c < 256; c++) {
            char *copy = malloc(sizeof text - 1); /* of its exact size, for the address sanitizer */
            memcpy(copy, text, sizeof text - 1);
            copy[i] = (char)c;
            assert_string_not_equal(code_name(http_head_parse(&head, copy, sizeof text - 1)), "UNKNOWN_CODE");
            free(copy);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_plain), cmocka_unit_test(test_framing), cmocka_unit_test(test_limits),
                                       cmocka_unit_test(test_end), cmocka_unit_test(test_damage)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
