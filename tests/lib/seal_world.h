/* Seal world: what the tests of seals need and nobody may have from us: SM2 authorities, certificates, revocation lists, timestamp tokens, seals and
 * signatures of every version, right ones and wrong ones. Certificates by OpenSSL, all else written here byte by byte, sharing nothing with what reads it
 * but the DER writer. Every function stops the test where it fails. */
#ifndef LICET_TEST_SEAL_WORLD_H
#define LICET_TEST_SEAL_WORLD_H
#include <openssl/x509.h>

#include "crypto/seal/check.h"

#define SW_CAP 65536u
#define SW_SM2 "1.2.156.10197.1.501"
#define SW_DAY INT64_C(86400000)
#define SW_YEAR (365 * SW_DAY)
#define SW_T0 INT64_C(1600000000000) /* 2020-09-13: the present of the tests, unless they say otherwise */

struct sw_bytes { /* owns */
    size_t len;
    uint8_t data[SW_CAP];
};
static inline struct bytes sw_view(const struct sw_bytes *bytes) { return bytes_of(bytes->data, bytes->len); }

struct party {
    EVP_PKEY *key;
    X509 *x509;
    struct bytes cert; /* its DER, owned */
};
struct party_wish {
    const char *cn;         /* O is "Test" */
    const char *key;        /* NULL: "SM2"; "EC" (P-256), "RSA" (2048), "RSA1024" */
    int64_t from_ms, to_ms; /* 0: T0 minus a year, T0 plus two */
    bool ca;
    const char *usage;      /* keyUsage as OpenSSL writes it; NULL: what the kind needs; "": no extension */
    const char *extended;   /* extendedKeyUsage; NULL: none */
    const char *points;     /* crlDistributionPoints; NULL: none */
    bool empty_id;          /* its issuer signs under the empty id */
    const struct party *same_key; /* NULL: a new key */
};
void party_make(struct party *out, const struct party *issuer /* NULL: itself */, const struct party_wish *wish);
void party_free(struct party *party);
/* DER signature. raw: r|s, 64 bytes. */
enum sw_form { SW_DER, SW_RAW, SW_EMPTY_ID, SW_WRONG };
size_t party_sign(uint8_t *out, size_t cap, const struct party *party, enum sw_form form, struct bytes message);

struct revoked {
    const struct party *party;
    int64_t at_ms;
    int reason; /* CRLReason; -1: none */
};
struct crl_wish {
    int64_t from_ms, to_ms;
    const struct revoked *entries;
    size_t count;
    const char *point; /* issuingDistributionPoint as OpenSSL writes it; NULL: none */
    bool delta;        /* and not even marked critical */
    enum sw_form form;
};
void crl_make(struct sw_bytes *out, const struct party *issuer, const struct crl_wish *wish);

/* A folder with these files, read. The folder is gone afterwards. */
struct sw_file {
    const char *name; /* also "makers/NAME", and "makers/" for that folder with nothing in it */
    struct bytes content;
};
struct trust *sw_trust(const struct sw_file *files, size_t count, struct trust_counts *counts);

struct token_wish {
    const struct party *tsa;
    const struct party *link; /* another certificate to carry; NULL: none */
    int64_t time_ms;
    struct bytes stamped;
    const char *digest_oid;   /* of the imprint; NULL: SM3 */
    struct bytes imprint;     /* empty: the digest of stamped */
    bool no_attrs, wrong_attr_digest, wrong_attr_type, no_cert;
    enum sw_form form;
};
void token_make(struct sw_bytes *out, const struct token_wish *wish);

struct seal_wish {
    enum ses_version version;
    uint32_t header_version;   /* 0: the version */
    const struct party *maker;
    enum ses_cert_list list_kind; /* 0: certificates */
    const char *list_alg;      /* digests */
    struct bytes list[4];
    size_t list_count;
    int64_t created_ms, from_ms, to_ms; /* 0: T0 minus 100 days, the same, T0 plus a year */
    const char *alg;           /* NULL: SM2 */
    bool over_info;            /* v1: signed as v4 is, which is wrong there; v4: signed as v1 is */
    enum sw_form form;
    struct bytes maker_cert;   /* empty: the maker's */
    struct bytes token;        /* v5 */
    const struct party *tsa;   /* v5: a token made over the signature value at stamp_ms */
    int64_t stamp_ms;
};
void sw_seal_make(struct sw_bytes *out, const struct seal_wish *wish);

struct sign_wish {
    enum ses_version version;
    uint32_t sign_version;     /* 0: the version */
    struct bytes seal;
    const struct party *signer;
    struct bytes signer_cert;  /* empty: the signer's */
    int64_t time_ms;
    struct bytes time_info;    /* v1: empty: a UTCTime of time_ms */
    struct bytes data_hash;
    const char *alg;
    enum sw_form form;
    struct bytes token;
    const struct party *tsa;   /* a token made over the signature value at stamp_ms */
    int64_t stamp_ms;
};
void signature_make(struct sw_bytes *out, const struct sign_wish *wish);

struct data_wish { /* GB/T 35275 */
    const struct party *signer;
    const struct party *link;
    bool no_cert, no_attrs, no_time, no_content;
    struct bytes content;      /* without attributes: what is signed */
    struct bytes attr_digest;  /* with attributes */
    int64_t time_ms;
    const char *digest_oid;    /* NULL: SM3 */
    const char *alg;           /* NULL: SM2 */
    enum sw_form form;
    const struct party *tsa;
    int64_t stamp_ms;
};
void signed_data_make(struct sw_bytes *out, const struct data_wish *wish);
#endif
