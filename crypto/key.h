/* Key: public keys of the four algorithms, their COSE_Key form and their thumbprint (RFC 9679, SHA-256).
 * Layer: crypto. COSE ids: RFC 9053, RFC 8812; SM2 has no registered id, so private-use ones are taken (FORMATS.md). */
#ifndef LICET_CRYPTO_KEY_H
#define LICET_CRYPTO_KEY_H
#include "crypto/bytes.h"

enum key_alg { KEY_ES256K = 1, KEY_ES256 = 2, KEY_EDDSA = 3, KEY_SM2 = 4 };
#define COSE_ALG_ES256K (-47)
#define COSE_ALG_ES256 (-7)
#define COSE_ALG_EDDSA (-8)
#define COSE_ALG_SM2 (-70001) /* SM2 with SM3, distid 1234567812345678, r|s of 32 bytes each */
#define COSE_CRV_SM2 (-70002)
#define PUBKEY_COSE_MAX 80
#define SIG_LEN 64 /* every algorithm here: r|s, or Ed25519's 64 bytes */

struct pubkey {
    enum key_alg alg;
    uint8_t x[32];
    uint8_t y[32]; /* all zero for Ed25519 */
};

MUST_USE bool key_alg_from_cose(enum key_alg *out, int64_t cose_alg);
int64_t key_alg_cose(enum key_alg alg);
const char *key_alg_name(enum key_alg alg); /* "ES256K", "ES256", "EdDSA", "SM2" */
MUST_USE bool key_alg_from_name(enum key_alg *out, const char *name);

/* False where the point is not on the curve, is the point at infinity, or a coordinate is out of range. */
MUST_USE bool pubkey_check(const struct pubkey *key);
/* The COSE_Key of exactly the required members {kty, crv, x, [y]} in deterministic CBOR: what the thumbprint hashes.
 * Returns the length written (<= PUBKEY_COSE_MAX). */
size_t pubkey_cose(uint8_t out[PUBKEY_COSE_MAX], const struct pubkey *key);
void pubkey_thumbprint(uint8_t out32[32], const struct pubkey *key);
#endif
