/* licetd: the node of one department. Waits for signals and for a fault of the engine; everything else is in node.c.
 *~ Start reading here: main -> node_start (node.c) -> node_ledger_open, engine_for, rpc_start; a statement's way is in solo/solo_inside.h. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "crypto/process.h"
#include "crypto/selftest.h"
#include "ledger/base/version.h"
#include "ledger/kv/kv_bus.h"
#include "ledger/kv/kv_lmdb.h"
#include "node/arguments.h"
#include "node/endwatch.h"
#include "node/base/log.h"
#include "node/node.h"
#include "node/signals.h"

#define GRACE_MS 5000     /* for begun requests, when stopping */
#define STOP_MS_MAX 25000 /* for all of a stop: then it is ended, see endwatch.h */

static int fault_fd = -1;
static void fault_came(void *context, enum err err) {
    (void)context;
    const uint64_t value = (uint64_t)err; /* > 0 */
    if (write(fault_fd, &value, sizeof value) != (ssize_t)sizeof value) abort(); /* an eventfd takes it */
}

/* Sleeps until told to stop. Returns the fault that says so, ERR_OK for a signal. */
static enum err wait_for_end(int stop_fd, int hangup_fd) {
    struct pollfd waits[3] = {{.fd = stop_fd, .events = POLLIN}, {.fd = fault_fd, .events = POLLIN}, {.fd = hangup_fd, .events = POLLIN}};
    while (!waits[0].revents && !waits[1].revents) {
        if (poll(waits, 3, -1) < 0) {
            ASSERT(errno == EINTR);
            waits[0].revents = waits[1].revents = 0;
        } else if (waits[2].revents) {
            signal_log_hangup(hangup_fd);
        }
    }
    uint64_t value = ERR_OK;
    if (waits[1].revents) {
        ASSERT(read(fault_fd, &value, sizeof value) == (ssize_t)sizeof value);
        log_event(LOG_BROKEN, "engine_stopped", log_text("fault", err_name((enum err)value)), log_text("meaning", err_text((enum err)value)));
    } else {
        signal_log(stop_fd, "running");
    }
    return (enum err)value;
}

static int run_node(struct arguments *arguments, int stop_fd, int hangup_fd) {
    arguments->options.stop_fd = stop_fd;
    char message[1024] = "";
    struct node *node;
    int code = node_start(&node, arguments->dir, &arguments->options, message, sizeof message);
    if (code != EXIT_VALID) {
        log_event(LOG_BROKEN, "not_started", log_int("exit", code), log_text("reason", message));
        char said[sizeof message + 16];
        (void)snprintf(said, sizeof said, "licetd: %s\n", message);
        log_say(said);
        return code;
    }
    if (!node) return EXIT_VALID; /* only a check */
    enum err fault = wait_for_end(stop_fd, hangup_fd);
    struct endwatch watch;
    endwatch_limit(&watch, STOP_MS_MAX, fault == ERR_OK ? EXIT_STORAGE : err_exit(fault));
    node_stop(node, GRACE_MS);
    endwatch_over(&watch);
    log_event(fault == ERR_OK ? LOG_INFO : LOG_BROKEN, "stopped", log_int("exit", err_exit(fault)));
    return err_exit(fault);
}

int main(int argc, char **argv) {
    process_descriptors();
    struct arguments arguments = {.dir = NULL, .options = {.stop_fd = -1, .on_fault = fault_came}};
    const int asked = arguments_read(&arguments, argc, argv);
    if (asked >= 0) return asked;
    int stop_fd, hangup_fd;
    (void)signal(SIGPIPE, SIG_IGN);
    kv_bus_catch();
    signals_catch(&stop_fd, &hangup_fd); /* before there are threads */
    log_start();
    if (!process_keep_memory()) log_event(LOG_UNUSUAL, "core_files_possible", log_int("errno", errno));
    fault_fd = eventfd(0, EFD_CLOEXEC);
    ASSERT(fault_fd >= 0);
    log_event(LOG_INFO, "starting", log_text("version", LICET_VERSION), log_text("openssl", crypto_library()), log_text("lmdb", kv_lmdb_library()));
    const char *failed = crypto_start();
    if (failed) log_event(LOG_BROKEN, "selftest_failed", log_text("what", failed), log_text("library", crypto_library()));
    int code = failed ? EXIT_ERROR : run_node(&arguments, stop_fd, hangup_fd);
    log_stop();
    return code;
}
