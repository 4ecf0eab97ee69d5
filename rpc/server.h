/* Server: HTTP/1.1 over libevent. Several event-loop threads share one listening socket; each has its own chain reader and buffers. Layer: rpc.
 * http_head.c reads the head of a request. evhttp does not, because it cannot be made strict: it takes chunked bodies of several spellings, empty header
 * names, bytes after a NUL and bodies of HEAD, answers in HTML, and costs fifteen times the user time.
 * Limited are the size of heads and bodies, the number of connections, and the bytes held for all of them together. A request has one deadline for the
 * whole of it, and so has the reading of an answer: with a time-out for each read, a byte a second would live for ever. */
#ifndef LICET_RPC_SERVER_H
#define LICET_RPC_SERVER_H
#include "rpc/hooks.h"

struct server_options {
    const char *host;          /* numeric address; beyond loopback is refused without TLS (ERR_CONFIG) */
    uint16_t port;             /* 0: any; see server_port */
    const char *names;         /* host names that it goes by besides; see host.h. NULL: none */
    unsigned threads;          /* event loops, 1..64 */
    uint32_t connections_max;  /* 1024 */
    uint32_t body_max;         /* bytes; 1 MiB */
    uint32_t headers_max;      /* bytes; 16 KiB */
    uint32_t request_ms_max;   /* first byte to whole request, and connection to first byte: 10,000 */
    uint32_t answer_ms_max;    /* answer begun to answer taken: 30,000 */
    uint32_t idle_ms_max;      /* keep-alive without a request: 60,000; the one idle longest goes where no place is left for a new one */
};
struct server;
struct request; /* one HTTP request, until answered; request.h */
/* Called on the loop's thread for each whole, well-framed request. Must lead to exactly one request_answer, at once or later. */
typedef void (*server_handler_fn)(void *context, struct request *request);

MUST_USE enum err server_start(struct server **out, const struct server_options *options, struct chain *chain, server_handler_fn handler, void *context,
                               char *message, size_t message_cap);
uint16_t server_port(const struct server *server);
/* Stops accepting, lets begun requests finish for grace_ms, then closes. */
void server_stop(struct server *server, unsigned grace_ms);
struct server_usage { uint64_t connections, requests, refused, closed_late, given_up; };
void server_usage_get(const struct server *server, struct server_usage *out);
#endif
