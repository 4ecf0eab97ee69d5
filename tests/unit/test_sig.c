/* Keys and signatures: known answers, bad points, bad scalars, one algorithm's key or signature given as another's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <pthread.h>

#include "crypto/keyfile.h"
#include "crypto/selftest.h"
#include "crypto/sig.h"

static const enum key_alg ALGS[] = {KEY_ES256K, KEY_ES256, KEY_EDDSA, KEY_SM2};
#define ALG_COUNT 4
static const char *const ORDERS[] = {
    [KEY_ES256K] = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
    [KEY_ES256] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
    [KEY_SM2] = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123",
};
static const char *const FIELDS[] = {
    [KEY_ES256K] = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
    [KEY_ES256] = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
    [KEY_SM2] = "fffffffeffffffffffffffffffffffffffffffff00000000ffffffffffffffff",
};

static void unhex(uint8_t *out, size_t len, const char *hex) { assert_true(hex_decode(out, len, hex, strlen(hex))); }

static struct pubkey key_of(enum key_alg alg, const char *x, const char *y) {
    struct pubkey key = {.alg = alg};
    unhex(key.x, 32, x);
    if (y) unhex(key.y, 32, y);
    return key;
}

static bool verifies(const struct pubkey *key, const uint8_t sig64[SIG_LEN], const char *message) {
    struct verifier *verifier = verifier_new(key);
    assert_non_null(verifier);
    const struct bytes part = bytes_text(message);
    bool ok = verifier_check(verifier, sig64, &part, 1);
    verifier_free(verifier);
    return ok;
}

/* v = order - v */
static void negate(uint8_t v32[32], enum key_alg alg) {
    uint8_t order[32];
    unhex(order, 32, ORDERS[alg]);
    for (int i = 31, borrow = 0; i >= 0; i--) {
        int digit = order[i] - v32[i] - borrow;
        borrow = digit < 0;
        v32[i] = (uint8_t)digit;
    }
}

static void self_test_passes(void **state) {
    (void)state;
    assert_null(crypto_start());
}

static void orders_are_the_library_s(void **state) {
    (void)state;
    static const int nids[] = {[KEY_ES256K] = NID_secp256k1, [KEY_ES256] = NID_X9_62_prime256v1, [KEY_SM2] = NID_sm2};
    for (size_t i = 0; i < ALG_COUNT; i++) {
        if (ALGS[i] == KEY_EDDSA) continue;
        uint8_t have[32], want[32];
        EC_GROUP *group = EC_GROUP_new_by_curve_name(nids[ALGS[i]]);
        assert_int_equal(BN_bn2binpad(EC_GROUP_get0_order(group), have, 32), 32);
        unhex(want, 32, ORDERS[ALGS[i]]);
        assert_memory_equal(have, want, 32);
        EC_GROUP_free(group);
    }
}

static void names(void **state) {
    (void)state;
    enum key_alg alg;
    for (size_t i = 0; i < ALG_COUNT; i++) {
        assert_true(key_alg_from_cose(&alg, key_alg_cose(ALGS[i])));
        assert_int_equal(alg, ALGS[i]);
        assert_true(key_alg_from_name(&alg, key_alg_name(ALGS[i])));
        assert_int_equal(alg, ALGS[i]);
    }
    assert_false(key_alg_from_cose(&alg, 0));
    assert_false(key_alg_from_cose(&alg, -37));
    assert_false(key_alg_from_name(&alg, "es256"));
    assert_false(key_alg_from_name(&alg, ""));
}

static void thumbprints(void **state) {
    (void)state;
    uint8_t out[PUBKEY_COSE_MAX], want[PUBKEY_COSE_MAX];
    /* RFC 9679 section 6 */
    struct pubkey key = key_of(KEY_ES256, "65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d",
                               "1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c");
    pubkey_thumbprint(out, &key);
    unhex(want, 32, "496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec");
    assert_memory_equal(out, want, 32);

    memset(key.x, 0x11, 32);
    memset(key.y, 0x22, 32);
    static const struct {
        enum key_alg alg;
        const char *head;
    } heads[] = {{KEY_ES256K, "a401022008215820"}, {KEY_ES256, "a401022001215820"},
                 {KEY_SM2, "a40102203a00011171215820"}, {KEY_EDDSA, "a301012006215820"}};
    for (size_t i = 0; i < ALG_COUNT; i++) {
        size_t head_len = strlen(heads[i].head) / 2;
        key.alg = heads[i].alg;
        unhex(want, head_len, heads[i].head);
        memset(want + head_len, 0x11, 32);
        size_t len = head_len + 32;
        if (key.alg != KEY_EDDSA) {
            unhex(want + len, 3, "225820");
            memset(want + len + 3, 0x22, 32);
            len += 35;
        }
        assert_int_equal(pubkey_cose(out, &key), len);
        assert_memory_equal(out, want, len);
    }
}

static void refused_point(const struct pubkey *key) {
    assert_false(pubkey_check(key));
    assert_null(verifier_new(key));
}

static void bad_points(void **state) {
    (void)state;
    for (size_t i = 0; i < ALG_COUNT; i++) {
        if (ALGS[i] == KEY_EDDSA) continue;
        struct signer *signer = signer_generate(ALGS[i]);
        struct pubkey good, bad;
        signer_pubkey(signer, &good);
        assert_true(pubkey_check(&good));

        bad = good, bad.y[31] ^= 1;
        refused_point(&bad);
        bad = (struct pubkey){.alg = ALGS[i]}; /* infinity, as some write it */
        refused_point(&bad);
        bad = good, unhex(bad.x, 32, FIELDS[ALGS[i]]);
        refused_point(&bad);
        bad = good, memset(bad.y, 0xff, 32);
        refused_point(&bad);
        for (size_t k = 0; k < ALG_COUNT; k++) { /* the same numbers under another curve */
            if (k == i) continue;
            bad = good, bad.alg = ALGS[k];
            refused_point(&bad);
        }
        signer_free(signer);
    }
    struct pubkey none = {.alg = (enum key_alg)9};
    refused_point(&none);
}

/* x + p names the same point as x: the form with a small x that still fits 32 bytes must be refused. */
static void coordinates_out_of_range(void **state) {
    (void)state;
    /* secp256k1, x = 1: y as in SEC 1 decompression; x + p = 2^256 - 2^32 - 976 */
    struct pubkey key = key_of(KEY_ES256K, "0000000000000000000000000000000000000000000000000000000000000001",
                               "4218f20ae6c646b363db68605822fb14264ca8d2587fdd6fbc750d587e76a7ee");
    assert_true(pubkey_check(&key));
    unhex(key.x, 32, "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30");
    refused_point(&key);
    /* P-256, x = 5 */
    key = key_of(KEY_ES256, "0000000000000000000000000000000000000000000000000000000000000005",
                 "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc");
    assert_true(pubkey_check(&key));
    unhex(key.x, 32, "ffffffff00000001000000000000000000000001000000000000000000000004");
    refused_point(&key);
}

static void ed25519_points(void **state) {
    (void)state;
    static const char *const bad[] = {
        "0100000000000000000000000000000000000000000000000000000000000000", /* identity */
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* order 2 */
        "0000000000000000000000000000000000000000000000000000000000000000", /* order 4 */
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", /* order 8 */
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p, p + 1: out of range */
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", /* p + 3: 3 is on the curve */
        "0200000000000000000000000000000000000000000000000000000000000000", /* off the curve */
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct pubkey key = key_of(KEY_EDDSA, bad[i], NULL);
        refused_point(&key);
    }
    struct pubkey three = key_of(KEY_EDDSA, "0300000000000000000000000000000000000000000000000000000000000000", NULL);
    assert_true(pubkey_check(&three));
    three.y[5] = 1; /* a second form of the same key */
    refused_point(&three);
    for (int i = 0; i < 20; i++) {
        struct signer *signer = signer_generate(KEY_EDDSA);
        struct pubkey key;
        signer_pubkey(signer, &key);
        assert_true(pubkey_check(&key));
        signer_free(signer);
    }
}

static void every_algorithm_signs_and_checks(void **state) {
    (void)state;
    static uint8_t large[131072]; /* as long as a message may be */
    static const char *const texts[] = {"", "a", "two parts"};
    for (size_t i = 0; i < ALG_COUNT; i++) {
        struct signer *signer = signer_generate(ALGS[i]);
        struct pubkey key;
        uint8_t sig[SIG_LEN];
        signer_pubkey(signer, &key);
        assert_int_equal(key.alg, ALGS[i]);
        struct verifier *verifier = verifier_new(&key);
        for (size_t t = 0; t < 3; t++) {
            const struct bytes whole = bytes_text(texts[t]);
            const struct bytes parts[] = {bytes_of(whole.data, whole.len / 2), bytes_of(NULL, 0),
                                          bytes_of(whole.data + whole.len / 2, whole.len - whole.len / 2)};
            assert_true(signer_sign(signer, sig, parts, 3));
            assert_true(verifier_check(verifier, sig, &whole, 1));
            assert_true(signer_sign(signer, sig, &whole, 1));
            assert_true(verifier_check(verifier, sig, parts, 3));
            if (t > 0) assert_false(verifier_check(verifier, sig, parts, 2)); /* the end is missing */
            for (size_t b = 0; b < SIG_LEN * 8; b += 29) {
                sig[b / 8] ^= (uint8_t)(1u << b % 8);
                assert_false(verifier_check(verifier, sig, &whole, 1));
                sig[b / 8] ^= (uint8_t)(1u << b % 8);
            }
        }
        const struct bytes most[] = {bytes_of(large, sizeof large - 1), bytes_of(large, 1), bytes_of(large, 1)};
        assert_true(signer_sign(signer, sig, most, 2));
        assert_true(verifier_check(verifier, sig, most, 2));
        assert_false(verifier_check(verifier, sig, most, 3)); /* one byte too many */
        const struct bytes nine[9] = {{NULL, 0}};
        assert_false(verifier_check(verifier, sig, nine, 9));
        assert_int_equal(ERR_peek_error(), 0); /* libssl on this thread must not find our refusals */
        verifier_free(verifier);
        signer_free(signer);
    }
}

static void bad_scalars(void **state) {
    (void)state;
    for (size_t i = 0; i < ALG_COUNT; i++) {
        if (ALGS[i] == KEY_EDDSA) continue;
        struct signer *signer = signer_generate(ALGS[i]);
        struct pubkey key;
        uint8_t good[SIG_LEN], sig[SIG_LEN], order[32], above[32];
        const struct bytes message = bytes_text("m");
        signer_pubkey(signer, &key);
        assert_true(signer_sign(signer, good, &message, 1));
        unhex(order, 32, ORDERS[ALGS[i]]);
        memset(above, 0xff, 32);
        static const uint8_t zero[32];
        const uint8_t *const bad[] = {zero, order, above};
        for (size_t half = 0; half < 2; half++) {
            for (size_t b = 0; b < 3; b++) {
                memcpy(sig, good, SIG_LEN);
                memcpy(sig + 32 * half, bad[b], 32);
                assert_false(verifies(&key, sig, "m"));
            }
        }
        memset(sig, 0, SIG_LEN);
        assert_false(verifies(&key, sig, "m"));
        memcpy(sig, order, 32), memcpy(sig + 32, order, 32);
        assert_false(verifies(&key, sig, "m"));
        signer_free(signer);
    }
}

static void high_s_twins(void **state) {
    (void)state;
    static const enum key_alg algs[] = {KEY_ES256K, KEY_ES256};
    for (size_t i = 0; i < 2; i++) {
        struct signer *signer = signer_generate(algs[i]);
        struct pubkey key;
        signer_pubkey(signer, &key);
        for (uint8_t n = 0; n < 32; n++) { /* left alone, half of these would be high */
            uint8_t sig[SIG_LEN], again[SIG_LEN];
            const char text[2] = {(char)('A' + n), '\0'};
            const struct bytes message = bytes_text(text);
            assert_true(signer_sign(signer, sig, &message, 1));
            assert_true(sig[32] < 0x80);
            assert_true(signer_sign(signer, again, &message, 1));
            if (algs[i] == KEY_ES256K) assert_memory_equal(sig, again, SIG_LEN); /* RFC 6979: no luck in it */
            negate(sig + 32, algs[i]);
            assert_true(sig[32] >= 0x7f);
            assert_true(verifies(&key, sig, text));
        }
        signer_free(signer);
    }
}

static void algorithms_do_not_mix(void **state) {
    (void)state;
    struct pubkey key[ALG_COUNT];
    uint8_t sig[ALG_COUNT][SIG_LEN];
    const struct bytes message = bytes_text("m");
    for (size_t i = 0; i < ALG_COUNT; i++) {
        struct signer *signer = signer_generate(ALGS[i]);
        signer_pubkey(signer, &key[i]);
        assert_true(signer_sign(signer, sig[i], &message, 1));
        signer_free(signer);
    }
    for (size_t k = 0; k < ALG_COUNT; k++)
        for (size_t s = 0; s < ALG_COUNT; s++) assert_int_equal(verifies(&key[k], sig[s], "m"), k == s);
}

static void sm2_wants_its_id(void **state) {
    (void)state;
    const struct pubkey key = key_of(KEY_SM2, "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020",
                                     "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13");
    uint8_t sig[SIG_LEN];
    unhex(sig, SIG_LEN, "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
                        "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa");
    assert_true(verifies(&key, sig, "message digest"));
    assert_false(verifies(&key, sig, "message digesu"));
    /* Valid under the empty id (what OpenSSL signs with unless told) and under the older standard's ALICE123@YAHOO.COM. */
    unhex(sig, SIG_LEN, "27f1ba35327863638afce55ea5560734b20dc6f4aa21b74217bcae759f2eb983"
                        "9815b803017b841ee27bc729b026a72fabdf588d3e7041e03e6a1dd43485497b");
    assert_false(verifies(&key, sig, "message digest"));
    unhex(sig, SIG_LEN, "b0e3e7d4ac2178f833ad73fa9d1191e41c76c8bfedb5ad89040ba2e5184bde58"
                        "cc8d096578f7dd2669ac1ac42f7e722bcfa42b9e0be0b1b5df7ca0b53fdd5750");
    assert_false(verifies(&key, sig, "message digest"));
}

struct shared {
    const struct verifier *verifier;
    const struct signer *signer;
    bool ok;
};

static void *work(void *p) {
    struct shared *shared = (struct shared *)p;
    const struct bytes parts[] = {bytes_text("shared "), bytes_text("key")};
    uint8_t sig[SIG_LEN];
    shared->ok = true;
    for (int i = 0; i < 50 && shared->ok; i++)
        shared->ok = signer_sign(shared->signer, sig, parts, 2) && verifier_check(shared->verifier, sig, parts, 2);
    return NULL;
}

static void many_threads_one_key(void **state) {
    (void)state;
    for (size_t i = 0; i < ALG_COUNT; i++) {
        struct signer *signer = signer_generate(ALGS[i]);
        struct pubkey key;
        signer_pubkey(signer, &key);
        struct verifier *verifier = verifier_new(&key);
        struct shared shared[4];
        pthread_t thread[4];
        for (size_t t = 0; t < 4; t++) {
            shared[t] = (struct shared){verifier, signer, false};
            assert_int_equal(pthread_create(&thread[t], NULL, work, &shared[t]), 0);
        }
        for (size_t t = 0; t < 4; t++) {
            pthread_join(thread[t], NULL);
            assert_true(shared[t].ok);
        }
        verifier_free(verifier);
        signer_free(signer);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(self_test_passes),
        cmocka_unit_test(orders_are_the_library_s),
        cmocka_unit_test(names),
        cmocka_unit_test(thumbprints),
        cmocka_unit_test(bad_points),
        cmocka_unit_test(coordinates_out_of_range),
        cmocka_unit_test(ed25519_points),
        cmocka_unit_test(every_algorithm_signs_and_checks),
        cmocka_unit_test(bad_scalars),
        cmocka_unit_test(high_s_twins),
        cmocka_unit_test(algorithms_do_not_mix),
        cmocka_unit_test(sm2_wants_its_id),
        cmocka_unit_test(many_threads_one_key),
    };
    return cmocka_run_group_tests_name("sig", tests, NULL, NULL);
}
