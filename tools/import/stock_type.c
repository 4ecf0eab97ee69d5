#include <jansson.h>

#include "tools/import/stock.h"

static bool stock_type_text(struct bytes *out, const json_t *object, const char *name, size_t max) {
    const json_t *value = json_object_get(object, name);
    *out = bytes_of(json_string_value(value), json_string_length(value));
    return json_is_string(value) && out->len >= 1 && out->len <= max;
}

/* "001" in the catalogue; a number where a program wrote it. */
static bool holder_kind(uint32_t *out, const json_t *value) {
    json_int_t number = json_integer_value(value);
    if (json_is_string(value)) number = strtol(json_string_value(value), NULL, 10);
    *out = number > 0 && number <= 999 ? (uint32_t)number : 0;
    return *out != 0;
}

bool stock_type_from_json(struct licence_type *out, const struct json_t *json) {
    const json_t *kinds = json_object_get(json, "holder_kinds"), *elements = json_object_get(json, "elements");
    const json_t *days = json_object_get(json, "days_max");
    memset(out, 0, sizeof *out);
    if (!stock_type_text(&out->code, json, "code", TYPE_CODE_LEN) || !stock_type_text(&out->name, json, "name", NAME_MAX_BYTES)) return false;
    if (json_array_size(kinds) < 1 || json_array_size(kinds) > HOLDER_KINDS_MAX || json_array_size(elements) > ELEMENTS_MAX) return false;
    for (size_t i = 0; i < json_array_size(kinds); i++)
        if (!holder_kind(&out->holder_kinds[out->holder_kind_count++], json_array_get(kinds, i))) return false;
    for (size_t i = 0; i < json_array_size(elements); i++) {
        const json_t *one = json_array_get(elements, i);
        struct element *element = &out->elements[out->element_count++];
        if (!stock_type_text(&element->code, one, "code", ELEMENT_CODE_MAX) || !stock_type_text(&element->label, one, "label", NAME_MAX_BYTES)) return false;
        element->mandatory = json_is_true(json_object_get(one, "mandatory"));
    }
    json_int_t days_max = json_integer_value(days);
    out->days_max = days_max > 0 && days_max <= DAY_MAX - DAY_MIN ? (uint32_t)days_max : 0;
    out->unlimited_allowed = json_is_true(json_object_get(json, "unlimited"));
    out->keyed = !json_is_false(json_object_get(json, "keyed"));
    return true;
}
