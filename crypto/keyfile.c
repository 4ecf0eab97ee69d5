#include "crypto/keyfile.h"

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <secp256k1.h>
#include <sys/random.h>

#include "crypto/curve.h"
#include "crypto/hash.h"
#include "crypto/private_file.h"
#include "crypto/signer_inside.h"

#define PASSPHRASE_MAX 1024
#define PBKDF2_ROUNDS 600000 /* OWASP 2023 for PBKDF2-HMAC-SHA256; a fraction of a second, once per start */
#define PBKDF2_SALT_LEN 16

struct file_signer {
    struct signer base;
    uint8_t secret[32]; /* ES256K */
    EVP_PKEY *pkey;     /* the other three */
    EVP_MD_CTX *ready;  /* the other three: initialised and never fed; each signature takes a copy, so threads share it */
};

static pthread_once_t secp_once = PTHREAD_ONCE_INIT;
static secp256k1_context *secp; /* blinded at random against timing and power traces; read-only afterwards */

static void secp_make(void) {
    uint8_t seed[32];
    random_bytes(seed, sizeof seed);
    secp = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
    ASSERT(secp);
    ASSERT(secp256k1_context_randomize(secp, seed) == 1);
    bytes_wipe(seed, sizeof seed);
}

static const secp256k1_context *secp_context(void) {
    ASSERT(pthread_once(&secp_once, secp_make) == 0);
    return secp;
}

void random_bytes(uint8_t *out, size_t len) {
    while (len > 0) {
        ssize_t got = getrandom(out, len, 0);
        if (got < 0 && errno == EINTR) continue;
        ASSERT(got > 0);
        out += got;
        len -= (size_t)got;
    }
}

const char *keyfile_result_text(enum keyfile_result result) {
    switch (result) {
    case KEYFILE_OK: return "ok";
    case KEYFILE_ABSENT: return "there is no such key file";
    case KEYFILE_MODE: return "the key file must be a regular file of yours (or root's) that nobody else can read: chmod 600, chown";
    case KEYFILE_PASSPHRASE:
        return "the key is encrypted and the passphrase file is missing or wrong: "
               "put the passphrase on the first line of KEY.pass, mode 600";
    case KEYFILE_FORMAT: return "not a PKCS#8 PEM key of secp256k1, P-256, Ed25519 or SM2, or damaged: restore it from a backup";
    case KEYFILE_EXISTS: return "the file exists already and is not overwritten: choose another name or move it away";
    case KEYFILE_IO: return "the key file cannot be read or written: check the disk, the folder and its rights";
    }
    ASSERT(false); /* not a result */
    return NULL;
}

/* ---- signers ---- */

static bool secp_pubkey(struct pubkey *out, const uint8_t secret[32]) {
    secp256k1_pubkey parsed;
    uint8_t point[65];
    size_t len = sizeof point;
    if (secp256k1_ec_pubkey_create(secp_context(), &parsed, secret) != 1) return false;
    if (secp256k1_ec_pubkey_serialize(secp_context(), point, &len, &parsed, SECP256K1_EC_UNCOMPRESSED) != 1) return false;
    *out = (struct pubkey){.alg = KEY_ES256K};
    memcpy(out->x, point + 1, 32);
    memcpy(out->y, point + 33, 32);
    return true;
}

static bool secret_of(uint8_t secret[32], const EVP_PKEY *pkey) {
    BIGNUM *scalar = NULL;
    bool ok = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &scalar) == 1 && BN_bn2binpad(scalar, secret, 32) == 32;
    BN_clear_free(scalar);
    return ok;
}

/* Public and private half must belong together: signing under a foreign public key can give the private one away. */
static bool halves_match(EVP_PKEY *pkey) {
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
    bool ok = context && EVP_PKEY_check(context) == 1;
    EVP_PKEY_CTX_free(context);
    return ok;
}

static bool file_ready(struct file_signer *signer) {
    const enum key_alg alg = signer->base.pub.alg;
    signer->ready = EVP_MD_CTX_new();
    return signer->ready && curve_sign_start(signer->ready, curve_digest(alg), signer->pkey, curve_sm2_id(alg));
}

static void file_end(struct signer *base) {
    struct file_signer *signer = (struct file_signer *)base;
    EVP_MD_CTX_free(signer->ready);
    EVP_PKEY_free(signer->pkey); /* clears its scalar */
    bytes_wipe(signer, sizeof *signer);
    free(signer);
}

static const char *file_why(const struct signer *base) {
    (void)base;
    return "the crypto library could not sign: check the key and this machine's memory";
}

static bool secp_sign(const struct file_signer *signer, uint8_t sig64[SIG_LEN], const struct bytes *parts, size_t count) {
    uint8_t digest[32];
    secp256k1_ecdsa_signature sig;
    sha256_parts(digest, parts, count);
    /* The default nonce function is RFC 6979; the library gives low S. */
    if (secp256k1_ecdsa_sign(secp_context(), &sig, digest, signer->secret, NULL, NULL) != 1) return false;
    return secp256k1_ecdsa_signature_serialize_compact(secp_context(), sig64, &sig) == 1;
}

static bool ecdsa_sign(EVP_MD_CTX *context, uint8_t sig64[SIG_LEN], const struct bytes *parts, size_t count) {
    uint8_t der[2 * SIG_DER_MAX];
    size_t len = sizeof der;
    for (size_t i = 0; i < count; i++)
        if (parts[i].len > 0 && EVP_DigestSignUpdate(context, parts[i].data, parts[i].len) != 1) return false;
    return EVP_DigestSignFinal(context, der, &len) == 1 && curve_sig_from_der(sig64, der, len);
}

static bool ed25519_sign(EVP_MD_CTX *context, uint8_t sig64[SIG_LEN], const struct bytes *parts, size_t count) {
    struct bytes message;
    uint8_t *joined;
    size_t len = SIG_LEN;
    if (!message_join(&message, &joined, parts, count)) return false;
    bool ok = EVP_DigestSign(context, sig64, &len, message.data, message.len) == 1 && len == SIG_LEN;
    free(joined);
    return ok;
}

static bool file_sign(const struct signer *base, uint8_t sig64[SIG_LEN], const struct bytes *parts, size_t count) {
    const struct file_signer *signer = (const struct file_signer *)base;
    enum key_alg alg = base->pub.alg;
    if (alg == KEY_ES256K) return secp_sign(signer, sig64, parts, count);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context) return false;
    ERR_set_mark();
    bool ok = EVP_MD_CTX_copy_ex(context, signer->ready) == 1 &&
              (alg == KEY_EDDSA ? ed25519_sign(context, sig64, parts, count) : ecdsa_sign(context, sig64, parts, count));
    ERR_pop_to_mark();
    EVP_MD_CTX_free(context);
    if (ok && alg == KEY_ES256) curve_sig_low_s(alg, sig64);
    return ok;
}

static const struct signer_back file_back = {.sign = file_sign, .why = file_why, .end = file_end};

/* Takes the key over, also when it fails. */
static struct signer *signer_of(EVP_PKEY *pkey) {
    struct file_signer *signer = calloc(1, sizeof *signer);
    if (!signer || !curve_pubkey_of(&signer->base.pub, pkey)) {
        EVP_PKEY_free(pkey);
        free(signer);
        return NULL;
    }
    signer->base.back = &file_back;
    signer->pkey = pkey;
    bool ok = false;
    ERR_set_mark();
    if (signer->base.pub.alg == KEY_ES256K) {
        struct pubkey derived;
        ok = secret_of(signer->secret, pkey) && secp_pubkey(&derived, signer->secret) &&
             memcmp(derived.x, signer->base.pub.x, 32) == 0 && memcmp(derived.y, signer->base.pub.y, 32) == 0;
        EVP_PKEY_free(pkey);
        signer->pkey = NULL;
    } else {
        ok = halves_match(pkey) && file_ready(signer);
    }
    ERR_pop_to_mark();
    if (ok) return &signer->base;
    signer_free(&signer->base);
    return NULL;
}

struct signer *signer_generate(enum key_alg alg) {
    ERR_set_mark();
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, curve_keytype(alg), NULL);
    const char *group = curve_group(alg);
    bool ok = context && EVP_PKEY_keygen_init(context) == 1 && (!group || EVP_PKEY_CTX_set_group_name(context, group) == 1) &&
              EVP_PKEY_generate(context, &pkey) == 1;
    EVP_PKEY_CTX_free(context);
    ERR_pop_to_mark();
    struct signer *signer = ok ? signer_of(pkey) : NULL;
    ASSERT(!signer || signer->pub.alg == alg);
    return signer;
}

/* ---- files ---- */

struct passphrase {
    char text[PASSPHRASE_MAX];
    size_t len;
};

static bool passphrase_read(struct passphrase *out, const char *path) {
    size_t len;
    if (private_file_read((uint8_t *)out->text, sizeof out->text, &len, path) != KEYFILE_OK) return false;
    size_t line = 0;
    while (line < len && out->text[line] != '\n' && out->text[line] != '\r') line++;
    out->len = line;
    return line > 0; /* an empty passphrase protects nothing */
}

/* ES256K signers hold the bare scalar; the file wants an OpenSSL key. */
static EVP_PKEY *secp_pkey(const struct file_signer *signer) {
    uint8_t point[65] = {0x04};
    memcpy(point + 1, signer->base.pub.x, 32);
    memcpy(point + 33, signer->base.pub.y, 32);
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM *params = NULL;
    BIGNUM *scalar = BN_secure_new();
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    if (scalar && build && context && BN_bin2bn(signer->secret, 32, scalar) &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curve_group(KEY_ES256K), 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, scalar) == 1)
        params = OSSL_PARAM_BLD_to_param(build);
    if (params && EVP_PKEY_fromdata_init(context) == 1 &&
        EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_KEYPAIR, params) != 1)
        pkey = NULL;
    for (OSSL_PARAM *p = params; p && p->key; p++) bytes_wipe(p->data, p->data_size);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(context);
    BN_clear_free(scalar);
    return pkey;
}

/* Where `pass` is NULL, in clear. */
static bool pem_write(BIO *out, EVP_PKEY *pkey, const struct passphrase *pass) {
    PKCS8_PRIV_KEY_INFO *clear = EVP_PKEY2PKCS8(pkey);
    bool ok = clear != NULL;
    if (ok && pass) {
        X509_SIG *hidden = PKCS8_encrypt(-1, EVP_aes_256_cbc(), pass->text, (int)pass->len, NULL, PBKDF2_SALT_LEN,
                                         PBKDF2_ROUNDS, clear);
        ok = hidden && PEM_write_bio_PKCS8(out, hidden) == 1;
        X509_SIG_free(hidden);
    } else if (ok) {
        ok = PEM_write_bio_PKCS8_PRIV_KEY_INFO(out, clear) == 1;
    }
    PKCS8_PRIV_KEY_INFO_free(clear); /* clears the key in it */
    return ok;
}

enum keyfile_result signer_save(const struct signer *base, const char *path, const char *passphrase_path) {
    ASSERT(base->back == &file_back); /* a token's key cannot leave it */
    const struct file_signer *signer = (const struct file_signer *)base;
    struct passphrase pass;
    if (passphrase_path && !passphrase_read(&pass, passphrase_path)) return KEYFILE_PASSPHRASE;

    ERR_set_mark();
    enum keyfile_result result = KEYFILE_IO;
    EVP_PKEY *made = signer->pkey ? NULL : secp_pkey(signer);
    EVP_PKEY *pkey = signer->pkey ? signer->pkey : made;
    BIO *out = BIO_new(BIO_s_secmem()); /* clears what it held */
    if (pkey && out && pem_write(out, pkey, passphrase_path ? &pass : NULL)) {
        char *pem;
        long len = BIO_get_mem_data(out, &pem);
        if (len > 0) result = private_file_write(path, pem, (size_t)len);
    }
    BIO_free(out);
    EVP_PKEY_free(made);
    if (passphrase_path) bytes_wipe(&pass, sizeof pass);
    ERR_pop_to_mark();
    return result;
}

/* PBES2 only: the older schemes need OpenSSL's legacy provider and protect little. */
static enum keyfile_result unhide(PKCS8_PRIV_KEY_INFO **clear, const uint8_t *der, size_t len, const char *passphrase_path) {
    const uint8_t *p = der;
    const X509_ALGOR *scheme = NULL;
    const ASN1_OBJECT *oid = NULL;
    const ASN1_OCTET_STRING *cipher_text = NULL;
    X509_SIG *hidden = d2i_X509_SIG(NULL, &p, (long)len);
    if (hidden) {
        X509_SIG_get0(hidden, &scheme, &cipher_text);
        X509_ALGOR_get0(&oid, NULL, NULL, scheme);
    }
    enum keyfile_result result = KEYFILE_FORMAT;
    if (hidden && p == der + len && OBJ_obj2nid(oid) == NID_pbes2) {
        struct passphrase pass;
        if (passphrase_read(&pass, passphrase_path)) *clear = PKCS8_decrypt(hidden, pass.text, (int)pass.len);
        result = *clear ? KEYFILE_OK : KEYFILE_PASSPHRASE;
        bytes_wipe(&pass, sizeof pass);
    }
    X509_SIG_free(hidden);
    return result;
}

static enum keyfile_result pem_read(EVP_PKEY **out, BIO *in, const char *passphrase_path) {
    char *name = NULL, *header = NULL;
    unsigned char *der = NULL;
    long len = 0;
    if (PEM_read_bio(in, &name, &header, &der, &len) != 1) return KEYFILE_FORMAT;

    PKCS8_PRIV_KEY_INFO *clear = NULL;
    enum keyfile_result result = KEYFILE_FORMAT;
    if (strcmp(name, PEM_STRING_PKCS8) == 0) {
        result = unhide(&clear, der, (size_t)len, passphrase_path);
    } else if (strcmp(name, PEM_STRING_PKCS8INF) == 0) {
        const uint8_t *p = der;
        clear = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, len);
        if (clear && p == der + len) result = KEYFILE_OK;
    }
    if (result == KEYFILE_OK) {
        *out = EVP_PKCS82PKEY(clear);
        if (!*out) result = KEYFILE_FORMAT;
    }
    PKCS8_PRIV_KEY_INFO_free(clear);
    OPENSSL_clear_free(der, (size_t)len);
    OPENSSL_free(name);
    OPENSSL_free(header);
    return result;
}

enum keyfile_result signer_load(struct signer **out, const char *path, const char *passphrase_path) {
    *out = NULL;
    char *beside = NULL;
    if (!passphrase_path && asprintf(&beside, "%s.pass", path) < 0) return KEYFILE_IO;

    uint8_t pem[PRIVATE_FILE_MAX];
    size_t len;
    enum keyfile_result result = private_file_read(pem, sizeof pem, &len, path);
    if (result == KEYFILE_OK) {
        EVP_PKEY *pkey = NULL;
        ERR_set_mark();
        BIO *in = BIO_new_mem_buf(pem, (int)len);
        result = in ? pem_read(&pkey, in, passphrase_path ? passphrase_path : beside) : KEYFILE_IO;
        BIO_free(in);
        ERR_pop_to_mark();
        if (result == KEYFILE_OK) *out = signer_of(pkey);
        if (result == KEYFILE_OK && !*out) result = KEYFILE_FORMAT;
        bytes_wipe(pem, sizeof pem);
    }
    free(beside);
    return result;
}

/* ---- look-up secrets ---- */

enum keyfile_result secret_load(uint8_t out32[32], const char *path) {
    uint8_t text[66];
    size_t len;
    enum keyfile_result result = private_file_read(text, sizeof text, &len, path);
    if (result != KEYFILE_OK) return result;
    if (len == 66 && text[64] == '\r' && text[65] == '\n') len = 64;
    if (len == 65 && text[64] == '\n') len = 64;
    if (!hex_decode(out32, 32, (const char *)text, len)) {
        bytes_wipe(out32, 32);
        result = KEYFILE_FORMAT;
    }
    bytes_wipe(text, sizeof text);
    return result;
}

enum keyfile_result secret_save_random(const char *path) {
    uint8_t secret[32];
    char text[66];
    random_bytes(secret, sizeof secret);
    hex_encode(text, secret, sizeof secret);
    text[64] = '\n';
    enum keyfile_result result = private_file_write(path, text, 65);
    bytes_wipe(secret, sizeof secret);
    bytes_wipe(text, sizeof text);
    return result;
}
