/* Seals on a chain, end to end: registered, used, stopped, made again, over blocks; verdict and proof of each licence; replay and fsck; and what was
 * stamped before a stop and entered after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/hash.h"
#include "ledger/chain/fsck.h"
#include "ledger/chain/prove.h"
#include "ledger/chain/replay.h"
#include "ledger/chain/store.h"
#include "ledger/rules/proof_source.h"
#include "tests/lib/rows.h"
#include "tests/lib/world.h"

#include "ledger/kv/kv_mem.h"

#define SEAL "31011800000001"
static struct world w;
static struct made made[4];
static struct verdict verdict;
static uint8_t bytes[PROOF_BYTES_MAX];
static size_t proof_len;

static int setup(void **state) {
    (void)state;
    world_start(&w);
    return 0;
}
static int teardown(void **state) {
    (void)state;
    world_stop(&w);
    return 0;
}

static enum code enter(struct made *statement) {
    struct made *list[1] = {statement};
    struct statement_result result;
    assert_int_equal(world_block(&w, list, 1, &result), ERR_OK);
    w.now_ms += 1000;
    return result.refusal.code;
}
static enum code on_seal(enum op op, uint64_t count, uint8_t making, uint64_t since) {
    world_seal(&made[0], &w, op, SEAL, count, making, since);
    return enter(&made[0]);
}
static enum code issue(uint32_t first, uint32_t count, uint8_t making) {
    world_issue_sealed(&made[0], &w, WORLD_TYPE_KEYED, first, count, SEAL, world_making(making));
    return enter(&made[0]);
}
/* The entry that the last block took. */
static uint64_t last_entry(void) { return chain_head(w.chain)->log_size - 1; }

/* Proves a licence, checks the proof, and judges it offline with `shown`: the node and the proof must say the same. */
static enum verdict_word proved(uint32_t serial, const struct shown_seal *shown, uint32_t count) {
    static struct proof proof;
    static struct proof_source records;
    static struct verdict node;
    struct subject subject = {.by = SUBJECT_LICENCE};
    const struct snapshot *snapshot;
    uint8_t note[NOTE_MAX];
    world_licence_key(subject.key, &w, WORLD_TYPE_KEYED, serial);
    assert_int_equal(reader_snapshot(w.reader, &snapshot), ERR_OK);
    struct bytes notes[1] = {bytes_of(note, world_note(note, &w, w.now_ms))};
    const struct proof_request request = {.subject = subject, .notes = notes, .note_count = 1};
    assert_int_equal(prove_verdict(bytes, sizeof bytes, &proof_len, &node, snapshot, &request, w.now_ms), ERR_OK);
    struct proof_trust trust = {.finality = &chain_params(w.chain)->finality};
    memcpy(trust.genesis, chain_genesis(w.chain)->hash, 32);
    struct proof_checked checked;
    assert_int_equal(proof_decode(&proof, bytes_of(bytes, proof_len)).code, CODE_OK);
    assert_int_equal(proof_check(&checked, &proof, &trust).code, CODE_OK);
    const struct object_source offline = proof_source_over(&records, &proof, trust.genesis), online = snapshot_source(snapshot);
    struct verdict_query query = {.licence_key = subject.key, .seals = shown, .seal_count = count};
    assert_int_equal(verdict_judge(&node, &query, &online, w.now_ms), ERR_OK);
    assert_int_equal(verdict_judge(&verdict, &query, &offline, w.now_ms), ERR_OK);
    assert_int_equal(verdict.word, node.word);
    assert_int_equal(verdict.by_seal, node.by_seal);
    assert_int_equal(verdict.has_seal, node.has_seal);
    if (verdict.has_seal) assert_memory_equal(&verdict.seal, &node.seal, sizeof verdict.seal);

    /* Any record left out: the verdict is incomplete, never better. */
    for (uint32_t i = 0; i < proof.object_count; i++) {
        static struct verdict less;
        const struct proof_object kept = proof.objects[i];
        proof.objects[i] = proof.objects[proof.object_count - 1];
        proof.object_count--;
        const struct object_source cut = proof_source_over(&records, &proof, trust.genesis);
        assert_int_equal(verdict_judge(&less, &query, &cut, w.now_ms), ERR_OK);
        if (kept.kind != OBJECT_DOCUMENT && verdict.word != VERDICT_MISMATCH) assert_int_equal(less.word, VERDICT_INCOMPLETE);
        proof.objects[proof.object_count++] = proof.objects[i];
        proof.objects[i] = kept;
    }
    reader_rest(w.reader);
    return verdict.word;
}

/* D10 "seal after seal-revoke": stamped yesterday, submitted today after the stop: refused; backdated since: reads suspended. */
static void seal_after_seal_revoke(void **state) {
    (void)state;
    assert_int_equal(on_seal(OP_SEAL_REGISTER, 0, 10, LOG_ENTRY_NONE), CODE_OK);
    assert_int_equal(issue(1, 1, 10), CODE_OK);
    const uint64_t leaked = last_entry() + 1; /* the next thing entered is the thief's */
    assert_int_equal(issue(2, 1, 10), CODE_OK);

    /* Stamped now, and kept: the statement names a time before the stop and is entered after it. */
    world_issue_sealed(&made[1], &w, WORLD_TYPE_KEYED, 3, 1, SEAL, world_making(10));
    w.now_ms += 3600 * 1000;
    assert_int_equal(on_seal(OP_SEAL_STOP, 1, 0, LOG_ENTRY_NONE), CODE_OK);
    assert_int_equal(enter(&made[1]), CODE_SEAL_STOPPED);
    assert_int_equal(proved(3, NULL, 0), VERDICT_UNKNOWN);
    assert_int_equal(proved(1, NULL, 0), VERDICT_VALID); /* a stop alone takes nothing back */
    assert_int_equal(proved(2, NULL, 0), VERDICT_VALID);
    assert_int_equal(verdict.seal.state, SEAL_STOPPED);

    /* Later it is found out since when: what was entered from there on is suspended at once, what came before is not. */
    assert_int_equal(on_seal(OP_SEAL_CANCEL, 2, 0, leaked), CODE_OK);
    assert_int_equal(proved(1, NULL, 0), VERDICT_VALID);
    assert_int_equal(proved(2, NULL, 0), VERDICT_SUSPENDED);
    assert_true(verdict.by_seal);
    assert_int_equal(verdict.seal.steps[SEAL_STEP_STATE].why, SEAL_WHY_SUSPECT);
}

/* A life: stopped and resumed, made again, transferred; documents of each making stay with it. */
static void a_life(void **state) {
    (void)state;
    const struct shown_seal old = {bytes_text(SEAL), world_making(10), world_making(11)}, new = {bytes_text(SEAL), world_making(20), world_making(21)};
    assert_int_equal(issue(1, 1, 10), CODE_SEAL_UNKNOWN);
    assert_int_equal(on_seal(OP_SEAL_REGISTER, 0, 10, LOG_ENTRY_NONE), CODE_OK);
    assert_int_equal(on_seal(OP_SEAL_REGISTER, 0, 10, LOG_ENTRY_NONE), CODE_SEAL_EXISTS);
    assert_int_equal(issue(1, 400 / 8, 10), CODE_OK);
    const uint64_t sealed = last_entry();
    assert_int_equal(on_seal(OP_SEAL_STOP, 1, 0, sealed), CODE_OK);
    assert_int_equal(proved(7, NULL, 0), VERDICT_SUSPENDED);
    assert_int_equal(on_seal(OP_SEAL_RESUME, 2, 0, LOG_ENTRY_NONE), CODE_OK);
    assert_int_equal(proved(7, NULL, 0), VERDICT_VALID);
    assert_int_equal(on_seal(OP_SEAL_REMAKE, 3, 20, LOG_ENTRY_NONE), CODE_OK);
    assert_int_equal(issue(100, 1, 10), CODE_SEAL_DIGEST);
    assert_int_equal(issue(100, 2, 20), CODE_OK);
    assert_int_equal(proved(7, &old, 1), VERDICT_VALID);
    assert_int_equal(verdict.seal.result, SEAL_PASSED);
    assert_int_equal(proved(7, &new, 1), VERDICT_MISMATCH);
    assert_int_equal(proved(100, &new, 1), VERDICT_VALID);
    assert_int_equal(verdict.seal.result, SEAL_PASSED);
    assert_int_equal(proved(100, &old, 1), VERDICT_MISMATCH);
    assert_int_equal(proved(100, NULL, 0), VERDICT_VALID);
    assert_int_equal(verdict.seal.result, SEAL_NOT_CHECKED);
}

/* --- the whole ledger again --- */

static void make_ledger(void) {
    assert_int_equal(on_seal(OP_SEAL_REGISTER, 0, 10, LOG_ENTRY_NONE), CODE_OK);
    uint32_t serial = 1;
    for (int block = 0; block < 6; block++) { /* several statements of a block use the same seal, and one of them none */
        struct made *list[3] = {&made[0], &made[1], &made[2]};
        struct statement_result results[3];
        const uint8_t making = (uint8_t)(block < 3 ? 10 : 20);
        if (block == 3) assert_int_equal(on_seal(OP_SEAL_REMAKE, 1, 20, 3), CODE_OK);
        for (int i = 0; i < 3; i++, serial += 7) {
            if (i == 1) world_issue(list[i], &w, WORLD_TYPE_PUBLIC, serial, 7);
            else world_issue_sealed(list[i], &w, WORLD_TYPE_KEYED, serial, 7, SEAL, world_making(making));
        }
        assert_int_equal(world_block(&w, list, 3, results), ERR_OK);
        for (int i = 0; i < 3; i++) assert_int_equal(results[i].refusal.code, CODE_OK);
        w.now_ms += 1000;
    }
    assert_int_equal(on_seal(OP_SEAL_STOP, 2, 0, 0), CODE_OK);
    assert_int_equal(issue(900, 1, 20), CODE_SEAL_STOPPED);
    reader_rest(w.reader);
}

static void replays(void **state) {
    (void)state;
    make_ledger();
    uint8_t head[32];
    chain_head_hash(w.chain, head);
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(export_archive(w.kv, file, NULL, NULL), ERR_OK);
    for (unsigned jobs = 1; jobs <= 2; jobs++) {
        struct replay_source source;
        struct replay_result result;
        const struct replay_options options = {.jobs = jobs, .until = UINT64_MAX};
        rewind(file);
        assert_int_equal(jobs == 1 ? replay_from_kv(&source, w.kv) : replay_from_archive(&source, file), ERR_OK);
        assert_int_equal(replay_run(&result, &source, &options), ERR_OK);
        assert_string_equal(result.reason, "");
        assert_true(result.ok);
        assert_memory_equal(result.head, head, 32);
        replay_source_close(&source);
    }
    fclose(file);
}

/* The stored seal, changed by `bend`, written over the right one: what fsck says then. */
static struct fsck_report fsck_with(void (*bend)(struct seal *seal)) {
    struct fsck_report report;
    struct kv_txn *txn;
    struct bytes value = {NULL, 0};
    static uint8_t right[OBJECT_VALUE_MAX], wrong[OBJECT_VALUE_MAX];
    uint64_t no = 0;
    enum object_kind kind;
    assert_int_equal(kv_begin(w.kv, true, &txn), ERR_OK);
    do assert_int_equal(slots_get(txn, no++, &value), ERR_OK);
    while (!object_kind_of(&kind, value) || kind != OBJECT_SEAL);
    no--;
    const size_t right_len = value.len;
    memcpy(right, value.data, right_len);
    struct seal seal;
    assert_int_equal(seal_decode(&seal, bytes_of(right, right_len)).code, CODE_OK);
    bend(&seal);
    struct wire_out out = wire_write(wrong, sizeof wrong);
    assert_true(seal_encode(&out, &seal));
    slot_overwrite(txn, no, bytes_of(wrong, out.len));
    assert_int_equal(kv_commit(txn), ERR_OK);
    assert_int_equal(fsck_run(&report, w.kv, NULL, NULL), ERR_OK);
    assert_int_equal(kv_begin(w.kv, true, &txn), ERR_OK);
    slot_overwrite(txn, no, bytes_of(right, right_len));
    assert_int_equal(kv_commit(txn), ERR_OK);
    return report;
}
static void bend_nothing(struct seal *seal) { (void)seal; }
static void bend_count(struct seal *seal) { seal->licence_count--; }
static void bend_last(struct seal *seal) { seal->last_licence--; }
static void bend_none(struct seal *seal) { seal->licence_count = 0, seal->last_licence = NO_NONE; }
static void bend_making(struct seal *seal) { seal->making_count = 1; }
static void bend_history(struct seal *seal) { seal->history_count--; }
static void bend_head(struct seal *seal) { seal->history_head[7] ^= 1; }

static void fsck_finds(void **state) {
    (void)state;
    make_ledger();
    static const struct { void (*bend)(struct seal *seal); const char *first; } rows[] = {
        {bend_nothing, NULL},
        {bend_count, "the licences of seal"},
        {bend_last, "the licences of seal"},
        {bend_none, "licences name a seal, and seals count 0"},
        {bend_making, "the licences of seal"},
        {bend_history, "the history of seal"},
        {bend_head, "the history of seal"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct fsck_report report = fsck_with(rows[i].bend);
        if (rows[i].first == NULL) assert_int_equal(report.faults, 0);
        else if (report.faults == 0 || strstr(report.first, rows[i].first) == NULL) fail_msg("row %zu: %s", i, report.first);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {TEST(seal_after_seal_revoke), TEST(a_life), TEST(replays), TEST(fsck_finds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
