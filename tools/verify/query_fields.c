#include "tools/verify/query_fields.h"

#include "ledger/base/limits.h"
#include "ledger/wire/cbor.h"

static const char *const field_names[] = {"type", "number", "holder_code", "holder_name"};

/* "number=123": one of the four fields? */
bool query_field_is(const char *text) {
    for (size_t i = 0; i < sizeof field_names / sizeof *field_names; i++) {
        size_t len = strlen(field_names[i]);
        if (strncmp(text, field_names[i], len) == 0 && text[len] == '=') return true;
    }
    return false;
}

static int add_field(json_t *fields, const char *text) {
    const char *equals = strchr(text, '=');
    if (!query_field_is(text)) return cli_fail(EXIT_USAGE, SAY("--fields %s: must be type=, number=, holder_code= or holder_name=", "--fields %s：应为 type=、number=、holder_code= 或 holder_name="), text);
    if (text_check(bytes_text(equals + 1)) != CODE_OK) return cli_fail(EXIT_USAGE, SAY("--fields %.*s: %s: %s", "--fields %.*s：%s：%s"), (int)(equals - text), text, code_name(CODE_TEXT_INVALID), cli_code_text(CODE_TEXT_INVALID));
    if (strncmp(text, "type=", 5) == 0 && strlen(equals + 1) != TYPE_CODE_LEN)
        return cli_fail(EXIT_USAGE, SAY("--fields type=%s: takes a type's code of %u characters; `licet type list` shows them", "--fields type=%s：应为 %u 位类型代码；可用 `licet type list` 查看"), equals + 1,
                        (unsigned)TYPE_CODE_LEN);
    json_t *value = json_string(equals + 1);
    ASSERT(value);
    char name[16];
    (void)snprintf(name, sizeof name, "%.*s", (int)(equals - text), text);
    json_object_set_new(fields, name, value);
    return EXIT_VALID;
}

int query_fields_read(json_t **out, const struct options *options) {
    *out = json_object();
    int done = EXIT_VALID;
    for (size_t i = 0; i < options->count && done == EXIT_VALID; i++)
        if (strcmp(options->given[i].name, "fields") == 0) done = add_field(*out, options->given[i].value);
    for (size_t i = 0; i < options->positional_count && done == EXIT_VALID; i++)
        if (query_field_is(options->positional[i])) done = add_field(*out, options->positional[i]);
    if (done == EXIT_VALID && (!json_object_get(*out, "type") || !json_object_get(*out, "number")))
        done = cli_fail(EXIT_USAGE, SAY("--fields needs type= and number= at least", "--fields 至少需要 type= 和 number="));
    return done;
}
