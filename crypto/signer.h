/* Signer: something that signs with one private key, wherever the key rests: a file (keyfile.h) or a PKCS#11 token (token.h). Who signs takes this
 * and never asks which. Layer: crypto. Safe for many threads at once. */
#ifndef LICET_CRYPTO_SIGNER_H
#define LICET_CRYPTO_SIGNER_H
#include "crypto/key.h"

struct signer;

void signer_free(struct signer *signer); /* wipes what it held; NULL is allowed */
void signer_pubkey(const struct signer *signer, struct pubkey *out);
/* parts: as verifier_check takes them. ES256K and ES256: r|s, low S; a key file's ES256K with RFC 6979 nonces. False: no signature was made, or
 * none that verifies (a token's is checked before it leaves); signer_why says what to do. */
MUST_USE bool signer_sign(const struct signer *signer, uint8_t sig64[SIG_LEN], const struct bytes *parts, size_t count);
/* Why the last signature that failed did, in English, and what to do. Never NULL. */
const char *signer_why(const struct signer *signer);
#endif
