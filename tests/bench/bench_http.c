/* A client that costs little: keep-alive connections on one epoll loop, each sending its next request when it has the answer. */
#include "tests/bench/bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTIONS_MAX 256u
#define ANSWER_MAX (1u << 20)

struct client {
    int fd;
    const uint8_t *sending;
    size_t left;        /* still to be sent */
    size_t got, wanted; /* wanted 0: the head has not all come */
    uint32_t number;
    double begun;
    bool writing;       /* epoll watches for room */
    uint8_t *answer;
};

struct http_run {
    const struct http_job *job;
    int epoll;
    uint32_t next, done;
};

static void watch(struct http_run *run, struct client *client, int what, uint32_t events) {
    struct epoll_event event = {.events = events, .data = {.ptr = client}};
    if (epoll_ctl(run->epoll, what, client->fd, &event) != 0) die("epoll: %s", strerror(errno));
}

static void push(struct http_run *run, struct client *client) {
    while (client->left > 0) {
        const ssize_t sent = send(client->fd, client->sending, client->left, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) break;
        if (sent < 0) die("send: %s", strerror(errno));
        client->sending += sent;
        client->left -= (size_t)sent;
    }
    if ((client->left > 0) == client->writing) return;
    client->writing = client->left > 0;
    watch(run, client, EPOLL_CTL_MOD, client->writing ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void ask(struct http_run *run, struct client *client) {
    if (run->next == run->job->total) return;
    client->number = run->next++;
    const struct bytes request = run->job->requests[client->number % run->job->request_count];
    client->sending = request.data;
    client->left = request.len;
    client->got = client->wanted = 0;
    client->begun = run->job->latency ? now_s() : 0;
    push(run, client);
}

/* The whole answer's length, once its head is there. */
static size_t answer_length(const struct client *client, int status) {
    const char *head = (const char *)client->answer, *end = memmem(head, client->got, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    if (strtol(head + 9, NULL, 10) != status) die("an answer other than %d: %.*s", status, (int)(client->got < 400 ? client->got : 400), head);
    const char *length = memmem(head, (size_t)(end - head), "Content-Length: ", 16);
    if (length == NULL) die("an answer without a length");
    return (size_t)(end + 4 - head) + (size_t)strtoul(length + 16, NULL, 10);
}

static void pull(struct http_run *run, struct client *client) {
    const ssize_t got = recv(client->fd, client->answer + client->got, ANSWER_MAX - client->got, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) die("the server closed a connection: %s", got < 0 ? strerror(errno) : "end");
    client->got += (size_t)got;
    if (client->wanted == 0) client->wanted = answer_length(client, run->job->status);
    if (client->wanted == 0 || client->got < client->wanted) return;
    if (run->job->latency) run->job->latency[client->number] = now_s() - client->begun;
    run->done++;
    ask(run, client);
}

static void client_open(struct http_run *run, struct client *client) {
    const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(run->job->port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int yes = 1;
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    client->answer = malloc(ANSWER_MAX);
    if (client->fd < 0 || client->answer == NULL || connect(client->fd, (const struct sockaddr *)&address, sizeof address) != 0)
        die("no connection: %s", strerror(errno));
    (void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (fcntl(client->fd, F_SETFL, O_NONBLOCK) != 0) die("no connection: %s", strerror(errno));
    watch(run, client, EPOLL_CTL_ADD, EPOLLIN);
}

double http_run(const struct http_job *job) {
    static struct client clients[CONNECTIONS_MAX];
    struct http_run run = {.job = job, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    const uint32_t connections = job->connections < job->total ? job->connections : job->total;
    ASSERT(connections <= CONNECTIONS_MAX);
    memset(clients, 0, sizeof clients);
    for (uint32_t i = 0; i < connections; i++) client_open(&run, &clients[i]);
    const double begun = now_s();
    for (uint32_t i = 0; i < connections; i++) ask(&run, &clients[i]);
    double heard = begun;
    while (run.done < job->total) {
        struct epoll_event events[64];
        const int count = epoll_wait(run.epoll, events, 64, job->spin ? 0 : 10000);
        if (count > 0) heard = now_s();
        else if (now_s() - heard > 9) die("no answer for ten seconds: %u of %u", run.done, job->total);
        for (int i = 0; i < count; i++) {
            struct client *client = events[i].data.ptr;
            if (events[i].events & EPOLLOUT) push(&run, client);
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) pull(&run, client);
        }
    }
    const double seconds = now_s() - begun;
    for (uint32_t i = 0; i < connections; i++) {
        (void)close(clients[i].fd);
        free(clients[i].answer);
    }
    (void)close(run.epoll);
    return seconds;
}
