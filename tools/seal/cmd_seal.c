#include "tools/seal/cmd_seal.h"

#include "tools/cli/nearest.h"
#include "tools/seal/commands.h"


#define WHY "--reason R --basis B"
static const struct command commands[] = {
    {"seal add", "SEAL.esl [--owner USCC] [--kind 1|2|3] [--name NAME] [--cert FILE.der]... [--trust-dir DIR]", "印章.esl [--owner 统一社会信用代码] [--kind 1|2|3] [--name 名称] [--cert 证书.der]... [--trust-dir 目录]",
     "Registers a seal on the ledger: its number, owner, digests and period.",
     "印章制作备案：登记印章标识、所有者、杂凑值和有效期。", cmd_seal_add},
    {"seal stop", "ESID " WHY " [--since ENTRY]", "印章标识 --reason 原因 --basis 依据 [--since 条目]", "Stops it: what is sealed from then on, or from ENTRY on, is suspect.",
     "停用印章：自此（或自 --since 所指条目起）加盖的视为存疑。", cmd_seal_stop},
    {"seal resume", "ESID [" WHY "]", "印章标识 [--reason 原因 --basis 依据]", "Puts a stopped one in force again.",
     "恢复已停用的印章。", cmd_seal_resume},
    {"seal cancel", "ESID " WHY " [--since ENTRY]", "印章标识 --reason 原因 --basis 依据 [--since 条目]", "Cancels it for good.",
     "注销印章，不可恢复。", cmd_seal_cancel},
    {"seal remake", "ESID NEW.esl " WHY " [--since ENTRY]", "印章标识 新印章.esl --reason 原因 --basis 依据 [--since 条目]", "Registers a new making, after a key leak with --since.",
     "重新制作备案；密钥泄露的须用 --since。", cmd_seal_remake},
    {"seal transfer", "ESID --owner USCC " WHY, "印章标识 --owner 统一社会信用代码 --reason 原因 --basis 依据", "Gives it to another owner.",
     "变更印章所有者。", cmd_seal_transfer},
    {"seal list", "", "", "All seals of the ledger.",
     "账本上的全部印章。", cmd_seal_list},
    {"seal show", "ESID", "印章标识", "What the ledger has of it.",
     "账本上该印章的信息。", cmd_seal_show},
    {"seal history", "ESID", "印章标识", "Everything that happened to it, in the order of the log.",
     "该印章的全部经历，按日志顺序。", cmd_seal_history},
    {"seal impact", "ESID [--suspect]", "印章标识 [--suspect]", "The licences sealed with it, and which of them a stop or a re-making made suspect.",
     "加盖该印章的证照，以及其中因停用或重新制作而存疑的。", cmd_seal_impact},
    {"seal check", "FILE.esl | SignedValue.dat [--data Signature.xml] [--seal Seal.esl] [--trust-dir DIR] [--at TIME] [--explain]", "印章.esl | SignedValue.dat [--data Signature.xml] [--seal Seal.esl] [--trust-dir 目录] [--at 时间] [--explain]",
     "Looks at a seal, or at a signature value, step by step.",
     "逐步检查印章数据或签章数据。", cmd_seal_check},
    {"seal make-test", "DIR [--owner USCC] [--name NAME] [--es-id ID] [--title T] [--doc-field K=V]...", "目录 [--owner 统一社会信用代码] [--name 名称] [--es-id 印章标识] [--title 标题] [--doc-field 名称=值]...",
     "Makes a test authority in DIR: CAs, a test seal with its keys, trust/ for verifiers, and a sealed sample licence.",
     "在目录中建立测试机构：CA、测试印章及其密钥、供核验方使用的 trust/，以及一份已签章的样本证照。", cmd_seal_make_test},
    {"seal revoke-test", "DIR signer|maker [--at TIME]", "目录 signer|maker [--at 时间]", "Puts a certificate of a test authority on its revocation list, in DIR/trust.",
     "将测试机构的证书列入其 trust 目录中的证书撤销列表。", cmd_seal_revoke_test},
    {"seal alter-test", "IN.ofd -o OUT.ofd", "原文件.ofd -o 改动后.ofd", "Alters one digit that a page of an OFD shows, as a forger would, to see that it is found.",
     "将 OFD 页面上的一个数字改为另一个，如同伪造者所为，用于演示能被发现。", cmd_seal_alter_test},
    {"seal stamp", "--seal DIR --in PLAIN.ofd|--text FILE --out X.ofd | --seal DIR --copy --in SEALED.ofd --note TEXT --out COPY.ofd", "--seal 目录 --in 原文.ofd|--text 文件 --out 签章后.ofd | --seal 目录 --copy --in 已签章.ofd --note 用途 --out 加注件.ofd",
     "Seals an OFD with a test seal, or makes a stamped copy of a sealed one.",
     "用测试印章为 OFD 签章，或制作加注件。", cmd_seal_stamp},
};
#define COMMANDS (sizeof commands / sizeof *commands)

/* By the second word, or by both as help and messages name it. */
static const struct command *seal_command_find(const char *name) {
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name + strlen("seal "), name) == 0 || strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

static void list(void) {
    for (size_t i = 0; i < COMMANDS; i++) printf("  licet %s %s\n      %s\n", commands[i].name, SAY(commands[i].arguments, commands[i].arguments_zh), SAY(commands[i].help, commands[i].help_zh));
}

static int no_word(const char *name) {
    struct nearest nearest = {.typed = name};
    for (size_t i = 0; i < COMMANDS; i++) nearest_try(&nearest, commands[i].name + strlen("seal "));
    if (!*name) return cli_fail(EXIT_USAGE, SAY("say what about seals: `licet seal --help` lists what there is", "请指明子命令；可用 `licet seal --help` 查看"));
    if (nearest.best) return cli_fail(EXIT_USAGE, SAY("`licet seal` has no `%s`; did you mean `licet seal %s`?", "`licet seal` 没有 `%s`；是否指 `licet seal %s`？"), name, nearest.best);
    return cli_fail(EXIT_USAGE, SAY("`licet seal` has no `%s`; `licet seal --help` lists what there is", "`licet seal` 没有 `%s`；可用 `licet seal --help` 查看"), name);
}

int cmd_seal(struct cli *cli) {
    const char *name = cli->argc > 1 ? cli->argv[1] : "";
    const struct command *command = seal_command_find(name);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        list();
        return EXIT_VALID;
    }
    if (!command) return no_word(name);
    char both[32];
    struct cli below = *cli;
    (void)snprintf(both, sizeof both, "%s", command->name);
    below.find = seal_command_find;
    below.argc--;
    below.argv++;
    below.argv[0] = both;
    return command->run(&below);
}
