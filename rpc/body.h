/* Body: reads the body of POST /v1/verify. Layer: rpc.
 * Two readers. The plain one reads in one pass what callers send day by day: known members, each once, no escapes. It refuses nothing. Any other body
 * goes to the full reader, which uses jansson and decides what is wrong. So the plain reader only has to be right about what it takes. */
#ifndef LICET_RPC_BODY_H
#define LICET_RPC_BODY_H
#include "rpc/query.h"

#define VERIFY_PURPOSE_MAX 256u /* bytes of purpose and of item */
struct verify_body {
    struct query *queries; /* in the arena */
    size_t count;          /* at most QUERIES_MAX */
    bool proof;
};
/* CODE_OK, JSON_INVALID, TOO_MANY_QUERIES or QUERY_INVALID; the last names the query's number and the field that is not in its form. A member that is not
 * known is refused: else a caller that misspells one would be told `valid` about less than it asked. */
MUST_USE struct refusal body_read(struct verify_body *out, struct arena *arena, struct bytes body);

/* The two readers, for tests. plain: false where the full one has to read; the arena is then as before. */
MUST_USE bool body_read_plain(struct verify_body *out, struct arena *arena, struct bytes body);
MUST_USE struct refusal body_read_full(struct verify_body *out, struct arena *arena, struct bytes body);
#endif
