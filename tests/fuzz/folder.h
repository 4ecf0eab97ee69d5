/* A folder in memory where there is one, for targets whose subject reads a file; removed at the end. */
#ifndef LICET_TESTS_FUZZ_FOLDER_H
#define LICET_TESTS_FUZZ_FOLDER_H
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

static char folder_path[64];

static inline void folder_remove(void) {
    DIR *dir = opendir(folder_path);
    if (dir == NULL) return;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (entry->d_name[0] != '.') (void)unlinkat(dirfd(dir), entry->d_name, 0);
    }
    (void)closedir(dir);
    (void)rmdir(folder_path);
}
static inline const char *folder(void) {
    static const char *const places[] = {"/dev/shm/licet-fuzz-XXXXXX", "/tmp/licet-fuzz-XXXXXX"};
    for (size_t i = 0; i < 2 && folder_path[0] == '\0'; i++) {
        (void)snprintf(folder_path, sizeof folder_path, "%s", places[i]);
        if (mkdtemp(folder_path) == NULL) folder_path[0] = '\0';
        else (void)atexit(folder_remove);
    }
    ASSERT(folder_path[0] != '\0');
    return folder_path;
}
static inline const char *folder_file(const char *name, const void *data, size_t len) {
    static char path[128];
    (void)snprintf(path, sizeof path, "%s/%s", folder(), name);
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ASSERT(fd >= 0);
    ASSERT(len == 0 || write(fd, data, len) == (ssize_t)len);
    ASSERT(close(fd) == 0);
    return path;
}
#endif
