#include "tests/lib/seal_world.h"

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/curve.h"

/* --- keys and certificates --- */

static EVP_PKEY *key_make(const char *kind) {
    EVP_PKEY *key = NULL;
    if (strncmp(kind, "RSA", 3) == 0) {
        key = EVP_RSA_gen(kind[3] ? 1024u : 2048u);
    } else if (strcmp(kind, "EC") == 0) {
        key = EVP_EC_gen("P-256");
    } else { /* EVP_EC_gen("SM2") makes an EC key, which then signs ECDSA */
        EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "SM2", NULL);
        ASSERT(context && EVP_PKEY_keygen_init(context) == 1 && EVP_PKEY_generate(context, &key) == 1);
        EVP_PKEY_CTX_free(context);
    }
    ASSERT(key);
    return key;
}

static EVP_MD_CTX *sign_start(EVP_PKEY *key, bool empty_id) {
    const bool sm2 = EVP_PKEY_is_a(key, "SM2");
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    ASSERT(context);
    const char *const id = empty_id ? "" : SM2_DISTID;
    ASSERT(curve_sign_start(context, sm2 ? "SM3" : "SHA256", key, sm2 ? id : NULL));
    return context;
}

size_t party_sign(uint8_t *out, size_t cap, const struct party *party, enum sw_form form, struct bytes message) {
    EVP_MD_CTX *context = sign_start(party->key, form == SW_EMPTY_ID);
    size_t len = cap;
    ASSERT(EVP_DigestSign(context, out, &len, message.data, message.len) == 1);
    EVP_MD_CTX_free(context);
    if (form == SW_RAW) {
        uint8_t sig64[SIG_LEN];
        ASSERT(curve_sig_from_der(sig64, out, len));
        memcpy(out, sig64, len = SIG_LEN);
    }
    if (form == SW_WRONG) out[len - 1] ^= 1;
    return len;
}

static void extend(X509 *x509, X509 *issuer, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    ASSERT(extension);
    ASSERT(X509_add_ext(x509, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

void party_make(struct party *out, const struct party *issuer, const struct party_wish *wish) {
    static long serial = 0x1000;
    const int64_t from_ms = wish->from_ms ? wish->from_ms : SW_T0 - SW_YEAR, to_ms = wish->to_ms ? wish->to_ms : SW_T0 + 2 * SW_YEAR;
    if (wish->same_key) ASSERT(EVP_PKEY_up_ref(out->key = wish->same_key->key) == 1);
    else out->key = key_make(wish->key ? wish->key : "SM2");
    X509 *x509 = out->x509 = X509_new();
    ASSERT(x509 && X509_set_version(x509, X509_VERSION_3) == 1 && ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial) == 1);
    X509_NAME *name = X509_get_subject_name(x509);
    ASSERT(X509_NAME_add_entry_by_NID(name, NID_organizationName, MBSTRING_UTF8, (const uint8_t *)"Test", -1, -1, 0) == 1);
    ASSERT(X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, (const uint8_t *)wish->cn, -1, -1, 0) == 1);
    if (!issuer) issuer = out;
    ASSERT(X509_set_issuer_name(x509, X509_get_subject_name(issuer->x509)) == 1);
    ASSERT(X509_set_pubkey(x509, out->key) == 1);
    ASSERT(ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)(from_ms / 1000)) && ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)(to_ms / 1000)));
    const char *usage = wish->usage ? wish->usage : wish->ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature,nonRepudiation";
    extend(x509, issuer->x509, NID_subject_key_identifier, "hash");
    extend(x509, issuer->x509, NID_authority_key_identifier, "keyid");
    extend(x509, issuer->x509, NID_basic_constraints, wish->ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (usage[0]) extend(x509, issuer->x509, NID_key_usage, usage);
    if (wish->extended) extend(x509, issuer->x509, NID_ext_key_usage, wish->extended);
    if (wish->points) extend(x509, issuer->x509, NID_crl_distribution_points, wish->points);
    EVP_MD_CTX *context = sign_start(issuer->key, wish->empty_id);
    ASSERT(X509_sign_ctx(x509, context) > 0);
    EVP_MD_CTX_free(context);
    uint8_t *der = NULL;
    int len = i2d_X509(x509, &der);
    ASSERT(len > 0);
    out->cert = bytes_of(der, (size_t)len);
}

void party_free(struct party *party) {
    X509_free(party->x509);
    EVP_PKEY_free(party->key);
    OPENSSL_free((void *)(uintptr_t)party->cert.data);
    *party = (struct party){0};
}

static void crl_extend(X509_CRL *crl, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, NULL, NULL, NULL, crl, 0);
    X509V3_set_nconf(&context, NULL);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    ASSERT(extension);
    ASSERT(X509_CRL_add_ext(crl, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static ASN1_TIME *asn1_time(int64_t ms) {
    ASN1_TIME *time = ASN1_TIME_set(NULL, (time_t)(ms / 1000));
    ASSERT(time);
    return time;
}

void crl_make(struct sw_bytes *out, const struct party *issuer, const struct crl_wish *wish) {
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *from = asn1_time(wish->from_ms), *to = wish->to_ms ? asn1_time(wish->to_ms) : NULL;
    ASSERT(crl && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1);
    ASSERT(X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509)) == 1 && X509_CRL_set1_lastUpdate(crl, from) == 1);
    if (to) ASSERT(X509_CRL_set1_nextUpdate(crl, to) == 1);
    for (size_t i = 0; i < wish->count; i++) {
        const struct revoked *entry = &wish->entries[i];
        X509_REVOKED *revoked = X509_REVOKED_new();
        ASN1_TIME *at = asn1_time(entry->at_ms);
        ASSERT(revoked && X509_REVOKED_set_serialNumber(revoked, X509_get_serialNumber(entry->party->x509)) == 1);
        ASSERT(X509_REVOKED_set_revocationDate(revoked, at) == 1);
        ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();
        ASSERT(reason && ASN1_ENUMERATED_set(reason, entry->reason < 0 ? 0 : entry->reason) == 1);
        if (entry->reason >= 0) ASSERT(X509_REVOKED_add1_ext_i2d(revoked, NID_crl_reason, reason, 0, 0) == 1);
        ASN1_ENUMERATED_free(reason);
        ASN1_TIME_free(at);
        ASSERT(X509_CRL_add0_revoked(crl, revoked) == 1);
    }
    if (wish->point) crl_extend(crl, NID_issuing_distribution_point, wish->point);
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASSERT(number && ASN1_INTEGER_set(number, 7) == 1);
    if (wish->delta) ASSERT(X509_CRL_add1_ext_i2d(crl, NID_delta_crl, number, 0, 0) == 1);
    ASN1_INTEGER_free(number);
    EVP_MD_CTX *context = sign_start(issuer->key, wish->form == SW_EMPTY_ID);
    ASSERT(X509_CRL_sign_ctx(crl, context) > 0);
    EVP_MD_CTX_free(context);
    uint8_t *p = out->data;
    ASSERT(i2d_X509_CRL(crl, NULL) <= (int)sizeof out->data);
    out->len = (size_t)i2d_X509_CRL(crl, &p);
    if (wish->form == SW_WRONG) out->data[out->len - 1] ^= 1;
    X509_CRL_free(crl);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
}

struct trust *sw_trust(const struct sw_file *files, size_t count, struct trust_counts *counts) {
    char folder[] = "/tmp/licet-seal-XXXXXX", path[256], message[512] = "";
    struct trust_counts unused;
    ASSERT(mkdtemp(folder));
    for (int round = 0; round < 2; round++) {
        struct trust *trust = round == 0 ? NULL : trust_load(folder, counts ? counts : &unused, message, sizeof message);
        if (round == 1) ASSERT(trust);
        for (size_t i = 0; i < count; i++) {
            (void)snprintf(path, sizeof path, "%s/%s", folder, files[i].name);
            char *slash = strrchr(path + strlen(folder) + 1, '/');
            if (slash && round == 0) {
                *slash = '\0';
                (void)mkdir(path, 0700); /* by the first file in it */
                *slash = '/';
            }
            if (slash && slash[1] == '\0') continue; /* the folder alone */
            if (round == 1) {
                ASSERT(unlink(path) == 0);
                continue;
            }
            FILE *file = fopen(path, "wb");
            ASSERT(file && fwrite(files[i].content.data, 1, files[i].content.len, file) == files[i].content.len && fclose(file) == 0);
        }
        if (round == 1) {
            (void)snprintf(path, sizeof path, "%s/makers", folder);
            (void)rmdir(path);
            ASSERT(rmdir(folder) == 0);
            return trust;
        }
    }
    return NULL;
}
