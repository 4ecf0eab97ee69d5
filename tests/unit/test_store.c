/* Store: its format, and rows in which one byte changed: fsck finds each and says where, a start does not come up on objects or hashes that it needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/chain/fsck.h"
#include "ledger/chain/replay.h"
#include "ledger/kv/kv_mem.h"
#include "tests/lib/rows.h"
#include "tests/lib/world.h"

static struct world world;
static uint32_t chance = 12345;

static uint32_t random_below(uint32_t below) {
    chance = chance * 1664525u + 1013904223u;
    return (chance >> 16) % below;
}

/* 300 entries: a full tile, the hash above it and a part of another; histories; more objects than go into one row. */
static int start(void **state) {
    (void)state;
    static struct made made[32];
    struct made *list[32];
    uint8_t key[32];
    uint32_t serial = 0;
    world_start(&world);
    for (int block = 0; block < 10; block++) {
        for (size_t i = 0; i < 30; i++) {
            list[i] = &made[i];
            if (block > 0 && i % 10 == 9) { /* of the block before: each once */
                world_licence_key(key, &world, WORLD_TYPE_KEYED, serial - 27);
                world_change(&made[i], &world, OP_SUSPEND, key, 1);
            } else world_issue(&made[i], &world, WORLD_TYPE_KEYED, serial++, 1);
        }
        assert_int_equal(world_block(&world, list, 30, NULL), ERR_OK);
        world.now_ms += 1000;
    }
    reader_rest(world.reader);
    return 0;
}
static int stop(void **state) {
    (void)state;
    world_stop(&world);
    return 0;
}

static struct fsck_report fsck(void) {
    struct fsck_report report;
    assert_int_equal(fsck_run(&report, world.kv, NULL, NULL), ERR_OK);
    return report;
}

static void test_sound(void **state) {
    (void)state;
    const struct fsck_report report = fsck();
    if (report.faults > 0) print_message("%s\n", report.first);
    assert_int_equal(report.faults, 0);
    const struct header *head = chain_head(world.chain);
    assert_int_equal(head->log_size, 302);
    assert_int_equal(report.entries, 302);
    assert_int_equal(report.objects, head->objects);
    assert_int_equal(report.links, head->links);
    assert_int_equal(report.tiles, 3); /* 256 and 46 hashes, and the one above */
}

/* The row with the greatest key <= *key, as the KV keeps it: what is changed there is changed in storage. *key: its own. */
static uint8_t *stored(enum kv_table table, uint64_t *key, size_t *len) {
    struct kv_txn *txn;
    struct bytes row;
    assert_int_equal(kv_begin(world.kv, false, &txn), ERR_OK);
    const enum err err = kv_floor(txn, table, *key, key, &row);
    kv_abort(txn);
    if (err != ERR_OK) return NULL;
    *len = row.len;
    return (uint8_t *)(uintptr_t)row.data;
}

/* Flips a bit in each byte of a table's rows, or in some: each is found. The first one found is named by one of `names`. */
static void flip_all(enum kv_table table, size_t step, const char *const *names, size_t name_count) {
    size_t len, flips = 0;
    uint8_t *row;
    for (uint64_t key = UINT64_MAX - 1; (row = stored(table, &key, &len)) != NULL; key--) {
        for (size_t at = random_below((uint32_t)step); at < len; at += table == KV_SLOTS && at < 44 ? 1 : 1 + random_below((uint32_t)(2 * step))) { /* every byte of the offsets */
            const uint8_t mask = (uint8_t)(1u << random_below(8));
            row[at] ^= mask;
            const struct fsck_report report = fsck();
            row[at] ^= mask;
            if (report.faults == 0) print_message("table %d, row %llx, byte %zu, mask %02x: not found\n", (int)table, (unsigned long long)key, at, mask);
            assert_true(report.faults > 0);
            bool named = false;
            for (size_t i = 0; i < name_count; i++) named |= strstr(report.first, names[i]) != NULL;
            if (!named) print_message("table %d, row %llx, byte %zu: %s\n", (int)table, (unsigned long long)key, at, report.first);
            assert_true(named);
            flips++;
        }
        if (key == 0) break;
    }
    assert_true(flips >= 20);
    assert_int_equal(fsck().faults, 0);
}

static void test_flipped_objects(void **state) {
    (void)state;
    static const char *const names[] = {"object ", "licence ", "of the objects up to ", "the stored objects do not lead to the state root"};
    flip_all(KV_SLOTS, 200, names, 4);
}
static void test_flipped_hashes(void **state) {
    (void)state;
    static const char *const names[] = {"entry ", "tile "};
    flip_all(KV_TILES, 40, names, 2);
}
static void test_flipped_links(void **state) {
    (void)state;
    static const char *const names[] = {"the history of licence "};
    flip_all(KV_LINKS, 40, names, 1);
}

/* Rows cut to another length, and rows that are gone. */
static void test_cut(void **state) {
    (void)state;
    static const struct { enum kv_table table; const char *expected; } cut[] = {{KV_SLOTS, "object"}, {KV_TILES, "hash"}, {KV_LINKS, "the history of licence "}};
    static uint8_t copy[SLOTS_ROW_BYTES];
    for (size_t i = 0; i < sizeof cut / sizeof cut[0]; i++) {
        uint64_t key = UINT64_MAX - 1;
        size_t len = 0;
        const uint8_t *row = stored(cut[i].table, &key, &len);
        assert_non_null(row);
        assert_true(len <= sizeof copy);
        memcpy(copy, row, len);
        for (size_t less = 1; less <= 32; less += 31) {
            struct kv_txn *txn;
            assert_int_equal(kv_begin(world.kv, true, &txn), ERR_OK);
            assert_int_equal(kv_put(txn, cut[i].table, key, bytes_of(copy, len - less)), ERR_OK);
            assert_int_equal(kv_commit(txn), ERR_OK);
            const struct fsck_report report = fsck();
            assert_true(report.faults > 0);
            assert_non_null(strstr(report.first, cut[i].expected));
            assert_int_equal(kv_begin(world.kv, true, &txn), ERR_OK);
            assert_int_equal(kv_put(txn, cut[i].table, key, bytes_of(copy, len)), ERR_OK);
            assert_int_equal(kv_commit(txn), ERR_OK);
        }
    }
    assert_int_equal(fsck().faults, 0);
}

static enum err open_again(const char **where) {
    struct chain *chain;
    const enum err err = chain_open(&chain, world.kv, 2, NULL, NULL, where);
    if (err == ERR_OK) chain_close(chain);
    return err;
}

static void test_start_refuses(void **state) {
    (void)state;
    const char *where;
    size_t len;
    assert_int_equal(open_again(&where), ERR_OK);
    uint64_t key = UINT64_MAX - 1;
    for (uint8_t *row; (row = stored(KV_SLOTS, &key, &len)) != NULL; key--) {
        for (size_t at = 0; at < len; at += at < 44 ? 1 : 1 + random_below(100)) {
            const uint8_t mask = (uint8_t)(1u << random_below(8));
            row[at] ^= mask;
            assert_int_equal(open_again(&where), ERR_CORRUPT);
            assert_string_equal(where, "state");
            row[at] ^= mask;
        }
        if (key == 0) break;
    }
    key = UINT64_MAX - 1;
    uint8_t *row = stored(KV_TILES, &key, &len); /* the newest hashes of the log */
    assert_non_null(row);
    row[len - 1] ^= 4;
    assert_int_equal(open_again(&where), ERR_CORRUPT);
    assert_string_equal(where, "log tiles");
    row[len - 1] ^= 4;
    assert_int_equal(open_again(&where), ERR_OK);
}

static void overwrite(uint32_t no, struct bytes value) {
    struct kv_txn *txn;
    assert_int_equal(kv_begin(world.kv, true, &txn), ERR_OK);
    slot_overwrite(txn, no, value);
    assert_int_equal(kv_commit(txn), ERR_OK);
}

/* An object that has become the same as another one: neither a start nor fsck takes it, and neither stops the program. */
static void test_one_object_twice(void **state) {
    (void)state;
    static uint8_t value[2][SLOTS_ROW_BYTES];
    size_t len[2];
    uint32_t documents[2], found = 0;
    struct kv_txn *txn;
    struct bytes view;
    enum object_kind kind;
    const char *where;
    assert_int_equal(kv_begin(world.kv, false, &txn), ERR_OK);
    for (uint32_t no = 0; found < 2; no++) {
        assert_int_equal(slots_get(txn, no, &view), ERR_OK);
        if (!object_kind_of(&kind, view) || kind != OBJECT_DOCUMENT) continue;
        memcpy(value[found], view.data, len[found] = view.len);
        documents[found++] = no;
    }
    kv_abort(txn);
    overwrite(documents[1], bytes_of(value[0], len[0]));
    const struct fsck_report report = fsck();
    assert_true(report.faults > 0);
    assert_non_null(strstr(report.first, "two have one key"));
    assert_int_equal(open_again(&where), ERR_CORRUPT);
    assert_string_equal(where, "state");
    overwrite(documents[1], bytes_of(value[1], len[1]));
    assert_int_equal(open_again(&where), ERR_OK);
    assert_int_equal(fsck().faults, 0);
}

/* A store of another format is refused, not read as if it were of this one; its log can still be replayed. */
static void test_other_format(void **state) {
    (void)state;
    static const uint32_t others[] = {0, 1, STORE_FORMAT + 1, UINT32_MAX};
    uint64_t key = META_FORMAT;
    size_t len;
    uint8_t *format = stored(KV_META, &key, &len);
    assert_non_null(format);
    assert_int_equal(len, 4);
    assert_int_equal(be32_get(format), STORE_FORMAT);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        const char *where;
        struct fsck_report report;
        struct replay_source source;
        struct replay_result result;
        const struct replay_options options = {.jobs = 1, .until = UINT64_MAX};
        be32_put(format, others[i]);
        assert_int_equal(open_again(&where), ERR_VERSION);
        assert_string_equal(where, "format version");
        assert_int_equal(fsck_run(&report, world.kv, NULL, NULL), ERR_VERSION);
        assert_int_equal(replay_from_kv(&source, world.kv), ERR_OK);
        assert_int_equal(replay_run(&result, &source, &options), ERR_OK);
        assert_true(result.ok);
        replay_source_close(&source);
    }
    be32_put(format, STORE_FORMAT);
    assert_int_equal(fsck().faults, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound), cmocka_unit_test(test_flipped_objects), cmocka_unit_test(test_flipped_hashes), cmocka_unit_test(test_flipped_links),
        cmocka_unit_test(test_cut), cmocka_unit_test(test_start_refuses), cmocka_unit_test(test_one_object_twice), cmocka_unit_test(test_other_format),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
