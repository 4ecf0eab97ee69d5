/* Rows of the store, changed behind the ledger's back: what a disk, or somebody with the disk in hand, may do. */
#ifndef LICET_TESTS_LIB_ROWS_H
#define LICET_TESTS_LIB_ROWS_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/kv/strips.h"
#include "ledger/state/slots.h"

/* Writes a value over the one of object no. */
static inline void slot_overwrite(struct kv_txn *txn, uint64_t no, struct bytes value) {
    struct slots_row last;
    struct bytes all;
    uint64_t first;
    assert_int_equal(kv_floor(txn, KV_SLOTS, UINT64_MAX - 1, &first, &all), ERR_OK);
    assert_true(slots_row_decode(&last, first, all));
    struct slots_writer *writer = slots_writer_new();
    assert_non_null(writer);
    assert_in_range(no, 0, last.first + last.count - 1);
    slots_begin(writer, txn, last.first + last.count);
    assert_int_equal(slots_put(writer, no, value), ERR_OK);
    assert_int_equal(slots_end(writer), ERR_OK);
    slots_writer_free(writer);
}

/* Flips one bit of an item of a strip. */
static inline void strip_flip(struct kv_txn *txn, enum kv_table table, unsigned list, uint64_t item, unsigned bit) {
    uint8_t copy[STRIP_ITEMS * STRIP_ITEM];
    struct bytes row;
    assert_int_equal(kv_get(txn, table, STRIP_KEY(list, item / STRIP_ITEMS), &row), ERR_OK);
    assert_in_range(row.len, (item % STRIP_ITEMS + 1) * STRIP_ITEM, sizeof copy);
    const size_t len = row.len;
    memcpy(copy, row.data, len);
    copy[item % STRIP_ITEMS * STRIP_ITEM + bit / 8] ^= (uint8_t)(1u << bit % 8);
    assert_int_equal(kv_put(txn, table, STRIP_KEY(list, item / STRIP_ITEMS), bytes_of(copy, len)), ERR_OK);
}
#endif
