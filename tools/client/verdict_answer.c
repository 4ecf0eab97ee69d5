#include "tools/client/verdict_answer.h"

#include "tools/cli/json_out.h"
#include "tools/cli/message.h"

enum kind { WORD, TEXT, TEXT_OR_NULL, HEX64, NUMBER, TRUTH, MATCH, OBJECT_OR_NULL };
enum when { ALWAYS, WITH_LICENCE }; /* words that tell about a licence: all but unknown, mismatch and incomplete */
static const struct part { const char *object, *name; enum kind kind; enum when when; } parts[] = {
    {NULL, "verdict", WORD, ALWAYS},
    {NULL, "code", NUMBER, ALWAYS},
    {NULL, "document", MATCH, ALWAYS},
    {NULL, "seal", OBJECT_OR_NULL, ALWAYS},
    {"as_of", "chain", TEXT, ALWAYS},
    {"as_of", "height", NUMBER, ALWAYS},
    {"as_of", "time", TEXT, ALWAYS},
    {"as_of", "age_ms", NUMBER, ALWAYS},
    {"issuer", "id", TEXT, WITH_LICENCE},
    {"issuer", "name", TEXT, WITH_LICENCE},
    {"issuer", "authorised", TRUTH, WITH_LICENCE},
    {"licence", "key", HEX64, WITH_LICENCE},
    {"licence", "identifier", TEXT_OR_NULL, WITH_LICENCE},
    {"licence", "type", TEXT, WITH_LICENCE},
    {"licence", "valid_from", TEXT, WITH_LICENCE},
    {"licence", "valid_to", TEXT_OR_NULL, WITH_LICENCE},
    {"status", "state", TEXT, WITH_LICENCE},
    {"status", "since", NUMBER, WITH_LICENCE},
    {"status", "reason", TEXT_OR_NULL, WITH_LICENCE},
    {"status", "basis", TEXT_OR_NULL, WITH_LICENCE},
    {"status", "superseded_by", TEXT_OR_NULL, WITH_LICENCE},
};

static const char *verdict_answer_text_of(const json_t *object, const char *name) { return json_string_value(json_object_get(object, name)); }

int verdict_word_of(const json_t *verdict) {
    const char *text = verdict_answer_text_of(verdict, "verdict");
    for (int i = 0; text && i <= VERDICT_INCOMPLETE; i++)
        if (strcmp(verdict_word_text((enum verdict_word)i), text) == 0) return i;
    return -1;
}

static bool is_kind(const json_t *value, enum kind kind) {
    const char *text = json_string_value(value);
    uint8_t bytes[32];
    switch (kind) {
    case WORD: return text != NULL; /* looked at before */
    case TEXT: return text != NULL && text[0] != '\0';
    case TEXT_OR_NULL: return text != NULL || json_is_null(value);
    case HEX64: return text != NULL && hex_decode(bytes, 32, text, json_string_length(value));
    case NUMBER: return json_is_integer(value);
    case TRUTH: return json_is_boolean(value);
    case MATCH: return json_is_null(value) || (text && (strcmp(text, "match") == 0 || strcmp(text, "copy") == 0));
    case OBJECT_OR_NULL: return json_is_object(value) || json_is_null(value);
    }
    return false;
}

static bool tells_of_licence(int word) { return word != VERDICT_UNKNOWN && word != VERDICT_MISMATCH && word != VERDICT_INCOMPLETE; }

/* A verdict about a licence is about the one that was asked for, and where a document was shown, about that. */
static const char *off_the_point(const json_t *verdict, const json_t *query) {
    const char *asked = verdict_answer_text_of(query, "key"), *key = verdict_answer_text_of(json_object_get(verdict, "licence"), "key");
    if (asked && strcasecmp(asked, key) != 0) return "licence.key";
    if (!json_object_get(query, "document") != !verdict_answer_text_of(verdict, "document")) return "document";
    const char *named = verdict_answer_text_of(query, "identifier"), *identifier = verdict_answer_text_of(json_object_get(verdict, "licence"), "identifier");
    if (named && identifier && strcmp(named, identifier) != 0) return "licence.identifier";
    return NULL;
}

const char *node_answer_lacks(const json_t *verdict, const json_t *query) {
    const int word = verdict_word_of(verdict);
    if (!json_is_object(verdict) || word < 0) return "verdict";
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const struct part *part = &parts[i];
        if (part->when == WITH_LICENCE && !tells_of_licence(word)) continue;
        const json_t *object = part->object ? json_object_get(verdict, part->object) : verdict;
        if (!is_kind(json_object_get(object, part->name), part->kind)) return part->object ? part->object : part->name;
    }
    if (json_integer_value(json_object_get(verdict, "code")) != verdict_code((enum verdict_word)word)) return "code";
    return tells_of_licence(word) ? off_the_point(verdict, query) : NULL;
}

json_t *verdict_incomplete(const char *note) {
    return json_pack("{s:s, s:i, s:n, s:n, s:n, s:n, s:n, s:n, s:o}", "verdict", verdict_word_text(VERDICT_INCOMPLETE), "code", verdict_code(VERDICT_INCOMPLETE),
                     "document", "issuer", "licence", "status", "seal", "as_of", "note", cli_json_text(note));
}
