/* The licence type: what a licence of it must and may be. */
#include "ledger/wire/object_part.h"

#define LABEL_MAX NAME_MAX_BYTES
#define SENSITIVITY_MAX 2u

static void object_type_elements_get(struct wire_in *in, struct licence_type *out) {
    wire_field(in, "elements");
    out->element_count = (uint32_t)wire_get_array(in, 1, ELEMENTS_MAX);
    for (uint32_t i = 0; i < out->element_count && in->why == CODE_OK; i++) {
        struct element *element = &out->elements[i];
        wire_field(in, "element");
        wire_get_array(in, 4, 4);
        element->code = part_code(in, "element.code", 1, ELEMENT_CODE_MAX);
        if (in->why == CODE_OK && i > 0 && bytes_order(element[-1].code, element->code) >= 0) wire_fail(in, CODE_CBOR_KEY_ORDER);
        element->label = part_text(in, "element.label", 1, LABEL_MAX);
        wire_field(in, "element.mandatory");
        element->mandatory = wire_get_bool(in);
        element->sensitivity = part_u32(in, "element.sensitivity", 0, SENSITIVITY_MAX);
    }
}

struct refusal licence_type_decode(struct licence_type *out, struct bytes value) {
    struct wire_in in = wire_read(value);
    *out = (struct licence_type){0};
    part_start(&in, OBJECT_TYPE, 13);
    out->code = part_code(&in, "code", TYPE_CODE_LEN, TYPE_CODE_LEN);
    out->no = part_no(&in, "no");
    out->name = part_text(&in, "name", 1, NAME_MAX_BYTES);
    out->state = (enum type_state)part_u32(&in, "state", TYPE_ACTIVE, TYPE_RETIRED);
    wire_field(&in, "keyed");
    out->keyed = wire_get_bool(&in);
    wire_field(&in, "holder_kinds");
    out->holder_kind_count = (uint32_t)wire_get_array(&in, 1, HOLDER_KINDS_MAX);
    for (uint32_t i = 0; i < out->holder_kind_count; i++) out->holder_kinds[i] = part_u32(&in, "holder_kind", 1, HOLDER_KIND_MAX);
    object_type_elements_get(&in, out);
    out->days_max = part_u32(&in, "days_max", 0, DAY_MAX - DAY_MIN);
    wire_field(&in, "unlimited_allowed");
    out->unlimited_allowed = wire_get_bool(&in);
    out->definer_no = part_no(&in, "definer_no");
    out->supervisor_no = part_no_or_none(&in, "supervisor_no");
    wire_field(&in, "scope");
    out->scope_count = (uint32_t)wire_get_array(&in, 0, MEMBERS_MAX);
    for (uint32_t i = 0; i < out->scope_count; i++) out->scope[i] = part_no(&in, "scope.member");
    return wire_done(&in);
}

bool licence_type_encode(struct wire_out *out, const struct licence_type *type) {
    size_t start = out->len;
    part_start_put(out, OBJECT_TYPE, 13);
    wire_put_text(out, type->code);
    wire_put_uint(out, type->no);
    wire_put_text(out, type->name);
    wire_put_uint(out, type->state);
    wire_put_bool(out, type->keyed);
    wire_put_array(out, type->holder_kind_count);
    for (uint32_t i = 0; i < type->holder_kind_count; i++) wire_put_uint(out, type->holder_kinds[i]);
    wire_put_array(out, type->element_count);
    for (uint32_t i = 0; i < type->element_count; i++) {
        const struct element *element = &type->elements[i];
        wire_put_array(out, 4);
        wire_put_text(out, element->code);
        wire_put_text(out, element->label);
        wire_put_bool(out, element->mandatory);
        wire_put_uint(out, element->sensitivity);
    }
    wire_put_uint(out, type->days_max);
    wire_put_bool(out, type->unlimited_allowed);
    wire_put_uint(out, type->definer_no);
    part_no_or_none_put(out, type->supervisor_no);
    wire_put_array(out, type->scope_count);
    for (uint32_t i = 0; i < type->scope_count; i++) wire_put_uint(out, type->scope[i]);
    return part_fits(out, start);
}
