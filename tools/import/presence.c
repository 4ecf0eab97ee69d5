#include "tools/import/presence.h"

#include "ledger/base/limits.h"
#include "tools/client/answer.h"

/* Asked by key there are a thousand at a time, over and over: no tree is built for them. malloc'd. */
static char *body_by_key(const struct import_ask *asks, size_t count) {
    static const char front[] = "{\"purpose\":\"import\",\"queries\":[", one[] = "{\"key\":\"", behind[] = "\"},", end[] = "]}";
    char *text = malloc(sizeof front + count * (sizeof one + 64 + sizeof behind) + sizeof end), *to = text;
    if (!text) return NULL;
    to = mempcpy(to, front, sizeof front - 1);
    for (size_t i = 0; i < count; i++) {
        to = mempcpy(to, one, sizeof one - 1);
        hex_encode(to, asks[i].key32, 32);
        to = mempcpy(to + 64, behind, sizeof behind - 1);
    }
    (void)mempcpy(count ? to - 1 : to, end, sizeof end); /* over the last comma, with the NUL */
    return text;
}

static json_t *import_presence_text_of(struct bytes text) { return json_stringn((const char *)text.data, text.len); }

static char *body_by_fields(const struct import_sender *sender, const struct import_ask *asks, size_t count) {
    json_t *queries = json_array();
    for (size_t i = 0; i < count; i++) {
        const struct import_row *row = asks[i].fields;
        json_t *fields = json_pack("{s:o, s:o, s:o, s:o}", "type", import_presence_text_of(sender->lookup.type_code), "number", import_presence_text_of(row->number), "holder_code",
                                   import_presence_text_of(row->holder_code), "holder_name", import_presence_text_of(row->holder_name));
        json_array_append_new(queries, json_pack("{s:o}", "fields", fields));
    }
    json_t *body = json_pack("{s:s, s:o}", "purpose", "import", "queries", queries);
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    return text;
}

/* A licence that has ended gives its number back, but is still there under its key. */
static enum presence presence_of(const char *word) {
    static const struct { const char *word; enum presence presence; } words[] = {
        {"unknown", PRESENCE_NONE}, {"valid", PRESENCE_HELD}, {"not_active", PRESENCE_HELD}, {"suspended", PRESENCE_HELD}, {"lapsed", PRESENCE_HELD},
        {"cancelled", PRESENCE_ENDED}, {"annulled", PRESENCE_ENDED}, {"revoked", PRESENCE_ENDED}, {"superseded", PRESENCE_ENDED},
        {"transferred", PRESENCE_ENDED}};
    for (size_t i = 0; word && i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i].word, word) == 0) return words[i].presence;
    return PRESENCE_UNKNOWN;
}

/* Only the words are wanted: between the quotes behind each "verdict": there is one for each query, and inside a JSON text the quotes could not
 * stand as they do here. False where that is not so; then the whole is read as JSON. */
static bool read_words(enum presence *out, const struct http_answer *answer, size_t count) {
    static const char name[] = "\"verdict\":\"";
    const char *at = (const char *)answer->body, *end = at + answer->len;
    size_t found = 0;
    while ((at = memmem(at, (size_t)(end - at), name, sizeof name - 1)) != NULL) {
        char word[24] = "";
        at += sizeof name - 1;
        for (size_t i = 0; i < sizeof word - 1 && at < end && *at != '"'; i++) word[i] = *at++;
        if (found == count) return false;
        out[found++] = presence_of(word);
    }
    return found == count;
}

static bool read_verdicts(enum presence *out, const struct http_answer *answer, size_t count) {
    if (read_words(out, answer, count)) return true;
    json_t *json = json_loadb((const char *)answer->body, answer->len, 0, NULL);
    const json_t *verdicts = json_object_get(json, "verdicts");
    bool ok = json_array_size(verdicts) == count;
    for (size_t i = 0; i < count && ok; i++) out[i] = presence_of(json_string_value(json_object_get(json_array_get(verdicts, i), "verdict")));
    json_decref(json);
    return ok;
}

static bool ask_some(struct import_sender *sender, enum presence *out, const struct import_ask *asks, size_t count) {
    struct http_answer answer;
    char *text = asks[0].key32 ? body_by_key(asks, count) : body_by_fields(sender, asks, count);
    bool answered = text && import_call(sender, "POST", "/v1/verify", "application/json", "application/json", bytes_text(text), &answer);
    free(text);
    if (!answered) {
        import_stop(sender, EXIT_ERROR);
        return false;
    }
    bool ok = answer.status == 200 && read_verdicts(out, &answer, count);
    if (!ok) import_stop(sender, http_failed(sender->cli, &answer));
    http_answer_free(&answer);
    return ok;
}

bool import_ask(struct import_sender *sender, enum presence *out, const struct import_ask *asks, size_t count) {
    for (size_t at = 0; at < count; at += QUERIES_MAX) {
        size_t some = count - at < QUERIES_MAX ? count - at : QUERIES_MAX;
        if (!ask_some(sender, out + at, asks + at, some)) return false;
    }
    return true;
}
