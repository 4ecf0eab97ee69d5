#include "tools/setup/consortium.h"

#include <limits.h>

#include "tools/cli/file.h"
#include "tools/cli/finding_words.h"
#include "tools/cli/message.h"

void consortium_free(struct consortium *consortium) {
    for (size_t i = 0; i < consortium->count; i++) signer_free(consortium->handed[i].signer);
    json_decref(consortium->root);
    *consortium = (struct consortium){0};
}

static bool own_role(const char *use, enum init_key *key) {
    for (*key = INIT_GOVERN; *key < INIT_NODE_SEAL; *key = (enum init_key)(*key + 1))
        if (strcmp(init_key_use(*key), use) == 0) return true;
    return false;
}

/* A key for one role of one member: ours if it is the first to have the role, else a new one to hand over. */
static bool give_key(struct consortium *c, json_t *keys, const char *uscc, const char *use, const struct init_keys *own, bool taken[INIT_KEYS]) {
    enum init_key key;
    if (own_role(use, &key) && !taken[key]) {
        taken[key] = true;
        json_array_append_new(keys, init_key_json(own, key));
        return true;
    }
    if (c->count == CONSORTIUM_KEYS_MAX) return cli_fail(0, SAY("the consortium has more than %u keys", "联盟的密钥多于 %u 个"), CONSORTIUM_KEYS_MAX), false;
    struct signer *signer = signer_generate(KEY_ES256K);
    if (!signer) return cli_fail(0, SAY("the crypto library could not make a key", "密码库无法生成密钥")), false;
    c->handed[c->count].uscc = uscc;
    c->handed[c->count].use = use;
    c->handed[c->count++].signer = signer;
    json_t *json = signer_json(signer);
    json_object_set_new(json, "use", json_string(use));
    json_array_append_new(keys, json);
    return true;
}

static bool fill_member(struct consortium *c, json_t *member, const struct init_keys *own, bool taken[INIT_KEYS]) {
    const char *uscc = json_string_value(json_object_get(member, "uscc"));
    const json_t *roles = json_object_get(member, "roles");
    if (!uscc || !json_is_array(roles)) return cli_fail(0, SAY("each member needs `uscc` and `roles`",
                                                               "每个成员须有 `uscc` 和 `roles`")), false;
    json_t *keys = json_array();
    json_object_set_new(member, "keys", keys);
    for (size_t i = 0; i < json_array_size(roles); i++) {
        const char *use = json_string_value(json_array_get(roles, i));
        if (!use) return cli_fail(0, SAY("%s: `roles` must be names", "%s：`roles` 应为角色名"), uscc), false;
        if (strcmp(use, "issue") == 0 && !c->uscc) {
            c->uscc = uscc;
            c->name = json_string_value(json_object_get(member, "name"));
            json_t *node = json_object();
            for (enum init_key k = INIT_NODE_SEAL; k < INIT_KEYS; k = (enum init_key)(k + 1)) json_object_set_new(node, init_key_use(k), init_key_json(own, k));
            json_object_set_new(member, "node", node);
        }
        if (!give_key(c, keys, uscc, use, own, taken)) return false;
    }
    return true;
}

bool consortium_load(struct consortium *out, const char *path, const struct init_keys *own) {
    *out = (struct consortium){0};
    size_t len;
    json_error_t error;
    uint8_t *text = file_read(path, GENESIS_TEXT_MAX, &len);
    if (!text) return false;
    out->root = json_loadb((const char *)text, len, JSON_REJECT_DUPLICATES, &error);
    free(text);
    if (!out->root) return cli_fail(0, SAY("%s:%d: %s", "%s:%d：%s"), path, error.line, cli_json_fault(error.text)), false;
    json_object_del(out->root, "time"); /* a ledger begins when it is made: a node does not trust a clock far ahead of the last block */
    const json_t *members = json_object_get(out->root, "members");
    bool taken[INIT_KEYS] = {false};
    for (size_t i = 0; i < json_array_size(members); i++)
        if (!fill_member(out, json_array_get(members, i), own, taken)) return false;
    if (!out->uscc) return cli_fail(0, SAY("%s: no member has the role `issue`, so nobody can run the node",
                                           "%s：没有成员具有 `issue` 角色，无人可以运行节点"), path), false;
    return true;
}

bool consortium_save(const struct consortium *consortium, const char *dir) {
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/members", dir);
    if (consortium->count && !folder_make(path)) return false;
    for (size_t i = 0; i < consortium->count; i++) {
        (void)snprintf(path, sizeof path, "%s/members/%s", dir, consortium->handed[i].uscc);
        if (!folder_make(path)) return false;
        (void)snprintf(path, sizeof path, "%s/members/%s/%s.pem", dir, consortium->handed[i].uscc, consortium->handed[i].use);
        enum keyfile_result result = signer_save(consortium->handed[i].signer, path, NULL);
        if (result != KEYFILE_OK) return cli_fail(0, SAY("%s: %s", "%s：%s"), path, cli_keyfile_text(result)), false;
    }
    return true;
}
