#include "tools/sealed/document_options.h"
#include "tools/verify/commands.h"
#include "tools/verify/verify_file.h"

static const struct option_spec specs[] = {DOCUMENT_OPTION_SPECS, ANCHOR_OPTION_SPECS};

/* What the ledger says of it, where a node was named on the line: then the exit code is that of both, as `licet verify` has it. */
static int ask_ledger(json_t **verdict, struct shown *shown, const struct cli *cli, const struct options *options, const json_t *queries,
                      const struct check_options *check) {
    json_t *verdicts = json_array();
    struct anchor anchor;
    int done = anchor_find(&anchor, cli, options);
    if (done == EXIT_VALID) done = queries_ask(verdicts, cli, &anchor, queries);
    if (done == EXIT_VALID) done = shown_known(shown, cli, &anchor, check, verdicts);
    anchor_free(&anchor);
    if (done == EXIT_VALID) *verdict = shown_verdict(shown, verdicts);
    json_decref(verdicts);
    return done;
}

/* What the document by itself ends with stands, also where it is not signed, which the ledger does not mind; else the worse of both. */
static int both(const struct shown *shown, const json_t *verdict) {
    const int alone = outcome_exit(report_outcome(&shown->report)), joined = shown_exit(shown, verdict);
    return alone == EXIT_MISMATCH || joined == EXIT_VALID ? alone : joined;
}

static int ofd_look_at(const struct cli *cli, const struct options *options, const struct check_options *check) {
    const char *path = options->positional[0];
    const bool explain = option_get(options, "explain") != NULL;
    struct shown shown;
    json_t *queries = json_array(), *base = json_object(), *verdict = NULL;
    int done = shown_ask(&shown, path, check, queries, base);
    if (done == EXIT_VALID && shown.report.format == FORMAT_OTHER) done = cli_fail(EXIT_ERROR, SAY("%s is neither an OFD nor a PDF",
                                                                                                   "%s 既不是 OFD 也不是 PDF"), path);
    if (done == EXIT_VALID && cli->node_named) done = ask_ledger(&verdict, &shown, cli, options, queries, check);
    if (done == EXIT_VALID && cli->json) {
        json_t *json = report_json(&shown.report);
        json_object_set_new(json, "ledger", verdict ? json_incref(verdict) : json_null());
        cli_print_json(json);
    } else if (done == EXIT_VALID) {
        if (verdict) shown_print(&shown, verdict, explain);
        else report_print(&shown.report, explain, cli_chinese());
    }
    if (done == EXIT_VALID) done = verdict ? both(&shown, verdict) : outcome_exit(report_outcome(&shown.report));
    shown_free(&shown);
    json_decref(verdict);
    json_decref(queries);
    json_decref(base);
    return done;
}

int cmd_ofd(struct cli *cli) {
    static struct options options;
    struct check_options check;
    struct trust *trust;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    if (options.positional_count != 1) return cli_fail(EXIT_USAGE, SAY("licet ofd FILE: one OFD, or one PDF",
                                                                       "用法：licet ofd 文件（一个 OFD 或 PDF）"));
    static const char *const of_the_node[] = {"trust", "pin", "max-age"};
    for (size_t i = 0; !cli->node_named && i < sizeof of_the_node / sizeof *of_the_node; i++)
        if (option_get(&options, of_the_node[i]))
            return cli_fail(EXIT_TRUST_OPTION, SAY("--%s is about what a node answers, and none is asked: name it with --node URL, or leave --%s out",
                                            "--%s 用于核对节点的应答，但没有查询节点：请用 --node 地址 指明，或去掉 --%s"), of_the_node[i], of_the_node[i]);
    int done = document_options(&check, &trust, &options);
    if (done == EXIT_VALID) done = ofd_look_at(cli, &options, &check);
    trust_free(trust);
    return done;
}
