#include "tools/document/package.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "tools/document/layout.h"

#define CHUNK 65536u

struct package {
    zip_t *zip;
    struct layout layout;
    size_t *files; /* the entries that are files, in the order of folded names */
    size_t file_count;
    int own_fd;    /* -1: not ours to close */
    bool pdf;      /* readers of PDF look for its beginning in the first 1,024 bytes */
};
struct package_stream {
    zip_file_t *file;
    uint64_t left; /* of what it says it unpacks to */
};

void package_close(struct package *package) {
    if (!package) return;
    if (package->zip) zip_discard(package->zip);
    if (package->own_fd >= 0) (void)close(package->own_fd);
    layout_free(&package->layout);
    free(package->files);
    free(package);
}

static bool begins_pdf(const struct file_view *file) {
    uint8_t head[1024];
    size_t len = file->size < sizeof head ? (size_t)file->size : sizeof head;
    return !file_view_read(file, 0, head, len) || memmem(head, len, "%PDF-", 5) != NULL;
}

/* libzip found the same files in the same places as we did: else one of us is wrong. */
static bool agrees(const struct package *package) {
    if (zip_get_num_entries(package->zip, ZIP_FL_UNCHANGED) != (zip_int64_t)package->layout.count) return false;
    for (size_t i = 0; i < package->layout.count; i++) {
        const struct layout_entry *entry = &package->layout.entries[i];
        const char *raw = zip_get_name(package->zip, entry->index, ZIP_FL_ENC_RAW);
        zip_stat_t facts;
        if (!raw || strcmp(raw, entry->raw) != 0 || zip_stat_index(package->zip, entry->index, ZIP_FL_UNCHANGED, &facts) != 0) return false;
        const zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_CRC | ZIP_STAT_COMP_METHOD;
        if ((facts.valid & needed) != needed || facts.size != entry->unpacked || facts.comp_size != entry->packed || facts.crc != entry->crc ||
            facts.comp_method != entry->method)
            return false;
    }
    return true;
}

static bool list_files(struct package *package) {
    package->files = calloc(package->layout.count + 1, sizeof *package->files);
    for (size_t i = 0; i < package->layout.count && package->files; i++)
        if (!package->layout.entries[i].folder) package->files[package->file_count++] = i;
    return package->files != NULL;
}

static struct package *open_view(struct file_view view, int own_fd, enum step_reason *reason, char *detail) {
    struct package *package = calloc(1, sizeof *package);
    *reason = REASON_NOT_ZIP;
    detail[0] = '\0';
    if (!package) return NULL;
    package->own_fd = own_fd;
    package->pdf = begins_pdf(&view);
    bool good = layout_read(&package->layout, &view, reason, detail);
    if (good) {
        *reason = REASON_NOT_ZIP;
        int error;
        int fd = view.fd >= 0 ? fcntl(view.fd, F_DUPFD_CLOEXEC, 0) : -1;
        if (view.fd >= 0) {
            package->zip = fd >= 0 ? zip_fdopen(fd, 0, &error) : NULL;
            if (!package->zip && fd >= 0) (void)close(fd);
        } else {
            zip_source_t *source = zip_source_buffer_create(view.bytes.data, view.bytes.len, 0, NULL);
            package->zip = source ? zip_open_from_source(source, ZIP_RDONLY, NULL) : NULL;
            if (!package->zip) zip_source_free(source);
        }
        good = package->zip && agrees(package) && list_files(package);
    }
    if (good) {
        *reason = REASON_NONE;
        return package;
    }
    package_close(package);
    return NULL;
}

struct package *package_open_fd(int fd, enum step_reason *reason, char detail[STEP_DETAIL_MAX]) {
    struct stat facts;
    *reason = REASON_NOT_ZIP;
    detail[0] = '\0';
    if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) return NULL;
    return open_view((struct file_view){.fd = fd, .size = (uint64_t)facts.st_size}, -1, reason, detail);
}

struct package *package_open(const char *path, enum step_reason *reason, char detail[STEP_DETAIL_MAX]) {
    struct stat facts;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe without a writer would be waited for */
    *reason = REASON_NOT_ZIP;
    detail[0] = '\0';
    if (fd >= 0 && fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode))
        return open_view((struct file_view){.fd = fd, .size = (uint64_t)facts.st_size}, fd, reason, detail);
    if (fd >= 0) (void)close(fd);
    return NULL;
}

struct package *package_open_bytes(struct bytes zip, enum step_reason *reason, char detail[STEP_DETAIL_MAX]) {
    return open_view((struct file_view){.fd = -1, .bytes = zip, .size = zip.len}, -1, reason, detail);
}

/* ---- names ---- */

static const struct layout_entry *entry_at(const struct package *package, size_t i) { return &package->layout.entries[package->files[i]]; }

static size_t find_folded(const struct package *package, const char *name) {
    char *folded = name_folded(name);
    size_t low = 0, high = folded ? package->file_count : 0, found = SIZE_MAX;
    while (low < high && found == SIZE_MAX) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(entry_at(package, middle)->folded, folded);
        if (order == 0) found = middle;
        else if (order < 0) low = middle + 1;
        else high = middle;
    }
    free(folded);
    return found;
}

const char *package_alike(const struct package *package, const char *name) {
    size_t i = find_folded(package, name);
    return i == SIZE_MAX ? NULL : entry_at(package, i)->name;
}
size_t package_index(const struct package *package, const char *name) {
    size_t i = find_folded(package, name);
    return i != SIZE_MAX && strcmp(entry_at(package, i)->name, name) == 0 ? i : SIZE_MAX;
}
const char *package_other_format(const struct package *package) {
    static const char *const marks[] = {"[Content_Types].xml", "mimetype", "META-INF/container.xml", "META-INF/manifest.xml"};
    if (package->pdf) return "%PDF-";
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (package_alike(package, marks[i])) return marks[i];
    return NULL;
}
size_t package_count(const struct package *package) { return package->file_count; }
const char *package_name(const struct package *package, size_t i) {
    ASSERT(i < package->file_count);
    return entry_at(package, i)->name;
}

/* ---- files ---- */

struct package_stream *package_stream(struct package *package, const char *name, size_t max, enum step_reason *reason) {
    size_t i = package_index(package, name);
    *reason = REASON_FILE_MISSING;
    if (i == SIZE_MAX) return NULL;
    const struct layout_entry *entry = entry_at(package, i);
    *reason = REASON_ZIP_SIZE;
    if (entry->unpacked > max) return NULL;
    *reason = REASON_NOT_ZIP;
    struct package_stream *stream = calloc(1, sizeof *stream);
    if (!stream) return NULL;
    stream->left = entry->unpacked;
    stream->file = zip_fopen_index(package->zip, entry->index, ZIP_FL_UNCHANGED);
    if (!stream->file) {
        free(stream);
        return NULL;
    }
    *reason = REASON_NONE;
    return stream;
}

long package_stream_read(struct package_stream *stream, void *out, size_t len) {
    if (len > CHUNK) len = CHUNK;
    zip_int64_t got = zip_fread(stream->file, out, len);
    if (got < 0 || (uint64_t)got > stream->left) return -1;
    if (got == 0 && len > 0 && stream->left > 0) return -1; /* its sum was right, its size was not */
    stream->left -= (uint64_t)got;
    return (long)got;
}

void package_stream_close(struct package_stream *stream) {
    if (!stream) return;
    (void)zip_fclose(stream->file);
    free(stream);
}

uint8_t *package_read(struct package *package, const char *name, size_t max, size_t *len, enum step_reason *reason) {
    struct package_stream *stream = package_stream(package, name, max, reason);
    if (!stream) return NULL;
    size_t cap = (size_t)stream->left;
    uint8_t *data = malloc(cap + 1);
    long got = data ? 1 : -1;
    *len = 0;
    while (got > 0) { /* once more at the end: only then is the sum looked at */
        got = package_stream_read(stream, data + *len, cap - *len + 1);
        if (got > 0) *len += (size_t)got;
    }
    package_stream_close(stream);
    if (got == 0) {
        data[*len] = '\0';
        return data;
    }
    free(data);
    *reason = REASON_NOT_ZIP;
    return NULL;
}

bool package_digest(struct package *package, const char *name, enum hash_alg alg, uint8_t out32[32], enum step_reason *reason) {
    struct package_stream *stream = package_stream(package, name, PACKAGE_FILE_MAX, reason);
    struct hash_stream hash;
    if (!stream) return false;
    uint8_t *chunk = malloc(CHUNK);
    long got = chunk && hash_stream_start(&hash, alg) ? 1 : -1;
    bool started = got > 0;
    while (got > 0) {
        got = package_stream_read(stream, chunk, CHUNK);
        if (got > 0) hash_stream_add(&hash, chunk, (size_t)got);
    }
    package_stream_close(stream);
    free(chunk);
    if (started && got == 0) hash_stream_final(&hash, out32);
    else if (started) hash_stream_drop(&hash);
    if (got == 0) return true;
    *reason = REASON_NOT_ZIP;
    return false;
}
