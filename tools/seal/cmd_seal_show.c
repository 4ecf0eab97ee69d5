/* seal list, show, history, impact: what the ledger has of a seal, and which licences depend on it. */
#include "tools/cli/moment.h"
#include "tools/client/answer.h"
#include "tools/client/seal_id.h"
#include "tools/document/text_print.h"
#include "tools/seal/cmd_seal.h"

#define PAGE "1000"

static int one_id(const char **id, const struct options *options, const char *command) {
    if (options->positional_count != 1) return cli_fail(EXIT_USAGE, SAY("name the seal: licet seal %s ESID",
                                                                        "请指明印章标识：licet seal %s 印章标识"), command);
    *id = options->positional[0];
    return EXIT_VALID;
}

static const char *seal_show_text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text_shown(text) : "-";
}

static void seal_show_print_seal(const json_t *seal) {
    const json_t *owner = json_object_get(seal, "owner"), *makings = json_object_get(seal, "makings"), *making;
    const char *reason = json_string_value(json_object_get(seal, "reason"));
    char from[MOMENT_SHOWN], to[MOMENT_SHOWN];
    size_t i;
    printf(SAY("seal:      %s %s\nowner:     %s (%s)\nstate:     %s since block %lld%s%s\n", "印章: %s %s\n所有者: %s（%s）\n状态: %s，自区块 %lld 起%s%s\n"), seal_show_text_of(seal, "id"), seal_show_text_of(seal, "name"), seal_show_text_of(owner, "name"),
           seal_show_text_of(owner, "id"), cli_state_text(seal_show_text_of(seal, "state")), (long long)json_integer_value(json_object_get(seal, "since")), reason ? SAY("; reason: ", "；原因：") : "", reason ? reason : "");
    json_array_foreach(makings, i, making) {
        const json_t *suspect = json_object_get(making, "suspect_since");
        printf(SAY("making %zu:  %s, %s to %s, registered by entry %lld", "第 %zu 次制作: %s，%s 至 %s，备案条目 %lld"), i + 1, seal_show_text_of(making, "digest"),
               cli_moment(from, seal_show_text_of(making, "valid_from")), cli_moment(to, seal_show_text_of(making, "valid_to")),
               (long long)json_integer_value(json_object_get(making, "entry")));
        if (json_is_integer(suspect)) printf(SAY("; suspect from entry %lld on", "；自条目 %lld 起存疑"), (long long)json_integer_value(suspect));
        (void)putchar('\n');
    }
    printf(SAY("licences:  %lld sealed with it\n", "证照: 加盖该印章的 %lld 份\n"), (long long)json_integer_value(json_object_get(seal, "licences")));
}

int cmd_seal_show(struct cli *cli) {
    static struct options options;
    const char *id = NULL;
    if (!cli_options(&options, cli, NULL, 0)) return EXIT_USAGE;
    int done = one_id(&id, &options, "show");
    json_t *seal = done == EXIT_VALID ? seal_fetch(cli, id, "", &done) : NULL;
    if (seal && cli->json) cli_print_json(json_incref(seal));
    else if (seal) seal_show_print_seal(seal);
    json_decref(seal);
    return done;
}

/* Every page of a list under the seal, its members put together. A page without any that says that more follow is no end. */
static json_t *all_pages(const struct cli *cli, const char *id, const char *list, int *exit_code) {
    json_t *all = json_array();
    char rest[96];
    json_int_t after = -1;
    (void)snprintf(rest, sizeof rest, "/%s?limit=" PAGE, list);
    for (bool more = true; more;) {
        json_t *page = seal_fetch(cli, id, rest, exit_code);
        json_t *next = json_object_get(page, "next"), *members = json_object_get(page, list);
        more = json_is_integer(next);
        const bool whole = json_is_array(members) && (more ? json_array_size(members) > 0 && json_integer_value(next) != after : !next || json_is_null(next));
        if (page && !whole) *exit_code = cli_fail(EXIT_MISMATCH, SAY("%s answered a list that does not go on: is it a licet node, of this version?", "%s 给出的列表无法继续：请确认它是本版本的 licet 节点"), cli->node);
        if (whole) json_array_extend(all, members);
        after = json_integer_value(next);
        json_decref(page);
        if (!whole) {
            json_decref(all);
            return NULL;
        }
        (void)snprintf(rest, sizeof rest, "/%s?limit=" PAGE "&after=%lld", list, (long long)after);
    }
    return all;
}

int cmd_seal_history(struct cli *cli) {
    static struct options options;
    const char *id = NULL;
    if (!cli_options(&options, cli, NULL, 0)) return EXIT_USAGE;
    int done = one_id(&id, &options, "history");
    json_t *links = done == EXIT_VALID ? all_pages(cli, id, "history", &done) : NULL, *link;
    char time[MOMENT_SHOWN];
    size_t i;
    if (links && cli->json) cli_print_json(json_incref(links));
    else if (links)
        json_array_foreach(links, i, link)
            printf(SAY("%s  %-14s -> %-9s entry %s (log entry %lld)\n", "%s  %s，状态 %s，条目 %s（日志条目 %lld）\n"), cli_moment(time, seal_show_text_of(link, "time")),
                   cli_operation_text(seal_show_text_of(link, "operation")), cli_state_text(seal_show_text_of(link, "state")), seal_show_text_of(link, "id"),
                   (long long)json_integer_value(json_object_get(link, "entry")));
    json_decref(links);
    return done;
}

int cmd_seal_list(struct cli *cli) {
    static struct options options;
    int done = EXIT_VALID;
    if (!cli_options(&options, cli, NULL, 0)) return EXIT_USAGE;
    if (options.positional_count != 0) return cli_fail(EXIT_USAGE, SAY("licet seal list takes no argument; `licet seal show ESID` shows one",
                                                                       "licet seal list 不带参数；查看一枚印章用 `licet seal show 印章标识`"));
    json_t *seals = ledger_list(cli, "/v1/seals", "seals", &done), *seal;
    size_t i;
    if (seals && cli->json) cli_print_json(json_incref(seals));
    else if (seals)
        json_array_foreach(seals, i, seal)
            printf("%s  %-9s %s  %s\n", seal_show_text_of(seal, "id"), cli_state_text(seal_show_text_of(seal, "state")), seal_show_text_of(json_object_get(seal, "owner"), "id"), seal_show_text_of(seal, "name"));
    json_decref(seals);
    return done;
}

/* ---- impact: what was sealed with a seal that is stopped, made again, or at its end ---- */

struct impact { size_t all, suspect, valid; };

static struct impact seal_show_count(const json_t *licences) {
    struct impact impact = {.all = json_array_size(licences)};
    const json_t *licence;
    size_t i;
    json_array_foreach(licences, i, licence) {
        impact.suspect += json_is_true(json_object_get(licence, "suspect"));
        impact.valid += strcmp(seal_show_text_of(licence, "verdict"), "valid") == 0;
    }
    return impact;
}

static void print_impact(const json_t *seal, const json_t *licences, bool only_suspect) {
    const struct impact impact = seal_show_count(licences);
    const json_t *licence;
    size_t i;
    seal_show_print_seal(seal);
    printf(SAY("suspect:   %zu of %zu, by the order of the log; %zu read valid now\n", "存疑: 按日志顺序 %zu 份，共 %zu 份；现为有效的 %zu 份\n"), impact.suspect, impact.all, impact.valid);
    json_array_foreach(licences, i, licence) {
        const bool suspect = json_is_true(json_object_get(licence, "suspect"));
        if (only_suspect && !suspect) continue;
        printf(SAY("%s  entry %lld  making %lld  %-10s %s\n", "%s  条目 %lld  第 %lld 次制作  %s %s\n"), seal_show_text_of(licence, "key"), (long long)json_integer_value(json_object_get(licence, "entry")),
               (long long)json_integer_value(json_object_get(licence, "making")) + 1, cli_state_text(seal_show_text_of(licence, "verdict")), suspect ? SAY("suspect", "存疑") : "");
    }
}

static json_t *suspect_ones(const json_t *licences) {
    json_t *some = json_array(), *licence;
    size_t i;
    json_array_foreach(licences, i, licence) if (json_is_true(json_object_get(licence, "suspect"))) json_array_append(some, licence);
    return some;
}

int cmd_seal_impact(struct cli *cli) {
    static const struct option_spec specs[] = {{"suspect", OPTION_FLAG, "only those that are suspect", "只列出存疑的"}};
    static struct options options;
    const char *id = NULL;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    int done = one_id(&id, &options, "impact");
    json_t *seal = done == EXIT_VALID ? seal_fetch(cli, id, "", &done) : NULL;
    json_t *licences = seal ? all_pages(cli, id, "licences", &done) : NULL;
    const bool only_suspect = option_get(&options, "suspect") != NULL;
    if (licences && cli->json) {
        const struct impact impact = seal_show_count(licences);
        cli_print_json(json_pack("{s:O, s:I, s:I, s:I, s:o}", "seal", seal, "sealed", (json_int_t)impact.all, "suspect", (json_int_t)impact.suspect, "valid",
                                 (json_int_t)impact.valid, "licences", only_suspect ? suspect_ones(licences) : json_incref(licences)));
    } else if (licences) {
        print_impact(seal, licences, only_suspect);
    }
    json_decref(licences);
    json_decref(seal);
    return done;
}
