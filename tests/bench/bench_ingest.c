/* What goes in: statements of one licence, and prepared batches, through the real engine onto the disk. */
#include "tests/bench/bench.h"

#include <unistd.h>

#define SUBMITTERS_SINGLE 64u
#define SUBMITTERS_BATCH 8u
#define ROUNDS 3

static uint64_t commits_of(struct bench_ledger *ledger) {
    struct kv_usage use;
    kv_lmdb_usage(ledger->kv, &use);
    return use.commits;
}

/* --- single licences --- */

static void singles_in_process(struct bench_ledger *ledger, uint32_t count, uint64_t *bytes, double *rate) {
    struct samples speed = {.count = 0}, commits = {.count = 0};
    for (int round = 0; round < ROUNDS; round++) {
        struct statements statements;
        statements_make(&statements, ledger->licences, count, 1);
        *bytes += statements.at[count];
        const double limit = limit_verify(0);
        const uint64_t commits_before = commits_of(ledger), height = chain_head(ledger->chain)->n;
        ledger_engine(ledger, true);
        const double seconds = submit_all(ledger, &statements, SUBMITTERS_SINGLE);
        ledger_engine(ledger, false);
        const double blocks = (double)(chain_head(ledger->chain)->n - height);
        sample_add(&speed, (double)count / seconds, limit);
        sample_add(&commits, (double)(commits_of(ledger) - commits_before), blocks);
        stage("round %d: %.0f statements/s, %.1f a block; limit %.0f", round + 1, (double)count / seconds, (double)count / blocks, limit);
        statements_free(&statements);
    }
    *rate = samples_median(speed.value, speed.count);
    figure_add(&(struct figure){.name = "singles: acknowledged, in process", .unit = "/s",
                           .against = "raw secp256k1 checks, all cores", .target = 0.6, .hoped = 0.85}, &speed);
    figure_add(&(struct figure){.name = "singles: LMDB commits over blocks", .unit = "commits",
                           .against = "blocks", .low_is_better = true, .target = 1}, &commits);
}

/* Every statement a whole POST, head and body. */
static struct bytes *posts_make(const struct statements *statements, uint8_t **memory) {
    struct bytes *list = calloc(statements->count, sizeof *list);
    *memory = malloc(statements->at[statements->count] + (size_t)statements->count * 160);
    if (list == NULL || *memory == NULL) die("out of memory");
    uint8_t *at = *memory;
    for (uint32_t i = 0; i < statements->count; i++) {
        const struct bytes body = statement_at(statements, i);
        char head[160];
        const int len = snprintf(head, sizeof head, "POST /entries HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/cose\r\nContent-Length: %zu\r\n\r\n", body.len);
        memcpy(at, head, (size_t)len);
        memcpy(at + len, body.data, body.len);
        list[i] = bytes_of(at, (size_t)len + body.len);
        at += (size_t)len + body.len;
    }
    return list;
}

static void singles_over_http(struct bench_ledger *ledger, uint32_t count, uint64_t *bytes) {
    struct samples speed = {.count = 0};
    for (int round = 0; round < ROUNDS; round++) {
        struct statements statements;
        uint8_t *memory;
        statements_make(&statements, ledger->licences, count, 1);
        *bytes += statements.at[count];
        struct bytes *posts = posts_make(&statements, &memory);
        const double limit = limit_verify(0);
        ledger_engine(ledger, true);
        struct bench_server *server = bench_server_start(ledger, 2);
        const struct http_job job = {.port = bench_server_port(server), .requests = posts, .request_count = count, .total = count,
                                     .connections = SUBMITTERS_SINGLE, .status = 201};
        const double seconds = http_run(&job);
        bench_server_stop(server);
        ledger_engine(ledger, false);
        ledger->licences += count;
        ledger->licences_today += count;
        sample_add(&speed, (double)count / seconds, limit);
        stage("round %d: %.0f statements/s over HTTP; limit %.0f", round + 1, (double)count / seconds, limit);
        free(posts);
        free(memory);
        statements_free(&statements);
    }
    figure_add(&(struct figure){.name = "singles: acknowledged, POST /entries", .unit = "/s",
                           .against = "raw secp256k1 checks, all cores", .target = 0.6, .hoped = 0.85}, &speed);
}

/* Two virtual processors may be one core: what a second thread can bring at most, for the figures that ask for it. */
static void measure_machine(void) {
    struct samples samples = {.count = 0};
    for (int round = 0; round < ROUNDS; round++) {
        const double one = limit_verify(1);
        sample_add(&samples, limit_verify(0), one);
    }
    figure_add(&(struct figure){.name = "machine: raw secp256k1 checks, all cores", .unit = "/s", .against = "one core"}, &samples);
}

void part_singles(void) {
    struct bench_ledger ledger;
    const uint32_t count = (uint32_t)scaled(40000, 500);
    uint64_t bytes = 0;
    double rate = 0;
    stage("single licences: %u a round", count);
    measure_machine();
    ledger_make(&ledger, "singles");
    singles_in_process(&ledger, count, &bytes, &rate);
    measure_replay(&ledger, "singles", rate, ledger.licences);
    if (part_wanted("http")) singles_over_http(&ledger, count / 2, &bytes);
    measure_disk(&ledger, "singles", bytes, 1.8, 1.5);
    ledger_remove(&ledger);
}

/* --- prepared batches --- */

static double batch_round(struct bench_ledger *ledger, const struct statements *statements, double *per_block, double *commits) {
    const uint64_t commits_before = commits_of(ledger), height = chain_head(ledger->chain)->n;
    ledger_engine(ledger, true);
    const double seconds = submit_all(ledger, statements, SUBMITTERS_BATCH);
    ledger_engine(ledger, false);
    const double licences = (double)statements->count * statements->each, blocks = (double)(chain_head(ledger->chain)->n - height);
    *per_block = licences / blocks;
    *commits = (double)(commits_of(ledger) - commits_before) / blocks;
    return licences / seconds;
}

struct batch_samples { struct samples ideal, outside, commits, replay_ideal; double per_block; };

/* An empty ledger each round, so that every round does the same work on the same bytes. */
static double batches_on_empty(struct bench_ledger *ledger, const struct statements *statements, struct batch_samples *out) {
    double commits;
    for (int round = 0; round <= ROUNDS; round++) {
        ledger_make(ledger, "batches");
        struct ideal_plan plan = {(uint32_t)scaled(200000, 2000), (uint32_t)out->per_block, 2};
        if (plan.records < 3 * plan.per_commit) plan.records = 3 * plan.per_commit;
        struct ideal_rates own = {0, 0}, outside = {0, 0};
        if (round > 0) ideal_run(&plan, &own); /* the round before that tells how many records share a commit is not counted */
        const bool there = round > 0 && ideal_outside(&plan, &outside);
        double per_block;
        const double rate = batch_round(ledger, statements, &per_block, &commits);
        out->per_block = per_block;
        if (round > 0) {
            sample_add(&out->ideal, rate, own.ingest);
            sample_add(&out->commits, commits, 1);
            if (there) sample_add(&out->outside, rate, outside.ingest);
            stage("round %d: %.0f licences/s, %.0f a block; ideal %.0f, outside %.0f", round, rate, per_block, own.ingest, outside.ingest);
        }
        if (round < ROUNDS) ledger_remove(ledger);
    }
    return samples_median(out->ideal.value, out->ideal.count);
}

static void batch_figures(const struct batch_samples *samples) {
    figure_add(&(struct figure){.name = "batches: licences, empty ledger", .unit = "/s",
                           .against = "own ideal, same records a commit", .target = 0.25, .hoped = 0.4}, &samples->ideal);
    if (samples->outside.count > 0)
        figure_add(&(struct figure){.name = "batches: licences, stricter limit", .unit = "/s",
                           .against = "b_ideal batch 2 threads lseq", .target = 0.25, .hoped = 0.4}, &samples->outside);
    else figure_skip("batches: licences, stricter limit", "LICET_YARDSTICKS is not set, or b_ideal does not run here");
    figure_add(&(struct figure){.name = "batches: LMDB commits over blocks", .unit = "commits",
                           .against = "blocks", .low_is_better = true, .target = 1}, &samples->commits);
}

/* The same again on top of many licences. */
static void batches_on_many(struct bench_ledger *ledger, uint32_t many, uint32_t count, double on_empty) {
    struct samples speed = {.count = 0};
    struct statements statements;
    double per_block, commits;
    while (ledger->licences < many) {
        const uint32_t left = (many - ledger->licences + BATCH_LICENCES - 1) / BATCH_LICENCES;
        bench_next_day(ledger);
        statements_make(&statements, ledger->licences, left < 1500 ? left : 1500, BATCH_LICENCES);
        (void)batch_round(ledger, &statements, &per_block, &commits);
        statements_free(&statements);
        stage("%u licences", ledger->licences);
    }
    ledger_close(ledger);
    measure_start(ledger);
    ledger_open(ledger);
    for (int round = 0; round < ROUNDS; round++) {
        bench_next_day(ledger);
        statements_make(&statements, ledger->licences, count, BATCH_LICENCES);
        const double rate = batch_round(ledger, &statements, &per_block, &commits);
        sample_add(&speed, rate, on_empty);
        stage("round %d: %.0f licences/s on %u", round + 1, rate, ledger->licences);
        statements_free(&statements);
    }
    figure_add(&(struct figure){.name = "batches: licences, ledger of a million", .unit = "/s",
                           .against = "the same on an empty ledger", .target = 0.7}, &speed);
}

double bench_batch_rate;

void part_batches(void) {
    struct bench_ledger ledger;
    struct statements statements;
    struct batch_samples samples = {.per_block = 4 * BATCH_LICENCES};
    const uint32_t count = (uint32_t)scaled(520, 16);
    stage("batches: %u statements of %u licences a round", count, BATCH_LICENCES);
    statements_make(&statements, 0, count, BATCH_LICENCES);
    const uint64_t bytes = statements.at[count];
    const double rate = batches_on_empty(&ledger, &statements, &samples);
    bench_batch_rate = rate;
    statements_free(&statements);
    batch_figures(&samples);
    measure_replay(&ledger, "batches", rate, ledger.licences);
    measure_disk(&ledger, "batches", bytes, 3, 2);
    batches_on_many(&ledger, (uint32_t)scaled(1000000, 4000), count, rate);
    if (part_wanted("http")) part_http(&ledger);
    ledger_remove(&ledger);
}
