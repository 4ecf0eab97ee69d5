/* slots: rows of objects. What is taken is written again, object by object, as the same row; what is not is a fault to who reads or changes it. */
#include "tests/fuzz/fuzz.h"

#include "ledger/kv/kv_mem.h"
#include "ledger/state/slots.h"

#define FIRST 3u

static struct kv_txn *begin(struct kv *kv) {
    struct kv_txn *txn;
    ASSERT(kv_begin(kv, true, &txn) == ERR_OK);
    return txn;
}

static void written_again(const struct slots_row *row, struct kv *kv, struct slots_writer *writer) {
    struct kv_txn *txn = begin(kv);
    struct bytes again, value;
    size_t sum = 0;
    slots_begin(writer, txn, 0);
    for (uint32_t at = 0; at < row->count; at++) {
        value = slots_row_value(row, at);
        ASSERT(value.len >= 1);
        ASSERT(value.data >= row->all.data && value.data + value.len <= row->all.data + row->all.len);
        sum += 2 + value.len;
        ASSERT(slots_put(writer, at, value) == ERR_OK);
    }
    ASSERT(sum == row->all.len); /* no byte is nobody's */
    ASSERT(slots_end(writer) == ERR_OK);
    ASSERT(kv_get(txn, KV_SLOTS, 0, &again) == ERR_OK);
    ASSERT(bytes_equal(again, row->all));
    kv_abort(txn);
}

/* As a row of the store: reading, replacing its first object, adding one. */
static void stored(struct bytes in, const struct slots_row *row, struct kv *kv, struct slots_writer *writer) {
    static const uint8_t byte = 7;
    const uint64_t end = FIRST + (row != NULL ? row->count : 1);
    struct kv_txn *txn = begin(kv);
    struct bytes value;
    ASSERT(kv_put(txn, KV_SLOTS, FIRST, in) == ERR_OK);
    ASSERT(slots_get(txn, FIRST - 1, &value) == ERR_ABSENT);
    for (uint64_t no = FIRST; no < FIRST + 5; no++) {
        struct slots_row walk = {0};
        struct bytes all;
        ASSERT(kv_get(txn, KV_SLOTS, FIRST, &all) == ERR_OK);
        const enum err err = slots_get(txn, no, &value);
        if (row != NULL) ASSERT(err == (no < end ? ERR_OK : ERR_ABSENT));
        if (err == ERR_OK) ASSERT(value.len >= 1 && value.data > all.data && value.data + value.len <= all.data + all.len);
        ASSERT(slots_next(&walk, txn, no, &value) == (row == NULL ? ERR_CORRUPT : no < end ? ERR_OK : ERR_ABSENT));
    }
    slots_begin(writer, txn, end);
    enum err err = slots_put(writer, FIRST, bytes_of(&byte, 1));
    if (err == ERR_OK) err = slots_put(writer, end, bytes_of(&byte, 1));
    if (err == ERR_OK) err = slots_end(writer);
    ASSERT(err == (row != NULL ? ERR_OK : ERR_CORRUPT));
    for (uint64_t no = FIRST; row != NULL && no <= end; no++) {
        ASSERT(slots_get(txn, no, &value) == ERR_OK);
        ASSERT(bytes_equal(value, no == FIRST || no == end ? bytes_of(&byte, 1) : slots_row_value(row, (uint32_t)(no - FIRST))));
    }
    kv_abort(txn);
}

int fuzz_one(const uint8_t *data, size_t size) {
    const struct bytes in = bytes_of(data, size);
    struct slots_row row;
    const bool taken = slots_row_decode(&row, FIRST, in);
    struct kv *kv = kv_mem_new(0);
    struct slots_writer *writer = slots_writer_new();
    ASSERT(kv != NULL && writer != NULL);
    if (taken) written_again(&row, kv, writer);
    if (size > 0) stored(in, taken ? &row : NULL, kv, writer);
    slots_writer_free(writer);
    kv_close(kv);
    return 0;
}
