/* The SCRAPI calls: statements in, receipts and keys out. */
#include "ledger/chain/block_check.h"
#include "ledger/chain/prove.h"
#include "ledger/wire/statement.h"
#include "rpc/handler.h"

/* ---- POST /entries ---- */

/* A statement on its way. It outlives whatever happens to the connection, and touches nothing of the rpc, which may have stopped. */
struct pending {
    struct request *request;
    void (*event)(void *context, enum rpc_event event, uint64_t count);
    void *event_context;
    struct submit_answer answer;
};

static void count_pending(const struct pending *pending, enum rpc_event event) {
    if (pending->event != NULL) pending->event(pending->event_context, event, 1);
}

static void entries_finish(void *context) {
    struct pending *pending = context;
    const struct submit_answer *answer = &pending->answer;
    const bool recorded = answer->refusal.code == CODE_OK || answer->refusal.code == CODE_ALREADY_ENTERED;
    if (answer->err != ERR_OK) {
        const struct refusal refusal = refuse(answer_fault_code(answer->err), NULL);
        count_pending(pending, RPC_FAULT);
        answer_scrapi(pending->request, &refusal);
    } else if (!recorded) {
        count_pending(pending, RPC_REFUSED);
        answer_scrapi(pending->request, &answer->refusal);
    } else {
        char id[48], location[64];
        snprintf(id, sizeof id, "%llu.%llu", (unsigned long long)answer->block, (unsigned long long)answer->index);
        snprintf(location, sizeof location, "/entries/%s", id);
        request_add_header(pending->request, "x-ms-ccf-transaction-id", id); /* without it pyscitt takes no 201 */
        request_answer(pending->request, answer->refusal.code == CODE_OK ? 201 : 200, MEDIA_COSE, bytes_of(answer->receipt, answer->receipt_len),
                       location, false);
    }
    free(pending);
}

static void entries_done(void *token, const struct submit_answer *answer) {
    struct pending *pending = token;
    pending->answer = *answer;
    request_post(pending->request, entries_finish, pending);
}

static void refuse_entry(struct rpc *rpc, struct request *request, enum code code) {
    const struct refusal refusal = refuse(code, NULL);
    handler_event(rpc, RPC_REFUSED, 1);
    answer_scrapi(request, &refusal);
}

static void entries_post(struct rpc *rpc, struct request *request, const struct route_args *args) {
    (void)args;
    struct pending *pending = malloc(sizeof *pending);
    if (pending == NULL) {
        refuse_entry(rpc, request, CODE_QUEUE_FULL);
        return;
    }
    pending->request = request;
    pending->event = rpc->hooks.event;
    pending->event_context = rpc->hooks.context;
    rpc->hooks.submit(rpc->hooks.context, request_body(request), entries_done, pending);
}

/* ---- GET /entries ---- */

/* "n.i": block and place in it -> log index. False: there is none, or a fault; both are answered. */
static bool entry_of_id(struct rpc *rpc, struct request *request, const struct snapshot *snapshot, const char *id, uint64_t *entry) {
    char block_text[24];
    uint64_t n, index;
    const char *dot = strchr(id, '.');
    const size_t len = dot != NULL ? (size_t)(dot - id) : sizeof block_text;
    bool there = len < sizeof block_text;
    if (there) {
        memcpy(block_text, id, len);
        block_text[len] = '\0';
        there = handler_number(block_text, snapshot->n, &n) && handler_number(dot + 1, BLOCK_STATEMENTS_MAX, &index);
    }
    struct stored_block block;
    enum err err = there ? snapshot_block(snapshot, n, &block, entry) : ERR_ABSENT;
    if (err == ERR_OK) {
        *entry += index;
        if (*entry < block.header.log_size) return true;
        err = ERR_ABSENT;
    }
    if (err == ERR_ABSENT) refuse_entry(rpc, request, CODE_ENTRY_UNKNOWN);
    else handler_fault(rpc, request, err);
    return false;
}

/* False: answered already. */
static bool receipt_of(struct rpc *rpc, struct request *request, const struct snapshot *snapshot, const char *id, uint64_t *entry,
                       uint8_t receipt[RECEIPT_MAX], size_t *len) {
    if (snapshot == NULL || !entry_of_id(rpc, request, snapshot, id, entry)) return false;
    const enum err err = prove_receipt(receipt, len, snapshot, request_tiles(request), *entry);
    if (err == ERR_OK) return true;
    /* genesis and policy: no receipt is made for them. Every other one was given a receipt, so that is damage */
    if (err == ERR_ABSENT && *entry < 2) refuse_entry(rpc, request, CODE_ENTRY_UNKNOWN);
    else handler_fault(rpc, request, err == ERR_ABSENT ? ERR_CORRUPT : err);
    return false;
}

static void entries_get(struct rpc *rpc, struct request *request, const struct route_args *args) {
    uint8_t receipt[RECEIPT_MAX];
    size_t len;
    uint64_t entry;
    if (!receipt_of(rpc, request, handler_snapshot(rpc, request), args->at[0], &entry, receipt, &len)) return;
    request_answer(request, 200, MEDIA_COSE, bytes_of(receipt, len), NULL, true);
}

static void entries_statement_get(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    uint8_t receipt[RECEIPT_MAX];
    size_t len, cap;
    uint64_t entry;
    if (!receipt_of(rpc, request, snapshot, args->at[0], &entry, receipt, &len)) return;
    struct bytes bytes;
    struct statement statement;
    enum err err = store_statement(snapshot->txn, entry, &bytes);
    if (err == ERR_ABSENT) err = ERR_CORRUPT; /* its receipt says that it is there */
    if (err == ERR_OK && statement_decode(&statement, bytes).code != CODE_OK) err = ERR_CORRUPT;
    uint8_t *scratch = request_scratch(request, &cap);
    struct wire_out out = wire_write(scratch, cap);
    if (err == ERR_OK && !transparent_statement_encode(&out, &statement.cose, bytes_of(receipt, len))) err = ERR_NO_ROOM;
    if (err != ERR_OK) handler_fault(rpc, request, err);
    else request_answer(request, 200, MEDIA_COSE, bytes_of(scratch, out.len), NULL, true);
}

/* ---- keys ---- */

/* A COSE_Key with kid and alg, which the thumbprint's form leaves out: {1 kty, 2 kid, 3 alg, -1 crv, -2 x, -3 y}. */
static void put_key(struct wire_out *out, const struct pubkey *key) {
    uint8_t bare[PUBKEY_COSE_MAX], thumb[32];
    const size_t len = pubkey_cose(bare, key);
    pubkey_thumbprint(thumb, key);
    const size_t members = bare[0] & 0x1f; /* a small map: its head is one byte, kty's key and value one each */
    wire_put_map(out, members + 2);
    wire_put_raw(out, bytes_of(bare + 1, 2));
    wire_put_uint(out, 2);
    wire_put_bytes(out, bytes_of(thumb, sizeof thumb));
    wire_put_uint(out, 3);
    wire_put_int(out, key_alg_cose(key->alg));
    wire_put_raw(out, bytes_of(bare + 3, len - 3));
}

static void scitt_keys_get(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    struct bytes value;
    struct finality finality;
    (void)args;
    if (snapshot == NULL) return;
    if (snapshot_by_id(snapshot, OBJECT_FINALITY, bytes_of(NULL, 0), &value) != FOUND_YES || finality_decode(&finality, value).code != CODE_OK) {
        handler_fault(rpc, request, ERR_CORRUPT);
        return;
    }
    size_t cap;
    uint8_t *scratch = request_scratch(request, &cap);
    struct wire_out out = wire_write(scratch, cap);
    wire_put_array(&out, finality.node_count);
    for (uint32_t i = 0; i < finality.node_count; i++) put_key(&out, &finality.nodes[i].note);
    ASSERT(!out.full);
    request_answer(request, 200, MEDIA_CBOR, bytes_of(scratch, out.len), NULL, false);
}

/* By thumbprint: a key that is no longer used is still served, because old receipts name it. */
static void scitt_key_get(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const struct snapshot *snapshot = handler_snapshot(rpc, request);
    uint8_t thumb[32], body[PUBKEY_COSE_MAX + 64];
    size_t len;
    struct bytes value;
    struct key_object key;
    const char *kid = args->at[0];
    if (snapshot == NULL) return;
    const bool base64 = base64url_decode(thumb, sizeof thumb, &len, kid, strlen(kid)) && len == sizeof thumb;
    const bool named = base64 || hex_decode(thumb, sizeof thumb, kid, strlen(kid));
    const enum found found = named ? snapshot_by_id(snapshot, OBJECT_KEY, bytes_of(thumb, sizeof thumb), &value) : FOUND_ABSENT;
    if (found == FOUND_FAULT || (found == FOUND_YES && key_object_decode(&key, value).code != CODE_OK)) {
        handler_fault(rpc, request, ERR_CORRUPT);
    } else if (found != FOUND_YES || key.use != USE_NODE_NOTE) {
        refuse_entry(rpc, request, CODE_KID_UNKNOWN);
    } else {
        struct wire_out out = wire_write(body, sizeof body);
        put_key(&out, &key.key);
        ASSERT(!out.full);
        request_answer(request, 200, MEDIA_CBOR, bytes_of(body, out.len), NULL, false);
    }
}

const struct route ENTRY_ROUTES[] = {
    {.method = METHOD_POST, .path = "/entries", .handle = entries_post, .takes = "application/cose", .body_max = STATEMENT_BYTES_MAX,
     .too_large = CODE_STATEMENT_TOO_LARGE, .refuse = refuse_entry},
    {.method = METHOD_GET, .path = "/entries/{}", .handle = entries_get},
    {.method = METHOD_GET, .path = "/entries/{}/statement", .handle = entries_statement_get},
    {.method = METHOD_GET, .path = "/.well-known/scitt-keys", .handle = scitt_keys_get},
    {.method = METHOD_GET, .path = "/.well-known/scitt-keys/{}", .handle = scitt_key_get},
    {.path = NULL},
};
