/* Which objects the old revision names: in its bytes as they stand, whatever they are, and in what its object streams hold. Contract in pdf_inside.h. */
#include "tools/document/pdf_inside.h"

#define NAMES_MAX 1024u   /* of one object, looked at one by one */
#define SEARCHES_MAX 128u /* of the whole file, for all that follows one revision */

size_t pdf_digits_at(struct bytes text, uint64_t *value) {
    size_t len = 0;
    for (*value = 0; len < text.len && text.data[len] >= '0' && text.data[len] <= '9'; len++)
        if (*value < PDF_OBJECTS_MAX) *value = *value * 10 + (uint64_t)(text.data[len] - '0');
    return len;
}

size_t pdf_gap_at(struct bytes text) {
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
    size_t at = pdf_gap_at(text), len = at > 0 ? pdf_digits_at(bytes_from(text, at), &generation) : 0;
    if (len == 0) return false;
    at += len;
    len = pdf_gap_at(bytes_from(text, at));
    at += len;
    if (len == 0 || at == text.len || text.data[at] != 'R') return false;
    return at + 1 == text.len || !((text.data[at + 1] | 0x20) >= 'a' && (text.data[at + 1] | 0x20) <= 'z');
}

static bool follows(struct bytes text, size_t at, const char *key) {
    const size_t len = strlen(key);
    while (at > 0 && pdf_is_space(text.data[at - 1])) at--;
    return at >= len && memcmp(text.data + at - len, key, len) == 0;
}

/* pack: the object stream of which text is what it holds; NULL: the file. */
static uint32_t owner(const struct update *update, const struct pdf_pack *pack, struct bytes text, size_t at) {
    uint32_t number = 0;
    if (!pack) return pdf_table_owner(update->old, at);
    for (size_t i = 0; i < pack->count && pack->members[i].value.text.data <= text.data + at; i++) number = pack->members[i].number;
    return number;
}

static bool may_stand(const struct update *update, const struct pdf_pack *pack, struct bytes text, size_t at, enum where where) {
    switch (where) {
    case NOWHERE: return false;
    case IN_DSS: return owner(update, pack, text, at) == update->dss;
    case IN_LISTS: return follows(text, at, "/Annots") || follows(text, at, "/Fields");
    }
    return false;
}

/* Looks for whatever may be read as a reference to one of the marked numbers, in texts and streams too. True: there is none but where it may stand. */
static bool named_in(const struct update *update, const struct pdf_pack *pack, struct bytes text, const bool *marked, enum where where, size_t *seen) {
    for (size_t at = 0; at < text.len;) {
        uint64_t number;
        const size_t len = pdf_digits_at(bytes_from(text, at), &number);
        if (len > 0 && number < PDF_OBJECTS_MAX && marked[number] && refers(bytes_from(text, at + len)) &&
            ((*seen)++ == NAMES_MAX || !may_stand(update, pack, text, at, where)))
            return false;
        at += len > 0 ? len : 1;
    }
    return true;
}

/* Object streams of the update itself are not the old revision's. */
static bool named_only(const struct update *update, const bool *marked, enum where where) {
    size_t seen = 0;
    if (!named_in(update, NULL, update->old->file, marked, where, &seen)) return false;
    for (size_t i = 0; i < update->old->pack_count; i++) {
        const struct pdf_pack *pack = &update->old->packs[i];
        if (!pdf_table_has(update->old, pack->number)) continue;
        if (!named_in(update, pack, bytes_of(pack->text, pack->len), marked, where, &seen)) return false;
    }
    return true;
}

bool pdf_new_ones_unnamed(const struct update *update, bool *memory) {
    bool *marked = calloc(PDF_OBJECTS_MAX, sizeof *marked);
    *memory = marked != NULL;
    for (size_t i = 0; marked && i < update->count; i++) marked[update->objects[i].number] = !pdf_table_has(update->old, update->objects[i].number);
    const bool good = marked && named_only(update, marked, NOWHERE);
    free(marked);
    return good;
}

bool pdf_named_only_so(struct update *update, uint32_t number, enum where where) {
    if (update->searches++ == SEARCHES_MAX) return false;
    bool *marked = calloc(PDF_OBJECTS_MAX, sizeof *marked);
    if (marked) marked[number] = true;
    const bool good = marked && named_only(update, marked, where);
    free(marked);
    return good;
}
