#include <limits.h>

#include "crypto/token.h"
#include "tools/cli/finding_words.h"
#include "tools/setup/commands.h"

static const struct option_spec specs[] = {
    {"alg", OPTION_TEXT, "ES256K (usual), ES256, EdDSA or SM2", "ES256K（默认）、ES256、EdDSA 或 SM2"},
    {"passphrase", OPTION_FILE, "a file of mode 0600 whose first line encrypts the key; read again from KEY.pass, or from here", "权限 0600 的口令文件，用其首行加密密钥；使用时从 KEY.pass 或此文件读取"},
};

static void key_show(const struct signer *signer, const char *path, const struct cli *cli) {
    struct pubkey pub;
    uint8_t thumb[32];
    char kid[65], x[65], y[65];
    signer_pubkey(signer, &pub);
    pubkey_thumbprint(thumb, &pub);
    hex_encode(kid, thumb, 32);
    hex_encode(x, pub.x, 32);
    hex_encode(y, pub.y, 32);
    bool has_y = pub.alg != KEY_EDDSA;
    if (cli->json) {
        json_t *json = json_pack("{s:o, s:s, s:s, s:s}", "file", cli_json_text(path), "alg", key_alg_name(pub.alg), "kid", kid, "x", x);
        if (has_y) json_object_set_new(json, "y", json_string(y));
        cli_print_json(json);
        return;
    }
    printf(SAY("alg: %s\nkid: %s\nx: %s\n", "算法: %s\n密钥标识: %s\nx: %s\n"), key_alg_name(pub.alg), kid, x);
    if (has_y) printf("y: %s\n", y);
}

int cmd_key(struct cli *cli) {
    static struct options options;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    const char *what = options.positional_count ? options.positional[0] : "", *path = options.positional_count > 1 ? options.positional[1] : cli->key;
    const char *passphrase = option_get(&options, "passphrase"), *name = option_get(&options, "alg");
    struct signer *signer = NULL;
    char shown[PATH_MAX];
    if ((strcmp(what, "new") != 0 && strcmp(what, "show") != 0) || options.positional_count > 2 || !path)
        return cli_fail(EXIT_USAGE, SAY("licet key new FILE makes a key; licet key show FILE|pkcs11:... shows the public half of one",
                                        "licet key new 文件：生成密钥；licet key show 文件|pkcs11:...：显示公钥"));
    enum keyfile_result result = KEYFILE_OK;
    const char *why = "";
    if (what[0] == 'n') {
        enum key_alg alg = KEY_ES256K;
        if (options.positional_count != 2) return cli_fail(EXIT_USAGE, SAY("name the file to make: licet key new FILE",
                                                                           "请指明要生成的文件：licet key new 文件"));
        if (key_in_token(path)) return cli_fail(EXIT_USAGE, SAY("a key in a token is made by the tool of the token's maker; `licet key show pkcs11:...` shows its public half",
                                                                "密码设备中的密钥由设备厂商的工具生成；可用 `licet key show pkcs11:...` 显示其公钥"));
        if (name && !key_alg_from_name(&alg, name)) return cli_fail(EXIT_USAGE, SAY("--alg %s: must be ES256K, ES256, EdDSA or SM2",
                                                                                    "--alg %s：应为 ES256K、ES256、EdDSA 或 SM2"), name);
        signer = signer_generate(alg);
        if (!signer) return cli_fail(EXIT_ERROR, SAY("the crypto library could not make a key of %s", "密码库无法生成 %s 密钥"), key_alg_name(alg));
        result = signer_save(signer, path, passphrase);
        why = keyfile_result_text(result);
    } else if (key_in_token(path)) {
        signer = signer_open(path, getenv("LICET_PKCS11_MODULE"), &why);
    } else {
        result = signer_load(&signer, path, passphrase);
        why = keyfile_result_text(result);
    }
    bool ok = signer && result == KEYFILE_OK;
    key_where_shown(shown, sizeof shown, path);
    if (ok) key_show(signer, shown, cli);
    signer_free(signer);
    return ok ? EXIT_VALID : cli_fail(EXIT_ERROR, SAY("%s: %s", "%s：%s"), shown, finding_said(why));
}
