/* Solo's outside: the functions of an engine, start, stop. The pool is in sigpool.c, the writer in solo_writer.c, what comes after it in solo_finish.c,
 * answers in solo_answer.c. */
#include "node/solo/solo_inside.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "node/base/log.h"

/* Two blocks' worth: one commits, one stands ready. Decoded statements take more memory than their bytes. */
#define READY_MAX (2 * (size_t)BLOCK_STATEMENTS_MAX)
#define READY_BYTES_MAX (2 * (size_t)BLOCK_BYTES_MAX)

static struct solo *solo_of(struct engine *engine) { return (struct solo *)engine; }
static const struct solo *solo_seen(const struct engine *engine) { return (const struct solo *)engine; }

/* ---- what an engine is asked ---- */

static void solo_submit(struct engine *engine, struct bytes statement, submit_done_fn done, void *token) {
    struct solo *solo = solo_of(engine);
    atomic_fetch_add(&solo->submitted, 1);
    enum code code = place_take(solo, statement.len);
    if (code == CODE_OK) {
        struct job *job = malloc(sizeof *job + statement.len);
        if (job) {
            *job = (struct job){.done = done, .token = token, .len = statement.len};
            if (statement.len) memcpy(job->bytes, statement.data, statement.len);
            if (queue_put(&solo->intake, job)) return;
            free(job);
        }
        code = job ? CODE_SHUTTING_DOWN : CODE_QUEUE_FULL;
        place_give_back(solo, statement.len);
    }
    atomic_fetch_add(&solo->refused, 1);
    struct submit_answer answer = {.err = ERR_OK, .refusal = refuse(code, NULL)};
    done(token, &answer);
}

static bool solo_note(struct engine *engine, const struct snapshot *snapshot, struct note_view *out) {
    struct solo *solo = solo_of(engine);
    enum err fault;
    bool got = notes_get(solo->notes, snapshot, solo_now_ms(solo), out, &fault);
    if (fault != ERR_OK && fault != ERR_LATCHED) {
        log_event(LOG_BROKEN, "lease_failed", log_text("fault", err_name(fault)));
        solo_latch(solo, fault);
    }
    return got;
}

static enum clock_state solo_clock(struct engine *engine, int64_t *limit_ms) {
    const struct solo *solo = solo_of(engine);
    return notes_clock(solo->notes, solo_now_ms(solo), limit_ms);
}

static bool solo_writable(const struct engine *engine) {
    const struct solo *solo = solo_seen(engine);
    return solo_fault(solo) == ERR_OK && !atomic_load(&solo->stopping);
}

static bool solo_live(const struct engine *engine) {
    const struct solo *solo = solo_seen(engine);
    const int64_t now_ms = clock_monotonic_ms();
    return !busy_stuck(&solo->writing, now_ms) && !busy_stuck(&solo->finishing, now_ms);
}

static const char *solo_trouble(const struct engine *engine) {
    if (!solo_live(engine)) return "a disk or a token does not answer: nothing is recorded meanwhile";
    return solo_writable(engine) ? NULL : "no statements are taken: stopping, or stopped after a storage fault; see the log";
}

static enum err solo_fault_get(const struct engine *engine) { return solo_fault(solo_seen(engine)); }

static void solo_damaged(struct engine *engine) {
    struct solo *solo = solo_of(engine);
    if (solo_fault(solo) == ERR_OK)
        log_event(LOG_BROKEN, "damage_met", log_text("fault", err_name(ERR_CORRUPT)), log_text("way_out", "licet fsck DIR says where; see OPERATIONS, exit 20"));
    solo_latch(solo, ERR_CORRUPT);
}

static void solo_counts(const struct engine *engine, struct engine_counts *out) {
    const struct solo *solo = solo_seen(engine);
    *out = (struct engine_counts){.submitted = atomic_load(&solo->submitted), .accepted = atomic_load(&solo->accepted),
                                  .refused = atomic_load(&solo->refused), .repeated = atomic_load(&solo->repeated),
                                  .blocks = atomic_load(&solo->blocks), .signatures = atomic_load(&solo->signatures),
                                  .queue_now = atomic_load(&solo->waiting)};
}

/* ---- the end ---- */

static void solo_close(struct engine *engine) {
    struct solo *solo = solo_of(engine);
    atomic_store(&solo->stopping, true);
    const uint64_t one = 1;
    if (solo->stop_fd >= 0) ASSERT(write(solo->stop_fd, &one, sizeof one) == (ssize_t)sizeof one); /* an eventfd takes it */
    queue_close(&solo->intake);
    for (unsigned i = 0; i < solo->pool_count; i++) pthread_join(solo->pool[i], NULL);
    solo->pool_count = 0;
    queue_close(&solo->ready);
    if (solo->writer_started) pthread_join(solo->writer, NULL);
    else relay_close(&solo->relay); /* the writer does it at its end */
    solo->writer_started = false;
    if (solo->finisher_started) pthread_join(solo->finisher, NULL);
    solo->finisher_started = false;
}

static void solo_stop(struct engine *engine) {
    struct solo *solo = solo_of(engine);
    solo_close(engine);
    free(solo->work);
    free(solo->finish);
    relay_end(&solo->relay);
    queue_end(&solo->ready);
    queue_end(&solo->intake);
    if (solo->notes && solo_fault(solo) == ERR_OK && notes_settle(solo->notes) != ERR_OK)
        log_event(LOG_UNUSUAL, "lease_not_settled", log_text("meaning", "the next start is bound by what was leased"));
    notes_free(solo->notes);
    signing_end(&solo->note);
    signing_end(&solo->seal);
    if (solo->stop_fd >= 0) (void)close(solo->stop_fd);
    free(solo);
}

static const struct engine_functions functions = {
    .kind = ENGINE_SOLO, .submit = solo_submit, .note = solo_note, .clock = solo_clock, .writable = solo_writable, .live = solo_live, .trouble = solo_trouble,
    .fault = solo_fault_get, .damaged = solo_damaged, .counts = solo_counts, .close = solo_close, .stop = solo_stop};

/* ---- the start ---- */

static bool threads_start(struct solo *solo) {
    solo->finisher_started = pthread_create(&solo->finisher, NULL, finisher_thread, solo->finish) == 0;
    solo->writer_started = solo->finisher_started && pthread_create(&solo->writer, NULL, writer_thread, solo->work) == 0;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned wanted = solo->options.pool_threads ? solo->options.pool_threads : processors > 0 ? (unsigned)processors : 1;
    if (wanted > SIGPOOL_THREADS_MAX) wanted = SIGPOOL_THREADS_MAX;
    while (solo->writer_started && solo->pool_count < wanted && pthread_create(&solo->pool[solo->pool_count], NULL, sigpool_thread, solo) == 0) solo->pool_count++;
    return solo->pool_count > 0;
}

/* ERR_MEMORY without a sentence. */
static enum err start_parts(struct solo *solo, char *message, size_t cap) {
    const struct engine_parts *parts = &solo->parts;
    solo->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (solo->stop_fd < 0 || !signing_start(&solo->seal, parts->seal) || !signing_start(&solo->note, parts->note)) return ERR_MEMORY;
    solo->notes = notes_new(&solo->note, parts->lease, chain_head(solo->chain), parts->clock_confirmed, solo_now_ms(solo));
    if (!solo->notes) return ERR_MEMORY;
    if (!solo_is_final(solo, message, cap)) return ERR_CONFIG;
    if (!relay_start(&solo->relay) || !(solo->work = work_new(solo)) || !(solo->finish = finish_new(solo))) return ERR_MEMORY;
    return threads_start(solo) ? ERR_OK : ERR_MEMORY;
}

enum err solo_start(struct engine **out, const struct solo_options *options, const struct engine_parts *parts, char *message, size_t cap) {
    *out = NULL;
    struct solo *solo = calloc(1, sizeof *solo);
    enum err err = ERR_MEMORY;
    if (solo) {
        solo->engine.functions = &functions;
        solo->options = *options;
        solo->parts = *parts;
        solo->chain = parts->chain;
        solo->term = chain_head(parts->chain)->term;
        queue_start(&solo->intake, 0, 0);
        queue_start(&solo->ready, READY_MAX, READY_BYTES_MAX);
        err = start_parts(solo, message, cap);
        if (err == ERR_OK) *out = &solo->engine;
        else solo_stop(&solo->engine);
    }
    if (err == ERR_MEMORY) (void)snprintf(message, cap, "No memory or no threads for the engine");
    return err;
}
