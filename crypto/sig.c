#include "crypto/sig.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <secp256k1.h>

#include "crypto/curve.h"
#include "crypto/hash.h"

/* secp256k1_context_static checks signatures as fast as a created one and holds no secret; signing has its own (keyfile.c). */
struct verifier {
    struct pubkey key;
    secp256k1_pubkey secp;
    EVP_PKEY *pkey;    /* all but ES256K */
    EVP_MD_CTX *ready; /* all but ES256K: initialised and never fed; each check takes a copy, so threads share it */
};

/* OpenSSL may be built or configured without an algorithm: found at the start, not at the first foreign signature. */
bool sig_setup(void) {
    static const char *const needed[] = {"ECDSA", "ED25519", "SM2"};
    secp256k1_selftest(); /* aborts on a wrong byte order */
    ERR_set_mark();
    bool ok = true;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        EVP_SIGNATURE *signature = EVP_SIGNATURE_fetch(NULL, needed[i], NULL);
        ok = ok && signature;
        EVP_SIGNATURE_free(signature);
    }
    ERR_pop_to_mark();
    return ok;
}

static bool secp_parse(struct verifier *verifier) {
    uint8_t point[65] = {0x04};
    memcpy(point + 1, verifier->key.x, 32);
    memcpy(point + 33, verifier->key.y, 32);
    return secp256k1_ec_pubkey_parse(secp256k1_context_static, &verifier->secp, point, sizeof point) == 1;
}

static bool evp_parse(struct verifier *verifier) {
    enum key_alg alg = verifier->key.alg;
    verifier->pkey = curve_public(&verifier->key);
    verifier->ready = EVP_MD_CTX_new();
    if (!verifier->pkey || !verifier->ready) return false;
    ERR_set_mark();
    bool ok = curve_verify_start(verifier->ready, curve_digest(alg), verifier->pkey, curve_sm2_id(alg));
    ERR_pop_to_mark();
    return ok;
}

struct verifier *verifier_new(const struct pubkey *key) {
    if (!pubkey_check(key)) return NULL;
    struct verifier *verifier = calloc(1, sizeof *verifier);
    if (!verifier) return NULL;
    verifier->key = *key;
    if (key->alg == KEY_ES256K ? secp_parse(verifier) : evp_parse(verifier)) return verifier;
    verifier_free(verifier);
    return NULL;
}

void verifier_free(struct verifier *verifier) {
    if (!verifier) return;
    EVP_MD_CTX_free(verifier->ready);
    EVP_PKEY_free(verifier->pkey);
    free(verifier);
}

static bool secp_verify(const struct verifier *verifier, const uint8_t sig64[SIG_LEN], const struct bytes *parts,
                        size_t count) {
    secp256k1_ecdsa_signature sig, low;
    if (secp256k1_ecdsa_signature_parse_compact(secp256k1_context_static, &sig, sig64) != 1) return false;
    /* The library takes low S only, but half of the foreign ES256K signatures are high. */
    (void)secp256k1_ecdsa_signature_normalize(secp256k1_context_static, &low, &sig);
    uint8_t digest[32];
    sha256_parts(digest, parts, count);
    return secp256k1_ecdsa_verify(secp256k1_context_static, &low, digest, &verifier->secp) == 1;
}

static bool ecdsa_verify(EVP_MD_CTX *context, const uint8_t sig64[SIG_LEN], const struct bytes *parts,
                         size_t count) {
    uint8_t der[SIG_DER_MAX];
    size_t len = curve_sig_to_der(der, sig64);
    for (size_t i = 0; i < count; i++)
        if (parts[i].len > 0 && EVP_DigestVerifyUpdate(context, parts[i].data, parts[i].len) != 1) return false;
    return EVP_DigestVerifyFinal(context, der, len) == 1;
}

static bool ed25519_verify(EVP_MD_CTX *context, const uint8_t sig64[SIG_LEN], const struct bytes *parts, size_t count) {
    struct bytes message;
    uint8_t *joined;
    if (!message_join(&message, &joined, parts, count)) return false;
    bool ok = EVP_DigestVerify(context, sig64, SIG_LEN, message.data, message.len) == 1;
    free(joined);
    return ok;
}

bool verifier_check(const struct verifier *verifier, const uint8_t sig64[SIG_LEN], const struct bytes *parts, size_t count) {
    if (!message_fits(parts, count)) return false;
    enum key_alg alg = verifier->key.alg;
    if (alg == KEY_ES256K) return secp_verify(verifier, sig64, parts, count);
    if (alg != KEY_EDDSA && !curve_sig_in_range(alg, sig64)) return false;

    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context) return false;
    ERR_set_mark();
    bool ok = EVP_MD_CTX_copy_ex(context, verifier->ready) == 1 &&
              (alg == KEY_EDDSA ? ed25519_verify(context, sig64, parts, count)
                                : ecdsa_verify(context, sig64, parts, count));
    ERR_pop_to_mark();
    EVP_MD_CTX_free(context);
    return ok;
}
