#include "tools/client/ledger.h"

#include <limits.h>
#include <sys/stat.h>

#include "crypto/hash.h"
#include "ledger/wire/genesis.h"
#include "ledger/wire/text.h"
#include "tools/cli/file.h"
#include "tools/cli/key.h"
#include "tools/client/answer.h"

bool genesis_beside_key(char out[PATH_MAX], const struct cli *cli) {
    char dir[PATH_MAX];
    struct stat facts;
    if (!cli_key_dir(dir, sizeof dir, cli)) return false;
    const int len = snprintf(out, PATH_MAX, "%s/../genesis.cbor", dir);
    return len > 0 && len < PATH_MAX && lstat(out, &facts) == 0;
}

static int keep_finality(struct ledger_view *view, const char *path, struct bytes document) {
    struct genesis *genesis = malloc(sizeof *genesis);
    struct finality *finality = malloc(sizeof *finality);
    uint8_t *kept = malloc(document.len + 1);
    const bool room = genesis && finality && kept;
    if (room) memcpy(kept, document.data, document.len);
    const bool good = room && genesis_decode(genesis, bytes_of(kept, document.len)).code == CODE_OK;
    if (good) genesis_finality(finality, genesis);
    free(genesis);
    free(good ? view->finality : finality);
    free(good ? view->document : kept);
    if (good) {
        view->finality = finality;
        view->document = kept;
    }
    if (!room) return cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    return good ? EXIT_VALID : cli_fail(EXIT_INTEGRITY, SAY("%s is damaged: put back a copy, as every verifier of this ledger has one",
                                                          "%s 已损坏：请恢复一份副本，本账本的每个核验者都有"), path);
}

int ledger_view_pin(struct ledger_view *view, const struct cli *cli, const char *path, struct bytes document) {
    uint8_t hash[32];
    sha256(hash, document.data, document.len);
    if (memcmp(hash, view->genesis, 32) == 0) return keep_finality(view, path, document);
    return cli_fail(EXIT_INTEGRITY, SAY("the node at %s keeps another ledger (%s) than the one of %s: check --node, --key and --trust",
                                        "节点 %s 的账本（%s）不是 %s 所指的账本：请检查 --node、--key 和 --trust"), cli->node,
                    view->chain_id, path);
}

/* The genesis document beside the keys says which ledger they belong to: nothing is signed for another one, whatever a node claims to be. */
static int check_pinned(struct ledger_view *view, const struct cli *cli) {
    char path[PATH_MAX];
    size_t size;
    if (!genesis_beside_key(path, cli)) return EXIT_VALID;
    uint8_t *document = file_read(path, GENESIS_BYTES_MAX, &size);
    const int done = document ? ledger_view_pin(view, cli, path, bytes_of(document, size)) : EXIT_ERROR;
    free(document);
    return done;
}

int ledger_view_load(struct ledger_view *out, const struct cli *cli) {
    *out = (struct ledger_view){.types = NULL};
    int done;
    json_t *head = http_json(cli, "GET", "/v1/head", NULL, &done);
    if (!head) return done;
    const json_t *genesis = json_object_get(head, "genesis"), *chain = json_object_get(head, "chain");
    bool ok = json_is_string(chain) && json_string_length(chain) < sizeof out->chain_id && json_is_string(genesis) &&
              hex_decode(out->genesis, 32, json_string_value(genesis), json_string_length(genesis));
    if (ok) (void)snprintf(out->chain_id, sizeof out->chain_id, "%s", json_string_value(chain));
    json_decref(head);
    if (!ok) return cli_fail(EXIT_ERROR, SAY("%s does not answer as a licet node does: check the address",
                                             "%s 的应答不是 licet 节点的应答：请检查地址"), cli->node);
    if ((done = check_pinned(out, cli)) != EXIT_VALID) return done;
    out->types = ledger_list(cli, "/v1/types", "types", &done);
    return out->types ? EXIT_VALID : done;
}

void ledger_view_free(struct ledger_view *view) {
    json_decref(view->types);
    free(view->document);
    free(view->finality);
    view->types = NULL;
    view->document = NULL;
    view->finality = NULL;
}

/* By its name, where only one type has it: NULL and *count where none or several have. */
static const json_t *type_named(const struct ledger_view *view, struct bytes name, size_t *count) {
    char wanted[NAME_MAX_BYTES], have[NAME_MAX_BYTES];
    size_t wanted_len, have_len;
    const json_t *found = NULL;
    *count = 0;
    if (text_normal_name(wanted, sizeof wanted, &wanted_len, name, NULL) != CODE_OK) return NULL;
    for (size_t i = 0; i < json_array_size(view->types); i++) {
        const json_t *type = json_array_get(view->types, i), *called = json_object_get(type, "name");
        const struct bytes text = bytes_of(json_string_value(called), json_string_length(called));
        if (!json_is_string(called) || text_normal_name(have, sizeof have, &have_len, text, NULL) != CODE_OK) continue;
        if (!bytes_equal(bytes_of(have, have_len), bytes_of(wanted, wanted_len))) continue;
        found = type;
        (*count)++;
    }
    return *count == 1 ? found : NULL;
}

const json_t *ledger_type(const struct ledger_view *view, struct bytes code) {
    size_t count;
    for (size_t i = 0; i < json_array_size(view->types); i++) {
        const json_t *type = json_array_get(view->types, i), *have = json_object_get(type, "code");
        if (bytes_equal(bytes_of(json_string_value(have), json_string_length(have)), code)) return type;
    }
    const json_t *named = type_named(view, code, &count);
    if (named) return named;
    if (count > 1)
        (void)cli_fail(0, SAY("%.*s is the name of %zu types: name one by its code; `licet type list` shows them",
                              "%.*s 是 %zu 个证照类型的名称：请用代码指明；可用 `licet type list` 查看"), (int)code.len, (const char *)code.data, count);
    else
        (void)cli_fail(0, SAY("%.*s is not a licence type of %s; `licet type list` shows them",
                              "%.*s 不是 %s 的证照类型；可用 `licet type list` 查看"), (int)code.len, (const char *)code.data, view->chain_id);
    return NULL;
}

int ledger_member_of(struct ledger_member *out, const struct cli *cli, const struct signer *signer) {
    struct pubkey pub;
    uint8_t thumb[32];
    char kid[65];
    int done;
    signer_pubkey(signer, &pub);
    pubkey_thumbprint(thumb, &pub);
    hex_encode(kid, thumb, 32);
    json_t *members = ledger_list(cli, "/v1/members", "members", &done);
    if (!members) return done;
    bool found = false;
    for (size_t i = 0; i < json_array_size(members) && !found; i++) {
        const json_t *member = json_array_get(members, i), *keys = json_object_get(member, "keys");
        for (size_t k = 0; k < json_array_size(keys) && !found; k++) {
            const char *have = json_string_value(json_object_get(json_array_get(keys, k), "kid"));
            found = have && strcmp(have, kid) == 0;
        }
        if (!found) continue;
        (void)snprintf(out->uscc, sizeof out->uscc, "%s", json_string_value(json_object_get(member, "uscc")));
        (void)snprintf(out->name, sizeof out->name, "%s", json_string_value(json_object_get(member, "name")));
    }
    json_decref(members);
    if (found) return EXIT_VALID;
    char shown[CLI_KEY_SHOWN];
    return cli_fail(EXIT_FORBIDDEN, SAY("%s is not registered on this ledger (kid %.16s...): use the department's own key, or have it registered",
                                        "%s 未在本账本登记（kid %.16s……）：请使用本部门的密钥，或先行登记"),
                    cli_key_shown(shown, cli), kid);
}

