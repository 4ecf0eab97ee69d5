#include "crypto/seal/ses.h"

static size_t finish(const struct der_out *out) { return out->full ? 0 : out->len; }

/* IA5String and PrintableString hold ASCII; a reader takes more (der_text), a writer gives none of it. */
static void put_ascii(struct der_out *out, uint8_t tag, struct bytes text) {
    for (size_t i = 0; i < text.len; i++) out->full |= text.data[i] < 0x20 || text.data[i] > 0x7E;
    der_put(out, tag, text);
}

static void put_header(struct der_out *out, const struct ses_seal *seal) {
    const size_t mark = der_begin(out, DER_SEQUENCE);
    put_ascii(out, DER_IA5, bytes_text("ES"));
    der_put_uint(out, SES_V4);
    put_ascii(out, DER_IA5, seal->vendor);
    der_end(out, mark);
}

static void ses_encode_put_list(struct der_out *out, const struct ses_seal *seal) {
    der_put_uint(out, seal->list_kind);
    const size_t list = der_begin(out, DER_SEQUENCE);
    for (uint32_t i = 0; i < seal->list_count; i++) {
        if (seal->list_kind == SES_CERTS) {
            der_put(out, DER_OCTET_STRING, seal->list[i]);
            continue;
        }
        const size_t item = der_begin(out, DER_SEQUENCE);
        put_ascii(out, DER_PRINTABLE, seal->list_alg[i]);
        der_put(out, DER_OCTET_STRING, seal->list[i]);
        der_end(out, item);
    }
    der_end(out, list);
}

static void put_property(struct der_out *out, const struct ses_seal *seal) {
    const size_t mark = der_begin(out, DER_SEQUENCE);
    der_put_uint(out, seal->type);
    der_put(out, DER_UTF8, seal->name);
    ses_encode_put_list(out, seal);
    der_put_time(out, seal->created_ms);
    der_put_time(out, seal->from_ms);
    der_put_time(out, seal->to_ms);
    der_end(out, mark);
}

static void put_picture(struct der_out *out, const struct ses_seal *seal) {
    const size_t mark = der_begin(out, DER_SEQUENCE);
    put_ascii(out, DER_IA5, seal->picture_type);
    der_put(out, DER_OCTET_STRING, seal->picture);
    der_put_uint(out, seal->width_mm);
    der_put_uint(out, seal->height_mm);
    der_end(out, mark);
}

/* FALSE is the default of critical, and a default is not written. */
static void put_exts(struct der_out *out, const struct ses_seal *seal) {
    static const uint8_t yes[1] = {0xFF};
    if (seal->ext_count == 0) return;
    const size_t tagged = der_begin(out, DER_CONTEXT(0)), list = der_begin(out, DER_SEQUENCE);
    for (uint32_t i = 0; i < seal->ext_count; i++) {
        const size_t item = der_begin(out, DER_SEQUENCE);
        der_put(out, DER_OID, seal->ext[i].oid);
        if (seal->ext[i].critical) der_put(out, DER_BOOLEAN, bytes_of(yes, 1));
        der_put(out, DER_OCTET_STRING, seal->ext[i].value);
        der_end(out, item);
    }
    der_end(out, list);
    der_end(out, tagged);
}

size_t ses_info_encode(uint8_t *out, size_t cap, const struct ses_seal *seal) {
    struct der_out to = der_write(out, cap);
    if (seal->id.len == 0 || seal->id.len > SES_ID_MAX || seal->list_count > SES_CERTS_MAX || seal->ext_count > SES_EXT_MAX) return 0;
    if (seal->list_kind != SES_CERTS && seal->list_kind != SES_CERT_DIGESTS) return 0;
    const size_t mark = der_begin(&to, DER_SEQUENCE);
    put_header(&to, seal);
    put_ascii(&to, DER_IA5, seal->id);
    put_property(&to, seal);
    put_picture(&to, seal);
    put_exts(&to, seal);
    der_end(&to, mark);
    return finish(&to);
}

size_t ses_seal_encode(uint8_t *out, size_t cap, struct bytes info, struct bytes maker_cert, const char *alg_oid, struct bytes signature) {
    struct der_out to = der_write(out, cap);
    struct ses_seal seal;
    const char *where;
    const size_t mark = der_begin(&to, DER_SEQUENCE);
    der_put_raw(&to, info);
    der_put(&to, DER_OCTET_STRING, maker_cert);
    der_put_oid(&to, alg_oid);
    der_put_bits(&to, signature);
    der_end(&to, mark);
    /* no maker hands out what no reader takes: a name that is not UTF-8, an info that is none */
    return !to.full && ses_seal_decode(&seal, bytes_of(to.data, to.len), &where) && seal.encoding == ENCODING_NONE ? to.len : 0;
}

size_t ses_to_sign_encode(uint8_t *out, size_t cap, struct bytes seal_der, int64_t time_ms, struct bytes data_hash, struct bytes property) {
    struct der_out to = der_write(out, cap);
    const size_t mark = der_begin(&to, DER_SEQUENCE);
    der_put_uint(&to, SES_V4);
    der_put_raw(&to, seal_der);
    der_put_time(&to, time_ms);
    der_put_bits(&to, data_hash);
    put_ascii(&to, DER_IA5, property);
    der_end(&to, mark);
    return finish(&to);
}

size_t ses_signature_encode(uint8_t *out, size_t cap, struct bytes to_sign, struct bytes cert, const char *alg_oid, struct bytes signature) {
    struct der_out to = der_write(out, cap);
    struct ses_signature read;
    const char *where;
    const size_t mark = der_begin(&to, DER_SEQUENCE);
    der_put_raw(&to, to_sign);
    der_put(&to, DER_OCTET_STRING, cert);
    der_put_oid(&to, alg_oid);
    der_put_bits(&to, signature);
    der_end(&to, mark);
    return !to.full && ses_signature_decode(&read, bytes_of(to.data, to.len), &where) && read.encoding == ENCODING_NONE ? to.len : 0; /* the seal may be another's */
}
