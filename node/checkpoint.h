/* Checkpoint: size and root of the log as a C2SP signed note (tlog-checkpoint) by an Ed25519 key, for monitors and
 * mirrors that know no COSE.
 *   <ledger name>\n<size>\n<root, base64>\n\n— <ledger name> <base64 of key id (4) and signature (64)>\n
 * Origin and key name are the ledger's name. Key id: the first 4 bytes of SHA-256(name | 0A | 01 | public key).
 * Any thread. Layer: node. */
#ifndef LICET_NODE_CHECKPOINT_H
#define LICET_NODE_CHECKPOINT_H
#include "ledger/chain/chain.h"
#include "node/engine/signing.h"

#define CHECKPOINT_MAX 512
struct checkpoint;
MUST_USE struct checkpoint *checkpoint_new(const struct signer *signer, const struct genesis *genesis); /* NULL: memory */
void checkpoint_free(struct checkpoint *checkpoint);
/* The C2SP verifier key (signed-note): name+key id in hex+base64(01 | public key). As long as the checkpoint. */
const char *checkpoint_vkey(const struct checkpoint *checkpoint);
/* Its length (no NUL is counted), or 0: the signature failed, or cap is too small. Made once per block. */
size_t checkpoint_text(struct checkpoint *checkpoint, const struct snapshot *snapshot, char *out, size_t cap);
#endif
