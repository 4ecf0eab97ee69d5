/* Output file: the one way in which a command writes a file that the user named: whole or not at all, and never over one that is there unless the user said
 * so; no link is followed. Layer: tools/cli. */
#ifndef LICET_TOOLS_CLI_OUTPUT_FILE_H
#define LICET_TOOLS_CLI_OUTPUT_FILE_H
#include "tools/cli/cli.h"
#include <limits.h>

#define FORCE_OPTION_SPEC {"force", OPTION_FLAG, "write over a file that is there", "覆盖已有文件"}
enum output_over { OUTPUT_NEW /* the command has no --force of this kind */, OUTPUT_ASKED /* it has, and it was not given */, OUTPUT_OVER /* --force */ };
enum output_over output_over(const struct options *options); /* of a command with FORCE_OPTION_SPEC */

/* Before any work is done: may a file of that name be made? by: "--out". EXIT_VALID; EXIT_USAGE where the name is empty or too long, EXIT_ERROR where something has
 * it and it may not be written over, or it is no plain file; a message says so. */
MUST_USE int output_check(const char *by, const char *path, enum output_over over);

/* One that grows: written under another name beside it, and given its own when it is whole. */
struct output_file {
    FILE *file; /* to write to; not to be closed */
    const char *by, *path;
    enum output_over over;
    char part[PATH_MAX];
};
/* Checks, and opens. path stays the caller's until the end. EXIT_VALID, or an exit code with a message and nothing to end. */
MUST_USE int output_open(struct output_file *out, const char *by, const char *path, enum output_over over);
/* Durable and under its name; or an exit code with a message, and nothing is left of it. */
MUST_USE int output_finish(struct output_file *out);
/* Nothing is left of it. */
void output_drop(struct output_file *out);
/* All of it in one call. */
MUST_USE int output_write(const char *by, const char *path, enum output_over over, const void *data, size_t len);
#endif
