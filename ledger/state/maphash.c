#include "ledger/state/maphash.h"

#define LIST_FIRST 1024u
#define SHARE_MIN 4096u   /* nodes: below, waking somebody costs more than it saves */
#define PARTS_A_THREAD 8u /* a thread that is late holds up one of them only */
#define TOGETHER 16u      /* nodes of a lane whose memory is asked for together */

void maphash_empty(struct maphash_list *list, size_t keep) {
    list->count = 0;
    if (list->room <= keep) return;
    free(list->nodes);
    *list = (struct maphash_list){0};
}

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

/* The list is cut into lanes, and a thread works on two of them side by side (crypto/join.h). What has all its new nodes in its own lane is hashed
 * with it; the few on the paths over a cut come last, when everything below them is done. */
struct hashing {
    const struct maphash_list *list;
    const struct mapnode_pool *pool;
    const struct map_change *changes;
};
struct lane { size_t begin, end; };

static struct lane lane_of(const struct maphash_list *list, uint32_t number, uint32_t lanes) {
    return (struct lane){(size_t)((uint64_t)list->count * number / lanes), (size_t)((uint64_t)list->count * (number + 1) / lanes)};
}

static bool crosses(const struct unhashed *node, size_t begin) { return !mapnode_is_leaf(node->ref) && node->from < begin; }

static struct join join_of(const struct hashing *hashing, const struct unhashed *node) {
    const struct mapnode_pool *pool = hashing->pool;
    uint8_t *out = mapnode_hash(pool, node->ref);
    if (mapnode_is_leaf(node->ref)) {
        const struct map_change *change = &hashing->changes[node->from];
        return map_leaf_join(out, change->key, change->value_hash);
    }
    const struct mapnode *inner = mapnode_at(pool, node->ref);
    return map_inner_join(out, (uint16_t)inner->bit, mapnode_hash(pool, inner->left), mapnode_hash(pool, inner->right));
}

static void hash_one(const struct hashing *hashing, const struct unhashed *node) {
    const struct join join = join_of(hashing, node);
    join_one(&join);
}

/* Nodes i and on of the lane. Those that cross wait: what is below them may be another thread's, and being written. */
static void touch(const struct hashing *hashing, struct lane lane, size_t i) {
    const size_t first = lane.begin + i, end = first + TOGETHER < lane.end ? first + TOGETHER : lane.end;
    for (size_t at = first; at < end; at++) {
        const uint32_t ref = hashing->list->nodes[at].ref;
        if (crosses(&hashing->list->nodes[at], lane.begin)) continue;
        mapnode_touch(mapnode_hash(hashing->pool, ref));
        if (mapnode_is_leaf(ref)) continue;
        const struct mapnode *inner = mapnode_at(hashing->pool, ref);
        mapnode_touch(mapnode_hash(hashing->pool, inner->left));
        mapnode_touch(mapnode_hash(hashing->pool, inner->right));
    }
}

/* Node i of one lane with node i of the other: neither is below the other, or it crosses. */
static void hash_beside(const struct hashing *hashing, struct lane a, struct lane b, size_t i) {
    const struct unhashed *nodes = hashing->list->nodes;
    const struct unhashed *one = a.begin + i < a.end && !crosses(&nodes[a.begin + i], a.begin) ? &nodes[a.begin + i] : NULL;
    const struct unhashed *other = b.begin + i < b.end && !crosses(&nodes[b.begin + i], b.begin) ? &nodes[b.begin + i] : NULL;
    if (one != NULL && other != NULL) {
        const struct join left = join_of(hashing, one), right = join_of(hashing, other);
        join_two(&left, &right);
    } else if (one != NULL || other != NULL) {
        hash_one(hashing, one != NULL ? one : other);
    }
}

static void hash_lanes(void *context, uint32_t part, uint32_t parts) {
    const struct hashing *hashing = (const struct hashing *)context;
    const struct lane a = lane_of(hashing->list, 2 * part, 2 * parts), b = lane_of(hashing->list, 2 * part + 1, 2 * parts);
    const size_t longer = a.end - a.begin > b.end - b.begin ? a.end - a.begin : b.end - b.begin;
    for (size_t i = 0; i < longer; i++) {
        if (i % TOGETHER == 0) {
            touch(hashing, a, i);
            touch(hashing, b, i);
        }
        hash_beside(hashing, a, b, i);
    }
}

void maphash_all(const struct maphash_list *list, const struct mapnode_pool *pool, const struct map_change *changes, struct workers *workers) {
    struct hashing hashing = {list, pool, changes};
    const bool share = workers_count(workers) > 1 && list->count >= SHARE_MIN;
    const uint32_t parts = share ? workers_count(workers) * PARTS_A_THREAD : 1;
    workers_run(share ? workers : NULL, hash_lanes, &hashing, parts);
    for (uint32_t number = 1; number < 2 * parts; number++) {
        const struct lane lane = lane_of(list, number, 2 * parts);
        for (size_t i = lane.begin; i < lane.end; i++)
            if (crosses(&list->nodes[i], lane.begin)) hash_one(&hashing, &list->nodes[i]);
    }
}
