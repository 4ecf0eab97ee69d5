#include "crypto/mapproof.h"

void map_leaf(uint8_t out32[32], const uint8_t key32[32], const uint8_t value_hash32[32]) {
    const struct join join = map_leaf_join(out32, key32, value_hash32);
    join_one(&join);
}

void map_inner(uint8_t out32[32], uint16_t bit, const uint8_t left32[32], const uint8_t right32[32]) {
    const struct join join = map_inner_join(out32, bit, left32, right32);
    join_one(&join);
}

static uint16_t step_bit(struct bytes steps, size_t i) { return be16_get(steps.data + i * MAP_STEP_LEN); }
static const uint8_t *step_sibling(struct bytes steps, size_t i) { return steps.data + i * MAP_STEP_LEN + 2; }

/* Order is what pins a key to its place, so it is checked before anything is hashed. */
static bool steps_in_order(struct bytes steps) {
    if (steps.len % MAP_STEP_LEN != 0 || steps.len / MAP_STEP_LEN > MAP_STEPS_MAX) return false;
    for (size_t i = 0; i < steps.len / MAP_STEP_LEN; i++) {
        if (step_bit(steps, i) > 255) return false;
        if (i > 0 && step_bit(steps, i) <= step_bit(steps, i - 1)) return false;
    }
    return true;
}

bool map_member_root(uint8_t root32[32], const uint8_t key32[32], const uint8_t value_hash32[32], struct bytes steps) {
    if (!steps_in_order(steps)) return false;
    uint8_t hash[32];
    map_leaf(hash, key32, value_hash32);
    for (size_t i = steps.len / MAP_STEP_LEN; i-- > 0;) {
        const uint16_t bit = step_bit(steps, i);
        if (map_bit(key32, bit) == 0) {
            map_inner(hash, bit, hash, step_sibling(steps, i));
        } else {
            map_inner(hash, bit, step_sibling(steps, i), hash);
        }
    }
    memcpy(root32, hash, 32);
    return true;
}

bool map_absent_root(uint8_t root32[32], const uint8_t key32[32], const uint8_t *other_key32,
                     const uint8_t *other_value_hash32, struct bytes steps) {
    if (other_key32 == NULL) {
        if (steps.len != 0) return false;
        memset(root32, 0, 32);
        return true;
    }
    if (other_value_hash32 == NULL || memcmp(key32, other_key32, 32) == 0 || !steps_in_order(steps)) return false;
    for (size_t i = 0; i < steps.len / MAP_STEP_LEN; i++) {
        const uint16_t bit = step_bit(steps, i);
        if (map_bit(key32, bit) != map_bit(other_key32, bit)) return false; /* the walk by key would have turned off here */
    }
    return map_member_root(root32, other_key32, other_value_hash32, steps);
}
