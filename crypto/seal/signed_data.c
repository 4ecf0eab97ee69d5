#include "crypto/seal/signed_data.h"

#define OID_SM2_SIGNED_DATA "1.2.156.10197.6.1.4.2.2"
#define OID_SIGNED_DATA "1.2.840.113549.1.7.2"
#define OID_CONTENT_TYPE "1.2.840.113549.1.9.3"
#define OID_MESSAGE_DIGEST "1.2.840.113549.1.9.4"
#define OID_SIGNING_TIME "1.2.840.113549.1.9.5"
#define OID_TIMESTAMP "1.2.840.113549.1.9.16.2.14"
#define OID_SUBJECT_KEY_ID "2.5.29.14"
#define DER_KEY_ID 0x80u         /* [0] IMPLICIT OCTET STRING */
#define ATTRS_SIGNED DER_CONTEXT(0u)
#define ATTRS_UNSIGNED DER_CONTEXT(1u)
#define CERT_VERSION_MAX 2u
#define ISSUER_MAX 4096u         /* bytes of a name that is written again */

static bool signed_data_no(const char **where, const char *part) {
    *where = part;
    return false;
}

/* Whole elements up to the end, whatever they are; there are at most max. */
static bool skip_rest(struct der *der, uint32_t max) {
    struct bytes content;
    uint8_t tag;
    for (uint32_t i = 0; der_peek(der) != 0; i++) {
        if (i == max || !der_any(der, &tag, &content, NULL)) return false;
    }
    return der_done(der);
}

/* AlgorithmIdentifier: the parameters, NULL or absent with all that we know, are left to who uses the algorithm. */
static bool algorithm(struct der *der, struct bytes *oid) {
    struct der in;
    return der_enter(der, DER_SEQUENCE, &in, NULL) && der_oid(&in, oid, NULL) && skip_rest(&in, 1);
}

/* --- attributes --- */

/* The one value of an attribute that is understood; had: it was there already. */
static bool one_value(struct der *values, uint8_t tag, bool had, struct bytes *content, struct bytes *whole) {
    return !had && der_take(values, tag, content, whole) && der_done(values);
}

static bool signed_attr(struct signed_data *out, struct bytes oid, struct der *values) {
    if (der_oid_is(oid, OID_CONTENT_TYPE)) {
        const bool had = out->attr_content_type.data != NULL;
        return !had && der_oid(values, &out->attr_content_type, NULL) && der_done(values);
    }
    if (der_oid_is(oid, OID_MESSAGE_DIGEST)) return one_value(values, DER_OCTET_STRING, out->attr_digest.data != NULL, &out->attr_digest, NULL);
    if (der_oid_is(oid, OID_SIGNING_TIME)) {
        const bool had = out->has_time;
        out->has_time = true;
        return !had && der_time(values, &out->time_ms) && der_done(values);
    }
    return skip_rest(values, SIGNED_DATA_ATTRS_MAX);
}

static bool unsigned_attr(struct signed_data *out, struct bytes oid, struct der *values) {
    struct bytes content;
    if (!der_oid_is(oid, OID_TIMESTAMP)) return skip_rest(values, SIGNED_DATA_ATTRS_MAX);
    return one_value(values, DER_SEQUENCE, out->unsigned_timestamp.data != NULL, &content, &out->unsigned_timestamp);
}

static bool attrs_decode(struct signed_data *out, struct der *info, uint8_t tag, struct bytes *whole) {
    struct der list, attr, values;
    struct bytes oid;
    if (!der_enter(info, tag, &list, whole)) return false;
    for (uint32_t i = 0; der_peek(&list) != 0; i++) {
        if (i == SIGNED_DATA_ATTRS_MAX || !der_enter(&list, DER_SEQUENCE, &attr, NULL) || !der_oid(&attr, &oid, NULL)) return false;
        if (!der_enter(&attr, DER_SET, &values, NULL) || !der_done(&attr)) return false;
        if (tag == ATTRS_SIGNED ? !signed_attr(out, oid, &values) : !unsigned_attr(out, oid, &values)) return false;
    }
    return der_done(&list);
}

/* --- the parts --- */

static bool content_decode(struct signed_data *out, struct der *data) {
    struct der info, tagged;
    if (!der_enter(data, DER_SEQUENCE, &info, NULL) || !der_oid(&info, &out->content_type, NULL)) return false;
    if (der_peek(&info) == 0) return der_done(&info);
    out->has_content = true;
    return der_enter(&info, DER_CONTEXT(0), &tagged, NULL) && der_octets(&tagged, &out->content) && der_done(&tagged) && der_done(&info);
}

static bool certs_decode(struct signed_data *out, struct der *data) {
    struct der list;
    struct bytes content;
    if (!der_enter(data, DER_CONTEXT(0), &list, NULL)) return false;
    while (der_peek(&list) != 0) {
        if (out->cert_count == SIGNED_DATA_CERTS_MAX || !der_take(&list, DER_SEQUENCE, &content, &out->certs[out->cert_count])) return false;
        out->cert_count++;
    }
    return der_done(&list);
}

static bool crls_decode(struct der *data) {
    struct der list;
    return der_enter(data, DER_CONTEXT(1u), &list, NULL) && skip_rest(&list, SIGNED_DATA_CERTS_MAX);
}

static bool digests_decode(struct der *data) {
    struct der list;
    struct bytes oid;
    if (!der_enter(data, DER_SET, &list, NULL)) return false;
    for (uint32_t i = 0; der_peek(&list) != 0; i++) {
        if (i == SIGNED_DATA_CERTS_MAX || !algorithm(&list, &oid)) return false;
    }
    return der_done(&list);
}

static bool signer_id_decode(struct signed_data *out, struct der *info) {
    struct der in;
    struct bytes content;
    if (der_peek(info) == DER_KEY_ID) return der_take(info, DER_KEY_ID, &out->key_id, NULL) && out->key_id.len > 0;
    return der_enter(info, DER_SEQUENCE, &in, NULL) && der_take(&in, DER_SEQUENCE, &content, &out->issuer) &&
           der_take(&in, DER_INTEGER, &out->serial, NULL) && out->serial.len > 0 && der_done(&in);
}

static bool signed_data_signer_decode(struct signed_data *out, struct der *infos, const char **where) {
    struct der in;
    uint32_t version;
    if (!der_enter(infos, DER_SEQUENCE, &in, NULL)) return signed_data_no(where, "signerInfo");
    if (!der_uint(&in, &version) || (version != 1 && version != 3)) return signed_data_no(where, "signerInfo.version");
    if (!signer_id_decode(out, &in)) return signed_data_no(where, "signerInfo.sid");
    if (!algorithm(&in, &out->digest_alg)) return signed_data_no(where, "signerInfo.digestAlgorithm");
    if (der_peek(&in) == ATTRS_SIGNED) {
        if (!attrs_decode(out, &in, ATTRS_SIGNED, &out->attrs)) return signed_data_no(where, "signerInfo.signedAttrs");
        if (!out->attr_content_type.data || !out->attr_digest.data) return signed_data_no(where, "signerInfo.signedAttrs");
    }
    if (!algorithm(&in, &out->sig_alg)) return signed_data_no(where, "signerInfo.signatureAlgorithm");
    if (!der_octets(&in, &out->signature)) return signed_data_no(where, "signerInfo.signature");
    if (der_peek(&in) != 0 && !attrs_decode(out, &in, ATTRS_UNSIGNED, NULL)) return signed_data_no(where, "signerInfo.unsignedAttrs");
    return der_done(&in) || signed_data_no(where, "signerInfo");
}

/* SignedData itself: GB/T 35275 has version 1, RFC 5652 1 to 5. */
static bool data_decode(struct signed_data *out, struct der *in, const char **where) {
    struct der infos;
    uint32_t version;
    if (!der_uint(in, &version) || version < 1 || version > 5) return signed_data_no(where, "signedData.version");
    if (!digests_decode(in)) return signed_data_no(where, "signedData.digestAlgorithms");
    if (!content_decode(out, in)) return signed_data_no(where, "signedData.contentInfo");
    if (der_peek(in) == DER_CONTEXT(0) && !certs_decode(out, in)) return signed_data_no(where, "signedData.certificates");
    if (der_peek(in) == DER_CONTEXT(1u) && !crls_decode(in)) return signed_data_no(where, "signedData.crls");
    if (!der_enter(in, DER_SET, &infos, NULL)) return signed_data_no(where, "signedData.signerInfos");
    if (!signed_data_signer_decode(out, &infos, where)) return false;
    return der_done(&infos) || signed_data_no(where, "signedData.signerInfos");
}

bool signed_data_decode(struct signed_data *out, struct bytes der, const char **where) {
    struct lenient lenient = {.may = ENCODING_BER | ENCODING_TIME, .seen = ENCODING_NONE};
    struct der top = der_over_lenient(der, &lenient), info, tagged, in;
    struct bytes type;
    memset(out, 0, sizeof *out);
    *where = "";
    if (der.len > SIGNED_DATA_MAX || !der_enter(&top, DER_SEQUENCE, &info, NULL) || !der_done(&top)) return signed_data_no(where, "contentInfo");
    if (!der_oid(&info, &type, NULL)) return signed_data_no(where, "contentInfo.contentType");
    if (!der_oid_is(type, OID_SM2_SIGNED_DATA) && !der_oid_is(type, OID_SIGNED_DATA)) return signed_data_no(where, "contentInfo.contentType");
    if (!der_enter(&info, DER_CONTEXT(0), &tagged, NULL) || !der_done(&info)) return signed_data_no(where, "contentInfo.content");
    if (!der_enter(&tagged, DER_SEQUENCE, &in, NULL) || !der_done(&tagged)) return signed_data_no(where, "contentInfo.content");
    if (!data_decode(out, &in, where)) return false;
    out->encoding = lenient.seen;
    return der_done(&in) || signed_data_no(where, "signedData");
}

size_t signed_data_signed(struct bytes parts[2], uint8_t **made, const struct signed_data *data) {
    static const uint8_t set_tag[1] = {DER_SET}; /* RFC 5652 5.4: signed as the SET OF that they are, not under the tag they are sent with */
    struct bytes attrs = data->attrs;
    *made = NULL;
    if (attrs.len == 0) {
        parts[0] = data->content;
        return 1;
    }
    if (data->encoding & ENCODING_BER) {
        const size_t cap = 2 * attrs.len + 8; /* an element grows by 2 bytes at most, and has at least 2 */
        *made = malloc(cap);
        ASSERT(*made);
        struct der_out out = der_write(*made, cap);
        if (!der_put_again(&out, attrs)) {
            free(*made);
            *made = NULL;
            return 0;
        }
        attrs = bytes_of(out.data, out.len);
    }
    parts[0] = bytes_of(set_tag, 1);
    parts[1] = bytes_of(attrs.data + 1, attrs.len - 1);
    return 2;
}

/* --- whose certificate --- */

/* What a certificate says of whose it is. */
struct cert_ids {
    struct bytes issuer, serial, key_id;
};

/* The extensions at the end of TBSCertificate: only the subject key identifier is looked for. */
static bool key_id_find(struct cert_ids *out, struct der *tbs) {
    struct der tagged, list, ext, inner;
    struct bytes oid, value;
    bool critical;
    if (!der_enter(tbs, DER_CONTEXT(3u), &tagged, NULL) || !der_enter(&tagged, DER_SEQUENCE, &list, NULL)) return false;
    while (der_peek(&list) != 0) {
        if (!der_enter(&list, DER_SEQUENCE, &ext, NULL) || !der_oid(&ext, &oid, NULL)) return false;
        if (der_peek(&ext) == DER_BOOLEAN && !der_bool(&ext, &critical)) return false;
        if (!der_take(&ext, DER_OCTET_STRING, &value, NULL)) return false;
        if (!der_oid_is(oid, OID_SUBJECT_KEY_ID)) continue;
        inner = der_over(value);
        return der_take(&inner, DER_OCTET_STRING, &out->key_id, NULL) && der_done(&inner);
    }
    return false;
}

/* Reads just far enough: whether the certificate is one at all is for who uses it. */
static bool cert_ids_read(struct cert_ids *out, struct bytes cert) {
    struct der top = der_over(cert), in, tbs, version;
    struct bytes content;
    uint32_t number;
    uint8_t tag;
    memset(out, 0, sizeof *out);
    if (!der_enter(&top, DER_SEQUENCE, &in, NULL) || !der_enter(&in, DER_SEQUENCE, &tbs, NULL)) return false;
    if (der_peek(&tbs) == DER_CONTEXT(0)) {
        if (!der_enter(&tbs, DER_CONTEXT(0), &version, NULL) || !der_uint(&version, &number) || number > CERT_VERSION_MAX) return false;
    }
    if (!der_take(&tbs, DER_INTEGER, &out->serial, NULL) || !der_take(&tbs, DER_SEQUENCE, &content, NULL)) return false;
    if (!der_take(&tbs, DER_SEQUENCE, &content, &out->issuer)) return false;
    /* validity, subject, key, and unique ids that nobody writes */
    while (der_peek(&tbs) != 0 && der_peek(&tbs) != DER_CONTEXT(3u)) {
        if (!der_any(&tbs, &tag, &content, NULL)) return false;
    }
    (void)key_id_find(out, &tbs); /* without one it is still found by issuer and serial */
    return true;
}

/* The signer's issuer is written with the signed data, and may be BER where the certificate has DER. */
static bool issuer_is(struct bytes issuer, const struct signed_data *data) {
    uint8_t buffer[ISSUER_MAX];
    struct der_out out = der_write(buffer, sizeof buffer);
    if (bytes_equal(issuer, data->issuer)) return true;
    return data->encoding & ENCODING_BER && der_put_again(&out, data->issuer) && bytes_equal(issuer, bytes_of(out.data, out.len));
}

bool signed_data_signer(struct bytes *cert, const struct signed_data *data) {
    struct cert_ids ids;
    for (uint32_t i = 0; i < data->cert_count; i++) {
        if (!cert_ids_read(&ids, data->certs[i])) continue;
        const bool fits = data->key_id.len > 0 ? bytes_equal(ids.key_id, data->key_id)
                                               : issuer_is(ids.issuer, data) && bytes_equal(ids.serial, data->serial);
        if (!fits) continue;
        *cert = data->certs[i];
        return true;
    }
    return false;
}
