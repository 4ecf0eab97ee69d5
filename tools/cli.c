#include "tools/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "crypto/private_file.h"
#include "ledger/wire/ident.h"
#include "tools/finding_words.h"
#include "tools/input_file.h"
#include "tools/progress.h"

#define CHUNK 65536u

const char *cli_key_shown(char out[CLI_KEY_SHOWN], const struct cli *cli) {
    key_where_shown(out, CLI_KEY_SHOWN, cli->key ? cli->key : "");
    return out;
}

/* DIR/node/X.pem of a ledger's folder DIR: what a node seals blocks with is no key of a department. */
static bool is_of_node(char home[PATH_MAX], const char *key) {
    char path[PATH_MAX], keys[PATH_MAX];
    if (key_in_token(key) || !realpath(key, path)) return false;
    const char *folder = dirname(path);
    const size_t len = strlen(folder);
    if (len < 6 || len + sizeof "/keys" > sizeof keys || strcmp(folder + len - 5, "/node") != 0) return false;
    (void)snprintf(home, PATH_MAX, "%.*s", (int)(len - 5), folder);
    (void)snprintf(keys, sizeof keys, "%.*s/keys", (int)(len - 5), folder);
    return access(keys, F_OK) == 0;
}

int cli_signer(struct signer **out, const struct cli *cli) {
    char shown[CLI_KEY_SHOWN], said[FINDING_SHOWN];
    const char *why;
    *out = NULL;
    if (!cli->key)
        return cli_fail(EXIT_USAGE, SAY("this needs a key to sign with: name it with --key FILE or $LICET_KEY (`licet init DIR` makes DIR/keys/issue.pem)",
                                        "需要签名密钥：请用 --key 文件 或环境变量 $LICET_KEY 指明（`licet init 目录` 会生成 目录/keys/issue.pem）"));
    char home[PATH_MAX];
    if (is_of_node(home, cli->key))
        return cli_fail(EXIT_USAGE, SAY("--key %s: is the node's own key, which seals blocks and signs no statement: use the department's, %s/keys/%s.pem",
                                        "--key %s：是节点自己的密钥，只用于区块，不用于声明：请用部门的密钥 %s/keys/%s.pem"), cli->key, home,
                        strncmp(cli->argv[0], "seal", 4) == 0 ? "seal" : "issue");
    if (key_in_token(cli->key) && !cli->home)
        return cli_fail(EXIT_USAGE, SAY("%s: a key in a token has no folder beside it: name the ledger's with --home DIR or $LICET_HOME (DIR/keys/lookup, "
                        "DIR/private and DIR/genesis.cbor are used)",
                                        "%s：密码设备中的密钥旁边没有目录，请用 --home 目录 或 $LICET_HOME 指明账本目录（使用其中的 keys/lookup、private 和 genesis.cbor）"), cli_key_shown(shown, cli));
    char keys[PATH_MAX];
    if (cli->home && (!cli_key_dir(keys, sizeof keys, cli) || access(keys, F_OK) != 0))
        return cli_fail(EXIT_USAGE, SAY("--home %s: there is no `keys` in it: it must be a ledger's folder, as `licet init` makes it",
                                        "--home %s：其中没有 keys，应为 `licet init` 建立的账本目录"), cli->home);
    *out = signer_open(cli->key, getenv("LICET_PKCS11_MODULE"), &why);
    return *out ? EXIT_VALID : cli_fail(EXIT_ERROR, SAY("%s: %s", "%s：%s"), cli_key_shown(shown, cli), finding_text(said, why));
}

bool cli_key_dir(char *out, size_t cap, const struct cli *cli) {
    int len;
    if (cli->home) {
        len = snprintf(out, cap, "%s/keys", cli->home);
        return len > 0 && (size_t)len < cap;
    }
    if (!cli->key || key_in_token(cli->key)) return false;
    char copy[PATH_MAX];
    len = snprintf(copy, sizeof copy, "%s", cli->key);
    if (len <= 0 || (size_t)len >= sizeof copy) return false;
    len = snprintf(out, cap, "%s", dirname(copy));
    return len > 0 && (size_t)len < cap;
}

uint8_t *file_read(const char *path, size_t max, size_t *len) {
    const int fd = input_open(path);
    if (fd < 0) return NULL;
    uint8_t *data = NULL;
    size_t cap = 0, used = 0;
    for (;;) {
        if (used == cap) {
            cap = cap ? cap * 2 : CHUNK;
            uint8_t *more = realloc(data, cap);
            if (!more) break;
            data = more;
        }
        ssize_t got = input_read(fd, data + used, cap - used);
        if (got < 0) input_failed(path, errno);
        if (got < 0) break;
        used += (size_t)got;
        if (used > max) (void)cli_fail(0, SAY("%s is larger than the %zu bytes allowed: it is not the kind of file this expects",
                                              "%s 超过允许的 %zu 字节，不是此处所需的文件"), path, max);
        if (used > max) break;
        if (got == 0) {
            input_close(fd);
            *len = used;
            return data;
        }
    }
    input_close(fd);
    free(data);
    return NULL;
}

uint8_t *option_file_read(const char *by, const char *path, size_t max, size_t *len, int *exit_code) {
    struct stat st;
    *exit_code = EXIT_TRUST_OPTION;
    if (!path[0]) return cli_fail(EXIT_TRUST_OPTION, SAY("%s is empty: it takes the name of a file", "%s 为空：应为文件名"), by), NULL;
    const bool input = strcmp(path, "-") == 0;
    if (!input && (stat(path, &st) != 0 || (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))))
        return cli_fail(EXIT_TRUST_OPTION, SAY("%s %s: is no file that can be read", "%s %s：不是可读取的文件"), by, path), NULL;
    if (!input && access(path, R_OK) != 0) return cli_fail(EXIT_TRUST_OPTION, SAY("%s %s: this user may not read it", "%s %s：当前用户无权读取"), by, path), NULL;
    uint8_t *data = file_read(path, max, len);
    if (data && *len > 0) return *exit_code = EXIT_VALID, data;
    if (data) (void)cli_fail(EXIT_TRUST_OPTION, SAY("%s %s: the file is empty, and an empty one stands for nothing: name the right one", "%s %s：文件为空，不能作为依据：请给出正确的文件"), by, path);
    else (void)cli_fail(EXIT_TRUST_OPTION, SAY("%s %s: cannot be used", "%s %s：无法使用"), by, path);
    free(data);
    return NULL;
}

bool file_digest(const char *path, uint8_t sha256_32[32], uint8_t *sm3_32) {
    const int fd = input_open(path);
    if (fd < 0) return false;
    struct hash_stream sha = {NULL}, sm = {NULL};
    bool ok = hash_stream_start(&sha, HASH_SHA256) && (!sm3_32 || hash_stream_start(&sm, HASH_SM3));
    if (!ok) (void)cli_fail(0, SAY("%s: the hash cannot be started: out of memory", "%s：无法计算杂凑值：内存不足"), path);
    uint8_t *chunk = ok ? malloc(CHUNK) : NULL;
    ssize_t got = -1;
    struct stat facts;
    const uint64_t size = fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) ? (uint64_t)facts.st_size : 0;
    uint64_t done = 0;
    while (chunk && (got = input_read(fd, chunk, CHUNK)) > 0) {
        hash_stream_add(&sha, chunk, (size_t)got);
        if (sm3_32) hash_stream_add(&sm, chunk, (size_t)got);
        progress_reading(done += (uint64_t)got, size);
    }
    progress_end();
    if (chunk && got < 0) input_failed(path, errno);
    input_close(fd);
    free(chunk);
    if (got != 0) {
        hash_stream_drop(&sha);
        if (sm.context) hash_stream_drop(&sm);
        return false;
    }
    hash_stream_final(&sha, sha256_32);
    if (sm3_32) hash_stream_final(&sm, sm3_32);
    return true;
}

static bool write_all(int fd, const uint8_t *data, size_t len) {
    while (len > 0) {
        ssize_t put = write(fd, data, len);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        data += put;
        len -= (size_t)put;
    }
    return true;
}

/* Whole under another name first, so that a cut write never leaves half a file under the right one. */
bool file_write(const char *path, const void *data, size_t len) {
    char temporary[PATH_MAX];
    int name = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (name < 0 || (size_t)name >= sizeof temporary) return cli_fail(0, SAY("%s: the name is too long", "%s：名称过长"), path), false;
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) return cli_fail(0, SAY("%s cannot be written: %s", "%s 无法写入：%s"), path, cli_errno_text(errno)), false;
    mode_t mask = umask(0);
    (void)umask(mask);
    bool ok = fchmod(fd, 0666 & ~mask) == 0 && write_all(fd, data, len) && fsync(fd) == 0;
    int why = errno;
    if (close(fd) != 0 && ok) ok = false, why = errno;
    if (ok && rename(temporary, path) != 0) ok = false, why = errno;
    if (ok && file_name_sync(path)) return true;
    if (ok) why = errno;
    (void)unlink(temporary);
    return cli_fail(0, SAY("%s cannot be written: %s", "%s 无法写入：%s"), path, cli_errno_text(why)), false;
}

bool folder_make(const char *path) {
    if ((mkdir(path, 0700) == 0 || errno == EEXIST) && file_name_sync(path)) return true;
    return cli_fail(0, SAY("%s cannot be made: %s", "%s 无法创建：%s"), path, cli_errno_text(errno)), false;
}

bool day_parse(int32_t *day, const char *text) {
    char dashed[11];
    if (strlen(text) == 8 && strspn(text, "0123456789") == 8) {
        (void)snprintf(dashed, sizeof dashed, "%.4s-%.2s-%.2s", text, text + 4, text + 6);
        text = dashed;
    }
    return day_from_text(day, bytes_text(text));
}
