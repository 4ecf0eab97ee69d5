/* Tokens, seals, signatures and signed data of the seal world. */
#include "crypto/hash.h"
#include "tests/lib/seal_world.h"

#define OID_SIGNED_DATA "1.2.840.113549.1.7.2"
#define OID_SM2_SIGNED_DATA "1.2.156.10197.6.1.4.2.2"
#define OID_SM2_DATA "1.2.156.10197.6.1.4.2.1"
#define OID_TST_INFO "1.2.840.113549.1.9.16.1.4"
#define OID_SM3 "1.2.156.10197.1.401"
#define OID_SHA256 "2.16.840.1.101.3.4.2.1"
#define OID_CONTENT_TYPE "1.2.840.113549.1.9.3"
#define OID_MESSAGE_DIGEST "1.2.840.113549.1.9.4"
#define OID_SIGNING_TIME "1.2.840.113549.1.9.5"
#define OID_TIMESTAMP "1.2.840.113549.1.9.16.2.14"

static struct der_out start(struct sw_bytes *to) { return der_write(to->data, sizeof to->data); }

static void finish(struct sw_bytes *to, const struct der_out *out) {
    ASSERT(!out->full);
    to->len = out->len;
}

static void put_text(struct der_out *out, uint8_t tag, const char *text) { der_put(out, tag, bytes_text(text)); }

static void put_alg(struct der_out *out, const char *oid) {
    size_t mark = der_begin(out, DER_SEQUENCE);
    der_put_oid(out, oid);
    der_put(out, DER_NULL, bytes_of(NULL, 0));
    der_end(out, mark);
}

static void digest(uint8_t out32[32], const char *oid, struct bytes data) {
    if (oid && strcmp(oid, OID_SHA256) == 0) sha256(out32, data.data, data.len);
    else sm3(out32, data.data, data.len);
}

/* --- signed data --- */

struct cms {
    const char *outer, *inner, *attr_type; /* attr_type NULL: inner */
    const struct party *signer, *link, *tsa;
    struct bytes content;
    bool has_content, no_attrs, no_cert, has_time;
    struct bytes attr_digest;
    int64_t time_ms, stamp_ms;
    const char *digest_oid, *alg;
    enum sw_form form;
};

static size_t attr_begin(struct der_out *out, const char *oid, size_t *set) {
    size_t mark = der_begin(out, DER_SEQUENCE);
    der_put_oid(out, oid);
    *set = der_begin(out, DER_SET);
    return mark;
}

static void attr_end(struct der_out *out, size_t mark, size_t set) {
    der_end(out, set);
    der_end(out, mark);
}

static void attrs_make(struct sw_bytes *to, const struct cms *cms) {
    struct der_out out = start(to);
    size_t set, mark, all = der_begin(&out, DER_SET);
    mark = attr_begin(&out, OID_CONTENT_TYPE, &set);
    der_put_oid(&out, cms->attr_type ? cms->attr_type : cms->inner);
    attr_end(&out, mark, set);
    if (cms->has_time) {
        mark = attr_begin(&out, OID_SIGNING_TIME, &set);
        der_put_time(&out, cms->time_ms);
        attr_end(&out, mark, set);
    }
    mark = attr_begin(&out, OID_MESSAGE_DIGEST, &set);
    der_put(&out, DER_OCTET_STRING, cms->attr_digest);
    attr_end(&out, mark, set);
    der_end(&out, all);
    finish(to, &out);
}

static void signer_info(struct der_out *out, const struct cms *cms) {
    static struct sw_bytes attrs, token;
    uint8_t signature[512], *der = NULL;
    attrs_make(&attrs, cms);
    size_t mark = der_begin(out, DER_SEQUENCE), sid;
    der_put_uint(out, 1);
    sid = der_begin(out, DER_SEQUENCE);
    int len = i2d_X509_NAME(X509_get_issuer_name(cms->signer->x509), &der);
    ASSERT(len > 0);
    der_put_raw(out, bytes_of(der, (size_t)len));
    OPENSSL_free(der);
    const ASN1_INTEGER *serial = X509_get0_serialNumber(cms->signer->x509);
    der_put(out, DER_INTEGER, bytes_of(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial)));
    der_end(out, sid);
    put_alg(out, cms->digest_oid);
    size_t sig_len = party_sign(signature, sizeof signature, cms->signer, cms->form, cms->no_attrs ? cms->content : sw_view(&attrs));
    attrs.data[0] = DER_CONTEXT(0);
    if (!cms->no_attrs) der_put_raw(out, sw_view(&attrs));
    put_alg(out, cms->alg);
    der_put(out, DER_OCTET_STRING, bytes_of(signature, sig_len));
    if (cms->tsa) {
        const struct token_wish wish = {.tsa = cms->tsa, .time_ms = cms->stamp_ms, .stamped = bytes_of(signature, sig_len)};
        token_make(&token, &wish);
        size_t set, unsigned_attrs = der_begin(out, DER_CONTEXT(1u)), attr = attr_begin(out, OID_TIMESTAMP, &set);
        der_put_raw(out, sw_view(&token));
        attr_end(out, attr, set);
        der_end(out, unsigned_attrs);
    }
    der_end(out, mark);
}

static void cms_make(struct sw_bytes *to, const struct cms *cms) {
    struct der_out out = start(to);
    size_t all = der_begin(&out, DER_SEQUENCE), tagged, data, mark, inner;
    der_put_oid(&out, cms->outer);
    tagged = der_begin(&out, DER_CONTEXT(0));
    data = der_begin(&out, DER_SEQUENCE);
    der_put_uint(&out, 1);
    mark = der_begin(&out, DER_SET);
    put_alg(&out, cms->digest_oid);
    der_end(&out, mark);
    mark = der_begin(&out, DER_SEQUENCE);
    der_put_oid(&out, cms->inner);
    if (cms->has_content) {
        inner = der_begin(&out, DER_CONTEXT(0));
        der_put(&out, DER_OCTET_STRING, cms->content);
        der_end(&out, inner);
    }
    der_end(&out, mark);
    mark = der_begin(&out, DER_CONTEXT(0));
    if (cms->link) der_put_raw(&out, cms->link->cert);
    if (!cms->no_cert) der_put_raw(&out, cms->signer->cert);
    der_end(&out, mark);
    mark = der_begin(&out, DER_SET);
    signer_info(&out, cms);
    der_end(&out, mark);
    der_end(&out, data);
    der_end(&out, tagged);
    der_end(&out, all);
    finish(to, &out);
}

static const char *alg_of(const struct party *party) {
    if (EVP_PKEY_is_a(party->key, "RSA")) return "1.2.840.113549.1.1.11";
    return EVP_PKEY_is_a(party->key, "EC") ? "1.2.840.10045.4.3.2" : SW_SM2;
}

void signed_data_make(struct sw_bytes *out, const struct data_wish *wish) {
    const struct cms cms = {
        .outer = OID_SM2_SIGNED_DATA, .inner = OID_SM2_DATA, .signer = wish->signer, .link = wish->link, .tsa = wish->tsa, .stamp_ms = wish->stamp_ms,
        .content = wish->content, .has_content = wish->no_attrs && !wish->no_content, .no_attrs = wish->no_attrs, .no_cert = wish->no_cert,
        .has_time = !wish->no_time, .attr_digest = wish->attr_digest, .time_ms = wish->time_ms,
        .digest_oid = wish->digest_oid ? wish->digest_oid : OID_SM3, .alg = wish->alg ? wish->alg : alg_of(wish->signer), .form = wish->form};
    cms_make(out, &cms);
}

void token_make(struct sw_bytes *to, const struct token_wish *wish) {
    static struct sw_bytes info;
    const char *oid = wish->digest_oid ? wish->digest_oid : OID_SM3, *own = alg_of(wish->tsa);
    uint8_t imprint[32], attr_digest[32];
    digest(imprint, oid, wish->stamped);
    struct der_out out = start(&info);
    size_t all = der_begin(&out, DER_SEQUENCE), mark;
    der_put_uint(&out, 1);
    der_put_oid(&out, "1.2.3.4.1");
    mark = der_begin(&out, DER_SEQUENCE);
    put_alg(&out, oid);
    der_put(&out, DER_OCTET_STRING, wish->imprint.len ? wish->imprint : bytes_of(imprint, 32));
    der_end(&out, mark);
    der_put_uint(&out, 42);
    der_put_time(&out, wish->time_ms);
    mark = der_begin(&out, DER_SEQUENCE); /* accuracy: one second */
    der_put_uint(&out, 1);
    der_end(&out, mark);
    der_put_uint(&out, 4711); /* nonce */
    der_end(&out, all);
    finish(&info, &out);
    const char *attr_oid = strcmp(own, SW_SM2) == 0 ? OID_SM3 : OID_SHA256;
    digest(attr_digest, attr_oid, sw_view(&info));
    if (wish->wrong_attr_digest) attr_digest[0] ^= 1;
    const struct cms cms = {.outer = OID_SIGNED_DATA, .inner = OID_TST_INFO, .attr_type = wish->wrong_attr_type ? OID_SM2_DATA : NULL,
                            .signer = wish->tsa, .link = wish->link, .content = sw_view(&info),
                            .has_content = true, .no_attrs = wish->no_attrs, .no_cert = wish->no_cert, .attr_digest = bytes_of(attr_digest, 32),
                            .digest_oid = attr_oid, .alg = own, .form = wish->form};
    cms_make(to, &cms);
}

/* --- seals --- */

static void put_date(struct der_out *out, enum ses_version version, int64_t ms) {
    uint8_t buffer[32];
    struct der_out one = der_write(buffer, sizeof buffer);
    der_put_time(&one, ms); /* 18 0f yyyymmddhhmmssZ */
    if (version == SES_V1) der_put(out, DER_UTC_TIME, bytes_of(buffer + 4, one.len - 4));
    else der_put_raw(out, bytes_of(buffer, one.len));
}

static void put_list(struct der_out *out, const struct seal_wish *wish) {
    size_t list = der_begin(out, DER_SEQUENCE);
    for (size_t i = 0; i < wish->list_count; i++) {
        size_t mark = 0;
        if (wish->list_kind == SES_CERT_DIGESTS) {
            mark = der_begin(out, DER_SEQUENCE);
            put_text(out, DER_PRINTABLE, wish->list_alg);
        }
        der_put(out, DER_OCTET_STRING, wish->list[i]);
        if (wish->list_kind == SES_CERT_DIGESTS) der_end(out, mark);
    }
    der_end(out, list);
}

static void info_make(struct sw_bytes *to, const struct seal_wish *wish) {
    struct der_out out = start(to);
    const int64_t created_ms = wish->created_ms ? wish->created_ms : SW_T0 - 100 * SW_DAY;
    size_t all = der_begin(&out, DER_SEQUENCE), mark = der_begin(&out, DER_SEQUENCE);
    put_text(&out, DER_IA5, "ES");
    der_put_uint(&out, wish->header_version ? wish->header_version : (uint32_t)wish->version);
    put_text(&out, DER_IA5, "LICET.TEST");
    der_end(&out, mark);
    put_text(&out, DER_IA5, "32010600000001");
    mark = der_begin(&out, DER_SEQUENCE);
    der_put_uint(&out, 1);
    put_text(&out, DER_UTF8, "测试专用章");
    if (wish->version != SES_V1) der_put_uint(&out, wish->list_kind ? (uint32_t)wish->list_kind : SES_CERTS);
    put_list(&out, wish);
    put_date(&out, wish->version, created_ms);
    put_date(&out, wish->version, wish->from_ms ? wish->from_ms : created_ms);
    put_date(&out, wish->version, wish->to_ms ? wish->to_ms : SW_T0 + SW_YEAR);
    der_end(&out, mark);
    mark = der_begin(&out, DER_SEQUENCE);
    put_text(&out, DER_IA5, "png");
    put_text(&out, DER_OCTET_STRING, "no picture");
    der_put_uint(&out, 40);
    der_put_uint(&out, 40);
    der_end(&out, mark);
    der_end(&out, all);
    finish(to, &out);
}

static void put_maker(struct der_out *out, const struct seal_wish *wish) {
    der_put(out, DER_OCTET_STRING, wish->maker_cert.len ? wish->maker_cert : wish->maker->cert);
    der_put_oid(out, wish->alg ? wish->alg : alg_of(wish->maker));
}

static void put_token(struct der_out *out, struct bytes token, const struct party *tsa, int64_t stamp_ms, struct bytes signature) {
    static struct sw_bytes made;
    if (tsa) {
        const struct token_wish wish = {.tsa = tsa, .time_ms = stamp_ms, .stamped = signature};
        token_make(&made, &wish);
        token = sw_view(&made);
    }
    if (token.len == 0) return;
    size_t mark = der_begin(out, DER_CONTEXT(0));
    der_put_bits(out, token);
    der_end(out, mark);
}

void sw_seal_make(struct sw_bytes *to, const struct seal_wish *wish) {
    static struct sw_bytes info, three;
    uint8_t signature[512];
    const bool v1 = wish->version == SES_V1;
    info_make(&info, wish);
    struct der_out out = start(&three);
    size_t mark = der_begin(&out, DER_SEQUENCE), inner = 0;
    der_put_raw(&out, sw_view(&info));
    put_maker(&out, wish);
    der_end(&out, mark);
    finish(&three, &out);
    size_t len = party_sign(signature, sizeof signature, wish->maker, wish->form, v1 != wish->over_info ? sw_view(&three) : sw_view(&info));
    out = start(to);
    mark = der_begin(&out, DER_SEQUENCE);
    der_put_raw(&out, sw_view(&info));
    if (v1) inner = der_begin(&out, DER_SEQUENCE);
    put_maker(&out, wish);
    der_put_bits(&out, bytes_of(signature, len));
    if (v1) der_end(&out, inner);
    else put_token(&out, wish->token, wish->tsa, wish->stamp_ms, bytes_of(signature, len));
    der_end(&out, mark);
    finish(to, &out);
}

static void put_signer(struct der_out *out, const struct sign_wish *wish) {
    der_put(out, DER_OCTET_STRING, wish->signer_cert.len ? wish->signer_cert : wish->signer->cert);
    der_put_oid(out, wish->alg ? wish->alg : alg_of(wish->signer));
}

void signature_make(struct sw_bytes *to, const struct sign_wish *wish) {
    static struct sw_bytes tbs;
    uint8_t signature[512], time[32];
    const bool v1 = wish->version == SES_V1;
    struct der_out one = der_write(time, sizeof time), out = start(&tbs);
    put_date(&one, wish->version, wish->time_ms);
    size_t mark = der_begin(&out, DER_SEQUENCE);
    der_put_uint(&out, wish->sign_version ? wish->sign_version : (uint32_t)wish->version);
    der_put_raw(&out, wish->seal);
    if (v1) der_put_bits(&out, wish->time_info.len ? wish->time_info : bytes_of(time, one.len));
    else der_put_raw(&out, bytes_of(time, one.len));
    der_put_bits(&out, wish->data_hash);
    put_text(&out, DER_IA5, "/Doc_0/Signs/Sign_0/Signature.xml");
    if (v1) put_signer(&out, wish);
    der_end(&out, mark);
    finish(&tbs, &out);
    size_t len = party_sign(signature, sizeof signature, wish->signer, wish->form, sw_view(&tbs));
    out = start(to);
    mark = der_begin(&out, DER_SEQUENCE);
    der_put_raw(&out, sw_view(&tbs));
    if (!v1) put_signer(&out, wish);
    der_put_bits(&out, bytes_of(signature, len));
    if (!v1) put_token(&out, wish->token, wish->tsa, wish->stamp_ms, bytes_of(signature, len));
    der_end(&out, mark);
    finish(to, &out);
}
