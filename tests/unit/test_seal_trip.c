/* There and back: documents sealed by the test authority are judged by the checker. What is good passes every step; each thing that is wrong fails at its
 * own step, and the rest still passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "crypto/sig.h"
#include "tools/authority/authority.h"
#include "tools/authority/ofd_page.h"
#include "tools/authority/ofd_stamp.h"
#include "tools/authority/seal_make.h"
#include "tools/document/report.h"

#define NOW INT64_C(1790000000000) /* 2026-09-21 */
#define DAY INT64_C(86400000)
#define YEAR (365 * DAY)
#define ES_ID "31011812345678"
#define SIGNATURE "Doc_0/Signs/Sign_0/Signature.xml"
#define VALUE "Doc_0/Signs/Sign_0/SignedValue.dat"
#define PAGE "Doc_0/Pages/Page_0/Content.xml"

static struct authority *made;
static char folder[64];

static int setup(void **state) {
    (void)state;
    const struct authority_spec spec = {.owner = "11310118WYEQPPGM2U", .name = "示例市行政审批局", .es_id = ES_ID, .now_ms = NOW};
    made = malloc(sizeof *made);
    (void)snprintf(folder, sizeof folder, "/tmp/licet-trip-XXXXXX");
    return made && mkdtemp(folder) && hash_setup() && sig_setup() && authority_make(made, &spec) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int flag, struct FTW *at) {
    (void)info, (void)flag, (void)at;
    return remove(path);
}

static int teardown(void **state) {
    (void)state;
    authority_free(made);
    free(made);
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* --- trust --- */

static void put_pem(const char *path, const char *label, struct bytes der) {
    char pem[2 * CA_DER_MAX];
    size_t len = ca_pem(pem, sizeof pem, label, der);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(pem, 1, len, out), len);
    assert_int_equal(fclose(out), 0);
}

/* Root, subordinate CA and the given list of the latter, len 0: none. */
static struct trust *trust_with(struct bytes sub_crl) {
    static unsigned number;
    char dir[80], path[PATH_MAX], message[256];
    struct trust_counts counts;
    (void)snprintf(dir, sizeof dir, "%s/trust%u", folder, number++);
    assert_int_equal(mkdir(dir, 0700), 0);
    const struct { const char *name, *label; struct bytes der; } files[] = {
        {"root.pem", "CERTIFICATE", authority_cert(made, ROLE_ROOT)},
        {"sub.pem", "CERTIFICATE", authority_cert(made, ROLE_SUB)},
        {"root.crl", "X509 CRL", bytes_of(made->root_crl, made->root_crl_len)},
        {"sub.crl", "X509 CRL", sub_crl},
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, files[i].name);
        if (files[i].der.len > 0) put_pem(path, files[i].label, files[i].der);
    }
    struct trust *trust = trust_load(dir, &counts, message, sizeof message);
    assert_non_null(trust);
    assert_int_equal(counts.anchors, 1);
    assert_int_equal(counts.cas, 1);
    assert_int_equal(counts.crls, sub_crl.len > 0 ? 2 : 1);
    return trust;
}

static struct trust *trust_usual(void) { return trust_with(bytes_of(made->sub_crl, made->sub_crl_len)); }

static struct trust *trust_revoking(enum authority_role role, int64_t at_ms) {
    static uint8_t crl[CA_DER_MAX];
    const struct ca_revoked revoked = {authority_cert(made, role), at_ms};
    size_t len = ca_revocation_list(crl, sizeof crl, authority_cert(made, ROLE_SUB), &made->signer[ROLE_SUB], 2, NOW + 2 * DAY, NOW + YEAR, &revoked, 1);
    assert_true(len > 0);
    return trust_with(bytes_of(crl, len));
}

/* --- documents --- */

struct document {
    struct bytes seal, cert;
    const struct seal_signer *signer;
    int64_t time_ms;
};
static struct document usual(void) {
    return (struct document){.seal = bytes_of(made->seal, made->seal_len), .cert = authority_cert(made, ROLE_HOLDER), .signer = &made->signer[ROLE_HOLDER], .time_ms = NOW};
}

static void plain(struct bundle *out) {
    const char *const lines[] = {"持证主体：青禾示例餐饮有限公司", "A<B & \"C\""};
    struct ofd_text text = ofd_licence_text("示例许可证", lines, 2, NOW);
    assert_true(ofd_page_make(out, &text));
}

static void stamp_on(struct bundle *bundle, const struct document *document, enum ofd_place place) {
    const struct ofd_stamp stamp = {.seal = document->seal, .place = place, .cert = document->cert, .signer = document->signer, .time_ms = document->time_ms};
    char why[OFD_WHY_MAX];
    if (!ofd_stamp(bundle, &stamp, why)) fail_msg("%s", why);
}

static void sealed(struct bundle *out, const struct document *document) {
    plain(out);
    stamp_on(out, document, PLACE_LAST_PAGE);
}

static struct bytes part(const struct bundle *bundle, const char *name) {
    const struct bundle_file *file = bundle_find(bundle, name);
    assert_non_null(file);
    return bytes_of(file->data, file->len);
}

static void change(struct bundle *bundle, const char *name, size_t at) {
    struct bytes old = part(bundle, name);
    uint8_t *copy = malloc(old.len);
    assert_non_null(copy);
    memcpy(copy, old.data, old.len);
    copy[at] ^= 0x20;
    assert_true(bundle_put(bundle, name, bytes_of(copy, old.len)));
    free(copy);
}

static size_t offset_of(const struct bundle *bundle, const char *name, const char *text) {
    struct bytes data = part(bundle, name);
    const uint8_t *at = memmem(data.data, data.len, text, strlen(text));
    assert_non_null(at);
    return (size_t)(at - data.data);
}

/* The same XML with one byte more: a space behind the declaration. */
static struct bytes spaced(const struct bundle *bundle, const char *name) {
    static uint8_t copy[4096];
    struct bytes data = part(bundle, name);
    size_t at = offset_of(bundle, name, "<ofd:");
    assert_true(data.len < sizeof copy);
    memcpy(copy, data.data, at);
    copy[at] = ' ';
    memcpy(copy + at + 1, data.data + at, data.len - at);
    return bytes_of(copy, data.len + 1);
}

static struct report judged(struct bundle *bundle, const struct trust *trust, int64_t now_ms, int64_t known_ms) {
    const struct check_options options = {.trust = trust, .now_ms = now_ms, .known_ms = known_ms};
    struct report report;
    size_t len;
    uint8_t *zip = bundle_write(bundle, NOW, &len);
    assert_non_null(zip);
    assert_true(check_ofd_bytes(&report, bytes_of(zip, len), &options));
    free(zip);
    return report;
}

/* Every step of a sealed document but these, which are said to have failed, passed; a v4 signature need not hold a timestamp. */
struct wrong { enum step_id step; enum step_reason reason; };
static void expect(const struct report_signature *signature, const struct wrong *wrong, size_t count) {
    static const enum step_id all[] = {STEP_REFERENCES, STEP_COVERAGE, STEP_SIGNATURE_FORMAT, STEP_SEAL_FORMAT, STEP_SEAL_FILE, STEP_SEAL_SIGNATURE, STEP_MAKER_CHAIN,
                                       STEP_MAKER_USAGE, STEP_MAKER_PERIOD, STEP_MAKER_REVOCATION, STEP_SIGNATURE_VALUE, STEP_SIGNER_CHAIN, STEP_SIGNER_USAGE,
                                       STEP_SIGNER_PERIOD, STEP_SIGNER_REVOCATION, STEP_SIGNER_LISTED, STEP_DATA_HASH, STEP_SEAL_PERIOD};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct step *step = step_find(&signature->steps, all[i]);
        if (!step) fail_msg("%s was not looked at", step_name(all[i]));
        enum step_reason reason = REASON_NONE;
        for (size_t k = 0; k < count; k++)
            if (wrong[k].step == all[i]) reason = wrong[k].reason;
        if (step->reason != reason || (step->result == STEP_PASSED) != (reason == REASON_NONE))
            fail_msg("%s: %s, %s %s; expected %s", step_name(all[i]), step_result_name(step->result), reason_name(step->reason), step->detail, reason_name(reason));
    }
}

static void judge(struct bundle *bundle, struct trust *trust, int64_t known_ms, const struct wrong *wrong, size_t count) {
    struct report report = judged(bundle, trust, NOW + 4 * DAY, known_ms);
    assert_int_equal(report.signature_count, 1);
    expect(&report.signatures[0], wrong, count);
    report_free(&report);
    bundle_free(bundle);
    trust_free(trust);
}
#define JUDGE(bundle, trust, known, ...) judge(bundle, trust, known, (const struct wrong[]){__VA_ARGS__}, sizeof((const struct wrong[]){__VA_ARGS__}) / sizeof(struct wrong))

/* --- tests --- */

static void good_passes_every_step(void **state) {
    (void)state;
    struct document document = usual();
    struct bundle bundle;
    struct trust *trust = trust_usual();
    sealed(&bundle, &document);
    struct report report = judged(&bundle, trust, NOW + DAY, TIME_UNKNOWN);
    assert_int_equal(report.signature_count, 1);
    const struct report_signature *one = &report.signatures[0];
    expect(one, NULL, 0);
    assert_int_equal(report_outcome(&report), STEPS_PASSED);
    assert_string_equal(one->kind, "seal-v4");
    assert_string_equal(one->seal_id, ES_ID);
    assert_string_equal(one->signer.subject_cn, ES_ID);
    assert_int_equal(one->signed_ms, NOW);
    uint8_t digest[32];
    sm3(digest, part(&bundle, SIGNATURE).data, part(&bundle, SIGNATURE).len);
    assert_memory_equal(one->sm3, digest, 32);
    report_free(&report);
    bundle_free(&bundle);
    trust_free(trust);
}

static void revoked_before_and_after(void **state) {
    (void)state;
    struct document document = usual();
    struct bundle bundle;
    sealed(&bundle, &document);
    JUDGE(&bundle, trust_revoking(ROLE_HOLDER, NOW - DAY / 2), TIME_UNKNOWN, {STEP_SIGNER_REVOCATION, REASON_REVOKED});
    sealed(&bundle, &document); /* only the signature itself says that it is older */
    JUDGE(&bundle, trust_revoking(ROLE_HOLDER, NOW + DAY), TIME_UNKNOWN, {STEP_SIGNER_REVOCATION, REASON_REVOKED});
    sealed(&bundle, &document);
    judge(&bundle, trust_revoking(ROLE_HOLDER, NOW + DAY), NOW + DAY / 2, NULL, 0);
    sealed(&bundle, &document);
    JUDGE(&bundle, trust_revoking(ROLE_MAKER, NOW - 2 * DAY), TIME_UNKNOWN, {STEP_MAKER_REVOCATION, REASON_REVOKED});
    sealed(&bundle, &document);
    JUDGE(&bundle, trust_with(bytes_of(NULL, 0)), TIME_UNKNOWN, {STEP_SIGNER_REVOCATION, REASON_NO_CRL}, {STEP_MAKER_REVOCATION, REASON_NO_CRL});
}

/* A seal for one more certificate of the authority, signed with in its stead. */
static uint8_t other_cert[CA_DER_MAX], other_seal[AUTHORITY_SEAL_MAX];
static struct document with_certificate(enum ca_kind kind, int64_t cert_from, int64_t cert_to, int64_t seal_from, int64_t seal_to) {
    struct document document = usual();
    struct ca_request request = {.kind = kind, .cn = ES_ID, .o = "o", .from_ms = cert_from, .to_ms = cert_to};
    signer_pubkey(made->key[ROLE_HOLDER], &request.key);
    document.cert = bytes_of(other_cert, ca_certificate(other_cert, sizeof other_cert, &request, authority_cert(made, ROLE_SUB), &made->signer[ROLE_SUB]));
    const struct test_seal what = {.id = ES_ID, .name = "测试章", .picture_type = "png", .picture = bytes_text("x"), .width_mm = 40, .height_mm = 40,
                                   .from_ms = seal_from, .to_ms = seal_to};
    size_t len = test_seal_make(other_seal, sizeof other_seal, &what, document.cert, authority_cert(made, ROLE_MAKER), &made->signer[ROLE_MAKER]);
    assert_true(document.cert.len > 0);
    assert_true(len > 0);
    document.seal = bytes_of(other_seal, len);
    return document;
}

static void periods(void **state) {
    (void)state;
    struct bundle bundle;
    struct document document = with_certificate(CA_SIGNER, NOW - DAY, NOW - 1000, NOW - DAY, NOW + DAY);
    sealed(&bundle, &document);
    JUDGE(&bundle, trust_usual(), TIME_UNKNOWN, {STEP_SIGNER_PERIOD, REASON_AFTER_PERIOD});
    document = with_certificate(CA_SIGNER, NOW + 1000, NOW + DAY, NOW - DAY, NOW + DAY);
    sealed(&bundle, &document);
    JUDGE(&bundle, trust_usual(), TIME_UNKNOWN, {STEP_SIGNER_PERIOD, REASON_BEFORE_PERIOD});
    document = with_certificate(CA_SIGNER, NOW - DAY, NOW + DAY, NOW - DAY, NOW - 1000);
    sealed(&bundle, &document);
    JUDGE(&bundle, trust_usual(), TIME_UNKNOWN, {STEP_SEAL_PERIOD, REASON_AFTER_PERIOD});
    document = usual();
    document.time_ms = NOW + 5 * DAY;
    sealed(&bundle, &document);
    JUDGE(&bundle, trust_usual(), TIME_UNKNOWN, {STEP_SIGNER_PERIOD, REASON_IN_FUTURE});
}

static void certificates_that_may_not(void **state) {
    (void)state;
    struct bundle bundle;
    struct document document = with_certificate(CA_CIPHER, NOW - DAY, NOW + DAY, NOW - DAY, NOW + DAY);
    sealed(&bundle, &document);
    JUDGE(&bundle, trust_usual(), TIME_UNKNOWN, {STEP_SIGNER_USAGE, REASON_USAGE});

    /* signed with a certificate that the seal does not name: refused when stamping, so put in afterwards; no digest covers the value */
    document = with_certificate(CA_SIGNER, NOW - DAY, NOW + DAY, NOW - DAY, NOW + DAY);
    struct document named = usual();
    static uint8_t value[SEAL_VALUE_MAX];
    uint8_t digest[32];
    char why[OFD_WHY_MAX];
    const struct ofd_stamp refused = {.seal = named.seal, .cert = document.cert, .signer = document.signer, .time_ms = NOW};
    plain(&bundle);
    assert_false(ofd_stamp(&bundle, &refused, why));
    assert_non_null(strstr(why, "not among those"));
    bundle_free(&bundle);
    sealed(&bundle, &named);
    sm3(digest, part(&bundle, SIGNATURE).data, part(&bundle, SIGNATURE).len);
    size_t len = seal_value_make(value, sizeof value, named.seal, NOW, digest, "/" SIGNATURE, document.cert, document.signer);
    assert_true(len > 0);
    assert_true(bundle_put(&bundle, VALUE, bytes_of(value, len)));
    JUDGE(&bundle, trust_usual(), TIME_UNKNOWN, {STEP_SIGNER_LISTED, REASON_NOT_LISTED});
}

static void another_authority_is_not_trusted(void **state) {
    (void)state;
    struct document document = usual();
    struct bundle bundle;
    struct authority *ours = made, *other = malloc(sizeof *other);
    const struct authority_spec spec = {.owner = "11310118WYEQPPGM2U", .name = "示例市行政审批局", .es_id = ES_ID, .now_ms = NOW};
    assert_non_null(other);
    assert_true(authority_make(other, &spec));
    sealed(&bundle, &document);
    made = other;
    struct trust *trust = trust_usual();
    made = ours;
    struct report report = judged(&bundle, trust, NOW + DAY, TIME_UNKNOWN);
    const struct report_signature *one = &report.signatures[0];
    /* the CAs of both are called the same: only the key tells them apart */
    assert_int_equal(step_find(&one->steps, STEP_SIGNER_CHAIN)->result, STEP_FAILED);
    assert_int_equal(step_find(&one->steps, STEP_MAKER_CHAIN)->result, STEP_FAILED);
    assert_int_equal(step_find(&one->steps, STEP_SIGNATURE_VALUE)->result, STEP_PASSED);
    report_free(&report);
    bundle_free(&bundle);
    trust_free(trust);
    authority_free(other);
    free(other);
}

static void what_was_changed_is_named(void **state) {
    (void)state;
    struct document document = usual();
    struct bundle bundle;
    static const struct { const char *file, *at; } covered[] = {
        {"OFD.xml", "Licet"}, {"Doc_0/Document.xml", NULL}, {"Doc_0/PublicRes.xml", "Res\""}, {PAGE, "A&lt;"}};
    for (size_t i = 0; i < sizeof covered / sizeof *covered; i++) {
        sealed(&bundle, &document);
        if (covered[i].at) change(&bundle, covered[i].file, offset_of(&bundle, covered[i].file, covered[i].at));
        else assert_true(bundle_put(&bundle, covered[i].file, spaced(&bundle, covered[i].file))); /* another page would not be there */
        JUDGE(&bundle, trust_usual(), TIME_UNKNOWN, {STEP_REFERENCES, REASON_FILE_CHANGED});
    }
    sealed(&bundle, &document);
    change(&bundle, SIGNATURE, offset_of(&bundle, SIGNATURE, "Licet"));
    JUDGE(&bundle, trust_usual(), TIME_UNKNOWN, {STEP_DATA_HASH, REASON_HASH_DIFFERS});
    sealed(&bundle, &document);
    struct document other = with_certificate(CA_SIGNER, NOW - DAY, NOW + DAY, NOW - DAY, NOW + DAY);
    assert_true(bundle_put(&bundle, "Doc_0/Signs/Sign_0/Seal.esl", other.seal));
    JUDGE(&bundle, trust_usual(), TIME_UNKNOWN, {STEP_REFERENCES, REASON_FILE_CHANGED}, {STEP_SEAL_FILE, REASON_SEAL_DIFFERS});
}

static void a_copy_leaves_the_first_seal_whole(void **state) {
    (void)state;
    static uint8_t note[AUTHORITY_SEAL_MAX];
    struct document document = usual();
    struct bundle bundle;
    struct trust *trust = trust_usual();
    sealed(&bundle, &document);
    struct report before = judged(&bundle, trust, NOW + DAY, TIME_UNKNOWN);
    size_t len = note_seal_make(note, sizeof note, "仅用于办理示例事项", document.seal, document.cert, authority_cert(made, ROLE_MAKER), &made->signer[ROLE_MAKER], NOW + 1000);
    assert_true(len > 0);
    document.seal = bytes_of(note, len);
    document.time_ms = NOW + 1000;
    stamp_on(&bundle, &document, PLACE_EVERY_PAGE);
    assert_int_equal(ofd_stamp_count(&bundle), 2);
    struct report after = judged(&bundle, trust, NOW + DAY, TIME_UNKNOWN);
    assert_int_equal(after.signature_count, 2);
    expect(&after.signatures[0], NULL, 0);
    expect(&after.signatures[1], NULL, 0);
    assert_memory_equal(after.signatures[0].sha256, before.signatures[0].sha256, 32);
    assert_memory_not_equal(after.sha256, before.sha256, 32);
    assert_non_null(strstr(after.signatures[1].seal_name, "仅用于办理示例事项"));
    assert_string_not_equal(after.signatures[0].id, after.signatures[1].id);
    report_free(&after);

    /* the second covers the first: without it, or with another, the copy is no copy */
    change(&bundle, VALUE, part(&bundle, VALUE).len - 1);
    after = judged(&bundle, trust, NOW + DAY, TIME_UNKNOWN);
    assert_int_equal(step_find(&after.signatures[0].steps, STEP_SIGNATURE_VALUE)->result, STEP_FAILED);
    assert_int_equal(step_find(&after.signatures[1].steps, STEP_REFERENCES)->result, STEP_FAILED);
    report_free(&after);
    report_free(&before);
    bundle_free(&bundle);
    trust_free(trust);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_passes_every_step),
        cmocka_unit_test(revoked_before_and_after),
        cmocka_unit_test(periods),
        cmocka_unit_test(certificates_that_may_not),
        cmocka_unit_test(another_authority_is_not_trusted),
        cmocka_unit_test(what_was_changed_is_named),
        cmocka_unit_test(a_copy_leaves_the_first_seal_whole),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
