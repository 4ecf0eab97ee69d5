/* The signature pool: what can be said about a statement before its turn, on every processor, while the writer commits the block before. What
 * may turn out to be a repeat always goes on to the writer: only the writer knows what was entered. */
#include "node/solo/solo_inside.h"

#define KNOWN 64u /* keys a thread remembers: registered ones only, so nobody can push them out with made-up names */

struct pool_thread {
    struct solo *solo;
    struct reader *reader;
    struct known_key {
        uint8_t kid[32];
        enum key_alg alg;
        const struct verifier *verifier; /* NULL: no key here */
    } known[KNOWN];
};

/* The registered key that kid names, from a snapshot of our own. The txn is let go of at once: the map may have to grow. */
static enum err find_key(struct pool_thread *self, const uint8_t kid[32], struct known_key *out, struct refusal *refusal) {
    const struct snapshot *snapshot;
    struct bytes value;
    struct key_object record;
    *refusal = refuse(CODE_OK, NULL);
    enum err err = reader_snapshot(self->reader, &snapshot);
    if (err != ERR_OK) return err;
    enum found found = snapshot_by_id(snapshot, OBJECT_KEY, bytes_of(kid, 32), &value);
    if (found == FOUND_ABSENT) *refusal = refuse(CODE_KEY_UNKNOWN, "kid");
    else if (found == FOUND_FAULT || key_object_decode(&record, value).code != CODE_OK) err = ERR_CORRUPT;
    if (err == ERR_OK && found == FOUND_YES) {
        memcpy(out->kid, kid, 32);
        out->alg = record.key.alg;
        out->verifier = key_cache_add(chain_keys(self->solo->chain), &record.key);
        if (!out->verifier) err = ERR_MEMORY;
    }
    reader_rest(self->reader);
    return err;
}

static enum err verify_one(struct pool_thread *self, struct prepared *prepared, struct refusal *refusal) {
    const struct cose_sign1 *cose = &prepared->statement.cose;
    if (memcmp(cose->genesis, chain_genesis(self->solo->chain)->hash, 32) != 0) {
        *refusal = refuse(CODE_OTHER_LEDGER, "genesis");
        return ERR_OK;
    }
    struct known_key *key = &self->known[be32_get(cose->kid) % KNOWN];
    if (!key->verifier || memcmp(key->kid, cose->kid, 32) != 0) {
        struct known_key fresh = {.verifier = NULL};
        enum err err = find_key(self, cose->kid, &fresh, refusal);
        if (err != ERR_OK || refusal->code != CODE_OK) return err;
        *key = fresh;
    }
    atomic_fetch_add(&self->solo->signatures, 1);
    *refusal = prepared_verify(prepared, key->verifier, key->alg);
    return ERR_OK;
}

static void pool_check(struct pool_thread *self, struct job *job) {
    struct solo *solo = self->solo;
    if (solo_fault(solo) != ERR_OK) {
        solo_refuse(solo, job, refuse(CODE_READ_ONLY, NULL));
        return;
    }
    struct refusal refusal = prepared_new(&job->prepared, bytes_of(job->bytes, job->len));
    enum err err = refusal.code == CODE_OK ? verify_one(self, job->prepared, &refusal) : ERR_OK;
    if (err == ERR_LATCHED) solo_refuse(solo, job, refuse(CODE_READ_ONLY, NULL));
    else if (err != ERR_OK) solo_fail(solo, job, err);
    else if (refusal.code != CODE_OK) solo_refuse(solo, job, refusal);
    else ASSERT(queue_put(&solo->ready, job)); /* closed only after the pool has ended */
}

void *sigpool_thread(void *context) {
    struct solo *solo = context;
    (void)pthread_setname_np(pthread_self(), "licet-check");
    struct pool_thread *self = calloc(1, sizeof *self);
    if (self) {
        self->solo = solo;
        self->reader = reader_new(solo->chain);
    }
    struct job *job;
    while ((job = queue_take(&solo->intake)) != NULL) {
        if (self && self->reader) pool_check(self, job);
        else solo_refuse(solo, job, refuse(CODE_QUEUE_FULL, NULL)); /* no memory for a reader: nothing was taken */
    }
    if (self && self->reader) reader_free(self->reader);
    free(self);
    return NULL;
}
