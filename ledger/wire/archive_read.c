#include <zstd.h>

#include "crypto/hash.h"
#include "ledger/wire/archive_part.h"

struct archive_reader {
    archive_read_fn read;
    void *context;
    ZSTD_DCtx *zstd;
    struct hash_stream chunks; /* over the hashes of the chunks read, without the last */
    bool hashing;
    bool begun;                /* the magic is read */
    bool ended;
    enum err fault;            /* sticky */
    struct refusal refusal;    /* sticky */
    enum archive_item last;
    size_t used, at;           /* the chunk in plain, and what was given of it */
    uint8_t *plain;            /* ARCHIVE_CHUNK_MAX: what a chunk may become, whatever it claims */
    uint8_t *packed;           /* packed_cap */
    size_t packed_cap;
    uint8_t chunk_hash[32];    /* of the chunk in plain */
};

struct archive_reader *archive_reader_new(archive_read_fn read, void *context) {
    struct archive_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) return NULL;
    reader->read = read;
    reader->context = context;
    reader->last = ARCHIVE_NOTHING;
    reader->refusal = refuse(CODE_OK, NULL);
    reader->packed_cap = ZSTD_compressBound(ARCHIVE_CHUNK_MAX);
    reader->zstd = ZSTD_createDCtx();
    reader->plain = malloc(ARCHIVE_CHUNK_MAX);
    reader->packed = malloc(reader->packed_cap);
    reader->hashing = hash_stream_start(&reader->chunks, HASH_SHA256);
    if (reader->zstd == NULL || reader->plain == NULL || reader->packed == NULL || !reader->hashing) {
        archive_reader_free(reader);
        return NULL;
    }
    return reader;
}

void archive_reader_free(struct archive_reader *reader) {
    if (reader == NULL) return;
    if (reader->hashing) hash_stream_drop(&reader->chunks);
    (void)ZSTD_freeDCtx(reader->zstd);
    free(reader->plain);
    free(reader->packed);
    free(reader);
}

static bool stopped(const struct archive_reader *reader) { return reader->fault != ERR_OK || reader->refusal.code != CODE_OK; }

static void stop(struct archive_reader *reader, enum code code, const char *field) {
    if (!stopped(reader)) reader->refusal = refuse(code, field);
}

/* Reads until len bytes are there or the source ends; returns how many. */
static size_t pull(struct archive_reader *reader, uint8_t *out, size_t len) {
    size_t have = 0;
    while (have < len && !stopped(reader)) {
        const long got = reader->read(reader->context, out + have, len - have);
        if (got == 0) break;
        if (got < 0 || (size_t)got > len - have) {
            reader->fault = ERR_IO;
            break;
        }
        have += (size_t)got;
    }
    return have;
}

static void pull_all(struct archive_reader *reader, uint8_t *out, size_t len, const char *field) {
    if (pull(reader, out, len) < len) stop(reader, CODE_ARCHIVE_CUT, field);
}

static void read_magic(struct archive_reader *reader) {
    uint8_t magic[ARCHIVE_MAGIC_LEN] = {0};
    pull_all(reader, magic, sizeof magic, "magic");
    if (memcmp(magic, ARCHIVE_MAGIC, sizeof magic) == 0) return;
    const bool other_version = memcmp(magic, ARCHIVE_MAGIC, 4) == 0 && magic[5] == '\n';
    stop(reader, other_version ? CODE_VERSION_UNKNOWN : CODE_CBOR_TYPE, "magic");
}

/* The bytes are what was written (their hash says so) before zstd sees them; what comes out is bounded by the buffer. One frame and
 * nothing else: skippable frames and several in a row would be second spellings of the same archive. */
static void read_chunk(struct archive_reader *reader) {
    uint8_t head[4] = {0}, claimed[32] = {0};
    pull_all(reader, head, sizeof head, "chunk");
    const size_t len = be32_get(head);
    if (len == 0 || len > reader->packed_cap) stop(reader, CODE_CBOR_RANGE, "chunk length");
    if (stopped(reader)) return;
    pull_all(reader, reader->packed, len, "chunk");
    pull_all(reader, claimed, sizeof claimed, "chunk hash");
    if (stopped(reader)) return;
    sha256(reader->chunk_hash, reader->packed, len);
    if (memcmp(claimed, reader->chunk_hash, 32) != 0) {
        stop(reader, CODE_HASH_MISMATCH, "chunk");
        return;
    }
    const bool frame = len >= 4 && reader->packed[0] == 0x28 && reader->packed[1] == 0xb5 && reader->packed[2] == 0x2f && reader->packed[3] == 0xfd;
    if (!frame || ZSTD_findFrameCompressedSize(reader->packed, len) != len) {
        stop(reader, CODE_CBOR_TYPE, "chunk");
        return;
    }
    const size_t out = ZSTD_decompressDCtx(reader->zstd, reader->plain, ARCHIVE_CHUNK_MAX, reader->packed, len);
    if (ZSTD_isError(out) || out == 0) {
        stop(reader, CODE_CBOR_RANGE, "chunk"); /* damaged before it was hashed, or longer than a chunk may be */
        return;
    }
    reader->used = out;
    reader->at = 0;
}

static void take_item(struct archive_reader *reader, enum archive_item *kind, struct bytes *item) {
    const size_t left = reader->used - reader->at;
    const uint8_t *head = reader->plain + reader->at;
    if (left < ARCHIVE_ITEM_HEAD || be32_get(head + 1) > left - ARCHIVE_ITEM_HEAD || be32_get(head + 1) == 0) {
        stop(reader, CODE_CBOR_RANGE, "item length");
        return;
    }
    if (head[0] < ARCHIVE_GENESIS || head[0] > ARCHIVE_END) {
        stop(reader, CODE_CBOR_TYPE, "item kind");
        return;
    }
    *kind = (enum archive_item)head[0];
    if (!archive_order(reader->last, *kind)) {
        stop(reader, CODE_CHAIN_BROKEN, "item order");
        return;
    }
    *item = bytes_of(head + ARCHIVE_ITEM_HEAD, be32_get(head + 1));
    reader->last = *kind;
    reader->at += ARCHIVE_ITEM_HEAD + item->len;
}

/* The end stands alone in the last chunk, names the hashes of all chunks before, and nothing follows. */
static void check_end(struct archive_reader *reader, struct bytes item) {
    struct archive_end end;
    uint8_t claimed[32], hash[32], more;
    reader->ended = true;
    const struct refusal read = archive_end_read(&end, claimed, item);
    if (read.code != CODE_OK) {
        stop(reader, read.code, read.field);
        return;
    }
    if (reader->used != ARCHIVE_ITEM_HEAD + item.len) stop(reader, CODE_CBOR_TRAILING, "archive end");
    hash_stream_final(&reader->chunks, hash);
    reader->hashing = false;
    if (memcmp(hash, claimed, 32) != 0) stop(reader, CODE_HASH_MISMATCH, "archive end");
    if (pull(reader, &more, 1) != 0) stop(reader, CODE_CBOR_TRAILING, "archive");
}

enum err archive_next(struct archive_reader *reader, enum archive_item *kind, struct bytes *item, struct refusal *refusal) {
    ASSERT(!reader->ended || stopped(reader));
    *item = (struct bytes){NULL, 0};
    if (!stopped(reader) && !reader->begun) read_magic(reader);
    if (!stopped(reader) && reader->at == reader->used) {
        /* The hash of a chunk counts once another follows: the last one's holds the sum. */
        if (reader->begun && reader->used > 0) hash_stream_add(&reader->chunks, reader->chunk_hash, 32);
        read_chunk(reader);
    }
    reader->begun = true;
    if (!stopped(reader)) take_item(reader, kind, item);
    if (!stopped(reader) && *kind == ARCHIVE_END) check_end(reader, *item);
    if (stopped(reader)) *item = (struct bytes){NULL, 0};
    *refusal = reader->refusal;
    return reader->fault;
}
