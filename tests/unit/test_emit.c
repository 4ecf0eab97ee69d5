/* The JSON writer: every kind of value, and every size of buffer that is too small. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/wire/emit.h"
#include "ledger/wire/record.h"

static void put_all(struct emit *out) {
    const uint8_t bytes[] = {0, 0xff, 0x10};
    emit_object(out);
    emit_key(out, "text");
    emit_text(out, bytes_text("证照 \"a\\b\" \x7f\x01\n</script>"));
    emit_key(out, "none");
    emit_string(out, NULL);
    emit_key(out, "numbers");
    emit_array(out);
    emit_uint(out, UINT64_MAX);
    emit_int(out, INT64_MIN);
    emit_int(out, INT64_MAX);
    emit_int(out, -1);
    emit_uint(out, 0);
    emit_array_end(out);
    EMIT_FIXED(out, ",\"empty\":[");
    EMIT_FIXED_VALUE(out, "]");
    emit_key(out, "nested");
    emit_array(out);
    emit_object(out);
    emit_object_end(out);
    emit_object(out);
    emit_key(out, "a");
    emit_bool(out, true);
    emit_key(out, "b");
    emit_bool(out, false);
    emit_object_end(out);
    emit_array_end(out);
    emit_key(out, "hex");
    emit_hex(out, bytes, sizeof bytes);
    emit_key(out, "b64");
    emit_base64url(out, bytes_of(bytes, sizeof bytes));
    emit_key(out, "nothing");
    emit_base64url(out, bytes_of(bytes, 0));
    emit_key(out, "time");
    emit_time(out, 1795323821123);
    emit_key(out, "day");
    emit_day(out, 20454);
    emit_key(out, "ever");
    emit_day(out, DAY_NONE);
    emit_object_end(out);
}

static const char EXPECTED[] =
    "{\"text\":\"证照 \\\"a\\\\b\\\" \\u007f\\u0001\\u000a</script>\",\"none\":null,"
    "\"numbers\":[18446744073709551615,-9223372036854775808,9223372036854775807,-1,0],\"empty\":[],\"nested\":[{},{\"a\":true,\"b\":false}],"
    "\"hex\":\"00ff10\",\"b64\":\"AP8Q\",\"nothing\":\"\",\"time\":\"2026-11-22T05:03:41.123Z\",\"day\":\"2026-01-01\",\"ever\":null}";

static void test_all(void **state) {
    char buffer[1024];
    (void)state;
    struct emit out = emit_write(buffer, sizeof buffer);
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
        struct emit out = emit_write(buffer, cap);
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
                struct emit out = emit_write(buffer, sizeof buffer);
                emit_text(&out, bytes_of(text, len));
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
