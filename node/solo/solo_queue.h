/* Solo_queue: statements on their way, first in, first out. Threads sleep while there is nothing to do. The queue owns
 * the jobs in it. Layer: node, inside solo. */
#ifndef LICET_NODE_SOLO_QUEUE_H
#define LICET_NODE_SOLO_QUEUE_H
#include <pthread.h>

#include "ledger/chain/prepare.h"
#include "rpc/hooks.h"

struct job { /* one submitted statement, until answered */
    struct job *next;
    struct prepared *prepared; /* NULL until the pool has decoded it */
    submit_done_fn done;
    void *token;
    size_t len;
    uint8_t bytes[];           /* as submitted; prepared has a copy of its own */
};
struct job_budget { /* what one block takes */
    size_t jobs, bytes, items;
    unsigned company_ms; /* how long it waits at most for as many as are enough */
};

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t ready, space;
    struct job *first, *last;
    size_t count, bytes;
    size_t count_max, bytes_max; /* for queue_put, which waits; 0: no bound of its own */
    size_t wanted, bytes_wanted; /* from so many jobs or bytes on, queue_put wakes the caller of queue_take_all */
    bool closed;
};
void queue_start(struct queue *queue, size_t count_max, size_t bytes_max);
void queue_end(struct queue *queue); /* must be empty */
/* False: the queue is closed, and the job is still the caller's. A bounded queue that is full makes the caller wait; an
 * empty one has room for any job. */
MUST_USE bool queue_put(struct queue *queue, struct job *job);
/* Waits for a job. NULL: closed and empty. */
MUST_USE struct job *queue_take(struct queue *queue);
/* Waits for one job, and then for company: until there are as many jobs as `enough` says, or the bytes of a whole
 * block, or company_ms have passed since the first. Then takes all that are there, as far as the budget allows.
 * Returns how many; 0: closed and empty. `enough` is asked under the queue's lock, and again at each queue_look. Every
 * job must have been prepared. */
typedef size_t (*queue_enough_fn)(void *context);
MUST_USE size_t queue_take_all(struct queue *queue, struct job **list, const struct job_budget *budget, queue_enough_fn enough, void *context);
void queue_look(struct queue *queue); /* call it when `enough` may say less than before */
/* Nothing more goes in. What is in still comes out. */
void queue_close(struct queue *queue);
#endif
