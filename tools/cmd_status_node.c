#include "tools/commands.h"
#include "tools/document/text_print.h"

int cmd_status_node(struct cli *cli) {
    static struct options options;
    char shown[MOMENT_SHOWN];
    int done;
    if (!cli_options(&options, cli, NULL, 0)) return EXIT_USAGE;
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
