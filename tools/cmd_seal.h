/* Cmd seal: the commands below `licet seal`. Layer: tools. */
#ifndef LICET_TOOLS_CMD_SEAL_H
#define LICET_TOOLS_CMD_SEAL_H
#include "tools/cli.h"

int cmd_seal_check(struct cli *cli);
int cmd_seal_make_test(struct cli *cli);
int cmd_seal_revoke_test(struct cli *cli);
int cmd_seal_stamp(struct cli *cli);
#endif
