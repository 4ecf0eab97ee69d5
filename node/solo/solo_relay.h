/* Solo_relay: batches on their way from the writer to the finisher, in order. There are a few of them, made at the
 * start and used again and again: while one is finished, the next ones are made and wait. Layer: node, inside solo. */
#ifndef LICET_NODE_SOLO_RELAY_H
#define LICET_NODE_SOLO_RELAY_H
#include "ledger/chain/execute.h"
#include "ledger/wire/proof.h"
#include "node/solo/solo_queue.h"
#include "node/engine/mark.h"

enum batch_end {
    BATCH_RECORDED, /* a block was made of it and committed: to be synced, marked, published */
    BATCH_REFUSED,   /* nothing was recorded; the results say why */
    BATCH_READ_ONLY, /* not tried: nothing is written any more */
    BATCH_FAILED,   /* by the fault */
};
struct batch { /* what the writer took at once */
    struct job *jobs[BLOCK_STATEMENTS_MAX];
    struct prepared *prepared[BLOCK_STATEMENTS_MAX];
    struct statement_result results[BLOCK_STATEMENTS_MAX];
    size_t count;
    enum batch_end end;
    enum err fault;
    /* of BATCH_RECORDED */
    struct header header; /* chain_id is a view into the genesis */
    uint64_t first_entry;
    struct mark_value mark;
    uint8_t receipt_protected[COSE_PROTECTED_MAX], receipt_signature[SIG_LEN];
    size_t receipt_protected_len;
};

#define RELAY_BATCHES 4u
_Static_assert(RELAY_BATCHES > CHAIN_AHEAD, "one is filled while those ahead are finished");
struct relay {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct batch *batches[RELAY_BATCHES];
    uint64_t handed, finished;
    bool started, closed;
};
MUST_USE bool relay_start(struct relay *relay); /* false: memory; relay_end all the same */
void relay_end(struct relay *relay);            /* must be empty */
/* For the writer: free waits for a batch to fill, hand gives it to the finisher. */
struct batch *relay_free(struct relay *relay);
void relay_hand(struct relay *relay);
/* For the finisher: take waits for the next one in order (NULL: closed and empty), done gives it back. */
struct batch *relay_take(struct relay *relay);
void relay_done(struct relay *relay);
void relay_close(struct relay *relay); /* nothing more is handed over */
#endif
