#include "tools/cli/input_file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/cli/message.h"
#include "tools/cli/progress.h"

#define CHUNK 65536u
#define MS 1000

/* What was read once and can be opened again and again. */
#define KEPT_NAME 32
struct kept {
    struct kept *next;
    char name[KEPT_NAME]; /* /proc/self/fd/N */
    char path[];
};
static struct kept *all_kept;

static const char *kept_as(const char *path) {
    for (const struct kept *kept = all_kept; kept; kept = kept->next)
        if (strcmp(kept->path, path) == 0) return kept->name;
    return NULL;
}

static bool is_input(const char *path) { return strcmp(path, "-") == 0; }

void input_failed(const char *path, int why) {
    if (why != ETIME) (void)cli_fail(0, SAY("%s cannot be read: %s", "%s 无法读取：%s"), path, cli_errno_text(why));
    else
        (void)cli_fail(0, SAY("%s: the program that writes into this pipe has written nothing for %d s: have it write a plain file, and name that", "%s：向此管道写入的程序 %d 秒未写入任何内容：请让其写成普通文件再指明该文件"),
                       path, INPUT_SILENT_S);
}

/* What could be read is copied to another pipe, and so still there: 0 says that nothing is, and no program that could write anything. */
static bool nobody_writes(int fd) {
    int other[2];
    if (pipe2(other, O_CLOEXEC) != 0) return false;
    const ssize_t got = tee(fd, other[1], 1, SPLICE_F_NONBLOCK);
    (void)close(other[0]);
    (void)close(other[1]);
    return got == 0;
}

static bool readable(int fd, int patience_ms) {
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    int ready;
    do ready = poll(&poll_fd, 1, patience_ms);
    while (ready < 0 && errno == EINTR);
    return ready != 0;
}

/* The first byte, or the end. False: a message was printed. */
static bool wait_for_writer(int fd, const char *path) {
    if (readable(fd, INPUT_NOBODY_S * MS)) return true;
    if (nobody_writes(fd))
        return cli_fail(0, SAY("%s is a pipe that no program writes into (%d s were waited for one): name a plain file, or start what writes into it first", "%s 是管道，没有程序向其写入（已等待 %d 秒）：请指明普通文件，或先启动写入的程序"),
                        path, INPUT_NOBODY_S), false;
    if (readable(fd, (INPUT_SILENT_S - INPUT_NOBODY_S) * MS)) return true;
    return input_failed(path, ETIME), false;
}

int input_open(const char *path) {
    struct stat facts;
    const char *name = kept_as(path);
    if (!name && is_input(path)) return STDIN_FILENO;
    const int fd = open(name ? name : path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* a pipe that nobody has open for writing would be waited for here */
    if (fd < 0 || fstat(fd, &facts) != 0) {
        input_failed(path, errno);
        input_close(fd);
        return -1;
    }
    bool good = S_ISREG(facts.st_mode) || S_ISCHR(facts.st_mode) || S_ISFIFO(facts.st_mode);
    if (S_ISDIR(facts.st_mode)) input_failed(path, EISDIR);
    else if (!good) (void)cli_fail(0, SAY("%s is no file, and nothing that is read like one", "%s 不是文件，也不能像文件一样读取"), path);
    if (good && S_ISFIFO(facts.st_mode)) good = wait_for_writer(fd, path);
    const int flags = good ? fcntl(fd, F_GETFL) : 0;
    if (good && (flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0)) {
        input_failed(path, errno);
        good = false;
    }
    if (good) return fd;
    input_close(fd);
    return -1;
}

void input_close(int fd) {
    if (fd > STDIN_FILENO) (void)close(fd);
}

ssize_t input_read(int fd, void *data, size_t len) {
    ssize_t got;
    if (fd != STDIN_FILENO && !readable(fd, INPUT_SILENT_S * MS)) {
        errno = ETIME;
        return -1;
    }
    do got = read(fd, data, len);
    while (got < 0 && errno == EINTR);
    return got;
}

static ssize_t stream_read(void *cookie, char *data, size_t len) { return input_read((int)(intptr_t)cookie, data, len); }

static int stream_close(void *cookie) {
    input_close((int)(intptr_t)cookie);
    return 0;
}

/* A plain file is a plain stream, which can be rewound. */
FILE *input_stream(const char *path) {
    struct stat facts;
    const int fd = input_open(path);
    if (fd < 0) return NULL;
    const bool plain = fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && fd != STDIN_FILENO;
    FILE *file = plain ? fdopen(fd, "rb") : fopencookie((void *)(intptr_t)fd, "rb", (cookie_io_functions_t){.read = stream_read, .close = stream_close});
    if (file) return file;
    input_failed(path, errno);
    input_close(fd);
    return NULL;
}

/* ---- read once, opened again and again ---- */

static bool input_file_put(int fd, const uint8_t *data, size_t len) {
    while (len > 0) {
        const ssize_t done = write(fd, data, len);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        data += done;
        len -= (size_t)done;
    }
    return true;
}

/* False: a message was printed. */
static bool copy_stream(int to, int from, const char *path) {
    uint8_t *chunk = malloc(CHUNK);
    uint64_t done = 0;
    ssize_t got = -1;
    errno = ENOMEM;
    while (chunk && done <= INPUT_STREAM_MAX && (got = input_read(from, chunk, CHUNK)) > 0 && input_file_put(to, chunk, (size_t)got)) progress_reading(done += (uint64_t)got, 0);
    const int why = errno;
    progress_end();
    free(chunk);
    if (got == 0) return true;
    if (done > INPUT_STREAM_MAX)
        (void)cli_fail(0, SAY("%s: more than %u MB came through a pipe, and such a document is kept in memory: write it to a file, and name that", "%s：经管道读入的内容超过 %u MB，而此类内容须存于内存：请写成文件再指明该文件"), path, INPUT_STREAM_MAX >> 20);
    else input_failed(path, why);
    return false;
}

static const char *input_file_keep(const char *path) {
    const size_t len = strlen(path) + 1;
    const int from = input_open(path);
    if (from < 0) return NULL;
    struct kept *kept = malloc(sizeof *kept + len);
    const int to = kept ? memfd_create("licet-input", MFD_CLOEXEC) : -1;
    bool good = to >= 0 && copy_stream(to, from, path);
    if (to < 0) input_failed(path, kept ? errno : ENOMEM);
    input_close(from);
    if (good) {
        memcpy(kept->path, path, len);
        (void)snprintf(kept->name, sizeof kept->name, "/proc/self/fd/%d", to);
        kept->next = all_kept;
        all_kept = kept;
        return kept->name;
    }
    input_close(to);
    free(kept);
    return NULL;
}

const char *input_again(const char *path) {
    struct stat facts;
    const char *name = kept_as(path);
    if (name) return name;
    const bool flows = is_input(path) || (stat(path, &facts) == 0 && (S_ISFIFO(facts.st_mode) || S_ISCHR(facts.st_mode)));
    return flows ? input_file_keep(path) : path;
}
