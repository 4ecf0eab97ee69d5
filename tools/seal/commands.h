/* Commands of this folder. Each returns the exit code; the table in tools/commands.c says what they take. Layer: tools/seal. */
#ifndef LICET_TOOLS_SEAL_COMMANDS_H
#define LICET_TOOLS_SEAL_COMMANDS_H
#include "tools/cli/cli.h"

int cmd_seal(struct cli *cli);
#endif
