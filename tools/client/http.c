#include "tools/client/http.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <netdb.h>
#include <pthread.h>


#define TIMEOUT_S 60
#define BODY_MAX ((ev_ssize_t)64 << 20)
#define HEADERS_MAX ((ev_ssize_t)64 << 10)

/* One connection per thread, kept from call to call until the thread ends: a batch of thousands of statements is one TCP connection. */
struct client {
    char node[512];
    struct event_base *base;
    struct evhttp_connection *connection;
    char host[256], authority[300], prefix[256];
    bool used;
};
static _Thread_local struct client client;

struct exchange {
    struct http_answer *out;
    struct event_base *base;
    bool done, answered, late;
    int error; /* an evhttp_request_error, or -1 */
};

static void client_drop(void) {
    if (client.connection) evhttp_connection_free(client.connection);
    if (client.base) event_base_free(client.base);
    client = (struct client){.used = false};
}

static pthread_key_t at_end;
static pthread_once_t at_end_once = PTHREAD_ONCE_INIT;

static void end_of_thread(void *own) {
    (void)own; /* this thread's client, for whose sake we are called */
    client_drop();
}

static void at_end_make(void) {
    ASSERT(pthread_key_create(&at_end, end_of_thread) == 0);
    (void)atexit(client_drop); /* for the thread that ends the program */
}

static bool bad_node(const char *node, const char *why) {
    (void)cli_fail(EXIT_USAGE, SAY("--node %s: %s; it looks like http://127.0.0.1:8480",
                                   "--node %s：%s；写法如 http://127.0.0.1:8480"), node, why);
    return false;
}

/* Who asks waits seconds; a statement may stand in a long queue. */
static int patience(const struct cli *cli, const char *method) { return cli->patience_s ? (int)cli->patience_s : strcmp(method, "GET") == 0 ? (int)ASK_PATIENCE_S : TIMEOUT_S; }

bool http_is_loopback(const char *node) {
    struct evhttp_uri *uri = evhttp_uri_parse(node);
    const char *host = uri ? evhttp_uri_get_host(uri) : NULL;
    unsigned first, second, third, fourth;
    char more;
    const bool four = host && sscanf(host, "%3u.%3u.%3u.%3u%c", &first, &second, &third, &fourth, &more) == 4;
    const bool is = host && ((four && first == 127) || strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 || strcmp(host, "::1") == 0);
    if (uri) evhttp_uri_free(uri);
    return is;
}

/* libevent says of a name that nobody knows what it says of a connection that was closed. */
static bool host_is_known(const char *node, const char *host) {
    struct addrinfo *list = NULL;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    const int error = getaddrinfo(host, NULL, &hints, &list);
    if (list) freeaddrinfo(list);
    if (error == 0) return true;
    (void)cli_fail(0, SAY("--node %s: %s is the name of no machine that is known here (%s): is it spelled right, and is this machine on the network?",
                           "--node %s：找不到名为 %s 的机器（%s）：名称是否正确，本机是否联网？"), node, host, SAY(gai_strerror(error), "域名解析失败"));
    return false;
}

static bool client_open(const struct cli *cli) {
    const char *node = cli->node;
    if (client.connection && strcmp(client.node, node) == 0) return true;
    client_drop();
    struct evhttp_uri *uri = evhttp_uri_parse(node);
    const char *scheme = uri ? evhttp_uri_get_scheme(uri) : NULL, *host = uri ? evhttp_uri_get_host(uri) : NULL;
    int port = uri ? evhttp_uri_get_port(uri) : -1;
    const char *why = NULL;
    if (!scheme || !host || host[0] == '\0') why = SAY("this is not the address of a node", "这不是节点地址");
    else if (strcmp(scheme, "https") == 0) why = SAY("this program speaks plain http; put the TLS end of a proxy on this machine and name that", "本程序只用 http；请在本机设置 TLS 代理并指明其地址");
    else if (strcmp(scheme, "http") != 0) why = SAY("this is not an http address", "这不是 http 地址");
    else if (strlen(node) >= sizeof client.node || strlen(host) >= sizeof client.host) why = SAY("this is too long", "地址过长");
    if (why) {
        if (uri) evhttp_uri_free(uri);
        return bad_node(node, why);
    }
    if (port < 0) port = 80;
    (void)snprintf(client.node, sizeof client.node, "%s", node);
    size_t len = strlen(host);
    bool bracketed = len > 2 && host[0] == '[' && host[len - 1] == ']'; /* [::1]: the brackets belong to the URL, not to the name */
    (void)snprintf(client.host, sizeof client.host, "%.*s", (int)(bracketed ? len - 2 : len), host + (bracketed ? 1 : 0));
    (void)snprintf(client.authority, sizeof client.authority, "%.255s:%d", host, port);
    const char *path = evhttp_uri_get_path(uri);
    size_t path_len = path ? strlen(path) : 0;
    while (path_len > 0 && path[path_len - 1] == '/') path_len--;
    (void)snprintf(client.prefix, sizeof client.prefix, "%.*s", (int)path_len, path ? path : "");
    evhttp_uri_free(uri);
    if (!host_is_known(node, client.host)) return client_drop(), false;
    ASSERT(pthread_once(&at_end_once, at_end_make) == 0);
    client.base = pthread_setspecific(at_end, &client) == 0 ? event_base_new() : NULL;
    if (client.base) client.connection = evhttp_connection_base_new(client.base, NULL, client.host, (unsigned short)port);
    if (!client.connection) {
        client_drop();
        return cli_fail(0, SAY("out of memory", "内存不足")), false;
    }
    evhttp_connection_set_max_body_size(client.connection, BODY_MAX);
    evhttp_connection_set_max_headers_size(client.connection, HEADERS_MAX);
    return true;
}

static void copy_header(char *out, size_t cap, struct evhttp_request *request, const char *name) {
    const char *value = evhttp_find_header(evhttp_request_get_input_headers(request), name);
    (void)snprintf(out, cap, "%s", value ? value : "");
}

static void on_done(struct evhttp_request *request, void *context) {
    struct exchange *exchange = context;
    exchange->done = true;
    event_base_loopbreak(exchange->base);
    if (!request || evhttp_request_get_response_code(request) == 0) return;
    struct http_answer *out = exchange->out;
    struct evbuffer *body = evhttp_request_get_input_buffer(request);
    out->status = evhttp_request_get_response_code(request);
    copy_header(out->content_type, sizeof out->content_type, request, "Content-Type");
    copy_header(out->location, sizeof out->location, request, "Location");
    out->len = evbuffer_get_length(body);
    out->body = malloc(out->len + 1); /* a NUL behind it, for text */
    if (!out->body) return;
    if (evbuffer_remove(body, out->body, out->len) != (int)out->len) return;
    out->body[out->len] = 0;
    exchange->answered = true;
}

static void on_error(enum evhttp_request_error error, void *context) {
    struct exchange *exchange = context;
    exchange->error = (int)error;
}

/* A node that sends a byte now and then is silent too, for who waits for an answer. */
#define WHOLE_ANSWER 4 /* times the patience with its silence */
static void on_late(evutil_socket_t none, short what, void *context) {
    (void)none;
    (void)what;
    struct exchange *exchange = context;
    exchange->late = true;
    event_base_loopbreak(exchange->base);
}

static bool try_once(struct exchange *exchange, int wait_s, const char *method, const char *path, const char *content_type, const char *accept, struct bytes body) {
    struct evhttp_request *request = evhttp_request_new(on_done, exchange);
    char target[2048];
    int len = snprintf(target, sizeof target, "%s%s", client.prefix, path);
    if (!request || len < 0 || (size_t)len >= sizeof target) {
        if (request) evhttp_request_free(request);
        return false;
    }
    evhttp_request_set_error_cb(request, on_error);
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    bool ok = evhttp_add_header(headers, "Host", client.authority) == 0 && evhttp_add_header(headers, "Connection", "keep-alive") == 0;
    if (ok && accept) ok = evhttp_add_header(headers, "Accept", accept) == 0;
    if (ok && content_type) ok = evhttp_add_header(headers, "Content-Type", content_type) == 0;
    if (ok && body.len) ok = evbuffer_add(evhttp_request_get_output_buffer(request), body.data, body.len) == 0;
    if (!ok) {
        evhttp_request_free(request);
        return false;
    }
    bool post = strcmp(method, "POST") == 0;
    if (evhttp_make_request(client.connection, request, post ? EVHTTP_REQ_POST : EVHTTP_REQ_GET, target) != 0) return false; /* it has freed the request */
    struct event *deadline = evtimer_new(client.base, on_late, exchange);
    const struct timeval in = {.tv_sec = wait_s};
    if (deadline) (void)evtimer_add(deadline, &in);
    while (!exchange->done && !exchange->late && event_base_dispatch(client.base) == 0) {}
    if (deadline) event_free(deadline);
    return exchange->answered;
}

bool http_call(struct http_answer *out, const struct cli *cli, const char *method, const char *path, const char *content_type, const char *accept,
               struct bytes body) {
    /* A connection that was idle may have been closed under us: that is no failure, so a used one gets a second try. What is sent twice does
     * no harm: the ledger takes the same bytes once only. */
    for (int attempt = 0; attempt < 2; attempt++) {
        *out = (struct http_answer){0};
        if (!client_open(cli)) return false;
        evhttp_connection_set_timeout(client.connection, patience(cli, method));
        bool used = client.used;
        client.used = true;
        struct exchange exchange = {.out = out, .base = client.base, .error = -1};
        if (try_once(&exchange, WHOLE_ANSWER * patience(cli, method), method, path, content_type, accept, body)) return true;
        http_answer_free(out);
        client_drop();
        if (exchange.late || exchange.error == EVREQ_HTTP_TIMEOUT)
            return cli_fail(0, SAY("the node at %s did not answer within %d s; ask `licet status`, and look at its log",
                                   "节点 %s 在 %d 秒内没有应答；请运行 `licet status` 并查看其日志"), cli->node, patience(cli, method)), false;
        if (exchange.error == EVREQ_HTTP_DATA_TOO_LONG)
            return cli_fail(0, SAY("%s answered more than this program takes: is that address a licet node?",
                                   "%s 的应答过长：该地址是否为 licet 节点？"), cli->node), false;
        if (exchange.error == EVREQ_HTTP_INVALID_HEADER) return cli_fail(0, SAY("%s does not answer in HTTP: is that address a licet node?",
                                                                                "%s 的应答不是 HTTP：该地址是否为 licet 节点？"), cli->node), false;
        if (used) continue;
        if (exchange.error == EVREQ_HTTP_EOF)
            return cli_fail(0, SAY("the node at %s closed the connection without an answer; its log says why",
                                   "节点 %s 未应答就关闭了连接；原因见其日志"), cli->node), false;
        break;
    }
    return cli_fail(0, SAY("no node answers at %s: is licetd running? Start it with `licetd DIR`, or name another with --node URL",
                           "%s 没有节点应答：licetd 是否在运行？请用 `licetd 目录` 启动，或用 --node 地址 指明另一节点"), cli->node), false;
}

void http_answer_free(struct http_answer *answer) {
    free(answer->body);
    *answer = (struct http_answer){0};
}
