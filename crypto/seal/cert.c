#include "crypto/seal/cert.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <strings.h>
#include <time.h>

#include "crypto/curve.h"
#include "crypto/hash.h"
#include "crypto/seal/der.h"
#include "crypto/seal/x509.h"

#define KEY_BITS_MIN 112 /* of security: RSA from 2048, P-256 and SM2 have 128 */

struct cert {
    X509 *x509;
    size_t len;
    uint8_t der[]; /* as it was given: what a seal's list is compared with */
};

int64_t x509_time_ms(const ASN1_TIME *time) {
    struct tm tm;
    if (!time || ASN1_TIME_to_tm(time, &tm) != 1) return TIME_UNKNOWN;
    return (int64_t)timegm(&tm) * 1000;
}

/* OpenSSL 3 takes the empty id for every SM2 signature it checks unless told, for each certificate of a chain by itself (not for its issuer). Set on a
 * certificate that is signed with another algorithm, the id would make its signature fail. */
static bool id_set(X509 *x509) {
    if (X509_get_signature_nid(x509) != NID_SM2_with_SM3) return true;
    ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
    if (!id || ASN1_OCTET_STRING_set(id, (const uint8_t *)SM2_DISTID, sizeof SM2_DISTID - 1) != 1) {
        ASN1_OCTET_STRING_free(id);
        return false;
    }
    X509_set0_distinguishing_id(x509, id);
    return true;
}

X509 *x509_read(struct bytes der) {
    if (der.len == 0 || der.len > CERT_MAX) return NULL;
    const uint8_t *p = der.data;
    ERR_set_mark();
    X509 *x509 = d2i_X509(NULL, &p, (long)der.len);
    bool ok = x509 && p == der.data + der.len && X509_get0_pubkey(x509) && id_set(x509) && x509_time_ms(X509_get0_notBefore(x509)) != TIME_UNKNOWN &&
              x509_time_ms(X509_get0_notAfter(x509)) != TIME_UNKNOWN;
    /* Reads the extensions now, so that threads only look at them later; a wrong one is found again where it matters. */
    if (ok) (void)X509_check_purpose(x509, -1, 0);
    ERR_pop_to_mark();
    if (ok) return x509;
    X509_free(x509);
    return NULL;
}

X509 *cert_x509(const struct cert *cert) { return cert->x509; }

struct cert *cert_read(struct bytes der) {
    X509 *x509 = x509_read(der);
    struct cert *cert = x509 ? malloc(sizeof *cert + der.len) : NULL;
    if (!cert) {
        X509_free(x509);
        return NULL;
    }
    cert->x509 = x509;
    cert->len = der.len;
    memcpy(cert->der, der.data, der.len);
    return cert;
}

void cert_free(struct cert *cert) {
    if (!cert) return;
    X509_free(cert->x509);
    free(cert);
}

/* The last of its kind: the most specific. What cannot be shown on a line becomes '?'; cut between characters. */
static void name_text(char out[CERT_NAME_MAX], const X509_NAME *name, int nid) {
    out[0] = '\0';
    int last = -1;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(name, nid, at)) >= 0;) last = at;
    if (last < 0) return;
    uint8_t *utf8 = NULL;
    int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
    if (len < 0) return;
    size_t n = (size_t)len;
    if (n >= CERT_NAME_MAX) {
        n = CERT_NAME_MAX - 1;
        while (n > 0 && (utf8[n] & 0xc0) == 0x80) n--;
    }
    for (size_t i = 0; i < n; i++) out[i] = utf8[i] < 0x20 || utf8[i] == 0x7f ? '?' : (char)utf8[i];
    out[n] = '\0';
    OPENSSL_free(utf8);
}

static void serial_text(char out[80], const ASN1_INTEGER *serial) {
    size_t sign = ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER, len = (size_t)ASN1_STRING_length(serial);
    out[0] = '-';
    hex_encode(out + sign, ASN1_STRING_get0_data(serial), len < 38 ? len : 38); /* RFC 5280: at most 20 bytes */
}

/* RFC 3161 2.3: the extension must be there, must be critical, and must name this one usage. */
static bool timestamp_usage(X509 *x509) {
    int at = X509_get_ext_by_NID(x509, NID_ext_key_usage, -1);
    return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(x509, at)) && X509_get_extended_key_usage(x509) == XKU_TIMESTAMP;
}

void cert_facts(struct cert_facts *out, const struct cert *cert) {
    X509 *x509 = cert->x509;
    *out = (struct cert_facts){0};
    ERR_set_mark();
    out->from_ms = x509_time_ms(X509_get0_notBefore(x509));
    out->to_ms = x509_time_ms(X509_get0_notAfter(x509));
    out->is_ca = X509_check_ca(x509) > 0;
    /* UINT32_MAX where the extension is absent, 0 where it (or another) is broken: then it allows nothing. */
    uint32_t usage = X509_get_key_usage(x509);
    out->usage_given = usage != UINT32_MAX;
    out->can_sign = (usage & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
    out->can_timestamp = out->can_sign && timestamp_usage(x509);
    out->self_issued = X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) == 0;
    const char *alg = EVP_PKEY_get0_type_name(X509_get0_pubkey(x509));
    (void)snprintf(out->key_alg, sizeof out->key_alg, "%s", alg ? alg : "");
    name_text(out->subject_cn, X509_get_subject_name(x509), NID_commonName);
    name_text(out->subject_o, X509_get_subject_name(x509), NID_organizationName);
    name_text(out->issuer_cn, X509_get_issuer_name(x509), NID_commonName);
    serial_text(out->serial, X509_get0_serialNumber(x509));
    ERR_pop_to_mark();
    sha256(out->sha256, cert->der, cert->len);
    sm3(out->sm3, cert->der, cert->len);
    const ASN1_BIT_STRING *key = X509_get0_pubkey_bitstr(x509);
    sha256(out->key_sha256, ASN1_STRING_get0_data(key), (size_t)ASN1_STRING_length(key));
}

/* --- signatures --- */

struct algorithm {
    const char *oid, *key, *digest;
};
static const struct algorithm ALGORITHMS[] = {
    {"1.2.156.10197.1.501", "SM2", "SM3"},
    {"1.2.156.10197.1.301", "SM2", "SM3"},   /* the key's own OID, ... */
    {"1.2.156.10197.1.301.1", "SM2", "SM3"}, /* ... and that of its use for signatures: both written where .501 belongs */
    {"1.2.840.10045.4.3.2", "EC", "SHA256"},
    {"1.2.840.10045.4.3.3", "EC", "SHA384"},
    {"1.2.840.10045.4.3.4", "EC", "SHA512"},
    {"1.2.840.113549.1.1.11", "RSA", "SHA256"},
    {"1.2.840.113549.1.1.12", "RSA", "SHA384"},
    {"1.2.840.113549.1.1.13", "RSA", "SHA512"},
    {"1.2.840.113549.1.1.1", "RSA", "SHA256"}, /* as CMS names it, with the digest algorithm beside */
};

static const struct algorithm *algorithm_of(struct bytes oid) {
    for (size_t i = 0; i < sizeof ALGORITHMS / sizeof *ALGORITHMS; i++)
        if (der_oid_is(oid, ALGORITHMS[i].oid)) return &ALGORITHMS[i];
    return NULL;
}

int signature_digest(struct bytes alg_oid) {
    const struct algorithm *alg = algorithm_of(alg_oid);
    if (!alg) return 0;
    return strcmp(alg->digest, "SM3") == 0 ? HASH_SM3 : strcmp(alg->digest, "SHA256") == 0 ? HASH_SHA256 : 0;
}

/* id: NULL where the key is not SM2. OpenSSL says 0 for a wrong signature and -1 for one that it cannot read. */
static bool verified(EVP_PKEY *key, const char *digest, const char *id, const struct bytes *parts, size_t count, struct bytes signature) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context && curve_verify_start(context, digest, key, id);
    for (size_t i = 0; ok && i < count; i++)
        if (parts[i].len > 0) ok = EVP_DigestVerifyUpdate(context, parts[i].data, parts[i].len) == 1;
    ok = ok && EVP_DigestVerifyFinal(context, signature.data, signature.len) == 1;
    EVP_MD_CTX_free(context);
    return ok;
}

/* SM2 signatures are DER (GB/T 35276); some production systems write the 64 bytes r|s. What is DER from its first to its last byte is taken as that.
 * OpenSSL is handed the one DER form of r and s, whatever the file has. */
static enum sig_outcome sm2_signature(EVP_PKEY *key, const struct bytes *parts, size_t count, const struct written_signature *written, bool *empty_id,
                                      uint32_t *seen) {
    uint8_t buffer[SIG_DER_MAX], sig64[SIG_LEN];
    if (!encoding_sm2(sig64, written, seen)) return SIG_INVALID;
    const struct bytes der = bytes_of(buffer, curve_sig_to_der(buffer, sig64));
    if (verified(key, "SM3", SM2_DISTID, parts, count, der)) return SIG_VALID;
    if (empty_id) *empty_id = verified(key, "SM3", "", parts, count, der);
    return SIG_INVALID;
}

/* What is no SM2 signature is taken as it stands. */
static enum sig_outcome written_check(X509 *x509, struct bytes alg_oid, const struct bytes *parts, size_t count, const struct written_signature *written,
                                      bool *empty_id, uint32_t *seen) {
    if (empty_id) *empty_id = false;
    if (count == 0) return SIG_INVALID; /* what was signed is not known */
    const struct algorithm *alg = algorithm_of(alg_oid);
    if (!alg) return SIG_ALGORITHM;
    ERR_set_mark();
    EVP_PKEY *key = X509_get0_pubkey(x509);
    enum sig_outcome outcome = SIG_ALGORITHM;
    if (key && EVP_PKEY_is_a(key, alg->key) && EVP_PKEY_get_security_bits(key) >= KEY_BITS_MIN) {
        if (strcmp(alg->key, "SM2") == 0) outcome = sm2_signature(key, parts, count, written, empty_id, seen);
        else outcome = verified(key, alg->digest, NULL, parts, count, written->bytes) ? SIG_VALID : SIG_INVALID;
    }
    ERR_pop_to_mark();
    return outcome;
}

enum sig_outcome x509_signature(X509 *x509, struct bytes alg_oid, const struct bytes *parts, size_t count, struct bytes signature, bool *empty_id) {
    const struct written_signature written = {.bytes = signature};
    bool empty = false;
    uint32_t seen = ENCODING_NONE;
    const enum sig_outcome outcome = written_check(x509, alg_oid, parts, count, &written, &empty, &seen);
    if (empty_id) *empty_id = empty && seen == ENCODING_NONE;
    return outcome == SIG_VALID && seen != ENCODING_NONE ? SIG_INVALID : outcome;
}

enum sig_outcome cert_signature(const struct cert *cert, struct bytes alg_oid, const struct bytes *parts, size_t count, struct bytes signature, bool *empty_id) {
    return x509_signature(cert->x509, alg_oid, parts, count, signature, empty_id);
}

enum sig_outcome cert_signature_written(const struct cert *cert, struct bytes alg_oid, const struct bytes *parts, size_t count,
                                        const struct written_signature *written, bool *empty_id, uint32_t *seen) {
    return written_check(cert->x509, alg_oid, parts, count, written, empty_id, seen);
}

/* .401.1 and .401.2 are SM3 with a key and without by the register; files write any of the three for the plain digest. */
int digest_by_name(const char *name) {
    static const char *const sm3_names[] = {"SM3", "1.2.156.10197.1.401", "1.2.156.10197.1.401.1", "1.2.156.10197.1.401.2"};
    static const char *const sha256_names[] = {"SHA256", "SHA-256", "2.16.840.1.101.3.4.2.1"};
    for (size_t i = 0; i < sizeof sm3_names / sizeof *sm3_names; i++)
        if (strcasecmp(name, sm3_names[i]) == 0) return HASH_SM3;
    for (size_t i = 0; i < sizeof sha256_names / sizeof *sha256_names; i++)
        if (strcasecmp(name, sha256_names[i]) == 0) return HASH_SHA256;
    return 0;
}

int digest_by_oid(struct bytes oid) {
    char text[64];
    return der_oid_text(text, sizeof text, oid) ? digest_by_name(text) : 0;
}
