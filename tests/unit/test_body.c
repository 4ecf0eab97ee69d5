/* Body of POST /v1/verify: the plain reader against the full one, which is jansson: whatever the plain one takes reads the same in the full one, over
 * bodies put together, cut, changed and mixed from parts; it takes what callers send, and leaves everything else alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/selftest.h"
#include "rpc/body.h"

#define MEMORY (QUERIES_MAX * sizeof(struct query) + ((size_t)1 << 20))
static _Alignas(16) uint8_t memory[2][MEMORY];

static bool same(const struct query *a, const struct query *b) {
    if (a->has_document != b->has_document || a->has_key != b->has_key || a->has_identifier != b->has_identifier || a->has_fields != b->has_fields) return false;
    if (a->has_key && memcmp(a->key, b->key, 32) != 0) return false;
    if (a->has_document && (a->alg != b->alg || memcmp(a->digest, b->digest, 32) != 0)) return false;
    return bytes_equal(a->identifier, b->identifier) && bytes_equal(a->identifier_type, b->identifier_type) && bytes_equal(a->type, b->type) &&
           bytes_equal(a->number, b->number) && bytes_equal(a->holder_code, b->holder_code) && bytes_equal(a->holder_name, b->holder_name);
}

/* Whether the plain reader took it. */
static bool compare(struct bytes body, enum code *code) {
    struct arena arenas[2] = {arena_over(memory[0], MEMORY), arena_over(memory[1], MEMORY)};
    struct verify_body plain, full;
    uint8_t *exact = malloc(body.len > 0 ? body.len : 1); /* so that a read beyond the end is seen */
    assert_non_null(exact);
    if (body.len > 0) memcpy(exact, body.data, body.len);
    const bool taken = body_read_plain(&plain, &arenas[0], bytes_of(exact, body.len));
    *code = body_read_full(&full, &arenas[1], bytes_of(exact, body.len)).code;
    free(exact);
    if (!taken) {
        assert_int_equal(arenas[0].used, 0);
        return false;
    }
    bool equal = *code == CODE_OK && plain.count == full.count && plain.proof == full.proof;
    for (size_t i = 0; equal && i < full.count; i++) equal = same(&plain.queries[i], &full.queries[i]);
    if (!equal) print_error("%.*s\n", (int)body.len, (const char *)body.data);
    assert_true(equal);
    return true;
}

#define KEY "\"0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef\""
#define IDENTIFIER "\"1.2.156.3005.2.11100000000013338W011.11310118MB2F304922.S1.001.7\""
#define FIELDS "{\"type\":\"11100000000013338W011\",\"number\":\" 沪a－1\",\"holder_code\":\"h1\",\"holder_name\":\"张三\"}"

static void test_taken(void **state) {
    static const char *const bodies[] = {
        "{\"queries\":[{\"key\":" KEY "}]}", "{\"queries\":[]}", "{ \"queries\" : [ { \"key\" : " KEY " } ] } \r\n\t",
        "{\"queries\":[{\"key\":" KEY "},{\"identifier\":" IDENTIFIER "}],\"proof\":true}",
        "{\"purpose\":\"窗口\",\"item\":null,\"proof\":false,\"queries\":[{\"document\":{\"alg\":\"sha-256\",\"digest\":" KEY "},\"fields\":" FIELDS "}]}",
        "{\"queries\":[{\"document\":{\"digest\":" KEY ",\"alg\":\"sm3\"},\"key\":null,\"identifier\":null}],\"proof\":null}",
        "{\"queries\":[{\"fields\":{}}]}", "{\"queries\":[{\"fields\":{\"type\":null,\"number\":\"\"}}]}",
    };
    enum code code;
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        if (!compare(bytes_text(bodies[i]), &code)) print_error("%s\n", bodies[i]);
        assert_true(compare(bytes_text(bodies[i]), &code));
    }
}

/* What is for the full reader: `code` is what it says. */
static void test_left(void **state) {
    static const struct { const char *body; enum code code; } cases[] = {
        {"", CODE_JSON_INVALID},
        {"[]", CODE_JSON_INVALID},
        {"{}", CODE_JSON_INVALID},
        {"{\"queries\":[]", CODE_JSON_INVALID},
        {"{\"queries\":[]}x", CODE_JSON_INVALID},
        {"{\"queries\":[],}", CODE_JSON_INVALID},
        {"{,\"queries\":[]}", CODE_JSON_INVALID},
        {"{\"queries\":[],\"queries\":[]}", CODE_JSON_INVALID},
        {"{\"queries\":[{\"key\":" KEY ",\"key\":" KEY "}]}", CODE_JSON_INVALID},
        {"{\"queries\":[{\"key\":null,\"key\":" KEY "}]}", CODE_JSON_INVALID},
        {"{\"queries\":[{\"key\":" KEY "},]}", CODE_JSON_INVALID},
        {"{\"queries\":[{\"key\":" KEY "}{\"key\":" KEY "}]}", CODE_JSON_INVALID},
        {"{\"queries\":[{\"key\":" KEY "]}", CODE_JSON_INVALID},
        {"{\"queries\":[],\"proof\":truex}", CODE_JSON_INVALID},
        {"{\"queries\":[],\"proof\":1}", CODE_JSON_INVALID},
        {"{\"queries\":[],\"item\":\"a\tb\"}", CODE_JSON_INVALID},
        {"{\"queries\":[],\"item\":\"\xc0\x80\"}", CODE_JSON_INVALID},
        {"{\"queries\":[],\"item\":\"\xed\xa0\x80\"}", CODE_JSON_INVALID},
        {"{\"queries\":[],\"item\":\"\\ud800\"}", CODE_JSON_INVALID},
        {"{\"queries\":[{\"key\":\"00\"}]}", CODE_QUERY_INVALID},
        {"{\"queries\":[{}]}", CODE_QUERY_INVALID},
        {"{\"queries\":[{\"key\":null}]}", CODE_QUERY_INVALID},
        {"{\"queries\":[null]}", CODE_QUERY_INVALID},
        {"{\"queries\":[{\"kye\":" KEY "}]}", CODE_QUERY_INVALID},
        {"{\"queries\":[{\"document\":{\"alg\":\"sm3\"}}]}", CODE_QUERY_INVALID},
        {"{\"queries\":[{\"document\":{\"alg\":null,\"digest\":" KEY "}}]}", CODE_QUERY_INVALID},
        {"{\"queries\":[{\"identifier\":\" \"}]}", CODE_QUERY_INVALID},
        {"{\"queries\":[{\"fields\":{\"number\":\"a\\u202eb\"}}]}", CODE_QUERY_INVALID},
        {"{\"queries\":[{\"fields\":{\"number\":7}}]}", CODE_QUERY_INVALID},
        /* in order, but not plain */
        {"{\"queries\":[{\"k\\u0065y\":" KEY "}]}", CODE_OK},
        {"{\"queries\":[{\"fields\":{\"holder_name\":\"a\\\"b\"}}]}", CODE_OK},
        {"{\"queries\":[{\"fields\":{\"holder_name\":\"\\u5f20\\u4e09\"}}]}", CODE_OK},
        {"{\"queries\":[],\"more\":{\"of\":[1,2.5e3,null]}}", CODE_OK},
        {"{\"queries\":[],\"item\":\"\xe2\x80\xae\"}", CODE_OK},
    };
    enum code code;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const bool taken = compare(bytes_text(cases[i].body), &code);
        if (taken || code != cases[i].code) print_error("%s: %s\n", cases[i].body, code_name(code));
        assert_false(taken);
        assert_int_equal(code, cases[i].code);
    }
    static const char nul[] = "{\"queries\":[]}\0"; /* a byte of nothing behind the end is not nothing */
    assert_false(compare(bytes_of(nul, sizeof nul - 1), &code));
    assert_int_equal(code, CODE_JSON_INVALID);
}

static void test_counts(void **state) {
    static char body[QUERIES_MAX * 80 + 200];
    (void)state;
    for (size_t count = QUERIES_MAX - 1; count <= QUERIES_MAX + 1; count++) {
        enum code code;
        size_t len = (size_t)snprintf(body, sizeof body, "{\"queries\":[");
        for (size_t i = 0; i < count; i++) len += (size_t)snprintf(body + len, sizeof body - len, "%s{\"fields\":{}}", i > 0 ? "," : "");
        len += (size_t)snprintf(body + len, sizeof body - len, "]}");
        assert_int_equal(compare(bytes_of(body, len), &code), count <= QUERIES_MAX);
        assert_int_equal(code, count <= QUERIES_MAX ? CODE_OK : CODE_TOO_MANY_QUERIES);
    }
}

/* splitmix64: the same bodies in every run */
static uint64_t seed = 7;
static uint32_t below(uint32_t bound) {
    uint64_t z = (seed += 0x9e3779b97f4a7c15u);
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) % bound);
}

static const char *const PARTS[] = {
    "{", "}", "[", "]", ",", ":", " ", "\"", "\\", "\n", "null", "true", "false", "1", "{}", "[]", "\"\"", "\"queries\":", "\"key\":", "\"document\":", "\"identifier\":",
    "\"fields\":", "\"alg\":", "\"digest\":", "\"type\":", "\"number\":", "\"holder_code\":", "\"holder_name\":", "\"proof\":", "\"purpose\":", "\"item\":", "\"sm3\"",
    "\"sha-256\"", KEY, IDENTIFIER, FIELDS, "{\"key\":" KEY "}", ",{\"key\":" KEY "}", "\"张\"", "\"\xff\"", "\"\\u0041\"", "\x7f", "\xef\xbb\xbf", "\"x\"",
};
#define PART_COUNT (sizeof PARTS / sizeof PARTS[0])

/* A body in order, of parts chosen by chance. */
static size_t compose(char *out, size_t cap) {
    size_t len = (size_t)snprintf(out, cap, "{%s\"queries\":[", below(2) ? "\"proof\":true," : "");
    const uint32_t count = below(4);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t with = 1 + below(15);
        bool any = false;
        len += (size_t)snprintf(out + len, cap - len, "%s{", i > 0 ? "," : "");
        for (uint32_t k = 0; k < 4; k++) {
            static const char *const members[] = {"\"key\":" KEY, "\"identifier\":" IDENTIFIER, "\"document\": {\"alg\":\"sm3\",\"digest\":" KEY "}", "\"fields\":" FIELDS};
            if ((with >> k & 1) == 0) continue;
            len += (size_t)snprintf(out + len, cap - len, "%s%s", any ? "," : "", members[k]);
            any = true;
        }
        len += (size_t)snprintf(out + len, cap - len, "}");
    }
    return len + (size_t)snprintf(out + len, cap - len, "]%s}", below(2) ? ",\"item\":\"办事\"" : "");
}

/* One change: a byte, a cut, a part put in, a piece said twice. */
static size_t change(char *body, size_t len, size_t cap) {
    const size_t at = below((uint32_t)len + 1);
    const char *part = PARTS[below(PART_COUNT)];
    size_t insert = strlen(part), cut = 0;
    char piece[256];
    switch (below(5)) {
    case 0:
        if (at < len) body[at] = (char)below(256);
        return len;
    case 1: insert = 0; cut = 1 + below(8); break;
    case 2: break;
    case 3: cut = below(12); break;
    default:
        insert = 1 + below(100);
        if (insert > len - at) insert = len - at;
        memcpy(piece, body + at, insert);
        part = piece;
    }
    if (cut > len - at) cut = len - at;
    if (len + insert - cut > cap) return len;
    memmove(body + at + insert, body + at + cut, len - at - cut);
    memcpy(body + at, part, insert);
    return len + insert - cut;
}

static void test_many(void **state) {
    static char body[8192];
    uint32_t taken = 0, in_order = 0, refused = 0;
    (void)state;
    for (uint32_t i = 0; i < 200000; i++) {
        enum code code;
        size_t len = compose(body, sizeof body / 2);
        for (uint32_t changes = below(4); changes > 0; changes--) len = change(body, len, sizeof body);
        if (compare(bytes_of(body, len), &code)) taken++;
        else if (code == CODE_OK) in_order++;
        else refused++;
    }
    print_message("plain %u, full only %u, refused %u\n", taken, in_order, refused);
    assert_true(taken > 50000); /* else little would have been compared */
    assert_true(refused > 50000);
    assert_true(in_order > 100);
}

static int start(void **state) {
    (void)state;
    return crypto_start() == NULL ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_taken), cmocka_unit_test(test_left), cmocka_unit_test(test_counts), cmocka_unit_test(test_many)};
    return cmocka_run_group_tests(tests, start, NULL);
}
