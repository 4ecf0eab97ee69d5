#include "ledger/state/maphash.h"

#define LIST_FIRST 1024u
#define SHARE_MIN 4096u    /* nodes: below, waking somebody costs more than it saves */
#define RANGES_A_THREAD 8u /* a thread that is late holds up one of them only */
#define TOGETHER 32u       /* nodes whose memory is asked for together */

bool maphash_add(struct maphash_list *list, uint32_t ref, uint32_t from) {
    if (list->count == list->room) {
        const size_t room = list->room == 0 ? LIST_FIRST : list->room * 2;
        struct unhashed *grown = (struct unhashed *)realloc(list->nodes, room * sizeof *grown);
        if (grown == NULL) return false;
        list->nodes = grown;
        list->room = room;
    }
    list->nodes[list->count++] = (struct unhashed){ref, from};
    return true;
}

/* The list is cut into ranges. What has all its new nodes in its own range is hashed with it; the few on the paths over a cut come last, when
 * everything below them is done. */
struct hashing {
    const struct maphash_list *list;
    const struct mapnode_pool *pool;
    const struct map_change *changes;
};

static size_t range_begin(const struct hashing *hashing, uint32_t part, uint32_t parts) {
    return (size_t)((uint64_t)hashing->list->count * part / parts);
}

static bool crosses(const struct unhashed *node, size_t begin) { return !mapnode_is_leaf(node->ref) && node->from < begin; }

static void hash_one(const struct hashing *hashing, const struct unhashed *node) {
    const struct mapnode_pool *pool = hashing->pool;
    if (mapnode_is_leaf(node->ref)) {
        const struct map_change *change = &hashing->changes[node->from];
        map_leaf(mapnode_hash(pool, node->ref), change->key, change->value_hash);
        return;
    }
    const struct mapnode *inner = mapnode_at(pool, node->ref);
    map_inner(mapnode_hash(pool, node->ref), (uint16_t)inner->bit, mapnode_hash(pool, inner->left), mapnode_hash(pool, inner->right));
}

static void touch_one(const struct hashing *hashing, const struct unhashed *node) {
    mapnode_touch(mapnode_hash(hashing->pool, node->ref));
    if (mapnode_is_leaf(node->ref)) return;
    const struct mapnode *inner = mapnode_at(hashing->pool, node->ref);
    mapnode_touch(mapnode_hash(hashing->pool, inner->left));
    mapnode_touch(mapnode_hash(hashing->pool, inner->right));
}

static void hash_range(void *context, uint32_t part, uint32_t parts) {
    const struct hashing *hashing = (const struct hashing *)context;
    const struct unhashed *nodes = hashing->list->nodes;
    const size_t begin = range_begin(hashing, part, parts), end = range_begin(hashing, part + 1, parts);
    for (size_t next = begin; next < end;) {
        const size_t first = next;
        next = end - first < TOGETHER ? end : first + TOGETHER;
        for (size_t i = first; i < next; i++) touch_one(hashing, &nodes[i]);
        for (size_t i = first; i < next; i++)
            if (!crosses(&nodes[i], begin)) hash_one(hashing, &nodes[i]);
    }
}

void maphash_all(const struct maphash_list *list, const struct mapnode_pool *pool, const struct map_change *changes, struct workers *workers) {
    struct hashing hashing = {list, pool, changes};
    const bool share = workers_count(workers) > 1 && list->count >= SHARE_MIN;
    const uint32_t parts = share ? workers_count(workers) * RANGES_A_THREAD : 1;
    workers_run(share ? workers : NULL, hash_range, &hashing, parts);
    for (uint32_t part = 1; part < parts; part++) {
        const size_t begin = range_begin(&hashing, part, parts), end = range_begin(&hashing, part + 1, parts);
        for (size_t i = begin; i < end; i++)
            if (crosses(&list->nodes[i], begin)) hash_one(&hashing, &list->nodes[i]);
    }
}
