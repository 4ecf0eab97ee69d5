#include "rpc/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/errno_text.h"
#include "rpc/inside.h"

#define BACKLOG 1024

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } at;
    socklen_t len;
    bool loopback;
};

static bool address_read(struct address *out, const char *host, uint16_t port) {
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, host, &out->at.v4.sin_addr) == 1) {
        out->at.v4.sin_family = AF_INET;
        out->at.v4.sin_port = htons(port);
        out->len = sizeof out->at.v4;
        out->loopback = ntohl(out->at.v4.sin_addr.s_addr) >> 24 == 127;
        return true;
    }
    if (inet_pton(AF_INET6, host, &out->at.v6.sin6_addr) == 1) {
        out->at.v6.sin6_family = AF_INET6;
        out->at.v6.sin6_port = htons(port);
        out->len = sizeof out->at.v6;
        out->loopback = IN6_IS_ADDR_LOOPBACK(&out->at.v6.sin6_addr);
        return true;
    }
    return false;
}

static enum err check_options(const struct server_options *options, struct address *address, char *message, size_t cap) {
    if (!address_read(address, options->host, options->port)) {
        snprintf(message, cap, "`%s` is not a numeric address", options->host);
        return ERR_CONFIG;
    }
    if (!address->loopback) {
        snprintf(message, cap, "listening on %s would carry requests in clear over the network; listen on 127.0.0.1 and put TLS in front",
                 options->host);
        return ERR_CONFIG;
    }
    if (options->threads < 1 || options->threads > 64 || options->connections_max == 0 || options->headers_max < 1024) {
        snprintf(message, cap, "threads must be 1 to 64, connections at least 1, headers at least 1024 bytes");
        return ERR_CONFIG;
    }
    return ERR_OK;
}

static enum err listen_on(struct server *server, const struct address *address, char *message, size_t cap) {
    const int on = 1;
    server->listen_fd = socket(address->at.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (server->listen_fd < 0) {
        snprintf(message, cap, "no socket: %s", errno_en(errno));
        return ERR_IO;
    }
    /* accepted sockets inherit TCP_NODELAY: without it an answer in two parts waits 40 ms for the client's delayed acknowledgement */
    setsockopt(server->listen_fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(server->listen_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bind(server->listen_fd, &address->at.any, address->len) != 0 || listen(server->listen_fd, BACKLOG) != 0) {
        snprintf(message, cap, "cannot listen on %s port %u: %s%s", server->options.host, (unsigned)server->options.port, errno_en(errno),
                 errno == EADDRINUSE ? ": another program, perhaps another node, has it; stop that, or choose another port" : "");
        return ERR_CONFIG;
    }
    struct address bound;
    bound.len = sizeof bound.at;
    if (getsockname(server->listen_fd, &bound.at.any, &bound.len) != 0) return ERR_IO;
    server->port = ntohs(bound.at.any.sa_family == AF_INET ? bound.at.v4.sin_port : bound.at.v6.sin6_port);
    return ERR_OK;
}

/* Tells all loops to end, waits for their threads, frees everything. */
static void end_loops(struct server *server, unsigned started, unsigned grace_ms) {
    atomic_store(&server->grace_ms, grace_ms);
    atomic_store(&server->stopping, true);
    for (unsigned i = 0; i < started; i++) {
        const uint64_t one = 1;
        const ssize_t written = write(server->loops[i]->mailbox->wake_fd, &one, sizeof one);
        ASSERT(written == (ssize_t)sizeof one);
    }
    for (unsigned i = 0; i < started; i++) pthread_join(server->loops[i]->thread, NULL);
    for (unsigned i = 0; i < server->loop_count; i++) loop_free(server->loops[i]);
    if (server->listen_fd >= 0) close(server->listen_fd);
    free(server);
}

static enum err start_loops(struct server *server, unsigned *started) {
    for (; server->loop_count < server->options.threads; server->loop_count++) {
        server->loops[server->loop_count] = loop_new(server);
        if (server->loops[server->loop_count] == NULL) return ERR_MEMORY;
    }
    for (; *started < server->loop_count; (*started)++) {
        struct loop *loop = server->loops[*started];
        if (pthread_create(&loop->thread, NULL, loop_run, loop) != 0) return ERR_MEMORY;
    }
    return ERR_OK;
}

enum err server_start(struct server **out, const struct server_options *options, struct chain *chain, server_handler_fn handler, void *context,
                      char *message, size_t message_cap) {
    *out = NULL;
    struct address address;
    enum err err = check_options(options, &address, message, message_cap);
    if (err != ERR_OK) return err;
    struct server *server = calloc(1, sizeof *server);
    if (server == NULL) return ERR_MEMORY;
    server->options = *options;
    server->chain = chain;
    server->handler = handler;
    server->context = context;
    unsigned started = 0;
    (void)snprintf(server->listen_host, sizeof server->listen_host, "%s", options->host);
    (void)snprintf(server->names, sizeof server->names, "%s", options->names != NULL ? options->names : "");
    err = listen_on(server, &address, message, message_cap);
    server->options.host = server->options.names = NULL; /* the caller's texts need not outlive this call */
    if (err == ERR_OK) {
        err = start_loops(server, &started);
        if (err != ERR_OK) snprintf(message, message_cap, "no memory for the server's threads");
    }
    if (err != ERR_OK) {
        end_loops(server, started, 0);
        return err;
    }
    *out = server;
    return ERR_OK;
}

uint16_t server_port(const struct server *server) { return server->port; }

void server_stop(struct server *server, unsigned grace_ms) {
    if (server != NULL) end_loops(server, server->loop_count, grace_ms);
}

void server_usage_get(const struct server *server, struct server_usage *out) {
    out->connections = atomic_load(&server->connections);
    out->requests = atomic_load(&server->requests);
    out->refused = atomic_load(&server->refused);
    out->closed_late = atomic_load(&server->closed_late);
    out->given_up = atomic_load(&server->given_up);
}
