/* CLI: what every command of `licet` shares: options anywhere on the line, where keys and secrets lie, output rules (stdout = data, stderr =
 * messages and progress; no colour, no progress when not a terminal), exit codes of ledger/base/code.h. Layer: tools. */
#ifndef LICET_TOOLS_CLI_H
#define LICET_TOOLS_CLI_H
#include "crypto/keyfile.h"
#include "crypto/secretdir.h"
#include "crypto/token.h"
#include "ledger/base/code.h"
#include "tools/language.h"
#include <jansson.h>

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

/* Messages on stderr: "licet: ...\n". Each says what to do next. Return the exit code for `return cli_fail(...)`. */
__attribute__((format(printf, 2, 3))) int cli_fail(int exit_code, const char *format, ...);
/* Asks at the terminal. True: "yes" was typed. */
__attribute__((format(printf, 1, 2))) MUST_USE bool cli_confirmed(const char *format, ...);
/* A refusal by number, its sentence in the reader's language, item and entry if any. */
int cli_refused(const struct refusal *refusal);
/* The exit code that goes with a refusal: 30 not allowed, 10 unknown, 40 storage, 20 integrity, else 1. */
int refusal_exit(enum code code);
/* A file's name or other text that need not be UTF-8, as a JSON string: what is not becomes "?". */
json_t *cli_json_text(const char *text);
void cli_print_json(json_t *value); /* to stdout, one line, sorted as inserted; takes over the reference */

/* --- files --- */
/* The signer named by --key (CODE: exit with a sentence). A token's needs --home too, since what goes with a key lies in no folder beside it. */
MUST_USE int cli_signer(struct signer **out, const struct cli *cli);
/* HOME/keys, else the folder the key file lies in; look-up secrets are in DIR/lookup, private data in DIR/../private. False: neither is known. */
MUST_USE bool cli_key_dir(char *out, size_t cap, const struct cli *cli);
#define CLI_KEY_SHOWN 512u
const char *cli_key_shown(char out[CLI_KEY_SHOWN], const struct cli *cli); /* --key for messages; returns out */
/* The file that an option about trust names (by: "--pin"), for which nothing is assumed where it cannot be read or is empty: NULL, a message that names both, and
 * *exit_code: EXIT_TRUST_OPTION. */
MUST_USE uint8_t *option_file_read(const char *by, const char *path, size_t max, size_t *len, int *exit_code);
MUST_USE uint8_t *file_read(const char *path, size_t max, size_t *len); /* malloc'd; NULL with a message */
/* SHA-256 (and SM3 when sm3 is not NULL) of a file, streamed. "-" is standard input. */
MUST_USE bool file_digest(const char *path, uint8_t sha256_32[32], uint8_t *sm3_32);
MUST_USE bool file_write(const char *path, const void *data, size_t len); /* atomically and durably; false: a message was printed */
MUST_USE bool folder_make(const char *path); /* mode 0700, or there already; its name is durable; false: a message was printed */
int64_t time_now_ms(void);
/* "2026-01-31" or "20260131". */
MUST_USE bool day_parse(int32_t *day, const char *text);

/* --- the node (http.c) --- */
struct http_answer { int status; char content_type[128]; uint8_t *body; size_t len; char location[256]; };
/* One request on a kept-alive connection to cli->node. False: no answer; a message was printed that says what to do. */
MUST_USE bool http_call(struct http_answer *out, const struct cli *cli, const char *method, const char *path, const char *content_type, const char *accept,
                        struct bytes body);
#define ASK_PATIENCE_S 8u /* who stands at a window does not wait a minute for a node that hangs */
/* Is that address this machine's own (127.0.0.0/8, ::1, localhost)? */
bool http_is_loopback(const char *node);
void http_answer_free(struct http_answer *answer);
/* Calls and parses JSON; NULL with a message (a problem body is shown with its sentences) and *exit_code set. Takes over body, which may be NULL. */
MUST_USE json_t *http_json(const struct cli *cli, const char *method, const char *path, json_t *body, int *exit_code);

/* --- what the node says of itself and of types, needed before signing (ledger.c) --- */
struct ledger_view {
    uint8_t genesis[32];
    char chain_id[64];
    uint8_t *document;          /* the genesis document that is trusted, by which the node's receipts are checked; NULL: none is known */
    struct finality *finality;  /* of it; points into it */
    json_t *types; /* array of GET /v1/types */
};
MUST_USE int ledger_view_load(struct ledger_view *out, const struct cli *cli);
void ledger_view_free(struct ledger_view *view);
/* This genesis document says which ledger is meant: EXIT_VALID and receipts are checked by it, or EXIT_INTEGRITY with a message: the node keeps another ledger, or the
 * document is damaged. path: for messages. */
MUST_USE int ledger_view_pin(struct ledger_view *view, const struct cli *cli, const char *path, struct bytes document);
/* Signs a record and posts it: 0 and the receipt, or an exit code with a message. */
struct record;
struct posted { uint64_t block, index, entry; uint8_t *receipt; size_t receipt_len; bool repeated; struct refusal refusal; };
MUST_USE int statement_post(struct posted *out, const struct cli *cli, const struct signer *signer, const struct ledger_view *view, const char *uscc,
                            const struct record *record, const char *sub, bool quiet);
void posted_free(struct posted *posted);
#endif
