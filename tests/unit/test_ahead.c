/* Blocks ahead of the mark: a start adopts only what its own key sealed and what its statements lead to; fsck finds a block that nobody sealed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "ledger/chain/block_check.h"
#include "ledger/chain/fsck.h"
#include "ledger/chain/prove.h"
#include "ledger/chain/replay.h"
#include "tests/lib/world.h"

static struct world w;
static uint8_t marked[32], good[STORED_BLOCK_MAX];
static size_t good_len;
enum { MARKED = 3, NEWEST = 4 };

static void start(void) {
    static struct made made;
    struct made *list[1] = {&made};
    world_start(&w);
    for (uint32_t n = 1; n <= NEWEST; n++) {
        world_issue(&made, &w, WORLD_TYPE_KEYED, n, 1);
        assert_int_equal(world_block(&w, list, 1, NULL), ERR_OK);
        if (n == MARKED) chain_head_hash(w.chain, marked);
        w.now_ms += 1000;
    }
    reader_rest(w.reader);
    struct kv_txn *txn;
    struct bytes value;
    assert_int_equal(kv_begin(w.kv, false, &txn), ERR_OK);
    assert_int_equal(kv_get(txn, KV_BLOCKS, NEWEST, &value), ERR_OK);
    memcpy(good, value.data, good_len = value.len);
    kv_abort(txn);
}

static void put(uint64_t n, struct bytes value) {
    struct kv_txn *txn;
    assert_int_equal(kv_begin(w.kv, true, &txn), ERR_OK);
    assert_int_equal(kv_put(txn, KV_BLOCKS, n, value), ERR_OK);
    assert_int_equal(kv_commit(txn), ERR_OK);
}

/* What a start would find with the mark at MARKED. */
static struct replay_result ahead(const uint8_t *hash) {
    struct replay_source source;
    struct replay_result result;
    const struct replay_options options = {.jobs = 2, .until = UINT64_MAX, .checked_hash = hash, .checked_height = MARKED};
    assert_int_equal(replay_from_kv(&source, w.kv), ERR_OK);
    const enum err err = replay_run(&result, &source, &options);
    assert_true(err == ERR_OK || err == ERR_CORRUPT || err == ERR_ABSENT);
    if (err != ERR_OK) result.ok = false;
    replay_source_close(&source);
    return result;
}

static struct fsck_report fsck(void) {
    struct fsck_report report;
    assert_int_equal(fsck_run(&report, w.kv, NULL, NULL), ERR_OK);
    return report;
}

/* The newest block again, with another state root, sealed anew or not. */
enum sealing { UNSEALED, FOREIGN, OWN };
static void put_newest(bool bent, enum sealing sealing) {
    struct stored_block block;
    uint8_t header_bytes[HEADER_MAX], seal[SEAL_MAX], value[STORED_BLOCK_MAX];
    assert_int_equal(stored_block_decode(&block, bytes_of(good, good_len)).code, CODE_OK);
    if (bent) block.header.state_root[7] ^= 1;
    const struct bytes header = bytes_of(header_bytes, header_encode(header_bytes, &block.header));
    struct bytes sealed = {NULL, 0};
    if (sealing != UNSEALED) sealed = bytes_of(seal, world_header_seal(seal, &w, header, sealing == FOREIGN));
    put(NEWEST, bytes_of(value, store_block_encode(value, header, sealed, NULL, NULL)));
}

static void test_newest(void **state) {
    (void)state;
    start();
    struct replay_result result = ahead(marked);
    assert_string_equal(result.reason, "");
    assert_true(result.ok);
    assert_int_equal(result.height, NEWEST);
    assert_int_equal(fsck().faults, 0);
    put_newest(false, OWN); /* the same block, sealed anew by the right key */
    assert_true(ahead(marked).ok);
    put_newest(false, UNSEALED);
    result = ahead(marked);
    assert_false(result.ok);
    assert_string_equal(result.reason, "the seal of block 4 does not verify");
    assert_string_equal(fsck().first, "block 4 has no seal: no node made it");
    put_newest(false, FOREIGN);
    assert_false(ahead(marked).ok);
    assert_string_equal(fsck().first, "the seal of block 4 does not verify");
    put_newest(true, OWN); /* a seal alone is not enough */
    result = ahead(marked);
    assert_false(result.ok);
    assert_string_equal(result.reason, "block 4: the state root differs from what its statements lead to");
    put(NEWEST, bytes_of(good, good_len));
    assert_true(ahead(marked).ok);
    world_stop(&w);
}

/* Executed as our own program would, so that every root is right, and not sealed. */
static void test_appended(void **state) {
    (void)state;
    static struct made made;
    start();
    struct prepared *list[1];
    struct statement_result done;
    const struct block *block;
    const struct block_plan plan = {.term = chain_head(w.chain)->term, .time_ms = w.now_ms};
    world_issue(&made, &w, WORLD_TYPE_KEYED, 9, 1);
    assert_int_equal(prepared_new(&list[0], bytes_of(made.bytes, made.len)).code, CODE_OK);
    list[0]->signature_good = true;
    assert_int_equal(chain_execute(w.chain, &plan, list, 1, &done, &block), ERR_OK);
    assert_int_equal(chain_commit(w.chain), ERR_OK);
    chain_publish(w.chain);
    prepared_free(list[0]);
    const struct replay_result result = ahead(marked);
    assert_false(result.ok);
    assert_int_equal(result.failed_at, NEWEST + 1);
    assert_string_equal(result.reason, "the seal of block 5 does not verify");
    assert_string_equal(fsck().first, "block 5 has no seal: no node made it");
    world_stop(&w);
}

/* One bit of the newest block's row; and a mark of another history. */
static void test_flips(void **state) {
    (void)state;
    start();
    struct stored_block block;
    assert_int_equal(stored_block_decode(&block, bytes_of(good, good_len)).code, CODE_OK);
    const size_t header_at = (size_t)(block.header_bytes.data - good), seal_at = (size_t)(block.seal.data - good);
    for (size_t at = header_at; at < seal_at + block.seal.len; at++) {
        uint8_t bent[STORED_BLOCK_MAX];
        memcpy(bent, good, good_len);
        bent[at] ^= (uint8_t)(1u << (at % 8));
        put(NEWEST, bytes_of(bent, good_len));
        if (ahead(marked).ok) print_message("a flip at %zu was not found\n", at);
        assert_false(ahead(marked).ok);
        assert_int_not_equal(fsck().faults, 0);
    }
    put(NEWEST, bytes_of(good, good_len));
    uint8_t other[32];
    memcpy(other, marked, 32);
    other[0] ^= 1;
    const struct replay_result result = ahead(other);
    assert_false(result.ok);
    assert_string_equal(result.reason, "block 3 is not the one that was signed");
    world_stop(&w);
}

/* A bit of a block's row, its receipt's part too: what is served is what was sealed and signed, or a fault; and fsck finds it. */
static void test_served(void **state) {
    (void)state;
    start();
    static struct tile_reader tiles;
    uint8_t right[RECEIPT_MAX], bytes[RECEIPT_MAX];
    size_t right_len, len;
    uint64_t first;
    struct stored_block block;
    const struct snapshot *snapshot;
    assert_int_equal(reader_snapshot(w.reader, &snapshot), ERR_OK);
    assert_int_equal(prove_receipt(right, &right_len, snapshot, &tiles, NEWEST + 1), ERR_OK);
    assert_int_equal(snapshot_block(snapshot, NEWEST + 1, &block, &first), ERR_ABSENT);
    for (uint64_t n = 0; n <= NEWEST; n++) assert_int_equal(snapshot_block(snapshot, n, &block, &first), ERR_OK);
    assert_int_equal(first, NEWEST + 1);
    reader_rest(w.reader);
    for (size_t at = 0; at < good_len; at++) {
        uint8_t bent[STORED_BLOCK_MAX];
        memcpy(bent, good, good_len);
        bent[at] ^= (uint8_t)(1u << (at % 8));
        put(NEWEST, bytes_of(bent, good_len));
        assert_int_not_equal(fsck().faults, 0);
        assert_int_equal(reader_snapshot(w.reader, &snapshot), ERR_OK);
        enum err err = snapshot_block(snapshot, NEWEST, &block, &first);
        if (err == ERR_OK) { /* in the receipt's part, which a block is served without */
            struct stored_block sound;
            assert_int_equal(stored_block_decode(&sound, bytes_of(good, good_len)).code, CODE_OK);
            assert_true(bytes_equal(block.header_bytes, sound.header_bytes) && bytes_equal(block.seal, sound.seal));
        } else assert_int_equal(err, ERR_CORRUPT);
        err = prove_receipt(bytes, &len, snapshot, &tiles, NEWEST + 1);
        if (err == ERR_OK) {
            assert_int_equal(len, right_len);
            assert_memory_equal(bytes, right, len);
        } else assert_true(err == ERR_CORRUPT || err == ERR_ABSENT);
        reader_rest(w.reader);
    }
    put(NEWEST, bytes_of(good, good_len));
    world_stop(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_newest), cmocka_unit_test(test_appended), cmocka_unit_test(test_flips),
                                       cmocka_unit_test(test_served)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
