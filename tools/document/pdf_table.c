#include "tools/document/pdf_table.h"

static const char OBJ[] = "obj";

static struct bytes from(struct bytes file, uint64_t at) { return at <= file.len ? bytes_of(file.data + at, file.len - (size_t)at) : bytes_of(NULL, 0); }
static uint64_t place_of(struct bytes file, struct bytes rest) { return file.len - rest.len; }

/* ---- objects ---- */

/* "stream", its bytes, "endstream". The length has to stand there plainly. */
static bool skip_stream(struct bytes *rest, const struct pdf_value *value) {
    struct pdf_dict dict;
    uint64_t len;
    if (!pdf_dict_read(&dict, value)) return false;
    const struct pdf_value *length = pdf_dict_get(&dict, "Length");
    struct bytes digits = length && length->kind == PDF_NUMBER ? length->text : bytes_of(NULL, 0);
    if (!pdf_number(&len, &digits) || digits.len > 0) return false;
    if (rest->len > 0 && rest->data[0] == '\r') *rest = from(*rest, 1);
    if (rest->len == 0 || rest->data[0] != '\n' || len > rest->len - 1) return false;
    *rest = from(*rest, 1 + len);
    return pdf_word(rest, "endstream");
}

bool pdf_object_read(struct pdf_object *out, struct bytes file, uint64_t at) {
    struct bytes rest = from(file, at);
    uint64_t number, generation;
    if (rest.len == 0 || pdf_is_space(rest.data[0])) return false;
    if (!pdf_number(&number, &rest) || !pdf_number(&generation, &rest) || generation != 0 || number == 0 || number >= PDF_OBJECTS_MAX) return false;
    if (!pdf_word(&rest, OBJ) || !pdf_value_read(&out->value, &rest)) return false;
    out->stream = out->value.kind == PDF_DICT && pdf_word(&rest, "stream");
    if (out->stream && !skip_stream(&rest, &out->value)) return false;
    if (!pdf_word(&rest, "endobj")) return false;
    out->number = (uint32_t)number;
    out->at = at;
    out->end = place_of(file, rest);
    return true;
}

bool pdf_table_has(const struct pdf_table *table, uint32_t number) { return number < table->size && table->places[number] != 0; }

bool pdf_table_object(struct pdf_object *out, const struct pdf_table *table, uint32_t number) {
    return pdf_table_has(table, number) && pdf_object_read(out, table->file, table->places[number]) && out->number == number;
}

uint32_t pdf_table_owner(const struct pdf_table *table, uint64_t at) {
    struct pdf_place best = {0, 0};
    for (size_t i = 0; i < table->version_count; i++)
        if (table->versions[i].at <= at && table->versions[i].at >= best.at) best = table->versions[i];
    return best.number;
}

/* ---- sections ---- */

static bool table_grow(struct pdf_table *table, uint32_t size) {
    if (size <= table->size) return true;
    if (size > PDF_OBJECTS_MAX) return false;
    uint64_t *places = realloc(table->places, size * sizeof *places);
    if (places) table->places = places;
    uint16_t *sections = realloc(table->sections, size * sizeof *sections);
    if (sections) table->sections = sections;
    if (!places || !sections) return false;
    memset(places + table->size, 0, (size - table->size) * sizeof *places);
    memset(sections + table->size, 0, (size - table->size) * sizeof *sections);
    table->size = size;
    return true;
}

static bool add_version(struct pdf_table *table, uint32_t number, uint64_t at) {
    if (table->version_count == table->version_cap) {
        const size_t cap = table->version_cap ? 2 * table->version_cap : 256;
        struct pdf_place *more = realloc(table->versions, cap * sizeof *more);
        if (!more) return false;
        table->versions = more;
        table->version_cap = cap;
    }
    table->versions[table->version_count++] = (struct pdf_place){number, at};
    return true;
}

bool pdf_table_put(struct pdf_table *table, uint32_t number, uint64_t at) {
    if (!table_grow(table, number + 1) || !add_version(table, number, at)) return false;
    table->places[number] = at;
    return true;
}

static bool all_digits(const uint8_t *p, size_t len, uint64_t *out) {
    for (*out = 0; len > 0; len--, p++) {
        if (*p < '0' || *p > '9') return false;
        *out = *out * 10 + (uint64_t)(*p - '0');
    }
    return true;
}

/* "0000000015 00000 n" and two bytes that end the line. */
static bool add_entry(struct pdf_section *out, struct pdf_table *table, uint32_t number, const uint8_t *entry) {
    uint64_t at, generation;
    const uint8_t kind = entry[17];
    if (!all_digits(entry, 10, &at) || entry[10] != ' ' || !all_digits(entry + 11, 5, &generation) || entry[16] != ' ') return false;
    if (!pdf_is_space(entry[18]) || !(entry[19] == '\n' || entry[19] == '\r')) return false;
    if ((kind != 'n' && kind != 'f') || (kind == 'n' && (at == 0 || generation != 0 || number == 0))) return false;
    if (table->sections[number] == table->section_count) return false; /* twice in one section */
    out->used += kind == 'n';
    out->frees = out->frees || (kind == 'f' && number != 0);
    if (kind == 'n' && !add_version(table, number, at)) return false;
    if (table->sections[number] != 0) return true; /* a newer section has said it */
    table->sections[number] = table->section_count;
    table->places[number] = kind == 'n' ? at : 0;
    return true;
}

static bool read_entries(struct pdf_section *out, struct pdf_table *table, struct bytes *rest) {
    uint64_t first, count;
    while (pdf_number(&first, rest)) {
        if (!pdf_number(&count, rest) || first > PDF_OBJECTS_MAX || count > PDF_OBJECTS_MAX || !table_grow(table, (uint32_t)(first + count))) return false;
        while (rest->len > 0 && (rest->data[0] == ' ' || rest->data[0] == '\r')) *rest = from(*rest, 1);
        if (rest->len == 0 || (rest->data[0] != '\n' && rest->data[-1] != '\r')) return false;
        if (rest->data[0] == '\n') *rest = from(*rest, 1);
        if (rest->len / 20 < count) return false;
        for (uint64_t i = 0; i < count; i++)
            if (!add_entry(out, table, (uint32_t)(first + i), rest->data + 20 * i)) return false;
        *rest = from(*rest, 20 * count);
    }
    return true;
}

static uint32_t reference(const struct pdf_dict *dict, const char *key) {
    const struct pdf_value *value = pdf_dict_get(dict, key);
    return value && value->kind == PDF_REF ? value->number : 0;
}

static bool whole_number(uint64_t *out, const struct pdf_value *value) {
    struct bytes text = value->text;
    return value->kind == PDF_NUMBER && pdf_number(out, &text) && text.len == 0;
}

/* Keys that are not named here would be an encrypted file, a second table in a stream, or something new. */
static bool read_trailer(struct pdf_section *out, const struct pdf_value *value) {
    static const char *const known[] = {"Size", "Root", "Info", "ID", "Prev"};
    struct pdf_dict dict;
    uint64_t size = 0;
    if (!pdf_dict_read(&dict, value)) return false;
    for (size_t i = 0; i < dict.count; i++) {
        bool good = false;
        for (size_t k = 0; k < sizeof known / sizeof *known; k++) good = good || pdf_key_is(&dict.pairs[i], known[k]);
        if (!good) return false;
    }
    const struct pdf_value *prev = pdf_dict_get(&dict, "Prev"), *count = pdf_dict_get(&dict, "Size"), *info = pdf_dict_get(&dict, "Info");
    out->has_prev = prev != NULL;
    if ((prev && !whole_number(&out->prev, prev)) || !count || !whole_number(&size, count) || size > PDF_OBJECTS_MAX || (info && info->kind != PDF_REF)) return false;
    out->root = reference(&dict, "Root");
    out->info = reference(&dict, "Info");
    out->size = (uint32_t)size;
    return out->root != 0;
}

bool pdf_section_read(struct pdf_section *out, struct pdf_table *table, uint64_t *at) {
    struct bytes rest = from(table->file, *at);
    struct pdf_value trailer;
    *out = (struct pdf_section){.prev = 0};
    if (table->section_count == UINT16_MAX || rest.len == 0 || pdf_is_space(rest.data[0])) return false;
    table->section_count++;
    if (!pdf_word(&rest, "xref") || !read_entries(out, table, &rest) || !pdf_word(&rest, "trailer") || !pdf_value_read(&trailer, &rest)) return false;
    *at = place_of(table->file, rest);
    return read_trailer(out, &trailer);
}

/* ---- a revision ---- */

bool pdf_revision_ends(struct bytes file, uint64_t *start) {
    const size_t tail = file.len < 256 ? file.len : 256;
    struct bytes rest = from(file, file.len - tail);
    const uint8_t *found = NULL;
    for (const uint8_t *p = rest.data; p && (p = memmem(p, (size_t)(file.data + file.len - p), "startxref", 9)) != NULL; p++) found = p;
    if (!found) return false;
    rest = from(file, (uint64_t)(found - file.data));
    if (!pdf_word(&rest, "startxref") || !pdf_number(start, &rest)) return false;
    pdf_skip_space(&rest);
    if (rest.len < 5 || memcmp(rest.data, "%%EOF", 5) != 0) return false;
    rest = from(rest, 5);
    pdf_skip_space(&rest);
    return rest.len == 0;
}

/* Is every object where the table says? A reader that finds one missing looks for all of them in its own way. */
static bool in_place(const struct pdf_table *table) {
    for (uint32_t i = 1; i < table->size; i++) {
        struct bytes rest = from(table->file, table->places[i]);
        uint64_t number, generation;
        if (table->places[i] == 0) continue;
        if (rest.len == 0 || pdf_is_space(rest.data[0]) || !pdf_number(&number, &rest) || !pdf_number(&generation, &rest) || !pdf_word(&rest, OBJ)) return false;
        if (number != i || generation != 0) return false;
    }
    return true;
}

static bool read_sections(struct pdf_table *table) {
    uint64_t at = table->start, seen[PDF_SECTIONS_MAX];
    for (size_t count = 0; count < PDF_SECTIONS_MAX; count++) {
        struct pdf_section section;
        for (size_t i = 0; i < count; i++)
            if (seen[i] == at) return false; /* it would go round */
        seen[count] = at;
        if (!pdf_section_read(&section, table, &at)) return false;
        if (count == 0) {
            table->root = section.root;
            table->info = section.info;
        }
        if (!section.has_prev) return true;
        at = section.prev;
    }
    return false;
}

bool pdf_table_read(struct pdf_table *out, struct bytes file) {
    *out = (struct pdf_table){.file = file};
    if (pdf_revision_ends(file, &out->start) && read_sections(out) && in_place(out)) return true;
    pdf_table_free(out);
    return false;
}

void pdf_table_free(struct pdf_table *table) {
    free(table->places);
    free(table->sections);
    free(table->versions);
    *table = (struct pdf_table){.places = NULL};
}
