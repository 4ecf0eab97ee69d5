#include "crypto/seal/timestamp.h"

#include "crypto/hash.h"
#include "crypto/seal/signed_data.h"

#define OID_TST_INFO "1.2.840.113549.1.9.16.1.4"
#define TST_INFO_VERSION 1u
#define TST_INFO_OPTIONAL_MAX 5 /* accuracy, ordering, nonce, tsa, extensions */
/* CRLReason of RFC 5280 5.3.1 */
#define REASON_AFFILIATION 3
#define REASON_SUPERSEDED 4
#define REASON_CEASED 5

struct tst_info {
    int digest;           /* enum hash_alg; 0: not one of ours */
    struct bytes imprint;
    int64_t time_ms;
};

static bool imprint_decode(struct tst_info *out, struct der *info) {
    struct der in, alg;
    struct bytes oid, null;
    if (!der_enter(info, DER_SEQUENCE, &in, NULL) || !der_enter(&in, DER_SEQUENCE, &alg, NULL) || !der_oid(&alg, &oid, NULL)) return false;
    if (der_peek(&alg) != 0 && !der_take(&alg, DER_NULL, &null, NULL)) return false;
    out->digest = digest_by_oid(oid);
    return der_done(&alg) && der_take(&in, DER_OCTET_STRING, &out->imprint, NULL) && der_done(&in);
}

static bool tst_info_decode(struct tst_info *out, struct bytes der) {
    struct der top = der_over(der), in;
    struct bytes ignored;
    uint32_t version;
    uint8_t tag;
    if (!der_enter(&top, DER_SEQUENCE, &in, NULL) || !der_done(&top)) return false;
    if (!der_uint(&in, &version) || version != TST_INFO_VERSION || !der_oid(&in, &ignored, NULL) || !imprint_decode(out, &in)) return false;
    if (!der_take(&in, DER_INTEGER, &ignored, NULL) || der_peek(&in) != DER_GENERALIZED_TIME || !der_time(&in, &out->time_ms)) return false;
    for (int i = 0; i < TST_INFO_OPTIONAL_MAX && der_peek(&in) != 0; i++)
        if (!der_any(&in, &tag, &ignored, NULL)) return false;
    return der_done(&in);
}

static void digest_of(uint8_t out32[32], int alg, struct bytes data) {
    if (alg == HASH_SM3) sm3(out32, data.data, data.len);
    else sha256(out32, data.data, data.len);
}

static enum step_reason imprint_check(const struct tst_info *info, struct bytes stamped, struct bytes digest) {
    uint8_t own[32];
    if (info->digest == 0) return REASON_DIGEST_UNKNOWN;
    if (digest.len > 0 && bytes_equal(info->imprint, digest)) return REASON_NONE;
    digest_of(own, info->digest, stamped);
    return bytes_equal(info->imprint, bytes_of(own, sizeof own)) ? REASON_NONE : REASON_TIMESTAMP_WRONG;
}

/* RFC 5652 5.4: content type and digest of the content are among what is signed. */
static enum step_reason signature_check(const struct signed_data *data, const struct cert *cert) {
    uint8_t own[32];
    struct bytes parts[2];
    int digest = digest_by_oid(data->digest_alg);
    if (digest == 0) return REASON_DIGEST_UNKNOWN;
    digest_of(own, digest, data->content);
    /* Both are empty where there are no attributes. */
    if (!bytes_equal(data->attr_digest, bytes_of(own, sizeof own)) || !bytes_equal(data->attr_content_type, data->content_type)) return REASON_TIMESTAMP_WRONG;
    size_t count = signed_data_signed(parts, data);
    switch (cert_signature(cert, data->sig_alg, parts, count, data->signature, NULL)) {
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
    if (!data.has_content || !der_oid_is(data.content_type, OID_TST_INFO) || !tst_info_decode(&info, data.content)) return;
    out->detail = "messageImprint";
    if ((out->reason = imprint_check(&info, stamped, digest)) != REASON_NONE) return;
    out->detail = "certificate of the timestamp";
    out->reason = REASON_CERTIFICATE;
    struct cert *cert = signed_data_signer(&der, &data) ? cert_read(der) : NULL;
    if (!cert) return;
    out->detail = "signature of the timestamp";
    out->reason = signature_check(&data, cert);
    if (out->reason == REASON_NONE) out->reason = authority_check(out, &data, cert, info.time_ms, trust, now_ms);
    if (out->reason == REASON_NONE || out->reason == REASON_NO_ANCHOR) out->time_ms = info.time_ms;
    cert_free(cert);
}
