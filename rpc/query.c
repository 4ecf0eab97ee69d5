#include "rpc/query.h"

#include "ledger/wire/ident.h"
#include "ledger/wire/text.h"

typedef enum code (*normal_fn)(char *out, size_t cap, size_t *len, struct bytes in, unsigned *changes);

static bool invalid(struct refusal *refusal, const char *field) {
    *refusal = refuse(CODE_QUERY_INVALID, field);
    return false;
}

/* A text in normal form, copied into the arena. Blank, null and absent leave *out empty. */
static bool read_text(struct bytes *out, struct arena *arena, const json_t *json, normal_fn normal, size_t max, const char *field,
                      struct refusal *refusal) {
    char text[HOLDER_NAME_MAX];
    size_t len = 0;
    *out = bytes_of(NULL, 0);
    if (json == NULL || json_is_null(json)) return true;
    if (!json_is_string(json)) return invalid(refusal, field);
    ASSERT(max <= sizeof text);
    const struct bytes given = bytes_of(json_string_value(json), json_string_length(json));
    if (given.len == 0) return true;
    if (normal(text, max, &len, given, NULL) != CODE_OK) return invalid(refusal, field);
    if (len == 0) return true;
    const void *copy = arena_copy(arena, text, len);
    if (copy == NULL) {
        *refusal = refuse(CODE_BODY_TOO_LARGE, field);
        return false;
    }
    *out = bytes_of(copy, len);
    return true;
}

static bool read_hex32(uint8_t out32[32], const json_t *json, const char *field, struct refusal *refusal) {
    if (!json_is_string(json)) return invalid(refusal, field);
    if (!hex_decode(out32, 32, json_string_value(json), json_string_length(json))) return invalid(refusal, field);
    return true;
}

/* Only the names listed, which end with NULL. */
static bool only(const json_t *object, const char *const *names, struct refusal *refusal, const char *field) {
    if (!json_is_object(object)) return invalid(refusal, field);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, name, value) { /* the macro wants it writable and does not write */
        bool known = false;
        for (size_t i = 0; names[i] != NULL && !known; i++) known = strcmp(name, names[i]) == 0;
        if (!known) return invalid(refusal, field);
    }
    return true;
}

static bool read_document(struct query *out, const json_t *json, struct refusal *refusal) {
    static const char *const names[] = {"alg", "digest", NULL};
    if (!only(json, names, refusal, "document")) return false;
    const json_t *alg = json_object_get(json, "alg");
    if (!json_is_string(alg) || !digest_alg_from_name(&out->alg, bytes_of(json_string_value(alg), json_string_length(alg)))) {
        return invalid(refusal, "alg");
    }
    out->has_document = true;
    return read_hex32(out->digest, json_object_get(json, "digest"), "digest", refusal);
}

static bool read_identifier(struct query *out, struct arena *arena, const json_t *json, struct refusal *refusal) {
    struct identifier parts;
    if (!read_text(&out->identifier, arena, json, text_normal_code, IDENTIFIER_MAX, "identifier", refusal)) return false;
    if (out->identifier.data == NULL || identifier_parse(&parts, out->identifier) != CODE_OK) return invalid(refusal, "identifier");
    out->identifier_type = parts.type;
    out->has_identifier = true;
    return true;
}

static bool read_fields(struct query *out, struct arena *arena, const json_t *json, struct refusal *refusal) {
    static const char *const names[] = {"type", "number", "holder_code", "holder_name", NULL};
    if (!only(json, names, refusal, "fields")) return false;
    out->has_fields = true;
    return read_text(&out->type, arena, json_object_get(json, "type"), text_normal_code, TYPE_CODE_LEN, "type", refusal) &&
           read_text(&out->number, arena, json_object_get(json, "number"), text_normal_code, NUMBER_MAX, "number", refusal) &&
           read_text(&out->holder_code, arena, json_object_get(json, "holder_code"), text_normal_code, NUMBER_MAX, "holder_code", refusal) &&
           read_text(&out->holder_name, arena, json_object_get(json, "holder_name"), text_normal_name, HOLDER_NAME_MAX, "holder_name", refusal);
}

static const json_t *given(const json_t *json, const char *name) {
    const json_t *value = json_object_get(json, name);
    return json_is_null(value) ? NULL : value;
}

struct refusal query_read(struct query *out, struct arena *arena, const json_t *json) {
    static const char *const names[] = {"document", "key", "identifier", "fields", NULL};
    struct refusal refusal = refuse(CODE_OK, NULL);
    *out = (struct query){.has_document = false};
    if (!only(json, names, &refusal, "query")) return refusal;
    const json_t *document = given(json, "document"), *key = given(json, "key"), *identifier = given(json, "identifier"),
                 *fields = given(json, "fields");
    if (document == NULL && key == NULL && identifier == NULL && fields == NULL) return refuse(CODE_QUERY_INVALID, "query");
    bool ok = document == NULL || read_document(out, document, &refusal);
    if (ok && key != NULL) ok = out->has_key = read_hex32(out->key, key, "key", &refusal);
    if (ok && identifier != NULL) ok = read_identifier(out, arena, identifier, &refusal);
    if (ok && fields != NULL) ok = read_fields(out, arena, fields, &refusal);
    return refusal;
}
