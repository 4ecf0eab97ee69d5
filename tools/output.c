#include <inttypes.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

#include "tools/cli.h"
#include "tools/progress.h"

static enum { LANGUAGE_ASK, LANGUAGE_EN, LANGUAGE_ZH } language;

bool cli_set_language(const char *name) {
    bool zh = strcmp(name, "zh") == 0;
    if (!zh && strcmp(name, "en") != 0) return false;
    language = zh ? LANGUAGE_ZH : LANGUAGE_EN;
    return true;
}

bool cli_chinese(void) {
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; language == LANGUAGE_ASK && i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && value[0]) language = strncmp(value, "zh", 2) == 0 ? LANGUAGE_ZH : LANGUAGE_EN;
    }
    return language == LANGUAGE_ZH;
}

int cli_fail(int exit_code, const char *format, ...) {
    progress_pause();
    (void)fputs("licet: ", stderr);
    va_list args;
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
    return exit_code;
}

int refusal_exit(enum code code) {
    if (code == CODE_OK || code == CODE_ALREADY_ENTERED) return EXIT_VALID;
    if (code == CODE_LICENCE_UNKNOWN || code == CODE_SEAL_UNKNOWN) return EXIT_UNKNOWN;
    if (code == CODE_CORRUPT || code == CODE_HASH_MISMATCH || code == CODE_PROOF_MISMATCH) return EXIT_INTEGRITY;
    if (code == CODE_NO_ROOM || code == CODE_READ_ONLY || code == CODE_STORAGE) return EXIT_STORAGE;
    return code_http(code) == 403 ? EXIT_FORBIDDEN : EXIT_ERROR;
}

int cli_refused(const struct refusal *refusal) {
    char field[96] = "", item[32] = "", entry[40] = "";
    if (refusal->field) (void)snprintf(field, sizeof field, " [%s]", refusal->field);
    if (refusal->item != REFUSAL_NO_ITEM) (void)snprintf(item, sizeof item, " (item %" PRIu32 ")", refusal->item);
    if (refusal->entry != REFUSAL_NO_ENTRY) (void)snprintf(entry, sizeof entry, " (entry %" PRIu64 ")", refusal->entry);
    const char *first = cli_chinese() ? code_zh(refusal->code) : code_en(refusal->code);
    const char *second = cli_chinese() ? code_en(refusal->code) : code_zh(refusal->code);
    return cli_fail(refusal_exit(refusal->code), "%d %s%s%s%s: %s / %s", (int)refusal->code, code_name(refusal->code), field, item, entry, first, second);
}

json_t *cli_json_text(const char *text) {
    json_t *json = json_string(text);
    if (json) return json;
    char *copy = strdup(text);
    for (char *c = copy; c && *c; c++)
        if ((unsigned char)*c >= 0x80) *c = '?';
    json = copy ? json_string(copy) : NULL;
    free(copy);
    return json;
}

void cli_print_json(json_t *value) {
    char *text = json_dumps(value, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENCODE_ANY);
    ASSERT(text);
    (void)puts(text);
    free(text);
    json_decref(value);
}

int64_t time_now_ms(void) {
    struct timespec now;
    ASSERT(clock_gettime(CLOCK_REALTIME, &now) == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
