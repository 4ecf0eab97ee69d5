/* Genesis: a golden document, each inconsistency refused by name, every truncation, each flipped byte, JSON there and back.
 * The keys are small multiples of the curves' base points and of RFC 8032 7.1: everybody has their secrets, so they are only for tests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/hash.h"
#include "crypto/keyfile.h"
#include "crypto/sig.h"
#include "genesis/genesis_json.h"

#define XY(x, y) "\"x\":\"" x "\",\"y\":\"" y "\""
#define K1 XY("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798", "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8")
#define K2 XY("c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5", "1ae168fea63dc339a3c58419466ceaeef7f632653266d0e1236431a950cfe52a")
#define K3 XY("f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9", "388f7b0f632de8140fe337e62a37f3566500a99934c2231b6cb9fd7584b8e672")
#define K4 XY("e493dbf1c10d80f3581e4904930b1404cc6c13900ee0758474fa94abe8c4cd13", "51ed993ea0d455b75642e2098ea51448d967ae33bfbdfe40cfe97bdc47739922")
#define P7 XY("8e533b6fa0bf7b4625bb30667c01fb607ef9f8b8a80fef5b300628703187b2a3", "73eb1dbde03318366d069f83a6f5900053c73633cb041b21c55e1a86c1f400b4")
#define S5 XY("c749061668652e26040e008fdd5eb77a344a417b7fce19dba575da57cc372a9e", "f2df5db2d144e9454504c622b51cf38f5006206eb579ff7da6976eff5fbe6480")
#define ED "\"x\":\"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\""

static const char GOLDEN[] =
    "{\"chain_id\":\"elic-test\",\"region\":\"310118\",\"time\":\"2026-01-01T00:00:00Z\",\"engine\":\"solo\",\"threshold\":1,"
    "\"policy\":{\"approvals\":2},"
    "\"types\":["
    "{\"code\":\"11990000LCT0000184001\",\"name\":\"营业执照\",\"holder_kinds\":[\"111\",\"001\"],\"unlimited\":true,"
    "\"elements\":[{\"code\":\"ZZBH\",\"label\":\"证照编号\"},{\"code\":\"KZ_JYFW\",\"label\":\"经营范围\",\"sensitivity\":0}]},"
    "{\"code\":\"11990000LCT0000184002\",\"name\":\"食品经营许可证\",\"keyed\":false,\"holder_kinds\":[\"001\"],\"days_max\":1827,"
    "\"elements\":[{\"code\":\"ZZBS\",\"label\":\"证照标识\",\"mandatory\":true,\"sensitivity\":0},"
    "{\"code\":\"KZ_JYCS\",\"label\":\"经营场所\",\"mandatory\":true}],"
    "\"definer\":\"11310118LCT001117W\",\"supervisor\":\"11310118LCT0015124\",\"scope\":[\"11310118LCT001619F\",\"11310118LCT001117W\"]}],"
    "\"members\":["
    "{\"uscc\":\"11310118LCT001117W\",\"name\":\"市场监督管理局\",\"region\":\"310118\",\"roles\":[\"govern\",\"issue\"],\"types\":\"all\","
    "\"keys\":[{\"use\":\"govern\",\"alg\":\"ES256K\"," K1 "},{\"use\":\"issue\",\"alg\":\"ES256K\"," K2 "}],"
    "\"node\":{\"seal\":{\"alg\":\"ES256K\"," K4 "},\"note\":{" P7 "},\"checkpoint\":{" ED "}}},"
    "{\"uscc\":\"11310118LCT0015124\",\"name\":\"审计办公室\",\"roles\":[\"audit\"],\"keys\":[{\"use\":\"audit\",\"alg\":\"SM2\"," S5 "}]},"
    "{\"uscc\":\"11310118LCT001619F\",\"name\":\"运维中心\",\"roles\":[\"operate\"],\"keys\":[{\"use\":\"operate\",\"alg\":\"ES256K\"," K3 "}]}"
    "]}";
/* From tests/vectors/make_genesis.py, which shares no code with the node; a change of the format changes it, and every ledger's identity. */
#define GOLDEN_LEN 1459
#define GOLDEN_HASH "be976eafca0dd747a5f728aacc791593f96fb9cf44674521f7ba3207d5ba3f4b"

static struct genesis genesis; /* large */
static char message[512];

static uint8_t *golden(size_t *len) {
    uint8_t *out;
    struct refusal refusal = genesis_from_json(&out, len, message, sizeof message, GOLDEN, sizeof GOLDEN - 1, 0);
    if (refusal.code != CODE_OK) fail_msg("golden genesis refused: %s", message);
    return out;
}

static void test_golden(void **state) {
    (void)state;
    size_t len;
    uint8_t *bytes = golden(&len);
    char hex[65];
    struct refusal refusal = genesis_decode(&genesis, bytes_of(bytes, len));
    assert_int_equal(refusal.code, CODE_OK);
    hex_encode(hex, genesis.hash, 32);
    assert_string_equal(hex, GOLDEN_HASH);
    assert_int_equal(len, GOLDEN_LEN);
    assert_memory_equal(genesis.chain_id.data, "elic-test", 9);
    assert_int_equal(genesis.region, 310118);
    assert_int_equal(genesis.time_ms, 1767225600000);
    assert_int_equal(genesis.object_count, 2 + 3 + 2 + 7);
    struct policy policy;
    genesis_policy(&policy, &genesis);
    assert_int_equal(policy.iat_back_s, 86400);
    assert_int_equal(policy.iat_ahead_s, 300);
    assert_int_equal(policy.approvals, 2);
    assert_int_equal(policy.objects_per_day, 2000000);
    assert_int_equal(policy.proposals_open, 16);
    assert_int_equal(policy.stale_after_s, 86400);
    assert_int_equal(policy.algs, 1u << KEY_ES256K | 1u << KEY_ES256 | 1u << KEY_EDDSA | 1u << KEY_SM2);
    struct finality finality;
    genesis_finality(&finality, &genesis);
    assert_int_equal(finality.engine, ENGINE_SOLO);
    assert_int_equal(finality.node_count, 1);
    assert_int_equal(finality.threshold, 1);
    free(bytes);
}

static void test_golden_objects(void **state) {
    (void)state;
    size_t len;
    uint8_t *bytes = golden(&len);
    assert_int_equal(genesis_decode(&genesis, bytes_of(bytes, len)).code, CODE_OK);
    struct member member;
    assert_int_equal(member_decode(&member, genesis.objects[2]).code, CODE_OK);
    assert_int_equal(member.type_count, 2);
    assert_int_equal(member.types[0], 5);
    assert_int_equal(member.types[1], 6);
    assert_int_equal(member_decode(&member, genesis.objects[3]).code, CODE_OK);
    assert_int_equal(member.region, 310118); /* that of the ledger */
    struct licence_type type;
    assert_int_equal(licence_type_decode(&type, genesis.objects[5]).code, CODE_OK);
    assert_true(type.keyed);
    assert_int_equal(type.holder_kinds[0], 1);
    assert_int_equal(type.holder_kinds[1], 111);
    assert_int_equal(type.element_count, 3); /* ZZBS was added */
    assert_true(bytes_equal(type.elements[2].code, bytes_text("ZZBS")));
    assert_true(type.elements[2].mandatory);
    assert_int_equal(type.definer_no, 2);
    assert_int_equal(type.supervisor_no, NO_NONE);
    assert_int_equal(licence_type_decode(&type, genesis.objects[6]).code, CODE_OK);
    assert_false(type.keyed);
    assert_int_equal(type.supervisor_no, 3);
    assert_int_equal(type.scope_count, 2);
    assert_int_equal(type.scope[0], 2);
    assert_int_equal(type.scope[1], 4);
    struct key_object key;
    assert_int_equal(key_object_decode(&key, genesis.objects[11]).code, CODE_OK);
    assert_int_equal(key.use, USE_NODE_CHECKPOINT);
    assert_int_equal(key.member_no, 2);
    free(bytes);
}

/* bytes -> JSON -> the same bytes; false where the JSON side refuses. */
static bool round_trip(struct bytes in) {
    char *json = genesis_to_json(&genesis);
    assert_non_null(json);
    uint8_t *out;
    size_t len;
    struct refusal refusal = genesis_from_json(&out, &len, message, sizeof message, json, strlen(json), 0);
    if (refusal.code == CODE_OK) assert_true(bytes_equal(bytes_of(out, len), in));
    free(json);
    free(out);
    return refusal.code == CODE_OK;
}

static void test_round_trip(void **state) {
    (void)state;
    size_t len;
    uint8_t *bytes = golden(&len);
    assert_int_equal(genesis_decode(&genesis, bytes_of(bytes, len)).code, CODE_OK);
    assert_true(round_trip(bytes_of(bytes, len)));
    free(bytes);
}

static void test_truncations(void **state) {
    (void)state;
    size_t len;
    uint8_t *bytes = golden(&len);
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *exact = malloc(cut ? cut : 1); /* so that the sanitizer sees a read past the end */
        memcpy(exact, bytes, cut);
        struct refusal refusal = genesis_decode(&genesis, bytes_of(exact, cut));
        if (refusal.code != CODE_CBOR_TRUNCATED) fail_msg("cut at %zu: %s", cut, code_name(refusal.code));
        free(exact);
    }
    uint8_t *longer = malloc(len + 1);
    memcpy(longer, bytes, len);
    longer[len] = 0;
    assert_int_equal(genesis_decode(&genesis, bytes_of(longer, len + 1)).code, CODE_CBOR_TRAILING);
    free(longer);
    free(bytes);
}

/* A flipped byte is refused, or makes another document that is as consistent as the first: it goes to JSON and back. */
static void test_flips(void **state) {
    (void)state;
    static const uint8_t FLIPS[] = {0x01, 0x20, 0x80};
    size_t len, refused = 0;
    uint8_t *bytes = golden(&len);
    uint8_t hash[32];
    sha256(hash, bytes, len);
    for (size_t at = 0; at < len; at++) {
        for (size_t f = 0; f < sizeof FLIPS; f++) {
            bytes[at] ^= FLIPS[f];
            struct refusal refusal = genesis_decode(&genesis, bytes_of(bytes, len));
            assert_memory_not_equal(genesis.hash, hash, 32);
            if (refusal.code != CODE_OK) {
                if (!refusal.field) fail_msg("byte %zu ^ %02x: %s without a field", at, FLIPS[f], code_name(refusal.code));
                refused++;
            } else if (!round_trip(bytes_of(bytes, len))) {
                /* what people type is held to more than what a ledger can hold: no spaces at the ends, normal form C */
                if (!strstr(message, "name: ") && !strstr(message, "label: ")) fail_msg("byte %zu: %s", at, message);
            }
            bytes[at] ^= FLIPS[f];
        }
    }
    assert_true(refused > len * 2);
    free(bytes);
}

/* GOLDEN with the first `from` replaced; the caller frees. */
static char *replaced(const char *from, const char *to) {
    const char *at = strstr(GOLDEN, from);
    if (!at) fail_msg("not in the golden document: %s", from);
    char *out = malloc(sizeof GOLDEN + strlen(to));
    size_t before = (size_t)(at - GOLDEN);
    memcpy(out, GOLDEN, before);
    strcpy(out + before, to);
    strcat(out, at + strlen(from));
    return out;
}

static const struct {
    const char *from, *to;
    enum code code;
    const char *message;
} JSON_CASES[] = {
    {"\"chain_id\"", "\"chain\"", CODE_JSON_INVALID, "chain: is not a member that is known here"},
    {"\"elic-test\"", "\"Elic\"", CODE_GENESIS_INVALID, "chain_id: only a-z, 0-9 and -"},
    {"\"elic-test\"", "\"\"", CODE_FIELD_MISSING, "chain_id: is empty"},
    {"\"region\":\"310118\",", "", CODE_FIELD_MISSING, "region: is missing"},
    {"\"region\":\"310118\"", "\"region\":\"31011\"", CODE_JSON_INVALID, "region: must be a code of digits from 100000 to 999999"},
    {"2026-01-01T00:00:00Z", "2026-02-30T00:00:00Z", CODE_JSON_INVALID, "time: must be a UTC time such as 2026-01-01T00:00:00Z"},
    {"2026-01-01T00:00:00Z", "2026-01-01T24:00:00Z", CODE_JSON_INVALID, "time: must be a UTC time such as 2026-01-01T00:00:00Z"},
    {"\"solo\"", "\"raft\"", CODE_JSON_INVALID, "engine: must be solo or cometbft"},
    {"\"threshold\":1", "\"threshold\":2", CODE_JSON_INVALID, "threshold: must be a whole number from 1 to 1"},
    {"\"threshold\":1", "\"threshold\":1.0", CODE_JSON_INVALID, "threshold: must be a whole number from 1 to 1"},
    {"\"approvals\":2", "\"approvals\":0", CODE_JSON_INVALID, "policy.approvals: must be a whole number from 1 to 256"},
    {"\"approvals\":2", "\"aprovals\":2", CODE_JSON_INVALID, "policy.aprovals: is not a member that is known here"},
    {"\"approvals\":2", "\"algs\":[\"RS256\"]", CODE_JSON_INVALID, "policy.algs: must be of ES256K, ES256, EdDSA, SM2"},
    {"\"approvals\":2", "\"algs\":[]", CODE_GENESIS_INVALID, "policy.algs: at least one algorithm"},
    {"\"approvals\":2", "\"algs\":[\"ES256K\"]", CODE_ALG_NOT_ALLOWED, "members[1].keys[0].alg: this signature algorithm is not allowed on this ledger"},
    {"\"approvals\":2", "\"approvals\":2,\"approvals\":3", CODE_JSON_INVALID, "line 1, column 137: duplicate object key near '\"approvals\"'"},
    {"11990000LCT0000184001", "11990000LCT000018400A", CODE_GENESIS_INVALID, "types[0].code: not 18 characters of a credit code and 3 digits"},
    {"11990000LCT0000184001", "11990000LCT0000184002", CODE_GENESIS_INVALID, "types[1].code: registered twice"},
    {"\"营业执照\"", "\"\\u0007\"", CODE_TEXT_INVALID, "types[0].name: holds control or direction characters"},
    {"\"营业执照\"", "\"e\\u0301\"", CODE_TEXT_NOT_NFC, "types[0].name: is not in Unicode normal form C"},
    {"\"营业执照\"", "\"x \"", CODE_TEXT_INVALID, "types[0].name: begins or ends with a space"},
    {"\"keyed\"", "\"keyd\"", CODE_JSON_INVALID, "types[1].keyd: is not a member that is known here"},
    {"\"keyed\":false", "\"keyed\":0", CODE_JSON_INVALID, "types[1].keyed: must be true or false"},
    {"[\"111\",\"001\"]", "[]", CODE_FIELD_MISSING, "types[0].holder_kinds: is empty"},
    {"[\"111\",\"001\"]", "[\"001\",1]", CODE_GENESIS_INVALID, "types[0].holder_kinds: one is there twice"},
    {"[\"111\",\"001\"]", "[\"abc\"]", CODE_JSON_INVALID, "types[0].holder_kinds: must be a code of digits from 001 to 999"},
    {"\"ZZBH\"", "\"zzbh\"", CODE_TEXT_INVALID, NULL},
    {"\"ZZBH\"", "\"KZ_JYFW\"", CODE_GENESIS_INVALID, "types[0].elements: KZ_JYFW is there twice"},
    {"\"sensitivity\":0", "\"sensitivity\":3", CODE_JSON_INVALID, "types[0].elements[1].sensitivity: must be a whole number from 0 to 2"},
    {"\"mandatory\":true,", "\"mandatory\":false,", CODE_GENESIS_INVALID, "types[1].elements: ZZBS (the identifier) must be there and mandatory"},
    {"\"days_max\":1827", "\"days_max\":-1", CODE_JSON_INVALID, NULL},
    {"\"definer\":\"11310118LCT001117W\"", "\"definer\":\"11310118LCT001010H\"", CODE_GENESIS_INVALID, "types[1].definer: 11310118LCT001010H is not a member"},
    {"\"supervisor\":\"11310118LCT0015124\"", "\"supervisor\":\"11310118LCT0015125\"", CODE_USCC_INVALID, "types[1].supervisor: fails its check character"},
    {"[\"11310118LCT001619F\",", "[\"11310118LCT001117W\",", CODE_GENESIS_INVALID, "types[1].scope: one is there twice"},
    {"[\"11310118LCT001619F\",", "[null,", CODE_JSON_INVALID, "types[1].scope: must be credit codes"},
    {"\"uscc\":\"11310118LCT0015124\"", "\"uscc\":\"11310118LCT0015125\"", CODE_USCC_INVALID, NULL},
    {"\"uscc\":\"11310118LCT0015124\"", "\"uscc\":\"short\"", CODE_USCC_INVALID,
     "members[1].uscc: is not a unified social credit code (18 of 0-9 and A-Z without I, O, S, V, Z)"},
    {"\"uscc\":\"11310118LCT001619F\"", "\"uscc\":\"11310118LCT001117W\"", CODE_GENESIS_INVALID, NULL},
    {"\"市场监督管理局\"", "7", CODE_JSON_INVALID, "members[0].name: must be text"},
    {"[\"govern\",\"issue\"]", "[\"issue\"]", CODE_GENESIS_INVALID, NULL},
    {"[\"govern\",\"issue\"]", "[\"govern\",\"audit\"]", CODE_GENESIS_INVALID, "members[0].keys: the member has the role audit, but no key for it"},
    {"[\"govern\",\"issue\"]", "[\"govern\",\"node-seal\"]", CODE_JSON_INVALID, "members[0].roles: must be of govern, issue, seal, verify, audit, operate"},
    {"[\"govern\",\"issue\"]", "[\"issue\",\"issue\"]", CODE_GENESIS_INVALID, "members[0].roles: issue is there twice"},
    {"[\"govern\",\"issue\"]", "[\"govern\"]", CODE_GENESIS_INVALID, "members[0].types: the member has not the role issue"},
    {"\"roles\":[\"audit\"]", "\"roles\":[]", CODE_GENESIS_INVALID, "members[1].keys[0].use: the member has not this role"},
    {"\"all\"", "[\"11990000LCT0000184009\"]", CODE_TYPE_UNKNOWN, "members[0].types: 11990000LCT0000184009 is not one of the document's types"},
    {"\"all\"", "[\"11990000LCT0000184001\",\"11990000LCT0000184001\"]", CODE_GENESIS_INVALID, "members[0].types: one is there twice"},
    {"{\"use\":\"issue\",\"alg\":\"ES256K\"," K2 "}", "{\"use\":\"issue\",\"alg\":\"ES256K\"," K1 "}", CODE_GENESIS_INVALID,
     "members[0].keys[1].keys: one key registered twice; a key has one use"},
    {"\"use\":\"govern\"", "\"use\":\"node-note\"", CODE_GENESIS_INVALID, "members[0].keys: the member has the role govern, but no key for it"},
    {"\"alg\":\"SM2\"", "\"alg\":\"ES256\"", CODE_GENESIS_INVALID, "members[1].keys[0]: is not a point of the ES256 curve"},
    {"\"alg\":\"SM2\"", "\"alg\":\"RSA\"", CODE_JSON_INVALID, "members[1].keys[0].alg: must be ES256K, ES256, EdDSA or SM2"},
    {"79be667e", "79be667", CODE_HEX_INVALID, "members[0].keys[0].x: must be 64 hexadecimal digits"},
    {"\"keys\":[{\"use\":\"operate\",\"alg\":\"ES256K\"," K3 "}]", "\"keys\":[]", CODE_GENESIS_INVALID,
     "members[2].keys: the member has the role operate, but no key for it"},
    {"\"node\":{\"seal\":{\"alg\":\"ES256K\"", "\"node\":{\"seal\":{\"alg\":\"ES256\"", CODE_ALG_KEY_MISMATCH, "members[0].node.seal.alg: must be ES256K"},
    {",\"checkpoint\":{" ED "}", "", CODE_FIELD_MISSING, "members[0].node.checkpoint: is missing"},
    {K4, K1, CODE_GENESIS_INVALID, "members[0].node.seal.keys: one key registered twice; a key has one use"},
    {",\"node\":{", ",\"nodes\":{", CODE_GENESIS_INVALID, "members: none of them has a node"},
    {"]}]}", "]}]", CODE_JSON_INVALID, NULL},
};

static void test_json_refusals(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof JSON_CASES / sizeof *JSON_CASES; i++) {
        char *json = replaced(JSON_CASES[i].from, JSON_CASES[i].to);
        uint8_t *out;
        size_t len;
        struct refusal refusal = genesis_from_json(&out, &len, message, sizeof message, json, strlen(json), 0);
        bool said = !JSON_CASES[i].message || strcmp(message, JSON_CASES[i].message) == 0;
        if (refusal.code != JSON_CASES[i].code || !said)
            fail_msg("%s -> %s: %s, %s (expected %s, %s)", JSON_CASES[i].from, JSON_CASES[i].to, code_name(refusal.code), message,
                     code_name(JSON_CASES[i].code), JSON_CASES[i].message ? JSON_CASES[i].message : "any");
        assert_null(out);
        free(json);
    }
}

/* The document again, with one object replaced: refusals that JSON cannot bring about. */
static struct refusal with_object(uint32_t no, struct bytes value, uint32_t drop_from) {
    static uint8_t buffer[1 << 16];
    size_t len;
    uint8_t *bytes = golden(&len);
    assert_int_equal(genesis_decode(&genesis, bytes_of(bytes, len)).code, CODE_OK);
    struct wire_out out = wire_write(buffer, sizeof buffer);
    wire_put_array(&out, 6);
    wire_put_uint(&out, 1);
    wire_put_text(&out, bytes_text("licet-genesis"));
    wire_put_text(&out, genesis.chain_id);
    wire_put_uint(&out, genesis.region);
    wire_put_int(&out, genesis.time_ms);
    uint32_t count = genesis.object_count < drop_from ? genesis.object_count : drop_from;
    wire_put_array(&out, count);
    for (uint32_t i = 0; i < count; i++) wire_put_raw(&out, i == no ? value : genesis.objects[i]);
    free(bytes);
    return genesis_decode(&genesis, bytes_of(out.buf, out.len));
}

static void expect(struct refusal refusal, enum code code, const char *field) {
    if (refusal.code != code || !refusal.field || strcmp(refusal.field, field) != 0)
        fail_msg("%s, %s (expected %s, %s)", code_name(refusal.code), refusal.field ? refusal.field : "-", code_name(code), field);
}

/* The golden document's object `no`, kept apart from `genesis`, which each attempt overwrites. */
static struct bytes object_of(uint32_t no) {
    static uint8_t copy[OBJECT_VALUE_MAX];
    size_t len;
    uint8_t *bytes = golden(&len);
    assert_int_equal(genesis_decode(&genesis, bytes_of(bytes, len)).code, CODE_OK);
    struct bytes value = genesis.objects[no];
    memcpy(copy, value.data, value.len);
    free(bytes);
    return bytes_of(copy, value.len);
}

#define TRY(kind, number, change, want, field)                                   \
    do {                                                                         \
        struct kind it;                                                          \
        assert_int_equal(kind##_decode(&it, object_of(number)).code, CODE_OK);   \
        change;                                                                  \
        static uint8_t encoded[OBJECT_VALUE_MAX];                                \
        struct wire_out value = wire_write(encoded, sizeof encoded);             \
        assert_true(kind##_encode(&value, &it));                                 \
        expect(with_object(number, bytes_of(value.buf, value.len), UINT32_MAX), want, field); \
    } while (0)

static void test_object_refusals(void **state) {
    (void)state;
    TRY(policy, 0, it.iat_back_s = 0, CODE_GENESIS_INVALID, "iat_back_s: no statement could ever be accepted");
    TRY(policy, 0, it.objects_per_day = 0, CODE_GENESIS_INVALID, "objects_per_day: no object could ever be recorded");
    TRY(policy, 0, it.proposals_open = 0, CODE_GENESIS_INVALID, "proposals_open: nothing could ever be proposed");
    TRY(member, 2, it.no = 3, CODE_GENESIS_INVALID, "no: not the number of its place");
    TRY(member, 2, it.state = MEMBER_SUSPENDED, CODE_GENESIS_INVALID, "state: not active");
    TRY(member, 2, it.issued = 1, CODE_GENESIS_INVALID, "counters: not zero");
    TRY(member, 2, it.quota_day = 1, CODE_GENESIS_INVALID, "counters: not zero");
    TRY(member, 2, it.types[0] = 2, CODE_GENESIS_INVALID, "types: not a licence type of this document");
    TRY(member, 2, it.types[1] = 7, CODE_GENESIS_INVALID, "types: not a licence type of this document");
    TRY(member, 2, it.uscc = bytes_text("11310118LCT001117X"), CODE_USCC_INVALID, "uscc");
    TRY(member, 2, it.roles |= ROLE(USE_VERIFY), CODE_GENESIS_INVALID, "keys: a role of the member has no key");
    TRY(member, 2, it.uscc = bytes_text("11310118LCT0015124"), CODE_GENESIS_INVALID, "uscc: registered twice");
    TRY(member, 2, it.uscc = bytes_text("11310118LCT001010H"), CODE_GENESIS_INVALID, "node: not of a member of this document");
    TRY(licence_type, 5, it.no = 6, CODE_GENESIS_INVALID, "no: not the number of its place");
    TRY(licence_type, 5, it.state = TYPE_RETIRED, CODE_GENESIS_INVALID, "state: not active");
    TRY(licence_type, 5, it.holder_kinds[1] = 1, CODE_GENESIS_INVALID, "holder_kinds: repeated or out of order");
    TRY(licence_type, 5, it.definer_no = 5, CODE_GENESIS_INVALID, "definer: not a member of this document");
    TRY(licence_type, 6, it.supervisor_no = 1, CODE_GENESIS_INVALID, "supervisor: not a member of this document");
    TRY(licence_type, 6, it.scope[1] = 99, CODE_GENESIS_INVALID, "scope: not a member of this document");
    TRY(licence_type, 6, it.scope[0] = 4, CODE_GENESIS_INVALID, "scope: repeated or out of order");
    TRY(licence_type, 6, it.element_count--, CODE_GENESIS_INVALID, "elements: ZZBS (the identifier) must be there and mandatory");
    TRY(key_object, 7, it.no = 8, CODE_GENESIS_INVALID, "no: not the number of its place");
    TRY(key_object, 7, it.member_no = 5, CODE_GENESIS_INVALID, "member: not a member of this document");
    TRY(key_object, 7, it.use = USE_SEAL, CODE_GENESIS_INVALID, "use: the member has not this role");
    TRY(key_object, 8, it.use = USE_GOVERN, CODE_GENESIS_INVALID, "keys: a role of the member has no key");
    TRY(key_object, 7, it.active_from_ms++, CODE_GENESIS_INVALID, "active: not from genesis on");
    TRY(key_object, 7, it.active_to_ms = it.active_from_ms + 1, CODE_GENESIS_INVALID, "active: not from genesis on");
    TRY(key_object, 7, it.compromised_since = 4, CODE_GENESIS_INVALID, "compromised_since: set");
    TRY(key_object, 7, it.member_no = 3, CODE_GENESIS_INVALID, "use: the member has not this role");
    TRY(key_object, 9, it.use = USE_NODE_NOTE, CODE_GENESIS_INVALID, "alg: not the one of this node key");
    TRY(key_object, 9, it.member_no = 3, CODE_GENESIS_INVALID, "keys: out of order");
    TRY(key_object, 7, (it.key.x[0] ^= 1, pubkey_thumbprint(it.thumb, &it.key)), CODE_GENESIS_INVALID, "x: not a point of the curve");
    TRY(finality, 1, it.nodes[0].uscc = bytes_text("11310118LCT0015124"), CODE_GENESIS_INVALID, "node.seal: not registered for this use");
    TRY(finality, 1, it.nodes[0].note = it.nodes[0].seal, CODE_GENESIS_INVALID, "node.note: not registered for this use");
    TRY(finality, 1, it.nodes[0].checkpoint = it.nodes[0].note, CODE_GENESIS_INVALID, "node.checkpoint: not registered for this use");
    TRY(finality, 1, (it.nodes[1] = it.nodes[0], it.node_count = 2), CODE_GENESIS_INVALID, "engine: takes another number of nodes");
    TRY(finality, 1, (it.engine = ENGINE_COMETBFT, it.nodes[1] = it.nodes[0], it.node_count = 2), CODE_GENESIS_INVALID,
        "node: repeated or not in the order of the members");
    TRY(finality, 1, (it.engine = ENGINE_COMETBFT, it.nodes[3] = it.nodes[2] = it.nodes[1] = it.nodes[0], it.node_count = 4), CODE_GENESIS_INVALID,
        "threshold: faulty nodes alone could reach it");
}

/* One department that has a ledger to itself, as `licet init` makes it: several roles, each under a key of its own. */
static void test_lone_member(void **state) {
    (void)state;
    static const char LONE[] = "{\"chain_id\":\"a\",\"region\":310118,\"types\":[],\"members\":["
                               "{\"uscc\":\"11310118LCT001117W\",\"name\":\"x\",\"roles\":[\"govern\",\"audit\",\"operate\"],"
                               "\"keys\":[{\"use\":\"govern\",\"alg\":\"ES256K\"," K1 "},{\"use\":\"audit\",\"alg\":\"ES256K\"," K2 "},"
                               "{\"use\":\"operate\",\"alg\":\"ES256K\"," K3 "}],"
                               "\"node\":{\"seal\":{" K4 "},\"note\":{" P7 "},\"checkpoint\":{" ED "}}}]}";
    uint8_t *out;
    size_t len;
    struct refusal refusal = genesis_from_json(&out, &len, message, sizeof message, LONE, sizeof LONE - 1, 1767225600123);
    if (refusal.code != CODE_OK) fail_msg("lone member: %s", message);
    assert_int_equal(genesis_decode(&genesis, bytes_of(out, len)).code, CODE_OK);
    assert_int_equal(genesis.time_ms, 1767225600123);
    assert_true(round_trip(bytes_of(out, len)));
    free(out);
}

static void test_structure_refusals(void **state) {
    (void)state;
    static const uint8_t LINK[] = {0x82, 0x18, 0x1e, 0x01}, LICENCE[] = {0x82, 0x06, 0x01}, EMPTY[] = {0x80};
    expect(with_object(0, object_of(1), UINT32_MAX), CODE_GENESIS_INVALID, "kind: object 0 is the policy, 1 the finality");
    expect(with_object(1, object_of(2), UINT32_MAX), CODE_GENESIS_INVALID, "kind: object 0 is the policy, 1 the finality");
    expect(with_object(4, bytes_of(LINK, sizeof LINK), UINT32_MAX), CODE_GENESIS_INVALID, "kind: not a known object");
    expect(with_object(4, bytes_of(EMPTY, sizeof EMPTY), UINT32_MAX), CODE_GENESIS_INVALID, "kind: not a known object");
    expect(with_object(4, bytes_of(LICENCE, sizeof LICENCE), UINT32_MAX), CODE_GENESIS_INVALID, "kind: only members, types and keys may follow");
    expect(with_object(6, object_of(2), UINT32_MAX), CODE_GENESIS_INVALID, "kind: members come first, then types, then keys");
    expect(with_object(8, object_of(5), UINT32_MAX), CODE_GENESIS_INVALID, "kind: members come first, then types, then keys");
    expect(with_object(8, object_of(7), UINT32_MAX), CODE_GENESIS_INVALID, "keys: one key registered twice; a key has one use");
    expect(with_object(0, object_of(0), 12), CODE_GENESIS_INVALID, "keys: a role of the member has no key");
    expect(with_object(0, object_of(0), 2), CODE_GENESIS_INVALID, "members: nobody has the role govern");
    static const uint8_t NEWER[] = {0x86, 0x02, 0x60, 0x60, 0x00, 0x00, 0x80};
    assert_int_equal(genesis_decode(&genesis, bytes_of(NEWER, sizeof NEWER)).code, CODE_VERSION_UNKNOWN);
    assert_int_equal(genesis_decode(&genesis, bytes_of(NULL, 0)).code, CODE_CBOR_TRUNCATED);
}

/* --- the files that come with the program --- */
static char *file_text(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) return NULL; /* run from elsewhere than the source folder */
    char *out = calloc(1, 1 << 20);
    size_t len = fread(out, 1, (1 << 20) - 1, file);
    assert_true(len > 0);
    fclose(file);
    return out;
}

/* The document as it stands in the source folder, for people and for other programs, is the one above. */
static void test_vector(void **state) {
    (void)state;
    char *json = file_text("tests/vectors/genesis.json");
    if (!json) {
        print_message("skip: not run from the source folder\n");
        skip();
    }
    char *vector = file_text("tests/vectors/genesis.txt");
    assert_non_null(vector);
    uint8_t *out;
    size_t len;
    struct refusal refusal = genesis_from_json(&out, &len, message, sizeof message, json, strlen(json), 0);
    if (refusal.code != CODE_OK) fail_msg("tests/vectors/genesis.json: %s", message);
    char *hex = malloc(2 * len + 1), *want = strstr(vector, "document: ");
    assert_non_null(want);
    hex_encode(hex, out, len);
    assert_int_equal(strcspn(want + 10, "\n"), 2 * len);
    assert_memory_equal(want + 10, hex, 2 * len);
    assert_non_null(strstr(vector, "hash: " GOLDEN_HASH "\n"));
    free(hex);
    free(out);
    free(json);
    free(vector);
}

static void append_key(char *out, const char *use, enum key_alg alg) {
    struct signer *signer = signer_generate(alg);
    struct pubkey key;
    char x[65], y[65];
    assert_non_null(signer);
    signer_pubkey(signer, &key);
    signer_free(signer);
    hex_encode(x, key.x, 32);
    hex_encode(y, key.y, 32);
    sprintf(out + strlen(out), "{%s%s%s\"alg\":\"%s\",\"x\":\"%s\"", use ? "\"use\":\"" : "", use ? use : "", use ? "\"," : "", key_alg_name(alg), x);
    if (alg != KEY_EDDSA) sprintf(out + strlen(out), ",\"y\":\"%s\"", y);
    strcat(out, "}");
}

/* Puts a key for every role after each member's "types", and a node at the first `nodes` members, as tools do. */
static char *with_keys(const char *json, unsigned nodes) {
    char *out = calloc(1, strlen(json) + (1 << 18));
    const char *at = strstr(json, "\"members\""), *roles;
    strncat(out, json, (size_t)(at - json));
    for (unsigned member = 0; (roles = strstr(at, "\"roles\"")) != NULL; member++) {
        const char *end = strchr(roles, '}');
        strncat(out, at, (size_t)(end - at));
        strcat(out, ",\"keys\":[");
        const char *separator = "";
        for (int use = USE_GOVERN; use <= USE_OPERATE; use++) {
            char quoted[32];
            snprintf(quoted, sizeof quoted, "\"%s\"", key_use_name((enum key_use)use));
            const char *named = strstr(roles, quoted);
            if (!named || named > end) continue;
            strcat(out, separator);
            append_key(out, key_use_name((enum key_use)use), KEY_ES256K);
            separator = ",";
        }
        strcat(out, "]");
        if (member < nodes) {
            strcat(out, ",\"node\":{\"seal\":");
            append_key(out, NULL, KEY_ES256K);
            strcat(out, ",\"note\":");
            append_key(out, NULL, KEY_ES256);
            strcat(out, ",\"checkpoint\":");
            append_key(out, NULL, KEY_EDDSA);
            strcat(out, "}");
        }
        at = end;
    }
    strcat(out, at);
    return out;
}

static void test_consortium(void **state) {
    (void)state;
    char *json = file_text("genesis/consortium.json");
    if (!json) {
        print_message("skip: not run from the source folder\n");
        skip();
    }
    uint8_t *out;
    size_t len;
    struct refusal refusal = genesis_from_json(&out, &len, message, sizeof message, json, strlen(json), 0);
    assert_int_equal(refusal.code, CODE_GENESIS_INVALID); /* nobody starts a ledger with keys that everybody has */
    assert_string_equal(message, "members: none of them has a node");
    char *keyed = with_keys(json, 1);
    refusal = genesis_from_json(&out, &len, message, sizeof message, keyed, strlen(keyed), 0);
    if (refusal.code != CODE_OK) fail_msg("consortium: %s", message);
    assert_int_equal(genesis_decode(&genesis, bytes_of(out, len)).code, CODE_OK);
    assert_true(round_trip(bytes_of(out, len)));
    free(out);
    free(keyed);

    keyed = with_keys(json, 4); /* a cluster: the default threshold is more than two thirds */
    char *engine = strstr(keyed, "\"solo\"");
    memmove(engine + 10, engine + 6, strlen(engine + 6) + 1);
    memcpy(engine, "\"cometbft\"", 10);
    char *threshold = strstr(keyed, "\"threshold\": 1,");
    memset(threshold, ' ', 15);
    refusal = genesis_from_json(&out, &len, message, sizeof message, keyed, strlen(keyed), 0);
    if (refusal.code != CODE_OK) fail_msg("cluster: %s", message);
    assert_int_equal(genesis_decode(&genesis, bytes_of(out, len)).code, CODE_OK);
    struct finality finality;
    genesis_finality(&finality, &genesis);
    assert_int_equal(finality.node_count, 4);
    assert_int_equal(finality.threshold, 3);
    assert_true(round_trip(bytes_of(out, len)));
    free(out);
    free(keyed);
    free(json);
}

/* The ten types fit a ledger of one department; the first is as the commands' documentation says. */
static void test_types(void **state) {
    (void)state;
    char *types = file_text("genesis/types.json");
    if (!types) {
        print_message("skip: not run from the source folder\n");
        skip();
    }
    const char *begin = strstr(GOLDEN, "\"types\":[") + 8, *end = strstr(GOLDEN, ",\"members\"");
    char *json = calloc(1, sizeof GOLDEN + strlen(types));
    memcpy(json, GOLDEN, (size_t)(begin - GOLDEN));
    strcat(json, types);
    strcat(json, end);
    uint8_t *out;
    size_t len;
    struct refusal refusal = genesis_from_json(&out, &len, message, sizeof message, json, strlen(json), 0);
    if (refusal.code != CODE_OK) fail_msg("types.json: %s", message);
    assert_int_equal(genesis_decode(&genesis, bytes_of(out, len)).code, CODE_OK);
    unsigned open = 0;
    for (uint32_t no = 5; no < 15; no++) {
        struct licence_type type;
        assert_int_equal(licence_type_decode(&type, genesis.objects[no]).code, CODE_OK);
        uint32_t mandatory = 0;
        for (uint32_t i = 0; i < type.element_count; i++) mandatory += type.elements[i].mandatory;
        open += !type.keyed;
        if (no > 5) assert_true(mandatory > 1);
        if (no > 5) continue;
        assert_int_equal(mandatory, 1);
        assert_int_equal(type.holder_kind_count, 2);
        assert_int_equal(type.holder_kinds[0], 1);
        assert_int_equal(type.holder_kinds[1], 111);
    }
    assert_true(open >= 2);
    free(out);
    free(json);
    free(types);
}

int main(void) {
    if (!hash_setup() || !sig_setup()) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),          cmocka_unit_test(test_golden_objects),  cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_truncations),     cmocka_unit_test(test_flips),           cmocka_unit_test(test_json_refusals),
        cmocka_unit_test(test_object_refusals), cmocka_unit_test(test_structure_refusals), cmocka_unit_test(test_consortium),
        cmocka_unit_test(test_types),           cmocka_unit_test(test_vector),          cmocka_unit_test(test_lone_member),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
