/* The plain reader: one pass over the bytes, no tree. A string is a view up to the next quote. Escapes, controls and broken UTF-8
 * in it are refused where it is used: hexadecimal, names and algorithms have no room for them, and texts are looked at in plain_text. */
#include "ledger/wire/cbor.h"
#include "rpc/body.h"

#define QUERY_LEN_MIN 13u /* {"fields":{}} */

struct plain {
    const uint8_t *at, *end;
    bool odd; /* sticky: not for this reader */
};

static bool plain_odd(struct plain *in) {
    in->odd = true;
    return false;
}

/* The next byte that is no white space, not taken; 0 at the end. */
static uint8_t plain_peek(struct plain *in) {
    while (in->at < in->end && (*in->at == ' ' || *in->at == '\n' || *in->at == '\r' || *in->at == '\t')) in->at++;
    return in->at < in->end ? *in->at : 0;
}

static bool plain_take(struct plain *in, char c) {
    if (in->odd || plain_peek(in) != (uint8_t)c) return plain_odd(in);
    in->at++;
    return true;
}

/* Takes the word if it is there. What follows is looked at by the next read: a comma, or the end of something. */
static bool plain_word(struct plain *in, const char *text) {
    const size_t len = strlen(text);
    if (in->odd || plain_peek(in) != (uint8_t)text[0] || (size_t)(in->end - in->at) < len || memcmp(in->at, text, len) != 0) return false;
    in->at += len;
    return true;
}

static struct bytes plain_string(struct plain *in) {
    struct bytes text = {in->at, 0};
    if (!plain_take(in, '"')) return text;
    const uint8_t *quote = in->at < in->end ? memchr(in->at, '"', (size_t)(in->end - in->at)) : NULL;
    if (quote == NULL) return plain_odd(in), text;
    text = bytes_of(in->at, (size_t)(quote - in->at));
    in->at = quote + 1;
    return text;
}

static struct bytes plain_text(struct plain *in) {
    const struct bytes text = plain_string(in);
    if (in->odd) return text;
    if (text.len > 0 && (memchr(text.data, '\\', text.len) != NULL || text_check(text) != CODE_OK)) (void)plain_odd(in);
    return text;
}

/* The names an object may have, at most 8; ends with NULL. */
struct members {
    const char *const *names;
    uint32_t seen; /* a bit each */
    bool begun;
};

/* The next member's place in names; -1 at the object's end, which is taken, and after anything odd. */
static int next_member(struct plain *in, struct members *members) {
    if (!members->begun ? !plain_take(in, '{') : in->odd) return -1;
    if (plain_peek(in) == '}') {
        in->at++;
        return -1;
    }
    if (members->begun && !plain_take(in, ',')) return -1;
    members->begun = true;
    const struct bytes name = plain_string(in);
    for (int i = 0; !in->odd && members->names[i] != NULL; i++) {
        if (strlen(members->names[i]) != name.len || memcmp(members->names[i], name.data, name.len) != 0) continue;
        if ((members->seen >> i & 1) != 0 || !plain_take(in, ':')) break;
        members->seen |= UINT32_C(1) << i;
        return i;
    }
    (void)plain_odd(in);
    return -1;
}

static void plain_put(struct plain *in, struct query *out, struct arena *arena, enum query_member member, struct bytes text) {
    if (!in->odd && query_put(out, arena, member, text) != CODE_OK) (void)plain_odd(in);
}

static void plain_document(struct plain *in, struct query *out, struct arena *arena) {
    static const char *const names[] = {"alg", "digest", "kind", NULL};
    static const enum query_member which[] = {QUERY_ALG, QUERY_DIGEST, QUERY_KIND};
    struct members members = {.names = names};
    int member;
    while ((member = next_member(in, &members)) >= 0) plain_put(in, out, arena, which[member], plain_string(in));
    if ((members.seen & 3) != 3) (void)plain_odd(in);
    out->has_document = true;
}

static void plain_fields(struct plain *in, struct query *out, struct arena *arena) {
    static const char *const names[] = {"type", "number", "holder_code", "holder_name", NULL};
    static const enum query_member which[] = {QUERY_TYPE, QUERY_NUMBER, QUERY_HOLDER_CODE, QUERY_HOLDER_NAME};
    struct members members = {.names = names};
    int member;
    while ((member = next_member(in, &members)) >= 0)
        if (!plain_word(in, "null")) plain_put(in, out, arena, which[member], plain_text(in));
    out->has_fields = true;
}

static void plain_query(struct plain *in, struct query *out, struct arena *arena) {
    static const char *const names[] = {"key", "document", "identifier", "fields", NULL};
    struct members members = {.names = names};
    int member;
    *out = (struct query){.has_document = false};
    while ((member = next_member(in, &members)) >= 0) {
        if (plain_word(in, "null")) continue;
        if (member == 0) plain_put(in, out, arena, QUERY_KEY, plain_string(in));
        else if (member == 1) plain_document(in, out, arena);
        else if (member == 2) plain_put(in, out, arena, QUERY_IDENTIFIER, plain_text(in));
        else plain_fields(in, out, arena);
    }
    if (!out->has_key && !out->has_document && !out->has_identifier && !out->has_fields) (void)plain_odd(in);
}

static void plain_queries(struct plain *in, struct verify_body *out, struct arena *arena) {
    const size_t left = (size_t)(in->end - in->at) / QUERY_LEN_MIN + 1, room = left < QUERIES_MAX ? left : QUERIES_MAX;
    out->queries = arena_alloc(arena, room * sizeof *out->queries);
    if (out->queries == NULL || !plain_take(in, '[')) {
        in->odd = true;
        return;
    }
    if (plain_peek(in) != ']') {
        do {
            if (out->count == room) (void)plain_odd(in);
            else plain_query(in, &out->queries[out->count++], arena);
        } while (!in->odd && plain_peek(in) == ',' && in->at++ < in->end);
    }
    (void)plain_take(in, ']');
}

static void read_short_text(struct plain *in) {
    if (!plain_word(in, "null") && plain_text(in).len > VERIFY_PURPOSE_MAX) (void)plain_odd(in);
}

bool body_read_plain(struct verify_body *out, struct arena *arena, struct bytes body) {
    static const char *const names[] = {"queries", "proof", "purpose", "item", NULL};
    const size_t used = arena->used;
    struct plain in = {body.data, body.len > 0 ? body.data + body.len : body.data, false};
    struct members members = {.names = names};
    int member;
    *out = (struct verify_body){.count = 0};
    while ((member = next_member(&in, &members)) >= 0) {
        if (member == 0) plain_queries(&in, out, arena);
        else if (member > 1) read_short_text(&in);
        else if (plain_word(&in, "true")) out->proof = true;
        else if (!plain_word(&in, "false") && !plain_word(&in, "null")) (void)plain_odd(&in);
    }
    if (!in.odd && (plain_peek(&in) != 0 || in.at != in.end || (members.seen & 1) == 0)) in.odd = true;
    if (in.odd) arena->used = used;
    return !in.odd;
}
