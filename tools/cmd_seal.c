#include "tools/cmd_seal.h"

#include "tools/commands.h"

static const struct command commands[] = {
    {"seal check", "FILE.esl | SignedValue.dat [--data Signature.xml] [--seal Seal.esl] [--trust-dir DIR] [--at TIME] [--explain]",
     "Looks at a seal, or at a signature value, step by step.", cmd_seal_check},
    {"seal make-test", "DIR [--owner USCC] [--name NAME] [--es-id ID] [--title T] [--doc-field K=V]...",
     "Makes a test authority in DIR: CAs, a test seal (测试章) with its keys, trust/ for verifiers, and a sealed sample licence.", cmd_seal_make_test},
    {"seal revoke-test", "DIR signer|maker [--at TIME]", "Puts a certificate of a test authority on its revocation list, in DIR/trust.", cmd_seal_revoke_test},
    {"seal stamp", "--seal DIR --in PLAIN.ofd|--text FILE --out X.ofd | --seal DIR --copy --in SEALED.ofd --note TEXT --out COPY.ofd",
     "Seals an OFD with a test seal, or makes a stamped copy (加注件) of a sealed one.", cmd_seal_stamp},
};
#define COMMANDS (sizeof commands / sizeof *commands)

/* By the second word, or by both as help and messages name it. */
static const struct command *find(const char *name) {
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name + strlen("seal "), name) == 0 || strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

static void list(FILE *out) {
    for (size_t i = 0; i < COMMANDS; i++) (void)fprintf(out, "  licet %s %s\n      %s\n", commands[i].name, commands[i].arguments, commands[i].help);
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
    char both[32];
    struct cli below = *cli;
    (void)snprintf(both, sizeof both, "%s", command->name);
    below.find = find;
    below.argc--;
    below.argv++;
    below.argv[0] = both;
    return command->run(&below);
}
