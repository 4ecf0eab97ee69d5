/* Message: what a command says on stderr, and JSON on stdout. Layer: tools/cli. */
#ifndef LICET_TOOLS_CLI_MESSAGE_H
#define LICET_TOOLS_CLI_MESSAGE_H
#include "ledger/base/code.h"
#include "tools/cli/language.h"

/* Messages on stderr: "licet: ...\n". Each says what to do next. Return the exit code for `return cli_fail(...)`. */
__attribute__((format(printf, 2, 3))) int cli_fail(int exit_code, const char *format, ...);
/* Asks at the terminal. True: "yes" was typed. */
__attribute__((format(printf, 1, 2))) MUST_USE bool cli_confirmed(const char *format, ...);
/* A refusal by number, its sentence in the reader's language, item and entry if any. */
int cli_refused(const struct refusal *refusal);
/* The exit code that goes with a refusal: 30 not allowed, 10 unknown, 40 storage, 20 integrity, else 1. */
int refusal_exit(enum code code);
#endif
