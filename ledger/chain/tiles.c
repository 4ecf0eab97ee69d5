/* Tiles: the log's hashes in 256-wide tiles: reading subtree hashes back, and the growing right edge. Part of store.h. */
#include "ledger/chain/store.h"

#include "crypto/merkle.h"
#include "ledger/kv/strips.h"

#define TILE_LEVELS 8u /* 256^8 leaves: more than a u64 log index needs */
#define TILE_LIST(level) (TILE_LEVELS - 1 - (level)) /* the lowest level last: nearly all hashes are its, and only behind the last row are pages filled */

enum err tile_hashes(struct kv_txn *txn, unsigned level, uint64_t first, size_t count, uint8_t (*out)[32]) {
    return level < TILE_LEVELS ? strip_get(txn, KV_TILES, TILE_LIST(level), first, count, out) : ERR_ABSENT;
}

/* Inner nodes of a tile in one array: level l (0 = the stored hashes) begins at tile_base(l). */
static uint32_t tile_base(unsigned level) { return 512u - (512u >> level); }

/* The tile's own hashes are there: the nodes above the new ones. A hash of the log never changes, so what a narrower tile had is kept. */
static void tile_fill(struct tile_nodes *nodes, uint32_t width) {
    const uint32_t had = nodes->width;
    nodes->width = width;
    for (unsigned level = 0; level < 8; level++)
        for (uint32_t i = (had >> level) & ~1u; i + 1 < (width >> level); i += 2)
            merkle_node(nodes->node[tile_base(level + 1) + i / 2], nodes->node[tile_base(level) + i], nodes->node[tile_base(level) + i + 1]);
}

void tile_reader_start(struct tile_reader *reader, struct kv_txn *txn, uint64_t log_size) {
    reader->txn = txn;
    reader->log_size = log_size;
    reader->fault = false;
}

/* How many hashes tile (level, number) has in a tree of log_size leaves. */
static uint32_t tile_width_in(uint64_t log_size, unsigned level, uint64_t number) {
    uint64_t hashes = level >= TILE_LEVELS ? 0 : log_size >> (8 * level);
    uint64_t first = number * TILE_WIDTH;
    if (hashes <= first) return 0;
    return hashes - first > TILE_WIDTH ? TILE_WIDTH : (uint32_t)(hashes - first);
}

static struct tile_nodes *tile_load(struct tile_reader *reader, unsigned level, uint64_t number) {
    uint64_t key = (uint64_t)level << 56 | number;
    uint32_t want = tile_width_in(reader->log_size, level, number);
    const size_t ways = sizeof reader->cache / sizeof reader->cache[0];
    struct tile_nodes *nodes = NULL;
    for (size_t i = 0; i < ways && !nodes; i++)
        if (reader->cache[i].width && reader->cache[i].key == key) nodes = &reader->cache[i];
    if (nodes && nodes->width >= want) return nodes;
    if (!nodes) {
        nodes = &reader->cache[reader->next];
        reader->next = (reader->next + 1) % (uint32_t)ways;
        nodes->key = key;
        nodes->width = 0;
    }
    if (want == 0 || tile_hashes(reader->txn, level, number * TILE_WIDTH + nodes->width, want - nodes->width, nodes->node + nodes->width) != ERR_OK) {
        reader->fault = true;
        return NULL;
    }
    tile_fill(nodes, want);
    return nodes;
}

bool tile_fetch(void *tile_reader, unsigned level, uint64_t index, uint8_t out32[32]) {
    unsigned tile_level = level / 8, inner = level % 8;
    uint64_t per_tile = TILE_WIDTH >> inner;
    struct tile_nodes *nodes = tile_load(tile_reader, tile_level, index / per_tile);
    if (!nodes) return false;
    uint32_t at = (uint32_t)(index % per_tile);
    if (at >= nodes->width >> inner) return false;
    memcpy(out32, nodes->node[tile_base(inner) + at], 32);
    return true;
}

struct edge_level {
    uint64_t count;               /* hashes ever */
    uint8_t tile[TILE_WIDTH][32]; /* of the tile that grows: they lead to a hash of the level above */
    uint8_t (*fresh)[32];         /* those behind the last full row in storage, the last fresh_count of all: what the next write puts */
    size_t fresh_count, fresh_room;
    bool changed;
};
struct tile_edge {
    struct edge_level level[TILE_LEVELS];
    bool memory_out;
};

struct tile_edge *tile_edge_new(void) { return calloc(1, sizeof(struct tile_edge)); }

void tile_edge_free(struct tile_edge *edge) {
    if (!edge) return;
    for (unsigned l = 0; l < TILE_LEVELS; l++) free(edge->level[l].fresh);
    free(edge);
}

static bool fresh_reserve(struct edge_level *level) {
    if (level->fresh_count < level->fresh_room) return true;
    size_t room = level->fresh_room ? level->fresh_room * 2 : STRIP_ITEMS + 1;
    void *bigger = realloc(level->fresh, room * sizeof *level->fresh);
    if (!bigger) return false;
    level->fresh = bigger;
    level->fresh_room = room;
    return true;
}

enum err tile_edge_load(struct tile_edge *edge, struct kv_txn *txn, uint64_t log_size) {
    edge->memory_out = false;
    for (unsigned l = 0; l < TILE_LEVELS; l++) {
        struct edge_level *level = &edge->level[l];
        level->count = log_size >> (8 * l);
        level->changed = false;
        level->fresh_count = 0;
        if (!fresh_reserve(level)) return ERR_MEMORY;
        size_t in_tile = (size_t)(level->count % TILE_WIDTH), in_row = (size_t)(level->count % STRIP_ITEMS);
        enum err err = tile_hashes(txn, l, level->count - in_tile, in_tile, level->tile);
        if (err == ERR_OK) err = tile_hashes(txn, l, level->count - in_row, in_row, level->fresh);
        if (err != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
        level->fresh_count = in_row;
    }
    return ERR_OK;
}

static void tile_root(uint8_t out32[32], const struct edge_level *level) {
    uint8_t row[TILE_WIDTH / 2][32];
    for (uint32_t i = 0; i < TILE_WIDTH / 2; i++) merkle_node(row[i], level->tile[2 * i], level->tile[2 * i + 1]);
    for (uint32_t n = TILE_WIDTH / 4; n >= 1; n /= 2)
        for (uint32_t i = 0; i < n; i++) merkle_node(row[i], row[2 * i], row[2 * i + 1]);
    memcpy(out32, row[0], 32);
}

void tile_edge_append(struct tile_edge *edge, const uint8_t leaf32[32]) {
    uint8_t hash[32];
    memcpy(hash, leaf32, 32);
    for (unsigned l = 0; l < TILE_LEVELS; l++) {
        struct edge_level *level = &edge->level[l];
        if (!fresh_reserve(level)) {
            edge->memory_out = true; /* told at tile_edge_write */
            return;
        }
        memcpy(level->fresh[level->fresh_count++], hash, 32);
        memcpy(level->tile[level->count % TILE_WIDTH], hash, 32);
        level->count++;
        level->changed = true;
        if (level->count % TILE_WIDTH != 0) return;
        tile_root(hash, level);
    }
}

enum err tile_edge_write(struct tile_edge *edge, struct kv_txn *txn) {
    if (edge->memory_out) return ERR_MEMORY;
    for (unsigned l = 0; l < TILE_LEVELS; l++) {
        struct edge_level *level = &edge->level[l];
        if (!level->changed) continue;
        enum err err = strip_put(txn, KV_TILES, TILE_LIST(l), level->count - level->fresh_count, level->fresh_count, level->fresh);
        if (err != ERR_OK) return err;
        size_t left = (size_t)(level->count % STRIP_ITEMS); /* of a row that is not full */
        memmove(level->fresh, level->fresh + (level->fresh_count - left), left * sizeof *level->fresh);
        level->fresh_count = left;
        level->changed = false;
    }
    return ERR_OK;
}
