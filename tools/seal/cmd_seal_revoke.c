#include <time.h>

#include "tools/authority/ofd_page.h"
#include "tools/cli/moment.h"
#include "tools/seal/cmd_seal.h"
#include "tools/seal/seal_folder.h"

static const struct option_spec specs[] = {
    {"at", OPTION_TEXT, "revoked since: 2026-01-31 (its end in Beijing), or 2026-01-31T10:00:00Z (now)", "撤销时间：2026-01-31（北京时间当日结束时），或 2026-01-31T10:00:00Z（默认为现在）"},
};

int cmd_seal_revoke_test(struct cli *cli) {
    static struct options options;
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    const char *dir = options.positional[0], *whose = options.positional_count == 2 ? options.positional[1] : "", *at = option_get(&options, "at");
    bool maker = strcmp(whose, "maker") == 0;
    int64_t now_ms = time_now_ms(), at_ms = now_ms;
    if (!maker && strcmp(whose, "signer") != 0) return cli_fail(EXIT_USAGE, SAY("say whose certificate: licet seal revoke-test DIR signer|maker",
                                                                                "请指明吊销谁的证书：licet seal revoke-test 目录 signer|maker"));
    if (at && (!moment_parse(&at_ms, at) || at_ms > now_ms)) return cli_fail(EXIT_USAGE, SAY("--at %s: must be a time in the past, such as 2026-01-31T10:00:00Z",
                                                                                             "--at %s：应为过去的时间，例如 2026-01-31T10:00:00Z"), at);
    uint32_t number = seal_folder_revoke(dir, maker ? ROLE_MAKER : ROLE_HOLDER, at_ms, now_ms);
    if (number == 0) return EXIT_ERROR;
    char since[32], shown[MOMENT_SHOWN];
    struct tm tm = utc_of(at_ms);
    (void)strftime(since, sizeof since, "%Y-%m-%dT%H:%M:%SZ", &tm);
    if (cli->json) cli_print_json(json_pack("{s:s, s:s, s:I}", "revoked", whose, "since", since, "list", (json_int_t)number));
    else printf(SAY("revoked: %s\nsince: %s\nlist: %u\n", "已撤销: %s\n自: %s\n证书撤销列表序号: %u\n"), maker ? SAY("maker", "制章者证书") : SAY("signer", "签章者证书"), cli_moment(shown, since), number);
    return EXIT_VALID;
}
