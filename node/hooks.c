#include "node/hooks.h"

#include "node/base/clock.h"
#include "node/base/log.h"

static void hook_submit(void *context, struct bytes statement, submit_done_fn done, void *token) {
    struct node_hooks *hooks = context;
    engine_submit(hooks->engine, statement, done, token);
}

static bool hook_note(void *context, const struct snapshot *snapshot, struct note_view *out) {
    struct node_hooks *hooks = context;
    return engine_note(hooks->engine, snapshot, out);
}

static size_t hook_checkpoint(void *context, const struct snapshot *snapshot, char *out, size_t cap) {
    struct node_hooks *hooks = context;
    return checkpoint_text(hooks->checkpoint, snapshot, out, cap);
}

static const char *hook_checkpoint_key(void *context) {
    const struct node_hooks *hooks = context;
    return checkpoint_vkey(hooks->checkpoint);
}

static int64_t hook_now_ms(void *context) {
    (void)context;
    return clock_now_ms(NULL);
}

static bool hook_lookup(void *context, struct bytes type_code, bool keyed, struct lookup *out) {
    struct node_hooks *hooks = context;
    *out = (struct lookup){.genesis = chain_genesis(hooks->chain)->hash, .type_code = type_code, .keyed = keyed};
    return !keyed || secretdir_get(hooks->secrets, type_code, out->secret);
}

/* Not cached: LMDB's pages are the cache, and what was deleted must be gone at once. */
static size_t hook_identifier(void *context, const uint8_t key32[32], char out[IDENTIFIER_MAX + 1]) {
    struct node_hooks *hooks = context;
    size_t len = 0;
    enum err err = private_identifier(hooks->store, key32, out, &len);
    if (err == ERR_OK) return len;
    if (err != ERR_ABSENT) {
        metrics_add(hooks->metrics, METRIC_FAULTS, 1);
        log_event(LOG_BROKEN, "private_store_failed", log_text("fault", err_name(err)));
    }
    out[0] = '\0';
    return 0;
}

static bool hook_writable(void *context) {
    struct node_hooks *hooks = context;
    return engine_writable(hooks->engine);
}

static const char *hook_engine(void *context) {
    const struct node_hooks *hooks = context;
    return engine_name(hooks->engine);
}

/* Who asked is told, and so is everybody: a node that serves damaged data in part is no node. */
static void hook_damage(void *context) {
    struct node_hooks *hooks = context;
    engine_damaged(hooks->engine);
}

static void hook_event(void *context, enum rpc_event event, uint64_t count) {
    struct node_hooks *hooks = context;
    switch (event) {
    case RPC_REQUEST: metrics_add(hooks->metrics, METRIC_REQUESTS, count); return;
    case RPC_REFUSED: metrics_add(hooks->metrics, METRIC_REQUESTS_REFUSED, count); return;
    case RPC_VERDICT: metrics_add(hooks->metrics, METRIC_VERDICTS, count); return;
    case RPC_FAULT: metrics_add(hooks->metrics, METRIC_FAULTS, count); return;
    }
}

void node_hooks_fill(struct rpc_hooks *out, struct node_hooks *hooks) {
    *out = (struct rpc_hooks){.context = hooks, .submit = hook_submit, .note = hook_note, .checkpoint = hook_checkpoint, .damage = hook_damage, .checkpoint_key = hook_checkpoint_key, .now_ms = hook_now_ms, .lookup = hook_lookup,
                              .identifier = hook_identifier, .writable = hook_writable, .engine = hook_engine, .event = hook_event};
}
