#include "rpc/query.h"

#include "ledger/wire/ident.h"
#include "ledger/wire/text.h"

typedef enum code (*normal_fn)(char *out, size_t cap, size_t *len, struct bytes in, unsigned *changes);

/* A text in normal form, copied into the arena. */
static enum code query_put_text(struct bytes *out, struct arena *arena, struct bytes given, normal_fn normal, size_t max) {
    char text[HOLDER_NAME_MAX];
    size_t len = 0;
    *out = bytes_of(NULL, 0);
    ASSERT(max <= sizeof text);
    if (given.len == 0) return CODE_OK;
    if (normal(text, max, &len, given, NULL) != CODE_OK) return CODE_QUERY_INVALID;
    if (len == 0) return CODE_OK;
    const void *copy = arena_copy(arena, text, len);
    if (copy == NULL) return CODE_BODY_TOO_LARGE;
    *out = bytes_of(copy, len);
    return CODE_OK;
}

static enum code put_identifier(struct query *out, struct arena *arena, struct bytes given) {
    struct identifier parts;
    const enum code code = query_put_text(&out->identifier, arena, given, text_normal_code, IDENTIFIER_MAX);
    if (code != CODE_OK) return code;
    if (out->identifier.data == NULL || identifier_parse(&parts, out->identifier) != CODE_OK) return CODE_QUERY_INVALID;
    out->identifier_type = parts.type;
    out->has_identifier = true;
    return CODE_OK;
}

static enum code put_hex32(uint8_t out32[32], struct bytes given) {
    return hex_decode(out32, 32, (const char *)given.data, given.len) ? CODE_OK : CODE_QUERY_INVALID;
}

enum code query_put(struct query *out, struct arena *arena, enum query_member member, struct bytes text) {
    switch (member) {
    case QUERY_KEY: out->has_key = true; return put_hex32(out->key, text);
    case QUERY_IDENTIFIER: return put_identifier(out, arena, text);
    case QUERY_ALG: return digest_alg_from_name(&out->alg, text) ? CODE_OK : CODE_QUERY_INVALID;
    case QUERY_DIGEST: return put_hex32(out->digest, text);
    case QUERY_KIND: return document_kind_from_name(&out->document_kind, text) ? CODE_OK : CODE_QUERY_INVALID;
    case QUERY_TYPE: return query_put_text(&out->type, arena, text, text_normal_code, TYPE_CODE_LEN);
    case QUERY_NUMBER: return query_put_text(&out->number, arena, text, text_normal_code, NUMBER_MAX);
    case QUERY_HOLDER_CODE: return query_put_text(&out->holder_code, arena, text, text_normal_code, NUMBER_MAX);
    case QUERY_HOLDER_NAME: return query_put_text(&out->holder_name, arena, text, text_normal_name, HOLDER_NAME_MAX);
    }
    return CODE_QUERY_INVALID;
}
