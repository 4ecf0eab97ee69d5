/* The JSON writer: every kind of value, and every size of buffer that is too small. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/wire/json_out.h"
#include "ledger/wire/record.h"

static void put_all(struct json_out *out) {
    const uint8_t bytes[] = {0, 0xff, 0x10};
    json_object(out);
    json_key(out, "text");
    json_text(out, bytes_text("证照 \"a\\b\" \x7f\x01\n</script>"));
    json_key(out, "none");
    json_string(out, NULL);
    json_key(out, "numbers");
    json_array(out);
    json_uint(out, UINT64_MAX);
    json_int(out, INT64_MIN);
    json_int(out, INT64_MAX);
    json_int(out, -1);
    json_uint(out, 0);
    json_array_end(out);
    JSON_FIXED(out, ",\"empty\":[");
    JSON_FIXED_VALUE(out, "]");
    json_key(out, "nested");
    json_array(out);
    json_object(out);
    json_object_end(out);
    json_object(out);
    json_key(out, "a");
    json_bool(out, true);
    json_key(out, "b");
    json_bool(out, false);
    json_object_end(out);
    json_array_end(out);
    json_key(out, "hex");
    json_hex(out, bytes, sizeof bytes);
    json_key(out, "b64");
    json_base64url(out, bytes_of(bytes, sizeof bytes));
    json_key(out, "nothing");
    json_base64url(out, bytes_of(bytes, 0));
    json_key(out, "time");
    json_time(out, 1795323821123);
    json_key(out, "day");
    json_day(out, 20454);
    json_key(out, "ever");
    json_day(out, DAY_NONE);
    json_object_end(out);
}

static const char EXPECTED[] =
    "{\"text\":\"证照 \\\"a\\\\b\\\" \\u007f\\u0001\\u000a</script>\",\"none\":null,"
    "\"numbers\":[18446744073709551615,-9223372036854775808,9223372036854775807,-1,0],\"empty\":[],\"nested\":[{},{\"a\":true,\"b\":false}],"
    "\"hex\":\"00ff10\",\"b64\":\"AP8Q\",\"nothing\":\"\",\"time\":\"2026-11-22T05:03:41.123Z\",\"day\":\"2026-01-01\",\"ever\":null}";

static void test_all(void **state) {
    char buffer[1024];
    (void)state;
    struct json_out out = json_write(buffer, sizeof buffer);
    put_all(&out);
    assert_false(out.full);
    assert_int_equal(out.len, sizeof EXPECTED - 1);
    assert_memory_equal(buffer, EXPECTED, out.len);
}

/* Whatever the room: never a byte beyond it, and full unless all of it fits. */
static void test_too_small(void **state) {
    (void)state;
    for (size_t cap = 0; cap <= sizeof EXPECTED; cap++) {
        char *buffer = malloc(cap > 0 ? cap : 1); /* of its size, for the address sanitizer */
        struct json_out out = json_write(buffer, cap);
        put_all(&out);
        assert_true(out.len <= cap);
        assert_int_equal(out.full, cap < sizeof EXPECTED - 1);
        free(buffer);
    }
}

/* Every byte at every place of texts up to a few words long: what JSON demands is escaped, and nothing else. */
static void test_every_byte(void **state) {
    (void)state;
    for (size_t len = 1; len <= 26; len++) {
        for (size_t at = 0; at < len; at++) {
            for (int c = 0; c < 256; c++) {
                char text[32], buffer[64], expected[64];
                memset(text, c >= 0x80 ? 0xff : 'a', len);
                text[at] = (char)c;
                size_t n = 0;
                expected[n++] = '"';
                for (size_t i = 0; i < len; i++) {
                    const uint8_t b = (uint8_t)text[i];
                    if (b == '"' || b == '\\') n += (size_t)sprintf(expected + n, "\\%c", b);
                    else if (b < 0x20 || b == 0x7f) n += (size_t)sprintf(expected + n, "\\u%04x", b);
                    else expected[n++] = text[i];
                }
                expected[n++] = '"';
                struct json_out out = json_write(buffer, sizeof buffer);
                json_text(&out, bytes_of(text, len));
                assert_int_equal(out.len, n);
                assert_memory_equal(buffer, expected, n);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_all), cmocka_unit_test(test_too_small), cmocka_unit_test(test_every_byte)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
