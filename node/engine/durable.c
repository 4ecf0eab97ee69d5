#include "node/engine/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "crypto/private_file.h"

#define LINE_LEN 4096 /* a page of its own each: a write that is cut short harms only the line it writes */
#define FILE_LEN (2 * LINE_LEN)
#define CHECK_LEN 16

struct durable {
    char path[PATH_MAX];
    int fd;          /* -1 until there is a file */
    unsigned turn;   /* the line to be written next */
    bool latched;
};

static void line_encode(char out[LINE_LEN], const char *text) {
    char check[CHECK_LEN + 1];
    uint8_t digest[32];
    size_t len = strlen(text);
    ASSERT(len > 0 && len < DURABLE_TEXT_MAX);
    sha256(digest, text, len);
    hex_encode(check, digest, CHECK_LEN / 2);
    memset(out, ' ', LINE_LEN);
    memcpy(out, text, len);
    memcpy(out + len + 1, check, CHECK_LEN);
    out[LINE_LEN - 1] = '\n';
}

/* Strict: what it takes must be exactly what line_encode makes of it. */
static bool line_decode(char out[DURABLE_TEXT_MAX], const char in[LINE_LEN]) {
    char again[LINE_LEN];
    size_t end = LINE_LEN - 1;
    while (end > 0 && in[end - 1] == ' ') end--;
    if (end <= CHECK_LEN + 1 || end - CHECK_LEN - 1 >= DURABLE_TEXT_MAX) return false;
    memcpy(out, in, end - CHECK_LEN - 1);
    out[end - CHECK_LEN - 1] = '\0';
    if (out[0] == '\0') return false;
    line_encode(again, out);
    return memcmp(again, in, LINE_LEN) == 0;
}

static ssize_t read_both_lines(int fd, char *out, size_t cap) {
    size_t have = 0;
    while (have < cap) {
        ssize_t got = pread(fd, out + have, cap - have, (off_t)have);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        have += (size_t)got;
    }
    return (ssize_t)have;
}

static enum err durable_file_read(struct durable_lines *out, int fd) {
    char text[FILE_LEN + 1];
    struct stat st;
    if (fstat(fd, &st) != 0) return ERR_IO;
    if (!S_ISREG(st.st_mode) || st.st_nlink > 1) return ERR_PLACE;
    ssize_t len = read_both_lines(fd, text, sizeof text);
    if (len < 0) return ERR_IO;
    if (len != FILE_LEN) return ERR_CORRUPT;
    for (size_t i = 0; i < 2; i++) out->good[i] = line_decode(out->text[i], text + i * LINE_LEN);
    return ERR_OK;
}

static enum err err_of_open(int number) {
    if (number == ENOENT) return ERR_ABSENT;
    if (number == ELOOP || number == ENXIO) return ERR_PLACE; /* a link, whose end is somebody else's file; a pipe */
    return number == EACCES || number == EPERM ? ERR_DENIED : ERR_IO;
}

enum err durable_read(struct durable_lines *out, const char *path) {
    *out = (struct durable_lines){.good = {false, false}};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    if (fd < 0) return errno == ENOTDIR ? ERR_ABSENT : err_of_open(errno);
    enum err err = durable_file_read(out, fd);
    (void)close(fd);
    return err;
}

enum err durable_open(struct durable **out, struct durable_lines *lines, const char *path, bool *there) {
    *out = NULL;
    *lines = (struct durable_lines){.good = {false, false}};
    if (strlen(path) + sizeof ".new" > PATH_MAX) return ERR_CONFIG;
    struct durable *durable = calloc(1, sizeof *durable);
    if (!durable) return ERR_MEMORY;
    (void)snprintf(durable->path, sizeof durable->path, "%s", path);
    durable->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
    enum err err = durable->fd >= 0 || errno == ENOENT ? ERR_OK : err_of_open(errno);
    *there = durable->fd >= 0;
    if (*there) err = durable_file_read(lines, durable->fd);
    /* Who made it may have been killed before its name was safe. */
    if (*there && err == ERR_OK && !file_name_sync(path)) err = ERR_IO;
    if (err == ERR_OK) *out = durable;
    else durable_close(durable);
    return err;
}

void durable_keep(struct durable *durable, unsigned line) { durable->turn = 1 - line; }

void durable_close(struct durable *durable) {
    if (!durable) return;
    if (durable->fd >= 0) (void)close(durable->fd);
    free(durable);
}

static bool write_at(int fd, const char *data, size_t len, off_t at) {
    while (len > 0) {
        ssize_t put = pwrite(fd, data, len, at);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return false;
        data += put;
        len -= (size_t)put;
        at += put;
    }
    return true;
}

static bool file_make(struct durable *durable, const char line[LINE_LEN]) {
    char temporary[PATH_MAX + 8];
    (void)snprintf(temporary, sizeof temporary, "%s.new", durable->path);
    int fd = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return false;
    if (write_at(fd, line, LINE_LEN, 0) && write_at(fd, line, LINE_LEN, LINE_LEN) && fsync(fd) == 0 &&
        rename(temporary, durable->path) == 0 && file_name_sync(durable->path)) {
        durable->fd = fd;
        durable->turn = 1;
        return true;
    }
    (void)close(fd);
    return false;
}

enum err durable_hold(struct durable *durable) {
    struct stat open, named;
    if (durable->latched) return ERR_LATCHED;
    if (durable->fd < 0) return ERR_OK;
    durable->latched = fstat(durable->fd, &open) != 0 || lstat(durable->path, &named) != 0 || open.st_nlink != 1 || open.st_dev != named.st_dev ||
                       open.st_ino != named.st_ino;
    return durable->latched ? ERR_IO : ERR_OK;
}

enum err durable_write(struct durable *durable, const char *text) {
    if (durable->latched) return ERR_LATCHED;
    char line[LINE_LEN];
    line_encode(line, text);
    bool ok;
    struct stat st;
    if (durable->fd >= 0 && fstat(durable->fd, &st) == 0 && st.st_nlink == 0) { /* somebody removed it under us: its next reader must find it */
        (void)close(durable->fd);
        durable->fd = -1;
    }
    if (durable->fd < 0) {
        ok = file_make(durable, line);
    } else {
        ok = write_at(durable->fd, line, LINE_LEN, (off_t)durable->turn * LINE_LEN) && fdatasync(durable->fd) == 0;
        durable->turn = 1 - durable->turn;
    }
    /* After a failed sync nobody knows what the disk holds, and a second sync may say yes without having written. */
    durable->latched = !ok;
    return ok ? ERR_OK : ERR_IO;
}
