/* Licence types, page by page: few, public, read by every client before it signs or asks. */
#include "rpc/page.h"

#define TYPES_PAGE 100u

static void put_member_name(struct emit *out, const struct snapshot *snapshot, const char *name, uint32_t no, enum err *err) {
    struct bytes value;
    struct member member;
    emit_key(out, name);
    if (no == NO_NONE) {
        emit_null(out);
    } else if (snapshot_by_no(snapshot, OBJECT_MEMBER, no, &value) != FOUND_YES || member_decode(&member, value).code != CODE_OK) {
        *err = ERR_CORRUPT;
        emit_null(out);
    } else {
        emit_text(out, member.uscc);
    }
}

static void put_elements(struct emit *out, const struct licence_type *type) {
    emit_key(out, "elements");
    emit_array(out);
    for (uint32_t i = 0; i < type->element_count; i++) {
        const struct element *element = &type->elements[i];
        emit_object(out);
        emit_put_text(out, "code", element->code);
        emit_put_text(out, "label", element->label);
        emit_put_bool(out, "mandatory", element->mandatory);
        emit_put_uint(out, "sensitivity", element->sensitivity);
        emit_object_end(out);
    }
    emit_array_end(out);
}

static enum err put_type(struct emit *out, const struct snapshot *snapshot, struct bytes value, void *context) {
    struct licence_type type;
    enum err err = ERR_OK;
    (void)context;
    if (licence_type_decode(&type, value).code != CODE_OK) return ERR_CORRUPT;
    emit_object(out);
    emit_put_text(out, "code", type.code);
    emit_put_uint(out, "no", type.no);
    emit_put_text(out, "name", type.name);
    emit_put_string(out, "state", type.state == TYPE_ACTIVE ? "active" : "retired");
    emit_put_bool(out, "keyed", type.keyed);
    emit_key(out, "holder_kinds");
    emit_array(out);
    for (uint32_t i = 0; i < type.holder_kind_count; i++) emit_uint(out, type.holder_kinds[i]);
    emit_array_end(out);
    put_elements(out, &type);
    emit_put_uint(out, "days_max", type.days_max);
    emit_put_bool(out, "unlimited", type.unlimited_allowed);
    put_member_name(out, snapshot, "definer", type.definer_no, &err);
    put_member_name(out, snapshot, "supervisor", type.supervisor_no, &err);
    emit_object_end(out);
    return err;
}

static void browse_type(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    struct bytes value;
    if (snapshot == NULL) return;
    struct emit out = handler_json(request);
    const enum found found = snapshot_by_id(snapshot, OBJECT_TYPE, bytes_text(args->at[0]), &value);
    if (found == FOUND_ABSENT) {
        handler_refuse(rpc, request, CODE_TYPE_UNKNOWN, NULL);
        return;
    }
    const enum err err = found == FOUND_YES ? put_type(&out, snapshot, value, NULL) : ERR_CORRUPT;
    handler_answer(rpc, request, &out, err);
}

static void browse_types(struct rpc *rpc, struct request *request, const struct route_args *args) {
    (void)args;
    page_of_kind(rpc, request, &(struct page_kind){.kind = OBJECT_TYPE, .most = TYPES_PAGE, .name = "types", .put = put_type});
}

const struct route TYPE_ROUTES[] = {
    {.method = METHOD_GET, .path = "/v1/types", .handle = browse_types},
    {.method = METHOD_GET, .path = "/v1/types/{}", .handle = browse_type},
    {.path = NULL},
};
