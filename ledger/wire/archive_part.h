/* Archive parts: what archive_write.c and archive_read.c share. Layer: ledger/wire, and only for archive*.c. */
#ifndef LICET_WIRE_ARCHIVE_PART_H
#define LICET_WIRE_ARCHIVE_PART_H
#include "ledger/wire/archive.h"

#define ARCHIVE_ITEM_HEAD 5u            /* u8 kind | u32be length */
#define ARCHIVE_FLUSH_AT (1u << 20)     /* a chunk is closed before an item that would take it beyond this */
#define ARCHIVE_END_ITEM_MAX 96u
#define ARCHIVE_NOTHING ((enum archive_item)0) /* before the first item */

bool archive_order(enum archive_item before, enum archive_item kind);
size_t archive_end_encode(uint8_t out[ARCHIVE_END_ITEM_MAX], const struct archive_end *end, const uint8_t chunks_hash32[32]);
struct refusal archive_end_read(struct archive_end *out, uint8_t chunks_hash32[32], struct bytes item);
#endif
