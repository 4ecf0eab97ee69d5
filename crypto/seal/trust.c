#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/errno_text.h"
#include "crypto/hash.h"
#include "crypto/seal/crl.h"
#include "crypto/seal/x509.h"

#define FILES_MAX 1000u
#define FILE_MAX (1u << 20)
#define CHAIN_DEPTH_MAX 10  /* CA certificates between a leaf and its anchor; real chains have one or two */
#define AUTH_LEVEL 2        /* 112 bits: no SHA-1, no RSA below 2048 in a chain */

#define MAKERS_FOLDER "makers"

struct trust {
    X509_STORE *anchors;
    STACK_OF(X509) *links;
    struct crl_list crls;
    char (*crl_names)[TRUST_NAME_MAX]; /* of the file that each came from */
    uint8_t (*makers)[32]; /* SHA-256 of the DER of each */
    size_t makers_room;
    struct trust_counts counts;
};

/* --- loading --- */

/* What a folder's files are for. */
struct loading {
    struct trust *trust;
    const char *folder;
    const char *file; /* being read */
    bool makers;
    uint8_t *buffer; /* FILE_MAX + 1 */
};

static bool add_maker(struct trust *trust, struct bytes der) {
    X509 *x509 = x509_read(der);
    X509_free(x509);
    if (!x509) return false;
    if (trust->counts.makers == trust->makers_room) {
        size_t room = trust->makers_room ? trust->makers_room * 2 : 16;
        uint8_t(*grown)[32] = realloc(trust->makers, room * sizeof *grown);
        if (!grown) return false;
        trust->makers = grown;
        trust->makers_room = room;
    }
    sha256(trust->makers[trust->counts.makers++], der.data, der.len);
    return true;
}

static bool add_authority(struct trust *trust, struct bytes der) {
    X509 *x509 = x509_read(der);
    if (!x509 || X509_check_ca(x509) <= 0) {
        X509_free(x509);
        return false;
    }
    bool anchor = X509_NAME_cmp(X509_get_subject_name(x509), X509_get_issuer_name(x509)) == 0;
    bool ok = anchor ? X509_STORE_add_cert(trust->anchors, x509) == 1 : sk_X509_push(trust->links, x509) > 0;
    if (ok && anchor) trust->counts.anchors++;
    if (ok && !anchor) trust->counts.cas++;
    if (!ok || anchor) X509_free(x509); /* the store has a reference of its own */
    return ok;
}

static bool add_certificate(const struct loading *loading, struct bytes der) {
    return loading->makers ? add_maker(loading->trust, der) : add_authority(loading->trust, der);
}

static void put_name(char out[TRUST_NAME_MAX], const struct loading *loading) {
    (void)snprintf(out, TRUST_NAME_MAX, "%s%s", loading->makers ? MAKERS_FOLDER "/" : "", loading->file);
}

static bool add_crl(const struct loading *loading, struct bytes der) {
    struct trust *trust = loading->trust;
    char (*names)[TRUST_NAME_MAX] = realloc(trust->crl_names, (trust->crls.count + 1) * sizeof *names);
    if (!names) return false;
    trust->crl_names = names;
    bool ok = !loading->makers && crl_add(&trust->crls, der);
    if (ok) put_name(names[trust->crls.count - 1], loading);
    trust->counts.crls += ok;
    return ok;
}

static void trust_skip(const struct loading *loading) {
    struct trust_counts *counts = &loading->trust->counts;
    if (counts->skipped++ == 0) put_name(counts->first_skipped, loading);
}

static void add_pem(const struct loading *loading, const uint8_t *data, size_t len) {
    BIO *bio = BIO_new_mem_buf(data, (int)len);
    char *name, *header;
    uint8_t *der;
    long der_len;
    bool any = false;
    while (bio && PEM_read_bio(bio, &name, &header, &der, &der_len) == 1) {
        struct bytes block = bytes_of(der, (size_t)der_len);
        bool ok = false;
        if (strcmp(name, PEM_STRING_X509) == 0 || strcmp(name, PEM_STRING_X509_OLD) == 0) ok = add_certificate(loading, block);
        else if (strcmp(name, PEM_STRING_X509_CRL) == 0) ok = add_crl(loading, block);
        if (!ok) trust_skip(loading);
        any = true;
        OPENSSL_free(name);
        OPENSSL_free(header);
        OPENSSL_clear_free(der, (size_t)der_len); /* somebody may have put a private key there */
    }
    if (!any) trust_skip(loading);
    BIO_free(bio);
}

/* Returns the length; 0: not a plain file that can be read, empty or too large. */
static size_t file_read(uint8_t *out, size_t cap, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe by that name must not hold us up */
    struct stat st;
    if (fd < 0) return 0;
    size_t len = 0;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        for (ssize_t n; len < cap && (n = read(fd, out + len, cap - len)) > 0;) len += (size_t)n;
    }
    (void)close(fd);
    return len < cap ? len : 0;
}

static void trust_add_file(const struct loading *loading, const char *name) {
    char path[PATH_MAX];
    int path_len = snprintf(path, sizeof path, "%s/%s", loading->folder, name);
    size_t len = path_len > 0 && (size_t)path_len < sizeof path ? file_read(loading->buffer, FILE_MAX + 1, path) : 0;
    struct bytes content = bytes_of(loading->buffer, len);
    if (len > 0 && memmem(content.data, len, "-----BEGIN ", 11)) add_pem(loading, content.data, len);
    else if (len == 0 || (!add_certificate(loading, content) && !add_crl(loading, content))) trust_skip(loading);
}

static bool has_ending(const char *name) {
    static const char *const endings[] = {".pem", ".crt", ".cer", ".der", ".crl"};
    const size_t len = strlen(name);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (len >= 4 && strcasecmp(name + len - 4, endings[i]) == 0) return true;
    return false;
}

static bool ends(const char *name, const char *end) {
    const size_t len = strlen(name), end_len = strlen(end);
    return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

/* What systems and editors leave behind, with another file's content or name: macOS, NFS, Emacs, Vim. */
static bool is_litter(const char *name) {
    static const char *const begins[] = {"._", ".nfs", ".#"}, *const endings[] = {"~", ".swp", ".swo", ".swx"};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (strncmp(name, begins[i], strlen(begins[i])) == 0) return true;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ends(name, endings[i])) return true;
    return false;
}

/* Hidden ones too: none of them is relied on, and which would be is found out by what it holds. */
static int wanted(const struct dirent *entry) {
    const char *name = entry->d_name;
    if (name[0] != '.') return has_ending(name);
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !is_litter(name);
}

static bool holds_crl(struct bytes der) {
    const unsigned char *at = der.data;
    X509_CRL *crl = d2i_X509_CRL(NULL, &at, (long)der.len);
    X509_CRL_free(crl);
    return crl != NULL;
}

static bool trust_holds_anything(struct bytes content) {
    static const char *const begins[] = {"-----BEGIN CERTIFICATE", "-----BEGIN TRUSTED CERTIFICATE", "-----BEGIN X509"};
    for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
        if (memmem(content.data, content.len, begins[i], strlen(begins[i]))) return true;
    X509 *x509 = content.len > 0 ? x509_read(content) : NULL;
    X509_free(x509);
    return x509 || (content.len > 0 && holds_crl(content));
}

/* A hidden file is not relied on: whoever put a certificate or a list there must hear of it. */
static void look_at_hidden(const struct loading *loading, const char *name) {
    char path[PATH_MAX];
    struct trust_counts *counts = &loading->trust->counts;
    const int path_len = snprintf(path, sizeof path, "%s/%s", loading->folder, name);
    const size_t len = path_len > 0 && (size_t)path_len < sizeof path ? file_read(loading->buffer, FILE_MAX + 1, path) : 0;
    if (!has_ending(name) && !trust_holds_anything(bytes_of(loading->buffer, len))) return;
    if (counts->hidden++ == 0) put_name(counts->first_hidden, loading);
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static struct trust *trust_new(void) {
    struct trust *trust = calloc(1, sizeof *trust);
    if (!trust) return NULL;
    trust->anchors = X509_STORE_new();
    trust->links = sk_X509_new_null();
    if (trust->anchors && trust->links) return trust;
    trust_free(trust);
    return NULL;
}

/* *there: false where there is no such folder. False: a sentence is in message. */
static bool load_folder(struct loading *loading, bool *there, char *message, size_t message_cap) {
    struct dirent **entries = NULL;
    int count = scandir(loading->folder, &entries, wanted, by_name);
    struct stat facts; /* a link that leads nowhere is there: somebody meant it to be used */
    const int why = errno;
    *there = count >= 0 || why != ENOENT || lstat(loading->folder, &facts) == 0;
    errno = why;
    if (count < 0) {
        (void)snprintf(message, message_cap, "%s: %s", loading->folder, errno_en(errno));
        return !*there;
    }
    bool few = (unsigned)count <= FILES_MAX;
    if (!few) (void)snprintf(message, message_cap, "%s: more than %u files with certificates or lists", loading->folder, FILES_MAX);
    for (int i = 0; i < count; i++) {
        loading->file = entries[i]->d_name;
        if (few && loading->file[0] == '.') look_at_hidden(loading, loading->file);
        else if (few) trust_add_file(loading, loading->file);
        free(entries[i]);
    }
    free(entries);
    return few;
}

static bool trust_is_signed(const struct trust *trust, size_t at) {
    STACK_OF(X509) *anchors = X509_STORE_get1_all_certs(trust->anchors);
    bool found = false;
    for (int i = 0; !found && i < sk_X509_num(anchors); i++) found = crl_is_of(&trust->crls, at, sk_X509_value(anchors, i));
    for (int i = 0; !found && i < sk_X509_num(trust->links); i++) found = crl_is_of(&trust->crls, at, sk_X509_value(trust->links, i));
    sk_X509_pop_free(anchors, X509_free);
    return found;
}

static void find_stray(struct trust *trust) {
    for (size_t i = 0; i < trust->crls.count; i++) {
        if (trust_is_signed(trust, i)) continue;
        if (trust->counts.stray_crls++ == 0) memcpy(trust->counts.first_stray, trust->crl_names[i], TRUST_NAME_MAX);
    }
}

static bool load_all(struct loading *loading, const char *folder, char *message, size_t message_cap) {
    char makers[PATH_MAX];
    bool there;
    loading->folder = folder;
    if (!load_folder(loading, &there, message, message_cap) || !there) return false;
    int len = snprintf(makers, sizeof makers, "%s/" MAKERS_FOLDER, folder);
    if (len < 0 || (size_t)len >= sizeof makers) {
        (void)snprintf(message, message_cap, "%s: the name is too long", folder);
        return false;
    }
    loading->folder = makers;
    loading->makers = true;
    return load_folder(loading, &loading->trust->counts.makers_named, message, message_cap);
}

struct trust *trust_load(const char *folder, struct trust_counts *counts, char *message, size_t message_cap) {
    struct loading loading = {.trust = trust_new(), .buffer = malloc(FILE_MAX + 1)};
    (void)snprintf(message, message_cap, "%s: out of memory", folder);
    ERR_set_mark();
    bool ok = loading.trust && loading.buffer && load_all(&loading, folder, message, message_cap);
    if (ok) find_stray(loading.trust);
    ERR_pop_to_mark();
    free(loading.buffer);
    *counts = ok ? loading.trust->counts : (struct trust_counts){0};
    if (ok) return loading.trust;
    trust_free(loading.trust);
    return NULL;
}

void trust_free(struct trust *trust) {
    if (!trust) return;
    X509_STORE_free(trust->anchors);
    sk_X509_pop_free(trust->links, X509_free);
    crl_list_free(&trust->crls);
    free(trust->crl_names);
    free(trust->makers);
    free(trust);
}

/* --- chains --- */

/* The periods are judged by rules of their own: noted here, and the search goes on. OpenSSL still prefers, of CA certificates of the same name and key,
 * the one that was in its period. */
static int on_problem(int ok, X509_STORE_CTX *context) {
    int error = X509_STORE_CTX_get_error(context);
    if (ok || (error != X509_V_ERR_CERT_HAS_EXPIRED && error != X509_V_ERR_CERT_NOT_YET_VALID)) return ok;
    struct chain_result *result = X509_STORE_CTX_get_app_data(context);
    if (X509_STORE_CTX_get_error_depth(context) > 0) {
        if (error == X509_V_ERR_CERT_HAS_EXPIRED) result->cas_too_late = true;
        else result->cas_too_early = true;
    }
    X509_STORE_CTX_set_error(context, X509_V_OK);
    return 1;
}

static enum chain_outcome outcome_of(int error) {
    switch (error) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_UNTRUSTED: return CHAIN_UNTRUSTED;
    default: return CHAIN_BAD;
    }
}

/* Ours before those that came with the signature: of two certificates of the same CA the one that the operator chose. */
static STACK_OF(X509) *links_with(const struct trust *trust, const struct bytes *others, size_t other_count) {
    STACK_OF(X509) *links = X509_chain_up_ref(trust->links);
    for (size_t i = 0; links && i < other_count; i++) {
        X509 *x509 = x509_read(others[i]);
        if (x509 && sk_X509_push(links, x509) <= 0) X509_free(x509);
    }
    return links;
}

static void revocations(struct chain_result *out, const struct trust *trust, const STACK_OF(X509) *chain, int64_t list_ms) {
    int count = sk_X509_num(chain);
    for (int i = 1; i + 1 < count; i++) {
        struct crl_verdict ca;
        crl_look(&ca, &trust->crls, sk_X509_value(chain, i), sk_X509_value(chain, i + 1), list_ms);
        if (ca.revocation != REVOCATION_REVOKED) continue;
        out->outcome = CHAIN_BAD;
        out->why = "a CA certificate is revoked";
        return;
    }
    struct crl_verdict leaf;
    /* A leaf that is an anchor itself is its own issuer. */
    crl_look(&leaf, &trust->crls, sk_X509_value(chain, 0), sk_X509_value(chain, count > 1 ? 1 : 0), list_ms);
    out->revocation = leaf.revocation;
    out->revoked_ms = leaf.revoked_ms;
    out->revoked_reason = leaf.reason;
    out->lists_to_ms = leaf.list_to_ms;
}

static bool trust_listed(const struct trust *trust, X509 *x509) {
    uint8_t *der = NULL, hash[32];
    int len = i2d_X509(x509, &der);
    if (len > 0) sha256(hash, der, (size_t)len);
    OPENSSL_free(der);
    for (size_t i = 0; len > 0 && i < trust->counts.makers; i++)
        if (memcmp(trust->makers[i], hash, 32) == 0) return true;
    return false;
}

/* The certificate itself, or a CA above it that certifies makers only. */
static bool maker_listed(const struct trust *trust, const STACK_OF(X509) *chain) {
    if (!trust->counts.makers_named) return true;
    for (int i = 0; i < sk_X509_num(chain); i++)
        if (trust_listed(trust, sk_X509_value(chain, i))) return true;
    return false;
}

void chain_check(struct chain_result *out, const struct cert *leaf, const struct bytes *others, size_t other_count, const struct trust *trust, int64_t at_ms,
                 int64_t list_ms) {
    *out = (struct chain_result){.outcome = CHAIN_NO_ANCHOR, .why = "", .revocation = REVOCATION_NO_LIST, .revoked_ms = TIME_UNKNOWN,
                                 .revoked_reason = -1, .lists_to_ms = TIME_UNKNOWN};
    if (!trust || trust->counts.anchors == 0) return;
    out->outcome = CHAIN_BAD;
    out->why = "out of memory";
    ERR_set_mark();
    STACK_OF(X509) *links = links_with(trust, others, other_count);
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    if (links && context && X509_STORE_CTX_init(context, trust->anchors, cert_x509(leaf), links) == 1) {
        X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);
        X509_VERIFY_PARAM_set_time(param, (time_t)(at_ms / 1000));
        X509_VERIFY_PARAM_set_depth(param, CHAIN_DEPTH_MAX);
        X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
        X509_STORE_CTX_set_app_data(context, out);
        X509_STORE_CTX_set_verify_cb(context, on_problem);
        bool ok = X509_verify_cert(context) == 1;
        int error = X509_STORE_CTX_get_error(context);
        out->outcome = ok ? CHAIN_TRUSTED : outcome_of(error);
        out->why = ok ? "" : X509_verify_cert_error_string(error);
        if (ok) out->maker = maker_listed(trust, X509_STORE_CTX_get0_chain(context));
        if (ok) revocations(out, trust, X509_STORE_CTX_get0_chain(context), list_ms);
    }
    X509_STORE_CTX_free(context);
    sk_X509_pop_free(links, X509_free);
    ERR_pop_to_mark();
}
