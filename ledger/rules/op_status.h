/* Op status: changes of a licence's state: suspend (暂扣), resume (暂扣发还), revoke (吊销), annul (撤销), cancel (注销). Layer: ledger/rules. */
#ifndef LICET_RULES_OP_STATUS_H
#define LICET_RULES_OP_STATUS_H
#include "ledger/rules/op.h"

/* On a refusal or a fault the caller rolls the state back. */
MUST_USE enum err op_status(struct op_run *run);
#endif
