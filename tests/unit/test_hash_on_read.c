/* Hash on read: whatever was found out before, a byte that changed meanwhile is found by the next call that needs it: licence, document, issuer,
 * type, key; asked by id, by number, and through a verdict that keeps what it found out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/world.h"

static struct world world;
static struct made made;
static uint8_t licence_key[32];
static struct licence licence;

static int start(void **state) {
    (void)state;
    struct made *const list[] = {&made};
    struct bytes value;
    const struct snapshot *snapshot;
    world_start(&world);
    world_issue(&made, &world, WORLD_TYPE_KEYED, 0, 3);
    assert_int_equal(world_block(&world, list, 1, NULL), ERR_OK);
    world_licence_key(licence_key, &world, WORLD_TYPE_KEYED, 1);
    assert_int_equal(reader_snapshot(world.reader, &snapshot), ERR_OK);
    assert_int_equal(snapshot_by_id(snapshot, OBJECT_LICENCE, bytes_of(licence_key, 32), &value), FOUND_YES);
    assert_int_equal(licence_decode(&licence, value).code, CODE_OK);
    return 0;
}
static int stop(void **state) {
    (void)state;
    world_stop(&world);
    return 0;
}

static const struct snapshot *snapshot_now(void) {
    const struct snapshot *snapshot;
    assert_int_equal(reader_snapshot(world.reader, &snapshot), ERR_OK);
    return snapshot;
}

/* What is in storage is shared with the reader's views, as a page of a file is. */
static void flip(struct bytes value, size_t at) { ((uint8_t *)(uintptr_t)value.data)[at] ^= 0x10; }

static void test_by_no(void **state) {
    (void)state;
    const struct { enum object_kind kind; uint32_t no; } objects[] = {
        {OBJECT_MEMBER, licence.issuer_no}, {OBJECT_TYPE, licence.type_no}, {OBJECT_KEY, licence.acted[0].key_no}, {OBJECT_LICENCE, licence.no}};
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
        for (int before = 0; before < 3; before++) { /* read that often while it was sound */
            struct bytes value;
            const struct snapshot *snapshot = snapshot_now();
            for (int k = 0; k <= before; k++) assert_int_equal(snapshot_by_no(snapshot, objects[i].kind, objects[i].no, &value), FOUND_YES);
            const struct bytes sound = value;
            for (size_t at = 0; at < sound.len; at++) {
                flip(sound, at);
                assert_int_equal(snapshot_by_no(snapshot, objects[i].kind, objects[i].no, &value), FOUND_FAULT);
                flip(sound, at);
            }
            assert_int_equal(snapshot_by_no(snapshot, objects[i].kind, objects[i].no, &value), FOUND_YES);
            reader_rest(world.reader); /* and anew */
        }
    }
    struct bytes value; /* under the number of another kind, read before or not */
    assert_int_equal(snapshot_by_no(snapshot_now(), OBJECT_TYPE, licence.issuer_no, &value), FOUND_FAULT);
    assert_int_equal(snapshot_by_no(snapshot_now(), OBJECT_MEMBER, licence.issuer_no, &value), FOUND_YES);
    assert_int_equal(snapshot_by_no(snapshot_now(), OBJECT_TYPE, licence.issuer_no, &value), FOUND_FAULT);
    assert_int_equal(snapshot_by_no(snapshot_now(), OBJECT_MEMBER, licence.issuer_no, &value), FOUND_YES);
    assert_int_equal(snapshot_by_no(snapshot_now(), OBJECT_MEMBER, UINT32_MAX - 1, &value), FOUND_ABSENT);
}

static void test_by_id(void **state) {
    (void)state;
    uint8_t document_key[32];
    world_document_key(document_key, &world, 1);
    const struct { enum object_kind kind; struct bytes id; } objects[] = {
        {OBJECT_LICENCE, bytes_of(licence_key, 32)}, {OBJECT_DOCUMENT, bytes_of(document_key, 32)},
        {OBJECT_MEMBER, bytes_text(WORLD_USCC)}, {OBJECT_TYPE, bytes_text(WORLD_TYPE_KEYED)}};
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
        struct bytes value;
        const struct snapshot *snapshot = snapshot_now();
        assert_int_equal(snapshot_by_id(snapshot, objects[i].kind, objects[i].id, &value), FOUND_YES);
        const struct bytes sound = value;
        for (size_t at = 0; at < sound.len; at++) {
            flip(sound, at);
            assert_int_equal(snapshot_by_id(snapshot, objects[i].kind, objects[i].id, &value), FOUND_FAULT);
            flip(sound, at);
        }
        assert_int_equal(snapshot_by_id(snapshot, objects[i].kind, objects[i].id, &value), FOUND_YES);
    }
    struct bytes value;
    document_key[31] ^= 1;
    assert_int_equal(snapshot_by_id(snapshot_now(), OBJECT_DOCUMENT, bytes_of(document_key, 32), &value), FOUND_ABSENT);
}

static enum err judge(struct verdict *verdict, const struct snapshot *snapshot) {
    const struct verdict_query query = {.licence_key = licence_key, .kept = snapshot->kept};
    const struct object_source source = snapshot_source(snapshot);
    return verdict_judge(verdict, &query, &source, world.now_ms);
}

/* The same after 0, 1 and 2 sound calls, each with its own mark; within one call a record is checked once. */
static void test_verdict(void **state) {
    (void)state;
    static struct verdict verdict, again;
    const struct { enum object_kind kind; uint32_t no; } objects[] = {
        {OBJECT_MEMBER, licence.issuer_no}, {OBJECT_TYPE, licence.type_no}, {OBJECT_KEY, licence.acted[0].key_no}, {OBJECT_LICENCE, licence.no}};
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
        for (int calls = 0; calls < 3; calls++) {
            struct bytes value;
            reader_rest(world.reader);
            const struct snapshot *snapshot = snapshot_now();
            assert_int_equal(snapshot_by_no(snapshot, objects[i].kind, objects[i].no, &value), FOUND_YES);
            for (int k = 0; k < calls; k++) {
                verdict_kept_call(snapshot->kept);
                assert_int_equal(judge(&verdict, snapshot), ERR_OK);
                assert_int_equal(verdict.word, VERDICT_VALID);
                assert_int_equal(judge(&again, snapshot), ERR_OK); /* out of what is kept: the same */
                assert_int_equal(again.word, VERDICT_VALID);
                assert_string_equal(again.issuer_name, verdict.issuer_name);
                assert_string_equal(again.type_code, WORLD_TYPE_KEYED);
                assert_true(again.issuer_authorised);
            }
            verdict_kept_call(snapshot->kept);
            flip(value, value.len - 1);
            assert_int_equal(judge(&verdict, snapshot), ERR_CORRUPT);
            assert_int_equal(judge(&verdict, snapshot), ERR_CORRUPT); /* asked again, not believed the second time */
            assert_int_equal(verdict.word, VERDICT_INCOMPLETE);
            assert_false(verdict.has_licence);
            flip(value, value.len - 1);
            assert_int_equal(judge(&verdict, snapshot), ERR_OK);
            assert_int_equal(verdict.word, VERDICT_VALID);
        }
    }
}

/* Nothing that was found out outlives its snapshot. */
static void test_next_block(void **state) {
    (void)state;
    static struct verdict verdict;
    struct made *const list[] = {&made};
    assert_int_equal(judge(&verdict, snapshot_now()), ERR_OK);
    assert_int_equal(verdict.word, VERDICT_VALID);
    reader_rest(world.reader);
    world.now_ms += 1000;
    world_change(&made, &world, OP_REVOKE, licence_key, 1);
    assert_int_equal(world_block(&world, list, 1, NULL), ERR_OK);
    const struct snapshot *snapshot = snapshot_now();
    struct bytes value;
    assert_true(!snapshot->kept->parties[0].set && !snapshot->kept->keys[licence.acted[0].key_no % VERDICT_KEPT_KEYS].set);
    assert_int_equal(judge(&verdict, snapshot), ERR_OK);
    assert_int_equal(verdict.word, VERDICT_REVOKED);
    assert_int_equal(snapshot_by_no(snapshot, OBJECT_MEMBER, licence.issuer_no, &value), FOUND_YES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_by_no, start, stop), cmocka_unit_test_setup_teardown(test_by_id, start, stop),
        cmocka_unit_test_setup_teardown(test_verdict, start, stop), cmocka_unit_test_setup_teardown(test_next_block, start, stop)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
