/* Roll: the numbers of the objects of those kinds that are few (members, keys, types, seals, ...), ascending, so that they can be listed without going
 * through millions of licences. Memory only: filled at open from the slots, and by each block. One writer; readers on any thread. Layer: ledger/chain. */
#ifndef LICET_CHAIN_ROLL_H
#define LICET_CHAIN_ROLL_H
#include "ledger/base/code.h"
#include "ledger/wire/object.h"

struct roll;
MUST_USE struct roll *roll_new(void);
void roll_free(struct roll *roll);
bool roll_keeps(enum object_kind kind);
/* Numbers come in ascending order for each kind; a kind that is not kept is left out. Not seen by readers until it is settled. ERR_MEMORY. */
MUST_USE enum err roll_stage(struct roll *roll, enum object_kind kind, uint32_t no);
void roll_settle(struct roll *roll, bool keep);
/* The smallest number of this kind from `from` on and below `below`; NO_NONE: none. */
uint32_t roll_next(struct roll *roll, enum object_kind kind, uint32_t from, uint64_t below);
#endif
