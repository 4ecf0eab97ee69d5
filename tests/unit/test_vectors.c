/* Vectors: the golden bytes of tests/vectors, which another program made, are exactly what we write for the same meaning, and what we
 * read gives that meaning back. Signatures in them verify. libcbor reads all of them. */
#include <cbor.h> /* before ours, which renames two of its functions */

#include "crypto/hash.h"
#include "crypto/sig.h"
#include "tests/lib/wire.h"

#define GENESIS fill(0x10)
#define USCC "11310118MB2F00000L"
#define TYPE USCC "001"
#define CHAIN "elic-310118"
#define TIME_MS INT64_C(1795323821123)
#define REASON "停业整顿"
#define BASIS "行政处罚法第九条"

static struct pubkey key_of(const char *name, enum key_alg alg) {
    struct pubkey key = {.alg = alg};
    char field[64];
    snprintf(field, sizeof field, "%s_x", name);
    struct vector v = vector_load("hash", field);
    memcpy(key.x, v.data, 32);
    snprintf(field, sizeof field, "%s_y", name);
    v = vector_load("hash", field);
    memcpy(key.y, v.data, 32);
    return key;
}
static struct pubkey ed25519(void) {
    struct pubkey key = {.alg = KEY_EDDSA};
    memcpy(key.x, fill(0x90), 32);
    return key;
}

static void hashes(void **state) {
    (void)state;
    uint8_t out[32], cose[PUBKEY_COSE_MAX];
    const struct bytes abc[] = {bytes_text("abc"), {0}}, moved[] = {bytes_text("ab"), bytes_text("c")};
    hash_tagged(out, "licet/vector/v1", NULL, 0);
    assert_vector("hash", "no_part", out, 32);
    hash_tagged(out, "licet/vector/v1", abc, 1);
    assert_vector("hash", "one_part", out, 32);
    hash_tagged(out, "licet/vector/v1", abc, 2);
    assert_vector("hash", "empty_part", out, 32);
    hash_tagged(out, "licet/vector/v1", moved, 2);
    assert_vector("hash", "moved_border", out, 32);
    static const struct {
        const char *name, *cose, *thumb;
        enum key_alg alg;
    } keys[] = {{"issuer", "issuer_cose_key", "issuer_thumb", KEY_ES256K}, {"seal", "seal_cose_key", "seal_thumb", KEY_ES256K},
                {"note", "note_cose_key", "note_thumb", KEY_ES256}};
    for (size_t i = 0; i < 3; i++) {
        struct pubkey key = key_of(keys[i].name, keys[i].alg);
        assert_true(pubkey_check(&key));
        assert_vector("hash", keys[i].cose, cose, pubkey_cose(cose, &key));
        pubkey_thumbprint(out, &key);
        assert_vector("hash", keys[i].thumb, out, 32);
    }
}

/* ---- records ---- */
static const struct issue_item *issue_items(void) {
    static struct issue_item items[2];
    items[0] = (struct issue_item){.licence_key = fill(0x20), .version = 1, .number_tag = fill(0x30), .holder_kind = 1,
                                   .holder_tag = fill(0x31), .name_tag = fill(0x32), .valid_from = 20454, .valid_to = 22280,
                                   .document_count = 2, .documents = {{DOCUMENT_FILE, fill(0x40)}, {DOCUMENT_OFD_SIGNATURE, fill(0x41)}},
                                   .fields_root = fill(0x50), .seal_id = bytes_text("31011800000001"), .seal_digest = fill(0x60),
                                   .component_count = 1, .components = {fill(0x70)}};
    items[1] = (struct issue_item){.licence_key = fill(0x21), .version = 999, .number_tag = fill(0x33), .holder_kind = 111,
                                   .holder_tag = fill(0x34), .name_tag = fill(0x35), .valid_from = -25567, .valid_to = DAY_NONE,
                                   .fields_root = fill(0x51)};
    return items;
}
static struct record issue_record(void) {
    return (struct record){.op = OP_ISSUE, .type_code = bytes_text(TYPE), .element_count = 3, .item_count = 2, .issue = issue_items(),
                           .elements = {bytes_text("KZ_JYFW"), bytes_text("ZZBS"), bytes_text("ZZMC")}};
}

static void record_vector(const char *name, const struct record *record) {
    uint8_t buf[1024];
    struct wire_out out = wire_write(buf, sizeof buf);
    assert_true(record_encode(&out, record));
    assert_vector("statement", name, buf, out.len);
    struct vector v = vector_load("statement", name);
    assert_int_equal(law(codec_record, vector_bytes(&v)).code, CODE_OK);
}

static void records(void **state) {
    (void)state;
    struct record issue = issue_record();
    record_vector("record_issue", &issue);
    static const struct {
        const char *name;
        enum op op;
        uint64_t count;
    } plain[] = {{"record_cancel", OP_CANCEL, 2}, {"record_revoke", OP_REVOKE, 256}, {"record_annul", OP_ANNUL, 65536}};
    for (size_t i = 0; i < 3; i++) {
        struct status_item item = {fill(0x20), plain[i].count, bytes_text(REASON), bytes_text(BASIS), DAY_NONE};
        struct record record = {.op = plain[i].op, .item_count = 1, .status = &item};
        record_vector(plain[i].name, &record);
    }
    struct status_item suspend[] = {{fill(0x20), 1, bytes_text(REASON), bytes_text(BASIS), 20500},
                                    {fill(0x21), 23, bytes_text(REASON), bytes_text(BASIS), DAY_NONE}};
    struct record record = {.op = OP_SUSPEND, .item_count = 2, .status = suspend};
    record_vector("record_suspend", &record);
    struct status_item resume = {fill(0x20), 3, {0}, {0}, DAY_NONE};
    record = (struct record){.op = OP_RESUME, .item_count = 1, .status = &resume};
    record_vector("record_resume", &record);
}

/* ---- signatures ---- */
static void header_vector(const char *name, const struct cose_header *header) {
    uint8_t buf[COSE_PROTECTED_MAX];
    assert_vector("statement", name, buf, cose_protected_encode(buf, header));
}

static void assert_signed(const struct pubkey *key, const struct cose_sign1 *cose, struct bytes payload) {
    struct cose_tbs tbs;
    struct verifier *verifier = verifier_new(key);
    assert_non_null(verifier);
    cose_tbs(&tbs, cose->protected_header, payload);
    assert_true(verifier_check(verifier, cose->signature, tbs.parts, COSE_TBS_PARTS));
    verifier_free(verifier);
    uint8_t thumb[32];
    pubkey_thumbprint(thumb, key);
    assert_memory_equal(cose->kid, thumb, 32);
}

static void statements(void **state) {
    (void)state;
    struct pubkey issuer = key_of("issuer", KEY_ES256K), seal = key_of("seal", KEY_ES256K), note = key_of("note", KEY_ES256);
    uint8_t kid[32], seal_kid[32], note_kid[32], buf[1024];
    char sub[65];
    pubkey_thumbprint(kid, &issuer);
    pubkey_thumbprint(seal_kid, &seal);
    pubkey_thumbprint(note_kid, &note);
    hex_encode(sub, fill(0x20), 32);
    struct cose_header header = {COSE_ALG_ES256K, kid, TYP_RECORD, bytes_text(ISS_PREFIX USCC), bytes_text(sub), TIME_MS / 1000, GENESIS};
    header_vector("protected_record", &header);
    header_vector("protected_header", &(struct cose_header){.alg = COSE_ALG_ES256K, .kid = seal_kid, .typ = TYP_HEADER});
    header_vector("protected_head", &(struct cose_header){.alg = COSE_ALG_ES256, .kid = note_kid, .typ = TYP_HEAD});
    header_vector("protected_request", &(struct cose_header){.alg = COSE_ALG_ES256K, .kid = kid, .typ = TYP_REQUEST});
    header_vector("protected_note", &(struct cose_header){.alg = COSE_ALG_ES256K, .kid = kid, .typ = TYP_NOTE});
    char name[LEDGER_NAME_MAX];
    size_t name_len = ledger_name(name, bytes_text(CHAIN), GENESIS);
    assert_int_equal(name_len, strlen(name));
    assert_string_equal(name, "urn:licet:ledger:elic-310118:1011121314151617");
    assert_vector("statement", "protected_receipt", buf, receipt_protected(buf, note_kid, bytes_of(name, name_len), TIME_MS));

    struct vector v = vector_load("statement", "statement");
    struct statement statement;
    assert_int_equal(statement_decode(&statement, vector_bytes(&v)).code, CODE_OK);
    assert_int_equal(statement.cose.alg, COSE_ALG_ES256K);
    assert_true(bytes_equal(statement.cose.iss, bytes_text(ISS_PREFIX USCC)));
    assert_true(bytes_equal(statement.cose.sub, bytes_text(sub)));
    assert_int_equal(statement.cose.iat, TIME_MS / 1000);
    assert_memory_equal(statement.cose.genesis, GENESIS, 32);
    assert_true(statement.cose.has_content_type);
    assert_false(statement.cose.vds_rfc9162);
    assert_vector("statement", "record_issue", statement.cose.payload.data, statement.cose.payload.len);
    assert_vector("statement", "statement_id", statement.id, 32);
    assert_vector("statement", "statement_leaf", statement.leaf, 32);
    assert_signed(&issuer, &statement.cose, statement.cose.payload);
    struct cose_tbs tbs;
    cose_tbs(&tbs, statement.cose.protected_header, statement.cose.payload);
    struct wire_out out = wire_write(buf, sizeof buf);
    for (size_t i = 0; i < COSE_TBS_PARTS; i++) wire_put_raw(&out, tbs.parts[i]);
    assert_false(out.full);
    assert_vector("statement", "to_be_signed", buf, out.len);
    assert_int_equal(law(codec_statement, vector_bytes(&v)).code, CODE_OK);

    v = vector_load("statement", "statement_suspend");
    assert_int_equal(statement_decode(&statement, vector_bytes(&v)).code, CODE_OK);
    assert_true(bytes_equal(statement.cose.sub, bytes_text("job-2026-001")));
    assert_signed(&issuer, &statement.cose, statement.cose.payload);
    v = vector_load("statement", "request");
    assert_int_equal(law(codec_request, vector_bytes(&v)).code, CODE_OK);
    v = vector_load("statement", "note");
    assert_int_equal(law(codec_note, vector_bytes(&v)).code, CODE_OK);
}

/* ---- objects ---- */
static uint8_t object_buf[OBJECT_VALUE_MAX];
static struct wire_out object_out(void) { return wire_write(object_buf, sizeof object_buf); }

static void object_vector(const char *name, enum object_kind kind, struct bytes id, bool fits, const struct wire_out *out, codec_fn codec) {
    char field[64];
    uint8_t key[32], key_2[32], hash[32];
    enum object_kind found;
    assert_true(fits);
    assert_vector("object", name, out->buf, out->len);
    struct bytes value = bytes_of(out->buf, out->len);
    assert_int_equal(law(codec, value).code, CODE_OK);
    assert_true(object_kind_of(&found, value));
    assert_int_equal(found, kind);
    object_key(key, GENESIS, kind, id);
    assert_true(object_key_of(key_2, GENESIS, value));
    assert_memory_equal(key, key_2, 32);
    object_value_hash(hash, value);
    snprintf(field, sizeof field, "%s_key", name);
    assert_vector("object", field, key, 32);
    snprintf(field, sizeof field, "%s_value_hash", name);
    assert_vector("object", field, hash, 32);
}

static void objects_org(void **state) {
    (void)state;
    struct wire_out out = object_out();
    struct policy policy = {86400, 300, 2, 2000000, 16, 86400, 30};
    object_vector("policy", OBJECT_POLICY, (struct bytes){0}, policy_encode(&out, &policy), &out, codec_policy);

    struct finality finality = {.engine = ENGINE_SOLO, .threshold = 1, .node_count = 1};
    finality.nodes[0] = (struct finality_node){bytes_text(USCC), key_of("seal", KEY_ES256K), key_of("note", KEY_ES256), ed25519()};
    out = object_out();
    object_vector("finality", OBJECT_FINALITY, (struct bytes){0}, finality_encode(&out, &finality), &out, codec_finality);

    struct member member = {.uscc = bytes_text(USCC), .no = 1, .name = bytes_text("青浦区市场监督管理局"), .region = 310118, .roles = 126,
                            .state = MEMBER_ACTIVE, .type_count = 3, .types = {2, 7, 300}, .issued = 1000000, .quota_day = 20779,
                            .quota_used = 25};
    out = object_out();
    object_vector("member", OBJECT_MEMBER, member.uscc, member_encode(&out, &member), &out, codec_member);

    struct key_object key = {.key = key_of("issuer", KEY_ES256K), .no = 3, .member_no = 1, .use = USE_ISSUE, .active_from_ms = TIME_MS,
                             .active_to_ms = TIME_MS_MAX, .compromised_since = UINT64_MAX};
    pubkey_thumbprint(key.thumb, &key.key);
    out = object_out();
    object_vector("key", OBJECT_KEY, bytes_of(key.thumb, 32), key_object_encode(&out, &key), &out, codec_key_object);
    key = (struct key_object){.key = key_of("note", KEY_ES256), .no = 4, .member_no = 1, .use = USE_NODE_NOTE, .active_from_ms = 0,
                              .active_to_ms = TIME_MS, .compromised_since = 77};
    pubkey_thumbprint(key.thumb, &key.key);
    out = object_out();
    object_vector("key_ended", OBJECT_KEY, bytes_of(key.thumb, 32), key_object_encode(&out, &key), &out, codec_key_object);
}

static void objects_licence(void **state) {
    (void)state;
    struct wire_out out = object_out();
    static struct licence_type type;
    type = (struct licence_type){.code = bytes_text(TYPE), .no = 2, .name = bytes_text("食品经营许可证"), .state = TYPE_ACTIVE, .keyed = true,
                                 .holder_kind_count = 2, .holder_kinds = {1, 111}, .element_count = 3, .days_max = 1826, .definer_no = 1,
                                 .supervisor_no = NO_NONE, .scope_count = 2, .scope = {1, 5}};
    type.elements[0] = (struct element){bytes_text("KZ_JYFW"), bytes_text("经营范围"), true, 1};
    type.elements[1] = (struct element){bytes_text("ZZBS"), bytes_text("证照标识"), true, 2};
    type.elements[2] = (struct element){bytes_text("ZZMC"), bytes_text("证照名称"), false, 0};
    object_vector("type", OBJECT_TYPE, type.code, licence_type_encode(&out, &type), &out, codec_licence_type);
    type = (struct licence_type){.code = bytes_text(USCC "002"), .no = 6, .name = bytes_text("公告"), .state = TYPE_RETIRED,
                                 .holder_kind_count = 1, .holder_kinds = {999}, .element_count = 1, .unlimited_allowed = true,
                                 .definer_no = 1, .supervisor_no = 1};
    type.elements[0] = (struct element){bytes_text("ZZBS"), bytes_text("证照标识"), false, 0};
    out = object_out();
    object_vector("type_public", OBJECT_TYPE, type.code, licence_type_encode(&out, &type), &out, codec_licence_type);

    struct licence licence = {.no = 70000, .version = 1, .state = LICENCE_VALID, .issuer_no = 1, .type_no = 2, .valid_from = 20454,
                              .valid_to = 22280, .holder_kind = 111, .document_count = 1, .seal = {.no = NO_NONE, .previous = NO_NONE}, .previous_no = NO_NONE,
                              .next_no = NO_NONE, .acted_count = 1, .acted = {{3, 70000}}, .since = 300, .until = DAY_NONE,
                              .history_count = 1, .last_link = 70001};
    memcpy(licence.key, fill(0x20), 32);
    memcpy(licence.holder_tag, fill(0x31), TAG_LEN);
    memcpy(licence.name_tag, fill(0x32), TAG_LEN);
    memcpy(licence.fields_root, fill(0x50), 32);
    memcpy(licence.history_head, fill(0x80), 32);
    out = object_out();
    object_vector("licence", OBJECT_LICENCE, bytes_of(licence.key, 32), licence_encode(&out, &licence), &out, codec_licence);
    assert_true(out.len <= 185); /* DESIGN 12 counts on it, millions of times */

    licence = (struct licence){.no = 9, .version = 2, .state = LICENCE_SUSPENDED, .issuer_no = 1, .type_no = 2, .valid_from = -25567,
                               .valid_to = DAY_NONE, .holder_kind = 1, .document_count = 8, .seal = {11, 15, 299, 7}, .previous_no = 8, .next_no = 12,
                               .component_count = 2, .components = {13, 14}, .acted_count = 2, .acted = {{3, 5}, {4, 6}}, .since = 88,
                               .reason = bytes_text(REASON), .basis = bytes_text(BASIS), .until = 20500, .history_count = 23, .last_link = 99};
    memcpy(licence.key, fill(0x21), 32);
    memcpy(licence.holder_tag, fill(0x34), TAG_LEN);
    memcpy(licence.name_tag, fill(0x35), TAG_LEN);
    memcpy(licence.fields_root, fill(0x51), 32);
    memcpy(licence.history_head, fill(0x81), 32);
    out = object_out();
    object_vector("licence_full", OBJECT_LICENCE, bytes_of(licence.key, 32), licence_encode(&out, &licence), &out, codec_licence);

    licence = (struct licence){.no = 16, .version = 1, .state = LICENCE_VALID, .issuer_no = 1, .type_no = 2, .valid_from = 20454,
                               .valid_to = DAY_NONE, .holder_kind = 1, .seal = {11, 0, 301, NO_NONE}, .previous_no = NO_NONE, .next_no = NO_NONE,
                               .acted_count = 1, .acted = {{3, 301}}, .since = 89, .until = DAY_NONE, .history_count = 1, .last_link = 100};
    memcpy(licence.key, fill(0x22), 32);
    memcpy(licence.holder_tag, fill(0x34), TAG_LEN);
    memcpy(licence.name_tag, fill(0x35), TAG_LEN);
    memcpy(licence.fields_root, fill(0x51), 32);
    memcpy(licence.history_head, fill(0x82), 32);
    out = object_out();
    object_vector("licence_sealed", OBJECT_LICENCE, bytes_of(licence.key, 32), licence_encode(&out, &licence), &out, codec_licence);

    struct number_object number = {.no = 8, .type_no = 2, .licence_no = 70000};
    uint8_t id[4 + TAG_LEN] = {0, 0, 0, 2};
    memcpy(number.tag, fill(0x30), TAG_LEN);
    memcpy(id + 4, number.tag, TAG_LEN);
    out = object_out();
    object_vector("number", OBJECT_NUMBER, bytes_of(id, sizeof id), number_encode(&out, &number), &out, codec_number);
    struct document_object document = {.no = 10, .licence_no = 70000, .version = 1, .kind = DOCUMENT_FILE};
    memcpy(document.key, fill(0x40), 32);
    out = object_out();
    object_vector("document", OBJECT_DOCUMENT, bytes_of(document.key, 32), document_encode(&out, &document), &out, codec_document);
}

static struct seal_making making_1(uint64_t entry, uint64_t suspect_since) {
    struct seal_making making = {.cert_count = 1, .from_ms = TIME_MS, .to_ms = TIME_MS + 157680000000, .entry = entry, .suspect_since = suspect_since};
    memcpy(making.digest, fill(0x60), 32);
    memcpy(making.maker, fill(0x61), 32);
    memcpy(making.certs[0], fill(0x62), 32);
    return making;
}
static struct seal_making making_2(uint64_t entry, uint64_t suspect_since) {
    struct seal_making making = {.cert_count = 4, .from_ms = 0, .to_ms = TIME_MS_MAX, .entry = entry, .suspect_since = suspect_since};
    memcpy(making.digest, fill(0x63), 32);
    memcpy(making.maker, fill(0x64), 32);
    for (uint8_t i = 0; i < 4; i++) memcpy(making.certs[i], fill((uint8_t)(0x65 + i)), 32);
    return making;
}

static void seals(void **state) {
    (void)state;
    struct wire_out out = object_out();
    struct seal seal = {.id = bytes_text("31011800000001"), .no = 11, .owner_no = 1, .owner_since = 280, .registrar_no = 1, .kind = SEAL_KIND_NAME,
                        .name = bytes_text("青浦区市场监督管理局"), .state = SEAL_VALID, .since = 86, .making_count = 1,
                        .makings = {making_1(280, LOG_ENTRY_NONE)}, .act_count = 1, .acts = {{5, 280}}, .last_licence = NO_NONE, .history_count = 1,
                        .last_link = 98};
    memcpy(seal.history_head, fill(0x83), 32);
    object_vector("seal", OBJECT_SEAL, seal.id, seal_encode(&out, &seal), &out, codec_seal_object);
    seal = (struct seal){.id = bytes_text("S"), .no = 12, .owner_no = NO_NONE - 1, .owner_since = 297, .registrar_no = 1, .kind = SEAL_KIND_PERSONAL,
                         .name = bytes_text("局长"), .state = SEAL_STOPPED, .since = 90, .reason = bytes_text(REASON), .basis = bytes_text(BASIS),
                         .making_count = 2, .makings = {making_1(281, 290), making_2(295, 303)}, .act_count = 4,
                         .acts = {{5, 281}, {5, 295}, {6, 297}, {5, 303}}, .licence_count = 2, .last_licence = 16, .history_count = 4, .last_link = 101};
    memcpy(seal.history_head, fill(0x84), 32);
    out = object_out();
    object_vector("seal_full", OBJECT_SEAL, seal.id, seal_encode(&out, &seal), &out, codec_seal_object);
}

static struct seal_item made(const char *id, bool second) {
    struct seal_item item = {.seal_id = bytes_text(id), .digest32 = fill(0x60), .maker32 = fill(0x61), .cert_count = 1, .certs = {fill(0x62)},
                             .from_ms = TIME_MS, .to_ms = TIME_MS + 157680000000, .since = LOG_ENTRY_NONE};
    if (!second) return item;
    item.digest32 = fill(0x63);
    item.maker32 = fill(0x64);
    item.cert_count = 4;
    for (uint8_t i = 0; i < 4; i++) item.certs[i] = fill((uint8_t)(0x65 + i));
    item.from_ms = 0;
    item.to_ms = TIME_MS_MAX;
    return item;
}
static struct seal_item changed(struct seal_item item, uint64_t count, uint64_t since) {
    item.count = count;
    item.reason = bytes_text(REASON);
    item.basis = bytes_text(BASIS);
    item.since = since;
    return item;
}

static void seal_records(void **state) {
    (void)state;
    static const char *const ID = "31011800000001";
    const struct seal_item plain = {.seal_id = bytes_text(ID)}, other = {.seal_id = bytes_text("S")};
    struct seal_item items[2] = {made(ID, false), made("S", true)};
    items[0].owner = items[1].owner = bytes_text(USCC);
    items[0].kind = SEAL_KIND_NAME;
    items[1].kind = SEAL_KIND_PERSONAL;
    items[0].name = bytes_text("青浦区市场监督管理局");
    items[1].name = bytes_text("局长");
    struct record record = {.op = OP_SEAL_REGISTER, .item_count = 2, .seal = items};
    record_vector("record_seal_register", &record);
    items[0] = changed(plain, 1, 300);
    items[1] = changed(other, 24, LOG_ENTRY_NONE);
    record.op = OP_SEAL_STOP;
    record_vector("record_seal_stop", &record);
    items[0] = changed(plain, 2, LOG_ENTRY_NONE);
    items[0].reason = items[0].basis = (struct bytes){0};
    items[1] = changed(other, 25, LOG_ENTRY_NONE);
    record.op = OP_SEAL_RESUME;
    record_vector("record_seal_resume", &record);
    items[0] = changed(made(ID, true), 4, LOG_ENTRY_NONE);
    items[1] = changed(made("S", false), 5, 0);
    record.op = OP_SEAL_REMAKE;
    record_vector("record_seal_remake", &record);
    record.item_count = 1;
    items[0] = changed(plain, 3, LOG_ENTRY_NONE);
    record.op = OP_SEAL_CANCEL;
    record_vector("record_seal_cancel", &record);
    items[0] = changed(plain, 6, LOG_ENTRY_NONE);
    items[0].owner = bytes_text(USCC);
    record.op = OP_SEAL_TRANSFER;
    record_vector("record_seal_transfer", &record);
}

static void links(void **state) {
    (void)state;
    static const uint8_t zero[32];
    struct history_link link = {70000, NO_NONE, 300, 1, OP_ISSUE, LICENCE_VALID, 3, TIME_MS}, again;
    uint8_t encoded[LINK_LEN], head_1[32], head_2[32];
    link_encode(encoded, &link);
    assert_vector("object", "link_1", encoded, LINK_LEN);
    link_head(head_1, zero, &link);
    assert_vector("object", "head_1", head_1, 32);
    link = (struct history_link){70000, 70001, 301, 0, OP_SUSPEND, LICENCE_SUSPENDED, 3, TIME_MS + 1};
    link_encode(encoded, &link);
    assert_vector("object", "link_2", encoded, LINK_LEN);
    link_head(head_2, head_1, &link);
    assert_vector("object", "head_2", head_2, 32);
    assert_true(link_decode(&again, encoded));
    assert_true(again.slot == link.slot && again.previous == link.previous && again.entry == link.entry && again.item == link.item &&
                again.op == link.op && again.state == link.state && again.key_no == link.key_no && again.time_ms == link.time_ms);
    link = (struct history_link){11, 98, 303, 0, OP_SEAL_STOP, SEAL_STOPPED, 5, TIME_MS + 2};
    link_encode(encoded, &link);
    assert_vector("object", "link_seal", encoded, LINK_LEN);
    link_head(head_1, fill(0x83), &link);
    assert_vector("object", "head_seal", head_1, 32);
}

/* ---- headers ---- */
static void headers(void **state) {
    (void)state;
    struct vector root = vector_load("header", "log_root"), statement_bytes = vector_load("statement", "statement");
    struct pubkey seal_key = key_of("seal", KEY_ES256K), note_key = key_of("note", KEY_ES256);
    uint8_t buf[RECEIPT_MAX + 1024], hash[32];
    struct header header = {.chain_id = bytes_text(CHAIN), .term = 1, .n = 88, .engine_height = 4000000000, .time_ms = TIME_MS, .log_size = 3,
                            .objects = 70002, .links = 70003, .licences = 65536};
    memcpy(header.genesis, GENESIS, 32);
    memcpy(header.previous, fill(0xa0), 32);
    memcpy(header.log_root, root.data, 32);
    memcpy(header.state_root, fill(0xb0), 32);
    size_t len = header_encode(buf, &header);
    assert_vector("header", "header", buf, len);
    header_hash(hash, bytes_of(buf, len));
    assert_vector("header", "header_hash", hash, 32);
    assert_int_equal(law(codec_header, bytes_of(buf, len)).code, CODE_OK);
    struct vector first = vector_load("header", "header_first"), header_bytes = vector_load("header", "header");
    assert_int_equal(law(codec_header, vector_bytes(&first)).code, CODE_OK);
    header_hash(hash, vector_bytes(&first));
    assert_vector("header", "header_first_hash", hash, 32);

    struct vector v = vector_load("header", "seal");
    struct cose_sign1 cose;
    assert_int_equal(cose_sign1_decode(&cose, vector_bytes(&v), TYP_HEADER).code, CODE_OK);
    assert_null(cose.payload.data);
    assert_signed(&seal_key, &cose, vector_bytes(&header_bytes));
    assert_int_equal(law(codec_seal, vector_bytes(&v)).code, CODE_OK);

    v = vector_load("header", "head_note");
    struct head_note note;
    assert_int_equal(head_note_decode(&cose, &note, vector_bytes(&v)).code, CODE_OK);
    assert_vector("header", "head_note_payload", buf, head_note_payload(buf, &note));
    assert_vector("header", "header_hash", note.header_hash, 32);
    assert_true(note.n == 88 && note.term == 1 && note.time_ms == TIME_MS + 60000);
    assert_signed(&note_key, &cose, cose.payload);
    assert_int_equal(law(codec_head_note, vector_bytes(&v)).code, CODE_OK);

    struct vector receipt_bytes = vector_load("header", "receipt");
    static struct receipt receipt;
    struct statement statement;
    uint8_t computed[32];
    assert_int_equal(receipt_decode(&receipt, vector_bytes(&receipt_bytes)).code, CODE_OK);
    assert_int_equal(statement_decode(&statement, vector_bytes(&statement_bytes)).code, CODE_OK);
    assert_true(receipt.tree_size == 3 && receipt.index == 2 && receipt.path_count == 1 && receipt.cose.vds_rfc9162);
    assert_true(bytes_equal(receipt.cose.iss, receipt.cose.sub));
    assert_true(merkle_inclusion_root(computed, statement.leaf, 2, 3, (const uint8_t(*)[32])receipt.path, receipt.path_count));
    assert_memory_equal(computed, root.data, 32);
    assert_signed(&note_key, &receipt.cose, bytes_of(computed, 32));
    assert_int_equal(law(codec_receipt, vector_bytes(&receipt_bytes)).code, CODE_OK);
    struct wire_out out = wire_write(buf, sizeof buf);
    assert_true(transparent_statement_encode(&out, &statement.cose, vector_bytes(&receipt_bytes)));
    assert_vector("header", "transparent_statement", buf, out.len);
}

/* A second reader agrees that it is CBOR, all of it, and writes it the same. Tag 18 is left off: libcbor 0.8 refuses it. */
static void libcbor_agrees(void **state) {
    (void)state;
    static const char *const names[][2] = {
        {"statement", "record_issue"}, {"statement", "record_suspend"}, {"statement", "protected_record"}, {"statement", "protected_receipt"},
        {"statement", "statement"}, {"statement", "request"}, {"object", "policy"}, {"object", "finality"}, {"object", "member"},
        {"object", "key"}, {"object", "type"}, {"object", "licence"}, {"object", "licence_full"}, {"object", "number"}, {"object", "document"},
        {"header", "header"}, {"header", "seal"}, {"header", "head_note"}, {"header", "receipt"}, {"header", "transparent_statement"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct vector v = vector_load(names[i][0], names[i][1]);
        assert_int_equal(wire_check(vector_bytes(&v)).code, CODE_OK);
        size_t skip = v.data[0] == 0xd2 ? 1 : 0, size;
        struct cbor_load_result result;
        cbor_item_t *item = cbor_load(v.data + skip, v.len - skip, &result);
        if (!item) fail_msg("libcbor refuses %s", names[i][1]);
        assert_int_equal(result.read, v.len - skip);
        unsigned char *again;
        assert_int_equal(cbor_serialize_alloc(item, &again, &size), v.len - skip);
        assert_memory_equal(again, v.data + skip, v.len - skip);
        free(again);
        cbor_decref(&item);
    }
}

static int setup(void **state) {
    (void)state;
    return hash_setup() && sig_setup() ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes), cmocka_unit_test(records), cmocka_unit_test(statements), cmocka_unit_test(objects_org),
        cmocka_unit_test(objects_licence), cmocka_unit_test(seals), cmocka_unit_test(seal_records), cmocka_unit_test(links), cmocka_unit_test(headers), cmocka_unit_test(libcbor_agrees),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
