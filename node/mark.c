#include "node/mark.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/hash.h"

#define LINE_LEN 4096 /* a page of its own each: a write that is cut short harms only the line it writes */
#define FILE_LEN (2 * LINE_LEN)
#define WORD "licet-mark 1 "
#define CHECK_LEN 16

struct mark {
    char path[PATH_MAX];
    int fd;          /* -1 until there is a file */
    unsigned turn;   /* the line to be written next */
    bool latched;
};

static void line_check(char out[CHECK_LEN + 1], const char *text, size_t len) {
    uint8_t digest[32];
    sha256(digest, text, len);
    hex_encode(out, digest, CHECK_LEN / 2);
}

static void line_encode(char out[LINE_LEN], const struct mark_value *value) {
    char hash[65], check[CHECK_LEN + 1], text[256];
    hex_encode(hash, value->hash, 32);
    int len = snprintf(text, sizeof text, WORD "term %" PRIu32 " height %" PRIu64 " hash %s", value->term, value->height, hash);
    ASSERT(len > 0 && (size_t)len < sizeof text);
    line_check(check, text, (size_t)len);
    memset(out, ' ', LINE_LEN);
    memcpy(out, text, (size_t)len);
    memcpy(out + len + 1, check, CHECK_LEN);
    out[LINE_LEN - 1] = '\n';
}

/* Strict: what it takes must be exactly what line_encode makes of it. */
static bool line_decode(struct mark_value *out, const char in[LINE_LEN]) {
    char text[256], hash[65], again[LINE_LEN];
    memcpy(text, in, sizeof text);
    text[sizeof text - 1] = '\0';
    if (sscanf(text, WORD "term %" SCNu32 " height %" SCNu64 " hash %64[0-9a-f]", &out->term, &out->height, hash) != 3) return false;
    if (!hex_decode(out->hash, 32, hash, strlen(hash))) return false;
    line_encode(again, out);
    return memcmp(again, in, LINE_LEN) == 0;
}

static bool higher(const struct mark_value *a, const struct mark_value *b) {
    return a->term != b->term ? a->term > b->term : a->height > b->height;
}

static ssize_t read_whole(int fd, char *out, size_t cap) {
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

/* *turn: the line that the next write may overwrite. */
static enum err file_read(struct mark_value *out, unsigned *turn, int fd) {
    char text[FILE_LEN + 1];
    ssize_t len = read_whole(fd, text, sizeof text);
    if (len < 0) return ERR_IO;
    if (len != FILE_LEN) return ERR_CORRUPT;
    struct mark_value line[2];
    bool good[2];
    for (unsigned i = 0; i < 2; i++) good[i] = line_decode(&line[i], text + (size_t)i * LINE_LEN);
    if (!good[0] && !good[1]) return ERR_CORRUPT;
    unsigned best = !good[0] || (good[1] && higher(&line[1], &line[0])) ? 1 : 0;
    *out = line[best];
    *turn = 1 - best;
    return ERR_OK;
}

enum err mark_read(struct mark_value *out, const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return errno == ENOENT || errno == ENOTDIR ? ERR_ABSENT : ERR_IO;
    unsigned turn;
    enum err err = file_read(out, &turn, fd);
    (void)close(fd);
    return err;
}

enum err mark_open(struct mark **out, const char *path) {
    *out = NULL;
    if (strlen(path) + sizeof ".new" > PATH_MAX) return ERR_CONFIG;
    struct mark *mark = calloc(1, sizeof *mark);
    if (!mark) return ERR_MEMORY;
    (void)snprintf(mark->path, sizeof mark->path, "%s", path);
    mark->fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    enum err err = mark->fd >= 0 || errno == ENOENT ? ERR_OK : ERR_IO;
    struct mark_value value;
    if (mark->fd >= 0) err = file_read(&value, &mark->turn, mark->fd);
    if (err == ERR_OK) {
        *out = mark;
        return ERR_OK;
    }
    mark_close(mark);
    return err;
}

void mark_close(struct mark *mark) {
    if (!mark) return;
    if (mark->fd >= 0) (void)close(mark->fd);
    free(mark);
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

/* A name is only safe once its folder is on stable storage. */
static bool folder_sync(const char *path) {
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) + 1 : 0;
    memcpy(folder, path, len);
    folder[len] = '.';
    folder[len + 1] = '\0';
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return false;
    bool ok = fsync(fd) == 0;
    (void)close(fd);
    return ok;
}

static bool file_make(struct mark *mark, const char line[LINE_LEN]) {
    char temporary[PATH_MAX + 8];
    (void)snprintf(temporary, sizeof temporary, "%s.new", mark->path);
    int fd = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return false;
    if (write_at(fd, line, LINE_LEN, 0) && write_at(fd, line, LINE_LEN, LINE_LEN) && fsync(fd) == 0 &&
        rename(temporary, mark->path) == 0 && folder_sync(mark->path)) {
        mark->fd = fd;
        mark->turn = 1;
        return true;
    }
    (void)close(fd);
    return false;
}

enum err mark_write(struct mark *mark, const struct mark_value *value) {
    if (mark->latched) return ERR_LATCHED;
    char line[LINE_LEN];
    line_encode(line, value);
    bool ok;
    struct stat st;
    if (mark->fd >= 0 && fstat(mark->fd, &st) == 0 && st.st_nlink == 0) { /* somebody removed it under us: its next reader must find it */
        (void)close(mark->fd);
        mark->fd = -1;
    }
    if (mark->fd < 0) {
        ok = file_make(mark, line);
    } else {
        ok = write_at(mark->fd, line, LINE_LEN, (off_t)mark->turn * LINE_LEN) && fdatasync(mark->fd) == 0;
        mark->turn = 1 - mark->turn;
    }
    /* After a failed sync nobody knows what the disk holds, and a second sync may say yes without having written. */
    mark->latched = !ok;
    return ok ? ERR_OK : ERR_IO;
}

#define WAY_OUT "Put the newer data back, or run `licet recover`"

enum err mark_judge(const struct mark_value *mark, bool have, const struct mark_value *data,
                    bool (*hash_at)(void *context, uint64_t height, uint8_t out32[32]), void *context, char *message, size_t cap) {
    if (!have && (!data || data->height == 0)) return ERR_OK;
    if (!have) {
        (void)snprintf(message, cap, "The data have block %" PRIu64 ", but the mark of what was last signed is missing: these data may be a "
                       "restored copy. Put the mark back, or run `licet recover`", data->height);
        return ERR_ROLLBACK;
    }
    if (!data) {
        (void)snprintf(message, cap, "There are no data, but block %" PRIu64 " was signed here. " WAY_OUT, mark->height);
        return ERR_ROLLBACK;
    }
    if (mark->height > data->height) {
        (void)snprintf(message, cap, "The data end at block %" PRIu64 ", but block %" PRIu64 " was signed here: these data are older than what was "
                       "last signed. " WAY_OUT, data->height, mark->height);
        return ERR_ROLLBACK;
    }
    uint8_t hash[32];
    if (!hash_at(context, mark->height, hash)) return ERR_CORRUPT;
    if (memcmp(hash, mark->hash, 32) == 0) return ERR_OK; /* equal, or behind: the caller advances it. The hash covers the term */
    (void)snprintf(message, cap, "Block %" PRIu64 " of the data (which end at block %" PRIu64 ") is not the block %" PRIu64 " that was signed here "
                   "(term %" PRIu32 "): these data are of another history. " WAY_OUT, mark->height, data->height, mark->height, mark->term);
    return ERR_ROLLBACK;
}
