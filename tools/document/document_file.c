#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "tools/document/layout.h"
#include "tools/document/report.h"

#define CHUNK 65536u

void (*document_reading)(uint64_t done, uint64_t total);

static bool digest_file(struct report *out, const struct file_view *view) {
    struct hash_stream one, other;
    uint8_t *chunk = malloc(CHUNK);
    bool first = chunk && hash_stream_start(&one, HASH_SHA256), second = first && hash_stream_start(&other, HASH_SM3), good = second;
    for (uint64_t at = 0; at < view->size && good;) {
        size_t len = view->size - at < CHUNK ? (size_t)(view->size - at) : CHUNK;
        good = file_view_read(view, at, chunk, len);
        if (good) hash_stream_add(&one, chunk, len);
        if (good) hash_stream_add(&other, chunk, len);
        at += len;
        if (document_reading) document_reading(at, view->size);
    }
    if (good) {
        hash_stream_final(&one, out->sha256);
        hash_stream_final(&other, out->sm3);
    } else {
        if (first) hash_stream_drop(&one);
        if (second) hash_stream_drop(&other);
    }
    free(chunk);
    return good;
}

static int document_file_open_file(const char *path, struct stat *facts) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe without a writer would be waited for */
    if (fd < 0) return -1;
    if (fstat(fd, facts) == 0 && S_ISREG(facts->st_mode)) return fd;
    errno = S_ISDIR(facts->st_mode) ? EISDIR : EINVAL;
    int why = errno;
    (void)close(fd);
    errno = why;
    return -1;
}

int document_open(struct report *out, const char *path, struct stat *before) {
    *out = (struct report){.format = FORMAT_OTHER};
    int fd = document_file_open_file(path, before);
    if (fd < 0) return -1;
    out->size = (uint64_t)before->st_size;
    errno = EIO;
    if (digest_file(out, &(struct file_view){.fd = fd, .size = out->size})) return fd;
    int why = errno;
    (void)close(fd);
    errno = why;
    return -1;
}

bool document_close(int fd, const struct stat *before, struct report *out) {
    struct stat after;
    int why = errno;
    bool same = fstat(fd, &after) == 0 && after.st_size == before->st_size && after.st_mtim.tv_sec == before->st_mtim.tv_sec &&
                after.st_mtim.tv_nsec == before->st_mtim.tv_nsec && after.st_ctim.tv_sec == before->st_ctim.tv_sec && after.st_ctim.tv_nsec == before->st_ctim.tv_nsec;
    (void)close(fd);
    errno = why;
    if (out && same) return true;
    if (out) {
        report_free(out);
        errno = EAGAIN;
    }
    return false;
}

/* A ZIP's directory ends in the last bytes, whatever stands before it. */
static bool ends_as_zip(const struct file_view *view) {
    uint8_t tail[22 + 1024];
    size_t len = view->size < sizeof tail ? (size_t)view->size : sizeof tail;
    if (len < 22 || !file_view_read(view, view->size - len, tail, len)) return false;
    return memmem(tail, len, "PK\5\6", 4) != NULL;
}

bool document_format(enum document_format *out, const char *path) {
    struct stat facts;
    enum step_reason reason;
    char detail[STEP_DETAIL_MAX];
    uint8_t head[1024];
    int fd = document_file_open_file(path, &facts);
    if (fd < 0) return false;
    struct file_view view = {.fd = fd, .size = (uint64_t)facts.st_size};
    size_t len = view.size < sizeof head ? (size_t)view.size : sizeof head;
    bool good = file_view_read(&view, 0, head, len);
    *out = FORMAT_OTHER;
    bool begins_as_zip = len >= 4 && memcmp(head, "PK\3\4", 4) == 0;
    if (good && !begins_as_zip && memmem(head, len, "%PDF-", 5)) { /* which readers take within the first 1,024 bytes */
        *out = FORMAT_PDF;
    } else if (good && (begins_as_zip || ends_as_zip(&view))) {
        struct package *package = package_open_fd(fd, &reason, detail);
        if (!package || package_alike(package, "OFD.xml")) *out = FORMAT_OFD;
        package_close(package);
    }
    (void)close(fd);
    return good;
}
