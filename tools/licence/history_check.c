#include "tools/licence/history_check.h"

#include "crypto/sig.h"
#include "ledger/wire/statement.h"
#include "tools/cli/moment.h"
#include "tools/client/http.h"

struct checking {
    const struct cli *cli;
    struct proof_view *view;
    struct object_source source;
    const struct licence *licence; /* as proved */
    struct arena arena;
    uint8_t *memory, *bytes;
    char why[256];
};

static bool because(struct checking *checking, const char *why) {
    cli_build(checking->why, sizeof checking->why, "%s", why);
    return false;
}

static bool history_check_whole(uint64_t *out, const json_t *link, const char *name, uint64_t max) {
    const json_t *value = json_object_get(link, name);
    *out = (uint64_t)json_integer_value(value);
    return json_is_integer(value) && json_integer_value(value) >= 0 && *out <= max;
}

static bool op_from_name(enum op *out, const char *name) {
    for (int op = 1; name && op < 64; op++) {
        const char *have = op_name((enum op)op);
        if (!have || strcmp(have, name) != 0) continue;
        *out = (enum op)op;
        return true;
    }
    return false;
}

/* "2026-01-31T02:00:00.123Z": the link hashes the milliseconds too. */
static bool time_read(int64_t *ms, const char *text) {
    return text && strlen(text) == 24 && text[19] == '.' && strspn(text + 20, "0123456789") == 3 && moment_parse(ms, text);
}

/* What the link hashes, as the node tells it. */
static bool link_read(struct history_link *out, struct checking *checking, const json_t *json) {
    const char *state = json_string_value(json_object_get(json, "state")), *time = json_string_value(json_object_get(json, "time"));
    uint64_t item, key_no;
    *out = (struct history_link){.slot = checking->licence->no};
    if (!history_check_whole(&out->entry, json, "entry", INT64_MAX) || !history_check_whole(&item, json, "item", ITEMS_MAX) || !history_check_whole(&key_no, json, "key_no", UINT32_MAX) || !state ||
        !time_read(&out->time_ms, time) || !op_from_name(&out->op, json_string_value(json_object_get(json, "operation"))))
        return because(checking, SAY("the node's answer is not whole", "节点的应答不完整"));
    out->item = (uint32_t)item;
    out->key_no = (uint32_t)key_no;
    for (int number = 1; number <= LICENCE_TRANSFERRED; number++) {
        out->state = (uint8_t)number;
        const char *name = link_state_name(out);
        if (name && strcmp(name, state) == 0) return true;
    }
    return because(checking, SAY("the node's answer is not whole", "节点的应答不完整"));
}

static bool history_check_signed_by(const struct pubkey *key, const struct cose_sign1 *cose, struct bytes payload) {
    struct cose_tbs tbs;
    struct verifier *verifier = verifier_new(key);
    cose_tbs(&tbs, cose->protected_header, payload);
    const bool good = verifier && verifier_check(verifier, cose->signature, tbs.parts, COSE_TBS_PARTS);
    verifier_free(verifier);
    return good;
}

/* Whose key that is stands in the proof: every key that acted on the licence does. */
static bool history_check_signature_check(struct checking *checking, const json_t *json, const struct history_link *link, const struct statement *statement) {
    struct bytes value;
    struct key_object key;
    char kid[65];
    const char *told = json_string_value(json_object_get(json, "kid"));
    if (checking->source.by_no(checking->source.context, OBJECT_KEY, link->key_no, &value) != FOUND_YES || key_object_decode(&key, value).code != CODE_OK)
        return because(checking, SAY("the key that signed it is not in the licence's proof", "签名密钥不在证照的证明中"));
    hex_encode(kid, key.thumb, 32);
    if (!told || strcmp(told, kid) != 0 || memcmp(key.thumb, statement->cose.kid, 32) != 0) return because(checking, SAY("the statement is signed by another key than the history says", "声明的签名密钥与历史所述不同"));
    if (!statement->cose.genesis || memcmp(statement->cose.genesis, checking->view->genesis.hash, 32) != 0) return because(checking, SAY("the statement is another ledger's", "声明属于另一账本"));
    return history_check_signed_by(&key.key, &statement->cose, statement->cose.payload) || because(checking, SAY("the signature of the statement does not hold", "声明的签名不成立"));
}

/* Does the statement say of this licence what the link says? */
static bool history_check_item_check(struct checking *checking, const struct history_link *link, const struct statement *statement) {
    static struct record record;
    checking->arena = arena_over(checking->memory, RECORD_ARENA_FOR(STATEMENT_BYTES_MAX));
    if (record_decode(&record, &checking->arena, statement->cose.payload).code != CODE_OK) return because(checking, SAY("the statement cannot be read", "声明无法读取"));
    if (record.op != link->op || link->item >= record.item_count) return because(checking, SAY("the statement says another operation", "声明的操作与历史所述不同"));
    const uint8_t *key = record.issue ? record.issue[link->item].licence_key : record.status ? record.status[link->item].licence_key : NULL;
    return (key && memcmp(key, checking->licence->key, 32) == 0) || because(checking, SAY("the statement is about another licence", "声明属于另一份证照"));
}

/* In the log, by a receipt that the ledger's own node signed. */
static bool receipt_good(struct checking *checking, const struct history_link *link, const uint8_t leaf[32], struct bytes bytes) {
    struct receipt receipt;
    uint8_t root[32];
    if (receipt_decode(&receipt, bytes).code != CODE_OK) return because(checking, SAY("its receipt cannot be read", "回执无法读取"));
    if (receipt.index != link->entry) return because(checking, SAY("its receipt is another entry's", "回执属于另一条目"));
    if (!merkle_inclusion_root(root, leaf, receipt.index, receipt.tree_size, (const uint8_t(*)[32])receipt.path, receipt.path_count))
        return because(checking, SAY("its receipt does not lead to a root", "回执不能得出根"));
    for (uint32_t i = 0; i < checking->view->finality.node_count; i++) {
        const struct pubkey *key = &checking->view->finality.nodes[i].note;
        uint8_t thumb[32];
        pubkey_thumbprint(thumb, key);
        if (receipt.cose.kid && memcmp(thumb, receipt.cose.kid, 32) == 0)
            return history_check_signed_by(key, &receipt.cose, bytes_of(root, 32)) || because(checking, SAY("the signature of its receipt does not hold: the statement is not in the log as it was sent", "回执的签名不成立：日志中的声明与所发送的不同"));
    }
    return because(checking, SAY("its receipt is signed by no node of this ledger", "回执不是由本账本的节点签名"));
}

static bool inclusion_check(struct checking *checking, const json_t *json, const struct history_link *link, const uint8_t leaf[32]) {
    const char *id = json_string_value(json_object_get(json, "id"));
    struct http_answer answer;
    char path[80];
    if (!id || strlen(id) > 40 || id[strspn(id, "0123456789.")]) return because(checking, SAY("the node's answer is not whole", "节点的应答不完整"));
    (void)snprintf(path, sizeof path, "/entries/%s", id);
    if (!http_call(&answer, checking->cli, "GET", path, NULL, "application/cose", bytes_of(NULL, 0))) return because(checking, SAY("its receipt was not to be had", "无法取得回执"));
    const bool good = answer.status == 200 ? receipt_good(checking, link, leaf, bytes_of(answer.body, answer.len)) : because(checking, SAY("the node has no receipt for it", "节点没有相应的回执"));
    http_answer_free(&answer);
    return good;
}

static bool link_check(struct checking *checking, const json_t *json, const struct history_link *link) {
    const json_t *text = json_object_get(json, "statement");
    struct statement statement;
    size_t len;
    if (!json_is_string(text) || !base64url_decode(checking->bytes, STATEMENT_BYTES_MAX, &len, json_string_value(text), json_string_length(text)) ||
        statement_decode(&statement, bytes_of(checking->bytes, len)).code != CODE_OK)
        return because(checking, SAY("its statement cannot be read", "声明无法读取"));
    return history_check_item_check(checking, link, &statement) && history_check_signature_check(checking, json, link, &statement) && inclusion_check(checking, json, link, statement.leaf);
}

static int history_check_check_all(struct checking *checking, const json_t *links) {
    uint8_t head[32] = {0}, next[32];
    struct history_link link;
    const json_t *json;
    size_t i;
    if (json_array_size(links) != checking->licence->history_count)
        return cli_fail(EXIT_INTEGRITY, SAY("the node told %s of this licence, and its proof says that there are %llu: do not believe it, and tell its operator", "节点给出此证照的记录 %s，而其证明表明应有 %llu 项：不可采信，请告知其运维人员"),
                        cli_count(json_array_size(links), "entry", "entries", "项"), (unsigned long long)checking->licence->history_count);
    json_array_foreach(links, i, json) {
        if (!link_read(&link, checking, json) || !link_check(checking, json, &link))
            return cli_fail(EXIT_INTEGRITY, SAY("entry %zu of this licence's history: %s: do not believe the node, and tell its operator", "此证照历史的第 %zu 项：%s：不可采信该节点，请告知其运维人员"), i + 1, checking->why);
        link_head(next, head, &link);
        memcpy(head, next, 32);
    }
    if (memcmp(head, checking->licence->history_head, 32) == 0) return EXIT_VALID;
    return cli_fail(EXIT_INTEGRITY, SAY("the history that the node told does not lead to the one that is proved: something in it was changed, left out or put in another order; do not "
                    "believe the node, and tell its operator", "节点给出的历史与已证明的不符：其中有改动、遗漏或次序变化；不可采信该节点，请告知其运维人员"));
}

int history_check(const struct cli *cli, struct anchor *anchor, const struct licence_id *id, const json_t *links) {
    struct checking checking = {.cli = cli, .view = anchor->view, .source = proof_view_source(anchor->view), .licence = &anchor->view->verdict.licence,
                                .memory = malloc(RECORD_ARENA_FOR(STATEMENT_BYTES_MAX)), .bytes = malloc(STATEMENT_BYTES_MAX)};
    int done = checking.memory && checking.bytes ? EXIT_VALID : cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    if (done == EXIT_VALID && memcmp(checking.licence->key, id->key, 32) != 0) done = cli_fail(EXIT_INTEGRITY, SAY("the proof is another licence's", "证明属于另一份证照"));
    if (done == EXIT_VALID) done = history_check_check_all(&checking, links);
    free(checking.memory);
    free(checking.bytes);
    return done;
}
