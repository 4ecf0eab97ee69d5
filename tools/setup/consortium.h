/* Consortium: a genesis document of several members whose keys are still to be made (genesis/consortium.json). The first member that issues runs
 * the node. For each role the first member that has it gets the key in DIR/keys, so that the folder looks like any other; the others' keys lie in
 * DIR/members/<credit code>/, to be handed over. Layer: tools/setup, for cmd_init.c. */
#ifndef LICET_TOOLS_SETUP_CONSORTIUM_H
#define LICET_TOOLS_SETUP_CONSORTIUM_H
#include "tools/setup/keys.h"

#define CONSORTIUM_KEYS_MAX 1024u
struct consortium {
    json_t *root;      /* the whole document, keys filled in; owned */
    const char *uscc, *name; /* of the node's member: views into root */
    size_t count;
    struct { const char *uscc, *use; struct signer *signer; } handed[CONSORTIUM_KEYS_MAX];
};
/* False: a message was printed. Free in either case. */
MUST_USE bool consortium_load(struct consortium *out, const char *path, const struct init_keys *own);
MUST_USE bool consortium_save(const struct consortium *consortium, const char *dir);
void consortium_free(struct consortium *consortium);
#endif
