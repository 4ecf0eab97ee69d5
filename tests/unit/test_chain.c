/* Chain: blocks over kv_mem end to end: issue, change, once only, proofs, receipts, replay, archive, fsck, faults of the store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "ledger/chain/fsck.h"
#include "ledger/chain/prove.h"
#include "ledger/chain/replay.h"
#include "ledger/kv/kv_mem.h"
#include "ledger/rules/proof_source.h"
#include "tests/lib/world.h"

static struct made made[8];

static struct statement_result one(struct world *w, struct made *statement) {
    struct statement_result result;
    struct made *list[1] = {statement};
    assert_int_equal(world_block(w, list, 1, &result), ERR_OK);
    return result;
}

static enum verdict_word ask(struct world *w, const uint8_t *licence, const uint8_t *document) {
    const struct snapshot *snapshot;
    assert_int_equal(reader_snapshot(w->reader, &snapshot), ERR_OK);
    struct object_source source = snapshot_source(snapshot);
    struct verdict_query query = {.licence_key = licence, .document_key = document};
    static struct verdict verdict;
    assert_int_equal(verdict_judge(&verdict, &query, &source, w->now_ms), ERR_OK);
    reader_rest(w->reader);
    return verdict.word;
}

static void issue_verify_revoke(void **state) {
    (void)state;
    struct world w;
    world_start(&w);
    uint8_t licence[32], document[32], other[32];
    world_licence_key(licence, &w, WORLD_TYPE_KEYED, 1);
    world_document_key(document, &w, 1);
    world_document_key(other, &w, 2);
    assert_int_equal(ask(&w, NULL, document), VERDICT_UNKNOWN);
    world_issue(&made[0], &w, WORLD_TYPE_KEYED, 1, 1);
    struct statement_result result = one(&w, &made[0]);
    assert_int_equal(result.refusal.code, CODE_OK);
    assert_int_equal(result.entry, 2);
    assert_int_equal(chain_head(&*w.chain)->n, 1);
    assert_int_equal(ask(&w, NULL, document), VERDICT_VALID);
    assert_int_equal(ask(&w, licence, NULL), VERDICT_VALID);
    assert_int_equal(ask(&w, licence, other), VERDICT_MISMATCH);
    world_change(&made[1], &w, OP_SUSPEND, licence, 1);
    assert_int_equal(one(&w, &made[1]).refusal.code, CODE_OK);
    assert_int_equal(ask(&w, licence, document), VERDICT_SUSPENDED);
    world_change(&made[1], &w, OP_RESUME, licence, 2);
    assert_int_equal(one(&w, &made[1]).refusal.code, CODE_OK);
    assert_int_equal(ask(&w, licence, document), VERDICT_VALID);
    world_change(&made[2], &w, OP_REVOKE, licence, 2);
    assert_int_equal(one(&w, &made[2]).refusal.code, CODE_COUNT_STALE);
    world_change(&made[2], &w, OP_REVOKE, licence, 3);
    assert_int_equal(one(&w, &made[2]).refusal.code, CODE_OK);
    assert_int_equal(ask(&w, licence, document), VERDICT_REVOKED);
    world_stop(&w);
}

/* D1: the same bytes again, in the same block and later, answer with the first entry; another signature over them is refused. */
static void once_only(void **state) {
    (void)state;
    struct world w;
    world_start(&w);
    world_issue(&made[0], &w, WORLD_TYPE_KEYED, 1, 3);
    struct made *list[3] = {&made[0], &made[0], &made[0]};
    struct statement_result results[3];
    assert_int_equal(world_block(&w, list, 3, results), ERR_OK);
    assert_int_equal(results[0].refusal.code, CODE_OK);
    assert_int_equal(results[1].refusal.code, CODE_ALREADY_ENTERED);
    assert_int_equal(results[2].refusal.entry, 2);
    assert_int_equal(chain_head(w.chain)->log_size, 3);
    assert_int_equal(one(&w, &made[0]).refusal.code, CODE_ALREADY_ENTERED);
    made[1] = made[0];
    made[1].bytes[made[1].len - 1] ^= 1; /* another signature */
    struct statement_result result = one(&w, &made[1]);
    assert_int_equal(result.refusal.code, CODE_RESIGNED);
    assert_int_equal(result.refusal.entry, 2);
    /* after a restart too */
    reader_free(w.reader);
    chain_close(w.chain);
    const char *where;
    assert_int_equal(chain_open(&w.chain, w.kv, 1, NULL, NULL, &where), ERR_OK);
    w.reader = reader_new(w.chain);
    assert_int_equal(one(&w, &made[0]).refusal.code, CODE_ALREADY_ENTERED);
    /* and once the window has passed the statement itself is too old */
    w.now_ms += 90000LL * 1000;
    world_issue(&made[2], &w, WORLD_TYPE_KEYED, 10, 1);
    assert_int_equal(one(&w, &made[2]).refusal.code, CODE_OK);
    assert_int_equal(one(&w, &made[0]).refusal.code, CODE_IAT_TOO_OLD);
    w.now_ms -= 1000;
    world_issue(&made[3], &w, WORLD_TYPE_KEYED, 11, 1);
    assert_int_equal(one(&w, &made[3]).refusal.code, CODE_TIME_BACKWARD);
    world_stop(&w);
}

static void fill(struct world *w, uint32_t blocks, uint32_t statements) {
    uint32_t serial = 100;
    for (uint32_t b = 0; b < blocks; b++) {
        struct made *list[8];
        for (uint32_t s = 0; s < statements; s++, serial += 5) {
            world_issue(&made[s], w, s & 1 ? WORLD_TYPE_PUBLIC : WORLD_TYPE_KEYED, serial, 5);
            list[s] = &made[s];
        }
        struct statement_result results[8];
        assert_int_equal(world_block(w, list, statements, results), ERR_OK);
        for (uint32_t s = 0; s < statements; s++) assert_int_equal(results[s].refusal.code, CODE_OK);
        w->now_ms += 1000;
    }
}

static void proof_round(struct world *w, const struct subject *subject, enum verdict_word expected) {
    static uint8_t bytes[PROOF_BYTES_MAX];
    static struct verdict verdict, again;
    static struct proof proof;
    static struct proof_source records;
    const struct snapshot *snapshot;
    assert_int_equal(reader_snapshot(w->reader, &snapshot), ERR_OK);
    uint8_t note[NOTE_MAX];
    struct bytes notes[1] = {bytes_of(note, world_note(note, w, w->now_ms))};
    struct proof_request request = {.subject = *subject, .notes = notes, .note_count = 1, .with_statement = true};
    size_t len;
    assert_int_equal(prove_verdict(bytes, sizeof bytes, &len, &verdict, snapshot, &request, w->now_ms), ERR_OK);
    assert_int_equal(verdict.word, expected);
    struct proof_trust trust = {.finality = &chain_params(w->chain)->finality};
    memcpy(trust.genesis, chain_genesis(w->chain)->hash, 32);
    struct proof_checked checked;
    assert_int_equal(proof_decode(&proof, bytes_of(bytes, len)).code, CODE_OK);
    struct refusal refusal = proof_check(&checked, &proof, &trust);
    assert_string_equal(code_name(refusal.code), "OK");
    struct object_source source = proof_source_over(&records, &proof, trust.genesis);
    struct verdict_query query;
    char type_code[TYPE_CODE_LEN + 1];
    assert_true(subject_query(&query, type_code, &proof.subject, &source));
    assert_int_equal(verdict_judge(&again, &query, &source, w->now_ms), ERR_OK);
    assert_int_equal(again.word, expected);
    reader_rest(w->reader);
}

static void proofs(void **state) {
    (void)state;
    struct world w;
    world_start(&w);
    struct subject subject = {.by = SUBJECT_LICENCE};
    world_licence_key(subject.key, &w, WORLD_TYPE_KEYED, 100);
    proof_round(&w, &subject, VERDICT_UNKNOWN); /* on a ledger without a block */
    fill(&w, 3, 3);
    proof_round(&w, &subject, VERDICT_VALID);
    struct subject document = {.by = SUBJECT_DOCUMENT};
    world_document_key(document.key, &w, 101);
    proof_round(&w, &document, VERDICT_VALID);
    world_document_key(document.key, &w, 99999);
    proof_round(&w, &document, VERDICT_UNKNOWN);
    world_change(&made[0], &w, OP_ANNUL, subject.key, 1);
    assert_int_equal(one(&w, &made[0]).refusal.code, CODE_OK);
    proof_round(&w, &subject, VERDICT_ANNULLED);
    world_stop(&w);
}

static void receipts(void **state) {
    (void)state;
    struct world w;
    world_start(&w);
    fill(&w, 60, 5); /* beyond one tile */
    static struct tile_reader tiles;
    uint8_t first[RECEIPT_MAX], again[RECEIPT_MAX];
    size_t first_len, again_len = 0;
    struct pubkey note_key;
    signer_pubkey(w.note, &note_key);
    struct verifier *verifier = verifier_new(&note_key);
    for (uint64_t entry = 0; entry < chain_head(w.chain)->log_size; entry++) {
        const struct snapshot *snapshot;
        assert_int_equal(reader_snapshot(w.reader, &snapshot), ERR_OK);
        enum err err = prove_receipt(first, &first_len, snapshot, &tiles, entry);
        if (entry < 2) {
            assert_int_equal(err, ERR_ABSENT);
            continue;
        }
        assert_int_equal(err, ERR_OK);
        struct receipt receipt;
        assert_int_equal(receipt_decode(&receipt, bytes_of(first, first_len)).code, CODE_OK);
        struct bytes statement;
        assert_int_equal(store_statement(snapshot->txn, entry, &statement), ERR_OK);
        uint8_t leaf[32], root[32];
        merkle_leaf(leaf, statement.data, statement.len);
        assert_true(merkle_inclusion_root(root, leaf, receipt.index, receipt.tree_size, (const uint8_t(*)[32])receipt.path, receipt.path_count));
        struct cose_tbs tbs;
        cose_tbs(&tbs, receipt.cose.protected_header, bytes_of(root, 32));
        assert_true(verifier_check(verifier, receipt.cose.signature, tbs.parts, COSE_TBS_PARTS));
        if (entry == 2) memcpy(again, first, again_len = first_len);
    }
    fill(&w, 0, 0);
    world_issue(&made[0], &w, WORLD_TYPE_KEYED, 5, 1);
    assert_int_equal(one(&w, &made[0]).refusal.code, CODE_OK);
    const struct snapshot *snapshot;
    assert_int_equal(reader_snapshot(w.reader, &snapshot), ERR_OK);
    assert_int_equal(prove_receipt(first, &first_len, snapshot, &tiles, 2), ERR_OK);
    assert_true(bytes_equal(bytes_of(first, first_len), bytes_of(again, again_len))); /* a receipt never changes */
    /* and leaves the tiles as it found them: a block's new entries are proved after the repeats in it */
    uint8_t path[MERKLE_PATH_MAX][32];
    size_t steps;
    assert_true(merkle_inclusion_make(path, &steps, snapshot->header.log_size - 1, snapshot->header.log_size, tile_fetch, &tiles));
    verifier_free(verifier);
    world_stop(&w);
}

static struct replay_result replay(struct replay_source *source, unsigned jobs) {
    struct replay_result result;
    struct replay_options options = {.jobs = jobs, .until = UINT64_MAX};
    assert_int_equal(replay_run(&result, source, &options), ERR_OK);
    return result;
}

static void replays(void **state) {
    (void)state;
    struct world w;
    world_start(&w);
    fill(&w, 20, 4);
    reader_rest(w.reader);
    uint8_t head[32];
    chain_head_hash(w.chain, head);
    for (unsigned jobs = 1; jobs <= 3; jobs++) {
        struct replay_source source;
        assert_int_equal(replay_from_kv(&source, w.kv), ERR_OK);
        struct replay_result result = replay(&source, jobs);
        assert_string_equal(result.reason, "");
        assert_true(result.ok);
        assert_int_equal(result.height, 20);
        assert_memory_equal(result.head, head, 32);
        replay_source_close(&source);
    }
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(export_archive(w.kv, file, NULL, NULL), ERR_OK);
    long size = ftell(file);
    rewind(file);
    struct replay_source source;
    assert_int_equal(replay_from_archive(&source, file), ERR_OK);
    struct replay_result result = replay(&source, 2);
    assert_string_equal(result.reason, "");
    assert_true(result.ok);
    assert_memory_equal(result.head, head, 32);
    replay_source_close(&source);
    /* a byte flipped anywhere is found */
    for (long at = 0; at < size; at += 1 + size / 97) {
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        int byte = fgetc(file);
        fseek(file, at, SEEK_SET);
        fputc(byte ^ 0x10, file);
        rewind(file);
        assert_int_equal(replay_from_archive(&source, file), ERR_OK);
        result = replay(&source, 2);
        if (result.ok) print_message("a flip at %ld of %ld was not found\n", at, size);
        assert_false(result.ok);
        assert_true(result.reason[0]);
        replay_source_close(&source);
        fseek(file, at, SEEK_SET);
        fputc(byte, file);
    }
    fclose(file);
    struct fsck_report report;
    assert_int_equal(fsck_run(&report, w.kv, NULL, NULL), ERR_OK);
    if (report.faults) print_message("%s\n", report.first);
    assert_int_equal(report.faults, 0);
    assert_int_equal(report.entries, chain_head(w.chain)->log_size);
    world_stop(&w);
}

/* A block takes so many items and no more; what does not fit is told so, changes nothing, and is taken by the next block. */
static void full_block(void **state) {
    (void)state;
    struct world w;
    world_start(&w);
    enum { STATEMENTS = 56, ITEMS = 300 };
    struct made *many = calloc(STATEMENTS, sizeof *many), *list[STATEMENTS];
    struct statement_result results[STATEMENTS];
    assert_non_null(many);
    for (uint32_t i = 0; i < STATEMENTS; i++) {
        world_issue(&many[i], &w, WORLD_TYPE_PUBLIC, 1 + i * ITEMS, ITEMS);
        list[i] = &many[i];
    }
    assert_int_equal(world_block(&w, list, STATEMENTS, results), ERR_OK);
    const uint32_t fit = BLOCK_ITEMS_MAX / ITEMS < BLOCK_BYTES_MAX / (uint32_t)many[0].len ? BLOCK_ITEMS_MAX / ITEMS : BLOCK_BYTES_MAX / (uint32_t)many[0].len;
    for (uint32_t i = 0; i < STATEMENTS; i++) assert_int_equal(results[i].refusal.code, i < fit ? CODE_OK : CODE_BLOCK_FULL);
    assert_int_equal(chain_head(w.chain)->licences, fit * ITEMS);
    assert_int_equal(one(&w, list[STATEMENTS - 1]).refusal.code, CODE_OK);
    free(many);
    world_stop(&w);
}

/* B9: bytes moved between two statements of a block, the concatenation kept: another log. B10: a path fits its own tree size only. */
static void cross_link(void **state) {
    (void)state;
    struct world w;
    world_start(&w);
    world_issue(&made[0], &w, WORLD_TYPE_KEYED, 1, 1);
    world_issue(&made[1], &w, WORLD_TYPE_KEYED, 2, 1);
    struct made *list[2] = {&made[0], &made[1]};
    assert_int_equal(world_block(&w, list, 2, NULL), ERR_OK);
    uint8_t whole[2 * sizeof made[0].bytes], root[32], leaf[32];
    memcpy(whole, made[0].bytes, made[0].len);
    memcpy(whole + made[0].len, made[1].bytes, made[1].len);
    for (size_t cut = 0; cut <= made[0].len + made[1].len; cut += 7) {
        struct merkle_frontier frontier = {0};
        const struct genesis *genesis = chain_genesis(w.chain);
        const struct bytes leaves[4] = {genesis->all, genesis->objects[0], bytes_of(whole, cut), bytes_of(whole + cut, made[0].len + made[1].len - cut)};
        for (size_t i = 0; i < 4; i++) {
            merkle_leaf(leaf, leaves[i].data, leaves[i].len);
            merkle_append(&frontier, leaf, NULL, NULL);
        }
        merkle_root(root, &frontier);
        if (cut != made[0].len) assert_memory_not_equal(root, chain_head(w.chain)->log_root, 32);
    }
    static struct tile_reader tiles;
    uint8_t bytes[RECEIPT_MAX];
    size_t len;
    const struct snapshot *snapshot;
    assert_int_equal(reader_snapshot(w.reader, &snapshot), ERR_OK);
    assert_int_equal(prove_receipt(bytes, &len, snapshot, &tiles, 3), ERR_OK);
    struct receipt receipt;
    assert_int_equal(receipt_decode(&receipt, bytes_of(bytes, len)).code, CODE_OK);
    const uint8_t(*path)[32] = (const uint8_t(*)[32])receipt.path;
    merkle_leaf(leaf, made[1].bytes, made[1].len);
    assert_true(merkle_inclusion_root(root, leaf, 3, 4, path, receipt.path_count));
    assert_memory_equal(root, chain_head(w.chain)->log_root, 32);
    /* the neighbours in size, and every index in its own; a farther tree may share a right edge, which is why proofs are held against a signed header */
    for (uint64_t size = 3; size <= 5; size++)
        for (uint64_t index = 0; index < 12; index++)
            if ((size != 4 || index != 3) && merkle_inclusion_root(root, leaf, index, size, path, receipt.path_count))
                assert_memory_not_equal(root, chain_head(w.chain)->log_root, 32);
    world_stop(&w);
}

/* D11, E5, E15: a commit that fails leaves no trace in memory, and the same statement is new afterwards. */
static void commit_fails(void **state) {
    (void)state;
    struct world w;
    world_start(&w);
    fill(&w, 2, 2);
    uint8_t before[32], after[32];
    chain_head_hash(w.chain, before);
    world_issue(&made[0], &w, WORLD_TYPE_KEYED, 1, 2);
    struct made *list[1] = {&made[0]};
    struct statement_result result;
    kv_mem_fail(w.kv, 1, ERR_NO_ROOM, false);
    assert_int_equal(world_block(&w, list, 1, &result), ERR_NO_ROOM);
    chain_head_hash(w.chain, after);
    assert_memory_equal(before, after, 32);
    uint8_t licence[32];
    world_licence_key(licence, &w, WORLD_TYPE_KEYED, 1);
    assert_int_equal(ask(&w, licence, NULL), VERDICT_UNKNOWN);
    assert_int_equal(one(&w, &made[0]).refusal.code, CODE_OK);
    assert_int_equal(ask(&w, licence, NULL), VERDICT_VALID);
    struct fsck_report report;
    reader_rest(w.reader);
    assert_int_equal(fsck_run(&report, w.kv, NULL, NULL), ERR_OK);
    assert_int_equal(report.faults, 0);

    /* Said to have failed, and in storage all the same: whoever reads is told, and does not wait for a block that nobody will publish. */
    world_issue(&made[0], &w, WORLD_TYPE_KEYED, 5, 1);
    kv_mem_fail(w.kv, 1, ERR_IO, true);
    assert_int_equal(world_block(&w, list, 1, &result), ERR_IO);
    const struct snapshot *snapshot;
    assert_int_equal(reader_snapshot(w.reader, &snapshot), ERR_LATCHED);
    world_stop(&w);
}

/* Executed and committed, not published. */
static enum err commit_only(struct world *w, const struct made *statement) {
    struct prepared *list[1];
    struct statement_result result;
    const struct block *block;
    const struct block_plan plan = {.term = chain_head(w->chain)->term, .time_ms = w->now_ms};
    assert_int_equal(prepared_new(&list[0], bytes_of(statement->bytes, statement->len)).code, CODE_OK);
    list[0]->signature_good = true;
    assert_int_equal(chain_execute(w->chain, &plan, list, 1, &result, &block), ERR_OK);
    assert_int_equal(result.refusal.code, CODE_OK);
    const enum err err = chain_commit(w->chain);
    prepared_free(list[0]);
    return err;
}

/* Blocks made on top of blocks that nobody has seen yet are the same blocks; after an abandoned one there is no further commit. */
static void published_later(void **state) {
    (void)state;
    struct world w;
    uint8_t at_once[32], later[32];
    world_start(&w);
    for (uint32_t i = 0; i < 4; i++) world_issue(&made[i], &w, WORLD_TYPE_KEYED, i, 1);
    uint8_t licence[4][32];
    for (uint32_t i = 0; i < 4; i++) world_licence_key(licence[i], &w, WORLD_TYPE_KEYED, i);
    const int64_t now_ms = w.now_ms;
    const struct genesis *genesis = chain_genesis(w.chain);
    struct kv *other = kv_mem_new(0);
    struct refusal refusal;
    const char *where;
    assert_int_equal(chain_create(other, genesis->all, &refusal), ERR_OK);
    struct chain *chain;
    assert_int_equal(chain_open(&chain, other, 1, NULL, NULL, &where), ERR_OK);
    struct world twin = {.chain = chain, .kv = other, .now_ms = now_ms};
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(commit_only(&twin, &made[i]), ERR_OK);
        chain_publish(chain);
    }
    chain_head_hash(chain, at_once);

    assert_int_equal(commit_only(&w, &made[0]), ERR_OK);
    assert_int_equal(commit_only(&w, &made[1]), ERR_OK);
    assert_int_equal(chain_head(w.chain)->n, 2);
    chain_publish(w.chain);
    assert_int_equal(commit_only(&w, &made[2]), ERR_OK);
    chain_head_hash(w.chain, later);
    assert_memory_equal(at_once, later, 32);
    chain_publish(w.chain);
    chain_publish(w.chain);
    for (uint32_t i = 0; i < 4; i++) assert_int_equal(ask(&w, licence[i], NULL), i < 3 ? VERDICT_VALID : VERDICT_UNKNOWN);

    world_issue(&made[4], &w, WORLD_TYPE_KEYED, 4, 1);
    assert_int_equal(commit_only(&w, &made[3]), ERR_OK);
    chain_abandon(w.chain);
    assert_int_equal(commit_only(&w, &made[4]), ERR_LATCHED);
    assert_int_equal(chain_head(w.chain)->n, 4);
    const struct snapshot *snapshot;
    assert_int_equal(reader_snapshot(w.reader, &snapshot), ERR_LATCHED);
    chain_close(chain);
    kv_close(other);
    world_stop(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(issue_verify_revoke), cmocka_unit_test(once_only), cmocka_unit_test(proofs),
        cmocka_unit_test(receipts), cmocka_unit_test(replays), cmocka_unit_test(full_block), cmocka_unit_test(cross_link), cmocka_unit_test(commit_fails),
        cmocka_unit_test(published_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
