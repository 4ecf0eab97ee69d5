/* Node_ops: what the operator's listener answers: is the node alive, is each part ready, what are its numbers?
 * Layer: node. */
#ifndef LICET_NODE_NODE_OPS_H
#define LICET_NODE_NODE_OPS_H
#include "node/config.h"
#include "node/metrics.h"
#include "rpc/rpc.h"

struct node_ops_parts { /* all borrowed */
    const struct config *config;
    struct chain *chain;
    struct engine *engine;
    const struct readers *readers;
    const struct rpc *rpc;
    struct metrics *metrics;
};
struct node_ops;
/* *out NULL where the configuration has it off. */
MUST_USE enum err node_ops_start(struct node_ops **out, const struct node_ops_parts *parts, char *message, size_t cap);
uint16_t node_ops_port(const struct node_ops *ops); /* 0: off */
void node_ops_stop(struct node_ops *ops);
#endif
