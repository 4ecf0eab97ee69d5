/* Transport: how the bytes of one connection travel. connection.c knows nothing else of sockets. Behind these functions stand plain sockets; TLS, when it
 * comes, stands behind the same ones. Layer: rpc. All calls on the loop's thread. */
#ifndef LICET_RPC_TRANSPORT_H
#define LICET_RPC_TRANSPORT_H
#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "crypto/bytes.h"

struct bufferevent;
struct evbuffer;
struct event_base;
/* What a transport tells. Each call may close the transport. */
struct transport_calls {
    void (*came)(void *context); /* something has come: it is in the input */
    void (*left)(void *context); /* all that was kept has been sent */
    void (*gone)(void *context); /* the peer has ended or broken off */
};
/* Its members are transport.c's own. It lies in its owner, and stays where it is while it is open. */
struct transport {
    struct bufferevent *events;
    int fd;
    bool reading;
    const struct transport_calls *calls;
    void *context;
};
struct transport_setup {
    struct event_base *base;
    const struct transport_calls *calls; /* static */
    void *context;
    size_t ahead; /* bytes: where so many wait in the input, no more are read */
};
/* Takes fd, a connected socket that does not block, and begins to read. False: no memory; fd is closed. */
MUST_USE bool transport_open(struct transport *transport, int fd, const struct transport_setup *setup);
void transport_close(struct transport *transport);

struct evbuffer *transport_input(const struct transport *transport); /* what has come and was not taken yet */
void transport_read(struct transport *transport, bool on);           /* off: what comes is left with the kernel */
void transport_again(struct transport *transport);                   /* `came` is called soon, though nothing has come */
/* Whether bytes have come that are not in the input yet. */
bool transport_waits(const struct transport *transport);

/* Sends at once as far as the peer takes it, from the first part on. Only while nothing is kept. *sent: bytes of all parts together. False: the peer is gone. */
MUST_USE bool transport_send(struct transport *transport, const struct iovec *parts, size_t count, size_t *sent);
/* Keeps a copy of the parts but for their first `sent` bytes, and sends it as the peer takes it. Then `left` is called. False: no memory. */
MUST_USE bool transport_keep(struct transport *transport, const struct iovec *parts, size_t count, size_t sent);
/* Tells the peer that nothing more will be sent. It may still send. */
void transport_end(struct transport *transport);
#endif
