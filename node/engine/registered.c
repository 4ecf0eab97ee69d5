#include "node/engine/registered.h"

static bool same_key(const struct pubkey *a, const struct pubkey *b) {
    return a->alg == b->alg && memcmp(a->x, b->x, 32) == 0 && memcmp(a->y, b->y, 32) == 0;
}

bool registered_keys(const struct finality *finality, const struct pubkey *seal_key, const struct pubkey *note_key, char *message, size_t cap) {
    for (uint32_t i = 0; i < finality->node_count; i++) {
        const struct finality_node *node = &finality->nodes[i];
        const bool seal = same_key(&node->seal, seal_key), note = same_key(&node->note, note_key);
        if (seal && note) return true;
        if (seal || note) {
            (void)snprintf(message, cap, "node/%s.pem is not the key that this ledger registered for this node; node/%s.pem is", seal ? "note" : "seal",
                           seal ? "seal" : "note");
            return false;
        }
    }
    (void)snprintf(message, cap, "node/seal.pem and node/note.pem are not keys of a node that this ledger registered");
    return false;
}

bool registered_checkpoint(const struct finality *finality, const struct pubkey *key) {
    for (uint32_t i = 0; i < finality->node_count; i++)
        if (finality->nodes[i].checkpoint.alg == key->alg && memcmp(finality->nodes[i].checkpoint.x, key->x, 32) == 0) return true;
    return false;
}
