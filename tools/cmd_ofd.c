#include <errno.h>

#include "tools/commands.h"
#include "tools/document/report.h"
#include "tools/document_options.h"

static const struct option_spec specs[] = {DOCUMENT_OPTION_SPECS};

static int look_at(const struct cli *cli, const char *path, const struct check_options *check, bool explain) {
    struct report report;
    enum document_format format;
    if (!document_format(&format, path)) return cli_fail(EXIT_ERROR, "%s cannot be read: %s", path, strerror(errno));
    if (format == FORMAT_OTHER) return cli_fail(EXIT_ERROR, "%s is neither an OFD nor a PDF", path);
    bool read = format == FORMAT_PDF ? check_pdf(&report, path, check) : check_ofd(&report, path, check);
    if (!read && errno == EAGAIN) return cli_fail(EXIT_ERROR, "%s was changed while it was looked at: try again", path);
    if (!read) return cli_fail(EXIT_ERROR, "%s cannot be read: %s", path, strerror(errno));
    if (cli->json) cli_print_json(report_json(&report));
    else report_print(&report, explain, cli_chinese());
    int done = outcome_exit(report_outcome(&report));
    report_free(&report);
    return done;
}

int cmd_ofd(struct cli *cli) {
    static struct options options;
    struct check_options check;
    struct trust *trust;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    if (options.positional_count != 1) return cli_fail(EXIT_USAGE, "licet ofd FILE: one OFD, or one PDF");
    int done = document_options(&check, &trust, &options);
    if (done == EXIT_VALID) done = look_at(cli, options.positional[0], &check, option_get(&options, "explain") != NULL);
    trust_free(trust);
    return done;
}
