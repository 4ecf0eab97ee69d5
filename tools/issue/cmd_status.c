/* suspend, resume, revoke, annul, cancel: one batch for all the licences named. */
#include <unistd.h>

#include "tools/cli/key.h"
#include "tools/cli/moment.h"
#include "tools/client/answer.h"
#include "tools/client/change.h"
#include "tools/client/statement.h"
#include "tools/issue/commands.h"
#include "tools/licence/licence_named.h"
#include "tools/licence/licence_print.h"

static const struct option_spec specs[] = {
    {"reason", OPTION_TEXT, "why; public text, no personal data in it", "原因；公开文字，不得含个人信息"},
    {"basis", OPTION_TEXT, "the legal basis; public text", "法律依据；公开文字"},
    {"until", OPTION_TEXT, "suspend: the announced end; it does not resume by itself", "用于 suspend：公告的暂扣截止日期；到期不会自动恢复"},
    LICENCE_NAMED_SPECS,
    ANCHOR_TRUST_SPEC,
    {"yes", OPTION_FLAG, "an ending, which is for ever, is not asked about", "不可恢复的办理不再询问确认"},
};

struct change {
    enum op op;
    char reason[REASON_MAX + 1], basis[BASIS_MAX + 1];
    struct licence_named named[LICENCE_NAMED_MAX];
    struct status_item *items;
    json_t *present; /* of each, what the ledger and the private data here say of it */
    size_t count;
};

/* The present history count: what the change acts on, so that it cannot be played again. And whose licence it is. */
static int read_present(struct change *change, size_t i, const struct cli *cli, struct licence_known *known) {
    const struct licence_named *named = &change->named[i];
    char path[96];
    int done;
    (void)snprintf(path, sizeof path, "/v1/licences/%s", named->id.hex);
    json_t *json = http_json(cli, "GET", path, NULL, &done);
    if (!json) return done;
    json_t *licence = json_object_get(json, "licence");
    const json_t *count = json_object_get(licence, "count");
    if (json_is_integer(count)) {
        change->items[i].count = (uint64_t)json_integer_value(count);
        if (named->id.identifier[0]) json_object_set_new(licence, "identifier", json_string(named->id.identifier));
        licence_known_of(known, named->id.key, NULL);
        licence_add_known(licence, known);
        json_object_set(licence, "status", json_object_get(json, "status"));
        json_array_append(change->present, licence);
    } else {
        done = cli_fail(EXIT_UNKNOWN, SAY("%s: no such licence on this ledger; check the identifier", "%s：本账本上没有此证照，请核对证照标识"), named->typed);
    }
    json_decref(json);
    return done;
}

static int read_items(struct change *change, const struct cli *cli, const struct ledger_view *view, int32_t until_day) {
    struct licence_known known;
    int done = licence_known_open(&known, cli, view);
    for (size_t i = 0; i < change->count && done == EXIT_VALID; i++) {
        change->items[i] = (struct status_item){.licence_key = change->named[i].id.key, .reason = bytes_text(change->reason), .basis = bytes_text(change->basis), .until = until_day};
        done = read_present(change, i, cli, &known);
        if (done == EXIT_VALID) licence_tell(json_array_get(change->present, i));
    }
    licence_known_close(&known);
    return done;
}

static int status_read_change(struct change *change, const struct cli *cli, const struct options *options, const struct ledger_view *view, struct anchor *anchor) {
    const char *until = option_get(options, "until");
    int32_t until_day = DAY_NONE;
    int done = change_words(change->reason, REASON_MAX, options, "reason", operation_takes(operation_of(change->op), TAKES_WORDS));
    if (done == EXIT_VALID) done = change_words(change->basis, BASIS_MAX, options, "basis", operation_takes(operation_of(change->op), TAKES_WORDS));
    if (done != EXIT_VALID) return done;
    if (until && !operation_takes(operation_of(change->op), TAKES_UNTIL)) return cli_fail(EXIT_USAGE, SAY("--until goes with suspend only", "--until 只用于 suspend（暂扣）"));
    if (until && !day_parse(&until_day, until)) return cli_fail(EXIT_USAGE, SAY("--until %s: must be a date such as 2026-12-31", "--until %s：应为日期，例如 2026-12-31"), until);
    done = licence_named_read(change->named, &change->count, cli, view, anchor, options);
    if (done == EXIT_VALID) licence_named_tell(change->named, change->count, cli);
    if (done == EXIT_VALID && change->count > ITEMS_MAX) done = cli_fail(EXIT_USAGE, SAY("at most %u licences at once; split the job", "一次至多 %u 份证照，请分批办理"), ITEMS_MAX);
    if (done != EXIT_VALID) return done;
    change->items = calloc(change->count, sizeof *change->items);
    change->present = json_array();
    return change->items ? read_items(change, cli, view, until_day) : cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
}

/* Only somebody at a terminal can be asked; a script has said what it means by being written. */
static int ask_first(const struct change *change, const struct options *options) {
    if (!operation_takes(operation_of(change->op), ENDS) || option_get(options, "yes") || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) return EXIT_VALID;
    if (cli_confirmed(SAY("%s: %s, for ever. Type yes to go on: ", "%s：以上 %s，不可恢复。确认请输入 yes："), cli_operation_text(op_name(change->op)),
                      cli_count(change->count, "licence", "licences", "份证照")))
        return EXIT_VALID;
    return cli_fail(EXIT_ERROR, SAY("not confirmed: nothing was changed", "未确认，未作任何更改"));
}

/* A job id where there is more than one licence. */
static void subject(char out[SUB_MAX + 1], const struct change *change) {
    if (change->count == 1) memcpy(out, change->named[0].id.hex, SUB_MAX + 1);
    else change_job(out);
}

static void status_report(const struct cli *cli, const struct change *change, const struct posted *posted) {
    char entry[48];
    (void)snprintf(entry, sizeof entry, "%llu.%llu", (unsigned long long)posted->block, (unsigned long long)posted->index);
    json_t *keys = json_array();
    for (size_t i = 0; i < change->count; i++) json_array_append_new(keys, json_string(change->named[i].id.hex));
    if (cli->json) {
        bool by_node = false;
        for (size_t i = 0; i < change->count; i++) by_node = by_node || change->named[i].by_node;
        json_t *json = json_pack("{s:s, s:s, s:o}", "operation", op_name(change->op), "entry", entry, "keys", keys);
        if (by_node) json_object_set_new(json, "trust", json_string("node"));
        cli_print_json(json);
        return;
    }
    json_decref(keys);
    printf(SAY("operation: %s\nentry: %s\n", "操作: %s\n条目: %s\n"), cli_operation_text(op_name(change->op)), entry);
    for (size_t i = 0; i < change->count; i++) printf(SAY("key: %s\n", "证照键: %s\n"), change->named[i].id.hex);
}

/* What a refusal met: the licence, the state it is in, and the key that was signed with. One sentence for every rule. */
static void tell_met(const struct change *change, const struct refusal *refusal, const struct signer *signer) {
    struct pubkey pub;
    uint8_t thumb[32];
    char kid[65];
    const size_t item = change->count == 1 ? 0 : refusal->item;
    const json_t *licence = json_array_get(change->present, item), *status = json_object_get(licence, "status");
    const char *identifier = json_string_value(json_object_get(licence, "identifier"));
    signer_pubkey(signer, &pub);
    pubkey_thumbprint(thumb, &pub);
    hex_encode(kid, thumb, 32);
    if (licence)
        (void)cli_fail(0, SAY("met: %s %s, %s since block %lld, history count %lld", "所遇：%s %s，状态 %s（自第 %lld 块），历史计数 %lld"), member_text(licence, "type_name"),
                       identifier ? identifier : member_text(licence, "key"), cli_state_text(member_text(status, "state")), (long long)json_integer_value(json_object_get(status, "since")),
                       (long long)json_integer_value(json_object_get(licence, "count")));
    (void)cli_fail(0, SAY("signed with key %s", "所用密钥：%s"), kid);
}

static int change_post(const struct cli *cli, struct change *change, const struct signer *signer, const struct ledger_view *view) {
    struct ledger_member member;
    struct posted posted;
    char sub[SUB_MAX + 1];
    int done = ledger_member_of(&member, cli, signer);
    if (done != EXIT_VALID) return done;
    subject(sub, change);
    struct record record = {.op = change->op, .item_count = (uint32_t)change->count, .status = change->items};
    done = statement_post(&posted, cli, signer, view, member.uscc, &record, sub, false);
    if (done == EXIT_VALID) status_report(cli, change, &posted);
    else if (posted.refusal.item < change->count && change->count > 1)
        (void)cli_fail(0, SAY("it was %s; nothing was changed: leave it out and do the others", "问题出在 %s；未作任何变更：请去掉它后再办理其余各项"), change->named[posted.refusal.item].typed);
    if (done != EXIT_VALID && posted.refusal.code != CODE_OK) tell_met(change, &posted.refusal, signer);
    posted_free(&posted);
    return done;
}

int cmd_status(struct cli *cli) {
    static struct options options;
    static struct change change;
    struct ledger_view view = {.types = NULL};
    struct signer *signer = NULL;
    struct anchor anchor = {.max_age_ms = -1};
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    const struct operation *operation = operation_named(cli->argv[0]);
    ASSERT(operation && operation->shape == SHAPE_STATUS); /* the row in tools/commands.c bears its name */
    change = (struct change){.op = operation->op};
    int done = cli_signer(&signer, cli);
    if (done == EXIT_VALID) done = anchor_find(&anchor, cli, &options);
    if (done == EXIT_VALID) done = licence_named_allowed(cli, &anchor, &options);
    if (done == EXIT_VALID) done = anchor_ledger(&anchor, &view, cli);
    if (done == EXIT_VALID) done = status_read_change(&change, cli, &options, &view, &anchor);
    if (done == EXIT_VALID) done = ask_first(&change, &options);
    if (done == EXIT_VALID) done = change_post(cli, &change, signer, &view);
    free(change.items);
    json_decref(change.present);
    ledger_view_free(&view);
    anchor_free(&anchor);
    signer_free(signer);
    return done;
}
