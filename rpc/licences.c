/* All licences, page by page, in order of creation. There is no index of them: slots are gone through, each led to its leaf in this call, and a call goes
 * through so many at most. So a page may be empty and not the last one; `next` says where to go on. No identifier is told: the list is for everybody. */
#include "rpc/page.h"

#define LICENCES_PAGE 1000u
#define SLOTS_A_CALL 10000u /* some 20 ms of a loop */

struct filter {
    uint32_t type_no, issuer_no; /* NO_NONE: any */
    int word;                    /* enum verdict_word; -1: any */
    uint64_t since;              /* changed by this log entry or a later one */
};

static bool read_word(int *out, const char *text) {
    for (int word = 0; word <= VERDICT_TRANSFERRED; word++) {
        if (strcmp(verdict_word_text((enum verdict_word)word), text) != 0) continue;
        *out = word;
        return true;
    }
    return false;
}

/* CODE_OK; what is wrong, and *field; *fault where the answer is a fault. */
static enum code licence_filter_read(struct filter *out, const char **field, bool *fault, const struct snapshot *snapshot, struct request *request) {
    const char *type = request_parameter(request, "type"), *issuer = request_parameter(request, "issuer"), *state = request_parameter(request, "state");
    const char *since = request_parameter(request, "since");
    struct bytes value;
    enum found found = FOUND_YES;
    *out = (struct filter){.type_no = NO_NONE, .issuer_no = NO_NONE, .word = -1};
    *field = "type";
    if (type != NULL) {
        struct licence_type object;
        found = snapshot_by_id(snapshot, OBJECT_TYPE, bytes_text(type), &value);
        if (found == FOUND_ABSENT) return CODE_TYPE_UNKNOWN;
        if (found == FOUND_YES && licence_type_decode(&object, value).code == CODE_OK) out->type_no = object.no;
        else *fault = true;
    }
    *field = "issuer";
    if (issuer != NULL) {
        struct member object;
        found = snapshot_by_id(snapshot, OBJECT_MEMBER, bytes_text(issuer), &value);
        if (found == FOUND_ABSENT) return CODE_MEMBER_UNKNOWN;
        if (found == FOUND_YES && member_decode(&object, value).code == CODE_OK) out->issuer_no = object.no;
        else *fault = true;
    }
    *field = "state";
    if (state != NULL && !read_word(&out->word, state)) return CODE_PARAMETER;
    *field = "since";
    return since != NULL && !handler_number(since, INT64_MAX, &out->since) ? CODE_PARAMETER : CODE_OK;
}

/* The newest entry that changed it: every change is the act of a key, and of each key the last one is kept. */
static uint64_t last_entry(const struct licence *licence) {
    uint64_t last = 0;
    for (uint32_t i = 0; i < licence->acted_count; i++)
        if (licence->acted[i].last_entry > last) last = licence->acted[i].last_entry;
    return last;
}

static void put_licence_row(struct emit *out, const struct verdict *verdict) {
    const struct licence *licence = &verdict->licence;
    emit_object(out);
    emit_put_hex(out, "key", licence->key, 32);
    emit_put_string(out, "issuer", verdict->issuer_id);
    emit_put_string(out, "type", verdict->type_code);
    emit_put_uint(out, "version", licence->version);
    emit_put_string(out, "verdict", verdict_word_text(verdict->word));
    emit_put_string(out, "state", licence_state_name(licence->state));
    emit_put_uint(out, "since", licence->since);
    emit_key(out, "valid_from");
    emit_day(out, licence->valid_from);
    emit_key(out, "valid_to");
    emit_day(out, licence->valid_to);
    emit_put_uint(out, "entry", last_entry(licence));
    emit_put_uint(out, "count", licence->history_count);
    emit_put_hex(out, "fields_root", licence->fields_root, 32); /* what private elements are opened against */
    emit_object_end(out);
}

/* *shown: it passes the filter and was written. */
static enum err put_slot(struct emit *out, const struct snapshot *snapshot, uint32_t no, const struct filter *filter, int64_t at_ms, bool *shown) {
    static _Thread_local struct verdict verdict;
    static _Thread_local struct licence licence;
    struct bytes value;
    enum object_kind kind;
    *shown = false;
    if (snapshot_slot(snapshot, no, &kind, &value) != FOUND_YES) return ERR_CORRUPT;
    if (kind != OBJECT_LICENCE) return ERR_OK;
    if (licence_decode(&licence, value).code != CODE_OK) return ERR_CORRUPT;
    if (filter->type_no != NO_NONE && licence.type_no != filter->type_no) return ERR_OK;
    if (filter->issuer_no != NO_NONE && licence.issuer_no != filter->issuer_no) return ERR_OK;
    if (last_entry(&licence) < filter->since) return ERR_OK;
    const struct object_source source = snapshot_source(snapshot);
    const struct verdict_query query = {.licence_key = licence.key, .kept = snapshot->kept};
    const enum err err = verdict_judge(&verdict, &query, &source, at_ms);
    if (err != ERR_OK) return err;
    if (!verdict.has_licence) return ERR_CORRUPT; /* it was there a moment ago */
    if (filter->word >= 0 && verdict.word != (enum verdict_word)filter->word) return ERR_OK;
    put_licence_row(out, &verdict);
    *shown = true;
    return ERR_OK;
}

/* *next: the last slot that was looked at, or NO_NONE where all were. */
static enum err put_slots(struct page_out *list, const struct snapshot *snapshot, const struct filter *filter, const struct page *page, int64_t at_ms, uint32_t *next) {
    const uint64_t first = page->has_after ? page->after + 1 : 0, end = snapshot->header.objects;
    uint64_t no = first;
    uint32_t count = 0;
    enum err err = ERR_OK;
    bool shown;
    while (no < end && no - first < SLOTS_A_CALL && count < page->limit) {
        err = put_slot(list->out, snapshot, (uint32_t)no, filter, at_ms, &shown);
        if (err != ERR_OK || !page_fitted(list)) break;
        count += shown;
        no++;
    }
    *next = no < end && no > first ? (uint32_t)(no - 1) : NO_NONE;
    return err;
}

static void licences_get(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    struct page page;
    struct filter filter;
    const char *field;
    bool fault = false;
    uint32_t next = NO_NONE;
    (void)args;
    if (snapshot == NULL || !page_read(rpc, request, LICENCES_PAGE, &page)) return;
    const enum code code = licence_filter_read(&filter, &field, &fault, snapshot, request);
    if (fault) {
        handler_fault(rpc, request, ERR_CORRUPT);
        return;
    }
    if (code != CODE_OK || (page.has_after && page.after >= NO_NONE)) {
        handler_refuse(rpc, request, code != CODE_OK ? code : CODE_PARAMETER, code != CODE_OK ? field : "after");
        return;
    }
    struct emit out = handler_json(request);
    struct page_out list;
    verdict_kept_call(snapshot->kept);
    emit_object(&out);
    emit_put_uint(&out, "height", snapshot->n);
    emit_put_uint(&out, "count", snapshot->header.licences); /* all there are, whatever was asked for */
    emit_put_uint(&out, "slots", snapshot->header.objects);
    page_begin(&list, &out, "licences");
    const enum err err = put_slots(&list, snapshot, &filter, &page, rpc->hooks.now_ms(rpc->hooks.context), &next);
    page_end(&list, next != NO_NONE, next);
    emit_object_end(&out);
    handler_answer(rpc, request, &out, err);
}

const struct route LICENCE_ROUTES[] = {
    {.method = METHOD_GET, .path = "/v1/licences", .handle = licences_get},
    {.path = NULL},
};
