/* Signed PDFs: made here with OpenSSL's CMS; what a signature covers, and every way of leaving something out of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <time.h>
#include <unistd.h>

#include "crypto/sig.h"
#include "tools/authority/authority.h"
#include "tools/document/pdf_find.h"
#include "tools/document/report.h"

#define NOW ((int64_t)time(NULL) * 1000) /* which OpenSSL writes into what it signs */
#define ROOM 12000u /* hexadecimal digits of /Contents */

struct who { EVP_PKEY *key; X509 *cert; };
static struct who ca, person, rsa, weak;
static char folder[] = "/tmp/licet-test-pdf-XXXXXX";
static struct trust *trust;

/* ---- certificates ---- */

static void extension(X509 *cert, X509 *issuer, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *one = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    assert_non_null(one);
    assert_int_equal(X509_add_ext(cert, one, -1), 1);
    X509_EXTENSION_free(one);
}

static struct who make(const char *name, EVP_PKEY *key, const struct who *issuer, bool is_ca) {
    struct who who = {.key = key, .cert = X509_new()};
    static long serial = 1;
    assert_non_null(key);
    X509_set_version(who.cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(who.cert), ++serial);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(who.cert), "CN", MBSTRING_UTF8, (const uint8_t *)name, -1, -1, 0);
    X509_set_issuer_name(who.cert, X509_get_subject_name(issuer ? issuer->cert : who.cert));
    ASN1_TIME_set(X509_getm_notBefore(who.cert), 1700000000);
    ASN1_TIME_set(X509_getm_notAfter(who.cert), 1900000000);
    X509_set_pubkey(who.cert, key);
    X509 *by = issuer ? issuer->cert : who.cert;
    extension(who.cert, by, NID_basic_constraints, is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extension(who.cert, by, NID_key_usage, is_ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature,nonRepudiation");
    extension(who.cert, by, NID_subject_key_identifier, "hash");
    assert_true(X509_sign(who.cert, issuer ? issuer->key : key, EVP_sha256()) > 0);
    return who;
}

static int setup(void **state) {
    (void)state;
    char path[64], message[256];
    if (!hash_setup() || !sig_setup() || !mkdtemp(folder)) return -1;
    ca = make("Test CA", EVP_EC_gen("P-256"), NULL, true);
    person = make("张三", EVP_EC_gen("P-256"), &ca, false);
    rsa = make("李四", EVP_RSA_gen(2048), &ca, false);
    weak = make("王五", EVP_RSA_gen(1024), &ca, false);
    (void)snprintf(path, sizeof path, "%s/ca.pem", folder);
    FILE *file = fopen(path, "w");
    if (!file || PEM_write_X509(file, ca.cert) != 1 || fclose(file) != 0) return -1;
    struct trust_counts counts;
    trust = trust_load(folder, &counts, message, sizeof message);
    return trust ? 0 : -1;
}
static int teardown(void **state) {
    (void)state;
    char path[64];
    struct who *const all[] = {&ca, &person, &rsa, &weak};
    for (size_t i = 0; i < 4; i++) {
        EVP_PKEY_free(all[i]->key);
        X509_free(all[i]->cert);
    }
    trust_free(trust);
    (void)snprintf(path, sizeof path, "%s/ca.pem", folder);
    (void)unlink(path);
    (void)rmdir(folder);
    return 0;
}

/* ---- documents ---- */

struct pdf { char *data; size_t len, gap_at, gap_end; };
struct how {
    const struct who *who;      /* NULL: person */
    const char *sub_filter;     /* NULL: adbe.pkcs7.detached; "": none */
    const char *before, *after; /* further keys of the dictionary, before and behind /Contents */
    const EVP_MD *md;           /* NULL: SHA-256 */
    unsigned flags;             /* of CMS_sign, besides */
    int64_t range_add[4];       /* to the numbers of /ByteRange, before it is signed */
    const char *tail;           /* behind %%EOF, and signed too */
    bool range_behind;          /* /ByteRange behind /Contents */
};

static void start(struct pdf *pdf, const struct how *how, const char *earlier, size_t *range_at) {
    FILE *out = open_memstream(&pdf->data, &pdf->len);
    static const char blank_range[] = "/ByteRange [0000000000 0000000000 0000000000 0000000000]";
    assert_non_null(out);
    (void)fputs(earlier ? earlier : "%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n", out);
    (void)fputs("7 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite", out);
    const char *filter = how->sub_filter ? how->sub_filter : "adbe.pkcs7.detached";
    if (filter[0]) (void)fprintf(out, "/SubFilter/%s", filter);
    (void)fputs(how->before ? how->before : "", out);
    if (!how->range_behind) (void)fputs(blank_range, out);
    (void)fputs("/Contents ", out);
    (void)fflush(out);
    pdf->gap_at = pdf->len;
    (void)fputc('<', out);
    for (size_t i = 0; i < ROOM; i++) (void)fputc('0', out);
    (void)fputc('>', out);
    (void)fflush(out);
    pdf->gap_end = pdf->len;
    if (how->range_behind) (void)fputs(blank_range, out);
    (void)fprintf(out, "%s>>\nendobj\ntrailer <</Root 1 0 R>>\n%%%%EOF\n%s", how->after ? how->after : "", how->tail ? how->tail : "");
    assert_int_equal(fclose(out), 0);
    *range_at = (size_t)((char *)memmem(pdf->data + (earlier ? strlen(earlier) : 0), pdf->len - (earlier ? strlen(earlier) : 0), "/ByteRange [0", 13) - pdf->data);
}

static void fill(struct pdf *pdf, struct bytes value) {
    char *hex = malloc(2 * value.len + 1);
    assert_true(2 * value.len <= ROOM);
    hex_encode(hex, value.data, value.len);
    memcpy(pdf->data + pdf->gap_at + 1, hex, 2 * value.len);
    free(hex);
}

static void sign(struct pdf *pdf, const struct how *how, const char *earlier) {
    size_t range_at;
    start(pdf, how, earlier, &range_at);
    int64_t range[4] = {0, (int64_t)pdf->gap_at, (int64_t)pdf->gap_end, (int64_t)(pdf->len - pdf->gap_end)};
    for (int i = 0; i < 4; i++) range[i] += how->range_add[i];
    char text[64];
    (void)snprintf(text, sizeof text, "/ByteRange [%010lld %010lld %010lld %010lld]", (long long)range[0], (long long)range[1], (long long)range[2], (long long)range[3]);
    memcpy(pdf->data + range_at, text, strlen(text));
    const struct who *who = how->who ? how->who : &person;
    BIO *content = BIO_new(BIO_s_mem());
    assert_true(BIO_write(content, pdf->data + range[0], (int)range[1]) == (int)range[1]);
    assert_true(BIO_write(content, pdf->data + range[2], (int)range[3]) == (int)range[3]);
    const unsigned flags = CMS_BINARY | CMS_DETACHED | CMS_PARTIAL | how->flags;
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags);
    assert_non_null(CMS_add1_signer(cms, who->cert, who->key, how->md ? how->md : EVP_sha256(), flags));
    assert_int_equal(CMS_final(cms, content, NULL, flags), 1);
    unsigned char *der = NULL;
    int len = i2d_CMS_ContentInfo(cms, &der);
    assert_true(len > 0);
    fill(pdf, bytes_of(der, (size_t)len));
    OPENSSL_free(der);
    CMS_ContentInfo_free(cms);
    BIO_free(content);
}

static struct report look(const struct pdf *pdf) {
    struct report report;
    uint8_t *copy = malloc(pdf->len ? pdf->len : 1);
    if (pdf->len) memcpy(copy, pdf->data, pdf->len);
    const struct check_options options = {.trust = trust, .now_ms = NOW, .known_ms = TIME_UNKNOWN};
    assert_true(check_pdf_bytes(&report, bytes_of(copy, pdf->len), &options));
    free(copy);
    return report;
}

static void expect_step(const char *what, const struct report *report, size_t i, enum step_id id, enum step_result result, enum step_reason reason) {
    if (report->signature_count <= i) fail_msg("%s: %zu signatures", what, report->signature_count);
    const struct step *step = step_find(&report->signatures[i].steps, id);
    if (!step) fail_msg("%s: %s was not looked at", what, step_name(id));
    if (step->result != result || step->reason != reason)
        fail_msg("%s: %s %s %s (%s), not %s %s", what, step_name(id), step_result_name(step->result), reason_name(step->reason), step->detail, step_result_name(result),
                 reason_name(reason));
}
static void expect(const char *what, struct pdf *pdf, enum step_id id, enum step_result result, enum step_reason reason) {
    struct report report = look(pdf);
    expect_step(what, &report, 0, id, result, reason);
    if (result != STEP_PASSED && report_outcome(&report) != STEPS_FAILED) fail_msg("%s: passes", what);
    report_free(&report);
    free(pdf->data);
}
static void expect_pass(const char *what, struct pdf *pdf) {
    struct report report = look(pdf);
    static const enum step_id needed[] = {STEP_COVERAGE, STEP_SIGNATURE_FORMAT, STEP_SIGNATURE_VALUE, STEP_SIGNER_CHAIN, STEP_SIGNER_USAGE, STEP_DATA_HASH};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) expect_step(what, &report, 0, needed[i], STEP_PASSED, REASON_NONE);
    assert_int_equal(report_outcome(&report), STEPS_PASSED);
    report_free(&report);
    free(pdf->data);
}

/* ---- tests ---- */

static void honest(void **state) {
    (void)state;
    struct pdf pdf;
    static const struct { const char *what; struct how how; } rows[] = {
        {"plain", {0}}, {"RSA", {.who = &rsa}}, {"CAdES", {.sub_filter = "ETSI.CAdES.detached"}}, {"SHA-512", {.who = &rsa}}, {"no attributes", {.flags = CMS_NOATTR}},
        {"other keys around", {.before = "/Prop_Build<</App<</Name/Licet>>>>/M(D:20260922000000Z)", .after = "/Reason(\xe6\xb5\x8b)/Reference[<</Type/SigRef>>]"}},
        {"the letters obj", {.before = "/Reason(object 1 obj 0object)", .after = "/Location(obj)"}}, {"range behind", {.range_behind = true}}, {"RSA, no attributes", {.who = &rsa, .flags = CMS_NOATTR}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct how how = rows[i].how;
        if (strcmp(rows[i].what, "SHA-512") == 0) how.md = EVP_sha512();
        sign(&pdf, &how, NULL);
        expect_pass(rows[i].what, &pdf);
    }
    sign(&pdf, &(struct how){0}, NULL);
    struct report report = look(&pdf);
    assert_string_equal(report.signatures[0].kind, "cms");
    assert_string_equal(report.signatures[0].signer.subject_cn, "张三");
    assert_true(report.signatures[0].signed_ms != TIME_UNKNOWN);
    struct hash_stream stream;
    uint8_t digest[32];
    assert_true(hash_stream_start(&stream, HASH_SHA256));
    hash_stream_add(&stream, pdf.data, pdf.gap_at);
    hash_stream_add(&stream, pdf.data + pdf.gap_end, pdf.len - pdf.gap_end);
    hash_stream_final(&stream, digest);
    assert_true(report.signatures[0].has_digest);
    assert_memory_equal(report.signatures[0].sha256, digest, 32);
    report_free(&report);
    free(pdf.data);
}

static void unsigned_documents(void **state) {
    (void)state;
    static const char *const texts[] = {"", "%PDF-1.7\n%%EOF\n", "/ByteRang", "%PDF-1.7 /SubFilter /adbe.pkcs7.detached"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct pdf pdf = {.data = strdup(texts[i]), .len = strlen(texts[i])};
        struct report report = look(&pdf);
        assert_true(report_unsigned(&report));
        assert_int_equal(report_outcome(&report), STEPS_FAILED);
        report_free(&report);
        free(pdf.data);
    }
}

static void changed_after_signing(void **state) {
    (void)state;
    struct pdf pdf;
    sign(&pdf, &(struct how){0}, NULL);
    pdf.data[20] ^= 1;
    expect("a byte before", &pdf, STEP_DATA_HASH, STEP_FAILED, REASON_HASH_DIFFERS);
    sign(&pdf, &(struct how){0}, NULL);
    pdf.data[pdf.len - 10] ^= 1;
    expect("a byte behind", &pdf, STEP_DATA_HASH, STEP_FAILED, REASON_HASH_DIFFERS);
    sign(&pdf, &(struct how){.flags = CMS_NOATTR}, NULL);
    pdf.data[20] ^= 1;
    expect("a byte, no attributes", &pdf, STEP_SIGNATURE_VALUE, STEP_FAILED, REASON_SIGNATURE_WRONG);
}

static void put_behind(struct pdf *pdf, const char *more) {
    pdf->data = realloc(pdf->data, pdf->len + strlen(more) + 1);
    memcpy(pdf->data + pdf->len, more, strlen(more) + 1);
    pdf->len += strlen(more);
}

static void not_all_of_the_file(void **state) {
    (void)state;
    struct pdf pdf;
    sign(&pdf, &(struct how){0}, NULL);
    put_behind(&pdf, "3 0 obj <</Type/Page>> endobj\n%%EOF\n");
    expect("incremental update", &pdf, STEP_COVERAGE, STEP_FAILED, REASON_FILE_UNSIGNED);
    sign(&pdf, &(struct how){0}, NULL);
    put_behind(&pdf, "\r\n");
    expect_pass("a line end behind", &pdf);
    sign(&pdf, &(struct how){0}, NULL);
    put_behind(&pdf, "                                                                                  ");
    expect("much space behind", &pdf, STEP_COVERAGE, STEP_FAILED, REASON_FILE_UNSIGNED);
    sign(&pdf, &(struct how){.range_add = {0, 0, 0, -8}}, NULL);
    expect("the range ends early", &pdf, STEP_COVERAGE, STEP_FAILED, REASON_FILE_UNSIGNED);
    static const struct { const char *what; int64_t add[4]; } bad[] = {
        {"begins late", {5, 0, 0, 0}}, {"a wider gap", {0, -20, 0, 0}}, {"a gap that ends later", {0, 0, 3, -3}}, {"a gap within", {0, 1, -1, 1}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct how how = {0};
        memcpy(how.range_add, bad[i].add, sizeof how.range_add);
        sign(&pdf, &how, NULL);
        expect(bad[i].what, &pdf, STEP_SIGNATURE_FORMAT, STEP_FAILED, REASON_FORMAT);
    }
}

static void signed_twice(void **state) {
    (void)state;
    struct pdf first, second;
    sign(&first, &(struct how){0}, NULL);
    sign(&second, &(struct how){.who = &rsa}, first.data);
    struct report report = look(&second);
    assert_int_equal(report.signature_count, 2);
    expect_step("the first", &report, 0, STEP_COVERAGE, STEP_FAILED, REASON_FILE_UNSIGNED);
    expect_step("the first", &report, 0, STEP_SIGNATURE_VALUE, STEP_PASSED, REASON_NONE);
    expect_step("the second", &report, 1, STEP_COVERAGE, STEP_PASSED, REASON_NONE);
    expect_step("the second", &report, 1, STEP_DATA_HASH, STEP_PASSED, REASON_NONE);
    report_free(&report);
    free(first.data);
    free(second.data);
}

static void what_is_not_known(void **state) {
    (void)state;
    struct pdf pdf;
    static const char *const filters[] = {"adbe.x509.rsa_sha1", "adbe.pkcs7.sha1", ""};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        sign(&pdf, &(struct how){.sub_filter = filters[i]}, NULL);
        expect(filters[i], &pdf, STEP_SIGNATURE_VALUE, STEP_NOT_CHECKED, REASON_ALGORITHM);
        sign(&pdf, &(struct how){.sub_filter = filters[i]}, NULL);
        expect(filters[i], &pdf, STEP_SIGNATURE_FORMAT, STEP_NOT_CHECKED, REASON_ALGORITHM);
    }
    sign(&pdf, &(struct how){.sub_filter = "ETSI.RFC3161"}, NULL); /* a signature that says it is a document timestamp is none */
    expect("ETSI.RFC3161", &pdf, STEP_SIGNATURE_VALUE, STEP_NOT_CHECKED, REASON_FORMAT);
    sign(&pdf, &(struct how){.who = &rsa, .md = EVP_sha1()}, NULL);
    expect("SHA-1", &pdf, STEP_SIGNATURE_VALUE, STEP_NOT_CHECKED, REASON_ALGORITHM);
    sign(&pdf, &(struct how){.who = &weak}, NULL);
    expect("RSA of 1,024 bits", &pdf, STEP_SIGNATURE_VALUE, STEP_NOT_CHECKED, REASON_ALGORITHM);
    sign(&pdf, &(struct how){.before = "/SubFilter/ETSI.CAdES.detached"}, NULL);
    expect("two sub-filters", &pdf, STEP_SIGNATURE_FORMAT, STEP_FAILED, REASON_FORMAT);
    sign(&pdf, &(struct how){.flags = CMS_NOCERTS}, NULL);
    expect("no certificate", &pdf, STEP_SIGNATURE_FORMAT, STEP_FAILED, REASON_CERTIFICATE);
    sign(&pdf, &(struct how){.who = &ca}, NULL);
    expect("signed by a CA", &pdf, STEP_SIGNER_USAGE, STEP_FAILED, REASON_IS_CA);
}

static void contents_that_hold_something_else(void **state) {
    (void)state;
    struct pdf pdf;
    static const char *const inside[] = {"zz", "(x", ">>"};
    for (size_t i = 0; i < 3; i++) {
        sign(&pdf, &(struct how){0}, NULL);
        memcpy(pdf.data + pdf.gap_end - 40, inside[i], 2);
        expect(inside[i], &pdf, STEP_SIGNATURE_FORMAT, STEP_FAILED, REASON_FORMAT);
    }
    sign(&pdf, &(struct how){0}, NULL);
    memcpy(pdf.data + pdf.gap_end - 40, "41", 2);
    expect("bytes behind the value", &pdf, STEP_SIGNATURE_FORMAT, STEP_FAILED, REASON_FORMAT);
    sign(&pdf, &(struct how){0}, NULL);
    memset(pdf.data + pdf.gap_at + 1, '0', ROOM);
    expect("empty", &pdf, STEP_SIGNATURE_FORMAT, STEP_FAILED, REASON_FORMAT);
    sign(&pdf, &(struct how){0}, NULL);
    pdf.data[pdf.gap_at + 400] ^= 1; /* a digit; some certificate or signature is another now */
    struct report report = look(&pdf);
    assert_int_equal(report_outcome(&report), STEPS_FAILED);
    report_free(&report);
    free(pdf.data);
}

static void ranges_as_text(void **state) {
    (void)state;
    static const char *const texts[] = {
        "/ByteRange", "/ByteRange [", "/ByteRange [0 1 2]", "/ByteRange [0 1 2 3 4]", "/ByteRange 5 0 R", "/ByteRange [0 -1 2 3]", "/ByteRange [0 99999999999999999999 1 1]",
        "/ByteRange [0 20 10 5]", "/ByteRange [0 5 999999 1]", "/ByteRange [0 5 10 999999]", "/ByteRange[0 1 2 3]", "/ByteRange [0 0 0 0]", "/ByteRange [0 10 20 10]/ByteRange [0 10 20 10]",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct pdf pdf = {.data = strdup(texts[i]), .len = strlen(texts[i])};
        struct report report = look(&pdf);
        assert_true(report.signature_count > 0);
        expect_step(texts[i], &report, 0, STEP_SIGNATURE_FORMAT, STEP_FAILED, REASON_FORMAT);
        assert_int_equal(report_outcome(&report), STEPS_FAILED);
        report_free(&report);
        free(pdf.data);
    }
    char many[65 * 12 + 1] = "";
    for (int i = 0; i < 65; i++) (void)snprintf(many + i * 12, 13, "/ByteRange  ");
    struct pdf pdf = {.data = many, .len = strlen(many)};
    struct report report = look(&pdf);
    assert_int_equal(report.signature_count, PDF_SIGNATURES_MAX);
    assert_int_equal(step_find(&report.steps, STEP_PACKAGE)->result, STEP_FAILED);
    report_free(&report);
}

/* The key across the pieces in which a long file is read, at each place once. */
static void a_key_across_two_pieces(void **state) {
    (void)state;
    for (size_t at = 65536 - 12; at < 65536 + 2; at++) {
        char *earlier = NULL;
        struct pdf pdf;
        sign(&pdf, &(struct how){0}, NULL);
        size_t head = (size_t)((char *)memmem(pdf.data, pdf.len, "/ByteRange", 10) - pdf.data) - strlen("%PDF-1.7\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n");
        free(pdf.data);
        assert_true(asprintf(&earlier, "%%PDF-1.7\n%%%*s\n", (int)(at - head - 11), "") > 0);
        sign(&pdf, &(struct how){0}, earlier);
        struct report report = look(&pdf);
        assert_int_equal(report.signature_count, 1);
        report_free(&report);
        expect_pass("long", &pdf);
        free(earlier);
    }
}

/* GB/T 35275: OpenSSL knows neither its content types nor the id that goes into its hash. */
static size_t sm2_value(uint8_t *out, size_t cap, const struct authority *authority, const uint8_t hash32[32]) {
    struct bytes cert_der = authority_cert(authority, ROLE_HOLDER), content = bytes_of(hash32, 32);
    const unsigned char *p = cert_der.data;
    X509 *cert = d2i_X509(NULL, &p, (long)cert_der.len);
    unsigned char *issuer = NULL, *serial = NULL;
    int issuer_len = i2d_X509_NAME(X509_get_issuer_name(cert), &issuer), serial_len = i2d_ASN1_INTEGER(X509_get_serialNumber(cert), &serial);
    uint8_t sig[SEAL_SIG_DER_MAX];
    size_t sig_len = seal_sign(sig, &authority->signer[ROLE_HOLDER], &content, 1), marks[8], n = 0;
    struct der_out der = der_write(out, cap);
    marks[n++] = der_begin(&der, DER_SEQUENCE);
    der_put_oid(&der, "1.2.156.10197.6.1.4.2.2");
    marks[n++] = der_begin(&der, DER_CONTEXT(0));
    marks[n++] = der_begin(&der, DER_SEQUENCE);
    der_put_uint(&der, 1);
    marks[n++] = der_begin(&der, DER_SET);
    marks[n++] = der_begin(&der, DER_SEQUENCE);
    der_put_oid(&der, "1.2.156.10197.1.401");
    der_end(&der, marks[--n]);
    der_end(&der, marks[--n]);
    marks[n++] = der_begin(&der, DER_SEQUENCE);
    der_put_oid(&der, "1.2.156.10197.6.1.4.2.1");
    marks[n++] = der_begin(&der, DER_CONTEXT(0));
    der_put(&der, DER_OCTET_STRING, content);
    der_end(&der, marks[--n]);
    der_end(&der, marks[--n]);
    der_put(&der, DER_CONTEXT(0), cert_der);
    marks[n++] = der_begin(&der, DER_SET);
    marks[n++] = der_begin(&der, DER_SEQUENCE);
    der_put_uint(&der, 1);
    marks[n++] = der_begin(&der, DER_SEQUENCE);
    der_put_raw(&der, bytes_of(issuer, (size_t)issuer_len));
    der_put_raw(&der, bytes_of(serial, (size_t)serial_len));
    der_end(&der, marks[--n]);
    static const char *const algs[] = {"1.2.156.10197.1.401", "1.2.156.10197.1.301.1"};
    for (int i = 0; i < 2; i++) {
        marks[n++] = der_begin(&der, DER_SEQUENCE);
        der_put_oid(&der, algs[i]);
        der_end(&der, marks[--n]);
    }
    der_put(&der, DER_OCTET_STRING, bytes_of(sig, sig_len));
    while (n > 0) der_end(&der, marks[--n]);
    OPENSSL_free(issuer);
    OPENSSL_free(serial);
    X509_free(cert);
    assert_false(der.full);
    return der.len;
}

static void sm2(void **state) {
    (void)state;
    struct authority *authority = malloc(sizeof *authority);
    const struct authority_spec spec = {.owner = "11310118WYEQPPGM2U", .name = "示例局", .es_id = "31011812345678", .now_ms = NOW};
    assert_true(authority && authority_make(authority, &spec));
    for (int changed = 0; changed < 2; changed++) {
        struct pdf pdf;
        uint8_t value[8192], hash[32];
        sign(&pdf, &(struct how){0}, NULL); /* for its ranges */
        memset(pdf.data + pdf.gap_at + 1, '0', ROOM);
        struct hash_stream stream;
        assert_true(hash_stream_start(&stream, HASH_SM3));
        hash_stream_add(&stream, pdf.data, pdf.gap_at);
        hash_stream_add(&stream, pdf.data + pdf.gap_end, pdf.len - pdf.gap_end);
        hash_stream_final(&stream, hash);
        fill(&pdf, bytes_of(value, sm2_value(value, sizeof value, authority, hash)));
        if (changed) pdf.data[20] ^= 1;
        struct report report = look(&pdf);
        expect_step("SM2", &report, 0, STEP_SIGNATURE_VALUE, STEP_PASSED, REASON_NONE);
        expect_step("SM2", &report, 0, STEP_DATA_HASH, changed ? STEP_FAILED : STEP_PASSED, changed ? REASON_HASH_DIFFERS : REASON_NONE);
        expect_step("SM2", &report, 0, STEP_SIGNER_CHAIN, STEP_FAILED, REASON_UNTRUSTED); /* another CA */
        assert_string_equal(report.signatures[0].kind, "gbt35275");
        report_free(&report);
        free(pdf.data);
    }
    authority_free(authority);
    free(authority);
}

static void every_cut_and_every_byte(void **state) {
    (void)state;
    struct pdf pdf;
    sign(&pdf, &(struct how){0}, NULL);
    struct bytes whole = bytes_of(pdf.data, pdf.len);
    struct report right = look(&pdf);
    for (size_t len = 0; len < whole.len; len += len < pdf.gap_at || len > pdf.gap_end ? 1 : 97) {
        pdf.len = len;
        struct report report = look(&pdf);
        if (report_outcome(&report) == STEPS_PASSED && len + 1 < whole.len) fail_msg("cut to %zu of %zu passes", len, whole.len);
        report_free(&report);
    }
    pdf.len = whole.len;
    for (size_t at = 0; at < whole.len; at += at < pdf.gap_at || at > pdf.gap_end ? 1 : 13) {
        pdf.data[at] ^= 1;
        struct report report = look(&pdf);
        /* in /Contents, what CMS signs nothing of (its version, the list of digest algorithms) may differ; who signed may not */
        if (report_outcome(&report) == STEPS_PASSED &&
            (at <= pdf.gap_at || at >= pdf.gap_end - 1 || memcmp(report.signatures[0].signer.sha256, right.signatures[0].signer.sha256, 32) != 0))
            fail_msg("byte %zu of %zu passes", at, whole.len);
        report_free(&report);
        pdf.data[at] ^= 1;
    }
    report_free(&right);
    expect_pass("as it was", &pdf);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest),
        cmocka_unit_test(unsigned_documents),
        cmocka_unit_test(changed_after_signing),
        cmocka_unit_test(not_all_of_the_file),
        cmocka_unit_test(signed_twice),
        cmocka_unit_test(what_is_not_known),
        cmocka_unit_test(contents_that_hold_something_else),
        cmocka_unit_test(ranges_as_text),
        cmocka_unit_test(a_key_across_two_pieces),
        cmocka_unit_test(sm2),
        cmocka_unit_test(every_cut_and_every_byte),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
