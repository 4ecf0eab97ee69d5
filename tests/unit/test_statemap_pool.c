/* Statemap as a user of memory and threads: nodes come back, faults leave nothing behind, readers never see a version change. */
#include "crypto/hash.h"
#include "ledger/state/statemap.h"
#include "tests/lib/mapmodel.h"
#include "tests/lib/own_heap.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define KEYS 2000u

static uint64_t seed;
static struct model model;
static struct map_change changes[KEYS];

static int setup(void **state) {
    (void)state;
    const char *text = getenv("SEED");
    seed = text != NULL ? strtoull(text, NULL, 10) : (uint64_t)time(NULL);
    print_message("SEED=%llu\n", (unsigned long long)seed);
    return hash_setup() ? 0 : -1;
}

/* Key i of a fixed set; `collide` gives all of them one prefix. */
static void fill_change(struct map_change *change, uint32_t i, bool collide, uint64_t value) {
    uint8_t name[8];
    be64_put(name, i);
    sha256(change->key, name, sizeof name);
    if (collide) memset(change->key, 0x3C, 8);
    memcpy(model.slot_key[i], change->key, 32);
    memset(change->value_hash, 0, 32);
    be64_put(change->value_hash, value);
    change->slot = i;
}

static void publish_keys(struct statemap *map, uint32_t from, uint32_t to, bool collide, uint64_t value) {
    const struct map_snapshot *next;
    for (uint32_t i = from; i < to; i++) fill_change(&changes[i - from], i, collide, value);
    assert_int_equal(statemap_update(map, changes, to - from, model_key, &model, &next), ERR_OK);
    statemap_publish(map, next);
}

static uint64_t nodes_used(const struct statemap *map) {
    struct statemap_use use;
    statemap_usage(map, &use);
    assert_true(use.nodes_free <= use.nodes);
    return use.nodes - use.nodes_free;
}

static void test_nodes_come_back(void **state) {
    (void)state;
    struct statemap *map = statemap_new();
    struct statemap_use early;
    struct statemap_use late;
    assert_non_null(map);
    model.asked = 0;
    publish_keys(map, 0, KEYS, false, 0);
    for (uint64_t round = 1; round < 4; round++) publish_keys(map, 0, KEYS, false, round);
    statemap_usage(map, &early);
    for (uint64_t round = 4; round < 200; round++) {
        publish_keys(map, 0, KEYS, false, round);
        assert_int_equal(nodes_used(map), 2 * KEYS - 1); /* a leaf each and the inner nodes between them, nothing else */
    }
    statemap_usage(map, &late);
    assert_int_equal(late.nodes, early.nodes);
    assert_int_equal(late.bytes, early.bytes);
    assert_int_equal(model.asked, 0); /* prefixes and slots tell hashed keys apart without storage */
    statemap_free(map);
}

/* A held version keeps its nodes, and those of the versions after it; they come back at the next update after its release. */
static void test_held_versions_keep_their_nodes(void **state) {
    (void)state;
    struct statemap *map = statemap_new();
    assert_non_null(map);
    publish_keys(map, 0, KEYS, false, 0);
    const struct map_snapshot *oldest = statemap_acquire(map);
    publish_keys(map, 0, KEYS, false, 1);
    const struct map_snapshot *middle = statemap_acquire(map);
    publish_keys(map, 0, KEYS, false, 2);
    assert_int_equal(nodes_used(map), 3 * (2 * KEYS - 1));
    statemap_release(map, middle);
    publish_keys(map, 0, KEYS, false, 3);
    assert_int_equal(nodes_used(map), 4 * (2 * KEYS - 1));
    assert_true(statemap_verify(map, oldest));
    assert_int_equal(map_snapshot_count(oldest), KEYS);
    statemap_release(map, oldest);
    publish_keys(map, 0, 1, false, 4);
    assert_int_equal(nodes_used(map), 2 * KEYS - 1);
    statemap_free(map);
}

static void test_drop_leaves_nothing(void **state) {
    (void)state;
    struct statemap *map = statemap_new();
    uint8_t before[32];
    uint8_t after[32];
    assert_non_null(map);
    publish_keys(map, 0, KEYS / 2, false, 0);
    const struct map_snapshot *held = statemap_acquire(map);
    map_snapshot_root(before, held);
    const uint64_t used = nodes_used(map);
    for (uint64_t round = 1; round < 50; round++) {
        const struct map_snapshot *next;
        for (uint32_t i = 0; i < KEYS; i++) fill_change(&changes[i], i, false, round);
        assert_int_equal(statemap_update(map, changes, KEYS, model_key, &model, &next), ERR_OK);
        assert_int_equal(map_snapshot_count(next), KEYS);
        map_snapshot_root(after, next);
        assert_memory_not_equal(after, before, 32);
        statemap_drop(map, next);
        assert_int_equal(nodes_used(map), used);
        assert_true(statemap_verify(map, held));
    }
    statemap_release(map, held);
    statemap_free(map);
}

/* Each place where storage may fail to give a key, in turn. */
static void test_unreadable_key_is_corrupt(void **state) {
    (void)state;
    struct statemap *map = statemap_new();
    assert_non_null(map);
    publish_keys(map, 0, 50, true, 0);
    const struct map_snapshot *held = statemap_acquire(map);
    const struct map_snapshot *next;
    const uint64_t used = nodes_used(map);
    enum err err = ERR_CORRUPT;
    for (unsigned fail_at = 1; err != ERR_OK; fail_at++) {
        assert_true(fail_at < 10000);
        for (uint32_t i = 0; i < 60; i++) fill_change(&changes[i], i + 20, true, fail_at);
        model.asked = 0;
        model.fail_at = fail_at;
        err = statemap_update(map, changes, 60, model_key, &model, &next);
        if (err == ERR_OK) break;
        assert_int_equal(err, ERR_CORRUPT);
        assert_int_equal(nodes_used(map), used);
        assert_true(statemap_verify(map, held));
    }
    assert_true(model.asked > 0);
    model.fail_at = 0;
    statemap_publish(map, next);
    statemap_release(map, held);
    held = statemap_acquire(map);
    assert_int_equal(map_snapshot_count(held), 80);
    assert_true(statemap_verify(map, held));
    statemap_release(map, held);

    model.lie = true; /* a key that cannot be the leaf's */
    fill_change(&changes[0], 100, true, 0);
    assert_int_equal(statemap_update(map, changes, 1, model_key, &model, &next), ERR_CORRUPT);
    model.lie = false;
    statemap_free(map);
}

static void test_no_memory(void **state) {
    (void)state;
#ifdef OWN_HEAP
    print_message("skip: a sanitizer's heap does not answer to limits\n");
    skip();
#else
    const uint32_t many = 400000; /* more nodes than one chunk holds */
    struct statemap *map = statemap_new();
    struct map_change *load = (struct map_change *)malloc(many * sizeof *load);
    const struct map_snapshot *next;
    struct rlimit unlimited;
    assert_non_null(map);
    assert_non_null(load);
    publish_keys(map, 0, KEYS, false, 0);
    const uint64_t used = nodes_used(map);
    for (uint32_t i = 0; i < many; i++) {
        model_random_bytes(&seed, load[i].key);
        memset(load[i].value_hash, 1, 32);
        load[i].slot = KEYS + i;
    }
    assert_int_equal(getrlimit(RLIMIT_AS, &unlimited), 0);
    assert_int_equal(setrlimit(RLIMIT_AS, &(struct rlimit){1 << 20, unlimited.rlim_max}), 0);
    const enum err err = statemap_update(map, load, many, model_key, &model, &next);
    assert_int_equal(setrlimit(RLIMIT_AS, &unlimited), 0);
    assert_int_equal(err, ERR_MEMORY);
    assert_int_equal(nodes_used(map), used);
    assert_int_equal(statemap_update(map, load, many, model_key, &model, &next), ERR_OK); /* and again, with memory */
    statemap_publish(map, next);
    assert_int_equal(nodes_used(map), 2 * (KEYS + many) - 1);
    const struct map_snapshot *held = statemap_acquire(map);
    assert_true(statemap_verify(map, held));
    statemap_release(map, held);
    free(load);
    statemap_free(map);
#endif
}

/* Two slots of one key, as storage has them where a byte was flipped: refused, whatever they meet, and nothing is left behind. */
static void test_one_key_two_slots(void **state) {
    (void)state;
    static const uint32_t counts[] = {0, 1, 10, KEYS};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        for (int how = 0; how < 4; how++) {
            struct statemap *map = statemap_new();
            struct map_change pair[3];
            const struct map_snapshot *next;
            assert_non_null(map);
            if (counts[i] > 0) publish_keys(map, 0, counts[i], false, 0);
            const uint64_t used = nodes_used(map);
            const uint32_t at = how < 2 ? counts[i] + 3 : 0; /* a new key; one that is there */
            size_t count = 0;
            fill_change(&pair[count++], at, false, 1);
            if (how % 2 == 0) pair[count] = pair[0], pair[count++].slot++; /* twice in one batch */
            else if (counts[i] > 0) pair[0].slot++; /* another slot than before */
            fill_change(&pair[count++], counts[i] + 5, false, 1); /* and one that is all right */
            if (how == 1 || (how == 3 && counts[i] == 0)) {
                statemap_free(map);
                continue; /* a new key under any slot is no fault */
            }
            assert_int_equal(statemap_update(map, pair, count, model_key, &model, &next), ERR_CORRUPT);
            assert_int_equal(nodes_used(map), used);
            const struct map_snapshot *held = statemap_acquire(map);
            assert_true(statemap_verify(map, held));
            statemap_release(map, held);
            statemap_free(map);
        }
    }
}

static void update_unpublished(struct statemap *map, struct map_change *pair) {
    const struct map_snapshot *next;
    if (statemap_update(map, pair, 1, model_key, &model, &next) != ERR_OK) return;
    (void)!statemap_update(map, pair, 1, model_key, &model, &next);
}

static void free_while_held(struct statemap *map, struct map_change *pair) {
    (void)pair;
    (void)statemap_acquire(map);
    statemap_free(map);
}

/* Our own mistakes stop the program. */
static void test_mistakes_abort(void **state) {
    (void)state;
    static void (*const mistakes[])(struct statemap *, struct map_change *) = {update_unpublished, free_while_held};
    struct statemap *map = statemap_new();
    assert_non_null(map);
    publish_keys(map, 0, 10, false, 0);
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct map_change pair[2];
        int status;
        fill_change(&pair[0], 3, false, 1);
        fflush(NULL);
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            const struct rlimit no_core = {0, 0};
            (void)!freopen("/dev/null", "w", stderr);
            (void)!setrlimit(RLIMIT_CORE, &no_core);
            signal(SIGABRT, SIG_DFL);
            mistakes[i](map, pair);
            _exit(0);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGABRT) fail_msg("mistake %zu went unnoticed", i);
    }
    statemap_free(map);
}

/* --- threads: every version of the map holds one value in all its leaves, so a reader who sees two has seen a version change. --- */

#define READERS 3
#define VERSIONS 300

struct shared {
    struct statemap *map;
    atomic_bool stop;
    atomic_uint checked;
};

static bool version_is_whole(const struct statemap *map, const struct map_snapshot *snapshot, uint64_t *random) {
    static _Thread_local uint8_t steps[MAP_STEPS_MAX * MAP_STEP_LEN];
    struct map_change entry;
    struct map_hit hit;
    uint8_t root[32];
    uint8_t led_to[32];
    size_t count;
    map_snapshot_root(root, snapshot);
    for (unsigned i = 0; i < 20; i++) {
        const uint32_t slot = (uint32_t)(model_random(random) % map_snapshot_count(snapshot));
        uint8_t name[8];
        be64_put(name, slot);
        sha256(entry.key, name, sizeof name);
        memset(entry.value_hash, 0, 32);
        be64_put(entry.value_hash, map_snapshot_count(snapshot)); /* as the writer below does */
        if (!statemap_find(map, snapshot, entry.key, &hit) || hit.slot != slot) return false;
        map_leaf(led_to, entry.key, entry.value_hash);
        if (memcmp(led_to, hit.leaf, 32) != 0) return false;
        if (!statemap_path(map, snapshot, entry.key, steps, &count, &hit)) return false;
        if (!map_member_root(led_to, entry.key, entry.value_hash, bytes_of(steps, count * MAP_STEP_LEN))) return false;
        if (memcmp(led_to, root, 32) != 0) return false;
    }
    return true;
}

static void *reader(void *context) {
    struct shared *shared = (struct shared *)context;
    uint64_t random = (uint64_t)(uintptr_t)&random;
    bool good = true;
    while (good && !atomic_load(&shared->stop)) {
        struct statemap_use use;
        const struct map_snapshot *snapshot = statemap_acquire(shared->map);
        good = version_is_whole(shared->map, snapshot, &random);
        statemap_usage(shared->map, &use);
        statemap_release(shared->map, snapshot);
        atomic_fetch_add(&shared->checked, 1);
    }
    return good ? NULL : context;
}

static void test_readers_beside_the_writer(void **state) {
    (void)state;
    struct shared shared = {.map = statemap_new()};
    pthread_t threads[READERS];
    bool good = true;
    assert_non_null(shared.map);
    publish_keys(shared.map, 0, 100, false, 100);
    for (unsigned i = 0; i < READERS; i++) assert_int_equal(pthread_create(&threads[i], NULL, reader, &shared), 0);
    for (uint32_t version = 1; version < VERSIONS || atomic_load(&shared.checked) < 100; version++) {
        const uint32_t keys = version < VERSIONS ? 100 + version * 2 : 100 + VERSIONS * 2; /* all get the new count as their value */
        const struct map_snapshot *next;
        for (uint32_t i = 0; i < keys; i++) fill_change(&changes[i], i, false, keys);
        if (statemap_update(shared.map, changes, keys, model_key, &model, &next) != ERR_OK) break;
        if (version % 5 == 0) {
            statemap_drop(shared.map, next);
        } else {
            statemap_publish(shared.map, next);
        }
    }
    atomic_store(&shared.stop, true);
    for (unsigned i = 0; i < READERS; i++) {
        void *result;
        assert_int_equal(pthread_join(threads[i], &result), 0);
        good = good && result == NULL;
    }
    assert_true(good);
    assert_true(atomic_load(&shared.checked) >= 100);
    statemap_free(shared.map); /* nobody may still hold one */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nodes_come_back),
        cmocka_unit_test(test_held_versions_keep_their_nodes),
        cmocka_unit_test(test_drop_leaves_nothing),
        cmocka_unit_test(test_unreadable_key_is_corrupt),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_one_key_two_slots), cmocka_unit_test(test_mistakes_abort),
        cmocka_unit_test(test_readers_beside_the_writer),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
