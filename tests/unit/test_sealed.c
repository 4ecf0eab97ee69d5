/* What goes to a node about a sealed document, and one exit code out of its steps and the ledger's verdict. Reports are put together here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tools/sealed/sealed.h"

static struct report_signature signatures[20];
static struct report report;

static void good_signature(struct report_signature *out, unsigned number) {
    static const enum step_id passed[] = {STEP_REFERENCES, STEP_COVERAGE, STEP_SIGNATURE_FORMAT, STEP_SIGNATURE_VALUE, STEP_DATA_HASH, STEP_SEAL_PERIOD};
    *out = (struct report_signature){.has_digest = true, .has_seal = true, .has_signer = true};
    memset(out->sha256, (int)number, 32);
    memset(out->seal_sha256, (int)number + 1, 32);
    memset(out->signer.sha256, (int)number + 2, 32);
    snprintf(out->seal_id, sizeof out->seal_id, "%u", number);
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++) step_pass(&out->steps, passed[i]);
}

static int fresh(void **state) {
    (void)state;
    report = (struct report){.format = FORMAT_OFD, .signatures = signatures, .signature_count = 2};
    for (unsigned i = 0; i < sizeof signatures / sizeof *signatures; i++) good_signature(&signatures[i], i);
    return 0;
}

/* The signature without this step, or with another result. */
static void bend(struct report_signature *signature, enum step_id id, bool drop, enum step_result result, enum step_reason reason) {
    struct step_list list = {.count = 0};
    for (uint32_t i = 0; i < signature->steps.count; i++)
        if (signature->steps.steps[i].id != id) list.steps[list.count++] = signature->steps.steps[i];
    if (!drop) step_add(&list, id, result, reason, bytes_of(NULL, 0));
    signature->steps = list;
}

static size_t documents(void) {
    json_t *list = sealed_documents(&report);
    const size_t count = json_array_size(list);
    json_decref(list);
    return count;
}

/* A changed page must not pass for a stamped copy: what a signature signed is asked about only where all of it is as it was signed. */
static void test_documents(void **state) {
    static const enum step_id needed[] = {STEP_SIGNATURE_FORMAT, STEP_REFERENCES, STEP_DATA_HASH, STEP_SIGNATURE_VALUE};
    assert_int_equal(documents(), 3); /* the file, and two signatures */
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        for (int how = 0; how < 3; how++) { /* gone, open, failed */
            (void)fresh(state);
            bend(&signatures[1], needed[i], how == 0, how == 1 ? STEP_NOT_CHECKED : STEP_FAILED, REASON_FORMAT);
            assert_false(sealed_holds(&signatures[1]));
            assert_int_equal(documents(), 2);
        }
    }
    (void)fresh(state);
    bend(&signatures[0], STEP_COVERAGE, false, STEP_FAILED, REASON_FILE_UNSIGNED); /* something is shown beside it */
    assert_int_equal(documents(), 2);
    (void)fresh(state);
    bend(&signatures[0], STEP_SEAL_PERIOD, false, STEP_FAILED, REASON_AFTER_PERIOD); /* a matter of time, not of content */
    assert_true(sealed_holds(&signatures[0]));
    signatures[1].has_digest = false;
    assert_int_equal(documents(), 2);
    step_fail(&report.steps, STEP_PACKAGE, REASON_ZIP_ENTRY); /* the package as a whole */
    assert_int_equal(documents(), 1);
}

static void test_seals(void **state) {
    struct shown_seal shown[VERDICT_SEALS_MAX];
    assert_int_equal(sealed_shown(shown, &report), 2);
    assert_true(bytes_equal(shown[1].id, bytes_text("1")));
    assert_memory_equal(shown[1].digest32, signatures[1].seal_sha256, 32);
    assert_memory_equal(shown[1].certificate32, signatures[1].signer.sha256, 32);
    signatures[1] = signatures[0]; /* the same seal twice is told once */
    assert_int_equal(sealed_shown(shown, &report), 1);
    signatures[1].has_signer = false; /* but not where somebody else signed with it, or nobody knows who */
    assert_int_equal(sealed_shown(shown, &report), 2);
    assert_null(shown[1].certificate32);
    (void)fresh(state);
    signatures[0].has_seal = false;
    json_t *list = sealed_seals(&report);
    assert_int_equal(json_array_size(list), 1);
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 0), "id")), "1");
    assert_int_equal(json_object_size(json_array_get(list, 0)), 3);
    json_decref(list);
    signatures[1].has_seal = false;
    list = sealed_seals(&report); /* it bears none, which is something else than nobody having looked */
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
    (void)fresh(state); /* never more than a query takes, and those are the first */
    report.signature_count = 20;
    assert_int_equal(sealed_shown(shown, &report), VERDICT_SEALS_MAX);
    for (uint32_t i = 0; i < VERDICT_SEALS_MAX; i++) assert_memory_equal(shown[i].digest32, signatures[i].seal_sha256, 32);
    list = sealed_seals(&report);
    assert_int_equal(json_array_size(list), VERDICT_SEALS_MAX);
    json_decref(list);
}

/* Content first, then the verdict, then time. */
static void test_exit(void **state) {
    static const int verdicts[] = {EXIT_VALID, EXIT_UNKNOWN, EXIT_ENDED, EXIT_SUSPENDED, EXIT_LAPSED, EXIT_MISMATCH, EXIT_ERROR};
    for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        const int verdict = verdicts[i];
        (void)fresh(state);
        assert_int_equal(sealed_exit(&report, verdict), verdict);
        bend(&signatures[1], STEP_SEAL_PERIOD, false, STEP_FAILED, REASON_AFTER_PERIOD);
        assert_int_equal(sealed_exit(&report, verdict), verdict == EXIT_VALID ? EXIT_LAPSED : verdict);
        bend(&signatures[0], STEP_REFERENCES, false, STEP_FAILED, REASON_FILE_CHANGED);
        assert_int_equal(sealed_exit(&report, verdict), EXIT_MISMATCH);
        (void)fresh(state);
        bend(&signatures[1], STEP_SIGNATURE_VALUE, false, STEP_NOT_CHECKED, REASON_ALGORITHM); /* a signature that nobody could check stands for nothing */
        assert_int_equal(sealed_exit(&report, verdict), EXIT_MISMATCH);
        (void)fresh(state);
        report.signature_count = 0; /* unsigned: a plain file */
        assert_int_equal(sealed_exit(&report, verdict), verdict);
        step_fail(&report.steps, STEP_PACKAGE, REASON_NOT_ZIP); /* damaged: changed since; known by all of its bytes: it was issued like that */
        assert_int_equal(sealed_exit(&report, verdict), verdict == EXIT_UNKNOWN ? EXIT_MISMATCH : verdict);
        report.format = FORMAT_OTHER;
        assert_int_equal(sealed_exit(&report, verdict), verdict);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup(test_documents, fresh), cmocka_unit_test_setup(test_seals, fresh), cmocka_unit_test_setup(test_exit, fresh)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
