#include "tools/sealed/registration.h"

#include "ledger/wire/tags.h"
#include "tools/sealed/sealed.h"

static bool step_failed(const struct step *step) { return step->result == STEP_FAILED; }

/* The first step of this sort, the document's own before those of its signatures. */
static const struct step *step_with(const struct report *report, bool (*sort)(const struct step *step)) {
    for (uint32_t k = 0; k < report->steps.count; k++)
        if (sort(&report->steps.steps[k])) return &report->steps.steps[k];
    for (size_t i = 0; i < report->signature_count; i++)
        for (uint32_t k = 0; k < report->signatures[i].steps.count; k++)
            if (sort(&report->signatures[i].steps.steps[k])) return &report->signatures[i].steps.steps[k];
    return NULL;
}

enum registrable registration_of(const struct report *report, const struct step **why) {
    *why = NULL;
    if (report->format == FORMAT_OTHER) return REGISTRABLE_PLAIN;
    if ((*why = step_with(report, step_failed)) != NULL) return REGISTRABLE_NOT;
    if (report->signature_count == 0) return REGISTRABLE_UNSIGNED;
    *why = step_with(report, step_left_open);
    return *why ? REGISTRABLE_OPEN : REGISTRABLE_PASSED;
}

static bool registration_add_key(struct registration *out, const uint8_t genesis[32], const uint8_t digest[32], enum document_kind kind) {
    if (out->count == DOCUMENTS_MAX) return false;
    document_key(out->keys[out->count], genesis, DIGEST_SHA256, digest);
    out->kinds[out->count++] = kind;
    return true;
}

static void registration_take_seal(struct registration *out, const struct report *report, const char *wanted) {
    for (size_t i = 0; i < report->signature_count; i++) {
        const struct report_signature *signature = &report->signatures[i];
        if (!signature->has_seal || (wanted && strcmp(wanted, signature->seal_id) != 0)) continue;
        if (out->seal_id[0]) {
            out->several_seals |= !wanted && strcmp(out->seal_id, signature->seal_id) != 0;
            continue;
        }
        (void)snprintf(out->seal_id, sizeof out->seal_id, "%s", signature->seal_id);
        memcpy(out->seal_digest, signature->seal_sha256, 32);
    }
}

bool registration_add(struct registration *out, const struct report *report, const uint8_t genesis[32], const char *wanted) {
    bool ok = registration_add_key(out, genesis, report->sha256, report->format == FORMAT_PDF ? DOCUMENT_PDF : DOCUMENT_FILE);
    for (size_t i = 0; i < report->signature_count && ok; i++)
        if (sealed_holds(&report->signatures[i])) ok = registration_add_key(out, genesis, report->signatures[i].sha256, DOCUMENT_OFD_SIGNATURE);
    if (ok) registration_take_seal(out, report, wanted);
    return ok;
}

void registration_documents(struct issue_item *item, const struct registration *registration) {
    for (uint32_t i = 0; i < registration->count; i++) item->documents[i] = (struct document_ref){registration->kinds[i], registration->keys[i]};
    item->document_count = registration->count;
}

void registration_seal(struct issue_item *item, const struct registration *registration) {
    item->seal_id = bytes_text(registration->seal_id);
    item->seal_digest = registration->seal_digest;
}
