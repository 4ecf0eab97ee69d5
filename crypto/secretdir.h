/* Secretdir: the look-up secrets of keyed types that this member shares, one file a type: DIR/<type code>.key (keyfile.h: secret_load),
 * mode 0600. Read once. Layer: crypto. */
#ifndef LICET_CRYPTO_SECRETDIR_H
#define LICET_CRYPTO_SECRETDIR_H
#include "crypto/keyfile.h"

struct secretdir;
/* A folder that is not there gives an empty one. On a bad file: the result and its path in bad (cap bytes), *out NULL. */
MUST_USE enum keyfile_result secretdir_load(struct secretdir **out, const char *dir, char *bad, size_t cap);
void secretdir_free(struct secretdir *dir); /* wipes */
/* False: this member does not hold the type's secret. */
MUST_USE bool secretdir_get(const struct secretdir *dir, struct bytes type_code, uint8_t secret32[32]);
#endif
