/* Registered: are a node's keys those that the ledger registered for it? What is signed by a key that the ledger does
 * not name is worth nothing to any verifier. Layer: node. */
#ifndef LICET_NODE_REGISTERED_H
#define LICET_NODE_REGISTERED_H
#include "crypto/sig.h"
#include "ledger/wire/object.h"

/* Seal key and note key are those of one node of the finality. False, and a sentence in message: which key is not. */
MUST_USE bool registered_keys(const struct finality *finality, const struct pubkey *seal, const struct pubkey *note, char *message, size_t cap);
/* The checkpoint key of some node of the finality. */
MUST_USE bool registered_checkpoint(const struct finality *finality, const struct pubkey *key);
#endif
