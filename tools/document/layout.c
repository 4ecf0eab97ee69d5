#include "tools/document/layout.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define END_LEN 22u
#define END64_LEN 56u
#define LOCATOR_LEN 20u
#define CENTRAL_LEN 46u
#define LOCAL_LEN 30u
#define DIRECTORY_MAX (64u << 20)
#define FLAG_ENCRYPTED 0x0001u
#define FLAG_DESCRIPTOR 0x0008u
#define FLAG_UTF8 0x0800u
#define FLAGS_KNOWN 0x080Eu /* how hard it was compressed, descriptor, UTF-8 */
#define FLAGS_HOW_HARD 0x0006u /* tell nothing to who unpacks */
#define METHOD_STORED 0u
#define METHOD_DEFLATED 8u
#define EXTRA_ZIP64 0x0001u
#define EXTRA_UNICODE_PATH 0x7075u

static uint16_t le16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }
static uint32_t le32(const uint8_t *p) { return (uint32_t)le16(p) | (uint32_t)le16(p + 2) << 16; }
static uint64_t le64(const uint8_t *p) { return (uint64_t)le32(p) | (uint64_t)le32(p + 4) << 32; }
static bool is_signature(const uint8_t *p, uint8_t c, uint8_t d) { return p[0] == 'P' && p[1] == 'K' && p[2] == c && p[3] == d; }

bool file_view_read(const struct file_view *file, uint64_t offset, void *out, size_t len) {
    if (offset > file->size || len > file->size - offset) return false;
    if (file->fd < 0) {
        if (len > 0) memcpy(out, file->bytes.data + offset, len);
        return true;
    }
    for (size_t done = 0; done < len;) {
        ssize_t got = pread(file->fd, (uint8_t *)out + done, len - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        done += (size_t)got;
    }
    return true;
}

struct work {
    const struct file_view *file;
    enum step_reason *reason;
    char *detail;
};
static bool layout_refuse(const struct work *work, enum step_reason reason, const char *about) {
    *work->reason = reason;
    (void)snprintf(work->detail, STEP_DETAIL_MAX, "%s", about);
    return false;
}

/* ---- the end of the package: where the directory is ---- */

struct directory { uint64_t offset, size, count; };

static bool read_end64(const struct work *work, uint64_t end_at, const uint8_t end[END_LEN], struct directory *out) {
    uint8_t locator[LOCATOR_LEN], end64[END64_LEN];
    if (end_at < LOCATOR_LEN || !file_view_read(work->file, end_at - LOCATOR_LEN, locator, LOCATOR_LEN) || !is_signature(locator, 6, 7)) {
        if (out->count == UINT16_MAX || out->size == UINT32_MAX || out->offset == UINT32_MAX) return layout_refuse(work, REASON_NOT_ZIP, "zip64");
        return out->offset + out->size == end_at || layout_refuse(work, REASON_NOT_ZIP, "directory");
    }
    uint64_t at = le64(locator + 8);
    if (le32(locator + 4) != 0 || le32(locator + 16) != 1 || at != end_at - LOCATOR_LEN - END64_LEN || !file_view_read(work->file, at, end64, END64_LEN) ||
        !is_signature(end64, 6, 6) || le64(end64 + 4) != END64_LEN - 12 || le32(end64 + 16) != 0 || le32(end64 + 20) != 0)
        return layout_refuse(work, REASON_NOT_ZIP, "zip64");
    struct directory wide = {.offset = le64(end64 + 48), .size = le64(end64 + 40), .count = le64(end64 + 32)};
    /* both ends say the same, or the small one says that it cannot */
    if (le64(end64 + 24) != wide.count || (out->count != UINT16_MAX && out->count != wide.count) || (out->size != UINT32_MAX && out->size != wide.size) ||
        (out->offset != UINT32_MAX && out->offset != wide.offset) || le16(end + 8) != le16(end + 10))
        return layout_refuse(work, REASON_NOT_ZIP, "zip64");
    *out = wide;
    return (wide.offset <= at && wide.size == at - wide.offset) || layout_refuse(work, REASON_NOT_ZIP, "directory");
}

static bool layout_read_end(const struct work *work, struct directory *out) {
    static const size_t tail_max = END_LEN + UINT16_MAX;
    size_t len = work->file->size < tail_max ? (size_t)work->file->size : tail_max;
    uint8_t *tail = malloc(len ? len : 1);
    if (!tail || len < END_LEN || !file_view_read(work->file, work->file->size - len, tail, len)) {
        free(tail);
        return layout_refuse(work, REASON_NOT_ZIP, "");
    }
    size_t at = len - END_LEN;
    while (at > 0 && !is_signature(tail + at, 5, 6)) at--; /* from behind: one in the comment is met first, and then does not fit */
    const uint8_t *end = tail + at;
    bool good = is_signature(end, 5, 6) && le16(end + 20) == len - at - END_LEN && le32(end + 4) == 0 && le16(end + 8) == le16(end + 10);
    *out = (struct directory){.offset = le32(end + 16), .size = le32(end + 12), .count = le16(end + 10)};
    good = good ? read_end64(work, work->file->size - len + at, end, out) : layout_refuse(work, REASON_NOT_ZIP, "");
    free(tail);
    return good;
}

/* ---- one entry ---- */

/* Extra fields: sizes that did not fit, and no second name. missing: which 32-bit fields say "look there", in the order of the standard. */
static bool read_extra(struct bytes extra, const char *name, uint64_t *const missing[], size_t missing_count) {
    bool found = missing_count == 0;
    while (extra.len >= 4) {
        uint16_t id = le16(extra.data);
        size_t len = le16(extra.data + 2);
        if (len > extra.len - 4) return false;
        const uint8_t *data = extra.data + 4;
        if (id == EXTRA_ZIP64 && missing_count > 0) {
            if (found || len < 8 * missing_count) return false;
            for (size_t i = 0; i < missing_count; i++) *missing[i] = le64(data + 8 * i);
            found = true;
        }
        if (id == EXTRA_UNICODE_PATH && (len < 5 || len - 5 != strlen(name) || memcmp(data + 5, name, len - 5) != 0)) return false;
        extra = bytes_of(data + len, extra.len - 4 - len);
    }
    return found;
}

static bool layout_is_plain(uint32_t attributes) {
    mode_t kind = (mode_t)(attributes >> 16) & S_IFMT;
    return kind == 0 || kind == S_IFREG || kind == S_IFDIR;
}

/* One entry of the directory; *used: its length. */
static bool read_central(const struct work *work, struct layout_entry *out, struct bytes left, size_t *used) {
    const uint8_t *p = left.data;
    if (left.len < CENTRAL_LEN || !is_signature(p, 1, 2)) return layout_refuse(work, REASON_NOT_ZIP, "directory");
    size_t name_len = le16(p + 28), extra_len = le16(p + 30), comment_len = le16(p + 32);
    *used = CENTRAL_LEN + name_len + extra_len + comment_len;
    if (left.len < *used) return layout_refuse(work, REASON_NOT_ZIP, "directory");
    if (name_len == 0 || memchr(p + CENTRAL_LEN, 0, name_len)) return layout_refuse(work, REASON_ZIP_ENTRY, "name");
    out->raw = strndup((const char *)p + CENTRAL_LEN, name_len);
    out->name = out->raw ? name_canonical(out->raw) : NULL;
    out->folded = out->name ? name_folded(out->name) : NULL;
    if (!out->folded) return layout_refuse(work, REASON_ZIP_ENTRY, out->raw ? out->raw : "");
    out->flags = le16(p + 8);
    out->method = le16(p + 10);
    out->crc = le32(p + 16);
    out->packed = le32(p + 20);
    out->unpacked = le32(p + 24);
    out->offset = le32(p + 42);
    uint64_t *missing[3];
    size_t missing_count = 0;
    if (out->unpacked == UINT32_MAX) missing[missing_count++] = &out->unpacked;
    if (out->packed == UINT32_MAX) missing[missing_count++] = &out->packed;
    if (out->offset == UINT32_MAX) missing[missing_count++] = &out->offset;
    if (!read_extra(bytes_of(p + CENTRAL_LEN + name_len, extra_len), out->name, missing, missing_count)) return layout_refuse(work, REASON_ZIP_ENTRY, out->name);
    out->folder = out->name[strlen(out->name) - 1] == '/';
    bool good = (out->flags & ~FLAGS_KNOWN) == 0 && (out->method == METHOD_STORED || out->method == METHOD_DEFLATED) && le16(p + 34) == 0 && layout_is_plain(le32(p + 38));
    if (out->method == METHOD_STORED) good = good && out->packed == out->unpacked && (!(out->flags & FLAG_DESCRIPTOR) || out->packed == 0);
    if (out->folder) good = good && out->unpacked == 0;
    return good || layout_refuse(work, REASON_ZIP_ENTRY, out->name);
}

/* Whoever reads from local header to local header, and so believes the end of the deflated data, arrives at the same next file. */
static bool ends_where_said(const struct file_view *file, const struct layout_entry *entry, uint64_t data_at) {
    static const size_t chunk = 32768;
    z_stream stream = {.next_in = Z_NULL};
    uint8_t *in = malloc(2 * chunk);
    if (!in || inflateInit2(&stream, -MAX_WBITS) != Z_OK) {
        free(in);
        return false;
    }
    int result = Z_OK;
    uint64_t left = entry->packed;
    while (result == Z_OK) {
        if (stream.avail_in == 0) {
            size_t take = left < chunk ? (size_t)left : chunk;
            if (take == 0 || !file_view_read(file, data_at + (entry->packed - left), in, take)) break;
            stream.next_in = in;
            stream.avail_in = (uInt)take;
            left -= take;
        }
        stream.next_out = in + chunk;
        stream.avail_out = (uInt)chunk;
        result = inflate(&stream, Z_NO_FLUSH);
        if (stream.total_out > entry->unpacked) break;
    }
    bool good = result == Z_STREAM_END && left == 0 && stream.avail_in == 0 && stream.total_out == entry->unpacked;
    (void)inflateEnd(&stream);
    free(in);
    return good;
}

/* What stands behind the data: nothing, or the descriptor that repeats the directory. Some makers announce one and write none: nothing is lost where the
 * local header says all of it (complete). */
static bool read_descriptor(const struct file_view *file, const struct layout_entry *entry, uint64_t at, uint64_t next, bool complete) {
    uint8_t data[24];
    if (!(entry->flags & FLAG_DESCRIPTOR)) return at == next;
    if (complete && at == next) return true;
    if (next < at || next - at > sizeof data || !file_view_read(file, at, data, (size_t)(next - at))) return false;
    size_t len = (size_t)(next - at), skip = len == 16 || len == 24 ? 4 : 0;
    if (len - skip != 12 && len - skip != 20) return false;
    if (skip && !is_signature(data, 7, 8)) return false;
    const uint8_t *p = data + skip;
    if (le32(p) != entry->crc) return false;
    return len - skip == 12 ? le32(p + 4) == entry->packed && le32(p + 8) == entry->unpacked : le64(p + 4) == entry->packed && le64(p + 12) == entry->unpacked;
}

/* A name of ASCII is the same with the UTF-8 flag and without. */
static bool same_flags(const struct layout_entry *entry, uint16_t local) {
    uint16_t differ = (uint16_t)(entry->flags ^ local), harmless = FLAGS_HOW_HARD;
    const char *c = entry->raw;
    while (*c && (unsigned char)*c < 0x80) c++;
    if (!*c) harmless |= FLAG_UTF8;
    return (differ & ~harmless) == 0;
}

/* The local header says what the directory says, and the next one stands right behind its data. */
static bool read_local(const struct work *work, const struct layout_entry *entry, uint64_t next) {
    uint8_t p[LOCAL_LEN], *more = NULL;
    bool good = file_view_read(work->file, entry->offset, p, LOCAL_LEN) && is_signature(p, 3, 4);
    if (!good) return layout_refuse(work, REASON_NOT_ZIP, entry->name);
    size_t raw_len = strlen(entry->raw), name_len = le16(p + 26), extra_len = le16(p + 28);
    uint64_t data_at = entry->offset + LOCAL_LEN + name_len + extra_len, packed = le32(p + 18), unpacked = le32(p + 22);
    more = malloc(name_len + extra_len + 1);
    good = more && name_len == raw_len && file_view_read(work->file, entry->offset + LOCAL_LEN, more, name_len + extra_len) && memcmp(more, entry->raw, raw_len) == 0;
    uint64_t *missing[2];
    size_t missing_count = 0;
    if (unpacked == UINT32_MAX) missing[missing_count++] = &unpacked;
    if (packed == UINT32_MAX) missing[missing_count++] = &packed;
    good = good && read_extra(bytes_of(more + name_len, extra_len), entry->name, missing, missing_count);
    free(more);
    good = good && same_flags(entry, le16(p + 6)) && le16(p + 8) == entry->method;
    uint32_t crc = le32(p + 14);
    bool complete = crc == entry->crc && packed == entry->packed && unpacked == entry->unpacked;
    /* each is right, or left to the descriptor */
    bool later = (entry->flags & FLAG_DESCRIPTOR) && (crc == 0 || crc == entry->crc) && (packed == 0 || packed == entry->packed) &&
                 (unpacked == 0 || unpacked == entry->unpacked);
    good = good && (complete || later);
    good = good && data_at <= next && entry->packed <= next - data_at && read_descriptor(work->file, entry, data_at + entry->packed, next, complete);
    if (good && (entry->flags & FLAG_DESCRIPTOR) && entry->method == METHOD_DEFLATED) good = ends_where_said(work->file, entry, data_at);
    return good || layout_refuse(work, REASON_ZIP_HEADER, entry->name);
}

/* ---- all of them ---- */

static int by_offset(const void *a, const void *b) {
    const struct layout_entry *one = a, *other = b;
    return one->offset < other->offset ? -1 : one->offset > other->offset;
}
static int by_folded(const void *a, const void *b) { return strcmp(((const struct layout_entry *)a)->folded, ((const struct layout_entry *)b)->folded); }

static bool check_sizes(const struct work *work, const struct layout *layout) {
    uint64_t sum = 0;
    for (size_t i = 0; i < layout->count; i++) {
        const struct layout_entry *entry = &layout->entries[i];
        sum += entry->unpacked < PACKAGE_UNPACKED_MAX ? entry->unpacked : PACKAGE_UNPACKED_MAX + 1;
        bool swollen = entry->unpacked > 1u << 20 && entry->unpacked / PACKAGE_RATIO_MAX > entry->packed;
        if (entry->unpacked > PACKAGE_FILE_MAX || sum > PACKAGE_UNPACKED_MAX || swollen) return layout_refuse(work, REASON_ZIP_SIZE, entry->name);
    }
    return true;
}

/* The files stand one behind the other, from the first byte to the directory. */
static bool check_tiling(const struct work *work, const struct layout *layout, uint64_t directory_at) {
    uint64_t at = 0;
    for (size_t i = 0; i < layout->count; i++) {
        const struct layout_entry *entry = &layout->entries[i];
        if (entry->offset != at) return layout_refuse(work, REASON_NOT_ZIP, entry->name);
        uint64_t next = i + 1 < layout->count ? layout->entries[i + 1].offset : directory_at;
        if (!read_local(work, entry, next)) return false;
        at = next;
    }
    return at == directory_at || layout_refuse(work, REASON_NOT_ZIP, "");
}

static bool check_names(const struct work *work, const struct layout *layout) {
    for (size_t i = 1; i < layout->count; i++)
        if (by_folded(&layout->entries[i - 1], &layout->entries[i]) == 0) return layout_refuse(work, REASON_ZIP_ENTRY, layout->entries[i].name);
    for (size_t i = 0; i < layout->count; i++) {
        char *other = layout->entries[i].flags & FLAG_UTF8 ? NULL : name_other(layout->entries[i].raw);
        struct layout_entry wanted = {.folded = other ? name_folded(other) : NULL};
        bool taken = wanted.folded && bsearch(&wanted, layout->entries, layout->count, sizeof wanted, by_folded);
        free(wanted.folded);
        free(other);
        if (taken) return layout_refuse(work, REASON_ZIP_ENTRY, layout->entries[i].name);
    }
    return true;
}

bool layout_read(struct layout *out, const struct file_view *file, enum step_reason *reason, char detail[STEP_DETAIL_MAX]) {
    const struct work work = {file, reason, detail};
    struct directory directory;
    *out = (struct layout){.entries = NULL};
    detail[0] = '\0';
    if (!layout_read_end(&work, &directory)) return false;
    if (directory.count > PACKAGE_FILES_MAX || directory.size > DIRECTORY_MAX) return layout_refuse(&work, REASON_ZIP_SIZE, "");
    uint8_t *data = malloc((size_t)directory.size + 1);
    out->entries = calloc((size_t)directory.count + 1, sizeof *out->entries);
    bool good = (data && out->entries && file_view_read(file, directory.offset, data, (size_t)directory.size)) || layout_refuse(&work, REASON_NOT_ZIP, "");
    struct bytes left = bytes_of(data, (size_t)directory.size);
    for (uint32_t i = 0; i < directory.count && good; i++) {
        size_t used = 0;
        struct layout_entry *entry = &out->entries[out->count++];
        entry->index = i;
        good = read_central(&work, entry, left, &used);
        if (good) left = bytes_of(left.data + used, left.len - used);
    }
    good = good && (left.len == 0 || layout_refuse(&work, REASON_NOT_ZIP, "directory"));
    free(data);
    good = good && check_sizes(&work, out); /* before anything is unpacked */
    if (good) qsort(out->entries, out->count, sizeof *out->entries, by_offset);
    good = good && check_tiling(&work, out, directory.offset);
    if (good) qsort(out->entries, out->count, sizeof *out->entries, by_folded);
    good = good && check_names(&work, out);
    if (!good) layout_free(out);
    return good;
}

void layout_free(struct layout *layout) {
    for (size_t i = 0; i < layout->count; i++) {
        free(layout->entries[i].raw);
        free(layout->entries[i].name);
        free(layout->entries[i].folded);
    }
    free(layout->entries);
    *layout = (struct layout){.entries = NULL};
}
