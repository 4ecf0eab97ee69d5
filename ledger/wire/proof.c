#include "ledger/wire/proof.h"

#define PROOF_VERSION 1u
#define STEPS_BYTES_MAX (MAP_STEPS_MAX * MAP_STEP_LEN)
#define LINK_BYTES_MAX (HEADER_MAX + PROOF_NOTES_MAX * (NOTE_MAX + 4) + STEPS_BYTES_MAX + OBJECT_VALUE_MAX + 64)
#define COMMIT_BYTES_MAX (1u << 20) /* an engine's commit of at most FINALITY_NODES_MAX signatures is far below */

/* ---- reading ---- */

static void subject_get(struct wire_in *in, struct subject *out) {
    wire_field(in, "subject");
    const size_t parts = wire_get_array(in, 2, 3);
    const uint64_t by = wire_get_uint(in, SUBJECT_LICENCE, SUBJECT_NUMBER);
    if (in->why != CODE_OK) return;
    out->by = (enum subject_by)by;
    if (parts != (out->by == SUBJECT_NUMBER ? 3u : 2u)) {
        wire_fail(in, CODE_CBOR_RANGE);
        return;
    }
    if (out->by == SUBJECT_NUMBER) {
        out->type_no = (uint32_t)wire_get_uint(in, 0, NO_NONE - 1);
        const uint8_t *tag = wire_get_fixed(in, TAG_LEN);
        if (tag != NULL) memcpy(out->tag, tag, TAG_LEN);
    } else {
        const uint8_t *key = wire_get_fixed(in, 32);
        if (key != NULL) memcpy(out->key, key, 32);
    }
}

/* Byte strings of 1..len_max bytes, min..max of them. */
static uint32_t list_get(struct wire_in *in, struct bytes *out, size_t min, size_t max, size_t len_max) {
    const size_t count = wire_get_array(in, min, max);
    for (size_t i = 0; i < count && in->why == CODE_OK; i++) out[i] = wire_get_bytes(in, 1, len_max);
    return (uint32_t)count;
}

static void object_get(struct wire_in *in, struct proof_object *out) {
    *out = (struct proof_object){.kind = OBJECT_POLICY};
    wire_field(in, "object");
    const size_t parts = wire_get_array(in, 3, 6);
    const uint64_t kind = wire_get_uint(in, 1, OBJECT_KIND_MAX);
    if (in->why != CODE_OK) return;
    out->kind = (enum object_kind)kind;
    out->steps = wire_get_bytes(in, 0, STEPS_BYTES_MAX);
    if (out->steps.len % MAP_STEP_LEN != 0) wire_fail(in, CODE_CBOR_RANGE);
    if (parts == 3) {
        out->value = wire_get_bytes(in, 1, OBJECT_VALUE_MAX);
        return;
    }
    wire_field(in, "absent object");
    if (parts != 6 || !wire_try_null(in)) wire_fail(in, CODE_CBOR_TYPE);
    out->id = wire_get_bytes(in, 0, SEAL_ID_MAX);
    if (wire_try_null(in)) { /* an empty map has no other leaf to show */
        if (!wire_try_null(in) || out->steps.len != 0) wire_fail(in, CODE_CBOR_TYPE);
    } else {
        out->other_key = wire_get_fixed(in, 32);
        out->other_value_hash = wire_get_fixed(in, 32);
    }
}

static void statement_get(struct wire_in *in, struct proof *out) {
    wire_field(in, "statement");
    if (wire_try_null(in)) {
        if (!wire_try_null(in)) wire_fail(in, CODE_CBOR_TYPE); /* an inclusion of nothing */
        return;
    }
    out->statement = wire_get_bytes(in, 1, STATEMENT_BYTES_MAX);
    wire_field(in, "inclusion");
    (void)wire_get_array(in, 2, 2);
    out->inclusion_index = wire_get_uint(in, 0, INT64_MAX);
    out->inclusion_path = wire_get_bytes(in, 0, MERKLE_PATH_MAX * 32);
    if (out->inclusion_path.len % 32 != 0) wire_fail(in, CODE_CBOR_RANGE);
}

struct refusal proof_decode(struct proof *out, struct bytes in_bytes) {
    memset(out, 0, sizeof *out);
    if (in_bytes.len > PROOF_BYTES_MAX) return refuse(CODE_CBOR_RANGE, "proof");
    struct wire_in in = wire_read(in_bytes);
    wire_field(&in, "proof");
    wire_get_versioned(&in, PROOF_VERSION, 11);
    subject_get(&in, &out->subject);
    wire_field(&in, "header");
    out->header = wire_get_bytes(&in, 1, HEADER_MAX);
    wire_field(&in, "head notes");
    out->note_count = list_get(&in, out->notes, 1, PROOF_NOTES_MAX, NOTE_MAX);
    wire_field(&in, "key links");
    out->link_count = list_get(&in, out->links, 0, PROOF_LINKS_MAX, LINK_BYTES_MAX);
    wire_field(&in, "objects");
    out->object_count = (uint32_t)wire_get_array(&in, 1, PROOF_OBJECTS_MAX);
    for (uint32_t i = 0; i < out->object_count && in.why == CODE_OK; i++) object_get(&in, &out->objects[i]);
    wire_field(&in, "openings");
    out->opening_count = list_get(&in, out->openings, 0, PROOF_OPENINGS_MAX, OPENING_MAX);
    statement_get(&in, out);
    wire_field(&in, "seals");
    out->seal_count = list_get(&in, out->seals, 0, PROOF_NOTES_MAX, SEAL_MAX);
    wire_field(&in, "commit");
    if (!wire_try_null(&in)) out->commit = wire_get_bytes(&in, 1, COMMIT_BYTES_MAX);
    return wire_done(&in);
}

struct refusal proof_link_decode(struct proof_link *out, struct bytes in_bytes) {
    memset(out, 0, sizeof *out);
    struct wire_in in = wire_read(in_bytes);
    wire_field(&in, "key link");
    (void)wire_get_array(&in, 3, 3);
    out->header = wire_get_bytes(&in, 1, HEADER_MAX);
    out->note_count = list_get(&in, out->notes, 1, PROOF_NOTES_MAX, NOTE_MAX);
    object_get(&in, &out->finality);
    if (in.why == CODE_OK && (out->finality.kind != OBJECT_FINALITY || out->finality.value.data == NULL)) wire_fail(&in, CODE_CBOR_TYPE);
    return wire_done(&in);
}

/* ---- writing ---- */

static void subject_put(struct wire_out *out, const struct subject *subject) {
    const bool number = subject->by == SUBJECT_NUMBER;
    wire_put_array(out, number ? 3 : 2);
    wire_put_uint(out, (uint64_t)subject->by);
    if (number) {
        wire_put_uint(out, subject->type_no);
        wire_put_bytes(out, bytes_of(subject->tag, TAG_LEN));
    } else {
        wire_put_bytes(out, bytes_of(subject->key, 32));
    }
}

static void list_put(struct wire_out *out, const struct bytes *items, uint32_t count) {
    wire_put_array(out, count);
    for (uint32_t i = 0; i < count; i++) wire_put_bytes(out, items[i]);
}

static void object_put(struct wire_out *out, const struct proof_object *object) {
    const bool present = object->value.data != NULL;
    wire_put_array(out, present ? 3 : 6);
    wire_put_uint(out, (uint64_t)object->kind);
    wire_put_bytes(out, object->steps);
    if (present) {
        wire_put_bytes(out, object->value);
        return;
    }
    wire_put_null(out);
    wire_put_bytes(out, object->id);
    if (object->other_key == NULL) {
        wire_put_null(out);
        wire_put_null(out);
    } else {
        wire_put_bytes(out, bytes_of(object->other_key, 32));
        wire_put_bytes(out, bytes_of(object->other_value_hash, 32));
    }
}

bool proof_encode(struct wire_out *out, const struct proof *proof) {
    wire_put_array(out, 11);
    wire_put_uint(out, PROOF_VERSION);
    subject_put(out, &proof->subject);
    wire_put_bytes(out, proof->header);
    list_put(out, proof->notes, proof->note_count);
    list_put(out, proof->links, proof->link_count);
    wire_put_array(out, proof->object_count);
    for (uint32_t i = 0; i < proof->object_count; i++) object_put(out, &proof->objects[i]);
    list_put(out, proof->openings, proof->opening_count);
    if (proof->statement.data == NULL) {
        wire_put_null(out);
        wire_put_null(out);
    } else {
        wire_put_bytes(out, proof->statement);
        wire_put_array(out, 2);
        wire_put_uint(out, proof->inclusion_index);
        wire_put_bytes(out, proof->inclusion_path);
    }
    list_put(out, proof->seals, proof->seal_count);
    if (proof->commit.data == NULL) {
        wire_put_null(out);
    } else {
        wire_put_bytes(out, proof->commit);
    }
    return !out->full;
}

bool proof_link_encode(struct wire_out *out, const struct proof_link *link) {
    wire_put_array(out, 3);
    wire_put_bytes(out, link->header);
    list_put(out, link->notes, link->note_count);
    object_put(out, &link->finality);
    return !out->full;
}
