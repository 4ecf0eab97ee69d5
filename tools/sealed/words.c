#include "tools/sealed/words.h"

#include <unistr.h>

#include "ledger/wire/ident.h"
#include "ledger/wire/text.h"

#define PIECE_MAX 300u    /* what is folded at once has room for what it becomes */
#define WORDS_FEW 24u     /* bytes: less is a page number or a mark */

/* ---- text ---- */

static void words_keep(struct words *words, struct bytes text) {
    if (words->len + text.len > WORDS_MAX) {
        words->whole = false;
        return;
    }
    if (words->len + text.len > words->room) {
        size_t room = words->room ? words->room * 2 : 4096;
        while (room < words->len + text.len) room *= 2;
        char *grown = realloc(words->text, room);
        if (!grown) {
            words->whole = false;
            return;
        }
        words->text = grown;
        words->room = room;
    }
    memcpy(words->text + words->len, text.data, text.len);
    words->len += text.len;
}

/* Private use: a font's own codes, most likely. */
static bool words_is_private(struct bytes text) {
    for (size_t i = 0; i + 2 < text.len; i++)
        if ((text.data[i] == 0xee && text.data[i + 1] >= 0x80) || (text.data[i] == 0xef && text.data[i + 1] < 0xa4) || memcmp(text.data + i, "\xef\xbf\xbd", 3) == 0) return true;
    return false;
}

static bool is_alnum(char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }

/* The next run of letters and digits; 0: none. */
static size_t next_run(const char *text, size_t len, size_t *at) {
    while (*at < len && !is_alnum(text[*at])) (*at)++;
    size_t run = 0;
    while (*at + run < len && is_alnum(text[*at + run])) run++;
    return run;
}

static void keep_codes(struct words *words, const char *text, size_t len) {
    size_t run;
    for (size_t at = 0; (run = next_run(text, len, &at)) > 0; at += run)
        if (run == sizeof words->codes[0] && words->code_count < WORDS_CODES_MAX) memcpy(words->codes[words->code_count++], text + at, run);
}

static struct bytes words_form_of(char out[TEXT_FOLD_MAX], struct bytes text) {
    char normal[TEXT_FOLD_MAX];
    size_t len;
    if (text_normal_code(normal, sizeof normal, &len, text, NULL) != CODE_OK) return bytes_of("", 0);
    struct bytes folded = text_fold_number(out, bytes_of(normal, len));
    memmove(out, folded.data, folded.len);
    return bytes_of(out, folded.len);
}

void words_add(struct words *words, struct bytes piece) {
    while (piece.len > 0) {
        char flat[PIECE_MAX], form[TEXT_FOLD_MAX];
        size_t len = piece.len < PIECE_MAX ? piece.len : PIECE_MAX;
        while (len < piece.len && len > 1 && (piece.data[len] & 0xc0) == 0x80) len--;
        for (size_t i = 0; i < len; i++) flat[i] = piece.data[i] < 0x20 || piece.data[i] == 0x7f ? ' ' : (char)piece.data[i];
        struct bytes text = bytes_of(flat, len);
        piece = bytes_of(piece.data + len, piece.len - len);
        if (u8_check(text.data, text.len) || words_is_private(text)) {
            words->whole = false;
            continue;
        }
        for (size_t i = 0; i < len; i++) words->wide = words->wide || text.data[i] >= 0x80;
        keep_codes(words, flat, len);
        words_keep(words, words_form_of(form, text));
    }
}

bool words_hold(const struct words *words, struct bytes value) {
    char named[TEXT_FOLD_MAX], form[TEXT_FOLD_MAX];
    struct bytes wanted = words_form_of(form, text_fold_name(named, value));
    if (wanted.len == 0 || (words->len > 0 && memmem(words->text, words->len, wanted.data, wanted.len))) return true;
    wanted = words_form_of(form, value); /* a full stop stays one where it is none in a name */
    return wanted.len == 0 || (words->len > 0 && memmem(words->text, words->len, wanted.data, wanted.len));
}

void words_free(struct words *words) {
    free(words->text);
    *words = (struct words){.text = NULL};
}

/* ---- compared ---- */

static bool is_other_code(struct bytes code, uint32_t kind, const char *issuer) {
    return (kind == 1 ? uscc_check(code) : citizen_id_check(code)) && (!issuer || !bytes_equal(code, bytes_text(issuer)));
}

/* A code of this kind that stands alone, passes its check, and is not the issuer's. */
static bool holds_other_code(const struct words *words, uint32_t kind, const char *issuer) {
    size_t run;
    for (size_t at = 0; (run = next_run(words->text, words->len, &at)) > 0; at += run)
        if (run == sizeof words->codes[0] && is_other_code(bytes_of(words->text + at, run), kind, issuer)) return true;
    for (size_t i = 0; i < words->code_count; i++)
        if (is_other_code(bytes_of(words->codes[i], sizeof words->codes[i]), kind, issuer)) return true;
    return false;
}

/* Words of a licence: what bears one and no number of ours is another one, and not a picture with a page number. */
static bool speaks(const struct words *words) {
    static const char *const labels[] = {"编号", "证号", "字号", "统一社会信用代码", "持证", "姓名", "名称", "LICENCE", "LICENSE", "PERMIT"};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        if (memmem(words->text, words->len, labels[i], strlen(labels[i]))) return true;
    return false;
}

static bool readable_for(const struct words *words, struct bytes value) {
    for (size_t i = 0; i < value.len; i++)
        if (value.data[i] >= 0x80) return words->format == FORMAT_OFD || words->wide;
    return true;
}

void words_compare(struct said *said, const struct words *words, const struct words_asked *asked) {
    unsigned held = 0, lacking = 0;
    if (words->len == 0) return;
    if (words_hold(words, asked->number)) held |= SAID_NUMBER;
    if (words_hold(words, asked->holder_name)) held |= SAID_NAME;
    if (words_hold(words, asked->holder_code)) held |= SAID_CODE;
    said->held |= held;
    if (!words->whole || words->len < WORDS_FEW) return;
    if ((words->pictures || words->format == FORMAT_PDF) && held == 0 && !speaks(words)) return;
    if (readable_for(words, asked->number)) lacking |= SAID_NUMBER;
    if (readable_for(words, asked->holder_name)) lacking |= SAID_NAME;
    if ((asked->holder_kind == 1 || asked->holder_kind == 111) && holds_other_code(words, asked->holder_kind, asked->issuer)) lacking |= SAID_CODE;
    said->lacking |= lacking & ~held;
}

size_t said_warnings(const struct said *said, enum code out[3]) {
    static const struct { unsigned what; enum code code; } rows[] = {
        {SAID_NUMBER, CODE_ROW_DOCUMENT_NUMBER}, {SAID_NAME, CODE_ROW_DOCUMENT_NAME}, {SAID_CODE, CODE_ROW_DOCUMENT_CODE}};
    size_t count = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (said->lacking & ~said->held & rows[i].what) out[count++] = rows[i].code;
    return count;
}
