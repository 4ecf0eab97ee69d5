/* Timestamp: RFC 3161 tokens (GB/T 20520 has the same form): a TimeStampToken, which is SignedData over a TSTInfo. Layer: crypto/seal. No network. */
#ifndef LICET_SEAL_TIMESTAMP_H
#define LICET_SEAL_TIMESTAMP_H
#include "crypto/seal/cert.h"
#include "crypto/seal/steps.h"

struct timestamp {
    enum step_reason reason; /* NONE: valid and trusted. NO_ANCHOR: all but its chain could be checked, so it proves nothing. FORMAT: it is no token.
                              Else: why it is not valid */
    const char *detail;      /* static text, "" where nothing adds */
    uint32_t encoding;       /* set of enum encoding: how the token is written */
    int64_t time_ms;         /* genTime where reason is NONE or NO_ANCHOR, else TIME_UNKNOWN */
};
/* stamped: the bytes that the token is for. Its messageImprint must be their SM3, SHA-256, SHA-384 or SHA-512, or equal to `digest` where that is not empty.
 * The token's own signature must verify under a certificate that it carries, which is for timestamps alone (critical extended usage), was in its period at
 * genTime and leads to an anchor. Revoked: only where the reason is stated and harmless (affiliation, superseded, ceased) and later than genTime does the
 * token stay valid (RFC 3161 4.1, 4.2): with a stolen key any genTime can be written. */
/* A timestamp stands outside of what it stamps: whoever wants can take it off or put other bytes there. So bytes that are no token leave the step open, as their
 * absence does, and so do digests and algorithms that are not known here; a token that is one and is wrong, or another signature's, fails it. */
static inline enum step_result timestamp_result(enum step_reason reason) {
    if (reason == REASON_NONE) return STEP_PASSED;
    const bool open = reason == REASON_NO_ANCHOR || reason == REASON_FORMAT || reason == REASON_DIGEST_UNKNOWN || reason == REASON_ALGORITHM;
    return open ? STEP_NOT_CHECKED : STEP_FAILED;
}
void timestamp_check(struct timestamp *out, struct bytes token, struct bytes stamped, struct bytes digest, const struct trust *trust, int64_t now_ms);
#endif
