/* Params: policy and finality, the two objects that say how blocks are made and made final. They are read out of the state, so governance can change
 * them. What a block's statements make of them governs the blocks after it: the block itself is final by what stood before.
 * Each change is a version. Versions are kept for as long as the chain is open, newest first, and never change: any thread reads them without a lock.
 * In storage each version but the genesis' is a row in KV_META, written with the block that made it. Layer: ledger/chain. */
#ifndef LICET_CHAIN_PARAMS_H
#define LICET_CHAIN_PARAMS_H
#include "ledger/kv/kv.h"
#include "ledger/wire/genesis.h"

struct params {
    uint64_t from; /* the first block that they govern */
    uint32_t version; /* 0: the genesis' */
    /* No statement is taken whose iat is before this, however far back the policy reaches: those before it are forgotten (seen.h), and a window that
     * was widened would let them in a second time. Where the window began when these params were made; INT64_MIN at version 0. */
    int64_t iat_floor_ms;
    struct policy policy;
    struct finality finality;
    struct bytes policy_value, finality_value; /* as they stand in the state; what policy and finality view */
    const struct params *before; /* NULL at version 0 */
};
/* The version of the genesis document. */
MUST_USE enum err params_genesis(const struct params **out, const struct genesis *genesis);
/* The version after `before`, made by the statements of a block: the one before `from`, of time_ms. A value with data NULL did not change. ERR_CORRUPT:
 * a value does not decode. */
MUST_USE enum err params_next(const struct params **out, const struct params *before, uint64_t from, int64_t time_ms, struct bytes policy, struct bytes finality);
void params_drop(const struct params *version); /* this version alone: its block never was; NULL: nothing */
void params_free(const struct params *newest);  /* and all before it */
/* What governs block n. newest: of a block that is n or later. */
const struct params *params_at(const struct params *newest, uint64_t n);
/* The block time from which statements are remembered (seen.h) once a block of time_ms is the newest: none before it has an iat that could be taken
 * again. By iat_back_s of the newest policy, the floor, and the largest iat_ahead_s that any policy had. The same after a restart as without one. */
int64_t params_seen_from_ms(const struct params *newest, int64_t time_ms);

MUST_USE enum err params_write(struct kv_txn *txn, const struct params *version);
/* Every version there is a row of; n is the newest block. ERR_CORRUPT: a row does not decode, or does not follow. */
MUST_USE enum err params_load(const struct params **newest, struct kv_txn *txn, const struct genesis *genesis, uint64_t n);
/* ERR_CORRUPT: the state holds something else. The rows are no part of the state root: the newest version is believed because the state, which the
 * root covers, has the same. */
MUST_USE enum err params_agree(const struct params *newest, struct kv_txn *txn);
#endif
