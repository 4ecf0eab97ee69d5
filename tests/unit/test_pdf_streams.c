/* Cross-reference streams and object streams: read where there is one reading, and refused where two readers could see two files. Each update below changes nothing but
 * the date and is harmless as it should be; then one thing of its structure is made wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/lib/pdf_made.h"
#include "tools/document/pdf_filter.h"
#include "tools/document/pdf_update.h"

static const char *const base_objects[] = {"1 << /Type /Catalog /Pages 2 0 R >>", "2 << /Type /Pages /Count 1 /Kids [ 3 0 R ] >>",
                                           "3 << /Type /Page /Parent 2 0 R /MediaBox [ 0 0 9 9 ] /Contents 4 0 R /B 33 0 R >>", "4 << /Length 5 >>\nstream\n0 0 m\nendstream",
                                           "9 << /Producer (a) >>", "12 << /K 4 0 R >>"};
#define BASE (sizeof base_objects / sizeof *base_objects)
#define INFO "<< /Producer (b) >>"

static struct pdf_update finish(struct made *file) {
    struct pdf_update update;
    assert_int_equal(fclose(file->out), 0);
    uint8_t *copy = malloc(file->len);
    memcpy(copy, file->data, file->len);
    assert_true(pdf_update_read(&update, bytes_of(copy, file->len), file->end));
    free(copy);
    free(file->data);
    return update;
}

static void start(struct made *file, enum made_form form) {
    made_begin(file);
    made_revision(file, base_objects, BASE, NULL, form);
    file->end = file->len;
}

static void expect(struct made *file, enum pdf_verdict verdict, const char *what, const char *where) {
    const struct pdf_update update = finish(file);
    if (update.verdict != verdict || (what && (!update.unread.what || strcmp(update.unread.what, what) != 0)))
        fail_msg("%s: %d, object %u, %s", where, update.verdict, update.object, update.unread.what ? update.unread.what : "");
}

/* ---- object streams ---- */

/* Of objects 9 and 40, as "N", "First" and all that it holds say. */
static void test_packs(void **state) {
    (void)state;
    static const struct { const char *keys, *text; enum pdf_verdict verdict; const char *what; } packs[] = {
        {"/N 2 /First 10", "9 0 40 20 " INFO " (x)", PDF_HARMLESS, NULL},
        {"/N 2 /First 12", "9 0\n40 20\n  " INFO "\n(x)\n", PDF_HARMLESS, NULL},
        {"/N 2 /First 10 /Extends 71 0 R", "9 0 40 20 " INFO " (x)", PDF_UNREAD, "/Extends"},
        {"/N 2 /First 10 /X 1", "9 0 40 20 " INFO " (x)", PDF_UNREAD, "/ObjStm"},
        {"/N 2", "9 0 40 20 " INFO " (x)", PDF_UNREAD, "/ObjStm"},
        {"/N 2 /First 10 /First 10", "9 0 40 20 " INFO " (x)", PDF_UNREAD, "obj"},
        {"/N 1 /First 10", "9 0 40 20 " INFO " (x)", PDF_UNREAD, "/ObjStm"},  /* there is more than is said */
        {"/N 3 /First 10", "9 0 40 20 " INFO " (x)", PDF_UNREAD, "/ObjStm"},
        {"/N 2 /First 11", "9 0 40 20 " INFO " (x)", PDF_UNREAD, "/ObjStm"},
        {"/N 2 /First 9", "9 0 40 20 " INFO " (x)", PDF_UNREAD, "/ObjStm"},
        {"/N 2 /First 99", "9 0 40 20 " INFO " (x)", PDF_UNREAD, "/ObjStm"},
        {"/N 2 /First 10", "9 0 40 19 " INFO " (x)", PDF_UNREAD, "/ObjStm"},  /* begins at a space */
        {"/N 2 /First 10", "9 0 40 18 " INFO " (x)", PDF_UNREAD, "/ObjStm"},  /* inside of the other */
        {"/N 2 /First 10", "9 0 40 10 " INFO " (x)", PDF_UNREAD, "/ObjStm"},
        {"/N 2 /First 10", "40 4 9 00 (x) " INFO, PDF_UNREAD, "/ObjStm"},     /* not in their order */
        {"/N 2 /First 10", "9 0 40 22 " INFO " 1 (x)", PDF_UNREAD, "/ObjStm"},/* something between them */
        {"/N 2 /First 10", "9 0 40 20 " INFO " (x) (y)", PDF_UNREAD, "/ObjStm"},
        {"/N 2 /First 10", "9 0 40 20 " INFO " 9 0 R", PDF_UNREAD, "/ObjStm"},/* another name for an object */
        {"/N 2 /First 10", "9 0 40 20 " INFO " 9 % 0 R", PDF_UNREAD, "/ObjStm"},
        {"/N 2 /First 10", "9 0 40 99 " INFO " (x)", PDF_UNREAD, "/ObjStm"},
        {"/N 2 /First 10", "9 0 09 20 " INFO " (x)", PDF_UNREAD, "/ObjStm"},  /* twice */
        {"/N 2 /First 10", "9 0 40 20 " INFO " (x", PDF_UNREAD, "/ObjStm"},
        {"/N 2 /First 10", "0 0 40 20 " INFO " (x)", PDF_UNREAD, "/ObjStm"},
        {"/N 2 /First 10", "9 0 41 20 " INFO " (x)", PDF_UNREAD, "obj"},      /* not the one that its section says */
        {"/N 2 /First 10", "40 0 9 20 " INFO " (x)", PDF_UNREAD, "obj"},
        {"/N 2 /First 9", "9 0 40 2 " "7 0 R", PDF_UNREAD, "/ObjStm"},        /* 7 and 0 are two objects, or one reference */
        {"/N 2 /First 10 /Filter /ASCIIHexDecode", "9 0 40 20 " INFO " (x)", PDF_UNREAD, "/Filter"},
        {"/N 2 /First 10 /Filter [ ]", "9 0 40 20 " INFO " (x)", PDF_UNREAD, "/Filter"},
        {"/N 2 /First 10 /Filter /FlateDecode", "9 0 40 20 " INFO " (x)", PDF_UNREAD, "/Filter"},
        {"/N 2 /First 10 /DecodeParms << /Predictor 12 >>", "9 0 40 20 " INFO " (x)", PDF_UNREAD, "/DecodeParms"},
    };
    for (size_t i = 0; i < sizeof packs / sizeof *packs; i++) {
        struct made file;
        char keys[256];
        start(&file, AS_STREAM);
        const size_t prev = file.start;
        (void)snprintf(keys, sizeof keys, "/Type /ObjStm %s", packs[i].keys);
        const size_t at = made_stream(&file, 80, keys, bytes_text(packs[i].text));
        const struct made_entry entries[] = {{9, 2, 80, 0}, {40, 2, 80, 1}, {80, 1, at, 0}, {81, 1, 0, 0}};
        (void)snprintf(keys, sizeof keys, "/Size 100 /Root 1 0 R /Info 9 0 R /Prev %zu", prev);
        made_section(&file, 81, keys, entries, 4, false);
        expect(&file, packs[i].verdict, packs[i].what, packs[i].text);
    }
}

/* ---- sections of updates ---- */

enum extra { NONE, PLAIN_TOO /* object 9, in the file */, SECOND_PACK /* with object 9 */, BEHIND /* an object behind the section */ };

/* An update with 9 in the stream 80, 41 plain, and the section 81; one word exchanged. */
static void test_sections(void **state) {
    (void)state;
    static const struct { const char *what; struct made_entry entries[7]; size_t count; const char *keys; enum extra extra; enum pdf_verdict verdict; } sections[] = {
        {"as it should be", {{9, 2, 80, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 4, NULL, NONE, PDF_HARMLESS},
        {"0 is free", {{0, 0, 0, 65535}, {9, 2, 80, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 5, NULL, NONE, PDF_HARMLESS},
        {"itself left out", {{9, 2, 80, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}}, 3, NULL, NONE, PDF_UNREAD},
        {"the stream left out", {{9, 2, 80, 0}, {41, 1, 0, 0}, {81, 1, 0, 0}}, 3, NULL, NONE, PDF_UNREAD},
        {"a packed one left out", {{41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 3, NULL, NONE, PDF_UNREAD},
        {"a plain one left out", {{9, 2, 80, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 3, NULL, NONE, PDF_UNREAD},
        {"the wrong index", {{9, 2, 80, 1}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 4, NULL, NONE, PDF_UNREAD},
        {"the wrong stream", {{9, 2, 70, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 4, NULL, NONE, PDF_UNREAD},
        {"an old one out of an old stream", {{9, 2, 80, 0}, {3, 2, 70, 1}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 5, NULL, NONE, PDF_UNREAD},
        {"an old one freed", {{9, 2, 80, 0}, {4, 0, 0, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 5, NULL, NONE, PDF_UNREAD},
        {"another generation", {{9, 2, 80, 0}, {41, 1, 0, 1}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 4, NULL, NONE, PDF_UNREAD},
        {"an old one elsewhere", {{9, 2, 80, 0}, {4, 1, 9, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 5, NULL, NONE, PDF_UNREAD},
        {"one twice", {{9, 2, 80, 0}, {41, 1, 0, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 5, NULL, NONE, PDF_UNREAD},
        {"a kind that nobody knows", {{9, 2, 80, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}, {50, 3, 0, 0}}, 5, NULL, NONE, PDF_UNREAD},
        {"a stream in itself", {{9, 2, 80, 0}, {41, 1, 0, 0}, {80, 2, 80, 0}, {81, 1, 0, 0}}, 4, NULL, NONE, PDF_UNREAD},
        {"no earlier one", {{9, 2, 80, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 4, "/Size 100 /Root 1 0 R /Info 9 0 R", NONE, PDF_UNREAD},
        {"encrypted", {{9, 2, 80, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 4, "/Size 100 /Root 1 0 R /Info 9 0 R /Prev %zu /Encrypt 9 0 R", NONE, PDF_UNREAD},
        {"a hybrid in a stream", {{9, 2, 80, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 4, "/Size 100 /Root 1 0 R /Info 9 0 R /Prev %zu /XRefStm 9", NONE, PDF_UNREAD},
        {"another root", {{9, 2, 80, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 4, "/Size 100 /Root 2 0 R /Info 9 0 R /Prev %zu", NONE, PDF_CHANGED},
        {"no root", {{9, 2, 80, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 4, "/Size 100 /Info 9 0 R /Prev %zu", NONE, PDF_CHANGED},
        {"two widths", {{9, 2, 80, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 4, "/Size 100 /Root 1 0 R /Info 9 0 R /Prev %zu /W [ 1 4 2 ]", NONE, PDF_UNREAD},
        {"a file elsewhere", {{9, 2, 80, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 4, "/Size 100 /Root 1 0 R /Info 9 0 R /Prev %zu /F (x)", NONE, PDF_UNREAD},
        {"9 packed and plain", {{9, 2, 80, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 4, NULL, PLAIN_TOO, PDF_UNREAD},
        {"9 in two streams", {{9, 2, 80, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {82, 1, 0, 0}, {81, 1, 0, 0}}, 5, NULL, SECOND_PACK, PDF_UNREAD},
        {"an object behind it", {{9, 2, 80, 0}, {41, 1, 0, 0}, {80, 1, 0, 0}, {81, 1, 0, 0}}, 4, NULL, BEHIND, PDF_UNREAD},
    };
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        static const char *const packed[] = {"9 " INFO};
        for (int deflated = 0; deflated < 2; deflated++) {
            struct made file;
            char keys[256], usual[] = "/Size 100 /Root 1 0 R /Info 9 0 R /Prev %zu";
            const char *text = sections[i].keys ? sections[i].keys : usual, *number = strstr(text, "%zu");
            struct made_entry entries[7];
            size_t at[3] = {0};
            start(&file, AS_PACKED);
            if (number) (void)snprintf(keys, sizeof keys, "%.*s%zu%s", (int)(number - text), text, file.start, number + 3);
            else (void)snprintf(keys, sizeof keys, "%s", text);
            if (sections[i].extra == PLAIN_TOO) (void)made_object(&file, "9 " INFO);
            if (sections[i].extra == SECOND_PACK) at[2] = made_pack(&file, 82, packed, 1, deflated);
            at[0] = made_object(&file, "41 (more)");
            at[1] = made_pack(&file, 80, packed, 1, deflated);
            memcpy(entries, sections[i].entries, sizeof entries);
            for (size_t k = 0; k < sections[i].count; k++) {
                if (entries[k].kind != 1 || entries[k].second != 0) continue;
                entries[k].second = entries[k].number == 41 ? at[0] : entries[k].number == 80 ? at[1] : entries[k].number == 82 ? at[2] : 0;
            }
            made_section(&file, 81, keys, entries, sections[i].count, deflated);
            if (sections[i].extra == BEHIND) { /* in place of its own end */
                const off_t end = (off_t)((const char *)memmem(file.data + file.start, file.len - file.start, "startxref", 9) - file.data);
                assert_int_equal(fseeko(file.out, end, SEEK_SET), 0);
                (void)made_object(&file, "42 (late, and longer than what stood there)");
                (void)fprintf(file.out, "startxref\n%zu\n%%%%EOF\n", file.start);
            }
            if (sections[i].extra == BEHIND) expect(&file, PDF_UNREAD, "/XRef", sections[i].what);
            else expect(&file, sections[i].verdict, NULL, sections[i].what);
        }
    }
}

/* What lies in an object stream of the first revision is held to the same rules: it may change by its role, and what it named is not filled in. */
static void test_old_packs(void **state) {
    (void)state;
    static const struct { const char *what; const char *objects[2]; enum pdf_verdict verdict; } rows[] = {
        {"the same", {"12 << /K 4 0 R >>"}, PDF_HARMLESS}, {"a new one", {"40 (x)"}, PDF_HARMLESS}, {"another page", {"3 << /Type /Page /Parent 2 0 R /MediaBox [ 0 0 8 8 ] /Contents 4 0 R /B 33 0 R >>"}, PDF_CHANGED},
        {"the contents", {"4 << /Length 5 >>\nstream\n1 1 m\nendstream"}, PDF_CHANGED}, {"contents that are no stream", {"4 (x)"}, PDF_CHANGED}, {"what was named in a stream", {"33 << /X 1 >>"}, PDF_CHANGED},
        {"the stream of objects itself", {"70 << /Length 5 >>\nstream\n1 1 m\nendstream"}, PDF_CHANGED}, {"the stream of objects as a text", {"70 (x)"}, PDF_CHANGED},
        {"a signature whose value is packed", {"1 << /Type /Catalog /Pages 2 0 R /AcroForm << /SigFlags 3 /Fields [ 50 0 R ] >> >>", "50 << /FT /Sig /Subtype /Widget /V << /Byte#52ange [ ] /Contents <00> >> >>"}, PDF_UNREAD}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int form = 0; form < 3; form++) {
            struct made file;
            start(&file, AS_PACKED);
            made_revision(&file, rows[i].objects, rows[i].objects[1] ? 2 : 1, NULL, (enum made_form)form);
            expect(&file, rows[i].verdict, NULL, rows[i].what);
        }
    /* an object stream under the number of the old one, with the old one's objects and others */
    for (int again = 0; again < 2; again++) {
        static const char *const others[] = {"9 " INFO};
        struct made file;
        char keys[128];
        start(&file, AS_PACKED);
        (void)snprintf(keys, sizeof keys, "/Size 100 /Root 1 0 R /Info 9 0 R /Prev %zu", file.start);
        const int number = again ? 70 : 80;
        const size_t at = made_pack(&file, number, others, 1, false);
        const struct made_entry entries[] = {{9, 2, (size_t)number, 0}, {number, 1, at, 0}, {81, 1, 0, 0}};
        made_section(&file, 81, keys, entries, 3, false);
        expect(&file, again ? PDF_UNREAD : PDF_HARMLESS, again ? "/ObjStm" : NULL, "a second stream of objects");
    }
    /* the value of a signature can be left out of what is signed only where it stands in the file itself */
    struct made file;
    char keys[128];
    start(&file, AS_TABLE);
    (void)snprintf(keys, sizeof keys, "/Size 100 /Root 1 0 R /Info 9 0 R /Prev %zu", file.start);
    static const char *const objects[] = {"1 << /Type /Catalog /Pages 2 0 R /AcroForm << /SigFlags 3 /Fields [ 50 0 R ] >> >>",
                                          "50 << /FT /Sig /Subtype /Widget /Rect [ 0 0 0 0 ] /V 51 0 R >>", "51 << /ByteRange [ 0 1 2 3 ] /Contents <00> >>"};
    const size_t at = made_pack(&file, 80, objects, 3, true);
    const struct made_entry entries[] = {{1, 2, 80, 0}, {50, 2, 80, 1}, {51, 2, 80, 2}, {80, 1, at, 0}, {81, 1, 0, 0}};
    made_section(&file, 81, keys, entries, 5, false);
    expect(&file, PDF_CHANGED, NULL, "a signature in a stream of objects");
}

/* ---- hybrids ---- */

/* A table with 12 free, and beside it a stream that has it; what else the stream says; what an update defines anew. */
static void test_hybrids(void **state) {
    (void)state;
    static const struct { const char *what; struct made_entry more; bool table_has; const char *update; enum pdf_verdict verdict; const char *named; } hybrids[] = {
        {"one that is hidden", {0, 0, 0, 65535}, false, "9 " INFO, PDF_HARMLESS, NULL},
        {"one that both have, at one place", {4, 1, 0, 0}, false, "9 " INFO, PDF_HARMLESS, NULL},
        {"one that both have, at two places", {3, 2, 60, 0}, false, "9 " INFO, PDF_UNREAD, "/XRef"},
        {"one that the stream frees", {4, 0, 0, 0}, false, "9 " INFO, PDF_UNREAD, "/XRef"},
        {"the hidden one, anew", {0, 0, 0, 65535}, false, "12 << /K 4 0 R >>", PDF_UNREAD, "/XRefStm"},
        {"the hidden one in the table", {0, 0, 0, 65535}, true, "9 " INFO, PDF_UNREAD, "/XRef"},
    };
    for (size_t i = 0; i < sizeof hybrids / sizeof *hybrids; i++) {
        struct made file;
        size_t at[BASE];
        static const char *const packed[] = {"12 << /K 4 0 R >>"};
        made_begin(&file);
        for (size_t k = 0; k < BASE; k++) at[k] = made_object(&file, base_objects[k]);
        const size_t pack = made_pack(&file, 60, packed, 1, true);
        struct made_entry entries[] = {{12, 2, 60, 0}, {60, 1, pack, 0}, {61, 1, 0, 0}, hybrids[i].more};
        if (entries[3].number == 4 && entries[3].kind == 1) entries[3].second = at[3];
        made_section(&file, 61, "/Size 100 /Root 1 0 R", entries, 4, true);
        const size_t stream = file.start, table = made_place(&file);
        (void)fputs("xref\n0 1\n0000000000 65535 f \n", file.out);
        for (size_t k = 0; k < BASE; k++) {
            const bool free_there = k + 1 == BASE && !hybrids[i].table_has;
            (void)fprintf(file.out, "%d 1\n%010zu 00000 %c \n", atoi(base_objects[k]), free_there ? (size_t)0 : at[k], free_there ? 'f' : 'n');
        }
        (void)fprintf(file.out, "trailer\n<< /Size 100 /Root 1 0 R /Info 9 0 R /XRefStm %zu >>\nstartxref\n%zu\n%%%%EOF\n", stream, table);
        file.start = table;
        file.end = made_place(&file);
        made_revision(&file, &hybrids[i].update, 1, NULL, i % 2 ? AS_PACKED : AS_TABLE);
        expect(&file, hybrids[i].verdict, hybrids[i].named, hybrids[i].what);
    }
    /* an update that is a hybrid itself is not read, whatever it says */
    struct made file;
    char trailer[128];
    static const char *const objects[] = {"9 " INFO};
    start(&file, AS_STREAM);
    (void)snprintf(trailer, sizeof trailer, "<< /Size 100 /Root 1 0 R /Info 9 0 R /Prev %zu /XRefStm %zu >>", file.start, file.start);
    made_revision(&file, objects, 1, trailer, AS_TABLE);
    expect(&file, PDF_UNREAD, NULL, "a hybrid update");
}

/* Rings, and a stream of objects of which there are two: whoever resolves the old entries finds other objects. */
static void test_chains(void **state) {
    (void)state;
    static const char *const same[] = {"9 " INFO}, *const other[] = {"70 << /Length 5 >>\nstream\n1 1 m\nendstream"};
    struct made file;
    start(&file, AS_PACKED);
    made_revision(&file, other, 1, NULL, AS_STREAM);
    file.end = made_place(&file);
    made_revision(&file, same, 1, NULL, AS_TABLE);
    expect(&file, PDF_UNREAD, "/ObjStm", "two streams of objects");
    made_begin(&file);
    made_revision(&file, base_objects, BASE, "<< /Size 100 /Root 1 0 R /Info 9 0 R /Prev 777 >>", AS_STREAM);
    char ring[16];
    (void)snprintf(ring, sizeof ring, "%zu", file.start);
    assert_int_equal(strlen(ring), 3);
    memcpy(strstr(file.data + 9, "/Prev 777") + 6, ring, 3);
    file.end = file.len;
    made_revision(&file, same, 1, NULL, AS_TABLE);
    expect(&file, PDF_UNREAD, "/Prev", "a ring");
}

/* ---- filters ---- */

static bool decode(const char *keys, struct bytes raw, size_t cap, const char *expected, const char **why) {
    char text[256];
    struct pdf_value value;
    struct pdf_dict dict;
    uint8_t *out = NULL;
    size_t len = 0;
    (void)snprintf(text, sizeof text, "<< %s >>", keys);
    struct bytes rest = bytes_text(text);
    assert_true(pdf_value_read(&value, &rest) && pdf_dict_read(&dict, &value));
    uint8_t *copy = malloc(raw.len ? raw.len : 1);
    memcpy(copy, raw.data, raw.len);
    const bool good = pdf_filter_decode(&out, &len, &dict, bytes_of(copy, raw.len), cap, why);
    free(copy);
    if (good && expected) assert_true(bytes_equal(bytes_of(out, len), bytes_text(expected)));
    if (good) free(out);
    return good;
}

static struct bytes deflated(uint8_t *room, size_t size, struct bytes data) {
    uLongf len = (uLongf)size;
    assert_int_equal(compress(room, &len, data.data, (uLong)data.len), Z_OK);
    return bytes_of(room, len);
}

static void test_filters(void **state) {
    (void)state;
    static const struct { const char *keys, *data; size_t len; const char *out; } rows[] = {
        {"/Filter /FlateDecode", "abc", 3, "abc"}, {"/Filter [ /FlateDecode ]", "", 0, ""}, {"/Filter /FlateDecode /DecodeParms null", "abc", 3, "abc"},
        {"/Filter /FlateDecode /DecodeParms << /Predictor 1 /Columns 9 >>", "abc", 3, "abc"},
        {"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 2 >>", "\0AB\1A\1\2\1\2\3\x41\x10\4\1\2", 15, "ABABBDbcce"},
        {"/Filter [ /FlateDecode ] /DecodeParms [ << /Predictor 10 /Columns 3 /Colors 1 /BitsPerComponent 8 >> ]", "\0ABC", 4, "ABC"},
        {"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 2 >>", "\2AB\2\1", 5, NULL}, /* half a row */
        {"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 2 >>", "\5AB", 3, NULL}, {"/Filter /FlateDecode /DecodeParms << /Predictor 2 /Columns 2 >>", "AB", 2, NULL},
        {"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 0 >>", "\2", 1, NULL}, {"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Colors 3 >>", "\2AAA", 4, NULL},
        {"/Filter /FlateDecode /DecodeParms << /Predictor 12 /BitsPerComponent 16 >>", "\2AA", 3, NULL}, {"/Filter /FlateDecode /DecodeParms << /EarlyChange 1 >>", "A", 1, NULL},
        {"/Filter /FlateDecode /DecodeParms 7 0 R", "A", 1, NULL}, {"/Filter /FlateDecode /DecodeParms [ null null ]", "A", 1, NULL}, {"/Filter 7 0 R", "A", 1, NULL},
        {"/Filter [ /FlateDecode /FlateDecode ]", "A", 1, NULL}, {"/Filter /LZWDecode", "A", 1, NULL}, {"/Filter /Crypt", "A", 1, NULL}, {"/Filter /Fl", "A", 1, NULL}, {"/Filter [ ]", "A", 1, NULL}};
    uint8_t room[4096];
    const char *why;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct bytes raw = deflated(room, sizeof room, bytes_of(rows[i].data, rows[i].len));
        if (decode(rows[i].keys, raw, 1000, rows[i].out, &why) != (rows[i].out != NULL)) fail_msg("%s: %s", rows[i].keys, why);
    }
    /* every cut, every changed byte, and bytes behind the end */
    const struct bytes raw = deflated(room, sizeof room - 8, bytes_text("the zlib stream fills all of the data"));
    for (size_t len = 0; len < raw.len; len++) assert_false(decode("/Filter /FlateDecode", bytes_of(raw.data, len), 1000, NULL, &why));
    for (size_t i = 0; i < raw.len; i++) {
        if (i == 1) continue; /* how hard the deflater tried, which says nothing of what it made; its check makes other values wrong */
        room[i] ^= 1;
        assert_false(decode("/Filter /FlateDecode", raw, 1000, NULL, &why));
        room[i] ^= 1;
    }
    memcpy(room + raw.len, "\r\n\n", 3);
    for (size_t more = 0; more < 4; more++) assert_int_equal(decode("/Filter /FlateDecode", bytes_of(room, raw.len + more), 1000, NULL, &why), more < 3);
    room[raw.len] = 'x';
    assert_false(decode("/Filter /FlateDecode", bytes_of(room, raw.len + 1), 1000, NULL, &why));
    /* more than there may be */
    static uint8_t zeros[100000];
    const struct bytes bomb = deflated(room, sizeof room, bytes_of(zeros, sizeof zeros));
    assert_false(decode("/Filter /FlateDecode", bomb, sizeof zeros - 1, NULL, &why));
    assert_string_equal(why, "size");
    assert_true(decode("/Filter /FlateDecode", bomb, sizeof zeros, NULL, &why));
    assert_false(decode("", bytes_of(zeros, 11), 10, NULL, &why));
    assert_true(decode("", bytes_text("plain"), 10, "plain", &why));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_packs),  cmocka_unit_test(test_sections), cmocka_unit_test(test_old_packs),
                                       cmocka_unit_test(test_hybrids), cmocka_unit_test(test_chains),  cmocka_unit_test(test_filters)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
