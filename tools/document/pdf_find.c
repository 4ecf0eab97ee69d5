#include "tools/document/pdf_find.h"

#define CHUNK 65536u
static const char KEY[] = "/ByteRange";
#define KEY_LEN (sizeof KEY - 1)

static bool pdf_find_is_space(uint8_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == 0; }
static bool ends_name(uint8_t c) { return pdf_find_is_space(c) || strchr("()<>[]{}/%", c) != NULL; }

static const uint8_t *skip_space(const uint8_t *p, const uint8_t *end) {
    while (p < end && pdf_find_is_space(*p)) p++;
    return p;
}

/* "[0 123 456 789]" */
static bool read_range(uint64_t range[4], struct bytes text, size_t *used) {
    const uint8_t *p = skip_space(text.data, text.data + text.len), *end = text.data + text.len;
    if (p == end || *p++ != '[') return false;
    for (int i = 0; i < 4; i++) {
        p = skip_space(p, end);
        const uint8_t *first = p;
        for (range[i] = 0; p < end && *p >= '0' && *p <= '9' && p - first < 15; p++) range[i] = range[i] * 10 + (uint64_t)(*p - '0');
        if (p == first || p == end || !(pdf_find_is_space(*p) || *p == ']')) return false;
    }
    p = skip_space(p, end);
    if (p == end || *p++ != ']') return false;
    *used = (size_t)(p - text.data);
    return true;
}

static int digit(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') return (c | 0x20) - 'a' + 10;
    return -1;
}

/* "<30...00>": nothing but digits and space, or something else could be in the part that nobody signs. */
static bool read_contents(struct pdf_signature *out, const struct file_view *file, uint64_t at, uint64_t len) {
    if (len < 4 || len > PDF_CONTENTS_MAX) return false;
    uint8_t *text = malloc((size_t)len);
    bool good = text && file_view_read(file, at, text, (size_t)len) && text[0] == '<' && text[len - 1] == '>';
    size_t digits = 0;
    for (size_t i = 1; good && i < len - 1; i++) {
        int value = digit(text[i]);
        good = value >= 0 || pdf_find_is_space(text[i]);
        if (!good || value < 0) continue;
        size_t to = digits++ / 2; /* in place: never ahead of what is read */
        text[to] = (uint8_t)(digits % 2 ? value << 4 : text[to] | value);
    }
    if (!good || digits == 0) {
        free(text);
        return false;
    }
    out->contents = text;
    out->contents_len = (digits + 1) / 2;
    return true;
}

/* The last place of word before the end; NULL. */
static const uint8_t *find_last(struct bytes text, const char *word) {
    const uint8_t *found = NULL;
    size_t len = strlen(word);
    for (const uint8_t *p = text.data; (p = memmem(p, (size_t)(text.data + text.len - p), word, len)) != NULL; p++) found = p;
    return found;
}

/* Does "7 0 " end here? */
static bool after_numbers(const uint8_t *first, const uint8_t *p) {
    for (int i = 0; i < 2; i++) {
        const uint8_t *spaces = p;
        while (p > first && pdf_find_is_space(p[-1])) p--;
        const uint8_t *digits = p;
        while (p > first && is_digit(p[-1])) p--;
        if (spaces == digits || p == digits) return false;
    }
    return true;
}

/* Behind the last "7 0 obj" before the end; NULL. The letters alone stand in texts too. */
static const uint8_t *find_object(struct bytes text) {
    const uint8_t *found = NULL, *end = text.data + text.len;
    for (const uint8_t *p = text.data; (p = memmem(p, (size_t)(end - p), "obj", 3)) != NULL; p++)
        if (p + 3 < end && ends_name(p[3]) && after_numbers(text.data, p)) found = p + 3;
    return found;
}

/* Adds what /SubFilter says in this part of the dictionary. False: there are two that differ. */
static bool read_sub_filter(struct pdf_signature *out, struct bytes text) {
    static const char key[] = "/SubFilter";
    const uint8_t *end = text.data + text.len, *p = text.data;
    while (p < end && (p = memmem(p, (size_t)(end - p), key, sizeof key - 1)) != NULL) {
        p = skip_space(p + sizeof key - 1, end);
        char name[sizeof out->sub_filter] = "";
        size_t len = 0;
        if (p == end || *p++ != '/') return false;
        while (p < end && !ends_name(*p) && len < sizeof name - 1) name[len++] = (char)*p++;
        if (out->sub_filter[0] && strcmp(out->sub_filter, name) != 0) return false;
        memcpy(out->sub_filter, name, sizeof name);
    }
    return true;
}

/* The dictionary around the string: its key before it, and /ByteRange in it. */
static bool read_dictionary(struct pdf_signature *out, const struct file_view *file, uint64_t key_at) {
    uint8_t *text = malloc(2 * PDF_DICTIONARY_MAX);
    uint64_t gap = out->first_len, from = gap > PDF_DICTIONARY_MAX ? gap - PDF_DICTIONARY_MAX : 0;
    size_t before_len = (size_t)(gap - from), after_len = out->second_len < PDF_DICTIONARY_MAX ? (size_t)out->second_len : PDF_DICTIONARY_MAX;
    bool good = text && file_view_read(file, from, text, before_len) && file_view_read(file, out->second_at, text + before_len, after_len);
    if (good) {
        struct bytes before = bytes_of(text, before_len), after = bytes_of(text + before_len, after_len);
        const uint8_t *start = find_object(before), *stop = memmem(after.data, after.len, "endobj", 6), *key = find_last(before, "/Contents");
        good = start && stop && key && key > start && skip_space(key + 9, before.data + before.len) == before.data + before.len;
        if (good) {
            before = bytes_of(start, (size_t)(before.data + before.len - start));
            after.len = (size_t)(stop - after.data);
            good = (key_at >= gap - before.len && key_at < gap) || (key_at >= out->second_at && key_at < out->second_at + after.len);
            good = good && read_sub_filter(out, before);
            if (good && !read_sub_filter(out, after)) good = false;
        }
    }
    free(text);
    return good;
}

/* White space alone from here on: no object, and no update. */
static bool blank_from(const struct file_view *file, uint64_t at) {
    uint8_t rest[64];
    if (file->size - at > sizeof rest || !file_view_read(file, at, rest, (size_t)(file->size - at))) return false;
    for (size_t i = 0; i < file->size - at; i++)
        if (!pdf_find_is_space(rest[i])) return false;
    return true;
}

static void pdf_find_read_signature(struct pdf_signature *out, const struct file_view *file, uint64_t key_at) {
    uint8_t text[256];
    uint64_t range[4], left = file->size - key_at - KEY_LEN;
    size_t len = left < sizeof text ? (size_t)left : sizeof text, used;
    *out = (struct pdf_signature){.read = false, .key_at = key_at};
    if (!file_view_read(file, key_at + KEY_LEN, text, len) || !read_range(range, bytes_of(text, len), &used)) return;
    if (range[0] != 0 || range[1] > range[2] || range[2] > file->size || range[3] > file->size - range[2]) return;
    out->first_len = range[1];
    out->second_at = range[2];
    out->second_len = range[3];
    out->read = read_contents(out, file, range[1], range[2] - range[1]) && read_dictionary(out, file, key_at);
    out->covers = out->read && blank_from(file, range[2] + range[3]);
}

bool pdf_find(struct pdf_signatures *out, const struct file_view *file) {
    uint8_t *chunk = malloc(CHUNK);
    bool good = chunk != NULL;
    out->count = 0;
    out->too_many = false;
    for (uint64_t at = 0; good && at + KEY_LEN <= file->size;) {
        size_t len = file->size - at < CHUNK ? (size_t)(file->size - at) : CHUNK;
        good = file_view_read(file, at, chunk, len);
        const uint8_t *p = chunk, *end = chunk + len;
        while (good && (p = memmem(p, (size_t)(end - p), KEY, KEY_LEN)) != NULL) {
            if (out->count == PDF_SIGNATURES_MAX) {
                out->too_many = true;
                break;
            }
            pdf_find_read_signature(&out->found[out->count++], file, at + (uint64_t)(p - chunk));
            p += KEY_LEN;
        }
        at += len > KEY_LEN ? len - KEY_LEN + 1 : len; /* so that a key across two chunks is met, and none twice */
    }
    free(chunk);
    if (!good) pdf_signatures_free(out);
    return good;
}

void pdf_signatures_free(struct pdf_signatures *signatures) {
    for (size_t i = 0; i < signatures->count; i++) free(signatures->found[i].contents);
    signatures->count = 0;
}
