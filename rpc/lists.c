/* Members, licence types and seals, page by page: few, public, read by every client before it signs or asks. */
#include "rpc/route.h"

#define PAGE_MAX 100u

static void put_member_name(struct json_out *out, const struct snapshot *snapshot, const char *name, uint32_t no, enum err *err) {
    struct bytes value;
    struct member member;
    json_key(out, name);
    if (no == NO_NONE) {
        json_null(out);
    } else if (snapshot_by_no(snapshot, OBJECT_MEMBER, no, &value) != FOUND_YES || member_decode(&member, value).code != CODE_OK) {
        *err = ERR_CORRUPT;
        json_null(out);
    } else {
        json_text(out, member.uscc);
    }
}

/* ---- types ---- */

static void put_elements(struct json_out *out, const struct licence_type *type) {
    json_key(out, "elements");
    json_array(out);
    for (uint32_t i = 0; i < type->element_count; i++) {
        const struct element *element = &type->elements[i];
        json_object(out);
        json_put_text(out, "code", element->code);
        json_put_text(out, "label", element->label);
        json_put_bool(out, "mandatory", element->mandatory);
        json_put_uint(out, "sensitivity", element->sensitivity);
        json_object_end(out);
    }
    json_array_end(out);
}

static enum err put_type(struct json_out *out, const struct snapshot *snapshot, struct bytes value) {
    struct licence_type type;
    enum err err = ERR_OK;
    if (licence_type_decode(&type, value).code != CODE_OK) return ERR_CORRUPT;
    json_object(out);
    json_put_text(out, "code", type.code);
    json_put_uint(out, "no", type.no);
    json_put_text(out, "name", type.name);
    json_put_string(out, "state", type.state == TYPE_ACTIVE ? "active" : "retired");
    json_put_bool(out, "keyed", type.keyed);
    json_key(out, "holder_kinds");
    json_array(out);
    for (uint32_t i = 0; i < type.holder_kind_count; i++) json_uint(out, type.holder_kinds[i]);
    json_array_end(out);
    put_elements(out, &type);
    json_put_uint(out, "days_max", type.days_max);
    json_put_bool(out, "unlimited", type.unlimited_allowed);
    put_member_name(out, snapshot, "definer", type.definer_no, &err);
    put_member_name(out, snapshot, "supervisor", type.supervisor_no, &err);
    json_object_end(out);
    return err;
}

void browse_type(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = route_snapshot(rpc, request);
    struct bytes value;
    size_t cap;
    if (snapshot == NULL) return;
    uint8_t *scratch = request_scratch(request, &cap);
    struct json_out out = json_write(scratch, cap);
    const enum found found = snapshot_by_id(snapshot, OBJECT_TYPE, bytes_text(args->at[0]), &value);
    if (found == FOUND_ABSENT) {
        route_refuse(rpc, request, CODE_TYPE_UNKNOWN, NULL);
        return;
    }
    const enum err err = found == FOUND_YES ? put_type(&out, snapshot, value) : ERR_CORRUPT;
    if (err != ERR_OK) route_fault(rpc, request, err);
    else answer_json(request, &out);
}

/* ---- members ---- */

static void put_keys_of(struct json_out *out, const struct snapshot *snapshot, uint32_t member_no, enum err *err) {
    json_key(out, "keys");
    json_array(out);
    for (uint32_t no = snapshot_next(snapshot, OBJECT_KEY, 0); no != NO_NONE && *err == ERR_OK; no = snapshot_next(snapshot, OBJECT_KEY, no + 1)) {
        struct key_record key;
        struct bytes value;
        if (snapshot_by_no(snapshot, OBJECT_KEY, no, &value) != FOUND_YES || key_record_decode(&key, value).code != CODE_OK) {
            *err = ERR_CORRUPT;
            break;
        }
        if (key.member_no != member_no) continue;
        json_object(out);
        json_put_hex(out, "kid", key.thumb, 32);
        json_put_string(out, "alg", key_alg_name(key.key.alg));
        json_put_string(out, "use", key_use_name(key.use));
        json_put_time(out, "active_from", key.active_from_ms);
        json_key(out, "active_to");
        if (key.active_to_ms < TIME_MS_MAX) json_time(out, key.active_to_ms);
        else json_null(out);
        json_key(out, "compromised_since");
        if (key.compromised_since != UINT64_MAX) json_uint(out, key.compromised_since);
        else json_null(out);
        json_object_end(out);
    }
    json_array_end(out);
}

static const char *member_state_name(enum member_state state) {
    switch (state) {
    case MEMBER_ACTIVE: return "active";
    case MEMBER_SUSPENDED: return "suspended";
    case MEMBER_REMOVED: return "removed";
    }
    return NULL;
}

static void put_types_of(struct json_out *out, const struct snapshot *snapshot, const struct member *member, enum err *err) {
    struct licence_type type;
    struct bytes value;
    json_key(out, "types");
    json_array(out);
    for (uint32_t i = 0; i < member->type_count && *err == ERR_OK; i++) {
        const bool there = snapshot_by_no(snapshot, OBJECT_TYPE, member->types[i], &value) == FOUND_YES &&
                           licence_type_decode(&type, value).code == CODE_OK;
        if (there) json_text(out, type.code);
        else *err = ERR_CORRUPT;
    }
    json_array_end(out);
}

static enum err put_member(struct json_out *out, const struct snapshot *snapshot, struct bytes value) {
    static const enum key_use roles[] = {USE_GOVERN, USE_ISSUE, USE_SEAL, USE_VERIFY, USE_AUDIT, USE_OPERATE};
    struct member member;
    enum err err = ERR_OK;
    if (member_decode(&member, value).code != CODE_OK) return ERR_CORRUPT;
    json_object(out);
    json_put_text(out, "uscc", member.uscc);
    json_put_uint(out, "no", member.no);
    json_put_text(out, "name", member.name);
    json_put_uint(out, "region", member.region);
    json_put_string(out, "state", member_state_name(member.state));
    json_key(out, "roles");
    json_array(out);
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (member.roles & ROLE(roles[i])) json_string(out, key_use_name(roles[i]));
    }
    json_array_end(out);
    json_put_uint(out, "issued", member.issued);
    put_types_of(out, snapshot, &member, &err);
    put_keys_of(out, snapshot, member.no, &err);
    json_object_end(out);
    return err;
}

/* ---- pages ---- */

static void answer_list(struct rpc *rpc, struct request *request, enum object_kind wanted, const char *name) {
    const struct snapshot *snapshot = route_snapshot(rpc, request);
    struct route_page page;
    size_t cap;
    if (snapshot == NULL || !route_page(rpc, request, PAGE_MAX, &page)) return;
    uint8_t *scratch = request_scratch(request, &cap);
    struct json_out out = json_write(scratch, cap);
    uint32_t shown = 0, last = 0;
    bool more = false;
    enum err err = ERR_OK;
    json_object(&out);
    json_key(&out, name);
    json_array(&out);
    uint32_t no = page.has_after ? (uint32_t)(page.after < NO_NONE ? page.after + 1 : NO_NONE) : 0;
    for (no = snapshot_next(snapshot, wanted, no); no != NO_NONE && err == ERR_OK; no = snapshot_next(snapshot, wanted, no + 1)) {
        struct bytes value;
        more = shown == page.limit;
        if (more) break;
        if (snapshot_by_no(snapshot, wanted, no, &value) != FOUND_YES) err = ERR_CORRUPT;
        else if (wanted == OBJECT_TYPE) err = put_type(&out, snapshot, value);
        else if (wanted == OBJECT_SEAL) err = seal_put(&out, snapshot, value);
        else err = put_member(&out, snapshot, value);
        last = no;
        shown++;
    }
    json_array_end(&out);
    json_key(&out, "next"); /* to be given as ?after= */
    if (more) json_uint(&out, last);
    else json_null(&out);
    json_object_end(&out);
    if (err != ERR_OK) route_fault(rpc, request, err);
    else answer_json(request, &out);
}

void browse_members(struct rpc *rpc, struct request *request, const struct route_args *args) {
    (void)args;
    answer_list(rpc, request, OBJECT_MEMBER, "members");
}

void browse_types(struct rpc *rpc, struct request *request, const struct route_args *args) {
    (void)args;
    answer_list(rpc, request, OBJECT_TYPE, "types");
}

void browse_seals(struct rpc *rpc, struct request *request, const struct route_args *args) {
    (void)args;
    answer_list(rpc, request, OBJECT_SEAL, "seals");
}
