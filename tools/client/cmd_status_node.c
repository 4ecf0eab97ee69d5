#include "tools/cli/moment.h"
#include "tools/client/answer.h"
#include "tools/client/commands.h"
#include "tools/client/header_fetch.h"
#include "tools/document/text_print.h"

static const struct option_spec specs[] = {
    {"header", OPTION_TEXT, "writes the header of this block (a number, or newest) for --pin, checked by the genesis document", "写出此区块（区块号或 `newest`）的区块头，供 --pin 使用；先以创世文件核实"},
    {"out", OPTION_FILE, "with --header: the file to write; -o for short", "与 --header 同用：要写入的文件；可简写为 -o"},
    FORCE_OPTION_SPEC,
    ANCHOR_TRUST_SPEC,
    {"pin", OPTION_FILE, "with --header: the header pinned so far; the new one is not older", "与 --header 同用：此前固定的区块头；新的不得更早"},
};

static int write_header(const struct cli *cli, const struct options *options) {
    const char *out = option_get(options, "out");
    struct anchor anchor = {.max_age_ms = -1};
    if (!out) return cli_fail(EXIT_USAGE, SAY("--header needs -o FILE: the file to write, for --pin", "--header 需要 -o 文件：要写入的文件，供 --pin 使用"));
    int done = anchor_find(&anchor, cli, options);
    if (done == EXIT_VALID && !anchor_is(&anchor))
        done = cli_fail(EXIT_TRUST_OPTION, SAY("--header needs the ledger's genesis.cbor, got from somebody you trust: name it with --trust FILE or $LICET_TRUST; a pin that nobody checked would hold to whatever a node says",
                                               "--header 需要账本的 genesis.cbor，应取自可信的一方：请用 --trust 文件 或 $LICET_TRUST 指明；未经核实的区块头不能作为固定依据"));
    if (done == EXIT_VALID) done = header_fetch(cli, &anchor, option_get(options, "header"), out, output_over(options));
    anchor_free(&anchor);
    return done;
}

int cmd_status_node(struct cli *cli) {
    static struct options options;
    static const char *const of_header[] = {"out", "force", "trust", "pin"};
    char shown[MOMENT_SHOWN];
    int done;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    if (options.positional_count == 0 && option_get(&options, "header")) return write_header(cli, &options);
    for (size_t i = 0; i < sizeof of_header / sizeof *of_header && options.positional_count == 0; i++)
        if (option_get(&options, of_header[i]))
            return cli_fail(EXIT_TRUST_OPTION, SAY("--%s goes with --header: what `licet status` says is the word of the node", "--%s 只与 --header 同用：`licet status` 所示仅凭节点所述"), of_header[i]);
    if (options.positional_count) return cli_fail(EXIT_USAGE, SAY("`licet status` asks the node at %s; of one licence, ask `licet verify --id ID`",
                                                                  "`licet status` 查询节点 %s 的状态；查询一份证照请用 `licet verify --id 证照标识`"), cli->node);
    json_t *head = http_json(cli, "GET", "/v1/head", NULL, &done);
    if (!head) return done;
    const json_t *chain = json_object_get(head, "chain"), *height = json_object_get(head, "height"), *hash = json_object_get(head, "head");
    const json_t *engine = json_object_get(head, "engine"), *licences = json_object_get(head, "licences"), *time = json_object_get(head, "time");
    const json_t *version = json_object_get(head, "version"), *key = json_object_get(head, "checkpoint_key");
    if (!json_is_string(chain) || !json_is_integer(height)) {
        done = cli_fail(EXIT_ERROR, SAY("%s does not answer as a licet node does: check the address",
                                        "%s 的应答不是 licet 节点的应答：请检查地址"), cli->node);
    } else if (cli->json) {
        cli_print_json(json_pack("{s:O, s:O, s:O, s:O?, s:O, s:O?, s:O?}", "chain", chain, "height", height, "head", hash, "engine", engine, "licences", licences, "version", version,
                                 "checkpoint_key", key));
    } else {
        printf(SAY("chain: %s\nheight: %lld\nhead: %s\nengine: %s\nlicences: %lld\n", "账本: %s\n高度: %lld\n最新区块: %s\n共识方式: %s\n证照数: %lld\n"), text_shown(json_string_value(chain)), (long long)json_integer_value(height),
               text_shown(json_string_value(hash)), json_is_string(engine) ? text_shown(cli_engine_text(json_string_value(engine))) : "-", (long long)json_integer_value(licences));
        if (json_is_string(version)) printf(SAY("version: %s\n", "版本: %s\n"), text_shown(json_string_value(version)));
        const char *moment = json_is_string(time) ? cli_moment(shown, json_string_value(time)) : NULL;
        if (moment) printf(SAY("time: %s\n", "时间: %s\n"), text_shown(moment));
        if (json_is_string(key)) printf(SAY("checkpoint key: %s\n", "检查点公钥: %s\n"), text_shown(json_string_value(key)));
    }
    json_decref(head);
    return done;
}
