#include "tools/licence/licence_print.h"


const char *member_text(const json_t *object, const char *name) {
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "-";
}

void licence_add_known(json_t *row, const struct licence_known *known) {
    static const struct { const char *name, *code; } rows[] = {
        {"identifier", ELEMENT_IDENTIFIER}, {"number", "ZZBH"}, {"holder_name", "CZZT"}, {"holder_code", "CZZTDM"}};
    const char *type = licence_known_type(known->view, json_string_value(json_object_get(row, "type")));
    json_object_set_new(row, "type_name", type ? json_string(type) : json_null());
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *value = licence_known_element(known, rows[i].code);
        if (json_is_null(value) && json_is_string(json_object_get(row, rows[i].name))) continue; /* the asker, or the node, knew it */
        json_object_set_new(row, rows[i].name, value);
    }
    json_object_set_new(row, "hidden", json_boolean(!known->opened));
}

void licence_tell(const json_t *row) {
    const char *identifier = json_string_value(json_object_get(row, "identifier"));
    (void)cli_fail(0, SAY("licence: %s  %s", "证照：%s  %s"), member_text(row, "type_name"), identifier ? identifier : member_text(row, "key"));
    if (json_is_true(json_object_get(row, "hidden"))) (void)cli_fail(0, "%s", SAY("  holder: hidden here (not in the private/ of this machine)", "  持证主体：此处不可见（不在本机 private/ 中）"));
    else (void)cli_fail(0, SAY("  holder: %s, number: %s", "  持证主体：%s，证照编号：%s"), member_text(row, "holder_name"), member_text(row, "number"));
}
