#include "crypto/merkle.h"

#include "crypto/hash.h"

#define TREE_SIZE_MAX ((uint64_t)1 << 63)

void merkle_leaf(uint8_t out32[32], const void *entry, size_t len) {
    const uint8_t tag = 0x00;
    const struct bytes parts[2] = {bytes_of(&tag, 1), bytes_of(entry, len)};
    sha256_parts(out32, parts, 2);
}

void merkle_node(uint8_t out32[32], const uint8_t left32[32], const uint8_t right32[32]) {
    uint8_t message[65];
    message[0] = 0x01;
    memcpy(message + 1, left32, 32);
    memcpy(message + 33, right32, 32);
    sha256(out32, message, sizeof message);
}

void merkle_empty_root(uint8_t out32[32]) { sha256(out32, "", 0); }

void merkle_append(struct merkle_frontier *frontier, const uint8_t leaf32[32], merkle_store_fn store, void *context) {
    ASSERT(frontier->size < TREE_SIZE_MAX);
    uint8_t hash[32];
    memcpy(hash, leaf32, 32);
    unsigned level = 0;
    if (store != NULL) store(context, 0, frontier->size, hash);
    /* Adding one to size carries through its low ones: each carry joins two perfect subtrees. */
    for (; (frontier->size >> level & 1) != 0; level++) {
        merkle_node(hash, frontier->node[level], hash);
        if (store != NULL) store(context, level + 1, frontier->size >> (level + 1), hash);
    }
    memcpy(frontier->node[level], hash, 32);
    frontier->size++;
}

void merkle_root(uint8_t out32[32], const struct merkle_frontier *frontier) {
    bool any = false;
    for (unsigned level = 0; level < 64; level++) {
        if ((frontier->size >> level & 1) == 0) continue;
        if (any) {
            merkle_node(out32, frontier->node[level], out32);
        } else {
            memcpy(out32, frontier->node[level], 32);
        }
        any = true;
    }
    if (!any) merkle_empty_root(out32);
}

bool merkle_frontier_load(struct merkle_frontier *out, uint64_t size, merkle_fetch_fn fetch, void *context) {
    ASSERT(size <= TREE_SIZE_MAX);
    memset(out, 0, sizeof *out);
    for (unsigned level = 0; level < 64; level++) {
        if ((size >> level & 1) == 0) continue;
        if (!fetch(context, level, (size >> level) - 1, out->node[level])) return false;
    }
    out->size = size;
    return true;
}

/* MTH(D[begin : begin + size]) for a range as the RFC's recursion makes them: begin is a multiple of the smallest power of two that is
 * not below size, so the range falls into perfect subtrees, one for each bit of size, the largest first. */
static bool range_root(uint8_t out32[32], uint64_t begin, uint64_t size, merkle_fetch_fn fetch, void *context) {
    bool any = false;
    for (unsigned level = 0; level < 64; level++) {
        if ((size >> level & 1) == 0) continue;
        uint8_t hash[32];
        if (!fetch(context, level, ((begin + size) >> level) - 1, hash)) return false;
        if (any) {
            merkle_node(out32, hash, out32);
        } else {
            memcpy(out32, hash, 32);
        }
        any = true;
    }
    return any;
}

/* The largest power of two below n, for n > 1: where the RFC splits a tree of n leaves. */
static uint64_t split_of(uint64_t n) { return (uint64_t)1 << (63 - __builtin_clzll(n - 1)); }

/* The recursions of the RFC go from the root down, the path is written from the leaf up. */
static void reverse(uint8_t path[][32], size_t count) {
    for (size_t i = 0; i < count / 2; i++) {
        uint8_t swap[32];
        memcpy(swap, path[i], 32);
        memcpy(path[i], path[count - 1 - i], 32);
        memcpy(path[count - 1 - i], swap, 32);
    }
}

/* RFC 9162 2.1.3.1: PATH(m, D[n]) with the recursion turned into a loop. */
bool merkle_inclusion_make(uint8_t path[][32], size_t *count, uint64_t index, uint64_t size, merkle_fetch_fn fetch,
                           void *context) {
    ASSERT(index < size);
    ASSERT(size <= TREE_SIZE_MAX);
    uint64_t begin = 0;
    uint64_t m = index;
    uint64_t n = size;
    *count = 0;
    while (n > 1) {
        const uint64_t k = split_of(n);
        ASSERT(*count < MERKLE_PATH_MAX);
        if (m < k) {
            if (!range_root(path[(*count)++], begin + k, n - k, fetch, context)) return false;
            n = k;
        } else {
            if (!range_root(path[(*count)++], begin, k, fetch, context)) return false;
            begin += k;
            m -= k;
            n -= k;
        }
    }
    reverse(path, *count);
    return true;
}

/* RFC 9162 2.1.4.1: SUBPROOF(m, D[n], b) as a loop; `known` is its b: the verifier has the root of these m leaves already. */
bool merkle_consistency_make(uint8_t path[][32], size_t *count, uint64_t size_1, uint64_t size_2, merkle_fetch_fn fetch,
                             void *context) {
    ASSERT(size_1 > 0);
    ASSERT(size_1 <= size_2);
    ASSERT(size_2 <= TREE_SIZE_MAX);
    uint64_t begin = 0;
    uint64_t m = size_1;
    uint64_t n = size_2;
    bool known = true;
    *count = 0;
    while (m != n) {
        const uint64_t k = split_of(n);
        ASSERT(*count + 1 < MERKLE_CONSISTENCY_MAX);
        if (m <= k) {
            if (!range_root(path[(*count)++], begin + k, n - k, fetch, context)) return false;
            n = k;
        } else {
            if (!range_root(path[(*count)++], begin, k, fetch, context)) return false;
            begin += k;
            m -= k;
            n -= k;
            known = false;
        }
    }
    if (!known && !range_root(path[(*count)++], begin, m, fetch, context)) return false;
    reverse(path, *count);
    return true;
}

/* The walk from a node up to the root that both verifications share: fn is the node's index and sn that of the last node, level by
 * level. A step to the right edge skips the levels where the edge has no sibling. */
static void climb(uint64_t *fn, uint64_t *sn) {
    while ((*fn & 1) == 0 && *fn != 0) { /* then fn == sn: the node is the last one of an odd row */
        *fn >>= 1;
        *sn >>= 1;
    }
    *fn >>= 1;
    *sn >>= 1;
}

bool merkle_inclusion_root(uint8_t root32[32], const uint8_t leaf32[32], uint64_t index, uint64_t size,
                           const uint8_t (*path)[32], size_t count) {
    if (index >= size) return false;
    uint64_t fn = index;
    uint64_t sn = size - 1;
    uint8_t hash[32];
    memcpy(hash, leaf32, 32);
    for (size_t i = 0; i < count; i++) {
        if (sn == 0) return false; /* the path is too long */
        if ((fn & 1) != 0 || fn == sn) {
            merkle_node(hash, path[i], hash);
            climb(&fn, &sn);
        } else {
            merkle_node(hash, hash, path[i]);
            fn >>= 1;
            sn >>= 1;
        }
    }
    if (sn != 0) return false; /* too short */
    memcpy(root32, hash, 32);
    return true;
}

bool merkle_consistency_check(const uint8_t root_1[32], uint64_t size_1, const uint8_t root_2[32], uint64_t size_2,
                              const uint8_t (*path)[32], size_t count) {
    if (size_1 == 0 || size_1 > size_2) return false;
    if (size_1 == size_2) return count == 0 && memcmp(root_1, root_2, 32) == 0;
    if (count == 0) return false;

    /* Where the old tree is perfect its root is a node of the new one, and the path leaves it out. */
    const bool perfect = (size_1 & (size_1 - 1)) == 0;
    const uint8_t *start = perfect ? root_1 : path[0];
    uint64_t fn = size_1 - 1;
    uint64_t sn = size_2 - 1;
    for (; (fn & 1) != 0; fn >>= 1) sn >>= 1;
    uint8_t old_root[32];
    uint8_t new_root[32];
    memcpy(old_root, start, 32);
    memcpy(new_root, start, 32);
    for (size_t i = perfect ? 0 : 1; i < count; i++) {
        if (sn == 0) return false;
        if ((fn & 1) != 0 || fn == sn) {
            merkle_node(old_root, path[i], old_root);
            merkle_node(new_root, path[i], new_root);
            climb(&fn, &sn);
        } else {
            merkle_node(new_root, new_root, path[i]);
            fn >>= 1;
            sn >>= 1;
        }
    }
    return sn == 0 && memcmp(old_root, root_1, 32) == 0 && memcmp(new_root, root_2, 32) == 0;
}
