#include "tools/cmd_seal.h"

#include "tools/commands.h"

#define WHY "--reason R --basis B"
static const struct command commands[] = {
    {"seal add", "SEAL.esl [--owner USCC] [--kind 1|2|3] [--name NAME] [--cert FILE.der]... [--trust-dir DIR]",
     "Registers a seal on the ledger (制作备案): its number, owner, digests and period.", cmd_seal_add},
    {"seal stop", "ESID " WHY " [--since ENTRY]", "Stops it (停用): what is sealed from then on, or from ENTRY on, is suspect.", cmd_seal_stop},
    {"seal resume", "ESID [" WHY "]", "Puts a stopped one in force again (恢复).", cmd_seal_resume},
    {"seal cancel", "ESID " WHY " [--since ENTRY]", "Cancels it for good (注销).", cmd_seal_cancel},
    {"seal remake", "ESID NEW.esl " WHY " [--since ENTRY]", "Registers a new making (重新制作), after a key leak with --since.", cmd_seal_remake},
    {"seal transfer", "ESID --owner USCC " WHY, "Gives it to another owner (变更所有者).", cmd_seal_transfer},
    {"seal list", "", "All seals of the ledger.", cmd_seal_list},
    {"seal show", "ESID", "What the ledger has of it.", cmd_seal_show},
    {"seal history", "ESID", "Everything that happened to it, in the order of the log.", cmd_seal_history},
    {"seal impact", "ESID [--suspect]", "The licences sealed with it, and which of them a stop or a re-making made suspect.", cmd_seal_impact},
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
        return cli_fail(EXIT_USAGE, SAY("`licet seal` takes one of the words above%s%s",
                                        "`licet seal` 之后应为上列子命令之一%s%s"), *name ? SAY(", not ", "，而非 ") : "", name);
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
