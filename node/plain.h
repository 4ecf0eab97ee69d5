/* Plain: opens a file of the node's folder to read it. It never follows a link, and never opens a pipe, which would
 * hang us. Layer: node. */
#ifndef LICET_NODE_PLAIN_H
#define LICET_NODE_PLAIN_H
#include "ledger/base/code.h"

/* ERR_ABSENT: nothing by that name. ERR_PLACE: what lies there is no plain file. ERR_DENIED. ERR_IO with errno. */
MUST_USE enum err plain_open(int *fd, const char *path);
#endif
