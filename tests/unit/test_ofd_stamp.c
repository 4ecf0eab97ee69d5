/* Pages from text, and seals on what others wrote: what is laid out, where a stamp goes, which numbers it gets, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>

#include "crypto/hash.h"
#include "crypto/sig.h"
#include "tools/authority/authority.h"
#include "tools/authority/ofd_page.h"
#include "tools/authority/ofd_stamp.h"

#define NOW INT64_C(1790000000000)

static struct authority *made;

static int setup(void **state) {
    (void)state;
    const struct authority_spec spec = {.owner = "11310118WYEQPPGM2U", .name = "示例市行政审批局", .es_id = "31011812345678", .now_ms = NOW};
    made = malloc(sizeof *made);
    return made && hash_setup() && sig_setup() && authority_make(made, &spec) ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    authority_free(made);
    free(made);
    return 0;
}

static const char *xml_of(const struct bundle *bundle, const char *name) {
    const struct bundle_file *file = bundle_find(bundle, name);
    if (!file) fail_msg("%s is not there", name);
    return file ? (const char *)file->data : "";
}

static size_t times(const char *text, const char *what) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, what)); at++) count++;
    return count;
}

static bool page_of(struct bundle *out, const char *title, const char *const *lines, size_t count) {
    struct ofd_text text = ofd_licence_text(title, lines, count, NOW);
    return ofd_page_make(out, &text);
}

static bool stamp(struct bundle *bundle, enum ofd_place place, char why[OFD_WHY_MAX]) {
    const struct ofd_stamp what = {.seal = bytes_of(made->seal, made->seal_len), .place = place, .cert = authority_cert(made, ROLE_HOLDER),
                                   .signer = &made->signer[ROLE_HOLDER], .time_ms = NOW};
    return ofd_stamp(bundle, &what, why);
}

static void a_line_is_broken_where_it_does_not_fit(void **state) {
    (void)state;
    /* 160 mm between the margins: 32 Chinese characters of 5 mm, or 64 others */
    char line[400] = "";
    for (size_t i = 0; i < 33; i++) memcpy(line + 3 * i, i == 32 ? "尾" : "字", 3);
    const char *const lines[] = {line, "short", ""};
    struct bundle bundle;
    assert_true(page_of(&bundle, "题", lines, 3));
    const char *page = xml_of(&bundle, "Doc_0/Pages/Page_0/Content.xml");
    assert_int_equal(times(page, "<ofd:TextCode"), 4);
    assert_non_null(strstr(page, ">尾</ofd:TextCode>"));
    assert_non_null(strstr(page, "DeltaX=\"2.5 2.5 2.5 2.5\">short<"));
    assert_non_null(strstr(page, "Boundary=\"100.5 25 10 11\"")); /* one character of 9 mm in the middle of 210 */
    bundle_free(&bundle);
}

static void pages_follow_each_other(void **state) {
    (void)state;
    static const char *lines[3000];
    for (size_t i = 0; i < 3000; i++) lines[i] = "行";
    struct bundle bundle;
    assert_true(page_of(&bundle, NULL, lines, 100));
    const char *document = xml_of(&bundle, "Doc_0/Document.xml");
    size_t pages = times(document, "<ofd:Page "), rows = 0;
    assert_in_range(pages, 4, 6);
    for (size_t i = 0; i < pages; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "Doc_0/Pages/Page_%zu/Content.xml", i);
        rows += times(xml_of(&bundle, name), "<ofd:TextCode");
    }
    assert_int_equal(rows, 100);
    char why[OFD_WHY_MAX];
    assert_true(stamp(&bundle, PLACE_EVERY_PAGE, why));
    assert_int_equal(times(xml_of(&bundle, "Doc_0/Signs/Sign_0/Signature.xml"), "<ofd:StampAnnot "), pages);
    bundle_free(&bundle);
    assert_false(page_of(&bundle, NULL, lines, 3000));
    assert_int_equal(bundle.count, 0);
}

static void text_that_xml_cannot_hold_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {"a\x01", "a\tb", "\x7f", "\xc2\x80", "\xef\xbf\xbe", "\xff", "\xe5\xad"};
    struct bundle bundle;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(page_of(&bundle, "t", &bad[i], 1));
    const char *good = "<&>\" 😀 ﾟ";
    assert_true(page_of(&bundle, "t", &good, 1));
    assert_non_null(strstr(xml_of(&bundle, "Doc_0/Pages/Page_0/Content.xml"), ">&lt;&amp;&gt;&quot; 😀 ﾟ</ofd:TextCode>"));
    bundle_free(&bundle);
}

/* --- documents of others --- */

#define ROOT "<OFD xmlns=\"http://www.ofdspec.org\"><DocBody><DocRoot>d/Document.xml</DocRoot>%s</DocBody></OFD>"
static void foreign(struct bundle *bundle, const char *signatures) {
    char root[512];
    *bundle = (struct bundle){0};
    (void)snprintf(root, sizeof root, ROOT, signatures);
    assert_true(bundle_put(bundle, "OFD.xml", bytes_text(root)));
    assert_true(bundle_put(bundle, "d/Document.xml", bytes_text("<Document><CommonData><PageArea><PhysicalBox> 0 0 100.5 80 </PhysicalBox></PageArea></CommonData>"
                                                                "<Pages><Page ID=\"7\" BaseLoc=\"p.xml\"/><Page ID=\"9\" BaseLoc=\"q.xml\"/></Pages></Document>")));
    assert_true(bundle_put(bundle, "d/p.xml", bytes_text("<Page/>")));
    assert_true(bundle_put(bundle, "d/q.xml", bytes_text("<Page/>")));
}

static void another_namespace_and_folder(void **state) {
    (void)state;
    struct bundle bundle;
    char why[OFD_WHY_MAX];
    foreign(&bundle, "");
    assert_int_equal(ofd_stamp_count(&bundle), 0);
    assert_true(stamp(&bundle, PLACE_LAST_PAGE, why));
    assert_int_equal(ofd_stamp_count(&bundle), 1);
    assert_non_null(strstr(xml_of(&bundle, "OFD.xml"), "<Signatures>/d/Signs/Signatures.xml</Signatures></DocBody>"));
    const char *signature = xml_of(&bundle, "d/Signs/Sign_0/Signature.xml");
    assert_non_null(strstr(signature, "PageRef=\"9\" Boundary=\"30 10 40 40\""));
    assert_int_equal(times(signature, "<ofd:Reference "), 5); /* OFD.xml, Document.xml, two pages, Seal.esl */
    assert_null(strstr(signature, "Signatures.xml\""));
    bundle_free(&bundle);
}

static void numbers_go_on_in_the_documents_way(void **state) {
    (void)state;
    static const struct { const char *max, *id, *next; } of[] = {
        {"<MaxSignId>2</MaxSignId>", "4", "5"}, {"", "s008", "s009"}, {"<MaxSignId>s099</MaxSignId>", "s001", "s100"}, {"", "x", "s001"}, {"", "9999999999999", "s001"}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        struct bundle bundle;
        char list[512], expected[128], why[OFD_WHY_MAX];
        foreign(&bundle, "<Signatures>d/S.xml</Signatures>");
        (void)snprintf(list, sizeof list, "<Signatures>%s<Signature ID=\"%s\" BaseLoc=\"one.xml\"/></Signatures>", of[i].max, of[i].id);
        assert_true(bundle_put(&bundle, "d/S.xml", bytes_text(list)));
        assert_true(bundle_put(&bundle, "d/one.xml", bytes_text("<Signature><SignedInfo><References><Reference FileRef=\"/OFD.xml\"/></References></SignedInfo></Signature>")));
        char *root_before = strdup(xml_of(&bundle, "OFD.xml"));
        if (!stamp(&bundle, PLACE_LAST_PAGE, why)) fail_msg("%s", why);
        assert_string_equal(xml_of(&bundle, "OFD.xml"), root_before);
        (void)snprintf(expected, sizeof expected, "<Signature ID=\"%s\" Type=\"Seal\" BaseLoc=\"/d/Sign_0/Signature.xml\"/>", of[i].next);
        if (!strstr(xml_of(&bundle, "d/S.xml"), expected)) fail_msg("no %s in %s", expected, xml_of(&bundle, "d/S.xml"));
        assert_non_null(strstr(xml_of(&bundle, "d/Sign_0/Signature.xml"), "FileRef=\"/d/one.xml\""));
        free(root_before);
        bundle_free(&bundle);
    }
}

static void refused_with(struct bundle *bundle, const char *words) {
    char why[OFD_WHY_MAX];
    assert_false(stamp(bundle, PLACE_LAST_PAGE, why));
    if (!strstr(why, words)) fail_msg("said: %s", why);
    bundle_free(bundle);
}

static void what_cannot_be_sealed_is_refused(void **state) {
    (void)state;
    static const char *const names[] = {"/d/S.xml", "S.xml", "./S.xml"};
    struct bundle bundle;
    char signature[256];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        foreign(&bundle, "<Signatures>d/S.xml</Signatures>");
        (void)snprintf(signature, sizeof signature, "<Signature><SignedInfo><References><Reference FileRef=\"%s\"/></References></SignedInfo></Signature>", names[i]);
        assert_true(bundle_put(&bundle, "d/S.xml", bytes_text("<Signatures><Signature ID=\"1\" BaseLoc=\"one.xml\"/></Signatures>")));
        assert_true(bundle_put(&bundle, "d/one.xml", bytes_text(signature)));
        refused_with(&bundle, "covers the list");
    }
    foreign(&bundle, "<Signatures>d/S.xml</Signatures>");
    assert_true(bundle_put(&bundle, "d/S.xml", bytes_text("<Signatures><Signature ID=\"1\" BaseLoc=\"none.xml\"/></Signatures>")));
    refused_with(&bundle, "none.xml");
    foreign(&bundle, "<Signatures>d/S.xml</Signatures>");
    assert_true(bundle_put(&bundle, "d/S.xml", bytes_text("<Signatures>")));
    refused_with(&bundle, "list of signatures");
    foreign(&bundle, "");
    assert_true(bundle_put(&bundle, "OFD.xml", bytes_text("<!DOCTYPE OFD [<!ENTITY a \"d/Document.xml\">]><OFD><DocBody><DocRoot>&a;</DocRoot></DocBody></OFD>")));
    refused_with(&bundle, "no OFD");
    foreign(&bundle, "");
    assert_true(bundle_put(&bundle, "OFD.xml", bytes_text("<OFD><DocBody><DocRoot>../Document.xml</DocRoot></DocBody></OFD>")));
    refused_with(&bundle, "no OFD");
    foreign(&bundle, "");
    assert_true(bundle_put(&bundle, "d/Document.xml", bytes_text("<Document><CommonData/><Pages/></Document>")));
    refused_with(&bundle, "no OFD");
    bundle = (struct bundle){0};
    refused_with(&bundle, "no OFD");
}

/* Every cut and many flips of each file that is read: sealed or refused, never more. Run with sanitizers this looks for reads beyond the end. */
static void damaged_documents(void **state) {
    (void)state;
    static const char *const names[] = {"OFD.xml", "d/Document.xml", "d/S.xml", "d/one.xml"};
    unsigned stamped = 0, refused = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        for (size_t at = 0;; at++) {
            struct bundle bundle;
            char why[OFD_WHY_MAX];
            uint8_t copy[512];
            foreign(&bundle, "<Signatures>d/S.xml</Signatures>");
            assert_true(bundle_put(&bundle, "d/S.xml", bytes_text("<Signatures><MaxSignId>3</MaxSignId><Signature ID=\"1\" BaseLoc=\"one.xml\"/></Signatures>")));
            assert_true(bundle_put(&bundle, "d/one.xml", bytes_text("<Signature><SignedInfo><References><Reference FileRef=\"p.xml\"/></References></SignedInfo></Signature>")));
            const struct bundle_file *file = bundle_find(&bundle, names[i]);
            size_t len = file->len;
            assert_true(len < sizeof copy);
            memcpy(copy, file->data, len);
            if (at < len) copy[at] ^= (uint8_t)(1 + at % 127);
            assert_true(bundle_put(&bundle, names[i], bytes_of(copy, at % 2 && at < len ? at : len)));
            if (stamp(&bundle, PLACE_LAST_PAGE, why)) stamped++;
            else refused += why[0] != '\0';
            bundle_free(&bundle);
            if (at >= len) break;
        }
    }
    assert_true(stamped > 4);
    assert_true(refused > 300);
}

static const char *sample(const char *name) {
    static char path[PATH_MAX];
    const char *shared = getenv("LICET_SHARED");
    (void)snprintf(path, sizeof path, "%s/samples/ofd/%s", shared ? shared : "../shared", name);
    FILE *file = fopen(path, "rb");
    if (file) fclose(file);
    return file ? path : NULL;
}

static void samples_of_others(void **state) {
    (void)state;
    static const struct { const char *name, *refusal; } of[] = {{"V4RideRight.ofd", "covers the list"}, {"zsbk.ofd", NULL}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        const char *path = sample(of[i].name);
        struct bundle bundle;
        enum step_reason reason;
        char detail[STEP_DETAIL_MAX], why[OFD_WHY_MAX];
        if (!path) {
            print_message("skip: no samples; set LICET_SHARED to the folder that holds samples/ofd\n");
            skip();
            return;
        }
        assert_true(bundle_read(&bundle, path, &reason, detail));
        int before = ofd_stamp_count(&bundle);
        assert_true(before > 0);
        if (of[i].refusal) {
            refused_with(&bundle, of[i].refusal);
            continue;
        }
        if (!stamp(&bundle, PLACE_LAST_PAGE, why)) fail_msg("%s", why);
        assert_int_equal(ofd_stamp_count(&bundle), before + 1);
        bundle_free(&bundle);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_broken_where_it_does_not_fit),
        cmocka_unit_test(pages_follow_each_other),
        cmocka_unit_test(text_that_xml_cannot_hold_is_refused),
        cmocka_unit_test(another_namespace_and_folder),
        cmocka_unit_test(numbers_go_on_in_the_documents_way),
        cmocka_unit_test(what_cannot_be_sealed_is_refused),
        cmocka_unit_test(damaged_documents),
        cmocka_unit_test(samples_of_others),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
