#include "rpc/transport.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define READ_AT_ONCE (256u << 10)

static void on_read(struct bufferevent *events, void *context) {
    struct transport *transport = context;
    (void)events;
    transport->calls->came(transport->context);
}

static void on_write(struct bufferevent *events, void *context) {
    struct transport *transport = context;
    if (evbuffer_get_length(bufferevent_get_output(events)) == 0) transport->calls->left(transport->context);
}

static void on_event(struct bufferevent *events, short what, void *context) {
    struct transport *transport = context;
    (void)events;
    if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0) transport->calls->gone(transport->context);
}

bool transport_open(struct transport *transport, int fd, const struct transport_setup *setup) {
    struct bufferevent *events = bufferevent_socket_new(setup->base, fd, BEV_OPT_CLOSE_ON_FREE);
    if (events == NULL) {
        evutil_closesocket(fd);
        return false;
    }
    *transport = (struct transport){.events = events, .fd = fd, .reading = true, .calls = setup->calls, .context = setup->context};
    bufferevent_setcb(events, on_read, on_write, on_event, transport);
    bufferevent_setwatermark(events, EV_READ, 0, setup->ahead);
    bufferevent_set_max_single_read(events, READ_AT_ONCE);
    bufferevent_enable(events, EV_READ);
    return true;
}

void transport_close(struct transport *transport) { bufferevent_free(transport->events); }

struct evbuffer *transport_input(const struct transport *transport) { return bufferevent_get_input(transport->events); }

void transport_read(struct transport *transport, bool on) {
    if (transport->reading == on) return;
    if (on) bufferevent_enable(transport->events, EV_READ);
    else bufferevent_disable(transport->events, EV_READ);
    transport->reading = on;
}

void transport_again(struct transport *transport) {
    bufferevent_trigger(transport->events, EV_READ, BEV_TRIG_IGNORE_WATERMARKS | BEV_TRIG_DEFER_CALLBACKS);
}

bool transport_waits(const struct transport *transport) {
    int waiting = 0;
    return ioctl(transport->fd, FIONREAD, &waiting) == 0 && waiting > 0;
}

/* Straight to the kernel: the event loop is only asked when that does not take all. */
bool transport_send(struct transport *transport, const struct iovec *parts, size_t count, size_t *sent) {
    const struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts, .msg_iovlen = count}; /* only read */
    const ssize_t result = sendmsg(transport->fd, &message, MSG_NOSIGNAL);
    *sent = result > 0 ? (size_t)result : 0;
    return result >= 0 || errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

bool transport_keep(struct transport *transport, const struct iovec *parts, size_t count, size_t sent) {
    for (size_t i = 0; i < count; i++) {
        const size_t gone = sent < parts[i].iov_len ? sent : parts[i].iov_len, rest = parts[i].iov_len - gone;
        sent -= gone;
        if (rest > 0 && bufferevent_write(transport->events, (const char *)parts[i].iov_base + gone, rest) != 0) return false;
    }
    return true;
}

void transport_end(struct transport *transport) { (void)shutdown(transport->fd, SHUT_WR); }
