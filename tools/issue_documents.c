/* Issue, documents: each --doc looked at before it is registered. Contract in issue.h. */
#include "tools/document_options.h"
#include "tools/issue.h"
#include "tools/seal_id.h"
#include "tools/sealed.h"

/* One key for the document record; the same document given twice is refused by the ledger. */
static int add_key(struct issue *issue, const uint8_t genesis[32], const uint8_t digest[32], enum document_kind kind) {
    const uint32_t at = issue->item.document_count;
    if (at == DOCUMENTS_MAX) return cli_fail(EXIT_USAGE, "--doc: one licence may have %u documents, the signatures inside of OFD files among them", DOCUMENTS_MAX);
    document_key(issue->document_keys[at], genesis, DIGEST_SHA256, digest);
    issue->item.documents[at] = (struct document_ref){kind, issue->document_keys[at]};
    issue->item.document_count++;
    return EXIT_VALID;
}

static bool step_failed(const struct step *step) { return step->result == STEP_FAILED; }

/* The first step of this sort, for the message. */
static const struct step *step_with(const struct report *report, bool (*sort)(const struct step *step)) {
    for (uint32_t k = 0; k < report->steps.count; k++)
        if (sort(&report->steps.steps[k])) return &report->steps.steps[k];
    for (size_t i = 0; i < report->signature_count; i++)
        for (uint32_t k = 0; k < report->signatures[i].steps.count; k++)
            if (sort(&report->signatures[i].steps.steps[k])) return &report->signatures[i].steps.steps[k];
    return NULL;
}

/* A file on which a step failed is not issued; one that could not be looked at in full is, with a word. */
static int judge(const char *path, const struct report *report) {
    const struct step *failed = step_with(report, step_failed), *open = step_with(report, step_left_open);
    if (report->format == FORMAT_OTHER) return EXIT_VALID;
    if (report->signature_count == 0 && !failed) {
        (void)cli_fail(0, "warning: %s has no signature; it is registered as a plain file", path);
        return EXIT_VALID;
    }
    if (failed)
        return cli_fail(EXIT_MISMATCH, "%s is not issued: %s: %s / %s%s%s. `licet ofd --explain` shows every step", path, step_name(failed->id),
                        reason_en(failed->reason), reason_zh(failed->reason), failed->detail[0] ? ": " : "", failed->detail);
    if (open)
        (void)cli_fail(0, "warning: %s: not everything could be checked: %s: %s", path, step_name(open->id), reason_en(open->reason));
    return EXIT_VALID;
}

/* A licence names one seal: the one asked for by --seal, else the first found. */
static void take_seal(struct issue *issue, const struct report *report, const char *wanted) {
    for (size_t i = 0; i < report->signature_count; i++) {
        const struct report_signature *signature = &report->signatures[i];
        if (!signature->has_seal || (wanted && strcmp(wanted, signature->seal_id) != 0)) continue;
        if (issue->seal_id[0]) {
            issue->several_seals |= !wanted && strcmp(issue->seal_id, signature->seal_id) != 0;
            continue;
        }
        (void)snprintf(issue->seal_id, sizeof issue->seal_id, "%s", signature->seal_id);
        memcpy(issue->seal_digest, signature->seal_sha256, 32);
    }
}

static int add_document(struct issue *issue, const char *path, const struct report *report, const uint8_t genesis[32], const char *seal) {
    int done = judge(path, report);
    if (done == EXIT_VALID) done = add_key(issue, genesis, report->sha256, report->format == FORMAT_PDF ? DOCUMENT_PDF : DOCUMENT_FILE);
    for (size_t i = 0; i < report->signature_count && done == EXIT_VALID; i++)
        if (sealed_holds(&report->signatures[i])) done = add_key(issue, genesis, report->signatures[i].sha256, DOCUMENT_OFD_SIGNATURE);
    if (done == EXIT_VALID) take_seal(issue, report, seal);
    return done;
}

int issue_documents(struct issue *issue, const struct options *options, const uint8_t genesis[32]) {
    const char *seal = option_get(options, "seal");
    struct check_options check;
    struct trust *trust;
    int done = document_options(&check, &trust, options);
    for (size_t i = 0; i < options->count && done == EXIT_VALID; i++) {
        struct report report;
        if (strcmp(options->given[i].name, "doc") != 0) continue;
        done = sealed_look(&report, options->given[i].value, &check);
        if (done == EXIT_VALID) done = add_document(issue, options->given[i].value, &report, genesis, seal);
        report_free(&report);
    }
    trust_free(trust);
    if (done == EXIT_VALID && seal && strcmp(seal, issue->seal_id) != 0) return cli_fail(EXIT_USAGE, "--seal %s: none of the documents bears this seal", seal);
    return done;
}

/* A seal that this ledger has never seen cannot be named; whether that is right, whoever issues must know. */
int issue_seal(struct issue *issue, const struct cli *cli) {
    char path[SEAL_PATH_MAX];
    struct http_answer answer;
    struct refusal refusal;
    if (!issue->seal_id[0]) return EXIT_VALID;
    ASSERT(seal_path(path, issue->seal_id, ""));
    if (!http_call(&answer, cli, "GET", path, NULL, "application/json", bytes_of(NULL, 0))) return EXIT_ERROR;
    int done = EXIT_VALID;
    if (answer.status == 200) {
        issue->item.seal_id = bytes_text(issue->seal_id);
        issue->item.seal_digest = issue->seal_digest;
    } else if (problem_read(&refusal, &answer) && refusal.code == CODE_SEAL_UNKNOWN && issue->several_seals) { /* their order is anybody's to change */
        done = cli_fail(EXIT_USAGE, "the documents bear several seals, and the first, %s, is not registered on this ledger: say with --seal which is the licence's own", issue->seal_id);
    } else if (problem_read(&refusal, &answer) && refusal.code == CODE_SEAL_UNKNOWN) {
        (void)cli_fail(0, "warning: the seal %s is not registered on this ledger, so the licence names none; `licet seal add` registers it", issue->seal_id);
    } else {
        done = http_failed(cli, &answer);
    }
    http_answer_free(&answer);
    return done;
}
