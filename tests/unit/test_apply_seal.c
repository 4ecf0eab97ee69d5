/* Seals by the rules: every refusal by name in one table, each leaving no trace; every state against every operation; what is written; the list of
 * licences; and that no way of using up a seal's record keeps anybody from stopping it. */
#include "tests/lib/small_ledger.h"

static int setup(void **state) {
    struct ledger *ledger = (struct ledger *)calloc(1, sizeof *ledger);
    ledger_open(ledger, kv_mem_new(0));
    *state = ledger;
    return 0;
}
static int teardown(void **state) {
    ledger_close((struct ledger *)*state);
    free(*state);
    return 0;
}

static struct refusal register_one(struct ledger *ledger, const char *seal, uint32_t owner, uint8_t making) {
    struct trial trial;
    trial_start(&trial, ledger);
    trial_signer(&trial, AT_KEY_SEAL_A);
    trial_seal(&trial, 0, OP_SEAL_REGISTER, seal, 0, making);
    trial.seal[0].owner = at_uscc(owner);
    return trial_apply(&trial, ledger);
}
/* One act by A's key. since: LOG_ENTRY_NONE for none. making: for a re-making. */
static struct refusal act(struct ledger *ledger, enum op op, const char *seal, uint64_t count, uint64_t since, uint8_t making) {
    struct trial trial;
    trial_start(&trial, ledger);
    trial_signer(&trial, AT_KEY_SEAL_A);
    trial_seal(&trial, 0, op, seal, count, making);
    trial.seal[0].since = since;
    if (op == OP_SEAL_TRANSFER) trial.seal[0].owner = at_uscc(AT_B);
    return trial_apply(&trial, ledger);
}
static struct refusal issue_sealed(struct ledger *ledger, uint32_t name, const char *seal, uint8_t making) {
    struct trial trial;
    trial_start(&trial, ledger);
    trial_item(&trial, 0, name, name, name);
    trial_sealed(&trial, 0, seal, making);
    return trial_apply(&trial, ledger);
}

/* --- one table of refusals --- */

/* What is there when each case begins, all registered by A at entries 2..6: V valid, made again at entry 7 (makings 1, then 11); S stopped at 8;
 * C cancelled at 9; B is B's; P is A's and its period has ended; licence 5 was sealed by V at entry 10. */
static void scene(struct ledger *ledger) {
    struct trial trial;
    ledger_begin(ledger);
    assert_int_equal(register_one(ledger, "V", AT_A, 1).code, CODE_OK);
    assert_int_equal(register_one(ledger, "S", AT_A, 2).code, CODE_OK);
    assert_int_equal(register_one(ledger, "C", AT_A, 3).code, CODE_OK);
    assert_int_equal(register_one(ledger, "B", AT_B, 4).code, CODE_OK);
    trial_start(&trial, ledger);
    trial_signer(&trial, AT_KEY_SEAL_A);
    trial_seal(&trial, 0, OP_SEAL_REGISTER, "P", 0, 5);
    trial.seal[0].to_ms = START_MS - 1;
    assert_int_equal(trial_apply(&trial, ledger).code, CODE_OK);
    assert_int_equal(act(ledger, OP_SEAL_REMAKE, "V", 1, LOG_ENTRY_NONE, 11).code, CODE_OK);
    assert_int_equal(act(ledger, OP_SEAL_STOP, "S", 1, LOG_ENTRY_NONE, 0).code, CODE_OK);
    assert_int_equal(act(ledger, OP_SEAL_CANCEL, "C", 1, LOG_ENTRY_NONE, 0).code, CODE_OK);
    assert_int_equal(issue_sealed(ledger, 5, "V", 11).code, CODE_OK);
    assert_int_equal(ledger_commit(ledger), ERR_OK);
}

#define BEND(name) static void bend_##name(struct trial *t, struct ledger *l)
#define UNUSED (void)t; (void)l
#define REGISTER(seal) trial_seal(t, 0, OP_SEAL_REGISTER, seal, 0, 50)
#define ON(op, seal, count) trial_seal(t, 0, op, seal, count, 50)
static void two(struct trial *t, enum op op, const char *seal, uint64_t count) {
    t->record.item_count = 2;
    trial_seal(t, 1, op, seal, count, 51);
}
/* issuing with a seal: by A's issue key */
static void issue(struct trial *t, const char *seal, uint8_t making) {
    t->record.op = OP_ISSUE;
    trial_signer(t, AT_KEY_A);
    trial_sealed(t, 0, seal, making);
}
BEND(new_seal) { UNUSED; REGISTER("N"); }
BEND(for_another) { UNUSED; REGISTER("N"); t->seal[0].owner = at_uscc(AT_B); }
BEND(two_new) { UNUSED; REGISTER("N"); two(t, OP_SEAL_REGISTER, "M", 0); }
BEND(same_data_two_seals) { UNUSED; REGISTER("N"); two(t, OP_SEAL_REGISTER, "M", 0); t->seal[1].digest32 = t->seal[0].digest32; }
BEND(exists) { UNUSED; REGISTER("V"); }
BEND(exists_cancelled) { UNUSED; REGISTER("C"); }
BEND(twice) { UNUSED; REGISTER("N"); two(t, OP_SEAL_REGISTER, "N", 0); }
BEND(owner_unknown) { UNUSED; REGISTER("N"); t->seal[0].owner = bytes_text("913100009999999999"); }
BEND(owner_paused) { UNUSED; REGISTER("N"); t->seal[0].owner = at_uscc(AT_PAUSED); }
BEND(ends_before) { UNUSED; REGISTER("N"); t->seal[0].to_ms = t->seal[0].from_ms - 1; }
BEND(one_moment) { UNUSED; REGISTER("N"); t->seal[0].to_ms = t->seal[0].from_ms; }
BEND(issue_key) { UNUSED; REGISTER("N"); trial_signer(t, AT_KEY_A); }
BEND(roleless) { UNUSED; REGISTER("N"); trial_signer(t, AT_KEY_SEAL_SUPER); }
BEND(quota) { UNUSED; REGISTER("N"); two(t, OP_SEAL_REGISTER, "M", 0); assert_int_equal(state_member_counters(l->state, AT_A, 1, l->context.quota_day, QUOTA_TEST - 1), ERR_OK); }
BEND(quota_edge) { UNUSED; REGISTER("N"); assert_int_equal(state_member_counters(l->state, AT_A, 1, l->context.quota_day, QUOTA_TEST - 1), ERR_OK); }
BEND(stop) { UNUSED; ON(OP_SEAL_STOP, "V", 2); }
BEND(stop_by_issue_key) { UNUSED; ON(OP_SEAL_STOP, "V", 2); trial_signer(t, AT_KEY_A); }
BEND(stop_roleless) { UNUSED; ON(OP_SEAL_STOP, "V", 2); trial_signer(t, AT_KEY_SEAL_SUPER); }
BEND(stop_unknown) { UNUSED; ON(OP_SEAL_STOP, "N", 1); }
BEND(stop_others) { UNUSED; ON(OP_SEAL_STOP, "V", 2); trial_signer(t, AT_KEY_SEAL_B); }
BEND(stop_own) { UNUSED; ON(OP_SEAL_STOP, "B", 1); trial_signer(t, AT_KEY_SEAL_B); }
BEND(stop_registrar) { UNUSED; ON(OP_SEAL_STOP, "B", 1); }
BEND(stop_stale) { UNUSED; ON(OP_SEAL_STOP, "V", 1); }
BEND(stop_ahead) { UNUSED; ON(OP_SEAL_STOP, "V", 3); }
BEND(stop_no_reason) { UNUSED; ON(OP_SEAL_STOP, "V", 2); t->seal[0].reason.len = 0; }
BEND(stop_no_basis) { UNUSED; ON(OP_SEAL_STOP, "V", 2); t->seal[0].basis.len = 0; }
BEND(stop_since_now) { UNUSED; ON(OP_SEAL_STOP, "V", 2); t->seal[0].since = l->context.entry; }
BEND(stop_since_later) { UNUSED; ON(OP_SEAL_STOP, "V", 2); t->seal[0].since = l->context.entry + 1; }
BEND(cancel_since_later) { UNUSED; ON(OP_SEAL_CANCEL, "V", 2); t->seal[0].since = INT64_MAX; }
BEND(remake_since_later) { UNUSED; ON(OP_SEAL_REMAKE, "V", 2); t->seal[0].since = l->context.entry + 1; }
BEND(stop_two) { UNUSED; ON(OP_SEAL_STOP, "V", 2); two(t, OP_SEAL_STOP, "B", 1); }
BEND(stop_twice) { UNUSED; ON(OP_SEAL_STOP, "V", 2); two(t, OP_SEAL_STOP, "V", 3); }
BEND(resume_silent) { UNUSED; ON(OP_SEAL_RESUME, "S", 2); t->seal[0].reason.len = t->seal[0].basis.len = 0; }
BEND(remake_same) { UNUSED; ON(OP_SEAL_REMAKE, "V", 2); t->seal[0].digest32 = at_making(11); }
BEND(remake_past) { UNUSED; ON(OP_SEAL_REMAKE, "V", 2); t->seal[0].digest32 = at_making(1); }
BEND(remake_ends_before) { UNUSED; ON(OP_SEAL_REMAKE, "V", 2); t->seal[0].to_ms = t->seal[0].from_ms - 1; }
BEND(transfer_unknown) { UNUSED; ON(OP_SEAL_TRANSFER, "V", 2); t->seal[0].owner = bytes_text("913100009999999999"); }
BEND(transfer_paused) { UNUSED; ON(OP_SEAL_TRANSFER, "V", 2); t->seal[0].owner = at_uscc(AT_PAUSED); }
BEND(transfer_to_itself) { UNUSED; ON(OP_SEAL_TRANSFER, "V", 2); }
BEND(transfer_away) { UNUSED; ON(OP_SEAL_TRANSFER, "V", 2); t->seal[0].owner = at_uscc(AT_B); }
BEND(seal_plain) { UNUSED; issue(t, "V", 11); }
BEND(seal_unknown) { UNUSED; issue(t, "N", 11); }
BEND(seal_others) { UNUSED; issue(t, "B", 4); }
BEND(seal_stopped) { UNUSED; issue(t, "S", 2); }
BEND(seal_cancelled) { UNUSED; issue(t, "C", 3); }
BEND(seal_past_making) { UNUSED; issue(t, "V", 1); }
BEND(seal_other_data) { UNUSED; issue(t, "V", 77); }
BEND(seal_ended) { UNUSED; issue(t, "P", 5); }
BEND(seal_early) { UNUSED; issue(t, "V", 11); l->context.time_ms = START_MS - DAY_MS - 1; t->statement.cose.iat = l->context.time_ms / 1000; }
BEND(seal_first_moment) { UNUSED; issue(t, "V", 11); l->context.time_ms = START_MS - DAY_MS; t->statement.cose.iat = l->context.time_ms / 1000; }
BEND(seal_last_moment) { UNUSED; issue(t, "V", 11); l->context.time_ms = START_MS + 100 * DAY_MS; t->statement.cose.iat = l->context.time_ms / 1000; }
BEND(seal_late) { UNUSED; issue(t, "V", 11); l->context.time_ms = START_MS + 100 * DAY_MS + 1; t->statement.cose.iat = l->context.time_ms / 1000; }
BEND(seal_second_item) { UNUSED; issue(t, "V", 11); t->record.item_count = 2; trial_item(t, 1, 10, 10, 10); trial_sealed(t, 1, "S", 2); }

#define NO_E REFUSAL_NO_ENTRY
static const struct refusal_case {
    const char *name;
    void (*bend)(struct trial *trial, struct ledger *ledger);
    enum code code;
    uint32_t item;
    uint64_t entry;
} cases[] = {
#define CASE(name, code, item, entry) {#name, bend_##name, CODE_##code, item, entry}
#define WHOLE(name, code) {#name, bend_##name, CODE_##code, REFUSAL_NO_ITEM, NO_E}
#define GOOD(name) {#name, bend_##name, CODE_OK, REFUSAL_NO_ITEM, NO_E}
    GOOD(new_seal), GOOD(for_another), GOOD(two_new), GOOD(same_data_two_seals), CASE(exists, SEAL_EXISTS, 0, 7), CASE(exists_cancelled, SEAL_EXISTS, 0, 9),
    CASE(twice, ITEM_REPEATED, 1, NO_E), CASE(owner_unknown, MEMBER_UNKNOWN, 0, NO_E), CASE(owner_paused, MEMBER_NOT_ACTIVE, 0, NO_E),
    CASE(ends_before, VALIDITY_ORDER, 0, NO_E), GOOD(one_moment), WHOLE(issue_key, KEY_USE), WHOLE(roleless, ROLE_MISSING), CASE(quota, QUOTA, 1, NO_E),
    GOOD(quota_edge), GOOD(stop), WHOLE(stop_by_issue_key, KEY_USE), WHOLE(stop_roleless, ROLE_MISSING), CASE(stop_unknown, SEAL_UNKNOWN, 0, NO_E),
    CASE(stop_others, NOT_THE_REGISTRAR, 0, NO_E), GOOD(stop_own), GOOD(stop_registrar), CASE(stop_stale, COUNT_STALE, 0, 7),
    CASE(stop_ahead, COUNT_STALE, 0, 7), CASE(stop_no_reason, REASON_MISSING, 0, NO_E), CASE(stop_no_basis, REASON_MISSING, 0, NO_E), GOOD(stop_since_now),
    CASE(stop_since_later, ENTRY_AHEAD, 0, NO_E), CASE(cancel_since_later, ENTRY_AHEAD, 0, NO_E), CASE(remake_since_later, ENTRY_AHEAD, 0, NO_E),
    GOOD(stop_two), CASE(stop_twice, ITEM_REPEATED, 1, NO_E), GOOD(resume_silent), CASE(remake_same, MAKING_KNOWN, 0, 7), CASE(remake_past, MAKING_KNOWN, 0, 2),
    CASE(remake_ends_before, VALIDITY_ORDER, 0, NO_E), CASE(transfer_unknown, MEMBER_UNKNOWN, 0, NO_E), CASE(transfer_paused, MEMBER_NOT_ACTIVE, 0, NO_E),
    CASE(transfer_to_itself, ALREADY_SO, 0, 7), GOOD(transfer_away), GOOD(seal_plain), CASE(seal_unknown, SEAL_UNKNOWN, 0, NO_E),
    CASE(seal_others, SEAL_NOT_OWNED, 0, NO_E), CASE(seal_stopped, SEAL_STOPPED, 0, 8), CASE(seal_cancelled, SEAL_STOPPED, 0, 9),
    CASE(seal_past_making, SEAL_DIGEST, 0, 7), CASE(seal_other_data, SEAL_DIGEST, 0, 7), CASE(seal_ended, SEAL_PERIOD, 0, 6), CASE(seal_early, SEAL_PERIOD, 0, 7),
    GOOD(seal_first_moment), GOOD(seal_last_moment), CASE(seal_late, SEAL_PERIOD, 0, 7), CASE(seal_second_item, SEAL_STOPPED, 1, 8),
};
#define CASES (sizeof cases / sizeof cases[0])

static void refusals(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    scene(ledger);
    for (size_t i = 0; i < CASES; i++) {
        const struct refusal_case *c = &cases[i];
        struct trial trial;
        ledger_begin(ledger);
        trial_start(&trial, ledger);
        trial_signer(&trial, AT_KEY_SEAL_A);
        trial_item(&trial, 0, 9, 9, 9);
        const struct apply_context context = ledger->context;
        c->bend(&trial, ledger);
        const struct refusal refusal = trial_apply(&trial, ledger);
        ledger->context = context;
        if (refusal.code != c->code) fail_msg("%s: %s, not %s", c->name, code_name(refusal.code), code_name(c->code));
        if (refusal.item != c->item || refusal.entry != c->entry) fail_msg("%s: item %u entry %llu", c->name, refusal.item, (unsigned long long)refusal.entry);
        if (refusal.code == CODE_OK || refusal.code == CODE_QUOTA) ledger_drop(ledger); /* quota: the case itself changed the counters */
        else ledger_expect_unchanged(ledger);
    }
}

/* --- every state against every operation --- */

static void transitions(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    static const enum op ops[] = {OP_SEAL_STOP, OP_SEAL_RESUME, OP_SEAL_CANCEL, OP_SEAL_REMAKE, OP_SEAL_TRANSFER};
    static const struct { enum op bring; enum seal_state is; enum code want[5]; enum seal_state becomes[5]; } rows[] = {
        {OP_SEAL_REGISTER, SEAL_VALID, {CODE_OK, CODE_ALREADY_SO, CODE_OK, CODE_OK, CODE_OK}, {SEAL_STOPPED, 0, SEAL_CANCELLED, SEAL_VALID, SEAL_VALID}},
        {OP_SEAL_STOP, SEAL_STOPPED, {CODE_ALREADY_SO, CODE_OK, CODE_OK, CODE_OK, CODE_OK}, {0, SEAL_VALID, SEAL_CANCELLED, SEAL_VALID, SEAL_STOPPED}},
        {OP_SEAL_CANCEL, SEAL_CANCELLED, {CODE_STATE_FORBIDS, CODE_STATE_FORBIDS, CODE_ALREADY_SO, CODE_STATE_FORBIDS, CODE_STATE_FORBIDS}, {0}},
    };
    for (int row = 0; row < 3; row++)
        for (int op = 0; op < 5; op++) {
            struct seal seal;
            uint64_t count = 1;
            ledger_begin(ledger);
            assert_int_equal(register_one(ledger, "V", AT_A, 1).code, CODE_OK);
            if (rows[row].bring != OP_SEAL_REGISTER) assert_int_equal(act(ledger, rows[row].bring, "V", count++, LOG_ENTRY_NONE, 0).code, CODE_OK);
            assert_int_equal(act(ledger, ops[op], "V", count, LOG_ENTRY_NONE, 2).code, rows[row].want[op]);
            assert_true(ledger_seal(ledger, "V", &seal));
            const bool done = rows[row].want[op] == CODE_OK;
            assert_int_equal(seal.state, done ? rows[row].becomes[op] : rows[row].is);
            assert_int_equal(seal.history_count, done ? count + 1 : count);
            assert_int_equal(seal.act_count, seal.history_count);
            assert_int_equal(seal.making_count, done && ops[op] == OP_SEAL_REMAKE ? 2 : 1);
            assert_int_equal(seal.owner_no, done && ops[op] == OP_SEAL_TRANSFER ? AT_B : AT_A);
            ledger_drop(ledger);
        }
}

/* From which entry on the present making is suspect, after each sequence of acts; and the making before, where it was made again. */
static void suspicion(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    enum { REG = 2 }; /* the entry of the registration; the acts follow at 3, 4, ... */
    static const struct { enum op op[3]; uint64_t since[3], present, before; } rows[] = {
        {{OP_SEAL_STOP}, {LOG_ENTRY_NONE}, 3, 0},                                                            /* from now on */
        {{OP_SEAL_STOP}, {0}, 0, 0},                                                                         /* from the beginning */
        {{OP_SEAL_STOP}, {REG}, REG, 0},
        {{OP_SEAL_STOP}, {3}, 3, 0},                                                                         /* the present entry may be named */
        {{OP_SEAL_STOP, OP_SEAL_RESUME}, {0, LOG_ENTRY_NONE}, LOG_ENTRY_NONE, 0},                            /* taken back */
        {{OP_SEAL_STOP, OP_SEAL_RESUME, OP_SEAL_STOP}, {0, LOG_ENTRY_NONE, LOG_ENTRY_NONE}, 5, 0},           /* and not remembered */
        {{OP_SEAL_STOP, OP_SEAL_CANCEL}, {REG, LOG_ENTRY_NONE}, REG, 0},                                     /* a cancellation clears nothing */
        {{OP_SEAL_STOP, OP_SEAL_CANCEL}, {LOG_ENTRY_NONE, 0}, 0, 0},                                         /* but may say more */
        {{OP_SEAL_CANCEL}, {LOG_ENTRY_NONE}, 3, 0},
        {{OP_SEAL_REMAKE}, {LOG_ENTRY_NONE}, LOG_ENTRY_NONE, LOG_ENTRY_NONE},                                /* a certificate ended: nothing is suspect */
        {{OP_SEAL_REMAKE}, {REG}, LOG_ENTRY_NONE, REG},                                                      /* a key leaked */
        {{OP_SEAL_STOP, OP_SEAL_REMAKE}, {REG, LOG_ENTRY_NONE}, LOG_ENTRY_NONE, REG},                        /* what the stop said stays said */
        {{OP_SEAL_STOP, OP_SEAL_REMAKE}, {LOG_ENTRY_NONE, REG}, LOG_ENTRY_NONE, REG},
        {{OP_SEAL_REMAKE, OP_SEAL_STOP}, {LOG_ENTRY_NONE, LOG_ENTRY_NONE}, 4, LOG_ENTRY_NONE},               /* a stop is about the present making */
        {{OP_SEAL_REMAKE, OP_SEAL_STOP}, {LOG_ENTRY_NONE, 3}, 3, LOG_ENTRY_NONE},                            /* which was in use from its own entry on */
        {{OP_SEAL_REMAKE, OP_SEAL_STOP}, {LOG_ENTRY_NONE, REG}, REG, REG},                                   /* but a leak of earlier reaches the one before */
        {{OP_SEAL_REMAKE, OP_SEAL_STOP, OP_SEAL_RESUME}, {LOG_ENTRY_NONE, 0, LOG_ENTRY_NONE}, LOG_ENTRY_NONE, 0}, /* for good */
        {{OP_SEAL_TRANSFER}, {LOG_ENTRY_NONE}, LOG_ENTRY_NONE, 0},
        {{OP_SEAL_STOP, OP_SEAL_TRANSFER}, {REG, LOG_ENTRY_NONE}, REG, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct seal seal;
        ledger->context.entry = REG;
        ledger_begin(ledger);
        assert_int_equal(register_one(ledger, "V", AT_A, 1).code, CODE_OK);
        for (uint64_t k = 0; k < 3 && rows[i].op[k] != 0; k++)
            assert_int_equal(act(ledger, rows[i].op[k], "V", k + 1, rows[i].since[k], 2).code, CODE_OK);
        assert_true(ledger_seal(ledger, "V", &seal));
        const uint64_t present = seal.makings[seal.making_count - 1].suspect_since;
        if (present != rows[i].present) fail_msg("row %zu: since %lld", i, (long long)present);
        if (seal.making_count == 2 && seal.makings[0].suspect_since != rows[i].before) fail_msg("row %zu: before %lld", i, (long long)seal.makings[0].suspect_since);
        ledger_drop(ledger);
    }
}

static void ids_that_no_address_can_hold(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    static const char *const bad[] = {"a/b", "a b", "/", "a\x7f", "\xe7\xab\xa0"};
    ledger_begin(ledger);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_int_equal(register_one(ledger, bad[i], AT_A, 1).code, CODE_SEAL_ID_INVALID);
    assert_int_equal(register_one(ledger, "~!%?#.", AT_A, 1).code, CODE_OK);
    ledger_drop(ledger);
}

/* --- what is written --- */

static void what_is_written(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    struct seal seal;
    const struct member *member;
    ledger_begin(ledger);
    assert_int_equal(register_one(ledger, "V", AT_B, 1).code, CODE_OK);
    assert_int_equal(ledger_commit(ledger), ERR_OK);
    assert_int_equal(ledger->counts.objects, AT_END + 1);
    assert_int_equal(ledger->counts.links, 1);
    assert_int_equal(ledger->counts.licences, 0);
    ledger_begin(ledger);
    assert_int_equal(state_member(ledger->state, AT_A, &member), ERR_OK);
    assert_int_equal(member->quota_used, 1);
    assert_int_equal(member->issued, 0);
    struct trial trial;
    trial_start(&trial, ledger);
    trial_signer(&trial, AT_KEY_SEAL_B);
    trial_seal(&trial, 0, OP_SEAL_REMAKE, "V", 1, 2);
    trial.seal[0].cert_count = 2;
    trial.seal[0].certs[1] = at_making(202);
    trial.seal[0].since = 1;
    ledger->context.time_ms += 5000;
    assert_int_equal(trial_apply(&trial, ledger).code, CODE_OK);
    assert_int_equal(act(ledger, OP_SEAL_STOP, "V", 2, LOG_ENTRY_NONE, 0).code, CODE_OK);
    assert_true(ledger_seal(ledger, "V", &seal));
    assert_true(bytes_equal(seal.id, bytes_text("V")));
    assert_true(bytes_equal(seal.name, bytes_text("seal")));
    assert_true(bytes_equal(seal.reason, bytes_text("reason")));
    assert_true(bytes_equal(seal.basis, bytes_text("basis")));
    assert_int_equal(seal.no, AT_END);
    assert_int_equal(seal.kind, SEAL_KIND_NAME);
    assert_int_equal(seal.owner_no, AT_B);
    assert_int_equal(seal.owner_since, 2);
    assert_int_equal(seal.registrar_no, AT_A);
    assert_int_equal(seal.state, SEAL_STOPPED);
    assert_int_equal(seal.since, 2); /* the second block after the first objects' */
    assert_int_equal(seal.making_count, 2);
    assert_memory_equal(seal.makings[0].digest, at_making(1), 32);
    assert_memory_equal(seal.makings[1].digest, at_making(2), 32);
    assert_memory_equal(seal.makings[1].maker, at_making(200), 32);
    assert_int_equal(seal.makings[1].cert_count, 2);
    assert_memory_equal(seal.makings[1].certs[1], at_making(202), 32);
    assert_int_equal(seal.makings[1].from_ms, START_MS - DAY_MS);
    assert_int_equal(seal.makings[1].to_ms, START_MS + 100 * DAY_MS);
    assert_int_equal(seal.makings[0].entry, 2);
    assert_int_equal(seal.makings[0].suspect_since, 1);
    assert_int_equal(seal.makings[1].entry, 3);
    assert_int_equal(seal.makings[1].suspect_since, 4);
    static const struct seal_act acts[3] = {{AT_KEY_SEAL_A, 2}, {AT_KEY_SEAL_B, 3}, {AT_KEY_SEAL_A, 4}};
    for (uint32_t i = 0; i < 3; i++) assert_true(seal.acts[i].key_no == acts[i].key_no && seal.acts[i].entry == acts[i].entry);
    const struct history_link links[3] = {
        {AT_END, NO_NONE, 2, 0, OP_SEAL_REGISTER, SEAL_VALID, AT_KEY_SEAL_A, START_MS},
        {AT_END, 0, 3, 0, OP_SEAL_REMAKE, SEAL_VALID, AT_KEY_SEAL_B, START_MS + 5000},
        {AT_END, 1, 4, 0, OP_SEAL_STOP, SEAL_STOPPED, AT_KEY_SEAL_A, START_MS + 5000},
    };
    uint8_t head[32] = {0}, next[32];
    for (int i = 0; i < 3; i++) {
        link_head(next, head, &links[i]);
        memcpy(head, next, 32);
    }
    assert_memory_equal(seal.history_head, head, 32);
    assert_int_equal(seal.history_count, 3);
    assert_int_equal(seal.last_link, 2);
    ledger_drop(ledger);
}

/* Licences under seals, in one batch and over blocks: each names its making and entry, and from the seal's last one back they are all there. */
static void list_of_licences(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    struct trial trial;
    struct licence licence;
    struct seal seal;
    ledger_begin(ledger);
    assert_int_equal(register_one(ledger, "V", AT_A, 1).code, CODE_OK);
    assert_int_equal(register_one(ledger, "W", AT_A, 7).code, CODE_OK);
    assert_int_equal(ledger_commit(ledger), ERR_OK);
    ledger_begin(ledger);
    trial_start(&trial, ledger);
    trial.record.item_count = 6;
    static const char *const under[6] = {"V", "V", NULL, "W", "V", "W"};
    for (uint32_t i = 0; i < 6; i++) {
        trial_item(&trial, i, 10 + i, 10 + i, 10 + i);
        if (under[i]) trial_sealed(&trial, i, under[i], under[i][0] == 'V' ? 1 : 7);
    }
    assert_int_equal(trial_apply(&trial, ledger).code, CODE_OK); /* entry 4 */
    assert_int_equal(act(ledger, OP_SEAL_REMAKE, "V", 1, LOG_ENTRY_NONE, 2).code, CODE_OK);
    assert_int_equal(ledger_commit(ledger), ERR_OK);
    ledger_begin(ledger);
    assert_int_equal(issue_sealed(ledger, 20, "V", 2).code, CODE_OK); /* entry 6 */
    assert_int_equal(issue_sealed(ledger, 21, "V", 99).code, CODE_SEAL_DIGEST);
    assert_int_equal(ledger_commit(ledger), ERR_OK);
    ledger_begin(ledger);
    static const struct { const char *seal; uint32_t name, making; uint64_t entry; } want[] = {
        {"V", 20, 1, 6}, {"V", 14, 0, 4}, {"V", 11, 0, 4}, {"V", 10, 0, 4}, {"W", 15, 0, 4}, {"W", 13, 0, 4},
    };
    uint32_t at = NO_NONE;
    for (size_t i = 0; i < 6; i++) {
        assert_true(ledger_seal(ledger, want[i].seal, &seal));
        if (i == 0 || strcmp(want[i].seal, want[i - 1].seal) != 0) {
            assert_int_equal(at, NO_NONE); /* the list before ended where it should */
            at = seal.last_licence;
            assert_int_equal(seal.licence_count, want[i].seal[0] == 'V' ? 4 : 2);
        }
        assert_true(ledger_licence(ledger, want[i].name, &licence));
        assert_int_equal(licence.no, at);
        assert_int_equal(licence.seal.no, seal.no);
        assert_int_equal(licence.seal.making, want[i].making);
        assert_int_equal(licence.seal.entry, want[i].entry);
        at = licence.seal.previous;
    }
    assert_int_equal(at, NO_NONE);
    assert_true(ledger_seal(ledger, "V", &seal));
    assert_int_equal(seal.history_count, 2); /* being used is no change of a seal: who stops it need not race with who issues */
    assert_true(ledger_licence(ledger, 12, &licence));
    assert_int_equal(licence.seal.no, NO_NONE);
    ledger_drop(ledger);
}

static void transfer_and_back(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    struct trial trial;
    struct seal seal;
    ledger_begin(ledger);
    assert_int_equal(register_one(ledger, "V", AT_A, 1).code, CODE_OK);
    assert_int_equal(issue_sealed(ledger, 10, "V", 1).code, CODE_OK);
    assert_int_equal(act(ledger, OP_SEAL_TRANSFER, "V", 1, LOG_ENTRY_NONE, 0).code, CODE_OK); /* to B, entry 4 */
    assert_int_equal(issue_sealed(ledger, 11, "V", 1).code, CODE_SEAL_NOT_OWNED);
    trial_start(&trial, ledger);
    trial_signer(&trial, AT_KEY_B);
    trial_item(&trial, 0, 12, 12, 12);
    trial_sealed(&trial, 0, "V", 1);
    assert_int_equal(trial_apply(&trial, ledger).code, CODE_OK);
    trial_start(&trial, ledger); /* the new owner gives it away without asking who registered it */
    trial_signer(&trial, AT_KEY_SEAL_B);
    trial_seal(&trial, 0, OP_SEAL_TRANSFER, "V", 2, 0);
    assert_int_equal(trial_apply(&trial, ledger).code, CODE_OK);
    assert_true(ledger_seal(ledger, "V", &seal));
    assert_int_equal(seal.owner_no, AT_A);
    assert_int_equal(seal.owner_since, 6);
    assert_int_equal(issue_sealed(ledger, 11, "V", 1).code, CODE_OK);
    ledger_drop(ledger);
}

/* However often a seal was made again, stopped and resumed: it can still be stopped, and cancelled. */
static void never_too_full_to_stop(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    struct seal seal;
    uint64_t count = 1;
    ledger_begin(ledger);
    assert_int_equal(register_one(ledger, "V", AT_A, 1).code, CODE_OK);
    for (uint8_t i = 1; i < SEAL_MAKINGS_MAX; i++) assert_int_equal(act(ledger, OP_SEAL_REMAKE, "V", count++, LOG_ENTRY_NONE, (uint8_t)(1 + i)).code, CODE_OK);
    struct refusal refusal = act(ledger, OP_SEAL_REMAKE, "V", count, LOG_ENTRY_NONE, 100);
    assert_int_equal(refusal.code, CODE_MAKINGS_FULL);
    assert_int_equal(refusal.entry, ledger->context.entry - 1);
    assert_int_equal(issue_sealed(ledger, 10, "V", SEAL_MAKINGS_MAX).code, CODE_OK);
    enum code code = CODE_OK;
    while (code == CODE_OK) {
        assert_true(ledger_seal(ledger, "V", &seal));
        code = act(ledger, seal.state == SEAL_VALID ? OP_SEAL_STOP : OP_SEAL_RESUME, "V", count, LOG_ENTRY_NONE, 0).code;
        if (code == CODE_OK) count++;
    }
    assert_int_equal(code, CODE_MAKINGS_FULL);
    assert_int_equal(seal.state, SEAL_STOPPED);
    assert_true(seal.act_count >= SEAL_ACTS_MAX - 2);
    assert_int_equal(act(ledger, OP_SEAL_TRANSFER, "V", count, LOG_ENTRY_NONE, 0).code, CODE_MAKINGS_FULL);
    assert_int_equal(act(ledger, OP_SEAL_CANCEL, "V", count, LOG_ENTRY_NONE, 0).code, CODE_OK);
    assert_int_equal(act(ledger, OP_SEAL_STOP, "V", count + 1, LOG_ENTRY_NONE, 0).code, CODE_STATE_FORBIDS);
    assert_true(ledger_seal(ledger, "V", &seal));
    assert_int_equal(seal.state, SEAL_CANCELLED);
    assert_true(seal.act_count <= SEAL_ACTS_MAX);
    assert_int_equal(ledger_commit(ledger), ERR_OK);
}

/* D7 for seals: a batch whose last item is at fault leaves neither licences nor a seal that counts them. */
static void batch_undone(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    struct trial trial;
    ledger_begin(ledger);
    assert_int_equal(register_one(ledger, "V", AT_A, 1).code, CODE_OK);
    assert_int_equal(ledger_commit(ledger), ERR_OK);
    ledger_begin(ledger);
    trial_start(&trial, ledger);
    trial.record.item_count = 8;
    for (uint32_t i = 0; i < 8; i++) {
        trial_item(&trial, i, 10 + i, 10 + i, 10 + i);
        trial_sealed(&trial, i, "V", 1);
    }
    be32_put(trial.documents[7][1], 10);
    assert_int_equal(trial_apply(&trial, ledger).code, CODE_ITEM_REPEATED);
    ledger_expect_unchanged(ledger);
    be32_put(trial.documents[7][1], 17);
    ledger_begin(ledger);
    assert_int_equal(trial_apply(&trial, ledger).code, CODE_OK);
    struct seal seal;
    assert_true(ledger_seal(ledger, "V", &seal));
    assert_int_equal(seal.licence_count, 8);
    ledger_drop(ledger);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(refusals), TEST(transitions), TEST(suspicion), TEST(ids_that_no_address_can_hold), TEST(what_is_written), TEST(list_of_licences), TEST(transfer_and_back), TEST(never_too_full_to_stop),
        TEST(batch_undone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
