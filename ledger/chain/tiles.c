/* Tiles: the log's hashes in 256-wide tiles: reading subtree hashes back, and the growing right edge. Part of store.h. */
#include "ledger/chain/store.h"

#include "crypto/merkle.h"

#define TILE_LEVELS 8u /* 256^8 leaves: more than a u64 log index needs */

/* Inner nodes of a tile in one array: level l (0 = the stored hashes) begins at tile_base(l). */
static uint32_t tile_base(unsigned level) { return 512u - (512u >> level); }

/* A hash of the log never changes, so what a narrower tile had is kept. */
static void tile_fill(struct tile_nodes *nodes, const uint8_t *hashes, uint32_t width) {
    const uint32_t had = nodes->width;
    memcpy(nodes->node + had, hashes + (size_t)had * 32, (size_t)(width - had) * 32);
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
    uint64_t key = TILE_KEY(level, number);
    uint32_t want = tile_width_in(reader->log_size, level, number);
    const size_t ways = sizeof reader->cache / sizeof reader->cache[0];
    struct tile_nodes *nodes = NULL;
    for (size_t i = 0; i < ways && !nodes; i++)
        if (reader->cache[i].width && reader->cache[i].key == key) nodes = &reader->cache[i];
    if (nodes && nodes->width >= want) return nodes;
    struct bytes value;
    if (want == 0 || kv_get(reader->txn, KV_TILES, key, &value) != ERR_OK || value.len < (size_t)want * 32) {
        reader->fault = true;
        return NULL;
    }
    if (!nodes) {
        nodes = &reader->cache[reader->next];
        reader->next = (reader->next + 1) % (uint32_t)ways;
        nodes->key = key;
        nodes->width = 0;
    }
    tile_fill(nodes, value.data, want);
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

struct edge_tile {
    uint64_t count; /* hashes ever at this level */
    uint8_t hash[TILE_WIDTH][32];
    bool changed;
};
struct full_tile { /* filled since the last write */
    uint64_t key;
    uint8_t hash[TILE_WIDTH * 32];
};
struct tile_edge {
    struct edge_tile level[TILE_LEVELS];
    struct full_tile *full;
    size_t full_count, full_cap;
    bool memory_out;
};

struct tile_edge *tile_edge_new(void) { return calloc(1, sizeof(struct tile_edge)); }

void tile_edge_free(struct tile_edge *edge) {
    if (!edge) return;
    free(edge->full);
    free(edge);
}

enum err tile_edge_load(struct tile_edge *edge, struct kv_txn *txn, uint64_t log_size) {
    edge->full_count = 0;
    edge->memory_out = false;
    for (unsigned l = 0; l < TILE_LEVELS; l++) {
        struct edge_tile *tile = &edge->level[l];
        tile->count = log_size >> (8 * l);
        tile->changed = false;
        uint32_t width = (uint32_t)(tile->count % TILE_WIDTH);
        if (width == 0) continue;
        struct bytes value;
        enum err err = kv_get(txn, KV_TILES, TILE_KEY(l, tile->count / TILE_WIDTH), &value);
        if (err == ERR_ABSENT || (err == ERR_OK && value.len < (size_t)width * 32)) return ERR_CORRUPT;
        if (err != ERR_OK) return err;
        memcpy(tile->hash, value.data, (size_t)width * 32);
    }
    return ERR_OK;
}

static void tile_edge_keep_full(struct tile_edge *edge, unsigned level, const struct edge_tile *tile) {
    if (edge->full_count == edge->full_cap) {
        size_t cap = edge->full_cap ? edge->full_cap * 2 : 4;
        struct full_tile *bigger = realloc(edge->full, cap * sizeof *bigger);
        if (!bigger) {
            edge->memory_out = true; /* told at tile_edge_write */
            return;
        }
        edge->full = bigger;
        edge->full_cap = cap;
    }
    struct full_tile *full = &edge->full[edge->full_count++];
    full->key = TILE_KEY(level, (tile->count - 1) / TILE_WIDTH);
    memcpy(full->hash, tile->hash, sizeof full->hash);
}

static void tile_root(uint8_t out32[32], const struct edge_tile *tile) {
    uint8_t row[TILE_WIDTH / 2][32];
    for (uint32_t i = 0; i < TILE_WIDTH / 2; i++) merkle_node(row[i], tile->hash[2 * i], tile->hash[2 * i + 1]);
    for (uint32_t n = TILE_WIDTH / 4; n >= 1; n /= 2)
        for (uint32_t i = 0; i < n; i++) merkle_node(row[i], row[2 * i], row[2 * i + 1]);
    memcpy(out32, row[0], 32);
}

void tile_edge_append(struct tile_edge *edge, const uint8_t leaf32[32]) {
    uint8_t hash[32];
    memcpy(hash, leaf32, 32);
    for (unsigned l = 0; l < TILE_LEVELS; l++) {
        struct edge_tile *tile = &edge->level[l];
        memcpy(tile->hash[tile->count % TILE_WIDTH], hash, 32);
        tile->count++;
        tile->changed = true;
        if (tile->count % TILE_WIDTH != 0) return;
        tile_edge_keep_full(edge, l, tile);
        tile->changed = false;
        tile_root(hash, tile);
    }
}

enum err tile_edge_write(struct tile_edge *edge, struct kv_txn *txn) {
    if (edge->memory_out) return ERR_MEMORY;
    for (size_t i = 0; i < edge->full_count; i++) {
        enum err err = kv_put(txn, KV_TILES, edge->full[i].key, bytes_of(edge->full[i].hash, sizeof edge->full[i].hash));
        if (err != ERR_OK) return err;
    }
    edge->full_count = 0;
    for (unsigned l = 0; l < TILE_LEVELS; l++) {
        struct edge_tile *tile = &edge->level[l];
        uint32_t width = (uint32_t)(tile->count % TILE_WIDTH);
        if (!tile->changed || width == 0) continue;
        enum err err = kv_put(txn, KV_TILES, TILE_KEY(l, tile->count / TILE_WIDTH), bytes_of(tile->hash, (size_t)width * 32));
        if (err != ERR_OK) return err;
        tile->changed = false;
    }
    return ERR_OK;
}
