/* licetd: the node of one department. Waits for signals and for a fault of the engine; everything else is in node.c.
 *~ Start reading here: main -> node_start (node.c) -> node_ledger_open, engine_start, rpc_start; a statement's way is in engine_inside.h. */
#include <argp.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "crypto/selftest.h"
#include "ledger/kv/kv_bus.h"
#include "node/log.h"
#include "node/node.h"

#define GRACE_MS 5000 /* for begun requests, when stopping */

struct arguments {
    const char *dir;
    struct node_options options;
};

static error_t take(int key, char *value, struct argp_state *state) {
    struct arguments *arguments = state->input;
    switch (key) {
    case 'c': arguments->options.check = true; return 0;
    case 'k': arguments->options.confirm_clock = true; return 0;
    case ARGP_KEY_ARG:
        if (arguments->dir) argp_error(state, "one folder only");
        arguments->dir = value;
        return 0;
    case ARGP_KEY_END:
        if (!arguments->dir) argp_error(state, "which folder? `licet init DIR` makes one");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* A core file would hold the node's private keys. */
static void no_core_files(void) {
    const struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        log_event(LOG_UNUSUAL, "core_files_possible", log_int("errno", errno));
}

static int fault_fd = -1;
static void on_fault(void *context, enum err err) {
    (void)context;
    const uint64_t value = (uint64_t)err; /* > 0 */
    if (write(fault_fd, &value, sizeof value) != (ssize_t)sizeof value) abort(); /* an eventfd takes it */
}

/* Sleeps until told to stop. Returns the fault that says so, ERR_OK for a signal. */
static enum err wait_for_end(int signal_fd) {
    struct pollfd waits[2] = {{.fd = signal_fd, .events = POLLIN}, {.fd = fault_fd, .events = POLLIN}};
    while (poll(waits, 2, -1) < 0) ASSERT(errno == EINTR);
    uint64_t value = ERR_OK;
    struct signalfd_siginfo signal_info;
    if (waits[1].revents) {
        ASSERT(read(fault_fd, &value, sizeof value) == (ssize_t)sizeof value);
        log_event(LOG_BROKEN, "engine_stopped", log_text("fault", err_name((enum err)value)), log_text("meaning", err_text((enum err)value)));
    } else {
        ASSERT(read(signal_fd, &signal_info, sizeof signal_info) == (ssize_t)sizeof signal_info);
        log_event(LOG_INFO, "stopping", log_uint("signal", signal_info.ssi_signo));
    }
    return (enum err)value;
}

static int run(struct arguments *arguments, int signal_fd) {
    arguments->options.stop_fd = signal_fd;
    char message[1024] = "";
    struct node *node;
    int code = node_start(&node, arguments->dir, &arguments->options, message, sizeof message);
    if (code != EXIT_VALID) {
        log_event(LOG_BROKEN, "not_started", log_int("exit", code), log_text("reason", message));
        (void)fprintf(stderr, "licetd: %s\n", message);
        return code;
    }
    if (!node) return EXIT_VALID; /* only a check */
    enum err fault = wait_for_end(signal_fd);
    node_stop(node, GRACE_MS);
    log_event(fault == ERR_OK ? LOG_INFO : LOG_BROKEN, "stopped", log_int("exit", err_exit(fault)));
    return err_exit(fault);
}

int main(int argc, char **argv) {
    static const struct argp_option options[] = {
        {"check", 'c', NULL, 0, "Look at settings, keys, data and mark; start and change nothing", 0},
        {"confirm-clock", 'k', NULL, 0, "The clock is right although it is far ahead of the last block", 0},
        {NULL, 0, NULL, 0, NULL, 0},
    };
    static const struct argp parser = {options, take, "DIR", "Runs the node in DIR, made by `licet init DIR`. Logs to standard error, one JSON line an event.\v"
                                       "Ends on SIGTERM or SIGINT. Exit codes: 0 done, 1 error, 2 usage or settings, 20 data damaged, 40 storage, 41 rollback refused.",
                                       NULL, NULL, NULL};
    struct arguments arguments = {.dir = NULL, .options = {.stop_fd = -1, .on_fault = on_fault}};
    argp_err_exit_status = EXIT_USAGE;
    if (argp_parse(&parser, argc, argv, 0, NULL, &arguments) != 0) return EXIT_USAGE;
    no_core_files();
    (void)signal(SIGPIPE, SIG_IGN);
    kv_bus_catch();
    sigset_t stops; /* blocked before there are threads, so that only the signalfd sees them */
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGHUP);
    ASSERT(sigprocmask(SIG_BLOCK, &stops, NULL) == 0);
    int signal_fd = signalfd(-1, &stops, SFD_CLOEXEC);
    fault_fd = eventfd(0, EFD_CLOEXEC);
    ASSERT(signal_fd >= 0 && fault_fd >= 0);
    const char *failed = crypto_start();
    if (failed) {
        log_event(LOG_BROKEN, "selftest_failed", log_text("what", failed), log_text("library", crypto_library()));
        return EXIT_ERROR;
    }
    return run(&arguments, signal_fd);
}
