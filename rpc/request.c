#include "rpc/request.h"

#include <event2/buffer.h>
#include <unistd.h>

#include "rpc/inside.h"

enum method request_method(const struct request *request) { return request->head.method; }
const char *request_path(const struct request *request) { return request->head.path; }

const char *request_parameter(const struct request *request, const char *name) {
    return http_field_find(request->head.parameters, request->head.parameter_count, name);
}

const char *request_header(const struct request *request, const char *name) {
    return http_field_find(request->head.fields, request->head.field_count, name);
}

void request_asker(const struct request *request, const char *header, uint8_t out[ASKER_LEN]) {
    static const uint8_t this_machine[ASKER_LEN];
    memset(out, 0, ASKER_LEN);
    if (request->connection != NULL) memcpy(out, request->connection->asker, ASKER_LEN);
    if (header == NULL || header[0] == '\0' || memcmp(out, this_machine, ASKER_LEN) != 0) return;
    asker_named(out, &request->head, header);
}

struct bytes request_body(const struct request *request) { return request->body; }

struct reader *request_reader(const struct request *request) {
    return request->connection != NULL ? request->connection->loop->reader : NULL;
}

struct tile_reader *request_tiles(const struct request *request) {
    return request->connection != NULL ? request->connection->loop->tiles : NULL;
}

uint8_t *request_scratch(const struct request *request, size_t *cap) {
    *cap = request->connection != NULL ? PROOF_BYTES_MAX : 0;
    return request->connection != NULL ? request->connection->loop->scratch : NULL;
}

void request_add_header(struct request *request, const char *name, const char *value) {
    const size_t left = sizeof request->extra - request->extra_len;
    const int len = snprintf(request->extra + request->extra_len, left, "%s: %s\r\n", name, value);
    ASSERT(len > 0 && (size_t)len < left);
    request->extra_len += (size_t)len;
}

void request_answer(struct request *request, int status, enum media media, struct bytes body, const char *location, bool immutable) {
    if (request->connection == NULL) {
        struct mailbox *mailbox = request->mailbox;
        evbuffer_free(request->kept);
        free(request);
        mailbox_unref(mailbox);
        return;
    }
    const struct answer answer = {status, media, body, location, request->extra, request->extra_len, immutable};
    connection_answer(request->connection, &answer);
}

void request_gather(struct request *request, requests_fn fn, void *context) { loop_gather(request->connection->loop, request, fn, context); }

void request_post(struct request *request, void (*fn)(void *context), void *context) {
    struct mailbox *mailbox = request->mailbox;
    pthread_mutex_lock(&mailbox->lock);
    const bool closed = mailbox->closed;
    if (!closed) {
        ASSERT(request->posted == NULL);
        request->posted = fn;
        request->posted_context = context;
        request->next_posted = NULL;
        *mailbox->last = request;
        mailbox->last = &request->next_posted;
        /* under the lock: once the loop has run fn, the mailbox may be gone. The counter is far from full: the write cannot fail. */
        const uint64_t one = 1;
        const ssize_t written = write(mailbox->wake_fd, &one, sizeof one);
        ASSERT(written == (ssize_t)sizeof one);
    }
    pthread_mutex_unlock(&mailbox->lock);
    if (closed) fn(context);
}
