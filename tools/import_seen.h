/* Import seen: which numbers and identifiers stood in the file already: 16 bytes of a hash each (40 bytes of memory at most), exact for any real file.
 * The only part of an import that grows with its file. Layer: tools. */
#ifndef LICET_TOOLS_IMPORT_SEEN_H
#define LICET_TOOLS_IMPORT_SEEN_H
#include "crypto/bytes.h"

struct import_seen { uint8_t (*slots)[16]; size_t room, count; };
enum seen { SEEN_NEW, SEEN_BEFORE, SEEN_NO_MEMORY };
/* Looks for what stands under `kind`, and notes it. */
MUST_USE enum seen import_seen_add(struct import_seen *seen, char kind, struct bytes text);
/* Looks only. */
MUST_USE bool import_seen_has(const struct import_seen *seen, char kind, struct bytes text);
void import_seen_free(struct import_seen *seen);
#endif
