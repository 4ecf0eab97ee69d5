/* One connection: bytes -> request -> handler -> answer -> the next request. */
#include <event2/buffer.h>

#include "rpc/inside.h"
#include "rpc/problem.h"

#define PIPELINED_MAX 16 /* requests handled in a row before others get their turn */

static void advance(struct connection *connection);

/* ---- life ---- */

/* The answer will come later than the connection lasts: the request lives on alone, with the body that its handler may still look at. */
static void orphan(struct connection *connection) {
    struct request *request = connection->request;
    request->kept = evbuffer_new();
    ASSERT(request->kept != NULL);
    const int moved = evbuffer_add_buffer(request->kept, transport_input(&connection->transport)); /* moved whole: views stay good */
    ASSERT(moved == 0);
    mailbox_ref(request->mailbox);
    request->connection = NULL;
}

static void release_held(struct connection *connection) {
    atomic_fetch_sub(&connection->loop->server->held, connection->held);
    connection->held = 0;
}

static bool hold(struct connection *connection, uint64_t bytes) {
    struct server *server = connection->loop->server;
    if (bytes <= HELD_FREE) return true;
    if (atomic_fetch_add(&server->held, bytes) + bytes > HELD_MAX) {
        atomic_fetch_sub(&server->held, bytes);
        return false;
    }
    connection->held += bytes;
    return true;
}

void connection_free(struct connection *connection) {
    struct loop *loop = connection->loop;
    if (connection->state == CONNECTION_HANDLING) orphan(connection);
    else free(connection->request);
    release_held(connection);
    if (connection->previous != NULL) connection->previous->next = connection->next;
    else loop->connections = connection->next;
    if (connection->next != NULL) connection->next->previous = connection->previous;
    transport_close(&connection->transport);
    free(connection);
    atomic_fetch_sub(&loop->server->connections, 1);
    loop_accept_again(loop, false);
}

/* Ends a connection from wherever we are: while advance() works on it, it is the one to free it. */
static void connection_end(struct connection *connection) {
    if (connection->state == CONNECTION_HANDLING) connection->state = CONNECTION_DEAD; /* answered: nothing to be orphaned */
    if (connection->advancing) connection->state = CONNECTION_DEAD;
    else connection_free(connection);
}

static void connection_enter(struct connection *connection, enum connection_state state) {
    connection->state = state;
    connection->since_ms = loop_now_ms(connection->loop);
}

/* ---- answering ---- */

/* All of the answer is with the kernel. */
static void written(struct connection *connection) {
    release_held(connection);
    if (!connection->close_after) {
        connection_enter(connection, CONNECTION_IDLE);
        transport_read(&connection->transport, true);
        if (!connection->advancing) advance(connection);
    } else if (connection->refused) {
        /* closing with bytes unread would reset the connection, and the refusal would never be seen */
        connection_enter(connection, CONNECTION_DRAINING);
        transport_end(&connection->transport);
        transport_read(&connection->transport, true);
    } else {
        connection_end(connection);
    }
}

static enum fate fate_of(const struct connection *connection) {
    const struct http_head *head = &connection->request->head;
    if (connection->close_after || !head->keep_alive) return FATE_CLOSE;
    return head->http_1_0 ? FATE_KEEP_SAY : FATE_KEEP;
}

void connection_answer(struct connection *connection, const struct answer *answer) {
    struct request *request = connection->request;
    ASSERT(connection->state == CONNECTION_HANDLING);
    struct bytes body = answer->body;
    if (request->head.method == METHOD_HEAD) body.len = 0;
    if (atomic_load(&connection->loop->server->stopping)) connection->close_after = true;
    const enum fate fate = fate_of(connection);
    if (fate == FATE_CLOSE) connection->close_after = true;

    char head[ANSWER_HEAD_MAX];
    const size_t head_len = answer_head(head, answer, loop_date(connection->loop), fate);
    const struct iovec parts[] = {{head, head_len}, {(void *)(uintptr_t)body.data, body.len}};
    const size_t count = body.len > 0 ? 2 : 1;
    size_t sent = 0;
    const bool alive = transport_send(&connection->transport, parts, count, &sent);
    const size_t left = head_len + body.len - sent;
    const bool room = hold(connection, left); /* too many slow readers of large answers: this one has to come again */
    const bool kept = alive && room && (left == 0 || transport_keep(&connection->transport, parts, count, sent));

    struct evbuffer *input = transport_input(&connection->transport);
    evbuffer_drain(input, connection->refused ? evbuffer_get_length(input) : connection->body_len);
    connection->has_head = false;
    connection->scanned = connection->body_len = request->extra_len = 0;
    if (!kept) {
        connection_end(connection);
        return;
    }
    connection_enter(connection, CONNECTION_WRITING);
    if (left == 0) written(connection);
    else transport_read(&connection->transport, false);
}

/* Says why, and reads nothing more from this connection: after bad framing nobody knows where the next request begins. */
static void connection_refuse(struct connection *connection, enum code code) {
    char text[512];
    const struct refusal refusal = refuse(code, NULL);
    const size_t len = problem_json(text, sizeof text, &refusal);
    atomic_fetch_add(&connection->loop->server->refused, 1);
    connection->refused = connection->close_after = true;
    connection->request->head.method = METHOD_GET; /* of the request that was not read: the answer has a body */
    connection->request->extra_len = 0;
    connection_enter(connection, CONNECTION_HANDLING);
    connection_answer(connection, &(struct answer){code_http(code), MEDIA_PROBLEM_JSON, bytes_of(text, len), NULL, "", 0, false});
}

/* ---- reading ---- */

/* Moves a whole head from the input into the request and reads it. False: more is needed, or it was refused. */
static bool take_head(struct connection *connection) {
    struct evbuffer *input = transport_input(&connection->transport);
    struct request *request = connection->request;
    const struct server_options *options = &connection->loop->server->options;
    const size_t have = evbuffer_get_length(input);
    const size_t look = have < options->headers_max ? have : options->headers_max;
    const char *bytes = (const char *)evbuffer_pullup(input, (ev_ssize_t)look);
    enum code code = bytes != NULL ? CODE_OK : CODE_QUEUE_FULL;
    const size_t len = code == CODE_OK ? http_head_end(bytes, look, &connection->scanned, &code) : 0;
    if (code == CODE_OK && len == 0) {
        if (look < options->headers_max) return false;
        code = CODE_HEADERS_TOO_LARGE;
    }
    if (code == CODE_OK) {
        evbuffer_remove(input, request->text, len);
        code = http_head_parse(&request->head, request->text, len);
    }
    const struct server *server = connection->loop->server;
    if (code == CODE_OK && request->head.host != NULL && !host_is_ours(request->head.host, server->listen_host, server->port, server->names))
        code = CODE_HOST_UNKNOWN;
    if (code == CODE_OK && request->head.length > options->body_max) code = CODE_BODY_TOO_LARGE;
    if (code == CODE_OK && !hold(connection, request->head.length)) code = CODE_QUEUE_FULL;
    if (code != CODE_OK) {
        connection_refuse(connection, code);
        return false;
    }
    connection->has_head = true;
    connection->body_len = (size_t)request->head.length;
    connection->continued = false;
    return true;
}

static void say_continue(struct connection *connection) {
    static const char text[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (connection->continued || !connection->request->head.expects_continue) return;
    connection->continued = true;
    const struct iovec part = {(void *)(uintptr_t)text, sizeof text - 1};
    size_t sent;
    /* a client that does not get it sends its body all the same, a little later; one that is gone is told of in `gone` */
    const bool alive = transport_send(&connection->transport, &part, 1, &sent);
    (void)alive;
}

/* True: a whole request is there and the handler may have it. */
static bool next_request(struct connection *connection) {
    struct evbuffer *input = transport_input(&connection->transport);
    if (connection->state == CONNECTION_IDLE) {
        char start[2]; /* an empty line before a request is to be overlooked (RFC 9112 2.2) */
        while (evbuffer_copyout(input, start, 2) == 2 && start[0] == '\r' && start[1] == '\n') evbuffer_drain(input, 2);
        if (evbuffer_get_length(input) == 0) return false;
        connection_enter(connection, CONNECTION_READING);
        connection->spoke = true;
    }
    if (!connection->has_head && !take_head(connection)) return false;
    if (evbuffer_get_length(input) < connection->body_len) {
        say_continue(connection);
        return false;
    }
    const uint8_t *body = connection->body_len > 0 ? evbuffer_pullup(input, (ev_ssize_t)connection->body_len) : (const uint8_t *)"";
    if (body == NULL) {
        connection_refuse(connection, CODE_QUEUE_FULL);
        return false;
    }
    connection->request->body = bytes_of(body, connection->body_len);
    return true;
}

static void advance(struct connection *connection) {
    struct loop *loop = connection->loop;
    struct server *server = loop->server;
    connection->advancing = true;
    int left = PIPELINED_MAX;
    while ((connection->state == CONNECTION_IDLE || connection->state == CONNECTION_READING) && next_request(connection)) {
        connection_enter(connection, CONNECTION_HANDLING);
        loop->handled++;
        loop->resting = false;
        atomic_fetch_add(&server->requests, 1);
        server->handler(server->context, connection->request);
        if (connection->gathered) return; /* nothing is read before it is answered: that is, before the loop looks at its sockets again */
        if (--left == 0) {
            transport_again(&connection->transport);
            break;
        }
    }
    connection->advancing = false;
    if (connection->state == CONNECTION_DEAD) connection_free(connection);
    else if (connection->state == CONNECTION_HANDLING) transport_read(&connection->transport, false); /* or the body would move under its view */
}

void connection_resume(struct connection *connection) {
    connection->gathered = false;
    advance(connection);
}

static void on_came(void *context) {
    struct connection *connection = context;
    if (connection->state == CONNECTION_DRAINING) {
        struct evbuffer *input = transport_input(&connection->transport);
        evbuffer_drain(input, evbuffer_get_length(input));
    } else if (connection->state == CONNECTION_IDLE || connection->state == CONNECTION_READING) {
        advance(connection);
    }
}

static void on_left(void *context) {
    struct connection *connection = context;
    if (connection->state == CONNECTION_WRITING) written(connection);
}

static void on_gone(void *context) {
    struct connection *connection = context;
    if (connection->state == CONNECTION_HANDLING) connection->close_after = true; /* the answer finds out whether anybody still listens */
    else connection_end(connection);
}

static const struct transport_calls CALLS = {.came = on_came, .left = on_left, .gone = on_gone};

void connection_open(struct loop *loop, int fd, const struct sockaddr *peer) {
    const struct server_options *options = &loop->server->options;
    struct connection *connection = calloc(1, sizeof *connection);
    struct request *request = malloc(sizeof *request + options->headers_max);
    const struct transport_setup setup = {.base = loop->base, .calls = &CALLS, .context = connection, .ahead = (size_t)options->headers_max + options->body_max};
    const bool memory = connection != NULL && request != NULL;
    if (!memory) evutil_closesocket(fd);
    if (!memory || !transport_open(&connection->transport, fd, &setup)) {
        free(connection);
        free(request);
        atomic_fetch_sub(&loop->server->connections, 1);
        return;
    }
    memset(request, 0, offsetof(struct request, extra)); /* the rest is written before it is read */
    request->head.parameter_count = request->head.field_count = 0;
    request->connection = connection;
    request->mailbox = loop->mailbox;
    connection->loop = loop;
    connection->next = loop->connections;
    connection->request = request;
    asker_of_peer(connection->asker, peer);
    connection_enter(connection, CONNECTION_IDLE);
    if (loop->connections != NULL) loop->connections->previous = connection;
    loop->connections = connection;
}

bool connection_give_up(struct loop *loop) {
    struct connection *longest = NULL;
    for (struct connection *at = loop->connections; at != NULL; at = at->next) {
        if (at->state != CONNECTION_IDLE || at->advancing || (longest != NULL && at->since_ms > longest->since_ms)) continue;
        if (!transport_waits(&at->transport)) longest = at; /* else something has come from it, and is looked at first */
    }
    if (longest == NULL) return false;
    atomic_fetch_add(&loop->server->given_up, 1);
    connection_free(longest);
    return true;
}

void connection_check(struct connection *connection, int64_t now_ms) {
    struct server *server = connection->loop->server;
    const int64_t lasted = now_ms - connection->since_ms;
    bool late = false;
    switch (connection->state) {
    case CONNECTION_IDLE:
        if (connection->spoke && lasted > server->options.idle_ms_max) {
            connection_free(connection);
            return;
        }
        late = !connection->spoke && lasted > server->options.request_ms_max;
        break;
    case CONNECTION_DRAINING:
        if (lasted > DRAIN_MS) connection_free(connection);
        return;
    case CONNECTION_READING: late = lasted > server->options.request_ms_max; break;
    case CONNECTION_WRITING: late = lasted > server->options.answer_ms_max; break;
    case CONNECTION_HANDLING:
    case CONNECTION_DEAD: return;
    }
    if (!late) return;
    atomic_fetch_add(&server->closed_late, 1);
    connection_free(connection);
}
