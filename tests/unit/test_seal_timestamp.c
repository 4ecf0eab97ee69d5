/* RFC 3161 tokens, right ones and each kind of wrong one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/ts.h>

#include "crypto/selftest.h"
#include "crypto/seal/timestamp.h"
#include "tests/lib/seal_world.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define STAMPED "a signature value"
#define REVOKED_KEY 1
#define REVOKED_SUPERSEDED 4

static struct party root, tsa, tsa_ec, tsa_rsa, plain;
static struct trust *trust;

static int world_start(void **state) {
    (void)state;
    static const char usage[] = "critical,timeStamping";
    party_make(&root, NULL, &(struct party_wish){.cn = "Root", .ca = true});
    party_make(&tsa, &root, &(struct party_wish){.cn = "TSA", .extended = usage});
    party_make(&tsa_ec, &root, &(struct party_wish){.cn = "TSA EC", .key = "EC", .extended = usage});
    party_make(&tsa_rsa, &root, &(struct party_wish){.cn = "TSA RSA", .key = "RSA", .extended = usage});
    party_make(&plain, &root, &(struct party_wish){.cn = "No TSA"});
    trust = sw_trust(&(struct sw_file){"root.cer", root.cert}, 1, NULL);
    return 0;
}

static int world_end(void **state) {
    (void)state;
    party_free(&root), party_free(&tsa), party_free(&tsa_ec), party_free(&tsa_rsa), party_free(&plain);
    trust_free(trust);
    return 0;
}

static void reason_is(enum step_reason expected, const struct token_wish *wish, const struct trust *with) {
    static struct sw_bytes token;
    struct timestamp stamp;
    struct token_wish full = *wish;
    if (full.stamped.len == 0) full.stamped = bytes_text(STAMPED);
    if (full.time_ms == 0) full.time_ms = SW_T0;
    if (!full.tsa) full.tsa = &tsa;
    token_make(&token, &full);
    timestamp_check(&stamp, sw_view(&token), bytes_text(STAMPED), bytes_of(NULL, 0), with, SW_T0);
    if (stamp.reason != expected) fail_msg("reason %s (%s), expected %s", reason_name(stamp.reason), stamp.detail, reason_name(expected));
    assert_int_equal(stamp.time_ms, expected == REASON_NONE || expected == REASON_NO_ANCHOR ? full.time_ms : TIME_UNKNOWN);
    assert_int_equal(stamp.detail[0] == '\0', expected == REASON_NONE);
    assert_int_equal(ERR_peek_error(), 0);
}

static void right(void **state) {
    (void)state;
    const struct party *const all[] = {&tsa, &tsa_ec, &tsa_rsa};
    for (size_t i = 0; i < COUNT(all); i++) {
        reason_is(REASON_NONE, &(struct token_wish){.tsa = all[i]}, trust);
        reason_is(REASON_NONE, &(struct token_wish){.tsa = all[i], .digest_oid = "2.16.840.1.101.3.4.2.1"}, trust);
        reason_is(REASON_NO_ANCHOR, &(struct token_wish){.tsa = all[i]}, NULL);
    }
    reason_is(REASON_NONE, &(struct token_wish){.form = SW_RAW}, trust);
}

static void wrong(void **state) {
    (void)state;
    static uint8_t zero[32];
    struct party foreign, foreign_tsa, late, short_root, of_short;
    party_make(&foreign, NULL, &(struct party_wish){.cn = "Foreign", .ca = true});
    party_make(&foreign_tsa, &foreign, &(struct party_wish){.cn = "F", .extended = "critical,timeStamping"});
    party_make(&late, &root, &(struct party_wish){.cn = "L", .extended = "critical,timeStamping", .from_ms = SW_T0, .to_ms = SW_T0 + SW_DAY});
    const struct { enum step_reason reason; struct token_wish wish; } cases[] = {
        {REASON_TIMESTAMP_WRONG, {.stamped = bytes_text("another")}},
        {REASON_TIMESTAMP_WRONG, {.imprint = bytes_of(zero, 32)}},
        {REASON_TIMESTAMP_WRONG, {.form = SW_WRONG}},
        {REASON_TIMESTAMP_WRONG, {.form = SW_EMPTY_ID}},
        {REASON_TIMESTAMP_WRONG, {.no_attrs = true}},
        {REASON_TIMESTAMP_WRONG, {.wrong_attr_digest = true}},
        {REASON_TIMESTAMP_WRONG, {.wrong_attr_type = true}},
        {REASON_DIGEST_UNKNOWN, {.digest_oid = "1.3.14.3.2.26", .imprint = bytes_of(zero, 20)}},
        {REASON_CERTIFICATE, {.no_cert = true}},
        {REASON_USAGE, {.tsa = &plain}},
        {REASON_UNTRUSTED, {.tsa = &foreign_tsa}},
        {REASON_UNTRUSTED, {.tsa = &foreign_tsa, .link = &foreign}}, /* what a token carries is no anchor */
        {REASON_BEFORE_PERIOD, {.tsa = &late, .time_ms = SW_T0 - 1000}},
        {REASON_AFTER_PERIOD, {.tsa = &late, .time_ms = SW_T0 + SW_DAY + 1000}},
        {REASON_NONE, {.tsa = &late, .time_ms = SW_T0 + SW_DAY}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) reason_is(cases[i].reason, &cases[i].wish, trust);

    /* The CA above ended before the time, or began after it. */
    party_make(&short_root, NULL, &(struct party_wish){.cn = "Short", .ca = true, .from_ms = SW_T0, .to_ms = SW_T0 + SW_DAY});
    party_make(&of_short, &short_root, &(struct party_wish){.cn = "S", .extended = "critical,timeStamping"});
    struct trust *with = sw_trust(&(struct sw_file){"short.cer", short_root.cert}, 1, NULL);
    reason_is(REASON_NONE, &(struct token_wish){.tsa = &of_short, .time_ms = SW_T0}, with);
    reason_is(REASON_BEFORE_PERIOD, &(struct token_wish){.tsa = &of_short, .time_ms = SW_T0 - SW_DAY}, with);
    reason_is(REASON_AFTER_PERIOD, &(struct token_wish){.tsa = &of_short, .time_ms = SW_T0 + 2 * SW_DAY}, with);
    trust_free(with);
    party_free(&foreign), party_free(&foreign_tsa), party_free(&late), party_free(&short_root), party_free(&of_short);
}

static void junk(void **state) {
    (void)state;
    static struct sw_bytes token;
    struct timestamp stamp;
    token_make(&token, &(struct token_wish){.tsa = &tsa, .time_ms = SW_T0, .stamped = bytes_text(STAMPED)});
    for (size_t len = 0; len < token.len; len += 3) {
        timestamp_check(&stamp, bytes_of(token.data, len), bytes_text(STAMPED), bytes_of(NULL, 0), trust, SW_T0);
        assert_int_equal(stamp.reason, REASON_FORMAT);
    }
    static struct sw_bytes data; /* signed data, but no token */
    signed_data_make(&data, &(struct data_wish){.signer = &tsa, .time_ms = SW_T0, .no_attrs = true, .content = bytes_text(STAMPED)});
    timestamp_check(&stamp, sw_view(&data), bytes_text(STAMPED), bytes_of(NULL, 0), trust, SW_T0);
    assert_int_equal(stamp.reason, REASON_FORMAT);
    assert_string_equal(stamp.detail, "TSTInfo");
}

/* RFC 3161 4: harmless reasons leave what was stamped before; any other, or none stated, takes all of it. */
static void revoked(void **state) {
    (void)state;
    static const struct { int64_t at_ms; int reason; enum step_reason expected; } cases[] = {
        {SW_T0 - SW_DAY, REVOKED_SUPERSEDED, REASON_REVOKED}, {SW_T0 + SW_DAY, REVOKED_SUPERSEDED, REASON_NONE},
        {SW_T0 + SW_DAY, REVOKED_KEY, REASON_REVOKED},        {SW_T0 + SW_DAY, -1, REASON_REVOKED},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        static struct sw_bytes crl;
        const struct revoked entry = {&tsa, cases[i].at_ms, cases[i].reason};
        crl_make(&crl, &root, &(struct crl_wish){.from_ms = SW_T0, .to_ms = SW_T0 + SW_DAY, .entries = &entry, .count = 1});
        const struct sw_file files[] = {{"root.cer", root.cert}, {"1.crl", sw_view(&crl)}};
        struct trust *with = sw_trust(files, COUNT(files), NULL);
        reason_is(cases[i].expected, &(struct token_wish){.form = SW_DER}, with);
        trust_free(with);
    }
}

static ASN1_INTEGER *next_serial(struct TS_resp_ctx *context, void *data) {
    (void)context, (void)data;
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    assert_int_equal(ASN1_INTEGER_set(serial, 99), 1);
    return serial;
}

static int present(struct TS_resp_ctx *context, void *data, long *seconds, long *micros) {
    (void)context, (void)data;
    *seconds = (long)(SW_T0 / 1000);
    *micros = 0;
    return 1;
}

static struct timestamp stamp_read(struct bytes token, const char *stamped) {
    struct timestamp stamp;
    timestamp_check(&stamp, token, bytes_text(stamped), bytes_of(NULL, 0), trust, SW_T0);
    return stamp;
}

/* A token made by OpenSSL's own time stamp authority: by somebody else than who wrote what reads it. */
static void openssl_token(const struct party *authority, const EVP_MD *over, const EVP_MD *with, enum step_reason expected) {
    uint8_t imprint[EVP_MAX_MD_SIZE], *der = NULL;
    unsigned len = sizeof imprint;
    assert_int_equal(EVP_Digest(STAMPED, strlen(STAMPED), imprint, &len, over, NULL), 1);
    TS_REQ *request = TS_REQ_new();
    TS_MSG_IMPRINT *message = TS_MSG_IMPRINT_new();
    X509_ALGOR *alg = X509_ALGOR_new();
    assert_int_equal(X509_ALGOR_set0(alg, OBJ_nid2obj(EVP_MD_get_type(over)), V_ASN1_NULL, NULL), 1);
    assert_int_equal(TS_MSG_IMPRINT_set_algo(message, alg) & TS_MSG_IMPRINT_set_msg(message, imprint, (int)len), 1);
    assert_int_equal(TS_REQ_set_version(request, 1) & TS_REQ_set_msg_imprint(request, message) & TS_REQ_set_cert_req(request, 1), 1);
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(i2d_TS_REQ_bio(bio, request), 1);

    TS_RESP_CTX *context = TS_RESP_CTX_new();
    ASN1_OBJECT *policy = OBJ_txt2obj("1.2.3.4.1", 1);
    assert_int_equal(TS_RESP_CTX_set_signer_cert(context, authority->x509) & TS_RESP_CTX_set_signer_key(context, authority->key), 1);
    assert_int_equal(TS_RESP_CTX_set_def_policy(context, policy) & TS_RESP_CTX_add_md(context, over), 1);
    assert_int_equal(TS_RESP_CTX_set_signer_digest(context, with), 1);
    TS_RESP_CTX_set_serial_cb(context, next_serial, NULL);
    TS_RESP_CTX_set_time_cb(context, present, NULL);
    TS_RESP *response = TS_RESP_create_response(context, bio);
    assert_non_null(response);
    PKCS7 *made = TS_RESP_get_token(response);
    assert_non_null(made);
    int token_len = i2d_PKCS7(made, &der);
    assert_true(token_len > 0);
    ERR_clear_error();

    const struct bytes token = bytes_of(der, (size_t)token_len);
    struct timestamp stamp = stamp_read(token, STAMPED);
    if (stamp.reason != expected) fail_msg("%s over %s: %s (%s)", EVP_MD_get0_name(with), EVP_MD_get0_name(over), reason_name(stamp.reason), stamp.detail);
    assert_int_equal(stamp.time_ms, expected == REASON_NONE ? SW_T0 : TIME_UNKNOWN);
    assert_int_equal(stamp_read(token, "else").reason, expected == REASON_DIGEST_UNKNOWN ? REASON_DIGEST_UNKNOWN : REASON_TIMESTAMP_WRONG);
    if (expected == REASON_NONE) { /* one bit of the signature, which ends the token */
        der[token.len - 1] ^= 1;
        assert_int_equal(stamp_read(token, STAMPED).reason, REASON_TIMESTAMP_WRONG);
    }

    OPENSSL_free(der);
    TS_RESP_free(response);
    TS_RESP_CTX_free(context);
    ASN1_OBJECT_free(policy);
    BIO_free(bio);
    X509_ALGOR_free(alg);
    TS_MSG_IMPRINT_free(message);
    TS_REQ_free(request);
}

static void by_openssl(void **state) {
    (void)state;
    const struct party *const authorities[] = {&tsa_rsa, &tsa_ec};
    const EVP_MD *const known[] = {EVP_sha256(), EVP_sha384(), EVP_sha512()};
    for (size_t who = 0; who < COUNT(authorities); who++)
        for (size_t over = 0; over < COUNT(known); over++)
            for (size_t with = 0; with < COUNT(known); with++) openssl_token(authorities[who], known[over], known[with], REASON_NONE);
    openssl_token(&tsa_rsa, EVP_sha224(), EVP_sha256(), REASON_DIGEST_UNKNOWN);
}

/* What is not known here proves nothing, and is not wrong. */
static void what_leaves_the_step_open(void **state) {
    (void)state;
    assert_int_equal(timestamp_result(REASON_NONE), STEP_PASSED);
    static const enum step_reason open[] = {REASON_NO_ANCHOR, REASON_FORMAT, REASON_DIGEST_UNKNOWN, REASON_ALGORITHM};
    static const enum step_reason wrong[] = {REASON_TIMESTAMP_WRONG, REASON_CERTIFICATE, REASON_USAGE, REASON_UNTRUSTED, REASON_CHAIN_WRONG, REASON_REVOKED, REASON_BEFORE_PERIOD};
    for (size_t i = 0; i < COUNT(open); i++) assert_int_equal(timestamp_result(open[i]), STEP_NOT_CHECKED);
    for (size_t i = 0; i < COUNT(wrong); i++) assert_int_equal(timestamp_result(wrong[i]), STEP_FAILED);
}

/* The outer elements of a token without their lengths, as Java's makers write them: the same token, and a note. */
static void in_ber(void **state) {
    (void)state;
    static struct sw_bytes token;
    static uint8_t ber[16384];
    token_make(&token, &(struct token_wish){.tsa = &tsa, .time_ms = SW_T0, .stamped = bytes_text(STAMPED)});
    struct der top = der_over(sw_view(&token)), info, tagged, data;
    struct bytes oid = {NULL, 0};
    assert_true(der_enter(&top, DER_SEQUENCE, &info, NULL) && der_oid(&info, &oid, NULL) && der_enter(&info, DER_CONTEXT(0), &tagged, NULL));
    assert_true(der_enter(&tagged, DER_SEQUENCE, &data, NULL));
    struct der_out out = der_write(ber, sizeof ber);
    der_put_raw(&out, bytes_text("\x30\x80"));
    der_put(&out, DER_OID, oid);
    der_put_raw(&out, bytes_text("\xa0\x80\x30\x80"));
    der_put_raw(&out, bytes_of(data.p, (size_t)(data.end - data.p)));
    der_put_raw(&out, bytes_of("\0\0\0\0\0\0", 6));
    assert_false(out.full);
    const struct timestamp stamp = stamp_read(bytes_of(ber, out.len), STAMPED);
    assert_int_equal(stamp.reason, REASON_NONE);
    assert_int_equal(stamp.encoding, ENCODING_BER);
    assert_int_equal(stamp_read(sw_view(&token), STAMPED).encoding, ENCODING_NONE);
    assert_int_equal(stamp_read(bytes_of(ber, out.len - 1), STAMPED).reason, REASON_FORMAT);
}

int main(void) {
    if (crypto_start()) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(right), cmocka_unit_test(wrong), cmocka_unit_test(junk), cmocka_unit_test(revoked), cmocka_unit_test(by_openssl), cmocka_unit_test(what_leaves_the_step_open), cmocka_unit_test(in_ber)};
    return cmocka_run_group_tests_name("seal_timestamp", tests, world_start, world_end);
}
