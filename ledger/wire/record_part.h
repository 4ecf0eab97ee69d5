/* Record parts: what the codecs of the items share. Layer: ledger/wire, and only for record*.c. */
#ifndef LICET_WIRE_RECORD_PART_H
#define LICET_WIRE_RECORD_PART_H
#include "ledger/wire/record.h"

#define RECORD_COUNT_MAX INT64_MAX /* history counts, entries */

/* The reason and the basis of a change: both there, unless `may_lack`. */
void words_get(struct cbor_in *in, struct bytes *reason, struct bytes *basis, bool may_lack);
static inline void fixed_put(struct cbor_out *out, const uint8_t *p, size_t len) { cbor_put_bytes(out, bytes_of(p, len)); }

/* The smallest item of each operation on seals, in bytes, and how many may stand in one statement. */
size_t seal_item_min(enum op op);
size_t seal_items_max(enum op op);
void seal_item_get(struct cbor_in *in, struct seal_item *item, enum op op);
void seal_item_put(struct cbor_out *out, const struct seal_item *item, enum op op);
#endif
