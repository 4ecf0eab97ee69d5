/* What the tests of seals share: samples read where they are found (never a part of this project), mutation of valid bytes, and signatures judged by
 * OpenSSL, which shares nothing with our readers. */
#ifndef LICET_TESTS_LIB_SEAL_H
#define LICET_TESTS_LIB_SEAL_H
#include "tests/lib/seal_law.h"
#include "tests/lib/wire.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <zip.h>

#define SM2_ID "1234567812345678"

struct sample {
    uint8_t *data;
    size_t len;
};
static inline struct bytes sample_bytes(const struct sample *s) { return bytes_of(s->data, s->len); }
static inline void sample_free(struct sample *s) { free(s->data); }

static inline void sample_path(char *path, size_t cap, const char *name) {
    const char *shared = getenv("LICET_SHARED");
    snprintf(path, cap, "%s/samples/%s", shared ? shared : "../shared", name);
}

/* Skips the test where there are no samples at all; one of them missing is a failure. */
static inline void samples_or_skip(void) {
    char path[4096];
    sample_path(path, sizeof path, "README.md");
    FILE *f = fopen(path, "r");
    if (f) {
        fclose(f);
        return;
    }
    print_message("skip: no samples; set LICET_SHARED to the folder that holds samples/\n");
    skip();
}

static inline struct sample sample_load(const char *name) {
    char path[4096];
    sample_path(path, sizeof path, name);
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("%s: not there", path);
    struct sample s = {malloc(1 << 20), 0};
    assert_non_null(s.data);
    s.len = fread(s.data, 1, 1 << 20, f);
    fclose(f);
    assert_true(s.len > 0 && s.len < 1 << 20);
    return s;
}

static inline struct sample sample_unzip(const char *package, const char *entry) {
    char path[4096];
    zip_stat_t stat;
    sample_path(path, sizeof path, package);
    zip_t *zip = zip_open(path, ZIP_RDONLY, NULL);
    if (!zip || zip_stat(zip, entry, 0, &stat) != 0) fail_msg("%s: %s is not there", path, entry);
    struct sample s = {malloc(stat.size), stat.size};
    zip_file_t *file = zip_fopen(zip, entry, 0);
    assert_non_null(file);
    assert_int_equal(zip_fread(file, s.data, s.len), s.len);
    zip_fclose(file);
    zip_discard(zip);
    return s;
}

/* The DER of r|s where the signature is its raw 64 bytes, else the signature. Returns the length. */
static inline int signature_der(uint8_t out[80], struct bytes signature) {
    if (signature.len != 64) {
        assert_true(signature.len <= 80);
        memcpy(out, signature.data, signature.len);
        return (int)signature.len;
    }
    ECDSA_SIG *sig = ECDSA_SIG_new();
    uint8_t *p = out;
    assert_int_equal(ECDSA_SIG_set0(sig, BN_bin2bn(signature.data, 32, NULL), BN_bin2bn(signature.data + 32, 32, NULL)), 1);
    const int len = i2d_ECDSA_SIG(sig, &p);
    ECDSA_SIG_free(sig);
    return len;
}

/* SM2 over SM3 with the standard's id. */
static inline bool sm2_verifies(struct bytes cert, const struct bytes *parts, size_t count, struct bytes signature) {
    const uint8_t *p = cert.data;
    uint8_t der[80];
    const int der_len = signature_der(der, signature);
    X509 *x509 = d2i_X509(NULL, &p, (long)cert.len);
    assert_non_null(x509);
    EVP_PKEY *key = X509_get_pubkey(x509);
    assert_non_null(key);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pkey = EVP_PKEY_CTX_new(key, NULL);
    assert_int_equal(EVP_PKEY_CTX_set1_id(pkey, SM2_ID, sizeof SM2_ID - 1), 1);
    EVP_MD_CTX_set_pkey_ctx(context, pkey);
    assert_int_equal(EVP_DigestVerifyInit(context, NULL, EVP_sm3(), NULL, key), 1);
    for (size_t i = 0; i < count; i++) assert_int_equal(EVP_DigestVerifyUpdate(context, parts[i].data, parts[i].len), 1);
    const bool good = EVP_DigestVerifyFinal(context, der, (size_t)der_len) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_CTX_free(pkey);
    EVP_PKEY_free(key);
    X509_free(x509);
    return good;
}

static inline void sm3_of(uint8_t out[32], struct bytes of) {
    unsigned len = 32;
    assert_int_equal(EVP_Digest(of.data, of.len, out, &len, EVP_sm3(), NULL), 1);
}

#define assert_view(view, text) assert_true(bytes_equal(view, bytes_text(text)))
#define assert_view_vector(view, name)                          \
    do {                                                        \
        const struct vector want_ = vector_load("seal", name);  \
        assert_true(bytes_equal(view, vector_bytes(&want_)));   \
    } while (0)

/* A law over every cut (which none may take), and over every byte with each other value. Each time the bytes are a heap block of exactly
 * their size, so that a read beyond them is seen. Returns how many of the changed were taken. */
static inline unsigned damage_all(bool (*reads)(struct bytes), struct bytes in) {
    unsigned taken = 0;
    for (size_t len = 0; len < in.len; len++) {
        uint8_t *cut = malloc(len + !len);
        memcpy(cut, in.data, len);
        if (reads(bytes_of(cut, len))) fail_msg("taken though cut at %zu of %zu", len, in.len);
        free(cut);
    }
    uint8_t *copy = malloc(in.len);
    memcpy(copy, in.data, in.len);
    for (size_t at = 0; at < in.len; at++) {
        const uint8_t was = copy[at];
        for (unsigned change = 1; change < 256; change++) {
            copy[at] = (uint8_t)(was ^ change);
            taken += reads(bytes_of(copy, in.len));
        }
        copy[at] = was;
    }
    assert_true(reads(bytes_of(copy, in.len)));
    free(copy);
    return taken;
}

/* Writes the elements of `in` again, with one more element (an empty [9], which no format here has) at the end of the constructed element number `target`,
 * counted in the order met; OCTET and BIT STRINGs are not looked into. Returns how many constructed elements were met. */
static inline unsigned swell(struct der_out *out, struct bytes in, unsigned target, unsigned met) {
    struct der der = der_over(in);
    struct bytes content;
    uint8_t tag = 0;
    while (der_peek(&der) != 0) {
        assert_true(der_any(&der, &tag, &content, NULL));
        if (!(tag & 0x20)) {
            der_put(out, tag, content);
            continue;
        }
        const unsigned mine = met++;
        const size_t mark = der_begin(out, tag);
        met = swell(out, content, target, met);
        if (mine == target) der_put(out, 0xA9, bytes_of("", 0));
        der_end(out, mark);
    }
    assert_true(der_done(&der));
    return met;
}

/* Bytes left over at any level refuse the whole. */
static inline void swell_all(bool (*reads)(struct bytes), struct bytes in) {
    static uint8_t buffer[LAW_BYTES_MAX];
    unsigned all = 1;
    for (unsigned target = 0; target < all; target++) {
        struct der_out out = der_write(buffer, sizeof buffer);
        all = swell(&out, in, target, 0);
        assert_false(out.full);
        if (reads(bytes_of(buffer, out.len))) fail_msg("constructed element %u of %u: one element more is taken", target, all);
    }
    struct der_out out = der_write(buffer, sizeof buffer);
    swell(&out, in, all, 0);
    assert_true(bytes_equal(bytes_of(buffer, out.len), in)); /* else all this tested nothing */
    assert_true(all > 3);
    der_put_raw(&out, bytes_of("", 1));
    assert_false(reads(bytes_of(buffer, out.len)));
}
#endif
