#include "tools/cli/finding_words.h"

#include "crypto/errno_text.h"
#include "crypto/token.h"
#include "tools/cli/finding_rows.h"
#include "tools/cli/language.h"

#define CAPTURES 3u

/* Where each asterisk of the pattern begins and ends in the text. */
static bool finding_words_fits(const char *pattern, const char *text, struct bytes captured[CAPTURES]) {
    size_t count = 0;
    while (*pattern) {
        if (*pattern != '*') {
            if (*pattern++ != *text++) return false;
            continue;
        }
        const char *next = ++pattern;
        size_t len = strcspn(next, "*");
        const char *end = len == 0 ? text + strlen(text) : text;
        while (len > 0 && *end && (strncmp(end, next, len) != 0 || (next[len] == '\0' && end[len] != '\0'))) end++;
        if (count == CAPTURES || end == text || (len > 0 && *end == '\0')) return false;
        captured[count++] = bytes_of((const uint8_t *)text, (size_t)(end - text));
        text = end;
    }
    return *text == '\0';
}

static void finding_words_say(char out[FINDING_SHOWN], const char *english, unsigned depth);

/* The Chinese of one row, its asterisks filled with what was captured, itself said in Chinese where a row fits. */
static void finding_words_fill(char out[FINDING_SHOWN], const char *zh, const struct bytes captured[CAPTURES], unsigned depth) {
    size_t used = 0, count = 0;
    for (; *zh && used < FINDING_SHOWN - 1; zh++) {
        if (*zh != '*') {
            out[used++] = *zh;
            continue;
        }
        char part[FINDING_SHOWN], shown[FINDING_SHOWN];
        (void)snprintf(part, sizeof part, "%.*s", (int)captured[count].len, (const char *)captured[count].data);
        count++;
        finding_words_say(shown, part, depth + 1);
        const size_t len = strlen(shown), room = FINDING_SHOWN - 1 - used;
        memcpy(out + used, shown, len < room ? len : room);
        used += len < room ? len : room;
    }
    out[used] = '\0';
}

/* The Chinese of a fault, of a key file's or of the system's; NULL: it is none. */
static const char *text_of_machine(const char *english) {
    for (enum err err = ERR_OK; err <= ERR_PLACE; err = (enum err)(err + 1))
        if (strcmp(err_text(err), english) == 0) return cli_err_zh(err);
    for (enum keyfile_result result = KEYFILE_OK; result <= KEYFILE_IO; result = (enum keyfile_result)(result + 1))
        if (strcmp(keyfile_result_text(result), english) == 0) return cli_keyfile_zh(result);
    for (enum token_result result = TOKEN_OK; result <= TOKEN_FAULT; result = (enum token_result)(result + 1))
        if (strcmp(token_result_text(result), english) == 0) return token_result_zh(result);
    for (int number = 1; number <= ERRNO_LAST; number++)
        if (strcmp(errno_en(number), english) == 0) return errno_zh(number);
    return NULL;
}

static void finding_words_say(char out[FINDING_SHOWN], const char *english, unsigned depth) {
    struct bytes captured[CAPTURES];
    for (size_t i = 0; i < finding_row_count; i++) { /* a whole sentence comes before a pattern that fits it too */
        if (strcmp(finding_rows[i].en, english) != 0) continue;
        (void)snprintf(out, FINDING_SHOWN, "%s", finding_rows[i].zh);
        return;
    }
    for (size_t i = 0; depth < 3 && i < finding_row_count; i++)
        if (finding_words_fits(finding_rows[i].en, english, captured)) {
            finding_words_fill(out, finding_rows[i].zh, captured, depth);
            return;
        }
    const char *zh = text_of_machine(english);
    for (const char *colon = english; !zh && (colon = strstr(colon, ": ")) != NULL; colon += 2) { /* "a name: what is wrong with it" */
        const char *tail = text_of_machine(colon + 2);
        if (!tail) continue;
        (void)snprintf(out, FINDING_SHOWN, "%.*s：%s", (int)(colon - english), english, tail);
        return;
    }
    (void)snprintf(out, FINDING_SHOWN, "%s", zh ? zh : english);
}

const char *finding_text(char out[FINDING_SHOWN], const char *english) {
    const bool chinese = cli_chinese();
    finding_words_say(out, english, 0);
    cli_said(chinese ? out : english, chinese ? english : out, false);
    return chinese ? out : english;
}

const char *finding_said(const char *english) {
    static _Thread_local char texts[4][FINDING_SHOWN];
    static _Thread_local unsigned turn;
    return finding_text(texts[turn++ % 4], english);
}

const char *cli_json_fault(const char *english) { return SAY(english, "不是有效的 JSON"); }
