/* Apply: every refusal the rules can give, each by name in one table, each leaving no trace; every transition; batches all or nothing; the
 * stories of a number and of a licence that comes back from the dead. */
#include "tests/lib/rows.h"
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

/* --- one table of refusals --- */

/* What is there when each case begins: licence 1 valid (issued at entry 2, number 1, document 1), 2 suspended, 3 revoked, all A's and of
 * AT_PLAIN; 4 valid, A's, of AT_OPEN; 5 valid, B's. */
static void issue_one(struct ledger *ledger, uint32_t key, uint32_t type, uint32_t name) {
    struct trial trial;
    trial_start(&trial, ledger);
    trial_signer(&trial, key);
    trial.record.type_code = at_type(type);
    if (type == AT_OPEN) {
        trial.record.element_count = 1;
        trial.record.elements[0] = bytes_text("ZZBS");
    }
    trial_item(&trial, 0, name, name, name);
    assert_int_equal(trial_apply(&trial, ledger).code, CODE_OK);
}
static struct refusal change_one(struct ledger *ledger, uint32_t key, enum op op, uint32_t name, uint64_t count) {
    struct trial trial;
    trial_start(&trial, ledger);
    trial_signer(&trial, key);
    trial.record.op = op;
    trial_status(&trial, 0, name, count);
    return trial_apply(&trial, ledger);
}
static void scene(struct ledger *ledger) {
    ledger_begin(ledger);
    for (uint32_t name = 1; name <= 3; name++) issue_one(ledger, AT_KEY_A, AT_PLAIN, name); /* entries 2, 3, 4 */
    issue_one(ledger, AT_KEY_A, AT_OPEN, 4);
    issue_one(ledger, AT_KEY_B, AT_PLAIN, 5);
    assert_int_equal(change_one(ledger, AT_KEY_A, OP_SUSPEND, 2, 1).code, CODE_OK); /* entry 7 */
    assert_int_equal(change_one(ledger, AT_KEY_A, OP_REVOKE, 3, 1).code, CODE_OK);  /* entry 8 */
    assert_int_equal(ledger_commit(ledger), ERR_OK);
}

/* Each makes one thing wrong with a statement that would be taken: an issue of licence 9, or a suspension of licence 1. */
#define BEND(name) static void bend_##name(struct trial *t, struct ledger *l)
#define UNUSED (void)t; (void)l
BEND(nothing) { UNUSED; }
BEND(other_ledger) { UNUSED; t->genesis[0] ^= 1; }
BEND(no_genesis) { UNUSED; t->statement.cose.genesis = NULL; }
BEND(key_unknown) { UNUSED; t->kid[5] ^= 1; }
BEND(key_later) { UNUSED; trial_signer(t, AT_KEY_LATER); }
BEND(key_old) { UNUSED; trial_signer(t, AT_KEY_OLD); }
BEND(key_node) { UNUSED; trial_signer(t, AT_KEY_NODE); }
BEND(key_govern) { UNUSED; trial_signer(t, AT_KEY_GOVERN); }
BEND(key_lost) { UNUSED; trial_signer(t, AT_KEY_LOST); }
BEND(alg_sm2) { UNUSED; trial_signer(t, AT_KEY_SM2); }
BEND(alg_none) { UNUSED; t->statement.cose.alg = 5; }
BEND(alg_other) { UNUSED; t->statement.cose.alg = COSE_ALG_ES256; }
BEND(member_paused) { UNUSED; trial_signer(t, AT_KEY_PAUSED); }
BEND(role_missing) { UNUSED; trial_signer(t, AT_KEY_ROLELESS); }
BEND(iss_other) { UNUSED; t->iss[strlen(t->iss) - 1] ^= 1; }
BEND(iss_short) { UNUSED; t->statement.cose.iss.len--; }
BEND(iat_old) { UNUSED; t->statement.cose.iat -= 86401; }
BEND(iat_absent) { UNUSED; t->statement.cose.iat = -1; }
BEND(iat_ahead) { UNUSED; t->statement.cose.iat += 301; }
BEND(iat_huge) { UNUSED; t->statement.cose.iat = INT64_MAX; }
BEND(iat_edge_back) { UNUSED; t->statement.cose.iat -= 86400; }
BEND(iat_edge_ahead) { UNUSED; t->statement.cose.iat += 300; }
BEND(op_renew) { UNUSED; t->record.op = OP_RENEW; }
BEND(op_amend) { UNUSED; t->record.op = OP_AMEND; }
BEND(op_out) { UNUSED; t->record.op = OP_TRANSFER_OUT; }
BEND(op_in) { UNUSED; t->record.op = OP_TRANSFER_IN; }
BEND(op_back) { UNUSED; t->record.op = OP_TRANSFER_CANCEL; }
BEND(op_confirm) { UNUSED; t->record.op = OP_CONFIRM; }
BEND(type_unknown) { UNUSED; t->record.type_code = bytes_text("913100001234567899999"); }
BEND(type_others) { UNUSED; t->record.type_code = at_type(AT_OTHER); }
BEND(type_retired) { UNUSED; t->record.type_code = at_type(AT_RETIRED); }
BEND(no_identifier) { UNUSED; t->record.element_count = 1; }
BEND(no_mandatory) { UNUSED; t->record.elements[0] = bytes_text("KZ_B"); }
/* of AT_OTHER: its mandatory element sorts last, so nothing in the list comes behind the place where it is missed */
static void of_other(struct trial *t, uint32_t count) {
    trial_signer(t, AT_KEY_B);
    t->record.type_code = at_type(AT_OTHER);
    t->record.element_count = count;
    t->record.elements[0] = bytes_text("ZZBS");
    t->record.elements[1] = bytes_text("ZZ_Z");
}
BEND(mandatory_last) { UNUSED; of_other(t, 2); }
BEND(no_mandatory_last) { UNUSED; of_other(t, 1); }
BEND(element_extra) { UNUSED; t->record.element_count = 3; t->record.elements[1] = bytes_text("KZ_C"); t->record.elements[2] = bytes_text("ZZBS"); }
BEND(element_optional) { UNUSED; t->record.element_count = 3; t->record.elements[1] = bytes_text("KZ_B"); t->record.elements[2] = bytes_text("ZZBS"); }
BEND(element_after) { UNUSED; t->record.element_count = 3; t->record.elements[2] = bytes_text("ZZZZ"); }
BEND(kind) { UNUSED; t->issue[0].holder_kind = 2; }
BEND(kind_other) { UNUSED; t->issue[0].holder_kind = 111; }
BEND(ends_before) { UNUSED; t->issue[0].valid_to = t->issue[0].valid_from - 1; }
BEND(one_day) { UNUSED; t->issue[0].valid_to = t->issue[0].valid_from; }
BEND(too_long) { UNUSED; t->issue[0].valid_to = t->issue[0].valid_from + 3654; }
BEND(longest) { UNUSED; t->issue[0].valid_to = t->issue[0].valid_from + 3653; }
BEND(unlimited) { UNUSED; t->issue[0].valid_to = DAY_NONE; }
BEND(unlimited_open) { bend_unlimited(t, l); t->record.type_code = at_type(AT_OPEN); t->record.elements[0] = bytes_text("ZZBS"); t->record.element_count = 1; }
BEND(licence_1) { UNUSED; be32_put(t->licences[0], 1); }
BEND(licence_3) { UNUSED; be32_put(t->licences[0], 3); }
BEND(number_1) { UNUSED; be32_put(t->numbers[0], 1); }
BEND(number_2) { UNUSED; be32_put(t->numbers[0], 2); }
BEND(number_3) { UNUSED; be32_put(t->numbers[0], 3); }
BEND(number_of_other_type) { UNUSED; be32_put(t->numbers[0], 4); }
BEND(document_1) { UNUSED; be32_put(t->documents[0][1], 1); }
BEND(document_3) { UNUSED; be32_put(t->documents[0][0], 3); }
BEND(seal) { UNUSED; t->issue[0].seal_id = bytes_text("SEAL"); t->issue[0].seal_digest = t->genesis; }
BEND(component_unknown) { UNUSED; t->issue[0].component_count = 1; t->issue[0].components[0] = t->genesis; }
BEND(component_itself) { UNUSED; t->issue[0].component_count = 1; t->issue[0].components[0] = t->licences[0]; }
static void component(struct trial *t, uint32_t name) {
    static uint8_t key[32];
    be32_put(key, name);
    t->issue[0].component_count = 1;
    t->issue[0].components[0] = key;
}
BEND(component_ended) { UNUSED; component(t, 3); }
BEND(component_suspended) { UNUSED; component(t, 2); }
BEND(component_valid) { UNUSED; component(t, 1); }
/* two items; the second is at fault */
static void two(struct trial *t) { t->record.item_count = 2; trial_item(t, 1, 10, 10, 10); }
BEND(two_good) { UNUSED; two(t); }
BEND(same_licence) { UNUSED; two(t); be32_put(t->licences[1], 9); }
BEND(same_number) { UNUSED; two(t); be32_put(t->numbers[1], 9); }
BEND(same_number_ended) { UNUSED; two(t); be32_put(t->numbers[0], 3); be32_put(t->numbers[1], 3); }
BEND(same_document) { UNUSED; two(t); be32_put(t->documents[1][0], 9); }
BEND(same_document_in_item) { UNUSED; two(t); memcpy(t->documents[1][1], t->documents[1][0], 32); }
BEND(second_taken) { UNUSED; two(t); be32_put(t->licences[1], 1); }
BEND(quota) { UNUSED; assert_int_equal(state_member_counters(l->state, AT_A, 4, l->context.quota_day, QUOTA_TEST - 3), ERR_OK); }
BEND(quota_second) { UNUSED; two(t); assert_int_equal(state_member_counters(l->state, AT_A, 4, l->context.quota_day, QUOTA_TEST - 4), ERR_OK); }
BEND(quota_edge) { UNUSED; assert_int_equal(state_member_counters(l->state, AT_A, 4, l->context.quota_day, QUOTA_TEST - 4), ERR_OK); }
BEND(quota_yesterday) { UNUSED; assert_int_equal(state_member_counters(l->state, AT_A, 4, l->context.quota_day - 1, QUOTA_TEST), ERR_OK); }
/* changes of state */
static void change(struct trial *t, enum op op, uint32_t name, uint64_t count) { t->record.op = op; trial_status(t, 0, name, count); }
BEND(suspend) { UNUSED; change(t, OP_SUSPEND, 1, 1); }
BEND(s_unknown) { UNUSED; change(t, OP_SUSPEND, 77, 1); }
BEND(s_other_issuer) { UNUSED; change(t, OP_SUSPEND, 5, 1); }
BEND(s_supervisor) { UNUSED; change(t, OP_SUSPEND, 4, 1); trial_signer(t, AT_KEY_SUPER); }
BEND(s_supervisor_elsewhere) { UNUSED; change(t, OP_SUSPEND, 1, 1); trial_signer(t, AT_KEY_SUPER); }
BEND(s_govern_key) { UNUSED; change(t, OP_SUSPEND, 1, 1); trial_signer(t, AT_KEY_GOVERN); }
BEND(s_roleless) { UNUSED; change(t, OP_SUSPEND, 1, 1); trial_signer(t, AT_KEY_ROLELESS); }
BEND(s_count_old) { UNUSED; change(t, OP_RESUME, 2, 1); }
BEND(s_count_ahead) { UNUSED; change(t, OP_SUSPEND, 1, 2); }
BEND(s_again) { UNUSED; change(t, OP_SUSPEND, 2, 1); }
BEND(s_revoke_again) { UNUSED; change(t, OP_REVOKE, 3, 2); }
BEND(s_resume_valid) { UNUSED; change(t, OP_RESUME, 1, 1); }
BEND(s_resume_revoked) { UNUSED; change(t, OP_RESUME, 3, 2); }
BEND(s_cancel_revoked) { UNUSED; change(t, OP_CANCEL, 3, 2); }
BEND(s_no_reason) { UNUSED; change(t, OP_ANNUL, 1, 1); t->status[0].reason.len = 0; }
BEND(s_no_basis) { UNUSED; change(t, OP_CANCEL, 1, 1); t->status[0].basis.len = 0; }
BEND(s_resume_silent) { UNUSED; change(t, OP_RESUME, 2, 2); t->status[0].reason.len = t->status[0].basis.len = 0; }
BEND(s_until) { UNUSED; change(t, OP_SUSPEND, 1, 1); t->status[0].until = 20100; }
BEND(s_until_revoke) { UNUSED; change(t, OP_REVOKE, 1, 1); t->status[0].until = 20100; }
BEND(s_twice) { UNUSED; change(t, OP_SUSPEND, 1, 1); t->record.item_count = 2; trial_status(t, 1, 1, 2); }
BEND(s_second_unknown) { UNUSED; change(t, OP_SUSPEND, 1, 1); t->record.item_count = 2; trial_status(t, 1, 77, 1); }

/* resuming counts; suspending and ending do not, however much is used up */
static void used(struct ledger *l, uint64_t count) { assert_int_equal(state_member_counters(l->state, AT_A, 4, l->context.quota_day, count), ERR_OK); }
BEND(s_quota_resume) { UNUSED; change(t, OP_RESUME, 2, 2); used(l, QUOTA_TEST); }
BEND(s_quota_resume_edge) { UNUSED; change(t, OP_RESUME, 2, 2); used(l, QUOTA_TEST - 1); }
BEND(s_quota_suspend) { UNUSED; change(t, OP_SUSPEND, 1, 1); used(l, QUOTA_TEST); }
BEND(s_quota_revoke) { UNUSED; change(t, OP_REVOKE, 2, 2); used(l, QUOTA_TEST); }
BEND(s_quota_annul) { UNUSED; change(t, OP_ANNUL, 1, 1); used(l, QUOTA_TEST); }
BEND(s_quota_cancel) { UNUSED; change(t, OP_CANCEL, 1, 1); used(l, QUOTA_TEST); }

#define NONE REFUSAL_NO_ITEM, REFUSAL_NO_ENTRY
static const struct refusal_case {
    const char *name;
    void (*bend)(struct trial *trial, struct ledger *ledger);
    enum code code;
    uint32_t item;
    uint64_t entry;
} cases[] = {
#define CASE(name, code, item, entry) {#name, bend_##name, CODE_##code, item, entry}
#define WHOLE(name, code) {#name, bend_##name, CODE_##code, NONE}
#define GOOD(name) {#name, bend_##name, CODE_OK, NONE}
    GOOD(nothing), WHOLE(other_ledger, OTHER_LEDGER), WHOLE(no_genesis, OTHER_LEDGER), WHOLE(key_unknown, KEY_UNKNOWN),
    WHOLE(key_later, KEY_NOT_ACTIVE), WHOLE(key_old, KEY_NOT_ACTIVE), WHOLE(key_node, KEY_USE), WHOLE(key_govern, KEY_USE),
    CASE(key_lost, KEY_COMPROMISED, REFUSAL_NO_ITEM, 77), WHOLE(alg_sm2, ALG_NOT_ALLOWED), WHOLE(alg_none, ALG_NOT_ALLOWED),
    WHOLE(alg_other, ALG_KEY_MISMATCH), WHOLE(member_paused, MEMBER_NOT_ACTIVE), WHOLE(role_missing, ROLE_MISSING),
    WHOLE(iss_other, ISSUER_MISMATCH), WHOLE(iss_short, ISSUER_MISMATCH), WHOLE(iat_old, IAT_TOO_OLD), WHOLE(iat_absent, IAT_TOO_OLD),
    WHOLE(iat_ahead, IAT_IN_FUTURE), WHOLE(iat_huge, IAT_IN_FUTURE), GOOD(iat_edge_back), GOOD(iat_edge_ahead),
    WHOLE(op_renew, OP_UNKNOWN), WHOLE(op_amend, OP_UNKNOWN), WHOLE(op_out, OP_UNKNOWN), WHOLE(op_in, OP_UNKNOWN), WHOLE(op_back, OP_UNKNOWN),
    WHOLE(op_confirm, OP_UNKNOWN), WHOLE(type_unknown, TYPE_UNKNOWN), WHOLE(type_others, TYPE_NOT_ALLOWED), WHOLE(type_retired, TYPE_NOT_ALLOWED),
    WHOLE(no_identifier, ELEMENT_MISSING), WHOLE(no_mandatory, ELEMENT_MISSING), GOOD(mandatory_last), WHOLE(no_mandatory_last, ELEMENT_MISSING),
    WHOLE(element_extra, ELEMENT_UNKNOWN),
    WHOLE(element_after, ELEMENT_UNKNOWN), GOOD(element_optional), CASE(kind, HOLDER_KIND, 0, REFUSAL_NO_ENTRY), GOOD(kind_other),
    CASE(ends_before, VALIDITY_ORDER, 0, REFUSAL_NO_ENTRY), GOOD(one_day), CASE(too_long, VALIDITY_RULE, 0, REFUSAL_NO_ENTRY), GOOD(longest),
    CASE(unlimited, VALIDITY_RULE, 0, REFUSAL_NO_ENTRY), GOOD(unlimited_open), CASE(licence_1, LICENCE_EXISTS, 0, 2),
    CASE(licence_3, LICENCE_EXISTS, 0, 8), CASE(number_1, NUMBER_TAKEN, 0, 2), CASE(number_2, NUMBER_TAKEN, 0, 7), GOOD(number_3),
    GOOD(number_of_other_type), CASE(document_1, DOCUMENT_TAKEN, 0, 2), CASE(document_3, DOCUMENT_TAKEN, 0, 8),
    CASE(seal, SEAL_UNKNOWN, 0, REFUSAL_NO_ENTRY), CASE(component_unknown, COMPONENT_UNKNOWN, 0, REFUSAL_NO_ENTRY),
    CASE(component_itself, COMPONENT_UNKNOWN, 0, REFUSAL_NO_ENTRY), CASE(component_ended, STATE_FORBIDS, 0, 8), GOOD(component_suspended),
    GOOD(component_valid), GOOD(two_good), CASE(same_licence, ITEM_REPEATED, 1, REFUSAL_NO_ENTRY), CASE(same_number, ITEM_REPEATED, 1, REFUSAL_NO_ENTRY),
    CASE(same_number_ended, ITEM_REPEATED, 1, REFUSAL_NO_ENTRY), CASE(same_document, ITEM_REPEATED, 1, REFUSAL_NO_ENTRY),
    CASE(same_document_in_item, ITEM_REPEATED, 1, REFUSAL_NO_ENTRY), CASE(second_taken, LICENCE_EXISTS, 1, 2),
    CASE(quota, QUOTA, 0, REFUSAL_NO_ENTRY), CASE(quota_second, QUOTA, 1, REFUSAL_NO_ENTRY), GOOD(quota_edge), GOOD(quota_yesterday),
    GOOD(suspend), CASE(s_unknown, LICENCE_UNKNOWN, 0, REFUSAL_NO_ENTRY), CASE(s_other_issuer, NOT_THE_ISSUER, 0, REFUSAL_NO_ENTRY),
    GOOD(s_supervisor), CASE(s_supervisor_elsewhere, NOT_THE_ISSUER, 0, REFUSAL_NO_ENTRY), WHOLE(s_govern_key, KEY_USE),
    WHOLE(s_roleless, ROLE_MISSING), CASE(s_count_old, COUNT_STALE, 0, 7), CASE(s_count_ahead, COUNT_STALE, 0, 2), CASE(s_again, ALREADY_SO, 0, 7),
    CASE(s_revoke_again, ALREADY_SO, 0, 8), CASE(s_resume_valid, ALREADY_SO, 0, 2), CASE(s_resume_revoked, STATE_FORBIDS, 0, 8),
    CASE(s_cancel_revoked, STATE_FORBIDS, 0, 8), CASE(s_no_reason, REASON_MISSING, 0, REFUSAL_NO_ENTRY),
    CASE(s_no_basis, REASON_MISSING, 0, REFUSAL_NO_ENTRY), GOOD(s_resume_silent), GOOD(s_until),
    CASE(s_until_revoke, CBOR_RANGE, 0, REFUSAL_NO_ENTRY), CASE(s_twice, ITEM_REPEATED, 1, REFUSAL_NO_ENTRY),
    CASE(s_second_unknown, LICENCE_UNKNOWN, 1, REFUSAL_NO_ENTRY), CASE(s_quota_resume, QUOTA, 0, REFUSAL_NO_ENTRY), GOOD(s_quota_resume_edge),
    GOOD(s_quota_suspend), GOOD(s_quota_revoke), GOOD(s_quota_annul), GOOD(s_quota_cancel),
};
#define CASES (sizeof cases / sizeof cases[0])

/* What a refusal by these rules says that it met, whichever case brings it about. */
static void met_check(const char *name, const struct refusal *refusal) {
    static const struct { enum code code; bool state, measured; } rows[] = {
        {CODE_ALREADY_SO, true, false}, {CODE_STATE_FORBIDS, true, false}, {CODE_COUNT_STALE, false, true}, {CODE_QUOTA, false, true},
        {CODE_IAT_TOO_OLD, false, true}, {CODE_IAT_IN_FUTURE, false, true}, {CODE_HOLDER_KIND, false, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].code != refusal->code) continue;
        if ((refusal->state != NULL) != rows[i].state || refusal->measured != rows[i].measured) fail_msg("%s: does not say what it met", name);
        if (refusal->measured && refusal->limit > 0 && refusal->met == refusal->limit) fail_msg("%s: met %lld is what the rule allows", name, (long long)refusal->met);
    }
}

static void refusals(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    scene(ledger);
    for (size_t i = 0; i < CASES; i++) {
        const struct refusal_case *c = &cases[i];
        struct trial trial;
        ledger_begin(ledger);
        trial_start(&trial, ledger);
        trial_item(&trial, 0, 9, 9, 9);
        const uint64_t entry = ledger->context.entry;
        c->bend(&trial, ledger);
        const struct refusal refusal = trial_apply(&trial, ledger);
        ledger->context.entry = entry;
        if (refusal.code != c->code) fail_msg("%s: %s, not %s", c->name, code_name(refusal.code), code_name(c->code));
        if (refusal.code == CODE_OK) {
            ledger_drop(ledger);
            continue;
        }
        if (refusal.item != c->item || refusal.entry != c->entry)
            fail_msg("%s: item %u entry %llu", c->name, refusal.item, (unsigned long long)refusal.entry);
        met_check(c->name, &refusal);
        if (refusal.code == CODE_QUOTA) ledger_drop(ledger); /* the case itself changed the counters */
        else ledger_expect_unchanged(ledger);
    }
}

/* Suspended and resumed in turn until the day's quota is used up: the next resumption is refused, an ending is taken, and tomorrow counts anew. */
static void a_history_grows_no_faster_than_the_quota(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    const struct member *member;
    uint64_t count = 1, resumed = 0;
    ledger_begin(ledger);
    issue_one(ledger, AT_KEY_A, AT_PLAIN, 1);
    used(ledger, QUOTA_TEST - 5);
    for (;;) {
        assert_int_equal(change_one(ledger, AT_KEY_A, OP_SUSPEND, 1, count++).code, CODE_OK);
        const struct refusal refusal = change_one(ledger, AT_KEY_A, OP_RESUME, 1, count);
        if (refusal.code == CODE_QUOTA) break;
        assert_int_equal(refusal.code, CODE_OK);
        count++;
        assert_true(++resumed <= 5);
    }
    assert_int_equal(resumed, 5);
    assert_int_equal(state_member(ledger->state, AT_A, &member), ERR_OK);
    assert_int_equal(member->quota_used, QUOTA_TEST);
    ledger->context.quota_day++;
    assert_int_equal(change_one(ledger, AT_KEY_A, OP_RESUME, 1, count++).code, CODE_OK);
    assert_int_equal(state_member(ledger->state, AT_A, &member), ERR_OK);
    assert_int_equal(member->quota_used, 1);
    used(ledger, QUOTA_TEST);
    assert_int_equal(change_one(ledger, AT_KEY_A, OP_REVOKE, 1, count).code, CODE_OK);
    ledger->context.quota_day--;
    ledger_drop(ledger);
}

/* The codes that apply can give are those of the table, and acted, which has its own story. */
static void table_is_whole(void **state) {
    (void)state;
    static const enum code all[] = {
        CODE_OTHER_LEDGER, CODE_KEY_UNKNOWN, CODE_KEY_NOT_ACTIVE, CODE_KEY_USE, CODE_KEY_COMPROMISED, CODE_ALG_NOT_ALLOWED, CODE_ALG_KEY_MISMATCH,
        CODE_MEMBER_NOT_ACTIVE, CODE_ISSUER_MISMATCH, CODE_IAT_TOO_OLD, CODE_IAT_IN_FUTURE, CODE_ROLE_MISSING, CODE_OP_UNKNOWN, CODE_TYPE_UNKNOWN,
        CODE_TYPE_NOT_ALLOWED, CODE_HOLDER_KIND, CODE_ELEMENT_MISSING, CODE_ELEMENT_UNKNOWN, CODE_VALIDITY_ORDER, CODE_VALIDITY_RULE,
        CODE_LICENCE_EXISTS, CODE_NUMBER_TAKEN, CODE_DOCUMENT_TAKEN, CODE_LICENCE_UNKNOWN, CODE_NOT_THE_ISSUER, CODE_COUNT_STALE, CODE_STATE_FORBIDS,
        CODE_ALREADY_SO, CODE_REASON_MISSING, CODE_ITEM_REPEATED, CODE_SEAL_UNKNOWN, CODE_COMPONENT_UNKNOWN, CODE_QUOTA, CODE_CBOR_RANGE,
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        bool there = false;
        for (size_t j = 0; j < CASES && !there; j++) there = cases[j].code == all[i];
        if (!there) fail_msg("no case for %s", code_name(all[i]));
    }
}

/* --- every state against every operation --- */

static void transitions(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    static const enum op ops[] = {OP_SUSPEND, OP_RESUME, OP_REVOKE, OP_ANNUL, OP_CANCEL};
    static const struct {
        enum op bring; /* from valid; OP_ISSUE: leave it valid */
        enum licence_state is;
        enum code want[5];
    } rows[] = {
        {OP_ISSUE, LICENCE_VALID, {CODE_OK, CODE_ALREADY_SO, CODE_OK, CODE_OK, CODE_OK}},
        {OP_SUSPEND, LICENCE_SUSPENDED, {CODE_ALREADY_SO, CODE_OK, CODE_OK, CODE_OK, CODE_OK}},
        {OP_REVOKE, LICENCE_REVOKED, {CODE_STATE_FORBIDS, CODE_STATE_FORBIDS, CODE_ALREADY_SO, CODE_STATE_FORBIDS, CODE_STATE_FORBIDS}},
        {OP_ANNUL, LICENCE_ANNULLED, {CODE_STATE_FORBIDS, CODE_STATE_FORBIDS, CODE_STATE_FORBIDS, CODE_ALREADY_SO, CODE_STATE_FORBIDS}},
        {OP_CANCEL, LICENCE_CANCELLED, {CODE_STATE_FORBIDS, CODE_STATE_FORBIDS, CODE_STATE_FORBIDS, CODE_STATE_FORBIDS, CODE_ALREADY_SO}},
    };
    static const enum licence_state becomes[] = {LICENCE_SUSPENDED, LICENCE_VALID, LICENCE_REVOKED, LICENCE_ANNULLED, LICENCE_CANCELLED};
    for (int row = 0; row < 5; row++)
        for (int op = 0; op < 5; op++) {
            struct licence licence;
            ledger_begin(ledger);
            issue_one(ledger, AT_KEY_A, AT_PLAIN, 1);
            uint64_t count = 1;
            if (rows[row].bring != OP_ISSUE) assert_int_equal(change_one(ledger, AT_KEY_A, rows[row].bring, 1, count++).code, CODE_OK);
            assert_true(ledger_licence(ledger, 1, &licence));
            assert_int_equal(licence.state, rows[row].is);
            assert_int_equal(change_one(ledger, AT_KEY_A, ops[op], 1, count).code, rows[row].want[op]);
            assert_true(ledger_licence(ledger, 1, &licence));
            const bool done = rows[row].want[op] == CODE_OK;
            assert_int_equal(licence.state, done ? becomes[op] : rows[row].is);
            assert_int_equal(licence.history_count, done ? count + 1 : count);
            ledger_drop(ledger);
        }
}

/* --- stories --- */

/* What an issue writes, and what a change rewrites, field by field; the head follows from the links alone. */
static void what_is_written(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    struct trial trial;
    struct licence licence;
    struct bytes value;
    ledger_begin(ledger);
    trial_start(&trial, ledger);
    assert_int_equal(trial_apply(&trial, ledger).code, CODE_OK);
    assert_int_equal(ledger_commit(ledger), ERR_OK);
    assert_int_equal(ledger->counts.objects, AT_END + 4);
    assert_int_equal(ledger->counts.licences, 1);
    assert_int_equal(ledger->counts.links, 1);
    ledger_begin(ledger);
    trial_start(&trial, ledger);
    trial_signer(&trial, AT_KEY_A2);
    trial.record.op = OP_SUSPEND;
    trial_status(&trial, 0, 1, 1);
    trial.status[0].until = 20100;
    ledger->context.time_ms += 5000;
    assert_int_equal(trial_apply(&trial, ledger).code, CODE_OK);
    assert_true(ledger_licence(ledger, 1, &licence));
    assert_int_equal(licence.no, AT_END);
    assert_int_equal(licence.issuer_no, AT_A);
    assert_int_equal(licence.type_no, AT_PLAIN);
    assert_int_equal(licence.document_count, 2);
    assert_int_equal(licence.seal.no, NO_NONE);
    assert_int_equal(licence.since, 2); /* the second block after the first objects' */
    assert_int_equal(licence.until, 20100);
    assert_true(bytes_equal(licence.reason, bytes_text("reason")));
    assert_true(bytes_equal(licence.basis, bytes_text("basis")));
    assert_int_equal(licence.acted_count, 2);
    assert_int_equal(licence.acted[0].key_no, AT_KEY_A);
    assert_int_equal(licence.acted[0].last_entry, 2);
    assert_int_equal(licence.acted[1].key_no, AT_KEY_A2);
    assert_int_equal(licence.acted[1].last_entry, 3);
    assert_int_equal(licence.history_count, 2);
    assert_int_equal(licence.last_link, 1);
    const struct history_link links[2] = {
        {AT_END, NO_NONE, 2, 0, OP_ISSUE, LICENCE_VALID, AT_KEY_A, START_MS},
        {AT_END, 0, 3, 0, OP_SUSPEND, LICENCE_SUSPENDED, AT_KEY_A2, START_MS + 5000},
    };
    uint8_t head[32] = {0}, next[32], encoded[LINK_LEN];
    for (int i = 0; i < 2; i++) {
        link_head(next, head, &links[i]);
        memcpy(head, next, 32);
    }
    assert_memory_equal(licence.history_head, head, 32);
    struct number_object number;
    struct document_object document;
    assert_int_equal(state_get(ledger->state, AT_END + 1, &value), ERR_OK);
    assert_int_equal(number_decode(&number, value).code, CODE_OK);
    assert_int_equal(number.licence_no, AT_END);
    assert_int_equal(state_get(ledger->state, AT_END + 3, &value), ERR_OK);
    assert_int_equal(document_decode(&document, value).code, CODE_OK);
    assert_int_equal(document.licence_no, AT_END);
    assert_int_equal(document.kind, DOCUMENT_OFD_SIGNATURE);
    const struct member *member;
    assert_int_equal(state_member(ledger->state, AT_A, &member), ERR_OK);
    assert_int_equal(member->issued, 1);
    assert_int_equal(member->quota_used, 4);
    assert_int_equal(ledger_commit(ledger), ERR_OK);
    struct kv_txn *r;
    assert_int_equal(kv_begin(ledger->kv, false, &r), ERR_OK);
    for (uint64_t i = 0; i < 2; i++) {
        uint8_t stored[LINK_LEN];
        assert_int_equal(strip_get(r, KV_LINKS, 0, i, 1, stored), ERR_OK);
        link_encode(encoded, &links[i]);
        assert_memory_equal(stored, encoded, LINK_LEN);
    }
    kv_abort(r);
}

/* D2, D3, D4: one number, two departments; ended, issued again; the old statements played once more. */
static void resurrection(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    struct trial first, second, resume;
    struct licence licence;
    struct refusal refusal;
    ledger_begin(ledger);
    trial_start(&first, ledger);
    trial_start(&second, ledger);
    trial_signer(&second, AT_KEY_B);
    trial_item(&second, 0, 2, 1, 2); /* another licence, the same number */
    assert_int_equal(trial_apply(&first, ledger).code, CODE_OK);
    refusal = trial_apply(&second, ledger);
    assert_int_equal(refusal.code, CODE_NUMBER_TAKEN);
    assert_int_equal(refusal.entry, 2);
    assert_int_equal(change_one(ledger, AT_KEY_A, OP_SUSPEND, 1, 1).code, CODE_OK);
    trial_start(&resume, ledger);
    resume.record.op = OP_RESUME;
    trial_status(&resume, 0, 1, 2);
    assert_int_equal(trial_apply(&resume, ledger).code, CODE_OK);
    assert_int_equal(trial_apply(&resume, ledger).code, CODE_ALREADY_SO);
    assert_int_equal(ledger_commit(ledger), ERR_OK);
    ledger_begin(ledger);
    assert_int_equal(change_one(ledger, AT_KEY_A, OP_SUSPEND, 1, 3).code, CODE_OK);
    assert_int_equal(trial_apply(&resume, ledger).code, CODE_COUNT_STALE); /* the old one, played again */
    assert_int_equal(change_one(ledger, AT_KEY_A, OP_REVOKE, 1, 4).code, CODE_OK);
    assert_int_equal(trial_apply(&resume, ledger).code, CODE_COUNT_STALE);
    refusal = trial_apply(&first, ledger); /* the old issue, played again */
    assert_int_equal(refusal.code, CODE_LICENCE_EXISTS);
    assert_int_equal(refusal.entry, 6);
    assert_int_equal(ledger_commit(ledger), ERR_OK);
    /* The number is free again; the document and the licence are not, ever. */
    ledger_begin(ledger);
    trial_item(&second, 0, 2, 1, 1);
    assert_int_equal(trial_apply(&second, ledger).code, CODE_DOCUMENT_TAKEN);
    trial_item(&second, 0, 2, 1, 2);
    const uint64_t objects = state_next_no(ledger->state);
    assert_int_equal(trial_apply(&second, ledger).code, CODE_OK);
    assert_int_equal(state_next_no(ledger->state), objects + 3); /* the number's record went over */
    assert_int_equal(ledger_commit(ledger), ERR_OK);
    ledger_begin(ledger);
    assert_true(ledger_licence(ledger, 1, &licence));
    assert_int_equal(licence.state, LICENCE_REVOKED);
    assert_true(ledger_licence(ledger, 2, &licence));
    assert_int_equal(licence.state, LICENCE_VALID);
    assert_int_equal(licence.issuer_no, AT_B);
    trial_item(&second, 0, 3, 1, 3);
    assert_int_equal(trial_apply(&second, ledger).code, CODE_NUMBER_TAKEN);
    ledger_drop(ledger);
}

/* D5: the order of the log decides, inside a block too. Here the member is put out and back in between two statements. */
static void order_decides(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    struct trial trial;
    struct member member = at_member(AT_A);
    uint8_t buffer[1024];
    ledger_begin(ledger);
    for (int round = 0; round < 3; round++) {
        member.state = round == 1 ? MEMBER_REMOVED : MEMBER_ACTIVE;
        struct wire_out out = wire_write(buffer, sizeof buffer);
        assert_true(member_encode(&out, &member));
        assert_int_equal(state_put(ledger->state, AT_A, bytes_of(buffer, out.len)), ERR_OK);
        trial_start(&trial, ledger);
        trial_item(&trial, 0, (uint32_t)round + 1, (uint32_t)round + 1, (uint32_t)round + 1);
        assert_int_equal(trial_apply(&trial, ledger).code, round == 1 ? CODE_MEMBER_NOT_ACTIVE : CODE_OK);
    }
    ledger_drop(ledger);
}

/* D8 and the bound on keys: however many acted, another can still suspend and another end; what is refused is to make it valid again. */
static void acted_is_bounded(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    struct licence licence;
    ledger_begin(ledger);
    issue_one(ledger, AT_KEY_MANY, AT_PLAIN, 1);
    uint64_t count = 1;
    for (uint32_t i = 1; i < ACTED_MAX - 2; i++)
        assert_int_equal(change_one(ledger, AT_KEY_MANY + i, i % 2 ? OP_SUSPEND : OP_RESUME, 1, count++).code, CODE_OK);
    assert_int_equal(change_one(ledger, AT_KEY_MANY + ACTED_MAX, OP_RESUME, 1, count).code, CODE_ACTED_FULL); /* a new key, from suspended */
    assert_int_equal(change_one(ledger, AT_KEY_MANY + 1, OP_RESUME, 1, count++).code, CODE_OK);               /* one that acted: fits */
    assert_int_equal(change_one(ledger, AT_KEY_MANY + ACTED_MAX - 2, OP_SUSPEND, 1, count++).code, CODE_OK);
    for (uint32_t i = 1; i <= ACTED_MAX; i += ACTED_MAX - 1) { /* nobody makes it valid again, known or not */
        const struct refusal refusal = change_one(ledger, AT_KEY_MANY + i, OP_RESUME, 1, count);
        assert_int_equal(refusal.code, CODE_ACTED_FULL);
        assert_string_equal(refusal.field, "acted");
        assert_int_equal(refusal.entry, ledger->context.entry - 1);
        assert_int_equal(refusal.met, i == 1 ? ACTED_MAX - 1 : ACTED_MAX);
        assert_int_equal(refusal.limit, ACTED_MAX - 2);
    }
    assert_int_equal(change_one(ledger, AT_KEY_MANY + ACTED_MAX, OP_REVOKE, 1, count).code, CODE_OK);
    assert_true(ledger_licence(ledger, 1, &licence));
    assert_int_equal(licence.acted_count, ACTED_MAX);
    assert_int_equal(licence.acted[1].last_entry, ledger->context.entry - 3);
    ledger_drop(ledger);
}

/* From valid, too: the last place ends it. */
static void acted_ends_at_once(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    ledger_begin(ledger);
    issue_one(ledger, AT_KEY_MANY, AT_PLAIN, 1);
    uint64_t count = 1;
    for (uint32_t i = 1; i < ACTED_MAX - 3; i++)
        assert_int_equal(change_one(ledger, AT_KEY_MANY + i, i % 2 ? OP_SUSPEND : OP_RESUME, 1, count++).code, CODE_OK);
    assert_int_equal(change_one(ledger, AT_KEY_MANY + ACTED_MAX - 3, OP_SUSPEND, 1, count++).code, CODE_OK);
    assert_int_equal(change_one(ledger, AT_KEY_MANY + 1, OP_RESUME, 1, count++).code, CODE_OK);
    assert_int_equal(change_one(ledger, AT_KEY_MANY + ACTED_MAX, OP_CANCEL, 1, count).code, CODE_OK);
    ledger_drop(ledger);
}

/* D7, D11: a batch of many with the fault in the last item leaves nothing; without it, everything, and a commit that fails nothing again. */
static void batches(void **state) {
    struct ledger *ledger = (struct ledger *)*state;
    struct trial trial;
    struct licence licence;
    ledger_begin(ledger);
    trial_start(&trial, ledger);
    trial.record.item_count = 8;
    for (uint32_t i = 0; i < 8; i++) trial_item(&trial, i, 10 + i, 10 + i, 10 + i);
    be32_put(trial.documents[7][1], 10);
    struct refusal refusal = trial_apply(&trial, ledger);
    assert_int_equal(refusal.code, CODE_ITEM_REPEATED);
    assert_int_equal(refusal.item, 7);
    ledger_expect_unchanged(ledger);
    be32_put(trial.documents[7][1], 17);
    ledger_begin(ledger);
    assert_int_equal(trial_apply(&trial, ledger).code, CODE_OK);
    kv_mem_fail(ledger->kv, 1, ERR_IO, false);
    assert_int_equal(ledger_commit(ledger), ERR_IO);
    kv_mem_fail(ledger->kv, 0, ERR_OK, false);
    ledger_begin(ledger);
    for (uint32_t i = 0; i < 8; i++) assert_false(ledger_licence(ledger, 10 + i, &licence));
    ledger->context.entry = 2;
    assert_int_equal(trial_apply(&trial, ledger).code, CODE_OK);
    assert_int_equal(ledger_commit(ledger), ERR_OK);
    ledger_begin(ledger);
    for (uint32_t i = 0; i < 8; i++) assert_true(ledger_licence(ledger, 10 + i, &licence));
    ledger_drop(ledger);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(refusals), cmocka_unit_test(table_is_whole), TEST(transitions), TEST(what_is_written), TEST(resurrection), TEST(order_decides),
        TEST(acted_is_bounded), TEST(acted_ends_at_once), TEST(batches), TEST(a_history_grows_no_faster_than_the_quota),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
