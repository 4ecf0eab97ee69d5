/* Node: one department's node, wired together: settings, ledger, keys, engine, RPC, the operator's listener.
 * Layer: node. */
#ifndef LICET_NODE_NODE_H
#define LICET_NODE_NODE_H
#include "ledger/base/code.h"

struct node_options {
    bool check;         /* look at everything, start nothing, change nothing */
    bool confirm_clock; /* see engine_parts.clock_confirmed */
    int stop_fd;        /* readable once the program is told to stop; not read here. While the ledger is only being
                         * read, that ends the program at once. -1: none */
    void (*on_fault)(void *context, enum err err); void *fault_context; /* once, on any thread: the node should be stopped */
};
struct node;
/* EXIT_VALID and *out; or the exit code of the program, a sentence in message, and *out NULL. A check leaves *out NULL,
 * also where it finds nothing wrong. */
MUST_USE int node_start(struct node **out, const char *dir, const struct node_options *options, char *message, size_t cap);
/* Answers what was taken, lets begun requests finish for grace_ms at most, ends all and frees. NULL: nothing. */
void node_stop(struct node *node, unsigned grace_ms);
#endif
