#include "rpc/history.h"

#include "ledger/chain/block_check.h"
#include "rpc/page.h"

#define HISTORY_PAGE 1000u

/* The links, oldest first, checked against the head that the object's leaf commits to: all of them, or a fault. malloc'd. */
static enum err history_load(const struct snapshot *snapshot, const struct history_of *of, struct history_link **out) {
    const uint64_t count = of->count;
    if (count == 0 || count > snapshot->header.links) return ERR_CORRUPT;
    struct history_link *links = malloc(count * sizeof *links);
    if (links == NULL) return ERR_MEMORY;
    uint32_t number = of->last_link;
    uint8_t head[32] = {0}, next[32];
    enum err err = ERR_OK;
    for (uint64_t i = count; i-- > 0 && err == ERR_OK;) {
        err = store_link(snapshot->txn, number, &links[i]);
        if (err == ERR_ABSENT || (err == ERR_OK && links[i].slot != of->no)) err = ERR_CORRUPT;
        if (err == ERR_OK) number = links[i].previous;
    }
    for (uint64_t i = 0; i < count && err == ERR_OK; i++) {
        link_head(next, head, &links[i]);
        memcpy(head, next, 32);
    }
    if (err == ERR_OK && (number != NO_NONE || memcmp(head, of->head32, 32) != 0)) err = ERR_CORRUPT;
    if (err != ERR_OK) {
        free(links);
        return err;
    }
    *out = links;
    return ERR_OK;
}

/* The block whose entries were shown last: many links of a page are of one. */
struct link_block { uint64_t n, first, end; };

/* Checked in this call, as all that is served: its place in the log is told by what was sealed. */
static enum err find_block(struct link_block *at, const struct snapshot *snapshot, uint64_t entry) {
    struct stored_block block;
    if (entry >= at->first && entry < at->end) return ERR_OK;
    enum err err = store_block_of_entry(snapshot->txn, entry, &block);
    if (err == ERR_OK) err = snapshot_block(snapshot, block.header.n, &block, &at->first);
    if (err != ERR_OK) return err;
    at->n = block.header.n;
    at->end = block.header.log_size;
    return entry >= at->first && entry < at->end ? ERR_OK : ERR_CORRUPT;
}

static enum err put_link(struct emit *out, const struct snapshot *snapshot, const struct history_link *link, bool with_statement, struct link_block *block) {
    struct bytes value, statement;
    struct key_object key;
    char id[48];
    enum err err = find_block(block, snapshot, link->entry);
    if (err == ERR_OK && with_statement) err = store_statement(snapshot->txn, link->entry, &statement);
    if (err != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
    if (snapshot_by_no(snapshot, OBJECT_KEY, link->key_no, &value) != FOUND_YES) return ERR_CORRUPT;
    if (key_object_decode(&key, value).code != CODE_OK) return ERR_CORRUPT;
    snprintf(id, sizeof id, "%llu.%llu", (unsigned long long)block->n, (unsigned long long)(link->entry - block->first));
    emit_object(out);
    emit_put_string(out, "id", id);
    emit_put_uint(out, "entry", link->entry);
    emit_put_uint(out, "item", link->item);
    emit_put_string(out, "operation", op_name(link->op));
    emit_put_string(out, "state", link_state_name(link));
    emit_put_time(out, "time", link->time_ms);
    emit_put_hex(out, "kid", key.thumb, 32);
    emit_put_uint(out, "key_no", link->key_no); /* the link hashes it: with it a reader can make the chain anew and compare the head in the leaf */
    if (with_statement) {
        emit_put_base64url(out, "statement", statement);
    }
    emit_object_end(out);
    return ERR_OK;
}

/* One page of links, as many as fit: *next is the count of those shown so far. */
static enum err put_links(struct page_out *list, const struct snapshot *snapshot, const struct history_link *links, uint64_t count,
                          const struct page *page, bool with_statement, uint64_t *next) {
    enum err err = ERR_OK;
    uint64_t at = page->after < count ? page->after : count;
    const uint64_t end = count - at > page->limit ? at + page->limit : count;
    struct link_block block = {.end = 0};
    for (; at < end && err == ERR_OK; at++) {
        err = put_link(list->out, snapshot, &links[at], with_statement, &block);
        if (!page_fitted(list)) break;
    }
    *next = at;
    return err;
}

void history_answer(struct rpc *rpc, struct request *request, const struct snapshot *snapshot, const struct history_of *of) {
    const char *statements = request_parameter(request, "statements");
    struct history_link *links = NULL;
    struct page page;
    struct page_out list;
    uint64_t next = 0;
    if (!page_read(rpc, request, HISTORY_PAGE, &page)) return;
    enum err err = history_load(snapshot, of, &links);
    struct emit out = handler_json(request);
    if (err == ERR_OK) {
        emit_object(&out);
        emit_key(&out, of->id_name);
        emit_text(&out, of->id);
        emit_put_uint(&out, "height", snapshot->n);
        emit_put_uint(&out, "count", of->count);
        emit_put_hex(&out, "head", of->head32, 32);
        page_begin(&list, &out, "history");
        err = put_links(&list, snapshot, links, of->count, &page, statements != NULL && strcmp(statements, "1") == 0, &next);
        page_end(&list, next < of->count, next);
        emit_object_end(&out);
    }
    free(links);
    handler_answer(rpc, request, &out, err);
}

static void browse_history(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    uint8_t key[32];
    char hex[65];
    struct bytes value;
    struct licence licence;
    if (snapshot == NULL) return;
    if (!hex_decode(key, sizeof key, args->at[0], strlen(args->at[0]))) {
        handler_refuse(rpc, request, CODE_HEX_INVALID, "key");
        return;
    }
    const enum found found = snapshot_by_id(snapshot, OBJECT_LICENCE, bytes_of(key, sizeof key), &value);
    if (found == FOUND_ABSENT) {
        handler_refuse(rpc, request, CODE_LICENCE_UNKNOWN, NULL);
    } else if (found != FOUND_YES || licence_decode(&licence, value).code != CODE_OK) {
        handler_fault(rpc, request, ERR_CORRUPT);
    } else {
        hex_encode(hex, key, 32);
        const struct history_of of = {.id_name = "key", .id = bytes_text(hex), .no = licence.no, .last_link = licence.last_link,
                                      .count = licence.history_count, .head32 = licence.history_head};
        history_answer(rpc, request, snapshot, &of);
    }
}

const struct route HISTORY_ROUTES[] = {
    {.method = METHOD_GET, .path = "/v1/licences/{}/history", .handle = browse_history},
    {.path = NULL},
};
