/* Handler: what the functions that answer requests share: the rpc, the rows by which each file lists its own, and the ways to begin and to refuse.
 * Layer: rpc. */
#ifndef LICET_RPC_HANDLER_H
#define LICET_RPC_HANDLER_H
#include "rpc/answer.h"
#include "rpc/hooks.h"

struct mismatches;
struct rpc {
    struct chain *chain;
    struct rpc_hooks hooks;
    struct server *server;
    struct mismatches *mismatches;
    const uint8_t *genesis; /* hash */
    struct bytes chain_id;
};
#define ROUTE_ARGS_MAX 3u
/* The parts of the path where the row has {}, in order. They live as long as the call. */
struct route_args {
    const char *at[ROUTE_ARGS_MAX];
    uint32_t count;
    char text[HTTP_TARGET_MAX];
};
/* Leads to exactly one answer, at once or later. */
typedef void (*handler_fn)(struct rpc *rpc, struct request *request, const struct route_args *args);
typedef void (*handler_refuse_fn)(struct rpc *rpc, struct request *request, enum code code);

/* One row: who answers which path, and what it takes. Rows end with one that has no path. The first row that fits is taken. */
struct route {
    enum method method;       /* METHOD_GET takes HEAD too; or METHOD_POST */
    const char *path;         /* {}: one part, not empty. {*} at the end: the rest, which may be empty */
    handler_fn handle;
    const char *takes;        /* the media type that the body must have; NULL: the body is not looked at */
    size_t body_max;          /* bytes, where it takes a body; 0: as much as the server takes */
    enum code too_large;      /* said of a longer one */
    handler_refuse_fn refuse; /* how it is said; NULL: as everywhere */
};
/* Every file of handlers has one list of rows. route.c joins them. */
extern const struct route VERIFY_ROUTES[], ENTRY_ROUTES[], TILE_ROUTES[], LICENCE_ROUTES[], HISTORY_ROUTES[], BROWSE_ROUTES[],
    MEMBER_ROUTES[], TYPE_ROUTES[], SEAL_ROUTES[];

/* The newest state. NULL: a fault, and it is answered. */
MUST_USE const struct snapshot *handler_snapshot(struct rpc *rpc, struct request *request);
/* Answers a fault, counts it, and tells the node of damage. */
void handler_fault(struct rpc *rpc, struct request *request, enum err err);
/* field: what is wrong, or NULL. */
void handler_refuse(struct rpc *rpc, struct request *request, enum code code, const char *field);
void handler_event(struct rpc *rpc, enum rpc_event event, uint64_t count);
/* JSON into the loop's buffer: PROOF_BYTES_MAX bytes of room. */
struct emit handler_json(struct request *request);
/* Answers with that JSON, or with the fault. */
void handler_answer(struct rpc *rpc, struct request *request, const struct emit *out, enum err err);
/* Plain digits: no sign, no zero in front. False: anything else, or more than max. */
MUST_USE bool handler_number(const char *text, uint64_t max, uint64_t *out);
#endif
