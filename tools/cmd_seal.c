#include "tools/cmd_seal.h"

#include "tools/commands.h"

static const struct command commands[] = {
    {"check", "FILE.esl | SignedValue.dat [--data Signature.xml] [--seal Seal.esl] [--trust-dir DIR] [--at TIME] [--explain]",
     "Looks at a seal, or at a signature value, step by step.", cmd_seal_check},
    {"make-test", "DIR [--owner USCC] [--name NAME] [--es-id ID] [--title T] [--doc-field K=V]...",
     "Makes a test authority in DIR: CAs, a test seal (测试章) with its keys, trust/ for verifiers, and a sealed sample licence.", cmd_seal_make_test},
    {"stamp", "--seal DIR --in PLAIN.ofd|--text FILE --out X.ofd | --seal DIR --copy --in SEALED.ofd --note TEXT --out COPY.ofd",
     "Seals an OFD with a test seal, or makes a stamped copy (加注件) of a sealed one.", cmd_seal_stamp},
};
#define COMMANDS (sizeof commands / sizeof *commands)

static const struct command *find(const char *name) {
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

static void list(FILE *out) {
    for (size_t i = 0; i < COMMANDS; i++) (void)fprintf(out, "  licet seal %s %s\n      %s\n", commands[i].name, commands[i].arguments, commands[i].help);
}

int cmd_seal(struct cli *cli) {
    const char *name = cli->argc > 1 ? cli->argv[1] : "";
    const struct command *command = find(name);
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        list(stdout);
        return EXIT_VALID;
    }
    if (!command) {
        list(stderr);
        return cli_fail(EXIT_USAGE, "`licet seal` takes one of the words above%s%s", *name ? ", not " : "", name);
    }
    struct cli below = *cli;
    below.find = find;
    below.argc--;
    below.argv++;
    return command->run(&below);
}
