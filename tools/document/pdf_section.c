/* The cross-reference sections of a PDF: tables, streams, and both at once. Contract in pdf_table.h. */
#include "tools/document/pdf_section.h"

#include "tools/document/pdf_filter.h"

#define NUMBER_BYTES_MAX 8u /* of one field of an entry */
#define PLACE_MAX (UINT64_C(1) << 48)

/* ---- entries ---- */

/* Of a number of which a newer section has spoken, or this one's table where its /XRefStm is read. False: the two contradict each other. */
static bool second_word(struct pdf_slot *slot, uint16_t which, uint64_t place, bool hybrid) {
    if (slot->section == which) return false; /* twice in one section */
    if (hybrid && slot->section + 1 == which) { /* the table of the same section */
        if (slot->place == 0 && place != 0) *slot = (struct pdf_slot){.place = place, .section = which, .pack = slot->pack, .flags = slot->flags | PDF_HYBRID | PDF_HIDDEN};
        return slot->place == place;
    }
    if (!(slot->flags & PDF_HYBRID) || place == 0) return true;
    if (!hybrid) slot->flags &= (uint8_t)~PDF_HIDDEN;
    return slot->place == place;
}

/* place 0: it is free. */
static bool take_entry(struct pdf_section *out, struct pdf_table *table, uint32_t number, uint64_t place, bool hybrid) {
    const uint16_t which = table->section_count;
    if (place != 0 && (number == 0 || !pdf_table_note(table, number, place))) return false;
    struct pdf_slot *slot = &table->slots[number];
    out->used += place != 0;
    out->frees = out->frees || (place == 0 && number != 0);
    if (place != 0 && slot->place != 0 && slot->place != place) slot->flags |= PDF_TWICE;
    if (slot->section != 0) return second_word(slot, which, place, hybrid);
    slot->section = which;
    slot->place = place;
    if (hybrid) slot->flags |= PDF_HYBRID | PDF_HIDDEN;
    return true;
}

/* ---- what a trailer says ---- */

static uint32_t reference(const struct pdf_dict *dict, const char *key) {
    const struct pdf_value *value = pdf_dict_get(dict, key);
    return value && value->kind == PDF_REF ? value->number : 0;
}

static bool pdf_section_whole(uint64_t *out, const struct pdf_value *value) {
    struct bytes text = value ? value->text : bytes_of(NULL, 0);
    return value && value->kind == PDF_NUMBER && pdf_number(out, &text) && text.len == 0;
}

/* Keys that are not named here would be an encrypted file, or something new. stream: those of a stream's own are known too. */
static bool read_trailer(struct pdf_section *out, struct pdf_table *table, const struct pdf_dict *dict, uint64_t at) {
    static const char *const known[] = {"Size", "Root", "Info", "ID", "Prev", "DocChecksum", "XRefStm", "Type", "W", "Index", "Length", "Filter", "DecodeParms"};
    const size_t count_of = out->stream ? sizeof known / sizeof *known : 7;
    if (pdf_dict_get(dict, "Encrypt")) return pdf_table_unread(table, "/Encrypt", 0, at);
    for (size_t i = 0; i < dict->count; i++) {
        bool good = false;
        for (size_t k = 0; k < count_of; k++) good = good || (pdf_key_is(&dict->pairs[i], known[k]) && !(k == 6 && out->stream));
        if (!good) return pdf_table_unread(table, "trailer", out->stream, at);
    }
    const struct pdf_value *prev = pdf_dict_get(dict, "Prev"), *info = pdf_dict_get(dict, "Info"), *root = pdf_dict_get(dict, "Root"), *hybrid = pdf_dict_get(dict, "XRefStm");
    uint64_t size = 0;
    out->has_prev = prev != NULL;
    if ((prev && !pdf_section_whole(&out->prev, prev)) || (hybrid && (!pdf_section_whole(&out->hybrid, hybrid) || out->hybrid == 0))) return pdf_table_unread(table, "trailer", out->stream, at);
    if (!pdf_section_whole(&size, pdf_dict_get(dict, "Size")) || (info && info->kind != PDF_REF) || (root && root->kind != PDF_REF)) return pdf_table_unread(table, "trailer", out->stream, at);
    if (size > PDF_OBJECTS_MAX) return pdf_table_unread(table, "size", out->stream, at);
    out->root = reference(dict, "Root");
    out->info = reference(dict, "Info");
    out->size = (uint32_t)size;
    return true;
}

/* ---- tables ---- */

static bool pdf_section_all_digits(const uint8_t *p, size_t len, uint64_t *out) {
    for (*out = 0; len > 0; len--, p++) {
        if (*p < '0' || *p > '9') return false;
        *out = *out * 10 + (uint64_t)(*p - '0');
    }
    return true;
}

/* "0000000015 00000 n" and two bytes that end the line. */
static bool table_entry(struct pdf_section *out, struct pdf_table *table, uint32_t number, const uint8_t *entry) {
    uint64_t at, generation;
    const uint8_t kind = entry[17];
    if (!pdf_section_all_digits(entry, 10, &at) || entry[10] != ' ' || !pdf_section_all_digits(entry + 11, 5, &generation) || entry[16] != ' ') return false;
    if (!pdf_is_space(entry[18]) || !(entry[19] == '\n' || entry[19] == '\r')) return false;
    if ((kind != 'n' && kind != 'f') || (kind == 'n' && (at == 0 || generation != 0))) return false;
    return take_entry(out, table, number, kind == 'n' ? at : 0, false);
}

static bool table_entries(struct pdf_section *out, struct pdf_table *table, struct bytes *rest) {
    uint64_t first, count;
    while (pdf_number(&first, rest)) {
        if (!pdf_number(&count, rest) || first > PDF_OBJECTS_MAX || count > PDF_OBJECTS_MAX || !pdf_table_grow(table, first + count)) return false;
        while (rest->len > 0 && (rest->data[0] == ' ' || rest->data[0] == '\r')) *rest = bytes_from(*rest, 1);
        if (rest->len == 0 || (rest->data[0] != '\n' && rest->data[-1] != '\r')) return false;
        if (rest->data[0] == '\n') *rest = bytes_from(*rest, 1);
        if (rest->len / 20 < count) return false;
        for (uint64_t i = 0; i < count; i++)
            if (!table_entry(out, table, (uint32_t)(first + i), rest->data + 20 * i)) return false;
        *rest = bytes_from(*rest, 20 * count);
    }
    return true;
}

/* ---- streams ---- */

struct widths { uint64_t of[3]; size_t all; };

static bool read_widths(struct widths *out, const struct pdf_value *value) {
    struct pdf_value one;
    struct bytes rest;
    *out = (struct widths){.all = 0};
    if (!value || !pdf_array_start(&rest, value)) return false;
    for (int i = 0; i < 3; i++) {
        if (!pdf_array_next(&one, &rest) || !pdf_section_whole(&out->of[i], &one) || out->of[i] > NUMBER_BYTES_MAX) return false;
        out->all += out->of[i];
    }
    return out->of[1] > 0 && !pdf_array_next(&one, &rest);
}

static uint64_t field(const uint8_t **p, uint64_t width, uint64_t usual) {
    uint64_t value = width == 0 ? usual : 0;
    for (; width > 0; width--) value = value << 8 | *(*p)++;
    return value;
}

/* Kind 0: free. 1: at this byte, of this generation. 2: in this object stream, at this index. */
static bool stream_entry(struct pdf_section *out, struct pdf_table *table, uint32_t number, const uint8_t *entry, const struct widths *widths, bool hybrid) {
    const uint64_t kind = field(&entry, widths->of[0], 1), second = field(&entry, widths->of[1], 0), third = field(&entry, widths->of[2], 0);
    if (kind == 0) return take_entry(out, table, number, 0, hybrid);
    if (kind == 1) return second != 0 && second < PLACE_MAX && third == 0 && take_entry(out, table, number, second, hybrid);
    if (kind != 2 || second == 0 || second >= PDF_OBJECTS_MAX || second == number || third >= PDF_PACK_OBJECTS_MAX) return false;
    return take_entry(out, table, number, PDF_PACKED | second << 32 | third, hybrid);
}

/* /Index: pairs of the first number and how many follow; all below /Size where it is not there. No byte is left over. */
static bool stream_entries(struct pdf_section *out, struct pdf_table *table, const struct pdf_dict *dict, struct bytes data, bool hybrid) {
    const struct pdf_value *index = pdf_dict_get(dict, "Index");
    struct pdf_value one, other;
    struct bytes pairs = bytes_of(NULL, 0);
    struct widths widths;
    uint64_t first = 0, count = out->size;
    if (!read_widths(&widths, pdf_dict_get(dict, "W")) || (index && !pdf_array_start(&pairs, index))) return false;
    for (bool more = !index; more || (index && pdf_array_next(&one, &pairs)); more = false) {
        if (index && (!pdf_section_whole(&first, &one) || !pdf_array_next(&other, &pairs) || !pdf_section_whole(&count, &other))) return false;
        if (first > PDF_OBJECTS_MAX || count > PDF_OBJECTS_MAX || count > data.len / widths.all || !pdf_table_grow(table, first + count)) return false;
        for (uint64_t i = 0; i < count; i++)
            if (!stream_entry(out, table, (uint32_t)(first + i), data.data + i * widths.all, &widths, hybrid)) return false;
        data = bytes_from(data, count * widths.all);
    }
    return data.len == 0;
}

static bool pdf_section_read_stream(struct pdf_section *out, struct pdf_table *table, uint64_t *at, bool hybrid) {
    struct pdf_object object;
    struct pdf_dict dict;
    const uint64_t start = *at;
    const char *why = NULL;
    uint8_t *data;
    size_t len;
    if (!pdf_object_read(&object, table->file, start) || !object.stream || !pdf_dict_read(&dict, &object.value) || !pdf_name_is(pdf_dict_get(&dict, "Type"), "XRef"))
        return pdf_table_unread(table, "/XRef", 0, start);
    out->stream = object.number;
    if (!read_trailer(out, table, &dict, start)) return false;
    if (!pdf_filter_decode(&data, &len, &dict, object.data, PDF_INFLATED_MAX - table->inflated, &why)) return pdf_table_unread(table, why, object.number, start);
    table->inflated += len;
    const bool good = stream_entries(out, table, &dict, bytes_of(data, len), hybrid);
    free(data);
    *at = object.end;
    return good || pdf_table_unread(table, "/XRef", object.number, start);
}

/* Read as readers do that know of it: behind the table of its section, before the sections that are older. */
static bool read_hybrid(struct pdf_section *out, struct pdf_table *table) {
    struct pdf_section more = {.prev = 0};
    uint64_t at = out->hybrid;
    if (table->section_count == UINT16_MAX) return pdf_table_unread(table, "size", 0, at);
    table->section_count++;
    if (!pdf_section_read_stream(&more, table, &at, true)) return false;
    return (!more.has_prev && (more.root == 0 || more.root == out->root)) || pdf_table_unread(table, "/XRefStm", more.stream, 0);
}

/* ---- either ---- */

bool pdf_section_read(struct pdf_section *out, struct pdf_table *table, uint64_t *at) {
    const uint64_t start = *at;
    struct bytes rest = bytes_from(table->file, start);
    struct pdf_value trailer;
    struct pdf_dict dict;
    *out = (struct pdf_section){.prev = 0};
    if (table->section_count == UINT16_MAX || rest.len == 0 || pdf_is_space(rest.data[0])) return pdf_table_unread(table, "xref", 0, start);
    table->section_count++;
    if (!pdf_word(&rest, "xref")) return pdf_section_read_stream(out, table, at, false);
    if (!table_entries(out, table, &rest) || !pdf_word(&rest, "trailer") || !pdf_value_read(&trailer, &rest) || !pdf_dict_read(&dict, &trailer))
        return pdf_table_unread(table, "xref", 0, start);
    *at = pdf_place(table->file, rest);
    return read_trailer(out, table, &dict, start) && (out->hybrid == 0 || read_hybrid(out, table));
}
