/* What all parts of solo do with a statement in the end, and what ends solo: it stands below them, and calls none. */
#include "node/solo/solo_inside.h"

#include "node/engine/registered.h"

/* ---- places ---- */

enum code place_take(struct solo *solo, size_t len) {
    if (len > STATEMENT_BYTES_MAX) return CODE_STATEMENT_TOO_LARGE;
    if (atomic_load(&solo->stopping)) return CODE_SHUTTING_DOWN;
    if (solo_fault(solo) != ERR_OK) return CODE_READ_ONLY;
    if (atomic_fetch_add(&solo->waiting, 1) >= solo->options.queue_max) {
        atomic_fetch_sub(&solo->waiting, 1);
        return CODE_QUEUE_FULL;
    }
    if (atomic_fetch_add(&solo->waiting_bytes, len) + len > solo->options.queue_bytes_max) {
        place_give_back(solo, len);
        return CODE_QUEUE_FULL;
    }
    return CODE_OK;
}

void place_give_back(struct solo *solo, size_t len) {
    atomic_fetch_sub(&solo->waiting_bytes, len);
    atomic_fetch_sub(&solo->waiting, 1);
}

/* ---- answers ---- */

void solo_answer(struct solo *solo, struct job *job, const struct submit_answer *answer) {
    if (answer->err == ERR_OK) {
        if (answer->refusal.code == CODE_OK) atomic_fetch_add(&solo->accepted, 1);
        else if (answer->refusal.code == CODE_ALREADY_ENTERED) atomic_fetch_add(&solo->repeated, 1);
        else atomic_fetch_add(&solo->refused, 1);
    }
    submit_done_fn done = job->done;
    void *token = job->token;
    /* Before the answer: who has it may send the next one, and there must be room for that. */
    place_give_back(solo, job->len);
    prepared_free(job->prepared);
    free(job);
    done(token, answer);
}

void solo_refuse(struct solo *solo, struct job *job, struct refusal refusal) {
    struct submit_answer answer = {.err = ERR_OK, .refusal = refusal};
    solo_answer(solo, job, &answer);
}

void solo_fail(struct solo *solo, struct job *job, enum err err) {
    struct submit_answer answer = {.err = err, .refusal = refuse(err == ERR_CORRUPT ? CODE_CORRUPT : CODE_STORAGE, NULL)};
    solo_answer(solo, job, &answer);
}

/* ---- the end ---- */

void solo_latch(struct solo *solo, enum err err) {
    int none = ERR_OK;
    if (atomic_compare_exchange_strong(&solo->fault, &none, (int)err) && solo->parts.on_fault) solo->parts.on_fault(solo->parts.fault_context, err);
}

/* Blocks sealed by a key the ledger does not name would be worth nothing to any verifier: better not to start. */
bool solo_is_final(const struct solo *solo, char *message, size_t cap) {
    const struct finality *finality = &chain_params(solo->chain)->finality;
    if (finality->engine == ENGINE_SOLO) return registered_keys(finality, &solo->seal.key, &solo->note.key, message, cap);
    (void)snprintf(message, cap, "This ledger's blocks are made final by another engine than %s", engine_words_of(ENGINE_SOLO)->name);
    return false;
}
