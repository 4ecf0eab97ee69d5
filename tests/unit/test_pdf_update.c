/* What was added behind a revision of a PDF: validation data and further signatures are harmless, and every known way to change what is shown is not. Files are
 * made here, object by object, with their tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/lib/pdf_made.h"
#include "tools/document/pdf_update.h"

#define CATALOG "1 << /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /DSS 20 0 R "
#define PAGE "3 << /Type /Page /Parent 2 0 R /MediaBox [ 0 0 300 200 ] /Contents 4 0 R /Resources << /XObject << /Im 30 0 R >> >> "
#define FORM "6 << /SigFlags 3 /Fields [ 7 0 R 10 0 R ] "
#define EMPTY_FIELD "10 << /Type /Annot /Subtype /Widget /FT /Sig /T (later) /Rect [ 0 0 0 0 ] /P 3 0 R "
static const char *const base_objects[] = {CATALOG ">>", "2 << /Type /Pages /Count 1 /Kids [ 3 0 R ] >>", PAGE "/Annots 5 0 R >>",
                                           "4 << /Length 5 >>\nstream\n0 0 m\nendstream", "5 [ 7 0 R 10 0 R ]", FORM ">>",
                                           "7 << /Type /Annot /Subtype /Widget /FT /Sig /T (one) /Rect [ 0 0 0 0 ] /V 8 0 R >>",
                                           "8 << /Type /Sig /ByteRange [ 0 1 2 3 ] /Contents <00> >>", "9 << /Producer (a) /Title (t) >>", EMPTY_FIELD ">>",
                                           "20 << /Certs 21 0 R >>", "21 [ 22 0 R ]"};

static void start(struct made *file, enum made_form form) {
    made_begin(file);
    made_revision(file, base_objects, sizeof base_objects / sizeof *base_objects, NULL, form);
    file->end = file->len;
}
static enum made_form form_of(int i) { return (enum made_form)(i % 3); }
#define FORMS 9 /* of the first revision, and of what follows */

static struct pdf_update finish(struct made *file) {
    struct pdf_update update;
    assert_int_equal(fclose(file->out), 0);
    uint8_t *copy = malloc(file->len); /* so that a read behind the end is seen */
    memcpy(copy, file->data, file->len);
    assert_true(pdf_update_read(&update, bytes_of(copy, file->len), file->end));
    free(copy);
    free(file->data);
    return update;
}

#define FIELD(n, rect, more) #n " << /Type /Annot /Subtype /Widget /FT /Sig /T (two) /F 132 /P 3 0 R /Rect " rect " /V 41 0 R " more ">>"
#define VALUE "41 << /Type /Sig /Filter /Adobe.PPKLite /ByteRange [ 0 9 9 9 ] /Contents <00> >>"
#define NOWHERE "[ 5 5 5 5 ]"

struct row { const char *what; enum pdf_verdict verdict; size_t added; const char *objects[6]; };
static const struct row rows[] = {
    /* harmless */
    {"a further signature", PDF_HARMLESS, 1, {FIELD(40, NOWHERE, ""), VALUE, "5 [ 7 0 R 10 0 R 40 0 R ]", "6 << /SigFlags 3 /Fields [ 7 0 R 10 0 R 40 0 R ] >>"}},
    {"in other writing", PDF_HARMLESS, 1, {FIELD(40, NOWHERE, ""), VALUE, "5 [7 0 R\n10 0 R 40 0 R]", "9 <</Producer<62>/Title(\\164)>>", "6 <</SigFlags 3/Fields[7 0 R 10 0 R 40 0 R]>>"}},
    {"in the field that waited for it", PDF_HARMLESS, 1, {EMPTY_FIELD "/V 41 0 R >>", VALUE}},
    {"validation data", PDF_HARMLESS, 0, {"20 << /Type /DSS /Certs [ 50 0 R ] /VRI << /AB << /Cert [ 50 0 R ] >> >> >>", "50 << /Length 3 >>\nstream\nabc\nendstream"}},
    {"a list of certificates", PDF_HARMLESS, 0, {"21 [ 22 0 R 50 0 R ]", "50 << /Length 3 >>\nstream\nabc\nendstream"}},
    {"the date", PDF_HARMLESS, 0, {"9 << /Producer (b) /Title (t) /ModDate (D:2026) >>"}},
    {"the same again", PDF_HARMLESS, 0, {PAGE "/Annots 5 0 R >>"}},
    {"nothing", PDF_HARMLESS, 0, {NULL}},
    /* what is shown is another */
    {"another page content", PDF_CHANGED, 0, {"4 << /Length 5 >>\nstream\n1 1 m\nendstream"}},
    {"another content of the page", PDF_CHANGED, 0, {"3 << /Type /Page /Parent 2 0 R /MediaBox [ 0 0 300 200 ] /Contents 44 0 R /Resources << /XObject << /Im 30 0 R >> >> /Annots 5 0 R >>", "44 << /Length 5 >>\nstream\n1 1 m\nendstream"}},
    {"another size of the page", PDF_CHANGED, 0, {"3 << /Type /Page /Parent 2 0 R /MediaBox [ 0 0 300 100 ] /Contents 4 0 R /Resources << /XObject << /Im 30 0 R >> >> /Annots 5 0 R >>"}},
    {"a page turned", PDF_CHANGED, 0, {PAGE "/Rotate 90 /Annots 5 0 R >>"}},
    {"another page tree", PDF_CHANGED, 0, {"2 << /Type /Pages /Count 1 /Kids [ 45 0 R ] >>", "45 << /Type /Page >>"}},
    {"an annotation that shows over", PDF_CHANGED, 0, {"5 [ 7 0 R 10 0 R 46 0 R ]", "46 << /Type /Annot /Subtype /FreeText /Rect [ 0 0 9 9 ] /Contents (x) >>"}},
    {"an annotation taken away", PDF_CHANGED, 0, {"5 [ 10 0 R ]"}},
    {"annotations in another order", PDF_CHANGED, 0, {"5 [ 10 0 R 7 0 R ]"}},
    {"another list of annotations", PDF_CHANGED, 0, {PAGE "/Annots [ 46 0 R ] >>", "46 << /Type /Annot /Subtype /Stamp /Rect [ 0 0 9 9 ] >>"}},
    {"a field of the form that is none of a signature", PDF_CHANGED, 0, {"6 << /SigFlags 3 /Fields [ 7 0 R 10 0 R 47 0 R ] >>", "47 << /FT /Tx /Subtype /Widget /V (x) /Rect [ 0 0 9 9 ] >>"}},
    {"another value of a field", PDF_CHANGED, 0, {"7 << /Type /Annot /Subtype /Widget /FT /Sig /T (one) /Rect [ 0 0 0 0 ] /V 41 0 R >>", VALUE}},
    {"another place of a field", PDF_CHANGED, 0, {"7 << /Type /Annot /Subtype /Widget /FT /Sig /T (one) /Rect [ 0 0 9 9 ] /V 8 0 R >>"}},
    {"a form that makes its looks anew", PDF_CHANGED, 0, {FORM "/NeedAppearances true >>"}},
    {"a form in XML", PDF_CHANGED, 0, {FORM "/XFA 48 0 R >>"}},
    {"a signature that acts", PDF_CHANGED, 0, {FIELD(40, NOWHERE, "/A << /S /JavaScript >> "), VALUE, "5 [ 7 0 R 10 0 R 40 0 R ]"}},
    {"a signature without a value", PDF_CHANGED, 0, {"5 [ 7 0 R 10 0 R 40 0 R ]", "40 << /Type /Annot /Subtype /Widget /FT /Sig /Rect [ 0 0 9 9 ] >>"}},
    {"a signature field with the old value", PDF_CHANGED, 0, {"5 [ 7 0 R 10 0 R 40 0 R ]", "40 << /Subtype /Widget /FT /Sig /Rect [ 0 0 9 9 ] /V 8 0 R >>"}},
    {"the earlier signature's value", PDF_CHANGED, 0, {"8 << /Type /Sig /ByteRange [ 0 1 2 3 ] /Contents <01> >>"}},
    {"layers", PDF_CHANGED, 0, {CATALOG "/OCProperties << /D << /OFF [ 49 0 R ] >> >> >>"}},
    {"an action when it is opened", PDF_CHANGED, 0, {CATALOG "/OpenAction << /S /JavaScript >> >>"}},
    {"other pages in the catalog", PDF_CHANGED, 0, {"1 << /Type /Catalog /Pages 45 0 R /AcroForm 6 0 R /DSS 20 0 R >>", "45 << /Type /Pages >>"}},
    {"the form gone", PDF_CHANGED, 0, {"1 << /Type /Catalog /Pages 2 0 R /DSS 20 0 R >>"}},
    {"another form", PDF_CHANGED, 0, {"1 << /Type /Catalog /Pages 2 0 R /AcroForm 45 0 R /DSS 20 0 R >>", "45 << /Fields [ ] >>"}},
    {"a name of nothing filled in", PDF_CHANGED, 0, {"30 << /Type /XObject /Subtype /Form /Length 3 >>\nstream\nabc\nendstream"}},
    {"a certificate list that is more", PDF_CHANGED, 0, {"20 << /Certs 21 0 R /Contents 4 0 R >>"}},
    {"another title", PDF_CHANGED, 0, {"9 << /Producer (a) /Title (u) >>"}},
    /* not to be read */
    {"an object inside of a stream", PDF_UNREAD, 0, {"50 << /Length 30 >>\nstream\n4 0 obj << /Length 0 >> endobj\nendstream"}},
    {"an object inside of a text", PDF_UNREAD, 0, {"50 (4 %\n0 obj << >> endobj)"}},
    {"a trailer inside of a text", PDF_UNREAD, 0, {"50 (trailer << /Root 2 0 R >>)"}},
    {"a table inside of a text", PDF_UNREAD, 0, {"50 (xref)"}},
    {"an object twice", PDF_UNREAD, 0, {"9 << /Producer (b) /Title (t) >>", "9 << /Producer (a) /Title (t) >>"}},
    {"objects in a stream", PDF_UNREAD, 0, {"50 << /Type /ObjStm /N 1 /First 4 /Length 3 >>\nstream\nabc\nendstream"}},
    {"a table in a stream", PDF_UNREAD, 0, {"50 << /Type /XRef /Length 3 >>\nstream\nabc\nendstream"}},
    {"a length elsewhere", PDF_UNREAD, 0, {"50 << /Length 51 0 R >>\nstream\nabc\nendstream", "51 3"}},
    {"a key twice", PDF_CHANGED, 0, {"9 << /Producer (a) /Title (t) /Title (t) >>"}},
    {"a key in disguise", PDF_UNREAD, 0, {"9 << /Producer (a) /T#69tle (t) >>"}},
    {"a comment", PDF_UNREAD, 0, {"9 << /Producer (a) % /Title (u)\n /Title (t) >>"}},
};

static size_t count_of(const struct row *row) {
    size_t count = 0;
    while (count < 6 && row->objects[count]) count++;
    return count;
}

/* Nobody who mends a file looks for objects inside of one that is deflated. */
static enum pdf_verdict expected(const struct row *row, enum made_form form) { return form == AS_PACKED && strstr(row->what, "inside of a text") ? PDF_HARMLESS : row->verdict; }

static void test_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int form = 0; form < FORMS; form++) {
            struct made file;
            start(&file, form_of(form));
            if (count_of(&rows[i]) > 0) made_revision(&file, rows[i].objects, count_of(&rows[i]), NULL, form_of(form / 3));
            else (void)fputs("\n\n", file.out);
            const struct pdf_update update = finish(&file);
            if (update.verdict != expected(&rows[i], form_of(form / 3)))
                fail_msg("%s, form %d: %d, object %u, %s", rows[i].what, form, update.verdict, update.object, update.unread.what ? update.unread.what : "");
            if (update.verdict == PDF_HARMLESS && update.added_count != rows[i].added) fail_msg("%s: %zu signatures", rows[i].what, update.added_count);
            if ((update.verdict == PDF_UNREAD) != (update.unread.what != NULL)) fail_msg("%s: %s", rows[i].what, update.unread.what ? update.unread.what : "nothing is named");
        }
    }
}

/* A harmless update before or after it makes nothing better. */
static void test_chains(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int before = 0; before < 2 * FORMS && count_of(&rows[i]) > 0; before++) {
            const enum made_form form = form_of(before / 6);
            static const char *const harmless[] = {CATALOG "/Version /1.7 >>"}, *const again[] = {CATALOG "/Version /2.0 >>"};
            struct made file;
            start(&file, form_of(before / 2));
            if (before % 2) made_revision(&file, harmless, 1, NULL, form);
            made_revision(&file, rows[i].objects, count_of(&rows[i]), NULL, form);
            made_revision(&file, again, 1, NULL, form_of(before / 2));
            const struct pdf_update update = finish(&file);
            if (update.verdict != expected(&rows[i], form)) fail_msg("%s, in a chain: %d, object %u", rows[i].what, update.verdict, update.object);
        }
    }
}

/* A list of something else does not take what a list of annotations does. */
static void test_other_lists(void **state) {
    (void)state;
    static const struct { const char *page; enum pdf_verdict verdict; } pages[] = {
        {PAGE "/Annots 5 0 R >>", PDF_HARMLESS}, {PAGE "/Annots\n5 0 R >>", PDF_HARMLESS}, {PAGE "/B 5 0 R /Annots 5 0 R >>", PDF_CHANGED}, {PAGE "/Annots [ 5 0 R ] >>", PDF_CHANGED}};
    for (size_t i = 0; i < FORMS * sizeof pages / sizeof *pages; i++) {
        const enum made_form first = form_of((int)i), later = form_of((int)i / 3);
        static const char *const more[] = {FIELD(40, NOWHERE, ""), VALUE, "5 [ 7 0 R 10 0 R 40 0 R ]"};
        struct made file;
        const char *objects[sizeof base_objects / sizeof *base_objects];
        memcpy(objects, base_objects, sizeof base_objects);
        objects[2] = pages[i / FORMS].page;
        made_begin(&file);
        made_revision(&file, objects, sizeof objects / sizeof *objects, NULL, first);
        file.end = file.len;
        made_revision(&file, more, 3, NULL, later);
        const struct pdf_update update = finish(&file);
        if (update.verdict != pages[i / FORMS].verdict) fail_msg("%s: %d", pages[i / FORMS].page, update.verdict);
    }
}

/* A second signature is looked at in the state that the first left: its field may follow, and it may not be changed. */
static void test_three_signatures(void **state) {
    (void)state;
    static const char *const two[] = {FIELD(40, "[ 0 0 9 9 ]", ""), VALUE, "5 [ 7 0 R 10 0 R 40 0 R ]"};
    static const char *const three[] = {"42 << /Subtype /Widget /FT /Sig /Rect [ 0 0 0 0 ] /V 43 0 R >>", "43 << /ByteRange [ 0 1 2 3 ] /Contents <00> >>",
                                        "5 [ 7 0 R 10 0 R 40 0 R 42 0 R ]"};
    static const char *const other[] = {"41 << /Type /Sig /ByteRange [ 0 9 9 9 ] /Contents <01> >>"};
    for (int i = 0; i < 2 * FORMS; i++) {
        const bool bad = i % 2;
        struct made file;
        start(&file, form_of(i / 2));
        made_revision(&file, two, 3, NULL, form_of(i / 6));
        made_revision(&file, bad ? other : three, bad ? 1 : 3, NULL, form_of(i / 2 + i / 6));
        const struct pdf_update update = finish(&file);
        assert_int_equal(update.verdict, bad ? PDF_CHANGED : PDF_HARMLESS);
        if (bad) continue;
        assert_int_equal(update.added_count, 2);
        assert_true(update.added[0].visible);
        assert_false(update.added[1].visible);
    }
}

/* Trailers and tables that lead elsewhere. */
static void test_trailers(void **state) {
    (void)state;
    static const char *const same[] = {"9 << /Producer (a) /Title (t) >>"};
    static const struct { const char *trailer; enum pdf_verdict verdict; } trailers[] = {
        {"<< /Size 100 /Root 1 0 R /Info 9 0 R /Prev %zu >>", PDF_HARMLESS},
        {"<< /Size 100 /Root 2 0 R /Info 9 0 R /Prev %zu >>", PDF_CHANGED},
        {"<< /Size 100 /Root 1 0 R /Prev %zu >>", PDF_CHANGED},
        {"<< /Size 100 /Root 1 0 R /Info 1 0 R /Prev %zu >>", PDF_CHANGED},
        {"<< /Size 9 /Root 1 0 R /Info 9 0 R /Prev %zu >>", PDF_UNREAD},
        {"<< /Size 99 /Root 1 0 R /Info 9 0 R /Prev %zu >>", PDF_UNREAD}, /* less than there was: what lies beyond would be gone */
        {"<< /Size 101 /Root 1 0 R /Info 9 0 R /Prev %zu >>", PDF_HARMLESS},
        {"<< /Size 100 /Root 1 0 R /Info 9 0 R >>", PDF_UNREAD},
        {"<< /Size 100 /Root 1 0 R /Info 9 0 R /Prev 1%zu >>", PDF_UNREAD},
        {"<< /Size 100 /Root 1 0 R /Info 9 0 R /Prev %zu /XRefStm 9 >>", PDF_UNREAD},
        {"<< /Size 100 /Root 1 0 R /Info 9 0 R /Prev %zu /Encrypt 9 0 R >>", PDF_UNREAD},
        {"<< /Size 100 /Root 1 0 R /Info 9 0 R /Prev %zu /Prev 0 >>", PDF_UNREAD},
    };
    for (size_t form = 0; form < FORMS * sizeof trailers / sizeof *trailers; form++) {
        const size_t i = form / FORMS;
        char text[128];
        const char *at = strstr(trailers[i].trailer, "%zu");
        struct made file;
        start(&file, form_of((int)form));
        if (at) (void)snprintf(text, sizeof text, "%.*s%zu%s", (int)(at - trailers[i].trailer), trailers[i].trailer, file.start, at + 3);
        else (void)snprintf(text, sizeof text, "%s", trailers[i].trailer);
        made_revision(&file, same, 1, text, form_of((int)form / 3));
        const struct pdf_update update = finish(&file);
        if (update.verdict != trailers[i].verdict) fail_msg("%s: %d", text, update.verdict);
    }
}

/* Every byte behind a revision belongs to an update: nothing hides between two of them, and no table names what is elsewhere. */
static void bytes_between(enum made_form first, enum made_form later) {
    static const char *const same[] = {"9 << /Producer (b) /Title (t) >>"};
    struct made file;
    start(&file, first);
    made_revision(&file, same, 1, NULL, later);
    assert_int_equal(fclose(file.out), 0);
    for (size_t at = file.end; at < file.len; at++) {
        static const uint8_t bytes[] = {'%', '4', 'x', '(', '>', ' '};
        for (size_t i = 0; i < sizeof bytes; i++) {
            struct pdf_update update;
            uint8_t *copy = malloc(file.len + 1);
            memcpy(copy, file.data, at);
            copy[at] = bytes[i];
            memcpy(copy + at + 1, file.data + at, file.len - at);
            assert_true(pdf_update_read(&update, bytes_of(copy, file.len + 1), file.end));
            const bool space = bytes[i] == ' ' && update.verdict == PDF_HARMLESS; /* between words and behind the end it says nothing */
            const bool in_text = update.verdict == PDF_HARMLESS && memmem(file.data + file.end, at - file.end, "/Producer (", 11) && !memmem(file.data + file.end, at - file.end, "(b)", 3);
            const bool in_size = bytes[i] == '4' && memmem(file.data + at - 9, file.len - at < 9 ? 9 + file.len - at : 18, "/Size 100", 9); /* more numbers than are used */
            if (update.verdict == PDF_HARMLESS && !space && !in_text && !in_size) fail_msg("%c at %zu: %.20s", bytes[i], at - file.end, file.data + at);
            free(copy);
        }
        struct pdf_update update;
        assert_true(pdf_update_read(&update, bytes_of((const uint8_t *)file.data, at), file.end < at ? file.end : 0));
        if (at > file.end && update.verdict == PDF_HARMLESS && at + 6 < file.len) fail_msg("cut at %zu", at - file.end);
    }
    free(file.data);
}

static void test_bytes_between(void **state) {
    (void)state;
    for (int form = 0; form < FORMS; form++) bytes_between(form_of(form), form_of(form / 3));
}

/* A base that is not read strictly: rings of /Prev, objects that are not where the table says, tables in streams, encryption. */
static void test_bases(void **state) {
    (void)state;
    static const struct { const char *from, *to; } changes[] = {
        {"<< /Size 100 /Root 1 0 R /Info 9 0 R >>", "<</Size 100/Root 1 0 R/Prev %07zu  >>"}, /* round and round */
        {"5 0 obj", "5 1 obj"}, {"4 0 obj", "9 0 obj"}, {"xref\n0 1", "xref\n0 2"}, {"00000 n ", "00001 n "}, {"trailer", "tra1ler"}, {"%%EOF", "%%EOX"}};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        struct made file;
        char text[64];
        start(&file, AS_TABLE);
        static const char *const same[] = {"9 << /Producer (a) /Title (t) >>"};
        (void)snprintf(text, sizeof text, "%s", changes[i].to);
        const char *number = strstr(changes[i].to, "%07zu");
        if (number) (void)snprintf(text, sizeof text, "%.*s%07zu%s", (int)(number - changes[i].to), changes[i].to, file.start, number + 5);
        assert_int_equal(strlen(text), strlen(changes[i].from));
        made_revision(&file, same, 1, NULL, AS_TABLE);
        memcpy(memmem(file.data, file.end, changes[i].from, strlen(changes[i].from)), text, strlen(text));
        const struct pdf_update update = finish(&file);
        if (update.verdict != PDF_UNREAD) fail_msg("%s: %d", text, update.verdict);
    }
}

/* What makes a reader begin elsewhere, or mend the file by looking for objects: then it shows what nobody has judged. */
static void test_other_starts(void **state) {
    (void)state;
    static const char *const same[] = {"9 << /Producer (a) /Title (t) >>"};
    for (int i = 0; i < 12; i++) {
        struct made file;
        char head[64], spaces[128];
        const size_t wrong = i % 4 == 1 ? 1 : 0;
        memset(spaces, i < 8 ? ' ' : 0, sizeof spaces);
        made_begin(&file);
        (void)fprintf(file.out, "%%%08d /L 00000\n", 0);
        made_revision(&file, base_objects, sizeof base_objects / sizeof *base_objects, NULL, form_of(i));
        file.end = file.len;
        if (i % 4 == 2) (void)fwrite(spaces, 1, 65, file.out);
        made_revision(&file, same, 1, NULL, form_of(i));
        (void)fwrite(spaces, 1, i % 4 == 3 ? 65 : 60, file.out);
        (void)made_place(&file);
        assert_in_range(file.len, 1000, 99999);
        (void)snprintf(head, sizeof head, "%05zu", file.len + 1 - wrong);
        memcpy(strstr(file.data, "/L 00000") + 3, head, 5);
        const struct pdf_update update = finish(&file);
        static const char *const named[] = {NULL, "/Linearized", "%%EOF", "%%EOF"};
        if (update.verdict != (i % 4 ? PDF_UNREAD : PDF_HARMLESS)) fail_msg("%d: %d", i, update.verdict);
        if (i % 4) assert_string_equal(update.unread.what, named[i % 4]);
    }
    struct made file;
    start(&file, AS_TABLE);
    made_revision(&file, same, 1, NULL, AS_TABLE);
    file.data[0] = ' ';
    const struct pdf_update update = finish(&file);
    assert_int_equal(update.verdict, PDF_UNREAD);
    assert_string_equal(update.unread.what, "%PDF-");
}

/* What a lenient reader takes for a reference to what was not there, in whatever writing. */
static void test_names_of_nothing(void **state) {
    (void)state;
    static const char *const writings[] = {"60 0 R", "060 0 R", "60\n0\tR", "60 %x\n0 R", "60 0 %x\rR", "60 00 R", "60 0 R]"};
    static const char *const fill[] = {"60 << /Length 3 >>\nstream\nabc\nendstream"};
    for (size_t i = 0; i < sizeof writings / sizeof *writings + 1; i++) {
        struct made file;
        char stream[96];
        const char *const last = i < sizeof writings / sizeof *writings ? writings[i] : "61 0 R"; /* and one that is not it */
        (void)snprintf(stream, sizeof stream, "4 << /Length %zu >>\nstream\n%s\nendstream", strlen(last), last);
        const char *objects[sizeof base_objects / sizeof *base_objects];
        memcpy(objects, base_objects, sizeof base_objects);
        objects[3] = stream;
        made_begin(&file);
        made_revision(&file, objects, sizeof objects / sizeof *objects, NULL, form_of((int)i));
        file.end = file.len;
        made_revision(&file, fill, 1, NULL, form_of((int)i / 3));
        const struct pdf_update update = finish(&file);
        if (update.verdict != (i < sizeof writings / sizeof *writings ? PDF_CHANGED : PDF_HARMLESS)) fail_msg("%s: %d", last, update.verdict);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),     cmocka_unit_test(test_chains), cmocka_unit_test(test_three_signatures), cmocka_unit_test(test_trailers),
        cmocka_unit_test(test_bytes_between), cmocka_unit_test(test_bases), cmocka_unit_test(test_other_lists), cmocka_unit_test(test_names_of_nothing), cmocka_unit_test(test_other_starts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
