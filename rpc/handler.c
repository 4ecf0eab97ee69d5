#include "rpc/handler.h"

void handler_event(struct rpc *rpc, enum rpc_event event, uint64_t count) {
    if (rpc->hooks.event != NULL) rpc->hooks.event(rpc->hooks.context, event, count);
}

void handler_fault(struct rpc *rpc, struct request *request, enum err err) {
    handler_event(rpc, RPC_FAULT, 1);
    if (err == ERR_CORRUPT && rpc->hooks.damage != NULL) rpc->hooks.damage(rpc->hooks.context);
    answer_fault(request, err);
}

void handler_refuse(struct rpc *rpc, struct request *request, enum code code, const char *field) {
    const struct refusal refusal = refuse(code, field);
    handler_event(rpc, RPC_REFUSED, 1);
    answer_refusal(request, &refusal);
}

const struct snapshot *handler_snapshot(struct rpc *rpc, struct request *request) {
    const struct snapshot *snapshot;
    const enum err err = reader_snapshot(request_reader(request), &snapshot);
    if (err == ERR_OK) return snapshot;
    handler_fault(rpc, request, err);
    return NULL;
}

struct emit handler_json(struct request *request) {
    size_t cap;
    uint8_t *scratch = request_scratch(request, &cap);
    return emit_write(scratch, cap);
}

void handler_answer(struct rpc *rpc, struct request *request, const struct emit *out, enum err err) {
    if (err != ERR_OK) handler_fault(rpc, request, err);
    else answer_json(request, out);
}

bool handler_number(const char *text, uint64_t max, uint64_t *out) {
    const size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 19 || text[digits] != '\0' || (digits > 1 && text[0] == '0')) return false;
    *out = strtoull(text, NULL, 10);
    return *out <= max;
}
