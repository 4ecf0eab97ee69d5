/* Op seal: the life of seals: register (制作备案), stop (停用), resume (恢复), cancel (注销), remake (重新制作), transfer; and licences sealed with
 * one. Layer: ledger/rules. */
#ifndef LICET_RULES_OP_SEAL_H
#define LICET_RULES_OP_SEAL_H
#include "ledger/rules/op.h"

/* On a refusal or a fault the caller rolls the state back. */
MUST_USE enum err op_seal_register(struct op_run *run);
MUST_USE enum err op_seal_change(struct op_run *run);

/* The seal that licences are being sealed with: decoded once and written once, however many items name it. */
struct op_seal {
    bool held;
    struct seal seal;
};
/* The seal an item names, for a licence that the signer issues now: *out is what the licence records, and the seal's list of licences goes on with
 * licence_no. Refuses SEAL_UNKNOWN, SEAL_NOT_OWNED, SEAL_STOPPED, SEAL_DIGEST, SEAL_PERIOD. Needs run->seal. */
MUST_USE enum err op_seal_use(struct op_run *run, const struct issue_item *item, uint32_t licence_no, struct licence_seal *out);
/* Writes the seal held, if any: once after the items. */
MUST_USE enum err op_seal_put(struct op_run *run);
#endif
