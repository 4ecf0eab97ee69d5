/* Laws of the readers of seals, over any bytes, for unit tests and fuzz targets: every view lies inside the input; what was read can be written as v4 and
 * reads the same again. A broken law is an ASSERT. */
#ifndef LICET_TESTS_LIB_SEAL_LAW_H
#define LICET_TESTS_LIB_SEAL_LAW_H
#include "crypto/seal/ses.h"
#include "crypto/seal/signed_data.h"

#define LAW_BYTES_MAX (256u << 10)

static inline void law_inside(struct bytes view, struct bytes in) {
    if (view.len == 0) return;
    ASSERT((uintptr_t)view.data >= (uintptr_t)in.data);
    ASSERT((uintptr_t)view.data + view.len <= (uintptr_t)in.data + in.len);
}

static inline bool law_ascii(struct bytes text) {
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] > 0x7E) return false;
    }
    return true;
}

static inline void law_exts_inside(const struct ses_ext *ext, uint32_t count, struct bytes in) {
    ASSERT(count <= SES_EXT_MAX);
    for (uint32_t i = 0; i < count; i++) {
        law_inside(ext[i].oid, in);
        law_inside(ext[i].value, in);
    }
}

static inline void law_seal_inside(const struct ses_seal *s, struct bytes in) {
    const struct bytes views[] = {s->whole, s->info, s->vendor, s->id, s->name, s->picture_type, s->picture, s->maker_cert, s->alg, s->signature,
                                  s->maker_cert_der, s->alg_der, s->timestamp};
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) law_inside(views[i], in);
    ASSERT(s->list_count <= SES_CERTS_MAX);
    for (uint32_t i = 0; i < s->list_count; i++) {
        law_inside(s->list[i], in);
        law_inside(s->list_alg[i], in);
    }
    law_exts_inside(s->ext, s->ext_count, in);
    ASSERT(s->version == SES_V1 || s->version == SES_V4 || s->version == SES_V5);
    ASSERT(s->id.len >= 1);
    ASSERT(s->id.len <= SES_ID_MAX);
}

/* In whole seconds, cut as the writer cuts. */
static inline int64_t law_seconds(int64_t ms) { return (ms - (ms % 1000 + 1000) % 1000) / 1000; }

static inline void law_seal_same(const struct ses_seal *a, const struct ses_seal *b) {
    ASSERT(bytes_equal(a->vendor, b->vendor));
    ASSERT(bytes_equal(a->id, b->id));
    ASSERT(a->type == b->type);
    ASSERT(bytes_equal(a->name, b->name));
    ASSERT(a->list_kind == b->list_kind);
    ASSERT(a->list_count == b->list_count);
    for (uint32_t i = 0; i < a->list_count; i++) {
        ASSERT(bytes_equal(a->list[i], b->list[i]));
        ASSERT(bytes_equal(a->list_alg[i], b->list_alg[i]));
    }
    ASSERT(law_seconds(a->created_ms) == law_seconds(b->created_ms));
    ASSERT(law_seconds(a->from_ms) == law_seconds(b->from_ms));
    ASSERT(law_seconds(a->to_ms) == law_seconds(b->to_ms));
    ASSERT(bytes_equal(a->picture_type, b->picture_type));
    ASSERT(bytes_equal(a->picture, b->picture));
    ASSERT(a->width_mm == b->width_mm);
    ASSERT(a->height_mm == b->height_mm);
    ASSERT(a->ext_count == b->ext_count);
    for (uint32_t i = 0; i < a->ext_count; i++) {
        ASSERT(bytes_equal(a->ext[i].oid, b->ext[i].oid));
        ASSERT(bytes_equal(a->ext[i].value, b->ext[i].value));
        ASSERT(a->ext[i].critical == b->ext[i].critical);
    }
    ASSERT(bytes_equal(a->maker_cert, b->maker_cert));
    ASSERT(bytes_equal(a->alg, b->alg));
    ASSERT(bytes_equal(a->signature, b->signature));
}

/* v1 is signed as SEQUENCE{info, cert, alg}, each as it stands in the seal; later versions as the info alone. */
static inline void law_seal_signed(const struct ses_seal *seal, uint8_t *buffer, size_t cap) {
    struct bytes over, first, second, third, content;
    struct der top, in;
    uint8_t tag;
    ASSERT(ses_seal_signed(&over, seal, buffer, cap));
    if (seal->version != SES_V1) {
        ASSERT(bytes_equal(over, seal->info));
        return;
    }
    top = der_over(over);
    ASSERT(der_enter(&top, DER_SEQUENCE, &in, NULL));
    ASSERT(der_any(&in, &tag, &content, &first));
    ASSERT(der_any(&in, &tag, &content, &second));
    ASSERT(der_any(&in, &tag, &content, &third));
    ASSERT(der_done(&in));
    ASSERT(der_done(&top));
    ASSERT(bytes_equal(first, seal->info));
    ASSERT(bytes_equal(second, seal->maker_cert_der));
    ASSERT(bytes_equal(third, seal->alg_der));
}

/* True where the bytes are a seal. */
static inline bool law_seal(struct bytes in) {
    static uint8_t info[LAW_BYTES_MAX], whole[LAW_BYTES_MAX];
    static struct ses_seal seal, again;
    char alg[128];
    const char *where = NULL;
    if (!ses_seal_decode(&seal, in, &where)) {
        ASSERT(where[0] != '\0');
        return false;
    }
    ASSERT(where[0] == '\0');
    law_seal_inside(&seal, in);
    ASSERT(seal.whole.len == in.len);
    if (in.len + 64 > LAW_BYTES_MAX) return true;
    law_seal_signed(&seal, info, sizeof info);
    bool ascii = law_ascii(seal.vendor) && law_ascii(seal.id) && law_ascii(seal.picture_type);
    for (uint32_t i = 0; i < seal.list_count; i++) ascii &= law_ascii(seal.list_alg[i]);
    const size_t info_len = ses_info_encode(info, in.len + 64, &seal);
    ASSERT((info_len > 0) == ascii);
    if (info_len == 0 || !der_oid_text(alg, sizeof alg, seal.alg)) return true;
    const size_t len = ses_seal_encode(whole, in.len + 64, bytes_of(info, info_len), seal.maker_cert, alg, seal.signature);
    ASSERT(len > 0);
    ASSERT(ses_seal_decode(&again, bytes_of(whole, len), &where));
    ASSERT(again.version == SES_V4);
    law_seal_same(&seal, &again);
    return true;
}

/* True where the bytes are a signature. */
static inline bool law_signature(struct bytes in) {
    static uint8_t to_sign[LAW_BYTES_MAX], whole[LAW_BYTES_MAX];
    static struct ses_signature sig, again;
    char alg[128];
    const char *where = NULL;
    if (!ses_signature_decode(&sig, in, &where)) {
        ASSERT(where[0] != '\0');
        return false;
    }
    const struct bytes views[] = {sig.whole, sig.to_sign, sig.time_info, sig.data_hash, sig.property, sig.cert, sig.alg, sig.signature, sig.timestamp};
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) law_inside(views[i], in);
    law_seal_inside(&sig.seal, sig.to_sign);
    law_exts_inside(sig.ext, sig.ext_count, sig.to_sign);
    ASSERT(sig.version == sig.seal.version);
    if (in.len + 64 > LAW_BYTES_MAX || !der_oid_text(alg, sizeof alg, sig.alg)) return true;
    if (!sig.has_time) return true;
    const size_t tbs = ses_to_sign_encode(to_sign, in.len + 64, sig.seal.whole, sig.time_ms, sig.data_hash, sig.property);
    ASSERT((tbs > 0) == law_ascii(sig.property) || sig.version == SES_V1); /* v1: Beijing's first eight hours of the year 1 */
    if (tbs == 0) return true;
    const size_t len = ses_signature_encode(whole, in.len + 64, bytes_of(to_sign, tbs), sig.cert, alg, sig.signature);
    ASSERT((len > 0) == (sig.version != SES_V1)); /* no v4 signature holds a v1 seal */
    if (len == 0) return true;
    ASSERT(ses_signature_decode(&again, bytes_of(whole, len), &where));
    ASSERT(again.version == sig.version);
    ASSERT(again.sign_version == SES_V4);
    ASSERT(bytes_equal(again.seal.whole, sig.seal.whole));
    ASSERT(law_seconds(again.time_ms) == law_seconds(sig.time_ms));
    ASSERT(bytes_equal(again.data_hash, sig.data_hash));
    ASSERT(bytes_equal(again.property, sig.property));
    ASSERT(bytes_equal(again.cert, sig.cert));
    ASSERT(bytes_equal(again.alg, sig.alg));
    ASSERT(bytes_equal(again.signature, sig.signature));
    return true;
}

/* True where the bytes are signed data. */
static inline bool law_signed_data(struct bytes in) {
    static struct signed_data data;
    struct bytes parts[2], cert;
    const char *where = NULL;
    if (!signed_data_decode(&data, in, &where)) {
        ASSERT(where[0] != '\0');
        return false;
    }
    const struct bytes views[] = {data.content_type, data.content, data.issuer, data.serial, data.key_id, data.digest_alg, data.sig_alg, data.attrs,
                                  data.attr_content_type, data.attr_digest, data.signature, data.unsigned_timestamp};
    for (size_t i = 0; i < sizeof views / sizeof *views; i++) law_inside(views[i], in);
    ASSERT(data.cert_count <= SIGNED_DATA_CERTS_MAX);
    for (uint32_t i = 0; i < data.cert_count; i++) law_inside(data.certs[i], in);
    ASSERT((data.key_id.len > 0) != (data.issuer.len > 0));
    ASSERT((data.serial.len > 0) == (data.issuer.len > 0));
    ASSERT(data.has_content || data.content.len == 0);
    uint8_t *made = NULL;
    const size_t count = signed_data_signed(parts, &made, &data);
    ASSERT(count == (data.attrs.len > 0 ? 2u : 1u) || (count == 0 && data.encoding & ENCODING_BER));
    ASSERT(!made || data.encoding & ENCODING_BER);
    if (count == 2) {
        ASSERT(parts[0].len == 1);
        ASSERT(parts[0].data[0] == DER_SET);
        if (!made) law_inside(parts[1], data.attrs);
        if (!made) ASSERT(parts[1].len == data.attrs.len - 1);
    }
    free(made);
    if (signed_data_signer(&cert, &data)) law_inside(cert, in);
    return true;
}
#endif
