/* Verdicts and seals: which licences a seal makes suspect, by a table over entries; what is said of seals that are shown; and that a claimed time
 * decides nothing. */
#include "tests/lib/records.h"

#include "crypto/hash.h"
#include "ledger/rules/verdict_json.h"

#define NEVER UINT64_MAX
static struct world world;
static struct verdict verdict;

static enum verdict_word judge(const struct verdict_query *query) {
    const struct object_source source = world_source(&world);
    memset(&verdict, 0x5a, sizeof verdict);
    assert_int_equal(verdict_judge(&verdict, query, &source, 0), ERR_OK);
    return verdict.word;
}
static enum verdict_word judge_licence(uint32_t no) {
    const struct licence licence = world_licence(no);
    return judge(&(struct verdict_query){.licence_key = licence.key});
}
/* The licence sealed under this making at this entry. */
static struct licence sealed(uint32_t making, uint64_t entry) {
    struct licence licence = world_licence(NO_LICENCE);
    licence.seal = (struct licence_seal){NO_SEAL, making, entry, NO_NONE};
    licence.acted[0].last_entry = entry;
    world_put_licence(&world, &licence);
    return licence;
}
static const char *step(const struct verdict_seal *seal, enum seal_step at) {
    static char text[64];
    snprintf(text, sizeof text, "%s%s%s", seal_result_text(seal->steps[at].result), seal->steps[at].why ? " " : "", seal_why_text(seal->steps[at].why));
    return text;
}

/* --- what a stop, a cancellation, a re-making said --- */

static void suspect_since(void **state) {
    (void)state;
    static const enum seal_state states[] = {SEAL_VALID, SEAL_STOPPED, SEAL_CANCELLED};
    static const uint64_t since[] = {0, 50, 60, 69, 70, 71, 99, 100, 101, LOG_ENTRY_NONE}, entries[] = {50, 60, 69, 70, 71, 99, 100, 101};
    for (size_t s = 0; s < 3; s++)
        for (size_t a = 0; a < 10; a++)
            for (size_t b = 0; b < 10; b++)
                for (size_t e = 0; e < 8; e++) {
                    const uint32_t making = entries[e] >= 70 ? 1 : 0;
                    struct seal seal = world_seal();
                    world_start(&world);
                    seal.state = states[s];
                    seal.makings[0].suspect_since = since[a];
                    seal.makings[1].suspect_since = since[b];
                    world_put_seal(&world, &seal);
                    (void)sealed(making, entries[e]);
                    /* The order of two entries, and nothing else: not the seal's state now, nor the other making, nor any date. */
                    const bool want = (making ? since[b] : since[a]) <= entries[e];
                    assert_int_equal(judge_licence(NO_LICENCE), want ? VERDICT_SUSPENDED : VERDICT_VALID);
                    assert_int_equal(verdict.by_seal, want);
                    assert_false(verdict.by_compromise);
                    assert_true(verdict.has_seal && verdict.has_licence);
                    assert_string_equal(step(&verdict.seal, SEAL_STEP_STATE), want ? "failed suspect" : "passed");
                    assert_int_equal(verdict.seal.result, want ? SEAL_FAILED : SEAL_NOT_CHECKED);
                    assert_int_equal(verdict.seal.state, states[s]);
                }
}

/* --- keys that acted on the seal --- */

/* Key 6 registered the seal at 50, key 7 stopped and resumed it at 60 and 65, key 6 made it again at 70, key 7 stopped it at 90 and key 8
 * resumed it at 95. */
static void compromised_keys(void **state) {
    (void)state;
    static const struct seal_act acts[] = {{6, 50}, {7, 60}, {7, 65}, {6, 70}, {7, 90}, {8, 95}};
    static const uint64_t since[] = {0, 50, 51, 60, 61, 65, 66, 70, 71, 90, 91, 95, 96, NEVER}, entries[] = {51, 55, 59, 61, 64, 66, 69, 71, 80, 91, 94, 96, 200};
    for (uint32_t key = 6; key <= 8; key++)
        for (size_t c = 0; c < sizeof since / sizeof *since; c++)
            for (size_t e = 0; e < sizeof entries / sizeof *entries; e++) {
                const uint32_t making = entries[e] >= 70 ? 1 : 0;
                struct seal seal = world_seal();
                world_start(&world);
                seal.act_count = 6;
                memcpy(seal.acts, acts, sizeof acts);
                world_put_seal(&world, &seal);
                for (uint32_t no = 6; no <= 8; no++) world_key(&world, no, no == key ? since[c] : NEVER);
                (void)sealed(making, entries[e]);
                /* An act under compromise since the making that the licence has, and before the licence. */
                bool want = false;
                for (size_t i = 0; i < 6; i++)
                    want |= acts[i].key_no == key && acts[i].entry >= since[c] && acts[i].entry <= entries[e] && acts[i].entry >= (making ? 70u : 50u);
                const enum verdict_word have = judge_licence(NO_LICENCE);
                if ((have == VERDICT_SUSPENDED) != want) fail_msg("key %u since %llu, licence at %llu", key, (unsigned long long)since[c], (unsigned long long)entries[e]);
                assert_int_equal(verdict.by_seal, want);
                assert_string_equal(step(&verdict.seal, SEAL_STEP_STATE), want ? "failed key_compromised" : "passed");
            }
}

/* A seal made again by a good key is good again: what the thief did to it before says nothing of what came after. */
static void made_again_is_the_way_back(void **state) {
    (void)state;
    struct seal seal = world_seal();
    world_start(&world);
    seal.acts[0].key_no = 6;
    world_key(&world, 6, 50);
    world_put_seal(&world, &seal);
    (void)sealed(0, 60);
    assert_int_equal(judge_licence(NO_LICENCE), VERDICT_SUSPENDED);
    (void)sealed(1, 100);
    assert_int_equal(judge_licence(NO_LICENCE), VERDICT_VALID);
    assert_false(verdict.by_seal);
}

/* D10, seal after seal-revoke: stamped yesterday, entered after the stop. That the issue itself is refused stands in test_apply_seal.c
 * (seal_stopped); here the stop is told later and names the entry from which on the seal was in other hands. No time is read: the licence's
 * dates, the signature's and the asker's may say what they want. */
static void seal_after_seal_revoke(void **state) {
    (void)state;
    struct seal seal = world_seal();
    world_start(&world);
    seal.state = SEAL_STOPPED;
    seal.makings[1].suspect_since = 90;
    world_put_seal(&world, &seal);
    const struct object_source source = world_source(&world);
    static const struct { uint64_t entry; enum verdict_word want; } rows[] = {{89, VERDICT_VALID}, {90, VERDICT_SUSPENDED}, {91, VERDICT_SUSPENDED}};
    for (size_t i = 0; i < 3; i++)
        for (int64_t day = 0; day < 3; day++) {
            struct licence licence = sealed(1, rows[i].entry);
            licence.valid_from = (int32_t)-day; /* however old it says it is */
            world_put_licence(&world, &licence);
            assert_int_equal(verdict_judge(&verdict, &(struct verdict_query){.licence_key = licence.key}, &source, day * 86400000), ERR_OK);
            assert_int_equal(verdict.word, rows[i].want);
            assert_int_equal(verdict.by_seal, rows[i].want == VERDICT_SUSPENDED);
        }
}

/* What else decides: an ending stays an ending, compromise comes before the seal, a suspect seal before the dates. */
static void precedence(void **state) {
    (void)state;
    static const struct { enum licence_state state; enum verdict_word want; bool by_seal; } rows[] = {
        {LICENCE_VALID, VERDICT_SUSPENDED, true},       {LICENCE_SUSPENDED, VERDICT_SUSPENDED, false}, {LICENCE_TRANSFERRING, VERDICT_SUSPENDED, false},
        {LICENCE_REVOKED, VERDICT_REVOKED, false},      {LICENCE_ANNULLED, VERDICT_ANNULLED, false},   {LICENCE_CANCELLED, VERDICT_CANCELLED, false},
        {LICENCE_SUPERSEDED, VERDICT_SUPERSEDED, false}, {LICENCE_TRANSFERRED, VERDICT_TRANSFERRED, false},
    };
    struct seal seal = world_seal();
    seal.makings[1].suspect_since = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_start(&world);
        world_put_seal(&world, &seal);
        struct licence licence = sealed(1, 100);
        licence.state = rows[i].state;
        licence.valid_to = -1; /* lapsed, if it were asked */
        world_put_licence(&world, &licence);
        assert_int_equal(judge_licence(NO_LICENCE), rows[i].want);
        assert_int_equal(verdict.by_seal, rows[i].by_seal);
        assert_int_equal(verdict.seal.steps[SEAL_STEP_STATE].result, SEAL_FAILED); /* told whatever the word is */
    }
    world_key(&world, NO_KEY_A, 100);
    (void)sealed(1, 100);
    assert_int_equal(judge_licence(NO_LICENCE), VERDICT_SUSPENDED);
    assert_true(verdict.by_compromise);
    assert_false(verdict.by_seal);
}

static void component_sealed(void **state) {
    (void)state;
    for (uint64_t since = 99; since <= 101; since++) {
        struct licence composite = world_licence(NO_LICENCE), component = world_licence(20);
        struct seal seal = world_seal();
        world_start(&world);
        seal.makings[1].suspect_since = since;
        world_put_seal(&world, &seal);
        component.seal = (struct licence_seal){NO_SEAL, 1, 100, NO_NONE};
        composite.component_count = 1;
        composite.components[0] = 20;
        world_put_licence(&world, &composite);
        world_put_licence(&world, &component);
        assert_int_equal(judge_licence(NO_LICENCE), since <= 100 ? VERDICT_SUSPENDED : VERDICT_VALID);
        assert_int_equal(verdict.component_fails, since <= 100);
        assert_false(verdict.by_seal || verdict.has_seal);
    }
}

/* --- seals that are shown --- */

static uint8_t bytes32[256][32];
static struct shown_seal show(const char *id, uint8_t digest, int certificate) {
    for (int i = 0; i < 256; i++) memset(bytes32[i], i, 32);
    return (struct shown_seal){bytes_text(id), bytes32[digest], certificate < 0 ? NULL : bytes32[certificate]};
}
/* Another seal on the ledger, of another member. */
static void put_other_seal(void) {
    struct member member = {.uscc = bytes_text("11430000006122252G"), .no = 30, .name = bytes_text("别的局"), .region = 430000, .state = MEMBER_ACTIVE};
    struct seal seal = world_seal();
    WORLD_PUT(&world, OBJECT_MEMBER, &member, member_encode);
    seal.id = bytes_text("OTHER");
    seal.no = 31;
    seal.owner_no = 30;
    seal.makings[0].digest[0] = seal.makings[1].digest[0] = 1;
    world_put_seal(&world, &seal);
}

static void shown_with_a_licence(void **state) {
    (void)state;
    static const struct {
        const char *id; uint8_t digest; int certificate;
        enum verdict_word word;
        enum seal_result result;
        const char *steps[SEAL_STEP_COUNT];
    } rows[] = { /* the licence was sealed under making 1: digest 90, certificates 91 and 92 */
        {WORLD_SEAL, 0x90, 0x91, VERDICT_VALID, SEAL_PASSED, {"passed", "passed", "passed", "passed", "passed", "passed"}},
        {WORLD_SEAL, 0x90, 0x92, VERDICT_VALID, SEAL_PASSED, {"passed", "passed", "passed", "passed", "passed", "passed"}},
        {WORLD_SEAL, 0x90, -1, VERDICT_VALID, SEAL_NOT_CHECKED, {"passed", "passed", "not_checked not_shown", "passed", "passed", "passed"}},
        {WORLD_SEAL, 0x90, 0x81, VERDICT_MISMATCH, SEAL_FAILED, {"passed", "passed", "failed not_listed", "passed", "passed", "passed"}},
        {WORLD_SEAL, 0x80, 0x81, VERDICT_MISMATCH, SEAL_FAILED, {"passed", "passed", "passed", "passed", "failed other_seal", "passed"}},
        {WORLD_SEAL, 0x70, 0x91, VERDICT_MISMATCH, SEAL_FAILED, {"passed", "failed digest_differs", "not_checked earlier_failed", "passed", "failed other_seal", "passed"}},
        {"OTHER", 0x90, 0x91, VERDICT_MISMATCH, SEAL_FAILED, {"passed", "failed digest_differs", "not_checked earlier_failed", "failed other_owner", "failed other_seal", "not_checked earlier_failed"}},
        {"NONE", 0x90, 0x91, VERDICT_MISMATCH, SEAL_FAILED, {"failed seal_unknown", "not_checked earlier_failed", "not_checked earlier_failed", "not_checked earlier_failed", "failed other_seal", "not_checked earlier_failed"}},
    };
    uint8_t document[32];
    memset(document, NO_DOCUMENT, 32);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct shown_seal shown = show(rows[i].id, rows[i].digest, rows[i].certificate);
        const struct seal seal = world_seal();
        world_start(&world);
        world_put_seal(&world, &seal);
        put_other_seal();
        const struct licence licence = sealed(1, 100);
        struct verdict_query query = {.document_key = document, .seals = &shown, .seal_count = 1};
        if (judge(&query) != rows[i].word) fail_msg("row %zu: %s", i, verdict_word_text(verdict.word));
        assert_true(verdict.has_seal);
        assert_int_equal(verdict.shown_count, 1);
        for (int s = 0; s < SEAL_STEP_COUNT; s++)
            if (strcmp(step(&verdict.shown[0], (enum seal_step)s), rows[i].steps[s]) != 0) fail_msg("row %zu %s: %s", i, seal_step_text((enum seal_step)s), step(&verdict.shown[0], (enum seal_step)s));
        assert_int_equal(verdict.shown[0].result, rows[i].result);
        assert_string_equal(verdict.seal.id, rows[i].id);
        assert_int_equal(verdict.seal.result, rows[i].result);
        assert_int_equal(verdict.has_licence, rows[i].word == VERDICT_VALID);
        if (rows[i].word == VERDICT_VALID) assert_string_equal(verdict.seal.owner_id, WORLD_USCC);
        if (rows[i].word == VERDICT_VALID) assert_string_equal(verdict.seal.name, "某某局公章");

        /* Without the document a mismatch does not say what did not match: the seal is told as if there were no licence. */
        query.document_key = NULL;
        query.licence_key = licence.key;
        assert_int_equal(judge(&query), rows[i].word);
        if (rows[i].word == VERDICT_VALID) continue;
        const bool known = verdict.shown[0].steps[SEAL_STEP_REGISTERED].result == SEAL_PASSED;
        assert_string_equal(step(&verdict.shown[0], SEAL_STEP_NAMED), known ? "not_checked no_licence" : "not_checked earlier_failed");
        assert_int_equal(verdict.shown[0].steps[SEAL_STEP_OWNER].result, SEAL_NOT_CHECKED);
    }
}


/* Several: one of them has to be the licence's; the others are judged for themselves and take nothing away (a copy is stamped by who keeps it). */
static void several_shown(void **state) {
    (void)state;
    for (unsigned order = 0; order < 2; order++) {
        const struct seal seal = world_seal();
        world_start(&world);
        world_put_seal(&world, &seal);
        put_other_seal();
        const struct licence licence = sealed(1, 100);
        struct shown_seal shown[VERDICT_SEALS_MAX];
        for (uint32_t i = 0; i < VERDICT_SEALS_MAX; i++) shown[i] = show("OTHER", 0x33, -1);
        shown[order ? VERDICT_SEALS_MAX - 1 : 0] = show(WORLD_SEAL, 0x90, 0x91);
        struct verdict_query query = {.licence_key = licence.key, .seals = shown, .seal_count = VERDICT_SEALS_MAX};
        assert_int_equal(judge(&query), VERDICT_VALID);
        assert_string_equal(verdict.seal.id, WORLD_SEAL);
        assert_int_equal(verdict.seal.result, SEAL_PASSED);
        assert_int_equal(verdict.shown_count, VERDICT_SEALS_MAX);
        assert_string_equal(step(&verdict.shown[3], SEAL_STEP_NAMED), "failed other_seal");
        shown[order ? VERDICT_SEALS_MAX - 1 : 0] = show(WORLD_SEAL, 0x80, -1); /* the past making */
        assert_int_equal(judge(&query), VERDICT_MISMATCH);
    }
}

/* A licence that names no seal: what is shown is told, and changes nothing. */
static void shown_without_a_named_one(void **state) {
    (void)state;
    const struct seal seal = world_seal();
    const struct licence licence = world_licence(NO_LICENCE);
    const struct shown_seal own = show(WORLD_SEAL, 0x90, 0x91), past = show(WORLD_SEAL, 0x80, 0x82), none = show("NONE", 1, 2);
    world_start(&world);
    world_put_seal(&world, &seal);
    assert_int_equal(judge(&(struct verdict_query){.licence_key = licence.key}), VERDICT_VALID);
    assert_false(verdict.has_seal);
    assert_int_equal(verdict.shown_count, 0);
    assert_int_equal(judge(&(struct verdict_query){.licence_key = licence.key, .seals = &own, .seal_count = 1}), VERDICT_VALID);
    assert_true(verdict.has_seal);
    assert_string_equal(step(&verdict.seal, SEAL_STEP_NAMED), "not_checked not_named");
    assert_string_equal(step(&verdict.seal, SEAL_STEP_OWNER), "passed");
    assert_string_equal(step(&verdict.seal, SEAL_STEP_STATE), "passed");
    assert_int_equal(judge(&(struct verdict_query){.licence_key = licence.key, .seals = &past, .seal_count = 1}), VERDICT_VALID);
    assert_string_equal(step(&verdict.seal, SEAL_STEP_CERTIFICATE), "passed");
    assert_string_equal(step(&verdict.seal, SEAL_STEP_STATE), "not_checked made_again");
    assert_int_equal(judge(&(struct verdict_query){.licence_key = licence.key, .seals = &none, .seal_count = 1}), VERDICT_VALID);
    assert_string_equal(step(&verdict.seal, SEAL_STEP_REGISTERED), "failed seal_unknown");
    assert_int_equal(verdict.seal.result, SEAL_FAILED);
}

/* An unknown document still tells what its seal is now. */
static void unknown_document(void **state) {
    (void)state;
    static const struct { enum seal_state state; uint8_t digest; uint64_t since_0, since_1, key_since; const char *want; } rows[] = {
        {SEAL_VALID, 0x90, LOG_ENTRY_NONE, LOG_ENTRY_NONE, NEVER, "passed"},         {SEAL_STOPPED, 0x90, LOG_ENTRY_NONE, 90, NEVER, "failed stopped"},
        {SEAL_CANCELLED, 0x90, LOG_ENTRY_NONE, 90, NEVER, "failed cancelled"},       {SEAL_VALID, 0x80, LOG_ENTRY_NONE, LOG_ENTRY_NONE, NEVER, "not_checked made_again"},
        {SEAL_VALID, 0x80, 60, LOG_ENTRY_NONE, NEVER, "failed suspect"},             {SEAL_VALID, 0x90, 60, LOG_ENTRY_NONE, NEVER, "passed"},
        {SEAL_VALID, 0x90, LOG_ENTRY_NONE, LOG_ENTRY_NONE, 70, "failed key_compromised"}, {SEAL_VALID, 0x80, LOG_ENTRY_NONE, LOG_ENTRY_NONE, 70, "not_checked made_again"},
        {SEAL_VALID, 0x80, LOG_ENTRY_NONE, LOG_ENTRY_NONE, 50, "failed key_compromised"}, {SEAL_STOPPED, 0x90, LOG_ENTRY_NONE, 90, 60, "failed key_compromised"},
    };
    uint8_t nothing[32];
    memset(nothing, 0xee, 32);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct seal seal = world_seal();
        world_start(&world);
        seal.state = rows[i].state;
        seal.makings[0].suspect_since = rows[i].since_0;
        seal.makings[1].suspect_since = rows[i].since_1;
        world_put_seal(&world, &seal);
        world_key(&world, NO_KEY_B, rows[i].key_since);
        const struct shown_seal shown = show(WORLD_SEAL, rows[i].digest, -1);
        assert_int_equal(judge(&(struct verdict_query){.document_key = nothing, .seals = &shown, .seal_count = 1}), VERDICT_UNKNOWN);
        assert_false(verdict.has_licence);
        assert_true(verdict.has_seal && verdict.seal.known);
        if (strcmp(step(&verdict.seal, SEAL_STEP_STATE), rows[i].want) != 0) fail_msg("row %zu: %s", i, step(&verdict.seal, SEAL_STEP_STATE));
        assert_string_equal(step(&verdict.seal, SEAL_STEP_NAMED), "not_checked no_licence");
    }
    assert_int_equal(judge(&(struct verdict_query){.document_key = nothing}), VERDICT_UNKNOWN);
    assert_false(verdict.has_seal);
}

/* Given away since: the licence was the issuer's to seal when it was entered. */
static void given_away(void **state) {
    (void)state;
    struct seal seal = world_seal();
    const struct shown_seal shown = show(WORLD_SEAL, 0x90, 0x91);
    world_start(&world);
    put_other_seal(); /* for its member */
    seal.owner_no = 30;
    seal.owner_since = 120;
    world_put_seal(&world, &seal);
    const struct licence licence = sealed(1, 100);
    assert_int_equal(judge(&(struct verdict_query){.licence_key = licence.key, .seals = &shown, .seal_count = 1}), VERDICT_VALID);
    assert_int_equal(verdict.seal.result, SEAL_PASSED);
    assert_string_equal(verdict.seal.owner_name, "别的局");
}

/* Records that a source lacks: of the licence's own seal they make the verdict incomplete; of another one that was shown, only that one. */
static void missing_records(void **state) {
    (void)state;
    const struct seal seal = world_seal();
    const struct shown_seal shown[2] = {show(WORLD_SEAL, 0x90, 0x91), show("OTHER", 1, 2)};
    world_start(&world);
    world_put_seal(&world, &seal);
    const struct licence licence = sealed(1, 100);
    world.absent = FOUND_MISSING; /* as a proof: it holds no record of the other seal, nor of its absence */
    const struct verdict_query query = {.licence_key = licence.key, .seals = shown, .seal_count = 2};
    assert_int_equal(judge(&query), VERDICT_VALID);
    assert_int_equal(verdict.shown[0].result, SEAL_PASSED);
    assert_string_equal(step(&verdict.shown[1], SEAL_STEP_REGISTERED), "not_checked no_record");
    assert_string_equal(step(&verdict.shown[1], SEAL_STEP_NAMED), "failed other_seal");
    assert_false(verdict.shown[1].known);
    const struct verdict_query other = {.licence_key = licence.key, .seals = &shown[1], .seal_count = 1};
    assert_int_equal(judge(&other), VERDICT_MISMATCH); /* whatever it is, it is not the one */
    for (uint32_t i = 0; i < world.count; i++) {
        if (world.record[i].kind != OBJECT_SEAL && world.record[i].no != NO_KEY_B) continue;
        world.record[i].answer = FOUND_MISSING;
        assert_int_equal(judge(&query), VERDICT_INCOMPLETE);
        assert_non_null(verdict.missing);
        assert_false(verdict.has_seal);
        world.record[i].answer = FOUND_FAULT;
        const struct object_source source = world_source(&world);
        assert_int_equal(verdict_judge(&verdict, &query, &source, 0), ERR_CORRUPT);
        world.record[i].answer = FOUND_YES;
    }
    /* A licence and a seal that contradict each other are broken data. */
    const struct object_source source = world_source(&world);
    (void)sealed(2, 100);
    assert_int_equal(verdict_judge(&verdict, &query, &source, 0), ERR_CORRUPT);
    (void)sealed(1, 69);
    assert_int_equal(verdict_judge(&verdict, &query, &source, 0), ERR_CORRUPT);
}

/* --- as JSON --- */

static const char *as_json(void) {
    static char text[16384];
    struct emit out = emit_write(text, sizeof text - 1);
    const struct verdict_frame frame = {.chain = bytes_text("elic-test"), .height = 3};
    assert_true(verdict_json(&out, &verdict, &frame));
    text[out.len] = '\0';
    return text;
}

/* Looked for, and none there: not the same as not looked for. */
static void document_without_a_seal(void **state) {
    (void)state;
    const struct shown_seal none[1] = {{.digest32 = NULL}};
    const struct seal seal = world_seal();
    world_start(&world);
    world_put_seal(&world, &seal);
    struct licence licence = sealed(1, 100);
    const struct object_source source = world_source(&world);
    struct verdict_query query = {.licence_key = licence.key};
    assert_int_equal(verdict_judge(&verdict, &query, &source, 0), ERR_OK);
    assert_int_equal(verdict.word, VERDICT_VALID);
    assert_false(verdict.without_seal);
    query.seals = none;
    assert_int_equal(verdict_judge(&verdict, &query, &source, 0), ERR_OK);
    assert_int_equal(verdict.word, VERDICT_MISMATCH);
    assert_false(verdict.has_licence || verdict.has_seal || verdict.without_seal); /* only who shows the document is told why */
    struct document_object document = {.no = 40, .licence_no = licence.no, .version = licence.version, .kind = DOCUMENT_OFD_SIGNATURE};
    memset(document.key, 0x40, sizeof document.key);
    WORLD_PUT(&world, OBJECT_DOCUMENT, &document, document_encode);
    query = (struct verdict_query){.document_key = document.key, .seals = none};
    assert_int_equal(verdict_judge(&verdict, &query, &source, 0), ERR_OK);
    assert_int_equal(verdict.word, VERDICT_MISMATCH);
    assert_true(verdict.without_seal);
    assert_false(verdict.has_licence || verdict.has_seal);
    assert_non_null(strstr(as_json(), "this document bears none"));
    licence.seal = (struct licence_seal){.no = NO_NONE, .previous = NO_NONE};
    world_put_licence(&world, &licence);
    assert_int_equal(verdict_judge(&verdict, &query, &source, 0), ERR_OK);
    assert_int_equal(verdict.word, VERDICT_VALID);
    assert_false(verdict.without_seal);
}

/* What a signature signed is no file and a file is not that: the answer says so, and of which licence it does not. */
static void kinds_of_document(void **state) {
    (void)state;
    const struct seal seal = world_seal();
    world_start(&world);
    world_put_seal(&world, &seal);
    struct licence licence = sealed(1, 100);
    const struct object_source source = world_source(&world);
    struct document_object document = {.no = 40, .licence_no = licence.no, .version = licence.version};
    memset(document.key, 0x40, sizeof document.key);
    static const struct { enum document_kind registered, asked; enum verdict_word word; bool told; } rows[] = {
        {DOCUMENT_OFD_SIGNATURE, DOCUMENT_FILE, VERDICT_MISMATCH, true}, {DOCUMENT_FILE, DOCUMENT_OFD_SIGNATURE, VERDICT_MISMATCH, true},
        {DOCUMENT_OFD_SIGNATURE, DOCUMENT_OFD_SIGNATURE, VERDICT_VALID, false}, {DOCUMENT_FILE, DOCUMENT_PDF, VERDICT_VALID, false},
        {DOCUMENT_PDF, DOCUMENT_FILE, VERDICT_VALID, false}, {DOCUMENT_OFD_SIGNATURE, 0, VERDICT_VALID, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        document.kind = rows[i].registered;
        WORLD_PUT(&world, OBJECT_DOCUMENT, &document, document_encode);
        const struct verdict_query query = {.document_key = document.key, .document_kind = rows[i].asked};
        assert_int_equal(verdict_judge(&verdict, &query, &source, 0), ERR_OK);
        assert_int_equal(verdict.word, rows[i].word);
        assert_int_equal(strstr(as_json(), "ask for the whole file") != NULL, rows[i].told);
        assert_int_equal(verdict.has_licence, !rows[i].told);
    }
}

static void genesis_shape(void **state) {
    (void)state;
    struct seal seal = world_seal();
    const struct shown_seal shown = show(WORLD_SEAL, 0x90, 0x91);
    world_start(&world);
    assert_int_equal(judge_licence(NO_LICENCE), VERDICT_VALID);
    assert_non_null(strstr(as_json(), "\"seal\":null"));
    assert_null(strstr(as_json(), "\"seals\""));
    seal.makings[1].suspect_since = 90;
    seal.state = SEAL_STOPPED;
    world_put_seal(&world, &seal);
    const struct licence licence = sealed(1, 100);
    assert_int_equal(judge(&(struct verdict_query){.licence_key = licence.key, .seals = &shown, .seal_count = 1}), VERDICT_SUSPENDED);
    const char *json = as_json();
    assert_non_null(strstr(json, "\"seal\":{\"id\":\"" WORLD_SEAL "\",\"name\":\"某某局公章\",\"owner\":\"" WORLD_USCC "\",\"owner_name\":\"" WORLD_ISSUER_NAME "\","
                                 "\"state\":\"stopped\",\"result\":\"failed\",\"steps\":[{\"step\":\"seal_registered\",\"result\":\"passed\",\"reason\":null},"));
    assert_non_null(strstr(json, "{\"step\":\"seal_state\",\"result\":\"failed\",\"reason\":\"suspect\"}]},\"seals\":[{\"id\":"));
    assert_non_null(strstr(json, "\"note\":\"the seal had become suspect"));
    const struct shown_seal none = show("NONE", 1, -1);
    assert_int_equal(judge(&(struct verdict_query){.licence_key = licence.key, .seals = &none, .seal_count = 1}), VERDICT_MISMATCH);
    assert_non_null(strstr(as_json(), "\"seal\":{\"id\":\"NONE\",\"name\":null,\"owner\":null,\"owner_name\":null,\"state\":null,\"result\":\"failed\""));
    for (int i = SEAL_WHY_NONE + 1; i <= SEAL_WHY_EARLIER; i++) assert_true(strlen(seal_why_en((enum seal_why)i)) > 10);
}

static int setup(void **state) {
    (void)state;
    return hash_setup() ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suspect_since), cmocka_unit_test(compromised_keys), cmocka_unit_test(made_again_is_the_way_back), cmocka_unit_test(seal_after_seal_revoke),
        cmocka_unit_test(precedence), cmocka_unit_test(component_sealed), cmocka_unit_test(shown_with_a_licence), cmocka_unit_test(several_shown),
        cmocka_unit_test(shown_without_a_named_one), cmocka_unit_test(unknown_document), cmocka_unit_test(given_away), cmocka_unit_test(missing_records),
        cmocka_unit_test(genesis_shape), cmocka_unit_test(document_without_a_seal), cmocka_unit_test(kinds_of_document),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
