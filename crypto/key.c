#include "crypto/key.h"

#include <openssl/bn.h>
#include <secp256k1.h>

#include "crypto/curve.h"
#include "crypto/hash.h"

static const struct {
    enum key_alg alg;
    int64_t cose;
    const char *name;
} ALGS[] = {
    {KEY_ES256K, COSE_ALG_ES256K, "ES256K"},
    {KEY_ES256, COSE_ALG_ES256, "ES256"},
    {KEY_EDDSA, COSE_ALG_EDDSA, "EdDSA"},
    {KEY_SM2, COSE_ALG_SM2, "SM2"},
};
#define ALG_COUNT (sizeof ALGS / sizeof *ALGS)

bool key_alg_from_cose(enum key_alg *out, int64_t cose_alg) {
    for (size_t i = 0; i < ALG_COUNT; i++)
        if (ALGS[i].cose == cose_alg) return *out = ALGS[i].alg, true;
    return false;
}

bool key_alg_from_name(enum key_alg *out, const char *name) {
    for (size_t i = 0; i < ALG_COUNT; i++)
        if (strcmp(ALGS[i].name, name) == 0) return *out = ALGS[i].alg, true;
    return false;
}

int64_t key_alg_cose(enum key_alg alg) {
    for (size_t i = 0; i < ALG_COUNT; i++)
        if (ALGS[i].alg == alg) return ALGS[i].cose;
    ASSERT(false); /* not an algorithm */
    return 0;
}

const char *key_alg_name(enum key_alg alg) {
    for (size_t i = 0; i < ALG_COUNT; i++)
        if (ALGS[i].alg == alg) return ALGS[i].name;
    ASSERT(false); /* not an algorithm */
    return NULL;
}

static bool secp_check(const struct pubkey *key) {
    uint8_t point[65] = {0x04};
    memcpy(point + 1, key->x, 32);
    memcpy(point + 33, key->y, 32);
    secp256k1_pubkey parsed;
    return secp256k1_ec_pubkey_parse(secp256k1_context_static, &parsed, point, sizeof point) == 1;
}

/* RFC 8032 5.1.3: x^2 = (y^2 - 1) / (d y^2 + 1) must have a root. Besides, points of small order are refused, because under them
 * one signature fits many messages. No table is needed for these: on this curve x = 0 is order 1 or 2, y = 0 is order 4,
 * and x^2 + y^2 = 0 is order 8 (its double has y = 0). */
static bool ed25519_point(const BIGNUM *y, BN_CTX *bn) {
    BIGNUM *p = BN_CTX_get(bn), *d = BN_CTX_get(bn), *yy = BN_CTX_get(bn), *u = BN_CTX_get(bn), *v = BN_CTX_get(bn);
    BIGNUM *xx = BN_CTX_get(bn), *root = BN_CTX_get(bn);
    if (!root) return false;
    BN_zero(p);
    if (!BN_set_bit(p, 255) || !BN_sub_word(p, 19)) return false; /* p = 2^255 - 19 */
    if (BN_cmp(y, p) >= 0) return false;

    /* d = -121665 / 121666 */
    if (!BN_set_word(u, 121666) || !BN_mod_inverse(v, u, p, bn)) return false;
    if (!BN_set_word(u, 121665) || !BN_sub(u, p, u) || !BN_mod_mul(d, u, v, p, bn)) return false;

    if (!BN_mod_sqr(yy, y, p, bn) || !BN_copy(u, yy) || !BN_mod_sub(u, u, BN_value_one(), p, bn)) return false;
    if (!BN_mod_mul(v, d, yy, p, bn) || !BN_mod_add(v, v, BN_value_one(), p, bn)) return false;
    if (!BN_mod_inverse(root, v, p, bn) || !BN_mod_mul(xx, u, root, p, bn)) return false; /* v is never 0: -1/d has no root */

    if (BN_is_zero(xx) || BN_is_zero(y)) return false;
    if (!BN_mod_add(v, xx, yy, p, bn) || BN_is_zero(v)) return false;

    /* Euler: xx is a square exactly where xx^((p-1)/2) = 1. */
    if (!BN_rshift1(u, p)) return false;
    return BN_mod_exp(root, xx, u, p, bn) == 1 && BN_is_one(root);
}

static bool ed25519_check(const struct pubkey *key) {
    static const uint8_t zero[32];
    if (memcmp(key->y, zero, 32) != 0) return false; /* one key, one form */
    uint8_t little[32];
    memcpy(little, key->x, 32);
    little[31] &= 0x7f; /* the sign of x: as x is not 0, both signs are points */
    BN_CTX *bn = BN_CTX_new();
    BIGNUM *y = BN_lebin2bn(little, 32, NULL);
    bool ok = false;
    if (bn && y) {
        BN_CTX_start(bn);
        ok = ed25519_point(y, bn);
        BN_CTX_end(bn);
    }
    BN_free(y);
    BN_CTX_free(bn);
    return ok;
}

bool pubkey_check(const struct pubkey *key) {
    EVP_PKEY *pkey;
    switch (key->alg) {
    case KEY_ES256K: return secp_check(key);
    case KEY_EDDSA: return ed25519_check(key);
    case KEY_ES256:
    case KEY_SM2:
        pkey = curve_public(key);
        EVP_PKEY_free(pkey);
        return pkey != NULL;
    }
    return false;
}

static uint8_t *put32(uint8_t *p, uint8_t label, const uint8_t value32[32]) {
    *p++ = label;
    *p++ = 0x58; /* byte string, one length byte */
    *p++ = 32;
    memcpy(p, value32, 32);
    return p + 32;
}

/* Deterministic order is by the encoded label: 1 (01), -1 (20), -2 (21), -3 (22). */
size_t pubkey_cose(uint8_t out[PUBKEY_COSE_MAX], const struct pubkey *key) {
    uint8_t *p = out;
    bool okp = key->alg == KEY_EDDSA;
    *p++ = okp ? 0xa3 : 0xa4;
    *p++ = 0x01; /* kty: OKP 1, EC2 2 */
    *p++ = okp ? 1 : 2;
    *p++ = 0x20; /* crv */
    switch (key->alg) {
    case KEY_ES256K: *p++ = 8; break;
    case KEY_ES256: *p++ = 1; break;
    case KEY_EDDSA: *p++ = 6; break;
    case KEY_SM2:
        *p++ = 0x3a; /* negative, four bytes: -1 - n */
        be32_put(p, (uint32_t)(-1 - COSE_CRV_SM2));
        p += 4;
        break;
    }
    p = put32(p, 0x21, key->x);
    if (!okp) p = put32(p, 0x22, key->y);
    return (size_t)(p - out);
}
_Static_assert(1 + 2 + 6 + 35 + 35 <= PUBKEY_COSE_MAX, "the longest form, SM2's, fits");

void pubkey_thumbprint(uint8_t out32[32], const struct pubkey *key) {
    uint8_t cose[PUBKEY_COSE_MAX];
    sha256(out32, cose, pubkey_cose(cose, key));
}
