/* Which engine a ledger needs, which keys it must have, and the one wait of a node for its clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/eventfd.h>
#include <unistd.h>

#include "node/base/clock.h"
#include "node/engine/registered.h"
#include "node/engine_table.h"

static char message[256];

static void the_ledger_says_which_engine(void **state) {
    (void)state;
    struct finality finality = {.engine = ENGINE_SOLO};
    struct engine_settings settings = {.kind = ""};
    const struct engine_row *solo = engine_for(&finality, &settings, message, sizeof message);
    assert_non_null(solo);
    assert_string_equal(engine_row_name(solo), "solo");
    assert_int_equal(solo->kind, ENGINE_SOLO);
    assert_ptr_equal(engine_named("solo", message, sizeof message), solo);
    (void)snprintf(settings.kind, sizeof settings.kind, "solo"); /* licet.conf says what the ledger says */
    assert_ptr_equal(engine_for(&finality, &settings, message, sizeof message), solo);
    (void)snprintf(settings.kind, sizeof settings.kind, "other"); /* it says another one */
    assert_null(engine_for(&finality, &settings, message, sizeof message));
    assert_string_equal(message, "[engine] kind = other: this ledger's blocks are made final by the engine solo; remove the line");
    settings.kind[0] = '\0';
    finality.engine = ENGINE_COMETBFT;
    assert_null(engine_for(&finality, &settings, message, sizeof message));
    assert_string_equal(message, "This ledger's blocks are made final by another engine than solo, and this version has no other");
    assert_null(engine_named("Solo", message, sizeof message));
    assert_string_equal(message, "this version has the engine solo only");
    assert_null(engine_named("", message, sizeof message));
}

static struct pubkey key_of(enum key_alg alg, uint8_t byte) {
    struct pubkey key = {.alg = alg};
    memset(key.x, byte, sizeof key.x);
    memset(key.y, byte, sizeof key.y);
    return key;
}

static void both_keys_are_of_one_node(void **state) {
    (void)state;
    struct finality finality = {.engine = ENGINE_SOLO, .node_count = 2};
    for (uint8_t i = 0; i < 2; i++)
        finality.nodes[i] = (struct finality_node){.seal = key_of(KEY_ES256K, i), .note = key_of(KEY_ES256, (uint8_t)(10 + i)), .checkpoint = key_of(KEY_EDDSA, (uint8_t)(20 + i))};
    for (size_t i = 0; i < 2; i++) {
        assert_true(registered_keys(&finality, &finality.nodes[i].seal, &finality.nodes[i].note, message, sizeof message));
        assert_true(registered_checkpoint(&finality, &finality.nodes[i].checkpoint));
    }
    assert_false(registered_keys(&finality, &finality.nodes[0].seal, &finality.nodes[1].note, message, sizeof message)); /* of two nodes */
    assert_string_equal(message, "node/note.pem is not the key that this ledger registered for this node; node/seal.pem is");
    struct pubkey other = finality.nodes[1].seal;
    other.y[31] ^= 1;
    assert_false(registered_keys(&finality, &other, &finality.nodes[1].note, message, sizeof message));
    assert_string_equal(message, "node/seal.pem is not the key that this ledger registered for this node; node/note.pem is");
    other = finality.nodes[1].note;
    other.alg = KEY_ES256K;
    struct pubkey none = key_of(KEY_ES256K, 99);
    assert_false(registered_keys(&finality, &none, &other, message, sizeof message));
    assert_string_equal(message, "node/seal.pem and node/note.pem are not keys of a node that this ledger registered");
    none = finality.nodes[0].checkpoint;
    none.x[0] ^= 1;
    assert_false(registered_checkpoint(&finality, &none));
    none = finality.nodes[0].checkpoint;
    none.alg = KEY_ES256;
    assert_false(registered_checkpoint(&finality, &none));
}

/* Ten days are over at once where a stop is there: a wait that does not hear it hangs, and so the test. */
static void a_stop_ends_the_wait_for_the_clock(void **state) {
    (void)state;
    int stop_fd = eventfd(1, EFD_CLOEXEC);
    assert_true(stop_fd >= 0);
    clock_wait(INT64_C(864000000), stop_fd);
    clock_wait(INT64_MAX, stop_fd);
    assert_int_equal(close(stop_fd), 0);
    clock_wait(0, -1);
    clock_wait(INT64_MIN, -1);
    const int64_t begun = clock_monotonic_ms();
    do clock_wait(20, -1); while (clock_monotonic_ms() < begun + 20); /* it may end early, and its time ends it */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_ledger_says_which_engine), cmocka_unit_test(both_keys_are_of_one_node),
                                       cmocka_unit_test(a_stop_ends_the_wait_for_the_clock)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
