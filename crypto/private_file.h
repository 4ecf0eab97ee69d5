/* Private file: small files that only their owner may read: keys, passphrases, look-up secrets. Layer: crypto. */
#ifndef LICET_CRYPTO_PRIVATE_FILE_H
#define LICET_CRYPTO_PRIVATE_FILE_H
#include "crypto/keyfile.h"

#define PRIVATE_FILE_MAX 16384

/* Reads all of it. KEYFILE_ABSENT, KEYFILE_MODE (also where it is neither ours nor root's), KEYFILE_FORMAT where it is longer
 * than cap, KEYFILE_IO. On any of these nothing is left in out. The caller wipes out. */
MUST_USE enum keyfile_result private_file_read(uint8_t *out, size_t cap, size_t *len, const char *path);
/* Creates with mode 0600: whole and on stable storage, or not at all (KEYFILE_EXISTS, KEYFILE_IO). Never overwrites. */
MUST_USE enum keyfile_result private_file_write(const char *path, const void *data, size_t len);
/* All of it, whatever the system takes at once. False: errno says why. */
MUST_USE bool file_write_all(int fd, const void *data, size_t len);
/* A name, new or changed, is only safe once the folder it stands in is on stable storage. */
MUST_USE bool file_name_sync(const char *path);
#endif
