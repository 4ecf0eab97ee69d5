/* Params: policy and finality that statements change. No operation does yet: here one statement in a known block is made to change them besides what it
 * asks, by the linker's --wrap of apply_statement, live and in replay alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "ledger/chain/block_check.h"
#include "ledger/chain/fsck.h"
#include "ledger/chain/prove.h"
#include "ledger/chain/replay.h"
#include "tests/lib/world.h"

#define WIDER 10u /* times the genesis' window */
static struct world w;
static struct signer *second; /* seals after the change of finality */
static uint64_t policy_at, finality_at; /* heights; 0: never */

enum err __real_apply_statement(struct state *state, const struct apply_context *context, const struct statement *statement, const struct record *record,
                                struct refusal *refusal);
enum err __wrap_apply_statement(struct state *state, const struct apply_context *context, const struct statement *statement, const struct record *record,
                                struct refusal *refusal);

static uint8_t value[OBJECT_VALUE_MAX];
static struct bytes wider_policy(void) {
    struct policy policy;
    struct wire_out out = wire_write(value, sizeof value);
    genesis_policy(&policy, chain_genesis(w.chain));
    policy.iat_back_s *= WIDER;
    assert_true(policy_encode(&out, &policy));
    return bytes_of(value, out.len);
}
static struct bytes other_finality(void) {
    struct finality finality;
    struct wire_out out = wire_write(value, sizeof value);
    genesis_finality(&finality, chain_genesis(w.chain));
    signer_pubkey(second, &finality.nodes[0].seal);
    assert_true(finality_encode(&out, &finality));
    return bytes_of(value, out.len);
}

enum err __wrap_apply_statement(struct state *state, const struct apply_context *context, const struct statement *statement, const struct record *record,
                                struct refusal *refusal) {
    enum err err = __real_apply_statement(state, context, statement, record, refusal);
    if (err != ERR_OK || refusal->code != CODE_OK) return err;
    if (context->height == policy_at) err = state_put(state, POLICY_NO, wider_policy());
    if (err == ERR_OK && context->height == finality_at) err = state_put(state, FINALITY_NO, other_finality());
    return err;
}

static struct made fresh[2];
static struct made *list[2] = {&fresh[0], &fresh[1]};
static struct statement_result results[2];

/* One block of these; the code of the last one. */
static enum code block_of(size_t count) {
    assert_int_equal(world_block(&w, list, count, results), ERR_OK);
    return results[count - 1].refusal.code;
}
static enum code issue(uint32_t serial) {
    world_issue(&fresh[0], &w, WORLD_TYPE_KEYED, serial, 1);
    return block_of(1);
}
/* A statement of an age. */
static void issue_aged(struct made *out, uint32_t serial, int64_t age_ms) {
    const int64_t now_ms = w.now_ms;
    w.now_ms -= age_ms;
    world_issue(out, &w, WORLD_TYPE_KEYED, serial, 1);
    w.now_ms = now_ms;
}

static void reopen(void) {
    const char *where = NULL;
    reader_free(w.reader);
    chain_close(w.chain);
    assert_int_equal(chain_open(&w.chain, w.kv, 2, NULL, NULL, &where), ERR_OK);
    w.reader = reader_new(w.chain);
}

static struct replay_result replayed(void) {
    struct replay_source source;
    struct replay_result result;
    const struct replay_options options = {.jobs = 2, .until = UINT64_MAX};
    assert_int_equal(replay_from_kv(&source, w.kv), ERR_OK);
    assert_int_equal(replay_run(&result, &source, &options), ERR_OK);
    replay_source_close(&source);
    return result;
}

static uint32_t back_s(void) { return chain_params(w.chain)->policy.iat_back_s; }

/* A window that gets wider lets nothing in that was let in, and forgotten, before. */
static void test_window(void **state) {
    (void)state;
    static struct made early;
    world_start(&w);
    policy_at = 3;
    finality_at = 0;
    const uint32_t back = back_s();
    const int64_t window_ms = w.now_ms - params_seen_from_ms(chain_params(w.chain), w.now_ms);
    assert_int_equal(issue(1), CODE_OK);
    early = fresh[0];
    w.now_ms += window_ms + 2000;
    assert_int_equal(issue(2), CODE_OK); /* block 2: what block 1 took is out of the window and forgotten */
    fresh[0] = early;
    assert_int_equal(block_of(1), CODE_IAT_TOO_OLD);
    issue_aged(&fresh[1], 3, (int64_t)back * 1000 + 1000);
    world_issue(&fresh[0], &w, WORLD_TYPE_KEYED, 4, 1);
    assert_int_equal(block_of(2), CODE_IAT_TOO_OLD); /* block 3 changes the policy; it governs the blocks after, not the rest of this one */
    assert_int_equal(results[0].refusal.code, CODE_OK);
    assert_int_equal(back_s(), WIDER * back);
    for (int open = 0; open < 2; open++) { /* and after a restart */
        fresh[0] = early;
        assert_int_equal(block_of(1), CODE_IAT_TOO_OLD);
        assert_int_equal(results[0].refusal.limit, back); /* counted from where the window began when it was widened */
        reopen();
        assert_int_equal(back_s(), WIDER * back);
        assert_int_equal(chain_params(w.chain)->from, 4);
        assert_int_equal(params_at(chain_params(w.chain), 3)->policy.iat_back_s, back);
    }
    w.now_ms += 10000;
    issue_aged(&fresh[0], 5, (int64_t)back * 1000 + 5000); /* too old by the first policy, not for the second */
    assert_int_equal(block_of(1), CODE_OK);
    early = fresh[0];
    w.now_ms += window_ms; /* still in the second window: remembered, here and after a restart */
    assert_int_equal(issue(6), CODE_OK);
    for (int open = 0; open < 2; open++) {
        fresh[0] = early;
        assert_int_equal(block_of(1), CODE_ALREADY_ENTERED);
        reopen();
    }
    const struct replay_result result = replayed();
    assert_string_equal(result.reason, "");
    assert_int_equal(result.height, 5);
    world_stop(&w);
}

/* A block is final by what stood before it, the ones after by what it says; replay, fsck and every look at an old block ask for theirs. */
static void test_finality(void **state) {
    (void)state;
    struct fsck_report report;
    world_start(&w);
    policy_at = 0;
    finality_at = 2;
    second = w.role[0]; /* an ES256K key that sealed nothing so far */
    assert_int_equal(issue(1), CODE_OK);
    assert_int_equal(issue(2), CODE_OK);
    struct signer *const first = w.seal;
    w.seal = second;
    assert_int_equal(issue(3), CODE_OK);
    reopen();
    assert_int_equal(issue(4), CODE_OK);
    const struct snapshot *snapshot;
    assert_int_equal(reader_snapshot(w.reader, &snapshot), ERR_OK);
    for (uint64_t n = 0; n <= 4; n++) {
        struct stored_block block;
        uint64_t entry;
        assert_int_equal(snapshot_block(snapshot, n, &block, &entry), ERR_OK);
    }
    reader_rest(w.reader);
    assert_int_equal(fsck_run(&report, w.kv, NULL, NULL), ERR_OK);
    assert_string_equal(report.first, "");
    struct replay_result result = replayed();
    assert_string_equal(result.reason, "");
    assert_int_equal(result.height, 4);
    w.seal = first; /* which is no node's any more */
    assert_int_equal(issue(5), CODE_OK);
    result = replayed();
    assert_string_equal(result.reason, "the seal of block 5 does not verify");
    assert_int_equal(fsck_run(&report, w.kv, NULL, NULL), ERR_OK);
    assert_string_equal(report.first, "the seal of block 5 does not verify");
    assert_int_equal(reader_snapshot(w.reader, &snapshot), ERR_OK);
    struct stored_block block;
    uint64_t entry;
    assert_int_equal(snapshot_block(snapshot, 5, &block, &entry), ERR_CORRUPT);
    world_stop(&w);
}

static void put_meta(uint64_t key, struct bytes row) {
    struct kv_txn *txn;
    assert_int_equal(kv_begin(w.kv, true, &txn), ERR_OK);
    assert_int_equal(kv_put(txn, KV_META, key, row), ERR_OK);
    assert_int_equal(kv_commit(txn), ERR_OK);
}

/* The rows lie beside the state and are held against it. */
static void test_rows(void **state) {
    (void)state;
    static uint8_t row[2 * OBJECT_VALUE_MAX];
    struct kv_txn *txn;
    struct bytes stored;
    const char *where;
    world_start(&w);
    policy_at = 2;
    finality_at = 0;
    assert_int_equal(issue(1), CODE_OK);
    assert_int_equal(issue(2), CODE_OK);
    reader_rest(w.reader);
    assert_int_equal(kv_begin(w.kv, false, &txn), ERR_OK);
    assert_int_equal(kv_get(txn, KV_META, META_PARAMS + 1, &stored), ERR_OK);
    const size_t len = stored.len;
    memcpy(row, stored.data, len);
    kv_abort(txn);
    reader_free(w.reader);
    chain_close(w.chain);
    for (size_t i = 0; i < len; i++) {
        row[i] ^= 1;
        put_meta(META_PARAMS + 1, bytes_of(row, len));
        struct fsck_report report;
        const enum err err = chain_open(&w.chain, w.kv, 1, NULL, NULL, &where);
        assert_int_equal(fsck_run(&report, w.kv, NULL, NULL), ERR_OK);
        assert_int_equal(report.faults > 0, err != ERR_OK);
        /* from: any block up to the newest would do for the state; the row says 3, and 2 is what the flip makes of it */
        if (err == ERR_OK) {
            assert_int_equal(i, 1);
            chain_close(w.chain);
        } else {
            assert_int_equal(err, ERR_CORRUPT);
            assert_string_equal(where, "policy and finality");
        }
        row[i] ^= 1;
    }
    put_meta(META_PARAMS + 1, bytes_of(row, len - 1));
    assert_int_equal(chain_open(&w.chain, w.kv, 1, NULL, NULL, &where), ERR_CORRUPT);
    put_meta(META_PARAMS + 1, bytes_of(row, len));
    assert_int_equal(chain_open(&w.chain, w.kv, 1, NULL, NULL, &where), ERR_OK);
    w.reader = reader_new(w.chain);
    world_stop(&w);
}

/* A seal that comes after its block, as in a cluster; and a block whose statements change nothing of it. */
static void test_seal_after(void **state) {
    (void)state;
    world_start(&w);
    policy_at = finality_at = 0;
    struct prepared *prepared[1];
    const struct block *block;
    const struct block_plan plan = {.term = 1, .time_ms = w.now_ms};
    world_issue(&fresh[0], &w, WORLD_TYPE_KEYED, 1, 1);
    assert_int_equal(prepared_new(&prepared[0], bytes_of(fresh[0].bytes, fresh[0].len)).code, CODE_OK);
    prepared[0]->signature_good = true;
    reader_rest(w.reader);
    assert_int_equal(chain_execute(w.chain, &plan, prepared, 1, results, &block), ERR_OK);
    uint8_t seal[SEAL_MAX], kid[32] = {7}, signature[64] = {9};
    const size_t len = world_header_seal(seal, &w, bytes_of(block->bytes, block->len), false);
    assert_int_equal(chain_seal(w.chain, 2, bytes_of(seal, len), NULL), ERR_ABSENT);
    assert_int_equal(chain_commit(w.chain), ERR_OK);
    chain_publish(w.chain);
    prepared_free(prepared[0]);
    const struct snapshot *snapshot;
    struct stored_block stored;
    uint64_t entry;
    assert_int_equal(reader_snapshot(w.reader, &snapshot), ERR_OK);
    assert_int_equal(snapshot_block(snapshot, 1, &stored, &entry), ERR_CORRUPT); /* nobody sealed it yet */
    reader_rest(w.reader);
    world_issue(&fresh[1], &w, WORLD_TYPE_KEYED, 2, 1); /* the seal comes while the next block is open */
    assert_int_equal(prepared_new(&prepared[0], bytes_of(fresh[1].bytes, fresh[1].len)).code, CODE_OK);
    prepared[0]->signature_good = true;
    assert_int_equal(chain_execute(w.chain, &plan, prepared, 1, results, &block), ERR_OK);
    assert_int_equal(chain_seal(w.chain, 1, bytes_of(seal, len), NULL), ERR_OK);
    chain_drop(w.chain);
    prepared_free(prepared[0]);
    assert_int_equal(chain_seal(w.chain, 1, (struct bytes){NULL, 0}, &(struct block_receipt){signature, kid}), ERR_OK);
    assert_int_equal(chain_seal(w.chain, 2, bytes_of(seal, len), NULL), ERR_ABSENT);
    assert_int_equal(reader_snapshot(w.reader, &snapshot), ERR_OK);
    assert_int_equal(snapshot_block(snapshot, 1, &stored, &entry), ERR_OK);
    assert_true(bytes_equal(stored.seal, bytes_of(seal, len)));
    assert_memory_equal(stored.receipt_signature, signature, 64);
    assert_memory_equal(stored.receipt_kid, kid, 32);
    world_stop(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_window), cmocka_unit_test(test_finality), cmocka_unit_test(test_rows), cmocka_unit_test(test_seal_after)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
