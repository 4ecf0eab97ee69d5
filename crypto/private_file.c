#include "crypto/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

/* Asked of the opened file: a name could point elsewhere a moment later. */
static bool private_file_is_private(int fd) {
    struct stat st;
    if (fstat(fd, &st) != 0) return false;
    return S_ISREG(st.st_mode) && (st.st_mode & 077) == 0 && (st.st_uid == geteuid() || st.st_uid == 0);
}

static enum keyfile_result private_file_read_all(uint8_t *out, size_t cap, size_t *len, int fd) {
    size_t have = 0;
    for (;;) {
        uint8_t beyond;
        ssize_t got = have < cap ? read(fd, out + have, cap - have) : read(fd, &beyond, 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return KEYFILE_IO;
        if (got == 0) break;
        if (have == cap) return KEYFILE_FORMAT;
        have += (size_t)got;
    }
    *len = have;
    return KEYFILE_OK;
}

enum keyfile_result private_file_read(uint8_t *out, size_t cap, size_t *len, const char *path) {
    *len = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* a pipe under this name must not hang us */
    if (fd < 0) return errno == ENOENT || errno == ENOTDIR ? KEYFILE_ABSENT : KEYFILE_IO;
    enum keyfile_result result = private_file_is_private(fd) ? private_file_read_all(out, cap, len, fd) : KEYFILE_MODE;
    (void)close(fd);
    if (result != KEYFILE_OK) bytes_wipe(out, cap);
    return result;
}

bool file_write_all(int fd, const void *data, size_t len) {
    for (const uint8_t *at = data; len > 0;) {
        const ssize_t put = write(fd, at, len);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        at += put;
        len -= (size_t)put;
    }
    return true;
}

/* Where the file system has no rename that refuses, a hard link refuses too. */
static enum keyfile_result publish(const char *temporary, const char *path) {
    if (renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0) return KEYFILE_OK;
    if (errno != EEXIST && (errno == EINVAL || errno == ENOSYS) && link(temporary, path) == 0) {
        (void)unlink(temporary);
        return KEYFILE_OK;
    }
    return errno == EEXIST ? KEYFILE_EXISTS : KEYFILE_IO;
}

bool file_name_sync(const char *path) {
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/') len--; /* "folder/" stands where "folder" does */
    const char *slash = memrchr(path, '/', len);
    size_t folder_len = slash ? (size_t)(slash - path) + 1 : 0;
    char folder[PATH_MAX];
    if (folder_len + 2 > sizeof folder) return false;
    memcpy(folder, path, folder_len);
    memcpy(folder + folder_len, ".", 2); /* "keys/" -> "keys/.", "" -> "." */
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    bool ok = fsync(fd) == 0;
    (void)close(fd);
    return ok;
}

enum keyfile_result private_file_write(const char *path, const void *data, size_t len) {
    const char *slash = strrchr(path, '/');
    size_t folder_len = slash ? (size_t)(slash - path) + 1 : 0;
    static const char pattern[] = ".licet-XXXXXX";
    if (folder_len + sizeof pattern > PATH_MAX) return KEYFILE_IO;
    char temporary[PATH_MAX];
    memcpy(temporary, path, folder_len);
    memcpy(temporary + folder_len, pattern, sizeof pattern);

    int fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 from its first moment */
    if (fd < 0) return KEYFILE_IO;
    bool ok = fchmod(fd, 0600) == 0 && file_write_all(fd, (const uint8_t *)data, len) && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    enum keyfile_result result = ok ? publish(temporary, path) : KEYFILE_IO;
    if (result != KEYFILE_OK) {
        (void)unlink(temporary);
        return result;
    }
    return file_name_sync(path) ? KEYFILE_OK : KEYFILE_IO;
}
