#include "node/checkpoint.h"

#include <inttypes.h>
#include <pthread.h>

#include "crypto/hash.h"

#define KEY_ID_LEN 4
#define NOTE_KEY_ED25519 1

struct checkpoint {
    struct signing signing;
    char name[LEDGER_NAME_MAX + 1];
    uint8_t key_id[KEY_ID_LEN];
    char vkey[LEDGER_NAME_MAX + 2 * KEY_ID_LEN + 48 + 3];
    pthread_mutex_t lock; /* what follows: the text of block n; len 0: none yet */
    uint64_t n;
    char text[CHECKPOINT_MAX];
    size_t len;
};

struct checkpoint *checkpoint_new(const struct signer *signer, const struct genesis *genesis) {
    struct checkpoint *checkpoint = calloc(1, sizeof *checkpoint);
    if (!checkpoint) return NULL;
    if (!signing_start(&checkpoint->signing, signer)) {
        free(checkpoint);
        return NULL;
    }
    size_t len = ledger_name(checkpoint->name, genesis->chain_id, genesis->hash);
    checkpoint->name[len] = '\0';
    static const uint8_t between[2] = {'\n', NOTE_KEY_ED25519};
    const struct bytes parts[3] = {bytes_of(checkpoint->name, len), bytes_of(between, 2), bytes_of(checkpoint->signing.key.x, 32)};
    uint8_t digest[32];
    sha256_parts(digest, parts, 3);
    memcpy(checkpoint->key_id, digest, KEY_ID_LEN);
    uint8_t typed[33] = {NOTE_KEY_ED25519};
    char id_hex[2 * KEY_ID_LEN + 1], key_text[48];
    memcpy(typed + 1, checkpoint->signing.key.x, 32);
    hex_encode(id_hex, checkpoint->key_id, KEY_ID_LEN);
    base64_encode(key_text, typed, sizeof typed);
    (void)snprintf(checkpoint->vkey, sizeof checkpoint->vkey, "%s+%s+%s", checkpoint->name, id_hex, key_text);
    ASSERT(pthread_mutex_init(&checkpoint->lock, NULL) == 0);
    return checkpoint;
}

const char *checkpoint_vkey(const struct checkpoint *checkpoint) { return checkpoint->vkey; }

void checkpoint_free(struct checkpoint *checkpoint) {
    if (!checkpoint) return;
    pthread_mutex_destroy(&checkpoint->lock);
    signing_end(&checkpoint->signing);
    free(checkpoint);
}

static size_t checkpoint_make(const struct checkpoint *checkpoint, const struct snapshot *snapshot, char out[CHECKPOINT_MAX]) {
    char root[48], signature[4 * ((KEY_ID_LEN + SIG_LEN + 2) / 3) + 1];
    uint8_t packed[KEY_ID_LEN + SIG_LEN];
    base64_encode(root, snapshot->header.log_root, 32);
    int body = snprintf(out, CHECKPOINT_MAX, "%s\n%" PRIu64 "\n%s\n", checkpoint->name, snapshot->header.log_size, root);
    ASSERT(body > 0 && body < CHECKPOINT_MAX);
    const struct bytes signed_part = bytes_of(out, (size_t)body);
    memcpy(packed, checkpoint->key_id, KEY_ID_LEN);
    if (!signer_sign(checkpoint->signing.signer, packed + KEY_ID_LEN, &signed_part, 1)) return 0;
    if (!verifier_check(checkpoint->signing.verifier, packed + KEY_ID_LEN, &signed_part, 1)) return 0;
    base64_encode(signature, packed, sizeof packed);
    int tail = snprintf(out + body, CHECKPOINT_MAX - (size_t)body, "\n\u2014 %s %s\n", checkpoint->name, signature);
    ASSERT(tail > 0 && tail < CHECKPOINT_MAX - body);
    return (size_t)body + (size_t)tail;
}

size_t checkpoint_text(struct checkpoint *checkpoint, const struct snapshot *snapshot, char *out, size_t cap) {
    char text[CHECKPOINT_MAX];
    pthread_mutex_lock(&checkpoint->lock);
    size_t len = checkpoint->n == snapshot->n ? checkpoint->len : 0;
    if (len) memcpy(text, checkpoint->text, len);
    pthread_mutex_unlock(&checkpoint->lock);
    if (len == 0) {
        len = checkpoint_make(checkpoint, snapshot, text);
        pthread_mutex_lock(&checkpoint->lock);
        if (len && snapshot->n >= checkpoint->n) {
            memcpy(checkpoint->text, text, len);
            checkpoint->len = len;
            checkpoint->n = snapshot->n;
        }
        pthread_mutex_unlock(&checkpoint->lock);
    }
    if (len > cap) return 0;
    memcpy(out, text, len);
    return len;
}
