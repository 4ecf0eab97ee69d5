/* Chain: the ledger as a whole: open, execute, commit, publish, read. Layer: ledger/chain.
 *
 *   writer (one thread)      chain_execute -> [sign] chain_seal -> chain_commit (one KV txn)
 *   finisher (one thread,    [KV sync] -> [mark] -> chain_publish: while the writer executes the next block on top of it
 *   perhaps the same)
 *   readers (any threads)    reader_snapshot: a KV read txn and a map version of the same n, as one pair; never a mixture
 *
 * block_execute (execute.h) is the only way state changes: live, replay and recovery all go through it. */
#ifndef LICET_CHAIN_CHAIN_H
#define LICET_CHAIN_CHAIN_H
#include "ledger/wire/genesis.h"
#include "ledger/chain/execute.h"
#include "ledger/chain/prepare.h"
#include "ledger/chain/store.h"
#include "ledger/rules/verdict.h"

struct chain;
/* Told while a long rebuild goes on; may be NULL. what: "state", "log". */
typedef void (*progress_fn)(void *context, const char *what, uint64_t done, uint64_t total);

/* Writes block 0 of a new ledger into an empty KV. ERR_ABSENT never; CODE in *refusal when the genesis is refused. */
MUST_USE enum err chain_create(struct kv *kv, struct bytes genesis, struct refusal *refusal);
/* Opens: checks format and genesis, rebuilds the map from the slots on `threads` threads (they share the hashing of large blocks later) and
 * compares the root with the newest header, the log's edge with its log root, and reloads the iat window. ERR_CORRUPT with *where set to a
 * static text naming what did not match. */
MUST_USE enum err chain_open(struct chain **out, struct kv *kv, unsigned threads, progress_fn progress, void *context, const char **where);
void chain_close(struct chain *chain); /* no reader may be left; does not close the KV */

const struct genesis *chain_genesis(const struct chain *chain);
struct key_cache *chain_keys(struct chain *chain);
struct kv *chain_kv(struct chain *chain);
const struct statemap *chain_map(const struct chain *chain);

/* --- writer --- */
/* The newest header that was committed, published or not. Writer only, or nobody writes. */
const struct header *chain_head(const struct chain *chain);
void chain_head_hash(const struct chain *chain, uint8_t out32[32]);
/* What governs the next block: see params.h. It lives as long as the chain. */
const struct params *chain_params(const struct chain *chain);
/* Executes statements on top of the newest block, published or not. See block_execute. The block stays open until committed or dropped. */
MUST_USE enum err chain_execute(struct chain *chain, const struct block_plan *plan, struct prepared *const *list, size_t count,
                                struct statement_result *results, const struct block **out);
/* Seal and receipt signature of a block; either may be absent: seal.data, or receipt, is NULL. Of the executed one they become part of its commit, so that a block
 * that must be sealed never rests without its seal. Of one that was committed before, they are added to its row in a KV txn of their own: an engine
 * that agrees with others knows them later. What a block has already stays where nothing is given for it. ERR_ABSENT: no such block. Writer only. */
struct block_receipt { const uint8_t *signature64, *kid32; };
MUST_USE enum err chain_seal(struct chain *chain, uint64_t n, struct bytes seal, const struct block_receipt *receipt);
/* One KV txn with everything: entries, tiles, block, slots, links; safe from a cut of power after kv_sync. First waits until it is
 * not too far ahead: two blocks may be committed and not published. ERR_LATCHED: one before it never will be, and nothing was written. On a fault the block is dropped; ERR_NO_ROOM: nothing was written and the chain
 * can go on; any other fault: stop. */
MUST_USE enum err chain_commit(struct chain *chain);
/* Makes the next committed block the newest for readers. Cannot fail. On any one thread, after kv_sync and the mark, once for each commit. */
void chain_publish(struct chain *chain);
void chain_drop(struct chain *chain);
/* After a fault between commit and publish: readers, and a commit, that wait for the block get ERR_LATCHED instead of waiting for ever. */
void chain_abandon(struct chain *chain);
uint64_t chain_commits(const struct chain *chain); /* KV commits since open */

/* --- readers --- */
struct snapshot {
    struct chain *chain;
    struct kv_txn *txn;
    const struct map_snapshot *map;
    uint64_t n;
    struct header header;
    uint8_t header_bytes[HEADER_MAX];
    size_t header_len;
    uint8_t hash[32];
    const struct params *params; /* that govern the block after it; params_at finds what governed an older one */
    struct snapshot_memo *memo; /* the reader's own, written while reading: a snapshot is one thread's */
    struct verdict_kept *kept;  /* for verdicts over this snapshot; empty where it begins */
};
struct reader; /* one per thread */
MUST_USE struct reader *reader_new(struct chain *chain);
void reader_free(struct reader *reader);
/* The newest published state, mostly without waiting for any disk; lives until the reader's next call. Never older than what any answer already told anybody. */
MUST_USE enum err reader_snapshot(struct reader *reader, const struct snapshot **out);
void reader_rest(struct reader *reader); /* lets go of the txn while idle: a long read txn keeps old pages alive */
/* Rests if the KV waits for that. A reader that is kept busy does so by itself, at its next snapshot. */
void reader_yield(struct reader *reader);

/* Objects, hash-checked against the map in this call. FOUND_ABSENT or FOUND_YES; FOUND_FAULT: ERR_CORRUPT or I/O. */
enum found snapshot_by_id(const struct snapshot *snapshot, enum object_kind kind, struct bytes id, struct bytes *value);
enum found snapshot_by_no(const struct snapshot *snapshot, enum object_kind kind, uint32_t no, struct bytes *value);
/* What lies in slot `no`, of whatever kind: who goes from 0 to header.objects - 1 has met everything. FOUND_ABSENT: from header.objects on. */
enum found snapshot_slot(const struct snapshot *snapshot, uint32_t no, enum object_kind *kind, struct bytes *value);
/* The object of this kind with the smallest number from `from` on; NO_NONE: none. For kinds that are few (roll.h). */
uint32_t snapshot_next(const struct snapshot *snapshot, enum object_kind kind, uint32_t from);
/* These ids, of 32 bytes each, will be asked for next, in this order: only makes that faster. At most STATEMAP_WARM_MAX.
 * Asked for they are with snapshot_expected. */
void snapshot_expect(const struct snapshot *snapshot, enum object_kind kind, const struct bytes *ids, size_t count);
/* As snapshot_by_id, of any id. The value lies in storage, or in the copy: it lives as long as both. */
#define SNAPSHOT_COPY_MAX 512u
enum found snapshot_expected(const struct snapshot *snapshot, enum object_kind kind, struct bytes id, uint8_t copy[SNAPSHOT_COPY_MAX], struct bytes *value);
/* Visits every leaf whose map key begins with the first `bits` bits of prefix32, in key order: its key and value, hash-checked, alive until the
 * reader's next call. Stops when visit says false. ERR_CORRUPT or I/O. */
typedef bool (*snapshot_visit_fn)(void *context, uint32_t no, const uint8_t key32[32], struct bytes value);
MUST_USE enum err snapshot_prefix(const struct snapshot *snapshot, const uint8_t prefix32[32], unsigned bits, snapshot_visit_fn visit, void *context);
struct object_source snapshot_source(const struct snapshot *snapshot);
#endif
