/* Verdicts over HTTP: every kind of query, alone and together; what is malformed; no oracle; proofs that verify; faults that are no verdicts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "ledger/rules/proof_source.h"
#include "ledger/wire/ident.h"
#include "tests/lib/rows.h"
#include "tests/lib/served.h"

static struct served served;
static char key_hex[65], digest_hex[65], identified_hex[65];

static int fill(void **state) {
    uint8_t key[32], digest[32];
    (void)state;
    served_fill(&served, 20);
    world_licence_key(key, &served.world, WORLD_TYPE_KEYED, 7);
    hex_encode(key_hex, key, 32);
    sha256(digest, "document 00000007", 17);
    hex_encode(digest_hex, digest, 32);
    hex_encode(identified_hex, served.identifier_key, 32);
    return 0;
}
static int start(void **state) {
    fill(state);
    served_start(&served);
    return 0;
}
static int stop(void **state) {
    (void)state;
    served_stop(&served);
    return 0;
}

/* The verdicts on these queries; the caller frees. */
static json_t *ask(const char *queries, const char *more) {
    static char body[1u << 20];
    int status;
    snprintf(body, sizeof body, "{\"queries\":[%s]%s}", queries, more);
    json_t *answer = served_json(&served, &status, "POST", "/v1/verify", body);
    if (status != 200) print_error("%d %s\n", status, json_dumps(answer, 0));
    assert_int_equal(status, 200);
    return answer;
}

static const char *text_at(const json_t *json, const char *name) { return json_string_value(json_object_get(json, name)); }

static void expect_word(const char *query, const char *word) {
    json_t *answer = ask(query, "");
    const char *got = text_at(json_array_get(json_object_get(answer, "verdicts"), 0), "verdict");
    if (got == NULL || strcmp(got, word) != 0) print_error("%s\n%s\n", query, json_dumps(answer, JSON_INDENT(1)));
    assert_string_equal(got, word);
    json_decref(answer);
}

/* The same for fields alone, through a proxy that names its client. */
static void expect_asked_by(const char *asker, const char *fields, const char *word) {
    struct http_reply reply;
    char headers[256], body[1024], want[64];
    snprintf(headers, sizeof headers, "Content-Type: application/json\r\nX-Asker: 203.0.113.77\r\nX-ASKER: %s\r\n", asker);
    snprintf(body, sizeof body, "{\"queries\":[{\"fields\":%s}]}", fields);
    snprintf(want, sizeof want, "\"verdict\":\"%s\"", word);
    http_ask(&reply, served.port, "POST", "/v1/verify", headers, bytes_text(body));
    assert_int_equal(reply.status, 200);
    if (strstr((const char *)reply.body.data, want) == NULL) fail_msg("%s: not %s: %s", asker, word, (const char *)reply.body.data);
    http_reply_free(&reply);
}

/* One query, put together from parts; NULL leaves a part out. */
static const char *query(const char *document, const char *key, const char *identifier, const char *fields) {
    static char text[4096];
    size_t len = (size_t)snprintf(text, sizeof text, "{");
    if (document != NULL) len += (size_t)snprintf(text + len, sizeof text - len, "\"document\":{\"alg\":\"sha-256\",\"digest\":\"%s\"},", document);
    if (key != NULL) len += (size_t)snprintf(text + len, sizeof text - len, "\"key\":\"%s\",", key);
    if (identifier != NULL) len += (size_t)snprintf(text + len, sizeof text - len, "\"identifier\":\"%s\",", identifier);
    if (fields != NULL) len += (size_t)snprintf(text + len, sizeof text - len, "\"fields\":%s,", fields);
    text[len - 1] = '}';
    return text;
}
#define FIELDS(type, number, code, name) \
    "{\"type\":\"" type "\",\"number\":\"" number "\",\"holder_code\":\"" code "\",\"holder_name\":\"" name "\"}"
#define GOOD FIELDS(WORLD_TYPE_KEYED, "NO00000007", "HOLDER00000007", "HOLDER00000007")

/* Incomplete, and the note names what is missing. */
static void expect_missing(const char *key, const char *fields, const char *missing) {
    json_t *answer = ask(query(NULL, key, NULL, fields), "");
    const json_t *verdict = json_array_get(json_object_get(answer, "verdicts"), 0);
    assert_string_equal(text_at(verdict, "verdict"), "incomplete");
    assert_non_null(text_at(verdict, "note"));
    assert_string_equal(text_at(verdict, "note"), missing);
    json_decref(answer);
}

static void test_kinds(void **state) {
    (void)state;
    expect_word(query(NULL, key_hex, NULL, NULL), "valid");
    expect_word(query(digest_hex, NULL, NULL, NULL), "valid");
    expect_word(query(NULL, NULL, NULL, GOOD), "valid");
    expect_word(query(digest_hex, key_hex, NULL, GOOD), "valid");
    expect_word(query(NULL, NULL, served.identifier, NULL), "valid");
    expect_word(query(NULL, identified_hex, served.identifier, FIELDS("", "沪a－1", " h1 ", "　张三 ")), "valid"); /* normal forms, type from the identifier */
    expect_word(query(identified_hex, NULL, NULL, NULL), "unknown");
    expect_word(query(NULL, digest_hex, NULL, NULL), "unknown");
    expect_word(query(NULL, NULL, NULL, FIELDS(WORLD_TYPE_KEYED, "NO-X", "H", "N")), "unknown");
    expect_word(query(NULL, NULL, NULL, FIELDS("11100000000013338W099", "N", "H", "N")), "unknown");
    expect_word(query(digest_hex, NULL, NULL, FIELDS("11100000000013338W099", "N", "H", "N")), "mismatch");
    expect_word(query(digest_hex, identified_hex, NULL, NULL), "mismatch");
    expect_word(query(NULL, key_hex, served.identifier, NULL), "mismatch");
    expect_word(query(NULL, NULL, NULL, FIELDS(WORLD_TYPE_KEYED, "NO00000007", "HOLDER00000008", "HOLDER00000007")), "mismatch");
    expect_word(query(NULL, NULL, served.identifier, FIELDS(WORLD_TYPE_PUBLIC, "1", "2", "3")), "mismatch");
    /* a keyed type wants all three; a public one the number */
    expect_word(query(NULL, NULL, NULL, "{\"type\":\"" WORLD_TYPE_KEYED "\",\"number\":\"NO00000007\",\"holder_code\":\" \"}"), "incomplete");
    expect_word(query(NULL, key_hex, NULL, "{\"type\":\"" WORLD_TYPE_KEYED "\",\"holder_name\":\"x\"}"), "incomplete");
    expect_word(query(NULL, NULL, NULL, "{\"number\":\"NO00000007\"}"), "incomplete");
    static const struct { const char *fields, *missing; } alone[] = { /* each is asked for by itself, and all that is given is right */
        {"{\"type\":\"" WORLD_TYPE_KEYED "\",\"holder_code\":\"HOLDER00000007\",\"holder_name\":\"HOLDER00000007\"}", "number"},
        {"{\"type\":\"" WORLD_TYPE_KEYED "\",\"number\":\"NO00000007\",\"holder_name\":\"HOLDER00000007\"}", "holder_code"},
        {"{\"type\":\"" WORLD_TYPE_KEYED "\",\"number\":\"NO00000007\",\"holder_code\":\"HOLDER00000007\"}", "holder_name"},
    };
    for (size_t i = 0; i < 2 * sizeof alone / sizeof *alone; i++) expect_missing(i % 2 ? key_hex : NULL, alone[i / 2].fields, alone[i / 2].missing);
    expect_word(query(NULL, NULL, NULL, "{\"type\":\"" WORLD_TYPE_PUBLIC "\",\"number\":\"NO00005000\"}"), "valid");
    expect_word(query(NULL, NULL, NULL, "{\"type\":\"" WORLD_TYPE_PUBLIC "\",\"holder_name\":\"x\"}"), "incomplete");
    /* without the secret, only what needs none is answered */
    served.has_secret = false;
    json_t *answer = ask(query(NULL, NULL, served.identifier, NULL), "");
    const json_t *verdict = json_array_get(json_object_get(answer, "verdicts"), 0);
    assert_string_equal(text_at(verdict, "verdict"), "incomplete");
    assert_non_null(strstr(text_at(verdict, "note"), "secret"));
    json_decref(answer);
    expect_word(query(NULL, NULL, NULL, GOOD), "incomplete");
    expect_word(query(digest_hex, NULL, NULL, NULL), "valid");
    served.has_secret = true;
}

/* An identifier names its type. Fields of another type contradict it by themselves, also where neither leads anywhere, and no guess is counted. */
static void test_two_types(void **state) {
    (void)state;
    char absent[IDENTIFIER_MAX + 1];
    assert_true(identifier_build(absent, bytes_text(WORLD_TYPE_KEYED), bytes_text(WORLD_USCC), bytes_text("99999"), 1) > 0);
    expect_word(query(NULL, NULL, absent, NULL), "unknown");
    expect_word(query(NULL, NULL, absent, "{\"type\":\"" WORLD_TYPE_PUBLIC "\"}"), "mismatch");
    expect_word(query(NULL, NULL, absent, FIELDS(WORLD_TYPE_PUBLIC, "NO-X", "H", "N")), "mismatch");
    for (int i = 0; i < 7; i++) expect_word(query(NULL, NULL, served.identifier, FIELDS(WORLD_TYPE_PUBLIC, "1", "2", "3")), "mismatch");
    expect_word(query(NULL, NULL, served.identifier, FIELDS(WORLD_TYPE_KEYED, "沪A-1", "H1", "张三")), "valid");
}

/* An answer's text, but for the proofs in it, whose signatures are new each time. */
static char *without_proofs(const struct http_reply *reply) {
    json_t *json = json_loadb((const char *)reply->body.data, reply->body.len, 0, NULL), *verdict;
    size_t i;
    json_array_foreach(json_object_get(json, "verdicts"), i, verdict)
        if (json_is_string(json_object_get(verdict, "proof"))) json_object_set_new(verdict, "proof", json_true());
    char *text = json_dumps(json, JSON_SORT_KEYS);
    json_decref(json);
    return text;
}

/* Calls that come at the same moment are answered as each would be alone. */
static void test_together(void **state) {
    enum { CALLS = 36 };
    char body[CALLS][1024], key[20][65];
    struct http_reply reply;
    char *alone[CALLS];
    int status[CALLS], fd[CALLS];
    (void)state;
    for (uint32_t i = 0; i < 20; i++) {
        uint8_t bytes[32];
        world_licence_key(bytes, &served.world, WORLD_TYPE_KEYED, i);
        hex_encode(key[i], bytes, 32);
    }
    for (int i = 0; i < CALLS; i++) {
        const char *one = query(NULL, key[i % 20], NULL, NULL);
        switch (i % 9) {
        case 1: one = query(NULL, digest_hex, NULL, NULL); break;                                                              /* unknown */
        case 2: one = query(digest_hex, NULL, NULL, GOOD); break;                                                              /* no key to look ahead for */
        case 3: (void)snprintf(body[i], sizeof body[i], "{\"queries\":[%.600s],\"proof\":true}", one); continue;
        case 4: (void)snprintf(body[i], sizeof body[i], "{\"queries\":[{\"key\":\"xyz\"}]}"); continue;                         /* refused */
        case 5: (void)snprintf(body[i], sizeof body[i], "{\"queries\":[%.600s,{\"key\":\"%s\"},{\"key\":\"%s\"}]}", one, key_hex, key[i % 20]); continue;
        case 6: one = query(digest_hex, identified_hex, NULL, NULL); break;                                                    /* mismatch */
        case 7: (void)snprintf(body[i], sizeof body[i], "{\"queries\":[]}"); continue;
        default: break;
        }
        (void)snprintf(body[i], sizeof body[i], "{\"queries\":[%.600s]}", one);
    }
    for (int i = 0; i < CALLS; i++) {
        http_ask(&reply, served.port, "POST", "/v1/verify", "", bytes_text(body[i]));
        status[i] = reply.status;
        alone[i] = without_proofs(&reply);
        http_reply_free(&reply);
    }
    const uint64_t notes = served.notes;
    served.pause_ms = 150;
    const int first = http_send(served.port, "POST", "/v1/verify", "", bytes_text(body[0]));
    usleep(20 * 1000);
    for (int i = 0; i < CALLS; i++) fd[i] = http_send(served.port, "POST", "/v1/verify", "", bytes_text(body[i]));
    http_hear(&reply, first);
    http_reply_free(&reply);
    for (int i = 0; i < CALLS; i++) {
        http_hear(&reply, fd[i]);
        char *text = without_proofs(&reply);
        assert_int_equal(reply.status, status[i]);
        assert_string_equal(text, alone[i]);
        http_reply_free(&reply);
        free(text);
        free(alone[i]);
    }
    assert_true(served.notes - notes < CALLS / 2); /* they did come together */
}

static void test_shape(void **state) {
    static const char *const names[] = {"verdict", "code", "document", "issuer", "licence", "status", "seal", "as_of", "proof", NULL};
    (void)state;
    json_t *answer = ask(query(NULL, NULL, served.identifier, NULL), ",\"purpose\":\"p\",\"item\":null,\"proof\":false");
    const json_t *verdict = json_array_get(json_object_get(answer, "verdicts"), 0), *licence = json_object_get(verdict, "licence"),
                 *as_of = json_object_get(verdict, "as_of");
    for (size_t i = 0; names[i] != NULL; i++) assert_non_null(json_object_get(verdict, names[i]));
    assert_int_equal(json_object_size(verdict), 9);
    assert_int_equal(json_integer_value(json_object_get(verdict, "code")), 0);
    assert_string_equal(text_at(licence, "key"), identified_hex);
    assert_string_equal(text_at(licence, "identifier"), served.identifier);
    assert_string_equal(text_at(licence, "type"), WORLD_TYPE_KEYED);
    assert_string_equal(text_at(licence, "valid_from"), "2024-10-04");
    assert_true(json_is_null(json_object_get(licence, "valid_to")));
    assert_int_equal(json_object_size(licence), 5);
    assert_string_equal(text_at(json_object_get(verdict, "issuer"), "id"), WORLD_USCC);
    assert_string_equal(text_at(json_object_get(verdict, "status"), "state"), "valid");
    assert_string_equal(text_at(as_of, "chain"), "elic-test");
    assert_int_equal(json_integer_value(json_object_get(as_of, "height")), 3);
    assert_int_equal(json_integer_value(json_object_get(as_of, "age_ms")), 400);
    json_decref(answer);
    served.later_ms -= 2900; /* a note from the future is never passed off as fresh */
    answer = ask(query(NULL, NULL, served.identifier, NULL), "");
    as_of = json_object_get(json_array_get(json_object_get(answer, "verdicts"), 0), "as_of");
    assert_int_equal(json_integer_value(json_object_get(as_of, "age_ms")), -2500);
    json_decref(answer);
    served.later_ms += 2900;
    int status; /* one licence, with what its next change has to name */
    char path[128];
    snprintf(path, sizeof path, "/v1/licences/%s?unknown=1", identified_hex);
    answer = served_json(&served, &status, "GET", path, NULL);
    assert_int_equal(status, 200);
    assert_int_equal(json_integer_value(json_object_get(json_object_get(answer, "licence"), "count")), 1);
    assert_string_equal(text_at(json_object_get(answer, "licence"), "identifier"), served.identifier); /* the node holds it */
    json_decref(answer);
}

static void test_malformed(void **state) {
    static const struct { const char *body; int status; const char *name; int item; } cases[] = {
        {"", 400, "JSON_INVALID", -1},
        {"[]", 400, "JSON_INVALID", -1},
        {"{\"queries\":{}}", 400, "JSON_INVALID", -1},
        {"{\"queries\":[],\"queries\":[]}", 400, "JSON_INVALID", -1},
        {"{\"queries\":[1e400]}", 400, "JSON_INVALID", -1},
        {"{\"queries\":[],\"proof\":1}", 400, "JSON_INVALID", -1},
        {"{\"queries\":[],\"purpose\":{}}", 400, "JSON_INVALID", -1},
        {"{\"queries\":[1]}", 400, "QUERY_INVALID", 0},
        {"{\"queries\":[{}]}", 400, "QUERY_INVALID", 0},
        {"{\"queries\":[{\"key\":null}]}", 400, "QUERY_INVALID", 0},
        {"{\"queries\":[{\"key\":\"zz\"}]}", 400, "QUERY_INVALID", 0},
        {"{\"queries\":[{\"key\":12}]}", 400, "QUERY_INVALID", 0},
        {"{\"queries\":[{\"kye\":\"\"}]}", 400, "QUERY_INVALID", 0},
        {"{\"queries\":[{\"identifier\":\"1.2.3\"}]}", 400, "QUERY_INVALID", 0},
        {"{\"queries\":[{\"identifier\":\" \"}]}", 400, "QUERY_INVALID", 0},
        {"{\"queries\":[{\"fields\":[]}]}", 400, "QUERY_INVALID", 0},
        {"{\"queries\":[{\"fields\":{\"holder\":\"x\"}}]}", 400, "QUERY_INVALID", 0},
        {"{\"queries\":[{\"fields\":{\"number\":7}}]}", 400, "QUERY_INVALID", 0},
        {"{\"queries\":[{\"fields\":{\"number\":\"a\\u202eb\"}}]}", 400, "QUERY_INVALID", 0},
        {"{\"queries\":[{\"document\":{\"alg\":\"md5\",\"digest\":\"00\"}}]}", 400, "QUERY_INVALID", 0},
        {"{\"queries\":[{\"document\":{\"alg\":\"sm3\",\"digest\":\"00\"}}]}", 400, "QUERY_INVALID", 0},
        {"{\"queries\":[{\"key\":\"0000000000000000000000000000000000000000000000000000000000000000\"},{\"key\":\"\"}]}", 400, "QUERY_INVALID", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int status;
        json_t *answer = served_json(&served, &status, "POST", "/v1/verify", cases[i].body);
        if (status != cases[i].status) print_error("%s\n", cases[i].body);
        assert_int_equal(status, cases[i].status);
        assert_string_equal(text_at(answer, "name"), cases[i].name);
        const json_t *item = json_object_get(answer, "item");
        assert_int_equal(item != NULL ? json_integer_value(item) : -1, cases[i].item);
        assert_non_null(text_at(answer, "zh"));
        json_decref(answer);
    }
    /* what any web page may have a browser send unseen is not read at all */
    static const struct { const char *header; int status; } types[] = {
        {"", 415}, {"Content-Type: text/plain\r\n", 415}, {"Content-Type: application/x-www-form-urlencoded\r\n", 415}, {"Content-Type: application/json-patch\r\n", 415},
        {"Content-Type: application/jsonx\r\n", 415}, {"Content-Type: APPLICATION/Json\r\n", 200}, {"content-type: application/json;charset=UTF-8\r\n", 200}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct http_reply reply;
        http_ask(&reply, served.port, "POST", "/v1/verify", types[i].header, bytes_text("{\"queries\":[]}"));
        if (reply.status != types[i].status) fail_msg("%s: %d", types[i].header, reply.status);
        if (reply.status == 415) assert_non_null(strstr((const char *)reply.body.data, "\"name\":\"MEDIA_TYPE\",\"en\":\"the body"));
        http_reply_free(&reply);
    }
    static char many[64 * 1024]; /* a thousand are answered, one more is not */
    size_t len = 0;
    for (int i = 0; i < 1000; i++) len += (size_t)sprintf(many + len, "%s{\"fields\":{\"type\":\"\"}}", i > 0 ? "," : "");
    json_t *answer = ask(many, "");
    assert_int_equal(json_array_size(json_object_get(answer, "verdicts")), 1000);
    json_decref(answer);
    static char body[sizeof many + 100];
    snprintf(body, sizeof body, "{\"queries\":[%s,1]}", many);
    int status;
    answer = served_json(&served, &status, "POST", "/v1/verify", body);
    assert_int_equal(status, 413);
    assert_string_equal(text_at(answer, "name"), "TOO_MANY_QUERIES");
    json_decref(answer);
}

static void test_no_oracle(void **state) {
    (void)state;
    const char *wrong = FIELDS(WORLD_TYPE_KEYED, "NO00000007", "HOLDER00000007", "nobody");
    const int64_t later_ms = served.later_ms;
    served.later_ms += 30 * 3600 * 1000LL; /* what other tests asked is forgotten */
    for (int i = 0; i < 9; i++) expect_word(query(NULL, key_hex, NULL, wrong), i < 5 ? "mismatch" : "incomplete");
    expect_word(query(NULL, key_hex, NULL, GOOD), "incomplete");      /* right and wrong answer alike */
    expect_word(query(NULL, key_hex, NULL, NULL), "valid");
    expect_word(query(NULL, NULL, NULL, GOOD), "valid");              /* a key is for everybody to read: who has it blocks no number */
    for (int i = 0; i < 9; i++) expect_word(query(NULL, digest_hex, NULL, wrong), "mismatch"); /* a key that nobody has is no licence to guess at */
    for (int i = 0; i < 5; i++) expect_word(query(NULL, NULL, NULL, wrong), "mismatch");
    expect_word(query(NULL, NULL, NULL, wrong), "incomplete");
    expect_word(query(NULL, NULL, NULL, GOOD), "incomplete");
    expect_asked_by("192.0.2.1", GOOD, "valid");                      /* another's guesses are not this one's */
    expect_asked_by("192.0.2.2, 127.0.0.9", GOOD, "incomplete");      /* the proxy's own word is the last; this machine is one asker */
    expect_asked_by("nobody", GOOD, "incomplete");
    for (int i = 0; i < 5; i++) expect_asked_by(i % 2 ? "2001:db8::1" : "x, 2001:db8::ffff:1", wrong, "mismatch");
    expect_asked_by("2001:db8::2", wrong, "incomplete");              /* the same house */
    expect_asked_by("2001:db8:0:1::2", GOOD, "valid");
    expect_word(query(digest_hex, key_hex, NULL, NULL), "valid");     /* who has the document needs no guessing */
    expect_word(query(digest_hex, NULL, NULL, GOOD), "valid");
    expect_word(query(digest_hex, NULL, NULL, wrong), "mismatch");
    expect_word(query(NULL, NULL, served.identifier, FIELDS("", "沪A-1", "H1", "张三")), "valid"); /* others are not touched */
    served.later_ms += 25 * 3600 * 1000LL;
    expect_word(query(NULL, NULL, NULL, GOOD), "valid");
    for (int i = 0; i < 6; i++) expect_word(query(NULL, NULL, NULL, wrong), i < 5 ? "mismatch" : "incomplete");
    uint8_t key[32];
    world_licence_key(key, &served.world, WORLD_TYPE_KEYED, 8);
    assert_int_equal(rpc_mismatches_clear(served.rpc, key), 0);
    world_licence_key(key, &served.world, WORLD_TYPE_KEYED, 7);
    assert_int_equal(rpc_mismatches_clear(served.rpc, key), 3); /* the operator's way out; two of the counts were of the day before */
    expect_word(query(NULL, NULL, NULL, GOOD), "valid");
    served.later_ms = later_ms;
}

/* The proof says the same offline, from the genesis alone. */
static void check_proof(struct bytes file, const char *word) {
    static struct proof proof;
    static struct finality finality;
    struct proof_checked checked;
    assert_int_equal(proof_decode(&proof, file).code, CODE_OK);
    genesis_finality(&finality, chain_genesis(served.world.chain));
    struct proof_trust trust = {.finality = &finality};
    memcpy(trust.genesis, chain_genesis(served.world.chain)->hash, 32);
    assert_int_equal(proof_check(&checked, &proof, &trust).code, CODE_OK);
    assert_true(checked.note_time_ms == served.world.now_ms);
    static struct proof_source source;
    static struct verdict verdict;
    const struct object_source records = proof_source_over(&source, &proof, trust.genesis);
    struct verdict_query asked;
    char type_code[TYPE_CODE_LEN + 1];
    assert_true(subject_query(&asked, type_code, &proof.subject, &records));
    assert_int_equal(verdict_judge(&verdict, &asked, &records, served.world.now_ms), ERR_OK);
    assert_string_equal(verdict_word_text(verdict.word), word);
}

static void test_proofs(void **state) {
    static uint8_t file[1u << 20];
    (void)state;
    char queries[8192];
    size_t len = (size_t)snprintf(queries, sizeof queries, "%s,", query(NULL, key_hex, NULL, NULL));
    len += (size_t)snprintf(queries + len, sizeof queries - len, "%s,", query(digest_hex, NULL, NULL, GOOD));
    len += (size_t)snprintf(queries + len, sizeof queries - len, "%s,", query(NULL, NULL, NULL, GOOD));
    len += (size_t)snprintf(queries + len, sizeof queries - len, "%s,", query(NULL, digest_hex, NULL, NULL));
    len += (size_t)snprintf(queries + len, sizeof queries - len, "%s", query(digest_hex, identified_hex, NULL, NULL));
    json_t *answer = ask(queries, ",\"proof\":true");
    for (size_t i = 0; i < 4; i++) {
        const json_t *proof = json_object_get(json_array_get(json_object_get(answer, "verdicts"), i), "proof");
        size_t file_len;
        assert_true(json_is_string(proof));
        assert_true(base64url_decode(file, sizeof file, &file_len, json_string_value(proof), json_string_length(proof)));
        check_proof(bytes_of(file, file_len), i == 3 ? "unknown" : "valid");
    }
    assert_true(json_is_null(json_object_get(json_array_get(json_object_get(answer, "verdicts"), 4), "proof"))); /* a mismatch proves nothing */
    json_decref(answer);

    struct http_reply reply;
    char path[128];
    snprintf(path, sizeof path, "/v1/licences/%s?proof=1", key_hex);
    http_ask(&reply, served.port, "GET", path, "Accept: application/vnd.licet.proof\r\n", bytes_of(NULL, 0));
    assert_int_equal(reply.status, 200);
    assert_string_equal(http_reply_header(&reply, "Content-Type"), "application/vnd.licet.proof");
    check_proof(reply.body, "valid");
    http_reply_free(&reply);
    int status;
    answer = served_json(&served, &status, "GET", path, NULL);
    assert_true(json_is_string(json_object_get(answer, "proof")));
    json_decref(answer);
    answer = served_json(&served, &status, "GET", "/v1/licences/xyz", NULL);
    assert_int_equal(status, 400);
    json_decref(answer);

    /* as many as there may be: all of them whole, or, where they do not fit, none of them */
    static char many[256 * 1024];
    len = 0;
    for (int i = 0; i < 1000; i++) len += (size_t)sprintf(many + len, "%s{\"key\":\"%s\"}", i > 0 ? "," : "", key_hex);
    answer = ask(many, ",\"proof\":true");
    assert_int_equal(json_array_size(json_object_get(answer, "verdicts")), 1000);
    for (size_t i = 0; i < 1000; i++) {
        const json_t *proof = json_object_get(json_array_get(json_object_get(answer, "verdicts"), i), "proof");
        size_t file_len;
        assert_true(base64url_decode(file, sizeof file, &file_len, json_string_value(proof), json_string_length(proof)));
        if (i % 100 == 99) check_proof(bytes_of(file, file_len), "valid");
    }
    json_decref(answer);

    served.has_note = false; /* no note: verdicts as of the header's time, and no proof */
    answer = ask(query(NULL, key_hex, NULL, NULL), ",\"proof\":true");
    const json_t *verdict = json_array_get(json_object_get(answer, "verdicts"), 0);
    assert_string_equal(text_at(verdict, "verdict"), "valid");
    assert_true(json_is_null(json_object_get(verdict, "proof")));
    json_decref(answer);
    served.has_note = true;
}

/* A flipped byte on disk is found, and answers neither valid nor anything else. */
static void test_corrupt(void **state) {
    (void)state;
    struct bytes value;
    const struct snapshot *snapshot;
    struct licence licence;
    struct kv_txn *txn;
    assert_int_equal(reader_snapshot(served.world.reader, &snapshot), ERR_OK);
    assert_int_equal(snapshot_by_id(snapshot, OBJECT_LICENCE, bytes_of(served.identifier_key, 32), &value), FOUND_YES);
    assert_int_equal(licence_decode(&licence, value).code, CODE_OK);
    uint8_t *copy = malloc(value.len);
    const size_t len = value.len;
    memcpy(copy, value.data, len);
    copy[len - 1] ^= 1;
    reader_rest(served.world.reader);
    assert_int_equal(kv_begin(served.world.kv, true, &txn), ERR_OK);
    slot_overwrite(txn, licence.no, bytes_of(copy, len));
    assert_int_equal(kv_commit(txn), ERR_OK);
    free(copy);
    served_start(&served);
    char body[512];
    snprintf(body, sizeof body, "{\"queries\":[{\"key\":\"%s\"},{\"key\":\"%s\"}]}", key_hex, identified_hex);
    int status;
    json_t *answer = served_json(&served, &status, "POST", "/v1/verify", body);
    assert_int_equal(status, 503);
    assert_string_equal(text_at(answer, "name"), "CORRUPT");
    assert_null(json_object_get(answer, "verdicts"));
    json_decref(answer);
    assert_int_equal(served.damages, 1); /* not to this asker alone */
    expect_word(query(NULL, key_hex, NULL, NULL), "valid");
    assert_true(served.events[RPC_FAULT] > 0);
    assert_int_equal(served.damages, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_kinds, start, stop),   cmocka_unit_test_setup_teardown(test_two_types, start, stop),
           cmocka_unit_test_setup_teardown(test_shape, start, stop),
        cmocka_unit_test_setup_teardown(test_together, start, stop),
        cmocka_unit_test_setup_teardown(test_malformed, start, stop), cmocka_unit_test_setup_teardown(test_no_oracle, start, stop),
        cmocka_unit_test_setup_teardown(test_proofs, start, stop),  cmocka_unit_test_setup_teardown(test_corrupt, fill, stop)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
