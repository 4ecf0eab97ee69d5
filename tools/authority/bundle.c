#include "tools/authority/bundle.h"

#include <zip.h>

static struct bundle_file *bundle_find_file(const struct bundle *bundle, const char *name) {
    for (size_t i = 0; i < bundle->count; i++)
        if (strcmp(bundle->files[i].name, name) == 0) return &bundle->files[i];
    return NULL;
}

const struct bundle_file *bundle_find(const struct bundle *bundle, const char *name) { return bundle_find_file(bundle, name); }

static struct bundle_file *bundle_append(struct bundle *bundle, const char *name) {
    if (bundle->count == bundle->cap) {
        size_t cap = bundle->cap ? bundle->cap * 2 : 16;
        struct bundle_file *more = reallocarray(bundle->files, cap, sizeof *more);
        if (!more) return NULL;
        bundle->files = more;
        bundle->cap = cap;
    }
    char *copy = strdup(name);
    if (!copy) return NULL;
    bundle->files[bundle->count] = (struct bundle_file){.name = copy};
    return &bundle->files[bundle->count++];
}

bool bundle_put(struct bundle *bundle, const char *name, struct bytes data) {
    uint8_t *copy = malloc(data.len + 1);
    struct bundle_file *file = copy ? bundle_find_file(bundle, name) : NULL;
    if (copy && !file) file = bundle_append(bundle, name);
    if (!file) {
        free(copy);
        return false;
    }
    if (data.len > 0) memcpy(copy, data.data, data.len);
    copy[data.len] = 0;
    free(file->data);
    file->data = copy;
    file->len = data.len;
    return true;
}

void bundle_free(struct bundle *bundle) {
    for (size_t i = 0; i < bundle->count; i++) {
        free(bundle->files[i].name);
        free(bundle->files[i].data);
    }
    free(bundle->files);
    *bundle = (struct bundle){0};
}

static bool bundle_read_all(struct bundle *out, struct package *package, enum step_reason *reason, char detail[STEP_DETAIL_MAX]) {
    size_t total = 0;
    for (size_t i = 0; i < package_count(package); i++) {
        const char *name = package_name(package, i);
        size_t len = 0;
        uint8_t *data = package_read(package, name, BUNDLE_FILE_MAX, &len, reason);
        total += len;
        if (data && total > BUNDLE_TOTAL_MAX) *reason = REASON_ZIP_SIZE;
        bool ok = data && total <= BUNDLE_TOTAL_MAX && bundle_put(out, name, bytes_of(data, len));
        free(data);
        if (ok) continue;
        (void)snprintf(detail, STEP_DETAIL_MAX, "%s", name);
        return false;
    }
    return true;
}

bool bundle_read(struct bundle *out, const char *path, enum step_reason *reason, char detail[STEP_DETAIL_MAX]) {
    *out = (struct bundle){0};
    *reason = REASON_NOT_ZIP;
    detail[0] = '\0';
    struct package *package = package_open(path, reason, detail);
    if (!package) return false;
    bool ok = bundle_read_all(out, package, reason, detail);
    package_close(package);
    if (!ok) bundle_free(out);
    return ok;
}

static bool bundle_add_file(zip_t *zip, const struct bundle_file *file, int64_t time_ms) {
    zip_source_t *source = zip_source_buffer(zip, file->data, file->len, 0);
    zip_int64_t at = source ? zip_file_add(zip, file->name, source, ZIP_FL_ENC_UTF_8) : -1;
    if (at < 0) zip_source_free(source);
    return at >= 0 && zip_file_set_mtime(zip, (zip_uint64_t)at, (time_t)(time_ms / 1000), 0) == 0;
}

/* What libzip left in the source after the archive was closed. */
static uint8_t *take_bytes(zip_source_t *source, size_t *len) {
    zip_stat_t stat;
    if (zip_source_stat(source, &stat) != 0 || !(stat.valid & ZIP_STAT_SIZE) || zip_source_open(source) != 0) return NULL;
    uint8_t *data = malloc(stat.size + 1);
    bool ok = data && zip_source_read(source, data, stat.size) == (zip_int64_t)stat.size;
    (void)zip_source_close(source);
    if (ok) {
        *len = stat.size;
        return data;
    }
    free(data);
    return NULL;
}

uint8_t *bundle_write(const struct bundle *bundle, int64_t time_ms, size_t *len) {
    *len = 0;
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, NULL);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, NULL) : NULL;
    if (!zip) {
        zip_source_free(source);
        return NULL;
    }
    zip_source_keep(source); /* closing the archive drops its own hold */
    bool ok = true;
    for (size_t i = 0; ok && i < bundle->count; i++) ok = bundle_add_file(zip, &bundle->files[i], time_ms);
    if (!ok || zip_close(zip) != 0) {
        zip_discard(zip);
        ok = false;
    }
    uint8_t *data = ok ? take_bytes(source, len) : NULL;
    zip_source_free(source);
    return data;
}
