/* Kv_disk: what LMDB 0.9 leaves to its caller about files: one owner, a length that fits, folders that reach the disk, free space.
 * Layer: ledger/kv, inside kv_lmdb. Does not include lmdb.h: it reads the two meta pages as LMDB's file format 1 has them. */
#ifndef LICET_KV_KV_DISK_H
#define LICET_KV_KV_DISK_H
#include "ledger/base/code.h"

/* Takes DIR/lock for this process and writes its pid into it; *fd keeps it. ERR_LOCKED with *owner_pid (0: not known). */
MUST_USE enum err disk_lock(int dir_fd, int *fd, long *owner_pid);
/* What lies under the name, if anything, is a plain file with this one name, of the folder's owner, root or us. LMDB opens its files itself and follows any
 * link: asked before that. ERR_PLACE, ERR_DENIED. */
MUST_USE enum err disk_plain(int dir_fd, const char *name);
/* The open file is still what the name says, and has no other name. */
MUST_USE bool disk_in_place(int fd, const char *path);
/* data.mdb is as long as its newest meta page says, so that no page of the mapping lies behind the file's end (that is a SIGBUS).
 * ERR_ABSENT: no such file, or an empty one. ERR_CORRUPT, ERR_VERSION, ERR_IO, ERR_PLACE, ERR_DENIED. */
MUST_USE enum err disk_check(int dir_fd);
/* Makes the file that long where it is shorter, durably: a page that was taken and given back in one txn is counted and never written. */
MUST_USE enum err disk_extend(int fd, uint64_t bytes);
MUST_USE enum err disk_sync_dir(int dir_fd);
/* A copy that was just made of the data: LMDB copies without syncing, and a backup that a power cut can empty is none. */
MUST_USE enum err disk_sync_copy(int dir_fd);
MUST_USE enum err disk_free(int dir_fd, uint64_t *bytes);
MUST_USE enum err disk_size(int fd, uint64_t *bytes);
/* Opens a folder; with create makes it where it is not there, and syncs the one it is in. ERR_ABSENT. */
MUST_USE enum err disk_open_dir(int *fd, const char *path, bool create);
#endif
