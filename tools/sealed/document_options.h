/* Document options: --trust-dir, --at and --explain, and the exit codes of what was judged by them. Layer: tools/sealed. */
#ifndef LICET_TOOLS_SEALED_DOCUMENT_OPTIONS_H
#define LICET_TOOLS_SEALED_DOCUMENT_OPTIONS_H
#include "crypto/seal/check.h"
#include "tools/cli/cli.h"

#define TRUST_OPTION_SPEC \
    {"trust-dir", OPTION_FOLDER, "the folder with the CA certificates you trust and their revocation lists ($LICET_TRUST_DIR; without one chains are not checked)", "所信任的 CA 证书及证书撤销列表所在目录（$LICET_TRUST_DIR；没有则不检查证书链）"}
#define DOCUMENT_OPTION_SPECS                                                                                                     \
    TRUST_OPTION_SPEC,                                                                                                            \
    {"at", OPTION_TEXT, "judge as of this time: 2026-01-31 (its end in Beijing), or 2026-01-31T10:00:00Z", "按此时间判断：2026-01-31（北京时间当日结束时），或 2026-01-31T10:00:00Z"},                              \
    {"explain", OPTION_FLAG, "show every step, and why", "显示每一步及原因"}

/* Fills *out (now, without --at); trust is loaded and must be freed. 0, or an exit code with a message. */
MUST_USE int document_options(struct check_options *out, struct trust **trust, const struct options *options);
int outcome_exit(enum steps_outcome outcome); /* 0, 13 where only time failed, 15 */
#endif
