/* csv: a file of unknown encoding, row by row; the first byte says how it is read, and which sign stands between cells. Reading in small steps gives the same rows; a row's cells,
 * written again, read the same. */
#include "tests/fuzz/fuzz.h"

#include "crypto/hash.h"
#include "tools/import/csv.h"

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

/* One row, written and read again. */
static void row_again(const struct csv_row *row) {
    static char text[CSV_CELL_OUT(CSV_ROW_MAX) + 3 * CSV_CELLS_MAX];
    static struct csv_row again;
    size_t len = 0, given = 0;
    for (uint32_t i = 0; i < row->cell_count; i++) {
        if (i > 0) text[len++] = ',';
        const size_t before = len;
        len = csv_cell_put(text, len, row->cells[i].text);
        ASSERT(len >= before);
        ASSERT(len - before <= CSV_CELL_OUT(row->cells[i].text.len));
        given += row->cells[i].text.len;
    }
    if (len >= CSV_ROW_MAX || given == 0) return; /* quotes may make a long row too long, and an empty one is passed over */
    text[len++] = '\n';
    struct file file = {bytes_of(text, len), 0, SIZE_MAX};
    struct csv *csv = csv_new(file_read, &file);
    ASSERT(csv != NULL);
    ASSERT(csv_next(csv, &again) == 1);
    ASSERT(again.code == CODE_OK);
    ASSERT(again.cell_count == row->cell_count);
    for (uint32_t i = 0; i < row->cell_count; i++) ASSERT(bytes_equal(again.cells[i].text, row->cells[i].text));
    ASSERT(csv_next(csv, &again) == 0);
    csv_free(csv);
}

static uint64_t read_all(uint8_t hash[32], struct bytes data, size_t step, enum text_encoding wanted, char separator, bool back) {
    static struct csv_row row;
    struct file file = {data, 0, step};
    struct text_source *source = text_source_new(file_read, &file, wanted);
    ASSERT(source != NULL);
    struct csv *csv = csv_new(text_source_read, source);
    ASSERT(csv != NULL);
    uint64_t rows = 0, line = 0;
    int got;
    while ((got = csv_next(csv, &row)) == 1) {
        if (rows == 0 && separator != ',' && row.code != CODE_ROW_TOO_LONG && row.code != CODE_ROW_QUOTES && (got = csv_again(csv, &row, separator)) != 1) break;
        rows++;
        ASSERT(row.line > line || (rows > 1 && row.line >= line));
        line = row.line;
        const uint32_t there = row.cell_count < CSV_CELLS_MAX ? row.cell_count : CSV_CELLS_MAX;
        uint8_t head[8];
        be32_put(head, row.cell_count);
        be32_put(head + 4, (uint32_t)row.code);
        struct bytes parts[3] = {bytes_of(hash, 32), bytes_of(head, 8), {0}};
        sha256_parts(hash, parts, 2);
        for (uint32_t i = 0; i < there; i++) {
            parts[1] = bytes_of(head, 8);
            be64_put(head, row.cells[i].text.len);
            parts[2] = row.cells[i].text;
            sha256_parts(hash, parts, 3);
        }
        if (row.code == CODE_OK) {
            for (uint32_t i = 0; i < there; i++) ASSERT(row.cells[i].text.len == 0 || memchr(row.cells[i].text.data, 0, row.cells[i].text.len) == NULL);
            if (back && row.cell_count <= CSV_CELLS_MAX) row_again(&row);
        }
    }
    ASSERT(got == 0);
    ASSERT(text_source_consumed(source) <= data.len);
    csv_free(csv);
    text_source_free(source);
    return rows;
}

int fuzz_one(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    uint8_t one[32] = {0}, other[32] = {0};
    const enum text_encoding wanted = (enum text_encoding)(data[0] % 5);
    const char separator = ",\t;"[data[0] / 64 % 3];
    const struct bytes in = bytes_of(data + 1, size - 1);
    const uint64_t rows = read_all(one, in, SIZE_MAX, wanted, separator, true);
    const uint64_t slow = read_all(other, in, 1 + data[0] / 5 % 7, wanted, separator, false);
    ASSERT(rows == slow);
    ASSERT(memcmp(one, other, 32) == 0);
    (void)text_recognise(in, true);
    (void)text_recognise(in, false);
    return 0;
}
