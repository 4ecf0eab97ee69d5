/* Verdict: every state, date, compromise and component against a table that people can read; and every part of a query. */
#include "tests/lib/records.h"

#include "crypto/hash.h"
#include "ledger/wire/ident.h"

#define NEVER UINT64_MAX
static struct world world;
static struct verdict verdict;

static int64_t at(int32_t day, int64_t ms_into_day) { return (int64_t)day * 86400000 - 8 * 3600000 + ms_into_day; }

static enum verdict_word judge(const struct verdict_query *query, int64_t at_ms) {
    const struct object_source source = world_source(&world);
    memset(&verdict, 0x5a, sizeof verdict);
    assert_int_equal(verdict_judge(&verdict, query, &source, at_ms), ERR_OK);
    return verdict.word;
}
static enum verdict_word judge_licence_at(uint32_t no, int32_t day) {
    const struct licence licence = world_licence(no);
    return judge(&(struct verdict_query){.licence_key = licence.key}, at(day, 12 * 3600000));
}

/* ---- the table: a licence valid from day 1000 to day 2000 ---- */

#define V VERDICT_VALID
#define N VERDICT_NOT_ACTIVE
#define L VERDICT_LAPSED
#define S VERDICT_SUSPENDED
enum { FROM = 1000, TO = 2000 };
static const int32_t DAYS[] = {FROM - 1, FROM, 1500, TO, TO + 1};
#define DAY_COUNT 5
static const struct {
    enum licence_state state;
    enum verdict_word word[DAY_COUNT]; /* before, first day, between, last day, after */
    enum verdict_word compromised;     /* with a key that acted at or after its compromise, but not last, on any day; if last: suspended */
} STATES[] = {
    {LICENCE_VALID, {N, V, V, V, L}, S},
    {LICENCE_SUSPENDED, {S, S, S, S, S}, S},
    {LICENCE_TRANSFERRING, {S, S, S, S, S}, S},
    {LICENCE_ANNULLED, {VERDICT_ANNULLED, VERDICT_ANNULLED, VERDICT_ANNULLED, VERDICT_ANNULLED, VERDICT_ANNULLED}, VERDICT_ANNULLED},
    {LICENCE_CANCELLED, {VERDICT_CANCELLED, VERDICT_CANCELLED, VERDICT_CANCELLED, VERDICT_CANCELLED, VERDICT_CANCELLED}, VERDICT_CANCELLED},
    {LICENCE_REVOKED, {VERDICT_REVOKED, VERDICT_REVOKED, VERDICT_REVOKED, VERDICT_REVOKED, VERDICT_REVOKED}, VERDICT_REVOKED},
    {LICENCE_SUPERSEDED, {VERDICT_SUPERSEDED, VERDICT_SUPERSEDED, VERDICT_SUPERSEDED, VERDICT_SUPERSEDED, VERDICT_SUPERSEDED}, VERDICT_SUPERSEDED},
    {LICENCE_TRANSFERRED, {VERDICT_TRANSFERRED, VERDICT_TRANSFERRED, VERDICT_TRANSFERRED, VERDICT_TRANSFERRED, VERDICT_TRANSFERRED}, VERDICT_TRANSFERRED},
};
#define STATE_COUNT (sizeof STATES / sizeof *STATES)

/* Key A acted last at entry 100, key B at 200. */
static const struct {
    uint64_t a_since, b_since;
    bool compromised, last;
} COMPROMISES[] = {
    {NEVER, NEVER, false, false}, {101, NEVER, false, false}, {100, NEVER, true, false}, {99, NEVER, true, false}, {0, NEVER, true, false},
    {NEVER, 201, false, false},   {NEVER, 200, true, true},   {101, 201, false, false},  {100, 200, true, true},   {101, 200, true, true},
};
#define COMPROMISE_COUNT (sizeof COMPROMISES / sizeof *COMPROMISES)

/* Components 20 and 21 as they are on the given day, before anything of the composite itself. */
enum { FINE, SUSPENDED_1, REVOKED_2, BOTH, COMPROMISED_2, NESTED, COMPONENT_CASES };
static const enum verdict_word COMPONENT_WORDS[COMPONENT_CASES] = {
    [FINE] = V, [SUSPENDED_1] = S, [REVOKED_2] = VERDICT_REVOKED, [BOTH] = S /* the first listed */, [COMPROMISED_2] = S, [NESTED] = VERDICT_ANNULLED,
};

static void put_components(int what, struct licence *composite) {
    struct licence first = world_licence(20), second = world_licence(21), inner = world_licence(22);
    if (what == SUSPENDED_1 || what == BOTH) first.state = LICENCE_SUSPENDED;
    if (what == REVOKED_2 || what == BOTH) second.state = LICENCE_REVOKED;
    second.acted[0] = (struct acted){6, 50};
    world_key(&world, 6, what == COMPROMISED_2 ? 50 : 51);
    if (what == NESTED) { /* a component has a component that was annulled, and names the composite's other one too */
        inner.state = LICENCE_ANNULLED;
        first.component_count = 2;
        first.components[0] = 21;
        first.components[1] = 22;
    }
    world_put_licence(&world, &first);
    world_put_licence(&world, &second);
    world_put_licence(&world, &inner);
    composite->component_count = 2;
    composite->components[0] = 20;
    composite->components[1] = 21;
}

static void one_case(size_t s, int d, size_t c, int components) {
    struct licence licence = world_licence(NO_LICENCE);
    world_start(&world);
    licence.state = STATES[s].state;
    licence.valid_from = FROM;
    licence.valid_to = TO;
    licence.acted_count = 2;
    licence.acted[1] = (struct acted){NO_KEY_B, 200};
    if (components >= 0) put_components(components, &licence);
    world_key(&world, NO_KEY_A, COMPROMISES[c].a_since);
    world_key(&world, NO_KEY_B, COMPROMISES[c].b_since);
    world_put_licence(&world, &licence);

    enum verdict_word want = COMPROMISES[c].compromised ? STATES[s].compromised : STATES[s].word[d];
    if (COMPROMISES[c].last) want = S;
    bool component_fails = false;
    if (want == V && components >= 0) {
        want = COMPONENT_WORDS[components];
        component_fails = want != V;
    }
    const enum verdict_word have = judge_licence_at(NO_LICENCE, DAYS[d]);
    if (have != want) {
        fail_msg("%s, day %d, compromise %zu, components %d: %s, not %s", licence_state_name(licence.state), (int)DAYS[d], c, components,
                 verdict_word_text(have), verdict_word_text(want));
    }
    assert_true(verdict.has_licence);
    assert_int_equal(verdict.component_fails, component_fails);
    assert_int_equal(verdict.by_compromise, want == S && COMPROMISES[c].compromised && licence.state != LICENCE_SUSPENDED && licence.state != LICENCE_TRANSFERRING);
    assert_int_equal(verdict.licence.state, licence.state);
    assert_string_equal(verdict.issuer_id, WORLD_USCC);
    assert_string_equal(verdict.issuer_name, WORLD_ISSUER_NAME);
    assert_string_equal(verdict.type_code, WORLD_TYPE);
    assert_string_equal(verdict.type_name, WORLD_TYPE_NAME);
    assert_null(verdict.missing);
}

static void whole_table(void **state) {
    (void)state;
    int cases = 0;
    for (size_t s = 0; s < STATE_COUNT; s++) {
        for (int d = 0; d < DAY_COUNT; d++) {
            for (size_t c = 0; c < COMPROMISE_COUNT; c++) {
                for (int k = -1; k < COMPONENT_CASES; k++, cases++) one_case(s, d, c, k);
            }
        }
    }
    assert_int_equal(cases, 8 * 5 * 10 * 7);
}

/* Component dates: each by its own validity. */
static void component_dates(void **state) {
    (void)state;
    static const struct { int32_t day; enum verdict_word word; } rows[] = {{49, N}, {50, V}, {60, V}, {61, L}};
    for (size_t i = 0; i < 4; i++) {
        world_start(&world);
        struct licence licence = world_licence(NO_LICENCE), component = world_licence(20);
        licence.component_count = 1;
        licence.components[0] = 20;
        component.valid_from = 50;
        component.valid_to = 60;
        world_put_licence(&world, &licence);
        world_put_licence(&world, &component);
        assert_int_equal(judge_licence_at(NO_LICENCE, rows[i].day), rows[i].word);
        assert_int_equal(verdict.component_fails, rows[i].word != V);
    }
}

/* A licence valid to D is valid until D 24:00 in Shanghai, whatever the machine's zone. */
static void midnight(void **state) {
    (void)state;
    world_start(&world);
    struct licence licence = world_licence(NO_LICENCE);
    licence.valid_from = FROM;
    licence.valid_to = TO;
    world_put_licence(&world, &licence);
    const struct verdict_query query = {.licence_key = licence.key};
    assert_int_equal(judge(&query, at(FROM, 0) - 1), N);
    assert_int_equal(judge(&query, at(FROM, 0)), V);
    assert_int_equal(judge(&query, at(TO + 1, 0) - 1), V);
    assert_int_equal(judge(&query, at(TO + 1, 0)), L);
    licence.valid_to = DAY_NONE;
    world_put_licence(&world, &licence);
    assert_int_equal(judge(&query, TIME_MS_MAX), V);
    assert_int_equal(judge(&query, INT64_MAX), V);
    assert_int_equal(judge(&query, 0), N);
}

static void words(void **state) {
    (void)state;
    static const struct { enum verdict_word word; const char *text; int code, exit; } rows[] = {
        {VERDICT_VALID, "valid", 0, 0},        {VERDICT_NOT_ACTIVE, "not_active", 1, 13},  {VERDICT_SUSPENDED, "suspended", 2, 12},
        {VERDICT_LAPSED, "lapsed", 3, 13},     {VERDICT_CANCELLED, "cancelled", 3, 11},    {VERDICT_ANNULLED, "annulled", 3, 11},
        {VERDICT_REVOKED, "revoked", 3, 11},   {VERDICT_SUPERSEDED, "superseded", 3, 14},  {VERDICT_TRANSFERRED, "transferred", 3, 14},
        {VERDICT_UNKNOWN, "unknown", 5, 10},   {VERDICT_MISMATCH, "mismatch", 6, 15},      {VERDICT_INCOMPLETE, "incomplete", 4, 15},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(verdict_word_text(rows[i].word), rows[i].text);
        assert_int_equal(verdict_code(rows[i].word), rows[i].code);
        assert_int_equal(verdict_exit(rows[i].word), rows[i].exit);
    }
}

/* ---- queries ---- */

static bool agrees(void *context, const struct licence *licence) {
    assert_int_equal(licence->name_tag[0], 0x22);
    return *(const bool *)context;
}

/* Every combination of parts given, each right, wrong, or leading to nothing. */
enum part { LEFT_OUT, RIGHT, OTHER, NOTHING };
static void parts_of_query(void **state) {
    (void)state;
    struct licence other = world_licence(30);
    const struct licence mine = world_licence(NO_LICENCE);
    uint8_t document[32], other_document[32], nothing[32], tag[TAG_LEN], wrong_tag[TAG_LEN], no_tag[TAG_LEN] = {9};
    memset(document, NO_DOCUMENT, 32);
    memset(other_document, 40, 32);
    memset(nothing, 0xee, 32);
    memset(tag, 0x21, TAG_LEN);
    memset(wrong_tag, 0x20, TAG_LEN);
    bool yes = true, no = false;
    const uint8_t *documents[] = {NULL, document, other_document, nothing}, *licences[] = {NULL, mine.key, other.key, nothing};
    for (int mask = 0; mask < 4 * 4 * 4 * 3 * 3 * 3; mask++) {
        const int d = mask % 4, l = mask / 4 % 4, n = mask / 16 % 4, holder = mask / 64 % 3, name = mask / 192 % 3, type = mask / 576 % 3;
        if (d == LEFT_OUT && l == LEFT_OUT && n == LEFT_OUT) continue;
        world_start(&world);
        world_put_licence(&world, &other);
        world_document(&world, 40, 30, 1, DOCUMENT_PDF);
        world_number(&world, n == OTHER ? 30 : NO_LICENCE);
        struct verdict_query query = {.document_key = documents[d], .licence_key = licences[l]};
        if (n != LEFT_OUT) query.number_tag = n == NOTHING ? no_tag : WORLD_TAG;
        if (holder != LEFT_OUT) query.holder_tag = holder == RIGHT ? tag : wrong_tag;
        if (name != LEFT_OUT) query.name_agrees = agrees;
        query.name_context = name == RIGHT ? &yes : &no;
        if (type != LEFT_OUT || n != LEFT_OUT) query.type_code = bytes_text(type == OTHER ? "11100000000013338W012" : WORLD_TYPE);
        const bool number_leads = n != LEFT_OUT && n != NOTHING && type != OTHER; /* another type has no such number */

        const int right = (d == RIGHT) + (l == RIGHT) + (n == RIGHT && number_leads);
        const int others = (d == OTHER) + (l == OTHER) + (n == OTHER && number_leads);
        const int leads_nowhere = (d == NOTHING) + (l == NOTHING) + (n != LEFT_OUT && !number_leads);
        const bool fields_wrong = holder == OTHER || name == OTHER || type == OTHER;
        enum verdict_word want = VERDICT_VALID;
        if (right + others == 0) want = VERDICT_UNKNOWN;
        else if (leads_nowhere > 0 || (right > 0 && others > 0) || fields_wrong) want = VERDICT_MISMATCH;
        const enum verdict_word have = judge(&query, 0);
        if (have != want) fail_msg("mask %d: %s, not %s", mask, verdict_word_text(have), verdict_word_text(want));
        assert_int_equal(verdict.has_licence, want == VERDICT_VALID);
        assert_int_equal(verdict.document, want == VERDICT_VALID && d != LEFT_OUT ? DOCUMENT_MATCH : DOCUMENT_NONE);
        if (want != VERDICT_VALID) { /* and tells nothing else */
            assert_int_equal(verdict.issuer_id[0], 0);
            assert_int_equal(verdict.type_name[0], 0);
            assert_int_equal(verdict.licence.no, 0);
            assert_false(verdict.issuer_authorised || verdict.has_superseded_by);
        }
    }
}

static void documents(void **state) {
    (void)state;
    world_start(&world);
    struct licence licence = world_licence(NO_LICENCE);
    uint8_t key[32];
    memset(key, NO_COPY, 32);
    const struct verdict_query query = {.document_key = key};
    assert_int_equal(judge(&query, 0), V);
    assert_int_equal(verdict.document, DOCUMENT_COPY);
    world_document(&world, NO_COPY, NO_LICENCE, 1, DOCUMENT_PDF);
    assert_int_equal(judge(&query, 0), V);
    assert_int_equal(verdict.document, DOCUMENT_MATCH);

    /* Of an older version of the same licence: replaced. Of a newer one: not of this licence. */
    licence.version = 2;
    world_put_licence(&world, &licence);
    assert_int_equal(judge(&query, 0), VERDICT_SUPERSEDED);
    assert_int_equal(verdict.document, DOCUMENT_NONE);
    assert_true(verdict.has_superseded_by);
    assert_memory_equal(verdict.superseded_by, licence.key, 32);
    world_document(&world, NO_COPY, NO_LICENCE, 3, DOCUMENT_PDF);
    assert_int_equal(judge(&query, 0), VERDICT_MISMATCH);
    /* An ending is told whatever was shown; a suspended licence's old document is superseded all the same. */
    world_document(&world, NO_COPY, NO_LICENCE, 1, DOCUMENT_PDF);
    licence.state = LICENCE_REVOKED;
    world_put_licence(&world, &licence);
    assert_int_equal(judge(&query, 0), VERDICT_REVOKED);
    assert_int_equal(verdict.document, DOCUMENT_NONE);
    licence.state = LICENCE_SUSPENDED;
    world_put_licence(&world, &licence);
    assert_int_equal(judge(&query, 0), VERDICT_SUPERSEDED);
    /* The document matches a licence that has ended: right, and no longer in force. */
    licence.version = 1;
    licence.state = LICENCE_CANCELLED;
    world_put_licence(&world, &licence);
    assert_int_equal(judge(&query, 0), VERDICT_CANCELLED);
    assert_int_equal(verdict.document, DOCUMENT_MATCH);
}

/* Renewed again and again: 100 -> 101 -> ... The number leads to the last. */
static void versions(void **state) {
    (void)state;
    for (uint32_t count = 1; count <= VERDICT_VERSIONS_MAX + 3; count++) {
        world_start(&world);
        for (uint32_t i = 0; i < count; i++) {
            struct licence licence = world_licence(100 + i);
            licence.version = i + 1;
            if (i > 0) licence.previous_no = 99 + i;
            if (i + 1 < count) licence.state = LICENCE_SUPERSEDED;
            if (i + 1 < count) licence.next_no = 101 + i;
            world_put_licence(&world, &licence);
        }
        world_number(&world, 99 + count);
        const struct licence first = world_licence(100), last = world_licence(99 + count), unrelated = world_licence(NO_LICENCE);
        struct verdict_query query = {.licence_key = last.key, .number_tag = WORLD_TAG, .type_code = bytes_text(WORLD_TYPE)};
        assert_int_equal(judge(&query, 0), V);
        assert_false(verdict.has_superseded_by);
        query.licence_key = first.key;
        const enum verdict_word want = count == 1 ? V : count - 1 <= VERDICT_VERSIONS_MAX ? VERDICT_SUPERSEDED : VERDICT_INCOMPLETE;
        assert_int_equal(judge(&query, 0), want);
        assert_int_equal(verdict.has_superseded_by, want == VERDICT_SUPERSEDED);
        if (want == VERDICT_SUPERSEDED) assert_int_equal(be32_get(verdict.superseded_by), 101);
        query.licence_key = unrelated.key; /* a valid licence under another's number */
        assert_int_equal(judge(&query, 0), VERDICT_MISMATCH);
    }
}

static void issuer_authorised(void **state) {
    (void)state;
    static const struct { enum member_state state; uint32_t roles; bool type_listed; enum type_state type; bool want; } rows[] = {
        {MEMBER_ACTIVE, ROLE(USE_ISSUE), true, TYPE_ACTIVE, true},     {MEMBER_SUSPENDED, ROLE(USE_ISSUE), true, TYPE_ACTIVE, false},
        {MEMBER_REMOVED, ROLE(USE_ISSUE), true, TYPE_ACTIVE, false},   {MEMBER_ACTIVE, ROLE(USE_VERIFY), true, TYPE_ACTIVE, false},
        {MEMBER_ACTIVE, ROLE(USE_ISSUE), false, TYPE_ACTIVE, false},   {MEMBER_ACTIVE, ROLE(USE_ISSUE), true, TYPE_RETIRED, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_start(&world);
        world_member(&world, rows[i].state, rows[i].roles, rows[i].type_listed);
        world_type(&world, rows[i].type);
        assert_int_equal(judge_licence_at(NO_LICENCE, 0), V); /* issued when it might be: the word stays */
        assert_int_equal(verdict.issuer_authorised, rows[i].want);
    }
}

/* ---- what is missing, broken, or too much ---- */

/* A composite with everything a licence can have, asked for by document and number. */
static struct verdict_query full_query(void) {
    static uint8_t document[32];
    static struct licence licence;
    struct licence component = world_licence(20), next = world_licence(50);
    struct seal seal = world_seal();
    world_start(&world);
    licence = world_licence(NO_LICENCE);
    world_key(&world, 7, NEVER); /* acted on the seal alone */
    seal.acts[1].key_no = 7;
    licence.acted_count = 2;
    licence.acted[1] = (struct acted){NO_KEY_B, 200};
    licence.component_count = 1;
    licence.components[0] = 20;
    licence.seal = (struct licence_seal){NO_SEAL, 1, 100, NO_NONE};
    licence.next_no = 50; /* not so in real life while valid: here so that everything is asked for at once */
    component.acted[0].key_no = 6;
    world_key(&world, 6, NEVER);
    world_put_licence(&world, &licence);
    world_put_licence(&world, &component);
    world_put_licence(&world, &next);
    world_put_seal(&world, &seal);
    memset(document, NO_DOCUMENT, 32);
    return (struct verdict_query){.document_key = document, .licence_key = licence.key, .number_tag = WORLD_TAG, .type_code = bytes_text(WORLD_TYPE)};
}

static void each_record_missing(void **state) {
    (void)state;
    struct verdict_query query = full_query();
    assert_int_equal(judge(&query, 0), V);
    int needed = 0;
    for (uint32_t i = 0; i < world.count; i++) {
        world.record[i].answer = FOUND_MISSING;
        world.absent = FOUND_MISSING;
        const enum verdict_word word = judge(&query, 0);
        if (word == VERDICT_INCOMPLETE) {
            assert_non_null(verdict.missing);
            assert_false(verdict.has_licence);
            needed++;
        } else { /* the stamped copy was not asked for */
            assert_int_equal(world.record[i].no, NO_COPY);
            assert_int_equal(word, V);
        }
        world.record[i].answer = FOUND_YES;
    }
    assert_int_equal(needed, (int)world.count - 1);
}

static void each_record_broken(void **state) {
    (void)state;
    struct verdict_query query = full_query();
    const struct object_source source = world_source(&world);
    for (uint32_t i = 0; i < world.count; i++) {
        struct world_record *record = &world.record[i];
        if (record->no == NO_COPY) continue;
        record->answer = FOUND_FAULT;
        assert_int_equal(verdict_judge(&verdict, &query, &source, 0), ERR_CORRUPT);
        assert_int_equal(verdict.word, VERDICT_INCOMPLETE);
        record->answer = FOUND_YES;
        record->len--;
        assert_int_equal(verdict_judge(&verdict, &query, &source, 0), ERR_CORRUPT);
        record->len++;
        if (record->kind == OBJECT_DOCUMENT || record->kind == OBJECT_NUMBER) continue;
        if (record->kind == OBJECT_TYPE || record->no == NO_LICENCE) continue; /* found by their ids too: unknown or mismatch then */
        record->answer = FOUND_ABSENT; /* named by another object, and not there */
        assert_int_equal(verdict_judge(&verdict, &query, &source, 0), ERR_CORRUPT);
        record->answer = FOUND_YES;
    }
    assert_int_equal(judge(&query, 0), V);
}

static void too_many_components(void **state) {
    (void)state;
    /* Four of 16 components each: 4 + 64 with all different; the bound is 64 in all. A circle ends too. */
    for (uint32_t each = 14; each <= 16; each++) {
        world_start(&world);
        struct licence licence = world_licence(NO_LICENCE);
        licence.component_count = 4;
        for (uint32_t i = 0; i < 4; i++) {
            struct licence middle = world_licence(100 + i);
            licence.components[i] = 100 + i;
            middle.component_count = each;
            for (uint32_t k = 0; k < each; k++) {
                const struct licence leaf = world_licence(200 + i * 16 + k);
                middle.components[k] = leaf.no;
                world_put_licence(&world, &leaf);
            }
            world_put_licence(&world, &middle);
        }
        world_put_licence(&world, &licence);
        assert_int_equal(judge_licence_at(NO_LICENCE, 0), 4 + 4 * each <= VERDICT_COMPONENTS_MAX ? V : VERDICT_INCOMPLETE);
    }
    world_start(&world);
    struct licence a = world_licence(NO_LICENCE), b = world_licence(20);
    a.component_count = b.component_count = 1;
    a.components[0] = 20;
    b.components[0] = NO_LICENCE;
    world_put_licence(&world, &a);
    world_put_licence(&world, &b);
    assert_int_equal(judge_licence_at(NO_LICENCE, 0), V);
}

/* ---- the trace ---- */

static void trace(void **state) {
    (void)state;
    struct verdict_query query = full_query();
    const struct object_source source = world_source(&world);
    static struct object_trace first, again;
    struct object_source traced = object_trace_over(&first, &source);
    assert_int_equal(verdict_judge(&verdict, &query, &traced, 0), ERR_OK);
    assert_int_equal(verdict.word, V);
    assert_int_equal(first.count, world.count - 1); /* all but the stamped copy, each once */
    assert_false(first.overflow);
    for (uint32_t i = 0; i < first.count; i++) assert_true(first.touched[i].present && first.touched[i].id_len == 0);
    assert_int_equal(first.touched[0].kind, OBJECT_DOCUMENT);

    /* The same records whatever the time and whatever the dates say. */
    struct licence licence = world_licence(NO_LICENCE);
    assert_int_equal(licence_decode(&licence, bytes_of(verdict.buffer, world.record[4].len)).code, CODE_OK);
    licence.valid_from = 100;
    licence.valid_to = 200;
    world_put_licence(&world, &licence);
    for (int32_t day = 0; day < 300; day += 50) {
        traced = object_trace_over(&again, &source);
        assert_int_equal(verdict_judge(&verdict, &query, &traced, at(day, 0)), ERR_OK);
        assert_int_equal(again.count, first.count);
        for (uint32_t i = 0; i < first.count; i++) assert_memory_equal(again.touched[i].map_key, first.touched[i].map_key, 32);
    }

    /* An absent one keeps its id and place. */
    uint8_t nothing[32], key[32];
    memset(nothing, 0xee, 32);
    traced = object_trace_over(&again, &source);
    assert_int_equal(verdict_judge(&verdict, &(struct verdict_query){.document_key = nothing}, &traced, 0), ERR_OK);
    assert_int_equal(verdict.word, VERDICT_UNKNOWN);
    object_key(key, world.genesis, OBJECT_DOCUMENT, bytes_of(nothing, 32));
    assert_true(again.count == 1 && !again.touched[0].present && again.touched[0].id_len == 32);
    assert_memory_equal(again.touched[0].id, nothing, 32);
    assert_memory_equal(again.touched[0].map_key, key, 32);

    /* More than a proof holds is said. */
    struct bytes value;
    traced = object_trace_over(&again, &source);
    for (uint8_t i = 0; i < TOUCHED_MAX + 1; i++) {
        memset(nothing, 0x40 + i / 2, 32);
        nothing[0] = i;
        (void)traced.by_id(traced.context, OBJECT_LICENCE, bytes_of(nothing, 32), &value);
    }
    assert_int_equal(again.count, TOUCHED_MAX);
    assert_true(again.overflow);
}

static int setup(void **state) {
    (void)state;
    return hash_setup() ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),         cmocka_unit_test(whole_table),         cmocka_unit_test(component_dates),    cmocka_unit_test(midnight),
        cmocka_unit_test(parts_of_query), cmocka_unit_test(documents),          cmocka_unit_test(versions),           cmocka_unit_test(issuer_authorised),
        cmocka_unit_test(each_record_missing), cmocka_unit_test(each_record_broken), cmocka_unit_test(too_many_components), cmocka_unit_test(trace),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
