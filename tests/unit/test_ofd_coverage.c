/* Coverage as a property of the document: what one signature leaves out is covered by a later one that passes, covers all and names the first, of the same signer or
 * of one who is trusted; and nobody else's signature makes anything of what was added. Sealed here by two test authorities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "crypto/sig.h"
#include "tools/authority/authority.h"
#include "tools/authority/bundle.h"
#include "tools/authority/seal_make.h"
#include "tools/document/report.h"

#define NOW INT64_C(1790000000000) /* 2026-09-21 */
#define HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
#define XMLNS " xmlns:ofd=\"http://www.ofdspec.org/2016\""
#define ANNOTATIONS "Doc_0/Annotations.xml"

static struct authority *issuer, *stranger;
static char folder[] = "/tmp/licet-test-coverage-XXXXXX", roots[2][64];
static struct trust *trusts[2]; /* in the issuer alone; in both */

static void write_root(size_t i, const struct authority *of) {
    (void)snprintf(roots[i], sizeof roots[i], "%s/%zu.der", folder, i);
    FILE *file = fopen(roots[i], "w");
    assert_non_null(file);
    assert_int_equal(fwrite(of->cert[ROLE_ROOT], 1, of->cert_len[ROLE_ROOT], file), of->cert_len[ROLE_ROOT]);
    assert_int_equal(fclose(file), 0);
}

static void write_sub(const char *name, const struct authority *of) {
    char path[96];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(of->cert[ROLE_SUB], 1, of->cert_len[ROLE_SUB], file), of->cert_len[ROLE_SUB]);
    assert_int_equal(fclose(file), 0);
}

static int setup(void **state) {
    (void)state;
    char message[256];
    struct trust_counts counts;
    const struct authority_spec spec = {.owner = "11310118WYEQPPGM2U", .name = "示例市行政审批局", .es_id = "31011812345678", .now_ms = NOW};
    issuer = malloc(sizeof *issuer);
    stranger = malloc(sizeof *stranger);
    if (!issuer || !stranger || !hash_setup() || !sig_setup() || !authority_make(issuer, &spec) || !authority_make(stranger, &spec) || !mkdtemp(folder)) return -1;
    write_sub("sub0.der", issuer);
    write_root(0, issuer);
    trusts[0] = trust_load(folder, &counts, message, sizeof message);
    write_sub("sub1.der", stranger);
    write_root(1, stranger);
    trusts[1] = trust_load(folder, &counts, message, sizeof message);
    return trusts[0] && trusts[1] ? 0 : -1;
}

static int teardown(void **state) {
    (void)state;
    char path[96];
    for (size_t i = 0; i < 2; i++) {
        trust_free(trusts[i]);
        (void)unlink(roots[i]);
        (void)snprintf(path, sizeof path, "%s/sub%zu.der", folder, i);
        (void)unlink(path);
    }
    (void)rmdir(folder);
    authority_free(issuer);
    authority_free(stranger);
    free(issuer);
    free(stranger);
    return 0;
}

/* ---- making ---- */

static void put(struct bundle *b, const char *name, const char *text) { assert_true(bundle_put(b, name, bytes_text(text))); }

static void start(struct bundle *b, int signatures) {
    char list[600] = HEAD "<ofd:Signatures" XMLNS "><ofd:MaxSignId>9</ofd:MaxSignId>";
    *b = (struct bundle){.files = NULL};
    put(b, "OFD.xml", HEAD "<ofd:OFD" XMLNS " Version=\"1.1\" DocType=\"OFD\"><ofd:DocBody><ofd:DocInfo><ofd:DocID>1</ofd:DocID></ofd:DocInfo><ofd:DocRoot>Doc_0/Document.xml"
                           "</ofd:DocRoot><ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>");
    put(b, "Doc_0/Document.xml", HEAD "<ofd:Document" XMLNS "><ofd:CommonData><ofd:TemplatePage ID=\"8\" BaseLoc=\"T/1.xml\"/><ofd:TemplatePage ID=\"9\" BaseLoc=\"T/2.xml\"/></ofd:CommonData>"
                                      "<ofd:Pages><ofd:Page ID=\"1\" BaseLoc=\"P/1.xml\"/></ofd:Pages><ofd:Annotations>Annotations.xml</ofd:Annotations>"
                                      "<ofd:Attachments>A.xml</ofd:Attachments><ofd:CustomTags>C.xml</ofd:CustomTags></ofd:Document>");
    put(b, "Doc_0/P/1.xml", HEAD "<ofd:Page" XMLNS "/>");
    for (int i = 0; i < signatures; i++)
        (void)snprintf(list + strlen(list), sizeof list - strlen(list), "<ofd:Signature ID=\"s%d\" Type=\"Seal\" BaseLoc=\"/Doc_0/Signs/%d/Signature.xml\"/>", i, i);
    (void)snprintf(list + strlen(list), sizeof list - strlen(list), "</ofd:Signatures>");
    put(b, "Doc_0/Signs/Signatures.xml", list);
}

static void annotate(struct bundle *b) { put(b, ANNOTATIONS, HEAD "<ofd:Annotations" XMLNS "/>"); }

/* Over all that is there, but what is left out. */
static void sign(struct bundle *b, const struct authority *who, int number, const char *without, const char *also_without) {
    static uint8_t value[SEAL_VALUE_MAX];
    char *text = NULL, name[64];
    size_t len = 0;
    uint8_t digest[32];
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    (void)fputs(HEAD "<ofd:Signature" XMLNS "><ofd:SignedInfo><ofd:References CheckMethod=\"1.2.156.10197.1.401\">", out);
    for (size_t i = 0; i < b->count; i++) {
        const struct bundle_file *file = &b->files[i];
        char base64[48];
        if ((without && strcmp(file->name, without) == 0) || (also_without && strcmp(file->name, also_without) == 0)) continue;
        sm3(digest, file->data, file->len);
        base64_encode(base64, digest, 32);
        (void)fprintf(out, "<ofd:Reference FileRef=\"/%s\"><ofd:CheckValue>%s</ofd:CheckValue></ofd:Reference>", file->name, base64);
    }
    (void)fprintf(out, "</ofd:References><ofd:Seal><ofd:BaseLoc>/Doc_0/Signs/%d/Seal.esl</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo>"
                       "<ofd:SignedValue>/Doc_0/Signs/%d/SignedValue.dat</ofd:SignedValue></ofd:Signature>", number, number);
    assert_int_equal(fclose(out), 0);
    sm3(digest, text, len);
    const size_t value_len = seal_value_make(value, sizeof value, bytes_of(who->seal, who->seal_len), NOW, digest, "/Doc_0/Signs/0/Signature.xml",
                                             authority_cert(who, ROLE_HOLDER), &who->signer[ROLE_HOLDER]);
    assert_true(value_len > 0);
    (void)snprintf(name, sizeof name, "Doc_0/Signs/%d/Signature.xml", number);
    assert_true(bundle_put(b, name, bytes_of(text, len)));
    (void)snprintf(name, sizeof name, "Doc_0/Signs/%d/SignedValue.dat", number);
    assert_true(bundle_put(b, name, bytes_of(value, value_len)));
    (void)snprintf(name, sizeof name, "Doc_0/Signs/%d/Seal.esl", number);
    assert_true(bundle_put(b, name, bytes_of(who->seal, who->seal_len)));
    free(text);
}

static struct report look(const struct bundle *b, const struct trust *trust) {
    const struct check_options options = {.trust = trust, .now_ms = NOW + 1000, .known_ms = TIME_UNKNOWN};
    struct report report;
    size_t len;
    uint8_t *zip = bundle_write(b, NOW, &len);
    assert_non_null(zip);
    assert_true(check_ofd_bytes(&report, bytes_of(zip, len), &options));
    free(zip);
    return report;
}

/* What each signature reads, "partial passed"; closes the bundle. */
static void expect(const char *what, struct bundle *b, const struct trust *trust, const char *results) {
    struct report report = look(b, trust);
    char text[64] = "";
    bool failed = false;
    for (size_t i = 0; i < report.signature_count; i++) {
        const char *result = signature_result(&report.signatures[i]);
        failed = failed || strcmp(result, "failed") == 0;
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "", result);
    }
    if (strcmp(text, results) != 0) fail_msg("%s: %s, not %s", what, text, results);
    assert_int_equal(report_outcome(&report), failed ? STEPS_FAILED : STEPS_PASSED);
    report_free(&report);
    bundle_free(b);
}

/* ---- rows ---- */

static void same_signer(void **state) {
    (void)state;
    struct bundle b;
    start(&b, 2);
    sign(&b, issuer, 0, NULL, NULL);
    annotate(&b);
    sign(&b, issuer, 1, NULL, NULL);
    struct report report = look(&b, NULL);
    const struct step *coverage = step_find(&report.signatures[0].steps, STEP_COVERAGE);
    assert_int_equal(coverage->result, STEP_PASSED);
    assert_int_equal(coverage->reason, REASON_COVERED_LATER);
    assert_string_equal(coverage->detail, ANNOTATIONS);
    assert_string_equal(report.signatures[0].covered_by, "s1");
    json_t *json = signature_json(&report.signatures[0]);
    json_t *note = json_array_get(json_object_get(json, "notes"), 0);
    assert_string_equal(json_string_value(json_object_get(json, "result")), "partial");
    assert_string_equal(json_string_value(json_object_get(note, "note")), "partial");
    assert_string_equal(json_string_value(json_object_get(note, "detail")), "s1");
    json_decref(json);
    report_free(&report);
    expect("the same signer", &b, NULL, "partial passed");
}

static void strangers(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) { /* nobody is trusted; the issuer alone; both */
        struct bundle b;
        start(&b, 2);
        sign(&b, issuer, 0, NULL, NULL);
        annotate(&b);
        sign(&b, stranger, 1, NULL, NULL);
        expect("a stranger", &b, i == 0 ? NULL : trusts[i - 1], i == 0 ? "failed passed" : i == 1 ? "failed failed" : "partial passed");
    }
    struct bundle b; /* and the other way round: who is trusted answers for what a stranger left out, and the stranger fails for himself */
    start(&b, 2);
    sign(&b, stranger, 0, NULL, NULL);
    annotate(&b);
    sign(&b, issuer, 1, NULL, NULL);
    expect("a stranger first", &b, trusts[0], "failed passed");
}

static void what_the_later_one_has_to_say(void **state) {
    (void)state;
    struct bundle b;
    start(&b, 2);
    sign(&b, issuer, 0, NULL, NULL);
    annotate(&b);
    sign(&b, issuer, 1, "Doc_0/Signs/0/Signature.xml", NULL);
    expect("it does not name the first", &b, NULL, "failed passed");
    start(&b, 2);
    sign(&b, issuer, 0, NULL, NULL);
    annotate(&b);
    sign(&b, issuer, 1, ANNOTATIONS, NULL);
    expect("it leaves out the same", &b, NULL, "failed failed");
    start(&b, 2);
    sign(&b, issuer, 0, ANNOTATIONS, NULL);
    annotate(&b);
    sign(&b, issuer, 1, "Doc_0/P/1.xml", NULL);
    expect("each covers a part", &b, NULL, "failed failed");
    start(&b, 2);
    sign(&b, issuer, 0, NULL, NULL);
    annotate(&b);
    sign(&b, issuer, 1, NULL, NULL);
    sign(&b, issuer, 0, NULL, ANNOTATIONS); /* another Signature.xml in the place of the one that was named */
    expect("it names an older one", &b, NULL, "failed failed");
    start(&b, 2);
    sign(&b, issuer, 0, NULL, NULL);
    annotate(&b);
    sign(&b, issuer, 1, NULL, NULL);
    put(&b, "Doc_0/Signs/1/SignedValue.dat", "x");
    expect("its own check fails", &b, NULL, "failed failed");
    start(&b, 2);
    sign(&b, issuer, 0, NULL, NULL);
    annotate(&b);
    sign(&b, issuer, 1, "Doc_0/Signs/Signatures.xml", "Doc_0/Signs/0/Seal.esl");
    expect("it leaves out the list and the seal, which nobody is shown", &b, NULL, "partial passed");
    start(&b, 2);
    sign(&b, issuer, 0, NULL, NULL);
    annotate(&b);
    sign(&b, issuer, 1, NULL, "Doc_0/Signs/0/Seal.esl");
    assert_true(bundle_put(&b, "Doc_0/Signs/0/Seal.esl", bytes_of(stranger->seal, stranger->seal_len)));
    expect("another seal file for the first", &b, NULL, "failed passed");
}

static void what_changed_between(void **state) {
    (void)state;
    struct bundle b;
    start(&b, 2);
    sign(&b, issuer, 0, NULL, NULL);
    annotate(&b);
    put(&b, "Doc_0/P/1.xml", HEAD "<ofd:Page" XMLNS " ID=\"2\"/>");
    sign(&b, issuer, 1, NULL, NULL);
    expect("a page changed after the first, and covered by the second", &b, NULL, "failed passed");
    start(&b, 2);
    sign(&b, issuer, 0, NULL, NULL);
    annotate(&b);
    sign(&b, issuer, 1, NULL, NULL);
    put(&b, ANNOTATIONS, HEAD "<ofd:Annotations" XMLNS " ID=\"2\"/>");
    expect("changed after both", &b, NULL, "failed failed");
    start(&b, 1);
    sign(&b, issuer, 1, NULL, NULL);
    annotate(&b);
    sign(&b, issuer, 0, NULL, NULL);
    expect("the first is no longer listed: the second covers all by itself", &b, NULL, "passed");
}

static void chain_of_three(void **state) {
    (void)state;
    struct bundle b;
    start(&b, 3);
    sign(&b, issuer, 0, NULL, NULL);
    annotate(&b);
    sign(&b, issuer, 1, NULL, NULL);
    put(&b, "Doc_0/A.xml", HEAD "<ofd:Attachments" XMLNS "/>");
    sign(&b, issuer, 2, NULL, NULL);
    expect("three of one signer", &b, NULL, "partial partial passed");
    start(&b, 3);
    sign(&b, issuer, 0, NULL, NULL);
    annotate(&b);
    sign(&b, issuer, 1, NULL, NULL);
    put(&b, "Doc_0/A.xml", HEAD "<ofd:Attachments" XMLNS "/>");
    sign(&b, issuer, 2, "Doc_0/Signs/0/Signature.xml", NULL);
    expect("the last names the second alone, and nothing answers for the first", &b, NULL, "failed partial passed");
    start(&b, 3);
    sign(&b, issuer, 0, NULL, NULL);
    annotate(&b);
    sign(&b, issuer, 1, NULL, NULL);
    put(&b, "Doc_0/A.xml", HEAD "<ofd:Attachments" XMLNS "/>");
    sign(&b, stranger, 2, NULL, NULL);
    expect("a stranger adds to what two had covered", &b, trusts[0], "failed failed failed");
}

/* What is not covered is named for what it is, with how many there are. */
static void named(void **state) {
    (void)state;
    static const struct { const char *files[2], *first; enum step_part part; uint32_t more; } rows[] = {
        {{"Doc_0/T/1.xml", "Doc_0/T/2.xml"}, "Doc_0/T/1.xml", PART_TEMPLATE, 1}, {{ANNOTATIONS, NULL}, ANNOTATIONS, PART_ANNOTATION, 0},
        {{"Doc_0/A.xml", NULL}, "Doc_0/A.xml", PART_ATTACHMENT, 0},              {{"Doc_0/C.xml", NULL}, "Doc_0/C.xml", PART_CUSTOM, 0},
        {{"Doc_0/P/1.xml", NULL}, "Doc_0/P/1.xml", PART_PAGE, 0},                {{"Doc_0/Document.xml", NULL}, "Doc_0/Document.xml", PART_ROOT, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bundle b;
        start(&b, 1);
        for (size_t k = 0; k < 2 && rows[i].files[k]; k++)
            if (!bundle_find(&b, rows[i].files[k])) put(&b, rows[i].files[k], HEAD "<ofd:Any" XMLNS "/>");
        sign(&b, issuer, 0, rows[i].files[0], rows[i].files[1]);
        struct report report = look(&b, NULL);
        const struct step *coverage = step_find(&report.signatures[0].steps, STEP_COVERAGE);
        assert_int_equal(coverage->result, STEP_FAILED);
        assert_string_equal(coverage->detail, rows[i].first);
        assert_int_equal(coverage->part, rows[i].part);
        assert_int_equal(coverage->more, rows[i].more);
        report_free(&report);
        bundle_free(&b);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_signer),          cmocka_unit_test(strangers),      cmocka_unit_test(what_the_later_one_has_to_say),
        cmocka_unit_test(what_changed_between), cmocka_unit_test(chain_of_three), cmocka_unit_test(named),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
