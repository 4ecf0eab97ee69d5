/* verify: the body of POST /v1/verify, read as the node reads it: each query is refused with a field, or is in normal form and reads the same
 * again when it is said with what was read; and what the plain reader takes, the full one takes, and reads the same out of it. */
#include "tests/fuzz/fuzz.h"

#include <jansson.h>

#include "ledger/wire/text.h"
#include "rpc/body.h"

#define MEMORY (QUERIES_MAX * sizeof(struct query) + ((size_t)1 << 20))

static void same(const struct query *a, const struct query *b) {
    ASSERT(a->has_document == b->has_document);
    ASSERT(a->has_key == b->has_key);
    ASSERT(a->has_identifier == b->has_identifier);
    ASSERT(a->has_fields == b->has_fields);
    ASSERT(bytes_equal(a->identifier, b->identifier));
    ASSERT(bytes_equal(a->identifier_type, b->identifier_type));
    ASSERT(bytes_equal(a->type, b->type));
    ASSERT(bytes_equal(a->number, b->number));
    ASSERT(bytes_equal(a->holder_code, b->holder_code));
    ASSERT(bytes_equal(a->holder_name, b->holder_name));
    ASSERT(!a->has_key || memcmp(a->key, b->key, 32) == 0);
    ASSERT(!a->has_document || (a->alg == b->alg && memcmp(a->digest, b->digest, 32) == 0));
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

/* A query said again with what was read, spelt as writers spell it, is taken by both readers and reads the same. */
static void look(const struct query *query) {
    static _Alignas(16) uint8_t memory[2][8192];
    struct verify_body plain, full;
    struct arena arenas[2] = {arena_over(memory[0], sizeof memory[0]), arena_over(memory[1], sizeof memory[1])};
    ASSERT(query->has_document || query->has_key || query->has_identifier || query->has_fields);
    ASSERT(query->has_identifier == (query->identifier.data != NULL));
    json_t *said = json_pack("{s:[o]}", "queries", said_again(query));
    char *text = json_dumps(said, JSON_COMPACT);
    ASSERT(text != NULL);
    const bool escaped = strchr(text, '\\') != NULL; /* a backslash or a quote in a name */
    ASSERT(body_read_plain(&plain, &arenas[0], bytes_text(text)) == !escaped);
    ASSERT(body_read_full(&full, &arenas[1], bytes_text(text)).code == CODE_OK);
    ASSERT(full.count == 1);
    same(query, &full.queries[0]);
    if (!escaped) same(query, &plain.queries[0]);
    free(text);
    json_decref(said);
}

int fuzz_one(const uint8_t *data, size_t size) {
    static _Alignas(16) uint8_t memory[2][MEMORY];
    static _Alignas(16) uint8_t tight[4096];
    struct arena arenas[2] = {arena_over(memory[0], MEMORY), arena_over(memory[1], MEMORY)}, small = arena_over(tight, sizeof tight);
    struct verify_body plain, full;
    const bool taken = body_read_plain(&plain, &arenas[0], bytes_of(data, size));
    const struct refusal refusal = body_read_full(&full, &arenas[1], bytes_of(data, size));
    fuzz_refusal(refusal);
    if (refusal.code == CODE_QUERY_INVALID) ASSERT(refusal.field != NULL && refusal.item < full.count);
    if (!taken) ASSERT(arenas[0].used == 0);
    if (taken) {
        ASSERT(refusal.code == CODE_OK);
        ASSERT(plain.count == full.count);
        ASSERT(plain.proof == full.proof);
        for (size_t i = 0; i < full.count; i++) same(&plain.queries[i], &full.queries[i]);
    }
    if (refusal.code != CODE_OK) return 0;
    for (size_t i = 0; i < full.count && i < 64; i++) look(&full.queries[i]);
    /* with hardly any memory: refused, or read the same */
    if (body_read(&plain, &small, bytes_of(data, size)).code != CODE_OK) return 0;
    ASSERT(plain.count == full.count);
    for (size_t i = 0; i < full.count; i++) same(&plain.queries[i], &full.queries[i]);
    return 0;
}
