#include "tools/seal/seal_folder.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>

#include "crypto/seal/ses.h"
#include "tools/cli/file.h"
#include "tools/cli/key.h"

#define PEM_MAX (2u * CA_DER_MAX)

static const struct { enum authority_role role; const char *key, *cert; } files[ROLE_COUNT] = {
    {ROLE_ROOT, "ca/root.pem", "trust/root.pem"},
    {ROLE_SUB, "ca/sub.pem", "trust/sub.pem"},
    {ROLE_MAKER, "maker.pem", "maker.crt"},
    {ROLE_HOLDER, "signer.pem", "signer.crt"},
};

static bool seal_folder_path_of(char out[PATH_MAX], const char *dir, const char *name) {
    int len = snprintf(out, PATH_MAX, "%s/%s", dir, name);
    if (len > 0 && (size_t)len < PATH_MAX) return true;
    return cli_fail(0, SAY("the folder's name is too long", "目录名过长")), false;
}

static bool save_key(const struct signer *key, const char *dir, const char *name) {
    char path[PATH_MAX];
    if (!seal_folder_path_of(path, dir, name)) return false;
    enum keyfile_result result = signer_save(key, path, NULL);
    if (result != KEYFILE_OK) return cli_fail(0, SAY("%s: %s", "%s：%s"), path, cli_keyfile_text(result)), false;
    return true;
}

static bool save_pem(const char *dir, const char *name, const char *label, struct bytes der) {
    char path[PATH_MAX], pem[PEM_MAX];
    size_t len = ca_pem(pem, sizeof pem, label, der);
    ASSERT(len > 0); /* CA_DER_MAX bytes in base64 fit */
    return seal_folder_path_of(path, dir, name) && file_write(path, pem, len);
}

/* A seal that was given to somebody must not lose its key to a second try. */
static bool is_free(const char *dir) {
    static const char *const kept[] = {"signer.pem", "maker.pem", "seal.esl", "ca", "trust"};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        char path[PATH_MAX];
        struct stat info;
        if (!seal_folder_path_of(path, dir, kept[i])) return false;
        if (stat(path, &info) == 0) return cli_fail(0, SAY("%s is there already, and nothing is overwritten: choose another folder",
                                                           "%s 已存在，不会覆盖：请另选目录"), path), false;
        if (errno != ENOENT && errno != ENOTDIR) return cli_fail(0, SAY("%s: %s", "%s：%s"), path, cli_errno_text(errno)), false;
    }
    return true;
}

bool seal_folder_save(const struct authority *authority, const char *dir) {
    static const char *const folders[] = {"", "ca", "trust", "trust/makers"};
    char path[PATH_MAX];
    if (!is_free(dir)) return false;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (!seal_folder_path_of(path, dir, folders[i]) || !folder_make(path)) return false;
    for (size_t i = 0; i < ROLE_COUNT; i++)
        if (!save_key(authority->key[files[i].role], dir, files[i].key) || !save_pem(dir, files[i].cert, "CERTIFICATE", authority_cert(authority, files[i].role)))
            return false;
    return save_pem(dir, "trust/makers/maker.crt", "CERTIFICATE", authority_cert(authority, ROLE_MAKER)) &&
           save_pem(dir, "trust/root.crl", "X509 CRL", bytes_of(authority->root_crl, authority->root_crl_len)) &&
           save_pem(dir, "trust/sub.crl", "X509 CRL", bytes_of(authority->sub_crl, authority->sub_crl_len)) && seal_folder_path_of(path, dir, "seal.esl") &&
           file_write(path, authority->seal, authority->seal_len);
}

static bool load_pem(uint8_t out[CA_DER_MAX], size_t *len, const char *dir, const char *name, const char *label) {
    char path[PATH_MAX];
    size_t pem_len = 0;
    uint8_t *pem = seal_folder_path_of(path, dir, name) ? file_read(path, PEM_MAX, &pem_len) : NULL;
    if (!pem) return false;
    *len = ca_unpem(out, CA_DER_MAX, label, bytes_of(pem, pem_len));
    free(pem);
    if (*len == 0) return cli_fail(0, SAY("%s holds no %s in PEM", "%s 中没有 PEM 格式的 %s"), path, label), false;
    return true;
}

static bool load_cert(uint8_t out[CA_DER_MAX], size_t *len, const char *dir, const char *name) { return load_pem(out, len, dir, name, "CERTIFICATE"); }

static bool is_sm2(const struct signer *key, const char *name) {
    struct pubkey pub;
    signer_pubkey(key, &pub);
    if (pub.alg != KEY_SM2) return cli_fail(0, SAY("%s is a key of %s; seals are signed with SM2",
                                                   "%s 是 %s 密钥；印章须用 SM2 签名"), name, key_alg_name(pub.alg)), false;
    return true;
}

static bool load_key(struct signer **out, const char *dir, const char *name) {
    char path[PATH_MAX];
    if (!seal_folder_path_of(path, dir, name)) return false;
    enum keyfile_result result = signer_load(out, path, NULL);
    if (result != KEYFILE_OK) return cli_fail(0, SAY("%s: %s", "%s：%s"), path, cli_keyfile_text(result)), false;
    return is_sm2(*out, path);
}

static bool load_holder_key(struct signer **out, const char *dir, const struct cli *cli) {
    char path[PATH_MAX];
    struct stat info;
    if (!seal_folder_path_of(path, dir, files[ROLE_HOLDER].key)) return false;
    if (!cli->key || stat(path, &info) == 0 || errno != ENOENT) return load_key(out, dir, files[ROLE_HOLDER].key);
    return cli_signer(out, cli) == EXIT_VALID && is_sm2(*out, cli->key);
}

bool seal_folder_load(struct seal_folder *out, const char *dir, const struct cli *cli, bool with_maker) {
    *out = (struct seal_folder){0};
    char path[PATH_MAX];
    bool ok = load_holder_key(&out->holder_key, dir, cli) && load_cert(out->holder_cert, &out->holder_cert_len, dir, "signer.crt");
    if (with_maker) ok = ok && load_key(&out->maker_key, dir, "maker.pem") && load_cert(out->maker_cert, &out->maker_cert_len, dir, "maker.crt");
    if (ok && seal_folder_path_of(path, dir, "seal.esl")) out->seal = file_read(path, SES_SEAL_MAX, &out->seal_len);
    if (ok && out->seal) return true;
    seal_folder_free(out);
    return false;
}

/* The subordinate CA, and what it issued. */
struct issuer {
    struct signer *key;
    uint8_t cert[CA_DER_MAX], list[CA_DER_MAX], issued[2][CA_DER_MAX];
    size_t cert_len, list_len, issued_len[2];
};
static const enum authority_role issued_roles[2] = {ROLE_MAKER, ROLE_HOLDER};

static uint32_t list_again(const struct issuer *issuer, const char *dir, enum authority_role role, int64_t at_ms, int64_t now_ms) {
    struct ca_revoked revoked[2];
    struct bytes list = bytes_of(issuer->list, issuer->list_len);
    size_t count = 0;
    for (size_t i = 0; i < 2; i++) {
        int64_t since_ms = at_ms;
        struct bytes cert = bytes_of(issuer->issued[i], issuer->issued_len[i]);
        bool listed = ca_listed(&since_ms, list, cert);
        if (listed && issued_roles[i] == role) return (void)cli_fail(0, SAY("that certificate is revoked already", "该证书此前已被撤销")), 0;
        if (listed || issued_roles[i] == role) revoked[count++] = (struct ca_revoked){cert, since_ms};
    }
    uint8_t der[CA_DER_MAX];
    struct seal_signer signer = seal_signer_key(issuer->key);
    uint32_t number = ca_list_number(list) + 1;
    size_t len = ca_revocation_list(der, sizeof der, bytes_of(issuer->cert, issuer->cert_len), &signer, number, now_ms, now_ms + AUTHORITY_LIST_MS, revoked, count);
    if (len == 0) return (void)cli_fail(0, SAY("the list could not be made: do the certificates in %s belong together?",
                                               "无法生成证书撤销列表：%s 中的证书是否属于同一套？"), dir), 0;
    return save_pem(dir, "trust/sub.crl", "X509 CRL", bytes_of(der, len)) ? number : 0;
}

uint32_t seal_folder_revoke(const char *dir, enum authority_role role, int64_t at_ms, int64_t now_ms) {
    struct issuer *issuer = calloc(1, sizeof *issuer);
    if (!issuer) return (void)cli_fail(0, SAY("out of memory", "内存不足")), 0;
    bool ok = load_key(&issuer->key, dir, files[ROLE_SUB].key) && load_cert(issuer->cert, &issuer->cert_len, dir, files[ROLE_SUB].cert) &&
              load_pem(issuer->list, &issuer->list_len, dir, "trust/sub.crl", "X509 CRL");
    for (size_t i = 0; ok && i < 2; i++) ok = load_cert(issuer->issued[i], &issuer->issued_len[i], dir, files[issued_roles[i]].cert);
    uint32_t number = ok ? list_again(issuer, dir, role, at_ms, now_ms) : 0;
    signer_free(issuer->key);
    free(issuer);
    return number;
}

void seal_folder_free(struct seal_folder *folder) {
    signer_free(folder->holder_key);
    signer_free(folder->maker_key);
    free(folder->seal);
    *folder = (struct seal_folder){0};
}
