#include "tools/cli/cli.h"

#include "ledger/wire/cbor.h"
#include "tools/cli/nearest.h"

#define DEFAULT_NODE "http://127.0.0.1:8480"

static const char *environment(const char *name, const char *otherwise) {
    const char *value = getenv(name);
    return value && value[0] ? value : otherwise;
}

/* "--name VALUE" or "--name=VALUE" at argv[*at]. -1: another argument. 0: a message was printed. */
static int take_value(const char *name, const char **value, int *at, int argc, char **argv) {
    size_t len = strlen(name);
    const char *arg = argv[*at];
    if (strncmp(arg, name, len) != 0 || (arg[len] != '\0' && arg[len] != '=')) return -1;
    if (arg[len] == '=') {
        *value = arg + len + 1;
        return 1;
    }
    if (*at + 1 >= argc || strncmp(argv[*at + 1], "--", 2) == 0) {
        (void)cli_fail(EXIT_USAGE, SAY("%s needs a value: %s VALUE", "%s 需要一个值：%s 值"), name, name);
        return 0;
    }
    *value = argv[++*at];
    return 1;
}

/* Where the command's name stands: the first argument that is one, since options may stand before it; else the first that is no option, for
 * the message; -1: nowhere. */
static int cli_find_name(command_find_fn find, int argc, char **argv) {
    int first = -1;
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--node") == 0 || strcmp(argv[i], "--key") == 0 || strcmp(argv[i], "--home") == 0 || strcmp(argv[i], "--lang") == 0) i++;
        else if (argv[i][0] == '-') continue;
        else if (find(argv[i])) return i;
        else if (first < 0) first = i;
    }
    return first;
}

bool cli_general(struct cli *out, command_find_fn find, int argc, char **argv) {
    *out = (struct cli){.find = find, .node = environment("LICET_NODE", DEFAULT_NODE), .key = environment("LICET_KEY", NULL),
                        .home = environment("LICET_HOME", NULL)};
    const char *const otherwise = out->node;
    out->argv = calloc((size_t)argc + 1, sizeof *out->argv);
    if (!out->argv) return cli_fail(0, SAY("out of memory", "内存不足")), false;
    int kept = 1, name = cli_find_name(find, argc, argv);
    for (int i = 1; i < argc; i++) {
        const char *language = NULL;
        const struct { const char *name, **value; } general[] = {{"--node", &out->node}, {"--key", &out->key}, {"--home", &out->home}, {"--lang", &language}};
        int taken = -1;
        for (size_t g = 0; g < sizeof general / sizeof *general && taken == -1; g++) taken = take_value(general[g].name, general[g].value, &i, argc, argv);
        if (taken == 0) return false;
        if (taken == 1 && !language) continue;
        if (taken == 1) {
            if (!cli_set_language(language)) return cli_fail(0, SAY("--lang %s: must be zh or en", "--lang %s：应为 zh 或 en"), language), false;
            continue;
        }
        if (strcmp(argv[i], "--json") == 0) {
            out->json = true;
        } else if (i == name) {
            out->argv[0] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            while (i < argc) out->argv[kept++] = argv[i++]; /* from here on nothing is an option */
        } else {
            out->argv[kept++] = argv[i];
        }
    }
    out->argc = out->argv[0] ? kept : 0;
    if (!out->argv[0] && kept > 1 && strcmp(out->argv[1], "--help") != 0 && strcmp(out->argv[1], "-h") != 0)
        return cli_fail(0, SAY("no command before %s; `licet help` lists them",
                               "%s 之前没有命令；可用 `licet help` 查看全部命令"), out->argv[1]), false;
    out->node_named = out->node != otherwise;
    return true;
}

/* One line of help. The left column has 26 places; a Chinese character takes two of them and three bytes. */
static void print_option(const char *left, const char *help) {
    int wide = 0;
    for (const char *at = left; *at; at++) wide += ((unsigned char)*at & 0xf0) == 0xe0;
    printf("  %-*s %s\n", 26 + wide, left, help);
}

static const char *placeholder(enum option_kind kind) {
    switch (kind) {
    case OPTION_FLAG: break;
    case OPTION_TEXT: return SAY(" VALUE", " 值");
    case OPTION_FILE: return SAY(" FILE", " 文件");
    case OPTION_FOLDER: return SAY(" DIR", " 目录");
    }
    return "";
}

static void print_help(const struct cli *cli, const struct option_spec *specs, size_t spec_count) {
    const struct command *command = cli->find(cli->argv[0]);
    if (command) printf("licet %s %s\n    %s\n", command->name, SAY(command->arguments, command->arguments_zh), SAY(command->help, command->help_zh));
    for (size_t i = 0; i < spec_count; i++) {
        char left[64];
        (void)snprintf(left, sizeof left, "--%s%s", specs[i].name, placeholder(specs[i].kind));
        print_option(left, SAY(specs[i].help, specs[i].help_zh));
    }
    print_option(SAY("--node URL", "--node 地址"), SAY("the node to ask ($LICET_NODE; " DEFAULT_NODE ")", "要查询的节点（$LICET_NODE；默认为 " DEFAULT_NODE "）"));
    print_option(SAY("--key FILE|pkcs11:...", "--key 文件|pkcs11:..."), SAY("the private key to sign with ($LICET_KEY); a token's module: module-path or $LICET_PKCS11_MODULE",
                 "签名私钥（$LICET_KEY）；密码设备的模块用 module-path 或 $LICET_PKCS11_MODULE 指明"));
    print_option(SAY("--home DIR", "--home 目录"), SAY("the ledger's folder, where the key's own does not say it ($LICET_HOME)", "账本目录，不能由密钥所在目录得知时使用（$LICET_HOME）"));
    print_option("--json", SAY("one line of JSON on stdout", "在标准输出上给出一行 JSON"));
    print_option("--lang zh|en", SAY("language of what is printed (LC_ALL, LC_MESSAGES, LANG; else English)", "输出语言（LC_ALL、LC_MESSAGES、LANG；否则为英文）"));
}

static const struct option_spec *find_spec(const struct option_spec *specs, size_t count, const char *name, size_t len) {
    for (size_t i = 0; i < count; i++)
        if (strlen(specs[i].name) == len && memcmp(specs[i].name, name, len) == 0) return &specs[i];
    return NULL;
}

/* What -o, -h stand for. */
static const char *long_name(const char *arg) {
    if (strcmp(arg, "-o") == 0) return "--out";
    if (strcmp(arg, "-h") == 0) return "--help";
    return arg;
}

static bool no_option(const struct cli *cli, const char *arg, const struct option_spec *specs, size_t spec_count) {
    static const char *const general[] = {"node", "key", "home", "json", "lang", "help"};
    char typed[64];
    (void)snprintf(typed, sizeof typed, "%.*s", (int)strcspn(arg + strspn(arg, "-"), "="), arg + strspn(arg, "-"));
    struct nearest nearest = {.typed = typed};
    for (size_t i = 0; i < spec_count; i++) nearest_try(&nearest, specs[i].name);
    for (size_t i = 0; i < sizeof general / sizeof *general; i++) nearest_try(&nearest, general[i]);
    if (nearest.best)
        (void)cli_fail(EXIT_USAGE, SAY("%s: `%s` has no such option; did you mean --%s?", "%s：`%s` 没有此选项；是否指 --%s？"), arg, cli->argv[0], nearest.best);
    else
        (void)cli_fail(EXIT_USAGE, SAY("%s: `%s` has no such option; `licet %s --help` lists them", "%s：`%s` 没有此选项；可用 `licet %s --help` 查看"), arg, cli->argv[0],
                       cli->argv[0]);
    return false;
}

static bool take_option(struct options *out, const struct cli *cli, int *at, const struct option_spec *specs, size_t spec_count) {
    const char *arg = long_name(cli->argv[*at]);
    const char *name = arg + 2, *value = strchr(name, '=');
    size_t len = value ? (size_t)(value - name) : strlen(name);
    const struct option_spec *spec = strncmp(arg, "--", 2) == 0 ? find_spec(specs, spec_count, name, len) : NULL;
    if (!spec) return no_option(cli, cli->argv[*at], specs, spec_count);
    if (value && spec->kind == OPTION_FLAG) return cli_fail(0, SAY("--%s takes no value", "--%s 不带值"), spec->name), false;
    if (value) {
        value++;
    } else if (spec->kind != OPTION_FLAG) {
        if (*at + 1 >= cli->argc || strncmp(cli->argv[*at + 1], "--", 2) == 0)
            return cli_fail(0, SAY("--%s needs a value; one that begins with -- is written --%s=VALUE",
                                   "--%s 需要一个值；以 -- 开头的值写作 --%s=值"), spec->name, spec->name), false;
        value = cli->argv[++*at];
    }
    if (spec->kind == OPTION_TEXT && text_check(bytes_text(value)) != CODE_OK)
        return cli_fail(EXIT_USAGE, SAY("--%s: %s: %s", "--%s：%s：%s"), spec->name, code_name(CODE_TEXT_INVALID), cli_code_text(CODE_TEXT_INVALID)), false;
    if (out->count == OPTIONS_MAX) return cli_fail(0, SAY("more than %u options; split the job", "选项多于 %u 个，请分次办理"), OPTIONS_MAX), false;
    out->given[out->count].name = spec->name;
    out->given[out->count++].value = value ? value : "";
    return true;
}

bool cli_options(struct options *out, const struct cli *cli, const struct option_spec *specs, size_t spec_count) {
    out->count = out->positional_count = 0;
    bool all_positional = false;
    for (int i = 1; i < cli->argc; i++) {
        const char *arg = cli->argv[i];
        if (!all_positional && strcmp(arg, "--") == 0) {
            all_positional = true;
        } else if (!all_positional && (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0)) {
            print_help(cli, specs, spec_count);
            exit(EXIT_VALID);
        } else if (!all_positional && arg[0] == '-' && arg[1] != '\0') {
            if (!take_option(out, cli, &i, specs, spec_count)) return false;
        } else if (out->positional_count == POSITIONAL_MAX) {
            return cli_fail(0, SAY("more than %u arguments; split the job", "参数多于 %u 个，请分次办理"), POSITIONAL_MAX), false;
        } else {
            out->positional[out->positional_count++] = arg;
        }
    }
    return true;
}

const char *option_get(const struct options *options, const char *name) {
    for (size_t i = options->count; i > 0; i--)
        if (strcmp(options->given[i - 1].name, name) == 0) return options->given[i - 1].value;
    return NULL;
}
