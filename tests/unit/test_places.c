/* Places: what is read where a value was found before is that value, or it is searched for: after changes, after the map has moved, beside bytes that
 * were changed on the disk. Over LMDB, whose places are remembered; the in-memory KV has none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/chain/places.h"
#include "ledger/kv/kv_lmdb.h"
#include "rpc/object_cache.h"
#include "tests/lib/world.h"

#define LICENCES 300u
static struct world world;
static struct made made;
static char dir[64];
static uint8_t keys[LICENCES][32];

static void block(void) {
    struct made *const list[] = {&made};
    assert_int_equal(world_block(&world, list, 1, NULL), ERR_OK);
}

/* A world whose ledger lies on the disk. */
static int start(void **state) {
    const struct kv_lmdb_options options = {.create = true};
    struct refusal refusal;
    const char *where;
    long pid;
    (void)state;
    world_start(&world);
    reader_free(world.reader);
    chain_close(world.chain);
    kv_close(world.kv);
    strcpy(dir, "/tmp/licet-places-XXXXXX");
    assert_non_null(mkdtemp(dir));
    assert_int_equal(kv_lmdb_open(&world.kv, dir, &options, &pid), ERR_OK);
    assert_int_equal(chain_create(world.kv, bytes_of(world.genesis, world.genesis_len), &refusal), ERR_OK);
    assert_int_equal(chain_open(&world.chain, world.kv, 1, NULL, NULL, &where), ERR_OK);
    world.reader = reader_new(world.chain);
    assert_non_null(world.reader);
    world_issue(&made, &world, WORLD_TYPE_PUBLIC, 0, LICENCES);
    block();
    for (uint32_t i = 0; i < LICENCES; i++) world_licence_key(keys[i], &world, WORLD_TYPE_PUBLIC, i);
    return 0;
}

static int stop(void **state) {
    static const char *const names[] = {"data.mdb", "lock.mdb", "lock"};
    (void)state;
    world_stop(&world);
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(dir), 0);
    return 0;
}

static const struct snapshot *now(void) {
    const struct snapshot *snapshot;
    assert_int_equal(reader_snapshot(world.reader, &snapshot), ERR_OK);
    return snapshot;
}

static enum found plain(const struct snapshot *snapshot, uint32_t i, struct bytes *value) {
    return snapshot_by_id(snapshot, OBJECT_LICENCE, bytes_of(keys[i], 32), value);
}

static void expect(const struct snapshot *snapshot, uint32_t first, uint32_t count) {
    struct bytes ids[STATEMAP_WARM_MAX];
    for (uint32_t i = 0; i < count; i++) ids[i] = bytes_of(keys[first + i], 32);
    snapshot_expect(snapshot, OBJECT_LICENCE, ids, count);
}

static enum found expected(const struct snapshot *snapshot, uint32_t i, struct bytes *value) {
    static uint8_t copy[16][SNAPSHOT_COPY_MAX];
    return snapshot_expected(snapshot, OBJECT_LICENCE, bytes_of(keys[i], 32), copy[i % 16], value);
}

/* All of them, expected and not: the same bytes. Returns how many were given as copies. */
static uint32_t compare_all(void) {
    const struct snapshot *snapshot = now();
    uint32_t copies = 0;
    for (uint32_t first = 0; first < LICENCES; first += 15) {
        struct bytes found[15], value;
        expect(snapshot, first, 15);
        for (uint32_t i = 0; i < 15; i++) assert_int_equal(expected(snapshot, first + i, &found[i]), FOUND_YES);
        for (uint32_t i = 0; i < 15; i++) {
            assert_int_equal(plain(snapshot, first + i, &value), FOUND_YES);
            assert_true(bytes_equal(value, found[i]));
            copies += value.data != found[i].data;
        }
    }
    return copies;
}

static void test_same(void **state) {
    (void)state;
    assert_int_equal(compare_all(), 0);
    assert_int_equal(compare_all(), LICENCES);
    reader_rest(world.reader);
    assert_int_equal(compare_all(), LICENCES); /* another txn */
}

/* A licence that was changed is never answered with what it was, and what lies in pages that were given to something else is not believed. */
static void test_changes(void **state) {
    struct bytes value;
    struct licence licence;
    (void)state;
    (void)compare_all();
    for (uint32_t round = 0; round < 12; round++) {
        world_issue(&made, &world, WORLD_TYPE_PUBLIC, 1000 + round * 300, 300);
        block();
        world_change(&made, &world, round % 2 == 0 ? OP_SUSPEND : OP_RESUME, keys[7], 1 + round);
        block();
        const struct snapshot *snapshot = now();
        expect(snapshot, 0, 16);
        assert_int_equal(expected(snapshot, 7, &value), FOUND_YES);
        assert_int_equal(licence_decode(&licence, value).code, CODE_OK);
        assert_int_equal(licence.state, round % 2 == 0 ? LICENCE_SUSPENDED : LICENCE_VALID);
        (void)compare_all();
    }
    assert_true(compare_all() == LICENCES);
}

static void test_map_moves(void **state) {
    (void)state;
    (void)compare_all();
    const uint64_t epoch = kv_epoch(world.kv);
    reader_rest(world.reader);
    assert_int_equal(kv_room(world.kv, UINT64_C(600) << 20), ERR_OK);
    assert_true(kv_epoch(world.kv) != epoch);
    assert_int_equal(compare_all(), 0);
    assert_int_equal(compare_all(), LICENCES);
}

/* Changes a byte of the value behind the reader's back, as a disk does: in the file. */
static void flip(struct bytes value) {
    char path[128];
    struct stat status;
    (void)snprintf(path, sizeof path, "%s/data.mdb", dir);
    const int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(fstat(fd, &status), 0);
    uint8_t *all = malloc((size_t)status.st_size), *at, byte;
    assert_int_equal(read(fd, all, (size_t)status.st_size), status.st_size);
    bool any = false;
    for (size_t from = 0; (at = memmem(all + from, (size_t)status.st_size - from, value.data, value.len)) != NULL; any = true) {
        const size_t last = (size_t)(at - all) + value.len - 1;
        byte = all[last] ^ 1;
        assert_int_equal(pwrite(fd, &byte, 1, (off_t)last), 1);
        from = last;
    }
    assert_true(any);
    free(all);
    close(fd);
}

static void test_flipped(void **state) {
    struct bytes value, before;
    uint8_t good[PLACE_BYTES_MAX], bad[PLACE_BYTES_MAX];
    (void)state;
    (void)compare_all();
    const struct snapshot *snapshot = now();
    assert_int_equal(plain(snapshot, 3, &before), FOUND_YES);
    memcpy(good, before.data, before.len);
    memcpy(bad, good, before.len);
    bad[before.len - 1] ^= 1;
    flip(bytes_of(good, before.len));
    expect(snapshot, 0, 8);
    assert_int_equal(expected(snapshot, 2, &value), FOUND_YES);
    assert_int_equal(expected(snapshot, 3, &value), FOUND_FAULT);
    assert_int_equal(expected(snapshot, 4, &value), FOUND_YES);
    flip(bytes_of(bad, before.len));
    expect(snapshot, 0, 8);
    assert_int_equal(expected(snapshot, 3, &value), FOUND_YES);
}

/* What a source promises of its values holds for copies too, whatever is asked for beside them: the last 16 live, and what is asked for again is it. */
static void test_source(void **state) {
    static struct object_cache cache;
    struct bytes given[16], value, again;
    struct licence licence;
    (void)state;
    (void)compare_all();
    const struct snapshot *snapshot = now();
    const struct object_source source = object_cache_over(&cache, snapshot, chain_genesis(world.chain)->hash);
    for (uint32_t n = 0; n < 4 * LICENCES; n++) {
        const uint32_t i = n % 7 == 3 ? (n > 0 ? n - 1 : n) % LICENCES : n % LICENCES; /* some of them twice */
        if (n % 8 == 0 && n % LICENCES + 8 <= LICENCES) expect(snapshot, n % LICENCES, 8);
        assert_int_equal(source.by_id(source.context, OBJECT_LICENCE, bytes_of(keys[i], 32), &given[n % 16]), FOUND_YES);
        assert_int_equal(plain(snapshot, i, &value), FOUND_YES); /* as a proof does in between */
        assert_int_equal(licence_decode(&licence, value).code, CODE_OK);
        if (n % 5 == 0) {
            assert_int_equal(source.by_no(source.context, OBJECT_LICENCE, licence.no, &again), FOUND_YES);
            assert_true(bytes_equal(again, value));
        }
        const struct bytes type = bytes_text(n % 3 == 0 ? WORLD_TYPE_PUBLIC : WORLD_TYPE_KEYED); /* the last one is remembered, and no other taken for it */
        assert_int_equal(source.by_id(source.context, OBJECT_TYPE, type, &again), FOUND_YES);
        assert_int_equal(snapshot_by_id(snapshot, OBJECT_TYPE, type, &value), FOUND_YES);
        assert_true(bytes_equal(again, value));
        for (uint32_t back = 0; back < 12 && back <= n; back++) { /* 12 and the by_no between them */
            const uint32_t m = n - back, which = m % 7 == 3 ? m - 1 : m;
            assert_int_equal(plain(snapshot, which % LICENCES, &value), FOUND_YES);
            assert_true(bytes_equal(given[m % 16], value));
        }
    }
}

/* A ledger that is opened knows where its licences lie. */
static void test_opened(void **state) {
    const char *where;
    (void)state;
    reader_free(world.reader);
    chain_close(world.chain);
    assert_int_equal(chain_open(&world.chain, world.kv, 1, NULL, NULL, &where), ERR_OK);
    world.reader = reader_new(world.chain);
    assert_int_equal(compare_all(), LICENCES);
}

/* The table alone: what shares a place, what is too long, far numbers, another epoch. */
static void test_table(void **state) {
    static uint8_t bytes[PLACE_BYTES_MAX + 1];
    struct kv_txn *txn;
    const struct kv_ops none = {.epoch = NULL};
    struct kv memory = {&none};
    (void)state;
    struct places *places = places_new();
    assert_non_null(places);
    assert_false(places_hold(places, &memory));
    assert_int_equal(kv_begin(world.kv, false, &txn), ERR_OK);
    assert_true(places_hold(places, world.kv));
    assert_null(places_find(places, 6).data);
    places_note(places, 6, bytes_of(bytes, PLACE_BYTES_MAX + 1));
    assert_null(places_find(places, 6).data);
    places_note(places, 6, bytes_of(bytes + 1, PLACE_BYTES_MAX));
    places_note(places, NO_NONE - 1, bytes_of(bytes + 2, 1));
    assert_ptr_equal(places_find(places, 6).data, bytes + 1);
    assert_int_equal(places_find(places, 7).len, PLACE_BYTES_MAX);
    assert_null(places_find(places, 8).data);
    assert_ptr_equal(places_find(places, NO_NONE - 1).data, bytes + 2);
    places_prefetch(places, 6);
    places_prefetch(places, 60000000);
    assert_true(places_hold(places, world.kv));
    assert_non_null(places_find(places, 6).data);
    assert_false(places_hold(places, &memory));
    assert_true(places_hold(places, world.kv));
    assert_null(places_find(places, 6).data);
    assert_null(places_find(places, NO_NONE - 1).data);
    places_free(places);
    kv_abort(txn);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_same, start, stop),      cmocka_unit_test_setup_teardown(test_changes, start, stop),
        cmocka_unit_test_setup_teardown(test_map_moves, start, stop), cmocka_unit_test_setup_teardown(test_flipped, start, stop),
        cmocka_unit_test_setup_teardown(test_source, start, stop),    cmocka_unit_test_setup_teardown(test_opened, start, stop),    cmocka_unit_test_setup_teardown(test_table, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
