/* Signals: which of them end a node, and the lines of the log that say so. Layer: node. */
#ifndef LICET_NODE_SIGNALS_H
#define LICET_NODE_SIGNALS_H
#include "crypto/bytes.h"

/* Blocks the signals below in this thread and those made later. *stop_fd: readable once one came that ends the program: SIGTERM; SIGINT; SIGHUP where the
 * program was started from a terminal, which has gone then. *hangup_fd: SIGHUP elsewhere, where it ends nothing. Signals other than SIGTERM that whoever
 * started the program had ignored (nohup) stay ignored. */
void signals_catch(int *stop_fd, int *hangup_fd);
/* Takes the signal that came and logs it: "stopping", and while what. */
void signal_log(int stop_fd, const char *during);
/* The same for one that ends nothing. */
void signal_log_hangup(int hangup_fd);
#endif
