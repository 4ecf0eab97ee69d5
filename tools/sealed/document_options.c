#include "tools/sealed/document_options.h"

#include "tools/cli/finding_words.h"
#include "tools/cli/moment.h"

/* What was named and cannot be used says so: who names a folder relies on all that lies in it. */
static int usable(const char *by, const char *folder, const struct trust_counts *counts) {
    if (counts->skipped)
        return cli_fail(EXIT_TRUST_OPTION, SAY("%s %s: %s is neither a CA certificate nor a revocation list (in makers/: a certificate) that can be read, so it would not be relied on: "
                                        "take it out, or put it right (%u such)",
                                        "%s %s：%s 不是可读取的 CA 证书或撤销列表（makers/ 中应为证书），无法作为信任依据：请移除或改正（共 %u 个）"),
                        by, folder, counts->first_skipped, counts->skipped);
    if (counts->hidden)
        return cli_fail(EXIT_TRUST_OPTION, SAY("%s %s: %s is a hidden file, and none of those is relied on: name it without the leading dot, or take it out (%u such)",
                                               "%s %s：%s 是隐藏文件，不会作为信任依据：请去掉文件名开头的点，或移除该文件（共 %u 个）"), by, folder, counts->first_hidden, counts->hidden);
    if (counts->anchors == 0)
        return cli_fail(EXIT_TRUST_OPTION, SAY("%s %s: holds no self-issued CA certificate (*.pem, *.crt, *.cer, *.der), so nothing could be trusted by it: put the root certificates there",
                                        "%s %s：没有自签发的 CA 证书（*.pem、*.crt、*.cer、*.der），无法据此信任任何证书：请放入根证书"), by, folder);
    if (counts->makers_named && counts->makers == 0)
        return cli_fail(EXIT_TRUST_OPTION, SAY("%s %s: its folder makers names nobody, so no seal could pass: put the makers' certificates there, or remove the folder",
                                        "%s %s：其中的 makers 目录没有证书，任何印章都无法通过：请放入制章机构证书，或删除该目录"), by, folder);
    if (counts->stray_crls)
        return cli_fail(EXIT_TRUST_OPTION, SAY("%s %s: the revocation list %s is signed by none of the CAs there, so it would revoke nothing: put its CA's certificate beside it, or take it out",
                                        "%s %s：撤销列表 %s 不是由其中任何 CA 签发，不起作用：请放入其 CA 证书，或移除该列表"), by, folder, counts->first_stray);
    return EXIT_VALID;
}

static int load_trust(struct trust **out, const struct options *options) {
    char message[512] = "";
    const char *folder = option_get(options, "trust-dir"), *by = "--trust-dir";
    struct trust_counts counts;
    if (!folder) {
        folder = getenv("LICET_TRUST_DIR");
        by = "$LICET_TRUST_DIR";
    }
    if (!folder) return EXIT_VALID;
    if (!folder[0])
        return cli_fail(EXIT_TRUST_OPTION, SAY("%s is empty: it names the folder with the CA certificates that you trust; leave it out, and chains are not checked",
                                        "%s 为空：应为所信任 CA 证书所在目录；不给出则不检查证书链"), by);
    *out = trust_load(folder, &counts, message, sizeof message);
    if (!*out)
        return cli_fail(EXIT_TRUST_OPTION, SAY("%s: %s: name a folder that can be read, with the CA certificates that you trust", "%s：%s：应为可读取的目录，其中有所信任的 CA 证书"), by, finding_said(message));
    return usable(by, folder, &counts);
}

int document_options(struct check_options *out, struct trust **trust, const struct options *options) {
    const char *at = option_get(options, "at");
    *trust = NULL;
    *out = (struct check_options){.now_ms = time_now_ms(), .known_ms = TIME_UNKNOWN};
    if (at && !moment_parse(&out->now_ms, at))
        return cli_fail(EXIT_TRUST_OPTION, SAY("--at %s: must be a time such as 2026-01-31 or 2026-01-31T10:00:00Z", "--at %s：应为时间，例如 2026-01-31 或 2026-01-31T10:00:00Z"), at);
    const int done = load_trust(trust, options);
    out->trust = *trust;
    return done;
}

int outcome_exit(enum steps_outcome outcome) {
    switch (outcome) {
    case STEPS_PASSED: return EXIT_VALID;
    case STEPS_TIME: return EXIT_LAPSED;
    case STEPS_FAILED: break;
    }
    return EXIT_MISMATCH;
}
