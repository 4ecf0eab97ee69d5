/* What is asked: verdicts over HTTP, beside a bare answer of the same server. CPU is counted for the server's threads only, and they have a
 * processor of their own: on loopback the rate depends on where the host puts the two processors, the time used hardly does. */
#include "tests/bench/bench.h"

#include <dirent.h>
#include <sched.h>
#include <unistd.h>

#include "node/hooks.h"
#include "rpc/request.h"
#include "rpc/rpc.h"

#define ROUNDS 7
#define CONNECTIONS 64u
#define MANY 100u

static const struct server_options server_options = {.host = "127.0.0.1", .names = "127.0.0.1", .threads = 1, .connections_max = 1024, .body_max = 1u << 20, .headers_max = 16u << 10,
                                                     .request_ms_max = 10000, .answer_ms_max = 30000, .idle_ms_max = 60000};

/* ---- a node's server ---- */

struct bench_server {
    struct node_hooks hooks;
    struct metrics metrics;
    struct rpc *rpc;
    char private_dir[640];
};

struct bench_server *bench_server_start(struct bench_ledger *ledger, unsigned threads) {
    struct bench_server *server = calloc(1, sizeof *server);
    char message[256] = "";
    if (server == NULL) die("out of memory");
    (void)snprintf(server->private_dir, sizeof server->private_dir, "%s/private", ledger->dir);
    server->hooks = (struct node_hooks){.engine = ledger->engine, .chain = ledger->chain, .metrics = &server->metrics};
    if (private_open(&server->hooks.store, server->private_dir, true) != ERR_OK) die("%s cannot be opened", server->private_dir);
    struct rpc_hooks hooks;
    node_hooks_fill(&hooks, &server->hooks);
    struct server_options options = server_options;
    options.threads = threads;
    if (rpc_start(&server->rpc, &options, ledger->chain, &hooks, message, sizeof message) != ERR_OK) die("the server does not start: %s", message);
    return server;
}

uint16_t bench_server_port(const struct bench_server *server) { return rpc_port(server->rpc); }

void bench_server_stop(struct bench_server *server) {
    rpc_stop(server->rpc, 1000);
    private_close(server->hooks.store);
    free(server);
}

/* ---- threads ---- */

#define THREADS_MAX 256
struct threads { int id[THREADS_MAX], count; };

static void threads_now(struct threads *out) {
    DIR *dir = opendir("/proc/self/task");
    const struct dirent *entry;
    out->count = 0;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        const long id = strtol(entry->d_name, NULL, 10);
        if (id > 0 && out->count < THREADS_MAX) out->id[out->count++] = (int)id;
    }
    if (dir != NULL) (void)closedir(dir);
}

static bool threads_have(const struct threads *threads, int id) {
    for (int i = 0; i < threads->count; i++)
        if (threads->id[i] == id) return true;
    return false;
}

/* Those that are new since `before`. */
static void threads_since(struct threads *out, const struct threads *before) {
    struct threads now;
    threads_now(&now);
    out->count = 0;
    for (int i = 0; i < now.count; i++)
        if (!threads_have(before, now.id[i])) out->id[out->count++] = now.id[i];
}

static double cpu_s(const struct threads *threads) {
    double nanoseconds = 0;
    for (int i = 0; i < threads->count; i++) {
        char path[64], line[128];
        (void)snprintf(path, sizeof path, "/proc/self/task/%d/schedstat", threads->id[i]);
        FILE *file = fopen(path, "r");
        if (file != NULL && fgets(line, sizeof line, file) != NULL) nanoseconds += strtod(line, NULL);
        if (file != NULL) (void)fclose(file);
    }
    return nanoseconds / 1e9;
}

static void pin(int thread, int processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET((size_t)processor, &set);
    (void)sched_setaffinity(thread, sizeof set, &set); /* one processor, or none to be had: then as it comes */
}

static void unpin(void) {
    cpu_set_t set;
    memset(&set, 0xff, sizeof set);
    (void)sched_setaffinity(0, sizeof set, &set);
}

/* ---- requests ---- */

struct requests {
    struct bytes *list;
    uint32_t count;
};

static void requests_make(struct requests *out, uint32_t count, uint32_t queries, uint32_t licences) {
    out->count = count;
    out->list = calloc(count, sizeof *out->list);
    for (uint32_t i = 0; i < count && out->list != NULL; i++) {
        const size_t body = 13 + (size_t)queries * 75 + 1, cap = 192 + body;
        char *text = malloc(cap);
        if (text == NULL) die("out of memory");
        size_t at = (size_t)snprintf(text, cap, "POST /v1/verify HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n{\"queries\":[",
                                     body + (size_t)0);
        for (uint32_t q = 0; q < queries; q++) {
            uint8_t key[32];
            char hex[65];
            bench_licence_key(key, (uint32_t)(((uint64_t)i * queries + q) * 2654435761u % licences));
            hex_encode(hex, key, 32);
            at += (size_t)snprintf(text + at, cap - at, "%s{\"key\":\"%s\"}", q ? "," : " ", hex);
        }
        at += (size_t)snprintf(text + at, cap - at, "]}");
        out->list[i] = bytes_of(text, at);
    }
}

static void requests_free(struct requests *requests) {
    for (uint32_t i = 0; i < requests->count; i++) free((void *)(uintptr_t)requests->list[i].data);
    free(requests->list);
}

/* ---- a bare answer ---- */

static void hello(void *context, struct request *request) {
    static const char text[] = "{\"hello\":\"sixty-four bytes of nothing that has to be looked up.\"}";
    (void)context;
    request_answer(request, 200, MEDIA_JSON, bytes_of(text, 64), NULL, false);
}

/* ---- measuring ---- */

struct side {
    uint16_t port;
    struct threads threads;
};
struct speed { double rate, cpu; };

static struct speed load_side(const struct side *side, const struct requests *requests, uint32_t total, uint32_t connections, double *latency) {
    const struct http_job job = {.port = side->port, .requests = requests->list, .request_count = requests->count, .total = total,
                                 .connections = connections, .status = 200, .latency = latency, .spin = connections > 1};
    const double before = cpu_s(&side->threads), seconds = http_run(&job);
    return (struct speed){(double)total / seconds, (cpu_s(&side->threads) - before) / (double)total};
}

static int compare(const void *a, const void *b) {
    double x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static void measure_latency(const struct side *side, const struct requests *hundreds) {
    const uint32_t calls = (uint32_t)scaled(2000, 100);
    struct samples tail = {.count = 0};
    double *latency = calloc(calls, sizeof *latency);
    if (latency == NULL) die("out of memory");
    for (int round = 0; round < 3; round++) {
        (void)load_side(side, hundreds, calls, 1, latency);
        qsort(latency, calls, sizeof *latency, compare);
        sample_add(&tail, 1e3 * latency[calls - 1 - calls / 100], 1e3 * latency[calls / 2]);
    }
    free(latency);
    figure_add(&(struct figure){.name = "verify: p99 of a call with 100 queries", .unit = "ms",
                           .against = "its median, ms", .low_is_better = true, .target = 5}, &tail);
}

static void measure_rounds(const struct side *bare, const struct side *node, const struct requests *one, const struct requests *hundred) {
    struct samples cpu = {.count = 0}, rate = {.count = 0}, many = {.count = 0}, each = {.count = 0};
    const uint32_t total = (uint32_t)scaled(60000, 2000);
    for (int round = 0; round < ROUNDS; round++) {
        const struct speed h = load_side(bare, one, total, CONNECTIONS, NULL), v = load_side(node, one, total, CONNECTIONS, NULL);
        const struct speed m = load_side(node, hundred, total / 50, CONNECTIONS, NULL);
        sample_add(&cpu, 1e6 * v.cpu, 1e6 * h.cpu);
        sample_add(&rate, v.rate, h.rate);
        sample_add(&many, m.rate * MANY, v.rate);
        sample_add(&each, 1e6 * m.cpu / MANY, 1e6 * v.cpu);
    }
    figure_add(&(struct figure){.name = "verify: server CPU of a verdict", .unit = "us",
                           .against = "hello of the same server", .low_is_better = true, .target = 1.6, .hoped = 1.25}, &cpu);
    figure_add(&(struct figure){.name = "verify: single calls, one server thread", .unit = "/s", .against = "hello of the same server"}, &rate);
    figure_add(&(struct figure){.name = "verify: verdicts, 100 queries a call", .unit = "/s", .against = "single calls", .target = 8}, &many);
    figure_add(&(struct figure){.name = "verify: server CPU of a verdict among 100", .unit = "us",
                           .against = "in a single call", .low_is_better = true}, &each);
}

void part_http(struct bench_ledger *ledger) {
    struct threads before;
    struct side bare, node;
    struct requests one, hundred;
    struct server *hello_server;
    char message[256] = "";
    stage("verdicts over HTTP on %u licences", ledger->licences);
    requests_make(&one, (uint32_t)scaled(60000, 2000), 1, ledger->licences);
    requests_make(&hundred, (uint32_t)scaled(1200, 40), MANY, ledger->licences);
    ledger_engine(ledger, true);
    threads_now(&before);
    if (server_start(&hello_server, &server_options, ledger->chain, hello, NULL, message, sizeof message) != ERR_OK) die("the server does not start: %s", message);
    threads_since(&bare.threads, &before);
    bare.port = server_port(hello_server);
    threads_now(&before);
    struct bench_server *server = bench_server_start(ledger, 1);
    threads_since(&node.threads, &before);
    node.port = bench_server_port(server);
    for (int i = 0; i < bare.threads.count; i++) pin(bare.threads.id[i], 0);
    for (int i = 0; i < node.threads.count; i++) pin(node.threads.id[i], 0);
    pin(0, 1);
    measure_rounds(&bare, &node, &one, &hundred);
    measure_latency(&node, &hundred);
    unpin();
    bench_server_stop(server);
    server_stop(hello_server, 1000);
    ledger_engine(ledger, false);
    requests_free(&one);
    requests_free(&hundred);
}
