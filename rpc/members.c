/* Members, page by page, each with its keys; and one alone, by its code or by one of its keys. */
#include "rpc/page.h"

#define MEMBERS_PAGE 100u

/* ---- keys: all are read once in a call, however many members are shown ---- */

struct keys {
    struct key_object *list; /* of one member those of smaller number first; malloc'd */
    size_t count, room;
};

static enum err keep_key(struct keys *keys, const struct key_object *key) {
    if (keys->count == keys->room) {
        const size_t room = keys->room > 0 ? 2 * keys->room : 64;
        struct key_object *list = realloc(keys->list, room * sizeof *list);
        if (list == NULL) return ERR_MEMORY;
        keys->list = list;
        keys->room = room;
    }
    keys->list[keys->count++] = *key;
    return ERR_OK;
}

static int by_member(const void *a, const void *b) {
    const struct key_object *x = a, *y = b;
    if (x->member_no != y->member_no) return x->member_no < y->member_no ? -1 : 1;
    return x->no < y->no ? -1 : x->no > y->no;
}

/* Those of one member; member_no NO_NONE: of all. */
static enum err read_keys(struct keys *keys, const struct snapshot *snapshot, uint32_t member_no) {
    for (uint32_t no = snapshot_next(snapshot, OBJECT_KEY, 0); no != NO_NONE; no = snapshot_next(snapshot, OBJECT_KEY, no + 1)) {
        struct key_object key;
        struct bytes value;
        if (snapshot_by_no(snapshot, OBJECT_KEY, no, &value) != FOUND_YES || key_object_decode(&key, value).code != CODE_OK) return ERR_CORRUPT;
        const enum err err = member_no == NO_NONE || key.member_no == member_no ? keep_key(keys, &key) : ERR_OK;
        if (err != ERR_OK) return err;
    }
    if (keys->count > 0) qsort(keys->list, keys->count, sizeof *keys->list, by_member);
    return ERR_OK;
}

static void put_key_object(struct emit *out, const struct key_object *key) {
    emit_object(out);
    emit_put_hex(out, "kid", key->thumb, 32);
    emit_put_string(out, "alg", key_alg_name(key->key.alg));
    emit_put_string(out, "use", key_use_name(key->use));
    emit_put_time(out, "active_from", key->active_from_ms);
    emit_key(out, "active_to");
    if (key->active_to_ms < TIME_MS_MAX) emit_time(out, key->active_to_ms);
    else emit_null(out);
    emit_key(out, "compromised_since");
    if (key->compromised_since != UINT64_MAX) emit_uint(out, key->compromised_since);
    else emit_null(out);
    emit_object_end(out);
}

static void put_keys_of(struct emit *out, const struct keys *keys, uint32_t member_no) {
    size_t low = 0, high = keys->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (keys->list[middle].member_no < member_no) low = middle + 1;
        else high = middle;
    }
    emit_key(out, "keys");
    emit_array(out);
    for (; low < keys->count && keys->list[low].member_no == member_no; low++) put_key_object(out, &keys->list[low]);
    emit_array_end(out);
}

/* ---- members ---- */

static const char *member_state_name(enum member_state state) {
    switch (state) {
    case MEMBER_ACTIVE: return "active";
    case MEMBER_SUSPENDED: return "suspended";
    case MEMBER_REMOVED: return "removed";
    }
    return NULL;
}

static void put_types_of(struct emit *out, const struct snapshot *snapshot, const struct member *member, enum err *err) {
    struct licence_type type;
    struct bytes value;
    emit_key(out, "types");
    emit_array(out);
    for (uint32_t i = 0; i < member->type_count && *err == ERR_OK; i++) {
        const bool there = snapshot_by_no(snapshot, OBJECT_TYPE, member->types[i], &value) == FOUND_YES &&
                           licence_type_decode(&type, value).code == CODE_OK;
        if (there) emit_text(out, type.code);
        else *err = ERR_CORRUPT;
    }
    emit_array_end(out);
}

static enum err put_member_object(struct emit *out, const struct snapshot *snapshot, struct bytes value, void *context) {
    static const enum key_use roles[] = {USE_GOVERN, USE_ISSUE, USE_SEAL, USE_VERIFY, USE_AUDIT, USE_OPERATE};
    struct member member;
    enum err err = ERR_OK;
    if (member_decode(&member, value).code != CODE_OK) return ERR_CORRUPT;
    emit_object(out);
    emit_put_text(out, "uscc", member.uscc);
    emit_put_uint(out, "no", member.no);
    emit_put_text(out, "name", member.name);
    emit_put_uint(out, "region", member.region);
    emit_put_string(out, "state", member_state_name(member.state));
    emit_key(out, "roles");
    emit_array(out);
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (member.roles & ROLE(roles[i])) emit_string(out, key_use_name(roles[i]));
    }
    emit_array_end(out);
    emit_put_uint(out, "issued", member.issued);
    put_types_of(out, snapshot, &member, &err);
    put_keys_of(out, context, member.no);
    emit_object_end(out);
    return err;
}

/* ---- pages ---- */

static void answer_members(struct rpc *rpc, struct request *request) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    struct keys keys = {.count = 0};
    if (snapshot == NULL) return;
    const enum err err = read_keys(&keys, snapshot, NO_NONE);
    if (err != ERR_OK) handler_fault(rpc, request, err);
    else page_of_kind(rpc, request, &(struct page_kind){.kind = OBJECT_MEMBER, .most = MEMBERS_PAGE, .name = "members", .put = put_member_object, .context = &keys});
    free(keys.list);
}

/* The list with the one member in it. */
static void answer_member(struct rpc *rpc, struct request *request, const struct snapshot *snapshot, enum found found, struct bytes value, enum code unknown) {
    struct keys keys = {.count = 0};
    struct page_out list;
    struct member member;
    if (found == FOUND_ABSENT) {
        handler_refuse(rpc, request, unknown, NULL);
        return;
    }
    enum err err = found == FOUND_YES && member_decode(&member, value).code == CODE_OK ? read_keys(&keys, snapshot, member.no) : ERR_CORRUPT;
    struct emit out = handler_json(request);
    emit_object(&out);
    page_begin(&list, &out, "members");
    if (err == ERR_OK) err = put_member_object(&out, snapshot, value, &keys);
    page_end(&list, false, 0);
    emit_object_end(&out);
    free(keys.list);
    handler_answer(rpc, request, &out, err);
}

static void answer_member_of_key(struct rpc *rpc, struct request *request, const char *hex) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    struct key_object key;
    struct bytes value;
    uint8_t kid[32];
    if (snapshot == NULL) return;
    if (!hex_decode(kid, sizeof kid, hex, strlen(hex))) {
        handler_refuse(rpc, request, CODE_HEX_INVALID, "kid");
        return;
    }
    enum found found = snapshot_by_id(snapshot, OBJECT_KEY, bytes_of(kid, sizeof kid), &value);
    if (found == FOUND_YES && key_object_decode(&key, value).code != CODE_OK) found = FOUND_FAULT;
    if (found == FOUND_YES && snapshot_by_no(snapshot, OBJECT_MEMBER, key.member_no, &value) != FOUND_YES) found = FOUND_FAULT;
    answer_member(rpc, request, snapshot, found, value, CODE_KID_UNKNOWN);
}

static void answer_member_of_code(struct rpc *rpc, struct request *request, const char *uscc) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    struct bytes value;
    if (snapshot == NULL) return;
    const enum found found = snapshot_by_id(snapshot, OBJECT_MEMBER, bytes_text(uscc), &value);
    answer_member(rpc, request, snapshot, found, value, CODE_MEMBER_UNKNOWN);
}

static void members_get(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const char *kid = request_parameter(request, "kid"), *uscc = request_parameter(request, "uscc");
    (void)args;
    if (kid != NULL) answer_member_of_key(rpc, request, kid);
    else if (uscc != NULL) answer_member_of_code(rpc, request, uscc);
    else answer_members(rpc, request);
}

const struct route MEMBER_ROUTES[] = {
    {.method = METHOD_GET, .path = "/v1/members", .handle = members_get},
    {.path = NULL},
};
