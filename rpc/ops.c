#include "rpc/ops.h"

#include "rpc/answer.h"

#define METRICS_MAX (256u << 10)
#define READY_MAX 8192u

static void answer_ready(const struct ops_hooks *hooks, struct request *request) {
    struct ops_component component[OPS_COMPONENTS_MAX];
    char text[READY_MAX];
    struct emit out = emit_write(text, sizeof text);
    const size_t count = hooks->ready != NULL ? hooks->ready(hooks->context, component, OPS_COMPONENTS_MAX) : 0;
    bool ready = true;
    for (size_t i = 0; i < count; i++) ready &= component[i].ready;
    emit_object(&out);
    emit_put_bool(&out, "ready", ready);
    emit_key(&out, "components");
    emit_array(&out);
    for (size_t i = 0; i < count; i++) {
        emit_object(&out);
        emit_put_string(&out, "name", component[i].name);
        emit_put_bool(&out, "ready", component[i].ready);
        if (component[i].detail != NULL) {
            emit_put_string(&out, "detail", component[i].detail);
        }
        emit_object_end(&out);
    }
    emit_array_end(&out);
    emit_object_end(&out);
    if (out.full) answer_code(request, CODE_INTERNAL);
    else request_answer(request, ready ? 200 : 503, MEDIA_JSON, emit_bytes(&out), NULL, false);
}

/* What blocks look-ups by fields, taken back: of one licence, or of all. JSON is asked for so that no web page can make a browser post it. */
static void answer_clear(const struct ops_hooks *hooks, struct request *request) {
    const char *hex = request_parameter(request, "key");
    uint8_t key[32];
    char text[64];
    if (!answer_content_is(request, "application/json")) {
        answer_code(request, CODE_MEDIA_TYPE);
    } else if (hex != NULL && !hex_decode(key, sizeof key, hex, strlen(hex))) {
        const struct refusal refusal = refuse(CODE_HEX_INVALID, "key");
        answer_refusal(request, &refusal);
    } else {
        struct emit out = emit_write(text, sizeof text);
        emit_object(&out);
        emit_put_uint(&out, "cleared", hooks->clear(hooks->context, hex != NULL ? key : NULL));
        emit_object_end(&out);
        answer_json(request, &out);
    }
}

static void ops_handle(void *context, struct request *request) {
    const struct ops_hooks *hooks = context;
    const char *path = request_path(request);
    const bool get = request_method(request) == METHOD_GET || request_method(request) == METHOD_HEAD;
    const bool clear = hooks->clear != NULL && strcmp(path, "/mismatches/clear") == 0;
    if (clear ? request_method(request) != METHOD_POST : !get) {
        request_add_header(request, "Allow", clear ? "POST" : "GET, HEAD");
        answer_code(request, CODE_METHOD_NOT_ALLOWED);
    } else if (clear) {
        answer_clear(hooks, request);
    } else if (strcmp(path, "/livez") == 0) {
        const bool live = hooks->live == NULL || hooks->live(hooks->context);
        request_answer(request, live ? 200 : 503, MEDIA_TEXT, bytes_text(live ? "ok\n" : "not alive\n"), NULL, false);
    } else if (strcmp(path, "/readyz") == 0) {
        answer_ready(hooks, request);
    } else if (strcmp(path, "/metrics") == 0) {
        size_t cap;
        char *text = (char *)request_scratch(request, &cap);
        const size_t len = hooks->metrics != NULL ? hooks->metrics(hooks->context, text, cap < METRICS_MAX ? cap : METRICS_MAX) : 0;
        request_answer(request, 200, MEDIA_TEXT, bytes_of(text, len), NULL, false);
    } else {
        answer_code(request, CODE_NOT_FOUND);
    }
}

enum err ops_start(struct server **out, const char *host, uint16_t port, const char *names, const struct ops_hooks *hooks, char *message, size_t message_cap) {
    const struct server_options options = {.host = host, .port = port, .names = names, .threads = 1, .connections_max = 32, .body_max = 4096, .headers_max = 8192,
                                           .request_ms_max = 5000, .answer_ms_max = 10000, .idle_ms_max = 60000};
    /* the handler only reads through it; the server has one context type for all handlers */
    return server_start(out, &options, NULL, ops_handle, (void *)(uintptr_t)hooks, message, message_cap);
}
