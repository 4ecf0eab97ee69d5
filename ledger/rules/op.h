/* Op: what the operations share: one running statement, its refusal, and the licences it names. Layer: ledger/rules, for op_*.c and apply.c. */
#ifndef LICET_RULES_OP_H
#define LICET_RULES_OP_H
#include "ledger/rules/apply.h"

/* The functions of the operations return a fault; a refusal is told through refusal, and the caller looks at both. */
struct op_run {
    struct state *state;
    const struct apply_context *context;
    const struct signer_view *signer;
    const struct record *record;
    const struct operation *operation; /* the record's */
    struct refusal *refusal; /* CODE_OK until refused */
    uint32_t item;           /* the one at hand; REFUSAL_NO_ITEM before the first */
    uint32_t first_no;       /* objects from here on were made by this statement */
    struct op_seal *seal;    /* the seal that the items before were sealed with: room of op_issue's, NULL elsewhere */
};
static inline bool op_refused(const struct op_run *run) { return run->refusal->code != CODE_OK; }
/* Returns ERR_OK, for `return op_refuse(...)`. entry: REFUSAL_NO_ENTRY where it names none. */
enum err op_refuse(struct op_run *run, enum code code, const char *field, uint64_t entry);
/* The same, with what it met: a number and the rule's own; the state of the licence. */
enum err op_refuse_number(struct op_run *run, enum code code, const char *field, uint64_t entry, int64_t met, int64_t limit);
enum err op_refuse_state(struct op_run *run, enum code code, const char *field, uint64_t entry, const char *state);

/* The key is of the use, and its member has the role, that the operation asks for: KEY_USE, ROLE_MISSING. */
MUST_USE enum err op_role_check(struct op_run *run);
/* ERR_CORRUPT where no is not a licence. Views in *out live until the licence is put again. */
MUST_USE enum err op_licence(struct op_run *run, uint32_t no, struct licence *out);
/* *no = NO_NONE where there is none with this key. */
MUST_USE enum err op_licence_find(struct op_run *run, const uint8_t key32[32], uint32_t *no, struct licence *out);
/* The newest entry that acted on it: what a refusal names. */
uint64_t op_last_entry(const struct licence *licence);
/* Encodes and adds (no == state_next_no) or puts. */
MUST_USE enum err op_licence_write(struct op_run *run, const struct licence *licence);
/* The signer's new objects and resumptions of this day, before this statement. After each item op_quota_check refuses QUOTA where what was made so far, not what
 * the batch will make, goes over: so the item that does is the one named. After all items op_quota_use counts them. */
struct op_quota { uint64_t used, limit; };
struct op_quota op_quota(const struct op_run *run);
void op_quota_check(struct op_run *run, const struct op_quota *quota);
MUST_USE enum err op_quota_use(struct op_run *run, const struct op_quota *quota, uint32_t licences);
/* A history as licences and seals have it. */
struct op_history {
    uint32_t slot;
    uint8_t state; /* resulting */
    uint64_t *count;
    uint8_t *head32;
    uint32_t *last_link;
};
/* Appends the link of this act: count, head and last link go on by one. */
MUST_USE enum err op_link(struct op_run *run, const struct op_history *history);
MUST_USE enum err op_licence_link(struct op_run *run, struct licence *licence);
#endif
