/* Mismatches: how often wrong fields were asked of one licence, so that nobody finds out a holder by guessing: after MISMATCHES_MAX in a day the
 * licence answers `incomplete` to any query by fields. In memory (16 MiB, of which the system gives what is used), this node only. Any thread.
 * Layer: rpc. */
#ifndef LICET_RPC_MISMATCHES_H
#define LICET_RPC_MISMATCHES_H
#include "crypto/bytes.h"

#define MISMATCHES_MAX 5u
#define MISMATCHES_MS (24LL * 3600 * 1000)
struct mismatches;
MUST_USE struct mismatches *mismatches_new(void);
void mismatches_free(struct mismatches *mismatches);
MUST_USE bool mismatches_blocked(struct mismatches *mismatches, const uint8_t key32[32], int64_t now_ms);
void mismatches_count(struct mismatches *mismatches, const uint8_t key32[32], int64_t now_ms);
#endif
