/* Key files: what is written can be read here and by `openssl pkey`; what others can read, or is damaged, is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/keyfile.h"
#include "crypto/selftest.h"
#include "crypto/sig.h"

static const enum key_alg ALGS[] = {KEY_ES256K, KEY_ES256, KEY_EDDSA, KEY_SM2};
#define ALG_COUNT 4

/* PKCS#8 up to the 32 bytes of the secret, without the optional public key. */
#define P8_SECP256K1 "303e020100301006072a8648ce3d020106052b8104000a042730250201010420"
#define P8_P256 "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420"
#define P8_SM2 "3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420"
#define P8_ED25519 "302e020100300506032b657004220420"
#define P8_X25519 "302e020100300506032b656e04220420"
#define KEY_1 "0000000000000000000000000000000000000000000000000000000000000001"

static char folder[64];

/* One of a few buffers, so that two names fit one call. */
static const char *at(const char *name) {
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void put(const char *name, const void *data, size_t len, mode_t mode) {
    const char *path = at(name);
    (void)unlink(path);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static size_t get(uint8_t *out, size_t cap, const char *name) {
    FILE *f = fopen(at(name), "rb");
    assert_non_null(f);
    size_t len = fread(out, 1, cap, f);
    fclose(f);
    return len;
}

static void put_pem(const char *name, const char *label, const uint8_t *der, size_t len) {
    char pem[2048], text[1024];
    base64_encode(text, der, len);
    int n = snprintf(pem, sizeof pem, "-----BEGIN %s-----\n", label);
    for (size_t i = 0; i < strlen(text); i += 64) n += snprintf(pem + n, sizeof pem - (size_t)n, "%.64s\n", text + i);
    n += snprintf(pem + n, sizeof pem - (size_t)n, "-----END %s-----\n", label);
    put(name, pem, (size_t)n, 0600);
}

static void put_p8(const char *name, const char *hex) {
    uint8_t der[512];
    assert_true(hex_decode(der, strlen(hex) / 2, hex, strlen(hex)));
    put_pem(name, "PRIVATE KEY", der, strlen(hex) / 2);
}

static enum keyfile_result load_result(const char *name, const char *passphrase) {
    struct signer *signer = NULL;
    enum keyfile_result result = signer_load(&signer, at(name), passphrase ? at(passphrase) : NULL);
    assert_int_equal(result == KEYFILE_OK, signer != NULL);
    assert_int_equal(ERR_peek_error(), 0);
    signer_free(signer);
    return result;
}

static struct signer *load(const char *name) {
    struct signer *signer;
    assert_int_equal(signer_load(&signer, at(name), NULL), KEYFILE_OK);
    return signer;
}

static void sign_text(const struct signer *signer, uint8_t sig[SIG_LEN], const char *text) {
    const struct bytes part = bytes_text(text);
    assert_true(signer_sign(signer, sig, &part, 1));
}

static void assert_hex(const uint8_t *have, size_t len, const char *want) {
    char text[2 * SIG_LEN + 1];
    hex_encode(text, have, len);
    assert_string_equal(text, want);
}

static unsigned files_in_folder(void) {
    unsigned count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir));) count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    closedir(dir);
    return count;
}

static int make_folder(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/licet-keyfile-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state) {
    (void)state;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..")) (void)(unlink(at(entry->d_name)) && rmdir(at(entry->d_name)));
    if (dir) closedir(dir);
    return rmdir(folder);
}

static void saved_keys_come_back(void **state) {
    (void)state;
    for (size_t i = 0; i < ALG_COUNT; i++) {
        const char *name = key_alg_name(ALGS[i]);
        struct signer *made = signer_generate(ALGS[i]);
        assert_int_equal(signer_save(made, at(name), NULL), KEYFILE_OK);
        struct stat st;
        assert_int_equal(stat(at(name), &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);

        struct signer *back = load(name);
        struct pubkey a, b;
        uint8_t sig[SIG_LEN];
        signer_pubkey(made, &a);
        signer_pubkey(back, &b);
        assert_int_equal(a.alg, b.alg);
        assert_memory_equal(a.x, b.x, 32);
        assert_memory_equal(a.y, b.y, 32);
        struct verifier *verifier = verifier_new(&a);
        const struct bytes part = bytes_text("m");
        sign_text(back, sig, "m");
        assert_true(verifier_check(verifier, sig, &part, 1));
        verifier_free(verifier);
        signer_free(back);
        signer_free(made);
    }
    assert_int_equal(files_in_folder(), ALG_COUNT); /* no temporary files left */
}

/* Published key pairs, and signatures that have no luck in them. */
static void known_keys(void **state) {
    (void)state;
    uint8_t sig[SIG_LEN];
    struct pubkey key;
    put_p8("k1", P8_SECP256K1 KEY_1);
    struct signer *signer = load("k1");
    sign_text(signer, sig, "Satoshi Nakamoto"); /* RFC 6979, SHA-256, low S */
    assert_hex(sig, SIG_LEN, "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"
                             "2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5");
    sign_text(signer, sig, "All those moments will be lost in time, like tears in rain. Time to die...");
    assert_hex(sig, SIG_LEN, "8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b"
                             "547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21");
    signer_free(signer);

    put_p8("ed", P8_ED25519 "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"); /* RFC 8032 7.1 test 2 */
    signer = load("ed");
    sign_text(signer, sig, "r");
    assert_hex(sig, SIG_LEN, "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                             "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
    signer_free(signer);

    put_p8("p256", P8_P256 "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"); /* RFC 6979 A.2.5 */
    signer = load("p256");
    signer_pubkey(signer, &key);
    assert_int_equal(key.alg, KEY_ES256);
    assert_hex(key.x, 32, "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
    assert_hex(key.y, 32, "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
    signer_free(signer);

    put_p8("sm2", P8_SM2 "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8"); /* GB/T 32918.5 A.2 */
    signer = load("sm2");
    signer_pubkey(signer, &key);
    assert_int_equal(key.alg, KEY_SM2);
    assert_hex(key.x, 32, "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020");
    assert_hex(key.y, 32, "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13");
    signer_free(signer);
}

static void nothing_is_overwritten(void **state) {
    (void)state;
    struct signer *signer = signer_generate(KEY_ES256K);
    uint8_t text[16] = {0};
    put("taken", "precious", 8, 0600);
    unsigned before = files_in_folder();
    assert_int_equal(signer_save(signer, at("taken"), NULL), KEYFILE_EXISTS);
    assert_int_equal(secret_save_random(at("taken")), KEYFILE_EXISTS);
    assert_int_equal(get(text, sizeof text, "taken"), 8);
    assert_memory_equal(text, "precious", 8);
    assert_int_equal(symlink("nowhere", at("dangling")), 0);
    assert_int_equal(signer_save(signer, at("dangling"), NULL), KEYFILE_EXISTS);
    assert_int_equal(files_in_folder(), before + 1);
    assert_int_equal(signer_save(signer, at("no/such/folder"), NULL), KEYFILE_IO);
    signer_free(signer);
}

static void modes(void **state) {
    (void)state;
    put_p8("mode", P8_SECP256K1 KEY_1);
    static const mode_t refused[] = {0640, 0604, 0610, 0601, 0666, 0620};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        assert_int_equal(chmod(at("mode"), refused[i]), 0);
        assert_int_equal(load_result("mode", NULL), KEYFILE_MODE);
    }
    assert_int_equal(chmod(at("mode"), 0400), 0);
    assert_int_equal(load_result("mode", NULL), KEYFILE_OK);
    assert_int_equal(symlink("mode", at("link")), 0); /* the file behind it counts */
    assert_int_equal(load_result("link", NULL), KEYFILE_OK);
    assert_int_equal(chmod(at("mode"), 0444), 0);
    assert_int_equal(load_result("link", NULL), KEYFILE_MODE);

    assert_int_equal(mkdir(at("dir"), 0700), 0);
    assert_int_equal(load_result("dir", NULL), KEYFILE_MODE);
    assert_int_equal(mkfifo(at("fifo"), 0600), 0);
    assert_int_equal(load_result("fifo", NULL), KEYFILE_MODE); /* and does not wait for a writer */
    assert_int_equal(load_result("absent", NULL), KEYFILE_ABSENT);
    assert_int_equal(load_result("mode/below", NULL), KEYFILE_ABSENT);
    if (geteuid() == 0) { /* another's file could be changed by the other */
        assert_int_equal(chmod(at("mode"), 0600), 0);
        assert_int_equal(chown(at("mode"), 12345, (gid_t)-1), 0);
        assert_int_equal(load_result("mode", NULL), KEYFILE_MODE);
    }
}

static void damaged_files(void **state) {
    (void)state;
    uint8_t pem[1024];
    put_p8("whole", P8_P256 "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721");
    size_t len = get(pem, sizeof pem, "whole");
    for (size_t cut = 0; cut + 1 < len; cut++) { /* without its last line end it is still whole */
        put("cut", pem, cut, 0600);
        assert_int_equal(load_result("cut", NULL), KEYFILE_FORMAT);
    }
    static const char *const bad[] = {
        P8_SECP256K1 "0000000000000000000000000000000000000000000000000000000000000000", /* 0 */
        P8_SECP256K1 "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", /* n */
        P8_P256 "0000000000000000000000000000000000000000000000000000000000000000",
        P8_P256 "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        P8_SM2 "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123",
        P8_SM2 "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54122", /* n - 1: SM2 divides by d + 1 */
        (P8_SECP256K1 KEY_1 "00"), /* a byte behind the end */
        (P8_X25519 KEY_1), /* X25519: cannot sign */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put_p8("bad", bad[i]);
        if (load_result("bad", NULL) != KEYFILE_FORMAT) fail_msg("bad key %zu was taken", i);
    }
    put("bad", "not a key at all\n", 17, 0600);
    assert_int_equal(load_result("bad", NULL), KEYFILE_FORMAT);
    static uint8_t huge[20000];
    put("bad", huge, sizeof huge, 0600);
    assert_int_equal(load_result("bad", NULL), KEYFILE_FORMAT);
    memcpy(huge, pem, len); /* a key, and then too much */
    put("bad", huge, sizeof huge, 0600);
    assert_int_equal(load_result("bad", NULL), KEYFILE_FORMAT);
}

/* A file whose public half is another key's: secp256k1, key 1, with the public key of 2 and of 1. */
static void halves_must_match(void **state) {
    (void)state;
#define WITH_PUBLIC "308184020100301006072a8648ce3d020106052b8104000a046d306b0201010420" KEY_1 "a14403420004"
    put_p8("pair", WITH_PUBLIC "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
                               "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8");
    assert_int_equal(load_result("pair", NULL), KEYFILE_OK);
    put_p8("pair", WITH_PUBLIC "c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5"
                               "1ae168fea63dc339a3c58419466ceaeef7f632653266d0e1236431a950cfe52a");
    assert_int_equal(load_result("pair", NULL), KEYFILE_FORMAT);
    /* P-256: the secret 1 with RFC 6979's public key */
    put_p8("pair", "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420" KEY_1 "a14403420004"
                   "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                   "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
    assert_int_equal(load_result("pair", NULL), KEYFILE_FORMAT);
}

static void other_kinds_of_key(void **state) {
    (void)state;
    EVP_PKEY *p384 = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
    FILE *f = fopen(at("p384"), "w");
    assert_non_null(f);
    assert_int_equal(PEM_write_PKCS8PrivateKey(f, p384, NULL, NULL, 0, NULL, NULL), 1);
    fclose(f);
    EVP_PKEY_free(p384);
    assert_int_equal(chmod(at("p384"), 0600), 0);
    assert_int_equal(load_result("p384", NULL), KEYFILE_FORMAT);

    uint8_t der[128]; /* a good key under a label that is none of PKCS#8's */
    static const char hex[] = P8_SECP256K1 KEY_1;
    assert_true(hex_decode(der, strlen(hex) / 2, hex, strlen(hex)));
    put_pem("label", "EC PRIVATE KEY", der, strlen(hex) / 2);
    assert_int_equal(load_result("label", NULL), KEYFILE_FORMAT);
    put_pem("label", "ENCRYPTED PRIVATE KEY", der, strlen(hex) / 2);
    assert_int_equal(load_result("label", NULL), KEYFILE_FORMAT);
}

static void passphrases(void **state) {
    (void)state;
    uint8_t pem[2048];
    struct signer *signer = signer_generate(KEY_SM2);
    put("pass", "correct horse\nnot this line\n", 28, 0600);
    assert_int_equal(signer_save(signer, at("hidden"), at("pass")), KEYFILE_OK);
    size_t len = get(pem, sizeof pem - 1, "hidden");
    pem[len] = 0;
    assert_non_null(strstr((char *)pem, "BEGIN ENCRYPTED PRIVATE KEY"));
    assert_null(strstr((char *)pem, "BEGIN PRIVATE KEY"));

    assert_int_equal(load_result("hidden", "pass"), KEYFILE_OK);
    assert_int_equal(load_result("hidden", NULL), KEYFILE_PASSPHRASE); /* nothing beside it yet */
    put("hidden.pass", "correct horse\r\n", 15, 0600);
    assert_int_equal(load_result("hidden", NULL), KEYFILE_OK);
    put("hidden.pass", "correct horse", 13, 0600);
    assert_int_equal(load_result("hidden", NULL), KEYFILE_OK);
    put("hidden.pass", "correct horse ", 14, 0600);
    assert_int_equal(load_result("hidden", NULL), KEYFILE_PASSPHRASE);
    put("hidden.pass", "correct horse", 13, 0640);
    assert_int_equal(load_result("hidden", NULL), KEYFILE_PASSPHRASE);
    put("hidden.pass", "\n", 1, 0600);
    assert_int_equal(load_result("hidden", NULL), KEYFILE_PASSPHRASE);
    assert_int_equal(load_result("hidden", "absent"), KEYFILE_PASSPHRASE);

    put("cut", pem, len - 60, 0600);
    assert_int_equal(load_result("cut", "pass"), KEYFILE_FORMAT);
    /* Saving never falls back to a key in clear. */
    assert_int_equal(signer_save(signer, at("never"), at("absent")), KEYFILE_PASSPHRASE);
    assert_int_equal(signer_save(signer, at("never"), at("hidden.pass")), KEYFILE_PASSPHRASE);
    assert_int_equal(access(at("never"), F_OK), -1);
    /* A passphrase file given for a key in clear does no harm. */
    assert_int_equal(signer_save(signer, at("clear"), NULL), KEYFILE_OK);
    assert_int_equal(load_result("clear", "pass"), KEYFILE_OK);
    signer_free(signer);
}

static bool shell(const char *format, const char *a, const char *b) {
    char command[512];
    snprintf(command, sizeof command, format, a, b);
    return system(command) == 0;
}

static void openssl_reads_and_writes_the_same(void **state) {
    (void)state;
    if (!shell("command -v openssl >/dev/null 2>&1", "", "")) {
        print_message("skip: the openssl command is not installed\n");
        skip();
    }
    put("pass", "correct horse\n", 14, 0600);
    for (size_t i = 0; i < ALG_COUNT; i++) {
        struct signer *signer = signer_generate(ALGS[i]);
        struct pubkey key;
        uint8_t want[64], have[64];
        signer_pubkey(signer, &key);
        memcpy(want, key.x, 32);
        memcpy(want + 32, key.y, 32);
        (void)unlink(at("o.clear"));
        (void)unlink(at("o.hidden"));
        assert_int_equal(signer_save(signer, at("o.clear"), NULL), KEYFILE_OK);
        assert_int_equal(signer_save(signer, at("o.hidden"), at("pass")), KEYFILE_OK);
        signer_free(signer);
        size_t len = ALGS[i] == KEY_EDDSA ? 32 : 64; /* the point ends the SubjectPublicKeyInfo */
        const char *tail = len == 32 ? "32" : "64";
        assert_true(shell("cd %s && openssl pkey -in o.clear -pubout -outform DER | tail -c %s >point", folder, tail));
        assert_int_equal(get(have, sizeof have, "point"), len);
        assert_memory_equal(have, want, len);
        assert_true(shell("cd %s && openssl pkey -in o.hidden -passin file:pass -pubout -outform DER | tail -c %s >point", folder,
                          tail));
        assert_int_equal(get(have, sizeof have, "point"), len);
        assert_memory_equal(have, want, len);
    }
    assert_true(shell("cd %s && openssl asn1parse -in o.hidden >asn1 && grep -q PBES2 asn1 && grep -q PBKDF2 asn1 && "
                      "grep -q hmacWithSHA256 asn1 && grep -q aes-256-cbc asn1%s", folder, ""));

    static const char *const theirs[] = {"-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1",
                                         "-algorithm EC -pkeyopt ec_paramgen_curve:P-256", "-algorithm ED25519",
                                         "-algorithm SM2"};
    for (size_t i = 0; i < ALG_COUNT; i++) {
        assert_true(shell("cd %s && umask 077 && openssl genpkey %s -out theirs 2>/dev/null", folder, theirs[i]));
        struct signer *signer = load("theirs");
        struct pubkey key;
        signer_pubkey(signer, &key);
        assert_int_equal(key.alg, ALGS[i]);
        signer_free(signer);
        assert_true(shell("cd %s && umask 077 && openssl genpkey %s -aes256 -pass file:pass -out theirs 2>/dev/null", folder,
                          theirs[i]));
        assert_int_equal(load_result("theirs", "pass"), KEYFILE_OK);
    }
}

static void look_up_secrets(void **state) {
    (void)state;
    uint8_t a[32], b[32], zero[32] = {0};
    assert_int_equal(secret_save_random(at("secret")), KEYFILE_OK);
    assert_int_equal(secret_load(a, at("secret")), KEYFILE_OK);
    assert_int_equal(secret_load(b, at("secret")), KEYFILE_OK);
    assert_memory_equal(a, b, 32);
    assert_memory_not_equal(a, zero, 32);
    assert_int_equal(chmod(at("secret"), 0640), 0);
    assert_int_equal(secret_load(a, at("secret")), KEYFILE_MODE);
    assert_int_equal(secret_load(a, at("absent")), KEYFILE_ABSENT);

    put("secret", KEY_1, 64, 0600);
    assert_int_equal(secret_load(a, at("secret")), KEYFILE_OK);
    assert_int_equal(a[31], 1);
    put("secret", KEY_1 "\r\n", 66, 0600);
    assert_int_equal(secret_load(a, at("secret")), KEYFILE_OK);
    static const char *const bad[] = {"", "\n", KEY_1 "0", KEY_1 "00", KEY_1 "\n\n", KEY_1 "\n0\n", "x" KEY_1, " " KEY_1};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        put("secret", bad[i], strlen(bad[i]), 0600);
        assert_int_equal(secret_load(a, at("secret")), KEYFILE_FORMAT);
    }
    put("secret", KEY_1, 63, 0600);
    assert_int_equal(secret_load(a, at("secret")), KEYFILE_FORMAT);
}

static void texts(void **state) {
    (void)state;
    for (enum keyfile_result r = KEYFILE_OK; r <= KEYFILE_IO; r++) assert_true(strlen(keyfile_result_text(r)) > 0);
}

int main(void) {
    const char *broken = crypto_start();
    if (broken) {
        fprintf(stderr, "self-test failed: %s\n", broken);
        return 1;
    }
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, drop_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(saved_keys_come_back), IN_FOLDER(known_keys),      IN_FOLDER(nothing_is_overwritten),
        IN_FOLDER(modes),                IN_FOLDER(damaged_files),   IN_FOLDER(halves_must_match),
        IN_FOLDER(other_kinds_of_key),   IN_FOLDER(passphrases),     IN_FOLDER(openssl_reads_and_writes_the_same),
        IN_FOLDER(look_up_secrets),      cmocka_unit_test(texts),
    };
    return cmocka_run_group_tests_name("keyfile", tests, NULL, NULL);
}
