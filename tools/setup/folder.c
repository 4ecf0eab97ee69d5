#include "tools/setup/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "tools/cli/message.h"

static bool exists(const char *dir, const char *name) {
    char path[PATH_MAX];
    struct stat info;
    int len = snprintf(path, sizeof path, "%s/%s", dir, name);
    return len > 0 && (size_t)len < sizeof path && stat(path, &info) == 0;
}

static bool init_folder_holds_anything(const char *dir, const char *name) {
    static const char *const nothing[] = {".", "..", "lost+found"}; /* the last: of a disk of its own */
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    DIR *folder = opendir(path);
    bool found = false;
    for (struct dirent *entry; folder && !found && (entry = readdir(folder));) {
        found = true;
        for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) found &= strcmp(entry->d_name, nothing[i]) != 0;
    }
    if (folder) (void)closedir(folder);
    return found;
}

/* Private keys, by their names. */
static bool holds_keys(const char *dir, const char *name) {
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    DIR *folder = opendir(path);
    bool found = false;
    for (struct dirent *entry; folder && !found && (entry = readdir(folder));) {
        const size_t len = strlen(entry->d_name);
        found = len > 4 && strcmp(entry->d_name + len - 4, ".pem") == 0;
    }
    if (folder) (void)closedir(folder);
    return found;
}

/* A folder below it that is free: the one of the README, or with a number. */
static void free_folder(char out[PATH_MAX], const char *dir) {
    const bool here = strcmp(dir, ".") == 0;
    for (unsigned i = 1; i < 100; i++) {
        char name[16] = "mine";
        if (i > 1) (void)snprintf(name, sizeof name, "mine-%u", i);
        (void)snprintf(out, PATH_MAX, "%s%s%s", here ? "" : dir, here ? "" : "/", name);
        if (!exists(dir, name)) return;
    }
}

/* A key that may have signed must never begin a second history: only `recover` goes on from here. What is only full is told as such: a copy of the sources has
 * folders of the same names. */
int init_folder_check(const char *dir) {
    char other[PATH_MAX];
    if (strlen(dir) > PATH_MAX - 64) return cli_fail(EXIT_USAGE, SAY("the folder's name is too long", "目录名过长"));
    if (exists(dir, "node/mark") || exists(dir, "data/data.mdb"))
        return cli_fail(EXIT_ROLLBACK, SAY("%s holds a ledger whose keys have signed; a new beginning would fork its history. Run it with `licetd %s`, or choose "
                        "another folder",
                                           "%s 中的账本已有签名记录，重新建立会使历史分叉。请用 `licetd %s` 运行它，或另选目录"), dir, dir);
    if (holds_keys(dir, "keys") || holds_keys(dir, "node") || exists(dir, "genesis.cbor") || exists(dir, "licet.conf"))
        return cli_fail(EXIT_ERROR, SAY("%s already holds keys or settings, and nothing is overwritten: choose another folder, or remove these first",
                                        "%s 中已有密钥或配置，不会覆盖：请另选目录，或先移走它们"), dir);
    if (!init_folder_holds_anything(dir, ".")) return EXIT_VALID;
    free_folder(other, dir);
    return cli_fail(EXIT_ERROR, SAY("%s is not empty: a ledger has a folder of its own, which is backed up and guarded as a whole; choose another, such as %s",
                                    "%s 不是空目录：账本须有单独的目录，整体备份和保管；请另选，例如 %s"), dir, other);
}

/* Only what is plain: a line "name", "/name", "name/" or "/name/" for the folder's first part below the checkout. */
static bool ignored(const char *checkout, const char *below) {
    char path[PATH_MAX + 16], line[PATH_MAX];
    size_t len = strcspn(below, "/");
    bool found = false;
    (void)snprintf(path, sizeof path, "%s/.gitignore", checkout);
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* whatever it is, nobody waits for it */
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    while (file && !found && fgets(line, sizeof line, file)) {
        const char *name = line + (line[0] == '/');
        size_t name_len = strcspn(name, "\r\n");
        if (name_len > 0 && name[name_len - 1] == '/') name_len--;
        found = name_len == len && memcmp(name, below, len) == 0;
    }
    if (file) (void)fclose(file);
    return found;
}

void init_folder_warn(const char *dir) {
    char whole[PATH_MAX], checkout[PATH_MAX];
    if (!realpath(dir, whole)) return;
    (void)snprintf(checkout, sizeof checkout, "%s", whole);
    for (char *slash; (slash = strrchr(checkout, '/')) && slash != checkout;) {
        *slash = '\0';
        if (!exists(checkout, ".git")) continue;
        const char *below = whole + strlen(checkout) + 1;
        if (!ignored(checkout, below))
            (void)cli_fail(0, SAY("careful: %s lies inside the git checkout %s, and holds private keys: put /%.*s/ into %s/.gitignore, or choose a folder elsewhere",
                                  "注意：%s 位于 git 工作目录 %s 之内，且含有私钥：请将 /%.*s/ 写入 %s/.gitignore，或另选目录"), dir, checkout,
                           (int)strcspn(below, "/"), below, checkout);
        return;
    }
}
