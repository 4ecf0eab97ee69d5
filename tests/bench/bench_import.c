/* Existing stock, end to end, as an office loads it: CSV to ledger through the real programs, the private store and HTTP included. */
#include "tests/bench/bench.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 3

struct office {
    char build[512], dir[640], licet[540], licetd[540], listen[32], type[32];
    pid_t node;
};

static bool port_is_free(uint16_t port) {
    const struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool is_free = fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) == 0;
    if (fd >= 0) (void)close(fd);
    return is_free;
}

/* A port whose neighbour is free too: that is the operator's. Below those the system lends to outgoing connections. */
static void choose_port(struct office *office) {
    uint16_t port = (uint16_t)(12000 + 2 * (getpid() % 9000));
    for (int tries = 0; tries < 1000 && !(port_is_free(port) && port_is_free((uint16_t)(port + 1))); tries++) port = (uint16_t)(port < 31000 ? port + 2 : 12000);
    (void)snprintf(office->listen, sizeof office->listen, "127.0.0.1:%u", port);
}

static void licet(struct office *office, char *const *argv, char *output, size_t cap) {
    const int code = bench_run(argv, output, cap);
    if (code != 0) die("%s %s ended %d: %s", office->licet, argv[1], code, output);
}

/* The programs of this build lie two folders above this one. */
static bool office_make(struct office *office) {
    (void)snprintf(office->build, sizeof office->build, "%s", bench_self);
    for (int i = 0; i < 3; i++) {
        char *slash = strrchr(office->build, '/');
        if (slash == NULL) return false;
        *slash = '\0';
    }
    (void)snprintf(office->dir, sizeof office->dir, "%s/office", bench_dir);
    (void)snprintf(office->licet, sizeof office->licet, "%s/licet", office->build);
    (void)snprintf(office->licetd, sizeof office->licetd, "%s/licetd", office->build);
    return access(office->licet, X_OK) == 0 && access(office->licetd, X_OK) == 0;
}

static void office_open(struct office *office) {
    char output[65536], path[700], url[64];
    remove_tree(office->dir);
    choose_port(office);
    char *const init[] = {office->licet, "init", office->dir, "--listen", office->listen, NULL};
    licet(office, init, output, sizeof output);
    office->node = fork();
    if (office->node == 0) {
        char *const node[] = {office->licetd, office->dir, NULL};
        const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (nowhere >= 0) (void)dup2(nowhere, 2);
        (void)execv(office->licetd, node);
        _exit(127);
    }
    (void)snprintf(path, sizeof path, "%s/node/address", office->dir);
    for (int i = 0; i < 3000 && access(path, R_OK) != 0; i++) (void)usleep(10000);
    (void)snprintf(url, sizeof url, "http://%s", office->listen);
    (void)setenv("LICET_NODE", url, 1);
    (void)snprintf(path, sizeof path, "%s/keys/issue.pem", office->dir);
    (void)setenv("LICET_KEY", path, 1);
    char *const types[] = {office->licet, "type", "list", "--json", NULL};
    licet(office, types, output, sizeof output);
    const char *code = strstr(output, "\"code\":\"");
    if (code == NULL || strlen(code) < 8 + TYPE_CODE_LEN) die("no licence types: %s", output);
    (void)snprintf(office->type, sizeof office->type, "%.*s", (int)TYPE_CODE_LEN, code + 8);
}

static void office_close(struct office *office) {
    int status;
    (void)kill(office->node, SIGTERM);
    (void)waitpid(office->node, &status, 0);
    remove_tree(office->dir);
}

static double import_once(struct office *office, uint32_t rows, int seed) {
    char output[65536], file[700], report[720], rows_text[16], seed_text[16], wanted[48];
    (void)snprintf(file, sizeof file, "%s/stock%d.csv", office->dir, seed);
    (void)snprintf(report, sizeof report, "%s.json", file);
    (void)snprintf(rows_text, sizeof rows_text, "%u", rows);
    (void)snprintf(seed_text, sizeof seed_text, "%d", seed);
    char *const make[] = {office->licet, "stock-make", "--type", office->type, "--rows", rows_text, "--seed", seed_text, "-o", file, NULL};
    licet(office, make, output, sizeof output);
    char *const load[] = {office->licet, "import", "--type", office->type, file, "--report", report, "--json", NULL};
    const double begun = now_s();
    licet(office, load, output, sizeof output);
    const double seconds = now_s() - begun;
    (void)snprintf(wanted, sizeof wanted, "\"accepted\":%u,", rows);
    if (strstr(output, wanted) == NULL) die("not all rows were taken: %s", output);
    return seconds;
}

void part_import(void) {
    struct office office;
    struct samples speed = {.count = 0};
    const uint32_t rows = (uint32_t)scaled(50000, 1000);
    if (!office_make(&office)) {
        figure_skip("import: rows, end to end", "licet and licetd are not beside this program");
        return;
    }
    stage("import: %u rows a round", rows);
    office_open(&office);
    for (int round = 0; round < ROUNDS; round++) {
        const double seconds = import_once(&office, rows, round + 1);
        sample_add(&speed, (double)rows / seconds, bench_batch_rate > 0 ? bench_batch_rate : 1);
        stage("round %d: %.0f rows/s", round + 1, (double)rows / seconds);
    }
    office_close(&office);
    figure_add(&(struct figure){.name = "import: rows of CSV, end to end", .unit = "/s",
                           .against = bench_batch_rate > 0 ? "prepared batches, empty ledger" : NULL}, &speed);
}
