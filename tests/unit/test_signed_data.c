/* Signed data: GB/T 35275 and RFC 5652 against vectors made by another program, what is refused, and a signature of a production system. */
#include "tests/lib/seal.h"

static struct signed_data data_of(struct bytes der) {
    struct signed_data data;
    const char *where = "";
    if (!signed_data_decode(&data, der, &where)) fail_msg("no signed data: %s", where);
    return data;
}

static void assert_oid(struct bytes oid, const char *dotted) { assert_true(der_oid_is(oid, dotted)); }

static void with_attributes(void **state) {
    (void)state;
    const struct vector v = vector_load("seal", "data_attrs");
    const struct signed_data data = data_of(vector_bytes(&v));
    uint8_t joined[1024];
    struct bytes parts[2], cert;
    uint8_t *made;
    assert_oid(data.content_type, "1.2.156.10197.6.1.4.2.1");
    assert_false(data.has_content);
    assert_int_equal(data.content.len, 0);
    assert_int_equal(data.cert_count, 2);
    assert_view_vector(data.certs[0], "other");
    assert_view_vector(data.certs[1], "signer");
    assert_true(bytes_equal(data.serial, bytes_of("\x00\x81", 2)));
    assert_int_equal(data.issuer.data[0], DER_SEQUENCE);
    assert_int_equal(data.key_id.len, 0);
    assert_oid(data.digest_alg, "1.2.156.10197.1.401");
    assert_oid(data.sig_alg, "1.2.156.10197.1.301.1");
    assert_oid(data.attr_content_type, "1.2.156.10197.6.1.4.2.1");
    assert_int_equal(data.attr_digest.len, 32);
    assert_true(data.has_time);
    assert_int_equal(data.time_ms, 1640995199000);
    assert_view_vector(data.signature, "rs");
    assert_int_equal(data.unsigned_timestamp.len, 0);
    assert_int_equal(signed_data_signed(parts, &made, &data), 2);
    memcpy(joined, parts[0].data, parts[0].len);
    memcpy(joined + parts[0].len, parts[1].data, parts[1].len);
    assert_vector("seal", "data_attrs_signed", joined, parts[0].len + parts[1].len);
    assert_true(signed_data_signer(&cert, &data));
    assert_view_vector(cert, "signer"); /* the other one has the same issuer */
}

static void without_attributes(void **state) {
    (void)state;
    const struct vector v = vector_load("seal", "data_plain");
    const struct signed_data data = data_of(vector_bytes(&v));
    struct bytes parts[2];
    uint8_t *made;
    assert_true(data.has_content);
    assert_true(bytes_equal(data.content, bytes_of(fill(0x40), 32)));
    assert_int_equal(data.attrs.len, 0);
    assert_false(data.has_time);
    assert_view_vector(data.signature, "raw");
    assert_int_equal(signed_data_signed(parts, &made, &data), 1);
    assert_true(bytes_equal(parts[0], data.content));
}

static void by_key_id(void **state) {
    (void)state;
    const struct vector v = vector_load("seal", "data_key_id");
    struct signed_data data = data_of(vector_bytes(&v));
    struct bytes cert;
    assert_oid(data.content_type, "1.2.840.113549.1.9.16.1.4");
    assert_view_vector(data.content, "token");
    assert_int_equal(data.cert_count, 3);
    assert_true(bytes_equal(data.key_id, bytes_of(fill(0x70), 20)));
    assert_int_equal(data.issuer.len, 0);
    assert_int_equal(data.serial.len, 0);
    assert_oid(data.digest_alg, "2.16.840.1.101.3.4.2.1");
    assert_oid(data.sig_alg, "1.2.840.10045.4.3.2");
    assert_true(bytes_equal(data.attr_digest, bytes_of(fill(0x40), 32)));
    assert_view_vector(data.unsigned_timestamp, "token");
    assert_true(signed_data_signer(&cert, &data));
    assert_view_vector(cert, "signer");
    data.cert_count = 2;
    assert_false(signed_data_signer(&cert, &data)); /* its certificate is the third */
    data.cert_count = 0;
    assert_false(signed_data_signer(&cert, &data));
}

/* Signed data of the second form, with parts to be varied. */
struct parts {
    const char *kind, *content_type;
    unsigned version, signer_version, signers, certs, digest_values;
    bool no_type, no_digest, digest_twice, time_twice, token_twice;
};
static void put_attr(struct der_out *out, const char *oid, uint8_t tag, const char *value, unsigned values) {
    const size_t attr = der_begin(out, DER_SEQUENCE);
    der_put_oid(out, oid);
    const size_t set = der_begin(out, DER_SET);
    for (unsigned i = 0; i < values; i++) {
        if (tag == DER_OID) der_put_oid(out, value);
        else der_put(out, tag, bytes_text(value));
    }
    der_end(out, set);
    der_end(out, attr);
}
static void put_alg(struct der_out *out, const char *oid) {
    const size_t mark = der_begin(out, DER_SEQUENCE);
    der_put_oid(out, oid);
    der_end(out, mark);
}
static void put_signer(struct der_out *out, const struct parts *p) {
    const size_t info = der_begin(out, DER_SEQUENCE);
    der_put_uint(out, p->signer_version);
    der_put(out, 0x80, bytes_text("key"));
    put_alg(out, "1.2.156.10197.1.401");
    const size_t attrs = der_begin(out, 0xA0);
    if (!p->no_type) put_attr(out, "1.2.840.113549.1.9.3", DER_OID, "1.2.840.113549.1.7.1", 1);
    if (!p->no_digest) put_attr(out, "1.2.840.113549.1.9.4", DER_OCTET_STRING, "digest", p->digest_values);
    if (p->digest_twice) put_attr(out, "1.2.840.113549.1.9.4", DER_OCTET_STRING, "digest", 1);
    for (int i = 0; i < 1 + p->time_twice; i++) put_attr(out, "1.2.840.113549.1.9.5", DER_UTC_TIME, "211231235959Z", 1);
    der_end(out, attrs);
    put_alg(out, "1.2.156.10197.1.501");
    der_put(out, DER_OCTET_STRING, bytes_text("signature"));
    const size_t more = der_begin(out, 0xA1);
    for (int i = 0; i < 1 + p->token_twice; i++) put_attr(out, "1.2.840.113549.1.9.16.2.14", DER_SEQUENCE, "", 1);
    der_end(out, more);
    der_end(out, info);
}
static const char *judged(const struct parts *p) {
    static uint8_t buffer[4096];
    static struct signed_data data;
    struct der_out out = der_write(buffer, sizeof buffer);
    const char *where = "";
    const size_t top = der_begin(&out, DER_SEQUENCE);
    der_put_oid(&out, p->kind);
    const size_t tagged = der_begin(&out, 0xA0), signed_data = der_begin(&out, DER_SEQUENCE);
    der_put_uint(&out, p->version);
    size_t mark = der_begin(&out, DER_SET);
    put_alg(&out, "1.2.156.10197.1.401");
    der_end(&out, mark);
    put_alg(&out, p->content_type); /* the same shape: an OID alone */
    if (p->certs > 0) {
        mark = der_begin(&out, 0xA0);
        for (unsigned i = 0; i < p->certs; i++) der_put(&out, DER_SEQUENCE, bytes_text("cert"));
        der_end(&out, mark);
    }
    mark = der_begin(&out, 0xA1); /* revocation lists: not looked into */
    der_put(&out, DER_SEQUENCE, bytes_text("list"));
    der_end(&out, mark);
    mark = der_begin(&out, DER_SET);
    for (unsigned i = 0; i < p->signers; i++) put_signer(&out, p);
    der_end(&out, mark);
    der_end(&out, signed_data);
    der_end(&out, tagged);
    der_end(&out, top);
    assert_false(out.full);
    return signed_data_decode(&data, bytes_of(buffer, out.len), &where) ? "taken" : where;
}

static void refusals(void **state) {
    (void)state;
    const struct parts good = {"1.2.840.113549.1.7.2", "1.2.840.113549.1.7.1", 1, 3, 1, SIGNED_DATA_CERTS_MAX, 1, false, false, false, false, false};
#define JUDGED(member, value, want)                 \
    do {                                            \
        struct parts p = good;                      \
        p.member = value;                           \
        assert_string_equal(judged(&p), want);      \
    } while (0)
    assert_string_equal(judged(&good), "taken");
    JUDGED(kind, "1.2.840.113549.1.7.1", "contentInfo.contentType");
    JUDGED(kind, "1.2.156.10197.6.1.4.2.3", "contentInfo.contentType"); /* enveloped data */
    JUDGED(kind, "1.2.156.10197.6.1.4.2.2", "taken");
    JUDGED(version, 0, "signedData.version");
    JUDGED(version, 5, "taken");
    JUDGED(version, 6, "signedData.version");
    JUDGED(certs, SIGNED_DATA_CERTS_MAX + 1, "signedData.certificates");
    JUDGED(certs, 0, "taken");
    JUDGED(signers, 0, "signerInfo");
    JUDGED(signers, 2, "signedData.signerInfos");
    JUDGED(signer_version, 2, "signerInfo.version");
    JUDGED(signer_version, 1, "taken");
    JUDGED(no_type, true, "signerInfo.signedAttrs");
    JUDGED(no_digest, true, "signerInfo.signedAttrs");
    JUDGED(digest_values, 0, "signerInfo.signedAttrs");
    JUDGED(digest_values, 2, "signerInfo.signedAttrs");
    JUDGED(digest_twice, true, "signerInfo.signedAttrs");
    JUDGED(time_twice, true, "signerInfo.signedAttrs");
    JUDGED(token_twice, true, "signerInfo.unsignedAttrs");
    struct signed_data data;
    const char *where;
    const struct vector seal = vector_load("seal", "signature_v4");
    assert_false(signed_data_decode(&data, (struct bytes){NULL, 0}, &where));
    assert_string_equal(where, "contentInfo");
    assert_false(signed_data_decode(&data, vector_bytes(&seal), &where));
}

static void damaged(void **state) {
    (void)state;
    static const char *const names[] = {"data_attrs", "data_plain", "data_key_id"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct vector v = vector_load("seal", names[i]);
        assert_true(damage_all(law_signed_data, vector_bytes(&v)) > 100); /* what is within certificates is looked at by nobody here */
    }
}

/* Within these a further element is no fault: a certificate (all of it), a Name, the values of an attribute nobody reads, and the list of those attributes
 * has none of its form. The numbers count constructed elements of data_plain: 0 ContentInfo, 1 [0], 2 SignedData, 3 the digests, 4 one of them, 5 the inner
 * content, 6 its [0], 7 [0] of the certificates, 8 a certificate and what is in it, ... */
static unsigned open_first, open_last, open_name;
static bool open_plain(unsigned target) { return (target >= open_first && target <= open_last) || (target >= open_name && target <= open_name + 2); }

static unsigned constructed_in(struct bytes in) {
    static uint8_t buffer[LAW_BYTES_MAX];
    struct der_out out = der_write(buffer, sizeof buffer);
    return swell(&out, in, UINT32_MAX, 0);
}

static void bytes_left_over(void **state) {
    (void)state;
    const struct vector v = vector_load("seal", "data_plain"), signer = vector_load("seal", "signer");
    const unsigned all = constructed_in(vector_bytes(&v));
    open_first = 8;
    open_last = open_first + constructed_in(vector_bytes(&signer)) - 1;
    open_name = open_last + 4; /* signerInfos, signerInfo, sid, the Name with its set and attribute */
    assert_int_equal(all, open_name + 3 + 2); /* then the two algorithms, which have no parameters */
    /* an algorithm may have parameters, of any form: one element more is one */
    static uint8_t buffer[LAW_BYTES_MAX];
    for (unsigned target = 0; target < all; target++) {
        struct der_out out = der_write(buffer, sizeof buffer);
        swell(&out, vector_bytes(&v), target, 0);
        const bool parameters = target >= all - 2;
        if (law_signed_data(bytes_of(buffer, out.len)) != (open_plain(target) || parameters))
            fail_msg("constructed element %u of %u is judged wrongly", target, all);
    }
    struct der_out out = der_write(buffer, sizeof buffer);
    der_put_raw(&out, vector_bytes(&v));
    der_put_raw(&out, bytes_of("", 1));
    assert_false(law_signed_data(bytes_of(buffer, out.len)));
}

static void production(void **state) {
    (void)state;
    samples_or_skip();
    struct sample value = sample_load("real-seals/kuangye-2022-gbt35275-0/SignedValue.dat"), xml = sample_load("real-seals/kuangye-2022-gbt35275-0/Signature.xml");
    const struct signed_data data = data_of(sample_bytes(&value));
    uint8_t digest[32];
    struct bytes parts[2], cert;
    uint8_t *made;
    assert_oid(data.content_type, "1.2.840.113549.1.7.1");
    assert_oid(data.digest_alg, "1.2.156.10197.1.401");
    assert_oid(data.sig_alg, "1.2.156.10197.1.301.1");
    assert_int_equal(data.cert_count, 1);
    assert_true(data.has_time);
    sm3_of(digest, sample_bytes(&xml));
    assert_true(bytes_equal(data.attr_digest, bytes_of(digest, 32)));
    assert_oid(data.attr_content_type, "1.2.156.10197.6.1.4.2.1"); /* GB/T 35275's "data", while the content says PKCS#7's: real files have it so */
    assert_int_equal(data.time_ms, 1668597658000);
    assert_true(signed_data_signer(&cert, &data));
    assert_int_equal(signed_data_signed(parts, &made, &data), 2);
    assert_true(sm2_verifies(cert, parts, 2, data.signature));
    assert_false(sm2_verifies(cert, &data.attrs, 1, data.signature)); /* under the tag they are sent with they were not signed */
    assert_true(law_signed_data(sample_bytes(&value)));
    sample_free(&value);
    sample_free(&xml);
}

/* DER written again without lengths, but for the certificates, which are signed as they stand. */
static void without_lengths(struct der_out *out, struct bytes der, struct bytes kept) {
    struct der in = der_over(der);
    while (der_peek(&in) != 0) {
        struct bytes content, whole;
        uint8_t tag;
        assert_true(der_any(&in, &tag, &content, &whole));
        if (!(tag & 0x20u) || (whole.len == kept.len && memcmp(whole.data, kept.data, kept.len) == 0)) {
            der_put_raw(out, whole);
            continue;
        }
        const uint8_t head[2] = {tag, 0x80};
        der_put_raw(out, bytes_of(head, 2));
        without_lengths(out, content, kept);
        der_put_raw(out, bytes_of("\0\0", 2));
    }
}

/* The same signed data as BER: all that it says is the same, and what is signed is the DER. */
static void in_ber(void **state) {
    (void)state;
    static uint8_t ber[8192];
    const struct vector v = vector_load("seal", "data_attrs"), signer = vector_load("seal", "signer");
    uint8_t joined[1024], *made;
    struct bytes parts[2], cert;
    struct der_out out = der_write(ber, sizeof ber);
    without_lengths(&out, vector_bytes(&v), vector_bytes(&signer));
    assert_false(out.full);
    struct signed_data data = data_of(bytes_of(ber, out.len));
    assert_int_equal(data.encoding, ENCODING_BER);
    assert_int_equal(signed_data_signed(parts, &made, &data), 2);
    assert_non_null(made);
    memcpy(joined, parts[0].data, parts[0].len);
    memcpy(joined + parts[0].len, parts[1].data, parts[1].len);
    assert_vector("seal", "data_attrs_signed", joined, parts[0].len + parts[1].len);
    free(made);
    assert_true(signed_data_signer(&cert, &data));
    assert_view_vector(cert, "signer");
    assert_view_vector(data.signature, "rs");
    assert_true(law_signed_data(bytes_of(ber, out.len)));
    /* cut anywhere, or with bytes behind its end, it is none */
    const char *where;
    for (size_t len = 0; len < out.len; len++) assert_false(signed_data_decode(&data, bytes_of(ber, len), &where));
    ber[out.len] = 0;
    assert_false(signed_data_decode(&data, bytes_of(ber, out.len + 1), &where));
    /* DER is noted as nothing */
    assert_int_equal(data_of(vector_bytes(&v)).encoding, ENCODING_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(with_attributes), cmocka_unit_test(without_attributes), cmocka_unit_test(by_key_id),
                                       cmocka_unit_test(refusals), cmocka_unit_test(damaged), cmocka_unit_test(bytes_left_over), cmocka_unit_test(production), cmocka_unit_test(in_ber)};
    return cmocka_run_group_tests_name("signed_data", tests, NULL, NULL);
}
