/* Merkle: the RFC 9162 SHA-256 tree: leaf H(00|entry), node H(01|l|r). Proofs are checked without storage and made
 * from any source of perfect-subtree hashes. Layer: crypto. No heap. */
#ifndef LICET_CRYPTO_MERKLE_H
#define LICET_CRYPTO_MERKLE_H
#include "crypto/bytes.h"

#define MERKLE_PATH_MAX 64 /* an inclusion path of a tree of up to 2^63 leaves; consistency takes one more at most */
#define MERKLE_CONSISTENCY_MAX 66

void merkle_leaf(uint8_t out32[32], const void *entry, size_t len);
void merkle_node(uint8_t out32[32], const uint8_t left32[32], const uint8_t right32[32]);
void merkle_empty_root(uint8_t out32[32]); /* SHA-256 of nothing */

/* The right edge of a growing tree: node[l] is the root of a perfect subtree of 2^l leaves where bit l of size is set. */
struct merkle_frontier {
    uint64_t size;
    uint8_t node[64][32];
};
/* Reports each perfect subtree completed by an append: level, index at that level, hash. May be NULL. */
typedef void (*merkle_store_fn)(void *context, unsigned level, uint64_t index, const uint8_t hash32[32]);
void merkle_append(struct merkle_frontier *frontier, const uint8_t leaf32[32], merkle_store_fn store, void *context);
void merkle_root(uint8_t out32[32], const struct merkle_frontier *frontier);

/* Fetches the hash of the perfect subtree `index` at `level` (level 0: leaf hashes). False: not to be had (a fault). */
typedef bool (*merkle_fetch_fn)(void *context, unsigned level, uint64_t index, uint8_t out32[32]);
/* Rebuilds the frontier of a tree of `size` leaves. */
MUST_USE bool merkle_frontier_load(struct merkle_frontier *out, uint64_t size, merkle_fetch_fn fetch, void *context);
/* path[0] is next to the leaf. index < size. *count <= MERKLE_PATH_MAX. */
MUST_USE bool merkle_inclusion_make(uint8_t path[][32], size_t *count, uint64_t index, uint64_t size,
                                    merkle_fetch_fn fetch, void *context);
/* 0 < size_1 <= size_2; equal sizes give an empty path. *count <= MERKLE_CONSISTENCY_MAX. */
MUST_USE bool merkle_consistency_make(uint8_t path[][32], size_t *count, uint64_t size_1, uint64_t size_2,
                                      merkle_fetch_fn fetch, void *context);

/* RFC 9162 2.1.3.2: computes the root that the path leads to; false where the path's length does not fit (index, size). */
MUST_USE bool merkle_inclusion_root(uint8_t root32[32], const uint8_t leaf32[32], uint64_t index, uint64_t size,
                                    const uint8_t (*path)[32], size_t count);
/* RFC 9162 2.1.4.2. */
MUST_USE bool merkle_consistency_check(const uint8_t root_1[32], uint64_t size_1, const uint8_t root_2[32], uint64_t size_2,
                                       const uint8_t (*path)[32], size_t count);
#endif
