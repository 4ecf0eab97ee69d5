/* Commands of this folder. Each returns the exit code; the table in tools/commands.c says what they take. Layer: tools/licence. */
#ifndef LICET_TOOLS_LICENCE_COMMANDS_H
#define LICET_TOOLS_LICENCE_COMMANDS_H
#include "tools/cli/cli.h"

int cmd_proof(struct cli *cli);
int cmd_list(struct cli *cli);
int cmd_show(struct cli *cli);
int cmd_history(struct cli *cli);
#endif
