#include "tools/cli/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/private_file.h"

#define PART_ENDING ".XXXXXX"

enum output_over output_over(const struct options *options) { return option_get(options, "force") ? OUTPUT_OVER : OUTPUT_ASKED; }

static int taken(const char *by, const char *path, enum output_over over) {
    if (over == OUTPUT_NEW)
        return cli_fail(EXIT_ERROR, SAY("%s %s: there is a file of that name, and it stays as it is: name another, or take that one away first",
                                        "%s %s：已有同名文件，未作改动：请另取文件名，或先移走该文件"), by, path);
    return cli_fail(EXIT_ERROR, SAY("%s %s: there is a file of that name, and it stays as it is: name another, or write over it with --force",
                                    "%s %s：已有同名文件，未作改动：请另取文件名，或用 --force 覆盖"), by, path);
}

static int cannot(const char *by, const char *path, int why) {
    if (why == EEXIST) return taken(by, path, OUTPUT_NEW);
    return cli_fail(EXIT_ERROR, SAY("%s %s: cannot be written: %s", "%s %s：无法写入：%s"), by, path, cli_errno_text(why));
}

int output_check(const char *by, const char *path, enum output_over over) {
    struct stat st;
    if (!path[0]) return cli_fail(EXIT_USAGE, SAY("%s is empty: it takes the name of the file to write", "%s 为空：应为要写入的文件名"), by);
    if (strlen(path) + sizeof PART_ENDING > PATH_MAX) return cli_fail(EXIT_USAGE, SAY("%s %s: the name is too long", "%s %s：文件名过长"), by, path);
    if (lstat(path, &st) != 0) return errno == ENOENT ? EXIT_VALID : cannot(by, path, errno);
    if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
        return cli_fail(EXIT_ERROR, SAY("%s %s: is no plain file, and nothing is written over it: name another", "%s %s：不是普通文件，不会覆盖：请另取文件名"), by, path);
    return over == OUTPUT_OVER ? EXIT_VALID : taken(by, path, over);
}

int output_open(struct output_file *out, const char *by, const char *path, enum output_over over) {
    *out = (struct output_file){.by = by, .path = path, .over = over};
    const int done = output_check(by, path, over);
    if (done != EXIT_VALID) return done;
    (void)snprintf(out->part, sizeof out->part, "%s" PART_ENDING, path);
    const int fd = mkostemp(out->part, O_CLOEXEC); /* a new file: no link is followed */
    if (fd < 0) return cannot(by, path, errno);
    const mode_t mask = umask(0);
    (void)umask(mask);
    if (fchmod(fd, 0666 & ~mask) == 0) out->file = fdopen(fd, "w");
    if (out->file) return EXIT_VALID;
    const int why = errno;
    (void)close(fd);
    (void)unlink(out->part);
    return cannot(by, path, why);
}

void output_drop(struct output_file *out) {
    if (!out->file) return;
    (void)fclose(out->file);
    (void)unlink(out->part);
    out->file = NULL;
}

/* The name is given only where nobody has it, in one step: what came there meanwhile is not lost. A link does that where the system of the disk has no such
 * renaming. */
static bool place(const struct output_file *out) {
    if (out->over == OUTPUT_OVER) return rename(out->part, out->path) == 0;
    if (renameat2(AT_FDCWD, out->part, AT_FDCWD, out->path, RENAME_NOREPLACE) == 0) return true;
    if (errno != EINVAL && errno != ENOSYS) return false;
    return link(out->part, out->path) == 0 && unlink(out->part) == 0;
}

int output_finish(struct output_file *out) {
    bool ok = fflush(out->file) == 0 && fsync(fileno(out->file)) == 0;
    int why = errno;
    if (fclose(out->file) != 0 && ok) ok = false, why = errno;
    out->file = NULL;
    if (ok && place(out)) return file_name_sync(out->path) ? EXIT_VALID : cannot(out->by, out->path, errno);
    if (ok) why = errno;
    (void)unlink(out->part);
    return cannot(out->by, out->path, why);
}

int output_write(const char *by, const char *path, enum output_over over, const void *data, size_t len) {
    struct output_file out;
    const int done = output_open(&out, by, path, over);
    if (done != EXIT_VALID) return done;
    if (fwrite(data, 1, len, out.file) == len) return output_finish(&out);
    const int why = errno;
    output_drop(&out);
    return cannot(by, path, why);
}
