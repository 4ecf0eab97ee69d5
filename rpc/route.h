/* Route: which function answers which path. Layer: rpc. */
#ifndef LICET_RPC_ROUTE_H
#define LICET_RPC_ROUTE_H
#include "rpc/answer.h"
#include "rpc/mismatches.h"

struct rpc {
    struct chain *chain;
    struct rpc_hooks hooks;
    struct server *server;
    struct mismatches *mismatches;
    const uint8_t *genesis; /* hash */
    struct bytes chain_id;
};
#define ROUTE_ARGS_MAX 3u
/* The parts of the path where the pattern has {}, in order. */
struct route_args {
    const char *at[ROUTE_ARGS_MAX];
    uint32_t count;
    char text[HTTP_TARGET_MAX];
};
typedef void (*route_fn)(struct rpc *rpc, struct request *request, const struct route_args *args);

/* A server_handler_fn: context is the rpc. */
void route_request(void *context, struct request *request);

/* --- what most handlers begin with --- */
/* The newest state; NULL: the fault has been answered. */
const struct snapshot *route_snapshot(struct rpc *rpc, struct request *request);
/* Answers a fault and counts it. */
void route_fault(struct rpc *rpc, struct request *request, enum err err);
void route_refuse(struct rpc *rpc, struct request *request, enum code code, const char *field);
/* Plain digits, no sign, no leading zeros but "0" itself; false on anything else. */
MUST_USE bool route_number(const char *text, uint64_t max, uint64_t *out);
/* ?after= (or from=, the same) and ?limit=, 1 to `most`. False: refused and answered. *has_after false: from the beginning. */
struct route_page { bool has_after; uint64_t after; uint32_t limit; };
MUST_USE bool route_page(struct rpc *rpc, struct request *request, uint32_t most, struct route_page *out);
void route_event(struct rpc *rpc, enum rpc_event event, uint64_t count);

/* Writes one seal from its record; ERR_CORRUPT where it is none, or its members are not there. For lists.c. */
MUST_USE enum err seal_put(struct json_out *out, const struct snapshot *snapshot, struct bytes value);

/* --- handlers --- */
void verify_post(struct rpc *rpc, struct request *request, const struct route_args *args);
void verify_licence_get(struct rpc *rpc, struct request *request, const struct route_args *args);
void licences_get(struct rpc *rpc, struct request *request, const struct route_args *args);
void entries_post(struct rpc *rpc, struct request *request, const struct route_args *args);
void entries_get(struct rpc *rpc, struct request *request, const struct route_args *args);
void entries_statement_get(struct rpc *rpc, struct request *request, const struct route_args *args);
void scitt_keys_get(struct rpc *rpc, struct request *request, const struct route_args *args);
void scitt_key_get(struct rpc *rpc, struct request *request, const struct route_args *args);
void tile_get(struct rpc *rpc, struct request *request, const struct route_args *args);
void tile_entries_get(struct rpc *rpc, struct request *request, const struct route_args *args);
void checkpoint_get(struct rpc *rpc, struct request *request, const struct route_args *args);
void browse_head(struct rpc *rpc, struct request *request, const struct route_args *args);
void browse_block(struct rpc *rpc, struct request *request, const struct route_args *args);
void browse_members(struct rpc *rpc, struct request *request, const struct route_args *args);
void browse_types(struct rpc *rpc, struct request *request, const struct route_args *args);
void browse_type(struct rpc *rpc, struct request *request, const struct route_args *args);
void browse_history(struct rpc *rpc, struct request *request, const struct route_args *args);
void browse_seals(struct rpc *rpc, struct request *request, const struct route_args *args);
void seal_get(struct rpc *rpc, struct request *request, const struct route_args *args);
void seal_history_get(struct rpc *rpc, struct request *request, const struct route_args *args);
void seal_licences_get(struct rpc *rpc, struct request *request, const struct route_args *args);
void browse_prefix(struct rpc *rpc, struct request *request, const struct route_args *args);
#endif
