/* Commands of this folder. Each returns the exit code; the table in tools/commands.c says what they take. Layer: tools/issue. */
#ifndef LICET_TOOLS_ISSUE_COMMANDS_H
#define LICET_TOOLS_ISSUE_COMMANDS_H
#include "tools/cli/cli.h"

int cmd_issue(struct cli *cli);
int cmd_suspend(struct cli *cli);
int cmd_resume(struct cli *cli);
int cmd_revoke(struct cli *cli);
int cmd_annul(struct cli *cli);
int cmd_cancel(struct cli *cli);
#endif
