#include "ledger/wire/proof.h"

#define PROOF_VERSION 1u
#define STEPS_BYTES_MAX (MAP_STEPS_MAX * MAP_STEP_LEN)
#define LINK_BYTES_MAX (HEADER_MAX + PROOF_NOTES_MAX * (NOTE_MAX + 4) + STEPS_BYTES_MAX + RECORD_VALUE_MAX + 64)
#define COMMIT_BYTES_MAX (1u << 20) /* an engine's commit of at most FINALITY_NODES_MAX signatures is far below */

/* ---- reading ---- */

static void subject_get(struct cbor_in *in, struct subject *out) {
    cbor_field(in, "subject");
    const size_t parts = cbor_get_array(in, 2, 3);
    const uint64_t by = cbor_get_uint(in, SUBJECT_LICENCE, SUBJECT_NUMBER);
    if (in->why != CODE_OK) return;
    out->by = (enum subject_by)by;
    if (parts != (out->by == SUBJECT_NUMBER ? 3u : 2u)) {
        cbor_fail(in, CODE_CBOR_RANGE);
        return;
    }
    if (out->by == SUBJECT_NUMBER) {
        out->type_no = (uint32_t)cbor_get_uint(in, 0, NO_NONE - 1);
        const uint8_t *tag = cbor_get_fixed(in, TAG_LEN);
        if (tag != NULL) memcpy(out->tag, tag, TAG_LEN);
    } else {
        const uint8_t *key = cbor_get_fixed(in, 32);
        if (key != NULL) memcpy(out->key, key, 32);
    }
}

/* Byte strings of 1..len_max bytes, min..max of them. */
static uint32_t list_get(struct cbor_in *in, struct bytes *out, size_t min, size_t max, size_t len_max) {
    const size_t count = cbor_get_array(in, min, max);
    for (size_t i = 0; i < count && in->why == CODE_OK; i++) out[i] = cbor_get_bytes(in, 1, len_max);
    return (uint32_t)count;
}

static void record_get(struct cbor_in *in, struct proof_record *out) {
    *out = (struct proof_record){.kind = OBJECT_POLICY};
    cbor_field(in, "record");
    const size_t parts = cbor_get_array(in, 3, 6);
    const uint64_t kind = cbor_get_uint(in, 1, OBJECT_KIND_MAX);
    if (in->why != CODE_OK) return;
    out->kind = (enum object_kind)kind;
    out->steps = cbor_get_bytes(in, 0, STEPS_BYTES_MAX);
    if (out->steps.len % MAP_STEP_LEN != 0) cbor_fail(in, CODE_CBOR_RANGE);
    if (parts == 3) {
        out->value = cbor_get_bytes(in, 1, RECORD_VALUE_MAX);
        return;
    }
    cbor_field(in, "absent record");
    if (parts != 6 || !cbor_try_null(in)) cbor_fail(in, CODE_CBOR_TYPE);
    out->id = cbor_get_bytes(in, 0, SEAL_ID_MAX);
    if (cbor_try_null(in)) { /* an empty map has no other leaf to show */
        if (!cbor_try_null(in) || out->steps.len != 0) cbor_fail(in, CODE_CBOR_TYPE);
    } else {
        out->other_key = cbor_get_fixed(in, 32);
        out->other_value_hash = cbor_get_fixed(in, 32);
    }
}

static void statement_get(struct cbor_in *in, struct proof *out) {
    cbor_field(in, "statement");
    if (cbor_try_null(in)) {
        if (!cbor_try_null(in)) cbor_fail(in, CODE_CBOR_TYPE); /* an inclusion of nothing */
        return;
    }
    out->statement = cbor_get_bytes(in, 1, STATEMENT_BYTES_MAX);
    cbor_field(in, "inclusion");
    (void)cbor_get_array(in, 2, 2);
    out->inclusion_index = cbor_get_uint(in, 0, INT64_MAX);
    out->inclusion_path = cbor_get_bytes(in, 0, MERKLE_PATH_MAX * 32);
    if (out->inclusion_path.len % 32 != 0) cbor_fail(in, CODE_CBOR_RANGE);
}

struct refusal proof_decode(struct proof *out, struct bytes in_bytes) {
    memset(out, 0, sizeof *out);
    if (in_bytes.len > PROOF_BYTES_MAX) return refuse(CODE_CBOR_RANGE, "proof");
    struct cbor_in in = cbor_read(in_bytes);
    cbor_field(&in, "proof");
    cbor_get_versioned(&in, PROOF_VERSION, 11);
    subject_get(&in, &out->subject);
    cbor_field(&in, "header");
    out->header = cbor_get_bytes(&in, 1, HEADER_MAX);
    cbor_field(&in, "head notes");
    out->note_count = list_get(&in, out->notes, 1, PROOF_NOTES_MAX, NOTE_MAX);
    cbor_field(&in, "key links");
    out->link_count = list_get(&in, out->links, 0, PROOF_LINKS_MAX, LINK_BYTES_MAX);
    cbor_field(&in, "records");
    out->record_count = (uint32_t)cbor_get_array(&in, 1, PROOF_RECORDS_MAX);
    for (uint32_t i = 0; i < out->record_count && in.why == CODE_OK; i++) record_get(&in, &out->records[i]);
    cbor_field(&in, "openings");
    out->opening_count = list_get(&in, out->openings, 0, PROOF_OPENINGS_MAX, OPENING_MAX);
    statement_get(&in, out);
    cbor_field(&in, "seals");
    out->seal_count = list_get(&in, out->seals, 0, PROOF_NOTES_MAX, SEAL_MAX);
    cbor_field(&in, "commit");
    if (!cbor_try_null(&in)) out->commit = cbor_get_bytes(&in, 1, COMMIT_BYTES_MAX);
    return cbor_done(&in);
}

struct refusal proof_link_decode(struct proof_link *out, struct bytes in_bytes) {
    memset(out, 0, sizeof *out);
    struct cbor_in in = cbor_read(in_bytes);
    cbor_field(&in, "key link");
    (void)cbor_get_array(&in, 3, 3);
    out->header = cbor_get_bytes(&in, 1, HEADER_MAX);
    out->note_count = list_get(&in, out->notes, 1, PROOF_NOTES_MAX, NOTE_MAX);
    record_get(&in, &out->finality);
    if (in.why == CODE_OK && (out->finality.kind != OBJECT_FINALITY || out->finality.value.data == NULL)) cbor_fail(&in, CODE_CBOR_TYPE);
    return cbor_done(&in);
}

/* ---- writing ---- */

static void subject_put(struct cbor_out *out, const struct subject *subject) {
    const bool number = subject->by == SUBJECT_NUMBER;
    cbor_put_array(out, number ? 3 : 2);
    cbor_put_uint(out, (uint64_t)subject->by);
    if (number) {
        cbor_put_uint(out, subject->type_no);
        cbor_put_bytes(out, bytes_of(subject->tag, TAG_LEN));
    } else {
        cbor_put_bytes(out, bytes_of(subject->key, 32));
    }
}

static void list_put(struct cbor_out *out, const struct bytes *items, uint32_t count) {
    cbor_put_array(out, count);
    for (uint32_t i = 0; i < count; i++) cbor_put_bytes(out, items[i]);
}

static void record_put(struct cbor_out *out, const struct proof_record *record) {
    const bool present = record->value.data != NULL;
    cbor_put_array(out, present ? 3 : 6);
    cbor_put_uint(out, (uint64_t)record->kind);
    cbor_put_bytes(out, record->steps);
    if (present) {
        cbor_put_bytes(out, record->value);
        return;
    }
    cbor_put_null(out);
    cbor_put_bytes(out, record->id);
    if (record->other_key == NULL) {
        cbor_put_null(out);
        cbor_put_null(out);
    } else {
        cbor_put_bytes(out, bytes_of(record->other_key, 32));
        cbor_put_bytes(out, bytes_of(record->other_value_hash, 32));
    }
}

bool proof_encode(struct cbor_out *out, const struct proof *proof) {
    cbor_put_array(out, 11);
    cbor_put_uint(out, PROOF_VERSION);
    subject_put(out, &proof->subject);
    cbor_put_bytes(out, proof->header);
    list_put(out, proof->notes, proof->note_count);
    list_put(out, proof->links, proof->link_count);
    cbor_put_array(out, proof->record_count);
    for (uint32_t i = 0; i < proof->record_count; i++) record_put(out, &proof->records[i]);
    list_put(out, proof->openings, proof->opening_count);
    if (proof->statement.data == NULL) {
        cbor_put_null(out);
        cbor_put_null(out);
    } else {
        cbor_put_bytes(out, proof->statement);
        cbor_put_array(out, 2);
        cbor_put_uint(out, proof->inclusion_index);
        cbor_put_bytes(out, proof->inclusion_path);
    }
    list_put(out, proof->seals, proof->seal_count);
    if (proof->commit.data == NULL) {
        cbor_put_null(out);
    } else {
        cbor_put_bytes(out, proof->commit);
    }
    return !out->full;
}

bool proof_link_encode(struct cbor_out *out, const struct proof_link *link) {
    cbor_put_array(out, 3);
    cbor_put_bytes(out, link->header);
    list_put(out, link->notes, link->note_count);
    record_put(out, &link->finality);
    return !out->full;
}
