/* Mismatches: how often one asker asked wrong fields of one licence, so that nobody finds out a holder by guessing: after so many in a day that
 * asker's queries by fields about that licence read `incomplete`. Each way to a licence has a count of its own, because the key of every licence can
 * be read off the ledger: who only knows keys cannot block those who know numbers. In memory (at most 33 MiB, of which the system gives what is
 * used), this node only; nothing is ever pushed out before its day is over. Any thread. Layer: rpc. */
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
/* 0: as above */
MUST_USE struct mismatches *mismatches_new(unsigned max, unsigned hours);
void mismatches_free(struct mismatches *mismatches);
MUST_USE bool mismatches_blocked(struct mismatches *mismatches, const struct mismatch *what, int64_t now_ms);
void mismatches_count(struct mismatches *mismatches, const struct mismatch *what, int64_t now_ms);
/* Forgets what was counted about one licence, whoever asked; key32 NULL: everything. Returns how many counts that were. Looks through the whole
 * table: for the operator. */
uint64_t mismatches_clear(struct mismatches *mismatches, const uint8_t *key32);
#endif
