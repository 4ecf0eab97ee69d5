#include "ledger/state/apply.h"

#include "ledger/state/op.h"
#include "ledger/state/op_issue.h"
#include "ledger/state/op_seal.h"
#include "ledger/state/op_status.h"

static enum err op_apply(struct op_run *run) {
    switch (run->record->op) {
    case OP_ISSUE: return op_issue(run);
    case OP_SUSPEND:
    case OP_RESUME:
    case OP_REVOKE:
    case OP_ANNUL:
    case OP_CANCEL: return op_status(run);
    case OP_SEAL_REGISTER: return op_seal_register(run);
    case OP_SEAL_STOP:
    case OP_SEAL_RESUME:
    case OP_SEAL_CANCEL:
    case OP_SEAL_REMAKE:
    case OP_SEAL_TRANSFER: return op_seal_change(run);
    case OP_RENEW:
    case OP_AMEND:
    case OP_TRANSFER_OUT:
    case OP_TRANSFER_IN:
    case OP_TRANSFER_CANCEL:
    case OP_CONFIRM: break;
    }
    return op_refuse(run, CODE_OP_UNKNOWN, "op", REFUSAL_NO_ENTRY);
}

enum err apply_statement(struct state *state, const struct apply_context *context, const struct statement *statement,
                         const struct record *record, struct refusal *refusal) {
    struct signer_view signer;
    enum err err = auth_check(state, context, statement, &signer, refusal);
    if (err != ERR_OK || refusal->code != CODE_OK) return err;
    struct op_run run = {
        .state = state, .context = context, .signer = &signer, .record = record, .refusal = refusal,
        .item = REFUSAL_NO_ITEM, .first_no = state_next_no(state),
    };
    state_mark(state);
    err = op_apply(&run);
    if (err != ERR_OK || refusal->code != CODE_OK) state_rollback(state);
    return err;
}
