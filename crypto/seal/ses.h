/* SES: the e-seal and the e-seal signature of GM/T 0031-2014 (v1), GB/T 38540-2020 (v4) and GM/T 0031-2025 (v5): bytes <-> meaning, no judgement.
 * All members are views into the decoded bytes. Versions are told apart as production systems do: seal of 2 fields v1, of 4 by header.version, of 5 v5;
 * signature of 2 fields v1, of 4 or 5 by the version in its seal. Layer: crypto/seal. No heap. */
#ifndef LICET_SEAL_SES_H
#define LICET_SEAL_SES_H
#include "crypto/seal/der.h"

#define SES_SEAL_MAX (4u << 20)      /* bytes of one seal; production seals are 5 to 20 kB */
#define SES_SIGNATURE_MAX (5u << 20)
#define SES_CERTS_MAX 32u
#define SES_EXT_MAX 32u
#define SES_ID_MAX 64u               /* bytes of esID, as everywhere on the ledger (SEAL_ID_MAX) */

enum ses_version { SES_V1 = 1, SES_V4 = 4, SES_V5 = 5 };
enum ses_cert_list { SES_CERTS = 1, SES_CERT_DIGESTS = 2 };
struct ses_ext { struct bytes oid, value; bool critical; };
struct ses_seal {
    enum ses_version version;
    struct bytes whole;              /* DER of the SESeal */
    struct bytes info;               /* DER of SES_SealInfo, tag and length with it: what v4 and v5 sign */
    uint32_t header_version;
    struct bytes vendor, id;         /* Vid, esID */
    uint32_t type;                   /* as written: 1 unit, 2 person in v1; vendors differ in v4 */
    struct bytes name;
    enum ses_cert_list list_kind;
    uint32_t list_count;
    struct bytes list[SES_CERTS_MAX]; /* certificates, or digests */
    struct bytes list_alg[SES_CERTS_MAX]; /* digests: the type as written ("SM3", or an OID); empty for certificates */
    int64_t created_ms, from_ms, to_ms;
    struct bytes picture_type, picture;
    uint32_t width_mm, height_mm;
    uint32_t ext_count;
    struct ses_ext ext[SES_EXT_MAX];
    struct bytes maker_cert;         /* DER certificate */
    struct bytes alg;                /* OID content */
    struct bytes signature;          /* DER SEQUENCE {r, s}, or raw r|s in some production files */
    struct bytes maker_cert_der, alg_der; /* the elements as encoded: v1 signs SEQUENCE{info, cert, alg} */
    struct bytes timestamp;          /* v5; empty where absent */
};
struct ses_signature {
    enum ses_version version;
    struct bytes whole, to_sign;     /* to_sign: DER of TBS_Sign as encoded: what is signed */
    uint32_t sign_version;
    struct ses_seal seal;
    bool has_time;                   /* v1 writes timeInfo as a BIT STRING: a UTCTime or GeneralizedTime in it gives time_ms, a token gives timestamp */
    int64_t time_ms;                 /* claimed */
    struct bytes data_hash;
    struct bytes property;           /* which file was protected, as written */
    uint32_t ext_count;
    struct ses_ext ext[SES_EXT_MAX];
    struct bytes cert;               /* signer's certificate, DER */
    struct bytes alg, signature;
    struct bytes timestamp;          /* empty where absent */
};
/* False: not of the format. *where: static text naming the first part that is not. */
MUST_USE bool ses_seal_decode(struct ses_seal *out, struct bytes der, const char **where);
MUST_USE bool ses_signature_decode(struct ses_signature *out, struct bytes der, const char **where);

/* What the maker signed: for v1 built into buffer (cap SES_SEAL_MAX), for v4 and v5 a view of info. */
MUST_USE bool ses_seal_signed(struct bytes *out, const struct ses_seal *seal, uint8_t *buffer, size_t cap);

/* Writing v4, for makers of seals. Views only are read; returns the length, 0 where it does not fit. */
size_t ses_info_encode(uint8_t *out, size_t cap, const struct ses_seal *seal);  /* SES_SealInfo from the members */
size_t ses_seal_encode(uint8_t *out, size_t cap, struct bytes info, struct bytes maker_cert, const char *alg_oid, struct bytes signature);
size_t ses_to_sign_encode(uint8_t *out, size_t cap, struct bytes seal_der, int64_t time_ms, struct bytes data_hash, struct bytes property);
size_t ses_signature_encode(uint8_t *out, size_t cap, struct bytes to_sign, struct bytes cert, const char *alg_oid, struct bytes signature);
#endif
