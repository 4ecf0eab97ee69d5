/* Fsck, private: does what the issuer keeps in DIR/private still open the licences that the ledger has? Layer: tools/audit, for cmd_audit.c. */
#ifndef LICET_TOOLS_AUDIT_FSCK_PRIVATE_H
#define LICET_TOOLS_AUDIT_FSCK_PRIVATE_H
#include "ledger/kv/kv.h"

struct private_check {
    bool looked;              /* there is a DIR/private */
    uint64_t held;            /* licences that it has something of */
    uint64_t opened, unopened; /* of those that the ledger has: what is held makes their fields root, or does not */
    char first[200];          /* the first that cannot be opened, in a sentence */
};
/* kv: of the same node. Each licence that cannot be opened is named on stderr, up to a hundred. Returns a fault of the machine, or ERR_OK. */
MUST_USE enum err private_check_run(struct private_check *out, struct kv *kv, const char *dir);
#endif
