#include "tools/document_options.h"

#define DAY_MS 86400000ll
#define BEIJING_MS (8 * 3600000ll)

/* Two digits up to max. */
static bool two(int64_t *out, const char *text, int64_t max) {
    if (strspn(text, "0123456789") < 2) return false;
    *out = (text[0] - '0') * 10 + (text[1] - '0');
    return *out <= max;
}

bool moment_parse(int64_t *ms, const char *text) {
    int32_t day;
    int64_t hour, minute, second, zone_hour = 0, zone_minute = 0;
    char date[11];
    if (strlen(text) <= 10) {
        if (!day_parse(&day, text)) return false;
        *ms = ((int64_t)day + 1) * DAY_MS - BEIJING_MS - 1; /* a certificate of that day is in force, whenever it began */
        return true;
    }
    (void)snprintf(date, sizeof date, "%.10s", text);
    if (!day_parse(&day, date) || date[4] != '-' || strlen(text) < 20 || (text[10] != 'T' && text[10] != ' ')) return false;
    if (!two(&hour, text + 11, 23) || text[13] != ':' || !two(&minute, text + 14, 59) || text[16] != ':' || !two(&second, text + 17, 59)) return false;
    const char *zone = text + 19;
    if (*zone == '.') zone += 1 + strspn(zone + 1, "0123456789"); /* a fraction decides nothing */
    bool utc = strcmp(zone, "Z") == 0;
    if (!utc && (strlen(zone) != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':' || !two(&zone_hour, zone + 1, 14) || !two(&zone_minute, zone + 4, 59)))
        return false;
    int64_t offset = (zone_hour * 60 + zone_minute) * 60000 * (zone[0] == '-' ? -1 : 1);
    *ms = (int64_t)day * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 - (utc ? 0 : offset);
    return true;
}

int document_options(struct check_options *out, struct trust **trust, const struct options *options) {
    char message[512] = "";
    const char *folder = option_get(options, "trust-dir"), *at = option_get(options, "at");
    struct trust_counts counts;
    *trust = NULL;
    *out = (struct check_options){.now_ms = time_now_ms(), .known_ms = TIME_UNKNOWN};
    if (at && !moment_parse(&out->now_ms, at)) return cli_fail(EXIT_USAGE, SAY("--at %s: must be a time such as 2026-01-31 or 2026-01-31T10:00:00Z",
                                                                               "--at %s：应为时间，例如 2026-01-31 或 2026-01-31T10:00:00Z"), at);
    if (!folder) folder = getenv("LICET_TRUST_DIR");
    if (!folder || !folder[0]) return EXIT_VALID;
    *trust = trust_load(folder, &counts, message, sizeof message);
    if (!*trust) return cli_fail(EXIT_ERROR, "%s", message);
    if (counts.anchors == 0) (void)cli_fail(0, SAY("%s holds no self-issued CA certificate: nothing leads to a trust anchor",
                                                   "%s 中没有自签名的 CA 证书：任何证书都不能追溯到信任锚"), folder);
    if (counts.makers_named && counts.makers == 0) (void)cli_fail(0, SAY("%s/makers names nobody: no seal passes",
                                                                         "%s/makers 中没有制章者：任何印章都不能通过"), folder);
    if (counts.skipped)
        (void)cli_fail(0, SAY("%s: %u files are neither CA certificates, revocation lists nor, in makers, certificates, and were passed over",
                              "%s：有 %u 个文件既不是 CA 证书、证书撤销列表，也不是 makers 中的证书，已忽略"), folder, counts.skipped);
    out->trust = *trust;
    return EXIT_VALID;
}

int outcome_exit(enum steps_outcome outcome) {
    switch (outcome) {
    case STEPS_PASSED: return EXIT_VALID;
    case STEPS_TIME: return EXIT_LAPSED;
    case STEPS_FAILED: break;
    }
    return EXIT_MISMATCH;
}
