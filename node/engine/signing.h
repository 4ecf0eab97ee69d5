/* Signing: one of the node's keys, with its kid and its algorithm. Every signature is checked once it is made, so a bit
 * that flips in memory or in the signer is found before anything leaves the node. Any thread. Layer: node. */
#ifndef LICET_NODE_SIGNING_H
#define LICET_NODE_SIGNING_H
#include "crypto/sig.h"
#include "crypto/signer.h"
#include "ledger/base/code.h"

struct signing {
    const struct signer *signer; /* borrowed */
    struct verifier *verifier;
    struct pubkey key;
    uint8_t kid[32];
};
MUST_USE bool signing_start(struct signing *out, const struct signer *signer); /* false: memory */
void signing_end(struct signing *signing);
/* The signature over the COSE Sig_structure of the two. ERR_IO: the signer made none (signer_why); ERR_CORRUPT: it
 * does not verify. */
MUST_USE enum err signing_sign(const struct signing *signing, uint8_t sig64[SIG_LEN], struct bytes protected_header, struct bytes payload);
#endif
