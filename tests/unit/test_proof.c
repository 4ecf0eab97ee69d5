/* Proof: a small proof made by hand (own map, own tree, fresh keys), and every way that was thought of to make it say something else. */
#include "tests/lib/proofs.h"

/* ---- a good proof ---- */

static void good(void **state) {
    (void)state;
    static uint8_t again[sizeof fx.file];
    struct subject subjects[3] = {by_licence(), {.by = SUBJECT_DOCUMENT}, {.by = SUBJECT_NUMBER, .type_no = NO_TYPE}};
    memset(subjects[1].key, NO_DOCUMENT, 32);
    memcpy(subjects[2].tag, WORLD_TAG, TAG_LEN);
    for (int i = 0; i < 3; i++) {
        fixture_make(&fx, &subjects[i]);
        assert_int_equal(decode(fx_file()), CODE_OK);
        assert_int_equal(check(&decoded), CODE_OK);
        assert_int_equal(offline(&decoded), VERDICT_VALID);
        assert_int_equal(checked.header.n, 9);
        assert_int_equal(checked.notes_good, 3);
        assert_true(checked.note_time_ms == HEADER_TIME + 3000); /* two of three say at least that */
        struct wire_out out = wire_write(again, sizeof again);
        assert_true(proof_encode(&out, &decoded));
        assert_true(bytes_equal(bytes_of(again, out.len), fx_file()));
        struct wire_out small = wire_write(again, out.len - 1);
        assert_false(proof_encode(&small, &decoded));
    }
    uint32_t node;
    for (uint32_t i = 0; i < NODES; i++) {
        assert_int_equal(header_seal_check(&node, decoded.seals[i], decoded.header, &cluster).code, CODE_OK);
        assert_int_equal(node, i);
        assert_int_equal(header_seal_check(&node, decoded.seals[i], bytes_of(fx.header_bytes, fx.header_len - 1), &cluster).code, CODE_SIGNATURE_INVALID);
        assert_int_equal(header_seal_check(&node, decoded.notes[i], decoded.header, &cluster).code, CODE_TYP_WRONG);
    }
}

/* ---- records ---- */

static void each_record_removed(void **state) {
    (void)state;
    struct subject subjects[3] = {by_licence(), {.by = SUBJECT_DOCUMENT}, {.by = SUBJECT_NUMBER, .type_no = NO_TYPE}};
    memset(subjects[1].key, NO_DOCUMENT, 32);
    memcpy(subjects[2].tag, WORLD_TAG, TAG_LEN);
    for (int s = 0; s < 3; s++) {
        fixture_make(&fx, &subjects[s]);
        for (uint32_t i = 0; i < fx.proof.object_count; i++) {
            struct proof cut = fx.proof;
            memmove(&cut.objects[i], &cut.objects[i + 1], (cut.object_count - i - 1) * sizeof cut.objects[0]);
            cut.object_count--;
            const enum code code = check(&cut);
            if (code == CODE_OK) assert_int_equal(offline(&cut), VERDICT_INCOMPLETE);
            else assert_int_equal(code, CODE_PROOF_MISMATCH); /* openings without their licence */
        }
    }
}

/* The steps, the other leaf and the id of a proof of absence of `id`. */
static struct proof_object absence(enum object_kind kind, const uint8_t *id, size_t len) {
    struct touched touched = {.kind = kind, .id_len = len};
    memcpy(touched.id, id, len);
    object_key(touched.map_key, fx.world.genesis, kind, bytes_of(id, len));
    const uint32_t count = fx.proof.object_count;
    fx.proof.object_count = PROOF_OBJECTS_MAX - 1; /* room of its own for the steps */
    static struct touched kept;
    kept = touched;
    record_put(&fx, &kept);
    fx.proof.object_count = count;
    return fx.proof.objects[PROOF_OBJECTS_MAX - 1];
}

static void absent_records(void **state) {
    (void)state;
    const struct subject subject = by_licence();
    fixture_make(&fx, &subject);
    for (int i = 0; i < 64; i++) { /* whatever was never issued can be shown so */
        struct proof proof = fx.proof;
        memset(proof.subject.key, 0x90 + i, 32);
        proof.object_count = 1;
        proof.opening_count = 0;
        proof.objects[0] = absence(OBJECT_LICENCE, proof.subject.key, 32);
        assert_int_equal(check(&proof), CODE_OK);
        assert_int_equal(offline(&proof), VERDICT_UNKNOWN);

        /* That proof says nothing of another id: its walk leads elsewhere, or to the same place only where it is absent too. */
        proof.objects[0].id = bytes_of(fx.proof.subject.key, 32);
        assert_int_equal(check(&proof), CODE_PROOF_MISMATCH);
        /* Nor with another leaf than the one where the walk ends. */
        proof.objects[0] = absence(OBJECT_LICENCE, proof.subject.key, 32);
        for (uint32_t k = 0; k < fx.map.count; k++) {
            if (proof.objects[0].other_key == fx.map.leaf[k].key) continue;
            struct proof wrong = proof;
            wrong.objects[0].other_key = fx.map.leaf[k].key;
            wrong.objects[0].other_value_hash = fx.map.leaf[k].value_hash;
            assert_int_equal(check(&wrong), CODE_PROOF_MISMATCH);
        }
        /* Nor without one, as if the map were empty. */
        struct proof empty = proof;
        empty.objects[0].other_key = empty.objects[0].other_value_hash = NULL;
        empty.objects[0].steps.len = 0;
        assert_int_equal(check(&empty), CODE_PROOF_MISMATCH);
    }
}

/* What is there is not shown absent: by its own leaf, by any other leaf with its own steps, by any prefix of the steps. */
static void present_not_absent(void **state) {
    (void)state;
    const struct subject subject = by_licence();
    fixture_make(&fx, &subject);
    uint32_t at = 0;
    while (fx.proof.objects[at].kind != OBJECT_LICENCE) at++;
    struct proof proof = fx.proof;
    proof.opening_count = 0;
    struct proof_object *record = &proof.objects[at];
    record->value = (struct bytes){0};
    record->id = bytes_of(subject.key, 32);
    uint8_t root[32], steps[MAP_STEPS_MAX * MAP_STEP_LEN];
    for (uint32_t k = 0; k < fx.map.count; k++) {
        record->other_key = fx.map.leaf[k].key;
        record->other_value_hash = fx.map.leaf[k].value_hash;
        size_t len = 0;
        uint32_t end;
        map_walk(&fx.map, 0, fx.map.count - 1, fx.map.leaf[k].key, root, steps, &len, &end); /* that leaf's own way */
        for (size_t cut = 0; cut <= len; cut += MAP_STEP_LEN) {
            record->steps = bytes_of(steps, cut);
            assert_int_equal(check(&proof), CODE_PROOF_MISMATCH);
            record->steps = bytes_of(steps + cut, len - cut);
            assert_int_equal(check(&proof), CODE_PROOF_MISMATCH);
        }
    }
    /* And what is absent is not shown present: a record of another state of the same licence, at the right place. */
    struct licence licence = world_licence(NO_LICENCE);
    uint8_t value[WORLD_VALUE_MAX];
    struct wire_out out = wire_write(value, sizeof value);
    assert_true(licence_encode(&out, &licence));
    proof = fx.proof;
    proof.objects[at].value = bytes_of(value, out.len);
    assert_int_equal(check(&proof), CODE_PROOF_MISMATCH);
    /* Nor one record under another kind. */
    proof = fx.proof;
    proof.objects[at].kind = OBJECT_MEMBER;
    assert_int_equal(check(&proof), CODE_CBOR_TYPE);
}

/* ---- head notes ---- */

static void notes(void **state) {
    (void)state;
    const struct subject subject = by_licence();
    const struct bytes header = (fixture_make(&fx, &subject), bytes_of(fx.header_bytes, fx.header_len));
    const struct head_note fine = note_of(header, HEADER_TIME + 1);
    struct proof proof = fx.proof;

    /* Any two of three do; one alone does not, and not by standing there twice, under one signature or two. */
    for (int a = 0; a < NODES; a++) {
        for (int b = 0; b < NODES; b++) {
            proof.note_count = 2;
            proof.notes[0] = blob_bytes(&fx.note[a]);
            proof.notes[1] = blob_bytes(&fx.note[b]);
            assert_int_equal(check(&proof), a == b ? CODE_FIELD_MISSING : CODE_OK);
            assert_int_equal(checked.notes_good, a == b ? 1 : 2);
        }
        proof.note_count = 1;
        assert_int_equal(check(&proof), CODE_FIELD_MISSING);
    }
    struct blob second;
    sign_note(&second, note_key[0], &fine);
    proof.note_count = 2;
    proof.notes[0] = blob_bytes(&fx.note[0]);
    proof.notes[1] = blob_bytes(&second);
    assert_int_equal(check(&proof), CODE_FIELD_MISSING);

    struct head_note bad[6] = {fine, fine, fine, fine, fine, fine};
    static const enum code codes[6] = {CODE_OTHER_LEDGER, CODE_HASH_MISMATCH, CODE_HASH_MISMATCH, CODE_HASH_MISMATCH, CODE_TIME_BACKWARD, CODE_OK};
    bad[0].genesis[31] ^= 1;
    bad[1].header_hash[0] ^= 1;
    bad[2].n++;
    bad[3].term++;
    bad[4].time_ms = HEADER_TIME - 1;
    bad[5].time_ms = HEADER_TIME;
    proof.note_count = 3;
    proof.notes[2] = blob_bytes(&fx.note[2]); /* with 0 enough without the bad one: which is refused all the same */
    for (int i = 0; i < 6; i++) {
        sign_note(&second, note_key[1], &bad[i]);
        proof.notes[1] = blob_bytes(&second);
        assert_int_equal(check(&proof), codes[i]);
    }
    /* Signed by another key: a stranger's, a node's seal key, or of another typ. */
    struct signer *stranger = signer_generate(KEY_ES256);
    uint8_t payload[HEAD_NOTE_PAYLOAD_MAX];
    const struct bytes signed_payload = bytes_of(payload, head_note_payload(payload, &fine));
    sign(&second, stranger, TYP_HEAD, signed_payload, true);
    proof.notes[1] = blob_bytes(&second);
    assert_int_equal(check(&proof), CODE_KEY_UNKNOWN);
    sign(&second, seal_key[1], TYP_HEAD, signed_payload, true);
    proof.notes[1] = blob_bytes(&second);
    assert_int_equal(check(&proof), CODE_KEY_UNKNOWN);
    sign(&second, note_key[1], TYP_NOTE, signed_payload, true);
    proof.notes[1] = blob_bytes(&second);
    assert_int_equal(check(&proof), CODE_TYP_WRONG);
    sign_note(&second, note_key[1], &fine);
    second.data[second.len - 1] ^= 1;
    proof.notes[1] = blob_bytes(&second);
    assert_int_equal(check(&proof), CODE_SIGNATURE_INVALID);
    signer_free(stranger);
    /* A threshold that nobody can meet, and one of zero, which is one. */
    struct finality odd = cluster;
    struct proof_trust trust = trust_in(&odd);
    odd.threshold = NODES + 1;
    assert_int_equal(proof_check(&checked, &fx.proof, &trust).code, CODE_FIELD_MISSING);
    odd.threshold = 0;
    assert_int_equal(proof_check(&checked, &fx.proof, &trust).code, CODE_OK);
    assert_true(checked.note_time_ms == HEADER_TIME + 5000);
}

/* ---- trust ---- */

static void other_ledger(void **state) {
    (void)state;
    const struct subject subject = by_licence();
    fixture_make(&fx, &subject);
    struct proof_trust trust = trust_in(&cluster);
    trust.genesis[5] ^= 1;
    assert_int_equal(proof_check(&checked, &fx.proof, &trust).code, CODE_OTHER_LEDGER);
}

static void pinned(void **state) {
    (void)state;
    const struct subject subject = by_licence();
    fixture_make(&fx, &subject);
    static const struct { uint32_t term; uint64_t n; bool same; enum code code; } rows[] = {
        {1, 9, true, CODE_OK},            {1, 8, false, CODE_OK},           {1, 10, false, CODE_CHAIN_BROKEN}, {1, 9, false, CODE_CHAIN_BROKEN},
        {2, 3, false, CODE_CHAIN_BROKEN}, {0, 99, false, CODE_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[HEADER_MAX];
        struct header header = fx.header;
        header.term = rows[i].term;
        header.n = rows[i].n;
        if (!rows[i].same) header.links++;
        struct proof_trust trust = trust_in(&cluster);
        trust.pinned_header = bytes_of(bytes, header_encode(bytes, &header));
        const enum code code = proof_check(&checked, &fx.proof, &trust).code;
        if (code != rows[i].code) fail_msg("row %zu: %s", i, code_name(code));
    }
    uint8_t bytes[HEADER_MAX];
    struct header header = fx.header;
    header.genesis[0] ^= 1;
    struct proof_trust trust = trust_in(&cluster);
    trust.pinned_header = bytes_of(bytes, header_encode(bytes, &header));
    assert_int_equal(proof_check(&checked, &fx.proof, &trust).code, CODE_OTHER_LEDGER);
    trust.pinned_header.len--;
    assert_int_equal(proof_check(&checked, &fx.proof, &trust).code, CODE_CBOR_TRUNCATED);
}

/* ---- key links: from one node to three ---- */

struct link {
    struct world world;
    struct map map;
    struct header header;
    uint8_t header_bytes[HEADER_MAX], value[4096], bytes[8192], steps[MAP_STEPS_MAX * MAP_STEP_LEN];
    struct blob note;
    struct proof_link link;
    size_t len;
};

/* A header n, final by node 0 alone, whose state says that `next` is the rule from here on. */
static void link_make(struct link *l, uint64_t n, const struct finality *next, struct signer *signer) {
    struct wire_out out = wire_write(l->value, sizeof l->value);
    uint8_t root[32];
    size_t len = 0;
    uint32_t end;
    assert_true(finality_encode(&out, next));
    const struct bytes value = bytes_of(l->value, out.len);
    l->map.count = 2;
    memset(&l->map.leaf[0], 0xab, sizeof l->map.leaf[0]);
    memset(l->world.genesis, 0x77, 32);
    assert_true(object_key_of(l->map.leaf[1].key, l->world.genesis, value));
    object_value_hash(l->map.leaf[1].value_hash, value);
    uint8_t key[32];
    memcpy(key, l->map.leaf[1].key, 32);
    qsort(l->map.leaf, 2, sizeof *l->map.leaf, leaf_order);
    map_walk(&l->map, 0, 1, key, root, l->steps, &len, &end);
    l->header = fx.header;
    l->header.n = n;
    l->header.time_ms = HEADER_TIME - 1000;
    memcpy(l->header.state_root, root, 32);
    l->link.header = bytes_of(l->header_bytes, header_encode(l->header_bytes, &l->header));
    const struct head_note note = note_of(l->link.header, HEADER_TIME - 500);
    sign_note(&l->note, signer, &note);
    l->link.note_count = 1;
    l->link.notes[0] = blob_bytes(&l->note);
    l->link.finality = (struct proof_object){.kind = OBJECT_FINALITY, .value = value, .steps = bytes_of(l->steps, len)};
    out = wire_write(l->bytes, sizeof l->bytes);
    assert_true(proof_link_encode(&out, &l->link));
    l->len = out.len;
}

static enum code check_links(const struct link *const *links, uint32_t count, struct bytes pinned_header) {
    struct proof proof = fx.proof;
    struct proof_trust trust = trust_in(&solo);
    trust.pinned_header = pinned_header;
    proof.link_count = count;
    for (uint32_t i = 0; i < count; i++) proof.links[i] = bytes_of(links[i]->bytes, links[i]->len);
    return proof_check(&checked, &proof, &trust).code;
}

static void links(void **state) {
    (void)state;
    static struct link a, b, late, bad;
    const struct subject subject = by_licence();
    struct proof_link back;
    fixture_make(&fx, &subject);
    const struct bytes none = {0};
    /* Trusting node 0 alone, the notes of the other two are by nobody. */
    assert_int_equal(check_links(NULL, 0, none), CODE_KEY_UNKNOWN);
    struct finality renewed = solo;
    renewed.nodes[0].note = cluster.nodes[1].note; /* node 0 changes its key, then the others join */
    link_make(&a, 3, &renewed, note_key[0]);
    link_make(&b, 5, &cluster, note_key[1]);
    assert_int_equal(check_links((const struct link *const[]){&a, &b}, 2, none), CODE_OK);
    assert_int_equal(checked.notes_good, NODES);
    assert_int_equal(proof_link_decode(&back, bytes_of(b.bytes, b.len)).code, CODE_OK);
    assert_true(bytes_equal(back.finality.value, b.link.finality.value));

    assert_int_equal(check_links((const struct link *const[]){&b, &a}, 2, none), CODE_KEY_UNKNOWN); /* b is not final by node 0's old key */
    assert_int_equal(check_links((const struct link *const[]){&b}, 1, none), CODE_KEY_UNKNOWN);
    assert_int_equal(check_links((const struct link *const[]){&a}, 1, none), CODE_KEY_UNKNOWN);
    link_make(&late, 10, &cluster, note_key[0]); /* after the proof's own header */
    assert_int_equal(check_links((const struct link *const[]){&late}, 1, none), CODE_CHAIN_BROKEN);
    link_make(&late, 9, &cluster, note_key[0]); /* another header in its place */
    assert_int_equal(check_links((const struct link *const[]){&late}, 1, none), CODE_CHAIN_BROKEN);
    link_make(&late, 3, &cluster, note_key[1]); /* not later than the link before */
    assert_int_equal(check_links((const struct link *const[]){&a, &late}, 2, none), CODE_CHAIN_BROKEN);
    /* A pinned header between the links fits; another one in a link's place does not. */
    assert_int_equal(check_links((const struct link *const[]){&a, &b}, 2, a.link.header), CODE_OK);
    bad = a;
    bad.header.links++;
    const struct bytes other = bytes_of(bad.header_bytes, header_encode(bad.header_bytes, &bad.header));
    assert_int_equal(check_links((const struct link *const[]){&a, &b}, 2, other), CODE_CHAIN_BROKEN);

    /* Every byte of a link. */
    for (size_t i = 0; i < a.len; i++) {
        a.bytes[i] ^= (uint8_t)(1 << i % 8);
        assert_int_not_equal(check_links((const struct link *const[]){&a, &b}, 2, none), CODE_OK);
        a.bytes[i] ^= (uint8_t)(1 << i % 8);
    }
    for (size_t len = 0; len < b.len; len++) assert_int_not_equal(proof_link_decode(&back, bytes_of(b.bytes, len)).code, CODE_OK);
    assert_int_equal(check_links((const struct link *const[]){&a, &b}, 2, none), CODE_OK);
}

/* ---- openings, statement ---- */

static void openings(void **state) {
    (void)state;
    const struct subject subject = by_licence();
    fixture_make(&fx, &subject);
    struct proof proof = fx.proof;
    uint8_t other[OPENING_MAX], seed[SALT_SEED_LEN] = {0};
    size_t len;
    assert_true(opening_make(other, &len, seed, fx.field, FIELDS, 0)); /* right in itself, but of no licence here */
    proof.openings[1] = bytes_of(other, len);
    assert_int_equal(check(&proof), CODE_PROOF_MISMATCH);
    /* nor is it right because a record beyond the proof's, left over from another one, would open it */
    static uint8_t left[4096];
    struct licence licence = world_licence(30);
    assert_true(fields_root(licence.fields_root, seed, fx.field, FIELDS));
    struct wire_out out = wire_write(left, sizeof left);
    assert_true(licence_encode(&out, &licence));
    proof.objects[proof.object_count] = (struct proof_object){.kind = OBJECT_LICENCE, .value = bytes_of(left, out.len)};
    assert_int_equal(check(&proof), CODE_PROOF_MISMATCH);
    proof = fx.proof;
    proof.openings[1].len--;
    assert_int_equal(check(&proof), CODE_CBOR_TRUNCATED);
    proof = fx.proof;
    proof.opening_count = 0;
    assert_int_equal(check(&proof), CODE_OK);
}

static void statement(void **state) {
    (void)state;
    const struct subject subject = by_licence();
    fixture_make(&fx, &subject);
    struct proof proof = fx.proof;
    for (uint64_t index = 0; index < LEAVES + 2; index++) {
        proof.inclusion_index = index;
        assert_int_equal(check(&proof), index == 2 ? CODE_OK : index < LEAVES ? CODE_PROOF_MISMATCH : CODE_CBOR_RANGE);
    }
    proof = fx.proof;
    proof.statement = bytes_of(fx.statement[3], sizeof fx.statement[3]);
    assert_int_equal(check(&proof), CODE_PROOF_MISMATCH);
    proof = fx.proof;
    proof.inclusion_path.len -= 32;
    assert_int_equal(check(&proof), CODE_PROOF_MISMATCH);
    proof.statement = (struct bytes){0};
    assert_int_equal(check(&proof), CODE_OK);
}

/* ---- the file as bytes ---- */

static void every_cut(void **state) {
    (void)state;
    const struct subject subject = by_licence();
    fixture_make(&fx, &subject);
    for (size_t len = 0; len < fx.file_len; len++) assert_int_not_equal(decode(bytes_of(fx.file, len)), CODE_OK);
    fx.file[fx.file_len] = 0;
    assert_int_equal(decode(bytes_of(fx.file, fx.file_len + 1)), CODE_CBOR_TRAILING);
    fx.file[2] ^= 1; /* a subject of three parts that has two */
    assert_int_equal(decode(fx_file()), CODE_CBOR_RANGE);
    fx.file[2] ^= 1;
    fx.file[1] = 2;
    assert_int_equal(decode(fx_file()), CODE_VERSION_UNKNOWN);
    static uint8_t big[PROOF_BYTES_MAX + 1];
    assert_int_equal(decode(bytes_of(big, sizeof big)), CODE_CBOR_RANGE);
}

/* Refused, or the same meaning: seals and the engine's commit are not this verifier's to judge, and a subject that was changed asks
 * something else, which this proof does not answer. */
static void every_flip(void **state) {
    (void)state;
    const struct subject subject = by_licence();
    fixture_make(&fx, &subject);
    static const uint8_t commit[20] = {1, 2, 3};
    fx.proof.commit = bytes_of(commit, sizeof commit);
    file_put(&fx);
    assert_int_equal(decode(fx_file()), CODE_OK);
    assert_int_equal(check(&decoded), CODE_OK);
    const struct proof_checked before = checked;
    int unjudged = 0, asks_else = 0;
    for (size_t k = 0; k < fx.file_len + 7 * 64; k++) { /* every bit of the first 64 bytes, one bit of each byte after them */
        const size_t i = k < 8 * 64 ? k / 8 : k - 7 * 64;
        fx.file[i] ^= (uint8_t)(1 << k % 8);
        if (decode(fx_file()) == CODE_OK && check(&decoded) == CODE_OK) {
            assert_memory_equal(checked.header_hash, before.header_hash, 32);
            assert_true(checked.note_time_ms == before.note_time_ms && checked.notes_good == before.notes_good);
            assert_int_equal(decoded.object_count, fx.proof.object_count);
            const bool same_subject = memcmp(&decoded.subject, &fx.proof.subject, sizeof decoded.subject) == 0;
            assert_int_equal(offline(&decoded), same_subject ? VERDICT_VALID : VERDICT_INCOMPLETE);
            unjudged += same_subject;
            asks_else += !same_subject;
        }
        fx.file[i] ^= (uint8_t)(1 << k % 8);
    }
    size_t seals = sizeof commit + 1;
    for (uint32_t i = 0; i < fx.proof.seal_count; i++) seals += fx.proof.seals[i].len + 2;
    assert_true(unjudged > 0 && (size_t)unjudged <= seals);
    assert_true(asks_else > 0 && asks_else <= 8 * 33);
}

/* One item's head says more than there is, or than is allowed. */
static void bounds(void **state) {
    (void)state;
    static uint8_t file[1 << 16];
    const struct subject subject = by_licence();
    fixture_make(&fx, &subject);
    static const char *const too_many[] = {"notes", "seals", "openings", "nothing"};
    for (size_t i = 0; i < 4; i++) {
        struct wire_out out = wire_write(file, sizeof file);
        const bool n = i == 0, s = i == 1, o = i == 2;
        wire_put_array(&out, 11);
        wire_put_uint(&out, 1);
        wire_put_array(&out, 2);
        wire_put_uint(&out, SUBJECT_LICENCE);
        wire_put_bytes(&out, bytes_of(subject.key, 32));
        wire_put_bytes(&out, fx.proof.header);
        wire_put_array(&out, n ? PROOF_NOTES_MAX + 1 : 1);
        for (uint32_t k = 0; k < (n ? PROOF_NOTES_MAX + 1 : 1); k++) wire_put_bytes(&out, bytes_text("x"));
        wire_put_array(&out, 0);
        wire_put_array(&out, 1);
        wire_put_array(&out, 3);
        wire_put_uint(&out, OBJECT_LICENCE);
        wire_put_bytes(&out, bytes_of(file, 0));
        wire_put_bytes(&out, bytes_text("v"));
        wire_put_array(&out, o ? PROOF_OPENINGS_MAX + 1 : 0);
        for (uint32_t k = 0; o && k < PROOF_OPENINGS_MAX + 1; k++) wire_put_bytes(&out, bytes_text("x"));
        wire_put_null(&out);
        wire_put_null(&out);
        wire_put_array(&out, s ? PROOF_NOTES_MAX + 1 : 0);
        for (uint32_t k = 0; s && k < PROOF_NOTES_MAX + 1; k++) wire_put_bytes(&out, bytes_text("x"));
        wire_put_null(&out);
        assert_false(out.full);
        if ((decode(bytes_of(file, out.len)) == CODE_OK) != (i == 3)) fail_msg("%s", too_many[i]);
    }
    assert_int_not_equal(check(&decoded), CODE_OK);
}

static int setup(void **state) {
    (void)state;
    const char *failed = crypto_start();
    if (failed != NULL) print_message("self-test failed: %s\n", failed);
    if (failed == NULL) make_keys();
    return failed == NULL ? 0 : -1;
}
static int teardown(void **state) {
    (void)state;
    for (int i = 0; i < NODES; i++) {
        signer_free(seal_key[i]);
        signer_free(note_key[i]);
    }
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good),     cmocka_unit_test(each_record_removed), cmocka_unit_test(absent_records), cmocka_unit_test(present_not_absent),
        cmocka_unit_test(notes),    cmocka_unit_test(other_ledger),        cmocka_unit_test(pinned),         cmocka_unit_test(links),
        cmocka_unit_test(openings), cmocka_unit_test(statement),           cmocka_unit_test(every_cut),      cmocka_unit_test(every_flip),
        cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
