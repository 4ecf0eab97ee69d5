#include "node/arguments.h"

#include "crypto/selftest.h"
#include "ledger/base/chinese.h"
#include "ledger/base/version.h"
#include "ledger/kv/kv_lmdb.h"
#include "node/base/log.h"

static const struct row { const char *name; int letter; const char *en, *zh; } rows[] = {
    {"check", 'c', "Look at settings, keys, data and mark; start and change nothing", "检查配置、密钥、数据和水位标记；不启动，也不作任何改动"},
    {"confirm-clock", 'k', "The clock is right although it is more than seven days ahead of the last block;\n                         no help where it is behind",
     "确认时钟无误，尽管它比最后一个区块晚七天以上；时钟偏慢时不起作用"},
    {"help", 'h', "This text", "本说明"},
    {"version", 'V', "This version, and those of its libraries", "本程序及所用库的版本"},
};
#define ROWS (sizeof rows / sizeof *rows)

static bool chinese(void) {
    const char *const values[3] = {getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG")};
    return chinese_is_read(values);
}

static int put_help(bool zh) {
    (void)puts(zh ? "licetd [选项] 目录\n    运行目录中的节点，该目录由 `licet init 目录` 建立。日志写到标准错误输出，每个事件一行 JSON。"
                  : "licetd [OPTION...] DIR\n    Runs the node in DIR, made by `licet init DIR`. Logs to standard error, one JSON line an event.");
    for (size_t i = 0; i < ROWS; i++) printf("  -%c, --%-16s %s\n", rows[i].letter, rows[i].name, zh ? rows[i].zh : rows[i].en);
    (void)puts(zh ? "\n收到 SIGTERM 或 SIGINT 时结束；自终端启动的，收到 SIGHUP 时也结束。\n退出码：0 完成，1 错误，2 用法或配置有误，20 数据损坏，40 存储故障，41 拒绝回退。"
                  : "\nEnds on SIGTERM or SIGINT, and on SIGHUP where it was started from a terminal.\n"
                    "Exit codes: 0 done, 1 error, 2 usage or settings, 20 data damaged, 40 storage, 41 rollback refused.");
    return fflush(stdout) == 0 ? EXIT_VALID : EXIT_ERROR;
}

static int print_version(void) {
    printf("licetd " LICET_VERSION "\n%s\n%s\n", crypto_library(), kv_lmdb_library());
    return fflush(stdout) == 0 ? EXIT_VALID : EXIT_ERROR;
}

static int bad_argument(const char *format, const char *what) {
    char text[512];
    int len = snprintf(text, sizeof text - 1, format, what);
    if (len < 0 || len > (int)sizeof text - 2) len = (int)sizeof text - 2;
    text[len] = '\n';
    text[len + 1] = '\0';
    log_say(text);
    return EXIT_USAGE;
}

/* 0: no such option. */
static int letter_of(const char *arg) {
    for (size_t i = 0; i < ROWS; i++)
        if (strncmp(arg, "--", 2) == 0 ? strcmp(arg + 2, rows[i].name) == 0 : arg[1] == rows[i].letter && arg[2] == '\0') return rows[i].letter;
    return 0;
}

int arguments_read(struct arguments *out, int argc, char **argv) {
    const bool zh = chinese();
    bool options_end = false;
    for (int i = 1; i < argc; i++) {
        const bool option = !options_end && argv[i][0] == '-' && argv[i][1];
        if (option && strcmp(argv[i], "--") == 0) {
            options_end = true;
        } else if (option) {
            switch (letter_of(argv[i])) {
            case 'c': out->options.check = true; break;
            case 'k': out->options.confirm_clock = true; break;
            case 'h': return put_help(zh);
            case 'V': return print_version();
            default: return bad_argument(zh ? "licetd: %s：没有此选项，或不带值；可用 `licetd --help` 查看" : "licetd: %s: there is no such option, or it takes no value; `licetd --help` lists them", argv[i]);
            }
        } else if (out->dir) {
            return bad_argument(zh ? "licetd: %s：只能给出一个目录" : "licetd: %s: one folder only", argv[i]);
        } else {
            out->dir = argv[i];
        }
    }
    if (out->dir && out->dir[0]) return -1;
    return bad_argument(zh ? "licetd: 请指明目录；%s 可建立新的" : "licetd: which folder? %s makes one", zh ? "`licet init 目录`" : "`licet init DIR`");
}
