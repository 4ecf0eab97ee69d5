/* Query: one question of POST /v1/verify, out of its JSON, in normal form. Layer: rpc. */
#ifndef LICET_RPC_QUERY_H
#define LICET_RPC_QUERY_H
#include <jansson.h>

#include "ledger/base/arena.h"
#include "ledger/wire/tags.h"

/* Views live in the arena. data NULL: not given, null, or blank, which is the same to a person. */
struct query {
    bool has_document, has_key, has_identifier, has_fields;
    enum digest_alg alg;
    uint8_t digest[32];
    uint8_t key[32];
    struct bytes identifier, identifier_type;
    struct bytes type, number, holder_code, holder_name;
};
/* CODE_OK, or CODE_QUERY_INVALID with the field that is not in its form. Members that are not known are refused: whoever misspells one would else
 * be told `valid` about less than was asked. */
struct refusal query_read(struct query *out, struct arena *arena, const json_t *json);
#endif
