/* Keyfile: signers whose key rests in a PKCS#8 PEM file, which `openssl pkey` reads too. The only holder of private keys.
 * Layer: crypto. A file that others may read (mode & 077) is refused. Nothing here ever prints a secret. */
#ifndef LICET_CRYPTO_KEYFILE_H
#define LICET_CRYPTO_KEYFILE_H
#include "crypto/signer.h"

enum keyfile_result {
    KEYFILE_OK = 0,
    KEYFILE_ABSENT,      /* no such file */
    KEYFILE_MODE,        /* readable by group or others, or not a regular file */
    KEYFILE_PASSPHRASE,  /* encrypted, and the passphrase file is absent, unreadable or wrong */
    KEYFILE_FORMAT,      /* not a PKCS#8 key of one of the four algorithms */
    KEYFILE_EXISTS,      /* refuses to overwrite */
    KEYFILE_IO,
};
const char *keyfile_result_text(enum keyfile_result result); /* English, says what to do */

MUST_USE struct signer *signer_generate(enum key_alg alg);
/* signer: made by this file. passphrase_path: NULL for a key in clear; else a file of mode 0600, one line. Creates with mode 0600, fsyncs the file and
 * its folder; never overwrites. Encryption: PBES2, PBKDF2-HMAC-SHA256, AES-256-CBC. */
MUST_USE enum keyfile_result signer_save(const struct signer *signer, const char *path, const char *passphrase_path);
/* passphrase_path NULL: tries PATH.pass beside the key when the key is encrypted. */
MUST_USE enum keyfile_result signer_load(struct signer **out, const char *path, const char *passphrase_path);

/* secret_load: a look-up secret: exactly 32 bytes in hex on one line, mode 0600. secret_save makes one at random. */
MUST_USE enum keyfile_result secret_load(uint8_t out32[32], const char *path);
MUST_USE enum keyfile_result secret_save_random(const char *path);
/* From the system's generator; aborts where there is none. */
void random_bytes(uint8_t *out, size_t len);
#endif
