#include "node/node.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/errno_text.h"
#include "crypto/token.h"
#include "node/base/clock.h"
#include "node/hooks.h"
#include "node/base/log.h"
#include "node/engine/registered.h"
#include "node/node_ledger.h"
#include "node/node_ops.h"
#include "rpc/rpc.h"

#define NODE_PATH_CAP (PATH_CAP + 32)

struct node {
    struct config config;
    struct node_ledger ledger;
    struct signer *seal, *note, *checkpoint_key;
    struct checkpoint *checkpoint;
    struct secretdir *secrets;
    struct private_store *store;
    struct readers readers;
    const struct engine_row *engine_row;
    struct engine *engine;
    struct metrics metrics;
    struct node_hooks hooks;
    struct rpc *rpc;
    struct node_ops *ops;
    char address_path[NODE_PATH_CAP];
    bool address_written;
    const struct node_options *options;
    char *message;
    size_t cap;
};

static int node_fail(struct node *node, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int node_fail(struct node *node, int code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vsnprintf(node->message, node->cap, format, args);
    va_end(args);
    return code;
}

/* ---- keys ---- */

static int load_signer(struct node *node, struct signer **out, const char *where) {
    char shown[NODE_PATH_CAP];
    const char *why;
    *out = signer_open(where, node->config.key_module, &why);
    if (*out) return EXIT_VALID;
    key_where_shown(shown, sizeof shown, where);
    return node_fail(node, EXIT_ERROR, "%s: %s", shown, why);
}

static int load_secrets(struct node *node) {
    char path[NODE_PATH_CAP], bad[NODE_PATH_CAP + 256];
    (void)snprintf(path, sizeof path, "%s/keys/lookup", node->config.dir);
    enum keyfile_result result = secretdir_load(&node->secrets, path, bad, sizeof bad);
    return result == KEYFILE_OK ? EXIT_VALID : node_fail(node, EXIT_ERROR, "%s: %s", bad, keyfile_result_text(result));
}

static int load_keys(struct node *node) {
    int code = load_signer(node, &node->seal, node->config.seal_key);
    if (code == EXIT_VALID) code = load_signer(node, &node->note, node->config.note_key);
    if (code == EXIT_VALID) code = load_signer(node, &node->checkpoint_key, node->config.checkpoint_key);
    if (code == EXIT_VALID) code = load_secrets(node);
    return code;
}

static int open_private_store(struct node *node) {
    char path[NODE_PATH_CAP];
    (void)snprintf(path, sizeof path, "%s/private", node->config.dir);
    enum err err = private_open(&node->store, path, true);
    return err == ERR_OK ? EXIT_VALID : node_fail(node, err_exit(err), "%s cannot be opened: %s", path, err_text(err));
}

/* Monitors take the checkpoint's key from the ledger. */
static int make_checkpoint(struct node *node) {
    struct pubkey key;
    signer_pubkey(node->checkpoint_key, &key);
    const bool registered = registered_checkpoint(&chain_params(node->ledger.chain)->finality, &key);
    char shown[NODE_PATH_CAP];
    key_where_shown(shown, sizeof shown, node->config.checkpoint_key);
    if (!registered) return node_fail(node, EXIT_USAGE, "%s is not a key that this ledger registered for this node", shown);
    node->checkpoint = checkpoint_new(node->checkpoint_key, chain_genesis(node->ledger.chain));
    return node->checkpoint ? EXIT_VALID : node_fail(node, EXIT_ERROR, "Out of memory");
}

/* ---- engine and listeners ---- */

/* Only where it helps is the confirmation advised. */
static void log_clock(struct node *node) {
    int64_t limit_ms;
    char limit[CLOCK_TEXT_LEN + 1];
    enum clock_state state = engine_clock(node->engine, &limit_ms);
    if (state == CLOCK_RIGHT) return;
    clock_text(limit, limit_ms);
    if (state == CLOCK_BEHIND)
        log_event(LOG_UNUSUAL, "clock_implausible", log_text("reason", "the clock is behind what was signed here"), log_text("goes_on_at", limit),
                  log_text("way_out", "set the clock right; if it is, it was ahead before, and writing goes on by itself at that time: OPERATIONS, The clock"));
    else
        log_event(LOG_UNUSUAL, "clock_implausible", log_text("reason", "the clock is more than seven days ahead of the last block"), log_text("plausible_until", limit),
                  log_text("way_out", "look at the clock; set it right, or if it is, confirm it once: licetd DIR --confirm-clock"));
}

static int choose_engine(struct node *node) {
    node->engine_row = engine_for(&chain_params(node->ledger.chain)->finality, &node->config.engine, node->message, node->cap);
    return node->engine_row ? EXIT_VALID : err_exit(ERR_CONFIG);
}

static int start_engine(struct node *node) {
    const struct engine_parts parts = {.chain = node->ledger.chain, .mark = node->ledger.mark, .lease = node->ledger.lease, .readers = &node->readers,
                                       .seal = node->seal, .note = node->note, .now_ms = clock_now_ms, .clock_confirmed = node->options->confirm_clock,
                                       .on_fault = node->options->on_fault, .fault_context = node->options->fault_context};
    enum err err = node->engine_row->start(&node->engine, &node->config.engine, &parts, node->message, node->cap);
    if (err != ERR_OK) return err_exit(err);
    log_clock(node);
    return EXIT_VALID;
}

/* Names the setting. */
static int fail_listener(struct node *node, enum err err, const char *setting) {
    char why[256];
    (void)snprintf(why, sizeof why, "%s", node->message);
    return node_fail(node, err_exit(err), CONFIG_FILE ", %s: %s", setting, why);
}

static int start_rpc(struct node *node) {
    const struct config *config = &node->config;
    const struct server_options options = {.host = config->listen_host, .port = config->listen_port, .names = config->names, .threads = config->rpc_threads,
                                           .connections_max = config->connections_max, .body_max = config->body_max,
                                           .headers_max = config->headers_max, .request_ms_max = config->request_ms_max,
                                           .answer_ms_max = config->answer_ms_max, .idle_ms_max = config->idle_ms_max};
    node->hooks = (struct node_hooks){.engine = node->engine, .chain = node->ledger.chain, .checkpoint = node->checkpoint, .secrets = node->secrets,
                                      .store = node->store, .metrics = &node->metrics};
    struct rpc_hooks hooks;
    node_hooks_fill(&hooks, &node->hooks);
    hooks.mismatches_max = config->mismatches_max;
    hooks.mismatches_hours = config->mismatches_hours;
    hooks.asker_header = config->asker_header;
    enum err err = rpc_start(&node->rpc, &options, node->ledger.chain, &hooks, node->message, node->cap);
    return err == ERR_OK ? EXIT_VALID : fail_listener(node, err, "[rpc] listen");
}

static int start_ops(struct node *node) {
    const struct node_ops_parts parts = {.config = &node->config, .chain = node->ledger.chain, .engine = node->engine, .readers = &node->readers,
                                         .rpc = node->rpc, .metrics = &node->metrics};
    enum err err = node_ops_start(&node->ops, &parts, node->message, node->cap);
    return err == ERR_OK ? EXIT_VALID : fail_listener(node, err, "[ops] listen");
}

/* "host:port" for who started the node: there once requests are taken, gone once they are not. */
static int write_address(struct node *node) {
    const struct config *config = &node->config;
    char text[96], temporary[NODE_PATH_CAP + 8];
    bool v6 = strchr(config->listen_host, ':') != NULL;
    int len = snprintf(text, sizeof text, "%s%s%s:%u\n", v6 ? "[" : "", config->listen_host, v6 ? "]" : "", rpc_port(node->rpc));
    ASSERT(len > 0 && (size_t)len < sizeof text);
    (void)snprintf(temporary, sizeof temporary, "%s.new", node->address_path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    bool ok = fd >= 0 && write(fd, text, (size_t)len) == len;
    ok = fd >= 0 && close(fd) == 0 && ok;
    if (!ok || rename(temporary, node->address_path) != 0) return node_fail(node, EXIT_ERROR, "%s cannot be written: %s", node->address_path, errno_en(errno));
    node->address_written = true;
    text[len - 1] = '\0';
    log_event(LOG_INFO, "listening", log_text("address", text), log_uint("port", rpc_port(node->rpc)), log_uint("ops_port", node_ops_port(node->ops)));
    return EXIT_VALID;
}

static int start_all(struct node *node) {
    int code = load_keys(node);
    if (code == EXIT_VALID) code = node_ledger_open(&node->ledger, &node->config, node->options->check, node->options->stop_fd, node->message, node->cap);
    if (code != EXIT_VALID || node->ledger.empty) return code;
    code = make_checkpoint(node);
    if (code == EXIT_VALID) code = choose_engine(node);
    if (code != EXIT_VALID || node->options->check) return code;
    (void)unlink(node->address_path); /* of a node that was killed: we own the folder now */
    code = open_private_store(node);
    if (code == EXIT_VALID) code = start_engine(node);
    if (code == EXIT_VALID) code = start_rpc(node);
    if (code == EXIT_VALID) code = start_ops(node);
    if (code == EXIT_VALID) code = write_address(node);
    return code;
}

int node_start(struct node **out, const char *dir, const struct node_options *options, char *message, size_t cap) {
    *out = NULL;
    struct node *node = calloc(1, sizeof *node);
    if (!node) {
        (void)snprintf(message, cap, "Out of memory");
        return EXIT_ERROR;
    }
    *node = (struct node){.options = options, .message = message, .cap = cap};
    enum err err = config_load(&node->config, dir, message, cap);
    int code = err == ERR_OK ? EXIT_VALID : err_exit(err);
    if (code == EXIT_VALID) {
        enum log_level level = LOG_INFO;
        ASSERT(log_level_from_name(&level, node->config.log_level)); /* config_load saw to it */
        log_set_level(level);
        (void)snprintf(node->address_path, sizeof node->address_path, "%s/node/address", dir);
        code = start_all(node);
    }
    if (code == EXIT_VALID && !options->check) {
        *out = node;
        return code;
    }
    if (code == EXIT_VALID)
        log_event(LOG_INFO, "checked", log_bool("empty", node->ledger.empty), log_uint("height", node->ledger.chain ? chain_head(node->ledger.chain)->n : 0));
    node_stop(node, 0);
    return code;
}

void node_stop(struct node *node, unsigned grace_ms) {
    if (!node) return;
    if (node->address_written) (void)unlink(node->address_path);
    if (node->engine) engine_close(node->engine); /* answers, so that the server's last requests have theirs */
    node_ops_stop(node->ops); /* it asks the server below for its numbers */
    rpc_stop(node->rpc, grace_ms);
    engine_stop(node->engine);
    checkpoint_free(node->checkpoint);
    private_close(node->store);
    node_ledger_close(&node->ledger);
    secretdir_free(node->secrets);
    signer_free(node->seal);
    signer_free(node->note);
    signer_free(node->checkpoint_key);
    free(node);
}
