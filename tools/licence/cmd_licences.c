/* list: the licences of the ledger, page by page as the node has them, so that a million take no more memory than a page. show: one of them. */
#include <inttypes.h>

#include "ledger/wire/ident.h"
#include "tools/cli/json_out.h"
#include "tools/cli/progress.h"
#include "tools/client/answer.h"
#include "tools/client/verdict_answer.h"
#include "tools/document/text_print.h"
#include "tools/licence/commands.h"
#include "tools/licence/licence_named.h"
#include "tools/licence/licence_print.h"
#include "tools/verify/verdict_print.h"
#include "tools/verify/verify_file.h"

#define PAGE "500"

/* ---- list ---- */

#define STATES "valid, not_active, suspended, lapsed, cancelled, annulled, revoked, superseded, transferred"
#define STATES_ZH "有效（valid）、未生效（not_active）、暂扣（suspended）、已过有效期（lapsed）、已注销（cancelled）、已撤销（annulled）、已吊销（revoked）、已被新版本取代（superseded）、已转出（transferred）"

static const struct option_spec list_specs[] = {
    {"type", OPTION_TEXT, "only of this type: its code, or its name", "只列此类型：类型代码或名称"},
    {"state", OPTION_TEXT, "only these: " STATES, "只列此状态：" STATES_ZH "；括号内外的写法均可"},
    {"issuer", OPTION_TEXT, "only of this issuer: its credit code", "只列此颁发机构：统一社会信用代码"},
    {"since", OPTION_TEXT, "only what was issued or changed at this entry or later: its number in the log, or BLOCK.INDEX", "只列自此条目起签发或变更的：日志条目号，或“区块.序号”"},
    ANCHOR_OPTION_SPECS,
};

struct list {
    const struct cli *cli;
    struct licence_known known;
    char query[512];
    uint64_t shown;
};

/* "12.0" is asked of the node. */
static int licences_read_since(uint64_t *out, const struct cli *cli, const char *text) {
    uint64_t block, index;
    int used = 0, done;
    if (text[strspn(text, "0123456789")] == '\0' && strlen(text) <= 18 && sscanf(text, "%" SCNu64 "%n", out, &used) == 1) return EXIT_VALID;
    if (text[strspn(text, "0123456789.")] || strlen(text) > 30 || sscanf(text, "%" SCNu64 ".%" SCNu64 "%n", &block, &index, &used) != 2 || text[used] != '\0')
        return cli_fail(EXIT_USAGE, SAY("--since %s: must be the number of a log entry, or BLOCK.INDEX as `licet issue` prints it", "--since %s：应为日志条目号，或 `licet issue` 所示的“区块.序号”"), text);
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/blocks/%" PRIu64, block);
    json_t *json = http_json(cli, "GET", path, NULL, &done);
    if (!json) return done;
    *out = (uint64_t)json_integer_value(json_object_get(json, "first_entry")) + index;
    json_decref(json);
    return EXIT_VALID;
}

/* A code, or a name that only one type has. */
static const char *type_code(const struct ledger_view *view, const char *typed) {
    const char *found = NULL;
    size_t matches = 0;
    for (size_t i = 0; i < json_array_size(view->types); i++) {
        const json_t *type = json_array_get(view->types, i);
        if (strcmp(member_text(type, "code"), typed) == 0) return member_text(type, "code");
        if (strcmp(member_text(type, "name"), typed) != 0) continue;
        found = member_text(type, "code");
        matches++;
    }
    if (matches == 1) return found;
    if (matches) (void)cli_fail(0, SAY("--type %s is the name of several licence types of %s; `licet type list` shows their codes", "--type %s 是 %s 中多个证照类型的名称；代码见 `licet type list`"), typed, view->chain_id);
    else (void)cli_fail(0, SAY("--type %s is no licence type of %s; `licet type list` shows them", "--type %s 不是 %s 的证照类型；可用的类型见 `licet type list`"), typed, view->chain_id);
    return NULL;
}

/* The ledger's word for a state that is typed as such, or as a reader of Chinese is shown it; NULL: it is none. */
static const char *state_word(const char *typed) {
    for (int i = VERDICT_VALID; i <= VERDICT_TRANSFERRED; i++) {
        const char *word = verdict_word_text((enum verdict_word)i);
        if (strcmp(word, typed) == 0 || strcmp(cli_state_zh(word), typed) == 0) return word;
    }
    return NULL;
}

static int read_filter(struct list *list, const struct options *options, const struct ledger_view *view) {
    const char *type = option_get(options, "type"), *since = option_get(options, "since"), *state = option_get(options, "state"), *issuer = option_get(options, "issuer");
    const char *word = state ? state_word(state) : NULL;
    size_t len = 0;
    uint64_t entry;
    if (type && !(type = type_code(view, type))) return EXIT_ERROR;
    if (state && !word) return cli_fail(EXIT_USAGE, SAY("--state %s: is no state of a licence; it is one of " STATES, "--state %s：没有此状态；可取 " STATES_ZH), state);
    if (issuer && !uscc_check(bytes_text(issuer))) return cli_fail(EXIT_USAGE, SAY("--issuer %s: is no credit code; `licet member list` shows those of the issuers", "--issuer %s：不是统一社会信用代码；颁发机构的代码见 `licet member list`"), issuer);
    if (type) len += (size_t)snprintf(list->query + len, sizeof list->query - len, "&type=%s", type);
    if (word) len += (size_t)snprintf(list->query + len, sizeof list->query - len, "&state=%s", word);
    if (issuer) len += (size_t)snprintf(list->query + len, sizeof list->query - len, "&issuer=%s", issuer);
    if (!since) return EXIT_VALID;
    const int done = licences_read_since(&entry, list->cli, since);
    if (done == EXIT_VALID) (void)snprintf(list->query + len, sizeof list->query - len, "&since=%" PRIu64, entry);
    return done;
}

static void print_row(const json_t *row) {
    const char *identifier = json_string_value(json_object_get(row, "identifier")), *to = json_string_value(json_object_get(row, "valid_to"));
    text_print(member_text(row, "type_name"));
    (void)fputs("  ", stdout);
    text_print(identifier ? identifier : member_text(row, "key"));
    printf("%s", identifier ? "  " : SAY(" (identifier hidden)  ", "（标识不可见）  "));
    text_print(cli_state_text(member_text(row, "verdict")));
    (void)fputs("  ", stdout);
    text_print(member_text(row, "valid_from"));
    (void)fputs(SAY(" to ", " 至 "), stdout);
    text_print(to ? to : SAY("no end", "长期"));
    (void)putchar('\n');
}

/* A row of which a part is missing is no row: half of it could be taken for a whole one. */
static bool licences_row_read(uint8_t key32[32], uint8_t root32[32], const json_t *row) {
    static const char *const texts[] = {"issuer", "type", "verdict", "state", "valid_from"};
    const char *key = member_text(row, "key"), *root = member_text(row, "fields_root");
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (!json_is_string(json_object_get(row, texts[i]))) return false;
    return verdict_word_of(row) >= 0 && hex_decode(key32, 32, key, strlen(key)) && hex_decode(root32, 32, root, strlen(root));
}

/* One element of the array, which begins with the first, so that a list that cannot even begin is answered as an error. */
static void print_element(const json_t *element, bool first) {
    char *text = json_dumps(element, JSON_COMPACT | JSON_PRESERVE_ORDER), *shown = text ? text_json(text) : NULL;
    printf("%s%s", first ? "[" : ",\n", shown ? shown : "null");
    cli_error_answered();
    free(shown);
    free(text);
}

/* A list that was cut short says so in its last element. */
static void print_end(const struct list *list, int done) {
    if (done != EXIT_VALID && list->shown == 0) return;
    if (done != EXIT_VALID) {
        json_t *error = cli_error_take(done);
        print_element(error, false);
        json_decref(error);
    }
    (void)puts(list->shown ? "]" : "[]");
    cli_error_answered();
}

static int print_page(struct list *list, const json_t *rows) {
    json_t *row;
    uint8_t key[32], root[32];
    size_t i;
    json_array_foreach(rows, i, row) {
        if (!licences_row_read(key, root, row)) return cli_fail(EXIT_MISMATCH, SAY("%s answered a list of which parts are missing: is it a licet node, of this version?", "%s 给出的列表不完整：请确认它是本版本的 licet 节点"), list->cli->node);
        licence_known_of(&list->known, key, root);
        licence_add_known(row, &list->known);
        if (!list->cli->json) {
            print_row(row);
        } else {
            print_element(row, list->shown == 0);
        }
        list->shown++;
    }
    return EXIT_VALID;
}

static int print_all(struct list *list) {
    char path[640];
    json_int_t after = -1, next = 0;
    int done = EXIT_VALID;
    for (bool more = true; more && done == EXIT_VALID;) {
        int len = snprintf(path, sizeof path, "/v1/licences?limit=" PAGE "%s", list->query);
        if (after >= 0) (void)snprintf(path + len, sizeof path - (size_t)len, "&after=%" JSON_INTEGER_FORMAT, after);
        json_t *page = http_json(list->cli, "GET", path, NULL, &done);
        const json_t *rows = json_object_get(page, "licences"), *goes_on = json_object_get(page, "next");
        if (!page) break;
        more = json_is_integer(goes_on);
        next = json_integer_value(goes_on);
        if (!json_is_array(rows) || (!more && !json_is_null(goes_on)) || (more && next <= after))
            done = cli_fail(EXIT_MISMATCH, SAY("%s answered a list that does not go on: is it a licet node, of this version?", "%s 给出的列表无法继续：请确认它是本版本的 licet 节点"), list->cli->node);
        else done = print_page(list, rows);
        after = next;
        if (done == EXIT_VALID && more) progress_show(NULL, "slots", (uint64_t)after, (uint64_t)json_integer_value(json_object_get(page, "slots")));
        json_decref(page);
        if (fflush(stdout) != 0) return cli_fail(EXIT_ERROR, SAY("the output could not be written: is the disk full?", "输出无法写入：磁盘是否已满？"));
    }
    progress_end();
    return done;
}

int cmd_list(struct cli *cli) {
    static struct options options;
    struct ledger_view view = {.types = NULL};
    struct list list = {.cli = cli};
    struct anchor anchor;
    if (!cli_options(&options, cli, list_specs, sizeof list_specs / sizeof *list_specs)) return EXIT_USAGE;
    if (options.positional_count) return cli_fail(EXIT_USAGE, SAY("licet list takes no argument; `licet show ID` shows one licence", "licet list 不带参数；查看一份证照请用 `licet show 证照标识`"));
    int done = anchor_find(&anchor, cli, &options);
    if (done == EXIT_VALID) done = anchor_allows(&anchor, cli);
    if (done == EXIT_VALID) done = anchor_ledger(&anchor, &view, cli);
    if (done == EXIT_VALID) done = licence_known_open(&list.known, cli, &view);
    if (done == EXIT_VALID) done = read_filter(&list, &options, &view);
    if (done == EXIT_VALID) {
        done = print_all(&list);
        if (cli->json) print_end(&list, done);
        if (!cli->json && done == EXIT_VALID)
            (void)cli_fail(0, SAY("%s; days are of Beijing time (UTC+8); the list is the word of the node, `licet show ID` has one proved",
                                  "共 %s；有效期为北京时间（UTC+8）的日期；列表仅凭节点所述，逐份核实用 licet show"), cli_count(list.shown, "licence", "licences", "份证照"));
    }
    licence_known_close(&list.known);
    ledger_view_free(&view);
    anchor_free(&anchor);
    return done;
}

/* ---- show ---- */

static const struct option_spec show_specs[] = {LICENCE_NAMED_SPECS_ONE, ANCHOR_OPTION_SPECS};

/* The elements that are open here, each under its label. */
static json_t *elements(const struct licence_known *known) {
    json_t *all = json_object();
    for (uint32_t i = 0; known->opened && i < known->held.field_count; i++) {
        const struct field *field = &known->held.fields[i];
        char code[ELEMENT_CODE_MAX + 1];
        (void)snprintf(code, sizeof code, "%.*s", (int)field->code.len, (const char *)field->code.data);
        json_object_set_new(all, code, json_stringn((const char *)field->value.data, field->value.len));
    }
    return all;
}

static void print_shown(const json_t *verdict) {
    const json_t *licence = json_object_get(verdict, "licence"), *value;
    const char *code;
    verdict_print(verdict, false);
    printf("%s", SAY("key:       ", "证照键: "));
    text_print(member_text(licence, "key"));
    (void)putchar('\n');
    if (json_is_true(json_object_get(licence, "hidden")))
        (void)puts(SAY("elements:  salted on the ledger and hidden here: only the issuer's private/ opens them", "要素: 加盐存于账本，此处不可见：仅签发部门的 private/ 可以打开"));
    json_object_foreach(json_object_get(licence, "elements"), code, value) {
        printf("%s", SAY("element:   ", "要素: "));
        text_print(code);
        (void)putchar(' ');
        text_print(json_string_value(value));
        (void)putchar('\n');
    }
}

static int licences_show(const struct cli *cli, const struct ledger_view *view, struct anchor *anchor, const struct licence_id *id) {
    json_t *queries = json_pack("[{s:s}]", "key", id->hex), *verdicts = json_array();
    struct licence_known known;
    int done = licence_known_open(&known, cli, view);
    if (done == EXIT_VALID) done = queries_ask(verdicts, cli, anchor, queries);
    json_t *verdict = json_array_get(verdicts, 0), *licence = json_object_get(verdict, "licence");
    const bool proved = strcmp(member_text(verdict, "trust"), "proof") == 0;
    if (done == EXIT_VALID && json_is_object(licence)) {
        if (id->identifier[0]) json_object_set_new(licence, "identifier", json_string(id->identifier));
        licence_known_of(&known, id->key, proved ? anchor->view->verdict.licence.fields_root : NULL);
        licence_add_known(licence, &known);
        json_object_set_new(licence, "elements", elements(&known));
    }
    if (done == EXIT_VALID && cli->json) cli_print_json(json_incref(verdict));
    else if (done == EXIT_VALID) print_shown(verdict);
    if (done == EXIT_VALID) done = verdict_word_exit(verdict);
    licence_known_close(&known);
    json_decref(queries);
    json_decref(verdicts);
    return done;
}

int cmd_show(struct cli *cli) {
    static struct options options;
    static struct licence_named named[LICENCE_NAMED_MAX];
    struct ledger_view view = {.types = NULL};
    struct anchor anchor;
    size_t count = 0;
    if (!cli_options(&options, cli, show_specs, sizeof show_specs / sizeof *show_specs)) return EXIT_USAGE;
    int done = anchor_find(&anchor, cli, &options);
    if (done == EXIT_VALID) done = anchor_allows(&anchor, cli);
    if (done == EXIT_VALID) done = anchor_ledger(&anchor, &view, cli);
    if (done == EXIT_VALID) done = licence_named_read(named, &count, cli, &view, &anchor, &options);
    if (done == EXIT_VALID && count > 1) done = cli_fail(EXIT_USAGE, SAY("licet show ID: one licence at a time", "licet show 证照标识：一次一份证照"));
    if (done == EXIT_VALID) done = licences_show(cli, &view, &anchor, &named[0].id);
    ledger_view_free(&view);
    anchor_free(&anchor);
    return done;
}
