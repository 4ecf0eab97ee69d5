/* SES: the e-seal and the e-seal signature of GM/T 0031-2014 (v1), GB/T 38540-2020 (v4) and GM/T 0031-2025 (v5): bytes <-> meaning, no judgement.
 * All members are views into the decoded bytes. Versions are told apart as production systems do: seal of 2 fields v1, of 4 by header.version (5: v5,
 * any other: v4), of 5 v5; signature of 2 fields v1, of 4 or 5 by the version of its seal. Every byte is accounted for: what is left over at any level
 * refuses the whole. Taken although the standards have it otherwise, because production files have it so:
 *   extDatas as a bare SEQUENCE as well as [0] EXPLICIT; BOOLEAN FALSE written out; times of v1 as GeneralizedTime; fractions of a second;
 *   UTF8String, PrintableString and IA5String for one another; signatures of any content (DER, or raw r|s: both are bytes here);
 *   and, each noted in `encoding`, times of other forms, texts that are padded, and bit strings without their trailing zero bits (encoding.h).
 * Layer: crypto/seal. No heap. */
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
    uint8_t signature_unused;        /* bits of its last byte that do not count */
    uint32_t encoding;               /* set of enum encoding: what is written otherwise than the standard has it */
    struct bytes maker_cert_der, alg_der; /* the elements as encoded: v1 signs SEQUENCE{info, cert, alg} */
    struct bytes timestamp;          /* v5: content of the BIT STRING, a token; empty where absent */
};
struct ses_signature {
    enum ses_version version;
    struct bytes whole, to_sign;     /* to_sign: DER of TBS_Sign as encoded: what is signed */
    uint32_t sign_version;
    struct ses_seal seal;
    bool has_time;                   /* v4, v5: always. v1: where timeInfo is a time (DER or text, ses_time_text) */
    int64_t time_ms;                 /* claimed */
    struct bytes time_info;          /* v1: timeInfo as written, which the standard leaves open: a time, a token (then it is timestamp too), or anything; else empty */
    struct bytes data_hash;
    uint8_t data_hash_unused;        /* bits of its last byte that do not count; bytes may be missing (encoding_bits) */
    struct bytes property;           /* which file was protected, as written */
    uint32_t ext_count;
    struct ses_ext ext[SES_EXT_MAX];
    struct bytes cert;               /* signer's certificate, DER */
    struct bytes alg, signature;
    uint8_t signature_unused;
    struct bytes timestamp;          /* content of the BIT STRING: a token; empty where absent */
    uint32_t encoding;               /* as above, of all but the seal */
};
/* False: not of the format, *out holds nothing of use. *where: static text naming the first part that is not, as the standard names it; "" where true. */
MUST_USE bool ses_seal_decode(struct ses_seal *out, struct bytes der, const char **where);
MUST_USE bool ses_signature_decode(struct ses_signature *out, struct bytes der, const char **where);

/* What the maker signed: for v1 built into buffer (cap SES_SEAL_MAX), for v4 and v5 a view of info. */
MUST_USE bool ses_seal_signed(struct bytes *out, const struct ses_seal *seal, uint8_t *buffer, size_t cap);

/* A time as text, as v1's timeInfo and OFD's SignatureDateTime have it: yyyyMMddHHmmss[.f], yyMMddHHmmss (with a zone only) or yyyy-MM-dd?HH:mm:ss[.f],
 * ? being `T` or a space; then `Z`, +hh:mm, +hhmm or nothing. Without a zone it is Beijing time (+08:00), the legal time of who writes such files. */
MUST_USE bool ses_time_text(int64_t *ms, struct bytes text);

/* Writing v4, for makers of seals. Views only are read; returns the length; 0 where it does not fit, or where a member cannot be written as the standard has
 * it (an id of other than 1 to 64 bytes, letters other than ASCII in an IA5String, ...). What ses_seal_encode and ses_signature_encode return always decodes.
 * header.version is written as 4, whatever the member holds; extDatas as [0] EXPLICIT; times in whole seconds. */
size_t ses_info_encode(uint8_t *out, size_t cap, const struct ses_seal *seal);  /* SES_SealInfo from the members */
size_t ses_seal_encode(uint8_t *out, size_t cap, struct bytes info, struct bytes maker_cert, const char *alg_oid, struct bytes signature);
size_t ses_to_sign_encode(uint8_t *out, size_t cap, struct bytes seal_der, int64_t time_ms, struct bytes data_hash, struct bytes property);
size_t ses_signature_encode(uint8_t *out, size_t cap, struct bytes to_sign, struct bytes cert, const char *alg_oid, struct bytes signature);
#endif
