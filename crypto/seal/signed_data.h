/* Signed data: SignedData of GB/T 35275-2017 (SM2's own PKCS#7; OIDs 1.2.156.10197.6.1.4.2.*) and of RFC 5652 as far as timestamp tokens use it:
 * bytes -> meaning, no judgement. One signer; DER, or BER as makers write it (lengths not stated or not in their shortest form), which is noted. What is looked at is of the format to the last byte; certificates, revocation lists and
 * attributes that are not understood only have to be whole elements. Views into the decoded bytes, no heap. Layer: crypto/seal. */
#ifndef LICET_SEAL_SIGNED_DATA_H
#define LICET_SEAL_SIGNED_DATA_H
#include "crypto/seal/der.h"

#define SIGNED_DATA_MAX (4u << 20)   /* bytes of one */
#define SIGNED_DATA_CERTS_MAX 16u
#define SIGNED_DATA_ATTRS_MAX 32u
struct signed_data {
    struct bytes content_type;        /* OID content of the inner content */
    struct bytes content;             /* of its OCTET STRING; empty where detached */
    bool has_content;
    uint32_t cert_count;
    struct bytes certs[SIGNED_DATA_CERTS_MAX];
    struct bytes issuer, serial;      /* of the signer, DER of Name, content of INTEGER; empty where it is named by key id */
    struct bytes key_id;
    struct bytes digest_alg, sig_alg; /* OID contents */
    struct bytes attrs;               /* signed attributes as encoded, [0] IMPLICIT; empty where there are none */
    struct bytes attr_content_type, attr_digest; /* contents. Production files have "data" of GB/T 35275 here and "data" of PKCS#7 as content_type */
    bool has_time;
    int64_t time_ms;                  /* signingTime attribute: claimed */
    struct bytes signature;
    struct bytes unsigned_timestamp;  /* signature-timestamp token among the unsigned attributes; empty where absent */
    uint32_t encoding;                /* set of enum encoding: what is written otherwise than the standard has it */
};
/* False: not of the format, *out holds nothing of use; *where: static text naming the first part that is not, "" where true. Refused besides: no signer or more
 * than one; signed attributes without content type or message digest; one of the attributes below twice, or with other than one value. */
MUST_USE bool signed_data_decode(struct signed_data *out, struct bytes der, const char **where);
/* What was signed: the attributes with tag 0x31 (in two parts: the tag, the rest), or the content (empty where detached: then it is elsewhere). Attributes of
 * BER are signed as the DER that they would be (RFC 5652 5.4): that is *made, the caller's to free, else NULL. Returns the number of parts (1 or 2); 0 where
 * the attributes have no such DER here. */
MUST_USE size_t signed_data_signed(struct bytes parts[2], uint8_t **made, const struct signed_data *data);
/* The signer's certificate among certs, by issuer and serial or by key id; the first that fits. False: it is not among them. */
MUST_USE bool signed_data_signer(struct bytes *cert, const struct signed_data *data);
#endif
