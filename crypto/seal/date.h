/* Date: a date and a time of day, as the standards of seals write them in many ways, as milliseconds. Layer: crypto/seal. */
#ifndef LICET_SEAL_DATE_H
#define LICET_SEAL_DATE_H
#include "crypto/bytes.h"

#define MS_PER_DAY INT64_C(86400000)
/* field: year 1..9999, month, day, hour, minute, second, all UTC. ms since 1970. False: no real date or time. */
MUST_USE bool date_ms(int64_t *ms, const unsigned field[6]);
#endif
