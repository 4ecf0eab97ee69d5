/* Numbers and documents: the two objects that only lead to a licence. */
#include "ledger/wire/object_part.h"

struct refusal number_decode(struct number_object *out, struct bytes value) {
    struct wire_in in = wire_read(value);
    *out = (struct number_object){0};
    part_start(&in, OBJECT_NUMBER, 5);
    out->type_no = part_no(&in, "type_no");
    part_fixed(&in, "tag", out->tag, TAG_LEN);
    out->no = part_no(&in, "no");
    out->licence_no = part_no(&in, "licence_no");
    return wire_done(&in);
}

bool number_encode(struct wire_out *out, const struct number_object *number) {
    size_t start = out->len;
    part_start_put(out, OBJECT_NUMBER, 5);
    wire_put_uint(out, number->type_no);
    part_fixed_put(out, number->tag, TAG_LEN);
    wire_put_uint(out, number->no);
    wire_put_uint(out, number->licence_no);
    return part_fits(out, start);
}

struct refusal document_decode(struct document_object *out, struct bytes value) {
    struct wire_in in = wire_read(value);
    *out = (struct document_object){0};
    part_start(&in, OBJECT_DOCUMENT, 6);
    part_fixed(&in, "key", out->key, 32);
    out->no = part_no(&in, "no");
    out->licence_no = part_no(&in, "licence_no");
    out->version = part_u32(&in, "version", 1, VERSION_MAX);
    out->kind = (enum document_kind)part_u32(&in, "document_kind", DOCUMENT_FILE, DOCUMENT_PDF);
    return wire_done(&in);
}

bool document_encode(struct wire_out *out, const struct document_object *document) {
    size_t start = out->len;
    part_start_put(out, OBJECT_DOCUMENT, 6);
    part_fixed_put(out, document->key, 32);
    wire_put_uint(out, document->no);
    wire_put_uint(out, document->licence_no);
    wire_put_uint(out, document->version);
    wire_put_uint(out, document->kind);
    return part_fits(out, start);
}
