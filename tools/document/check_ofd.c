#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <unistd.h>

#include "tools/document/ofd.h"
#include "tools/document/report.h"

static const struct bytes NOTHING = {NULL, 0};

/* Each file is hashed once, however often it is named: 20,000 references to one of 500 MB are soon written. */
struct known { bool have[2]; uint8_t digest[2][32]; };
struct work {
    struct package *package;
    struct ofd ofd;
    struct known *known; /* by the file's place in the package */
    const struct check_options *options;
};

/* ---- references and coverage ---- */

static void check_ofd_fail(struct step_list *steps, enum step_id id, enum step_reason reason, const char *detail) {
    step_add(steps, id, STEP_FAILED, reason, detail ? bytes_text(detail) : NOTHING);
}

/* NULL with the reason. */
static const uint8_t *check_ofd_digest_of(struct work *work, const char *file, enum hash_alg alg, enum step_reason *reason) {
    size_t at = file ? package_index(work->package, file) : SIZE_MAX, which = alg == HASH_SM3;
    *reason = REASON_FILE_MISSING;
    if (at == SIZE_MAX) return NULL;
    struct known *known = &work->known[at];
    if (!known->have[which]) known->have[which] = package_digest(work->package, file, alg, known->digest[which], reason);
    return known->have[which] ? known->digest[which] : NULL;
}

static void check_references(struct step_list *steps, struct work *work, const struct ofd_signature *signature) {
    int alg = signature->check_method ? digest_by_name(signature->check_method) : 0; /* left out it would be MD5 (GB/T 33190 table 67) */
    if (alg == 0) {
        check_ofd_fail(steps, STEP_REFERENCES, REASON_DIGEST_UNKNOWN, signature->check_method ? signature->check_method : "MD5");
        return;
    }
    if (signature->reference_count == 0) {
        check_ofd_fail(steps, STEP_REFERENCES, REASON_OFD_SHAPE, signature->path);
        return;
    }
    for (size_t i = 0; i < signature->reference_count; i++) {
        const struct ofd_reference *reference = &signature->references[i];
        enum step_reason reason;
        const uint8_t *digest = check_ofd_digest_of(work, reference->file, (enum hash_alg)alg, &reason);
        if (digest && bytes_equal(bytes_of(digest, 32), bytes_of(reference->check, reference->check_len))) continue;
        check_ofd_fail(steps, STEP_REFERENCES, digest ? REASON_FILE_CHANGED : reason, reference->written);
        return;
    }
    step_pass(steps, STEP_REFERENCES);
}

/* The same with what the file is, and how many others are like it. */
static void fail_part(struct step_list *steps, enum step_id id, enum step_reason reason, const char *file, enum step_part part, uint32_t more) {
    check_ofd_fail(steps, id, reason, file);
    steps->steps[steps->count - 1].part = part;
    steps->steps[steps->count - 1].more = more;
}

static bool is_root(const char *file) { return strcasecmp(file, "OFD.xml") == 0; }

/* Rules: report.h. */
static void check_coverage(struct step_list *steps, const struct work *work, const struct ofd_signature *signature) {
    const struct package *package = work->package;
    const struct ofd *ofd = &work->ofd;
    bool *covered = calloc(package_count(package) + 1, sizeof *covered);
    size_t open = SIZE_MAX, more = 0;
    bool root_open = false;
    for (size_t i = 0; i < signature->reference_count && covered; i++) {
        size_t at = signature->references[i].file ? package_index(package, signature->references[i].file) : SIZE_MAX;
        if (at != SIZE_MAX) covered[at] = true;
    }
    for (size_t i = 0; i < ofd->shown_count && covered; i++) {
        size_t at = package_index(package, ofd->shown[i]);
        if (at == SIZE_MAX || covered[at]) continue;
        if (is_root(ofd->shown[i])) root_open = true;
        else if (open == SIZE_MAX) open = i;
        else more++;
    }
    if (!covered) check_ofd_fail(steps, STEP_COVERAGE, REASON_FILE_UNSIGNED, "");
    else if (open != SIZE_MAX) fail_part(steps, STEP_COVERAGE, REASON_FILE_UNSIGNED, ofd->shown[open], ofd->shown_parts[open], (uint32_t)more);
    else step_add(steps, STEP_COVERAGE, STEP_PASSED, REASON_NONE, root_open ? bytes_text("but OFD.xml") : NOTHING);
    free(covered);
}

/* ---- the value ---- */

static bool read_part(struct bytes *out, struct package *package, const char *name, size_t max, enum step_reason *reason) {
    size_t len = 0;
    uint8_t *data = package_read(package, name, max, &len, reason);
    *out = bytes_of(data, len);
    return data != NULL;
}

static void check_ofd_check_value(struct report_signature *out, struct work *work, const struct ofd_signature *signature) {
    struct package *package = work->package;
    struct value_input input = {.seal_file_given = signature->seal_path != NULL};
    struct checked_value *value = calloc(1, sizeof *value);
    enum step_reason reason = REASON_NONE;
    const char *part = signature->value_path;
    bool good = value && read_part(&input.value, package, part, SES_SIGNATURE_MAX, &reason);
    if (good && signature->seal_path) good = read_part(&input.seal_file, package, part = signature->seal_path, SES_SEAL_MAX, &reason);
    if (good) good = read_part(&input.data, package, part = signature->path, OFD_SIGNATURE_XML_MAX, &reason);
    if (good) {
        sm3(input.sm3, input.data.data, input.data.len);
        sha256(input.sha256, input.data.data, input.data.len);
        input.data_given = out->has_digest = true;
        memcpy(out->sm3, input.sm3, sizeof out->sm3);
        memcpy(out->sha256, input.sha256, sizeof out->sha256);
        value_check(&out->steps, value, &input, work->options);
        signature_take_value(out, value);
    } else {
        check_ofd_fail(&out->steps, part == signature->seal_path ? STEP_SEAL_FILE : STEP_SIGNATURE_FORMAT, reason == REASON_NONE ? REASON_NOT_ZIP : reason, part);
        step_skip(&out->steps, STEP_SIGNATURE_VALUE, REASON_EARLIER_FAILED);
    }
    free((void *)(uintptr_t)input.value.data);
    free((void *)(uintptr_t)input.seal_file.data);
    free((void *)(uintptr_t)input.data.data);
    free(value);
}

static void check_ofd_check_signature(struct report_signature *out, struct work *work, const struct ofd_signature *signature) {
    (void)snprintf(out->id, sizeof out->id, "%s", signature->id ? signature->id : "");
    (void)snprintf(out->kind, sizeof out->kind, "unknown");
    out->signed_ms = out->timestamp_ms = TIME_UNKNOWN;
    if (signature->reason != REASON_NONE) {
        check_ofd_fail(&out->steps, STEP_SIGNATURE_FORMAT, signature->reason, signature->detail);
        return;
    }
    check_references(&out->steps, work, signature);
    check_coverage(&out->steps, work, signature);
    check_ofd_check_value(out, work, signature);
}

/* ---- one signature for another ---- */

/* By its bytes, which are among what it signed and are right. */
static bool references(const struct ofd_signature *later, const struct ofd_signature *earlier) {
    for (size_t i = 0; i < later->reference_count; i++)
        if (later->references[i].file && strcmp(later->references[i].file, earlier->path) == 0) return true;
    return false;
}

/* Coverage is a property of the document (report.h). Which signature was later needs no clock: each has a digest of the earlier in what it signed. */
static void check_ofd_settle_coverage(struct report *out, const struct ofd *ofd) {
    for (size_t i = 0; i < out->signature_count; i++) {
        struct report_signature *earlier = &out->signatures[i];
        const struct step *coverage = step_find(&earlier->steps, STEP_COVERAGE);
        if (!coverage || coverage->result != STEP_FAILED) continue;
        for (size_t k = 0; k < out->signature_count && !earlier->partial; k++) {
            const struct report_signature *later = &out->signatures[k];
            if (k == i || later->partial || !references(&ofd->signatures[k], &ofd->signatures[i]) || !signature_answers(later, earlier)) continue;
            earlier->partial = true;
            (void)snprintf(earlier->covered_by, sizeof earlier->covered_by, "%s", later->id);
            step_settle(&earlier->steps, STEP_COVERAGE, STEP_PASSED, REASON_COVERED_LATER);
        }
    }
}

/* ---- the file ---- */

static bool check_package(struct report *out, struct package *package, const struct check_options *options) {
    struct work work = {.package = package, .options = options};
    enum step_reason reason;
    char detail[STEP_DETAIL_MAX];
    const char *other = package_other_format(package);
    if (other) { /* what is checked must be what is shown, whichever program opens it */
        check_ofd_fail(&out->steps, STEP_PACKAGE, REASON_ZIP_ENTRY, other);
        return true;
    }
    if (!ofd_read(&work.ofd, package, &reason, detail)) {
        check_ofd_fail(&out->steps, STEP_PACKAGE, reason, detail);
        return true;
    }
    step_pass(&out->steps, STEP_PACKAGE);
    if (work.ofd.signature_count == 0) step_skip(&out->steps, STEP_SIGNATURE_FORMAT, REASON_NOT_SIGNED);
    work.known = calloc(package_count(package) + 1, sizeof *work.known);
    out->signatures = calloc(work.ofd.signature_count + 1, sizeof *out->signatures);
    bool good = work.known && out->signatures;
    for (size_t i = 0; i < work.ofd.signature_count && good; i++) check_ofd_check_signature(&out->signatures[out->signature_count++], &work, &work.ofd.signatures[i]);
    if (good) check_ofd_settle_coverage(out, &work.ofd);
    free(work.known);
    ofd_free(&work.ofd);
    return good;
}

/* Takes the package over; NULL: it was refused. */
static bool check_opened(struct report *out, struct package *package, enum step_reason reason, const char *detail, const struct check_options *options) {
    if (!package) {
        check_ofd_fail(&out->steps, STEP_PACKAGE, reason, detail);
        return true;
    }
    bool good = check_package(out, package, options);
    package_close(package);
    if (!good) report_free(out);
    return good;
}

bool check_ofd_bytes(struct report *out, struct bytes file, const struct check_options *options) {
    enum step_reason reason;
    char detail[STEP_DETAIL_MAX];
    *out = (struct report){.format = FORMAT_OFD, .size = file.len};
    sha256(out->sha256, file.data, file.len);
    sm3(out->sm3, file.data, file.len);
    struct package *package = package_open_bytes(file, &reason, detail);
    return check_opened(out, package, reason, detail, options);
}

bool check_ofd(struct report *out, const char *path, const struct check_options *options) {
    enum step_reason reason;
    char detail[STEP_DETAIL_MAX];
    struct stat before;
    int fd = document_open(out, path, &before);
    if (fd < 0) return false;
    out->format = FORMAT_OFD;
    struct package *package = package_open_fd(fd, &reason, detail);
    bool good = check_opened(out, package, reason, detail, options);
    return document_close(fd, &before, good ? out : NULL);
}
