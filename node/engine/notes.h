/* Notes: head notes, and the time of the next block. They belong together. A note over block n says "at this time this
 * was the newest block"; so no later header may carry an earlier time, also while block n+1 is being made. Across a
 * restart the lease remembers which times notes may bear. Any thread. Layer: node.
 * The clock rule is here too. No block and no note is made while the clock is behind what was signed, or implausibly
 * far ahead of it: a single note dated 2036 would bind every later header. */
#ifndef LICET_NODE_NOTES_H
#define LICET_NODE_NOTES_H
#include "ledger/base/limits.h"
#include "node/base/busy.h"
#include "node/engine/lease.h"
#include "node/engine/signing.h"
#include "rpc/hooks.h"

#define NOTE_AGE_MAX_MS 1000   /* a note is given out again for this long */
#define CLOCK_BACK_MAX_MS 1000 /* how far the clock may be behind what was signed: NTP slews that much */
#define CLOCK_WAIT_MAX_MS 5000 /* a clock no further behind than that is waited for */
_Static_assert(CLOCK_WAIT_MAX_MS < BUSY_MS_MAX / 2, "who waits for the clock is not taken for one that hangs");

struct notes;
/* head: the newest header; confirmed: see engine_parts.clock_confirmed. note and lease are borrowed. NULL: memory. */
MUST_USE struct notes *notes_new(const struct signing *note, struct lease *lease, const struct header *head, bool confirmed, int64_t now_ms);
/* For a clean stop: the lease shrinks to the time of the last note. The notes are not asked anything after it. */
MUST_USE enum err notes_settle(struct notes *notes);
void notes_free(struct notes *notes);

/* For the writer. begin opens a block on top of the newest one and gives its time. False: the clock forbids blocks.
 * Each open block is closed once: by published, in order, before readers see it; or by dropped, which closes the one
 * opened last. Blocks that are not published yet stay open, and one more may be made on top of them. */
#define NOTES_OPEN_MAX (CHAIN_AHEAD + 1u)
MUST_USE bool notes_block_begin(struct notes *notes, int64_t now_ms, int64_t *time_ms);
void notes_block_dropped(struct notes *notes);
void notes_block_published(struct notes *notes, const struct header *header);

/* See rpc_hooks.note. False and *fault not ERR_OK: the lease could not be kept. */
MUST_USE bool notes_get(struct notes *notes, const struct snapshot *snapshot, int64_t now_ms, struct note_view *out, enum err *fault);
/* What the clock rule says now. *limit_ms (may be NULL): of CLOCK_BEHIND, the time at which blocks go on by themselves;
 * of CLOCK_AHEAD, the latest time that needs no confirmation; of CLOCK_RIGHT, 0. */
enum clock_state { CLOCK_RIGHT, CLOCK_BEHIND, CLOCK_AHEAD };
MUST_USE enum clock_state notes_clock(struct notes *notes, int64_t now_ms, int64_t *limit_ms);
/* By how much a clock that says now_ms is too far behind for blocks. 0 or less: it is not. */
int64_t notes_clock_behind_ms(struct notes *notes, int64_t now_ms);
#endif
