#include "rpc/judge.h"

#include "ledger/chain/prove.h"
#include "rpc/mismatches.h"

static void judge_say(struct judge *judge, enum verdict_word word, const char *missing) {
    struct verdict *out = &judge->verdict;
    memset(out, 0, offsetof(struct verdict, buffer));
    out->word = word;
    out->missing = missing;
    judge->has_subject = false;
}

/* ---- types and their secrets ---- */

static enum found type_of(struct judge *judge, struct bytes code, struct licence_type *out) {
    struct bytes value;
    if (code.len != TYPE_CODE_LEN) return FOUND_ABSENT;
    const enum found found = judge->source.by_id(judge->source.context, OBJECT_TYPE, code, &value);
    return found == FOUND_YES && licence_type_decode(out, value).code != CODE_OK ? FOUND_FAULT : found;
}

/* How far the parts of a query got before the ledger was asked for the licence. */
struct asked {
    struct verdict_query query;
    struct lookup lookup; /* of the fields' type; holds a secret */
    uint8_t document_key[32], licence_key[32], number_tag[TAG_LEN], holder_tag[TAG_LEN];
    uint32_t number_type_no;
    struct bytes name;
    bool apart;           /* parts that contradict each other by themselves */
    bool nowhere;         /* names a type this ledger does not have */
    const char *missing;
    enum err err;
};

/* A type and its secret. *found: whether the type is there. False: asked says why not. */
static bool judge_look_up(struct judge *judge, struct asked *asked, struct bytes code, struct lookup *lookup, struct licence_type *type, enum found *found) {
    *found = type_of(judge, code, type);
    if (*found == FOUND_FAULT) asked->err = ERR_CORRUPT;
    if (*found == FOUND_ABSENT) asked->nowhere = true;
    if (*found != FOUND_YES) return false;
    if (judge->rpc->hooks.lookup(judge->rpc->hooks.context, code, type->keyed, lookup)) return true;
    if (asked->missing == NULL) asked->missing = "this node does not hold the look-up secret of the licence type; ask a node that does";
    return false;
}

static void judge_by_document(struct judge *judge, struct asked *asked, const struct query *query) {
    document_key(asked->document_key, judge->rpc->genesis, query->alg, query->digest);
    asked->query.document_key = asked->document_key;
    asked->query.document_kind = query->document_kind != 0 ? query->document_kind : DOCUMENT_FILE;
}

static void judge_by_identifier(struct judge *judge, struct asked *asked, const struct query *query) {
    struct licence_type type;
    struct lookup lookup;
    enum found found;
    if (judge_look_up(judge, asked, query->identifier_type, &lookup, &type, &found)) {
        tag_licence(asked->licence_key, &lookup, query->identifier);
        if (query->has_key && memcmp(asked->licence_key, query->key, 32) != 0) asked->apart = true;
        asked->query.licence_key = asked->licence_key;
    }
    bytes_wipe(&lookup, sizeof lookup);
}

static bool asked_name_agrees(void *context, const struct licence *licence) {
    const struct asked *asked = context;
    return tag_name_agrees(licence->name_tag, &asked->lookup, licence->key, asked->name);
}

/* What a keyed type must be asked with, so that nobody finds out one part by knowing another. */
static const char *field_missing(const struct query *query, bool keyed, bool elsewhere) {
    if (keyed || !elsewhere) {
        if (query->number.data == NULL) return "number";
    }
    if (keyed && query->holder_code.data == NULL) return "holder_code";
    if (keyed && query->holder_name.data == NULL) return "holder_name";
    return NULL;
}

static bool number_is_there(struct judge *judge, uint32_t type_no, const uint8_t tag16[TAG_LEN]) {
    uint8_t id[4 + TAG_LEN];
    struct bytes value;
    be32_put(id, type_no);
    memcpy(id + 4, tag16, TAG_LEN);
    return judge->source.by_id(judge->source.context, OBJECT_NUMBER, bytes_of(id, sizeof id), &value) == FOUND_YES;
}

static void judge_by_fields(struct judge *judge, struct asked *asked, const struct query *query) {
    const struct bytes code = query->type.data != NULL ? query->type : query->identifier_type;
    struct licence_type type;
    enum found found;
    if (code.data == NULL) {
        asked->missing = "type";
        return;
    }
    if (query->has_identifier && !bytes_equal(code, query->identifier_type)) asked->apart = true;
    const bool held = judge_look_up(judge, asked, code, &asked->lookup, &type, &found);
    if (found != FOUND_YES) return;
    const char *missing = field_missing(query, type.keyed, query->has_document || query->has_key || query->has_identifier);
    if (missing != NULL) asked->missing = missing;
    if (!held || missing != NULL) return;
    asked->query.type_code = code;
    if (query->number.data != NULL) {
        uint8_t forms[2][TAG_LEN];
        const size_t count = tag_number_forms(forms, &asked->lookup, query->number);
        /* one of before numbers were folded is looked for only where this spelling could be one */
        const bool old = count == 2 && !number_is_there(judge, type.no, forms[0]);
        memcpy(asked->number_tag, forms[old], TAG_LEN);
        asked->query.number_tag = asked->number_tag;
        asked->number_type_no = type.no;
    }
    if (query->holder_code.data != NULL) {
        tag_holder(asked->holder_tag, &asked->lookup, query->holder_code);
        asked->query.holder_tag = asked->holder_tag;
    }
    if (query->holder_name.data != NULL) {
        asked->name = query->holder_name;
        asked->query.name_agrees = asked_name_agrees;
        asked->query.name_context = asked;
    }
}

/* ---- no oracle ---- */

static enum err licence_key_of(struct judge *judge, uint32_t no, uint8_t out32[32]) {
    struct bytes value;
    struct licence licence;
    if (judge->source.by_no(judge->source.context, OBJECT_LICENCE, no, &value) != FOUND_YES) return ERR_CORRUPT;
    if (licence_decode(&licence, value).code != CODE_OK) return ERR_CORRUPT;
    memcpy(out32, licence.key, 32);
    return ERR_OK;
}

/* The licence that somebody may be guessing at, and by what way. key32 NULL: there is none. Nothing that is looked for here depends on a guess at
 * a holder, nor, where a key or an identifier leads to the licence, on one at its number. */
static enum err target(struct judge *judge, const struct asked *asked, const struct query *query, uint8_t key[32], struct mismatch *what) {
    const struct object_source *source = &judge->source;
    uint8_t id[4 + TAG_LEN];
    struct number_object number;
    struct bytes value;
    *what = (struct mismatch){.asker = judge->asker, .way = WAY_NUMBER};
    if (asked->query.licence_key != NULL) {
        what->way = query->has_identifier ? WAY_IDENTIFIER : WAY_KEY;
        what->key32 = asked->query.licence_key;
        return ERR_OK;
    }
    if (asked->query.number_tag == NULL) return ERR_OK;
    be32_put(id, asked->number_type_no);
    memcpy(id + 4, asked->query.number_tag, TAG_LEN);
    const enum found found = source->by_id(source->context, OBJECT_NUMBER, bytes_of(id, sizeof id), &value);
    if (found == FOUND_ABSENT) return ERR_OK;
    if (found != FOUND_YES || number_decode(&number, value).code != CODE_OK) return ERR_CORRUPT;
    what->key32 = key;
    return licence_key_of(judge, number.licence_no, key);
}

/* Keys that lead to nothing are not counted: nothing was guessed at, and anybody can make up as many as there are places. */
static enum err count_mismatch(struct judge *judge, const struct mismatch *what) {
    struct bytes value;
    const enum found found = judge->source.by_id(judge->source.context, OBJECT_LICENCE, bytes_of(what->key32, 32), &value);
    if (found == FOUND_YES) mismatches_count(judge->rpc->mismatches, what, judge->now_ms);
    return found == FOUND_FAULT ? ERR_CORRUPT : ERR_OK;
}

/* ---- the whole ---- */

static void judge_subject(struct judge *judge, const struct asked *asked) {
    judge->has_subject = true;
    memset(&judge->subject, 0, sizeof judge->subject);
    judge->number = judge->subject;
    judge->has_number = asked->query.number_tag != NULL;
    if (judge->has_number) {
        judge->number.by = SUBJECT_NUMBER;
        judge->number.type_no = asked->number_type_no;
        memcpy(judge->number.tag, asked->query.number_tag, TAG_LEN);
    }
    if (asked->query.document_key != NULL) {
        judge->subject.by = SUBJECT_DOCUMENT;
        memcpy(judge->subject.key, asked->query.document_key, 32);
    } else if (asked->query.licence_key != NULL) {
        judge->subject.by = SUBJECT_LICENCE;
        memcpy(judge->subject.key, asked->query.licence_key, 32);
    } else {
        judge->subject = judge->number;
    }
}

static enum err judge_led(struct judge *judge, const struct asked *asked) {
    judge_subject(judge, asked);
    const enum err err = verdict_judge(&judge->verdict, &asked->query, &judge->source, judge->now_ms);
    if (err == ERR_OK && asked->nowhere && judge->verdict.word != VERDICT_UNKNOWN) judge_say(judge, VERDICT_MISMATCH, NULL);
    return err;
}

/* By fields: after too many wrong ones nothing at all is judged, so that neither the answer nor its time tells right from wrong. */
static enum err judge_guarded(struct judge *judge, const struct asked *asked, const struct query *query) {
    uint8_t key[32];
    struct mismatch what;
    enum err err = target(judge, asked, query, key, &what);
    if (err != ERR_OK) return err;
    if (what.key32 != NULL && mismatches_blocked(judge->rpc->mismatches, &what, judge->now_ms)) {
        judge_say(judge, VERDICT_INCOMPLETE, "too many of your queries about this licence did not agree; by fields it is not answered until tomorrow, or until the node's operator clears it; ask with the document");
        return ERR_OK;
    }
    err = judge_led(judge, asked);
    return err == ERR_OK && judge->verdict.word == VERDICT_MISMATCH && what.key32 != NULL ? count_mismatch(judge, &what) : err;
}

static enum err judge_asked(struct judge *judge, struct asked *asked, const struct query *given) {
    const struct verdict_query *query = &asked->query;
    const bool led = query->document_key != NULL || query->licence_key != NULL || query->number_tag != NULL;
    if (asked->missing != NULL) {
        judge_say(judge, VERDICT_INCOMPLETE, asked->missing);
        return ERR_OK;
    }
    if (asked->apart || (asked->nowhere && !led)) {
        judge_say(judge, asked->apart ? VERDICT_MISMATCH : VERDICT_UNKNOWN, NULL);
        return ERR_OK;
    }
    /* an asker with the document has read the fields in it; beside a document that is not registered no field is looked at */
    return given->has_fields && !given->has_document ? judge_guarded(judge, asked, given) : judge_led(judge, asked);
}

enum err judge_query(struct judge *judge, const struct query *query) {
    struct asked asked;
    memset(&asked, 0, sizeof asked);
    asked.query.kept = judge->snapshot->kept;
    judge->has_subject = false;
    if (query->has_document) judge_by_document(judge, &asked, query);
    asked.query.seals = query->seals;
    asked.query.seal_count = query->seal_count;
    if (query->has_key) asked.query.licence_key = query->key;
    if (query->has_identifier) judge_by_identifier(judge, &asked, query);
    if (query->has_fields) judge_by_fields(judge, &asked, query);
    const enum err err = asked.err == ERR_OK ? judge_asked(judge, &asked, query) : asked.err;
    if (query->has_fields) bytes_wipe(&asked.lookup, sizeof asked.lookup);
    return err;
}

enum err judge_proof(struct judge *judge, uint8_t *out, size_t cap, size_t *len) {
    const enum verdict_word word = judge->verdict.word;
    *len = 0;
    if (!judge->has_note || !judge->has_subject || word == VERDICT_MISMATCH || word == VERDICT_INCOMPLETE) return ERR_OK;
    const struct bytes note = bytes_of(judge->note.bytes, judge->note.len);
    const struct proof_request request = {.subject = judge->subject, .notes = &note, .note_count = 1, .number = judge->has_number ? &judge->number : NULL};
    return prove_verdict(out, cap, len, &judge->proved, judge->snapshot, &request, judge->now_ms);
}

/* Of every verdict in the call. */
static struct verdict_frame frame_of(const struct judge *judge) {
    return (struct verdict_frame){.chain = judge->rpc->chain_id, .height = judge->snapshot->n, .now_ms = judge->now_ms,
                                  .time_ms = judge->has_note ? judge->note.time_ms : judge->snapshot->header.time_ms, .as_of = judge->as_of};
}

void judge_begin(struct judge *judge, struct rpc *rpc, const struct snapshot *snapshot) {
    judge->rpc = rpc;
    judge->snapshot = snapshot;
    memset(judge->asker, 0, sizeof judge->asker);
    verdict_kept_call(snapshot->kept);
    judge->source = object_cache_over(&judge->cache, snapshot, rpc->genesis);
    judge->has_note = rpc->hooks.note(rpc->hooks.context, snapshot, &judge->note);
    judge->now_ms = rpc->hooks.now_ms(rpc->hooks.context); /* after the note was made: it is none from the future */
    judge->as_of = bytes_of(NULL, 0);
    const struct verdict_frame frame = frame_of(judge);
    struct emit out = emit_write(judge->as_of_text, sizeof judge->as_of_text);
    verdict_as_of(&out, &frame);
    ASSERT(!out.full); /* a chain id is bounded */
    judge->as_of = emit_bytes(&out);
}

void judge_frame(struct judge *judge, struct bytes asked, struct verdict_frame *frame) {
    struct rpc *rpc = judge->rpc;
    *frame = frame_of(judge);
    if (!judge->verdict.has_licence) return;
    if (asked.data != NULL) {
        frame->identifier = asked;
    } else if (rpc->hooks.identifier != NULL) {
        const size_t len = rpc->hooks.identifier(rpc->hooks.context, judge->verdict.licence.key, judge->identifier);
        if (len > 0) frame->identifier = bytes_of(judge->identifier, len);
    }
}
