/* The log as tiles (C2SP tlog-tiles): what auditors fetch. Tiles never change once they are full, and a part of one never changes either. */
#include "ledger/chain/block_check.h"
#include "rpc/handler.h"

/* <N>[.p/<W>]: groups of three digits, all but the last with an x before them, no more of them than needed. *width: 256 where no W is given. */
static bool tile_name(const char *text, uint64_t *number, uint32_t *width) {
    *number = 0;
    *width = TILE_WIDTH;
    bool more = true;
    for (uint32_t groups = 0; more; groups++) {
        more = text[0] == 'x';
        text += more;
        if (strspn(text, "0123456789") != 3 || groups == 6) return false;
        const uint64_t group = (uint64_t)(text[0] - '0') * 100 + (uint64_t)(text[1] - '0') * 10 + (uint64_t)(text[2] - '0');
        if (groups == 0 && more && group == 0) return false;
        *number = *number * 1000 + group;
        text += 3;
        if (more && *text++ != '/') return false;
    }
    if (*text == '\0') return true;
    uint64_t part;
    if (strncmp(text, ".p/", 3) != 0 || !handler_number(text + 3, TILE_WIDTH - 1, &part) || part == 0) return false;
    *width = (uint32_t)part;
    return true;
}

/* Whether hashes number*256 .. +width exist at this level of a log of so many entries. */
static bool tile_exists(uint64_t log_size, unsigned level, uint64_t number, uint32_t width) {
    const uint64_t hashes = level < 8 ? log_size >> (8 * level) : 0;
    return number <= UINT64_MAX / TILE_WIDTH - 1 && number * TILE_WIDTH + width <= hashes;
}

static void tile_get(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    uint64_t level, number;
    uint32_t width;
    if (snapshot == NULL) return;
    if (!handler_number(args->at[0], 63, &level) || !tile_name(args->at[1], &number, &width) ||
        !tile_exists(snapshot->header.log_size, (unsigned)level, number, width)) {
        handler_refuse(rpc, request, CODE_NOT_FOUND, NULL);
        return;
    }
    uint8_t tile[TILE_WIDTH][32];
    const enum err err = snapshot_tile(snapshot, request_tiles(request), (unsigned)level, number, width, tile);
    if (err != ERR_OK) handler_fault(rpc, request, err);
    else request_answer(request, 200, MEDIA_OCTETS, bytes_of(tile, (size_t)width * 32), NULL, true);
}

_Static_assert(ENTRY_BYTES_MAX <= UINT16_MAX, "every entry can be served");
/* Entries first .. first + width, each behind its length, appended to out. */
static enum err put_entries(uint8_t *out, size_t cap, size_t *len, const struct snapshot *snapshot, uint64_t first, uint32_t width, const uint8_t (*leaves)[32]) {
    *len = 0;
    for (uint32_t i = 0; i < width; i++) {
        struct bytes entry;
        const enum err err = store_statement(snapshot->txn, first + i, &entry);
        uint8_t leaf[32];
        if (err != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
        merkle_leaf(leaf, entry.data, entry.len);
        if (memcmp(leaf, leaves[i], 32) != 0) return ERR_CORRUPT;
        if (entry.len > UINT16_MAX || entry.len + 2 > cap - *len) return ERR_NO_ROOM;
        be16_put(out + *len, (uint16_t)entry.len);
        memcpy(out + *len + 2, entry.data, entry.len);
        *len += entry.len + 2;
    }
    return ERR_OK;
}

static void tile_entries_get(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    uint64_t number;
    uint32_t width;
    if (snapshot == NULL) return;
    if (!tile_name(args->at[0], &number, &width) || !tile_exists(snapshot->header.log_size, 0, number, width)) {
        handler_refuse(rpc, request, CODE_NOT_FOUND, NULL);
        return;
    }
    size_t cap, len;
    uint8_t *buffer = request_scratch(request, &cap), *large = NULL;
    uint8_t leaves[TILE_WIDTH][32];
    enum err err = snapshot_tile(snapshot, request_tiles(request), 0, number, width, leaves);
    if (err == ERR_OK) err = put_entries(buffer, cap, &len, snapshot, number * TILE_WIDTH, width, (const uint8_t(*)[32])leaves);
    if (err == ERR_NO_ROOM) { /* full bundles of the largest statements: sixteen MiB */
        cap = (size_t)width * (UINT16_MAX + 2);
        buffer = large = malloc(cap);
        err = large != NULL ? put_entries(buffer, cap, &len, snapshot, number * TILE_WIDTH, width, (const uint8_t(*)[32])leaves) : ERR_MEMORY;
    }
    if (err != ERR_OK) handler_fault(rpc, request, err == ERR_NO_ROOM ? ERR_CORRUPT : err); /* no ledger has a larger entry */
    else request_answer(request, 200, MEDIA_OCTETS, bytes_of(buffer, len), NULL, true);
    free(large);
}

static void checkpoint_get(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    char text[1024];
    (void)args;
    if (snapshot == NULL) return;
    const size_t len = rpc->hooks.checkpoint != NULL ? rpc->hooks.checkpoint(rpc->hooks.context, snapshot, text, sizeof text) : 0;
    if (len == 0) handler_refuse(rpc, request, CODE_NOT_FOUND, NULL);
    else request_answer(request, 200, MEDIA_TEXT, bytes_of(text, len), NULL, false);
}

const struct route TILE_ROUTES[] = {
    {.method = METHOD_GET, .path = "/checkpoint", .handle = checkpoint_get},
    {.method = METHOD_GET, .path = "/tile/entries/{*}", .handle = tile_entries_get},
    {.method = METHOD_GET, .path = "/tile/{}/{*}", .handle = tile_get},
    {.path = NULL},
};
