#include "rpc/page.h"

#define BEHIND_LIST 128u /* bytes: what follows the items */

bool page_read(struct rpc *rpc, struct request *request, uint32_t most, struct page *out) {
    const char *after = request_parameter(request, "after"), *limit = request_parameter(request, "limit");
    uint64_t number = most;
    if (after == NULL) after = request_parameter(request, "from");
    *out = (struct page){.has_after = after != NULL, .limit = most};
    if (after != NULL && !handler_number(after, UINT64_MAX, &out->after)) {
        handler_refuse(rpc, request, CODE_PARAMETER, "after");
        return false;
    }
    if (limit != NULL && (!handler_number(limit, UINT64_MAX, &number) || number == 0)) {
        handler_refuse(rpc, request, CODE_PARAMETER, "limit");
        return false;
    }
    if (number < most) out->limit = (uint32_t)number;
    return true;
}

void page_begin(struct page_out *page, struct emit *out, const char *name) {
    emit_key(out, name);
    emit_array(out);
    out->cap -= BEHIND_LIST;
    *page = (struct page_out){.out = out, .before = *out};
}

bool page_fitted(struct page_out *page) {
    const bool full = page->out->full;
    if (full && page->some) *page->out = page->before;
    if (full) return false;
    page->before = *page->out;
    page->some = true;
    return true;
}

void page_end(struct page_out *page, bool more, uint64_t next) {
    struct emit *out = page->out;
    out->cap += BEHIND_LIST;
    emit_array_end(out);
    emit_key(out, "next");
    if (more) emit_uint(out, next);
    else emit_null(out);
}

/* *next: the number of the last one shown, where there are more; else NO_NONE. */
static enum err put_kind(struct page_out *list, const struct snapshot *snapshot, const struct page_kind *of, const struct page *page, uint32_t *next) {
    uint32_t no = page->has_after ? (uint32_t)(page->after < NO_NONE ? page->after + 1 : NO_NONE) : 0, last = NO_NONE;
    *next = NO_NONE;
    for (uint32_t shown = 0; (no = snapshot_next(snapshot, of->kind, no)) != NO_NONE; shown++) {
        struct bytes value;
        *next = last;
        if (shown == page->limit) return ERR_OK;
        const enum err err = snapshot_by_no(snapshot, of->kind, no, &value) == FOUND_YES ? of->put(list->out, snapshot, value, of->context) : ERR_CORRUPT;
        if (err != ERR_OK || !page_fitted(list)) return err;
        last = no++;
    }
    *next = NO_NONE;
    return ERR_OK;
}

void page_of_kind(struct rpc *rpc, struct request *request, const struct page_kind *of) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    struct page page;
    struct page_out list;
    uint32_t next;
    if (snapshot == NULL || !page_read(rpc, request, of->most, &page)) return;
    struct emit out = handler_json(request);
    emit_object(&out);
    page_begin(&list, &out, of->name);
    const enum err err = put_kind(&list, snapshot, of, &page, &next);
    page_end(&list, next != NO_NONE, next);
    emit_object_end(&out);
    handler_answer(rpc, request, &out, err);
}
