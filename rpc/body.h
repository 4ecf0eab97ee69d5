/* Body: of POST /v1/verify, read by one of two readers. The plain one reads in one pass what callers send day by day: known members, each once, no
 * escapes. It refuses nothing: whatever else a body holds goes to the full one, which is jansson and decides what is wrong and how it is said.
 * So the plain one only has to be right about what it takes. Layer: rpc. */
#ifndef LICET_RPC_BODY_H
#define LICET_RPC_BODY_H
#include "rpc/query.h"

#define VERIFY_PURPOSE_MAX 256u /* bytes of purpose and of item */
struct verify_body {
    struct query *queries; /* in the arena */
    size_t count;          /* at most QUERIES_MAX */
    bool proof;
};
/* CODE_OK; JSON_INVALID; TOO_MANY_QUERIES; or QUERY_INVALID with the number of the query and the field that is not in its form. Members of a query
 * that are not known are refused: whoever misspells one would else be told `valid` about less than was asked. */
struct refusal body_read(struct verify_body *out, struct arena *arena, struct bytes body);

/* The two, for tests. plain: false where it is for the other one to say; the arena is then as before. */
MUST_USE bool body_read_plain(struct verify_body *out, struct arena *arena, struct bytes body);
struct refusal body_read_full(struct verify_body *out, struct arena *arena, struct bytes body);
#endif
