#include "crypto/seal/check_cert.h"

const struct role ROLE_MAKER = {STEP_MAKER_CHAIN, STEP_MAKER_USAGE, STEP_MAKER_PERIOD, STEP_MAKER_REVOCATION, false, true};
const struct role ROLE_SIGNER = {STEP_SIGNER_CHAIN, STEP_SIGNER_USAGE, STEP_SIGNER_PERIOD, STEP_SIGNER_REVOCATION, true, false};

int64_t time_earlier(int64_t a_ms, int64_t b_ms) {
    if (a_ms == TIME_UNKNOWN) return b_ms;
    if (b_ms == TIME_UNKNOWN) return a_ms;
    return a_ms < b_ms ? a_ms : b_ms;
}

static void check_cert_fail(struct step_list *steps, enum step_id id, enum step_reason reason, const char *detail) {
    step_add(steps, id, STEP_FAILED, reason, bytes_text(detail));
}

static void chain_step(struct step_list *steps, const struct role *role, const struct chain_result *chain, const struct cert_facts *facts) {
    switch (chain->outcome) {
    case CHAIN_TRUSTED:
        if (role->maker && !chain->maker) check_cert_fail(steps, role->chain, REASON_NO_MAKER, facts->subject_cn);
        else step_pass(steps, role->chain);
        return;
    case CHAIN_NO_ANCHOR: step_skip(steps, role->chain, REASON_NO_ANCHOR); return;
    case CHAIN_UNTRUSTED: check_cert_fail(steps, role->chain, REASON_UNTRUSTED, facts->subject_cn); return;
    case CHAIN_BAD: check_cert_fail(steps, role->chain, REASON_CHAIN_WRONG, chain->why); return;
    }
    ASSERT(false); /* not an outcome */
}

static void usage_step(struct step_list *steps, const struct role *role, const struct cert_facts *facts) {
    if (role->ca_refused && facts->is_ca) check_cert_fail(steps, role->usage, REASON_IS_CA, facts->subject_cn);
    else if (!facts->can_sign) check_cert_fail(steps, role->usage, REASON_USAGE, facts->subject_cn);
    else step_pass(steps, role->usage);
}

static void period_step(struct step_list *steps, const struct role *role, const struct chain_result *chain, const struct cert_facts *facts,
                        const struct use *use) {
    static const char above[] = "a CA certificate above it";
    if (use->at_ms == TIME_UNKNOWN) step_skip(steps, role->period, REASON_NO_TIME);
    else if (use->in_future) step_fail(steps, role->period, REASON_IN_FUTURE);
    else if (use->at_ms < facts->from_ms) check_cert_fail(steps, role->period, REASON_BEFORE_PERIOD, facts->subject_cn);
    else if (use->at_ms > facts->to_ms) check_cert_fail(steps, role->period, REASON_AFTER_PERIOD, facts->subject_cn);
    else if (chain->cas_too_early) check_cert_fail(steps, role->period, REASON_BEFORE_PERIOD, above);
    else if (chain->cas_too_late) check_cert_fail(steps, role->period, REASON_AFTER_PERIOD, above);
    else step_pass(steps, role->period);
}

/* A claimed time does not count here: who stole the key of a certificate that is revoked since writes any date. */
static void revocation_step(struct step_list *steps, const struct role *role, const struct chain_result *chain, const struct cert_facts *facts,
                            const struct use *use) {
    if (chain->outcome == CHAIN_NO_ANCHOR) {
        step_skip(steps, role->revocation, REASON_NO_ANCHOR);
    } else if (chain->outcome != CHAIN_TRUSTED) {
        step_skip(steps, role->revocation, REASON_EARLIER_FAILED);
    } else if (chain->revocation == REVOCATION_NO_LIST) {
        step_skip(steps, role->revocation, REASON_NO_CRL);
    } else if (chain->revocation == REVOCATION_REVOKED && (use->proven_ms == TIME_UNKNOWN || use->proven_ms >= chain->revoked_ms)) {
        check_cert_fail(steps, role->revocation, REASON_REVOKED, facts->subject_cn);
    } else {
        step_pass(steps, role->revocation);
    }
}

void role_check(struct step_list *steps, const struct role *role, const struct cert *cert, const struct cert_facts *facts, const struct bytes *others,
                size_t other_count, const struct use *use, const struct check_options *options) {
    struct chain_result chain;
    /* Without a proof the signature may be as young as the present, and only a list of the present says that the key was not lost before. */
    int64_t list_ms = use->proven_ms != TIME_UNKNOWN ? use->proven_ms : options->now_ms;
    int64_t at_ms = use->at_ms != TIME_UNKNOWN ? use->at_ms : list_ms;
    chain_check(&chain, cert, others, other_count, options->trust, at_ms, list_ms);
    chain_step(steps, role, &chain, facts);
    usage_step(steps, role, facts);
    period_step(steps, role, &chain, facts, use);
    revocation_step(steps, role, &chain, facts, use);
}

void role_skip(struct step_list *steps, const struct role *role, enum step_reason reason) {
    step_skip(steps, role->chain, reason);
    step_skip(steps, role->usage, reason);
    step_skip(steps, role->period, reason);
    step_skip(steps, role->revocation, reason);
}

void signature_step(struct step_list *steps, enum step_id id, const struct cert *cert, struct bytes alg, const struct bytes *parts, size_t count,
                    const struct written_signature *signature) {
    bool empty_id = false;
    switch (cert_signature_written(cert, alg, parts, count, signature, &empty_id, &steps->encoding)) {
    case SIG_VALID: step_pass(steps, id); return;
    case SIG_INVALID: step_fail(steps, id, empty_id ? REASON_SIGNATURE_EMPTY_ID : REASON_SIGNATURE_WRONG); return;
    case SIG_ALGORITHM: step_fail(steps, id, REASON_ALGORITHM); return;
    }
    ASSERT(false); /* not an outcome */
}
