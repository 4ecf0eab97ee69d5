/* verify: the body of POST /v1/verify, read as the node reads it: each query is refused with a field, or is in normal form and reads the same
 * again when it is said with what was read. */
#include "tests/fuzz/fuzz.h"

#include "ledger/wire/text.h"
#include "rpc/query.h"

static struct refusal read_one(struct query *out, struct arena *arena, const json_t *json) {
    const struct refusal refusal = query_read(out, arena, json);
    fuzz_refusal(refusal);
    if (refusal.code != CODE_OK) ASSERT(refusal.field != NULL);
    return refusal;
}

static void put(json_t *object, const char *name, struct bytes text) {
    if (text.data == NULL) return;
    ASSERT(text.len > 0); /* blank is absent */
    json_t *value = json_stringn((const char *)text.data, text.len);
    ASSERT(value != NULL); /* normal text is UTF-8 */
    ASSERT(json_object_set_new(object, name, value) == 0);
}

static void put_hex(json_t *object, const char *name, const uint8_t in32[32]) {
    char text[65];
    hex_encode(text, in32, 32);
    put(object, name, bytes_of(text, 64));
}

static json_t *said_again(const struct query *query) {
    json_t *json = json_object();
    if (query->has_key) put_hex(json, "key", query->key);
    put(json, "identifier", query->identifier);
    if (query->has_document) {
        json_t *document = json_object();
        put(document, "alg", bytes_text(query->alg == DIGEST_SM3 ? "sm3" : "sha-256"));
        put_hex(document, "digest", query->digest);
        ASSERT(json_object_set_new(json, "document", document) == 0);
    }
    if (query->has_fields) {
        json_t *fields = json_object();
        put(fields, "type", query->type);
        put(fields, "number", query->number);
        put(fields, "holder_code", query->holder_code);
        put(fields, "holder_name", query->holder_name);
        ASSERT(json_object_set_new(json, "fields", fields) == 0);
    }
    return json;
}

static void look(const json_t *json) {
    static _Alignas(16) uint8_t memory[8192];
    struct query query, again;
    struct arena arena = arena_over(memory, sizeof memory);
    if (read_one(&query, &arena, json).code != CODE_OK) return;
    ASSERT(query.has_document || query.has_key || query.has_identifier || query.has_fields);
    ASSERT(query.has_identifier == (query.identifier.data != NULL));
    json_t *said = said_again(&query);
    ASSERT(read_one(&again, &arena, said).code == CODE_OK);
    json_decref(said);
    ASSERT(again.has_document == query.has_document);
    ASSERT(again.has_key == query.has_key);
    ASSERT(again.has_fields == query.has_fields);
    ASSERT(bytes_equal(again.identifier, query.identifier));
    ASSERT(bytes_equal(again.identifier_type, query.identifier_type));
    ASSERT(bytes_equal(again.type, query.type));
    ASSERT(bytes_equal(again.number, query.number));
    ASSERT(bytes_equal(again.holder_code, query.holder_code));
    ASSERT(bytes_equal(again.holder_name, query.holder_name));
    ASSERT(!query.has_key || memcmp(again.key, query.key, 32) == 0);
    ASSERT(!query.has_document || (again.alg == query.alg && memcmp(again.digest, query.digest, 32) == 0));
    /* with hardly any memory: refused, not taken in part */
    uint8_t tight[16] __attribute__((aligned(16)));
    struct arena small = arena_over(tight, sizeof tight);
    (void)read_one(&again, &small, json);
}

int fuzz_one(const uint8_t *data, size_t size) {
    json_error_t error;
    json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, &error);
    if (json == NULL) return 0;
    const json_t *queries = json_object_get(json, "queries");
    size_t i;
    json_t *query;
    json_array_foreach(queries, i, query) {
        if (i < QUERIES_MAX) look(query);
    }
    look(json);
    json_decref(json);
    return 0;
}
