/* Mapmerge: one batch of changes merged into a version of the map's tree, each touched node made once, and listed to be hashed.
 * Layer: ledger/state, inside the state map. */
#ifndef LICET_STATE_MAPMERGE_H
#define LICET_STATE_MAPMERGE_H
#include "ledger/state/maphash.h"
#include "ledger/state/mapnode.h"
#include "ledger/state/statemap.h"

/* Puts the changes in order of their keys. In place, no heap. */
void mapmerge_sort(struct map_change *changes, size_t count);

/* Between mapnode_begin and keep or undo. root: MAPNODE_NONE for the empty tree. changes: sorted, no key twice (ASSERT).
 * *out: the new root; *added: keys that were not there; list: gets each new node, which has no hash yet. After a fault the caller undoes. */
MUST_USE enum err mapmerge(struct mapnode_pool *pool, uint32_t root, const struct map_change *changes, size_t count,
                           statemap_key_fn key_of, void *context, struct maphash_list *list, uint32_t *out, uint32_t *added);
#endif
