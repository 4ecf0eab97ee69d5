/* COSE: the protected header label by label, the four parts, and what every damage to a statement is answered with. */
#include "crypto/hash.h"
#include "tests/lib/wire.h"

#define PAYLOAD "\x83\x01\x01\x80"

static void claims_put(struct wire_out *out, bool iss, bool sub, bool iat, bool more) {
    wire_put_uint(out, 15);
    wire_put_map(out, (size_t)iss + sub + iat + more);
    if (iss) wire_put_uint(out, 1), wire_put_text(out, bytes_text("urn:licet:member:11310118MB2F00000L"));
    if (sub) wire_put_uint(out, 2), wire_put_text(out, bytes_text("job-1"));
    if (more) wire_put_uint(out, 4), wire_put_uint(out, 1795323821);
    if (iat) wire_put_uint(out, 6), wire_put_uint(out, 1795323821);
}

static void typ_put(struct wire_out *out, const char *typ) { wire_put_uint(out, 16), wire_put_text(out, bytes_text(typ)); }

/* One protected header from one character per label. */
static void label_put(struct wire_out *out, char label) {
    switch (label) {
    case 'a': wire_put_uint(out, 1), wire_put_int(out, COSE_ALG_ES256K); break;
    case '7': wire_put_uint(out, 1), wire_put_int(out, COSE_ALG_ES256); break;
    case 'h': wire_put_uint(out, 1), wire_put_int(out, 5); break; /* HMAC 256/256 */
    case 'x': wire_put_uint(out, 1), wire_put_text(out, bytes_text("ES256K")); break;
    case '0': wire_put_uint(out, 1), wire_put_null(out); break;
    case '2': wire_put_uint(out, 2), wire_put_array(out, 0); break; /* crit */
    case 'c': wire_put_uint(out, 3), wire_put_text(out, bytes_text(CONTENT_TYPE_RECORD)); break;
    case 'C': wire_put_uint(out, 3), wire_put_text(out, bytes_text("text/plain")); break;
    case 'k': wire_put_uint(out, 4), wire_put_bytes(out, bytes_of(fill(1), 32)); break;
    case 'K': wire_put_uint(out, 4), wire_put_bytes(out, bytes_of(fill(1), 31)); break;
    case 'w': claims_put(out, true, true, true, false); break;
    case 'i': claims_put(out, false, true, true, false); break;
    case 's': claims_put(out, true, false, true, false); break;
    case 'n': claims_put(out, true, true, false, false); break;
    case 'e': claims_put(out, true, true, true, true); break;
    case 't': typ_put(out, "application/vnd.licet.record+cose"); break;
    case 'H': typ_put(out, "application/vnd.licet.header+cose"); break;
    case 'd': typ_put(out, "application/vnd.licet.head+cose"); break;
    case 'r': typ_put(out, "application/vnd.licet.receipt+cose"); break;
    case 'T': typ_put(out, "application/vnd.other+cose"); break;
    case 'v': wire_put_uint(out, 395), wire_put_uint(out, 1); break;
    case 'V': wire_put_uint(out, 395), wire_put_uint(out, 2); break;
    case 'g': wire_put_int(out, COSE_LABEL_GENESIS), wire_put_bytes(out, bytes_of(fill(2), 32)); break;
    case 'G': wire_put_int(out, COSE_LABEL_GENESIS), wire_put_bytes(out, (struct bytes){0}); break;
    case '?': wire_put_text(out, bytes_text("alg")), wire_put_int(out, COSE_ALG_ES256K); break;
    default: fail();
    }
}

static struct refusal decode(const char *labels, const char *unprotected, struct bytes payload, enum cose_typ expected) {
    uint8_t inner[1024], buf[2048];
    struct wire_out header = wire_write(inner, sizeof inner), out = wire_write(buf, sizeof buf);
    struct cose_sign1 cose;
    wire_put_map(&header, strlen(labels));
    for (const char *p = labels; *p; p++) label_put(&header, *p);
    cose_sign1_encode(&out, bytes_of(inner, header.len), bytes_text(unprotected), payload, fill(9));
    assert_false(header.full || out.full);
    return cose_sign1_decode(&cose, bytes_of(buf, out.len), expected);
}

static void protected_table(void **state) {
    (void)state;
    static const struct {
        const char *labels;
        enum cose_typ expected;
        enum code want;
        const char *field;
    } cases[] = {
        {"ackwtg", TYP_RECORD, CODE_OK, NULL}, {"7ckwtg", TYP_RECORD, CODE_OK, NULL}, {"akd", TYP_HEAD, CODE_OK, NULL},
        {"akH", TYP_HEADER, CODE_OK, NULL}, {"akwrv", TYP_RECEIPT, CODE_OK, NULL},
        {"", TYP_RECORD, CODE_FIELD_MISSING, "alg"}, {"ckwtg", TYP_RECORD, CODE_FIELD_MISSING, "alg"}, {"0ckwtg", TYP_RECORD, CODE_FIELD_MISSING, "alg"},
        {"akwtg", TYP_RECORD, CODE_FIELD_MISSING, "content_type"}, {"acwtg", TYP_RECORD, CODE_FIELD_MISSING, "kid"},
        {"acktg", TYP_RECORD, CODE_FIELD_MISSING, "claims"}, {"ackwg", TYP_RECORD, CODE_FIELD_MISSING, "typ"},
        {"ackwt", TYP_RECORD, CODE_FIELD_MISSING, "genesis"}, {"ackwtG", TYP_RECORD, CODE_FIELD_MISSING, "genesis"},
        {"ackitg", TYP_RECORD, CODE_FIELD_MISSING, "iss"}, {"ackstg", TYP_RECORD, CODE_FIELD_MISSING, "sub"},
        {"ackntg", TYP_RECORD, CODE_FIELD_MISSING, "iat"}, {"acketg", TYP_RECORD, CODE_CBOR_RANGE, "iat"},
        {"hckwtg", TYP_RECORD, CODE_ALG_NOT_ALLOWED, "alg"}, {"xckwtg", TYP_RECORD, CODE_CBOR_TYPE, "alg"},
        {"acKwtg", TYP_RECORD, CODE_CBOR_RANGE, "kid"}, {"aCkwtg", TYP_RECORD, CODE_TYP_WRONG, "content_type"},
        {"ackwTg", TYP_RECORD, CODE_TYP_WRONG, "typ"}, {"akH", TYP_RECORD, CODE_TYP_WRONG, "typ"}, {"akd", TYP_RECORD, CODE_TYP_WRONG, "typ"},
        {"akwrv", TYP_RECORD, CODE_TYP_WRONG, "typ"}, {"ackwtg", TYP_HEAD, CODE_TYP_WRONG, "typ"}, {"akd", TYP_HEADER, CODE_TYP_WRONG, "typ"},
        {"akH", TYP_HEAD, CODE_TYP_WRONG, "typ"}, {"akd", TYP_NOTE, CODE_TYP_WRONG, "typ"}, {"akd", TYP_REQUEST, CODE_TYP_WRONG, "typ"},
        {"a2ckwtg", TYP_RECORD, CODE_CBOR_RANGE, "protected"}, {"ackwt?g", TYP_RECORD, CODE_CBOR_TYPE, "protected"},
        {"aackwtg", TYP_RECORD, CODE_CBOR_KEY_ORDER, "protected"}, {"ackwgt", TYP_RECORD, CODE_CBOR_KEY_ORDER, "protected"},
        {"ackwtvg", TYP_RECORD, CODE_CBOR_RANGE, "vds"}, {"akdg", TYP_HEAD, CODE_CBOR_RANGE, "genesis"}, {"akwd", TYP_HEAD, CODE_CBOR_RANGE, "claims"},
        {"akwr", TYP_RECEIPT, CODE_FIELD_MISSING, "vds"}, {"akwrV", TYP_RECEIPT, CODE_CBOR_RANGE, "vds"}, {"akrv", TYP_RECEIPT, CODE_FIELD_MISSING, "claims"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool detached = cases[i].expected == TYP_HEADER || cases[i].expected == TYP_RECEIPT;
        struct bytes payload = detached ? (struct bytes){0} : bytes_text(PAYLOAD);
        struct refusal refusal = decode(cases[i].labels, "", payload, cases[i].expected);
        bool same_field = !cases[i].field || (refusal.field && strcmp(refusal.field, cases[i].field) == 0);
        if (refusal.code != cases[i].want || !same_field)
            fail_msg("%s as %s: %s %s", cases[i].labels, cose_typ_text(cases[i].expected), code_name(refusal.code), refusal.field ? refusal.field : "-");
    }
}

static void around_it(void **state) {
    (void)state;
    struct bytes payload = bytes_text(PAYLOAD), none = {0}, empty = bytes_of("", 0);
    /* alg only where it is not signed (B3), and anything else there */
    assert_int_equal(decode("ckwtg", "\xa1\x01\x38\x2e", payload, TYP_RECORD).code, CODE_UNPROTECTED_HEADER);
    assert_int_equal(decode("ackwtg", "\xa1\x01\x38\x2e", payload, TYP_RECORD).code, CODE_UNPROTECTED_HEADER);
    assert_int_equal(decode("akH", "\xa1\x04\x41\x01", none, TYP_HEADER).code, CODE_UNPROTECTED_HEADER);
    assert_int_equal(decode("ackwtg", "\x80", payload, TYP_RECORD).code, CODE_CBOR_TYPE);
    assert_int_equal(decode("ackwtg", "\xf6", payload, TYP_RECORD).code, CODE_FIELD_MISSING);
    assert_int_equal(decode("ackwtg", "\xa2\x02\x01\x01\x01", payload, TYP_RECORD).code, CODE_CBOR_KEY_ORDER);
    /* payload: absent, empty, attached where it must not be */
    assert_int_equal(decode("ackwtg", "", none, TYP_RECORD).code, CODE_PAYLOAD_MISSING);
    assert_int_equal(decode("ackwtg", "", empty, TYP_RECORD).code, CODE_PAYLOAD_MISSING);
    assert_int_equal(decode("akd", "", none, TYP_HEAD).code, CODE_PAYLOAD_MISSING);
    assert_int_equal(decode("akH", "", payload, TYP_HEADER).code, CODE_CBOR_TYPE);
    assert_int_equal(decode("akwrv", "", payload, TYP_RECEIPT).code, CODE_CBOR_TYPE);
}

/* The shape: tag, four parts, a signature of 64 bytes, an empty protected header in both forms. */
static void shape(void **state) {
    (void)state;
    static const struct {
        const char *hex;
        enum code want;
    } cases[] = {{"", CODE_CBOR_TRUNCATED}, {"84", CODE_CBOR_TAG}, {"d1", CODE_CBOR_TAG}, {"d2", CODE_CBOR_TRUNCATED}, {"d280", CODE_FIELD_MISSING},
                 {"d28340a0f6", CODE_FIELD_MISSING}, {"d28540a0f640f6", CODE_CBOR_RANGE}, {"d284f6a0f640", CODE_FIELD_MISSING},
                 {"d28440a0f640", CODE_FIELD_MISSING}, {"d28440a0f64100", CODE_CBOR_RANGE}, {"d28440a0f6f6", CODE_FIELD_MISSING},
                 {"d284a0a0f640", CODE_CBOR_TYPE}, {"d2d28440a0f640", CODE_CBOR_TAG}, {"d28440bffff640", CODE_CBOR_INDEFINITE},
                 {"d2845affffffff", CODE_CBOR_TRUNCATED}, {"d28440a00040", CODE_CBOR_TYPE}};
    uint8_t bytes[64];
    struct cose_sign1 cose;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t len = strlen(cases[i].hex) / 2;
        assert_true(hex_decode(bytes, len, cases[i].hex, 2 * len));
        enum code have = cose_sign1_decode(&cose, bytes_of(bytes, len), TYP_RECORD).code;
        if (have != cases[i].want) fail_msg("%s: %s, not %s", cases[i].hex, code_name(have), code_name(cases[i].want));
    }
    uint8_t buf[128];
    struct wire_out out = wire_write(buf, sizeof buf);
    cose_sign1_encode(&out, (struct bytes){0}, (struct bytes){0}, bytes_text("x"), fill(3));
    struct refusal refusal = cose_sign1_decode(&cose, bytes_of(buf, out.len), TYP_RECORD);
    assert_int_equal(refusal.code, CODE_FIELD_MISSING);
    assert_string_equal(refusal.field, "alg");
}

static struct refusal statement_with(const char *iss, const char *sub) {
    static uint8_t buf[2048];
    uint8_t header_bytes[COSE_PROTECTED_MAX];
    struct cose_header header = {COSE_ALG_ES256K, fill(1), TYP_RECORD, bytes_text(iss), bytes_text(sub), 1, fill(2)};
    size_t len = cose_protected_encode(header_bytes, &header);
    struct wire_out out = wire_write(buf, sizeof buf);
    cose_sign1_encode(&out, bytes_of(header_bytes, len), (struct bytes){0}, bytes_text(PAYLOAD), fill(3));
    struct statement statement;
    return statement_decode(&statement, bytes_of(buf, out.len));
}

static void claims(void **state) {
    (void)state;
    const char *iss = ISS_PREFIX "11310118MB2F00000L";
    const char *key = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f";
    assert_int_equal(statement_with(iss, key).code, CODE_OK);
    assert_int_equal(statement_with(iss, "job-2026-001").code, CODE_OK);
    assert_int_equal(statement_with(iss, "1.2.156.3005.2.11310118MB2F00000L001").code, CODE_SUB_INVALID);
    assert_int_equal(statement_with(iss, "张三").code, CODE_SUB_INVALID);
    assert_int_equal(statement_with(iss, "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f0").code, CODE_CBOR_RANGE);
    assert_int_equal(statement_with(iss, "a\nb").code, CODE_TEXT_INVALID);
    assert_int_equal(statement_with("11310118MB2F00000L", key).code, CODE_ISSUER_MISMATCH);
    assert_int_equal(statement_with(ISS_PREFIX "11310118MB2F0000", key).code, CODE_ISSUER_MISMATCH);
    assert_int_equal(statement_with(ISS_PREFIX "11310118mb2f00000l", key).code, CODE_ISSUER_MISMATCH);
    assert_int_equal(statement_with(ISS_PREFIX "11310118MB2F00000L00000000000000000000000000000000", key).code, CODE_CBOR_RANGE);
}

static void size(void **state) {
    (void)state;
    static uint8_t big[STATEMENT_BYTES_MAX + 1];
    struct statement statement;
    assert_int_equal(statement_decode(&statement, bytes_of(big, sizeof big)).code, CODE_STATEMENT_TOO_LARGE);
    assert_int_equal(statement_decode(&statement, bytes_of(big, sizeof big - 1)).code, CODE_CBOR_TAG);
}

/* The id is the record's, whoever's signature stands under it; the leaf is that of all bytes. */
static void twins(void **state) {
    (void)state;
    struct vector v = vector_load("statement", "statement");
    struct statement first, second;
    assert_int_equal(statement_decode(&first, vector_bytes(&v)).code, CODE_OK);
    struct vector twin = v;
    twin.data[twin.len - 1] ^= 1;
    assert_int_equal(statement_decode(&second, vector_bytes(&twin)).code, CODE_OK);
    assert_memory_equal(first.id, second.id, 32);
    assert_memory_not_equal(first.leaf, second.leaf, 32);
}

static void damaged(void **state) {
    (void)state;
    static const struct {
        const char *name;
        codec_fn codec;
    } cases[] = {{"statement", codec_statement}, {"statement_suspend", codec_statement}, {"request", codec_request}, {"note", codec_note}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct vector v = vector_load("statement", cases[i].name);
        law_damaged(cases[i].codec, vector_bytes(&v));
        struct damage taken = law_items(cases[i].codec, vector_bytes(&v));
        assert_int_equal(taken.null_taken, 0);
        assert_int_equal(taken.absent_taken, 0);
    }
}

static struct vector outer;
static struct refusal codec_inside(struct wire_out *out, struct bytes protected_header) {
    uint8_t buf[2048], again[2048];
    struct cose_sign1 cose, changed;
    assert_int_equal(cose_sign1_decode(&cose, vector_bytes(&outer), TYP_RECORD).code, CODE_OK);
    struct wire_out whole = wire_write(buf, sizeof buf), encoded = wire_write(again, sizeof again);
    cose_sign1_encode(&whole, protected_header, (struct bytes){0}, cose.payload, cose.signature);
    struct refusal refusal = codec_cose(&encoded, bytes_of(buf, whole.len), TYP_RECORD);
    if (refusal.code != CODE_OK) return refusal;
    assert_int_equal(cose_sign1_decode(&changed, bytes_of(again, encoded.len), TYP_RECORD).code, CODE_OK);
    wire_put_raw(out, changed.protected_header);
    return refusal;
}

/* The same for what stands inside the protected header. */
static void damaged_inside(void **state) {
    (void)state;
    outer = vector_load("statement", "statement");
    struct vector v = vector_load("statement", "protected_record");
    struct damage taken = law_items(codec_inside, vector_bytes(&v));
    assert_int_equal(taken.null_taken, 0);
    assert_int_equal(taken.absent_taken, 0);
}

static int setup(void **state) {
    (void)state;
    return hash_setup() ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(protected_table), cmocka_unit_test(around_it), cmocka_unit_test(shape), cmocka_unit_test(claims), cmocka_unit_test(size),
        cmocka_unit_test(twins), cmocka_unit_test(damaged), cmocka_unit_test(damaged_inside),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
