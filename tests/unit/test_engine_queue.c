/* The queue before the writer: how many statements one block waits for, and what ends the waiting. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "node/solo/solo_queue.h"

static struct prepared prepared; /* of a record without items */
static struct queue queue;
static _Atomic size_t wanted;
static atomic_bool over;
static pthread_mutex_t asked_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t asked_changed = PTHREAD_COND_INITIALIZER;
static bool asked;
static _Atomic unsigned company_ms = 600000; /* none is late, unless the test says so */
static size_t taken;

static struct job *job_of(size_t len) {
    struct job *job = calloc(1, sizeof *job + len);
    assert_non_null(job);
    job->prepared = &prepared;
    job->len = len;
    return job;
}
static struct job *job_new(void) { return job_of(1); }

static size_t enough(void *context) {
    (void)context;
    pthread_mutex_lock(&asked_lock);
    asked = true;
    pthread_cond_signal(&asked_changed);
    pthread_mutex_unlock(&asked_lock);
    return atomic_load(&wanted);
}

static void *take(void *context) {
    const struct job_budget budget = {3, 4, 100, atomic_load(&company_ms)};
    struct job *list[3];
    (void)context;
    taken = queue_take_all(&queue, list, &budget, enough, NULL);
    for (size_t i = 0; i < taken; i++) free(list[i]);
    atomic_store(&over, true);
    return NULL;
}

/* A taker that wants `want`, and has looked. */
static pthread_t begin(size_t want) {
    pthread_t thread;
    atomic_store(&wanted, want);
    asked = false; /* nobody takes now */
    atomic_store(&over, false);
    assert_int_equal(pthread_create(&thread, NULL, take, NULL), 0);
    pthread_mutex_lock(&asked_lock);
    while (!asked) pthread_cond_wait(&asked_changed, &asked_lock);
    pthread_mutex_unlock(&asked_lock);
    return thread;
}

static void expect(pthread_t thread, size_t count) {
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(taken, count);
}

/* Time enough for a taker that does not wait. */
static void still_waits(void) {
    (void)usleep(30000);
    assert_false(atomic_load(&over));
}

static void test_enough(void **state) {
    (void)state;
    queue_start(&queue, 0, 0);
    pthread_t thread = begin(2);
    assert_true(queue_put(&queue, job_new()));
    still_waits();
    assert_true(queue_put(&queue, job_new()));
    expect(thread, 2);

    thread = begin(2); /* what is enough has become less */
    assert_true(queue_put(&queue, job_new()));
    still_waits();
    atomic_store(&wanted, 0);
    queue_look(&queue);
    expect(thread, 1);

    thread = begin(0); /* never none at all */
    still_waits();
    assert_true(queue_put(&queue, job_new()));
    expect(thread, 1);

    thread = begin(1000); /* no more than a block takes */
    for (int i = 0; i < 2; i++) assert_true(queue_put(&queue, job_new()));
    still_waits();
    assert_true(queue_put(&queue, job_new()));
    expect(thread, 3);

    thread = begin(2); /* closing gives what is there, then nothing */
    assert_true(queue_put(&queue, job_new()));
    still_waits();
    queue_close(&queue);
    expect(thread, 1);
    atomic_store(&over, false);
    (void)take(NULL);
    assert_int_equal(taken, 0);
    queue_end(&queue);
}

/* What waits for company does not wait for ever: not where the bytes of a block are there, nor beyond its time. */
static void test_alone(void **state) {
    (void)state;
    queue_start(&queue, 0, 0);
    pthread_t thread = begin(3);
    assert_true(queue_put(&queue, job_of(3)));
    still_waits();
    assert_true(queue_put(&queue, job_of(1)));
    expect(thread, 2);

    atomic_store(&company_ms, 1);
    thread = begin(3);
    still_waits(); /* the time is the first job's: before it there is nothing to be late with */
    assert_true(queue_put(&queue, job_new()));
    expect(thread, 1);
    atomic_store(&company_ms, 600000);
    queue_close(&queue);
    queue_end(&queue);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_enough), cmocka_unit_test(test_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
