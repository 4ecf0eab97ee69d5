/* The objects about who: policy, finality, members and their keys. */
#include "ledger/wire/object_part.h"

#define ALGS_ALL (1u << KEY_ES256K | 1u << KEY_ES256 | 1u << KEY_EDDSA | 1u << KEY_SM2)
#define ROLES_ALL (ROLE(USE_GOVERN) | ROLE(USE_ISSUE) | ROLE(USE_SEAL) | ROLE(USE_VERIFY) | ROLE(USE_AUDIT) | ROLE(USE_OPERATE))
#define REGION_MAX 999999u /* GB/T 2260: six digits */

const char *key_use_name(enum key_use use) {
    switch (use) {
    case USE_GOVERN: return "govern";
    case USE_ISSUE: return "issue";
    case USE_SEAL: return "seal";
    case USE_VERIFY: return "verify";
    case USE_AUDIT: return "audit";
    case USE_OPERATE: return "operate";
    case USE_NODE_SEAL: return "node-seal";
    case USE_NODE_NOTE: return "node-note";
    case USE_NODE_CHECKPOINT: return "node-checkpoint";
    }
    return NULL;
}

bool key_use_from_name(enum key_use *out, const char *name) {
    for (int i = USE_GOVERN; i <= USE_NODE_CHECKPOINT; i++)
        if (strcmp(key_use_name((enum key_use)i), name) == 0) return *out = (enum key_use)i, true;
    return false;
}

/* A set of flags, of which only the known ones may be there. */
static uint32_t flags_get(struct wire_in *in, const char *field, uint32_t all) {
    uint32_t flags = part_u32(in, field, 0, UINT32_MAX);
    if (flags & ~all) wire_fail(in, CODE_CBOR_RANGE);
    return flags;
}

struct refusal policy_decode(struct policy *out, struct bytes value) {
    struct wire_in in = wire_read(value);
    *out = (struct policy){0};
    part_start(&in, OBJECT_POLICY, 8);
    out->iat_back_s = part_u32(&in, "iat_back_s", 0, UINT32_MAX);
    out->iat_ahead_s = part_u32(&in, "iat_ahead_s", 0, UINT32_MAX);
    out->approvals = part_u32(&in, "approvals", 1, MEMBERS_MAX);
    out->objects_per_day = part_count(&in, "objects_per_day");
    out->proposals_open = part_u32(&in, "proposals_open", 0, UINT32_MAX);
    out->stale_after_s = part_u32(&in, "stale_after_s", 0, UINT32_MAX);
    out->algs = flags_get(&in, "algs", ALGS_ALL);
    return wire_done(&in);
}

bool policy_encode(struct wire_out *out, const struct policy *policy) {
    size_t start = out->len;
    part_start_put(out, OBJECT_POLICY, 8);
    wire_put_uint(out, policy->iat_back_s);
    wire_put_uint(out, policy->iat_ahead_s);
    wire_put_uint(out, policy->approvals);
    wire_put_uint(out, policy->objects_per_day);
    wire_put_uint(out, policy->proposals_open);
    wire_put_uint(out, policy->stale_after_s);
    wire_put_uint(out, policy->algs);
    return part_fits(out, start);
}

#define ENGINE_ROW(NAME, NUMBER, TEXT, ZH, NODES) {ENGINE_##NAME, TEXT, ZH, NODES},
static const struct engine_words ENGINE_ROWS[] = {ENGINES(ENGINE_ROW)};
#undef ENGINE_ROW
#define ENGINE_COUNT (sizeof ENGINE_ROWS / sizeof *ENGINE_ROWS)

const struct engine_words *engine_words_of(enum engine_kind kind) {
    for (size_t i = 0; i < ENGINE_COUNT; i++)
        if (ENGINE_ROWS[i].kind == kind) return &ENGINE_ROWS[i];
    return NULL;
}

const struct engine_words *engine_words_named(struct bytes name) {
    for (size_t i = 0; i < ENGINE_COUNT; i++)
        if (bytes_equal(bytes_text(ENGINE_ROWS[i].name), name)) return &ENGINE_ROWS[i];
    return NULL;
}

struct refusal finality_decode(struct finality *out, struct bytes value) {
    struct wire_in in = wire_read(value);
    *out = (struct finality){0};
    part_start(&in, OBJECT_FINALITY, 4);
    out->engine = (enum engine_kind)part_u32(&in, "engine", ENGINE_ROWS[0].kind, ENGINE_ROWS[ENGINE_COUNT - 1].kind);
    out->threshold = part_u32(&in, "threshold", 1, FINALITY_NODES_MAX);
    wire_field(&in, "nodes");
    out->node_count = (uint32_t)wire_get_array(&in, 1, FINALITY_NODES_MAX);
    for (uint32_t i = 0; i < out->node_count && in.why == CODE_OK; i++) {
        struct finality_node *node = &out->nodes[i];
        wire_field(&in, "node");
        wire_get_array(&in, 4, 4);
        node->uscc = part_code(&in, "node.uscc", USCC_LEN, USCC_LEN);
        part_pubkey(&in, "node.seal", &node->seal);
        part_pubkey(&in, "node.note", &node->note);
        part_pubkey(&in, "node.checkpoint", &node->checkpoint);
    }
    wire_field(&in, "threshold");
    if (out->threshold > out->node_count) wire_fail(&in, CODE_CBOR_RANGE); /* nothing would ever be final */
    return wire_done(&in);
}

bool finality_encode(struct wire_out *out, const struct finality *finality) {
    size_t start = out->len;
    part_start_put(out, OBJECT_FINALITY, 4);
    wire_put_uint(out, finality->engine);
    wire_put_uint(out, finality->threshold);
    wire_put_array(out, finality->node_count);
    for (uint32_t i = 0; i < finality->node_count; i++) {
        wire_put_array(out, 4);
        wire_put_text(out, finality->nodes[i].uscc);
        part_pubkey_put(out, &finality->nodes[i].seal);
        part_pubkey_put(out, &finality->nodes[i].note);
        part_pubkey_put(out, &finality->nodes[i].checkpoint);
    }
    return part_fits(out, start);
}

struct refusal member_decode(struct member *out, struct bytes value) {
    struct wire_in in = wire_read(value);
    *out = (struct member){0};
    part_start(&in, OBJECT_MEMBER, 11);
    out->uscc = part_code(&in, "uscc", USCC_LEN, USCC_LEN);
    out->no = part_no(&in, "no");
    out->name = part_text(&in, "name", 1, NAME_MAX_BYTES);
    out->region = part_u32(&in, "region", 0, REGION_MAX);
    out->roles = flags_get(&in, "roles", ROLES_ALL);
    out->state = (enum member_state)part_u32(&in, "state", MEMBER_ACTIVE, MEMBER_REMOVED);
    wire_field(&in, "types");
    out->type_count = (uint32_t)wire_get_array(&in, 0, TYPES_PER_MEMBER_MAX);
    for (uint32_t i = 0; i < out->type_count; i++) {
        out->types[i] = part_no(&in, "type");
        if (i > 0 && out->types[i] <= out->types[i - 1]) wire_fail(&in, CODE_CBOR_KEY_ORDER);
    }
    out->issued = part_count(&in, "issued");
    out->quota_day = part_day(&in, "quota_day");
    out->quota_used = part_count(&in, "quota_used");
    return wire_done(&in);
}

bool member_encode(struct wire_out *out, const struct member *member) {
    size_t start = out->len;
    part_start_put(out, OBJECT_MEMBER, 11);
    wire_put_text(out, member->uscc);
    wire_put_uint(out, member->no);
    wire_put_text(out, member->name);
    wire_put_uint(out, member->region);
    wire_put_uint(out, member->roles);
    wire_put_uint(out, member->state);
    wire_put_array(out, member->type_count);
    for (uint32_t i = 0; i < member->type_count; i++) wire_put_uint(out, member->types[i]);
    wire_put_uint(out, member->issued);
    wire_put_int(out, member->quota_day);
    wire_put_uint(out, member->quota_used);
    return part_fits(out, start);
}

/* The thumbprint is the object's id and follows from the key: one that does not would be looked up as another key. */
struct refusal key_object_decode(struct key_object *out, struct bytes value) {
    struct wire_in in = wire_read(value);
    uint8_t thumb[32];
    *out = (struct key_object){0};
    part_start(&in, OBJECT_KEY, 9);
    part_fixed(&in, "thumb", out->thumb, 32);
    out->no = part_no(&in, "no");
    part_pubkey(&in, "key", &out->key);
    out->member_no = part_no(&in, "member_no");
    out->use = (enum key_use)part_u32(&in, "use", USE_GOVERN, USE_NODE_CHECKPOINT);
    wire_field(&in, "active_from_ms");
    out->active_from_ms = wire_get_int(&in, 0, TIME_MS_MAX);
    wire_field(&in, "active_to_ms");
    out->active_to_ms = wire_try_null(&in) ? TIME_MS_MAX : wire_get_int(&in, 0, TIME_MS_MAX - 1);
    out->compromised_since = wire_try_null(&in) ? UINT64_MAX : part_count(&in, "compromised_since");
    struct refusal refusal = wire_done(&in);
    if (refusal.code != CODE_OK) return refusal;
    pubkey_thumbprint(thumb, &out->key);
    return memcmp(thumb, out->thumb, 32) == 0 ? refusal : refuse(CODE_HASH_MISMATCH, "thumb");
}

bool key_object_encode(struct wire_out *out, const struct key_object *key) {
    size_t start = out->len;
    part_start_put(out, OBJECT_KEY, 9);
    part_fixed_put(out, key->thumb, 32);
    wire_put_uint(out, key->no);
    part_pubkey_put(out, &key->key);
    wire_put_uint(out, key->member_no);
    wire_put_uint(out, key->use);
    wire_put_int(out, key->active_from_ms);
    if (key->active_to_ms == TIME_MS_MAX) wire_put_null(out);
    else wire_put_int(out, key->active_to_ms);
    if (key->compromised_since == UINT64_MAX) wire_put_null(out);
    else wire_put_uint(out, key->compromised_since);
    return part_fits(out, start);
}
