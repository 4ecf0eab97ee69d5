#include "tools/client/proof_fetch.h"
#include "tools/document/text_print.h"
#include "tools/licence/commands.h"
#include "tools/licence/licence_named.h"

static const struct option_spec specs[] = {
    {"out", OPTION_FILE, "the file to write, usually NAME.licet; -o for short", "要写入的文件，通常为 名称.licet；可简写为 -o"},
    FORCE_OPTION_SPEC,
    LICENCE_NAMED_SPECS,
    ANCHOR_OPTION_SPECS,
    {"field", OPTION_TEXT, "an element to disclose, such as ZZBH; may be repeated; only its issuer can", "要披露的字段，例如 ZZBH；可重复；只有颁发机构能够披露"},
};

static int read_fields(const char *out[ELEMENTS_MAX], size_t *count, const struct options *options) {
    *count = 0;
    for (size_t i = 0; i < options->count; i++) {
        if (strcmp(options->given[i].name, "field") != 0) continue;
        if (*count == ELEMENTS_MAX) return cli_fail(EXIT_USAGE, SAY("--field: more than %u elements", "--field：多于 %u 个字段"), ELEMENTS_MAX);
        out[(*count)++] = options->given[i].value;
    }
    return EXIT_VALID;
}

/* Which licence: a key needs no types, no secret and nobody's word. */
static int proof_find(struct licence_named *out, const struct cli *cli, struct anchor *anchor, const struct options *options) {
    struct ledger_view view = {.types = NULL};
    *out = (struct licence_named){.typed = options->positional_count ? options->positional[0] : ""};
    if (options->positional_count == 1 && !option_get(options, "doc") && !option_get(options, "fields") && licence_id_parse(&out->id, out->typed) && !out->id.identifier[0]) return EXIT_VALID;
    int done = licence_named_allowed(cli, anchor, options);
    if (done == EXIT_VALID) done = anchor_ledger(anchor, &view, cli);
    if (done == EXIT_VALID) done = licence_named_one(out, cli, &view, anchor, options);
    if (done == EXIT_VALID) licence_named_tell(out, 1, cli);
    ledger_view_free(&view);
    return done;
}

int cmd_proof(struct cli *cli) {
    static struct options options;
    const char *fields[ELEMENTS_MAX];
    size_t count = 0;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    const char *out = option_get(&options, "out");
    const bool named = options.positional_count > 0 || option_get(&options, "doc") || option_get(&options, "fields");
    if (!named || !out) return cli_fail(EXIT_USAGE, SAY("licet proof ID -o P.licet: one licence, or a document of it with --doc, and the file to write",
                                                        "用法：licet proof 证照标识 -o 证明.licet（一份证照，或用 --doc 给出其文件，以及要写入的文件）"));
    int done = read_fields(fields, &count, &options);
    if (done == EXIT_VALID) done = output_check("--out", out, output_over(&options));
    if (done != EXIT_VALID) return done;
    struct anchor anchor;
    struct licence_named licence;
    done = anchor_find(&anchor, cli, &options);
    if (done == EXIT_VALID) done = proof_find(&licence, cli, &anchor, &options);
    if (done == EXIT_VALID) done = proof_fetch(cli, &anchor, licence.id.key, fields, count, out, output_over(&options));
    anchor_free(&anchor);
    if (done != EXIT_VALID) return done;
    if (cli->json) cli_print_json(json_pack("{s:s, s:o}", "key", licence.id.hex, "proof", cli_json_text(out)));
    else printf(SAY("proof: %s\n", "证明: %s\n"), text_shown(out));
    return EXIT_VALID;
}
