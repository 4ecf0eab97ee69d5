/* Browsing: head, blocks, a licence's history, leaves under a key prefix. Lists of members and types are in lists.c. */
#include "rpc/route.h"

#define PREFIX_LEAVES_MIN 16u
#define PREFIX_LEAVES_MAX 1000u
#define HISTORY_PAGE 1000u

static struct json_out begin(struct request *request) {
    size_t cap;
    uint8_t *scratch = request_scratch(request, &cap);
    return json_write(scratch, cap);
}

static void put_header(struct json_out *out, const struct header *header, const uint8_t *hash) {
    json_key(out, "chain");
    json_text(out, header->chain_id);
    json_key(out, "genesis");
    json_hex(out, header->genesis, 32);
    json_key(out, "height");
    json_uint(out, header->n);
    json_key(out, "head");
    json_hex(out, hash, 32);
    json_key(out, "previous");
    json_hex(out, header->previous, 32);
    json_key(out, "term");
    json_uint(out, header->term);
    json_key(out, "engine_height");
    json_uint(out, header->engine_height);
    json_key(out, "time");
    json_time(out, header->time_ms);
    json_key(out, "entries");
    json_uint(out, header->log_size);
    json_key(out, "log_root");
    json_hex(out, header->log_root, 32);
    json_key(out, "state_root");
    json_hex(out, header->state_root, 32);
    json_key(out, "objects");
    json_uint(out, header->objects);
    json_key(out, "links");
    json_uint(out, header->links);
    json_key(out, "licences");
    json_uint(out, header->licences);
}

void browse_head(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = route_snapshot(rpc, request);
    struct note_view note;
    (void)args;
    if (snapshot == NULL) return;
    struct json_out out = begin(request);
    const bool noted = rpc->hooks.note(rpc->hooks.context, snapshot, &note);
    json_object(&out);
    put_header(&out, &snapshot->header, snapshot->hash);
    json_key(&out, "engine");
    json_string(&out, rpc->hooks.engine != NULL ? rpc->hooks.engine(rpc->hooks.context) : NULL);
    json_key(&out, "writable");
    json_bool(&out, rpc->hooks.writable == NULL || rpc->hooks.writable(rpc->hooks.context));
    json_key(&out, "note_time");
    if (noted) json_time(&out, note.time_ms);
    else json_null(&out);
    json_key(&out, "note");
    if (noted) json_base64url(&out, bytes_of(note.bytes, note.len));
    else json_null(&out);
    json_key(&out, "header");
    json_base64url(&out, bytes_of(snapshot->header_bytes, snapshot->header_len));
    json_object_end(&out);
    answer_json(request, &out);
}

void browse_block(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = route_snapshot(rpc, request);
    struct stored_block block;
    uint64_t n, first = 0;
    uint8_t hash[32];
    if (snapshot == NULL) return;
    enum err err = route_number(args->at[0], snapshot->n, &n) ? store_block(snapshot->txn, n, &block) : ERR_ABSENT;
    if (err == ERR_OK) err = store_first_entry(snapshot->txn, n, &first);
    if (err == ERR_ABSENT) {
        route_refuse(rpc, request, CODE_BLOCK_UNKNOWN, NULL);
        return;
    }
    if (err != ERR_OK) {
        route_fault(rpc, request, err);
        return;
    }
    struct json_out out = begin(request);
    header_hash(hash, block.header_bytes);
    json_object(&out);
    put_header(&out, &block.header, hash);
    json_key(&out, "first_entry");
    json_uint(&out, first);
    json_key(&out, "statements"); /* entries are n.0 to n.(statements - 1) */
    json_uint(&out, block.header.log_size - first);
    json_key(&out, "header");
    json_base64url(&out, block.header_bytes);
    json_key(&out, "seal");
    if (block.seal.data != NULL) json_base64url(&out, block.seal);
    else json_null(&out);
    json_object_end(&out);
    answer_json(request, &out);
}

/* ---- history ---- */

/* The links of a licence, oldest first, checked against the head that its leaf commits to: all of them, or a fault. malloc'd. */
static enum err history_load(const struct snapshot *snapshot, const struct licence *licence, struct history_link **out) {
    const uint64_t count = licence->history_count;
    if (count == 0 || count > snapshot->header.links) return ERR_CORRUPT;
    struct history_link *links = malloc(count * sizeof *links);
    if (links == NULL) return ERR_MEMORY;
    uint32_t number = licence->last_link;
    uint8_t head[32] = {0}, next[32];
    enum err err = ERR_OK;
    for (uint64_t i = count; i-- > 0 && err == ERR_OK;) {
        err = store_link(snapshot->txn, number, &links[i]);
        if (err == ERR_ABSENT || (err == ERR_OK && links[i].slot != licence->no)) err = ERR_CORRUPT;
        if (err == ERR_OK) number = links[i].previous;
    }
    for (uint64_t i = 0; i < count && err == ERR_OK; i++) {
        link_head(next, head, &links[i]);
        memcpy(head, next, 32);
    }
    if (err == ERR_OK && (number != NO_NONE || memcmp(head, licence->history_head, 32) != 0)) err = ERR_CORRUPT;
    if (err != ERR_OK) {
        free(links);
        return err;
    }
    *out = links;
    return ERR_OK;
}

static enum err put_link(struct json_out *out, const struct snapshot *snapshot, const struct history_link *link, bool with_statement) {
    struct stored_block block;
    struct bytes value, statement;
    struct key_record key;
    uint64_t first;
    char id[48];
    enum err err = store_block_of_entry(snapshot->txn, link->entry, &block);
    if (err == ERR_OK) err = store_first_entry(snapshot->txn, block.header.n, &first);
    if (err == ERR_OK && with_statement) err = store_statement(snapshot->txn, link->entry, &statement);
    if (err != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
    if (snapshot_by_no(snapshot, OBJECT_KEY, link->key_no, &value) != FOUND_YES) return ERR_CORRUPT;
    if (key_record_decode(&key, value).code != CODE_OK) return ERR_CORRUPT;
    snprintf(id, sizeof id, "%llu.%llu", (unsigned long long)block.header.n, (unsigned long long)(link->entry - first));
    json_object(out);
    json_key(out, "id");
    json_string(out, id);
    json_key(out, "entry");
    json_uint(out, link->entry);
    json_key(out, "item");
    json_uint(out, link->item);
    json_key(out, "operation");
    json_string(out, op_name(link->op));
    json_key(out, "state");
    json_string(out, link_state_name(link));
    json_key(out, "time");
    json_time(out, link->time_ms);
    json_key(out, "kid");
    json_hex(out, key.thumb, 32);
    if (with_statement) {
        json_key(out, "statement");
        json_base64url(out, statement);
    }
    json_object_end(out);
    return ERR_OK;
}

/* One page of links, as many as fit: *next is the count of those shown so far. */
static enum err put_links(struct json_out *out, const struct snapshot *snapshot, const struct history_link *links, uint64_t count,
                          const struct route_page *page, bool with_statement, uint64_t *next) {
    enum err err = ERR_OK;
    uint64_t at = page->after < count ? page->after : count;
    const uint64_t end = count - at > page->limit ? at + page->limit : count;
    out->cap -= 128; /* what follows the list */
    for (; at < end && err == ERR_OK; at++) {
        const struct json_out before = *out;
        err = put_link(out, snapshot, &links[at], with_statement);
        if (out->full) {
            *out = before;
            break;
        }
    }
    out->cap += 128;
    *next = at;
    return err;
}

void browse_history(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = route_snapshot(rpc, request);
    const char *statements = request_parameter(request, "statements");
    uint8_t key[32];
    struct route_page page;
    struct bytes value;
    struct licence licence;
    if (snapshot == NULL) return;
    if (!hex_decode(key, sizeof key, args->at[0], strlen(args->at[0]))) {
        route_refuse(rpc, request, CODE_HEX_INVALID, "key");
        return;
    }
    if (!route_page(rpc, request, HISTORY_PAGE, &page)) return;
    const enum found found = snapshot_by_id(snapshot, OBJECT_LICENCE, bytes_of(key, sizeof key), &value);
    if (found == FOUND_ABSENT) {
        route_refuse(rpc, request, CODE_LICENCE_UNKNOWN, NULL);
        return;
    }
    struct history_link *links = NULL;
    enum err err = found == FOUND_YES && licence_decode(&licence, value).code == CODE_OK ? ERR_OK : ERR_CORRUPT;
    if (err == ERR_OK) err = history_load(snapshot, &licence, &links);
    struct json_out out = begin(request);
    uint64_t next = 0;
    if (err == ERR_OK) {
        json_object(&out);
        json_key(&out, "key");
        json_hex(&out, key, sizeof key);
        json_key(&out, "height");
        json_uint(&out, snapshot->n);
        json_key(&out, "count");
        json_uint(&out, licence.history_count);
        json_key(&out, "head");
        json_hex(&out, licence.history_head, 32);
        json_key(&out, "history");
        json_array(&out);
        err = put_links(&out, snapshot, links, licence.history_count, &page, statements != NULL && strcmp(statements, "1") == 0, &next);
        json_array_end(&out);
        json_key(&out, "next");
        if (next < licence.history_count) json_uint(&out, next);
        else json_null(&out);
        json_object_end(&out);
    }
    free(links);
    if (err != ERR_OK) route_fault(rpc, request, err);
    else answer_json(request, &out);
}

/* ---- prefix ---- */

struct prefix_walk {
    struct json_out out;
    uint32_t count;
};

static bool put_leaf(void *context, uint32_t no, const uint8_t key32[32], struct bytes value) {
    struct prefix_walk *walk = context;
    if (++walk->count > PREFIX_LEAVES_MAX || walk->out.full) return false;
    json_object(&walk->out);
    json_key(&walk->out, "key");
    json_hex(&walk->out, key32, 32);
    json_key(&walk->out, "slot");
    json_uint(&walk->out, no);
    json_key(&walk->out, "value");
    json_base64url(&walk->out, value);
    json_object_end(&walk->out);
    return true;
}

/* So that the node does not learn which leaf is meant: the asker takes all of a neighbourhood and picks at home. */
void browse_prefix(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = route_snapshot(rpc, request);
    const size_t digits = strlen(args->at[0]);
    char padded[65];
    uint8_t prefix[32];
    if (snapshot == NULL) return;
    memset(padded, '0', 64);
    if (digits <= 64) memcpy(padded, args->at[0], digits);
    if (digits > 64 || !hex_decode(prefix, sizeof prefix, padded, 64)) {
        route_refuse(rpc, request, CODE_HEX_INVALID, "prefix");
        return;
    }
    struct prefix_walk walk = {.out = begin(request)};
    json_object(&walk.out);
    json_key(&walk.out, "height");
    json_uint(&walk.out, snapshot->n);
    json_key(&walk.out, "state_root");
    json_hex(&walk.out, snapshot->header.state_root, 32);
    json_key(&walk.out, "leaves");
    json_array(&walk.out);
    const enum err err = snapshot_prefix(snapshot, prefix, (unsigned)digits * 4, put_leaf, &walk);
    json_array_end(&walk.out);
    json_object_end(&walk.out);
    if (err != ERR_OK) route_fault(rpc, request, err);
    else if (walk.count > PREFIX_LEAVES_MAX || walk.out.full) route_refuse(rpc, request, CODE_PREFIX_WIDE, "prefix");
    else if (walk.count < PREFIX_LEAVES_MIN && digits > 0) route_refuse(rpc, request, CODE_PREFIX_NARROW, "prefix");
    else answer_json(request, &walk.out);
}
