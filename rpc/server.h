/* Server: HTTP/1.1 over libevent: several event-loop threads on one listening socket, each with its own chain reader and buffers. The request
 * head is read by http_head.c and not by evhttp, which cannot be made strict: it takes chunked bodies of several spellings, empty header names,
 * bytes after a NUL and bodies of HEAD, answers in HTML, and costs fifteen times the user time. Limits: header and body size, number of
 * connections, bytes held for all of them together, an absolute deadline for a request (a time-out per read lets a byte a second live for
 * ever) and for a slow reader. TCP_NODELAY on the listening socket (else 40 ms stalls), accept back-off when descriptors run out. */
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
