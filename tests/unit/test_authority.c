/* The test authority: its certificates and lists are checked by OpenSSL's own chain building, its seal by the reader of seals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/hash.h"
#include "crypto/seal/cert.h"
#include "crypto/sig.h"
#include "tools/authority/authority.h"
#include "tools/authority/png.h"
#include "tools/authority/seal_make.h"

#define NOW INT64_C(1790000000000) /* 2026-09-21 */
#define DAY INT64_C(86400000)
#define OWNER "11310118WYEQPPGM2U"
#define NAME "示例市行政审批局"
#define SM2_ID "1234567812345678"
#define ES_ID "31011812345678"

static struct authority *made;

static int setup(void **state) {
    (void)state;
    const struct authority_spec spec = {.owner = OWNER, .name = NAME, .es_id = ES_ID, .now_ms = NOW};
    made = malloc(sizeof *made);
    return made && hash_setup() && sig_setup() && authority_make(made, &spec) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    authority_free(made);
    free(made);
    return 0;
}

/* --- OpenSSL's side --- */

static void set_id(ASN1_OCTET_STRING **out, const char *id) {
    *out = ASN1_OCTET_STRING_new();
    assert_non_null(*out);
    assert_int_equal(ASN1_OCTET_STRING_set(*out, (const uint8_t *)id, (int)strlen(id)), 1);
}

static X509 *certificate(struct bytes der, const char *id) {
    const uint8_t *p = der.data;
    ASN1_OCTET_STRING *octets;
    X509 *cert = d2i_X509(NULL, &p, (long)der.len);
    assert_non_null(cert);
    assert_ptr_equal(p, der.data + der.len);
    if (id) {
        set_id(&octets, id);
        X509_set0_distinguishing_id(cert, octets);
    }
    return cert;
}

static X509_CRL *list(struct bytes der) {
    const uint8_t *p = der.data;
    X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)der.len);
    assert_non_null(crl);
    assert_ptr_equal(p, der.data + der.len);
    return crl;
}

/* Does the leaf lead to the root over the subordinate CA, when every certificate has this id? The error otherwise. */
static int chain_error(struct bytes leaf_der, const char *id, int64_t at_ms) {
    X509 *leaf = certificate(leaf_der, id), *sub = certificate(authority_cert(made, ROLE_SUB), id), *root = certificate(authority_cert(made, ROLE_ROOT), id);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *others = sk_X509_new_null();
    assert_true(sk_X509_push(others, sub) > 0);
    assert_int_equal(X509_STORE_add_cert(store, root), 1);
    assert_int_equal(X509_STORE_CTX_init(context, store, leaf, others), 1);
    X509_STORE_CTX_set_flags(context, X509_V_FLAG_CHECK_SS_SIGNATURE | X509_V_FLAG_X509_STRICT);
    X509_STORE_CTX_set_time(context, 0, (time_t)(at_ms / 1000));
    int error = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    sk_X509_free(others);
    X509_free(leaf);
    X509_free(sub);
    X509_free(root);
    ERR_clear_error();
    return error;
}

static void certificates_verify_through_openssl(void **state) {
    (void)state;
    for (enum authority_role role = ROLE_MAKER; role < ROLE_COUNT; role++) {
        struct bytes leaf = authority_cert(made, role);
        assert_int_equal(chain_error(leaf, SM2_ID, NOW), X509_V_OK);
        assert_int_not_equal(chain_error(leaf, NULL, NOW), X509_V_OK);
        assert_int_not_equal(chain_error(leaf, "1234567812345679", NOW), X509_V_OK);
        assert_int_equal(chain_error(leaf, SM2_ID, NOW - 2 * DAY), X509_V_ERR_CERT_NOT_YET_VALID);
        assert_int_equal(chain_error(leaf, SM2_ID, NOW + 3651 * DAY), X509_V_ERR_CERT_HAS_EXPIRED);
    }
}

static void a_flipped_bit_anywhere_is_noticed(void **state) {
    (void)state;
    uint8_t copy[CA_DER_MAX];
    struct bytes leaf = authority_cert(made, ROLE_HOLDER);
    unsigned parsed = 0;
    for (size_t at = 0; at < leaf.len; at += 7) {
        memcpy(copy, leaf.data, leaf.len);
        copy[at] ^= 1;
        const uint8_t *p = copy;
        X509 *cert = d2i_X509(NULL, &p, (long)leaf.len);
        bool whole = cert && p == copy + leaf.len;
        X509_free(cert);
        ERR_clear_error();
        if (!whole) continue;
        parsed++;
        assert_int_not_equal(chain_error(bytes_of(copy, leaf.len), SM2_ID, NOW), X509_V_OK);
    }
    assert_true(parsed > 20);
}

/* OpenSSL 3 has no way to give a list its id, so its signature is checked by hand. */
static bool list_signed_by(struct bytes der, enum authority_role role) {
    X509_CRL *crl = list(der);
    X509 *issuer = certificate(authority_cert(made, role), NULL);
    EVP_PKEY_CTX *pkey = EVP_PKEY_CTX_new(X509_get0_pubkey(issuer), NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const ASN1_BIT_STRING *signature;
    uint8_t *signed_part = NULL;
    int len = i2d_re_X509_CRL_tbs(crl, &signed_part);
    assert_true(len > 0);
    X509_CRL_get0_signature(crl, &signature, NULL);
    assert_int_equal(EVP_PKEY_CTX_set1_id(pkey, SM2_ID, (int)strlen(SM2_ID)), 1);
    EVP_MD_CTX_set_pkey_ctx(context, pkey);
    assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sm3(), NULL, X509_get0_pubkey(issuer)), 1);
    bool ok = EVP_DigestVerify(context, signature->data, (size_t)signature->length, signed_part, (size_t)len) == 1;
    OPENSSL_free(signed_part);
    EVP_MD_CTX_free(context);
    EVP_PKEY_CTX_free(pkey);
    X509_free(issuer);
    X509_CRL_free(crl);
    ERR_clear_error();
    return ok;
}

static bool listed(struct bytes der, enum authority_role role) {
    X509_CRL *crl = list(der);
    X509 *cert = certificate(authority_cert(made, role), NULL);
    X509_REVOKED *entry = NULL;
    int found = X509_CRL_get0_by_cert(crl, &entry, cert);
    X509_free(cert);
    X509_CRL_free(crl);
    return found == 1 && entry != NULL;
}

static void revoked_is_on_the_list(void **state) {
    (void)state;
    uint8_t crl[CA_DER_MAX];
    struct bytes sub = authority_cert(made, ROLE_SUB), none = bytes_of(made->sub_crl, made->sub_crl_len);
    const struct ca_revoked revoked[] = {{authority_cert(made, ROLE_HOLDER), NOW - DAY / 2}};
    assert_true(list_signed_by(none, ROLE_SUB));
    assert_true(list_signed_by(bytes_of(made->root_crl, made->root_crl_len), ROLE_ROOT));
    assert_false(listed(none, ROLE_HOLDER));
    size_t len = ca_revocation_list(crl, sizeof crl, sub, &made->signer[ROLE_SUB], 2, NOW - DAY, NOW + DAY, revoked, 1);
    assert_true(len > 0);
    assert_true(list_signed_by(bytes_of(crl, len), ROLE_SUB));
    assert_true(listed(bytes_of(crl, len), ROLE_HOLDER));
    assert_false(listed(bytes_of(crl, len), ROLE_MAKER));
    int64_t at_ms = 0;
    assert_true(ca_listed(&at_ms, bytes_of(crl, len), authority_cert(made, ROLE_HOLDER)));
    assert_int_equal(at_ms, NOW - DAY / 2);
    assert_false(ca_listed(&at_ms, bytes_of(crl, len), authority_cert(made, ROLE_MAKER)));
    assert_false(ca_listed(&at_ms, none, authority_cert(made, ROLE_HOLDER)));
    assert_int_equal(ca_list_number(none), 1);
    assert_int_equal(ca_list_number(bytes_of(crl, len)), 2);
    assert_int_equal(ca_list_number(bytes_text("none")), 0);
    /* the root did not issue that certificate, and another key's signature is not the issuer's */
    assert_int_equal(ca_revocation_list(crl, sizeof crl, authority_cert(made, ROLE_ROOT), &made->signer[ROLE_ROOT], 2, NOW - DAY, NOW + DAY, revoked, 1), 0);
    len = ca_revocation_list(crl, sizeof crl, sub, &made->signer[ROLE_MAKER], 2, NOW - DAY, NOW + DAY, NULL, 0);
    assert_false(list_signed_by(bytes_of(crl, len), ROLE_SUB));
    assert_int_equal(ERR_peek_error(), 0);
}

/* --- what is in them --- */

static struct cert_facts facts_of(struct bytes der) {
    struct cert_facts facts;
    struct cert *cert = cert_read(der);
    assert_non_null(cert);
    cert_facts(&facts, cert);
    cert_free(cert);
    return facts;
}

static void subjects_are_as_production_has_them(void **state) {
    (void)state;
    struct cert_facts holder = facts_of(authority_cert(made, ROLE_HOLDER)), root = facts_of(authority_cert(made, ROLE_ROOT));
    assert_string_equal(holder.subject_cn, ES_ID);
    assert_string_equal(holder.subject_o, OWNER NAME);
    assert_true(holder.usage_given);
    assert_true(holder.can_sign);
    assert_false(holder.is_ca);
    assert_int_equal(holder.from_ms, NOW - DAY);
    assert_string_equal(holder.key_alg, "SM2");
    assert_true(root.is_ca);
    assert_true(root.self_issued);
    assert_non_null(strstr(root.subject_cn, "测试"));
}

static size_t certificate_with(uint8_t *out, const char *cn, const char *o, enum ca_kind kind, struct bytes issuer, const struct seal_signer *signer) {
    struct ca_request request = {.kind = kind, .cn = cn, .o = o, .from_ms = NOW, .to_ms = NOW + DAY};
    signer_pubkey(made->key[ROLE_HOLDER], &request.key);
    return ca_certificate(out, CA_DER_MAX, &request, issuer, signer);
}

static bool no_signature(void *context, const struct bytes *parts, size_t count, uint8_t sig64[SIG_LEN]) {
    (void)context, (void)parts, (void)count, (void)sig64;
    return false;
}

static void what_cannot_be_made_is_not(void **state) {
    (void)state;
    uint8_t der[CA_DER_MAX];
    const struct seal_signer *sub = &made->signer[ROLE_SUB], none = {.sign = no_signature};
    struct bytes issuer = authority_cert(made, ROLE_SUB);
    const char *most = "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四";
    char more[256];
    (void)snprintf(more, sizeof more, "%s五", most);
    assert_true(certificate_with(der, most, "o", CA_SIGNER, issuer, sub) > 0);
    assert_int_equal(certificate_with(der, more, "o", CA_SIGNER, issuer, sub), 0);
    assert_int_equal(certificate_with(der, "cn", more, CA_SIGNER, issuer, sub), 0);
    assert_int_equal(certificate_with(der, "cn", "\xff", CA_SIGNER, issuer, sub), 0);
    assert_int_equal(certificate_with(der, "cn", "o", CA_SIGNER, issuer, &none), 0);
    assert_int_equal(certificate_with(der, "cn", "o", CA_SIGNER, bytes_text("none"), sub), 0);
    assert_int_equal(certificate_with(der, "cn", "o", CA_SIGNER, bytes_of(NULL, 0), sub), 0);
    size_t len = certificate_with(der, "cn", "o", CA_CIPHER, issuer, sub);
    assert_false(facts_of(bytes_of(der, len)).can_sign);
    assert_int_equal(ERR_peek_error(), 0);
}

static void pem_there_and_back(void **state) {
    (void)state;
    char pem[2 * CA_DER_MAX];
    uint8_t der[CA_DER_MAX];
    struct bytes cert = authority_cert(made, ROLE_HOLDER);
    size_t len = ca_pem(pem, sizeof pem, "CERTIFICATE", cert);
    assert_true(len > cert.len);
    assert_int_equal(ca_unpem(der, sizeof der, "CERTIFICATE", bytes_text(pem)), cert.len);
    assert_memory_equal(der, cert.data, cert.len);
    assert_int_equal(ca_unpem(der, sizeof der, "X509 CRL", bytes_text(pem)), 0);
    assert_int_equal(ca_unpem(der, cert.len - 1, "CERTIFICATE", bytes_text(pem)), 0);
    assert_int_equal(ca_pem(pem, len, "CERTIFICATE", cert), 0); /* no room for the NUL */
}

/* --- the seal --- */

static bool signed_by(struct bytes cert_der, struct bytes alg, struct bytes what, struct bytes signature) {
    struct cert *cert = cert_read(cert_der);
    assert_non_null(cert);
    bool ok = cert_signature(cert, alg, &what, 1, signature, NULL) == SIG_VALID;
    cert_free(cert);
    return ok;
}

static bool ends_with(struct bytes text, const char *end) {
    size_t len = strlen(end);
    return text.len >= len && memcmp(text.data + text.len - len, end, len) == 0;
}

static void the_seal_says_that_it_is_a_test(void **state) {
    (void)state;
    static struct ses_seal seal;
    const char *where = "";
    uint8_t picture[PNG_SEAL_MAX];
    assert_true(ses_seal_decode(&seal, bytes_of(made->seal, made->seal_len), &where));
    assert_int_equal(seal.version, SES_V4);
    assert_true(bytes_equal(seal.vendor, bytes_text(TEST_VENDOR)));
    assert_true(ends_with(seal.name, "测试章"));
    assert_true(bytes_equal(seal.id, bytes_text(ES_ID)));
    assert_int_equal(seal.list_count, 1);
    assert_true(bytes_equal(seal.list[0], authority_cert(made, ROLE_HOLDER)));
    assert_true(bytes_equal(seal.picture, bytes_of(picture, png_test_seal(picture))));
    assert_int_equal(seal.from_ms, NOW - DAY);
    assert_true(bytes_equal(seal.maker_cert, authority_cert(made, ROLE_MAKER)));
    assert_true(signed_by(seal.maker_cert, seal.alg, seal.info, seal.signature));
    assert_false(signed_by(authority_cert(made, ROLE_HOLDER), seal.alg, seal.info, seal.signature));
}

static void a_note_seal_holds_the_note(void **state) {
    (void)state;
    static struct ses_seal seal;
    static uint8_t der[AUTHORITY_SEAL_MAX];
    const char *where = "", *note = "仅用于办理示例事项";
    struct bytes like = bytes_of(made->seal, made->seal_len), holder = authority_cert(made, ROLE_HOLDER), maker = authority_cert(made, ROLE_MAKER);
    size_t len = note_seal_make(der, sizeof der, note, like, holder, maker, &made->signer[ROLE_MAKER], NOW);
    assert_true(ses_seal_decode(&seal, bytes_of(der, len), &where));
    assert_memory_equal(seal.name.data, note, strlen(note));
    assert_true(ends_with(seal.name, "测试章）"));
    assert_true(bytes_equal(seal.picture_type, bytes_text("ofd")));
    assert_memory_equal(seal.picture.data, "PK", 2);
    assert_memory_equal(seal.id.data, ES_ID, 6);
    assert_false(bytes_equal(seal.id, bytes_text(ES_ID)));
    assert_true(signed_by(seal.maker_cert, seal.alg, seal.info, seal.signature));
    char too_long[AUTHORITY_NOTE_MAX + 2];
    memset(too_long, 'x', sizeof too_long - 1);
    too_long[sizeof too_long - 1] = '\0';
    assert_int_equal(note_seal_make(der, sizeof der, too_long, like, holder, maker, &made->signer[ROLE_MAKER], NOW), 0);
    too_long[AUTHORITY_NOTE_MAX] = '\0';
    assert_true(note_seal_make(der, sizeof der, too_long, like, holder, maker, &made->signer[ROLE_MAKER], NOW) > 0);
    assert_int_equal(note_seal_make(der, sizeof der, "\n", like, holder, maker, &made->signer[ROLE_MAKER], NOW), 0);
}

static void a_key_that_is_not_the_certificates_makes_nothing(void **state) {
    (void)state;
    static uint8_t value[SEAL_VALUE_MAX];
    static struct ses_signature signature;
    const char *where = "";
    uint8_t digest[32] = {1};
    struct bytes seal = bytes_of(made->seal, made->seal_len), holder = authority_cert(made, ROLE_HOLDER);
    size_t len = seal_value_make(value, sizeof value, seal, NOW, digest, "/Doc_0/Signs/Sign_0/Signature.xml", holder, &made->signer[ROLE_HOLDER]);
    assert_true(ses_signature_decode(&signature, bytes_of(value, len), &where));
    assert_int_equal(signature.version, SES_V4);
    assert_true(bytes_equal(signature.data_hash, bytes_of(digest, 32)));
    assert_true(bytes_equal(signature.seal.whole, seal));
    assert_int_equal(signature.time_ms, NOW);
    assert_true(signed_by(signature.cert, signature.alg, signature.to_sign, signature.signature));
    assert_int_equal(seal_value_make(value, sizeof value, seal, NOW, digest, "p", holder, &made->signer[ROLE_MAKER]), 0);
    size_t short_by = 16; /* two signatures differ by a few bytes in length */
    assert_int_equal(seal_value_make(value, len - short_by, seal, NOW, digest, "/Doc_0/Signs/Sign_0/Signature.xml", holder, &made->signer[ROLE_HOLDER]), 0);
}

static void a_seal_too_large_to_sign_with_is_not_made(void **state) {
    (void)state;
    static uint8_t der[2 * SEAL_SIGNED_MAX], picture[SEAL_SIGNED_MAX];
    struct test_seal what = {.id = ES_ID, .name = "大测试章", .picture_type = "png", .picture = bytes_of(picture, SEAL_MAKE_MAX - 4096), .width_mm = 40,
                             .height_mm = 40, .from_ms = NOW, .to_ms = NOW + DAY};
    struct bytes holder = authority_cert(made, ROLE_HOLDER), maker = authority_cert(made, ROLE_MAKER);
    uint8_t digest[32] = {0};
    static uint8_t value[SEAL_VALUE_MAX];
    size_t len = test_seal_make(der, sizeof der, &what, holder, maker, &made->signer[ROLE_MAKER]);
    assert_true(len > 0);
    assert_true(seal_value_make(value, sizeof value, bytes_of(der, len), NOW, digest, "p", holder, &made->signer[ROLE_HOLDER]) > 0);
    what.picture.len = SEAL_MAKE_MAX;
    assert_int_equal(test_seal_make(der, sizeof der, &what, holder, maker, &made->signer[ROLE_MAKER]), 0);
}

/* Signatures whose numbers begin with zeros or with a high bit: each form of INTEGER. */
static bool fixed(void *context, const struct bytes *parts, size_t count, uint8_t sig64[SIG_LEN]) {
    (void)parts, (void)count;
    memcpy(sig64, context, SIG_LEN);
    return true;
}

static void integers_are_in_their_shortest_form(void **state) {
    (void)state;
    static const struct { uint8_t first, second, len; } of[] = {{0x7f, 1, 32}, {0x80, 1, 33}, {0, 0x7f, 31}, {0, 0x80, 32}, {0, 0, 30}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        uint8_t sig64[SIG_LEN], der[SEAL_SIG_DER_MAX];
        memset(sig64, 0x11, sizeof sig64);
        sig64[0] = of[i].first;
        sig64[1] = of[i].second;
        const struct seal_signer signer = {.sign = fixed, .context = sig64};
        struct bytes nothing = bytes_text("");
        size_t len = seal_sign(der, &signer, &nothing, 1);
        assert_int_equal(len, 2 + 2 + of[i].len + 2 + 32);
        const uint8_t *p = der;
        ECDSA_SIG *parsed = d2i_ECDSA_SIG(NULL, &p, (long)len);
        uint8_t again[32];
        assert_non_null(parsed);
        assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(parsed), again, 32), 32);
        assert_memory_equal(again, sig64, 32);
        ECDSA_SIG_free(parsed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_verify_through_openssl),
        cmocka_unit_test(a_flipped_bit_anywhere_is_noticed),
        cmocka_unit_test(revoked_is_on_the_list),
        cmocka_unit_test(subjects_are_as_production_has_them),
        cmocka_unit_test(what_cannot_be_made_is_not),
        cmocka_unit_test(pem_there_and_back),
        cmocka_unit_test(the_seal_says_that_it_is_a_test),
        cmocka_unit_test(a_note_seal_holds_the_note),
        cmocka_unit_test(a_key_that_is_not_the_certificates_makes_nothing),
        cmocka_unit_test(a_seal_too_large_to_sign_with_is_not_made),
        cmocka_unit_test(integers_are_in_their_shortest_form),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
