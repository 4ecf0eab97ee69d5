/* Ops: the operator's listener: /livez, /readyz, /metrics and POST /mismatches/clear. It is a server of its own, so that a flood of queries cannot keep the
 * operator out. No ledger data pass here. Layer: rpc. */
#ifndef LICET_RPC_OPS_H
#define LICET_RPC_OPS_H
#include "rpc/server.h"

struct ops_component {
    const char *name;   /* "engine", "storage", "clock" ...: static */
    bool ready;
    const char *detail; /* static text, or NULL */
};
#define OPS_COMPONENTS_MAX 32u
struct ops_hooks {
    void *context;
    bool (*live)(void *context);                                                       /* NULL: always */
    size_t (*ready)(void *context, struct ops_component *out, size_t cap);             /* returns the count; NULL: none */
    size_t (*metrics)(void *context, char *out, size_t cap);                           /* Prometheus text; its length; NULL: none */
    uint64_t (*clear)(void *context, const uint8_t *key32);                            /* see mismatches_clear; NULL: none */
};
/* Starts the listener with a handler for these paths; server_stop ends it. names: see host.h. hooks: borrowed. message: see server_start. */
MUST_USE enum err ops_start(struct server **out, const char *host, uint16_t port, const char *names, const struct ops_hooks *hooks, char *message, size_t message_cap);
#endif
