#include "crypto/curve.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

/* Group orders, big-endian: P-256 (FIPS 186-4 D.1.2.3), secp256k1 (SEC 2, 2.4.1) and SM2 (GB/T 32918.5). */
static const uint8_t ORDER_P256[32] = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
static const uint8_t ORDER_SECP256K1[32] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};
static const uint8_t ORDER_SM2[32] = {
    0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0x72, 0x03, 0xdf, 0x6b, 0x21, 0xc6, 0x05, 0x2b, 0x53, 0xbb, 0xf4, 0x09, 0x39, 0xd5, 0x41, 0x23};

const char *curve_group(enum key_alg alg) {
    switch (alg) {
    case KEY_ES256K: return "secp256k1";
    case KEY_ES256: return "prime256v1";
    case KEY_SM2: return "SM2";
    case KEY_EDDSA: return NULL;
    }
    ASSERT(false); /* not an algorithm */
    return NULL;
}

const char *curve_keytype(enum key_alg alg) {
    switch (alg) {
    case KEY_ES256K:
    case KEY_ES256: return "EC";
    case KEY_SM2: return "SM2";
    case KEY_EDDSA: return "ED25519";
    }
    ASSERT(false); /* not an algorithm */
    return NULL;
}

const char *curve_digest(enum key_alg alg) {
    switch (alg) {
    case KEY_ES256K:
    case KEY_ES256: return "SHA256";
    case KEY_SM2: return "SM3";
    case KEY_EDDSA: return NULL;
    }
    ASSERT(false); /* not an algorithm */
    return NULL;
}

const char *curve_sm2_id(enum key_alg alg) { return alg == KEY_SM2 ? SM2_DISTID : NULL; }

/* No id at all is the empty one to OpenSSL 3. */
static bool sm2_id_set(EVP_PKEY_CTX *key_context, const char *sm2_id) {
    return !sm2_id || *sm2_id == '\0' || EVP_PKEY_CTX_set1_id(key_context, sm2_id, (int)strlen(sm2_id)) == 1;
}

bool curve_verify_start(EVP_MD_CTX *context, const char *digest, EVP_PKEY *pkey, const char *sm2_id) {
    EVP_PKEY_CTX *key_context = NULL; /* the context's own */
    return EVP_DigestVerifyInit_ex(context, &key_context, digest, NULL, NULL, pkey, NULL) == 1 && sm2_id_set(key_context, sm2_id);
}

bool curve_sign_start(EVP_MD_CTX *context, const char *digest, EVP_PKEY *pkey, const char *sm2_id) {
    EVP_PKEY_CTX *key_context = NULL;
    return EVP_DigestSignInit_ex(context, &key_context, digest, NULL, NULL, pkey, NULL) == 1 && sm2_id_set(key_context, sm2_id);
}

/* An "EC" key on the SM2 curve would sign and verify plain ECDSA: so the type is asked for by name, and asked again. */
static EVP_PKEY *ec_public(const struct pubkey *key) {
    uint8_t point[65] = {0x04};
    memcpy(point + 1, key->x, 32);
    memcpy(point + 33, key->y, 32);
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, curve_keytype(key->alg), NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    if (context && build &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curve_group(key->alg), 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) == 1)
        params = OSSL_PARAM_BLD_to_param(build);
    /* fromdata refuses coordinates out of range and points off the curve; the cofactor is 1, so no more is to be checked. */
    if (params && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
        pkey = NULL;
    if (pkey && !EVP_PKEY_is_a(pkey, curve_keytype(key->alg))) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(context);
    return pkey;
}

EVP_PKEY *curve_public(const struct pubkey *key) {
    ERR_set_mark();
    EVP_PKEY *pkey = key->alg == KEY_EDDSA ? EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, key->x, 32)
                                           : ec_public(key);
    ERR_pop_to_mark();
    return pkey;
}

static bool alg_of(enum key_alg *out, const EVP_PKEY *pkey) {
    if (EVP_PKEY_is_a(pkey, "ED25519")) return *out = KEY_EDDSA, true;
    char group[64];
    size_t len;
    if (EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, &len) != 1) return false;
    static const enum key_alg algs[] = {KEY_ES256K, KEY_ES256, KEY_SM2};
    for (size_t i = 0; i < sizeof algs / sizeof *algs; i++) {
        if (strcmp(group, curve_group(algs[i])) != 0 || !EVP_PKEY_is_a(pkey, curve_keytype(algs[i]))) continue;
        *out = algs[i];
        return true;
    }
    return false;
}

static bool curve_coordinate(uint8_t out32[32], const EVP_PKEY *pkey, const char *name) {
    BIGNUM *value = NULL;
    bool ok = EVP_PKEY_get_bn_param(pkey, name, &value) == 1 && BN_bn2binpad(value, out32, 32) == 32;
    BN_free(value);
    return ok;
}

bool curve_pubkey_of(struct pubkey *out, const EVP_PKEY *pkey) {
    *out = (struct pubkey){0};
    ERR_set_mark();
    bool ok = alg_of(&out->alg, pkey);
    if (ok && out->alg == KEY_EDDSA) {
        size_t len = 32;
        ok = EVP_PKEY_get_raw_public_key(pkey, out->x, &len) == 1 && len == 32;
    } else if (ok) {
        ok = curve_coordinate(out->x, pkey, OSSL_PKEY_PARAM_EC_PUB_X) && curve_coordinate(out->y, pkey, OSSL_PKEY_PARAM_EC_PUB_Y);
    }
    ERR_pop_to_mark();
    return ok;
}

static bool scalar_in_range(const uint8_t v32[32], const uint8_t order32[32]) {
    static const uint8_t zero[32];
    return memcmp(v32, zero, 32) != 0 && memcmp(v32, order32, 32) < 0;
}

bool curve_sig_in_range(enum key_alg alg, const uint8_t sig64[SIG_LEN]) {
    ASSERT(alg == KEY_ES256 || alg == KEY_SM2);
    const uint8_t *order = alg == KEY_SM2 ? ORDER_SM2 : ORDER_P256;
    return scalar_in_range(sig64, order) && scalar_in_range(sig64 + 32, order);
}

void curve_sig_low_s(enum key_alg alg, uint8_t sig64[SIG_LEN]) {
    ASSERT(alg == KEY_ES256 || alg == KEY_ES256K);
    const uint8_t *order = alg == KEY_ES256 ? ORDER_P256 : ORDER_SECP256K1;
    uint8_t other[32];
    int borrow = 0;
    for (int i = 31; i >= 0; i--) {
        int digit = order[i] - sig64[32 + i] - borrow;
        borrow = digit < 0;
        other[i] = (uint8_t)digit;
    }
    if (memcmp(other, sig64 + 32, 32) < 0) memcpy(sig64 + 32, other, 32);
}

/* A positive INTEGER in its only DER form. */
static size_t der_integer(uint8_t *out, const uint8_t v32[32]) {
    size_t skip = 0;
    while (skip < 31 && v32[skip] == 0) skip++;
    size_t sign = v32[skip] >> 7, len = 32 - skip;
    out[0] = 0x02;
    out[1] = (uint8_t)(len + sign);
    out[2] = 0;
    memcpy(out + 2 + sign, v32 + skip, len);
    return 2 + sign + len;
}

size_t curve_sig_to_der(uint8_t der[SIG_DER_MAX], const uint8_t sig64[SIG_LEN]) {
    size_t len = 2;
    len += der_integer(der + len, sig64);
    len += der_integer(der + len, sig64 + 32);
    der[0] = 0x30;
    der[1] = (uint8_t)(len - 2);
    return len;
}

bool curve_sig_from_der(uint8_t sig64[SIG_LEN], const uint8_t *der, size_t len) {
    const uint8_t *p = der;
    ERR_set_mark();
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)len);
    bool ok = sig && p == der + len && BN_bn2binpad(ECDSA_SIG_get0_r(sig), sig64, 32) == 32 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), sig64 + 32, 32) == 32;
    ECDSA_SIG_free(sig);
    ERR_pop_to_mark();
    return ok;
}

bool message_fits(const struct bytes *parts, size_t count) {
    if (count > MESSAGE_PARTS_MAX) return false;
    size_t left = MESSAGE_MAX;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > left) return false;
        left -= parts[i].len;
    }
    return true;
}

bool message_join(struct bytes *out, uint8_t **joined, const struct bytes *parts, size_t count) {
    static const uint8_t nothing[1];
    *joined = NULL;
    *out = count == 1 ? parts[0] : bytes_of(NULL, 0);
    if (count > 1) {
        size_t len = 0;
        for (size_t i = 0; i < count; i++) len += parts[i].len;
        *joined = malloc(len + 1);
        if (!*joined) return false;
        for (size_t i = 0, at = 0; i < count; at += parts[i++].len)
            if (parts[i].len > 0) memcpy(*joined + at, parts[i].data, parts[i].len);
        *out = bytes_of(*joined, len);
    }
    if (!out->data) out->data = nothing; /* OpenSSL takes a NULL message for a question about sizes */
    return true;
}
