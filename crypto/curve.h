/* Curve: what key.c, sig.c, keyfile.c and token.c share about OpenSSL keys and signatures. Layer: crypto, and only for those.
 * Nothing here leaves an entry in the thread's OpenSSL error queue: libssl would take it for its own. */
#ifndef LICET_CRYPTO_CURVE_H
#define LICET_CRYPTO_CURVE_H
#include <openssl/evp.h>

#include "crypto/key.h"

#define SM2_DISTID "1234567812345678" /* GB/T 35276-2017; OpenSSL 3 takes the empty id unless told */
#define MESSAGE_PARTS_MAX 8
#define MESSAGE_MAX 131072u
#define SIG_DER_MAX 72 /* SEQUENCE of two INTEGERs of up to 33 bytes */

const char *curve_group(enum key_alg alg);   /* OpenSSL's name of the group; NULL for Ed25519 */
const char *curve_keytype(enum key_alg alg); /* what EVP_PKEY_is_a knows it by */
const char *curve_digest(enum key_alg alg);  /* NULL for Ed25519, which hashes by itself */

/* An OpenSSL key, the caller's to free; NULL where the point is not a valid one. Not for Ed25519's point checks. */
MUST_USE EVP_PKEY *curve_public(const struct pubkey *key);
/* False where the key is of none of the four algorithms. */
MUST_USE bool curve_pubkey_of(struct pubkey *out, const EVP_PKEY *pkey);

/* Readies `context` to verify or to sign. `sm2_id`: the identity that SM2 hashes in; NULL for every other algorithm; "" is SM2's empty id.
 * The id is set on the key's context afterwards: OpenSSL before 3.0.20 refuses it among the parameters of the start itself. */
MUST_USE bool curve_verify_start(EVP_MD_CTX *context, const char *digest, EVP_PKEY *pkey, const char *sm2_id);
MUST_USE bool curve_sign_start(EVP_MD_CTX *context, const char *digest, EVP_PKEY *pkey, const char *sm2_id);
/* What curve_verify_start and curve_sign_start want for a key of ours: SM2_DISTID, or NULL. */
const char *curve_sm2_id(enum key_alg alg);

/* r and s in 1..n-1, for ES256 and SM2. */
MUST_USE bool curve_sig_in_range(enum key_alg alg, const uint8_t sig64[SIG_LEN]);
/* Where s is above n/2, puts n - s: of the two valid forms of an ES256 or ES256K signature the one we give out. */
void curve_sig_low_s(enum key_alg alg, uint8_t sig64[SIG_LEN]);
/* Returns the length written. */
size_t curve_sig_to_der(uint8_t der[SIG_DER_MAX], const uint8_t sig64[SIG_LEN]);
MUST_USE bool curve_sig_from_der(uint8_t sig64[SIG_LEN], const uint8_t *der, size_t len);

/* False where the parts are more than MESSAGE_PARTS_MAX or MESSAGE_MAX bytes together. */
MUST_USE bool message_fits(const struct bytes *parts, size_t count);
/* The message in one piece, as Ed25519 wants it: a view of the only part, or of `*joined`, to be freed by free(). */
MUST_USE bool message_join(struct bytes *out, uint8_t **joined, const struct bytes *parts, size_t count);
#endif
