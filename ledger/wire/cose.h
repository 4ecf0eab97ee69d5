/* COSE: COSE_Sign1 (RFC 9052, tag 18) as the ledger uses it. Every signature of ours says what it is by typ (label 16, RFC 9596);
 * a verifier pins the typ it expects, so that a signature made for one purpose is worth nothing for another. Layer: ledger/wire.
 * Protected header labels, in their deterministic order: 1 alg, 3 content type, 4 kid (32-byte thumbprint), 15 CWT claims, 16 typ,
 * 395 vds, -70000 genesis hash (private use). Which of them must be there depends on the typ (docs/FORMATS.md); no others are taken. */
#ifndef LICET_WIRE_COSE_H
#define LICET_WIRE_COSE_H
#include "crypto/key.h"
#include "ledger/wire/cbor.h"

#define COSE_LABEL_GENESIS (-70000)
#define CONTENT_TYPE_RECORD "application/vnd.licet.record+cbor"

enum cose_typ { TYP_RECORD = 1, TYP_HEADER, TYP_HEAD, TYP_RECEIPT, TYP_REQUEST, TYP_NOTE };
const char *cose_typ_text(enum cose_typ typ); /* "application/vnd.licet.record+cose", ... header, head, receipt, request, note */

struct cose_sign1 {
    struct bytes all;
    struct bytes protected_header; /* the bytes inside the byte string */
    struct bytes payload;          /* data NULL: nil (detached) */
    const uint8_t *signature;      /* 64 bytes */
    struct bytes unprotected;      /* encoded map; receipts keep their proof there, everything else must have A0 */
    /* from the protected header */
    int64_t alg;
    const uint8_t *kid;            /* 32 bytes */
    enum cose_typ typ;
    bool has_content_type;         /* and it is CONTENT_TYPE_RECORD */
    struct bytes iss, sub;         /* empty when there are no CWT claims */
    int64_t iat;                   /* seconds; -1 when absent */
    const uint8_t *genesis;        /* 32 bytes; NULL when absent */
    bool vds_rfc9162;              /* label 395 = 1 */
};
/* Strict decode of one tagged COSE_Sign1 that fills `in` exactly. Checks shape, labels for its typ, and that the typ is `expected`
 * (CODE_TYP_WRONG). Views into `in`. */
struct refusal cose_sign1_decode(struct cose_sign1 *out, struct bytes in, enum cose_typ expected);

/* The Sig_structure ["Signature1", protected, h'', payload] in parts, for verifier_check and signer_sign. Lives as long as its inputs. */
struct cose_tbs {
    uint8_t head[11 + 1 + 9];
    uint8_t mid[1 + 9];
    struct bytes parts[4];
};
#define COSE_TBS_PARTS 4
void cose_tbs(struct cose_tbs *out, struct bytes protected_header, struct bytes payload);

/* What a signer puts in. Zeroed members are left out. */
struct cose_header {
    int64_t alg;
    const uint8_t *kid;
    enum cose_typ typ;
    struct bytes iss, sub; /* both or neither */
    int64_t iat;           /* used when iss is set */
    const uint8_t *genesis;
};
#define COSE_PROTECTED_MAX 512
/* Returns the encoded length; content type and vds follow from the typ. */
MUST_USE size_t cose_protected_encode(uint8_t out[COSE_PROTECTED_MAX], const struct cose_header *header);
/* 18([protected, unprotected, payload or nil, signature]). unprotected: encoded map, empty view = A0. payload.data NULL = nil. */
void cose_sign1_encode(struct wire_out *out, struct bytes protected_header, struct bytes unprotected, struct bytes payload,
                       const uint8_t signature[64]);
#endif
