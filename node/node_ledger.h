/* Node_ledger: the ledger in a node's folder, opened only if all holds that must hold before anything is signed: one
 * owner; data that fit the genesis document; the mark of what was last signed; every root, derived again. Layer: node. */
#ifndef LICET_NODE_NODE_LEDGER_H
#define LICET_NODE_NODE_LEDGER_H
#include "ledger/chain/chain.h"
#include "node/config.h"
#include "node/engine/lease.h"
#include "node/engine/mark.h"

struct node_ledger {
    struct kv *kv;
    struct chain *chain;
    struct mark *mark;
    struct lease *lease;
    bool empty; /* of a check: there are no data yet. The others are NULL then */
};
/* EXIT_VALID, or the exit code of the program and a sentence in message. Close it in both cases. check: changes
 * nothing, and mark and lease stay NULL. stop_fd: see node_options. */
MUST_USE int node_ledger_open(struct node_ledger *out, const struct config *config, bool check, int stop_fd, char *message, size_t cap);
void node_ledger_close(struct node_ledger *ledger); /* no reader may be left */
#endif
