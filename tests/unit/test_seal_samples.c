/* Seals and signatures made by production systems, step by step. The files are read where they are found and are no part of this project:
 * $LICET_SHARED/samples/... or ../shared/samples/...; without them the test skips and says so. Their authorities' certificates are not public, so chains
 * and revocation are not checked; all else is. */
#include "crypto/hash.h"
#include "crypto/seal/check.h"
#include "crypto/selftest.h"
#include "tests/lib/seal.h"

#include <openssl/err.h>

#define NOW_MS INT64_C(1785542400000) /* 2026-08-01 */

/* `expected`: "step=passed" or "step=failed reason" or "step=not_checked reason", in order, one a line: the whole report. */
static void report_is(const char *name, const struct step_list *steps, const char *expected) {
    char text[4096];
    size_t len = 0;
    for (uint32_t i = 0; i < steps->count; i++) {
        const struct step *step = &steps->steps[i];
        int n = snprintf(text + len, sizeof text - len, "%s=%s%s%s\n", step_name(step->id), step_result_name(step->result),
                         step->reason != REASON_NONE ? " " : "", reason_name(step->reason));
        assert_true(n > 0 && len + (size_t)n < sizeof text);
        len += (size_t)n;
    }
    if (strcmp(text, expected) != 0) fail_msg("%s:\n%sexpected:\n%s", name, text, expected);
    assert_int_equal(ERR_peek_error(), 0);
}

#define MAKER_OK "seal_signature=passed\nmaker_chain=not_checked no_anchor\nmaker_usage=passed\nmaker_period=passed\nmaker_revocation=not_checked no_anchor\n"
#define SIGNER_OK "signature_value=passed\nsigner_chain=not_checked no_anchor\nsigner_usage=passed\nsigner_period=passed\nsigner_revocation=not_checked no_anchor\n"

/* The value over its file; then over another file, where the hash alone must fail. Frees the samples. */
static void judged(const char *what, struct sample *value, struct sample *xml, struct sample *seal, int64_t now_ms, const char *expected) {
    struct value_input input = {.value = sample_bytes(value), .data_given = true, .seal_file_given = seal != NULL};
    if (seal) input.seal_file = sample_bytes(seal);
    sm3(input.sm3, xml->data, xml->len);
    sha256(input.sha256, xml->data, xml->len);
    const struct check_options options = {.trust = NULL, .now_ms = now_ms, .known_ms = TIME_UNKNOWN};
    static struct checked_value out;
    struct step_list steps = {0};
    value_check(&steps, &out, &input, &options);
    report_is(what, &steps, expected);
    assert_true(out.has_signer);
    assert_string_equal(out.signer.key_alg, "SM2");
    assert_true(out.signer.subject_cn[0] && out.signer.issuer_cn[0] && out.signer.serial[0]);

    const enum steps_outcome right = steps_outcome(&steps);
    assert_int_equal(right, strstr(expected, "=failed ") ? STEPS_TIME : STEPS_PASSED);
    input.sm3[0] ^= 1;
    steps = (struct step_list){0};
    value_check(&steps, &out, &input, &options);
    assert_int_equal(step_find(&steps, STEP_DATA_HASH)->reason, REASON_HASH_DIFFERS);
    assert_int_equal(steps_outcome(&steps), STEPS_FAILED);
    sample_free(value), sample_free(xml);
    if (seal) sample_free(seal);
}

static void production(void **state) {
    (void)state;
    static const struct { const char *folder; bool seal_file; const char *expected; } cases[] = {
        {"zj-tax-2020", false,
         "signature_format=passed\nseal_format=passed\n" MAKER_OK SIGNER_OK
         "signer_listed=passed\ntimestamp=not_checked no_timestamp\ndata_hash=passed\nseal_period=passed\n"},
        {"js-tax-2020", false,
         "signature_format=passed\nseal_format=passed\n" MAKER_OK SIGNER_OK
         "signer_listed=passed\ntimestamp=not_checked no_timestamp\ndata_hash=passed\nseal_period=passed\n"},
        {"yn-zjt-2020-sign0", true,
         "signature_format=passed\nseal_format=passed\nseal_file=passed\n" MAKER_OK SIGNER_OK
         "signer_listed=passed\ntimestamp=not_checked no_timestamp\ndata_hash=passed\nseal_period=passed\n"},
        {"zibo-bdc-2020-rawrs", true,
         "signature_format=passed\nseal_format=passed\nseal_file=passed\n" MAKER_OK SIGNER_OK
         "signer_listed=passed\ntimestamp=not_checked no_timestamp\ndata_hash=passed\nseal_period=passed\n"},
        {"kuangye-2022-gbt35275-0", false,
         "signature_format=passed\nseal_format=not_checked no_seal\n" SIGNER_OK "timestamp=not_checked no_timestamp\ndata_hash=passed\n"},
    };
    samples_or_skip();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[128];
        snprintf(name, sizeof name, "real-seals/%s/SignedValue.dat", cases[i].folder);
        struct sample value = sample_load(name), seal = {NULL, 0};
        snprintf(name, sizeof name, "real-seals/%s/Signature.xml", cases[i].folder);
        struct sample xml = sample_load(name);
        snprintf(name, sizeof name, "real-seals/%s/Seal.esl", cases[i].folder);
        if (cases[i].seal_file) seal = sample_load(name);
        judged(cases[i].folder, &value, &xml, cases[i].seal_file ? &seal : NULL, NOW_MS, cases[i].expected);
    }
}

/* The values in whole documents. What their References and pages say is judged elsewhere (tools/document). */
static void documents(void **state) {
    (void)state;
#define RIGHT "signature_format=passed\nseal_format=passed\n"
#define RIGHT_FILE RIGHT "seal_file=passed\n"
#define REST "signer_listed=passed\ntimestamp=not_checked no_timestamp\ndata_hash=passed\nseal_period=passed\n"
    static const struct { const char *package, *sign; bool seal_file; int64_t now_ms; const char *expected; } cases[] = {
        {"ofd/V4RideRight.ofd", "Sign_0", true, NOW_MS, RIGHT_FILE MAKER_OK SIGNER_OK REST},
        {"ofd/v4signed.ofd", "Sign_0", false, NOW_MS, RIGHT MAKER_OK SIGNER_OK REST},
        {"ofd/v4signed-tampered.ofd", "Sign_0", false, NOW_MS, RIGHT MAKER_OK SIGNER_OK REST},
        {"ofd/999.ofd", "Sign_0", false, NOW_MS, RIGHT MAKER_OK SIGNER_OK REST},
        {"ofd/zsbk.ofd", "Sign_0", true, NOW_MS, RIGHT_FILE MAKER_OK SIGNER_OK REST},
        {"ofd/zsbk.ofd", "Sign_1", true, NOW_MS, RIGHT_FILE MAKER_OK SIGNER_OK REST},
        /* Signed on 4 August 2026 with a certificate and a seal that had ended in April 2022: time alone is wrong. */
        {"ofd/SESV4SignDoc.ofd", "Sign_0", true, NOW_MS + INT64_C(30) * 86400000,
         RIGHT_FILE MAKER_OK "signature_value=passed\nsigner_chain=not_checked no_anchor\nsigner_usage=passed\nsigner_period=failed after_period\n"
         "signer_revocation=not_checked no_anchor\nsigner_listed=passed\ntimestamp=not_checked no_timestamp\ndata_hash=passed\nseal_period=failed after_period\n"},
        {"ofd/SESV4SignDoc.ofd", "Sign_0", true, NOW_MS, /* asked about a day before it was signed */
         RIGHT_FILE MAKER_OK "signature_value=passed\nsigner_chain=not_checked no_anchor\nsigner_usage=passed\nsigner_period=failed in_future\n"
         "signer_revocation=not_checked no_anchor\nsigner_listed=passed\ntimestamp=not_checked no_timestamp\ndata_hash=passed\nseal_period=failed after_period\n"},
    };
    samples_or_skip();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[128];
        snprintf(name, sizeof name, "Doc_0/Signs/%s/SignedValue.dat", cases[i].sign);
        struct sample value = sample_unzip(cases[i].package, name), seal = {NULL, 0};
        snprintf(name, sizeof name, "Doc_0/Signs/%s/Signature.xml", cases[i].sign);
        struct sample xml = sample_unzip(cases[i].package, name);
        snprintf(name, sizeof name, "Doc_0/Signs/%s/Seal.esl", cases[i].sign);
        if (cases[i].seal_file) seal = sample_unzip(cases[i].package, name);
        judged(cases[i].package, &value, &xml, cases[i].seal_file ? &seal : NULL, cases[i].now_ms, cases[i].expected);
    }
}

/* README of the samples: all signatures right; the test authority's certificates and the seals' periods ended in April 2022. */
static void test_seals(void **state) {
    (void)state;
    static const struct { const char *name; enum ses_version version; int64_t now_ms; const char *expected; } cases[] = {
        {"UserV1.esl", SES_V1, NOW_MS, "seal_format=passed\n" MAKER_OK "seal_period=failed period_ended\n"},
        {"UserV1.esl", SES_V1, INT64_C(1600000000000), "seal_format=passed\n" MAKER_OK "seal_period=passed\n"},
        {"UserV4.esl", SES_V4, NOW_MS, "seal_format=passed\n" MAKER_OK "seal_period=failed period_ended\n"},
        {"UserV4.esl", SES_V4, INT64_C(1587500000000), /* hours before it was made, and its maker was there already */
         "seal_format=passed\n" MAKER_OK "seal_period=failed before_period\n"},
        /* made in 2026 under the certificate that had ended in 2022; its timestamp is three bytes that are no token */
        {"UserV5_ts.esl", SES_V5, NOW_MS,
         "seal_format=passed\nseal_signature=passed\nmaker_chain=not_checked no_anchor\nmaker_usage=passed\nmaker_period=failed after_period\n"
         "maker_revocation=not_checked no_anchor\ntimestamp=not_checked format\nseal_period=passed\n"},
    };
    samples_or_skip();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char name[128];
        snprintf(name, sizeof name, "esl/%s", cases[i].name);
        struct sample file = sample_load(name);
        struct ses_seal seal;
        struct step_list steps = {0};
        const struct check_options options = {.trust = NULL, .now_ms = cases[i].now_ms, .known_ms = TIME_UNKNOWN};
        assert_true(seal_check(&steps, &seal, bytes_of(file.data, file.len), &options));
        report_is(cases[i].name, &steps, cases[i].expected);
        assert_int_equal(seal.version, cases[i].version);

        /* A byte of the picture: the maker did not sign this. */
        file.data[(size_t)(seal.picture.data - file.data) + seal.picture.len / 2] ^= 1;
        steps = (struct step_list){0};
        assert_true(seal_check(&steps, &seal, bytes_of(file.data, file.len), &options));
        assert_int_equal(step_find(&steps, STEP_SEAL_SIGNATURE)->reason, REASON_SIGNATURE_WRONG);
        assert_int_equal(steps_outcome(&steps), STEPS_FAILED);
        sample_free(&file);
    }
}

static void test_signature(void **state) {
    (void)state;
    samples_or_skip();
    struct sample file = sample_load("esl/SignedValueV4.dat");
    struct value_input input = {.value = sample_bytes(&file), .data_given = true}; /* its dataHash is 32 zeros */
    const struct check_options options = {.trust = NULL, .now_ms = NOW_MS, .known_ms = TIME_UNKNOWN};
    static struct checked_value out;
    struct step_list steps = {0};
    value_check(&steps, &out, &input, &options);
    report_is("SignedValueV4.dat", &steps,
              "signature_format=passed\nseal_format=passed\n" MAKER_OK SIGNER_OK
              "signer_listed=passed\ntimestamp=not_checked no_timestamp\ndata_hash=passed\nseal_period=passed\n");
    assert_int_equal(out.signed_ms, INT64_C(1602501243000));
    assert_int_equal(steps_outcome(&steps), STEPS_PASSED);
    sample_free(&file);
}

int main(void) {
    if (crypto_start()) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(production), cmocka_unit_test(documents), cmocka_unit_test(test_seals), cmocka_unit_test(test_signature)};
    return cmocka_run_group_tests_name("seal_samples", tests, NULL, NULL);
}
