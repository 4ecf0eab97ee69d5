#include "tools/document/pdf_revision.h"

#include "tools/document/pdf_section.h"

/* Those to which any section leads. One that was defined anew would give other objects under the old entries. */
static bool read_packs(struct pdf_table *table) {
    for (uint32_t i = 1; i < table->size; i++) {
        struct pdf_object object;
        const struct pdf_slot *slot = &table->slots[i];
        if (!(slot->flags & PDF_PACKS)) continue;
        if ((slot->flags & PDF_TWICE) || slot->place == 0 || (slot->place & PDF_PACKED) || !pdf_table_object(&object, table, i))
            return pdf_table_unread(table, "/ObjStm", i, 0);
        if (!pdf_table_unpack(table, &object)) return false;
    }
    return true;
}

bool pdf_revision_ends(struct bytes file, uint64_t *start) {
    const size_t tail = file.len < 256 ? file.len : 256;
    struct bytes rest = bytes_from(file, file.len - tail);
    const uint8_t *found = NULL;
    for (const uint8_t *p = rest.data; p && (p = memmem(p, (size_t)(file.data + file.len - p), "startxref", 9)) != NULL; p++) found = p;
    if (!found) return false;
    rest = bytes_from(file, (uint64_t)(found - file.data));
    if (!pdf_word(&rest, "startxref") || !pdf_number(start, &rest)) return false;
    pdf_skip_space(&rest);
    if (rest.len < 5 || memcmp(rest.data, "%%EOF", 5) != 0) return false;
    rest = bytes_from(rest, 5);
    pdf_skip_space(&rest);
    return rest.len == 0;
}

/* Is every object where its section says? A reader that finds one missing looks for all of them in its own way. */
static bool in_place(struct pdf_table *table) {
    for (uint32_t i = 1; i < table->size; i++) {
        const uint64_t place = table->slots[i].place;
        uint32_t number;
        if (place == 0) continue;
        if (!pdf_table_number_at(&number, table, place)) return pdf_table_unread(table, "obj", i, place);
        if (number != i) return pdf_table_unread(table, "obj", i, 0);
    }
    return true;
}

static bool read_sections(struct pdf_table *table) {
    uint64_t at = table->start, seen[PDF_SECTIONS_MAX];
    for (size_t count = 0; count < PDF_SECTIONS_MAX; count++) {
        struct pdf_section section;
        for (size_t i = 0; i < count; i++)
            if (seen[i] == at) return pdf_table_unread(table, "/Prev", 0, at); /* it would go round */
        seen[count] = at;
        if (!pdf_section_read(&section, table, &at)) return false;
        if (count == 0) {
            table->root = section.root;
            table->info = section.info;
            table->said = section.size;
        }
        if (table->root == 0) return pdf_table_unread(table, "/Root", 0, at);
        if (!section.has_prev) return true;
        at = section.prev;
    }
    return pdf_table_unread(table, "size", 0, 0);
}

bool pdf_table_read(struct pdf_table *out, struct bytes file) {
    *out = (struct pdf_table){.file = file};
    if (!pdf_revision_ends(file, &out->start)) (void)pdf_table_unread(out, "startxref", 0, 0);
    else if (read_sections(out) && read_packs(out) && in_place(out)) return true;
    const struct pdf_unread unread = out->unread;
    pdf_table_free(out);
    out->unread = unread;
    return false;
}
