/* Inside of an engine, shared by engine.c (submit, start, stop), sigpool.c, engine_writer.c and engine_finish.c only. Layer: node.
 *
 *   engine_submit -> intake -> sigpool threads -> ready -> writer -> relay -> finisher -> answer
 *
 * A statement counts as waiting until it is answered: that bounds memory whatever part of the way is slow. */
#ifndef LICET_NODE_ENGINE_INSIDE_H
#define LICET_NODE_ENGINE_INSIDE_H
#include <stdatomic.h>

#include "node/busy.h"
#include "node/engine.h"
#include "node/engine_queue.h"
#include "node/engine_relay.h"
#include "node/notes.h"

#define POOL_THREADS_MAX 256u

#define READERS_EVERY 64u      /* blocks between two looks at who reads beside us */
#define READER_BEHIND_MAX 256u /* commits: replay, export and fsck take a new txn far sooner */
struct engine {
    struct engine_options options;
    struct chain *chain;
    struct mark *mark;
    struct signing seal, note;
    struct notes *notes;
    struct queue intake, ready;
    struct relay relay;
    struct work *work;     /* the writer's */
    struct finish *finish; /* the finisher's */
    pthread_t pool[POOL_THREADS_MAX], writer, finisher;
    unsigned pool_count;
    bool writer_started, finisher_started;
    struct busy writing, finishing;
    _Atomic size_t waiting, waiting_bytes;
    atomic_int fault; /* an enum err: why it latched */
    atomic_bool stopping;
    _Atomic uint64_t reader_behind; /* commits that the slowest reader of another process is behind */
    _Atomic uint64_t submitted, accepted, refused, repeated, blocks, signatures;
};

static inline int64_t engine_now_ms(const struct engine *engine) { return engine->options.now_ms(engine->options.now_context); }
/* Answers and frees the job. */
void engine_answer(struct engine *engine, struct job *job, const struct submit_answer *answer);
void engine_refuse(struct engine *engine, struct job *job, struct refusal refusal);
void engine_fail(struct engine *engine, struct job *job, enum err err);
/* Are its keys a node's that makes the next block final? Else a sentence. Writer only, or nobody writes. */
bool engine_keys_final(const struct engine *engine, char *message, size_t cap);
/* Nothing is written any more. The first fault stays. */
void engine_latch(struct engine *engine, enum err err);

void *sigpool_thread(void *engine);    /* until intake is closed and empty */
/* Each thread's own memory, made before it starts. NULL: memory. Ended by free. */
MUST_USE struct work *work_new(struct engine *engine);
MUST_USE struct finish *finish_new(struct engine *engine);
void *engine_writer_thread(void *work);     /* until ready is closed and empty; then closes the relay */
void *engine_finisher_thread(void *finish); /* until the relay is closed and empty */
#endif
