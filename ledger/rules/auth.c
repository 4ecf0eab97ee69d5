/* Auth: who signs. What they may do to what is in op_*.c. */
#include "ledger/rules/apply.h"

static bool iss_is(struct bytes iss, struct bytes uscc) {
    const size_t prefix = sizeof ISS_PREFIX - 1;
    return iss.len == prefix + uscc.len && memcmp(iss.data, ISS_PREFIX, prefix) == 0 && memcmp(iss.data + prefix, uscc.data, uscc.len) == 0;
}

/* The signer's clock against the header's. Entries outside the window would slip past the table that finds repeats. */
static struct refusal iat_check(int64_t iat_s, const struct apply_context *context) {
    const struct policy *policy = context->policy;
    const int64_t time_ms = context->time_ms, age_s = time_ms / 1000 - iat_s;
    const struct refusal early = refusal_measured(refuse(CODE_IAT_TOO_OLD, "iat"), age_s, policy->iat_back_s);
    const struct refusal late = refusal_measured(refuse(CODE_IAT_IN_FUTURE, "iat"), -age_s, policy->iat_ahead_s);
    if (iat_s < 0) return early;
    if (iat_s > TIME_MS_MAX / 1000) return late;
    if (iat_s * 1000 < time_ms - (int64_t)policy->iat_back_s * 1000) return early;
    if (iat_s * 1000 > time_ms + (int64_t)policy->iat_ahead_s * 1000) return late;
    if (iat_s * 1000 < context->iat_floor_ms)
        return refusal_measured(refuse(CODE_IAT_TOO_OLD, "iat"), age_s, (time_ms - context->iat_floor_ms) / 1000);
    return refuse(CODE_OK, NULL);
}

static struct refusal key_check(const struct key_object *key, int64_t time_ms) {
    if (key->compromised_since != UINT64_MAX) { /* from whatever entry on: nothing new is taken from it */
        struct refusal refusal = refuse(CODE_KEY_COMPROMISED, "kid");
        refusal.entry = key->compromised_since;
        return refusal;
    }
    if (time_ms < key->active_from_ms || time_ms >= key->active_to_ms) return refuse(CODE_KEY_NOT_ACTIVE, "kid");
    switch (key->use) {
    case USE_GOVERN: case USE_ISSUE: case USE_SEAL: case USE_VERIFY: case USE_AUDIT: case USE_OPERATE: return refuse(CODE_OK, NULL);
    case USE_NODE_SEAL: case USE_NODE_NOTE: case USE_NODE_CHECKPOINT: break; /* a node's keys never speak for its member */
    }
    return refuse(CODE_KEY_USE, "kid");
}

static struct refusal alg_check(int64_t cose_alg, enum key_alg registered, uint32_t allowed) {
    enum key_alg alg;
    if (!key_alg_from_cose(&alg, cose_alg)) return refuse(CODE_ALG_NOT_ALLOWED, "alg");
    if (alg != registered) return refuse(CODE_ALG_KEY_MISMATCH, "alg");
    return refuse((allowed >> alg & 1u) != 0 ? CODE_OK : CODE_ALG_NOT_ALLOWED, "alg");
}

enum err auth_check(struct state *state, const struct apply_context *context, const struct statement *statement, struct signer_view *signer,
                    struct refusal *refusal) {
    const struct cose_sign1 *cose = &statement->cose;
    *refusal = refuse(CODE_OK, NULL);
    if (cose->genesis == NULL || memcmp(cose->genesis, context->genesis, 32) != 0) {
        *refusal = refuse(CODE_OTHER_LEDGER, "genesis");
        return ERR_OK;
    }
    enum err err = state_find(state, OBJECT_KEY, bytes_of(cose->kid, 32), &signer->key_no);
    if (err != ERR_OK) return err;
    if (signer->key_no == NO_NONE) {
        *refusal = refuse(CODE_KEY_UNKNOWN, "kid");
        return ERR_OK;
    }
    err = state_key(state, signer->key_no, &signer->key);
    if (err != ERR_OK) return err;
    *refusal = key_check(signer->key, context->time_ms);
    if (refusal->code == CODE_OK) *refusal = alg_check(cose->alg, signer->key->key.alg, context->policy->algs);
    if (refusal->code != CODE_OK) return ERR_OK;
    signer->member_no = signer->key->member_no;
    err = state_member(state, signer->member_no, &signer->member);
    if (err != ERR_OK) return err;
    if (signer->member->state != MEMBER_ACTIVE) *refusal = refuse(CODE_MEMBER_NOT_ACTIVE, "iss");
    else if (!iss_is(cose->iss, signer->member->uscc)) *refusal = refuse(CODE_ISSUER_MISMATCH, "iss");
    else *refusal = iat_check(cose->iat, context);
    return ERR_OK;
}
