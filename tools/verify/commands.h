/* Commands of this folder. Each returns the exit code; the table in tools/commands.c says what they take. Layer: tools/verify. */
#ifndef LICET_TOOLS_VERIFY_COMMANDS_H
#define LICET_TOOLS_VERIFY_COMMANDS_H
#include "tools/cli/cli.h"

int cmd_verify(struct cli *cli);
int cmd_ofd(struct cli *cli);
#endif
