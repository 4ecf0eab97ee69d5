/* Object: every field of every object damaged in turn, bounds, names, map keys, links. */
#include "crypto/hash.h"
#include "tests/lib/wire.h"

static const struct {
    const char *name;
    codec_fn codec;
    unsigned null_ok;   /* items that hold a value and may be null as well */
    unsigned absent_ok; /* items of lists that may be shorter */
} OBJECTS[] = {
    {"policy", codec_policy, 0, 0},
    {"finality", codec_finality, 0, 0},
    {"member", codec_member, 0, 3},
    {"key", codec_key_object, 0, 0},
    {"key_ended", codec_key_object, 2, 0},           /* active_to_ms, compromised_since */
    {"type", codec_licence_type, 0, 2 + 3 + 2},      /* holder kinds, elements, scope */
    {"type_public", codec_licence_type, 1, 0},       /* supervisor_no */
    {"licence", codec_licence, 1, 0},                /* valid_to */
    {"licence_full", codec_licence, 3 + 2, 2},       /* seal and its previous, previous_no, next_no, until; components */
    {"licence_sealed", codec_licence, 1, 0},         /* seal */
    {"seal", codec_seal_object, 0, 0},
    {"seal_full", codec_seal_object, 2 + 1, 2 + 4}, /* suspect_since of both, last_licence; makings, certificates */
    {"number", codec_number, 0, 0},
    {"document", codec_document, 0, 0},
};
#define OBJECT_COUNT (sizeof OBJECTS / sizeof *OBJECTS)

static void damaged(void **state) {
    (void)state;
    for (size_t i = 0; i < OBJECT_COUNT; i++) {
        struct vector v = vector_load("object", OBJECTS[i].name);
        law_damaged(OBJECTS[i].codec, vector_bytes(&v));
        struct damage taken = law_items(OBJECTS[i].codec, vector_bytes(&v));
        if (taken.null_taken != OBJECTS[i].null_ok || taken.absent_taken != OBJECTS[i].absent_ok)
            fail_msg("%s: %u null, %u absent", OBJECTS[i].name, taken.null_taken, taken.absent_taken);
    }
}

/* No object reads as another kind. */
static void kinds_apart(void **state) {
    (void)state;
    for (size_t i = 0; i < OBJECT_COUNT; i++) {
        struct vector v = vector_load("object", OBJECTS[i].name);
        for (size_t k = 0; k < OBJECT_COUNT; k++)
            assert_int_equal(law(OBJECTS[k].codec, vector_bytes(&v)).code == CODE_OK, OBJECTS[i].codec == OBJECTS[k].codec);
    }
}

/* The map key changes with the ledger, the kind and the id, and cannot be had from what is no object. */
static void map_keys(void **state) {
    (void)state;
    uint8_t a[32], b[32];
    enum object_kind kind;
    object_key(a, fill(0x10), OBJECT_KEY, bytes_of(fill(1), 32));
    object_key(b, fill(0x11), OBJECT_KEY, bytes_of(fill(1), 32));
    assert_memory_not_equal(a, b, 32);
    object_key(b, fill(0x10), OBJECT_LICENCE, bytes_of(fill(1), 32));
    assert_memory_not_equal(a, b, 32);
    object_key(b, fill(0x10), OBJECT_KEY, bytes_of(fill(1), 31));
    assert_memory_not_equal(a, b, 32);
    static const char *const none[] = {"", "80", "8106", "820001", "820e01", "82186401", "8206f6", "8203613d", "820640", "a10601", "8307024100", "820af6", "820bf6", "820cf6", "820df6"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        uint8_t bytes[16];
        size_t len = strlen(none[i]) / 2;
        assert_true(hex_decode(bytes, len, none[i], 2 * len));
        if (object_key_of(b, fill(0x10), bytes_of(bytes, len))) fail_msg("%s has a map key", none[i]);
    }
    assert_false(object_kind_of(&kind, bytes_of("\x81\x06", 2)));
    assert_true(object_key_of(b, fill(0x10), bytes_of("\x83\x09\x61x\x00", 5)));
    object_key(a, fill(0x10), OBJECT_SEAL, bytes_text("x"));
    assert_memory_equal(a, b, 32);
}

/* Changes one item of a golden object; says what the decoder says. */
static struct refusal changed(size_t object, size_t item, const char *hex) {
    static uint8_t buf[VECTOR_BYTES_MAX + 64];
    static struct places places;
    uint8_t with[64];
    size_t len = strlen(hex) / 2;
    assert_true(hex_decode(with, len, hex, 2 * len));
    struct vector v = vector_load("object", OBJECTS[object].name);
    places_of(&places, vector_bytes(&v));
    return law(OBJECTS[object].codec, place_replace(buf, vector_bytes(&v), &places.at[item], bytes_of(with, len)));
}

static void bounds(void **state) {
    (void)state;
    /* item: 0 the array, 1 the kind, 2 the first field ... */
    static const struct {
        const char *object;
        size_t item;
        const char *with;
        enum code want;
        const char *field;
    } cases[] = {
        {"policy", 1, "02", CODE_CBOR_RANGE, "kind"}, {"policy", 4, "00", CODE_CBOR_RANGE, "approvals"}, {"policy", 4, "190101", CODE_CBOR_RANGE, "approvals"},
        {"policy", 2, "1b0000000100000000", CODE_CBOR_RANGE, "iat_back_s"}, {"policy", 8, "1820", CODE_CBOR_RANGE, "algs"}, {"policy", 8, "01", CODE_CBOR_RANGE, "algs"},
        {"finality", 2, "03", CODE_CBOR_RANGE, "engine"}, {"finality", 3, "00", CODE_CBOR_RANGE, "threshold"}, {"finality", 3, "02", CODE_CBOR_RANGE, "threshold"},
        {"finality", 8, "18c7", CODE_ALG_NOT_ALLOWED, "node.seal"}, {"finality", 10, "f6", CODE_FIELD_MISSING, "node.seal"}, {"finality", 18, "5820" "00000000000000000000000000000000" "00000000000000000000000000000000", CODE_CBOR_TYPE, "node.checkpoint"},
        {"member", 2, "6131", CODE_CBOR_RANGE, "uscc"}, {"member", 3, "1affffffff", CODE_CBOR_RANGE, "no"}, {"member", 3, "1afffffffe", CODE_OK, NULL},
        {"member", 5, "1a000f4240", CODE_CBOR_RANGE, "region"}, {"member", 6, "01", CODE_CBOR_RANGE, "roles"}, {"member", 6, "1880", CODE_CBOR_RANGE, "roles"}, {"member", 6, "00", CODE_OK, NULL},
        {"member", 7, "04", CODE_CBOR_RANGE, "state"}, {"member", 7, "00", CODE_CBOR_RANGE, "state"}, {"member", 10, "02", CODE_CBOR_KEY_ORDER, "type"}, {"member", 10, "19012c", CODE_CBOR_KEY_ORDER, "type"},
        {"member", 12, "1b8000000000000000", CODE_CBOR_RANGE, "issued"}, {"member", 13, "1a002cc0a1", CODE_CBOR_RANGE, "quota_day"},
        {"key", 2, "5820" "00000000000000000000000000000000" "00000000000000000000000000000000", CODE_HASH_MISMATCH, "thumb"}, {"key", 9, "0a", CODE_CBOR_RANGE, "use"}, {"key", 9, "00", CODE_CBOR_RANGE, "use"},
        {"key", 11, "1b0000e677d21fdbff", CODE_CBOR_RANGE, "active_to_ms"}, {"key", 11, "1b0000e677d21fdbfe", CODE_OK, NULL}, {"key", 10, "20", CODE_CBOR_RANGE, "active_from_ms"},
        {"key", 12, "1bffffffffffffffff", CODE_CBOR_RANGE, "compromised_since"},
        {"type", 5, "03", CODE_CBOR_RANGE, "state"}, {"type", 6, "01", CODE_CBOR_TYPE, "keyed"}, {"type", 7, "80", CODE_FIELD_MISSING, "holder_kinds"}, {"type", 10, "80", CODE_FIELD_MISSING, "elements"},
        {"type", 17, "674b5a5f4a594657", CODE_CBOR_KEY_ORDER, "element.code"}, {"type", 15, "03", CODE_CBOR_RANGE, "element.sensitivity"}, {"type", 15, "02", CODE_OK, NULL},
        {"licence", 4, "00", CODE_CBOR_RANGE, "version"}, {"licence", 4, "1903e8", CODE_CBOR_RANGE, "version"}, {"licence", 5, "05", CODE_CBOR_RANGE, "state"},
        {"licence", 5, "0a", CODE_CBOR_RANGE, "state"}, {"licence", 5, "09", CODE_OK, NULL}, {"licence", 14, "09", CODE_CBOR_RANGE, "document_count"},
        {"licence", 19, "8101", CODE_CBOR_RANGE, "acted"}, {"licence", 19, "80", CODE_OK, NULL}, {"licence", 3, "1affffffff", CODE_CBOR_RANGE, "no"}, {"licence", 15, "1affffffff", CODE_CBOR_TYPE, "seal"},
        {"licence_sealed", 16, "1affffffff", CODE_CBOR_RANGE, "seal.no"}, {"licence_sealed", 17, "10", CODE_CBOR_RANGE, "seal.making"}, {"licence_sealed", 17, "0f", CODE_OK, NULL},
        {"seal", 2, "60", CODE_FIELD_MISSING, "id"}, {"seal", 7, "04", CODE_CBOR_RANGE, "seal_kind"}, {"seal", 7, "00", CODE_CBOR_RANGE, "seal_kind"}, {"seal", 9, "04", CODE_CBOR_RANGE, "state"},
        {"seal", 9, "00", CODE_CBOR_RANGE, "state"}, {"seal", 9, "03", CODE_OK, NULL}, {"seal", 13, "80", CODE_FIELD_MISSING, "makings"}, {"seal", 17, "80", CODE_FIELD_MISSING, "making.certificates"},
        {"seal", 20, "1b0000e677d21fdc00", CODE_CBOR_RANGE, "making.to"}, {"seal", 23, "80", CODE_FIELD_MISSING, "acts"}, {"seal", 23, "8105", CODE_FIELD_MISSING, "acts"}, {"seal", 23, "83050607", CODE_CBOR_RANGE, "acts"},
        {"seal", 23, "8405070506", CODE_CBOR_KEY_ORDER, "acts.entry"}, {"seal", 23, "8405070507", CODE_CBOR_KEY_ORDER, "acts.entry"}, {"seal", 23, "8405070508", CODE_OK, NULL},
        {"seal_full", 33, "190119", CODE_CBOR_KEY_ORDER, "making.entry"}, {"seal_full", 33, "19011a", CODE_OK, NULL},
        {"document", 5, "00", CODE_CBOR_RANGE, "version"}, {"document", 6, "04", CODE_CBOR_RANGE, "document_kind"}, {"number", 2, "1affffffff", CODE_CBOR_RANGE, "type_no"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t object = 0;
        while (strcmp(OBJECTS[object].name, cases[i].object) != 0) object++;
        struct refusal refusal = changed(object, cases[i].item, cases[i].with);
        bool same = !cases[i].field || (refusal.field && strcmp(refusal.field, cases[i].field) == 0);
        if (refusal.code != cases[i].want || !same)
            fail_msg("%s[%zu] = %s: %s %s", cases[i].object, cases[i].item, cases[i].with, code_name(refusal.code), refusal.field ? refusal.field : "-");
    }
}

/* The largest of each that limits.h allows fit OBJECT_VALUE_MAX; a buffer too small is said. */
static void largest(void **state) {
    (void)state;
    static struct licence_type type;
    static struct finality finality;
    static struct member member;
    static char text[NAME_MAX_BYTES + 1], codes[ELEMENTS_MAX][ELEMENT_CODE_MAX + 1];
    static uint8_t buf[OBJECT_VALUE_MAX];
    memset(text, 'x', NAME_MAX_BYTES);
    type = (struct licence_type){.code = bytes_text("11310118MB2F00000L001"), .no = NO_NONE - 1, .name = bytes_text(text), .state = TYPE_ACTIVE,
                                 .holder_kind_count = HOLDER_KINDS_MAX, .element_count = ELEMENTS_MAX, .days_max = 3650, .supervisor_no = NO_NONE,
                                 .scope_count = MEMBERS_MAX};
    for (uint32_t i = 0; i < HOLDER_KINDS_MAX; i++) type.holder_kinds[i] = 999 - i;
    for (uint32_t i = 0; i < MEMBERS_MAX; i++) type.scope[i] = NO_NONE - 1 - i;
    for (uint32_t i = 0; i < ELEMENTS_MAX; i++) {
        snprintf(codes[i], sizeof codes[i], "KZ_%037u", i);
        type.elements[i] = (struct element){bytes_text(codes[i]), bytes_text(text), true, 2};
    }
    struct wire_out out = wire_write(buf, sizeof buf);
    assert_true(licence_type_encode(&out, &type));
    assert_int_equal(law(codec_licence_type, bytes_of(buf, out.len)).code, CODE_OK);
    finality = (struct finality){.engine = ENGINE_COMETBFT, .threshold = FINALITY_NODES_MAX, .node_count = FINALITY_NODES_MAX};
    for (uint32_t i = 0; i < FINALITY_NODES_MAX; i++)
        finality.nodes[i] = (struct finality_node){bytes_text("11310118MB2F00000L"), {.alg = KEY_SM2}, {.alg = KEY_SM2}, {.alg = KEY_SM2}};
    out = wire_write(buf, sizeof buf);
    assert_true(finality_encode(&out, &finality));
    assert_int_equal(law(codec_finality, bytes_of(buf, out.len)).code, CODE_OK);
    member = (struct member){.uscc = bytes_text("11310118MB2F00000L"), .name = bytes_text(text), .state = MEMBER_REMOVED, .type_count = TYPES_PER_MEMBER_MAX};
    for (uint32_t i = 0; i < TYPES_PER_MEMBER_MAX; i++) member.types[i] = 1000000 + i;
    out = wire_write(buf, sizeof buf);
    assert_true(member_encode(&out, &member));
    assert_int_equal(law(codec_member, bytes_of(buf, out.len)).code, CODE_OK);
    out = wire_write(buf, 100);
    assert_false(member_encode(&out, &member));
    static struct seal seal;
    static char id[SEAL_ID_MAX + 1];
    memset(id, 'i', SEAL_ID_MAX);
    seal = (struct seal){.id = bytes_text(id), .no = NO_NONE - 1, .kind = SEAL_KIND_PERSONAL, .name = bytes_text(text), .state = SEAL_CANCELLED, .reason = bytes_of(text, REASON_MAX),
                         .basis = bytes_text(text), .making_count = SEAL_MAKINGS_MAX, .act_count = SEAL_ACTS_MAX, .last_licence = NO_NONE, .last_link = 7};
    for (uint32_t i = 0; i < SEAL_MAKINGS_MAX; i++)
        seal.makings[i] = (struct seal_making){.cert_count = SEAL_CERTS_MAX, .from_ms = TIME_MS_MAX, .to_ms = TIME_MS_MAX, .entry = INT64_MAX - 100 + i, .suspect_since = INT64_MAX};
    for (uint32_t i = 0; i < SEAL_ACTS_MAX; i++) seal.acts[i] = (struct seal_act){NO_NONE - 1, INT64_MAX - 100 + i};
    out = wire_write(buf, sizeof buf);
    assert_true(seal_encode(&out, &seal));
    assert_int_equal(law(codec_seal_object, bytes_of(buf, out.len)).code, CODE_OK);
    assert_true(out.len < 6144); /* what the rules keep room for */
}

/* Every engine is found by its number and by its name, and the sentence that lists them names just these. */
static void engines(void **state) {
    (void)state;
    static const enum engine_kind kinds[] = {
#define KIND(NAME, ...) ENGINE_##NAME,
        ENGINES(KIND)
#undef KIND
    };
    char list[128] = "";
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct engine_words *words = engine_words_of(kinds[i]);
        assert_non_null(words);
        assert_int_equal(words->kind, kinds[i]);
        assert_ptr_equal(engine_words_named(bytes_text(words->name)), words);
        (void)snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", i ? " or " : "", words->name);
    }
    assert_string_equal(list, ENGINE_NAMES);
    assert_null(engine_words_of((enum engine_kind)0));
    assert_null(engine_words_of((enum engine_kind)3));
    assert_null(engine_words_named(bytes_text("Solo")));
    assert_null(engine_words_named(bytes_text("")));
}

static void names(void **state) {
    (void)state;
    enum key_use use;
    for (int i = USE_GOVERN; i <= USE_NODE_CHECKPOINT; i++) {
        assert_true(key_use_from_name(&use, key_use_name((enum key_use)i)));
        assert_int_equal(use, i);
    }
    assert_null(key_use_name((enum key_use)0));
    assert_false(key_use_from_name(&use, "Govern"));
    assert_string_equal(key_use_name(USE_NODE_SEAL), "node-seal");
    assert_string_equal(licence_state_name(LICENCE_TRANSFERRING), "transferring");
    assert_null(licence_state_name((enum licence_state)5));
    assert_string_equal(op_name(OP_TRANSFER_OUT), "transfer-out");
    assert_null(op_name((enum op)4));
    assert_string_equal(op_name(OP_SEAL_REMAKE), "seal-remake");
    for (unsigned op = 0; op < 256; op++) {
        const struct operation *operation = operation_of((enum op)op);
        if (operation != NULL) assert_int_equal(operation->subject == SUBJECT_OF_SEAL, op >= 20 && op <= 25);
    }
    assert_string_equal(seal_state_name(SEAL_CANCELLED), "cancelled");
    assert_null(seal_state_name((enum seal_state)4));
}

/* Row by row: names and numbers lead to the row and to no other; states are states of the subject. */
static void operations(void **state) {
    (void)state;
    size_t count = 0;
    const struct operation *before = NULL, *operation;
    for (; (operation = operation_at(count)) != NULL; count++) {
        if (before != NULL) assert_true(before->op < operation->op);
        before = operation;
        assert_ptr_equal(operation_of(operation->op), operation);
        assert_ptr_equal(operation_named(operation->name), operation);
        for (uint32_t s = 0; s < 32; s++) {
            const bool led = s == operation->to && s != 0, left = (operation->from >> s & 1u) != 0;
            if (!led && !left) continue;
            const bool known = operation->subject == SUBJECT_OF_SEAL ? seal_state_name((enum seal_state)s) != NULL : licence_state_name((enum licence_state)s) != NULL;
            assert_true(known);
            if (left && operation->subject == SUBJECT_OF_LICENCE) assert_false(licence_state_final((enum licence_state)s));
        }
        if (operation_takes(operation, ENDS) && operation->subject == SUBJECT_OF_LICENCE && operation->shape != SHAPE_RESERVED)
            assert_true(licence_state_final((enum licence_state)operation->to));
    }
    assert_int_equal(count, 18);
    assert_null(operation_at(1000));
    assert_null(operation_of((enum op)4));
    assert_null(operation_of((enum op)0xffffff));
    assert_null(operation_named("isue"));
}

/* Each byte of a link is read, and each of 8..31 is in the head; slot and previous are not. */
static void links(void **state) {
    (void)state;
    static const uint8_t zero[32];
    struct vector v = vector_load("object", "link_1");
    struct history_link link;
    uint8_t head[32], other[32], again[LINK_LEN];
    assert_true(link_decode(&link, v.data));
    link_head(head, zero, &link);
    for (size_t i = 0; i < LINK_LEN; i++) {
        for (unsigned flip = 1; flip < 256; flip++) {
            struct vector changed_link = v;
            changed_link.data[i] ^= (uint8_t)flip;
            if (!link_decode(&link, changed_link.data)) continue;
            link_encode(again, &link);
            assert_memory_equal(again, changed_link.data, LINK_LEN);
            link_head(other, zero, &link);
            assert_int_equal(memcmp(head, other, 32) == 0, i < 8);
        }
    }
    v.data[19] = 5;
    assert_false(link_decode(&link, v.data));
    v.data[19] = 1;
    v.data[18] = 4;
    assert_false(link_decode(&link, v.data));
    /* A state belongs to what the operation acts on: 2 is stopped of a seal, 4 is cancelled of a licence and nothing of a seal. */
    v = vector_load("object", "link_seal");
    assert_true(link_decode(&link, v.data));
    assert_string_equal(link_state_name(&link), "stopped");
    v.data[19] = 4;
    assert_false(link_decode(&link, v.data));
    v.data[18] = OP_CANCEL;
    assert_true(link_decode(&link, v.data));
    assert_string_equal(link_state_name(&link), "cancelled");
}

static int setup(void **state) {
    (void)state;
    return hash_setup() ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged), cmocka_unit_test(kinds_apart), cmocka_unit_test(map_keys), cmocka_unit_test(bounds),
        cmocka_unit_test(largest), cmocka_unit_test(names), cmocka_unit_test(engines), cmocka_unit_test(operations), cmocka_unit_test(links),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
