/* Join: the hash of a tree's node, H(prefix | 32 bytes | 32 bytes), where there are many to make. The processor's SHA-256 instructions wait for each
 * other, so two messages that do not depend on each other go through side by side in little more time than one. Layer: crypto. No heap.
 * Where the processor has no such instructions, or the answers differ from OpenSSL's at start, each goes through sha256(). */
#ifndef LICET_CRYPTO_JOIN_H
#define LICET_CRYPTO_JOIN_H
#include "crypto/bytes.h"

#define JOIN_PREFIX_MAX 3u
struct join {
    uint8_t prefix[JOIN_PREFIX_MAX];
    uint8_t prefix_len; /* 1 or 3 */
    const uint8_t *left, *right; /* 32 bytes each */
    uint8_t *out32; /* written when all has been read */
};
bool join_setup(void); /* chooses the way, after hash_setup; until then, one message after the other. True, always */
void join_one(const struct join *join);
void join_two(const struct join *a, const struct join *b); /* neither reads what the other writes */
bool join_side_by_side(void); /* what join_setup chose */

typedef void (*join_two_fn)(const struct join *a, const struct join *b);
/* What join_setup asks before it trusts a way: true where it gives what OpenSSL gives. */
bool join_agrees(join_two_fn tried);
#endif
