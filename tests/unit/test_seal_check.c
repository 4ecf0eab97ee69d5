/* The judgement of seals and signature values: every rule of check.h, each with a world in which that rule alone decides. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <pthread.h>

#include "crypto/curve.h"
#include "crypto/hash.h"
#include "crypto/selftest.h"
#include "tests/lib/seal_world.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define MINUTE INT64_C(60000)
#define SIGNED_MS (SW_T0 - 10 * SW_DAY) /* when the documents were signed */

static struct party root, sub, maker, signer, tsa, ec_signer, late_root;
static struct trust *trust;               /* root, sub, lists on which nobody is */
static const char XML[] = "<ofd:Signature/>";
static struct value_input xml_input;

static int world_start(void **state) {
    (void)state;
    static struct sw_bytes of_root, of_sub;
    party_make(&root, NULL, &(struct party_wish){.cn = "Root", .ca = true});
    party_make(&sub, &root, &(struct party_wish){.cn = "Sub", .ca = true});
    party_make(&maker, &sub, &(struct party_wish){.cn = "Maker"});
    party_make(&signer, &sub, &(struct party_wish){.cn = "Signer"});
    party_make(&ec_signer, &sub, &(struct party_wish){.cn = "EC signer", .key = "EC"});
    party_make(&tsa, &sub, &(struct party_wish){.cn = "TSA", .extended = "critical,timeStamping"});
    party_make(&late_root, NULL, &(struct party_wish){.cn = "Late", .ca = true, .from_ms = SW_T0});
    const struct crl_wish empty = {.from_ms = SW_T0 - SW_DAY, .to_ms = SW_T0 + SW_DAY};
    crl_make(&of_root, &root, &empty);
    crl_make(&of_sub, &sub, &empty);
    const struct sw_file files[] = {{"root.cer", root.cert}, {"sub.cer", sub.cert}, {"root.crl", sw_view(&of_root)}, {"sub.crl", sw_view(&of_sub)}};
    trust = sw_trust(files, COUNT(files), NULL);
    xml_input = (struct value_input){.data_given = true, .data = bytes_text(XML)};
    sm3(xml_input.sm3, XML, strlen(XML));
    sha256(xml_input.sha256, XML, strlen(XML));
    return 0;
}

static int world_end(void **state) {
    (void)state;
    struct party *const all[] = {&root, &sub, &maker, &signer, &tsa, &ec_signer, &late_root};
    for (size_t i = 0; i < COUNT(all); i++) party_free(all[i]);
    trust_free(trust);
    return 0;
}

/* --- reports --- */

static const struct check_options NOW = {.trust = NULL, .now_ms = SW_T0, .known_ms = TIME_UNKNOWN};

static struct check_options trusting(void) {
    struct check_options options = NOW;
    options.trust = trust;
    return options;
}

static void report(char *text, size_t cap, const struct step_list *steps) {
    size_t len = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < steps->count; i++) {
        const struct step *step = &steps->steps[i];
        if (step->result != STEP_PASSED) len += (size_t)snprintf(text + len, cap - len, "%s=%s ", step_name(step->id), reason_name(step->reason));
        assert_true(len < cap);
    }
    if (len > 0) text[len - 1] = '\0';
}

/* `expected`: of all steps those that did not pass: "step=reason step=reason"; "" where all passed. */
static void steps_are(const char *what, const struct step_list *steps, const char *expected) {
    char text[2048];
    report(text, sizeof text, steps);
    if (strcmp(text, expected) != 0) fail_msg("%s: %s; expected: %s", what, text, expected);
    assert_int_equal(ERR_peek_error(), 0);
    for (uint32_t i = 1; i < steps->count; i++) assert_true(steps->steps[i - 1].id < steps->steps[i].id); /* in the standard's order */
}

static void failed_or_not(const struct step_list *steps, enum step_id id, enum step_result result) { assert_int_equal(step_find(steps, id)->result, result); }

/* --- a seal and a signature under it, all right unless the test says otherwise --- */

struct made {
    struct seal_wish seal;
    struct sign_wish sign;
    struct value_input input;
    struct check_options options;
    struct sw_bytes seal_bytes, value;
    struct checked_value out;
    struct step_list steps;
};

static struct made *made_new(enum ses_version version) {
    static struct made made;
    memset(&made, 0, sizeof made);
    made.seal = (struct seal_wish){.version = version, .maker = &maker, .list = {signer.cert}, .list_count = 1};
    made.sign = (struct sign_wish){.version = version, .signer = &signer, .time_ms = SIGNED_MS};
    made.input = xml_input;
    made.options = trusting();
    return &made;
}

static void judge(struct made *made) {
    made->steps = (struct step_list){0};
    value_check(&made->steps, &made->out, &made->input, &made->options);
}

static void make(struct made *made) {
    sw_seal_make(&made->seal_bytes, &made->seal);
    if (made->sign.seal.len == 0) made->sign.seal = sw_view(&made->seal_bytes);
    if (made->sign.data_hash.len == 0) made->sign.data_hash = bytes_of(xml_input.sm3, 32);
    signature_make(&made->value, &made->sign);
    made->input.value = sw_view(&made->value);
    judge(made);
}

/* Without a timestamp in it. */
#define IS(made, expected) steps_are(__func__, &(made)->steps, expected)
#define NOT_STAMPED "timestamp=no_timestamp"

static void all_right(void **state) {
    (void)state;
    static const enum ses_version versions[] = {SES_V1, SES_V4, SES_V5};
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct made *made = made_new(versions[i]);
        make(made);
        IS(made, NOT_STAMPED);
        assert_int_equal(made->steps.count, 16);
        assert_int_equal(steps_outcome(&made->steps), STEPS_PASSED);
        assert_int_equal(made->out.kind, VALUE_SES);
        assert_true(made->out.has_seal && made->out.has_signer && made->out.has_maker);
        assert_string_equal(made->out.signer.subject_cn, "Signer");
        assert_string_equal(made->out.maker.subject_cn, "Maker");
        assert_int_equal(made->out.signed_ms, SIGNED_MS);
        assert_int_equal(made->out.timestamp_ms, TIME_UNKNOWN);
        assert_int_equal(made->out.ses.version, versions[i]);

        made->options.trust = NULL;
        judge(made);
        IS(made, "maker_chain=no_anchor maker_revocation=no_anchor signer_chain=no_anchor signer_revocation=no_anchor " NOT_STAMPED);
        assert_int_equal(steps_outcome(&made->steps), STEPS_PASSED);
    }
}

static void all_right_seals(void **state) {
    (void)state;
    static const enum ses_version versions[] = {SES_V1, SES_V4, SES_V5};
    static struct sw_bytes bytes;
    struct check_options options = trusting();
    struct ses_seal seal;
    for (size_t i = 0; i < COUNT(versions); i++) {
        struct seal_wish wish = {.version = versions[i], .maker = &maker, .list = {signer.cert}, .list_count = 1};
        struct step_list steps = {0};
        sw_seal_make(&bytes, &wish);
        assert_true(seal_check(&steps, &seal, sw_view(&bytes), &options));
        steps_are("seal", &steps, versions[i] == SES_V5 ? NOT_STAMPED : "");
        assert_int_equal(seal.version, versions[i]);
        /* v1 signs info, certificate and algorithm; v4 and v5 the info alone: each in the other's way is wrong. */
        wish.over_info = true;
        steps = (struct step_list){0};
        sw_seal_make(&bytes, &wish);
        assert_true(seal_check(&steps, &seal, sw_view(&bytes), &options));
        assert_int_equal(step_find(&steps, STEP_SEAL_SIGNATURE)->reason, REASON_SIGNATURE_WRONG);
    }
}

/* --- formats --- */

static void formats(void **state) {
    (void)state;
    struct made *made = made_new(SES_V4);
    static const char rest[] =
        "signature_format=format seal_format=earlier_failed seal_signature=earlier_failed maker_chain=earlier_failed maker_usage=earlier_failed "
        "maker_period=earlier_failed maker_revocation=earlier_failed signature_value=earlier_failed signer_chain=earlier_failed signer_usage=earlier_failed "
        "signer_period=earlier_failed signer_revocation=earlier_failed signer_listed=earlier_failed timestamp=earlier_failed data_hash=earlier_failed "
        "seal_period=earlier_failed";
    make(made);
    made->input.value.len--; /* no DER at all */
    judge(made);
    IS(made, rest);
    assert_int_equal(made->out.kind, VALUE_UNKNOWN);
    made->input.value = sw_view(&made->seal_bytes); /* a seal is no signature */
    judge(made);
    IS(made, rest);
    assert_int_equal(made->out.kind, VALUE_SES);
    assert_false(made->out.has_seal || made->out.has_signer || made->out.has_maker);
    made->input.value = bytes_of(NULL, 0);
    judge(made);
    IS(made, rest);

    struct ses_seal seal;
    struct step_list steps = {0};
    assert_false(seal_check(&steps, &seal, bytes_of(made->seal_bytes.data, made->seal_bytes.len - 1), &made->options));
    steps_are("seal", &steps, "seal_format=format seal_signature=earlier_failed maker_chain=earlier_failed maker_usage=earlier_failed "
                              "maker_period=earlier_failed maker_revocation=earlier_failed seal_period=earlier_failed");

    static const uint8_t empty_signed_data[] = {0x30, 0x05, 0x06, 0x03, 0x2a, 0x03, 0x04};
    made->input.value = bytes_of(empty_signed_data, sizeof empty_signed_data);
    judge(made);
    assert_int_equal(made->out.kind, VALUE_SIGNED_DATA);
    IS(made, "signature_format=format seal_format=no_seal signature_value=earlier_failed signer_chain=earlier_failed signer_usage=earlier_failed "
             "signer_period=earlier_failed signer_revocation=earlier_failed timestamp=earlier_failed data_hash=earlier_failed");
}

static void versions(void **state) {
    (void)state;
    static const struct { enum ses_version version; uint32_t header, sign; const char *expected; } cases[] = {
        {SES_V1, 11, 0, NOT_STAMPED},
        {SES_V1, 4, 0, "seal_format=version " NOT_STAMPED},
        {SES_V1, 0, 4, "signature_format=version " NOT_STAMPED},
        {SES_V4, 3, 0, "seal_format=version " NOT_STAMPED},
        {SES_V4, 0, 1, "signature_format=version " NOT_STAMPED},
        {SES_V5, 0, 4, "signature_format=version " NOT_STAMPED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct made *made = made_new(cases[i].version);
        made->seal.header_version = cases[i].header;
        made->sign.sign_version = cases[i].sign;
        make(made);
        IS(made, cases[i].expected);
    }
}

static void seal_file(void **state) {
    (void)state;
    struct made *made = made_new(SES_V4);
    make(made);
    made->input.seal_file_given = true;
    made->input.seal_file = sw_view(&made->seal_bytes);
    judge(made);
    IS(made, NOT_STAMPED);
    failed_or_not(&made->steps, STEP_SEAL_FILE, STEP_PASSED);
    made->input.seal_file.len--;
    judge(made);
    IS(made, "seal_file=seal_differs " NOT_STAMPED);
    made->input.value.len--;
    judge(made);
    assert_int_equal(step_find(&made->steps, STEP_SEAL_FILE)->reason, REASON_EARLIER_FAILED);
}

/* --- signatures --- */

static void signatures(void **state) {
    (void)state;
    static const struct { enum sw_form maker, signer; const char *maker_alg, *signer_alg, *expected; } cases[] = {
        {SW_RAW, SW_RAW, NULL, NULL, NOT_STAMPED},
        {SW_DER, SW_DER, "1.2.156.10197.1.301.1", "1.2.156.10197.1.301", NOT_STAMPED},
        {SW_WRONG, SW_DER, NULL, NULL, "seal_signature=signature_wrong " NOT_STAMPED},
        {SW_DER, SW_WRONG, NULL, NULL, "signature_value=signature_wrong " NOT_STAMPED},
        {SW_EMPTY_ID, SW_DER, NULL, NULL, "seal_signature=signature_empty_id " NOT_STAMPED},
        {SW_DER, SW_EMPTY_ID, NULL, NULL, "signature_value=signature_empty_id " NOT_STAMPED},
        {SW_DER, SW_DER, "1.2.3.4", NULL, "seal_signature=algorithm " NOT_STAMPED},
        {SW_DER, SW_DER, NULL, "1.2.840.10045.4.3.2", "signature_value=algorithm " NOT_STAMPED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct made *made = made_new(i % 2 ? SES_V4 : SES_V1);
        made->seal.form = cases[i].maker;
        made->seal.alg = cases[i].maker_alg;
        made->sign.form = cases[i].signer;
        made->sign.alg = cases[i].signer_alg;
        make(made);
        IS(made, cases[i].expected);
    }
}

static void unreadable_certificates(void **state) {
    (void)state;
    struct made *made = made_new(SES_V4);
    made->seal.maker_cert = bytes_text("no certificate");
    make(made);
    IS(made, "seal_signature=certificate maker_chain=earlier_failed maker_usage=earlier_failed maker_period=earlier_failed maker_revocation=earlier_failed "
             NOT_STAMPED);
    assert_false(made->out.has_maker);
    made = made_new(SES_V4);
    made->sign.signer_cert = bytes_text("no certificate");
    make(made);
    IS(made, "signature_value=certificate signer_chain=earlier_failed signer_usage=earlier_failed signer_period=earlier_failed "
             "signer_revocation=earlier_failed signer_listed=not_listed " NOT_STAMPED);
    assert_false(made->out.has_signer);
}

/* Another's signature under a certificate that the seal lists, and the other way round. */
static void another_signer(void **state) {
    (void)state;
    struct made *made = made_new(SES_V4);
    made->sign.signer = &ec_signer;
    made->sign.signer_cert = signer.cert;
    make(made);
    IS(made, "signature_value=algorithm " NOT_STAMPED);
    made = made_new(SES_V4);
    made->sign.signer = &maker;
    make(made);
    IS(made, "signer_listed=not_listed " NOT_STAMPED);
}

static void lists(void **state) {
    (void)state;
    uint8_t of_sm3[32], of_sha256[32];
    sm3(of_sm3, signer.cert.data, signer.cert.len);
    sha256(of_sha256, signer.cert.data, signer.cert.len);
    const struct bytes s3 = bytes_of(of_sm3, 32), s256 = bytes_of(of_sha256, 32);
    const struct { struct bytes digest; const char *alg; bool listed; } cases[] = {
        {s3, "SM3", true}, {s3, "1.2.156.10197.1.401", true}, {s3, "anything", true}, {s256, "SHA-256", true},
        {s256, "SM3", false}, {s3, "SHA256", false}, {bytes_of(of_sm3, 31), "SM3", false}, {signer.cert, "SM3", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct made *made = made_new(SES_V4);
        made->seal.list_kind = SES_CERT_DIGESTS;
        made->seal.list_alg = cases[i].alg;
        made->seal.list[0] = bytes_of(of_sha256, 3);
        made->seal.list[1] = cases[i].digest;
        made->seal.list_count = 2;
        make(made);
        IS(made, cases[i].listed ? NOT_STAMPED : "signer_listed=not_listed " NOT_STAMPED);
    }
    static const enum ses_version all[] = {SES_V1, SES_V4, SES_V5};
    for (size_t i = 0; i < COUNT(all); i++) {
        struct made *made = made_new(all[i]);
        made->seal.list[0] = maker.cert;
        make(made);
        IS(made, "signer_listed=not_listed " NOT_STAMPED);
        made = made_new(all[i]);
        made->seal.list_count = 0;
        make(made);
        IS(made, "signer_listed=not_listed " NOT_STAMPED);
        made = made_new(all[i]);
        made->seal.list[0] = maker.cert;
        made->seal.list[1] = signer.cert;
        made->seal.list_count = 2;
        make(made);
        IS(made, NOT_STAMPED);
    }
}

/* --- certificates --- */

/* A certificate of this wish takes the signer's (or maker's) place. */
static struct made *with_signer(struct party *party, const struct party *issuer, const struct party_wish *wish) {
    struct made *made = made_new(SES_V4);
    party_make(party, issuer, wish);
    made->sign.signer = party;
    made->seal.list[0] = party->cert;
    return made;
}

static struct made *with_maker(struct party *party, const struct party *issuer, const struct party_wish *wish) {
    struct made *made = made_new(SES_V4);
    party_make(party, issuer, wish);
    made->seal.maker = party;
    return made;
}

static void usages(void **state) {
    (void)state;
    static const struct party_wish ca = {.cn = "CA", .ca = true, .usage = "digitalSignature,keyCertSign,cRLSign"}, encipher = {.cn = "E", .usage = "keyEncipherment"},
                                   none = {.cn = "N", .usage = ""};
    struct party party;
    struct made *made = with_signer(&party, &root, &ca);
    make(made);
    IS(made, "signer_usage=is_ca " NOT_STAMPED);
    assert_string_equal(step_find(&made->steps, STEP_SIGNER_USAGE)->detail, "CA");
    party_free(&party);
    made = with_signer(&party, &sub, &encipher);
    make(made);
    IS(made, "signer_usage=usage " NOT_STAMPED);
    party_free(&party);
    made = with_signer(&party, &sub, &none);
    make(made);
    IS(made, NOT_STAMPED);
    party_free(&party);
    made = with_maker(&party, &sub, &encipher);
    make(made);
    IS(made, "maker_usage=usage " NOT_STAMPED);
    party_free(&party);
}

static void chains(void **state) {
    (void)state;
    struct party party;
    struct made *made = with_signer(&party, &late_root, &(struct party_wish){.cn = "Foreign"});
    make(made);
    IS(made, "signer_chain=untrusted signer_revocation=earlier_failed " NOT_STAMPED);
    assert_string_equal(step_find(&made->steps, STEP_SIGNER_CHAIN)->detail, "Foreign");
    party_free(&party);
    made = with_maker(&party, &late_root, &(struct party_wish){.cn = "Foreign"});
    make(made);
    IS(made, "maker_chain=untrusted maker_revocation=earlier_failed " NOT_STAMPED);
    party_free(&party);
    made = with_signer(&party, &sub, &(struct party_wish){.cn = "Empty id", .empty_id = true});
    make(made);
    IS(made, "signer_chain=chain_wrong signer_revocation=earlier_failed " NOT_STAMPED);
    assert_string_equal(step_find(&made->steps, STEP_SIGNER_CHAIN)->detail, "certificate signature failure");
    party_free(&party);
    made = with_maker(&party, &sub, &(struct party_wish){.cn = "Empty id", .empty_id = true});
    make(made);
    IS(made, "maker_chain=chain_wrong maker_revocation=earlier_failed " NOT_STAMPED);
    party_free(&party);
}

/* --- time --- */

static void signer_periods(void **state) {
    (void)state;
    static const struct { int64_t from_ms, to_ms, signed_ms; enum step_reason reason; } cases[] = {
        {SIGNED_MS, SIGNED_MS, SIGNED_MS, REASON_NONE},
        {SIGNED_MS + 1000, SW_T0, SIGNED_MS, REASON_BEFORE_PERIOD},
        {SW_T0 - SW_YEAR, SIGNED_MS - 1000, SIGNED_MS, REASON_AFTER_PERIOD},
        {SW_T0 - SW_YEAR, SW_T0 - 5 * SW_DAY, SIGNED_MS, REASON_NONE}, /* ended since: no matter */
        {SW_T0 - SW_YEAR, SW_T0 + SW_YEAR, SW_T0 + 5 * MINUTE, REASON_NONE},
        {SW_T0 - SW_YEAR, SW_T0 + SW_YEAR, SW_T0 + 5 * MINUTE + 1000, REASON_IN_FUTURE},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct party party;
        struct made *made = with_signer(&party, &sub, &(struct party_wish){.cn = "P", .from_ms = cases[i].from_ms, .to_ms = cases[i].to_ms});
        made->sign.time_ms = cases[i].signed_ms;
        made->options.trust = NULL; /* whether a list still covers an ended certificate is another question (test_seal_cert.c) */
        make(made);
        const struct step *period = step_find(&made->steps, STEP_SIGNER_PERIOD);
        if (period->reason != cases[i].reason) fail_msg("case %zu: %s", i, reason_name(period->reason));
        assert_int_equal(period->result, cases[i].reason == REASON_NONE ? STEP_PASSED : STEP_FAILED);
        assert_int_equal(steps_outcome(&made->steps), cases[i].reason == REASON_NONE ? STEPS_PASSED : STEPS_TIME);
        party_free(&party);
    }
}

/* A claim that the ledger disproves. */
static void known_before_claimed(void **state) {
    (void)state;
    struct made *made = made_new(SES_V4);
    made->options.known_ms = SIGNED_MS - 5 * MINUTE;
    make(made);
    IS(made, NOT_STAMPED);
    made->options.known_ms -= 1000;
    judge(made);
    IS(made, "signer_period=in_future " NOT_STAMPED);
    made->options.known_ms = SIGNED_MS + SW_DAY;
    judge(made);
    IS(made, NOT_STAMPED);
}

static void ca_periods(void **state) {
    (void)state;
    struct party short_root, of_short;
    party_make(&short_root, NULL, &(struct party_wish){.cn = "Short", .ca = true, .from_ms = SIGNED_MS - SW_DAY, .to_ms = SIGNED_MS + SW_DAY});
    const struct sw_file files[] = {{"root.cer", root.cert}, {"sub.cer", sub.cert}, {"short.cer", short_root.cert}};
    struct trust *with_short = sw_trust(files, COUNT(files), NULL);
    static const struct { int64_t signed_ms; const char *expected; } cases[] = {
        {SIGNED_MS, ""}, {SIGNED_MS - 2 * SW_DAY, "signer_period=before_period "}, {SIGNED_MS + 2 * SW_DAY, "signer_period=after_period "}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char expected[256];
        struct made *made = with_signer(&of_short, &short_root, &(struct party_wish){.cn = "S"});
        made->options.trust = with_short;
        made->sign.time_ms = cases[i].signed_ms;
        make(made);
        snprintf(expected, sizeof expected, "maker_revocation=no_crl %ssigner_revocation=no_crl " NOT_STAMPED, cases[i].expected);
        IS(made, expected);
        if (cases[i].expected[0]) assert_string_equal(step_find(&made->steps, STEP_SIGNER_PERIOD)->detail, "a CA certificate above it");
        party_free(&of_short);
    }
    trust_free(with_short);
    party_free(&short_root);
}

/* Of a maker it is asked whether it was in its period at some time from the seal's creation to its use. */
static void maker_periods(void **state) {
    (void)state;
    const int64_t created = SW_T0 - 100 * SW_DAY; /* as the seal has it */
    const struct { int64_t from_ms, to_ms; const char *reason; } cases[] = {
        {created - SW_DAY, created + SW_DAY, ""},           /* ended before the use */
        {created + 5 * SW_DAY, SW_T0, ""},                  /* began after the stated creation */
        {created - SW_DAY, created - 1000, "after_period"},
        {SIGNED_MS + SW_DAY, SW_T0, "before_period"},       /* began after the use */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct party party;
        struct made *made = with_maker(&party, &sub, &(struct party_wish){.cn = "M", .from_ms = cases[i].from_ms, .to_ms = cases[i].to_ms});
        made->options.trust = NULL;
        make(made);
        const struct step *period = step_find(&made->steps, STEP_MAKER_PERIOD);
        assert_string_equal(reason_name(period->reason), cases[i].reason);
        assert_int_equal(period->result, cases[i].reason[0] ? STEP_FAILED : STEP_PASSED);
        assert_int_equal(steps_outcome(&made->steps), cases[i].reason[0] ? STEPS_TIME : STEPS_PASSED);
        party_free(&party);
    }
}

static void seal_periods(void **state) {
    (void)state;
    static const struct { int64_t from_ms, to_ms; const char *of_value, *alone; } cases[] = {
        {SIGNED_MS, SIGNED_MS, "", "seal_period=period_ended"},
        {SIGNED_MS + 1000, SW_T0 + SW_DAY, " seal_period=before_period", ""},
        {SW_T0 - SW_YEAR, SIGNED_MS - 1000, " seal_period=after_period", "seal_period=period_ended"},
        {SW_T0 + 1000, SW_T0 + SW_DAY, " seal_period=before_period", "seal_period=before_period"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char expected[128];
        struct made *made = made_new(SES_V4);
        made->seal.from_ms = cases[i].from_ms;
        made->seal.to_ms = cases[i].to_ms;
        make(made);
        snprintf(expected, sizeof expected, NOT_STAMPED "%s", cases[i].of_value);
        IS(made, expected);
        struct ses_seal seal;
        struct step_list steps = {0};
        assert_true(seal_check(&steps, &seal, sw_view(&made->seal_bytes), &made->options));
        steps_are("alone", &steps, cases[i].alone);
    }
}

/* v1 leaves timeInfo open: with words in it there is no time. */
static void no_time(void **state) {
    (void)state;
    struct made *made = made_new(SES_V1);
    made->sign.time_info = bytes_text("yesterday");
    make(made);
    IS(made, "signer_period=no_time " NOT_STAMPED " seal_period=no_time");
    assert_int_equal(made->out.signed_ms, TIME_UNKNOWN);
    made->options.known_ms = SIGNED_MS; /* says by when, not when */
    judge(made);
    IS(made, "signer_period=no_time " NOT_STAMPED " seal_period=no_time");
}

/* --- who may make seals --- */

static struct trust *trust_naming(const struct party *one) {
    const struct sw_file files[] = {{"root.cer", root.cert}, {"sub.cer", sub.cert}, {"makers/one.cer", one->cert}};
    return sw_trust(files, COUNT(files), NULL);
}

/* The holder of a seal, whose certificate comes from the CA that certifies makers too, makes itself another. */
static void makers_named(void **state) {
    (void)state;
    for (int honest = 0; honest < 2; honest++) {
        struct trust *named = trust_naming(&maker), *of_ca = trust_naming(&sub), *of_other = trust_naming(&ec_signer);
        struct made *made = made_new(honest ? SES_V4 : SES_V5);
        if (!honest) made->seal.maker = &signer;
        made->options.trust = named;
        make(made);
        IS(made, honest ? "maker_revocation=no_crl signer_revocation=no_crl " NOT_STAMPED
                        : "maker_chain=no_maker maker_revocation=no_crl signer_revocation=no_crl " NOT_STAMPED);
        assert_int_equal(steps_outcome(&made->steps), honest ? STEPS_PASSED : STEPS_FAILED);
        if (!honest) assert_string_equal(step_find(&made->steps, STEP_MAKER_CHAIN)->detail, "Signer");
        made->options.trust = of_ca; /* that CA is said to certify makers only */
        judge(made);
        IS(made, "maker_revocation=no_crl signer_revocation=no_crl " NOT_STAMPED);
        made->options.trust = of_other;
        judge(made);
        IS(made, "maker_chain=no_maker maker_revocation=no_crl signer_revocation=no_crl " NOT_STAMPED);
        trust_free(named), trust_free(of_ca), trust_free(of_other);
    }
}

/* --- revocation --- */

static struct trust *trust_with(const struct revoked *entry, int64_t from_ms, int64_t to_ms) {
    static struct sw_bytes crl;
    crl_make(&crl, &sub, &(struct crl_wish){.from_ms = from_ms, .to_ms = to_ms, .entries = entry, .count = entry ? 1 : 0});
    const struct sw_file files[] = {{"root.cer", root.cert}, {"sub.cer", sub.cert}, {"sub.crl", sw_view(&crl)}};
    return sw_trust(files, COUNT(files), NULL);
}

static void signer_revoked(void **state) {
    (void)state;
    const int64_t day = SW_DAY;
    const struct { int64_t revoked_ms, stamp_ms, known_ms; bool passed; } cases[] = {
        {SIGNED_MS - day, 0, TIME_UNKNOWN, false},               /* before signing */
        {SIGNED_MS + day, 0, TIME_UNKNOWN, false},               /* after, but only the signature itself says so */
        {SIGNED_MS + day, SIGNED_MS, TIME_UNKNOWN, true},        /* after, and a timestamp proves it */
        {SIGNED_MS + day, SIGNED_MS + 2 * day, TIME_UNKNOWN, false}, /* a timestamp after the revocation proves nothing */
        {SIGNED_MS + day, SIGNED_MS + day, TIME_UNKNOWN, false},
        {SIGNED_MS + day, 0, SIGNED_MS + 1000, true},            /* after, and the ledger knew it before */
        {SIGNED_MS + day, 0, SIGNED_MS + 2 * day, false},        /* the ledger learnt of it later */
        {SIGNED_MS + day, SIGNED_MS + 2 * day, SIGNED_MS, true}, /* the earlier of two proofs */
        {SIGNED_MS - day, 0, SIGNED_MS - 2 * day, true},         /* proven before the revocation; that the claim is later fails elsewhere */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct revoked entry = {&signer, cases[i].revoked_ms, 1};
        struct made *made = made_new(i % 2 ? SES_V5 : SES_V4);
        struct trust *with = trust_with(&entry, SW_T0 - day, SW_T0 + day);
        made->options.trust = with;
        made->options.known_ms = cases[i].known_ms;
        if (cases[i].stamp_ms) made->sign.tsa = &tsa, made->sign.stamp_ms = cases[i].stamp_ms;
        make(made);
        const struct step *step = step_find(&made->steps, STEP_SIGNER_REVOCATION);
        if ((step->result == STEP_PASSED) != cases[i].passed) fail_msg("case %zu: %s", i, reason_name(step->reason));
        assert_int_equal(step->reason, cases[i].passed ? REASON_NONE : REASON_REVOKED);
        if (cases[i].stamp_ms) failed_or_not(&made->steps, STEP_TIMESTAMP, STEP_PASSED);
        if (cases[i].stamp_ms) failed_or_not(&made->steps, STEP_SIGNER_PERIOD, STEP_PASSED); /* proven, so no claim that known_ms could disprove */
        trust_free(with);
    }
}

static void maker_revoked(void **state) {
    (void)state;
    const int64_t created = SW_T0 - 100 * SW_DAY;
    const struct { int64_t revoked_ms, stamp_ms, known_ms; bool v5, passed; } cases[] = {
        {created - SW_DAY, 0, TIME_UNKNOWN, false, false},
        {created + SW_DAY, 0, TIME_UNKNOWN, false, false},         /* "made before", says whoever has the key */
        {SIGNED_MS + SW_DAY, SIGNED_MS, TIME_UNKNOWN, false, true}, /* what it sealed is older than the revocation */
        {SIGNED_MS + SW_DAY, 0, SIGNED_MS, false, true},
        {created + 2 * SW_DAY, created + SW_DAY, TIME_UNKNOWN, true, true}, /* the seal's own timestamp */
        {created + SW_DAY, created + 2 * SW_DAY, TIME_UNKNOWN, true, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct revoked entry = {&maker, cases[i].revoked_ms, -1};
        struct made *made = made_new(cases[i].v5 ? SES_V5 : SES_V4);
        struct trust *with = trust_with(&entry, SW_T0 - SW_DAY, SW_T0 + SW_DAY);
        made->options.trust = with;
        made->options.known_ms = cases[i].known_ms;
        if (cases[i].stamp_ms && cases[i].v5) made->seal.tsa = &tsa, made->seal.stamp_ms = cases[i].stamp_ms;
        if (cases[i].stamp_ms && !cases[i].v5) made->sign.tsa = &tsa, made->sign.stamp_ms = cases[i].stamp_ms;
        make(made);
        const struct step *step = step_find(&made->steps, STEP_MAKER_REVOCATION);
        if ((step->result == STEP_PASSED) != cases[i].passed) fail_msg("case %zu: %s", i, reason_name(step->reason));
        assert_int_equal(step->reason, cases[i].passed ? REASON_NONE : REASON_REVOKED);
        if (cases[i].v5) {
            struct ses_seal seal;
            struct step_list steps = {0};
            assert_true(seal_check(&steps, &seal, sw_view(&made->seal_bytes), &made->options));
            steps_are("seal alone", &steps, cases[i].passed ? "" : "maker_revocation=revoked");
        }
        trust_free(with);
    }
}

/* A list that was in force when the signature claims to be made says nothing of the key's fate since; with a proof of the time it is enough. */
static void old_lists(void **state) {
    (void)state;
    struct trust *with = trust_with(NULL, SIGNED_MS - SW_DAY, SIGNED_MS + SW_DAY);
    struct made *made = made_new(SES_V4);
    made->options.trust = with;
    make(made);
    IS(made, "maker_revocation=no_crl signer_revocation=no_crl " NOT_STAMPED);
    made->options.known_ms = SIGNED_MS;
    judge(made);
    IS(made, NOT_STAMPED);
    trust_free(with);
}

/* --- data --- */

static void data_hashes(void **state) {
    (void)state;
    struct made *made = made_new(SES_V4);
    make(made);
    made->input.sm3[31] ^= 1;
    judge(made);
    IS(made, NOT_STAMPED " data_hash=hash_differs");
    made->input.data_given = false;
    judge(made);
    IS(made, NOT_STAMPED " data_hash=no_data");
    made = made_new(SES_V4);
    made->sign.data_hash = bytes_of(xml_input.sha256, 32); /* under SM2 only SM3 goes */
    make(made);
    IS(made, NOT_STAMPED " data_hash=hash_differs");
    for (int i = 0; i < 2; i++) {
        made = made_new(SES_V4);
        made->sign.signer = &ec_signer;
        made->seal.list[0] = ec_signer.cert;
        made->sign.data_hash = bytes_of(i ? xml_input.sha256 : xml_input.sm3, 32);
        make(made);
        IS(made, NOT_STAMPED);
    }
    made = made_new(SES_V4);
    made->sign.data_hash = bytes_of(xml_input.sm3, 31);
    make(made);
    IS(made, NOT_STAMPED " data_hash=hash_differs");
}

/* A digest that ends in zero bytes, of which the maker left some out: the same digest, and a note. One byte more is none. */
static void data_hash_trimmed(void **state) {
    (void)state;
    static uint8_t digest[33];
    memset(digest, 0xA5, 30);
    for (size_t len = 28; len <= 33; len++) {
        struct made *made = made_new(SES_V4);
        memcpy(made->input.sm3, digest, 32);
        made->sign.data_hash = bytes_of(digest, len);
        make(made);
        if (len < 30 || len > 32) IS(made, NOT_STAMPED " data_hash=hash_differs");
        else IS(made, NOT_STAMPED);
        assert_int_equal(made->steps.encoding, len < 32 ? ENCODING_BITS : ENCODING_NONE);
    }
}

/* --- GB/T 35275 --- */

static struct data_wish data_right(void) {
    return (struct data_wish){.signer = &signer, .time_ms = SIGNED_MS, .attr_digest = bytes_of(xml_input.sm3, 32), .content = bytes_of(xml_input.sm3, 32)};
}

static void data_is(const struct data_wish *wish, const struct check_options *options, bool data_given, const char *expected) {
    static struct sw_bytes value;
    static struct checked_value out;
    struct step_list steps = {0};
    struct value_input input = xml_input;
    signed_data_make(&value, wish);
    input.value = sw_view(&value);
    input.data_given = data_given;
    value_check(&steps, &out, &input, options);
    steps_are("signed data", &steps, expected);
    assert_int_equal(out.kind, VALUE_SIGNED_DATA);
    assert_false(out.has_seal || out.has_maker);
    assert_int_equal(steps.count, 9);
}

static void signed_data(void **state) {
    (void)state;
    static uint8_t wrong[32];
    const struct check_options options = trusting();
    struct data_wish wish = data_right();
    data_is(&wish, &options, true, "seal_format=no_seal " NOT_STAMPED);
    data_is(&wish, &options, false, "seal_format=no_seal " NOT_STAMPED " data_hash=no_data");
    data_is(&wish, &NOW, true, "seal_format=no_seal signer_chain=no_anchor signer_revocation=no_anchor " NOT_STAMPED);
    wish.form = SW_RAW;
    data_is(&wish, &options, true, "seal_format=no_seal " NOT_STAMPED);
    wish.form = SW_EMPTY_ID;
    data_is(&wish, &options, true, "seal_format=no_seal signature_value=signature_empty_id " NOT_STAMPED);
    wish = data_right();
    wish.attr_digest = bytes_of(wrong, 32);
    data_is(&wish, &options, true, "seal_format=no_seal " NOT_STAMPED " data_hash=hash_differs");
    wish = data_right();
    wish.digest_oid = "1.3.14.3.2.26"; /* SHA-1 */
    data_is(&wish, &options, true, "seal_format=no_seal " NOT_STAMPED " data_hash=digest_unknown");
    wish.digest_oid = "2.16.840.1.101.3.4.2.1";
    data_is(&wish, &options, true, "seal_format=no_seal " NOT_STAMPED " data_hash=hash_differs");
    wish.attr_digest = bytes_of(xml_input.sha256, 32);
    data_is(&wish, &options, true, "seal_format=no_seal " NOT_STAMPED);
    wish = data_right();
    wish.no_cert = true;
    data_is(&wish, &options, true, "seal_format=no_seal signature_value=certificate signer_chain=earlier_failed signer_usage=earlier_failed "
                                   "signer_period=earlier_failed signer_revocation=earlier_failed " NOT_STAMPED);
    wish = data_right();
    wish.no_time = true;
    data_is(&wish, &options, true, "seal_format=no_seal signer_period=no_time " NOT_STAMPED);
    wish.tsa = &tsa; /* then the timestamp is the time */
    wish.stamp_ms = SIGNED_MS;
    data_is(&wish, &options, true, "seal_format=no_seal");
    wish.stamp_ms = SW_T0 + SW_DAY;
    data_is(&wish, &options, true, "seal_format=no_seal signer_period=in_future");

    /* Without attributes the content is the digest itself. */
    wish = data_right();
    wish.no_attrs = true;
    data_is(&wish, &options, true, "seal_format=no_seal signer_period=no_time " NOT_STAMPED);
    wish.content = bytes_of(wrong, 32);
    data_is(&wish, &options, true, "seal_format=no_seal signer_period=no_time " NOT_STAMPED " data_hash=hash_differs");
    wish.content = bytes_text(XML);
    data_is(&wish, &options, true, "seal_format=no_seal signer_period=no_time " NOT_STAMPED " data_hash=hash_differs");
    wish.no_content = true; /* detached, over the file */
    data_is(&wish, &options, true, "seal_format=no_seal signature_value=signature_wrong signer_period=no_time " NOT_STAMPED " data_hash=hash_differs");
}

/* The link to the anchor comes with the signature. */
static void signed_data_link(void **state) {
    (void)state;
    const struct sw_file files[] = {{"root.cer", root.cert}};
    struct trust *anchor = sw_trust(files, 1, NULL);
    struct check_options options = NOW;
    options.trust = anchor;
    struct data_wish wish = data_right();
    data_is(&wish, &options, true, "seal_format=no_seal signer_chain=untrusted signer_revocation=earlier_failed " NOT_STAMPED);
    wish.link = &sub;
    data_is(&wish, &options, true, "seal_format=no_seal signer_revocation=no_crl " NOT_STAMPED);
    trust_free(anchor);
}

/* --- bare signatures --- */

static void bare(void **state) {
    (void)state;
    uint8_t value[512];
    static struct checked_value out;
    const struct check_options options = trusting();
    struct value_input input = xml_input;
    static const enum sw_form forms[] = {SW_DER, SW_RAW};
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct step_list steps = {0};
        input = xml_input;
        input.value = bytes_of(value, party_sign(value, sizeof value, &signer, forms[i], bytes_text(XML)));
        value_check(&steps, &out, &input, &options);
        assert_int_equal(out.kind, VALUE_BARE);
        steps_are("no certificate", &steps, "seal_format=no_seal signature_value=certificate signer_chain=certificate signer_usage=certificate "
                                            "signer_period=certificate signer_revocation=certificate " NOT_STAMPED " data_hash=certificate");
        assert_int_equal(steps_outcome(&steps), STEPS_PASSED);
        input.bare_cert = signer.cert;
        input.seal_file_given = true;
        steps = (struct step_list){0};
        value_check(&steps, &out, &input, &options);
        steps_are("right", &steps, "seal_format=no_seal seal_file=no_seal signer_period=no_time " NOT_STAMPED);
        assert_true(out.has_signer);
        input.data = bytes_text("another file");
        input.seal_file_given = false;
        steps = (struct step_list){0};
        value_check(&steps, &out, &input, &options);
        steps_are("wrong", &steps, "seal_format=no_seal signature_value=signature_wrong signer_period=no_time " NOT_STAMPED " data_hash=earlier_failed");
        input.data = bytes_of(NULL, 0);
        steps = (struct step_list){0};
        value_check(&steps, &out, &input, &options);
        steps_are("no data", &steps, "seal_format=no_seal signature_value=no_data signer_chain=no_data signer_usage=no_data signer_period=no_data "
                                     "signer_revocation=no_data " NOT_STAMPED " data_hash=no_data");
    }
    memset(value, 0xff, SIG_LEN); /* 64 bytes, but no numbers of an SM2 signature */
    input.value = bytes_of(value, SIG_LEN);
    struct step_list steps = {0};
    value_check(&steps, &out, &input, &options);
    assert_int_equal(out.kind, VALUE_UNKNOWN);
}

/* --- timestamps --- */

static void timestamps(void **state) {
    (void)state;
    struct made *made = made_new(SES_V4);
    made->sign.tsa = &tsa;
    made->sign.stamp_ms = SIGNED_MS + SW_DAY;
    make(made);
    IS(made, "");
    assert_int_equal(made->out.timestamp_ms, SIGNED_MS + SW_DAY);
    assert_int_equal(made->out.signed_ms, SIGNED_MS);
    made->options.trust = NULL; /* proves nothing then */
    judge(made);
    IS(made, "maker_chain=no_anchor maker_revocation=no_anchor signer_chain=no_anchor signer_revocation=no_anchor timestamp=no_anchor");
    assert_int_equal(made->out.timestamp_ms, TIME_UNKNOWN);

    /* The periods are judged by the proven time: the seal had ended by then. */
    made = made_new(SES_V4);
    made->seal.to_ms = SIGNED_MS + 1000;
    made->sign.tsa = &tsa;
    made->sign.stamp_ms = SIGNED_MS + SW_DAY;
    make(made);
    IS(made, "seal_period=after_period");

    /* The token of one signature in another. */
    static struct sw_bytes token;
    made = made_new(SES_V4);
    token_make(&token, &(struct token_wish){.tsa = &tsa, .time_ms = SIGNED_MS, .stamped = bytes_text("another signature")});
    made->sign.token = sw_view(&token);
    make(made);
    IS(made, "timestamp=timestamp_wrong");
    assert_int_equal(made->out.timestamp_ms, TIME_UNKNOWN);

    /* v5 seals carry their own. */
    static struct sw_bytes bytes;
    struct ses_seal seal;
    struct seal_wish wish = {.version = SES_V5, .maker = &maker, .list = {signer.cert}, .list_count = 1, .tsa = &tsa, .stamp_ms = SIGNED_MS};
    const struct check_options options = trusting();
    struct step_list steps = {0};
    sw_seal_make(&bytes, &wish);
    assert_true(seal_check(&steps, &seal, sw_view(&bytes), &options));
    steps_are("v5 seal", &steps, "");
    failed_or_not(&steps, STEP_TIMESTAMP, STEP_PASSED);
    wish.tsa = NULL;
    wish.token = sw_view(&token);
    sw_seal_make(&bytes, &wish);
    steps = (struct step_list){0};
    assert_true(seal_check(&steps, &seal, sw_view(&bytes), &options));
    steps_are("v5 seal", &steps, "timestamp=timestamp_wrong");
}

/* v1: the token stands in what is signed and is over the digest. It gives the time, but no proof that the signature is as old. */
static void timestamp_v1(void **state) {
    (void)state;
    static struct sw_bytes token;
    const struct revoked entry = {&signer, SIGNED_MS + SW_DAY, 1};
    struct trust *with = trust_with(&entry, SW_T0 - SW_DAY, SW_T0 + SW_DAY);
    for (int i = 0; i < 3; i++) {
        struct token_wish wish = {.tsa = &tsa, .time_ms = SIGNED_MS};
        if (i == 0) wish.imprint = bytes_of(xml_input.sm3, 32);
        if (i == 1) wish.stamped = bytes_of(xml_input.sm3, 32);
        if (i == 2) wish.stamped = bytes_text("something else");
        token_make(&token, &wish);
        struct made *made = made_new(SES_V1);
        made->sign.time_info = sw_view(&token);
        make(made);
        IS(made, i < 2 ? "" : "signer_period=no_time timestamp=timestamp_wrong seal_period=no_time");
        assert_int_equal(made->out.signed_ms, i < 2 ? SIGNED_MS : TIME_UNKNOWN);
        assert_int_equal(made->out.timestamp_ms, TIME_UNKNOWN);
        made->options.trust = with;
        judge(made);
        assert_int_equal(step_find(&made->steps, STEP_SIGNER_REVOCATION)->reason, REASON_REVOKED);
    }
    trust_free(with);
}

/* Every byte of a signature matters: whichever is changed, something fails. */
static void any_byte(void **state) {
    (void)state;
    static const enum ses_version all[] = {SES_V1, SES_V4, SES_V5};
    for (size_t v = 0; v < COUNT(all); v++) {
        struct made *made = made_new(all[v]);
        make(made);
        IS(made, NOT_STAMPED);
        made->options.trust = NULL; /* by the signatures alone; the chain has its own test */
        for (size_t i = v; i < made->value.len; i += 7) {
            made->value.data[i] ^= 0x10;
            judge(made);
            if (steps_outcome(&made->steps) == STEPS_PASSED) fail_msg("byte %zu of %zu", i, made->value.len);
            made->value.data[i] ^= 0x10;
        }
    }
}

/* One trust for all threads. */
static void *judge_again(void *p) {
    const struct made *made = p;
    for (int i = 0; i < 10; i++) {
        struct checked_value out;
        struct step_list steps = {0};
        value_check(&steps, &out, &made->input, &made->options);
        if (steps.count != made->steps.count || memcmp(steps.steps, made->steps.steps, steps.count * sizeof *steps.steps) != 0) return p;
    }
    return NULL;
}

static void threads(void **state) {
    (void)state;
    pthread_t all[4];
    struct trust *fresh = trust_with(&(struct revoked){&signer, SIGNED_MS + SW_DAY, 1}, SW_T0 - SW_DAY, SW_T0 + SW_DAY);
    struct made *made = made_new(SES_V4);
    made->sign.tsa = &tsa;
    made->sign.stamp_ms = SIGNED_MS;
    make(made);
    IS(made, "");
    made->options.trust = fresh;
    for (size_t i = 0; i < COUNT(all); i++) assert_int_equal(pthread_create(&all[i], NULL, judge_again, made), 0);
    for (size_t i = 0; i < COUNT(all); i++) {
        void *failed;
        assert_int_equal(pthread_join(all[i], &failed), 0);
        assert_null(failed);
    }
    trust_free(fresh);
}

int main(void) {
    if (crypto_start()) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_right), cmocka_unit_test(all_right_seals), cmocka_unit_test(formats), cmocka_unit_test(versions), cmocka_unit_test(seal_file),
        cmocka_unit_test(signatures), cmocka_unit_test(unreadable_certificates), cmocka_unit_test(another_signer), cmocka_unit_test(lists),
        cmocka_unit_test(usages), cmocka_unit_test(chains), cmocka_unit_test(signer_periods), cmocka_unit_test(known_before_claimed),
        cmocka_unit_test(ca_periods), cmocka_unit_test(maker_periods), cmocka_unit_test(seal_periods), cmocka_unit_test(no_time), cmocka_unit_test(makers_named),
        cmocka_unit_test(signer_revoked), cmocka_unit_test(maker_revoked), cmocka_unit_test(old_lists), cmocka_unit_test(data_hashes), cmocka_unit_test(data_hash_trimmed),
        cmocka_unit_test(signed_data), cmocka_unit_test(signed_data_link), cmocka_unit_test(bare), cmocka_unit_test(timestamps),
        cmocka_unit_test(timestamp_v1), cmocka_unit_test(any_byte), cmocka_unit_test(threads)};
    return cmocka_run_group_tests_name("seal_check", tests, world_start, world_end);
}
