#include "rpc/route.h"

enum allowed { ALLOW_GET, ALLOW_POST };
static const struct route {
    enum allowed method;
    const char *pattern; /* {}: one part of the path, not empty; {*} at the end: the rest, which may be empty */
    route_fn handle;
} ROUTES[] = {
    {ALLOW_POST, "/v1/verify", verify_post},
    {ALLOW_POST, "/entries", entries_post},
    {ALLOW_GET, "/entries/{}", entries_get},
    {ALLOW_GET, "/entries/{}/statement", entries_statement_get},
    {ALLOW_GET, "/.well-known/scitt-keys", scitt_keys_get},
    {ALLOW_GET, "/.well-known/scitt-keys/{}", scitt_key_get},
    {ALLOW_GET, "/checkpoint", checkpoint_get},
    {ALLOW_GET, "/tile/entries/{*}", tile_entries_get},
    {ALLOW_GET, "/tile/{}/{*}", tile_get},
    {ALLOW_GET, "/v1/licences", licences_get},
    {ALLOW_GET, "/v1/licences/{}", verify_licence_get},
    {ALLOW_GET, "/v1/licences/{}/history", browse_history},
    {ALLOW_GET, "/v1/prefix/{*}", browse_prefix},
    {ALLOW_GET, "/v1/head", browse_head},
    {ALLOW_GET, "/v1/blocks/{}", browse_block},
    {ALLOW_GET, "/v1/members", browse_members},
    {ALLOW_GET, "/v1/types", browse_types},
    {ALLOW_GET, "/v1/types/{}", browse_type},
    {ALLOW_GET, "/v1/seals", browse_seals},
    {ALLOW_GET, "/v1/seals/{}", seal_get},
    {ALLOW_GET, "/v1/seals/{}/history", seal_history_get},
    {ALLOW_GET, "/v1/seals/{}/licences", seal_licences_get},
};

/* An encoded slash is part of what it stands in. */
static void copy_part(char *to, const char *from, size_t len) {
    for (size_t i = 0; i < len; i++) to[i] = from[i] == HTTP_SLASH ? '/' : from[i];
    to[len] = '\0';
}

/* Fills args from the path. Its parts are cut out of a copy. */
static bool matches(const char *pattern, const char *path, struct route_args *args) {
    char *to = args->text;
    args->count = 0;
    for (;;) {
        if (strcmp(pattern, "{*}") == 0) {
            memcpy(to, path, strlen(path) + 1); /* no longer than where text came from */
            args->at[args->count++] = to;
            return true;
        }
        if (pattern[0] == '{') {
            const size_t len = strcspn(path, "/");
            if (len == 0) return false;
            args->at[args->count++] = to;
            copy_part(to, path, len);
            to += len + 1;
            path += len;
            pattern += 2;
        } else if (*pattern != *path) {
            return false;
        } else if (*pattern == '\0') {
            return true;
        } else {
            pattern++;
            path++;
        }
    }
}

void route_event(struct rpc *rpc, enum rpc_event event, uint64_t count) {
    if (rpc->hooks.event != NULL) rpc->hooks.event(rpc->hooks.context, event, count);
}

void route_request(void *context, struct request *request) {
    struct rpc *rpc = context;
    struct route_args args;
    const enum method method = request_method(request);
    const bool get = method == METHOD_GET || method == METHOD_HEAD;
    const char *allow = NULL;
    route_event(rpc, RPC_REQUEST, 1);
    for (size_t i = 0; i < sizeof ROUTES / sizeof ROUTES[0]; i++) {
        const struct route *route = &ROUTES[i];
        if (!matches(route->pattern, request_path(request), &args)) continue;
        if (route->method == ALLOW_GET ? get : method == METHOD_POST) {
            route->handle(rpc, request, &args);
            return;
        }
        allow = route->method == ALLOW_GET ? "GET, HEAD" : "POST";
    }
    if (allow != NULL) request_add_header(request, "Allow", allow);
    route_refuse(rpc, request, allow != NULL ? CODE_METHOD_NOT_ALLOWED : CODE_NOT_FOUND, NULL);
}

void route_fault(struct rpc *rpc, struct request *request, enum err err) {
    route_event(rpc, RPC_FAULT, 1);
    if (err == ERR_CORRUPT && rpc->hooks.damage != NULL) rpc->hooks.damage(rpc->hooks.context);
    answer_fault(request, err);
}

void route_refuse(struct rpc *rpc, struct request *request, enum code code, const char *field) {
    const struct refusal refusal = refuse(code, field);
    route_event(rpc, RPC_REFUSED, 1);
    answer_refusal(request, &refusal);
}

const struct snapshot *route_snapshot(struct rpc *rpc, struct request *request) {
    const struct snapshot *snapshot;
    const enum err err = reader_snapshot(request_reader(request), &snapshot);
    if (err == ERR_OK) return snapshot;
    route_fault(rpc, request, err);
    return NULL;
}

bool route_number(const char *text, uint64_t max, uint64_t *out) {
    const size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 19 || text[digits] != '\0' || (digits > 1 && text[0] == '0')) return false;
    *out = strtoull(text, NULL, 10);
    return *out <= max;
}

bool route_page(struct rpc *rpc, struct request *request, uint32_t most, struct route_page *out) {
    const char *after = request_parameter(request, "after"), *limit = request_parameter(request, "limit");
    uint64_t number = most;
    if (after == NULL) after = request_parameter(request, "from");
    *out = (struct route_page){.has_after = after != NULL, .limit = most};
    if (after != NULL && !route_number(after, UINT64_MAX, &out->after)) {
        route_refuse(rpc, request, CODE_PARAMETER, "after");
        return false;
    }
    if (limit != NULL && (!route_number(limit, UINT64_MAX, &number) || number == 0)) {
        route_refuse(rpc, request, CODE_PARAMETER, "limit");
        return false;
    }
    if (number < most) out->limit = (uint32_t)number;
    return true;
}
