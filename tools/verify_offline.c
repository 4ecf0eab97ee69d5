#include "ledger/wire/genesis.h"
#include "ledger/state/proof_source.h"
#include "tools/ledger.h"
#include "tools/sealed.h"
#include "tools/verify.h"
/* after jansson.h: see there */
#include "ledger/state/verdict_json.h"

#define CLOCK_SLACK_MS 300000 /* a note dated this far ahead of our clock says that our clock is wrong, or the node's */
#define JSON_CAP 65536u /* eight seals with long names fit */

/* Everything of one check: too large for a stack. */
struct check {
    struct genesis genesis;
    struct finality finality;
    struct proof proof;
    struct proof_checked checked;
    struct proof_source source;
    struct verdict verdict;
    uint8_t document[32];
    char identifier[IDENTIFIER_MAX + 1];
    json_t *disclosed; /* elements that were opened, but for the identifier */
    const char *note;
};

bool age_parse(int64_t *ms, const char *text) {
    char *end;
    if (text[0] < '0' || text[0] > '9' || strlen(text) > 10) return false;
    int64_t number = strtoll(text, &end, 10), unit = 1000;
    if (strcmp(end, "m") == 0) unit = 60000;
    else if (strcmp(end, "h") == 0) unit = 3600000;
    else if (strcmp(end, "d") == 0) unit = 86400000;
    else if (*end && strcmp(end, "s") != 0) return false;
    *ms = number * unit;
    return true;
}

static int damaged(const char *path, const char *what, const struct refusal *refusal) {
    if (refusal->code == CODE_OTHER_LEDGER)
        return cli_fail(EXIT_INTEGRITY, SAY("%s was made by another ledger than the one you trust: check which genesis document goes with --trust",
                                            "%s 出自另一账本，而非所信任的账本：请检查 --trust 所用的创世文件"), path);
    return cli_fail(EXIT_INTEGRITY, SAY("%s is not to be trusted: %s%s%s: %s. Ask its holder for a new one", "%s 不可信：%s%s%s：%s。请持证人重新出示"), path, what, refusal->field ? ": " : "",
                    refusal->field ? refusal->field : "", cli_code_text(refusal->code));
}

/* Are the bytes what they must be: the ledger's own, final, every record in its place? */
static int check_proof(struct check *check, const struct offline *asked, struct bytes genesis, struct bytes proof, struct bytes pin) {
    struct refusal refusal = genesis_decode(&check->genesis, genesis);
    if (refusal.code != CODE_OK)
        return cli_fail(EXIT_INTEGRITY, SAY("%s is no genesis document, or a damaged one (%s): --trust takes the genesis.cbor of the ledger",
                                            "%s 不是创世文件或已损坏（%s）：--trust 应为账本的 genesis.cbor"), asked->trust, code_name(refusal.code));
    genesis_finality(&check->finality, &check->genesis);
    refusal = proof_decode(&check->proof, proof);
    if (refusal.code != CODE_OK) return damaged(asked->proof, SAY("it cannot be read", "无法读取"), &refusal);
    struct proof_trust trust = {.finality = &check->finality, .pinned_header = pin};
    memcpy(trust.genesis, check->genesis.hash, 32);
    refusal = proof_check(&check->checked, &check->proof, &trust);
    return refusal.code == CODE_OK ? EXIT_VALID : damaged(asked->proof, SAY("it does not check", "核验不通过"), &refusal);
}

/* A document of this version of the licence that stands in the proof before `at` as well: given twice, it is still one. */
static bool counted_before(const struct proof *proof, uint32_t at) {
    for (uint32_t i = 0; i < at; i++)
        if (proof->records[i].kind == OBJECT_DOCUMENT && bytes_equal(proof->records[i].value, proof->records[at].value)) return true;
    return false;
}

/* A file of which the proof has no record: surely none of the licence's where the proof has all of its documents. The verdict is the one of the
 * proof's own subject: which licence is meant is never taken from the order of the records, which is the holder's to choose. */
static void judge_strange_file(struct check *check) {
    const struct verdict *verdict = &check->verdict;
    struct document_record record;
    uint32_t have = 0;
    for (uint32_t i = 0; verdict->has_licence && i < check->proof.record_count; i++) {
        const struct proof_record *one = &check->proof.records[i];
        if (one->kind != OBJECT_DOCUMENT || !one->value.data || document_decode(&record, one->value).code != CODE_OK) continue;
        have += record.licence_no == verdict->licence.no && record.version == verdict->licence.version && !counted_before(&check->proof, i);
    }
    const bool all = verdict->has_licence && verdict->licence.document_count > 0 && have >= verdict->licence.document_count;
    const bool apart = verdict->word == VERDICT_MISMATCH; /* already by what else was given */
    check->verdict = (struct verdict){.word = all || apart ? VERDICT_MISMATCH : VERDICT_INCOMPLETE};
    if (all) check->note = "the file is none of the documents that the proof is about: it was changed, or is another one";
    else if (!apart) check->note = "the proof says nothing about this file: ask for one with `licet proof ID --doc FILE`";
}

static bool proof_has_document(const struct check *check) {
    struct document_record record;
    for (uint32_t i = 0; i < check->proof.record_count; i++) {
        const struct proof_record *one = &check->proof.records[i];
        if (one->kind != OBJECT_DOCUMENT) continue;
        if (one->value.data ? document_decode(&record, one->value).code == CODE_OK && memcmp(record.key, check->document, 32) == 0
                            : one->id.len == 32 && memcmp(one->id.data, check->document, 32) == 0)
            return true;
    }
    return false;
}

/* The file, or what a signature in it that holds has signed: which of them the proof speaks of. */
static bool find_document(struct check *check, const struct report *report, bool *by_signature) {
    document_key(check->document, check->genesis.hash, DIGEST_SHA256, report->sha256);
    *by_signature = false;
    if (proof_has_document(check)) return true;
    *by_signature = true;
    for (size_t i = 0; i < report->signature_count && steps_outcome(&report->steps) != STEPS_FAILED; i++) {
        if (!sealed_holds(&report->signatures[i])) continue;
        document_key(check->document, check->genesis.hash, DIGEST_SHA256, report->signatures[i].sha256);
        if (proof_has_document(check)) return true;
    }
    return false;
}

static int judge(struct check *check, const struct offline *asked, const struct licence_id *id) {
    struct verdict_query query;
    char type_code[TYPE_CODE_LEN + 1];
    struct record_source source = proof_source_over(&check->source, &check->proof, check->genesis.hash);
    /* Our clock may be behind; what the note says it was, it surely was. */
    int64_t at = asked->now_ms > check->checked.note_time_ms ? asked->now_ms : check->checked.note_time_ms;
    if (!subject_query(&query, type_code, &check->proof.subject, &source)) {
        check->verdict = (struct verdict){.word = VERDICT_INCOMPLETE, .missing = "type"};
        return EXIT_VALID;
    }
    bool by_signature = false;
    const bool strange = asked->report && !find_document(check, asked->report, &by_signature);
    struct shown_seal seals[VERDICT_SEALS_MAX];
    if (asked->report && !strange) {
        query.document_key = check->document;
        query.document_kind = by_signature ? DOCUMENT_OFD_SIGNATURE : DOCUMENT_FILE;
        query.seal_count = sealed_shown(seals, asked->report);
        if (query.seal_count > 0 || by_signature) query.seals = seals;
    }
    if (asked->id && id->identifier[0] == '\0') query.licence_key = id->key;
    if (verdict_judge(&check->verdict, &query, &source, at) != ERR_OK)
        return cli_fail(EXIT_INTEGRITY, SAY("%s is not to be trusted: its records contradict each other. Ask its holder for a new one",
                                            "%s 不可信：其中的记录相互矛盾。请持证人重新出示"), asked->proof);
    if (strange) judge_strange_file(check);
    if (!asked->report) check->verdict.document = DOCUMENT_NONE; /* a proof about a document says nothing of the paper on the desk */
    return EXIT_VALID;
}

/* Elements are disclosed of the licence that the verdict is about, and of no other one that stands in the same file: else the openings of
 * an ended licence could be shown under the verdict of a good one. */
static int open_elements(struct check *check, const struct offline *asked, const struct licence_id *id) {
    struct field field;
    check->disclosed = json_pack("{}");
    for (uint32_t i = 0; i < check->proof.opening_count && check->verdict.has_licence; i++) {
        struct refusal refusal = opening_check(&field, check->proof.openings[i], check->verdict.licence.fields_root);
        if (refusal.code != CODE_OK) return damaged(asked->proof, SAY("an element that it discloses is not the licence's", "其披露的字段不属于该证照"), &refusal);
        char code[ELEMENT_CODE_MAX + 1];
        (void)snprintf(code, sizeof code, "%.*s", (int)field.code.len, (const char *)field.code.data);
        if (strcmp(code, ELEMENT_IDENTIFIER) != 0)
            json_object_set_new(check->disclosed, code, json_stringn((const char *)field.value.data, field.value.len));
        else if (field.value.len <= IDENTIFIER_MAX)
            (void)snprintf(check->identifier, sizeof check->identifier, "%.*s", (int)field.value.len, (const char *)field.value.data);
    }
    if (!asked->id || id->identifier[0] == '\0' || check->verdict.word == VERDICT_MISMATCH) return EXIT_VALID;
    bool same = strcmp(check->identifier, id->identifier) == 0;
    if (same) return EXIT_VALID;
    check->verdict.word = check->identifier[0] ? VERDICT_MISMATCH : VERDICT_INCOMPLETE;
    check->verdict.has_licence = false;
    check->note = check->identifier[0] ? "the proof is of another identifier" : "the proof does not disclose its identifier: ask for one by the issuer";
    return EXIT_VALID;
}

/* A `valid` that is old hides what happened since; every other verdict stays what it is. */
static int freshness(const struct check *check, const struct offline *asked) {
    struct policy policy;
    int done = verdict_exit(check->verdict.word);
    genesis_policy(&policy, &check->genesis);
    int64_t most = asked->max_age_ms >= 0 ? asked->max_age_ms : (int64_t)policy.stale_after_s * 1000, age = asked->now_ms - check->checked.note_time_ms;
    if (done != EXIT_VALID) return done;
    if (age < -CLOCK_SLACK_MS)
        return cli_fail(EXIT_STALE, SAY("the proof is dated %lld s ahead of this machine's clock, so its age cannot be told: set the clock",
                                        "证明的时间比本机时钟超前 %lld 秒，无法判断时效：请校准时钟"), (long long)(-age / 1000));
    if (age <= most) return done;
    return cli_fail(EXIT_STALE, SAY("valid when it was made, but the proof is %lld s old and more than %lld s are not accepted: fetch a new one with `licet proof`, or ask a node",
                                    "出具时有效，但证明已有 %lld 秒，超过可接受的 %lld 秒：请用 `licet proof` 重新取得，或查询节点"),
                    (long long)(age / 1000), (long long)(most / 1000));
}

static json_t *as_json(const struct check *check, const struct offline *asked) {
    struct verdict_frame frame = {.chain = check->checked.header.chain_id, .height = check->checked.header.n, .time_ms = check->checked.note_time_ms,
                                  .now_ms = asked->now_ms, .note = check->note};
    if (check->identifier[0]) frame.identifier = bytes_text(check->identifier);
    char *text = malloc(JSON_CAP);
    struct json_out out = json_write(text, text ? JSON_CAP : 0);
    json_t *json = verdict_json(&out, &check->verdict, &frame) ? json_loadb(text, out.len, 0, NULL) : NULL;
    free(text);
    if (json && json_object_size(check->disclosed) > 0) json_object_set(json, "disclosed", check->disclosed);
    return json;
}

static int run(struct check *check, json_t **verdict, const struct offline *asked, struct bytes genesis, struct bytes proof, struct bytes pin) {
    struct licence_id id = {.identifier = ""};
    if (asked->id && !licence_id_parse(&id, asked->id))
        return cli_fail(EXIT_USAGE, SAY("--id %s is neither a licence identifier nor a licence key of 64 hex digits",
                                        "--id %s 既不是证照标识，也不是 64 位十六进制的证照键"), asked->id);
    int done = check_proof(check, asked, genesis, proof, pin);
    if (done == EXIT_VALID) done = judge(check, asked, &id);
    if (done == EXIT_VALID) done = open_elements(check, asked, &id);
    if (done != EXIT_VALID) return done;
    *verdict = as_json(check, asked);
    if (!*verdict) return cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    return freshness(check, asked);
}

int verify_offline(json_t **verdict, const struct offline *asked) {
    size_t genesis_len = 0, proof_len = 0, pin_len = 0;
    uint8_t *genesis = file_read(asked->trust, GENESIS_BYTES_MAX, &genesis_len), *proof = genesis ? file_read(asked->proof, PROOF_BYTES_MAX, &proof_len) : NULL;
    uint8_t *pin = proof && asked->pin ? file_read(asked->pin, HEADER_MAX, &pin_len) : NULL;
    struct check *check = calloc(1, sizeof *check);
    int done = EXIT_ERROR;
    *verdict = NULL;
    if (!check) done = cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    else if (pin && pin_len == 0) done = cli_fail(EXIT_USAGE, SAY("%s is empty: --pin takes the header that you keep, and without one an older proof would pass",
                                                                  "%s 是空文件：--pin 应为所保存的区块头，没有它较旧的证明也会通过"), asked->pin);
    else if (proof && (pin || !asked->pin))
        done = run(check, verdict, asked, bytes_of(genesis, genesis_len), bytes_of(proof, proof_len), bytes_of(pin, pin_len));
    if (check) json_decref(check->disclosed);
    free(check);
    free(pin);
    free(proof);
    free(genesis);
    return done;
}
