/* Words: a sentence within a sentence is in one language, whichever is asked for; errors of the system have words in both; counts; who reads Chinese. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <inttypes.h>

#include "crypto/errno_text.h"
#include "ledger/base/chinese.h"
#include "tools/cli/cli.h"
#include "tools/cli/finding_words.h"

static bool has_han(const char *text) {
    for (; *text; text++)
        if ((unsigned char)*text >= 0xe3 && (unsigned char)*text <= 0xe9) return true;
    return false;
}

static bool has_word(const char *text) {
    for (; *text; text++)
        if (text[0] >= 'a' && text[0] <= 'z' && text[1] >= 'a' && text[1] <= 'z') return true;
    return false;
}

static void errors_of_the_system(void **state) {
    (void)state;
    for (int number = 1; number <= ERRNO_LAST + 5; number++) {
        assert_false(has_han(errno_en(number)));
        assert_true(has_word(errno_en(number)));
        assert_true(has_han(errno_zh(number)));
        assert_false(has_word(errno_zh(number)));
    }
    assert_string_equal(errno_zh(ENOENT), "没有此文件或目录");
    assert_string_equal(errno_en(ENOENT), "no such file or directory");
    assert_non_null(strstr(errno_en(ENOTUNIQ), "ENOTUNIQ"));
    assert_non_null(strstr(errno_zh(ENOTUNIQ), "ENOTUNIQ"));
}

__attribute__((format(printf, 2, 3))) static void otherwise(char out[400], const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = cli_sentence_otherwise(format, args);
    va_end(args);
    assert_non_null(text);
    (void)snprintf(out, 400, "%s", text);
    free(text);
}

static void in_both(const char *language) {
    const bool zh = strcmp(language, "zh") == 0;
    char out[400], part[100], finding[FINDING_SHOWN];
    assert_true(cli_set_language(language));
    otherwise(out, SAY("%s cannot be read: %s", "%s 无法读取：%s"), "a.pdf", cli_errno_text(ENOENT));
    assert_string_equal(out, zh ? "a.pdf cannot be read: no such file or directory" : "a.pdf 无法读取：没有此文件或目录");
    otherwise(out, "%s: %s", "a", cli_err_text(ERR_NO_ROOM)); /* a format of no language */
    assert_string_equal(out + 3, zh ? err_text(ERR_NO_ROOM) : cli_err_zh(ERR_NO_ROOM));
    cli_build(part, sizeof part, SAY(" (item %" PRIu32 ")", "（第 %" PRIu32 " 项）"), 7u);
    assert_string_equal(part, zh ? "（第 7 项）" : " (item 7)");
    otherwise(out, SAY("refused%s", "被拒%s"), part);
    assert_string_equal(out, zh ? "refused (item 7)" : "被拒（第 7 项）");
    (void)snprintf(part, sizeof part, "another text"); /* the buffer is used again: what stood there is not said of it */
    otherwise(out, SAY("refused%s", "被拒%s"), part);
    assert_string_equal(out, zh ? "refusedanother text" : "被拒another text");
    otherwise(out, "%s", finding_text(finding, "block 3 has no seal: no node made it"));
    assert_string_equal(out, zh ? "block 3 has no seal: no node made it" : "区块 3 没有签名：不是由节点生成");
    otherwise(out, SAY("%s", "%s"), cli_state_text("revoked"));
    assert_string_equal(out, zh ? "revoked" : "已吊销");
    otherwise(out, "%5d|%-4u|%llu|%zu|%" PRIu64 "|%.*s|%c|%3s|%%|%*d|%ld", -3, 4u, 5ull, (size_t)6, UINT64_C(7), 2, "abc", 'x', "y", 3, 8, 9l);
    assert_string_equal(out, "   -3|4   |5|6|7|ab|x|  y|%|  8|9");
    otherwise(out, SAY("%s left", "剩 %s"), cli_count(2, "row", "rows", "行"));
    assert_string_equal(out, zh ? "2 rows left" : "剩 2 行");
}

static void sentences_in_sentences(void **state) {
    (void)state;
    in_both("en");
    in_both("zh");
}

static void counts(void **state) {
    (void)state;
    assert_true(cli_set_language("en"));
    assert_string_equal(cli_count(0, "licence", "licences", "份证照"), "no licences");
    assert_string_equal(cli_count(1, "licence", "licences", "份证照"), "1 licence");
    assert_string_equal(cli_count(UINT64_MAX, "licence", "licences", "份证照"), "18446744073709551615 licences");
    assert_true(cli_set_language("zh"));
    assert_string_equal(cli_count(1, "licence", "licences", "份证照"), "1 份证照");
    assert_string_equal(cli_count(0, "licence", "licences", "份证照"), "0 份证照");
}

static void who_reads_chinese(void **state) {
    (void)state;
    static const struct { const char *values[3]; bool zh; } rows[] = {
        {{NULL, NULL, NULL}, false}, {{"", "", "zh_CN"}, true}, {{"C", "zh_CN", "zh_CN"}, false}, {{NULL, "zh", "C"}, true}, {{"zh_TW.UTF-8", "C", "C"}, true}, {{NULL, NULL, "en_US"}, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) assert_int_equal(chinese_is_read(rows[i].values), rows[i].zh);
}

/* Every option that takes text, and no name of a file. */
static void what_is_typed_is_text(void **state) {
    (void)state;
    static const struct option_spec specs[] = {{"reason", OPTION_TEXT, "", ""}, {"doc", OPTION_FILE, "", ""}, {"trust-dir", OPTION_FOLDER, "", ""}};
    static const char *const bad[] = {"a\x1b[31m", "a\nb", "a\tb", "\x01", "\xff", "甲\xe2\x80\xae乙", "\xc2\x9b"};
    static struct options options;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char typed[32], name[8] = "x", option[16] = "--reason", doc[16] = "--doc", folder[16] = "--trust-dir";
        (void)snprintf(typed, sizeof typed, "%s", bad[i]);
        struct cli cli = {.argc = 3, .argv = (char *[]){name, option, typed, NULL}};
        assert_false(cli_options(&options, &cli, specs, 3));
        cli.argv = (char *[]){name, doc, typed, NULL};
        assert_true(cli_options(&options, &cli, specs, 3));
        cli.argv = (char *[]){name, folder, typed, NULL};
        assert_true(cli_options(&options, &cli, specs, 3));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(errors_of_the_system), cmocka_unit_test(sentences_in_sentences), cmocka_unit_test(counts),
                                       cmocka_unit_test(who_reads_chinese), cmocka_unit_test(what_is_typed_is_text)};
    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
