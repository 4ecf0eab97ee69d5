/* Query: one question of POST /v1/verify, in normal form. Layer: rpc. How its JSON is read: rpc/body.h. */
#ifndef LICET_RPC_QUERY_H
#define LICET_RPC_QUERY_H
#include "ledger/base/arena.h"
#include "ledger/rules/verdict.h"
#include "ledger/wire/tags.h"

/* Views live in the arena. data NULL: not given, null, or blank, which is the same to a person. */
struct query {
    bool has_document, has_key, has_identifier, has_fields;
    enum digest_alg alg;
    uint8_t digest[32];
    enum document_kind document_kind; /* what the digest was taken from; 0: not said, which means a file */
    uint8_t key[32];
    struct bytes identifier, identifier_type;
    struct bytes type, number, holder_code, holder_name;
    struct shown_seal *seals; /* found in the document */
    uint32_t seal_count;      /* at most VERDICT_SEALS_MAX */
};
enum query_member { QUERY_KEY, QUERY_IDENTIFIER, QUERY_ALG, QUERY_DIGEST, QUERY_KIND, QUERY_TYPE, QUERY_NUMBER, QUERY_HOLDER_CODE, QUERY_HOLDER_NAME };
/* Takes the text of one member as it was given. CODE_OK; CODE_QUERY_INVALID: not in its form; CODE_BODY_TOO_LARGE: no room in the arena. */
MUST_USE enum code query_put(struct query *out, struct arena *arena, enum query_member member, struct bytes text);
#endif
