/* Mismatches: counts how often an asker named wrong fields of a licence, so that nobody finds out a holder by guessing. After too many in a day, that
 * asker's queries by fields about that licence read `incomplete`. Each way to a licence is counted apart: anybody can read the keys of all licences off
 * the ledger, and an asker that knows only keys must not block one that knows numbers. Counts are this node's alone and lie in memory: at most
 * 33 MiB, taken as they are used. No count is dropped before its day is over. Any thread. Layer: rpc. */
#ifndef LICET_RPC_MISMATCHES_H
#define LICET_RPC_MISMATCHES_H
#include "rpc/asker.h"

#define MISMATCHES_MAX 5u    /* unless set otherwise */
#define MISMATCHES_HOURS 24u
enum mismatch_way { WAY_NUMBER, WAY_IDENTIFIER, WAY_KEY };
struct mismatch {
    const uint8_t *asker; /* ASKER_LEN bytes */
    const uint8_t *key32; /* of the licence */
    enum mismatch_way way;
};
struct mismatches;
/* max: mismatches until an asker is blocked; hours: for how long. 0: as above. NULL: no memory. */
MUST_USE struct mismatches *mismatches_new(unsigned max, unsigned hours);
void mismatches_free(struct mismatches *mismatches);
MUST_USE bool mismatches_blocked(struct mismatches *mismatches, const struct mismatch *what, int64_t now_ms);
void mismatches_count(struct mismatches *mismatches, const struct mismatch *what, int64_t now_ms);
/* For the operator: forgets every asker's counts about one licence; key32 NULL: all counts. Returns how many it forgot. It reads the whole table. */
uint64_t mismatches_clear(struct mismatches *mismatches, const uint8_t *key32);
#endif
