/* Commands of this folder. Each returns the exit code; the table in tools/commands.c says what they take. Layer: tools/issue. */
#ifndef LICET_TOOLS_ISSUE_COMMANDS_H
#define LICET_TOOLS_ISSUE_COMMANDS_H
#include "tools/cli/cli.h"

int cmd_issue(struct cli *cli);
/* Every operation of shape STATUS (ledger/wire/operation.h): the command bears its name. */
int cmd_status(struct cli *cli);
#endif
