#include "node/solo/solo_queue.h"

#include <errno.h>
#include <time.h>

void queue_start(struct queue *queue, size_t count_max, size_t bytes_max) {
    pthread_condattr_t monotonic;
    *queue = (struct queue){.count_max = count_max, .bytes_max = bytes_max};
    ASSERT(pthread_mutex_init(&queue->lock, NULL) == 0);
    ASSERT(pthread_condattr_init(&monotonic) == 0);
    ASSERT(pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0);
    ASSERT(pthread_cond_init(&queue->ready, &monotonic) == 0);
    ASSERT(pthread_condattr_destroy(&monotonic) == 0);
    ASSERT(pthread_cond_init(&queue->space, NULL) == 0);
}

void queue_end(struct queue *queue) {
    ASSERT(queue->count == 0);
    pthread_cond_destroy(&queue->space);
    pthread_cond_destroy(&queue->ready);
    pthread_mutex_destroy(&queue->lock);
}

static bool full(const struct queue *queue, const struct job *job) {
    if (queue->count == 0) return false;
    return (queue->count_max && queue->count >= queue->count_max) || (queue->bytes_max && queue->bytes + job->len > queue->bytes_max);
}

static bool has_enough(const struct queue *queue) { return queue->count >= queue->wanted || queue->bytes >= queue->bytes_wanted; }

bool queue_put(struct queue *queue, struct job *job) {
    pthread_mutex_lock(&queue->lock);
    while (!queue->closed && full(queue, job)) pthread_cond_wait(&queue->space, &queue->lock);
    bool open = !queue->closed;
    if (open) {
        job->next = NULL;
        if (queue->last) queue->last->next = job;
        else queue->first = job;
        queue->last = job;
        queue->count++;
        queue->bytes += job->len;
        if (has_enough(queue)) pthread_cond_signal(&queue->ready);
    }
    pthread_mutex_unlock(&queue->lock);
    return open;
}

/* Under the lock, not empty. */
static struct job *unlink_first(struct queue *queue) {
    struct job *job = queue->first;
    queue->first = job->next;
    if (!queue->first) queue->last = NULL;
    queue->count--;
    queue->bytes -= job->len;
    job->next = NULL;
    return job;
}

static void wait_ready(struct queue *queue) {
    while (!queue->first && !queue->closed) pthread_cond_wait(&queue->ready, &queue->lock);
}

struct job *queue_take(struct queue *queue) {
    pthread_mutex_lock(&queue->lock);
    wait_ready(queue);
    struct job *job = queue->first ? unlink_first(queue) : NULL;
    if (job) pthread_cond_signal(&queue->space);
    pthread_mutex_unlock(&queue->lock);
    return job;
}

static struct timespec after_ms(unsigned ms) {
    struct timespec at;
    ASSERT(clock_gettime(CLOCK_MONOTONIC, &at) == 0);
    at.tv_sec += ms / 1000;
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) at.tv_sec++, at.tv_nsec -= 1000000000;
    return at;
}

/* Under the lock. */
static void wait_company(struct queue *queue, const struct job_budget *budget, queue_enough_fn enough, void *context) {
    struct timespec until = {0};
    bool alone = true, late = false; /* alone: the time runs from the first job on */
    while (!queue->closed && !late) {
        queue->wanted = enough(context);
        if (queue->wanted > budget->jobs) queue->wanted = budget->jobs;
        queue->bytes_wanted = budget->bytes;
        if (queue->first && has_enough(queue)) break;
        if (!queue->first) {
            queue->wanted = 0; /* the first is to be heard of */
            pthread_cond_wait(&queue->ready, &queue->lock);
            continue;
        }
        if (alone) until = after_ms(budget->company_ms);
        alone = false;
        late = pthread_cond_timedwait(&queue->ready, &queue->lock, &until) == ETIMEDOUT;
    }
    queue->wanted = queue->bytes_wanted = 0;
}

size_t queue_take_all(struct queue *queue, struct job **list, const struct job_budget *budget, queue_enough_fn enough, void *context) {
    size_t count = 0, bytes = 0, items = 0;
    pthread_mutex_lock(&queue->lock);
    wait_company(queue, budget, enough, context);
    while (queue->first && count < budget->jobs) {
        const struct job *next = queue->first;
        size_t next_items = next->prepared->record.item_count;
        if (count > 0 && (bytes + next->len > budget->bytes || items + next_items > budget->items)) break;
        bytes += next->len;
        items += next_items;
        list[count++] = unlink_first(queue);
    }
    if (count > 0) pthread_cond_broadcast(&queue->space);
    pthread_mutex_unlock(&queue->lock);
    return count;
}

void queue_look(struct queue *queue) {
    pthread_mutex_lock(&queue->lock);
    pthread_cond_signal(&queue->ready);
    pthread_mutex_unlock(&queue->lock);
}

void queue_close(struct queue *queue) {
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->ready);
    pthread_cond_broadcast(&queue->space);
    pthread_mutex_unlock(&queue->lock);
}
