#include "tools/licence/licence_named.h"

#include "tools/licence/licence_known.h"
#include "tools/licence/licence_print.h"
#include "tools/verify/query_fields.h"
#include "tools/verify/verdict_print.h"
#include "tools/verify/verdict_words.h"
#include "tools/verify/verify_file.h"


struct naming {
    struct licence_named *out;
    size_t count;
    const struct cli *cli;
    const struct ledger_view *view;
    struct anchor *anchor;
    bool one; /* all that is named must be one licence */
};

static int licence_named_add(struct naming *naming, const struct licence_id *id, const char *typed, bool by_node) {
    if (naming->one && naming->count == 1) {
        struct licence_named *first = &naming->out[0];
        if (memcmp(first->id.key, id->key, 32) != 0)
            return cli_fail(EXIT_MISMATCH, SAY("%s is another licence than %s: leave one of them out, or name one licence by both", "%s 与 %s 不是同一份证照：请去掉其一，或使二者指向同一份"), typed, first->typed);
        first->by_node = first->by_node && by_node;
        return EXIT_VALID;
    }
    for (size_t i = 0; i < naming->count; i++)
        if (memcmp(naming->out[i].id.key, id->key, 32) == 0) return cli_fail(EXIT_USAGE, SAY("%s is named twice: %s is the same licence", "%s 重复出现：与 %s 是同一份证照"), typed, naming->out[i].typed);
    if (naming->count == LICENCE_NAMED_MAX) return cli_fail(EXIT_USAGE, SAY("at most %u licences at once; split the job", "一次至多 %u 份证照，请分批办理"), LICENCE_NAMED_MAX);
    naming->out[naming->count++] = (struct licence_named){*id, typed, by_node};
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
    bool proved = false;
    size_t i;
    json_array_foreach(verdicts, i, verdict) {
        const json_t *licence = json_object_get(verdict, "licence");
        if (!json_is_object(licence) || !licence_id_parse(&id, member_text(licence, "key"))) continue;
        if (found.hex[0] && memcmp(found.key, id.key, 32) != 0) return several(naming, verdicts, typed);
        found = id;
        proved = proved || strcmp(member_text(verdict, "trust"), "proof") == 0;
    }
    if (found.hex[0]) return licence_named_add(naming, &found, typed, !proved);
    verdict = json_array_get(verdicts, 0);
    const char *note = json_string_value(json_object_get(verdict, "note"));
    char shown[FINDING_SHOWN];
    return cli_fail(verdict_word_exit(verdict), SAY("%s names no licence (%s%s%s): check what was typed, or name the licence by its ID", "%s 未指向任何证照（%s%s%s）：请核对所填内容，或用证照标识指明"), typed,
                    cli_state_text(member_text(verdict, "verdict")), note ? SAY(": ", "：") : "", note ? verdict_note_text(shown, note) : "");
}

static int by_queries(struct naming *naming, json_t *queries, const char *typed) {
    json_t *verdicts = json_array();
    int done = queries_ask(verdicts, naming->cli, naming->anchor, queries);
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
        if (done == EXIT_VALID) done = licence_named_add(naming, &id, options->positional[i], false);
    }
    return done;
}

static int licence_named_read_all(struct naming *naming, const struct options *options) {
    int done = by_ids(naming, options);
    if (done == EXIT_VALID && option_get(options, "fields")) done = by_fields(naming, options);
    if (done == EXIT_VALID && option_get(options, "doc")) done = by_documents(naming, options);
    if (done == EXIT_VALID && option_get(options, "trust-dir") && !option_get(options, "doc"))
        return cli_fail(EXIT_TRUST_OPTION, SAY("--trust-dir is about the seals in a document, and none is shown: name it with --doc, or leave --trust-dir out",
                                               "--trust-dir 用于检查文件中的印章，但没有给出文件：请用 --doc 给出文件，或去掉 --trust-dir"));
    if (done == EXIT_VALID && naming->count == 0) return cli_fail(EXIT_USAGE, SAY("name a licence: its identifier or key, --fields type=T number=Z, or --doc FILE", "请指明证照：证照标识或证照键，--fields type=类型代码 number=证照编号，或 --doc 文件"));
    return done;
}

int licence_named_allowed(const struct cli *cli, const struct anchor *anchor, const struct options *options) {
    return option_get(options, "fields") || option_get(options, "doc") ? anchor_allows(anchor, cli) : EXIT_VALID;
}

int licence_named_read(struct licence_named *out, size_t *count, const struct cli *cli, const struct ledger_view *view, struct anchor *anchor, const struct options *options) {
    struct naming naming = {.out = out, .cli = cli, .view = view, .anchor = anchor};
    const int done = licence_named_read_all(&naming, options);
    *count = naming.count;
    return done;
}

int licence_named_one(struct licence_named *out, const struct cli *cli, const struct ledger_view *view, struct anchor *anchor, const struct options *options) {
    struct naming naming = {.out = out, .cli = cli, .view = view, .anchor = anchor, .one = true};
    return licence_named_read_all(&naming, options);
}

void licence_named_tell(const struct licence_named *named, size_t count, const struct cli *cli) {
    for (size_t i = 0; i < count; i++)
        if (named[i].by_node)
            (void)cli_fail(0, SAY("%s: that this is licence %s is the word of the node at %s alone, without a proof: name the ledger's genesis.cbor with --trust FILE or $LICET_TRUST, and it is proved",
                                  "%s：其为证照 %s 仅凭节点 %s 所述，没有证明：请用 --trust 文件 或 $LICET_TRUST 指明账本的 genesis.cbor 以便核实"), named[i].typed, named[i].id.hex, cli->node);
}
