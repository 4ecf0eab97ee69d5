/* Hooks: what rpc asks of the node that runs it. rpc knows no engine, no clock, no log. Layer: rpc. */
#ifndef LICET_RPC_HOOKS_H
#define LICET_RPC_HOOKS_H
#include "ledger/chain/chain.h"
#include "ledger/wire/tags.h"

/* The answer to one submitted statement, given exactly once, on any thread, possibly before submit returns. */
struct submit_answer {
    enum err err;            /* a fault: nothing is known to be recorded unless it is ERR_OK */
    struct refusal refusal;  /* CODE_OK: recorded and durable; CODE_ALREADY_ENTERED: earlier */
    uint64_t block, index;   /* entry id n.i, when recorded (now or earlier) */
    uint64_t entry;          /* log index */
    uint8_t receipt[RECEIPT_MAX];
    size_t receipt_len;
};
typedef void (*submit_done_fn)(void *token, const struct submit_answer *answer);

/* A head note, copied. All verdicts of one call use the same one. */
struct note_view {
    uint64_t n;
    int64_t time_ms;
    uint8_t bytes[NOTE_MAX];
    size_t len;
};
enum rpc_event { RPC_REQUEST, RPC_REFUSED, RPC_VERDICT, RPC_FAULT };

struct rpc_hooks {
    void *context;
    /* bytes are copied before it returns */
    void (*submit)(void *context, struct bytes statement, submit_done_fn done, void *token);
    /* A note over exactly block n (the snapshot's), made at most a second ago unless the clock forbids. False: none can be made. */
    bool (*note)(void *context, const struct snapshot *snapshot, struct note_view *out);
    int64_t (*now_ms)(void *context);
    /* The look-up of a type: its secret where keyed and held. False: keyed and not held by this node. */
    bool (*lookup)(void *context, struct bytes type_code, bool keyed, struct lookup *out);
    /* The identifier of a licence where this node holds it: its length, or 0. */
    size_t (*identifier)(void *context, const uint8_t key32[32], char out[IDENTIFIER_MAX + 1]);
    bool (*writable)(void *context); /* false once latched or read-only */
    const char *(*engine)(void *context); /* "solo" */
    void (*event)(void *context, enum rpc_event event, uint64_t count);
    /* The newest checkpoint (C2SP signed note) as text: its length, or 0 where none can be made. May be NULL: then there is none. */
    size_t (*checkpoint)(void *context, const struct snapshot *snapshot, char *out, size_t cap);
    /* Damage that a request met: stored bytes do not lead to their hash. Told before the request is answered; any thread; may be NULL. */
    void (*damage)(void *context);
    const char *(*checkpoint_key)(void *context); /* the verifier key of these (C2SP), as text; may be NULL */
    /* Settings: after how many mismatches of one asker on one licence, and for how long, its queries by fields are not answered; 0: 5 and 24. */
    unsigned mismatches_max, mismatches_hours;
    /* The header in which a proxy in front names the asker's address; NULL or "": everybody behind one address is one asker. Borrowed. */
    const char *asker_header;
};
#endif
