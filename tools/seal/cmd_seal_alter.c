/* seal alter-test: what a forger does, for the demo and for tests: one digit that a page shows becomes another one, and the package is whole again. */
#include "tools/authority/bundle.h"
#include "tools/cli/moment.h"
#include "tools/cli/output_file.h"
#include "tools/document/text_print.h"
#include "tools/seal/cmd_seal.h"

static const struct option_spec specs[] = {{"out", OPTION_FILE, "where the altered OFD goes; -o for short", "改动后的 OFD 写到何处；可简写为 -o"}, FORCE_OPTION_SPEC};

static bool seal_alter_is_page(const char *name) {
    static const char end[] = "Content.xml";
    const size_t len = strlen(name);
    return strstr(name, "Pages/") && len >= sizeof end - 1 && strcmp(name + len - (sizeof end - 1), end) == 0;
}

/* The first digit between ">" and "</...TextCode>"; NULL: none. */
static uint8_t *shown_digit(const struct bundle_file *file) {
    const uint8_t *end = file->data + file->len, *close;
    for (const uint8_t *at = file->data; (close = memmem(at, (size_t)(end - at), "TextCode>", 9)) != NULL; at = close + 9) {
        const uint8_t *text = close;
        while (text > at && text[-1] != '>') text--; /* the "</ofd:" that ends it stands before its name */
        for (; text < close && *text != '<'; text++)
            if (*text >= '0' && *text <= '9') return file->data + (text - file->data);
    }
    return NULL;
}

int cmd_seal_alter_test(struct cli *cli) {
    static struct options options;
    struct bundle bundle;
    enum step_reason reason;
    char detail[STEP_DETAIL_MAX];
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    const char *in = options.positional[0], *out = option_get(&options, "out");
    if (options.positional_count != 1 || !out)
        return cli_fail(EXIT_USAGE, SAY("name the OFD and where the altered one goes: licet seal alter-test IN.ofd -o OUT.ofd", "请指明 OFD 及输出文件：licet seal alter-test 原文件.ofd -o 改动后.ofd"));
    if (!bundle_read(&bundle, in, &reason, detail))
        return cli_fail(EXIT_ERROR, SAY("%s cannot be read: %s%s%s", "%s 无法读取：%s%s%s"), in, cli_reason_text(reason), detail[0] ? SAY(": ", "：") : "", detail);
    const struct bundle_file *page = NULL;
    uint8_t *digit = NULL;
    for (size_t i = 0; i < bundle.count && !digit; i++)
        if (seal_alter_is_page(bundle.files[i].name) && (digit = shown_digit(&bundle.files[i]))) page = &bundle.files[i];
    int done = digit ? EXIT_VALID : cli_fail(EXIT_ERROR, SAY("%s shows no digit on any page: there is nothing to alter", "%s 的页面上没有数字，无从改动"), in);
    if (digit) {
        const char before = (char)*digit;
        size_t len = 0;
        *digit = before == '9' ? '0' : (uint8_t)(before + 1);
        uint8_t *zip = bundle_write(&bundle, time_now_ms(), &len);
        done = zip ? output_write("--out", out, output_over(&options), zip, len) : cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
        const size_t at = (size_t)(digit - page->data);
        if (done == EXIT_VALID && cli->json)
            cli_print_json(json_pack("{s:o, s:o, s:I, s:s#, s:s#}", "file", cli_json_text(out), "page", cli_json_text(page->name), "byte", (json_int_t)at, "before", &before, 1, "after", (const char *)digit, 1));
        else if (done == EXIT_VALID)
            printf(SAY("file: %s\naltered: %s, byte %zu: %c became %c\n", "文件: %s\n改动: %s，第 %zu 字节：%c 改为 %c\n"), text_shown(out), text_shown(page->name), at, before, (char)*digit);
        free(zip);
    }
    bundle_free(&bundle);
    return done;
}
