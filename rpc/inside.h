/* Inside of the server: shared by server.c, loop.c, loop_part.c, connection.c and request.c only. Each may call those behind it in this row:
 * server, loop, request, connection, loop_part. Layer: rpc.
 * A connection and its request live on one loop thread. Other threads touch a request in one way only: request_post, through the mailbox. */
#ifndef LICET_RPC_INSIDE_H
#define LICET_RPC_INSIDE_H
#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "rpc/host.h"
#include "rpc/request.h"
#include "rpc/transport.h"

#define SWEEP_MS 100          /* how often deadlines are looked at */
#define DRAIN_MS 1000         /* how long what a refused client still sends is thrown away, so that it can read the refusal */
#define HELD_FREE 65536u      /* bodies and answers up to this size are not counted */
#define HELD_MAX (256u << 20) /* bytes of larger ones, over all connections */
#define EXTRA_HEADERS_MAX 512u

struct server {
    struct server_options options;
    struct chain *chain;
    server_handler_fn handler;
    void *context;
    int listen_fd;
    uint16_t port;
    char listen_host[64], names[HOST_NAMES_MAX];
    unsigned loop_count;
    struct loop *loops[64];
    _Atomic bool stopping;
    _Atomic unsigned grace_ms;
    _Atomic uint64_t connections, requests, refused, closed_late, given_up, held;
};

/* Late answers come back to a loop through its mailbox. It outlives the loop while requests are out: the last user frees it. */
struct mailbox {
    pthread_mutex_t lock;
    struct request *first, **last;
    int wake_fd;
    bool closed;
    unsigned refs;
};
MUST_USE struct mailbox *mailbox_new(void);
void mailbox_ref(struct mailbox *mailbox);
void mailbox_unref(struct mailbox *mailbox);
void mailbox_close(struct mailbox *mailbox); /* from here on posts run on the poster's thread */
void mailbox_run(struct mailbox *mailbox);   /* runs what was posted; loop thread */

struct loop {
    struct server *server;
    struct event_base *base;
    struct event *accept_event, *wake_event, *sweep_event, *gathered_event;
    bool accepting, resting;
    struct mailbox *mailbox;
    struct connection *connections;
    struct request *gathered, **gathered_last; /* put off until the others have been read */
    uint64_t handled, handled_at_sweep;
    int64_t stop_at_ms; /* 0: not stopping */
    struct evutil_monotonic_timer *timer;
    struct reader *reader;
    struct tile_reader *tiles;
    uint8_t *scratch;
    time_t date_at;
    char date[64];
    pthread_t thread;
};
MUST_USE struct loop *loop_new(struct server *server);
void loop_free(struct loop *loop); /* after its thread has ended, or before it began */
void *loop_run(void *loop);
/* Accepts again where the loop had paused. full_too: also where every place is taken, because an idle connection may be given up for a new one. */
void loop_accept_again(struct loop *loop, bool full_too);
void loop_gather(struct loop *loop, struct request *request, requests_fn fn, void *context);
int64_t loop_now_ms(struct loop *loop); /* monotonic, of the event loop: for deadlines only */

enum connection_state {
    CONNECTION_IDLE,     /* between requests */
    CONNECTION_READING,  /* a request has begun to come */
    CONNECTION_HANDLING, /* the handler has it */
    CONNECTION_WRITING,  /* its answer is on the way */
    CONNECTION_DRAINING, /* refused; the rest of what comes is thrown away */
    CONNECTION_DEAD      /* ended while advance() works on it, which frees it */
};
struct connection {
    struct loop *loop;
    struct connection *previous, *next;
    struct transport transport;
    uint8_t asker[ASKER_LEN];
    enum connection_state state;
    int64_t since_ms; /* when the state began */
    size_t scanned, body_len;
    uint64_t held;
    bool advancing; /* advance() works on it, or its request is gathered: then ending it only marks it dead, and advance() frees it */
    bool spoke; /* a request has come: until then it has the time of one, and not that between two */
    bool gathered, close_after, refused, continued, has_head;
    struct request *request;
};
void connection_open(struct loop *loop, int fd, const struct sockaddr *peer);
void connection_free(struct connection *connection);
void connection_resume(struct connection *connection); /* after what was gathered has been answered */
/* Closes the connection of this loop that has been idle longest, so that a new one finds a place. False: none is idle. */
MUST_USE bool connection_give_up(struct loop *loop);
/* Closes where the state has lasted too long. */
void connection_check(struct connection *connection, int64_t now_ms);

struct request {
    struct connection *connection; /* NULL: it is gone, and the answer goes nowhere */
    struct mailbox *mailbox;
    struct bytes body;     /* in the connection's input, or in kept */
    struct evbuffer *kept; /* the input, once the connection is gone */
    struct request *next_gathered;
    requests_fn together;
    void *together_context;
    struct request *next_posted;
    void (*posted)(void *context);
    void *posted_context;
    size_t extra_len;
    char extra[EXTRA_HEADERS_MAX];
    struct http_head head;
    char text[]; /* the head's bytes: headers_max */
};
struct answer {
    int status;
    enum media media;
    struct bytes body;
    const char *location, *extra;
    size_t extra_len;
    bool immutable;
};
void connection_answer(struct connection *connection, const struct answer *answer);
/* The answer's head, up to and with the empty line. */
#define ANSWER_HEAD_MAX 2048u
enum fate { FATE_KEEP, FATE_KEEP_SAY, FATE_CLOSE }; /* what becomes of the connection, and whether it has to be said */
size_t answer_head(char out[ANSWER_HEAD_MAX], const struct answer *answer, const char *date, enum fate fate);
const char *loop_date(struct loop *loop); /* for the Date header */
#endif
