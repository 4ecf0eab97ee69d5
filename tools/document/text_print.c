#include "tools/document/text_print.h"

#include <stdio.h>
#include <unictype.h>
#include <unistr.h>

/* The character at text, and its bytes; one byte where it is none. False: it must not reach a terminal. */
static bool next_character(ucs4_t *c, size_t *step, const uint8_t *text, size_t left) {
    int len = u8_mbtoucr(c, text, left);
    *step = len > 0 ? (size_t)len : 1;
    return len > 0 && !uc_is_general_category_withtable(*c, UC_CATEGORY_MASK_C | UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp);
}

const char *text_shown(const char *text) {
    static _Thread_local char *kept[TEXT_SHOWN_KEPT];
    static _Thread_local size_t turn;
    const size_t len = text ? strlen(text) : 0;
    char *out = realloc(kept[turn % TEXT_SHOWN_KEPT], len + 1);
    if (!out) return "?";
    kept[turn++ % TEXT_SHOWN_KEPT] = out;
    size_t used = 0, step;
    ucs4_t c;
    for (size_t at = 0; at < len; at += step) {
        if (next_character(&c, &step, (const uint8_t *)text + at, len - at)) {
            memcpy(out + used, text + at, step);
            used += step;
        } else {
            out[used++] = '?';
        }
    }
    out[used] = '\0';
    return out;
}

void text_print(const char *text) { (void)fputs(text_shown(text), stdout); }

/* Room for seven. */
static size_t put_unit(char *out, unsigned unit) { return (size_t)snprintf(out, 7, "\\u%04x", unit & 0xffffu); }

char *text_json(const char *json) {
    const size_t len = strlen(json);
    char *out = malloc(len * 6 + 2); /* one byte becomes six at most; three of a character in the middle, six */
    size_t used = 0, step;
    ucs4_t c;
    for (size_t at = 0; out && at < len; at += step) {
        const bool shown = next_character(&c, &step, (const uint8_t *)json + at, len - at);
        if (shown || step == 1) {
            if (!shown && (uint8_t)json[at] >= 0x7f) used += put_unit(out + used, (uint8_t)json[at]); /* DEL */
            else out[used++] = json[at];
            for (size_t i = 1; i < step; i++) out[used++] = json[at + i];
        } else if (c < 0x10000) {
            used += put_unit(out + used, c);
        } else {
            used += put_unit(out + used, 0xd800u + ((c - 0x10000) >> 10));
            used += put_unit(out + used, 0xdc00u + ((c - 0x10000) & 0x3ffu));
        }
    }
    if (out) out[used] = '\0';
    return out;
}
