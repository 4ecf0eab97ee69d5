/* The command line: options anywhere, their refusals, the nearest command, ages, days, languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

#include "ledger/wire/ident.h"
#include "tools/cli/key.h"
#include "tools/cli/moment.h"
#include "tools/client/licence_id.h"
#include "tools/commands.h"

static struct cli cli;
static struct options options;

#define GENERAL(...) general((const char *[]){"licet", __VA_ARGS__, NULL})
static bool general(const char **argv) {
    int argc = 0;
    while (argv[argc]) argc++;
    free(cli.argv);
    return cli_general(&cli, command_find, argc, (char **)argv);
}
static const struct option_spec specs[] = {{"reason", OPTION_TEXT, "", ""}, {"out", OPTION_FILE, "", ""}, {"force", OPTION_FLAG, "", ""}, {"doc", OPTION_FILE, "", ""}};
#define OPTIONS() cli_options(&options, &cli, specs, sizeof specs / sizeof *specs)

static void general_options_stand_anywhere(void **state) {
    (void)state;
    assert_true(GENERAL("--json", "verify", "a.pdf", "--node", "http://h:1", "--key=k.pem"));
    assert_string_equal(cli.argv[0], "verify");
    assert_int_equal(cli.argc, 2);
    assert_string_equal(cli.argv[1], "a.pdf");
    assert_string_equal(cli.node, "http://h:1");
    assert_string_equal(cli.key, "k.pem");
    assert_true(cli.json);
    assert_true(GENERAL("--node=http://h:2", "status"));
    assert_string_equal(cli.node, "http://h:2");
    assert_null(cli.key);
    assert_false(cli.json);
    assert_true(GENERAL("--reason", "x", "revoke", "--key", "verify", "ID"));
    assert_string_equal(cli.argv[0], "revoke");
    assert_true(OPTIONS());
    assert_string_equal(option_get(&options, "reason"), "x");
    assert_string_equal(options.positional[0], "ID");
    assert_true(GENERAL("verify", "--", "--json"));
    assert_false(cli.json);
    assert_true(OPTIONS());
    assert_string_equal(options.positional[0], "--json");
}

static void a_token_has_no_folder(void **state) {
    (void)state;
    char dir[256], shown[CLI_KEY_SHOWN];
    assert_true(GENERAL("issue", "--key", "/a/keys/issue.pem"));
    assert_null(cli.home);
    assert_true(cli_key_dir(dir, sizeof dir, &cli));
    assert_string_equal(dir, "/a/keys");
    assert_true(GENERAL("--home", "/ledger", "issue", "--key", "/a/keys/issue.pem"));
    assert_string_equal(cli.argv[0], "issue");
    assert_true(cli_key_dir(dir, sizeof dir, &cli));
    assert_string_equal(dir, "/ledger/keys");
    assert_false(cli_key_dir(dir, 12, &cli));
    assert_true(GENERAL("issue", "--key=pkcs11:token=t;object=o?pin-source=/p", "--home=/ledger"));
    assert_string_equal(cli.key, "pkcs11:token=t;object=o?pin-source=/p");
    assert_string_equal(cli_key_shown(shown, &cli), "pkcs11:token=t;object=o");
    assert_true(cli_key_dir(dir, sizeof dir, &cli));
    assert_string_equal(dir, "/ledger/keys");
    assert_true(GENERAL("issue", "--key", "pkcs11:token=t;object=o"));
    assert_false(cli_key_dir(dir, sizeof dir, &cli));
    assert_true(GENERAL("verify", "--home", "/ledger")); /* what needs no key */
    assert_null(cli.key);
    assert_true(cli_key_dir(dir, sizeof dir, &cli));
    assert_true(GENERAL("verify"));
    assert_false(cli_key_dir(dir, sizeof dir, &cli));
    assert_false(GENERAL("verify", "--home"));
}

static void general_options_are_refused(void **state) {
    (void)state;
    assert_false(GENERAL("verify", "--node"));
    assert_false(GENERAL("verify", "--node", "--json"));
    assert_false(GENERAL("verify", "--lang", "fr"));
    assert_false(GENERAL("--force"));
    assert_true(GENERAL("--help"));
    assert_int_equal(cli.argc, 0);
    assert_true(GENERAL("verify", "--keyed")); /* not --key: the command's to refuse */
    assert_false(OPTIONS());
}

static void environment(void **state) {
    (void)state;
    assert_int_equal(setenv("LICET_NODE", "http://env:9", 1), 0);
    assert_int_equal(setenv("LICET_KEY", "env.pem", 1), 0);
    assert_true(GENERAL("status"));
    assert_string_equal(cli.node, "http://env:9");
    assert_string_equal(cli.key, "env.pem");
    assert_true(GENERAL("status", "--node", "http://given:1"));
    assert_string_equal(cli.node, "http://given:1");
    assert_int_equal(setenv("LICET_NODE", "", 1), 0); /* empty is unset */
    assert_int_equal(unsetenv("LICET_KEY"), 0);
    assert_true(GENERAL("status"));
    assert_string_equal(cli.node, "http://127.0.0.1:8480");
    assert_null(cli.key);
}

static void options_of_a_command(void **state) {
    (void)state;
    assert_true(GENERAL("revoke", "ID1", "--reason", "a reason", "ID2", "--reason=b=c", "-o", "file", "--force", "-", "--doc", "1", "--doc", "2"));
    assert_true(OPTIONS());
    assert_int_equal(options.positional_count, 3);
    assert_string_equal(options.positional[1], "ID2");
    assert_string_equal(options.positional[2], "-");
    assert_string_equal(option_get(&options, "reason"), "b=c");
    assert_string_equal(option_get(&options, "out"), "file");
    assert_string_equal(option_get(&options, "force"), "");
    assert_int_equal(options.count, 6);
    assert_null(option_get(&options, "basis"));
}

static void options_are_refused(void **state) {
    (void)state;
    static const char *const wrong[][3] = {{"--unknown", "1"}, {"--reason"}, {"--reason", "--force"}, {"--force=1"}, {"-x"}, {"--reas", "1"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_true(general((const char *[]){"licet", "revoke", wrong[i][0], wrong[i][1], NULL}));
        if (OPTIONS()) fail_msg("%s was taken", wrong[i][0]);
    }
    assert_true(GENERAL("revoke", "--reason=--force"));
    assert_true(OPTIONS());
    assert_string_equal(option_get(&options, "reason"), "--force");
}

static void too_many(void **state) {
    (void)state;
    static const char *argv[POSITIONAL_MAX + 4] = {"licet", "revoke"};
    for (size_t i = 2; i < POSITIONAL_MAX + 2; i++) argv[i] = "ID";
    assert_true(general(argv));
    assert_true(OPTIONS());
    assert_int_equal(options.positional_count, POSITIONAL_MAX);
    argv[POSITIONAL_MAX + 2] = "ID";
    assert_true(general(argv));
    assert_false(OPTIONS());
    memset(argv + 2, 0, sizeof argv - 2 * sizeof *argv);
    for (size_t i = 2; i < OPTIONS_MAX + 3; i++) argv[i] = "--force";
    assert_true(general(argv));
    assert_false(OPTIONS());
}

static void nearest(void **state) {
    (void)state;
    static const char *const typed[][2] = {{"isue", "issue"}, {"verfy", "verify"}, {"susspend", "suspend"}, {"stauts", "status"}, {"fsk", "fsck"}, {"replya", "replay"}};
    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        const char *name = command_nearest(typed[i][0]);
        assert_non_null(name);
        assert_string_equal(name, typed[i][1]);
    }
    assert_null(command_nearest("frobnicate"));
    assert_null(command_nearest("an-argument-much-longer-than-any-command-is"));
    assert_null(command_find("isue"));
    assert_non_null(command_find("import"));
}

static void ages_and_days(void **state) {
    (void)state;
    int64_t ms;
    int32_t day, other;
    static const struct { const char *text; int64_t ms; } good[] = {{"1s", 1000}, {"5m", 300000}, {"24h", 86400000}, {"7d", 604800000}, {"90", 90000}, {"0", 0}};
    static const char *const bad[] = {"", "s", "-1s", "1w", "1s ", "1.5h", "99999999999", " 1s"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(age_parse(&ms, good[i].text));
        assert_int_equal(ms, good[i].ms);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (age_parse(&ms, bad[i])) fail_msg("age `%s` was taken", bad[i]);
    assert_true(day_parse(&day, "2026-02-28"));
    assert_true(day_parse(&other, "20260228"));
    assert_int_equal(day, other);
    assert_false(day_parse(&day, "2026-02-29"));
    assert_false(day_parse(&day, "20260229"));
    assert_false(day_parse(&day, "2026/02/28"));
}

static void identifiers(void **state) {
    (void)state;
    struct licence_id id;
    char identifier[IDENTIFIER_MAX + 1];
    assert_true(identifier_build(identifier, bytes_text("11990000LCT0000184001"), bytes_text("11310118MB2F304922"), bytes_text("S1"), 1) > 0);
    assert_true(licence_id_parse(&id, identifier));
    assert_string_equal(id.identifier, identifier);
    for (char *c = identifier; *c; c++)
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c + 32); /* a clerk's keyboard */
    assert_true(licence_id_parse(&id, identifier));
    assert_true(licence_id_parse(&id, "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff"));
    assert_string_equal(id.hex, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
    assert_string_equal(id.identifier, "");
    assert_false(licence_id_parse(&id, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeef"));
    assert_false(licence_id_parse(&id, "S1"));
    assert_false(licence_id_parse(&id, ""));
}

static void moments(void **state) {
    (void)state;
    static const struct { const char *text; int64_t ms; } rows[] = {
        {"1970-01-01T00:00:00Z", 0}, {"1970-01-01T00:00:00.001Z", 1}, {"1970-01-01T00:00:00.5Z", 500}, {"1970-01-01T00:00:01.123456789Z", 1123}, {"1970-01-01 08:00:00.25+08:00", 250},
        {"1969-12-31T23:59:59.999Z", -1}, {"1970-01-01T00:00:00.Z", INT64_MIN}, {"1970-01-01T00:00:00.1234567890Z", INT64_MIN}, {"1970-01-01T00:00:00,5Z", INT64_MIN},
        {"1970-01-01T00:00:00.5", INT64_MIN}, {"1970-01-01T00:00:60Z", INT64_MIN}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t ms = INT64_MIN;
        assert_int_equal(moment_parse(&ms, rows[i].text), rows[i].ms != INT64_MIN);
        if (rows[i].ms != INT64_MIN) assert_int_equal(ms, rows[i].ms);
    }
}

static void languages(void **state) {
    (void)state;
    assert_true(cli_set_language("zh"));
    assert_true(cli_chinese());
    assert_true(cli_set_language("en"));
    assert_false(cli_chinese());
    assert_false(cli_set_language("de"));
    assert_int_equal(refusal_exit(CODE_KEY_UNKNOWN), EXIT_FORBIDDEN);
    assert_int_equal(refusal_exit(CODE_LICENCE_UNKNOWN), EXIT_UNKNOWN);
    assert_int_equal(refusal_exit(CODE_NO_ROOM), EXIT_STORAGE);
    assert_int_equal(refusal_exit(CODE_CORRUPT), EXIT_INTEGRITY);
    assert_int_equal(refusal_exit(CODE_NUMBER_TAKEN), EXIT_ERROR);
    assert_int_equal(refusal_exit(CODE_ALREADY_ENTERED), EXIT_VALID);
}

/* No command needs a node to say what it takes. */
static void nobody_answers(void **state) {
    (void)state;
    char *status[] = {"licet", "status", "--node", "http://127.0.0.1:1", NULL}, *strange[] = {"licet", "status", "--node", "ftp://x", NULL};
    char *unknown[] = {"licet", "isue", NULL}, *nothing[] = {"licet", NULL}, *sign[] = {"licet", "revoke", "ID", NULL};
    assert_int_equal(licet_run(4, status), EXIT_ERROR);
    assert_int_equal(licet_run(4, strange), EXIT_ERROR);
    assert_int_equal(licet_run(2, unknown), EXIT_USAGE);
    assert_int_equal(licet_run(3, sign), EXIT_USAGE);
    assert_int_equal(licet_run(1, nothing), EXIT_USAGE);
}

int main(void) {
    (void)unsetenv("LICET_NODE");
    (void)unsetenv("LICET_KEY");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(general_options_stand_anywhere), cmocka_unit_test(a_token_has_no_folder), cmocka_unit_test(general_options_are_refused), cmocka_unit_test(environment),
        cmocka_unit_test(options_of_a_command), cmocka_unit_test(options_are_refused), cmocka_unit_test(too_many), cmocka_unit_test(nearest),
        cmocka_unit_test(ages_and_days), cmocka_unit_test(identifiers), cmocka_unit_test(moments), cmocka_unit_test(languages), cmocka_unit_test(nobody_answers),
    };
    int failed = cmocka_run_group_tests_name("options", tests, NULL, NULL);
    free(cli.argv);
    return failed;
}
