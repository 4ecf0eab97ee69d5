#include "tools/verify/verify_file.h"

#include "ledger/base/limits.h"
#include "tools/cli/moment.h"
#include "tools/client/anchor_verdict.h"
#include "tools/client/answer.h"
#include "tools/client/verdict_answer.h"
#include "tools/verify/verdict_print.h"

int shown_ask(struct shown *out, const char *path, const struct check_options *check, json_t *queries, const json_t *base) {
    *out = (struct shown){.path = path, .first = json_array_size(queries)};
    int done = sealed_look(&out->report, path, check);
    if (done != EXIT_VALID) return done;
    json_t *documents = sealed_documents(&out->report), *seals = sealed_seals(&out->report);
    for (size_t i = 0; i < json_array_size(documents); i++) {
        json_t *query = json_copy((json_t *)(uintptr_t)base);
        json_object_set(query, "document", json_array_get(documents, i));
        /* The registered file itself may be one without a seal; what a signature signed resolves only under the licence's own. */
        if (i > 0 || json_array_size(seals) > 0) json_object_set(query, "seals", seals);
        json_array_append_new(queries, query);
    }
    out->count = json_array_size(documents);
    json_decref(documents);
    json_decref(seals);
    return EXIT_VALID;
}

/* Verdicts and seals are about a kilobyte each, and an answer has room for four thousand; a proof may have hundreds. */
#define PROOFS_A_CALL 4u

static size_t some_of(json_t *some, const json_t *queries, size_t at, bool proofs) {
    const size_t most = proofs ? PROOFS_A_CALL : QUERIES_MAX;
    for (size_t told = 0; at < json_array_size(queries) && told < QUERIES_MAX && json_array_size(some) < most; at++) {
        json_t *query = json_array_get(queries, at);
        told += 1 + json_array_size(json_object_get(query, "seals"));
        json_array_append(some, query);
    }
    return json_array_size(some);
}

static void add_unasked(json_t *verdicts, size_t count) {
    while (json_array_size(verdicts) < count) {
        json_t *verdict = verdict_incomplete("no node could be asked; what was found in the file itself stands");
        json_object_set_new(verdict, "trust", json_string("none"));
        json_array_append_new(verdicts, verdict);
    }
}

int queries_ask(json_t *verdicts, const struct cli *cli, struct anchor *anchor, const json_t *queries) {
    struct cli patient = *cli;
    const size_t count = json_array_size(queries);
    int done = anchor_allows(anchor, cli);
    patient.patience_s = ASK_PATIENCE_S;
    for (size_t at = 0, asked; at < count && done == EXIT_VALID; at += asked) {
        json_t *some = json_array();
        asked = some_of(some, queries, at, anchor_is(anchor));
        json_t *body = json_pack("{s:o, s:b}", "queries", some, "proof", (int)anchor_is(anchor));
        json_t *answer = http_json(&patient, "POST", "/v1/verify", body, &done);
        const json_t *list = json_object_get(answer, "verdicts");
        for (size_t i = 0; answer && i < asked; i++)
            json_array_append_new(verdicts, anchor_verdict(anchor, cli, json_array_get(queries, at + i), json_array_get(list, i)));
        json_decref(answer);
    }
    add_unasked(verdicts, count);
    return done;
}

/* ---- what the ledger's time changes ---- */

static bool revoked_by_claim(const struct report *report) {
    for (size_t i = 0; i < report->signature_count; i++)
        for (uint32_t k = 0; k < report->signatures[i].steps.count; k++)
            if (report->signatures[i].steps.steps[k].result == STEP_FAILED && report->signatures[i].steps.steps[k].reason == REASON_REVOKED) return true;
    return false;
}

/* When the licence was entered: the time of its first link. */
static int64_t entered_ms(const struct cli *cli, const json_t *verdict, int *exit_code) {
    const char *key = json_string_value(json_object_get(json_object_get(verdict, "licence"), "key")), *text;
    char path[128];
    int64_t ms = TIME_UNKNOWN;
    if (!key || strlen(key) != 64) return ms;
    (void)snprintf(path, sizeof path, "/v1/licences/%s/history?limit=1", key);
    json_t *history = http_json(cli, "GET", path, NULL, exit_code);
    text = json_string_value(json_object_get(json_array_get(json_object_get(history, "history"), 0), "time"));
    if (!text || !moment_parse(&ms, text)) ms = TIME_UNKNOWN;
    json_decref(history);
    return ms;
}

int shown_known(struct shown *shown, const struct cli *cli, const struct anchor *anchor, const struct check_options *check, const json_t *verdicts) {
    const json_t *verdict = json_array_get(verdicts, shown->first);
    const char *match = json_string_value(json_object_get(verdict, "document"));
    int done = EXIT_VALID;
    if (anchor_is(anchor) && !http_is_loopback(cli->node)) return EXIT_VALID;
    if (!shown->path || !match || strcmp(match, "match") != 0 || !revoked_by_claim(&shown->report)) return EXIT_VALID;
    struct check_options known = *check;
    known.known_ms = entered_ms(cli, verdict, &done);
    if (done != EXIT_VALID || known.known_ms == TIME_UNKNOWN) return done;
    uint8_t before[32];
    memcpy(before, shown->report.sha256, 32);
    report_free(&shown->report);
    done = sealed_look(&shown->report, shown->path, &known);
    if (done == EXIT_VALID && memcmp(before, shown->report.sha256, 32) != 0) return cli_fail(EXIT_ERROR, SAY("%s was changed while it was looked at: try again",
                                                                                                             "%s 在检查期间被改动：请重试"), shown->path);
    return done;
}

void shown_free(struct shown *shown) {
    if (shown->path) report_free(&shown->report);
    json_decref(shown->error);
}

static bool is_unknown(const json_t *verdict) {
    const char *word = json_string_value(json_object_get(verdict, "verdict"));
    return word && strcmp(word, "unknown") == 0;
}

static bool verify_file_is_signed(const struct shown *shown) { return shown->path && shown->report.format != FORMAT_OTHER; }

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

static void set_word(json_t *verdict, enum verdict_word word, const char *note) {
    json_object_set_new(verdict, "verdict", json_string(verdict_word_text(word)));
    json_object_set_new(verdict, "code", json_integer(verdict_code(word)));
    json_object_set_new(verdict, "note", json_string(note));
}

/* The word is of all layers together, the worst finding first, so that it says what the exit code does (sealed_exit): a changed sealed file is a mismatch, and not
 * `unknown` because no ledger knows its new bytes. What the ledger alone says stands in `status`. */
static void join_word(json_t *verdict, const struct report *report) {
    const int said = verdict_word_exit(verdict), joined = sealed_exit(report, said);
    const bool hides = joined == EXIT_MISMATCH && verdict_word_of(verdict) == VERDICT_INCOMPLETE && sealed_exit(report, EXIT_VALID) == EXIT_MISMATCH;
    if (joined == said && !hides) return;
    if (joined == EXIT_LAPSED) set_word(verdict, VERDICT_LAPSED, "a signature or seal was used outside of its time: see its steps");
    else if (report->signature_count > 0) set_word(verdict, VERDICT_MISMATCH, "the document was changed, or a signature or seal in it does not hold: see its steps");
    else set_word(verdict, VERDICT_MISMATCH, "the document cannot be read as what it says it is, and no ledger knows it: it was damaged or changed");
}

static const char *licence_key(const json_t *verdict) {
    const char *key = json_string_value(json_object_get(json_object_get(verdict, "licence"), "key"));
    return key ? key : "";
}

/* Did the issuer register what this signature signed for this licence? `place` is that of its query: the file's own comes first. */
static bool is_registered(const struct shown *shown, const json_t *verdicts, size_t place, const char *key) {
    const json_t *verdict = place < shown->count ? json_array_get(verdicts, shown->first + place) : NULL;
    return key[0] != '\0' && json_is_string(json_object_get(verdict, "document")) && strcmp(licence_key(verdict), key) == 0;
}

/* A stamp's picture lies over the page: on a copy, whoever stamped it decides what is seen. A stamp that the issuer did not register has to lead to a trust
 * anchor; where nobody can say who set it, neither can the verdict. */
static void join_stamps(json_t *verdict, const struct shown *shown, const json_t *verdicts) {
    const struct report *report = &shown->report;
    const char *match = json_string_value(json_object_get(verdict, "document"));
    bool told = true;
    size_t place = 0;
    if (!match || strcmp(match, "copy") != 0 || verdict_word_exit(verdict) != EXIT_VALID) return;
    for (size_t i = 0; i < report->signature_count && told; i++) {
        const struct step *chain = step_find(&report->signatures[i].steps, STEP_SIGNER_CHAIN);
        const bool holds = sealed_holds(&report->signatures[i]);
        place += holds;
        told = (chain && chain->result == STEP_PASSED) || (holds && is_registered(shown, verdicts, place, licence_key(verdict)));
    }
    if (told) return;
    bool unproved = false;
    for (size_t i = 0; i < shown->count; i++) unproved = unproved || json_is_true(json_object_get(json_array_get(verdicts, shown->first + i), "unproved"));
    set_word(verdict, VERDICT_INCOMPLETE, unproved ? "the proof does not say of every signature in this copy whether it is a registered one: ask for the licence's own proof with `licet proof ID`, "
                                                     "or name the trust anchors with --trust-dir"
                                                   : "who stamped this copy cannot be told: name the trust anchors with --trust-dir, or ask for the registered file");
}

/* Is every signature in the file one that the issuer registered? Then it was packed anew, or saved by another program; what no signature covers and no reader shows may differ. */
static void name_copy(json_t *verdict, const struct shown *shown, const json_t *verdicts) {
    const struct report *report = &shown->report;
    const char *match = json_string_value(json_object_get(verdict, "document"));
    bool all = true;
    size_t place = 0;
    if (!match || strcmp(match, "copy") != 0) return;
    for (size_t i = 0; i < report->signature_count && all; i++) {
        const bool holds = sealed_holds(&report->signatures[i]);
        place += holds;
        all = holds && is_registered(shown, verdicts, place, licence_key(verdict));
    }
    json_object_set_new(verdict, "copy", json_string(all ? "repacked" : "stamped"));
}

json_t *shown_verdict(const struct shown *shown, const json_t *verdicts) {
    const json_t *found = json_array_get(verdicts, shown->first);
    bool known = false, matches = false;
    for (size_t i = 0; i < shown->count && !matches; i++) { /* given together with an identifier, bytes that nobody registered read mismatch too */
        const json_t *one = json_array_get(verdicts, shown->first + i);
        matches = json_is_string(json_object_get(one, "document"));
        if (matches || (!known && !is_unknown(one))) found = one;
        known = known || !is_unknown(one);
    }
    json_t *verdict = json_deep_copy(found);
    if (!verdict || !verify_file_is_signed(shown)) return verdict;
    json_t *report = report_json(&shown->report);
    json_object_set(verdict, "signatures", json_object_get(report, "signatures"));
    json_object_set(verdict, "document_steps", json_object_get(report, "steps"));
    json_decref(report);
    if (shown->report.signature_count > 0) join_seal(verdict, &shown->report);
    join_word(verdict, &shown->report);
    if (shown->report.signature_count > 0) join_stamps(verdict, shown, verdicts);
    name_copy(verdict, shown, verdicts);
    return verdict;
}

bool shown_fails(const struct shown *shown) { return verify_file_is_signed(shown) && sealed_exit(&shown->report, EXIT_VALID) == EXIT_MISMATCH; }

int shown_exit(const struct shown *shown, const json_t *verdict) {
    const int exit_code = verdict_word_exit(verdict);
    return verify_file_is_signed(shown) ? sealed_exit(&shown->report, exit_code) : exit_code;
}

void shown_print(const struct shown *shown, const json_t *verdict, bool explain) {
    verdict_print(verdict, shown->path != NULL);
    if (verify_file_is_signed(shown)) report_print(&shown->report, explain, cli_chinese());
}
