#include "ledger/base/workers.h"

#include <pthread.h>

#define WORKERS_MAX 64u

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t begun, finished;
    unsigned count; /* threads besides the caller */
    bool stopping;
    /* the work at hand; under the lock */
    work_fn work;
    void *context;
    uint32_t parts, next, done;
    pthread_t threads[WORKERS_MAX];
};

/* Takes parts until none is left. With the lock held, which is let go of while a part is worked on. */
static void help(struct workers *workers) {
    while (workers->next < workers->parts) {
        const work_fn work = workers->work;
        void *context = workers->context;
        const uint32_t part = workers->next++, parts = workers->parts;
        pthread_mutex_unlock(&workers->lock);
        work(context, part, parts);
        pthread_mutex_lock(&workers->lock);
        if (++workers->done == workers->parts) pthread_cond_signal(&workers->finished);
    }
}

static void *worker(void *context) {
    struct workers *workers = context;
    pthread_mutex_lock(&workers->lock);
    while (!workers->stopping) {
        help(workers);
        if (!workers->stopping) pthread_cond_wait(&workers->begun, &workers->lock);
    }
    pthread_mutex_unlock(&workers->lock);
    return NULL;
}

struct workers *workers_new(unsigned threads) {
    struct workers *workers = calloc(1, sizeof *workers);
    if (!workers) return NULL;
    ASSERT(pthread_mutex_init(&workers->lock, NULL) == 0);
    ASSERT(pthread_cond_init(&workers->begun, NULL) == 0);
    ASSERT(pthread_cond_init(&workers->finished, NULL) == 0);
    const unsigned wanted = threads > WORKERS_MAX ? WORKERS_MAX : threads;
    while (workers->count + 1 < wanted && pthread_create(&workers->threads[workers->count], NULL, worker, workers) == 0) workers->count++;
    return workers;
}

void workers_free(struct workers *workers) {
    if (!workers) return;
    pthread_mutex_lock(&workers->lock);
    workers->stopping = true;
    pthread_cond_broadcast(&workers->begun);
    pthread_mutex_unlock(&workers->lock);
    for (unsigned i = 0; i < workers->count; i++) pthread_join(workers->threads[i], NULL);
    pthread_cond_destroy(&workers->finished);
    pthread_cond_destroy(&workers->begun);
    pthread_mutex_destroy(&workers->lock);
    free(workers);
}

unsigned workers_count(const struct workers *workers) { return workers ? workers->count + 1 : 1; }

void workers_run(struct workers *workers, work_fn work, void *context, uint32_t parts) {
    if (workers_count(workers) == 1) {
        for (uint32_t part = 0; part < parts; part++) work(context, part, parts);
        return;
    }
    pthread_mutex_lock(&workers->lock);
    ASSERT(workers->next == workers->parts); /* one caller at a time */
    ASSERT(workers->done == workers->parts);
    workers->work = work;
    workers->context = context;
    workers->parts = parts;
    workers->next = workers->done = 0;
    pthread_cond_broadcast(&workers->begun);
    help(workers);
    while (workers->done < workers->parts) pthread_cond_wait(&workers->finished, &workers->lock);
    pthread_mutex_unlock(&workers->lock);
}
