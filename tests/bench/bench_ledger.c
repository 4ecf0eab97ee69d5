/* Ledgers on disk with an engine, statements ready to be sent, and the load itself. */
#include "tests/bench/bench.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

struct world bench_world;

/* ---- ledgers ---- */

#define DAY_MS (24 * 3600 * 1000LL)
#define LICENCES_A_DAY 600000u /* three objects each; the policy allows two million objects */
static _Atomic int64_t days;

int64_t bench_now_ms(void *context) {
    (void)context;
    return WORLD_TIME_MS + atomic_load(&days) * DAY_MS + (int64_t)(now_s() * 1000);
}

void bench_next_day(struct bench_ledger *ledger) {
    atomic_fetch_add(&days, 1);
    ledger->licences_today = 0;
}

void ledger_open(struct bench_ledger *ledger) {
    const struct kv_lmdb_options options = {.create = true};
    const char *where = "";
    char mark[700], lease[710];
    long pid;
    if (kv_lmdb_open(&ledger->kv, ledger->data, &options, &pid) != ERR_OK) die("%s cannot be opened", ledger->data);
    struct kv_txn *txn;
    struct bytes value;
    struct refusal refusal = {.code = CODE_OK};
    if (kv_begin(ledger->kv, false, &txn) != ERR_OK) die("%s cannot be read", ledger->data);
    const bool fresh = kv_get(txn, KV_META, META_GENESIS, &value) == ERR_ABSENT;
    kv_abort(txn);
    if (fresh && (chain_create(ledger->kv, bytes_of(bench_world.genesis, bench_world.genesis_len), &refusal) != ERR_OK || refusal.code != CODE_OK))
        die("the ledger cannot be begun");
    if (chain_open(&ledger->chain, ledger->kv, 2, NULL, NULL, &where) != ERR_OK) die("the ledger does not open: %s", where);
    (void)snprintf(mark, sizeof mark, "%s/mark", ledger->dir);
    if (mark_open(&ledger->mark, mark) != ERR_OK) die("%s cannot be written", mark);
    (void)snprintf(lease, sizeof lease, "%s" LEASE_SUFFIX, mark);
    if (lease_open(&ledger->lease, lease) != ERR_OK) die("%s cannot be written", lease);
}

void ledger_make(struct bench_ledger *ledger, const char *name) {
    memset(ledger, 0, sizeof *ledger);
    (void)snprintf(ledger->dir, sizeof ledger->dir, "%s/%s", bench_dir, name);
    (void)snprintf(ledger->data, sizeof ledger->data, "%s/data", ledger->dir);
    remove_tree(ledger->dir);
    if (mkdir(ledger->dir, 0700) != 0) die("%s cannot be made", ledger->dir);
    ledger_open(ledger);
}

void ledger_engine(struct bench_ledger *ledger, bool on) {
    if (!on) {
        engine_stop(ledger->engine);
        ledger->engine = NULL;
        return;
    }
    char message[256] = "";
    const struct solo_options options = {.queue_max = 8192, .queue_bytes_max = (size_t)64 << 20};
    const struct engine_parts parts = {.chain = ledger->chain, .mark = ledger->mark, .lease = ledger->lease, .readers = &ledger->readers,
                                       .seal = bench_world.seal, .note = bench_world.note, .now_ms = bench_now_ms, .clock_confirmed = true};
    if (solo_start(&ledger->engine, &options, &parts, message, sizeof message) != ERR_OK)
        die("the engine does not start: %s", message);
}

void ledger_close(struct bench_ledger *ledger) {
    if (ledger->engine) ledger_engine(ledger, false);
    if (ledger->chain) chain_close(ledger->chain);
    if (ledger->kv) kv_close(ledger->kv);
    mark_close(ledger->mark);
    lease_close(ledger->lease);
    ledger->chain = NULL;
    ledger->kv = NULL;
    ledger->mark = NULL;
    ledger->lease = NULL;
}

void ledger_remove(struct bench_ledger *ledger) {
    ledger_close(ledger);
    remove_tree(ledger->dir);
}

/* ---- statements ---- */

/* Bytes that look like hashes and are the same in every run: splitmix64. */
static void stream(uint8_t *out, size_t len, uint64_t seed) {
    for (size_t i = 0; i < len; i += 8) {
        uint64_t z = (seed += 0x9e3779b97f4a7c15u);
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        z ^= z >> 31;
        memcpy(out + i, &z, len - i < 8 ? len - i : 8);
    }
}

struct licence_bytes { uint8_t key[32], number[16], holder[16], name[16], document[32], root[32]; };
static void licence_bytes(struct licence_bytes *out, uint32_t serial) {
    stream((uint8_t *)out, sizeof *out, (uint64_t)serial << 20);
}
void bench_licence_key(uint8_t out32[32], uint32_t serial) {
    struct licence_bytes bytes;
    licence_bytes(&bytes, serial);
    memcpy(out32, bytes.key, 32);
}

static void statement_make(struct made *out, uint32_t first, uint32_t count) {
    static struct licence_bytes bytes[BATCH_LICENCES];
    static struct issue_item items[BATCH_LICENCES];
    static uint8_t payload[STATEMENT_BYTES_MAX];
    ASSERT(count <= BATCH_LICENCES);
    for (uint32_t i = 0; i < count; i++) {
        struct licence_bytes *b = &bytes[i];
        licence_bytes(b, first + i);
        items[i] = (struct issue_item){.licence_key = b->key, .version = 1, .number_tag = b->number, .holder_kind = 1, .holder_tag = b->holder,
                                       .name_tag = b->name, .valid_from = 20000, .valid_to = 30000, .document_count = 1, .fields_root = b->root};
        items[i].documents[0] = (struct document_ref){DOCUMENT_FILE, b->document};
    }
    struct record record = {.op = OP_ISSUE, .type_code = bytes_text(WORLD_TYPE_PUBLIC), .element_count = 1, .item_count = count, .issue = items};
    record.elements[0] = bytes_text(ELEMENT_IDENTIFIER);
    struct wire_out w = wire_write(payload, sizeof payload);
    ASSERT(record_encode(&w, &record));
    char sub[65];
    hex_encode(sub, bytes[0].key, 32);
    world_sign(out, &bench_world, bench_world.role[1], bytes_of(payload, w.len), sub);
    if (out->len > STATEMENT_BYTES_MAX) die("a statement of %u licences does not fit", count);
}

void statements_make(struct statements *out, uint32_t first, uint32_t count, uint32_t each) {
    static struct made made;
    bench_world.now_ms = bench_now_ms(NULL);
    *out = (struct statements){.count = count, .each = each, .at = calloc((size_t)count + 1, sizeof *out->at)};
    size_t cap = 0;
    for (uint32_t i = 0; i < count; i++) {
        statement_make(&made, first + i * each, each);
        if (out->at == NULL || out->at[i] + made.len > cap) {
            cap = cap ? cap * 2 : (size_t)1 << 20;
            out->bytes = realloc(out->bytes, cap);
        }
        if (out->bytes == NULL || out->at == NULL) die("out of memory");
        memcpy(out->bytes + out->at[i], made.bytes, made.len);
        out->at[i + 1] = out->at[i] + made.len;
    }
}

void statements_free(struct statements *statements) {
    free(statements->bytes);
    free(statements->at);
    memset(statements, 0, sizeof *statements);
}

/* ---- load ---- */

struct load {
    struct engine *engine;
    const struct statements *statements;
    atomic_uint next, answered, refused, code;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool finished; /* under the lock; after it nobody touches the load but its owner */
};

static void load_next(struct load *load);

/* A submitter sends its next one when it has the answer to the one before. */
static void load_done(void *token, const struct submit_answer *answer) {
    struct load *load = token;
    const bool good = answer->err == ERR_OK && answer->refusal.code == CODE_OK && answer->receipt_len > 0;
    if (!good) {
        atomic_store(&load->code, (unsigned)answer->refusal.code);
        atomic_fetch_add(&load->refused, 1);
    } else if (atomic_load(&load->refused) == 0) {
        load_next(load);
    }
    if (atomic_fetch_add(&load->answered, 1) + 1 == load->statements->count || !good) {
        pthread_mutex_lock(&load->lock);
        load->finished = true;
        pthread_cond_signal(&load->changed);
        pthread_mutex_unlock(&load->lock);
    }
}

static void load_next(struct load *load) {
    const unsigned i = atomic_fetch_add(&load->next, 1);
    if (i < load->statements->count) engine_submit(load->engine, statement_at(load->statements, i), load_done, load);
}

double submit_all(struct bench_ledger *ledger, const struct statements *statements, uint32_t submitters) {
    const uint32_t licences = statements->count * statements->each;
    ASSERT(ledger->licences_today + licences <= LICENCES_A_DAY);
    struct load load = {.engine = ledger->engine, .statements = statements, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    const double begun = now_s();
    for (uint32_t i = 0; i < submitters; i++) load_next(&load);
    pthread_mutex_lock(&load.lock);
    while (!load.finished) pthread_cond_wait(&load.changed, &load.lock);
    pthread_mutex_unlock(&load.lock);
    const double seconds = now_s() - begun;
    if (atomic_load(&load.refused) > 0) die("a statement was refused: %s", code_name((enum code)atomic_load(&load.code)));
    ledger->licences += licences;
    ledger->licences_today += licences;
    return seconds;
}
