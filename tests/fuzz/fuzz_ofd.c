/* ofd: a sealed document, as a package, or as parts that are put into a right package here, so that the fuzzer gets past sums and offsets:
 * u8 which name | u16be length | content ... Looked at twice it says the same, its report can be shown, and nothing passes without a signature. */
#include "tests/fuzz/fuzz.h"

#include "tests/lib/zip.h"
#include "tools/document/report.h"

static const char *const names[] = {
    "OFD.xml", "Doc_0/Document.xml", "Doc_0/Pages/1.xml", "Doc_0/Res.xml", "Doc_0/Signs/Signatures.xml", "Doc_0/Signs/0/Signature.xml",
    "Doc_0/Signs/0/SignedValue.dat", "Doc_0/Signs/0/Seal.esl", "Doc_0/Annots.xml", "Doc_0/Attachs.xml", "Doc_0/Res/a.png", "Doc_1/Document.xml",
};
#define NAMES (sizeof names / sizeof *names)

static struct bytes mended(struct bytes data) {
    static struct zip_out zip;
    struct zip_part parts[NAMES];
    size_t count = 0, at = 0;
    bool used[NAMES] = {false};
    while (data.len - at >= 3 && count < NAMES) {
        size_t which = data.data[at] % NAMES, len = be16_get(data.data + at + 1);
        at += 3;
        if (len > data.len - at) len = data.len - at;
        if (!used[which]) parts[count++] = (struct zip_part){.name = names[which], .data = (const char *)data.data + at, .data_len = len};
        if (len == 0 && !used[which]) parts[count - 1].data = "";
        used[which] = true;
        at += len;
    }
    zip_make(&zip, parts, count, "", false, "");
    return bytes_of(zip.data, zip.len);
}

static char *judge(struct bytes file) {
    const struct check_options options = {.now_ms = 1790000000000, .known_ms = TIME_UNKNOWN};
    struct report report;
    ASSERT(check_ofd_bytes(&report, file, &options));
    const struct step *package = step_find(&report.steps, STEP_PACKAGE);
    ASSERT(package != NULL);
    ASSERT(package->result != STEP_NOT_CHECKED);
    ASSERT(package->result == STEP_PASSED || report.signature_count == 0);
    ASSERT(report_outcome(&report) != STEPS_PASSED); /* no seed is signed, and signatures are not guessed */
    json_t *json = report_json(&report);
    ASSERT(json != NULL);
    ASSERT(json_object_size(json) == 4);
    char *text = json_dumps(json, JSON_COMPACT);
    ASSERT(text != NULL);
    json_decref(json);
    report_free(&report);
    return text;
}

int fuzz_one(const uint8_t *data, size_t size) {
    bool package = size >= 2 && data[0] == 'P' && data[1] == 'K';
    struct bytes file = package ? bytes_of(data, size) : mended(bytes_of(data, size));
    char *one = judge(file), *other = judge(file);
    ASSERT(strcmp(one, other) == 0);
    free(one);
    free(other);
    return 0;
}
