/* The writer: takes all that is ready, makes one block of it, commits it, and hands it to the finisher (solo_finish.c), who makes it safe and answers.
 *
 *   clock rule (a clock a little behind is waited for) -> room -> execute -> seal and receipt signature -> LMDB commit -> relay
 *
 * It executes on top of its own last block, which the finisher may not have published yet; chain_commit waits for that. A fault from execute on is a
 * latch: everybody who waits is told, nothing is written any more, the program ends. */
#include "node/solo/solo_inside.h"

#include "node/base/clock.h"
#include "node/base/log.h"

#define CLOCK_WAIT_MORE_MS 100 /* than the clock is behind: it may be slewed */

struct work {
    struct solo *solo;
    struct batch *batch; /* being filled */
    uint8_t seal_protected[COSE_PROTECTED_MAX];
    size_t seal_protected_len;
    char ledger_name[LEDGER_NAME_MAX];
    size_t ledger_name_len;
    const struct params *params; /* looked at last */
    enum code halted; /* CODE_CLOCK or CODE_NO_ROOM while blocks cannot be made */
};

/* ---- no block ---- */

static void end_failed(struct work *work, enum err err) {
    solo_latch(work->solo, err);
    work->batch->end = BATCH_FAILED;
    work->batch->fault = err;
}

/* The block cannot be, for a reason of the node's own: what was entered before is still answered as that, the others hear the reason,
 * the refused too: a refusal may come from another statement of a block that never was. */
static void end_unrecorded(struct work *work, enum code code, uint64_t log_size) {
    for (size_t i = 0; i < work->batch->count; i++) {
        struct refusal *refusal = &work->batch->results[i].refusal;
        bool earlier = (refusal->code == CODE_ALREADY_ENTERED || refusal->code == CODE_RESIGNED) && refusal->entry < log_size;
        if (!earlier) *refusal = refuse(code, NULL);
    }
    work->batch->end = BATCH_REFUSED;
}

/* Executes only to find out what was entered before, and forgets the rest. */
static void refuse_block(struct work *work, enum code code) {
    struct chain *chain = work->solo->chain;
    const struct header *head = chain_head(chain);
    const struct block_plan plan = {.term = work->solo->term, .engine_height = 0, .time_ms = head->time_ms};
    const struct block *block;
    enum err err = chain_execute(chain, &plan, work->batch->prepared, work->batch->count, work->batch->results, &block);
    if (err != ERR_OK) {
        end_failed(work, err);
        return;
    }
    if (block) chain_drop(chain);
    end_unrecorded(work, code, head->log_size);
}

/* One line when it begins and one when it ends, not one a block. */
static void note_halt(struct work *work, enum code code) {
    if (work->halted == code) return;
    if (code != CODE_OK) log_event(LOG_UNUSUAL, "writing_halted", log_text("code", code_name(code)), log_text("reason", code_en(code)));
    else log_event(LOG_UNUSUAL, "writing_resumed", log_text("code", code_name(work->halted)));
    work->halted = code;
}

/* A clock that was set back a little, perhaps while the node was down, will be there shortly: what was taken waits. A clock that does not get there
 * in its time is not waited for again until it was right once. */
static void wait_for_clock(struct work *work) {
    struct solo *solo = work->solo;
    int64_t behind = notes_clock_behind_ms(solo->notes, solo_now_ms(solo)), until = clock_monotonic_ms() + behind + CLOCK_WAIT_MORE_MS;
    if (work->halted == CODE_CLOCK || behind <= 0 || behind > CLOCK_WAIT_MAX_MS) return;
    log_event(LOG_UNUSUAL, "clock_waited_for", log_int("ms", behind));
    while (behind > 0 && clock_monotonic_ms() < until && !atomic_load(&solo->stopping) && solo_fault(solo) == ERR_OK) {
        clock_wait(behind, solo->stop_fd);
        behind = notes_clock_behind_ms(solo->notes, solo_now_ms(solo));
    }
}

/* ---- one block ---- */

static enum err sign(const struct signing *signing, const struct block *block, uint8_t sig64[SIG_LEN], struct bytes protected_header, struct bytes payload) {
    enum err err = signing_sign(signing, sig64, protected_header, payload);
    if (err == ERR_CORRUPT) log_event(LOG_BROKEN, "own_signature_invalid", log_uint("height", block->header.n));
    else if (err != ERR_OK) log_event(LOG_BROKEN, "key_does_not_sign", log_uint("height", block->header.n), log_text("reason", signer_why(signing->signer)));
    return err;
}

static enum err seal_block(struct work *work, const struct block *block, struct wire_out *seal) {
    struct solo *solo = work->solo;
    struct batch *batch = work->batch;
    uint8_t sig[SIG_LEN];
    struct bytes protected_header = bytes_of(work->seal_protected, work->seal_protected_len);
    enum err err = sign(&solo->seal, block, sig, protected_header, bytes_of(block->bytes, block->len));
    if (err != ERR_OK) return err;
    cose_sign1_encode(seal, protected_header, (struct bytes){NULL, 0}, (struct bytes){NULL, 0}, sig);
    ASSERT(!seal->full);
    batch->receipt_protected_len = receipt_protected(batch->receipt_protected, solo->note.kid, bytes_of(work->ledger_name, work->ledger_name_len),
                                                     block->header.time_ms);
    return sign(&solo->note, block, batch->receipt_signature, bytes_of(batch->receipt_protected, batch->receipt_protected_len),
                bytes_of(block->header.log_root, 32));
}

/* Sealed and committed, and all that the finisher needs of it in the batch. ERR_NO_ROOM: as if it had never been tried. ERR_LATCHED: not tried,
 * because the block before is lost to us. */
static enum err record_block(struct work *work, const struct block *block) {
    struct solo *solo = work->solo;
    struct batch *batch = work->batch;
    uint8_t seal_bytes[SEAL_MAX];
    struct wire_out seal = wire_write(seal_bytes, sizeof seal_bytes);
    enum err err = seal_block(work, block, &seal);
    if (err != ERR_OK) {
        chain_drop(solo->chain);
        return err;
    }
    batch->header = block->header;
    batch->first_entry = block->first_entry;
    batch->mark = (struct mark_value){.term = block->header.term, .height = block->header.n};
    memcpy(batch->mark.hash, block->hash, 32);
    err = chain_seal(solo->chain, block->header.n, bytes_of(seal_bytes, seal.len), &(struct block_receipt){batch->receipt_signature, solo->note.kid});
    return err == ERR_OK ? chain_commit(solo->chain) : err;
}

static uint64_t room_wanted(const struct batch *batch) {
    uint64_t bytes = 0, items = 0;
    for (size_t i = 0; i < batch->count; i++) {
        bytes += batch->jobs[i]->len;
        items += batch->prepared[i]->record.item_count;
    }
    /* The statements, their hashes, and at worst a changed page for each licence; the KV adds what copying costs. */
    return bytes + 64 * batch->count + 4096 * items + (1u << 16);
}

/* A block may take this node, or its engine, out of finality: what it sealed after that would be worth nothing. */
static bool still_final(struct work *work) {
    char why[256];
    const struct params *params = chain_params(work->solo->chain);
    if (params == work->params || solo_is_final(work->solo, why, sizeof why)) {
        work->params = params;
        return true;
    }
    log_event(LOG_BROKEN, "not_final", log_text("reason", why), log_uint("from", params->from));
    solo_latch(work->solo, ERR_CONFIG);
    return false;
}

/* Fills the batch's end. */
static void make_block(struct work *work) {
    struct solo *solo = work->solo;
    if (!still_final(work)) {
        work->batch->end = BATCH_READ_ONLY;
        return;
    }
    struct batch *batch = work->batch;
    uint64_t log_size = chain_head(solo->chain)->log_size;
    struct block_plan plan = {.term = solo->term, .engine_height = 0};
    wait_for_clock(work);
    if (!notes_block_begin(solo->notes, solo_now_ms(solo), &plan.time_ms)) {
        note_halt(work, CODE_CLOCK);
        refuse_block(work, CODE_CLOCK);
        return;
    }
    const struct block *block = NULL;
    enum err err = kv_room(chain_kv(solo->chain), room_wanted(batch));
    if (err == ERR_NO_ROOM) {
        notes_block_dropped(solo->notes);
        note_halt(work, CODE_NO_ROOM);
        refuse_block(work, CODE_NO_ROOM);
        return;
    }
    if (err == ERR_OK) err = chain_execute(solo->chain, &plan, batch->prepared, batch->count, batch->results, &block);
    if (err == ERR_OK && block) err = record_block(work, block);
    if (err == ERR_OK || err == ERR_NO_ROOM) note_halt(work, err == ERR_OK ? CODE_OK : CODE_NO_ROOM);
    if ((err == ERR_OK && !block) || err == ERR_NO_ROOM) notes_block_dropped(solo->notes);
    if (err == ERR_OK) batch->end = block ? BATCH_RECORDED : BATCH_REFUSED;
    else if (err == ERR_NO_ROOM) end_unrecorded(work, CODE_NO_ROOM, log_size);
    else if (err == ERR_LATCHED && solo_fault(solo) != ERR_OK) batch->end = BATCH_READ_ONLY; /* the finisher met the fault, and has told */
    else end_failed(work, err); /* notes are still limited by the block that may be on the disk */
}

/* ---- the thread ---- */

struct work *work_new(struct solo *solo) {
    struct work *work = calloc(1, sizeof *work);
    if (!work) return NULL;
    work->solo = solo;
    work->params = chain_params(solo->chain); /* the start looked at them */
    const struct genesis *genesis = chain_genesis(solo->chain);
    work->ledger_name_len = ledger_name(work->ledger_name, genesis->chain_id, genesis->hash);
    const struct cose_header header = {.alg = key_alg_cose(solo->seal.key.alg), .kid = solo->seal.kid, .typ = TYP_HEADER};
    work->seal_protected_len = cose_protected_encode(work->seal_protected, &header);
    return work;
}

/* A block costs two signatures and a commit however small it is, and one that holds all that is waiting leaves the processors nothing to check while it is
 * written. So half of what waits is enough: the other half is being checked or finished meanwhile. */
#define COMPANY_MAX 256u /* from here on a block is cheap enough for each of its statements */
#define COMPANY_MS 10u
static size_t enough(void *context) {
    struct solo *solo = context;
    const size_t half = atomic_load(&solo->waiting) / 2;
    return half < COMPANY_MAX ? half : COMPANY_MAX;
}

void *writer_thread(void *context) {
    struct work *work = context;
    struct solo *solo = work->solo;
    static const struct job_budget budget = {BLOCK_STATEMENTS_MAX, BLOCK_BYTES_MAX, BLOCK_ITEMS_MAX, COMPANY_MS};
    (void)pthread_setname_np(pthread_self(), "licet-writer");
    for (;;) {
        struct batch *batch = work->batch = relay_free(&solo->relay);
        batch->count = queue_take_all(&solo->ready, batch->jobs, &budget, enough, solo);
        if (batch->count == 0) break;
        for (size_t i = 0; i < batch->count; i++) {
            batch->prepared[i] = batch->jobs[i]->prepared;
            batch->results[i] = (struct statement_result){.refusal = refuse(CODE_OK, NULL)}; /* an earlier batch's say nothing here, however this one ends */
        }
        busy_begin(&solo->writing);
        if (solo_fault(solo) != ERR_OK) batch->end = BATCH_READ_ONLY;
        else make_block(work);
        busy_end(&solo->writing);
        relay_hand(&solo->relay);
    }
    relay_close(&solo->relay);
    return NULL;
}
