#include "node/base/log_sink.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#define LINE_CAP 512 /* of the line about dropped ones */

/* Lines lie one behind the other, and wrap around: u32 length, i32 descriptor, bytes. */
struct head {
    uint32_t len;
    int32_t fd;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t thread;
    bool on, ending, writing, ended;
    size_t first, used;
    uint8_t bytes[LOG_SINK_BYTES];
} sink = {.lock = PTHREAD_MUTEX_INITIALIZER};
static _Atomic uint64_t dropped;
static size_t (*dropped_line)(char *out, size_t cap, uint64_t dropped);

/* ---- writing ---- */

/* False: not, or not wholly, written. *torn: a part of it was, so the next line begins with a line end. */
static bool sink_write_all(int fd, const char *text, size_t len, bool *torn) {
    size_t done = 0;
    while (done < len) {
        ssize_t put = write(fd, text + done, len - done);
        if (put > 0) {
            done += (size_t)put;
        } else if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) { /* somebody made it non-blocking for us too */
            struct pollfd wait = {.fd = fd, .events = POLLOUT};
            (void)poll(&wait, 1, -1);
        } else if (!(put < 0 && errno == EINTR)) {
            *torn |= done > 0;
            return false;
        }
    }
    return true;
}

/* The thread's own: what it met so far. */
struct writing {
    bool torn;
    uint64_t told; /* dropped lines that were logged */
};

static void write_line(struct writing *writing, int fd, const char *line, size_t len) {
    bool begun = false;
    if (writing->torn && sink_write_all(fd, "\n", 1, &begun)) writing->torn = false;
    if (writing->torn || !sink_write_all(fd, line, len, &writing->torn)) {
        atomic_fetch_add(&dropped, 1);
        return;
    }
    uint64_t now = atomic_load(&dropped);
    if (now == writing->told || !dropped_line) return;
    char text[LINE_CAP];
    size_t text_len = dropped_line(text, sizeof text, now - writing->told);
    if (sink_write_all(fd, text, text_len, &writing->torn)) writing->told = now;
}

/* ---- the ring; under the lock ---- */

static void ring_in(const void *from, size_t len) {
    const uint8_t *bytes = from;
    size_t at = (sink.first + sink.used) % LOG_SINK_BYTES, end = LOG_SINK_BYTES - at;
    size_t piece = len < end ? len : end;
    memcpy(sink.bytes + at, bytes, piece);
    memcpy(sink.bytes, bytes + piece, len - piece);
    sink.used += len;
}

static void ring_out(void *to, size_t len) {
    uint8_t *bytes = to;
    size_t end = LOG_SINK_BYTES - sink.first;
    size_t piece = len < end ? len : end;
    memcpy(bytes, sink.bytes + sink.first, piece);
    memcpy(bytes + piece, sink.bytes, len - piece);
    sink.first = (sink.first + len) % LOG_SINK_BYTES;
    sink.used -= len;
}

static void *sink_thread(void *context) {
    static char line[LOG_SINK_BYTES]; /* one thread only */
    struct writing writing = {.torn = false};
    (void)context;
    (void)pthread_setname_np(pthread_self(), "licet-log");
    pthread_mutex_lock(&sink.lock);
    while (sink.used > 0 || !sink.ending) {
        if (sink.used == 0) {
            (void)pthread_cond_wait(&sink.changed, &sink.lock);
            continue;
        }
        struct head head;
        ring_out(&head, sizeof head);
        ring_out(line, head.len);
        sink.writing = true;
        pthread_mutex_unlock(&sink.lock);
        write_line(&writing, head.fd, line, head.len);
        pthread_mutex_lock(&sink.lock);
        sink.writing = false;
        pthread_cond_broadcast(&sink.changed);
    }
    sink.ended = true;
    pthread_cond_broadcast(&sink.changed);
    pthread_mutex_unlock(&sink.lock);
    return NULL;
}

/* ---- outside ---- */

void log_sink_put(int fd, const char *text, size_t len) {
    const struct head head = {(uint32_t)len, fd};
    pthread_mutex_lock(&sink.lock);
    bool on = sink.on;
    if (on && sizeof head + len <= LOG_SINK_BYTES - sink.used) {
        ring_in(&head, sizeof head);
        ring_in(text, len);
        pthread_cond_broadcast(&sink.changed);
    } else if (on) {
        atomic_fetch_add(&dropped, 1);
    }
    pthread_mutex_unlock(&sink.lock);
    bool torn = false;
    if (!on && !sink_write_all(fd, text, len, &torn)) atomic_fetch_add(&dropped, 1);
}

void log_sink_start(void) {
    pthread_condattr_t attributes;
    pthread_mutex_lock(&sink.lock);
    if (!sink.on) {
        ASSERT(pthread_condattr_init(&attributes) == 0 && pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
        ASSERT(pthread_cond_init(&sink.changed, &attributes) == 0);
        (void)pthread_condattr_destroy(&attributes);
        sink.ending = sink.ended = false;
        sink.on = pthread_create(&sink.thread, NULL, sink_thread, NULL) == 0;
    }
    pthread_mutex_unlock(&sink.lock);
}

/* Under the lock. */
static bool wait_until(unsigned ms, bool end) {
    struct timespec until;
    ASSERT(clock_gettime(CLOCK_MONOTONIC, &until) == 0);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    int waited = 0;
    while (waited == 0 && (end ? !sink.ended : sink.used > 0 || sink.writing)) waited = pthread_cond_timedwait(&sink.changed, &sink.lock, &until);
    return waited == 0;
}

void log_sink_drain(unsigned ms) {
    pthread_mutex_lock(&sink.lock);
    if (sink.on) (void)wait_until(ms, false);
    pthread_mutex_unlock(&sink.lock);
}

void log_sink_stop(unsigned ms) {
    pthread_mutex_lock(&sink.lock);
    bool was = sink.on, ended = false;
    if (was) {
        sink.ending = true;
        pthread_cond_broadcast(&sink.changed);
        ended = wait_until(ms, true);
        if (ended) sink.on = false;
    }
    pthread_mutex_unlock(&sink.lock);
    if (ended) (void)pthread_join(sink.thread, NULL);
}

uint64_t log_sink_dropped(void) { return atomic_load(&dropped); }
void log_sink_on_dropped(size_t (*line_of)(char *out, size_t cap, uint64_t dropped)) { dropped_line = line_of; }
