#include "tools/client/proof_view.h"

#include <stdarg.h>

/* after jansson.h: see there */
#include "ledger/rules/verdict_json.h"

#define CLOCK_SLACK_MS 300000 /* a note dated this far ahead of our clock says that our clock is wrong, or the node's */
#define JSON_CAP 65536u /* eight seals with long names fit */

__attribute__((format(printf, 3, 4))) static int because(struct proof_view *view, int exit_code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(view->why, sizeof view->why, format, arguments);
    va_end(arguments);
    return exit_code;
}

static int refused(struct proof_view *view, const char *what, const struct refusal *refusal) {
    if (refusal->code == CODE_OTHER_LEDGER)
        return because(view, EXIT_INTEGRITY, "it was made by another ledger than the one you trust: check which genesis document goes with --trust");
    return because(view, EXIT_INTEGRITY, "%s%s%s: %s", what, refusal->field ? ": " : "", refusal->field ? refusal->field : "", code_en(refusal->code));
}

bool proof_view_anchor(struct proof_view *view, const struct proof_anchor *anchor) {
    const struct refusal refusal = genesis_decode(&view->genesis, anchor->genesis);
    view->pin_is_wrong = false;
    if (refusal.code != CODE_OK)
        return because(view, 0, "%s %s: is no genesis document, or a damaged one (%s): name the genesis.cbor of the ledger", anchor->genesis_by, anchor->genesis_name, code_name(refusal.code)), false;
    genesis_finality(&view->finality, &view->genesis);
    struct header header;
    if (!anchor->pin.data) return true;
    view->pin_is_wrong = true;
    if (header_decode(&header, anchor->pin).code != CODE_OK)
        return because(view, 0, "--pin %s: is no block header, so it would hold nothing back: name the file with the header that you keep", anchor->pin_name), false;
    if (memcmp(header.genesis, view->genesis.hash, 32) != 0)
        return because(view, 0, "--pin %s: is a header of another ledger than the one of --trust", anchor->pin_name), false;
    view->pin_is_wrong = false;
    return true;
}

int proof_view_open(struct proof_view *view, const struct proof_anchor *anchor, struct bytes proof) {
    struct proof_trust trust = {.finality = &view->finality, .pinned_header = anchor->pin};
    memcpy(trust.genesis, view->genesis.hash, 32);
    memset(&view->proof, 0, sizeof view->proof);
    memset(&view->verdict, 0, sizeof view->verdict);
    view->identifier[0] = '\0';
    view->note = NULL;
    struct refusal refusal = proof_decode(&view->proof, proof);
    if (refusal.code != CODE_OK) return refused(view, "it cannot be read", &refusal);
    refusal = proof_check(&view->checked, &view->proof, &trust);
    return refusal.code == CODE_OK ? EXIT_VALID : refused(view, "it does not check", &refusal);
}

struct object_source proof_view_source(struct proof_view *view) { return proof_source_over(&view->source, &view->proof, view->genesis.hash); }

int64_t proof_view_at(const struct proof_view *view, int64_t now_ms) { return now_ms > view->checked.note_time_ms ? now_ms : view->checked.note_time_ms; }

int proof_view_elements(struct proof_view *view) {
    struct field field;
    view->disclosed = json_pack("{}");
    for (uint32_t i = 0; i < view->proof.opening_count && view->verdict.has_licence; i++) {
        struct refusal refusal = opening_check(&field, view->proof.openings[i], view->verdict.licence.fields_root);
        if (refusal.code != CODE_OK) return refused(view, "an element that it discloses is not the licence's", &refusal);
        char code[ELEMENT_CODE_MAX + 1];
        (void)snprintf(code, sizeof code, "%.*s", (int)field.code.len, (const char *)field.code.data);
        if (strcmp(code, ELEMENT_IDENTIFIER) != 0)
            json_object_set_new(view->disclosed, code, json_stringn((const char *)field.value.data, field.value.len));
        else if (field.value.len <= IDENTIFIER_MAX)
            (void)snprintf(view->identifier, sizeof view->identifier, "%.*s", (int)field.value.len, (const char *)field.value.data);
    }
    return EXIT_VALID;
}

int proof_view_fresh(struct proof_view *view, int64_t max_age_ms, int64_t now_ms) {
    struct policy policy;
    if (verdict_exit(view->verdict.word) != EXIT_VALID) return EXIT_VALID;
    genesis_policy(&policy, &view->genesis);
    const int64_t most = max_age_ms >= 0 ? max_age_ms : (int64_t)policy.stale_after_s * 1000, age = now_ms - view->checked.note_time_ms;
    if (age < -CLOCK_SLACK_MS)
        return because(view, EXIT_STALE, "the proof is dated %lld s ahead of this machine's clock, so its age cannot be told: set the clock", (long long)(-age / 1000));
    if (age <= most) return EXIT_VALID;
    return because(view, EXIT_STALE, "valid when it was made, but the proof is %lld s old and more than %lld s are not accepted: fetch a new one with `licet proof`, or ask a node",
                   (long long)(age / 1000), (long long)(most / 1000));
}

json_t *proof_view_json(const struct proof_view *view, int64_t now_ms) {
    struct verdict_frame frame = {.chain = view->checked.header.chain_id, .height = view->checked.header.n, .time_ms = view->checked.note_time_ms,
                                  .now_ms = now_ms, .detail = true, .note = view->note};
    if (view->identifier[0]) frame.identifier = bytes_text(view->identifier);
    char *text = malloc(JSON_CAP);
    struct emit out = emit_write(text, text ? JSON_CAP : 0);
    json_t *json = verdict_json(&out, &view->verdict, &frame) ? json_loadb(text, out.len, 0, NULL) : NULL;
    free(text);
    if (json && json_object_size(view->disclosed) > 0) json_object_set(json, "disclosed", view->disclosed);
    return json;
}
