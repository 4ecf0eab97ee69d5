/* Moments as people in Beijing read them: edges of days, years, leap days and of what can be shown. Expected values: GNU date with TZ=Asia/Shanghai. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tools/document/beijing.h"

static const struct { int64_t ms; const char *text; } cases[] = {
    {0, "1970-01-01 08:00:00 +08:00"},
    {-1, "1970-01-01 07:59:59 +08:00"},
    {-28800001, "1969-12-31 23:59:59 +08:00"},
    {-28800000, "1970-01-01 00:00:00 +08:00"},
    {1767196799999, "2025-12-31 23:59:59 +08:00"}, /* 15:59:59.999 in UTC */
    {1767196800000, "2026-01-01 00:00:00 +08:00"}, /* 16:00:00 in UTC: the next year in Beijing */
    {1709135999000, "2024-02-28 23:59:59 +08:00"},
    {1709136000000, "2024-02-29 00:00:00 +08:00"},
    {1709222400000, "2024-03-01 00:00:00 +08:00"},
    {951753600000, "2000-02-29 00:00:00 +08:00"},
    {4107513600000, "2100-03-01 00:00:00 +08:00"}, /* 2100 has no leap day */
    {253402271999000, "9999-12-31 23:59:59 +08:00"},
    {253402300799000, "10000-01-01 07:59:59 +08:00"}, /* 9999-12-31T23:59:59Z */
    {INT64_MAX, "-"},
    {INT64_MIN, "-"},
};

static void test_moments(void **state) {
    (void)state;
    char text[BEIJING_TEXT];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        beijing_text(text, cases[i].ms);
        assert_string_equal(text, cases[i].text);
    }
}

static void test_days(void **state) {
    (void)state;
    char text[BEIJING_TEXT];
    beijing_day(text, 1767196799999);
    assert_string_equal(text, "2025-12-31");
    beijing_day(text, 1767196800000);
    assert_string_equal(text, "2026-01-01");
    beijing_day(text, INT64_MAX);
    assert_string_equal(text, "-");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_moments), cmocka_unit_test(test_days)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
