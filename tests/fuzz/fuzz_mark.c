/* mark: the high-water mark's file as it stands; and a file of two lines whose check sums are made right, so that the fuzzer gets past them.
 * What is read, written again, reads the same. */
#include "tests/fuzz/folder.h"

#include "crypto/hash.h"
#include "node/engine/mark.h"

#define LINE 4096u

static void look(const void *data, size_t size) {
    struct mark_value value, again;
    struct mark *mark;
    const char *path = folder_file("mark", data, size);
    const enum err err = mark_read(&value, path);
    ASSERT(err == ERR_OK || err == ERR_CORRUPT);
    const enum err opened = mark_open(&mark, path);
    ASSERT(opened == err);
    if (opened != ERR_OK) return;
    if (value.height < INT64_MAX) value.height++;
    ASSERT(mark_write(mark, &value) == ERR_OK);
    mark_close(mark);
    ASSERT(mark_read(&again, path) == ERR_OK);
    ASSERT(again.term == value.term);
    ASSERT(again.height == value.height);
    ASSERT(memcmp(again.hash, value.hash, 32) == 0);
}

int fuzz_one(const uint8_t *data, size_t size) {
    static char lines[2 * LINE];
    look(data, size);
    memset(lines, ' ', sizeof lines);
    const uint8_t *split = size > 0 ? memchr(data, '\n', size) : NULL;
    const size_t first = split != NULL ? (size_t)(split - data) : size;
    const struct bytes text[2] = {bytes_of(data, first), split != NULL ? bytes_of(split + 1, size - first - 1) : bytes_of(data, 0)};
    for (size_t i = 0; i < 2; i++) {
        uint8_t digest[32];
        char check[17];
        const size_t len = text[i].len < 256 ? text[i].len : 256;
        if (len > 0) memcpy(lines + i * LINE, text[i].data, len);
        sha256(digest, text[i].data, len);
        hex_encode(check, digest, 8);
        memcpy(lines + i * LINE + len + 1, check, 16);
        lines[(i + 1) * LINE - 1] = '\n';
    }
    look(lines, sizeof lines);
    return 0;
}
