/* Solo_queue: statements on their way, first in, first out, between threads that sleep while there is nothing to do. Layer: node, inside
 * solo. The queue owns the jobs in it. */
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
    size_t wanted, bytes_wanted; /* queue_take_all's caller is woken for no fewer jobs than these, and no fewer bytes */
    bool closed;
};
void queue_start(struct queue *queue, size_t count_max, size_t bytes_max);
void queue_end(struct queue *queue); /* must be empty */
/* False, and not taken: the queue was closed. Waits for room where the queue is bounded (one job always has room in an empty queue). */
MUST_USE bool queue_put(struct queue *queue, struct job *job);
/* Waits for a job. NULL: closed and empty. */
MUST_USE struct job *queue_take(struct queue *queue);
/* Waits until at least one job is there, and as many as `enough` says, or the bytes of a whole block, or it has waited company_ms for them; then takes all
 * that are there within the budget. enough is asked again at each queue_look, under the queue's lock. 0: closed and empty. Every job has been prepared. */
typedef size_t (*queue_enough_fn)(void *context);
MUST_USE size_t queue_take_all(struct queue *queue, struct job **list, const struct job_budget *budget, queue_enough_fn enough, void *context);
void queue_look(struct queue *queue); /* what `enough` says has become less */
/* Nothing more goes in; what is in comes out. */
void queue_close(struct queue *queue);
#endif
