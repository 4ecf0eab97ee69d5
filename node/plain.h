/* Plain: a file of the node's folder, opened for reading: never through a link, and never a pipe that would hang us. Layer: node. */
#ifndef LICET_NODE_PLAIN_H
#define LICET_NODE_PLAIN_H
#include "ledger/base/code.h"

/* ERR_ABSENT: nothing by that name. ERR_PLACE: what lies there is no plain file. ERR_DENIED. ERR_IO with errno. */
MUST_USE enum err plain_open(int *fd, const char *path);
#endif
