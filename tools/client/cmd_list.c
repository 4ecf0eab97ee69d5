/* type list, type show, member list. */
#include "tools/client/answer.h"
#include "tools/client/commands.h"
#include "tools/client/ledger.h"
#include "tools/document/text_print.h"

static const char *list_text_of(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text_shown(text) : "-";
}

static void print_type(const json_t *type) {
    const json_t *kinds = json_object_get(type, "holder_kinds"), *elements = json_object_get(type, "elements");
    const json_t *days = json_object_get(type, "days_max");
    printf(SAY("code: %s\nname: %s\nkeyed: %s\nholder kinds:", "代码: %s\n名称: %s\n凭查询密钥查询: %s\n持证主体代码类型:"), list_text_of(type, "code"), list_text_of(type, "name"),
           json_is_false(json_object_get(type, "keyed")) ? SAY("no", "否") : SAY("yes", "是"));
    for (size_t i = 0; i < json_array_size(kinds); i++) {
        const json_t *kind = json_array_get(kinds, i);
        if (json_is_string(kind)) printf(" %s", text_shown(json_string_value(kind)));
        else printf(" %03lld", (long long)json_integer_value(kind));
    }
    if (json_integer_value(days) > 0) printf(SAY("\nlongest validity: %s\n", "\n最长有效期: %s\n"), cli_count((uint64_t)json_integer_value(days), "day", "days", "天"));
    else printf(SAY("\nlongest validity: any\n", "\n最长有效期: 不限\n"));
    printf(SAY("unlimited: %s\n", "长期有效: %s\n"), json_is_true(json_object_get(type, "unlimited")) ? SAY("allowed", "允许") : SAY("no", "不允许"));
    for (size_t i = 0; i < json_array_size(elements); i++) {
        const json_t *element = json_array_get(elements, i);
        printf(SAY("element: %s %s%s\n", "字段: %s %s%s\n"), list_text_of(element, "code"), list_text_of(element, "label"), json_is_true(json_object_get(element, "mandatory")) ? SAY(" (mandatory)", "（必填）") : "");
    }
}

int cmd_type(struct cli *cli) {
    static struct options options;
    struct ledger_view view;
    if (!cli_options(&options, cli, NULL, 0)) return EXIT_USAGE;
    const char *what = options.positional_count ? options.positional[0] : "";
    bool show = strcmp(what, "show") == 0;
    if (!(show && options.positional_count == 2) && !(strcmp(what, "list") == 0 && options.positional_count == 1))
        return cli_fail(EXIT_USAGE, SAY("licet type list, or licet type show CODE",
                                        "用法：licet type list，或 licet type show 类型代码"));
    int done = ledger_view_load(&view, cli);
    if (done == EXIT_VALID && show) {
        const json_t *type = ledger_type(&view, bytes_text(options.positional[1]));
        if (!type) done = EXIT_ERROR;
        else if (cli->json) cli_print_json(json_incref((json_t *)type));
        else print_type(type);
    } else if (done == EXIT_VALID && cli->json) {
        cli_print_json(json_incref(view.types));
    } else if (done == EXIT_VALID) {
        for (size_t i = 0; i < json_array_size(view.types); i++) printf("%s  %s\n", list_text_of(json_array_get(view.types, i), "code"), list_text_of(json_array_get(view.types, i), "name"));
    }
    ledger_view_free(&view);
    return done;
}

int cmd_member(struct cli *cli) {
    static struct options options;
    int done;
    if (!cli_options(&options, cli, NULL, 0)) return EXIT_USAGE;
    if (options.positional_count != 1 || strcmp(options.positional[0], "list") != 0) return cli_fail(EXIT_USAGE, SAY("licet member list",
                                                                                                                     "用法：licet member list"));
    json_t *members = ledger_list(cli, "/v1/members", "members", &done);
    if (!members) return done;
    for (size_t i = 0; i < json_array_size(members) && !cli->json; i++) {
        const json_t *member = json_array_get(members, i), *roles = json_object_get(member, "roles");
        printf("%s  %s ", list_text_of(member, "uscc"), list_text_of(member, "name"));
        for (size_t r = 0; r < json_array_size(roles); r++) printf(" %s", text_shown(cli_role_text(text_shown(json_string_value(json_array_get(roles, r))))));
        (void)putchar('\n');
    }
    if (cli->json) cli_print_json(members);
    else json_decref(members);
    return EXIT_VALID;
}
