/* Roll: staged numbers are not seen until they are settled, dropped ones never; lists by kind in order, bounded by a snapshot's count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "ledger/chain/roll.h"

static void test_settled_and_dropped(void **state) {
    (void)state;
    struct roll *roll = roll_new();
    assert_int_equal(roll_next(roll, OBJECT_SEAL, 0, 1000), NO_NONE);
    assert_int_equal(roll_stage(roll, OBJECT_SEAL, 7), ERR_OK);
    assert_int_equal(roll_stage(roll, OBJECT_LICENCE, 8), ERR_OK); /* not kept */
    assert_int_equal(roll_next(roll, OBJECT_SEAL, 0, 1000), NO_NONE);
    roll_settle(roll, true);
    assert_int_equal(roll_next(roll, OBJECT_SEAL, 0, 1000), 7);
    assert_int_equal(roll_next(roll, OBJECT_LICENCE, 0, 1000), NO_NONE);
    assert_int_equal(roll_stage(roll, OBJECT_SEAL, 9), ERR_OK);
    roll_settle(roll, false); /* the block never was; its number comes again */
    assert_int_equal(roll_next(roll, OBJECT_SEAL, 8, 1000), NO_NONE);
    assert_int_equal(roll_stage(roll, OBJECT_SEAL, 9), ERR_OK);
    roll_settle(roll, true);
    assert_int_equal(roll_next(roll, OBJECT_SEAL, 8, 1000), 9);
    assert_int_equal(roll_next(roll, OBJECT_SEAL, 8, 9), NO_NONE); /* a snapshot of before */
    assert_int_equal(roll_next(roll, OBJECT_SEAL, 10, 1000), NO_NONE);
    assert_int_equal(roll_next(roll, OBJECT_MEMBER, 0, 1000), NO_NONE);
    roll_free(roll);
}

static atomic_bool over;
static void *look(void *context) {
    struct roll *roll = context;
    uintptr_t wrong = 0;
    while (!atomic_load(&over)) {
        uint32_t expected = 0, no = roll_next(roll, OBJECT_KEY, 0, NO_NONE);
        for (; no != NO_NONE; no = roll_next(roll, OBJECT_KEY, no + 1, NO_NONE), expected += 3) wrong += no != expected;
    }
    return (void *)wrong;
}

static void test_readers_beside_a_growing_list(void **state) {
    (void)state;
    struct roll *roll = roll_new();
    pthread_t thread;
    void *wrong;
    assert_int_equal(pthread_create(&thread, NULL, look, roll), 0);
    for (uint32_t i = 0; i < 5000; i++) {
        assert_int_equal(roll_stage(roll, OBJECT_KEY, 3 * i), ERR_OK);
        roll_settle(roll, true);
    }
    atomic_store(&over, true);
    pthread_join(thread, &wrong);
    assert_null(wrong);
    roll_free(roll);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_settled_and_dropped), cmocka_unit_test(test_readers_beside_a_growing_list)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
