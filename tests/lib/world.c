#include "tests/lib/world.h"

#include "genesis/genesis_json.h"
#include "ledger/kv/kv_mem.h"

static void add_key(char *json, size_t cap, size_t *len, const char *use, const struct signer *signer) {
    struct pubkey key;
    char x[65], y[65];
    signer_pubkey(signer, &key);
    hex_encode(x, key.x, 32);
    hex_encode(y, key.y, 32);
    int n = key.alg == KEY_EDDSA ? snprintf(json + *len, cap - *len, "%s{\"alg\":\"%s\",\"x\":\"%s\"}", use, key_alg_name(key.alg), x)
                                 : snprintf(json + *len, cap - *len, "%s{\"alg\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"}", use, key_alg_name(key.alg), x, y);
    ASSERT(n > 0 && *len + (size_t)n < cap);
    *len += (size_t)n;
}

static void add_text(char *json, size_t cap, size_t *len, const char *text) {
    size_t n = strlen(text);
    ASSERT(*len + n < cap);
    memcpy(json + *len, text, n + 1);
    *len += n;
}

static void add_role(char *json, size_t cap, size_t *len, const char *use, const struct signer *signer) {
    char with_use[2048];
    size_t at = 0;
    add_key(with_use, sizeof with_use, &at, "", signer);
    add_text(json, cap, len, "{\"use\":\"");
    add_text(json, cap, len, use);
    add_text(json, cap, len, "\",");
    add_text(json, cap, len, with_use + 1); /* the rest of the object */
}

static const char *const ROLES[6] = {"govern", "issue", "seal", "verify", "audit", "operate"};

static void make_genesis(struct world *w) {
    static char json[32768];
    size_t len = 0, cap = sizeof json;
    add_text(json, cap, &len, "{\"chain_id\":\"elic-test\",\"region\":\"310118\",\"time\":\"2026-01-01T00:00:00Z\",\"engine\":\"solo\",\"threshold\":1,\"types\":[");
    const char *elements = "\"elements\":[{\"code\":\"CZZT\",\"label\":\"n\",\"mandatory\":false,\"sensitivity\":1},"
                           "{\"code\":\"ZZBH\",\"label\":\"n\",\"mandatory\":false,\"sensitivity\":1}],\"days_max\":0,\"unlimited\":true,"
                           "\"holder_kinds\":[\"001\",\"111\"],\"definer\":\"" WORLD_USCC "\",\"supervisor\":null,\"scope\":[]}";
    add_text(json, cap, &len, "{\"code\":\"" WORLD_TYPE_KEYED "\",\"name\":\"keyed type\",\"keyed\":true,");
    add_text(json, cap, &len, elements);
    add_text(json, cap, &len, ",{\"code\":\"" WORLD_TYPE_PUBLIC "\",\"name\":\"public type\",\"keyed\":false,");
    add_text(json, cap, &len, elements);
    add_text(json, cap, &len, "],\"members\":[{\"uscc\":\"" WORLD_USCC "\",\"name\":\"test office\",\"region\":\"310118\","
                              "\"roles\":[\"govern\",\"issue\",\"seal\",\"verify\",\"audit\",\"operate\"],\"types\":\"all\",\"keys\":[");
    for (int i = 0; i < 6; i++) {
        if (i) add_text(json, cap, &len, ",");
        add_role(json, cap, &len, ROLES[i], w->role[i]);
    }
    add_key(json, cap, &len, "],\"node\":{\"seal\":", w->seal);
    add_key(json, cap, &len, ",\"note\":", w->note);
    add_key(json, cap, &len, ",\"checkpoint\":", w->checkpoint);
    add_text(json, cap, &len, "}}]}");
    char message[256];
    struct refusal refusal = genesis_from_json(&w->genesis, &w->genesis_len, message, sizeof message, json, len, WORLD_TIME_MS);
    if (refusal.code != CODE_OK) fprintf(stderr, "world: %s: %s\n", code_name(refusal.code), message);
    ASSERT(refusal.code == CODE_OK);
}

void world_start(struct world *w) {
    memset(w, 0, sizeof *w);
    ASSERT(crypto_start() == NULL);
    for (int i = 0; i < 6; i++) ASSERT((w->role[i] = signer_generate(KEY_ES256K)) != NULL);
    ASSERT((w->seal = signer_generate(KEY_ES256K)) != NULL);
    ASSERT((w->note = signer_generate(KEY_ES256)) != NULL);
    ASSERT((w->checkpoint = signer_generate(KEY_EDDSA)) != NULL);
    memset(w->secret, 7, sizeof w->secret);
    make_genesis(w);
    w->now_ms = WORLD_TIME_MS;
    ASSERT((w->kv = kv_mem_new(0)) != NULL);
    struct refusal refusal;
    ASSERT(chain_create(w->kv, bytes_of(w->genesis, w->genesis_len), &refusal) == ERR_OK);
    ASSERT(refusal.code == CODE_OK);
    const char *where;
    ASSERT(chain_open(&w->chain, w->kv, 1, NULL, NULL, &where) == ERR_OK);
    ASSERT((w->reader = reader_new(w->chain)) != NULL);
}

void world_stop(struct world *w) {
    reader_free(w->reader);
    chain_close(w->chain);
    kv_close(w->kv);
    for (int i = 0; i < 6; i++) signer_free(w->role[i]);
    signer_free(w->seal);
    signer_free(w->note);
    signer_free(w->checkpoint);
    free(w->genesis);
    memset(w, 0, sizeof *w);
}

struct lookup world_lookup(const struct world *w, const char *type_code) {
    struct lookup lookup = {chain_genesis(w->chain)->hash, bytes_text(type_code), strcmp(type_code, WORLD_TYPE_KEYED) == 0, {0}};
    memcpy(lookup.secret, w->secret, 32);
    return lookup;
}

static size_t serial_text(char out[32], const char *prefix, uint32_t serial) { return (size_t)snprintf(out, 32, "%s%08u", prefix, serial); }

void world_licence_key(uint8_t out32[32], const struct world *w, const char *type_code, uint32_t serial) {
    char identifier[32];
    size_t len = serial_text(identifier, "ID", serial);
    struct lookup lookup = world_lookup(w, type_code);
    tag_licence(out32, &lookup, bytes_of(identifier, len));
}

void world_document_key(uint8_t out32[32], const struct world *w, uint32_t serial) {
    uint8_t digest[32];
    char text[32];
    size_t len = serial_text(text, "document ", serial);
    sha256(digest, text, len);
    document_key(out32, chain_genesis(w->chain)->hash, DIGEST_SHA256, digest);
}

void world_sign(struct made *out, const struct world *w, const struct signer *signer, struct bytes payload, const char *sub) {
    uint8_t protected_header[COSE_PROTECTED_MAX], thumb[32], signature[64];
    struct pubkey key;
    signer_pubkey(signer, &key);
    pubkey_thumbprint(thumb, &key);
    struct cose_header header = {.alg = key_alg_cose(key.alg), .kid = thumb, .typ = TYP_RECORD, .iss = bytes_text(ISS_PREFIX WORLD_USCC),
                                 .sub = bytes_text(sub), .iat = w->now_ms / 1000, .genesis = chain_genesis(w->chain)->hash};
    size_t len = cose_protected_encode(protected_header, &header);
    struct cose_tbs tbs;
    cose_tbs(&tbs, bytes_of(protected_header, len), payload);
    ASSERT(signer_sign(signer, signature, tbs.parts, COSE_TBS_PARTS));
    struct wire_out w_out = wire_write(out->bytes, sizeof out->bytes);
    cose_sign1_encode(&w_out, bytes_of(protected_header, len), (struct bytes){NULL, 0}, payload, signature);
    ASSERT(!w_out.full);
    out->len = w_out.len;
}

static void sign_record_by(struct made *out, const struct world *w, const struct signer *signer, const struct record *record, const char *sub) {
    static uint8_t payload[STATEMENT_BYTES_MAX];
    struct wire_out p = wire_write(payload, sizeof payload);
    ASSERT(record_encode(&p, record));
    world_sign(out, w, signer, bytes_of(payload, p.len), sub);
}
static void sign_record(struct made *out, const struct world *w, const struct record *record, const char *sub) {
    sign_record_by(out, w, w->role[1], record, sub);
}

struct issue_bytes { uint8_t key[32], number[16], holder[16], name[16], document[32], root[32]; };

void world_issue(struct made *out, const struct world *w, const char *type_code, uint32_t first, uint32_t count) {
    world_issue_sealed(out, w, type_code, first, count, NULL, NULL);
}

void world_issue_sealed(struct made *out, const struct world *w, const char *type_code, uint32_t first, uint32_t count, const char *seal, const uint8_t *digest32) {
    struct issue_bytes *b = calloc(count, sizeof *b);
    struct issue_item *items = calloc(count, sizeof *items);
    ASSERT(b && items);
    struct lookup lookup = world_lookup(w, type_code);
    for (uint32_t i = 0; i < count; i++) {
        char text[32];
        size_t len = serial_text(text, "NO", first + i);
        world_licence_key(b[i].key, w, type_code, first + i);
        tag_number(b[i].number, &lookup, bytes_of(text, len));
        len = serial_text(text, "HOLDER", first + i);
        tag_holder(b[i].holder, &lookup, bytes_of(text, len));
        tag_name(b[i].name, &lookup, b[i].key, bytes_of(text, len));
        world_document_key(b[i].document, w, first + i);
        uint8_t seed[SALT_SEED_LEN] = {1};
        len = serial_text(text, "ID", first + i);
        struct field field = {bytes_text(ELEMENT_IDENTIFIER), bytes_of(text, len)};
        ASSERT(fields_root(b[i].root, seed, &field, 1));
        items[i] = (struct issue_item){.licence_key = b[i].key, .version = 1, .number_tag = b[i].number, .holder_kind = 1, .holder_tag = b[i].holder,
                                       .name_tag = b[i].name, .valid_from = 20000, .valid_to = 30000, .document_count = 1, .fields_root = b[i].root};
        items[i].documents[0] = (struct document_ref){DOCUMENT_FILE, b[i].document};
        if (seal) items[i].seal_id = bytes_text(seal);
        items[i].seal_digest = digest32;
    }
    struct record record = {.op = OP_ISSUE, .type_code = bytes_text(type_code), .element_count = 1, .item_count = count, .issue = items};
    record.elements[0] = bytes_text(ELEMENT_IDENTIFIER);
    char sub[65];
    hex_encode(sub, b[0].key, 32);
    sign_record(out, w, &record, sub);
    free(b);
    free(items);
}

const uint8_t *world_making(uint8_t making) {
    static uint8_t table[256][32];
    memset(table[making], making, 32);
    return table[making];
}

void world_seal(struct made *out, const struct world *w, enum op op, const char *seal, uint64_t count, uint8_t making, uint64_t since) {
    struct seal_item item = {.seal_id = bytes_text(seal), .owner = bytes_text(WORLD_USCC), .kind = SEAL_KIND_NAME, .name = bytes_text("test seal"),
                             .digest32 = world_making(making), .maker32 = world_making(0), .cert_count = 1, .certs = {world_making((uint8_t)(making + 1))},
                             .to_ms = TIME_MS_MAX, .count = count, .reason = bytes_text("lost"), .basis = bytes_text("Act 2"), .since = since};
    struct record record = {.op = op, .item_count = 1, .seal = &item};
    sign_record_by(out, w, w->role[2], &record, "seal");
}

void world_change(struct made *out, const struct world *w, enum op op, const uint8_t licence_key32[32], uint64_t count) {
    struct status_item item = {.licence_key = licence_key32, .count = count, .reason = bytes_text("inspection"), .basis = bytes_text("Act 1"), .until = DAY_NONE};
    struct record record = {.op = op, .item_count = 1, .status = &item};
    char sub[65];
    hex_encode(sub, licence_key32, 32);
    sign_record(out, w, &record, sub);
}

static size_t cose_by(uint8_t *out, size_t cap, const struct signer *signer, enum cose_typ typ, struct bytes payload, bool detached) {
    uint8_t protected_header[COSE_PROTECTED_MAX], thumb[32], signature[64];
    struct pubkey key;
    signer_pubkey(signer, &key);
    pubkey_thumbprint(thumb, &key);
    size_t len = cose_protected_encode(protected_header, &(struct cose_header){.alg = key_alg_cose(key.alg), .kid = thumb, .typ = typ});
    struct cose_tbs tbs;
    cose_tbs(&tbs, bytes_of(protected_header, len), payload);
    ASSERT(signer_sign(signer, signature, tbs.parts, COSE_TBS_PARTS));
    struct wire_out w = wire_write(out, cap);
    cose_sign1_encode(&w, bytes_of(protected_header, len), (struct bytes){NULL, 0}, detached ? (struct bytes){NULL, 0} : payload, signature);
    ASSERT(!w.full);
    return w.len;
}

size_t world_note(uint8_t out[NOTE_MAX], const struct world *w, int64_t time_ms) {
    const struct header *head = chain_head(w->chain);
    struct head_note note = {.term = head->term, .n = head->n, .time_ms = time_ms};
    memcpy(note.genesis, head->genesis, 32);
    chain_head_hash(w->chain, note.header_hash);
    uint8_t payload[HEAD_NOTE_PAYLOAD_MAX];
    size_t len = head_note_payload(payload, &note);
    return cose_by(out, NOTE_MAX, w->note, TYP_HEAD, bytes_of(payload, len), false);
}

static void receipt_signature(uint8_t signature[64], uint8_t kid[32], const struct world *w, const struct block *block) {
    struct pubkey key;
    char name[LEDGER_NAME_MAX];
    uint8_t protected_header[COSE_PROTECTED_MAX];
    signer_pubkey(w->note, &key);
    pubkey_thumbprint(kid, &key);
    size_t name_len = ledger_name(name, block->header.chain_id, block->header.genesis);
    size_t len = receipt_protected(protected_header, kid, bytes_of(name, name_len), block->header.time_ms);
    struct cose_tbs tbs;
    cose_tbs(&tbs, bytes_of(protected_header, len), bytes_of(block->header.log_root, 32));
    ASSERT(signer_sign(w->note, signature, tbs.parts, COSE_TBS_PARTS));
}

size_t world_header_seal(uint8_t out[SEAL_MAX], const struct world *w, struct bytes header, bool foreign) {
    return cose_by(out, SEAL_MAX, foreign ? w->note : w->seal, TYP_HEADER, header, true);
}

static enum err seal_and_commit(struct world *w, const struct block *block) {
    uint8_t seal[SEAL_MAX], signature[64], kid[32];
    size_t seal_len = world_header_seal(seal, w, bytes_of(block->bytes, block->len), false);
    receipt_signature(signature, kid, w, block);
    enum err err = chain_seal(w->chain, block->header.n, bytes_of(seal, seal_len), &(struct block_receipt){signature, kid});
    if (err == ERR_OK) err = chain_commit(w->chain);
    if (err == ERR_OK) chain_publish(w->chain);
    return err;
}

enum err world_block(struct world *w, struct made *const *made, size_t count, struct statement_result *results) {
    struct statement_result *kept = results ? results : calloc(count ? count : 1, sizeof *kept);
    struct prepared **list = calloc(count ? count : 1, sizeof *list);
    ASSERT(kept && list);
    for (size_t i = 0; i < count; i++) {
        struct refusal refusal = prepared_new(&list[i], bytes_of(made[i]->bytes, made[i]->len));
        if (refusal.code != CODE_OK) fprintf(stderr, "world: statement %zu: %s %s\n", i, code_name(refusal.code), refusal.field ? refusal.field : "");
        ASSERT(refusal.code == CODE_OK);
        list[i]->signature_good = true;
    }
    const struct block *block;
    const struct block_plan plan = {.term = chain_head(w->chain)->term, .time_ms = w->now_ms};
    reader_rest(w->reader);
    enum err err = chain_execute(w->chain, &plan, list, count, kept, &block);
    if (err == ERR_OK && block) err = seal_and_commit(w, block);
    for (size_t i = 0; i < count; i++) prepared_free(list[i]);
    free(list);
    if (!results) free(kept);
    return err;
}
