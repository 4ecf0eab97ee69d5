/* Sealed documents: whole checks of a small sealed OFD on one processor, beside bare SM2 verifications: the signatures alone are the limit. */
#include "tests/bench/bench.h"

#include <openssl/evp.h>
#include <unistd.h>

#include "tools/document/report.h"

#define ROUNDS 5
#define SECONDS 0.6

static uint8_t *read_whole(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(1 << 20);
    if (file == NULL || bytes == NULL) die("%s cannot be read", path);
    *len = fread(bytes, 1, 1 << 20, file);
    (void)fclose(file);
    return bytes;
}

/* Made by the programs of this build, two folders above this one. */
static void sample_make(char dir[640]) {
    char licet[600], output[8192];
    (void)snprintf(licet, sizeof licet, "%s", bench_self);
    for (int i = 0; i < 3; i++) {
        char *slash = strrchr(licet, '/');
        if (slash == NULL) die("%s: name the program with its folder", bench_self);
        *slash = '\0';
    }
    (void)snprintf(licet + strlen(licet), sizeof licet - strlen(licet), "/licet");
    (void)snprintf(dir, 640, "%s/authority", bench_dir);
    remove_tree(dir);
    char *const make[] = {licet, "seal", "make-test", dir, NULL};
    if (bench_run(make, output, sizeof output) != 0) die("licet seal make-test: %s", output);
}

/* OpenSSL's own call, over 32 bytes that are there: what a seal's signature costs whoever checks it. */
static double sm2_rate(void) {
    static const uint8_t message[32] = {1};
    uint8_t signature[80];
    size_t len = sizeof signature;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "SM2");
    EVP_PKEY_CTX *context = key != NULL ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    if (context == NULL || EVP_PKEY_sign_init(context) != 1 || EVP_PKEY_sign(context, signature, &len, message, 32) != 1) die("OpenSSL does not sign with SM2");
    if (EVP_PKEY_verify_init(context) != 1) die("OpenSSL does not verify SM2");
    const double from = now_s();
    uint64_t done = 0;
    while (now_s() - from < SECONDS) {
        for (int i = 0; i < 64; i++, done++)
            if (EVP_PKEY_verify(context, signature, len, message, 32) != 1) die("SM2: a good signature is refused");
    }
    const double rate = (double)done / (now_s() - from);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    return rate;
}

static double check_rate(struct bytes file, const struct trust *trust) {
    const struct check_options options = {.trust = trust, .now_ms = (int64_t)time(NULL) * 1000, .known_ms = TIME_UNKNOWN};
    const double from = now_s();
    uint64_t done = 0;
    while (now_s() - from < SECONDS) {
        struct report report;
        if (!check_ofd_bytes(&report, file, &options)) die("no memory");
        if (report_outcome(&report) != STEPS_PASSED || (trust != NULL && report_not_checked(&report))) die("a good document does not pass");
        report_free(&report);
        done++;
    }
    return (double)done / (now_s() - from);
}

void part_documents(void) {
    char dir[640], path[700], message[256];
    struct samples plain = {.count = 0}, trusted = {.count = 0};
    struct trust_counts counts;
    size_t len;
    stage("documents: sealed OFD files, on one processor");
    sample_make(dir);
    (void)snprintf(path, sizeof path, "%s/licence.ofd", dir);
    uint8_t *file = read_whole(path, &len);
    (void)snprintf(path, sizeof path, "%s/trust", dir);
    struct trust *trust = trust_load(path, &counts, message, sizeof message);
    if (trust == NULL) die("%s", message);
    for (int i = 0; i < ROUNDS; i++) {
        const double limit = sm2_rate();
        sample_add(&plain, check_rate(bytes_of(file, len), NULL), limit / 2);
        sample_add(&trusted, check_rate(bytes_of(file, len), trust), limit / 4);
    }
    trust_free(trust);
    free(file);
    remove_tree(dir);
    const struct figure without = {"ofd_checks_without_trust", "files/s", "SM2 verifications of one processor / 2 (seal, document)", false, 0, 0};
    const struct figure with = {"ofd_checks_with_trust", "files/s", "SM2 verifications of one processor / 4 (and two certificates)", false, 0, 0};
    figure_add(&without, &plain);
    figure_add(&with, &trusted);
}
