/* Commands of this folder. Each returns the exit code; the table in tools/commands.c says what they take. Layer: tools/audit. */
#ifndef LICET_TOOLS_AUDIT_COMMANDS_H
#define LICET_TOOLS_AUDIT_COMMANDS_H
#include "tools/cli/cli.h"

int cmd_replay(struct cli *cli);
int cmd_export(struct cli *cli);
int cmd_fsck(struct cli *cli);
#endif
