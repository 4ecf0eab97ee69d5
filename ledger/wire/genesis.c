#include "ledger/wire/genesis.h"

#include "crypto/hash.h"
#include "ledger/wire/ident.h"
#include "ledger/wire/tags.h"

#define GENESIS_VERSION 1u
#define GENESIS_MAGIC "licet-genesis"
#define FIRST_NO 2u /* members, then types, then keys: one order, so that one consortium has one document */
#define ROLES_ALL (ROLE(USE_GOVERN) | ROLE(USE_AUDIT) | ROLE(USE_OPERATE) | ROLE(USE_ISSUE) | ROLE(USE_SEAL) | ROLE(USE_VERIFY))

/* What is known about the document while it is checked. */
struct census {
    const struct genesis *genesis;
    uint32_t members, types, keys; /* how many; member i is object FIRST_NO + i, the types follow, then the keys */
    uint32_t node_keys;
    uint32_t algs;                 /* allowed to members by the policy */
    uint32_t roles[MEMBERS_MAX];
    uint32_t keyed[MEMBERS_MAX];   /* the uses for which a member has a key, as ROLE bits */
    uint32_t key_count[MEMBERS_MAX];
    struct bytes uscc[MEMBERS_MAX];
    uint32_t last_member;          /* order of the key objects seen so far */
    uint32_t last_rank;
    uint8_t map_key[GENESIS_OBJECTS_MAX][32]; /* an id is unique exactly where its map key is */
};

static struct refusal object_refusal(enum code code, uint32_t no, const char *field) {
    struct refusal refusal = refuse(code, field);
    refusal.item = no;
    return refusal;
}
static struct refusal genesis_wrong(uint32_t no, const char *field) { return object_refusal(CODE_GENESIS_INVALID, no, field); }
static struct refusal located(struct refusal refusal, uint32_t no) {
    if (refusal.code != CODE_OK) refusal.item = no;
    return refusal;
}
static const struct refusal FINE = {.code = CODE_OK, .item = REFUSAL_NO_ITEM, .entry = REFUSAL_NO_ENTRY};

static bool is_type(const struct census *census, uint32_t no) {
    return no >= FIRST_NO + census->members && no < FIRST_NO + census->members + census->types;
}
static bool is_member(const struct census *census, uint32_t no) { return no >= FIRST_NO && no < FIRST_NO + census->members; }

static bool chain_id_good(struct bytes id) {
    for (size_t i = 0; i < id.len; i++) {
        uint8_t c = id.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
    }
    return id.len >= 1 && id.len <= CHAIN_ID_MAX;
}

/* The outer array, and where each object begins and ends. */
static struct refusal outline(struct genesis *out, struct bytes in) {
    struct wire_in cbor = wire_read(in);
    wire_field(&cbor, "genesis");
    wire_get_versioned(&cbor, GENESIS_VERSION, 6);
    wire_field(&cbor, "magic");
    struct bytes magic = wire_get_text(&cbor, 1, sizeof GENESIS_MAGIC - 1);
    wire_field(&cbor, "chain_id");
    out->chain_id = wire_get_text(&cbor, 1, CHAIN_ID_MAX);
    wire_field(&cbor, "region");
    out->region = (uint32_t)wire_get_uint(&cbor, 100000, 999999); /* six digits, GB/T 2260 */
    wire_field(&cbor, "time");
    out->time_ms = wire_get_int(&cbor, 0, TIME_MS_MAX);
    wire_field(&cbor, "objects");
    out->object_count = (uint32_t)wire_get_array(&cbor, 2, GENESIS_OBJECTS_MAX);
    for (uint32_t i = 0; i < out->object_count && cbor.why == CODE_OK; i++) {
        const uint8_t *start = cbor.at;
        wire_skip(&cbor);
        out->objects[i] = bytes_of(start, (size_t)(cbor.at - start));
    }
    struct refusal refusal = wire_done(&cbor);
    if (!refusal.field) refusal.field = "genesis"; /* bytes after the end belong to no field */
    if (refusal.code != CODE_OK) return refusal;
    if (!bytes_equal(magic, bytes_text(GENESIS_MAGIC))) return refuse(CODE_GENESIS_INVALID, "magic");
    if (!chain_id_good(out->chain_id)) return refuse(CODE_GENESIS_INVALID, "chain_id: only a-z, 0-9 and -");
    return FINE;
}

static struct refusal check_policy(struct census *census) {
    struct policy policy;
    struct refusal refusal = policy_decode(&policy, census->genesis->objects[POLICY_NO]);
    if (refusal.code != CODE_OK) return located(refusal, POLICY_NO);
    if (policy.approvals == 0) return genesis_wrong(POLICY_NO, "approvals: at least 1");
    if (policy.iat_back_s == 0) return genesis_wrong(POLICY_NO, "iat_back_s: no statement could ever be accepted");
    if (policy.objects_per_day == 0) return genesis_wrong(POLICY_NO, "objects_per_day: no object could ever be recorded");
    if (policy.proposals_open == 0) return genesis_wrong(POLICY_NO, "proposals_open: nothing could ever be proposed");
    if (policy.algs == 0) return genesis_wrong(POLICY_NO, "algs: at least one algorithm");
    census->algs = policy.algs;
    return FINE;
}

/* A first state has no past: nothing was counted, suspended or declared yet. */
static struct refusal check_member(struct census *census, uint32_t no) {
    struct member member;
    struct refusal refusal = member_decode(&member, census->genesis->objects[no]);
    if (refusal.code != CODE_OK) return located(refusal, no);
    if (!uscc_check(member.uscc)) return object_refusal(CODE_USCC_INVALID, no, "uscc");
    if (member.no != no) return genesis_wrong(no, "no: not the number of its place");
    if (member.state != MEMBER_ACTIVE) return genesis_wrong(no, "state: not active");
    if (member.issued || member.quota_day || member.quota_used) return genesis_wrong(no, "counters: not zero");
    if (member.roles & ~ROLES_ALL) return genesis_wrong(no, "roles: unknown role");
    if (member.type_count && !(member.roles & ROLE(USE_ISSUE))) return genesis_wrong(no, "types: the member has not the role issue");
    for (uint32_t i = 0; i < member.type_count; i++) {
        if (!is_type(census, member.types[i])) return genesis_wrong(no, "types: not a licence type of this document");
        if (i && member.types[i] <= member.types[i - 1]) return genesis_wrong(no, "types: repeated or out of order");
    }
    census->roles[no - FIRST_NO] = member.roles;
    census->uscc[no - FIRST_NO] = member.uscc;
    return FINE;
}

static struct refusal check_elements(const struct licence_type *type, uint32_t no) {
    bool identifier = false;
    for (uint32_t i = 0; i < type->element_count; i++)
        if (bytes_equal(type->elements[i].code, bytes_text(ELEMENT_IDENTIFIER))) identifier = type->elements[i].mandatory;
    /* Opening this element is what ties a proof to an identifier, so no type can do without it. */
    return identifier ? FINE : genesis_wrong(no, "elements: ZZBS (the identifier) must be there and mandatory");
}

static struct refusal check_type(struct census *census, uint32_t no) {
    struct licence_type type;
    struct refusal refusal = licence_type_decode(&type, census->genesis->objects[no]);
    if (refusal.code != CODE_OK) return located(refusal, no);
    if (!type_code_check(type.code)) return genesis_wrong(no, "code: not 18 characters of a credit code and 3 digits");
    if (type.no != no) return genesis_wrong(no, "no: not the number of its place");
    if (type.state != TYPE_ACTIVE) return genesis_wrong(no, "state: not active");
    if (type.holder_kind_count == 0) return genesis_wrong(no, "holder_kinds: at least one");
    for (uint32_t i = 1; i < type.holder_kind_count; i++)
        if (type.holder_kinds[i] <= type.holder_kinds[i - 1]) return genesis_wrong(no, "holder_kinds: repeated or out of order");
    if (!is_member(census, type.definer_no)) return genesis_wrong(no, "definer: not a member of this document");
    if (type.supervisor_no != NO_NONE && !is_member(census, type.supervisor_no)) return genesis_wrong(no, "supervisor: not a member of this document");
    for (uint32_t i = 0; i < type.scope_count; i++) {
        if (!is_member(census, type.scope[i])) return genesis_wrong(no, "scope: not a member of this document");
        if (i && type.scope[i] <= type.scope[i - 1]) return genesis_wrong(no, "scope: repeated or out of order");
    }
    return check_elements(&type, no);
}

static bool is_node_use(enum key_use use) { return use == USE_NODE_SEAL || use == USE_NODE_NOTE || use == USE_NODE_CHECKPOINT; }

static bool node_alg_good(enum key_use use, enum key_alg alg) {
    if (use == USE_NODE_SEAL) return alg == KEY_ES256K;
    if (use == USE_NODE_NOTE) return alg == KEY_ES256;
    return alg == KEY_EDDSA;
}

/* Keys stand member by member, a member's own before those of its node. */
static bool key_in_order(struct census *census, const struct key_object *key) {
    uint32_t rank = is_node_use(key->use) ? (uint32_t)key->use : 0;
    bool first = census->last_member == 0 || key->member_no > census->last_member;
    bool good = first || (key->member_no == census->last_member && (rank == 0 ? census->last_rank == 0 : rank > census->last_rank));
    census->last_member = key->member_no;
    census->last_rank = rank;
    return good;
}

static struct refusal check_key(struct census *census, uint32_t no) {
    struct key_object key;
    struct refusal refusal = key_object_decode(&key, census->genesis->objects[no]);
    if (refusal.code != CODE_OK) return located(refusal, no);
    uint8_t thumb[32];
    if (!pubkey_check(&key.key)) return genesis_wrong(no, "x: not a point of the curve");
    pubkey_thumbprint(thumb, &key.key);
    if (memcmp(thumb, key.thumb, sizeof thumb) != 0) return genesis_wrong(no, "thumbprint: not that of the key");
    if (key.no != no) return genesis_wrong(no, "no: not the number of its place");
    if (!is_member(census, key.member_no)) return genesis_wrong(no, "member: not a member of this document");
    if (key.active_from_ms != census->genesis->time_ms || key.active_to_ms != TIME_MS_MAX) return genesis_wrong(no, "active: not from genesis on");
    if (key.compromised_since != UINT64_MAX) return genesis_wrong(no, "compromised_since: set");
    if (!key_in_order(census, &key)) return genesis_wrong(no, "keys: out of order");
    uint32_t member = key.member_no - FIRST_NO;
    if (is_node_use(key.use)) {
        if (!node_alg_good(key.use, key.key.alg)) return genesis_wrong(no, "alg: not the one of this node key");
        census->node_keys++;
    } else {
        if (!(ROLE(key.use) & ROLES_ALL & census->roles[member])) return genesis_wrong(no, "use: the member has not this role");
        if (!((1u << key.key.alg) & census->algs)) return object_refusal(CODE_ALG_NOT_ALLOWED, no, "alg");
    }
    if (++census->key_count[member] > MEMBER_KEYS_MAX) return genesis_wrong(no, "keys: too many of one member");
    census->keyed[member] |= ROLE(key.use);
    return FINE;
}

/* Counts the kinds and takes the ids; nothing else is looked at before every reference can be judged. */
static struct refusal count_kinds(struct census *census) {
    enum object_kind last = OBJECT_MEMBER;
    for (uint32_t no = 0; no < census->genesis->object_count; no++) {
        struct bytes value = census->genesis->objects[no];
        enum object_kind kind;
        if (!object_kind_of(&kind, value)) return genesis_wrong(no, "kind: not a known object");
        if (no < FIRST_NO) {
            if (kind != (no == POLICY_NO ? OBJECT_POLICY : OBJECT_FINALITY)) return genesis_wrong(no, "kind: object 0 is the policy, 1 the finality");
            continue;
        }
        /* rank in the order members, types, keys */
        if (kind != OBJECT_MEMBER && kind != OBJECT_TYPE && kind != OBJECT_KEY) return genesis_wrong(no, "kind: only members, types and keys may follow");
        bool after = kind == last || last == OBJECT_MEMBER || (last == OBJECT_TYPE && kind == OBJECT_KEY);
        if (!after) return genesis_wrong(no, "kind: members come first, then types, then keys");
        last = kind;
        if (!object_key_of(census->map_key[no], census->genesis->hash, value)) return genesis_wrong(no, "id: not in the form of its kind");
        census->members += kind == OBJECT_MEMBER;
        census->types += kind == OBJECT_TYPE;
        census->keys += kind == OBJECT_KEY;
        for (uint32_t i = FIRST_NO; i < no; i++)
            if (memcmp(census->map_key[i], census->map_key[no], 32) == 0)
                return genesis_wrong(no, kind == OBJECT_MEMBER ? "uscc: registered twice"
                                 : kind == OBJECT_TYPE ? "code: registered twice" : "keys: one key registered twice; a key has one use");
    }
    if (census->members > MEMBERS_MAX) return refuse(CODE_GENESIS_INVALID, "members: too many");
    return FINE;
}

static bool registered(const struct census *census, const struct pubkey *key, enum key_use use, uint32_t member_no) {
    uint8_t thumb[32], map_key[32];
    pubkey_thumbprint(thumb, key);
    object_key(map_key, census->genesis->hash, OBJECT_KEY, bytes_of(thumb, sizeof thumb));
    for (uint32_t no = FIRST_NO + census->members + census->types; no < census->genesis->object_count; no++) {
        if (memcmp(map_key, census->map_key[no], 32) != 0) continue;
        struct key_object record;
        return key_object_decode(&record, census->genesis->objects[no]).code == CODE_OK && record.use == use && record.member_no == member_no;
    }
    return false;
}

static struct refusal check_finality(const struct census *census) {
    struct finality finality;
    struct refusal refusal = finality_decode(&finality, census->genesis->objects[FINALITY_NO]);
    if (refusal.code != CODE_OK) return located(refusal, FINALITY_NO);
    uint32_t nodes = finality.node_count, last = 0;
    if (nodes == 0) return genesis_wrong(FINALITY_NO, "node: no member runs one");
    const struct engine_words *engine = engine_words_of(finality.engine); /* there is one: it was decoded */
    if (engine->nodes != 0 && nodes != engine->nodes) return genesis_wrong(FINALITY_NO, "engine: takes another number of nodes");
    if (finality.threshold > nodes) return genesis_wrong(FINALITY_NO, "threshold: more than there are nodes");
    /* n = 3f+1: f faulty nodes must not be able to make a header final among themselves. */
    if (finality.threshold <= (nodes - 1) / 3) return genesis_wrong(FINALITY_NO, "threshold: faulty nodes alone could reach it");
    for (uint32_t i = 0; i < nodes; i++) {
        const struct finality_node *node = &finality.nodes[i];
        uint32_t no = FIRST_NO;
        while (is_member(census, no) && !bytes_equal(census->uscc[no - FIRST_NO], node->uscc)) no++;
        if (!is_member(census, no)) return genesis_wrong(FINALITY_NO, "node: not of a member of this document");
        if (no <= last) return genesis_wrong(FINALITY_NO, "node: repeated or not in the order of the members");
        last = no;
        if (!registered(census, &node->seal, USE_NODE_SEAL, no)) return genesis_wrong(no, "node.seal: not registered for this use");
        if (!registered(census, &node->note, USE_NODE_NOTE, no)) return genesis_wrong(no, "node.note: not registered for this use");
        if (!registered(census, &node->checkpoint, USE_NODE_CHECKPOINT, no)) return genesis_wrong(no, "node.checkpoint: not registered for this use");
    }
    if (census->node_keys != 3 * nodes) return genesis_wrong(FINALITY_NO, "node: a registered node key that finality does not name");
    return FINE;
}

/* A role without a key cannot be used, and a ledger that nobody can govern can never be changed again. */
static struct refusal check_roles(const struct census *census) {
    bool governed = false;
    for (uint32_t i = 0; i < census->members; i++) {
        if (census->roles[i] & ~census->keyed[i]) return genesis_wrong(FIRST_NO + i, "keys: a role of the member has no key");
        governed = governed || (census->roles[i] & ROLE(USE_GOVERN));
    }
    return governed ? FINE : refuse(CODE_GENESIS_INVALID, "members: nobody has the role govern");
}

static struct refusal check_objects(struct census *census) {
    struct refusal refusal = count_kinds(census);
    if (refusal.code == CODE_OK) refusal = check_policy(census);
    for (uint32_t no = FIRST_NO; refusal.code == CODE_OK && no < census->genesis->object_count; no++) {
        if (is_member(census, no)) refusal = check_member(census, no);
        else if (is_type(census, no)) refusal = check_type(census, no);
        else refusal = check_key(census, no);
    }
    if (refusal.code == CODE_OK) refusal = check_roles(census);
    if (refusal.code == CODE_OK) refusal = check_finality(census);
    return refusal;
}

struct refusal genesis_decode(struct genesis *out, struct bytes in) {
    memset(out, 0, sizeof *out);
    if (in.len > GENESIS_BYTES_MAX) return refuse(CODE_GENESIS_INVALID, "genesis: larger than 65,535 bytes, the most that a log entry may have");
    out->all = in;
    sha256(out->hash, in.data, in.len);
    struct refusal refusal = outline(out, in);
    if (refusal.code != CODE_OK) return refusal;
    struct census census = {.genesis = out};
    return check_objects(&census);
}

void genesis_finality(struct finality *out, const struct genesis *genesis) {
    struct refusal refusal = finality_decode(out, genesis->objects[FINALITY_NO]);
    ASSERT(refusal.code == CODE_OK);
}

void genesis_policy(struct policy *out, const struct genesis *genesis) {
    struct refusal refusal = policy_decode(out, genesis->objects[POLICY_NO]);
    ASSERT(refusal.code == CODE_OK);
}
