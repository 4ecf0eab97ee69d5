/* The bytes of one update: its objects, those in its object streams, its section, its end. Contract in pdf_inside.h. */
#include "tools/document/pdf_inside.h"

const struct pdf_object *pdf_update_find(const struct update *update, uint32_t number) {
    for (size_t i = 0; i < update->count; i++)
        if (update->objects[i].number == number) return &update->objects[i];
    return NULL;
}

static bool is_stream_of(const struct pdf_object *object, const char *type) {
    struct pdf_dict dict;
    return object->stream && pdf_dict_read(&dict, &object->value) && pdf_name_is(pdf_dict_get(&dict, "Type"), type);
}

/* Each of them once. What a reader that does not look into object streams has not got, or has had otherwise, is not defined anew. */
static bool pdf_update_read_add_object(struct update *update, const struct pdf_object *object, uint64_t place) {
    const bool hidden = object->number < update->old->size && (update->old->slots[object->number].flags & PDF_HIDDEN);
    if (update->count == PDF_UPDATE_OBJECTS_MAX) return pdf_table_unread(update->old, "size", 0, 0);
    if (hidden) return pdf_table_unread(update->old, "/XRefStm", object->number, 0);
    if (pdf_update_find(update, object->number)) return pdf_table_unread(update->old, "obj", object->number, object->at); /* two of one number */
    update->places[update->count] = place;
    update->objects[update->count++] = *object;
    return true;
}

static bool add_packed(struct update *update, const struct pdf_object *stream) {
    const struct pdf_pack *pack = pdf_table_unpack(update->old, stream);
    for (size_t i = 0; pack && i < pack->count; i++) {
        const struct pdf_object object = {.number = pack->members[i].number, .value = pack->members[i].value, .packed = true};
        if (!pdf_update_read_add_object(update, &object, PDF_PACKED | (uint64_t)stream->number << 32 | i)) return false;
    }
    return pack != NULL;
}

/* A stream whose dictionary nobody can read here could be one of objects. */
static bool is_unclear(const struct pdf_object *object) {
    struct pdf_dict dict;
    return object->stream && !pdf_dict_read(&dict, &object->value);
}

/* As they stand one behind the other; *section_at: of the stream of /Type /XRef, which is the last, 0 where there is none. */
static bool read_objects(struct update *update, struct bytes *rest, uint64_t *section_at) {
    *section_at = 0;
    for (pdf_skip_space(rest); rest->len > 0 && rest->data[0] >= '0' && rest->data[0] <= '9'; pdf_skip_space(rest)) {
        struct pdf_object object;
        const uint64_t at = update->file.len - rest->len;
        if (*section_at != 0) return pdf_table_unread(update->old, "/XRef", 0, at); /* something follows it */
        if (!pdf_object_read(&object, update->file, at)) return pdf_table_unread(update->old, "obj", 0, at);
        if (is_unclear(&object) || (object.stream && memmem(object.data.data, object.data.len, "endstream", 9))) return pdf_table_unread(update->old, "obj", object.number, at);
        if (!pdf_update_read_add_object(update, &object, at)) return false;
        update->plain++;
        if (is_stream_of(&object, "ObjStm") && !add_packed(update, &object)) return false;
        if (is_stream_of(&object, "XRef")) *section_at = at;
        *rest = bytes_from(update->file, object.end);
    }
    return true;
}

/* The section of the update is of its objects, all of them and no other, and leads on to the old revision. */
static bool read_section(struct update *update, uint64_t at, uint64_t *end, struct pdf_section *section) {
    struct pdf_table own = {.file = update->file};
    const uint64_t start = at;
    bool good = pdf_section_read(section, &own, &at);
    if (good && section->hybrid) good = pdf_table_unread(&own, "/XRefStm", 0, start); /* readers differ in it */
    if (good && (section->frees || section->used != update->count)) good = pdf_table_unread(&own, section->stream ? "/XRef" : "xref", section->stream, start);
    for (size_t i = 0; i < update->count && good; i++) {
        const struct pdf_object *object = &update->objects[i];
        if (object->number >= own.size || own.slots[object->number].place != update->places[i] || object->number >= section->size)
            good = pdf_table_unread(&own, "obj", object->number, object->at);
    }
    if (good && section->size < update->old->said) good = pdf_table_unread(&own, "/Size", section->stream, start); /* readers pass over what lies beyond it */
    if (good && (!section->has_prev || section->prev != update->old->start)) good = pdf_table_unread(&own, "/Prev", section->stream, start);
    if (!good) (void)pdf_table_unread(update->old, own.unread.what, own.unread.object, own.unread.at);
    pdf_table_free(&own);
    *end = at;
    return good;
}

#define BLANK_MAX 64u

bool pdf_update_blank(struct update *update, struct bytes *rest) {
    const size_t before = rest->len;
    pdf_skip_space(rest);
    return before - rest->len <= BLANK_MAX || pdf_table_unread(update->old, "%%EOF", 0, update->file.len - before);
}

static bool pdf_update_read_read_end(struct update *update, struct bytes *rest, uint64_t start) {
    const uint64_t at = update->file.len - rest->len;
    uint64_t said = 0;
    if (!pdf_word(rest, "startxref") || !pdf_number(&said, rest) || said != start) return pdf_table_unread(update->old, "startxref", 0, at);
    pdf_skip_space(rest);
    if (rest->len < 5 || memcmp(rest->data, "%%EOF", 5) != 0 || (rest->len > 5 && !pdf_is_space(rest->data[5]))) return pdf_table_unread(update->old, "startxref", 0, at);
    *rest = bytes_from(*rest, 5);
    update->old->start = start;
    return pdf_update_blank(update, rest);
}

static size_t times(struct bytes text, const char *word) {
    size_t count = 0;
    const uint8_t *p = text.data;
    while ((p = memmem(p, (size_t)(text.data + text.len - p), word, strlen(word))) != NULL) count++, p++;
    return count;
}

/* "7 0 obj" wherever it stands. */
static size_t headers(struct bytes text) {
    size_t count = 0;
    for (size_t at = 0; at < text.len;) {
        uint64_t number;
        const size_t len = pdf_digits_at(bytes_from(text, at), &number);
        size_t next = at + len, gap = len > 0 ? pdf_gap_at(bytes_from(text, next)) : 0;
        at += len > 0 ? len : 1;
        if (gap == 0) continue;
        next += gap;
        const size_t generation = pdf_digits_at(bytes_from(text, next), &number);
        next += generation;
        gap = pdf_gap_at(bytes_from(text, next));
        next += gap;
        count += generation > 0 && text.len - next >= 3 && memcmp(text.data + next, "obj", 3) == 0;
    }
    return count;
}

/* A reader that mends a file takes whatever looks like an object or a trailer, in texts and streams too: there is none but those that were read. */
static bool nothing_hides(const struct update *update, struct bytes rest, bool table) {
    const struct bytes own = bytes_of(update->file.data + update->old->file.len, update->file.len - update->old->file.len - rest.len);
    return headers(own) == update->plain && times(own, "trailer") == (table ? 1 : 0) && times(own, "xref") == (table ? 2 : 1);
}

bool pdf_update_parse(struct update *update, struct bytes *rest, struct pdf_section *section) {
    const uint64_t begin = update->file.len - rest->len;
    uint64_t stream_at, end;
    if (!read_objects(update, rest, &stream_at)) return false;
    const uint64_t start = stream_at ? stream_at : update->file.len - rest->len;
    if (!read_section(update, start, &end, section)) return false;
    *rest = bytes_from(update->file, end);
    if (!pdf_update_read_read_end(update, rest, start)) return false;
    return nothing_hides(update, *rest, section->stream == 0) || pdf_table_unread(update->old, "obj", 0, begin);
}
