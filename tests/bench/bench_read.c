/* What is read back: replay, the disk's bytes, and a start on a large ledger. */
#include "tests/bench/bench.h"

#include <lmdb.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/chain/replay.h"

#define ROUNDS 3

/* ---- replay ---- */

static double replay_once(struct bench_ledger *ledger, unsigned jobs) {
    struct replay_source source;
    struct replay_result result;
    const struct replay_options options = {.jobs = jobs, .until = UINT64_MAX, .trust_genesis = chain_genesis(ledger->chain)->hash};
    if (replay_from_kv(&source, ledger->kv) != ERR_OK) die("the ledger cannot be replayed");
    const double begun = now_s();
    if (replay_run(&result, &source, &options) != ERR_OK || !result.ok) die("replay found a difference: %s", result.reason);
    const double seconds = now_s() - begun;
    replay_source_close(&source);
    if (result.height != chain_head(ledger->chain)->n) die("replay ended early");
    return seconds;
}

void measure_replay(struct bench_ledger *ledger, const char *mode, double ingest, uint64_t licences) {
    static char names[4][2][64];
    static int used;
    struct samples speed = {.count = 0}, threads = {.count = 0};
    for (int round = 0; round < ROUNDS; round++) {
        const double one = (double)licences / replay_once(ledger, 1), two = (double)licences / replay_once(ledger, 2);
        sample_add(&speed, two, ingest);
        sample_add(&threads, two, one);
    }
    char (*name)[64] = names[used++ % 4];
    (void)snprintf(name[0], sizeof name[0], "%s: replay, 2 threads", mode);
    (void)snprintf(name[1], sizeof name[1], "%s: replay, 2 threads over 1", mode);
    figure_add(&(struct figure){.name = name[0], .unit = "/s", .against = "ingest of the same", .target = 1}, &speed);
    figure_add(&(struct figure){.name = name[1], .unit = "/s", .against = "1 thread", .target = 1.5}, &threads);
}

/* ---- disk ---- */

/* Pages that hold something, and all pages ever used, in bytes. */
static void pages_of(const char *dir, double *used, double *file) {
    static const char *const tables[] = {"meta", "entries", "tiles", "blocks", "slots", "links"};
    MDB_env *env;
    MDB_txn *txn;
    MDB_stat stat_;
    uint64_t pages = 2;
    if (mdb_env_create(&env) != 0 || mdb_env_set_maxdbs(env, 8) != 0 || mdb_env_open(env, dir, MDB_RDONLY | MDB_NOLOCK, 0600) != 0 ||
        mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) != 0)
        die("%s cannot be read", dir);
    for (unsigned i = 0; i <= 6; i++) {
        MDB_dbi dbi;
        if (mdb_dbi_open(txn, i < 6 ? tables[i] : NULL, i < 6 ? MDB_INTEGERKEY : 0, &dbi) != 0 || mdb_stat(txn, dbi, &stat_) != 0) die("%s has no tables", dir);
        pages += stat_.ms_branch_pages + stat_.ms_leaf_pages + stat_.ms_overflow_pages;
        stage("  %-8s %6zu branch %8zu leaf %8zu overflow pages, %9zu rows", i < 6 ? tables[i] : "(root)", stat_.ms_branch_pages, stat_.ms_leaf_pages,
              stat_.ms_overflow_pages, stat_.ms_entries);
    }
    struct stat status;
    char path[700];
    (void)snprintf(path, sizeof path, "%s/data.mdb", dir);
    if (stat(path, &status) != 0) die("%s is not there", path);
    *used = (double)pages * stat_.ms_psize;
    *file = (double)status.st_size;
    mdb_txn_abort(txn);
    mdb_env_close(env);
}

void measure_disk(struct bench_ledger *ledger, const char *mode, uint64_t statement_bytes, double target, double hoped) {
    static char names[4][2][64];
    static int count;
    double used, file;
    ledger_close(ledger);
    pages_of(ledger->data, &used, &file);
    ledger_open(ledger);
    char (*name)[64] = names[count++ % 4];
    (void)snprintf(name[0], sizeof name[0], "%s: disk, pages in use", mode);
    (void)snprintf(name[1], sizeof name[1], "%s: disk, whole file", mode);
    figure_add_one(&(struct figure){.name = name[0], .unit = "B",
                           .against = "bytes of the statements", .low_is_better = true, .target = target, .hoped = hoped}, used,
                   (double)statement_bytes);
    figure_add_one(&(struct figure){.name = name[1], .unit = "B",
                           .against = "bytes of the statements", .low_is_better = true}, file, (double)statement_bytes);
}

/* ---- start ---- */

static double anonymous_bytes(void) {
    char line[256];
    double kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, "RssAnon:", 8) == 0) kib = strtod(line + 8, NULL);
    if (file != NULL) (void)fclose(file);
    return kib * 1024;
}

/* In a program of its own, so that memory is what a node takes and nothing else. */
int start_child(const char *data) {
    const struct kv_lmdb_options options = {.create = false};
    struct kv *kv;
    struct chain *chain;
    const char *where = "";
    long pid;
    const double before = anonymous_bytes(), begun = now_s();
    if (kv_lmdb_open(&kv, data, &options, &pid) != ERR_OK || chain_open(&chain, kv, 2, NULL, NULL, &where) != ERR_OK) die("%s does not open: %s", data, where);
    const double seconds = now_s() - begun;
    printf("%.6f %.0f %llu\n", seconds, anonymous_bytes() - before, (unsigned long long)chain_head(chain)->licences);
    chain_close(chain);
    kv_close(kv);
    return 0;
}

void measure_start(struct bench_ledger *ledger) {
    struct samples seconds = {.count = 0}, memory = {.count = 0};
    double licences = 0;
    for (int round = 0; round < ROUNDS; round++) {
        char command[1400], line[128] = "";
        (void)snprintf(command, sizeof command, "'%s' open '%s'", bench_self, ledger->data);
        FILE *pipe = popen(command, "r");
        if (pipe == NULL || fgets(line, sizeof line, pipe) == NULL) die("%s did not answer", command);
        (void)pclose(pipe);
        char *end = line;
        const double took = strtod(end, &end), bytes = strtod(end, &end);
        licences = strtod(end, &end);
        sample_add(&seconds, took, 1);
        sample_add(&memory, bytes / licences, 1);
    }
    stage("start on %.0f licences", licences);
    figure_add(&(struct figure){.name = "start on a million licences", .unit = "s", .low_is_better = true, .target = 3}, &seconds);
    figure_add(&(struct figure){.name = "memory a licence, after the start", .unit = "B", .low_is_better = true, .target = 320, .hoped = 220}, &memory);
}
