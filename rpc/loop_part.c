/* What connections and requests ask of their loop: the time, the date, to accept again; and the mailbox that late answers come back through.
 * Below connection.c, as loop.c is above it. */
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "rpc/inside.h"

int64_t loop_now_ms(struct loop *loop) {
    struct timeval now;
    evutil_gettime_monotonic(loop->timer, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_usec / 1000;
}

const char *loop_date(struct loop *loop) {
    struct timeval cached;
    event_base_gettimeofday_cached(loop->base, &cached);
    const time_t now = cached.tv_sec;
    if (now != loop->date_at || loop->date[0] == '\0') {
        /* not strftime: HTTP wants English whatever the locale says (RFC 9110 5.6.7) */
        static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
        struct tm tm;
        gmtime_r(&now, &tm);
        snprintf(loop->date, sizeof loop->date, "%.3s, %02d %.3s %04d %02d:%02d:%02d GMT", days + 3 * tm.tm_wday, tm.tm_mday,
                 months + 3 * tm.tm_mon, tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
        loop->date_at = now;
    }
    return loop->date;
}

/* Called when a connection has closed, and at each sweep: descriptors may have come free elsewhere. */
void loop_accept_again(struct loop *loop, bool full_too) {
    struct server *server = loop->server;
    if (loop->accepting || atomic_load(&server->stopping)) return;
    if (!full_too && atomic_load(&server->connections) >= server->options.connections_max) return;
    loop->accepting = event_add(loop->accept_event, NULL) == 0;
}

/* ---- requests that were put off ---- */

/* An event made active behind those that are active already: it comes after them, and before the sockets are looked at again. */
void loop_gather(struct loop *loop, struct request *request, requests_fn fn, void *context) {
    if (loop->gathered == NULL) event_active(loop->gathered_event, EV_TIMEOUT, 0);
    request->connection->gathered = true;
    request->together = fn;
    request->together_context = context;
    request->next_gathered = NULL;
    *loop->gathered_last = request;
    loop->gathered_last = &request->next_gathered;
}

/* ---- mailbox ---- */

struct mailbox *mailbox_new(void) {
    struct mailbox *mailbox = calloc(1, sizeof *mailbox);
    if (mailbox == NULL) return NULL;
    mailbox->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (mailbox->wake_fd < 0) {
        free(mailbox);
        return NULL;
    }
    pthread_mutex_init(&mailbox->lock, NULL);
    mailbox->last = &mailbox->first;
    mailbox->refs = 1;
    return mailbox;
}

void mailbox_ref(struct mailbox *mailbox) {
    pthread_mutex_lock(&mailbox->lock);
    mailbox->refs++;
    pthread_mutex_unlock(&mailbox->lock);
}

void mailbox_unref(struct mailbox *mailbox) {
    pthread_mutex_lock(&mailbox->lock);
    const bool last = --mailbox->refs == 0;
    pthread_mutex_unlock(&mailbox->lock);
    if (!last) return;
    close(mailbox->wake_fd);
    pthread_mutex_destroy(&mailbox->lock);
    free(mailbox);
}

static struct request *mailbox_take(struct mailbox *mailbox) {
    pthread_mutex_lock(&mailbox->lock);
    struct request *first = mailbox->first;
    mailbox->first = NULL;
    mailbox->last = &mailbox->first;
    pthread_mutex_unlock(&mailbox->lock);
    return first;
}

void mailbox_run(struct mailbox *mailbox) {
    struct request *request = mailbox_take(mailbox);
    while (request != NULL) {
        struct request *next = request->next_posted; /* fn answers, and then the request may be gone or posted again */
        void (*fn)(void *) = request->posted;
        request->posted = NULL;
        fn(request->posted_context);
        request = next;
    }
}

void mailbox_close(struct mailbox *mailbox) {
    pthread_mutex_lock(&mailbox->lock);
    mailbox->closed = true;
    pthread_mutex_unlock(&mailbox->lock);
    mailbox_run(mailbox);
}
