/* licet verify --offline: a proof file and a genesis document, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "ledger/chain/prove.h"
#include "tests/lib/world.h"
#include "tools/cli/file.h"
#include "tools/sealed/sealed.h"
#include "tools/verify/verify_file.h"
#include "tools/verify/verify_offline.h"

static struct world world;
static struct made made;
static char dir[64], proof_path[96], genesis_path[96], file_path[96], changed_path[96];
static const char *shown_file;
static struct offline asked;
static json_t *verdict;

static void put(const char *path, const void *data, size_t len) { assert_true(file_write(path, data, len)); }

static int setup(void **state) {
    (void)state;
    world_start(&world);
    strcpy(dir, "/tmp/licet-offline-XXXXXX");
    if (!mkdtemp(dir)) return 1;
    (void)snprintf(proof_path, sizeof proof_path, "%s/p.licet", dir);
    (void)snprintf(genesis_path, sizeof genesis_path, "%s/genesis.cbor", dir);
    (void)snprintf(file_path, sizeof file_path, "%s/file", dir);
    (void)snprintf(changed_path, sizeof changed_path, "%s/changed", dir);
    put(genesis_path, world.genesis, world.genesis_len);
    put(file_path, "document 00000001", 17);
    put(changed_path, "document 0000000X", 17);
    struct made *list[1] = {&made};
    world_issue(&made, &world, WORLD_TYPE_PUBLIC, 1, 2);
    assert_int_equal(world_block(&world, list, 1, NULL), ERR_OK);
    shown_file = NULL;
    asked = (struct offline){.proof = proof_path, .trust_by = "--trust", .trust = genesis_path, .max_age_ms = -1, .now_ms = world.now_ms + 1000};
    return 0;
}
static int teardown(void **state) {
    (void)state;
    (void)unlink(proof_path);
    (void)unlink(genesis_path);
    (void)unlink(file_path);
    (void)unlink(changed_path);
    json_decref(verdict);
    verdict = NULL;
    world_stop(&world);
    return rmdir(dir);
}

/* A proof of the subject, with the identifier opened where `open` says so. */
static void prove(const struct subject *subject, bool open) {
    static uint8_t bytes[PROOF_BYTES_MAX];
    static uint8_t opening[OPENING_MAX];
    static struct verdict judged;
    const struct snapshot *snapshot;
    uint8_t note[NOTE_MAX], seed[SALT_SEED_LEN] = {1};
    struct field field = {bytes_text(ELEMENT_IDENTIFIER), bytes_text("ID00000001")};
    size_t opening_len, len;
    assert_true(opening_make(opening, &opening_len, seed, &field, 1, 0));
    struct bytes notes[1] = {bytes_of(note, world_note(note, &world, world.now_ms))}, openings[1] = {bytes_of(opening, opening_len)};
    struct proof_request request = {.subject = *subject, .notes = notes, .note_count = 1, .openings = openings, .opening_count = open ? 1 : 0};
    assert_int_equal(reader_snapshot(world.reader, &snapshot), ERR_OK);
    assert_int_equal(prove_verdict(bytes, sizeof bytes, &len, &judged, snapshot, &request, world.now_ms), ERR_OK);
    reader_rest(world.reader);
    put(proof_path, bytes, len);
}
static void prove_licence(bool open) {
    struct subject subject = {.by = SUBJECT_LICENCE};
    world_licence_key(subject.key, &world, WORLD_TYPE_PUBLIC, 1);
    prove(&subject, open);
}
static void change(enum op op, uint64_t count) {
    uint8_t key[32];
    struct made *list[1] = {&made};
    world_licence_key(key, &world, WORLD_TYPE_PUBLIC, 1);
    world_change(&made, &world, op, key, count);
    assert_int_equal(world_block(&world, list, 1, NULL), ERR_OK);
}
/* What it says on stderr is for people; a damaged proof says it a thousand times. */
static int verify(void) {
    struct shown shown = {.path = shown_file};
    json_t *list = json_array();
    int kept = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY);
    (void)dup2(nowhere, STDERR_FILENO);
    json_decref(verdict);
    verdict = NULL;
    asked.report = shown_file ? &shown.report : NULL;
    const struct check_options check = {.now_ms = asked.now_ms, .known_ms = TIME_UNKNOWN};
    int done = shown_file ? sealed_look(&shown.report, shown_file, &check) : EXIT_VALID;
    if (done == EXIT_VALID) done = verify_offline(list, &asked);
    shown.count = json_array_size(list);
    if (done == EXIT_VALID) {
        verdict = shown_verdict(&shown, list);
        done = shown_exit(&shown, verdict);
    }
    json_decref(list);
    shown_free(&shown);
    (void)dup2(kept, STDERR_FILENO);
    (void)close(kept);
    (void)close(nowhere);
    return done;
}
static const char *said(const char *name) {
    const char *text = json_string_value(json_object_get(verdict, name));
    return text ? text : "(null)";
}

static void states(void **state) {
    (void)state;
    prove_licence(false);
    assert_int_equal(verify(), EXIT_VALID);
    assert_string_equal(said("verdict"), "valid");
    assert_true(json_is_null(json_object_get(json_object_get(verdict, "licence"), "identifier")));
    assert_int_equal(json_integer_value(json_object_get(json_object_get(verdict, "as_of"), "age_ms")), 1000);
    change(OP_SUSPEND, 1);
    prove_licence(false);
    assert_int_equal(verify(), EXIT_SUSPENDED);
    change(OP_REVOKE, 2);
    prove_licence(false);
    assert_int_equal(verify(), EXIT_ENDED);
    assert_string_equal(said("verdict"), "revoked");
    asked.max_age_ms = 0; /* only a `valid` grows stale */
    assert_int_equal(verify(), EXIT_ENDED);
}

/* A sealed licence: the proof holds its seal, and what the seal says decides offline as it does online. */
static void sealed(void **state) {
    (void)state;
    struct subject subject = {.by = SUBJECT_LICENCE};
    struct made *list[1] = {&made};
    world_licence_key(subject.key, &world, WORLD_TYPE_PUBLIC, 50);
    world_seal(&made, &world, OP_SEAL_REGISTER, "31011800000001", 0, 10, LOG_ENTRY_NONE);
    assert_int_equal(world_block(&world, list, 1, NULL), ERR_OK);
    world_issue_sealed(&made, &world, WORLD_TYPE_PUBLIC, 50, 1, "31011800000001", world_making(10));
    assert_int_equal(world_block(&world, list, 1, NULL), ERR_OK);
    const uint64_t entry = chain_head(world.chain)->log_size - 1;
    const struct { enum op op; uint64_t since; int exit; const char *state, *step; } acts[] = {
        {OP_SEAL_STOP, entry + 1, EXIT_VALID, "stopped", "passed"},
        {OP_SEAL_REMAKE, entry, EXIT_SUSPENDED, "valid", "failed"}, /* found out: suspect from the licence's own entry on */
        {OP_SEAL_CANCEL, LOG_ENTRY_NONE, EXIT_SUSPENDED, "cancelled", "failed"},
    };
    for (size_t i = 0; i < 3; i++) {
        world_seal(&made, &world, acts[i].op, "31011800000001", i + 1, 20, acts[i].since);
        assert_int_equal(world_block(&world, list, 1, NULL), ERR_OK);
        prove(&subject, false);
        assert_int_equal(verify(), acts[i].exit);
        const json_t *seal = json_object_get(verdict, "seal"), *step = json_array_get(json_object_get(seal, "steps"), SEAL_STEP_STATE);
        assert_string_equal(json_string_value(json_object_get(seal, "id")), "31011800000001");
        assert_string_equal(json_string_value(json_object_get(seal, "state")), acts[i].state);
        assert_string_equal(json_string_value(json_object_get(step, "result")), acts[i].step);
    }
}

static void files_shown_with_it(void **state) {
    (void)state;
    prove_licence(false);
    shown_file = file_path;
    assert_int_equal(verify(), EXIT_VALID);
    assert_string_equal(said("document"), "match");
    shown_file = changed_path;
    assert_int_equal(verify(), EXIT_MISMATCH);
    assert_string_equal(said("verdict"), "mismatch");
    assert_true(json_is_null(json_object_get(verdict, "licence")));
    shown_file = "/nowhere/at/all";
    assert_int_equal(verify(), EXIT_ERROR);
    assert_null(verdict);
}

static void proof_of_a_document(void **state) {
    (void)state;
    struct subject subject = {.by = SUBJECT_DOCUMENT};
    world_document_key(subject.key, &world, 1);
    prove(&subject, false);
    assert_int_equal(verify(), EXIT_VALID);
    assert_true(json_is_null(json_object_get(verdict, "document"))); /* nothing was compared */
    shown_file = file_path;
    assert_int_equal(verify(), EXIT_VALID);
    assert_string_equal(said("document"), "match");
    shown_file = changed_path;
    assert_int_equal(verify(), EXIT_MISMATCH);
    world_document_key(subject.key, &world, 9999); /* never registered: provably so */
    prove(&subject, false);
    shown_file = NULL;
    assert_int_equal(verify(), EXIT_UNKNOWN);
    shown_file = file_path;
    assert_int_equal(verify(), EXIT_MISMATCH);
    assert_string_equal(said("verdict"), "incomplete"); /* it says nothing about this file */
}

static void identifiers(void **state) {
    (void)state;
    char hex[65];
    uint8_t key[32];
    world_licence_key(key, &world, WORLD_TYPE_PUBLIC, 1);
    hex_encode(hex, key, 32);
    prove_licence(true);
    assert_int_equal(verify(), EXIT_VALID);
    assert_string_equal(json_string_value(json_object_get(json_object_get(verdict, "licence"), "identifier")), "ID00000001");
    asked.id = hex;
    assert_int_equal(verify(), EXIT_VALID);
    hex[0] = hex[0] == '0' ? '1' : '0';
    assert_int_equal(verify(), EXIT_MISMATCH);
    asked.id = "1.2.156.3005.2.11990000LCT0000184001.11310118MB2F304922.S1.001.0";
    assert_int_equal(verify(), EXIT_MISMATCH);
    asked.id = "nonsense";
    assert_int_equal(verify(), EXIT_USAGE);
}

/* A holder puts two proofs of one head into one file: the records of both, the openings and the order are his to choose. */
static void merge(const struct proof *subject, const struct proof *first, const struct proof *second) {
    static uint8_t bytes[PROOF_BYTES_MAX];
    static struct proof both;
    struct wire_out out = wire_write(bytes, sizeof bytes);
    both = *subject;
    both.object_count = 0;
    for (uint32_t i = 0; i < first->object_count; i++) both.objects[both.object_count++] = first->objects[i];
    for (uint32_t i = 0; i < second->object_count; i++) both.objects[both.object_count++] = second->objects[i];
    assert_true(proof_encode(&out, &both));
    put(proof_path, bytes, out.len);
}

static void openings_of_another_licence(void **state) {
    (void)state;
    static struct proof revoked, good;
    static const char identifier[] = "1.2.156.3005.2.11990000LCT0000184001.11310118MB2F304922.S1.001.0";
    struct subject subject = {.by = SUBJECT_LICENCE};
    size_t len[2];
    change(OP_REVOKE, 1); /* licence 1; licence 2 stays good */
    prove_licence(true);
    uint8_t *bytes[2] = {file_read(proof_path, PROOF_BYTES_MAX, &len[0]), NULL};
    world_licence_key(subject.key, &world, WORLD_TYPE_PUBLIC, 2);
    prove(&subject, false);
    bytes[1] = file_read(proof_path, PROOF_BYTES_MAX, &len[1]);
    assert_int_equal(proof_decode(&revoked, bytes_of(bytes[0], len[0])).code, CODE_OK);
    assert_int_equal(proof_decode(&good, bytes_of(bytes[1], len[1])).code, CODE_OK);
    good.opening_count = 1; /* who is shown this reads the name of one and the state of the other */
    good.openings[0] = revoked.openings[0];
    merge(&good, &revoked, &good);
    assert_int_equal(verify(), EXIT_INTEGRITY);
    merge(&good, &good, &revoked);
    assert_int_equal(verify(), EXIT_INTEGRITY);
    merge(&revoked, &good, &revoked); /* the order of records says nothing about an honest one */
    assert_int_equal(verify(), EXIT_ENDED);
    assert_string_equal(json_string_value(json_object_get(json_object_get(verdict, "licence"), "identifier")), "ID00000001");
    good.opening_count = 0;
    merge(&good, &revoked, &good);
    asked.id = identifier;
    assert_int_equal(verify(), EXIT_MISMATCH);
    free(bytes[0]);
    free(bytes[1]);
}

static void ages(void **state) {
    (void)state;
    prove_licence(false);
    asked.now_ms = world.now_ms + 86400000; /* the policy's stale_after, to the millisecond */
    assert_int_equal(verify(), EXIT_VALID);
    asked.now_ms++;
    assert_int_equal(verify(), EXIT_STALE);
    assert_string_equal(said("verdict"), "valid"); /* the word stays; the exit code tells */
    asked.max_age_ms = 7 * 86400000LL;
    assert_int_equal(verify(), EXIT_VALID);
    asked.now_ms = world.now_ms - 299000; /* clocks differ a little */
    assert_int_equal(verify(), EXIT_VALID);
    asked.now_ms = world.now_ms - 301000;
    assert_int_equal(verify(), EXIT_STALE);
}

static void damage_is_found(void **state) {
    (void)state;
    prove_licence(true);
    size_t len;
    uint8_t *good = file_read(proof_path, PROOF_BYTES_MAX, &len);
    assert_non_null(good);
    for (size_t i = 0; i < len; i++) {
        good[i] ^= 0x10;
        put(proof_path, good, len);
        good[i] ^= 0x10;
        int done = verify();
        if (done != EXIT_INTEGRITY && done != EXIT_MISMATCH) fail_msg("byte %zu of %zu: exit %d", i, len, done);
    }
    put(proof_path, good, len - 1);
    assert_int_equal(verify(), EXIT_INTEGRITY);
    put(proof_path, good, 0);
    assert_int_equal(verify(), EXIT_INTEGRITY);
    free(good);
    assert_null(verdict);
}

static void another_ledger_is_not_trusted(void **state) {
    (void)state;
    struct world other;
    prove_licence(false);
    world_start(&other);
    put(genesis_path, other.genesis, other.genesis_len);
    world_stop(&other);
    assert_int_equal(verify(), EXIT_INTEGRITY);
    put(genesis_path, "no genesis", 10);
    assert_int_equal(verify(), EXIT_TRUST_OPTION); /* it was named, and nothing was judged */
    (void)unlink(proof_path);
    assert_int_equal(verify(), EXIT_ERROR);
}

static void a_pinned_header(void **state) {
    (void)state;
    uint8_t header[HEADER_MAX];
    asked.pin = changed_path;
    prove_licence(false);
    size_t len = header_encode(header, chain_head(world.chain));
    put(changed_path, header, len);
    assert_int_equal(verify(), EXIT_VALID);
    struct header other = *chain_head(world.chain);
    other.state_root[0] ^= 1;
    len = header_encode(header, &other);
    put(changed_path, header, len);
    assert_int_equal(verify(), EXIT_INTEGRITY);
    other.genesis[0] ^= 1; /* a pin that can hold nothing back is no fault of the proof */
    len = header_encode(header, &other);
    put(changed_path, header, len);
    assert_int_equal(verify(), EXIT_USAGE);
    put(changed_path, header, len - 1);
    assert_int_equal(verify(), EXIT_USAGE);
}

int main(void) {
    if (!cli_set_language("en")) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(states, setup, teardown), cmocka_unit_test_setup_teardown(sealed, setup, teardown), cmocka_unit_test_setup_teardown(files_shown_with_it, setup, teardown),
        cmocka_unit_test_setup_teardown(proof_of_a_document, setup, teardown), cmocka_unit_test_setup_teardown(identifiers, setup, teardown),
        cmocka_unit_test_setup_teardown(openings_of_another_licence, setup, teardown),
        cmocka_unit_test_setup_teardown(ages, setup, teardown), cmocka_unit_test_setup_teardown(damage_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(another_ledger_is_not_trusted, setup, teardown), cmocka_unit_test_setup_teardown(a_pinned_header, setup, teardown),
    };
    return cmocka_run_group_tests_name("offline", tests, NULL, NULL);
}
