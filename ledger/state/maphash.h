/* Maphash: the hashes of the nodes that one update made, after the last of them was made: then it is known which memory they need, and it can be
 * asked for together. Layer: ledger/state, inside the state map. */
#ifndef LICET_STATE_MAPHASH_H
#define LICET_STATE_MAPHASH_H
#include "ledger/base/workers.h"
#include "ledger/state/mapnode.h"
#include "ledger/state/statemap.h"

/* A node that is made and not hashed yet. They are listed children first, so all new nodes below node i stand in [from, i). */
struct unhashed {
    uint32_t ref;
    uint32_t from; /* of a leaf: its change */
};
/* Zero at first; its room is kept from one update to the next. maphash_empty(list, 0) gives all of it back. */
struct maphash_list { struct unhashed *nodes; size_t count, room; };

void maphash_empty(struct maphash_list *list, size_t keep); /* nodes' room to keep at most */
MUST_USE bool maphash_add(struct maphash_list *list, uint32_t ref, uint32_t from); /* false: no memory */
/* Hashes all of the list; many are shared out among the workers, which may be NULL. */
void maphash_all(const struct maphash_list *list, const struct mapnode_pool *pool, const struct map_change *changes, struct workers *workers);
#endif
