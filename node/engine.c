/* The engine's outside: submit, start, stop, notes, counts. The pool is in sigpool.c, the writer in engine_writer.c, what comes after it in
 * engine_finish.c. */
#include "node/engine_inside.h"

#include <unistd.h>

#include "node/log.h"

/* Two blocks' worth: one commits, one stands ready. Decoded statements take more memory than their bytes. */
#define READY_MAX (2 * (size_t)BLOCK_STATEMENTS_MAX)
#define READY_BYTES_MAX (2 * (size_t)BLOCK_BYTES_MAX)

/* ---- answers ---- */

void engine_answer(struct engine *engine, struct job *job, const struct submit_answer *answer) {
    if (answer->err == ERR_OK) {
        if (answer->refusal.code == CODE_OK) atomic_fetch_add(&engine->accepted, 1);
        else if (answer->refusal.code == CODE_ALREADY_ENTERED) atomic_fetch_add(&engine->repeated, 1);
        else atomic_fetch_add(&engine->refused, 1);
    }
    submit_done_fn done = job->done;
    void *token = job->token;
    /* Before the answer: who has it may send the next one, and there must be room for that. */
    atomic_fetch_sub(&engine->waiting_bytes, job->len);
    atomic_fetch_sub(&engine->waiting, 1);
    prepared_free(job->prepared);
    free(job);
    done(token, answer);
}

void engine_refuse(struct engine *engine, struct job *job, struct refusal refusal) {
    struct submit_answer answer = {.err = ERR_OK, .refusal = refusal};
    engine_answer(engine, job, &answer);
}

void engine_fail(struct engine *engine, struct job *job, enum err err) {
    struct submit_answer answer = {.err = err, .refusal = refuse(err == ERR_CORRUPT ? CODE_CORRUPT : CODE_STORAGE, NULL)};
    engine_answer(engine, job, &answer);
}

void engine_latch(struct engine *engine, enum err err) {
    int none = ERR_OK;
    if (atomic_compare_exchange_strong(&engine->fault, &none, (int)err) && engine->options.on_fault)
        engine->options.on_fault(engine->options.fault_context, err);
}

void engine_damaged(struct engine *engine) {
    if (engine_fault(engine) == ERR_OK)
        log_event(LOG_BROKEN, "damage_met", log_text("fault", err_name(ERR_CORRUPT)), log_text("way_out", "licet fsck DIR says where; see OPERATIONS, exit 20"));
    engine_latch(engine, ERR_CORRUPT);
}

/* ---- submit ---- */

/* Takes a place, or says why there is none. */
static enum code admit(struct engine *engine, size_t len) {
    if (len > STATEMENT_BYTES_MAX) return CODE_STATEMENT_TOO_LARGE;
    if (atomic_load(&engine->stopping)) return CODE_SHUTTING_DOWN;
    if (atomic_load(&engine->fault) != ERR_OK) return CODE_READ_ONLY;
    if (atomic_fetch_add(&engine->waiting, 1) >= engine->options.queue_max) {
        atomic_fetch_sub(&engine->waiting, 1);
        return CODE_QUEUE_FULL;
    }
    if (atomic_fetch_add(&engine->waiting_bytes, len) + len > engine->options.queue_bytes_max) {
        atomic_fetch_sub(&engine->waiting_bytes, len);
        atomic_fetch_sub(&engine->waiting, 1);
        return CODE_QUEUE_FULL;
    }
    return CODE_OK;
}

void engine_submit(struct engine *engine, struct bytes statement, submit_done_fn done, void *token) {
    atomic_fetch_add(&engine->submitted, 1);
    enum code code = admit(engine, statement.len);
    if (code == CODE_OK) {
        struct job *job = malloc(sizeof *job + statement.len);
        if (job) {
            *job = (struct job){.done = done, .token = token, .len = statement.len};
            if (statement.len) memcpy(job->bytes, statement.data, statement.len);
            if (queue_put(&engine->intake, job)) return;
            free(job);
        }
        code = job ? CODE_SHUTTING_DOWN : CODE_QUEUE_FULL;
        atomic_fetch_sub(&engine->waiting_bytes, statement.len);
        atomic_fetch_sub(&engine->waiting, 1);
    }
    atomic_fetch_add(&engine->refused, 1);
    struct submit_answer answer = {.err = ERR_OK, .refusal = refuse(code, NULL)};
    done(token, &answer);
}

/* ---- what others ask ---- */

bool engine_note(struct engine *engine, const struct snapshot *snapshot, struct note_view *out) {
    enum err fault;
    bool got = notes_get(engine->notes, snapshot, engine_now_ms(engine), out, &fault);
    if (fault != ERR_OK && fault != ERR_LATCHED) {
        log_event(LOG_BROKEN, "lease_failed", log_text("fault", err_name(fault)));
        engine_latch(engine, fault);
    }
    return got;
}

enum clock_state engine_clock(struct engine *engine, int64_t *limit_ms) { return notes_clock(engine->notes, engine_now_ms(engine), limit_ms); }
bool engine_writable(struct engine *engine) { return atomic_load(&engine->fault) == ERR_OK && !atomic_load(&engine->stopping); }
bool engine_live(const struct engine *engine) {
    const int64_t now_ms = clock_monotonic_ms();
    return !busy_stuck(&engine->writing, now_ms) && !busy_stuck(&engine->finishing, now_ms);
}
enum err engine_fault(const struct engine *engine) { return (enum err)atomic_load(&engine->fault); }

bool engine_reader_stuck(const struct engine *engine) { return atomic_load(&engine->reader_behind) >= READER_BEHIND_MAX; }

void engine_counts_get(const struct engine *engine, struct engine_counts *out) {
    *out = (struct engine_counts){.submitted = atomic_load(&engine->submitted), .accepted = atomic_load(&engine->accepted),
                                  .refused = atomic_load(&engine->refused), .repeated = atomic_load(&engine->repeated),
                                  .blocks = atomic_load(&engine->blocks), .signatures = atomic_load(&engine->signatures),
                                  .queue_now = atomic_load(&engine->waiting)};
}

/* ---- start and stop ---- */

static bool same_key(const struct pubkey *a, const struct pubkey *b) {
    return a->alg == b->alg && memcmp(a->x, b->x, 32) == 0 && memcmp(a->y, b->y, 32) == 0;
}

/* Blocks sealed by a key the ledger does not name would be worth nothing to any verifier: better not to start. */
bool engine_keys_final(const struct engine *engine, char *message, size_t cap) {
    const struct finality *finality = &chain_params(engine->chain)->finality;
    if (finality->engine != ENGINE_SOLO) {
        (void)snprintf(message, cap, "This ledger's blocks are made final by another engine than solo");
        return false;
    }
    for (uint32_t i = 0; i < finality->node_count; i++) {
        const struct finality_node *node = &finality->nodes[i];
        bool seal = same_key(&node->seal, &engine->seal.key), note = same_key(&node->note, &engine->note.key);
        if (seal && note) return true;
        if (seal || note) {
            (void)snprintf(message, cap, "node/%s.pem is not the key that this ledger registered for this node; node/%s.pem is", seal ? "note" : "seal",
                           seal ? "seal" : "note");
            return false;
        }
    }
    (void)snprintf(message, cap, "node/seal.pem and node/note.pem are not keys of a node that this ledger registered");
    return false;
}

static bool threads_start(struct engine *engine) {
    engine->finisher_started = pthread_create(&engine->finisher, NULL, engine_finisher_thread, engine->finish) == 0;
    engine->writer_started = engine->finisher_started && pthread_create(&engine->writer, NULL, engine_writer_thread, engine->work) == 0;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned wanted = engine->options.pool_threads ? engine->options.pool_threads : processors > 0 ? (unsigned)processors : 1;
    if (wanted > POOL_THREADS_MAX) wanted = POOL_THREADS_MAX;
    while (engine->writer_started && engine->pool_count < wanted &&
           pthread_create(&engine->pool[engine->pool_count], NULL, sigpool_thread, engine) == 0)
        engine->pool_count++;
    return engine->pool_count > 0;
}

enum err engine_start(struct engine **out, const struct engine_options *options, struct chain *chain, struct mark *mark, struct lease *lease,
                      const struct signer *seal, const struct signer *note, char *message, size_t message_cap) {
    *out = NULL;
    struct engine *engine = calloc(1, sizeof *engine);
    if (!engine) return ERR_MEMORY;
    engine->options = *options;
    engine->chain = chain;
    engine->mark = mark;
    queue_start(&engine->intake, 0, 0);
    queue_start(&engine->ready, READY_MAX, READY_BYTES_MAX);
    enum err err = ERR_MEMORY;
    if (signing_start(&engine->seal, seal) && signing_start(&engine->note, note))
        engine->notes = notes_new(&engine->note, lease, chain_head(chain), options->clock_confirmed, engine_now_ms(engine));
    if (engine->notes) err = engine_keys_final(engine, message, message_cap) ? ERR_OK : ERR_CONFIG;
    if (err == ERR_OK && (!relay_start(&engine->relay) || !(engine->work = work_new(engine)) || !(engine->finish = finish_new(engine)))) err = ERR_MEMORY;
    if (err == ERR_OK && !threads_start(engine)) err = ERR_MEMORY;
    if (err == ERR_MEMORY) (void)snprintf(message, message_cap, "No memory or no threads for the engine");
    if (err == ERR_OK) *out = engine;
    else engine_stop(engine);
    return err;
}

void engine_close(struct engine *engine) {
    atomic_store(&engine->stopping, true);
    queue_close(&engine->intake);
    for (unsigned i = 0; i < engine->pool_count; i++) pthread_join(engine->pool[i], NULL);
    engine->pool_count = 0;
    queue_close(&engine->ready);
    if (engine->writer_started) pthread_join(engine->writer, NULL);
    else relay_close(&engine->relay); /* the writer does it at its end */
    engine->writer_started = false;
    if (engine->finisher_started) pthread_join(engine->finisher, NULL);
    engine->finisher_started = false;
}

void engine_stop(struct engine *engine) {
    if (!engine) return;
    engine_close(engine);
    free(engine->work);
    free(engine->finish);
    relay_end(&engine->relay);
    queue_end(&engine->ready);
    queue_end(&engine->intake);
    if (engine->notes && engine_fault(engine) == ERR_OK && notes_settle(engine->notes) != ERR_OK)
        log_event(LOG_UNUSUAL, "lease_not_settled", log_text("meaning", "the next start is bound by what was leased"));
    notes_free(engine->notes);
    signing_end(&engine->note);
    signing_end(&engine->seal);
    free(engine);
}
