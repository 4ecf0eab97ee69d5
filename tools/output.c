#include <inttypes.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>

#include "tools/cli.h"
#include "tools/document/text_print.h"
#include "tools/progress.h"

int cli_fail(int exit_code, const char *format, ...) {
    progress_pause();
    char text[4096]; /* what a node or a file says of itself may stand in it */
    (void)fputs("licet: ", stderr);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    text_print_to(stderr, text);
    (void)fputc('\n', stderr);
    return exit_code;
}

bool cli_confirmed(const char *format, ...) {
    char answer[16];
    va_list args;
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    return fgets(answer, sizeof answer, stdin) && (strcmp(answer, "yes\n") == 0 || strcmp(answer, "yes") == 0);
}

int refusal_exit(enum code code) {
    if (code == CODE_OK || code == CODE_ALREADY_ENTERED) return EXIT_VALID;
    if (code == CODE_LICENCE_UNKNOWN || code == CODE_SEAL_UNKNOWN) return EXIT_UNKNOWN;
    if (code == CODE_CORRUPT || code == CODE_HASH_MISMATCH || code == CODE_PROOF_MISMATCH) return EXIT_INTEGRITY;
    if (code == CODE_NO_ROOM || code == CODE_READ_ONLY || code == CODE_STORAGE) return EXIT_STORAGE;
    return code_http(code) == 403 ? EXIT_FORBIDDEN : EXIT_ERROR;
}

int cli_refused(const struct refusal *refusal) {
    char field[96] = "", item[32] = "", entry[40] = "", met[96] = "";
    if (refusal->field) (void)snprintf(field, sizeof field, " [%s]", refusal->field);
    if (refusal->item != REFUSAL_NO_ITEM) (void)snprintf(item, sizeof item, SAY(" (item %" PRIu32 ")", "（第 %" PRIu32 " 项）"), refusal->item);
    if (refusal->entry != REFUSAL_NO_ENTRY) (void)snprintf(entry, sizeof entry, SAY(" (entry %" PRIu64 ")", "（条目 %" PRIu64 "）"), refusal->entry);
    if (refusal->state) (void)snprintf(met, sizeof met, SAY(" (its state: %s)", "（当前状态 %s）"), cli_state_text(refusal->state));
    else if (refusal->measured && refusal->limit == 0) (void)snprintf(met, sizeof met, SAY(" (met %" PRId64 ")", "（所遇 %" PRId64 "）"), refusal->met);
    else if (refusal->measured) (void)snprintf(met, sizeof met, SAY(" (met %" PRId64 ", the rule's %" PRId64 ")", "（所遇 %" PRId64 "，规定 %" PRId64 "）"), refusal->met, refusal->limit);
    return cli_fail(refusal_exit(refusal->code), "%d %s%s%s%s%s%s%s", (int)refusal->code, code_name(refusal->code), field, item, entry, met, SAY(": ", "："),
                    cli_code_text(refusal->code));
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
