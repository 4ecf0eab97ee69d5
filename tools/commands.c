#include "tools/commands.h"

#include "crypto/selftest.h"
#include "ledger/base/version.h"
#include "ledger/kv/kv_lmdb.h"
#include "tools/audit/commands.h"
#include "tools/cli/json_out.h"
#include "tools/cli/nearest.h"
#include "tools/client/commands.h"
#include "tools/import/commands.h"
#include "tools/issue/commands.h"
#include "tools/licence/commands.h"
#include "tools/seal/commands.h"
#include "tools/setup/commands.h"
#include "tools/verify/commands.h"

static const struct command commands[] = {
    {"init", "DIR [--chain-id ID] [--region CODE] [--name NAME] [--uscc CODE] [--listen HOST:PORT] [--types FILE]", "目录 [--chain-id 账本名称] [--region 行政区划代码] [--name 部门名称] [--uscc 统一社会信用代码] [--listen 地址:端口] [--types 文件]",
     "Makes a new ledger in DIR: keys, genesis document, settings. Then: licetd DIR",
     "在目录中建立新账本：密钥、创世文件和配置。随后运行：licetd 目录", cmd_init},
    {"key", "new FILE [--alg ES256K|ES256|EdDSA|SM2] [--passphrase FILE] | show FILE|pkcs11:...", "new 文件 [--alg ES256K|ES256|EdDSA|SM2] [--passphrase 口令文件] | show 文件|pkcs11:...", "Makes a private key, or shows the public half of one.",
     "生成私钥，或显示其公钥。", cmd_key},
    {"issue", "--type T --holder-code C --holder-name X --number Z [--holder-type N] [--serial S] [--version V] [--issued D] [--from D] [--to D|unlimited] "
              "[--doc F]... [--field K=V]... [--out F.licet]", "--type 类型代码 --holder-code 持证主体代码 --holder-name 持证主体 --number 证照编号 [--holder-type 代码类型] [--serial 流水号] [--version 版本号] [--issued 日期] [--from 日期] [--to 日期|unlimited] [--doc 文件]... [--field 代码=值]... [--out 证明.licet]",
     "Issues one licence. What is left out is chosen: serial, version 001, dates from today.",
     "签发一份证照。未给出的自动选定：流水号、版本 001、自今日起的日期。", cmd_issue},
    {"import", "--type T FILE.csv [--report R.json]", "--type 类型代码 文件.csv [--report 报告.json]", "Puts existing stock on the ledger, with a report of its quality.",
     "将存量证照导入账本，并报告数据质量。", cmd_import},
    {"suspend", "ID... | --fields ... | --doc FILE  --reason TEXT --basis TEXT [--until D]", "证照标识... | --fields ... | --doc 文件  --reason 原因 --basis 依据 [--until 日期]", "Suspends licences. ID: the licence identifier, or its key in hex.",
     "暂扣证照。以证照标识或十六进制的证照键指明。", cmd_status},
    {"resume", "ID... | --fields ... | --doc FILE  [--reason TEXT] [--basis TEXT]", "证照标识... | --fields ... | --doc 文件  [--reason 原因] [--basis 依据]", "Makes suspended licences valid again.",
     "恢复已暂扣的证照。", cmd_status},
    {"revoke", "ID... | --fields ... | --doc FILE  --reason TEXT --basis TEXT [--yes]", "证照标识... | --fields ... | --doc 文件  --reason 原因 --basis 依据 [--yes]", "Revokes licences, for ever.",
     "吊销证照，不可恢复。", cmd_status},
    {"annul", "ID... | --fields ... | --doc FILE  --reason TEXT --basis TEXT [--yes]", "证照标识... | --fields ... | --doc 文件  --reason 原因 --basis 依据 [--yes]", "Annuls licences, for ever.",
     "撤销证照，不可恢复。", cmd_status},
    {"cancel", "ID... | --fields ... | --doc FILE  --reason TEXT --basis TEXT [--yes]", "证照标识... | --fields ... | --doc 文件  --reason 原因 --basis 依据 [--yes]", "Cancels licences, for ever.",
     "注销证照，不可恢复。", cmd_status},
    {"verify", "FILE... | --id ID | --fields type=T number=Z holder_code=C holder_name=X | --offline P.licet [FILE] --trust genesis.cbor [--max-age T]", "文件... | --id 证照标识 | --fields type=类型代码 number=证照编号 holder_code=持证主体代码 holder_name=持证主体 | --offline 证明.licet [文件] --trust genesis.cbor [--max-age 时长]",
     "Says whether a document or licence is genuine, by whom, valid, and as of when. A document never leaves this machine.",
     "核验文件或证照：是否真实、由谁颁发、是否有效、截至何时。文件不离开本机。", cmd_verify},
    {"proof", "ID | --doc FILE | --fields ...  -o P.licet [--field K]...", "证照标识 | --doc 文件 | --fields ...  -o 证明.licet [--field 代码]...",
     "Fetches a proof that verifies offline, for ever: of a licence with all its documents, also by a copy of one.",
     "取得证明文件，可长期离线核验；涵盖证照及其全部文件，也可凭加注件等副本取得。", cmd_proof},
    {"list", "[--type T] [--state S] [--issuer USCC] [--since ENTRY]", "[--type 类型代码] [--state 状态] [--issuer 统一社会信用代码] [--since 条目]", "The licences of the ledger; what is salted there is opened where the issuer's private/ is.",
     "账本上的证照；本机有签发部门的 private/ 时显示其中的要素。", cmd_list},
    {"show", "ID | --fields type=T number=Z ... | --doc FILE", "证照标识 | --fields type=类型代码 number=证照编号 ... | --doc 文件", "One licence: its verdict, and the elements that can be opened here.",
     "一份证照：核验结果，以及本机能够打开的要素。", cmd_show},
    {"history", "ID | --fields ... | --doc FILE [--verify]", "证照标识 | --fields ... | --doc 文件 [--verify]", "What happened to a licence, oldest first; --verify proves each entry here, believing no node.",
     "证照的全部变更，自早至晚；--verify 在本机逐项核实，不依赖节点。", cmd_history},
    {"status", "[--header N|newest -o FILE]", "[--header 区块|newest -o 文件]", "What the node is doing: ledger, height, head, engine, licences. With --header: writes a block's header, checked, for --pin.",
     "节点状态：账本、高度、最新区块、共识方式、证照数。用 --header 写出经核实的区块头，供 --pin 使用。", cmd_status_node},
    {"type", "list | show CODE", "list | show 类型代码", "The licence types of the ledger.",
     "账本的证照类型。", cmd_type},
    {"member", "list", "list", "The departments of the ledger.",
     "账本的成员部门。", cmd_member},
    {"replay", "DIR|ARCHIVE [--trust genesis.cbor] [--jobs N] [--until N]", "目录|归档.larc [--trust genesis.cbor] [--jobs 线程数] [--until 区块]", "Audits: every block again from genesis, trusting nothing but the bytes.",
     "审计：自创世起逐块重新执行，只信数据本身。", cmd_replay},
    {"export", "DIR -o A.larc", "目录 -o 归档.larc", "Writes the whole ledger as one archive for auditors.",
     "将整个账本导出为一个归档文件，供审计使用。", cmd_export},
    {"fsck", "DIR", "目录", "Derives every stored hash again and compares.",
     "重新计算全部已存的杂凑值并比对。", cmd_fsck},
    {"seal", "add SEAL.esl | stop|resume|cancel ESID | remake ESID NEW.esl | transfer ESID | list | show|history|impact ESID | check FILE | make-test DIR | stamp ...", "add 印章.esl | stop|resume|cancel 印章标识 | remake 印章标识 新印章.esl | transfer 印章标识 | list | show|history|impact 印章标识 | check 文件 | make-test 目录 | stamp ...",
     "E-seals: their life on the ledger, and a test authority that makes them; `licet seal --help` has the details.",
     "电子印章：在账本上的备案与变更，以及制作测试印章；详见 `licet seal --help`。", cmd_seal},
    {"ofd", "FILE [--trust-dir DIR] [--at TIME] [--explain] [--node URL]", "文件 [--trust-dir 目录] [--at 时间] [--explain] [--node 地址]",
     "Checks the seals and signatures of an OFD or a PDF: what they cover, who signed, whether in time. Asks a node only where --node names one: then the exit code is that of both.",
     "检查 OFD 或 PDF 的印章与签章：保护范围、签章者、时间。仅在用 --node 指明节点时查询节点，此时退出码取二者中较差的。", cmd_ofd},
    {"stock-make", "--rows N [...]", "--rows 行数 [...]", "Makes a file of invented stock, to try `licet import` on.",
     "生成虚构的存量数据文件，供试用 `licet import`。", cmd_stock_make},
    {"help", "[COMMAND]", "[命令]", "This list, or what one command takes.",
     "本列表，或某一命令的用法。", cmd_help},
};
#define COMMANDS (sizeof commands / sizeof *commands)

const struct command *command_find(const char *name) {
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

const char *command_nearest(const char *typed) {
    struct nearest nearest = {.typed = typed};
    for (size_t i = 0; i < COMMANDS; i++) nearest_try(&nearest, commands[i].name);
    return nearest.best;
}

static int no_command(const char *name) {
    const char *near = command_nearest(name);
    if (near) return cli_fail(EXIT_USAGE, SAY("there is no command `%s`; did you mean `%s`?", "没有命令 `%s`；是否指 `%s`？"), name, near);
    return cli_fail(EXIT_USAGE, SAY("there is no command `%s`; `licet help` lists them", "没有命令 `%s`；可用 `licet help` 查看全部命令"), name);
}

int cmd_help(struct cli *cli) {
    static struct options options;
    if (!cli_options(&options, cli, NULL, 0)) return EXIT_USAGE;
    if (options.positional_count > 0) {
        const struct command *command = command_find(options.positional[0]);
        if (!command) return no_command(options.positional[0]);
        char *argv[] = {(char[32]){0}, (char[]){"--help"}, NULL};
        (void)snprintf(argv[0], 32, "%s", command->name);
        struct cli asked = {.find = command_find, .node = cli->node, .argc = 2, .argv = argv};
        return command->run(&asked); /* prints its options and ends the program */
    }
    (void)puts(SAY("licet COMMAND [--node URL] [--key FILE|pkcs11:...] [--home DIR] [--json] [--lang zh|en]   the options anywhere on the line\n",
                   "licet 命令 [--node 地址] [--key 文件|pkcs11:...] [--home 目录] [--json] [--lang zh|en]   选项可在任何位置\n"));
    for (size_t i = 0; i < COMMANDS; i++) printf("  %-11s %s\n", commands[i].name, SAY(commands[i].help, commands[i].help_zh));
    (void)puts(SAY("\n`licet COMMAND --help` says what a command takes; `licet --version` which version this is. The node itself is run by `licetd DIR`.\n"
               "exit codes: 0 valid or done, 1 error, 2 usage, 10 unknown, 11 revoked or annulled or cancelled, 12 suspended, 13 lapsed or not\n"
               "active, 14 superseded or transferred, 15 mismatch or incomplete, 20 integrity failure, 21 stale, 30 not allowed, 40 storage,\n"
               "41 rollback refused; 130 stopped by Ctrl-C",
               "\n某一命令的用法见 `licet 命令 --help`；版本见 `licet --version`。节点由 `licetd 目录` 运行。\n"
               "退出码：0 有效或完成，1 错误，2 用法有误，10 查无记录，11 已吊销、撤销或注销，12 暂扣，13 已过有效期或未生效，\n"
               "14 已被新版本取代或已转出，15 不一致或信息不全，20 数据完整性错误，21 证明过旧，30 不允许，40 存储故障，\n"
               "41 拒绝回退；130 被 Ctrl-C 停止"));
    return EXIT_VALID;
}

static int commands_run(int argc, char **argv) {
    struct cli cli;
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("licet " LICET_VERSION "\n%s\n%s\njansson %s\n", crypto_library(), kv_lmdb_library(), jansson_version_str());
        return fflush(stdout) == 0 ? EXIT_VALID : EXIT_ERROR;
    }
    if (!cli_general(&cli, command_find, argc, argv)) {
        free(cli.argv);
        return EXIT_USAGE;
    }
    char help[] = "help";
    if (cli.argc == 0) {
        bool asked = cli.argv[1] != NULL; /* `licet --help`: not an error */
        cli.argv[0] = help;
        cli.argv[1] = NULL;
        cli.argc = 1;
        int done = cmd_help(&cli);
        free(cli.argv);
        return asked ? done : EXIT_USAGE;
    }
    const struct command *command = command_find(cli.argv[0]);
    int done = command ? command->run(&cli) : no_command(cli.argv[0]);
    free(cli.argv);
    return done;
}

int licet_run(int argc, char **argv) {
    cli_error_begin(argc, argv);
    int done = commands_run(argc, argv);
    cli_error_end(done);
    if (fflush(stdout) != 0 && done == EXIT_VALID) return cli_fail(EXIT_ERROR, SAY("the output could not be written: is the disk full?", "输出无法写入：磁盘是否已满？"));
    return done;
}
