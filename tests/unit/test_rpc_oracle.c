/* No oracle: what a query by fields costs tells nothing about the guess in it. The work is counted, and its time compared over many rounds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <time.h>

#include "tests/lib/served.h" /* jansson first: json_out.h renames what both have */

#include "rpc/judge.h"
#include "rpc/mismatches.h"

#define PARTS 8u /* components, each with its keys and its issuer to look at: what makes a judgement long */
static struct served served;
static uint8_t composite_key[32];
static struct judge judge;

static struct bytes tag_of(uint8_t out[TAG_LEN], void (*make)(uint8_t *, const struct lookup *, struct bytes), const char *text) {
    const struct lookup lookup = world_lookup(&served.world, WORLD_TYPE_KEYED);
    make(out, &lookup, bytes_text(text));
    return bytes_of(out, TAG_LEN);
}

/* A licence of PARTS others, of number C, holder H named N. */
static void issue_composite(void) {
    static uint8_t payload[8192], part[PARTS][32];
    static struct made made;
    struct made *const list[] = {&made};
    uint8_t number[TAG_LEN], holder[TAG_LEN], name[TAG_LEN], root[32], seed[SALT_SEED_LEN] = {2};
    char sub[65];
    const struct lookup lookup = world_lookup(&served.world, WORLD_TYPE_KEYED);
    tag_licence(composite_key, &lookup, bytes_text("COMPOSITE"));
    tag_name(name, &lookup, composite_key, bytes_text("N"));
    const struct field field = {bytes_text(ELEMENT_IDENTIFIER), bytes_text("COMPOSITE")};
    assert_true(fields_root(root, seed, &field, 1));
    struct issue_item item = {.licence_key = composite_key, .version = 1, .number_tag = tag_of(number, tag_number, "C").data, .holder_kind = 1,
                              .holder_tag = tag_of(holder, tag_holder, "H").data, .name_tag = name, .valid_from = 20000, .valid_to = DAY_NONE,
                              .fields_root = root, .component_count = PARTS};
    for (uint32_t i = 0; i < PARTS; i++) {
        world_licence_key(part[i], &served.world, WORLD_TYPE_KEYED, i);
        item.components[i] = part[i];
    }
    struct record record = {.op = OP_ISSUE, .type_code = bytes_text(WORLD_TYPE_KEYED), .element_count = 1, .item_count = 1, .issue = &item};
    record.elements[0] = bytes_text(ELEMENT_IDENTIFIER);
    struct wire_out out = wire_write(payload, sizeof payload);
    assert_true(record_encode(&out, &record));
    hex_encode(sub, composite_key, 32);
    world_sign(&made, &served.world, served.world.role[1], bytes_of(payload, out.len), sub);
    served.world.now_ms += 1000;
    assert_int_equal(world_block(&served.world, list, 1, NULL), ERR_OK);
}

static int start(void **state) {
    (void)state;
    served_fill(&served, 20);
    issue_composite();
    served_start(&served);
    return 0;
}
static int stop(void **state) {
    (void)state;
    reader_rest(served.world.reader);
    served_stop(&served);
    return 0;
}

/* ---- what is read, in order ---- */

struct reads {
    struct object_source inner;
    uint32_t count;
    uint64_t digest; /* of the kinds, in their order */
};
static struct reads reads;

static void note(enum object_kind kind, bool by_no, enum found found) {
    reads.count++;
    reads.digest = reads.digest * 1000003u + (uint64_t)kind * 8 + (by_no ? 4 : 0) + (uint64_t)found;
}
static enum found by_id(void *context, enum object_kind kind, struct bytes id, struct bytes *value) {
    (void)context;
    const enum found found = reads.inner.by_id(reads.inner.context, kind, id, value);
    note(kind, false, found);
    return found;
}
static enum found by_no(void *context, enum object_kind kind, uint32_t no, struct bytes *value) {
    (void)context;
    const enum found found = reads.inner.by_no(reads.inner.context, kind, no, value);
    note(kind, true, found);
    return found;
}

enum by { BY_NUMBER, BY_KEY };
static struct query asked(enum by by, const char *number, const char *holder, const char *name) {
    struct query query = {.has_fields = true, .type = bytes_text(WORLD_TYPE_KEYED), .number = bytes_text(number), .holder_code = bytes_text(holder),
                          .holder_name = bytes_text(name), .has_key = by == BY_KEY};
    memcpy(query.key, composite_key, 32);
    return query;
}

/* Whoever asks anew has made no wrong guess yet. */
static uint32_t asker;
static void next_asker(void) { asker++; }

/* One call with one query, as verify.c makes it; its time in ns. */
static int64_t ask(const struct query *query, bool traced, enum verdict_word word) {
    const struct snapshot *snapshot;
    struct timespec from, to;
    assert_int_equal(reader_snapshot(served.world.reader, &snapshot), ERR_OK);
    judge_begin(&judge, served.rpc, snapshot);
    be32_put(judge.asker, asker);
    reads = (struct reads){.inner = judge.source};
    if (traced) judge.source = (struct object_source){&reads, judge.source.genesis, by_id, by_no};
    clock_gettime(CLOCK_MONOTONIC, &from);
    assert_int_equal(judge_query(&judge, query), ERR_OK);
    clock_gettime(CLOCK_MONOTONIC, &to);
    if (judge.verdict.word != word) fail_msg("%s, not %s", verdict_word_text(judge.verdict.word), verdict_word_text(word));
    return (to.tv_sec - from.tv_sec) * 1000000000LL + to.tv_nsec - from.tv_nsec;
}

static void block(enum by by) {
    const struct query wrong = asked(by, "C", "X", "N");
    next_asker();
    for (uint32_t i = 0; i < MISMATCHES_MAX; i++) (void)ask(&wrong, false, VERDICT_MISMATCH);
}

static void expect_same_work(const struct query *one, enum verdict_word one_word, const struct query *other, enum verdict_word other_word, uint32_t least) {
    (void)ask(one, true, one_word);
    const struct reads first = reads;
    (void)ask(other, true, other_word);
    assert_int_equal(first.count, reads.count);
    assert_true(first.digest == reads.digest);
    assert_true(first.count >= least); /* and something was counted */
}

static void work_is_the_same(void **state) {
    (void)state;
    for (enum by by = BY_NUMBER; by <= BY_KEY; by++) {
        const struct query right = asked(by, "C", "H", "N"), holder = asked(by, "C", "X", "N"), name = asked(by, "C", "H", "Y"), none = asked(by, "C", "X", "Y");
        next_asker();
        expect_same_work(&holder, VERDICT_MISMATCH, &name, VERDICT_MISMATCH, PARTS);
        expect_same_work(&holder, VERDICT_MISMATCH, &none, VERDICT_MISMATCH, PARTS);
        if (by == BY_NUMBER) expect_same_work(&right, VERDICT_VALID, &right, VERDICT_VALID, PARTS);
        block(by);
        expect_same_work(&right, VERDICT_INCOMPLETE, &holder, VERDICT_INCOMPLETE, 1);
        expect_same_work(&right, VERDICT_INCOMPLETE, &name, VERDICT_INCOMPLETE, 1);
        assert_true(reads.count < PARTS); /* nothing was judged */
    }
    /* of the number of a licence whose key is known: another's, and none that there is */
    const struct query right = asked(BY_KEY, "C", "X", "N"), other = asked(BY_KEY, "NO00000007", "X", "N"), nowhere = asked(BY_KEY, "NO", "X", "N");
    next_asker();
    expect_same_work(&right, VERDICT_MISMATCH, &other, VERDICT_MISMATCH, PARTS);
    (void)ask(&right, true, VERDICT_MISMATCH);
    const uint32_t reads_of_right = reads.count;
    (void)ask(&nowhere, true, VERDICT_MISMATCH);
    assert_int_equal(reads.count, reads_of_right);
    block(BY_KEY);
    expect_same_work(&right, VERDICT_INCOMPLETE, &nowhere, VERDICT_INCOMPLETE, 1);
}

/* A right guess costs what a wrong one does, but for the count of the wrong one, which looks once more whether there is such a licence. */
static void right_is_no_longer(void **state) {
    (void)state;
    for (enum by by = BY_NUMBER; by <= BY_KEY; by++) {
        const struct query right = asked(by, "C", "H", "N"), wrong = asked(by, "C", "X", "N");
        next_asker();
        (void)ask(&right, true, VERDICT_VALID);
        const uint32_t of_right = reads.count;
        (void)ask(&wrong, true, VERDICT_MISMATCH);
        assert_int_equal(reads.count, of_right + 1);
    }
}

/* ---- time ---- */

#define ROUNDS 400u
/* How often, of all pairs, one of `a` took longer than one of `b`: 1/2 where nothing tells them apart. In 1/1000. */
static unsigned longer(const int64_t *a, const int64_t *b) {
    uint64_t twice = 0;
    for (uint32_t i = 0; i < ROUNDS; i++)
        for (uint32_t k = 0; k < ROUNDS; k++) twice += a[i] > b[k] ? 2 : a[i] == b[k];
    return (unsigned)(twice * 500 / ((uint64_t)ROUNDS * ROUNDS));
}

/* One of each kind in every round, the first of them in turns: whatever slows the machine down hits both. */
static unsigned rank(const struct query *one, enum verdict_word one_word, const struct query *other, enum verdict_word other_word, void (*between)(void)) {
    static int64_t a[ROUNDS], b[ROUNDS];
    for (uint32_t i = 0; i < ROUNDS; i++) {
        if (i % 2 == 0) a[i] = ask(one, false, one_word);
        b[i] = ask(other, false, other_word);
        if (i % 2 == 1) a[i] = ask(one, false, one_word);
        if (between != NULL) between();
    }
    return longer(a, b);
}

/* By chance the rank of 400 rounds is off by 0.02; a quarter is a difference that is there. The one that was there was nearly 1. */
#define TELLS(rank) ((rank) < 250 || (rank) > 750)
static void time_tells_nothing(void **state) {
    (void)state;
    for (enum by by = BY_NUMBER; by <= BY_KEY; by++) {
        const struct query right = asked(by, "C", "H", "N"), wrong = asked(by, "C", "X", "N"), name = asked(by, "C", "H", "Y");
        block(by);
        assert_false(TELLS(rank(&right, VERDICT_INCOMPLETE, &wrong, VERDICT_INCOMPLETE, NULL)));
        next_asker();
        assert_false(TELLS(rank(&name, VERDICT_MISMATCH, &wrong, VERDICT_MISMATCH, next_asker)));
    }
    /* it would have been seen: a blocked one, and one that is judged, differ as right and wrong did */
    const struct query key_only = {.has_key = true}, blocked = asked(BY_KEY, "C", "H", "N");
    struct query judged = key_only;
    memcpy(judged.key, composite_key, 32);
    block(BY_KEY);
    assert_true(TELLS(rank(&judged, VERDICT_VALID, &blocked, VERDICT_INCOMPLETE, NULL)));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(work_is_the_same), cmocka_unit_test(right_is_no_longer), cmocka_unit_test(time_tells_nothing)};
    return cmocka_run_group_tests(tests, start, stop);
}
