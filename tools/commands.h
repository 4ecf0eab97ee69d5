/* Commands: every command of `licet`, and the table by which main.c and the help find them. Layer: tools. */
#ifndef LICET_TOOLS_COMMANDS_H
#define LICET_TOOLS_COMMANDS_H
#include "tools/cli/cli.h"

int cmd_help(struct cli *cli);

/* NULL: no such command. */
const struct command *command_find(const char *name);
/* The command whose name is nearest to what was typed; NULL where none is near. */
const char *command_nearest(const char *typed);
/* Reads the general options, finds the command and runs it: all of main but the set-up. Returns the exit code. */
int licet_run(int argc, char **argv);
#endif
