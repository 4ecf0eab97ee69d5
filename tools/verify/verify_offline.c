#include "tools/verify/verify_offline.h"

#include "tools/cli/file.h"
#include "tools/cli/finding_words.h"
#include "tools/client/licence_id.h"
#include "tools/client/proof_view.h"
#include "tools/sealed/sealed.h"

static int damaged(const char *path, const struct proof_view *view) {
    char shown[FINDING_SHOWN];
    return cli_fail(EXIT_INTEGRITY, SAY("%s is not to be trusted: %s. Ask its holder for a new one", "%s 不可信：%s。请持证人重新出示"), path, finding_text(shown, view->why));
}

/* A document of this version of the licence that stands in the proof before `at` as well: given twice, it is still one. */
static bool counted_before(const struct proof *proof, uint32_t at) {
    for (uint32_t i = 0; i < at; i++)
        if (proof->objects[i].kind == OBJECT_DOCUMENT && bytes_equal(proof->objects[i].value, proof->objects[at].value)) return true;
    return false;
}

/* A file of which the proof has no object: surely none of the licence's where the proof has all of its documents. The verdict is the one of the
 * proof's own subject: which licence is meant is never taken from the order of the objects, which is the holder's to choose. */
static void judge_strange_file(struct proof_view *check) {
    const struct verdict *verdict = &check->verdict;
    struct document_object object;
    uint32_t have = 0;
    for (uint32_t i = 0; verdict->has_licence && i < check->proof.object_count; i++) {
        const struct proof_object *one = &check->proof.objects[i];
        if (one->kind != OBJECT_DOCUMENT || !one->value.data || document_decode(&object, one->value).code != CODE_OK) continue;
        have += object.licence_no == verdict->licence.no && object.version == verdict->licence.version && !counted_before(&check->proof, i);
    }
    const bool all = verdict->has_licence && verdict->licence.document_count > 0 && have >= verdict->licence.document_count;
    const bool apart = verdict->word == VERDICT_MISMATCH; /* already by what else was given */
    check->verdict = (struct verdict){.word = all || apart ? VERDICT_MISMATCH : VERDICT_INCOMPLETE};
    if (all) check->note = "the file is none of the documents that the proof is about: it was changed, or is another one";
    else if (!apart) check->note = "the proof says nothing about this file: ask for one with `licet proof ID --doc FILE`";
}

static bool proof_has_document(const struct proof_view *check, const uint8_t key32[32]) {
    struct document_object object;
    for (uint32_t i = 0; i < check->proof.object_count; i++) {
        const struct proof_object *one = &check->proof.objects[i];
        if (one->kind != OBJECT_DOCUMENT) continue;
        if (one->value.data ? document_decode(&object, one->value).code == CODE_OK && memcmp(object.key, key32, 32) == 0
                            : one->id.len == 32 && memcmp(one->id.data, key32, 32) == 0)
            return true;
    }
    return false;
}

/* What is judged at once: the file, or what one signature in it has signed, as a node would be asked of it; or the proof alone. */
struct part {
    const uint8_t *digest32; /* NULL: no file is shown */
    enum document_kind kind;
    bool proved;             /* the proof speaks of it */
};

static bool part_proved(struct proof_view *check, const uint8_t digest32[32]) {
    document_key(check->document, check->genesis.hash, DIGEST_SHA256, digest32);
    return proof_has_document(check, check->document);
}

static int verify_offline_judge(struct proof_view *check, const struct offline *asked, const struct licence_id *id, const struct part *part) {
    struct verdict_query query;
    char type_code[TYPE_CODE_LEN + 1];
    struct object_source source = proof_view_source(check);
    const int64_t at = proof_view_at(check, asked->now_ms);
    struct shown_seal seals[VERDICT_SEALS_MAX];
    if (!subject_query(&query, type_code, &check->proof.subject, &source)) {
        check->verdict = (struct verdict){.word = VERDICT_INCOMPLETE, .missing = "type"};
        return EXIT_VALID;
    }
    if (part->proved) {
        document_key(check->document, check->genesis.hash, DIGEST_SHA256, part->digest32);
        query.document_key = check->document;
        query.document_kind = part->kind;
        query.seal_count = sealed_shown(seals, asked->report);
        if (query.seal_count > 0 || part->kind == DOCUMENT_OFD_SIGNATURE) query.seals = seals;
    }
    if (asked->id && id->identifier[0] == '\0') query.licence_key = id->key;
    if (verdict_judge(&check->verdict, &query, &source, at) != ERR_OK)
        return cli_fail(EXIT_INTEGRITY, SAY("%s is not to be trusted: its records contradict each other. Ask its holder for a new one",
                                            "%s 不可信：其中的记录相互矛盾。请持证人重新出示"), asked->proof);
    if (part->digest32 && !part->proved) judge_strange_file(check);
    if (!part->digest32) check->verdict.document = DOCUMENT_NONE; /* a proof about a document says nothing of the paper on the desk */
    return EXIT_VALID;
}

/* Is the identifier that was named the one that the proof discloses? */
static void compare_identifier(struct proof_view *check, const struct offline *asked, const struct licence_id *id) {
    if (!asked->id || id->identifier[0] == '\0' || check->verdict.word == VERDICT_MISMATCH || strcmp(check->identifier, id->identifier) == 0) return;
    check->verdict.word = check->identifier[0] ? VERDICT_MISMATCH : VERDICT_INCOMPLETE;
    check->verdict.has_licence = false;
    check->note = check->identifier[0] ? "the proof is of another identifier" : "the proof does not disclose its identifier: ask for one by the issuer";
}

/* One part, judged and told like a node's answer to it. */
static int verify_offline_say(json_t *verdicts, struct proof_view *check, const struct offline *asked, const struct licence_id *id, const struct part *part) {
    check->note = NULL;
    check->identifier[0] = '\0';
    int done = verify_offline_judge(check, asked, id, part);
    if (done != EXIT_VALID) return done;
    done = proof_view_elements(check) == EXIT_VALID ? EXIT_VALID : damaged(asked->proof, check);
    if (done == EXIT_VALID) compare_identifier(check, asked, id);
    json_t *verdict = done == EXIT_VALID ? proof_view_json(check, asked->now_ms) : NULL;
    json_decref(check->disclosed);
    check->disclosed = NULL;
    if (done != EXIT_VALID) return done;
    if (!verdict) return cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    json_object_set_new(verdict, "trust", json_string("proof"));
    if (proof_view_fresh(check, asked->max_age_ms, asked->now_ms) != EXIT_VALID) {
        json_object_set_new(verdict, "stale", json_true());
        json_object_set_new(verdict, "note", json_string(check->why));
    }
    json_array_append_new(verdicts, verdict);
    return EXIT_VALID;
}

/* In the place of a part that the proof does not speak of, while it does of another one: what a node would say of bytes that it does not know; which are told only
 * where nothing else is. */
static int verify_offline_say_nothing(json_t *verdicts) {
    return json_array_append_new(verdicts, json_pack("{s:s, s:n, s:b}", "verdict", verdict_word_text(VERDICT_UNKNOWN), "document", "unproved", 1)) == 0
               ? EXIT_VALID : cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
}

/* The parts of sealed_documents, in its order: each as a node would be asked of it. */
static int say_parts(json_t *verdicts, struct proof_view *check, const struct offline *asked, const struct licence_id *id) {
    const struct report *report = asked->report;
    const size_t count = report ? report->signature_count + 1 : 0;
    struct part *parts = calloc(count + 1, sizeof *parts);
    size_t used = 0;
    bool any = false;
    int done = parts ? EXIT_VALID : cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    if (report && parts) parts[used++] = (struct part){report->sha256, DOCUMENT_FILE, part_proved(check, report->sha256)};
    for (size_t i = 0; i + 1 < count && parts && sealed_sound(report); i++)
        if (sealed_holds(&report->signatures[i]))
            parts[used++] = (struct part){report->signatures[i].sha256, DOCUMENT_OFD_SIGNATURE, part_proved(check, report->signatures[i].sha256)};
    for (size_t i = 0; i < used; i++) any = any || parts[i].proved;
    if (!any && used > 0) used = 1; /* of the file alone it is said what the proof lacks */
    if (parts && !report) done = verify_offline_say(verdicts, check, asked, id, &(struct part){.digest32 = NULL});
    for (size_t i = 0; i < used && done == EXIT_VALID; i++) done = any && !parts[i].proved ? verify_offline_say_nothing(verdicts) : verify_offline_say(verdicts, check, asked, id, &parts[i]);
    free(parts);
    return done;
}

static int verify_offline_run(struct proof_view *check, json_t *verdicts, const struct offline *asked, const struct proof_anchor *anchor, struct bytes proof) {
    struct licence_id id = {.identifier = ""};
    char shown[FINDING_SHOWN];
    if (asked->id && !licence_id_parse(&id, asked->id))
        return cli_fail(EXIT_USAGE, SAY("--id %s is neither a licence identifier nor a licence key of 64 hex digits",
                                        "--id %s 既不是证照标识，也不是 64 位十六进制的证照键"), asked->id);
    if (!proof_view_anchor(check, anchor)) return cli_fail(EXIT_TRUST_OPTION, "%s", finding_text(shown, check->why));
    if (proof_view_open(check, anchor, proof) != EXIT_VALID) return damaged(asked->proof, check);
    return say_parts(verdicts, check, asked, &id);
}

int verify_offline(json_t *verdicts, const struct offline *asked) {
    size_t genesis_len = 0, proof_len = 0, pin_len = 0;
    int done = EXIT_ERROR;
    uint8_t *genesis = option_file_read(asked->trust_by, asked->trust, GENESIS_BYTES_MAX, &genesis_len, &done), *proof = NULL;
    uint8_t *pin = genesis && asked->pin ? option_file_read("--pin", asked->pin, HEADER_MAX, &pin_len, &done) : NULL;
    struct proof_view *check = calloc(1, sizeof *check);
    if (genesis && (pin || !asked->pin)) {
        proof = file_read(asked->proof, PROOF_BYTES_MAX, &proof_len); /* it proves, and is not what is trusted: an empty one is a damaged one */
        done = EXIT_ERROR;
    }
    if (!check) done = cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    else if (proof) {
        const struct proof_anchor anchor = {bytes_of(genesis, genesis_len), bytes_of(pin, pin_len), asked->trust_by, asked->trust, asked->pin};
        done = verify_offline_run(check, verdicts, asked, &anchor, bytes_of(proof, proof_len));
    }
    free(check);
    free(pin);
    free(proof);
    free(genesis);
    return done;
}
