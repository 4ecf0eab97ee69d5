/* Mark: the high-water mark (term, height, header hash) of what was last signed here. It lies outside the data, perhaps
 * on another disk. Order of a block: LMDB commit, sync, mark written and synced, then publish and answer. The next
 * blocks may be committed by then. Layer: node.
 * At start the mark is compared with the data. A mark that is behind is advanced. One that is ahead, or of another
 * history, or missing beside data that are not empty, stops the start (41).
 * The file has two lines (durable.h), and the higher good one counts. A write that is cut short leaves the mark before
 * it; that one is behind the data, and is advanced. */
#ifndef LICET_NODE_MARK_H
#define LICET_NODE_MARK_H
#include "ledger/base/code.h"

struct mark_value { uint32_t term; uint64_t height; uint8_t hash[32]; };
struct mark;
/* ERR_ABSENT: no such file. ERR_CORRUPT: not a mark. */
MUST_USE enum err mark_read(struct mark_value *out, const char *path);
MUST_USE enum err mark_open(struct mark **out, const char *path); /* to write; no file: the first mark_write makes it */
MUST_USE enum err mark_write(struct mark *mark, const struct mark_value *value); /* durable when it returns ERR_OK */
void mark_close(struct mark *mark);
/* The rule at start.
 *   have      a mark was found
 *   data      the newest block of the data; NULL: there are none
 *   hash_at   the data's header hash at a height <= data->height; false: a fault
 * ERR_ROLLBACK: message says what the disk has, what was last signed, and the way out. ERR_CORRUPT: hash_at failed. Data
 * of height 0 without a mark are accepted: block 0 is the genesis, and nothing was signed yet. */
MUST_USE enum err mark_judge(const struct mark_value *mark, bool have, const struct mark_value *data,
                             bool (*hash_at)(void *context, uint64_t height, uint8_t out32[32]), void *context, char *message, size_t cap);
#endif
