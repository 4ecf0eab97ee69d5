/* Commands: every command of `licet`, and the table by which main.c and the help find them. Layer: tools. */
#ifndef LICET_TOOLS_COMMANDS_H
#define LICET_TOOLS_COMMANDS_H
#include "tools/cli.h"

int cmd_init(struct cli *cli);
int cmd_key(struct cli *cli);
int cmd_issue(struct cli *cli);
int cmd_import(struct cli *cli);
int cmd_suspend(struct cli *cli);
int cmd_resume(struct cli *cli);
int cmd_revoke(struct cli *cli);
int cmd_annul(struct cli *cli);
int cmd_cancel(struct cli *cli);
int cmd_verify(struct cli *cli);
int cmd_proof(struct cli *cli);
int cmd_list(struct cli *cli);
int cmd_show(struct cli *cli);
int cmd_history(struct cli *cli);
int cmd_status_node(struct cli *cli);
int cmd_type(struct cli *cli);
int cmd_member(struct cli *cli);
int cmd_replay(struct cli *cli);
int cmd_export(struct cli *cli);
int cmd_fsck(struct cli *cli);
int cmd_ofd(struct cli *cli);
int cmd_seal(struct cli *cli);
int cmd_stock_make(struct cli *cli);
int cmd_help(struct cli *cli);

/* NULL: no such command. */
const struct command *command_find(const char *name);
/* The command whose name is nearest to what was typed; NULL where none is near. */
const char *command_nearest(const char *typed);
/* Reads the general options, finds the command and runs it: all of main but the set-up. Returns the exit code. */
int licet_run(int argc, char **argv);
#endif
