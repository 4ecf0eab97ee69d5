#include "crypto/seal/timestamp.h"

#include "crypto/hash.h"
#include "crypto/seal/signed_data.h"

#define OID_TST_INFO "1.2.840.113549.1.9.16.1.4"
#define OID_RSA "1.2.840.113549.1.1.1"
#define TST_INFO_VERSION 1u
#define TST_INFO_OPTIONAL_MAX 5 /* accuracy, ordering, nonce, tsa, extensions */
/* CRLReason of RFC 5280 5.3.1 */
#define REASON_AFFILIATION 3
#define REASON_SUPERSEDED 4
#define REASON_CEASED 5

struct tst_info {
    struct bytes digest; /* content of the algorithm's OID */
    struct bytes imprint;
    int64_t time_ms;
};

static bool imprint_decode(struct tst_info *out, struct der *info) {
    struct der in, alg;
    struct bytes null;
    if (!der_enter(info, DER_SEQUENCE, &in, NULL) || !der_enter(&in, DER_SEQUENCE, &alg, NULL) || !der_oid(&alg, &out->digest, NULL)) return false;
    if (der_peek(&alg) != 0 && !der_take(&alg, DER_NULL, &null, NULL)) return false;
    return der_done(&alg) && der_take(&in, DER_OCTET_STRING, &out->imprint, NULL) && der_done(&in);
}

/* BER too: Java's makers write all of a token so. */
static bool tst_info_decode(struct tst_info *out, struct bytes der, uint32_t *seen) {
    struct lenient lenient = {.may = ENCODING_BER, .seen = ENCODING_NONE};
    struct der top = der_over_lenient(der, &lenient), in;
    struct bytes ignored;
    uint32_t version;
    uint8_t tag;
    if (!der_enter(&top, DER_SEQUENCE, &in, NULL) || !der_done(&top)) return false;
    if (!der_uint(&in, &version) || version != TST_INFO_VERSION || !der_oid(&in, &ignored, NULL) || !imprint_decode(out, &in)) return false;
    if (!der_take(&in, DER_INTEGER, &ignored, NULL) || der_peek(&in) != DER_GENERALIZED_TIME || !der_time(&in, &out->time_ms)) return false;
    for (int i = 0; i < TST_INFO_OPTIONAL_MAX && der_peek(&in) != 0; i++)
        if (!der_any(&in, &tag, &ignored, NULL)) return false;
    *seen |= lenient.seen;
    return der_done(&in);
}

#define OID_SHA384 "2.16.840.1.101.3.4.2.2"
#define OID_SHA512 "2.16.840.1.101.3.4.2.3"

/* Nothing in *out where the algorithm is not known. */
static bool timestamp_digest_of(struct bytes *out, uint8_t buffer64[64], struct bytes alg_oid, struct bytes data) {
    const int alg = digest_by_oid(alg_oid);
    const unsigned bits = der_oid_is(alg_oid, OID_SHA384) ? 384 : der_oid_is(alg_oid, OID_SHA512) ? 512 : 256;
    *out = bytes_of(buffer64, bits / 8);
    if (bits > 256) return sha2_long(buffer64, bits, data.data, data.len);
    if (alg == HASH_SM3) sm3(buffer64, data.data, data.len);
    else if (alg == HASH_SHA256) sha256(buffer64, data.data, data.len);
    return alg != 0;
}

/* CMS names a key's algorithm alone, with the digest beside it: what is meant is the one of both. */
static struct bytes signature_alg(const struct signed_data *data) {
    static const uint8_t rsa384[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c}, rsa512[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d};
    if (!der_oid_is(data->sig_alg, OID_RSA)) return data->sig_alg;
    if (der_oid_is(data->digest_alg, OID_SHA384)) return bytes_of(rsa384, sizeof rsa384);
    if (der_oid_is(data->digest_alg, OID_SHA512)) return bytes_of(rsa512, sizeof rsa512);
    return data->sig_alg;
}

static enum step_reason imprint_check(const struct tst_info *info, struct bytes stamped, struct bytes digest) {
    uint8_t buffer64[64];
    struct bytes own;
    if (!timestamp_digest_of(&own, buffer64, info->digest, stamped)) return REASON_DIGEST_UNKNOWN;
    if (digest.len > 0 && digest.len == own.len && bytes_equal(info->imprint, digest)) return REASON_NONE;
    return bytes_equal(info->imprint, own) ? REASON_NONE : REASON_TIMESTAMP_WRONG;
}

/* RFC 5652 5.4: content type and digest of the content are among what is signed. */
static enum step_reason timestamp_signature_check(const struct signed_data *data, const struct cert *cert, uint32_t *seen) {
    uint8_t buffer64[64], *made;
    struct bytes parts[2], own;
    const struct written_signature written = {.bytes = data->signature};
    if (!timestamp_digest_of(&own, buffer64, data->digest_alg, data->content)) return REASON_DIGEST_UNKNOWN;
    /* Both are empty where there are no attributes. */
    if (!bytes_equal(data->attr_digest, own) || !bytes_equal(data->attr_content_type, data->content_type)) return REASON_TIMESTAMP_WRONG;
    size_t count = signed_data_signed(parts, &made, data);
    const enum sig_outcome outcome = cert_signature_written(cert, signature_alg(data), parts, count, &written, NULL, seen);
    free(made);
    switch (outcome) {
    case SIG_VALID: return REASON_NONE;
    case SIG_INVALID: return REASON_TIMESTAMP_WRONG;
    case SIG_ALGORITHM: return REASON_ALGORITHM;
    }
    ASSERT(false); /* not an outcome */
    return REASON_TIMESTAMP_WRONG;
}

static bool revoked(const struct chain_result *chain, int64_t time_ms) {
    if (chain->revocation != REVOCATION_REVOKED) return false;
    int reason = chain->revoked_reason;
    return chain->revoked_ms <= time_ms || (reason != REASON_AFFILIATION && reason != REASON_SUPERSEDED && reason != REASON_CEASED);
}

static enum step_reason authority_check(struct timestamp *out, const struct signed_data *data, const struct cert *cert, int64_t time_ms,
                                        const struct trust *trust, int64_t now_ms) {
    struct cert_facts facts;
    struct chain_result chain;
    cert_facts(&facts, cert);
    out->detail = "certificate of the timestamp";
    if (!facts.can_timestamp) return REASON_USAGE;
    if (time_ms < facts.from_ms) return REASON_BEFORE_PERIOD;
    if (time_ms > facts.to_ms) return REASON_AFTER_PERIOD;
    chain_check(&chain, cert, data->certs, data->cert_count, trust, time_ms, now_ms);
    switch (chain.outcome) {
    case CHAIN_NO_ANCHOR: return REASON_NO_ANCHOR;
    case CHAIN_UNTRUSTED: return REASON_UNTRUSTED;
    case CHAIN_BAD: out->detail = chain.why; return REASON_CHAIN_WRONG;
    case CHAIN_TRUSTED: break;
    }
    if (chain.cas_too_early) return REASON_BEFORE_PERIOD;
    if (chain.cas_too_late) return REASON_AFTER_PERIOD;
    if (revoked(&chain, time_ms)) return REASON_REVOKED;
    out->detail = "";
    return REASON_NONE;
}

void timestamp_check(struct timestamp *out, struct bytes token, struct bytes stamped, struct bytes digest, const struct trust *trust, int64_t now_ms) {
    struct signed_data data;
    struct tst_info info;
    struct bytes der;
    *out = (struct timestamp){.reason = REASON_FORMAT, .detail = "", .time_ms = TIME_UNKNOWN};
    if (!signed_data_decode(&data, token, &out->detail)) return;
    out->detail = "TSTInfo";
    out->encoding = data.encoding;
    if (!data.has_content || !der_oid_is(data.content_type, OID_TST_INFO) || !tst_info_decode(&info, data.content, &out->encoding)) return;
    out->detail = "messageImprint";
    if ((out->reason = imprint_check(&info, stamped, digest)) != REASON_NONE) return;
    out->detail = "certificate of the timestamp";
    out->reason = REASON_CERTIFICATE;
    struct cert *cert = signed_data_signer(&der, &data) ? cert_read(der) : NULL;
    if (!cert) return;
    out->detail = "signature of the timestamp";
    out->reason = timestamp_signature_check(&data, cert, &out->encoding);
    if (out->reason == REASON_NONE) out->reason = authority_check(out, &data, cert, info.time_ms, trust, now_ms);
    if (out->reason == REASON_NONE || out->reason == REASON_NO_ANCHOR) out->time_ms = info.time_ms;
    cert_free(cert);
}
