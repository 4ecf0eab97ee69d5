/* The writer: takes all that is ready, makes one block of it, makes that durable, answers. In this order, which is the promise:
 *
 *   clock rule (a clock a little behind is waited for) -> room -> execute -> seal and receipt signature -> LMDB commit -> mark synced -> publish -> answers
 *
 * A fault from execute on is a latch: everybody who waits is told, nothing is written any more, the program ends. */
#include "node/engine_inside.h"

#include <unistd.h>

#include "ledger/chain/prove.h"
#include "node/clock.h"
#include "node/log.h"

#define CLOCK_WAIT_STEP_US 5000
#define CLOCK_WAIT_MORE_MS 100 /* than the clock is behind: it may be slewed */

struct work { /* one block's worth, allocated once */
    struct engine *engine;
    struct reader *reader;
    const struct snapshot *snapshot;
    struct job *jobs[BLOCK_STATEMENTS_MAX];
    struct prepared *prepared[BLOCK_STATEMENTS_MAX];
    struct statement_result results[BLOCK_STATEMENTS_MAX];
    size_t count;
    uint8_t seal_protected[COSE_PROTECTED_MAX];
    size_t seal_protected_len;
    uint8_t receipt_protected[COSE_PROTECTED_MAX], receipt_signature[SIG_LEN];
    size_t receipt_protected_len;
    char ledger_name[LEDGER_NAME_MAX];
    size_t ledger_name_len;
    struct tile_reader tiles;
    struct submit_answer answer;
    enum code halted; /* CODE_CLOCK or CODE_NO_ROOM while blocks cannot be made */
};

/* ---- answers ---- */

/* The entry's number n.i and its receipt, from the published state. */
static enum err answer_earlier(struct work *work, uint64_t entry) {
    struct submit_answer *answer = &work->answer;
    struct stored_block block;
    uint64_t first;
    enum err err = store_block_of_entry(work->snapshot->txn, entry, &block);
    if (err == ERR_OK) err = store_first_entry(work->snapshot->txn, block.header.n, &first);
    if (err == ERR_OK) err = prove_receipt(answer->receipt, &answer->receipt_len, work->snapshot, &work->tiles, entry);
    if (err != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
    answer->block = block.header.n;
    answer->index = entry - first;
    answer->entry = entry;
    return ERR_OK;
}

/* The same bytes as prove_receipt makes, without looking up the block each time. */
static enum err answer_new(struct work *work, const struct block *block, uint64_t entry) {
    struct submit_answer *answer = &work->answer;
    uint8_t path[MERKLE_PATH_MAX][32];
    size_t steps;
    if (!merkle_inclusion_make(path, &steps, entry, block->header.log_size, tile_fetch, &work->tiles)) return ERR_CORRUPT;
    answer->receipt_len = receipt_encode(answer->receipt, bytes_of(work->receipt_protected, work->receipt_protected_len), work->receipt_signature,
                                         block->header.log_size, entry, (const uint8_t(*)[32])path, steps);
    answer->block = block->header.n;
    answer->index = entry - block->first_entry;
    answer->entry = entry;
    return ERR_OK;
}

/* block NULL: nothing was accepted. */
static void answer_one(struct work *work, size_t i, const struct block *block) {
    struct submit_answer *answer = &work->answer;
    const struct statement_result *result = &work->results[i];
    enum err err = ERR_OK;
    memset(answer, 0, offsetof(struct submit_answer, receipt));
    answer->refusal = result->refusal;
    answer->receipt_len = 0;
    if (result->refusal.code == CODE_OK) {
        ASSERT(block != NULL);
        err = answer_new(work, block, result->entry);
    } else if (result->refusal.code == CODE_ALREADY_ENTERED) {
        err = answer_earlier(work, result->refusal.entry);
    }
    if (err == ERR_OK) {
        engine_answer(work->engine, work->jobs[i], answer);
        return;
    }
    /* It may well be recorded, but what was read back does not prove it: that is no answer to give. */
    log_event(LOG_BROKEN, "receipt_failed", log_text("fault", err_name(err)));
    engine_fail(work->engine, work->jobs[i], err);
}

static void answer_all(struct work *work, const struct block *block) {
    enum err err = reader_snapshot(work->reader, &work->snapshot);
    if (err == ERR_OK) tile_reader_start(&work->tiles, work->snapshot->txn, work->snapshot->header.log_size);
    for (size_t i = 0; i < work->count; i++) {
        bool needs_state = work->results[i].refusal.code == CODE_OK || work->results[i].refusal.code == CODE_ALREADY_ENTERED;
        if (err != ERR_OK && needs_state) engine_fail(work->engine, work->jobs[i], err);
        else answer_one(work, i, block);
    }
    reader_rest(work->reader);
}

static void fail_all(struct work *work, enum err err) {
    engine_latch(work->engine, err);
    for (size_t i = 0; i < work->count; i++) engine_fail(work->engine, work->jobs[i], err);
}

/* The block cannot be, for a reason of the node's own: what was entered before is still answered with its receipt, the others hear the reason,
 * the refused too: a refusal may come from another statement of a block that never was. */
static void answer_unrecorded(struct work *work, enum code code, uint64_t log_size) {
    for (size_t i = 0; i < work->count; i++) {
        struct refusal *refusal = &work->results[i].refusal;
        bool earlier = (refusal->code == CODE_ALREADY_ENTERED || refusal->code == CODE_RESIGNED) && refusal->entry < log_size;
        if (!earlier) *refusal = refuse(code, NULL);
    }
    answer_all(work, NULL);
}

/* Executes only to find out what was entered before, and forgets the rest. */
static void refuse_block(struct work *work, enum code code) {
    struct chain *chain = work->engine->chain;
    const struct header *head = chain_head(chain);
    const struct block_plan plan = {.term = work->engine->options.term, .engine_height = 0, .time_ms = head->time_ms};
    const struct block *block;
    enum err err = chain_execute(chain, &plan, work->prepared, work->count, work->results, &block);
    if (err != ERR_OK) {
        fail_all(work, err);
        return;
    }
    if (block) chain_drop(chain);
    answer_unrecorded(work, code, head->log_size);
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
    struct engine *engine = work->engine;
    int64_t behind = notes_clock_behind_ms(engine->notes, engine_now_ms(engine)), until = clock_monotonic_ms() + behind + CLOCK_WAIT_MORE_MS;
    if (work->halted == CODE_CLOCK || behind <= 0 || behind > CLOCK_WAIT_MAX_MS) return;
    log_event(LOG_UNUSUAL, "clock_waited_for", log_int("ms", behind));
    while (behind > 0 && clock_monotonic_ms() < until && !atomic_load(&engine->stopping)) {
        (void)usleep(CLOCK_WAIT_STEP_US);
        behind = notes_clock_behind_ms(engine->notes, engine_now_ms(engine));
    }
}

/* ---- one block ---- */

static enum err sign(const struct signing *signing, const struct block *block, uint8_t sig64[SIG_LEN], struct bytes protected_header, struct bytes payload) {
    enum err err = signing_sign(signing, sig64, protected_header, payload);
    if (err == ERR_CORRUPT) log_event(LOG_BROKEN, "own_signature_invalid", log_uint("height", block->header.n));
    else if (err != ERR_OK) log_event(LOG_BROKEN, "key_does_not_sign", log_uint("height", block->header.n), log_text("reason", signer_why(signing->signer)));
    return err;
}

static enum err seal_block(struct work *work, const struct block *block, struct cbor_out *seal) {
    struct engine *engine = work->engine;
    uint8_t sig[SIG_LEN];
    struct bytes protected_header = bytes_of(work->seal_protected, work->seal_protected_len);
    enum err err = sign(&engine->seal, block, sig, protected_header, bytes_of(block->bytes, block->len));
    if (err != ERR_OK) return err;
    cose_sign1_encode(seal, protected_header, (struct bytes){NULL, 0}, (struct bytes){NULL, 0}, sig);
    ASSERT(!seal->full);
    work->receipt_protected_len = receipt_protected(work->receipt_protected, engine->note.kid, bytes_of(work->ledger_name, work->ledger_name_len),
                                                    block->header.time_ms);
    return sign(&engine->note, block, work->receipt_signature, bytes_of(work->receipt_protected, work->receipt_protected_len),
                bytes_of(block->header.log_root, 32));
}

/* Durable, marked, published; or not. ERR_NO_ROOM: as if it had never been tried. */
static enum err record_block(struct work *work, const struct block *block) {
    struct engine *engine = work->engine;
    uint8_t seal_bytes[SEAL_MAX];
    struct cbor_out seal = cbor_write(seal_bytes, sizeof seal_bytes);
    enum err err = seal_block(work, block, &seal);
    if (err != ERR_OK) {
        chain_drop(engine->chain);
        return err;
    }
    struct mark_value mark = {.term = block->header.term, .height = block->header.n};
    memcpy(mark.hash, block->hash, 32);
    err = chain_commit(engine->chain, bytes_of(seal_bytes, seal.len), work->receipt_signature, engine->note.kid);
    if (err != ERR_OK) return err;
    err = mark_write(engine->mark, &mark);
    if (err != ERR_OK) {
        log_event(LOG_BROKEN, "mark_failed", log_uint("height", mark.height), log_text("fault", err_name(err)));
        chain_abandon(engine->chain);
        return err == ERR_NO_ROOM ? ERR_IO : err; /* the block IS on the disk: never as if it had not been tried */
    }
    chain_publish(engine->chain);
    notes_block_published(engine->notes, chain_head(engine->chain));
    atomic_fetch_add(&engine->blocks, 1);
    return ERR_OK;
}

static uint64_t room_wanted(const struct work *work) {
    uint64_t bytes = 0, items = 0;
    for (size_t i = 0; i < work->count; i++) {
        bytes += work->jobs[i]->len;
        items += work->prepared[i]->record.item_count;
    }
    /* The statements, their hashes, and at worst a changed page for each licence; the KV adds what copying costs. */
    return bytes + 64 * work->count + 4096 * items + (1u << 16);
}

static void make_block(struct work *work) {
    struct engine *engine = work->engine;
    uint64_t log_size = chain_head(engine->chain)->log_size;
    struct block_plan plan = {.term = engine->options.term, .engine_height = 0};
    wait_for_clock(work);
    if (!notes_block_begin(engine->notes, engine_now_ms(engine), &plan.time_ms)) {
        note_halt(work, CODE_CLOCK);
        refuse_block(work, CODE_CLOCK);
        return;
    }
    const struct block *block = NULL;
    enum err err = kv_room(chain_kv(engine->chain), room_wanted(work));
    if (err == ERR_NO_ROOM) {
        notes_block_dropped(engine->notes);
        note_halt(work, CODE_NO_ROOM);
        refuse_block(work, CODE_NO_ROOM);
        return;
    }
    if (err == ERR_OK) err = chain_execute(engine->chain, &plan, work->prepared, work->count, work->results, &block);
    if (err == ERR_OK && block) err = record_block(work, block);
    if (err == ERR_OK || err == ERR_NO_ROOM) note_halt(work, err == ERR_OK ? CODE_OK : CODE_NO_ROOM);
    if (err == ERR_OK && block) {
        answer_all(work, block);
        return;
    }
    if (err == ERR_OK || err == ERR_NO_ROOM) notes_block_dropped(engine->notes);
    if (err == ERR_OK) answer_all(work, NULL);
    else if (err == ERR_NO_ROOM) answer_unrecorded(work, CODE_NO_ROOM, log_size);
    else fail_all(work, err); /* notes are still limited by the block that may be on the disk */
}

/* ---- the thread ---- */

static struct work *work_new(struct engine *engine) {
    struct work *work = calloc(1, sizeof *work);
    if (!work) return NULL;
    work->engine = engine;
    work->reader = reader_new(engine->chain);
    if (!work->reader) {
        free(work);
        return NULL;
    }
    const struct genesis *genesis = chain_genesis(engine->chain);
    work->ledger_name_len = ledger_name(work->ledger_name, genesis->chain_id, genesis->hash);
    const struct cose_header header = {.alg = key_alg_cose(engine->seal.key.alg), .kid = engine->seal.kid, .typ = TYP_HEADER};
    work->seal_protected_len = cose_protected_encode(work->seal_protected, &header);
    return work;
}

void *engine_writer_thread(void *context) {
    struct engine *engine = context;
    struct work *work = work_new(engine);
    if (!work) engine_latch(engine, ERR_MEMORY);
    static const struct job_budget budget = {BLOCK_STATEMENTS_MAX, BLOCK_BYTES_MAX, BLOCK_ITEMS_MAX};
    struct job *single;
    while (!work && (single = queue_take(&engine->ready)) != NULL) engine_refuse(engine, single, refuse(CODE_READ_ONLY, NULL));
    while (work && (work->count = queue_take_all(&engine->ready, work->jobs, &budget)) > 0) {
        bool latched = atomic_load(&engine->fault) != ERR_OK;
        for (size_t i = 0; i < work->count; i++) {
            work->prepared[i] = work->jobs[i]->prepared;
            if (latched) engine_refuse(engine, work->jobs[i], refuse(CODE_READ_ONLY, NULL));
        }
        if (!latched) make_block(work);
    }
    if (work) reader_free(work->reader);
    free(work);
    return NULL;
}
