/* File: whole files read and written, and their digests. What a user named as output is written by output_file.h. Layer: tools/cli. */
#ifndef LICET_TOOLS_CLI_FILE_H
#define LICET_TOOLS_CLI_FILE_H
#include "crypto/bytes.h"

/* The file that an option about trust names (by: "--pin"), for which nothing is assumed where it cannot be read or is empty: NULL, a message that names both, and
 * *exit_code: EXIT_TRUST_OPTION. */
MUST_USE uint8_t *option_file_read(const char *by, const char *path, size_t max, size_t *len, int *exit_code);
MUST_USE uint8_t *file_read(const char *path, size_t max, size_t *len); /* malloc'd; NULL with a message */
/* SHA-256 (and SM3 when sm3 is not NULL) of a file, streamed. "-" is standard input. */
MUST_USE bool file_digest(const char *path, uint8_t sha256_32[32], uint8_t *sm3_32);
MUST_USE bool file_write(const char *path, const void *data, size_t len); /* atomically and durably; false: a message was printed */
MUST_USE bool folder_make(const char *path); /* mode 0700, or there already; its name is durable; false: a message was printed */
#endif
