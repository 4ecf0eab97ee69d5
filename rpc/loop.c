/* One event-loop thread: accepts, looks at deadlines, takes late answers back from other threads. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "rpc/inside.h"

#define ACCEPT_BURST 8 /* connections taken at one wake-up: the other loops get their share */

/* ---- accepting ---- */

/* All loops wake up for one connection, and all but one find it taken: nobody is given up for those. */
static bool someone_waits(int listen_fd) {
    struct pollfd waits = {.fd = listen_fd, .events = POLLIN};
    return poll(&waits, 1, 0) == 1;
}

static void accept_pause(struct loop *loop) {
    if (loop->accepting) event_del(loop->accept_event);
    loop->accepting = false;
}

/* Counted first, so that no two loops take the last place. */
static bool take_place(struct loop *loop) {
    struct server *server = loop->server;
    if (atomic_fetch_add(&server->connections, 1) < server->options.connections_max) return true;
    atomic_fetch_sub(&server->connections, 1);
    if (!someone_waits(server->listen_fd) || !connection_give_up(loop)) return false;
    if (atomic_fetch_add(&server->connections, 1) < server->options.connections_max) return true;
    atomic_fetch_sub(&server->connections, 1); /* another loop has taken it */
    return false;
}

static void on_accept(evutil_socket_t fd, short what, void *context) {
    struct loop *loop = context;
    struct server *server = loop->server;
    (void)what;
    for (int i = 0; i < ACCEPT_BURST; i++) {
        if (!take_place(loop)) {
            accept_pause(loop); /* the rest waits in the kernel's queue until a place is free, and at each sweep one that is idle is looked for */
            return;
        }
        union {
            struct sockaddr any;
            struct sockaddr_in6 longest;
        } peer = {.any = {.sa_family = AF_UNSPEC}};
        socklen_t peer_len = sizeof peer;
        const int accepted = accept4(fd, &peer.any, &peer_len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted < 0) {
            atomic_fetch_sub(&server->connections, 1);
            /* out of descriptors or memory: the socket stays readable, so asking again at once would spin */
            if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ECONNABORTED && errno != EINTR) accept_pause(loop);
            return;
        }
        connection_open(loop, accepted, &peer.any);
    }
}

/* ---- the loop ---- */

static void begin_stop(struct loop *loop) {
    accept_pause(loop);
    if (loop->stop_at_ms == 0) loop->stop_at_ms = loop_now_ms(loop) + (int64_t)atomic_load(&loop->server->grace_ms);
    for (struct connection *connection = loop->connections, *next; connection != NULL; connection = next) {
        next = connection->next;
        connection->close_after = true;
        if (connection->state == CONNECTION_IDLE) connection_free(connection);
    }
}

static void leave_when_done(struct loop *loop) {
    if (loop->stop_at_ms == 0) return;
    if (loop->connections == NULL || loop_now_ms(loop) >= loop->stop_at_ms) event_base_loopbreak(loop->base);
}

static void on_wake(evutil_socket_t fd, short what, void *context) {
    struct loop *loop = context;
    uint64_t count;
    (void)what;
    while (read(fd, &count, sizeof count) > 0) {
    }
    mailbox_run(loop->mailbox);
    if (atomic_load(&loop->server->stopping)) {
        begin_stop(loop);
        leave_when_done(loop);
    }
}

static void on_sweep(evutil_socket_t fd, short what, void *context) {
    struct loop *loop = context;
    (void)fd;
    (void)what;
    const int64_t now_ms = loop_now_ms(loop);
    for (struct connection *connection = loop->connections, *next; connection != NULL; connection = next) {
        next = connection->next;
        connection_check(connection, now_ms);
    }
    if (loop->handled == loop->handled_at_sweep && !loop->resting && loop->reader != NULL) {
        reader_rest(loop->reader); /* a read txn held while nobody asks keeps old pages alive */
        loop->resting = true;
    }
    if (loop->reader != NULL) reader_yield(loop->reader); /* also where what is handled needs no reader */
    loop->handled_at_sweep = loop->handled;
    loop_accept_again(loop, true);
    leave_when_done(loop);
}

/* What comes in by answering, from a client that does not wait for its answers, is put off anew. */
static void gathered_run(struct loop *loop) {
    struct request *next = loop->gathered;
    loop->gathered = NULL;
    loop->gathered_last = &loop->gathered;
    while (next != NULL) {
        const struct request *first = next;
        struct connection *connections[REQUESTS_TOGETHER_MAX];
        struct request *together[REQUESTS_TOGETHER_MAX];
        size_t count = 0;
        for (; next != NULL && count < REQUESTS_TOGETHER_MAX && next->together == first->together && next->together_context == first->together_context; count++) {
            together[count] = next;
            connections[count] = next->connection;
            next = next->next_gathered;
        }
        first->together(first->together_context, together, count);
        for (size_t i = 0; i < count; i++) connection_resume(connections[i]);
    }
}

static void on_gathered(evutil_socket_t fd, short what, void *context) {
    (void)fd;
    (void)what;
    gathered_run(context);
}

static bool loop_set_up(struct loop *loop) {
    struct server *server = loop->server;
    loop->scratch = malloc(PROOF_BYTES_MAX);
    loop->mailbox = mailbox_new();
    loop->base = event_base_new();
    loop->timer = evutil_monotonic_timer_new();
    if (loop->scratch == NULL || loop->mailbox == NULL || loop->base == NULL || loop->timer == NULL) return false;
    if (evutil_configure_monotonic_time(loop->timer, 0) != 0) return false;
    if (server->chain != NULL) {
        loop->reader = reader_new(server->chain);
        loop->tiles = calloc(1, sizeof *loop->tiles);
        if (loop->reader == NULL || loop->tiles == NULL) return false;
    }
    loop->accept_event = event_new(loop->base, server->listen_fd, EV_READ | EV_PERSIST, on_accept, loop);
    loop->wake_event = event_new(loop->base, loop->mailbox->wake_fd, EV_READ | EV_PERSIST, on_wake, loop);
    loop->sweep_event = event_new(loop->base, -1, EV_PERSIST, on_sweep, loop);
    loop->gathered_event = event_new(loop->base, -1, 0, on_gathered, loop);
    if (loop->gathered_event == NULL || loop->accept_event == NULL || loop->wake_event == NULL || loop->sweep_event == NULL) return false;
    const struct timeval every = {0, SWEEP_MS * 1000};
    loop->accepting = event_add(loop->accept_event, NULL) == 0;
    return loop->accepting && event_add(loop->wake_event, NULL) == 0 && event_add(loop->sweep_event, &every) == 0;
}

struct loop *loop_new(struct server *server) {
    struct loop *loop = calloc(1, sizeof *loop);
    if (loop == NULL) return NULL;
    loop->server = server;
    loop->gathered_last = &loop->gathered;
    if (loop_set_up(loop)) return loop;
    loop_free(loop);
    return NULL;
}

void *loop_run(void *context) {
    struct loop *loop = context;
    /* Signals are the main thread's; a peer that has gone is an error of the write and no signal. */
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGBUS); /* not from outside: of damaged storage, and told there (kv_bus.h) */
    sigdelset(&all, SIGSEGV);
    pthread_sigmask(SIG_BLOCK, &all, NULL);
    event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
    while (loop->gathered != NULL) gathered_run(loop);
    while (loop->connections != NULL) connection_free(loop->connections);
    mailbox_close(loop->mailbox);
    if (loop->reader != NULL) reader_rest(loop->reader);
    return NULL;
}

void loop_free(struct loop *loop) {
    if (loop->accept_event != NULL) event_free(loop->accept_event);
    if (loop->wake_event != NULL) event_free(loop->wake_event);
    if (loop->sweep_event != NULL) event_free(loop->sweep_event);
    if (loop->gathered_event != NULL) event_free(loop->gathered_event);
    if (loop->base != NULL) event_base_free(loop->base);
    if (loop->timer != NULL) evutil_monotonic_timer_free(loop->timer);
    if (loop->mailbox != NULL) mailbox_unref(loop->mailbox);
    reader_free(loop->reader);
    free(loop->tiles);
    free(loop->scratch);
    free(loop);
}
