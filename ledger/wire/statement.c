#include "ledger/wire/statement.h"

#include "crypto/hash.h"
#include "crypto/merkle.h"

void statement_id(uint8_t out32[32], struct bytes protected_header, struct bytes payload) {
    struct bytes parts[] = {protected_header, payload};
    hash_tagged(out32, "licet/statement/v1", parts, 2);
}

/* urn:licet:member: and 18 characters; whether it is a member is for the ledger to say. */
static bool iss_check(struct bytes iss) {
    const size_t prefix = strlen(ISS_PREFIX);
    if (iss.len != prefix + USCC_LEN || memcmp(iss.data, ISS_PREFIX, prefix) != 0) return false;
    for (size_t i = prefix; i < iss.len; i++) {
        uint8_t c = iss.data[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'))) return false;
    }
    return true;
}

/* A licence key in hex or a job id. An identifier must never get here, since every reader of the log would see it; it has dots. */
static bool sub_check(struct bytes sub) {
    for (size_t i = 0; i < sub.len; i++) {
        uint8_t c = sub.data[i];
        bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!word && c != '-' && c != '_' && c != ':') return false;
    }
    return true;
}

struct refusal statement_decode(struct statement *out, struct bytes in) {
    *out = (struct statement){0};
    if (in.len > STATEMENT_BYTES_MAX) return refuse(CODE_STATEMENT_TOO_LARGE, NULL);
    struct refusal refusal = cose_sign1_decode(&out->cose, in, TYP_RECORD);
    if (refusal.code != CODE_OK) return refusal;
    if (!iss_check(out->cose.iss)) return refuse(CODE_ISSUER_MISMATCH, "iss");
    if (!sub_check(out->cose.sub)) return refuse(CODE_SUB_INVALID, "sub");
    statement_id(out->id, out->cose.protected_header, out->cose.payload);
    merkle_leaf(out->leaf, in.data, in.len);
    return refusal;
}
