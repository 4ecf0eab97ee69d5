#include "crypto/sig.h"
#include "ledger/wire/proof.h"

/* ---- signatures of nodes ---- */

enum node_key { NODE_SEAL, NODE_NOTE };

/* The node whose key of this use signed; its kid is the thumbprint, so a key of another use is simply not found. */
static struct refusal signer_find(uint32_t *node, const struct cose_sign1 *cose, const struct finality *finality, enum node_key use) {
    for (uint32_t i = 0; i < finality->node_count; i++) {
        const struct pubkey *key = use == NODE_SEAL ? &finality->nodes[i].seal : &finality->nodes[i].note;
        uint8_t thumb[32];
        pubkey_thumbprint(thumb, key);
        if (memcmp(thumb, cose->kid, 32) != 0) continue;
        if (cose->alg != key_alg_cose(key->alg)) return refuse(CODE_ALG_KEY_MISMATCH, "alg");
        *node = i;
        return refuse(CODE_OK, NULL);
    }
    return refuse(CODE_KEY_UNKNOWN, "kid");
}

static struct refusal proof_check_signature_check(const struct pubkey *key, const struct cose_sign1 *cose, struct bytes payload) {
    struct cose_tbs tbs;
    cose_tbs(&tbs, cose->protected_header, payload);
    struct verifier *verifier = verifier_new(key);
    const bool good = verifier != NULL && verifier_check(verifier, cose->signature, tbs.parts, COSE_TBS_PARTS);
    verifier_free(verifier);
    return refuse(good ? CODE_OK : CODE_SIGNATURE_INVALID, good ? NULL : "signature");
}

struct refusal head_note_check(struct head_note *note, uint32_t *node, struct bytes in, const struct finality *finality) {
    struct cose_sign1 cose;
    struct refusal refusal = head_note_decode(&cose, note, in);
    if (refusal.code != CODE_OK) return refusal;
    refusal = signer_find(node, &cose, finality, NODE_NOTE);
    if (refusal.code != CODE_OK) return refusal;
    return proof_check_signature_check(&finality->nodes[*node].note, &cose, cose.payload);
}

struct refusal receipt_check(const struct receipt *receipt, struct bytes statement, struct bytes chain_id, const uint8_t genesis32[32], const struct finality *finality) {
    char name[LEDGER_NAME_MAX];
    uint8_t leaf[32], root[32];
    uint32_t node;
    if (!bytes_equal(receipt->cose.sub, bytes_of(name, ledger_name(name, chain_id, genesis32)))) return refuse(CODE_OTHER_LEDGER, "receipt");
    const struct refusal refusal = signer_find(&node, &receipt->cose, finality, NODE_NOTE);
    if (refusal.code != CODE_OK) return refusal;
    merkle_leaf(leaf, statement.data, statement.len);
    if (!merkle_inclusion_root(root, leaf, receipt->index, receipt->tree_size, receipt->path, receipt->path_count)) return refuse(CODE_PROOF_MISMATCH, "receipt");
    return proof_check_signature_check(&finality->nodes[node].note, &receipt->cose, bytes_of(root, 32));
}

struct refusal header_seal_check(uint32_t *node, struct bytes seal, struct bytes header_bytes, const struct finality *finality) {
    struct cose_sign1 cose;
    if (seal.len > SEAL_MAX) return refuse(CODE_CBOR_RANGE, "seal");
    struct refusal refusal = cose_sign1_decode(&cose, seal, TYP_HEADER);
    if (refusal.code != CODE_OK) return refusal;
    refusal = signer_find(node, &cose, finality, NODE_SEAL);
    if (refusal.code != CODE_OK) return refusal;
    return proof_check_signature_check(&finality->nodes[*node].seal, &cose, header_bytes);
}

/* ---- is a header final ---- */

/* A header of our ledger with its hash. */
struct headed {
    struct header header;
    uint8_t hash[32];
};

static struct refusal header_read(struct headed *out, struct bytes bytes, const uint8_t genesis[32]) {
    const struct refusal refusal = header_decode(&out->header, bytes);
    if (refusal.code != CODE_OK) return refusal;
    if (memcmp(out->header.genesis, genesis, 32) != 0) return refuse(CODE_OTHER_LEDGER, "header");
    header_hash(out->hash, bytes);
    return refuse(CODE_OK, NULL);
}

static struct refusal note_fits(const struct head_note *note, const struct headed *headed) {
    if (memcmp(note->genesis, headed->header.genesis, 32) != 0) return refuse(CODE_OTHER_LEDGER, "head note");
    if (note->term != headed->header.term || note->n != headed->header.n || memcmp(note->header_hash, headed->hash, 32) != 0) {
        return refuse(CODE_HASH_MISMATCH, "head note"); /* it is about another header */
    }
    if (note->time_ms < headed->header.time_ms) return refuse(CODE_TIME_BACKWARD, "head note");
    return refuse(CODE_OK, NULL);
}

/* The time up to which `threshold` nodes agree: the threshold-th largest of the nodes' newest notes; -1 where they are too few. */
static int64_t agreed_time(int64_t newest[FINALITY_NODES_MAX], uint32_t node_count, uint32_t threshold) {
    int64_t agreed = -1;
    for (uint32_t round = 0; round < threshold; round++) {
        uint32_t best = 0;
        for (uint32_t i = 1; i < node_count; i++) {
            if (newest[i] > newest[best]) best = i;
        }
        agreed = newest[best];
        if (agreed < 0) return -1;
        newest[best] = -1;
    }
    return agreed;
}

/* The one final rule. Every note given must be good, so that no verifier has to say what it makes of a bad one; a node that stands
 * there twice counts once. */
static struct refusal final_check(int64_t *time_ms, uint32_t *good, const struct headed *headed, const struct bytes *notes, uint32_t count,
                                  const struct finality *finality) {
    int64_t newest[FINALITY_NODES_MAX];
    for (uint32_t i = 0; i < FINALITY_NODES_MAX; i++) newest[i] = -1;
    *good = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct head_note note;
        uint32_t node;
        struct refusal refusal = head_note_check(&note, &node, notes[i], finality);
        if (refusal.code == CODE_OK) refusal = note_fits(&note, headed);
        if (refusal.code != CODE_OK) return refusal;
        if (newest[node] < 0) (*good)++;
        if (note.time_ms > newest[node]) newest[node] = note.time_ms;
    }
    const uint32_t threshold = finality->threshold > 0 ? finality->threshold : 1;
    *time_ms = agreed_time(newest, finality->node_count, threshold);
    return *time_ms < 0 ? refuse(CODE_FIELD_MISSING, "head notes") : refuse(CODE_OK, NULL);
}

/* ---- objects ---- */

/* The key always comes from the id inside the object, never from the proof: that is what ties a object to its place. */
static struct refusal object_check(const struct proof_object *object, const uint8_t genesis[32], const uint8_t state_root[32]) {
    uint8_t key[32], value_hash[32], root[32];
    bool placed;
    if (object->value.data != NULL) {
        enum object_kind kind;
        if (!object_kind_of(&kind, object->value) || kind != object->kind) return refuse(CODE_CBOR_TYPE, "object");
        if (!object_key_of(key, genesis, object->value)) return refuse(CODE_CBOR_TYPE, "object");
        object_value_hash(value_hash, object->value);
        placed = map_member_root(root, key, value_hash, object->steps);
    } else {
        object_key(key, genesis, object->kind, object->id);
        placed = map_absent_root(root, key, object->other_key, object->other_value_hash, object->steps);
    }
    if (!placed || memcmp(root, state_root, 32) != 0) return refuse(CODE_PROOF_MISMATCH, "object");
    return refuse(CODE_OK, NULL);
}

/* ---- from the genesis document to the proof's header ---- */

/* Headers are ordered by term first: a recovery begins a new term at or below the n that was lost. */
static int header_order(const struct header *a, const struct header *b) {
    if (a->term != b->term) return a->term < b->term ? -1 : 1;
    return a->n < b->n ? -1 : a->n > b->n;
}

/* A header that the user pinned: what claims to be older, or another one of its number, is not believed, whoever signed it.
 * Links may be older; only another header in the pinned one's place is not. */
static struct refusal pin_check(const struct headed *headed, const struct proof_trust *trust, bool is_link) {
    struct headed pinned;
    if (trust->pinned_header.data == NULL) return refuse(CODE_OK, NULL);
    const struct refusal refusal = header_read(&pinned, trust->pinned_header, trust->genesis);
    if (refusal.code != CODE_OK) return refusal;
    const int order = header_order(&pinned.header, &headed->header);
    const bool same = memcmp(pinned.hash, headed->hash, 32) == 0;
    const bool fits = order < 0 || same || (is_link && order > 0);
    return fits ? refuse(CODE_OK, NULL) : refuse(CODE_CHAIN_BROKEN, "pinned header");
}

/* Follows one link: its header is final under *finality, which then becomes the one proved under it. */
static struct refusal link_follow(struct finality *finality, struct headed *at, struct bytes link_bytes, const struct proof_trust *trust) {
    struct proof_link link;
    struct headed headed = {0};
    int64_t time_ms;
    uint32_t good;
    struct refusal refusal = proof_link_decode(&link, link_bytes);
    if (refusal.code == CODE_OK) refusal = header_read(&headed, link.header, trust->genesis);
    if (refusal.code == CODE_OK) refusal = pin_check(&headed, trust, true);
    if (refusal.code == CODE_OK) refusal = final_check(&time_ms, &good, &headed, link.notes, link.note_count, finality);
    if (refusal.code == CODE_OK) refusal = object_check(&link.finality, trust->genesis, headed.header.state_root);
    if (refusal.code != CODE_OK) return refusal;
    if (header_order(&at->header, &headed.header) >= 0) return refuse(CODE_CHAIN_BROKEN, "key link");
    *at = headed;
    return finality_decode(finality, link.finality.value); /* its views live in the proof */
}

/* The one place of the chain that an honest ledger leaves open: the last link may be the proof's own header. */
static struct refusal order_check(const struct headed *last_link, bool has_link, const struct headed *headed) {
    if (!has_link) return refuse(CODE_OK, NULL);
    const int order = header_order(&last_link->header, &headed->header);
    const bool same = memcmp(last_link->hash, headed->hash, 32) == 0;
    return order < 0 || (order == 0 && same) ? refuse(CODE_OK, NULL) : refuse(CODE_CHAIN_BROKEN, "key link");
}

/* ---- what else is in the file ---- */

static struct refusal statement_check(const struct proof *proof, const struct header *header) {
    if (proof->statement.data == NULL) return refuse(CODE_OK, NULL);
    uint8_t leaf[32], root[32], path[MERKLE_PATH_MAX][32] = {{0}};
    if (proof->inclusion_path.len > sizeof path) return refuse(CODE_CBOR_RANGE, "inclusion");
    if (proof->inclusion_index >= header->log_size) return refuse(CODE_CBOR_RANGE, "inclusion");
    if (proof->inclusion_path.len > 0) memcpy(path, proof->inclusion_path.data, proof->inclusion_path.len);
    merkle_leaf(leaf, proof->statement.data, proof->statement.len);
    const bool led = merkle_inclusion_root(root, leaf, proof->inclusion_index, header->log_size, (const uint8_t (*)[32])path,
                                           proof->inclusion_path.len / 32);
    if (!led || memcmp(root, header->log_root, 32) != 0) return refuse(CODE_PROOF_MISMATCH, "inclusion");
    return refuse(CODE_OK, NULL);
}

/* Every opening opens an element of some licence in the proof. Which one is for the caller to ask, who knows which is meant. */
static struct refusal openings_check(const struct proof *proof) {
    uint8_t roots[PROOF_OBJECTS_MAX][32];
    uint32_t root_count = 0;
    if (proof->opening_count == 0) return refuse(CODE_OK, NULL);
    for (uint32_t i = 0; i < proof->object_count; i++) {
        const struct proof_object *object = &proof->objects[i];
        struct licence licence;
        if (object->kind != OBJECT_LICENCE || object->value.data == NULL) continue;
        const struct refusal refusal = licence_decode(&licence, object->value);
        if (refusal.code != CODE_OK) return refusal;
        memcpy(roots[root_count++], licence.fields_root, 32);
    }
    for (uint32_t i = 0; i < proof->opening_count; i++) {
        struct refusal refusal = refuse(CODE_PROOF_MISMATCH, "opening");
        for (uint32_t k = 0; k < root_count && refusal.code == CODE_PROOF_MISMATCH; k++) {
            struct field field;
            refusal = opening_check(&field, proof->openings[i], roots[k]);
        }
        if (refusal.code != CODE_OK) return refusal;
    }
    return refuse(CODE_OK, NULL);
}

struct refusal proof_check(struct proof_checked *out, const struct proof *proof, const struct proof_trust *trust) {
    struct finality finality = *trust->finality;
    struct headed headed = {0}, last_link = {0};
    memset(out, 0, sizeof *out);
    struct refusal refusal = header_read(&headed, proof->header, trust->genesis);
    for (uint32_t i = 0; i < proof->link_count && refusal.code == CODE_OK; i++) {
        refusal = link_follow(&finality, &last_link, proof->links[i], trust);
    }
    if (refusal.code == CODE_OK) refusal = order_check(&last_link, proof->link_count > 0, &headed);
    if (refusal.code == CODE_OK) refusal = pin_check(&headed, trust, false);
    if (refusal.code == CODE_OK) {
        refusal = final_check(&out->note_time_ms, &out->notes_good, &headed, proof->notes, proof->note_count, &finality);
    }
    for (uint32_t i = 0; i < proof->object_count && refusal.code == CODE_OK; i++) {
        refusal = object_check(&proof->objects[i], trust->genesis, headed.header.state_root);
    }
    if (refusal.code == CODE_OK) refusal = statement_check(proof, &headed.header);
    if (refusal.code == CODE_OK) refusal = openings_check(proof);
    out->header = headed.header;
    memcpy(out->header_hash, headed.hash, 32);
    return refusal;
}
