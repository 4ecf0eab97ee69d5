/* Fsck: every hash in the store derived again from the bytes: statements -> leaves -> tiles -> log roots, headers -> chain, slots -> state root,
 * links -> history heads, and the seals of all blocks. That the state follows from the statements is for replay to say. Layer: ledger/chain.
 * Reads only. */
#ifndef LICET_CHAIN_FSCK_H
#define LICET_CHAIN_FSCK_H
#include "ledger/chain/chain.h"

struct fsck_report {
    uint64_t entries, blocks, objects, links, tiles; /* checked */
    uint64_t faults;
    char first[200]; /* the first fault in a sentence */
};
MUST_USE enum err fsck_run(struct fsck_report *out, struct kv *kv, progress_fn progress, void *context);
#endif
