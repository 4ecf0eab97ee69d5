#include "tools/cli/message.h"

#include <inttypes.h>
#include <stdarg.h>
#include <time.h>
#include <unistd.h>
#include <unistr.h>

#include "tools/cli/json_out.h"
#include "tools/cli/progress.h"
#include "tools/document/text_print.h"

int cli_fail(int exit_code, const char *format, ...) {
    char *text = NULL, *other = NULL;
    va_list args, again;
    progress_pause();
    va_start(args, format);
    va_copy(again, args);
    if (vasprintf(&text, format, args) < 0) text = NULL;
    if (cli_error_on()) other = cli_sentence_otherwise(format, again); /* before anything else is said */
    va_end(again);
    va_end(args);
    (void)fprintf(stderr, "licet: %s\n", text ? text_shown(text) : "out of memory"); /* names of files and answers of nodes stand in it */
    if (text) cli_error_said(exit_code, cli_chinese() ? other : text, cli_chinese() ? text : other);
    free(other);
    free(text);
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
    if (refusal->item != REFUSAL_NO_ITEM) cli_build(item, sizeof item, SAY(" (item %" PRIu32 ")", "（第 %" PRIu32 " 项）"), refusal->item);
    if (refusal->entry != REFUSAL_NO_ENTRY) cli_build(entry, sizeof entry, SAY(" (entry %" PRIu64 ")", "（条目 %" PRIu64 "）"), refusal->entry);
    cli_error_refused(refusal, refusal_exit(refusal->code));
    if (refusal->state) cli_build(met, sizeof met, SAY(" (its state: %s)", "（当前状态 %s）"), cli_state_text(refusal->state));
    else if (refusal->measured && refusal->limit == 0) cli_build(met, sizeof met, SAY(" (met %" PRId64 ")", "（所遇 %" PRId64 "）"), refusal->met);
    else if (refusal->measured) cli_build(met, sizeof met, SAY(" (met %" PRId64 ", the rule's %" PRId64 ")", "（所遇 %" PRId64 "，规定 %" PRId64 "）"), refusal->met, refusal->limit);
    return cli_fail(refusal_exit(refusal->code), "%d %s%s%s%s%s%s%s", (int)refusal->code, code_name(refusal->code), field, item, entry, met, SAY(": ", "："),
                    cli_code_text(refusal->code));
}
