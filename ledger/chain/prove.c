#include "ledger/chain/prove.h"

#include "ledger/chain/block_check.h"
#include "ledger/wire/statement.h"

#include "ledger/rules/proof_source.h"
#include "ledger/state/slots.h"

/* Working memory of one proof: too large for a thread's stack. */
struct prove_work {
    struct proof proof;
    struct object_trace trace;
    uint8_t steps[PROOF_OBJECTS_MAX][48 * MAP_STEP_LEN]; /* a map of 2^32 leaves is about 40 deep; deeper paths go to `deep` */
    uint8_t deep[MAP_STEPS_MAX * MAP_STEP_LEN];
    uint8_t other_keys[PROOF_OBJECTS_MAX][32], other_hashes[PROOF_OBJECTS_MAX][32];
    uint8_t *deep_kept[PROOF_OBJECTS_MAX];
    uint8_t path[MERKLE_PATH_MAX][32];
    struct tile_reader tiles;
};

static void work_free(struct prove_work *work) {
    for (size_t i = 0; i < PROOF_OBJECTS_MAX; i++) free(work->deep_kept[i]);
    free(work);
}

/* The walk by one touched object's key, as the proof has it. */
static enum err prove_add_object(struct prove_work *work, const struct snapshot *snapshot, const struct touched *touched, uint32_t at) {
    struct proof_object *object = &work->proof.objects[at];
    struct map_hit hit;
    size_t steps = 0;
    *object = (struct proof_object){.kind = touched->kind};
    if (!statemap_path(chain_map(snapshot->chain), snapshot->map, touched->map_key, work->deep, &steps, &hit)) return ERR_CORRUPT;
    size_t len = steps * MAP_STEP_LEN;
    uint8_t *kept = work->steps[at];
    if (len > sizeof work->steps[at]) {
        kept = work->deep_kept[at] = malloc(len);
        if (!kept) return ERR_MEMORY;
    }
    memcpy(kept, work->deep, len);
    object->steps = bytes_of(kept, len);
    struct bytes value;
    enum err err = slots_get(snapshot->txn, hit.slot, &value);
    if (err != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
    if (touched->present) {
        object->value = value;
        return ERR_OK;
    }
    object->id = bytes_of(touched->id, touched->id_len);
    if (!object_key_of(work->other_keys[at], chain_genesis(snapshot->chain)->hash, value)) return ERR_CORRUPT;
    object_value_hash(work->other_hashes[at], value);
    object->other_key = work->other_keys[at];
    object->other_value_hash = work->other_hashes[at];
    return ERR_OK;
}

static enum err add_statement(struct prove_work *work, const struct snapshot *snapshot, const struct licence *licence) {
    struct history_link link;
    enum err err = store_link(snapshot->txn, licence->last_link, &link);
    if (err == ERR_OK) err = store_statement(snapshot->txn, link.entry, &work->proof.statement);
    if (err != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
    size_t count;
    tile_reader_start(&work->tiles, snapshot->txn, snapshot->header.log_size);
    if (!merkle_inclusion_make(work->path, &count, link.entry, snapshot->header.log_size, tile_fetch, &work->tiles)) return ERR_CORRUPT;
    work->proof.inclusion_index = link.entry;
    work->proof.inclusion_path = bytes_of(work->path, count * 32);
    return ERR_OK;
}

/* The statement that brought the licence's present version: the newest of its links that issued anything. */
static enum err version_link(const struct snapshot *snapshot, const struct licence *licence, struct history_link *link) {
    uint32_t number = licence->last_link;
    for (uint64_t i = 0; i < licence->history_count; i++, number = link->previous) {
        enum err err = store_link(snapshot->txn, number, link);
        if (err != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
        if (link->op == OP_ISSUE || link->op == OP_RENEW || link->op == OP_AMEND) return ERR_OK;
    }
    return ERR_CORRUPT;
}

/* A proof of a licence is shown together with its documents, so it holds their objects too: the verdict alone would not touch them. Only
 * keys of documents go in, which tell nothing to who has not the bytes. */
static enum err touch_documents(const struct snapshot *snapshot, const struct licence *licence, const struct object_source *source) {
    struct history_link link;
    struct bytes bytes, value;
    struct statement statement;
    struct record record;
    if (licence->document_count == 0) return ERR_OK;
    enum err err = version_link(snapshot, licence, &link);
    if (err == ERR_OK) err = store_statement(snapshot->txn, link.entry, &bytes);
    if (err != ERR_OK) return err == ERR_ABSENT ? ERR_CORRUPT : err;
    void *memory = malloc(RECORD_ARENA_FOR(bytes.len));
    if (!memory) return ERR_MEMORY;
    struct arena arena = arena_over(memory, RECORD_ARENA_FOR(bytes.len));
    bool ok = statement_decode(&statement, bytes).code == CODE_OK && record_decode(&record, &arena, statement.cose.payload).code == CODE_OK &&
              record.op == link.op && record.issue && link.item < record.item_count;
    for (uint32_t i = 0; ok && i < record.issue[link.item].document_count; i++)
        ok = source->by_id(source->context, OBJECT_DOCUMENT, bytes_of(record.issue[link.item].documents[i].key32, 32), &value) == FOUND_YES;
    free(memory);
    return ok ? ERR_OK : ERR_CORRUPT;
}

static enum err prove_build(struct prove_work *work, struct verdict *verdict, const struct snapshot *snapshot, const struct proof_request *request,
                      int64_t at_ms) {
    struct object_source inner = snapshot_source(snapshot);
    work->trace = (struct object_trace){.inner = &inner};
    struct object_source source = object_trace_over(&work->trace, &inner);
    struct verdict_query query;
    char type_code[TYPE_CODE_LEN + 1];
    if (!subject_query(&query, type_code, &request->subject, &source)) return ERR_CORRUPT; /* a type number that was looked up just now */
    if (request->number) {
        struct verdict_query number;
        if (!subject_query(&number, type_code, request->number, &source)) return ERR_CORRUPT;
        query.number_tag = number.number_tag;
        query.type_code = number.type_code;
    }
    enum err err = verdict_judge(verdict, &query, &source, at_ms);
    if (err == ERR_OK && request->subject.by == SUBJECT_LICENCE && verdict->has_licence) err = touch_documents(snapshot, &verdict->licence, &source);
    if (err != ERR_OK) return err;
    if (work->trace.overflow || work->trace.count > PROOF_OBJECTS_MAX) return ERR_NO_ROOM;
    struct proof *proof = &work->proof;
    proof->subject = request->subject;
    proof->header = bytes_of(snapshot->header_bytes, snapshot->header_len);
    for (uint32_t i = 0; i < request->note_count; i++) proof->notes[proof->note_count++] = request->notes[i];
    for (uint32_t i = 0; i < request->opening_count; i++) proof->openings[proof->opening_count++] = request->openings[i];
    for (uint32_t i = 0; i < work->trace.count && err == ERR_OK; i++) err = prove_add_object(work, snapshot, &work->trace.touched[i], i);
    proof->object_count = work->trace.count;
    if (err == ERR_OK && request->with_statement && verdict->has_licence) err = add_statement(work, snapshot, &verdict->licence);
    return err; /* seals are for auditors, who have them: no verifier's verdict rests on one, so a proof does not carry bytes nobody checks */
}

enum err prove_verdict(uint8_t *out, size_t cap, size_t *len, struct verdict *verdict, const struct snapshot *snapshot,
                       const struct proof_request *request, int64_t at_ms) {
    if (request->note_count > PROOF_NOTES_MAX || request->opening_count > PROOF_OPENINGS_MAX) return ERR_NO_ROOM;
    struct prove_work *work = calloc(1, sizeof *work);
    if (!work) return ERR_MEMORY;
    enum err err = prove_build(work, verdict, snapshot, request, at_ms);
    if (err == ERR_OK) {
        struct wire_out w = wire_write(out, cap);
        if (proof_encode(&w, &work->proof)) *len = w.len;
        else err = ERR_NO_ROOM;
    }
    work_free(work);
    return err;
}

enum err prove_receipt_stored(uint8_t out[RECEIPT_MAX], size_t *len, struct stored_block *block, struct kv_txn *txn, struct tile_reader *tiles, uint64_t entry) {
    enum err err = store_block_of_entry(txn, entry, block);
    if (err != ERR_OK) return err;
    if (!block->receipt_signature || !block->receipt_kid) return ERR_ABSENT;
    /* the tree is the one of the entry's own block: so the receipt is the same for ever */
    uint8_t path[MERKLE_PATH_MAX][32], protected_header[COSE_PROTECTED_MAX];
    size_t count;
    tile_reader_start(tiles, txn, block->header.log_size);
    if (!merkle_inclusion_make(path, &count, entry, block->header.log_size, tile_fetch, tiles)) return ERR_CORRUPT;
    uint8_t leaf[1][32], root[32]; /* a flipped byte of a tile would make a path that leads elsewhere */
    if (tile_hashes(txn, 0, entry, 1, leaf) != ERR_OK ||
        !merkle_inclusion_root(root, leaf[0], entry, block->header.log_size, (const uint8_t(*)[32])path, count) ||
        memcmp(root, block->header.log_root, 32) != 0)
        return ERR_CORRUPT;
    char name[LEDGER_NAME_MAX];
    size_t name_len = ledger_name(name, block->header.chain_id, block->header.genesis);
    size_t protected_len = receipt_protected(protected_header, block->receipt_kid, bytes_of(name, name_len), block->header.time_ms);
    *len = receipt_encode(out, bytes_of(protected_header, protected_len), block->receipt_signature, block->header.log_size, entry,
                          (const uint8_t(*)[32])path, count);
    return ERR_OK;
}

enum err prove_receipt(uint8_t out[RECEIPT_MAX], size_t *len, const struct snapshot *snapshot, struct tile_reader *tiles, uint64_t entry) {
    struct stored_block block;
    enum err err = prove_receipt_stored(out, len, &block, snapshot->txn, tiles, entry);
    if (err == ERR_OK && !block_receipt_good(&block, &params_at(snapshot->params, block.header.n)->finality, chain_keys(snapshot->chain))) err = ERR_CORRUPT;
    tiles->log_size = snapshot->header.log_size; /* the caller may go on with the newest tree */
    return err;
}
