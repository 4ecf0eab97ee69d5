/* suspend, resume, revoke, annul, cancel: one batch for all the licences named. */
#include "tools/change.h"
#include "tools/commands.h"
#include "tools/ledger.h"

static const struct option_spec specs[] = {
    {"reason", true, "why; public text, no personal data in it", "原因；公开文字，不得含个人信息"},
    {"basis", true, "the legal basis; public text", "法律依据；公开文字"},
    {"until", true, "suspend: the announced end; it does not resume by itself", "用于 suspend：公告的暂扣截止日期；到期不会自动恢复"},
};

struct change {
    enum op op;
    char reason[REASON_MAX + 1], basis[BASIS_MAX + 1];
    struct licence_id *ids;
    struct status_item *items;
    size_t count;
};

/* The present history count: what the change acts on, so that it cannot be played again. */
static int read_count(uint64_t *count, const struct cli *cli, const struct licence_id *id, const char *typed) {
    char path[96];
    int done;
    (void)snprintf(path, sizeof path, "/v1/licences/%s", id->hex);
    json_t *json = http_json(cli, "GET", path, NULL, &done);
    if (!json) return done;
    const json_t *value = json_object_get(json_object_get(json, "licence"), "count");
    bool there = json_is_integer(value);
    *count = (uint64_t)json_integer_value(value);
    json_decref(json);
    return there ? EXIT_VALID : cli_fail(EXIT_UNKNOWN, SAY("%s: no such licence on this ledger; check the identifier",
                                                           "%s：本账本上没有此证照，请核对证照标识"), typed);
}

static int read_change(struct change *change, const struct cli *cli, const struct options *options, const struct ledger_view *view) {
    const char *until = option_get(options, "until");
    int32_t until_day = DAY_NONE;
    int done = change_words(change->reason, REASON_MAX, options, "reason", change->op != OP_RESUME);
    if (done == EXIT_VALID) done = change_words(change->basis, BASIS_MAX, options, "basis", change->op != OP_RESUME);
    if (done != EXIT_VALID) return done;
    if (until && change->op != OP_SUSPEND) return cli_fail(EXIT_USAGE, SAY("--until goes with suspend only",
                                                                           "--until 只用于 suspend（暂扣）"));
    if (until && !day_parse(&until_day, until)) return cli_fail(EXIT_USAGE, SAY("--until %s: must be a date such as 2026-12-31",
                                                                                "--until %s：应为日期，例如 2026-12-31"), until);
    for (size_t i = 0; i < options->positional_count && done == EXIT_VALID; i++) {
        struct licence_id *id = &change->ids[i];
        struct status_item *item = &change->items[i];
        done = licence_id_read(id, cli, view, options->positional[i]);
        for (size_t k = 0; k < i && done == EXIT_VALID; k++)
            if (memcmp(change->ids[k].key, id->key, 32) == 0) done = cli_fail(EXIT_USAGE, SAY("%s is named twice", "%s 重复出现"), options->positional[i]);
        if (done == EXIT_VALID) done = read_count(&item->count, cli, id, options->positional[i]);
        item->licence_key = id->key;
        item->reason = bytes_text(change->reason);
        item->basis = bytes_text(change->basis);
        item->until = until_day;
        change->count++;
    }
    return done;
}

/* A job id where there is more than one licence. */
static void subject(char out[SUB_MAX + 1], const struct change *change) {
    if (change->count == 1) memcpy(out, change->ids[0].hex, SUB_MAX + 1);
    else change_job(out);
}

static void report(const struct cli *cli, const struct change *change, const struct posted *posted) {
    char entry[48];
    (void)snprintf(entry, sizeof entry, "%llu.%llu", (unsigned long long)posted->block, (unsigned long long)posted->index);
    json_t *keys = json_array();
    for (size_t i = 0; i < change->count; i++) json_array_append_new(keys, json_string(change->ids[i].hex));
    if (cli->json) {
        cli_print_json(json_pack("{s:s, s:s, s:o}", "operation", op_name(change->op), "entry", entry, "keys", keys));
        return;
    }
    json_decref(keys);
    printf(SAY("operation: %s\nentry: %s\n", "操作: %s\n条目: %s\n"), cli_operation_text(op_name(change->op)), entry);
    for (size_t i = 0; i < change->count; i++) printf(SAY("key: %s\n", "证照键: %s\n"), change->ids[i].hex);
}

static int change_post(const struct cli *cli, struct change *change, const struct signer *signer, const struct ledger_view *view, const struct options *options) {
    struct ledger_member member;
    struct posted posted;
    char sub[SUB_MAX + 1];
    int done = ledger_member_of(&member, cli, signer);
    if (done != EXIT_VALID) return done;
    subject(sub, change);
    struct record record = {.op = change->op, .item_count = (uint32_t)change->count, .status = change->items};
    done = statement_post(&posted, cli, signer, view, member.uscc, &record, sub, false);
    if (done == EXIT_VALID) report(cli, change, &posted);
    else if (posted.refusal.item < change->count && change->count > 1)
        (void)cli_fail(0, SAY("it was %s; nothing was changed: leave it out and do the others",
                              "问题出在 %s；未作任何变更：请去掉它后再办理其余各项"), options->positional[posted.refusal.item]);
    posted_free(&posted);
    return done;
}

static int change_run(struct cli *cli, enum op op) {
    static struct options options;
    static struct change change;
    struct ledger_view view = {.types = NULL};
    struct signer *signer = NULL;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    if (options.positional_count == 0) return cli_fail(EXIT_USAGE, SAY("name a licence: licet %s ID... (its identifier, or its key in hex)",
                                                                       "请指明证照：licet %s 证照标识（或十六进制的证照键），可以多个"), op_name(op));
    if (options.positional_count > ITEMS_MAX) return cli_fail(EXIT_USAGE, SAY("at most %u licences at once; split the job",
                                                                              "一次至多 %u 份证照，请分批办理"), ITEMS_MAX);
    change = (struct change){.op = op, .ids = calloc(options.positional_count, sizeof *change.ids), .items = calloc(options.positional_count, sizeof *change.items)};
    int done = change.ids && change.items ? cli_signer(&signer, cli) : cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    if (done == EXIT_VALID) done = ledger_view_load(&view, cli);
    if (done == EXIT_VALID) done = read_change(&change, cli, &options, &view);
    if (done == EXIT_VALID) done = change_post(cli, &change, signer, &view, &options);
    free(change.ids);
    free(change.items);
    ledger_view_free(&view);
    signer_free(signer);
    return done;
}

int cmd_suspend(struct cli *cli) { return change_run(cli, OP_SUSPEND); }
int cmd_resume(struct cli *cli) { return change_run(cli, OP_RESUME); }
int cmd_revoke(struct cli *cli) { return change_run(cli, OP_REVOKE); }
int cmd_annul(struct cli *cli) { return change_run(cli, OP_ANNUL); }
int cmd_cancel(struct cli *cli) { return change_run(cli, OP_CANCEL); }
