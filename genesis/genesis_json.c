#include "genesis/genesis_json.h"

#include "crypto/hash.h"
#include "genesis/json_read.h"
#include "ledger/wire/tags.h"

#define FIRST_NO 2u /* object 0 is the policy, 1 the finality; then members, types, keys */
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define KNOWN(reader, path, object, ...) \
    genesis_read_known(reader, path, object, (const char *const[]){__VA_ARGS__}, COUNT_OF(((const char *const[]){__VA_ARGS__})))

struct build {
    struct genesis_reader reader;
    const json_t *root, *members, *types;
    uint32_t member_count, type_count, key_count;
    int64_t time_ms;
    uint32_t region;
    struct bytes chain_id;
    struct wire_out objects;               /* the values, one after the other */
    uint8_t value[OBJECT_VALUE_MAX];       /* the one being written */
    char key_path[GENESIS_OBJECTS_MAX][JSON_PATH_MAX]; /* where each key stands in the JSON, for refusals */
};

static const json_t *item(const json_t *list, size_t i) { return json_array_get(list, i); }

static bool text_is(const json_t *value, struct bytes text) {
    return json_is_string(value) && bytes_equal(bytes_of(json_string_value(value), json_string_length(value)), text);
}

/* The object number of the member or type whose `name` is `id`; NO_NONE: there is none. */
static uint32_t genesis_json_find(const json_t *list, const char *name, struct bytes id, uint32_t first_no) {
    for (size_t i = 0; i < json_array_size(list); i++)
        if (text_is(json_object_get(item(list, i), name), id)) return first_no + (uint32_t)i;
    return NO_NONE;
}
static uint32_t find_member(const struct build *build, struct bytes uscc) { return genesis_json_find(build->members, "uscc", uscc, FIRST_NO); }
static uint32_t genesis_json_find_type(const struct build *build, struct bytes code) {
    return genesis_json_find(build->types, "code", code, FIRST_NO + build->member_count);
}

static int compare_numbers(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}
/* Lists that are sets are written in ascending order, however they stand in the JSON; false where one is repeated. */
static bool sort_set(uint32_t *set, size_t count) {
    if (count) qsort(set, count, sizeof *set, compare_numbers);
    for (size_t i = 1; i < count; i++)
        if (set[i] == set[i - 1]) return false;
    return true;
}

static bool genesis_json_add_object(struct build *build, const char *path, bool fits, const struct wire_out *value) {
    if (!fits) return genesis_read_refuse(&build->reader, CODE_CBOR_RANGE, path, NULL, "is larger than a record may be");
    wire_put_raw(&build->objects, bytes_of(value->buf, value->len));
    return !build->objects.full || genesis_read_refuse(&build->reader, CODE_CBOR_RANGE, "genesis", NULL, "is larger than 65,535 bytes, the most that a log entry may have: begin with fewer types or members");
}

static bool add_policy(struct build *build) {
    struct genesis_reader *reader = &build->reader;
    struct policy policy = {.algs = 1u << KEY_ES256K | 1u << KEY_ES256 | 1u << KEY_EDDSA | 1u << KEY_SM2};
    uint64_t back = 86400, ahead = 300, approvals = 2, objects = 2000000, open = 16, stale = 86400;
    const json_t *json = json_object_get(build->root, "policy");
    if (json) {
        const json_t *algs;
        if (!KNOWN(reader, "policy", json, "iat_back_s", "iat_ahead_s", "approvals", "objects_per_day", "proposals_open", "stale_after_s", "algs") ||
            !genesis_read_number(reader, "policy", json, "iat_back_s", 1, UINT32_MAX, &back) ||
            !genesis_read_number(reader, "policy", json, "iat_ahead_s", 0, UINT32_MAX, &ahead) ||
            !genesis_read_number(reader, "policy", json, "approvals", 1, MEMBERS_MAX, &approvals) ||
            !genesis_read_number(reader, "policy", json, "objects_per_day", 1, UINT32_MAX, &objects) ||
            !genesis_read_number(reader, "policy", json, "proposals_open", 1, UINT32_MAX, &open) ||
            !genesis_read_number(reader, "policy", json, "stale_after_s", 0, UINT32_MAX, &stale) ||
            !genesis_read_list(reader, "policy", json, "algs", false, 4, &algs))
            return false;
        if (algs) policy.algs = 0;
        for (size_t i = 0; algs && i < json_array_size(algs); i++) {
            enum key_alg alg;
            const char *name = json_string_value(item(algs, i));
            if (!name || !key_alg_from_name(&alg, name))
                return genesis_read_refuse(reader, CODE_JSON_INVALID, "policy", "algs", "must be of ES256K, ES256, EdDSA, SM2");
            policy.algs |= 1u << alg;
        }
    }
    policy.iat_back_s = (uint32_t)back, policy.iat_ahead_s = (uint32_t)ahead, policy.approvals = (uint32_t)approvals;
    policy.objects_per_day = objects, policy.proposals_open = (uint32_t)open, policy.stale_after_s = (uint32_t)stale;
    struct wire_out value = wire_write(build->value, sizeof build->value);
    bool fits = policy_encode(&value, &policy);
    return genesis_json_add_object(build, "policy", fits, &value);
}

static bool read_node(struct build *build, size_t member, const json_t *json, struct finality_node *node) {
    struct genesis_reader *reader = &build->reader;
    struct {
        const char *name;
        enum key_alg alg;
        struct pubkey *key;
    } parts[] = {{"seal", KEY_ES256K, &node->seal}, {"note", KEY_ES256, &node->note}, {"checkpoint", KEY_EDDSA, &node->checkpoint}};
    char path[JSON_PATH_MAX];
    snprintf(path, sizeof path, "members[%zu].node", member);
    if (!KNOWN(reader, path, json, "seal", "note", "checkpoint")) return false;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        snprintf(path, sizeof path, "members[%zu].node.%s", member, parts[i].name);
        const json_t *key = json_object_get(json, parts[i].name);
        if (!key) return genesis_read_refuse(reader, CODE_FIELD_MISSING, path, NULL, "is missing");
        if (!KNOWN(reader, path, key, "alg", "x", "y") || !genesis_read_pubkey(reader, path, key, (int)parts[i].alg, parts[i].key)) return false;
    }
    return true;
}

static const json_t *node_of(const json_t *member) {
    const json_t *node = json_object_get(member, "node");
    return json_is_null(node) ? NULL : node;
}

static bool add_finality(struct build *build) {
    struct genesis_reader *reader = &build->reader;
    const json_t *named = json_object_get(build->root, "engine");
    const struct bytes name = bytes_of(json_string_value(named), json_string_length(named));
    const struct engine_words *engine = named ? engine_words_named(name) : engine_words_of(ENGINE_SOLO);
    if (!engine) return genesis_read_refuse(reader, CODE_JSON_INVALID, "", "engine", "must be " ENGINE_NAMES);
    struct finality finality = {.engine = engine->kind};
    for (size_t i = 0; i < build->member_count; i++) {
        const json_t *member = item(build->members, i), *node = node_of(member), *uscc = json_object_get(member, "uscc");
        if (!node) continue;
        char path[JSON_PATH_MAX];
        snprintf(path, sizeof path, "members[%zu]", i);
        if (finality.node_count == FINALITY_NODES_MAX) return genesis_read_refuse(reader, CODE_JSON_INVALID, path, "node", "there may be %u nodes", FINALITY_NODES_MAX);
        struct finality_node *out = &finality.nodes[finality.node_count++];
        if (!genesis_read_uscc(reader, path, "uscc", uscc, &out->uscc) || !read_node(build, i, node, out)) return false;
    }
    uint32_t nodes = finality.node_count;
    if (nodes == 0) return genesis_read_refuse(reader, CODE_GENESIS_INVALID, "", "members", "none of them has a node");
    if (engine->nodes != 0 && nodes != engine->nodes) return genesis_read_refuse(reader, CODE_GENESIS_INVALID, "", "engine", "takes another number of nodes");
    uint64_t threshold = nodes - (nodes - 1) / 3; /* what the engine needs too: more than two thirds */
    if (!genesis_read_number(reader, "", build->root, "threshold", 1, nodes, &threshold)) return false;
    finality.threshold = (uint32_t)threshold;
    struct wire_out value = wire_write(build->value, sizeof build->value);
    bool fits = finality_encode(&value, &finality);
    return genesis_json_add_object(build, "members", fits, &value);
}

static bool read_roles(struct build *build, const char *path, const json_t *json, struct member *member) {
    struct genesis_reader *reader = &build->reader;
    const json_t *roles, *keys;
    if (!genesis_read_list(reader, path, json, "roles", true, 6, &roles) || !genesis_read_list(reader, path, json, "keys", false, MEMBER_KEYS_MAX, &keys)) return false;
    for (size_t i = 0; i < json_array_size(roles); i++) {
        enum key_use use;
        const char *name = json_string_value(item(roles, i));
        if (!name || !key_use_from_name(&use, name) || use > USE_OPERATE)
            return genesis_read_refuse(reader, CODE_JSON_INVALID, path, "roles", "must be of govern, issue, seal, verify, audit, operate");
        if (member->roles & ROLE(use)) return genesis_read_refuse(reader, CODE_GENESIS_INVALID, path, "roles", "%s is there twice", name);
        member->roles |= ROLE(use);
        bool keyed = false;
        for (size_t k = 0; k < json_array_size(keys); k++) keyed = keyed || text_is(json_object_get(item(keys, k), "use"), bytes_text(name));
        if (!keyed) return genesis_read_refuse(reader, CODE_GENESIS_INVALID, path, "keys", "the member has the role %s, but no key for it", name);
    }
    return true;
}

static bool read_member_types(struct build *build, const char *path, const json_t *json, struct member *member) {
    struct genesis_reader *reader = &build->reader;
    const json_t *types = json_object_get(json, "types");
    uint32_t first = FIRST_NO + build->member_count;
    if (text_is(types, bytes_text("all"))) {
        if (build->type_count > TYPES_PER_MEMBER_MAX)
            return genesis_read_refuse(reader, CODE_GENESIS_INVALID, path, "types", "all are more than the %u one member may issue", TYPES_PER_MEMBER_MAX);
        for (uint32_t i = 0; i < build->type_count; i++) member->types[member->type_count++] = first + i;
        return true;
    }
    if (!genesis_read_list(reader, path, json, "types", false, TYPES_PER_MEMBER_MAX, &types)) return false;
    for (size_t i = 0; i < json_array_size(types); i++) {
        struct bytes code;
        if (!genesis_read_text_value(reader, path, "types", item(types, i), TYPE_CODE_LEN, &code)) return false;
        uint32_t no = genesis_json_find_type(build, code);
        if (no == NO_NONE)
            return genesis_read_refuse(reader, CODE_TYPE_UNKNOWN, path, "types", "%.*s is not one of the document's types", (int)code.len, (const char *)code.data);
        member->types[member->type_count++] = no;
    }
    return sort_set(member->types, member->type_count) || genesis_read_refuse(reader, CODE_GENESIS_INVALID, path, "types", "one is there twice");
}

static bool add_member(struct build *build, uint32_t i) {
    struct genesis_reader *reader = &build->reader;
    const json_t *json = item(build->members, i);
    char path[JSON_PATH_MAX];
    snprintf(path, sizeof path, "members[%u]", i);
    struct member member = {.no = FIRST_NO + i, .region = build->region, .state = MEMBER_ACTIVE};
    if (!KNOWN(reader, path, json, "uscc", "name", "region", "roles", "types", "keys", "node") ||
        !genesis_read_uscc(reader, path, "uscc", json_object_get(json, "uscc"), &member.uscc) ||
        !genesis_read_text(reader, path, json, "name", true, NAME_MAX_BYTES, &member.name) ||
        !genesis_read_digits(reader, path, "region", json_object_get(json, "region"), 100000, 999999, &member.region) ||
        !read_member_types(build, path, json, &member) || !read_roles(build, path, json, &member))
        return false;
    struct wire_out value = wire_write(build->value, sizeof build->value);
    bool fits = member_encode(&value, &member);
    return genesis_json_add_object(build, path, fits, &value);
}

static int compare_elements(const void *a, const void *b) {
    return bytes_order(((const struct element *)a)->code, ((const struct element *)b)->code);
}

static bool read_elements(struct build *build, const char *path, const json_t *json, struct licence_type *type) {
    struct genesis_reader *reader = &build->reader;
    const json_t *elements;
    /* every licence commits to its identifier, whether the document says so or not */
    struct element identifier = {bytes_text(ELEMENT_IDENTIFIER), bytes_text("证照标识"), true, 1};
    bool given = false;
    if (!genesis_read_list(reader, path, json, "elements", false, ELEMENTS_MAX, &elements)) return false;
    for (size_t i = 0; i < json_array_size(elements); i++) {
        const json_t *one = item(elements, i);
        struct element *element = &type->elements[type->element_count++];
        uint64_t sensitivity = 1;
        char at[JSON_PATH_MAX + 32];
        snprintf(at, sizeof at, "%s.elements[%zu]", path, i);
        *element = (struct element){.mandatory = false};
        if (!KNOWN(reader, at, one, "code", "label", "mandatory", "sensitivity") ||
            !genesis_read_text(reader, at, one, "code", true, ELEMENT_CODE_MAX, &element->code) ||
            !genesis_read_text(reader, at, one, "label", true, NAME_MAX_BYTES, &element->label) || !genesis_read_flag(reader, at, one, "mandatory", &element->mandatory) ||
            !genesis_read_number(reader, at, one, "sensitivity", 0, 2, &sensitivity))
            return false;
        element->sensitivity = (uint32_t)sensitivity;
        given = given || bytes_equal(element->code, identifier.code);
    }
    if (!given && type->element_count == ELEMENTS_MAX)
        return genesis_read_refuse(reader, CODE_GENESIS_INVALID, path, "elements", "may be %u with " ELEMENT_IDENTIFIER, ELEMENTS_MAX);
    if (!given) type->elements[type->element_count++] = identifier;
    qsort(type->elements, type->element_count, sizeof *type->elements, compare_elements);
    for (uint32_t i = 1; i < type->element_count; i++) {
        struct bytes code = type->elements[i].code;
        if (bytes_equal(type->elements[i - 1].code, code))
            return genesis_read_refuse(reader, CODE_GENESIS_INVALID, path, "elements", "%.*s is there twice", (int)code.len, (const char *)code.data);
    }
    return true;
}

/* A member named by its credit code; *no is kept where `value` is NULL or null. */
static bool read_member_no(struct build *build, const char *path, const char *name, const json_t *value, uint32_t *no) {
    struct bytes uscc;
    if (!value || json_is_null(value)) return true;
    if (!genesis_read_uscc(&build->reader, path, name, value, &uscc)) return false;
    *no = find_member(build, uscc);
    return *no != NO_NONE || genesis_read_refuse(&build->reader, CODE_GENESIS_INVALID, path, name, "%.*s is not a member", (int)uscc.len, (const char *)uscc.data);
}

/* Who defines a type that names no definer: the authority its code begins with, if that is a member; else the first one that governs. */
static uint32_t usual_definer(const struct build *build, struct bytes code) {
    uint32_t no = code.len > USCC_LEN ? find_member(build, bytes_of(code.data, USCC_LEN)) : NO_NONE;
    for (uint32_t i = 0; no == NO_NONE && i < build->member_count; i++) {
        const json_t *roles = json_object_get(item(build->members, i), "roles");
        for (size_t r = 0; r < json_array_size(roles); r++)
            if (text_is(item(roles, r), bytes_text("govern"))) no = FIRST_NO + i;
    }
    return no;
}

static bool read_type_members(struct build *build, const char *path, const json_t *json, struct licence_type *type) {
    struct genesis_reader *reader = &build->reader;
    const json_t *scope;
    type->supervisor_no = NO_NONE;
    type->definer_no = usual_definer(build, type->code);
    if (!read_member_no(build, path, "definer", json_object_get(json, "definer"), &type->definer_no) ||
        !read_member_no(build, path, "supervisor", json_object_get(json, "supervisor"), &type->supervisor_no) ||
        !genesis_read_list(reader, path, json, "scope", false, MEMBERS_MAX, &scope))
        return false;
    if (type->definer_no == NO_NONE) return genesis_read_refuse(reader, CODE_GENESIS_INVALID, "", "members", "nobody has the role govern");
    for (size_t i = 0; i < json_array_size(scope); i++) {
        if (!json_is_string(item(scope, i))) return genesis_read_refuse(reader, CODE_JSON_INVALID, path, "scope", "must be credit codes");
        if (!read_member_no(build, path, "scope", item(scope, i), &type->scope[type->scope_count++])) return false;
    }
    return sort_set(type->scope, type->scope_count) || genesis_read_refuse(reader, CODE_GENESIS_INVALID, path, "scope", "one is there twice");
}

static bool add_type(struct build *build, uint32_t i) {
    struct genesis_reader *reader = &build->reader;
    const json_t *json = item(build->types, i), *kinds;
    char path[JSON_PATH_MAX];
    snprintf(path, sizeof path, "types[%u]", i);
    struct licence_type type = {.no = FIRST_NO + build->member_count + i, .state = TYPE_ACTIVE, .keyed = true};
    uint64_t days_max = 0;
    if (!KNOWN(reader, path, json, "code", "name", "keyed", "holder_kinds", "elements", "days_max", "unlimited", "definer", "supervisor", "scope") ||
        !genesis_read_text(reader, path, json, "code", true, TYPE_CODE_LEN, &type.code) ||
        !genesis_read_text(reader, path, json, "name", true, NAME_MAX_BYTES, &type.name) || !genesis_read_flag(reader, path, json, "keyed", &type.keyed) ||
        !genesis_read_list(reader, path, json, "holder_kinds", true, HOLDER_KINDS_MAX, &kinds) || !read_elements(build, path, json, &type) ||
        !genesis_read_number(reader, path, json, "days_max", 0, DAY_MAX - DAY_MIN, &days_max) ||
        !genesis_read_flag(reader, path, json, "unlimited", &type.unlimited_allowed) || !read_type_members(build, path, json, &type))
        return false;
    type.days_max = (uint32_t)days_max;
    for (size_t k = 0; k < json_array_size(kinds); k++) /* null would leave a 0, which the last check refuses */
        if (!genesis_read_digits(reader, path, "holder_kinds", item(kinds, k), 1, 999, &type.holder_kinds[type.holder_kind_count++])) return false;
    if (type.holder_kind_count == 0) return genesis_read_refuse(reader, CODE_FIELD_MISSING, path, "holder_kinds", "is empty");
    if (!sort_set(type.holder_kinds, type.holder_kind_count)) return genesis_read_refuse(reader, CODE_GENESIS_INVALID, path, "holder_kinds", "one is there twice");
    struct wire_out value = wire_write(build->value, sizeof build->value);
    bool fits = licence_type_encode(&value, &type);
    return genesis_json_add_object(build, path, fits, &value);
}

static bool genesis_json_add_key(struct build *build, const char *path, const struct pubkey *key, enum key_use use, uint32_t member_no) {
    uint32_t index = build->key_count++;
    struct key_object record = {.key = *key, .no = FIRST_NO + build->member_count + build->type_count + index, .member_no = member_no, .use = use,
                                .active_from_ms = build->time_ms, .active_to_ms = TIME_MS_MAX, .compromised_since = UINT64_MAX};
    snprintf(build->key_path[index], sizeof build->key_path[index], "%s", path);
    pubkey_thumbprint(record.thumb, key);
    struct wire_out value = wire_write(build->value, sizeof build->value);
    bool fits = key_object_encode(&value, &record);
    return genesis_json_add_object(build, path, fits, &value);
}

static bool add_member_keys(struct build *build, uint32_t i) {
    struct genesis_reader *reader = &build->reader;
    const json_t *member = item(build->members, i), *keys = json_object_get(member, "keys"), *node = node_of(member);
    char path[JSON_PATH_MAX];
    for (size_t k = 0; k < json_array_size(keys); k++) {
        const json_t *json = item(keys, k);
        struct pubkey key;
        enum key_use use;
        snprintf(path, sizeof path, "members[%u].keys[%zu]", i, k);
        if (!KNOWN(reader, path, json, "use", "alg", "x", "y")) return false;
        const char *name = json_string_value(json_object_get(json, "use"));
        if (!name || !key_use_from_name(&use, name) || use > USE_OPERATE)
            return genesis_read_refuse(reader, CODE_JSON_INVALID, path, "use", "must be govern, issue, seal, verify, audit or operate");
        if (!genesis_read_pubkey(reader, path, json, 0, &key) || !genesis_json_add_key(build, path, &key, use, FIRST_NO + i)) return false;
    }
    if (!node) return true;
    struct finality_node own;
    if (!read_node(build, i, node, &own)) return false;
    struct {
        const char *name;
        const struct pubkey *key;
    } parts[] = {{"seal", &own.seal}, {"note", &own.note}, {"checkpoint", &own.checkpoint}};
    for (unsigned p = 0; p < COUNT_OF(parts); p++) {
        snprintf(path, sizeof path, "members[%u].node.%s", i, parts[p].name);
        if (!genesis_json_add_key(build, path, parts[p].key, (enum key_use)(USE_NODE_SEAL + p), FIRST_NO + i)) return false;
    }
    return true;
}

/* The number of objects stands before them, so it is known before any is written. */
static bool count_objects(struct build *build, uint32_t *count) {
    struct genesis_reader *reader = &build->reader;
    size_t keys = 0;
    build->member_count = (uint32_t)json_array_size(build->members);
    build->type_count = (uint32_t)json_array_size(build->types);
    for (size_t i = 0; i < build->member_count; i++) {
        const json_t *own, *member = item(build->members, i);
        char path[JSON_PATH_MAX];
        snprintf(path, sizeof path, "members[%zu]", i);
        if (!json_is_object(member)) return genesis_read_refuse(reader, CODE_JSON_INVALID, path, NULL, "must be an object");
        if (!genesis_read_list(reader, path, member, "keys", false, MEMBER_KEYS_MAX, &own)) return false;
        keys += json_array_size(own) + (node_of(member) ? 3 : 0);
    }
    size_t all = FIRST_NO + build->member_count + build->type_count + keys;
    if (all > GENESIS_OBJECTS_MAX)
        return genesis_read_refuse(reader, CODE_GENESIS_INVALID, "genesis", NULL, "has %zu objects, at most %u are allowed", all, GENESIS_OBJECTS_MAX);
    *count = (uint32_t)all;
    return true;
}

static bool build_document(struct build *build) {
    struct genesis_reader *reader = &build->reader;
    uint32_t count = 0;
    if (!KNOWN(reader, "", build->root, "chain_id", "region", "time", "policy", "engine", "threshold", "types", "members") ||
        !genesis_read_text(reader, "", build->root, "chain_id", true, CHAIN_ID_MAX, &build->chain_id) ||
        !genesis_read_digits(reader, "", "region", json_object_get(build->root, "region"), 100000, 999999, &build->region) ||
        !genesis_read_time(reader, "", build->root, "time", &build->time_ms) ||
        !genesis_read_list(reader, "", build->root, "types", true, GENESIS_OBJECTS_MAX, &build->types) ||
        !genesis_read_list(reader, "", build->root, "members", true, MEMBERS_MAX, &build->members) || !count_objects(build, &count))
        return false;
    if (build->region == 0) return genesis_read_refuse(reader, CODE_FIELD_MISSING, "", "region", "is missing");
    wire_put_array(&build->objects, 6);
    wire_put_uint(&build->objects, 1);
    wire_put_text(&build->objects, bytes_text("licet-genesis"));
    wire_put_text(&build->objects, build->chain_id);
    wire_put_uint(&build->objects, build->region);
    wire_put_int(&build->objects, build->time_ms);
    wire_put_array(&build->objects, count);
    if (!add_policy(build) || !add_finality(build)) return false;
    for (uint32_t i = 0; i < build->member_count; i++)
        if (!add_member(build, i)) return false;
    for (uint32_t i = 0; i < build->type_count; i++)
        if (!add_type(build, i)) return false;
    for (uint32_t i = 0; i < build->member_count; i++)
        if (!add_member_keys(build, i)) return false;
    return true;
}

/* Tells a refusal of the finished document in terms of the JSON it was made from. */
static void explain(struct build *build, struct refusal refusal) {
    char path[JSON_PATH_MAX] = "";
    uint32_t no = refusal.item, members = FIRST_NO + build->member_count, types = members + build->type_count;
    const char *field = refusal.field ? refusal.field : "genesis";
    if (no == 0) snprintf(path, sizeof path, "policy.");
    else if (no >= FIRST_NO && no < members) snprintf(path, sizeof path, "members[%u].", no - FIRST_NO);
    else if (no >= members && no < types) snprintf(path, sizeof path, "types[%u].", no - members);
    else if (no >= types && no != REFUSAL_NO_ITEM) snprintf(path, sizeof path, "%.*s.", JSON_PATH_MAX - 2, build->key_path[no - types]);
    const char *what = strchr(field, ':') ? "" : code_en(refusal.code);
    build->reader.code = refusal.code;
    snprintf(build->reader.message, build->reader.cap, "%s%s%s%s", path, field, *what ? ": " : "", what);
}

struct refusal genesis_from_json(uint8_t **out, size_t *len, char *message, size_t message_cap, const char *json, size_t json_len, int64_t now_ms) {
    *out = NULL;
    *len = 0;
    ASSERT(message_cap > 0);
    *message = '\0';
    struct build *build = calloc(1, sizeof *build);
    struct genesis *genesis = calloc(1, sizeof *genesis);
    uint8_t *bytes = malloc(GENESIS_BYTES_MAX);
    json_error_t error;
    json_t *root = json_loadb(json, json_len, JSON_REJECT_DUPLICATES, &error);
    struct refusal refusal = refuse(CODE_INTERNAL, "memory");
    if (!build || !genesis || !bytes) {
        snprintf(message, message_cap, "out of memory");
        goto done;
    }
    if (!root) {
        snprintf(message, message_cap, "line %d, column %d: %s", error.line, error.column, error.text);
        refusal = refuse(CODE_JSON_INVALID, "genesis");
        goto done;
    }
    build->reader = (struct genesis_reader){CODE_OK, message, message_cap};
    build->root = root;
    build->time_ms = now_ms;
    build->objects = wire_write(bytes, GENESIS_BYTES_MAX);
    refusal = refuse(CODE_OK, NULL);
    if (build_document(build)) {
        refusal = genesis_decode(genesis, bytes_of(bytes, build->objects.len));
        if (refusal.code != CODE_OK) explain(build, refusal);
    } else {
        refusal = refuse(build->reader.code, "genesis");
    }
    if (refusal.code == CODE_OK) {
        *len = build->objects.len;
        uint8_t *fitted = realloc(bytes, *len);
        *out = fitted ? fitted : bytes;
        bytes = NULL;
    }
done:
    json_decref(root);
    free(bytes);
    free(genesis);
    free(build);
    return refusal;
}
