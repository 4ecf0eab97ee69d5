/* SES: what files of production systems and of test authorities hold. OpenSSL says whether what we call signed is what was signed. The files are read where
 * they are found and are no part of this project. */
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

static void maker_signed(const struct ses_seal *seal, const char *what) {
    static uint8_t buffer[1 << 20];
    struct bytes over;
    assert_oid(seal->alg, "1.2.156.10197.1.501");
    assert_true(ses_seal_signed(&over, seal, buffer, sizeof buffer));
    if (!sm2_verifies(seal->maker_cert, &over, 1, seal->signature)) fail_msg("%s: the maker's signature is not over what we say", what);
    if (over.data == buffer) buffer[over.len / 2] ^= 1;
    else over.len--;
    assert_false(sm2_verifies(seal->maker_cert, &over, 1, seal->signature));
}

static void signer_signed(const struct ses_signature *sig, const char *what) {
    if (!sm2_verifies(sig->cert, &sig->to_sign, 1, sig->signature)) fail_msg("%s: the signer's signature is not over what we say", what);
    assert_false(sm2_verifies(sig->cert, &sig->seal.info, 1, sig->signature));
}

static void sample_seals(void **state) {
    (void)state;
    samples_or_skip();
    static const struct { const char *file; enum ses_version version; uint32_t type; const char *name, *id; } cases[] = {
        {"esl/UserV1.esl", SES_V1, 1, "OFDRW测试用印章", "40C8CDD24DEF43388B86E62CCE1D6832"},
        {"esl/UserV4.esl", SES_V4, 3, "OFD R&W 测试用印章", "51f044b76510434e9bc67a1185c2fba5"},
        {"esl/UserV5_ts.esl", SES_V5, 3, "OFD R&W V5测试用印章", "55a4a957189a48f596706fb431e962c5"},
        {"real-seals/yn-zjt-2020-sign0/Seal.esl", SES_V4, 15, "云南省住房和城乡建设厅", "53011200000556"},
        {"real-seals/zibo-bdc-2020-rawrs/Seal.esl", SES_V4, 6, "淄博市周村区自然资源局(不动产登记专用章)", "37030000001721"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sample file = sample_load(cases[i].file);
        const struct ses_seal seal = seal_of(sample_bytes(&file));
        assert_int_equal(seal.version, cases[i].version);
        assert_int_equal(seal.type, cases[i].type);
        assert_view(seal.name, cases[i].name);
        assert_view(seal.id, cases[i].id);
        assert_int_equal(seal.list_count, 1);
        assert_int_equal(seal.timestamp.len > 0, seal.version == SES_V5);
        maker_signed(&seal, cases[i].file);
        assert_true(law_seal(sample_bytes(&file)));
        sample_free(&file);
    }
}

/* One signature value: what is common to all of them, then what is expected of this one. */
struct value_case {
    const char *value, *xml, *seal;
    uint32_t type;
    const char *id;
    int64_t time_ms;
    uint32_t seal_exts, exts;
    bool raw;
};
static void check_value(const struct value_case *want, struct bytes value, const struct bytes *xml, const struct bytes *seal_file) {
    const struct ses_signature sig = signature_of(value);
    uint8_t digest[32];
    assert_int_equal(sig.version, SES_V4);
    assert_int_equal(sig.sign_version, 4);
    assert_int_equal(sig.seal.type, want->type);
    assert_view(sig.seal.id, want->id);
    assert_int_equal(sig.time_ms, want->time_ms);
    assert_int_equal(sig.seal.ext_count, want->seal_exts);
    assert_int_equal(sig.ext_count, want->exts);
    assert_int_equal(sig.signature.len == 64, want->raw);
    assert_true(bytes_equal(sig.seal.list[0], sig.cert));
    maker_signed(&sig.seal, want->value);
    signer_signed(&sig, want->value);
    if (xml) {
        sm3_of(digest, *xml);
        assert_true(bytes_equal(sig.data_hash, bytes_of(digest, 32)));
    }
    if (seal_file) assert_true(bytes_equal(sig.seal.whole, *seal_file));
    assert_true(law_signature(value));
}

static void sample_signatures(void **state) {
    (void)state;
    samples_or_skip();
    static const struct value_case cases[] = {
        {"esl/SignedValueV4.dat", NULL, "esl/UserV4.esl", 3, "51f044b76510434e9bc67a1185c2fba5", 1602501243000, 0, 0, false},
        {"real-seals/zj-tax-2020/SignedValue.dat", "real-seals/zj-tax-2020/Signature.xml", NULL, 3, "33010600000001", 1595509747000, 1, 0, false},
        {"real-seals/js-tax-2020/SignedValue.dat", "real-seals/js-tax-2020/Signature.xml", NULL, 3, "32010600000001", 1601796535000, 1, 0, false},
        {"real-seals/yn-zjt-2020-sign0/SignedValue.dat", "real-seals/yn-zjt-2020-sign0/Signature.xml", "real-seals/yn-zjt-2020-sign0/Seal.esl", 15,
         "53011200000556", 1602313121000, 0, 0, false},
        {"real-seals/zibo-bdc-2020-rawrs/SignedValue.dat", "real-seals/zibo-bdc-2020-rawrs/Signature.xml", "real-seals/zibo-bdc-2020-rawrs/Seal.esl", 6,
         "37030000001721", 1592644729000, 0, 1, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sample value = sample_load(cases[i].value), xml = {NULL, 0}, seal = {NULL, 0};
        if (cases[i].xml) xml = sample_load(cases[i].xml);
        if (cases[i].seal) seal = sample_load(cases[i].seal);
        const struct bytes xml_bytes = sample_bytes(&xml), seal_bytes = sample_bytes(&seal);
        check_value(&cases[i], sample_bytes(&value), cases[i].xml ? &xml_bytes : NULL, cases[i].seal ? &seal_bytes : NULL);
        sample_free(&value);
        sample_free(&xml);
        sample_free(&seal);
    }
}

static void sample_packages(void **state) {
    (void)state;
    samples_or_skip();
#define FOLDER(n) "Doc_0/Signs/Sign_" #n "/SignedValue.dat", "Doc_0/Signs/Sign_" #n "/Signature.xml"
#define WITH_SEAL(n) FOLDER(n), "Doc_0/Signs/Sign_" #n "/Seal.esl"
    static const struct { const char *package; struct value_case value; } cases[] = {
        {"ofd/V4RideRight.ofd", {WITH_SEAL(0), 3, "51f044b76510434e9bc67a1185c2fba5", 1621428824000, 0, 0, false}},
        {"ofd/SESV4SignDoc.ofd", {WITH_SEAL(0), 3, "51f044b76510434e9bc67a1185c2fba5", 1785809289000, 0, 0, false}},
        {"ofd/v4signed.ofd", {FOLDER(0), NULL, 3, "50011200000399", 1602313880000, 1, 0, false}},
        {"ofd/v4signed-tampered.ofd", {FOLDER(0), NULL, 3, "50011200000399", 1602313880000, 1, 0, false}},
        {"ofd/999.ofd", {FOLDER(0), NULL, 3, "50011200000323", 1597662809000, 1, 0, false}},
        {"ofd/zsbk.ofd", {WITH_SEAL(0), 15, "53011200000556", 1602313121000, 0, 0, false}},
        {"ofd/zsbk.ofd", {WITH_SEAL(1), 15, "53011200000556", 1602313121000, 0, 0, false}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct value_case *want = &cases[i].value;
        struct sample value = sample_unzip(cases[i].package, want->value), xml = sample_unzip(cases[i].package, want->xml), seal = {NULL, 0};
        if (want->seal) seal = sample_unzip(cases[i].package, want->seal);
        const struct bytes xml_bytes = sample_bytes(&xml), seal_bytes = sample_bytes(&seal);
        check_value(want, sample_bytes(&value), &xml_bytes, want->seal ? &seal_bytes : NULL);
        sample_free(&value);
        sample_free(&xml);
        sample_free(&seal);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(sample_seals), cmocka_unit_test(sample_signatures), cmocka_unit_test(sample_packages)};
    return cmocka_run_group_tests_name("ses_samples", tests, NULL, NULL);
}
