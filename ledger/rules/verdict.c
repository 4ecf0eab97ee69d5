#include "ledger/rules/verdict_part.h"
#include "ledger/wire/ident.h"

/* word, name, GB/T 36906 code (0 right and valid, 1 not activated, 2 not in force for a time, 3 ended, 4 incomplete, 5 nothing found,
 * 6 does not agree), exit code of licet */
static const struct {
    const char *text;
    int code, exit;
} WORDS[] = {
    [VERDICT_VALID] = {"valid", 0, EXIT_VALID},
    [VERDICT_NOT_ACTIVE] = {"not_active", 1, EXIT_LAPSED},
    [VERDICT_SUSPENDED] = {"suspended", 2, EXIT_SUSPENDED},
    [VERDICT_LAPSED] = {"lapsed", 3, EXIT_LAPSED},
    [VERDICT_CANCELLED] = {"cancelled", 3, EXIT_ENDED},
    [VERDICT_ANNULLED] = {"annulled", 3, EXIT_ENDED},
    [VERDICT_REVOKED] = {"revoked", 3, EXIT_ENDED},
    [VERDICT_SUPERSEDED] = {"superseded", 3, EXIT_SUPERSEDED},
    [VERDICT_TRANSFERRED] = {"transferred", 3, EXIT_SUPERSEDED},
    [VERDICT_UNKNOWN] = {"unknown", 5, EXIT_UNKNOWN},
    [VERDICT_MISMATCH] = {"mismatch", 6, EXIT_MISMATCH},
    [VERDICT_INCOMPLETE] = {"incomplete", 4, EXIT_MISMATCH},
};
const char *verdict_word_text(enum verdict_word word) { return WORDS[word].text; }
int verdict_code(enum verdict_word word) { return WORDS[word].code; }
int verdict_exit(enum verdict_word word) { return WORDS[word].exit; }

static bool decode_licence(struct judging *j, struct licence *out, struct bytes value) {
    return expect(j, licence_decode(out, value).code == CODE_OK);
}

static bool licence_value_by_no(struct judging *j, struct licence *out, uint32_t no, const char *name, struct bytes *value) {
    return ask_no(j, OBJECT_LICENCE, no, name, value) && decode_licence(j, out, *value) && expect(j, out->no == no);
}

static bool licence_by_no(struct judging *j, struct licence *out, uint32_t no, const char *name) {
    struct bytes value;
    return licence_value_by_no(j, out, no, name, &value);
}

/* ---- which licence is meant ---- */

/* What the parts of the query lead to. NO_NONE: to nothing. */
struct leads {
    bool document_asked, licence_asked, number_asked;
    uint32_t document_no, licence_no, number_no;
    uint32_t document_version;
    enum document_kind document_kind;
    struct bytes value; /* of the licence that was asked for by its key: it lies decoded in the verdict, and is not asked for again by its number */
};

static void lead_document(struct judging *j, struct leads *leads) {
    struct bytes value;
    struct document_object document;
    leads->document_asked = true;
    if (!ask_id(j, OBJECT_DOCUMENT, bytes_of(j->query->document_key, 32), "document record", &value)) return;
    if (!expect(j, document_decode(&document, value).code == CODE_OK)) return;
    leads->document_no = document.licence_no;
    leads->document_version = document.version;
    leads->document_kind = document.kind;
}

static void lead_licence(struct judging *j, struct leads *leads) {
    leads->licence_asked = true;
    if (!ask_id(j, OBJECT_LICENCE, bytes_of(j->query->licence_key, 32), "licence", &leads->value)) return;
    if (decode_licence(j, &j->out->licence, leads->value)) leads->licence_no = j->out->licence.no;
}

static void lead_number(struct judging *j, struct leads *leads) {
    struct bytes value;
    struct licence_type type;
    struct number_object number;
    leads->number_asked = true;
    if (!ask_id(j, OBJECT_TYPE, j->query->type_code, "licence type", &value)) return;
    if (!expect(j, licence_type_decode(&type, value).code == CODE_OK)) return;
    uint8_t id[4 + TAG_LEN];
    be32_put(id, type.no);
    memcpy(id + 4, j->query->number_tag, TAG_LEN);
    if (!ask_id(j, OBJECT_NUMBER, bytes_of(id, sizeof id), "number record", &value)) return;
    if (expect(j, number_decode(&number, value).code == CODE_OK)) leads->number_no = number.licence_no;
}

/* True where `no` is the licence, or what it became by renewal and amendment. */
static bool becomes(struct judging *j, const struct licence *from, uint32_t no) {
    if (from->no == no) return true;
    uint32_t next = from->next_no;
    for (uint32_t i = 0; i < VERDICT_VERSIONS_MAX; i++) {
        if (next == no) return true;
        if (next == NO_NONE) return false;
        struct licence licence;
        if (!licence_by_no(j, &licence, next, "superseding licence")) return false;
        next = licence.next_no;
    }
    if (j->missing == NULL) j->missing = "the versions in between: there are too many";
    return false;
}

/* A whole file, PDF or any other, or what a signature in it signed: the one never stands for the other. */
static bool kind_agrees(enum document_kind asked, enum document_kind registered) {
    return asked == 0 || (asked == DOCUMENT_OFD_SIGNATURE) == (registered == DOCUMENT_OFD_SIGNATURE);
}

enum lead { LEAD_NONE, LEAD_ONE, LEAD_APART, LEAD_ASTRAY /* to one, but for the number, which is not its own */ };

/* The licence is decoded in the verdict where all that was given leads to one. A number that does not is no reason to end early: the work is that of
 * a right one, or its time would tell whose it is. */
static enum lead follow_leads(struct judging *j, const struct leads *leads) {
    struct licence *out = &j->out->licence;
    const uint32_t asked = (uint32_t)leads->document_asked + leads->licence_asked + leads->number_asked;
    const uint32_t led = (uint32_t)(leads->document_no != NO_NONE) + (leads->licence_no != NO_NONE) + (leads->number_no != NO_NONE);
    if (led == 0) return LEAD_NONE;
    const bool nowhere = leads->number_asked && leads->number_no == NO_NONE;
    if (led + nowhere < asked) return LEAD_APART;
    if (leads->document_asked && leads->licence_asked && leads->document_no != leads->licence_no) return LEAD_APART;
    if (leads->document_asked && !kind_agrees(j->query->document_kind, leads->document_kind)) {
        j->out->other_kind = true;
        return LEAD_APART;
    }
    uint32_t no = leads->number_no;
    if (leads->licence_asked) no = leads->licence_no;
    if (leads->document_asked) no = leads->document_no;
    if (leads->licence_no == no) {
        j->value = leads->value;
    } else if (!licence_value_by_no(j, out, no, "licence", &j->value)) {
        return LEAD_NONE;
    }
    ASSERT(j->value.len <= sizeof j->out->buffer);
    memcpy(j->out->buffer, j->value.data, j->value.len); /* now: a source keeps only the last values alive, and more are asked for */
    if (leads->document_asked && leads->document_version > out->version) return LEAD_APART;
    if (nowhere) return LEAD_ASTRAY;
    return leads->number_asked && !becomes(j, out, leads->number_no) ? LEAD_ASTRAY : LEAD_ONE;
}

/* ---- issuer and type ---- */

/* Whether the issuer may issue this type now. It does not touch the word: a licence issued while it might stays what it is. */
static bool authorised(const struct member *issuer, const struct licence_type *type) {
    if (issuer->state != MEMBER_ACTIVE || (issuer->roles & ROLE(USE_ISSUE)) == 0 || type->state != TYPE_ACTIVE) return false;
    for (uint32_t i = 0; i < issuer->type_count; i++) {
        if (issuer->types[i] == type->no) return true;
    }
    return false;
}

/* True: all of the issuer and the type that there is to say has been said. */
static bool parties_kept(struct judging *j, const struct licence *licence) {
    struct verdict_kept *kept = j->query->kept;
    struct verdict *out = j->out;
    struct bytes value;
    for (uint32_t i = 0; kept != NULL && i < VERDICT_KEPT; i++) {
        struct verdict_parties *parties = &kept->parties[i];
        if (!parties->set || parties->issuer_no != licence->issuer_no || parties->type_no != licence->type_no) continue;
        if (parties->call != kept->call) {
            const bool has_issuer = ask_no(j, OBJECT_MEMBER, parties->issuer_no, "issuer", &value);
            const bool has_type = ask_no(j, OBJECT_TYPE, parties->type_no, "licence type", &value);
            if (!has_issuer || !has_type) return true;
            parties->call = kept->call;
        }
        out->issuer_authorised = parties->authorised;
        copy_text(out->issuer_id, sizeof out->issuer_id, bytes_text(parties->issuer_id));
        copy_text(out->issuer_name, sizeof out->issuer_name, bytes_text(parties->issuer_name));
        copy_text(out->type_code, sizeof out->type_code, bytes_text(parties->type_code));
        copy_text(out->type_name, sizeof out->type_name, bytes_text(parties->type_name));
        return true;
    }
    return false;
}

static void keep_parties(struct judging *j, const struct licence *licence) {
    struct verdict_kept *kept = j->query->kept;
    const struct verdict *out = j->out;
    if (kept == NULL) return;
    kept->used = true;
    struct verdict_parties *parties = &kept->parties[kept->next++ % VERDICT_KEPT];
    parties->set = true;
    parties->authorised = out->issuer_authorised;
    parties->call = kept->call;
    parties->issuer_no = licence->issuer_no;
    parties->type_no = licence->type_no;
    memcpy(parties->issuer_id, out->issuer_id, sizeof parties->issuer_id);
    memcpy(parties->issuer_name, out->issuer_name, sizeof parties->issuer_name);
    memcpy(parties->type_code, out->type_code, sizeof parties->type_code);
    memcpy(parties->type_name, out->type_name, sizeof parties->type_name);
}

static void look_at_issuer(struct judging *j, const struct licence *licence) {
    if (parties_kept(j, licence)) return;
    struct verdict *out = j->out;
    struct bytes value;
    struct member issuer;
    struct licence_type type;
    const bool has_issuer = ask_no(j, OBJECT_MEMBER, licence->issuer_no, "issuer", &value) &&
                            expect(j, member_decode(&issuer, value).code == CODE_OK && issuer.no == licence->issuer_no);
    if (has_issuer) {
        copy_text(out->issuer_id, sizeof out->issuer_id, issuer.uscc);
        copy_text(out->issuer_name, sizeof out->issuer_name, issuer.name);
    }
    const bool has_type = ask_no(j, OBJECT_TYPE, licence->type_no, "licence type", &value) &&
                          expect(j, licence_type_decode(&type, value).code == CODE_OK && type.no == licence->type_no);
    if (has_type) {
        copy_text(out->type_code, sizeof out->type_code, type.code);
        copy_text(out->type_name, sizeof out->type_name, type.name);
    }
    if (!has_issuer || !has_type) return;
    out->issuer_authorised = authorised(&issuer, &type);
    if (!gone_wrong(j)) keep_parties(j, licence);
}

/* All comparisons are made before one answer is given, and the licence is judged to its end whether they agree or not: so neither the answer nor its
 * time says which one failed. */
static bool fields_agree(struct judging *j, const struct licence *licence) {
    const struct verdict_query *query = j->query;
    bool agree = true;
    if (query->holder_tag != NULL) agree &= bytes_equal_ct(query->holder_tag, licence->holder_tag, TAG_LEN);
    if (query->name_agrees != NULL) agree &= query->name_agrees(query->name_context, licence);
    if (query->type_code.len > 0) agree &= bytes_equal(query->type_code, bytes_text(j->out->type_code));
    return agree;
}

/* ---- the state of one licence ---- */

/* When a key was compromised. False: its object cannot be had, or is not in order. */
static bool key_compromise(struct judging *j, uint32_t no, uint64_t *since) {
    struct verdict_kept *kept = j->query->kept;
    struct verdict_key *place = kept != NULL ? &kept->keys[no % VERDICT_KEPT_KEYS] : NULL;
    const bool known = place != NULL && place->set && place->no == no;
    if (!known || place->call != kept->call) {
        struct bytes value;
        struct key_object key;
        if (!ask_no(j, OBJECT_KEY, no, "key that acted on the licence", &value)) return false;
        if (!known) {
            if (!expect(j, key_object_decode(&key, value).code == CODE_OK && key.no == no)) return false;
            *since = key.compromised_since;
        }
    }
    if (known) *since = place->compromised_since;
    if (place != NULL) {
        *place = (struct verdict_key){true, no, kept->call, *since};
        kept->used = true;
    }
    return true;
}

/* Which keys that acted did so at or after their compromise. */
enum taint { TAINT_NONE, TAINT_EARLIER /* one of them, but not the one that acted last */, TAINT_LAST };

static enum taint key_compromised(struct judging *j, const struct licence *licence) {
    enum taint taint = TAINT_NONE;
    uint64_t last = 0;
    for (uint32_t i = 0; i < licence->acted_count; i++)
        if (licence->acted[i].last_entry > last) last = licence->acted[i].last_entry;
    for (uint32_t i = 0; i < licence->acted_count; i++) {
        uint64_t compromised_since;
        if (!key_compromise(j, licence->acted[i].key_no, &compromised_since)) continue;
        if (compromised_since > licence->acted[i].last_entry) continue;
        if (licence->acted[i].last_entry == last) taint = TAINT_LAST;
        else if (taint == TAINT_NONE) taint = TAINT_EARLIER;
    }
    return taint;
}

static enum verdict_word by_date(const struct licence *licence, int32_t day) {
    if (day < licence->valid_from) return VERDICT_NOT_ACTIVE;
    if (licence->valid_to != DAY_NONE && day > licence->valid_to) return VERDICT_LAPSED;
    return VERDICT_VALID;
}

static enum verdict_word by_state(const struct licence *licence, enum taint taint, bool seal, int32_t day) {
    if (taint == TAINT_LAST) return VERDICT_SUSPENDED; /* an ending by a thief's hand is not an ending: `confirm` decides */
    switch (licence->state) {
    case LICENCE_ANNULLED: return VERDICT_ANNULLED;
    case LICENCE_CANCELLED: return VERDICT_CANCELLED;
    case LICENCE_REVOKED: return VERDICT_REVOKED;
    case LICENCE_SUPERSEDED: return VERDICT_SUPERSEDED;
    case LICENCE_TRANSFERRED: return VERDICT_TRANSFERRED;
    case LICENCE_SUSPENDED:
    case LICENCE_TRANSFERRING: return VERDICT_SUSPENDED;
    case LICENCE_VALID: return taint != TAINT_NONE || seal ? VERDICT_SUSPENDED : by_date(licence, day);
    }
    ASSERT(false); /* the decoder lets no other state through */
    return VERDICT_INCOMPLETE;
}

/* ---- components ---- */

/* A list that grows at its end while it is read from its front: no recursion, whatever licences name. */
struct waiting {
    uint32_t no[VERDICT_COMPONENTS_MAX];
    uint32_t count;
};

static void wait_for(struct judging *j, struct waiting *waiting, const struct licence *licence) {
    for (uint32_t i = 0; i < licence->component_count; i++) {
        bool known = false;
        for (uint32_t k = 0; k < waiting->count; k++) known |= waiting->no[k] == licence->components[i];
        if (known) continue;
        if (waiting->count == VERDICT_COMPONENTS_MAX) {
            if (j->missing == NULL) j->missing = "components: there are too many";
            return;
        }
        waiting->no[waiting->count++] = licence->components[i];
    }
}

/* The word of the first component that is not valid. Reads all of them, because which one fails depends on the date. */
static enum verdict_word judge_components(struct judging *j, const struct licence *licence, int32_t day) {
    enum verdict_word word = VERDICT_VALID;
    struct waiting waiting = {.count = 0};
    wait_for(j, &waiting, licence);
    for (uint32_t i = 0; i < waiting.count; i++) {
        struct licence component;
        if (!licence_by_no(j, &component, waiting.no[i], "component licence")) continue;
        const enum taint taint = key_compromised(j, &component);
        const bool seal = seal_suspect(j, &component);
        if (word == VERDICT_VALID) word = by_state(&component, taint, seal, day);
        wait_for(j, &waiting, &component);
    }
    return word;
}

/* ---- the whole ---- */

/* False: another seal was shown than the licence's. */
static bool judge_licence(struct judging *j, const struct licence *licence, const struct leads *leads, int32_t day) {
    struct verdict *out = j->out;
    struct licence next;
    if (licence->next_no != NO_NONE && licence_by_no(j, &next, licence->next_no, "superseding licence")) {
        out->has_superseded_by = true;
        memcpy(out->superseded_by, next.key, 32);
    }
    const enum taint taint = key_compromised(j, licence);
    const struct seals_said seals = seals_judge(j, licence);
    const enum verdict_word components = judge_components(j, licence, day);

    out->word = by_state(licence, taint, seals.suspect, day);
    const bool derived = out->word == VERDICT_SUSPENDED && licence->state != LICENCE_SUSPENDED && licence->state != LICENCE_TRANSFERRING;
    out->by_compromise = derived && taint != TAINT_NONE;
    out->by_seal = derived && taint == TAINT_NONE;
    const bool old_document = leads->document_asked && leads->document_version != licence->version;
    if (leads->document_asked && !old_document) {
        out->document = leads->document_kind == DOCUMENT_OFD_SIGNATURE ? DOCUMENT_COPY : DOCUMENT_MATCH;
    }
    if (old_document && !licence_state_final(licence->state)) { /* what was shown has been replaced within the licence */
        out->word = VERDICT_SUPERSEDED;
        out->by_compromise = out->by_seal = false;
        out->has_superseded_by = true;
        memcpy(out->superseded_by, licence->key, 32);
    } else if (out->word == VERDICT_VALID && components != VERDICT_VALID) {
        out->word = components;
        out->component_fails = true;
    }
    return seals.agree;
}

/* An answer that tells nothing but its word. */
static void say_only(struct verdict *out, enum verdict_word word, const char *missing) {
    memset(out, 0, offsetof(struct verdict, buffer));
    out->word = word;
    out->missing = missing;
}

static void say_only_with_seals(struct verdict *out, enum verdict_word word) {
    const bool has_seal = out->has_seal, without_seal = out->without_seal;
    const uint32_t shown_count = out->shown_count;
    say_only(out, word, NULL);
    out->without_seal = without_seal;
    out->has_seal = has_seal;
    out->shown_count = shown_count;
}

/* A view into the value becomes one into the copy. */
static void move_view(struct bytes *view, struct bytes value, const uint8_t *copy) {
    if (view->data != NULL) view->data = copy + (view->data - value.data);
}

/* Its views lead into the verdict's own buffer from here on. */
static void keep_licence(struct judging *j) {
    struct verdict *out = j->out;
    const struct bytes value = j->value; /* only where it was: its bytes are in the buffer */
    move_view(&out->licence.reason, value, out->buffer);
    move_view(&out->licence.basis, value, out->buffer);
    out->has_licence = true;
}

enum err verdict_judge(struct verdict *out, const struct verdict_query *query, const struct object_source *source, int64_t at_ms) {
    struct judging j = {.out = out, .query = query, .source = source};
    struct leads leads = {.document_no = NO_NONE, .licence_no = NO_NONE, .number_no = NO_NONE};
    ASSERT(query->document_key != NULL || query->licence_key != NULL || query->number_tag != NULL);
    say_only(out, VERDICT_INCOMPLETE, NULL);
    if (query->document_key != NULL) lead_document(&j, &leads);
    if (query->licence_key != NULL) lead_licence(&j, &leads);
    if (query->number_tag != NULL) lead_number(&j, &leads);

    const enum lead lead = gone_wrong(&j) ? LEAD_NONE : follow_leads(&j, &leads);
    const bool one = lead == LEAD_ONE || lead == LEAD_ASTRAY;
    bool agree = lead == LEAD_ONE, seals_apart = false;
    if (!gone_wrong(&j) && one) {
        keep_licence(&j);
        look_at_issuer(&j, &out->licence);
        if (!gone_wrong(&j)) agree &= fields_agree(&j, &out->licence);
    }
    if (!gone_wrong(&j) && one) seals_apart = !judge_licence(&j, &out->licence, &leads, day_in_shanghai(at_ms));

    if (gone_wrong(&j)) {
        say_only(out, VERDICT_INCOMPLETE, j.missing);
    } else if (agree && seals_apart && leads.document_asked) { /* who has the document may know what is wrong with its seal */
        say_only_with_seals(out, VERDICT_MISMATCH);
    } else if (!agree || seals_apart) {
        const bool other_kind = out->other_kind;
        say_only(out, lead == LEAD_NONE ? VERDICT_UNKNOWN : VERDICT_MISMATCH, NULL);
        out->other_kind = other_kind;
        (void)seals_judge(&j, NULL); /* seals are public: telling of them tells nothing of a licence */
        if (j.fault != ERR_OK) say_only(out, VERDICT_INCOMPLETE, NULL);
    }
    return j.fault;
}
