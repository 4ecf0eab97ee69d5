/* http_call: one connection per thread, kept from call to call and gone with the thread. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <pthread.h>
#include <unistd.h>

#include "crypto/selftest.h"
#include "tests/lib/served.h"
#include "tools/client/http.h"

enum { THREADS = 8, CALLS = 5 };
static struct served served;
static struct cli cli;
static char node[64];
static pthread_barrier_t all;

static int descriptors(void) {
    DIR *folder = opendir("/proc/self/fd");
    assert_non_null(folder);
    int count = 0;
    while (readdir(folder)) count++;
    (void)closedir(folder);
    return count;
}

static bool call(void) {
    struct http_answer answer;
    bool ok = http_call(&answer, &cli, "GET", "/v1/head", NULL, "application/json", bytes_of(NULL, 0)) && answer.status == 200;
    http_answer_free(&answer);
    return ok;
}

static void *caller(void *context) {
    bool *ok = context;
    for (int i = 0; i < CALLS; i++) *ok = call() && *ok;
    pthread_barrier_wait(&all); /* all are connected */
    pthread_barrier_wait(&all); /* and were counted */
    return NULL;
}

static int setup(void **state) {
    (void)state;
    served_fill(&served, 1);
    served_start(&served);
    (void)snprintf(node, sizeof node, "http://127.0.0.1:%u", served.port);
    cli.node = node;
    return 0;
}
static int teardown(void **state) {
    (void)state;
    served_stop(&served);
    return 0;
}

static void connections_end_with_their_threads(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    bool ok[THREADS];
    assert_true(call()); /* what is opened once is open */
    int before = descriptors();
    assert_int_equal(pthread_barrier_init(&all, NULL, THREADS + 1), 0);
    for (size_t i = 0; i < THREADS; i++) {
        ok[i] = true;
        assert_int_equal(pthread_create(&threads[i], NULL, caller, &ok[i]), 0);
    }
    pthread_barrier_wait(&all);
    assert_true(descriptors() >= before + 2 * THREADS); /* both ends are in this program */
    pthread_barrier_wait(&all);
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(ok[i]);
    }
    for (int i = 0; i < 2000 && descriptors() > before; i++) (void)usleep(1000); /* the server's ends */
    assert_int_equal(descriptors(), before);
    (void)pthread_barrier_destroy(&all);
    assert_true(call()); /* this thread's own is as it was */
}

int main(void) {
    if (crypto_start() != NULL) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(connections_end_with_their_threads, setup, teardown)};
    return cmocka_run_group_tests_name("http_call", tests, NULL, NULL);
}
