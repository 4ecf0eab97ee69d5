#include "ledger/rules/apply.h"

#include "ledger/rules/op.h"
#include "ledger/rules/op_issue.h"
#include "ledger/rules/op_seal.h"
#include "ledger/rules/op_status.h"

static enum err op_apply(struct op_run *run) {
    switch (run->operation->shape) {
    case SHAPE_ISSUE: return op_issue(run);
    case SHAPE_STATUS: return op_status(run);
    case SHAPE_SEAL_NEW: return op_seal_register(run);
    case SHAPE_SEAL_STATE:
    case SHAPE_SEAL_REMAKE:
    case SHAPE_SEAL_OWNER: return op_seal_change(run);
    case SHAPE_RESERVED: break;
    }
    return op_refuse(run, CODE_OP_UNKNOWN, "op", REFUSAL_NO_ENTRY);
}

enum err apply_statement(struct state *state, const struct apply_context *context, const struct statement *statement,
                         const struct record *record, struct refusal *refusal) {
    struct signer_view signer;
    enum err err = auth_check(state, context, statement, &signer, refusal);
    if (err != ERR_OK || refusal->code != CODE_OK) return err;
    struct op_run run = {
        .state = state, .context = context, .signer = &signer, .record = record, .operation = operation_of(record->op), .refusal = refusal,
        .item = REFUSAL_NO_ITEM, .first_no = state_next_no(state),
    };
    ASSERT(run.operation != NULL); /* a decoded record has one */
    state_savepoint(state);
    err = op_apply(&run);
    if (err != ERR_OK || refusal->code != CODE_OK) state_rollback(state);
    return err;
}
