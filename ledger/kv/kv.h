/* KV: where bytes rest: a few tables keyed by a dense u64, one writer, many readers with snapshots. Two drivers: LMDB on disk, and an
 * in-memory twin for tests, simulation and audit. Layer: ledger/kv. A true plug point, hence the function table.
 * Values given by get live until the txn ends (read) or its next put (write). Keys are stored so that order is numeric. */
#ifndef LICET_KV_KV_H
#define LICET_KV_KV_H
#include "ledger/base/code.h"

enum kv_table {
    KV_META,    /* few fixed keys: enum meta_key in chain/store.h */
    KV_ENTRIES, /* log index -> statement bytes */
    KV_TILES,   /* strips of the log's hashes, one a level (strips.h) */
    KV_BLOCKS,  /* n -> header, seal, receipt signature */
    KV_SLOTS,   /* number of the first object in it -> values (state/slots.h) */
    KV_LINKS,   /* one strip of 32-byte links */
    KV_TABLES
};
struct kv;
struct kv_txn;
struct kv_readers { unsigned dead; uint64_t behind; long pid; };
struct kv_ops {
    enum err (*begin)(struct kv *kv, bool write, struct kv_txn **out);
    enum err (*get)(struct kv_txn *txn, enum kv_table table, uint64_t key, struct bytes *value);
    enum err (*floor)(struct kv_txn *txn, enum kv_table table, uint64_t key, uint64_t *found, struct bytes *value);
    enum err (*put)(struct kv_txn *txn, enum kv_table table, uint64_t key, struct bytes value);
    enum err (*commit)(struct kv_txn *txn);
    enum err (*sync)(struct kv *kv);
    void (*abort)(struct kv_txn *txn);
    void (*park)(struct kv_txn *txn);
    bool (*resume)(struct kv_txn *txn);
    enum err (*sync_room)(struct kv *kv, uint64_t bytes_wanted);
    bool (*waited_for)(struct kv *kv);
    uint64_t (*epoch)(struct kv *kv); /* NULL: always 0 */
    bool (*in_place)(struct kv *kv);  /* NULL: always */
    enum err (*readers)(struct kv *kv, struct kv_readers *out); /* NULL: no other process reads */
    void (*close)(struct kv *kv);
};
struct kv { const struct kv_ops *ops; };
struct kv_txn { const struct kv_ops *ops; };

/* begin: read txns by any thread, one write txn at a time; a txn is used by one thread at a time. */
MUST_USE static inline enum err kv_begin(struct kv *kv, bool write, struct kv_txn **out) { return kv->ops->begin(kv, write, out); }
/* ERR_ABSENT where there is no such key. */
MUST_USE static inline enum err kv_get(struct kv_txn *t, enum kv_table table, uint64_t key, struct bytes *value) { return t->ops->get(t, table, key, value); }
/* The greatest key <= key. */
MUST_USE static inline enum err kv_floor(struct kv_txn *t, enum kv_table table, uint64_t key, uint64_t *found, struct bytes *value) { return t->ops->floor(t, table, key, found, value); }
/* Inserts or replaces. A key beyond the last is appended (the fast path); value.len >= 1. */
MUST_USE static inline enum err kv_put(struct kv_txn *t, enum kv_table table, uint64_t key, struct bytes value) { return t->ops->put(t, table, key, value); }
/* Ends the txn whatever it returns. What it wrote is seen by every txn begun from now on, and survives the end of the process; a cut of power takes
 * back all of it or nothing, until kv_sync. ERR_NO_ROOM: nothing was written. ERR_IO: unknown what is on disk: latch (never retry). */
MUST_USE static inline enum err kv_commit(struct kv_txn *t) { return t->ops->commit(t); }
/* What was committed before the call is on stable storage after it. Any thread, also beside a write txn. ERR_IO: latch (never retry). */
MUST_USE static inline enum err kv_sync(struct kv *kv) { return kv->ops->sync(kv); }
static inline void kv_abort(struct kv_txn *t) { t->ops->abort(t); }
/* The thread lets go of a read txn, which goes on showing what it shows, and any one thread takes it up again or aborts it. False: it is gone,
 * without an abort: the KV ended it meanwhile, because somebody waited until no txn is open. */
static inline void kv_park(struct kv_txn *t) { t->ops->park(t); }
MUST_USE static inline bool kv_resume(struct kv_txn *t) { return t->ops->resume(t); }
/* Asked before a write txn is begun: is there room for about this much? ERR_NO_ROOM leaves everything usable. Grows the map where needed,
 * for which it waits until no txn is open: the calling thread must hold none (ASSERT). */
MUST_USE static inline enum err kv_room(struct kv *kv, uint64_t bytes_wanted) { return kv->ops->sync_room(kv, bytes_wanted); }
/* Somebody waits until no txn is open, and nothing is written meanwhile: who keeps a read txn from one use to the next ends it now. Those that are
 * parked end by themselves. */
MUST_USE static inline bool kv_waited_for(struct kv *kv) { return kv->ops->waited_for(kv); }
/* As long as this number is the same, the bytes where a read txn's value lay can be read within any later read txn too. What they are then is another
 * question: the place may have been given to something else, and be written while it is read. 0: nothing of the kind. Constant within a txn. */
MUST_USE static inline uint64_t kv_epoch(struct kv *kv) { return kv->ops->epoch != NULL ? kv->ops->epoch(kv) : 0; }
/* What was and will be committed lies where the next start looks for it. False: the file was removed, moved or replaced under us; what is recorded from
 * now on is lost with this process. */
MUST_USE static inline bool kv_in_place(struct kv *kv) { return kv->ops->in_place == NULL || kv->ops->in_place(kv); }
/* Read txns of other processes: those of processes that have ended are cleared away (dead: how many); pid: who shows the oldest commit, so that no page
 * that was given up since is used again; behind: how many commits ago that was. 0: nobody. Not within a txn. */
MUST_USE static inline enum err kv_readers_look(struct kv *kv, struct kv_readers *out) {
    *out = (struct kv_readers){0, 0, 0};
    return kv->ops->readers != NULL ? kv->ops->readers(kv, out) : ERR_OK;
}
static inline void kv_close(struct kv *kv) { kv->ops->close(kv); }
#endif
