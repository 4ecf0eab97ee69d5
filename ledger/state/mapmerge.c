#include "ledger/state/mapmerge.h"

#define KEY_BITS 256u
#define PREFIX_BITS 64u

/* --- order: by byte, from the first. Keys are hashes, so two or three rounds leave only small buckets. --- */

#define SMALL_BUCKET 64u

struct place { uint64_t prefix; uint32_t at; };

/* Few changes: their places are sorted, which are a quarter of their size, and each change is moved once. */
static void sort_small(struct map_change *changes, size_t count, unsigned byte) {
    struct place places[SMALL_BUCKET];
    struct map_change before[SMALL_BUCKET];
    const unsigned from = byte < 24 ? byte : 24;
    for (uint32_t i = 0; i < count; i++) {
        const struct place place = {be64_get(changes[i].key + from), i};
        size_t at = i;
        for (; at > 0; at--) {
            const struct place *lower = &places[at - 1];
            if (lower->prefix < place.prefix) break;
            if (lower->prefix == place.prefix && memcmp(changes[lower->at].key, changes[i].key, 32) <= 0) break;
            places[at] = *lower;
        }
        places[at] = place;
    }
    memcpy(before, changes, count * sizeof *changes);
    for (size_t i = 0; i < count; i++) changes[i] = before[places[i].at];
}

/* All changes agree on the bytes before `byte`. Depth: at most 32. */
static void sort_from(struct map_change *changes, size_t count, unsigned byte) {
    if (byte == 32 || count < 2) return;
    if (count <= SMALL_BUCKET) {
        sort_small(changes, count, byte);
        return;
    }
    size_t next[256] = {0};
    size_t end[256];
    for (size_t i = 0; i < count; i++) next[changes[i].key[byte]]++;
    size_t sum = 0;
    for (unsigned b = 0; b < 256; b++) {
        sum += next[b];
        end[b] = sum;
        next[b] = sum - next[b];
    }
    for (unsigned b = 0; b < 256; b++) {
        while (next[b] < end[b]) {
            struct map_change change = changes[next[b]];
            /* Follow the cycle of displaced changes until one belongs here. */
            while (change.key[byte] != b) {
                const size_t to = next[change.key[byte]]++;
                const struct map_change displaced = changes[to];
                changes[to] = change;
                change = displaced;
            }
            changes[next[b]++] = change;
        }
    }
    size_t begin = 0;
    for (unsigned b = 0; b < 256; b++) {
        sort_from(changes + begin, end[b] - begin, byte + 1);
        begin = end[b];
    }
}

void mapmerge_sort(struct map_change *changes, size_t count) { sort_from(changes, count, 0); }

/* --- the merge --- */

#define WARM 64u /* changes that walk down side by side */

struct merge {
    struct mapnode_pool *pool;
    uint32_t root; /* of the version below */
    const struct map_change *changes, *end;
    struct maphash_list *list;
    statemap_key_fn key_of;
    void *context;
    const struct map_change *warm_first, *warm_end; /* where the walks by these changes end: */
    uint32_t warm_at[WARM];
    uint32_t added;
    enum err err; /* once set, every function returns MAPNODE_NONE and the result is thrown away */
};

/* A leaf that stands for the subtree it is in: all keys below a node agree on the bits before the node's own. Which of its leaves does
 * not matter, so it is found by walking where the changes go anyway. */
struct standing {
    uint64_t prefix;
    uint32_t slot;
    bool whole; /* key is known, not only the prefix */
    uint8_t key[32];
};

static uint32_t fault(struct merge *merge, enum err err) {
    merge->err = err;
    return MAPNODE_NONE;
}

/* The list's length: what a node made from here on has below it. */
static uint32_t here(const struct merge *merge) { return (uint32_t)merge->list->count; }

static uint32_t mapmerge_listed(struct merge *merge, uint32_t ref, uint32_t from) {
    return maphash_add(merge->list, ref, from) ? ref : fault(merge, ERR_MEMORY);
}

static uint32_t new_leaf(struct merge *merge, const struct map_change *change) {
    uint32_t number;
    if (!mapnode_take(merge->pool, &number)) return fault(merge, ERR_MEMORY);
    struct mapnode *leaf = mapnode_at(merge->pool, number);
    leaf->prefix_high = be32_get(change->key);
    leaf->prefix_low = be32_get(change->key + 4);
    leaf->slot = change->slot;
    return mapmerge_listed(merge, number | MAPNODE_LEAF, (uint32_t)(change - merge->changes));
}

/* from: what `here` was before left and right were made. */
static uint32_t new_inner(struct merge *merge, uint32_t from, unsigned bit, uint32_t left, uint32_t right) {
    uint32_t number;
    if (merge->err != ERR_OK) return MAPNODE_NONE; /* left or right failed */
    if (!mapnode_take(merge->pool, &number)) return fault(merge, ERR_MEMORY);
    struct mapnode *inner = mapnode_at(merge->pool, number);
    inner->left = left;
    inner->right = right;
    inner->bit = bit;
    return mapmerge_listed(merge, number, from);
}

static bool retire(struct merge *merge, uint32_t ref) {
    if (mapnode_retire(merge->pool, ref)) return true;
    merge->err = ERR_MEMORY;
    return false;
}

/* The first bit where two keys differ; 256 where they are equal. */
static unsigned difference(const uint8_t a[32], const uint8_t b[32]) {
    for (unsigned i = 0; i < 32; i += 8) {
        const uint64_t differ = be64_get(a + i) ^ be64_get(b + i);
        if (differ != 0) return i * 8 + (unsigned)__builtin_clzll(differ);
    }
    return KEY_BITS;
}

/* The first change whose bit is 1. The range is sorted and agrees on all bits before. */
static const struct map_change *split_at(const struct map_change *first, const struct map_change *end, unsigned bit) {
    while (first < end) {
        const struct map_change *middle = first + (end - first) / 2;
        if (map_bit(middle->key, bit) == 0) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return first;
}

/* A tree of new keys only. */
static uint32_t mapmerge_build(struct merge *merge, const struct map_change *first, const struct map_change *end) {
    if (end - first == 1) {
        merge->added++;
        return new_leaf(merge, first);
    }
    const unsigned bit = difference(first->key, end[-1].key);
    if (bit == KEY_BITS) return fault(merge, ERR_CORRUPT); /* a key twice */
    const struct map_change *middle = split_at(first, end, bit);
    const uint32_t from = here(merge);
    const uint32_t left = mapmerge_build(merge, first, middle);
    if (merge->err != ERR_OK) return MAPNODE_NONE;
    const uint32_t right = mapmerge_build(merge, middle, end);
    return new_inner(merge, from, bit, left, right);
}

/* Walks down with the next WARM changes side by side, so that they wait for memory together: one at a time, the merge would wait for each node of
 * each path, which costs more than all the hashing. A bit that does not grow ends a walk: where old nodes are written over at once, a change that
 * leaves a subtree further up may walk through what the merge has made of it. Nobody asks where that one ends. */
static void warm(struct merge *merge, const struct map_change *first) {
    const size_t left = (size_t)(merge->end - first), count = left < WARM ? left : WARM;
    size_t lane[WARM], lanes = count; /* those still on their way */
    uint32_t least[WARM];
    for (size_t i = 0; i < count; i++) {
        merge->warm_at[i] = merge->root;
        least[i] = 0;
        lane[i] = i;
    }
    while (lanes > 0) {
        size_t going = 0;
        for (size_t i = 0; i < lanes; i++) {
            const size_t k = lane[i];
            if (mapnode_is_leaf(merge->warm_at[k])) continue;
            const struct mapnode *node = mapnode_at(merge->pool, merge->warm_at[k]);
            if (node->bit < least[k]) continue;
            least[k] = node->bit + 1;
            merge->warm_at[k] = node->side[map_bit(first[k].key, node->bit)];
            lane[going++] = k;
        }
        lanes = going;
    }
    for (size_t i = 0; i < count; i++) mapnode_touch(mapnode_at(merge->pool, merge->warm_at[i]));
    merge->warm_first = first;
    merge->warm_end = first + count;
}

/* The leaf where the walk by the change's key ends. */
static struct standing stand(struct merge *merge, const struct map_change *change) {
    if (change >= merge->warm_end) warm(merge, change);
    ASSERT(change >= merge->warm_first);
    const uint32_t ref = merge->warm_at[change - merge->warm_first];
    ASSERT(mapnode_is_leaf(ref));
    const struct mapnode *leaf = mapnode_at(merge->pool, ref);
    return (struct standing){.prefix = mapnode_prefix(leaf), .slot = leaf->slot};
}

/* *bit: the first bit before limit where the change differs from the standing leaf, else limit. A slot holds one key for ever, so the
 * whole key has to be asked for only when keys of two slots agree on their whole prefix. False: a fault. */
static bool differs_at(struct merge *merge, struct standing *stands, const struct map_change *change, unsigned limit, unsigned *bit) {
    const uint64_t differ = stands->prefix ^ be64_get(change->key);
    *bit = limit;
    if (differ != 0) {
        const unsigned first = (unsigned)__builtin_clzll(differ);
        if (first < limit) *bit = first;
        return true;
    }
    if (limit < PREFIX_BITS) return true;
    if (!stands->whole) {
        if (stands->slot == change->slot) {
            memcpy(stands->key, change->key, 32);
        } else if (!merge->key_of(merge->context, stands->slot, stands->key) || be64_get(stands->key) != stands->prefix) {
            merge->err = ERR_CORRUPT;
            return false;
        }
        stands->whole = true;
    }
    const unsigned first = difference(stands->key, change->key);
    if (first < limit) *bit = first;
    return true;
}

/* For a bit that differs_at gave: one past the prefix was found with the whole key. */
static unsigned standing_bit(const struct standing *stands, unsigned bit) {
    if (bit < PREFIX_BITS) return (unsigned)(stands->prefix >> (63 - bit)) & 1u;
    ASSERT(stands->whole);
    return map_bit(stands->key, bit);
}

/* One change: where most of the nodes are made. Down its path to where it leaves the tree, or to its leaf, and up again. */
static uint32_t merge_one(struct merge *merge, uint32_t ref, const struct map_change *change) {
    uint32_t path[KEY_BITS];
    unsigned depth = 0, bit;
    const uint32_t from = here(merge);
    struct standing stands = stand(merge, change); /* of its own walk: no node on the way tests the bit where they differ */
    if (!differs_at(merge, &stands, change, KEY_BITS, &bit)) return MAPNODE_NONE;
    while (!mapnode_is_leaf(ref) && mapnode_at(merge->pool, ref)->bit < bit) {
        const struct mapnode *node = mapnode_at(merge->pool, ref);
        path[depth++] = ref;
        ref = node->side[map_bit(change->key, node->bit)];
    }
    if (bit < KEY_BITS) {
        merge->added++;
        const uint32_t leaf = new_leaf(merge, change);
        const bool leaf_right = map_bit(change->key, bit) != 0;
        ref = new_inner(merge, from, bit, leaf_right ? ref : leaf, leaf_right ? leaf : ref);
    } else {
        ASSERT(mapnode_is_leaf(ref));
        if (mapnode_at(merge->pool, ref)->slot != change->slot) return fault(merge, ERR_CORRUPT); /* a key keeps its slot */
        if (!retire(merge, ref)) return MAPNODE_NONE;
        ref = new_leaf(merge, change);
    }
    while (depth > 0 && merge->err == ERR_OK) {
        const uint32_t old = path[--depth];
        struct mapnode node = *mapnode_at(merge->pool, old); /* a copy: it may be written over at once */
        node.side[map_bit(change->key, node.bit)] = ref;
        ref = retire(merge, old) ? new_inner(merge, from, node.bit, node.left, node.right) : MAPNODE_NONE;
    }
    return ref;
}

static uint32_t merge_into(struct merge *merge, uint32_t ref, const struct map_change *first, const struct map_change *end,
                           struct standing *stands);

/* Some changes leave the subtree's common prefix at `bit`, which comes before its own: a new node above it, a new tree beside it. */
static uint32_t branch(struct merge *merge, uint32_t ref, const struct map_change *first, const struct map_change *end,
                       struct standing *stands, unsigned bit) {
    const struct map_change *middle = split_at(first, end, bit);
    const bool old_is_right = standing_bit(stands, bit) != 0;
    const uint32_t from = here(merge);
    uint32_t left = ref;
    uint32_t right = ref;
    if (!old_is_right) {
        if (first < middle) left = merge_into(merge, ref, first, middle, stands);
        if (merge->err == ERR_OK) right = mapmerge_build(merge, middle, end);
    } else {
        left = mapmerge_build(merge, first, middle);
        if (merge->err == ERR_OK && middle < end) right = merge_into(merge, ref, middle, end, stands);
    }
    return new_inner(merge, from, bit, left, right);
}

/* One side of a node: unchanged, or merged with the standing leaf that is in it. */
static uint32_t merge_side(struct merge *merge, uint32_t ref, const struct map_change *first, const struct map_change *end,
                           struct standing *stands_here) {
    if (first == end || merge->err != ERR_OK) return ref;
    if (end - first == 1) return merge_one(merge, ref, first);
    if (stands_here == NULL) {
        struct standing stands = stand(merge, first);
        return merge_into(merge, ref, first, end, &stands);
    }
    return merge_into(merge, ref, first, end, stands_here);
}

/* At least one change; all agree with the subtree on the bits tested above it. Each call is for a later bit: depth at most 257. */
static uint32_t merge_into(struct merge *merge, uint32_t ref, const struct map_change *first, const struct map_change *end,
                           struct standing *stands) {
    if (end - first == 1) return merge_one(merge, ref, first);
    const struct mapnode *node = mapnode_at(merge->pool, ref);
    const unsigned limit = mapnode_is_leaf(ref) ? KEY_BITS : node->bit;
    unsigned bit;
    unsigned bit_last;
    /* The changes are sorted, so none leaves the common prefix earlier than the first or the last one. */
    if (!differs_at(merge, stands, first, limit, &bit)) return MAPNODE_NONE;
    if (!differs_at(merge, stands, end - 1, limit, &bit_last)) return MAPNODE_NONE;
    if (bit_last < bit) bit = bit_last;
    if (bit < limit) return branch(merge, ref, first, end, stands, bit);

    if (mapnode_is_leaf(ref)) return fault(merge, ERR_CORRUPT); /* a key twice */
    const struct map_change *middle = split_at(first, end, bit);
    const bool stands_right = standing_bit(stands, bit) != 0;
    const uint32_t from = here(merge);
    const uint32_t left = merge_side(merge, node->left, first, middle, stands_right ? NULL : stands);
    const uint32_t right = merge_side(merge, node->right, middle, end, stands_right ? stands : NULL);
    if (merge->err != ERR_OK || !retire(merge, ref)) return MAPNODE_NONE;
    return new_inner(merge, from, bit, left, right);
}

enum err mapmerge(struct mapnode_pool *pool, uint32_t root, const struct map_change *changes, size_t count, statemap_key_fn key_of,
                  void *context, struct maphash_list *list, uint32_t *out, uint32_t *added) {
    *out = root;
    *added = 0;
    if (count == 0) return ERR_OK; /* changes may be NULL then */
    struct merge merge = {.pool = pool, .root = root, .changes = changes, .end = changes + count, .list = list, .key_of = key_of,
                          .context = context, .warm_first = changes, .warm_end = changes, .err = ERR_OK};
    if (root == MAPNODE_NONE) {
        *out = mapmerge_build(&merge, changes, changes + count);
    } else {
        *out = merge_side(&merge, root, changes, changes + count, NULL);
    }
    *added = merge.added;
    return merge.err;
}
