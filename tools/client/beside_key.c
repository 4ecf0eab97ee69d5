#include "tools/client/beside_key.h"

#include <unistd.h>

#include "tools/cli/key.h"

static bool secret_path(char out[PATH_MAX], const struct cli *cli, struct bytes type_code) {
    char dir[PATH_MAX];
    if (!cli_key_dir(dir, sizeof dir, cli)) return false;
    int len = snprintf(out, PATH_MAX, "%s/lookup/%.*s.key", dir, (int)type_code.len, (const char *)type_code.data);
    return len > 0 && len < PATH_MAX;
}

bool ledger_holds_secret(const struct cli *cli, struct bytes type_code) {
    char path[PATH_MAX];
    return secret_path(path, cli, type_code) && access(path, R_OK) == 0;
}

int ledger_secret(uint8_t out32[32], const struct cli *cli, const char *type_code) {
    char path[PATH_MAX];
    if (!secret_path(path, cli, bytes_text(type_code)))
        return cli_fail(EXIT_USAGE, SAY("licences of type %s are looked up with a secret: name a key with --key FILE, the secret lies in `lookup` beside it, "
                        "or the ledger's folder with --home DIR",
                                        "查询类型 %s 的证照需要查询密钥：请用 --key 文件 指明密钥（查询密钥在其旁边的 lookup 中），或用 --home 目录 指明账本目录"), type_code);
    enum keyfile_result result = secret_load(out32, path);
    if (result == KEYFILE_OK) return EXIT_VALID;
    if (result == KEYFILE_ABSENT)
        return cli_fail(EXIT_ERROR, SAY("%s is not there: ask the department that defines type %s for its look-up secret and put it there, mode 600",
                                        "缺少 %s：请向定义类型 %s 的部门索取查询密钥并放在此处，权限 600"), path, type_code);
    return cli_fail(EXIT_ERROR, SAY("%s: %s", "%s：%s"), path, cli_keyfile_text(result));
}

int ledger_lookup(struct lookup *out, const struct cli *cli, const struct ledger_view *view, const json_t *type) {
    const json_t *code = json_object_get(type, "code");
    *out = (struct lookup){.genesis = view->genesis, .type_code = bytes_of(json_string_value(code), json_string_length(code)),
                           .keyed = !json_is_false(json_object_get(type, "keyed"))};
    return out->keyed ? ledger_secret(out->secret, cli, json_string_value(code)) : EXIT_VALID;
}

int private_beside_key(struct private_store **out, const struct cli *cli, bool create) {
    char keys[PATH_MAX], dir[PATH_MAX];
    *out = NULL;
    if (!cli_key_dir(keys, sizeof keys, cli)) return EXIT_VALID;
    int len = snprintf(dir, sizeof dir, "%s/../private", keys);
    if (len < 0 || (size_t)len >= sizeof dir) return cli_fail(EXIT_ERROR, SAY("%s: the name is too long", "%s：名称过长"), keys);
    enum err err = private_open(out, dir, create);
    if (err == ERR_OK || (err == ERR_ABSENT && !create)) return EXIT_VALID;
    if (err == ERR_DENIED || err == ERR_PLACE) return cli_fail(err_exit(err), SAY("%s: %s", "%s：%s"), dir, cli_err_text(err));
    return cli_fail(err_exit(err), SAY("%s: %s: this is where the issuer keeps identifiers and fields; check the folder and the disk",
                                       "%s：%s：颁发机构在此保存证照标识和字段，请检查目录和磁盘"), dir, cli_err_text(err));
}

