#include "tools/cli/language.h"

/* What was said lately in this thread. A text that is static is known by its address alone; one in a buffer by its address and what stood there then,
 * since the buffer may hold another one by now. */
#define PAIRS_KEPT 32u
#define BUILT_KEPT 8u
#define BUILT_MAX 1100u
static _Thread_local struct { const char *said, *other; } pairs[PAIRS_KEPT];
static _Thread_local struct { const char *at; char said[BUILT_MAX], other[BUILT_MAX]; } built[BUILT_KEPT];
static _Thread_local size_t pair_turn, built_turn;

void cli_said(const char *said, const char *other, bool is_static) {
    if (is_static) {
        pairs[pair_turn % PAIRS_KEPT].said = said;
        pairs[pair_turn++ % PAIRS_KEPT].other = other;
        return;
    }
    const size_t i = built_turn++ % BUILT_KEPT;
    (void)snprintf(built[i].said, BUILT_MAX, "%s", said);
    (void)snprintf(built[i].other, BUILT_MAX, "%s", other);
    built[i].at = said;
}

const char *cli_said_otherwise(const char *said) {
    for (size_t i = 1; said && i <= BUILT_KEPT && i <= built_turn; i++)
        if (built[(built_turn - i) % BUILT_KEPT].at == said && strncmp(built[(built_turn - i) % BUILT_KEPT].said, said, BUILT_MAX - 1) == 0)
            return built[(built_turn - i) % BUILT_KEPT].other;
    for (size_t i = 1; said && i <= PAIRS_KEPT && i <= pair_turn; i++)
        if (pairs[(pair_turn - i) % PAIRS_KEPT].said == said) return pairs[(pair_turn - i) % PAIRS_KEPT].other;
    return NULL;
}

/* One conversion of a format, as it stands there, its asterisks filled. */
struct conversion {
    char text[48];
    char length[3], kind;
    bool bounded; /* it has a precision: a text of it may have no end of its own */
};

static const char *conversion_read(struct conversion *out, const char *at, va_list *args) {
    size_t used = 0, lengths = 0;
    *out = (struct conversion){.kind = '\0'};
    out->text[used++] = *at++;
    for (; *at && strchr("-+ #0123456789.*", *at) && used < sizeof out->text - 16; at++) {
        out->bounded = out->bounded || *at == '.';
        if (*at == '*') used += (size_t)snprintf(out->text + used, 12, "%d", va_arg(*args, int));
        else out->text[used++] = *at;
    }
    for (; *at && strchr("hljz", *at) && lengths < 2; at++) out->length[lengths++] = out->text[used++] = *at;
    out->kind = out->text[used++] = *at;
    return *at ? at + 1 : at;
}

static bool put_number(FILE *out, const struct conversion *c, va_list *args) {
    if (c->kind == 'c' || c->length[0] == 'h' || c->length[0] == '\0') return fprintf(out, c->text, va_arg(*args, int)) >= 0;
    if (strcmp(c->length, "l") == 0) return fprintf(out, c->text, va_arg(*args, long)) >= 0;
    if (strcmp(c->length, "ll") == 0) return fprintf(out, c->text, va_arg(*args, long long)) >= 0;
    if (strcmp(c->length, "z") == 0) return fprintf(out, c->text, va_arg(*args, size_t)) >= 0;
    return strcmp(c->length, "j") == 0 && fprintf(out, c->text, va_arg(*args, intmax_t)) >= 0;
}

/* False: no conversion that a sentence has. */
static bool said_put(FILE *out, const struct conversion *c, va_list *args) {
    if (c->kind == '%') return fputc('%', out) >= 0;
    if (strchr("diuxXc", c->kind)) return put_number(out, c, args);
    if (c->kind != 's' || c->length[0]) return false;
    const char *given = va_arg(*args, const char *), *other = c->bounded ? NULL : cli_said_otherwise(given);
    return fprintf(out, c->text, other ? other : given) >= 0;
}

char *cli_sentence_otherwise(const char *format, va_list args) {
    const char *at = cli_said_otherwise(format);
    char *text = NULL;
    size_t len = 0;
    va_list walk;
    FILE *out = open_memstream(&text, &len);
    if (!out) return NULL;
    if (!at) at = format; /* it has no words of its own */
    va_copy(walk, args);
    bool ok = true;
    while (ok && *at) {
        const size_t plain = strcspn(at, "%");
        struct conversion conversion;
        ok = fwrite(at, 1, plain, out) == plain;
        at += plain;
        if (!*at || !ok) break;
        at = conversion_read(&conversion, at, &walk);
        ok = conversion.kind && said_put(out, &conversion, &walk);
    }
    va_end(walk);
    if (fclose(out) == 0 && ok) return text;
    free(text);
    return NULL;
}

void cli_build(char *out, size_t cap, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    char *other = cli_sentence_otherwise(format, again);
    (void)vsnprintf(out, cap, format, args);
    va_end(again);
    va_end(args);
    if (other) cli_said(out, other, false);
    free(other);
}
