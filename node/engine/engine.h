/* Engine: what a node asks of the part that makes its ledger grow, whichever part that is. `solo` makes the blocks
 * itself. In a cluster the consensus gives them; a follower takes them from another node and makes none.
 * node/engine_table.h says which one a ledger needs. Each engine has a start function with options of its own; from
 * then on it is asked through the functions below. All may be called on any thread. Layer: node. */
#ifndef LICET_NODE_ENGINE_H
#define LICET_NODE_ENGINE_H
#include "crypto/signer.h"
#include "ledger/wire/object.h"
#include "node/engine/notes.h"
#include "node/engine/readers.h"
#include "rpc/hooks.h"

struct mark;

/* What a node has for any engine. All is borrowed until engine_stop returns. An engine leaves alone what it has no use
 * for. */
struct engine_parts {
    struct chain *chain;
    struct mark *mark;
    struct lease *lease;
    struct readers *readers;          /* to be looked at now and then by an engine that writes blocks */
    const struct signer *seal, *note; /* the node's keys, ES256K and ES256 */
    int64_t (*now_ms)(void *context); void *now_context; /* wall time */
    bool clock_confirmed; /* the operator says: the clock is right, however far it is ahead of the last header */
    /* Told once, on any thread, when a fault latches. May be NULL. */
    void (*on_fault)(void *context, enum err err); void *fault_context;
};

struct engine_counts { uint64_t submitted, accepted, refused, repeated, blocks, signatures, queue_now; };

struct engine;
/* What an engine is: none is NULL. The contract of each stands at the call below. */
struct engine_functions {
    enum engine_kind kind;
    void (*submit)(struct engine *engine, struct bytes statement, submit_done_fn done, void *token);
    bool (*note)(struct engine *engine, const struct snapshot *snapshot, struct note_view *out);
    enum clock_state (*clock)(struct engine *engine, int64_t *limit_ms);
    bool (*writable)(const struct engine *engine);
    bool (*live)(const struct engine *engine);
    const char *(*trouble)(const struct engine *engine);
    enum err (*fault)(const struct engine *engine);
    void (*damaged)(struct engine *engine);
    void (*counts)(const struct engine *engine, struct engine_counts *out);
    void (*close)(struct engine *engine);
    void (*stop)(struct engine *engine);
};
struct engine { const struct engine_functions *functions; }; /* the first member of each engine's own struct */

/* The word for it in answers and settings. */
static inline const char *engine_name(const struct engine *engine) { return engine_words_of(engine->functions->kind)->name; }

/* ---- statements ---- */

/* An rpc_hooks.submit: copies the statement and calls done once. CODE_OK is answered once the statement is in a final
 * block that is on stable storage and marked here. An engine that takes no statements refuses each of them, and its
 * refusal says where to go. */
static inline void engine_submit(struct engine *engine, struct bytes statement, submit_done_fn done, void *token) {
    engine->functions->submit(engine, statement, done, token);
}
/* Are statements taken? Not after a fault, nor after engine_close; never by a follower. */
static inline bool engine_writable(const struct engine *engine) { return engine->functions->writable(engine); }

/* ---- notes and time ---- */

/* A head note over the snapshot's block, at most a second old. It never has a later time than any later header will
 * have, also after a restart. False: none can be made. */
static inline bool engine_note(struct engine *engine, const struct snapshot *snapshot, struct note_view *out) {
    return engine->functions->note(engine, snapshot, out);
}
/* Not CLOCK_RIGHT: this machine's clock forbids blocks and notes. *limit_ms (may be NULL): see notes_clock. */
MUST_USE static inline enum clock_state engine_clock(struct engine *engine, int64_t *limit_ms) { return engine->functions->clock(engine, limit_ms); }

/* ---- is it well? ---- */

/* False: a thread hangs, see busy.h. */
static inline bool engine_live(const struct engine *engine) { return engine->functions->live(engine); }
/* NULL while the engine does its work; else a sentence for the operator. */
static inline const char *engine_trouble(const struct engine *engine) { return engine->functions->trouble(engine); }
/* ERR_OK while all is well; else the fault that latched: the program ends with its exit code. */
MUST_USE static inline enum err engine_fault(const struct engine *engine) { return engine->functions->fault(engine); }
/* Somebody met stored bytes that do not lead to their hash. It latches as ERR_CORRUPT, like a fault that the engine
 * met itself. */
static inline void engine_damaged(struct engine *engine) { engine->functions->damaged(engine); }
static inline void engine_counts(const struct engine *engine, struct engine_counts *out) { engine->functions->counts(engine, out); }

/* ---- the end ---- */

/* Takes nothing more, answers what was taken, ends its threads. No callback runs once it has returned. Later submits
 * are refused (CODE_SHUTTING_DOWN); notes are still made, so close comes before the RPC is stopped. Once, or not at
 * all. */
static inline void engine_close(struct engine *engine) { engine->functions->close(engine); }
/* Closes if that was not done, settles the lease, frees. NULL: nothing. */
static inline void engine_stop(struct engine *engine) {
    if (engine) engine->functions->stop(engine);
}
#endif
