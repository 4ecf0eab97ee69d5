/* pdf: a file with signatures; and the data as the value of a signature over a right file, so that the fuzzer gets to CMS. Nothing passes. */
#include "tests/fuzz/fuzz.h"

#include "tools/document/report.h"
#include "tools/sealed/words_pdf.h"

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

/* Its text is text, whatever the file holds; and as the content of a stream it is read again. */
static void say(const uint8_t *data, size_t size) {
    static const char head[] = "4 0 obj <</Length 1>>\nstream\nTj ", end[] = "\nendstream";
    struct words words = {.whole = true, .format = FORMAT_PDF};
    words_of_pdf(&words, bytes_of(data, size));
    uint8_t *file = malloc(sizeof head + size + sizeof end);
    ASSERT(file != NULL);
    memcpy(file, head, sizeof head - 1);
    memcpy(file + sizeof head - 1, data, size);
    memcpy(file + sizeof head - 1 + size, end, sizeof end - 1);
    words_of_pdf(&words, bytes_of(file, sizeof head + size + sizeof end - 2));
    free(file);
    for (size_t i = 0; i < words.len; i++) ASSERT((uint8_t)words.text[i] > 0x20 && words.text[i] != 0x7f);
    ASSERT(words.len <= WORDS_MAX && words.code_count <= WORDS_CODES_MAX);
    words_free(&words);
}

int fuzz_one(const uint8_t *data, size_t size) {
    static const char form[] = "%%PDF-1.7\n7 0 obj <</Type/Sig/SubFilter/adbe.pkcs7.detached/ByteRange [0 %010zu %010zu %010zu]/Contents <", end[] = ">>> endobj\n%%EOF\n";
    judge(bytes_of(data, size));
    say(data, size);
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
