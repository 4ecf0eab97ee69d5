/* Seals, signatures and certificates made and signed by another program (tests/vectors/make_value.py, its own SM2, SM3 and X.509), judged. */
#include "crypto/hash.h"
#include "crypto/selftest.h"
#include "tests/lib/seal_world.h"
#include "tests/lib/wire.h"

#include <openssl/err.h>

#define FILE_NAME "value"
#define NOW_MS INT64_C(1600000000000)     /* 2020-09-13 */
#define SIGNED_MS INT64_C(1599724740000)  /* 2020-09-10 07:59:00 */
#define STAMPED_MS (SIGNED_MS + 60000)

static struct trust *load_trust(const char *sub_crl) {
    static const char *const names[] = {"root", "sub", "root_crl"};
    struct vector vectors[4];
    struct sw_file files[4];
    for (size_t i = 0; i < 4; i++) {
        vectors[i] = vector_load(FILE_NAME, i < 3 ? names[i] : sub_crl);
        files[i] = (struct sw_file){i == 0 ? "0.cer" : i == 1 ? "1.cer" : i == 2 ? "2.crl" : "3.crl", vector_bytes(&vectors[i])};
    }
    struct trust_counts counts;
    struct trust *trust = sw_trust(files, 4, &counts);
    assert_true(counts.anchors == 1 && counts.cas == 1 && counts.crls == 2 && counts.skipped == 0);
    return trust;
}

static struct value_input input_of(const struct vector *value, const struct vector *data, const struct vector *cert) {
    struct value_input input = {.value = vector_bytes(value), .data_given = true, .data = vector_bytes(data), .bare_cert = vector_bytes(cert)};
    sm3(input.sm3, data->data, data->len);
    sha256(input.sha256, data->data, data->len);
    return input;
}

static void not_passed(char *text, size_t cap, const struct step_list *steps) {
    size_t len = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < steps->count; i++) {
        const struct step *step = &steps->steps[i];
        if (step->result == STEP_PASSED) continue;
        len += (size_t)snprintf(text + len, cap - len, "%s%s=%s", len ? " " : "", step_name(step->id), reason_name(step->reason));
        assert_true(len < cap);
    }
}

static void values(void **state) {
    (void)state;
    static const struct { const char *name; enum value_kind kind; int64_t stamped_ms; const char *expected, *when_revoked; } cases[] = {
        {"value_v1", VALUE_SES, TIME_UNKNOWN, "timestamp=no_timestamp", "signer_revocation=revoked timestamp=no_timestamp"},
        {"value_v4", VALUE_SES, TIME_UNKNOWN, "timestamp=no_timestamp", "signer_revocation=revoked timestamp=no_timestamp"},
        {"value_v4_raw", VALUE_SES, TIME_UNKNOWN, "timestamp=no_timestamp", "signer_revocation=revoked timestamp=no_timestamp"},
        {"value_v4_stamped", VALUE_SES, STAMPED_MS, "", ""},
        {"value_v4_empty_id", VALUE_SES, TIME_UNKNOWN, "signature_value=signature_empty_id timestamp=no_timestamp",
         "signature_value=signature_empty_id signer_revocation=revoked timestamp=no_timestamp"},
        {"value_v5", VALUE_SES, STAMPED_MS, "", ""},
        {"value_data_attrs", VALUE_SIGNED_DATA, STAMPED_MS, "seal_format=no_seal", "seal_format=no_seal"},
        {"value_data_plain", VALUE_SIGNED_DATA, TIME_UNKNOWN, "seal_format=no_seal signer_period=no_time timestamp=no_timestamp",
         "seal_format=no_seal signer_period=no_time signer_revocation=revoked timestamp=no_timestamp"},
        {"value_bare", VALUE_BARE, TIME_UNKNOWN, "seal_format=no_seal signer_period=no_time timestamp=no_timestamp",
         "seal_format=no_seal signer_period=no_time signer_revocation=revoked timestamp=no_timestamp"},
        {"value_bare_raw", VALUE_BARE, TIME_UNKNOWN, "seal_format=no_seal signer_period=no_time timestamp=no_timestamp",
         "seal_format=no_seal signer_period=no_time signer_revocation=revoked timestamp=no_timestamp"},
    };
    const struct vector data = vector_load(FILE_NAME, "data"), signer = vector_load(FILE_NAME, "signer");
    struct trust *trusts[2] = {load_trust("sub_crl"), load_trust("sub_crl_signer")};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct vector value = vector_load(FILE_NAME, cases[i].name);
        const struct value_input input = input_of(&value, &data, &signer);
        for (int revoked = 0; revoked < 2; revoked++) {
            char text[1024];
            static struct checked_value out;
            struct step_list steps = {0};
            value_check(&steps, &out, &input, &(struct check_options){.trust = trusts[revoked], .now_ms = NOW_MS, .known_ms = TIME_UNKNOWN});
            not_passed(text, sizeof text, &steps);
            const char *expected = revoked ? cases[i].when_revoked : cases[i].expected;
            if (strcmp(text, expected) != 0) fail_msg("%s: %s; expected %s", cases[i].name, text, expected);
            assert_int_equal(out.kind, cases[i].kind);
            assert_int_equal(out.timestamp_ms, cases[i].stamped_ms);
            if (out.kind == VALUE_SES) assert_int_equal(out.signed_ms, SIGNED_MS);
            assert_string_equal(out.signer.subject_cn, "签章者");
            assert_int_equal(ERR_peek_error(), 0);
        }
    }
    trust_free(trusts[0]), trust_free(trusts[1]);
}

static void seals(void **state) {
    (void)state;
    static const char *const names[] = {"seal_v1", "seal_v4", "seal_v5"};
    struct trust *trust = load_trust("sub_crl");
    for (size_t i = 0; i < 3; i++) {
        char text[1024];
        struct ses_seal seal;
        struct step_list steps = {0};
        const struct vector bytes = vector_load(FILE_NAME, names[i]);
        assert_true(seal_check(&steps, &seal, vector_bytes(&bytes), &(struct check_options){.trust = trust, .now_ms = NOW_MS, .known_ms = TIME_UNKNOWN}));
        not_passed(text, sizeof text, &steps);
        assert_string_equal(text, "");
        assert_int_equal(steps.count, i == 2 ? 8 : 7);
    }
    trust_free(trust);
}

int main(void) {
    if (crypto_start()) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(values), cmocka_unit_test(seals)};
    return cmocka_run_group_tests_name("seal_vectors", tests, NULL, NULL);
}
