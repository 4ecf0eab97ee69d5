/* Bench: how fast this build is, beside what this machine allows. Every figure that can be is a ratio: a limit (a small program that does only
 * the unavoidable work) and the value are measured by turns in the same run, because an absolute rate says more about the machine than
 * about us. Nothing here is ever asserted about time: a slow machine ends 0 too. Only wrong answers end 1.
 *
 *   BENCH_SCALE=0.02   a smaller run, for CI        BENCH_DIR=DIR   the disk to measure on (default: bench.d beside the binary; removed after)
 *   BENCH_ONLY=a,http  some parts only              BENCH_JSON=FILE where the figures go */
#ifndef LICET_TESTS_BENCH_H
#define LICET_TESTS_BENCH_H
#include "ledger/kv/kv_lmdb.h"
#include "node/engine/mark.h"
#include "node/solo/solo.h"
#include "tests/lib/world.h"

/* --- figures --- */
#define SAMPLES_MAX 9
struct samples { /* one of each a round */
    double value[SAMPLES_MAX], limit[SAMPLES_MAX];
    int count;
};
void sample_add(struct samples *samples, double value, double limit);
double samples_median(const double *list, int count);
struct figure {
    const char *name, *unit;
    const char *against;   /* what the limit is; NULL: there is none, and the value itself is judged */
    bool low_is_better;
    double target, hoped;  /* 0: none. hoped: the target after the first one */
};
/* Value and limit: medians. Ratio: the median of the rounds' ratios; min and max are of what the target is for: ratio, or value without a limit. */
void figure_add(const struct figure *figure, const struct samples *samples);
void figure_add_one(const struct figure *figure, double value, double limit);
void figure_skip(const char *name, const char *why);
void figures_write(const char *path);

/* --- the run --- */
extern const char *bench_dir, *bench_self; /* the folder to work in; the path of this program */
size_t scaled(size_t count, size_t least);
bool part_wanted(const char *name);
void stage(const char *format, ...) __attribute__((format(printf, 1, 2))); /* says on stderr what is going on */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
double now_s(void);
void remove_tree(const char *path);
/* Runs a program; its standard output as text. Its exit code, or -1. */
int bench_run(char *const *argv, char *output, size_t cap);

/* --- ledgers on disk: all of one genesis --- */
extern struct world bench_world; /* genesis and keys; its own chain, in memory, stays empty */
struct bench_ledger {
    char dir[600], data[640];
    struct kv *kv;
    struct chain *chain;
    struct mark *mark;
    struct lease *lease;
    struct readers readers;
    struct engine *engine;
    uint32_t licences, licences_today;
};
void ledger_make(struct bench_ledger *ledger, const char *name); /* empty, and open */
void ledger_open(struct bench_ledger *ledger);
void ledger_close(struct bench_ledger *ledger);
void ledger_remove(struct bench_ledger *ledger);
void ledger_engine(struct bench_ledger *ledger, bool on); /* starts or stops it */
/* The ledger's clock. A member may register so many objects a day, so large ledgers take several days. */
int64_t bench_now_ms(void *context);
void bench_next_day(struct bench_ledger *ledger);

/* --- statements --- */
struct statements {
    uint8_t *bytes;
    size_t *at; /* count + 1 offsets */
    uint32_t count, each; /* licences in each */
};
/* Statements that issue licences first.., `each` of them in one, each licence with a document; signed now. */
void statements_make(struct statements *out, uint32_t first, uint32_t count, uint32_t each);
void statements_free(struct statements *statements);
static inline struct bytes statement_at(const struct statements *s, uint32_t i) { return bytes_of(s->bytes + s->at[i], s->at[i + 1] - s->at[i]); }
void bench_licence_key(uint8_t out32[32], uint32_t serial);
#define BATCH_LICENCES 385u

/* Submits all of them, never more than `submitters` at a time; each must be accepted. Seconds until the last answer. */
double submit_all(struct bench_ledger *ledger, const struct statements *statements, uint32_t submitters);

/* --- HTTP --- */
struct http_job {
    uint16_t port;
    const struct bytes *requests; /* whole: head and body; sent in turn */
    uint32_t request_count;
    uint32_t total, connections;  /* how many to send in all */
    int status;                   /* what each must be answered with */
    double *latency;              /* NULL, or total places: seconds */
    bool spin;                    /* never sleeps, so that the server is not charged for waking the client (dear in virtual machines) */
};
double http_run(const struct http_job *job); /* seconds; on the calling thread */
/* The node's own HTTP side over a ledger whose engine runs. */
struct bench_server;
struct bench_server *bench_server_start(struct bench_ledger *ledger, unsigned threads);
uint16_t bench_server_port(const struct bench_server *server);
void bench_server_stop(struct bench_server *server);

/* --- limits --- */
double limit_verify(unsigned threads); /* raw signature checks a second; 0: all processors busy at once */
struct ideal_plan { uint32_t records, per_commit, threads; };
struct ideal_rates { double ingest, replay; };
void ideal_run(const struct ideal_plan *plan, struct ideal_rates *out);
bool ideal_outside(const struct ideal_plan *plan, struct ideal_rates *out); /* b_ideal.c of LICET_YARDSTICKS; false: there is none */

/* --- parts --- */
void part_singles(void);          /* one licence a statement: ingest, replay, disk */
void part_batches(void);          /* prepared batches: ingest, replay, disk, a million licences, start, memory */
void part_http(struct bench_ledger *ledger); /* verdicts, on a ledger with licences 0.. */
void part_import(void);           /* a CSV file through licet and licetd */
void part_documents(void);
extern double bench_batch_rate;   /* licences a second of prepared batches on an empty ledger; 0: not measured */
/* Rates of the two ways of one ledger's replay. */
void measure_replay(struct bench_ledger *ledger, const char *mode, double ingest, uint64_t licences);
void measure_disk(struct bench_ledger *ledger, const char *mode, uint64_t statement_bytes, double target, double hoped);
void measure_start(struct bench_ledger *ledger); /* the ledger is closed */
int start_child(const char *data);               /* `bench open DIR`: prints seconds, bytes and licences */
#endif
