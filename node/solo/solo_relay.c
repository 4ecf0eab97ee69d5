#include "node/solo/solo_relay.h"

bool relay_start(struct relay *relay) {
    ASSERT(pthread_mutex_init(&relay->lock, NULL) == 0);
    ASSERT(pthread_cond_init(&relay->changed, NULL) == 0);
    relay->started = true;
    for (size_t i = 0; i < RELAY_BATCHES; i++) {
        relay->batches[i] = calloc(1, sizeof *relay->batches[i]);
        if (!relay->batches[i]) return false;
    }
    return true;
}

void relay_end(struct relay *relay) {
    if (!relay->started) return;
    ASSERT(relay->handed == relay->finished);
    for (size_t i = 0; i < RELAY_BATCHES; i++) free(relay->batches[i]);
    pthread_cond_destroy(&relay->changed);
    pthread_mutex_destroy(&relay->lock);
    relay->started = false;
}

struct batch *relay_free(struct relay *relay) {
    pthread_mutex_lock(&relay->lock);
    while (relay->handed - relay->finished == RELAY_BATCHES) pthread_cond_wait(&relay->changed, &relay->lock);
    struct batch *batch = relay->batches[relay->handed % RELAY_BATCHES];
    pthread_mutex_unlock(&relay->lock);
    return batch;
}

static void count_up(struct relay *relay, uint64_t *count) {
    pthread_mutex_lock(&relay->lock);
    ++*count;
    pthread_cond_broadcast(&relay->changed);
    pthread_mutex_unlock(&relay->lock);
}

void relay_hand(struct relay *relay) { count_up(relay, &relay->handed); }
void relay_done(struct relay *relay) { count_up(relay, &relay->finished); }

struct batch *relay_take(struct relay *relay) {
    pthread_mutex_lock(&relay->lock);
    while (relay->handed == relay->finished && !relay->closed) pthread_cond_wait(&relay->changed, &relay->lock);
    struct batch *batch = relay->handed > relay->finished ? relay->batches[relay->finished % RELAY_BATCHES] : NULL;
    pthread_mutex_unlock(&relay->lock);
    return batch;
}

void relay_close(struct relay *relay) {
    if (!relay->started) return;
    pthread_mutex_lock(&relay->lock);
    relay->closed = true;
    pthread_cond_broadcast(&relay->changed);
    pthread_mutex_unlock(&relay->lock);
}
