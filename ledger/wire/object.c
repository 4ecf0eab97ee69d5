#include "ledger/wire/object.h"

#include "crypto/hash.h"
#include "ledger/wire/object_part.h"

void object_key(uint8_t out32[32], const uint8_t genesis[32], enum object_kind kind, struct bytes id) {
    uint8_t k = (uint8_t)kind;
    struct bytes parts[] = {bytes_of(genesis, 32), bytes_of(&k, 1), id};
    hash_tagged(out32, "licet/object/v1", parts, 3);
}

void object_value_hash(uint8_t out32[32], struct bytes value) { sha256(out32, value.data, value.len); }

static enum object_kind kind_get(struct cbor_in *in) {
    cbor_field(in, "object");
    cbor_get_array(in, 2, SIZE_MAX);
    cbor_field(in, "kind");
    return (enum object_kind)cbor_get_uint(in, 1, OBJECT_KIND_MAX);
}

bool object_kind_of(enum object_kind *out, struct bytes value) {
    struct cbor_in in = cbor_read(value);
    *out = kind_get(&in);
    return in.why == CODE_OK;
}

#define NUMBER_ID_LEN (4 + TAG_LEN)

/* The id stands right after the kind. Only the number's is put together from two fields, in `number`. */
static bool id_of(enum object_kind *kind, struct bytes *id, uint8_t number[NUMBER_ID_LEN], struct bytes value) {
    struct cbor_in in = cbor_read(value);
    *kind = kind_get(&in);
    *id = (struct bytes){0};
    if (in.why != CODE_OK) return false;
    switch (object_form(*kind)->id) {
    case ID_NONE: break;
    case ID_USCC: *id = cbor_get_code(&in, USCC_LEN, USCC_LEN); break;
    case ID_TYPE_CODE: *id = cbor_get_code(&in, TYPE_CODE_LEN, TYPE_CODE_LEN); break;
    case ID_HASH: *id = cbor_get_bytes(&in, 32, 32); break;
    case ID_NUMBER:
        be32_put(number, part_no(&in, "type_no"));
        part_fixed(&in, "tag", number + 4, TAG_LEN);
        *id = bytes_of(number, NUMBER_ID_LEN);
        break;
    case ID_SEAL: *id = cbor_get_text(&in, 1, SEAL_ID_MAX); break;
    case ID_UNKNOWN: return false; /* its form is not fixed yet */
    }
    return in.why == CODE_OK;
}

bool object_key_of(uint8_t out32[32], const uint8_t genesis[32], struct bytes value) {
    uint8_t number[NUMBER_ID_LEN] = {0};
    enum object_kind kind;
    struct bytes id;
    if (!id_of(&kind, &id, number, value)) return false;
    object_key(out32, genesis, kind, id);
    return true;
}

bool object_is(struct bytes value, enum object_kind kind, struct bytes id) {
    uint8_t number[NUMBER_ID_LEN] = {0};
    enum object_kind stored_kind;
    struct bytes stored_id;
    return id_of(&stored_kind, &stored_id, number, value) && stored_kind == kind && bytes_equal(stored_id, id);
}

struct refusal number_decode(struct number_record *out, struct bytes value) {
    struct cbor_in in = cbor_read(value);
    *out = (struct number_record){0};
    part_start(&in, OBJECT_NUMBER, 5);
    out->type_no = part_no(&in, "type_no");
    part_fixed(&in, "tag", out->tag, TAG_LEN);
    out->no = part_no(&in, "no");
    out->licence_no = part_no(&in, "licence_no");
    return cbor_done(&in);
}

bool number_encode(struct cbor_out *out, const struct number_record *number) {
    size_t start = out->len;
    part_start_put(out, OBJECT_NUMBER, 5);
    cbor_put_uint(out, number->type_no);
    part_fixed_put(out, number->tag, TAG_LEN);
    cbor_put_uint(out, number->no);
    cbor_put_uint(out, number->licence_no);
    return part_fits(out, start);
}

struct refusal document_decode(struct document_record *out, struct bytes value) {
    struct cbor_in in = cbor_read(value);
    *out = (struct document_record){0};
    part_start(&in, OBJECT_DOCUMENT, 6);
    part_fixed(&in, "key", out->key, 32);
    out->no = part_no(&in, "no");
    out->licence_no = part_no(&in, "licence_no");
    out->version = part_u32(&in, "version", 1, VERSION_MAX);
    out->kind = (enum document_kind)part_u32(&in, "document_kind", DOCUMENT_FILE, DOCUMENT_PDF);
    return cbor_done(&in);
}

bool document_encode(struct cbor_out *out, const struct document_record *document) {
    size_t start = out->len;
    part_start_put(out, OBJECT_DOCUMENT, 6);
    part_fixed_put(out, document->key, 32);
    cbor_put_uint(out, document->no);
    cbor_put_uint(out, document->licence_no);
    cbor_put_uint(out, document->version);
    cbor_put_uint(out, document->kind);
    return part_fits(out, start);
}
