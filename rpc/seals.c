/* Seals: what the ledger has of an e-seal: its object, its history, the licences sealed with it. */
#include "rpc/history.h"
#include "rpc/page.h"

#define SEALS_PAGE 100u
#define LICENCES_PAGE 1000u

/* False: refused or failed, and answered. */
static bool seal_of_path(struct rpc *rpc, struct request *request, const struct snapshot *snapshot, const char *id, struct seal *seal) {
    struct bytes value;
    const enum found found = snapshot_by_id(snapshot, OBJECT_SEAL, bytes_text(id), &value);
    if (found == FOUND_YES && seal_decode(seal, value).code == CODE_OK) return true;
    if (found == FOUND_ABSENT) handler_refuse(rpc, request, CODE_SEAL_UNKNOWN, NULL);
    else handler_fault(rpc, request, ERR_CORRUPT);
    return false;
}

static enum err put_seal_member(struct emit *out, const struct snapshot *snapshot, const char *name, uint32_t no) {
    struct bytes value;
    struct member member;
    if (snapshot_by_no(snapshot, OBJECT_MEMBER, no, &value) != FOUND_YES || member_decode(&member, value).code != CODE_OK) return ERR_CORRUPT;
    emit_key(out, name);
    emit_object(out);
    emit_put_text(out, "id", member.uscc);
    emit_put_text(out, "name", member.name);
    emit_object_end(out);
    return ERR_OK;
}

static void put_making(struct emit *out, const struct seal_making *making) {
    emit_object(out);
    emit_put_hex(out, "digest", making->digest, 32);
    emit_put_hex(out, "maker", making->maker, 32);
    emit_key(out, "certificates");
    emit_array(out);
    for (uint32_t i = 0; i < making->cert_count; i++) emit_hex(out, making->certs[i], 32);
    emit_array_end(out);
    emit_put_time(out, "valid_from", making->from_ms);
    emit_put_time(out, "valid_to", making->to_ms);
    emit_put_uint(out, "entry", making->entry);
    emit_key(out, "suspect_since"); /* licences sealed with it at or after this entry read suspended */
    if (making->suspect_since != LOG_ENTRY_NONE) emit_uint(out, making->suspect_since);
    else emit_null(out);
    emit_object_end(out);
}

static enum err put_seal(struct emit *out, const struct snapshot *snapshot, const struct seal *seal) {
    emit_object(out);
    emit_put_text(out, "id", seal->id);
    emit_put_uint(out, "no", seal->no);
    emit_put_text(out, "name", seal->name);
    emit_put_uint(out, "kind", seal->kind);
    enum err err = put_seal_member(out, snapshot, "owner", seal->owner_no);
    if (err == ERR_OK) err = put_seal_member(out, snapshot, "registrar", seal->registrar_no);
    emit_put_string(out, "state", seal_state_name(seal->state));
    emit_put_uint(out, "since", seal->since);
    emit_put_text_or_null(out, "reason", seal->reason);
    emit_put_text_or_null(out, "basis", seal->basis);
    emit_key(out, "makings"); /* the last one is the present one */
    emit_array(out);
    for (uint32_t i = 0; i < seal->making_count; i++) put_making(out, &seal->makings[i]);
    emit_array_end(out);
    emit_put_uint(out, "licences", seal->licence_count);
    emit_put_uint(out, "count", seal->history_count); /* what the next change has to name */
    emit_put_uint(out, "height", snapshot->n);
    emit_object_end(out);
    return err;
}

static enum err put_seal_value(struct emit *out, const struct snapshot *snapshot, struct bytes value, void *context) {
    struct seal seal;
    (void)context;
    return seal_decode(&seal, value).code == CODE_OK ? put_seal(out, snapshot, &seal) : ERR_CORRUPT;
}

static void browse_seals(struct rpc *rpc, struct request *request, const struct route_args *args) {
    (void)args;
    page_of_kind(rpc, request, &(struct page_kind){.kind = OBJECT_SEAL, .most = SEALS_PAGE, .name = "seals", .put = put_seal_value});
}

static void seal_one_get(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    struct seal seal;
    if (snapshot == NULL || !seal_of_path(rpc, request, snapshot, args->at[0], &seal)) return;
    struct emit out = handler_json(request);
    const enum err err = put_seal(&out, snapshot, &seal);
    handler_answer(rpc, request, &out, err);
}

static void seal_history_get(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    struct seal seal;
    uint8_t head[32];
    if (snapshot == NULL || !seal_of_path(rpc, request, snapshot, args->at[0], &seal)) return;
    memcpy(head, seal.history_head, 32);
    const struct history_of of = {.id_name = "id", .id = bytes_text(args->at[0]), .no = seal.no, .last_link = seal.last_link,
                                  .count = seal.history_count, .head32 = head};
    history_answer(rpc, request, snapshot, &of);
}

/* ---- licences sealed with it, newest first: the list is chained through their own objects, so it is complete or a fault ---- */

static enum err licence_load(const struct snapshot *snapshot, const struct seal *seal, uint32_t no, struct licence *licence) {
    struct bytes value;
    if (snapshot_by_no(snapshot, OBJECT_LICENCE, no, &value) != FOUND_YES || licence_decode(licence, value).code != CODE_OK) return ERR_CORRUPT;
    return licence->seal.no == seal->no && licence->seal.making < seal->making_count ? ERR_OK : ERR_CORRUPT;
}

static enum err put_sealed_licence(struct emit *out, const struct snapshot *snapshot, const struct seal *seal, const struct licence *licence, int64_t at_ms) {
    static _Thread_local struct verdict verdict;
    const struct object_source source = snapshot_source(snapshot);
    const struct verdict_query query = {.licence_key = licence->key};
    const enum err err = verdict_judge(&verdict, &query, &source, at_ms);
    if (err != ERR_OK) return err;
    emit_object(out);
    emit_put_hex(out, "key", licence->key, 32);
    emit_put_uint(out, "entry", licence->seal.entry);
    emit_put_uint(out, "making", licence->seal.making);
    emit_put_bool(out, "suspect", licence->seal.entry >= seal->makings[licence->seal.making].suspect_since); /* sealed at or after the entry from which on this making is suspect */
    emit_put_string(out, "verdict", verdict_word_text(verdict.word));
    emit_object_end(out);
    return ERR_OK;
}

/* The one to begin with: the newest, or the one before the licence whose number was the last of the page before. */
static enum err first_of_page(const struct snapshot *snapshot, const struct seal *seal, const struct page *page, uint32_t *no) {
    struct licence licence;
    *no = seal->last_licence;
    if (!page->has_after) return ERR_OK;
    if (page->after >= NO_NONE) return ERR_ABSENT;
    const enum err err = licence_load(snapshot, seal, (uint32_t)page->after, &licence);
    *no = err == ERR_OK ? licence.seal.previous : NO_NONE;
    return err == ERR_OK ? ERR_OK : ERR_ABSENT;
}

static enum err put_licences(struct page_out *list, const struct snapshot *snapshot, const struct seal *seal, uint32_t no, uint32_t limit, int64_t at_ms,
                             uint32_t *next) {
    enum err err = ERR_OK;
    uint32_t last = NO_NONE;
    for (uint32_t shown = 0; shown < limit && no != NO_NONE && err == ERR_OK; shown++) {
        struct licence licence;
        err = licence_load(snapshot, seal, no, &licence);
        if (err == ERR_OK && licence.seal.previous != NO_NONE && licence.seal.previous >= no) err = ERR_CORRUPT; /* it only leads back */
        if (err == ERR_OK) err = put_sealed_licence(list->out, snapshot, seal, &licence, at_ms);
        if (!page_fitted(list)) break;
        last = no;
        no = licence.seal.previous;
    }
    *next = no == NO_NONE ? NO_NONE : last;
    return err;
}

static void seal_licences_get(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    struct page page;
    struct seal seal;
    struct page_out list;
    uint32_t no, next = NO_NONE;
    if (snapshot == NULL || !page_read(rpc, request, LICENCES_PAGE, &page) || !seal_of_path(rpc, request, snapshot, args->at[0], &seal)) return;
    if (first_of_page(snapshot, &seal, &page, &no) != ERR_OK) {
        handler_refuse(rpc, request, CODE_PARAMETER, "after");
        return;
    }
    struct emit out = handler_json(request);
    emit_object(&out);
    emit_put_string(&out, "id", args->at[0]);
    emit_put_uint(&out, "height", snapshot->n);
    emit_put_uint(&out, "count", seal.licence_count);
    page_begin(&list, &out, "licences");
    const enum err err = put_licences(&list, snapshot, &seal, no, page.limit, rpc->hooks.now_ms(rpc->hooks.context), &next);
    page_end(&list, next != NO_NONE, next);
    emit_object_end(&out);
    handler_answer(rpc, request, &out, err);
}

const struct route SEAL_ROUTES[] = {
    {.method = METHOD_GET, .path = "/v1/seals", .handle = browse_seals},
    {.method = METHOD_GET, .path = "/v1/seals/{}", .handle = seal_one_get},
    {.method = METHOD_GET, .path = "/v1/seals/{}/history", .handle = seal_history_get},
    {.method = METHOD_GET, .path = "/v1/seals/{}/licences", .handle = seal_licences_get},
    {.path = NULL},
};
