#include "tools/ledger.h"
#include "tools/finding_words.h"

#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "ledger/wire/genesis.h"
#include "ledger/wire/proof.h"
#include "ledger/wire/statement.h"
#include "ledger/wire/text.h"

/* ---- answers ---- */

bool problem_read(struct refusal *out, const struct http_answer *answer) {
    static _Thread_local char field[64], state[32];
    json_t *json = json_loadb((const char *)answer->body, answer->len, 0, NULL);
    const json_t *code = json_object_get(json, "code"), *item = json_object_get(json, "item"), *entry = json_object_get(json, "entry");
    const json_t *met = json_object_get(json, "met"), *limit = json_object_get(json, "limit");
    const char *name = json_string_value(json_object_get(json, "field")), *present = json_string_value(json_object_get(json, "state"));
    bool ok = json_is_integer(code);
    if (ok) *out = refuse((enum code)json_integer_value(code), NULL);
    if (ok && json_is_integer(item)) out->item = (uint32_t)json_integer_value(item);
    if (ok && json_is_integer(entry)) out->entry = (uint64_t)json_integer_value(entry);
    if (ok && name) {
        (void)snprintf(field, sizeof field, "%s", name);
        out->field = field;
    }
    if (ok && present) {
        (void)snprintf(state, sizeof state, "%s", present);
        out->state = state;
    }
    if (ok && json_is_integer(met) && json_is_integer(limit)) *out = refusal_measured(*out, json_integer_value(met), json_integer_value(limit));
    json_decref(json);
    return ok;
}

int http_failed(const struct cli *cli, const struct http_answer *answer) {
    struct refusal refusal;
    if (problem_read(&refusal, answer)) return cli_refused(&refusal);
    return cli_fail(EXIT_ERROR, SAY("%s answered %d and not as a licet node does: check the address",
                                    "%s 应答 %d，不是 licet 节点的应答：请检查地址"), cli->node, answer->status);
}

json_t *http_json(const struct cli *cli, const char *method, const char *path, json_t *body, int *exit_code) {
    struct http_answer answer;
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    json_decref(body);
    *exit_code = EXIT_ERROR;
    struct bytes sent = text ? bytes_text(text) : bytes_of(NULL, 0);
    bool answered = http_call(&answer, cli, method, path, text ? "application/json" : NULL, "application/json", sent);
    free(text);
    if (!answered) return NULL;
    json_error_t error;
    json_t *json = NULL;
    if (answer.status != 200) *exit_code = http_failed(cli, &answer);
    else if (!(json = json_loadb((const char *)answer.body, answer.len, 0, &error)))
        (void)cli_fail(0, SAY("%s answered something that is not JSON: check the address",
                              "%s 的应答不是 JSON：请检查地址"), cli->node);
    else *exit_code = EXIT_VALID;
    http_answer_free(&answer);
    return json;
}

/* ---- the ledger and its types ---- */

/* As many pages as there are: each must go on behind the one before, so that a list ends, and a part that is missing is no end. */
json_t *ledger_list(const struct cli *cli, const char *path, const char *name, int *exit_code) {
    json_t *all = json_array();
    char next[512];
    json_int_t after = -1;
    (void)snprintf(next, sizeof next, "%s", path);
    for (bool more = true; more;) {
        json_t *json = http_json(cli, "GET", next, NULL, exit_code);
        const json_t *goes_on = json_object_get(json, "next");
        json_t *list = json_is_array(json) ? json : json_object_get(json, name);
        more = json_is_integer(goes_on);
        const bool whole = json_is_array(list) && (more ? json_integer_value(goes_on) > after : !goes_on || json_is_null(goes_on));
        if (json && !whole) *exit_code = cli_fail(EXIT_MISMATCH, SAY("%s answered a list that does not go on: is it a licet node, of this version?", "%s 给出的列表无法继续：请确认它是本版本的 licet 节点"), cli->node);
        if (whole) json_array_extend(all, list);
        after = json_integer_value(goes_on);
        json_decref(json);
        if (!whole) {
            json_decref(all);
            return NULL;
        }
        (void)snprintf(next, sizeof next, "%s?after=%" JSON_INTEGER_FORMAT, path, after);
    }
    return all;
}

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

/* ---- what a person calls a licence ---- */

bool licence_id_parse(struct licence_id *out, const char *text) {
    size_t len;
    struct identifier parts;
    *out = (struct licence_id){.identifier = ""};
    if (strlen(text) == 64 && hex_decode(out->key, 32, text, 64)) {
        hex_encode(out->hex, out->key, 32);
        return true;
    }
    if (text_normal_code(out->identifier, IDENTIFIER_MAX, &len, bytes_text(text), NULL) != CODE_OK) return false;
    out->identifier[len] = '\0';
    return identifier_parse(&parts, bytes_of(out->identifier, len)) == CODE_OK;
}

void identifier_doubt(const char *identifier) {
    struct identifier parts;
    if (identifier_parse(&parts, bytes_text(identifier)) != CODE_OK || parts.rule != RULE_NONE) return;
    (void)cli_fail(0, SAY("%s: its last character, which checks the others, does not fit them: mistyped?", "%s：末位校验码与其余各位不符：是否输错？"), identifier);
}

int licence_id_read(struct licence_id *out, const struct cli *cli, const struct ledger_view *view, const char *text) {
    if (!licence_id_parse(out, text))
        return cli_fail(EXIT_USAGE, SAY("%s is neither a licence identifier (" IDENTIFIER_ROOT "...) nor a licence key of 64 hex digits",
                                        "%s 既不是证照标识（" IDENTIFIER_ROOT "……），也不是 64 位十六进制的证照键"), text);
    if (out->identifier[0] == '\0') return EXIT_VALID;
    struct identifier parts;
    struct lookup lookup;
    ASSERT(identifier_parse(&parts, bytes_text(out->identifier)) == CODE_OK);
    identifier_doubt(out->identifier);
    const json_t *type = ledger_type(view, parts.type);
    if (!type) return EXIT_ERROR;
    int done = ledger_lookup(&lookup, cli, view, type);
    if (done == EXIT_VALID) {
        tag_licence(out->key, &lookup, bytes_text(out->identifier));
        hex_encode(out->hex, out->key, 32);
    }
    bytes_wipe(&lookup, sizeof lookup);
    return done;
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

/* ---- signing and posting ---- */

static bool statement_make(struct cbor_out *out, const struct signer *signer, const struct ledger_view *view, const char *uscc, const struct record *record,
                           const char *sub) {
    uint8_t *payload = malloc(STATEMENT_BYTES_MAX), protected_header[COSE_PROTECTED_MAX], thumb[32], signature[SIG_LEN];
    char iss[ISS_MAX];
    struct pubkey pub;
    struct cose_tbs tbs;
    if (!payload) return cli_fail(0, SAY("out of memory", "内存不足")), false;
    struct cbor_out body = cbor_write(payload, STATEMENT_BYTES_MAX);
    signer_pubkey(signer, &pub);
    pubkey_thumbprint(thumb, &pub);
    (void)snprintf(iss, sizeof iss, ISS_PREFIX "%s", uscc);
    struct cose_header header = {key_alg_cose(pub.alg), thumb, TYP_RECORD, bytes_text(iss), bytes_text(sub), time_now_ms() / 1000, view->genesis};
    bool ok = record_encode(&body, record);
    if (ok) {
        struct bytes head = bytes_of(protected_header, cose_protected_encode(protected_header, &header)), content = bytes_of(payload, body.len);
        cose_tbs(&tbs, head, content);
        if (!signer_sign(signer, signature, tbs.parts, COSE_TBS_PARTS)) {
            free(payload);
            return cli_fail(0, SAY("nothing was signed: %s", "未签名：%s"), finding_said(signer_why(signer))), false;
        }
        cose_sign1_encode(out, head, bytes_of(NULL, 0), content, signature);
        ok = !out->full;
    }
    free(payload);
    return ok || (cli_fail(0, SAY("this is more than one statement takes (%u bytes): split it", "超出一次声明的上限（%u 字节）：请分次办理"), STATEMENT_BYTES_MAX), false);
}

/* "/entries/88.0", with or without an address before it. */
static bool entry_read(struct posted *out, const char *location) {
    const char *last = strrchr(location, '/');
    return last && sscanf(last, "/%" SCNu64 ".%" SCNu64, &out->block, &out->index) == 2;
}

/* A receipt is what the issuer can hold against the node later: one that does not check is none. */
static int check_receipt(const struct cli *cli, const struct ledger_view *view, const struct receipt *receipt, struct bytes statement) {
    if (!view->finality) return EXIT_VALID;
    const struct refusal refusal = receipt_check(receipt, statement, bytes_text(view->chain_id), view->genesis, view->finality);
    if (refusal.code == CODE_OK) return EXIT_VALID;
    return cli_fail(EXIT_INTEGRITY, SAY("%s answered with a receipt that is not to be trusted (%s): nothing proves that the statement is recorded; ask another node, or its operator",
                                        "%s 给出的回执不可信（%s）：无法证明声明已登记；请询问其他节点或该节点的运维人员"), cli->node, cli_code_text(refusal.code));
}

int ledger_receipt(struct receipt *out, const struct cli *cli, const struct ledger_view *view, const struct http_answer *answer, struct bytes statement) {
    if (receipt_decode(out, bytes_of(answer->body, answer->len)).code == CODE_OK) return check_receipt(cli, view, out, statement);
    return cli_fail(EXIT_ERROR, SAY("%s took the statement and answered no receipt: ask `licet verify` whether it is recorded",
                                    "%s 已收下声明但未给回执：请用 `licet verify` 查询是否已登记"), cli->node);
}

static int posted_read(struct posted *out, const struct cli *cli, const struct ledger_view *view, struct http_answer *answer, struct bytes statement, bool quiet) {
    struct receipt receipt;
    if (answer->status != 201 && answer->status != 200) {
        if (!problem_read(&out->refusal, answer)) return http_failed(cli, answer);
        return quiet ? refusal_exit(out->refusal.code) : cli_refused(&out->refusal);
    }
    const int done = ledger_receipt(&receipt, cli, view, answer, statement);
    if (done != EXIT_VALID) return done;
    if (!entry_read(out, answer->location))
        return cli_fail(EXIT_ERROR, SAY("%s does not say where the statement stands: is it a licet node, of this version?", "%s 未说明声明的位置：请确认它是本版本的 licet 节点"), cli->node);
    out->entry = receipt.index;
    out->repeated = answer->status == 200;
    out->receipt = answer->body;
    out->receipt_len = answer->len;
    answer->body = NULL; /* taken over */
    return EXIT_VALID;
}

int statement_post(struct posted *out, const struct cli *cli, const struct signer *signer, const struct ledger_view *view, const char *uscc,
                   const struct record *record, const char *sub, bool quiet) {
    *out = (struct posted){.refusal = refuse(CODE_OK, NULL)};
    uint8_t *bytes = malloc(STATEMENT_BYTES_MAX);
    if (!bytes) return cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    struct cbor_out statement = cbor_write(bytes, STATEMENT_BYTES_MAX);
    struct http_answer answer;
    int done = EXIT_ERROR;
    if (statement_make(&statement, signer, view, uscc, record, sub) &&
        http_call(&answer, cli, "POST", "/entries", "application/cose", "application/cose, application/problem+json", bytes_of(bytes, statement.len))) {
        done = posted_read(out, cli, view, &answer, bytes_of(bytes, statement.len), quiet);
        http_answer_free(&answer);
    }
    free(bytes);
    return done;
}

void posted_free(struct posted *posted) {
    free(posted->receipt);
    posted->receipt = NULL;
}
