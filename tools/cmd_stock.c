#include <errno.h>

#include "tools/commands.h"
#include "tools/init_keys.h"
#include "tools/output_file.h"
#include "tools/stock.h"

static const struct option_spec specs[] = {
    {"rows", true, "how many (1000)"},
    {"out", true, "the CSV file to write; -o for short (standard output)"},
    {"answers", true, "a second file with what is expected of each row"},
    FORCE_OPTION_SPEC,
    {"type", true, "code of the licence type (the first)"},
    {"types", true, "licence types as JSON (the ten sample types)"},
    {"issuer", true, "credit code: rows then have identifiers, ZZBS, of this issuer"},
    {"seed", true, "the same seed gives the same file (1)"},
    {"dirty", true, "percent of rows with something wrong or unusual (0)"},
    {"today", true, "licences begin in the five years before it (2026-01-01)"},
    {"encoding", true, "utf-8, utf-8-bom or gb18030 (utf-8)"},
};

static bool read_number(const char *text, uint64_t max, uint64_t *out) {
    char *end;
    if (!text) return true;
    if (text[0] < '0' || text[0] > '9') return false;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && *out <= max;
}

static json_t *load_types(const char *path) {
    json_error_t error;
    if (!path) return json_loadb((const char *)sample_types, sample_types_len, 0, &error);
    size_t len;
    uint8_t *text = file_read(path, GENESIS_TEXT_MAX, &len);
    if (!text) return NULL;
    json_t *types = json_loadb((const char *)text, len, 0, &error);
    free(text);
    if (!types) (void)cli_fail(0, "%s:%d: %s", path, error.line, error.text);
    return types;
}

static int find_type(struct licence_type *out, const json_t *types, const char *code) {
    const json_t *list = json_is_object(types) ? json_object_get(types, "types") : types;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *type = json_array_get(list, i);
        const char *have = json_string_value(json_object_get(type, "code"));
        if (code && (!have || strcmp(have, code) != 0)) continue;
        if (stock_type_from_json(out, type)) return EXIT_VALID;
        return cli_fail(EXIT_ERROR, "the type is not written as genesis/README.md has it");
    }
    return cli_fail(EXIT_ERROR, "%s is none of the types; give the file that has it with --types", code ? code : "the first");
}

static int write_stock(const struct stock_options *stock, const char *out, const char *answers, enum output_over over) {
    struct output_file csv = {.file = NULL}, expected = {.file = NULL};
    int done = out ? output_open(&csv, "--out", out, over) : EXIT_VALID;
    if (done == EXIT_VALID && answers) done = output_open(&expected, "--answers", answers, over);
    if (done == EXIT_VALID) {
        const int failed = stock_make(stock, out ? csv.file : stdout, expected.file), why = errno;
        if (failed != 0 && why == EINVAL) done = cli_fail(EXIT_USAGE, "no identifier can be made of this type and issuer: check --issuer (18 characters)");
        else if (failed != 0) done = cli_fail(EXIT_ERROR, "%s cannot be written: %s", out ? out : "the output", strerror(why));
    }
    if (done == EXIT_VALID && out) done = output_finish(&csv);
    if (done == EXIT_VALID && answers) done = output_finish(&expected);
    output_drop(&csv);
    output_drop(&expected);
    return done;
}

int cmd_stock_make(struct cli *cli) {
    static struct options options;
    static struct licence_type type;
    struct stock_options stock = {.type = &type, .rows = 1000, .seed = 1, .today = STOCK_TODAY, .encoding = STOCK_UTF8};
    uint64_t dirty = 0;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    const char *today = option_get(&options, "today"), *encoding = option_get(&options, "encoding");
    stock.issuer = option_get(&options, "issuer");
    if (options.positional_count) return cli_fail(EXIT_USAGE, "`%s` is not expected; `licet stock-make --help` says what it takes", options.positional[0]);
    if (!read_number(option_get(&options, "rows"), 1000000000, &stock.rows)) return cli_fail(EXIT_USAGE, "--rows: must be a number up to 1000000000");
    if (!read_number(option_get(&options, "seed"), UINT64_MAX, &stock.seed)) return cli_fail(EXIT_USAGE, "--seed: must be a number");
    if (!read_number(option_get(&options, "dirty"), 100, &dirty)) return cli_fail(EXIT_USAGE, "--dirty: must be a percentage, 0 to 100");
    if (today && !day_parse(&stock.today, today)) return cli_fail(EXIT_USAGE, "--today %s: must be a date such as 2026-01-31", today);
    if (encoding && !stock_encoding_from_name(&stock.encoding, encoding)) return cli_fail(EXIT_USAGE, "--encoding %s: must be utf-8, utf-8-bom or gb18030", encoding);
    stock.dirty = (unsigned)dirty;
    json_t *types = load_types(option_get(&options, "types"));
    if (!types) return EXIT_ERROR;
    int done = find_type(&type, types, option_get(&options, "type"));
    if (done == EXIT_VALID) done = write_stock(&stock, option_get(&options, "out"), option_get(&options, "answers"), output_over(&options));
    json_decref(types);
    return done;
}
