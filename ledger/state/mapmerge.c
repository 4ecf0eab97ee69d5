#include "ledger/state/mapmerge.h"

#define KEY_BITS 256u
#define PREFIX_BITS 64u

/* --- order: by byte, from the first. Keys are hashes, so two or three rounds leave only small buckets. --- */

#define SMALL_BUCKET 32

static void sort_small(struct map_change *changes, size_t count, unsigned byte) {
    for (size_t i = 1; i < count; i++) {
        if (memcmp(changes[i - 1].key + byte, changes[i].key + byte, 32 - byte) <= 0) continue;
        const struct map_change change = changes[i];
        size_t at = i;
        for (; at > 0 && memcmp(changes[at - 1].key + byte, change.key + byte, 32 - byte) > 0; at--) changes[at] = changes[at - 1];
        changes[at] = change;
    }
}

/* All changes agree on the bytes before `byte`. Depth: at most 32. */
static void sort_from(struct map_change *changes, size_t count, unsigned byte) {
    if (count <= SMALL_BUCKET || byte == 32) {
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

/* A node that is made and not hashed yet. They are listed children first, so all new nodes below node i stand in [from, i). */
struct unhashed {
    uint32_t ref;
    uint32_t from; /* of a leaf: its change */
};

struct merge {
    struct mapnode_pool *pool;
    const struct map_change *changes;
    bool later; /* new nodes are listed, to be hashed at the end by several threads */
    struct unhashed *list;
    size_t listed, list_room;
    statemap_key_fn key_of;
    void *context;
    const struct map_change *warmed; /* changes before this one: their way down is in the cache */
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
static uint32_t here(const struct merge *merge) { return (uint32_t)merge->listed; }

static uint32_t list(struct merge *merge, uint32_t ref, uint32_t from) {
    if (merge->listed == merge->list_room) {
        const size_t room = merge->list_room * 2;
        struct unhashed *grown = (struct unhashed *)realloc(merge->list, room * sizeof *grown);
        if (grown == NULL) return fault(merge, ERR_MEMORY);
        merge->list = grown;
        merge->list_room = room;
    }
    merge->list[merge->listed++] = (struct unhashed){ref, from};
    return ref;
}

static void hash_leaf(const struct merge *merge, uint32_t ref, const struct map_change *change) {
    map_leaf(mapnode_hash(merge->pool, ref), change->key, change->value_hash);
}

static void hash_inner(const struct merge *merge, uint32_t ref) {
    const struct mapnode *inner = mapnode_at(merge->pool, ref);
    map_inner(mapnode_hash(merge->pool, ref), (uint16_t)inner->bit, mapnode_hash(merge->pool, inner->left), mapnode_hash(merge->pool, inner->right));
}

static uint32_t new_leaf(struct merge *merge, const struct map_change *change) {
    uint32_t number;
    if (!mapnode_take(merge->pool, &number)) return fault(merge, ERR_MEMORY);
    struct mapnode *leaf = mapnode_at(merge->pool, number);
    leaf->prefix_high = be32_get(change->key);
    leaf->prefix_low = be32_get(change->key + 4);
    leaf->slot = change->slot;
    if (merge->later) return list(merge, number | MAPNODE_LEAF, (uint32_t)(change - merge->changes));
    hash_leaf(merge, number, change);
    return number | MAPNODE_LEAF;
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
    if (merge->later) return list(merge, number, from);
    hash_inner(merge, number);
    return number;
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
static uint32_t build(struct merge *merge, const struct map_change *first, const struct map_change *end) {
    if (end - first == 1) {
        merge->added++;
        return new_leaf(merge, first);
    }
    const unsigned bit = difference(first->key, end[-1].key);
    ASSERT(bit < KEY_BITS); /* a key twice in one batch */
    const struct map_change *middle = split_at(first, end, bit);
    const uint32_t from = here(merge);
    const uint32_t left = build(merge, first, middle);
    if (merge->err != ERR_OK) return MAPNODE_NONE;
    const uint32_t right = build(merge, middle, end);
    return new_inner(merge, from, bit, left, right);
}

/* The leaf where the walk by key ends. Each sibling on the way will be hashed with, so its memory is asked for now. */
static struct standing stand(const struct mapnode_pool *pool, uint32_t ref, const uint8_t key32[32]) {
    while (!mapnode_is_leaf(ref)) {
        const struct mapnode *node = mapnode_at(pool, ref);
        const bool go_right = map_bit(key32, node->bit) != 0;
        mapnode_prefetch_hash(pool, go_right ? node->left : node->right);
        ref = go_right ? node->right : node->left;
    }
    const struct mapnode *leaf = mapnode_at(pool, ref);
    return (struct standing){.prefix = mapnode_prefix(leaf), .slot = leaf->slot};
}

#define WARM 64

/* Walks down with up to WARM changes side by side, so that their cache misses overlap: one at a time, the merge would wait for each
 * node of each path, which costs more than all the hashing. Changes nothing. */
static void warm(struct merge *merge, uint32_t ref, const struct map_change *first, const struct map_change *end) {
    uint32_t at[WARM];
    size_t lanes = (size_t)(end - first);
    const struct map_change *change[WARM];
    for (size_t i = 0; i < lanes; i++) {
        at[i] = ref;
        change[i] = first + i;
    }
    while (lanes > 0) {
        size_t going = 0;
        for (size_t i = 0; i < lanes; i++) {
            if (mapnode_is_leaf(at[i])) continue;
            const struct mapnode *node = mapnode_at(merge->pool, at[i]);
            const bool go_right = map_bit(change[i]->key, node->bit) != 0;
            mapnode_prefetch_hash(merge->pool, go_right ? node->left : node->right); /* of the sibling no more is read */
            at[going] = go_right ? node->right : node->left;
            mapnode_prefetch(merge->pool, at[going]);
            change[going++] = change[i];
        }
        lanes = going;
    }
    merge->warmed = end;
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
        if (merge->err == ERR_OK) right = build(merge, middle, end);
    } else {
        left = build(merge, first, middle);
        if (merge->err == ERR_OK && middle < end) right = merge_into(merge, ref, middle, end, stands);
    }
    return new_inner(merge, from, bit, left, right);
}

/* One side of a node: unchanged, or merged with the standing leaf that is in it. */
static uint32_t merge_side(struct merge *merge, uint32_t ref, const struct map_change *first, const struct map_change *end,
                           struct standing *stands_here) {
    if (first == end || merge->err != ERR_OK) return ref;
    if (first >= merge->warmed && end - first > 1 && end - first <= WARM) warm(merge, ref, first, end);
    if (stands_here != NULL) return merge_into(merge, ref, first, end, stands_here);
    struct standing stands = stand(merge->pool, ref, first->key);
    return merge_into(merge, ref, first, end, &stands);
}

/* At least one change; all agree with the subtree on the bits tested above it. Each call is for a later bit: depth at most 257. */
static uint32_t merge_into(struct merge *merge, uint32_t ref, const struct map_change *first, const struct map_change *end,
                           struct standing *stands) {
    const struct mapnode *node = mapnode_at(merge->pool, ref);
    const unsigned limit = mapnode_is_leaf(ref) ? KEY_BITS : node->bit;
    unsigned bit;
    unsigned bit_last;
    /* The changes are sorted, so none leaves the common prefix earlier than the first or the last one. */
    if (!differs_at(merge, stands, first, limit, &bit)) return MAPNODE_NONE;
    if (!differs_at(merge, stands, end - 1, limit, &bit_last)) return MAPNODE_NONE;
    if (bit_last < bit) bit = bit_last;
    if (bit < limit) return branch(merge, ref, first, end, stands, bit);

    if (mapnode_is_leaf(ref)) {
        ASSERT(end - first == 1);          /* a key twice in one batch */
        ASSERT(node->slot == first->slot); /* a key keeps its slot */
        return retire(merge, ref) ? new_leaf(merge, first) : MAPNODE_NONE;
    }
    const struct map_change *middle = split_at(first, end, bit);
    const bool stands_right = standing_bit(stands, bit) != 0;
    const uint32_t from = here(merge);
    const uint32_t left = merge_side(merge, node->left, first, middle, stands_right ? NULL : stands);
    const uint32_t right = merge_side(merge, node->right, middle, end, stands_right ? stands : NULL);
    if (merge->err != ERR_OK || !retire(merge, ref)) return MAPNODE_NONE;
    return new_inner(merge, from, bit, left, right);
}

/* --- hashing by several threads: the list is cut into ranges. What has all its new nodes in its own range is hashed with it; the few on
 * the paths over a cut come last, when everything below them is done. --- */

#define SHARE_MIN 1024u    /* changes: below, waking somebody costs more than it saves */
#define RANGES_A_THREAD 8u /* a thread that is late holds up one of them only */
#define AHEAD 8u           /* nodes whose memory is asked for before their turn */

static size_t range_begin(const struct merge *merge, uint32_t part, uint32_t parts) { return (size_t)((uint64_t)merge->listed * part / parts); }

static void hash_one(const struct merge *merge, const struct unhashed *node) {
    if (mapnode_is_leaf(node->ref)) hash_leaf(merge, node->ref, &merge->changes[node->from]);
    else hash_inner(merge, node->ref);
}

static bool crosses(const struct unhashed *node, size_t begin) { return !mapnode_is_leaf(node->ref) && node->from < begin; }

static void hash_range(void *context, uint32_t part, uint32_t parts) {
    const struct merge *merge = (const struct merge *)context;
    const size_t begin = range_begin(merge, part, parts), end = range_begin(merge, part + 1, parts);
    for (size_t i = begin; i < end; i++) {
        if (i + 2 * AHEAD < end) {
            mapnode_prefetch(merge->pool, merge->list[i + 2 * AHEAD].ref);
            mapnode_prefetch_hash(merge->pool, merge->list[i + 2 * AHEAD].ref);
        }
        if (i + AHEAD < end && !mapnode_is_leaf(merge->list[i + AHEAD].ref)) {
            const struct mapnode *inner = mapnode_at(merge->pool, merge->list[i + AHEAD].ref);
            mapnode_prefetch_hash(merge->pool, inner->left);
            mapnode_prefetch_hash(merge->pool, inner->right);
        }
        if (!crosses(&merge->list[i], begin)) hash_one(merge, &merge->list[i]);
    }
}

static void hash_all(struct merge *merge, struct workers *workers) {
    const uint32_t parts = workers_count(workers) * RANGES_A_THREAD;
    workers_run(workers, hash_range, merge, parts);
    for (uint32_t part = 0; part < parts; part++) {
        const size_t begin = range_begin(merge, part, parts), end = range_begin(merge, part + 1, parts);
        for (size_t i = begin; i < end; i++)
            if (crosses(&merge->list[i], begin)) hash_one(merge, &merge->list[i]);
    }
}

enum err mapmerge(struct mapnode_pool *pool, uint32_t root, const struct map_change *changes, size_t count, statemap_key_fn key_of,
                  void *context, struct workers *workers, uint32_t *out, uint32_t *added) {
    struct merge merge = {.pool = pool, .changes = changes, .key_of = key_of, .context = context, .warmed = changes, .err = ERR_OK};
    if (workers_count(workers) > 1 && count >= SHARE_MIN) {
        merge.list_room = 4 * count;
        merge.list = (struct unhashed *)malloc(merge.list_room * sizeof *merge.list);
        merge.later = merge.list != NULL; /* without memory for it: one after the other */
    }
    if (count == 0) {
        *out = root;
    } else if (root == MAPNODE_NONE) {
        *out = build(&merge, changes, changes + count);
    } else {
        *out = merge_side(&merge, root, changes, changes + count, NULL);
    }
    if (merge.later && merge.err == ERR_OK) hash_all(&merge, workers);
    free(merge.list);
    *added = merge.added;
    return merge.err;
}
