/* Lease: up to which time head notes may have been given, beside the mark and kept like it (durable.h), so that a clock that is set back while the
 * node is down cannot make a header earlier than a note that somebody holds. Order of a note: lease extended and synced, then the note used.
 * The newer line counts, not the later time: a clean stop writes the exact time of the last note. Layer: node. */
#ifndef LICET_NODE_LEASE_H
#define LICET_NODE_LEASE_H
#include "ledger/base/code.h"

#define LEASE_SUFFIX ".notes" /* of the mark's path */
#define LEASE_AHEAD_MS 1000   /* so much is leased beyond now: at most one sync a second, and after a kill at most that long until blocks follow the clock */

struct lease;
/* ERR_ABSENT: no such file. ERR_CORRUPT: not a lease. */
MUST_USE enum err lease_read(int64_t *time_ms, const char *path);
MUST_USE enum err lease_open(struct lease **out, const char *path); /* made when absent by the first lease_write */
int64_t lease_time_ms(const struct lease *lease); /* what stands in the file; 0: there is none */
MUST_USE enum err lease_write(struct lease *lease, int64_t time_ms); /* durable when it returns ERR_OK */
void lease_close(struct lease *lease);
#endif
