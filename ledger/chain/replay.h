/* Replay: an auditor's work: every block again from genesis through the same block_execute, with nothing but the bytes, trusting nobody.
 * Layer: ledger/chain. Sources: a node's data (read-only) or an archive. Signatures are checked on `jobs` threads ahead of the executor. */
#ifndef LICET_CHAIN_REPLAY_H
#define LICET_CHAIN_REPLAY_H
#include "ledger/chain/chain.h"

/* Where blocks come from. */
struct replay_source {
    void *context;
    MUST_USE enum err (*genesis)(void *context, struct bytes *genesis, struct refusal *refusal);
    /* The next block, n counting from 1. Views live until the next call of next. *end when there is none: the source has checked its own end. */
    MUST_USE enum err (*next)(void *context, struct stored_block *block, bool *end, struct refusal *refusal);
    /* The block's statements in order, one call each. */
    MUST_USE enum err (*statement)(void *context, struct bytes *statement, struct refusal *refusal);
    uint64_t total_entries; /* for progress; 0: unknown */
};
struct replay_options {
    unsigned jobs;
    uint64_t until;               /* last block to replay; UINT64_MAX: all */
    const uint8_t *trust_genesis; /* 32 bytes to compare with; NULL: not compared with anything, and the result says so */
    progress_fn progress;
    void *context;
    /* A start after a crash: this node checked all up to that header itself, so seals and signatures are checked from there on. Everything is executed,
     * and the header made at that height must have that hash. NULL: nothing is taken on trust */
    const uint8_t *checked_hash;  /* 32 bytes */
    uint64_t checked_height;
};
struct replay_result {
    bool ok;
    uint64_t height, entries;     /* last good block; entries so far */
    uint8_t head[32], genesis[32];
    uint64_t failed_at;           /* height of the first difference, when !ok */
    struct refusal refusal;       /* why, when !ok */
    char reason[160];             /* one English sentence naming the first difference */
};
MUST_USE enum err replay_run(struct replay_result *out, struct replay_source *source, const struct replay_options *options);
/* Sources. Close with replay_source_close. */
MUST_USE enum err replay_from_kv(struct replay_source *out, struct kv *kv);
MUST_USE enum err replay_from_archive(struct replay_source *out, FILE *file);
void replay_source_close(struct replay_source *source);

/* Writes the whole ledger as an archive; reads in short txns. */
MUST_USE enum err export_archive(struct kv *kv, FILE *file, progress_fn progress, void *context);
#endif
