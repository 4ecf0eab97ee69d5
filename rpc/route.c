#include "rpc/route.h"

#include "rpc/handler.h"

/* Verdicts first: they are asked for most. A new route is a row in its handlers' file; a new file of handlers is a line here. */
static const struct route *const LISTS[] = {VERIFY_ROUTES, ENTRY_ROUTES,  TILE_ROUTES,   LICENCE_ROUTES,
                                            HISTORY_ROUTES, BROWSE_ROUTES, MEMBER_ROUTES, TYPE_ROUTES, SEAL_ROUTES};

/* An encoded slash is part of what it stands in. */
static void copy_part(char *to, const char *from, size_t len) {
    for (size_t i = 0; i < len; i++) to[i] = from[i] == HTTP_SLASH ? '/' : from[i];
    to[len] = '\0';
}

/* Fills args from the path. Its parts are cut out of a copy. */
static bool path_fits(const char *pattern, const char *path, struct route_args *args) {
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

static void refuse_body(struct rpc *rpc, struct request *request, const struct route *route, enum code code) {
    if (route->refuse != NULL) route->refuse(rpc, request, code);
    else handler_refuse(rpc, request, code, NULL);
}

static void hand_over(struct rpc *rpc, struct request *request, const struct route *route, const struct route_args *args) {
    /* any page may have a browser post a form or plain text here, unseen; JSON and COSE it may not */
    if (route->takes != NULL && !answer_content_is(request, route->takes)) refuse_body(rpc, request, route, CODE_MEDIA_TYPE);
    else if (route->body_max != 0 && request_body(request).len > route->body_max) refuse_body(rpc, request, route, route->too_large);
    else route->handle(rpc, request, args);
}

void route_request(void *context, struct request *request) {
    struct rpc *rpc = context;
    struct route_args args;
    const enum method asked = request_method(request), method = asked == METHOD_HEAD ? METHOD_GET : asked;
    const char *allow = NULL;
    handler_event(rpc, RPC_REQUEST, 1);
    for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++) {
        for (const struct route *route = LISTS[i]; route->path != NULL; route++) {
            if (!path_fits(route->path, request_path(request), &args)) continue;
            if (route->method == method) {
                hand_over(rpc, request, route, &args);
                return;
            }
            allow = route->method == METHOD_GET ? "GET, HEAD" : "POST";
        }
    }
    if (allow != NULL) request_add_header(request, "Allow", allow);
    handler_refuse(rpc, request, allow != NULL ? CODE_METHOD_NOT_ALLOWED : CODE_NOT_FOUND, NULL);
}
