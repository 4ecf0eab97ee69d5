#include "tools/cli/key.h"

#include <libgen.h>
#include <limits.h>
#include <unistd.h>

#include "tools/cli/finding_words.h"

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

