/* POST /v1/verify and GET /v1/licences/{key}: verdicts, written straight into the loop's buffer. */
#include "rpc/body.h"
#include "rpc/judge.h"

/* One call: everything it needs lies in the loop's scratch, in front of what is written. */
struct verify_call {
    struct judge *judge;
    struct verify_body asked;
    struct json_out out;
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

/* The licences that the next queries name by their keys. A single query gains nothing by it. */
#define EXPECTED_QUERIES 16u
_Static_assert(EXPECTED_QUERIES <= STATEMAP_WARM_MAX, "one id a query");
static void expect_queries(const struct verify_call *call, size_t first) {
    struct bytes ids[EXPECTED_QUERIES];
    size_t count = 0;
    for (size_t i = first; i < call->asked.count && i < first + EXPECTED_QUERIES; i++)
        if (call->asked.queries[i].has_key) ids[count++] = bytes_of(call->asked.queries[i].key, 32);
    if (count > 1) snapshot_expect(call->judge->snapshot, OBJECT_LICENCE, ids, count);
}

static void answer_call(struct rpc *rpc, struct request *request, struct verify_call *call) {
    enum err err = ERR_OK;
    json_object(&call->out);
    json_key(&call->out, "verdicts");
    json_array(&call->out);
    for (size_t i = 0; i < call->asked.count && err == ERR_OK && !call->out.full; i++) {
        if (i % EXPECTED_QUERIES == 0) expect_queries(call, i);
        err = put_verdict(call, &call->asked.queries[i], false);
    }
    json_array_end(&call->out);
    json_object_end(&call->out);
    if (err != ERR_OK) {
        route_fault(rpc, request, err);
    } else if (call->out.full) { /* proofs are long: what fits with them is fewer queries */
        route_refuse(rpc, request, CODE_TOO_MANY_QUERIES, call->asked.proof ? "proof" : NULL);
    } else {
        route_event(rpc, RPC_VERDICT, call->asked.count);
        answer_json(request, &call->out);
    }
}

/* The judge and the queries come from the front of the scratch; what is left is for the answer. */
static void call_begin(struct verify_call *call, struct arena *arena, const struct request *request) {
    size_t cap;
    uint8_t *scratch = request_scratch(request, &cap);
    *arena = arena_over(scratch, cap);
    *call = (struct verify_call){.judge = arena_alloc(arena, sizeof *call->judge)};
    ASSERT(call->judge != NULL);
}

/* What is asked has been read. False: the fault is answered. */
static bool call_judge(struct verify_call *call, const struct arena *arena, struct rpc *rpc, struct request *request) {
    const struct snapshot *snapshot = route_snapshot(rpc, request);
    if (snapshot == NULL) return false;
    judge_begin(call->judge, rpc, snapshot);
    call->out = json_write(arena->base + arena->used, arena->size - arena->used);
    return true;
}

void verify_post(struct rpc *rpc, struct request *request, const struct route_args *args) {
    struct verify_call call;
    struct arena arena;
    (void)args;
    call_begin(&call, &arena, request);
    const struct refusal refusal = body_read(&call.asked, &arena, request_body(request));
    if (refusal.code == CODE_OK) {
        if (call_judge(&call, &arena, rpc, request)) answer_call(rpc, request, &call);
    } else {
        route_event(rpc, RPC_REFUSED, 1);
        answer_refusal(request, &refusal);
    }
}

/* The bare proof file, for who wants to keep it. */
static void answer_proof_file(struct rpc *rpc, struct request *request, struct verify_call *call, enum media media) {
    size_t len = 0;
    enum err err = judge_query(call->judge, &call->asked.queries[0]);
    if (err == ERR_OK) err = judge_proof(call->judge, (uint8_t *)call->out.buf, call->out.cap, &len);
    if (err != ERR_OK) {
        route_fault(rpc, request, err);
    } else if (len == 0) {
        route_refuse(rpc, request, CODE_CLOCK, NULL); /* no head note can be made, and a proof without one proves no time */
    } else {
        route_event(rpc, RPC_VERDICT, 1);
        request_answer(request, 200, media, bytes_of(call->out.buf, len), NULL, false);
    }
}

void verify_licence_get(struct rpc *rpc, struct request *request, const struct route_args *args) {
    const char *wanted = request_parameter(request, "proof");
    struct query query = {.has_key = true};
    struct verify_call call;
    struct arena arena;
    if (!hex_decode(query.key, sizeof query.key, args->at[0], strlen(args->at[0]))) {
        route_refuse(rpc, request, CODE_HEX_INVALID, "key");
        return;
    }
    call_begin(&call, &arena, request);
    if (!call_judge(&call, &arena, rpc, request)) return;
    call.asked.queries = &query;
    call.asked.proof = wanted != NULL && (strcmp(wanted, "1") == 0 || strcmp(wanted, "true") == 0);
    const bool licet = answer_accepts(request, "application/vnd.licet.proof"), cbor = answer_accepts(request, "application/cbor");
    if (licet || cbor) {
        answer_proof_file(rpc, request, &call, licet ? MEDIA_LICET : MEDIA_CBOR);
        return;
    }
    const enum err err = put_verdict(&call, &query, true);
    if (err != ERR_OK) {
        route_fault(rpc, request, err);
        return;
    }
    route_event(rpc, RPC_VERDICT, 1);
    answer_json(request, &call.out);
}
