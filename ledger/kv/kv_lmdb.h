/* KV on LMDB: alone includes lmdb.h. A commit syncs the pages it wrote before it writes the meta page that makes them count (no MDB_NOSYNC), and
 * kv_sync syncs that meta page (MDB_NOMETASYNC). MDB_APPEND, MDB_NOTLS, native u64 keys (MDB_INTEGERKEY).
 * Adds what LMDB 0.9 lacks: an exclusive lock with the owner's pid (DIR/lock), a size check before mmap (a truncated data.mdb would be a
 * SIGBUS), fsync of the folder after creation, a latch after the first failed commit, growth of the map between transactions, a check of
 * free disk space BEFORE a commit (LMDB reports a full disk as EIO at commit, when it is too late to tell it from a broken disk). */
#ifndef LICET_KV_KV_LMDB_H
#define LICET_KV_KV_LMDB_H
#include "ledger/kv/kv.h"

struct kv_lmdb_options {
    bool create;          /* make the folder's files when absent */
    bool read_only;       /* shared lock not taken: for tools beside a running node */
    uint64_t room_min;    /* bytes that must stay free on the disk; 0: 64 MiB */
};
/* *owner_pid: set with ERR_LOCKED. ERR_ABSENT: no data there (and not create). ERR_VERSION, ERR_CORRUPT, ERR_IO. */
MUST_USE enum err kv_lmdb_open(struct kv **out, const char *dir, const struct kv_lmdb_options *options, long *owner_pid);
struct kv_usage { uint64_t disk_bytes, used_bytes, disk_free, commits; };
const char *kv_lmdb_library(void); /* which LMDB this program met */
void kv_lmdb_usage(struct kv *kv, struct kv_usage *out);
/* A consistent copy into an empty folder, while others read and write. */
MUST_USE enum err kv_lmdb_copy(struct kv *kv, const char *dir);
#endif
