/* The engine over real storage: what is answered is durable and marked, once and only once; faults latch; full disks and bad clocks refuse and
 * recover; notes never contradict headers. Faults come from a KV whose calls can be made to fail or wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "ledger/chain/prove.h"
#include "ledger/kv/kv_lmdb.h"
#include "node/base/clock.h"
#include "node/solo/solo_inside.h"
#include "node/base/log.h"
#include "node/engine/notes.h"
#include "tests/lib/world.h"

static struct world world;
static char dir[64], data_dir[96], mark_path[96], lease_path[112];
static struct mark *mark;
static struct lease *lease;
static struct readers beside;
static struct engine *engine;
static _Atomic int64_t now_ms, ticks_from; /* ticks_from: the clock goes on from now_ms, since this monotonic time */
static atomic_int faulted;
static unsigned pool_threads;

static int64_t test_now(void *context) {
    (void)context;
    return now_ms + (ticks_from ? clock_monotonic_ms() - ticks_from : 0);
}
static void on_fault(void *context, enum err err) {
    (void)context;
    faulted = (int)err;
}

/* ---- what other threads have done ---- */

static pthread_mutex_t told_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;
static void count(atomic_int *counter) {
    pthread_mutex_lock(&told_lock);
    ++*counter;
    pthread_cond_broadcast(&told);
    pthread_mutex_unlock(&told_lock);
}
#define COUNT_WAIT_S 60 /* then the test has failed */
static void wait_count(const atomic_int *counter, int count) {
    struct timespec until;
    int waited = 0;
    assert_int_equal(clock_gettime(CLOCK_REALTIME, &until), 0);
    until.tv_sec += COUNT_WAIT_S;
    pthread_mutex_lock(&told_lock);
    while (*counter < count && waited == 0) waited = pthread_cond_timedwait(&told, &told_lock, &until);
    pthread_mutex_unlock(&told_lock);
    assert_int_equal(waited, 0);
}

/* ---- a KV that fails and waits when told to ---- */

static struct kv_ops hooked;
static const struct kv_ops *plain;
static atomic_int fail_room, fail_commit, fail_sync;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER, sync_gate = PTHREAD_MUTEX_INITIALIZER;
static atomic_int at_gate, at_sync, committed;

static enum err room(struct kv *kv, uint64_t bytes) {
    count(&at_gate);
    pthread_mutex_lock(&gate); /* a held gate keeps the writer here, with the block it took */
    pthread_mutex_unlock(&gate);
    enum err err = (enum err)fail_room;
    return err != ERR_OK ? err : plain->sync_room(kv, bytes);
}
static enum err commit(struct kv_txn *txn) {
    enum err err = (enum err)fail_commit;
    if (err == ERR_OK) err = plain->commit(txn);
    else plain->abort(txn);
    if (err == ERR_OK) count(&committed);
    return err;
}
static enum err sync_all(struct kv *kv) {
    count(&at_sync);
    pthread_mutex_lock(&sync_gate); /* a held gate keeps the finisher here: the block is committed, and neither safe nor marked */
    pthread_mutex_unlock(&sync_gate);
    enum err err = (enum err)fail_sync;
    return err != ERR_OK ? err : plain->sync(kv);
}

/* ---- a node's worth of parts ---- */

static void remove_all(void) {
    const char *const names[] = {"data/data.mdb", "data/lock.mdb", "data/lock", "data", "mark", "mark.new", "mark.notes", "mark.notes.new"};
    char path[160];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
        (void)remove(path);
    }
    (void)rmdir(dir);
}

static void open_chain(bool create) {
    long pid;
    const char *where;
    struct refusal refusal;
    const struct kv_lmdb_options options = {.create = create, .room_min = 1};
    assert_int_equal(kv_lmdb_open(&world.kv, data_dir, &options, &pid), ERR_OK);
    if (create) assert_int_equal(chain_create(world.kv, bytes_of(world.genesis, world.genesis_len), &refusal), ERR_OK);
    plain = world.kv->ops;
    hooked = *plain;
    hooked.sync_room = room;
    hooked.commit = commit;
    hooked.sync = sync_all;
    world.kv->ops = &hooked;
    assert_int_equal(chain_open(&world.chain, world.kv, 2, NULL, NULL, &where), ERR_OK);
    world.reader = reader_new(world.chain);
}
static void close_chain(void) {
    reader_free(world.reader);
    chain_close(world.chain);
    kv_close(world.kv);
}

static enum err start_with(uint32_t queue_max, bool confirmed, const struct signer *note) {
    char message[256] = "";
    const struct solo_options options = {.pool_threads = pool_threads, .queue_max = queue_max, .queue_bytes_max = 8u << 20};
    const struct engine_parts parts = {.chain = world.chain, .mark = mark, .lease = lease, .readers = &beside, .seal = world.seal, .note = note,
                                       .now_ms = test_now, .clock_confirmed = confirmed, .on_fault = on_fault};
    enum err err = solo_start(&engine, &options, &parts, message, sizeof message);
    if (err != ERR_OK) assert_non_null(strstr(message, "note.pem"));
    return err;
}
static void start(void) { assert_int_equal(start_with(1000, true, world.note), ERR_OK); }

static int setup(void **state) {
    (void)state;
    log_set_fd(-1);
    (void)snprintf(dir, sizeof dir, "/tmp/licet-engine-XXXXXX");
    if (!mkdtemp(dir)) return 1;
    (void)snprintf(data_dir, sizeof data_dir, "%s/data", dir);
    (void)snprintf(mark_path, sizeof mark_path, "%s/mark", dir);
    world_start(&world);
    close_chain(); /* the world's own is in memory, for one thread */
    fail_room = fail_commit = fail_sync = ERR_OK;
    faulted = ERR_OK;
    pool_threads = 2;
    open_chain(true);
    at_gate = at_sync = committed = 0;
    now_ms = world.now_ms;
    ticks_from = 0;
    (void)snprintf(lease_path, sizeof lease_path, "%s" LEASE_SUFFIX, mark_path);
    return mark_open(&mark, mark_path) == ERR_OK && lease_open(&lease, lease_path) == ERR_OK ? 0 : 1;
}
static int teardown(void **state) {
    (void)state;
    engine_stop(engine);
    engine = NULL;
    mark_close(mark);
    lease_close(lease);
    world_stop(&world);
    remove_all();
    return 0;
}

/* ---- submitting ---- */

#define TICKETS_MAX 600
static struct ticket {
    atomic_int done;
    int place; /* which answer it was, from 0 */
    struct submit_answer answer;
} tickets[TICKETS_MAX];
static atomic_int answered, places;

static void done(void *token, const struct submit_answer *answer) {
    struct ticket *ticket = token;
    ticket->answer = *answer;
    ASSERT(atomic_fetch_add(&ticket->done, 1) == 0);
    ticket->place = places++;
    count(&answered); /* last: who waits for it reads the ticket */
}
static void clear_tickets(void) {
    for (size_t i = 0; i < TICKETS_MAX; i++) tickets[i].done = 0;
    answered = places = 0;
}
static void submit(size_t i, const struct made *made) { engine_submit(engine, bytes_of(made->bytes, made->len), done, &tickets[i]); }
static void wait_answers(int count) {
    wait_count(&answered, count);
    assert_int_equal(answered, count);
}
static struct submit_answer *submit_one(const struct made *made) {
    clear_tickets();
    submit(0, made);
    wait_answers(1);
    return &tickets[0].answer;
}
static void issue(struct made *out, uint32_t serial) {
    world.now_ms = now_ms;
    world_issue(out, &world, WORLD_TYPE_KEYED, serial, 1);
}
static void assert_refused(const struct submit_answer *answer, enum code code) {
    assert_int_equal(answer->err, ERR_OK);
    assert_string_equal(code_name(answer->refusal.code), code_name(code));
}
static const struct snapshot *newest(void) {
    const struct snapshot *snapshot;
    assert_int_equal(reader_snapshot(world.reader, &snapshot), ERR_OK);
    return snapshot;
}
static void assert_marked(uint64_t height) {
    struct mark_value value;
    assert_int_equal(mark_read(&value, mark_path), ERR_OK);
    assert_int_equal(value.height, height);
}
static bool signed_by(const struct signer *signer, const struct cose_sign1 *cose, struct bytes payload) {
    struct pubkey key;
    struct cose_tbs tbs;
    signer_pubkey(signer, &key);
    struct verifier *verifier = verifier_new(&key);
    cose_tbs(&tbs, cose->protected_header, payload);
    bool good = verifier_check(verifier, cose->signature, tbs.parts, COSE_TBS_PARTS);
    verifier_free(verifier);
    return good;
}

/* ---- tests ---- */

static struct made first, second;

static void recorded_once(void **state) {
    (void)state;
    start();
    issue(&first, 1);
    struct submit_answer answer = *submit_one(&first);
    assert_refused(&answer, CODE_OK);
    assert_int_equal(answer.block, 1);
    assert_int_equal(answer.index, 0);
    assert_int_equal(answer.entry, 2);
    assert_marked(1);

    /* The receipt: the stored one, over the block's root, by the note key. */
    static struct tile_reader tiles;
    static struct receipt receipt;
    uint8_t again[RECEIPT_MAX], leaf[32], root[32];
    size_t len;
    const struct snapshot *snapshot = newest();
    assert_int_equal(prove_receipt(again, &len, snapshot, &tiles, answer.entry), ERR_OK);
    assert_int_equal(len, answer.receipt_len);
    assert_memory_equal(again, answer.receipt, len);
    assert_int_equal(receipt_decode(&receipt, bytes_of(answer.receipt, answer.receipt_len)).code, CODE_OK);
    merkle_leaf(leaf, first.bytes, first.len);
    assert_true(merkle_inclusion_root(root, leaf, receipt.index, receipt.tree_size, (const uint8_t(*)[32])receipt.path, receipt.path_count));
    assert_memory_equal(root, snapshot->header.log_root, 32);
    assert_true(signed_by(world.note, &receipt.cose, bytes_of(root, 32)));

    /* The block's seal. */
    struct stored_block block;
    struct cose_sign1 seal;
    assert_int_equal(store_block(snapshot->txn, 1, &block), ERR_OK);
    assert_int_equal(cose_sign1_decode(&seal, block.seal, TYP_HEADER).code, CODE_OK);
    assert_true(signed_by(world.seal, &seal, block.header_bytes));
    reader_rest(world.reader);

    struct submit_answer *repeat = submit_one(&first);
    assert_refused(repeat, CODE_ALREADY_ENTERED);
    assert_int_equal(repeat->block, 1);
    assert_int_equal(repeat->index, 0);
    assert_int_equal(repeat->receipt_len, len);
    assert_memory_equal(repeat->receipt, again, len);

    struct engine_counts counts;
    engine_counts(engine, &counts);
    assert_int_equal(counts.submitted, 2);
    assert_int_equal(counts.accepted, 1);
    assert_int_equal(counts.repeated, 1);
    assert_int_equal(counts.blocks, 1);
    assert_int_equal(counts.queue_now, 0);
}

static void refused_by_the_pool(void **state) {
    (void)state;
    start();
    static struct made large;
    struct submit_answer *answer;
    issue(&first, 1);
    second = first;
    second.bytes[second.len - 1] ^= 1;
    assert_refused(submit_one(&second), CODE_SIGNATURE_INVALID);
    second = (struct made){.bytes = {0x83, 1}, .len = 2};
    answer = submit_one(&second);
    assert_int_equal(answer->err, ERR_OK);
    assert_int_not_equal(answer->refusal.code, CODE_OK);
    second.len = 0;
    assert_int_not_equal(submit_one(&second)->refusal.code, CODE_OK);
    large.len = STATEMENT_BYTES_MAX + 1;
    assert_refused(submit_one(&large), CODE_STATEMENT_TOO_LARGE);

    struct signer *stranger = signer_generate(KEY_ES256K);
    struct prepared *prepared;
    assert_int_equal(prepared_new(&prepared, bytes_of(first.bytes, first.len)).code, CODE_OK);
    world_sign(&second, &world, stranger, prepared->statement.cose.payload, "job");
    prepared_free(prepared);
    signer_free(stranger);
    answer = submit_one(&second);
    assert_refused(answer, CODE_KEY_UNKNOWN);
    assert_string_equal(answer->refusal.field, "kid");
    assert_refused(submit_one(&first), CODE_OK); /* and nothing of all that stayed */
    struct engine_counts counts;
    engine_counts(engine, &counts);
    assert_int_equal(counts.refused, 5);
}

/* While one block waits for its disk, everything that comes goes into the next one. */
static void one_block_for_all_that_wait(void **state) {
    (void)state;
    enum { MANY = 200 };
    start();
    clear_tickets();
    pthread_mutex_lock(&gate);
    issue(&first, 0);
    submit(0, &first);
    wait_count(&at_gate, 1);
    for (uint32_t i = 1; i < MANY; i++) {
        issue(&second, i);
        submit(i, &second);
    }
    submit(MANY, &first);      /* a repeat of the block that waits */
    submit(MANY + 1, &second); /* a repeat inside the block to come */
    struct engine_counts counts;
    do engine_counts(engine, &counts); while (counts.signatures < MANY + 2);
    (void)usleep(20000); /* time for a wrong answer */
    assert_int_equal(answered, 0); /* nothing is answered before it is durable */
    pthread_mutex_unlock(&gate);
    wait_answers(MANY + 2);
    engine_counts(engine, &counts);
    assert_int_equal(counts.blocks, 2);
    assert_int_equal(counts.accepted, MANY);
    assert_int_equal(counts.repeated, 2);
    assert_marked(2);
    assert_int_equal(tickets[MANY].answer.block, 1);
    assert_refused(&tickets[MANY].answer, CODE_ALREADY_ENTERED);
    const struct submit_answer *a = &tickets[MANY - 1].answer, *b = &tickets[MANY + 1].answer; /* either may have been first */
    assert_int_equal(a->entry, b->entry);
    assert_int_equal(a->index, b->index);
    assert_int_equal(a->receipt_len, b->receipt_len);
    assert_memory_equal(a->receipt, b->receipt, a->receipt_len);
    assert_int_equal(newest()->header.log_size, 2 + MANY);
    reader_rest(world.reader);
    engine_stop(engine);
    engine = NULL;
    close_chain();
    open_chain(false);
    assert_int_equal(newest()->header.log_size, 2 + MANY); /* as answered, so on the disk */
    reader_rest(world.reader);
}

static void queue_is_bounded(void **state) {
    (void)state;
    assert_int_equal(start_with(4, true, world.note), ERR_OK);
    clear_tickets();
    pthread_mutex_lock(&gate);
    for (uint32_t i = 0; i < 6; i++) {
        issue(&first, i);
        submit(i, &first);
    }
    assert_int_equal(answered, 2); /* at once, on this thread */
    assert_refused(&tickets[4].answer, CODE_QUEUE_FULL);
    assert_refused(&tickets[5].answer, CODE_QUEUE_FULL);
    pthread_mutex_unlock(&gate);
    wait_answers(6);
    for (size_t i = 0; i < 4; i++) assert_refused(&tickets[i].answer, CODE_OK);
    assert_refused(submit_one(&first), CODE_OK); /* the last one was not taken before */
}

static void clock_rule(void **state) {
    (void)state;
    const int64_t genesis_ms = newest()->header.time_ms, day_ms = 24 * 3600 * 1000;
    reader_rest(world.reader);
    struct note_view note;
    int64_t limit_ms;
    assert_int_equal(start_with(1000, false, world.note), ERR_OK); /* months after the genesis, and nobody confirmed that */
    assert_int_equal(engine_clock(engine, &limit_ms), CLOCK_AHEAD);
    assert_int_equal(limit_ms, genesis_ms + 7 * day_ms);
    issue(&first, 1);
    assert_refused(submit_one(&first), CODE_CLOCK);
    assert_false(engine_note(engine, newest(), &note));
    now_ms = genesis_ms - 2000;
    assert_int_equal(engine_clock(engine, &limit_ms), CLOCK_BEHIND);
    assert_int_equal(limit_ms, genesis_ms - CLOCK_BACK_MAX_MS);
    issue(&first, 1);
    assert_refused(submit_one(&first), CODE_CLOCK);
    assert_false(engine_note(engine, newest(), &note));
    now_ms = genesis_ms + 6 * day_ms;
    issue(&first, 1);
    assert_refused(submit_one(&first), CODE_OK);
    assert_true(engine_note(engine, newest(), &note));
    assert_int_equal(engine_clock(engine, NULL), CLOCK_RIGHT);
    now_ms = genesis_ms; /* it had been ahead: it goes on at the time that was signed, confirmed or not */
    assert_int_equal(engine_clock(engine, &limit_ms), CLOCK_BEHIND);
    assert_int_equal(limit_ms, genesis_ms + 6 * day_ms - CLOCK_BACK_MAX_MS);
    now_ms = limit_ms;
    assert_int_equal(engine_clock(engine, NULL), CLOCK_RIGHT);

    now_ms = genesis_ms + 14 * day_ms; /* it jumped */
    issue(&second, 2);
    assert_refused(submit_one(&second), CODE_CLOCK);
    struct submit_answer *repeat = submit_one(&first);
    assert_refused(repeat, CODE_ALREADY_ENTERED); /* what was entered is still told */
    assert_int_equal(repeat->block, 1);
    assert_true(repeat->receipt_len > 0);
    engine_stop(engine);
    assert_int_equal(start_with(1000, true, world.note), ERR_OK); /* the operator confirms */
    assert_refused(submit_one(&second), CODE_OK);
    assert_int_equal(newest()->header.time_ms, now_ms);
    now_ms -= 500; /* NTP slews */
    issue(&first, 3);
    assert_refused(submit_one(&first), CODE_OK);
    assert_int_equal(newest()->header.time_ms, now_ms + 500);
    reader_rest(world.reader);
}

static void notes_are_kept_a_second(void **state) {
    (void)state;
    start();
    struct note_view note, again;
    struct cose_sign1 cose;
    struct head_note decoded;
    assert_true(engine_note(engine, newest(), &note));
    assert_int_equal(head_note_decode(&cose, &decoded, bytes_of(note.bytes, note.len)).code, CODE_OK);
    assert_true(signed_by(world.note, &cose, cose.payload));
    assert_int_equal(decoded.n, 0);
    assert_int_equal(decoded.time_ms, now_ms);
    assert_int_equal(note.time_ms, now_ms);
    assert_memory_equal(decoded.header_hash, newest()->hash, 32);
    now_ms += 700;
    assert_true(engine_note(engine, newest(), &again));
    assert_memory_equal(&again, &note, sizeof note);
    (void)usleep(1100000); /* longer than NOTE_AGE_MAX_MS of a clock that cannot be set */
    assert_true(engine_note(engine, newest(), &again));
    assert_int_equal(again.time_ms, note.time_ms + 700);

    /* A block after a note is not earlier than the note, even if the clock went back between them. */
    now_ms -= 600;
    issue(&first, 1);
    reader_rest(world.reader);
    assert_refused(submit_one(&first), CODE_OK);
    assert_int_equal(newest()->header.time_ms, again.time_ms);
    reader_rest(world.reader);
    now_ms -= 1000; /* further back than any slew: no block, no note */
    issue(&first, 2);
    assert_refused(submit_one(&first), CODE_CLOCK);
    assert_false(engine_note(engine, newest(), &note));
    reader_rest(world.reader);
}

/* The engine ends and starts again; kill: the lease's file is as it was before the end. */
static void again(bool kill) {
    char file[8193];
    FILE *in = fopen(lease_path, "re");
    assert_non_null(in);
    assert_int_equal(fread(file, 1, sizeof file, in), 8192);
    assert_int_equal(fclose(in), 0);
    engine_stop(engine);
    lease_close(lease);
    FILE *out = kill ? fopen(lease_path, "r+e") : NULL;
    if (out) assert_int_equal(fwrite(file, 1, 8192, out), 8192);
    if (out) assert_int_equal(fclose(out), 0);
    assert_int_equal(lease_open(&lease, lease_path), ERR_OK);
    start();
}

/* The clock is set back while the node is down: no header is earlier than a note that somebody holds. */
static void notes_bind_after_a_restart(void **state) {
    (void)state;
    struct note_view note;
    int64_t leased;
    start();
    assert_true(engine_note(engine, newest(), &note));
    reader_rest(world.reader);
    assert_int_equal(note.time_ms, now_ms);
    assert_int_equal(lease_read(&leased, lease_path), ERR_OK);
    assert_int_equal(leased, note.time_ms + LEASE_AHEAD_MS);

    again(false); /* a clean stop: the exact time */
    assert_int_equal(lease_read(&leased, lease_path), ERR_OK);
    assert_int_equal(leased, note.time_ms);
    now_ms = note.time_ms - 700;
    issue(&first, 1);
    assert_refused(submit_one(&first), CODE_OK);
    assert_int_equal(newest()->header.time_ms, note.time_ms);
    reader_rest(world.reader);

    now_ms = note.time_ms + 20;
    assert_true(engine_note(engine, newest(), &note));
    reader_rest(world.reader);
    again(true);
    now_ms = note.time_ms - 2000; /* 3 s behind what was leased: what is sent in waits until the clock is near */
    issue(&second, 2);
    ticks_from = clock_monotonic_ms();
    const int64_t begun = ticks_from;
    clear_tickets();
    submit(0, &second);
    const struct snapshot *snapshot; /* reading goes on */
    assert_int_equal(reader_snapshot(world.reader, &snapshot), ERR_OK);
    assert_int_equal(snapshot->n, 1);
    wait_answers(1);
    assert_refused(&tickets[0].answer, CODE_OK);
    assert_true(clock_monotonic_ms() - begun >= 3000 - CLOCK_BACK_MAX_MS);
    assert_true(newest()->header.time_ms >= note.time_ms);
    reader_rest(world.reader);
    ticks_from = 0;

    now_ms = note.time_ms + 10000;
    assert_true(engine_note(engine, newest(), &note));
    reader_rest(world.reader);
    again(true);
    now_ms = note.time_ms - 10000; /* that is no slip */
    issue(&first, 3);
    assert_refused(submit_one(&first), CODE_CLOCK);
    assert_false(engine_note(engine, newest(), &note));
    reader_rest(world.reader);
}

/* Reads log lines until one has the text. */
static void wait_logged(FILE *in, const char *text) {
    char line[LOG_LINE_MAX];
    do assert_non_null(fgets(line, sizeof line, in)); while (!strstr(line, text));
}

/* A stop does not wait for the clock. */
static void waiting_for_the_clock_ends_with_the_engine(void **state) {
    (void)state;
    start();
    const int64_t begun = clock_monotonic_ms();
    now_ms = newest()->header.time_ms - CLOCK_WAIT_MAX_MS - CLOCK_BACK_MAX_MS + 1;
    reader_rest(world.reader);
    issue(&first, 1);
    clear_tickets();
    int log[2];
    assert_int_equal(pipe(log), 0);
    log_set_fd(log[1]);
    submit(0, &first);
    FILE *lines = fdopen(log[0], "r");
    assert_non_null(lines);
    wait_logged(lines, "clock_waited_for");
    engine_close(engine);
    log_set_fd(-1); /* only now does nobody write there */
    assert_int_equal(close(log[1]), 0);
    assert_int_equal(fclose(lines), 0);
    assert_int_equal(answered, 1);
    assert_refused(&tickets[0].answer, CODE_CLOCK);
    assert_true(clock_monotonic_ms() - begun < CLOCK_WAIT_MAX_MS);
}

static void one_lease_a_second(void **state) {
    (void)state;
    struct note_view note;
    int64_t leased, begun = now_ms;
    start();
    for (uint32_t i = 0; i < 20; i++) { /* a new block each time: nothing is kept */
        issue(&first, i);
        assert_refused(submit_one(&first), CODE_OK);
        assert_true(engine_note(engine, newest(), &note));
        assert_int_equal(note.time_ms, begun + i * 50);
        reader_rest(world.reader);
        assert_int_equal(lease_read(&leased, lease_path), ERR_OK);
        assert_int_equal(leased, begun + LEASE_AHEAD_MS);
        now_ms += 50;
    }
    now_ms += 1;
    issue(&first, 50);
    assert_refused(submit_one(&first), CODE_OK);
    assert_true(engine_note(engine, newest(), &note));
    reader_rest(world.reader);
    assert_int_equal(lease_read(&leased, lease_path), ERR_OK);
    assert_int_equal(leased, begun + 1001 + LEASE_AHEAD_MS);
}

static void failed_lease_latches(void **state) {
    (void)state;
    start();
    struct note_view note;
    char aside[96];
    (void)snprintf(aside, sizeof aside, "%.60s-aside", dir);
    assert_int_equal(rename(dir, aside), 0); /* there is no file yet, and its folder is gone */
    assert_false(engine_note(engine, newest(), &note));
    reader_rest(world.reader);
    assert_int_equal(faulted, ERR_IO);
    assert_false(engine_writable(engine));
    assert_int_equal(rename(aside, dir), 0);
    assert_false(engine_note(engine, newest(), &note)); /* no retry */
    reader_rest(world.reader);
}

static void room_comes_and_goes(void **state) {
    (void)state;
    start();
    issue(&first, 1);
    assert_refused(submit_one(&first), CODE_OK);
    fail_room = ERR_NO_ROOM;
    issue(&second, 2);
    assert_refused(submit_one(&second), CODE_NO_ROOM);
    assert_refused(submit_one(&first), CODE_ALREADY_ENTERED);
    assert_true(engine_writable(engine));
    fail_room = ERR_OK;
    fail_commit = ERR_NO_ROOM; /* found only then: LMDB wrote nothing */
    assert_refused(submit_one(&second), CODE_NO_ROOM);
    assert_int_equal(newest()->n, 1);
    reader_rest(world.reader);
    fail_commit = ERR_OK;
    assert_refused(submit_one(&second), CODE_OK);
    assert_int_equal(faulted, ERR_OK);
    assert_marked(2);
}

static void failed_commit_latches(void **state) {
    (void)state;
    start();
    issue(&first, 1);
    assert_refused(submit_one(&first), CODE_OK);
    fail_commit = ERR_IO;
    clear_tickets();
    pthread_mutex_lock(&gate);
    issue(&second, 2);
    submit(0, &second);
    wait_count(&at_gate, 2);
    issue(&second, 3);
    submit(1, &second); /* behind the block that fails */
    pthread_mutex_unlock(&gate);
    wait_answers(2);
    assert_int_equal(tickets[0].answer.err, ERR_IO);
    assert_refused(&tickets[1].answer, CODE_READ_ONLY);
    assert_int_equal(faulted, ERR_IO);
    assert_int_equal(engine_fault(engine), ERR_IO);
    assert_false(engine_writable(engine));
    fail_commit = ERR_OK;
    assert_refused(submit_one(&second), CODE_READ_ONLY); /* no retry */
    assert_marked(1);
    assert_int_equal(newest()->n, 1); /* reading goes on */
    struct note_view note;
    assert_true(engine_note(engine, newest(), &note));
    reader_rest(world.reader);
}

static void failed_mark_latches(void **state) {
    (void)state;
    start();
    issue(&first, 1);
    assert_refused(submit_one(&first), CODE_OK);
    char aside[96];
    (void)snprintf(aside, sizeof aside, "%.60s-aside", dir);
    assert_int_equal(unlink(mark_path), 0);
    assert_int_equal(rename(dir, aside), 0); /* the mark must be made again, and its folder is gone */
    issue(&second, 2);
    struct submit_answer *answer = submit_one(&second);
    assert_int_equal(answer->err, ERR_IO);
    assert_int_equal(faulted, ERR_IO);
    assert_false(engine_writable(engine));
    assert_int_equal(rename(aside, dir), 0);
    engine_stop(engine);
    engine = NULL;
    close_chain();
    open_chain(false);
    assert_int_equal(newest()->n, 2); /* it is on the disk all the same: a repeat will be told so */
    reader_rest(world.reader);
    start_with(1000, true, world.note);
    assert_refused(submit_one(&second), CODE_ALREADY_ENTERED);
}

/* The data are removed or replaced under the running node: what was committed is in a file that no start will find, and nobody is told that it is recorded. */
static void replaced_data_latch(void **state) {
    (void)state;
    start();
    issue(&first, 1);
    assert_refused(submit_one(&first), CODE_OK);
    char data[128], aside[128];
    (void)snprintf(data, sizeof data, "%s/data.mdb", data_dir);
    (void)snprintf(aside, sizeof aside, "%s/aside", dir);
    assert_int_equal(rename(data, aside), 0);
    issue(&second, 2);
    assert_int_equal(submit_one(&second)->err, ERR_IO);
    assert_int_equal(faulted, ERR_IO);
    assert_false(engine_writable(engine));
    assert_marked(1);
    assert_int_equal(rename(aside, data), 0);
}

static atomic_uint behind;
static enum err readers(struct kv *kv, struct kv_readers *out) {
    (void)kv;
    *out = (struct kv_readers){0, behind, behind > 0 ? 12345 : 0};
    return ERR_OK;
}
static void stuck_reader_is_told(void **state) {
    (void)state;
    hooked.readers = readers;
    start();
    for (unsigned round = 0; round < 3; round++) {
        behind = round == 1 ? READERS_BEHIND_MAX : round == 0 ? READERS_BEHIND_MAX - 1 : 0;
        for (uint32_t i = 0; i < READERS_EVERY; i++) {
            issue(&first, 1 + round * READERS_EVERY + i);
            assert_refused(submit_one(&first), CODE_OK);
        }
        assert_int_equal(readers_stuck(&beside), round == 1); /* looked at before the block's answers are given */
    }
}

/* A reader that begins while blocks are committed and not yet safe: it is shown the one before them, and does not wait. */
static void *late_reader(void *context) {
    uint64_t *n = context;
    struct reader *reader = reader_new(world.chain);
    const struct snapshot *snapshot;
    ASSERT(reader_snapshot(reader, &snapshot) == ERR_OK);
    *n = snapshot->n;
    reader_free(reader);
    return NULL;
}

static struct made third;

/* Block 2 is committed, and its disk hangs; block 3 is committed on top of it; block 4 is executed and waits. */
static void hang_with_more_behind(void) {
    pool_threads = 1;
    start();
    issue(&first, 0);
    assert_refused(submit_one(&first), CODE_OK);
    assert_int_equal(newest()->n, 1);
    clear_tickets();
    pthread_mutex_lock(&sync_gate);
    issue(&first, 1);
    submit(0, &first);
    wait_count(&at_sync, 2);
    issue(&second, 2);
    submit(1, &second);
    wait_count(&committed, 3);
    submit(2, &first); /* a repeat of a block that nobody may hear of yet */
    wait_count(&at_gate, 4);
    issue(&third, 3);
    submit(3, &third);
    wait_count(&at_gate, 5);
    (void)usleep(50000); /* time for a wrong answer or commit */
    assert_int_equal(answered, 0);
    assert_int_equal(committed, 3); /* never more than two blocks ahead of the mark */
    assert_marked(1);
    pthread_t late;
    uint64_t n;
    assert_int_equal(pthread_create(&late, NULL, late_reader, &n), 0);
    pthread_join(late, NULL);
    assert_int_equal(n, 1);
    struct note_view note;
    assert_int_equal(newest()->n, 1);
    assert_true(engine_note(engine, newest(), &note));
    assert_int_equal(note.n, 1);
}

static void next_blocks_are_made_while_one_is_finished(void **state) {
    (void)state;
    hang_with_more_behind();
    pthread_mutex_unlock(&sync_gate);
    wait_answers(4);
    for (int i = 0; i < 4; i++) assert_int_equal(tickets[i].place, i);
    for (int i = 0; i < 4; i++) assert_refused(&tickets[i].answer, i == 2 ? CODE_ALREADY_ENTERED : CODE_OK);
    assert_int_equal(tickets[0].answer.block, 2);
    assert_int_equal(tickets[1].answer.block, 3);
    assert_int_equal(tickets[2].answer.block, 2);
    assert_int_equal(tickets[3].answer.block, 4);
    assert_memory_equal(tickets[2].answer.receipt, tickets[0].answer.receipt, tickets[0].answer.receipt_len);
    assert_int_equal(tickets[2].answer.receipt_len, tickets[0].answer.receipt_len);
    assert_marked(4);
    assert_int_equal(newest()->n, 4);
    reader_rest(world.reader);
}

/* The block whose sync fails is in storage all the same, and so is the one on top of it: no more is built on them, and whoever waits is told. */
static void failed_sync_latches_what_is_ahead(void **state) {
    (void)state;
    hang_with_more_behind();
    fail_sync = ERR_IO;
    pthread_mutex_unlock(&sync_gate);
    wait_answers(4);
    for (int i = 0; i < 4; i++) assert_int_equal(tickets[i].place, i);
    assert_int_equal(tickets[0].answer.err, ERR_IO);
    assert_int_equal(tickets[1].answer.err, ERR_IO);
    assert_refused(&tickets[2].answer, CODE_READ_ONLY);
    assert_refused(&tickets[3].answer, CODE_READ_ONLY);
    assert_int_equal(faulted, ERR_IO);
    assert_int_equal(committed, 3);
    assert_int_equal(at_sync, 2); /* no retry */
    assert_false(engine_writable(engine));
    assert_int_equal(newest()->n, 1);
    reader_rest(world.reader);
    assert_int_equal(newest()->n, 1); /* and reading goes on */
    assert_marked(1);
    reader_rest(world.reader);
    engine_stop(engine);
    engine = NULL;
    close_chain();
    fail_sync = ERR_OK;
    open_chain(false);
    assert_int_equal(newest()->n, 3);
    reader_rest(world.reader);
    start();
    assert_refused(submit_one(&first), CODE_ALREADY_ENTERED);
    assert_refused(submit_one(&second), CODE_ALREADY_ENTERED);
    assert_refused(submit_one(&third), CODE_OK);
    assert_marked(4);
}

/* A commit that fails, or finds no room, while the blocks before are being finished: those are none the worse. */
static void failed_commit_behind_blocks(enum err fault) {
    hang_with_more_behind();
    fail_commit = (int)fault;
    pthread_mutex_unlock(&sync_gate);
    wait_answers(4);
    for (int i = 0; i < 4; i++) assert_int_equal(tickets[i].place, i);
    assert_refused(&tickets[0].answer, CODE_OK);
    assert_refused(&tickets[1].answer, CODE_OK);
    assert_refused(&tickets[2].answer, CODE_ALREADY_ENTERED);
    assert_marked(3);
    assert_int_equal(newest()->n, 3);
    reader_rest(world.reader);
    fail_commit = ERR_OK;
}
static void no_room_behind_blocks(void **state) {
    (void)state;
    failed_commit_behind_blocks(ERR_NO_ROOM);
    assert_refused(&tickets[3].answer, CODE_NO_ROOM);
    assert_refused(submit_one(&third), CODE_OK);
    assert_marked(4);
}
static void fault_behind_blocks(void **state) {
    (void)state;
    failed_commit_behind_blocks(ERR_IO);
    assert_int_equal(tickets[3].answer.err, ERR_IO);
    assert_int_equal(faulted, ERR_IO);
    assert_refused(submit_one(&third), CODE_READ_ONLY);
}

static void *close_engine(void *context) {
    (void)context;
    engine_close(engine);
    return NULL;
}

/* A stop ends both: what is committed is finished, what was taken is answered. */
static void stopping_while_one_is_finished(void **state) {
    (void)state;
    hang_with_more_behind();
    pthread_t closer;
    assert_int_equal(pthread_create(&closer, NULL, close_engine, NULL), 0);
    (void)usleep(20000); /* time for a wrong answer */
    assert_int_equal(answered, 0);
    pthread_mutex_unlock(&sync_gate);
    pthread_join(closer, NULL);
    assert_int_equal(answered, 4);
    assert_refused(&tickets[3].answer, CODE_OK);
    assert_marked(4);
    reader_rest(world.reader);
}

static void stopping(void **state) {
    (void)state;
    start();
    clear_tickets();
    for (uint32_t i = 0; i < 50; i++) {
        issue(&first, i);
        submit(i, &first);
    }
    engine_close(engine);
    assert_int_equal(answered, 50); /* all that was taken is answered */
    for (size_t i = 0; i < 50; i++) assert_refused(&tickets[i].answer, CODE_OK);
    assert_refused(submit_one(&first), CODE_SHUTTING_DOWN);
    assert_false(engine_writable(engine));
}

static void foreign_keys_do_not_start(void **state) {
    (void)state;
    struct signer *other = signer_generate(KEY_ES256);
    assert_int_equal(start_with(10, true, other), ERR_CONFIG);
    assert_null(engine);
    signer_free(other);
}

/* Many at once: submitters, and readers who take notes all the time. */
enum { SUBMITTERS = 4, EACH = 100 };
static struct made *stock;
static atomic_bool go_on;
static void *submitter(void *context) {
    size_t at = (size_t)(uintptr_t)context * EACH;
    for (size_t i = at; i < at + EACH; i++) submit(i, &stock[i]);
    return NULL;
}
struct taken { uint64_t n; int64_t time_ms; };
static void *note_taker(void *context) {
    struct taken *latest = context; /* the latest note time over each block */
    struct reader *reader = reader_new(world.chain);
    while (go_on) {
        const struct snapshot *snapshot;
        struct note_view note;
        ASSERT(reader_snapshot(reader, &snapshot) == ERR_OK);
        now_ms += 3;
        if (engine_note(engine, snapshot, &note) && note.n < SUBMITTERS * EACH + 1 && latest[note.n].time_ms < note.time_ms)
            latest[note.n] = (struct taken){note.n, note.time_ms};
        reader_rest(reader);
    }
    reader_free(reader);
    return NULL;
}

static void many_at_once(void **state) {
    (void)state;
    start();
    clear_tickets();
    stock = calloc(SUBMITTERS * EACH, sizeof *stock);
    struct taken *latest[2] = {calloc(SUBMITTERS * EACH + 1, sizeof **latest), calloc(SUBMITTERS * EACH + 1, sizeof **latest)};
    for (uint32_t i = 0; i < SUBMITTERS * EACH; i++) issue(&stock[i], i);
    pthread_t submitters[SUBMITTERS], takers[2];
    go_on = true;
    for (size_t i = 0; i < 2; i++) assert_int_equal(pthread_create(&takers[i], NULL, note_taker, latest[i]), 0);
    for (size_t i = 0; i < SUBMITTERS; i++) assert_int_equal(pthread_create(&submitters[i], NULL, submitter, (void *)(uintptr_t)i), 0);
    for (size_t i = 0; i < SUBMITTERS; i++) pthread_join(submitters[i], NULL);
    wait_answers(SUBMITTERS * EACH);
    go_on = false;
    for (size_t i = 0; i < 2; i++) pthread_join(takers[i], NULL);
    const struct snapshot *snapshot = newest();
    assert_int_equal(snapshot->header.licences, SUBMITTERS * EACH);
    for (size_t i = 0; i < SUBMITTERS * EACH; i++) assert_refused(&tickets[i].answer, CODE_OK);
    for (uint64_t n = 0; n < snapshot->n; n++) {
        struct stored_block block;
        assert_int_equal(store_block(snapshot->txn, n + 1, &block), ERR_OK);
        for (size_t i = 0; i < 2; i++) assert_true(latest[i][n].time_ms <= block.header.time_ms);
    }
    reader_rest(world.reader);
    for (size_t i = 0; i < 2; i++) free(latest[i]);
    free(stock);
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {
        T(recorded_once), T(refused_by_the_pool), T(one_block_for_all_that_wait), T(queue_is_bounded), T(clock_rule), T(notes_are_kept_a_second),
        T(notes_bind_after_a_restart), T(waiting_for_the_clock_ends_with_the_engine), T(one_lease_a_second), T(failed_lease_latches),
        T(room_comes_and_goes), T(failed_commit_latches), T(replaced_data_latch), T(stuck_reader_is_told), T(failed_mark_latches), T(next_blocks_are_made_while_one_is_finished),
        T(failed_sync_latches_what_is_ahead), T(no_room_behind_blocks), T(fault_behind_blocks), T(stopping_while_one_is_finished), T(stopping), T(foreign_keys_do_not_start), T(many_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
