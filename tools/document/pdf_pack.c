#include "tools/document/pdf_pack.h"

#include "tools/document/pdf_filter.h"

static bool pdf_pack_no(const char **why, const char *what) { return *why = what, false; }

static bool pdf_pack_whole(uint64_t *out, const struct pdf_value *value) {
    struct bytes text = value ? value->text : bytes_of(NULL, 0);
    return value && value->kind == PDF_NUMBER && pdf_number(out, &text) && text.len == 0;
}

static bool read_head(uint64_t *count, uint64_t *first, const struct pdf_dict *dict, const char **why) {
    static const char *const known[] = {"Type", "N", "First", "Length", "Filter", "DecodeParms"};
    if (pdf_dict_get(dict, "Extends")) return pdf_pack_no(why, "/Extends");
    for (size_t i = 0; i < dict->count; i++) {
        bool good = false;
        for (size_t k = 0; k < sizeof known / sizeof *known; k++) good = good || pdf_key_is(&dict->pairs[i], known[k]);
        if (!good) return pdf_pack_no(why, "/ObjStm");
    }
    if (!pdf_name_is(pdf_dict_get(dict, "Type"), "ObjStm") || !pdf_pack_whole(count, pdf_dict_get(dict, "N")) || !pdf_pack_whole(first, pdf_dict_get(dict, "First"))) return pdf_pack_no(why, "/ObjStm");
    return *count <= PDF_PACK_OBJECTS_MAX || pdf_pack_no(why, "size");
}

static bool pdf_pack_is_space(struct bytes text) {
    pdf_skip_space(&text);
    return text.len == 0;
}

/* "7 0 8 15", then the values. A value is read as far as it goes: one that would take in something of the next is none of ours. */
static bool read_members(struct pdf_pack *pack, uint64_t first, uint32_t numbers) {
    struct bytes head = bytes_of(pack->text, (size_t)first);
    const size_t room = pack->len - (size_t)first;
    size_t end = 0;
    if (first > 0 && room > 0 && !pdf_is_space(pack->text[first - 1]) && !pdf_ends_name(pack->text[first])) return false; /* the last number may go on there */
    for (size_t i = 0; i < pack->count; i++) {
        struct pdf_member *member = &pack->members[i];
        uint64_t number, at;
        if (!pdf_number(&number, &head) || !pdf_number(&at, &head) || number == 0 || number >= numbers || at < end || at >= room) return false;
        if (!pdf_pack_is_space(bytes_of(pack->text + first + end, (size_t)at - end))) return false;
        struct bytes rest = bytes_of(pack->text + first + at, room - (size_t)at);
        if (pdf_is_space(rest.data[0]) || !pdf_value_read(&member->value, &rest) || member->value.kind == PDF_REF) return false;
        member->number = (uint32_t)number;
        end = room - rest.len;
    }
    return pdf_pack_is_space(head) && pdf_pack_is_space(bytes_of(pack->text + first + end, room - end));
}

static int by_number(const void *a, const void *b) {
    const uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;
    return (one > other) - (one < other);
}

static bool each_once(const struct pdf_pack *pack) {
    uint32_t *numbers = calloc(pack->count + 1, sizeof *numbers);
    bool good = numbers != NULL;
    for (size_t i = 0; good && i < pack->count; i++) numbers[i] = pack->members[i].number;
    if (good) qsort(numbers, pack->count, sizeof *numbers, by_number);
    for (size_t i = 1; good && i < pack->count; i++) good = numbers[i] != numbers[i - 1];
    free(numbers);
    return good;
}

bool pdf_pack_read(struct pdf_pack *out, uint32_t number, const struct pdf_dict *dict, struct bytes raw, size_t cap, uint32_t numbers, const char **why) {
    uint64_t count, first;
    *out = (struct pdf_pack){.number = number};
    if (!read_head(&count, &first, dict, why) || !pdf_filter_decode(&out->text, &out->len, dict, raw, cap, why)) return false;
    out->count = (size_t)count;
    out->members = calloc(out->count + 1, sizeof *out->members);
    if (out->members && first <= out->len && read_members(out, first, numbers) && each_once(out)) return true;
    pdf_pack_free(out);
    return pdf_pack_no(why, "/ObjStm");
}

void pdf_pack_free(struct pdf_pack *pack) {
    free(pack->text);
    free(pack->members);
    *pack = (struct pdf_pack){.number = 0};
}
