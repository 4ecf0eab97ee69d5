#include "tools/commands.h"

#include "crypto/selftest.h"
#include "ledger/base/version.h"
#include "ledger/kv/kv_lmdb.h"
#include "tools/json_error.h"
#include "tools/nearest.h"

static const struct command commands[] = {
    {"init", "DIR [--chain-id ID] [--region CODE] [--name NAME] [--uscc CODE] [--listen HOST:PORT] [--types FILE]",
     "Makes a new ledger in DIR: keys, genesis document, settings. Then: licetd DIR", cmd_init},
    {"key", "new FILE [--alg ES256K|ES256|EdDSA|SM2] [--passphrase FILE] | show FILE|pkcs11:...", "Makes a private key, or shows the public half of one.", cmd_key},
    {"issue", "--type T --holder-code C --holder-name X --number Z [--holder-type N] [--serial S] [--version V] [--issued D] [--from D] [--to D|unlimited] "
              "[--doc F]... [--field K=V]... [--out F.licet]",
     "Issues one licence. What is left out is chosen: serial, version 001, dates from today.", cmd_issue},
    {"import", "--type T FILE.csv [--report R.json]", "Puts existing stock on the ledger, with a report of its quality.", cmd_import},
    {"suspend", "ID... --reason TEXT --basis TEXT [--until D]", "Suspends licences. ID: the licence identifier, or its key in hex.", cmd_suspend},
    {"resume", "ID... [--reason TEXT] [--basis TEXT]", "Makes suspended licences valid again.", cmd_resume},
    {"revoke", "ID... --reason TEXT --basis TEXT", "Revokes licences (吊销), for ever.", cmd_revoke},
    {"annul", "ID... --reason TEXT --basis TEXT", "Annuls licences (撤销), for ever.", cmd_annul},
    {"cancel", "ID... --reason TEXT --basis TEXT", "Cancels licences (注销), for ever.", cmd_cancel},
    {"verify", "FILE... | --id ID | --fields type=T number=Z [holder_code=C] [holder_name=X] | --offline P.licet [FILE] --trust genesis.cbor [--max-age T]",
     "Says whether a document or licence is genuine, by whom, valid, and as of when. A document never leaves this machine.", cmd_verify},
    {"proof", "ID -o P.licet [--doc FILE] [--field K]...", "Fetches a proof that verifies offline, for ever.", cmd_proof},
    {"status", "", "What the node is doing: ledger, height, head, engine, licences.", cmd_status_node},
    {"type", "list | show CODE", "The licence types of the ledger.", cmd_type},
    {"member", "list", "The departments of the ledger.", cmd_member},
    {"replay", "DIR|ARCHIVE [--trust genesis.cbor] [--jobs N] [--until N]", "Audits: every block again from genesis, trusting nothing but the bytes.", cmd_replay},
    {"export", "DIR -o A.larc", "Writes the whole ledger as one archive for auditors.", cmd_export},
    {"fsck", "DIR", "Derives every stored hash again and compares.", cmd_fsck},
    {"seal", "add SEAL.esl | stop|resume|cancel ESID | remake ESID NEW.esl | transfer ESID | list | show|history|impact ESID | check FILE | make-test DIR | stamp ...",
     "E-seals: their life on the ledger, and a test authority that makes them; `licet seal --help` has the details.", cmd_seal},
    {"ofd", "FILE [--trust-dir DIR] [--at TIME] [--explain]",
     "Checks the seals and signatures of an OFD or a PDF: what they cover, who signed, whether in time. Asks a node only where one is named.", cmd_ofd},
    {"stock-make", "--rows N [...]", "Makes a file of invented stock, to try `licet import` on.", cmd_stock_make},
    {"help", "[COMMAND]", "This list, or what one command takes.", cmd_help},
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
    (void)puts("licet COMMAND [--node URL] [--key FILE|pkcs11:...] [--home DIR] [--json]   the options anywhere on the line\n");
    for (size_t i = 0; i < COMMANDS; i++) printf("  %-11s %s\n", commands[i].name, commands[i].help);
    (void)puts("\n`licet COMMAND --help` says what a command takes; `licet --version` which version this is. The node itself is run by `licetd DIR`.\n"
               "exit codes: 0 valid or done, 1 error, 2 usage, 10 unknown, 11 revoked or annulled or cancelled, 12 suspended, 13 lapsed or not\n"
               "active, 14 superseded or transferred, 15 mismatch or incomplete, 20 integrity failure, 21 stale, 30 not allowed, 40 storage,\n"
               "41 rollback refused");
    return EXIT_VALID;
}

static int run(int argc, char **argv) {
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
    json_error_begin(argc, argv);
    int done = run(argc, argv);
    json_error_end(done);
    if (fflush(stdout) != 0 && done == EXIT_VALID) return cli_fail(EXIT_ERROR, "the output could not be written: is the disk full?");
    return done;
}
