/* PDF files made for tests, object by object, one revision after another, with their cross-reference sections in each form: tables, streams, and objects in streams. */
#ifndef LICET_TESTS_PDF_MADE_H
#define LICET_TESTS_PDF_MADE_H
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "crypto/bytes.h"

#define MADE_OBJECTS 16

struct made { char *data; size_t len, start, end; /* of the newest section; of the first revision */ FILE *out; int revisions; };
enum made_form { AS_TABLE, AS_STREAM, AS_PACKED /* and what can be in an object stream is, deflated behind a predictor */ };
struct made_entry { int number, kind; size_t second; int third; }; /* as a cross-reference stream has them */

static inline size_t made_place(struct made *file) {
    (void)fflush(file->out);
    return file->len;
}

static inline void made_begin(struct made *file) {
    *file = (struct made){.start = 0};
    file->out = open_memstream(&file->data, &file->len);
    (void)fputs("%PDF-1.7\n", file->out);
}

/* "7 << ... >>": number and value. */
static inline size_t made_object(struct made *file, const char *object) {
    const size_t at = made_place(file);
    (void)fprintf(file->out, "%d 0 obj\n%s\nendobj\n", atoi(object), strchr(object, ' ') + 1);
    return at;
}

static inline size_t made_stream(struct made *file, int number, const char *keys, struct bytes data) {
    const size_t at = made_place(file);
    (void)fprintf(file->out, "%d 0 obj\n<< %s /Length %zu >>\nstream\n", number, keys, data.len);
    (void)fwrite(data.data, 1, data.len, file->out);
    (void)fputs("\nendstream\nendobj\n", file->out);
    return at;
}

/* Rows of `columns` bytes, each as what it is more than the one above, deflated. To be freed. */
static inline struct bytes made_deflated(struct bytes data, size_t columns) {
    const size_t rows = data.len / columns;
    uLongf len = compressBound((uLong)(data.len + rows + 64));
    uint8_t *plain = calloc(1, data.len + rows + 1), *out = malloc(len);
    for (size_t row = 0; row < rows; row++) {
        plain[row * (columns + 1)] = 2;
        for (size_t i = 0; i < columns; i++) plain[row * (columns + 1) + 1 + i] = (uint8_t)(data.data[row * columns + i] - (row ? data.data[(row - 1) * columns + i] : 0));
    }
    (void)compress(out, &len, plain, (uLong)(data.len + rows));
    free(plain);
    return bytes_of(out, len);
}

/* keys: what stands in its dictionary besides /W, /Index and /Length; behind it startxref and the end. */
static inline void made_section(struct made *file, int number, const char *keys, const struct made_entry *entries, size_t count, bool deflated) {
    uint8_t data[MADE_OBJECTS * 2 * 7];
    char text[1024], index[512] = "";
    for (size_t i = 0; i < count; i++) {
        const struct made_entry *entry = &entries[i];
        uint8_t *p = data + 7 * i;
        const size_t second = entry->kind == 1 && entry->number == number && entry->second == 0 ? made_place(file) : entry->second; /* its own place */
        p[0] = (uint8_t)entry->kind;
        for (int k = 0; k < 4; k++) p[1 + k] = (uint8_t)(second >> (24 - 8 * k));
        p[5] = (uint8_t)(entry->third >> 8), p[6] = (uint8_t)entry->third;
        (void)snprintf(index + strlen(index), sizeof index - strlen(index), "%d 1 ", entry->number);
    }
    struct bytes whole = bytes_of(data, 7 * count), out = deflated ? made_deflated(whole, 7) : whole;
    (void)snprintf(text, sizeof text, "/Type /XRef /W [ 1 4 2 ] /Index [ %s] %s %s", index, deflated ? "/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 7 >>" : "", keys);
    file->start = made_stream(file, number, text, out);
    if (deflated) free((void *)(uintptr_t)out.data);
    (void)fprintf(file->out, "startxref\n%zu\n%%%%EOF\n", file->start);
    (void)made_place(file);
}

/* objects: "7 ..." each. */
static inline size_t made_pack(struct made *file, int number, const char *const *objects, size_t count, bool deflated) {
    char head[512] = "", body[8192] = "", text[256];
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(head + strlen(head), sizeof head - strlen(head), "%d %zu ", atoi(objects[i]), strlen(body));
        (void)snprintf(body + strlen(body), sizeof body - strlen(body), "%s\n", strchr(objects[i], ' ') + 1);
    }
    const size_t first = strlen(head), len = first + strlen(body);
    memmove(body + first, body, strlen(body));
    memcpy(body, head, first);
    struct bytes whole = bytes_of(body, len), out = deflated ? made_deflated(whole, 1) : whole;
    (void)snprintf(text, sizeof text, "/Type /ObjStm /N %zu /First %zu %s", count, first, deflated ? "/Filter [ /FlateDecode ] /DecodeParms [ << /Predictor 15 >> ]" : "");
    const size_t at = made_stream(file, number, text, out);
    if (deflated) free((void *)(uintptr_t)out.data);
    return at;
}

static inline bool made_packs(const char *object) { return !strstr(object, "stream\n") && !strstr(object, "/ByteRange"); }

/* A whole revision. trailer: "<< ... >>", NULL for what is usual. In streams the numbers 70 and above are taken. */
static inline void made_revision(struct made *file, const char *const *objects, size_t count, const char *trailer, enum made_form form) {
    struct made_entry entries[2 * MADE_OBJECTS];
    const char *packed[MADE_OBJECTS];
    size_t entry_count = 0, packed_count = 0;
    const int pack = 70 + 2 * file->revisions, section = pack + 1;
    char usual[128];
    file->revisions++;
    if (file->start == 0) (void)snprintf(usual, sizeof usual, "<< /Size 100 /Root 1 0 R /Info 9 0 R >>");
    else (void)snprintf(usual, sizeof usual, "<< /Size 100 /Root 1 0 R /Info 9 0 R /Prev %zu >>", file->start);
    if (!trailer) trailer = usual;
    if (file->start == 0) entries[entry_count++] = (struct made_entry){0, 0, 0, 65535};
    for (size_t i = 0; i < count; i++) {
        if (form == AS_PACKED && made_packs(objects[i])) {
            entries[entry_count++] = (struct made_entry){atoi(objects[i]), 2, (size_t)pack, (int)packed_count};
            packed[packed_count++] = objects[i];
        } else {
            entries[entry_count++] = (struct made_entry){atoi(objects[i]), 1, made_object(file, objects[i]), 0};
        }
    }
    if (form == AS_TABLE) {
        const size_t start = made_place(file);
        (void)fputs("xref\n", file->out);
        for (size_t i = 0; i < entry_count; i++)
            (void)fprintf(file->out, "%d 1\n%010zu %05d %c \n", entries[i].number, entries[i].second, entries[i].third, entries[i].kind ? 'n' : 'f');
        (void)fprintf(file->out, "trailer\n%s\nstartxref\n%zu\n%%%%EOF\n", trailer, start);
        file->start = start;
        (void)made_place(file);
        return;
    }
    if (packed_count > 0) entries[entry_count++] = (struct made_entry){pack, 1, made_pack(file, pack, packed, packed_count, true), 0};
    entries[entry_count++] = (struct made_entry){section, 1, 0, 0};
    char keys[256];
    (void)snprintf(keys, sizeof keys, "%.*s", (int)(strlen(trailer) - 4), trailer + 2);
    made_section(file, section, keys, entries, entry_count, form == AS_PACKED);
}
#endif
