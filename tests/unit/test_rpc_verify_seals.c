/* Verdicts over HTTP on documents that bear seals: what is malformed in `seals`; the right seal, another one, an unknown one; proofs; very many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/rules/proof_source.h"
#include "tests/lib/served.h"

#define ONE "31011800000001"
#define OTHER "31011800000002"
static struct served served;
static char sealed_key[65], plain_key[65], sealed_digest[65], plain_digest[65]; /* a licence sealed with ONE, one without a seal, and their documents */

static void enter(void) {
    struct made *const list[] = {&served.submitted};
    struct statement_result result;
    served.world.now_ms += 1000;
    assert_int_equal(world_block(&served.world, list, 1, &result), ERR_OK);
    assert_int_equal(result.refusal.code, CODE_OK);
}

static int start(void **state) {
    uint8_t bytes[32];
    (void)state;
    served_fill(&served, 3);
    world_seal(&served.submitted, &served.world, OP_SEAL_REGISTER, ONE, 0, 10, LOG_ENTRY_NONE);
    enter();
    world_seal(&served.submitted, &served.world, OP_SEAL_REGISTER, OTHER, 0, 30, LOG_ENTRY_NONE);
    enter();
    world_issue_sealed(&served.submitted, &served.world, WORLD_TYPE_KEYED, 100, 1, ONE, world_making(10));
    enter();
    world_seal(&served.submitted, &served.world, OP_SEAL_REMAKE, ONE, 1, 20, LOG_ENTRY_NONE);
    enter();
    world_licence_key(bytes, &served.world, WORLD_TYPE_KEYED, 100);
    hex_encode(sealed_key, bytes, 32);
    world_licence_key(bytes, &served.world, WORLD_TYPE_KEYED, 1);
    hex_encode(plain_key, bytes, 32);
    sha256(bytes, "document 00000100", 17);
    hex_encode(sealed_digest, bytes, 32);
    sha256(bytes, "document 00000001", 17);
    hex_encode(plain_digest, bytes, 32);
    served_start(&served);
    return 0;
}
static int stop(void **state) {
    (void)state;
    served_stop(&served);
    return 0;
}

static const char *text_at(const json_t *json, const char *name) { return json_string_value(json_object_get(json, name)); }

/* One seal as in a query; certificate 0: not shown. */
static const char *seal_of(const char *id, uint8_t making, uint8_t certificate) {
    static char text[4][400];
    static unsigned turn;
    char *out = text[turn++ % 4], digest[65], listed[65];
    hex_encode(digest, world_making(making), 32);
    hex_encode(listed, world_making(certificate), 32);
    const int len = snprintf(out, sizeof text[0], "{\"id\":\"%s\",\"digest\":\"%s\"", id, digest);
    if (certificate != 0) snprintf(out + len, sizeof text[0] - (size_t)len, ",\"certificate\":\"%s\"}", listed);
    else snprintf(out + len, sizeof text[0] - (size_t)len, "}");
    return out;
}

/* The one verdict on a licence, or on a document, shown with these seals. The caller frees. */
static json_t *verdict_on(const char *hex, bool document, const char *seals, const char *more) {
    static char body[16384];
    int status;
    snprintf(body, sizeof body, "{\"queries\":[{\"%s\":%s\"%s\"%s,\"seals\":%s}]%s}", document ? "document" : "key",
             document ? "{\"alg\":\"sha-256\",\"digest\":" : "", hex, document ? "}" : "", seals, more);
    json_t *answer = served_json(&served, &status, "POST", "/v1/verify", body);
    if (status != 200) print_error("%d %s\n", status, body);
    assert_int_equal(status, 200);
    json_t *verdict = json_incref(json_array_get(json_object_get(answer, "verdicts"), 0));
    json_decref(answer);
    return verdict;
}

static const json_t *step_of(const json_t *seal, const char *name) {
    const json_t *steps = json_object_get(seal, "steps"), *step;
    size_t i;
    assert_int_equal(json_array_size(steps), SEAL_STEP_COUNT);
    json_array_foreach(steps, i, step) if (strcmp(text_at(step, "step"), name) == 0) return step;
    fail_msg("no step %s", name);
    return NULL;
}

/* ---- malformed ---- */

#define KEY "0000000000000000000000000000000000000000000000000000000000000000"
#define HEX "\"" KEY "\""
#define GOOD "{\"id\":\"s\",\"digest\":" HEX "}"
#define ID64 "0123456789012345678901234567890123456789012345678901234567890123"

static void test_malformed(void **state) {
    static const struct { const char *seals, *name, *field; } rows[] = {
        {"{}", "QUERY_INVALID", "seals"},
        {"\"" ONE "\"", "QUERY_INVALID", "seals"},
        {"1", "QUERY_INVALID", "seals"},
        {"true", "QUERY_INVALID", "seals"},
        {"[" GOOD "," GOOD "," GOOD "," GOOD "," GOOD "," GOOD "," GOOD "," GOOD "," GOOD "]", "QUERY_INVALID", "seals"},
        {"[null]", "QUERY_INVALID", "seals"},
        {"[[]]", "QUERY_INVALID", "seals"},
        {"[\"s\"]", "QUERY_INVALID", "seals"},
        {"[{\"id\":\"s\",\"digest\":" HEX ",\"kind\":1}]", "QUERY_INVALID", "seals"},
        {"[{\"id\":\"s\",\"Digest\":" HEX "}]", "QUERY_INVALID", "seals"},
        {"[{}]", "QUERY_INVALID", "id"},
        {"[{\"digest\":" HEX "}]", "QUERY_INVALID", "id"},
        {"[{\"id\":null,\"digest\":" HEX "}]", "QUERY_INVALID", "id"},
        {"[{\"id\":\"\",\"digest\":" HEX "}]", "QUERY_INVALID", "id"},
        {"[{\"id\":7,\"digest\":" HEX "}]", "QUERY_INVALID", "id"},
        {"[{\"id\":\"" ID64 "4\",\"digest\":" HEX "}]", "QUERY_INVALID", "id"},
        {"[{\"id\":\"s\"}]", "QUERY_INVALID", "digest"},
        {"[{\"id\":\"s\",\"digest\":null}]", "QUERY_INVALID", "digest"},
        {"[{\"id\":\"s\",\"digest\":\"\"}]", "QUERY_INVALID", "digest"},
        {"[{\"id\":\"s\",\"digest\":\"" KEY "00\"}]", "QUERY_INVALID", "digest"},
        {"[{\"id\":\"s\",\"digest\":\"g000000000000000000000000000000000000000000000000000000000000000\"}]", "QUERY_INVALID", "digest"},
        {"[{\"id\":\"s\",\"digest\":[]}]", "QUERY_INVALID", "digest"},
        {"[{\"id\":\"s\",\"digest\":" HEX ",\"certificate\":\"00\"}]", "QUERY_INVALID", "certificate"},
        {"[{\"id\":\"s\",\"digest\":" HEX ",\"certificate\":1}]", "QUERY_INVALID", "certificate"},
        {"[" GOOD ",{\"id\":\"s\"}]", "QUERY_INVALID", "digest"},
        {"[{\"id\":\"s\",\"id\":\"t\",\"digest\":" HEX "}]", "JSON_INVALID", NULL},
        {"[{\"id\":\"\xff\",\"digest\":" HEX "}]", "JSON_INVALID", NULL},
        {"[{\"id\":\"\xed\xa0\x80\",\"digest\":" HEX "}]", "JSON_INVALID", NULL},
        {"[{\"id\":\"a\\u0000b\",\"digest\":" HEX "}]", "JSON_INVALID", NULL},
        {"[" GOOD, "JSON_INVALID", NULL},
    };
    static const char *const good[] = {"null", "[]", "[" GOOD "]", "[{\"id\":\"" ID64 "\",\"digest\":" HEX ",\"certificate\":null}]",
                                       "[" GOOD "," GOOD "," GOOD "," GOOD "," GOOD "," GOOD "," GOOD "," GOOD "]"};
    static char body[4096];
    int status;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(body, sizeof body, "{\"queries\":[{\"key\":\"" KEY "\"},{\"key\":\"" KEY "\",\"seals\":%s}]}", rows[i].seals);
        json_t *answer = served_json(&served, &status, "POST", "/v1/verify", body);
        if (status != 400 || strcmp(text_at(answer, "name"), rows[i].name) != 0) print_error("%s\n", rows[i].seals);
        assert_int_equal(status, 400);
        assert_string_equal(text_at(answer, "name"), rows[i].name);
        if (rows[i].field != NULL) {
            assert_string_equal(text_at(answer, "field"), rows[i].field);
            assert_int_equal(json_integer_value(json_object_get(answer, "item")), 1);
        }
        json_decref(answer);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        json_t *verdict = verdict_on(KEY, i % 2 == 0, good[i], "");
        assert_string_equal(text_at(verdict, "verdict"), "unknown");
        json_decref(verdict);
    }
    json_t *answer = served_json(&served, &status, "POST", "/v1/verify", "{\"queries\":[{\"seals\":[" GOOD "]}]}"); /* seals alone lead to nothing */
    assert_int_equal(status, 400);
    assert_string_equal(text_at(answer, "field"), "query");
    json_decref(answer);
}

/* ---- judged ---- */

/* By its document, as a window asks; a mismatch by the key alone is told without a word about the licence. */
static void expect(const char *digest, const char *key, const char *seals, const char *word, const char *result) {
    for (int by_document = 1; by_document >= 0; by_document--) {
        json_t *verdict = verdict_on(by_document ? digest : key, by_document, seals, "");
        const json_t *seal = json_object_get(verdict, "seal");
        const char *got = text_at(verdict, "verdict"), *said = json_is_object(seal) ? text_at(seal, "result") : "none";
        const bool mismatch = strcmp(word, "mismatch") == 0;
        if (strcmp(got, word) != 0 || (by_document && strcmp(said, result) != 0)) print_error("%s\n%s\n", seals, json_dumps(verdict, JSON_INDENT(1)));
        assert_string_equal(got, word);
        if (by_document || !mismatch) assert_string_equal(said, result);
        else assert_string_equal(text_at(step_of(seal, "seal_named"), "result"), "not_checked");
        if (mismatch) assert_true(json_is_null(json_object_get(verdict, "licence")));
        json_decref(verdict);
    }
}
#define SEALED sealed_digest, sealed_key
#define PLAIN plain_digest, plain_key

static const char *list(const char *first, const char *second) {
    static char text[1024];
    snprintf(text, sizeof text, "[%s%s%s]", first, second != NULL ? "," : "", second != NULL ? second : "");
    return text;
}

static void test_judged(void **state) {
    (void)state;
    expect(SEALED, "null", "valid", "not_checked"); /* its own seal, which was not looked for */
    json_t *bare = verdict_on(sealed_digest, true, "[]", ""); /* the document bears none */
    assert_string_equal(text_at(bare, "verdict"), "mismatch");
    assert_true(json_is_null(json_object_get(bare, "seal")));
    json_decref(bare);
    expect(SEALED, list(seal_of(ONE, 10, 11), NULL), "valid", "passed");
    expect(SEALED, list(seal_of(ONE, 10, 0), NULL), "valid", "not_checked");
    expect(SEALED, list(seal_of(ONE, 10, 21), NULL), "mismatch", "failed"); /* a certificate that this making does not list */
    expect(SEALED, list(seal_of(ONE, 20, 21), NULL), "mismatch", "failed"); /* another making of the same seal */
    expect(SEALED, list(seal_of(ONE, 99, 11), NULL), "mismatch", "failed"); /* data that nobody registered under its number */
    expect(SEALED, list(seal_of(OTHER, 30, 31), NULL), "mismatch", "failed");
    expect(SEALED, list(seal_of(OTHER, 10, 11), NULL), "mismatch", "failed");
    expect(SEALED, list(seal_of("31011800000009", 10, 11), NULL), "mismatch", "failed"); /* not registered */
    /* a stamped copy bears another seal beside it */
    expect(SEALED, list(seal_of(ONE, 10, 11), seal_of("note", 90, 91)), "valid", "passed");
    expect(SEALED, list(seal_of("note", 90, 91), seal_of(ONE, 10, 11)), "valid", "passed");
    expect(SEALED, list(seal_of("note", 90, 91), seal_of(OTHER, 30, 31)), "mismatch", "failed");
    /* a licence that was registered without a seal is judged for itself; of the seal is told what it is */
    expect(PLAIN, "[]", "valid", "none");
    expect(PLAIN, list(seal_of(ONE, 20, 21), NULL), "valid", "not_checked");
    expect(PLAIN, list(seal_of(ONE, 99, 21), NULL), "valid", "failed");
    expect(PLAIN, list(seal_of("31011800000009", 10, 11), NULL), "valid", "failed");
}

static void test_steps(void **state) {
    (void)state;
    json_t *verdict = verdict_on(sealed_digest, true, list(seal_of(ONE, 10, 21), NULL), "");
    const json_t *seal = json_array_get(json_object_get(verdict, "seals"), 0);
    assert_string_equal(text_at(seal, "id"), ONE);
    assert_string_equal(text_at(step_of(seal, "seal_digest"), "result"), "passed");
    assert_string_equal(text_at(step_of(seal, "seal_certificate"), "result"), "failed");
    assert_string_equal(text_at(step_of(seal, "seal_certificate"), "reason"), "not_listed");
    assert_non_null(text_at(verdict, "note"));
    json_decref(verdict);

    verdict = verdict_on(sealed_digest, true, list(seal_of(OTHER, 30, 31), seal_of("none", 1, 2)), "");
    assert_int_equal(json_array_size(json_object_get(verdict, "seals")), 2); /* in the order shown */
    seal = json_array_get(json_object_get(verdict, "seals"), 0);
    assert_string_equal(text_at(step_of(seal, "seal_named"), "reason"), "other_seal");
    seal = json_array_get(json_object_get(verdict, "seals"), 1);
    assert_string_equal(text_at(seal, "id"), "none");
    assert_true(json_is_null(json_object_get(seal, "name")));
    assert_string_equal(text_at(step_of(seal, "seal_registered"), "reason"), "seal_unknown");
    json_decref(verdict);

    /* by the document, as a window asks; and what no ledger knows */
    static char body[2048];
    int status;
    snprintf(body, sizeof body,
             "{\"queries\":[{\"document\":{\"alg\":\"sha-256\",\"digest\":\"%s\"},\"seals\":%s},{\"document\":{\"alg\":\"sha-256\",\"digest\":\"" KEY "\"},\"seals\":[%s]}]}",
             sealed_digest, list(seal_of(ONE, 10, 11), NULL), seal_of(ONE, 20, 21));
    json_t *answer = served_json(&served, &status, "POST", "/v1/verify", body);
    assert_int_equal(status, 200);
    const json_t *verdicts = json_object_get(answer, "verdicts");
    assert_string_equal(text_at(json_array_get(verdicts, 0), "verdict"), "valid");
    assert_string_equal(text_at(json_array_get(verdicts, 0), "document"), "match");
    assert_string_equal(text_at(json_object_get(json_array_get(verdicts, 0), "seal"), "result"), "passed");
    assert_string_equal(text_at(json_array_get(verdicts, 1), "verdict"), "unknown");
    seal = json_array_get(json_object_get(json_array_get(verdicts, 1), "seals"), 0);
    assert_string_equal(text_at(step_of(seal, "seal_state"), "result"), "passed"); /* good in itself; what it seals is not known */
    assert_string_equal(text_at(step_of(seal, "seal_named"), "reason"), "no_licence");
    json_decref(answer);
}

static void test_proofs(void **state) {
    static uint8_t file[1u << 20];
    static struct proof proof;
    static struct finality finality;
    static struct proof_source source;
    static struct verdict said;
    size_t len;
    (void)state;
    json_t *verdict = verdict_on(sealed_digest, true, list(seal_of(ONE, 10, 11), NULL), ",\"proof\":true");
    const json_t *text = json_object_get(verdict, "proof");
    assert_string_equal(text_at(json_object_get(verdict, "seal"), "result"), "passed");
    assert_true(base64url_decode(file, sizeof file, &len, json_string_value(text), json_string_length(text)));
    json_decref(verdict);
    assert_int_equal(proof_decode(&proof, bytes_of(file, len)).code, CODE_OK);
    genesis_finality(&finality, chain_genesis(served.world.chain));
    struct proof_trust trust = {.finality = &finality};
    struct proof_checked checked;
    memcpy(trust.genesis, chain_genesis(served.world.chain)->hash, 32);
    assert_int_equal(proof_check(&checked, &proof, &trust).code, CODE_OK);
    /* offline the same seals say the same */
    const struct object_source records = proof_source_over(&source, &proof, trust.genesis);
    const struct { struct shown_seal seal; enum verdict_word word; } rows[] = {
        {{bytes_text(ONE), world_making(10), world_making(11)}, VERDICT_VALID},
        {{bytes_text(ONE), world_making(20), world_making(21)}, VERDICT_MISMATCH},
        {{bytes_text(OTHER), world_making(30), world_making(31)}, VERDICT_MISMATCH},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct verdict_query query;
        char type_code[TYPE_CODE_LEN + 1];
        assert_true(subject_query(&query, type_code, &proof.subject, &records));
        query.seals = &rows[i].seal;
        query.seal_count = 1;
        assert_int_equal(verdict_judge(&said, &query, &records, served.world.now_ms), ERR_OK);
        assert_int_equal(said.word, rows[i].word);
    }
    verdict = verdict_on(sealed_digest, true, list(seal_of(OTHER, 30, 31), NULL), ",\"proof\":true");
    assert_string_equal(text_at(verdict, "verdict"), "mismatch");
    assert_true(json_is_null(json_object_get(verdict, "proof")));
    json_decref(verdict);
}

/* As many as a call may hold, each with as many seals: all of them whole, or a refusal that says so; never a piece of an answer. */
static void test_very_many(void **state) {
    static char body[1u << 20], seals[4096];
    (void)state;
    static const struct { size_t queries; const char *certificate; bool proof; int status; const char *name; } rows[] = {
        {1000, "", false, 413, "TOO_MANY_QUERIES"}, {1000, "", true, 413, "TOO_MANY_QUERIES"}, {300, "", false, 200, NULL},
        {20, "", true, 200, NULL},                  {400, ",\"certificate\":" HEX, false, 200, NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t len = 0;
        for (int k = 0; k < 8; k++) len += (size_t)snprintf(seals + len, sizeof seals - len, "%s{\"id\":\"s%d\",\"digest\":" HEX "%s}", k ? "," : "", k, rows[i].certificate);
        len = (size_t)snprintf(body, sizeof body, "{\"proof\":%s,\"queries\":[", rows[i].proof ? "true" : "false");
        for (size_t k = 0; k < rows[i].queries; k++)
            len += (size_t)snprintf(body + len, sizeof body - len, "%s{\"key\":\"%s\",\"seals\":[%s]}", k ? "," : "", plain_key, seals);
        len += (size_t)snprintf(body + len, sizeof body - len, "]}");
        assert_true(len < sizeof body);
        int status;
        json_t *answer = served_json(&served, &status, "POST", "/v1/verify", body);
        assert_non_null(answer); /* it reads as JSON */
        if (status != rows[i].status) print_error("row %zu: %d\n", i, status);
        assert_int_equal(status, rows[i].status);
        if (status == 200) assert_int_equal(json_array_size(json_object_get(answer, "verdicts")), rows[i].queries);
        else assert_string_equal(text_at(answer, "name"), rows[i].name);
        const json_t *verdict = json_array_get(json_object_get(answer, "verdicts"), rows[i].queries - 1);
        if (status == 200) assert_int_equal(json_array_size(json_object_get(verdict, "seals")), 8);
        if (status == 200) assert_int_equal(json_is_string(json_object_get(verdict, "proof")), rows[i].proof);
        json_decref(answer);
    }
    json_t *after = verdict_on(sealed_digest, true, list(seal_of(ONE, 10, 11), NULL), ""); /* and the node goes on */
    assert_string_equal(text_at(after, "verdict"), "valid");
    json_decref(after);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_malformed), cmocka_unit_test(test_judged), cmocka_unit_test(test_steps), cmocka_unit_test(test_proofs),
                                       cmocka_unit_test(test_very_many)};
    return cmocka_run_group_tests(tests, start, stop);
}
