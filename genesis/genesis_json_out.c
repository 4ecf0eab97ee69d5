#include <jansson.h>

#include "genesis/genesis_json.h"
#include "ledger/wire/ident.h"

/* Puts a value under a name; a failed allocation is remembered, because jansson would only leave the member out. */
struct writer {
    const struct genesis *genesis;
    bool failed;
};

static void genesis_json_out_put(struct writer *writer, json_t *object, const char *name, json_t *value) {
    if (json_object_set_new(object, name, value) != 0) writer->failed = true;
}
static void push(struct writer *writer, json_t *list, json_t *value) {
    if (json_array_append_new(list, value) != 0) writer->failed = true;
}
static json_t *genesis_json_out_text(struct bytes value) { return json_stringn((const char *)value.data, value.len); }
static json_t *genesis_json_out_digits(uint32_t code, int width) {
    char out[16];
    snprintf(out, sizeof out, "%0*u", width, code);
    return json_string(out);
}
static json_t *hex(const uint8_t in32[32]) {
    char out[65];
    hex_encode(out, in32, 32);
    return json_string(out);
}

/* The decoded object `no`: what genesis_decode accepted decodes again. */
static void member_at(struct member *out, const struct genesis *genesis, uint32_t no) {
    struct refusal refusal = member_decode(out, genesis->objects[no]);
    ASSERT(refusal.code == CODE_OK);
}
static json_t *member_uscc(const struct genesis *genesis, uint32_t no) {
    struct member member;
    member_at(&member, genesis, no);
    return genesis_json_out_text(member.uscc);
}

static json_t *policy_json(struct writer *writer) {
    struct policy policy;
    genesis_policy(&policy, writer->genesis);
    json_t *out = json_object(), *algs = json_array();
    genesis_json_out_put(writer, out, "iat_back_s", json_integer(policy.iat_back_s));
    genesis_json_out_put(writer, out, "iat_ahead_s", json_integer(policy.iat_ahead_s));
    genesis_json_out_put(writer, out, "approvals", json_integer(policy.approvals));
    genesis_json_out_put(writer, out, "objects_per_day", json_integer((json_int_t)policy.objects_per_day));
    genesis_json_out_put(writer, out, "proposals_open", json_integer(policy.proposals_open));
    genesis_json_out_put(writer, out, "stale_after_s", json_integer(policy.stale_after_s));
    for (int alg = KEY_ES256K; alg <= KEY_SM2; alg++)
        if (policy.algs & (1u << alg)) push(writer, algs, json_string(key_alg_name((enum key_alg)alg)));
    genesis_json_out_put(writer, out, "algs", algs);
    return out;
}

static json_t *type_json(struct writer *writer, uint32_t no) {
    const struct genesis *genesis = writer->genesis;
    struct licence_type type;
    struct refusal refusal = licence_type_decode(&type, genesis->objects[no]);
    ASSERT(refusal.code == CODE_OK);
    json_t *out = json_object(), *kinds = json_array(), *elements = json_array(), *scope = json_array();
    genesis_json_out_put(writer, out, "code", genesis_json_out_text(type.code));
    genesis_json_out_put(writer, out, "name", genesis_json_out_text(type.name));
    genesis_json_out_put(writer, out, "keyed", json_boolean(type.keyed));
    for (uint32_t i = 0; i < type.holder_kind_count; i++) push(writer, kinds, genesis_json_out_digits(type.holder_kinds[i], 3));
    genesis_json_out_put(writer, out, "holder_kinds", kinds);
    for (uint32_t i = 0; i < type.element_count; i++) {
        const struct element *element = &type.elements[i];
        json_t *one = json_object();
        genesis_json_out_put(writer, one, "code", genesis_json_out_text(element->code));
        genesis_json_out_put(writer, one, "label", genesis_json_out_text(element->label));
        genesis_json_out_put(writer, one, "mandatory", json_boolean(element->mandatory));
        genesis_json_out_put(writer, one, "sensitivity", json_integer(element->sensitivity));
        push(writer, elements, one);
    }
    genesis_json_out_put(writer, out, "elements", elements);
    genesis_json_out_put(writer, out, "days_max", json_integer(type.days_max));
    genesis_json_out_put(writer, out, "unlimited", json_boolean(type.unlimited_allowed));
    genesis_json_out_put(writer, out, "definer", member_uscc(genesis, type.definer_no));
    genesis_json_out_put(writer, out, "supervisor", type.supervisor_no == NO_NONE ? json_null() : member_uscc(genesis, type.supervisor_no));
    for (uint32_t i = 0; i < type.scope_count; i++) push(writer, scope, member_uscc(genesis, type.scope[i]));
    genesis_json_out_put(writer, out, "scope", scope);
    return out;
}

static json_t *key_json(struct writer *writer, const char *use, const struct pubkey *key) {
    json_t *out = json_object();
    if (use) genesis_json_out_put(writer, out, "use", json_string(use));
    genesis_json_out_put(writer, out, "alg", json_string(key_alg_name(key->alg)));
    genesis_json_out_put(writer, out, "x", hex(key->x));
    if (key->alg != KEY_EDDSA) genesis_json_out_put(writer, out, "y", hex(key->y));
    return out;
}

/* A member's own keys into `keys`; those of its node into *node, which stays NULL where it has none. */
static void keys_json(struct writer *writer, json_t *keys, json_t **node, uint32_t member_no, uint32_t first_key) {
    for (uint32_t no = first_key; no < writer->genesis->object_count; no++) {
        struct key_object key;
        struct refusal refusal = key_object_decode(&key, writer->genesis->objects[no]);
        ASSERT(refusal.code == CODE_OK);
        if (key.member_no != member_no) continue;
        if (key.use <= USE_OPERATE) {
            push(writer, keys, key_json(writer, key_use_name(key.use), &key.key));
            continue;
        }
        if (!*node) *node = json_object();
        genesis_json_out_put(writer, *node, key.use == USE_NODE_SEAL ? "seal" : key.use == USE_NODE_NOTE ? "note" : "checkpoint", key_json(writer, NULL, &key.key));
    }
}

static json_t *genesis_json_out_member_json(struct writer *writer, uint32_t no, uint32_t first_key) {
    struct member member;
    member_at(&member, writer->genesis, no);
    json_t *out = json_object(), *roles = json_array(), *types = json_array(), *keys = json_array(), *node = NULL;
    genesis_json_out_put(writer, out, "uscc", genesis_json_out_text(member.uscc));
    genesis_json_out_put(writer, out, "name", genesis_json_out_text(member.name));
    genesis_json_out_put(writer, out, "region", genesis_json_out_digits(member.region, 6));
    for (int use = USE_GOVERN; use <= USE_OPERATE; use++)
        if (member.roles & ROLE(use)) push(writer, roles, json_string(key_use_name((enum key_use)use)));
    genesis_json_out_put(writer, out, "roles", roles);
    for (uint32_t i = 0; i < member.type_count; i++) {
        struct licence_type type;
        struct refusal refusal = licence_type_decode(&type, writer->genesis->objects[member.types[i]]);
        ASSERT(refusal.code == CODE_OK);
        push(writer, types, genesis_json_out_text(type.code));
    }
    genesis_json_out_put(writer, out, "types", types);
    keys_json(writer, keys, &node, no, first_key);
    genesis_json_out_put(writer, out, "keys", keys);
    if (node) genesis_json_out_put(writer, out, "node", node);
    return out;
}

static json_t *document_json(struct writer *writer) {
    const struct genesis *genesis = writer->genesis;
    struct finality finality;
    genesis_finality(&finality, genesis);
    char time[25];
    time_to_text(time, genesis->time_ms);
    json_t *out = json_object(), *types = json_array(), *members = json_array();
    genesis_json_out_put(writer, out, "chain_id", genesis_json_out_text(genesis->chain_id));
    genesis_json_out_put(writer, out, "region", genesis_json_out_digits(genesis->region, 6));
    genesis_json_out_put(writer, out, "time", json_string(time));
    genesis_json_out_put(writer, out, "policy", policy_json(writer));
    genesis_json_out_put(writer, out, "engine", json_string(engine_words_of(finality.engine)->name));
    genesis_json_out_put(writer, out, "threshold", json_integer(finality.threshold));
    uint32_t first_key = 2;
    for (enum object_kind kind; first_key < genesis->object_count; first_key++)
        if (!object_kind_of(&kind, genesis->objects[first_key]) || kind == OBJECT_KEY) break;
    for (uint32_t no = 2; no < first_key; no++) {
        enum object_kind kind;
        bool known = object_kind_of(&kind, genesis->objects[no]);
        ASSERT(known);
        if (kind == OBJECT_TYPE) push(writer, types, type_json(writer, no));
        else push(writer, members, genesis_json_out_member_json(writer, no, first_key));
    }
    genesis_json_out_put(writer, out, "types", types);
    genesis_json_out_put(writer, out, "members", members);
    return out;
}

char *genesis_to_json(const struct genesis *genesis) {
    struct writer writer = {genesis, false};
    json_t *root = document_json(&writer);
    size_t size = writer.failed ? 0 : json_dumpb(root, NULL, 0, JSON_INDENT(2));
    char *out = size ? malloc(size + 2) : NULL;
    if (out && json_dumpb(root, out, size, JSON_INDENT(2)) == size) {
        out[size] = '\n';
        out[size + 1] = '\0';
    } else {
        free(out);
        out = NULL;
    }
    json_decref(root);
    return out;
}
