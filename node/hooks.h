/* Hooks: what rpc asks of this node. The answers come from engine, clock, look-up secrets and private store.
 * Layer: node. */
#ifndef LICET_NODE_HOOKS_H
#define LICET_NODE_HOOKS_H
#include "crypto/secretdir.h"
#include "ledger/kv/private.h"
#include "node/checkpoint.h"
#include "node/engine/engine.h"
#include "node/metrics.h"

struct node_hooks { /* all borrowed */
    struct engine *engine;
    struct chain *chain;
    struct checkpoint *checkpoint;
    const struct secretdir *secrets;
    struct private_store *store;
    struct metrics *metrics;
};
void node_hooks_fill(struct rpc_hooks *out, struct node_hooks *hooks);
#endif
