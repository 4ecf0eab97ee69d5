/* Signals: which of them end a node, and the lines of the log that say so. Layer: node. */
#ifndef LICET_NODE_SIGNALS_H
#define LICET_NODE_SIGNALS_H
#include "crypto/bytes.h"

/* Call before there are threads: the signals below are blocked in this thread and those made later.
 *   *stop_fd     readable once a signal came that ends the program: SIGTERM, SIGINT, and SIGHUP where the program was
 *                started from a terminal, for then the terminal is gone
 *   *hangup_fd   readable once SIGHUP came where it ends nothing
 * SIGINT and SIGHUP stay ignored where they were ignored at the start (nohup). */
void signals_catch(int *stop_fd, int *hangup_fd);
/* Takes the signal that came and logs it: "stopping", and while what. */
void signal_log(int stop_fd, const char *during);
/* The same for one that ends nothing. */
void signal_log_hangup(int hangup_fd);
#endif
