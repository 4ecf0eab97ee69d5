/* Record parts: what the codecs of the items share. Layer: ledger/wire, and only for record*.c. */
#ifndef LICET_WIRE_RECORD_PART_H
#define LICET_WIRE_RECORD_PART_H
#include "ledger/wire/record.h"

#define WIRE_COUNT_MAX INT64_MAX /* history counts, entries */

/* The reason and the basis of a change: both there, unless the operation goes without. */
void words_get(struct wire_in *in, struct bytes *reason, struct bytes *basis, const struct operation *operation);
static inline void fixed_put(struct wire_out *out, const uint8_t *p, size_t len) { wire_put_bytes(out, bytes_of(p, len)); }

void seal_item_get(struct wire_in *in, struct seal_item *item, const struct operation *operation);
void seal_item_put(struct wire_out *out, const struct seal_item *item, const struct operation *operation);
#endif
