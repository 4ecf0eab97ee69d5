/* A whole proof made by hand: three nodes with fresh keys, own map and tree (by recursion, sharing nothing with the ledger's), signed
 * head notes and seals. Tests then change it and look what a verifier says. */
#ifndef LICET_TESTS_LIB_PROOFS_H
#define LICET_TESTS_LIB_PROOFS_H
#include "tests/lib/records.h"

#include "crypto/keyfile.h"
#include "crypto/selftest.h"
#include "ledger/rules/proof_source.h"
#include "ledger/wire/ident.h"

enum { NODES = 3, THRESHOLD = 2, FIELDS = 3, LEAVES = 5 };
#define HEADER_TIME 1790000000000

/* ---- keys and signatures ---- */

static struct signer *seal_key[NODES], *note_key[NODES];
static struct finality cluster, solo; /* three nodes; node 0 alone */

static inline void make_keys(void) {
    cluster = (struct finality){.engine = ENGINE_COMETBFT, .threshold = THRESHOLD, .node_count = NODES};
    for (int i = 0; i < NODES; i++) {
        struct signer *checkpoint = signer_generate(KEY_EDDSA);
        seal_key[i] = signer_generate(KEY_ES256K);
        note_key[i] = signer_generate(KEY_ES256);
        assert_true(checkpoint != NULL && seal_key[i] != NULL && note_key[i] != NULL);
        cluster.nodes[i].uscc = bytes_text(WORLD_USCC);
        signer_pubkey(seal_key[i], &cluster.nodes[i].seal);
        signer_pubkey(note_key[i], &cluster.nodes[i].note);
        signer_pubkey(checkpoint, &cluster.nodes[i].checkpoint);
        signer_free(checkpoint);
    }
    solo = (struct finality){.engine = ENGINE_SOLO, .threshold = 1, .node_count = 1};
    solo.nodes[0] = cluster.nodes[0];
}

struct blob {
    uint8_t data[NOTE_MAX * 2];
    size_t len;
};
static inline struct bytes blob_bytes(const struct blob *blob) { return bytes_of(blob->data, blob->len); }

/* payload signed; attached: in the message too. */
static inline void sign(struct blob *out, const struct signer *signer, enum cose_typ typ, struct bytes payload, bool attached) {
    struct pubkey key;
    uint8_t kid[32], protected_header[COSE_PROTECTED_MAX], signature[SIG_LEN];
    struct cose_tbs tbs;
    signer_pubkey(signer, &key);
    pubkey_thumbprint(kid, &key);
    const struct cose_header header = {.alg = key_alg_cose(key.alg), .kid = kid, .typ = typ};
    const struct bytes encoded = bytes_of(protected_header, cose_protected_encode(protected_header, &header));
    cose_tbs(&tbs, encoded, payload);
    assert_true(signer_sign(signer, signature, tbs.parts, COSE_TBS_PARTS));
    struct wire_out cbor = wire_write(out->data, sizeof out->data);
    cose_sign1_encode(&cbor, encoded, (struct bytes){0}, attached ? payload : (struct bytes){0}, signature);
    assert_false(cbor.full);
    out->len = cbor.len;
}

static inline struct head_note note_of(struct bytes header_bytes, int64_t time_ms) {
    struct header header;
    struct head_note note = {.time_ms = time_ms};
    assert_int_equal(header_decode(&header, header_bytes).code, CODE_OK);
    memcpy(note.genesis, header.genesis, 32);
    note.term = header.term;
    note.n = header.n;
    header_hash(note.header_hash, header_bytes);
    return note;
}
static inline void sign_note(struct blob *out, const struct signer *signer, const struct head_note *note) {
    uint8_t payload[HEAD_NOTE_PAYLOAD_MAX];
    sign(out, signer, TYP_HEAD, bytes_of(payload, head_note_payload(payload, note)), true);
}

/* ---- a map, by recursion over sorted keys ---- */

struct leaf {
    uint8_t key[32], value_hash[32];
};
struct map {
    struct leaf leaf[WORLD_MAX];
    uint32_t count;
};
static inline int leaf_order(const void *a, const void *b) { return memcmp(((const struct leaf *)a)->key, ((const struct leaf *)b)->key, 32); }

/* The root of leaves lo..hi; where `key` is given, also the steps on its way, root first, and the leaf where it ends. */
static inline void map_walk(const struct map *map, uint32_t lo, uint32_t hi, const uint8_t *key, uint8_t root[32], uint8_t *steps, size_t *len, uint32_t *end) {
    if (lo == hi) {
        map_leaf(root, map->leaf[lo].key, map->leaf[lo].value_hash);
        if (key != NULL) *end = lo;
        return;
    }
    unsigned bit = 0;
    while (map_bit(map->leaf[lo].key, bit) == map_bit(map->leaf[hi].key, bit)) bit++;
    uint32_t right = lo;
    while (map_bit(map->leaf[right].key, bit) == 0) right++;
    uint8_t a[32], b[32];
    const bool goes_right = key != NULL && map_bit(key, bit) == 1;
    uint8_t *step = key != NULL ? steps + *len : NULL;
    if (key != NULL) *len += MAP_STEP_LEN;
    map_walk(map, lo, right - 1, goes_right ? NULL : key, a, steps, len, end);
    map_walk(map, right, hi, goes_right ? key : NULL, b, steps, len, end);
    map_inner(root, (uint16_t)bit, a, b);
    if (key == NULL) return;
    be16_put(step, (uint16_t)bit);
    memcpy(step + 2, goes_right ? a : b, 32);
}
static inline void map_of_world(struct map *map, const struct world *world) {
    map->count = world->count;
    for (uint32_t i = 0; i < world->count; i++) {
        memcpy(map->leaf[i].key, world->record[i].key, 32);
        object_value_hash(map->leaf[i].value_hash, bytes_of(world->record[i].value, world->record[i].len));
    }
    qsort(map->leaf, map->count, sizeof *map->leaf, leaf_order);
}
static inline void map_root(const struct map *map, uint8_t root[32]) {
    size_t len = 0;
    uint32_t end = 0;
    if (map->count == 0) memset(root, 0, 32);
    else map_walk(map, 0, map->count - 1, NULL, root, NULL, &len, &end);
}

/* ---- a ledger at one header, and the proof from it ---- */

struct fixture {
    struct world world;
    struct map map;
    struct header header;
    uint8_t header_bytes[HEADER_MAX];
    size_t header_len;
    uint8_t steps[PROOF_OBJECTS_MAX][MAP_STEPS_MAX * MAP_STEP_LEN];
    struct blob note[NODES], seal[NODES];
    uint8_t statement[LEAVES][40], leaf[LEAVES][32], path[MERKLE_PATH_MAX][32];
    uint8_t seed[SALT_SEED_LEN], opening[FIELDS][OPENING_MAX];
    struct field field[FIELDS];
    struct object_trace trace;
    struct proof proof;
    uint8_t file[1 << 16];
    size_t file_len;
};
static struct fixture fx;

static inline bool leaf_fetch(void *context, unsigned level, uint64_t index, uint8_t out32[32]) {
    const struct fixture *f = (const struct fixture *)context;
    struct merkle_frontier frontier = {0};
    for (uint64_t i = index << level; i < (index + 1) << level; i++) merkle_append(&frontier, f->leaf[i], NULL, NULL);
    merkle_root(out32, &frontier);
    return true;
}

static inline struct bytes header_put(struct fixture *f) {
    f->header_len = header_encode(f->header_bytes, &f->header);
    return bytes_of(f->header_bytes, f->header_len);
}

static inline void notes_put(struct fixture *f) {
    const struct bytes header = bytes_of(f->header_bytes, f->header_len);
    static const int64_t after[NODES] = {5000, 1000, 3000};
    f->proof.header = header;
    f->proof.note_count = NODES;
    f->proof.seal_count = NODES;
    for (int i = 0; i < NODES; i++) {
        const struct head_note note = note_of(header, HEADER_TIME + after[i]);
        sign_note(&f->note[i], note_key[i], &note);
        sign(&f->seal[i], seal_key[i], TYP_HEADER, header, false);
        f->proof.notes[i] = blob_bytes(&f->note[i]);
        f->proof.seals[i] = blob_bytes(&f->seal[i]);
    }
}

static inline void record_put(struct fixture *f, const struct touched *touched) {
    struct proof_object *record = &f->proof.objects[f->proof.object_count];
    uint8_t root[32], *steps = f->steps[f->proof.object_count++];
    size_t len = 0;
    uint32_t end = 0;
    map_walk(&f->map, 0, f->map.count - 1, touched->map_key, root, steps, &len, &end);
    *record = (struct proof_object){.kind = touched->kind, .steps = bytes_of(steps, len)};
    if (!touched->present) {
        record->id = bytes_of(touched->id, touched->id_len);
        record->other_key = f->map.leaf[end].key;
        record->other_value_hash = f->map.leaf[end].value_hash;
        return;
    }
    for (uint32_t i = 0; i < f->world.count; i++) {
        if (memcmp(f->world.record[i].key, touched->map_key, 32) == 0) record->value = bytes_of(f->world.record[i].value, f->world.record[i].len);
    }
    assert_non_null(record->value.data);
}

static inline void world_fill(struct fixture *f) {
    world_start(&f->world);
    struct licence licence = world_licence(NO_LICENCE), component = world_licence(20);
    f->field[0] = (struct field){bytes_text("KZ_A"), bytes_text("一")};
    f->field[1] = (struct field){bytes_text("KZ_B"), bytes_text("2")};
    f->field[2] = (struct field){bytes_text(ELEMENT_IDENTIFIER), bytes_text("some identifier")};
    assert_true(fields_root(licence.fields_root, f->seed, f->field, FIELDS));
    for (size_t i = 0; i < FIELDS; i++) {
        size_t len;
        assert_true(opening_make(f->opening[i], &len, f->seed, f->field, FIELDS, i));
        f->proof.openings[i] = bytes_of(f->opening[i], len);
    }
    f->proof.opening_count = FIELDS;
    licence.acted_count = 2;
    licence.acted[1] = (struct acted){NO_KEY_B, 200};
    licence.component_count = 1;
    licence.components[0] = 20;
    world_put_licence(&f->world, &licence);
    world_put_licence(&f->world, &component);
}

static inline void log_fill(struct fixture *f) {
    struct merkle_frontier frontier = {0};
    size_t count;
    for (int i = 0; i < LEAVES; i++) {
        memset(f->statement[i], i + 1, sizeof f->statement[i]);
        merkle_leaf(f->leaf[i], f->statement[i], sizeof f->statement[i]);
        merkle_append(&frontier, f->leaf[i], NULL, NULL);
    }
    merkle_root(f->header.log_root, &frontier);
    f->header.log_size = LEAVES;
    assert_true(merkle_inclusion_make(f->path, &count, 2, LEAVES, leaf_fetch, f));
    f->proof.statement = bytes_of(f->statement[2], sizeof f->statement[2]);
    f->proof.inclusion_index = 2;
    f->proof.inclusion_path = bytes_of(f->path, count * 32);
}

static inline void file_put(struct fixture *f) {
    struct wire_out out = wire_write(f->file, sizeof f->file);
    assert_true(proof_encode(&out, &f->proof));
    f->file_len = out.len;
}

/* A whole and good proof about the subject. */
static inline void fixture_make(struct fixture *f, const struct subject *subject) {
    struct verdict_query query;
    static struct verdict verdict;
    char type_code[TYPE_CODE_LEN + 1];
    memset(f, 0, sizeof *f);
    memset(f->seed, 0x44, sizeof f->seed);
    f->proof.subject = *subject;
    world_fill(f);
    map_of_world(&f->map, &f->world);
    f->header = (struct header){.chain_id = bytes_text("elic-test"), .term = 1, .n = 9, .time_ms = HEADER_TIME, .previous = {1}, .objects = 9, .licences = 2};
    memcpy(f->header.genesis, f->world.genesis, 32);
    log_fill(f);
    map_root(&f->map, f->header.state_root);
    (void)header_put(f);
    notes_put(f);
    const struct object_source source = world_source(&f->world), traced = object_trace_over(&f->trace, &source);
    assert_true(subject_query(&query, type_code, subject, &traced));
    assert_int_equal(verdict_judge(&verdict, &query, &traced, HEADER_TIME), ERR_OK);
    for (uint32_t i = 0; i < f->trace.count; i++) record_put(f, &f->trace.touched[i]);
    file_put(f);
}

static inline struct subject by_licence(void) {
    struct subject subject = {.by = SUBJECT_LICENCE};
    const struct licence licence = world_licence(NO_LICENCE);
    memcpy(subject.key, licence.key, 32);
    return subject;
}

static inline struct proof_trust trust_in(const struct finality *finality) {
    struct proof_trust trust = {.finality = finality};
    memset(trust.genesis, 0x77, 32);
    return trust;
}

static struct proof_checked checked;
static inline enum code check(const struct proof *proof) {
    const struct proof_trust trust = trust_in(&cluster);
    return proof_check(&checked, proof, &trust).code;
}

/* The word a verifier without a node comes to. */
static inline enum verdict_word offline(const struct proof *proof) {
    static struct proof_source source;
    static struct verdict verdict;
    struct verdict_query query;
    char type_code[TYPE_CODE_LEN + 1];
    uint8_t genesis[32];
    memset(genesis, 0x77, 32);
    const struct object_source records = proof_source_over(&source, proof, genesis);
    if (!subject_query(&query, type_code, &proof->subject, &records)) return VERDICT_INCOMPLETE;
    assert_int_equal(verdict_judge(&verdict, &query, &records, HEADER_TIME), ERR_OK);
    return verdict.word;
}

static struct proof decoded;
static inline enum code decode(struct bytes file) { return proof_decode(&decoded, file).code; }
static inline struct bytes fx_file(void) { return bytes_of(fx.file, fx.file_len); }
#endif
