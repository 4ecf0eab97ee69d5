#include "tools/licence/licence_known.h"

#include "tools/client/beside_key.h"

int licence_known_open(struct licence_known *out, const struct cli *cli, const struct ledger_view *view) {
    *out = (struct licence_known){.view = view, .buffer = malloc(PRIVATE_MAX)};
    if (!out->buffer) return cli_fail(EXIT_ERROR, SAY("out of memory", "内存不足"));
    return private_beside_key(&out->store, cli, false);
}

void licence_known_close(struct licence_known *known) {
    if (known->store) private_close(known->store);
    if (known->buffer) bytes_wipe(known->buffer, PRIVATE_MAX);
    free(known->buffer);
    bytes_wipe(known, sizeof *known);
}

void licence_known_of(struct licence_known *known, const uint8_t key32[32], const uint8_t *root32) {
    bool fits = true;
    known->opened = false;
    if (!known->store) return;
    const enum err err = root32 ? private_get_for(known->store, key32, root32, &known->held, known->buffer, PRIVATE_MAX, &fits)
                                : private_get(known->store, key32, &known->held, known->buffer, PRIVATE_MAX);
    known->opened = err == ERR_OK && fits;
}

json_t *licence_known_element(const struct licence_known *known, const char *code) {
    for (uint32_t i = 0; known->opened && i < known->held.field_count; i++)
        if (bytes_equal(known->held.fields[i].code, bytes_text(code)))
            return json_stringn((const char *)known->held.fields[i].value.data, known->held.fields[i].value.len);
    return json_null();
}

const char *licence_known_type(const struct ledger_view *view, const char *type_code) {
    for (size_t i = 0; type_code && i < json_array_size(view->types); i++) {
        const json_t *type = json_array_get(view->types, i);
        const char *code = json_string_value(json_object_get(type, "code"));
        if (code && strcmp(code, type_code) == 0) return json_string_value(json_object_get(type, "name"));
    }
    return NULL;
}
