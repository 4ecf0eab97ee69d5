/* The finisher: what the writer committed is made safe, published, answered, in the order in which it was committed:
 *
 *   KV sync -> mark written and synced -> publish -> receipts and answers
 *
 * All answers of the writer pass through here, so whoever hears of an entry, be it in a refusal, hears of one that is on stable storage and marked.
 * Meanwhile the writer makes the next block, up to CHAIN_AHEAD of them. */
#include "node/solo/solo_inside.h"

#include "ledger/chain/prove.h"
#include "node/base/log.h"

struct finish {
    struct solo *solo;
    const struct batch *batch;
    struct kv_txn *txn; /* for receipts; it may show the next block too: entries, tiles and blocks only grow */
    struct tile_reader tiles;
    struct submit_answer answer;
    bool broken; /* a block was committed that will not be published: what was judged on top of it says nothing */
};

/* ---- answers ---- */

/* The entry's number n.i and its receipt, from storage. */
static enum err answer_earlier(struct finish *finish, uint64_t entry) {
    struct submit_answer *answer = &finish->answer;
    struct stored_block block;
    uint64_t first;
    enum err err = prove_receipt_stored(answer->receipt, &answer->receipt_len, &block, finish->txn, &finish->tiles, entry);
    if (err == ERR_OK) err = store_first_entry(finish->txn, block.header.n, &first);
    if (err != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
    answer->block = block.header.n;
    answer->index = entry - first;
    answer->entry = entry;
    return ERR_OK;
}

/* The same bytes as prove_receipt makes, without looking up the block each time. */
static enum err answer_new(struct finish *finish, uint64_t entry) {
    const struct batch *batch = finish->batch;
    struct submit_answer *answer = &finish->answer;
    uint8_t path[MERKLE_PATH_MAX][32];
    size_t steps;
    finish->tiles.log_size = batch->header.log_size;
    if (!merkle_inclusion_make(path, &steps, entry, batch->header.log_size, tile_fetch, &finish->tiles)) return ERR_CORRUPT;
    answer->receipt_len = receipt_encode(answer->receipt, bytes_of(batch->receipt_protected, batch->receipt_protected_len), batch->receipt_signature,
                                         batch->header.log_size, entry, (const uint8_t(*)[32])path, steps);
    answer->block = batch->header.n;
    answer->index = entry - batch->first_entry;
    answer->entry = entry;
    return ERR_OK;
}

static bool needs_receipt(const struct statement_result *result) {
    return result->refusal.code == CODE_OK || result->refusal.code == CODE_ALREADY_ENTERED;
}

static void answer_one(struct finish *finish, size_t i) {
    const struct statement_result *result = &finish->batch->results[i];
    struct submit_answer *answer = &finish->answer;
    enum err err = ERR_OK;
    memset(answer, 0, offsetof(struct submit_answer, receipt));
    answer->refusal = result->refusal;
    answer->receipt_len = 0;
    if (result->refusal.code == CODE_OK) {
        ASSERT(finish->batch->end == BATCH_RECORDED);
        err = answer_new(finish, result->entry);
    } else if (result->refusal.code == CODE_ALREADY_ENTERED) {
        err = answer_earlier(finish, result->refusal.entry);
    }
    if (err == ERR_OK) {
        solo_answer(finish->solo, finish->batch->jobs[i], answer);
        return;
    }
    /* It may well be recorded, but what was read back does not prove it: that is no answer to give. */
    log_event(LOG_BROKEN, "receipt_failed", log_text("fault", err_name(err)));
    solo_fail(finish->solo, finish->batch->jobs[i], err);
}

static void answer_all(struct finish *finish) {
    const struct batch *batch = finish->batch;
    bool any = false;
    for (size_t i = 0; i < batch->count && !any; i++) any = needs_receipt(&batch->results[i]);
    enum err err = any ? kv_begin(chain_kv(finish->solo->chain), false, &finish->txn) : ERR_OK;
    if (err != ERR_OK) log_event(LOG_BROKEN, "receipt_failed", log_text("fault", err_name(err)));
    if (any && err == ERR_OK) tile_reader_start(&finish->tiles, finish->txn, 0);
    for (size_t i = 0; i < batch->count; i++) {
        if (err != ERR_OK && needs_receipt(&batch->results[i])) solo_fail(finish->solo, batch->jobs[i], err);
        else answer_one(finish, i);
    }
    if (any && err == ERR_OK) kv_abort(finish->txn);
}

static void batch_fail(struct finish *finish, enum err err) {
    for (size_t i = 0; i < finish->batch->count; i++) solo_fail(finish->solo, finish->batch->jobs[i], err);
}

static void batch_refuse(struct finish *finish) {
    for (size_t i = 0; i < finish->batch->count; i++) solo_refuse(finish->solo, finish->batch->jobs[i], refuse(CODE_READ_ONLY, NULL));
}

/* ---- one batch ---- */

/* The committed block: safe, marked, seen by readers; or the end. */
static enum err publish_block(struct finish *finish) {
    struct solo *solo = finish->solo;
    const struct batch *batch = finish->batch;
    enum err err = kv_sync(chain_kv(solo->chain));
    if (err != ERR_OK) log_event(LOG_BROKEN, "sync_failed", log_uint("height", batch->mark.height), log_text("fault", err_name(err)));
    if (err == ERR_OK && !kv_in_place(chain_kv(solo->chain))) {
        err = ERR_IO;
        log_event(LOG_BROKEN, "data_replaced", log_uint("height", batch->mark.height),
                  log_text("meaning", "data/data.mdb was removed, moved, linked or replaced under the running node: what is recorded now would be lost. "
                           "Nothing was acknowledged. Put the data back as they were, then start again"));
    }
    if (err == ERR_OK) {
        err = mark_write(solo->parts.mark, &batch->mark);
        if (err != ERR_OK) log_event(LOG_BROKEN, "mark_failed", log_uint("height", batch->mark.height), log_text("fault", err_name(err)));
    }
    if (err != ERR_OK) {
        finish->broken = true;
        err = err == ERR_NO_ROOM ? ERR_IO : err; /* the block IS in storage: never as if it had not been tried */
        solo_latch(solo, err);
        chain_abandon(solo->chain);
        return err;
    }
    notes_block_published(solo->notes, &batch->header);
    chain_publish(solo->chain);
    if ((atomic_fetch_add(&solo->blocks, 1) + 1) % READERS_EVERY == 0) readers_look(solo->parts.readers, chain_kv(solo->chain));
    return ERR_OK;
}

static void finish_batch(struct finish *finish) {
    enum err err;
    switch (finish->batch->end) {
    case BATCH_RECORDED:
        err = finish->broken ? solo_fault(finish->solo) : publish_block(finish); /* broken: it is in storage, and nobody will say so before a restart */
        if (err == ERR_OK) answer_all(finish);
        else batch_fail(finish, err);
        return;
    case BATCH_REFUSED:
        if (finish->broken) batch_refuse(finish);
        else answer_all(finish);
        return;
    case BATCH_READ_ONLY: batch_refuse(finish); return;
    case BATCH_FAILED: batch_fail(finish, finish->batch->fault); return;
    }
}

struct finish *finish_new(struct solo *solo) {
    struct finish *finish = calloc(1, sizeof *finish);
    if (finish) finish->solo = solo;
    return finish;
}

void *finisher_thread(void *context) {
    struct finish *finish = context;
    struct relay *relay = &finish->solo->relay;
    (void)pthread_setname_np(pthread_self(), "licet-finish");
    while ((finish->batch = relay_take(relay)) != NULL) {
        busy_begin(&finish->solo->finishing);
        finish_batch(finish);
        busy_end(&finish->solo->finishing);
        relay_done(relay);
        queue_look(&finish->solo->ready);
    }
    return NULL;
}
