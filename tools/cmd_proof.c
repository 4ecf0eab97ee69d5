#include "tools/commands.h"
#include "tools/proof_fetch.h"
#include "tools/document/text_print.h"

static const struct option_spec specs[] = {
    {"out", OPTION_FILE, "the file to write, usually NAME.licet; -o for short", "要写入的文件，通常为 名称.licet；可简写为 -o"},
    FORCE_OPTION_SPEC,
    {"doc", OPTION_FILE, "the proof is to be about this file too", "证明同时涵盖此文件"},
    {"field", OPTION_TEXT, "an element to disclose, such as ZZBH; may be repeated; only its issuer can", "要披露的字段，例如 ZZBH；可重复；只有颁发机构能够披露"},
};

int cmd_proof(struct cli *cli) {
    static struct options options;
    const char *fields[ELEMENTS_MAX];
    size_t count = 0;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    const char *out = option_get(&options, "out");
    if (options.positional_count != 1 || !out) return cli_fail(EXIT_USAGE, SAY("licet proof ID -o P.licet: one licence, and the file to write",
                                                                               "用法：licet proof 证照标识 -o 证明.licet（一份证照和要写入的文件）"));
    for (size_t i = 0; i < options.count; i++) {
        if (strcmp(options.given[i].name, "field") != 0) continue;
        if (count == ELEMENTS_MAX) return cli_fail(EXIT_USAGE, SAY("--field: more than %u elements", "--field：多于 %u 个字段"), ELEMENTS_MAX);
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
    else printf(SAY("proof: %s\n", "证明: %s\n"), text_shown(out));
    return EXIT_VALID;
}
