/* Statemap against the naive model: random batches, keys made to collide in their first 64 bits, proofs, prefixes. SEED= repeats a run. */
#include "crypto/hash.h"
#include "ledger/state/statemap.h"
#include "tests/lib/mapmodel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <time.h>

#include <cmocka.h>

static uint64_t seed;
static struct model model;

static int setup(void **state) {
    (void)state;
    const char *text = getenv("SEED");
    seed = text != NULL ? strtoull(text, NULL, 10) : (uint64_t)time(NULL);
    print_message("SEED=%llu\n", (unsigned long long)seed);
    return hash_setup() ? 0 : -1;
}

enum shape { SHAPE_HASHED, SHAPE_COLLIDING, SHAPE_MIXED, SHAPES };

/* Colliding keys: few prefixes, which lie close to each other, and few bits set after them, some next to bit 64 and bit 255. */
static void random_key(enum shape shape, uint8_t key32[32]) {
    model_random_bytes(&seed, key32);
    if (shape == SHAPE_HASHED || (shape == SHAPE_MIXED && model_random(&seed) % 2 == 0)) return;
    be64_put(key32, UINT64_C(0xABCD) << (model_random(&seed) % 3));
    const uint64_t r = model_random(&seed);
    if (r % 4 == 0) memset(key32 + 8, 0, 24);
    if (r % 4 == 1) memset(key32 + 9, 0xFF, 22);
    if (r % 4 == 2) memset(key32 + 8, 0, 20);
    key32[8] &= 0xC0;
}

/* A batch of up to `most` changes, about half of them to keys already there. No key twice. */
static size_t random_batch(struct map_change *changes, size_t most, enum shape shape) {
    size_t count = 0;
    size_t slot = model.count;
    const size_t wanted = model_random(&seed) % (most + 1);
    for (size_t tries = 0; tries < wanted; tries++) {
        struct map_change change;
        if (model.count > 0 && model_random(&seed) % 2 == 0) {
            change = model.entry[model_random(&seed) % model.count];
        } else {
            random_key(shape, change.key);
            change.slot = (uint32_t)slot;
            if (model_has(&model, change.key)) continue;
        }
        model_random_bytes(&seed, change.value_hash);
        bool twice = false;
        for (size_t i = 0; i < count; i++) twice = twice || memcmp(changes[i].key, change.key, 32) == 0;
        if (twice) continue;
        if (change.slot == slot) memcpy(model.slot_key[slot++], change.key, 32);
        changes[count++] = change;
    }
    return count;
}

static void check_version(const struct statemap *map, const struct map_snapshot *snapshot, const uint8_t root32[32], size_t count) {
    uint8_t root[32];
    map_snapshot_root(root, snapshot);
    assert_memory_equal(root, root32, 32);
    assert_int_equal(map_snapshot_count(snapshot), count);
    assert_true(statemap_verify(map, snapshot));
}

struct held {
    const struct map_snapshot *snapshot;
    uint8_t root[32];
    size_t count;
};

#define HELD 5

/* Random batches, some dropped, while up to HELD older versions are held: each stays what it was. */
static void against_the_model(enum shape shape, size_t most, unsigned rounds) {
    static struct map_change changes[400];
    struct held held[HELD] = {0};
    memset(&model, 0, sizeof model);
    struct statemap *map = statemap_new();
    assert_non_null(map);
    for (unsigned round = 0; round < rounds; round++) {
        const struct map_snapshot *next;
        uint8_t root[32];
        const size_t count = random_batch(changes, most, shape);
        assert_int_equal(statemap_update(map, changes, count, model_key, &model, &next), ERR_OK);
        if (model_random(&seed) % 4 == 0) {
            statemap_drop(map, next);
        } else {
            for (size_t i = 0; i < count; i++) model_put(&model, &changes[i]);
            statemap_publish(map, next);
        }
        model_root(root, &model);
        const struct map_snapshot *newest = statemap_acquire(map);
        check_version(map, newest, root, model.count);

        struct held *place = &held[model_random(&seed) % HELD];
        if (place->snapshot != NULL) {
            check_version(map, place->snapshot, place->root, place->count);
            statemap_release(map, place->snapshot);
        }
        *place = (struct held){.snapshot = newest, .count = model.count};
        memcpy(place->root, root, 32);
    }
    for (size_t i = 0; i < HELD; i++) {
        if (held[i].snapshot == NULL) continue;
        check_version(map, held[i].snapshot, held[i].root, held[i].count);
        statemap_release(map, held[i].snapshot);
    }
    statemap_free(map);
}

static void test_small_batches(void **state) {
    (void)state;
    for (enum shape shape = 0; shape < SHAPES; shape++) against_the_model(shape, 4, 300);
}

static void test_batches(void **state) {
    (void)state;
    for (enum shape shape = 0; shape < SHAPES; shape++) against_the_model(shape, 400, 20);
}

/* Fills a map and the model alike. */
static struct statemap *filled(enum shape shape, size_t count) {
    static struct map_change changes[MODEL_MAX];
    memset(&model, 0, sizeof model);
    struct statemap *map = statemap_new();
    assert_non_null(map);
    for (size_t i = 0; i < count;) {
        random_key(shape, changes[i].key);
        if (model_has(&model, changes[i].key)) continue;
        model_random_bytes(&seed, changes[i].value_hash);
        changes[i].slot = (uint32_t)i;
        memcpy(model.slot_key[i], changes[i].key, 32);
        model_put(&model, &changes[i++]);
    }
    const struct map_snapshot *next;
    assert_int_equal(statemap_update(map, changes, count, model_key, &model, &next), ERR_OK);
    assert_int_equal(model.asked, 0); /* a new tree has no old leaf to ask about */
    statemap_publish(map, next);
    return map;
}

/* One key at a time or all at once: the same tree. */
static void test_order_does_not_matter(void **state) {
    (void)state;
    struct statemap *at_once = filled(SHAPE_MIXED, 1000);
    struct statemap *singly = statemap_new();
    assert_non_null(singly);
    uint8_t root[32];
    for (size_t i = 0; i < model.count; i++) {
        struct map_change change = model.entry[i * 7 % model.count]; /* 1000 and 7 share no factor */
        const struct map_snapshot *next;
        assert_int_equal(statemap_update(singly, &change, 1, model_key, &model, &next), ERR_OK);
        statemap_publish(singly, next);
    }
    model_root(root, &model);
    const struct map_snapshot *snapshot = statemap_acquire(singly);
    check_version(singly, snapshot, root, model.count);
    statemap_release(singly, snapshot);
    snapshot = statemap_acquire(at_once);
    check_version(at_once, snapshot, root, model.count);
    statemap_release(at_once, snapshot);
    statemap_free(singly);
    statemap_free(at_once);
}

static bool absent_under(const uint8_t root32[32], const uint8_t *key, const struct map_change *other, struct bytes steps) {
    uint8_t root[32];
    return map_absent_root(root, key, other->key, other->value_hash, steps) && memcmp(root, root32, 32) == 0;
}

static bool member_under(const uint8_t root32[32], const struct map_change *entry, struct bytes steps) {
    uint8_t root[32];
    return map_member_root(root, entry->key, entry->value_hash, steps) && memcmp(root, root32, 32) == 0;
}

static const struct map_change *entry_of_slot(uint32_t slot) { return &model.entry[model_place(&model, model.slot_key[slot])]; }

/* The key alone, and among others that are and are not there, in any place: found many at a time as one at a time. */
static void check_many(const struct statemap *map, const struct map_snapshot *snapshot, const uint8_t key[32]) {
    static uint32_t turn;
    uint8_t keys[STATEMAP_WARM_MAX][32];
    struct map_hit hits[STATEMAP_WARM_MAX], hit;
    bool found[STATEMAP_WARM_MAX];
    const size_t count = 1 + turn++ % STATEMAP_WARM_MAX;
    for (size_t i = 0; i < count; i++) {
        memcpy(keys[i], key, 32);
        if (i % 3 == 1) keys[i][turn % 32] ^= (uint8_t)(1u << turn % 8);
        if (i % 3 == 2 && model.count > 0) memcpy(keys[i], model.entry[(turn + i) % model.count].key, 32);
    }
    statemap_find_many(map, snapshot, (const uint8_t (*)[32])keys, count, hits, found);
    for (size_t i = 0; i < count; i++) {
        const bool alone = statemap_find(map, snapshot, keys[i], &hit);
        assert_int_equal(found[i], alone);
        if (!alone) continue;
        assert_int_equal(hits[i].slot, hit.slot);
        assert_memory_equal(hits[i].leaf, hit.leaf, 32);
    }
}

static void member_case(const struct statemap *map, const struct map_snapshot *snapshot, const struct map_change *entry) {
    static uint8_t steps[MAP_STEPS_MAX * MAP_STEP_LEN];
    uint8_t root[32];
    uint8_t leaf[32];
    size_t count;
    struct map_hit hit;
    map_snapshot_root(root, snapshot);
    map_leaf(leaf, entry->key, entry->value_hash);
    check_many(map, snapshot, entry->key);
    assert_true(statemap_find(map, snapshot, entry->key, &hit));
    assert_int_equal(hit.slot, entry->slot);
    assert_memory_equal(hit.leaf, leaf, 32);
    assert_true(statemap_path(map, snapshot, entry->key, steps, &count, &hit));
    assert_int_equal(hit.slot, entry->slot);
    assert_memory_equal(hit.leaf, leaf, 32);
    const struct bytes view = bytes_of(steps, count * MAP_STEP_LEN);
    assert_true(member_under(root, entry, view));
    /* Its absence cannot be shown: not by its own path, not by any neighbour's, whole or cut. */
    assert_false(absent_under(root, entry->key, entry, view));
    for (int beside = -2; beside <= 2; beside++) {
        const struct map_change *other = entry + beside;
        if (other < model.entry || other >= model.entry + model.count || other == entry) continue;
        for (size_t cut = 0; cut <= count; cut++) {
            assert_false(absent_under(root, entry->key, other, bytes_of(steps, cut * MAP_STEP_LEN)));
        }
        static uint8_t others[MAP_STEPS_MAX * MAP_STEP_LEN];
        size_t others_count;
        assert_true(statemap_path(map, snapshot, other->key, others, &others_count, &hit));
        assert_false(absent_under(root, entry->key, other, bytes_of(others, others_count * MAP_STEP_LEN)));
    }
    for (size_t cut = 0; cut < count; cut++) assert_false(member_under(root, entry, bytes_of(steps, cut * MAP_STEP_LEN)));
}

static void absent_case(const struct statemap *map, const struct map_snapshot *snapshot, const uint8_t key[32]) {
    static uint8_t steps[MAP_STEPS_MAX * MAP_STEP_LEN];
    uint8_t root[32];
    size_t count;
    struct map_hit hit;
    if (model_has(&model, key)) return;
    map_snapshot_root(root, snapshot);
    check_many(map, snapshot, key);
    assert_true(statemap_path(map, snapshot, key, steps, &count, &hit));
    const struct map_change *other = entry_of_slot(hit.slot);
    const struct bytes view = bytes_of(steps, count * MAP_STEP_LEN);
    assert_true(absent_under(root, key, other, view));
    assert_int_equal(statemap_find(map, snapshot, key, &hit), be64_get(key) == be64_get(other->key));
    struct map_change claimed = *other;
    memcpy(claimed.key, key, 32);
    assert_false(member_under(root, &claimed, view));
    for (size_t cut = 0; cut < count; cut++) assert_false(absent_under(root, key, other, bytes_of(steps, cut * MAP_STEP_LEN)));
    for (size_t i = 0; i < count; i++) { /* a step's bit moved: order, direction or hash gives it away */
        uint8_t *bit = steps + i * MAP_STEP_LEN + 1;
        for (int by = -1; by <= 1; by += 2) {
            *bit = (uint8_t)(*bit + by);
            assert_false(absent_under(root, key, other, view));
            *bit = (uint8_t)(*bit - by);
        }
    }
}

static void test_proofs(void **state) {
    (void)state;
    for (enum shape shape = 0; shape < SHAPES; shape++) {
        struct statemap *map = filled(shape, 600);
        const struct map_snapshot *snapshot = statemap_acquire(map);
        for (size_t i = 0; i < model.count; i++) {
            uint8_t key[32];
            member_case(map, snapshot, &model.entry[i]);
            memcpy(key, model.entry[i].key, 32);
            const unsigned flip = (unsigned)(model_random(&seed) % 256);
            key[flip >> 3] ^= (uint8_t)(0x80u >> (flip & 7));
            absent_case(map, snapshot, key);
            random_key(shape, key);
            absent_case(map, snapshot, key);
        }
        statemap_release(map, snapshot);
        statemap_free(map);
    }
}

struct visits {
    const struct map_change *next;
    size_t count, most;
};

static bool visit(void *context, const struct map_hit *hit) {
    struct visits *visits = (struct visits *)context;
    uint8_t leaf[32];
    map_leaf(leaf, visits->next->key, visits->next->value_hash);
    assert_int_equal(hit->slot, visits->next->slot);
    assert_memory_equal(hit->leaf, leaf, 32);
    visits->next++;
    return ++visits->count < visits->most;
}

static bool begins_with(const uint8_t key[32], const uint8_t prefix[32], unsigned bits) {
    for (unsigned bit = 0; bit < bits; bit++) {
        if (map_bit(key, bit) != map_bit(prefix, bit)) return false;
    }
    return true;
}

static void prefix_case(const struct statemap *map, const struct map_snapshot *snapshot, const uint8_t prefix[32], unsigned bits,
                        size_t most) {
    size_t first = 0;
    while (first < model.count && !begins_with(model.entry[first].key, prefix, bits)) first++;
    size_t end = first;
    while (end < model.count && begins_with(model.entry[end].key, prefix, bits)) end++;
    struct visits visits = {.next = &model.entry[first], .most = most};
    statemap_prefix(map, snapshot, prefix, bits, visit, &visits);
    assert_int_equal(visits.count, end - first < most ? end - first : most);
}

static void test_prefixes(void **state) {
    (void)state;
    for (enum shape shape = 0; shape < SHAPES; shape++) {
        struct statemap *map = filled(shape, 500);
        const struct map_snapshot *snapshot = statemap_acquire(map);
        for (unsigned i = 0; i < 400; i++) {
            uint8_t prefix[32];
            random_key(shape, prefix);
            prefix_case(map, snapshot, prefix, i % 65, SIZE_MAX);
            prefix_case(map, snapshot, model.entry[i].key, i % 65, SIZE_MAX);
            prefix_case(map, snapshot, model.entry[i].key, i % 257, SIZE_MAX); /* past 64 bits for keys that are there */
            prefix_case(map, snapshot, model.entry[i].key, i % 9, 1 + i % 5);
        }
        statemap_release(map, snapshot);
        statemap_free(map);
    }
}

static bool never(void *context, const struct map_hit *hit) {
    (void)context;
    (void)hit;
    fail_msg("nothing to visit");
    return false;
}

static void test_empty(void **state) {
    (void)state;
    static const uint8_t zero[32];
    uint8_t steps[MAP_STEPS_MAX * MAP_STEP_LEN];
    size_t count;
    struct map_hit hit;
    struct statemap *map = statemap_new();
    assert_non_null(map);
    const struct map_snapshot *next;
    for (unsigned round = 0; round < 2; round++) { /* as made, and after an update of nothing */
        const struct map_snapshot *snapshot = statemap_acquire(map);
        check_version(map, snapshot, zero, 0);
        assert_false(statemap_find(map, snapshot, zero, &hit));
        bool found = true;
        statemap_find_many(map, snapshot, &zero, 1, &hit, &found);
        assert_false(found);
        assert_false(statemap_path(map, snapshot, zero, steps, &count, &hit));
        statemap_prefix(map, snapshot, zero, 0, never, NULL);
        statemap_release(map, snapshot);
        assert_int_equal(statemap_update(map, NULL, 0, model_key, &model, &next), ERR_OK);
        statemap_publish(map, next);
    }
    statemap_free(map);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),   cmocka_unit_test(test_small_batches),         cmocka_unit_test(test_batches),
        cmocka_unit_test(test_proofs),  cmocka_unit_test(test_order_does_not_matter), cmocka_unit_test(test_prefixes),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
