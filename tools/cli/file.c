#include "tools/cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/hash.h"
#include "crypto/private_file.h"
#include "tools/cli/cli.h"
#include "tools/cli/input_file.h"
#include "tools/cli/progress.h"

#define CHUNK 65536u

uint8_t *file_read(const char *path, size_t max, size_t *len) {
    const int fd = input_open(path);
    if (fd < 0) return NULL;
    uint8_t *data = NULL;
    size_t cap = 0, used = 0;
    for (;;) {
        if (used == cap) {
            cap = cap ? cap * 2 : CHUNK;
            uint8_t *more = realloc(data, cap);
            if (!more) break;
            data = more;
        }
        ssize_t got = input_read(fd, data + used, cap - used);
        if (got < 0) input_failed(path, errno);
        if (got < 0) break;
        used += (size_t)got;
        if (used > max) (void)cli_fail(0, SAY("%s is larger than the %zu bytes allowed: it is not the kind of file this expects",
                                              "%s 超过允许的 %zu 字节，不是此处所需的文件"), path, max);
        if (used > max) break;
        if (got == 0) {
            input_close(fd);
            *len = used;
            return data;
        }
    }
    input_close(fd);
    free(data);
    return NULL;
}

uint8_t *option_file_read(const char *by, const char *path, size_t max, size_t *len, int *exit_code) {
    struct stat st;
    *exit_code = EXIT_TRUST_OPTION;
    if (!path[0]) return cli_fail(EXIT_TRUST_OPTION, SAY("%s is empty: it takes the name of a file", "%s 为空：应为文件名"), by), NULL;
    const bool input = strcmp(path, "-") == 0;
    if (!input && (stat(path, &st) != 0 || (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))))
        return cli_fail(EXIT_TRUST_OPTION, SAY("%s %s: is no file that can be read", "%s %s：不是可读取的文件"), by, path), NULL;
    if (!input && access(path, R_OK) != 0) return cli_fail(EXIT_TRUST_OPTION, SAY("%s %s: this user may not read it", "%s %s：当前用户无权读取"), by, path), NULL;
    uint8_t *data = file_read(path, max, len);
    if (data && *len > 0) return *exit_code = EXIT_VALID, data;
    if (data) (void)cli_fail(EXIT_TRUST_OPTION, SAY("%s %s: the file is empty, and an empty one stands for nothing: name the right one", "%s %s：文件为空，不能作为依据：请给出正确的文件"), by, path);
    else (void)cli_fail(EXIT_TRUST_OPTION, SAY("%s %s: cannot be used", "%s %s：无法使用"), by, path);
    free(data);
    return NULL;
}

bool file_digest(const char *path, uint8_t sha256_32[32], uint8_t *sm3_32) {
    const int fd = input_open(path);
    if (fd < 0) return false;
    struct hash_stream sha = {NULL}, sm = {NULL};
    bool ok = hash_stream_start(&sha, HASH_SHA256) && (!sm3_32 || hash_stream_start(&sm, HASH_SM3));
    if (!ok) (void)cli_fail(0, SAY("%s: the hash cannot be started: out of memory", "%s：无法计算杂凑值：内存不足"), path);
    uint8_t *chunk = ok ? malloc(CHUNK) : NULL;
    ssize_t got = -1;
    struct stat facts;
    const uint64_t size = fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) ? (uint64_t)facts.st_size : 0;
    uint64_t done = 0;
    while (chunk && (got = input_read(fd, chunk, CHUNK)) > 0) {
        hash_stream_add(&sha, chunk, (size_t)got);
        if (sm3_32) hash_stream_add(&sm, chunk, (size_t)got);
        progress_reading(done += (uint64_t)got, size);
    }
    progress_end();
    if (chunk && got < 0) input_failed(path, errno);
    input_close(fd);
    free(chunk);
    if (got != 0) {
        hash_stream_drop(&sha);
        if (sm.context) hash_stream_drop(&sm);
        return false;
    }
    hash_stream_final(&sha, sha256_32);
    if (sm3_32) hash_stream_final(&sm, sm3_32);
    return true;
}

/* Whole under another name first, so that a cut write never leaves half a file under the right one. */
bool file_write(const char *path, const void *data, size_t len) {
    char temporary[PATH_MAX];
    int name = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (name < 0 || (size_t)name >= sizeof temporary) return cli_fail(0, SAY("%s: the name is too long", "%s：名称过长"), path), false;
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) return cli_fail(0, SAY("%s cannot be written: %s", "%s 无法写入：%s"), path, cli_errno_text(errno)), false;
    mode_t mask = umask(0);
    (void)umask(mask);
    bool ok = fchmod(fd, 0666 & ~mask) == 0 && file_write_all(fd, data, len) && fsync(fd) == 0;
    int why = errno;
    if (close(fd) != 0 && ok) ok = false, why = errno;
    if (ok && rename(temporary, path) != 0) ok = false, why = errno;
    if (ok && file_name_sync(path)) return true;
    if (ok) why = errno;
    (void)unlink(temporary);
    return cli_fail(0, SAY("%s cannot be written: %s", "%s 无法写入：%s"), path, cli_errno_text(why)), false;
}

bool folder_make(const char *path) {
    if ((mkdir(path, 0700) == 0 || errno == EEXIST) && file_name_sync(path)) return true;
    return cli_fail(0, SAY("%s cannot be made: %s", "%s 无法创建：%s"), path, cli_errno_text(errno)), false;
}
