/* Cert: X.509 certificates by OpenSSL, with the SM2 id set on every one (OpenSSL 3's default is the empty id, and a chain is refused unless each
 * certificate has it), the trust anchors and revocation lists of a folder, and signatures under a certificate's key. No network.
 * Layer: crypto/seal. Thread-safe once loaded. Leaves nothing in the thread's OpenSSL error queue. */
#ifndef LICET_SEAL_CERT_H
#define LICET_SEAL_CERT_H
#include "crypto/seal/encoding.h"

#define TIME_UNKNOWN INT64_MIN
#define CERT_NAME_MAX 256u

struct cert;  /* one parsed certificate; owns its memory */
MUST_USE struct cert *cert_read(struct bytes der); /* NULL: not a certificate, bytes left over, or a key or period that cannot be read */
void cert_free(struct cert *cert);
struct cert_facts {
    int64_t from_ms, to_ms;
    bool is_ca;
    bool can_sign;                      /* keyUsage absent, or digitalSignature or nonRepudiation among it */
    bool usage_given;
    bool can_timestamp;                 /* extended usage, critical and alone: timeStamping (RFC 3161 2.3) */
    bool self_issued;
    char key_alg[24];                   /* "SM2", "EC", "RSA", ... */
    char subject_cn[CERT_NAME_MAX], subject_o[CERT_NAME_MAX], issuer_cn[CERT_NAME_MAX]; /* UTF-8; cut, empty where absent */
    char serial[80];                    /* hex */
    uint8_t sha256[32], sm3[32];        /* of the DER */
    uint8_t key_sha256[32];             /* of the public key's bits: a certificate that was renewed may keep its key */
};
void cert_facts(struct cert_facts *out, const struct cert *cert);

enum sig_outcome { SIG_VALID, SIG_INVALID, SIG_ALGORITHM /* not one we know, or not that of the key */ };
/* Algorithms (OID content as in the file): 1.2.156.10197.1.501 (and .301, .301.1, as production files write it) with an SM2 key: SM2 over SM3 with the id
 * 1234567812345678; ecdsa-with-SHA256, -384, -512; sha256WithRSAEncryption, 384, 512, and rsaEncryption with SHA-256. signature: DER, or for SM2 the raw 64 bytes r|s.
 * An SM2 signature of another encoding (encoding_sm2) is SIG_INVALID here.
 * An SM2 signature that verifies under the EMPTY id only is SIG_INVALID with *empty_id true: a diagnostic, never valid. empty_id may be NULL. */
enum sig_outcome cert_signature(const struct cert *cert, struct bytes alg_oid, const struct bytes *parts, size_t count, struct bytes signature, bool *empty_id);
/* The same for a signature as it stands in a file: SM2 signatures in all forms of encoding_sm2; what was met is added to *seen. */
enum sig_outcome cert_signature_written(const struct cert *cert, struct bytes alg_oid, const struct bytes *parts, size_t count,
                                        const struct written_signature *written, bool *empty_id, uint32_t *seen);
/* The digest that goes with a signature algorithm of that list, where it is an enum hash_alg. 0: it is none, or the algorithm is not one of them. */
int signature_digest(struct bytes alg_oid);
/* The digest that goes with a digest algorithm's OID or name as files write it: SM3 ("SM3", 1.2.156.10197.1.401, ...401.1, ...401.2) or SHA-256
 * ("SHA256", "SHA-256", 2.16.840.1.101.3.4.2.1). 0: neither. Otherwise an enum hash_alg. */
int digest_by_name(const char *name);
int digest_by_oid(struct bytes oid);

/* --- trust --- */
struct trust; /* anchors, further CA certificates, revocation lists, who may make seals */
#define TRUST_NAME_MAX 300u
struct trust_counts {
    uint32_t anchors, cas, crls, makers, skipped;
    uint32_t hidden;     /* files with a leading dot that hold a certificate or a list, or are named like one: not relied on */
    uint32_t stray_crls; /* of crls: no CA certificate of the folder signed them */
    bool makers_named; /* there is a folder makers, perhaps an empty one */
    char first_skipped[TRUST_NAME_MAX], first_hidden[TRUST_NAME_MAX], first_stray[TRUST_NAME_MAX]; /* names within the folder; "" where there is none */
};
/* Reads every *.pem *.crt *.cer *.der *.crl of the folder itself (PEM with several, or DER), at most 1,000 files of 1 MB each, in the order of their names:
 * self-issued CA certificates are anchors, other CA certificates links, CRLs revocation lists. What is none of these, or cannot be read, is counted as
 * skipped; files with other endings are not looked at. Of a name with a leading dot nothing is taken: what has such an ending all the same, or holds a certificate or a list, is counted as
 * hidden, but for what systems and editors leave behind (._x, .nfs..., .#x, x~, .x.swp). Its folder `makers`, where there is one, holds with the same endings the certificates of those who
 * may make seals, or of CAs that certify nobody else: they say who may, and make nothing trusted that does not lead to an anchor. An empty one: nobody may.
 * NULL with a sentence in message: a folder cannot be read, or has more files than that. */
MUST_USE struct trust *trust_load(const char *folder, struct trust_counts *counts, char *message, size_t message_cap);
void trust_free(struct trust *trust);

enum chain_outcome { CHAIN_TRUSTED, CHAIN_NO_ANCHOR /* trust is NULL or has no anchor at all */, CHAIN_UNTRUSTED /* leads to none of them */,
                     CHAIN_BAD /* a signature, a constraint or a usage in the chain is wrong */ };
enum revocation { REVOCATION_GOOD, REVOCATION_NO_LIST, REVOCATION_REVOKED };
struct chain_result {
    enum chain_outcome outcome;
    const char *why;         /* static text: what is wrong with the chain; "" where nothing is */
    bool maker;              /* CHAIN_TRUSTED, and the certificate or one above it is among the makers, or no makers are named */
    enum revocation revocation; /* NO_LIST where the outcome is not CHAIN_TRUSTED */
    int64_t revoked_ms;      /* when REVOKED: of the entries that say so the earliest */
    int revoked_reason;      /* CRLReason of that entry (RFC 5280 5.3.1); -1: not stated */
    int64_t lists_to_ms;     /* GOOD: nextUpdate of the list that says so; else TIME_UNKNOWN */
    bool cas_too_early, cas_too_late; /* a CA certificate of the chain was not in its period yet, or no longer, at at_ms */
};
/* The path to an anchor over the trust's certificates and `others`, judged at at_ms; the leaf's own period is NOT judged here, and neither is its revocation
 * part of the outcome: each has a rule of its own. A revoked CA in the chain is CHAIN_BAD, whenever that was.
 * Lists: signed by the certificate's issuer. An entry on any of them counts, however old the list (a hold only on the newest); its absence says something
 * only on a list that covers this certificate, was in force at list_ms or later, and was issued before the certificate ended, since CAs drop entries of
 * certificates that have ended. list_ms: the time up to which the absence of a revocation matters. */
void chain_check(struct chain_result *out, const struct cert *leaf, const struct bytes *others, size_t other_count, const struct trust *trust, int64_t at_ms,
                 int64_t list_ms);
#endif
