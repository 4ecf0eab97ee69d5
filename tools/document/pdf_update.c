#include "tools/document/pdf_inside.h"
#include "tools/document/pdf_revision.h"

/* Of this update, not there before, and no stream. */
static const struct pdf_object *find_new(const struct update *update, const struct pdf_value *value) {
    const struct pdf_object *object = value && value->kind == PDF_REF && !pdf_table_has(update->old, value->number) ? pdf_update_find(update, value->number) : NULL;
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

/* ---- further signatures ---- */

static bool add_signature(struct update *update, const struct pdf_value *value, bool visible) {
    const struct pdf_object *object = find_new(update, value);
    struct pdf_dict dict;
    if (!object || object->packed /* its /Contents could not be left out */ || !pdf_dict_read(&dict, &object->value) || !pdf_dict_get(&dict, "ByteRange") || !pdf_dict_get(&dict, "Contents")) return false;
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
    static const char *const known[] = {"Type", "Subtype", "FT", "T", "F", "Ff", "Rect", "P", "V", "AP", "M", "Lock", "SV", "DA", "NM", "TU"};
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

static bool pdf_update_is_page(const struct pdf_dict *old, const struct pdf_dict *new) {
    return pdf_name_is(pdf_dict_get(old, "Type"), "Page") && pdf_name_is(pdf_dict_get(new, "Type"), "Page");
}

static bool dict_changed(struct update *update, const struct pdf_object *old, const struct pdf_object *new) {
    struct pdf_dict was, is;
    if (new->number == update->dss && is_dss(&old->value) && is_dss(&new->value)) return update->out->validation = true;
    if (!pdf_dict_read(&was, &old->value) || !pdf_dict_read(&is, &new->value)) return false;
    if (new->number == update->old->root) return dict_change(update, &was, &is, catalog_allows);
    if (new->number == update->form) return dict_change(update, &was, &is, form_allows);
    if (new->number == update->old->info) return dict_change(update, &was, &is, info_allows);
    if (pdf_update_is_page(&was, &is)) return dict_change(update, &was, &is, page_allows);
    if (!is_signature_field(&was) || pdf_dict_get(&was, "V")) return false;
    return dict_change(update, &was, &is, field_allows) && add_signature(update, pdf_dict_get(&is, "V"), is_visible(&is));
}

static bool object_harmless(struct update *update, const struct pdf_object *new) {
    struct pdf_object old;
    if (!pdf_table_has(update->old, new->number)) return true; /* nothing leads to it but what is allowed */
    if (!pdf_table_object(&old, update->old, new->number) || old.stream || new->stream) return false;
    if (pdf_value_same(&old.value, &new->value)) return true;
    if (old.value.kind == PDF_ARRAY && fields_appended(update, &old.value, &new->value) && pdf_named_only_so(update, new->number, IN_LISTS)) return true;
    if (old.value.kind == PDF_DICT && dict_changed(update, &old, new)) return true;
    struct pdf_object dss; /* a list of certificates, or /VRI */
    if (update->dss == 0 || !pdf_table_object(&dss, update->old, update->dss) || !is_dss(&dss.value)) return false;
    return pdf_named_only_so(update, new->number, IN_DSS);
}

/* ---- one update ---- */

static bool info_harmless(const struct update *update, const struct pdf_section *section) {
    static const char *const known[] = {"ModDate", "Producer"};
    struct pdf_dict dict;
    if (section->info == update->old->info || section->info == 0) return section->info == update->old->info;
    const struct pdf_object *object = find_new(update, &(struct pdf_value){.kind = PDF_REF, .number = section->info});
    return update->old->info == 0 && object && pdf_dict_read(&dict, &object->value) && only_keys(&dict, known, 2);
}

static bool read_catalog(struct update *update) {
    struct pdf_object catalog;
    if (!pdf_table_object(&catalog, update->old, update->old->root) || catalog.stream || !pdf_dict_read(&update->catalog, &catalog.value))
        return pdf_table_unread(update->old, "/Root", update->old->root, 0);
    const struct pdf_value *form = pdf_dict_get(&update->catalog, "AcroForm"), *dss = pdf_dict_get(&update->catalog, "DSS");
    update->form = form && form->kind == PDF_REF ? form->number : 0;
    update->dss = dss && dss->kind == PDF_REF ? dss->number : 0;
    return true;
}

static bool apply(struct update *update, const struct pdf_section *section, struct bytes rest) {
    for (size_t i = 0; i < update->count; i++)
        if (!pdf_table_put(update->old, update->objects[i].number, update->places[i])) return false;
    update->old->info = section->info;
    update->old->said = section->size;
    update->old->file.len = update->file.len - rest.len;
    return true;
}

static enum pdf_verdict one_update(struct update *update, struct bytes *rest, bool *memory) {
    struct pdf_section section;
    update->count = update->plain = 0;
    update->out->object = 0;
    if (!read_catalog(update) || !pdf_update_parse(update, rest, &section)) return PDF_UNREAD;
    if (section.root != update->old->root || !info_harmless(update, &section)) return PDF_CHANGED;
    for (size_t i = 0; i < update->count; i++) {
        update->out->object = update->objects[i].number;
        if (!object_harmless(update, &update->objects[i])) return PDF_CHANGED;
    }
    update->out->object = 0;
    if (!pdf_new_ones_unnamed(update, memory)) return PDF_CHANGED;
    *memory = *memory && apply(update, &section, *rest);
    return PDF_HARMLESS;
}

/* One after another, to the end of the file. False: memory is out. */
static bool all_updates(struct update *update, uint64_t end) {
    struct bytes rest = bytes_from(update->file, end);
    bool memory = true;
    if (!pdf_update_blank(update, &rest)) return true;
    if (!pdf_is_space(update->file.data[end]) && !pdf_is_space(update->file.data[end - 1])) return pdf_table_unread(update->old, "%%EOF", 0, end), true;
    update->out->verdict = PDF_HARMLESS;
    for (size_t i = 0; memory && rest.len > 0 && update->out->verdict == PDF_HARMLESS; i++) {
        if (i == PDF_UPDATES_MAX) return update->out->verdict = PDF_UNREAD, pdf_table_unread(update->old, "size", 0, 0), true;
        update->out->verdict = one_update(update, &rest, &memory);
    }
    return memory;
}

/* A file made for the web says its own length at its start. Where it is that of the whole, readers begin at a section near the start and see nothing of what was
 * added, nor of what was signed: an earlier revision is shown. Whatever number there is it counts as that one. */
#define WEB_START 1024u
static bool says_its_length(struct bytes file) {
    for (size_t at = 0; at < file.len && at < WEB_START;) {
        uint64_t value = 0;
        size_t len = 0;
        for (; at + len < file.len && file.data[at + len] >= '0' && file.data[at + len] <= '9'; len++)
            if (value <= file.len) value = value * 10 + (uint64_t)(file.data[at + len] - '0');
        if (len > 0 && value == file.len) return true;
        at += len > 0 ? len : 1;
    }
    return false;
}

/* From the first byte on, as all places are counted; and of one length only. */
static const char *file_unread(struct bytes file) {
    if (file.len > PDF_UPDATE_FILE_MAX) return "size";
    if (file.len < 5 || memcmp(file.data, "%PDF-", 5) != 0) return "%PDF-";
    return says_its_length(file) ? "/Linearized" : NULL;
}

bool pdf_update_read(struct pdf_update *out, struct bytes file, uint64_t end) {
    struct pdf_table old = {.unread = {file_unread(file), 0, 0}};
    *out = (struct pdf_update){.verdict = PDF_UNREAD};
    if (end >= file.len) old.unread.what = "size";
    if (old.unread.what || !pdf_table_read(&old, bytes_of(file.data, (size_t)end))) {
        out->unread = old.unread;
        return true;
    }
    struct update update = {.out = out, .old = &old, .file = file, .objects = calloc(PDF_UPDATE_OBJECTS_MAX, sizeof *update.objects),
                            .places = calloc(PDF_UPDATE_OBJECTS_MAX, sizeof *update.places)};
    const bool memory = update.objects && update.places && all_updates(&update, end);
    out->unread = old.unread;
    free(update.objects);
    free(update.places);
    pdf_table_free(&old);
    return memory;
}
