#include "node/plain.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err err_of(int number) {
    if (number == ENOENT || number == ENOTDIR) return ERR_ABSENT;
    if (number == ELOOP || number == ENXIO) return ERR_PLACE; /* a link, whose end is somebody else's file; a socket */
    return number == EACCES || number == EPERM ? ERR_DENIED : ERR_IO;
}

enum err plain_open(int *fd, const char *path) {
    struct stat st;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
    if (*fd < 0) return err_of(errno);
    const int got = fstat(*fd, &st);
    if (got == 0 && S_ISREG(st.st_mode)) return ERR_OK;
    (void)close(*fd);
    *fd = -1;
    return got == 0 ? ERR_PLACE : ERR_IO;
}
