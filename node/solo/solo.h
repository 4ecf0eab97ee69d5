/* Solo: the engine of a ledger that one node makes final. Statements in, durable blocks out. All that is ready becomes
 * one block, and no timer makes one. Layer: node.
 *   submit -> bounded queue -> signature pool (decode, key look-up, verify)
 *   -> one writer: execute all that is ready, seal, one LMDB commit
 *   -> one finisher: sync, mark written and synced, publish, receipts, answers
 * While one block is finished, the writer executes the next one, and the pool checks the signatures of the one after. */
#ifndef LICET_NODE_SOLO_H
#define LICET_NODE_SOLO_H
#include "node/engine/engine.h"

struct solo_options {
    unsigned pool_threads;  /* that check signatures; 0: as many as processors */
    uint32_t queue_max;     /* statements waiting; one more is CODE_QUEUE_FULL */
    size_t queue_bytes_max; /* and their bytes */
};
/* Uses all of parts; the blocks go on in the term of the newest one. Asked through node/engine/engine.h from then on.
 * ERR_CONFIG: the ledger's finality has another engine, or not these keys; ERR_MEMORY: no memory or no threads. Both
 * with a sentence in message. */
MUST_USE enum err solo_start(struct engine **out, const struct solo_options *options, const struct engine_parts *parts, char *message, size_t cap);
#endif
