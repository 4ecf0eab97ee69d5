#include "tools/document/pdf_table.h"

static const char OBJ[] = "obj";

bool pdf_table_unread(struct pdf_table *table, const char *what, uint32_t object, uint64_t at) {
    if (!table->unread.what) table->unread = (struct pdf_unread){what, object, at};
    return false;
}

/* ---- objects ---- */

/* "stream", its bytes, "endstream". The length has to stand there plainly. */
static bool pdf_table_read_stream(struct pdf_object *out, struct bytes *rest) {
    struct pdf_dict dict;
    uint64_t len;
    if (!pdf_dict_read(&dict, &out->value)) return false;
    const struct pdf_value *length = pdf_dict_get(&dict, "Length");
    struct bytes digits = length && length->kind == PDF_NUMBER ? length->text : bytes_of(NULL, 0);
    if (!pdf_number(&len, &digits) || digits.len > 0) return false;
    if (rest->len > 0 && rest->data[0] == '\r') *rest = bytes_from(*rest, 1);
    if (rest->len == 0 || rest->data[0] != '\n' || len > rest->len - 1) return false;
    out->data = bytes_of(rest->data + 1, (size_t)len);
    *rest = bytes_from(*rest, 1 + len);
    return pdf_word(rest, "endstream");
}

/* "7 0 obj". Other generations than 0 are not read here. */
static bool read_header(uint32_t *out, struct bytes *rest) {
    uint64_t number, generation;
    if (rest->len == 0 || pdf_is_space(rest->data[0]) || !pdf_number(&number, rest) || !pdf_number(&generation, rest) || !pdf_word(rest, OBJ)) return false;
    *out = (uint32_t)number;
    return generation == 0 && number > 0 && number < PDF_OBJECTS_MAX;
}

bool pdf_object_read(struct pdf_object *out, struct bytes file, uint64_t at) {
    struct bytes rest = bytes_from(file, at);
    *out = (struct pdf_object){.at = at};
    if (!read_header(&out->number, &rest) || !pdf_value_read(&out->value, &rest)) return false;
    out->stream = out->value.kind == PDF_DICT && pdf_word(&rest, "stream");
    if (out->stream && !pdf_table_read_stream(out, &rest)) return false;
    if (!pdf_word(&rest, "endobj")) return false;
    out->end = pdf_place(file, rest);
    return true;
}

bool pdf_table_has(const struct pdf_table *table, uint32_t number) { return number < table->size && table->slots[number].place != 0; }

static const struct pdf_member *packed_at(const struct pdf_table *table, uint64_t place) {
    const uint32_t stream = (uint32_t)((place & ~PDF_PACKED) >> 32), index = (uint32_t)place;
    const uint16_t which = stream < table->size ? table->slots[stream].pack : 0;
    return which != 0 && index < table->packs[which - 1].count ? &table->packs[which - 1].members[index] : NULL;
}

bool pdf_table_object(struct pdf_object *out, const struct pdf_table *table, uint32_t number) {
    if (!pdf_table_has(table, number)) return false;
    const uint64_t place = table->slots[number].place;
    if (!(place & PDF_PACKED)) return pdf_object_read(out, table->file, place) && out->number == number;
    const struct pdf_member *member = packed_at(table, place);
    *out = (struct pdf_object){.number = number, .packed = true};
    if (member) out->value = member->value;
    return member && member->number == number;
}

bool pdf_table_number_at(uint32_t *number, const struct pdf_table *table, uint64_t place) {
    struct bytes rest = bytes_from(table->file, place);
    if (!(place & PDF_PACKED)) return read_header(number, &rest);
    const struct pdf_member *member = packed_at(table, place);
    *number = member ? member->number : 0;
    return true;
}

uint32_t pdf_table_owner(const struct pdf_table *table, uint64_t at) {
    struct pdf_version best = {0, 0};
    for (size_t i = 0; i < table->version_count; i++)
        if (table->versions[i].at <= at && table->versions[i].at >= best.at) best = table->versions[i];
    return best.number;
}

/* ---- object streams ---- */

static bool is_pack(struct pdf_dict *dict, const struct pdf_object *object) {
    return object->stream && pdf_dict_read(dict, &object->value) && pdf_name_is(pdf_dict_get(dict, "Type"), "ObjStm");
}

const struct pdf_pack *pdf_table_unpack(struct pdf_table *table, const struct pdf_object *stream) {
    struct pdf_pack pack;
    struct pdf_dict dict;
    const char *why = "/ObjStm";
    const size_t cap = PDF_INFLATED_MAX - table->inflated;
    if (table->pack_count == PDF_PACKS_MAX) why = "size";
    if (!pdf_table_grow(table, (uint64_t)stream->number + 1)) return NULL;
    if (table->pack_count == PDF_PACKS_MAX || table->slots[stream->number].pack != 0 || !is_pack(&dict, stream) || !pdf_pack_read(&pack, stream->number, &dict, stream->data, cap, PDF_OBJECTS_MAX, &why))
        return (void)pdf_table_unread(table, why, stream->number, 0), NULL;
    struct pdf_pack *more = realloc(table->packs, (table->pack_count + 1) * sizeof *more);
    if (!more) {
        pdf_pack_free(&pack);
        return (void)pdf_table_unread(table, "size", stream->number, 0), NULL;
    }
    table->packs = more;
    table->packs[table->pack_count++] = pack;
    table->inflated += pack.len;
    table->slots[stream->number].pack = (uint16_t)table->pack_count;
    return &table->packs[table->pack_count - 1];
}

/* ---- by number ---- */

static bool add_version(struct pdf_table *table, uint32_t number, uint64_t at) {
    if (table->version_count == table->version_cap) {
        const size_t cap = table->version_cap ? 2 * table->version_cap : 256;
        struct pdf_version *more = realloc(table->versions, cap * sizeof *more);
        if (!more) return false;
        table->versions = more;
        table->version_cap = cap;
    }
    table->versions[table->version_count++] = (struct pdf_version){number, at};
    return true;
}

bool pdf_table_grow(struct pdf_table *table, uint64_t size) {
    if (size <= table->size) return true;
    struct pdf_slot *slots = size <= PDF_OBJECTS_MAX ? realloc(table->slots, (size_t)size * sizeof *slots) : NULL;
    if (!slots) return pdf_table_unread(table, "size", 0, 0);
    memset(slots + table->size, 0, ((size_t)size - table->size) * sizeof *slots);
    table->slots = slots;
    table->size = (uint32_t)size;
    return true;
}

bool pdf_table_note(struct pdf_table *table, uint32_t number, uint64_t place) {
    const uint64_t stream = (place & ~PDF_PACKED) >> 32;
    if (!(place & PDF_PACKED)) return add_version(table, number, place) || pdf_table_unread(table, "size", 0, 0);
    if (!pdf_table_grow(table, stream + 1)) return false;
    table->slots[stream].flags |= PDF_PACKS;
    return true;
}

bool pdf_table_put(struct pdf_table *table, uint32_t number, uint64_t place) {
    if (!pdf_table_grow(table, (uint64_t)number + 1) || !pdf_table_note(table, number, place)) return false;
    table->slots[number].place = place;
    return true;
}

void pdf_table_free(struct pdf_table *table) {
    for (size_t i = 0; i < table->pack_count; i++) pdf_pack_free(&table->packs[i]);
    free(table->packs);
    free(table->slots);
    free(table->versions);
    *table = (struct pdf_table){.slots = NULL};
}
