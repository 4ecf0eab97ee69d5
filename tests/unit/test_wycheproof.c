/* Wycheproof's secp256k1 cases against the ES256K verifier. The file is read where it is found and is no part of this project:
 * $LICET_SHARED/vectors/... or ../shared/vectors/...; without it the test skips and says so.
 * The cases are in DER and low-S only; ours are r|s with both halves, so a case that is bad only by its DER ends here before the
 * verifier, and the ones about malleability count as valid. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "crypto/selftest.h"
#include "crypto/sig.h"

#define FILE_NAME "vectors/wycheproof-secp256k1/ecdsa_secp256k1_sha256_bitcoin_test.json"

/* Strict DER INTEGER, positive, of at most 32 bytes of value. Returns what follows it, or NULL. */
static const uint8_t *integer(uint8_t out32[32], const uint8_t *p, const uint8_t *end) {
    if (end - p < 3 || p[0] != 0x02 || p[1] == 0 || p[1] > 33 || p[1] > end - p - 2) return NULL;
    size_t len = p[1];
    const uint8_t *value = p + 2;
    if (value[0] & 0x80) return NULL;
    if (len > 1 && value[0] == 0 && !(value[1] & 0x80)) return NULL;
    if (value[0] == 0 && len > 1) value++, len--;
    if (len > 32) return NULL;
    memset(out32, 0, 32);
    memcpy(out32 + 32 - len, value, len);
    return value + len;
}

static bool raw_of(uint8_t sig64[SIG_LEN], const uint8_t *der, size_t len) {
    if (len < 2 || der[0] != 0x30 || der[1] >= 0x80 || der[1] != len - 2) return false;
    const uint8_t *p = integer(sig64, der + 2, der + len);
    if (p) p = integer(sig64 + 32, p, der + len);
    return p == der + len;
}

static size_t unhex(uint8_t *out, size_t cap, const json_t *text) {
    size_t len = json_string_length(text) / 2;
    assert_true(len <= cap);
    assert_true(hex_decode(out, len, json_string_value(text), json_string_length(text)));
    return len;
}

struct counts {
    unsigned valid, refused, bad_der;
};

static void run(const struct verifier *verifier, const json_t *test, struct counts *counts) {
    static uint8_t der[8192], message[512];
    uint8_t sig[SIG_LEN];
    size_t der_len = unhex(der, sizeof der, json_object_get(test, "sig"));
    const struct bytes part = bytes_of(message, unhex(message, sizeof message, json_object_get(test, "msg")));
    bool want = strcmp(json_string_value(json_object_get(test, "result")), "valid") == 0 ||
                strstr(json_string_value(json_object_get(test, "comment")), "malleability"); /* two: bad by high S alone */
    bool parsed = raw_of(sig, der, der_len);
    bool have = parsed && verifier && verifier_check(verifier, sig, &part, 1);
    if (have != want)
        fail_msg("case %d (%s): %s", (int)json_integer_value(json_object_get(test, "tcId")),
                 json_string_value(json_object_get(test, "comment")), have ? "accepted" : "refused");
    counts->valid += have;
    counts->refused += parsed && !have;
    counts->bad_der += !parsed;
}

static json_t *load(void) {
    char path[4096];
    const char *shared = getenv("LICET_SHARED");
    int len = snprintf(path, sizeof path, "%s/%s", shared ? shared : "../shared", FILE_NAME);
    return len > 0 && (size_t)len < sizeof path ? json_load_file(path, 0, NULL) : NULL;
}

static void wycheproof_secp256k1(void **state) {
    (void)state;
    json_t *root = load();
    if (!root) {
        print_message("skip: no Wycheproof vectors; set LICET_SHARED to the folder that holds " FILE_NAME "\n");
        skip();
    }
    struct counts counts = {0};
    size_t g, t;
    json_t *group, *test;
    json_array_foreach(json_object_get(root, "testGroups"), g, group) {
        uint8_t point[65];
        struct pubkey key = {.alg = KEY_ES256K};
        json_t *public_key = json_object_get(group, "publicKey");
        assert_int_equal(unhex(point, sizeof point, json_object_get(public_key, "uncompressed")), 65);
        memcpy(key.x, point + 1, 32);
        memcpy(key.y, point + 33, 32);
        struct verifier *verifier = verifier_new(&key);
        json_array_foreach(json_object_get(group, "tests"), t, test) run(verifier, test, &counts);
        verifier_free(verifier);
    }
    unsigned all = counts.valid + counts.refused + counts.bad_der;
    print_message("%u cases: %u valid, %u refused by the verifier, %u not DER\n", all, counts.valid, counts.refused,
                  counts.bad_der);
    assert_int_equal(all, json_integer_value(json_object_get(root, "numberOfTests")));
    assert_true(counts.valid > 100); /* else this test tests nothing */
    assert_true(counts.refused > 50);
    json_decref(root);
}

int main(void) {
    const char *broken = crypto_start();
    if (broken) {
        fprintf(stderr, "self-test failed: %s\n", broken);
        return 1;
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(wycheproof_secp256k1)};
    return cmocka_run_group_tests_name("wycheproof", tests, NULL, NULL);
}
