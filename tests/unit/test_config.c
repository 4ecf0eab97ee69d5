/* licet.conf: defaults, every key, and each complaint with its line. Also the log's lines, which operators' tools parse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "node/base/clock.h"
#include "node/config.h"
#include "node/base/log.h"

static char dir[64], path[96], message[512];
static struct config config;

static int setup(void **state) {
    (void)state;
    (void)snprintf(dir, sizeof dir, "%s", "/tmp/licet-config-XXXXXX");
    if (!mkdtemp(dir)) return 1;
    (void)snprintf(path, sizeof path, "%s/licet.conf", dir);
    return 0;
}
static int teardown(void **state) {
    (void)state;
    (void)unlink(path);
    return rmdir(dir);
}

static enum err load(const char *text) {
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    message[0] = '\0';
    return config_load(&config, dir, message, sizeof message);
}

static void defaults(void **state) {
    (void)state;
    assert_int_equal(config_load(&config, dir, message, sizeof message), ERR_ABSENT);
    assert_int_equal(load(""), ERR_OK);
    assert_string_equal(config.listen_host, "127.0.0.1");
    assert_int_equal(config.listen_port, 8480);
    assert_int_equal(config.ops_port, 8481);
    assert_true(config.ops_on);
    assert_int_equal(config.mismatches_max, 5);
    assert_int_equal(config.mismatches_hours, 24);
    assert_string_equal(config.asker_header, "");
    assert_string_equal(config.dir, dir);
    char mark[128];
    (void)snprintf(mark, sizeof mark, "%s/node/mark", dir);
    assert_string_equal(config.mark_path, mark);
    assert_string_equal(config.log_level, "info");
    (void)snprintf(mark, sizeof mark, "%s/node/seal.pem", dir);
    assert_string_equal(config.seal_key, mark);
    (void)snprintf(mark, sizeof mark, "%s/node/note.pem", dir);
    assert_string_equal(config.note_key, mark);
    (void)snprintf(mark, sizeof mark, "%s/node/checkpoint.pem", dir);
    assert_string_equal(config.checkpoint_key, mark);
    assert_string_equal(config.key_module, "");
}

static void keys_rest_in_files_or_tokens(void **state) {
    (void)state;
    char file[128];
    assert_int_equal(load("[keys]\nseal = pkcs11:token=a%20b;object=seal?module-path=/m.so&pin-source=/p ; the HSM\nnote = keys/n.pem\ncheckpoint = /c.pem\nmodule = /n.so\n"), ERR_OK);
    assert_string_equal(config.seal_key, "pkcs11:token=a%20b;object=seal?module-path=/m.so&pin-source=/p");
    (void)snprintf(file, sizeof file, "%s/keys/n.pem", dir);
    assert_string_equal(config.note_key, file);
    assert_string_equal(config.checkpoint_key, "/c.pem");
    assert_string_equal(config.key_module, "/n.so");
    static const struct { const char *text, *says; } bad[] = {
        {"[keys]\nseal =\n", "licet.conf:2: [keys] seal: must be a path or a pkcs11: address"},
        {"[keys]\nnote = pkcs11:token=t;object=o;object=p\n", "licet.conf:2: [keys] note: not a pkcs11: address"},
        {"[keys]\nseal = pkcs11:token=t\n", "must name the token"},
        {"[keys]\nseal = pkcs11:token=t;object=o?pin-value=4711\n", "licet.conf:2: [keys] seal: a PIN must not stand in an address"},
        {"[keys]\nissue = a.pem\n", "licet.conf:2: unknown key `issue` in [keys]"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(load(bad[i].text), ERR_CONFIG);
        if (!strstr(message, bad[i].says)) fail_msg("case %zu: \"%s\" does not say \"%s\"", i, message, bad[i].says);
        assert_null(strstr(message, "4711"));
    }
}

static void every_key(void **state) {
    (void)state;
    assert_int_equal(load("; a comment\n# another\n\n[rpc]\n  listen = [::1]:0 ; any port\n  threads=4\nconnections_max = 10\nbody_max = 2000000\n"
                          "headers_max = 8192\nrequest_ms_max = 500\nanswer_ms_max = 600\nidle_ms_max = 700\nmismatches_max = 6\nmismatches_hours = 1\nasker_header = X-Real-IP\nnames = a.example, [::2]:8\n"
                          "[ops]\nlisten = off\n[engine]\nkind = solo\npool = 3\nqueue_max = 9\nqueue_mib = 2\n"
                          "[storage]\nmark = /var/lib/mark\nroom_min_mib = 5\n[log]\nlevel = broken"), ERR_OK);
    assert_string_equal(config.listen_host, "::1");
    assert_int_equal(config.listen_port, 0);
    assert_false(config.ops_on);
    assert_int_equal(config.rpc_threads, 4);
    assert_int_equal(config.connections_max, 10);
    assert_int_equal(config.body_max, 2000000);
    assert_int_equal(config.headers_max, 8192);
    assert_int_equal(config.request_ms_max, 500);
    assert_int_equal(config.answer_ms_max, 600);
    assert_int_equal(config.idle_ms_max, 700);
    assert_int_equal(config.mismatches_max, 6);
    assert_int_equal(config.mismatches_hours, 1);
    assert_string_equal(config.asker_header, "X-Real-IP");
    assert_string_equal(config.names, "a.example, [::2]:8");
    assert_int_equal(config.engine.pool_threads, 3);
    assert_int_equal(config.engine.queue_max, 9);
    assert_int_equal(config.engine.queue_mib, 2);
    assert_string_equal(config.mark_path, "/var/lib/mark");
    assert_int_equal(config.room_min_mib, 5);
    assert_string_equal(config.log_level, "broken");
}

static void complaints(void **state) {
    (void)state;
    static const struct { const char *text, *says; } cases[] = {
        {"[rpc]\nlisten = 127.0.0.1:8480\nlisen = x\n", "licet.conf:3: unknown key `lisen` in [rpc]"},
        {"\n[rcp]\nlisten = 127.0.0.1:1\n", "licet.conf:3: unknown section [rcp]"},
        {"listen = 127.0.0.1:1\n", "licet.conf:1: `listen` stands before any [section]"},
        {"[rpc]\nthreads = 2\nthreads = 3\n", "licet.conf:3: [rpc] threads is set twice"},
        {"[rpc]\nthreads = two\n", "licet.conf:2: [rpc] threads = two: must be a number from 1 to 64"},
        {"[rpc]\nasker_header = a:b\n", "licet.conf:2: [rpc] asker_header = a:b: must be the name of a header"},
        {"[rpc]\nasker_header =\n", "must be the name of a header"},
        {"[rpc]\nmismatches_max = 0\n", "from 1 to 1000"},
        {"[rpc]\nmismatches_hours = 169\n", "from 1 to 168"},
        {"[rpc]\nnames =\n", "must be host names"},
        {"[rpc]\nnames = a.example:port\n", "licet.conf:2: [rpc] names = a.example:port: must be host names"},
        {"[rpc]\nthreads = 65\n", "from 1 to 64"},
        {"[rpc]\nthreads = -1\n", "from 1 to 64"},
        {"[rpc]\nthreads = 1x\n", "from 1 to 64"},
        {"[rpc]\nthreads =\n", "from 1 to 64"},
        {"[rpc]\nlisten = example.org:80\n", "licet.conf:2: [rpc] listen = example.org:80: must be a numeric address"},
        {"[rpc]\nlisten = 127.0.0.1\n", "numeric address"},
        {"[rpc]\nlisten = 127.0.0.1:99999\n", "numeric address"},
        {"[rpc]\nlisten = 0.0.0.0:8480\n", "without TLS is refused"},
        {"[ops]\nlisten = 10.0.0.1:8480\n", "stays on this machine"},
        {"[rpc]\ntls_key = a.pem\n", "does not serve TLS"},
        {"[engine]\nkind = cometbft\n", "solo only"},
        {"[log]\nlevel = debug\n", "info, unusual or broken"},
        {"[rpc\n", "licet.conf:1: not a [section]"},
        {"[rpc]\nwhat is this\n", "licet.conf:2: not a [section]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(load(cases[i].text), ERR_CONFIG);
        if (!strstr(message, cases[i].says)) fail_msg("case %zu: \"%s\" does not say \"%s\"", i, message, cases[i].says);
    }
    char long_line[400] = "[rpc]\n; ";
    memset(long_line + 8, 'x', 300);
    long_line[308] = '\0';
    assert_int_equal(load(long_line), ERR_CONFIG);
    assert_non_null(strstr(message, "licet.conf:2: the line is longer"));
}

static void log_lines(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    log_set_fd(ends[1]);
    uint8_t hash[32] = {0xAB};
    log_event(LOG_UNUSUAL, "odd", log_text("text", "a\"b\\c\nd\x7f 张"), log_uint("big", UINT64_MAX), log_int("minus", -5), log_bool("yes", true),
              log_hash("hash", hash));
    char line[4096];
    ssize_t len = read(ends[0], line, sizeof line - 1);
    assert_true(len > 0);
    line[len] = '\0';
    assert_non_null(strstr(line, ",\"level\":\"unusual\",\"event\":\"odd\",\"text\":\"a\\\"b\\\\c\\u000ad\\u007f 张\",\"big\":18446744073709551615,"
                                 "\"minus\":-5,\"yes\":true,\"hash\":\"ab0000"));
    assert_string_equal(line + len - 3, "\"}\n");
    char long_text[3000];
    memset(long_text, '\n', sizeof long_text);
    long_text[sizeof long_text - 1] = '\0';
    log_event(LOG_BROKEN, "long", log_uint("first", 1), log_text("a", long_text), log_text("b", long_text));
    len = read(ends[0], line, sizeof line - 1);
    assert_true(len > 0 && len <= LOG_LINE_MAX);
    line[len] = '\0';
    assert_non_null(strstr(line, "\"first\":1,\"cut\":true}\n"));
    log_set_fd(-1);
    (void)close(ends[0]);
    (void)close(ends[1]);
    char text[CLOCK_TEXT_LEN + 1];
    clock_text(text, 1763789765123);
    assert_string_equal(text, "2025-11-22T05:36:05.123Z");
    clock_text(text, INT64_MAX);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(defaults, setup, teardown),
        cmocka_unit_test_setup_teardown(every_key, setup, teardown), cmocka_unit_test_setup_teardown(keys_rest_in_files_or_tokens, setup, teardown),
        cmocka_unit_test_setup_teardown(complaints, setup, teardown),
        cmocka_unit_test(log_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
