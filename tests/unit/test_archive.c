/* Archive: what is written is read; whatever is cut, flipped, moved or blown up is refused, within bounded memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <zstd.h>

#include "crypto/hash.h"
#include "ledger/wire/archive_part.h"
#include "ledger/wire/cbor.h"

/* A file in memory. step: how much a read gives at most. */
struct file {
    uint8_t *data;
    size_t len, cap, at, step;
    size_t fail_at; /* writing beyond this fails, reading from here on too */
};

static bool file_write(void *context, const void *data, size_t len) {
    struct file *file = (struct file *)context;
    if (file->len + len > file->fail_at) return false;
    if (file->len + len > file->cap) {
        file->cap = (file->len + len) * 2;
        file->data = realloc(file->data, file->cap);
        assert_non_null(file->data);
    }
    memcpy(file->data + file->len, data, len);
    file->len += len;
    return true;
}

static long file_read(void *context, void *data, size_t len) {
    struct file *file = (struct file *)context;
    size_t give = file->len - file->at;
    if (file->at >= file->fail_at) return -1;
    if (give > len) give = len;
    if (give > file->step) give = file->step;
    if (give > 0) memcpy(data, file->data + file->at, give);
    file->at += give;
    return (long)give;
}

static struct file file_new(void) { return (struct file){.step = SIZE_MAX, .fail_at = SIZE_MAX}; }

struct summary {
    uint64_t genesis, blocks, statements, bytes;
    struct archive_end end;
    struct refusal refusal;
    enum err fault;
};

static struct summary read_all(const struct file *given, size_t len, size_t step) {
    struct file file = *given;
    struct summary sum = {.refusal = {.code = CODE_OK}};
    file.len = len;
    file.at = 0;
    file.step = step;
    struct archive_reader *reader = archive_reader_new(file_read, &file);
    assert_non_null(reader);
    for (;;) {
        enum archive_item kind = ARCHIVE_NOTHING;
        struct bytes item;
        sum.fault = archive_next(reader, &kind, &item, &sum.refusal);
        if (sum.fault != ERR_OK || sum.refusal.code != CODE_OK) {
            struct refusal again;
            assert_int_equal(archive_next(reader, &kind, &item, &again), sum.fault); /* and stays so */
            assert_int_equal(again.code, sum.refusal.code);
            assert_int_equal(item.len, 0);
            break;
        }
        sum.bytes += item.len;
        if (kind == ARCHIVE_GENESIS) sum.genesis++;
        if (kind == ARCHIVE_BLOCK) sum.blocks++;
        if (kind == ARCHIVE_STATEMENT) sum.statements++;
        if (kind != ARCHIVE_END) continue;
        assert_int_equal(archive_end_decode(&sum.end, item).code, CODE_OK);
        break;
    }
    archive_reader_free(reader);
    return sum;
}

static const uint8_t HEAD[32] = {1, 2, 3};

static void noise(uint8_t *out, size_t len, uint32_t seed) {
    for (size_t i = 0; i < len; i++) {
        seed = seed * 1664525u + 1013904223u;
        out[i] = (uint8_t)(seed >> 24);
    }
}

/* blocks with `statements` each of `size` bytes. */
static struct file write_archive(uint32_t blocks, uint32_t statements, size_t size) {
    struct file file = file_new();
    static uint8_t data[STATEMENT_BYTES_MAX];
    struct archive_writer *writer = archive_writer_new(file_write, &file, 3);
    assert_non_null(writer);
    assert_int_equal(archive_put(writer, ARCHIVE_GENESIS, bytes_text("genesis")), ERR_OK);
    for (uint32_t b = 0; b < blocks; b++) {
        noise(data, 300, b);
        assert_int_equal(archive_put(writer, ARCHIVE_BLOCK, bytes_of(data, 300)), ERR_OK);
        for (uint32_t s = 0; s < statements; s++) {
            noise(data, size, b * 1000 + s);
            assert_int_equal(archive_put(writer, ARCHIVE_STATEMENT, bytes_of(data, size)), ERR_OK);
        }
    }
    assert_int_equal(archive_finish(writer, blocks, (uint64_t)blocks * statements, HEAD), ERR_OK);
    archive_writer_free(writer);
    return file;
}

static void round_trip(void **state) {
    (void)state;
    static const size_t steps[] = {SIZE_MAX, 1, 7, 4096};
    struct file file = write_archive(3, 2, 500);
    for (size_t i = 0; i < 4; i++) {
        const struct summary sum = read_all(&file, file.len, steps[i]);
        assert_int_equal(sum.refusal.code, CODE_OK);
        assert_true(sum.genesis == 1 && sum.blocks == 3 && sum.statements == 6);
        assert_true(sum.end.blocks == 3 && sum.end.entries == 6);
        assert_memory_equal(sum.end.head, HEAD, 32);
    }
    free(file.data);
    file = write_archive(4, 20, STATEMENT_BYTES_MAX); /* some 5 MB that do not compress: several chunks */
    const struct summary sum = read_all(&file, file.len, SIZE_MAX);
    assert_int_equal(sum.refusal.code, CODE_OK);
    assert_true(sum.statements == 80 && sum.bytes > 80 * (uint64_t)STATEMENT_BYTES_MAX);
    free(file.data);
    file = write_archive(0, 0, 0); /* a ledger without a block is an archive too */
    assert_int_equal(read_all(&file, file.len, SIZE_MAX).refusal.code, CODE_OK);
    free(file.data);
}

static void longest_item(void **state) {
    (void)state;
    struct file file = file_new();
    uint8_t *big = malloc(ARCHIVE_ITEM_MAX);
    assert_non_null(big);
    noise(big, ARCHIVE_ITEM_MAX, 5);
    struct archive_writer *writer = archive_writer_new(file_write, &file, 1);
    assert_int_equal(archive_put(writer, ARCHIVE_GENESIS, bytes_of(big, ARCHIVE_ITEM_MAX)), ERR_OK);
    assert_int_equal(archive_finish(writer, 0, 0, HEAD), ERR_OK);
    archive_writer_free(writer);
    const struct summary sum = read_all(&file, file.len, SIZE_MAX);
    assert_int_equal(sum.refusal.code, CODE_OK);
    assert_true(sum.bytes > ARCHIVE_ITEM_MAX);
    free(big);
    free(file.data);
}

static void every_cut(void **state) {
    (void)state;
    struct file file = write_archive(2, 2, 100);
    for (size_t len = 0; len < file.len; len++) {
        const struct summary sum = read_all(&file, len, SIZE_MAX);
        if (sum.refusal.code != CODE_ARCHIVE_CUT) fail_msg("cut at %zu: %s", len, code_name(sum.refusal.code));
    }
    free(file.data);
}

static void every_flip(void **state) {
    (void)state;
    struct file file = write_archive(2, 2, 60);
    for (size_t i = 0; i < file.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            file.data[i] ^= (uint8_t)(1 << bit);
            if (read_all(&file, file.len, SIZE_MAX).refusal.code == CODE_OK) fail_msg("taken: byte %zu bit %d", i, bit);
            file.data[i] ^= (uint8_t)(1 << bit);
        }
    }
    assert_int_equal(read_all(&file, file.len, SIZE_MAX).refusal.code, CODE_OK);
    assert_true(file_write(&file, "", 1));
    assert_int_equal(read_all(&file, file.len, SIZE_MAX).refusal.code, CODE_CBOR_TRAILING);
    memcpy(file.data, "LARC2\n", 6);
    assert_int_equal(read_all(&file, file.len, SIZE_MAX).refusal.code, CODE_VERSION_UNKNOWN);
    memcpy(file.data, "PK\3\4zz", 6);
    assert_int_equal(read_all(&file, file.len, SIZE_MAX).refusal.code, CODE_CBOR_TYPE);
    free(file.data);
}

/* ---- archives made by hand ---- */

static void put_packed(struct file *file, const void *packed, size_t len) {
    uint8_t head[4], hash[32];
    if (file->len == 0) assert_true(file_write(file, ARCHIVE_MAGIC, ARCHIVE_MAGIC_LEN));
    be32_put(head, (uint32_t)len);
    sha256(hash, packed, len);
    assert_true(file_write(file, head, 4) && file_write(file, packed, len) && file_write(file, hash, 32));
}

static void put_chunk(struct file *file, const void *plain, size_t len) {
    const size_t cap = ZSTD_compressBound(len);
    uint8_t *packed = malloc(cap);
    assert_non_null(packed);
    put_packed(file, packed, ZSTD_compress(packed, cap, plain, len, 3));
    free(packed);
}

static size_t put_item(uint8_t *out, size_t at, unsigned kind, const char *text) {
    out[at] = (uint8_t)kind;
    be32_put(out + at + 1, (uint32_t)strlen(text));
    memcpy(out + at + 5, text, strlen(text));
    return at + 5 + strlen(text);
}

/* Reads a file of one chunk of these items: kinds as digits, each with the text "x". */
static enum code kinds(const char *digits) {
    uint8_t plain[256];
    size_t len = 0;
    struct file file = file_new();
    for (const char *c = digits; *c != '\0'; c++) len = put_item(plain, len, (unsigned)(*c - '0'), "x");
    put_chunk(&file, plain, len);
    const enum code code = read_all(&file, file.len, SIZE_MAX).refusal.code;
    free(file.data);
    return code;
}

static void order_of_items(void **state) {
    (void)state;
    assert_int_equal(kinds("1"), CODE_ARCHIVE_CUT); /* in order, and nothing after it */
    assert_int_equal(kinds("12332"), CODE_ARCHIVE_CUT);
    assert_int_equal(kinds("2"), CODE_CHAIN_BROKEN);
    assert_int_equal(kinds("3"), CODE_CHAIN_BROKEN);
    assert_int_equal(kinds("4"), CODE_CHAIN_BROKEN);
    assert_int_equal(kinds("11"), CODE_CHAIN_BROKEN);
    assert_int_equal(kinds("13"), CODE_CHAIN_BROKEN);
    assert_int_equal(kinds("121"), CODE_CHAIN_BROKEN);
    assert_int_equal(kinds("10"), CODE_CBOR_TYPE);
    assert_int_equal(kinds("15"), CODE_CBOR_TYPE);
    assert_int_equal(kinds("124"), CODE_CBOR_TRUNCATED); /* an end whose CBOR stops short */
}

/* A chunk left out, or two changed places, with all lengths and hashes right but the sum in the end. */
static void chunks_moved(void **state) {
    (void)state;
    uint8_t plain[3][64], end_item[ARCHIVE_END_ITEM_MAX + 5], zero[32] = {0};
    size_t len[3];
    len[0] = put_item(plain[0], 0, 1, "genesis");
    len[1] = put_item(plain[1], 0, 2, "a");
    len[2] = put_item(plain[2], 0, 2, "b");
    const struct archive_end end = {.blocks = 2};
    end_item[0] = ARCHIVE_END;
    const size_t end_len = archive_end_encode(end_item + 5, &end, zero);
    be32_put(end_item + 1, (uint32_t)end_len);

    struct file good = file_new();
    for (int i = 0; i < 3; i++) put_chunk(&good, plain[i], len[i]);
    put_chunk(&good, end_item, 5 + end_len);
    assert_int_equal(read_all(&good, good.len, SIZE_MAX).refusal.code, CODE_HASH_MISMATCH); /* the sum is zero */

    /* The right sum for genesis, a, b: then with b, a, and with a alone. */
    struct hash_stream sum;
    uint8_t total[32];
    assert_true(hash_stream_start(&sum, HASH_SHA256));
    size_t at = ARCHIVE_MAGIC_LEN;
    for (int i = 0; i < 3; i++) {
        const size_t packed = be32_get(good.data + at);
        hash_stream_add(&sum, good.data + at + 4 + packed, 32);
        at += 4 + packed + 32;
    }
    hash_stream_final(&sum, total);
    (void)archive_end_encode(end_item + 5, &end, total);
    static const int orders[3][3] = {{0, 1, 2}, {0, 2, 1}, {0, 1, -1}};
    for (int o = 0; o < 3; o++) {
        struct file file = file_new();
        for (int i = 0; i < 3; i++) {
            if (orders[o][i] >= 0) put_chunk(&file, plain[orders[o][i]], len[orders[o][i]]);
        }
        put_chunk(&file, end_item, 5 + end_len);
        assert_int_equal(read_all(&file, file.len, SIZE_MAX).refusal.code, o == 0 ? CODE_OK : CODE_HASH_MISMATCH);
        free(file.data);
    }
    free(good.data);

    /* An end that does not stand alone, its sum right for no chunk before it. */
    uint8_t both[64 + sizeof end_item];
    struct file file = file_new();
    sha256(total, "", 0);
    (void)archive_end_encode(end_item + 5, &end, total);
    memcpy(both, plain[0], len[0]);
    memcpy(both + len[0], end_item, 5 + end_len);
    put_chunk(&file, both, len[0] + 5 + end_len);
    assert_int_equal(read_all(&file, file.len, SIZE_MAX).refusal.code, CODE_CBOR_TRAILING);
    free(file.data);
}

static void fake_lengths(void **state) {
    (void)state;
    static const uint32_t lengths[] = {0, 0x7fffffff, 0xffffffff, ARCHIVE_CHUNK_MAX * 2};
    for (size_t i = 0; i < 4; i++) { /* of a chunk */
        struct file file = file_new();
        uint8_t head[4];
        be32_put(head, lengths[i]);
        assert_true(file_write(&file, ARCHIVE_MAGIC, ARCHIVE_MAGIC_LEN) && file_write(&file, head, 4));
        assert_int_equal(read_all(&file, file.len, SIZE_MAX).refusal.code, CODE_CBOR_RANGE);
        free(file.data);
    }
    static const uint32_t items[] = {0, 2, 0x7fffffff, 0xffffffff, 0xfffffffb};
    for (size_t i = 0; i < 5; i++) { /* of an item that has one byte */
        struct file file = file_new();
        uint8_t plain[6] = {ARCHIVE_GENESIS, 0, 0, 0, 0, 'x'};
        be32_put(plain + 1, items[i]);
        put_chunk(&file, plain, sizeof plain);
        assert_int_equal(read_all(&file, file.len, SIZE_MAX).refusal.code, CODE_CBOR_RANGE);
        free(file.data);
    }
    for (size_t len = 1; len < 5; len++) { /* not even the head of an item */
        struct file file = file_new();
        put_chunk(&file, "\1\0\0\0", len);
        assert_int_equal(read_all(&file, file.len, SIZE_MAX).refusal.code, CODE_CBOR_RANGE);
        free(file.data);
    }
}

/* A gigabyte of zeros in 100 kB, with right hashes: refused when the chunk's room is full. */
static void bomb(void **state) {
    (void)state;
    struct file packed = file_new(), file = file_new();
    static uint8_t zeros[1 << 20], out[1 << 18];
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    assert_non_null(zstd);
    for (int i = 0; i < 1024; i++) {
        ZSTD_inBuffer in = {zeros, sizeof zeros, 0};
        size_t left = 1;
        while (in.pos < in.size || (i == 1023 && left != 0)) {
            ZSTD_outBuffer to = {out, sizeof out, 0};
            left = ZSTD_compressStream2(zstd, &to, &in, i == 1023 ? ZSTD_e_end : ZSTD_e_continue);
            assert_false(ZSTD_isError(left));
            assert_true(file_write(&packed, out, to.pos));
        }
    }
    ZSTD_freeCCtx(zstd);
    put_packed(&file, packed.data, packed.len);
    assert_int_equal(read_all(&file, file.len, SIZE_MAX).refusal.code, CODE_CBOR_RANGE);
    free(packed.data);
    free(file.data);
}

/* One archive has one spelling of its frames: no skippable frame, no two frames in one chunk, nothing that is not zstd. */
static void frames(void **state) {
    (void)state;
    uint8_t plain[64], packed[512];
    const size_t len = put_item(plain, 0, 1, "genesis");
    const size_t one = ZSTD_compress(packed, 256, plain, len, 3);
    memcpy(packed + one, packed, one);
    memcpy(packed + 2 * one, "\x50\x2a\x4d\x18\x01\0\0\0x", 9);
    const struct { size_t from, len; enum code code; } rows[] = {
        {0, one, CODE_ARCHIVE_CUT}, {0, 2 * one, CODE_CBOR_TYPE}, {one, one + 9, CODE_CBOR_TYPE}, {2 * one, 9, CODE_CBOR_TYPE},
        {0, one - 1, CODE_CBOR_TYPE}, {1, one - 1, CODE_CBOR_TYPE}, {0, 3, CODE_CBOR_TYPE}, {0, 4, CODE_CBOR_TYPE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct file file = file_new();
        put_packed(&file, packed + rows[i].from, rows[i].len);
        const enum code code = read_all(&file, file.len, SIZE_MAX).refusal.code;
        if (code != rows[i].code) fail_msg("row %zu: %s", i, code_name(code));
        free(file.data);
    }
}

static void faults(void **state) {
    (void)state;
    struct file file = write_archive(2, 1, 50);
    for (size_t at = 0; at < file.len; at++) { /* the source fails */
        struct file bad = file;
        bad.fail_at = at;
        assert_int_equal(read_all(&bad, bad.len, 1).fault, ERR_IO);
    }
    for (size_t at = 0; at < file.len; at += 5) { /* the sink fails: once, and for good */
        struct file bad = file_new();
        bad.fail_at = at;
        struct archive_writer *writer = archive_writer_new(file_write, &bad, 3);
        assert_int_equal(archive_put(writer, ARCHIVE_GENESIS, bytes_text("genesis")), ERR_OK);
        const enum err put = archive_put(writer, ARCHIVE_BLOCK, bytes_text("block")); /* writes the genesis document's chunk */
        const enum err err = archive_finish(writer, 1, 0, HEAD);
        assert_true(put == ERR_OK || (put == ERR_IO && err == ERR_IO));
        if (err != ERR_OK) assert_int_equal(err, ERR_IO);
        assert_true(err == ERR_IO || bad.len <= at);
        archive_writer_free(writer);
        free(bad.data);
    }
    free(file.data);
}

static int setup(void **state) {
    (void)state;
    return hash_setup() ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),   cmocka_unit_test(longest_item), cmocka_unit_test(every_cut),
        cmocka_unit_test(every_flip),   cmocka_unit_test(order_of_items), cmocka_unit_test(chunks_moved),
        cmocka_unit_test(fake_lengths), cmocka_unit_test(bomb),         cmocka_unit_test(frames),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
