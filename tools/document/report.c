#include "tools/document/report.h"

#include "crypto/hash.h"

void report_free(struct report *report) {
    free(report->signatures);
    *report = (struct report){.format = FORMAT_OTHER};
}

enum steps_outcome signature_outcome(const struct report_signature *signature) {
    enum steps_outcome outcome = steps_outcome(&signature->steps);
    const struct step *value = step_find(&signature->steps, STEP_SIGNATURE_VALUE);
    return value && value->result == STEP_PASSED ? outcome : STEPS_FAILED;
}

static bool passed(const struct step_list *steps, enum step_id id) {
    const struct step *step = step_find(steps, id);
    return step && step->result == STEP_PASSED;
}

static bool same_signer(const struct report_signature *a, const struct report_signature *b) {
    if (!a->has_signer || !b->has_signer) return false;
    if (memcmp(a->signer.sha256, b->signer.sha256, 32) == 0) return true;
    return strcmp(a->signer.key_alg, b->signer.key_alg) == 0 && memcmp(a->signer.key_sha256, b->signer.key_sha256, 32) == 0;
}

bool signature_answers(const struct report_signature *signature, const struct report_signature *other) {
    const struct step *coverage = step_find(&signature->steps, STEP_COVERAGE);
    if (signature->timestamp_alone || signature_outcome(signature) != STEPS_PASSED || !passed(&signature->steps, STEP_DATA_HASH)) return false;
    if (!coverage || coverage->result != STEP_PASSED) return false;
    return same_signer(signature, other) || passed(&signature->steps, STEP_SIGNER_CHAIN);
}

const char *signature_result(const struct report_signature *signature) {
    const enum steps_outcome outcome = signature_outcome(signature);
    return outcome == STEPS_PASSED && signature->partial ? "partial" : outcome_name(outcome);
}

static bool has_signature(const struct report *report) {
    for (size_t i = 0; i < report->signature_count; i++)
        if (!report->signatures[i].timestamp_alone) return true;
    return false;
}

bool report_unsigned(const struct report *report) { return !has_signature(report) && steps_outcome(&report->steps) == STEPS_PASSED; }

enum steps_outcome report_outcome(const struct report *report) {
    enum steps_outcome worst = steps_outcome(&report->steps);
    if (!has_signature(report)) return STEPS_FAILED;
    for (size_t i = 0; i < report->signature_count; i++) {
        enum steps_outcome one = signature_outcome(&report->signatures[i]);
        if (one == STEPS_FAILED || (one == STEPS_TIME && worst == STEPS_PASSED)) worst = one;
    }
    return worst;
}

bool report_not_checked(const struct report *report) {
    for (size_t i = 0; i < report->signature_count; i++)
        for (uint32_t k = 0; k < report->signatures[i].steps.count; k++)
            if (step_left_open(&report->signatures[i].steps.steps[k])) return true;
    return false;
}

const char *outcome_name(enum steps_outcome outcome) {
    switch (outcome) {
    case STEPS_PASSED: return "passed";
    case STEPS_TIME: return "time_failed";
    case STEPS_FAILED: return "failed";
    }
    return "failed";
}

/* ---- what was found, put in ---- */

static void report_copy_text(char *out, size_t cap, struct bytes text) {
    size_t len = text.len < cap ? text.len : cap - 1;
    while (len < text.len && len > 0 && (text.data[len] & 0xC0) == 0x80) len--; /* not in the middle of a character */
    if (len > 0) memcpy(out, text.data, len);
    out[len] = '\0';
}

void signature_take_seal(struct report_signature *out, const struct ses_seal *seal) {
    out->has_seal = true;
    report_copy_text(out->seal_id, sizeof out->seal_id, seal->id);
    report_copy_text(out->seal_name, sizeof out->seal_name, seal->name);
    sha256(out->seal_sha256, seal->whole.data, seal->whole.len);
    out->seal_from_ms = seal->from_ms;
    out->seal_to_ms = seal->to_ms;
}

void signature_take_value(struct report_signature *out, const struct checked_value *value) {
    const char *kind = "unknown";
    switch (value->kind) {
    case VALUE_SES: kind = !value->has_seal ? "seal" : value->ses.version == SES_V1 ? "seal-v1" : value->ses.version == SES_V4 ? "seal-v4" : "seal-v5"; break;
    case VALUE_SIGNED_DATA: kind = "gbt35275"; break;
    case VALUE_BARE: kind = "sm2"; break;
    case VALUE_UNKNOWN: break;
    }
    (void)snprintf(out->kind, sizeof out->kind, "%s", kind);
    if (value->has_seal) signature_take_seal(out, &value->ses.seal);
    out->has_signer = value->has_signer;
    if (value->has_signer) out->signer = value->signer;
    out->has_maker = value->has_maker;
    if (value->has_maker) out->maker = value->maker;
    out->signed_ms = value->signed_ms;
    out->timestamp_ms = value->timestamp_ms;
}

/* ---- JSON ---- */

void time_text(char out[25], int64_t ms) {
    int64_t seconds = ms / 1000 - (ms % 1000 < 0), days = seconds / 86400, left = seconds % 86400;
    if (left < 0) left += 86400, days--;
    /* civil date from days since 1970 (a year begins in March) */
    int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097, of_era = shifted - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365, day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month0 = (5 * day_of_year + 2) / 153, day = day_of_year - (153 * month0 + 2) / 5 + 1, month = month0 < 10 ? month0 + 3 : month0 - 9;
    int64_t year = year_of_era + era * 400 + (month <= 2);
    if (year < 0 || year > 9999) (void)snprintf(out, 25, "-");
    else (void)snprintf(out, 25, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)year, (int)month, (int)day, (int)(left / 3600), (int)(left / 60 % 60), (int)(left % 60));
}

static json_t *time_json(int64_t ms) {
    char text[25];
    if (ms == TIME_UNKNOWN) return json_null();
    time_text(text, ms);
    return json_string(text);
}

static json_t *hex_json(const uint8_t hash32[32]) {
    char hex[65];
    hex_encode(hex, hash32, 32);
    return json_string(hex);
}

/* What files say of themselves need not be UTF-8. */
static json_t *text_json(const char *text) {
    char copy[SES_ID_MAX + 256 + STEP_DETAIL_MAX];
    json_t *json = json_string(text);
    if (json) return json;
    (void)snprintf(copy, sizeof copy, "%s", text);
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c >= 0x80) *c = '?';
    return json_string(copy);
}

json_t *steps_json(const struct step_list *steps) {
    json_t *array = json_array();
    for (uint32_t i = 0; i < steps->count; i++) {
        const struct step *step = &steps->steps[i];
        json_t *reason = step->reason == REASON_NONE ? json_null() : json_string(reason_name(step->reason));
        json_t *part = step->part == PART_NONE ? json_null() : json_string(part_name(step->part));
        json_array_append_new(array, json_pack("{s:s, s:s, s:o, s:o, s:o}", "step", step_name(step->id), "result", step_result_name(step->result), "reason",
                                               reason, "detail", text_json(step->detail), "part", part));
    }
    return array;
}

/* What is no failure and still to be said. */
static json_t *notes_json(const struct report_signature *signature) {
    const struct step_list *steps = &signature->steps;
    json_t *array = json_array();
    for (unsigned bit = 0; bit < ENCODING_COUNT; bit++)
        if (steps->encoding >> bit & 1) json_array_append_new(array, json_pack("{s:s, s:s}", "note", "encoding", "detail", encoding_name((enum encoding_bit)bit)));
    if (signature->partial) json_array_append_new(array, json_pack("{s:s, s:o}", "note", "partial", "detail", text_json(signature->covered_by)));
    if (signature->added[0]) json_array_append_new(array, json_pack("{s:s, s:s}", "note", "added_later", "detail", signature->added));
    return array;
}

static json_t *cert_json(const struct cert_facts *facts) {
    return json_pack("{s:o, s:o, s:o, s:s, s:s, s:o, s:o, s:o}", "subject", text_json(facts->subject_cn), "organisation", text_json(facts->subject_o), "issuer",
                     text_json(facts->issuer_cn), "serial", facts->serial, "key", facts->key_alg, "sha256", hex_json(facts->sha256), "valid_from",
                     time_json(facts->from_ms), "valid_to", time_json(facts->to_ms));
}

json_t *signature_json(const struct report_signature *signature) {
    json_t *digest = signature->has_digest ? json_pack("{s:o, s:o}", "sha256", hex_json(signature->sha256), "sm3", hex_json(signature->sm3)) : json_null();
    json_t *seal = json_null();
    if (signature->has_seal)
        seal = json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "id", text_json(signature->seal_id), "name", text_json(signature->seal_name), "sha256",
                         hex_json(signature->seal_sha256), "valid_from", time_json(signature->seal_from_ms), "valid_to", time_json(signature->seal_to_ms), "maker",
                         signature->has_maker ? cert_json(&signature->maker) : json_null());
    return json_pack("{s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "id", text_json(signature->id), "kind", signature->kind, "result",
                     signature_result(signature), "digest", digest, "seal", seal, "signer",
                     signature->has_signer ? cert_json(&signature->signer) : json_null(), "signed_at", time_json(signature->signed_ms), "timestamp",
                     time_json(signature->timestamp_ms), "steps", steps_json(&signature->steps), "notes",
                     notes_json(signature));
}

static const char *format_name(enum document_format format) {
    switch (format) {
    case FORMAT_OTHER: return "other";
    case FORMAT_OFD: return "ofd";
    case FORMAT_PDF: return "pdf";
    }
    return "other";
}

json_t *report_json(const struct report *report) {
    json_t *file = json_pack("{s:s, s:I, s:o, s:o}", "format", format_name(report->format), "size", (json_int_t)report->size, "sha256", hex_json(report->sha256), "sm3",
                             hex_json(report->sm3));
    json_t *signatures = json_array();
    for (size_t i = 0; i < report->signature_count; i++) json_array_append_new(signatures, signature_json(&report->signatures[i]));
    return json_pack("{s:o, s:s, s:o, s:o}", "file", file, "result", report_unsigned(report) ? "unsigned" : outcome_name(report_outcome(report)), "steps",
                     steps_json(&report->steps), "signatures", signatures);
}
