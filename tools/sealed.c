#include "tools/sealed.h"

#include <errno.h>

static bool look_at_signatures(struct report *out, enum document_format format, const char *path, const struct check_options *options) {
    switch (format) {
    case FORMAT_OFD: return check_ofd(out, path, options);
    case FORMAT_PDF: return check_pdf(out, path, options);
    case FORMAT_OTHER: break;
    }
    *out = (struct report){.format = FORMAT_OTHER};
    return file_digest(path, out->sha256, out->sm3);
}

int sealed_look(struct report *out, const char *path, const struct check_options *check) {
    enum document_format format = FORMAT_OTHER;
    *out = (struct report){.format = FORMAT_OTHER};
    if (strcmp(path, "-") != 0 && !document_format(&format, path)) return cli_fail(EXIT_ERROR, "%s cannot be read: %s", path, strerror(errno));
    errno = 0;
    if (look_at_signatures(out, format, path, check)) return EXIT_VALID;
    if (format == FORMAT_OTHER) return EXIT_ERROR;
    if (errno == EAGAIN) return cli_fail(EXIT_ERROR, "%s was changed while it was looked at: try again", path);
    return cli_fail(EXIT_ERROR, "%s cannot be read: %s", path, errno ? strerror(errno) : "out of memory");
}

bool sealed_holds(const struct report_signature *signature) {
    static const enum step_id needed[] = {STEP_SIGNATURE_FORMAT, STEP_REFERENCES, STEP_DATA_HASH, STEP_SIGNATURE_VALUE};
    if (!signature->has_digest || steps_outcome(&signature->steps) == STEPS_FAILED) return false;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        const struct step *step = step_find(&signature->steps, needed[i]);
        if (!step || step->result != STEP_PASSED) return false;
    }
    return true;
}

static json_t *digest_json(const uint8_t sha256_32[32]) {
    char hex[65];
    hex_encode(hex, sha256_32, 32);
    return json_pack("{s:s, s:s}", "alg", "sha-256", "digest", hex);
}

json_t *sealed_documents(const struct report *report) {
    json_t *list = json_array();
    json_array_append_new(list, digest_json(report->sha256));
    const bool sound = steps_outcome(&report->steps) != STEPS_FAILED;
    for (size_t i = 0; i < report->signature_count && sound; i++)
        if (sealed_holds(&report->signatures[i])) json_array_append_new(list, digest_json(report->signatures[i].sha256));
    return list;
}

static bool shown_before(const struct shown_seal *shown, uint32_t count, const struct shown_seal *seal) {
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *a = shown[i].certificate32, *b = seal->certificate32;
        const bool same_signer = a && b ? memcmp(a, b, 32) == 0 : a == b;
        if (same_signer && bytes_equal(shown[i].id, seal->id) && memcmp(shown[i].digest32, seal->digest32, 32) == 0) return true;
    }
    return false;
}

uint32_t sealed_shown(struct shown_seal out[VERDICT_SEALS_MAX], const struct report *report) {
    uint32_t count = 0;
    for (size_t i = 0; i < report->signature_count && count < VERDICT_SEALS_MAX; i++) {
        const struct report_signature *signature = &report->signatures[i];
        const struct shown_seal seal = {.id = bytes_text(signature->seal_id), .digest32 = signature->seal_sha256,
                                        .certificate32 = signature->has_signer ? signature->signer.sha256 : NULL};
        if (!signature->has_seal || seal.id.len == 0 || seal.id.len > SEAL_ID_MAX || shown_before(out, count, &seal)) continue;
        out[count++] = seal;
    }
    return count;
}

json_t *sealed_seals(const struct report *report) {
    struct shown_seal shown[VERDICT_SEALS_MAX];
    const uint32_t count = sealed_shown(shown, report);
    json_t *list = count > 0 ? json_array() : NULL;
    for (uint32_t i = 0; i < count; i++) {
        char digest[65], certificate[65];
        hex_encode(digest, shown[i].digest32, 32);
        json_t *seal = json_pack("{s:o, s:s}", "id", cli_json_text((const char *)shown[i].id.data), "digest", digest);
        if (shown[i].certificate32) {
            hex_encode(certificate, shown[i].certificate32, 32);
            json_object_set_new(seal, "certificate", json_string(certificate));
        }
        json_array_append_new(list, seal);
    }
    return list;
}

int sealed_exit(const struct report *report, int verdict_exit) {
    const bool is_document = report->format != FORMAT_OTHER && report->signature_count > 0;
    const enum steps_outcome outcome = is_document ? report_outcome(report) : STEPS_PASSED;
    const bool damaged = report->format != FORMAT_OTHER && steps_outcome(&report->steps) == STEPS_FAILED;
    if (outcome == STEPS_FAILED || (damaged && verdict_exit == EXIT_UNKNOWN)) return EXIT_MISMATCH;
    if (verdict_exit != EXIT_VALID) return verdict_exit;
    return outcome == STEPS_TIME ? EXIT_LAPSED : EXIT_VALID;
}
