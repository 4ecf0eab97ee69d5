/* SES: seals and signatures of every version against vectors made by another program (tests/vectors/make_seal.py), what is tolerated and what is refused.
 * Files of production systems: test_ses_samples.c. */
#include "tests/lib/seal.h"

static struct ses_seal seal_of(struct bytes der) {
    struct ses_seal seal;
    const char *where = "";
    if (!ses_seal_decode(&seal, der, &where)) fail_msg("no seal: %s", where);
    return seal;
}
static struct ses_signature signature_of(struct bytes der) {
    struct ses_signature sig;
    const char *where = "";
    if (!ses_signature_decode(&sig, der, &where)) fail_msg("no signature: %s", where);
    return sig;
}

static void assert_oid(struct bytes oid, const char *dotted) { assert_true(der_oid_is(oid, dotted)); }

/* --- the vectors --- */

static void seal_v1(void **state) {
    (void)state;
    const struct vector v = vector_load("seal", "seal_v1");
    const struct ses_seal seal = seal_of(vector_bytes(&v));
    assert_int_equal(seal.version, SES_V1);
    assert_int_equal(seal.header_version, 11);
    assert_view(seal.vendor, "LICET");
    assert_view(seal.id, "SEAL-1");
    assert_int_equal(seal.type, 1);
    assert_view(seal.name, "某某市市场监督管理局");
    assert_int_equal(seal.list_kind, SES_CERTS);
    assert_int_equal(seal.list_count, 2);
    assert_view_vector(seal.list[0], "signer");
    assert_view_vector(seal.list[1], "other");
    assert_int_equal(seal.created_ms, 1577934245000);
    assert_int_equal(seal.from_ms, 1577836800000);
    assert_int_equal(seal.to_ms, 946684799000); /* 99: 1999 */
    assert_view(seal.picture_type, "png");
    assert_view_vector(seal.picture, "picture");
    assert_int_equal(seal.width_mm, 40);
    assert_int_equal(seal.height_mm, 300);
    assert_int_equal(seal.ext_count, 0);
    assert_view_vector(seal.maker_cert, "maker");
    assert_oid(seal.alg, "1.2.156.10197.1.501");
    assert_view_vector(seal.signature, "rs");
    assert_int_equal(seal.timestamp.len, 0);
    uint8_t buffer[4096];
    struct bytes over;
    assert_true(ses_seal_signed(&over, &seal, buffer, sizeof buffer));
    assert_view_vector(over, "seal_v1_signed");
    const size_t need = over.len;
    assert_false(ses_seal_signed(&over, &seal, buffer, need - 1));
    assert_true(ses_seal_signed(&over, &seal, buffer, need));
}

static void seal_v4(void **state) {
    (void)state;
    const struct vector v = vector_load("seal", "seal_v4"), digests = vector_load("seal", "seal_v4_digests");
    struct ses_seal seal = seal_of(vector_bytes(&v));
    struct bytes over;
    assert_int_equal(seal.version, SES_V4);
    assert_int_equal(seal.header_version, 4);
    assert_view(seal.id, "50011200000399");
    assert_int_equal(seal.type, 3);
    assert_int_equal(seal.list_kind, SES_CERTS);
    assert_int_equal(seal.list_count, 2);
    assert_view_vector(seal.list[1], "other");
    assert_int_equal(seal.list_alg[1].len, 0);
    assert_int_equal(seal.to_ms, 2524608000000);
    assert_int_equal(seal.ext_count, 2);
    assert_oid(seal.ext[0].oid, "1.2.156.10197.6.7.2.2.1");
    assert_false(seal.ext[0].critical);
    assert_view(seal.ext[0].value, "2.1");
    assert_oid(seal.ext[1].oid, "2.999.1");
    assert_true(seal.ext[1].critical);
    assert_int_equal(seal.ext[1].value.len, 0);
    assert_view_vector(seal.info, "info_v4");
    assert_true(ses_seal_signed(&over, &seal, NULL, 0));
    assert_view_vector(over, "info_v4");

    seal = seal_of(vector_bytes(&digests));
    assert_int_equal(seal.list_kind, SES_CERT_DIGESTS);
    assert_int_equal(seal.list_count, 2);
    assert_view(seal.list_alg[0], "SM3");
    assert_view(seal.list_alg[1], "2.16.840.1.101.3.4.2.1");
    assert_true(bytes_equal(seal.list[1], bytes_of(fill(0x51), 32)));
}

/* What the standards have otherwise and production files have so. */
static void deviations(void **state) {
    (void)state;
    const struct vector v = vector_load("seal", "seal_v4_bare"), s = vector_load("seal", "signature_v4_bare");
    const struct ses_seal seal = seal_of(vector_bytes(&v));
    assert_view(seal.vendor, "某厂");        /* UTF8String for IA5String */
    assert_view(seal.id, "50011200000399"); /* PrintableString */
    assert_int_equal(seal.created_ms, 1577934245250);
    assert_int_equal(seal.to_ms, 2524608000123);
    assert_int_equal(seal.ext_count, 1); /* bare, FALSE written out */
    assert_false(seal.ext[0].critical);
    assert_view_vector(seal.signature, "raw");

    const struct ses_signature sig = signature_of(vector_bytes(&s));
    assert_int_equal(sig.version, SES_V4);
    assert_true(bytes_equal(sig.seal.whole, vector_bytes(&v)));
    assert_view(sig.property, "签名");
    assert_int_equal(sig.time_ms, 1640995199500);
    assert_int_equal(sig.ext_count, 1);
    assert_view(sig.ext[0].value, "2.1");
    assert_view_vector(sig.signature, "raw");
    assert_view_vector(sig.timestamp, "token");
}

static void seal_v5(void **state) {
    (void)state;
    const struct vector v = vector_load("seal", "seal_v5"), plain = vector_load("seal", "seal_v5_plain"), s = vector_load("seal", "signature_v5");
    struct ses_seal seal = seal_of(vector_bytes(&v));
    struct bytes over;
    assert_int_equal(seal.version, SES_V5);
    assert_int_equal(seal.header_version, 5);
    assert_view_vector(seal.timestamp, "token");
    assert_true(ses_seal_signed(&over, &seal, NULL, 0));
    assert_true(bytes_equal(over, seal.info));
    seal = seal_of(vector_bytes(&plain));
    assert_int_equal(seal.version, SES_V5);
    assert_int_equal(seal.timestamp.len, 0);
    const struct ses_signature sig = signature_of(vector_bytes(&s));
    assert_int_equal(sig.version, SES_V5);
    assert_int_equal(sig.sign_version, 5);
    assert_true(bytes_equal(sig.seal.whole, vector_bytes(&v)));
    assert_int_equal(sig.timestamp.len, 0); /* the seal's is not the signature's */
}

static void signature_v4(void **state) {
    (void)state;
    const struct vector v = vector_load("seal", "signature_v4");
    const struct ses_signature sig = signature_of(vector_bytes(&v));
    assert_int_equal(sig.version, SES_V4);
    assert_int_equal(sig.sign_version, 4);
    assert_view_vector(sig.to_sign, "to_sign_v4");
    assert_view_vector(sig.seal.whole, "seal_v4");
    assert_true(sig.has_time);
    assert_int_equal(sig.time_ms, 1640995199000);
    assert_int_equal(sig.time_info.len, 0);
    assert_true(bytes_equal(sig.data_hash, bytes_of(fill(0x40), 32)));
    assert_view(sig.property, "/Doc_0/Signs/Sign_0/Signature.xml");
    assert_int_equal(sig.ext_count, 0);
    assert_view_vector(sig.cert, "signer");
    assert_oid(sig.alg, "1.2.156.10197.1.501");
    assert_view_vector(sig.signature, "rs");
    assert_int_equal(sig.timestamp.len, 0);
}

static void signature_v1(void **state) {
    (void)state;
    static const struct { const char *name; bool has_time, token; int64_t ms; } cases[] = {
        {"signature_v1", true, false, 1640995199000}, {"signature_v1_general", true, false, 1640995199000},
        {"signature_v1_text", true, false, 1640995199000 - 28800000}, {"signature_v1_token", false, true, 0}, {"signature_v1_other", false, false, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct vector v = vector_load("seal", cases[i].name);
        const struct ses_signature sig = signature_of(vector_bytes(&v));
        assert_int_equal(sig.version, SES_V1);
        assert_int_equal(sig.sign_version, 1);
        assert_view_vector(sig.seal.whole, "seal_v1");
        assert_true(sig.time_info.len > 0);
        assert_int_equal(sig.has_time, cases[i].has_time);
        if (sig.has_time) assert_int_equal(sig.time_ms, cases[i].ms);
        assert_int_equal(sig.timestamp.len > 0, cases[i].token);
        if (cases[i].token) assert_view_vector(sig.timestamp, "token");
        assert_true(bytes_equal(sig.data_hash, bytes_of(fill(0x40), 32)));
        assert_view_vector(sig.cert, "signer");
        assert_view_vector(sig.signature, "rs");
        assert_oid(sig.alg, "1.2.156.10197.1.501");
        assert_int_equal(sig.to_sign.data[0], DER_SEQUENCE);
        assert_true(sig.to_sign.len > sig.seal.whole.len + sig.cert.len);
    }
}

/* Our writer and the other program, which share no code, make the same bytes. */
static void writer(void **state) {
    (void)state;
    static const char *const seals[] = {"seal_v4", "seal_v4_digests"};
    static uint8_t info[8192], out[8192], to_sign[8192];
    for (size_t i = 0; i < 2; i++) {
        const struct vector v = vector_load("seal", seals[i]);
        struct ses_seal seal = seal_of(vector_bytes(&v));
        seal.header_version = 0; /* the writer knows what it writes */
        const size_t info_len = ses_info_encode(info, sizeof info, &seal);
        const size_t len = ses_seal_encode(out, sizeof out, bytes_of(info, info_len), seal.maker_cert, "1.2.156.10197.1.501", seal.signature);
        assert_vector("seal", seals[i], out, len);
        for (size_t cap = 0; cap < info_len; cap += 7) assert_int_equal(ses_info_encode(to_sign, cap, &seal), 0);
        assert_int_equal(ses_info_encode(to_sign, info_len, &seal), info_len);
    }
    const struct vector v = vector_load("seal", "signature_v4");
    const struct ses_signature sig = signature_of(vector_bytes(&v));
    const size_t tbs = ses_to_sign_encode(to_sign, sizeof to_sign, sig.seal.whole, sig.time_ms, sig.data_hash, sig.property);
    assert_vector("seal", "to_sign_v4", to_sign, tbs);
    const size_t len = ses_signature_encode(out, sizeof out, bytes_of(to_sign, tbs), sig.cert, "1.2.156.10197.1.501", sig.signature);
    assert_vector("seal", "signature_v4", out, len);
    assert_int_equal(ses_signature_encode(out, len - 1, bytes_of(to_sign, tbs), sig.cert, "1.2.156.10197.1.501", sig.signature), 0);
    assert_int_equal(ses_signature_encode(out, sizeof out, bytes_of(to_sign, tbs - 1), sig.cert, "1.2.156.10197.1.501", sig.signature), 0);
    assert_int_equal(ses_signature_encode(out, sizeof out, bytes_of(to_sign, tbs), sig.cert, "SM2", sig.signature), 0);
}

/* --- limits and refusals --- */

static struct ses_seal small_seal(void) {
    static const uint8_t oid[] = {0x2A, 0x03};
    struct ses_seal seal = {.vendor = bytes_text("V"), .id = bytes_text("1"), .type = 1, .name = bytes_text("印"), .list_kind = SES_CERTS,
                            .picture_type = bytes_text("png"), .picture = bytes_text("p"), .width_mm = 40, .height_mm = 40};
    for (unsigned i = 0; i < SES_CERTS_MAX; i++) {
        seal.list[i] = bytes_text("cert");
        seal.list_alg[i] = bytes_text("SM3");
    }
    for (unsigned i = 0; i < SES_EXT_MAX; i++) seal.ext[i] = (struct ses_ext){.oid = bytes_of(oid, 2), .value = bytes_text("v")};
    return seal;
}

static struct bytes made(const struct ses_seal *seal) {
    static uint8_t info[16384], out[16384];
    const size_t len = ses_info_encode(info, sizeof info, seal);
    if (len == 0) return (struct bytes){NULL, 0};
    return bytes_of(out, ses_seal_encode(out, sizeof out, bytes_of(info, len), bytes_text("maker"), "1.2.156.10197.1.501", bytes_text("sig")));
}

static void writer_refuses(void **state) {
    (void)state;
    static const char long_id[SES_ID_MAX + 2] = "11111111111111111111111111111111111111111111111111111111111111111";
    struct ses_seal seal = small_seal();
    assert_true(made(&seal).len > 0);
    seal.id = bytes_of(long_id, SES_ID_MAX);
    assert_true(made(&seal).len > 0);
    seal.id = bytes_of(long_id, SES_ID_MAX + 1);
    assert_int_equal(made(&seal).len, 0);
    seal.id = (struct bytes){NULL, 0};
    assert_int_equal(made(&seal).len, 0);
    seal.id = bytes_text("印");
    assert_int_equal(made(&seal).len, 0);
    seal = small_seal();
    seal.vendor = bytes_text("a\nb");
    assert_int_equal(made(&seal).len, 0);
    static const struct bytes padded[] = {{(const uint8_t *)"a\n", 2}, {(const uint8_t *)"a\r", 2}, {(const uint8_t *)"a\0", 2}}; /* read, and never written */
    for (size_t i = 0; i < 3; i++) {
        seal = small_seal();
        seal.vendor = padded[i];
        assert_int_equal(made(&seal).len, 0);
        seal = small_seal();
        seal.name = padded[i];
        assert_int_equal(made(&seal).len, 0);
    }
    seal = small_seal();
    seal.name = bytes_text("\xff");
    assert_int_equal(made(&seal).len, 0);
    seal = small_seal();
    seal.list_kind = (enum ses_cert_list)0;
    assert_int_equal(made(&seal).len, 0);
    seal = small_seal();
    seal.list_count = SES_CERTS_MAX + 1;
    assert_int_equal(made(&seal).len, 0);
    seal = small_seal();
    seal.ext_count = SES_EXT_MAX + 1;
    assert_int_equal(made(&seal).len, 0);
    seal = small_seal();
    seal.ext_count = 1;
    seal.ext[0].oid = bytes_text("\x80");
    assert_int_equal(made(&seal).len, 0);
    seal = small_seal();
    seal.to_ms = INT64_MAX;
    assert_int_equal(made(&seal).len, 0);
}

/* `in` with one element more at the end of the constructed element number `target`, a copy of the last one there: lists grow, structures do not. */
static struct bytes grown(struct der_out *out, struct bytes in, unsigned target, unsigned *met) {
    struct der der = der_over(in);
    struct bytes content, whole = {NULL, 0};
    uint8_t tag = 0;
    while (der_peek(&der) != 0) {
        assert_true(der_any(&der, &tag, &content, &whole));
        if (!(tag & 0x20)) {
            der_put(out, tag, content);
            continue;
        }
        const unsigned mine = (*met)++;
        const size_t mark = der_begin(out, tag);
        const struct bytes last = grown(out, content, target, met);
        if (mine == target) der_put_raw(out, last);
        der_end(out, mark);
    }
    return whole;
}

/* Constructed elements in the order met: 0 SESeal, 1 info, 2 header, 3 property, 4 list, ... */
static void list_limits(void **state) {
    (void)state;
    static uint8_t buffer[65536];
    const char *where;
    for (int digests = 0; digests < 2; digests++) {
        struct ses_seal seal = small_seal(), read;
        unsigned met = 0;
        seal.list_kind = digests ? SES_CERT_DIGESTS : SES_CERTS;
        seal.list_count = SES_CERTS_MAX;
        seal.ext_count = SES_EXT_MAX;
        const struct bytes full = made(&seal);
        read = seal_of(full);
        assert_int_equal(read.list_count, SES_CERTS_MAX);
        assert_int_equal(read.ext_count, SES_EXT_MAX);
        struct der_out out = der_write(buffer, sizeof buffer);
        grown(&out, full, 4, &met);
        assert_false(out.full);
        assert_false(ses_seal_decode(&read, bytes_of(buffer, out.len), &where));
        assert_string_equal(where, "property.certList");
        out = der_write(buffer, sizeof buffer);
        const unsigned ext_list = 7 + (digests ? SES_CERTS_MAX : 0); /* after picture and [0] */
        met = 0;
        grown(&out, full, ext_list, &met);
        assert_false(ses_seal_decode(&read, bytes_of(buffer, out.len), &where));
        assert_string_equal(where, "eSealInfo.extDatas");
        /* one below the limit, the same growth is taken: it was the limit that refused */
        seal.list_count = SES_CERTS_MAX - 1;
        out = der_write(buffer, sizeof buffer);
        met = 0;
        grown(&out, made(&seal), 4, &met);
        read = seal_of(bytes_of(buffer, out.len));
        assert_int_equal(read.list_count, SES_CERTS_MAX);
    }
}

/* A vector with one run of bytes put in the place of another of the same length. */
static const char *refused_at(const char *name, const char *from, const char *to, bool signature) {
    static struct ses_seal seal;
    static struct ses_signature sig;
    struct vector v = vector_load("seal", name);
    uint8_t old[64], new[64];
    const char *where = "";
    const size_t len = strlen(from) / 2;
    assert_int_equal(strlen(from), strlen(to));
    assert_true(hex_decode(old, len, from, 2 * len));
    assert_true(hex_decode(new, len, to, 2 * len));
    uint8_t *at = memmem(v.data, v.len, old, len);
    assert_non_null(at);
    memcpy(at, new, len);
    const bool taken = signature ? ses_signature_decode(&sig, vector_bytes(&v), &where) : ses_seal_decode(&seal, vector_bytes(&v), &where);
    return taken ? "taken" : where;
}

static void refusals(void **state) {
    (void)state;
    assert_string_equal(refused_at("seal_v4", "16024553020104", "16024558020104", false), "header.ID");        /* "EX" */
    assert_string_equal(refused_at("seal_v4", "020104", "020184", false), "header.version");                   /* negative */
    assert_string_equal(refused_at("seal_v4", "16054c49434554", "04054c49434554", false), "header.Vid");       /* no string */
    assert_string_equal(refused_at("seal_v4", "16054c49434554", "16054c49430a54", false), "header.Vid");       /* a control character */
    assert_string_equal(refused_at("seal_v4", "160e3530", "040e3530", false), "esID");
    assert_string_equal(refused_at("seal_v4", "0c1ee69f", "0c1eff9f", false), "property.name");                /* no UTF-8 */
    assert_string_equal(refused_at("seal_v4", "020101", "020103", false), "property.certListType");
    assert_string_equal(refused_at("seal_v4", "020101", "020102", false), "property.certList");                /* digests that are none */
    assert_string_equal(refused_at("seal_v4", "180f323032303031303230", "180f323032303133303230", false), "property.createDate"); /* month 13 */
    assert_string_equal(refused_at("seal_v4", "1603706e67", "0403706e67", false), "picture.type");
    assert_string_equal(refused_at("seal_v4", "020128", "0a0128", false), "picture.width");
    assert_string_equal(refused_at("seal_v4", "0202012c", "0202002c", false), "picture.height");               /* a shorter form exists */
    assert_string_equal(refused_at("seal_v4", "06038837010101ff", "0603883701010101", false), "eSealInfo.extDatas");
    assert_string_equal(refused_at("seal_v4", "a021301f", "a121301f", false), "eSealInfo.extDatas");
    assert_string_equal(refused_at("seal_v4", "06082a811ccf55018375034800", "06082a811ccf55018375034808", false), "SESeal.signedValue"); /* 8 unused bits */
    assert_string_equal(refused_at("seal_v4", "06082a811ccf55018375034800", "06082a811ccf55018375034801", false), "taken"); /* one bit that does not count */
    assert_string_equal(refused_at("seal_v1", "170d3230303130323033", "180d3230303130323033", false), "property.createDate");
    assert_string_equal(refused_at("seal_v5", "a0170315", "a1170315", false), "SESeal.timeStamp");
    assert_string_equal(refused_at("signature_v4", "180f3230323131", "040f3230323131", true), "toSign.timeInfo");
    assert_string_equal(refused_at("signature_v4", "180f3230323131", "170f3230323131", true), "taken"); /* noted */
    assert_string_equal(refused_at("signature_v4", "03210040", "04210040", true), "toSign.dataHash");
    assert_string_equal(refused_at("signature_v4", "16212f44", "04212f44", true), "toSign.propertyInfo");
    assert_string_equal(refused_at("signature_v1", "020101", "020101", true), "taken"); /* the tool itself changes nothing */
}

/* A v4 signature with its time written in one form or another. */
static const char *judged_time(uint8_t tag, const char *text) {
    static uint8_t buffer[8192];
    static struct ses_signature sig;
    const struct vector seal = vector_load("seal", "seal_v4");
    const char *where = "";
    struct der_out out = der_write(buffer, sizeof buffer);
    const size_t whole = der_begin(&out, DER_SEQUENCE), to_sign = der_begin(&out, DER_SEQUENCE);
    der_put_uint(&out, 4);
    der_put_raw(&out, vector_bytes(&seal));
    der_put(&out, tag, bytes_text(text));
    der_put_bits(&out, bytes_text("h"));
    der_put(&out, DER_IA5, bytes_text("p"));
    der_end(&out, to_sign);
    der_put(&out, DER_OCTET_STRING, bytes_text("c"));
    der_put_oid(&out, "1.2.156.10197.1.501");
    der_put_bits(&out, bytes_text("s"));
    der_end(&out, whole);
    const bool taken = ses_signature_decode(&sig, bytes_of(buffer, out.len), &where);
    if (taken) assert_int_equal(sig.encoding, tag == DER_GENERALIZED_TIME && strlen(text) == 15 ? ENCODING_NONE : ENCODING_TIME);
    return taken ? "taken" : where;
}

static void times_of_v4(void **state) {
    (void)state;
    assert_string_equal(judged_time(DER_GENERALIZED_TIME, "20211231235959Z"), "taken");
    assert_string_equal(judged_time(DER_UTC_TIME, "211231235959Z"), "taken"); /* which only v1 has: noted */
    assert_string_equal(judged_time(DER_GENERALIZED_TIME, "20211231235959"), "taken");
    assert_string_equal(judged_time(DER_GENERALIZED_TIME, "201112131415"), "toSign.timeInfo"); /* it could be two things */
    assert_string_equal(judged_time(DER_BIT_STRING, "211231235959Z"), "toSign.timeInfo");
    assert_string_equal(judged_time(DER_UTF8, "2021-12-31 23:59:59"), "toSign.timeInfo");
}

/* Sizes; a seal of one standard in a signature of another; other things altogether. */
static void refused_wholly(void **state) {
    (void)state;
    struct ses_seal seal;
    struct ses_signature sig;
    const char *where;
    const struct vector v1 = vector_load("seal", "seal_v1"), v4 = vector_load("seal", "seal_v4"), data = vector_load("seal", "data_plain");
    static uint8_t buffer[8192];
    /* a seal of one standard in a signature of the other: v1's in the four fields of v4, v4's in the two of v1 */
    const size_t tbs = ses_to_sign_encode(buffer, sizeof buffer, vector_bytes(&v1), 0, bytes_text("h"), bytes_text("p"));
    static uint8_t whole[8192];
    struct der_out out = der_write(whole, sizeof whole);
    size_t mark = der_begin(&out, DER_SEQUENCE);
    der_put_raw(&out, bytes_of(buffer, tbs));
    der_put(&out, DER_OCTET_STRING, bytes_text("c"));
    der_put_oid(&out, "1.2.156.10197.1.501");
    der_put_bits(&out, bytes_text("s"));
    der_end(&out, mark);
    assert_false(ses_signature_decode(&sig, bytes_of(whole, out.len), &where));
    assert_string_equal(where, "toSign.eseal");
    out = der_write(whole, sizeof whole);
    mark = der_begin(&out, DER_SEQUENCE);
    const size_t inner = der_begin(&out, DER_SEQUENCE);
    der_put_uint(&out, 1);
    der_put_raw(&out, vector_bytes(&v4));
    der_put_bits(&out, bytes_text("211231235959Z"));
    der_put_bits(&out, bytes_text("h"));
    der_put(&out, DER_IA5, bytes_text("p"));
    der_put(&out, DER_OCTET_STRING, bytes_text("c"));
    der_put_oid(&out, "1.2.156.10197.1.501");
    der_end(&out, inner);
    der_put_bits(&out, bytes_text("s"));
    der_end(&out, mark);
    assert_false(ses_signature_decode(&sig, bytes_of(whole, out.len), &where));
    assert_string_equal(where, "toSign.eseal");

    assert_false(ses_seal_decode(&seal, (struct bytes){NULL, 0}, &where));
    assert_string_equal(where, "SESeal");
    assert_false(ses_signature_decode(&sig, (struct bytes){NULL, 0}, &where));
    assert_string_equal(where, "SES_Signature");
    assert_false(ses_seal_decode(&seal, vector_bytes(&data), &where));
    assert_false(ses_signature_decode(&sig, vector_bytes(&data), &where));
    assert_false(ses_signature_decode(&sig, vector_bytes(&v4), &where)); /* a seal is no signature */
    /* as large as may be, and one byte more */
    struct ses_seal large = small_seal();
    uint8_t *picture = calloc(1, SES_SEAL_MAX), *info = malloc(SES_SEAL_MAX), *room = malloc(SES_SEAL_MAX + 16);
    large.picture = bytes_of(picture, SES_SEAL_MAX - 200);
    size_t len = ses_info_encode(info, SES_SEAL_MAX, &large);
    len = ses_seal_encode(room, SES_SEAL_MAX + 16, bytes_of(info, len), bytes_text("m"), "1.2.3", bytes_text("s"));
    assert_true(len > 0);
    large.picture.len += SES_SEAL_MAX - len;
    len = ses_info_encode(info, SES_SEAL_MAX, &large);
    assert_int_equal(ses_seal_encode(room, SES_SEAL_MAX + 16, bytes_of(info, len), bytes_text("m"), "1.2.3", bytes_text("s")), SES_SEAL_MAX);
    large.picture.len++;
    len = ses_info_encode(info, SES_SEAL_MAX, &large);
    assert_true(len > 0);
    assert_int_equal(ses_seal_encode(room, SES_SEAL_MAX + 16, bytes_of(info, len), bytes_text("m"), "1.2.3", bytes_text("s")), 0);
    free(picture);
    free(info);
    free(room);
}

static void bytes_left_over(void **state) {
    (void)state;
    /* what is left over need not be an element: a length without its bytes, behind the last field */
    static const char *const whole[] = {"seal_v1", "seal_v4", "seal_v5", "signature_v1", "signature_v4", "signature_v4_bare"};
    static uint8_t buffer[8192];
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        const struct vector v = vector_load("seal", whole[i]);
        struct der der = der_over(vector_bytes(&v));
        struct bytes content;
        assert_true(der_take(&der, DER_SEQUENCE, &content, NULL));
        struct der_out out = der_write(buffer, sizeof buffer);
        const size_t mark = der_begin(&out, DER_SEQUENCE);
        der_put_raw(&out, content);
        der_put_raw(&out, bytes_text("\x04\x7f"));
        der_end(&out, mark);
        assert_false(law_seal(bytes_of(buffer, out.len)));
        assert_false(law_signature(bytes_of(buffer, out.len)));
    }
    static const char *const seals[] = {"seal_v1", "seal_v4", "seal_v4_digests", "seal_v4_bare", "seal_v5", "seal_v5_plain"};
    static const char *const signatures[] = {"signature_v1", "signature_v1_token", "signature_v4", "signature_v4_bare", "signature_v5"};
    for (size_t i = 0; i < sizeof seals / sizeof *seals; i++) {
        const struct vector v = vector_load("seal", seals[i]);
        swell_all(law_seal, vector_bytes(&v));
    }
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        const struct vector v = vector_load("seal", signatures[i]);
        swell_all(law_signature, vector_bytes(&v));
    }
}

static void damaged(void **state) {
    (void)state;
    static const char *const seals[] = {"seal_v1", "seal_v4_bare", "seal_v4_digests", "seal_v5"};
    static const char *const signatures[] = {"signature_v1_text", "signature_v4_bare"};
    for (size_t i = 0; i < sizeof seals / sizeof *seals; i++) {
        const struct vector v = vector_load("seal", seals[i]);
        assert_true(damage_all(law_seal, vector_bytes(&v)) > 100); /* bytes of a certificate or a picture are anybody's */
    }
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        const struct vector v = vector_load("seal", signatures[i]);
        assert_true(damage_all(law_signature, vector_bytes(&v)) > 100);
    }
}

static void time_texts(void **state) {
    (void)state;
    static const struct { const char *text; int64_t ms; } good[] = {
        {"20210331075023Z", 1617177023000}, {"20200723130907.763Z", 1595509747763}, {"2021-05-19 20:53:44", 1621428824000},
        {"2020-01-25T07:31:56.377Z", 1579937516377}, {"2020-01-25T07:31:56.377", 1579937516377 - 28800000}, {"2020-01-25 15:31:56+08:00", 1579937516000},
        {"2020-01-25T15:31:56+0800", 1579937516000}, {"2020-01-25T05:01:56-02:30", 1579937516000}, {"200125073156Z", 1579937516000},
        {"20200125153156", 1579937516000}, {"700101000000Z", 0}};
    static const char *const bad[] = {"", "2020", "下午", "20200125", "200125073156", "2020-01-25", "2020-01-25_07:31:56", "2020-1-25 07:31:56",
        "2020-02-30 07:31:56", "2020-01-25T07:31:56.", "2020-01-25T07:31:56z", "2020-01-25T07:31:56 Z", "2020-01-25T07:31:56+", "2020-01-25T07:31:56+08",
        "2020-01-25T07:31:56+15:00", "2020-01-25T07:31:56Z ", "20200125073156.1234567890Z", "0000-01-01 00:00:00", "2020012507315Z", "2020-01-25 24:00:00"};
    int64_t ms;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (!ses_time_text(&ms, bytes_text(good[i].text))) fail_msg("refused: %s", good[i].text);
        if (ms != good[i].ms) fail_msg("%s: %lld, not %lld", good[i].text, (long long)ms, (long long)good[i].ms);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (ses_time_text(&ms, bytes_text(bad[i]))) fail_msg("taken: %s", bad[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seal_v1), cmocka_unit_test(seal_v4), cmocka_unit_test(deviations), cmocka_unit_test(seal_v5), cmocka_unit_test(signature_v4),
        cmocka_unit_test(signature_v1), cmocka_unit_test(writer), cmocka_unit_test(writer_refuses), cmocka_unit_test(list_limits),
        cmocka_unit_test(refusals), cmocka_unit_test(times_of_v4), cmocka_unit_test(refused_wholly), cmocka_unit_test(bytes_left_over), cmocka_unit_test(damaged),
        cmocka_unit_test(time_texts)};
    return cmocka_run_group_tests_name("ses", tests, NULL, NULL);
}
