/* A handful of records for tests of verdicts and proofs: made by the real encoders, held in an array, found by linear search. */
#ifndef LICET_TESTS_LIB_RECORDS_H
#define LICET_TESTS_LIB_RECORDS_H
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/rules/verdict.h"

#define WORLD_MAX 200
#define WORLD_VALUE_MAX 1200
struct world_record {
    enum object_kind kind;
    uint32_t no;
    uint8_t key[32];
    uint8_t value[WORLD_VALUE_MAX];
    size_t len;
    enum found answer; /* FOUND_YES, or what to say in its place */
};
struct world {
    uint8_t genesis[32];
    struct world_record record[WORLD_MAX];
    uint32_t count;
    enum found absent; /* what to say of a record that is not there: FOUND_ABSENT, or FOUND_MISSING as a proof would */
    uint32_t asked;
};

static inline enum found world_by_id(void *context, enum object_kind kind, struct bytes id, struct bytes *value) {
    struct world *world = (struct world *)context;
    uint8_t key[32];
    world->asked++;
    object_key(key, world->genesis, kind, id);
    for (uint32_t i = 0; i < world->count; i++) {
        if (memcmp(world->record[i].key, key, 32) != 0) continue;
        *value = bytes_of(world->record[i].value, world->record[i].len);
        return world->record[i].answer;
    }
    return world->absent;
}
static inline enum found world_by_no(void *context, enum object_kind kind, uint32_t no, struct bytes *value) {
    struct world *world = (struct world *)context;
    world->asked++;
    for (uint32_t i = 0; i < world->count; i++) {
        if (world->record[i].no != no || world->record[i].kind != kind) continue;
        *value = bytes_of(world->record[i].value, world->record[i].len);
        return world->record[i].answer;
    }
    return world->absent;
}
static inline struct object_source world_source(struct world *world) {
    return (struct object_source){world, world->genesis, world_by_id, world_by_no};
}

/* Puts or replaces; the map key is taken from the bytes. */
static inline struct world_record *world_put(struct world *world, enum object_kind kind, uint32_t no, struct bytes value) {
    uint8_t key[32];
    uint32_t at = 0;
    assert_true(value.len <= WORLD_VALUE_MAX);
    assert_true(object_key_of(key, world->genesis, value));
    while (at < world->count && memcmp(world->record[at].key, key, 32) != 0) at++;
    assert_true(at < WORLD_MAX);
    if (at == world->count) world->count++;
    struct world_record *record = &world->record[at];
    record->kind = kind;
    record->no = no;
    record->answer = FOUND_YES;
    record->len = value.len;
    memcpy(record->key, key, 32);
    memcpy(record->value, value.data, value.len);
    return record;
}

#define WORLD_PUT(world, kind, object, encode)                                   \
    do {                                                                         \
        uint8_t buffer[WORLD_VALUE_MAX];                                         \
        struct wire_out out = wire_write(buffer, sizeof buffer);                 \
        assert_true(encode(&out, (object)));                                     \
        (void)world_put((world), (kind), (object)->no, bytes_of(buffer, out.len)); \
    } while (0)

#define WORLD_USCC "11430000006122244L"
#define WORLD_TYPE "11100000000013338W011"
#define WORLD_ISSUER_NAME "某某局"
#define WORLD_TYPE_NAME "施工许可证"
enum { NO_ISSUER = 2, NO_TYPE = 3, NO_KEY_A = 4, NO_KEY_B = 5, NO_LICENCE = 10, NO_NUMBER = 11, NO_DOCUMENT = 12, NO_COPY = 13, NO_SEAL = 14 };

static inline void world_member(struct world *world, enum member_state state, uint32_t roles, bool may_issue_type) {
    struct member member = {.uscc = bytes_text(WORLD_USCC), .no = NO_ISSUER, .name = bytes_text(WORLD_ISSUER_NAME), .region = 430000, .roles = roles, .state = state};
    if (may_issue_type) member.types[member.type_count++] = NO_TYPE;
    WORLD_PUT(world, OBJECT_MEMBER, &member, member_encode);
}
static inline void world_type(struct world *world, enum type_state state) {
    struct licence_type type = {.code = bytes_text(WORLD_TYPE), .no = NO_TYPE, .name = bytes_text(WORLD_TYPE_NAME), .state = state, .keyed = true,
                                .holder_kind_count = 1, .holder_kinds = {1}, .element_count = 1,
                                .elements = {{bytes_text("ZZBS"), bytes_text("证照标识"), true, 0}}, .definer_no = NO_ISSUER, .supervisor_no = NO_NONE};
    WORLD_PUT(world, OBJECT_TYPE, &type, licence_type_encode);
}
/* compromised_since: UINT64_MAX for not. */
static inline void world_key(struct world *world, uint32_t no, uint64_t compromised_since) {
    struct key_object key = {.key = {.alg = KEY_ES256K}, .no = no, .member_no = NO_ISSUER, .use = USE_ISSUE, .active_to_ms = TIME_MS_MAX,
                             .compromised_since = compromised_since};
    be32_put(key.key.x, no);
    pubkey_thumbprint(key.thumb, &key.key);
    WORLD_PUT(world, OBJECT_KEY, &key, key_object_encode);
}
/* A licence on which key A acted at entry 100; its key is its number, repeated. */
static inline struct licence world_licence(uint32_t no) {
    struct licence licence = {.no = no, .version = 1, .state = LICENCE_VALID, .issuer_no = NO_ISSUER, .type_no = NO_TYPE, .valid_to = DAY_NONE, .holder_kind = 1,
                              .seal = {.no = NO_NONE, .previous = NO_NONE}, .previous_no = NO_NONE, .next_no = NO_NONE, .acted_count = 1, .acted = {{NO_KEY_A, 100}}, .since = 7,
                              .until = DAY_NONE, .history_count = 1, .last_link = 1};
    for (size_t i = 0; i < 8; i++) be32_put(licence.key + 4 * i, no);
    memset(licence.holder_tag, 0x21, TAG_LEN);
    memset(licence.name_tag, 0x22, TAG_LEN);
    return licence;
}
static inline void world_put_licence(struct world *world, const struct licence *licence) { WORLD_PUT(world, OBJECT_LICENCE, licence, licence_encode); }

#define WORLD_SEAL "31011800000001"
static inline void making_put(struct seal_making *making, uint8_t digest, uint64_t entry, uint64_t suspect_since) {
    *making = (struct seal_making){.cert_count = 2, .to_ms = TIME_MS_MAX, .entry = entry, .suspect_since = suspect_since};
    memset(making->digest, digest, 32);
    memset(making->maker, 0x70, 32);
    memset(making->certs[0], digest + 1, 32);
    memset(making->certs[1], digest + 2, 32);
}
/* The issuer's seal: registered at entry 50 by key B, made again at 70; digests 0x80 and 0x90, certificates one and two more. */
static inline struct seal world_seal(void) {
    struct seal seal = {.id = bytes_text(WORLD_SEAL), .no = NO_SEAL, .owner_no = NO_ISSUER, .owner_since = 50, .registrar_no = NO_ISSUER, .kind = SEAL_KIND_NAME,
                        .name = bytes_text("某某局公章"), .state = SEAL_VALID, .since = 4, .making_count = 2, .act_count = 2, .acts = {{NO_KEY_B, 50}, {NO_KEY_B, 70}},
                        .licence_count = 1, .last_licence = NO_LICENCE, .history_count = 2, .last_link = 9};
    making_put(&seal.makings[0], 0x80, 50, LOG_ENTRY_NONE);
    making_put(&seal.makings[1], 0x90, 70, LOG_ENTRY_NONE);
    return seal;
}
static inline void world_put_seal(struct world *world, const struct seal *seal) { WORLD_PUT(world, OBJECT_SEAL, seal, seal_encode); }

static const uint8_t WORLD_TAG[TAG_LEN] = {0x31, 0x31, 0x31};
static inline void world_number(struct world *world, uint32_t licence_no) {
    struct number_object number = {.no = NO_NUMBER, .type_no = NO_TYPE, .licence_no = licence_no};
    memcpy(number.tag, WORLD_TAG, TAG_LEN);
    WORLD_PUT(world, OBJECT_NUMBER, &number, number_encode);
}
/* The document's key is its number in every byte. */
static inline void world_document(struct world *world, uint32_t no, uint32_t licence_no, uint32_t version, enum document_kind kind) {
    struct document_object document = {.no = no, .licence_no = licence_no, .version = version, .kind = kind};
    memset(document.key, (int)no, 32);
    WORLD_PUT(world, OBJECT_DOCUMENT, &document, document_encode);
}

/* Issuer, type, two good keys, one valid licence with its number, document and stamped copy. */
static inline void world_start(struct world *world) {
    memset(world, 0, sizeof *world);
    memset(world->genesis, 0x77, 32);
    world->absent = FOUND_ABSENT;
    world_member(world, MEMBER_ACTIVE, ROLE(USE_ISSUE), true);
    world_type(world, TYPE_ACTIVE);
    world_key(world, NO_KEY_A, UINT64_MAX);
    world_key(world, NO_KEY_B, UINT64_MAX);
    const struct licence licence = world_licence(NO_LICENCE);
    world_put_licence(world, &licence);
    world_number(world, NO_LICENCE);
    world_document(world, NO_DOCUMENT, NO_LICENCE, 1, DOCUMENT_FILE);
    world_document(world, NO_COPY, NO_LICENCE, 1, DOCUMENT_OFD_SIGNATURE);
}
#endif
