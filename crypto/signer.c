#include "crypto/signer_inside.h"

#include "crypto/curve.h"

void signer_free(struct signer *signer) {
    if (signer) signer->back->end(signer);
}

void signer_pubkey(const struct signer *signer, struct pubkey *out) { *out = signer->pub; }

bool signer_sign(const struct signer *signer, uint8_t sig64[SIG_LEN], const struct bytes *parts, size_t count) {
    ASSERT(message_fits(parts, count)); /* else nobody could check it */
    return signer->back->sign(signer, sig64, parts, count);
}

const char *signer_why(const struct signer *signer) { return signer->back->why(signer); }
