#include <errno.h>

#include "tools/cli/file.h"
#include "tools/cli/finding_words.h"
#include "tools/cli/moment.h"
#include "tools/cli/output_file.h"
#include "tools/import/commands.h"
#include "tools/import/stock.h"
#include "tools/setup/keys.h"

static const struct option_spec specs[] = {
    {"rows", OPTION_TEXT, "how many (1000)", "行数（默认为 1000）"},
    {"out", OPTION_FILE, "the CSV file to write; -o for short (standard output)", "要写入的 CSV 文件；可简写为 -o（默认为标准输出）"},
    {"answers", OPTION_FILE, "a second file with what is expected of each row", "另一文件，写明每行的预期结果"},
    FORCE_OPTION_SPEC,
    {"type", OPTION_TEXT, "code of the licence type (the first)", "证照类型代码（默认为第一个）"},
    {"types", OPTION_FILE, "licence types as JSON (the ten sample types)", "证照类型的 JSON 文件（默认为十个示例类型）"},
    {"issuer", OPTION_TEXT, "credit code: rows then have identifiers, ZZBS, of this issuer", "统一社会信用代码：各行将带有该颁发机构的证照标识 ZZBS"},
    {"seed", OPTION_TEXT, "the same seed gives the same file (1)", "随机种子，相同种子得到相同文件（默认为 1）"},
    {"dirty", OPTION_TEXT, "percent of rows with something wrong or unusual (0)", "有错误或异常的行所占百分比（默认为 0）"},
    {"today", OPTION_TEXT, "licences begin in the five years before it (2026-01-01)", "证照起始于此日之前五年内（默认为 2026-01-01）"},
    {"encoding", OPTION_TEXT, "utf-8, utf-8-bom or gb18030 (utf-8)", "utf-8、utf-8-bom 或 gb18030（默认为 utf-8）"},
};

static bool stock_read_number(const char *text, uint64_t max, uint64_t *out) {
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
    if (!types) (void)cli_fail(0, SAY("%s:%d: %s", "%s:%d：%s"), path, error.line, cli_json_fault(error.text));
    return types;
}

static int stock_find_type(struct licence_type *out, const json_t *types, const char *code) {
    const json_t *list = json_is_object(types) ? json_object_get(types, "types") : types;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *type = json_array_get(list, i);
        const char *have = json_string_value(json_object_get(type, "code"));
        if (code && (!have || strcmp(have, code) != 0)) continue;
        if (stock_type_from_json(out, type)) return EXIT_VALID;
        return cli_fail(EXIT_ERROR, SAY("the type is not written as genesis/README.md has it",
                                        "证照类型的写法不符合 genesis/README.md"));
    }
    return cli_fail(EXIT_ERROR, SAY("%s is none of the types; give the file that has it with --types",
                                    "没有类型 %s；请用 --types 指明包含它的文件"), code ? code : "the first");
}

static int write_stock(const struct stock_options *stock, const char *out, const char *answers, enum output_over over) {
    struct output_file csv = {.file = NULL}, expected = {.file = NULL};
    int done = out ? output_open(&csv, "--out", out, over) : EXIT_VALID;
    if (done == EXIT_VALID && answers) done = output_open(&expected, "--answers", answers, over);
    if (done == EXIT_VALID) {
        const int failed = stock_make(stock, out ? csv.file : stdout, expected.file), why = errno;
        if (failed != 0 && why == EINVAL) done = cli_fail(EXIT_USAGE, SAY("no identifier can be made of this type and issuer: check --issuer (18 characters)", "无法由该类型和颁发机构生成证照标识：请检查 --issuer（18 位）"));
        else if (failed != 0) done = cli_fail(EXIT_ERROR, SAY("%s cannot be written: %s", "%s 无法写入：%s"), out ? out : SAY("the output", "输出"), cli_errno_text(why));
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
    if (options.positional_count) return cli_fail(EXIT_USAGE, SAY("`%s` is not expected; `licet stock-make --help` says what it takes",
                                                                  "不应有 `%s`；用法见 `licet stock-make --help`"), options.positional[0]);
    if (!stock_read_number(option_get(&options, "rows"), 1000000000, &stock.rows)) return cli_fail(EXIT_USAGE, SAY("--rows: must be a number up to 1000000000",
                                                                                                             "--rows：应为不大于 1000000000 的数"));
    if (!stock_read_number(option_get(&options, "seed"), UINT64_MAX, &stock.seed)) return cli_fail(EXIT_USAGE, SAY("--seed: must be a number",
                                                                                                             "--seed：应为数字"));
    if (!stock_read_number(option_get(&options, "dirty"), 100, &dirty)) return cli_fail(EXIT_USAGE, SAY("--dirty: must be a percentage, 0 to 100",
                                                                                                  "--dirty：应为 0 至 100 的百分数"));
    if (today && !day_parse(&stock.today, today)) return cli_fail(EXIT_USAGE, SAY("--today %s: must be a date such as 2026-01-31",
                                                                                  "--today %s：应为日期，例如 2026-01-31"), today);
    if (encoding && !stock_encoding_from_name(&stock.encoding, encoding)) return cli_fail(EXIT_USAGE, SAY("--encoding %s: must be utf-8, utf-8-bom or gb18030",
                                                                                                          "--encoding %s：应为 utf-8、utf-8-bom 或 gb18030"), encoding);
    stock.dirty = (unsigned)dirty;
    json_t *types = load_types(option_get(&options, "types"));
    if (!types) return EXIT_ERROR;
    int done = stock_find_type(&type, types, option_get(&options, "type"));
    if (done == EXIT_VALID) done = write_stock(&stock, option_get(&options, "out"), option_get(&options, "answers"), output_over(&options));
    json_decref(types);
    return done;
}
