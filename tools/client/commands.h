/* Commands of this folder. Each returns the exit code; the table in tools/commands.c says what they take. Layer: tools/client. */
#ifndef LICET_TOOLS_CLIENT_COMMANDS_H
#define LICET_TOOLS_CLIENT_COMMANDS_H
#include "tools/cli/cli.h"

int cmd_status_node(struct cli *cli);
int cmd_type(struct cli *cli);
int cmd_member(struct cli *cli);
#endif
