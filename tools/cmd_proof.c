#include "tools/commands.h"
#include "tools/proof_fetch.h"

static const struct option_spec specs[] = {
    {"out", true, "the file to write, usually NAME.licet; -o for short"},
    FORCE_OPTION_SPEC,
    {"doc", true, "the proof is to be about this file too"},
    {"field", true, "an element to disclose, such as ZZBH; may be repeated; only its issuer can"},
};

int cmd_proof(struct cli *cli) {
    static struct options options;
    const char *fields[ELEMENTS_MAX];
    size_t count = 0;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    const char *out = option_get(&options, "out");
    if (options.positional_count != 1 || !out) return cli_fail(EXIT_USAGE, "licet proof ID -o P.licet: one licence, and the file to write");
    for (size_t i = 0; i < options.count; i++) {
        if (strcmp(options.given[i].name, "field") != 0) continue;
        if (count == ELEMENTS_MAX) return cli_fail(EXIT_USAGE, "--field: more than %u elements", ELEMENTS_MAX);
        fields[count++] = options.given[i].value;
    }
    int done = output_check("--out", out, output_over(&options));
    if (done != EXIT_VALID) return done;
    struct licence_id id;
    struct ledger_view view = {.types = NULL};
    if (!licence_id_parse(&id, options.positional[0]) || id.identifier[0]) { /* a key needs no types, and no secret */
        done = ledger_view_load(&view, cli);
        if (done == EXIT_VALID) done = licence_id_read(&id, cli, &view, options.positional[0]);
    }
    ledger_view_free(&view);
    if (done == EXIT_VALID) done = proof_fetch(cli, id.key, option_get(&options, "doc"), fields, count, out, output_over(&options));
    if (done != EXIT_VALID) return done;
    if (cli->json) cli_print_json(json_pack("{s:s, s:o}", "key", id.hex, "proof", cli_json_text(out)));
    else printf("proof: %s\n", out);
    return EXIT_VALID;
}
