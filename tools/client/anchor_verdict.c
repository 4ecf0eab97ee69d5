/* The query that the node was asked, asked again of the objects of its proof: nothing of the node's answer is used but to compare. */

#include "tools/client/anchor_verdict.h"

#include "ledger/wire/text.h"
#include "tools/cli/finding_words.h"
#include "tools/cli/moment.h"
#include "tools/client/beside_key.h"
#include "tools/client/http.h"
#include "tools/client/verdict_answer.h"

/* What was asked, ready for the judge. */
struct asking {
    struct verdict_query query;
    struct lookup lookup; /* of the type that is named; holds a secret */
    uint8_t document_key[32], licence_key[32], number_tag[TAG_LEN], holder_tag[TAG_LEN];
    char type[TYPE_CODE_LEN + 1], number[NUMBER_MAX], holder[NUMBER_MAX], name[HOLDER_NAME_MAX];
    struct bytes name_text;
    struct shown_seal seals[VERDICT_SEALS_MAX];
    char seal_ids[VERDICT_SEALS_MAX][SEAL_ID_MAX + 1];
    uint8_t seal_digests[VERDICT_SEALS_MAX][32], seal_certificates[VERDICT_SEALS_MAX][32];
    const char *by_node; /* why only the node can tell; NULL: the proof does */
    bool broken;         /* what would tell is here and cannot be used */
};

static struct bytes text_in(const json_t *object, const char *name) {
    const json_t *value = json_object_get(object, name);
    return bytes_of(json_string_value(value), json_string_length(value));
}

static bool hex32_in(uint8_t out32[32], const json_t *object, const char *name) {
    const struct bytes text = text_in(object, name);
    return text.data != NULL && hex_decode(out32, 32, (const char *)text.data, text.len);
}

/* ---- document, seals ---- */

static void ask_document(struct asking *asking, const json_t *document, const uint8_t genesis32[32]) {
    uint8_t digest[32];
    enum digest_alg alg;
    if (!document || !hex32_in(digest, document, "digest") || !digest_alg_from_name(&alg, text_in(document, "alg"))) return;
    asking->query.document_kind = DOCUMENT_FILE;
    if (json_object_get(document, "kind") && !document_kind_from_name(&asking->query.document_kind, text_in(document, "kind"))) return;
    document_key(asking->document_key, genesis32, alg, digest);
    asking->query.document_key = asking->document_key;
}

static void ask_seals(struct asking *asking, const json_t *seals) {
    if (!json_is_array(seals)) return;
    asking->query.seals = asking->seals;
    for (size_t i = 0; i < json_array_size(seals) && i < VERDICT_SEALS_MAX; i++) {
        const json_t *seal = json_array_get(seals, i);
        const struct bytes id = text_in(seal, "id");
        (void)snprintf(asking->seal_ids[i], sizeof asking->seal_ids[i], "%.*s", (int)id.len, (const char *)id.data);
        (void)hex32_in(asking->seal_digests[i], seal, "digest");
        const bool certificate = hex32_in(asking->seal_certificates[i], seal, "certificate");
        asking->seals[i] = (struct shown_seal){bytes_text(asking->seal_ids[i]), asking->seal_digests[i], certificate ? asking->seal_certificates[i] : NULL};
        asking->query.seal_count++;
    }
}

/* ---- what is looked up under a type's secret ---- */

/* Is this type keyed? By its object in the proof, else by the genesis document; a type that neither has is nobody's. */
static bool type_keyed(bool *keyed, struct proof_view *view, const struct object_source *source, struct bytes code) {
    struct bytes value;
    struct licence_type type;
    if (source && source->by_id(source->context, OBJECT_TYPE, code, &value) == FOUND_YES && licence_type_decode(&type, value).code == CODE_OK) {
        *keyed = type.keyed;
        return true;
    }
    for (uint32_t i = 0; i < view->genesis.object_count; i++)
        if (licence_type_decode(&type, view->genesis.objects[i]).code == CODE_OK && bytes_equal(type.code, code)) {
            *keyed = type.keyed;
            return true;
        }
    return false;
}

static bool look_up(struct asking *asking, const struct cli *cli, struct proof_view *view, const struct object_source *source, struct bytes code) {
    bool keyed;
    if (code.len != TYPE_CODE_LEN) return false;
    (void)snprintf(asking->type, sizeof asking->type, "%.*s", (int)code.len, (const char *)code.data);
    if (!type_keyed(&keyed, view, source, bytes_text(asking->type))) {
        asking->by_node = "its type is not in the genesis document";
        return false;
    }
    if (keyed && !ledger_holds_secret(cli, bytes_text(asking->type))) {
        asking->by_node = "the look-up secret of its type is not here";
        return false;
    }
    asking->lookup = (struct lookup){.genesis = view->genesis.hash, .type_code = bytes_text(asking->type), .keyed = keyed};
    if (!keyed || ledger_secret(asking->lookup.secret, cli, asking->type) == EXIT_VALID) return true;
    asking->by_node = "the look-up secret of its type cannot be read";
    asking->broken = true;
    return false;
}

static void ask_identifier(struct asking *asking, const struct cli *cli, struct proof_view *view, const struct object_source *source, struct bytes text) {
    char normal[IDENTIFIER_MAX];
    struct identifier parts;
    size_t len;
    if (text_normal_code(normal, sizeof normal, &len, text, NULL) != CODE_OK || identifier_parse(&parts, bytes_of(normal, len)) != CODE_OK) return;
    if (!look_up(asking, cli, view, source, parts.type)) return;
    tag_licence(asking->licence_key, &asking->lookup, bytes_of(normal, len));
    asking->query.licence_key = asking->licence_key;
}

static bool name_agrees(void *context, const struct licence *licence) {
    const struct asking *asking = context;
    return tag_name_agrees(licence->name_tag, &asking->lookup, licence->key, asking->name_text);
}

/* Of the two spellings of a number the one that the proof has. */
static void ask_number(struct asking *asking, const struct object_source *source, struct bytes number) {
    uint8_t forms[2][TAG_LEN], id[4 + TAG_LEN];
    struct bytes value;
    struct licence_type type;
    const size_t count = tag_number_forms(forms, &asking->lookup, number);
    size_t use = 0;
    const bool typed = source && source->by_id(source->context, OBJECT_TYPE, asking->lookup.type_code, &value) == FOUND_YES && licence_type_decode(&type, value).code == CODE_OK;
    for (size_t i = 0; typed && i < count; i++) {
        be32_put(id, type.no);
        memcpy(id + 4, forms[i], TAG_LEN);
        if (source->by_id(source->context, OBJECT_NUMBER, bytes_of(id, sizeof id), &value) != FOUND_YES) continue;
        use = i;
        break;
    }
    memcpy(asking->number_tag, forms[use], TAG_LEN);
    asking->query.number_tag = asking->number_tag;
}

/* A part of the question in normal form; a part that has none was compared with nothing, so no answer to it is one. False: blank, or that. */
typedef enum code (*normal_fn)(char *out, size_t cap, size_t *len, struct bytes in, unsigned *changes);
static bool put_part(struct asking *asking, struct bytes *out, char *room, size_t cap, const json_t *fields, const char *name, normal_fn normal) {
    size_t len = 0;
    const struct bytes given = text_in(fields, name);
    if (given.len == 0) return false;
    if (normal(room, cap, &len, given, NULL) != CODE_OK) {
        asking->by_node = "a part of the question is not in its form";
        asking->broken = true;
        return false;
    }
    *out = bytes_of(room, len);
    return len > 0;
}

static void ask_fields(struct asking *asking, const struct cli *cli, struct proof_view *view, const struct object_source *source, const json_t *fields) {
    char code[TYPE_CODE_LEN];
    struct bytes part;
    if (!fields) return;
    if (!put_part(asking, &part, code, sizeof code, fields, "type", text_normal_code) || !look_up(asking, cli, view, source, part)) {
        if (!asking->by_node) asking->by_node = "its type is not in the genesis document";
        return;
    }
    asking->query.type_code = asking->lookup.type_code;
    if (put_part(asking, &part, asking->number, sizeof asking->number, fields, "number", text_normal_code)) ask_number(asking, source, part);
    if (put_part(asking, &part, asking->holder, sizeof asking->holder, fields, "holder_code", text_normal_code)) {
        tag_holder(asking->holder_tag, &asking->lookup, part);
        asking->query.holder_tag = asking->holder_tag;
    }
    if (put_part(asking, &asking->name_text, asking->name, sizeof asking->name, fields, "holder_name", text_normal_name)) {
        asking->query.name_agrees = name_agrees;
        asking->query.name_context = asking;
    }
}

/* source: the proof's objects, or NULL where there is no proof. */
static void anchor_verdict_ask(struct asking *asking, const struct cli *cli, struct proof_view *view, const struct object_source *source, const json_t *query) {
    memset(asking, 0, sizeof *asking);
    ask_document(asking, json_object_get(query, "document"), view->genesis.hash);
    ask_seals(asking, json_object_get(query, "seals"));
    if (hex32_in(asking->licence_key, query, "key")) asking->query.licence_key = asking->licence_key;
    if (json_object_get(query, "identifier")) ask_identifier(asking, cli, view, source, text_in(query, "identifier"));
    ask_fields(asking, cli, view, source, json_object_get(query, "fields"));
}

/* ---- the verdict ---- */

static json_t *on_its_word(const json_t *answered) {
    json_t *verdict = json_deep_copy(answered);
    json_object_set_new(verdict, "trust", json_string("node"));
    json_object_del(verdict, "proof");
    return verdict;
}

__attribute__((format(printf, 1, 2))) static json_t *not_believed(const char *format, ...) {
    char note[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(note, sizeof note, format, arguments);
    va_end(arguments);
    json_t *verdict = verdict_incomplete(note);
    json_object_set_new(verdict, "trust", json_string("none"));
    return verdict;
}

/* Only the node can tell: it is believed on this machine, where nobody asked for proof, and nowhere else. */
static json_t *by_node(const struct anchor *anchor, const struct asking *asking, const struct cli *cli, const json_t *answered) {
    if (http_is_loopback(cli->node) && !anchor->named && !asking->broken) return on_its_word(answered);
    return not_believed("%s, so that only the node could tell, and that proves nothing: ask with the document alone, or by the licence's key", asking->by_node);
}

/* Is there something in the question that a proof answers whoever holds the secret? */
static bool leads(const struct asking *asking) { return asking->query.document_key || asking->query.licence_key; }

static const char *anchor_verdict_key_of(const json_t *verdict) {
    const char *key = json_string_value(json_object_get(json_object_get(verdict, "licence"), "key"));
    return key ? key : "";
}

/* Two clocks may stand on two sides of a midnight. */
static bool by_the_clock(int word) { return word == VERDICT_VALID || word == VERDICT_NOT_ACTIVE || word == VERDICT_LAPSED; }

static json_t *proved(struct anchor *anchor, int said, int64_t now_ms) {
    struct proof_view *view = anchor->view;
    char note[256];
    const int word = (int)view->verdict.word;
    const bool apart = word != said && !(by_the_clock(word) && by_the_clock(said));
    if (apart && word == VERDICT_INCOMPLETE)
        return not_believed("the node said %s, and its proof does not hold what that takes: ask another node, or its operator", verdict_word_text((enum verdict_word)said));
    (void)snprintf(note, sizeof note, "the node said %s, and its own proof says otherwise: do not believe it, and tell its operator", verdict_word_text((enum verdict_word)said));
    if (apart) view->note = note;
    const bool old = !apart && proof_view_fresh(view, anchor->max_age_ms, now_ms) != EXIT_VALID;
    if (old) view->note = view->why;
    json_t *verdict = proof_view_json(view, now_ms);
    if (apart) json_object_set_new(verdict, "integrity", json_false());
    if (old) json_object_set_new(verdict, "stale", json_true());
    json_object_set_new(verdict, "trust", json_string("proof"));
    view->note = NULL;
    return verdict;
}

static json_t *bad_proof(const char *why) {
    json_t *verdict = not_believed("the node's proof is not to be trusted: %s", why);
    json_object_set_new(verdict, "integrity", json_false());
    return verdict;
}

static json_t *judge_proof(struct anchor *anchor, struct asking *asking, const struct cli *cli, const json_t *query, const json_t *answered, struct bytes bytes) {
    struct proof_view *view = anchor->view;
    const struct proof_anchor trusted = {bytes_of(anchor->genesis, anchor->genesis_len), bytes_of(anchor->pin, anchor->pin_len), anchor->by, anchor->path, NULL};
    const int64_t now_ms = time_now_ms();
    if (proof_view_open(view, &trusted, bytes) != EXIT_VALID) return bad_proof(view->why);
    const struct object_source source = proof_view_source(view);
    anchor_verdict_ask(asking, cli, view, &source, query);
    if (asking->by_node && !leads(asking)) return by_node(anchor, asking, cli, answered);
    if (!leads(asking) && !asking->query.number_tag) return bad_proof("it proves nothing of what was asked");
    if (verdict_judge(&view->verdict, &asking->query, &source, proof_view_at(view, now_ms)) != ERR_OK) return bad_proof("its records contradict each other");
    if (proof_view_elements(view) != EXIT_VALID) return bad_proof(view->why);
    json_t *verdict = proved(anchor, verdict_word_of(answered), now_ms);
    json_decref(view->disclosed);
    view->disclosed = NULL;
    const bool stands = json_is_false(json_object_get(verdict, "integrity")) || json_is_true(json_object_get(verdict, "stale"));
    if (!asking->by_node || stands || verdict_word_of(verdict) == VERDICT_INCOMPLETE) return verdict;
    /* The document is proved; that the rest of the question belongs to it is the node's word, about the very licence that was proved. */
    json_t *agreed = strcmp(anchor_verdict_key_of(verdict), anchor_verdict_key_of(answered)) == 0 ? by_node(anchor, asking, cli, answered) : bad_proof("it is about another licence than the answer");
    json_decref(verdict);
    return agreed;
}

/* Without a proof: what denies may be believed, for it opens no door; what could have been proved and was not may not. */
static json_t *unproved(struct anchor *anchor, struct asking *asking, const struct cli *cli, const json_t *query, const json_t *answered) {
    const int word = verdict_word_of(answered);
    if (word == VERDICT_MISMATCH || word == VERDICT_INCOMPLETE) return on_its_word(answered);
    anchor_verdict_ask(asking, cli, anchor->view, NULL, query);
    if (asking->by_node && !leads(asking)) return by_node(anchor, asking, cli, answered);
    return not_believed("the node said %s and gave no proof of it: ask another node, or its operator (a clock that stands wrong makes it give none)",
                        verdict_word_text((enum verdict_word)word));
}

int anchor_proof(struct anchor *anchor, const uint8_t key32[32], struct bytes proof) {
    struct proof_view *view = anchor->view;
    const struct proof_anchor trusted = {bytes_of(anchor->genesis, anchor->genesis_len), bytes_of(anchor->pin, anchor->pin_len), anchor->by, anchor->path, NULL};
    const struct verdict_query query = {.licence_key = key32};
    const int64_t now_ms = time_now_ms();
    char shown[FINDING_SHOWN];
    if (proof_view_open(view, &trusted, proof) != EXIT_VALID)
        return cli_fail(EXIT_INTEGRITY, SAY("the node's proof does not hold: %s", "节点的证明不成立：%s"), finding_text(shown, view->why));
    const struct object_source source = proof_view_source(view);
    if (verdict_judge(&view->verdict, &query, &source, proof_view_at(view, now_ms)) != ERR_OK || view->verdict.word == VERDICT_INCOMPLETE)
        return cli_fail(EXIT_INTEGRITY, SAY("the node's proof does not hold what it must: do not believe it, and tell its operator", "节点的证明缺少应有的内容：不可采信，请告知其运维人员"));
    const int done = proof_view_fresh(view, anchor->max_age_ms, now_ms);
    return done == EXIT_VALID ? done : cli_fail(done, "%s", finding_text(shown, view->why));
}

json_t *anchor_verdict(struct anchor *anchor, const struct cli *cli, const json_t *query, const json_t *answered) {
    const char *lacks = node_answer_lacks(answered, query);
    if (lacks) return not_believed("the node's answer is not whole (%s): is that address a licet node, and of this version?", lacks);
    if (!anchor_is(anchor)) return on_its_word(answered);
    struct asking *asking = calloc(1, sizeof *asking);
    uint8_t *bytes = malloc(PROOF_BYTES_MAX);
    const json_t *proof = json_object_get(answered, "proof");
    size_t len = 0;
    json_t *verdict;
    if (!asking || !bytes) verdict = not_believed("%s", "out of memory");
    else if (!json_is_string(proof)) verdict = unproved(anchor, asking, cli, query, answered);
    else if (!base64url_decode(bytes, PROOF_BYTES_MAX, &len, json_string_value(proof), json_string_length(proof))) verdict = bad_proof("it cannot be read");
    else verdict = judge_proof(anchor, asking, cli, query, answered, bytes_of(bytes, len));
    if (asking) bytes_wipe(asking, sizeof *asking);
    free(asking);
    free(bytes);
    return verdict ? verdict : not_believed("%s", "out of memory"); /* the list of verdicts has one for each query, in their order */
}
