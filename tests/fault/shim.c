/* A disk that fails on demand, put under a program with LD_PRELOAD. Counts the calls that change files below one folder, and at call number k
 * ends the program, with or without the power, or fails the call once.
 *
 *   LICET_SHIM_DIR  only files below it count, by their absolute path
 *   LICET_SHIM_LOG  one line a counted call: its number, its name, the file (the log itself must lie elsewhere)
 *   LICET_SHIM_AT   k, from 1; none: only log
 *   LICET_SHIM_ONLY "name file", as in the log: only such calls count
 *   LICET_SHIM_DO   before, after  ends with 137 before or after the call: kill -9, all that was written stays
 *                   lose           ends after the call and takes back what no sync has made safe: the power is cut
 *                   eio, enospc    the call fails once and changes nothing
 *                   hang           the call never comes back
 *   LICET_SHIM_MAP  bytes: LMDB's map begins with that many instead of 1 GiB, so that it has to grow; each size is a line "0 map BYTES" of the log
 *
 * What a cut of power takes back: bytes and lengths since the last fsync or fdatasync of the file (a write through O_DSYNC is safe by itself, what
 * was written before it is not), and names (new files and folders, renames) whose folder was not synced since. That is the harshest reading of POSIX:
 * nothing unsynced survives. Not taken back: unlink, which here removes only the note of the address, and what is written through a mapping, which
 * here is only lock.mdb, rebuilt at each start. Order within the unsynced is not played through: all of it goes. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define PATH_CAP 1024
#define UNDO_CAP 8192

enum undo_kind { UNDO_BYTES, UNDO_MADE, UNDO_RENAMED };
struct undo {
    enum undo_kind kind;
    char path[PATH_CAP], from[PATH_CAP]; /* from: a rename's */
    uint8_t *old;                        /* bytes: what stood there */
    size_t old_len;
    off_t at, old_size;
    bool replaced;                       /* a rename's target was there, and stands aside as path + KEPT */
};
#define KEPT ".shim-kept"

enum action { NOTHING, BEFORE, AFTER, LOSE, FAIL_EIO, FAIL_ENOSPC, HANG };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char dir[PATH_CAP];
static size_t dir_len;
static int log_fd = -1;
static unsigned long at, count, map_bytes;
static const char *only;
static bool hit; /* by the call that holds the lock */
static enum action action = NOTHING;
static struct undo *undos; /* only kept for LOSE */
static size_t undo_count;

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pwritev)(int, const struct iovec *, int, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_msync)(void *, size_t, int);
static int (*real_renameat2)(int, const char *, int, const char *, unsigned);
static int (*real_mkostemp)(char *, int);
static int (*real_mkdir)(const char *, mode_t);
static int (*real_unlink)(const char *);
struct MDB_env;
static int (*real_mapsize)(struct MDB_env *, size_t); /* NULL in a program without LMDB, which does not call it */

static void start(void) {
    const struct { const char *name; void *to; } found[] = {
        {"open", &real_open}, {"openat", &real_openat}, {"write", &real_write}, {"pwrite", &real_pwrite}, {"pwritev", &real_pwritev},
        {"ftruncate", &real_ftruncate}, {"fsync", &real_fsync}, {"fdatasync", &real_fdatasync}, {"msync", &real_msync},
        {"renameat2", &real_renameat2},
        {"mkostemp", &real_mkostemp}, {"mkdir", &real_mkdir}, {"unlink", &real_unlink},
    };
    for (size_t i = 0; i < sizeof found / sizeof found[0]; i++) {
        void *function = dlsym(RTLD_NEXT, found[i].name);
        if (!function) abort();
        memcpy(found[i].to, &function, sizeof function);
    }
    void *mapsize = dlsym(RTLD_NEXT, "mdb_env_set_mapsize");
    memcpy(&real_mapsize, &mapsize, sizeof mapsize);
    const char *value = getenv("LICET_SHIM_MAP");
    if (value) map_bytes = strtoul(value, NULL, 10);
    value = getenv("LICET_SHIM_DIR");
    if (!value || !realpath(value, dir)) return; /* then nothing counts */
    dir_len = strlen(dir);
    if ((value = getenv("LICET_SHIM_LOG"))) log_fd = real_open(value, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    only = getenv("LICET_SHIM_ONLY");
    if ((value = getenv("LICET_SHIM_AT"))) at = strtoul(value, NULL, 10);
    static const char *const names[] = {[BEFORE] = "before", [AFTER] = "after", [LOSE] = "lose", [FAIL_EIO] = "eio", [FAIL_ENOSPC] = "enospc", [HANG] = "hang"};
    if (!(value = getenv("LICET_SHIM_DO"))) return;
    for (size_t i = BEFORE; i <= HANG; i++)
        if (strcmp(value, names[i]) == 0) action = (enum action)i;
    if (action == LOSE && !(undos = calloc(UNDO_CAP, sizeof *undos))) abort();
}

static void begin(void) { pthread_once(&once, start); }

/* ---- which file ---- */

static bool below(const char *path) { return dir_len && strncmp(path, dir, dir_len) == 0 && (path[dir_len] == '/' || path[dir_len] == '\0'); }

/* The absolute path of a name that need not exist, as long as its folder does. */
static bool absolute(char out[PATH_CAP], int at_fd, const char *name) {
    char folder[PATH_CAP], link[64];
    const char *slash = strrchr(name, '/');
    const char *last = slash ? slash + 1 : name;
    if (strlen(name) >= sizeof folder) return false;
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - name) + 1 : 1, slash ? name : ".");
    char base[PATH_CAP] = "", real[PATH_CAP];
    if (name[0] != '/' && at_fd != AT_FDCWD) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", at_fd);
        ssize_t len = readlink(link, base, sizeof base - 2);
        if (len < 0) return false;
        base[len] = '/';
        base[len + 1] = '\0';
    }
    char joined[2 * PATH_CAP];
    snprintf(joined, sizeof joined, "%s%s", base, folder);
    if (!realpath(joined, real)) return false;
    if (strcmp(last, "..") == 0 || strcmp(last, ".") == 0) return false;
    return snprintf(out, PATH_CAP, "%s/%s", real, last) < PATH_CAP;
}

/* A regular file or a folder below ours. */
static bool path_of(char out[PATH_CAP], int fd, bool folders) {
    struct stat st;
    char link[64];
    if (!dir_len || fstat(fd, &st) != 0 || !(S_ISREG(st.st_mode) || (folders && S_ISDIR(st.st_mode)))) return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, out, PATH_CAP - 1);
    if (len <= 0) return false;
    out[len] = '\0';
    return below(out);
}

/* ---- what a cut of power takes back ---- */

static void undo_all(void) {
    while (undo_count-- > 0) {
        struct undo *u = &undos[undo_count];
        char kept[PATH_CAP + sizeof KEPT];
        snprintf(kept, sizeof kept, "%s" KEPT, u->path);
        if (u->kind == UNDO_MADE) {
            (void)remove(u->path);
        } else if (u->kind == UNDO_RENAMED) {
            if (real_renameat2(AT_FDCWD, u->path, AT_FDCWD, u->from, 0) != 0 && errno != ENOENT) abort(); /* unless removed since */
            if (u->replaced && real_renameat2(AT_FDCWD, kept, AT_FDCWD, u->path, 0) != 0) abort();
        } else {
            int fd = real_open(u->path, O_WRONLY | O_CLOEXEC);
            if (fd < 0) continue; /* removed since */
            if (u->old_len && real_pwrite(fd, u->old, u->old_len, u->at) != (ssize_t)u->old_len) abort();
            if (real_ftruncate(fd, u->old_size) != 0) abort();
            (void)close(fd);
        }
    }
}

static struct undo *undo_new(enum undo_kind kind, const char *path) {
    if (action != LOSE) return NULL;
    if (undo_count == UNDO_CAP) abort();
    struct undo *u = &undos[undo_count++];
    memset(u, 0, sizeof *u);
    u->kind = kind;
    snprintf(u->path, sizeof u->path, "%s", path);
    return u;
}

static void undo_bytes(const char *path, off_t from, size_t len) {
    struct undo *u = undo_new(UNDO_BYTES, path);
    if (!u) return;
    struct stat st;
    int fd = real_open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) abort();
    u->at = from;
    u->old_size = st.st_size;
    if (from < st.st_size && len) {
        u->old_len = len < (size_t)(st.st_size - from) ? len : (size_t)(st.st_size - from);
        if (!(u->old = malloc(u->old_len)) || pread(fd, u->old, u->old_len, from) != (ssize_t)u->old_len) abort();
    }
    (void)close(fd);
}

static bool in_folder(const char *path, const char *folder) {
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && path[len] == '/' && !strchr(path + len + 1, '/');
}

/* A sync of this file or folder: what it made safe is forgotten. */
static void undo_forget(const char *path) {
    size_t kept = 0;
    for (size_t i = 0; i < undo_count; i++) {
        struct undo *u = &undos[i];
        if (u->kind == UNDO_BYTES ? strcmp(u->path, path) == 0 : in_folder(u->path, path)) {
            char aside[PATH_CAP + sizeof KEPT];
            snprintf(aside, sizeof aside, "%s" KEPT, u->path);
            if (u->replaced) (void)real_unlink(aside);
            free(u->old);
        } else {
            undos[kept++] = *u;
        }
    }
    undo_count = kept;
}

/* ---- one call ---- */

static void die(void) {
    if (action == LOSE) undo_all();
    _exit(137);
}

/* Under the lock, which call_end gives back. False: the call fails, errno is set. */
static bool call_begin(const char *name, const char *path) {
    pthread_mutex_lock(&lock);
    char text[PATH_CAP + 64], line[PATH_CAP + 96];
    snprintf(text, sizeof text, "%s %s", name, path + dir_len + (path[dir_len] == '/'));
    const bool counts = !only || strcmp(only, text) == 0;
    if (counts) count++;
    hit = counts && count == at;
    int len = snprintf(line, sizeof line, "%lu %s\n", counts ? count : 0, text);
    if (log_fd >= 0 && real_write(log_fd, line, (size_t)len) != len) abort();
    if (hit && action == BEFORE) die();
    while (hit && action == HANG) pause();
    if (!hit || (action != FAIL_EIO && action != FAIL_ENOSPC)) return true;
    errno = action == FAIL_EIO ? EIO : ENOSPC;
    return false;
}

static void call_end(void) {
    int error = errno;
    if (hit && (action == AFTER || action == LOSE)) die();
    pthread_mutex_unlock(&lock);
    errno = error;
}

/* ---- the calls ---- */

static bool is_dsync(int fd) { return (fcntl(fd, F_GETFL) & O_DSYNC) != 0; }

static void before_write(int fd, const char *path, off_t from, size_t len) {
    if (!is_dsync(fd)) undo_bytes(path, from, len);
}

ssize_t write(int fd, const void *data, size_t len) {
    char path[PATH_CAP];
    begin();
    if (!path_of(path, fd, false)) return real_write(fd, data, len);
    ssize_t done = -1;
    if (call_begin("write", path)) {
        struct stat st;
        bool append = (fcntl(fd, F_GETFL) & O_APPEND) != 0 && fstat(fd, &st) == 0;
        before_write(fd, path, append ? st.st_size : lseek(fd, 0, SEEK_CUR), len);
        done = real_write(fd, data, len);
    }
    call_end();
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t from) {
    char path[PATH_CAP];
    begin();
    if (!path_of(path, fd, false)) return real_pwrite(fd, data, len, from);
    ssize_t done = -1;
    if (call_begin("pwrite", path)) {
        before_write(fd, path, from, len);
        done = real_pwrite(fd, data, len, from);
    }
    call_end();
    return done;
}

ssize_t pwritev(int fd, const struct iovec *parts, int part_count, off_t from) {
    char path[PATH_CAP];
    begin();
    if (!path_of(path, fd, false)) return real_pwritev(fd, parts, part_count, from);
    ssize_t done = -1;
    if (call_begin("pwritev", path)) {
        size_t len = 0;
        for (int i = 0; i < part_count; i++) len += parts[i].iov_len;
        before_write(fd, path, from, len);
        done = real_pwritev(fd, parts, part_count, from);
    }
    call_end();
    return done;
}

int ftruncate(int fd, off_t len) {
    char path[PATH_CAP];
    begin();
    if (!path_of(path, fd, false)) return real_ftruncate(fd, len);
    int done = -1;
    if (call_begin("ftruncate", path)) {
        undo_bytes(path, len, SIZE_MAX);
        done = real_ftruncate(fd, len);
    }
    call_end();
    return done;
}

static int sync_call(int fd, const char *name, int (*real)(int)) {
    char path[PATH_CAP];
    if (!path_of(path, fd, true)) return real(fd);
    int done = -1;
    if (call_begin(name, path)) {
        done = real(fd);
        if (done == 0) undo_forget(path);
    }
    call_end();
    return done;
}
int fsync(int fd) {
    begin();
    return sync_call(fd, "fsync", real_fsync);
}
int fdatasync(int fd) {
    begin();
    return sync_call(fd, "fdatasync", real_fdatasync);
}

/* Nothing of ours is kept by msync: a call would be news, and is seen in the log. */
int msync(void *from, size_t len, int flags) {
    begin();
    if (!dir_len) return real_msync(from, len, flags);
    int done = -1;
    if (call_begin("msync", dir)) done = real_msync(from, len, flags);
    call_end();
    return done;
}

static int rename_call(int from_fd, const char *from, int to_fd, const char *to, unsigned flags) {
    char from_path[PATH_CAP], path[PATH_CAP], kept[PATH_CAP + sizeof KEPT];
    begin();
    if (!absolute(from_path, from_fd, from) || !absolute(path, to_fd, to) || !below(path)) return real_renameat2(from_fd, from, to_fd, to, flags);
    int done = -1;
    if (call_begin("rename", path)) {
        struct undo *u = undo_new(UNDO_RENAMED, path);
        if (u) {
            snprintf(u->from, sizeof u->from, "%s", from_path);
            snprintf(kept, sizeof kept, "%s" KEPT, path);
            (void)real_unlink(kept);
            u->replaced = link(path, kept) == 0;
        }
        done = real_renameat2(from_fd, from, to_fd, to, flags);
        if (u && done == 0) /* the file goes by its new name from here on */
            for (size_t i = 0; i + 1 < undo_count; i++)
                if (undos[i].kind == UNDO_BYTES && strcmp(undos[i].path, from_path) == 0) snprintf(undos[i].path, PATH_CAP, "%s", path);
        if (u && done != 0) undo_count--;
    }
    call_end();
    return done;
}
int rename(const char *from, const char *to) { return rename_call(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags) { return rename_call(from_fd, from, to_fd, to, flags); }

int mkostemp(char *name, int flags) {
    char path[PATH_CAP];
    begin();
    if (!absolute(path, AT_FDCWD, name) || !below(path)) return real_mkostemp(name, flags);
    int fd = -1;
    if (call_begin("create", path)) {
        fd = real_mkostemp(name, flags);
        if (fd >= 0 && absolute(path, AT_FDCWD, name)) (void)undo_new(UNDO_MADE, path);
    }
    call_end();
    return fd;
}

int mkdir(const char *name, mode_t mode) {
    char path[PATH_CAP];
    begin();
    struct stat st;
    if (!absolute(path, AT_FDCWD, name) || !below(path) || lstat(path, &st) == 0) return real_mkdir(name, mode);
    int done = -1;
    if (call_begin("mkdir", path)) {
        done = real_mkdir(name, mode);
        if (done == 0) (void)undo_new(UNDO_MADE, path);
    }
    call_end();
    return done;
}

int unlink(const char *name) {
    char path[PATH_CAP];
    begin();
    struct stat st;
    if (!absolute(path, AT_FDCWD, name) || !below(path) || lstat(path, &st) != 0) return real_unlink(name);
    int done = -1;
    if (call_begin("unlink", path)) done = real_unlink(name);
    call_end();
    return done;
}

/* Only an open that makes a file or empties one counts. */
static int open_call(int at_fd, const char *name, int flags, mode_t mode) {
    char path[PATH_CAP];
    begin();
    struct stat st;
    bool ours = (flags & (O_CREAT | O_TRUNC)) != 0 && absolute(path, at_fd, name) && below(path);
    bool there = ours && lstat(path, &st) == 0;
    bool makes = ours && !there && (flags & O_CREAT) != 0, empties = ours && there && (flags & O_TRUNC) != 0 && st.st_size > 0;
    if (!makes && !empties) return real_openat(at_fd, name, flags, mode);
    int fd = -1;
    if (call_begin(makes ? "create" : "empty", path)) {
        if (empties) undo_bytes(path, 0, SIZE_MAX);
        fd = real_openat(at_fd, name, flags, mode);
        if (makes && fd >= 0) (void)undo_new(UNDO_MADE, path);
    }
    call_end();
    return fd;
}

int mdb_env_set_mapsize(struct MDB_env *env, size_t size);
int mdb_env_set_mapsize(struct MDB_env *env, size_t size) {
    char line[64];
    begin();
    if (!map_bytes) return real_mapsize(env, size);
    if (size == (size_t)1 << 30) size = map_bytes;
    int len = snprintf(line, sizeof line, "0 map %zu\n", size);
    if (log_fd >= 0 && real_write(log_fd, line, (size_t)len) != len) abort();
    return real_mapsize(env, size);
}

#define MODE_OF(flags, mode) \
    mode_t mode = 0; \
    if ((flags) & (O_CREAT | O_TMPFILE)) { \
        va_list list; \
        va_start(list, flags); \
        mode = va_arg(list, mode_t); \
        va_end(list); \
    }

int open(const char *name, int flags, ...) {
    MODE_OF(flags, mode)
    return open_call(AT_FDCWD, name, flags, mode);
}
int openat(int at_fd, const char *name, int flags, ...) {
    MODE_OF(flags, mode)
    return open_call(at_fd, name, flags, mode);
}

/* The same under the names that a build with large files or with fortified calls uses. */
int open64(const char *name, int flags, ...) {
    MODE_OF(flags, mode)
    return open_call(AT_FDCWD, name, flags, mode);
}
int openat64(int at_fd, const char *name, int flags, ...) {
    MODE_OF(flags, mode)
    return open_call(at_fd, name, flags, mode);
}
int __open_2(const char *name, int flags);
int __open_2(const char *name, int flags) { return open_call(AT_FDCWD, name, flags, 0); }
int __open64_2(const char *name, int flags);
int __open64_2(const char *name, int flags) { return open_call(AT_FDCWD, name, flags, 0); }
int __openat_2(int at_fd, const char *name, int flags);
int __openat_2(int at_fd, const char *name, int flags) { return open_call(at_fd, name, flags, 0); }
int __openat64_2(int at_fd, const char *name, int flags);
int __openat64_2(int at_fd, const char *name, int flags) { return open_call(at_fd, name, flags, 0); }
ssize_t pwrite64(int fd, const void *data, size_t len, off_t from) { return pwrite(fd, data, len, from); }
ssize_t pwritev64(int fd, const struct iovec *parts, int part_count, off_t from) { return pwritev(fd, parts, part_count, from); }
int ftruncate64(int fd, off_t len) { return ftruncate(fd, len); }
