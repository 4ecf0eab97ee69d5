#include "crypto/selftest.h"

#include <openssl/crypto.h>

#include "crypto/curve.h"
#include "crypto/hash.h"
#include "crypto/join.h"
#include "crypto/mapproof.h"
#include "crypto/merkle.h"
#include "crypto/sig.h"

static bool is(const uint8_t *have, size_t len, const char *hex) {
    uint8_t want[64];
    return len <= sizeof want && hex_decode(want, len, hex, strlen(hex)) && memcmp(have, want, len) == 0;
}

/* ---- hashes ---- */

static bool sha256_answers(void) { /* FIPS 180-4 */
    uint8_t out[32];
    sha256(out, "abc", 3);
    return is(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static bool sm3_answers(void) { /* GB/T 32905 A.1 */
    uint8_t out[32];
    sm3(out, "abc", 3);
    return is(out, 32, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
}

static bool hmac_answers(void) { /* RFC 4231 4.3 */
    uint8_t out[32];
    const struct bytes message = bytes_text("what do ya want for nothing?");
    hmac_sha256(out, bytes_text("Jefe"), &message, 1);
    return is(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* ---- signatures ---- */

struct answer {
    enum key_alg alg;
    const char *x, *y, *message, *sig;
};

/* Key 1, SHA-256, RFC 6979 nonce. */
static const struct answer ES256K = {
    KEY_ES256K, "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8", "Satoshi Nakamoto",
    "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
    "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"};
/* The same with n - s, as signers that do not care give it. */
static const struct answer ES256K_HIGH = {
    KEY_ES256K, "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8", "Satoshi Nakamoto",
    "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
    "dbbd3162d46e9f9bef7feb87c16dc13b4f6568a87f4e83f728e2443ba586675c"};
/* RFC 6979 A.2.5 */
static const struct answer ES256 = {
    KEY_ES256, "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299", "sample",
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"};
/* RFC 8032 7.1, test 2 */
static const struct answer EDDSA = {
    KEY_EDDSA, "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "0000000000000000000000000000000000000000000000000000000000000000", "r",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"};
/* GB/T 32918.5 A.2 */
static const struct answer SM2 = {
    KEY_SM2, "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020",
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13", "message digest",
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"};
/* The same key, message and nonce under an empty id, which is what OpenSSL 3 takes when it is told none. */
static const struct answer SM2_EMPTY_ID = {
    KEY_SM2, "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020",
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13", "message digest",
    "27f1ba35327863638afce55ea5560734b20dc6f4aa21b74217bcae759f2eb983"
    "9815b803017b841ee27bc729b026a72fabdf588d3e7041e03e6a1dd43485497b"};

static bool selftest_key_of(struct pubkey *key, const struct answer *a) {
    *key = (struct pubkey){.alg = a->alg};
    return hex_decode(key->x, 32, a->x, strlen(a->x)) && hex_decode(key->y, 32, a->y, strlen(a->y));
}

enum outcome { ACCEPTED, REFUSED, BROKEN };

/* `spoil` is laid over one byte of the signature: 0 leaves it whole. */
static enum outcome selftest_check(const struct answer *a, uint8_t spoil) {
    struct pubkey key;
    uint8_t sig[SIG_LEN];
    if (!selftest_key_of(&key, a) || !hex_decode(sig, SIG_LEN, a->sig, strlen(a->sig))) return BROKEN;
    sig[40] ^= spoil;
    struct verifier *verifier = verifier_new(&key);
    if (!verifier) return BROKEN;
    /* In two parts, as most messages come. */
    struct bytes message = bytes_text(a->message);
    const struct bytes parts[] = {bytes_of(message.data, 1), bytes_of(message.data + 1, message.len - 1)};
    bool ok = verifier_check(verifier, sig, parts, 2);
    verifier_free(verifier);
    return ok ? ACCEPTED : REFUSED;
}

static bool answers(const struct answer *a) { return selftest_check(a, 0) == ACCEPTED && selftest_check(a, 1) == REFUSED; }
static bool es256k_answers(void) { return answers(&ES256K) && answers(&ES256K_HIGH); }
static bool es256_answers(void) { return answers(&ES256); }
static bool eddsa_answers(void) { return answers(&EDDSA); }

/* A key made as "EC" on the SM2 curve parses and signs too, but by plain ECDSA: so its type is looked at. */
static bool sm2_answers(void) {
    struct pubkey key;
    if (!selftest_key_of(&key, &SM2)) return false;
    EVP_PKEY *pkey = curve_public(&key);
    bool is_sm2 = pkey && EVP_PKEY_is_a(pkey, "SM2") && !EVP_PKEY_is_a(pkey, "EC");
    EVP_PKEY_free(pkey);
    return is_sm2 && answers(&SM2);
}

static bool sm2_id_answers(void) { return selftest_check(&SM2_EMPTY_ID, 0) == REFUSED; }

/* ---- trees ---- */

static bool tree_answers(void) { /* leaves and root of Certificate Transparency's published test tree, size 3 */
    static const struct bytes leaves[] = {{NULL, 0}, {(const uint8_t *)"\x00", 1}, {(const uint8_t *)"\x10", 1}};
    struct merkle_frontier frontier = {0};
    uint8_t hash[3][32], root[32], path[1][32];
    for (size_t i = 0; i < 3; i++) {
        merkle_leaf(hash[i], leaves[i].data, leaves[i].len);
        merkle_append(&frontier, hash[i], NULL, NULL);
    }
    merkle_root(root, &frontier);
    if (!is(root, 32, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")) return false;
    merkle_node(path[0], hash[0], hash[1]);
    uint8_t reached[32];
    if (!merkle_inclusion_root(reached, hash[2], 2, 3, (const uint8_t (*)[32])path, 1)) return false;
    return memcmp(reached, root, 32) == 0 &&
           !merkle_inclusion_root(reached, hash[2], 2, 3, (const uint8_t (*)[32])path, 0);
}

/* Two keys that part at bit 0; the root was computed by a second program. */
static bool map_answers(void) {
    static const char want[] = "b434b432aa0d745c822f0b29f46bbbe0d79e923b692b99f4057157c5ea527a1d";
    const uint8_t low[32] = {0}, high[32] = {0x80}, other[32] = {0x80, 1};
    uint8_t low_value[32], high_value[32], step[MAP_STEP_LEN] = {0, 0}, root[32];
    sha256(low_value, "a", 1);
    sha256(high_value, "b", 1);
    map_leaf(step + 2, low, low_value);
    const struct bytes steps = bytes_of(step, sizeof step);
    if (!map_member_root(root, high, high_value, steps) || !is(root, 32, want)) return false;
    if (!map_absent_root(root, other, high, high_value, steps) || !is(root, 32, want)) return false;
    return !map_absent_root(root, high, high, high_value, steps) && !map_absent_root(root, low, high, high_value, steps);
}

const char *crypto_start(void) {
    static const struct {
        const char *name;
        bool (*passes)(void);
    } tests[] = {
        {"hash setup", hash_setup},      {"join setup", join_setup},
        {"signature setup", sig_setup},
        {"SHA-256", sha256_answers},     {"SM3", sm3_answers},
        {"HMAC-SHA-256", hmac_answers},  {"ES256K", es256k_answers},
        {"ES256", es256_answers},        {"EdDSA", eddsa_answers},
        {"SM2", sm2_answers},            {"SM2 under an empty id", sm2_id_answers},
        {"Merkle tree", tree_answers},   {"state map", map_answers},
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++)
        if (!tests[i].passes()) return tests[i].name;
    return NULL;
}

const char *crypto_library(void) { return OpenSSL_version(OPENSSL_VERSION); }
