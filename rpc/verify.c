/* POST /v1/verify and GET /v1/licences/{key}: verdicts, written straight into the loop's buffer.
 *
 * Small calls that came in at the same moment, on whatever connections, are judged together: over one snapshot and one head note, and the map is
 * walked for all of them side by side, so that one waits for memory while the others do. Each is answered as if it had come alone. */
#include "rpc/body.h"
#include "rpc/judge.h"

/* One call: everything it needs lies in the loop's scratch, in front of what is written. */
struct verify_call {
    struct request *request;
    struct judge *judge;
    struct verify_body asked;
    struct emit out;
};

/* ---- answering ---- */

/* The proof is made at the far end of what is left, so that its text, a third longer, can be written before it without meeting it. */
static enum err make_proof(struct verify_call *call, struct bytes *proof) {
    const size_t left = call->out.cap - call->out.len, third = left / 3;
    uint8_t *at = (uint8_t *)call->out.buf + call->out.cap - third;
    size_t len;
    enum err err = judge_proof(call->judge, at, third, &len);
    if (err == ERR_NO_ROOM) {
        call->out.full = true;
        return ERR_OK;
    }
    if (err == ERR_OK && len > 0) *proof = bytes_of(at, len);
    return err;
}

static enum err put_verdict(struct verify_call *call, const struct query *query, bool detail) {
    struct judge *judge = call->judge;
    struct verdict_frame frame;
    enum err err = judge_query(judge, query);
    if (err != ERR_OK) return err;
    judge_frame(judge, query->identifier, &frame);
    frame.detail = detail;
    if (call->asked.proof) err = make_proof(call, &frame.proof);
    if (err != ERR_OK || call->out.full) return err;
    const size_t cap = call->out.cap;
    if (frame.proof.data != NULL) call->out.cap = (size_t)(frame.proof.data - (const uint8_t *)call->out.buf); /* never into the proof itself */
    (void)verdict_json(&call->out, &judge->verdict, &frame);
    call->out.cap = cap;
    return ERR_OK;
}

/* Calls that are judged together, and the query whose turn it is. */
struct verify_calls {
    struct verify_call *list;
    size_t count;
    size_t judged; /* queries */
};

/* The licences that the next queries name by their keys. */
#define EXPECTED_QUERIES 16u
_Static_assert(EXPECTED_QUERIES <= STATEMAP_WARM_MAX, "one id a query");
static void expect_queries(const struct verify_calls *calls, size_t call, size_t query) {
    struct bytes ids[EXPECTED_QUERIES];
    size_t count = 0, looked = 0;
    for (; call < calls->count; call++, query = 0) {
        const struct verify_body *asked = &calls->list[call].asked;
        for (; query < asked->count; query++) {
            if (looked++ == EXPECTED_QUERIES) goto enough;
            if (asked->queries[query].has_key) ids[count++] = bytes_of(asked->queries[query].key, 32);
        }
    }
enough:
    if (count > 0) snapshot_expect(calls->list[0].judge->snapshot, OBJECT_LICENCE, ids, count);
}

static void answer_call(struct rpc *rpc, struct verify_calls *calls, size_t number) {
    struct verify_call *call = &calls->list[number];
    enum err err = ERR_OK;
    emit_object(&call->out);
    emit_key(&call->out, "verdicts");
    emit_array(&call->out);
    for (size_t i = 0; i < call->asked.count && err == ERR_OK && !call->out.full; i++) {
        if (calls->judged++ % EXPECTED_QUERIES == 0) expect_queries(calls, number, i);
        err = put_verdict(call, &call->asked.queries[i], false);
    }
    emit_array_end(&call->out);
    emit_object_end(&call->out);
    if (err != ERR_OK) {
        handler_fault(rpc, call->request, err);
    } else if (call->out.full) { /* proofs are long: what fits with them is fewer queries */
        handler_refuse(rpc, call->request, CODE_TOO_MANY_QUERIES, call->asked.proof ? "proof" : NULL);
    } else {
        handler_event(rpc, RPC_VERDICT, call->asked.count);
        answer_json(call->request, &call->out);
    }
}

/* The judge and the queries come from the front of the scratch; what is left is for the answer. */
static struct judge *scratch_begin(struct arena *arena, const struct request *request) {
    size_t cap;
    uint8_t *scratch = request_scratch(request, &cap);
    *arena = arena_over(scratch, cap);
    struct judge *judge = arena_alloc(arena, sizeof *judge);
    ASSERT(judge != NULL);
    return judge;
}

static struct emit scratch_rest(const struct arena *arena) { return emit_write(arena->base + arena->used, arena->size - arena->used); }

/* One after the other, each into the same room: an answer is copied when it is given. */
static void answer_calls(struct rpc *rpc, struct verify_calls *calls, struct judge *judge, const struct arena *arena) {
    const struct snapshot *snapshot;
    const enum err err = reader_snapshot(request_reader(calls->list[0].request), &snapshot);
    if (err == ERR_OK) judge_begin(judge, rpc, snapshot);
    for (size_t i = 0; i < calls->count; i++) {
        calls->list[i].judge = judge;
        request_asker(calls->list[i].request, rpc->hooks.asker_header, judge->asker);
        calls->list[i].out = scratch_rest(arena);
        if (err == ERR_OK) answer_call(rpc, calls, i);
        else handler_fault(rpc, calls->list[i].request, err);
    }
}

/* Proofs take all the room there is: a call that asks for them is answered alone. */
static void verify_together(void *context, struct request *const *requests, size_t count) {
    struct rpc *rpc = context;
    struct verify_call list[REQUESTS_TOGETHER_MAX];
    struct verify_calls calls = {.list = list};
    struct request *alone[REQUESTS_TOGETHER_MAX];
    size_t alone_count = 0;
    struct arena arena;
    struct judge *judge = scratch_begin(&arena, requests[0]);
    ASSERT(count <= REQUESTS_TOGETHER_MAX);
    for (size_t i = 0; i < count; i++) {
        struct verify_call *call = &list[calls.count];
        const struct refusal refusal = body_read(&call->asked, &arena, request_body(requests[i]));
        call->request = requests[i];
        if (refusal.code != CODE_OK) {
            handler_event(rpc, RPC_REFUSED, 1);
            answer_refusal(requests[i], &refusal);
        } else if (call->asked.proof && count > 1) {
            alone[alone_count++] = requests[i];
        } else {
            calls.count++;
        }
    }
    if (calls.count > 0) answer_calls(rpc, &calls, judge, &arena);
    for (size_t i = 0; i < alone_count; i++) verify_together(context, &alone[i], 1);
}

#define SMALL_BODY 512u /* a query or a few: many calls of these leave nearly all of the scratch to the answer */
static void verify_post(struct rpc *rpc, struct request *request, const struct route_args *args) {
    (void)args;
    if (request_body(request).len <= SMALL_BODY) request_gather(request, verify_together, rpc);
    else verify_together(rpc, &request, 1);
}

/* The bare proof file, to be kept. */
static void answer_proof_file(struct rpc *rpc, struct request *request, struct verify_call *call, enum media media) {
    size_t len = 0;
    enum err err = judge_query(call->judge, &call->asked.queries[0]);
    if (err == ERR_OK) err = judge_proof(call->judge, (uint8_t *)call->out.buf, call->out.cap, &len);
    if (err != ERR_OK) {
        handler_fault(rpc, request, err);
    } else if (len == 0) {
        handler_refuse(rpc, request, CODE_CLOCK, NULL); /* no head note can be made, and a proof without one proves no time */
    } else {
        handler_event(rpc, RPC_VERDICT, 1);
        request_answer(request, 200, media, bytes_of(call->out.buf, len), NULL, false);
    }
}

static void verify_licence_get(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const char *wanted = request_parameter(request, "proof");
    struct query query = {.has_key = true};
    const struct snapshot *snapshot;
    struct arena arena;
    if (!hex_decode(query.key, sizeof query.key, args->at[0], strlen(args->at[0]))) {
        handler_refuse(rpc, request, CODE_HEX_INVALID, "key");
        return;
    }
    if ((snapshot = handler_snapshot(rpc, request)) == NULL) return;
    struct verify_call call = {.request = request, .judge = scratch_begin(&arena, request), .asked = {.queries = &query}};
    judge_begin(call.judge, rpc, snapshot);
    call.out = scratch_rest(&arena);
    call.asked.proof = wanted != NULL && (strcmp(wanted, "1") == 0 || strcmp(wanted, "true") == 0);
    const bool licet = answer_accepts(request, "application/vnd.licet.proof"), cbor = answer_accepts(request, "application/cbor");
    if (licet || cbor) {
        answer_proof_file(rpc, request, &call, licet ? MEDIA_LICET : MEDIA_CBOR);
        return;
    }
    const enum err err = put_verdict(&call, &query, true);
    if (err != ERR_OK) {
        handler_fault(rpc, request, err);
        return;
    }
    handler_event(rpc, RPC_VERDICT, 1);
    answer_json(request, &call.out);
}

const struct route VERIFY_ROUTES[] = {
    {.method = METHOD_POST, .path = "/v1/verify", .handle = verify_post, .takes = "application/json"},
    {.method = METHOD_GET, .path = "/v1/licences/{}", .handle = verify_licence_get},
    {.path = NULL},
};
