/* Mark: the high-water mark (term, height, header hash) of what was last signed here, outside the data, perhaps on another disk. Order of a commit:
 * LMDB commit, synced, mark written and synced, then publish and answer; the next commits may be in the data by then. At start it is compared with the data: behind is advanced; ahead, different, or
 * missing beside data that is not empty refuses to start (41). Layer: node.
 * Of the file's two lines (see durable.h) the higher good one counts: a write that is cut short leaves the mark before it, which is behind the
 * data and is advanced. */
#ifndef LICET_NODE_MARK_H
#define LICET_NODE_MARK_H
#include "ledger/base/code.h"

struct mark_value { uint32_t term; uint64_t height; uint8_t hash[32]; };
struct mark;
/* ERR_ABSENT: no such file. ERR_CORRUPT: not a mark. */
MUST_USE enum err mark_read(struct mark_value *out, const char *path);
MUST_USE enum err mark_open(struct mark **out, const char *path); /* for writing; made when absent by the first mark_write */
MUST_USE enum err mark_write(struct mark *mark, const struct mark_value *value); /* durable when it returns ERR_OK */
void mark_close(struct mark *mark);
/* The rule at start. hash_at: the data's header hash at a height <= data->height (false: a fault). On ERR_ROLLBACK message says what the disk has, what
 * was last signed, and the way out. have: whether a mark was found. data NULL: there are no data at all. Data of height 0 without a mark are
 * accepted: block 0 is the genesis, nothing was signed yet. */
MUST_USE enum err mark_judge(const struct mark_value *mark, bool have, const struct mark_value *data,
                             bool (*hash_at)(void *context, uint64_t height, uint8_t out32[32]), void *context, char *message, size_t cap);
#endif
