/* Engine (solo): statements in, durable blocks out, group commit, no timer.
 *   submit -> bounded queue -> signature pool (decode, key look-up, verify) -> one writer: execute all that is ready, seal, one LMDB commit
 *   -> one finisher: sync, mark written and synced, publish, receipts -> answers.
 * While one block is finished, the writer executes the next one, and the pool checks the signatures of the one after. Layer: node. */
#ifndef LICET_NODE_ENGINE_H
#define LICET_NODE_ENGINE_H
#include "crypto/keyfile.h"
#include "node/engine/lease.h"
#include "node/engine/mark.h"
#include "node/engine/notes.h"
#include "rpc/hooks.h"

struct engine_options {
    unsigned pool_threads;      /* signature checks; 0: as many as processors */
    uint32_t queue_max;         /* statements waiting; one more is CODE_QUEUE_FULL */
    size_t queue_bytes_max;
    uint32_t term;
    int64_t (*now_ms)(void *context); void *now_context;
    bool clock_confirmed;       /* the operator vouches for the clock as it stands at the start, however far it is ahead of the last header */
    void (*on_fault)(void *context, enum err err); void *fault_context; /* told once, on any thread, when it latches; may be NULL */
};
struct engine;
/* Signers: node-seal (ES256K) and node-note (ES256); both must be in the ledger's finality. Borrowed, as are chain, mark and lease. */
MUST_USE enum err engine_start(struct engine **out, const struct engine_options *options, struct chain *chain, struct mark *mark, struct lease *lease,
                               const struct signer *seal, const struct signer *note, char *message, size_t message_cap);
/* An rpc_hooks.submit. */
void engine_submit(struct engine *engine, struct bytes statement, submit_done_fn done, void *token);
/* A head note over the snapshot's block; made on demand, at most one a second; never with a later time than any later header will have, also
 * after a restart. */
bool engine_note(struct engine *engine, const struct snapshot *snapshot, struct note_view *out);
bool engine_writable(struct engine *engine);
/* A program beside us keeps old pages from being used again, and the file grows with each block: it stands still, or was stopped. */
bool engine_reader_stuck(const struct engine *engine);
bool engine_live(const struct engine *engine); /* false: the writer or the finisher hangs, see busy.h */
/* Not CLOCK_RIGHT: the clock forbids blocks and notes. *limit_ms: see notes_clock. */
MUST_USE enum clock_state engine_clock(struct engine *engine, int64_t *limit_ms);
/* Takes nothing more, answers all that is queued, ends its threads: after it returns no callback runs from inside. Submits are refused
 * (SHUTTING_DOWN), notes are still made: so it comes before the RPC is stopped. Once, or not at all. */
void engine_close(struct engine *engine);
/* Closes if it was not closed, settles the lease, and frees. */
void engine_stop(struct engine *engine);
/* ERR_OK while all is well; else the fault that latched it: the program ends with its exit code. */
enum err engine_fault(const struct engine *engine);
/* Somebody met stored bytes that do not lead to their hash: as a fault of the engine's own, it latches, and the program ends. Any thread. */
void engine_damaged(struct engine *engine);
struct engine_counts { uint64_t submitted, accepted, refused, repeated, blocks, signatures, queue_now; };
void engine_counts_get(const struct engine *engine, struct engine_counts *out);
#endif
