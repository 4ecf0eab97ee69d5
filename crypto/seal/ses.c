#include "crypto/seal/ses.h"

/* BER is none of it: SES is DER, and its makers write lengths so. */
#define TOLERATED (ENCODING_TIME | ENCODING_BITS | ENCODING_PADDING)

/* Names the part that is not of the format. */
static bool ses_no(const char **where, const char *part) {
    *where = part;
    return false;
}

static uint32_t fields_count(struct der der) {
    struct bytes content;
    uint8_t tag;
    uint32_t count = 0;
    while (der_peek(&der) != 0 && der_any(&der, &tag, &content, NULL)) count++;
    return count;
}

/* GeneralizedTime since v4; before, UTCTime, and some vendors wrote GeneralizedTime then too. What others wrote after it is noted. */
static bool date(struct der *der, enum ses_version version, int64_t *ms) {
    if (version != SES_V1 && der_peek(der) == DER_UTC_TIME) der->lenient->seen |= ENCODING_TIME;
    return der_time(der, ms);
}

/* [0] EXPLICIT BIT STRING at the end of a structure, or nothing. */
static bool token_decode(struct bytes *token, struct der *der) {
    struct der inside;
    if (der_peek(der) == 0) return !der->bad;
    return der_enter(der, DER_CONTEXT(0), &inside, NULL) && der_bits(&inside, token) && der_done(&inside);
}

static bool ext_decode(struct ses_ext *ext, struct der *der) {
    struct der inside;
    ext->critical = false;
    return der_enter(der, DER_SEQUENCE, &inside, NULL) && der_oid(&inside, &ext->oid, NULL) &&
           (der_peek(&inside) != DER_BOOLEAN || der_bool(&inside, &ext->critical)) && der_take(&inside, DER_OCTET_STRING, &ext->value, NULL) &&
           der_done(&inside);
}

/* extDatas at the end of a structure, or nothing. Standard: [0] EXPLICIT; tax seals of several provinces: the SEQUENCE bare. */
static bool exts_decode(struct ses_ext ext[SES_EXT_MAX], uint32_t *count, struct der *der) {
    struct der tagged, list;
    const bool bare = der_peek(der) == DER_SEQUENCE;
    *count = 0;
    if (der_peek(der) == 0) return !der->bad;
    if (!bare && !der_enter(der, DER_CONTEXT(0), &tagged, NULL)) return false;
    if (!der_enter(bare ? der : &tagged, DER_SEQUENCE, &list, NULL) || (!bare && !der_done(&tagged))) return false;
    while (der_peek(&list) != 0) {
        if (*count == SES_EXT_MAX || !ext_decode(&ext[*count], &list)) return false;
        ++*count;
    }
    return der_done(&list);
}

/* --- the seal --- */

static bool header_decode(struct ses_seal *out, struct der *info, const char **where) {
    struct der in;
    struct bytes magic;
    if (!der_enter(info, DER_SEQUENCE, &in, NULL)) return ses_no(where, "header");
    if (!der_text(&in, &magic) || !bytes_equal(magic, bytes_text("ES"))) return ses_no(where, "header.ID");
    if (!der_uint(&in, &out->header_version)) return ses_no(where, "header.version");
    if (!der_text(&in, &out->vendor)) return ses_no(where, "header.Vid");
    return der_done(&in) || ses_no(where, "header");
}

static bool digest_decode(struct ses_seal *out, struct der *list) {
    struct der in;
    return der_enter(list, DER_SEQUENCE, &in, NULL) && der_text(&in, &out->list_alg[out->list_count]) &&
           der_take(&in, DER_OCTET_STRING, &out->list[out->list_count], NULL) && der_done(&in);
}

static bool list_decode(struct ses_seal *out, struct der *property) {
    struct der list;
    if (!der_enter(property, DER_SEQUENCE, &list, NULL)) return false;
    while (der_peek(&list) != 0) {
        if (out->list_count == SES_CERTS_MAX) return false;
        if (out->list_kind == SES_CERTS ? !der_take(&list, DER_OCTET_STRING, &out->list[out->list_count], NULL) : !digest_decode(out, &list)) return false;
        out->list_count++;
    }
    return der_done(&list);
}

static bool property_decode(struct ses_seal *out, struct der *info, const char **where) {
    struct der in;
    uint32_t kind = SES_CERTS; /* v1 has no other */
    if (!der_enter(info, DER_SEQUENCE, &in, NULL)) return ses_no(where, "property");
    if (!der_uint(&in, &out->type)) return ses_no(where, "property.type");
    if (!der_text(&in, &out->name)) return ses_no(where, "property.name");
    if (out->version != SES_V1 && (!der_uint(&in, &kind) || (kind != SES_CERTS && kind != SES_CERT_DIGESTS))) return ses_no(where, "property.certListType");
    out->list_kind = kind == SES_CERTS ? SES_CERTS : SES_CERT_DIGESTS;
    if (!list_decode(out, &in)) return ses_no(where, "property.certList");
    if (!date(&in, out->version, &out->created_ms)) return ses_no(where, "property.createDate");
    if (!date(&in, out->version, &out->from_ms)) return ses_no(where, "property.validStart");
    if (!date(&in, out->version, &out->to_ms)) return ses_no(where, "property.validEnd");
    return der_done(&in) || ses_no(where, "property");
}

static bool picture_decode(struct ses_seal *out, struct der *info, const char **where) {
    struct der in;
    if (!der_enter(info, DER_SEQUENCE, &in, NULL)) return ses_no(where, "picture");
    if (!der_text(&in, &out->picture_type)) return ses_no(where, "picture.type");
    if (!der_take(&in, DER_OCTET_STRING, &out->picture, NULL)) return ses_no(where, "picture.data");
    if (!der_uint(&in, &out->width_mm)) return ses_no(where, "picture.width");
    if (!der_uint(&in, &out->height_mm)) return ses_no(where, "picture.height");
    return der_done(&in) || ses_no(where, "picture");
}

/* The version decides how the property reads, and is known by the header and the seal's fields alone. */
static bool info_decode(struct ses_seal *out, struct der *seal, uint32_t fields, const char **where) {
    struct der in;
    if (!der_enter(seal, DER_SEQUENCE, &in, &out->info)) return ses_no(where, "eSealInfo");
    if (!header_decode(out, &in, where)) return false;
    out->version = fields == 2 ? SES_V1 : fields == 5 || out->header_version == 5 ? SES_V5 : SES_V4;
    if (!der_text(&in, &out->id) || out->id.len == 0 || out->id.len > SES_ID_MAX) return ses_no(where, "esID");
    if (!property_decode(out, &in, where) || !picture_decode(out, &in, where)) return false;
    if (!exts_decode(out->ext, &out->ext_count, &in)) return ses_no(where, "eSealInfo.extDatas");
    return der_done(&in) || ses_no(where, "eSealInfo");
}

/* Certificate, algorithm, signature: the end of every seal, in v1 within a SEQUENCE of its own. */
static bool maker_decode(struct ses_seal *out, struct der *in, const char **where) {
    if (!der_take(in, DER_OCTET_STRING, &out->maker_cert, &out->maker_cert_der)) return ses_no(where, "SESeal.cert");
    if (!der_oid(in, &out->alg, &out->alg_der)) return ses_no(where, "SESeal.signAlgID");
    return der_bits_part(in, &out->signature, &out->signature_unused) || ses_no(where, "SESeal.signedValue");
}

bool ses_seal_decode(struct ses_seal *out, struct bytes der, const char **where) {
    struct lenient lenient = {.may = TOLERATED, .seen = ENCODING_NONE};
    struct der top = der_over_lenient(der, &lenient), in, maker;
    memset(out, 0, sizeof *out);
    *where = "";
    if (der.len > SES_SEAL_MAX || !der_enter(&top, DER_SEQUENCE, &in, &out->whole) || !der_done(&top)) return ses_no(where, "SESeal");
    const uint32_t fields = fields_count(in);
    if (fields != 2 && fields != 4 && fields != 5) return ses_no(where, "SESeal");
    if (!info_decode(out, &in, fields, where)) return false;
    if (out->version == SES_V1) {
        if (!der_enter(&in, DER_SEQUENCE, &maker, NULL)) return ses_no(where, "signInfo");
        if (!maker_decode(out, &maker, where)) return false;
        if (!der_done(&maker)) return ses_no(where, "signInfo");
    } else {
        if (!maker_decode(out, &in, where)) return false;
        if (!token_decode(&out->timestamp, &in)) return ses_no(where, "SESeal.timeStamp");
    }
    out->encoding = lenient.seen;
    return der_done(&in) || ses_no(where, "SESeal");
}

bool ses_seal_signed(struct bytes *out, const struct ses_seal *seal, uint8_t *buffer, size_t cap) {
    if (seal->version != SES_V1) {
        *out = seal->info;
        return true;
    }
    struct der_out to = der_write(buffer, cap);
    const size_t mark = der_begin(&to, DER_SEQUENCE);
    der_put_raw(&to, seal->info);
    der_put_raw(&to, seal->maker_cert_der);
    der_put_raw(&to, seal->alg_der);
    der_end(&to, mark);
    *out = bytes_of(to.data, to.len);
    return !to.full;
}

/* --- the signature --- */

/* v1 leaves the form of timeInfo open. What it may be is tried from the narrowest to the widest; none of them is no fault of the format. */
static void time_info_read(struct ses_signature *out, struct lenient *lenient) {
    struct der as_time = der_over_lenient(out->time_info, lenient), as_token = der_over(out->time_info);
    struct bytes content;
    if (der_time(&as_time, &out->time_ms) && der_done(&as_time)) out->has_time = true;
    else if (ses_time_text(&out->time_ms, out->time_info)) out->has_time = true;
    else if (der_take(&as_token, DER_SEQUENCE, &content, NULL) && der_done(&as_token)) out->timestamp = out->time_info;
}

static bool ses_signer_decode(struct ses_signature *out, struct der *in, const char **where) {
    if (!der_take(in, DER_OCTET_STRING, &out->cert, NULL)) return ses_no(where, "SES_Signature.cert");
    return der_oid(in, &out->alg, NULL) || ses_no(where, "SES_Signature.signatureAlgID");
}

static bool tbs_decode(struct ses_signature *out, struct der *in, const char **where) {
    struct bytes content, seal;
    const bool v1 = out->version == SES_V1;
    if (!der_uint(in, &out->sign_version)) return ses_no(where, "toSign.version");
    if (!der_take(in, DER_SEQUENCE, &content, &seal)) return ses_no(where, "toSign.eseal");
    if (!ses_seal_decode(&out->seal, seal, where)) return false;
    if ((out->seal.version == SES_V1) != v1) return ses_no(where, "toSign.eseal"); /* a seal of one standard in a signature of another */
    if (!v1) out->version = out->seal.version;
    if (v1) {
        if (!der_bits(in, &out->time_info)) return ses_no(where, "toSign.timeInfo");
        time_info_read(out, in->lenient);
    } else {
        if (!date(in, out->version, &out->time_ms)) return ses_no(where, "toSign.timeInfo");
        out->has_time = true;
    }
    if (!der_bits_part(in, &out->data_hash, &out->data_hash_unused)) return ses_no(where, "toSign.dataHash");
    if (!der_text(in, &out->property)) return ses_no(where, "toSign.propertyInfo");
    if (v1) return ses_signer_decode(out, in, where);
    return exts_decode(out->ext, &out->ext_count, in) || ses_no(where, "toSign.extDatas");
}

bool ses_signature_decode(struct ses_signature *out, struct bytes der, const char **where) {
    struct lenient lenient = {.may = TOLERATED, .seen = ENCODING_NONE};
    struct der top = der_over_lenient(der, &lenient), in, tbs;
    memset(out, 0, sizeof *out);
    *where = "";
    if (der.len > SES_SIGNATURE_MAX || !der_enter(&top, DER_SEQUENCE, &in, &out->whole) || !der_done(&top)) return ses_no(where, "SES_Signature");
    const uint32_t fields = fields_count(in);
    if (fields != 2 && fields != 4 && fields != 5) return ses_no(where, "SES_Signature");
    out->version = fields == 2 ? SES_V1 : SES_V4;
    if (!der_enter(&in, DER_SEQUENCE, &tbs, &out->to_sign)) return ses_no(where, "toSign");
    if (!tbs_decode(out, &tbs, where)) return false;
    if (!der_done(&tbs)) return ses_no(where, "toSign");
    if (fields != 2 && !ses_signer_decode(out, &in, where)) return false;
    if (!der_bits_part(&in, &out->signature, &out->signature_unused)) return ses_no(where, "SES_Signature.signature");
    if (fields != 2 && !token_decode(&out->timestamp, &in)) return ses_no(where, "SES_Signature.timeStamp");
    out->encoding = lenient.seen;
    return der_done(&in) || ses_no(where, "SES_Signature");
}
