/* pdf: a file with signatures; and the data as the value of a signature over a right file, so that the fuzzer gets to CMS. Nothing passes. */
#include "tests/fuzz/fuzz.h"

#include "tools/document/report.h"

static void judge(struct bytes file) {
    const struct check_options options = {.now_ms = 1790000000000, .known_ms = TIME_UNKNOWN};
    struct report report;
    ASSERT(check_pdf_bytes(&report, file, &options));
    ASSERT(report_outcome(&report) != STEPS_PASSED); /* no seed is signed, and signatures are not guessed */
    json_t *json = report_json(&report);
    ASSERT(json != NULL);
    ASSERT(json_object_size(json) == 4);
    json_decref(json);
    report_free(&report);
}

int fuzz_one(const uint8_t *data, size_t size) {
    static const char form[] = "%%PDF-1.7\n7 0 obj <</Type/Sig/SubFilter/adbe.pkcs7.detached/ByteRange [0 %010zu %010zu %010zu]/Contents <", end[] = ">>> endobj\n%%EOF\n";
    judge(bytes_of(data, size));
    if (size >= 4 && memcmp(data, "%PDF", 4) == 0) return 0;
    char head[256];
    size_t head_len = (size_t)snprintf(head, sizeof head, form, (size_t)0, (size_t)0, (size_t)0), gap_at = head_len - 1, gap_end = head_len + 2 * size + 1;
    (void)snprintf(head, sizeof head, form, gap_at, gap_end, sizeof end - 2);
    char *file = malloc(head_len + 2 * size + sizeof end);
    ASSERT(file != NULL);
    memcpy(file, head, head_len);
    hex_encode(file + head_len, data, size);
    memcpy(file + head_len + 2 * size, end, sizeof end - 1);
    judge(bytes_of(file, head_len + 2 * size + sizeof end - 1));
    free(file);
    return 0;
}
