/* Seals over HTTP: what the ledger has of them, page by page; their history; the licences sealed with them; ids that need escaping; records that were
 * changed on disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/chain/store.h"
#include "tests/lib/rows.h"
#include "tests/lib/served.h"

#define MAIN "31011800000001"
#define ODD "~1?#%&+=;"
#define ODD_PATH "~1%3F%23%25%26%2B%3D%3B"
static struct served served;

static void enter(enum code code) {
    struct made *const list[] = {&served.submitted};
    struct statement_result result;
    served.world.now_ms += 1000;
    assert_int_equal(world_block(&served.world, list, 1, &result), ERR_OK);
    assert_int_equal(result.refusal.code, code);
}
static void on_seal(enum op op, const char *id, uint64_t count, uint8_t making, uint64_t since) {
    world_seal(&served.submitted, &served.world, op, id, count, making, since);
    enter(CODE_OK);
}
static void issue(uint32_t first, uint32_t count, const char *id, uint8_t making) {
    world_issue_sealed(&served.submitted, &served.world, WORLD_TYPE_KEYED, first, count, id, world_making(making));
    enter(CODE_OK);
}
static uint64_t last_entry(void) { return chain_head(served.world.chain)->log_size - 1; }

static uint64_t entry_of[3]; /* of 100..102, of 103, of 104 */

/* MAIN: licences 100..102, 103; made again with the leak at 103; 104; stopped. Then an odd one, and three more with nothing under them. */
static int fill(void **state) {
    (void)state;
    served_fill(&served, 3);
    on_seal(OP_SEAL_REGISTER, MAIN, 0, 10, LOG_ENTRY_NONE);
    issue(100, 3, MAIN, 10);
    entry_of[0] = last_entry();
    issue(103, 1, MAIN, 10);
    entry_of[1] = last_entry();
    on_seal(OP_SEAL_REMAKE, MAIN, 1, 20, entry_of[1]);
    issue(104, 1, MAIN, 20);
    entry_of[2] = last_entry();
    on_seal(OP_SEAL_STOP, MAIN, 2, 0, LOG_ENTRY_NONE);
    on_seal(OP_SEAL_REGISTER, ODD, 0, 30, LOG_ENTRY_NONE);
    issue(200, 1, ODD, 30);
    on_seal(OP_SEAL_REGISTER, "s3", 0, 40, LOG_ENTRY_NONE);
    on_seal(OP_SEAL_REGISTER, "s4", 0, 50, LOG_ENTRY_NONE);
    on_seal(OP_SEAL_REGISTER, "s5", 0, 60, LOG_ENTRY_NONE);
    return 0;
}
static int start(void **state) {
    (void)fill(state);
    served_start(&served);
    return 0;
}
static int stop(void **state) {
    (void)state;
    served_stop(&served);
    return 0;
}

static json_t *get(const char *path, int expected) {
    int status;
    json_t *answer = served_json(&served, &status, "GET", path, NULL);
    if (status != expected) print_error("%s: %d\n", path, status);
    assert_int_equal(status, expected);
    return answer;
}
static const char *text_at(const json_t *json, const char *name) { return json_string_value(json_object_get(json, name)); }
static json_int_t number_at(const json_t *json, const char *name) { return json_integer_value(json_object_get(json, name)); }
static bool null_at(const json_t *json, const char *name) { return json_is_null(json_object_get(json, name)); }
static void expect_name(const char *path, int status, const char *name) {
    json_t *answer = get(path, status);
    assert_string_equal(text_at(answer, "name"), name);
    json_decref(answer);
}

static void hex_of(char out[65], uint8_t byte) {
    uint8_t bytes[32];
    memset(bytes, byte, sizeof bytes);
    hex_encode(out, bytes, 32);
}

/* ---- one ---- */

static void test_one(void **state) {
    char digest[65], certificate[65];
    (void)state;
    json_t *seal = get("/v1/seals/" MAIN, 200);
    assert_string_equal(text_at(seal, "id"), MAIN);
    assert_string_equal(text_at(seal, "name"), "test seal");
    assert_int_equal(number_at(seal, "kind"), SEAL_KIND_NAME);
    assert_string_equal(text_at(json_object_get(seal, "owner"), "id"), WORLD_USCC);
    assert_string_equal(text_at(json_object_get(seal, "owner"), "name"), "test office");
    assert_string_equal(text_at(json_object_get(seal, "registrar"), "id"), WORLD_USCC);
    assert_string_equal(text_at(seal, "state"), "stopped");
    assert_string_equal(text_at(seal, "reason"), "lost");
    assert_string_equal(text_at(seal, "basis"), "Act 2");
    assert_int_equal(number_at(seal, "licences"), 5);
    assert_int_equal(number_at(seal, "count"), 3);
    assert_int_equal(number_at(seal, "height"), chain_head(served.world.chain)->n);
    const json_t *makings = json_object_get(seal, "makings"), *first = json_array_get(makings, 0), *second = json_array_get(makings, 1);
    assert_int_equal(json_array_size(makings), 2);
    hex_of(digest, 10);
    hex_of(certificate, 11);
    assert_string_equal(text_at(first, "digest"), digest);
    assert_string_equal(json_string_value(json_array_get(json_object_get(first, "certificates"), 0)), certificate);
    assert_int_equal(json_array_size(json_object_get(first, "certificates")), 1);
    assert_int_equal(number_at(first, "suspect_since"), entry_of[1]);
    hex_of(digest, 20);
    assert_string_equal(text_at(second, "digest"), digest);
    assert_true(number_at(second, "suspect_since") > (json_int_t)entry_of[2]); /* a stop that names no entry takes nothing back */
    json_decref(seal);

    seal = get("/v1/seals/s3", 200);
    assert_string_equal(text_at(seal, "state"), "valid");
    assert_true(null_at(seal, "reason") && null_at(seal, "basis"));
    assert_true(null_at(json_array_get(json_object_get(seal, "makings"), 0), "suspect_since"));
    assert_int_equal(number_at(seal, "licences"), 0);
    json_decref(seal);
}

static void test_ids(void **state) {
    (void)state;
    static const char *const unknown[] = {"/v1/seals/x", "/v1/seals/3101180000000", "/v1/seals/310118000000010", "/v1/seals/%2031011800000001", "/v1/seals/x/history",
                                          "/v1/seals/x/licences", "/v1/seals/%E7%AB%A0", "/v1/seals/S3"};
    static const char *const none[] = {"/v1/seals/", "/v1/seals//history", "/v1/seals/31011800000001/", "/v1/seals/31011800000001/other", "/v1/seals/31011800000001/history/x"};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) expect_name(unknown[i], 404, "SEAL_UNKNOWN");
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) expect_name(none[i], 404, "NOT_FOUND");
    char longer[300] = "/v1/seals/";
    memset(longer + strlen(longer), 'x', 200); /* longer than any esID */
    expect_name(longer, 404, "SEAL_UNKNOWN");
    expect_name("/v1/seals/%00", 400, "PARAMETER");
    expect_name("/v1/seals/%zz", 400, "PARAMETER");

    json_t *seal = get("/v1/seals/" ODD_PATH, 200);
    assert_string_equal(text_at(seal, "id"), ODD);
    json_decref(seal);
    json_t *history = get("/v1/seals/" ODD_PATH "/history", 200);
    assert_string_equal(text_at(history, "id"), ODD);
    assert_int_equal(number_at(history, "count"), 1);
    json_decref(history);
    json_t *licences = get("/v1/seals/" ODD_PATH "/licences", 200);
    assert_string_equal(text_at(licences, "id"), ODD);
    assert_int_equal(json_array_size(json_object_get(licences, "licences")), 1);
    json_decref(licences);
    int status;
    json_t *refused = served_json(&served, &status, "POST", "/v1/seals/" MAIN, "{}");
    assert_int_equal(status, 405);
    json_decref(refused);
}

static void test_pages(void **state) {
    static const char *const ids[] = {MAIN, ODD, "s3", "s4", "s5"};
    char path[64] = "/v1/seals?limit=2";
    size_t seen = 0;
    (void)state;
    for (int page = 0; page < 3; page++) {
        json_t *answer = get(path, 200);
        const json_t *seals = json_object_get(answer, "seals");
        assert_int_equal(json_array_size(seals), page < 2 ? 2 : 1);
        for (size_t i = 0; i < json_array_size(seals); i++) assert_string_equal(text_at(json_array_get(seals, i), "id"), ids[seen++]);
        assert_int_equal(null_at(answer, "next"), page == 2);
        if (page < 2) assert_int_equal(number_at(answer, "next"), number_at(json_array_get(seals, 1), "no"));
        snprintf(path, sizeof path, "/v1/seals?limit=2&after=%lld", (long long)number_at(answer, "next"));
        json_decref(answer);
    }
    assert_int_equal(seen, 5);
    json_t *all = get("/v1/seals", 200);
    assert_int_equal(json_array_size(json_object_get(all, "seals")), 5);
    json_decref(all);
    all = get("/v1/seals?after=4294967295", 200); /* behind the last number there can be */
    assert_int_equal(json_array_size(json_object_get(all, "seals")), 0);
    json_decref(all);
    expect_name("/v1/seals?limit=0", 400, "PARAMETER");
    expect_name("/v1/seals?after=-1", 400, "PARAMETER");
    expect_name("/v1/seals?after=01", 400, "PARAMETER");
}

/* ---- its history ---- */

static void test_history(void **state) {
    static const char *const operations[] = {"seal-register", "seal-remake", "seal-stop"}, *const states[] = {"valid", "valid", "stopped"};
    uint8_t head[32] = {0}, next[32];
    char hex[65];
    (void)state;
    json_t *answer = get("/v1/seals/" MAIN "/history?statements=1", 200);
    const json_t *history = json_object_get(answer, "history");
    assert_int_equal(json_array_size(history), 3);
    assert_int_equal(number_at(answer, "count"), 3);
    assert_true(null_at(answer, "next"));
    struct pubkey key;
    uint8_t thumb[32];
    signer_pubkey(served.world.role[2], &key); /* the seal key */
    pubkey_thumbprint(thumb, &key);
    hex_encode(hex, thumb, 32);
    json_int_t entry = 0;
    for (size_t i = 0; i < 3; i++) {
        const json_t *link = json_array_get(history, i);
        assert_string_equal(text_at(link, "operation"), operations[i]);
        assert_string_equal(text_at(link, "state"), states[i]);
        assert_string_equal(text_at(link, "kid"), hex);
        assert_true(number_at(link, "entry") > entry);
        assert_true(json_string_length(json_object_get(link, "statement")) > 200);
        entry = number_at(link, "entry");
    }
    /* The head is what the links lead to: whoever reads all of them can tell that none is left out. */
    struct kv_txn *txn;
    uint64_t found = 0;
    assert_int_equal(kv_begin(served.world.kv, false, &txn), ERR_OK);
    for (uint32_t number = 0; found < 3; number++) {
        struct history_link link;
        assert_int_equal(store_link(txn, number, &link), ERR_OK);
        if (operation_of(link.op)->subject != SUBJECT_OF_SEAL) continue;
        link_head(next, head, &link);
        memcpy(head, next, 32);
        found++;
    }
    kv_abort(txn);
    hex_encode(hex, head, 32);
    assert_string_equal(text_at(answer, "head"), hex);
    json_decref(answer);

    answer = get("/v1/seals/" MAIN "/history?limit=2", 200);
    assert_int_equal(json_array_size(json_object_get(answer, "history")), 2);
    assert_int_equal(number_at(answer, "next"), 2);
    assert_null(json_object_get(json_array_get(json_object_get(answer, "history"), 0), "statement"));
    json_decref(answer);
    answer = get("/v1/seals/" MAIN "/history?after=2", 200);
    assert_string_equal(text_at(json_array_get(json_object_get(answer, "history"), 0), "operation"), "seal-stop");
    assert_true(null_at(answer, "next"));
    json_decref(answer);
}

/* ---- the licences sealed with it ---- */

static const struct { uint32_t serial; int making; bool suspect; const char *verdict; } sealed[] = {
    {104, 1, false, "valid"}, {103, 0, true, "suspended"}, {102, 0, false, "valid"}, {101, 0, false, "valid"}, {100, 0, false, "valid"}};

static void expect_licence(const json_t *licence, size_t row) {
    uint8_t key[32];
    char hex[65];
    world_licence_key(key, &served.world, WORLD_TYPE_KEYED, sealed[row].serial);
    hex_encode(hex, key, 32);
    assert_string_equal(text_at(licence, "key"), hex);
    assert_int_equal(number_at(licence, "making"), sealed[row].making);
    assert_int_equal(json_is_true(json_object_get(licence, "suspect")), sealed[row].suspect);
    assert_string_equal(text_at(licence, "verdict"), sealed[row].verdict);
    assert_int_equal(number_at(licence, "entry"), entry_of[sealed[row].serial == 104 ? 2 : sealed[row].serial == 103 ? 1 : 0]);
}

static void test_licences(void **state) {
    (void)state;
    json_t *answer = get("/v1/seals/" MAIN "/licences", 200);
    const json_t *licences = json_object_get(answer, "licences");
    assert_int_equal(number_at(answer, "count"), 5);
    assert_int_equal(json_array_size(licences), 5);
    for (size_t i = 0; i < 5; i++) expect_licence(json_array_get(licences, i), i);
    assert_true(null_at(answer, "next"));
    json_decref(answer);
    for (uint32_t limit = 1; limit <= 6; limit++) { /* however it is cut, each once, and all */
        char path[96];
        size_t seen = 0;
        snprintf(path, sizeof path, "/v1/seals/" MAIN "/licences?limit=%u", limit);
        for (bool more = true; more;) {
            answer = get(path, 200);
            licences = json_object_get(answer, "licences");
            assert_in_range(json_array_size(licences), 1, limit);
            for (size_t i = 0; i < json_array_size(licences); i++) expect_licence(json_array_get(licences, i), seen++);
            more = !null_at(answer, "next");
            snprintf(path, sizeof path, "/v1/seals/" MAIN "/licences?limit=%u&after=%lld", limit, (long long)number_at(answer, "next"));
            json_decref(answer);
        }
        assert_int_equal(seen, 5);
    }
    answer = get("/v1/seals/s3/licences", 200);
    assert_int_equal(json_array_size(json_object_get(answer, "licences")), 0);
    assert_true(null_at(answer, "next"));
    json_decref(answer);
    /* after: only a licence of this very seal */
    expect_name("/v1/seals/" MAIN "/licences?after=4294967295", 400, "PARAMETER");
    expect_name("/v1/seals/" MAIN "/licences?after=18446744073709551616", 400, "PARAMETER");
    expect_name("/v1/seals/" MAIN "/licences?after=0", 400, "PARAMETER"); /* a number of something else */
    expect_name("/v1/seals/" MAIN "/licences?limit=0", 400, "PARAMETER");
    answer = get("/v1/seals/" ODD_PATH "/licences?limit=1", 200);
    assert_true(null_at(answer, "next"));
    const json_int_t height = number_at(answer, "height");
    assert_int_equal(height, chain_head(served.world.chain)->n);
    json_decref(answer);
    uint8_t key[32]; /* one of another seal */
    struct licence licence;
    struct bytes value;
    const struct snapshot *snapshot;
    char path[96];
    world_licence_key(key, &served.world, WORLD_TYPE_KEYED, 200);
    assert_int_equal(reader_snapshot(served.world.reader, &snapshot), ERR_OK);
    assert_int_equal(snapshot_by_id(snapshot, OBJECT_LICENCE, bytes_of(key, 32), &value), FOUND_YES);
    assert_int_equal(licence_decode(&licence, value).code, CODE_OK);
    snprintf(path, sizeof path, "/v1/seals/" MAIN "/licences?after=%u", licence.no);
    reader_rest(served.world.reader);
    expect_name(path, 400, "PARAMETER");
}

/* ---- changed on disk: a fault, and nothing of it is served ---- */

/* The object's number, and its record with the byte at `back` from the end changed, written over the right one. */
static uint32_t damage(enum object_kind kind, struct bytes id, size_t back) {
    static uint8_t copy[OBJECT_VALUE_MAX];
    const struct snapshot *snapshot;
    struct bytes value;
    struct kv_txn *txn;
    struct seal seal;
    struct licence licence;
    assert_int_equal(reader_snapshot(served.world.reader, &snapshot), ERR_OK);
    assert_int_equal(snapshot_by_id(snapshot, kind, id, &value), FOUND_YES);
    if (kind == OBJECT_SEAL) assert_int_equal(seal_decode(&seal, value).code, CODE_OK);
    else assert_int_equal(licence_decode(&licence, value).code, CODE_OK);
    const size_t len = value.len;
    const uint32_t no = kind == OBJECT_SEAL ? seal.no : licence.no;
    memcpy(copy, value.data, len);
    copy[len - back] ^= 1;
    reader_rest(served.world.reader);
    assert_int_equal(kv_begin(served.world.kv, true, &txn), ERR_OK);
    slot_overwrite(txn, no, bytes_of(copy, len));
    assert_int_equal(kv_commit(txn), ERR_OK);
    return no;
}

static void test_damaged_seal(void **state) {
    (void)state;
    (void)damage(OBJECT_SEAL, bytes_text("s3"), 1);
    (void)damage(OBJECT_SEAL, bytes_text(MAIN), 40);
    served_start(&served);
    expect_name("/v1/seals/" MAIN, 503, "CORRUPT");
    expect_name("/v1/seals/" MAIN "/history", 503, "CORRUPT");
    expect_name("/v1/seals/" MAIN "/licences", 503, "CORRUPT");
    expect_name("/v1/seals/s3", 503, "CORRUPT");
    expect_name("/v1/seals", 503, "CORRUPT");
    assert_true(served.events[RPC_FAULT] >= 5);
    json_decref(get("/v1/seals/" ODD_PATH, 200)); /* the others are as good as ever */
    json_decref(get("/v1/seals/" ODD_PATH "/licences", 200));
    uint8_t key[32];
    char path[128], hex[65];
    world_licence_key(key, &served.world, WORLD_TYPE_KEYED, 100); /* a licence under it has no verdict now, and surely not `valid` */
    hex_encode(hex, key, 32);
    snprintf(path, sizeof path, "/v1/licences/%s", hex);
    expect_name(path, 503, "CORRUPT");
}

static void test_damaged_licence(void **state) {
    uint8_t key[32];
    char path[128];
    (void)state;
    world_licence_key(key, &served.world, WORLD_TYPE_KEYED, 102);
    const uint32_t no = damage(OBJECT_LICENCE, bytes_of(key, 32), 1);
    served_start(&served);
    expect_name("/v1/seals/" MAIN "/licences", 503, "CORRUPT"); /* complete, or nothing */
    expect_name("/v1/licences", 503, "CORRUPT");
    expect_name("/v1/licences?state=revoked", 503, "CORRUPT"); /* nobody knows whether it would have passed the filter */
    json_decref(get("/v1/seals/" MAIN "/licences?limit=2", 200));
    snprintf(path, sizeof path, "/v1/seals/" MAIN "/licences?limit=2&after=%u", no); /* where it would lead is not known: no list goes on from it */
    expect_name(path, 400, "PARAMETER");
    json_decref(get("/v1/seals/" MAIN, 200));
}

/* A link of the history, changed: what it says happened is under the seal's head. */
static void test_damaged_history(void **state) {
    struct kv_txn *txn;
    bool done = false;
    (void)state;
    assert_int_equal(kv_begin(served.world.kv, true, &txn), ERR_OK);
    for (uint32_t number = 0; !done; number++) {
        struct history_link link;
        assert_int_equal(store_link(txn, number, &link), ERR_OK);
        if (link.op != OP_SEAL_REMAKE) continue;
        strip_flip(txn, KV_LINKS, 0, number, 8 * (LINK_LEN - 1)); /* its time */
        done = true;
    }
    assert_int_equal(kv_commit(txn), ERR_OK);
    served_start(&served);
    expect_name("/v1/seals/" MAIN "/history", 503, "CORRUPT");
    expect_name("/v1/seals/" MAIN "/history?limit=1", 503, "CORRUPT"); /* also where the page would not show it */
    json_decref(get("/v1/seals/" ODD_PATH "/history", 200));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_one, start, stop),           cmocka_unit_test_setup_teardown(test_ids, start, stop),
        cmocka_unit_test_setup_teardown(test_pages, start, stop),         cmocka_unit_test_setup_teardown(test_history, start, stop),
        cmocka_unit_test_setup_teardown(test_licences, start, stop),      cmocka_unit_test_setup_teardown(test_damaged_seal, fill, stop),
        cmocka_unit_test_setup_teardown(test_damaged_licence, fill, stop), cmocka_unit_test_setup_teardown(test_damaged_history, fill, stop)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
