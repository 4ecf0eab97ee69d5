/* Op issue (新发): new licences of one type. Layer: ledger/rules. */
#ifndef LICET_RULES_OP_ISSUE_H
#define LICET_RULES_OP_ISSUE_H
#include "ledger/rules/op.h"

/* On a refusal or a fault the caller rolls the state back. */
MUST_USE enum err op_issue(struct op_run *run);
#endif
