/* Commands of this folder. Each returns the exit code; the table in tools/commands.c says what they take. Layer: tools/setup. */
#ifndef LICET_TOOLS_SETUP_COMMANDS_H
#define LICET_TOOLS_SETUP_COMMANDS_H
#include "tools/cli/cli.h"

int cmd_init(struct cli *cli);
int cmd_key(struct cli *cli);
#endif
