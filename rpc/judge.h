/* Judge: queries to verdicts, one call at a time over one snapshot and one head note. Layer: rpc; free of requests. */
#ifndef LICET_RPC_JUDGE_H
#define LICET_RPC_JUDGE_H
#include "ledger/rules/verdict_json.h"
#include "ledger/wire/proof.h"
#include "rpc/query.h"
#include "rpc/object_cache.h"
#include "rpc/handler.h"

struct judge {
    struct rpc *rpc;
    const struct snapshot *snapshot;
    struct note_view note;
    bool has_note; /* none can be made: then verdicts are as of the header's own time, and there are no proofs */
    int64_t now_ms;
    uint8_t asker[ASKER_LEN]; /* of the query at hand: judge_begin sets the one that all share */
    struct object_source source;
    struct verdict verdict;
    char identifier[IDENTIFIER_MAX + 1];
    struct bytes as_of;
    char as_of_text[VERDICT_AS_OF_MAX];
    /* of the query at hand */
    bool has_subject, has_number;
    struct subject subject, number; /* number: what was asked by fields, whatever the subject is */
    struct object_cache cache;
    struct verdict proved;
};
void judge_begin(struct judge *judge, struct rpc *rpc, const struct snapshot *snapshot);
/* Fills judge->verdict. A fault is never a verdict: ERR_CORRUPT or ERR_IO. */
MUST_USE enum err judge_query(struct judge *judge, const struct query *query);
/* A .licet for the verdict just given; *len 0 where there is none to give (no note, mismatch, incomplete). ERR_NO_ROOM: does not fit. */
MUST_USE enum err judge_proof(struct judge *judge, uint8_t *out, size_t cap, size_t *len);
/* The frame of that verdict; asked: the identifier of the query, or empty. */
void judge_frame(struct judge *judge, struct bytes asked, struct verdict_frame *frame);
#endif
