/* Cmd seal: the commands below `licet seal`. Layer: tools/seal. */
#ifndef LICET_TOOLS_SEAL_CMD_SEAL_H
#define LICET_TOOLS_SEAL_CMD_SEAL_H
#include "tools/cli/cli.h"

int cmd_seal_check(struct cli *cli);
int cmd_seal_make_test(struct cli *cli);
int cmd_seal_revoke_test(struct cli *cli);
int cmd_seal_alter_test(struct cli *cli);
int cmd_seal_stamp(struct cli *cli);
int cmd_seal_add(struct cli *cli);
int cmd_seal_stop(struct cli *cli);
int cmd_seal_resume(struct cli *cli);
int cmd_seal_cancel(struct cli *cli);
int cmd_seal_remake(struct cli *cli);
int cmd_seal_transfer(struct cli *cli);
int cmd_seal_list(struct cli *cli);
int cmd_seal_show(struct cli *cli);
int cmd_seal_history(struct cli *cli);
int cmd_seal_impact(struct cli *cli);
#endif
