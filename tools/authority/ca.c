#include "tools/authority/ca.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "crypto/seal/der.h"

#define SERIAL_LEN 16u

static X509 *certificate_of(struct bytes der) {
    const uint8_t *p = der.data;
    X509 *cert = der.len > 0 && der.len <= CA_DER_MAX ? d2i_X509(NULL, &p, (long)der.len) : NULL;
    if (!cert || p == der.data + der.len) return cert;
    X509_free(cert);
    return NULL;
}

/* OpenSSL knows the curve of a SubjectPublicKeyInfo and makes an SM2 key of it by itself; a key built from parameters would not always be one. */
static EVP_PKEY *public_key(const struct pubkey *key) {
    uint8_t info[128], point[65] = {4};
    memcpy(point + 1, key->x, 32);
    memcpy(point + 33, key->y, 32);
    struct der_out out = der_write(info, sizeof info);
    size_t whole = der_begin(&out, DER_SEQUENCE), alg = der_begin(&out, DER_SEQUENCE);
    der_put_oid(&out, "1.2.840.10045.2.1");
    der_put_oid(&out, "1.2.156.10197.1.301");
    der_end(&out, alg);
    der_put_bits(&out, bytes_of(point, sizeof point));
    der_end(&out, whole);
    const uint8_t *p = info;
    EVP_PKEY *pkey = out.full ? NULL : d2i_PUBKEY(NULL, &p, (long)out.len);
    if (!pkey || EVP_PKEY_is_a(pkey, "SM2")) return pkey;
    EVP_PKEY_free(pkey);
    return NULL;
}

static bool set_subject(X509 *cert, const char *cn, const char *o) {
    X509_NAME *name = X509_get_subject_name(cert);
    return X509_NAME_add_entry_by_txt(name, "C", MBSTRING_ASC, (const uint8_t *)"CN", -1, -1, 0) == 1 &&
           X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const uint8_t *)o, -1, -1, 0) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)cn, -1, -1, 0) == 1;
}

static bool set_serial(X509 *cert) {
    uint8_t serial[SERIAL_LEN];
    random_bytes(serial, sizeof serial);
    serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40); /* positive, and always of the same length */
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    bool ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
    BN_free(number);
    return ok;
}

static bool set_period(X509 *cert, int64_t from_ms, int64_t to_ms) {
    return ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)(from_ms / 1000)) && ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)(to_ms / 1000));
}

static bool add_extension(X509 *cert, X509V3_CTX *context, int nid, const char *value) {
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
    bool ok = extension && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

static bool set_extensions(X509 *cert, X509 *issuer, enum ca_kind kind) {
    static const struct { const char *constraints, *usage; } of[] = {
        [CA_ROOT] = {"critical,CA:TRUE", "critical,keyCertSign,cRLSign"},
        [CA_SUB] = {"critical,CA:TRUE,pathlen:0", "critical,keyCertSign,cRLSign"},
        [CA_SIGNER] = {"critical,CA:FALSE", "critical,digitalSignature,nonRepudiation"},
        [CA_CIPHER] = {"critical,CA:FALSE", "critical,keyEncipherment,dataEncipherment"},
    };
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    return add_extension(cert, &context, NID_basic_constraints, of[kind].constraints) && add_extension(cert, &context, NID_key_usage, of[kind].usage) &&
           add_extension(cert, &context, NID_subject_key_identifier, "hash") && add_extension(cert, &context, NID_authority_key_identifier, "keyid");
}

/* SEQUENCE {what is signed, algorithm, signature}: the frame of certificates and lists alike. */
static size_t sign_frame(uint8_t *out, size_t cap, struct bytes to_sign, const struct seal_signer *signer) {
    uint8_t der[SEAL_SIG_DER_MAX];
    size_t len = seal_sign(der, signer, &to_sign, 1);
    if (len == 0) return 0;
    struct der_out frame = der_write(out, cap);
    size_t whole = der_begin(&frame, DER_SEQUENCE);
    der_put_raw(&frame, to_sign);
    size_t alg = der_begin(&frame, DER_SEQUENCE);
    der_put_oid(&frame, SM2_SIGN_OID);
    der_end(&frame, alg);
    der_put_bits(&frame, bytes_of(der, len));
    der_end(&frame, whole);
    return frame.full ? 0 : frame.len;
}

/* OpenSSL writes the algorithm into what is signed only when it signs by itself. So it signs with a key that is thrown away, and the real signature, by
 * a key that OpenSSL never sees, takes that one's place. */
static EVP_PKEY *throwaway_key(void) { return EVP_PKEY_Q_keygen(NULL, NULL, "SM2"); }

static X509 *certificate_fill(const struct ca_request *request, X509 *issuer) {
    EVP_PKEY *key = public_key(&request->key), *thrown = throwaway_key();
    X509 *cert = X509_new();
    bool ok = cert && key && thrown && X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
              set_period(cert, request->from_ms, request->to_ms) && set_subject(cert, request->cn, request->o) && X509_set_pubkey(cert, key) == 1 &&
              X509_set_issuer_name(cert, X509_get_subject_name(issuer ? issuer : cert)) == 1 &&
              set_extensions(cert, issuer ? issuer : cert, request->kind) && X509_sign(cert, thrown, EVP_sm3()) > 0;
    EVP_PKEY_free(key);
    EVP_PKEY_free(thrown);
    if (ok) return cert;
    X509_free(cert);
    return NULL;
}

size_t ca_certificate(uint8_t *out, size_t cap, const struct ca_request *request, struct bytes issuer_der, const struct seal_signer *signer) {
    ASSERT(request->key.alg == KEY_SM2);
    ERR_set_mark();
    X509 *issuer = certificate_of(issuer_der);
    X509 *cert = issuer || request->kind == CA_ROOT ? certificate_fill(request, issuer) : NULL;
    uint8_t *to_sign = NULL;
    int len = cert ? i2d_re_X509_tbs(cert, &to_sign) : 0;
    size_t written = len > 0 ? sign_frame(out, cap, bytes_of(to_sign, (size_t)len), signer) : 0;
    OPENSSL_free(to_sign);
    X509_free(cert);
    X509_free(issuer);
    ERR_pop_to_mark();
    return written;
}

static bool add_revoked(X509_CRL *list, const struct ca_revoked *entry) {
    X509 *cert = certificate_of(entry->cert);
    X509_REVOKED *revoked = X509_REVOKED_new();
    ASN1_TIME *at = ASN1_TIME_set(NULL, (time_t)(entry->at_ms / 1000));
    bool ok = cert && revoked && at && X509_NAME_cmp(X509_get_issuer_name(cert), X509_CRL_get_issuer(list)) == 0 &&
              X509_REVOKED_set_serialNumber(revoked, X509_get_serialNumber(cert)) == 1 && X509_REVOKED_set_revocationDate(revoked, at) == 1 &&
              X509_CRL_add0_revoked(list, revoked) == 1;
    if (!ok) X509_REVOKED_free(revoked);
    ASN1_TIME_free(at);
    X509_free(cert);
    return ok;
}

static bool list_times(X509_CRL *list, int64_t this_ms, int64_t next_ms) {
    ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)(this_ms / 1000)), *to = ASN1_TIME_set(NULL, (time_t)(next_ms / 1000));
    bool ok = from && to && X509_CRL_set1_lastUpdate(list, from) == 1 && X509_CRL_set1_nextUpdate(list, to) == 1;
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    return ok;
}

static bool list_extensions(X509_CRL *list, X509 *issuer, uint32_t number) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, NULL, NULL, list, 0);
    X509_EXTENSION *by = X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
    ASN1_INTEGER *value = ASN1_INTEGER_new();
    bool ok = by && value && X509_CRL_add_ext(list, by, -1) == 1 && ASN1_INTEGER_set_uint64(value, number) == 1 &&
              X509_CRL_add1_ext_i2d(list, NID_crl_number, value, 0, 0) == 1;
    ASN1_INTEGER_free(value);
    X509_EXTENSION_free(by);
    return ok;
}

size_t ca_revocation_list(uint8_t *out, size_t cap, struct bytes issuer_der, const struct seal_signer *signer, uint32_t number, int64_t this_ms, int64_t next_ms,
                          const struct ca_revoked *revoked, size_t count) {
    ERR_set_mark();
    X509 *issuer = certificate_of(issuer_der);
    X509_CRL *list = X509_CRL_new();
    EVP_PKEY *thrown = throwaway_key();
    bool ok = issuer && list && thrown && X509_CRL_set_version(list, X509_CRL_VERSION_2) == 1 &&
              X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer)) == 1 && list_times(list, this_ms, next_ms);
    for (size_t i = 0; ok && i < count; i++) ok = add_revoked(list, &revoked[i]);
    ok = ok && list_extensions(list, issuer, number) && X509_CRL_sort(list) == 1 && X509_CRL_sign(list, thrown, EVP_sm3()) > 0;
    uint8_t *to_sign = NULL;
    int len = ok ? i2d_re_X509_CRL_tbs(list, &to_sign) : 0;
    size_t written = len > 0 ? sign_frame(out, cap, bytes_of(to_sign, (size_t)len), signer) : 0;
    OPENSSL_free(to_sign);
    EVP_PKEY_free(thrown);
    X509_CRL_free(list);
    X509_free(issuer);
    ERR_pop_to_mark();
    return written;
}

static X509_CRL *list_of(struct bytes der) {
    const uint8_t *p = der.data;
    return der.len > 0 && der.len <= CA_DER_MAX ? d2i_X509_CRL(NULL, &p, (long)der.len) : NULL;
}

bool ca_listed(int64_t *at_ms, struct bytes list_der, struct bytes cert_der) {
    ERR_set_mark();
    X509_CRL *list = list_of(list_der);
    X509 *cert = certificate_of(cert_der);
    X509_REVOKED *entry = NULL;
    struct tm at = {0};
    bool found = list && cert && X509_CRL_get0_by_cert(list, &entry, cert) == 1 && entry && ASN1_TIME_to_tm(X509_REVOKED_get0_revocationDate(entry), &at) == 1;
    if (found) *at_ms = (int64_t)timegm(&at) * 1000;
    X509_free(cert);
    X509_CRL_free(list);
    ERR_pop_to_mark();
    return found;
}

uint32_t ca_list_number(struct bytes list_der) {
    ERR_set_mark();
    X509_CRL *list = list_of(list_der);
    ASN1_INTEGER *number = list ? X509_CRL_get_ext_d2i(list, NID_crl_number, NULL, NULL) : NULL;
    uint64_t value = 0;
    if (number && (ASN1_INTEGER_get_uint64(&value, number) != 1 || value >= UINT32_MAX)) value = 0;
    ASN1_INTEGER_free(number);
    X509_CRL_free(list);
    ERR_pop_to_mark();
    return (uint32_t)value;
}

size_t ca_pem(char *out, size_t cap, const char *label, struct bytes der) {
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    long len = bio && PEM_write_bio(bio, label, "", der.data, (long)der.len) > 0 ? BIO_get_mem_data(bio, &text) : 0;
    bool fits = len > 0 && (size_t)len < cap;
    if (fits) {
        memcpy(out, text, (size_t)len);
        out[len] = '\0';
    }
    BIO_free(bio);
    return fits ? (size_t)len : 0;
}

size_t ca_unpem(uint8_t *out, size_t cap, const char *label, struct bytes pem) {
    BIO *bio = pem.len <= CA_DER_MAX * 8 ? BIO_new_mem_buf(pem.data, (int)pem.len) : NULL;
    char *name = NULL, *header = NULL;
    uint8_t *data = NULL;
    long len = 0;
    size_t written = 0;
    ERR_set_mark();
    while (bio && written == 0 && PEM_read_bio(bio, &name, &header, &data, &len) == 1) {
        if (strcmp(name, label) == 0 && len > 0 && (size_t)len <= cap) memcpy(out, data, written = (size_t)len);
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_free(data);
    }
    ERR_pop_to_mark();
    BIO_free(bio);
    return written;
}
