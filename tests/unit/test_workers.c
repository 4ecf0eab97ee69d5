/* Workers: every part once, whoever does it; and the state map is the same whether one thread hashes it or several. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/hash.h"
#include "ledger/state/statemap.h"

#define PARTS 64u
static atomic_uint times[PARTS];

static void count(void *context, uint32_t part, uint32_t parts) {
    assert_int_equal(parts, *(const uint32_t *)context);
    atomic_fetch_add(&times[part], 1);
}

static void every_part_once(void **state) {
    (void)state;
    for (unsigned threads = 0; threads <= 5; threads++) {
        struct workers *workers = workers_new(threads);
        assert_non_null(workers);
        assert_in_range(workers_count(workers), 1, threads ? threads : 1);
        for (uint32_t round = 0; round < 300; round++) {
            uint32_t parts = round % PARTS;
            for (uint32_t i = 0; i < PARTS; i++) times[i] = 0;
            workers_run(workers, count, &parts, parts);
            for (uint32_t i = 0; i < PARTS; i++) assert_int_equal(times[i], i < parts);
        }
        workers_free(workers);
    }
    uint32_t parts = 3;
    times[2] = 0;
    workers_run(NULL, count, &parts, parts);
    assert_int_equal(times[2], 1);
    assert_int_equal(workers_count(NULL), 1);
    workers_free(NULL);
}

/* The key of a slot: even ones spread evenly, odd ones crowded in one deep corner, some of those alike in their first eight bytes. */
static void key_make(uint8_t key[32], uint32_t slot) {
    uint8_t text[4];
    be32_put(text, slot);
    sha256(key, text, sizeof text);
    if (slot % 2 == 0) return;
    memset(key, 0xa5, slot % 16 == 1 ? 8 : 5);
}
static bool key_of(void *context, uint32_t slot, uint8_t key32[32]) {
    (void)context;
    key_make(key32, slot);
    return true;
}

static void update(struct statemap *map, const uint32_t *slots, size_t n, uint32_t round, uint8_t root[32]) {
    const struct map_snapshot *made;
    struct map_change *changes = calloc(n, sizeof *changes);
    assert_non_null(changes);
    for (size_t i = 0; i < n; i++) {
        changes[i].slot = slots[i];
        key_make(changes[i].key, slots[i]);
        memset(changes[i].value_hash, (int)round, 32);
    }
    assert_int_equal(statemap_update(map, changes, n, key_of, NULL, &made), ERR_OK);
    map_snapshot_root(root, made);
    if (round % 5 == 4) statemap_drop(map, made);
    else {
        statemap_publish(map, made);
        const struct map_snapshot *newest = statemap_acquire(map);
        assert_true(statemap_verify(map, newest));
        statemap_release(map, newest);
    }
    free(changes);
}

static void same_map_by_any_number_of_threads(void **state) {
    (void)state;
    enum { KEYS = 40000 };
    static uint32_t slots[KEYS];
    static const size_t sizes[] = {1, 1023, 1024, 1500, 6000, 20000};
    for (unsigned threads = 2; threads <= 4; threads++) {
        struct statemap *alone = statemap_new(), *shared = statemap_new();
        struct workers *workers = workers_new(threads);
        assert_true(alone && shared && workers);
        statemap_set_workers(shared, workers);
        uint32_t random = threads;
        for (uint32_t round = 0; round < 12; round++) {
            for (uint32_t i = 0; i < KEYS; i++) slots[i] = i;
            const size_t n = sizes[round % 6];
            for (size_t i = 0; i < n; i++) { /* n of them, each once */
                random = random * 1664525u + 1013904223u;
                const size_t with = i + (random >> 8) % (KEYS - i);
                const uint32_t swap = slots[i];
                slots[i] = slots[with];
                slots[with] = swap;
            }
            uint8_t one[32], many[32];
            update(alone, slots, n, round, one);
            update(shared, slots, n, round, many);
            assert_memory_equal(one, many, 32);
        }
        statemap_free(shared);
        statemap_free(alone);
        workers_free(workers);
    }
}

/* Filled in place and updated version by version: the same root, and no nodes left over but those that the second one keeps for versions. */
static void filled_in_place_is_the_same_map(void **state) {
    (void)state;
    enum { KEYS = 30000, CHUNK = 4000 };
    struct statemap *filled = statemap_new(), *updated = statemap_new();
    struct workers *workers = workers_new(3);
    struct map_change *changes = calloc(CHUNK, sizeof *changes);
    assert_true(filled && updated && workers && changes);
    statemap_set_workers(filled, workers);
    for (uint32_t first = 0; first < KEYS + CHUNK; first += CHUNK) { /* the last round changes what is there */
        uint8_t one[32], many[32];
        static uint32_t slots[CHUNK];
        for (uint32_t i = 0; i < CHUNK; i++) {
            slots[i] = changes[i].slot = first < KEYS ? first + i : i * 3;
            key_make(changes[i].key, changes[i].slot);
            memset(changes[i].value_hash, (int)(first / CHUNK * 5), 32);
        }
        update(updated, slots, CHUNK, first / CHUNK * 5, one);
        assert_int_equal(statemap_fill(filled, changes, CHUNK, key_of, NULL), ERR_OK);
        const struct map_snapshot *newest = statemap_acquire(filled);
        map_snapshot_root(many, newest);
        assert_true(statemap_verify(filled, newest));
        statemap_release(filled, newest);
        assert_memory_equal(one, many, 32);
    }
    struct statemap_use use;
    statemap_usage(filled, &use);
    assert_true(use.nodes_free * 50 < use.nodes);
    uint8_t root[32], same[32]; /* versions as ever from here on */
    static const uint32_t some[] = {1, 5, 17, 4444};
    update(updated, some, 4, 5, root);
    update(filled, some, 4, 5, same);
    assert_memory_equal(root, same, 32);
    free(changes);
    statemap_free(filled);
    statemap_free(updated);
    workers_free(workers);
}

int main(void) {
    if (!hash_setup()) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_part_once),
        cmocka_unit_test(same_map_by_any_number_of_threads),
        cmocka_unit_test(filled_in_place_is_the_same_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
