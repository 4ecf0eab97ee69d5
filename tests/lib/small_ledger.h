/* A small ledger for tests of the rules: five members, a few keys and types over a KV of the test's choice; blocks made by hand. Keys are
 * made up (apply does not check signatures), so a statement is just its fields. */
#ifndef LICET_TESTS_LIB_SMALL_LEDGER_H
#define LICET_TESTS_LIB_SMALL_LEDGER_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/hash.h"
#include "ledger/kv/kv_mem.h"
#include "ledger/rules/apply.h"
#include "ledger/wire/ident.h"

/* Objects of the first block, by number. */
enum {
    AT_POLICY, AT_FINALITY,
    AT_A, AT_B, AT_SUPER, AT_PAUSED, AT_ROLELESS, /* members; AT_SUPER supervises AT_OPEN */
    AT_PLAIN,   /* type: holder kinds 1 and 111; KZ_A mandatory, KZ_B not; at most 3653 days; never unlimited */
    AT_OPEN,    /* type: kind 1; no element but the identifier; any validity */
    AT_RETIRED, /* type: A may issue it, but it is retired */
    AT_OTHER,   /* type: B's alone; ZZ_Z mandatory, which sorts behind the identifier */
    AT_KEY_A, AT_KEY_A2, AT_KEY_B, AT_KEY_SUPER, AT_KEY_PAUSED, AT_KEY_ROLELESS,
    AT_KEY_GOVERN, AT_KEY_NODE, AT_KEY_LOST, AT_KEY_LATER, AT_KEY_OLD, AT_KEY_SM2, /* all A's: another use, a node's, compromised, ... */
    AT_KEY_MANY, /* ACTED_MAX + 1 more keys of A */
    AT_KEY_SEAL_A = AT_KEY_MANY + ACTED_MAX + 1, AT_KEY_SEAL_A2, AT_KEY_SEAL_B, AT_KEY_SEAL_SUPER, /* use `seal`; AT_SUPER has not the role */
    AT_END
};
#define DAY_MS (24 * 3600 * 1000LL)
#define START_MS (20000 * DAY_MS) /* 2024-10-04 */
#define QUOTA_TEST 2000u

struct ledger {
    struct kv *kv;
    struct statemap *map;
    struct state *state;
    struct kv_txn *txn; /* of the open block */
    uint8_t genesis[32], root[32];
    struct state_counts counts;
    struct apply_context context;
};

static inline struct bytes at_uscc(uint32_t member) {
    static char text[AT_ROLELESS + 1][USCC_LEN + 1];
    snprintf(text[member], sizeof text[member], "91310000%010u", member);
    return bytes_of(text[member], USCC_LEN);
}
static inline struct bytes at_type(uint32_t type) {
    static char text[AT_OTHER + 1][TYPE_CODE_LEN + 1];
    snprintf(text[type], sizeof text[type], "9131000012345678%05u", type);
    return bytes_of(text[type], TYPE_CODE_LEN);
}
static inline struct key_object at_key(uint32_t no) {
    struct key_object key = {.no = no, .member_no = AT_A, .use = USE_ISSUE, .active_to_ms = TIME_MS_MAX, .compromised_since = UINT64_MAX};
    key.key.alg = no == AT_KEY_SM2 ? KEY_SM2 : KEY_ES256K;
    memset(key.key.x, (int)no, 32);
    memset(key.key.y, (int)no + 1, 32);
    pubkey_thumbprint(key.thumb, &key.key);
    if (no == AT_KEY_B || no == AT_KEY_SEAL_B) key.member_no = AT_B;
    if (no == AT_KEY_SUPER || no == AT_KEY_SEAL_SUPER) key.member_no = AT_SUPER;
    if (no >= AT_KEY_SEAL_A) key.use = USE_SEAL;
    if (no == AT_KEY_PAUSED) key.member_no = AT_PAUSED;
    if (no == AT_KEY_ROLELESS) key.member_no = AT_ROLELESS;
    if (no == AT_KEY_GOVERN) key.use = USE_GOVERN;
    if (no == AT_KEY_NODE) key.use = USE_NODE_SEAL;
    if (no == AT_KEY_LOST) key.compromised_since = 77;
    if (no == AT_KEY_LATER) key.active_from_ms = START_MS + 1000 * DAY_MS;
    if (no == AT_KEY_OLD) key.active_to_ms = START_MS;
    return key;
}
static inline struct member at_member(uint32_t no) {
    struct member member = {.uscc = at_uscc(no), .no = no, .name = bytes_text("member"), .region = 310118,
                            .roles = no == AT_ROLELESS ? ROLE(USE_VERIFY) : ROLE(USE_ISSUE) | ROLE(USE_GOVERN),
                            .state = no == AT_PAUSED ? MEMBER_SUSPENDED : MEMBER_ACTIVE, .type_count = 3};
    if (no == AT_A || no == AT_B) member.roles |= ROLE(USE_SEAL);
    member.types[0] = AT_PLAIN;
    member.types[1] = AT_OPEN;
    member.types[2] = no == AT_B ? AT_OTHER : AT_RETIRED;
    return member;
}
static inline struct licence_type at_type_of(uint32_t no) {
    struct licence_type type = {.code = at_type(no), .no = no, .name = bytes_text("type"), .keyed = true, .holder_kind_count = 1,
                                .holder_kinds = {1}, .definer_no = AT_A, .supervisor_no = no == AT_OPEN ? AT_SUPER : NO_NONE,
                                .state = no == AT_RETIRED ? TYPE_RETIRED : TYPE_ACTIVE, .unlimited_allowed = no == AT_OPEN};
    type.element_count = 1;
    type.elements[0] = (struct element){bytes_text("ZZBS"), bytes_text("identifier"), true, 0};
    if (no == AT_OTHER) type.elements[type.element_count++] = (struct element){bytes_text("ZZ_Z"), bytes_text("z"), true, 0};
    if (no != AT_PLAIN) return type;
    type.holder_kind_count = 2;
    type.holder_kinds[1] = 111;
    type.element_count = 2;
    type.elements[0] = (struct element){bytes_text("KZ_A"), bytes_text("a"), true, 0};
    type.elements[1] = (struct element){bytes_text("KZ_B"), bytes_text("b"), false, 1};
    type.days_max = 3653;
    return type;
}

static const struct policy LEDGER_POLICY = {86400, 300, 2, QUOTA_TEST, 100, 86400, 1u << KEY_ES256K | 1u << KEY_ES256};
static inline bool ledger_first_value(struct wire_out *out, uint32_t no) {
    if (no == AT_POLICY) return policy_encode(out, &LEDGER_POLICY);
    if (no == AT_FINALITY) {
        static struct finality finality;
        finality = (struct finality){.engine = ENGINE_SOLO, .threshold = 1, .node_count = 1};
        const struct pubkey key = at_key(AT_KEY_NODE).key;
        finality.nodes[0] = (struct finality_node){at_uscc(AT_A), key, key, key};
        return finality_encode(out, &finality);
    }
    if (no <= AT_ROLELESS) {
        const struct member member = at_member(no);
        return member_encode(out, &member);
    }
    if (no <= AT_OTHER) {
        const struct licence_type type = at_type_of(no);
        return licence_type_encode(out, &type);
    }
    const struct key_object key = at_key(no);
    return key_object_encode(out, &key);
}

static inline void ledger_begin(struct ledger *ledger) {
    assert_int_equal(kv_begin(ledger->kv, false, &ledger->txn), ERR_OK);
    state_begin(ledger->state, ledger->txn, &ledger->counts);
}
/* The block never was. */
static inline void ledger_drop(struct ledger *ledger) {
    state_end(ledger->state);
    kv_abort(ledger->txn);
    ledger->txn = NULL;
}
/* As the chain does it: root, one write txn, publish. On a failed commit the block never was. */
static inline enum err ledger_commit(struct ledger *ledger) {
    uint8_t root[32];
    struct state_counts counts;
    struct kv_txn *w;
    assert_int_equal(state_root(ledger->state, root, &counts), ERR_OK);
    kv_abort(ledger->txn);
    ledger->txn = NULL;
    const struct map_snapshot *made = state_take_map(ledger->state);
    assert_int_equal(kv_begin(ledger->kv, true, &w), ERR_OK);
    assert_int_equal(state_write(ledger->state, w), ERR_OK);
    const enum err err = kv_commit(w);
    state_end(ledger->state);
    if (err != ERR_OK) {
        if (made) statemap_drop(ledger->map, made);
        return err;
    }
    if (made) statemap_publish(ledger->map, made);
    ledger->counts = counts;
    memcpy(ledger->root, root, 32);
    ledger->context.height++;
    return ERR_OK;
}

static inline void ledger_open(struct ledger *ledger, struct kv *kv) {
    assert_true(hash_setup());
    *ledger = (struct ledger){.kv = kv, .map = statemap_new()};
    memset(ledger->genesis, 0x47, 32);
    ledger->context = (struct apply_context){ledger->genesis, 0, START_MS, 0, day_in_utc(START_MS), &LEDGER_POLICY, INT64_MIN};
    ledger->state = state_new(ledger->map, ledger->genesis);
    assert_non_null(ledger->state);
    ledger_begin(ledger);
    for (uint32_t no = 0; no < AT_END; no++) {
        static uint8_t buffer[OBJECT_VALUE_MAX];
        struct wire_out out = wire_write(buffer, sizeof buffer);
        assert_true(ledger_first_value(&out, no));
        enum object_kind kind = OBJECT_KEY;
        struct bytes id = {0};
        const struct key_object key = at_key(no);
        if (no == AT_POLICY) kind = OBJECT_POLICY;
        else if (no == AT_FINALITY) kind = OBJECT_FINALITY;
        else if (no <= AT_ROLELESS) kind = OBJECT_MEMBER, id = at_uscc(no);
        else if (no <= AT_OTHER) kind = OBJECT_TYPE, id = at_type(no);
        else id = bytes_of(key.thumb, 32);
        uint32_t given;
        assert_int_equal(state_add(ledger->state, kind, id, bytes_of(buffer, out.len), &given), ERR_OK);
        assert_int_equal(given, no);
    }
    assert_int_equal(ledger_commit(ledger), ERR_OK);
    ledger->context.entry = 2;
}
static inline void ledger_close(struct ledger *ledger) {
    if (ledger->txn != NULL) return; /* a test failed in the middle of a block: let it tell */
    state_free(ledger->state);
    statemap_free(ledger->map);
    kv_close(ledger->kv);
}

/* A statement and the memory it views. Begins as a good issue by A of one licence of AT_PLAIN. */
struct trial {
    struct statement statement;
    struct record record;
    struct issue_item issue[8];
    struct status_item status[8];
    struct seal_item seal[8];
    char iss[ISS_MAX];
    uint8_t kid[32], genesis[32], licences[8][32], numbers[8][TAG_LEN], documents[8][2][32];
};
static inline void trial_signer(struct trial *trial, uint32_t key_no) {
    const struct key_object key = at_key(key_no);
    struct cose_sign1 *cose = &trial->statement.cose;
    memcpy(trial->kid, key.thumb, 32);
    cose->kid = trial->kid;
    cose->alg = key_alg_cose(key.key.alg);
    snprintf(trial->iss, sizeof trial->iss, ISS_PREFIX "%.18s", (const char *)at_uscc(key.member_no).data);
    cose->iss = bytes_text(trial->iss);
}
/* The names of things are small numbers: the same number is the same licence, number, document. */
static inline void trial_item(struct trial *trial, uint32_t i, uint32_t licence, uint32_t number, uint32_t document) {
    static const uint8_t zero[32];
    memset(trial->licences[i], 0, 32);
    memset(trial->numbers[i], 0, TAG_LEN);
    memset(trial->documents[i], 0, sizeof trial->documents[i]);
    be32_put(trial->licences[i], licence);
    be32_put(trial->numbers[i], number);
    be32_put(trial->documents[i][0], document);
    be32_put(trial->documents[i][1], document);
    trial->documents[i][1][31] = 1;
    trial->issue[i] = (struct issue_item){
        .licence_key = trial->licences[i], .version = 1, .number_tag = trial->numbers[i], .holder_kind = 1, .holder_tag = zero,
        .name_tag = zero, .valid_from = 20000, .valid_to = 20365, .document_count = 2, .fields_root = zero,
        .documents = {{DOCUMENT_FILE, trial->documents[i][0]}, {DOCUMENT_OFD_SIGNATURE, trial->documents[i][1]}},
    };
}
static inline void trial_status(struct trial *trial, uint32_t i, uint32_t licence, uint64_t count) {
    memset(trial->licences[i], 0, 32);
    be32_put(trial->licences[i], licence);
    trial->status[i] = (struct status_item){trial->licences[i], count, bytes_text("reason"), bytes_text("basis"), DAY_NONE};
}
/* The data of a seal's making are its number repeated: 32 bytes that live as long as the program. */
static inline const uint8_t *at_making(uint8_t making) {
    static uint8_t table[256][32];
    memset(table[making], making, 32);
    return table[making];
}
/* The trial's item i becomes one on this seal: a registration for owner, or a change on count. */
static inline void trial_seal(struct trial *trial, uint32_t i, enum op op, const char *seal, uint64_t count, uint8_t making) {
    trial->record.op = op;
    trial->seal[i] = (struct seal_item){
        .seal_id = bytes_text(seal), .owner = at_uscc(AT_A), .kind = SEAL_KIND_NAME, .name = bytes_text("seal"), .digest32 = at_making(making),
        .maker32 = at_making(200), .cert_count = 1, .certs = {at_making(201)}, .from_ms = START_MS - DAY_MS, .to_ms = START_MS + 100 * DAY_MS, .count = count,
        .reason = bytes_text("reason"), .basis = bytes_text("basis"), .since = LOG_ENTRY_NONE};
}
/* Item i names this seal under this making. */
static inline void trial_sealed(struct trial *trial, uint32_t i, const char *seal, uint8_t making) {
    trial->issue[i].seal_id = bytes_text(seal);
    trial->issue[i].seal_digest = at_making(making);
}
static inline void trial_start(struct trial *trial, const struct ledger *ledger) {
    *trial = (struct trial){.record = {.op = OP_ISSUE, .type_code = at_type(AT_PLAIN), .element_count = 2, .item_count = 1}};
    trial->record.elements[0] = bytes_text("KZ_A");
    trial->record.elements[1] = bytes_text("ZZBS");
    trial->record.issue = trial->issue;
    trial->record.status = trial->status;
    trial->record.seal = trial->seal;
    memcpy(trial->genesis, ledger->genesis, 32);
    trial->statement.cose.genesis = trial->genesis;
    trial->statement.cose.iat = ledger->context.time_ms / 1000;
    trial_signer(trial, AT_KEY_A);
    trial_item(trial, 0, 1, 1, 1);
}
static inline struct refusal trial_apply(struct trial *trial, struct ledger *ledger) {
    struct refusal refusal;
    assert_int_equal(apply_statement(ledger->state, &ledger->context, &trial->statement, &trial->record, &refusal), ERR_OK);
    if (refusal.code == CODE_OK) ledger->context.entry++;
    return refusal;
}
/* The licence with this small number; false: none. Views live as long as the block. */
static inline bool ledger_licence(struct ledger *ledger, uint32_t licence, struct licence *out) {
    uint8_t key[32] = {0};
    uint32_t no;
    struct bytes value;
    be32_put(key, licence);
    assert_int_equal(state_find(ledger->state, OBJECT_LICENCE, bytes_of(key, 32), &no), ERR_OK);
    if (no == NO_NONE) return false;
    assert_int_equal(state_get(ledger->state, no, &value), ERR_OK);
    assert_int_equal(licence_decode(out, value).code, CODE_OK);
    assert_int_equal(out->no, no);
    return true;
}
static inline bool ledger_seal(struct ledger *ledger, const char *seal, struct seal *out) {
    uint32_t no;
    struct bytes value;
    assert_int_equal(state_find(ledger->state, OBJECT_SEAL, bytes_text(seal), &no), ERR_OK);
    if (no == NO_NONE) return false;
    assert_int_equal(state_get(ledger->state, no, &value), ERR_OK);
    assert_int_equal(seal_decode(out, value).code, CODE_OK);
    assert_int_equal(out->no, no);
    return true;
}
/* Does the state of now differ from the last commit's? Ends the block. */
static inline void ledger_expect_unchanged(struct ledger *ledger) {
    uint8_t root[32];
    struct state_counts counts;
    assert_int_equal(state_root(ledger->state, root, &counts), ERR_OK);
    assert_memory_equal(root, ledger->root, 32);
    assert_memory_equal(&counts, &ledger->counts, sizeof counts);
    assert_null(state_take_map(ledger->state));
    ledger_drop(ledger);
}
#endif
