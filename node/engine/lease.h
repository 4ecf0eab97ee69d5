/* Lease: the latest time that any head note may bear, in a file beside the mark and kept like it (durable.h). A clock
 * that is set back while the node is down then cannot make a header that is earlier than a note somebody holds. For
 * each note: first the lease is extended and synced, then the note is used. The newer line of the file counts, not the
 * later time: a clean stop writes the exact time of the last note. Layer: node. */
#ifndef LICET_NODE_LEASE_H
#define LICET_NODE_LEASE_H
#include "ledger/base/code.h"

#define LEASE_SUFFIX ".notes" /* of the mark's path */
/* So much is leased beyond now. So there is at most one sync a second, and after a kill blocks follow the clock again
 * after that time at the latest. */
#define LEASE_AHEAD_MS 1000

struct lease;
/* ERR_ABSENT: no such file. ERR_CORRUPT: not a lease. */
MUST_USE enum err lease_read(int64_t *time_ms, const char *path);
MUST_USE enum err lease_open(struct lease **out, const char *path); /* no file: the first lease_write makes it */
int64_t lease_time_ms(const struct lease *lease); /* what stands in the file; 0: there is none */
MUST_USE enum err lease_write(struct lease *lease, int64_t time_ms); /* durable when it returns ERR_OK */
void lease_close(struct lease *lease);
#endif
