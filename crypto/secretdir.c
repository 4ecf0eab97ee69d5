#include "crypto/secretdir.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>

#define SUFFIX ".key"
#define CODE_MAX 64 /* bytes of a file's name before the suffix: a type code has 21 */

struct secret {
    char code[CODE_MAX + 1];
    uint8_t secret[32];
};
struct secretdir {
    struct secret *secrets; /* by code */
    size_t count, cap;
};

static int by_code(const void *a, const void *b) { return strcmp(((const struct secret *)a)->code, ((const struct secret *)b)->code); }

/* realloc would leave secrets behind in freed memory. */
static bool secretdir_grow(struct secretdir *dir) {
    if (dir->count < dir->cap) return true;
    size_t cap = dir->cap ? dir->cap * 2 : 16;
    struct secret *larger = calloc(cap, sizeof *larger);
    if (!larger) return false;
    if (dir->count) memcpy(larger, dir->secrets, dir->count * sizeof *larger);
    if (dir->secrets) bytes_wipe(dir->secrets, dir->cap * sizeof *larger);
    free(dir->secrets);
    dir->secrets = larger;
    dir->cap = cap;
    return true;
}

void secretdir_free(struct secretdir *dir) {
    if (!dir) return;
    if (dir->secrets) bytes_wipe(dir->secrets, dir->cap * sizeof *dir->secrets);
    free(dir->secrets);
    free(dir);
}

static enum keyfile_result secretdir_add_file(struct secretdir *dir, const char *folder, const char *name, char *bad, size_t cap) {
    size_t len = strlen(name), suffix = sizeof SUFFIX - 1;
    if (name[0] == '.' || len <= suffix || strcmp(name + len - suffix, SUFFIX) != 0) return KEYFILE_OK; /* something else */
    char path[PATH_MAX];
    int path_len = snprintf(path, sizeof path, "%s/%s", folder, name);
    enum keyfile_result result = KEYFILE_FORMAT;
    if (path_len > 0 && (size_t)path_len < sizeof path && len - suffix <= CODE_MAX) {
        result = KEYFILE_IO;
        if (secretdir_grow(dir)) {
            struct secret *secret = &dir->secrets[dir->count];
            memcpy(secret->code, name, len - suffix);
            secret->code[len - suffix] = '\0';
            result = secret_load(secret->secret, path);
        }
    }
    if (result == KEYFILE_OK) dir->count++;
    else (void)snprintf(bad, cap, "%s", path);
    return result;
}

enum keyfile_result secretdir_load(struct secretdir **out, const char *dir, char *bad, size_t cap) {
    *out = NULL;
    struct secretdir *made = calloc(1, sizeof *made);
    DIR *folder = made ? opendir(dir) : NULL;
    if (!folder && made && errno == ENOENT) {
        *out = made;
        return KEYFILE_OK;
    }
    enum keyfile_result result = folder ? KEYFILE_OK : KEYFILE_IO;
    if (!folder) (void)snprintf(bad, cap, "%s", dir);
    while (folder && result == KEYFILE_OK) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (!entry) {
            if (errno != 0) result = KEYFILE_IO;
            if (errno != 0) (void)snprintf(bad, cap, "%s", dir);
            break;
        }
        result = secretdir_add_file(made, dir, entry->d_name, bad, cap);
    }
    if (folder) (void)closedir(folder);
    if (result != KEYFILE_OK) {
        secretdir_free(made);
        return result;
    }
    if (made->count) qsort(made->secrets, made->count, sizeof *made->secrets, by_code);
    *out = made;
    return KEYFILE_OK;
}

bool secretdir_get(const struct secretdir *dir, struct bytes type_code, uint8_t secret32[32]) {
    if (dir->count == 0 || type_code.len == 0 || type_code.len > CODE_MAX || memchr(type_code.data, 0, type_code.len)) return false;
    struct secret wanted = {.code = ""};
    memcpy(wanted.code, type_code.data, type_code.len);
    const struct secret *found = bsearch(&wanted, dir->secrets, dir->count, sizeof *dir->secrets, by_code);
    if (found) memcpy(secret32, found->secret, 32);
    return found != NULL;
}
