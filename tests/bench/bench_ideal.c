/* An ideal node: the whole data path of prepared batches with only the unavoidable work, so that what we add to it can be seen. In one process,
 * on two threads: strict decode of a 261-byte record, leaf hash, one signature check and one header signature a commit, RFC 9162 nodes, a dense map of
 * 2^20 leaves, one LMDB commit (record and status, both by sequence number, appended). No rules, no history, no absence, no second look. */
#include "tests/bench/bench.h"

#include <lmdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/merkle.h"

#define RECORD_LEN 261u
#define MAP_LEVELS 20u
#define LOG_LEVELS 26u
#define THREADS_MAX 8u

static struct ideal {
    struct ideal_plan plan;
    struct signer *signer;
    struct verifier *verifier;
    uint8_t *records, (*log[LOG_LEVELS])[32], (*map[MAP_LEVELS + 1])[32];
    struct commit { uint8_t roots[64], header_signature[64], batch_signature[64]; } *commits;
    MDB_env *env;
    MDB_dbi entries, status;
    uint32_t *touched[2];
    atomic_uint next;
    uint32_t turn;
    bool replaying;
    atomic_bool bad;
    pthread_mutex_t lock;
    pthread_cond_t turned;
} ideal = {.lock = PTHREAD_MUTEX_INITIALIZER, .turned = PTHREAD_COND_INITIALIZER};

/* ---- records: [18([protected, {}, payload, signature])], ten fields in the payload ---- */

static void record_make(uint8_t out[RECORD_LEN], uint32_t serial) {
    uint8_t payload[256], protected_header[32], random[184];
    for (uint32_t i = 0; i < sizeof random; i++) random[i] = (uint8_t)((serial * 2654435761u + i * 40503u) >> 13);
    struct wire_out p = wire_write(protected_header, sizeof protected_header), w = wire_write(payload, sizeof payload);
    wire_put_map(&p, 2);
    wire_put_uint(&p, 1);
    wire_put_int(&p, -47);
    wire_put_uint(&p, 4);
    wire_put_bytes(&p, bytes_of(random, 8));
    wire_put_map(&w, 10);
    for (uint32_t i = 1; i <= 10; i++) {
        wire_put_uint(&w, i);
        if (i == 1) wire_put_bytes(&w, bytes_of(random + 8, 16));
        else if (i == 2) wire_put_bytes(&w, bytes_of(random + 24, 32));
        else if (i == 6) wire_put_text(&w, bytes_text("BUSINESS_LICENCE_TYPE_A"));
        else if (i == 7) wire_put_bytes(&w, bytes_of(random + 56, 32));
        else if (i == 8) wire_put_uint(&w, 1);
        else if (i == 10) wire_put_bytes(&w, bytes_of(random + 88, 32));
        else wire_put_uint(&w, i == 3 ? 1000000 + serial % 8 : i == 9 ? 440305 : 1763769600u);
    }
    struct wire_out o = wire_write(out, RECORD_LEN);
    wire_put_tag(&o, 18);
    wire_put_array(&o, 4);
    wire_put_bytes(&o, bytes_of(protected_header, p.len));
    wire_put_map(&o, 0);
    wire_put_bytes(&o, bytes_of(payload, w.len));
    wire_put_bytes(&o, bytes_of(random + 120, 64));
    if (o.full || o.len != RECORD_LEN) die("the ideal record has another length: %zu", o.len);
}

static bool record_read(const uint8_t record[RECORD_LEN]) {
    struct wire_in in = wire_read(bytes_of(record, RECORD_LEN));
    wire_get_tag(&in, 18);
    wire_get_array(&in, 4, 4);
    struct bytes protected_header = wire_get_bytes(&in, 1, 64);
    wire_get_map(&in, 0, 0);
    struct bytes payload = wire_get_bytes(&in, 1, 256);
    (void)wire_get_fixed(&in, 64);
    if (wire_done(&in).code != CODE_OK) return false;
    struct wire_in p = wire_read(protected_header), w = wire_read(payload);
    wire_get_map(&p, 2, 2);
    (void)wire_get_uint(&p, 1, 1);
    (void)wire_get_int(&p, -47, -47);
    (void)wire_get_uint(&p, 4, 4);
    (void)wire_get_fixed(&p, 8);
    wire_get_map(&w, 10, 10);
    for (uint32_t i = 1; i <= 10; i++) {
        (void)wire_get_uint(&w, i, i);
        if (i == 1) (void)wire_get_fixed(&w, 16);
        else if (i == 2 || i == 7 || i == 10) (void)wire_get_fixed(&w, 32);
        else if (i == 6) (void)wire_get_code(&w, 23, 23);
        else (void)wire_get_uint(&w, 0, UINT32_MAX);
    }
    return wire_done(&p).code == CODE_OK && wire_done(&w).code == CODE_OK;
}

/* ---- one commit ---- */

static int u32_compare(const void *a, const void *b) {
    uint32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static void log_grow(uint64_t from, uint64_t to, uint8_t root[32]) {
    for (unsigned l = 0; l + 1 < LOG_LEVELS && to >> (l + 1); l++)
        for (uint64_t i = from >> (l + 1); i < to >> (l + 1); i++) merkle_node(ideal.log[l + 1][i], ideal.log[l][2 * i], ideal.log[l][2 * i + 1]);
    bool any = false;
    for (unsigned l = 0; l < LOG_LEVELS; l++) {
        if ((to >> l & 1) == 0) continue;
        const uint8_t *peak = ideal.log[l][(to >> l) - 1];
        if (any) merkle_node(root, peak, root);
        else memcpy(root, peak, 32);
        any = true;
    }
}

static void map_update(uint64_t from, uint32_t count, uint8_t root[32]) {
    uint32_t *now = ideal.touched[0], *above = ideal.touched[1], wide = count;
    for (uint32_t i = 0; i < count; i++) {
        now[i] = be32_get(ideal.log[0][from + i]) & ((1u << MAP_LEVELS) - 1);
        memcpy(ideal.map[0][now[i]], ideal.log[0][from + i], 32);
    }
    qsort(now, count, sizeof *now, u32_compare);
    for (unsigned l = 0; l < MAP_LEVELS; l++) {
        uint32_t kept = 0;
        for (uint32_t i = 0; i < wide; i++)
            if (kept == 0 || above[kept - 1] != now[i] >> 1) above[kept++] = now[i] >> 1;
        for (uint32_t i = 0; i < kept; i++) merkle_node(ideal.map[l + 1][above[i]], ideal.map[l][2 * (size_t)above[i]], ideal.map[l][2 * (size_t)above[i] + 1]);
        uint32_t *swap = now;
        now = above;
        above = swap;
        wide = kept;
    }
    memcpy(root, ideal.map[MAP_LEVELS][0], 32);
}

static bool store(uint64_t from, uint32_t count) {
    MDB_txn *txn;
    uint8_t status[16] = {1};
    int rc = mdb_txn_begin(ideal.env, NULL, 0, &txn);
    for (uint32_t i = 0; i < count && rc == 0; i++) {
        uint64_t key = from + i;
        MDB_val k = {sizeof key, &key}, v = {RECORD_LEN, ideal.records + key * RECORD_LEN}, s = {sizeof status, status};
        rc = mdb_put(txn, ideal.entries, &k, &v, MDB_APPEND);
        if (rc == 0) rc = mdb_put(txn, ideal.status, &k, &s, MDB_APPEND);
    }
    return rc == 0 && mdb_txn_commit(txn) == 0;
}

static bool commit_one(uint32_t batch) {
    const uint64_t from = (uint64_t)batch * ideal.plan.per_commit;
    struct commit *commit = &ideal.commits[batch];
    uint8_t roots[64];
    log_grow(from, from + ideal.plan.per_commit, roots);
    map_update(from, ideal.plan.per_commit, roots + 32);
    const struct bytes header = bytes_of(roots, sizeof roots);
    if (ideal.replaying) return memcmp(roots, commit->roots, sizeof roots) == 0 && verifier_check(ideal.verifier, commit->header_signature, &header, 1);
    memcpy(commit->roots, roots, sizeof roots);
    return signer_sign(ideal.signer, commit->header_signature, &header, 1) && store(from, ideal.plan.per_commit);
}

static bool check_one(uint32_t batch) {
    const uint64_t from = (uint64_t)batch * ideal.plan.per_commit;
    bool good = true;
    for (uint32_t i = 0; i < ideal.plan.per_commit; i++) {
        const uint8_t *record = ideal.records + (from + i) * RECORD_LEN;
        good &= record_read(record);
        merkle_leaf(ideal.log[0][from + i], record, RECORD_LEN);
    }
    uint8_t digest[32];
    sha256(digest, ideal.log[0][from], (size_t)ideal.plan.per_commit * 32);
    const struct bytes message = bytes_of(digest, 32);
    return good && verifier_check(ideal.verifier, ideal.commits[batch].batch_signature, &message, 1);
}

static void *ideal_thread(void *context) {
    (void)context;
    for (;;) {
        const uint32_t batch = atomic_fetch_add(&ideal.next, 1);
        if (batch >= ideal.plan.records / ideal.plan.per_commit) return NULL;
        bool good = check_one(batch);
        pthread_mutex_lock(&ideal.lock);
        while (ideal.turn != batch) pthread_cond_wait(&ideal.turned, &ideal.lock);
        pthread_mutex_unlock(&ideal.lock);
        good = commit_one(batch) && good;
        if (!good) atomic_store(&ideal.bad, true);
        pthread_mutex_lock(&ideal.lock);
        ideal.turn++;
        pthread_cond_broadcast(&ideal.turned);
        pthread_mutex_unlock(&ideal.lock);
    }
}

/* ---- a run ---- */

static double pass(bool replaying) {
    pthread_t threads[THREADS_MAX];
    ideal.replaying = replaying;
    ideal.turn = 0;
    atomic_store(&ideal.next, 0);
    for (unsigned l = 0; l <= MAP_LEVELS; l++) memset(ideal.map[l], 0, (size_t)32 << (MAP_LEVELS - l));
    const double begun = now_s();
    for (uint32_t i = 0; i < ideal.plan.threads; i++)
        if (pthread_create(&threads[i], NULL, ideal_thread, NULL) != 0) die("no thread");
    for (uint32_t i = 0; i < ideal.plan.threads; i++) pthread_join(threads[i], NULL);
    if (atomic_load(&ideal.bad)) die("the ideal node got something wrong");
    return (double)(ideal.plan.records / ideal.plan.per_commit) * ideal.plan.per_commit / (now_s() - begun);
}

static void *take(size_t size) {
    void *p = malloc(size ? size : 1);
    if (p == NULL) die("out of memory");
    return p;
}

/* Records, and the batches' signatures, which somebody else would have made. */
static void prepare(const struct ideal_plan *plan) {
    ideal.plan = *plan;
    const uint32_t batches = plan->records / plan->per_commit;
    if (ideal.signer == NULL) {
        struct pubkey key;
        ideal.signer = signer_generate(KEY_ES256K);
        signer_pubkey(ideal.signer, &key);
        ideal.verifier = verifier_new(&key);
    }
    ideal.records = take((size_t)plan->records * RECORD_LEN);
    ideal.commits = take(batches * sizeof *ideal.commits);
    for (unsigned l = 0; l < LOG_LEVELS; l++) ideal.log[l] = take(((size_t)(plan->records >> l) + 1) * 32);
    for (unsigned l = 0; l <= MAP_LEVELS; l++) ideal.map[l] = take((size_t)32 << (MAP_LEVELS - l));
    for (unsigned i = 0; i < 2; i++) ideal.touched[i] = take(plan->per_commit * sizeof(uint32_t));
    for (uint32_t i = 0; i < plan->records; i++) {
        record_make(ideal.records + (size_t)i * RECORD_LEN, i);
        merkle_leaf(ideal.log[0][i], ideal.records + (size_t)i * RECORD_LEN, RECORD_LEN);
    }
    for (uint32_t b = 0; b < batches; b++) {
        uint8_t digest[32];
        sha256(digest, ideal.log[0][(size_t)b * plan->per_commit], (size_t)plan->per_commit * 32);
        const struct bytes message = bytes_of(digest, 32);
        if (!signer_sign(ideal.signer, ideal.commits[b].batch_signature, &message, 1)) die("no signature");
    }
}

static void open_store(const char *dir) {
    MDB_txn *txn;
    if (mkdir(dir, 0700) != 0 || mdb_env_create(&ideal.env) != 0 || mdb_env_set_maxdbs(ideal.env, 4) != 0 ||
        mdb_env_set_mapsize(ideal.env, (size_t)8 << 30) != 0 || mdb_env_open(ideal.env, dir, 0, 0600) != 0 || mdb_txn_begin(ideal.env, NULL, 0, &txn) != 0 ||
        mdb_dbi_open(txn, "entries", MDB_CREATE | MDB_INTEGERKEY, &ideal.entries) != 0 ||
        mdb_dbi_open(txn, "status", MDB_CREATE | MDB_INTEGERKEY, &ideal.status) != 0 || mdb_txn_commit(txn) != 0)
        die("the ideal node's store cannot be made in %s", dir);
}

void ideal_run(const struct ideal_plan *plan, struct ideal_rates *out) {
    char dir[640];
    (void)snprintf(dir, sizeof dir, "%s/ideal", bench_dir);
    remove_tree(dir);
    prepare(plan);
    open_store(dir);
    out->ingest = pass(false);
    out->replay = pass(true);
    mdb_env_close(ideal.env);
    remove_tree(dir);
    for (unsigned l = 0; l < LOG_LEVELS; l++) free(ideal.log[l]);
    for (unsigned l = 0; l <= MAP_LEVELS; l++) free(ideal.map[l]);
    for (unsigned i = 0; i < 2; i++) free(ideal.touched[i]);
    free(ideal.records);
    free(ideal.commits);
}

/* ---- a stricter one, by somebody else ---- */

/* Hand-written vector instructions and nothing checked twice: built where the folder is given and the processor can. */
bool ideal_outside(const struct ideal_plan *plan, struct ideal_rates *out) {
    static int built; /* 0: not tried, 1: there, -1: no */
    const char *folder = getenv("LICET_YARDSTICKS");
    char source[600], include[600], program[600], dir[600], records[16], batch[16], threads[16], output[4096];
    if (folder == NULL || *folder == '\0' || built < 0) return false;
    (void)snprintf(source, sizeof source, "%s/b_ideal.c", folder);
    (void)snprintf(include, sizeof include, "-I%s", folder);
    (void)snprintf(program, sizeof program, "%s/b_ideal", bench_dir);
    (void)snprintf(dir, sizeof dir, "%s/outside", bench_dir);
    (void)snprintf(records, sizeof records, "%u", plan->records / plan->per_commit * plan->per_commit);
    (void)snprintf(batch, sizeof batch, "%u", plan->per_commit);
    (void)snprintf(threads, sizeof threads, "%u", plan->threads);
    char *const compile[] = {"cc", "-O2", "-w", "-D_GNU_SOURCE", "-msha", "-msse4.1", "-mavx512f", "-mavx512bw", include, "-o", program, source,
                             "-lsecp256k1", "-lcrypto", "-llmdb", "-lpthread", NULL};
    if (built == 0) built = access(source, R_OK) == 0 && bench_run(compile, output, sizeof output) == 0 ? 1 : -1;
    if (built < 0) return false;
    remove_tree(dir);
    (void)mkdir(dir, 0700);
    char *const run[] = {program, dir, records, batch, threads, "batch", "lseq", NULL};
    const bool ran = bench_run(run, output, sizeof output) == 0;
    remove_tree(dir);
    const char *ingest = strstr(output, "ingest "), *replay = strstr(output, "replay ");
    if (!ran || ingest == NULL || replay == NULL) return false;
    *out = (struct ideal_rates){strtod(ingest + 7, NULL), strtod(replay + 7, NULL)};
    return out->ingest > 0;
}
