/* CLI: the command line: options anywhere on it, the general ones and those of one command. Output rules of every command: stdout = data, stderr = messages and
 * progress; no colour, no progress when not a terminal; exit codes of ledger/base/code.h. Layer: tools/cli. */
#ifndef LICET_TOOLS_CLI_CLI_H
#define LICET_TOOLS_CLI_CLI_H
#include "tools/cli/json_out.h"
#include "tools/cli/message.h"

/* One command: its own options are declared by itself; the general ones (--node --key --home --json --help) are read for it. */
struct command;
typedef const struct command *(*command_find_fn)(const char *name); /* the table stands above the options: handed in */
struct cli {
    command_find_fn find;
    const char *node;    /* --node, $LICET_NODE, http://127.0.0.1:8480 */
    bool node_named;     /* by --node, on the line: a command that needs none asks it then; $LICET_NODE only says which one would be asked */
    const char *key;     /* --key, $LICET_KEY, or NULL: a key file, or a pkcs11: URI (crypto/token_uri.h) */
    const char *home;    /* --home, $LICET_HOME, or NULL: the ledger's folder, where the key's own does not say it */
    bool json;
    unsigned patience_s; /* how long a node may keep silent; 0: a few seconds for who only asks, else as long as a large import takes */
    int argc; char **argv; /* what is left for the command: argv[0] is its name */
};
/* Takes --node, --key, --home, --json, --lang and the command's name out of argv, wherever they stand (--help stays, for the command); out->argv is
 * allocated. out->argc is 0 where no command is named. False: a message was printed; return EXIT_USAGE. */
MUST_USE bool cli_general(struct cli *out, command_find_fn find, int argc, char **argv);
struct command {
    const char *name, *arguments, *arguments_zh, *help, *help_zh; /* what a caller fills in is named in the reader's language, what is typed as it stands in neither */
    int (*run)(struct cli *cli);
};
/* Options of one command, GNU style, anywhere on the line; unknown ones end the program with 2 and a hint. What a person types as text is text: no control or
 * direction characters (text_check), refused here for every option; a name of a file or folder is what the system has. */
enum option_kind { OPTION_FLAG = 0 /* no value */, OPTION_TEXT, OPTION_FILE, OPTION_FOLDER };
struct option_spec { const char *name; enum option_kind kind; const char *help, *help_zh; };
#define OPTIONS_MAX 256u
#define POSITIONAL_MAX 4096u
struct options { size_t count; struct { const char *name, *value; } given[OPTIONS_MAX]; size_t positional_count; const char *positional[POSITIONAL_MAX]; };
/* False: a message was printed; return EXIT_USAGE. With --help among them it prints the command's help and ends the program with 0. */
MUST_USE bool cli_options(struct options *out, const struct cli *cli, const struct option_spec *specs, size_t spec_count);
const char *option_get(const struct options *options, const char *name); /* the last one given; NULL */

/* An option about trust that cannot be used: --trust, --pin, --max-age, --trust-dir, --at, --key and --home where they have to lead to a genesis document, and the variables that
 * stand for them; in every command, whatever is wrong with what they name, and also where there is nothing that they could be about. Nothing has been asked or judged by then, so it is
 * never the code of a verdict or of damage: a script can tell "I was called wrongly" from "the ledger lies". tests/system/test_trust_options.py tries all of them. */
#define EXIT_TRUST_OPTION EXIT_USAGE
#endif
