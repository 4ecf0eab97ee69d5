#include "tools/licence_named.h"

#include "tools/licence_print.h"

#include "tools/licence_known.h"
#include "tools/query_fields.h"
#include "tools/verify.h"
#include "tools/verify_file.h"

struct naming {
    struct licence_named *out;
    size_t count;
    const struct cli *cli;
    const struct ledger_view *view;
    struct anchor anchor;
};

static int add(struct naming *naming, const struct licence_id *id, const char *typed) {
    for (size_t i = 0; i < naming->count; i++)
        if (memcmp(naming->out[i].id.key, id->key, 32) == 0) return cli_fail(EXIT_USAGE, SAY("%s is named twice: %s is the same licence", "%s 重复出现：与 %s 是同一份证照"), typed, naming->out[i].typed);
    if (naming->count == LICENCE_NAMED_MAX) return cli_fail(EXIT_USAGE, SAY("at most %u licences at once; split the job", "一次至多 %u 份证照，请分批办理"), LICENCE_NAMED_MAX);
    naming->out[naming->count++] = (struct licence_named){*id, typed};
    return EXIT_VALID;
}

static int several(const struct naming *naming, const json_t *verdicts, const char *typed) {
    const json_t *verdict;
    size_t i;
    (void)cli_fail(EXIT_USAGE, SAY("%s: more than one licence matches; name one by its ID:", "%s：符合的证照不止一份，请用证照标识指明："), typed);
    json_array_foreach(verdicts, i, verdict) {
        const json_t *licence = json_object_get(verdict, "licence");
        const char *name = licence ? licence_known_type(naming->view, member_text(licence, "type")) : NULL;
        if (json_is_object(licence)) (void)cli_fail(0, "  %s  %s  %s", member_text(licence, "key"), name ? name : "-", cli_state_text(member_text(verdict, "verdict")));
    }
    return EXIT_USAGE;
}

/* The one licence that the answers tell of. */
static int one_of(struct naming *naming, const json_t *verdicts, const char *typed) {
    struct licence_id id = {.identifier = ""}, found = {.identifier = ""};
    const json_t *verdict;
    size_t i;
    json_array_foreach(verdicts, i, verdict) {
        const json_t *licence = json_object_get(verdict, "licence");
        if (!json_is_object(licence) || !licence_id_parse(&id, member_text(licence, "key"))) continue;
        if (found.hex[0] && memcmp(found.key, id.key, 32) != 0) return several(naming, verdicts, typed);
        found = id;
    }
    if (found.hex[0]) return add(naming, &found, typed);
    verdict = json_array_get(verdicts, 0);
    const char *note = json_string_value(json_object_get(verdict, "note"));
    char shown[FINDING_SHOWN];
    return cli_fail(verdict_word_exit(verdict), SAY("%s names no licence (%s%s%s): check what was typed, or name the licence by its ID", "%s 未指向任何证照（%s%s%s）：请核对所填内容，或用证照标识指明"), typed,
                    cli_state_text(member_text(verdict, "verdict")), note ? SAY(": ", "：") : "", note ? verdict_note_text(shown, note) : "");
}

static int by_queries(struct naming *naming, json_t *queries, const char *typed) {
    json_t *verdicts = json_array();
    int done = queries_ask(verdicts, naming->cli, &naming->anchor, queries);
    if (done == EXIT_VALID) done = one_of(naming, verdicts, typed);
    json_decref(verdicts);
    return done;
}

static int by_fields(struct naming *naming, const struct options *options) {
    json_t *fields = NULL;
    int done = query_fields_read(&fields, options);
    json_t *queries = json_pack("[{s:o}]", "fields", fields);
    if (done == EXIT_VALID) done = by_queries(naming, queries, "--fields");
    json_decref(queries);
    return done;
}

/* A sealed document that fails by itself names nothing: who changed it could have it name another's licence. */
static int by_document(struct naming *naming, const char *path, const struct check_options *check) {
    struct shown shown = {.path = NULL};
    json_t *queries = json_array(), *base = json_object();
    int done = shown_ask(&shown, path, check, queries, base);
    if (done == EXIT_VALID && shown_fails(&shown)) done = cli_fail(EXIT_MISMATCH, SAY("%s fails by itself; `licet verify` says why: name the licence by its ID", "%s 本身未通过检查，原因见 `licet verify`：请用证照标识指明"), path);
    if (done == EXIT_VALID) done = by_queries(naming, queries, path);
    shown_free(&shown);
    json_decref(queries);
    json_decref(base);
    return done;
}

static int by_documents(struct naming *naming, const struct options *options) {
    struct check_options check;
    struct trust *trust = NULL;
    int done = document_options(&check, &trust, options);
    for (size_t i = 0; i < options->count && done == EXIT_VALID; i++)
        if (strcmp(options->given[i].name, "doc") == 0) done = by_document(naming, options->given[i].value, &check);
    trust_free(trust);
    return done;
}

static int by_ids(struct naming *naming, const struct options *options) {
    int done = EXIT_VALID;
    for (size_t i = 0; i < options->positional_count && done == EXIT_VALID; i++) {
        struct licence_id id;
        if (option_get(options, "fields") && query_field_is(options->positional[i])) continue;
        done = licence_id_read(&id, naming->cli, naming->view, options->positional[i]);
        if (done == EXIT_VALID) done = add(naming, &id, options->positional[i]);
    }
    return done;
}

int licence_named_read(struct licence_named *out, size_t *count, const struct cli *cli, const struct ledger_view *view, const struct options *options) {
    struct naming naming = {.out = out, .cli = cli, .view = view};
    int done = anchor_find(&naming.anchor, cli, options);
    if (done == EXIT_VALID) done = by_ids(&naming, options);
    if (done == EXIT_VALID && option_get(options, "fields")) done = by_fields(&naming, options);
    if (done == EXIT_VALID && option_get(options, "doc")) done = by_documents(&naming, options);
    anchor_free(&naming.anchor);
    *count = naming.count;
    if (done == EXIT_VALID && naming.count == 0) return cli_fail(EXIT_USAGE, SAY("name a licence: its identifier or key, --fields type=T number=Z, or --doc FILE", "请指明证照：证照标识或证照键，--fields type=类型代码 number=证照编号，或 --doc 文件"));
    return done;
}
