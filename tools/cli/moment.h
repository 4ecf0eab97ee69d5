/* Moment: days, times and ages as a person types them, and a moment as a person reads it. Layer: tools/cli. */
#ifndef LICET_TOOLS_CLI_MOMENT_H
#define LICET_TOOLS_CLI_MOMENT_H
#include "crypto/bytes.h"

/* The clock of this machine. */
int64_t time_now_ms(void);
/* "2026-01-31" or "20260131". */
MUST_USE bool day_parse(int32_t *day, const char *text);
/* "2026-01-31", "20260131", "2026-01-31T10:00:00Z", "2026-01-31T18:00:00.250+08:00": one to nine digits of a second, of which milliseconds count. */
MUST_USE bool moment_parse(int64_t *ms, const char *text);
/* "90", "90s", "5m", "24h", "7d". */
MUST_USE bool age_parse(int64_t *ms, const char *text);

/* A moment in Beijing, "2026-11-30 14:05:06 +08:00", of RFC 3339 text as JSON has it; what is not a moment is returned as it is. */
#define MOMENT_SHOWN 64u
const char *cli_moment(char out[MOMENT_SHOWN], const char *rfc3339);
#endif
