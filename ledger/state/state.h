/* State: the working state of one block: objects read through to the slots of the block before, changes kept apart in memory until the block
 * is committed or dropped. Single writer. Knows objects and numbers, not rules (those are in op_*.c). Layer: ledger/state.
 * A change can be rolled back to a mark, so a statement is all or nothing. */
#ifndef LICET_STATE_STATE_H
#define LICET_STATE_STATE_H
#include "ledger/kv/kv.h"
#include "ledger/state/statemap.h"
#include "ledger/wire/object.h"

struct state; /* one per chain, reused for every block: keeps its buffers */

MUST_USE struct state *state_new(struct statemap *map, const uint8_t genesis[32]);
void state_free(struct state *state);

/* Starts a block on top of what txn shows and the map's newest version. txn must stay open until state_root has been called or state_end:
 * state_write reads by its write txn alone, so a read txn can be ended before that is committed. */
struct state_counts { uint64_t objects, links, licences; };
void state_begin(struct state *state, struct kv_txn *txn, const struct state_counts *counts);
/* Forgets all changes; drops an unpublished map version. */
void state_end(struct state *state);

/* The value of object `no`; the view lives until the object is put again or the block ends. ERR_CORRUPT where it is not there
 * or does not have the hash its leaf says (checked when read from storage, once a block). */
MUST_USE enum err state_get(struct state *state, uint32_t no, struct bytes *value);
/* The number of the object with this id; *no = NO_NONE where there is none. Checked like state_get. */
MUST_USE enum err state_find(struct state *state, enum object_kind kind, struct bytes id, uint32_t *no);
/* These ids will be looked for next: only makes that faster. At most STATE_EXPECT_MAX. */
#define STATE_EXPECT_MAX STATEMAP_WARM_MAX
struct state_id { enum object_kind kind; struct bytes id; };
void state_expect(struct state *state, const struct state_id *ids, size_t count);
/* The number the next state_add will give. */
uint32_t state_next_no(const struct state *state);
/* A new object; its value must carry number state_next_no where its kind has one. The caller has found that the id is free. */
MUST_USE enum err state_add(struct state *state, enum object_kind kind, struct bytes id, struct bytes value, uint32_t *no);
MUST_USE enum err state_put(struct state *state, uint32_t no, struct bytes value); /* id and kind unchanged */
MUST_USE enum err state_link(struct state *state, const struct history_link *link, uint32_t *number);

/* Typed reads that the rules use most: decoded once a block and kept (members, keys, types are few). Pointers live until the object
 * is put again or the block ends. ERR_ABSENT never: a number that is not of that kind is ERR_CORRUPT. */
MUST_USE enum err state_member(struct state *state, uint32_t no, const struct member **out);
MUST_USE enum err state_key(struct state *state, uint32_t no, const struct key_object **out);
MUST_USE enum err state_type(struct state *state, uint32_t no, const struct licence_type **out);
/* Changes of a member's counters are gathered and written once a block, at state_root. */
MUST_USE enum err state_member_counters(struct state *state, uint32_t no, uint64_t issued, int32_t quota_day, uint64_t quota_used);

/* Marks nest not: one at a time (a statement). A rollback ends the mark, and the views of what was put since. */
void state_savepoint(struct state *state);
void state_rollback(struct state *state);

/* Hashes everything that changed, updates the map once, gives the new root and counts. After this only state_write and state_end. */
MUST_USE enum err state_root(struct state *state, uint8_t root32[32], struct state_counts *counts);
/* Writes the changed slots and new links into a write txn (objects in ascending order, so that new ones are appended). ERR_CORRUPT: the rows that
 * they go into are not there, or do not decode. */
MUST_USE enum err state_write(struct state *state, struct kv_txn *write_txn);
/* The objects added in this block, in the order of their numbers; after state_root. The visit's fault ends it and is returned. */
typedef enum err (*state_added_fn)(void *context, enum object_kind kind, uint32_t no);
MUST_USE enum err state_added(const struct state *state, state_added_fn visit, void *context);
/* The value of an object that was there before the block, where the block changed it; after state_root. The view lives until the block ends. */
bool state_changed(const struct state *state, uint32_t no, struct bytes *value);
/* Hands over the unpublished map version made by state_root (NULL when nothing changed); the caller publishes or drops it. */
const struct map_snapshot *state_take_map(struct state *state);
#endif
