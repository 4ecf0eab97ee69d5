#include "tools/document/pdf_update.h"

#include "tools/document/pdf_table.h"

#define NAMES_MAX 1024u   /* of one object, looked at one by one */
#define SEARCHES_MAX 64u  /* of the whole file, in one update */

struct update {
    struct pdf_update *out;
    struct pdf_table *old;        /* up to where this update begins */
    struct bytes file;
    struct pdf_object *objects;   /* of this update */
    size_t count;
    struct pdf_dict catalog;      /* of the old revision */
    size_t searches;
    uint32_t form, dss;           /* what it refers to; 0: nothing, or it stands in the catalog itself */
};

static struct bytes from(struct bytes file, uint64_t at) { return bytes_of(file.data + at, file.len - (size_t)at); }

static const struct pdf_object *find(const struct update *update, uint32_t number) {
    for (size_t i = 0; i < update->count; i++)
        if (update->objects[i].number == number) return &update->objects[i];
    return NULL;
}

/* Of this update, not there before, and no stream. */
static const struct pdf_object *find_new(const struct update *update, const struct pdf_value *value) {
    const struct pdf_object *object = value && value->kind == PDF_REF && !pdf_table_has(update->old, value->number) ? find(update, value->number) : NULL;
    return object && !object->stream ? object : NULL;
}

static bool only_keys(const struct pdf_dict *dict, const char *const *keys, size_t count) {
    for (size_t i = 0; i < dict->count; i++) {
        bool known = false;
        for (size_t k = 0; k < count; k++) known = known || pdf_key_is(&dict->pairs[i], keys[k]);
        if (!known) return false;
    }
    return true;
}

/* ---- what is named where ---- */

static size_t digits_at(struct bytes text, uint64_t *value) {
    size_t len = 0;
    for (*value = 0; len < text.len && text.data[len] >= '0' && text.data[len] <= '9'; len++)
        if (*value < PDF_OBJECTS_MAX) *value = *value * 10 + (uint64_t)(text.data[len] - '0');
    return len;
}

/* Space and comments, as a lenient reader takes them. */
static size_t gap_at(struct bytes text) {
    size_t at = 0;
    while (at < text.len && (pdf_is_space(text.data[at]) || text.data[at] == '%')) {
        if (text.data[at] == '%')
            while (at < text.len && text.data[at] != '\n' && text.data[at] != '\r') at++;
        else at++;
    }
    return at;
}

/* Is " 0 R" what follows a number? */
static bool refers(struct bytes text) {
    uint64_t generation;
    size_t at = gap_at(text), len = at > 0 ? digits_at(from(text, at), &generation) : 0;
    if (len == 0) return false;
    at += len;
    len = gap_at(from(text, at));
    at += len;
    if (len == 0 || at == text.len || text.data[at] != 'R') return false;
    return at + 1 == text.len || !((text.data[at + 1] | 0x20) >= 'a' && (text.data[at + 1] | 0x20) <= 'z');
}

/* Where a name may stand: nowhere at all, in one object alone, or as the value of a key that lists annotations or fields. */
enum where { NOWHERE, IN_DSS, IN_LISTS };

static bool follows(struct bytes text, size_t at, const char *key) {
    const size_t len = strlen(key);
    while (at > 0 && pdf_is_space(text.data[at - 1])) at--;
    return at >= len && memcmp(text.data + at - len, key, len) == 0;
}

static bool may_stand(const struct update *update, size_t at, enum where where) {
    const struct bytes text = update->old->file;
    switch (where) {
    case NOWHERE: return false;
    case IN_DSS: return pdf_table_owner(update->old, at) == update->dss;
    case IN_LISTS: return follows(text, at, "/Annots") || follows(text, at, "/Fields");
    }
    return false;
}

/* Looks for whatever may be read as a reference to one of the marked numbers, in texts and streams too. True: there is none but where it may stand. */
static bool named_only(const struct update *update, const bool *marked, enum where where) {
    const struct bytes text = update->old->file;
    size_t seen = 0;
    for (size_t at = 0; at < text.len;) {
        uint64_t number;
        const size_t len = digits_at(from(text, at), &number);
        if (len > 0 && number < PDF_OBJECTS_MAX && marked[number] && refers(from(text, at + len)) &&
            (seen++ == NAMES_MAX || !may_stand(update, at, where)))
            return false;
        at += len > 0 ? len : 1;
    }
    return true;
}

static bool new_ones_unnamed(const struct update *update, bool *memory) {
    bool *marked = calloc(PDF_OBJECTS_MAX, sizeof *marked);
    *memory = marked != NULL;
    for (size_t i = 0; marked && i < update->count; i++) marked[update->objects[i].number] = !pdf_table_has(update->old, update->objects[i].number);
    const bool good = marked && named_only(update, marked, NOWHERE);
    free(marked);
    return good;
}

static bool named_only_so(struct update *update, uint32_t number, enum where where) {
    if (update->searches++ == SEARCHES_MAX) return false;
    bool *marked = calloc(PDF_OBJECTS_MAX, sizeof *marked);
    if (marked) marked[number] = true;
    const bool good = marked && named_only(update, marked, where);
    free(marked);
    return good;
}

/* ---- further signatures ---- */

static bool add_signature(struct update *update, const struct pdf_value *value, bool visible) {
    const struct pdf_object *object = find_new(update, value);
    struct pdf_dict dict;
    if (!object || !pdf_dict_read(&dict, &object->value) || !pdf_dict_get(&dict, "ByteRange") || !pdf_dict_get(&dict, "Contents")) return false;
    const struct pdf_value *type = pdf_dict_get(&dict, "Type");
    if (type && !pdf_name_is(type, "Sig") && !pdf_name_is(type, "DocTimeStamp")) return false;
    struct pdf_update *out = update->out;
    for (size_t i = 0; i < out->added_count; i++) {
        if (out->added[i].at != object->at) continue;
        out->added[i].visible = out->added[i].visible || visible;
        return true;
    }
    if (out->added_count == PDF_ADDED_MAX) return false;
    out->added[out->added_count++] = (struct pdf_added){object->at, object->end, visible};
    return true;
}

/* A place on a page that is not empty; whatever is not read so counts as one. */
static bool is_visible(const struct pdf_dict *field) {
    const struct pdf_value *rect = pdf_dict_get(field, "Rect");
    struct pdf_value side[4], more;
    struct bytes rest;
    if (!rect || !pdf_array_start(&rest, rect)) return true;
    for (int i = 0; i < 4; i++)
        if (!pdf_array_next(&side[i], &rest) || side[i].kind != PDF_NUMBER) return true;
    if (pdf_array_next(&more, &rest)) return true;
    return !pdf_value_same(&side[0], &side[2]) || !pdf_value_same(&side[1], &side[3]);
}

static bool is_signature_field(const struct pdf_dict *dict) { return pdf_name_is(pdf_dict_get(dict, "FT"), "Sig") && pdf_name_is(pdf_dict_get(dict, "Subtype"), "Widget"); }

/* Field and widget in one, signed. What acts, or belongs to another field, is none. */
static bool is_new_field(struct update *update, const struct pdf_value *value) {
    static const char *const known[] = {"Type", "Subtype", "FT", "T", "F", "Ff", "Rect", "P", "V", "AP", "M", "Lock", "SV", "DA", "NM"};
    const struct pdf_object *object = find_new(update, value);
    struct pdf_dict dict;
    if (!object || !pdf_dict_read(&dict, &object->value) || !only_keys(&dict, known, sizeof known / sizeof *known) || !is_signature_field(&dict)) return false;
    const struct pdf_value *type = pdf_dict_get(&dict, "Type");
    if (type && !pdf_name_is(type, "Annot")) return false;
    return add_signature(update, pdf_dict_get(&dict, "V"), is_visible(&dict));
}

/* The same, and behind it new signature fields. old: NULL where there was none. */
static bool fields_appended(struct update *update, const struct pdf_value *old, const struct pdf_value *new) {
    struct bytes was = {NULL, 0}, is;
    struct pdf_value one, other;
    if ((old && !pdf_array_start(&was, old)) || !pdf_array_start(&is, new)) return false;
    while (old && pdf_array_next(&one, &was))
        if (!pdf_array_next(&other, &is) || !pdf_value_same(&one, &other)) return false;
    while (pdf_array_next(&other, &is))
        if (!is_new_field(update, &other)) return false;
    return true;
}

/* /Fields or /Annots; where it was an object of its own, that is looked at by itself. */
static bool list_change(struct update *update, const struct pdf_value *old, const struct pdf_value *new) {
    const struct pdf_object *object = old ? NULL : find_new(update, new);
    return fields_appended(update, old, object ? &object->value : new);
}

/* ---- by role ---- */

typedef bool (*change_fn)(struct update *update, const struct pdf_pair *pair, const struct pdf_value *old);

/* Nothing is gone, and what differs is allowed. */
static bool dict_change(struct update *update, const struct pdf_dict *old, const struct pdf_dict *new, change_fn allows) {
    for (size_t i = 0; i < old->count; i++) {
        bool there = false;
        for (size_t k = 0; k < new->count; k++) there = there || bytes_equal(old->pairs[i].key, new->pairs[k].key);
        if (!there) return false;
    }
    for (size_t i = 0; i < new->count; i++) {
        const struct pdf_value *was = NULL;
        for (size_t k = 0; k < old->count; k++)
            if (bytes_equal(old->pairs[k].key, new->pairs[i].key)) was = &old->pairs[k].value;
        if (was && pdf_value_same(was, &new->pairs[i].value)) continue;
        if (!allows(update, &new->pairs[i], was)) return false;
    }
    return true;
}

static bool form_allows(struct update *update, const struct pdf_pair *pair, const struct pdf_value *old) {
    if (pdf_key_is(pair, "Fields")) return list_change(update, old, &pair->value);
    return pdf_key_is(pair, "SigFlags") && pair->value.kind == PDF_NUMBER;
}

/* The first form of a document: it has nothing but signatures to show. */
static bool new_form_allows(struct update *update, const struct pdf_pair *pair, const struct pdf_value *old) {
    return form_allows(update, pair, old) || pdf_key_is(pair, "DR") || pdf_key_is(pair, "DA");
}

static bool form_change(struct update *update, const struct pdf_value *old, const struct pdf_value *new) {
    struct pdf_dict was = {.count = 0}, is;
    const struct pdf_object *object = old ? NULL : find_new(update, new);
    if ((old && !pdf_dict_read(&was, old)) || !pdf_dict_read(&is, object ? &object->value : new)) return false;
    return dict_change(update, &was, &is, old ? form_allows : new_form_allows);
}

static bool is_dss(const struct pdf_value *value) {
    static const char *const known[] = {"Type", "Certs", "CRLs", "OCSPs", "VRI"};
    struct pdf_dict dict;
    return pdf_dict_read(&dict, value) && only_keys(&dict, known, sizeof known / sizeof *known);
}

static bool catalog_allows(struct update *update, const struct pdf_pair *pair, const struct pdf_value *old) {
    if (pdf_key_is(pair, "AcroForm")) return form_change(update, old, &pair->value);
    if (pdf_key_is(pair, "Version")) return pair->value.kind == PDF_NAME;
    if (pdf_key_is(pair, "Extensions")) return pair->value.kind == PDF_DICT;
    if (!pdf_key_is(pair, "DSS")) return false;
    const struct pdf_object *object = old ? NULL : find_new(update, &pair->value);
    update->out->validation = true;
    return (!old || is_dss(old)) && is_dss(object ? &object->value : &pair->value);
}

static bool page_allows(struct update *update, const struct pdf_pair *pair, const struct pdf_value *old) {
    return pdf_key_is(pair, "Annots") && list_change(update, old, &pair->value);
}

static bool info_allows(struct update *update, const struct pdf_pair *pair, const struct pdf_value *old) {
    (void)update, (void)old;
    return (pdf_key_is(pair, "ModDate") || pdf_key_is(pair, "Producer")) && pair->value.kind == PDF_STRING;
}

static bool field_allows(struct update *update, const struct pdf_pair *pair, const struct pdf_value *old) {
    (void)update;
    return pdf_key_is(pair, "AP") || pdf_key_is(pair, "M") || (pdf_key_is(pair, "V") && !old); /* its value is looked at with the whole */
}

static bool is_page(const struct pdf_dict *old, const struct pdf_dict *new) {
    return pdf_name_is(pdf_dict_get(old, "Type"), "Page") && pdf_name_is(pdf_dict_get(new, "Type"), "Page");
}

static bool dict_changed(struct update *update, const struct pdf_object *old, const struct pdf_object *new) {
    struct pdf_dict was, is;
    if (new->number == update->dss && is_dss(&old->value) && is_dss(&new->value)) return update->out->validation = true;
    if (!pdf_dict_read(&was, &old->value) || !pdf_dict_read(&is, &new->value)) return false;
    if (new->number == update->old->root) return dict_change(update, &was, &is, catalog_allows);
    if (new->number == update->form) return dict_change(update, &was, &is, form_allows);
    if (new->number == update->old->info) return dict_change(update, &was, &is, info_allows);
    if (is_page(&was, &is)) return dict_change(update, &was, &is, page_allows);
    if (!is_signature_field(&was) || pdf_dict_get(&was, "V")) return false;
    return dict_change(update, &was, &is, field_allows) && add_signature(update, pdf_dict_get(&is, "V"), is_visible(&is));
}

static bool object_harmless(struct update *update, const struct pdf_object *new) {
    struct pdf_object old;
    if (!pdf_table_has(update->old, new->number)) return true; /* nothing leads to it but what is allowed */
    if (!pdf_table_object(&old, update->old, new->number) || old.stream || new->stream) return false;
    if (pdf_value_same(&old.value, &new->value)) return true;
    if (old.value.kind == PDF_ARRAY && fields_appended(update, &old.value, &new->value) && named_only_so(update, new->number, IN_LISTS)) return true;
    if (old.value.kind == PDF_DICT && dict_changed(update, &old, new)) return true;
    struct pdf_object dss; /* a list of certificates, or /VRI */
    if (update->dss == 0 || !pdf_table_object(&dss, update->old, update->dss) || !is_dss(&dss.value)) return false;
    return named_only_so(update, new->number, IN_DSS);
}

/* ---- one update ---- */

static bool is_stream_of_objects(const struct pdf_object *object) {
    struct pdf_dict dict;
    if (!object->stream) return false;
    if (!pdf_dict_read(&dict, &object->value)) return true;
    const struct pdf_value *type = pdf_dict_get(&dict, "Type");
    return pdf_name_is(type, "ObjStm") || pdf_name_is(type, "XRef");
}

/* Each of them once, and under its own number. */
static bool read_objects(struct update *update, struct bytes *rest) {
    for (pdf_skip_space(rest); rest->len > 0 && rest->data[0] >= '0' && rest->data[0] <= '9'; pdf_skip_space(rest)) {
        struct pdf_object object;
        if (update->count == PDF_UPDATE_OBJECTS_MAX || !pdf_object_read(&object, update->file, update->file.len - rest->len)) return false;
        if (is_stream_of_objects(&object) || find(update, object.number)) return false;
        update->objects[update->count++] = object;
        *rest = from(update->file, object.end);
    }
    return true;
}

/* The table of the update is of its objects, all of them and no other, and the trailer leads on to the old revision. */
static bool read_end(struct update *update, struct bytes *rest, struct pdf_section *section) {
    struct pdf_table own = {.file = update->file};
    uint64_t at = update->file.len - rest->len, start = at, said = 0;
    bool good = pdf_section_read(section, &own, &at) && !section->frees && section->used == update->count;
    for (size_t i = 0; i < update->count && good; i++) {
        const struct pdf_object *object = &update->objects[i];
        good = object->number < own.size && own.places[object->number] == object->at && object->number < section->size;
    }
    pdf_table_free(&own);
    if (!good || !section->has_prev || section->prev != update->old->start) return false;
    *rest = from(update->file, at);
    if (!pdf_word(rest, "startxref") || !pdf_number(&said, rest) || said != start) return false;
    pdf_skip_space(rest);
    if (rest->len < 5 || memcmp(rest->data, "%%EOF", 5) != 0 || (rest->len > 5 && !pdf_is_space(rest->data[5]))) return false;
    *rest = from(*rest, 5);
    pdf_skip_space(rest);
    update->old->start = start;
    return true;
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
        const size_t len = digits_at(from(text, at), &number);
        size_t next = at + len, gap = len > 0 ? gap_at(from(text, next)) : 0;
        at += len > 0 ? len : 1;
        if (gap == 0) continue;
        next += gap;
        const size_t generation = digits_at(from(text, next), &number);
        next += generation;
        gap = gap_at(from(text, next));
        next += gap;
        count += generation > 0 && text.len - next >= 3 && memcmp(text.data + next, "obj", 3) == 0;
    }
    return count;
}

/* A reader that mends a file takes whatever looks like an object or a trailer, in texts and streams too: there is none but those that were read. */
static bool nothing_hides(const struct update *update, struct bytes rest) {
    const struct bytes own = bytes_of(update->file.data + update->old->file.len, update->file.len - update->old->file.len - rest.len);
    return headers(own) == update->count && times(own, "trailer") == 1 && times(own, "xref") == 2;
}

static bool info_harmless(const struct update *update, const struct pdf_section *section) {
    static const char *const known[] = {"ModDate", "Producer"};
    struct pdf_dict dict;
    if (section->info == update->old->info || section->info == 0) return section->info == update->old->info;
    const struct pdf_object *object = find_new(update, &(struct pdf_value){.kind = PDF_REF, .number = section->info});
    return update->old->info == 0 && object && pdf_dict_read(&dict, &object->value) && only_keys(&dict, known, 2);
}

static bool read_catalog(struct update *update) {
    struct pdf_object catalog;
    if (!pdf_table_object(&catalog, update->old, update->old->root) || catalog.stream || !pdf_dict_read(&update->catalog, &catalog.value)) return false;
    const struct pdf_value *form = pdf_dict_get(&update->catalog, "AcroForm"), *dss = pdf_dict_get(&update->catalog, "DSS");
    update->form = form && form->kind == PDF_REF ? form->number : 0;
    update->dss = dss && dss->kind == PDF_REF ? dss->number : 0;
    return true;
}

static bool apply(struct update *update, const struct pdf_section *section, struct bytes rest) {
    for (size_t i = 0; i < update->count; i++)
        if (!pdf_table_put(update->old, update->objects[i].number, update->objects[i].at)) return false;
    update->old->info = section->info;
    update->old->file.len = update->file.len - rest.len;
    return true;
}

static enum pdf_verdict one_update(struct update *update, struct bytes *rest, bool *memory) {
    struct pdf_section section;
    update->count = update->searches = 0;
    update->out->object = 0;
    if (!read_catalog(update) || !read_objects(update, rest) || !read_end(update, rest, &section) || !nothing_hides(update, *rest)) return PDF_UNREAD;
    if (section.root != update->old->root || !info_harmless(update, &section)) return PDF_CHANGED;
    for (size_t i = 0; i < update->count; i++) {
        update->out->object = update->objects[i].number;
        if (!object_harmless(update, &update->objects[i])) return PDF_CHANGED;
    }
    update->out->object = 0;
    if (!new_ones_unnamed(update, memory)) return PDF_CHANGED;
    *memory = *memory && apply(update, &section, *rest);
    return PDF_HARMLESS;
}

bool pdf_update_read(struct pdf_update *out, struct bytes file, uint64_t end) {
    struct pdf_table old;
    *out = (struct pdf_update){.verdict = PDF_UNREAD};
    if (file.len > PDF_UPDATE_FILE_MAX || end >= file.len || !pdf_table_read(&old, bytes_of(file.data, (size_t)end))) return true;
    struct update update = {.out = out, .old = &old, .file = file, .objects = calloc(PDF_UPDATE_OBJECTS_MAX, sizeof *update.objects)};
    struct bytes rest = from(file, end);
    bool memory = update.objects != NULL;
    const bool apart = pdf_is_space(file.data[end]) || pdf_is_space(file.data[end - 1]);
    pdf_skip_space(&rest);
    if (apart) out->verdict = PDF_HARMLESS;
    for (size_t i = 0; memory && apart && rest.len > 0; i++) {
        out->verdict = i < PDF_UPDATES_MAX ? one_update(&update, &rest, &memory) : PDF_UNREAD;
        if (out->verdict != PDF_HARMLESS) break;
    }
    free(update.objects);
    pdf_table_free(&old);
    return memory;
}
