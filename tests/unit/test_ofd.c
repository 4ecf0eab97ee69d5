/* Sealed OFDs: what is signed, what is shown, and every way of showing something else under a right signature. All are sealed here, by a test authority. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/sig.h"
#include "tools/authority/authority.h"
#include "tools/authority/ofd_page.h"
#include "tools/authority/ofd_stamp.h"
#include "tools/authority/seal_make.h"
#include "tools/document/ofd.h"
#include "tools/document/report.h"

#define NOW INT64_C(1790000000000) /* 2026-09-21 */
#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define XMLNS " xmlns:ofd=\"http://www.ofdspec.org/2016\""
#define OFD(inside) HEAD "<ofd:OFD" XMLNS " Version=\"1.1\" DocType=\"OFD\">" inside "</ofd:OFD>"
#define BODY(root) "<ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID></ofd:DocInfo><ofd:DocRoot>" root "</ofd:DocRoot><ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody>"
#define DOCUMENT(common, rest) HEAD "<ofd:Document" XMLNS "><ofd:CommonData>" common "</ofd:CommonData><ofd:Pages><ofd:Page ID=\"1\" BaseLoc=\"P/1.xml\"/></ofd:Pages>" rest "</ofd:Document>"
#define PAGE HEAD "<ofd:Page" XMLNS "><ofd:Content/></ofd:Page>"

static struct authority *made, *stranger;
static const struct check_options options = {.now_ms = NOW, .known_ms = TIME_UNKNOWN};

static int setup(void **state) {
    (void)state;
    struct authority_spec spec = {.owner = "11310118WYEQPPGM2U", .name = "示例市行政审批局", .es_id = "31011812345678", .now_ms = NOW};
    made = malloc(sizeof *made);
    stranger = malloc(sizeof *stranger);
    return made && stranger && hash_setup() && sig_setup() && authority_make(made, &spec) && authority_make(stranger, &spec) ? 0 : -1;
}
static int teardown(void **state) {
    (void)state;
    authority_free(made);
    authority_free(stranger);
    free(made);
    free(stranger);
    return 0;
}

/* ---- making ---- */

static void put(struct bundle *b, const char *name, const char *text) { assert_true(bundle_put(b, name, bytes_text(text))); }

static void plain(struct bundle *b, const char *common, const char *rest) {
    char *text = NULL;
    *b = (struct bundle){.files = NULL};
    put(b, "OFD.xml", OFD(BODY("Doc_0/Document.xml")));
    assert_true(asprintf(&text, DOCUMENT("%s", "%s"), common, rest) > 0);
    put(b, "Doc_0/Document.xml", text);
    free(text);
    put(b, "Doc_0/P/1.xml", PAGE);
}

struct signing {
    const char *without;  /* a file that the signature leaves out */
    const char *only;     /* the one it covers alone */
    const char *method;   /* CheckMethod; NULL: SM3; "": no attribute */
    const char *number;   /* of its folder; NULL: "0" */
    bool with_list;       /* it covers Signatures.xml too */
    bool sha256;          /* digests of it */
    const char *more;     /* XML among the references */
    const char *check;    /* in place of each CheckValue */
};
#define LIST(inside) HEAD "<ofd:Signatures" XMLNS "><ofd:MaxSignId>9</ofd:MaxSignId>" inside "</ofd:Signatures>"
#define LISTED(n) "<ofd:Signature ID=\"" n "\" Type=\"Seal\" BaseLoc=\"/Doc_0/Signs/" n "/Signature.xml\"/>"

static void put_part(struct bundle *b, const char *number, const char *part, struct bytes data) {
    char name[64];
    (void)snprintf(name, sizeof name, "Doc_0/Signs/%s/%s", number, part);
    assert_true(bundle_put(b, name, data));
}

static void sign(struct bundle *b, const struct signing *how) {
    static uint8_t value[SEAL_VALUE_MAX];
    const char *n = how->number ? how->number : "0", *method = how->method ? how->method : "1.2.156.10197.1.401";
    char *text = NULL;
    size_t len = 0;
    if (!bundle_find(b, "Doc_0/Signs/Signatures.xml")) put(b, "Doc_0/Signs/Signatures.xml", LIST(LISTED("0")));
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    (void)fputs(HEAD "<ofd:Signature" XMLNS "><ofd:SignedInfo><ofd:References", out);
    if (method[0]) (void)fprintf(out, " CheckMethod=\"%s\"", method);
    (void)fprintf(out, ">%s", how->more ? how->more : "");
    for (size_t i = 0; i < b->count; i++) {
        const struct bundle_file *file = &b->files[i];
        uint8_t digest[32];
        char base64[48];
        if (!how->with_list && strcmp(file->name, "Doc_0/Signs/Signatures.xml") == 0) continue;
        if ((how->without && strcmp(file->name, how->without) == 0) || (how->only && strcmp(file->name, how->only) != 0)) continue;
        if (how->sha256) sha256(digest, file->data, file->len);
        else sm3(digest, file->data, file->len);
        base64_encode(base64, digest, 32);
        (void)fprintf(out, "<ofd:Reference FileRef=\"/%s\"><ofd:CheckValue>%s</ofd:CheckValue></ofd:Reference>", file->name, how->check ? how->check : base64);
    }
    (void)fprintf(out, "</ofd:References><ofd:StampAnnot ID=\"7\" PageRef=\"1\" Boundary=\"1 1 40 40\"/><ofd:Seal><ofd:BaseLoc>/Doc_0/Signs/%s/Seal.esl</ofd:BaseLoc></ofd:Seal>"
                       "</ofd:SignedInfo><ofd:SignedValue>/Doc_0/Signs/%s/SignedValue.dat</ofd:SignedValue></ofd:Signature>", n, n);
    assert_int_equal(fclose(out), 0);
    uint8_t digest[32];
    sm3(digest, text, len);
    size_t value_len = seal_value_make(value, sizeof value, bytes_of(made->seal, made->seal_len), NOW, digest, "/Doc_0/Signs/0/Signature.xml",
                                       authority_cert(made, ROLE_HOLDER), &made->signer[ROLE_HOLDER]);
    assert_true(value_len > 0);
    put_part(b, n, "Signature.xml", bytes_of(text, len));
    put_part(b, n, "SignedValue.dat", bytes_of(value, value_len));
    put_part(b, n, "Seal.esl", bytes_of(made->seal, made->seal_len));
    free(text);
}

static struct report look(const struct bundle *b) {
    struct report report;
    size_t len;
    uint8_t *zip = bundle_write(b, NOW, &len);
    assert_non_null(zip);
    assert_true(check_ofd_bytes(&report, bytes_of(zip, len), &options));
    free(zip);
    return report;
}

/* ---- expecting ---- */

static void expect_step(const char *what, const struct step_list *steps, enum step_id id, enum step_result result, enum step_reason reason, const char *detail) {
    const struct step *step = step_find(steps, id);
    if (!step) fail_msg("%s: %s was not looked at", what, step_name(id));
    if (step->result != result || step->reason != reason)
        fail_msg("%s: %s %s %s (%s), not %s %s", what, step_name(id), step_result_name(step->result), reason_name(step->reason), step->detail, step_result_name(result),
                 reason_name(reason));
    if (detail && strcmp(step->detail, detail) != 0) fail_msg("%s: about %s, not %s", what, step->detail, detail);
}
/* Of the first signature; closes the bundle. */
static void expect(const char *what, struct bundle *b, enum step_id id, enum step_result result, enum step_reason reason, const char *detail) {
    struct report report = look(b);
    if (report.signature_count == 0) fail_msg("%s: no signature, package %s %s", what, reason_name(report.steps.steps[0].reason), report.steps.steps[0].detail);
    expect_step(what, &report.signatures[0].steps, id, result, reason, detail);
    assert_int_equal(report_outcome(&report), result == STEP_FAILED ? STEPS_FAILED : STEPS_PASSED);
    report_free(&report);
    bundle_free(b);
}
static void expect_pass(const char *what, struct bundle *b) {
    struct report report = look(b);
    for (size_t i = 0; i < report.signature_count; i++)
        for (uint32_t k = 0; k < report.signatures[i].steps.count; k++) {
            const struct step *step = &report.signatures[i].steps.steps[k];
            if (step->result == STEP_FAILED) fail_msg("%s: %s failed: %s %s", what, step_name(step->id), reason_name(step->reason), step->detail);
        }
    if (report.signature_count == 0) fail_msg("%s: %s %s", what, reason_name(report.steps.steps[0].reason), report.steps.steps[0].detail);
    assert_int_equal(report_outcome(&report), STEPS_PASSED);
    report_free(&report);
    bundle_free(b);
}
static void expect_package(const char *what, struct bundle *b, enum step_reason reason) {
    struct report report = look(b);
    expect_step(what, &report.steps, STEP_PACKAGE, STEP_FAILED, reason, NULL);
    assert_int_equal(report_outcome(&report), STEPS_FAILED);
    assert_false(report_unsigned(&report));
    report_free(&report);
    bundle_free(b);
}

/* ---- honest ones ---- */

static void honest(void **state) {
    (void)state;
    struct bundle b;
    plain(&b, "", "");
    sign(&b, &(struct signing){0});
    struct report report = look(&b);
    assert_int_equal(report.signature_count, 1);
    const struct report_signature *s = &report.signatures[0];
    expect_step("honest", &s->steps, STEP_REFERENCES, STEP_PASSED, REASON_NONE, "");
    expect_step("honest", &s->steps, STEP_COVERAGE, STEP_PASSED, REASON_NONE, "");
    expect_step("honest", &s->steps, STEP_SEAL_FILE, STEP_PASSED, REASON_NONE, "");
    expect_step("honest", &s->steps, STEP_SIGNATURE_VALUE, STEP_PASSED, REASON_NONE, "");
    expect_step("honest", &s->steps, STEP_DATA_HASH, STEP_PASSED, REASON_NONE, "");
    expect_step("honest", &s->steps, STEP_SIGNER_CHAIN, STEP_NOT_CHECKED, REASON_NO_ANCHOR, NULL);
    assert_string_equal(s->id, "0");
    assert_string_equal(s->kind, "seal-v4");
    assert_string_equal(s->seal_id, "31011812345678");
    const struct bundle_file *xml = bundle_find(&b, "Doc_0/Signs/0/Signature.xml");
    uint8_t digest[32];
    sha256(digest, xml->data, xml->len);
    assert_memory_equal(s->sha256, digest, 32);
    assert_true(report_not_checked(&report));
    json_t *json = report_json(&report);
    assert_string_equal(json_string_value(json_object_get(json, "result")), "passed");
    assert_int_equal(json_array_size(json_object_get(json, "signatures")), 1);
    json_decref(json);
    report_free(&report);
    bundle_free(&b);
    plain(&b, "", "");
    sign(&b, &(struct signing){.without = "OFD.xml"});
    expect("OFD.xml left out", &b, STEP_COVERAGE, STEP_PASSED, REASON_NONE, "but OFD.xml");
}

static void stamped_by_the_tool_and_again(void **state) {
    (void)state;
    static const char *const lines[] = {"持证人：某某", "证号：沪-1"};
    char why[OFD_WHY_MAX];
    struct bundle b = {.files = NULL};
    const struct ofd_text text = ofd_licence_text("许可证", lines, 2, NOW);
    const struct ofd_stamp stamp = {.seal = bytes_of(made->seal, made->seal_len), .cert = authority_cert(made, ROLE_HOLDER), .signer = &made->signer[ROLE_HOLDER], .time_ms = NOW};
    assert_true(ofd_page_make(&b, &text));
    struct report report = look(&b);
    assert_true(report_unsigned(&report));
    assert_int_equal(report_outcome(&report), STEPS_FAILED);
    expect_step("unsigned", &report.steps, STEP_SIGNATURE_FORMAT, STEP_NOT_CHECKED, REASON_NOT_SIGNED, NULL);
    report_free(&report);
    assert_true(ofd_stamp(&b, &stamp, why));
    assert_true(ofd_stamp(&b, &stamp, why));
    report = look(&b);
    assert_int_equal(report.signature_count, 2);
    report_free(&report);
    expect_pass("stamped twice", &b);
}

static void digest_methods(void **state) {
    (void)state;
    static const struct { const char *method; bool sha256; enum step_reason reason; } rows[] = {
        {"SM3", false, REASON_NONE}, {"1.2.156.10197.1.401.2", false, REASON_NONE}, {"SHA256", true, REASON_NONE}, {"2.16.840.1.101.3.4.2.1", true, REASON_NONE},
        {"SM3", true, REASON_FILE_CHANGED}, {"MD5", false, REASON_DIGEST_UNKNOWN}, {"", false, REASON_DIGEST_UNKNOWN}, {"SHA1", false, REASON_DIGEST_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bundle b;
        plain(&b, "", "");
        sign(&b, &(struct signing){.method = rows[i].method, .sha256 = rows[i].sha256});
        expect(rows[i].method, &b, STEP_REFERENCES, rows[i].reason ? STEP_FAILED : STEP_PASSED, rows[i].reason, NULL);
    }
}

static void check_values(void **state) {
    (void)state;
    static const struct { const char *check; enum step_id step; enum step_reason reason; } rows[] = {
        {"AAAA", STEP_REFERENCES, REASON_FILE_CHANGED}, {"", STEP_SIGNATURE_FORMAT, REASON_OFD_SHAPE}, {"A?", STEP_SIGNATURE_FORMAT, REASON_OFD_SHAPE},
        {"AAAA=A", STEP_SIGNATURE_FORMAT, REASON_OFD_SHAPE}, {"AA-_", STEP_SIGNATURE_FORMAT, REASON_OFD_SHAPE},
        {"AAAA<!-- -->AAAA", STEP_SIGNATURE_FORMAT, REASON_OFD_SHAPE}, {"AAAA</ofd:CheckValue><ofd:CheckValue>AAAA", STEP_SIGNATURE_FORMAT, REASON_OFD_SHAPE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bundle b;
        plain(&b, "", "");
        sign(&b, &(struct signing){.check = rows[i].check});
        expect(rows[i].check, &b, rows[i].step, STEP_FAILED, rows[i].reason, NULL);
    }
}

/* ---- changed, missing, not covered ---- */

static void a_file_changed_or_gone(void **state) {
    (void)state;
    struct bundle b;
    plain(&b, "", "");
    sign(&b, &(struct signing){0});
    put(&b, "Doc_0/P/1.xml", PAGE " ");
    expect("page changed", &b, STEP_REFERENCES, STEP_FAILED, REASON_FILE_CHANGED, "/Doc_0/P/1.xml");
    plain(&b, "", "");
    put(&b, "Doc_0/x", "x");
    sign(&b, &(struct signing){0});
    free(b.files[3].name);
    b.files[3].name = strdup("Doc_0/y");
    expect("file renamed", &b, STEP_REFERENCES, STEP_FAILED, REASON_FILE_MISSING, "/Doc_0/x");
}

/* Each way in which a document names what it shows. `common` and `rest` are signed, and name a file that is not there when the seal is put on; with the
 * file there is something to show that nobody signed. `through`: files on the way to it, signed too. */
static void what_is_shown_has_to_be_signed(void **state) {
    (void)state;
#define RES(inside) HEAD "<ofd:Res" XMLNS " BaseLoc=\"R\">" inside "</ofd:Res>"
    static const struct { const char *common, *rest, *through, *text, *evil; } rows[] = {
        {"<ofd:PublicRes>p.xml</ofd:PublicRes>", "", NULL, NULL, "Doc_0/p.xml"},
        {"<ofd:DocumentRes>/Doc_0/d.xml</ofd:DocumentRes>", "", NULL, NULL, "Doc_0/d.xml"},
        {"<ofd:TemplatePage ID=\"5\" BaseLoc=\"T/1.xml\"/>", "", NULL, NULL, "Doc_0/T/1.xml"},
        {"", "<ofd:Annotations>A/a.xml</ofd:Annotations>", NULL, NULL, "Doc_0/A/a.xml"},
        {"", "<ofd:Attachments>A/a.xml</ofd:Attachments>", NULL, NULL, "Doc_0/A/a.xml"},
        {"", "<ofd:CustomTags>A/a.xml</ofd:CustomTags>", NULL, NULL, "Doc_0/A/a.xml"},
        {"", "<ofd:Extensions>A/a.xml</ofd:Extensions>", NULL, NULL, "Doc_0/A/a.xml"},
        {"", "<other:Annotations xmlns:other=\"urn:x\">A/a.xml</other:Annotations>", NULL, NULL, "Doc_0/A/a.xml"},
        {"<ofd:PublicRes>p.xml</ofd:PublicRes>", "", "Doc_0/p.xml", RES("<ofd:Fonts><ofd:Font ID=\"3\"><ofd:FontFile>f.ttf</ofd:FontFile></ofd:Font></ofd:Fonts>"), "Doc_0/R/f.ttf"},
        {"<ofd:PublicRes>p.xml</ofd:PublicRes>", "", "Doc_0/p.xml", RES("<ofd:Fonts><ofd:Font ID=\"3\"><ofd:FontFile>f.ttf</ofd:FontFile></ofd:Font></ofd:Fonts>"), "Doc_0/f.ttf"},
        {"<ofd:PublicRes>p.xml</ofd:PublicRes>", "", "Doc_0/p.xml", RES("<ofd:MultiMedias><ofd:MultiMedia><ofd:MediaFile>f.PNG</ofd:MediaFile></ofd:MultiMedia></ofd:MultiMedias>"), "Doc_0/R/F.png"},
        {"<ofd:PublicRes>p.xml</ofd:PublicRes>", "", "Doc_0/p.xml", RES("<ofd:ColorSpaces><ofd:ColorSpace ID=\"1\" Profile=\"c.icc\"/></ofd:ColorSpaces>"), "Doc_0/R/c.icc"},
        {"", "<ofd:Annotations>A/a.xml</ofd:Annotations>", "Doc_0/A/a.xml", HEAD "<ofd:Annotations" XMLNS "><ofd:Page PageID=\"1\"><ofd:FileLoc>1.xml</ofd:FileLoc></ofd:Page></ofd:Annotations>", "Doc_0/A/1.xml"},
        {"", "<ofd:Attachments>A/a.xml</ofd:Attachments>", "Doc_0/A/a.xml", HEAD "<ofd:Attachments" XMLNS "><ofd:Attachment ID=\"1\"><ofd:FileLoc>1.doc</ofd:FileLoc></ofd:Attachment></ofd:Attachments>", "Doc_0/A/1.doc"},
        {"", "<ofd:CustomTags>A/a.xml</ofd:CustomTags>", "Doc_0/A/a.xml", HEAD "<ofd:CustomTags" XMLNS "><ofd:CustomTag><ofd:FileLoc>1.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>", "1.xml"},
        {"<ofd:TemplatePage ID=\"5\" BaseLoc=\"T/1.xml\"/>", "", "Doc_0/T/1.xml", HEAD "<ofd:Page" XMLNS "><ofd:PageRes>res.xml</ofd:PageRes></ofd:Page>", "Doc_0/T/res.xml"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int with = 0; with < 2; with++) {
            struct bundle b;
            plain(&b, rows[i].common, rows[i].rest);
            if (rows[i].through) put(&b, rows[i].through, rows[i].text);
            sign(&b, &(struct signing){0});
            if (with) put(&b, rows[i].evil, HEAD "<x/>");
            if (with) expect(rows[i].evil, &b, STEP_COVERAGE, STEP_FAILED, REASON_FILE_UNSIGNED, rows[i].evil);
            else expect_pass(rows[i].evil, &b); /* a name of nothing shows nothing */
        }
    }
}

static void left_out_of_the_signature(void **state) {
    (void)state;
    static const char *const left[] = {"Doc_0/Document.xml", "Doc_0/P/1.xml"};
    struct bundle b;
    for (size_t i = 0; i < 2; i++) {
        plain(&b, "", "");
        sign(&b, &(struct signing){.without = left[i]});
        expect(left[i], &b, STEP_COVERAGE, STEP_FAILED, REASON_FILE_UNSIGNED, left[i]);
    }
    plain(&b, "", "");
    put(&b, "unrelated.txt", "x");
    sign(&b, &(struct signing){.only = "unrelated.txt"});
    expect("a signature over another file", &b, STEP_COVERAGE, STEP_FAILED, REASON_FILE_UNSIGNED, "Doc_0/Document.xml");
    plain(&b, "", "");
    sign(&b, &(struct signing){.only = "nothing"});
    expect("over nothing", &b, STEP_REFERENCES, STEP_FAILED, REASON_OFD_SHAPE, NULL);
    /* protection that only another namespace speaks of is none */
    plain(&b, "", "");
    sign(&b, &(struct signing){.without = "Doc_0/P/1.xml", .more = "<x:Reference xmlns:x=\"urn:x\" FileRef=\"/Doc_0/P/1.xml\"><x:CheckValue>AAAA</x:CheckValue></x:Reference>"});
    expect("a reference of another namespace", &b, STEP_COVERAGE, STEP_FAILED, REASON_FILE_UNSIGNED, "Doc_0/P/1.xml");
    plain(&b, "", "");
    sign(&b, &(struct signing){.more = "<ofd:Reference FileRef=\"../../../../etc/passwd\"><ofd:CheckValue>AAAA</ofd:CheckValue></ofd:Reference>"});
    expect("a reference that leaves the package", &b, STEP_REFERENCES, STEP_FAILED, REASON_FILE_MISSING, NULL);
}

/* OFD.xml may be left out; what it names may not. */
static void the_root_replaced(void **state) {
    (void)state;
    static const struct { const char *root, *what; } rows[] = {
        {OFD(BODY("Doc_0/Document.xml") "<ofd:DocBody><ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot></ofd:DocBody>"), "a second document"},
        {OFD(BODY("Doc_1/Document.xml")), "another document"},
        {OFD(BODY("Doc_0/Document.xml") "<ofd:DocRoot>Doc_1/Document.xml</ofd:DocRoot>"), "a second root"},
        {OFD("<ofd:DocBody><ofd:DocInfo><ofd:Cover>Doc_1/Document.xml</ofd:Cover></ofd:DocInfo></ofd:DocBody>" BODY("Doc_0/Document.xml")), "a cover"},
        {OFD(BODY("Doc_0/Document.xml") "<ofd:Versions><ofd:Version BaseLoc=\"Doc_1/Document.xml\"/></ofd:Versions>"), "a version"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bundle b;
        plain(&b, "", "");
        sign(&b, &(struct signing){.without = "OFD.xml"});
        put(&b, "OFD.xml", rows[i].root);
        put(&b, "Doc_1/Document.xml", HEAD "<ofd:Document" XMLNS "/>");
        expect(rows[i].what, &b, STEP_COVERAGE, STEP_FAILED, REASON_FILE_UNSIGNED, "Doc_1/Document.xml");
        plain(&b, "", "");
        sign(&b, &(struct signing){0});
        put(&b, "OFD.xml", rows[i].root);
        put(&b, "Doc_1/Document.xml", HEAD "<ofd:Document" XMLNS "/>");
        expect(rows[i].what, &b, STEP_REFERENCES, STEP_FAILED, REASON_FILE_CHANGED, "/OFD.xml");
    }
    static const struct { const char *root; enum step_reason reason; } bad[] = {
        {OFD(BODY("Doc_0/<!-- -->Document.xml")), REASON_OFD_SHAPE}, {OFD(BODY("Doc_1/Document.xml<x/>")), REASON_OFD_SHAPE}, {OFD(BODY("")), REASON_OFD_SHAPE},
        {OFD(BODY("../x")), REASON_OFD_SHAPE}, {OFD(BODY("nothing.xml")), REASON_OFD_SHAPE}, {OFD(BODY("Doc_0/P/1.xml")), REASON_OFD_SHAPE}, {OFD(""), REASON_OFD_SHAPE},
        {HEAD "<OFD xmlns=\"urn:x\"><DocBody><DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>", REASON_OFD_SHAPE}, {HEAD "<x/>", REASON_OFD_SHAPE}, {"", REASON_XML_BAD},
        {OFD(BODY("Doc_0/Document.xml")) "<x/>", REASON_XML_BAD},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct bundle b;
        plain(&b, "", "");
        sign(&b, &(struct signing){.without = "OFD.xml"});
        put(&b, "OFD.xml", bad[i].root);
        expect_package(bad[i].root, &b, bad[i].reason);
    }
}

/* ---- the parts of a signature, moved ---- */

static void signature_parts_swapped(void **state) {
    (void)state;
    struct bundle b, other;
    plain(&b, "", "");
    plain(&other, "", "<!-- another document -->");
    sign(&b, &(struct signing){0});
    sign(&other, &(struct signing){0});
    const struct bundle_file *value = bundle_find(&other, "Doc_0/Signs/0/SignedValue.dat"), *xml = bundle_find(&other, "Doc_0/Signs/0/Signature.xml");
    put_part(&b, "0", "SignedValue.dat", bytes_of(value->data, value->len));
    expect("value of another document", &b, STEP_DATA_HASH, STEP_FAILED, REASON_HASH_DIFFERS, NULL);
    plain(&b, "", "");
    sign(&b, &(struct signing){0});
    put_part(&b, "0", "SignedValue.dat", bytes_of(value->data, value->len));
    put_part(&b, "0", "Signature.xml", bytes_of(xml->data, xml->len));
    expect("signature of another document", &b, STEP_REFERENCES, STEP_FAILED, REASON_FILE_CHANGED, "/Doc_0/Document.xml");
    plain(&b, "", "");
    sign(&b, &(struct signing){0});
    put_part(&b, "0", "Seal.esl", bytes_of(stranger->seal, stranger->seal_len));
    expect("seal of another", &b, STEP_SEAL_FILE, STEP_FAILED, REASON_SEAL_DIFFERS, NULL);
    plain(&b, "", "");
    sign(&b, &(struct signing){0});
    put_part(&b, "0", "SignedValue.dat", bytes_text("not a value"));
    expect("no value", &b, STEP_SIGNATURE_FORMAT, STEP_FAILED, REASON_FORMAT, NULL);
    bundle_free(&other);
}

static void the_list_of_signatures(void **state) {
    (void)state;
    struct bundle b;
    plain(&b, "", "");
    sign(&b, &(struct signing){0});
    put(&b, "Doc_0/Signs/Signatures.xml", LIST(LISTED("0") LISTED("1")));
    sign(&b, &(struct signing){.number = "1"});
    struct report report = look(&b);
    assert_int_equal(report.signature_count, 2);
    report_free(&report);
    expect_pass("a second signature later", &b);
    /* the standard lets a signature protect the list: then it is the last one */
    plain(&b, "", "");
    sign(&b, &(struct signing){.with_list = true});
    put(&b, "Doc_0/Signs/Signatures.xml", LIST(LISTED("0") LISTED("1")));
    sign(&b, &(struct signing){.number = "1"});
    expect("the list was protected", &b, STEP_REFERENCES, STEP_FAILED, REASON_FILE_CHANGED, "/Doc_0/Signs/Signatures.xml");
    plain(&b, "", "");
    sign(&b, &(struct signing){0});
    put(&b, "Doc_0/Signs/Signatures.xml", LIST(LISTED("0") LISTED("9")));
    report = look(&b); /* one that is named and not there is one that fails */
    assert_int_equal(report.signature_count, 2);
    expect_step("not there", &report.signatures[1].steps, STEP_SIGNATURE_FORMAT, STEP_FAILED, REASON_FILE_MISSING, NULL);
    assert_int_equal(report_outcome(&report), STEPS_FAILED);
    report_free(&report);
    put(&b, "Doc_0/Signs/Signatures.xml", LIST(""));
    report = look(&b);
    assert_true(report_unsigned(&report));
    assert_int_equal(report_outcome(&report), STEPS_FAILED);
    report_free(&report);
    bundle_free(&b);
    plain(&b, "", "");
    put(&b, "Doc_0/Signs/Signatures.xml", LIST(LISTED("0") LISTED("0")));
    expect_package("one signature twice", &b, REASON_OFD_SHAPE);
    plain(&b, "", "");
    put(&b, "Doc_0/Signs/Signatures.xml", LIST("<ofd:Signature ID=\"1\"/>"));
    expect_package("a signature of no file", &b, REASON_OFD_SHAPE);
    plain(&b, "", "");
    expect_package("a list that is not there", &b, REASON_OFD_SHAPE);
    plain(&b, "", "");
    FILE *out;
    char *text = NULL;
    size_t len;
    out = open_memstream(&text, &len);
    (void)fputs(HEAD "<ofd:Signatures" XMLNS ">", out);
    for (int i = 0; i < 257; i++) (void)fprintf(out, "<ofd:Signature ID=\"%d\" BaseLoc=\"%d.xml\"/>", i, i);
    (void)fputs("</ofd:Signatures>", out);
    (void)fclose(out);
    put(&b, "Doc_0/Signs/Signatures.xml", text);
    free(text);
    expect_package("257 signatures", &b, REASON_OFD_SHAPE);
}

/* ---- XML that means no good ---- */

static void repeat(FILE *out, const char *text, size_t count) {
    for (size_t i = 0; i < count; i++) (void)fputs(text, out);
}

static void page_of(const char *what, const char *text, size_t len, enum step_reason reason) {
    struct bundle b;
    plain(&b, "", "");
    assert_true(bundle_put(&b, "Doc_0/P/1.xml", bytes_of(text, len)));
    sign(&b, &(struct signing){0}); /* signed as it is: the form alone is refused */
    if (reason) expect_package(what, &b, reason);
    else expect_pass(what, &b);
}
#define PAGE_OF(what, text, reason) page_of(what, text, sizeof(text) - 1, reason)

static void hostile_xml(void **state) {
    (void)state;
    PAGE_OF("doctype", "<!DOCTYPE a><a/>", REASON_XML_BAD);
    PAGE_OF("laughs", "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"ha\"><!ENTITY c \"&b;&b;&b;\">]><a>&c;</a>", REASON_XML_BAD);
    PAGE_OF("external entity", "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>", REASON_XML_BAD);
    PAGE_OF("external subset", "<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/a.dtd\"><a/>", REASON_XML_BAD);
    PAGE_OF("doctype in UTF-16", "\xff\xfe<\0!\0D\0O\0C\0T\0Y\0P\0E\0 \0a\0>\0<\0a\0/\0>\0", REASON_XML_BAD);
    PAGE_OF("unknown entity", "<a>&b;</a>", REASON_XML_BAD);
    PAGE_OF("two roots", "<a/><b/>", REASON_XML_BAD);
    PAGE_OF("no end", "<a>", REASON_XML_BAD);
    PAGE_OF("text alone", "abc", REASON_XML_BAD);
    PAGE_OF("NUL", "<a>\0</a>", REASON_XML_BAD);
    PAGE_OF("attribute twice", "<ofd:Page xmlns:ofd=\"http://www.ofdspec.org/2016\" BaseLoc=\"a\" BaseLoc=\"b\"/>", REASON_XML_BAD);
    PAGE_OF("EBCDIC", "<?xml version=\"1.0\" encoding=\"IBM037\"?><a/>", REASON_XML_BAD);
    PAGE_OF("UTF-7", "<?xml version='1.0' encoding='UTF-7'?><a/>", REASON_XML_BAD);
    PAGE_OF("UTF-32", "<\0\0\0a\0\0\0/\0\0\0>\0\0\0", REASON_XML_BAD);
    PAGE_OF("not UTF-8", "<a>\xff</a>", REASON_XML_BAD);
    PAGE_OF("GB18030", "<?xml version=\"1.0\" encoding=\"GB18030\"?><a>\xd6\xa4</a>", REASON_NONE);
    PAGE_OF("GBK", "<?xml version=\"1.0\" encoding=\"gbk\"?><a>\xd6\xa4</a>", REASON_NONE);
    PAGE_OF("UTF-16", "\xff\xfe<\0a\0>\0\xc1\x8b<\0/\0a\0>\0", REASON_NONE);
    PAGE_OF("UTF-16, big end first", "\xfe\xff\0<\0a\0>\x8b\xc1\0<\0/\0a\0>", REASON_NONE);
    PAGE_OF("mark of UTF-8", "\xef\xbb\xbf<a/>", REASON_NONE);
    PAGE_OF("equals in text", "<a>= = == \"=\" '='</a>", REASON_NONE);
    static const struct { const char *head, *each, *tail; size_t count; enum step_reason reason; } rows[] = {
        {"", "<a>", "", 200000, REASON_XML_BAD}, {"<a", " b%zu=''", "/>", 501, REASON_XML_BAD}, {"<a", " b%zu = \"\"", "/>", 400, REASON_NONE},
        {"<a", " b%zu\n=\n'>'", "/>", 501, REASON_XML_BAD}, {"<a", " xmlns:b%zu='u'", "/>", 501, REASON_XML_BAD}, {"<a>", "<b c='1'/>", "</a>", 5000, REASON_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);
        (void)fputs(rows[i].head, out);
        const char *mark = strstr(rows[i].each, "%zu");
        for (size_t k = 0; k < rows[i].count; k++) {
            if (mark) (void)fprintf(out, "%.*s%zu%s", (int)(mark - rows[i].each), rows[i].each, k, mark + 3);
            else repeat(out, rows[i].each, 1);
        }
        (void)fputs(rows[i].tail, out);
        (void)fclose(out);
        page_of(rows[i].each, text, len, rows[i].reason);
        free(text);
    }
}

/* Names are looked for in several places each: so many, and so many of nothing, and no more. */
static void names_without_end(void **state) {
    (void)state;
    static const struct { const char *each; size_t count; enum step_reason reason; } rows[] = {
        {"<ofd:PageRes>1.xml</ofd:PageRes>", 199000, REASON_NONE}, {"<ofd:PageRes>nothing</ofd:PageRes>", 200001, REASON_OFD_SHAPE},
        {"<ofd:PageRes>%zu</ofd:PageRes>", 1000, REASON_NONE}, {"<ofd:PageRes>%zu</ofd:PageRes>", 1001, REASON_OFD_SHAPE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);
        const char *mark = strstr(rows[i].each, "%zu");
        (void)fputs("<ofd:Page" XMLNS ">", out);
        for (size_t k = 0; k < rows[i].count; k++) {
            if (mark) (void)fprintf(out, "%.*s%zu%s", (int)(mark - rows[i].each), rows[i].each, k, mark + 3);
            else (void)fputs(rows[i].each, out);
        }
        (void)fputs("</ofd:Page>", out);
        (void)fclose(out);
        page_of(rows[i].each, text, len, rows[i].reason);
        free(text);
    }
}

static void too_long(void **state) {
    (void)state;
    char name[6000];
    struct bundle b;
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    char *rest = NULL;
    assert_true(asprintf(&rest, "<ofd:Annotations>%s</ofd:Annotations>", name) > 0);
    plain(&b, "", rest);
    sign(&b, &(struct signing){0});
    expect_package("a name of 6,000 bytes", &b, REASON_OFD_SHAPE);
    name[2000] = '\0';
    free(rest);
    assert_true(asprintf(&rest, "<ofd:Annotations>%s</ofd:Annotations>", name) > 0);
    plain(&b, "", rest);
    sign(&b, &(struct signing){0});
    expect_pass("a name that no package can hold", &b);
    free(rest);
}

/* ---- every cut, every byte ---- */

static bool same_files(struct package *package, const struct bundle *b) {
    if (package_count(package) != b->count) return false;
    for (size_t i = 0; i < b->count; i++) {
        enum step_reason reason;
        size_t len;
        uint8_t *data = package_read(package, b->files[i].name, BUNDLE_FILE_MAX, &len, &reason);
        bool same = data && len == b->files[i].len && memcmp(data, b->files[i].data, len) == 0;
        free(data);
        if (!same) return false;
    }
    return true;
}

static void every_cut_and_every_byte(void **state) {
    (void)state;
    struct bundle b;
    struct report report;
    size_t len, passed = 0;
    plain(&b, "", "");
    sign(&b, &(struct signing){0});
    uint8_t *zip = bundle_write(&b, NOW, &len), *changed = malloc(len);
    assert_non_null(zip);
    for (size_t cut = 0; cut < len; cut++) {
        memcpy(changed, zip, cut);
        assert_true(check_ofd_bytes(&report, bytes_of(changed, cut), &options));
        expect_step("cut", &report.steps, STEP_PACKAGE, STEP_FAILED, REASON_NOT_ZIP, NULL);
        report_free(&report);
    }
    for (size_t at = 0; at < len; at++) {
        memcpy(changed, zip, len);
        changed[at] ^= (uint8_t)(1 << at % 8);
        assert_true(check_ofd_bytes(&report, bytes_of(changed, len), &options));
        if (report_outcome(&report) == STEPS_PASSED) {
            enum step_reason reason;
            char detail[STEP_DETAIL_MAX];
            struct package *package = package_open_bytes(bytes_of(changed, len), &reason, detail);
            assert_non_null(package);
            if (!same_files(package, &b)) fail_msg("byte %zu of %zu: another content passes", at, len);
            package_close(package);
            passed++;
        }
        report_free(&report);
    }
    print_message("%zu bytes, %zu of them say nothing about the content\n", len, passed);
    assert_in_range(passed, 1, len / 8);
    free(changed);
    free(zip);
    bundle_free(&b);
}

/* A signed part changed in content, and the package made right around it: a signature layer fails. */
static void every_byte_of_the_parts(void **state) {
    (void)state;
    struct bundle b;
    plain(&b, "", "");
    sign(&b, &(struct signing){0});
    for (size_t i = 0; i < b.count; i++) {
        struct bundle_file *file = &b.files[i];
        bool list = strcmp(file->name, "Doc_0/Signs/Signatures.xml") == 0;
        size_t step = file->len > 400 ? file->len / 200 : 1;
        for (size_t at = 0; at < file->len && !list; at += step) {
            file->data[at] ^= 1;
            struct report report = look(&b);
            if (report_outcome(&report) == STEPS_PASSED) fail_msg("%s: byte %zu", file->name, at);
            report_free(&report);
            file->data[at] ^= 1;
        }
    }
    expect_pass("as it was", &b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest),
        cmocka_unit_test(stamped_by_the_tool_and_again),
        cmocka_unit_test(digest_methods),
        cmocka_unit_test(check_values),
        cmocka_unit_test(a_file_changed_or_gone),
        cmocka_unit_test(what_is_shown_has_to_be_signed),
        cmocka_unit_test(left_out_of_the_signature),
        cmocka_unit_test(the_root_replaced),
        cmocka_unit_test(signature_parts_swapped),
        cmocka_unit_test(the_list_of_signatures),
        cmocka_unit_test(hostile_xml),
        cmocka_unit_test(names_without_end),
        cmocka_unit_test(too_long),
        cmocka_unit_test(every_cut_and_every_byte),
        cmocka_unit_test(every_byte_of_the_parts),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
