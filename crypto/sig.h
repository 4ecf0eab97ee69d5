/* Sig: verify signatures over a message given in parts. Signing is in keyfile.h, which alone holds secrets.
 * Layer: crypto. ES256K by libsecp256k1 (both S halves accepted, on a normalised copy); SM2, ES256, Ed25519 by OpenSSL. */
#ifndef LICET_CRYPTO_SIG_H
#define LICET_CRYPTO_SIG_H
#include "crypto/key.h"

/* Makes the library contexts. Call once before any other call here, before threads start. */
MUST_USE bool sig_setup(void);

/* A public key parsed once and used for many signatures; safe for many threads at once. */
struct verifier;
/* NULL where pubkey_check would say false, or memory is out. */
MUST_USE struct verifier *verifier_new(const struct pubkey *key);
void verifier_free(struct verifier *verifier);
/* parts: the message, joined without anything between. At most 8 parts, 131,072 bytes in all. */
MUST_USE bool verifier_check(const struct verifier *verifier, const uint8_t sig64[SIG_LEN], const struct bytes *parts,
                             size_t count);
#endif
