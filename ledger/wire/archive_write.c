#include <zstd.h>

#include "crypto/hash.h"
#include "ledger/wire/archive_part.h"

struct archive_writer {
    archive_write_fn write;
    void *context;
    ZSTD_CCtx *zstd;
    struct hash_stream chunks; /* over the hashes of the chunks so far */
    bool hashing;              /* chunks is running */
    bool begun;                /* the magic is written */
    enum err fault;            /* sticky */
    enum archive_item last;
    int level;
    size_t used;               /* of plain */
    uint8_t *plain;            /* ARCHIVE_CHUNK_MAX */
    uint8_t *packed;           /* packed_cap */
    size_t packed_cap;
};

struct archive_writer *archive_writer_new(archive_write_fn write, void *context, int zstd_level) {
    struct archive_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) return NULL;
    writer->write = write;
    writer->context = context;
    writer->level = zstd_level;
    writer->last = ARCHIVE_NOTHING;
    writer->packed_cap = ZSTD_compressBound(ARCHIVE_CHUNK_MAX);
    writer->zstd = ZSTD_createCCtx();
    writer->plain = malloc(ARCHIVE_CHUNK_MAX);
    writer->packed = malloc(writer->packed_cap);
    writer->hashing = hash_stream_start(&writer->chunks, HASH_SHA256);
    if (writer->zstd == NULL || writer->plain == NULL || writer->packed == NULL || !writer->hashing) {
        archive_writer_free(writer);
        return NULL;
    }
    return writer;
}

void archive_writer_free(struct archive_writer *writer) {
    if (writer == NULL) return;
    if (writer->hashing) hash_stream_drop(&writer->chunks);
    (void)ZSTD_freeCCtx(writer->zstd);
    free(writer->plain);
    free(writer->packed);
    free(writer);
}

static void emit(struct archive_writer *writer, const void *data, size_t len) {
    if (writer->fault == ERR_OK && !writer->write(writer->context, data, len)) writer->fault = ERR_IO;
}

/* Closes the chunk in plain. */
static void flush(struct archive_writer *writer) {
    if (writer->fault != ERR_OK || writer->used == 0) return;
    const size_t len = ZSTD_compressCCtx(writer->zstd, writer->packed, writer->packed_cap, writer->plain, writer->used, writer->level);
    if (ZSTD_isError(len)) { /* the room suffices by compressBound, so what is left is memory */
        writer->fault = ERR_MEMORY;
        return;
    }
    uint8_t head[4], hash[32];
    be32_put(head, (uint32_t)len);
    sha256(hash, writer->packed, len);
    if (!writer->begun) emit(writer, ARCHIVE_MAGIC, ARCHIVE_MAGIC_LEN);
    writer->begun = true;
    emit(writer, head, sizeof head);
    emit(writer, writer->packed, len);
    emit(writer, hash, sizeof hash);
    if (writer->hashing) hash_stream_add(&writer->chunks, hash, sizeof hash);
    writer->used = 0;
}

static void archive_write_add(struct archive_writer *writer, enum archive_item kind, struct bytes item) {
    ASSERT(writer->used + ARCHIVE_ITEM_HEAD + item.len <= ARCHIVE_CHUNK_MAX);
    uint8_t *at = writer->plain + writer->used;
    at[0] = (uint8_t)kind;
    be32_put(at + 1, (uint32_t)item.len);
    memcpy(at + ARCHIVE_ITEM_HEAD, item.data, item.len);
    writer->used += ARCHIVE_ITEM_HEAD + item.len;
    writer->last = kind;
}

enum err archive_put(struct archive_writer *writer, enum archive_item kind, struct bytes item) {
    ASSERT(kind != ARCHIVE_END);
    ASSERT(archive_order(writer->last, kind));
    ASSERT(item.len >= 1 && item.len <= ARCHIVE_ITEM_MAX);
    /* the genesis document alone in its chunk: damage among the blocks then never hides which ledger it is */
    if (writer->last == ARCHIVE_GENESIS || writer->used + ARCHIVE_ITEM_HEAD + item.len > ARCHIVE_FLUSH_AT) flush(writer);
    if (writer->fault == ERR_OK) archive_write_add(writer, kind, item);
    return writer->fault;
}

enum err archive_finish(struct archive_writer *writer, uint64_t blocks, uint64_t entries, const uint8_t head32[32]) {
    ASSERT(archive_order(writer->last, ARCHIVE_END));
    flush(writer);
    if (writer->fault != ERR_OK) return writer->fault;
    struct archive_end end = {.blocks = blocks, .entries = entries};
    uint8_t item[ARCHIVE_END_ITEM_MAX], chunks_hash[32];
    memcpy(end.head, head32, 32);
    hash_stream_final(&writer->chunks, chunks_hash);
    writer->hashing = false;
    archive_write_add(writer, ARCHIVE_END, bytes_of(item, archive_end_encode(item, &end, chunks_hash)));
    flush(writer);
    return writer->fault;
}
