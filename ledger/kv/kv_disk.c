#include "ledger/kv/kv_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* A meta page: 16 bytes of page head, then these; native byte order, as LMDB writes it. */
#define META_AT 16
#define META_MAGIC 0xBEEFC0DEu
#define META_VERSION 1u
struct meta_db { uint32_t pad; uint16_t flags, depth; uint64_t branch, leaf, overflow, entries, root; };
struct meta {
    uint32_t magic, version;
    uint64_t address, map_size;
    struct meta_db db[2]; /* db[0].pad: the page size */
    uint64_t last_page, txn;
};
_Static_assert(sizeof(struct meta) == 136, "LMDB's MDB_meta on a 64-bit machine");
_Static_assert(sizeof(size_t) == 8, "LMDB's file format 1 with 64-bit page numbers");

enum err disk_lock(int dir_fd, int *fd, long *owner_pid) {
    *owner_pid = 0;
    const int lock = openat(dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock < 0) return ERR_IO;
    char text[32];
    if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        const enum err err = errno == EWOULDBLOCK ? ERR_LOCKED : ERR_IO;
        const ssize_t len = pread(lock, text, sizeof text - 1, 0);
        if (len > 0) {
            text[len] = '\0';
            *owner_pid = strtol(text, NULL, 10);
        }
        (void)close(lock);
        return err;
    }
    const int len = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(lock, 0) != 0 || pwrite(lock, text, (size_t)len, 0) != len) {
        (void)close(lock);
        return ERR_IO;
    }
    *fd = lock;
    return ERR_OK;
}

static enum err meta_read(int fd, uint64_t at, struct meta *out) {
    if (pread(fd, out, sizeof *out, (off_t)(at + META_AT)) != (ssize_t)sizeof *out) return ERR_CORRUPT;
    if (out->magic != META_MAGIC) return ERR_CORRUPT;
    if (out->version != META_VERSION) return out->version > META_VERSION ? ERR_VERSION : ERR_CORRUPT;
    const uint32_t page = out->db[0].pad;
    return page >= 512 && page <= 65536 && (page & (page - 1)) == 0 ? ERR_OK : ERR_CORRUPT;
}

enum err disk_check(int dir_fd) {
    const int fd = openat(dir_fd, "data.mdb", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT ? ERR_ABSENT : ERR_IO;
    uint64_t size;
    struct meta meta[2];
    enum err err = disk_size(fd, &size);
    if (err == ERR_OK && size == 0) err = ERR_ABSENT; /* died between making the file and its first pages */
    if (err == ERR_OK) err = meta_read(fd, 0, &meta[0]);
    if (err == ERR_OK) err = meta_read(fd, meta[0].db[0].pad, &meta[1]);
    if (err == ERR_OK) err = disk_size(fd, &size); /* after the pages: beside a running writer the file grows between the two */
    if (err == ERR_OK) {
        const struct meta *newest = meta[1].txn > meta[0].txn ? &meta[1] : &meta[0];
        const uint64_t page = meta[0].db[0].pad;
        if (meta[1].db[0].pad != page || newest->last_page < 1 || newest->last_page >= size / page) err = ERR_CORRUPT;
    }
    (void)close(fd);
    return err;
}

enum err disk_extend(int fd, uint64_t bytes) {
    uint64_t size;
    const enum err err = disk_size(fd, &size);
    if (err != ERR_OK || size >= bytes) return err;
    return ftruncate(fd, (off_t)bytes) == 0 && fdatasync(fd) == 0 ? ERR_OK : ERR_IO; /* rare: else a cut of power would leave it short */
}

enum err disk_sync_dir(int dir_fd) { return fsync(dir_fd) == 0 ? ERR_OK : ERR_IO; }

enum err disk_sync_copy(int dir_fd) {
    const int fd = openat(dir_fd, "data.mdb", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return ERR_IO;
    enum err err = fsync(fd) == 0 ? ERR_OK : ERR_IO;
    (void)close(fd);
    if (err == ERR_OK) err = disk_sync_dir(dir_fd);
    return err == ERR_OK ? disk_check(dir_fd) : err;
}

enum err disk_free(int dir_fd, uint64_t *bytes) {
    struct statvfs vfs;
    if (fstatvfs(dir_fd, &vfs) != 0) return ERR_IO;
    *bytes = (uint64_t)vfs.f_bavail * vfs.f_frsize;
    return ERR_OK;
}

enum err disk_size(int fd, uint64_t *bytes) {
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) return ERR_IO;
    *bytes = (uint64_t)st.st_size;
    return ERR_OK;
}

/* A name is on the disk only once the folder it stands in has been synced. */
static enum err sync_parent(int dir_fd) {
    const int parent = openat(dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0) return ERR_IO;
    const enum err err = disk_sync_dir(parent);
    (void)close(parent);
    return err;
}

enum err disk_open_dir(int *fd, const char *path, bool create) {
    if (create && mkdir(path, 0700) != 0 && errno != EEXIST) return errno == ENOSPC ? ERR_NO_ROOM : ERR_IO;
    const int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) return errno == ENOENT ? ERR_ABSENT : ERR_IO;
    if (create && sync_parent(dir) != ERR_OK) { /* also one that was there: who made it may have been killed before this */
        (void)close(dir);
        return ERR_IO;
    }
    *fd = dir;
    return ERR_OK;
}
