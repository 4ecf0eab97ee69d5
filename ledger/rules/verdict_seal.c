/* What a verdict says of seals. */
#include "ledger/rules/verdict_part.h"

const char *seal_step_text(enum seal_step step) {
    static const char *const TEXTS[] = {
#define X(name, text) text,
        SEAL_STEP_LIST(X)
#undef X
    };
    return TEXTS[step];
}
const char *seal_why_text(enum seal_why why) {
    static const char *const TEXTS[] = {
#define X(name, text, en) text,
        SEAL_WHY_LIST(X)
#undef X
    };
    return TEXTS[why];
}
const char *seal_why_en(enum seal_why why) {
    static const char *const TEXTS[] = {
#define X(name, text, en) en,
        SEAL_WHY_LIST(X)
#undef X
    };
    return TEXTS[why];
}
const char *seal_result_text(enum seal_result result) {
    static const char *const TEXTS[] = {[SEAL_PASSED] = "passed", [SEAL_FAILED] = "failed", [SEAL_NOT_CHECKED] = "not_checked"};
    return TEXTS[result];
}

/* --- objects --- */

#define MAKING_NONE SEAL_MAKINGS_MAX

/* Whether a key that acted on the seal from one entry to another, both counted, did so at or after its compromise. Reads all of those keys, so that
 * which objects are asked for hangs on nothing but the seal. */
static bool acted_compromised(struct judging *j, const struct seal *seal, uint64_t from, uint64_t to) {
    bool compromised = false;
    uint32_t before = NO_NONE; /* one key mostly does all of it */
    uint64_t since = UINT64_MAX;
    for (uint32_t i = 0; i < seal->act_count; i++) {
        const struct seal_act *act = &seal->acts[i];
        if (act->entry < from || act->entry > to) continue;
        if (act->key_no != before) {
            struct bytes value;
            struct key_object key;
            before = NO_NONE;
            if (!ask_no(j, OBJECT_KEY, act->key_no, "key that acted on the seal", &value)) continue;
            if (!expect(j, key_object_decode(&key, value).code == CODE_OK && key.no == act->key_no)) continue;
            before = act->key_no;
            since = key.compromised_since;
        }
        compromised |= since <= act->entry;
    }
    return compromised;
}

/* The seal that a licence names. The object itself says under which making and when the licence was sealed. */
static bool own_seal(struct judging *j, struct seal *out, const struct licence *licence) {
    struct bytes value;
    return ask_no(j, OBJECT_SEAL, licence->seal.no, "seal", &value) &&
           expect(j, seal_decode(out, value).code == CODE_OK && out->no == licence->seal.no && licence->seal.making < out->making_count &&
                         out->makings[licence->seal.making].entry <= licence->seal.entry);
}

/* Order on the ledger decides: what was entered before the seal became suspect stays as it is, and what came after does not, however it is dated. */
static enum seal_why suspect_for(struct judging *j, const struct seal *seal, const struct licence_seal *sealed) {
    const struct seal_making *making = &seal->makings[sealed->making];
    const bool compromised = acted_compromised(j, seal, making->entry, sealed->entry);
    if (making->suspect_since <= sealed->entry) return SEAL_WHY_SUSPECT;
    return compromised ? SEAL_WHY_KEY_COMPROMISED : SEAL_WHY_NONE;
}

bool seal_suspect(struct judging *j, const struct licence *licence) {
    struct seal seal;
    if (licence->seal.no == NO_NONE || !own_seal(j, &seal, licence)) return false;
    return suspect_for(j, &seal, &licence->seal) != SEAL_WHY_NONE;
}

/* --- steps --- */

static void set(struct verdict_seal *out, enum seal_step step, enum seal_result result, enum seal_why why) {
    out->steps[step].result = result;
    out->steps[step].why = why;
}
static void pass(struct verdict_seal *out, enum seal_step step) { set(out, step, SEAL_PASSED, SEAL_WHY_NONE); }
static void verdict_seal_fail(struct verdict_seal *out, enum seal_step step, enum seal_why why) { set(out, step, SEAL_FAILED, why); }
static void verdict_seal_skip(struct verdict_seal *out, enum seal_step step, enum seal_why why) { set(out, step, SEAL_NOT_CHECKED, why); }
/* Failed for this reason, or passed where there is none. */
static void unless(struct verdict_seal *out, enum seal_step step, enum seal_why why) {
    if (why == SEAL_WHY_NONE) pass(out, step);
    else verdict_seal_fail(out, step, why);
}

static void result_make(struct verdict_seal *out) {
    out->result = SEAL_PASSED;
    for (int i = 0; i < SEAL_STEP_COUNT; i++)
        if (out->steps[i].result == SEAL_NOT_CHECKED) out->result = SEAL_NOT_CHECKED;
    for (int i = 0; i < SEAL_STEP_COUNT; i++)
        if (out->steps[i].result == SEAL_FAILED) out->result = SEAL_FAILED;
}

/* Before anything else is asked for: the seal's texts are views that die. */
static void facts(struct judging *j, struct verdict_seal *out, const struct seal *seal) {
    struct bytes value;
    struct member owner;
    out->known = true;
    copy_text(out->id, sizeof out->id, seal->id);
    copy_text(out->name, sizeof out->name, seal->name);
    out->kind = seal->kind;
    out->state = seal->state;
    out->since = seal->since;
    if (!ask_no(j, OBJECT_MEMBER, seal->owner_no, "owner of the seal", &value)) return;
    if (!expect(j, member_decode(&owner, value).code == CODE_OK && owner.no == seal->owner_no)) return;
    copy_text(out->owner_id, sizeof out->owner_id, owner.uscc);
    copy_text(out->owner_name, sizeof out->owner_name, owner.name);
}

/* A seal without a licence that it sealed: what it is now. */
static void state_now(struct judging *j, struct verdict_seal *out, const struct seal *seal, uint32_t making) {
    const struct seal_making *it = &seal->makings[making];
    const bool past = making + 1 < seal->making_count;
    const bool compromised = acted_compromised(j, seal, it->entry, past ? it[1].entry - 1 : UINT64_MAX);
    if (compromised) verdict_seal_fail(out, SEAL_STEP_STATE, SEAL_WHY_KEY_COMPROMISED);
    else if (seal->state == SEAL_CANCELLED) verdict_seal_fail(out, SEAL_STEP_STATE, SEAL_WHY_CANCELLED);
    else if (seal->state == SEAL_STOPPED) verdict_seal_fail(out, SEAL_STEP_STATE, SEAL_WHY_STOPPED);
    else if (it->suspect_since != LOG_ENTRY_NONE) verdict_seal_fail(out, SEAL_STEP_STATE, SEAL_WHY_SUSPECT);
    else if (past) verdict_seal_skip(out, SEAL_STEP_STATE, SEAL_WHY_MADE_AGAIN);
    else pass(out, SEAL_STEP_STATE);
}

static void certificate_step(struct verdict_seal *out, const struct shown_seal *shown, const struct seal_making *making) {
    bool listed = false;
    if (shown->certificate32 == NULL) {
        verdict_seal_skip(out, SEAL_STEP_CERTIFICATE, SEAL_WHY_NOT_SHOWN);
        return;
    }
    for (uint32_t i = 0; i < making->cert_count; i++) listed |= memcmp(making->certs[i], shown->certificate32, 32) == 0;
    unless(out, SEAL_STEP_CERTIFICATE, listed ? SEAL_WHY_NONE : SEAL_WHY_NOT_LISTED);
}

static void licence_steps(struct verdict_seal *out, const struct seal *seal, uint32_t making, const struct licence *licence) {
    if (licence == NULL) {
        verdict_seal_skip(out, SEAL_STEP_OWNER, SEAL_WHY_NO_LICENCE);
        verdict_seal_skip(out, SEAL_STEP_NAMED, SEAL_WHY_NO_LICENCE);
        return;
    }
    const bool own = licence->seal.no == seal->no; /* then it was the issuer's when the licence was entered, whoever has it now */
    unless(out, SEAL_STEP_OWNER, own || seal->owner_no == licence->issuer_no ? SEAL_WHY_NONE : SEAL_WHY_OTHER_OWNER);
    if (licence->seal.no == NO_NONE) verdict_seal_skip(out, SEAL_STEP_NAMED, SEAL_WHY_NOT_NAMED);
    else unless(out, SEAL_STEP_NAMED, own && licence->seal.making == making ? SEAL_WHY_NONE : SEAL_WHY_OTHER_SEAL);
}

static void judge_found(struct judging *j, struct verdict_seal *out, const struct shown_seal *shown, const struct seal *seal, const struct licence *licence) {
    uint32_t making = 0;
    while (making < seal->making_count && memcmp(seal->makings[making].digest, shown->digest32, 32) != 0) making++;
    if (making == seal->making_count) making = MAKING_NONE;
    facts(j, out, seal);
    pass(out, SEAL_STEP_REGISTERED);
    unless(out, SEAL_STEP_DIGEST, making == MAKING_NONE ? SEAL_WHY_DIGEST_DIFFERS : SEAL_WHY_NONE);
    if (making == MAKING_NONE) verdict_seal_skip(out, SEAL_STEP_CERTIFICATE, SEAL_WHY_EARLIER);
    else certificate_step(out, shown, &seal->makings[making]);
    licence_steps(out, seal, making, licence);
    if (licence != NULL && licence->seal.no == seal->no) unless(out, SEAL_STEP_STATE, suspect_for(j, seal, &licence->seal));
    else if (making == MAKING_NONE) verdict_seal_skip(out, SEAL_STEP_STATE, SEAL_WHY_EARLIER);
    else state_now(j, out, seal, making);
}

/* One seal that was shown. A source that lacks objects of a seal which is not the licence's own makes that seal not_checked, and nothing else. */
static void judge_shown(struct judging *j, struct verdict_seal *out, const struct shown_seal *shown, const struct licence *licence) {
    struct judging quiet = *j;
    struct bytes value = {NULL, 0};
    struct seal seal;
    ASSERT(shown->id.len <= SEAL_ID_MAX);
    quiet.missing = NULL;
    memset(out, 0, sizeof *out);
    const bool found = ask_id(&quiet, OBJECT_SEAL, shown->id, "seal", &value) && expect(&quiet, seal_decode(&seal, value).code == CODE_OK);
    if (found) judge_found(&quiet, out, shown, &seal, licence);
    if (quiet.fault != ERR_OK) j->fault = quiet.fault;
    if (!found || quiet.missing != NULL) {
        const bool absent = !found && quiet.missing == NULL;
        const bool own = found && licence != NULL && licence->seal.no == seal.no;
        for (int i = 0; i < SEAL_STEP_COUNT; i++) verdict_seal_skip(out, (enum seal_step)i, absent ? SEAL_WHY_EARLIER : SEAL_WHY_NO_RECORD);
        if (absent) verdict_seal_fail(out, SEAL_STEP_REGISTERED, SEAL_WHY_UNKNOWN);
        if (licence != NULL && licence->seal.no != NO_NONE && !own) verdict_seal_fail(out, SEAL_STEP_NAMED, SEAL_WHY_OTHER_SEAL); /* its own is always there */
    }
    copy_text(out->id, sizeof out->id, shown->id);
    result_make(out);
}

/* The licence's own seal, when no other asker than the licence itself names it. */
static void judge_own(struct judging *j, struct verdict_seal *out, const struct licence *licence) {
    struct seal seal;
    memset(out, 0, sizeof *out);
    if (!own_seal(j, &seal, licence)) return; /* then there is no verdict */
    facts(j, out, &seal);
    pass(out, SEAL_STEP_REGISTERED);
    verdict_seal_skip(out, SEAL_STEP_DIGEST, SEAL_WHY_NOT_SHOWN);
    verdict_seal_skip(out, SEAL_STEP_CERTIFICATE, SEAL_WHY_NOT_SHOWN);
    pass(out, SEAL_STEP_OWNER);
    pass(out, SEAL_STEP_NAMED);
    unless(out, SEAL_STEP_STATE, suspect_for(j, &seal, &licence->seal));
    result_make(out);
}

static bool is_the_one(const struct verdict_seal *shown) {
    return shown->steps[SEAL_STEP_NAMED].result == SEAL_PASSED && shown->steps[SEAL_STEP_CERTIFICATE].result != SEAL_FAILED;
}

struct seals_said seals_judge(struct judging *j, const struct licence *licence) {
    struct verdict *out = j->out;
    const struct verdict_query *query = j->query;
    const bool names_one = licence != NULL && licence->seal.no != NO_NONE;
    struct seals_said said = {.agree = !names_one || query->seals == NULL};
    bool own_shown = false;
    ASSERT(query->seal_count <= VERDICT_SEALS_MAX);
    out->has_seal = names_one || query->seal_count > 0;
    out->shown_count = query->seal_count;
    if (names_one) {
        judge_own(j, &out->seal, licence);
        said.suspect = out->seal.steps[SEAL_STEP_STATE].result == SEAL_FAILED;
    }
    for (uint32_t i = 0; i < query->seal_count && j->fault == ERR_OK; i++) {
        struct verdict_seal *shown = &out->shown[i];
        judge_shown(j, shown, &query->seals[i], licence);
        const bool better = names_one ? !said.agree && strcmp(shown->id, out->seal.id) == 0 : i == 0;
        if (better) out->seal = *shown;
        own_shown |= names_one && strcmp(shown->id, out->seal.id) == 0;
        if (names_one && is_the_one(shown)) said.agree = true;
    }
    out->without_seal = !said.agree && query->seal_count == 0;
    if (out->without_seal) out->has_seal = false;
    else if (!said.agree && !own_shown) out->seal = out->shown[0]; /* a mismatch says what is wrong with what was shown, not what would be right */
    return said;
}
