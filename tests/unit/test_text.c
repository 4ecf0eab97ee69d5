/* Text: two spellings of one thing end alike, and doing it twice changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/wire/cbor.h"
#include "ledger/wire/text.h"

enum form { CODE, NAME };

static enum code run(enum form form, char *out, size_t cap, size_t *len, const char *in, unsigned *changes) {
    *changes = 0;
    return form == CODE ? text_normal_code(out, cap, len, bytes_text(in), changes) : text_normal_name(out, cap, len, bytes_text(in), changes);
}

struct row {
    enum form form;
    const char *in, *out;
    unsigned changes;
};
static const struct row ROWS[] = {
    {CODE, "ABC-123", "ABC-123", 0},
    {CODE, "", "", 0},
    {CODE, "abc", "ABC", TEXT_CASE},
    {NAME, "abc", "abc", 0},
    {CODE, "  A1 ", "A1", TEXT_SPACES},
    {CODE, "A  1", "A  1", 0}, /* spaces inside may mean something */
    {CODE, "\u3000\u00a0\u2003\u200bA\u202f\u2060\u3000", "A", TEXT_SPACES},
    {CODE, " \u3000 ", "", TEXT_SPACES},
    {CODE, "\uff21\uff41\uff11\uff0d\uff3f", "AA1-_", TEXT_WIDTH | TEXT_CASE},
    {NAME, "\uff08\u4e2d\uff09\uff21\uff42", "(\u4e2d)Ab", TEXT_WIDTH},
    {NAME, "\uff01\uff5e", "!~", TEXT_WIDTH},                 /* both ends of the block */
    {NAME, "\uff5f\uff00\uffe5", "\uff5f\uff00\uffe5", 0},    /* just beside it, and a currency sign that is not ASCII */
    {NAME, "\u3002\uff61", "\u3002\uff61", 0},                /* other compatibility forms are other characters */
    {NAME, " \u5f20\u4e09 ", "\u5f20\u4e09", TEXT_SPACES},
    {NAME, "\u5f20\u3000\u4e09", "\u5f20\u3000\u4e09", 0},
    {NAME, "e\u0301", "\u00e9", TEXT_NFC},
    {CODE, "e\u0301", "\u00e9", TEXT_NFC},                    /* like the one-character spelling below: not ASCII, so case stays */
    {CODE, "\u00e9", "\u00e9", 0},
    {CODE, "\uff45\u0301", "\u00e9", TEXT_WIDTH | TEXT_NFC},
    {CODE, "i\u0307", "\u0130", TEXT_CASE},                   /* only the capital has a form of its own */
    {CODE, "\u212a", "K", TEXT_NFC},                          /* Kelvin sign */
    {NAME, "\u212b", "\u00c5", TEXT_NFC},                     /* Angstrom sign */
    {NAME, "\u2000x", "x", TEXT_NFC | TEXT_SPACES},
    {NAME, "\uf900", "\u8c48", TEXT_NFC},                     /* CJK compatibility ideograph */
    {NAME, "\u1100\u1161", "\uac00", TEXT_NFC},               /* Hangul */
    {NAME, "q\u0307\u0323", "q\u0323\u0307", TEXT_NFC},       /* order of marks */
    {NAME, "\U00020000", "\U00020000", 0},
};

static void rows(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        char out[64], again[64];
        size_t len, again_len;
        unsigned changes;
        assert_int_equal(run(ROWS[i].form, out, sizeof out - 1, &len, ROWS[i].in, &changes), CODE_OK);
        out[len] = '\0';
        if (strcmp(out, ROWS[i].out) != 0 || changes != ROWS[i].changes) {
            fail_msg("row %zu: \"%s\" gives \"%s\" (%u), not \"%s\" (%u)", i, ROWS[i].in, out, changes, ROWS[i].out, ROWS[i].changes);
        }
        assert_int_equal(run(ROWS[i].form, again, sizeof again, &again_len, out, &changes), CODE_OK);
        assert_true(bytes_equal(bytes_of(out, len), bytes_of(again, again_len)));
        assert_int_equal(changes, 0);
        assert_true(text_is_nfc(bytes_of(out, len)));
    }
}

static void refused(void **state) {
    (void)state;
    char out[16];
    size_t len = 77;
    unsigned changes;
    static const char *const bad[] = {"a\tb", "a\n", "\x7f", "\xc2\x85", "\xff", "\xc0\x80", "\xe4\xb8", "\xed\xa0\x80", "\u202eabc", "\u2066", "\ufeffx", "\ufffe"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(run(CODE, out, sizeof out, &len, bad[i], &changes), CODE_TEXT_INVALID);
        assert_int_equal(run(NAME, out, sizeof out, &len, bad[i], &changes), CODE_TEXT_INVALID);
        assert_false(text_is_nfc(bytes_text(bad[i])));
    }
    assert_int_equal(len, 77);
    assert_int_equal(changes, 0);
}

static void lengths(void **state) {
    (void)state;
    char out[8];
    size_t len;
    assert_int_equal(text_normal_code(out, 3, &len, bytes_text("  abc "), NULL), CODE_OK); /* what counts is what is left */
    assert_int_equal(len, 3);
    assert_int_equal(text_normal_code(out, 2, &len, bytes_text("abc"), NULL), CODE_CBOR_RANGE);
    assert_int_equal(text_normal_code(out, 0, &len, bytes_text("  "), NULL), CODE_OK);
    assert_int_equal(len, 0);
    assert_int_equal(text_normal_name(out, 0, &len, (struct bytes){NULL, 0}, NULL), CODE_OK);

    static char big[16384], result[16384];
    memset(big, 'a', sizeof big);
    assert_int_equal(text_normal_code(result, sizeof result, &len, bytes_of(big, 8192), NULL), CODE_OK);
    assert_int_equal(len, 8192);
    assert_int_equal(text_normal_code(result, sizeof result, &len, bytes_of(big, 8193), NULL), CODE_CBOR_RANGE);
    /* Growth: three bytes of input, nine of output (Hebrew presentation form with dagesh and sin dot). */
    for (size_t i = 0; i + 3 <= 8190; i += 3) memcpy(big + i, "\uFB2C", 3);
    assert_int_equal(text_normal_name(result, sizeof result, &len, bytes_of(big, 8190), NULL), CODE_OK);
    assert_int_equal(len, 8190 * 2);
    assert_true(text_is_nfc(bytes_of(result, 8190)));
    /* A long tail of marks is sorted in time that depends on its length only mildly. */
    for (size_t i = 0; i + 2 <= 8192; i += 2) memcpy(big + i, i % 4 == 0 ? "\u0301" : "\u0323", 2);
    assert_int_equal(text_normal_name(result, sizeof result, &len, bytes_of(big, 8192), NULL), CODE_OK);
    assert_int_equal(len, 8192);
}

/* Canonically equivalent spellings: each character of a few blocks, composed and taken apart by hand, gives one result. */
static void equivalents(void **state) {
    (void)state;
    static const struct { const char *a, *b; } pairs[] = {
        {"\u00c5", "A\u030a"}, {"\u1e69", "s\u0323\u0307"}, {"\u1e69", "s\u0307\u0323"}, {"\u01d5", "U\u0308\u0304"}, {"\u0130", "I\u0307"},
        {"\u00f1o", "n\u0303o"}, {"\u1ebf", "e\u0302\u0301"}, {"\u30ac", "\u30ab\u3099"}, {"\uac01", "\u1100\u1161\u11a8"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        for (int form = CODE; form <= NAME; form++) {
            char a[32], b[32];
            size_t a_len, b_len;
            unsigned changes;
            assert_int_equal(run((enum form)form, a, sizeof a, &a_len, pairs[i].a, &changes), CODE_OK);
            assert_int_equal(run((enum form)form, b, sizeof b, &b_len, pairs[i].b, &changes), CODE_OK);
            assert_true(bytes_equal(bytes_of(a, a_len), bytes_of(b, b_len)));
        }
    }
}

/* What people write differently and mean as one; and what must not become one. */
static void folds(void **state) {
    (void)state;
    static const struct { bool number; const char *in, *out; } rows[] = {
        {false, "张 三", "张三"}, {false, "张\xe3\x80\x80三", "张三"}, {false, "青浦\xe2\x80\x8b食品店", "青浦食品店"}, {false, "青\xc2\xad浦", "青浦"},
        {false, "\xee\xa1\xa3记", "䶮记"}, {false, "⻓沙", "长沙"}, {false, "⾦山", "金山"}, {false, "葛\xf3\xa0\x84\x80城", "葛城"},
        {false, "买买提•艾力", "买买提·艾力"}, {false, "买买提 ・ 艾力", "买买提·艾力"}, {false, "买买提.艾力", "买买提·艾力"}, {false, "John  Smith", "John Smith"},
        {false, "A.B. Smith", "A.B. Smith"}, {false, "青浦 ABC 公司", "青浦ABC公司"}, {false, "张三", "张三"}, {false, "", ""},
        {true, "沪〔2024〕1号", "沪(2024)1号"}, {true, "沪[2024]1号", "沪(2024)1号"}, {true, "沪【2024】 1号", "沪(2024)1号"}, {true, "A–1", "A-1"}, {true, "A-1", "A-1"},
        {true, "ABC\xe2\x80\x8b", "ABC"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char once[TEXT_FOLD_MAX], twice[TEXT_FOLD_MAX];
        const struct bytes got = rows[i].number ? text_fold_number(once, bytes_text(rows[i].in)) : text_fold_name(once, bytes_text(rows[i].in));
        if (!bytes_equal(got, bytes_text(rows[i].out))) fail_msg("%s became %.*s", rows[i].in, (int)got.len, (const char *)got.data);
        assert_true(bytes_equal(rows[i].number ? text_fold_number(twice, got) : text_fold_name(twice, got), got));
    }
    char a[TEXT_FOLD_MAX], b[TEXT_FOLD_MAX];
    assert_false(bytes_equal(text_fold_name(a, bytes_text("张三")), text_fold_name(b, bytes_text("张叁"))));
    assert_false(bytes_equal(text_fold_number(a, bytes_text("沪〔2024〕1号")), text_fold_number(b, bytes_text("沪〔2024〕11号"))));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(rows), cmocka_unit_test(refused), cmocka_unit_test(lengths), cmocka_unit_test(equivalents), cmocka_unit_test(folds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
