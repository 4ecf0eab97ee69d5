/* Execute: block_execute, the only way state changes. Same bytes in, same roots out: time, order and term are arguments; no clock, no randomness,
 * no heap that matters, no I/O but through the state's read txn. Layer: ledger/chain. */
#ifndef LICET_CHAIN_EXECUTE_H
#define LICET_CHAIN_EXECUTE_H
#include "ledger/wire/genesis.h"
#include "ledger/chain/params.h"
#include "ledger/chain/prepare.h"
#include "ledger/chain/seen.h"
#include "ledger/rules/apply.h"
#include "ledger/wire/header.h"

struct block_plan {
    uint32_t term;
    uint64_t engine_height;
    int64_t time_ms;
};
struct statement_result {
    struct refusal refusal; /* CODE_OK: accepted; CODE_ALREADY_ENTERED: refusal.entry is the first */
    uint64_t entry;         /* log index, when accepted */
};
struct block {
    struct header header;   /* chain_id is a view into the genesis */
    uint8_t bytes[HEADER_MAX];
    size_t len;
    uint8_t hash[32];
    uint64_t first_entry;
    uint32_t accepted;      /* 0: nothing changed, and there is no header */
    struct prepared *statements[BLOCK_STATEMENTS_MAX]; /* the accepted ones, in order */
};
/* What the block stands on. */
struct block_base {
    const struct genesis *genesis;
    const struct params *params; /* that govern it */
    const struct header *head;
    const uint8_t *head_hash;
    const struct merkle_frontier *frontier;
};
/* Judges the statements in order and makes the header. refused statements leave no trace. After ERR_OK `state` holds the open changes (state_write,
 * state_take_map) and `seen` and `frontier_after` those of the accepted; after a fault everything is undone.
 * CODE_TIME_BACKWARD for all where plan->time_ms is before the head's: our mistake in the engine, a refusal in replay. */
MUST_USE enum err block_execute(struct block *out, struct merkle_frontier *frontier_after, struct state *state, struct seen *seen,
                                const struct block_base *base, const struct block_plan *plan, struct prepared *const *list, size_t count,
                                struct statement_result *results);
#endif
