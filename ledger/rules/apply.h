/* Apply: one decoded, signature-checked statement against the state: auth, then the switch over op_*.c. Layer: ledger/rules; never includes
 * chain, rpc, node. Pure: no clock, no randomness, no I/O but through state, no log. */
#ifndef LICET_RULES_APPLY_H
#define LICET_RULES_APPLY_H
#include "ledger/state/state.h"
#include "ledger/wire/statement.h"

struct apply_context {
    const uint8_t *genesis;
    uint64_t height;      /* n of the block being made */
    int64_t time_ms;      /* its header time, never the node's clock */
    uint64_t entry;       /* log index this statement gets if accepted */
    int32_t quota_day;    /* day_in_utc(time_ms) */
    const struct policy *policy; /* as it stood before the block: what changes it governs the blocks after */
    int64_t iat_floor_ms; /* no iat before this, see chain/params.h; INT64_MIN: none */
};
/* The signer as the ledger knows it at this point. */
struct signer_view {
    uint32_t key_no, member_no;
    const struct key_object *key;
    const struct member *member;
};
/* auth_check: may this key sign statements at all, here, now: genesis, key registered, active, use, algorithm allowed and that of the key, member
 * active, iss is the member, iat inside the policy's window around time_ms. Who may do what to which licence is in op_*.c. */
MUST_USE enum err auth_check(struct state *state, const struct apply_context *context, const struct statement *statement, struct signer_view *signer,
                             struct refusal *refusal);
/* apply_statement: do what it asks, or say why not: all or nothing (rolls back by itself). statement's signature has been checked.
 * ERR_OK and refusal->code: CODE_OK done, else the refusal (with the item's index and, where it names one, the entry). */
MUST_USE enum err apply_statement(struct state *state, const struct apply_context *context, const struct statement *statement,
                                  const struct record *record, struct refusal *refusal);
#endif
