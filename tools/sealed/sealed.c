#include "tools/sealed/sealed.h"

#include <errno.h>

#include "crypto/hash.h"
#include "tools/cli/file.h"
#include "tools/cli/input_file.h"
#include "tools/cli/json_out.h"
#include "tools/cli/message.h"
#include "tools/cli/progress.h"

static bool look_at_signatures(struct report *out, enum document_format format, const char *path, const struct check_options *options) {
    switch (format) {
    case FORMAT_OFD: return check_ofd(out, path, options);
    case FORMAT_PDF: return check_pdf(out, path, options);
    case FORMAT_OTHER: break;
    }
    *out = (struct report){.format = FORMAT_OTHER};
    return file_digest(path, out->sha256, out->sm3);
}

/* By its hash, so that it is told of a pipe too: were it registered once, every download that failed would read as that licence. */
static bool is_empty(const struct report *report) {
    uint8_t empty[32];
    sha256(empty, "", 0);
    return memcmp(report->sha256, empty, 32) == 0;
}

int sealed_look(struct report *out, const char *path, const struct check_options *check) {
    enum document_format format = FORMAT_OTHER;
    const char *place = input_again(path); /* what came through a pipe is looked at like a file */
    *out = (struct report){.format = FORMAT_OTHER};
    if (!place) return EXIT_ERROR;
    if (!document_format(&format, place)) return cli_fail(EXIT_ERROR, SAY("%s cannot be read: %s",
                                                                                                   "%s 无法读取：%s"), path, cli_errno_text(errno));
    errno = 0;
    bool looked = look_at_signatures(out, format, place, check);
    progress_pause();
    if (looked && is_empty(out)) {
        report_free(out);
        *out = (struct report){.format = FORMAT_OTHER};
        return cli_fail(EXIT_ERROR, SAY("%s: %s", "%s：%s"), path, cli_code_text(CODE_ROW_DOCUMENT_EMPTY));
    }
    if (looked) return EXIT_VALID;
    if (format == FORMAT_OTHER) return EXIT_ERROR;
    if (errno == EAGAIN) return cli_fail(EXIT_ERROR, SAY("%s was changed while it was looked at: try again", "%s 在检查期间被改动：请重试"), path);
    return cli_fail(EXIT_ERROR, SAY("%s cannot be read: %s", "%s 无法读取：%s"), path, errno ? cli_errno_text(errno) : SAY("out of memory", "内存不足"));
}

bool sealed_holds(const struct report_signature *signature) {
    static const enum step_id needed[] = {STEP_SIGNATURE_FORMAT, STEP_REFERENCES, STEP_DATA_HASH, STEP_SIGNATURE_VALUE};
    if (!signature->has_digest || signature->partial /* more is shown than it signed */ || steps_outcome(&signature->steps) == STEPS_FAILED) return false;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        const struct step *step = step_find(&signature->steps, needed[i]);
        if (!step || step->result != STEP_PASSED) return false;
    }
    return true;
}

static json_t *digest_json(const uint8_t sha256_32[32], enum document_kind kind) {
    char hex[65];
    hex_encode(hex, sha256_32, 32);
    return json_pack("{s:s, s:s, s:s}", "alg", "sha-256", "digest", hex, "kind", document_kind_name(kind));
}

bool sealed_sound(const struct report *report) { return steps_outcome(&report->steps) != STEPS_FAILED; }

json_t *sealed_documents(const struct report *report) {
    json_t *list = json_array();
    json_array_append_new(list, digest_json(report->sha256, DOCUMENT_FILE));
    for (size_t i = 0; i < report->signature_count && sealed_sound(report); i++)
        if (sealed_holds(&report->signatures[i])) json_array_append_new(list, digest_json(report->signatures[i].sha256, DOCUMENT_OFD_SIGNATURE));
    return list;
}

static bool is_same(const struct shown_seal *a, const struct shown_seal *b) {
    if (!bytes_equal(a->id, b->id) || memcmp(a->digest32, b->digest32, 32) != 0 || !a->certificate32 != !b->certificate32) return false;
    return !a->certificate32 || memcmp(a->certificate32, b->certificate32, 32) == 0;
}

uint32_t sealed_shown(struct shown_seal out[VERDICT_SEALS_MAX], const struct report *report) {
    uint32_t count = 0;
    for (size_t i = 0; i < report->signature_count && count < VERDICT_SEALS_MAX; i++) {
        const struct report_signature *signature = &report->signatures[i];
        bool known = !signature->has_seal;
        out[count] = (struct shown_seal){bytes_text(signature->seal_id), signature->seal_sha256, signature->has_signer ? signature->signer.sha256 : NULL};
        for (uint32_t k = 0; k < count && !known; k++) known = is_same(&out[k], &out[count]);
        count += !known;
    }
    return count;
}

json_t *sealed_seals(const struct report *report) {
    struct shown_seal seals[VERDICT_SEALS_MAX];
    const uint32_t count = sealed_shown(seals, report);
    json_t *list = json_array();
    for (uint32_t i = 0; i < count; i++) {
        char id[SES_ID_MAX + 1], hex[65];
        (void)snprintf(id, sizeof id, "%.*s", (int)seals[i].id.len, (const char *)seals[i].id.data);
        hex_encode(hex, seals[i].digest32, 32);
        json_t *seal = json_pack("{s:o, s:s}", "id", cli_json_text(id), "digest", hex);
        if (seals[i].certificate32) {
            hex_encode(hex, seals[i].certificate32, 32);
            json_object_set_new(seal, "certificate", json_string(hex));
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
