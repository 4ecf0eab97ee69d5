/* What writer and reader of an archive share. */
#include "ledger/wire/archive_part.h"

#include "ledger/wire/cbor.h"

_Static_assert(GENESIS_BYTES_MAX <= ARCHIVE_ITEM_MAX, "a genesis document fits a chunk");
_Static_assert(ARCHIVE_FLUSH_AT <= ARCHIVE_CHUNK_MAX, "what is written is read");
_Static_assert(STATEMENT_BYTES_MAX <= ARCHIVE_FLUSH_AT, "a statement fits a chunk");

bool archive_order(enum archive_item before, enum archive_item kind) {
    switch (kind) {
    case ARCHIVE_GENESIS: return before == ARCHIVE_NOTHING;
    case ARCHIVE_BLOCK: return before != ARCHIVE_NOTHING && before != ARCHIVE_END;
    case ARCHIVE_STATEMENT: return before == ARCHIVE_BLOCK || before == ARCHIVE_STATEMENT;
    case ARCHIVE_END: return before != ARCHIVE_NOTHING && before != ARCHIVE_END;
    }
    return false;
}

size_t archive_end_encode(uint8_t out[ARCHIVE_END_ITEM_MAX], const struct archive_end *end, const uint8_t chunks_hash32[32]) {
    struct wire_out cbor = wire_write(out, ARCHIVE_END_ITEM_MAX);
    wire_put_array(&cbor, 4);
    wire_put_uint(&cbor, end->blocks);
    wire_put_uint(&cbor, end->entries);
    wire_put_bytes(&cbor, bytes_of(end->head, 32));
    wire_put_bytes(&cbor, bytes_of(chunks_hash32, 32));
    ASSERT(!cbor.full);
    return cbor.len;
}

struct refusal archive_end_read(struct archive_end *out, uint8_t chunks_hash32[32], struct bytes item) {
    struct wire_in in = wire_read(item);
    *out = (struct archive_end){0};
    wire_field(&in, "archive end");
    (void)wire_get_array(&in, 4, 4);
    out->blocks = wire_get_uint(&in, 0, INT64_MAX);
    out->entries = wire_get_uint(&in, 0, INT64_MAX);
    const uint8_t *head = wire_get_fixed(&in, 32), *chunks = wire_get_fixed(&in, 32);
    if (head != NULL && chunks != NULL) {
        memcpy(out->head, head, 32);
        memcpy(chunks_hash32, chunks, 32);
    }
    return wire_done(&in);
}

struct refusal archive_end_decode(struct archive_end *out, struct bytes item) {
    uint8_t chunks_hash[32];
    return archive_end_read(out, chunks_hash, item);
}
