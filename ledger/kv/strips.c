#include "ledger/kv/strips.h"

enum err strip_get(struct kv_txn *txn, enum kv_table table, unsigned list, uint64_t first, size_t count, void *items) {
    uint8_t *out = (uint8_t *)items;
    while (count > 0) {
        struct bytes row;
        const enum err err = kv_get(txn, table, STRIP_KEY(list, first / STRIP_ITEMS), &row);
        if (err != ERR_OK) return err;
        if (row.len % STRIP_ITEM != 0 || row.len > STRIP_ITEMS * STRIP_ITEM) return ERR_CORRUPT;
        const size_t at = (size_t)(first % STRIP_ITEMS), there = row.len / STRIP_ITEM;
        const size_t part = count < STRIP_ITEMS - at ? count : STRIP_ITEMS - at;
        if (at + part > there) return ERR_ABSENT;
        memcpy(out, row.data + at * STRIP_ITEM, part * STRIP_ITEM);
        out += part * STRIP_ITEM;
        first += part;
        count -= part;
    }
    return ERR_OK;
}

enum err strip_put(struct kv_txn *txn, enum kv_table table, unsigned list, uint64_t first, size_t count, const void *items) {
    const uint8_t *in = (const uint8_t *)items;
    uint8_t row[STRIP_ITEMS * STRIP_ITEM];
    while (count > 0) {
        const size_t at = (size_t)(first % STRIP_ITEMS), part = count < STRIP_ITEMS - at ? count : STRIP_ITEMS - at;
        const uint64_t key = STRIP_KEY(list, first / STRIP_ITEMS);
        struct bytes value = bytes_of(in, part * STRIP_ITEM);
        if (at > 0) {
            const enum err err = strip_get(txn, table, list, first - at, at, row);
            if (err != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
            memcpy(row + at * STRIP_ITEM, in, part * STRIP_ITEM);
            value = bytes_of(row, (at + part) * STRIP_ITEM);
        }
        const enum err err = kv_put(txn, table, key, value);
        if (err != ERR_OK) return err;
        in += part * STRIP_ITEM;
        first += part;
        count -= part;
    }
    return ERR_OK;
}
