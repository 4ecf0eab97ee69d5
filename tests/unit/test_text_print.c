/* What a terminal must not meet: replaced for people, escaped in JSON, and nothing else touched. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>

#include "tools/document/text_print.h"

static void people(void **state) {
    (void)state;
    static const struct { const char *in, *out; } rows[] = {
        {"", ""}, {"plain", "plain"}, {"青浦（示例）局 é 𠮷", "青浦（示例）局 é 𠮷"},
        {"a\x1b[31mb", "a?[31mb"}, {"a\r\nlicet: b\t", "a??licet: b?"}, {"\x7f\xc2\x85\xc2\x9b", "???"}, /* DEL, and controls that some terminals obey in two bytes */
        {"\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8b\xef\xbb\xbf\xe2\x80\xa8", "?????"}, /* override, isolate, no width, byte order mark, line separator */
        {"\xff\xc3(\xe4\xb8", "?" "?(?" "?"}, {"\xed\xa0\x80", "???"}, /* no UTF-8, and half a pair */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) assert_string_equal(text_shown(rows[i].in), rows[i].out);
    assert_string_equal(text_shown(NULL), "");
}

static void kept(void **state) {
    (void)state;
    const char *first = text_shown("first");
    for (unsigned i = 1; i < TEXT_SHOWN_KEPT; i++) (void)text_shown("another, longer one");
    assert_string_equal(first, "first");
}

static void json(void **state) {
    (void)state;
    static const char *const texts[] = {"", "plain \\ \" 青浦", "\x1b[31m\r\n\x7f", "\xc2\x85\xc2\x9b\xe2\x80\xae\xe2\x80\xa8", "\xf3\xa0\x81\x81 a tag, which is no character of its own"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        json_t *value = json_string(texts[i]);
        char *dumped = json_dumps(value, JSON_ENCODE_ANY), *shown = text_json(dumped);
        json_t *back = json_loads(shown, JSON_DECODE_ANY, NULL);
        assert_string_equal(json_string_value(back), texts[i]);
        assert_string_equal(text_shown(shown), shown); /* nothing is left to replace */
        json_decref(back);
        json_decref(value);
        free(shown);
        free(dumped);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(people), cmocka_unit_test(kept), cmocka_unit_test(json)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
