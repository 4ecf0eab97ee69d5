#include "rpc/rpc.h"

#include "rpc/handler.h"
#include "rpc/mismatches.h"
#include "rpc/route.h"

enum err rpc_start(struct rpc **out, const struct server_options *options, struct chain *chain, const struct rpc_hooks *hooks,
                   char *message, size_t message_cap) {
    ASSERT(hooks->submit != NULL && hooks->note != NULL && hooks->now_ms != NULL && hooks->lookup != NULL);
    *out = NULL;
    struct rpc *rpc = calloc(1, sizeof *rpc);
    if (rpc == NULL) return ERR_MEMORY;
    rpc->chain = chain;
    rpc->hooks = *hooks;
    rpc->genesis = chain_genesis(chain)->hash;
    rpc->chain_id = chain_genesis(chain)->chain_id;
    rpc->mismatches = mismatches_new(hooks->mismatches_max, hooks->mismatches_hours);
    enum err err = rpc->mismatches != NULL ? ERR_OK : ERR_MEMORY;
    if (err == ERR_OK) err = server_start(&rpc->server, options, chain, route_request, rpc, message, message_cap);
    if (err == ERR_OK) {
        *out = rpc;
        return ERR_OK;
    }
    mismatches_free(rpc->mismatches);
    free(rpc);
    return err;
}

uint16_t rpc_port(const struct rpc *rpc) { return server_port(rpc->server); }
uint64_t rpc_mismatches_clear(const struct rpc *rpc, const uint8_t *key32) { return mismatches_clear(rpc->mismatches, key32); }
void rpc_usage(const struct rpc *rpc, struct server_usage *out) { server_usage_get(rpc->server, out); }

void rpc_stop(struct rpc *rpc, unsigned grace_ms) {
    if (rpc == NULL) return;
    server_stop(rpc->server, grace_ms);
    mismatches_free(rpc->mismatches);
    free(rpc);
}
