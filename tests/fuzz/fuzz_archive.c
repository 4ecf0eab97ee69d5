/* archive: the reader over the data as a file, to the end; in one read, and in reads of a few bytes, which must give the same. And over a
 * file whose chunks are the data's, with lengths, frames and hashes made right, so that the fuzzer gets past them. */
#include "tests/fuzz/fuzz.h"

#include "crypto/hash.h"
#include "ledger/wire/archive_part.h"

struct file {
    struct bytes data;
    size_t at, step;
};

static long file_read(void *context, void *out, size_t len) {
    struct file *file = (struct file *)context;
    size_t give = file->data.len - file->at;
    if (give > len) give = len;
    if (give > file->step) give = file->step;
    if (give > 0) memcpy(out, file->data.data + file->at, give);
    file->at += give;
    return (long)give;
}

struct told {
    enum err err;
    enum code code;
    uint64_t items;
    uint8_t hash[32]; /* over all items */
};

static struct told read_all(struct bytes data, size_t step) {
    struct file file = {data, 0, step};
    struct told told = {.err = ERR_OK, .code = CODE_OK};
    struct archive_reader *reader = archive_reader_new(file_read, &file);
    ASSERT(reader != NULL);
    for (;;) {
        enum archive_item kind;
        struct bytes item;
        struct refusal refusal;
        told.err = archive_next(reader, &kind, &item, &refusal);
        if (told.err != ERR_OK) break;
        fuzz_refusal(refusal);
        told.code = refusal.code;
        if (refusal.code != CODE_OK) {
            struct refusal again; /* a refusal is final */
            ASSERT(archive_next(reader, &kind, &item, &again) == ERR_OK);
            ASSERT(again.code == refusal.code);
            break;
        }
        ASSERT(item.len >= 1);
        ASSERT(item.len <= ARCHIVE_ITEM_MAX);
        uint8_t head[1] = {(uint8_t)kind};
        const struct bytes parts[] = {bytes_of(told.hash, 32), bytes_of(head, 1), item};
        sha256_parts(told.hash, parts, 3);
        told.items++;
        if (kind == ARCHIVE_END) {
            struct archive_end end;
            ASSERT(archive_end_decode(&end, item).code == CODE_OK); /* it has been checked */
            ASSERT(file.at == data.len);
            break;
        }
    }
    archive_reader_free(reader);
    return told;
}

/* Each stretch `u8 length | bytes` of the data becomes a chunk: a stored zstd block under its hash. Length 0: the end record, made right. */
static size_t mend(uint8_t *out, size_t cap, struct bytes data) {
    uint8_t end_item[ARCHIVE_END_ITEM_MAX + ARCHIVE_ITEM_HEAD], chunks_hash[32];
    struct hash_stream chunks;
    size_t len = ARCHIVE_MAGIC_LEN;
    memcpy(out, ARCHIVE_MAGIC, ARCHIVE_MAGIC_LEN);
    ASSERT(hash_stream_start(&chunks, HASH_SHA256));
    for (size_t at = 0; at < data.len && len + 400 < cap;) {
        size_t plain_len = data.data[at++];
        const uint8_t *plain = data.data + at;
        const bool end = plain_len == 0;
        if (end) {
            hash_stream_final(&chunks, chunks_hash);
            const struct archive_end claimed = {.blocks = 1, .entries = 2};
            const size_t item_len = archive_end_encode(end_item + ARCHIVE_ITEM_HEAD, &claimed, chunks_hash);
            end_item[0] = ARCHIVE_END;
            be32_put(end_item + 1, (uint32_t)item_len);
            plain = end_item;
            plain_len = ARCHIVE_ITEM_HEAD + item_len;
        } else {
            if (plain_len > data.len - at) plain_len = data.len - at;
            at += plain_len;
        }
        uint8_t frame[9 + 256] = {0x28, 0xb5, 0x2f, 0xfd, 0x20, (uint8_t)plain_len}; /* single segment, size in one byte */
        const uint32_t block = (uint32_t)(plain_len << 3 | 1);                           /* the last block, stored */
        for (int i = 0; i < 3; i++) frame[6 + i] = (uint8_t)(block >> 8 * i);
        memcpy(frame + 9, plain, plain_len);
        be32_put(out + len, (uint32_t)(9 + plain_len));
        memcpy(out + len + 4, frame, 9 + plain_len);
        sha256(out + len + 4 + 9 + plain_len, frame, 9 + plain_len);
        if (!end) hash_stream_add(&chunks, out + len + 4 + 9 + plain_len, 32);
        len += 4 + 9 + plain_len + 32;
        if (end) return len;
    }
    hash_stream_drop(&chunks);
    return len;
}

int fuzz_one(const uint8_t *data, size_t size) {
    static uint8_t mended[1u << 17];
    const struct told once = read_all(bytes_of(data, size), SIZE_MAX);
    ASSERT(once.err == ERR_OK);
    if (size <= 4096) {
        const struct told slow = read_all(bytes_of(data, size), 3);
        ASSERT(slow.err == once.err);
        ASSERT(slow.code == once.code);
        ASSERT(slow.items == once.items);
        ASSERT(memcmp(slow.hash, once.hash, 32) == 0);
    }
    ASSERT(read_all(bytes_of(mended, mend(mended, sizeof mended, bytes_of(data, size))), SIZE_MAX).err == ERR_OK);
    return 0;
}
