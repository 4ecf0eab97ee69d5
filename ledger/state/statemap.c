#include "ledger/state/statemap.h"

#include "ledger/state/maphash.h"
#include "ledger/state/mapmerge.h"
#include "ledger/state/mapnode.h"

#include <pthread.h>

#define LIST_KEPT ((size_t)1 << 18) /* nodes, 2 MiB: a block of ten thousand changes; given back, its pages would be taken and cleared anew each block */

/* Once published, only refs changes, under the lock. */
struct map_snapshot {
    uint32_t root; /* MAPNODE_NONE: empty */
    uint32_t count;
    uint8_t hash[32];
    uint64_t refs;
    uint64_t retired_until;    /* the pool's tail once its successor was published: what its last reader's leaving sets free */
    struct map_snapshot *next; /* newer */
};

/* The lock guards the list of versions and their counts. Nodes need none: those that a version can reach were written before it was
 * published under the lock, and are written again only after its release was seen under the lock. */
struct statemap {
    pthread_mutex_t lock;
    struct map_snapshot *oldest, *newest; /* the newest is held by the map itself */
    struct statemap_use use;
    struct map_snapshot *pending; /* from here on: the writer's */
    struct mapnode_pool pool;
    struct maphash_list list; /* of the running update */
    struct workers *workers;
};

/* A lock that works on defaults fails only by our own mistake. */
static void statemap_lock(struct statemap *map) { ASSERT(pthread_mutex_lock(&map->lock) == 0); }
static void statemap_unlock(struct statemap *map) { ASSERT(pthread_mutex_unlock(&map->lock) == 0); }

static struct map_snapshot *statemap_version_new(void) {
    struct map_snapshot *version = (struct map_snapshot *)calloc(1, sizeof *version);
    if (version == NULL) return NULL;
    version->root = MAPNODE_NONE;
    version->refs = 1;
    return version;
}

/* Called with the lock held, or by the only thread there is. */
static void use_refresh(struct statemap *map) {
    map->use.nodes = map->pool.made;
    map->use.nodes_free = map->pool.reusable - map->pool.head;
    map->use.bytes = mapnode_bytes(&map->pool) + map->list.room * sizeof *map->list.nodes + sizeof *map;
}

struct statemap *statemap_new(void) {
    struct statemap *map = (struct statemap *)calloc(1, sizeof *map);
    if (map == NULL) return NULL;
    map->newest = statemap_version_new();
    if (map->newest == NULL) goto no_version;
    if (!mapnode_pool_open(&map->pool)) goto no_pool;
    if (pthread_mutex_init(&map->lock, NULL) != 0) goto no_lock;
    map->oldest = map->newest;
    use_refresh(map);
    return map;
no_lock:
    mapnode_pool_close(&map->pool);
no_pool:
    free(map->newest);
no_version:
    free(map);
    return NULL;
}

void statemap_set_workers(struct statemap *map, struct workers *workers) { map->workers = workers; }
struct workers *statemap_workers(const struct statemap *map) { return map->workers; }

/* The oldest versions that nobody holds go, with the nodes that their successors replaced. An old one that is still held keeps the
 * nodes of all after it: readers are short. Writer only. */
static void reclaim(struct statemap *map) {
    struct map_snapshot *gone = NULL;
    statemap_lock(map);
    while (map->oldest != map->newest && map->oldest->refs == 0) {
        struct map_snapshot *version = map->oldest;
        map->oldest = version->next;
        mapnode_reclaim(&map->pool, version->retired_until);
        version->next = gone;
        gone = version;
    }
    use_refresh(map);
    statemap_unlock(map);
    while (gone != NULL) {
        struct map_snapshot *next = gone->next;
        free(gone);
        gone = next;
    }
}

void statemap_free(struct statemap *map) {
    if (map == NULL) return;
    ASSERT(map->pending == NULL);
    reclaim(map);
    ASSERT(map->oldest == map->newest); /* else a snapshot is held */
    ASSERT(map->newest->refs == 1);
    free(map->newest);
    maphash_empty(&map->list, 0);
    mapnode_pool_close(&map->pool);
    ASSERT(pthread_mutex_destroy(&map->lock) == 0);
    free(map);
}

const struct map_snapshot *statemap_acquire(struct statemap *map) {
    statemap_lock(map);
    struct map_snapshot *version = map->newest;
    version->refs++;
    statemap_unlock(map);
    return version;
}

void statemap_hold(struct statemap *map, const struct map_snapshot *snapshot) {
    struct map_snapshot *version = (struct map_snapshot *)snapshot;
    statemap_lock(map);
    ASSERT(version->refs > 0);
    version->refs++;
    statemap_unlock(map);
}

void statemap_release(struct statemap *map, const struct map_snapshot *snapshot) {
    struct map_snapshot *version = (struct map_snapshot *)snapshot; /* const for readers; the count is ours */
    statemap_lock(map);
    ASSERT(version->refs > 0);
    version->refs--;
    statemap_unlock(map);
}

void map_snapshot_root(uint8_t root32[32], const struct map_snapshot *snapshot) { memcpy(root32, snapshot->hash, 32); }
uint32_t map_snapshot_count(const struct map_snapshot *snapshot) { return snapshot->count; }

/* --- writing --- */

enum err statemap_update(struct statemap *map, struct map_change *changes, size_t count, statemap_key_fn key_of, void *context,
                         const struct map_snapshot **out) {
    ASSERT(map->pending == NULL); /* publish or drop the one before */
    struct map_snapshot *version = statemap_version_new();
    if (version == NULL) return ERR_MEMORY;
    reclaim(map); /* what readers let go of since the last time */
    mapmerge_sort(changes, count);
    mapnode_begin(&map->pool);
    uint32_t added = 0;
    const enum err err = mapmerge(&map->pool, map->newest->root, changes, count, key_of, context, &map->list, &version->root, &added);
    if (err == ERR_OK) maphash_all(&map->list, &map->pool, changes, map->workers);
    maphash_empty(&map->list, LIST_KEPT);
    if (err != ERR_OK) {
        mapnode_undo(&map->pool);
        free(version);
        return err;
    }
    version->count = map->newest->count + added;
    if (version->root != MAPNODE_NONE) memcpy(version->hash, mapnode_hash(&map->pool, version->root), 32);
    map->pending = version;
    *out = version;
    return ERR_OK;
}

void statemap_publish(struct statemap *map, const struct map_snapshot *snapshot) {
    ASSERT(snapshot == map->pending);
    struct map_snapshot *version = map->pending;
    map->pending = NULL;
    mapnode_keep(&map->pool);
    statemap_lock(map);
    struct map_snapshot *before = map->newest;
    before->retired_until = map->pool.tail;
    before->next = version;
    before->refs--;
    map->newest = version;
    statemap_unlock(map);
    reclaim(map);
}

enum err statemap_fill(struct statemap *map, struct map_change *changes, size_t count, statemap_key_fn key_of, void *context) {
    const struct map_snapshot *version;
    reclaim(map);
    ASSERT(map->oldest == map->newest); /* nobody has an old version, */
    ASSERT(map->newest->refs == 1);     /* nor the newest one */
    map->pool.in_place = true;
    const enum err err = statemap_update(map, changes, count, key_of, context, &version);
    map->pool.in_place = false;
    maphash_empty(&map->list, 0); /* of a fill's size: no block needs as much */
    if (err == ERR_OK) statemap_publish(map, version);
    return err;
}

void statemap_drop(struct statemap *map, const struct map_snapshot *snapshot) {
    ASSERT(snapshot == map->pending);
    mapnode_undo(&map->pool);
    free(map->pending);
    map->pending = NULL;
    reclaim(map);
}

void statemap_usage(const struct statemap *map, struct statemap_use *out) {
    struct statemap *writable = (struct statemap *)map; /* for the lock */
    statemap_lock(writable);
    *out = map->use;
    statemap_unlock(writable);
}

/* --- reading --- */

static void hit_from(struct map_hit *hit, const struct mapnode_pool *pool, uint32_t leaf) {
    hit->slot = mapnode_at(pool, leaf)->slot;
    memcpy(hit->leaf, mapnode_hash(pool, leaf), 32);
}

/* The walk by this key ended at this leaf. */
static bool hit_at(struct map_hit *hit, const struct mapnode_pool *pool, uint32_t leaf, const uint8_t key32[32]) {
    if (mapnode_prefix(mapnode_at(pool, leaf)) != be64_get(key32)) return false;
    hit_from(hit, pool, leaf);
    return true;
}

bool statemap_find(const struct statemap *map, const struct map_snapshot *snapshot, const uint8_t key32[32], struct map_hit *hit) {
    uint32_t ref = snapshot->root;
    if (ref == MAPNODE_NONE) return false;
    while (!mapnode_is_leaf(ref)) {
        const struct mapnode *node = mapnode_at(&map->pool, ref);
        ref = map_bit(key32, node->bit) == 0 ? node->left : node->right;
    }
    return hit_at(hit, &map->pool, ref, key32);
}

/* at: where the walks end; the map is not empty. */
static void walk_many(const struct statemap *map, uint32_t root, const uint8_t (*keys)[32], size_t count, uint32_t at[STATEMAP_WARM_MAX]) {
    size_t lane[STATEMAP_WARM_MAX], lanes = count; /* those still on their way */
    ASSERT(count <= STATEMAP_WARM_MAX);
    for (size_t i = 0; i < count; i++) {
        at[i] = root;
        lane[i] = i;
    }
    while (lanes > 0) {
        size_t going = 0;
        for (size_t i = 0; i < lanes; i++) {
            const size_t k = lane[i];
            if (mapnode_is_leaf(at[k])) continue;
            const struct mapnode *node = mapnode_at(&map->pool, at[k]);
            at[k] = node->side[map_bit(keys[k], node->bit)];
            lane[going++] = k;
        }
        lanes = going;
    }
    for (size_t i = 0; i < count; i++) {
        mapnode_touch(mapnode_at(&map->pool, at[i]));
        mapnode_touch(mapnode_hash(&map->pool, at[i]));
    }
}

void statemap_find_many(const struct statemap *map, const struct map_snapshot *snapshot, const uint8_t (*keys)[32], size_t count, struct map_hit *hits, bool *found) {
    uint32_t at[STATEMAP_WARM_MAX];
    const bool any = snapshot->root != MAPNODE_NONE;
    if (any) walk_many(map, snapshot->root, keys, count, at);
    for (size_t i = 0; i < count; i++) found[i] = any && hit_at(&hits[i], &map->pool, at[i], keys[i]);
}

void statemap_warm(const struct statemap *map, const struct map_snapshot *snapshot, const uint8_t (*keys)[32], size_t count) {
    uint32_t at[STATEMAP_WARM_MAX];
    if (snapshot->root != MAPNODE_NONE) walk_many(map, snapshot->root, keys, count, at);
}

bool statemap_path(const struct statemap *map, const struct map_snapshot *snapshot, const uint8_t key32[32],
                   uint8_t steps[MAP_STEPS_MAX * MAP_STEP_LEN], size_t *count, struct map_hit *hit) {
    uint32_t ref = snapshot->root;
    *count = 0;
    if (ref == MAPNODE_NONE) return false;
    while (!mapnode_is_leaf(ref)) {
        const struct mapnode *node = mapnode_at(&map->pool, ref);
        const bool go_right = map_bit(key32, node->bit) != 0;
        uint8_t *step = steps + *count * MAP_STEP_LEN;
        ASSERT(*count < MAP_STEPS_MAX);
        be16_put(step, (uint16_t)node->bit);
        memcpy(step + 2, mapnode_hash(&map->pool, go_right ? node->left : node->right), 32);
        ++*count;
        ref = go_right ? node->right : node->left;
    }
    hit_from(hit, &map->pool, ref);
    return true;
}

static bool visit_all(const struct mapnode_pool *pool, uint32_t ref, statemap_visit_fn visit, void *context) {
    const struct mapnode *node = mapnode_at(pool, ref);
    if (!mapnode_is_leaf(ref)) {
        return visit_all(pool, node->left, visit, context) && visit_all(pool, node->right, visit, context);
    }
    struct map_hit hit;
    hit_from(&hit, pool, ref);
    return visit(context, &hit);
}

/* All leaves below a node that comes at or after `bits` agree on the prefix, so looking at one of them is enough. A leaf knows 64 bits;
 * past those the walk alone has chosen, and the caller, who reads the object behind the slot anyway, compares the key. */
void statemap_prefix(const struct statemap *map, const struct map_snapshot *snapshot, const uint8_t prefix32[32], unsigned bits,
                     statemap_visit_fn visit, void *context) {
    ASSERT(bits <= 256);
    uint32_t ref = snapshot->root;
    if (ref == MAPNODE_NONE) return;
    while (!mapnode_is_leaf(ref) && mapnode_at(&map->pool, ref)->bit < bits) {
        const struct mapnode *node = mapnode_at(&map->pool, ref);
        ref = map_bit(prefix32, node->bit) == 0 ? node->left : node->right;
    }
    uint32_t leaf = ref;
    while (!mapnode_is_leaf(leaf)) leaf = mapnode_at(&map->pool, leaf)->left;
    const uint64_t differ = mapnode_prefix(mapnode_at(&map->pool, leaf)) ^ be64_get(prefix32);
    if (bits > 0 && differ >> (bits < 64 ? 64 - bits : 0) != 0) return;
    (void)visit_all(&map->pool, ref, visit, context); /* false: visit had enough */
}

/* --- checking --- */

struct checked {
    uint64_t prefix; /* of one leaf below */
    uint32_t leaves;
};

/* least: the first bit that a node here may test. By induction all leaves below a checked node agree on the bits before its own, so one
 * leaf of each side is enough for the node above. */
static bool verify_below(const struct mapnode_pool *pool, uint32_t ref, unsigned least, struct checked *out) {
    const struct mapnode *node = mapnode_at(pool, ref);
    if (mapnode_is_leaf(ref)) {
        *out = (struct checked){mapnode_prefix(node), 1};
        return true;
    }
    struct checked left;
    struct checked right;
    if (node->bit < least || node->bit > 255) return false;
    if (!verify_below(pool, node->left, node->bit + 1, &left)) return false;
    if (!verify_below(pool, node->right, node->bit + 1, &right)) return false;
    const uint64_t differ = left.prefix ^ right.prefix;
    if (node->bit < 64) {
        if (left.prefix > right.prefix || differ == 0 || (unsigned)__builtin_clzll(differ) != node->bit) return false;
    } else if (differ != 0) {
        return false;
    }
    uint8_t hash[32];
    map_inner(hash, (uint16_t)node->bit, mapnode_hash(pool, node->left), mapnode_hash(pool, node->right));
    *out = (struct checked){left.prefix, left.leaves + right.leaves};
    return memcmp(hash, mapnode_hash(pool, ref), 32) == 0;
}

bool statemap_verify(const struct statemap *map, const struct map_snapshot *snapshot) {
    static const uint8_t empty[32];
    if (snapshot->root == MAPNODE_NONE) return snapshot->count == 0 && memcmp(snapshot->hash, empty, 32) == 0;
    struct checked checked;
    if (!verify_below(&map->pool, snapshot->root, 0, &checked)) return false;
    return checked.leaves == snapshot->count &&
           memcmp(mapnode_hash(&map->pool, snapshot->root), snapshot->hash, 32) == 0;
}
