/* Tags: exact bytes against vectors made by another program (tests/vectors/make_tags.py), and what must not verify. */
#include "tests/lib/wire.h"

#include "ledger/wire/tags.h"

#define TYPE "11100000000013338W011"
#define IDENTIFIER "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"

static struct lookup lookup_of(bool keyed) {
    struct lookup lookup = {.genesis = fill(0x10), .type_code = bytes_text(TYPE), .keyed = keyed};
    memcpy(lookup.secret, fill(0x80), 32);
    return lookup;
}

static void vectors_tags(void **state) {
    (void)state;
    for (int keyed = 0; keyed < 2; keyed++) {
        const struct lookup lookup = lookup_of(keyed == 1);
        uint8_t key[32], tag[TAG_LEN];
        char name[32];
        const char *kind = keyed ? "keyed" : "public";
        tag_licence(key, &lookup, bytes_text(IDENTIFIER));
        snprintf(name, sizeof name, "%s_licence", kind);
        assert_vector("tags", name, key, 32);
        tag_number(tag, &lookup, bytes_text("建字第2026-001号"));
        snprintf(name, sizeof name, "%s_number", kind);
        assert_vector("tags", name, tag, TAG_LEN);
        tag_holder(tag, &lookup, bytes_text("11430000006122244L"));
        snprintf(name, sizeof name, "%s_holder", kind);
        assert_vector("tags", name, tag, TAG_LEN);
        tag_name(tag, &lookup, key, bytes_text("张三"));
        snprintf(name, sizeof name, "%s_name", kind);
        assert_vector("tags", name, tag, TAG_LEN);
        snprintf(name, sizeof name, "%s_name_empty", kind);
        tag_name(tag, &lookup, key, bytes_text(""));
        assert_vector("tags", name, tag, TAG_LEN);
        tag_name(tag, &lookup, key, (struct bytes){NULL, 0});
        assert_vector("tags", name, tag, TAG_LEN);
    }
    uint8_t key[32];
    document_key(key, fill(0x10), DIGEST_SHA256, fill(0x40));
    assert_vector("tags", "document_sha256", key, 32);
    document_key(key, fill(0x10), DIGEST_SM3, fill(0x40));
    assert_vector("tags", "document_sm3", key, 32);
}

/* No tag is common to two ledgers, types, secrets or purposes. */
static void tags_differ(void **state) {
    (void)state;
    uint8_t tags[8][TAG_LEN];
    struct lookup a = lookup_of(true), b;
    tag_number(tags[0], &a, bytes_text("X"));
    tag_holder(tags[1], &a, bytes_text("X"));
    tag_name(tags[2], &a, fill(1), bytes_text("X"));
    tag_name(tags[3], &a, fill(2), bytes_text("X"));
    b = a;
    b.genesis = fill(0x11);
    tag_number(tags[4], &b, bytes_text("X"));
    b = a;
    b.type_code = bytes_text("11100000000013338W012");
    tag_number(tags[5], &b, bytes_text("X"));
    b = a;
    b.secret[31] ^= 1;
    tag_number(tags[6], &b, bytes_text("X"));
    b = lookup_of(false);
    tag_number(tags[7], &b, bytes_text("X"));
    for (size_t i = 0; i < 8; i++) {
        for (size_t k = i + 1; k < 8; k++) assert_memory_not_equal(tags[i], tags[k], TAG_LEN);
    }
    b.secret[0] ^= 1; /* which a public type does not look at */
    tag_number(tags[0], &b, bytes_text("X"));
    assert_memory_equal(tags[0], tags[7], TAG_LEN);
}

static void digest_names(void **state) {
    (void)state;
    enum digest_alg alg;
    assert_true(digest_alg_from_name(&alg, bytes_text("sha-256")) && alg == DIGEST_SHA256);
    assert_true(digest_alg_from_name(&alg, bytes_text("sm3")) && alg == DIGEST_SM3);
    static const char *const bad[] = {"", "SM3", "sha256", "sha-25", "sha-256 ", "md5"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(digest_alg_from_name(&alg, bytes_text(bad[i])));
}

/* The 64 fields of make_tags.py. */
static const struct field *all_fields(void) {
    static struct field fields[ELEMENTS_MAX];
    static char code[ELEMENTS_MAX][8], value[ELEMENTS_MAX][24], x[300];
    memset(x, 'x', sizeof x);
    for (size_t i = 0; i < 63; i++) {
        snprintf(code[i], sizeof code[i], "KZ_%02u", (unsigned)i % 100);
        snprintf(value[i], sizeof value[i], "value %u 值", (unsigned)i % 100);
        fields[i] = (struct field){bytes_text(code[i]), bytes_text(value[i])};
    }
    fields[5].value = bytes_of("", 0);
    fields[7].value = bytes_of(x, sizeof x);
    fields[63] = (struct field){bytes_text(ELEMENT_IDENTIFIER), bytes_text(IDENTIFIER)};
    return fields;
}

static void disclosures(void **state) {
    (void)state;
    static const struct { size_t index; const char *name; } rows[] = {{0, "disclosure_short"}, {5, "disclosure_empty"}, {7, "disclosure_long"}};
    uint8_t out[DISCLOSURE_MAX];
    for (size_t i = 0; i < 3; i++) {
        const struct field *field = &all_fields()[rows[i].index];
        struct field back;
        const size_t len = disclosure_encode(out, fill(0xc0), field);
        assert_vector("tags", rows[i].name, out, len);
        assert_int_equal(disclosure_decode(&back, bytes_of(out, len)).code, CODE_OK);
        assert_true(bytes_equal(back.code, field->code) && bytes_equal(back.value, field->value));
        for (size_t cut = 0; cut < len; cut++) assert_int_not_equal(disclosure_decode(&back, bytes_of(out, cut)).code, CODE_OK);
    }
    static uint8_t longest[FIELD_VALUE_MAX + 1], code[ELEMENT_CODE_MAX + 1];
    memset(longest, 'v', sizeof longest);
    memset(code, 'C', sizeof code);
    struct field field = {bytes_of(code, ELEMENT_CODE_MAX), bytes_of(longest, FIELD_VALUE_MAX)}, back;
    size_t len = disclosure_encode(out, fill(0xc0), &field);
    assert_true(len > 0);
    assert_int_equal(disclosure_decode(&back, bytes_of(out, len)).code, CODE_OK);
    field.value.len++;
    assert_int_equal(disclosure_encode(out, fill(0xc0), &field), 0);
    field = (struct field){bytes_of(code, ELEMENT_CODE_MAX + 1), bytes_text("")};
    assert_int_equal(disclosure_encode(out, fill(0xc0), &field), 0);
    field.code.len = 0;
    assert_int_equal(disclosure_encode(out, fill(0xc0), &field), 0);
}

static void roots_and_openings(void **state) {
    (void)state;
    static const size_t counts[] = {1, 2, 3, 5, 8, 33, 64};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        const size_t count = counts[c];
        const struct field *fields = all_fields() + ELEMENTS_MAX - count;
        uint8_t root[32], opening[OPENING_MAX];
        char name[64];
        size_t len;
        assert_true(fields_root(root, fill(0xc0), fields, count));
        snprintf(name, sizeof name, "root_%zu", count);
        assert_vector("tags", name, root, 32);
        for (size_t index = 0; index < count; index++) {
            struct field back;
            assert_true(opening_make(opening, &len, fill(0xc0), fields, count, index));
            assert_int_equal(opening_check(&back, bytes_of(opening, len), root).code, CODE_OK);
            assert_true(bytes_equal(back.code, fields[index].code) && bytes_equal(back.value, fields[index].value));
            if (index != 0 && index != count / 2 && index != count - 1) continue;
            snprintf(name, sizeof name, "opening_%zu_%zu", count, index);
            assert_vector("tags", name, opening, len);
        }
        assert_false(opening_make(opening, &len, fill(0xc0), fields, count, count));
    }
}

/* A flipped byte is refused, or (in index and size of the tree, which say where and not what) changes nothing that is opened. */
static void openings_damaged(void **state) {
    (void)state;
    const struct field *fields = all_fields() + 59;
    uint8_t root[32], opening[OPENING_MAX];
    size_t len, taken = 0;
    struct field back;
    assert_true(fields_root(root, fill(0xc0), fields, 5));
    assert_true(opening_make(opening, &len, fill(0xc0), fields, 5, 2));
    for (size_t i = 0; i < len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            opening[i] ^= (uint8_t)(1 << bit);
            if (opening_check(&back, bytes_of(opening, len), root).code == CODE_OK) {
                assert_true(bytes_equal(back.code, fields[2].code) && bytes_equal(back.value, fields[2].value));
                taken++;
            }
            opening[i] ^= (uint8_t)(1 << bit);
        }
    }
    assert_true(taken <= 2);
    for (size_t cut = 0; cut < len; cut++) assert_int_not_equal(opening_check(&back, bytes_of(opening, cut), root).code, CODE_OK);
    opening[len] = 0;
    assert_int_equal(opening_check(&back, bytes_of(opening, len + 1), root).code, CODE_CBOR_TRAILING);
    root[0] ^= 1;
    assert_int_equal(opening_check(&back, bytes_of(opening, len), root).code, CODE_PROOF_MISMATCH);
    /* Another seed makes other salts, so a root says nothing about values. */
    uint8_t other[32];
    root[0] ^= 1;
    assert_true(fields_root(other, fill(0xc1), fields, 5));
    assert_memory_not_equal(root, other, 32);
}

static void fields_refused(void **state) {
    (void)state;
    struct field fields[ELEMENTS_MAX + 1];
    uint8_t root[32];
    memcpy(fields, all_fields(), sizeof(struct field) * ELEMENTS_MAX);
    fields[ELEMENTS_MAX] = (struct field){bytes_text("ZZZZ"), bytes_text("1")};
    assert_false(fields_root(root, fill(0xc0), fields, 0));
    assert_true(fields_root(root, fill(0xc0), fields, ELEMENTS_MAX));
    assert_false(fields_root(root, fill(0xc0), fields, ELEMENTS_MAX + 1));
    fields[1].code = fields[0].code; /* twice */
    assert_false(fields_root(root, fill(0xc0), fields, 3));
    fields[1].code = bytes_text("A"); /* out of order */
    assert_false(fields_root(root, fill(0xc0), fields, 3));
    fields[0].code = bytes_text("K"); /* a beginning comes before what it begins */
    fields[1].code = bytes_text("KZ");
    assert_true(fields_root(root, fill(0xc0), fields, 2));
    fields[0].code = bytes_text("KZ");
    fields[1].code = bytes_text("K");
    assert_false(fields_root(root, fill(0xc0), fields, 2));
    fields[0].code = (struct bytes){NULL, 0};
    assert_false(fields_root(root, fill(0xc0), fields, 1));
}

static int setup(void **state) {
    (void)state;
    return hash_setup() ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_tags),       cmocka_unit_test(tags_differ),      cmocka_unit_test(digest_names), cmocka_unit_test(disclosures),
        cmocka_unit_test(roots_and_openings), cmocka_unit_test(openings_damaged), cmocka_unit_test(fields_refused),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
