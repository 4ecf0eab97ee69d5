#include "tools/verify_file.h"

#include "tools/verify.h"

int shown_ask(struct shown *out, const char *path, const struct trust *trust, json_t *queries, const json_t *base) {
    *out = (struct shown){.path = path, .first = json_array_size(queries)};
    int done = sealed_look(&out->report, path, trust, time_now_ms());
    if (done != EXIT_VALID) return done;
    json_t *documents = sealed_documents(&out->report), *seals = sealed_seals(&out->report);
    for (size_t i = 0; i < json_array_size(documents); i++) {
        json_t *query = json_copy((json_t *)(uintptr_t)base);
        json_object_set(query, "document", json_array_get(documents, i));
        if (seals) json_object_set(query, "seals", seals);
        json_array_append_new(queries, query);
    }
    out->count = json_array_size(documents);
    json_decref(documents);
    json_decref(seals);
    return EXIT_VALID;
}

void shown_free(struct shown *shown) {
    if (shown->path) report_free(&shown->report);
}

static bool is_unknown(const json_t *verdict) {
    const char *word = json_string_value(json_object_get(verdict, "verdict"));
    return word && strcmp(word, "unknown") == 0;
}

static bool is_signed(const struct shown *shown) { return shown->path && shown->report.format != FORMAT_OTHER; }

/* A failure anywhere is a failure; what the ledger could not check does not undo what the document showed, and the other way round. */
static void join_seal(json_t *verdict, const struct report *report) {
    json_t *seal = json_object_get(verdict, "seal");
    const char *ledger = json_string_value(json_object_get(seal, "result"));
    if (!json_is_object(seal)) {
        seal = json_pack("{s:s, s:[]}", "result", "not_checked", "steps");
        json_object_set_new(verdict, "seal", seal);
    }
    const bool failed = report_outcome(report) != STEPS_PASSED || (ledger && strcmp(ledger, "failed") == 0);
    const bool passed = !report_not_checked(report) && ledger && strcmp(ledger, "passed") == 0;
    json_object_set_new(seal, "result", json_string(failed ? "failed" : passed ? "passed" : "not_checked"));
}

json_t *shown_verdict(const struct shown *shown, const json_t *verdicts) {
    const json_t *found = json_array_get(verdicts, shown->first);
    for (size_t i = 0; i < shown->count; i++) {
        const json_t *one = json_array_get(verdicts, shown->first + i);
        if (is_unknown(one)) continue;
        found = one;
        break;
    }
    json_t *verdict = json_deep_copy(found);
    if (!verdict || !is_signed(shown)) return verdict;
    json_t *report = report_json(&shown->report);
    json_object_set(verdict, "signatures", json_object_get(report, "signatures"));
    json_object_set(verdict, "document_steps", json_object_get(report, "steps"));
    json_decref(report);
    if (shown->report.signature_count > 0) join_seal(verdict, &shown->report);
    return verdict;
}

int shown_exit(const struct shown *shown, const json_t *verdict) {
    const int exit_code = verdict_word_exit(verdict);
    return is_signed(shown) ? sealed_exit(&shown->report, exit_code) : exit_code;
}

void shown_print(const struct shown *shown, const json_t *verdict, bool explain) {
    verdict_print(verdict, shown->path != NULL);
    if (is_signed(shown)) report_print(&shown->report, explain, cli_chinese());
}
