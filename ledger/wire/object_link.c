/* Numbers and documents: the two objects that only lead to a licence. */
#include "ledger/wire/object_part.h"

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
