/* Slots and strips: rows of objects and of 32-byte items: added over the borders of rows, replaced by longer and shorter ones, damaged, absent; each touched
 * row read once and put once; pages of LMDB filled. SEED=n repeats a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "ledger/kv/kv_lmdb.h"
#include "ledger/kv/kv_mem.h"
#include "tests/lib/rows.h"

/* ---- a model: each object's length and the byte it is made of ---- */

#define OBJECTS_MAX 6000u
static struct { uint32_t len; uint8_t byte; } model[OBJECTS_MAX];
static uint64_t objects;
static struct slots_writer *writer;
static struct kv *kv;
static struct kv_txn *txn;
static uint64_t turn;

static uint32_t random_below(uint32_t below) {
    turn = turn * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(turn >> 33) % below;
}

static int start(void **state) {
    (void)state;
    const char *seed = getenv("SEED");
    turn = seed != NULL ? strtoull(seed, NULL, 10) : 20251122;
    objects = 0;
    writer = slots_writer_new();
    kv = kv_mem_new(0);
    return writer == NULL || kv == NULL;
}
static int stop(void **state) {
    (void)state;
    slots_writer_free(writer);
    kv_close(kv);
    return 0;
}

static void begin(void) {
    assert_int_equal(kv_begin(kv, true, &txn), ERR_OK);
    slots_begin(writer, txn, objects);
}
/* Values are looked at until slots_end: a place for each. */
static struct bytes value_of(uint64_t no) {
    static uint8_t *values[OBJECTS_MAX];
    free(values[no]);
    values[no] = malloc(model[no].len);
    assert_non_null(values[no]);
    memset(values[no], model[no].byte, model[no].len);
    return bytes_of(values[no], model[no].len);
}
static void put(uint64_t no, uint32_t len) {
    model[no].len = len;
    model[no].byte = (uint8_t)random_below(256);
    assert_int_equal(slots_put(writer, no, value_of(no)), ERR_OK);
}
static void end(void) {
    assert_int_equal(slots_end(writer), ERR_OK);
    assert_int_equal(kv_commit(txn), ERR_OK);
}

/* Rows follow one another without a gap, none is too long, and every object is as the model has it, each by itself and one after the other. Rows. */
static size_t check(void) {
    struct slots_row row, walk = {0};
    struct bytes value, all;
    size_t rows = 0;
    assert_int_equal(kv_begin(kv, false, &txn), ERR_OK);
    for (uint64_t no = 0, first; no < objects; no = row.first + row.count, rows++) {
        assert_int_equal(kv_floor(txn, KV_SLOTS, no, &first, &all), ERR_OK);
        assert_int_equal(first, no);
        assert_true(slots_row_decode(&row, first, all));
        assert_true(row.count == 1 || all.len <= SLOTS_ROW_BYTES);
        assert_true(row.first + row.count <= objects);
    }
    for (uint64_t no = 0; no < objects; no++) {
        for (int how = 0; how < 2; how++) {
            assert_int_equal(how == 0 ? slots_get(txn, no, &value) : slots_next(&walk, txn, no, &value), ERR_OK);
            assert_int_equal(value.len, model[no].len);
            for (size_t i = 0; i < value.len; i += i + 1 < value.len && i + 64 >= value.len ? value.len - 1 - i : 64) assert_int_equal(value.data[i], model[no].byte);
        }
    }
    for (uint64_t no = objects; no < objects + 3; no++) {
        assert_int_equal(slots_get(txn, no, &value), ERR_ABSENT);
        assert_int_equal(slots_next(&walk, txn, no, &value), ERR_ABSENT);
    }
    kv_abort(txn);
    return rows;
}

static void test_nothing(void **state) {
    (void)state;
    struct bytes value;
    assert_int_equal(check(), 0);
    begin();
    assert_int_equal(slots_get(txn, 0, &value), ERR_ABSENT);
    end();
    assert_int_equal(kv_begin(kv, false, &txn), ERR_OK);
    assert_int_equal(slots_get(txn, UINT32_MAX, &value), ERR_ABSENT);
    kv_abort(txn);
    assert_int_equal(check(), 0);
}

/* However many come at a time, rows are filled: only the last may be short. */
static void test_added(void **state) {
    (void)state;
    for (uint32_t round = 0; objects < 3000; round++) {
        const uint64_t more = objects + round % 70;
        begin();
        for (uint64_t no = objects; no < more; no++) put(no, 40 + random_below(100));
        end();
        objects = more;
    }
    const size_t rows = check();
    size_t bytes = 0;
    for (uint64_t no = 0; no < objects; no++) bytes += 2 + model[no].len;
    assert_in_range(rows, bytes / SLOTS_ROW_BYTES, bytes / (SLOTS_ROW_BYTES - 141) + 1);
}

/* Beside one another, far apart, none, many, longer, shorter, the last before new ones; dropped ones leave nothing. */
static void test_replaced(void **state) {
    (void)state;
    static const uint32_t longest[] = {90, 200, 2020, 2021, 3000, 20};
    for (uint32_t round = 0; round < 300; round++) {
        const uint64_t more = objects + random_below(30) < OBJECTS_MAX - 30 ? objects + random_below(30) : objects;
        const uint32_t one_in = 1 + random_below(40), max = longest[random_below(sizeof longest / sizeof longest[0])];
        if (random_below(8) == 0) { /* never was */
            static const uint8_t wrong[100] = {1};
            begin();
            if (objects > 0) assert_int_equal(slots_put(writer, objects - 1, bytes_of(wrong, sizeof wrong)), ERR_OK);
            assert_int_equal(slots_put(writer, objects, bytes_of(wrong, sizeof wrong)), ERR_OK);
            kv_abort(txn);
        }
        begin();
        for (uint64_t no = 0; no < more; no++)
            if (no >= objects || random_below(one_in) == 0) put(no, 1 + random_below(random_below(10) == 0 ? max : 60));
        end();
        objects = more;
        (void)check();
    }
    begin();
    for (uint64_t no = 0; no < objects; no++) put(no, 2000 + random_below(60)); /* all of them grown */
    end();
    assert_int_equal(check(), objects);
    begin();
    for (uint64_t no = 0; no < objects; no++) put(no, 1);
    end();
    assert_int_equal(check(), objects);
}

static void test_one_byte_each(void **state) {
    (void)state;
    begin();
    for (objects = 0; objects < 2 * SLOTS_ROW_COUNT + 1; objects++) put(objects, 1);
    end();
    assert_int_equal(check(), 3);
    begin();
    for (uint64_t no = 0; no < objects; no += 2) put(no, 30);
    end();
    (void)check();
}

static void test_largest(void **state) {
    (void)state;
    begin();
    for (objects = 0; objects < 64; objects++) put(objects, OBJECT_VALUE_MAX);
    end();
    assert_int_equal(check(), 64);
    begin();
    for (; objects < 264; objects++) put(objects, 80);
    end();
    const size_t rows = check();
    begin();
    put(70, OBJECT_VALUE_MAX); /* the first of its row, one in the middle, the last of all */
    put(110, OBJECT_VALUE_MAX);
    put(263, OBJECT_VALUE_MAX);
    end();
    assert_in_range(check(), rows + 3, rows + 6);
    begin();
    put(0, 1);
    put(110, 1);
    put(263, 1);
    put(264, 5);
    end();
    objects = 265;
    (void)check();
    begin();
    for (uint64_t no = 64; no < 80; no++) put(no, OBJECT_VALUE_MAX);
    end();
    (void)check();
}

/* ---- damaged rows ---- */

static void expect_bad(const uint8_t *row, size_t len) {
    struct slots_row decoded;
    struct bytes value;
    assert_false(slots_row_decode(&decoded, 0, bytes_of(row, len)));
    if (len == 0) return;
    assert_int_equal(kv_begin(kv, true, &txn), ERR_OK);
    assert_int_equal(kv_put(txn, KV_SLOTS, 0, bytes_of(row, len)), ERR_OK);
    struct slots_row walk = {0};
    value = (struct bytes){NULL, 0};
    for (uint64_t no = 0; no < SLOTS_ROW_COUNT + 2; no++) { /* what is read of it lies in it */
        const enum err err = slots_get(txn, no, &value);
        struct bytes all;
        assert_int_equal(kv_get(txn, KV_SLOTS, 0, &all), ERR_OK);
        if (err == ERR_OK) assert_true(value.len >= 1 && value.data > all.data && value.data + value.len <= all.data + all.len);
        else assert_true(err == ERR_CORRUPT || err == ERR_ABSENT);
    }
    assert_int_equal(slots_next(&walk, txn, 0, &value), ERR_CORRUPT);
    assert_int_equal(walk.count, 0);
    for (uint64_t no = 0; no < 2; no++) { /* to replace in it, to go on from it */
        slots_begin(writer, txn, 1);
        assert_int_equal(slots_put(writer, no == 0 ? 0 : 1, bytes_of("x", 1)), ERR_CORRUPT);
    }
    kv_abort(txn);
}

static void test_damaged(void **state) {
    (void)state;
    static const struct { const char *row; size_t len; } bad[] = {
        {"", 0}, {"\0", 1}, {"\0\2", 2}, {"\0\0ab", 4}, {"\0\1ab", 4}, {"\0\3abc", 5}, {"\0\4ab", 4}, {"\1\0ab", 4}, {"\377\376ab", 4},
        {"\0\4\0\4ab", 6}, {"\0\4\0\3ab", 6}, {"\0\4\0\2ab", 6}, {"\0\4\0\6ab", 6}, {"\0\4\0\7ab", 6}, {"\0\6\0\10\0\7abcd", 10}, {"\0\6\0\7\0\7abcd", 10},
        {"\0\6\0\7\0\12abcd", 10}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) expect_bad((const uint8_t *)bad[i].row, bad[i].len);
    static uint8_t row[4 + OBJECT_VALUE_MAX] = {0, 2};
    struct slots_row decoded;
    assert_true(slots_row_decode(&decoded, 9, bytes_of(row, 2 + OBJECT_VALUE_MAX)));
    assert_int_equal(decoded.first, 9);
    assert_int_equal(decoded.count, 1);
    expect_bad(row, 3 + OBJECT_VALUE_MAX);
    row[1] = 4; /* two: no longer than the most of a row */
    row[3] = 5;
    assert_true(slots_row_decode(&decoded, 0, bytes_of(row, SLOTS_ROW_BYTES)));
    assert_int_equal(decoded.count, 2);
    expect_bad(row, SLOTS_ROW_BYTES + 1);
}

/* Rows that are sound and not those that must be there. */
static void test_missing(void **state) {
    (void)state;
    struct bytes value;
    assert_int_equal(kv_begin(kv, true, &txn), ERR_OK);
    slots_begin(writer, txn, 5); /* none at all */
    assert_int_equal(slots_put(writer, 5, bytes_of("x", 1)), ERR_CORRUPT);
    assert_int_equal(kv_put(txn, KV_SLOTS, 10, bytes_of("\0\4\0\5ab", 6)), ERR_OK); /* objects 10 and 11 */
    assert_int_equal(slots_get(txn, 9, &value), ERR_ABSENT);
    assert_int_equal(slots_get(txn, 11, &value), ERR_OK);
    assert_int_equal(value.len, 1);
    assert_int_equal(value.data[0], 'b');
    assert_int_equal(slots_get(txn, 12, &value), ERR_ABSENT);
    slots_begin(writer, txn, 11); /* one more than there are */
    assert_int_equal(slots_put(writer, 10, bytes_of("x", 1)), ERR_CORRUPT);
    slots_begin(writer, txn, 13); /* one less */
    assert_int_equal(slots_put(writer, 13, bytes_of("x", 1)), ERR_CORRUPT);
    slots_begin(writer, txn, 13);
    assert_int_equal(slots_put(writer, 9, bytes_of("x", 1)), ERR_CORRUPT);
    kv_abort(txn);
}

/* ---- how often the store is asked ---- */

static struct kv_ops counting;
static const struct kv_ops *plain;
static unsigned reads, writes;
static enum err count_floor(struct kv_txn *t, enum kv_table table, uint64_t key, uint64_t *found, struct bytes *value) {
    reads++;
    return plain->floor(t, table, key, found, value);
}
static enum err count_put(struct kv_txn *t, enum kv_table table, uint64_t key, struct bytes value) {
    writes++;
    return plain->put(t, table, key, value);
}

static void test_once_a_row(void **state) {
    (void)state;
    begin();
    for (; objects < 1000; objects++) put(objects, 80); /* 24 to a row */
    end();
    assert_int_equal(check(), 42);
    begin();
    plain = txn->ops;
    counting = *plain;
    counting.floor = count_floor;
    counting.put = count_put;
    txn->ops = &counting;
    reads = writes = 0;
    for (uint64_t no = 0; no < 48; no += 3) put(no, 80); /* two rows */
    put(500, 70);
    put(999, 60); /* the last one, to which new ones are added: two rows more */
    for (objects = 1000; objects < 1048; objects++) put(objects, 80);
    assert_int_equal(slots_end(writer), ERR_OK);
    assert_int_equal(reads, 4);
    assert_int_equal(writes, 6);
    txn->ops = plain;
    assert_int_equal(kv_commit(txn), ERR_OK);
    (void)check();
}

/* ---- strips ---- */

static void item_of(uint8_t out[STRIP_ITEM], uint64_t no) {
    memset(out, (int)(no * 7), STRIP_ITEM);
    be64_put(out, no);
}

static void strip_check(unsigned list, uint64_t count) {
    static uint8_t items[1200][STRIP_ITEM];
    uint8_t expected[STRIP_ITEM];
    assert_int_equal(kv_begin(kv, false, &txn), ERR_OK);
    for (int i = 0; i < 20; i++) {
        const uint64_t first = random_below((uint32_t)count + 1), part = random_below((uint32_t)(count - first) + 1);
        assert_int_equal(strip_get(txn, KV_TILES, list, first, (size_t)part, items), ERR_OK);
        for (uint64_t no = 0; no < part; no++) {
            item_of(expected, first + no);
            assert_memory_equal(items[no], expected, STRIP_ITEM);
        }
        assert_int_equal(strip_get(txn, KV_TILES, list, first, (size_t)(count - first) + 1, items), ERR_ABSENT);
    }
    assert_int_equal(strip_get(txn, KV_TILES, list, count, 0, items), ERR_OK);
    kv_abort(txn);
}

static void test_strips(void **state) {
    (void)state;
    static uint8_t items[200][STRIP_ITEM];
    uint64_t count[2] = {0, 0};
    while (count[0] + count[1] < 2000) {
        const unsigned list = random_below(2);
        const uint32_t more = random_below(8) == 0 ? random_below(200) : random_below(40);
        if (count[list] + more > 1200) break;
        for (uint32_t i = 0; i < more; i++) item_of(items[i], count[list] + i);
        assert_int_equal(kv_begin(kv, true, &txn), ERR_OK);
        assert_int_equal(strip_put(txn, KV_TILES, list, count[list], more, items), ERR_OK);
        assert_int_equal(kv_commit(txn), ERR_OK);
        count[list] += more;
        strip_check(list, count[list]);
    }
    strip_check(0, count[0]); /* each is a list of its own */
    strip_check(1, count[1]);
}

static void test_damaged_strips(void **state) {
    (void)state;
    static const uint8_t row[(STRIP_ITEMS + 1) * STRIP_ITEM];
    static const size_t bad[] = {1, 31, 33, STRIP_ITEMS * STRIP_ITEM - 1, STRIP_ITEMS * STRIP_ITEM + 1, sizeof row};
    uint8_t item[STRIP_ITEM];
    assert_int_equal(kv_begin(kv, true, &txn), ERR_OK);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(kv_put(txn, KV_LINKS, STRIP_KEY(0, 1), bytes_of(row, bad[i])), ERR_OK);
        assert_int_equal(strip_get(txn, KV_LINKS, 0, STRIP_ITEMS, 1, item), ERR_CORRUPT);
        assert_int_equal(strip_put(txn, KV_LINKS, 0, STRIP_ITEMS + 1, 1, item), ERR_CORRUPT);
    }
    assert_int_equal(kv_put(txn, KV_LINKS, STRIP_KEY(0, 1), bytes_of(row, 3 * STRIP_ITEM)), ERR_OK);
    assert_int_equal(strip_get(txn, KV_LINKS, 0, STRIP_ITEMS + 2, 1, item), ERR_OK);
    assert_int_equal(strip_get(txn, KV_LINKS, 0, STRIP_ITEMS + 3, 1, item), ERR_ABSENT);
    assert_int_equal(strip_put(txn, KV_LINKS, 0, STRIP_ITEMS + 4, 1, item), ERR_CORRUPT); /* a gap */
    assert_int_equal(strip_put(txn, KV_LINKS, 0, 5, 1, item), ERR_CORRUPT);               /* behind nothing */
    assert_int_equal(strip_put(txn, KV_LINKS, 0, STRIP_ITEMS + 3, 1, item), ERR_OK);
    kv_abort(txn);
}

/* ---- pages: what the sizes are for ---- */

static void remove_dir(const char *dir) {
    static const char *const names[] = {"data.mdb", "lock.mdb", "lock"};
    char path[300];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)unlink(path);
    }
    assert_int_equal(rmdir(dir), 0);
}

static uint64_t used(struct kv *disk) {
    struct kv_usage usage;
    kv_lmdb_usage(disk, &usage);
    return usage.used_bytes;
}

static void test_pages_filled(void **state) {
    (void)state;
    char dir[] = "/tmp/licet-slots-XXXXXX";
    const struct kv_lmdb_options options = {.create = true, .room_min = 1};
    struct kv *disk;
    long pid;
    static uint8_t value[200], items[40][STRIP_ITEM];
    assert_non_null(mkdtemp(dir));
    assert_int_equal(kv_lmdb_open(&disk, dir, &options, &pid), ERR_OK);
    uint64_t before = used(disk), bytes = 0, no = 0;
    for (int block = 0; block < 200; block++) { /* some licences of three objects each */
        assert_int_equal(kv_begin(disk, true, &txn), ERR_OK);
        slots_begin(writer, txn, no);
        for (int i = 0; i < 111; i++, no++) {
            const size_t len = no % 3 == 0 ? 120 + random_below(60) : 50 + random_below(10);
            assert_int_equal(slots_put(writer, no, bytes_of(value, len)), ERR_OK);
            bytes += len;
        }
        assert_int_equal(slots_end(writer), ERR_OK);
        assert_int_equal(kv_commit(txn), ERR_OK);
    }
    assert_in_range(used(disk) - before, bytes, bytes + bytes / 12);
    before = used(disk);
    bytes = 0;
    for (uint64_t block = 0; block < 500; block++) { /* as a tree grows: a list in front of the one that grows most */
        assert_int_equal(kv_begin(disk, true, &txn), ERR_OK);
        assert_int_equal(strip_put(txn, KV_TILES, 7, block * 37, 37, items), ERR_OK);
        if (block % 7 == 0) assert_int_equal(strip_put(txn, KV_TILES, 6, block / 7, 1, items), ERR_OK);
        assert_int_equal(kv_commit(txn), ERR_OK);
        bytes += 37 * STRIP_ITEM;
    }
    assert_in_range(used(disk) - before, bytes, bytes + bytes / 20);
    kv_close(disk);
    remove_dir(dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing, start, stop), cmocka_unit_test_setup_teardown(test_added, start, stop),
        cmocka_unit_test_setup_teardown(test_replaced, start, stop), cmocka_unit_test_setup_teardown(test_one_byte_each, start, stop),
        cmocka_unit_test_setup_teardown(test_largest, start, stop), cmocka_unit_test_setup_teardown(test_damaged, start, stop),
        cmocka_unit_test_setup_teardown(test_missing, start, stop), cmocka_unit_test_setup_teardown(test_once_a_row, start, stop),
        cmocka_unit_test_setup_teardown(test_strips, start, stop), cmocka_unit_test_setup_teardown(test_damaged_strips, start, stop),
        cmocka_unit_test_setup_teardown(test_pages_filled, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
