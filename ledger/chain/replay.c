#include "ledger/chain/replay.h"

#include "ledger/chain/block_check.h"
#include "ledger/kv/kv_mem.h"
#include <pthread.h>
#include <stdarg.h>

/* One thread reads blocks ahead and executes them in order; signatures are checked by every thread in between, the executor included while
 * it waits. The bounds keep memory flat whatever the ledger's size. */
#define AHEAD_STATEMENTS 8192u
#define AHEAD_BYTES (64u << 20)
#define AHEAD_BLOCKS 1024u

enum job_state { JOB_WAITING, JOB_TAKEN, JOB_DONE };
struct job {
    uint8_t *raw;
    size_t len;
    struct prepared *prepared;
    struct refusal refusal;
    bool checked;     /* by this node, before: see replay_options */
    bool key_unknown; /* its key was not known when checked ahead: the executor looks again, after the blocks before */
    enum job_state state;
};
struct block_ahead {
    uint8_t *value; /* as stored: keeps the views of stored alive */
    struct stored_block stored;
    uint64_t first_job, job_count;
};
struct replay {
    struct replay_source *source;
    const struct replay_options *options;
    struct replay_result *out;
    struct kv *kv;
    struct chain *chain;
    struct reader *reader;
    struct job *jobs; /* ring of AHEAD_STATEMENTS + one block's worth */
    size_t jobs_cap;
    uint64_t job_first, job_next, job_take; /* consumed | read so far | next to be checked */
    size_t bytes_ahead;
    struct block_ahead blocks[AHEAD_BLOCKS];
    uint64_t block_first, block_next;
    uint64_t read_log_size; /* log size after the newest block read */
    bool source_end;
    pthread_mutex_t lock;
    pthread_cond_t work, done;
    bool stopping;
    struct prepared **list;
    struct statement_result *results;
};

__attribute__((format(printf, 4, 5))) static void failed(struct replay *r, uint64_t height, struct refusal refusal, const char *format, ...) {
    if (!r->out->ok) return;
    r->out->ok = false;
    r->out->failed_at = height;
    r->out->refusal = refusal;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(r->out->reason, sizeof r->out->reason, format, arguments);
    va_end(arguments);
}

static struct job *job_at(struct replay *r, uint64_t sequence) { return &r->jobs[sequence % r->jobs_cap]; }

/* --- checking ahead --- */

static void job_check(struct replay *r, struct job *job) {
    job->refusal = prepared_new(&job->prepared, bytes_of(job->raw, job->len));
    if (job->refusal.code != CODE_OK) return;
    if (job->checked) {
        job->prepared->signature_good = true;
        return;
    }
    const struct cose_sign1 *cose = &job->prepared->statement.cose;
    const struct verifier *verifier = key_cache_get(chain_keys(r->chain), cose->kid);
    enum key_alg alg;
    if (!verifier) job->key_unknown = true;
    /* kid is the hash of the key with its curve: the right algorithm is the one the key was registered with, judged again by the rules */
    else if (!key_alg_from_cose(&alg, cose->alg)) job->refusal = refuse(CODE_ALG_NOT_ALLOWED, "alg");
    else job->refusal = prepared_verify(job->prepared, verifier, alg);
}

/* Takes the next unchecked job under the lock; NULL: none. */
static struct job *job_take(struct replay *r) {
    if (r->job_take == r->job_next) return NULL;
    struct job *job = job_at(r, r->job_take++);
    job->state = JOB_TAKEN;
    return job;
}

static void job_finish(struct replay *r, struct job *job) {
    job->state = JOB_DONE;
    pthread_cond_broadcast(&r->done);
}

static void *checker(void *context) {
    struct replay *r = context;
    pthread_mutex_lock(&r->lock);
    while (!r->stopping) {
        struct job *job = job_take(r);
        if (!job) {
            pthread_cond_wait(&r->work, &r->lock);
            continue;
        }
        pthread_mutex_unlock(&r->lock);
        job_check(r, job);
        pthread_mutex_lock(&r->lock);
        job_finish(r, job);
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

/* Waits until jobs [first, first+count) are checked, checking others meanwhile. */
static void jobs_wait(struct replay *r, uint64_t first, uint64_t count) {
    pthread_mutex_lock(&r->lock);
    for (uint64_t s = first; s < first + count;) {
        if (job_at(r, s)->state == JOB_DONE) {
            s++;
            continue;
        }
        struct job *job = job_take(r);
        if (!job) {
            pthread_cond_wait(&r->done, &r->lock);
            continue;
        }
        pthread_mutex_unlock(&r->lock);
        job_check(r, job);
        pthread_mutex_lock(&r->lock);
        job_finish(r, job);
    }
    pthread_mutex_unlock(&r->lock);
}

/* --- reading ahead --- */

static bool checked_before(const struct replay *r, uint64_t height) { return r->options->checked_hash && height <= r->options->checked_height; }

static enum err read_statements(struct replay *r, struct block_ahead *block, struct refusal *refusal) {
    for (uint64_t i = 0; i < block->job_count; i++) {
        struct bytes raw;
        enum err err = r->source->statement(r->source->context, &raw, refusal);
        if (err != ERR_OK || refusal->code != CODE_OK) return err;
        struct job *job = job_at(r, r->job_next);
        *job = (struct job){.raw = malloc(raw.len ? raw.len : 1), .len = raw.len, .checked = checked_before(r, block->stored.header.n)};
        if (!job->raw) return ERR_MEMORY;
        if (raw.len) memcpy(job->raw, raw.data, raw.len);
        r->bytes_ahead += raw.len;
        pthread_mutex_lock(&r->lock);
        r->job_next++;
        pthread_cond_signal(&r->work);
        pthread_mutex_unlock(&r->lock);
    }
    return ERR_OK;
}

static enum err keep_block(struct block_ahead *block, const struct stored_block *stored) {
    uint8_t value[STORED_BLOCK_MAX];
    size_t len = store_block_encode(value, stored->header_bytes, stored->seal, stored->receipt_signature, stored->receipt_kid);
    block->value = malloc(len);
    if (!block->value) return ERR_MEMORY;
    memcpy(block->value, value, len);
    ASSERT(stored_block_decode(&block->stored, bytes_of(block->value, len)).code == CODE_OK);
    return ERR_OK;
}

/* Reads one block and its statements. A refusal here is the ledger's fault at that height and ends the reading. */
static enum err read_block(struct replay *r) {
    struct stored_block stored;
    struct refusal refusal = refuse(CODE_OK, NULL);
    uint64_t height = r->out->height + (r->block_next - r->block_first) + 1;
    bool end = false;
    enum err err = r->source->next(r->source->context, &stored, &end, &refusal);
    if (err != ERR_OK) return err;
    if (end || refusal.code != CODE_OK || height > r->options->until) {
        r->source_end = true;
        if (refusal.code != CODE_OK) failed(r, height, refusal, "block %llu cannot be read: %s", (unsigned long long)height, code_en(refusal.code));
        return ERR_OK;
    }
    uint64_t count = stored.header.log_size - r->read_log_size;
    if (stored.header.n != height || stored.header.log_size <= r->read_log_size || count > BLOCK_STATEMENTS_MAX) {
        r->source_end = true;
        failed(r, height, refuse(CODE_CHAIN_BROKEN, NULL), "block %llu does not follow block %llu", (unsigned long long)stored.header.n,
               (unsigned long long)height - 1);
        return ERR_OK;
    }
    struct block_ahead *block = &r->blocks[r->block_next % AHEAD_BLOCKS];
    *block = (struct block_ahead){.first_job = r->job_next, .job_count = count};
    if ((err = keep_block(block, &stored)) != ERR_OK) return err;
    r->read_log_size = stored.header.log_size;
    r->block_next++;
    err = read_statements(r, block, &refusal);
    if (err == ERR_OK && refusal.code != CODE_OK) {
        r->source_end = true;
        r->block_next--; /* incomplete: it is not executed */
        free(block->value);
        failed(r, height, refusal, "a statement of block %llu cannot be read: %s", (unsigned long long)height, code_en(refusal.code));
    }
    return err;
}

static enum err read_ahead(struct replay *r) {
    while (!r->source_end && r->block_next - r->block_first < AHEAD_BLOCKS && r->job_next - r->job_first < AHEAD_STATEMENTS &&
           r->bytes_ahead < AHEAD_BYTES) {
        enum err err = read_block(r);
        if (err != ERR_OK) return err;
    }
    return ERR_OK;
}

/* --- executing --- */

/* A key registered by a block that had not been executed when the statement was checked ahead. */
static enum err check_late(struct replay *r, struct job *job) {
    const struct snapshot *snapshot;
    enum err err = reader_snapshot(r->reader, &snapshot);
    if (err != ERR_OK) return err;
    const struct cose_sign1 *cose = &job->prepared->statement.cose;
    struct bytes value;
    struct key_object key;
    enum found found = snapshot_by_id(snapshot, OBJECT_KEY, bytes_of(cose->kid, 32), &value);
    if (found == FOUND_FAULT) err = ERR_CORRUPT;
    else if (found != FOUND_YES || key_object_decode(&key, value).code != CODE_OK) job->refusal = refuse(CODE_KEY_UNKNOWN, "kid");
    else {
        const struct verifier *verifier = key_cache_add(chain_keys(r->chain), &key.key);
        job->refusal = verifier ? prepared_verify(job->prepared, verifier, key.key.alg) : refuse(CODE_KEY_UNKNOWN, "kid");
    }
    reader_rest(r->reader);
    return err;
}

/* Seal and receipt signature: by a node that finality names. */
static bool signatures_good(struct replay *r, const struct stored_block *stored) {
    uint64_t n = stored->header.n;
    const struct finality *finality = &params_at(chain_params(r->chain), n)->finality;
    if (!block_seal_good(stored, finality)) {
        failed(r, n, refuse(CODE_SIGNATURE_INVALID, "seal"), "the seal of block %llu does not verify", (unsigned long long)n);
        return false;
    }
    if (block_receipt_good(stored, finality, chain_keys(r->chain))) return true;
    failed(r, n, refuse(CODE_SIGNATURE_INVALID, "receipt"), "the receipt signature of block %llu does not verify", (unsigned long long)n);
    return false;
}

/* Every statement decoded, signed, accepted. */
static enum err gather(struct replay *r, const struct block_ahead *block) {
    for (uint64_t i = 0; i < block->job_count; i++) {
        struct job *job = job_at(r, block->first_job + i);
        if (job->key_unknown && job->refusal.code == CODE_OK) {
            enum err err = check_late(r, job);
            if (err != ERR_OK) return err;
        }
        if (job->refusal.code != CODE_OK) {
            uint64_t n = block->stored.header.n;
            failed(r, n, job->refusal, "block %llu statement %llu: %s%s%s", (unsigned long long)n, (unsigned long long)i,
                   code_en(job->refusal.code), job->refusal.field ? ": " : "", job->refusal.field ? job->refusal.field : "");
            return ERR_OK;
        }
        r->list[i] = job->prepared;
    }
    return ERR_OK;
}

/* Names the first member of the header that differs. */
static const char *header_difference(const struct header *made, const struct header *stored) {
    if (memcmp(made->genesis, stored->genesis, 32) != 0 || !bytes_equal(made->chain_id, stored->chain_id)) return "ledger";
    if (memcmp(made->previous, stored->previous, 32) != 0) return "previous header hash";
    if (made->log_size != stored->log_size || memcmp(made->log_root, stored->log_root, 32) != 0) return "log root";
    if (memcmp(made->state_root, stored->state_root, 32) != 0) return "state root";
    if (made->term != stored->term) return "term";
    return "counts";
}

static enum err execute_block(struct replay *r, const struct block_ahead *block) {
    const struct header *header = &block->stored.header;
    unsigned long long n = header->n;
    enum err err = gather(r, block);
    if (err != ERR_OK || !r->out->ok || (!checked_before(r, n) && !signatures_good(r, &block->stored))) return err;
    if (header->term != chain_head(r->chain)->term) {
        failed(r, header->n, refuse(CODE_CHAIN_BROKEN, "term"), "block %llu begins another term without a recovery record", n);
        return ERR_OK;
    }
    struct block_plan plan = {header->term, header->engine_height, header->time_ms};
    const struct block *made;
    err = chain_execute(r->chain, &plan, r->list, block->job_count, r->results, &made);
    if (err != ERR_OK) return err;
    for (uint64_t i = 0; i < block->job_count && r->out->ok; i++) {
        const struct refusal *refusal = &r->results[i].refusal;
        if (refusal->code != CODE_OK)
            failed(r, header->n, *refusal, "block %llu statement %llu should have been refused: %s", n, (unsigned long long)i, code_en(refusal->code));
    }
    if (r->out->ok && (!made || !bytes_equal(bytes_of(made->bytes, made->len), block->stored.header_bytes)))
        failed(r, header->n, refuse(CODE_HASH_MISMATCH, "header"), "block %llu: the %s differs from what its statements lead to", n,
               made ? header_difference(&made->header, header) : "header");
    if (r->out->ok && r->options->checked_hash && n == r->options->checked_height && memcmp(made->hash, r->options->checked_hash, 32) != 0)
        failed(r, n, refuse(CODE_HASH_MISMATCH, "header"), "block %llu is not the one that was signed", n);
    if (!r->out->ok) {
        if (made) chain_drop(r->chain);
        return ERR_OK;
    }
    const struct block_receipt receipt = {block->stored.receipt_signature, block->stored.receipt_kid};
    err = chain_seal(r->chain, n, block->stored.seal, receipt.signature64 && receipt.kid32 ? &receipt : NULL);
    if (err == ERR_OK) err = chain_commit(r->chain);
    if (err != ERR_OK) return err;
    chain_publish(r->chain);
    r->out->height = header->n;
    r->out->entries = header->log_size;
    chain_head_hash(r->chain, r->out->head);
    return ERR_OK;
}

static void block_done(struct replay *r, struct block_ahead *block) {
    for (uint64_t i = 0; i < block->job_count; i++) {
        struct job *job = job_at(r, block->first_job + i);
        r->bytes_ahead -= job->len;
        prepared_free(job->prepared);
        free(job->raw);
        *job = (struct job){0};
    }
    r->job_first = block->first_job + block->job_count;
    free(block->value);
    block->value = NULL;
}

static enum err run_blocks(struct replay *r) {
    for (;;) {
        bool was_ok = r->out->ok;
        enum err err = read_ahead(r);
        if (err != ERR_OK) return err;
        if (r->block_first == r->block_next) return ERR_OK;
        struct block_ahead *block = &r->blocks[r->block_first % AHEAD_BLOCKS];
        jobs_wait(r, block->first_job, block->job_count);
        /* a fault met while reading ahead lies beyond: the blocks before it are still judged, so that the FIRST difference is named */
        struct replay_result later = *r->out;
        if (was_ok || later.failed_at > block->stored.header.n) r->out->ok = true;
        err = execute_block(r, block);
        if (r->out->ok && !later.ok) {
            r->out->ok = false;
            r->out->failed_at = later.failed_at;
            r->out->refusal = later.refusal;
            memcpy(r->out->reason, later.reason, sizeof later.reason);
        }
        bool stop = err != ERR_OK || (!r->out->ok && r->out->failed_at <= block->stored.header.n);
        block_done(r, block);
        r->block_first++;
        if (stop) return err;
        if (r->options->progress) r->options->progress(r->options->context, "replay", r->out->entries, r->source->total_entries);
    }
}

/* --- start and end --- */

static enum err start(struct replay *r) {
    struct bytes genesis;
    struct refusal refusal = refuse(CODE_OK, NULL);
    enum err err = r->source->genesis(r->source->context, &genesis, &refusal);
    if (err != ERR_OK) return err;
    if (refusal.code == CODE_OK) {
        r->kv = kv_mem_new(1u << KV_ENTRIES); /* they are compared through the roots, and not kept */
        if (!r->kv) return ERR_MEMORY;
        err = chain_create(r->kv, genesis, &refusal);
        if (err != ERR_OK) return err;
    }
    if (refusal.code != CODE_OK) {
        failed(r, 0, refusal, "the genesis document is refused: %s%s%s", code_en(refusal.code), refusal.field ? ": " : "", refusal.field ? refusal.field : "");
        return ERR_OK;
    }
    const char *where;
    err = chain_open(&r->chain, r->kv, r->options->jobs, NULL, NULL, &where);
    if (err != ERR_OK) return err;
    memcpy(r->out->genesis, chain_genesis(r->chain)->hash, 32);
    chain_head_hash(r->chain, r->out->head);
    r->out->entries = r->read_log_size = chain_head(r->chain)->log_size;
    if (r->options->trust_genesis && memcmp(r->options->trust_genesis, r->out->genesis, 32) != 0)
        failed(r, 0, refuse(CODE_OTHER_LEDGER, NULL), "this is another ledger: its genesis document is not the trusted one");
    const struct genesis *decoded = chain_genesis(r->chain);
    for (uint32_t i = 0; i < decoded->object_count; i++) {
        struct key_object key;
        enum object_kind kind;
        if (object_kind_of(&kind, decoded->objects[i]) && kind == OBJECT_KEY && key_object_decode(&key, decoded->objects[i]).code == CODE_OK &&
            !key_cache_add(chain_keys(r->chain), &key.key))
            return ERR_MEMORY;
    }
    r->reader = reader_new(r->chain);
    return r->reader ? ERR_OK : ERR_MEMORY;
}

#define JOBS_MAX 64u

static enum err replay_run_all(struct replay *r) {
    enum err err = start(r);
    if (err != ERR_OK || !r->out->ok) return err;
    pthread_t threads[JOBS_MAX];
    unsigned running = 0, wanted = r->options->jobs > JOBS_MAX ? JOBS_MAX : r->options->jobs;
    while (running + 1 < wanted && pthread_create(&threads[running], NULL, checker, r) == 0) running++;
    err = run_blocks(r);
    pthread_mutex_lock(&r->lock);
    r->stopping = true;
    pthread_cond_broadcast(&r->work);
    pthread_mutex_unlock(&r->lock);
    for (unsigned i = 0; i < running; i++) pthread_join(threads[i], NULL);
    return err;
}

enum err replay_run(struct replay_result *out, struct replay_source *source, const struct replay_options *options) {
    memset(out, 0, sizeof *out);
    out->ok = true;
    struct replay *r = calloc(1, sizeof *r);
    if (!r) return ERR_MEMORY;
    r->source = source;
    r->options = options;
    r->out = out;
    r->jobs_cap = AHEAD_STATEMENTS + BLOCK_STATEMENTS_MAX;
    r->jobs = calloc(r->jobs_cap, sizeof *r->jobs);
    r->list = calloc(BLOCK_STATEMENTS_MAX, sizeof(struct prepared *));
    r->results = calloc(BLOCK_STATEMENTS_MAX, sizeof *r->results);
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->work, NULL);
    pthread_cond_init(&r->done, NULL);
    enum err err = r->jobs && r->list && r->results ? replay_run_all(r) : ERR_MEMORY;
    for (; r->block_first < r->block_next; r->block_first++) free(r->blocks[r->block_first % AHEAD_BLOCKS].value);
    for (size_t i = 0; r->jobs && i < r->jobs_cap; i++) {
        prepared_free(r->jobs[i].prepared);
        free(r->jobs[i].raw);
    }
    reader_free(r->reader);
    chain_close(r->chain);
    if (r->kv) kv_close(r->kv);
    free(r->jobs);
    free(r->list);
    free(r->results);
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->work);
    pthread_cond_destroy(&r->done);
    free(r);
    return err;
}
