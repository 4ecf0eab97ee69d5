/* Arguments: the command line of licetd: licetd [--check] [--confirm-clock] DIR, --help, --version; in the reader's language (ledger/base/chinese.h). */
#ifndef LICET_NODE_ARGUMENTS_H
#define LICET_NODE_ARGUMENTS_H
#include "node/node.h"

struct arguments {
    const char *dir; /* of argv */
    struct node_options options;
};
/* Fills out->dir, check and confirm_clock. Negative: go on. Else the exit code to end with: help or the version was printed on stdout (0), or a usage error on
 * stderr (2). */
MUST_USE int arguments_read(struct arguments *out, int argc, char **argv);
#endif
