/* Import seen: which numbers and identifiers stood in the file already, in which row and with what content: 32 bytes each (80 bytes of memory at most),
 * exact for any real file. The only part of an import that grows with its file. Layer: tools/import. */
#ifndef LICET_TOOLS_IMPORT_SEEN_H
#define LICET_TOOLS_IMPORT_SEEN_H
#include "crypto/bytes.h"

struct seen_slot {
    uint8_t key[16];
    uint64_t row, content; /* of the first that stood there; content: of a hash */
};
struct import_seen { struct seen_slot *slots; size_t room, count; };
enum seen { SEEN_NEW, SEEN_BEFORE, SEEN_NO_MEMORY };
/* Looks for what stands under `kind`, and notes it. */
MUST_USE enum seen import_seen_add(struct import_seen *seen, char kind, struct bytes text, uint64_t row, uint64_t content);
/* Looks only; NULL: not there. A view until the next add. */
MUST_USE const struct seen_slot *import_seen_find(const struct import_seen *seen, char kind, struct bytes text);
void import_seen_free(struct import_seen *seen);
#endif
