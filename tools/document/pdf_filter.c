#include "tools/document/pdf_filter.h"

#include <zlib.h>

#define COLUMNS_MAX 65536u

struct row_form { uint64_t predictor, columns; };

static bool pdf_filter_no(const char **why, const char *what) { return *why = what, false; }

/* The one element of an array, or the value itself. NULL: there are more, or none. */
static const struct pdf_value *pdf_filter_only(const struct pdf_value *value, struct pdf_value *one) {
    struct pdf_value more;
    struct bytes rest;
    if (value->kind != PDF_ARRAY) return value;
    return pdf_array_start(&rest, value) && pdf_array_next(one, &rest) && !pdf_array_next(&more, &rest) ? one : NULL;
}

static bool pdf_filter_whole(uint64_t *out, const struct pdf_value *value, uint64_t most) {
    struct bytes text = value->text;
    return value->kind == PDF_NUMBER && pdf_number(out, &text) && text.len == 0 && *out <= most;
}

/* Rows of bytes alone: one colour of 8 bits, which is what is meant where nothing is said. */
static bool read_parms(struct row_form *out, const struct pdf_value *value) {
    struct pdf_value one;
    struct pdf_dict dict;
    *out = (struct row_form){1, 1};
    if (!value) return true;
    value = pdf_filter_only(value, &one);
    if (!value) return false;
    if (value->kind == PDF_NULL) return true;
    if (!pdf_dict_read(&dict, value)) return false;
    for (size_t i = 0; i < dict.count; i++) {
        const struct pdf_pair *pair = &dict.pairs[i];
        uint64_t number = 0;
        if (!pdf_filter_whole(&number, &pair->value, COLUMNS_MAX)) return false;
        if (pdf_key_is(pair, "Predictor")) out->predictor = number;
        else if (pdf_key_is(pair, "Columns")) out->columns = number;
        else if (pdf_key_is(pair, "Colors") ? number != 1 : pdf_key_is(pair, "BitsPerComponent") ? number != 8 : true) return false;
    }
    return out->columns > 0 && (out->predictor == 1 || (out->predictor >= 10 && out->predictor <= 15));
}

/* ---- inflate ---- */

static bool pdf_filter_is_line_end(uint8_t c) { return c == '\r' || c == '\n'; }

static bool make_room(uint8_t **data, size_t *room, size_t cap) {
    if (*room >= cap) return false;
    const size_t more = *room == 0 ? 4096 : *room > cap / 2 ? cap : 2 * *room;
    uint8_t *longer = realloc(*data, more < cap ? more : cap);
    if (!longer) return false;
    *data = longer;
    *room = more < cap ? more : cap;
    return true;
}

static bool inflate_all(uint8_t **out, size_t *len, struct bytes raw, size_t cap, const char **why) {
    z_stream stream = {.next_in = Z_NULL};
    size_t room = 0;
    int result = Z_OK;
    *out = NULL;
    *len = 0;
    if (raw.len > UINT32_MAX || inflateInit(&stream) != Z_OK) return pdf_filter_no(why, "/Filter");
    stream.next_in = (Bytef *)(uintptr_t)raw.data;
    stream.avail_in = (uInt)raw.len;
    while (result == Z_OK) {
        if (*len == room && !make_room(out, &room, cap)) break;
        stream.next_out = *out + *len;
        stream.avail_out = (uInt)(room - *len);
        result = inflate(&stream, Z_NO_FLUSH);
        *len = room - stream.avail_out;
    }
    bool good = result == Z_STREAM_END;
    for (uInt i = 0; i < stream.avail_in && good; i++) good = i < 2 && pdf_filter_is_line_end(stream.next_in[i]);
    (void)inflateEnd(&stream);
    if (good) return true;
    free(*out);
    return pdf_filter_no(why, result == Z_OK ? "size" : "/Filter");
}

/* ---- predictors ---- */

static uint8_t paeth(uint8_t left, uint8_t up, uint8_t corner) {
    const int p = left + up - corner, by_left = abs(p - left), by_up = abs(p - up), by_corner = abs(p - corner);
    if (by_left <= by_up && by_left <= by_corner) return left;
    return by_up <= by_corner ? up : corner;
}

/* In place: a row becomes shorter by the byte that says its kind. */
static bool undo_rows(uint8_t *data, size_t *len, size_t columns) {
    if (*len % (columns + 1) != 0) return false;
    const size_t rows = *len / (columns + 1);
    for (size_t row = 0; row < rows; row++) {
        const uint8_t *from = data + row * (columns + 1), kind = *from++;
        uint8_t *to = data + row * columns;
        const uint8_t *above = row > 0 ? to - columns : NULL;
        if (kind > 4) return false;
        for (size_t i = 0; i < columns; i++) {
            const uint8_t left = i > 0 ? to[i - 1] : 0, up = above ? above[i] : 0, corner = above && i > 0 ? above[i - 1] : 0;
            const uint8_t guess[5] = {0, left, up, (uint8_t)((left + up) / 2), paeth(left, up, corner)};
            to[i] = (uint8_t)(from[i] + guess[kind]);
        }
    }
    *len = rows * columns;
    return true;
}

bool pdf_filter_decode(uint8_t **out, size_t *len, const struct pdf_dict *dict, struct bytes raw, size_t cap, const char **why) {
    const struct pdf_value *filter = pdf_dict_get(dict, "Filter"), *parms = pdf_dict_get(dict, "DecodeParms");
    struct pdf_value one;
    struct row_form form;
    if (!read_parms(&form, parms) || (parms && !filter)) return pdf_filter_no(why, "/DecodeParms");
    if (filter && !pdf_name_is(pdf_filter_only(filter, &one), "FlateDecode")) return pdf_filter_no(why, "/Filter");
    if (filter && !inflate_all(out, len, raw, cap, why)) return false;
    if (!filter) {
        *out = raw.len <= cap ? malloc(raw.len + 1) : NULL;
        if (!*out) return pdf_filter_no(why, "size");
        if (raw.len) memcpy(*out, raw.data, raw.len);
        *len = raw.len;
    }
    if (form.predictor == 1 || undo_rows(*out, len, (size_t)form.columns)) return true;
    free(*out);
    return pdf_filter_no(why, "/DecodeParms");
}
