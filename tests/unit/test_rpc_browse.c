/* The other calls over HTTP: statements and receipts, keys, tiles, browsing, history, prefixes, routes, the operator's listener. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/base/version.h"
#include "ledger/chain/prove.h"
#include "rpc/ops.h"
#include "tests/lib/served.h"

static struct served served;
static struct made last; /* the statement of the newest block */
static char key_hex[65];

/* 400 licences in two blocks, a public one, one with an identifier, then a suspension and its end: blocks 1 to 6. */
static int start(void **state) {
    uint8_t key[32];
    (void)state;
    served_fill(&served, 400);
    world_licence_key(key, &served.world, WORLD_TYPE_KEYED, 7);
    hex_encode(key_hex, key, 32);
    for (uint64_t count = 1; count <= 2; count++) {
        struct made *const list[] = {&served.submitted};
        served.world.now_ms += 1000;
        world_change(&served.submitted, &served.world, count == 1 ? OP_SUSPEND : OP_RESUME, key, count);
        assert_int_equal(world_block(&served.world, list, 1, NULL), ERR_OK);
    }
    last = served.submitted;
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
static void expect_name(const char *path, int status, const char *name) {
    json_t *answer = get(path, status);
    assert_string_equal(json_string_value(json_object_get(answer, "name")), name);
    json_decref(answer);
}
static json_int_t number_at(const json_t *json, const char *name) { return json_integer_value(json_object_get(json, name)); }
static const char *text_at(const json_t *json, const char *name) { return json_string_value(json_object_get(json, name)); }

static void test_entries(void **state) {
    struct http_reply reply;
    struct receipt receipt;
    (void)state;
    http_ask(&reply, served.port, "GET", "/entries/6.0?api-version=1", "", bytes_of(NULL, 0));
    assert_int_equal(reply.status, 200);
    assert_string_equal(http_reply_header(&reply, "Content-Type"), "application/cose");
    assert_int_equal(receipt_decode(&receipt, reply.body).code, CODE_OK);
    /* the receipt leads from the statement's leaf to the root its block signed */
    uint8_t leaf[32], root[32];
    struct pubkey note_key;
    struct cose_tbs tbs;
    merkle_leaf(leaf, last.bytes, last.len);
    assert_true(merkle_inclusion_root(root, leaf, receipt.index, receipt.tree_size, (const uint8_t(*)[32])receipt.path, receipt.path_count));
    signer_pubkey(served.world.note, &note_key);
    struct verifier *verifier = verifier_new(&note_key);
    cose_tbs(&tbs, receipt.cose.protected_header, bytes_of(root, 32));
    assert_true(verifier_check(verifier, receipt.cose.signature, tbs.parts, COSE_TBS_PARTS));
    verifier_free(verifier);
    served.submit = (struct submit_answer){.refusal = refuse(CODE_OK, NULL), .block = 6, .receipt_len = reply.body.len};
    memcpy(served.submit.receipt, reply.body.data, reply.body.len);
    http_reply_free(&reply);
    http_ask(&reply, served.port, "GET", "/entries/6.0/statement", "", bytes_of(NULL, 0));
    assert_int_equal(reply.status, 200);
    assert_true(reply.body.len > last.len + served.submit.receipt_len - 4);
    assert_non_null(memmem(reply.body.data, reply.body.len, served.submit.receipt, served.submit.receipt_len));
    http_reply_free(&reply);
    static const char *const none[] = {"/entries/0.0", "/entries/0.1", "/entries/6.1", "/entries/7.0", "/entries/06.0", "/entries/6", "/entries/-1.0",
                                       "/entries/6.0.0", "/entries/18446744073709551616.0", "/entries/x", "/entries/6.0x/statement"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        http_ask(&reply, served.port, "GET", none[i], "", bytes_of(NULL, 0));
        assert_int_equal(reply.status, 404);
        assert_string_equal(http_reply_header(&reply, "Content-Type"), "application/concise-problem-details+cbor");
        assert_memory_equal(reply.body.data, "\xA2\x20\x69Not Found\x21", 13);
        http_reply_free(&reply);
    }
    http_ask(&reply, served.port, "GET", "/entries/9.9", "Accept: application/problem+json\r\n", bytes_of(NULL, 0));
    assert_non_null(strstr((const char *)reply.body.data, "ENTRY_UNKNOWN"));
    http_reply_free(&reply);
}

static int post(const char *headers, size_t len, struct http_reply *reply) {
    static uint8_t body[70000];
    memset(body, 0xA5, sizeof body);
    http_ask(reply, served.port, "POST", "/entries?waitForCommit=true", headers, bytes_of(body, len));
    return reply->status;
}

static void test_submit(void **state) {
    struct http_reply reply;
    (void)state;
    served.submit = (struct submit_answer){.refusal = refuse(CODE_OK, NULL), .block = 12, .index = 3, .receipt = {0xD2, 0x84}, .receipt_len = 2};
    assert_int_equal(post("Content-Type: application/cose\r\n", 100, &reply), 201);
    assert_string_equal(http_reply_header(&reply, "Location"), "/entries/12.3");
    assert_string_equal(http_reply_header(&reply, "x-ms-ccf-transaction-id"), "12.3");
    assert_memory_equal(reply.body.data, "\xD2\x84", 2);
    assert_int_equal(served.submitted.len, 100);
    http_reply_free(&reply);
    served.submit.refusal = refuse(CODE_ALREADY_ENTERED, NULL);
    assert_int_equal(post("Content-Type: application/cose; x=y\r\n", 100, &reply), 200);
    assert_string_equal(http_reply_header(&reply, "Location"), "/entries/12.3");
    http_reply_free(&reply);
    served.submit.refusal = (struct refusal){.code = CODE_NUMBER_TAKEN, .item = 4, .entry = 77, .field = "number", .state = "revoked", .measured = true, .met = 5, .limit = 3};
    assert_int_equal(post("Content-Type: application/cose\r\n", 100, &reply), 409);
    assert_memory_equal(reply.body.data, "\xA2\x20\x68Rejected\x21", 12);
    assert_non_null(memmem(reply.body.data, reply.body.len, "item 4; entry 77; state revoked; met 5, limit 3", 47));
    http_reply_free(&reply);
    assert_int_equal(post("Content-Type: application/cose\r\nAccept: application/cose, application/problem+json\r\n", 100, &reply), 409);
    json_t *problem = json_loadb((const char *)reply.body.data, reply.body.len, 0, NULL);
    assert_int_equal(number_at(problem, "code"), CODE_NUMBER_TAKEN);
    assert_int_equal(number_at(problem, "item"), 4);
    assert_int_equal(number_at(problem, "entry"), 77);
    assert_int_equal(number_at(problem, "met"), 5);
    assert_int_equal(number_at(problem, "limit"), 3);
    assert_string_equal(json_string_value(json_object_get(problem, "state")), "revoked");
    json_decref(problem);
    http_reply_free(&reply);
    static const struct { enum err err; int status; } faults[] = {{ERR_IO, 503}, {ERR_NO_ROOM, 507}, {ERR_LATCHED, 503}, {ERR_MEMORY, 503}, {ERR_CORRUPT, 503}};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        served.submit.err = faults[i].err;
        assert_int_equal(post("Content-Type: application/cose\r\n", 100, &reply), faults[i].status);
        http_reply_free(&reply);
    }
    served.submit.err = ERR_OK;
    assert_int_equal(post("Content-Type: Application/COSE\r\n", 100, &reply), 409); /* in any case */
    http_reply_free(&reply);
    served.submitted.len = 0;
    assert_int_equal(post("Content-Type: application/json\r\n", 100, &reply), 415); /* MEDIA_TYPE */
    http_reply_free(&reply);
    assert_int_equal(post("", 100, &reply), 415);
    http_reply_free(&reply);
    assert_int_equal(post("Content-Type: application/cose\r\n", 65536, &reply), 413);
    http_reply_free(&reply);
    assert_int_equal(served.submitted.len, 0);
    assert_int_equal(post("Content-Type: application/cose\r\n", 65535, &reply), 409);
    http_reply_free(&reply);
}

static void test_keys(void **state) {
    struct http_reply reply;
    struct pubkey key;
    uint8_t thumb[32];
    char path[128], kid[64];
    (void)state;
    signer_pubkey(served.world.note, &key);
    pubkey_thumbprint(thumb, &key);
    http_ask(&reply, served.port, "GET", "/.well-known/scitt-keys", "", bytes_of(NULL, 0));
    assert_int_equal(reply.status, 200);
    assert_string_equal(http_reply_header(&reply, "Content-Type"), "application/cbor");
    assert_int_equal(wire_check(reply.body).code, CODE_OK);
    assert_memory_equal(reply.body.data, "\x81\xA6\x01\x02\x02\x58\x20", 7); /* one key: kty 2, kid ... */
    assert_memory_equal(reply.body.data + 7, thumb, 32);
    uint8_t one[256];
    memcpy(one, reply.body.data + 1, reply.body.len - 1);
    const size_t one_len = reply.body.len - 1;
    http_reply_free(&reply);
    base64url_encode(kid, thumb, 32);
    snprintf(path, sizeof path, "/.well-known/scitt-keys/%s", kid);
    http_ask(&reply, served.port, "GET", path, "", bytes_of(NULL, 0));
    assert_int_equal(reply.status, 200);
    assert_true(bytes_equal(reply.body, bytes_of(one, one_len)));
    http_reply_free(&reply);
    signer_pubkey(served.world.role[1], &key); /* registered, and not a receipt key */
    pubkey_thumbprint(thumb, &key);
    base64url_encode(kid, thumb, 32);
    snprintf(path, sizeof path, "/.well-known/scitt-keys/%s", kid);
    http_ask(&reply, served.port, "GET", path, "", bytes_of(NULL, 0));
    assert_int_equal(reply.status, 404);
    assert_memory_equal(reply.body.data, "\xA2\x20\x6BNo such key\x21", 15); /* KID_UNKNOWN */
    http_reply_free(&reply);
}

/* Every part of a header, whole and as it is in the chain. */
static void expect_header(const json_t *json, const struct header *header) {
    const struct { const char *name; const uint8_t *bytes; } hex[] = {
        {"genesis", header->genesis}, {"previous", header->previous}, {"log_root", header->log_root}, {"state_root", header->state_root}};
    const struct { const char *name; uint64_t value; } numbers[] = {
        {"height", header->n}, {"term", header->term}, {"engine_height", header->engine_height}, {"entries", header->log_size},
        {"objects", header->objects}, {"links", header->links}, {"licences", header->licences}};
    for (size_t i = 0; i < sizeof hex / sizeof *hex; i++) {
        char text[65];
        hex_encode(text, hex[i].bytes, 32);
        assert_string_equal(json_string_value(json_object_get(json, hex[i].name)), text);
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) assert_int_equal(number_at(json, numbers[i].name), numbers[i].value);
    const struct bytes chain = bytes_text(json_string_value(json_object_get(json, "chain")));
    assert_true(bytes_equal(chain, header->chain_id));
}

static void test_header(void **state) {
    (void)state;
    json_t *head = get("/v1/head", 200), *block = get("/v1/blocks/6", 200);
    expect_header(head, chain_head(served.world.chain));
    expect_header(block, chain_head(served.world.chain));
    assert_int_equal(chain_head(served.world.chain)->n, 6);
    json_decref(head);
    json_decref(block);
}

static void test_tiles(void **state) {
    struct http_reply reply;
    uint8_t leaf[32];
    (void)state;
    json_t *head = get("/v1/head", 200);
    assert_string_equal(json_string_value(json_object_get(head, "version")), LICET_VERSION);
    const unsigned entries = (unsigned)number_at(head, "entries"); /* genesis, policy, two, one, one, two */
    json_decref(head);
    assert_int_equal(entries, 8);
    http_ask(&reply, served.port, "GET", "/tile/0/000.p/8", "", bytes_of(NULL, 0));
    assert_int_equal(reply.status, 200);
    assert_int_equal(reply.body.len, 8 * 32);
    merkle_leaf(leaf, last.bytes, last.len);
    assert_memory_equal(reply.body.data + 7 * 32, leaf, 32);
    http_reply_free(&reply);
    http_ask(&reply, served.port, "GET", "/tile/entries/000.p/8", "", bytes_of(NULL, 0));
    assert_int_equal(reply.status, 200);
    size_t at = 0, count = 0;
    while (at < reply.body.len) {
        const size_t len = be16_get(reply.body.data + at);
        if (count == 0) assert_memory_equal(reply.body.data + 2, served.world.genesis, served.world.genesis_len);
        if (count == 7) assert_true(bytes_equal(bytes_of(reply.body.data + at + 2, len), bytes_of(last.bytes, last.len)));
        at += 2 + len;
        count++;
    }
    assert_int_equal(count, 8);
    http_reply_free(&reply);
    static const char *const none[] = {"/tile/0/000", "/tile/0/000.p/9", "/tile/0/000.p/0", "/tile/0/000.p/256", "/tile/0/001.p/1", "/tile/1/000.p/1",
                                       "/tile/0/0", "/tile/0/x000/000.p/1", "/tile/0/000.p/", "/tile/64/000.p/1", "/tile/-1/000.p/1", "/tile/0/",
                                       "/tile/entries/000", "/tile/entries/000.p/9", "/tile/0/x999/x999/x999/x999/x999/x999/999.p/1",
                                       "/tile/0/x018/x446/x744/x073/x709/551.p/1", "/checkpoint"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) expect_name(none[i], 404, "NOT_FOUND");
}

/* By one of its keys and by its code: the same list, which has one member only. */
static void expect_member_alone(const json_t *all, const char *kid) {
    char path[128];
    snprintf(path, sizeof path, "/v1/members?kid=%s", kid);
    json_t *by_kid = get(path, 200), *by_code = get("/v1/members?uscc=" WORLD_USCC, 200);
    assert_true(json_equal(all, by_kid));
    assert_true(json_equal(all, by_code));
    json_decref(by_kid);
    json_decref(by_code);
}

static void test_lists(void **state) {
    (void)state;
    json_t *answer = get("/v1/types?limit=1&unknown=x", 200);
    assert_int_equal(json_array_size(json_object_get(answer, "types")), 1);
    char path[64];
    snprintf(path, sizeof path, "/v1/types?after=%lld", (long long)number_at(answer, "next"));
    assert_string_equal(text_at(json_array_get(json_object_get(answer, "types"), 0), "code"), WORLD_TYPE_KEYED);
    json_decref(answer);
    answer = get(path, 200);
    assert_int_equal(json_array_size(json_object_get(answer, "types")), 1);
    assert_true(json_is_null(json_object_get(answer, "next")));
    assert_string_equal(text_at(json_array_get(json_object_get(answer, "types"), 0), "code"), WORLD_TYPE_PUBLIC);
    json_decref(answer);
    answer = get("/v1/types/" WORLD_TYPE_PUBLIC, 200);
    assert_true(json_is_false(json_object_get(answer, "keyed")));
    assert_string_equal(text_at(answer, "definer"), WORLD_USCC);
    json_decref(answer);
    answer = get("/v1/members", 200);
    const json_t *member = json_array_get(json_object_get(answer, "members"), 0);
    assert_string_equal(text_at(member, "uscc"), WORLD_USCC);
    assert_int_equal(number_at(member, "issued"), 402);
    assert_int_equal(json_array_size(json_object_get(member, "keys")), 9);
    expect_member_alone(answer, text_at(json_array_get(json_object_get(member, "keys"), 8), "kid"));
    json_decref(answer);
    expect_name("/v1/types/xyz", 404, "TYPE_UNKNOWN");
    expect_name("/v1/types?limit=0", 400, "PARAMETER");
    expect_name("/v1/members?after=x", 400, "PARAMETER");
    expect_name("/v1/members?kid=00", 400, "HEX_INVALID");
    expect_name("/v1/members?kid=0000000000000000000000000000000000000000000000000000000000000000", 404, "KID_UNKNOWN");
    expect_name("/v1/members?uscc=11310118MB2F304923", 422, "MEMBER_UNKNOWN");
    answer = get("/v1/blocks/6", 200);
    assert_int_equal(number_at(answer, "statements"), 1);
    assert_true(json_is_string(json_object_get(answer, "seal")));
    json_decref(answer);
    answer = get("/v1/blocks/0", 200);
    assert_true(json_is_null(json_object_get(answer, "seal")));
    json_decref(answer);
    expect_name("/v1/blocks/7", 404, "BLOCK_UNKNOWN");
    expect_name("/v1/blocks/-1", 404, "BLOCK_UNKNOWN");
    expect_name("/v1/blocks/18446744073709551615", 404, "BLOCK_UNKNOWN");
}

static void test_history(void **state) {
    char path[160];
    (void)state;
    snprintf(path, sizeof path, "/v1/licences/%s/history?statements=1", key_hex);
    json_t *answer = get(path, 200);
    const json_t *history = json_object_get(answer, "history");
    static const char *const operations[] = {"issue", "suspend", "resume"}, *const states[] = {"valid", "suspended", "valid"}, *const ids[] = {"1.0", "5.0", "6.0"};
    assert_int_equal(json_array_size(history), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(text_at(json_array_get(history, i), "operation"), operations[i]);
        assert_string_equal(text_at(json_array_get(history, i), "state"), states[i]);
        assert_string_equal(text_at(json_array_get(history, i), "id"), ids[i]);
        assert_non_null(text_at(json_array_get(history, i), "statement"));
    }
    assert_int_equal(number_at(json_array_get(history, 0), "item"), 7);
    assert_true(json_is_null(json_object_get(answer, "next")));
    json_decref(answer);
    snprintf(path, sizeof path, "/v1/licences/%s/history?limit=2", key_hex);
    answer = get(path, 200);
    assert_int_equal(json_array_size(json_object_get(answer, "history")), 2);
    assert_int_equal(number_at(answer, "next"), 2);
    assert_int_equal(number_at(answer, "count"), 3);
    json_decref(answer);
    snprintf(path, sizeof path, "/v1/licences/%064d/history", 0);
    expect_name(path, 404, "LICENCE_UNKNOWN");
    expect_name("/v1/licences/0/history", 400, "HEX_INVALID");
}

static void test_prefix(void **state) {
    (void)state;
    json_t *answer = get("/v1/prefix/a", 200);
    const json_t *leaves = json_object_get(answer, "leaves");
    assert_in_range(json_array_size(leaves), 40, 120); /* of 1,200 and a few */
    for (size_t i = 0; i < json_array_size(leaves); i++) {
        const json_t *leaf = json_array_get(leaves, i), *value = json_object_get(leaf, "value");
        uint8_t bytes[OBJECT_VALUE_MAX], key[32];
        char hex[65];
        size_t len;
        assert_true(base64url_decode(bytes, sizeof bytes, &len, json_string_value(value), json_string_length(value)));
        assert_true(object_key_of(key, chain_genesis(served.world.chain)->hash, bytes_of(bytes, len)));
        hex_encode(hex, key, 32);
        assert_string_equal(text_at(leaf, "key"), hex);
        assert_true(hex[0] == 'a');
    }
    json_decref(answer);
    expect_name("/v1/prefix/", 400, "PREFIX_WIDE");
    expect_name("/v1/prefix/abcdef", 400, "PREFIX_NARROW");
    expect_name("/v1/prefix/xyz", 400, "HEX_INVALID");
}

static void test_routes(void **state) {
    struct http_reply reply;
    (void)state;
    expect_name("/", 404, "NOT_FOUND");
    expect_name("/v1/verify/", 404, "NOT_FOUND");
    expect_name("/v1/licences/", 404, "NOT_FOUND");
    expect_name("/v1/verify", 405, "METHOD_NOT_ALLOWED");
    http_ask(&reply, served.port, "DELETE", "/v1/head", "", bytes_of(NULL, 0));
    assert_int_equal(reply.status, 405);
    assert_string_equal(http_reply_header(&reply, "Allow"), "GET, HEAD");
    http_reply_free(&reply);
    /* an encoded slash divides nothing: it stays in its part */
    expect_name("/v1%2Fhead", 404, "NOT_FOUND");
    expect_name("/v1/seals/a%2Fhistory", 404, "SEAL_UNKNOWN");
    expect_name("/v1/%01", 400, "PARAMETER");
    http_ask(&reply, served.port, "HEAD", "/v1/head", "", bytes_of(NULL, 0));
    assert_int_equal(reply.status, 200);
    assert_int_equal(reply.body.len, 0);
    http_reply_free(&reply);
    assert_true(served.events[RPC_REQUEST] > 0);
}

static size_t ready(void *context, struct ops_component *out, size_t cap) {
    (void)cap;
    out[0] = (struct ops_component){"engine", true, NULL};
    out[1] = (struct ops_component){"storage", *(bool *)context, "no room"};
    return 2;
}
static size_t metrics(void *context, char *out, size_t cap) {
    (void)context;
    return (size_t)snprintf(out, cap, "licet_block_height 6\n");
}

static uint8_t cleared_key[32];
static unsigned cleared_all;
static uint64_t clear(void *context, const uint8_t *key32) {
    (void)context;
    if (key32 != NULL) memcpy(cleared_key, key32, 32);
    cleared_all += key32 == NULL;
    return 3;
}

/* Takes back what blocks look-ups; only as a page in a browser cannot ask for it. */
static void expect_clear(uint16_t port, const char *method, const char *path, const char *headers, int status, const char *text) {
    struct http_reply reply;
    http_ask(&reply, port, method, path, headers, bytes_of(NULL, 0));
    assert_int_equal(reply.status, status);
    assert_non_null(strstr((const char *)reply.body.data, text));
    http_reply_free(&reply);
}

static void test_ops(void **state) {
    struct http_reply reply;
    struct server *server;
    char message[256];
    bool room = true;
    const struct ops_hooks hooks = {.context = &room, .ready = ready, .metrics = metrics, .clear = clear};
    (void)state;
    assert_int_equal(ops_start(&server, "127.0.0.1", 0, NULL, &hooks, message, sizeof message), ERR_OK);
    static const struct { const char *path; int status; const char *text; } cases[] = {
        {"/livez", 200, "ok"}, {"/readyz", 200, "\"engine\""}, {"/metrics", 200, "licet_block_height 6"}, {"/v1/head", 404, "NOT_FOUND"}};
    for (size_t i = 0; i < 4; i++) {
        http_ask(&reply, server_port(server), "GET", cases[i].path, "", bytes_of(NULL, 0));
        assert_int_equal(reply.status, cases[i].status);
        assert_non_null(strstr((const char *)reply.body.data, cases[i].text));
        http_reply_free(&reply);
    }
    room = false;
    http_ask(&reply, server_port(server), "GET", "/readyz", "", bytes_of(NULL, 0));
    assert_int_equal(reply.status, 503);
    assert_non_null(strstr((const char *)reply.body.data, "{\"name\":\"storage\",\"ready\":false,\"detail\":\"no room\"}"));
    http_reply_free(&reply);
    const uint16_t port = server_port(server);
    static const char json[] = "Content-Type: Application/JSON ; charset=utf-8\r\n";
    expect_clear(port, "GET", "/mismatches/clear", "", 405, "METHOD_NOT_ALLOWED");
    expect_clear(port, "POST", "/livez", json, 405, "METHOD_NOT_ALLOWED");
    expect_clear(port, "POST", "/mismatches/clear", "Content-Type: text/plain\r\n", 415, "MEDIA_TYPE");
    expect_clear(port, "POST", "/mismatches/clear", "Content-Type: application/jsonx\r\n", 415, "MEDIA_TYPE");
    expect_clear(port, "POST", "/mismatches/clear?key=12", json, 400, "HEX_INVALID");
    assert_int_equal(cleared_all, 0);
    expect_clear(port, "POST", "/mismatches/clear?key=0707070707070707070707070707070707070707070707070707070707070707", json, 200, "{\"cleared\":3}");
    assert_int_equal(cleared_key[0] + cleared_key[31], 14);
    assert_int_equal(cleared_all, 0);
    expect_clear(port, "POST", "/mismatches/clear", json, 200, "{\"cleared\":3}");
    assert_int_equal(cleared_all, 1);
    server_stop(server, 0);
}

/* Every licence once, whatever the size of the pages; the filters; and nothing goes on behind the end. */
static void test_licences(void **state) {
    (void)state;
    static const unsigned limits[] = {1000, 7};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        char path[96], before[65] = "";
        json_int_t after = -1;
        size_t count = 0;
        for (bool more = true; more;) {
            const int len = snprintf(path, sizeof path, "/v1/licences?limit=%u", limits[i]);
            if (after >= 0) snprintf(path + len, sizeof path - (size_t)len, "&after=%lld", (long long)after);
            json_t *page = get(path, 200), *row;
            size_t at;
            assert_true(json_array_size(json_object_get(page, "licences")) <= limits[i]);
            json_array_foreach(json_object_get(page, "licences"), at, row) {
                assert_string_not_equal(text_at(row, "key"), before);
                snprintf(before, sizeof before, "%s", text_at(row, "key"));
                assert_null(json_object_get(row, "identifier"));
                count++;
            }
            assert_true(number_at(page, "count") >= 401);
            if (!(more = json_is_integer(json_object_get(page, "next")))) assert_int_equal(count, number_at(page, "count"));
            assert_true(!more || number_at(page, "next") > after);
            after = number_at(page, "next");
            json_decref(page);
        }
    }
    static const struct { const char *path; int status; const char *field; } wrong[] = {
        {"/v1/licences?type=nothing", 404, "type"}, {"/v1/licences?issuer=nobody", 422, "issuer"}, {"/v1/licences?state=unknown", 400, "state"},
        {"/v1/licences?since=-1", 400, "since"}, {"/v1/licences?after=4294967295", 400, "after"}, {"/v1/licences?limit=0", 400, "limit"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        json_t *problem = get(wrong[i].path, wrong[i].status);
        assert_string_equal(text_at(problem, "field"), wrong[i].field);
        json_decref(problem);
    }
    json_t *none = get("/v1/licences?after=4294967294", 200);
    assert_int_equal(json_array_size(json_object_get(none, "licences")), 0);
    assert_true(json_is_null(json_object_get(none, "next")));
    json_decref(none);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_entries), cmocka_unit_test(test_submit),  cmocka_unit_test(test_keys),
                                       cmocka_unit_test(test_header), cmocka_unit_test(test_tiles),   cmocka_unit_test(test_lists),   cmocka_unit_test(test_history),
                                       cmocka_unit_test(test_prefix),  cmocka_unit_test(test_routes),  cmocka_unit_test(test_licences), cmocka_unit_test(test_ops)};
    return cmocka_run_group_tests(tests, start, stop);
}
