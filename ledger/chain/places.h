/* Places: where in the KV's memory each licence was last found, so that one that is asked for is not searched for through the pages of a B-tree, most of
 * which are far from the processor. Only a guess: what lies there may be something else by now, or be written while it is read. So it is copied
 * first, and the copy is believed for its hash's sake alone: bytes that lead to the leaf in the map are the object, wherever they were read.
 * Layer: ledger/chain. Any thread. Memory: 4 bytes an object number. */
#ifndef LICET_CHAIN_PLACES_H
#define LICET_CHAIN_PLACES_H
#include "ledger/kv/kv.h"

#define PLACE_BYTES_MAX 512u /* longer values are not remembered: a licence of no unusual kind is far shorter */
struct places;
MUST_USE struct places *places_new(void); /* NULL: no memory */
void places_free(struct places *places);
/* With an open read txn, and before the others, whose answers hold for that txn. False: there are none to be had of this KV. Forgets all where the KV's
 * memory has moved since. */
MUST_USE bool places_hold(struct places *places, struct kv *kv);
/* A value of an open txn. Two numbers share a place, the later one has it: a licence is never alone, its number or its document comes behind it.
 * Where there is no memory, or the value is too long, nothing is noted. */
void places_note(struct places *places, uint32_t no, struct bytes value);
struct bytes places_find(const struct places *places, uint32_t no); /* data NULL: not known */
void places_prefetch(const struct places *places, uint32_t no);     /* what find will read */
#endif
