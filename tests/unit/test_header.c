/* Header: bounds, damage to every byte and field of headers, head notes, seals and receipts, and the longest of each. */
#include "crypto/hash.h"
#include "tests/lib/wire.h"

static const struct {
    const char *name;
    codec_fn codec;
} FORMATS[] = {{"header", codec_header}, {"header_first", codec_header}, {"seal", codec_seal}, {"head_note", codec_head_note}, {"receipt", codec_receipt}};

static void damaged(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) {
        struct vector v = vector_load("header", FORMATS[i].name);
        law_damaged(FORMATS[i].codec, vector_bytes(&v));
        struct damage taken = law_items(FORMATS[i].codec, vector_bytes(&v));
        if (taken.null_taken != 0 || taken.absent_taken != 0)
            fail_msg("%s: %u null, %u absent", FORMATS[i].name, taken.null_taken, taken.absent_taken);
    }
}

/* One signed thing is never taken for another (B6). */
static void kinds_apart(void **state) {
    (void)state;
    for (size_t i = 2; i < sizeof FORMATS / sizeof *FORMATS; i++) {
        struct vector v = vector_load("header", FORMATS[i].name);
        for (size_t k = 2; k < sizeof FORMATS / sizeof *FORMATS; k++)
            assert_int_equal(law(FORMATS[k].codec, vector_bytes(&v)).code == CODE_OK, i == k);
        assert_int_not_equal(law(codec_statement, vector_bytes(&v)).code, CODE_OK);
    }
    struct vector v = vector_load("statement", "statement");
    for (size_t k = 2; k < sizeof FORMATS / sizeof *FORMATS; k++) assert_int_not_equal(law(FORMATS[k].codec, vector_bytes(&v)).code, CODE_OK);
}

static struct header largest_header(void) {
    struct header header = {.chain_id = bytes_text("abcdefghijklmnopqrstuvwxyz-0123456789.ABCDEFGHIJ_K"), .term = UINT32_MAX, .n = INT64_MAX,
                            .engine_height = INT64_MAX, .time_ms = TIME_MS_MAX, .log_size = INT64_MAX, .objects = INT64_MAX,
                            .links = INT64_MAX, .licences = INT64_MAX};
    return header;
}

static void expect(const struct header *header, enum code want, const char *field) {
    uint8_t buf[HEADER_MAX];
    struct header out;
    struct refusal refusal = header_decode(&out, bytes_of(buf, header_encode(buf, header)));
    bool same = !field || (refusal.field && strcmp(refusal.field, field) == 0);
    if (refusal.code != want || !same) fail_msg("%s: %s %s", field ? field : "header", code_name(refusal.code), refusal.field ? refusal.field : "-");
}

static void bounds(void **state) {
    (void)state;
    struct header header = largest_header();
    expect(&header, CODE_OK, NULL);
    assert_int_equal(header.chain_id.len, CHAIN_ID_MAX);
    header.n = UINT64_MAX;
    expect(&header, CODE_CBOR_RANGE, "n");
    header = largest_header();
    header.engine_height = UINT64_C(1) << 63;
    expect(&header, CODE_CBOR_RANGE, "engine_height");
    header = largest_header();
    header.time_ms++;
    expect(&header, CODE_CBOR_RANGE, "time_ms");
    header.time_ms = -1;
    expect(&header, CODE_CBOR_RANGE, "time_ms");
    header = largest_header();
    header.log_size = UINT64_C(1) << 63;
    expect(&header, CODE_CBOR_RANGE, "log_size");
    header = largest_header();
    header.n = 0;
    expect(&header, CODE_OK, NULL);
    header.previous[31] = 1;
    expect(&header, CODE_CBOR_RANGE, "previous");
    static const char *const wrong[] = {"", "a b", "a/b", "a:b", "\xe6\xb2\xaa", "abcdefghijklmnopqrstuvwxyz-0123456789.ABCDEFGHIJ_KL"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        header = largest_header();
        header.chain_id = bytes_text(wrong[i]);
        expect(&header, i == 0 ? CODE_FIELD_MISSING : i == 5 ? CODE_CBOR_RANGE : CODE_TEXT_INVALID, "chain_id");
    }
    struct vector v = vector_load("header", "header");
    v.data[1] = 2;
    assert_int_equal(header_decode(&header, vector_bytes(&v)).code, CODE_VERSION_UNKNOWN);
}

static void hashing(void **state) {
    (void)state;
    struct vector v = vector_load("header", "header");
    uint8_t a[32], b[32];
    header_hash(a, vector_bytes(&v));
    v.data[v.len - 1] ^= 1;
    header_hash(b, vector_bytes(&v));
    assert_memory_not_equal(a, b, 32);
}

static void receipts(void **state) {
    (void)state;
    static uint8_t path[MERKLE_PATH_MAX][32];
    static struct receipt receipt;
    uint8_t protected_header[COSE_PROTECTED_MAX], buf[RECEIPT_MAX];
    char name[LEDGER_NAME_MAX];
    size_t name_len = ledger_name(name, largest_header().chain_id, fill(1));
    size_t len = receipt_protected(protected_header, fill(2), bytes_of(name, name_len), TIME_MS_MAX);
    struct bytes header = bytes_of(protected_header, len);
    /* the longest, and those that no tree gives */
    len = receipt_encode(buf, header, fill(3), INT64_MAX, INT64_MAX - 1, (const uint8_t(*)[32])path, MERKLE_PATH_MAX);
    assert_int_equal(law(codec_receipt, bytes_of(buf, len)).code, CODE_OK);
    len = receipt_encode(buf, header, fill(3), 5, 5, (const uint8_t(*)[32])path, 1);
    assert_int_equal(receipt_decode(&receipt, bytes_of(buf, len)).code, CODE_CBOR_RANGE);
    len = receipt_encode(buf, header, fill(3), 0, 0, (const uint8_t(*)[32])path, 1);
    assert_int_equal(receipt_decode(&receipt, bytes_of(buf, len)).code, CODE_CBOR_RANGE);
    len = receipt_encode(buf, header, fill(3), 1, 0, (const uint8_t(*)[32])path, 0);
    assert_int_equal(receipt_decode(&receipt, bytes_of(buf, len)).code, CODE_FIELD_MISSING);
    /* ES256 only: nothing else is what receipt verifiers in the field know */
    struct cose_header other = {.alg = COSE_ALG_ES256K, .kid = fill(2), .typ = TYP_RECEIPT, .iss = bytes_of(name, name_len),
                                .sub = bytes_of(name, name_len), .iat = 1};
    len = cose_protected_encode(protected_header, &other);
    len = receipt_encode(buf, bytes_of(protected_header, len), fill(3), 2, 1, (const uint8_t(*)[32])path, 1);
    assert_int_equal(receipt_decode(&receipt, bytes_of(buf, len)).code, CODE_ALG_NOT_ALLOWED);
    static uint8_t more[RECEIPT_MAX + 1];
    assert_int_equal(receipt_decode(&receipt, bytes_of(more, sizeof more)).code, CODE_CBOR_RANGE);
}

static void proofs_of_other_kinds(void **state) {
    (void)state;
    static struct receipt receipt;
    struct vector v = vector_load("header", "receipt");
    struct cose_sign1 cose;
    uint8_t buf[1024];
    assert_int_equal(cose_sign1_decode(&cose, vector_bytes(&v), TYP_RECEIPT).code, CODE_OK);
    static const struct {
        const char *unprotected;
        size_t len;
    } cases[] = {{"\xa0", 1}, {"\xa1\x19\x01\x8c\xa0", 5}, {"\xa1\x19\x01\x8c\xa1\x21\x81\x41\x80", 9}, {"\xa1\x19\x01\x8c\xa1\x20\x80", 7},
                 {"\xa1\x19\x01\x8c\xa1\x20\x81\x40", 8}, {"\xa1\x19\x01\x8c\xa1\x20\x82\x41\x80\x41\x80", 11}, {"\xa1\x19\x01\x8b\xa1\x20\x81\x41\x80", 9},
                 {"\xa2\x01\x26\x19\x01\x8c\xa1\x20\x81\x41\x80", 11}, {"\xa1\x19\x01\x8c\xa1\x20\x81\x41\x80", 9}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wire_out out = wire_write(buf, sizeof buf);
        cose_sign1_encode(&out, cose.protected_header, bytes_of(cases[i].unprotected, cases[i].len), (struct bytes){0}, cose.signature);
        assert_int_not_equal(receipt_decode(&receipt, bytes_of(buf, out.len)).code, CODE_OK);
    }
}

static int setup(void **state) {
    (void)state;
    return hash_setup() ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged), cmocka_unit_test(kinds_apart), cmocka_unit_test(bounds), cmocka_unit_test(hashing),
        cmocka_unit_test(receipts), cmocka_unit_test(proofs_of_other_kinds),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
