/* Notes: head notes, and the time of the next block. The two belong together: a note over block n says "at this time this was the newest", so
 * no later header may carry an earlier time, also while block n+1 is being made. Holds the clock rule too: neither a block nor a note is made
 * when the clock is behind what was signed, or implausibly far ahead of it: one note dated 2036 would bind every later header. Across a restart
 * the lease says what notes may have been given. Any thread. Layer: node. */
#ifndef LICET_NODE_NOTES_H
#define LICET_NODE_NOTES_H
#include "node/engine/lease.h"
#include "node/engine/signing.h"
#include "rpc/hooks.h"

#define NOTE_AGE_MAX_MS 1000  /* a note is given out again for this long */
#define CLOCK_BACK_MAX_MS 1000 /* how far the clock may be behind what was signed: NTP slews that much */
#define CLOCK_WAIT_MAX_MS 5000 /* a clock no further behind than that is waited for */

struct notes;
/* head: the newest header; confirmed: see engine_parts.clock_confirmed. note and lease are borrowed. NULL: memory. */
MUST_USE struct notes *notes_new(const struct signing *note, struct lease *lease, const struct header *head, bool confirmed, int64_t now_ms);
/* A clean stop: the lease shrinks to the time of the last note. Nothing is asked of the notes any more. */
MUST_USE enum err notes_settle(struct notes *notes);
void notes_free(struct notes *notes);

/* Writer: the time of the block to be made on top of the newest one, which may not be published yet: three are open at most. False: the clock forbids
 * it. Ended by published (in order; before readers see it) or dropped (the last one begun). */
#define NOTES_OPEN_MAX 3u
MUST_USE bool notes_block_begin(struct notes *notes, int64_t now_ms, int64_t *time_ms);
void notes_block_dropped(struct notes *notes);
void notes_block_published(struct notes *notes, const struct header *header);

/* See rpc_hooks.note. False with *fault: the lease could not be kept. */
MUST_USE bool notes_get(struct notes *notes, const struct snapshot *snapshot, int64_t now_ms, struct note_view *out, enum err *fault);
/* The clock rule as it stands. *limit_ms (may be NULL): where it is behind, the time from which on it goes on by itself; where it is ahead, the latest
 * time that needs no confirmation. */
enum clock_state { CLOCK_RIGHT, CLOCK_BEHIND, CLOCK_AHEAD };
MUST_USE enum clock_state notes_clock(struct notes *notes, int64_t now_ms, int64_t *limit_ms);
/* How long until a clock that says now_ms is not too far behind any more; 0 or less: it is not. */
int64_t notes_clock_behind_ms(struct notes *notes, int64_t now_ms);
#endif
