/* The server over real sockets on loopback: framing, deadlines, sizes, connections, late answers, stopping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "rpc/request.h"
#include "tests/lib/own_heap.h"

/* ---- the handler under test conditions ---- */

#define BIG (8u << 20)
static uint8_t *big;
static struct request *_Atomic held;

struct late {
    struct request *request;
    unsigned delay_ms;
};

static void late_finish(void *context) {
    struct late *late = context;
    request_answer(late->request, 200, MEDIA_TEXT, bytes_text("late"), NULL, false);
    free(late);
}

static void *late_thread(void *context) {
    struct late *late = context;
    usleep(late->delay_ms * 1000);
    request_post(late->request, late_finish, late);
    return NULL;
}

static void answer_late(struct request *request, unsigned delay_ms) {
    struct late *late = malloc(sizeof *late);
    *late = (struct late){request, delay_ms};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, late_thread, late), 0);
    pthread_detach(thread);
}

static size_t together_most;
static unsigned together_calls;
static void answer_together(void *context, struct request *const *requests, size_t count) {
    (void)context;
    together_calls++;
    if (count > together_most) together_most = count;
    for (size_t i = 0; i < count; i++) {
        const bool large = request_body(requests[i]).len == 0;
        request_answer(requests[i], 200, MEDIA_OCTETS, large ? bytes_of(big, BIG) : request_body(requests[i]), NULL, false);
    }
}

static void handle(void *context, struct request *request) {
    const char *path = request_path(request);
    (void)context;
    if (strcmp(path, "/echo") == 0) {
        request_add_header(request, "X-Extra", "1");
        request_answer(request, 201, MEDIA_OCTETS, request_body(request), "/there", true);
    } else if (strcmp(path, "/late") == 0) {
        answer_late(request, 20);
    } else if (strcmp(path, "/at-once") == 0) { /* posted from the loop's own thread, before the handler returns */
        struct late *late = malloc(sizeof *late);
        *late = (struct late){request, 0};
        request_post(request, late_finish, late);
    } else if (strcmp(path, "/together") == 0) {
        request_gather(request, answer_together, NULL);
    } else if (strcmp(path, "/pause") == 0) { /* what comes meanwhile is read at once */
        usleep(100 * 1000);
        request_answer(request, 200, MEDIA_TEXT, bytes_text("paused"), NULL, false);
    } else if (strcmp(path, "/hold") == 0) {
        atomic_store(&held, request);
    } else if (strcmp(path, "/big") == 0) {
        request_answer(request, 200, MEDIA_OCTETS, bytes_of(big, BIG), NULL, false);
    } else {
        request_answer(request, 200, MEDIA_TEXT, bytes_text("hello"), NULL, false);
    }
}

static struct server *start_with(const struct server_options *options) {
    struct server *server;
    char message[256] = "";
    const enum err err = server_start(&server, options, NULL, handle, NULL, message, sizeof message);
    if (err != ERR_OK) print_error("%s\n", message);
    assert_int_equal(err, ERR_OK);
    return server;
}

static struct server_options options(void) {
    return (struct server_options){.host = "127.0.0.1", .names = "a", .threads = 2, .connections_max = 64, .body_max = 1u << 20, .headers_max = 16u << 10,
                                   .request_ms_max = 300, .answer_ms_max = 300, .idle_ms_max = 5000};
}

/* ---- a client that does as it is told ---- */

static int64_t now_ms(void) {
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int dial(const struct server *server) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(server_port(server)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    assert_true(fd >= 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static bool say(int fd, const void *data, size_t len) {
    for (size_t at = 0; at < len;) {
        const ssize_t n = send(fd, (const char *)data + at, len - at, MSG_NOSIGNAL);
        if (n < 0) return false;
        at += (size_t)n;
    }
    return true;
}
static bool say_text(int fd, const char *text) { return say(fd, text, strlen(text)); }

/* Reads until the other side closes, `want` bytes are there, or ms are over. Returns the bytes read; *closed says whether it closed. */
static char in[65536];
static size_t hear(int fd, size_t want, int ms, bool *closed) {
    size_t len = 0;
    const int64_t until = now_ms() + ms;
    *closed = false;
    while (len < want && len < sizeof in - 1) {
        struct pollfd p = {fd, POLLIN, 0};
        const int64_t left = until - now_ms();
        if (left <= 0 || poll(&p, 1, (int)left) <= 0) break;
        const ssize_t n = recv(fd, in + len, (want - len < sizeof in - 1 - len ? want - len : sizeof in - 1 - len), 0);
        if (n <= 0) {
            *closed = true;
            break;
        }
        len += (size_t)n;
    }
    in[len] = '\0';
    return len;
}

/* One whole answer by its Content-Length; its status, or 0. The body is left at *body. */
static int hear_answer(int fd, const char **body, int ms) {
    size_t len = 0;
    bool closed = false;
    const int64_t until = now_ms() + ms;
    for (;;) {
        const char *end = len > 0 ? strstr(in, "\r\n\r\n") : NULL;
        const char *length = end != NULL ? strstr(in, "Content-Length: ") : NULL;
        if (length != NULL && len >= (size_t)(end + 4 - in) + strtoul(length + 16, NULL, 10)) {
            *body = end + 4;
            return atoi(in + 9);
        }
        struct pollfd p = {fd, POLLIN, 0};
        const int64_t left = until - now_ms();
        if (closed || left <= 0 || poll(&p, 1, (int)left) <= 0) return 0;
        const ssize_t n = recv(fd, in + len, sizeof in - 1 - len, 0);
        closed = n <= 0;
        if (n > 0) len += (size_t)n;
        in[len] = '\0';
    }
}

static int ask(int fd, const char *text, const char **body) {
    assert_true(say_text(fd, text));
    return hear_answer(fd, body, 5000);
}

/* Sends, hears to the end: the status of the one answer; the connection must have been closed after it. */
static int ask_once(const struct server *server, const void *data, size_t len) {
    const int fd = dial(server);
    bool closed;
    (void)say(fd, data, len);
    const size_t got = hear(fd, sizeof in, 3000, &closed);
    close(fd);
    assert_true(closed);
    return got > 12 ? atoi(in + 9) : 0;
}
#define ASK_ONCE(server, text) ask_once(server, text, sizeof(text) - 1)

static uint64_t memory_kib(void) {
    unsigned long size = 0, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%lu %lu", &size, &resident), 2);
    fclose(f);
    return resident * (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
}

/* ---- tests ---- */

static void test_answers(void **state) {
    (void)state;
    struct server_options o = options();
    struct server *server = start_with(&o);
    const char *body;
    const int fd = dial(server);
    for (int i = 0; i < 3; i++) { /* the connection is kept */
        assert_int_equal(ask(fd, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n", &body), 200);
        assert_string_equal(body, "hello");
        assert_non_null(strstr(in, "X-Content-Type-Options: nosniff\r\n"));
        assert_non_null(strstr(in, "Cache-Control: no-store\r\n"));
        assert_int_equal(ask(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab\r\nc", &body), 201);
        assert_string_equal(body, "ab\r\nc");
        assert_non_null(strstr(in, "Location: /there\r\n"));
        assert_non_null(strstr(in, "X-Extra: 1\r\n"));
        assert_non_null(strstr(in, "immutable\r\n"));
        assert_int_equal(ask(fd, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n", &body), 200);
        assert_string_equal(body, "late");
        assert_int_equal(ask(fd, "GET /at-once HTTP/1.1\r\nHost: a\r\n\r\n", &body), 200);
    }
    /* HEAD has the length and no body: the next answer follows at once */
    assert_true(say_text(fd, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /echo HTTP/1.1\r\nHost: a\r\n\r\n"));
    bool closed;
    hear(fd, sizeof in, 200, &closed);
    assert_non_null(strstr(in, "Content-Length: 5\r\n"));
    assert_non_null(strstr(in, "\r\n\r\nHTTP/1.1 201 Created\r\n"));
    /* an empty line before a request, and a client that wants to be asked for its body */
    assert_true(say_text(fd, "\r\nPOST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
    assert_true(hear(fd, 25, 1000, &closed) == 25);
    assert_string_equal(in, "HTTP/1.1 100 Continue\r\n\r\n");
    assert_int_equal(ask(fd, "ok", &body), 201);
    assert_string_equal(body, "ok");
    close(fd);
    assert_int_equal(ASK_ONCE(server, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), 200);
    assert_non_null(strstr(in, "Connection: close\r\n"));
    assert_int_equal(ASK_ONCE(server, "GET / HTTP/1.0\r\n\r\n"), 200);
    server_stop(server, 1000);
}

/* Many requests sent before any answer is read; late ones among them keep their place. */
static void test_pipelining(void **state) {
    (void)state;
    struct server_options o = options();
    o.threads = 1;
    o.request_ms_max = 5000;
    struct server *server = start_with(&o);
    const int fd = dial(server);
    static char text[65536];
    size_t len = 0;
    for (int i = 0; i < 200; i++) {
        len += (size_t)sprintf(text + len, "POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n%03d", i % 50 == 7 ? "/late" : "/echo", i);
    }
    assert_true(say(fd, text, len));
    bool closed;
    const size_t got = hear(fd, sizeof in, 1500, &closed);
    assert_false(closed);
    assert_true(got > 0);
    int at = 0;
    for (const char *p = in; (p = strstr(p, "\r\n\r\n")) != NULL && at < 200; at++) {
        char want[16];
        snprintf(want, sizeof want, "%03d", at);
        p += 4;
        if (at % 50 == 7) assert_memory_equal(p, "late", 4);
        else assert_memory_equal(p, want, 3);
    }
    assert_int_equal(at, 200);
    close(fd);
    server_stop(server, 1000);
}

static void test_framing(void **state) {
    (void)state;
    struct server_options o = options();
    struct server *server = start_with(&o);
    static const char *const bad[] = {
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\n: empty\r\nContent-Length: 0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "POST / HTTP/1.1\nContent-Length: 5\n\nhello",
        "\x16\x03\x01\x02\x01\x01\xfc\n", /* TLS to a port that has none */
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(ask_once(server, bad[i], strlen(bad[i])), 400);
        assert_non_null(strstr(in, "\"name\":\"HTTP_FRAMING\""));
        assert_null(strstr(in, "hello")); /* nor is what follows taken for a request, or shown */
        assert_null(strstr(in + 1, "HTTP/1.1 2"));
    }
    /* fewer bytes than announced: closed at the deadline, without an answer */
    const int64_t from = now_ms();
    assert_int_equal(ASK_ONCE(server, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhello"), 0);
    assert_in_range((unsigned long)(now_ms() - from), 250, 900);
    struct server_usage usage;
    server_usage_get(server, &usage);
    assert_int_equal(usage.refused, sizeof bad / sizeof bad[0]);
    assert_int_equal(usage.requests, 0);
    assert_int_equal(usage.closed_late, 1);
    server_stop(server, 1000);
}

/* A page of another name, whose name was made to lead here, reads nothing (DNS rebinding). */
static void test_host(void **state) {
    (void)state;
    struct server_options o = options();
    o.names = "ledger.example, other.example:8443";
    struct server *server = start_with(&o);
    static const struct { const char *host; int status; } cases[] = {
        {"127.0.0.1:PORT", 200}, {"LocalHost:PORT", 200}, {"[::1]:PORT", 200}, {"ledger.example", 200}, {"LEDGER.example:99", 200},
        {"other.example:8443", 200}, {"other.example", 421}, {"127.0.0.1", 421}, {"127.0.0.1:1", 421}, {"evil.example:PORT", 421},
        {"localhost.evil.example:PORT", 421}, {"", 421}, {"user@localhost:PORT", 421}, {"127.0.0.1:PORT, evil.example", 421}, {"[::1", 421},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        const char *port = strstr(cases[i].host, "PORT");
        const int len = port == NULL ? (int)strlen(cases[i].host) : (int)(port - cases[i].host);
        int at = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nConnection: close\r\nHost: %.*s", len, cases[i].host);
        if (port != NULL) at += snprintf(text + at, sizeof text - (size_t)at, "%u%s", (unsigned)server_port(server), port + 4);
        at += snprintf(text + at, sizeof text - (size_t)at, "\r\n\r\n");
        const int status = ask_once(server, text, (size_t)at);
        if (status != cases[i].status) fail_msg("%s: %d", cases[i].host, status);
        assert_true((status == 421) == (strstr(in, "\"name\":\"HOST_UNKNOWN\"") != NULL));
    }
    assert_int_equal(ASK_ONCE(server, "GET http://evil.example/ HTTP/1.1\r\nHost: ledger.example\r\n\r\n"), 421); /* the target's is the one that counts */
    assert_int_equal(ASK_ONCE(server, "GET / HTTP/1.1\r\n\r\n"), 400);
    assert_non_null(strstr(in, "\"name\":\"HOST_INVALID\""));
    assert_non_null(strstr(in, "Host 头"));
    assert_int_equal(ASK_ONCE(server, "GET / HTTP/1.1\r\nHost: ledger.example\r\nHost: ledger.example\r\n\r\n"), 400);
    assert_int_equal(ASK_ONCE(server, "GET / HTTP/1.0\r\n\r\n"), 200);
    server_stop(server, 1000);
}

/* A byte at a time lives no longer than the deadline; others are served meanwhile. */
static void slow(const struct server *server, const char *first) {
    enum { COUNT = 20 };
    int fds[COUNT];
    for (int i = 0; i < COUNT; i++) {
        fds[i] = dial(server);
        assert_true(say_text(fds[i], first));
    }
    const int64_t from = now_ms();
    int open = COUNT;
    while (open > 0 && now_ms() - from < 3000) {
        for (int i = 0; i < COUNT; i++) {
            bool closed = false;
            if (fds[i] < 0) continue;
            if (!say_text(fds[i], "a")) closed = true;
            else hear(fds[i], 1, 1, &closed);
            if (!closed) continue;
            close(fds[i]);
            fds[i] = -1;
            open--;
        }
        const char *body;
        const int fd = dial(server);
        assert_int_equal(ask(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", &body), 200);
        close(fd);
    }
    assert_int_equal(open, 0);
    assert_in_range((unsigned long)(now_ms() - from), 150, 1500);
}

static void test_slow(void **state) {
    (void)state;
    struct server_options o = options();
    struct server *server = start_with(&o);
    slow(server, "GET / HTTP/1.1\r\nHost: a\r\nX-A: ");
    slow(server, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
    /* who asks for much and reads nothing */
    const int fd = dial(server);
    const int small = 4096;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    assert_true(say_text(fd, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n"));
    usleep(700 * 1000);
    struct server_usage usage;
    server_usage_get(server, &usage);
    assert_int_equal(usage.closed_late, 41);
    assert_int_equal(usage.connections, 0);
    close(fd);
    server_stop(server, 1000);
}

static void test_sizes(void **state) {
    (void)state;
    struct server_options o = options();
    o.request_ms_max = 5000;
    struct server *server = start_with(&o);
    static char chunk[65536];
    memset(chunk, 'a', sizeof chunk);
    const uint64_t before = memory_kib();
    int fd = dial(server); /* 32 MiB of one header */
    assert_true(say_text(fd, "GET / HTTP/1.1\r\nHost: a\r\nX: "));
    bool alive = true;
    for (int i = 0; i < 512 && alive; i++) alive = say(fd, chunk, sizeof chunk);
    bool closed;
    hear(fd, sizeof in, 3000, &closed);
    assert_true(closed);
    close(fd);
#ifndef OWN_HEAP /* which keeps what was freed */
    assert_true(memory_kib() < before + 4096);
#else
    (void)before;
#endif
    assert_int_equal(ask_once(server, chunk, 40000), 431);

    int64_t from = now_ms(); /* refused by what it announces */
    fd = dial(server);
    const char *body;
    assert_int_equal(ask(fd, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10737418240\r\n\r\n", &body), 413);
    assert_non_null(strstr(body, "BODY_TOO_LARGE"));
    assert_true(now_ms() - from < 200);
    close(fd);

    static char many[400000]; /* ten thousand headers */
    size_t len = (size_t)sprintf(many, "GET / HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < 10000; i++) len += (size_t)sprintf(many + len, "H%d: v\r\n", i);
    len += (size_t)sprintf(many + len, "\r\n");
    assert_int_equal(ask_once(server, many, len), 431);

    static char most[(1u << 20) + 100]; /* exactly the largest body comes through whole, one byte more does not */
    len = (size_t)sprintf(most, "POST /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %u\r\n\r\n", 1u << 20);
    memset(most + len, 'b', sizeof most - len);
    assert_int_equal(ask_once(server, most, len + (1u << 20)), 200);
    assert_int_equal(ASK_ONCE(server, "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n\r\n"), 413);

    fd = dial(server); /* a large answer, read at leisure but in time */
    assert_true(say_text(fd, "GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    size_t total = 0, n;
    while ((n = hear(fd, sizeof in - 1, 1000, &closed)) > 0) total += n;
    assert_in_range(total, BIG, BIG + 1000);
    close(fd);
    server_stop(server, 1000);
}

/* Who is in the middle of a request keeps its place; who has none waits in the kernel. */
static void test_cap(void **state) {
    (void)state;
    struct server_options o = options();
    o.connections_max = 8;
    o.request_ms_max = 60000;
    struct server *server = start_with(&o);
    int fds[8];
    const char *body;
    struct server_usage usage;
    for (int i = 0; i < 8; i++) assert_true(say_text(fds[i] = dial(server), "GET / HTTP/1.1\r\n"));
    const int waits = dial(server);
    assert_true(say_text(waits, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_int_equal(hear_answer(waits, &body, 400), 0);
    server_usage_get(server, &usage);
    assert_int_equal(usage.connections, 8);
    assert_int_equal(usage.given_up, 0);
    assert_int_equal(ask(fds[3], "Host: a\r\n\r\n", &body), 200); /* idle from here on: it is given up for the one that waits */
    assert_int_equal(hear_answer(waits, &body, 5000), 200);
    bool closed;
    assert_int_equal(hear(fds[3], 1, 5000, &closed), 0);
    assert_true(closed);
    server_usage_get(server, &usage);
    assert_int_equal(usage.connections, 8);
    assert_int_equal(usage.given_up, 1);
    for (int i = 0; i < 8; i++) {
        if (i != 3) assert_int_equal(ask(fds[i], "Host: a\r\n\r\n", &body), 200);
        close(fds[i]);
    }
    close(waits);
    server_stop(server, 1000);
}

/* Connections that send nothing lock nobody out, and have the time of a request and no more. */
static void test_silent(void **state) {
    (void)state;
    struct server_options o = options();
    o.connections_max = 8;
    o.request_ms_max = 60000;
    o.idle_ms_max = 60000;
    struct server *server = start_with(&o);
    int fds[40];
    const char *body;
    struct server_usage usage;
    for (int i = 0; i < 40; i++) fds[i] = dial(server);
    for (int i = 0; i < 3; i++) {
        const int fd = dial(server);
        assert_int_equal(ask(fd, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", &body), 200);
        close(fd);
    }
    server_usage_get(server, &usage);
    assert_true(usage.given_up >= 32);
    assert_true(usage.connections <= 8);
    for (int i = 0; i < 40; i++) close(fds[i]);
    server_stop(server, 1000);

    o.request_ms_max = 300;
    server = start_with(&o);
    const int spoke = dial(server), silent = dial(server);
    assert_int_equal(ask(spoke, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", &body), 200);
    bool closed;
    assert_int_equal(hear(silent, 1, 20000, &closed), 0);
    assert_true(closed);
    assert_int_equal(ask(spoke, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", &body), 200);
    server_usage_get(server, &usage);
    assert_int_equal(usage.closed_late, 1);
    close(silent);
    close(spoke);
    server_stop(server, 1000);
}

/* Out of descriptors: those connected are served, nothing spins, and when there are some again everybody is. */
static void test_descriptors(void **state) {
    (void)state;
    struct server_options o = options();
    struct server *server = start_with(&o);
    const char *body;
    const int first = dial(server);
    assert_int_equal(ask(first, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", &body), 200);
    const int second = dial(server);
    assert_int_equal(ask(second, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", &body), 200);
    struct rlimit old, low;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
    const int waiting = dial(server); /* may be accepted already: then the next is the one that waits */
    assert_int_equal(ask(waiting, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", &body), 200);
    const int late = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    low = (struct rlimit){(rlim_t)late + 1, old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    int fill[64], filled = 0;
    while (filled < 64 && (fill[filled] = dup(0)) >= 0) filled++; /* lower numbers that were free */
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(server_port(server)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(late, (struct sockaddr *)&to, sizeof to), 0);
    assert_true(say_text(late, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    struct rusage use_0, use_1;
    getrusage(RUSAGE_SELF, &use_0);
    assert_int_equal(hear_answer(late, &body, 600), 0);
    assert_int_equal(ask(first, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", &body), 200);
    getrusage(RUSAGE_SELF, &use_1);
    const long used_ms = (use_1.ru_utime.tv_sec - use_0.ru_utime.tv_sec + use_1.ru_stime.tv_sec - use_0.ru_stime.tv_sec) * 1000 +
                         (use_1.ru_utime.tv_usec - use_0.ru_utime.tv_usec + use_1.ru_stime.tv_usec - use_0.ru_stime.tv_usec) / 1000;
    assert_true(used_ms < 100);
    while (filled > 0) close(fill[--filled]);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
    assert_int_equal(hear_answer(late, &body, 2000), 200);
    close(first);
    close(second);
    close(waiting);
    close(late);
    server_stop(server, 1000);
}

/* The server may go while requests are out: begun ones end in time, and what comes later ends nowhere, without harm. */
static void test_stop(void **state) {
    (void)state;
    struct server_options o = options();
    struct server *server = start_with(&o);
    const char *body;
    int fds[20];
    for (int i = 0; i < 20; i++) {
        fds[i] = dial(server);
        assert_true(say_text(fds[i], "POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"));
    }
    const int idle = dial(server);
    assert_int_equal(ask(idle, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", &body), 200);
    const int64_t from = now_ms();
    server_stop(server, 60000);
    assert_true(now_ms() - from < 30000); /* when all are answered, not when the time is up */
    for (int i = 0; i < 20; i++) {
        assert_int_equal(hear_answer(fds[i], &body, 1000), 200);
        close(fds[i]);
    }
    close(idle);

    server = start_with(&o);
    const int fd = dial(server);
    atomic_store(&held, NULL);
    assert_true(say_text(fd, "POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nX-A: b\r\n\r\nbody"));
    while (atomic_load(&held) == NULL) usleep(1000);
    server_stop(server, 50);
    struct request *request = atomic_load(&held);
    assert_true(bytes_equal(request_body(request), bytes_text("body"))); /* still there for who has yet to answer */
    assert_string_equal(request_header(request, "x-a"), "b");
    assert_null(request_reader(request));
    answer_late(request, 0);
    usleep(100 * 1000);
    close(fd);
}

/* Answers of other threads against clients that leave: the address and thread sanitizers watch. */
static void *leaver(void *context) {
    const struct server *server = context;
    for (int i = 0; i < 50; i++) {
        const int fd = dial(server);
        (void)say_text(fd, i % 2 == 0 ? "GET /late HTTP/1.1\r\nHost: a\r\n\r\n" : "GET /at-once HTTP/1.1\r\nHost: a\r\n\r\n");
        if (i % 3 == 0) usleep(15000);
        close(fd);
    }
    return NULL;
}

/* Requests of many connections that are answered together: each its own answer, whatever the others' connections do. */
#define GATHERED 40
static void test_gathered(void **state) {
    (void)state;
    struct server_options o = options();
    o.threads = 1;
    o.answer_ms_max = 5000;
    struct server *server = start_with(&o);
    int fd[GATHERED];
    char text[256], expected[4];
    const char *body;
    bool closed;
    const int pausing = dial(server);
    for (int i = 0; i < GATHERED; i++) fd[i] = dial(server);
    assert_int_equal(ask(fd[0], "POST /together HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\none", &body), 200); /* alone it is answered as soon */
    assert_string_equal(body, "one");
    together_most = together_calls = 0;
    assert_true(say_text(pausing, "GET /pause HTTP/1.1\r\nHost: a\r\n\r\n"));
    usleep(20 * 1000);
    for (int i = 0; i < GATHERED; i++) {
        const char *head = i % 10 == 5 ? "Connection: close\r\n" : "";
        const size_t len = (size_t)snprintf(text, sizeof text, "POST /together HTTP/1.1\r\nHost: a\r\n%sContent-Length: %d\r\n\r\n", head, i == 11 ? 0 : 3);
        if (i != 11) (void)snprintf(text + len, sizeof text - len, "%03d", i);
        assert_true(say_text(fd[i], text));
        if (i == 7) assert_true(say_text(fd[i], "POST /together HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nsecGET / HTTP/1.1\r\nHost: a\r\n\r\n"));
        if (i == 13) close(fd[i]);
    }
    assert_int_equal(hear_answer(pausing, &body, 5000), 200);
    for (int i = 0; i < GATHERED; i++) {
        if (i == 7 || i == 11 || i == 13) continue;
        assert_int_equal(hear_answer(fd[i], &body, 5000), 200);
        (void)snprintf(expected, sizeof expected, "%03d", i);
        assert_memory_equal(body, expected, 3);
        if (i % 10 == 5) assert_true(hear(fd[i], 1, 1000, &closed) == 0 && closed);
    }
    assert_int_equal(together_most, REQUESTS_TOGETHER_MAX);
    assert_true(together_calls >= GATHERED / REQUESTS_TOGETHER_MAX && together_calls < GATHERED);
    hear(fd[7], sizeof in, 300, &closed); /* those that did not wait have theirs in order */
    const char *first = strstr(in, "007"), *second = strstr(in, "sec"), *third = strstr(in, "hello");
    assert_true(first != NULL && second != NULL && third != NULL && first < second && second < third);
    size_t got = 0;
    while (got < BIG) { /* an answer that did not go out at once */
        const size_t some = hear(fd[11], sizeof in - 1, 2000, &closed);
        assert_true(some > 0);
        got += some;
    }
    for (int i = 0; i < GATHERED; i++)
        if (i != 13) close(fd[i]);
    close(pausing);
    server_stop(server, 1000);
}

/* A stop while some are put off: they are answered, and nothing is left behind. */
static void test_gathered_stop(void **state) {
    (void)state;
    struct server_options o = options();
    o.threads = 1;
    struct server *server = start_with(&o);
    int fd[8];
    const int pausing = dial(server);
    for (int i = 0; i < 8; i++) fd[i] = dial(server);
    assert_true(say_text(pausing, "GET /pause HTTP/1.1\r\nHost: a\r\n\r\n"));
    usleep(20 * 1000);
    for (int i = 0; i < 8; i++) assert_true(say_text(fd[i], "POST /together HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcPOST /together HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\ndef"));
    server_stop(server, 0);
    for (int i = 0; i < 8; i++) close(fd[i]);
    close(pausing);
}

static void test_leavers(void **state) {
    (void)state;
    struct server_options o = options();
    struct server *server = start_with(&o);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, leaver, server);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    server_stop(server, 0);
    usleep(100 * 1000); /* the late ones come home to nobody */
}

static void test_refused_options(void **state) {
    (void)state;
    struct server *server;
    char message[256];
    struct server_options o = options();
    o.host = "0.0.0.0";
    assert_int_equal(server_start(&server, &o, NULL, handle, NULL, message, sizeof message), ERR_CONFIG);
    assert_non_null(strstr(message, "TLS"));
    o.host = "localhost";
    assert_int_equal(server_start(&server, &o, NULL, handle, NULL, message, sizeof message), ERR_CONFIG);
    o = options();
    struct server *first = start_with(&o);
    o.port = server_port(first);
    assert_int_equal(server_start(&server, &o, NULL, handle, NULL, message, sizeof message), ERR_CONFIG); /* two nodes on one port */
    assert_null(server);
    server_stop(first, 0);
    o = options();
    o.host = "::1";
    if (server_start(&server, &o, NULL, handle, NULL, message, sizeof message) == ERR_OK) server_stop(server, 0); /* where there is IPv6 */
}

int main(void) {
    big = calloc(1, BIG);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers), cmocka_unit_test(test_pipelining), cmocka_unit_test(test_framing), cmocka_unit_test(test_host),     cmocka_unit_test(test_slow),
        cmocka_unit_test(test_sizes),   cmocka_unit_test(test_cap), cmocka_unit_test(test_silent),        cmocka_unit_test(test_descriptors), cmocka_unit_test(test_stop),
        cmocka_unit_test(test_gathered), cmocka_unit_test(test_gathered_stop), cmocka_unit_test(test_leavers), cmocka_unit_test(test_refused_options)};
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(big);
    return failed;
}
