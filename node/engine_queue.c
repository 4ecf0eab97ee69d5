#include "node/engine_queue.h"

void queue_start(struct queue *queue, size_t count_max, size_t bytes_max) {
    *queue = (struct queue){.count_max = count_max, .bytes_max = bytes_max};
    ASSERT(pthread_mutex_init(&queue->lock, NULL) == 0);
    ASSERT(pthread_cond_init(&queue->ready, NULL) == 0);
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
        if (queue->count >= queue->wanted) pthread_cond_signal(&queue->ready);
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

size_t queue_take_all(struct queue *queue, struct job **list, const struct job_budget *budget, queue_enough_fn enough, void *context) {
    size_t count = 0, bytes = 0, items = 0;
    pthread_mutex_lock(&queue->lock);
    while (!queue->closed) {
        queue->wanted = enough(context);
        if (queue->wanted > budget->jobs) queue->wanted = budget->jobs;
        if (queue->first && queue->count >= queue->wanted) break;
        pthread_cond_wait(&queue->ready, &queue->lock);
    }
    queue->wanted = 0;
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
