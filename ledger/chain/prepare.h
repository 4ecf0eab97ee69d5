/* Prepare: what can be done to a statement before its turn, on any thread: decode it, and check its signature under the key that its kid
 * names. A kid is the thumbprint of the whole public key, so a good signature stays good whatever the ledger says later; whether that key may
 * still sign is judged in block_execute. Layer: ledger/chain. */
#ifndef LICET_CHAIN_PREPARE_H
#define LICET_CHAIN_PREPARE_H
#include "crypto/sig.h"
#include "ledger/wire/record.h"
#include "ledger/wire/statement.h"

struct prepared {
    struct bytes bytes;          /* the statement, owned by this block of memory */
    struct statement statement;
    struct record record;
    bool signature_good;
    void *owner;                 /* the caller's */
};
/* Copies and decodes. CODE_OK and *out (free with prepared_free), or the refusal and *out NULL. Memory out: CODE_QUEUE_FULL. */
struct refusal prepared_new(struct prepared **out, struct bytes statement);
void prepared_free(struct prepared *prepared);

/* Verifiers by thumbprint, parsed once. Any thread. The ledger's keys never change under a thumbprint, so nothing is ever stale. */
struct key_cache;
MUST_USE struct key_cache *key_cache_new(void);
void key_cache_free(struct key_cache *cache);
/* NULL: not cached. */
const struct verifier *key_cache_get(struct key_cache *cache, const uint8_t thumb32[32]);
/* Adds (or finds) the key; NULL: the key is not good, or memory is out. */
const struct verifier *key_cache_add(struct key_cache *cache, const struct pubkey *key);
/* Sets signature_good, or says CODE_ALG_KEY_MISMATCH / CODE_SIGNATURE_INVALID. key: the registered one that kid names. */
struct refusal prepared_verify(struct prepared *prepared, const struct verifier *verifier, enum key_alg alg);
#endif
