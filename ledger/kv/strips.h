/* Strips: long lists of 32-byte items (the hashes of the log, links of histories) in rows of STRIP_ITEMS, of which two fill a page of LMDB to its last bytes.
 * Items are only ever added. Row key: the list's number << 56 | number of its first item / STRIP_ITEMS. Layer: ledger/kv. */
#ifndef LICET_KV_STRIPS_H
#define LICET_KV_STRIPS_H
#include "ledger/kv/kv.h"

#define STRIP_ITEM 32u
#define STRIP_ITEMS 63u /* 2,016 bytes: a row of more than 2,022 takes whole pages of its own */
#define STRIP_KEY(list, row) (((uint64_t)(list) << 56) | (uint64_t)(row))

/* Copies items first .. first + count. ERR_ABSENT: the list is not so long. ERR_CORRUPT: a row of no whole items, or of too many. */
MUST_USE enum err strip_get(struct kv_txn *txn, enum kv_table table, unsigned list, uint64_t first, size_t count, void *items);
/* Puts items behind the first `first` of the list. Those of the last row that are to be kept are read back, which a first that begins a row spares;
 * ERR_CORRUPT where they are not all there. */
MUST_USE enum err strip_put(struct kv_txn *txn, enum kv_table table, unsigned list, uint64_t first, size_t count, const void *items);
#endif
