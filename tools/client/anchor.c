#include "tools/client/anchor.h"

#include <unistd.h>

#include "crypto/token.h"
#include "tools/cli/file.h"
#include "tools/cli/finding_words.h"
#include "tools/cli/moment.h"
#include "tools/client/http.h"


static int find_path(struct anchor *out, const struct cli *cli, const struct options *options) {
    const char *named = option_get(options, "trust"), *by = "--trust";
    if (!named) {
        named = getenv("LICET_TRUST");
        by = "$LICET_TRUST";
    }
    out->by = by;
    if (!named) {
        out->by = "beside --key,";
        if (genesis_beside_key(out->path, cli)) return EXIT_VALID;
        out->path[0] = '\0';
        if (cli->home)
            return cli_fail(EXIT_TRUST_OPTION, SAY("--home %s: there is no genesis.cbor in it, by which answers would be proved", "--home %s：其中没有用于核实应答的 genesis.cbor"), cli->home);
        if (cli->key && !key_in_token(cli->key) && access(cli->key, F_OK) != 0)
            return cli_fail(EXIT_TRUST_OPTION, SAY("--key %s: there is no such file, so no genesis.cbor beside it by which answers would be proved", "--key %s：没有这个文件，也就没有其旁用于核实应答的 genesis.cbor"), cli->key);
        return EXIT_VALID;
    }
    out->named = true;
    if (!named[0]) return cli_fail(EXIT_TRUST_OPTION, SAY("%s is empty: it names the ledger's genesis.cbor; leave it out, and answers are believed without a proof",
                                                "%s 为空：应指明账本的 genesis.cbor；不给出则应答不经证明核实"), by);
    const int len = snprintf(out->path, sizeof out->path, "%s", named);
    return len > 0 && (size_t)len < sizeof out->path ? EXIT_VALID : cli_fail(EXIT_TRUST_OPTION, SAY("%s: the name is too long", "%s：名称过长"), by);
}

static int anchor_load(struct anchor *out, const struct options *options) {
    const char *pin = option_get(options, "pin"), *age = option_get(options, "max-age");
    if (age && !age_parse(&out->max_age_ms, age)) return cli_fail(EXIT_TRUST_OPTION, SAY("--max-age %s: must be a number with s, m, h or d, such as 24h",
                                                                                  "--max-age %s：应为数字加 s、m、h 或 d，例如 24h"), age);
    if ((pin || age) && !anchor_is(out))
        return cli_fail(EXIT_TRUST_OPTION, SAY("--pin and --max-age are about proofs: name the ledger's genesis.cbor with --trust as well, so that they can be checked",
                                        "--pin 和 --max-age 用于证明：请同时用 --trust 指明账本的 genesis.cbor，以便核实"));
    if (!anchor_is(out)) return EXIT_VALID;
    int done = EXIT_VALID;
    out->genesis = option_file_read(out->by, out->path, GENESIS_BYTES_MAX, &out->genesis_len, &done);
    if (!out->genesis || (pin && !(out->pin = option_file_read("--pin", pin, HEADER_MAX, &out->pin_len, &done)))) return done;
    out->view = calloc(1, sizeof *out->view);
    if (!out->view) return cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    const struct proof_anchor anchor = {bytes_of(out->genesis, out->genesis_len), bytes_of(out->pin, out->pin_len), out->by, out->path, pin};
    char shown[FINDING_SHOWN];
    if (proof_view_anchor(out->view, &anchor)) return EXIT_VALID;
    /* what lies beside the key was named by nobody: it is damaged */
    return cli_fail(out->named || out->view->pin_is_wrong ? EXIT_TRUST_OPTION : EXIT_INTEGRITY, "%s", finding_text(shown, out->view->why));
}

int anchor_find(struct anchor *out, const struct cli *cli, const struct options *options) {
    *out = (struct anchor){.max_age_ms = -1};
    const int done = find_path(out, cli, options);
    return done == EXIT_VALID ? anchor_load(out, options) : done;
}

void anchor_free(struct anchor *anchor) {
    free(anchor->genesis);
    free(anchor->pin);
    free(anchor->view);
    *anchor = (struct anchor){.max_age_ms = -1};
}

int anchor_allows(const struct anchor *anchor, const struct cli *cli) {
    if (anchor_is(anchor) || http_is_loopback(cli->node)) return EXIT_VALID;
    return cli_fail(EXIT_USAGE, SAY("%s is another machine, and nothing here can tell whether it says the truth: name the ledger's genesis.cbor with --trust FILE or $LICET_TRUST "
                                    "(get it from somebody you trust, not from that node), and its answers are proved by it",
                                    "%s 是另一台机器，本机无法判断其所述真伪：请用 --trust 文件 或 $LICET_TRUST 指明账本的 genesis.cbor（应取自可信的一方，而非该节点），以核实其应答"),
                    cli->node);
}

int anchor_ledger(const struct anchor *anchor, struct ledger_view *view, const struct cli *cli) {
    const int done = ledger_view_load(view, cli);
    return done == EXIT_VALID && anchor_is(anchor) ? ledger_view_pin(view, cli, anchor->path, bytes_of(anchor->genesis, anchor->genesis_len)) : done;
}

int anchor_ledger_found(struct ledger_view *view, const struct cli *cli, const struct options *options) {
    struct anchor anchor;
    int done = anchor_find(&anchor, cli, options);
    if (done == EXIT_VALID) done = anchor_ledger(&anchor, view, cli);
    anchor_free(&anchor);
    return done;
}
