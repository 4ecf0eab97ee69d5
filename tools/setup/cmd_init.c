#include <arpa/inet.h>
#include <limits.h>

#include "genesis/genesis_json.h"
#include "ledger/wire/ident.h"
#include "tools/cli/file.h"
#include "tools/cli/finding_words.h"
#include "tools/cli/moment.h"
#include "tools/document/text_print.h"
#include "tools/setup/commands.h"
#include "tools/setup/consortium.h"
#include "tools/setup/folder.h"
#include "tools/setup/keys.h"

#define DEFAULT_REGION "310118"
#define DEFAULT_NAME "示例发证部门"
#define DEFAULT_LISTEN "127.0.0.1:8480"

static const struct option_spec specs[] = {
    {"chain-id", OPTION_TEXT, "name of the ledger: a-z 0-9 - (elic-REGION)", "账本名称：a-z 0-9 -（默认为 elic-行政区划代码）"},
    {"region", OPTION_TEXT, "six digits, GB/T 2260 (" DEFAULT_REGION ")", "行政区划代码，GB/T 2260 六位数字（默认为 " DEFAULT_REGION "）"},
    {"name", OPTION_TEXT, "name of the department (" DEFAULT_NAME ")", "部门名称（默认为 " DEFAULT_NAME "）"},
    {"uscc", OPTION_TEXT, "its unified social credit code (one is made up)", "部门的统一社会信用代码（默认虚构一个）"},
    {"listen", OPTION_TEXT, "where the node will listen (" DEFAULT_LISTEN ")", "节点监听地址（默认为 " DEFAULT_LISTEN "）"},
    {"consortium", OPTION_FILE, "members and types as JSON (genesis/consortium.json); their keys are made here", "成员和证照类型的 JSON 文件（见 genesis/consortium.json）；其密钥在此生成"},
    {"types", OPTION_FILE, "licence types as JSON (ten sample types)", "证照类型的 JSON 文件（默认为十个示例类型）"},
};

struct init {
    const char *dir, *region, *name, *uscc, *chain_id, *listen;
    char invented[USCC_LEN + 1], chain[64];
    char host[128];
    unsigned port;
    json_t *types;
    const char *consortium_path;
    struct consortium consortium; /* root NULL: a ledger of one member */
    struct init_keys keys;
    uint8_t *genesis;
    size_t genesis_len;
};

/* The same that licetd takes: a numeric address of this machine. */
static bool read_listen(struct init *init) {
    const char *text = init->listen, *colon = strrchr(text, ':');
    char *end = NULL;
    unsigned char address[16];
    unsigned long port = colon && colon[1] >= '0' && colon[1] <= '9' ? strtoul(colon + 1, &end, 10) : ULONG_MAX;
    size_t len = colon ? (size_t)(colon - text) : 0;
    if (len == 0 || len >= sizeof init->host || port > 65534 || *end)
        return cli_fail(0, SAY("--listen %s: must be an address and a port up to 65534 (0: any), such as " DEFAULT_LISTEN,
                               "--listen %s：应为地址和不大于 65534 的端口（0 为任意），例如 " DEFAULT_LISTEN), init->listen), false;
    memcpy(init->host, text, len);
    init->host[len] = '\0';
    init->port = (unsigned)port;
    if (strcmp(init->host, "localhost") == 0 || strcmp(init->host, "[::1]") == 0 || strcmp(init->host, "::1") == 0) return true;
    if (inet_pton(AF_INET, init->host, address) == 1 && address[0] == 127) return true;
    return cli_fail(0, SAY("--listen %s: a node listens on its own machine only, such as " DEFAULT_LISTEN "; to serve others put a TLS proxy in front",
                           "--listen %s：节点只监听本机地址，例如 " DEFAULT_LISTEN "；对外服务请在前面设置 TLS 代理"), init->listen), false;
}

static bool read_types(struct init *init, const char *path) {
    json_error_t error;
    if (!path) {
        init->types = json_loadb((const char *)sample_types, sample_types_len, JSON_REJECT_DUPLICATES, &error);
        ASSERT(init->types);
        return true;
    }
    size_t len;
    uint8_t *text = file_read(path, GENESIS_TEXT_MAX, &len);
    if (!text) return false;
    json_t *root = json_loadb((const char *)text, len, JSON_REJECT_DUPLICATES, &error);
    free(text);
    if (!root) return cli_fail(0, SAY("%s:%d: %s; it must be a JSON array of licence types, as in genesis/README.md",
                                      "%s:%d：%s；应为证照类型的 JSON 数组，见 genesis/README.md"), path, error.line, cli_json_fault(error.text)), false;
    json_t *types = json_is_object(root) ? json_object_get(root, "types") : root;
    init->types = json_incref(types);
    json_decref(root);
    if (json_is_array(init->types)) return true;
    return cli_fail(0, SAY("%s: must be a JSON array of licence types, as in genesis/README.md",
                           "%s：应为证照类型的 JSON 数组，见 genesis/README.md"), path), false;
}

static int init_read_options(struct init *init, const struct options *options) {
    const char *value;
    if (options->positional_count != 1)
        return cli_fail(EXIT_USAGE, SAY("name one folder for the new ledger: licet init DIR",
                                        "请为新账本指明一个目录：licet init 目录"));
    init->dir = options->positional[0];
    init->region = (value = option_get(options, "region")) ? value : DEFAULT_REGION;
    init->name = (value = option_get(options, "name")) ? value : DEFAULT_NAME;
    init->listen = (value = option_get(options, "listen")) ? value : DEFAULT_LISTEN;
    if (strlen(init->region) != 6 || strspn(init->region, "0123456789") != 6 || init->region[0] == '0')
        return cli_fail(EXIT_USAGE, SAY("--region %s: must be six digits of GB/T 2260, such as " DEFAULT_REGION,
                                        "--region %s：应为 GB/T 2260 的六位代码，例如 " DEFAULT_REGION), init->region);
    if (init->name[0] == '\0' || strlen(init->name) > NAME_MAX_BYTES) return cli_fail(EXIT_USAGE, SAY("--name: must have 1 to %u bytes",
                                                                                                      "--name：应为 1 至 %u 字节"), NAME_MAX_BYTES);
    if (text_check(bytes_text(init->name)) != CODE_OK) return cli_fail(EXIT_USAGE, SAY("--name: %s", "--name：%s"), cli_code_text(CODE_TEXT_INVALID));
    uscc_invent(init->invented, init->region);
    init->uscc = (value = option_get(options, "uscc")) ? value : init->invented;
    if (!uscc_check(bytes_text(init->uscc))) {
        char right = strlen(init->uscc) == USCC_LEN ? uscc_check_char(init->uscc) : '\0';
        if (right) return cli_fail(EXIT_USAGE, SAY("--uscc %s: its last character fails the check of GB 32100 (it would be %c)",
                                                   "--uscc %s：末位校验不符合 GB 32100（应为 %c）"), init->uscc, right);
        return cli_fail(EXIT_USAGE, SAY("--uscc %s: must be 18 characters of GB 32100",
                                        "--uscc %s：应为 GB 32100 规定的 18 位代码"), init->uscc);
    }
    (void)snprintf(init->chain, sizeof init->chain, "elic-%s", init->region);
    init->chain_id = (value = option_get(options, "chain-id")) ? value : init->chain;
    size_t chain_len = strlen(init->chain_id);
    if (chain_len == 0 || chain_len > CHAIN_ID_MAX || strspn(init->chain_id, "abcdefghijklmnopqrstuvwxyz0123456789-") != chain_len)
        return cli_fail(EXIT_USAGE, SAY("--chain-id %s: must be 1 to %u of a-z, 0-9 and -",
                                        "--chain-id %s：应为 1 至 %u 个 a-z、0-9 或 -"), init->chain_id, CHAIN_ID_MAX);
    if (!read_listen(init)) return EXIT_USAGE;
    init->consortium_path = option_get(options, "consortium");
    if (!init->consortium_path) return read_types(init, option_get(options, "types")) ? EXIT_VALID : EXIT_ERROR;
    static const char *const of_the_file[] = {"chain-id", "region", "name", "uscc", "types"};
    for (size_t i = 0; i < sizeof of_the_file / sizeof *of_the_file; i++)
        if (option_get(options, of_the_file[i])) return cli_fail(EXIT_USAGE, SAY("--%s stands in the consortium's file",
                                                                                 "--%s 已在联盟文件中规定"), of_the_file[i]);
    return EXIT_VALID;
}

/* The consortium's file with keys, and what the rest wants to know of it. */
static int read_consortium(struct init *init) {
    struct consortium *c = &init->consortium;
    if (!consortium_load(c, init->consortium_path, &init->keys)) return EXIT_ERROR;
    const char *chain = json_string_value(json_object_get(c->root, "chain_id"));
    init->chain_id = chain ? chain : "";
    init->uscc = c->uscc;
    init->name = c->name ? c->name : "";
    init->types = json_incref(json_object_get(c->root, "types"));
    return EXIT_VALID;
}

/* ---- the genesis document ---- */

/* One department holds every role, each with a key of its own; nobody's key does two things. */
static json_t *init_member_json(const struct init *init) {
    json_t *member = json_object(), *roles = json_array(), *keys = json_array(), *node = json_object();
    for (enum init_key k = INIT_GOVERN; k < INIT_NODE_SEAL; k = (enum init_key)(k + 1)) {
        json_array_append_new(roles, json_string(init_key_use(k)));
        json_array_append_new(keys, init_key_json(&init->keys, k));
    }
    for (enum init_key k = INIT_NODE_SEAL; k < INIT_KEYS; k = (enum init_key)(k + 1)) json_object_set_new(node, init_key_use(k), init_key_json(&init->keys, k));
    json_object_set_new(member, "uscc", json_string(init->uscc));
    json_object_set_new(member, "name", json_string(init->name));
    json_object_set_new(member, "roles", roles);
    json_object_set_new(member, "types", json_string("all"));
    json_object_set_new(member, "keys", keys);
    json_object_set_new(member, "node", node);
    return member;
}

static json_t *single_json(const struct init *init) {
    json_t *root = json_object();
    json_object_set_new(root, "chain_id", json_string(init->chain_id));
    json_object_set_new(root, "region", json_string(init->region));
    json_object_set_new(root, "engine", json_string(engine_words_of(ENGINE_SOLO)->name));
    json_object_set(root, "types", init->types);
    json_object_set_new(root, "members", json_pack("[o]", init_member_json(init)));
    return root;
}

static int make_genesis(struct init *init) {
    json_t *root = init->consortium.root ? json_incref(init->consortium.root) : single_json(init);
    char *text = json_dumps(root, JSON_PRESERVE_ORDER), message[256];
    json_decref(root);
    if (!text) return cli_fail(EXIT_USAGE, SAY("--chain-id %s: must be a-z, 0-9 and -",
                                               "--chain-id %s：只能含 a-z、0-9 和 -"), init->chain_id);
    struct refusal refusal = genesis_from_json(&init->genesis, &init->genesis_len, message, sizeof message, text, strlen(text), time_now_ms());
    free(text);
    if (refusal.code == CODE_OK) return EXIT_VALID;
    return cli_fail(EXIT_ERROR, SAY("the genesis document is refused: %s (%s)", "创世文件被拒绝：%s（%s）"), finding_said(message), code_name(refusal.code));
}

/* ---- files ---- */

static bool write_config(const struct init *init, const char *path) {
    char text[4096];
    int len = snprintf(text, sizeof text,
        "; Settings of this node. Every line shows the default, but for the addresses. Unknown names are refused.\n"
        "; Paths are relative to this folder. Restart licetd after a change.\n\n"
        "[rpc]\n"
        "; where windows and issuers ask; this machine only: put a TLS proxy in front to serve others; port 0: any, see node/address\n"
        "listen = %s:%u\n"
        "; event loops\nthreads = 2\n"
        "connections_max = 1024\n"
        "; bytes\nbody_max = 1048576\nheaders_max = 16384\n"
        "; milliseconds: a request's first byte to its last; an answer to be taken; a kept connection without a request\n"
        "request_ms_max = 10000\nanswer_ms_max = 30000\nidle_ms_max = 60000\n\n"
        "[ops]\n"
        "; the operator's listener: /livez /readyz /metrics; `listen = off` means that there is none\n"
        "listen = %s:%u\n\n"
        "[engine]\n"
        "kind = solo\n"
        "; threads that check signatures; 0: as many as processors\npool = 0\n"
        "; statements, and MiB of them, that may wait; one more is refused as busy\nqueue_max = 8192\nqueue_mib = 64\n\n"
        "[keys]\n"
        "; the node's own keys: files, or pkcs11: addresses of keys in a token, for which `module` names the PKCS#11 library (OPERATIONS.md)\n"
        "seal = node/seal.pem\nnote = node/note.pem\ncheckpoint = node/checkpoint.pem\n\n"
        "[storage]\n"
        "; the high-water mark of what was signed; safest on another disk\nmark = node/mark\n"
        "; MiB that stay free on the disk; below it nothing is recorded, reading goes on\nroom_min_mib = 64\n\n"
        "[log]\n"
        "; info, unusual or broken; JSON lines on stderr\nlevel = info\n",
        init->host, init->port, init->host, init->port ? init->port + 1 : 0);
    ASSERT(len > 0 && (size_t)len < sizeof text);
    return file_write(path, text, (size_t)len);
}

/* genesis.cbor last: a folder without it is one whose making was cut short. */
static bool write_files(const struct init *init, uint8_t hash32[32]) {
    static struct genesis genesis;
    char path[PATH_MAX], *readable = NULL;
    if (!folder_make(init->dir) || !init_keys_save(&init->keys, init->dir, init->types)) return false;
    static const char *const folders[] = {"data", "private"};
    for (size_t i = 0; i < 2; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", init->dir, folders[i]);
        if (!folder_make(path)) return false;
    }
    if (!consortium_save(&init->consortium, init->dir)) return false;
    (void)snprintf(path, sizeof path, "%s/licet.conf", init->dir);
    if (!write_config(init, path)) return false;
    struct refusal refusal = genesis_decode(&genesis, bytes_of(init->genesis, init->genesis_len));
    ASSERT(refusal.code == CODE_OK);
    memcpy(hash32, genesis.hash, 32);
    readable = genesis_to_json(&genesis);
    if (!readable) return cli_fail(0, SAY("out of memory", "内存不足")), false;
    (void)snprintf(path, sizeof path, "%s/genesis.json", init->dir);
    bool ok = file_write(path, readable, strlen(readable));
    free(readable);
    (void)snprintf(path, sizeof path, "%s/genesis.cbor", init->dir);
    return ok && file_write(path, init->genesis, init->genesis_len);
}

static void init_report(const struct init *init, const struct cli *cli, const uint8_t hash32[32]) {
    char hash[65];
    hex_encode(hash, hash32, 32);
    if (cli->json) {
        cli_print_json(json_pack("{s:o, s:s, s:s, s:s, s:i, s:s}", "dir", cli_json_text(init->dir), "chain", init->chain_id, "genesis", hash, "uscc", init->uscc, "types",
                                 (int)json_array_size(init->types), "key", "keys/issue.pem"));
        return;
    }
    printf(SAY("chain: %s\ngenesis: %s\ndepartment: %s %s\ntypes: %zu\nkeys: %s/keys/{govern,issue,seal,verify,audit,operate}.pem\n",
               "账本: %s\n创世杂凑值: %s\n部门: %s %s\n证照类型数: %zu\n密钥: %s/keys/{govern,issue,seal,verify,audit,operate}.pem\n"), init->chain_id, hash, init->uscc,
           text_shown(init->name), json_array_size(init->types), text_shown(init->dir));
    (void)cli_fail(0, SAY("made %s. Back up %s/keys now; start the node with: licetd %s", "已建立 %s。请立即备份 %s/keys；启动节点：licetd %s"), init->dir, init->dir, init->dir);
}

int cmd_init(struct cli *cli) {
    static struct options options;
    struct init init = {.dir = NULL};
    uint8_t hash32[32];
    if (!cli_options(&options, cli, specs, sizeof specs / sizeof *specs)) return EXIT_USAGE;
    int done = init_read_options(&init, &options);
    if (done == EXIT_VALID) done = init_folder_check(init.dir);
    if (done == EXIT_VALID && !init_keys_make(&init.keys)) done = EXIT_ERROR;
    if (done == EXIT_VALID && init.consortium_path) done = read_consortium(&init);
    if (done == EXIT_VALID) done = make_genesis(&init); /* before the first file: a refusal leaves nothing behind */
    if (done == EXIT_VALID && !write_files(&init, hash32)) done = EXIT_ERROR;
    if (done == EXIT_VALID) init_report(&init, cli, hash32);
    if (done == EXIT_VALID) init_folder_warn(init.dir);
    init_keys_free(&init.keys);
    json_decref(init.types);
    consortium_free(&init.consortium);
    free(init.genesis);
    return done;
}
