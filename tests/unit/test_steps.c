/* Steps: names that are part of the interface, outcomes, and details that cannot break a line. */
#include "tests/lib/wire.h"

#include "crypto/seal/steps.h"

#define COUNT(...) +1
enum { REASON_COUNT = 0 REASON_LIST(COUNT) };

/* Programs of others read these: a change of any is a break. */
static void names_stay(void **state) {
    (void)state;
    static const char *const names[] = {
        "package", "references", "coverage", "signature_format", "seal_format", "seal_file", "seal_signature", "maker_chain", "maker_usage", "maker_period",
        "maker_revocation", "signature_value", "signer_chain", "signer_usage", "signer_period", "signer_revocation", "signer_listed", "timestamp",
        "data_hash", "seal_period"};
    assert_int_equal(sizeof names / sizeof *names, STEP_COUNT);
    for (unsigned i = 0; i < STEP_COUNT; i++) {
        assert_string_equal(step_name((enum step_id)i), names[i]);
        assert_true(strlen(step_en((enum step_id)i)) > 5);
        assert_true((uint8_t)step_zh((enum step_id)i)[0] >= 0x80 || strncmp(step_zh((enum step_id)i), "XML", 3) == 0);
    }
    assert_string_equal(step_result_name(STEP_PASSED), "passed");
    assert_string_equal(step_result_name(STEP_FAILED), "failed");
    assert_string_equal(step_result_name(STEP_NOT_CHECKED), "not_checked");
}

/* Numbers without a gap from 800, every name that of the constant in lower case, no name or sentence twice. */
static void reasons(void **state) {
    (void)state;
    static const struct { const char *constant; enum step_reason reason; } all[] = {
#define X(name, number, text, en, zh) {#name, REASON_##name},
        REASON_LIST(X)
#undef X
    };
    assert_int_equal(REASON_NONE, 0);
    assert_string_equal(reason_name(REASON_NONE), "");
    assert_string_equal(reason_en(REASON_NONE), "");
    assert_string_equal(reason_zh(REASON_NONE), "");
    for (size_t i = 1; i < REASON_COUNT; i++) {
        char lower[64];
        size_t at = 0;
        for (; all[i].constant[at] != '\0'; at++) lower[at] = (char)(all[i].constant[at] == '_' ? '_' : all[i].constant[at] | 0x20);
        lower[at] = '\0';
        assert_string_equal(reason_name(all[i].reason), lower);
        assert_int_equal(all[i].reason, 799 + i);
        assert_true(strlen(reason_en(all[i].reason)) > 5);
        assert_true(strlen(reason_zh(all[i].reason)) > 5);
        for (size_t k = 1; k < i; k++) {
            assert_string_not_equal(reason_en(all[i].reason), reason_en(all[k].reason));
            assert_string_not_equal(reason_zh(all[i].reason), reason_zh(all[k].reason));
        }
    }
    assert_int_equal(REASON_FILE_CHANGED, 807);
    assert_int_equal(REASON_IN_FUTURE, 835);
}

static void outcomes(void **state) {
    (void)state;
    struct step_list list = {0};
    assert_int_equal(steps_outcome(&list), STEPS_PASSED);
    step_pass(&list, STEP_PACKAGE);
    step_skip(&list, STEP_MAKER_CHAIN, REASON_NO_ANCHOR);
    assert_int_equal(steps_outcome(&list), STEPS_PASSED); /* not checked is not failed: the report says so besides */
    step_skip(&list, STEP_SEAL_PERIOD, REASON_NO_TIME);
    assert_int_equal(steps_outcome(&list), STEPS_PASSED);
    step_fail(&list, STEP_SIGNER_PERIOD, REASON_AFTER_PERIOD);
    assert_int_equal(steps_outcome(&list), STEPS_TIME);
    step_fail(&list, STEP_MAKER_PERIOD, REASON_AFTER_PERIOD);
    assert_int_equal(steps_outcome(&list), STEPS_TIME);
    struct step_list worse = list;
    step_fail(&worse, STEP_DATA_HASH, REASON_HASH_DIFFERS);
    assert_int_equal(steps_outcome(&worse), STEPS_FAILED);
    step_pass(&worse, STEP_COVERAGE);
    assert_int_equal(steps_outcome(&worse), STEPS_FAILED);
    assert_int_equal(worse.count, 7);
    assert_int_equal(step_find(&worse, STEP_DATA_HASH)->reason, REASON_HASH_DIFFERS);
    assert_int_equal(step_find(&worse, STEP_MAKER_CHAIN)->result, STEP_NOT_CHECKED);
    assert_null(step_find(&list, STEP_DATA_HASH));
    assert_null(step_find(&worse, STEP_TIMESTAMP));
    /* which steps are of time: a failure of each alone */
    for (unsigned i = 0; i < STEP_COUNT; i++) {
        struct step_list one = {0};
        step_fail(&one, (enum step_id)i, REASON_FORMAT);
        const bool time = i == STEP_MAKER_PERIOD || i == STEP_SIGNER_PERIOD || i == STEP_SEAL_PERIOD;
        assert_int_equal(steps_outcome(&one), time ? STEPS_TIME : STEPS_FAILED);
    }
    struct step_list all = {0};
    for (unsigned i = STEP_COUNT; i-- > 0;) step_pass(&all, (enum step_id)i);
    assert_int_equal(all.count, STEP_COUNT);
}

static const char *shown(struct bytes detail) {
    static struct step_list list;
    list.count = 0;
    step_add(&list, STEP_REFERENCES, STEP_FAILED, REASON_FILE_CHANGED, detail);
    return list.steps[0].detail;
}

static void details(void **state) {
    (void)state;
    assert_string_equal(shown((struct bytes){NULL, 0}), "");
    assert_string_equal(shown(bytes_text("Doc_0/Pages/第1页.xml")), "Doc_0/Pages/第1页.xml");
    assert_string_equal(shown(bytes_text("a\nb\tc\x7f")), "a?b?c?");
    assert_string_equal(shown(bytes_of("a\0b", 3)), "a?b");
    assert_string_equal(shown(bytes_text("\xc2\x85x")), "?x");                     /* a control of two bytes is one sign */
    assert_string_equal(shown(bytes_text("\xe2\x80\xae" "exe.fdo")), "?exe.fdo");  /* would turn the text round */
    assert_string_equal(shown(bytes_text("\xff\xfe")), "??");
    assert_string_equal(shown(bytes_text("\xe8\xaf")), "??");                      /* half a character */
    assert_string_equal(shown(bytes_text("\xc0\xae")), "??");
    assert_string_equal(shown(bytes_text("\xed\xa0\x80")), "???");
    assert_string_equal(shown(bytes_text("\xf0\xa0\x80\x80")), "\xf0\xa0\x80\x80");  /* rare characters of names are fine */
    /* cut, but never within a character */
    uint8_t text[400];
    for (size_t lead = 0; lead < 4; lead++) {
        memset(text, 'a', sizeof text);
        for (size_t i = lead; i + 3 <= sizeof text; i += 3) memcpy(text + i, "证", 3);
        const char *cut = shown(bytes_of(text, sizeof text));
        const size_t len = strlen(cut);
        assert_true(len < STEP_DETAIL_MAX && len + 3 >= STEP_DETAIL_MAX);
        assert_int_equal((len - lead) % 3, 0);
        assert_memory_equal(cut, text, len);
    }
    memset(text, 'b', sizeof text);
    assert_int_equal(strlen(shown(bytes_of(text, STEP_DETAIL_MAX - 1))), STEP_DETAIL_MAX - 1);
    assert_int_equal(strlen(shown(bytes_of(text, STEP_DETAIL_MAX))), STEP_DETAIL_MAX - 1);
}

/* A timestamp's failure may be one of its authority's period: it is still no step of time. */
static void kinds(void **state) {
    (void)state;
    static const enum step_id of_time[] = {STEP_MAKER_PERIOD, STEP_SIGNER_PERIOD, STEP_SEAL_PERIOD};
    unsigned count = 0;
    for (int id = 0; id < STEP_COUNT; id++) count += step_of_time((enum step_id)id);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++) assert_true(step_of_time(of_time[i]));
    struct step_list steps = {.count = 0};
    step_fail(&steps, STEP_TIMESTAMP, REASON_AFTER_PERIOD);
    assert_int_equal(steps_outcome(&steps), STEPS_FAILED);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(names_stay), cmocka_unit_test(reasons), cmocka_unit_test(outcomes), cmocka_unit_test(details), cmocka_unit_test(kinds)};
    return cmocka_run_group_tests_name("steps", tests, NULL, NULL);
}
