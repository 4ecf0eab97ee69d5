/* Where an auditor's blocks come from: a node's data or an archive. Part of replay.h, with the export that makes archives. */
#include "ledger/chain/replay.h"
#include "ledger/wire/archive.h"

/* --- a node's data, read-only, in short txns: a node may be writing beside us --- */

struct kv_source {
    struct kv *kv;
    struct kv_txn *txn;
    uint64_t n, entry, log_size; /* last block given; next statement of it */
    uint64_t last;               /* newest block when the replay began: what comes later is not ours */
};

static enum err kv_renew(struct kv_source *source) {
    if (source->txn) kv_abort(source->txn);
    source->txn = NULL;
    enum err err = kv_begin(source->kv, false, &source->txn);
    if (err != ERR_OK) source->txn = NULL;
    return err;
}

/* What a fault of the store means to an auditor: bytes that are not there or not sound are the ledger's fault, not the machine's. */
static enum err as_refusal(enum err err, struct refusal *refusal, const char *field) {
    if (err != ERR_ABSENT && err != ERR_CORRUPT) return err;
    *refusal = refuse(err == ERR_ABSENT ? CODE_CHAIN_BROKEN : CODE_HASH_MISMATCH, field);
    return ERR_OK;
}

static enum err kv_genesis(void *context, struct bytes *genesis, struct refusal *refusal) {
    struct kv_source *source = context;
    enum err err = kv_renew(source);
    if (err == ERR_OK) err = kv_get(source->txn, KV_META, META_GENESIS, genesis);
    return as_refusal(err, refusal, "genesis");
}

static enum err kv_next(void *context, struct stored_block *block, bool *end, struct refusal *refusal) {
    struct kv_source *source = context;
    enum err err = kv_renew(source);
    if (err != ERR_OK) return err;
    if (source->n == source->last) {
        *end = true;
        return ERR_OK;
    }
    err = store_block(source->txn, source->n + 1, block);
    if (err != ERR_OK) return as_refusal(err, refusal, "block");
    source->n++;
    source->entry = source->log_size;
    source->log_size = block->header.log_size;
    return ERR_OK;
}

static enum err kv_statement(void *context, struct bytes *statement, struct refusal *refusal) {
    struct kv_source *source = context;
    return as_refusal(kv_get(source->txn, KV_ENTRIES, source->entry++, statement), refusal, "statement");
}

enum err replay_from_kv(struct replay_source *out, struct kv *kv) {
    struct kv_source *source = calloc(1, sizeof *source);
    if (!source) return ERR_MEMORY;
    *source = (struct kv_source){.kv = kv, .log_size = 2};
    *out = (struct replay_source){source, kv_genesis, kv_next, kv_statement, 0};
    enum err err = kv_renew(source);
    uint64_t newest;
    struct bytes value;
    if (err == ERR_OK) err = kv_floor(source->txn, KV_BLOCKS, UINT64_MAX, &newest, &value);
    struct stored_block block;
    if (err == ERR_OK) {
        source->last = newest;
        /* only for the progress bar; a newest block that does not decode is found by the replay itself */
        if (stored_block_decode(&block, value).code == CODE_OK) out->total_entries = block.header.log_size;
        return ERR_OK;
    }
    if (source->txn) kv_abort(source->txn);
    free(source);
    *out = (struct replay_source){0};
    return err;
}

/* --- an archive --- */

struct archive_source {
    struct archive_reader *reader;
    uint64_t blocks, log_size;
    uint8_t head[32];
    uint8_t block_value[STORED_BLOCK_MAX]; /* its views outlive the reader's next item */
};

static long replay_source_read_file(void *context, void *data, size_t len) {
    FILE *file = context;
    size_t got = fread(data, 1, len, file);
    return got == 0 && ferror(file) ? -1 : (long)got;
}

static enum err archive_expect(struct archive_source *source, enum archive_item kind, struct bytes *item, struct refusal *refusal) {
    enum archive_item got;
    enum err err = archive_next(source->reader, &got, item, refusal);
    if (err == ERR_OK && refusal->code == CODE_OK && got != kind) *refusal = refuse(CODE_CHAIN_BROKEN, "order of the archive's items");
    return err;
}

static enum err archive_genesis(void *context, struct bytes *genesis, struct refusal *refusal) {
    return archive_expect(context, ARCHIVE_GENESIS, genesis, refusal);
}

static struct refusal archive_end_check(const struct archive_source *source, struct bytes item) {
    struct archive_end end;
    struct refusal refusal = archive_end_decode(&end, item);
    if (refusal.code != CODE_OK) return refusal;
    if (end.blocks != source->blocks || end.entries != source->log_size) return refuse(CODE_ARCHIVE_CUT, "counts of the end record");
    if (source->blocks && memcmp(end.head, source->head, 32) != 0) return refuse(CODE_HASH_MISMATCH, "head of the end record");
    return refusal;
}

static enum err archive_next_block(void *context, struct stored_block *block, bool *end, struct refusal *refusal) {
    struct archive_source *source = context;
    enum archive_item kind;
    struct bytes item;
    enum err err = archive_next(source->reader, &kind, &item, refusal);
    if (err != ERR_OK || refusal->code != CODE_OK) return err;
    if (kind == ARCHIVE_END) {
        *refusal = archive_end_check(source, item);
        *end = refusal->code == CODE_OK;
        return ERR_OK;
    }
    if (kind != ARCHIVE_BLOCK) *refusal = refuse(CODE_CHAIN_BROKEN, "order of the archive's items");
    else if (item.len > sizeof source->block_value) *refusal = refuse(CODE_CBOR_RANGE, "block");
    if (refusal->code != CODE_OK) return ERR_OK;
    memcpy(source->block_value, item.data, item.len);
    *refusal = stored_block_decode(block, bytes_of(source->block_value, item.len));
    if (refusal->code != CODE_OK) return ERR_OK;
    source->blocks++;
    source->log_size = block->header.log_size;
    header_hash(source->head, block->header_bytes);
    return ERR_OK;
}

static enum err archive_statement(void *context, struct bytes *statement, struct refusal *refusal) {
    return archive_expect(context, ARCHIVE_STATEMENT, statement, refusal);
}

enum err replay_from_archive(struct replay_source *out, FILE *file) {
    struct archive_source *source = calloc(1, sizeof *source);
    if (!source) return ERR_MEMORY;
    source->log_size = 2; /* a ledger without blocks has its genesis and its policy in the log */
    source->reader = archive_reader_new(replay_source_read_file, file);
    if (!source->reader) {
        free(source);
        return ERR_MEMORY;
    }
    *out = (struct replay_source){source, archive_genesis, archive_next_block, archive_statement, 0};
    return ERR_OK;
}

void replay_source_close(struct replay_source *source) {
    if (!source->context) return;
    if (source->next == kv_next) {
        struct kv_source *kv = source->context;
        if (kv->txn) kv_abort(kv->txn);
    } else {
        archive_reader_free(((struct archive_source *)source->context)->reader);
    }
    free(source->context);
    *source = (struct replay_source){0};
}

/* --- export --- */

static bool write_file(void *context, const void *data, size_t len) { return fwrite(data, 1, len, context) == len; }

static enum err export_block(struct archive_writer *writer, struct kv *kv, uint64_t n, uint64_t *entry, uint8_t head32[32]) {
    struct kv_txn *txn;
    enum err err = kv_begin(kv, false, &txn); /* one short txn a block */
    if (err != ERR_OK) return err;
    struct bytes value, statement;
    struct stored_block block;
    err = kv_get(txn, KV_BLOCKS, n, &value);
    if (err == ERR_OK && stored_block_decode(&block, value).code != CODE_OK) err = ERR_CORRUPT;
    if (err == ERR_OK) err = archive_put(writer, ARCHIVE_BLOCK, value);
    while (err == ERR_OK && *entry < block.header.log_size) {
        err = store_statement(txn, (*entry)++, &statement); /* a flipped byte is not exported */
        if (err == ERR_OK) err = archive_put(writer, ARCHIVE_STATEMENT, statement);
    }
    if (err == ERR_OK) header_hash(head32, block.header_bytes);
    kv_abort(txn);
    return err == ERR_ABSENT ? ERR_CORRUPT : err;
}

static enum err export_start(struct archive_writer *writer, struct kv *kv, uint64_t *last, uint64_t *total, uint8_t head32[32]) {
    struct kv_txn *txn;
    enum err err = kv_begin(kv, false, &txn);
    if (err != ERR_OK) return err;
    struct bytes genesis;
    struct stored_block newest, first;
    err = store_newest(txn, &newest);
    if (err == ERR_OK) err = store_block(txn, 0, &first);
    if (err == ERR_OK) err = kv_get(txn, KV_META, META_GENESIS, &genesis);
    if (err == ERR_OK) {
        *last = newest.header.n;
        *total = newest.header.log_size;
        header_hash(head32, first.header_bytes);
        err = archive_put(writer, ARCHIVE_GENESIS, genesis);
    }
    kv_abort(txn);
    return err;
}

enum err export_archive(struct kv *kv, FILE *file, progress_fn progress, void *context) {
    struct archive_writer *writer = archive_writer_new(write_file, file, 3);
    if (!writer) return ERR_MEMORY;
    uint64_t last = 0, total = 0, entry = 2;
    uint8_t head[32];
    enum err err = export_start(writer, kv, &last, &total, head);
    for (uint64_t n = 1; n <= last && err == ERR_OK; n++) {
        err = export_block(writer, kv, n, &entry, head);
        if (progress) progress(context, "export", entry, total);
    }
    if (err == ERR_OK) err = archive_finish(writer, last, entry, head);
    archive_writer_free(writer);
    return err;
}
