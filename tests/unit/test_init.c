/* licet init: what it makes, what it refuses, and that a node can read it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/selftest.h"
#include "ledger/wire/genesis.h"
#include "ledger/wire/ident.h"
#include "node/config.h"
#include "tools/cli/file.h"
#include "tools/commands.h"
#include "tools/setup/keys.h"

static char top[64], dir[96];

static int setup(void **state) {
    (void)state;
    strcpy(top, "/tmp/licet-init-XXXXXX");
    if (!mkdtemp(top)) return 1;
    (void)snprintf(dir, sizeof dir, "%s/node", top);
    return 0;
}
static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where) {
    (void)info, (void)kind, (void)where;
    return remove(path);
}
static int teardown(void **state) {
    (void)state;
    return nftw(top, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#define INIT(...) init((const char *[]){"licet", "init", __VA_ARGS__, NULL})
static int init(const char **argv) {
    int argc = 0, kept = dup(STDOUT_FILENO), nowhere = open("/dev/null", O_WRONLY);
    while (argv[argc]) argc++;
    (void)fflush(stdout);
    (void)dup2(nowhere, STDOUT_FILENO);
    int done = licet_run(argc, (char **)argv);
    (void)fflush(stdout);
    (void)dup2(kept, STDOUT_FILENO);
    (void)close(kept);
    (void)close(nowhere);
    return done;
}
static const char *at(const char *name) {
    static char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", dir, name);
    return path;
}
static mode_t mode_of(const char *name) {
    struct stat info;
    return stat(at(name), &info) == 0 ? info.st_mode & 0777 : 01000;
}
static struct genesis *read_genesis(uint8_t **bytes) {
    static struct genesis genesis;
    size_t len;
    *bytes = file_read(at("genesis.cbor"), GENESIS_BYTES_MAX, &len);
    assert_non_null(*bytes);
    assert_int_equal(genesis_decode(&genesis, bytes_of(*bytes, len)).code, CODE_OK);
    return &genesis;
}
static void write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void makes_a_ledger(void **state) {
    (void)state;
    assert_int_equal(INIT(dir), EXIT_VALID);
    static const char *const secret[] = {"keys/govern.pem", "keys/issue.pem", "keys/seal.pem", "keys/verify.pem", "keys/audit.pem", "keys/operate.pem", "node/seal.pem",
                                         "node/note.pem", "node/checkpoint.pem", "keys/lookup/11990000LCT0000184001.key"};
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++) assert_int_equal(mode_of(secret[i]), 0600);
    static const char *const folders[] = {"keys", "keys/lookup", "node", "data", "private"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) assert_int_equal(mode_of(folders[i]), 0700);
    assert_int_equal(mode_of("keys/lookup/11990000LCT0000184002.key"), 01000); /* a public type has no secret */
    uint8_t *bytes;
    const struct genesis *genesis = read_genesis(&bytes);
    assert_true(bytes_equal(genesis->chain_id, bytes_text("elic-310118")));
    assert_int_equal(genesis->region, 310118);
    static struct member member;
    assert_int_equal(member_decode(&member, genesis->objects[2]).code, CODE_OK);
    assert_true(uscc_check(member.uscc));
    assert_int_equal(member.type_count, 10);
    struct signer *signer;
    struct pubkey key;
    assert_int_equal(signer_load(&signer, at("node/note.pem"), NULL), KEYFILE_OK);
    signer_pubkey(signer, &key);
    assert_int_equal(key.alg, KEY_ES256);
    signer_free(signer);
    free(bytes);
}

static void the_node_reads_its_settings(void **state) {
    (void)state;
    struct config config, defaults;
    char message[256];
    assert_int_equal(INIT(dir, "--listen", "127.0.0.1:9100"), EXIT_VALID);
    assert_int_equal(config_load(&config, dir, message, sizeof message), ERR_OK);
    config_defaults(&defaults);
    assert_string_equal(config.listen_host, "127.0.0.1");
    assert_int_equal(config.listen_port, 9100);
    assert_int_equal(config.ops_port, 9101);
    assert_int_equal(config.rpc_threads, defaults.rpc_threads);
    assert_int_equal(config.connections_max, defaults.connections_max);
    assert_int_equal(config.body_max, defaults.body_max);
    assert_int_equal(config.headers_max, defaults.headers_max);
    assert_int_equal(config.request_ms_max, defaults.request_ms_max);
    assert_int_equal(config.answer_ms_max, defaults.answer_ms_max);
    assert_int_equal(config.idle_ms_max, defaults.idle_ms_max);
    assert_int_equal(config.engine.pool_threads, defaults.engine.pool_threads);
    assert_int_equal(config.engine.queue_max, defaults.engine.queue_max);
    assert_int_equal(config.engine.queue_mib, defaults.engine.queue_mib);
    assert_int_equal(config.room_min_mib, defaults.room_min_mib);
    assert_string_equal(config.mark_path, at("node/mark"));
    assert_string_equal(config.log_level, defaults.log_level);
}

static void any_port_is_any_for_both(void **state) {
    (void)state;
    struct config config;
    char message[256];
    assert_int_equal(INIT(dir, "--listen", "127.0.0.1:0"), EXIT_VALID);
    assert_int_equal(config_load(&config, dir, message, sizeof message), ERR_OK);
    assert_int_equal(config.listen_port, 0);
    assert_int_equal(config.ops_port, 0);
    assert_true(config.ops_on);
}

/* F5: a key that ever signed never begins another history. */
static void refuses_what_is_there(void **state) {
    (void)state;
    assert_int_equal(INIT(dir), EXIT_VALID);
    uint8_t *before, *after;
    (void)read_genesis(&before);
    assert_int_equal(INIT(dir), EXIT_ERROR);
    write_text(at("node/mark"), "x");
    assert_int_equal(INIT(dir), EXIT_ROLLBACK);
    assert_int_equal(unlink(at("node/mark")), 0);
    write_text(at("data/data.mdb"), "x");
    assert_int_equal(INIT(dir), EXIT_ROLLBACK);
    const struct genesis *genesis = read_genesis(&after);
    assert_memory_equal(before, after, genesis->all.len);
    free(before);
    free(after);
}

static void a_refusal_leaves_nothing(void **state) {
    (void)state;
    char types[96];
    (void)snprintf(types, sizeof types, "%s/types.json", top);
    static const char *const bad[] = {"", "{", "[{}]", "5", "[{\"code\":\"11990000LCT0000184001\",\"name\":\"x\",\"holder_kinds\":[\"001\"],\"keyd\":false}]",
                                      "{\"types\":5}", "[{\"code\":\"../../../../../../x\",\"name\":\"x\",\"holder_kinds\":[\"001\"]}]"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        write_text(types, bad[i]);
        assert_int_equal(INIT(dir, "--types", types), EXIT_ERROR);
    }
    assert_int_equal(INIT(dir, "--chain-id", "Not Allowed"), EXIT_USAGE);
    assert_int_equal(INIT(dir, "--types", "/nowhere"), EXIT_ERROR);
    static const char *const usage[][2] = {{"--region", "31011"}, {"--region", "31011x"}, {"--uscc", "11310118MB2F304921"}, {"--uscc", "1"},
                                           {"--listen", "8480"}, {"--listen", "127.0.0.1:65535"}, {"--listen", ":1"}, {"--listen", "127.0.0.1:"}, {"--listen", "127.0.0.1:0x"}, {"--name", "\xff"}};
    for (size_t i = 0; i < sizeof usage / sizeof *usage; i++)
        if (INIT(dir, usage[i][0], usage[i][1]) != EXIT_USAGE) fail_msg("%s %s", usage[i][0], usage[i][1]);
    assert_int_equal(INIT("a", "b"), EXIT_USAGE);
    assert_int_equal(access(dir, F_OK), -1);
}

static void takes_what_is_given(void **state) {
    (void)state;
    char types[96];
    (void)snprintf(types, sizeof types, "%s/types.json", top);
    write_text(types, "{\"types\":[{\"code\":\"11990000LCT0000184009\",\"name\":\"试\",\"holder_kinds\":[\"001\"]}]}");
    assert_int_equal(INIT(dir, "--chain-id", "elic-x", "--region", "330421", "--name", "某局", "--uscc", "11310118MB2F304922", "--types", types, "--json"), EXIT_VALID);
    uint8_t *bytes;
    const struct genesis *genesis = read_genesis(&bytes);
    static struct member member;
    assert_int_equal(member_decode(&member, genesis->objects[2]).code, CODE_OK);
    assert_true(bytes_equal(member.uscc, bytes_text("11310118MB2F304922")));
    assert_true(bytes_equal(member.name, bytes_text("某局")));
    assert_int_equal(member.region, 330421);
    assert_int_equal(member.type_count, 1);
    assert_int_equal(mode_of("keys/lookup/11990000LCT0000184009.key"), 0600); /* keyed is the default */
    free(bytes);
}

static void invented_codes_check(void **state) {
    (void)state;
    char first[USCC_LEN + 1], code[USCC_LEN + 1];
    uscc_invent(first, "310118");
    for (int i = 0; i < 1000; i++) {
        uscc_invent(code, "310118");
        assert_true(uscc_check(bytes_text(code)));
        assert_memory_equal(code, "11310118", 8);
    }
    assert_string_not_equal(first, code);
}

int main(void) {
    if (crypto_start() != NULL) return 1;
    (void)unsetenv("LICET_KEY");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(makes_a_ledger, setup, teardown), cmocka_unit_test_setup_teardown(the_node_reads_its_settings, setup, teardown),
        cmocka_unit_test_setup_teardown(any_port_is_any_for_both, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_is_there, setup, teardown), cmocka_unit_test_setup_teardown(a_refusal_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(takes_what_is_given, setup, teardown), cmocka_unit_test(invented_codes_check),
    };
    return cmocka_run_group_tests_name("init", tests, NULL, NULL);
}
