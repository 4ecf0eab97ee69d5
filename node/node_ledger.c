#include "node/node_ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <unistd.h>

#include "crypto/errno_text.h"
#include "crypto/hash.h"
#include "ledger/chain/replay.h"
#include "ledger/kv/kv_lmdb.h"
#include "node/base/clock.h"
#include "node/endwatch.h"
#include "node/base/log.h"
#include "node/plain.h"

struct opening {
    struct node_ledger *out;
    const struct config *config;
    bool check;
    int stop_fd;
    char *message;
    size_t cap;
    char data_dir[PATH_CAP + 16], lease_path[PATH_CAP + 16];
    uint8_t *genesis;
    size_t genesis_len;
    uint8_t genesis_hash[32];
    struct mark_value mark, head;
    bool has_mark;
    int64_t head_ms, leased_ms;
    bool has_lease;
    int64_t progress_ms;
};

static int opening_fail(struct opening *opening, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int opening_fail(struct opening *opening, int code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    (void)vsnprintf(opening->message, opening->cap, format, args);
    va_end(args);
    return code;
}

/* ---- what lies in the folder ---- */

static int read_genesis(struct opening *opening) {
    char path[PATH_CAP + 16];
    (void)snprintf(path, sizeof path, "%s/genesis.cbor", opening->config->dir);
    int fd;
    const enum err err = plain_open(&fd, path);
    if (err == ERR_DENIED || err == ERR_PLACE) return opening_fail(opening, err_exit(err), "%s: %s", path, err_text(err));
    if (err != ERR_OK)
        return opening_fail(opening, EXIT_ERROR, "%s cannot be read: %s%s", path, errno_en(errno), errno != ENOENT ? "" : ledger_lives(opening->config->dir)
                    ? "; put a copy back, as every verifier of this ledger has one: this ledger lives, begin nothing anew in its folder" : "; `licet init DIR` makes one");
    opening->genesis = malloc(GENESIS_BYTES_MAX + 1);
    ssize_t got = 1;
    while (opening->genesis && got > 0 && opening->genesis_len <= GENESIS_BYTES_MAX) {
        got = read(fd, opening->genesis + opening->genesis_len, GENESIS_BYTES_MAX + 1 - opening->genesis_len);
        if (got > 0) opening->genesis_len += (size_t)got;
        if (got < 0 && errno == EINTR) got = 1;
    }
    (void)close(fd);
    if (!opening->genesis) return opening_fail(opening, EXIT_ERROR, "Out of memory");
    if (got < 0) return opening_fail(opening, EXIT_STORAGE, "%s cannot be read", path);
    if (opening->genesis_len > GENESIS_BYTES_MAX) return opening_fail(opening, EXIT_ERROR, "%s has more than the %u bytes that a genesis document, entry 0 of the log, may have: begin a new ledger with fewer types or members", path,
                    GENESIS_BYTES_MAX);
    if (opening->genesis_len == 0)
        return opening_fail(opening, EXIT_ERROR, "%s is empty: put a copy back, as every verifier of this ledger has one; where nothing was recorded yet, remove the folder and begin again with "
                    "`licet init`", path);
    sha256(opening->genesis_hash, opening->genesis, opening->genesis_len);
    return EXIT_VALID;
}

static int read_mark(struct opening *opening) {
    const char *path = opening->config->mark_path;
    enum err err = mark_read(&opening->mark, path);
    opening->has_mark = err == ERR_OK;
    if (err == ERR_OK || err == ERR_ABSENT) return EXIT_VALID;
    if (err == ERR_CORRUPT) /* what it said is not known, so nothing may be signed: as if data were older than it */
        return opening_fail(opening, EXIT_ROLLBACK, "%s, the mark of what was last signed, is damaged: put a sound copy back; without it nothing may be signed here", path);
    if (err == ERR_PLACE || err == ERR_DENIED) return opening_fail(opening, err_exit(err), "%s, the mark of what was last signed: %s", path, err_text(err));
    return opening_fail(opening, EXIT_STORAGE, "%s, the mark of what was last signed, cannot be read", path);
}

/* Older folders have none. */
static int read_lease(struct opening *opening) {
    const char *path = opening->lease_path;
    enum err err = lease_read(&opening->leased_ms, path);
    opening->has_lease = err == ERR_OK;
    if (err == ERR_OK || err == ERR_ABSENT) return EXIT_VALID;
    if (err == ERR_CORRUPT) /* which times were given out is not known */
        return opening_fail(opening, EXIT_ROLLBACK, "%s, the time of the newest head note, is damaged: put a sound copy back; or see that this machine's clock "
                    "is right, and remove it", path);
    if (err == ERR_PLACE || err == ERR_DENIED) return opening_fail(opening, err_exit(err), "%s, the time of the newest head note: %s", path, err_text(err));
    return opening_fail(opening, EXIT_STORAGE, "%s, the time of the newest head note, cannot be read", path);
}

static int judge_mark(struct opening *opening, const struct mark_value *data, bool (*hash_at)(void *, uint64_t, uint8_t[32]), void *context) {
    enum err err = mark_judge(&opening->mark, opening->has_mark, data, hash_at, context, opening->message, opening->cap);
    if (err == ERR_CORRUPT) return opening_fail(opening, EXIT_INTEGRITY, "Block %" PRIu64 " of the data cannot be read; run `licet fsck`", opening->mark.height);
    return err == ERR_OK ? EXIT_VALID : err_exit(err);
}

static int open_kv(struct opening *opening) {
    /* Where something was signed, data that are not there must not be begun anew. */
    const struct kv_lmdb_options options = {.create = !opening->check && !opening->has_mark, .room_min = opening->config->room_min_mib << 20};
    const char *dir = opening->data_dir;
    long pid = 0;
    enum err err = kv_lmdb_open(&opening->out->kv, dir, &options, &pid);
    if (err == ERR_OK) return EXIT_VALID;
    opening->out->kv = NULL;
    if (err == ERR_ABSENT) {
        opening->out->empty = true;
        return judge_mark(opening, NULL, NULL, NULL);
    }
    if (err == ERR_LOCKED && pid > 0) return opening_fail(opening, EXIT_ERROR, "%s is in use by process %ld: a ledger has one node", dir, pid);
    if (err == ERR_CORRUPT)
        return opening_fail(opening, EXIT_INTEGRITY, "%s/data.mdb is damaged or cut short: " DAMAGE_WAY_OUT, dir);
    return opening_fail(opening, err_exit(err), "%s cannot be opened: %s", dir, err_text(err));
}

/* ---- what the data say ---- */

static bool header_hash_at(void *context, uint64_t height, uint8_t out32[32]) {
    struct stored_block block;
    if (store_block(context, height, &block) != ERR_OK) return false;
    header_hash(out32, block.header_bytes);
    return true;
}

static bool genesis_reads(const struct opening *opening) {
    struct genesis *genesis = malloc(sizeof *genesis);
    const bool reads = genesis && genesis_decode(genesis, bytes_of(opening->genesis, opening->genesis_len)).code == CODE_OK;
    free(genesis);
    return reads;
}

/* An open read txn: are these the data of this genesis, and not older than what was signed? *empty: nothing is in them. */
static int judge_data(struct opening *opening, struct kv_txn *txn, bool *empty) {
    struct bytes value;
    enum err err = kv_get(txn, KV_META, META_GENESIS, &value);
    *empty = err == ERR_ABSENT;
    if (*empty) return judge_mark(opening, NULL, NULL, NULL);
    if (err != ERR_OK) return opening_fail(opening, err_exit(err), "%s cannot be read: %s", opening->data_dir, err_text(err));
    struct stored_block newest;
    if (!bytes_equal(value, bytes_of(opening->genesis, opening->genesis_len))) {
        if (store_newest(txn, &newest) == ERR_OK && memcmp(newest.header.genesis, opening->genesis_hash, 32) == 0)
            return opening_fail(opening, EXIT_INTEGRITY, "The data's copy of the genesis document is damaged; run `licet fsck`");
        char document[65], data[65];
        uint8_t hash[32];
        sha256(hash, value.data, value.len);
        hex_encode(data, hash, 32);
        hex_encode(document, opening->genesis_hash, 32);
        if (!genesis_reads(opening))
            return opening_fail(opening, EXIT_ERROR, "genesis.cbor is damaged: put a copy back, as every verifier of this ledger has one; its SHA-256 is %s", data);
        return opening_fail(opening, EXIT_ERROR, "genesis.cbor (%s) is not the genesis of the data (%s): they are two different ledgers", document, data);
    }
    err = store_newest(txn, &newest);
    if (err != ERR_OK) return opening_fail(opening, EXIT_INTEGRITY, "The newest block of the data cannot be read; run `licet fsck`");
    opening->head = (struct mark_value){.term = newest.header.term, .height = newest.header.n};
    opening->head_ms = newest.header.time_ms;
    header_hash(opening->head.hash, newest.header_bytes);
    return judge_mark(opening, &opening->head, header_hash_at, txn);
}

static int create(struct opening *opening) {
    struct refusal refusal;
    enum err err = chain_create(opening->out->kv, bytes_of(opening->genesis, opening->genesis_len), &refusal);
    if (err != ERR_OK) return opening_fail(opening, err_exit(err), "The ledger cannot be begun in %s: %s", opening->data_dir, err_text(err));
    if (refusal.code != CODE_OK)
        return opening_fail(opening, EXIT_ERROR, "genesis.cbor is refused: %s (%s%s%s)", code_en(refusal.code), code_name(refusal.code), refusal.field ? ", " : "",
                    refusal.field ? refusal.field : "");
    log_event(LOG_INFO, "ledger_begun", log_hash("genesis", opening->genesis_hash));
    return EXIT_VALID;
}

static int look_at_data(struct opening *opening, bool *empty) {
    struct kv_txn *txn;
    enum err err = kv_begin(opening->out->kv, false, &txn);
    if (err != ERR_OK) return opening_fail(opening, err_exit(err), "%s cannot be read: %s", opening->data_dir, err_text(err));
    int code = judge_data(opening, txn, empty);
    kv_abort(txn);
    return code;
}

/* One line in five seconds: ten million licences take a while. */
static void progress(void *context, const char *what, uint64_t done, uint64_t total) {
    struct opening *opening = context;
    int64_t now = clock_monotonic_ms();
    if (now - opening->progress_ms < 5000) return;
    opening->progress_ms = now;
    log_event(LOG_INFO, "rebuilding", log_text("what", what), log_uint("done", done), log_uint("total", total));
}

#define KEEP_IT "nothing was changed. Keep this folder, run `licet replay` on it to see more, and put sound data back"

/* Blocks ahead of the mark: written by this node before it was killed, or by anybody who can write to data/. They are adopted only where their
 * seals verify and their statements, executed from the genesis on, give their headers. */
static int check_ahead(struct opening *opening, unsigned jobs) {
    if (!opening->has_mark || opening->mark.height >= opening->head.height) return EXIT_VALID; /* the mark holds its hash */
    struct replay_source source;
    struct replay_result result = {.ok = false};
    const struct replay_options options = {.jobs = jobs, .until = UINT64_MAX, .trust_genesis = opening->genesis_hash, .progress = progress,
                                           .context = opening, .checked_hash = opening->mark.hash, .checked_height = opening->mark.height};
    enum err err = replay_from_kv(&source, opening->out->kv);
    if (err == ERR_OK) {
        err = replay_run(&result, &source, &options);
        replay_source_close(&source);
    }
    if (err != ERR_OK && err != ERR_CORRUPT && err != ERR_ABSENT)
        return opening_fail(opening, err_exit(err), "The blocks after %" PRIu64 ", which the mark does not know yet, cannot be checked: %s", opening->mark.height, err_text(err));
    if (err != ERR_OK || !result.ok)
        return opening_fail(opening, EXIT_INTEGRITY, "The data go on to block %" PRIu64 ", and block %" PRIu64 " was signed here; what follows is not adopted: %s; " KEEP_IT,
                    opening->head.height, opening->mark.height, err != ERR_OK ? "a row of the data is damaged" : result.reason);
    if (result.height != opening->head.height || memcmp(result.head, opening->head.hash, 32) != 0)
        return opening_fail(opening, EXIT_INTEGRITY, "The newest block of the data, %" PRIu64 ", is not the one that its statements lead to; " KEEP_IT, opening->head.height);
    log_event(LOG_INFO, "blocks_checked", log_uint("after", opening->mark.height), log_uint("height", result.height));
    return EXIT_VALID;
}

/* The chain stands on the very header that was judged: the mark's, or one that check_ahead led to. */
static int check_head(struct opening *opening) {
    uint8_t hash[32];
    chain_head_hash(opening->out->chain, hash);
    if (memcmp(hash, opening->head.hash, 32) == 0) return EXIT_VALID;
    return opening_fail(opening, EXIT_INTEGRITY, "The newest block of the data changed while the node started; " KEEP_IT);
}

static int open_chain(struct opening *opening) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned threads = processors > 0 ? (unsigned)processors : 1;
    const char *where = NULL;
    int64_t begun = opening->progress_ms = clock_monotonic_ms();
    struct endwatch watch; /* the only long part of a start */
    endwatch_start(&watch, opening->stop_fd, opening->check ? EXIT_ERROR : EXIT_VALID);
    const int ahead = check_ahead(opening, threads);
    enum err err = ahead == EXIT_VALID ? chain_open(&opening->out->chain, opening->out->kv, threads, progress, opening, &where) : ERR_OK;
    endwatch_over(&watch);
    if (ahead != EXIT_VALID) return ahead;
    if (err == ERR_CORRUPT)
        return opening_fail(opening, EXIT_INTEGRITY, "The data do not match their hashes (%s): nothing is served from them; `licet fsck` says what is hit. Then " DAMAGE_WAY_OUT,
                    where ? where : "not known where");
    if (err == ERR_VERSION)
        return opening_fail(opening, err_exit(err), "The ledger in %s was stored by another version of this program, and this one reads only store format %u: run the version that "
                    "wrote it, or begin a new ledger in an empty folder", opening->data_dir, STORE_FORMAT);
    if (err != ERR_OK) return opening_fail(opening, err_exit(err), "The ledger in %s cannot be opened: %s", opening->data_dir, err_text(err));
    const struct header *head = chain_head(opening->out->chain);
    log_event(LOG_INFO, "ledger_open", log_uint("height", head->n), log_uint("entries", head->log_size), log_uint("licences", head->licences),
              log_hash("genesis", opening->genesis_hash), log_int("ms", clock_monotonic_ms() - begun));
    return EXIT_VALID;
}

static int open_mark(struct opening *opening) {
    const char *path = opening->config->mark_path;
    enum err err = mark_open(&opening->out->mark, path);
    bool behind = !opening->has_mark || opening->mark.height < opening->head.height;
    if (err == ERR_OK && behind) err = mark_write(opening->out->mark, &opening->head);
    if (err == ERR_DENIED) return opening_fail(opening, err_exit(err), "%s, the mark of what was last signed: %s", path, err_text(err));
    if (err != ERR_OK) return opening_fail(opening, EXIT_STORAGE, "%s, the mark of what was last signed, cannot be written", path);
    if (behind) log_event(LOG_INFO, "mark_advanced", log_uint("height", opening->head.height));
    return EXIT_VALID;
}

/* Made at the start, so that a disk that fills up later does not matter to it. */
static int open_lease(struct opening *opening) {
    const char *path = opening->lease_path;
    enum err err = lease_open(&opening->out->lease, path);
    if (err == ERR_OK && !opening->has_lease) err = lease_write(opening->out->lease, opening->head_ms);
    return err == ERR_OK ? EXIT_VALID : opening_fail(opening, EXIT_STORAGE, "%s, the time of the newest head note, cannot be written", path);
}

static int open_all(struct opening *opening) {
    bool empty = false;
    int code = read_genesis(opening);
    if (code == EXIT_VALID) code = read_mark(opening);
    if (code == EXIT_VALID) code = read_lease(opening);
    if (code == EXIT_VALID) code = open_kv(opening);
    if (code != EXIT_VALID || opening->out->empty) return code;
    code = look_at_data(opening, &empty);
    if (code == EXIT_VALID && empty && opening->check) {
        opening->out->empty = true;
        return code;
    }
    if (code == EXIT_VALID && empty) {
        code = create(opening);
        if (code == EXIT_VALID) code = look_at_data(opening, &empty);
    }
    if (code == EXIT_VALID) code = open_chain(opening);
    if (code == EXIT_VALID) code = check_head(opening);
    if (code == EXIT_VALID && !opening->check) code = open_mark(opening);
    if (code == EXIT_VALID && !opening->check) code = open_lease(opening);
    return code;
}

int node_ledger_open(struct node_ledger *out, const struct config *config, bool check, int stop_fd, char *message, size_t cap) {
    *out = (struct node_ledger){.empty = false};
    struct opening opening = {.out = out, .config = config, .check = check, .stop_fd = stop_fd, .message = message, .cap = cap};
    (void)snprintf(opening.data_dir, sizeof opening.data_dir, "%s/data", config->dir);
    (void)snprintf(opening.lease_path, sizeof opening.lease_path, "%s" LEASE_SUFFIX, config->mark_path);
    int code = open_all(&opening);
    free(opening.genesis);
    return code;
}

void node_ledger_close(struct node_ledger *ledger) {
    if (ledger->chain) chain_close(ledger->chain);
    if (ledger->kv) kv_close(ledger->kv);
    mark_close(ledger->mark);
    lease_close(ledger->lease);
    *ledger = (struct node_ledger){.empty = false};
}
