/* Node: everything of a department's node wired together: configuration, ledger, keys, engine, RPC, the operator's listener. Layer: node. */
#ifndef LICET_NODE_NODE_H
#define LICET_NODE_NODE_H
#include "ledger/base/code.h"

struct node_options {
    bool check;         /* look at everything, start nothing, change nothing */
    bool confirm_clock; /* see engine_parts.clock_confirmed */
    int stop_fd;        /* readable once the program is told to stop: ends it at once while the ledger is only being read; not read here. -1: none */
    void (*on_fault)(void *context, enum err err); void *fault_context; /* once, on any thread: the node should be stopped */
};
struct node;
/* EXIT_VALID and *out, or the exit code of the program with a sentence in message and *out NULL. After a check that found nothing wrong *out is NULL too. */
MUST_USE int node_start(struct node **out, const char *dir, const struct node_options *options, char *message, size_t cap);
/* Answers what was taken, then ends; begun requests may finish for grace_ms. */
void node_stop(struct node *node, unsigned grace_ms);
#endif
