/* Seen: once and only once. Remembers the statements of the iat window by id, so that identical bytes get their first receipt again and the
 * same record under another signature is refused. Older ones need no memory: their iat is out of the window. Rebuilt from the log at
 * start; judged before anything else. Layer: ledger/chain. One writer. */
#ifndef LICET_CHAIN_SEEN_H
#define LICET_CHAIN_SEEN_H
#include "ledger/base/code.h"

struct seen;
MUST_USE struct seen *seen_new(void);
void seen_free(struct seen *seen);
/* CODE_OK: new. CODE_ALREADY_ENTERED or CODE_RESIGNED: *entry is the first one. */
enum code seen_find(const struct seen *seen, const uint8_t id32[32], const uint8_t leaf32[32], uint64_t *entry);
MUST_USE enum err seen_add(struct seen *seen, const uint8_t id32[32], const uint8_t leaf32[32], uint64_t entry, int64_t time_ms);
void seen_drop_from(struct seen *seen, uint64_t entry);      /* forgets entry and all after it: a block that was not committed */
void seen_expire(struct seen *seen, int64_t before_ms);      /* forgets entries whose block time is before */
size_t seen_count(const struct seen *seen);
#endif
