#include "tools/cli/json_out.h"

#include <unistr.h>

#include "tools/document/text_print.h"

static struct { bool on, answered, ends; json_t *error; } kept;

static const struct { int code; const char *name; } names[] = {
    {EXIT_USAGE, "usage"},   {EXIT_UNKNOWN, "unknown"},     {EXIT_MISMATCH, "mismatch"}, {EXIT_INTEGRITY, "integrity"},
    {EXIT_STALE, "stale"},   {EXIT_FORBIDDEN, "forbidden"}, {EXIT_STORAGE, "storage"},   {EXIT_ROLLBACK, "rollback"},
};

const char *exit_name(int exit_code) {
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].code == exit_code) return names[i].name;
    return "error";
}

void cli_error_begin(int argc, char **argv) {
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--json") == 0) kept.on = true;
}

json_t *cli_json_text(const char *text) {
    json_t *json = json_string(text);
    if (json) return json;
    char *copy = strdup(text);
    for (size_t at = 0; copy && copy[at];) {
        int len = u8_strmbtouc(&(ucs4_t){0}, (const uint8_t *)copy + at);
        if (len < 0) copy[at] = '?';
        at += len > 0 ? (size_t)len : 1;
    }
    json = copy ? json_string(copy) : NULL;
    free(copy);
    return json;
}

bool cli_error_on(void) { return kept.on; }

static void cli_error_keep(json_t *error, bool ends) {
    json_decref(kept.error);
    kept.error = error;
    kept.ends = ends;
}

void cli_error_said(int exit_code, const char *en, const char *zh) {
    if (!kept.on || kept.ends) return;
    json_t *error = json_pack("{s:n, s:n, s:o, s:o}", "code", "name", "en", cli_json_text(en ? en : zh), "zh", cli_json_text(zh ? zh : en));
    cli_error_keep(error, exit_code != 0);
}

void cli_error_refused(const struct refusal *refusal, int exit_code) {
    if (!kept.on || json_is_integer(json_object_get(kept.error, "code"))) return;
    json_t *error = json_pack("{s:i, s:s, s:s, s:s}", "code", (int)refusal->code, "name", code_name(refusal->code), "en", code_en(refusal->code), "zh",
                              code_zh(refusal->code));
    if (refusal->item != REFUSAL_NO_ITEM) json_object_set_new(error, "item", json_integer((json_int_t)refusal->item));
    if (refusal->entry != REFUSAL_NO_ENTRY) json_object_set_new(error, "entry", json_integer((json_int_t)refusal->entry));
    if (refusal->field) json_object_set_new(error, "field", cli_json_text(refusal->field));
    cli_error_keep(error, exit_code != 0);
}

json_t *cli_error_take(int exit_code) {
    json_t *error = kept.error ? kept.error : json_pack("{s:n, s:n, s:s, s:s}", "code", "name", "en", "see the messages on stderr", "zh", "见标准错误输出");
    kept.error = NULL;
    kept.ends = false;
    if (json_is_null(json_object_get(error, "name"))) json_object_set_new(error, "name", json_string(exit_name(exit_code)));
    return json_pack("{s:o, s:i}", "error", error, "exit", exit_code);
}

void cli_error_answered(void) { kept.answered = true; }

void cli_print_json(json_t *value) {
    char *text = json_dumps(value, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENCODE_ANY);
    ASSERT(text);
    char *shown = text_json(text);
    ASSERT(shown);
    (void)puts(shown);
    cli_error_answered();
    free(shown);
    free(text);
    json_decref(value);
}

void cli_error_end(int exit_code) {
    if (kept.on && !kept.answered && exit_code != 0) cli_print_json(cli_error_take(exit_code));
}
