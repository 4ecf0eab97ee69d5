/* Input file: the one way in which a command opens a file that the user named: a plain file, standard input ("-"), or what can be read like one: a pipe that is open already,
 * as a shell's <(...) gives it, a named one, a device. A folder and all else is refused. Nothing is waited for without end: a pipe that no program writes into is given up
 * after INPUT_NOBODY_S, one whose writer keeps silent after INPUT_SILENT_S; standard input is the user's own and is waited for. Layer: tools/cli. */
#ifndef LICET_TOOLS_CLI_INPUT_FILE_H
#define LICET_TOOLS_CLI_INPUT_FILE_H
#include "crypto/bytes.h"
#include <stdio.h>
#include <sys/types.h>

#define INPUT_NOBODY_S 5
#define INPUT_SILENT_S 30
#define INPUT_STREAM_MAX (256u << 20) /* bytes of a document that comes through a pipe, and so is kept in memory */

/* A descriptor to be read with input_read, which input_close closes; -1: a message was printed. */
MUST_USE int input_open(const char *path);
void input_close(int fd);
/* As read(2), whole or not by EINTR; errno ETIME: the writer kept silent. */
MUST_USE ssize_t input_read(int fd, void *data, size_t len);
/* The same as a stream, to be closed; NULL: a message was printed. Reading through it ends with ferror where the writer keeps silent. */
MUST_USE FILE *input_stream(const char *path);
/* Says what errno means after a failed read of that file. */
void input_failed(const char *path, int why);

/* Documents are opened again and again, by name. The name by which this one can be: its own, also where nothing is there or it may not be read; or that of a copy in
 * memory of what standard input or a pipe held, made once and kept as long as the program runs. NULL: a message was printed (silent, larger than INPUT_STREAM_MAX). From then on
 * input_open of that name opens the copy too. Main thread only. */
MUST_USE const char *input_again(const char *path);
#endif
