#include "rpc/body.h"

#include <jansson.h>

struct refusal body_read(struct verify_body *out, struct arena *arena, struct bytes body) {
    if (body_read_plain(out, arena, body)) return refuse(CODE_OK, NULL);
    return body_read_full(out, arena, body);
}

/* ---- one query ---- */

static bool invalid(struct refusal *refusal, const char *field) {
    *refusal = refuse(CODE_QUERY_INVALID, field);
    return false;
}

/* Absent and null are the same. */
static const json_t *given(const json_t *json, const char *name) {
    const json_t *value = json_object_get(json, name);
    return json_is_null(value) ? NULL : value;
}

static bool full_text(struct query *out, struct arena *arena, enum query_member member, const json_t *json, const char *field, struct refusal *refusal) {
    if (!json_is_string(json)) return invalid(refusal, field);
    const enum code code = query_put(out, arena, member, bytes_of(json_string_value(json), json_string_length(json)));
    *refusal = refuse(code, code != CODE_OK ? field : NULL);
    return code == CODE_OK;
}

static bool full_optional(struct query *out, struct arena *arena, enum query_member member, const json_t *object, const char *field, struct refusal *refusal) {
    const json_t *json = given(object, field);
    return json == NULL || full_text(out, arena, member, json, field, refusal);
}

/* Only the names listed, which end with NULL. */
static bool body_only(const json_t *object, const char *const *names, struct refusal *refusal, const char *field) {
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

static bool full_document(struct query *out, struct arena *arena, const json_t *json, struct refusal *refusal) {
    static const char *const names[] = {"alg", "digest", "kind", NULL};
    if (!body_only(json, names, refusal, "document")) return false;
    out->has_document = true;
    return full_text(out, arena, QUERY_ALG, json_object_get(json, "alg"), "alg", refusal) &&
           full_text(out, arena, QUERY_DIGEST, json_object_get(json, "digest"), "digest", refusal) &&
           (given(json, "kind") == NULL || full_text(out, arena, QUERY_KIND, json_object_get(json, "kind"), "kind", refusal));
}

static bool full_fields(struct query *out, struct arena *arena, const json_t *json, struct refusal *refusal) {
    static const char *const names[] = {"type", "number", "holder_code", "holder_name", NULL};
    if (!body_only(json, names, refusal, "fields")) return false;
    out->has_fields = true;
    return full_optional(out, arena, QUERY_TYPE, json, "type", refusal) && full_optional(out, arena, QUERY_NUMBER, json, "number", refusal) &&
           full_optional(out, arena, QUERY_HOLDER_CODE, json, "holder_code", refusal) &&
           full_optional(out, arena, QUERY_HOLDER_NAME, json, "holder_name", refusal);
}

static bool full_seal(struct shown_seal *out, struct arena *arena, const json_t *json, struct refusal *refusal) {
    static const char *const names[] = {"id", "digest", "certificate", NULL};
    static const char *const digests[] = {"digest", "certificate"};
    if (!body_only(json, names, refusal, "seals")) return false;
    const json_t *id = given(json, "id");
    if (!json_is_string(id) || json_string_length(id) == 0 || json_string_length(id) > SEAL_ID_MAX) return invalid(refusal, "id");
    out->id = bytes_of(arena_copy(arena, json_string_value(id), json_string_length(id)), json_string_length(id));
    for (size_t i = 0; i < 2; i++) {
        const json_t *digest = given(json, digests[i]);
        uint8_t *bytes = digest != NULL ? arena_alloc(arena, 32) : NULL;
        if (digest == NULL && i == 1) continue;
        if (!json_is_string(digest)) return invalid(refusal, digests[i]);
        if (bytes == NULL || out->id.data == NULL) return *refusal = refuse(CODE_BODY_TOO_LARGE, "seals"), false;
        if (!hex_decode(bytes, 32, json_string_value(digest), json_string_length(digest))) return invalid(refusal, digests[i]);
        if (i == 0) out->digest32 = bytes;
        else out->certificate32 = bytes;
    }
    return true;
}

static bool full_seals(struct query *out, struct arena *arena, const json_t *json, struct refusal *refusal) {
    if (!json_is_array(json) || json_array_size(json) > VERDICT_SEALS_MAX) return invalid(refusal, "seals");
    out->seals = arena_alloc(arena, (json_array_size(json) + 1) * sizeof *out->seals);
    if (out->seals == NULL) return *refusal = refuse(CODE_BODY_TOO_LARGE, "seals"), false;
    for (; out->seal_count < json_array_size(json); out->seal_count++) {
        out->seals[out->seal_count] = (struct shown_seal){.digest32 = NULL};
        if (!full_seal(&out->seals[out->seal_count], arena, json_array_get(json, out->seal_count), refusal)) return false;
    }
    return true;
}

static struct refusal full_query(struct query *out, struct arena *arena, const json_t *json) {
    static const char *const names[] = {"document", "key", "identifier", "fields", "seals", NULL};
    struct refusal refusal = refuse(CODE_OK, NULL);
    *out = (struct query){.has_document = false};
    if (!body_only(json, names, &refusal, "query")) return refusal;
    const json_t *document = given(json, "document"), *key = given(json, "key"), *identifier = given(json, "identifier"),
                 *fields = given(json, "fields"), *seals = given(json, "seals");
    if (document == NULL && key == NULL && identifier == NULL && fields == NULL) return refuse(CODE_QUERY_INVALID, "query");
    bool ok = document == NULL || full_document(out, arena, document, &refusal);
    if (ok && key != NULL) ok = full_text(out, arena, QUERY_KEY, key, "key", &refusal);
    if (ok && identifier != NULL) ok = full_text(out, arena, QUERY_IDENTIFIER, identifier, "identifier", &refusal);
    if (ok && seals != NULL) ok = full_seals(out, arena, seals, &refusal);
    if (ok && fields != NULL) (void)full_fields(out, arena, fields, &refusal);
    return refusal;
}

/* ---- the whole ---- */

static bool short_text(const json_t *json) {
    return json == NULL || json_is_null(json) || (json_is_string(json) && json_string_length(json) <= VERIFY_PURPOSE_MAX);
}

static struct refusal full_queries(struct verify_body *out, struct arena *arena, const json_t *list) {
    out->count = json_array_size(list);
    if (out->count > QUERIES_MAX) return refuse(CODE_TOO_MANY_QUERIES, NULL);
    out->queries = arena_alloc(arena, (out->count + 1) * sizeof *out->queries);
    if (out->queries == NULL) return refuse(CODE_BODY_TOO_LARGE, NULL);
    for (size_t i = 0; i < out->count; i++) {
        struct refusal refusal = full_query(&out->queries[i], arena, json_array_get(list, i));
        refusal.item = (uint32_t)i;
        if (refusal.code != CODE_OK) return refusal;
    }
    return refuse(CODE_OK, NULL);
}

static struct refusal full_whole(struct verify_body *out, struct arena *arena, const json_t *json) {
    const json_t *queries = json_object_get(json, "queries"), *proof = json_object_get(json, "proof");
    if (!json_is_object(json)) return refuse(CODE_JSON_INVALID, NULL);
    if (!json_is_array(queries)) return refuse(CODE_JSON_INVALID, "queries");
    if (!short_text(json_object_get(json, "purpose"))) return refuse(CODE_JSON_INVALID, "purpose");
    if (!short_text(json_object_get(json, "item"))) return refuse(CODE_JSON_INVALID, "item");
    if (proof != NULL && !json_is_boolean(proof) && !json_is_null(proof)) return refuse(CODE_JSON_INVALID, "proof");
    out->proof = json_is_true(proof);
    return full_queries(out, arena, queries);
}

struct refusal body_read_full(struct verify_body *out, struct arena *arena, struct bytes body) {
    json_error_t error;
    *out = (struct verify_body){.count = 0};
    json_t *json = json_loadb((const char *)body.data, body.len, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) return refuse(CODE_JSON_INVALID, NULL);
    const struct refusal refusal = full_whole(out, arena, json);
    json_decref(json);
    return refusal;
}
