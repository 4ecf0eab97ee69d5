/* history: what happened to a licence, and with --verify, whether all of it is true. */
#include "tools/cli/moment.h"
#include "tools/client/anchor_verdict.h"
#include "tools/client/answer.h"
#include "tools/document/text_print.h"
#include "tools/licence/commands.h"
#include "tools/licence/history_check.h"
#include "tools/licence/licence_named.h"
#include "tools/licence/licence_print.h"

static const struct option_spec specs[] = {
    LICENCE_NAMED_SPECS_ONE,
    ANCHOR_OPTION_SPECS,
    {"verify", OPTION_FLAG, "prove on this machine that it is true and complete: statements, signatures, receipts, head", "在本机核实其真实完整：声明、签名、回执、链首"},
};

#define LINKS_MAX 100000u

/* All pages. A licence may have changed between two of them: then the proof will say so. New reference, NULL with a message. */
static json_t *fetch(const struct cli *cli, const struct licence_id *id, bool statements, int *done) {
    json_t *all = json_array();
    char path[192];
    json_int_t next = 0;
    for (bool more = true; more;) {
        (void)snprintf(path, sizeof path, "/v1/licences/%s/history?limit=100&after=%" JSON_INTEGER_FORMAT "%s", id->hex, next, statements ? "&statements=1" : "");
        json_t *page = http_json(cli, "GET", path, NULL, done);
        json_t *links = json_object_get(page, "history"), *goes_on = json_object_get(page, "next");
        more = json_is_integer(goes_on);
        const bool whole = page && json_is_array(links) && (more ? json_integer_value(goes_on) > next : json_is_null(goes_on));
        if (page && (!whole || json_array_size(all) > LINKS_MAX))
            *done = cli_fail(EXIT_MISMATCH, SAY("%s answered a history that is not whole: is it a licet node, of this version?", "%s 给出的历史不完整：请确认它是本版本的 licet 节点"), cli->node);
        next = json_integer_value(goes_on);
        if (*done == EXIT_VALID) json_array_extend(all, links);
        json_decref(page);
        if (*done == EXIT_VALID) continue;
        json_decref(all);
        return NULL;
    }
    return all;
}

/* The licence's object, proved, into the anchor's view; *bytes (malloc'd) is what the view points into. */
static int prove(uint8_t **bytes, const struct cli *cli, struct anchor *anchor, const struct licence_id *id) {
    struct http_answer answer;
    char path[96];
    (void)snprintf(path, sizeof path, "/v1/licences/%s", id->hex);
    if (!http_call(&answer, cli, "GET", path, NULL, "application/vnd.licet.proof", bytes_of(NULL, 0))) return EXIT_ERROR;
    int done = answer.status == 200 ? anchor_proof(anchor, id->key, bytes_of(answer.body, answer.len)) : http_failed(cli, &answer);
    if (done == EXIT_VALID && !anchor->view->verdict.has_licence)
        done = cli_fail(EXIT_UNKNOWN, SAY("%s: no such licence on this ledger; check the identifier", "%s：本账本上没有此证照，请核对证照标识"), id->hex);
    *bytes = answer.body;
    answer.body = NULL;
    http_answer_free(&answer);
    return done;
}

static void print_links(const json_t *links) {
    const json_t *link;
    char time[MOMENT_SHOWN];
    size_t i;
    json_array_foreach(links, i, link) {
        text_print(cli_moment(time, member_text(link, "time")));
        (void)fputs("  ", stdout);
        text_print(cli_operation_text(member_text(link, "operation")));
        (void)fputs(" -> ", stdout);
        text_print(cli_state_text(member_text(link, "state")));
        (void)fputs(SAY("  entry ", "  条目 "), stdout);
        text_print(member_text(link, "id"));
        (void)fputs(SAY("  key ", "  密钥 "), stdout);
        text_print(member_text(link, "kid"));
        (void)putchar('\n');
    }
}

static void history_report(const struct cli *cli, const struct licence_id *id, json_t *links, bool verified) {
    json_t *link;
    size_t i;
    if (cli->json) {
        json_array_foreach(links, i, link) json_object_del(link, "statement");
        cli_print_json(json_pack("{s:s, s:s, s:b, s:O}", "key", id->hex, "trust", verified ? "proof" : "node", "verified", verified, "history", links));
        return;
    }
    print_links(links);
    if (verified) printf(SAY("trust:     %s, each proved: statements, signatures, receipts and head, under the genesis document that you trust\n",
                             "依据: %s，全部核实：声明、签名、回执、链首，均以您信任的创世文件为准\n"), cli_count(json_array_size(links), "entry", "entries", "项"));
    else (void)puts(SAY("trust:     the word of the node alone; --verify proves each entry", "依据: 仅凭节点所述；--verify 可逐项核实"));
}

int cmd_history(struct cli *cli) {
    static struct options options;
    static struct licence_named named[LICENCE_NAMED_MAX];
    struct ledger_view view = {.types = NULL};
    struct anchor anchor;
    json_t *links = NULL;
    uint8_t *proof = NULL;
    size_t count = 0;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    const bool verify = option_get(&options, "verify") != NULL;
    int done = anchor_find(&anchor, cli, &options);
    if (done == EXIT_VALID) done = anchor_allows(&anchor, cli);
    if (done == EXIT_VALID && !verify && !http_is_loopback(cli->node))
        done = cli_fail(EXIT_USAGE, SAY("%s is another machine, and without --verify nothing could tell whether its answer is true: add --verify", "%s 是另一台机器，不加 --verify 便无从判断其答复是否属实：请加上 --verify"), cli->node);
    if (done == EXIT_VALID) done = anchor_ledger(&anchor, &view, cli);
    if (done == EXIT_VALID) done = licence_named_read(named, &count, cli, &view, &anchor, &options);
    if (done == EXIT_VALID && count > 1) done = cli_fail(EXIT_USAGE, SAY("licet history ID: one licence at a time", "licet history 证照标识：一次一份证照"));
    if (done == EXIT_VALID && verify && !anchor_is(&anchor))
        done = cli_fail(EXIT_USAGE, SAY("--verify needs the ledger's genesis.cbor, got from somebody you trust: name it with --trust FILE or $LICET_TRUST", "--verify 需要账本的 genesis.cbor，应取自您信任的人：用 --trust 文件或 $LICET_TRUST 指明"));
    if (done == EXIT_VALID) links = fetch(cli, &named[0].id, verify, &done);
    if (done == EXIT_VALID && verify) done = prove(&proof, cli, &anchor, &named[0].id);
    if (done == EXIT_VALID && verify) done = history_check(cli, &anchor, &named[0].id, links);
    if (done == EXIT_VALID) history_report(cli, &named[0].id, links, verify);
    free(proof);
    json_decref(links);
    ledger_view_free(&view);
    anchor_free(&anchor);
    return done;
}
