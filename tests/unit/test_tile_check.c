/* Tiles are served only as the log root has them: every tile of trees of many sizes, at whole and at part widths, and every one with a bit changed in storage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/hash.h"
#include "crypto/merkle.h"
#include "crypto/selftest.h"
#include "ledger/chain/block_check.h"
#include "ledger/chain/store.h"
#include "ledger/kv/kv_mem.h"
#include "ledger/kv/strips.h"

static struct kv *kv;
static struct tile_reader tiles;

/* A log of that size in an empty store. */
static void grow(struct snapshot *snapshot, uint64_t size) {
    struct merkle_frontier frontier = {0};
    struct kv_txn *txn;
    kv = kv_mem_new(0);
    struct tile_edge *edge = tile_edge_new();
    assert_true(kv && edge);
    assert_int_equal(kv_begin(kv, true, &txn), ERR_OK);
    assert_int_equal(tile_edge_load(edge, txn, 0), ERR_OK);
    for (uint64_t i = 0; i < size; i++) {
        uint8_t leaf[32];
        merkle_leaf(leaf, &i, sizeof i);
        tile_edge_append(edge, leaf);
        merkle_append(&frontier, leaf, NULL, NULL);
    }
    assert_int_equal(tile_edge_write(edge, txn), ERR_OK);
    assert_int_equal(kv_commit(txn), ERR_OK);
    tile_edge_free(edge);
    *snapshot = (struct snapshot){.header.log_size = size};
    merkle_root(snapshot->header.log_root, &frontier);
}

static enum err look(struct snapshot *snapshot, unsigned level, uint64_t number, uint32_t width) {
    static uint8_t out[TILE_WIDTH][32];
    memset(&tiles, 0, sizeof tiles); /* nothing kept from an earlier call */
    struct kv_txn *txn;
    assert_int_equal(kv_begin(kv, false, &txn), ERR_OK);
    snapshot->txn = txn;
    const enum err err = snapshot_tile(snapshot, &tiles, level, number, width, out);
    uint8_t stored[TILE_WIDTH][32];
    if (err == ERR_OK) assert_int_equal(tile_hashes(txn, level, number * TILE_WIDTH, width, stored), ERR_OK);
    if (err == ERR_OK) assert_memory_equal(out, stored, (size_t)width * 32);
    kv_abort(txn);
    return err;
}

static uint32_t width_of(uint64_t size, unsigned level, uint64_t number) {
    const uint64_t hashes = (size >> (8 * level)) - number * TILE_WIDTH;
    return hashes > TILE_WIDTH ? TILE_WIDTH : (uint32_t)hashes;
}

/* One bit of one hash, in storage; the same call again puts it back. */
static void flip(unsigned level, uint64_t index, unsigned bit) {
    struct kv_txn *txn;
    struct bytes row;
    uint8_t bent[STRIP_ITEM * STRIP_ITEMS];
    const uint64_t key = STRIP_KEY(7 - level, index / STRIP_ITEMS);
    assert_int_equal(kv_begin(kv, true, &txn), ERR_OK);
    assert_int_equal(kv_get(txn, KV_TILES, key, &row), ERR_OK);
    memcpy(bent, row.data, row.len);
    bent[(index % STRIP_ITEMS) * STRIP_ITEM + bit / 8] ^= (uint8_t)(1u << (bit % 8));
    assert_int_equal(kv_put(txn, KV_TILES, key, bytes_of(bent, row.len)), ERR_OK);
    assert_int_equal(kv_commit(txn), ERR_OK);
}

static void one_size(uint64_t size) {
    struct snapshot snapshot;
    grow(&snapshot, size);
    for (unsigned level = 0; level < 8 && size >> (8 * level) > 0; level++) {
        const uint64_t hashes = size >> (8 * level), last = (hashes - 1) / TILE_WIDTH;
        const uint64_t numbers[] = {0, last, last / 2};
        for (size_t n = 0; n < 3; n++) {
            const uint32_t width = width_of(size, level, numbers[n]);
            assert_int_equal(look(&snapshot, level, numbers[n], width), ERR_OK);
            assert_int_equal(look(&snapshot, level, numbers[n], 1), ERR_OK);
            for (uint32_t i = 0; i < width; i += width > 20 ? 17 : 1) {
                flip(level, numbers[n] * TILE_WIDTH + i, i * 7 % 256);
                assert_int_equal(look(&snapshot, level, numbers[n], width), ERR_CORRUPT);
                flip(level, numbers[n] * TILE_WIDTH + i, i * 7 % 256);
            }
        }
    }
    kv_close(kv);
}

static void tiles_lead_to_the_root(void **state) {
    (void)state;
    static const uint64_t sizes[] = {1, 2, 3, 255, 256, 257, 300, 511, 512, 513, 65535, 65536, 65537, 66000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) one_size(sizes[i]);
}

int main(void) {
    if (crypto_start() != NULL) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(tiles_lead_to_the_root)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
