/* KV in memory: the twin for tests, simulation and audit. Puts of a write txn are seen by readers after commit; readers get the newest
 * committed state only (no old snapshots: a read txn may be ended after a commit but no longer read from; ASSERTed). Many threads may read, while none writes. */
#ifndef LICET_KV_KV_MEM_H
#define LICET_KV_KV_MEM_H
#include "ledger/kv/kv.h"

/* discard: bit (1 << table) for tables whose puts are counted and forgotten (an auditor keeps neither entries nor tiles). */
MUST_USE struct kv *kv_mem_new(unsigned discard);
/* Fault injection: the countdown-th commit from now fails with err: lost (nothing kept) or kept. 0: off. As on disk, a commit that failed
 * with anything but ERR_NO_ROOM latches: later write txns get ERR_LATCHED, until the next call here, which stands for a restart. */
void kv_mem_fail(struct kv *kv, unsigned countdown, enum err err, bool kept);
uint64_t kv_mem_commits(struct kv *kv);
#endif
