/* Slots: where the objects of the state rest, by number: several to a row of KV_SLOTS, as many as let two rows fill a page of LMDB. A row's key is the
 * number of its first object. Objects are added at the end and replaced, never removed. Layer: ledger/state.
 *
 *   row = u16be offset of each value in the row | the values, one behind the other
 *
 * The first offset says how many there are; the last value ends with the row. No value is empty. A row has at most SLOTS_ROW_BYTES, or holds one
 * object alone. A row whose values have grown beyond that is cut in two, so where rows begin depends on the past: it is not part of consensus. */
#ifndef LICET_STATE_SLOTS_H
#define LICET_STATE_SLOTS_H
#include "ledger/base/limits.h"
#include "ledger/kv/kv.h"

#define SLOTS_ROW_BYTES 2022u /* with LMDB's 18 a row, the most of which two go into a page of 4,096; one byte more takes a page of its own */
#define SLOTS_ROW_COUNT (SLOTS_ROW_BYTES / 3u)

struct slots_row {
    uint64_t first; /* object number */
    uint32_t count;
    struct bytes all;
};
/* False where the bytes are no such row. */
MUST_USE bool slots_row_decode(struct slots_row *out, uint64_t first, struct bytes all);
struct bytes slots_row_value(const struct slots_row *row, uint32_t at);

/* The value of object no; the view lives as long as one of kv_get. ERR_ABSENT: no row has it. ERR_CORRUPT: its row does
 * not decode, as far as it is looked at: what lies about the value is not. */
MUST_USE enum err slots_get(struct kv_txn *txn, uint64_t no, struct bytes *value);
/* The same for who goes through many, ascending: reads a row once, and all of it has to decode. *row is zero at first, and again at each txn. */
MUST_USE enum err slots_next(struct slots_row *row, struct kv_txn *txn, uint64_t no, struct bytes *value);

/* Changes of one write txn, ascending. Each row that is touched is read once and put once. */
struct slots_writer; /* reused for every txn: keeps its buffers */
MUST_USE struct slots_writer *slots_writer_new(void);
void slots_writer_free(struct slots_writer *writer);
/* objects: how many there are. */
void slots_begin(struct slots_writer *writer, struct kv_txn *txn, uint64_t objects);
/* Below `objects`: replaces; from there on each number follows the one before. The value, of 1 .. OBJECT_VALUE_MAX bytes, is looked at until slots_end.
 * A fault is final: then the txn is to be aborted. ERR_CORRUPT: the row to be changed is not there, or does not decode. */
MUST_USE enum err slots_put(struct slots_writer *writer, uint64_t no, struct bytes value);
MUST_USE enum err slots_end(struct slots_writer *writer);
#endif
