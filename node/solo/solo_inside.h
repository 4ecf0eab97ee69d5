/* Inside of solo, shared by solo.c (submit, start, stop), sigpool.c, solo_writer.c, solo_finish.c and, below them all, solo_answer.c. Layer: node.
 *
 *   solo_submit -> intake -> sigpool threads -> ready -> writer -> relay -> finisher -> answer
 *
 * A statement counts as waiting until it is answered: that bounds memory whatever part of the way is slow. */
#ifndef LICET_NODE_SOLO_INSIDE_H
#define LICET_NODE_SOLO_INSIDE_H
#include <stdatomic.h>

#include "node/base/busy.h"
#include "node/engine/notes.h"
#include "node/solo/solo.h"
#include "node/solo/solo_queue.h"
#include "node/solo/solo_relay.h"

struct solo {
    struct engine engine; /* first: an engine's pointer is this one's */
    struct solo_options options;
    struct engine_parts parts;
    struct chain *chain; /* of parts */
    uint32_t term;
    struct signing seal, note;
    struct notes *notes;
    struct queue intake, ready;
    struct relay relay;
    struct work *work;     /* the writer's */
    struct finish *finish; /* the finisher's */
    pthread_t pool[SIGPOOL_THREADS_MAX], writer, finisher;
    unsigned pool_count;
    bool writer_started, finisher_started;
    struct busy writing, finishing;
    _Atomic size_t waiting, waiting_bytes;
    atomic_int fault; /* an enum err: why it latched */
    atomic_bool stopping;
    int stop_fd; /* an eventfd: readable once it is stopping */
    _Atomic uint64_t submitted, accepted, refused, repeated, blocks, signatures;
};

static inline int64_t solo_now_ms(const struct solo *solo) { return solo->parts.now_ms(solo->parts.now_context); }
MUST_USE static inline enum err solo_fault(const struct solo *solo) { return (enum err)atomic_load(&solo->fault); }

/* ---- solo_answer.c ---- */

/* A place for a statement of len bytes, or the reason why there is none. */
MUST_USE enum code place_take(struct solo *solo, size_t len);
void place_give_back(struct solo *solo, size_t len);
/* Each answers the job, gives its place back and frees it. */
void solo_answer(struct solo *solo, struct job *job, const struct submit_answer *answer);
void solo_refuse(struct solo *solo, struct job *job, struct refusal refusal);
void solo_fail(struct solo *solo, struct job *job, enum err err);
/* From here on nothing is written any more. The first fault stays. */
void solo_latch(struct solo *solo, enum err err);
/* Would a block sealed with our keys be final after the newest one? False, with a sentence: no. Writer only, or before
 * it runs. */
MUST_USE bool solo_is_final(const struct solo *solo, char *message, size_t cap);

/* ---- the threads ---- */

void *sigpool_thread(void *solo); /* until intake is closed and empty */
/* Each thread's own memory, made before it starts and freed by free after it ended. NULL: memory. */
MUST_USE struct work *work_new(struct solo *solo);
MUST_USE struct finish *finish_new(struct solo *solo);
void *writer_thread(void *work);     /* until ready is closed and empty; then closes the relay */
void *finisher_thread(void *finish); /* until the relay is closed and empty */
#endif
