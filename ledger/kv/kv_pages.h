/* KV pages: a look at every page and node of a data.mdb that LMDB would follow, before it does: LMDB trusts page numbers, flags, offsets and sizes in its
 * file, and one flipped bit in them is a SIGSEGV. What lies in the values is not looked at: hashes see to that. Read only; does not include lmdb.h:
 * it reads LMDB's file format 1 (0.9.x, 64-bit). A million licences are about 100,000 pages. Layer: ledger/kv, inside kv_lmdb and private. */
#ifndef LICET_KV_KV_PAGES_H
#define LICET_KV_KV_PAGES_H
#include "ledger/base/code.h"

/* The tree of the newest commit, or of commit number txn where that is not 0: hold a read txn of that number, so that no page of it is given away
 * meanwhile. ERR_CORRUPT; ERR_ABSENT: that commit is not among the newest two any more (begin a newer txn). ERR_IO, ERR_MEMORY. */
MUST_USE enum err pages_check(int fd, uint64_t txn);
#endif
