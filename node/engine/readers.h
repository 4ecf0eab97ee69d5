/* Readers: who reads data/ beside this node. A program that stands still there keeps old pages from being used again,
 * so that the file grows with each block. Layer: node. */
#ifndef LICET_NODE_READERS_H
#define LICET_NODE_READERS_H
#include <stdatomic.h>

#include "ledger/kv/kv.h"

#define READERS_EVERY 64u       /* blocks between two looks */
#define READERS_BEHIND_MAX 256u /* commits: replay, export and fsck take a new txn far sooner */

struct readers { _Atomic uint64_t behind; }; /* commits that the slowest reader of another process is behind; 0 at the start */
/* Clears away readers that were killed, and logs who stands still, once. One thread. */
void readers_look(struct readers *readers, struct kv *kv);
/* Some program stands still, or was stopped, as of the last look. Any thread. */
bool readers_stuck(const struct readers *readers);
#endif
