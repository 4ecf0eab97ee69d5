/* Mapproof: proofs about the state map, a crit-bit Merkle map over 32-byte keys. Layer: crypto. No heap, no storage.
 *   leaf  H(00 | key | H(value))        inner H(01 | u16be bit | left | right)        empty map: 32 zero bytes
 * `bit` counts from the most significant bit of key[0]. Along a path bits grow strictly, all keys below an inner node agree
 * on every bit before it, and left holds the keys whose bit is 0. So a walk by a key's own bits ends at that key, or at
 * another one, which proves that it is absent. The bit inside the hash pins placement: no builder can hide a key.
 * A stock ICS23 verifier takes the same hashes with the ProofSpec in docs/FORMATS.md. */
#ifndef LICET_CRYPTO_MAPPROOF_H
#define LICET_CRYPTO_MAPPROOF_H
#include "crypto/join.h"

#define MAP_STEPS_MAX 256
#define MAP_STEP_LEN 34 /* u16be bit | 32 bytes sibling */

void map_leaf(uint8_t out32[32], const uint8_t key32[32], const uint8_t value_hash32[32]);
void map_inner(uint8_t out32[32], uint16_t bit, const uint8_t left32[32], const uint8_t right32[32]);
/* The same two as joins, for who has many of them. */
static inline struct join map_leaf_join(uint8_t *out32, const uint8_t *key32, const uint8_t *value_hash32) {
    return (struct join){.prefix = {0x00}, .prefix_len = 1, .left = key32, .right = value_hash32, .out32 = out32};
}
static inline struct join map_inner_join(uint8_t *out32, uint16_t bit, const uint8_t *left32, const uint8_t *right32) {
    return (struct join){{0x01, (uint8_t)(bit >> 8), (uint8_t)bit}, 3, left32, right32, out32};
}
static inline unsigned map_bit(const uint8_t key32[32], unsigned bit) { return ((unsigned)key32[bit >> 3] >> (7u - (bit & 7u))) & 1u; }

/* steps: whole 34-byte steps, root first. Computes the root that (key, value hash) sits under.
 * False where the length is not whole steps, there are too many, or bits are out of range or do not grow strictly. */
MUST_USE bool map_member_root(uint8_t root32[32], const uint8_t key32[32], const uint8_t value_hash32[32],
                              struct bytes steps);
/* Absence of key: the walk by key ends at other_key. False besides where other_key == key or their bits differ at a step.
 * other_key NULL: the map is empty (steps must be empty), root = 32 zero bytes. */
MUST_USE bool map_absent_root(uint8_t root32[32], const uint8_t key32[32], const uint8_t *other_key32,
                              const uint8_t *other_value_hash32, struct bytes steps);
#endif
