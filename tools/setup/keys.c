#include "tools/setup/keys.h"

#include <limits.h>

#include "ledger/wire/ident.h"
#include "tools/cli/file.h"
#include "tools/cli/message.h"

static const struct {
    const char *path, *use;
    enum key_alg alg;
} places[INIT_KEYS] = {
    [INIT_GOVERN] = {"keys/govern.pem", "govern", KEY_ES256K},   [INIT_ISSUE] = {"keys/issue.pem", "issue", KEY_ES256K},
    [INIT_SEAL] = {"keys/seal.pem", "seal", KEY_ES256K},         [INIT_VERIFY] = {"keys/verify.pem", "verify", KEY_ES256K},
    [INIT_AUDIT] = {"keys/audit.pem", "audit", KEY_ES256K},      [INIT_OPERATE] = {"keys/operate.pem", "operate", KEY_ES256K},
    [INIT_NODE_SEAL] = {"node/seal.pem", "seal", KEY_ES256K},    [INIT_NODE_NOTE] = {"node/note.pem", "note", KEY_ES256},
    [INIT_NODE_CHECKPOINT] = {"node/checkpoint.pem", "checkpoint", KEY_EDDSA},
};

const char *init_key_path(enum init_key key) { return places[key].path; }
const char *init_key_use(enum init_key key) { return places[key].use; }

bool init_keys_make(struct init_keys *out) {
    *out = (struct init_keys){{NULL}};
    for (size_t i = 0; i < INIT_KEYS; i++) {
        out->signer[i] = signer_generate(places[i].alg);
        if (out->signer[i]) continue;
        init_keys_free(out);
        return cli_fail(0, SAY("the crypto library could not make a key of %s", "密码库无法生成 %s 密钥"), key_alg_name(places[i].alg)), false;
    }
    return true;
}

void init_keys_free(struct init_keys *keys) {
    for (size_t i = 0; i < INIT_KEYS; i++) {
        signer_free(keys->signer[i]);
        keys->signer[i] = NULL;
    }
}

json_t *signer_json(const struct signer *signer) {
    struct pubkey pub;
    char x[65], y[65];
    signer_pubkey(signer, &pub);
    hex_encode(x, pub.x, 32);
    hex_encode(y, pub.y, 32);
    json_t *json = json_object();
    json_object_set_new(json, "alg", json_string(key_alg_name(pub.alg)));
    json_object_set_new(json, "x", json_string(x));
    if (pub.alg != KEY_EDDSA) json_object_set_new(json, "y", json_string(y));
    return json;
}

json_t *init_key_json(const struct init_keys *keys, enum init_key key) {
    json_t *json = signer_json(keys->signer[key]);
    if (key < INIT_NODE_SEAL) json_object_set_new(json, "use", json_string(places[key].use));
    return json;
}

bool init_keys_save(const struct init_keys *keys, const char *dir, const json_t *types) {
    static const char *const folders[] = {"keys", "node", "keys/lookup"};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, folders[i]);
        if (!folder_make(path)) return false;
    }
    for (size_t i = 0; i < INIT_KEYS; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, places[i].path);
        enum keyfile_result result = signer_save(keys->signer[i], path, NULL);
        if (result != KEYFILE_OK) return cli_fail(0, SAY("%s: %s", "%s：%s"), path, cli_keyfile_text(result)), false;
    }
    for (size_t i = 0; i < json_array_size(types); i++) {
        const json_t *type = json_array_get(types, i), *keyed = json_object_get(type, "keyed");
        if (json_is_false(keyed)) continue;
        (void)snprintf(path, sizeof path, "%s/keys/lookup/%.*s.key", dir, (int)TYPE_CODE_LEN, json_string_value(json_object_get(type, "code")));
        enum keyfile_result result = secret_save_random(path);
        if (result != KEYFILE_OK) return cli_fail(0, SAY("%s: %s", "%s：%s"), path, cli_keyfile_text(result)), false;
    }
    return true;
}

/* GB 11714: the ninth character of an organisation code. */
static char init_keys_organisation_check(const char code8[8]) {
    static const int weight[8] = {3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (int i = 0; i < 8; i++) sum += weight[i] * (code8[i] <= '9' ? code8[i] - '0' : code8[i] - 'A' + 10);
    return "0X987654321"[sum % 11];
}

void uscc_invent(char out[USCC_LEN + 1], const char *region6) {
    static const char digits[] = "0123456789ABCDEFGHJKLMNPQRTUWXY"; /* GB 32100 leaves out I O S V Z */
    (void)snprintf(out, USCC_LEN + 1, "11%.6s", region6);
    for (size_t i = 8; i < 16;) {
        uint8_t byte;
        random_bytes(&byte, 1);
        if (byte < 248) out[i++] = digits[byte % 31]; /* 248 = 8 * 31: every character equally likely */
    }
    out[16] = init_keys_organisation_check(out + 8);
    out[17] = uscc_check_char(out);
    out[USCC_LEN] = '\0';
}
