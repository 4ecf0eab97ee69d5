/* Browsing: head, blocks, leaves under a key prefix. Histories are in history.c, seals in seals.c, members in members.c, types in types.c. */
#include "ledger/base/version.h"
#include "ledger/chain/block_check.h"
#include "rpc/handler.h"

#define PREFIX_LEAVES_MIN 16u
#define PREFIX_LEAVES_MAX 1000u

static void put_block_header(struct emit *out, const struct header *header, const uint8_t *hash) {
    emit_put_text(out, "chain", header->chain_id);
    emit_put_hex(out, "genesis", header->genesis, 32);
    emit_put_uint(out, "height", header->n);
    emit_put_hex(out, "head", hash, 32);
    emit_put_hex(out, "previous", header->previous, 32);
    emit_put_uint(out, "term", header->term);
    emit_put_uint(out, "engine_height", header->engine_height);
    emit_put_time(out, "time", header->time_ms);
    emit_put_uint(out, "entries", header->log_size);
    emit_put_hex(out, "log_root", header->log_root, 32);
    emit_put_hex(out, "state_root", header->state_root, 32);
    emit_put_uint(out, "objects", header->objects);
    emit_put_uint(out, "links", header->links);
    emit_put_uint(out, "licences", header->licences);
}

static void browse_head(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    struct note_view note;
    (void)args;
    if (snapshot == NULL) return;
    struct emit out = handler_json(request);
    const bool noted = rpc->hooks.note(rpc->hooks.context, snapshot, &note);
    emit_object(&out);
    put_block_header(&out, &snapshot->header, snapshot->hash);
    emit_put_string(&out, "version", LICET_VERSION);
    emit_put_string(&out, "engine", rpc->hooks.engine != NULL ? rpc->hooks.engine(rpc->hooks.context) : NULL);
    emit_put_bool(&out, "writable", rpc->hooks.writable == NULL || rpc->hooks.writable(rpc->hooks.context));
    emit_put_string(&out, "checkpoint_key", rpc->hooks.checkpoint_key != NULL ? rpc->hooks.checkpoint_key(rpc->hooks.context) : NULL);
    emit_key(&out, "note_time");
    if (noted) emit_time(&out, note.time_ms);
    else emit_null(&out);
    emit_key(&out, "note");
    if (noted) emit_base64url(&out, bytes_of(note.bytes, note.len));
    else emit_null(&out);
    emit_put_base64url(&out, "header", bytes_of(snapshot->header_bytes, snapshot->header_len));
    emit_object_end(&out);
    answer_json(request, &out);
}

static void browse_block(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    struct stored_block block;
    uint64_t n, first = 0;
    uint8_t hash[32];
    if (snapshot == NULL) return;
    enum err err = handler_number(args->at[0], snapshot->n, &n) ? snapshot_block(snapshot, n, &block, &first) : ERR_ABSENT;
    if (err == ERR_ABSENT) {
        handler_refuse(rpc, request, CODE_BLOCK_UNKNOWN, NULL);
        return;
    }
    if (err != ERR_OK) {
        handler_fault(rpc, request, err);
        return;
    }
    struct emit out = handler_json(request);
    header_hash(hash, block.header_bytes);
    emit_object(&out);
    put_block_header(&out, &block.header, hash);
    emit_put_uint(&out, "first_entry", first);
    emit_put_uint(&out, "statements", block.header.log_size - first); /* entries are n.0 to n.(statements - 1) */
    emit_put_base64url(&out, "header", block.header_bytes);
    emit_key(&out, "seal");
    if (block.seal.data != NULL) emit_base64url(&out, block.seal);
    else emit_null(&out);
    emit_object_end(&out);
    answer_json(request, &out);
}

/* ---- prefix ---- */

struct prefix_walk {
    struct emit out;
    uint32_t count;
};

static bool put_leaf(void *context, uint32_t no, const uint8_t key32[32], struct bytes value) {
    struct prefix_walk *walk = context;
    if (++walk->count > PREFIX_LEAVES_MAX || walk->out.full) return false;
    emit_object(&walk->out);
    emit_put_hex(&walk->out, "key", key32, 32);
    emit_put_uint(&walk->out, "slot", no);
    emit_put_base64url(&walk->out, "value", value);
    emit_object_end(&walk->out);
    return true;
}

/* So that the node does not learn which leaf is meant: the asker takes all of a neighbourhood and picks at home. */
static void browse_prefix(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    const size_t digits = strlen(args->at[0]);
    char padded[65];
    uint8_t prefix[32];
    if (snapshot == NULL) return;
    memset(padded, '0', 64);
    if (digits <= 64) memcpy(padded, args->at[0], digits);
    if (digits > 64 || !hex_decode(prefix, sizeof prefix, padded, 64)) {
        handler_refuse(rpc, request, CODE_HEX_INVALID, "prefix");
        return;
    }
    struct prefix_walk walk = {.out = handler_json(request)};
    emit_object(&walk.out);
    emit_put_uint(&walk.out, "height", snapshot->n);
    emit_put_hex(&walk.out, "state_root", snapshot->header.state_root, 32);
    emit_key(&walk.out, "leaves");
    emit_array(&walk.out);
    const enum err err = snapshot_prefix(snapshot, prefix, (unsigned)digits * 4, put_leaf, &walk);
    emit_array_end(&walk.out);
    emit_object_end(&walk.out);
    if (err != ERR_OK) handler_fault(rpc, request, err);
    else if (walk.count > PREFIX_LEAVES_MAX || walk.out.full) handler_refuse(rpc, request, CODE_PREFIX_WIDE, "prefix");
    else if (walk.count < PREFIX_LEAVES_MIN && digits > 0) handler_refuse(rpc, request, CODE_PREFIX_NARROW, "prefix");
    else answer_json(request, &walk.out);
}

const struct route BROWSE_ROUTES[] = {
    {.method = METHOD_GET, .path = "/v1/head", .handle = browse_head},
    {.method = METHOD_GET, .path = "/v1/blocks/{}", .handle = browse_block},
    {.method = METHOD_GET, .path = "/v1/prefix/{*}", .handle = browse_prefix},
    {.path = NULL},
};
