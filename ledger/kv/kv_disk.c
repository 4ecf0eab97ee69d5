#include "ledger/kv/kv_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ledger/kv/kv_format.h"

/* --- whose file a name is --- */

static enum err open_err(int number) {
    switch (number) {
    case ENOENT: return ERR_ABSENT;
    case EACCES: case EPERM: return ERR_DENIED;
    case ELOOP: case ENXIO: case ENOTDIR: case EISDIR: return ERR_PLACE; /* a link; a pipe that nobody reads; no folder; a folder */
    case ENOSPC: case EDQUOT: return ERR_NO_ROOM;
    default: return ERR_IO;
    }
}

static bool owner_fits(uid_t owner, uid_t folder) { return owner == geteuid() || owner == 0 || owner == folder; }

/* A pipe under this name must not hang us, and no link may lead what we write elsewhere. */
static enum err file_open(int *out, int dir_fd, const char *name, int flags) {
    struct stat folder, file;
    const int fd = openat(dir_fd, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600);
    if (fd < 0) return open_err(errno);
    enum err err = fstat(fd, &file) == 0 && fstat(dir_fd, &folder) == 0 ? ERR_OK : ERR_IO;
    if (err == ERR_OK && (!S_ISREG(file.st_mode) || file.st_nlink != 1 || !owner_fits(file.st_uid, folder.st_uid))) err = ERR_PLACE;
    if (err == ERR_OK) *out = fd;
    else (void)close(fd);
    return err;
}

enum err disk_plain(int dir_fd, const char *name) {
    int fd;
    const enum err err = file_open(&fd, dir_fd, name, O_RDONLY);
    if (err == ERR_OK) (void)close(fd);
    return err == ERR_ABSENT ? ERR_OK : err;
}

bool disk_in_place(int fd, const char *path) {
    struct stat open, named;
    return fstat(fd, &open) == 0 && lstat(path, &named) == 0 && open.st_nlink == 1 && open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

enum err disk_lock(int dir_fd, int *fd, long *owner_pid) {
    *owner_pid = 0;
    int lock;
    const enum err opened = file_open(&lock, dir_fd, "lock", O_RDWR | O_CREAT);
    if (opened != ERR_OK) return opened;
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
    int fd;
    enum err err = file_open(&fd, dir_fd, "data.mdb", O_RDONLY);
    if (err != ERR_OK) return err;
    uint64_t size;
    struct meta meta[2];
    err = disk_size(fd, &size);
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

/* A folder may be on another disk, by a link that its own owner, root or we have put there. */
static bool link_fits(const char *path) {
    struct stat name, folder;
    if (lstat(path, &name) != 0 || !S_ISLNK(name.st_mode)) return true; /* open says what is wrong with it, where anything is */
    return stat(path, &folder) == 0 ? owner_fits(name.st_uid, folder.st_uid) : owner_fits(name.st_uid, 0);
}

enum err disk_open_dir(int *fd, const char *path, bool create) {
    if (create && mkdir(path, 0700) != 0 && errno != EEXIST) return open_err(errno);
    if (!link_fits(path)) return ERR_PLACE;
    const int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) return open_err(errno);
    if (create && sync_parent(dir) != ERR_OK) { /* also one that was there: who made it may have been killed before this */
        (void)close(dir);
        return ERR_IO;
    }
    *fd = dir;
    return ERR_OK;
}
