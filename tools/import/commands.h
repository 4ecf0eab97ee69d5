/* Commands of this folder. Each returns the exit code; the table in tools/commands.c says what they take. Layer: tools/import. */
#ifndef LICET_TOOLS_IMPORT_COMMANDS_H
#define LICET_TOOLS_IMPORT_COMMANDS_H
#include "tools/cli/cli.h"

int cmd_import(struct cli *cli);
int cmd_stock_make(struct cli *cli);
#endif
