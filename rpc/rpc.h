/* RPC: the node's questions and answers as a whole: server, routes and hooks tied together. Layer: rpc. */
#ifndef LICET_RPC_RPC_H
#define LICET_RPC_RPC_H
#include "rpc/hooks.h"
#include "rpc/server.h"

struct rpc;
/* hooks are copied; submit, note, now_ms and lookup must be there, the others may be NULL. What they use must outlive rpc_stop, and submit's
 * callbacks may still come after it. ERR_CONFIG with a message: see server_start. */
MUST_USE enum err rpc_start(struct rpc **out, const struct server_options *options, struct chain *chain, const struct rpc_hooks *hooks,
                            char *message, size_t message_cap);
uint16_t rpc_port(const struct rpc *rpc);
void rpc_usage(const struct rpc *rpc, struct server_usage *out);
/* For the operator: see mismatches_clear. */
uint64_t rpc_mismatches_clear(const struct rpc *rpc, const uint8_t *key32);
/* Begun requests may finish for grace_ms. NULL is no harm. */
void rpc_stop(struct rpc *rpc, unsigned grace_ms);
#endif
